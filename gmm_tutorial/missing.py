"""Chapter 14: points with missing coordinates (NaN), which EM treats as latent variables, like the labels.

The density of a row is that of its observed coordinates under the marginal mixture. The M-step replaces the missing
coordinates by their conditional means, component by component, and adds their conditional covariances. Rows in which
the same coordinates are missing form one pattern and are processed together.

This is correct if the chance that a value is missing does not depend on the value itself, given the observed ones
("missing at random").                                          Rubin (1976); Ghahramani & Jordan (1994)
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
    """The expected statistics of incomplete points that an M-step needs.

    responsibilities (N, K); completed (K, N, D), the points with their gaps filled by the conditional means under each
    component; doubts (K, D, D), the conditional covariances of the gaps, summed over the points with their
    responsibilities
    """

    responsibilities: np.ndarray
    completed: np.ndarray
    doubts: np.ndarray


def patterns(points):
    """For each pattern of observed coordinates: the indices of these coordinates, and those of the rows."""
    missing = np.isnan(points)
    rows = np.lexsort(missing.T)  # rows with the same gaps next to each other
    starts = np.flatnonzero((missing[rows[1:]] != missing[rows[:-1]]).any(axis=1)) + 1
    return [(np.flatnonzero(~missing[group[0]]).tolist(), group) for group in np.split(rows, starts)]


def observed_log_joint(points: IncompletePoints, mixture: AnyMixture) -> np.ndarray:
    """The log of weight times density for each component and the observed coordinates of each point.

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
    """The log density of the mixture at the observed coordinates of each point.

        log p(x_o) = log Σₖ πₖ N(x_o | μₖ_o, Σₖ_oo)

    points (N, D), NaN where missing, mixture of K  →  log densities (N,), in nats; 0 where nothing is observed

    Do not compare rows in which different coordinates are missing: their densities have different units.
    Raises ValueError if points and mixture have different dimensions, or a number is infinite.

    >>> import gmm_tutorial as gmm
    >>> one = gmm.Mixture([1], means=[[0, 5]], covariances=[[[1, 0], [0, 4]]])
    >>> gmm.observed_log_density([[0, float("nan")]], one).round(4)    # log 1/√(2π)
    array([-0.9189])
    """
    return bayes(observed_log_joint(points, mixture))[1]


def observed_responsibility(points: IncompletePoints, mixture: AnyMixture) -> np.ndarray:
    """The probability of each component for each point, given the observed coordinates.

        γₙₖ = πₖ N(x_o | μₖ_o, Σₖ_oo) / p(x_o)

    points (N, D), NaN where missing, mixture of K  →  responsibilities (N, K), rows sum to one

    If no coordinate of a point is observed, its responsibilities are the weights.
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
    """The E-step for incomplete points: the expected statistics for an M-step, and the log-likelihood.

        γₙₖ = πₖ N(x_o | μₖ_o, Σₖ_oo) / p(x_o)          ℓ = Σₙ log p(x_o)

        y_m = μₖ_m + Σₖ_mo Σₖ_oo⁻¹ (x_o − μₖ_o)         Cₖ = Σₖ_mm − Σₖ_mo Σₖ_oo⁻¹ Σₖ_om     Ghahramani & Jordan (1994)

    with the observed coordinates o and the missing coordinates m of each point

    points (N, D), NaN where missing, mixture of K  →  Expected; log-likelihood ℓ of what is observed, in nats

    `em(points, mixture, e_step=observed_e_step, m_step=observed_m_step)` is EM for incomplete points. Without gaps, its
    steps are those of `e_step` and `m_step`.
    A row without any observed coordinate adds nothing to ℓ.
    Raises ValueError if the dimensions differ.

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
    """The mixture that makes incomplete points most probable, given the expected statistics of the E-step.

        πₖ = Nₖ / N          μₖ = (1/Nₖ) Σₙ γₙₖ yₙₖ
        Σₖ = (1/Nₖ) Σₙ γₙₖ ((yₙₖ − μₖ)(yₙₖ − μₖ)ᵀ + Cₙₖ)               Ghahramani & Jordan (1994)

    yₙₖ is the point with its gaps filled by their conditional means, and Cₙₖ is the conditional covariance of the gaps,
    zero for observed coordinates.

    points (N, D), Expected of them  →  Mixture of K

    Raises ValueError if a component explains no point at all. One without spread may still be repaired by a constraint.

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
    """The points with their gaps filled by conditional means, or by draws from the conditional distribution.

        E[x_m | x_o] = Σₖ γₖ (μₖ_m + Σₖ_mo Σₖ_oo⁻¹ (x_o − μₖ_o))         or draws     x_m ~ p(x_m | x_o)

    points (N, D), NaN where missing, mixture of K  →  points (N, D) without gaps
    draws M, rng a seed or a Generator  →  M completed sets of points (M, N, D)

    Without draws, each gap is filled by its conditional mean, the best single prediction. Such predictions vary less
    than the missing values, so variances and correlations of the completed table are wrong. Draws have the right
    variance: repeat your analysis with each of the M sets of points, and compare the results (multiple imputation).
    They do not vary with the uncertainty of the mixture: for that, draw each set from another mixture of `bootstrap`.
                                                                                           Rubin (1987)

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
    """Draws for the gaps: a component k ~ γₙ for each point, then mₖₙ + Lₖ z; means (K, N, m)  →  (draws, N, m)."""
    steps = responsibilities.cumsum(axis=1)[:, :-1]
    labels = (steps < rng.random((draws, len(steps), 1))).sum(axis=2)
    noise = rng.standard_normal((*labels.shape, means.shape[2], 1))
    return means[labels, np.arange(len(steps))] + (factors[labels] @ noise)[..., 0]


def one_gaussian(points, sample_weights=None, steps=100, tolerance=1e-3):
    """The maximum-likelihood Gaussian of incomplete points, by EM from the moments of the observed values."""
    if (empty := np.isnan(points).all(axis=0)).any():
        raise ArgumentError(
            "points",
            "{argument}{place} has no value in any row that a start may use: drop this column.",
            index=(":", int(empty.argmax())),
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
    """Complete rows from which starts are chosen, each gap drawn from a single Gaussian fitted to all the points.

    points (N, D), NaN where missing, sample_weights (N,), rng  →  points (N, D) without gaps

    All methods that choose centers work on such rows. Only the starts, and the places to which components are moved,
    depend on the draws; EM uses the observed values.

    Raises ValueError if a column has no value in any row.
    """
    return impute(points, one_gaussian(points, sample_weights), 1, np.random.default_rng(rng))[0]


def fit_observed(points, components, *, steps, rng=None, sample_weights=None, **options):
    """The fit of points with gaps: starts are chosen on rows filled at random, and the steps use the observed values.

    steps, those of `em` or `accelerated` with `observed_e_step` and `observed_m_step`; the other arguments as for `fit`
    """

    def steps_of_observed(filled, mixture, constraint, sample_weights):
        return steps(points, mixture, constraint, sample_weights)

    filled = points if isinstance(components, Mixture) else filled_at_random(points, sample_weights, rng)
    return fit(filled, components, steps=steps_of_observed, rng=rng, sample_weights=sample_weights, **options)
