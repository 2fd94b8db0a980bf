"""The E-step and the M-step of many points, block by block."""

from functools import cache, partial
from itertools import pairwise

import numpy as np

from gmm_tutorial.derived import total_mean, total_variance
from gmm_tutorial.scale.summary import maximize, merged
from gmm_tutorial.variances import with_means


def steps_in_blocks(summarize, map, rows, far=True):
    """An E-step that summarizes blocks of so many rows and merges them, and the M-step that belongs to it.

    far, whether blocks may be moved to a nearer origin first
    """
    keep_freed_memory()

    def e_step(points, mixture, sample_weights=None):
        mixture.roots  # a component that has collapsed is named where it is
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
    """Once 16 MB were freed, glibc keeps freed blocks for the next ones, and gets no new pages for each."""
    np.empty(2**21)


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


def summarize_block(summarize, mixture, origin, block):
    """The summary of a block, seen from an origin; its columns are contiguous, which is faster."""
    points, sample_weights = block
    x = np.asfortranarray(points)
    return summarize(x if origin is None else x - origin, mixture, sample_weights)


def distant_center(mixture):
    """Where to look from, so that the means of blocks keep their digits: the total mean, along each axis where it is
    further than 8192 deviations away. At most one point in 2²⁶ lies at the old origin then (Chebyshev).
    """
    center, spread = total_mean(mixture), np.sqrt(total_variance(mixture))
    far = np.abs(center) > 2**13 * spread
    return far * center if far.any() else None


def shifted(mixture, origin, times):
    return mixture if origin is None else with_means(mixture, mixture.means + times * origin)
