"""Chapters 01, 08, 09 and 10, the whole mixture: order, matching, marginals, moments, and the shapes of covariances."""

import numpy as np
from scipy.optimize import linear_sum_assignment

from gmm_tutorial.homework.course import RIGHT
from gmm_tutorial.homework.package import trusted
from gmm_tutorial.homework.registry import mistake

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
    order = RIGHT.matched(trusted(np.arange(len(mixture.weights)), *list(mixture)[1:]), reference).weights
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


def over(numbers):
    return np.asarray(numbers)[:, None, None]


def shaped(mixture, covariances):
    return trusted(mixture.weights, mixture.means, np.broadcast_to(covariances, mixture.covariances.shape))


@mistake("tied")
def covariances_averaged_without_their_weights(mixture):
    """You average the covariances as if all components were equally large. Weight each with πₖ."""
    return shaped(mixture, mixture.covariances.mean(axis=0))


@mistake("tied")
def the_covariance_of_all_points_shared(mixture):
    """You share the total covariance, with the spread between the means in it. Average what is within the
    components."""
    return shaped(mixture, RIGHT.total_covariance(mixture))


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


def with_slope(known, mixture, slope):
    return np.einsum("nk,knd->nd", shares_of_the_known(known, mixture), lines(known, mixture, slope))


@mistake("conditional_mean")
def the_known_coordinates_not_centered(known, mixture):
    """You multiply the slope by what is known itself. Subtract the mean of the known coordinates first."""
    C = known.shape[1]
    answers = [mu[C:] + known @ regression(sigma, C) for mu, sigma in zip(mixture.means, mixture.covariances)]
    return np.einsum("nk,knd->nd", shares_of_the_known(known, mixture), answers)


@mistake("conditional_mean")
def the_mean_not_added(known, mixture):
    """You return the deviation alone. Add the mean of the coordinates that you ask for."""
    C = known.shape[1]
    answers = [(known - mu[:C]) @ regression(sigma, C) for mu, sigma in zip(mixture.means, mixture.covariances)]
    return np.einsum("nk,knd->nd", shares_of_the_known(known, mixture), answers)


@mistake("conditional_mean")
def the_lines_averaged_equally(known, mixture):
    """You average the lines as if all components were equally probable. Weigh each with γₖ of the known."""
    return lines(known, mixture, regression).mean(axis=0)


@mistake("conditional_mean")
def the_lines_added_up(known, mixture):
    """You add up the lines of all components. Average them, each with its γₖ."""
    return lines(known, mixture, regression).sum(axis=0)


@mistake("conditional_mean")
def shares_without_the_weights(known, mixture):
    """Your γ leaves out the weights. A component with more points is more probable: πₖ N(x_a | …)."""
    gammas = RIGHT.responsibility(known, RIGHT.marginal(equally_weighted(mixture), range(known.shape[1])))
    return np.einsum("nk,knd->nd", gammas, lines(known, mixture, regression))


def equally_weighted(mixture):
    return trusted(np.full_like(mixture.weights, 1 / len(mixture.weights)), mixture.means, mixture.covariances)


@mistake("conditional_mean")
def the_slope_with_the_wrong_sign(known, mixture):
    """The sign of your slope is turned. Add Σ_ba Σ_aa⁻¹ (x_a − μ_a)."""
    return with_slope(known, mixture, lambda sigma, C: -regression(sigma, C))


@mistake("conditional_mean")
def slopes_by_the_variances_of_the_known_only(known, mixture):
    """You divide by the variance of each known coordinate alone. They vary together: divide by their whole covariance,
    Σ_aa⁻¹."""
    return with_slope(known, mixture, lambda sigma, C: sigma[:C, C:] / np.diag(sigma)[:C, None])


@mistake("conditional_mean")
def one_line_for_all_points(known, mixture):
    """You use one line, that of the whole mixture's mean and covariance. Each component has a line of its own; average
    them with γₖ of the known."""
    whole = trusted(np.ones(1), RIGHT.total_mean(mixture)[None], RIGHT.total_covariance(mixture)[None])
    return lines(known, whole, regression)[0]


@mistake("conditional_mean")
def the_other_coordinates_known(known, mixture):
    """You take the last coordinates for the known ones. What is known are the first C."""
    C = known.shape[1]
    turned = list(range(mixture.means.shape[1] - C, mixture.means.shape[1])) + list(range(mixture.means.shape[1] - C))
    return RIGHT.conditional_mean(known, RIGHT.marginal(mixture, turned))


@mistake("ordered")
def ordered_by_weight(mixture):
    """Your components are in the order of their weights. Order them by the first coordinate of their means."""
    return tuple(array[np.argsort(mixture.weights)] for array in mixture)


@mistake("ordered")
def the_heaviest_first(mixture):
    """The heaviest component comes first in your answer. Order them by the first coordinate of their means."""
    return tuple(array[np.argsort(-mixture.weights)] for array in mixture)


@mistake(
    "ordered", by=(lambda means: means[:, -1], lambda means: means.sum(axis=1), lambda m: np.square(m).sum(axis=1))
)
def ordered_by_something_else_of_the_means(mixture, by):
    """You order by another number of the means: the last coordinate, the sum or the length. Take the first
    coordinate."""
    return tuple(array[np.argsort(by(mixture.means), kind="stable")] for array in mixture)


@mistake("ordered")
def components_left_in_their_order(mixture):
    """Your components come as they were given. Put them into the order of the first coordinate of their means."""
    return tuple(mixture)


@mistake("ordered", kept=(0, 2))
def one_of_the_three_left_in_its_order(mixture, kept):
    """The weights or the covariances did not move with the means. Put all three into the same order."""
    arrays = list(RIGHT.ordered(mixture))
    arrays[kept] = list(mixture)[kept]
    return tuple(arrays)


@mistake("ordered")
def the_places_to_put_to(mixture):
    """You give the places to put to. argsort gives those to take from: array[order]."""
    order = np.argsort(np.argsort(mixture.means[:, 0]))
    return tuple(array[order] for array in mixture)


@mistake("ordered")
def weights_sorted_by_themselves(mixture):
    """You sort each array by itself, so weights and means no longer belong together. Find one order, and use it for all
    three."""
    _, means, covariances = RIGHT.ordered(mixture)
    return np.sort(mixture.weights), means, covariances


def by_cost(mixture, reference, cost, greedy=False):
    costs = np.array([[cost(one, other) for one in zip(*mixture)] for other in zip(*reference)])
    if not greedy:
        return tuple(array[linear_sum_assignment(costs)[1]] for array in mixture)
    order = []
    for row in costs:
        order.append(min((k for k in range(len(row)) if k not in order), key=lambda k: row[k]))
    return tuple(array[order] for array in mixture)


def between_means(one, other):
    return np.square(one[1] - other[1]).sum()


def bhattacharyya(one, other):
    (_, mean, covariance), (_, other_mean, other_covariance) = one, other
    middle, step = (covariance + other_covariance) / 2, mean - other_mean
    volumes = [np.linalg.slogdet(matrix)[1] for matrix in (middle, covariance, other_covariance)]
    return step @ np.linalg.solve(middle, step) / 8 + np.dot([0.5, -0.25, -0.25], volumes)


@mistake("matched", root=(np.sqrt, np.asarray))
def matched_by_their_means_alone(mixture, reference, root):
    """You compare the means only. Two components in one place differ by their covariances: use Bhattacharyya's
    distance."""
    return by_cost(mixture, reference, lambda one, other: root(between_means(one, other)))


@mistake("matched", cost=(between_means, bhattacharyya))
def matched_one_after_the_other(mixture, reference, cost):
    """You pair the components one after the other, each with the nearest that is left. The first may take what a later
    one needs more: look for the best pairing of all, scipy.optimize.linear_sum_assignment."""
    return by_cost(mixture, reference, cost, greedy=True)


@mistake("matched", cost=(between_means, bhattacharyya))
def one_component_taken_twice(mixture, reference, cost):
    """Each component of the reference takes the nearest, so one may be taken twice and another is lost. Every component
    must be used once."""
    order = [min(range(len(mixture.weights)), key=lambda k: cost(list(zip(*mixture))[k], other))
             for other in zip(*reference)]  # fmt: skip
    return tuple(array[order] for array in mixture)


@mistake("matched")
def matched_by_their_weights(mixture, reference):
    """You compare weights. Two components resemble each other if their Gaussians do: use Bhattacharyya's distance."""
    return by_cost(mixture, reference, lambda one, other: abs(one[0] - other[0]))


@mistake("matched")
def both_put_in_order(mixture, reference):
    """You sort the components by their means. Each should come at the place of the component that it resembles in the
    reference."""
    return tuple(RIGHT.ordered(mixture))


@mistake("matched")
def the_reference_returned(mixture, reference):
    """These are the numbers of the reference. Return the mixture, renumbered."""
    return tuple(reference)


@mistake("marginal")
def the_other_dimensions(mixture, dimensions):
    """You keep the dimensions that are to be left out. Keep those that are asked for."""
    return RIGHT.marginal(mixture, [d for d in range(mixture.means.shape[1]) if d not in dimensions])


@mistake("marginal")
def columns_left_as_they_were(mixture, dimensions):
    """You take the rows of the covariances and not the columns. Take both: covariances[:, kept][:, :, kept]."""
    return mixture.weights, mixture.means[:, dimensions], mixture.covariances[:, dimensions]


@mistake("marginal")
def the_covariance_of_what_is_left_when_the_rest_is_known(mixture, dimensions):
    """You subtract Σ_ab Σ_bb⁻¹ Σ_ba: that is the covariance when the others are known. Where they are left out, the
    covariance is the block itself."""
    others = [d for d in range(mixture.means.shape[1]) if d not in dimensions]
    blocks = [
        s[np.ix_(dimensions, dimensions)]
        - s[np.ix_(dimensions, others)] @ np.linalg.solve(s[np.ix_(others, others)], s[np.ix_(others, dimensions)])
        for s in mixture.covariances
    ]
    return mixture.weights, mixture.means[:, dimensions], np.array(blocks)


@mistake("total_mean")
def means_added_up(mixture):
    """You add up the means. Weight each mean with πₖ: the weights sum to one."""
    return mixture.means.sum(axis=0)


@mistake("total_mean")
def the_weighted_mean_divided_by_K(mixture):
    """You divide by K once more. The weights sum to one already."""
    return mixture.weights @ mixture.means / len(mixture.weights)


@mistake("total_mean")
def weights_squared_in_the_total_mean(mixture):
    """You use πₖ². Weight each mean with πₖ once."""
    return mixture.weights**2 @ mixture.means


@mistake("total_mean")
def the_mean_of_the_heaviest_component(mixture):
    """This is the mean of the heaviest component. Average over all of them, each with its weight."""
    return mixture.means[np.argmax(mixture.weights)]


@mistake("within")
def covariances_averaged_equally(mixture):
    """You average the covariances as if all components were equally large. Weight each with πₖ."""
    return mixture.covariances.mean(axis=0)


@mistake("within")
def covariances_added_up(mixture):
    """You add up the covariances. Weight each with πₖ."""
    return mixture.covariances.sum(axis=0)


@mistake("spread_of_means")
def the_spread_between_the_means_without_weights(mixture):
    """Your spread between the means does not look at the weights. Weight each outer product with πₖ."""
    return np.atleast_2d(np.cov(mixture.means.T, ddof=0))


@mistake("spread_of_means")
def the_spread_about_the_plain_average(mixture):
    """You measure the spread between the means about their plain average. Take the mean of the mixture, Σ πₖ μₖ."""
    deviations = mixture.means - mixture.means.mean(axis=0)
    return np.einsum("k,ki,kj->ij", mixture.weights, deviations, deviations)


@mistake("spread_of_means")
def the_spread_of_the_means_about_zero(mixture):
    """You do not subtract the mean of the whole mixture: this is the spread of the means about zero."""
    return np.einsum("k,ki,kj->ij", mixture.weights, mixture.means, mixture.means)


@mistake("spread_of_means")
def the_spread_between_the_means_along_the_axes(mixture):
    """You square the coordinates one by one. The outer product of a deviation with itself is a matrix."""
    deviations = mixture.means - RIGHT.total_mean(mixture)
    return np.diag(mixture.weights @ deviations**2)


@mistake("spread_of_means")
def the_spread_between_the_means_subtracted(mixture):
    """You subtract the spread between the means. Within and between add up."""
    return -RIGHT.spread_of_means(mixture)


@mistake("tied")
def covariances_summed(mixture):
    """You add up the covariances. Weight each with πₖ: then it is an average."""
    return shaped(mixture, mixture.covariances.sum(axis=0))


@mistake("tied", which=(lambda m: 0, lambda m: -1, lambda m: m.weights.argmax(), lambda m: m.weights.argmin()))
def the_covariance_of_one_for_all(mixture, which):
    """You share the covariance of one component, the first, the last or the heaviest. Share the average of all, each
    with its weight πₖ."""
    return shaped(mixture, mixture.covariances[which(mixture)])


@mistake("tied")
def weighted_covariances_divided_by_K(mixture):
    """You divide by K once more. The weights sum to one already."""
    return shaped(mixture, RIGHT.tied(mixture).covariances / len(mixture.weights))


@mistake("tied")
def weights_squared_in_the_tied_covariance(mixture):
    """You use πₖ². Weight each covariance with πₖ once."""
    return shaped(mixture, np.einsum("k,kij->ij", mixture.weights**2, mixture.covariances))


@mistake("tied")
def each_multiplied_by_its_weight(mixture):
    """You multiply each covariance by its weight, and do not add them up. All components share one matrix, the sum of
    these."""
    return shaped(mixture, mixture.weights[:, None, None] * mixture.covariances)


@mistake("tied", "diagonal", "spherical", "ridge")
def covariances_left_as_they_were(mixture):
    """Your covariances are those that you were given. Is the new array computed, and then not used?"""
    return mixture


@mistake("diagonal")
def only_what_is_beside_the_diagonal(mixture):
    """You keep what is beside the diagonal, and drop the diagonal. It is the other way round."""
    return shaped(mixture, mixture.covariances * (1 - np.eye(mixture.means.shape[1])))


@mistake("diagonal", half=(np.triu, np.tril))
def one_triangle_of_zeros(mixture, half):
    """Only one of the triangles beside the diagonal is zero. Both should be."""
    return shaped(mixture, half(mixture.covariances))


@mistake("diagonal")
def the_same_diagonal_for_all(mixture):
    """All your components have one diagonal, the average. Each keeps its own."""
    return shaped(mixture, RIGHT.tied(mixture).covariances * np.eye(mixture.means.shape[1]))


@mistake("diagonal")
def correlations_only(mixture):
    """Your diagonals are all one. The variances stay as they are."""
    return shaped(mixture, 0 * mixture.covariances + np.eye(mixture.means.shape[1]))


def balls(mixture, variances):
    return shaped(mixture, over(np.broadcast_to(variances, len(mixture.weights))) * np.eye(mixture.means.shape[1]))


@mistake("spherical", of=(np.mean, np.sum))
def the_mean_of_all_entries(mixture, of):
    """You average over all entries of the matrix, those beside the diagonal too. Average the variances: tr Σ / D."""
    return balls(mixture, [of(sigma) if of is np.mean else sigma.sum() / len(sigma) for sigma in mixture.covariances])


@mistake("spherical", of=(np.max, np.min, np.median))
def one_of_the_variances(mixture, of):
    """You take the largest, the smallest or the median of the variances. Average them: tr Σ / D."""
    return balls(mixture, [of(np.diag(sigma)) for sigma in mixture.covariances])


@mistake("spherical", of=(np.max, np.min))
def one_of_the_eigenvalues(mixture, of):
    """You take the largest or the smallest eigenvalue. Their average is the average variance: tr Σ / D."""
    return balls(mixture, [of(np.linalg.eigvalsh(sigma)) for sigma in mixture.covariances])


@mistake("spherical")
def the_last_variance_for_all_directions(mixture):
    """You use the variance of the last coordinate. Average over all of them: tr Σ / D."""
    return balls(mixture, mixture.covariances[:, -1, -1])


@mistake("spherical")
def one_ball_for_all(mixture):
    """All your components have one variance. Each keeps its own: tr Σₖ / D."""
    return balls(mixture, np.trace(mixture.covariances, axis1=1, axis2=2).mean() / mixture.means.shape[1])


@mistake("spherical")
def one_weighted_ball_for_all(mixture):
    """All your components have one variance. Each keeps its own: tr Σₖ / D."""
    return RIGHT.spherical(RIGHT.tied(mixture))


@mistake("spherical")
def standard_deviations_of_balls(mixture):
    """You take the root of the average variance. A covariance holds variances: leave the root out."""
    return shaped(mixture, np.sqrt(RIGHT.spherical(mixture).covariances))


@mistake("spherical")
def squared_averages_of_standard_deviations(mixture):
    """You average the standard deviations and square the result. Average the variances."""
    return balls(mixture, [np.sqrt(np.diag(sigma)).mean() ** 2 for sigma in mixture.covariances])


@mistake("spherical")
def the_average_variance_in_every_entry(mixture):
    """You write the average variance into every entry. It belongs on the diagonal; beside it there are zeros."""
    D = mixture.means.shape[1]
    averages = np.trace(mixture.covariances, axis1=1, axis2=2) / D
    return shaped(mixture, over(averages) * np.ones((D, D)))


@mistake("spherical")
def diagonals_that_differ(mixture):
    """You keep the variance of each coordinate: that is diagonal. A ball has one for all directions, tr Σ / D."""
    return RIGHT.diagonal(mixture)


@mistake("ridge")
def the_ridge_on_every_entry(mixture):
    """You add the ridge to every entry of the matrices. It belongs on the diagonal."""
    ridges = RIGHT.ridge(mixture).covariances - mixture.covariances
    return shaped(mixture, mixture.covariances + np.diagonal(ridges, axis1=1, axis2=2)[:, None, :])


def with_ridge(mixture, variances):
    return shaped(mixture, mixture.covariances + 1e-6 * variances)


@mistake("ridge")
def the_whole_total_covariance_as_ridge(mixture):
    """You add a part of the whole total covariance. Only its diagonal is added: the variances."""
    return with_ridge(mixture, RIGHT.total_covariance(mixture))


@mistake("ridge")
def a_part_of_its_own_variances(mixture):
    """Each component gets a part of its own variances. A component that collapses has none: take the variances of all
    the points."""
    return with_ridge(mixture, mixture.covariances * np.eye(mixture.means.shape[1]))


@mistake("ridge")
def a_part_of_the_average_variances(mixture):
    """You take a part of the average of the components' variances. Take the variances of all the points, with the
    spread between the means in them."""
    return with_ridge(mixture, RIGHT.tied(mixture).covariances * np.eye(mixture.means.shape[1]))


@mistake("ridge")
def one_ridge_for_all_directions(mixture):
    """You add the same number in every direction. Each has a unit of its own: take the variance along each."""
    total = RIGHT.total_covariance(mixture)
    return with_ridge(mixture, np.trace(total) / len(total) * np.eye(len(total)))


@mistake("ridge")
def a_part_of_the_standard_deviations(mixture):
    """You add a part of the standard deviations. On the diagonal are variances: add a part of the variance."""
    return with_ridge(mixture, np.diag(np.sqrt(np.diag(RIGHT.total_covariance(mixture)))))


@mistake("ridge", fraction=(1.0, 0.1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-7, 1e-8))
def another_fraction(mixture, fraction):
    """Your ridge is another part of the variances than the one that is asked for: the default fraction is 1e-6."""
    return with_ridge(mixture, fraction / 1e-6 * np.diag(np.diag(RIGHT.total_covariance(mixture))))
