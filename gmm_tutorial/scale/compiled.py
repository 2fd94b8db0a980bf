"""The formulas as compiled loops over a block: a faster `summarize`. Needs numba.

The loops process a few hundred points at a time, so that all their numbers stay in the cache of the core. The innermost
loop always runs over points, so that the processor can use vector instructions. Two rows and four columns of a matrix
are processed together, so that each number that is loaded is used several times. In many dimensions, matrix products of
BLAS are faster: they compute a triangle eight rows at a time.
"""

from functools import partial
from math import factorial

import numpy as np
from numba import njit
from scipy.linalg.lapack import dtrtri

from gmm_tutorial.checks.boundary import changed_between_steps
from gmm_tutorial.scale import summary
from gmm_tutorial.variances import variance


def compiled(function, allowed=("contract", "nsz", "reassoc")):
    """The function as machine code, which lets other threads run and may add terms in any order."""
    options = {"nogil": True, "error_model": "numpy", "fastmath": set(allowed)}
    try:
        return njit(cache=True, **options)(function)
    except RuntimeError:  # there is no folder for the cache
        return njit(**options)(function)


MANY = 20  # dimensions, above which matrix products of BLAS are faster than loops
TILE = 8  # rows of a triangle that are computed together; with more, too much of the other triangle is computed, too
in_this_order = partial(compiled, allowed=("contract", "nsz"))


def summarize(points, mixture, sample_weights=None, only_variances=False):
    """The result of `summary.summarize`, up to rounding."""
    x = np.ascontiguousarray(points.T, dtype=float)
    D, N = x.shape
    times = np.ones(N) if sample_weights is None else sample_weights
    roots = mixture.roots
    spreads = roots if roots.ndim == 2 else np.diagonal(roots, axis1=1, axis2=2)
    log_peaks = -np.log(spreads).sum(axis=1) - 0.5 * D * np.log(2 * np.pi)
    log_peaks = np.where(mixture.weights > 0, log_peaks, -np.inf)
    inverses = np.empty((len(roots), 0, 0)) if roots.ndim == 2 else inverses_of(roots)
    arguments = (x, times, mixture.weights, mixture.means, inverses, 1 / spreads, log_peaks, only_variances)
    counts, means, spread, largest, sizes = interruptible(scan, *arguments)
    with np.errstate(divide="ignore", invalid="ignore"):  # what is not finite goes to the formulas
        log_likelihood = float((times * (largest + np.log(sizes))).sum())
    found = summary.Summary(log_likelihood, counts, means, spread[:, :, 0] if only_variances else spread)
    return found if finite(found) else by_formulas(points, mixture, sample_weights, only_variances)


summarize_variances = partial(summarize, only_variances=True)


def interruptible(function, *arguments):
    """A call of compiled code, in which Ctrl-C causes a SystemError."""
    try:
        return function(*arguments)
    except SystemError as error:
        if began_as_an_interrupt(error):
            raise KeyboardInterrupt from None
        raise


def began_as_an_interrupt(error):
    """True if Ctrl-C is the first in the chain of causes of an error."""
    while cause := error.__cause__ or error.__context__:
        error = cause
    return isinstance(error, KeyboardInterrupt)


def by_formulas(points, mixture, sample_weights, only_variances):
    """The result by the formulas: weights of 1e-310 are too small for the loops, which set no error flags."""
    if np.isnan(points).any() or (sample_weights is not None and np.isnan(sample_weights).any()):
        raise changed_between_steps()
    spread = {"spread": variance} if only_variances else {}
    found = summary.summarize(points, mixture, sample_weights, **spread)
    if not finite(found):
        raise FloatingPointError("overflow in compiled loops and in the formulas")
    return found


def finite(found):
    return all(np.isfinite(part).all() for part in found)


def inverses_of(factors):
    """The inverse factors L⁻¹, padded with zeros to a multiple of four rows and columns."""
    more = -factors.shape[1] % 4
    return np.pad(np.stack([dtrtri(factor, lower=True)[0] for factor in factors]), [(0, 0), (0, more), (0, more)])


@compiled
def scan(x, times, weights, means, inverses, units, log_peaks, only_variances):
    """Counts, means and covariances (or variances (K, D, 1)); for each point, the largest log Gaussian, and the sum of
    all Gaussians divided by the largest. Without inverses, the covariances are diagonal: units (K, D) are 1/σ.
    """
    (K, D), N = means.shape, x.shape[1]
    P = D + (-D) % 4
    rows = together(P)
    largest, sizes = np.empty(N), np.empty(N)
    counts, shifts, sums = np.zeros(K), np.zeros((K, D)), np.zeros((K, P, 1 if only_variances else P))
    some_logs, powers = np.empty(K * rows), np.empty(K * rows)
    d, z, q = np.zeros((P, rows)), np.empty((TILE, rows)), np.empty(rows)
    for start in range(0, N, rows):
        stop = min(start + rows, N)
        logs = some_logs[: K * (stop - start)].reshape(K, stop - start)
        log_gaussians(x, start, means, inverses, units, log_peaks, logs, largest[start:stop], d, z, q)
        exponentiate(logs.ravel(), powers)
        bayes(logs, weights, times[start:stop], sizes[start:stop], q)
        moments(x, start, means, logs, counts, shifts, sums, only_variances, d, q)
    covariances = np.zeros((K, D, 1 if only_variances else D))
    for k in range(K):
        if counts[k] == 0:
            continue
        for i in range(D):
            if only_variances:
                covariances[k, i, 0] = sums[k, i, 0] / counts[k]
            else:
                for j in range(i + 1):
                    covariances[k, i, j] = covariances[k, j, i] = sums[k, i, j] / counts[k]
    return counts, means + shifts, covariances, largest, sizes


@compiled
def together(P):
    """The number of points that are processed together: few enough for the cache of the core."""
    return max(256 if P > MANY else 128, min(512, 2**12 // P))


@compiled
def log_gaussians(x, start, means, inverses, units, log_peaks, logs, largest, d, z, q):
    """Writes log N(xₙ | μₖ, Σₖ) minus the largest of each point into logs (K, n), and the largest into largest (n,)."""
    (K, D), size = means.shape, len(largest)
    stop = start + size
    largest[:] = -np.inf
    for k in range(K):
        q[:] = 0.0
        if inverses.shape[1] == 0 or np.count_nonzero(inverses[k]) == D:
            for i in range(D):
                row, mu, unit = x[i, start:stop], means[k, i], units[k, i]
                for n in range(size):
                    zi = unit * (row[n] - mu)
                    q[n] += zi * zi
        else:
            for i in range(D):
                row, mu, di = x[i, start:stop], means[k, i], d[i]
                for n in range(size):
                    di[n] = row[n] - mu
            if D > MANY:
                add_squares_by_tiles(inverses[k], d, z, q)
            else:
                for i in range(0, D, 2):
                    add_squares(inverses[k], i, d, z, q, size)
        log = logs[k]
        for n in range(size):
            log[n] = log_peaks[k] - 0.5 * q[n]
            largest[n] = max(largest[n], log[n])
    for k in range(K):
        log = logs[k]
        for n in range(size):
            log[n] -= largest[n]


@compiled
def add_squares(inverse, i, d, z, q, size):
    """Adds zᵢ² + zᵢ₊₁² of z = L⁻¹ d to q, four columns at a time."""
    za, zb = z[0], z[1]
    if i >= 4:
        za[:] = 0.0
        zb[:] = 0.0
    for j in range(0, i + 2, 4):
        d0, d1, d2, d3 = d[j], d[j + 1], d[j + 2], d[j + 3]
        a0, a1, a2, a3 = inverse[i, j], inverse[i, j + 1], inverse[i, j + 2], inverse[i, j + 3]
        b0, b1, b2, b3 = inverse[i + 1, j], inverse[i + 1, j + 1], inverse[i + 1, j + 2], inverse[i + 1, j + 3]
        if j + 4 < i + 2:
            for n in range(size):
                za[n] += a0 * d0[n] + a1 * d1[n] + a2 * d2[n] + a3 * d3[n]
                zb[n] += b0 * d0[n] + b1 * d1[n] + b2 * d2[n] + b3 * d3[n]
        elif i < 4:
            for n in range(size):
                a = a0 * d0[n] + a1 * d1[n] + a2 * d2[n] + a3 * d3[n]
                b = b0 * d0[n] + b1 * d1[n] + b2 * d2[n] + b3 * d3[n]
                q[n] += a * a + b * b
        else:
            for n in range(size):
                a = za[n] + (a0 * d0[n] + a1 * d1[n] + a2 * d2[n] + a3 * d3[n])
                b = zb[n] + (b0 * d0[n] + b1 * d1[n] + b2 * d2[n] + b3 * d3[n])
                q[n] += a * a + b * b


@compiled
def add_squares_by_tiles(inverse, d, z, q):
    """Adds the squares of all z = L⁻¹ d to q."""
    for i in range(0, len(d), TILE):
        stop = min(i + TILE, len(d))
        tile = np.ascontiguousarray(inverse[i:stop, :stop])
        for zi in np.dot(tile, d[:stop], z[: stop - i]):
            for n in range(len(q)):
                q[n] += zi[n] * zi[n]


@compiled
def bayes(joints, weights, times, sizes, scale):
    """Multiplies joints (K, n) by πₖ, divides by their sums (sizes), and multiplies by the sample weights (times)."""
    K, size = joints.shape
    sizes[:] = 0.0
    for k in range(K):
        joint = joints[k]
        for n in range(size):
            joint[n] *= weights[k]
            sizes[n] += joint[n]
    for n in range(size):
        scale[n] = times[n] / sizes[n]
    for k in range(K):
        joint = joints[k]
        for n in range(size):
            joint[n] *= scale[n]


@compiled
def moments(x, start, means, gammas, counts, shifts, sums, only_variances, d, root):
    """Adds these points with the responsibilities gammas (K, n) to counts, shifts (of the means) and sums Nₖ Σₖ.

    The formulas are those of `merge`. Deviations are taken from a center, which is the mean so far, or, if that is
    based on fewer points than there are here, from the mean of these points. The mean of these points is at the
    distance `beside` from the center and `ahead` from the mean so far.
    """
    (K, D), size = means.shape, gammas.shape[1]
    stop = start + size
    ahead, beside = np.empty(D), np.empty(D)
    for k in range(K):
        gamma, count = gammas[k], 0.0
        for n in range(size):
            count += gamma[n]
        if count == 0:
            continue
        if not only_variances:
            for n in range(size):
                root[n] = np.sqrt(gamma[n])
        for i in range(D):
            row, center = x[i, start:stop], means[k, i] + shifts[k, i]
            if count > counts[k]:
                center += pull(row, center, gamma) / count
            if only_variances:
                total, square = pull_and_spread(row, center, gamma)
                sums[k, i, 0] += square
            else:
                total = deviate(row, center, gamma, root, d[i])
            beside[i] = total / count
            ahead[i] = exact_offset(center, means[k, i], shifts[k, i]) + beside[i]
        if not only_variances and D > MANY:
            add_products_by_tiles(sums[k], d[:, :size])
        elif not only_variances:
            for i in range(0, D, 2):
                add_products(sums[k], i, d, size)
        t = count / (counts[k] + count)
        for i in range(D):
            if only_variances:
                sums[k, i, 0] += counts[k] * t * ahead[i] * ahead[i] - count * beside[i] * beside[i]
            else:
                for j in range(i + 1):
                    sums[k, i, j] += counts[k] * t * ahead[i] * ahead[j] - count * beside[i] * beside[j]
        counts[k] += count
        for i in range(D):
            shifts[k, i] += t * ahead[i]


@in_this_order
def exact_offset(center, mean, shift):
    """The distance of the center from the mean so far, which is mean + shift before rounding."""
    return (center - mean) - shift


@compiled
def pull(row, center, gamma):
    """The sum Σₙ γₙ (xₙ − c)."""
    total = 0.0
    for n in range(len(row)):
        total += gamma[n] * (row[n] - center)
    return total


@compiled
def pull_and_spread(row, center, gamma):
    """The sums Σₙ γₙ (xₙ − c) and Σₙ γₙ (xₙ − c)²."""
    total, square = 0.0, 0.0
    for n in range(len(row)):
        deviation = row[n] - center
        total += gamma[n] * deviation
        square += gamma[n] * deviation * deviation
    return total, square


@compiled
def deviate(row, center, gamma, root, deviations):
    """The sum Σₙ γₙ (xₙ − c); writes √γₙ (xₙ − c) into deviations."""
    total = 0.0
    for n in range(len(row)):
        deviation = row[n] - center
        total += gamma[n] * deviation
        deviations[n] = root[n] * deviation
    return total


@compiled
def add_products(sums, i, d, size):
    """Adds Σₙ dᵢ dⱼ and Σₙ dᵢ₊₁ dⱼ for all j ≤ i + 1 to sums, four columns at a time."""
    da, db = d[i], d[i + 1]
    for j in range(0, i + 2, 4):
        d0, d1, d2, d3 = d[j], d[j + 1], d[j + 2], d[j + 3]
        a0, a1, a2, a3 = 0.0, 0.0, 0.0, 0.0
        b0, b1, b2, b3 = 0.0, 0.0, 0.0, 0.0
        for n in range(size):
            a0 += da[n] * d0[n]
            a1 += da[n] * d1[n]
            a2 += da[n] * d2[n]
            a3 += da[n] * d3[n]
            b0 += db[n] * d0[n]
            b1 += db[n] * d1[n]
            b2 += db[n] * d2[n]
            b3 += db[n] * d3[n]
        sums[i, j] += a0
        sums[i, j + 1] += a1
        sums[i, j + 2] += a2
        sums[i, j + 3] += a3
        sums[i + 1, j] += b0
        sums[i + 1, j + 1] += b1
        sums[i + 1, j + 2] += b2
        sums[i + 1, j + 3] += b3


@compiled
def add_products_by_tiles(sums, d):
    """Adds the lower triangle of d dᵀ to sums."""
    d = np.ascontiguousarray(d)
    for i in range(0, len(d), TILE):
        stop = min(i + TILE, len(d))
        sums[i:stop, :stop] += np.dot(d[i:stop], d[:stop].T)


LOG_2 = 0.693147180369123816490, 1.90821492927058770002e-10  # the first 33 bits of log 2, and the rest
TAYLOR = tuple(1 / factorial(n) for n in reversed(range(14)))
PER_LOG_2 = 1 / sum(LOG_2)
LOWEST = -708.0
ROUNDER = 1.5 * 2**52  # so large that floats of this size are whole numbers


@in_this_order
def exponentiate(y, powers):
    """Replaces yₙ ≤ 0 by exp(yₙ) = 2ᵖ exp(r) with y = p log 2 + r, and the Taylor series for the small r.

    The last bits of p + ROUNDER are the whole number p; shifted to the left by 52, they are the exponent of 2ᵖ as a
    float. Values below exp(−708), about 3e-308, become zero.                               Muller et al. (2018), ch. 10
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
