"""Chapter 02, one Gaussian: log_gaussian, log_gaussian_by_factor and whiten.

A log density has three parts, −½ (constant + log determinant + squared distance), and each can be wrong by itself.
"""

import numpy as np
from scipy import special, stats

from gmm_tutorial.homework.course import LOG_2PI, RIGHT
from gmm_tutorial.homework.registry import mistake

EPSILONS = (1e-3, 1e-6, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15, 1e-16, np.finfo(float).eps, 1e-20, 1e-100, 1e-300, 1e-308)


# ---- the constant, D log 2π


@mistake("log_constant")
def the_constant_of_one_dimension(points, mean):
    """Your constant is √(2π), which is right for D = 1 only. It cancels in responsibilities, not in the log-likelihood:
    write (2π) to the power D/2, with D read from the shape."""
    return LOG_2PI


@mistake("log_constant", dimensions=(2, 3, 4))
def a_number_of_dimensions_typed_in(points, mean, dimensions):
    """The power of 2π is a fixed number in your code. Read D from the shape: D = points.shape[1]."""
    return dimensions * LOG_2PI


@mistake("log_constant")
def the_number_of_points_as_dimension(points, mean):
    """The power of 2π is N/2 in your code, the number of points. It is D/2: points.shape[1], not len(points)."""
    return len(points) * LOG_2PI


@mistake("log_constant")
def the_constant_left_out(points, mean):
    """The term with 2π is missing. It cancels in responsibilities, but a density has to integrate to one."""
    return 0


@mistake("log_constant")
def the_constant_twice(points, mean):
    """You count D log 2π whole. The density has (2π) to the power D/2, so its log has ½ D log 2π."""
    return 2 * len(mean) * LOG_2PI


@mistake("log_constant")
def the_constant_with_the_wrong_sign(points, mean):
    """Your constant multiplies the density. The power of 2π is below the line: in logs it is subtracted."""
    return -len(mean) * LOG_2PI


@mistake("log_constant")
def half_of_the_constant(points, mean):
    """You halve the constant twice. The density has (2π) to the power D/2, so its log has ½ D log 2π."""
    return len(mean) * LOG_2PI / 2


@mistake("log_constant", base=(np.pi, np.pi**2, 2 * np.pi**2, np.e, 2.0))
def another_number_than_two_pi(points, mean, base):
    """The number in your constant is not 2π. Write (2π) to the power D/2: in logs ½ D log(2 * np.pi)."""
    return len(mean) * np.log(base)


@mistake("log_constant", power=(1.0, 2.0))
def a_power_taken_before_the_division(points, mean, power):
    """Python reads (2π)**D/2 as ((2π)**D)/2. Put the whole exponent in brackets: (2 * np.pi) ** (D / 2)."""
    return power * (len(mean) * LOG_2PI - np.log(2))


@mistake("log_constant")
def two_outside_of_the_power_of_pi(points, mean):
    """You raise π alone to the power, and multiply by two once. Put 2π in brackets: (2 * np.pi) ** (D / 2)."""
    return 2 * np.log(2) + len(mean) * np.log(np.pi)


@mistake("log_constant")
def a_constant_with_another_logarithm(points, mean):
    """You take the log of 2π with base ten. Take the natural one, np.log: it undoes the exponential."""
    return len(mean) * np.log10(2 * np.pi)


@mistake("log_constant")
def pi_outside_of_the_logarithm(points, mean):
    """You write np.log(2) * np.pi, which is not the log of 2π. Put the product inside: np.log(2 * np.pi)."""
    return len(mean) * np.log(2) * np.pi


# ---- the determinant


@mistake("log_determinant")
def the_determinant_left_out(covariance):
    """The determinant is missing, so wide components win. A wide Gaussian has to be lower: its density integrates to
    one."""
    return 0


@mistake("log_determinant")
def the_determinant_without_its_root(covariance):
    """You divide by |Σ|. The volume that a Gaussian fills grows with √|Σ|: in logs that is ½ log |Σ|."""
    return 2 * log_det(covariance)


@mistake("log_determinant")
def the_determinant_with_the_wrong_sign(covariance):
    """Your Gaussian grows higher as it grows wider. The determinant stands below the line: in logs it is subtracted."""
    return -log_det(covariance)


@mistake("log_determinant")
def half_of_the_determinant_of_the_factor(covariance):
    """You halve the log determinant of L. The ½ belongs to log |Σ|; with L it is gone: ½ log |Σ| = Σ log L_dd."""
    return log_det(covariance) / 2


@mistake("log_determinant")
def the_determinant_without_its_logarithm(covariance):
    """You add the determinant itself to a log density. Take its logarithm: ½ log |Σ|."""
    return np.linalg.det(covariance)


@mistake("log_determinant")
def the_root_of_the_determinant_without_its_logarithm(covariance):
    """You add √|Σ| itself to a log density. Take its logarithm: ½ log |Σ|."""
    return 2 * np.sqrt(np.linalg.det(covariance))


@mistake("log_determinant")
def the_product_of_the_variances_as_determinant(covariance):
    """You take the product of the variances. That is the determinant of a diagonal matrix only: use np.linalg.slogdet,
    or the diagonal of the Cholesky factor."""
    return np.log(np.diag(covariance)).sum()


@mistake("log_determinant")
def the_trace_as_determinant(covariance):
    """You use the trace where the determinant belongs. The volume of an ellipse is a product, not a sum."""
    return np.log(np.trace(covariance))


@mistake("log_determinant")
def a_determinant_with_another_logarithm(covariance):
    """You take the log of the determinant with base ten. Take the natural one, np.log."""
    return log_det(covariance) / np.log(10)


@mistake("log_determinant")
def the_determinant_to_the_power_of_D(covariance):
    """You multiply log |Σ| by D. The power D/2 belongs to 2π alone; the determinant has the power ½."""
    return len(covariance) * log_det(covariance)


@mistake("log_determinant")
def the_first_variance_as_determinant(covariance):
    """You use the variance of the first coordinate alone. The determinant is that of the whole matrix."""
    return np.log(covariance[0, 0])


@mistake("log_determinant", of=(np.max, np.min, lambda numbers: numbers[-1]))
def one_number_of_the_diagonal_as_determinant(covariance, of):
    """You use one number of the diagonal of L. Each direction has its own: add up the logs of them all."""
    return 2 * np.log(of(np.diag(np.linalg.cholesky(covariance))))


@mistake("log_determinant")
def every_number_of_the_factor_as_determinant(covariance):
    """You use all numbers of L. The determinant of a triangle is the product of its diagonal: take np.diag(L)."""
    factor = np.linalg.cholesky(covariance)
    return 2 * np.log(np.abs(factor[factor != 0])).sum()


# ---- the squared distance


def distance(points, mean, covariance):
    return np.einsum("nd,nd->n", points - mean, np.linalg.solve(covariance, (points - mean).T).T)


def log_det(covariance):
    return np.linalg.slogdet(covariance)[1]


@mistake("mahalanobis")
def the_covariance_where_its_inverse_belongs(points, mean, covariance):
    """You multiply by Σ where Σ⁻¹ belongs. The squared distance is (x − μ)ᵀ Σ⁻¹ (x − μ): measured in standard
    deviations, a point is nearer to a wide component."""
    return np.sum((points - mean) @ covariance * (points - mean), axis=1)


@mistake("mahalanobis")
def the_half_left_out_of_the_exponent(points, mean, covariance):
    """The exponent is −½ times the squared distance, and the ½ is missing: your Gaussian is too narrow."""
    return 2 * distance(points, mean, covariance)


@mistake("mahalanobis")
def the_half_taken_twice_in_the_exponent(points, mean, covariance):
    """The exponent is −½ times the squared distance, and you take a quarter: your Gaussian is too wide."""
    return distance(points, mean, covariance) / 2


@mistake("mahalanobis")
def an_exponent_with_the_wrong_sign(points, mean, covariance):
    """Your density grows as the point moves away. The squared distance comes with a minus sign."""
    return -distance(points, mean, covariance)


@mistake("mahalanobis")
def a_distance_that_is_not_squared(points, mean, covariance):
    """You use the distance itself. A Gaussian falls with the square of it."""
    return np.sqrt(distance(points, mean, covariance))


@mistake("mahalanobis")
def a_distance_squared_twice(points, mean, covariance):
    """The quadratic form (x − μ)ᵀ Σ⁻¹ (x − μ) is the squared distance already, and you square it once more."""
    return distance(points, mean, covariance) ** 2


@mistake("mahalanobis")
def the_distance_left_out(points, mean, covariance):
    """Your numbers do not depend on the point: the squared distance is missing."""
    return np.zeros(len(points))


@mistake("mahalanobis")
def only_the_variances_in_the_distance(points, mean, covariance):
    """Your distance uses the variances and not the covariances beside the diagonal. Use the whole matrix."""
    return (np.square(points - mean) / np.diag(covariance)).sum(axis=1)


@mistake("mahalanobis")
def one_over_each_entry_in_place_of_the_inverse(points, mean, covariance):
    """You divide one by each entry of Σ. That is no inverse: use np.linalg.solve(covariance, deviations.T), or
    np.linalg.inv."""
    return np.sum((points - mean) @ (1 / covariance) * (points - mean), axis=1)


@mistake("mahalanobis")
def the_covariance_divided_by_its_determinant(points, mean, covariance):
    """You divide Σ by its determinant. That is no inverse: solve Σ y = x − μ, or use np.linalg.inv."""
    deviations = points - mean
    return np.einsum("ni,ij,nj->n", deviations, covariance / np.linalg.det(covariance), deviations)


@mistake("mahalanobis")
def the_identity_in_the_distance(points, mean, covariance):
    """Your distance does not look at Σ: it is the plain Euclidean one. Measure it in standard deviations, with Σ⁻¹ in
    the middle."""
    return np.square(points - mean).sum(axis=1)


@mistake("mahalanobis")
def a_covariance_divided_twice(points, mean, covariance):
    """You divide by Σ twice. The squared distance has Σ⁻¹ once, in the middle."""
    return distance(points, mean, covariance @ covariance)


@mistake("mahalanobis")
def the_factor_taken_for_the_covariance(points, mean, covariance):
    """You use the Cholesky factor L as if it were Σ. With Σ = L Lᵀ the distance is |L⁻¹ (x − μ)|²."""
    factor = np.linalg.cholesky(covariance)
    return np.sum((points - mean) * np.linalg.solve(factor, (points - mean).T).T, axis=1)


@mistake("mahalanobis")
def points_that_are_not_centered(points, mean, covariance):
    """The mean is missing: you measure the distance from zero. Subtract μ from every point first."""
    return distance(points, 0 * mean, covariance)


@mistake("mahalanobis")
def the_mean_added(points, mean, covariance):
    """You add the mean. A deviation is x − μ."""
    return distance(points, -mean, covariance)


@mistake("mahalanobis")
def deviations_that_are_not_squared(points, mean, covariance):
    """You add up the standardized deviations themselves, and they cancel. Square them before you add."""
    return RIGHT.whiten(points, mean, np.linalg.cholesky(covariance)).sum(axis=1)


@mistake("mahalanobis")
def the_average_over_the_dimensions(points, mean, covariance):
    """You average the squares over the dimensions. The squared distance is their sum."""
    return distance(points, mean, covariance) / len(mean)


@mistake("mahalanobis")
def the_distances_of_all_points_added(points, mean, covariance):
    """You add up the distances of all points, so each gets the same. Every point has its own: sum over the coordinates
    only, axis=1."""
    return np.full(len(points), distance(points, mean, covariance).sum())


@mistake("mahalanobis")
def the_distance_along_the_first_coordinate(points, mean, covariance):
    """You look at the first coordinate only. The distance takes all of them."""
    return np.square(points[:, 0] - mean[0]) / covariance[0, 0]


@mistake("mahalanobis")
def the_standard_deviation_where_the_variance_belongs(points, mean, covariance):
    """You divide the squares by standard deviations. Divide by variances, or divide before you square."""
    return (np.square(points - mean) / np.sqrt(np.diag(covariance))).sum(axis=1)


# ---- one Gaussian made standard: whiten(points, mean, factor)


@mistake("whiten")
def multiplied_by_the_factor(points, mean, factor):
    """You multiply by L: that is how standard points become points of the Gaussian. The way back divides: solve
    L z = x − μ."""
    return (points - mean) @ factor.T


@mistake("whiten")
def multiplied_by_the_transposed_factor(points, mean, factor):
    """You multiply by Lᵀ. To whiten is to divide: solve L z = x − μ."""
    return (points - mean) @ factor


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
def the_mean_of_the_points_subtracted(points, mean, factor):
    """You subtract the mean of the points. Subtract the mean that you are given: it is that of the Gaussian."""
    return np.linalg.solve(factor, (points - points.mean(axis=0)).T).T


@mistake("whiten")
def centered_only(points, mean, factor):
    """You move the points, but do not stretch and turn them: solve L z = x − μ."""
    return points - mean


@mistake("whiten")
def the_mean_subtracted_too_late(points, mean, factor):
    """You divide the points by L, and subtract the mean afterwards. Subtract it first: solve L z = x − μ."""
    return np.linalg.solve(factor, points.T).T - mean


@mistake("whiten")
def the_mean_minus_the_point(points, mean, factor):
    """Your signs are turned: z is L⁻¹ (x − μ), the point minus the mean."""
    return np.linalg.solve(factor, (mean - points).T).T


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


@mistake("whiten")
def a_symmetric_root_in_place_of_the_factor(points, mean, factor):
    """You whiten with the symmetric root Σ^(−½). That is white, too, but turned another way: here L⁻¹ is asked for."""
    values, axes = np.linalg.eigh(factor @ factor.T)
    return (points - mean) @ (axes / np.sqrt(values)) @ axes.T


@mistake("whiten")
def principal_axes_in_place_of_the_factor(points, mean, factor):
    """You whiten along the eigenvectors of Σ. That is white, too, but turned another way: here L⁻¹ is asked for."""
    values, axes = np.linalg.eigh(factor @ factor.T)
    return (points - mean) @ (axes / np.sqrt(values))


# ---- the whole log density


@mistake("log_gaussian")
def only_the_exponent(points, mean, covariance):
    """This is the exponent alone. What makes the density integrate to one is missing: the power of 2π and the
    determinant."""
    return -0.5 * distance(points, mean, covariance)


@mistake("log_gaussian")
def only_the_squared_distance(points, mean, covariance):
    """This is the squared distance. The log density is −½ times it, less ½ log |Σ| and ½ D log 2π."""
    return distance(points, mean, covariance)


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


@mistake("log_gaussian", lifted=(np.add, np.maximum), epsilon=EPSILONS)
def an_epsilon_inside_the_logarithm_of_a_density(points, mean, covariance, lifted, epsilon):
    """You add a small number to the density, or lift the density to it, before you take its log. An epsilon is a second
    model: far points now follow it. Work with the log density from the start, and nothing needs to be cured."""
    return np.log(lifted(np.exp(RIGHT.log_gaussian(points, mean, covariance)), epsilon))


@mistake("log_gaussian")
def only_the_diagonal_of_the_covariance(points, mean, covariance):
    """You use the variances and not the covariances beside the diagonal: your ellipses are parallel to the axes. Use
    the whole matrix."""
    return RIGHT.log_gaussian(points, mean, np.diag(np.diag(covariance)))


@mistake("log_gaussian")
def a_variance_used_as_a_standard_deviation(points, mean, covariance):
    """You hand over Σ where its root is wanted, so it is squared. `scale` and Cholesky factors are standard deviations:
    √ of a variance, L with L Lᵀ = Σ."""
    return RIGHT.log_gaussian(points, mean, covariance @ covariance)


@mistake("log_gaussian")
def variances_passed_as_scale_of_each_coordinate(points, mean, covariance):
    """You multiply one-dimensional densities whose `scale` is the variance. `scale` is its root; and tilted coordinates
    need the whole matrix."""
    return stats.norm(mean, np.diag(covariance)).logpdf(points).sum(axis=1)


@mistake("log_gaussian")
def the_precision_used_as_the_covariance(points, mean, covariance):
    """You hand over Σ⁻¹ where Σ is wanted, so wide becomes narrow."""
    return RIGHT.log_gaussian(points, mean, np.linalg.inv(covariance))


@mistake("log_gaussian")
def a_sum_over_dimensions_in_place_of_a_product(points, mean, covariance):
    """You add one-dimensional densities, which makes a cross. Independent coordinates multiply, so their logs add up;
    and tilted ones need the whole matrix."""
    return special.logsumexp(stats.norm(mean, np.sqrt(np.diag(covariance))).logpdf(points), axis=1)


@mistake("log_gaussian")
def only_the_first_coordinate(points, mean, covariance):
    """You look at the first coordinate only. Use all of them: the whole mean and the whole covariance."""
    return stats.norm(mean[0], np.sqrt(covariance[0, 0])).logpdf(points[:, 0])


@mistake("log_gaussian", base=(10.0, 2.0))
def a_logarithm_with_another_base(points, mean, covariance, base):
    """This is the logarithm with base ten or two. Take the natural one, np.log: it undoes the exponential."""
    return RIGHT.log_gaussian(points, mean, covariance) / np.log(base)


@mistake("log_gaussian")
def a_log_density_with_the_wrong_sign(points, mean, covariance):
    """The whole sign is turned: this is the negative log density."""
    return -RIGHT.log_gaussian(points, mean, covariance)


@mistake("log_gaussian")
def log_of_one_plus_the_density(points, mean, covariance):
    """np.log1p(p) is the log of 1 + p. Take the log of the density itself, or better, never leave the logs."""
    return np.log1p(np.exp(RIGHT.log_gaussian(points, mean, covariance)))


@mistake("log_gaussian")
def densities_normalized_over_the_points(points, mean, covariance):
    """You divide by the sum over the points. A density integrates to one over all of space; it need not sum to one over
    the points that you happen to have."""
    log_densities = RIGHT.log_gaussian(points, mean, covariance)
    return log_densities - special.logsumexp(log_densities)


@mistake("log_gaussian")
def the_sum_over_the_points(points, mean, covariance):
    """You add up the log densities of all points. One number for each point is asked for."""
    return RIGHT.log_gaussian(points, mean, covariance).sum()
