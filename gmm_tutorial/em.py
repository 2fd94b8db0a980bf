"""Chapter 06: the endless climb."""

from functools import partial
from inspect import unwrap
from typing import NamedTuple

from gmm_tutorial.blocks import distant_center, mapper, maximize, merged, moved, of_block, rows_of, split, summarizer
from gmm_tutorial.constraints import full
from gmm_tutorial.door import a_mixture
from gmm_tutorial.mixture import Mixture


class Step(NamedTuple):
    """One moment of EM: a mixture, and the log-likelihood of that very mixture, in nats."""

    mixture: Mixture
    log_likelihood: float


def em(points, mixture, constraint=full, sample_weights=None, *, map=None, summarize=None):
    """The endless climb: E-step, M-step, constraint, and again. You decide when to stop.

        γ = e_step(x, θ)     θ = constraint(m_step(x, γ))                Dempster, Laird & Rubin (1977)

    points (N, D), mixture of K, constraint Mixture → Mixture, sample_weights (N,)  →  generator of Step

    The first step is the mixture that you gave. Raises ValueError when a component collapses.

    Many points are looked at in blocks, on all cores; the result is the same, bit for bit, for any number of cores.
    The points may also be .npy files, mapped arrays, or anything that gives arrays each time it is iterated.

    map        who does the blocks: (function, blocks) → summaries in order, some of them merged if you like
    summarize  how a block is done: see `summarize`; the compiled one, if numba is installed and the blocks are many

    >>> import gmm_tutorial as gmm
    >>> start = gmm.Mixture([0.5, 0.5], means=[[1], [3]], covariances=[[[1]], [[1]]])
    >>> climb = gmm.em([[1], [2], [3]], start)
    >>> [round(next(climb).log_likelihood, 4) for step in range(3)]
    [-4.3893, -3.5492, -3.4868]
    """
    constraint, rows = unwrap(constraint), rows_of(*mixture.means.shape)
    summarize = unwrap(summarize or summarizer(points, mixture, constraint))
    in_blocks = hasattr(points, "in_pieces") or len(points) > rows
    with mapper(points, mixture, rows, map) as map:
        while True:
            mixture.factors  # a component that has collapsed is named where it is
            origin = distant_center(mixture) if in_blocks else None
            of_each = partial(of_block, summarize, moved(mixture, origin, -1), origin)
            summary = merged(map(of_each, split(points, sample_weights, rows)))
            yield Step(mixture, summary.log_likelihood)
            mixture = shaped(constraint, moved(maximize(summary), origin, +1))


def shaped(constraint, mixture):
    what = "what the constraint returned"
    result = a_mixture(constraint(mixture), what)
    if result.covariances.shape != mixture.covariances.shape:
        raise ValueError(f"{what} is {result.means.shape} (K, D): it should stay {mixture.means.shape}, as the points.")
    return result
