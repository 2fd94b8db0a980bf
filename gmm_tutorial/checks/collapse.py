"""Errors that name a component without points or without spread, where a formula would continue with zeros or NaN."""

import numpy as np

from gmm_tutorial.errors import CollapseError

EPSILON = np.finfo(float).eps


def refuse_empty(weights):
    """The same weights, or a CollapseError that names the first component whose weight is zero."""
    if not weights.all():
        raise CollapseError(int(weights.argmin()))
    return weights


def cholesky_factors(means, covariances):
    """The lower Cholesky factors (K, D, D), or a CollapseError that names the first component without spread."""
    factors = cholesky_or_zeros(covariances)
    refuse_flat(np.square(factors.diagonal(0, 1, 2)), covariances.diagonal(0, 1, 2), means)
    return factors


def cholesky_or_zeros(covariances):
    """The lower Cholesky factors, with zeros for each matrix that has none."""
    try:
        return np.linalg.cholesky(covariances)
    except np.linalg.LinAlgError:
        if covariances.ndim == 2:
            return np.zeros_like(covariances)
        return np.stack([cholesky_or_zeros(covariance) for covariance in covariances])


def refuse_flat(pivots, variances, means):
    """Raises a CollapseError for a Gaussian that is singular, or narrower than the rounding error of its mean."""
    seen = pivots > 4 * means.shape[1] * EPSILON * variances  # never so if a variance is infinite or NaN
    sound = seen & (variances > np.square(512 * EPSILON * means))
    if not sound.all():
        flat = int(sound.all(axis=1).argmin())
        raise CollapseError(flat, means[flat], variances[flat])
