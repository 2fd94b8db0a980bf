"""Chapter 06: the loop of EM."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from gmm_tutorial.checks import AnyMixture, Constraint, EStep, MStep, Points, SampleWeights
from gmm_tutorial.constraints import full
from gmm_tutorial.mixture import Mixture
from gmm_tutorial.steps import e_step, m_step


class Step(NamedTuple):
    """The result of one step of EM: a mixture and its log-likelihood, in nats."""

    mixture: Mixture
    log_likelihood: float


def em(
    points: Points,
    mixture: AnyMixture,
    constraint: Constraint = full,
    sample_weights: SampleWeights | None = None,
    *,
    e_step: EStep = e_step,
    m_step: MStep = m_step,
) -> Iterator[Step]:
    """The steps of EM as an endless generator: E-step, M-step, constraint, repeat. You decide when to stop.

        γ = e_step(x, θ)     θ = constraint(m_step(x, γ))                Dempster, Laird & Rubin (1977)

    points (N, D), mixture of K, constraint Mixture → Mixture, sample_weights (N,)  →  generator of Step

    The first item is the mixture that you gave. e_step and m_step are the two steps of the package, or your own.
    Raises ValueError when a component collapses.

    gmm.em also reads points in pieces: .npy files, memory-mapped arrays, an iterable of arrays, a Dask array. It works
    on many points in blocks, on all cores. Its further arguments are map, (function, blocks) → summaries in order, and
    summarize, (points, mixture, sample_weights) → Summary of one block.

    >>> import gmm_tutorial as gmm
    >>> start = gmm.Mixture([0.5, 0.5], means=[[1], [3]], covariances=[[[1]], [[1]]])
    >>> steps = gmm.em([[1], [2], [3]], start)
    >>> [round(next(steps).log_likelihood, 4) for _ in range(3)]
    [-4.3893, -3.5492, -3.4868]
    """
    while True:
        responsibilities, log_likelihood = e_step(points, mixture, sample_weights)
        yield Step(mixture, log_likelihood)
        mixture = constraint(m_step(points, responsibilities))
