"""The four formulas compiled: `summarize` as loops over a block, for points of few dimensions. Needs numba.

The innermost loop always runs over the points, so that the processor takes several of them at a time.
"""

from functools import partial

import numpy as np
from numba import njit

from gmm_tutorial.blocks import Summary
from gmm_tutorial.constraints import reads_variances_only

ROWS = 512  # points that are looked at together: their numbers stay in the nearest memory of the core


def compiled(function):
    """Machine code that lets other threads run, and may take sums in any order."""
    options = {"nogil": True, "fastmath": {"reassoc", "contract", "nsz"}}
    try:
        return njit(cache=True, **options)(function)
    except RuntimeError:  # there is no folder to keep it in
        return njit(**options)(function)


def summarizer(constraint):
    """`summarize`, or the one for covariances whose shape needs the variances only: D numbers in place of D²."""
    return summarize_variances if reads_variances_only(constraint) else summarize


def summarize(points, mixture, sample_weights=None, reach=None):
    """The same as `blocks.summarize`. The exponentials and logarithms are NumPy's own.

    reach, how many diagonals of the covariances are wanted: all D, or 1 for the variances alone
    """
    x = np.array(points.T, order="C")
    weights, means, _ = mixture
    spreads = np.diagonal(mixture.factors, axis1=1, axis2=2)
    heights = -np.log(spreads).sum(axis=1) - 0.5 * len(x) * np.log(2 * np.pi)
    logs, largest = log_gaussians(x, means, mixture.factors, np.where(weights > 0, heights, -np.inf))
    gammas, sizes = bayes(np.exp(logs, out=logs), weights)
    log_densities = largest + np.log(sizes)
    if sample_weights is not None:
        gammas, log_densities = gammas * sample_weights, log_densities * sample_weights
    summary = Summary(float(log_densities.sum()), *moments(x, gammas, means, reach or len(x)))
    if not all(np.isfinite(part).all() for part in summary):
        raise FloatingPointError("overflow in compiled loops")  # which raise no flag of NumPy's
    return summary


summarize_variances = partial(summarize, reach=1)


@compiled
def log_gaussians(x, means, factors, heights):
    """log N(xₙ | μₖ, Σₖ) less the largest of each point, (K, N); and that largest, (N,)."""
    (K, D), N = means.shape, x.shape[1]
    logs, largest = np.empty((K, N)), np.empty(N)
    z, q = np.empty((D, ROWS)), np.empty(ROWS)
    for start in range(0, N, ROWS):
        size = min(ROWS, N - start)
        top = largest[start : start + size]
        top[:] = -np.inf
        for k in range(K):
            q[:] = 0.0
            for i in range(D):
                zi, row, mu, unit = z[i], x[i, start : start + size], means[k, i], 1 / factors[k, i, i]
                for n in range(size):
                    zi[n] = row[n] - mu
                for j in range(i):
                    zj, factor = z[j], factors[k, i, j]
                    if factor == 0:
                        continue
                    for n in range(size):
                        zi[n] -= factor * zj[n]
                for n in range(size):
                    zi[n] *= unit
                    q[n] += zi[n] * zi[n]
            log = logs[k, start : start + size]
            for n in range(size):
                log[n] = heights[k] - 0.5 * q[n]
            for n in range(size):
                top[n] = max(top[n], log[n])
        logs[:, start : start + size] -= top
    return logs, largest


@compiled
def bayes(joints, weights):
    """πₖ N(xₙ | μₖ, Σₖ) over their sum, (K, N), in place; and the sums, (N,)."""
    K, N = joints.shape
    sizes = np.zeros(N)
    for k in range(K):
        for n in range(N):
            joints[k, n] *= weights[k]
            sizes[n] += joints[k, n]
    for k in range(K):
        for n in range(N):
            joints[k, n] /= sizes[n]
    return joints, sizes


@compiled
def moments(x, gammas, old_means, reach):
    """Counts, means, and covariances about these means, their first diagonals only; (K,), (K, D), (K, D, D)."""
    (K, D), N = old_means.shape, x.shape[1]
    counts, means, covariances = np.zeros(K), old_means.copy(), np.zeros((K, D, D))
    d, w = np.empty((D, ROWS)), np.empty(ROWS)
    for k in range(K):
        for n in range(N):
            counts[k] += gammas[k, n]
        if counts[k] == 0:
            continue
        for i in range(D):
            total = 0.0
            for n in range(N):
                total += gammas[k, n] * x[i, n]
            means[k, i] = total / counts[k]
        for start in range(0, N, ROWS):
            size = min(ROWS, N - start)
            gamma = gammas[k, start : start + size]
            for i in range(D):
                row, mu, di = x[i, start : start + size], means[k, i], d[i]
                for n in range(size):
                    di[n] = row[n] - mu
                    w[n] = gamma[n] * di[n]
                for j in range(max(0, i + 1 - reach), i + 1):
                    total, dj = 0.0, d[j]
                    for n in range(size):
                        total += w[n] * dj[n]
                    covariances[k, i, j] += total / counts[k]
        for i in range(D):
            covariances[k, :i, i] = covariances[k, i, :i]
    return counts, means, covariances
