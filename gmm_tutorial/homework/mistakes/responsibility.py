"""Chapter 03, who explains each point: log_joint, bayes, responsibility, label and the log-likelihood."""

import numpy as np
from scipy import special

from gmm_tutorial.homework.course import RIGHT
from gmm_tutorial.homework.mistakes.density import EPSILONS, distance
from gmm_tutorial.homework.package import trusted
from gmm_tutorial.homework.registry import mistake

# ---- weight and density together: log_joint(points, mixture)


def columns(points, mixture, combine):
    return np.stack([combine(pi, RIGHT.log_gaussian(points, mu, sigma)) for pi, mu, sigma in zip(*mixture)], axis=1)


@mistake("log_joint")
def the_weights_left_out(points, mixture):
    """The mixing weights are missing. Bayes' theorem multiplies prior and likelihood: add log πₖ to the log density."""
    return columns(points, mixture, lambda pi, log_density: log_density)


@mistake("log_joint")
def the_weight_added_without_its_logarithm(points, mixture):
    """You add πₖ to a log density. A product turns into a sum of logs: add log πₖ."""
    return columns(points, mixture, lambda pi, log_density: log_density + pi)


@mistake("log_joint")
def the_weight_times_the_log_density(points, mixture):
    """You multiply the log density by πₖ. The weight multiplies the density itself, so in logs it is added."""
    return columns(points, mixture, lambda pi, log_density: pi * log_density)


@mistake("log_joint")
def the_log_weight_subtracted(points, mixture):
    """You divide by the weight. A component with more points is more probable: add log πₖ."""
    return columns(points, mixture, lambda pi, log_density: log_density - np.log(pi))


@mistake("log_joint")
def joint_densities_without_a_logarithm(points, mixture):
    """These are the joint densities themselves. Far from all components each of them underflows to zero. Stay in
    logs."""
    return np.exp(RIGHT.log_joint(points, mixture))


@mistake("log_joint")
def the_first_covariance_for_all_components(points, mixture):
    """Every component uses the covariance of the first one. Loop over weights, means and covariances together."""
    weights, means, covariances = mixture
    return RIGHT.log_joint(points, (weights, means, [covariances[0]] * len(weights)))


@mistake("log_joint")
def the_last_density_copied_from_the_first(points, mixture):
    """The last component has the numbers of the first: a line was copied, and one index stayed. Loop over k."""
    log_joints = RIGHT.log_joint(points, mixture)
    log_joints[:, -1] = log_joints[:, 0]
    return log_joints


@mistake("log_joint")
def one_row_for_each_component(points, mixture):
    """Your array is (K, N). In this course a row is a point, so it should be (N, K): stack along axis=1."""
    return RIGHT.log_joint(points, mixture).T


# ---- who explains a point: bayes(log_joints)


def shares(joints):
    return joints / joints.sum(axis=1, keepdims=True)


def right_log_density(log_joints):
    return special.logsumexp(log_joints, axis=1)


@mistake("bayes")
def exponentials_that_underflow(log_joints):
    """You take the exponential first. Far away every density is rounded to zero, and 0/0 is NaN. Stay in logs, subtract
    the largest of each row, then take the exponential."""
    joints = np.exp(log_joints)
    return shares(joints), np.log(joints.sum(axis=1))


@mistake("bayes", kept=(np.nan_to_num, np.asarray))
def nan_turned_into_zero(log_joints, kept):
    """The rows of far points are zero in your answer: NaN was turned into zero, or 0/0 avoided. But every
    density had underflowed there. Cure that: subtract the largest log joint of each row before the exponential."""
    joints = np.exp(log_joints)
    return np.nan_to_num(shares(joints)), kept(np.log(joints.sum(axis=1)))


@mistake("bayes", lifted=(np.add, np.maximum), epsilon=EPSILONS)
def an_epsilon_under_every_density(log_joints, lifted, epsilon):
    """You lift each density by a small number, or to it, so far points are shared out evenly. An epsilon is a second
    model. Cure the underflow itself: subtract the largest log joint of each row before the exponential."""
    joints = lifted(np.exp(log_joints), epsilon)
    return shares(joints), np.log(joints.sum(axis=1))


@mistake("bayes", epsilon=EPSILONS)
def an_epsilon_in_the_denominator(log_joints, epsilon):
    """You add a small number below the line. Far from everything the rows then sum to zero in place of one, and the
    point is lost. Subtract the largest log joint of each row before the exponential."""
    joints = np.exp(log_joints)
    totals = joints.sum(axis=1) + epsilon
    return joints / totals[:, None], np.log(totals)


@mistake("bayes", lifted=(np.add, np.maximum), epsilon=EPSILONS)
def an_epsilon_inside_the_logarithm_of_the_sum(log_joints, lifted, epsilon):
    """You add a small number to the density before you take its log, or lift the density to it. Far points now follow
    that number. Subtract the largest log joint of each row before the exponential, and nothing needs to be cured."""
    return RIGHT.bayes(log_joints)[0], np.log(lifted(np.exp(log_joints).sum(axis=1), epsilon))


@mistake("bayes", epsilon=EPSILONS[:5])
def a_floor_under_every_responsibility(log_joints, epsilon):
    """You lift small responsibilities to a floor, so the rows no longer sum to one. A responsibility of zero is a good
    answer: that component does not explain that point."""
    return np.maximum(RIGHT.bayes(log_joints)[0], epsilon), right_log_density(log_joints)


@mistake("bayes")
def responsibilities_normalized_over_the_points(log_joints):
    """Your columns sum to one: the points compete for a component. It is the other way round: for each point the
    components compete, so the rows sum to one. Sum over axis=1, with keepdims=True."""
    return special.softmax(log_joints, axis=0), right_log_density(log_joints)


@mistake("bayes")
def responsibilities_normalized_over_everything(log_joints):
    """The whole table sums to one. Each row should: sum over axis=1, with keepdims=True."""
    return np.exp(log_joints - special.logsumexp(log_joints)), right_log_density(log_joints)


@mistake("bayes")
def responsibilities_that_are_not_normalized(log_joints):
    """These are joint densities. Divide each row by its sum: then they are probabilities."""
    return np.exp(log_joints), right_log_density(log_joints)


@mistake("bayes")
def logarithms_of_responsibilities(log_joints):
    """These are the logs of the responsibilities. One exponential is missing at the end."""
    return log_joints - right_log_density(log_joints)[:, None], right_log_density(log_joints)


@mistake("bayes")
def logarithms_divided_by_their_sum(log_joints):
    """You divide logs by their sum. First subtract the largest, then take the exponential, then divide."""
    return log_joints / log_joints.sum(axis=1, keepdims=True), right_log_density(log_joints)


@mistake("bayes")
def labels_in_place_of_responsibilities(log_joints):
    """You give each point wholly to its most probable component. A responsibility is a probability: keep the doubt."""
    return np.eye(log_joints.shape[1])[log_joints.argmax(axis=1)], right_log_density(log_joints)


@mistake("bayes")
def shares_of_the_largest_in_place_of_the_sum(log_joints):
    """You divide by the largest of each row, so the winner always gets 1. Divide by the sum of the row."""
    return np.exp(log_joints - log_joints.max(axis=1, keepdims=True)), right_log_density(log_joints)


@mistake("bayes")
def one_largest_for_all_rows(log_joints):
    """You subtract the largest number of the whole table. Rows far below it still underflow: take the largest of each
    row, max(axis=1, keepdims=True)."""
    joints = np.exp(log_joints - log_joints.max())
    return shares(joints), np.log(joints.sum(axis=1)) + log_joints.max()


@mistake("bayes")
def a_sum_of_logs_in_place_of_the_log_of_a_sum(log_joints):
    """You add the logs of the components. The density is a sum over components, and the log does not pass through a
    sum: that is why EM exists."""
    return RIGHT.bayes(log_joints)[0], log_joints.sum(axis=1)


@mistake("bayes")
def the_largest_never_added_back(log_joints):
    """You subtract the largest of each row, which is good, and forget to add it back after the log."""
    return RIGHT.bayes(log_joints)[0], right_log_density(log_joints) - log_joints.max(axis=1)


@mistake("bayes")
def the_best_component_in_place_of_all(log_joints):
    """You keep the best component of each point only. All components add to the density there: sum, then take the
    log."""
    return RIGHT.bayes(log_joints)[0], log_joints.max(axis=1)


@mistake("bayes")
def the_density_of_the_mixture_without_a_logarithm(log_joints):
    """The densities are added, and the log is missing. Far away the density underflows; its log does not."""
    return RIGHT.bayes(log_joints)[0], np.exp(right_log_density(log_joints))


@mistake("bayes")
def the_logarithm_taken_after_normalizing(log_joints):
    """You take the log of what was already normalized: each row sums to one, and log 1 = 0. Take the log of the sums
    before you divide by them."""
    return RIGHT.bayes(log_joints)[0], 0 * log_joints[:, 0]


# ---- which component: label(points, mixture)


@mistake("label")
def the_densest_component_whatever_its_weight(points, mixture):
    """You compare densities. A large component has more points to explain: compare weight times density."""
    return RIGHT.log_joint(points, unweighted(mixture)).argmax(axis=1)


def unweighted(mixture):
    return trusted(np.full_like(mixture.weights, 1 / len(mixture.weights)), mixture.means, mixture.covariances)


@mistake("label")
def the_nearest_mean(points, mixture):
    """You take the nearest mean, as k-means does. Spread and weight count too: take the largest responsibility."""
    return RIGHT.squared_distance(points, mixture.means).argmin(axis=1)


@mistake("label")
def the_least_probable_component(points, mixture):
    """You take the least probable component. It is argmax of the responsibilities."""
    return RIGHT.log_joint(points, mixture).argmin(axis=1)


@mistake("label")
def numbers_that_begin_at_one(points, mixture):
    """Your labels begin at one. In Python rows and columns are counted from zero, and labels pick them."""
    return RIGHT.label(points, mixture) + 1


@mistake("label")
def the_point_that_each_component_likes_best(points, mixture):
    """You give a point for each component. It is the other way round: a component for each point, argmax along axis
    1."""
    return RIGHT.log_joint(points, mixture).argmax(axis=0)


@mistake("label")
def the_largest_responsibility_in_place_of_its_number(points, mixture):
    """This is how large the largest responsibility is. Its column is asked for: argmax, not max."""
    return RIGHT.responsibility(points, mixture).max(axis=1)


@mistake("label")
def rows_of_zeros_and_a_one(points, mixture):
    """You return a row for each point, with a one in the column of its component. The column's number is asked for."""
    return np.eye(len(mixture.weights))[RIGHT.label(points, mixture)]


# ---- how probable all points are: log_likelihood(points, mixture)


@mistake("log_likelihood")
def the_average_over_the_points(points, mixture):
    """This is the average over the points. The log-likelihood of all points together is the sum."""
    return RIGHT.log_density(points, mixture).mean()


@mistake("log_likelihood")
def the_negative_log_likelihood(points, mixture):
    """The sign is turned. A loss to be made small is −ℓ; here ℓ itself is asked for, which EM makes large."""
    return -RIGHT.log_likelihood(points, mixture)


@mistake("log_likelihood")
def the_deviance(points, mixture):
    """This is −2ℓ, the first term of AIC and BIC. Here ℓ itself is asked for."""
    return -2 * RIGHT.log_likelihood(points, mixture)


@mistake("log_likelihood")
def the_log_of_the_sum_over_points(points, mixture):
    """You add the densities of the points and take one log. Independent points multiply, so their logs add up."""
    return special.logsumexp(RIGHT.log_joint(points, mixture))


@mistake("log_likelihood")
def the_likelihood_without_a_logarithm(points, mixture):
    """A product of so many densities soon underflows to zero. Add their logs."""
    return np.exp(RIGHT.log_likelihood(points, mixture))


@mistake("log_likelihood")
def the_expected_log_likelihood(points, mixture):
    """This is Σ γ log(πN), what the M-step climbs. It lies below ℓ by the entropy of the responsibilities. The
    log-likelihood is Σₙ log Σₖ πₖ N: the log outside the inner sum."""
    log_joints = RIGHT.log_joint(points, mixture)
    responsibilities = RIGHT.bayes(log_joints)[0]
    return np.where(responsibilities > 0, responsibilities * log_joints, 0).sum()


@mistake("log_likelihood")
def the_expected_log_density_without_weights(points, mixture):
    """This is Σ γ log N, without the weights and with the log inside the sum. It may fall while EM climbs. The
    log-likelihood is Σₙ log Σₖ πₖ N."""
    log_densities = columns(points, mixture, lambda pi, log_density: log_density)
    return (RIGHT.responsibility(points, mixture) * log_densities).sum()


# ---- more of log_joint


def with_one_of(mixture, index, which):
    """The mixture in which every component has the weight, the mean or the covariance of one of them."""
    arrays = [np.asarray(array) for array in mixture]
    arrays[index] = np.repeat(arrays[index][which][None], len(arrays[0]), axis=0)
    return arrays


@mistake("log_joint", which=(0, -1))
def one_mean_for_all_the_components(points, mixture, which):
    """Every component uses the mean of one of them, the first or the last: an index stayed, or a variable of an earlier
    loop is still in use. Loop over weights, means and covariances together."""
    return RIGHT.log_joint(points, with_one_of(mixture, 1, which))


@mistake("log_joint")
def the_last_covariance_for_all_components(points, mixture):
    """Every component uses the covariance of the last one. Loop over weights, means and covariances together."""
    return RIGHT.log_joint(points, with_one_of(mixture, 2, -1))


@mistake("log_joint")
def the_average_covariance_for_all_components(points, mixture):
    """Every component uses one and the same covariance, the average. Each has its own."""
    weights, means, covariances = map(np.asarray, mixture)
    shared = np.einsum("k,kij->ij", weights, covariances)
    return RIGHT.log_joint(points, (weights, means, np.repeat(shared[None], len(weights), axis=0)))


@mistake("log_joint", which=(0, -1))
def one_weight_for_all_the_components(points, mixture, which):
    """Every component uses the weight of one of them, the first or the last. Loop over weights, means and covariances
    together."""
    return RIGHT.log_joint(points, with_one_of(mixture, 0, which))


@mistake("log_joint")
def weights_in_another_order(points, mixture):
    """Your weights belong to other components than the densities beside them: they come in the opposite order."""
    weights, means, covariances = mixture
    return RIGHT.log_joint(points, (weights[::-1], means, covariances))


@mistake("log_joint", which=(0, -1))
def one_component_for_all(points, mixture, which):
    """Every column has the numbers of one component, the first or the last. Does your loop use k everywhere?"""
    return np.repeat(RIGHT.log_joint(points, mixture)[:, which, None], len(next(iter(mixture))), axis=1)


@mistake("log_joint")
def the_weights_counted_twice(points, mixture):
    """The weight comes in twice. Once is enough: log πₖ + log N(x | μₖ, Σₖ)."""
    return columns(points, mixture, lambda pi, log_density: log_density + 2 * np.log(pi))


@mistake("log_joint")
def the_root_of_the_weight(points, mixture):
    """You take ½ log πₖ. The ½ belongs to the exponent and the determinant, not to the weight."""
    return columns(points, mixture, lambda pi, log_density: log_density + np.log(pi) / 2)


@mistake("log_joint", base=(10.0, 2.0))
def a_weight_with_another_logarithm(points, mixture, base):
    """You take the log of the weight with another base than e. Take the natural one, np.log."""
    return columns(points, mixture, lambda pi, log_density: log_density + np.log(pi) / np.log(base))


@mistake("log_joint")
def the_weight_inside_of_the_exponent(points, mixture):
    """The log of the weight is multiplied by −½, like the exponent. It stands outside of the bracket: add log πₖ."""
    return columns(points, mixture, lambda pi, log_density: log_density - np.log(pi) / 2)


@mistake("log_joint")
def log_of_one_minus_the_weight(points, mixture):
    """You take the log of 1 − πₖ, the chance of all the other components. Add log πₖ."""
    return RIGHT.log_joint(points, mixture) - np.log(mixture.weights) + np.log(1 - mixture.weights)


@mistake("log_joint")
def log_of_one_plus_the_weight(points, mixture):
    """np.log1p(π) is the log of 1 + π. Add log π."""
    return columns(points, mixture, lambda pi, log_density: log_density + np.log1p(pi))


@mistake("log_joint")
def log_weights_times_log_densities(points, mixture):
    """You multiply log πₖ by the log density. In logs a product is a sum: log πₖ + log N."""
    return columns(points, mixture, lambda pi, log_density: np.log(pi) * log_density)


@mistake("log_joint")
def log_joints_normalized(points, mixture):
    """You subtract the log density of the mixture: these are log responsibilities. A log joint is not normalized."""
    log_joints = RIGHT.log_joint(points, mixture)
    return log_joints - right_log_density(log_joints)[:, None]


@mistake("log_joint")
def responsibilities_in_place_of_log_joints(points, mixture):
    """These are responsibilities. The log joint is what they are made from: log πₖ + log N."""
    return RIGHT.responsibility(points, mixture)


@mistake("log_joint")
def the_largest_subtracted_from_log_joints(points, mixture):
    """You subtract the largest of each row. That is for the next function, bayes; return the log joints themselves."""
    log_joints = RIGHT.log_joint(points, mixture)
    return log_joints - log_joints.max(axis=1, keepdims=True)


@mistake("log_joint")
def the_logs_of_all_weights_added(points, mixture):
    """You add the sum of all log weights to every column. Each component has its own log πₖ."""
    return columns(points, mixture, lambda pi, log_density: log_density + np.log(next(iter(mixture))).sum())


# ---- more of bayes and responsibility


@mistake("bayes")
def responsibilities_normalized_by_the_largest_of_the_column(log_joints):
    """You divide each column by its largest number. For each point the components compete: divide each row by its
    sum."""
    joints = np.exp(log_joints)
    return joints / joints.max(axis=0), right_log_density(log_joints)


@mistake("bayes")
def a_softmax_of_densities(log_joints):
    """You take an exponential twice: a softmax of densities. It is the softmax of *log* densities."""
    return special.softmax(np.exp(log_joints), axis=1), special.logsumexp(np.exp(log_joints), axis=1)


@mistake("bayes")
def a_softmax_of_responsibilities(log_joints):
    """You send the responsibilities through another softmax. They sum to one already."""
    return special.softmax(RIGHT.bayes(log_joints)[0], axis=1), right_log_density(log_joints)


@mistake("bayes")
def responsibilities_turned_round(log_joints):
    """You return one minus the responsibility, so the nearest component gets least. Return the responsibility."""
    return 1 - RIGHT.bayes(log_joints)[0], right_log_density(log_joints)


@mistake("bayes")
def a_softmax_with_the_wrong_sign(log_joints):
    """The sign in your exponential is turned: what is near gets least. It is exp(log joint)."""
    return special.softmax(-log_joints, axis=1), right_log_density(log_joints)


@mistake("bayes", power=(2.0, 0.5))
def a_power_of_the_joints(log_joints, power):
    """You normalize the square of the joints, or their root. Take the exponential of the log joints as they are."""
    return special.softmax(power * log_joints, axis=1), right_log_density(log_joints)


@mistake("bayes")
def rows_divided_while_they_change(log_joints):
    """You normalize in place, column after column, and each division uses a sum in which the columns before are already
    divided. Compute the sum of the row once, before you divide."""
    joints = np.exp(log_joints - log_joints.max(axis=1, keepdims=True))
    for k in range(joints.shape[1]):
        joints[:, k] /= joints.sum(axis=1)
    return joints, right_log_density(log_joints)


@mistake("bayes")
def unscaled_rows_divided_while_they_change(log_joints):
    """You normalize in place, column after column, and each division uses a sum in which the columns before are already
    divided. Compute the sum of the row once, before you divide."""
    joints = np.exp(log_joints)
    for k in range(joints.shape[1]):
        joints[:, k] /= joints.sum(axis=1)
    return joints, right_log_density(log_joints)


@mistake("bayes")
def divided_by_the_other_components_only(log_joints):
    """You divide by the sum of the other components: these are odds. The component itself belongs to the sum, too."""
    joints = np.exp(log_joints)
    return joints / (joints.sum(axis=1, keepdims=True) - joints), right_log_density(log_joints)


@mistake("bayes")
def divided_by_the_average_of_the_row(log_joints):
    """You divide by the average of the row, so it sums to K. Divide by its sum."""
    joints = np.exp(log_joints)
    return joints / joints.mean(axis=1, keepdims=True), right_log_density(log_joints) - np.log(joints.shape[1])


@mistake("bayes", axis=(0, 1, None))
def divided_by_the_euclidean_length(log_joints, axis):
    """You divide by the root of the sum of squares. Divide by the sum: then a row is a distribution."""
    joints = np.exp(log_joints)
    return joints / np.sqrt(np.square(joints).sum(axis=axis, keepdims=True)), right_log_density(log_joints)


@mistake("bayes")
def the_largest_of_each_column_subtracted(log_joints):
    """You subtract the largest of each column, and that changes the shares. Subtract the largest of each row."""
    joints = np.exp(log_joints - log_joints.max(axis=0))
    return shares(joints), np.log(joints.sum(axis=1))


@mistake("bayes")
def the_largest_subtracted_twice_from_the_density(log_joints):
    """You subtract the largest of each row once more after the log. It must be added back."""
    return RIGHT.bayes(log_joints)[0], right_log_density(log_joints) - 2 * log_joints.max(axis=1)


@mistake("bayes")
def one_largest_added_back_for_all(log_joints):
    """You subtract the largest of each row, and add back the largest of all. Add back what you subtracted."""
    added = log_joints.max() - log_joints.max(axis=1)
    return RIGHT.bayes(log_joints)[0], right_log_density(log_joints) + added


@mistake("bayes")
def the_average_in_place_of_the_sum(log_joints):
    """You average over the components. The weights are in the joints already: add them up."""
    return RIGHT.bayes(log_joints)[0], right_log_density(log_joints) - np.log(log_joints.shape[1])


@mistake("bayes", base=(10.0, 2.0))
def a_density_with_another_logarithm(log_joints, base):
    """This is the logarithm with base ten or two. Take the natural one, np.log."""
    return RIGHT.bayes(log_joints)[0], right_log_density(log_joints) / np.log(base)


@mistake("bayes")
def the_log_density_with_the_wrong_sign(log_joints):
    """The sign of the log density is turned."""
    return RIGHT.bayes(log_joints)[0], -right_log_density(log_joints)


@mistake("bayes", which=(0, -1))
def only_one_component_in_the_density(log_joints, which):
    """Only one component is left in your density, the first or the last. Add up all of them: is the sum overwritten in
    each round?"""
    return RIGHT.bayes(log_joints)[0], log_joints[:, which]


@mistake("bayes", kept=(slice(None, -1), slice(1, None)))
def one_component_missing_in_the_density(log_joints, kept):
    """One component is missing in your density, the first or the last. Does your loop start at one, or end one too
    early?"""
    return RIGHT.bayes(log_joints)[0], special.logsumexp(log_joints[:, kept], axis=1)


@mistake("responsibility")
def a_denominator_without_weights(points, mixture):
    """The weights are above the line and not below, or they are multiplied in after you have normalized. Below the line
    is the sum of what stands above it: Σᵢ πᵢ N(x | μᵢ, Σᵢ)."""
    log_joints, log_densities = RIGHT.log_joint(points, mixture), without_weights(points, mixture)
    return np.exp(log_joints - right_log_density(log_densities)[:, None])


def without_weights(points, mixture):
    return columns(points, mixture, lambda pi, log_density: log_density)


@mistake("responsibility")
def a_numerator_without_weights(points, mixture):
    """The weights are below the line and not above. A responsibility is πₖ N(x | μₖ, Σₖ) over the sum of these."""
    return np.exp(without_weights(points, mixture) - right_log_density(RIGHT.log_joint(points, mixture))[:, None])


@mistake("responsibility", of=(np.negative, lambda d: -np.sqrt(d), lambda d: -d / 2))
def shares_by_distance(points, mixture, of):
    """Your shares follow the distances to the means. Spread and weight count too: use πₖ N(x | μₖ, Σₖ)."""
    return special.softmax(of(RIGHT.squared_distance(points, list(mixture)[1])), axis=1)


@mistake("responsibility", of=(np.asarray, np.sqrt))
def shares_by_inverse_distance(points, mixture, of):
    """Your shares follow the inverse distances to the means. Use the densities: πₖ N(x | μₖ, Σₖ)."""
    inverse = 1 / of(RIGHT.squared_distance(points, list(mixture)[1]))
    return inverse / inverse.sum(axis=1, keepdims=True)


@mistake("responsibility")
def the_nearest_mean_as_responsibility(points, mixture):
    """Each point goes wholly to the nearest mean, as in k-means. A responsibility is a probability, and spread and
    weight count, too."""
    return RIGHT.hard_responsibility(points, list(mixture)[1])


@mistake("responsibility")
def the_weights_for_every_point(points, mixture):
    """Every point gets the weights. They are what is known before the point is seen; its place changes them."""
    return np.repeat(np.asarray(next(iter(mixture)))[None], len(points), axis=0)


@mistake("responsibility")
def a_softmax_of_mahalanobis_distances(points, mixture):
    """Your shares have only the exponents. The determinant does not cancel: components of different width have
    different heights."""
    weights, means, covariances = mixture
    log_shares = [np.log(pi) - distance(points, mu, sigma) / 2 for pi, mu, sigma in zip(weights, means, covariances)]
    return special.softmax(np.stack(log_shares, axis=1), axis=1)


@mistake("responsibility", direction=(1, -1))
def each_row_sorted(points, mixture, direction):
    """Each of your rows is sorted. A column is a component: keep the order."""
    return np.sort(RIGHT.responsibility(points, mixture), axis=1)[:, ::direction]


@mistake("responsibility", digits=(1, 2, 3, 4))
def responsibilities_rounded(points, mixture, digits):
    """You round your responsibilities. Return what the formula gives; round only what you print."""
    return RIGHT.responsibility(points, mixture).round(digits)


@mistake("log_density", lifted=(np.add, np.maximum), epsilon=EPSILONS)
def an_epsilon_inside_the_logarithm_of_the_mixture(points, mixture, lifted, epsilon):
    """You add a small number to the density before you take its log, or lift the density to it. Far points now follow
    that number. Subtract the largest log joint of each row before the exponential, and nothing needs to be cured."""
    return np.log(lifted(np.exp(RIGHT.log_density(points, mixture)), epsilon))


# ---- more of the log-likelihood


@mistake("log_likelihood")
def every_density_with_every_point(points, mixture):
    """An array (N, 1) and one of shape (N,) were added, which gives (N, N), and all of it was summed. Give both the
    same shape: drop keepdims, or index [:, 0]."""
    log_joints = RIGHT.log_joint(points, mixture)
    largest = log_joints.max(axis=1)
    rests = right_log_density(log_joints) - largest
    return (largest[:, None] + rests).sum()


@mistake("log_likelihood", base=(10.0, 2.0))
def a_log_likelihood_with_another_base(points, mixture, base):
    """This is the logarithm with base ten or two. Take the natural one, np.log."""
    return RIGHT.log_likelihood(points, mixture) / np.log(base)


@mistake("log_likelihood", skipped=(slice(1, None), slice(None, -1)))
def a_point_skipped_in_the_log_likelihood(points, mixture, skipped):
    """The first point or the last one is missing in your sum. Does your loop start at one, or end one too early?"""
    return RIGHT.log_density(points[skipped], mixture).sum()


@mistake("log_likelihood", which=(0, -1))
def only_one_point_in_the_log_likelihood(points, mixture, which):
    """Only one point is left, the first or the last: is the sum set back or overwritten in each round, or does the
    function return inside the loop?"""
    return RIGHT.log_density(points, mixture)[which]


@mistake("log_likelihood", which=(0, -1))
def only_one_component_in_the_log_likelihood(points, mixture, which):
    """Only one component is in your sum, the first or the last. Add up all components before you take the log."""
    return RIGHT.log_joint(points, mixture)[:, which].sum()


@mistake("log_likelihood")
def densities_running_on_from_point_to_point(points, mixture):
    """The density of a point contains those of the points before it: the inner sum is not set back to zero. Start it
    anew for each point."""
    return np.logaddexp.accumulate(RIGHT.log_density(points, mixture)).sum()


@mistake("log_likelihood")
def densities_added_without_a_logarithm(points, mixture):
    """You add up the densities themselves. Take the log of each point's density, and add up the logs."""
    return np.exp(RIGHT.log_density(points, mixture)).sum()


@mistake("log_likelihood")
def the_log_of_the_average_density(points, mixture):
    """You average the densities of the points and take one log. Take the log of each, and add up."""
    return special.logsumexp(RIGHT.log_density(points, mixture)) - np.log(len(points))


@mistake("log_likelihood")
def the_logs_of_all_parts_added(points, mixture):
    """You add up the logs of all points and components. Add the components first, then take the log of each point's
    sum: log Σₖ, not Σₖ log."""
    return RIGHT.log_joint(points, mixture).sum()


@mistake("log_likelihood")
def the_logs_of_all_densities_added(points, mixture):
    """You add up the log densities of all points and components, without weights. Weight the densities, add the
    components, then take the log of each point's sum."""
    return without_weights(points, mixture).sum()


@mistake("log_likelihood")
def weighted_logs_added(points, mixture):
    """You compute Σₙ Σₖ πₖ log N. The weights belong inside the logarithm, and so does the sum: log Σₖ πₖ N."""
    return columns(points, mixture, lambda pi, log_density: pi * log_density).sum()


@mistake("log_likelihood")
def the_log_likelihood_with_equal_weights(points, mixture):
    """You add the densities of the components without their weights. Each component gives the share πₖ of the
    points."""
    return special.logsumexp(without_weights(points, mixture), axis=1).sum()


@mistake("log_likelihood")
def the_likelihood_of_the_best_components(points, mixture):
    """You keep the largest part of each point only. All components add to the density: sum, then take the log."""
    return RIGHT.log_joint(points, mixture).max(axis=1).sum()


@mistake("log_likelihood")
def the_log_likelihood_per_number(points, mixture):
    """You divide by N · D. The log-likelihood of all points together is the sum."""
    return RIGHT.log_likelihood(points, mixture) / points.size


@mistake("log_likelihood")
def half_of_the_log_likelihood(points, mixture):
    """This is half of it. The ½ is in the log density already."""
    return RIGHT.log_likelihood(points, mixture) / 2


@mistake("log_likelihood", of=(np.median, np.max, np.min))
def one_of_the_log_densities(points, mixture, of):
    """This is the median, the largest or the smallest of the log densities. The points are independent: add them up."""
    return of(RIGHT.log_density(points, mixture))


# ---- more of the label


@mistake("label")
def labels_counted_from_the_last(points, mixture):
    """Your labels count the components in the opposite order."""
    return len(next(iter(mixture))) - 1 - RIGHT.label(points, mixture)


@mistake("label")
def of_equals_the_last(points, mixture):
    """Where components tie, you take the last. Of equals the first is asked for, as argmax does it: compare with >, not
    >=."""
    log_joints = RIGHT.log_joint(points, mixture)
    return log_joints.shape[1] - 1 - log_joints[:, ::-1].argmax(axis=1)


@mistake("label")
def whether_it_is_above_one_half(points, mixture):
    """You compare with one half. With more than two components the most probable one may have less: argmax."""
    return (RIGHT.responsibility(points, mixture)[:, -1] > 0.5) * 1


@mistake("label")
def the_largest_component_for_every_point(points, mixture):
    """Every point gets the component with the largest weight. Its place counts, too: take the largest
    responsibility."""
    return np.full(len(points), np.argmax(next(iter(mixture))))


@mistake("label")
def the_nearest_mean_in_standard_deviations(points, mixture):
    """You compare Mahalanobis distances. Weight and determinant count too: compare weight times density."""
    distances = [distance(points, mu, sigma) for _, mu, sigma in zip(*mixture)]
    return np.argmin(distances, axis=0)
