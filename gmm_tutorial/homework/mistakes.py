"""The catalogue: wrong versions of the formulas, each a small function whose docstring is its hint.

`@mistake("mean")` puts the function below it in the place of `mean`, in every formula that is built on the mean. An
option with several values is tried with each of them.
"""

import itertools
from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy import special, stats

from gmm_tutorial.homework.course import RIGHT
from gmm_tutorial.derived import total_covariance
from gmm_tutorial.mixture import Mixture


@dataclass(frozen=True)
class Mistake:
    """One wrong version of one formula, and the ways in which it is written."""

    place: str
    wrong: object
    versions: tuple
    is_valid: bool = False

    @property
    def name(self):
        return self.wrong.__name__.replace("_", " ")

    @property
    def hint(self):
        return " ".join(self.wrong.__doc__.split())


MISTAKES = []


def mistake(place, is_valid=False, **options):
    def remember(wrong):
        values = [dict(zip(options, chosen)) for chosen in itertools.product(*options.values())]
        versions = tuple(partial(wrong, **value) if value else wrong for value in values)
        MISTAKES.append(Mistake(place, wrong, versions, is_valid))
        return wrong

    return remember


def valid_variant(place):
    return mistake(place, is_valid=True)


EPSILONS = (1e-3, 1e-6, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15, 1e-16, np.finfo(float).eps, 1e-20, 1e-100, 1e-300)
SAMPLE_SIZES = (2, 3, 10, 20, 30, 50, 100, 150, 200, 250, 272, 300, 342, 400, 500, 600, 750, 900, 1000, 1500, 2000)


# ---- one Gaussian: log_gaussian(points, mean, covariance)


def distance(points, mean, covariance):
    return np.einsum("nd,nd->n", points - mean, np.linalg.solve(covariance, (points - mean).T).T)


def log_det(covariance):
    return np.linalg.slogdet(covariance)[1]


def log_normal(points, dimensions, distances, log_det):
    return -0.5 * (dimensions * np.log(2 * np.pi) + log_det + distances) + 0 * points[:, 0]


@mistake("log_gaussian")
def a_density_in_place_of_its_logarithm(points, mean, covariance):
    """The log density is asked for, and this is the density itself. Far away it underflows to zero; its log does
    not."""
    return np.exp(RIGHT.log_gaussian(points, mean, covariance))


@mistake("log_gaussian")
def the_logarithm_of_an_underflown_density(points, mean, covariance):
    """You compute the density and take its log afterwards. Far away the density is rounded to zero, and its log is −∞.
    Write the log of the formula down first: the exponential disappears."""
    return np.log(np.exp(RIGHT.log_gaussian(points, mean, covariance)))


@mistake("log_gaussian", epsilon=EPSILONS)
def an_epsilon_inside_the_logarithm_of_a_density(points, mean, covariance, epsilon):
    """You add a small number to the density before you take its log. An epsilon is a second model: far points now
    follow it. Work with the log density from the start, and nothing needs to be cured."""
    return np.log(np.exp(RIGHT.log_gaussian(points, mean, covariance)) + epsilon)


@mistake("log_gaussian")
def the_constant_of_one_dimension(points, mean, covariance):
    """Your constant is √(2π), which is right for D = 1 only. It cancels in responsibilities, not in the log-likelihood:
    write (2π) to the power D/2, with D read from the shape."""
    return log_normal(points, 1, distance(points, mean, covariance), log_det(covariance))


@mistake("log_gaussian", dimensions=(2, 3, 4))
def a_number_of_dimensions_typed_in(points, mean, covariance, dimensions):
    """The power of 2π is a fixed number in your code. Read D from the shape: D = points.shape[1]."""
    return log_normal(points, dimensions, distance(points, mean, covariance), log_det(covariance))


@mistake("log_gaussian")
def the_constant_left_out(points, mean, covariance):
    """The term with 2π is missing. It cancels in responsibilities, but a density has to integrate to one."""
    return log_normal(points, 0, distance(points, mean, covariance), log_det(covariance))


@mistake("log_gaussian")
def the_constant_twice(points, mean, covariance):
    """You count D log 2π whole. The density has (2π) to the power D/2, so its log has ½ D log 2π."""
    return log_normal(points, 2 * len(mean), distance(points, mean, covariance), log_det(covariance))


@mistake("log_gaussian")
def the_determinant_left_out(points, mean, covariance):
    """The determinant is missing, so wide components win. A wide Gaussian has to be lower: its density integrates to
    one."""
    return log_normal(points, len(mean), distance(points, mean, covariance), 0)


@mistake("log_gaussian")
def the_determinant_without_its_root(points, mean, covariance):
    """You divide by |Σ|. The volume that a Gaussian fills grows with √|Σ|: in logs that is ½ log |Σ|."""
    return log_normal(points, len(mean), distance(points, mean, covariance), 2 * log_det(covariance))


@mistake("log_gaussian")
def the_determinant_with_the_wrong_sign(points, mean, covariance):
    """Your Gaussian grows higher as it grows wider. The determinant stands below the line: in logs it is subtracted."""
    return log_normal(points, len(mean), distance(points, mean, covariance), -log_det(covariance))


@mistake("log_gaussian")
def the_covariance_where_its_inverse_belongs(points, mean, covariance):
    """You multiply by Σ where Σ⁻¹ belongs. The squared distance is (x − μ)ᵀ Σ⁻¹ (x − μ): measured in standard
    deviations, a point is nearer to a wide component."""
    deviations = points - mean
    return log_normal(points, len(mean), np.sum(deviations @ covariance * deviations, axis=1), log_det(covariance))


@mistake("log_gaussian")
def the_half_left_out_of_the_exponent(points, mean, covariance):
    """The exponent is −½ times the squared distance, and the ½ is missing: your Gaussian is too narrow."""
    return log_normal(points, len(mean), 2 * distance(points, mean, covariance), log_det(covariance))


@mistake("log_gaussian")
def an_exponent_with_the_wrong_sign(points, mean, covariance):
    """Your density grows as the point moves away. The squared distance comes with a minus sign."""
    return log_normal(points, len(mean), -distance(points, mean, covariance), log_det(covariance))


@mistake("log_gaussian")
def a_distance_that_is_not_squared(points, mean, covariance):
    """You use the distance itself. A Gaussian falls with the square of it."""
    return log_normal(points, len(mean), np.sqrt(distance(points, mean, covariance)), log_det(covariance))


@mistake("log_gaussian")
def only_the_diagonal_of_the_covariance(points, mean, covariance):
    """You use the variances and not the covariances beside the diagonal: your ellipses are parallel to the axes. Use
    the whole matrix."""
    return RIGHT.log_gaussian(points, mean, np.diag(np.diag(covariance)))


@mistake("log_gaussian")
def the_identity_in_the_distance(points, mean, covariance):
    """Your distance does not look at Σ: it is the plain Euclidean one. Measure it in standard deviations, with Σ⁻¹ in
    the middle."""
    return log_normal(points, len(mean), np.square(points - mean).sum(axis=1), log_det(covariance))


@mistake("log_gaussian")
def a_variance_used_as_a_standard_deviation(points, mean, covariance):
    """You hand over Σ where its root is wanted, so it is squared. `scale` and Cholesky factors are standard deviations:
    √ of a variance, L with L Lᵀ = Σ."""
    return RIGHT.log_gaussian(points, mean, covariance @ covariance)


@mistake("log_gaussian")
def a_sum_over_dimensions_in_place_of_a_product(points, mean, covariance):
    """You add one-dimensional densities, which makes a cross. Independent coordinates multiply, so their logs add up;
    and tilted ones need the whole matrix."""
    return special.logsumexp(stats.norm(mean, np.sqrt(np.diag(covariance))).logpdf(points), axis=1)


@mistake("log_gaussian")
def points_that_are_not_centered(points, mean, covariance):
    """The mean is missing: you measure the distance from zero. Subtract μ from every point first."""
    return RIGHT.log_gaussian(points, 0 * mean, covariance)


@mistake("log_gaussian")
def a_logarithm_with_base_ten(points, mean, covariance):
    """This is the logarithm with base ten. Take the natural one, np.log: it undoes the exponential."""
    return RIGHT.log_gaussian(points, mean, covariance) / np.log(10)


@mistake("log_gaussian_by_factor")
def half_of_the_determinant_of_the_factor(points, mean, factor):
    """You halve the log determinant of L. The ½ belongs to log |Σ|; with L it is gone: ½ log |Σ| = Σ log L_dd."""
    return log_normal(points, len(mean), distance(points, mean, factor @ factor.T), log_det(factor))


# ---- one Gaussian made standard: whiten(points, mean, factor)


@mistake("whiten")
def multiplied_by_the_factor(points, mean, factor):
    """You multiply by L: that is how standard points become points of the Gaussian. The way back divides: solve
    L z = x − μ."""
    return (points - mean) @ factor.T


@mistake("whiten")
def the_factor_on_its_other_side(points, mean, factor):
    """You solve with Lᵀ. L stands on the left: L z = x − μ."""
    return np.linalg.solve(factor.T, (points - mean).T).T


@mistake("whiten")
def the_covariance_in_place_of_its_factor(points, mean, factor):
    """You divide by the whole covariance. That is its root twice: L once is enough."""
    return np.linalg.solve(factor @ factor.T, (points - mean).T).T


@mistake("whiten")
def points_that_were_not_centered(points, mean, factor):
    """You stretch and turn, but do not move: subtract the mean first."""
    return np.linalg.solve(factor, points.T).T


@mistake("whiten")
def each_coordinate_divided_by_its_standard_deviation(points, mean, factor):
    """You divide each coordinate by its own standard deviation. The cloud stays tilted: L knows the tilt."""
    return (points - mean) / np.sqrt(np.diag(factor @ factor.T))


@mistake("whiten")
def the_diagonal_of_the_factor_only(points, mean, factor):
    """You divide by the diagonal of L. The numbers below it turn the cloud upright: solve with the whole of L."""
    return (points - mean) / np.diag(factor)


@mistake("whiten")
def a_mean_added_back(points, mean, factor):
    """You add the mean again. The standard Gaussian lies about the origin."""
    return RIGHT.whiten(points, mean, factor) + mean


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


@mistake("bayes", kept=(np.nan_to_num, np.asarray))
def nan_turned_into_zero(log_joints, kept):
    """You turn NaN into zero, and the rows of far points no longer sum to one. NaN was the news that every density had
    underflowed. Cure that: subtract the largest log joint of each row before the exponential."""
    joints = np.exp(log_joints)
    return np.nan_to_num(shares(joints)), kept(np.log(joints.sum(axis=1)))


@mistake("bayes")
def densities_in_place_of_log_densities(log_joints):
    """You take the exponential first. Far away every density is rounded to zero, and 0/0 is NaN. Stay in logs, subtract
    the largest of each row, then take the exponential."""
    joints = np.exp(log_joints)
    return shares(joints), np.log(joints.sum(axis=1))


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
    return Mixture._trusted(np.full_like(mixture.weights, 1 / len(mixture.weights)), mixture.means, mixture.covariances)


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


# ---- how many points: count and weight(responsibilities)


@mistake("count")
def labels_counted(responsibilities):
    """You count labels. A component explains a point in part: add up the responsibilities themselves."""
    return np.eye(responsibilities.shape[1])[responsibilities.argmax(axis=1)].sum(axis=0)


@mistake("count")
def squares_of_responsibilities_counted(responsibilities):
    """You add up γ². A point that is shared half and half counts half, not a quarter: use γ once."""
    return np.square(responsibilities).sum(axis=0)


@mistake("count")
def a_sum_over_the_components(responsibilities):
    """You sum each row, which gives one for every point. Sum over the points: axis=0."""
    return responsibilities.sum(axis=1)


@mistake("count")
def a_sum_without_an_axis(responsibilities):
    """A sum without an axis adds up everything, which gives N. Each component has its own count: axis=0."""
    return responsibilities.sum()


@mistake("count")
def points_above_one_half_counted(responsibilities):
    """You count the points with γ > ½. Add up the responsibilities themselves: the doubt counts too."""
    return (responsibilities > 0.5).sum(axis=0)


@mistake("weight")
def counts_in_place_of_shares(responsibilities):
    """These are the counts Nₖ. Weights are a distribution: divide by N, so that they sum to one."""
    return responsibilities.sum(axis=0)


@mistake("weight")
def counts_divided_by_the_number_of_components(responsibilities):
    """You divide by K. The share of the points is Nₖ / N: len(responsibilities) is N."""
    return responsibilities.mean(axis=0) * len(responsibilities) / responsibilities.shape[1]


@mistake("weight")
def one_less_than_the_number_of_points(responsibilities):
    """You divide by N − 1. These shares do not sum to one: divide by N."""
    return responsibilities.sum(axis=0) / (len(responsibilities) - 1)


@mistake("weight", N=SAMPLE_SIZES)
def a_number_of_points_typed_in(responsibilities, N):
    """N is a fixed number in your code, right for one data set only. Read it from the shape: len(responsibilities)."""
    return responsibilities.sum(axis=0) / N


@mistake("weight")
def equal_weights(responsibilities):
    """All your weights are 1/K. That is where a start may begin; the M-step gives each component its share Nₖ / N."""
    return np.full(responsibilities.shape[1], 1 / responsibilities.shape[1])


@mistake("weight")
def a_mean_over_the_components(responsibilities):
    """You average each row. The share of a component is the average of its column: mean(axis=0)."""
    return responsibilities.mean(axis=1)


# ---- where: mean(points, responsibilities)


def sums(points, responsibilities):
    return responsibilities.T @ points


def each(numbers):
    return np.asarray(numbers)[:, None]


@mistake("mean")
def means_divided_by_N(points, responsibilities):
    """You divide by N, so every mean is pulled towards zero. Each component is averaged over its own count Nₖ."""
    return sums(points, responsibilities) / len(points)


@mistake("mean")
def means_not_divided(points, responsibilities):
    """These are weighted sums. An average is the sum divided by what was counted: divide by Nₖ."""
    return sums(points, responsibilities)


@mistake("mean")
def means_divided_by_the_weight(points, responsibilities):
    """You divide by πₖ = Nₖ / N, so each mean is N times too large. Divide by Nₖ."""
    return sums(points, responsibilities) / each(responsibilities.mean(axis=0))


@mistake("mean")
def means_divided_by_one_less_than_the_count(points, responsibilities):
    """You divide by Nₖ − 1. That correction belongs to sample variances, and never to a mean: divide by Nₖ."""
    return sums(points, responsibilities) / each(responsibilities.sum(axis=0) - 1)


@mistake("mean")
def a_mean_without_an_axis(points, responsibilities):
    """All coordinates of a mean are equal in your answer, since one sum runs over everything. Sum over the points only:
    axis=0."""
    totals = sums(points, responsibilities).sum(axis=1) / responsibilities.sum(axis=0)
    return np.repeat(each(totals), points.shape[1], axis=1)


@mistake("mean")
def means_without_responsibilities(points, responsibilities):
    """Every component gets the mean of all points. Count each point as often as the component explains it: γₙₖ
    times."""
    return np.repeat(points.mean(axis=0)[None], responsibilities.shape[1], axis=0)


@mistake("mean")
def means_of_the_labeled_points(points, responsibilities):
    """You average the points of one label each, as k-means does. Points in doubt belong to several components in
    part."""
    labels = np.eye(responsibilities.shape[1])[responsibilities.argmax(axis=1)]
    return sums(points, labels) / each(labels.sum(axis=0))


@mistake("mean")
def responsibilities_squared_above_the_line(points, responsibilities):
    """The responsibilities are applied twice above the line, and once below. Apply each γₙₖ once."""
    return sums(points, responsibilities**2) / each(responsibilities.sum(axis=0))


@mistake("mean")
def means_with_squared_responsibilities(points, responsibilities):
    """Your averages use γ² as weights, so points in doubt count too little. Use γ itself, above and below the line."""
    return sums(points, responsibilities**2) / each(np.square(responsibilities).sum(axis=0))


@mistake("mean")
def means_divided_by_the_count_twice(points, responsibilities):
    """You divide by Nₖ twice: once the responsibilities, once their sum. Once is enough."""
    return sums(points, responsibilities) / each(responsibilities.sum(axis=0) ** 2)


@mistake("mean")
def the_last_mean_copied_from_the_first(points, responsibilities):
    """The last component has the mean of the first: a line was copied, and one index stayed. Written twice? Loop over
    k."""
    means = RIGHT.mean(points, responsibilities)
    means[-1] = means[0]
    return means


@mistake("mean")
def one_column_for_each_mean(points, responsibilities):
    """Your array is (D, K). A row is one component: write responsibilities.T @ points, or transpose at the end."""
    return RIGHT.mean(points, responsibilities).T


@mistake("mean")
def the_count_of_the_first_component_for_all(points, responsibilities):
    """Every component is divided by the count of the first one. Each has its own Nₖ."""
    return sums(points, responsibilities) / responsibilities[:, 0].sum()


# ---- how wide: covariance(points, responsibilities, means)


def scatter(points, responsibilities, centers):
    deviations = points - np.asarray(centers)[:, None]
    return np.einsum("nk,kni,knj->kij", responsibilities, deviations, deviations)


def over(numbers):
    return np.asarray(numbers)[:, None, None]


@mistake("covariance")
def covariances_divided_by_N(points, responsibilities, means):
    """You divide by N, so every covariance shrinks. Each component is averaged over its own count Nₖ."""
    return scatter(points, responsibilities, means) / len(points)


@mistake("covariance")
def covariances_not_divided(points, responsibilities, means):
    """These are weighted sums of outer products. A covariance is their average: divide by Nₖ."""
    return scatter(points, responsibilities, means)


@mistake("covariance")
def one_less_than_the_count(points, responsibilities, means):
    """You divide by Nₖ − 1. That is unbiased for one sample, but the maximum of the likelihood divides by Nₖ, and with
    another divisor EM may fall."""
    return scatter(points, responsibilities, means) / over(responsibilities.sum(axis=0) - 1)


@mistake("covariance")
def one_less_than_the_number_of_points_in_the_covariance(points, responsibilities, means):
    """You divide by N − 1. Each component is averaged over its own count Nₖ."""
    return scatter(points, responsibilities, means) / (len(points) - 1)


@mistake("covariance", shaped=(np.atleast_2d, np.asarray))
def means_of_your_own(points, responsibilities, means, shaped):
    """You compute the means anew, as np.cov does whatever it is given. Measure the spread about the means that are
    handed to you: in an M-step they are the same, elsewhere they need not be."""
    return np.array([shaped(np.cov(points.T, aweights=gamma, bias=True)) for gamma in responsibilities.T])


@mistake("covariance", shaped=(np.atleast_2d, np.asarray))
def np_cov_with_its_own_correction(points, responsibilities, means, shaped):
    """np.cov with aweights=γ divides by a little less than Nₖ unless you tell it not to: pass bias=True (or ddof=0).
    It also computes a mean of its own, whatever means you were given."""
    return np.array([shaped(np.cov(points.T, aweights=gamma)) for gamma in responsibilities.T])


@mistake("covariance")
def responsibilities_applied_twice(points, responsibilities, means):
    """Both factors of the outer product carry γ, so it counts twice and the covariances are too small. Weight the
    product once."""
    return scatter(points, responsibilities**2, means) / over(responsibilities.sum(axis=0))


@mistake("covariance")
def covariances_with_squared_responsibilities(points, responsibilities, means):
    """Your averages use γ² as weights. Use γ itself, above and below the line."""
    return scatter(points, responsibilities**2, means) / over(np.square(responsibilities).sum(axis=0))


@mistake("covariance")
def variances_only(points, responsibilities, means):
    """You square the coordinates one by one, so nothing is left beside the diagonal, and the ellipses are parallel to
    the axes. The product x xᵀ is a matrix: use np.outer or a matrix product."""
    return RIGHT.covariance(points, responsibilities, means) * np.eye(points.shape[1])


@mistake("covariance")
def an_outer_product_transposed_to_a_number(points, responsibilities, means):
    """Your product is (1, D) times (D, 1), which is one number, and it fills the whole matrix. Turn it round: (D, 1)
    times (1, D) is a matrix."""
    numbers = np.trace(RIGHT.covariance(points, responsibilities, means), axis1=1, axis2=2)
    return over(numbers) * np.ones((1, points.shape[1], points.shape[1]))


@mistake("covariance")
def one_variance_for_all_directions(points, responsibilities, means):
    """Each of your components is a ball. Keep a matrix for each component: the points may spread more one way than
    another."""
    covariances = RIGHT.covariance(points, responsibilities, means)
    return over(np.trace(covariances, axis1=1, axis2=2) / points.shape[1]) * np.eye(points.shape[1])


@mistake("covariance")
def covariances_about_zero(points, responsibilities, means):
    """The mean is not subtracted: this is the second moment about zero. Spread is measured about the component's
    mean."""
    return scatter(points, responsibilities, 0 * means) / over(responsibilities.sum(axis=0))


@mistake("covariance")
def covariances_about_the_mean_of_all_points(points, responsibilities, means):
    """You subtract the mean of all points. Each component spreads about its own mean μₖ."""
    return scatter(points, responsibilities, 0 * means + points.mean(axis=0)) / over(responsibilities.sum(axis=0))


@mistake("covariance")
def covariances_without_responsibilities(points, responsibilities, means):
    """Every point counts fully for each component. Count it γₙₖ times, above and below the line."""
    return scatter(points, np.ones_like(responsibilities), means) / len(points)


@mistake("covariance")
def the_covariance_of_all_points_for_each_component(points, responsibilities, means):
    """Every component gets the covariance of all the points. Weight each point with γₙₖ and subtract the component's
    mean."""
    return np.repeat(np.atleast_2d(np.cov(points.T, bias=True))[None], len(means), axis=0)


@mistake("covariance", correction=(0, 1))
def points_as_columns(points, responsibilities, means, correction):
    """np.cov takes one row for each variable, so your matrices are (N, N). Hand over points.T, or pass rowvar=False."""
    deviations = points - points.mean(axis=1, keepdims=True)
    return np.repeat((deviations @ deviations.T)[None] / (points.shape[1] - correction), len(means), axis=0)


@mistake("covariance")
def covariances_of_the_labeled_points(points, responsibilities, means):
    """You use the points of one label each. Points in doubt belong to several components in part: weight them with
    γₙₖ."""
    labels = np.eye(responsibilities.shape[1])[responsibilities.argmax(axis=1)]
    return scatter(points, labels, means) / over(labels.sum(axis=0))


@mistake("covariance", floor=(1e-2, 1e-3, 1e-4, 1e-5, 1e-6))
def a_hidden_floor_on_the_diagonal(points, responsibilities, means, floor):
    """You add a small number to each diagonal. It hides a collapse, and it depends on the unit of your data. Return
    what the formula says; a floor is a choice that the caller sees: constraint=gmm.ridge."""
    return RIGHT.covariance(points, responsibilities, means) + floor * np.eye(points.shape[1])


@mistake("covariance", floor=(1e-2, 1e-3, 1e-4, 1e-5, 1e-6))
def a_floor_subtracted_from_the_diagonal(points, responsibilities, means, floor):
    """You subtract a small number from each diagonal, and a thin component collapses sooner. A floor is added."""
    return RIGHT.covariance(points, responsibilities, means) - floor * np.eye(points.shape[1])


@mistake("covariance")
def one_covariance_for_all_components(points, responsibilities, means):
    """All your components share one covariance, the average of theirs. Here each one keeps its own."""
    weights = responsibilities.mean(axis=0)
    shared = np.einsum("k,kij->ij", weights, RIGHT.covariance(points, responsibilities, means))
    return np.repeat(shared[None], len(means), axis=0)


@mistake("covariance")
def the_last_covariance_copied_from_the_first(points, responsibilities, means):
    """The last component has the covariance of the first: a line was copied, and one index stayed. Loop over k."""
    covariances = RIGHT.covariance(points, responsibilities, means)
    covariances[-1] = covariances[0]
    return covariances


@mistake("covariance")
def standard_deviations_in_place_of_variances(points, responsibilities, means):
    """You take the root of every number. A covariance has the units of the points squared: leave the root out."""
    return np.sqrt(np.abs(RIGHT.covariance(points, responsibilities, means)))


@mistake("covariance")
def correlations_in_place_of_covariances(points, responsibilities, means):
    """Your diagonals are all one: these are correlations. A covariance keeps the spread, so do not divide it away."""
    covariances = RIGHT.covariance(points, responsibilities, means)
    deviations = np.sqrt(np.diagonal(covariances, axis1=1, axis2=2))
    return covariances / deviations[:, :, None] / deviations[:, None, :]


# ---- the climb: em(points, mixture)


def climb(points, mixture, step):
    while True:
        responsibilities, log_likelihood = RIGHT.e_step(points, mixture)
        yield mixture, log_likelihood
        mixture = step(points, mixture, responsibilities)


@valid_variant("em")
def the_covariance_about_the_old_mean(points, mixture):
    """You compute the new covariances about the old means. This is a valid variant: same fixed point, other steps. The
    M-step of the course computes the new means first, and climbs faster for it."""

    def step(points, mixture, responsibilities):
        means = RIGHT.mean(points, responsibilities)
        return RIGHT.weight(responsibilities), means, RIGHT.covariance(points, responsibilities, list(mixture)[1])

    return climb(points, mixture, step)


@mistake("em")
def responsibilities_computed_again_in_the_middle(points, mixture):
    """You change the means and compute new responsibilities before the covariances. All new values of one step come
    from the same responsibilities."""

    def step(points, mixture, responsibilities):
        weights, means = RIGHT.weight(responsibilities), RIGHT.mean(points, responsibilities)
        again = RIGHT.responsibility(points, (weights, means, list(mixture)[2]))
        return weights, means, RIGHT.covariance(points, again, means)

    return climb(points, mixture, step)


def keeping(index):
    def step(points, mixture, responsibilities):
        new = list(RIGHT.m_step(points, responsibilities))
        new[index] = list(mixture)[index]
        return tuple(new)

    return step


@mistake("em")
def weights_never_stored(points, mixture):
    """Your weights stay what they were at the start. Compute them from the responsibilities, and use what you
    computed."""
    return climb(points, mixture, keeping(0))


@mistake("em")
def means_never_stored(points, mixture):
    """Your means stay what they were at the start. Compute them from the responsibilities, and use what you
    computed."""
    return climb(points, mixture, keeping(1))


@mistake("em")
def covariances_never_stored(points, mixture):
    """Your covariances stay what they were at the start. Compute them from the responsibilities, and use them."""
    return climb(points, mixture, keeping(2))


@mistake("em")
def a_step_that_changes_nothing(points, mixture):
    """The mixture that comes out is the one that went in. Is the new one returned, and handed to the next round?"""
    return climb(points, mixture, lambda points, mixture, responsibilities: mixture)


@mistake("em")
def a_step_of_k_means(points, mixture):
    """Each point goes wholly to its most probable component before the M-step. That is hard EM, as in k-means: keep the
    responsibilities soft."""

    def step(points, mixture, responsibilities):
        return RIGHT.m_step(points, np.eye(responsibilities.shape[1])[responsibilities.argmax(axis=1)])

    return climb(points, mixture, step)


def by_m_step(points, mixture, responsibilities):
    return RIGHT.m_step(points, responsibilities)


@mistake("em")
def a_log_likelihood_one_step_stale(points, mixture):
    """The log-likelihood beside each mixture belongs to the mixture before it. Compute both from the same
    parameters."""
    steps = climb(points, mixture, by_m_step)
    before = RIGHT.log_likelihood(points, mixture)
    while True:
        now, log_likelihood = next(steps)
        yield now, before
        before = log_likelihood


@mistake("em")
def a_trace_that_starts_one_step_late(points, mixture):
    """Your first entry is the mixture after one step. The trace begins with the start itself."""
    steps = climb(points, mixture, by_m_step)
    next(steps)
    return steps


@mistake("em")
def two_rounds_in_one_step(points, mixture):
    """Each of your steps goes two rounds. One step is one E-step and one M-step: is the mixture updated twice, or a
    loop left inside?"""

    def step(points, mixture, responsibilities):
        return RIGHT.one_step(points, RIGHT.m_step(points, responsibilities))

    return climb(points, mixture, step)


# ---- blocks: summarize, merge, maximize


@mistake("summarize")
def weights_in_place_of_counts(points, mixture):
    """You summarize by weights. Two blocks of different size cannot be merged then: keep the counts Nₖ."""
    log_likelihood, counts, means, covariances = RIGHT.summarize(points, mixture)
    return log_likelihood, counts / len(points), means, covariances


def merged(one, other, t, between):
    """Two summaries with the share t of the second one, and so much of the spread between them."""
    step, t = other.means - one.means, np.asarray(t)[:, None]
    spread = (between(t) * step)[:, :, None] * step[:, None, :]
    within = (1 - t)[:, None] * one.covariances + t[:, None] * other.covariances
    sums = one.log_likelihood + other.log_likelihood, one.counts + other.counts
    return *sums, one.means + t * step, within + spread


def share_of_the_other(one, other):
    return other.counts / (one.counts + other.counts)


@mistake("merge")
def the_spread_between_the_blocks_left_out(one, other):
    """You average the covariances. The means of the blocks differ too: add the spread between them, t (1 − t) δ δᵀ."""
    return merged(one, other, share_of_the_other(one, other), lambda t: 0 * t)


@mistake("merge")
def the_spread_between_the_blocks_counted_once(one, other):
    """You add t δ δᵀ. The merged mean moves towards the second block, so only t (1 − t) δ δᵀ is left between."""
    return merged(one, other, share_of_the_other(one, other), lambda t: t)


@mistake("merge")
def blocks_taken_as_equally_large(one, other):
    """You take the middle of both blocks. Weigh each with its count: t = N₂ / (N₁ + N₂), for each component."""
    return merged(one, other, np.full(len(one.counts), 0.5), lambda t: t * (1 - t))


@mistake("merge")
def the_share_of_the_wrong_block(one, other):
    """Your shares are swapped. μ₁ + t (μ₂ − μ₁) goes from the first block to the second, so t = N₂ / (N₁ + N₂)."""
    return merged(one, other, share_of_the_other(other, one), lambda t: t * (1 - t))


@mistake("maximize")
def counts_that_are_not_divided(summary):
    """You hand on the counts. Weights are shares: divide by the sum of the counts."""
    return summary.counts, summary.means, summary.covariances


@mistake("maximize")
def equal_weights_for_all(summary):
    """All your weights are 1/K. The counts say how large each component is: Nₖ divided by their sum."""
    return np.full_like(summary.counts, 1 / len(summary.counts)), summary.means, summary.covariances


# ---- centers: squared_distance, hard_responsibility, kmeans


@mistake("squared_distance")
def a_distance_without_its_square(points, centers):
    """This is the distance. Its square is asked for: leave the root out."""
    return np.sqrt(RIGHT.squared_distance(points, centers))


@mistake("squared_distance")
def a_sum_of_absolute_differences(points, centers):
    """You add absolute differences, the way a taxi drives. Square the differences before you add them."""
    return np.abs(points[:, None] - centers).sum(axis=2)


@mistake("squared_distance")
def the_average_of_the_squares(points, centers):
    """You average over the coordinates. Pythagoras adds them up."""
    return np.square(points[:, None] - centers).mean(axis=2)


@mistake("hard_responsibility")
def the_farthest_center_chosen(points, centers):
    """Each point goes to the farthest center. The smallest distance wins: argmin."""
    return np.eye(len(centers))[RIGHT.squared_distance(points, centers).argmax(axis=1)]


@mistake("hard_responsibility")
def the_nearest_point_of_each_center(points, centers):
    """You give every center its nearest point. It is the other way round: for each point find its nearest center."""
    return np.eye(len(points))[:, RIGHT.squared_distance(points, centers).argmin(axis=0)]


@mistake("kmeans")
def k_means_after_a_single_round(points, centers):
    """You stop after one round. If the old centers are an alias of the new ones, they never differ: copy before you
    overwrite. Go on until no point changes sides."""
    return RIGHT.mean(points, RIGHT.hard_responsibility(points, centers))


@mistake("kmeans")
def centers_that_never_move(points, centers):
    """These are the centers that were given. Move each to the mean of its points, and use the new ones in the next
    round."""
    return centers


@mistake("mixture_around")
def a_covariance_of_its_own_around_each_center(points, centers):
    """Each component has a covariance of its own. A center with one point would collapse: pool them, Σₖ πₖ Σₖ."""
    return RIGHT.m_step(points, RIGHT.hard_responsibility(points, centers))


@mistake("mixture_around")
def the_covariance_of_all_points_around_each_center(points, centers):
    """You take the covariance of all points. The spread between the centers is in it: pool the covariances within."""
    weights, means, _ = RIGHT.mixture_around(points, centers)
    return weights, means, np.repeat(np.atleast_2d(np.cov(points.T, bias=True))[None], len(means), axis=0)


@mistake("mixture_around")
def centers_kept_as_means(points, centers):
    """Your means are the centers themselves. Move each to the mean of the points that are nearest to it."""
    weights, _, covariances = RIGHT.mixture_around(points, centers)
    return weights, centers, covariances


@mistake("mixture_around")
def equal_weights_around_all_centers(points, centers):
    """All your weights are 1/K. Take the share of the points that are nearest to each center."""
    weights, means, covariances = RIGHT.mixture_around(points, centers)
    return np.full_like(weights, 1 / len(weights)), means, covariances


# ---- the whole mixture, and the shapes of covariances


@mistake("ordered")
def means_ordered_alone(mixture):
    """Only your means are in order. Weight and covariance belong to the mean: put all three into the same order."""
    return mixture.weights, RIGHT.ordered(mixture).means, mixture.covariances


@mistake("ordered")
def from_right_to_left(mixture):
    """Your components go from right to left. The smallest first coordinate comes first."""
    return tuple(array[::-1] for array in RIGHT.ordered(mixture))


@mistake("ordered")
def each_coordinate_sorted_by_itself(mixture):
    """You sort every coordinate by itself, and the means are torn apart. Sort whole rows: argsort the first column."""
    weights, _, covariances = RIGHT.ordered(mixture)
    return weights, np.sort(mixture.means, axis=0), covariances


@mistake("matched")
def the_order_turned_round(mixture, reference):
    """You give the places to put to. Give those to take from: component k of the answer resembles the reference's k."""
    order = RIGHT.matched(Mixture._trusted(np.arange(len(mixture.weights)), *list(mixture)[1:]), reference).weights
    return tuple(array[np.argsort(order)] for array in mixture)


@mistake("matched")
def means_matched_alone(mixture, reference):
    """Only your means are renumbered. Weight and covariance belong to the mean: renumber all three."""
    return mixture.weights, RIGHT.matched(mixture, reference).means, mixture.covariances


@mistake("matched")
def numbers_left_as_they_were(mixture, reference):
    """Your components keep their numbers. Pair each with the component of the reference that it resembles most."""
    return tuple(mixture)


@mistake("marginal")
def the_first_dimensions(mixture, dimensions):
    """You keep the first coordinates. Keep those that are asked for, in the order in which they are asked for."""
    return RIGHT.marginal(mixture, range(len(dimensions)))


@mistake("marginal")
def dimensions_in_ascending_order(mixture, dimensions):
    """Your coordinates are in ascending order. The caller gives the order: [2, 0] puts the third coordinate first."""
    return RIGHT.marginal(mixture, sorted(dimensions))


@mistake("marginal")
def indices_taken_in_pairs(mixture, dimensions):
    """covariances[:, kept, kept] takes the indices in pairs, which gives the diagonal. Rows first, then columns:
    covariances[:, kept][:, :, kept]."""
    return mixture.weights, mixture.means[:, dimensions], mixture.covariances[:, dimensions, dimensions]


def lines(known, mixture, slope):
    """What each component expects: (K, N, D − C)."""
    C = known.shape[1]
    return np.array(
        [mu[C:] + (known - mu[:C]) @ slope(sigma, C) for mu, sigma in zip(mixture.means, mixture.covariances)]
    )


def regression(sigma, C):
    return np.linalg.solve(sigma[:C, :C], sigma[:C, C:])


def shares_of_the_known(known, mixture):
    return RIGHT.responsibility(known, RIGHT.marginal(mixture, range(known.shape[1])))


@mistake("conditional_mean")
def the_weights_in_place_of_responsibilities(known, mixture):
    """You average the lines with πₖ. What is known says which component is probable: weigh with γₖ of the known."""
    return np.einsum("k,knd->nd", mixture.weights, lines(known, mixture, regression))


@mistake("conditional_mean")
def the_most_probable_line_only(known, mixture):
    """You take the line of the most probable component. An expectation averages all lines, each with its γₖ."""
    labels = shares_of_the_known(known, mixture).argmax(axis=1)
    return lines(known, mixture, regression)[labels, np.arange(len(known))]


@mistake("conditional_mean")
def means_without_slopes(known, mixture):
    """You average the means. Inside a component the known coordinates tell more: add Σ_ba Σ_aa⁻¹ (x_a − μ_a)."""
    return shares_of_the_known(known, mixture) @ mixture.means[:, known.shape[1] :]


@mistake("conditional_mean")
def slopes_that_are_not_divided(known, mixture):
    """Your slope is the covariance. A slope has other units: divide by the variance of what is known, Σ_ba Σ_aa⁻¹."""
    gammas = shares_of_the_known(known, mixture)
    return np.einsum("nk,knd->nd", gammas, lines(known, mixture, lambda sigma, C: sigma[:C, C:]))


@mistake("conditional_mean")
def slopes_divided_by_the_wrong_variance(known, mixture):
    """You divide by the variance of what you ask for. Divide by that of what is known: Σ_ba Σ_aa⁻¹."""
    gammas = shares_of_the_known(known, mixture)
    slope = lambda sigma, C: np.linalg.solve(sigma[C:, C:], sigma[C:, :C]).T  # noqa: E731
    return np.einsum("nk,knd->nd", gammas, lines(known, mixture, slope))


@mistake("total_mean")
def means_averaged_without_their_weights(mixture):
    """You average the means as if all components were equally large. Weight each mean with πₖ."""
    return mixture.means.mean(axis=0)


@mistake("total_covariance")
def the_spread_within_the_components_only(mixture):
    """This is the spread within the components. The means differ too: add the spread between them."""
    return np.einsum("k,kij->ij", mixture.weights, mixture.covariances)


@mistake("total_covariance")
def the_spread_between_the_means_only(mixture):
    """This is the spread between the means. Each component has a width of its own: add the spread within."""
    deviations = mixture.means - RIGHT.total_mean(mixture)
    return np.einsum("k,ki,kj->ij", mixture.weights, deviations, deviations)


@mistake("total_covariance")
def the_sum_of_independent_variables(mixture):
    """Σ πₖ² Σₖ is the covariance of a weighted sum of variables. A mixture draws one of them: Σ πₖ Σₖ plus the spread
    between."""
    return np.einsum("k,kij->ij", mixture.weights**2, mixture.covariances)


def shaped(mixture, covariances):
    return Mixture._trusted(mixture.weights, mixture.means, np.broadcast_to(covariances, mixture.covariances.shape))


@mistake("tied")
def covariances_averaged_without_their_weights(mixture):
    """You average the covariances as if all components were equally large. Weight each with πₖ."""
    return shaped(mixture, mixture.covariances.mean(axis=0))


@mistake("tied")
def the_covariance_of_all_points_shared(mixture):
    """You share the total covariance, with the spread between the means in it. Average what is within the
    components."""
    return shaped(mixture, total_covariance(mixture))


@mistake("diagonal")
def deviations_on_the_diagonal(mixture):
    """You take the root of the variances. They stay as they are: only what is beside the diagonal turns to zero."""
    return shaped(mixture, np.sqrt(mixture.covariances * np.eye(mixture.means.shape[1])))


@mistake("spherical")
def a_trace_not_divided(mixture):
    """Your balls have the sum of the variances. Take their average: divide the trace by D."""
    return shaped(mixture, over(np.trace(mixture.covariances, axis1=1, axis2=2)) * np.eye(mixture.means.shape[1]))


@mistake("spherical")
def the_volume_in_place_of_the_trace(mixture):
    """Your balls have the volume of the ellipses, |Σ|^(1/D). The likelihood is largest with the average variance: tr Σ
    / D."""
    D = mixture.means.shape[1]
    return shaped(mixture, over(np.linalg.det(mixture.covariances) ** (1 / D)) * np.eye(D))


@mistake("spherical")
def the_first_variance_for_all_directions(mixture):
    """You use the variance of the first coordinate. Average over all of them: tr Σ / D."""
    return shaped(mixture, over(mixture.covariances[:, 0, 0]) * np.eye(mixture.means.shape[1]))


@mistake("ridge")
def the_ridge_subtracted(mixture):
    """You make the components narrower, and they collapse sooner. A ridge is added."""
    return shaped(mixture, 2 * mixture.covariances - RIGHT.ridge(mixture).covariances)


@mistake("ridge")
def the_same_ridge_in_every_unit(mixture):
    """You add the bare fraction. It should follow the unit of the data: times the variance of all points in each
    direction."""
    return shaped(mixture, mixture.covariances + 1e-6 * np.eye(mixture.means.shape[1]))


# ---- how many components: n_parameters, aic, bic


@mistake("n_parameters")
def the_last_weight_counted_as_free(mixture):
    """You count K weights. They sum to one, so the last one follows from the others: K − 1."""
    return RIGHT.n_parameters(mixture) + 1


@mistake("n_parameters")
def both_triangles_of_a_covariance_counted(mixture):
    """You count D² numbers for each covariance. It is symmetric, so only D(D + 1)/2 of them are free."""
    K, D = mixture.means.shape
    return K - 1 + K * D + K * D * D


@mistake("n_parameters")
def variances_counted_only(mixture):
    """You count the variances. The covariances beside the diagonal are free as well: D(D + 1)/2 for each component."""
    K, D = mixture.means.shape
    return K - 1 + 2 * K * D


@mistake("n_parameters")
def weights_not_counted(mixture):
    """You count no weights. K − 1 of them are free."""
    K, _ = mixture.means.shape
    return RIGHT.n_parameters(mixture) - (K - 1)


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


@mistake("bic")
def the_price_of_the_aic(points, mixture):
    """You pay 2 for each free number, as in AIC. BIC asks log N for each."""
    return RIGHT.aic(points, mixture)


@mistake("bic")
def a_log_likelihood_counted_once(points, mixture):
    """You subtract ℓ once. It comes twice: p log N − 2ℓ."""
    return RIGHT.bic(points, mixture) + RIGHT.log_likelihood(points, mixture)


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
