"""Chapters 02 and 03: a weighted sum of Gaussians, and the component that each point comes from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gmm_tutorial.checks import (
    AnyMixture,
    Covariances,
    LogJoints,
    Means,
    Points,
    SampleWeights,
    Weights,
    check_arguments,
    cholesky_factors,
)
from gmm_tutorial.gaussian import log_gaussian_by_factor


@dataclass(frozen=True, eq=False, init=False)
class Mixture:
    """A mixture of K Gaussians in D dimensions, each with a weight: the fraction of the points that comes from it.

        p(x) = Σₖ πₖ N(x | μₖ, Σₖ)                                      Bishop (2006), eq. 9.7

    weights (K,), sum to one; means (K, D), in the units of the points; covariances (K, D, D), in those units squared

    The arguments are checked, and the arrays cannot be changed. A mixture unpacks into its three arrays.
    Raises ValueError if the shapes do not fit, the weights do not sum to one, or a covariance is not symmetric
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

    def __init__(self, weights: Weights, means: Means, covariances: Covariances):
        given = {"weights": weights, "means": means, "covariances": covariances}
        self._keep(**check_arguments(Mixture.__init__, given))
        self.factors

    @classmethod
    def _trusted(cls, *arrays, names=("weights", "means", "covariances")):
        """A mixture without checks: between an M-step and the constraint, a covariance may be singular."""
        mixture = object.__new__(cls)
        mixture._keep(**dict(zip(names, arrays)))
        return mixture

    def _keep(self, **arrays):
        for name, array in arrays.items():
            self.__dict__[name] = read_only(array)

    def __iter__(self):
        return iter((self.weights, self.means, self.covariances))

    def __reduce__(self):
        return Mixture._trusted, tuple(self)

    @cached_property
    def factors(self):
        """The lower Cholesky factors Lₖ of the covariances, Lₖ Lₖᵀ = Σₖ: shape (K, D, D)."""
        return read_only(cholesky_factors(self.means, self.covariances))

    @property
    def roots(self):
        """The factors Lₖ as the formulas use them: (K, D, D), or their diagonals (K, D) if nothing else is stored."""
        return self.factors


def read_only(array):
    array = np.array(array)
    array.setflags(write=False)
    return array


def log_joint(points: Points, mixture: AnyMixture) -> np.ndarray:
    """The log of weight times density for each point and each component.

        log p(xₙ, k) = log πₖ + log N(xₙ | μₖ, Σₖ)

    points (N, D), mixture of K  →  log joints (N, K), in nats; −∞ where a weight is zero

    Raises ValueError if points and mixture have different dimensions, or a number is missing or infinite.

    >>> import gmm_tutorial as gmm
    >>> mixture = gmm.Mixture([0.25, 0.75], means=[[0], [4]], covariances=[[[1]], [[9]]])
    >>> gmm.log_joint([[0], [4]], mixture).round(4)
    array([[ -2.3052,  -3.1941],
           [-10.3052,  -2.3052]])
    """
    with np.errstate(divide="ignore"):  # log 0 = −∞ is right: this component explains nothing
        log_weights = np.log(mixture.weights)
    return log_weights + np.array([log_gaussian_by_factor(points, *k) for k in zip(mixture.means, mixture.roots)]).T


def bayes(log_joints: LogJoints) -> tuple[np.ndarray, np.ndarray]:
    """The probability of each component for each point, and the log density there, by Bayes' theorem in logarithms.

        γₙₖ = p(xₙ, k) / Σᵢ p(xₙ, i)          log p(xₙ) = log Σᵢ p(xₙ, i)

    The largest entry of each row is subtracted before the exponential and added after the logarithm (log-sum-exp), so
    no term that matters underflows, however far away the point is.           Blanchard, Higham & Higham (2021)

    log joints (N, K)  →  responsibilities (N, K), rows sum to one; log densities (N,), in nats

    Raises ValueError if an entry is NaN or a row has only entries −∞.

    >>> import gmm_tutorial as gmm
    >>> responsibilities, log_densities = gmm.bayes([[-5000, -5000 + 1.0986122886681098]])    # one to three
    >>> responsibilities.round(4), log_densities.round(4)
    (array([[0.25, 0.75]]), array([-4998.6137]))
    """
    largest = log_joints.max(axis=1, keepdims=True)
    joints = np.exp(log_joints - largest)
    totals = joints.sum(axis=1, keepdims=True)
    return joints / totals, (largest + np.log(totals))[:, 0]


def log_density(points: Points, mixture: AnyMixture) -> np.ndarray:
    """The log density of the whole mixture at each point.

        log p(xₙ) = log Σₖ πₖ N(xₙ | μₖ, Σₖ)                            Bishop (2006), eq. 9.7

    points (N, D), mixture of K  →  log densities (N,), in nats

    Raises ValueError if points and mixture have different dimensions, or a number is missing or infinite.

    >>> import gmm_tutorial as gmm
    >>> one = gmm.Mixture([1], means=[[0]], covariances=[[[1]]])
    >>> twice = gmm.Mixture([0.5, 0.5], means=[[0], [0]], covariances=[[[1]], [[1]]])
    >>> gmm.log_density([[0], [2]], one).round(4), gmm.log_density([[0], [2]], twice).round(4)
    (array([-0.9189, -2.9189]), array([-0.9189, -2.9189]))
    """
    return bayes(log_joint(points, mixture))[1]


def log_likelihood(points: Points, mixture: AnyMixture, sample_weights: SampleWeights | None = None) -> float:
    """The log-likelihood of a mixture, which is the sum of its log densities at the points.

        ℓ = Σₙ log p(xₙ)                                                Bishop (2006), eq. 9.14

    points (N, D), mixture of K, sample weights (N,), how often each point counts  →  a number, in nats

    Raises ValueError if points and mixture have different dimensions, or a weight is negative.

    >>> import gmm_tutorial as gmm
    >>> one = gmm.Mixture([1], means=[[0]], covariances=[[[1]]])
    >>> round(gmm.log_likelihood([[0], [2]], one), 4), round(gmm.log_likelihood([[0], [2]], one, [1, 3]), 4)
    (-3.8379, -9.6758)
    """
    log_densities = log_density(points, mixture)
    return float((log_densities if sample_weights is None else sample_weights * log_densities).sum())


def responsibility(points: Points, mixture: AnyMixture) -> np.ndarray:
    """The probability that each point came from each component, given where the point is.

        γₙₖ = πₖ N(xₙ | μₖ, Σₖ) / Σᵢ πᵢ N(xₙ | μᵢ, Σᵢ)                  Bishop (2006), eq. 9.13

    points (N, D), mixture of K  →  responsibilities (N, K), rows sum to one

    If one component is far more probable than the others, the result is exact however far away the point is. If several
    are about equally probable at a distance of r standard deviations, the relative rounding error is about 2⁻⁵² r²
    times the condition numbers of the covariances: 11 digits are correct at 500, and four at a million.
    Raises ValueError if points and mixture have different dimensions, or a number is missing or infinite.

    >>> import gmm_tutorial as gmm
    >>> equal = gmm.Mixture([0.25, 0.75], means=[[1], [1]], covariances=[[[1]], [[1]]])
    >>> gmm.responsibility([[0], [500]], equal).round(4)    # equal Gaussians: only the weights matter
    array([[0.25, 0.75],
           [0.25, 0.75]])
    """
    return bayes(log_joint(points, mixture))[0]
