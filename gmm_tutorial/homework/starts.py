"""k-means++ and random points are judged by what they draw: four points, three centers, a few hundred seeds.

A wrong version here is a wrong preference: from the squared distances of each point to the centers so far, (N, m), to
the chances of the points. The chance of every outcome follows by listing all of them.
"""

import itertools

import numpy as np
from scipy import stats

from gmm_tutorial.homework.diagnosis import (
    BrokenContract,
    Finding,
    in_words,
    numbers,
    refuse_nothing,
    refuse_other_arguments,
)
from gmm_tutorial.homework.exercises import PLUS_PLUS
from gmm_tutorial.homework.watch import watched
from gmm_tutorial.starts import squared_distance

POINTS = np.array([[0.0, 0.0], [1.0, 2.0], [6.0, 1.0], [2.0, 19.0]])
ROWS = np.array([[1.0, 0.0], [0.5, 5.0], [7.0, 2.0], [3.0, 3.0], [6.0, 8.0], [2.0, 2.0], [9.0, 1.0]])
K, SEEDS, LEVEL = 3, 500, 1e-6
WRONG_STARTS = {"kmeans_plus_plus": [], "random_points": []}


def far_from_the_nearest(distances):
    return distances.min(axis=1)


def any_other_point(distances):
    return np.sign(distances.min(axis=1))


RIGHT_STARTS = {"kmeans_plus_plus": far_from_the_nearest, "random_points": any_other_point}


def wrong_start(*places, first_row=False):
    def remember(preference):
        for place in places:
            WRONG_STARTS[place].append((preference, first_row))
        return preference

    return remember


@wrong_start("kmeans_plus_plus")
def the_farthest_center_decides(distances):
    """A point far from any one center is preferred, though another center may be beside it. The nearest center decides:
    take the minimum over the centers."""
    return distances.max(axis=1)


@wrong_start("kmeans_plus_plus")
def distances_that_are_not_squared(distances):
    """Your chances follow the distance. k-means++ draws in proportion to its square."""
    return np.sqrt(distances.min(axis=1))


@wrong_start("kmeans_plus_plus")
def distances_squared_twice(distances):
    """Your chances follow the fourth power of the distance: it was squared already."""
    return distances.min(axis=1) ** 2


@wrong_start("kmeans_plus_plus")
def every_other_point_alike(distances):
    """Your starts do not look at distances: every other point has the same chance. Draw in proportion to the squared
    distance from the nearest center."""
    return any_other_point(distances)


@wrong_start("kmeans_plus_plus", "random_points")
def every_point_alike_even_one_that_is_taken(distances):
    """A point may be drawn twice, and then two components start out equal and stay so. Draw without putting back."""
    return np.ones(len(distances))


@wrong_start("kmeans_plus_plus")
def the_farthest_point_always(distances):
    """You take the point that is farthest from its nearest center, so an outlier is always chosen. Draw with chances,
    and an outlier is one point among many."""
    return distances.min(axis=1) == distances.min(axis=1).max()


@wrong_start("kmeans_plus_plus")
def the_last_center_only(distances):
    """You look at the last center only, so a point beside an earlier one may come. Take the nearest of all centers so
    far."""
    return distances[:, -1]


@wrong_start("kmeans_plus_plus")
def distances_added_over_the_centers(distances):
    """You add the distances to all centers. One center nearby is reason enough not to go there: take the minimum."""
    return distances.sum(axis=1)


@wrong_start("kmeans_plus_plus")
def near_points_preferred(distances):
    """You prefer points near the centers. The chance grows with the squared distance."""
    nearest = distances.min(axis=1)
    return np.divide(1, nearest, out=np.zeros_like(nearest), where=nearest > 0)


@wrong_start("kmeans_plus_plus", first_row=True)
def the_first_row_as_first_center(distances):
    """Your first center is always the first row, so all restarts begin alike. Draw it from all points."""
    return far_from_the_nearest(distances)


@wrong_start("random_points", first_row=True)
def the_first_row_and_then_any(distances):
    """Your first center is always the first row. Draw it too."""
    return any_other_point(distances)


@wrong_start("kmeans_plus_plus", "random_points", first_row=True)
def the_first_rows(distances):
    """Your centers are the first rows. In sorted data these lie side by side: draw the indices."""
    return np.arange(len(distances)) == distances.shape[1]


def outcome_chances(preference, first_row=False):
    """The chance of each ordered triple of rows: array (N, N, N)."""
    N = len(POINTS)
    distances = squared_distance(POINTS, POINTS)
    chances = np.zeros((N,) * K)
    for chosen in itertools.product(range(N), repeat=K):
        chance = float(chosen[0] == 0) if first_row else 1 / N
        for m in range(1, K):
            preferences = np.asarray(preference(distances[:, chosen[:m]]), dtype=float)
            chance *= preferences[chosen[m]] / max(preferences.sum(), 1e-300)
        chances[chosen] = chance
    return chances


def agrees(counts, chances):
    """Whether counted outcomes may come from these chances: the likelihood-ratio test at a very strict level."""
    if counts[chances == 0].any():
        return False
    drawn = counts > 0
    G = 2 * (counts[drawn] * np.log(counts[drawn] / (counts.sum() * chances[drawn]))).sum()
    return stats.chi2(max(1, np.count_nonzero(chances) - 1)).isf(LEVEL) >= G


def surprise(counts, chances):
    return -(counts[counts > 0] * np.log(chances[counts > 0])).sum()


def examine_start(answer, exercise):
    try:
        refuse_other_arguments(answer, exercise, [POINTS, K, 0])
        counts = drawn_counts(answer)
    except BrokenContract as broken:
        return Finding(*broken.args)
    right = RIGHT_STARTS[exercise.package.__name__]
    return named_start(counts, right, exercise)


def named_start(counts, right, exercise):
    if agrees(counts, outcome_chances(right)):
        return Finding("right", passed=True)
    fitting = []
    for preference, first_row in WRONG_STARTS[exercise.package.__name__]:
        chances = outcome_chances(preference, first_row)
        if agrees(counts, chances):
            fitting.append((surprise(counts, chances), preference))
    if fitting:
        preference = min(fitting, key=lambda pair: pair[0])[1]
        headline = f"your starts come as often as with: {preference.__name__.replace('_', ' ')}"
        return Finding(headline, " ".join(preference.__doc__.split()))
    which = "Far points" if exercise is PLUS_PLUS else "Some points"
    return Finding(
        "your starts do not come as often as they should",
        f"Over {SEEDS} seeds, count which points you draw. {which} come too often or too seldom.",
    )


def drawn_counts(answer):
    counts = np.zeros((len(POINTS),) * K)
    for seed in range(SEEDS):
        counts[rows_of(watched_draw(answer, POINTS, seed))] += 1
    refuse_a_draw_that_cannot_be_repeated(answer)
    return counts


def watched_draw(answer, points, seed):
    centers, error = watched(draw, answer, points, seed)
    if error is not None:
        raise error if isinstance(error, BrokenContract) else in_words(error)
    return centers


def draw(answer, points, seed):
    """One draw; NumPy's global generator is seeded as well, for those who use it."""
    given = points.copy()
    np.random.seed(seed)  # noqa: NPY002
    centers = answer(given, K, np.random.default_rng(seed))
    refuse_nothing(centers)
    if not np.array_equal(given, points):
        raise BrokenContract("you changed the array points that you were given", "Work on a copy: points.copy().")
    centers = numbers(centers, "centers")
    if centers.shape != (K, points.shape[1]):
        hint = "One row for each center: (K, D)." + " These look like row numbers: return points[rows]." * (
            centers.ndim == 1
        )
        raise BrokenContract(
            f"your centers came back with shape {centers.shape}, expected {(K, points.shape[1])}", hint
        )
    return centers


def refuse_a_draw_that_cannot_be_repeated(answer):
    for seed in range(3):
        if not np.array_equal(*(watched_draw(answer, ROWS, seed) for _ in range(2))):
            raise BrokenContract(
                "one seed gives two results", "Draw every random number from the rng that you are given."
            )


def rows_of(centers):
    same = (POINTS[:, None] == centers).all(axis=2)
    if not same.any(axis=0).all():
        raise BrokenContract("a center is not one of the points", "Start from the data: return rows of points.")
    return tuple(same.argmax(axis=0))
