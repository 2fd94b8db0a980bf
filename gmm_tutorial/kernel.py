"""The four formulas compiled: `summarize` as loops over a block. Needs numba.

The innermost loop always runs over the points, so that the processor takes several of them at a time; and where it can
it does four dimensions at once, so that each number that is fetched serves four times.
"""

from functools import partial
from math import factorial

import numpy as np
from numba import njit

from gmm_tutorial.blocks import Summary
from gmm_tutorial.constraints import reads_variances_only


def compiled(function, allowed=("contract", "nsz", "reassoc")):
    """Machine code that lets other threads run, and may take sums in any order."""
    options = {"nogil": True, "error_model": "numpy", "fastmath": set(allowed)}
    try:
        return njit(cache=True, **options)(function)
    except RuntimeError:  # there is no folder to keep it in
        return njit(**options)(function)


in_this_order = partial(compiled, allowed=("contract", "nsz"))


def summarizer(constraint):
    """`summarize`, or the one for covariances whose shape needs the variances only: D numbers in place of D²."""
    return summarize_variances if reads_variances_only(constraint) else summarize


def summarize(points, mixture, sample_weights=None, reach=None):
    """The same as `blocks.summarize`, to rounding.

    reach, how many diagonals of the covariances are wanted: all D, or 1 for the variances alone
    """
    x = np.array(points.T, order="C")
    weights, means, _ = mixture
    spreads = np.diagonal(mixture.factors, axis1=1, axis2=2)
    heights = -np.log(spreads).sum(axis=1) - 0.5 * len(x) * np.log(2 * np.pi)
    logs, largest = log_gaussians(x, means, mixture.factors, np.where(weights > 0, heights, -np.inf))
    gammas, sizes = bayes(logs, weights)
    log_densities = largest + np.log(sizes)
    if sample_weights is not None:
        gammas, log_densities = gammas * sample_weights, log_densities * sample_weights
    summary = Summary(float(log_densities.sum()), *moments(x, gammas, means, reach or len(x)))
    if not all(np.isfinite(part).all() for part in summary):
        raise FloatingPointError("overflow in compiled loops")  # which raise no flag of NumPy's
    return summary


summarize_variances = partial(summarize, reach=1)


@compiled
def together(D):
    """How many points are looked at together: their numbers stay in the nearest memory of the core."""
    return max(64, min(512, 2**12 // D))


@compiled
def log_gaussians(x, means, factors, heights):
    """log N(xₙ | μₖ, Σₖ) less the largest of each point, (K, N); and that largest, (N,)."""
    (K, D), N = means.shape, x.shape[1]
    rows = together(D)
    logs, largest = np.empty((K, N)), np.empty(N)
    z, q = np.empty((D, rows)), np.empty(rows)
    for start in range(0, N, rows):
        size = min(rows, N - start)
        top = largest[start : start + size]
        top[:] = -np.inf
        for k in range(K):
            q[:] = 0.0
            for i in range(D):
                zi, row, mu, unit = z[i], x[i, start : start + size], means[k, i], 1 / factors[k, i, i]
                for n in range(size):
                    zi[n] = row[n] - mu
                for j in range(i % 4):
                    a, za = factors[k, i, j], z[j]
                    if a != 0:
                        for n in range(size):
                            zi[n] -= a * za[n]
                for j in range(i % 4, i, 4):
                    a, b, c, d = factors[k, i, j], factors[k, i, j + 1], factors[k, i, j + 2], factors[k, i, j + 3]
                    za, zb, zc, zd = z[j], z[j + 1], z[j + 2], z[j + 3]
                    if a != 0 or b != 0 or c != 0 or d != 0:
                        for n in range(size):
                            zi[n] -= a * za[n] + b * zb[n] + c * zc[n] + d * zd[n]
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
def bayes(logs, weights):
    """πₖ exp(logs) over their sum, (K, N), in place of the logs; and the sums, (N,)."""
    K, N = logs.shape
    sizes, powers = np.zeros(N), np.empty(N)
    for k in range(K):
        joints = logs[k]
        exponentiate(joints, powers)
        for n in range(N):
            joints[n] *= weights[k]
            sizes[n] += joints[n]
    for k in range(K):
        for n in range(N):
            logs[k, n] /= sizes[n]
    return logs, sizes


LOG_2 = 0.693147180369123816490, 1.90821492927058770002e-10  # its first 33 bits, and the rest
TAYLOR = tuple(1 / factorial(n) for n in reversed(range(14)))
PER_LOG_2 = 1 / sum(LOG_2)
LOWEST = -708.0
ROUNDER = 1.5 * 2**52  # a number so large that floats of its size are whole


@in_this_order
def exponentiate(y, powers):
    """exp(yₙ) in place, for yₙ ≤ 0: exp(y) = 2ᵖ exp(r) with y = p log 2 + r, and Taylor's series for the small r.

    The last bits of p + ROUNDER are the whole number p; moved to the left by 52 they are the exponent of the float 2ᵖ.
    What is less than exp(−708), 3e-308, becomes zero.                                    Muller et al. (2018), ch. 10
    """
    for n in range(len(y)):
        floored = max(y[n], LOWEST)
        shifted = floored * PER_LOG_2 + ROUNDER
        p = shifted - ROUNDER
        r = (floored - p * LOG_2[0]) - p * LOG_2[1]
        total = 0.0
        for coefficient in TAYLOR:
            total = total * r + coefficient
        powers[n], y[n] = shifted, total if y[n] > LOWEST else 0.0
    bits = powers.view(np.int64)
    for n in range(len(y)):
        bits[n] = (bits[n] + 1023) << 52
    for n in range(len(y)):
        y[n] *= powers[n]


@compiled
def moments(x, gammas, old_means, reach):
    """Counts, means, and covariances about these means, their first diagonals only; (K,), (K, D), (K, D, D)."""
    (K, D), N = old_means.shape, x.shape[1]
    rows = together(D)
    counts, means, covariances = np.zeros(K), old_means.copy(), np.zeros((K, D, D))
    d, w = np.empty((D, rows)), np.empty(rows)
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
        for start in range(0, N, rows):
            size = min(rows, N - start)
            gamma = gammas[k, start : start + size]
            for i in range(D):
                row, mu, di, of_i = x[i, start : start + size], means[k, i], d[i], covariances[k, i]
                for n in range(size):
                    di[n] = row[n] - mu
                    w[n] = gamma[n] * di[n]
                first = max(0, i + 1 - reach)
                fours = first + (i + 1 - first) % 4
                for j in range(first, fours):
                    a, da = 0.0, d[j]
                    for n in range(size):
                        a += w[n] * da[n]
                    of_i[j] += a / counts[k]
                for j in range(fours, i + 1, 4):
                    a, b, c, e = 0.0, 0.0, 0.0, 0.0
                    da, db, dc, de = d[j], d[j + 1], d[j + 2], d[j + 3]
                    for n in range(size):
                        a += w[n] * da[n]
                        b += w[n] * db[n]
                        c += w[n] * dc[n]
                        e += w[n] * de[n]
                    of_i[j] += a / counts[k]
                    of_i[j + 1] += b / counts[k]
                    of_i[j + 2] += c / counts[k]
                    of_i[j + 3] += e / counts[k]
        for i in range(D):
            covariances[k, :i, i] = covariances[k, i, :i]
    return counts, means, covariances
