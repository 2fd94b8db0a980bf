"""Chapters 02 and 03: several Gaussians, weighted, and which of them a point comes from."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.optimize import linear_sum_assignment

from gmm_tutorial.door import CollapseError, check
from gmm_tutorial.gaussian import log_gaussian_by_factor, whiten

EPSILON = np.finfo(float).eps


@dataclass(frozen=True, eq=False)
class Mixture:
    """K Gaussians in D dimensions, each with the share of the points that it gives.

        p(x) = Σₖ πₖ N(x | μₖ, Σₖ)                                      Bishop (2006), eq. 9.7

    weights (K,), sum to one; means (K, D), in the units of the points; covariances (K, D, D), in those units squared

    A mixture is valid once it exists, and its arrays are read-only. It unpacks into its three arrays.
    Raises ValueError if the shapes do not fit, the weights are no distribution, or a covariance is not symmetric
    and positive definite.

    >>> import gmm_tutorial as gmm
    >>> mixture = gmm.Mixture([0.25, 0.75], means=[[0], [4]], covariances=[[[1]], [[9]]])
    >>> weights, means, covariances = mixture
    >>> mixture.factors.ravel()
    array([1., 3.])
    """

    weights: np.ndarray
    means: np.ndarray
    covariances: np.ndarray

    def __post_init__(self):
        checked = check(weights=self.weights, means=self.means, covariances=self.covariances)
        for name, array in checked.items():
            object.__setattr__(self, name, read_only(array))
        self.factors

    def __iter__(self):
        return iter((self.weights, self.means, self.covariances))

    def __reduce__(self):
        return unchecked, tuple(self)

    @cached_property
    def factors(self):
        """The lower Cholesky factors Lₖ of the covariances, Lₖ Lₖᵀ = Σₖ: shape (K, D, D)."""
        factors = cholesky_or_zeros(self.covariances)
        flat = np.flatnonzero(~has_spread(factors, self.means, self.covariances))
        if flat.size:
            raise CollapseError(int(flat[0]), self.means[flat[0]], np.diag(self.covariances[flat[0]]))
        return read_only(factors)


def read_only(array):
    array = np.array(array)
    array.setflags(write=False)
    return array


def cholesky_or_zeros(covariances):
    """The lower Cholesky factors, with zeros for each matrix that has none."""
    try:
        return np.linalg.cholesky(covariances)
    except np.linalg.LinAlgError:
        if covariances.ndim == 2:
            return np.zeros_like(covariances)
        return np.stack([cholesky_or_zeros(covariance) for covariance in covariances])


def has_spread(factors, means, covariances):
    """False for each Gaussian that is flat in some direction, or narrower than the rounding of its own coordinates."""
    variances = np.diagonal(covariances, axis1=1, axis2=2)
    pivots = np.square(np.diagonal(factors, axis1=1, axis2=2))
    seen = pivots > 4 * means.shape[1] * EPSILON * variances
    wide = variances > np.square(512 * EPSILON * means)
    return (seen & wide & np.isfinite(variances)).all(axis=1)


def unchecked(weights, means, covariances):
    """A mixture whose covariances may still be singular: what an M-step gives before its constraint."""
    mixture = object.__new__(Mixture)
    for name, array in zip(("weights", "means", "covariances"), (weights, means, covariances)):
        object.__setattr__(mixture, name, read_only(array))
    return mixture


def log_joint(points, mixture):
    """How well each point and each component go together: the log of weight times density.

        log p(xₙ, k) = log πₖ + log N(xₙ | μₖ, Σₖ)

    points (N, D), mixture of K  →  log joints (N, K), in nats; −∞ where a weight is zero

    >>> import gmm_tutorial as gmm
    >>> mixture = gmm.Mixture([0.25, 0.75], means=[[0], [4]], covariances=[[[1]], [[9]]])
    >>> gmm.log_joint([[0], [4]], mixture).round(4)
    array([[ -2.3052,  -3.1941],
           [-10.3052,  -2.3052]])
    """
    with np.errstate(divide="ignore"):  # log 0 = −∞ is right: that component explains nothing
        return np.log(mixture.weights) + each_log_gaussian(points, mixture)


def each_log_gaussian(points, mixture):
    """The log density of each component at each point, (N, K); −∞ where a weight is zero."""
    nowhere = np.full(len(points), -np.inf)
    columns = [log_gaussian_by_factor(points, mu, L) if pi else nowhere for pi, mu, L in of_each(mixture)]
    return np.stack(columns).T


def of_each(mixture):
    return zip(mixture.weights, mixture.means, mixture.factors)


def bayes(log_joints):
    """Bayes' theorem in logs: how probable each component is for a point, and how dense the mixture is there.

        γₙₖ = p(xₙ, k) / Σᵢ p(xₙ, i)          log p(xₙ) = log Σᵢ p(xₙ, i)

    The largest of each row is subtracted before the exponential, and added after the logarithm: nothing
    underflows that matters, however far away the point.                      Blanchard, Higham & Higham (2021)

    log joints (N, K)  →  responsibilities (N, K), rows sum to one; log densities (N,), in nats

    >>> import gmm_tutorial as gmm
    >>> responsibilities, log_densities = gmm.bayes([[-5000, -5000 + 1.0986122886681098]])    # one to three
    >>> responsibilities.round(4), log_densities.round(4)
    (array([[0.25, 0.75]]), array([-4998.6137]))
    """
    return posterior(log_joints, 1.0)


def posterior(logs, weights):
    """The same for joints πₖ exp(logs): the weights come in last, and are not rounded beside a large distance."""
    largest = logs.max(axis=1, keepdims=True)
    joints = logs - largest
    np.exp(joints, out=joints)
    joints *= weights
    totals = joints.sum(axis=1, keepdims=True)
    joints /= totals
    return joints, (largest + np.log(totals))[:, 0]


def explained(points, mixture):
    """The responsibilities (N, K) and log densities (N,) of the points."""
    return posterior(each_log_gaussian(points, mixture), mixture.weights)


def log_density(points, mixture):
    """How densely the whole mixture covers each point, as a logarithm.

        log p(xₙ) = log Σₖ πₖ N(xₙ | μₖ, Σₖ)                            Bishop (2006), eq. 9.7

    points (N, D), mixture of K  →  log densities (N,), in nats

    >>> import gmm_tutorial as gmm
    >>> one = gmm.Mixture([1], means=[[0]], covariances=[[[1]]])
    >>> twice = gmm.Mixture([0.5, 0.5], means=[[0], [0]], covariances=[[[1]], [[1]]])
    >>> gmm.log_density([[0], [2]], one).round(4), gmm.log_density([[0], [2]], twice).round(4)
    (array([-0.9189, -2.9189]), array([-0.9189, -2.9189]))
    """
    return explained(points, mixture)[1]


def responsibility(points, mixture):
    """The probability that each point came from each component, once we have seen where the point is.

        γₙₖ = πₖ N(xₙ | μₖ, Σₖ) / Σᵢ πᵢ N(xₙ | μᵢ, Σᵢ)                  Bishop (2006), eq. 9.13

    points (N, D), mixture of K  →  responsibilities (N, K), rows sum to one

    Exact far away, too, where one component wins or all are equal. Between others that tie at r standard deviations
    rounding of the distances leaves about 2⁻⁵² r², times the condition numbers.

    >>> import gmm_tutorial as gmm
    >>> equal = gmm.Mixture([0.25, 0.75], means=[[1], [1]], covariances=[[[1]], [[1]]])
    >>> gmm.responsibility([[0], [500]], equal).round(4)    # equal Gaussians: only the weights speak
    array([[0.25, 0.75],
           [0.25, 0.75]])
    """
    return explained(points, mixture)[0]


def label(points, mixture):
    """The most probable component of each point; of equals the first. Its number carries no meaning.

        argmaxₖ γₙₖ

    points (N, D), mixture of K  →  labels (N,), integers from 0 to K − 1

    >>> import gmm_tutorial as gmm
    >>> mixture = gmm.Mixture([0.25, 0.75], means=[[0], [4]], covariances=[[[1]], [[9]]])
    >>> gmm.label([[-9], [0], [4]], mixture)    # the wider component wins far away on both sides
    array([1, 0, 1])
    """
    return responsibility(points, mixture).argmax(axis=1)


def sample(mixture, size, rng=None):
    """New points, made as the model tells it: first draw a component, then a point of its Gaussian.

        k ~ π,   z ~ N(0, I),   x = μₖ + Lₖ z

    mixture of K, size N, rng a seed or a Generator  →  points (N, D), labels (N,)

    >>> import gmm_tutorial as gmm
    >>> mixture = gmm.Mixture([0.25, 0.75], means=[[0], [400]], covariances=[[[1]], [[9]]])
    >>> points, labels = gmm.sample(mixture, 1000, rng=1)
    >>> points.shape, bool(((points[:, 0] > 200) == (labels == 1)).all())
    ((1000, 1), True)
    """
    labels = rng.choice(len(mixture.weights), size=size, p=mixture.weights / mixture.weights.sum())
    standard = rng.standard_normal((size, mixture.means.shape[1]))
    return mixture.means[labels] + np.einsum("nij,nj->ni", mixture.factors[labels], standard), labels


def total_mean(mixture):
    """Where the whole mixture balances: the law of total mean.

        μ = Σₖ πₖ μₖ

    mixture of K  →  mean (D,), in the units of the points

    >>> import gmm_tutorial as gmm
    >>> gmm.total_mean(gmm.Mixture([0.25, 0.75], means=[[0], [4]], covariances=[[[1]], [[9]]]))
    array([3.])
    """
    return mixture.weights @ mixture.means


def total_covariance(mixture):
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


def ordered(mixture):
    """The same mixture with its components numbered from left to right, by the first coordinate of their means.

    The numbers of components mean nothing, so two fits compare more readily when both are ordered.

    mixture of K  →  mixture of K

    >>> import gmm_tutorial as gmm
    >>> gmm.ordered(gmm.Mixture([0.25, 0.75], means=[[4], [0]], covariances=[[[1]], [[9]]])).weights
    array([0.75, 0.25])
    """
    order = np.argsort(mixture.means[:, 0], kind="stable")
    return unchecked(*(array[order] for array in mixture))


def matched(mixture, reference):
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
    return unchecked(*(array[order] for array in mixture))


def bhattacharyya(one, other):
    (_, mean, covariance), (_, other_mean, other_covariance) = one, other
    between = (covariance + other_covariance) / 2
    step = mean - other_mean
    volumes = [np.linalg.slogdet(matrix)[1] for matrix in (between, covariance, other_covariance)]
    return step @ np.linalg.solve(between, step) / 8 + np.dot([0.5, -0.25, -0.25], volumes)


def marginal(mixture, dimensions):
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
    return unchecked(mixture.weights, mixture.means[:, kept], mixture.covariances[:, kept][:, :, kept])


def conditional_mean(known, mixture):
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
