"""Chapter 02: the log density of one Gaussian, computed from the Cholesky factor of its covariance."""

from __future__ import annotations

import numpy as np
from scipy.linalg.lapack import dtrtri

from gmm_tutorial.checks import Covariance, Factor, Mean, Points


def whiten(points: Points, mean: Mean, factor: Factor) -> np.ndarray:
    """The whitened points, for which the Gaussian is standard normal; their norm is the Mahalanobis distance.

        zₙ = L⁻¹ (xₙ − μ)   with   L Lᵀ = Σ                              Bishop (2006), section 2.3

    points (N, D), mean (D,), factor (D, D)  →  whitened points (N, D), in standard deviations

    Raises ValueError if the factor is not lower triangular with a positive diagonal, or the dimensions differ.

    >>> import gmm_tutorial as gmm
    >>> gmm.whiten([[7, 1]], mean=[1, 1], factor=[[2, 0], [1, 1]])
    array([[ 3., -3.]])
    """
    if np.count_nonzero(factor) == len(factor):  # a diagonal factor, or one of which only the diagonal is stored
        return (points - mean) / diagonal_of(factor)
    inverse, _ = dtrtri(factor, lower=True)
    return np.dot(inverse, (points - mean).T).T


def diagonal_of(factor):
    """The diagonal of a factor, of which perhaps only the diagonal is stored."""
    return factor if factor.ndim == 1 else factor.diagonal()


def log_gaussian_by_factor(points: Points, mean: Mean, factor: Factor) -> np.ndarray:
    """The log density of one Gaussian at each point, if the lower Cholesky factor L of its covariance is given.

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

    Both terms come from the factor L of Σ = L Lᵀ: log |Σ| = 2 Σ_d log L_dd, and the last term is |L⁻¹ (xₙ − μ)|².

    points (N, D), mean (D,), covariance (D, D)  →  log densities (N,), in nats

    A log density may be positive, because a density is a probability per unit of volume and may exceed one.
    Raises ValueError if the covariance is not symmetric and positive definite.

    >>> import gmm_tutorial as gmm
    >>> gmm.log_gaussian([[0, 0], [3, 0]], mean=[0, 0], covariance=[[9, 0], [0, 1]]).round(4)
    array([-2.9365, -3.4365])
    """
    return log_gaussian_by_factor(points, mean, np.linalg.cholesky(covariance))
