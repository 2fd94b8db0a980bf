"""Chapter 09, how many components: n_parameters, aic, bic and icl."""

import numpy as np
from scipy import special

from gmm_tutorial.homework.course import RIGHT
from gmm_tutorial.homework.registry import mistake, valid_variant

# ---- how many components: n_parameters, aic, bic


@mistake("free_weights")
def the_last_weight_counted_as_free(K, D):
    """You count K weights. They sum to one, so the last one follows from the others: K − 1."""
    return K


@mistake("free_weights")
def weights_not_counted(K, D):
    """You count no weights. K − 1 of them are free."""
    return 0


@mistake("free_weights")
def one_weight_too_many(K, D):
    """You count K + 1 weights. They sum to one, so K − 1 of them are free."""
    return K + 1


@mistake("free_means")
def one_number_for_each_mean(K, D):
    """You count one number for each mean. Each has D of them: K D."""
    return K


@mistake("free_means")
def one_mean_counted(K, D):
    """You count one mean. There are K, of D numbers each."""
    return D


@mistake("free_covariances")
def both_triangles_of_a_covariance_counted(K, D):
    """You count D² numbers for each covariance. It is symmetric, so only D(D + 1)/2 of them are free."""
    return K * D * D


@mistake("free_covariances")
def variances_counted_only(K, D):
    """You count the variances. The covariances beside the diagonal are free as well: D(D + 1)/2 for each component."""
    return K * D


@mistake("free_covariances")
def the_means_or_the_variances_not_counted(K, D):
    """You count K D numbers too few: those of the means, or those of the variances. Each mean has D numbers, and each
    covariance D variances on its diagonal and D(D − 1)/2 numbers beside it: D(D + 1)/2."""
    return K * D * (D - 1) / 2


@mistake("free_covariances")
def twice_the_numbers_of_a_triangle(K, D):
    """You count D(D + 1) numbers for each covariance. It is symmetric: half of that."""
    return K * D * (D + 1)


@mistake("free_covariances")
def one_covariance_counted(K, D):
    """You count one covariance. There are K of them, each with D(D + 1)/2 free numbers."""
    return D * (D + 1) / 2


@mistake("free_covariances")
def one_number_for_each_covariance(K, D):
    """You count one number for each covariance. Each has D(D + 1)/2 that are free."""
    return K


@mistake("free_covariances")
def covariances_not_counted(K, D):
    """You count no covariances. Each has D(D + 1)/2 free numbers."""
    return 0


@mistake("n_parameters")
def the_number_of_components(mixture):
    """You return K. Count every free number: weights, means and covariances."""
    return len(mixture.weights)


@mistake("n_parameters")
def every_number_counted(mixture):
    """You count all the numbers in the three arrays. The weights sum to one, and the covariances are symmetric."""
    return sum(np.size(array) for array in mixture)


@mistake("price")
def the_price_of_the_aic(points, mixture):
    """You pay 2 for each free number, as in AIC. BIC asks log N for each."""
    return 2


@mistake("price")
def the_log_of_all_numbers(points, mixture):
    """You take the log of N · D, the number of all entries. BIC asks for log N, with N the number of points:
    len(points)."""
    return np.log(points.size)


@mistake("price")
def the_log_of_the_number_of_dimensions(points, mixture):
    """You take the log of D. BIC asks for log N, with N the number of points: len(points)."""
    return np.log(points.shape[1])


@mistake("price")
def the_log_of_the_number_of_components(points, mixture):
    """You take the log of K. BIC asks for log N, with N the number of points: len(points)."""
    return np.log(len(mixture.weights))


@mistake("price", base=(10.0, 2.0))
def a_price_with_another_logarithm(points, mixture, base):
    """You take the log of N with base ten or two. Take the natural one, np.log."""
    return np.log(len(points)) / np.log(base)


@mistake("price")
def a_price_without_a_logarithm(points, mixture):
    """You pay N for each free number. BIC asks log N for each."""
    return len(points)


@mistake("price")
def twice_the_price(points, mixture):
    """You pay 2 log N for each free number. BIC asks log N for each."""
    return 2 * np.log(len(points))


@mistake("price")
def half_of_the_price(points, mixture):
    """You pay ½ log N for each free number, which goes with −ℓ. With −2ℓ it is log N."""
    return np.log(len(points)) / 2


@mistake("price")
def nothing_paid(points, mixture):
    """You pay nothing for the free numbers: this is −2ℓ alone. BIC adds p log N."""
    return 0


@mistake("price")
def a_price_of_one(points, mixture):
    """You pay 1 for each free number. BIC asks log N for each."""
    return 1


@mistake("gain")
def a_log_likelihood_counted_once(log_likelihood):
    """You subtract ℓ once. It comes twice: − 2ℓ."""
    return log_likelihood


@mistake("gain")
def no_log_likelihood(log_likelihood):
    """Your criterion does not look at the fit: − 2ℓ is missing."""
    return 0


@mistake("bic")
def the_sign_of_another_program(points, mixture):
    """Your sign is turned. Some programs print −BIC, and there larger is better; here smaller is better."""
    return -RIGHT.bic(points, mixture)


@mistake("bic")
def a_log_likelihood_that_is_added(points, mixture):
    """You add 2ℓ, so a better fit looks worse. Smaller is better here, so the fit has a minus sign: p log N − 2ℓ."""
    return RIGHT.bic(points, mixture) + 4 * RIGHT.log_likelihood(points, mixture)


@mistake("bic")
def half_of_the_bic(points, mixture):
    """This is half of BIC. Both terms come twice: p log N − 2ℓ."""
    return RIGHT.bic(points, mixture) / 2


@mistake("aic")
def the_price_of_the_bic(points, mixture):
    """You pay log N for each free number, as in BIC. AIC asks 2 for each."""
    return RIGHT.bic(points, mixture)


@mistake("aic")
def the_log_likelihood_added(points, mixture):
    """You add 2ℓ, so a better fit looks worse. Smaller is better here, so the fit has a minus sign: 2p − 2ℓ."""
    return RIGHT.aic(points, mixture) + 4 * RIGHT.log_likelihood(points, mixture)


@mistake("aic")
def half_of_the_aic(points, mixture):
    """This is half of AIC. Both terms come twice: 2p − 2ℓ."""
    return RIGHT.aic(points, mixture) / 2


def certainties(points, mixture):
    """How sure the label of each point is, as a logarithm: 0 for no doubt."""
    log_joints, log_densities = RIGHT.log_joint(points, mixture), RIGHT.log_density(points, mixture)
    return log_joints.max(axis=1) - log_densities


@mistake("icl")
def the_doubt_left_out(points, mixture):
    """This is BIC. ICL adds the doubt about the labels: − 2 Σₙ log maxₖ γₙₖ."""
    return RIGHT.bic(points, mixture)


@mistake("icl")
def the_doubt_taken_off(points, mixture):
    """You reward doubt. The log of a certainty is negative, so its sum is subtracted, and ICL is above BIC."""
    return RIGHT.bic(points, mixture) + 2 * certainties(points, mixture).sum()


@mistake("icl")
def the_doubt_counted_once(points, mixture):
    """You count the doubt once. All of ICL is in nats times two: − 2 Σₙ log maxₖ γₙₖ."""
    return RIGHT.bic(points, mixture) - certainties(points, mixture).sum()


@mistake("icl")
def the_doubt_averaged(points, mixture):
    """You average the doubt over the points. BIC is a sum over the points, and so is this."""
    return RIGHT.bic(points, mixture) - 2 * certainties(points, mixture).mean()


@mistake("icl")
def the_certainty_without_a_logarithm(points, mixture):
    """You add up the largest responsibilities themselves. Take the logarithm of each first."""
    return RIGHT.bic(points, mixture) - 2 * np.exp(certainties(points, mixture)).sum()


@mistake("icl")
def the_price_of_the_aic_with_the_doubt(points, mixture):
    """You add the doubt to AIC. ICL begins with BIC: log N for each free number."""
    return RIGHT.aic(points, mixture) - 2 * certainties(points, mixture).sum()


@valid_variant("icl")
def the_entropy_as_the_doubt(points, mixture):
    """Other books take the entropy of the responsibilities, − Σₙ Σₖ γₙₖ log γₙₖ, where this course takes the surprise
    at the best label. Both are called ICL; do not compare one with the other."""
    gammas = RIGHT.responsibility(points, mixture)
    return RIGHT.bic(points, mixture) + 2 * special.entr(gammas).sum()


@mistake("aic")
def a_price_of_one_for_each_number(points, mixture):
    """You pay 1 for each free number: p in place of 2p."""
    return RIGHT.n_parameters(mixture) - 2 * RIGHT.log_likelihood(points, mixture)


@mistake("aic")
def the_correction_for_few_points(points, mixture):
    """This is AICc, which has one more term, 2p(p + 1)/(N − p − 1). AIC is 2p − 2ℓ."""
    p = RIGHT.n_parameters(mixture)
    return RIGHT.aic(points, mixture) + 2 * p * (p + 1) / (len(points) - p - 1)


@mistake("aic")
def the_sign_of_aic_turned(points, mixture):
    """Your sign is turned. Here smaller is better: 2p − 2ℓ."""
    return -RIGHT.aic(points, mixture)


@mistake("aic")
def the_deviance_alone(points, mixture):
    """This is −2ℓ alone. AIC adds 2 for each free number."""
    return -2 * RIGHT.log_likelihood(points, mixture)


@mistake("aic")
def a_price_that_is_subtracted(points, mixture):
    """You subtract the price, so more components always look better. It is added: 2p − 2ℓ."""
    return -4 * RIGHT.log_likelihood(points, mixture) - RIGHT.aic(points, mixture)


@mistake("bic")
def a_price_of_the_bic_that_is_subtracted(points, mixture):
    """You subtract the price, so more components always look better. It is added: p log N − 2ℓ."""
    return -4 * RIGHT.log_likelihood(points, mixture) - RIGHT.bic(points, mixture)


@mistake("icl")
def the_doubt_alone(points, mixture):
    """This is the price of the doubt alone. ICL is BIC and this."""
    return RIGHT.doubt(points, mixture)


@mistake("doubt")
def the_doubt_of_all_components(points, mixture):
    """You add up the logs of all responsibilities. Only the largest of each point counts."""
    log_joints = RIGHT.log_joint(points, mixture)
    return -2 * (log_joints - RIGHT.log_density(points, mixture)[:, None]).sum()


@mistake("doubt", times=(-2, -1, 1))
def the_entropy_with_another_sign_or_factor(points, mixture, times):
    """You take the entropy of the responsibilities with another sign or factor. Doubt has a price: add it twice."""
    return times * special.entr(RIGHT.responsibility(points, mixture)).sum()


@mistake("doubt")
def the_doubt_without_normalizing(points, mixture):
    """You take the log of the largest joint density. Take that of the largest responsibility: divide by the density of
    the mixture."""
    return -2 * RIGHT.log_joint(points, mixture).max(axis=1).sum()
