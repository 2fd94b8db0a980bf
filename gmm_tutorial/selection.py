"""Chapter 09: criteria for the number of components and the constraint: −2 times the log-likelihood, plus a penalty.

A criterion can be called in three ways:

    bic(fit)                                             for the points of the fit
    bic(points, fit)                                     for these points
    bic(points, mixture, constraint, sample_weights)     for a mixture without a record of how it was fitted
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gmm_tutorial.checks import Constraint, FitOrMixture, FitOrPoints, SampleWeights
from gmm_tutorial.constraints import covariance_parameters, full
from gmm_tutorial.errors import ArgumentError
from gmm_tutorial.missing import observed_log_joint
from gmm_tutorial.mixture import bayes, log_joint
from gmm_tutorial.results import Fit

ROWS = 2**16  # number of points processed at once


def n_parameters(mixture: FitOrMixture, constraint: Constraint | None = None) -> int:
    """The number of free parameters of a mixture under a constraint.

        (K − 1) + K D + free parameters of the covariances

    The covariances have K D(D+1)/2 free parameters for full, K D for diagonal and K for spherical; for tied, only those
    of one component count, and a ridge adds none. For a constraint of your own, set the attribute
    `my_constraint.parameters = lambda K, D: K * D`.

    mixture of K in D dimensions, or a Fit, which has a constraint; constraint, by default full  →  a number

    Raises ValueError for a constraint of your own without that attribute.

    >>> import gmm_tutorial as gmm
    >>> mixture = gmm.Mixture([0.5, 0.5], [[0, 0], [4, 4]], [[[4, 1], [1, 2]], [[1, 0], [0, 1]]])
    >>> [gmm.n_parameters(mixture, c) for c in (gmm.full, gmm.tied, gmm.diagonal, gmm.spherical)]
    [11, 8, 9, 7]
    """
    if constraint is None:
        constraint = getattr(mixture, "constraint", full)
    K, D = getattr(mixture, "mixture", mixture).means.shape
    return (K - 1) + K * D + covariance_parameters(constraint, K, D)


def aic(
    points: FitOrPoints,
    mixture: FitOrMixture | None = None,
    constraint: Constraint | None = None,
    sample_weights: SampleWeights | None = None,
) -> float:
    """Akaike's information criterion, an estimate of −2 ℓ for new points. Smaller is better.

        AIC = 2 p − 2 ℓ     with p free parameters                      Akaike (1974)

    a Fit; or points (N, D) and a Fit or a mixture of K, constraint, sample weights (N,)  →  a number, in nats times two

    A fit contains its constraint and, if it is given alone, its sample weights. A mixture is taken as full unless you
    give the constraint.
    Raises ValueError if points are given with a weighted fit, but no weights.

    >>> import gmm_tutorial as gmm
    >>> one = gmm.Mixture([1], means=[[0]], covariances=[[[1]]])
    >>> round(gmm.aic([[-1], [1]], one), 4)    # p = 2, ℓ = −2.8379
    9.6758
    """
    found = judged(points, mixture, constraint, sample_weights)
    return 2 * found.parameters - 2 * found.log_likelihood


def bic(
    points: FitOrPoints,
    mixture: FitOrMixture | None = None,
    constraint: Constraint | None = None,
    sample_weights: SampleWeights | None = None,
) -> float:
    """The Bayesian information criterion, an approximation of −2 log marginal likelihood. Smaller is better.

        BIC = p log N − 2 ℓ     with p free parameters                  Schwarz (1978)

    a Fit; or points (N, D) and a Fit or a mixture of K, constraint, sample weights (N,)  →  a number, in nats times two

    N is the sum of the sample weights. A fit contains its constraint and, if it is given alone, its sample weights. A
    mixture is taken as full unless you give the constraint. The R package mclust uses the opposite sign: there larger
    is better.
    Raises ValueError if points are given with a weighted fit, but no weights.

    >>> import gmm_tutorial as gmm
    >>> one = gmm.Mixture([1], means=[[0]], covariances=[[[1]]])
    >>> round(gmm.bic([[-1], [1]], one), 4)    # 2 log 2 + 5.6758
    7.062
    >>> fit = gmm.fit(gmm.load_faithful(), 2, constraint=gmm.tied, rng=0)
    >>> round(gmm.bic(fit), 2), round(gmm.bic(gmm.load_faithful(), fit), 2)
    (2325.22, 2325.22)
    """
    found = judged(points, mixture, constraint, sample_weights)
    return found.parameters * float(np.log(found.N)) - 2 * found.log_likelihood


def icl(
    points: FitOrPoints,
    mixture: FitOrMixture | None = None,
    constraint: Constraint | None = None,
    sample_weights: SampleWeights | None = None,
) -> float:
    """The integrated completed likelihood: BIC plus a penalty for points with uncertain labels. Smaller is better.

        ICL = BIC − 2 Σₙ log maxₖ γₙₖ                                   Biernacki, Celeux & Govaert (2000)

    a Fit; or points (N, D) and a Fit or a mixture of K, constraint, sample weights (N,)  →  a number, in nats times two

    Sample weights say how often each point counts.
    Raises ValueError if points are given with a weighted fit, but no weights; or if a fit of points in pieces is given
    alone, because it does not contain the sum above: give an array of points with it.

    >>> import gmm_tutorial as gmm
    >>> twice = gmm.Mixture([0.5, 0.5], means=[[0], [0]], covariances=[[[1]], [[1]]])
    >>> round(gmm.icl([[-1], [1]], twice) - gmm.bic([[-1], [1]], twice), 4)    # 2 points, each 2 log 2
    2.7726
    """
    found = judged(points, mixture, constraint, sample_weights)
    if found.log_certainty is None:
        raise ArgumentError(
            "points",
            "{argument} is a fit of points in pieces, which does not contain all that ICL needs: give an array of "
            "points and the fit, as in gmm.icl(points, fit).",
        )
    return found.parameters * float(np.log(found.N)) - 2 * found.log_likelihood - 2 * found.log_certainty


class Judged(NamedTuple):
    """The numbers of a criterion: N, the sum of the sample weights; p; ℓ; Σₙ log maxₖ γₙₖ, or None if not known."""

    N: float
    parameters: int
    log_likelihood: float
    log_certainty: float | None


def judged(points, mixture, constraint, sample_weights):
    if isinstance(points, Fit):
        if not (mixture is constraint is sample_weights is None):
            raise ArgumentError("points", "{argument} is a fit: give no other arguments, or give the points first.")
        if points.N is None:
            raise ArgumentError("points", "{argument} is a fit without its number of points: give the points first.")
        parameters = n_parameters(points.mixture, points.constraint)
        return Judged(points.N, parameters, points.log_likelihood, points.log_certainty)
    if mixture is None:
        raise ArgumentError("mixture", "{argument} is missing: give a fit alone, or points and a fit or a mixture.")
    gaps = isinstance(mixture, Fit) and mixture.missing
    if isinstance(mixture, Fit):
        if mixture.weighted and sample_weights is None:
            raise ArgumentError(
                "sample_weights",
                "{argument} are missing, but the fit used some: give those of the points, or give the fit alone.",
            )
        constraint, mixture = constraint or mixture.constraint, mixture.mixture
    if not gaps and np.isnan(points).any():
        raise ArgumentError(
            "points",
            '{argument} have missing values: drop those rows, or give a Fit with missing="model", not its mixture.',
        )
    N = len(points) if sample_weights is None else sample_weights.sum()
    parameters = n_parameters(mixture, constraint or full)
    return Judged(float(N), parameters, *sums_over_points(points, mixture, sample_weights, gaps))


def sums_over_points(points, mixture, sample_weights=None, gaps=False):
    """ℓ and Σₙ log maxₖ γₙₖ, with each point multiplied by its weight."""
    log_likelihood = log_certainty = 0.0
    for first in range(0, len(points), ROWS):
        rows = slice(first, first + ROWS)
        responsibilities, log_densities = bayes((observed_log_joint if gaps else log_joint)(points[rows], mixture))
        weights = 1.0 if sample_weights is None else sample_weights[rows]
        log_likelihood += float((weights * log_densities).sum())
        log_certainty += float((weights * np.log(responsibilities.max(axis=1))).sum())
    return log_likelihood, log_certainty
