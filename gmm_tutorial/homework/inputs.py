"""The designed inputs. Nothing in them is symmetric: N, K and D differ, weights differ, covariances are tilted.

On one-dimensional points with unit variance and equal weights a quarter of the usual mistakes cannot be seen.
"""

import copy
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gmm_tutorial.scale.summary import summarize
from gmm_tutorial.mixture import Mixture, log_joint


@dataclass(frozen=True, eq=False)
class Case:
    """One input for every formula: each argument is found under the name that it has in the package."""

    points: np.ndarray
    mixture: Mixture
    responsibilities: np.ndarray

    @property
    def sizes(self):
        K, D = self.mixture.means.shape
        return {"N": len(self.points), "K": K, "D": D}

    means = centers = property(lambda self: self.mixture.means.copy())
    mean = property(lambda self: self.mixture.means[-1].copy())
    covariance = property(lambda self: self.mixture.covariances[-1].copy())

    factor = property(lambda self: np.linalg.cholesky(self.covariance))
    known = property(lambda self: self.points[:, : max(1, self.sizes["D"] - 1)].copy())
    dimensions = property(lambda self: [*range(self.sizes["D"])][::-2])
    one = property(lambda self: summarize(self.points[: len(self.points) // 3], self.mixture))
    other = property(lambda self: summarize(self.points[len(self.points) // 3 :], self.mixture))
    summary = property(lambda self: summarize(self.points, self.mixture))

    @property
    def reference(self):
        """Nearly the same mixture, each component one place further."""
        weights, means, covariances = (np.roll(array, 1, axis=0) for array in self.mixture)
        return Mixture(weights, means + 0.1, 1.1 * covariances)

    @cached_property
    def log_joints(self):
        return log_joint(self.points, self.mixture)

    def __getitem__(self, name):
        return getattr(self, name)

    def arguments(self, names):
        return [copy.deepcopy(self[name]) for name in names]


def tilted(rng, D, scale):
    root = rng.standard_normal((D, 2 * D + 1)) * (1 + np.arange(D))[:, None]
    return scale**2 * (root @ root.T + np.eye(D)) / (2 * D + 1)


def drawn(seed, N, K, D, far=0.0, who=-1):
    """A case from a seed; `far` moves the last point, or those that `who` names, so many units away."""
    rng = np.random.default_rng(seed)
    weights = np.arange(2, K + 2) / np.arange(2, K + 2).sum()
    means = 3 + 2 * rng.standard_normal((K, D)) * (1 + np.arange(D))
    covariances = np.stack([tilted(rng, D, 1.2 + k / 2) for k in range(K)])
    labels = rng.choice(K, size=N, p=weights)
    roots = np.linalg.cholesky(covariances)
    points = means[labels] + np.einsum("nij,nj->ni", roots[labels], rng.standard_normal((N, D)))
    points[who] += far
    return Case(points, Mixture(weights, means, covariances), rng.dirichlet(1 + np.arange(K), size=N))


CASES = [
    drawn(seed=0, N=23, K=3, D=2),
    drawn(seed=1, N=29, K=2, D=3),
    drawn(seed=2, N=31, K=4, D=3),
    drawn(seed=3, N=17, K=3, D=1),
    drawn(seed=4, N=13, K=1, D=2),
]
FAR = [
    drawn(seed=5, N=19, K=3, D=2, far=400.0),
    drawn(seed=6, N=11, K=3, D=2, far=400.0, who=slice(None)),
    drawn(seed=8, N=9, K=3, D=2, far=68.0, who=slice(None)),  # log densities about −700, where underflow begins
]

FAR_ALONG_THE_FIRST = drawn(seed=8, N=9, K=3, D=2, far=100.0, who=slice(None))
FAR_FROM_ONE = drawn(seed=8, N=9, K=1, D=2, far=70.0, who=slice(None))

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
