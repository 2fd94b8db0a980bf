"""Chapter 11: the statistics of a block of points that EM needs, and how those of two blocks are merged."""

from __future__ import annotations

from functools import reduce
from typing import NamedTuple

import numpy as np

from gmm_tutorial.checks import AnyMixture, AnySummary, Points, SampleWeights, Spread, refuse_empty
from gmm_tutorial.errors import ArgumentError
from gmm_tutorial.mixture import Mixture
from gmm_tutorial.steps import count, covariance, e_step, mean, weight
from gmm_tutorial.variances import AxisParallel, variance


class Summary(NamedTuple):
    """The sufficient statistics of a block of points, which are all that EM needs.

    log_likelihood, counts (K,), means (K, D), covariances (K, D, D), or variances (K, D) if those are enough
    """

    log_likelihood: float
    counts: np.ndarray
    means: np.ndarray
    covariances: np.ndarray


def summarize(
    points: Points, mixture: AnyMixture, sample_weights: SampleWeights | None = None, spread: Spread = covariance
) -> Summary:
    """The sufficient statistics of one block of points under a mixture, by the E-step and the formulas.

        ℓ, Nₖ, μₖ, Σₖ                                                   Bishop (2006), eq. 9.14 and 9.17 to 9.19

    points (N, D), mixture of K, sample_weights (N,)  →  Summary of K

    spread is the formula for Σₖ: `covariance`, or a faster one if only the variances are needed.
    A component that explains no point of the block has the count zero, and keeps its mean.
    Raises ValueError if an argument has the wrong shape or a number that is not finite.

    >>> import gmm_tutorial as gmm
    >>> equal = gmm.Mixture([0.25, 0.75], means=[[1], [1]], covariances=[[[1]], [[1]]])
    >>> gmm.summarize([[0], [4]], equal).means.ravel()
    array([2., 2.])
    """
    responsibilities, log_likelihood = e_step(points, mixture, sample_weights)
    counts, (K, D) = count(responsibilities), mixture.means.shape
    means, spreads = mixture.means.copy(), np.zeros((K, D) if spread is variance else (K, D, D))
    busy = slice(None) if counts.all() else np.flatnonzero(counts)
    if counts.any():
        means[busy] = mean(points, responsibilities[:, busy])
        spreads[busy] = spread(points, responsibilities[:, busy], means[busy])
    return Summary(log_likelihood, counts, means, spreads)


def merge(one: AnySummary, other: AnySummary) -> Summary:
    """The sufficient statistics of two blocks together, by the laws of total mean and total covariance.

        N = N₁ + N₂     μ = μ₁ + t δ     Σ = (1 − t) Σ₁ + t Σ₂ + t (1 − t) δ δᵀ
        with   t = N₂ / N,   δ = μ₂ − μ₁,   for each component          Chan, Golub & LeVeque (1983)

    two Summaries of K  →  Summary of K

    Raises ValueError if the two have different components or dimensions, TypeError if one is not a Summary.

    >>> import gmm_tutorial as gmm
    >>> low = gmm.Summary(-3.0, counts=[1], means=[[0]], covariances=[[[2]]])
    >>> high = gmm.Summary(-5.0, counts=[3], means=[[4]], covariances=[[[6]]])
    >>> log_likelihood, counts, means, covariances = gmm.merge(low, high)
    >>> log_likelihood, counts, means.ravel(), covariances.ravel()    # 5 within the blocks and 3 between them
    (-8.0, array([4.]), array([3.]), array([8.]))
    """
    counts = one.counts + other.counts
    t = np.divide(other.counts, counts, out=np.zeros_like(counts), where=counts > 0)[:, None]
    step = other.means - one.means
    if one.covariances.ndim == 3:
        within = (1 - t)[:, None] * one.covariances + t[:, None] * other.covariances
        between = (t * (1 - t))[:, :, None] * (step[:, :, None] * step[:, None, :])
    else:
        within, between = (1 - t) * one.covariances + t * other.covariances, t * (1 - t) * (step * step)
    return Summary(one.log_likelihood + other.log_likelihood, counts, one.means + t * step, within + between)


def merged(summaries):
    """All summaries merged pairwise, so that the rounding error grows with the logarithm of their number."""
    stack = []
    try:
        for number, summary in enumerate(summaries, start=1):
            while number % 2 == 0:
                summary, number = merge(stack.pop(), summary), number // 2
            stack.append(summary)
    finally:
        getattr(summaries, "close", lambda: None)()  # after an error, too, no further block is started
    if not stack:
        raise ArgumentError("map", "{argument} returned no summaries: it should return one for each block.")
    return reduce(lambda later, earlier: merge(earlier, later), reversed(stack))


def maximize(summary: AnySummary) -> Mixture:
    """The mixture that makes the points of a summary most probable (the M-step).

        πₖ = Nₖ / Σᵢ Nᵢ,   μₖ,   Σₖ                                      Bishop (2006), eq. 9.17, 9.19 and 9.22

    Summary of K  →  Mixture of K

    Raises ValueError if a component explains no point at all. One without spread may still be repaired by a constraint.

    >>> import gmm_tutorial as gmm
    >>> gmm.maximize(gmm.Summary(-8.0, counts=[1, 3], means=[[0], [4]], covariances=[[[2]], [[6]]])).weights
    array([0.25, 0.75])
    """
    kind = Mixture if summary.covariances.ndim == 3 else AxisParallel
    return kind._trusted(refuse_empty(weight(summary.counts[None])), summary.means, summary.covariances)
