"""Chapter 02: one Gaussian, computed in logarithms from the Cholesky factor of its covariance."""

from __future__ import annotations

import numpy as np
from scipy.linalg.lapack import dtrtri

from gmm_tutorial.checks import Covariance, Factor, Mean, Points


def whiten(points: Points, mean: Mean, factor: Factor) -> np.ndarray:
    """The points in coordinates in which the Gaussian is standard normal; their norm is the Mahalanobis distance.

        zₙ = L⁻¹ (xₙ − μ)   with   L Lᵀ = Σ                              Bishop (2006), section 2.3

    points (N, D), mean (D,), factor (D, D)  →  whitened points (N, D), in standard deviations

    Raises ValueError if the factor is not lower triangular with a positive diagonal, or the dimensions differ.

    >>> import gmm_tutorial as gmm
    >>> gmm.whiten([[7, 1]], mean=[1, 1], factor=[[2, 0], [1, 1]])
    array([[ 3., -3.]])
    """
    if np.count_nonzero(factor) == len(factor):  # a diagonal factor, also where only its diagonal is stored
        return (points - mean) / diagonal_of(factor)
    inverse, _ = dtrtri(factor, lower=True)
    return np.dot(inverse, (points - mean).T).T


def diagonal_of(factor):
    """The diagonal of a factor, which may be stored as its diagonal alone."""
    return factor if factor.ndim == 1 else factor.diagonal()


def log_gaussian_by_factor(points: Points, mean: Mean, factor: Factor) -> np.ndarray:
    """The log density of one Gaussian at each point, its covariance given by the lower Cholesky factor L.

        log N(xₙ | μ, L Lᵀ) = −½ (D log 2π + |L⁻¹ (xₙ − μ)|²) − Σ_d log L_dd

    points (N, D), mean (D,), factor (D, D)  →  log densities (N,), in nats

    Raises ValueError if the factor is not lower triangular with a positive diagonal, or the dimensions differ.

    >>> import gmm_tutorial as gmm
    >>> gmm.log_gaussian_by_factor([[1.0]], mean=[1], factor=[[1]]).round(4)    # log 1/√(2π)
    array([-0.9189])
    """
    z = whiten(points, mean, factor)
    distances = np.einsum("nd,nd->n", z, z)
    return -0.5 * distances - (0.5 * len(mean) * np.log(2 * np.pi) + np.log(diagonal_of(factor)).sum())


def log_gaussian(points: Points, mean: Mean, covariance: Covariance) -> np.ndarray:
    """The log density of one Gaussian at each point.

        log N(xₙ | μ, Σ) = −½ (D log 2π + log |Σ| + (xₙ − μ)ᵀ Σ⁻¹ (xₙ − μ))       Bishop (2006), eq. 2.43

    The factor L of Σ = L Lᵀ gives both: log |Σ| = 2 Σ_d log L_dd, and the distance is |L⁻¹ (xₙ − μ)|².

    points (N, D), mean (D,), covariance (D, D)  →  log densities (N,), in nats

    A log density may be positive: a density is a probability per unit of volume, and may exceed one.
    Raises ValueError if the covariance is not symmetric and positive definite.

    >>> import gmm_tutorial as gmm
    >>> gmm.log_gaussian([[0, 0], [3, 0]], mean=[0, 0], covariance=[[9, 0], [0, 1]]).round(4)
    array([-2.9365, -3.4365])
    """
    return log_gaussian_by_factor(points, mean, np.linalg.cholesky(covariance))
