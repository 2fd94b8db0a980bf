"""Chapter 04: the four formulas and the two steps."""

import numpy as np

from gmm_tutorial.door import CollapseError
from gmm_tutorial.mixture import explained, unchecked


def count(responsibilities):
    """How many points each component explains, in effect.

        Nₖ = Σₙ γₙₖ                                                     Bishop (2006), eq. 9.18

    responsibilities (N, K)  →  counts (K,), sum to N

    >>> import gmm_tutorial as gmm
    >>> gmm.count([[1, 0], [0.5, 0.5], [0.25, 0.75]])
    array([1.75, 1.25])
    """
    return responsibilities.sum(axis=0)


def weight(responsibilities):
    """The share of the points that each component explains.

        πₖ = Nₖ / N     with     N = Σₖ Nₖ                              Bishop (2006), eq. 9.22

    responsibilities (N, K)  →  weights (K,), sum to one

    >>> import gmm_tutorial as gmm
    >>> gmm.weight([[1, 0], [0.5, 0.5], [0, 1], [0.5, 0.5]])
    array([0.5, 0.5])
    """
    counts = count(responsibilities)
    return counts / counts.sum()


def mean(points, responsibilities):
    """The average of the points, each counted as often as the component explains it.

        μₖ = (1/Nₖ) Σₙ γₙₖ xₙ                                           Bishop (2006), eq. 9.17

    points (N, D), responsibilities (N, K)  →  means (K, D), in the units of the points

    Raises ValueError if a component explains no point at all.

    >>> import gmm_tutorial as gmm
    >>> gmm.mean([[0, 6], [4, 2]], [[0.75, 0.25], [0.25, 0.75]])
    array([[1., 5.],
           [3., 3.]])
    """
    return np.dot(responsibilities.T, points) / count(responsibilities)[:, None]


def covariance(points, responsibilities, means):
    """How the points spread about the new mean, each counted as often as the component explains it.

        Σₖ = (1/Nₖ) Σₙ γₙₖ (xₙ − μₖ)(xₙ − μₖ)ᵀ                          Bishop (2006), eq. 9.19

    points (N, D), responsibilities (N, K), means (K, D)  →  covariances (K, D, D), in the units of the points squared

    Symmetric to the last bit: of each pair of entries, which rounding lets differ, the average is taken.
    Raises ValueError if a component explains no point at all.

    >>> import gmm_tutorial as gmm
    >>> gmm.covariance([[0], [4]], [[0.75, 0.25], [0.25, 0.75]], means=[[1], [3]]).ravel()
    array([3., 3.])
    """
    deviations = (np.subtract(points, mu, order="F") for mu in means)  # K of (N, D)
    sums = np.stack([np.dot((gamma[:, None] * d).T, d) for gamma, d in zip(responsibilities.T, deviations)])
    return (sums + sums.swapaxes(1, 2)) / (2 * count(responsibilities)[:, None, None])


def variances(points, responsibilities, means):
    """The diagonals of `covariance`, with zeros beside them, in time that grows with D and not D²."""
    squares = (np.square(points - mu) for mu in means)  # K of (N, D)
    sums = np.stack([np.dot(gamma, square) for gamma, square in zip(responsibilities.T, squares)])
    return (sums / count(responsibilities)[:, None])[:, :, None] * np.eye(points.shape[1])


def e_step(points, mixture, sample_weights=None):
    """What the mixture says of the points: who explains each, and how probable all of them are.

        γₙₖ = πₖ N(xₙ | μₖ, Σₖ) / p(xₙ)          ℓ = Σₙ log p(xₙ)        Bishop (2006), eq. 9.13 and 9.14

    points (N, D), mixture of K  →  responsibilities (N, K); log-likelihood ℓ, a number in nats

    A sample weight (N,) counts its point that many times, in its row of the responsibilities and in ℓ.

    >>> import gmm_tutorial as gmm
    >>> equal = gmm.Mixture([0.25, 0.75], means=[[1], [1]], covariances=[[[1]], [[1]]])
    >>> responsibilities, log_likelihood = gmm.e_step([[1], [1]], equal)
    >>> responsibilities.round(4), round(log_likelihood, 4)
    (array([[0.25, 0.75],
           [0.25, 0.75]]), -1.8379)
    """
    responsibilities, log_densities = explained(points, mixture)
    if sample_weights is None:
        return responsibilities, float(log_densities.sum())
    return responsibilities * sample_weights[:, None], float((sample_weights * log_densities).sum())


def m_step(points, responsibilities):
    """The mixture that explains the points best, if each belongs to the components as the responsibilities say.

        πₖ, μₖ, Σₖ = weight, mean and covariance of γ                   Bishop (2006), eq. 9.17, 9.19 and 9.22

    points (N, D), responsibilities (N, K)  →  Mixture of K

    Raises ValueError if a component explains no point at all. One without spread is let through, so that a constraint
    may still mend it; to use it as it is raises ValueError.

    >>> import gmm_tutorial as gmm
    >>> gmm.m_step([[0], [4]], [[0.75, 0.25], [0.25, 0.75]]).means.ravel()
    array([1., 3.])
    """
    weights = weight(responsibilities)
    if not weights.all():
        raise CollapseError(int(weights.argmin()))
    means = mean(points, responsibilities)
    return unchecked(weights, means, covariance(points, responsibilities, means))
