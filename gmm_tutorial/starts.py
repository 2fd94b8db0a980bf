"""Chapter 05: where EM starts. A start is a set of K centers, and each point belongs to the nearest one."""

from __future__ import annotations

import numpy as np

from gmm_tutorial.checks import Centers, NumberOfCenters, Points, Rng
from gmm_tutorial.constraints import reads_variances_only, tied
from gmm_tutorial.errors import ArgumentError
from gmm_tutorial.mixture import Mixture
from gmm_tutorial.steps import count, m_step, mean
from gmm_tutorial.variances import m_step_of_variances, stored


def squared_distance(points: Points, centers: Centers) -> np.ndarray:
    """The squared distance of each point from each center.

        |xₙ − cₖ|²

    points (N, D), centers (K, D)  →  squared distances (N, K), in the units of the points squared

    Raises ValueError if points and centers have different dimensions.

    >>> import gmm_tutorial as gmm
    >>> gmm.squared_distance([[0, 0], [3, 4]], centers=[[0, 0], [3, 0]])
    array([[ 0.,  9.],
           [25., 16.]])
    """
    return np.stack([np.square(points - center).sum(axis=1) for center in centers], axis=1)


def random_points(points: Points, K: NumberOfCenters, rng: Rng = None) -> np.ndarray:
    """K distinct points, drawn uniformly at random, as centers.

    points (N, D), K, rng a seed or a Generator  →  centers (K, D)                             Forgy (1965)

    Raises ValueError if fewer than K points differ.

    >>> import gmm_tutorial as gmm
    >>> sorted(gmm.random_points([[1], [2], [3]], K=3, rng=0).ravel().tolist())
    [1.0, 2.0, 3.0]
    """
    return draw_centers(points, K, rng, preference=np.sign)


def kmeans_plus_plus(points: Points, K: NumberOfCenters, rng: Rng = None) -> np.ndarray:
    """K of the points as centers, drawn one after the other with a preference for points far from the earlier ones.

        P(xₙ is next) ∝ minₖ |xₙ − cₖ|²                                 Arthur & Vassilvitskii (2007)

    points (N, D), K, rng a seed or a Generator  →  centers (K, D)

    Raises ValueError if fewer than K points differ.

    >>> import gmm_tutorial as gmm
    >>> sorted(gmm.kmeans_plus_plus([[0], [0], [0], [7]], K=2, rng=0).ravel().tolist())
    [0.0, 7.0]
    """
    return draw_centers(points, K, rng, preference=np.positive)


def draw_centers(points, K, rng, preference):
    centers = points[[rng.integers(len(points))]]
    nearest = np.full(len(points), np.inf)
    while len(centers) < K:
        nearest = np.minimum(nearest, squared_distance(points, centers[-1:])[:, 0])
        if not nearest.any():
            raise ArgumentError(
                "points",
                "{argument} has only {rows} different rows: ask for at most {rows} components.",
                {"rows": len(centers)},
            )
        chances = preference(nearest / nearest.max())
        centers = np.vstack([centers, points[rng.choice(len(points), p=chances / chances.sum())]])
    return centers


def hard_responsibility(points: Points, centers: Centers) -> np.ndarray:
    """The hard responsibilities: one for the nearest center of each point (the first if several tie), zero otherwise.

        γₙₖ = 1 if k = argminᵢ |xₙ − cᵢ|², else 0                       Bishop (2006), eq. 9.2

    points (N, D), centers (K, D)  →  responsibilities (N, K), zeros and ones

    Raises ValueError if points and centers have different dimensions.

    >>> import gmm_tutorial as gmm
    >>> gmm.hard_responsibility([[0], [1], [5]], centers=[[0], [4]])
    array([[1., 0.],
           [1., 0.],
           [0., 1.]])
    """
    return np.eye(len(centers))[squared_distance(points, centers).argmin(axis=1)]


def kmeans(points: Points, centers: Centers) -> np.ndarray:
    """The centers after k-means: each moves to the mean of its points until the squared distances stop decreasing.

        cₖ = mean of the xₙ with k = argminᵢ |xₙ − cᵢ|²                  Lloyd (1982)

    points (N, D), centers (K, D)  →  centers (K, D)

    This is EM with hard responsibilities. A center that loses all its points does not move.
    Raises ValueError if points and centers have different dimensions.

    >>> import gmm_tutorial as gmm
    >>> gmm.kmeans([[0], [2], [10], [14]], centers=[[0], [2]])
    array([[ 1.],
           [12.]])
    """
    cost = np.inf
    while (new_cost := squared_distance(points, centers).min(axis=1).sum()) < cost:
        cost, sides, centers = new_cost, hard_responsibility(points, centers), centers.copy()
        busy = count(sides) > 0
        centers[busy] = mean(points, sides[:, busy])
    return centers


def mixture_around(points: Points, centers: Centers) -> Mixture:
    """A mixture to start from, with one component around each center and the same covariance for all of them.

        weights and means of the points nearest to each center, Σ = Σₖ πₖ Σₖ their pooled covariance

    points (N, D), centers (K, D)  →  Mixture of K

    With the pooled covariance, a component around a single point does not collapse before the first step.
    Raises ValueError if a center has no points.

    >>> import gmm_tutorial as gmm
    >>> start = gmm.mixture_around([[0], [2], [10], [14]], centers=[[0], [9]])
    >>> start.means.ravel(), start.covariances.ravel()
    (array([ 1., 12.]), array([2.5, 2.5]))
    """
    return tied(m_step(points, hard_responsibility(points, centers)))


# ---- the starts of a fit


def start_around(points, centers, constraint):
    """The mixture of `mixture_around`, but only with variances if the constraint uses nothing else."""
    step = m_step_of_variances if reads_variances_only([constraint]) else m_step
    return tied(step(points, hard_responsibility(points, centers)))


def with_component_at(mixture, k, place):
    """The mixture with component k moved to another place, where it has the average covariance of all components.

    mixture of K, k, place (D,)  →  mixture of K
    """
    means, spread = mixture.means.copy(), stored(mixture).copy()
    means[k], spread[k] = place, stored(tied(mixture))[k]
    return type(mixture)._trusted(mixture.weights, means, spread)


def greedy_kmeans_plus_plus(points, K, rng):
    """K of the points as centers, as by `kmeans_plus_plus`, but each is the best of a few random candidates.

    Of 2 + log K candidates, the one is chosen that makes the sum of squared distances to the nearest center smallest.

    points (N, D), K, rng a Generator  →  centers (K, D)                Arthur & Vassilvitskii (2007), conclusion

    Raises ValueError if fewer than K points differ.

    >>> import gmm_tutorial as gmm
    >>> from gmm_tutorial.starts import greedy_kmeans_plus_plus
    >>> centers = greedy_kmeans_plus_plus(gmm.load_faithful(), 2, np.random.default_rng(0))
    >>> sorted((centers[:, 0] < 3).tolist())    # one short eruption and one long
    [False, True]
    """
    x = points - points.mean(axis=0)
    chosen = rng.integers(len(x), size=1)
    nearest = squared_distance_by_product(x, x[chosen])[:, 0]
    while len(chosen) < K and nearest.any():
        candidates = rng.choice(len(x), size=2 + int(np.log(K)), p=nearest / nearest.sum())
        left = np.minimum(nearest[:, None], squared_distance_by_product(x, x[candidates]))
        best = left.sum(axis=0).argmin()
        chosen, nearest = np.append(chosen, candidates[best]), left[:, best]
    return points[chosen] if len(chosen) == K else kmeans_plus_plus(points, K, rng)


def squared_distance_by_product(points, centers):
    """The squared distances by a matrix product, |x|² + |c|² − 2 x·c; zero if they are smaller than the rounding error.

    The rounding error is relative to |x|² + |c|², so the points should lie around the origin.
    """
    sizes = np.einsum("nd,nd->n", points, points)[:, None] + np.einsum("kd,kd->k", centers, centers)
    distances = sizes - 2 * (points @ centers.T)
    distances[distances <= 8 * (2 + points.shape[1]) * np.finfo(float).eps * sizes] = 0
    return distances


def rounds_of_kmeans(points, centers, rounds=20):
    """The centers of `kmeans` after at most a few rounds, with the distances computed by a matrix product."""
    origin = points.mean(axis=0)
    x, centers, before, sides = points - origin, centers - origin, None, np.eye(len(centers))
    for _ in range(rounds):
        labels = (np.einsum("kd,kd->k", centers, centers) - np.dot(x, 2 * centers.T)).argmin(axis=1)
        if before is not None and (labels == before).all():
            break
        before, nearest = labels, sides[labels]
        counts = nearest.sum(axis=0)[:, None]
        centers = np.where(counts > 0, np.dot(nearest.T, x) / np.maximum(counts, 1), centers)
    return centers + origin


def centers_to_try(points, K, rng, initialize=kmeans_plus_plus, starts=10):
    """The centers for each start of a fit: as many as requested, and half as many again that k-means has refined.

    Random centers vary more, and refined ones are better on average; it depends on the data which of them lead to the
    highest maximum. If the user gives another function, it is called `starts` times, and nothing is refined.
    """
    centers = [initialize(points, K, rng) for _ in range(starts)]
    if initialize is not kmeans_plus_plus:
        return centers
    return centers + [rounds_of_kmeans(points, greedy_kmeans_plus_plus(points, K, rng)) for _ in range(starts // 2)]
