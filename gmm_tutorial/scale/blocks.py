"""The E-step and the M-step of many points, block by block."""

from functools import cache, partial
from itertools import pairwise

import numpy as np

from gmm_tutorial.derived import total_mean, total_variance
from gmm_tutorial.scale.summary import maximize, merged
from gmm_tutorial.variances import with_means


def steps_in_blocks(summarize, map, rows, far=True):
    """The E-step that summarizes blocks of at most this many rows and merges the results, and the M-step for it.

    far, whether the origin may be moved closer to the points first
    """
    keep_freed_memory()

    def e_step(points, mixture, sample_weights=None):
        mixture.roots  # a collapsed component raises its error here
        origin = distant_center(mixture) if far else None
        of_each = partial(summarize_block, summarize, shifted(mixture, origin, -1), origin)
        summary = merged(map(of_each, split(points, sample_weights, rows)))
        if origin is not None:
            summary = summary._replace(means=summary.means + origin)
        return summary, summary.log_likelihood

    def m_step(points, summary):
        return maximize(summary)

    return e_step, m_step


@cache
def keep_freed_memory():
    """Frees 16 MB once, so that glibc keeps the freed memory of blocks and does not request it anew for each."""
    np.empty(2**21)


def rows_of(K, D):
    """The number of points in a block: few enough for the cache of a core, many enough to justify a call."""
    return max(min(2**16, 2**18 // D, 2**20 // K), 2**8)


def split(points, sample_weights, rows):
    """Blocks of points and their weights, nearly equal in size and with at most this many rows."""
    if hasattr(points, "in_pieces"):
        yield from points.split(sample_weights, rows)
        return
    number = -(-len(points) // rows)
    for start, stop in pairwise(len(points) * n // number for n in range(number + 1)):
        yield points[start:stop], None if sample_weights is None else sample_weights[start:stop]


def summarize_block(summarize, mixture, origin, block):
    """The summary of a block relative to an origin; its columns are made contiguous, which is faster."""
    points, sample_weights = block
    x = np.asfortranarray(points)
    return summarize(x if origin is None else x - origin, mixture, sample_weights)


def distant_center(mixture):
    """The origin at which the means of blocks lose no digits, or None if zero is good enough.

    It is the total mean along each axis where this is more than 8192 standard deviations from zero. By Chebyshev's
    inequality, at most one point in 2²⁶ is then as far away as the old origin.
    """
    center, spread = total_mean(mixture), np.sqrt(total_variance(mixture))
    far = np.abs(center) > 2**13 * spread
    return far * center if far.any() else None


def shifted(mixture, origin, times):
    return mixture if origin is None else with_means(mixture, mixture.means + times * origin)
