"""The designed inputs. Nothing in them is equal, sorted or in balance by accident; what is special is said in words.

On one-dimensional points with unit variance and equal weights a quarter of the usual mistakes cannot be seen.
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from gmm_tutorial.homework.package import FORMULAS, Mixture

UNSORTED = {1: [1], 2: [3, 2], 3: [4, 2, 3], 4: [3, 5, 2, 4]}


@dataclass(frozen=True)
class Special:
    """What an input has that ordinary inputs have not, and what one can do about it."""

    words: str
    hint: str

    def __str__(self):
        return self.words


@dataclass(frozen=True, eq=False)
class Case:
    """One input for every formula: each argument is found under the name that it has in the package."""

    points: np.ndarray
    mixture: Mixture
    responsibilities: np.ndarray
    special: Special | None = None
    given: dict = field(default_factory=dict)  # arguments that are not made from points and mixture

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
        return self.given[name] if name in self.given else getattr(self, name)


def tilted(rng, D, scale):
    root = rng.standard_normal((D, 2 * D + 1)) * (1 + np.arange(D))[:, None]
    return scale**2 * (root @ root.T + np.eye(D)) / (2 * D + 1)


def drawn(seed, N, K, D, far=0.0, who=-1, special=None):
    """A case from a seed; `far` moves the last point, or those that `who` names, so many units away."""
    rng = np.random.default_rng(seed)
    shares = np.array(UNSORTED[K])
    means = 3 + 2 * rng.standard_normal((K, D)) * (1 + np.arange(D))
    covariances = np.stack([tilted(rng, D, 1.2 + 0.4 * share) for share in 5 - shares[::-1] / shares.max() * 3])
    labels = rng.choice(K, size=N, p=shares / shares.sum())
    roots = np.linalg.cholesky(covariances)
    points = means[labels] + np.einsum("nij,nj->ni", roots[labels], rng.standard_normal((N, D)))
    points[who] += far
    mixture = Mixture(shares / shares.sum(), means, covariances)
    return Case(points, mixture, rng.dirichlet(shares / 2, size=N), special)


CASES = [
    drawn(seed=0, N=23, K=3, D=2),
    drawn(seed=10, N=23, K=3, D=2),
    drawn(seed=1, N=29, K=2, D=3),
    drawn(seed=2, N=31, K=4, D=3),
    drawn(seed=3, N=17, K=3, D=1),
    drawn(seed=4, N=13, K=1, D=2),
    drawn(seed=7, N=19, K=2, D=4),
]
UNDERFLOW = "Stay in logs, and subtract the largest of each row before the exponential."
ONE_FAR = Special("one point is 400 units away", f"Does a density underflow to zero there? {UNDERFLOW}")
ALL_FAR = Special("all points are far from every component", f"Does every density underflow to zero there? {UNDERFLOW}")
FAR = [
    drawn(seed=5, N=19, K=3, D=2, far=400.0, special=ONE_FAR),
    drawn(seed=6, N=11, K=3, D=2, far=400.0, who=slice(None), special=ALL_FAR),
    drawn(seed=8, N=9, K=3, D=2, far=68.0, who=slice(None), special=ALL_FAR),
]
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
