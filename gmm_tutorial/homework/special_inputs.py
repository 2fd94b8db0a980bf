"""Inputs that one formula or two need: ties, an emptied center, counts of zero, a matching that is hard to see."""

from dataclasses import replace

import numpy as np

from gmm_tutorial.homework.inputs import ALL_FAR, Case, Special, drawn
from gmm_tutorial.homework.package import Mixture, Summary

FAR_ALONG_THE_FIRST = drawn(seed=8, N=9, K=3, D=2, far=100.0, who=slice(None), special=ALL_FAR)
FAR_FROM_ONE = drawn(seed=8, N=9, K=1, D=2, far=70.0, who=slice(None), special=ALL_FAR)


def with_ties():
    """Two components in one place, with one weight; and points halfway between centers."""
    points = np.array([[0.0, 0], [2, 0], [4, 2], [2, 2], [7, 1], [1, 5], [4, -2], [3, 0]])
    means = np.array([[4.0, 0], [0, 0], [4, 4]])
    covariances = np.array([[[2.0, 0.5], [0.5, 1]], *[[[1.0, 0.3], [0.3, 2]]] * 2])
    twice = Mixture([0.2, 0.4, 0.4], means[[0, 1, 1]], covariances)
    shares = np.random.default_rng(0).dirichlet([2, 1, 3], size=8)
    special = Special("two components tie", "Of equals the first one is asked for.")
    return Case(points, twice, shares, special, {"centers": means})


def with_an_emptied_center():
    """The first center is far from everything, so it has no points from the start."""
    points = np.array([[0.0, 0.3], [1.1, 0], [2, 1.7], [9, 8.2], [10, 9], [8.5, 10], [9.1, 7]])
    centers = np.array([[60.0, -50], [4.9, 4], [9.7, 9.4]])
    case = drawn(seed=11, N=7, K=3, D=2)
    special = Special("a center has no points", "A center that loses all its points stays where it is.")
    return replace(case, points=points, special=special, given={"centers": centers})


def with_many_rounds():
    """k-means goes seventeen rounds here before no center moves."""
    rng = np.random.default_rng(225)
    points = rng.standard_normal((40, 2)) * [4, 1] + rng.integers(0, 2, (40, 1)) * 2
    case = drawn(seed=11, N=40, K=3, D=2)
    centers = points[rng.choice(40, 3, replace=False)]
    special = Special("k-means takes many rounds", "Go on until no center moves any more.")
    return replace(case, points=points, special=special, given={"centers": centers})


def with_zero_counts():
    """Two blocks of which one says nothing of a component, and one component of which neither does."""
    case = drawn(seed=12, N=30, K=4, D=2)
    one, other = case.one, case.other
    counts, others = np.array([3.5, 0.0, 6.25, 0.0]), np.array([7.0, 4.0, 0.0, 0.0])
    means = np.vstack([other.means[:3], one.means[3:]])
    covariances, empty = other.covariances.copy(), one.covariances.copy()
    covariances[3], empty[3] = 0, 0
    given = {
        "one": Summary(one.log_likelihood, counts, one.means, empty),
        "other": Summary(other.log_likelihood, others, means, covariances),
    }
    hint = "Its share is zero: what the other block says of it stays as it is."
    return replace(case, special=Special("a component has the count zero", hint), given=given)


def to_match():
    """Pairs of mixtures whose matching only the covariances decide, or in which the nearest pair must be let go."""
    covariances = [np.diag([9.0, 0.5]), np.diag([0.5, 9.0]), np.diag([2.0, 2.0])]
    by_shape = Mixture([0.3, 0.5, 0.2], [[0.0, 0], [0.1, 0], [0, 0.2]], covariances)
    its_reference = Mixture([0.2, 0.3, 0.5], [[0.1, 0.0], [0, 0.1], [0.1, 0.1]], [covariances[i] for i in (2, 0, 1)])
    unit = [np.eye(1)] * 3
    row = Mixture([0.3, 0.2, 0.5], [[3.0], [1.0], [20.0]], unit)
    its_row = Mixture([0.4, 0.35, 0.25], [[1.9], [20.5], [0.0]], unit)
    some = drawn(seed=0, N=9, K=3, D=2)
    by_covariances = Special(
        "only the covariances tell the components apart", "Compare whole Gaussians, not only their means."
    )
    not_greedy = Special(
        "the best pairing lets the nearest pair go", "Look at all pairings, not at one pair after the other."
    )
    return [
        replace(some, mixture=by_shape, special=by_covariances, given={"reference": its_reference}),
        replace(some, points=some.points[:, :1], mixture=row, special=not_greedy, given={"reference": its_row}),
    ]


TIES, EMPTIED, MANY_ROUNDS = with_ties(), with_an_emptied_center(), with_many_rounds()
ZERO_COUNTS, TO_MATCH = with_zero_counts(), to_match()
