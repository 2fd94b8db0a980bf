"""Chapter 04: the formulas of the M-step, and the two steps of EM."""

from __future__ import annotations

import numpy as np

from gmm_tutorial.checks import AnyMixture, Means, Points, Responsibilities, SampleWeights, refuse_empty
from gmm_tutorial.mixture import Mixture, bayes, log_joint


def count(responsibilities: Responsibilities) -> np.ndarray:
    """The effective number of points that each component explains.

        Nₖ = Σₙ γₙₖ                                                     Bishop (2006), eq. 9.18

    responsibilities (N, K)  →  counts (K,), sum to N

    Raises ValueError if a responsibility is negative or not finite.

    >>> import gmm_tutorial as gmm
    >>> gmm.count([[1, 0], [0.5, 0.5], [0.25, 0.75]])
    array([1.75, 1.25])
    """
    return responsibilities.sum(axis=0)


def weight(responsibilities: Responsibilities) -> np.ndarray:
    """The fraction of the points that each component explains.

        πₖ = Nₖ / N     with     N = Σₖ Nₖ                              Bishop (2006), eq. 9.22

    responsibilities (N, K)  →  weights (K,), sum to one

    Raises ValueError if all responsibilities are zero.

    >>> import gmm_tutorial as gmm
    >>> gmm.weight([[1, 0], [0.5, 0.5], [0, 1], [0.5, 0.5]])
    array([0.5, 0.5])
    """
    counts = count(responsibilities)
    return counts / counts.sum()


def mean(points: Points, responsibilities: Responsibilities) -> np.ndarray:
    """The mean of each component: the average of the points, weighted by their responsibilities.

        μₖ = (1/Nₖ) Σₙ γₙₖ xₙ                                           Bishop (2006), eq. 9.17

    points (N, D), responsibilities (N, K)  →  means (K, D), in the units of the points

    Raises ValueError if a component explains no point at all.

    >>> import gmm_tutorial as gmm
    >>> gmm.mean([[0, 6], [4, 2]], [[0.75, 0.25], [0.25, 0.75]])
    array([[1., 5.],
           [3., 3.]])
    """
    return np.dot(responsibilities.T, points) / count(responsibilities)[:, None]


def covariance(points: Points, responsibilities: Responsibilities, means: Means) -> np.ndarray:
    """The covariance of each component: the spread of the points about its new mean, weighted by responsibilities.

        Σₖ = (1/Nₖ) Σₙ γₙₖ (xₙ − μₖ)(xₙ − μₖ)ᵀ                          Bishop (2006), eq. 9.19

    points (N, D), responsibilities (N, K), means (K, D)  →  covariances (K, D, D), in the units of the points squared

    The result is exactly symmetric. Raises ValueError if a component explains no point at all.

    >>> import gmm_tutorial as gmm
    >>> gmm.covariance([[0], [4]], [[0.75, 0.25], [0.25, 0.75]], means=[[1], [3]]).ravel()
    array([3., 3.])
    """
    deviations = (np.subtract(points, mu, order="F") for mu in means)
    pairs = zip(responsibilities.T[:, :, None], deviations)  # (N, 1), (N, D)
    sums = np.array([np.dot((gamma * d).T, d) for gamma, d in pairs])
    counts = count(responsibilities)[:, None, None]
    return (sums + sums.swapaxes(1, 2)) / (2 * counts)  # exactly symmetric


def e_step(
    points: Points, mixture: AnyMixture, sample_weights: SampleWeights | None = None
) -> tuple[np.ndarray, float]:
    """The responsibilities of each component for each point, and the log-likelihood of the mixture.

        γₙₖ = πₖ N(xₙ | μₖ, Σₖ) / p(xₙ)          ℓ = Σₙ log p(xₙ)        Bishop (2006), eq. 9.13 and 9.14

    points (N, D), mixture of K  →  responsibilities (N, K); log-likelihood ℓ, a number in nats

    Sample weights (N,) say how often each point counts: they multiply its responsibilities and its term of ℓ.
    Raises ValueError if an argument has the wrong shape or a number that is not finite.

    >>> import gmm_tutorial as gmm
    >>> equal = gmm.Mixture([0.25, 0.75], means=[[1], [1]], covariances=[[[1]], [[1]]])
    >>> responsibilities, log_likelihood = gmm.e_step([[1], [1]], equal)
    >>> responsibilities.round(4), round(log_likelihood, 4)
    (array([[0.25, 0.75],
           [0.25, 0.75]]), -1.8379)
    """
    responsibilities, log_densities = bayes(log_joint(points, mixture))
    if sample_weights is None:
        return responsibilities, float(log_densities.sum())
    return responsibilities * sample_weights[:, None], float((sample_weights * log_densities).sum())


def m_step(points: Points, responsibilities: Responsibilities) -> Mixture:
    """The mixture that makes the points most probable, given their responsibilities.

        πₖ, μₖ, Σₖ = weight, mean and covariance of γ                   Bishop (2006), eq. 9.17, 9.19 and 9.22

    points (N, D), responsibilities (N, K)  →  Mixture of K

    Raises ValueError if a component explains no point at all. One without spread may still be repaired by a constraint.

    >>> import gmm_tutorial as gmm
    >>> gmm.m_step([[0], [4]], [[0.75, 0.25], [0.25, 0.75]]).means.ravel()
    array([1., 3.])
    """
    weights = refuse_empty(weight(responsibilities))
    means = mean(points, responsibilities)
    return Mixture._trusted(weights, means, covariance(points, responsibilities, means))
