"""Chapters 01 and 05, centers: squared_distance, hard_responsibility, kmeans, mixture_around; how starts are drawn."""

import numpy as np

from gmm_tutorial.homework.course import RIGHT
from gmm_tutorial.homework.registry import mistake, symptom

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


@mistake("squared_distance")
def one_column_for_each_point(points, centers):
    """Your array is (K, N). A row is a point, so it should be (N, K): stack along axis=1, or transpose."""
    return RIGHT.squared_distance(points, centers).T


@mistake("squared_distance")
def the_largest_difference(points, centers):
    """You take the largest of the differences. Square all of them, and add them up."""
    return np.abs(points[:, None] - centers).max(axis=2)


@mistake("squared_distance")
def the_first_coordinate_alone(points, centers):
    """You look at the first coordinate only. Add up the squares along all of them."""
    return np.square(points[:, :1] - centers[:, 0])


@mistake("squared_distance")
def the_last_coordinate_alone(points, centers):
    """Only the last coordinate is left in your sum: it is overwritten in each round. Write +=, not =."""
    return np.square(points[:, -1:] - centers[:, -1])


@mistake("squared_distance")
def the_square_of_the_sum(points, centers):
    """You add the differences first and square their sum, so they cancel. Square each of them, then add."""
    return np.square((points[:, None] - centers).sum(axis=2))


@mistake("squared_distance")
def the_square_of_the_sum_of_absolute_differences(points, centers):
    """You add absolute differences and square the sum. Square each difference, then add."""
    return np.square(np.abs(points[:, None] - centers).sum(axis=2))


@mistake("squared_distance")
def a_square_squared(points, centers):
    """You square the squared distance once more. Square the differences once, and add."""
    return RIGHT.squared_distance(points, centers) ** 2


@mistake("squared_distance")
def half_of_the_square(points, centers):
    """You halve the squared distance. Here it is whole."""
    return RIGHT.squared_distance(points, centers) / 2


@mistake("squared_distance", which=(0, -1))
def one_center_for_all(points, centers, which):
    """All your columns measure from one and the same center, the first or the last. Does your loop use k?"""
    return np.repeat(RIGHT.squared_distance(points, centers)[:, which, None], len(centers), axis=1)


@mistake("squared_distance", factor=(1, 2, -1))
def the_binomial_with_another_middle_term(points, centers, factor):
    """Multiplied out, |x − c|² is |x|² − 2 x·c + |c|². Your middle term has another sign or another factor."""
    return np.square(points).sum(axis=1)[:, None] + factor * points @ centers.T + np.square(centers).sum(axis=1)


@mistake("squared_distance")
def the_binomial_without_the_points(points, centers):
    """Multiplied out, |x − c|² is |x|² − 2 x·c + |c|². You left out |x|²: the nearest center is the same, the distance
    is not."""
    return -2 * points @ centers.T + np.square(centers).sum(axis=1)


@mistake("hard_responsibility")
def ties_given_to_all(points, centers):
    """A point that is halfway between centers belongs to both in your answer, and its row does not sum to one. Of
    equals the first gets it: argmin."""
    distances = RIGHT.squared_distance(points, centers)
    return (distances == distances.min(axis=1, keepdims=True)) * 1.0


@mistake("hard_responsibility")
def ties_shared_out(points, centers):
    """A point that is halfway between centers is shared between them. Here it belongs to the first of them, wholly."""
    distances = RIGHT.squared_distance(points, centers)
    nearest = (distances == distances.min(axis=1, keepdims=True)) * 1.0
    return nearest / nearest.sum(axis=1, keepdims=True)


@mistake("hard_responsibility")
def ties_given_to_the_last(points, centers):
    """A point that is halfway between centers goes to the last of them. Of equals the first gets it: compare with <,
    not <=."""
    distances = RIGHT.squared_distance(points, centers)[:, ::-1]
    return np.eye(len(centers))[len(centers) - 1 - distances.argmin(axis=1)]


@mistake("hard_responsibility")
def numbers_in_place_of_rows(points, centers):
    """You return the number of the nearest center. A row for each point is asked for: a one in the column of its
    center, zeros elsewhere, np.eye(K)[numbers]."""
    return RIGHT.squared_distance(points, centers).argmin(axis=1)


@mistake("hard_responsibility")
def soft_shares(points, centers):
    """You share each point out by distance. Here it belongs to its nearest center, wholly."""
    exponentials = np.exp(-RIGHT.squared_distance(points, centers))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


@mistake("hard_responsibility")
def one_column_for_each_point_of_a_center(points, centers):
    """Your array is (K, N). A row is a point, so it should be (N, K)."""
    return RIGHT.hard_responsibility(points, centers).T


@mistake("kmeans", rounds=(2, 3, 4, 5, 10))
def k_means_that_stops_too_soon(points, centers, rounds):
    """You stop after a fixed number of rounds, and the centers would still move. Go on until they do not."""
    return rounds_of(points, centers, moved, rounds)


def moved(points, sides, centers):
    """Each center at the mean of its points, if it has any."""
    return np.where(sides.sum(axis=0)[:, None] > 0, RIGHT.mean(points, sides), centers)


def rounds_of(points, centers, update, rounds=60):
    for _ in range(rounds):
        before, centers = centers, update(points, RIGHT.hard_responsibility(points, centers), centers)
        if np.array_equal(before, centers, equal_nan=True):
            break
    return centers


@mistake("kmeans")
def medians_in_place_of_means(points, centers):
    """You move each center to the median of its points. k-means takes the mean."""

    def update(points, sides, centers):
        chosen = [points[side > 0] for side in sides.T]
        return np.array([np.median(own, axis=0) if len(own) else c for own, c in zip(chosen, centers)])

    return rounds_of(points, centers, update)


@mistake("kmeans")
def centers_that_are_points(points, centers):
    """You move each center to one of the points, as k-medoids does. k-means takes the mean."""

    def update(points, sides, centers):
        means = RIGHT.mean(points, sides)
        return points[RIGHT.squared_distance(means, points).argmin(axis=1)]

    return rounds_of(points, centers, update)


@mistake("kmeans")
def the_numbers_of_the_centers(points, centers):
    """You return the number of the nearest center for each point. The centers themselves are asked for, (K, D)."""
    return RIGHT.squared_distance(points, RIGHT.kmeans(points, centers)).argmin(axis=1)


@mistake("kmeans")
def the_sides_of_the_points(points, centers):
    """You return which center each point belongs to. The centers themselves are asked for, (K, D)."""
    return RIGHT.hard_responsibility(points, RIGHT.kmeans(points, centers))


@mistake("kmeans")
def sums_in_place_of_means(points, centers):
    """You move each center to the sum of its points. Divide by how many they are."""
    return rounds_of(points, centers, lambda points, sides, centers: sides.T @ points)


@mistake("kmeans", rounds=(15, 1, 2, 3, 5, 10))
def centers_moved_in_part(points, centers, rounds):
    """You move each center half of the way. k-means puts it on the mean of its points."""

    def update(points, sides, centers):
        return (centers + RIGHT.mean(points, sides)) / 2

    return rounds_of(points, centers, update, rounds)


@mistake("kmeans", direction=(1, -1))
def centers_in_order(points, centers, direction):
    """Your centers are sorted. Keep the order in which they were given."""
    found = RIGHT.kmeans(points, centers)
    return found[np.argsort(found[:, 0])[::direction]]


@mistake("kmeans")
def an_emptied_center_becomes_nan(points, centers):
    """A center that loses all its points becomes NaN, the mean of nothing. It stays where it is: move only centers that
    have points."""
    return rounds_of(points, centers, lambda points, sides, centers: RIGHT.mean(points, sides))


@mistake("kmeans")
def an_emptied_center_becomes_zero(points, centers):
    """A center that loses all its points moves to zero. It stays where it is: move only centers that have points."""

    def update(points, sides, centers):
        return np.nan_to_num(RIGHT.mean(points, sides))

    return rounds_of(points, centers, update)


@mistake("mixture_around")
def equal_balls_around_the_centers(points, centers):
    """All your covariances are the identity. Take the pooled covariance of the points around the centers."""
    weights, means, covariances = RIGHT.mixture_around(points, centers)
    return weights, means, np.zeros_like(covariances) + np.eye(points.shape[1])


@mistake("mixture_around")
def covariances_averaged_without_their_shares(points, centers):
    """You average the covariances as if all groups were equally large. Weight each with its share: Σₖ πₖ Σₖ."""
    weights, means, covariances = RIGHT.m_step(points, RIGHT.hard_responsibility(points, centers))
    return weights, means, np.repeat(covariances.mean(axis=0)[None], len(means), axis=0)


@mistake("mixture_around")
def the_mixture_around_the_end_of_k_means(points, centers):
    """You run k-means first. Take the points nearest to the centers as they are given."""
    return RIGHT.mixture_around(points, RIGHT.kmeans(points, centers))


# ---- how starts are drawn: seen are many draws; a preference gives each point its chance


def any_other_point(distances):
    return np.sign(distances.min(axis=1))


def far_from_the_nearest(distances):
    return distances.min(axis=1)


@symptom("kmeans_plus_plus")
def the_farthest_center_decides(seen):
    """A point far from any one center is preferred, though another center may be beside it. The nearest center decides:
    take the minimum over the centers."""
    return seen.drawn_by(lambda distances: distances.max(axis=1))


@symptom("kmeans_plus_plus")
def distances_that_are_not_squared(seen):
    """Your chances follow the distance. k-means++ draws in proportion to its square."""
    return seen.drawn_by(lambda distances: np.sqrt(distances.min(axis=1)))


@symptom("kmeans_plus_plus")
def distances_squared_twice(seen):
    """Your chances follow the fourth power of the distance: it was squared already."""
    return seen.drawn_by(lambda distances: distances.min(axis=1) ** 2)


@symptom("kmeans_plus_plus")
def every_other_point_alike(seen):
    """Your starts do not look at distances: every other point has the same chance. Draw in proportion to the squared
    distance from the nearest center."""
    return seen.drawn_by(any_other_point)


@symptom("kmeans_plus_plus", "random_points")
def every_point_alike_even_one_that_is_taken(seen):
    """A point may be drawn twice, and then two components start out equal and stay so. Draw without putting back."""
    return seen.drawn_by(lambda distances: np.ones(len(distances)))


@symptom("kmeans_plus_plus")
def the_farthest_point_always(seen):
    """You take the point that is farthest from its nearest center, so an outlier is always chosen; a softmax of the
    distances does nearly the same. Draw with chances, and an outlier is one point among many."""
    return seen.drawn_by(lambda distances: distances.min(axis=1) == distances.min(axis=1).max())


@symptom("kmeans_plus_plus")
def the_farthest_from_the_sum_of_all(seen):
    """You take the point with the largest sum of distances to the centers. Draw it with chances that follow the squared
    distance from the nearest one."""
    return seen.drawn_by(lambda distances: distances.sum(axis=1) == distances.sum(axis=1).max())


@symptom("kmeans_plus_plus")
def the_last_center_only(seen):
    """You look at the last center only, so a point beside an earlier one may come. Take the nearest of all centers so
    far."""
    return seen.drawn_by(lambda distances: distances[:, -1])


@symptom("kmeans_plus_plus")
def the_first_center_only(seen):
    """You look at the first center only, so a point beside a later one may come. Compute the distances anew each time,
    from the nearest of all centers so far."""
    return seen.drawn_by(lambda distances: distances[:, 0])


@symptom("kmeans_plus_plus")
def all_the_others_by_the_first_center(seen):
    """All other centers are drawn by their distance from the first one, at once. Draw one after the other, each by the
    distance from the nearest center so far."""
    return seen.drawn_by(lambda distances: distances[:, 0] * (distances.min(axis=1) > 0))


@symptom("kmeans_plus_plus")
def distances_added_over_the_centers(seen):
    """You add the distances to all centers. One center nearby is reason enough not to go there: take the minimum."""
    return seen.drawn_by(lambda distances: distances.sum(axis=1))


@symptom("kmeans_plus_plus")
def near_points_preferred(seen):
    """You prefer points near the centers. The chance grows with the squared distance."""

    def preference(distances):
        nearest = distances.min(axis=1)
        return np.divide(1, nearest, out=np.zeros_like(nearest), where=nearest > 0)

    return seen.drawn_by(preference)


@symptom("kmeans_plus_plus")
def the_first_row_as_first_center(seen):
    """Your first center is always the first row, so all restarts begin alike. Draw it from all points."""
    return seen.drawn_by(far_from_the_nearest, first=0)


@symptom("kmeans_plus_plus")
def the_last_row_as_first_center(seen):
    """Your first center is always the last row, so all restarts begin alike. Draw it from all points."""
    return seen.drawn_by(far_from_the_nearest, first=-1)


@symptom("kmeans_plus_plus")
def the_first_row_and_then_the_farthest(seen):
    """You start with the first row, and take the farthest point each time: nothing is drawn. Draw the first one from
    all points, the others with chances."""
    return seen.drawn_by(lambda distances: distances.min(axis=1) == distances.min(axis=1).max(), first=0)


@symptom("random_points")
def the_first_row_and_then_any(seen):
    """Your first center is always the first row. Draw it too."""
    return seen.drawn_by(any_other_point, first=0)


@symptom("kmeans_plus_plus", "random_points")
def the_first_rows(seen):
    """Your centers are the first rows. In sorted data these lie side by side: draw the indices."""
    return seen.drawn_by(lambda distances: np.arange(len(distances)) == distances.shape[1], first=0)


@symptom("random_points")
def rows_beside_each_other(seen):
    """Your centers are rows beside each other, from a place that is drawn. In sorted data these lie side by side: draw
    each index."""
    return seen.drawn_in_a_row()


@symptom("random_points")
def far_points_preferred(seen):
    """You prefer points far from the centers so far, as k-means++ does. Here every point has the same chance."""
    return seen.drawn_by(far_from_the_nearest)


@symptom("kmeans_plus_plus", "random_points")
def never_the_last_row(seen):
    """The last row never comes. Does the range of your random numbers end one too early? rng.integers(N) goes up to
    N − 1 already."""
    return seen.never(-1) and seen.always_others(-1)


@symptom("kmeans_plus_plus", "random_points")
def never_the_first_row(seen):
    """The first row never comes. Does the range of your random numbers start at one?"""
    return seen.never(0) and seen.always_others(0)
