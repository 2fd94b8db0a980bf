"""Chapter 04: count, weight, mean and covariance. An average is a sum and a divisor; each can be wrong by itself."""

import numpy as np

from gmm_tutorial.homework.course import RIGHT
from gmm_tutorial.homework.registry import mistake

SAMPLE_SIZES = (2, 3, 10, 20, 30, 50, 100, 150, 200, 250, 272, 300, 342, 400, 500, 600, 750, 900, 1000, 1500, 2000)


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


@mistake("count", threshold=(0.5, 0.0, 1e-3, 0.01, 0.1, 0.9))
def points_above_a_threshold_counted(responsibilities, threshold):
    """You count the points whose γ is above a threshold. Add up the responsibilities themselves: the doubt counts
    too."""
    return (responsibilities > threshold).sum(axis=0)


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


@mistake("count", skipped=(slice(1, None), slice(None, -1)))
def a_point_skipped_in_the_count(responsibilities, skipped):
    """One point at the end of the table is not counted. Does your loop start at one, or end one too early?"""
    return responsibilities[skipped].sum(axis=0)


@mistake("count")
def only_the_last_point_counted(responsibilities):
    """Only the last point is counted: the sum is overwritten in each round. Write +=, not =."""
    return responsibilities[-1]


@mistake("count")
def counts_averaged_over_the_points(responsibilities):
    """These are shares. A count is the sum over the points; do not divide it by N."""
    return responsibilities.mean(axis=0)


@mistake("count", direction=(1, -1))
def counts_in_order(responsibilities, direction):
    """Your counts are sorted. Each belongs to its component: keep the order of the columns."""
    return np.sort(responsibilities.sum(axis=0))[::direction]


@mistake("count")
def counts_rounded(responsibilities):
    """Your counts are whole numbers. A component explains a point in part, so keep the fractions."""
    return np.round(responsibilities.sum(axis=0))


@mistake("count")
def counts_cut_to_whole_numbers(responsibilities):
    """Your counts are cut to whole numbers: is the array that you add into one of integers? Use floats."""
    return np.trunc(responsibilities.sum(axis=0))


@mistake("count")
def parts_cut_before_they_are_added(responsibilities):
    """Only responsibilities of one are counted: each is cut to a whole number before it is added. Use floats."""
    return np.trunc(responsibilities).sum(axis=0)


@mistake("count")
def the_count_of_the_first_column_for_all(responsibilities):
    """Every component has the count of the first one: an index stayed at 0 inside the loop."""
    return np.full(responsibilities.shape[1], responsibilities[:, 0].sum())


@mistake("weight", added=(1.0, 0.5, 0.1, 0.01))
def something_added_to_each_count(responsibilities, added):
    """You add a number to every count, so that no weight is small. That is a prior; here it is Nₖ / N."""
    N, K = responsibilities.shape
    return (responsibilities.sum(axis=0) + added) / (N + K * added)


@mistake("weight", direction=(1, -1))
def weights_in_order(responsibilities, direction):
    """Your weights are sorted. Each belongs to its component: keep the order of the columns."""
    return np.sort(responsibilities.mean(axis=0))[::direction]


@mistake("weight")
def weights_through_a_softmax(responsibilities):
    """You send the counts through a softmax. They are positive already: divide them by their sum."""
    exponentials = np.exp(responsibilities.sum(axis=0) - responsibilities.sum(axis=0).max())
    return exponentials / exponentials.sum()


@mistake("weight")
def averages_through_a_softmax(responsibilities):
    """You send the averages through a softmax. They sum to one already."""
    exponentials = np.exp(responsibilities.mean(axis=0))
    return exponentials / exponentials.sum()


@mistake("weight")
def weights_divided_by_the_largest(responsibilities):
    """You divide by the largest count. Divide by the sum of all counts, which is N: then the weights sum to one."""
    counts = responsibilities.sum(axis=0)
    return counts / counts.max()


@mistake("weight")
def weights_divided_by_their_length(responsibilities):
    """You divide by the Euclidean norm of the counts. Divide by their sum: then the weights sum to one."""
    counts = responsibilities.sum(axis=0)
    return counts / np.linalg.norm(counts)


@mistake("weight")
def weights_divided_by_N_twice(responsibilities):
    """You divide by N twice, once with mean and once more. Once is enough."""
    return responsibilities.mean(axis=0) / len(responsibilities)


@mistake("weight")
def weights_divided_by_all_entries(responsibilities):
    """You divide by N · K, the number of entries of the table. Divide by N: each row of it sums to one."""
    return responsibilities.sum(axis=0) / responsibilities.size


@mistake("weight", digits=(1, 2, 3, 4))
def weights_rounded(responsibilities, digits):
    """You round your weights. Return what the formula gives; round only what you print."""
    return responsibilities.mean(axis=0).round(digits)


@mistake("weight")
def medians_in_place_of_averages(responsibilities):
    """You take the median of each column. The share of a component is the average."""
    return np.median(responsibilities, axis=0)


@mistake("weight")
def the_largest_of_each_column(responsibilities):
    """You take the largest responsibility of each component. Its share is the average over all points."""
    return responsibilities.max(axis=0)


# ---- where: mean(points, responsibilities)


def sums(points, responsibilities):
    return responsibilities.T @ points


def each(numbers):
    return np.asarray(numbers)[:, None]


def one_hot(responsibilities):
    return np.eye(responsibilities.shape[1])[responsibilities.argmax(axis=1)]


@mistake("divisor_of_the_mean")
def means_divided_by_N(points, responsibilities):
    """You divide by N, so every mean is pulled towards zero. Each component is averaged over its own count Nₖ."""
    return len(points)


@mistake("divisor_of_the_mean")
def means_not_divided(points, responsibilities):
    """These are weighted sums. An average is the sum divided by what was counted: divide by Nₖ."""
    return 1


@mistake("divisor_of_the_mean")
def means_divided_by_the_weight(points, responsibilities):
    """You divide by πₖ = Nₖ / N, so each mean is N times too large. Divide by Nₖ."""
    return responsibilities.mean(axis=0)


@mistake("divisor_of_the_mean")
def means_divided_by_one_less_than_the_count(points, responsibilities):
    """You divide by Nₖ − 1. That correction belongs to sample variances, and never to a mean: divide by Nₖ."""
    return responsibilities.sum(axis=0) - 1


@mistake("divisor_of_the_mean")
def means_divided_by_the_count_twice(points, responsibilities):
    """You divide by Nₖ twice: once the responsibilities, once their sum. Once is enough."""
    return responsibilities.sum(axis=0) ** 2


@mistake("divisor_of_the_mean")
def the_count_of_the_first_component_for_all(points, responsibilities):
    """Every component is divided by the count of the first one. Each has its own Nₖ."""
    return responsibilities[:, 0].sum()


@mistake("divisor_of_the_mean")
def the_count_of_the_last_component_for_all(points, responsibilities):
    """Every component is divided by the count of the last one. Each has its own Nₖ."""
    return responsibilities[:, -1].sum()


@mistake("divisor_of_the_mean")
def means_divided_by_the_number_of_components(points, responsibilities):
    """You divide by K. Each component is averaged over its own count Nₖ."""
    return responsibilities.shape[1]


@mistake("divisor_of_the_mean")
def means_divided_by_the_number_of_dimensions(points, responsibilities):
    """You divide by D. Each component is averaged over its own count Nₖ."""
    return points.shape[1]


@mistake("divisor_of_the_mean")
def means_divided_by_the_largest_count(points, responsibilities):
    """Every component is divided by the largest count. Each has its own Nₖ."""
    return responsibilities.sum(axis=0).max()


@mistake("divisor_of_the_mean")
def means_divided_by_counts_of_labels(points, responsibilities):
    """You add up soft shares and divide by how many points have the label. Divide by Nₖ, the sum of the shares."""
    return one_hot(responsibilities).sum(axis=0)


@mistake("divisor_of_the_mean")
def means_divided_by_counts_in_another_order(points, responsibilities):
    """You divide by the counts in another order: that of the other components. Each sum has its own count."""
    return responsibilities.sum(axis=0)[::-1]


@mistake("divisor_of_the_mean")
def means_divided_by_the_sum_of_the_squares(points, responsibilities):
    """You divide by Σ γ². What stands above the line is weighted with γ, so divide by Σ γ = Nₖ."""
    return np.square(responsibilities).sum(axis=0)


@mistake("divisor_of_the_mean")
def means_multiplied_by_the_count(points, responsibilities):
    """You multiply by Nₖ. An average is the sum divided by what was counted."""
    return 1 / responsibilities.sum(axis=0)


@mistake("weighted_sum")
def a_sum_over_all_coordinates(points, responsibilities):
    """All coordinates of a mean are equal in your answer, since one sum runs over everything. Sum over the points only:
    axis=0."""
    return np.repeat(each(sums(points, responsibilities).sum(axis=1)), points.shape[1], axis=1)


@mistake("weighted_sum")
def only_the_last_point_in_the_sum(points, responsibilities):
    """Only the last point is left in your sum: it is overwritten in each round. Write +=, not =."""
    return each(responsibilities[-1]) * points[-1]


@mistake("weighted_sum", skipped=(slice(1, None), slice(None, -1)))
def a_point_skipped_in_the_sum(points, responsibilities, skipped):
    """The first point or the last one is not in your sum. Does your loop start at one, or end one too early?"""
    return sums(points[skipped], responsibilities[skipped])


@mistake("weighted_sum")
def a_sum_of_the_points_without_responsibilities(points, responsibilities):
    """You add up all the points, and divide by the count of the component. Count each point γₙₖ times."""
    return np.repeat(points.sum(axis=0)[None], responsibilities.shape[1], axis=0)


@mistake("weighted_sum")
def responsibilities_squared_above_the_line(points, responsibilities):
    """The responsibilities are applied twice above the line, and once below. Apply each γₙₖ once."""
    return sums(points, responsibilities**2)


@mistake("weighted_sum")
def the_responsibilities_of_the_first_component_for_all(points, responsibilities):
    """Every sum uses the first column of the responsibilities: an index stayed at 0 inside the loop. Use column k."""
    return np.repeat(sums(points, responsibilities)[:1], responsibilities.shape[1], axis=0)


@mistake("weighted_sum")
def labels_above_the_line(points, responsibilities):
    """You add up the points of each label, and divide by the soft count. Count each point γₙₖ times above the line,
    too."""
    return sums(points, one_hot(responsibilities))


@mistake("weighted_sum")
def the_first_coordinate_for_all(points, responsibilities):
    """All coordinates of a mean are those of the first one: an index stayed at 0. Use each coordinate of the points."""
    return np.repeat(sums(points, responsibilities)[:, :1], points.shape[1], axis=1)


@mistake("weighted_sum")
def a_running_sum_over_the_components(points, responsibilities):
    """Your sum is not set back to zero for the next component, so each contains those before it. Start anew for every
    k."""
    return np.cumsum(sums(points, responsibilities), axis=0)


@mistake("mean")
def divided_in_every_round(points, responsibilities):
    """You divide inside the loop over the points, so what was added first is divided again and again. Add up first, and
    divide once, after the loop."""
    counts, total = responsibilities.sum(axis=0), np.zeros((responsibilities.shape[1], points.shape[1]))
    for gamma, point in zip(responsibilities, points):
        total = (total + each(gamma) * point) / each(counts)
    return total


@mistake("mean")
def means_without_responsibilities(points, responsibilities):
    """Every component gets the mean of all points. Count each point as often as the component explains it: γₙₖ
    times."""
    return np.repeat(points.mean(axis=0)[None], responsibilities.shape[1], axis=0)


@mistake("mean")
def means_of_the_labeled_points(points, responsibilities):
    """You average the points of one label each, as k-means does. Points in doubt belong to several components in
    part."""
    labels = one_hot(responsibilities)
    return sums(points, labels) / each(labels.sum(axis=0))


@mistake("mean", above=(0.5, 1 / 3, 0.3, 0.1))
def means_of_the_points_above_a_threshold(points, responsibilities, above):
    """You average the points whose responsibility is above a threshold. Count every point γₙₖ times."""
    chosen = (responsibilities > above) * 1.0
    return sums(points, chosen) / each(chosen.sum(axis=0))


@mistake("mean")
def medians_of_the_labeled_points(points, responsibilities):
    """You take medians of the points of one label. The formula is an average, with γₙₖ as weights."""
    labels = responsibilities.argmax(axis=1)
    return np.array([np.median(points[labels == k], axis=0) for k in range(responsibilities.shape[1])])


@mistake("mean")
def means_with_squared_responsibilities(points, responsibilities):
    """Your averages use γ² as weights, so points in doubt count too little. Use γ itself, above and below the line."""
    return sums(points, responsibilities**2) / each(np.square(responsibilities).sum(axis=0))


@mistake("mean")
def the_point_that_belongs_most(points, responsibilities):
    """You return the point with the largest responsibility. The mean is an average over all points."""
    return points[responsibilities.argmax(axis=0)]


@mistake("mean")
def means_of_centered_points(points, responsibilities):
    """You subtract the mean of all points, and do not add it again. These are the means of centered points."""
    return RIGHT.mean(points - points.mean(axis=0), responsibilities)


@mistake("mean", moved=(np.flipud, lambda x: np.sort(x, axis=0), lambda x: np.roll(x, 1, axis=0),
                        lambda x: np.roll(x, -1, axis=0), lambda x: x[np.argsort(x[:, 0])]))  # fmt: skip
def points_beside_the_responsibilities_of_others(points, responsibilities, moved):
    """Your points and your responsibilities are not in one order: something is sorted, reversed or shifted. Row n of
    both belongs to one point."""
    return RIGHT.mean(moved(points), responsibilities)


@mistake("mean")
def the_last_mean_copied_from_the_first(points, responsibilities):
    """The last component has the mean of the first: a line was copied, and one index stayed. Written twice? Loop over
    k."""
    means = RIGHT.mean(points, responsibilities)
    means[-1] = means[0]
    return means


@mistake("mean", which=(0, -1))
def one_mean_for_all_components(points, responsibilities, which):
    """All components have one and the same mean, that of the first or the last. Does your loop use k?"""
    means = RIGHT.mean(points, responsibilities)
    return np.repeat(means[which][None], len(means), axis=0)


@mistake("mean", digits=(0, 1, 2, 3, 4))
def means_rounded(points, responsibilities, digits):
    """You round your means. Return what the formula gives; round only what you print."""
    return RIGHT.mean(points, responsibilities).round(digits)


@mistake("mean")
def means_cut_to_whole_numbers(points, responsibilities):
    """Your means are cut to whole numbers: is the array that you fill one of integers? Use floats, np.zeros((K, D))."""
    return np.trunc(RIGHT.mean(points, responsibilities))


@mistake("mean")
def means_divided_with_two_slashes(points, responsibilities):
    """The division // rounds down. Divide with one slash."""
    return np.floor(RIGHT.mean(points, responsibilities))


@mistake("mean")
def one_column_for_each_mean(points, responsibilities):
    """Your array is (D, K). A row is one component: write responsibilities.T @ points, or transpose at the end."""
    return RIGHT.mean(points, responsibilities).T


@mistake("mean", direction=(1, -1))
def means_in_order(points, responsibilities, direction):
    """Your means are sorted. Each belongs to its component: keep the order of the columns of the responsibilities."""
    means = RIGHT.mean(points, responsibilities)
    return means[np.argsort(means[:, 0])[::direction]]


@mistake("mean", direction=(1, -1))
def coordinates_of_the_means_in_order(points, responsibilities, direction):
    """Each coordinate of your means is sorted by itself. Keep the order of the components."""
    return np.sort(RIGHT.mean(points, responsibilities), axis=0)[::direction]


@mistake("mean")
def the_last_mean_left_at_zero(points, responsibilities):
    """The last component has no mean: its row is zero. Does your loop end one too early?"""
    means = RIGHT.mean(points, responsibilities)
    means[-1] = 0
    return means


@mistake("mean")
def responsibilities_normalized_over_the_points_by_a_softmax(points, responsibilities):
    """You send the responsibilities through a softmax. They are probabilities already: divide by their sum Nₖ."""
    exponentials = np.exp(responsibilities)
    return sums(points, exponentials) / each(exponentials.sum(axis=0))


@mistake("mean")
def points_averaged_after_they_were_weighted(points, responsibilities):
    """You average γ x over the points, which divides by N, and divide by Nₖ as well. Divide the sum by Nₖ alone."""
    return sums(points, responsibilities) / len(points) / each(responsibilities.sum(axis=0))


# ---- how wide: covariance(points, responsibilities, means)


def scatter(points, responsibilities, centers):
    deviations = points - np.asarray(centers)[:, None]
    return np.einsum("nk,kni,knj->kij", responsibilities, deviations, deviations)


def over(numbers):
    return np.asarray(numbers)[:, None, None]


@mistake("divisor_of_the_covariance")
def covariances_divided_by_N(points, responsibilities):
    """You divide by N, so every covariance shrinks. Each component is averaged over its own count Nₖ."""
    return len(points)


@mistake("divisor_of_the_covariance")
def covariances_not_divided(points, responsibilities):
    """These are weighted sums of outer products. A covariance is their average: divide by Nₖ."""
    return 1


@mistake("divisor_of_the_covariance")
def one_less_than_the_count(points, responsibilities):
    """You divide by Nₖ − 1. That is unbiased for one sample, but the maximum of the likelihood divides by Nₖ, and with
    another divisor EM may fall."""
    return responsibilities.sum(axis=0) - 1


@mistake("divisor_of_the_covariance")
def one_less_than_the_number_of_points_in_the_covariance(points, responsibilities):
    """You divide by N − 1. Each component is averaged over its own count Nₖ."""
    return len(points) - 1


@mistake("divisor_of_the_covariance")
def covariances_divided_by_the_weight(points, responsibilities):
    """You divide by πₖ = Nₖ / N, so each covariance is N times too large. Divide by Nₖ."""
    return responsibilities.mean(axis=0)


@mistake("divisor_of_the_covariance")
def covariances_divided_by_the_count_twice(points, responsibilities):
    """You divide by Nₖ twice. Once is enough."""
    return responsibilities.sum(axis=0) ** 2


@mistake("divisor_of_the_covariance", which=(0, -1))
def the_count_of_one_component_for_all_covariances(points, responsibilities, which):
    """Every covariance is divided by the count of one and the same component. Each has its own Nₖ."""
    return responsibilities[:, which].sum()


@mistake("divisor_of_the_covariance")
def covariances_divided_by_the_number_of_components(points, responsibilities):
    """You divide by K. Each component is averaged over its own count Nₖ."""
    return responsibilities.shape[1]


@mistake("divisor_of_the_covariance")
def covariances_divided_by_the_number_of_dimensions(points, responsibilities):
    """You divide by D. Each component is averaged over its own count Nₖ."""
    return points.shape[1]


@mistake("divisor_of_the_covariance")
def covariances_divided_by_counts_of_labels(points, responsibilities):
    """You add up soft shares and divide by how many points have the label. Divide by Nₖ, the sum of the shares."""
    return one_hot(responsibilities).sum(axis=0)


@mistake("divisor_of_the_covariance")
def covariances_divided_by_the_sum_of_the_squares(points, responsibilities):
    """You divide by Σ γ². What stands above the line is weighted with γ, so divide by Σ γ = Nₖ."""
    return np.square(responsibilities).sum(axis=0)


@mistake("scatter")
def responsibilities_applied_twice(points, responsibilities, means):
    """Both factors of the outer product carry γ, so it counts twice and the covariances are too small. Weight the
    product once."""
    return scatter(points, responsibilities**2, means)


@mistake("scatter")
def roots_of_responsibilities_in_the_scatter(points, responsibilities, means):
    """You weight with the root of γ in all. The root belongs on each of the two factors: together they make γ once."""
    return scatter(points, np.sqrt(responsibilities), means)


@mistake("scatter")
def covariances_about_zero(points, responsibilities, means):
    """The mean is not subtracted: this is the second moment about zero. Spread is measured about the component's
    mean."""
    return scatter(points, responsibilities, 0 * means)


@mistake("scatter")
def covariances_about_the_mean_of_all_points(points, responsibilities, means):
    """You subtract the mean of all points. Each component spreads about its own mean μₖ."""
    return scatter(points, responsibilities, 0 * means + points.mean(axis=0))


@mistake("scatter", which=(0, -1))
def covariances_about_one_of_the_means(points, responsibilities, means, which):
    """You subtract the mean of one and the same component, the first or the last, everywhere. Each component spreads
    about its own mean μₖ: is a variable of an earlier loop still in use?"""
    return scatter(points, responsibilities, np.repeat(means[which][None], len(means), axis=0))


@mistake("scatter")
def the_mean_added_to_the_points(points, responsibilities, means):
    """You add the mean. A deviation is x − μ."""
    return scatter(points, responsibilities, -means)


@mistake("scatter")
def points_without_their_responsibilities(points, responsibilities, means):
    """You add up the outer products of all points fully, and divide by Nₖ. Count each point γₙₖ times."""
    return scatter(points, np.ones_like(responsibilities), means)


@mistake("scatter")
def the_first_column_of_the_responsibilities_for_all(points, responsibilities, means):
    """Every covariance uses the first column of the responsibilities: an index stayed at 0. Use column k."""
    return scatter(points, np.repeat(responsibilities[:, :1], len(means), axis=1), means)


@mistake("scatter")
def only_the_last_point_in_the_scatter(points, responsibilities, means):
    """Only the last point is left in your sum: it is overwritten in each round. Write +=, not =."""
    return scatter(points[-1:], responsibilities[-1:], means)


@mistake("scatter", skipped=(slice(1, None), slice(None, -1)))
def a_point_skipped_in_the_scatter(points, responsibilities, means, skipped):
    """The first point or the last one is not in your sum. Does your loop start at one, or end one too early?"""
    return scatter(points[skipped], responsibilities[skipped], means)


@mistake("scatter")
def labels_in_the_scatter(points, responsibilities, means):
    """You add up the points of each label, and divide by the soft count. Weight each outer product with γₙₖ."""
    return scatter(points, one_hot(responsibilities), means)


@mistake("scatter")
def a_scatter_that_goes_on_from_the_component_before(points, responsibilities, means):
    """Your sum is not set back to zero for the next component, so each contains those before it. Start anew for every
    k."""
    return np.cumsum(scatter(points, responsibilities, means), axis=0)


@mistake("scatter")
def absolute_deviations(points, responsibilities, means):
    """You multiply absolute deviations, so nothing can vary in opposite directions. Keep the signs."""
    deviations = np.abs(points - means[:, None])
    return np.einsum("nk,kni,knj->kij", responsibilities, deviations, deviations)


@mistake("scatter")
def the_product_of_averaged_deviations(points, responsibilities, means):
    """You average the deviations first and then take the outer product; about the mean they cancel. Take the outer
    product of each point, and then the average."""
    sums_of_deviations = np.einsum("nk,knd->kd", responsibilities, points - means[:, None])
    return np.einsum("ki,kj->kij", sums_of_deviations, sums_of_deviations)


@mistake("covariance")
def second_moments_less_the_mean_itself(points, responsibilities, means):
    """You subtract μ, not μ μᵀ, from the second moment."""
    second = scatter(points, responsibilities, 0 * means) / over(responsibilities.sum(axis=0))
    return second - means[:, None, :]


@mistake("covariance")
def the_mean_subtracted_from_the_second_moment_with_another_sign(points, responsibilities, means):
    """You add μ μᵀ to the second moment. It is subtracted: E[x xᵀ] − μ μᵀ."""
    second = scatter(points, responsibilities, 0 * means) / over(responsibilities.sum(axis=0))
    return second + np.einsum("ki,kj->kij", means, means)


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
def a_number_times_the_identity(points, responsibilities, means):
    """Your product is (1, D) times (D, 1), which is one number, and it fills the whole diagonal. Turn it round: (D, 1)
    times (1, D) is a matrix."""
    numbers = np.trace(RIGHT.covariance(points, responsibilities, means), axis1=1, axis2=2)
    return over(numbers) * np.eye(points.shape[1])


@mistake("covariance")
def one_variance_for_all_directions(points, responsibilities, means):
    """Each of your components is a ball. Keep a matrix for each component: the points may spread more one way than
    another."""
    covariances = RIGHT.covariance(points, responsibilities, means)
    return over(np.trace(covariances, axis1=1, axis2=2) / points.shape[1]) * np.eye(points.shape[1])


@mistake("covariance")
def covariances_without_responsibilities(points, responsibilities, means):
    """Every point counts fully for each component. Count it γₙₖ times, above and below the line."""
    return scatter(points, np.ones_like(responsibilities), means) / len(points)


@mistake("covariance", correction=(0, 1))
def the_covariance_of_all_points_for_each_component(points, responsibilities, means, correction):
    """Every component gets the covariance of all the points. Weight each point with γₙₖ and subtract the component's
    mean."""
    return np.repeat(np.atleast_2d(np.cov(points.T, ddof=correction))[None], len(means), axis=0)


@mistake("covariance", correction=(0, 1))
def points_as_columns(points, responsibilities, means, correction):
    """np.cov takes one row for each variable, so your matrices are (N, N). Hand over points.T, or pass rowvar=False."""
    deviations = points - points.mean(axis=1, keepdims=True)
    return np.repeat((deviations @ deviations.T)[None] / (points.shape[1] - correction), len(means), axis=0)


@mistake("covariance", correction=(0, 1))
def covariances_of_the_labeled_points(points, responsibilities, means, correction):
    """You use the points of one label each. Points in doubt belong to several components in part: weight them with
    γₙₖ."""
    labels = one_hot(responsibilities)
    return scatter(points, labels, means) / over(labels.sum(axis=0) - correction)


@mistake("covariance", correction=(0, 1))
def covariances_of_the_labeled_points_about_their_own_means(points, responsibilities, means, correction):
    """You use np.cov of the points of one label each. Points in doubt belong to several components in part: weight them
    with γₙₖ, about the mean that you are given."""
    labels = responsibilities.argmax(axis=1)
    return np.array(
        [np.atleast_2d(np.cov(points[labels == k].T, ddof=correction)) for k in range(responsibilities.shape[1])]
    )


@mistake("covariance", floor=(1.0, 0.1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8))
def a_hidden_floor_on_the_diagonal(points, responsibilities, means, floor):
    """You add a small number to each diagonal. It hides a collapse, and it depends on the unit of your data. Return
    what the formula says; a floor is a choice that the caller sees: constraint=gmm.ridge."""
    return RIGHT.covariance(points, responsibilities, means) + floor * np.eye(points.shape[1])


@mistake("covariance", floor=(0.1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8))
def a_hidden_floor_under_every_entry(points, responsibilities, means, floor):
    """You add a small number to every entry of the covariances. Return what the formula says; and a floor, where it is
    wanted, goes on the diagonal only: floor * np.eye(D)."""
    return RIGHT.covariance(points, responsibilities, means) + floor


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


@mistake("covariance", which=(0, -1))
def the_covariance_of_one_component_for_all(points, responsibilities, means, which):
    """All components have the covariance of one of them, the first or the last. Does your loop use k everywhere?"""
    covariances = RIGHT.covariance(points, responsibilities, means)
    return np.repeat(covariances[which][None], len(means), axis=0)


@mistake("covariance")
def the_last_covariance_copied_from_the_first(points, responsibilities, means):
    """The last component has the covariance of the first: a line was copied, and one index stayed. Loop over k."""
    covariances = RIGHT.covariance(points, responsibilities, means)
    covariances[-1] = covariances[0]
    return covariances


@mistake("covariance")
def the_last_covariance_left_out(points, responsibilities, means):
    """The last component has no covariance: its matrix is zero. Does your loop end one too early?"""
    covariances = RIGHT.covariance(points, responsibilities, means)
    covariances[-1] = 0
    return covariances


@mistake("covariance")
def standard_deviations_in_place_of_variances(points, responsibilities, means):
    """You take the root of every number. A covariance has the units of the points squared: leave the root out."""
    return np.sqrt(np.abs(RIGHT.covariance(points, responsibilities, means)))


@mistake("covariance")
def standard_deviations_on_the_diagonal(points, responsibilities, means):
    """Your matrices hold standard deviations on the diagonal and nothing beside it. A covariance holds variances, and
    the covariances beside them."""
    return np.sqrt(RIGHT.covariance(points, responsibilities, means) * np.eye(points.shape[1]))


@mistake("covariance")
def correlations_in_place_of_covariances(points, responsibilities, means):
    """Your diagonals are all one: these are correlations. A covariance keeps the spread, so do not divide it away."""
    covariances = RIGHT.covariance(points, responsibilities, means)
    deviations = np.sqrt(np.diagonal(covariances, axis1=1, axis2=2))
    return covariances / deviations[:, :, None] / deviations[:, None, :]


@mistake("covariance")
def precisions_in_place_of_covariances(points, responsibilities, means):
    """These are the inverses of the covariances, the precisions. Return the covariances themselves."""
    return np.linalg.inv(RIGHT.covariance(points, responsibilities, means))


@mistake("covariance")
def factors_in_place_of_covariances(points, responsibilities, means):
    """These are the Cholesky factors of the covariances. Return the covariances themselves, L Lᵀ."""
    return np.linalg.cholesky(RIGHT.covariance(points, responsibilities, means))


@mistake("covariance", half=(np.triu, np.tril))
def half_of_each_matrix(points, responsibilities, means, half):
    """Only one triangle of each matrix is filled. A covariance is symmetric: fill [i, j] and [j, i]."""
    return half(RIGHT.covariance(points, responsibilities, means))


@mistake("covariance", digits=(0, 1, 2, 3, 4))
def covariances_rounded(points, responsibilities, means, digits):
    """You round your covariances. Return what the formula gives; round only what you print."""
    return RIGHT.covariance(points, responsibilities, means).round(digits)


@mistake("covariance")
def covariances_cut_to_whole_numbers(points, responsibilities, means):
    """Your covariances are cut to whole numbers: is the array that you fill one of integers? Use floats."""
    return np.trunc(RIGHT.covariance(points, responsibilities, means))


@mistake("covariance")
def covariances_squared(points, responsibilities, means):
    """Every number is the square of what it should be: was a covariance squared as if it were a standard deviation?"""
    return np.square(RIGHT.covariance(points, responsibilities, means))


# ---- the whole step: m_step(points, responsibilities)


@mistake("m_step")
def an_m_step_with_labels(points, responsibilities):
    """Each point goes wholly to its most probable component: that is the step of k-means. Keep the responsibilities
    soft, in all three formulas."""
    return RIGHT.m_step(points, one_hot(responsibilities))


@mistake("m_step")
def an_m_step_without_responsibilities(points, responsibilities):
    """Every component gets the same numbers, since the responsibilities are not used. Count each point γₙₖ times."""
    return RIGHT.m_step(points, np.full_like(responsibilities, 1 / responsibilities.shape[1]))


@mistake("m_step", direction=(1, -1))
def an_m_step_in_order(points, responsibilities, direction):
    """Your components are sorted. Keep the order of the columns of the responsibilities."""
    weights, means, covariances = RIGHT.m_step(points, responsibilities)
    order = np.argsort(weights)[::direction]
    return weights[order], means[order], covariances[order]
