"""Chapters 02, 09 and 10: what follows from a mixture: its moments, its marginals, its components in another order."""

import numpy as np
from scipy.optimize import linear_sum_assignment

from gmm_tutorial.checks import AnyMixture, Dimensions, Known
from gmm_tutorial.gaussian import whiten
from gmm_tutorial.mixture import Mixture, responsibility
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


def conditional_mean(known: Known, mixture: AnyMixture) -> np.ndarray:
    """What to expect of the last coordinates of a point, once its first ones are known: regression by a mixture.

        E[x_b | x_a] = Σₖ γₖ (μₖ_b + Σₖ_ba Σₖ_aa⁻¹ (x_a − μₖ_a))         Bishop (2006), eq. 2.81, for each component

    γₖ are the responsibilities for the known coordinates alone. With L Lᵀ = Σ, Σ_ba Σ_aa⁻¹ is L_ba L_aa⁻¹.

    known (N, C), the first C coordinates, mixture of K in D > C dimensions  →  expected others (N, D − C)

    >>> import gmm_tutorial as gmm
    >>> line = gmm.Mixture([1], means=[[0, 1]], covariances=[[[4, 2], [2, 3]]])
    >>> gmm.conditional_mean([[0], [2]], line)    # the slope is 2/4
    array([[1.],
           [2.]])
    """
    C = known.shape[1]
    gammas = responsibility(known, marginal(mixture, range(C)))
    answers = [mu[C:] + whiten(known, mu[:C], L[:C, :C]) @ L[C:, :C].T for mu, L in zip(mixture.means, mixture.factors)]
    return np.einsum("nk,knd->nd", gammas, answers)


def identical_components(mixture, nearer=1e-3):
    """Pairs of components that are the same Gaussian to a thousandth of a standard deviation: a fit with one too many.

    Equal components have equal responsibilities, so EM never parts them: it stands on a saddle of the likelihood.

    mixture of K  →  list of pairs (k, j), k < j

    >>> import gmm_tutorial as gmm
    >>> from gmm_tutorial.derived import identical_components
    >>> identical_components(gmm.Mixture([0.2, 0.3, 0.5], [[0], [4], [0]], [[[1]], [[1]], [[1]]]))
    [(0, 2)]
    """
    pairs = []
    for k, (mean, root) in enumerate(zip(mixture.means, mixture.roots)):
        for j in range(k + 1, len(mixture.means)):
            spread = np.abs(root).max()
            means_meet = np.abs(mixture.means[j] - mean).max() <= nearer * spread
            if means_meet and np.abs(mixture.roots[j] - root).max() <= nearer * spread:
                pairs.append((k, j))
    return pairs
