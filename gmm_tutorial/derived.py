"""Chapters 02, 09 and 10: what follows from a mixture: its moments, its marginals, its components in another order."""

import numpy as np
from scipy.optimize import linear_sum_assignment

from gmm_tutorial.checks import AnyMixture, Dimensions
from gmm_tutorial.mixture import Mixture
from gmm_tutorial.variances import renumbered, variances_of


def total_mean(mixture: AnyMixture) -> np.ndarray:
    """Where the whole mixture balances: the law of total mean.

        μ = Σₖ πₖ μₖ

    mixture of K  →  mean (D,), in the units of the points

    >>> import gmm_tutorial as gmm
    >>> gmm.total_mean(gmm.Mixture([0.25, 0.75], means=[[0], [4]], covariances=[[[1]], [[9]]]))
    array([3.])
    """
    return mixture.weights @ mixture.means


def total_covariance(mixture: AnyMixture) -> np.ndarray:
    """How far the whole mixture spreads: within the components plus between them, the law of total covariance.

        Σ = Σₖ πₖ (Σₖ + (μₖ − μ)(μₖ − μ)ᵀ)

    mixture of K  →  covariance (D, D), in the units of the points squared

    >>> import gmm_tutorial as gmm
    >>> gmm.total_covariance(gmm.Mixture([0.25, 0.75], means=[[0], [4]], covariances=[[[1]], [[9]]]))    # 7 + 3
    array([[10.]])
    """
    deviations = mixture.means - total_mean(mixture)
    within = np.einsum("k,kij->ij", mixture.weights, mixture.covariances)
    return within + np.einsum("k,ki,kj->ij", mixture.weights, deviations, deviations)


def total_variance(mixture):
    """The diagonal (D,) of `total_covariance`, without the rest."""
    deviations = mixture.means - total_mean(mixture)
    return mixture.weights @ (variances_of(mixture) + np.square(deviations))


def ordered(mixture: AnyMixture) -> Mixture:
    """The same mixture with its components numbered from left to right, by the first coordinate of their means.

    The numbers of components mean nothing, so two fits compare more readily when both are ordered.

    mixture of K  →  mixture of K

    >>> import gmm_tutorial as gmm
    >>> gmm.ordered(gmm.Mixture([0.25, 0.75], means=[[4], [0]], covariances=[[[1]], [[9]]])).weights
    array([0.75, 0.25])
    """
    return renumbered(mixture, np.argsort(mixture.means[:, 0], kind="stable"))


def matched(mixture: AnyMixture, reference: AnyMixture) -> Mixture:
    """The same mixture with its components renumbered so that each resembles the reference's component of that number.

    The resemblance of two Gaussians is Bhattacharyya's distance; the best pairing of all is chosen.

        ⅛ (μ − μ′)ᵀ S⁻¹ (μ − μ′) + ½ log |S| − ¼ log |Σ| − ¼ log |Σ′|     with   S = (Σ + Σ′) / 2

    mixture of K, reference of K  →  mixture of K                        Bhattacharyya (1943); Kuhn (1955)

    >>> import gmm_tutorial as gmm
    >>> reference = gmm.Mixture([0.25, 0.75], means=[[0], [4]], covariances=[[[1]], [[9]]])
    >>> found = gmm.Mixture([0.7, 0.3], means=[[3.8], [0.1]], covariances=[[[8]], [[2]]])
    >>> gmm.matched(found, reference).weights
    array([0.3, 0.7])
    """
    mixture.factors, reference.factors  # a component that has collapsed resembles nothing, and is named
    distances = [[bhattacharyya(one, other) for one in zip(*mixture)] for other in zip(*reference)]
    order = linear_sum_assignment(distances)[1]
    return renumbered(mixture, order)


def bhattacharyya(one, other):
    (_, mean, covariance), (_, other_mean, other_covariance) = one, other
    between = (covariance + other_covariance) / 2
    step = mean - other_mean
    volumes = [np.linalg.slogdet(matrix)[1] for matrix in (between, covariance, other_covariance)]
    return step @ np.linalg.solve(between, step) / 8 + np.dot([0.5, -0.25, -0.25], volumes)


def marginal(mixture: AnyMixture, dimensions: Dimensions) -> Mixture:
    """The mixture as it looks along some of its dimensions: the others are left out of each mean and covariance.

        ∫ p(x) dx_others = Σₖ πₖ N(x_kept | μₖ_kept, Σₖ_kept,kept)       Bishop (2006), eq. 2.98

    mixture of K in D dimensions, d of their indices  →  mixture of K in d dimensions

    >>> import gmm_tutorial as gmm
    >>> mixture = gmm.Mixture([1], [[1, 2, 3]], [[[4, 0, 1], [0, 5, 2], [1, 2, 6]]])
    >>> flat = gmm.marginal(mixture, dimensions=[0, 2])
    >>> flat.means.tolist(), flat.covariances.tolist()
    ([[1.0, 3.0]], [[[4.0, 1.0], [1.0, 6.0]]])
    """
    kept = list(dimensions)
    return Mixture._trusted(mixture.weights, mixture.means[:, kept], mixture.covariances[:, kept][:, :, kept])
