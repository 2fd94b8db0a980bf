"""Chapter 06: when to stop."""

from __future__ import annotations

import numpy as np

from gmm_tutorial.checks import LogLikelihoods

EPSILON = float(np.finfo(float).eps)
WATCHED = 8  # number of steps that together must gain less than the tolerance


def gain_to_come(log_likelihoods: LogLikelihoods) -> float:
    """An estimate of the log-likelihood still to be gained, if the gains keep shrinking at their present rate.

        g r / (1 − r)     with the last gain g, and r = g / the gain before       Aitken (1926); Böhning et al. (1994)

    log-likelihoods (T,) of successive steps  →  a number in nats; ∞ if the gains do not shrink

    Raises ValueError if a log-likelihood is not finite.

    >>> import gmm_tutorial as gmm
    >>> gmm.gain_to_come([0, 8, 12, 14])    # 1 + ½ + ¼ + … is still to come
    2.0
    """
    if len(log_likelihoods) < 3:
        return np.inf
    earliest, earlier, latest = map(float, log_likelihoods[-3:])
    before, last = earlier - earliest, latest - earlier
    if abs(last) <= rounding(latest):
        return 0.0
    if before == 0 or not 0 < last / before < 1:
        return np.inf
    r = last / before
    return abs(last) * r / (1 - r)


def rounding(log_likelihood):
    """The size of the rounding error of a log-likelihood, which is a sum over the points."""
    return 64 * EPSILON * abs(log_likelihood)


def converged(log_likelihoods, tolerance):
    """True if the last eight steps together, and by extrapolation all further steps, gain less than the tolerance.

    A single small gain is not enough: after a plateau, or after a step that was refused, the gains may grow again. If
    the tolerance is smaller than the rounding error of the log-likelihood, this error takes its place. With a tolerance
    of 0 the result is always False.

    >>> from gmm_tutorial.convergence import converged
    >>> converged([-9, -5, -4, -4, -4, -4, -4, -4, -4, -4], tolerance=1e-6)
    False
    >>> converged([-9, -5, -4, -4, -4, -4, -4, -4, -4, -4, -4], tolerance=1e-6)
    True
    """
    last = log_likelihoods[-1 - WATCHED :]
    if len(last) <= WATCHED or tolerance <= 0:
        return False
    enough = max(tolerance, rounding(last[-1]))
    return max(last) - min(last) < enough and gain_to_come(last) < enough


def average_below_one(sample_weights):
    """The factor of the tolerance for weighted points: the average of min(weight, 1) over the weights above zero."""
    return 1.0 if sample_weights is None else float(np.minimum(sample_weights[sample_weights > 0], 1).mean())
