"""Chapter 11: what EM needs to know of a set of points, found block by block."""

import os
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from functools import cache, partial, reduce
from inspect import unwrap
from itertools import pairwise
from threading import Lock
from typing import NamedTuple

import numpy as np

from gmm_tutorial.constraints import reads_variances_only
from gmm_tutorial.door import CollapseError
from gmm_tutorial.mixture import total_covariance, total_mean, unchecked
from gmm_tutorial.steps import count, covariance, e_step, mean, variances, weight


class Summary(NamedTuple):
    """All that EM needs to know of a block: log-likelihood, counts (K,), means (K, D), covariances (K, D, D)."""

    log_likelihood: float
    counts: np.ndarray
    means: np.ndarray
    covariances: np.ndarray


def summarize(points, mixture, sample_weights=None, spread=covariance):
    """What a mixture finds in one block of points: the E-step, and the four formulas.

        ℓ, Nₖ, μₖ, Σₖ                                                   Bishop (2006), eq. 9.14 and 9.17 to 9.19

    points (N, D), mixture of K, sample_weights (N,)  →  Summary of K

    spread, the formula for Σₖ: `covariance`, or a cheaper one where only the variances are wanted
    A component that explains nothing here has the count zero, and its own mean.

    >>> import gmm_tutorial as gmm
    >>> equal = gmm.Mixture([0.25, 0.75], means=[[1], [1]], covariances=[[[1]], [[1]]])
    >>> gmm.summarize([[0], [4]], equal).means.ravel()
    array([2., 2.])
    """
    responsibilities, log_likelihood = e_step(points, mixture, sample_weights)
    counts = count(responsibilities)
    means, covariances = mixture.means.copy(), np.zeros(mixture.covariances.shape)
    busy = slice(None) if counts.all() else np.flatnonzero(counts)
    if counts.any():
        means[busy] = mean(points, responsibilities[:, busy])
        covariances[busy] = unwrap(spread)(points, responsibilities[:, busy], means[busy])
    return Summary(log_likelihood, counts, means, covariances)


summarize_variances = partial(summarize, spread=variances)


def merge(one, other):
    """What is known of two blocks together: the laws of total mean and total covariance.

        N = N₁ + N₂     μ = μ₁ + t δ     Σ = (1 − t) Σ₁ + t Σ₂ + t (1 − t) δ δᵀ
        with   t = N₂ / N,   δ = μ₂ − μ₁,   for each component          Chan, Golub & LeVeque (1983)

    two Summaries of K  →  Summary of K

    >>> import gmm_tutorial as gmm
    >>> low = gmm.Summary(-3.0, counts=[1], means=[[0]], covariances=[[[2]]])
    >>> high = gmm.Summary(-5.0, counts=[3], means=[[4]], covariances=[[[6]]])
    >>> log_likelihood, counts, means, covariances = gmm.merge(low, high)
    >>> log_likelihood, counts, means.ravel(), covariances.ravel()    # 5 within and 3 between
    (-8.0, array([4.]), array([3.]), array([8.]))
    """
    counts = one.counts + other.counts
    t = np.divide(other.counts, counts, out=np.zeros_like(counts), where=counts > 0)[:, None]
    step = other.means - one.means
    between = (t * (1 - t))[:, :, None] * (step[:, :, None] * step[:, None, :])
    within = (1 - t)[:, None] * one.covariances + t[:, None] * other.covariances
    return Summary(one.log_likelihood + other.log_likelihood, counts, one.means + t * step, within + between)


def merged(summaries):
    """All summaries merged in pairs, and the pairs in pairs: rounding grows with the logarithm of their number."""
    stack = []
    try:
        for number, summary in enumerate(summaries, start=1):
            while number % 2 == 0:
                summary, number = merge(stack.pop(), summary), number // 2
            stack.append(summary)
    finally:
        getattr(summaries, "close", lambda: None)()  # whatever happened, nobody goes on with the blocks
    return reduce(lambda later, earlier: merge(earlier, later), reversed(stack))


def maximize(summary):
    """The mixture that explains best what a summary tells: the M-step.

        πₖ = Nₖ / Σᵢ Nᵢ,   μₖ,   Σₖ                                      Bishop (2006), eq. 9.17, 9.19 and 9.22

    Summary of K  →  Mixture of K

    Raises ValueError if a component explains no point at all. One without spread is let through, as by `m_step`.

    >>> import gmm_tutorial as gmm
    >>> gmm.maximize(gmm.Summary(-8.0, counts=[1, 3], means=[[0], [4]], covariances=[[[2]], [[6]]])).weights
    array([0.25, 0.75])
    """
    weights = weight(summary.counts[None])
    if not weights.all():
        raise CollapseError(int(weights.argmin()))
    return unchecked(weights, summary.means, summary.covariances)


# ---- the blocks, who does them, and how


np.empty(2**21)  # once 16 MB were freed, glibc keeps freed blocks for the next ones, and gets no new pages for each


def rows_of(K, D):
    """How many points make a block: few enough for the inner memory of a core, many enough for what a call costs."""
    return max(min(2**16, 2**18 // D, 2**20 // K), 2**8)


def split(points, sample_weights, rows):
    """Blocks of points and their weights, nearly equal in size and of at most so many rows."""
    if hasattr(points, "in_pieces"):
        yield from points.split(sample_weights, rows)
        return
    number = -(-len(points) // rows)
    for start, stop in pairwise(len(points) * n // number for n in range(number + 1)):
        yield points[start:stop], None if sample_weights is None else sample_weights[start:stop]


def of_block(summarize, mixture, origin, block):
    """The summary of a block, seen from an origin; the numbers of one axis lie side by side: NumPy likes that."""
    points, sample_weights = block
    x = np.asfortranarray(points)
    return summarize(x if origin is None else x - origin, mixture, sample_weights)


def distant_center(mixture):
    """Where to look from, so that the means of blocks keep their digits: the total mean, along each axis where it is
    further than 8192 deviations away. At most one point in 2²⁶ lies at the old origin then (Chebyshev).
    """
    center, spread = total_mean(mixture), np.sqrt(np.diag(total_covariance(mixture)))
    far = np.abs(center) > 2**13 * spread
    return far * center if far.any() else None


def moved(mixture, origin, times):
    if origin is None:
        return mixture
    return unchecked(mixture.weights, mixture.means + times * origin, mixture.covariances)


@contextmanager
def mapper(points, mixture, rows, map_of_the_user):
    """Who does the blocks: the user's map, workers, or the cores of this machine, if there is enough for them to do."""
    work = len(points) * mixture.means.size
    if hasattr(points, "map"):
        if map_of_the_user:
            raise ValueError("map is given, but points on workers have their own: leave map out, or give one array.")
        yield points.map
    elif map_of_the_user or work < WORTH_HOLDING:
        yield map_of_the_user or map
    elif work < WORTH_SHARING or len(points) <= rows or cores() == 1:
        yield one_by_one
    else:
        with ThreadPoolExecutor(cores() - 1) as helpers:
            yield partial(threads, helpers)


def summarizer(points, mixture, constraint):
    """How to summarize: compiled, if that is installed and there is enough to do; only variances if they are enough."""
    whole, variances_only = ways(len(points) * mixture.means.size >= WORTH_COMPILING)
    return variances_only if reads_variances_only(constraint) else whole


def ways(worth_compiling):
    with suppress(ImportError):
        if worth_compiling:
            from gmm_tutorial import kernel

            return kernel.summarize, kernel.summarize_variances
    return summarize, summarize_variances


WORTH_COMPILING = 2**19  # N K D: a hundredth of a second's work for the formulas
WORTH_SHARING = 3 * 2**18  # with less to do, threads wait for one another as long as they work
WORTH_HOLDING = 2**13  # with less to do, BLAS starts no threads, in whose sums the last bit depends on their number


def one_by_one(function, blocks):
    with one_core_for_blas:
        yield from map(function, blocks)


def threads(helpers, function, blocks):
    """Like map, by the caller and helpers: a block goes to a helper who soon has time, or else the caller does it.

    The summaries, and errors, come in the order of the blocks.
    """
    errors, given, soon = np.geterr(), deque(), 2 * (cores() - 1)

    def summary(future, block):
        return function(block) if future.cancel() else future.result()

    with one_core_for_blas:
        try:
            for block in blocks:
                helped = sum(not future.done() for future, _ in given) < soon
                future = helpers.submit(with_errors, errors, function, block) if helped else done(function, block)
                given.append((future, block))
                while given and (given[0][0].done() or len(given) > 2 * soon):
                    yield summary(*given.popleft())
            take_back(function, given)
            while given:
                yield summary(*given.popleft())
        finally:
            wait([future for future, _ in given if not future.cancel()])


def take_back(function, given):
    """Does what no helper has begun, the last first, so that nobody waits while there is something to do."""
    for place in reversed(range(len(given))):
        future, block = given[place]
        if future.cancel():
            given[place] = done(function, block), block


def done(function, block):
    """What a helper would promise, kept at once."""
    future = Future()
    try:
        future.set_result(function(block))
    except Exception as error:
        future.set_exception(error)
    return future


def with_errors(errors, function, block):
    with np.errstate(**errors):  # each thread has its own
        return function(block)


def cores():
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class OneCoreForBlas:
    """While anybody is inside, BLAS starts no threads of its own. Without threadpoolctl it may."""

    def __init__(self):
        self.lock, self.inside, self.limits = Lock(), 0, None

    def __enter__(self):
        with self.lock:
            if self.inside == 0 and controller():
                limits = controller().limit(limits=1, user_api="blas")
                self.limits = self.limits or limits  # an interrupt may have left the original ones
            self.inside += 1

    def __exit__(self, *error):
        with self.lock:
            self.inside -= 1
            if self.inside == 0 and self.limits:
                self.limits.restore_original_limits()
                self.limits = None


one_core_for_blas = OneCoreForBlas()


@cache
def controller():
    try:
        from threadpoolctl import ThreadpoolController
    except ImportError:
        return None
    return ThreadpoolController()
