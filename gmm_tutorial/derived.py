"""What can be computed from a mixture: labels, samples, moments, marginals, conditionals, renumbered components."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment

from gmm_tutorial.checks import AnyMixture, Dimensions, Known, KnownValues, Points, Rng, Size
from gmm_tutorial.errors import ArgumentError
from gmm_tutorial.gaussian import whiten
from gmm_tutorial.mixture import Mixture, responsibility
from gmm_tutorial.variances import renumbered, variances_of


def label(points: Points, mixture: AnyMixture) -> np.ndarray:
    """The number of the most probable component of each point, the first one if several tie.

        argmaxₖ γₙₖ

    points (N, D), mixture of K  →  labels (N,), integers from 0 to K − 1

    Raises ValueError if points and mixture have different dimensions, or a number is missing or infinite.

    >>> import gmm_tutorial as gmm
    >>> mixture = gmm.Mixture([0.25, 0.75], means=[[0], [4]], covariances=[[[1]], [[9]]])
    >>> gmm.label([[-9], [0], [4]], mixture)    # far away on both sides the wider component is more probable
    array([1, 0, 1])
    """
    return responsibility(points, mixture).argmax(axis=1)


def sample(mixture: AnyMixture, size: Size, rng: Rng = None) -> tuple[np.ndarray, np.ndarray]:
    """New points drawn from the mixture, each with the number of its component.

        k ~ π,   z ~ N(0, I),   x = μₖ + Lₖ z

    mixture of K, size N, rng a seed or a Generator  →  points (N, D), labels (N,)

    Raises ValueError if the size is negative, or rng is neither a seed nor a Generator.

    >>> import gmm_tutorial as gmm
    >>> mixture = gmm.Mixture([0.25, 0.75], means=[[0], [400]], covariances=[[[1]], [[9]]])
    >>> points, labels = gmm.sample(mixture, 1000, rng=1)
    >>> points.shape, bool(((points[:, 0] > 200) == (labels == 1)).all())
    ((1000, 1), True)
    """
    labels = rng.choice(len(mixture.weights), size=size, p=mixture.weights / mixture.weights.sum())
    points = rng.standard_normal((size, mixture.means.shape[1]))
    for k, (mu, L) in enumerate(zip(mixture.means, mixture.roots)):
        z = points[labels == k]
        points[labels == k] = mu + (z * L if L.ndim == 1 else z @ L.T)
    return points, labels


def total_mean(mixture: AnyMixture) -> np.ndarray:
    """The mean of the whole mixture (law of total mean).

        μ = Σₖ πₖ μₖ

    mixture of K  →  mean (D,), in the units of the points

    Raises TypeError if the argument is not a mixture.

    >>> import gmm_tutorial as gmm
    >>> gmm.total_mean(gmm.Mixture([0.25, 0.75], means=[[0], [4]], covariances=[[[1]], [[9]]]))
    array([3.])
    """
    return mixture.weights @ mixture.means


def total_covariance(mixture: AnyMixture) -> np.ndarray:
    """The covariance of the whole mixture, within plus between the components (law of total covariance).

        Σ = Σₖ πₖ (Σₖ + (μₖ − μ)(μₖ − μ)ᵀ)

    mixture of K  →  covariance (D, D), in the units of the points squared

    Raises TypeError if the argument is not a mixture.

    >>> import gmm_tutorial as gmm
    >>> gmm.total_covariance(gmm.Mixture([0.25, 0.75], means=[[0], [4]], covariances=[[[1]], [[9]]]))    # 7 + 3
    array([[10.]])
    """
    deviations = mixture.means - total_mean(mixture)
    within = np.einsum("k,kij->ij", mixture.weights, mixture.covariances)
    return within + np.einsum("k,ki,kj->ij", mixture.weights, deviations, deviations)


def total_variance(mixture):
    """The diagonal (D,) of `total_covariance`, without computing the other entries."""
    deviations = mixture.means - total_mean(mixture)
    return mixture.weights @ (variances_of(mixture) + np.square(deviations))


def ordered(mixture: AnyMixture) -> Mixture:
    """The same mixture with its components sorted by the first coordinate of their means.

    The numbering of the components is arbitrary, so two fits are easier to compare if both are ordered.

    mixture of K  →  mixture of K

    Raises TypeError if the argument is not a mixture.

    >>> import gmm_tutorial as gmm
    >>> gmm.ordered(gmm.Mixture([0.25, 0.75], means=[[4], [0]], covariances=[[[1]], [[9]]])).weights
    array([0.75, 0.25])
    """
    return renumbered(mixture, np.argsort(mixture.means[:, 0], kind="stable"))


def matched(mixture: AnyMixture, reference: AnyMixture) -> Mixture:
    """The same mixture with its components renumbered to match those of a reference mixture.

    The best of all pairings is chosen, by the sum of the Bhattacharyya distances of the paired Gaussians.

        ⅛ (μ − μ′)ᵀ S⁻¹ (μ − μ′) + ½ log |S| − ¼ log |Σ| − ¼ log |Σ′|     with   S = (Σ + Σ′) / 2

    mixture of K, reference of K  →  mixture of K                        Bhattacharyya (1943); Kuhn (1955)

    Raises ValueError if the two mixtures differ in components or dimensions.

    >>> import gmm_tutorial as gmm
    >>> reference = gmm.Mixture([0.25, 0.75], means=[[0], [4]], covariances=[[[1]], [[9]]])
    >>> found = gmm.Mixture([0.7, 0.3], means=[[3.8], [0.1]], covariances=[[[8]], [[2]]])
    >>> gmm.matched(found, reference).weights
    array([0.3, 0.7])
    """
    mixture.factors, reference.factors  # a collapsed component raises an error that names it
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
    """The marginal mixture in some of the dimensions: the others are left out of each mean and covariance.

        ∫ p(x) dx_others = Σₖ πₖ N(x_kept | μₖ_kept, Σₖ_kept,kept)       Bishop (2006), eq. 2.98

    mixture of K in D dimensions, d of their indices  →  mixture of K in d dimensions

    Raises ValueError if an index is out of range or given twice.

    >>> import gmm_tutorial as gmm
    >>> mixture = gmm.Mixture([1], [[1, 2, 3]], [[[4, 0, 1], [0, 5, 2], [1, 2, 6]]])
    >>> flat = gmm.marginal(mixture, dimensions=[0, 2])
    >>> flat.means.tolist(), flat.covariances.tolist()
    ([[1.0, 3.0]], [[[4.0, 1.0], [1.0, 6.0]]])
    """
    kept = list(dimensions)
    return Mixture._trusted(mixture.weights, mixture.means[:, kept], mixture.covariances[:, kept][:, :, kept])


def conditional(mixture: AnyMixture, known: KnownValues) -> Mixture | list[Mixture]:
    """The mixture that is the distribution of the unknown coordinates of a point, given the values of the known ones.

        p(x_b | x_a) = Σₖ γₖ N(x_b | mₖ, Cₖ)     with     γₖ = πₖ N(x_a | μₖ_a, Σₖ_aa) / p(x_a)

        mₖ = μₖ_b + Σₖ_ba Σₖ_aa⁻¹ (x_a − μₖ_a)          Cₖ = Σₖ_bb − Σₖ_ba Σₖ_aa⁻¹ Σₖ_ab   Bishop (2006), eq. 2.81, 2.82

    mixture of K in D dimensions; known, from the index of each known coordinate to its value, {0: 3.5, 2: 1.0}
                →  Mixture of K in the other dimensions, in their order
    known, from each index to N values, {0: [3.5, 4.0]}  →  list of N mixtures

    Use `total_mean`, `total_covariance`, `quantile` or `sample` to get means, variances, intervals or samples from it.
    Raises ValueError if a dimension is out of range or given twice, or if none is left to be unknown.

    >>> import gmm_tutorial as gmm
    >>> line = gmm.Mixture([1], means=[[0, 1]], covariances=[[[4, 2], [2, 3]]])
    >>> given = gmm.conditional(line, known={0: 2})    # the slope is 2/4, the remaining variance 3 − 2·2/4
    >>> given.means.ravel(), given.covariances.ravel()
    (array([2.]), array([2.]))
    """
    dimensions, values = list(known), list(known.values())
    mixtures = each_conditional(np.stack(np.atleast_1d(*values, values[0])[:-1], axis=1), mixture, dimensions)
    return mixtures if np.ndim(values[0]) else mixtures[0]


def each_conditional(known, mixture, dimensions):
    responsibilities, means, covariances = conditionals(known, mixture, dimensions)
    return [Mixture._trusted(gammas, mu, covariances) for gammas, mu in zip(responsibilities, means.swapaxes(0, 1))]


def conditional_mean(known: Known, mixture: AnyMixture, dimensions: Dimensions | None = None) -> np.ndarray:
    """The expected values of the unknown coordinates of each point, given the known ones: regression by a mixture.

        E[x_b | x_a] = Σₖ γₖ mₖ     with     mₖ = μₖ_b + Σₖ_ba Σₖ_aa⁻¹ (x_a − μₖ_a)         Bishop (2006), eq. 2.81

    γₖ are the responsibilities for the known coordinates alone.

    known (N, C), mixture of K in D > C dimensions  →  expected others (N, D − C), in their units

    dimensions, the indices of the C known coordinates; by default the first C

    Raises ValueError if a dimension is out of range or given twice, or if none is left to be unknown.

    >>> import gmm_tutorial as gmm
    >>> line = gmm.Mixture([1], means=[[0, 1]], covariances=[[[4, 2], [2, 3]]])
    >>> gmm.conditional_mean([[0], [2]], line)    # the slope is 2/4
    array([[1.],
           [2.]])
    >>> gmm.conditional_mean([[1], [4]], line, dimensions=[1])    # the slope is 2/3
    array([[0.],
           [2.]])
    """
    responsibilities, means, _ = conditionals(known, mixture, dimensions)
    return np.einsum("nk,knd->nd", responsibilities, means)


def conditional_covariance(known: Known, mixture: AnyMixture, dimensions: Dimensions | None = None) -> np.ndarray:
    """The covariances of the unknown coordinates of each point, given the known ones (law of total covariance).

        Cov[x_b | x_a] = Σₖ γₖ (Cₖ + (mₖ − m)(mₖ − m)ᵀ)     with     m = Σₖ γₖ mₖ = E[x_b | x_a]

    mₖ and Cₖ are those of `conditional`: the covariance within each component, plus the uncertainty of the component.

    known (N, C), mixture of K in D > C dimensions  →  covariances (N, D − C, D − C), in the units of the others squared

    dimensions, the indices of the C known coordinates; by default the first C

    Raises ValueError if a dimension is out of range or given twice, or if none is left to be unknown.

    >>> import gmm_tutorial as gmm
    >>> line = gmm.Mixture([1], means=[[0, 1]], covariances=[[[4, 2], [2, 3]]])
    >>> gmm.conditional_covariance([[0], [2]], line).ravel()    # the same for each point: 3 − 2·2/4
    array([2., 2.])
    """
    responsibilities, means, covariances = conditionals(known, mixture, dimensions)
    deviations = means - np.einsum("nk,knd->nd", responsibilities, means)
    within = np.einsum("nk,kij->nij", responsibilities, covariances)
    return within + np.einsum("nk,kni,knj->nij", responsibilities, deviations, deviations)


def conditionals(known, mixture, dimensions):
    """Responsibilities (N, K), conditional means (K, N, D − C) and covariances (K, D − C, D − C) of the components."""
    dimensions = list(range(known.shape[1]) if dimensions is None else dimensions)
    if len(dimensions) != known.shape[1]:
        raise ArgumentError(
            "dimensions",
            "{argument} is {dimensions}, but known has {C} coordinates: give the index of each.",
            {"dimensions": dimensions, "C": known.shape[1]},
        )
    return responsibility(known, marginal(mixture, dimensions)), *regressions(known, mixture, dimensions)


def regressions(known, mixture, dimensions):
    """The conditional means (K, N, D − C) and covariances (K, D − C, D − C) of the components.

    With the known coordinates first and L Lᵀ = Σ, the mean is μ_b + L_ba z with z = L_aa⁻¹ (x_a − μ_a), and
    L_bb L_bbᵀ is the covariance.
    """
    others = the_others(mixture, dimensions)
    C, factors = len(dimensions), factors_of(mixture, [*dimensions, *others])
    rests = factors[:, C:, C:]
    means = [
        mu[others] + whiten(known, mu[dimensions], L[:C, :C]) @ L[C:, :C].T for mu, L in zip(mixture.means, factors)
    ]
    return np.stack(means), rests @ rests.swapaxes(1, 2)


def the_others(mixture, dimensions):
    return [d for d in range(mixture.means.shape[1]) if d not in dimensions]


def factors_of(mixture, order):
    """Triangular L (K, D, D) with L Lᵀ = Σ for coordinates in another order, from M = factors[order] and Mᵀ = Q R.

    The signs of its columns may differ from those of the Cholesky factor, but they cancel wherever L is used here.
    """
    return np.linalg.qr(mixture.factors[:, order].swapaxes(1, 2), mode="r").swapaxes(1, 2)


def identical_components(mixture, nearer=1e-3):
    """The pairs of components that are equal to within a thousandth of a standard deviation, in every direction.

    Their responsibilities have the same ratio at every point, that of their weights, so the M-step gives them the same
    mean and covariance again, and EM never separates them: they are a saddle point.

    mixture of K  →  list of pairs (k, j), k < j

    >>> import gmm_tutorial as gmm
    >>> from gmm_tutorial.derived import identical_components
    >>> identical_components(gmm.Mixture([0.2, 0.3, 0.5], [[0], [4], [0]], [[[1]], [[1]], [[1]]]))
    [(0, 2)]
    """
    pairs = []
    for k, (mean, root) in enumerate(zip(mixture.means, mixture.roots)):
        moves, roots = mixture.means[k + 1 :] - mean, mixture.roots[k + 1 :]
        if root.ndim == 1:
            changes = np.concatenate([moves / root, roots / root - 1], axis=1)
        else:
            affine = np.concatenate([moves[:, :, None], roots - root], axis=2)
            changes = (np.linalg.inv(root) @ affine).reshape(len(moves), mean.size * (mean.size + 1))
        pairs += [(k, k + 1 + int(j)) for j in np.flatnonzero(np.abs(changes).max(axis=1) <= nearer)]
    return pairs


def separated(mixture):
    """The same mixture, but with identical components moved apart along the longest axis of their covariance.

    They get equal weights, which does not change the density. Their means move by −s to s, evenly spaced, with the step
    s of `step_to_half`, and s sᵀ is subtracted from each covariance, so two identical components keep their joint mean
    and covariance.

    mixture of K  →  mixture of K
    """
    weights, means, covariances = (array.copy() for array in mixture)
    pairs = identical_components(mixture)
    for first in sorted({k for k, _ in pairs} - {j for _, j in pairs}):
        group = [first, *(j for k, j in pairs if k == first)]
        step = step_to_half(mixture, first)
        weights[group] = weights[group].mean()
        means[group] += np.linspace(-1, 1, len(group))[:, None] * step
        covariances[group] -= np.outer(step, step)
    return Mixture._trusted(weights, means, covariances)


def step_to_half(mixture, k):
    """The step from the mean of component k to that of one of its halves, if it is cut in two across its longest axis.

        √(2/π) √λ v     with the largest eigenvalue λ of its covariance, and its eigenvector v

    Lengths are measured in standard deviations of all the points, so the result does not depend on the units.
    """
    scale = np.sqrt(total_variance(mixture))
    values, vectors = np.linalg.eigh(mixture.covariances[k] / np.outer(scale, scale))
    return np.sqrt(2 / np.pi * values[-1]) * vectors[:, -1] * scale
