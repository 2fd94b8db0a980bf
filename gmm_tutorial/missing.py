"""Chapter 14: points of which some coordinates are missing (NaN), by EM that treats them as it treats the labels.

A row counts by what it shows: its density is that of its observed coordinates, under the marginal mixture. What it
does not show is replaced by its conditional mean, component by component, and the doubt that is left is added to the
covariance. Rows that miss the same coordinates share one pattern and are done together.

This is right if a value's absence does not depend on the value itself, once the observed ones are known ("missing at
random").                                                               Rubin (1976); Ghahramani & Jordan (1994)
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gmm_tutorial.checks import (
    AnExpected,
    AnyMixture,
    IncompletePoints,
    Rng,
    SampleWeights,
    WholeNumber,
    refuse_empty,
)
from gmm_tutorial.convergence import average_below_one
from gmm_tutorial.derived import factors_of, marginal, regressions, the_others
from gmm_tutorial.errors import ArgumentError
from gmm_tutorial.fit import fit
from gmm_tutorial.mixture import Mixture, bayes, log_joint
from gmm_tutorial.steps import count, covariance, mean, weight


class Expected(NamedTuple):
    """What an M-step needs to know of incomplete points.

    responsibilities (N, K); completed (K, N, D), the points as each component would fill their gaps; doubts (K, D, D),
    the covariances of what was filled in, summed over the points as the component explains them
    """

    responsibilities: np.ndarray
    completed: np.ndarray
    doubts: np.ndarray


def patterns(points):
    """For each set of coordinates that some rows have in common: their indices, and those of the rows."""
    missing = np.isnan(points)
    rows = np.lexsort(missing.T)  # rows with the same gaps next to each other
    starts = np.flatnonzero((missing[rows[1:]] != missing[rows[:-1]]).any(axis=1)) + 1
    return [(np.flatnonzero(~missing[group[0]]).tolist(), group) for group in np.split(rows, starts)]


def observed_log_joint(points: IncompletePoints, mixture: AnyMixture) -> np.ndarray:
    """The log of weight times density of the observed coordinates of each point: log weight plus log density.

        log p(x_o, k) = log πₖ + log N(x_o | μₖ_o, Σₖ_oo)     with the observed coordinates o of that point

    points (N, D), NaN where missing, mixture of K  →  log joints (N, K), in nats; log πₖ where nothing is observed

    Raises ValueError if points and mixture have different dimensions, or a number is infinite.

    >>> import gmm_tutorial as gmm
    >>> mixture = gmm.Mixture([0.25, 0.75], means=[[0, 0], [4, 0]], covariances=[[[1, 0], [0, 1]], [[9, 0], [0, 1]]])
    >>> gmm.observed_log_joint([[0, float("nan")], [4, float("nan")]], mixture).round(4)
    array([[ -2.3052,  -3.1941],
           [-10.3052,  -2.3052]])
    """
    log_joints = np.empty((len(points), len(mixture.weights)))
    for observed, rows in patterns(points):
        log_joints[rows] = log_joint(points[rows][:, observed], marginal(mixture, observed))
    return log_joints


def observed_log_density(points: IncompletePoints, mixture: AnyMixture) -> np.ndarray:
    """How densely the mixture covers what is observed of each point, as a logarithm.

        log p(x_o) = log Σₖ πₖ N(x_o | μₖ_o, Σₖ_oo)

    points (N, D), NaN where missing, mixture of K  →  log densities (N,), in nats; 0 where nothing is observed

    Rows that miss different coordinates have densities per different units: do not compare them with each other.
    Raises ValueError if points and mixture have different dimensions, or a number is infinite.

    >>> import gmm_tutorial as gmm
    >>> one = gmm.Mixture([1], means=[[0, 5]], covariances=[[[1, 0], [0, 4]]])
    >>> gmm.observed_log_density([[0, float("nan")]], one).round(4)    # log 1/√(2π)
    array([-0.9189])
    """
    return bayes(observed_log_joint(points, mixture))[1]


def observed_responsibility(points: IncompletePoints, mixture: AnyMixture) -> np.ndarray:
    """How probable each component is for a point, by what is observed of it.

        γₙₖ = πₖ N(x_o | μₖ_o, Σₖ_oo) / p(x_o)

    points (N, D), NaN where missing, mixture of K  →  responsibilities (N, K), rows sum to one

    A point of which nothing is observed has the weights as its responsibilities.
    Raises ValueError if points and mixture have different dimensions, or a number is infinite.

    >>> import gmm_tutorial as gmm
    >>> mixture = gmm.Mixture([0.25, 0.75], means=[[0, 0], [0, 9]], covariances=[[[1, 0], [0, 1]], [[1, 0], [0, 1]]])
    >>> gmm.observed_responsibility([[1, float("nan")], [float("nan"), 9]], mixture).round(4)
    array([[0.25, 0.75],
           [0.  , 1.  ]])
    """
    return bayes(observed_log_joint(points, mixture))[0]


def observed_e_step(
    points: IncompletePoints, mixture: AnyMixture, sample_weights: SampleWeights | None = None
) -> tuple[Expected, float]:
    """The E-step of incomplete points: who explains each, and what each component expects of its gaps.

        γₙₖ = πₖ N(x_o | μₖ_o, Σₖ_oo) / p(x_o)          ℓ = Σₙ log p(x_o)

        y_m = μₖ_m + Σₖ_mo Σₖ_oo⁻¹ (x_o − μₖ_o)         Cₖ = Σₖ_mm − Σₖ_mo Σₖ_oo⁻¹ Σₖ_om     Ghahramani & Jordan (1994)

    with the observed coordinates o and the missing ones m of each point

    points (N, D), NaN where missing, mixture of K  →  Expected; log-likelihood ℓ of what is observed, in nats

    `em(points, mixture, e_step=observed_e_step, m_step=observed_m_step)` is EM for incomplete points. With no gaps its
    steps are those of `e_step` and `m_step`.
    Raises ValueError if a row has no observed coordinate, or the dimensions differ.

    >>> import gmm_tutorial as gmm
    >>> line = gmm.Mixture([1], means=[[0, 1]], covariances=[[[4, 2], [2, 3]]])
    >>> expected, log_likelihood = gmm.observed_e_step([[2, float("nan")]], line)
    >>> expected.completed[0, 0], expected.doubts[0]    # 2/4 · 2 + 1, and 3 − 2·2/4
    (array([2., 2.]), array([[0., 0.],
           [0., 2.]]))
    """
    responsibilities, log_densities = bayes(observed_log_joint(points, mixture))
    if sample_weights is not None:
        responsibilities, log_densities = responsibilities * sample_weights[:, None], sample_weights * log_densities
    completed = np.tile(points, (len(mixture.weights), 1, 1))
    doubts = np.zeros(mixture.covariances.shape)
    for observed, rows in patterns(points):
        if missing := the_others(mixture, observed):
            means, covariances = regressions(points[rows][:, observed], mixture, observed)
            completed[:, rows[:, None], missing] = means
            doubts[:, np.array(missing)[:, None], missing] += count(responsibilities[rows])[:, None, None] * covariances
    return Expected(responsibilities, completed, doubts), float(log_densities.sum())


def observed_m_step(points: IncompletePoints, expected: AnExpected) -> Mixture:
    """The mixture that explains the points best, if labels and gaps are what the E-step expects of them.

        πₖ = Nₖ / N          μₖ = (1/Nₖ) Σₙ γₙₖ yₙₖ
        Σₖ = (1/Nₖ) Σₙ γₙₖ ((yₙₖ − μₖ)(yₙₖ − μₖ)ᵀ + Cₙₖ)               Ghahramani & Jordan (1994)

    yₙₖ is the point with its gaps filled by their conditional means, and Cₙₖ what these leave uncertain, zero where a
    coordinate is observed.

    points (N, D), Expected of them  →  Mixture of K

    Raises ValueError if a component explains no point at all. One without spread is let through, so that a constraint
    may still mend it.

    >>> import gmm_tutorial as gmm
    >>> expected = gmm.Expected([[1], [1]], completed=[[[0, 0], [2, 4]]], doubts=[[[0, 0], [0, 6]]])
    >>> gmm.observed_m_step([[0, 0], [2, float("nan")]], expected).covariances    # 4 + 6/2 in the corner
    array([[[1., 2.],
            [2., 7.]]])
    """
    responsibilities, completed, doubts = (np.asarray(array, dtype=float) for array in expected)
    weights = refuse_empty(weight(responsibilities))
    columns = responsibilities.T[:, :, None]  # K of (N, 1)
    means = [mean(x, gammas) for x, gammas in zip(completed, columns)]
    covariances = [covariance(x, gammas, mu) for x, gammas, mu in zip(completed, columns, means)]
    return Mixture._trusted(
        weights,
        np.concatenate(means),
        np.concatenate(covariances) + doubts / count(responsibilities)[:, None, None],
    )


def impute(
    points: IncompletePoints, mixture: AnyMixture, draws: WholeNumber | None = None, rng: Rng = None
) -> np.ndarray:
    """The points with their gaps filled: by what the mixture expects there, or by draws from what it holds possible.

        E[x_m | x_o] = Σₖ γₖ (μₖ_m + Σₖ_mo Σₖ_oo⁻¹ (x_o − μₖ_o))         or draws     x_m ~ p(x_m | x_o)

    points (N, D), NaN where missing, mixture of K  →  points (N, D) without gaps
    draws M, rng a seed or a Generator  →  M such sets of points (M, N, D)

    Without draws each gap gets its conditional mean, the best single guess. Such guesses vary less than the values that
    they stand for, so variances and correlations of the filled table are wrong. Draws have the right spread: do your
    analysis with each of the M sets of points, and see how the results vary (multiple imputation).       Rubin (1987)

    Raises ValueError if points and mixture have different dimensions, or a number is infinite.

    >>> import gmm_tutorial as gmm
    >>> line = gmm.Mixture([1], means=[[0, 1]], covariances=[[[4, 2], [2, 3]]])
    >>> gmm.impute([[2, float("nan")], [5, 6]], line)
    array([[2., 2.],
           [5., 6.]])
    >>> gmm.impute([[2, float("nan")], [5, 6]], line, draws=20, rng=0).shape
    (20, 2, 2)
    """
    filled = points.copy() if draws is None else np.tile(points, (draws, 1, 1))
    responsibilities = observed_responsibility(points, mixture)
    for observed, rows in patterns(points):
        if missing := the_others(mixture, observed):
            means, _ = regressions(points[rows][:, observed], mixture, observed)
            if draws is None:
                guesses = np.einsum("nk,knd->nd", responsibilities[rows], means)
            else:
                factors = factors_of(mixture, [*observed, *missing])[:, len(observed) :, len(observed) :]
                guesses = drawn(responsibilities[rows], means, factors, draws, rng)
            filled[..., rows[:, None], missing] = guesses
    return filled


def drawn(responsibilities, means, factors, draws, rng):
    """First a component of each point, k ~ γₙ, then its gaps, mₖₙ + Lₖ z: means (K, N, m)  →  (draws, N, m)."""
    steps = responsibilities.cumsum(axis=1)[:, :-1]
    labels = (steps < rng.random((draws, len(steps), 1))).sum(axis=2)
    noise = rng.standard_normal((*labels.shape, means.shape[2], 1))
    return means[labels, np.arange(len(steps))] + (factors[labels] @ noise)[..., 0]


def one_gaussian(points, sample_weights=None, steps=100, tolerance=1e-3):
    """The single Gaussian that incomplete points suggest: EM from the means and variances of what is observed."""
    if (empty := np.isnan(points).all(axis=0)).any():
        raise ArgumentError(
            "points", "{argument}{place} has no value in any row: drop that column.", index=(":", int(empty.argmax()))
        )
    means, variances = np.nanmean(points, axis=0)[None], np.nanvar(points, axis=0)
    mixture, before = Mixture._trusted(np.ones(1), means, np.diag(variances)[None]), -np.inf
    for _ in range(steps):
        expected, log_likelihood = observed_e_step(points, mixture, sample_weights)
        if log_likelihood - before < tolerance * average_below_one(sample_weights):
            break
        mixture, before = observed_m_step(points, expected), log_likelihood
    return mixture


def filled_at_random(points, sample_weights=None, rng=None):
    """Complete rows for a start to be chosen from: each gap drawn from the one Gaussian that fits all the points.

    points (N, D), NaN where missing, sample_weights (N,), rng  →  points (N, D) without gaps

    Every way to choose centers works on such rows as it is. Only the starts depend on the draws: EM goes on from there
    with what is observed.

    Raises ValueError if a column has no value in any row.
    """
    return impute(points, one_gaussian(points, sample_weights), 1, np.random.default_rng(rng))[0]


def fit_observed(points, components, *, steps, rng=None, sample_weights=None, **options):
    """`fit` for points with gaps: the starts are chosen on rows filled at random, the steps see what is observed.

    steps, those of `em` or `accelerated` with `observed_e_step` and `observed_m_step`; the rest as for `fit`
    """

    def steps_of_observed(filled, mixture, constraint, sample_weights):
        return steps(points, mixture, constraint, sample_weights)

    filled = points if isinstance(components, Mixture) else filled_at_random(points, sample_weights, rng)
    return fit(filled, components, steps=steps_of_observed, rng=rng, sample_weights=sample_weights, **options)
