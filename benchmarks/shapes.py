"""What is fitted: shapes of data, the data and the start of each, and the operations that one step of EM needs."""

from dataclasses import dataclass, replace

import numpy as np

import gmm_tutorial as gmm

QUICKER = 20  # in the quick mode, so many times fewer points


@dataclass(frozen=True)
class Shape:
    """N points in D dimensions, K components; how many steps are timed."""

    N: int
    D: int
    K: int
    steps: int = 3
    diagonal: bool = False

    @property
    def name(self):
        return f"{short(self.N)}x{self.D}x{self.K}{'-diagonal' if self.diagonal else ''}"

    @property
    def title(self):
        return f"{'diagonal ' if self.diagonal else ''}({short(self.N)}, {self.D}, {self.K})"

    def quicker(self):
        return replace(self, N=self.N // QUICKER)


SHAPES = [
    Shape(100_000, 2, 5, steps=20),
    Shape(1_000_000, 2, 10),
    Shape(1_000_000, 8, 8),
    Shape(200_000, 32, 16),
    Shape(50_000, 64, 32),
    Shape(1_000_000, 16, 16, diagonal=True),
]


def short(N):
    """A count as people say it: 1000000 → 1M, 2500 → 2500."""
    for size, letter in ((1_000_000, "M"), (1000, "k")):
        if size <= N and N % size == 0:
            return f"{N // size}{letter}"
    return str(N)


# ---- data


def truth(D, K, rng, separation=5.0, diagonal=False):
    """A lopsided mixture: unequal weights, tilted covariances of different size, means at about so many deviations."""
    roots = rng.normal(size=(K, D, D)) / np.sqrt(2 * D)
    covariances = roots @ roots.transpose(0, 2, 1) + np.linspace(0.3, 0.9, K)[:, None, None] * np.eye(D)
    means = 10 + separation / np.sqrt(2 * D) * rng.normal(size=(K, D))
    weights = np.arange(1.0, K + 1) + K
    return spread_only(gmm.Mixture(weights / weights.sum(), means, covariances), diagonal)


def spread_only(mixture, diagonal):
    return gmm.diagonal(mixture) if diagonal else mixture


def start(mixture, rng):
    """A mixture near another one: its weights forgotten, its means moved, its covariances doubled."""
    K, D = mixture.means.shape
    return gmm.Mixture(np.full(K, 1 / K), mixture.means + 0.3 * rng.normal(size=(K, D)), 2 * mixture.covariances)


def prepare(shape, folder, separation=5.0, seed=4):
    """Writes the points and the start of a shape as .npy files, and gives the mixture that the points come from."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    mixture = truth(shape.D, shape.K, rng, separation, shape.diagonal)
    write_points(folder / "points.npy", shape.N, mixture, rng)
    for name, array in zip(("weights", "means", "covariances"), start(mixture, rng)):
        np.save(folder / f"{name}.npy", array)
    return mixture


def write_points(path, N, mixture, rng, rows=2**17):
    """Draws points into a .npy file, piece by piece."""
    D = mixture.means.shape[1]
    points = np.lib.format.open_memmap(path, mode="w+", dtype=float, shape=(N, D))
    for first in range(0, N, rows):
        size = min(rows, N - first)
        points[first : first + size] = gmm.sample(mixture, size, rng)[0]
    points.flush()


# ---- how much there is to do


def operations(shape):
    """What one step needs at least: floating-point operations, exponentials, and bytes read.

    For each point and component, with symmetric and triangular matrices done by half:
        whiten      D differences, D(D+1)/2 multiply-adds, D squares added up         D + D(D+1) + 2D
        share       less the largest, summed, divided, weighted                        4
        mean        D multiply-adds                                                    2D
        covariance  D differences, D weighted, D(D+1)/2 multiply-adds                  2D + D(D+1)
    Of a diagonal covariance D numbers in place of D(D+1)/2: whiten 4D, share 4, mean 2D, variances 4D.
    One exponential for each point and component, one reading of the points.
    """
    N, D, K = shape.N, shape.D, shape.K
    each = 10 * D + 4 if shape.diagonal else 2 * D * (D + 1) + 7 * D + 4
    return {"flops": N * K * each, "exponentials": N * K, "bytes": 8 * N * D}


def seconds_at_least(needed, limits):
    """How long each kind of operation takes when it goes as fast as this machine can."""
    return {
        "matrix products": needed["flops"] / limits["flops"],
        "exponentials": needed["exponentials"] / limits["exponentials"],
        "memory": needed["bytes"] / limits["bytes"],
    }
