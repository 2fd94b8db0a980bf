"""Starts: drawn as often as they should be, and Lloyd's iteration."""

from fractions import Fraction
from itertools import permutations, product

import numpy as np
import pytest
from examples import law, problem, problems
from hypothesis import given
from scipy.spatial.distance import cdist

import gmm_tutorial as gmm
from gmm_tutorial import starts as initialization
from gmm_tutorial.steps import mean

STARTS = (gmm.random_points, gmm.kmeans_plus_plus)
LINE = [0, 1, 1, 4, 9]  # five points, four places


def objective(points, centers):
    return cdist(points, centers, "sqeuclidean").min(axis=1).sum()


def chances(preference, K):
    """The exact probability of each ordered choice of K places on LINE, by enumeration."""
    table = {}
    for places in permutations(sorted(set(LINE)), K):
        chance = Fraction(LINE.count(places[0]), len(LINE))
        for chosen in range(1, K):
            scores = [preference(min(abs(x - place) for place in places[:chosen])) for x in LINE]
            chance *= Fraction(sum(s for s, x in zip(scores, LINE) if x == places[chosen]), sum(scores))
        table[places] = chance
    return table


# ---- centers


@pytest.mark.parametrize(
    ("start", "preference"),
    [(gmm.kmeans_plus_plus, lambda distance: distance**2), (gmm.random_points, lambda distance: int(distance > 0))],
    ids=["kmeans_plus_plus", "random_points"],
)
@pytest.mark.parametrize("K", [1, 2, 3])
def test_centers_are_drawn_with_their_exact_probabilities(start, preference, K):
    rng, points, size = np.random.default_rng(K), np.reshape(LINE, (-1, 1)), 1500
    drawn = [tuple(start(points, K, rng).ravel().astype(int)) for _ in range(size)]
    expected = {places: float(chance) for places, chance in chances(preference, K).items()}
    assert sum(expected.values()) == pytest.approx(1)
    for places, chance in expected.items():
        assert abs(drawn.count(places) / size - chance) < 4.5 * np.sqrt(chance * (1 - chance) / size)


@law
@given(problems)
@pytest.mark.parametrize("start", STARTS)
def test_centers_are_different_points_of_the_data(start, made):
    points, _, rng = made
    doubled = np.concatenate([points[:5], points[:3], points[:1]])
    centers = start(doubled, 5, rng)
    assert sorted(map(tuple, centers)) == sorted(map(tuple, points[:5]))


@pytest.mark.parametrize("start", STARTS)
def test_every_point_is_a_center_if_so_many_are_asked_for(start):
    points, _, _ = problem(1, N=7, D=3)
    assert sorted(map(tuple, start(points, 7, 3))) == sorted(map(tuple, points))


@pytest.mark.parametrize("start", STARTS)
def test_more_centers_than_different_points_are_refused(start):
    with pytest.raises(ValueError, match="points has only 3 different rows: ask for at most 3 components"):
        start([[1, 2], [3, 4], [1, 2], [5, 6], [3, 4]], 4, rng=0)


@pytest.mark.parametrize("start", STARTS)
def test_one_seed_draws_the_same_centers_and_no_seed_others(start):
    points, _, _ = problem(2)
    np.testing.assert_array_equal(start(points, 4, 5), start(points, 4, 5))
    np.testing.assert_array_equal(start(points, 4, 5), start(points, 4, np.random.default_rng(5)))
    assert not np.array_equal(start(points, 4), start(points, 4))


@pytest.mark.parametrize("c", [2.0**-30, 2.0**20])
def test_starts_scale_exactly_by_powers_of_two(c):
    points, _, _ = problem(3, D=3)
    for start in STARTS:
        np.testing.assert_array_equal(start(c * points, 4, 0), c * start(points, 4, 0))
    centers = points[:4]
    np.testing.assert_array_equal(gmm.kmeans(c * points, c * centers), c * gmm.kmeans(points, centers))
    weights, means, covariances = gmm.mixture_around(points, centers)
    for found, expected in zip(gmm.mixture_around(c * points, c * centers), (weights, c * means, c**2 * covariances)):
        np.testing.assert_array_equal(found, expected)


# ---- distances


@pytest.mark.parametrize("offset", [0, 1e8])
def test_squared_distances_agree_with_scipy(offset):
    points, mixture, _ = problem(4, D=3)
    points, centers = points + offset, mixture.means + offset
    expected = cdist(points, centers, "sqeuclidean")
    np.testing.assert_allclose(gmm.squared_distance(points, centers), expected, rtol=1e-13)
    np.testing.assert_array_equal(gmm.hard_responsibility(points, centers), np.eye(3)[expected.argmin(axis=1)])


def test_of_equally_near_centers_the_first_owns_the_point():
    np.testing.assert_array_equal(gmm.hard_responsibility([[2], [5]], centers=[[9], [4], [0], [6]]), np.eye(4)[[1, 1]])


# ---- k-means


@law
@given(problems)
def test_k_means_ends_where_each_center_is_the_mean_of_its_points_and_never_higher(made):
    points, mixture, _ = made
    centers = gmm.kmeans(points, mixture.means)
    sides = cdist(points, centers).argmin(axis=1)
    for k in set(sides):
        np.testing.assert_allclose(centers[k], points[sides == k].mean(axis=0), rtol=1e-12)
    np.testing.assert_array_equal(gmm.kmeans(points, centers), centers)
    assert objective(points, centers) <= objective(points, mixture.means)


@pytest.mark.parametrize("K", [2, 3])
def test_k_means_stays_at_the_best_of_all_partitions_and_never_beats_it(K):
    points, _, _ = problem(5, N=8)
    splits = [np.array(split) for split in product(range(K), repeat=8) if len(set(split)) == K]
    means = [np.array([points[split == k].mean(axis=0) for k in range(K)]) for split in splits]
    best = min(means, key=lambda centers: objective(points, centers))
    np.testing.assert_allclose(gmm.kmeans(points, best), best, rtol=1e-14)
    ends = [objective(points, gmm.kmeans(points, points[list(which)])) for which in permutations(range(8), K)]
    assert min(ends) == pytest.approx(objective(points, best), rel=1e-12)
    assert max(ends) > min(ends)


def test_k_means_agrees_with_scikit_learn_from_the_same_centers():
    from sklearn.cluster import KMeans

    points, _, _ = problem(6, N=200, D=3)
    theirs = KMeans(4, init=points[:4], n_init=1, tol=0, max_iter=1000, algorithm="lloyd").fit(points)
    np.testing.assert_allclose(gmm.kmeans(points, points[:4]), theirs.cluster_centers_, rtol=1e-12)


def test_a_center_without_points_stays_where_it_is_and_may_win_some_later():
    centers = gmm.kmeans([[0], [2], [10], [14]], [[1], [500], [12]])
    np.testing.assert_array_equal(centers, [[1], [500], [12]])
    centers = gmm.kmeans([[0], [1], [2], [11], [12]], [[13.4], [-9], [2.5]])
    np.testing.assert_array_equal(centers, [[11.5], [-9], [1]])


def test_k_means_ends_even_where_the_means_are_rounded(monkeypatch):
    rounds = iter(range(100))

    def counted(points, responsibilities):
        next(rounds)  # fails after so many rounds
        return mean(points, responsibilities)

    monkeypatch.setattr(initialization, "mean", counted)
    points = 2.0**53 + 2.0 * np.reshape([0, 0, 1, 2, 3], (-1, 1))
    assert np.isfinite(gmm.kmeans(points, points[[2, 0]])).all()


def test_k_means_leaves_its_arguments_alone():
    points, _, _ = problem(7)
    before, centers = points.copy(), points[:3].copy()
    gmm.kmeans(points, centers)[:] = 0
    np.testing.assert_array_equal(points, before)
    np.testing.assert_array_equal(centers, before[:3])


# ---- the mixture to start from


def test_the_mixture_around_centers_has_their_shares_and_means_and_the_pooled_covariance():
    points, mixture, _ = problem(8, D=3)
    sides = cdist(points, mixture.means).argmin(axis=1)
    groups = [points[sides == k] for k in range(3)]
    pooled = sum(len(g) * np.cov(g, rowvar=False, bias=True) for g in groups) / len(points)
    found = gmm.mixture_around(points, mixture.means)
    np.testing.assert_allclose(found.weights, [len(g) / len(points) for g in groups], rtol=1e-14)
    np.testing.assert_allclose(found.means, [g.mean(axis=0) for g in groups], rtol=1e-13)
    np.testing.assert_allclose(found.covariances, [pooled] * 3, rtol=1e-12, atol=1e-12)


def test_a_center_with_a_single_point_has_the_pooled_covariance_too():
    found = gmm.mixture_around([[0], [2], [3], [90]], centers=[[1], [80]])
    np.testing.assert_allclose(found.covariances.ravel(), [14 / 3 / 4] * 2, rtol=1e-15)


def test_a_center_without_points_makes_no_mixture():
    with pytest.raises(gmm.CollapseError, match="component 1 has collapsed: it explains no points"):
        gmm.mixture_around([[0], [2], [3], [90]], centers=[[1], [-70], [80]])
