"""The designed inputs. Nothing in them is equal, sorted or in balance by accident; what is special is said in words.

On one-dimensional points with unit variance and equal weights a quarter of the usual mistakes cannot be seen.
"""

import copy
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from gmm_tutorial.homework.package import FORMULAS, Mixture, Summary

UNSORTED = {1: [1], 2: [3, 2], 3: [4, 2, 3], 4: [3, 5, 2, 4]}


@dataclass(frozen=True, eq=False)
class Case:
    """One input for every formula: each argument is found under the name that it has in the package."""

    points: np.ndarray
    mixture: Mixture
    responsibilities: np.ndarray
    special: str = ""  # what it has that ordinary inputs have not, in words
    given: dict = None  # arguments of another kind than those made from points and mixture

    @property
    def sizes(self):
        K, D = self.mixture.means.shape
        return {"N": len(self.points), "K": K, "D": D}

    means = centers = property(lambda self: self.mixture.means.copy())
    mean = property(lambda self: self.mixture.means[-1].copy())
    covariance = property(lambda self: self.mixture.covariances[-1].copy())
    factor = property(lambda self: np.linalg.cholesky(self.covariance))
    known = property(lambda self: self.points[:, : max(1, self.sizes["D"] // 2)].copy())
    dimensions = property(lambda self: [*range(self.sizes["D"])][::-2])
    one = property(lambda self: FORMULAS["summarize"](self.points[: len(self.points) // 3], self.mixture))
    other = property(lambda self: FORMULAS["summarize"](self.points[len(self.points) // 3 :], self.mixture))
    summary = property(lambda self: FORMULAS["summarize"](self.points, self.mixture))

    @property
    def reference(self):
        """Nearly the same mixture, each component one place further."""
        weights, means, covariances = (np.roll(array, 1, axis=0) for array in self.mixture)
        return Mixture(weights, means + 0.1, 1.1 * covariances)

    @cached_property
    def log_joints(self):
        return FORMULAS["log_joint"](self.points, self.mixture)

    def __getitem__(self, name):
        return (self.given or {}).get(name, None) if name in (self.given or {}) else getattr(self, name)

    def arguments(self, names):
        return [copy.deepcopy(self[name]) for name in names]


def tilted(rng, D, scale):
    root = rng.standard_normal((D, 2 * D + 1)) * (1 + np.arange(D))[:, None]
    return scale**2 * (root @ root.T + np.eye(D)) / (2 * D + 1)


def drawn(seed, N, K, D, far=0.0, who=-1, special=""):
    """A case from a seed; `far` moves the last point, or those that `who` names, so many units away."""
    rng = np.random.default_rng(seed)
    shares = np.array(UNSORTED[K])
    means = 3 + 2 * rng.standard_normal((K, D)) * (1 + np.arange(D))
    covariances = np.stack([tilted(rng, D, 1.2 + 0.4 * share) for share in 5 - shares[::-1] / shares.max() * 3])
    labels = rng.choice(K, size=N, p=shares / shares.sum())
    roots = np.linalg.cholesky(covariances)
    points = means[labels] + np.einsum("nij,nj->ni", roots[labels], rng.standard_normal((N, D)))
    points[who] += far
    return Case(
        points, Mixture(shares / shares.sum(), means, covariances), rng.dirichlet(shares / 2, size=N), special=special
    )


CASES = [
    drawn(seed=0, N=23, K=3, D=2),
    drawn(seed=10, N=23, K=3, D=2),
    drawn(seed=1, N=29, K=2, D=3),
    drawn(seed=2, N=31, K=4, D=3),
    drawn(seed=3, N=17, K=3, D=1),
    drawn(seed=4, N=13, K=1, D=2),
    drawn(seed=7, N=19, K=2, D=4),
]
ALL_FAR = "all points are far from every component"
FAR = [
    drawn(seed=5, N=19, K=3, D=2, far=400.0, special="one point is 400 units away"),
    drawn(seed=6, N=11, K=3, D=2, far=400.0, who=slice(None), special=ALL_FAR),
    drawn(seed=8, N=9, K=3, D=2, far=68.0, who=slice(None), special=ALL_FAR),
]
FAR_ALONG_THE_FIRST = drawn(seed=8, N=9, K=3, D=2, far=100.0, who=slice(None), special=ALL_FAR)
FAR_FROM_ONE = drawn(seed=8, N=9, K=1, D=2, far=70.0, who=slice(None), special=ALL_FAR)


def with_ties():
    """Two components in one place, with one weight; and points halfway between centers."""
    points = np.array([[0.0, 0], [2, 0], [4, 2], [2, 2], [7, 1], [1, 5], [4, -2], [3, 0]])
    means = np.array([[4.0, 0], [0, 0], [4, 4]])
    twice = Mixture(
        [0.2, 0.4, 0.4], means[[0, 1, 1]], np.array([[[2.0, 0.5], [0.5, 1]]] + [[[1.0, 0.3], [0.3, 2]]] * 2)
    )
    shares = np.random.default_rng(0).dirichlet([2, 1, 3], size=8)
    return Case(points, twice, shares, "two components tie", {"centers": means})


def with_an_emptied_center():
    """The first center is far from everything, so it has no points from the start."""
    points = np.array([[0.0, 0.3], [1.1, 0], [2, 1.7], [9, 8.2], [10, 9], [8.5, 10], [9.1, 7]])
    centers = np.array([[60.0, -50], [4.9, 4], [9.7, 9.4]])
    case = drawn(seed=11, N=7, K=3, D=2)
    return replace(case, points=points, special="a center has no points", given={"centers": centers})


def with_many_rounds():
    """k-means goes seventeen rounds here before no center moves."""
    rng = np.random.default_rng(225)
    points = rng.standard_normal((40, 2)) * [4, 1] + rng.integers(0, 2, (40, 1)) * 2
    case = drawn(seed=11, N=40, K=3, D=2)
    centers = points[rng.choice(40, 3, replace=False)]
    return replace(case, points=points, special="k-means takes many rounds", given={"centers": centers})


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
    return replace(case, special="a component has the count zero", given=given)


def to_match():
    """Pairs of mixtures whose matching only the covariances decide, or in which the nearest pair must be let go."""
    covariances = [np.diag([9.0, 0.5]), np.diag([0.5, 9.0]), np.diag([2.0, 2.0])]
    by_shape = Mixture([0.3, 0.5, 0.2], [[0.0, 0], [0.1, 0], [0, 0.2]], covariances)
    its_reference = Mixture([0.2, 0.3, 0.5], [[0.1, 0.0], [0, 0.1], [0.1, 0.1]], [covariances[i] for i in (2, 0, 1)])
    unit = [np.eye(1)] * 3
    row = Mixture([0.3, 0.2, 0.5], [[3.0], [1.0], [20.0]], unit)
    its_row = Mixture([0.4, 0.35, 0.25], [[1.9], [20.5], [0.0]], unit)
    some = drawn(seed=0, N=9, K=3, D=2)
    return [
        replace(some, mixture=by_shape, special="only the covariances tell the components apart",
                given={"reference": its_reference}),
        replace(some, points=some.points[:, :1], mixture=row, special="the best pairing lets the nearest pair go",
                given={"reference": its_row}),
    ]  # fmt: skip


TIES, EMPTIED, MANY_ROUNDS = with_ties(), with_an_emptied_center(), with_many_rounds()
ZERO_COUNTS, TO_MATCH = with_zero_counts(), to_match()
SMALL = [
    Case(
        np.array([[0.0], [1.0], [4.0]]),
        Mixture([0.25, 0.75], [[0.5], [3.0]], [[[1.0]], [[4.0]]]),
        np.array([[0.75, 0.25], [0.5, 0.5], [0.125, 0.875]]),
    ),
    Case(
        np.array([[0.0, 6.0], [4.0, 1.0], [7.0, 2.0]]),
        Mixture([0.25, 0.75], [[1.0, 5.0], [6.0, 2.0]], [[[2.0, -1.0], [-1.0, 3.0]], [[5.0, 1.0], [1.0, 1.0]]]),
        np.array([[0.75, 0.25], [0.5, 0.5], [0.125, 0.875]]),
    ),
]
