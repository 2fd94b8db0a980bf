"""Chapter 10: the distribution function, its inverse, and a threshold for outliers."""

from __future__ import annotations

import numpy as np
from scipy.special import chdtri, ndtr, ndtri

from gmm_tutorial.checks import AnyMixture, InOneDimension, Points, Probabilities, Rate, Rng, WholeNumber
from gmm_tutorial.mixture import Mixture, log_density

HALVINGS = 100


def cdf(points: Points, mixture: InOneDimension, upper: bool = False) -> np.ndarray:
    """The probability that a value from a mixture in one dimension is at most x: the distribution function.

        F(x) = Σₖ πₖ Φ((x − μₖ) / σₖ)     with the standard normal distribution function Φ

    points (N, 1), mixture of K in one dimension  →  probabilities (N,)

    upper, True for the probability 1 − F(x) of a larger value, which is accurate however small it is

    Raises ValueError if the mixture has more than one dimension: choose one with `marginal`.

    >>> import gmm_tutorial as gmm
    >>> mixture = gmm.Mixture([0.25, 0.75], means=[[0], [4]], covariances=[[[1]], [[9]]])
    >>> gmm.cdf([[0], [4]], mixture).round(4), gmm.cdf([[40]], mixture, upper=True).round(35)
    (array([0.1934, 0.625 ]), array([1.33e-33]))
    """
    z = (points - mixture.means[:, 0]) / mixture.factors[:, 0, 0]  # (N, K)
    return ndtr(-z if upper else z) @ mixture.weights


def quantile(probabilities: Probabilities, mixture: InOneDimension, upper: bool = False) -> np.ndarray:
    """The value below which a draw from a mixture in one dimension lies with a given probability.

        F(x) = p, solved by halving the interval between the smallest and the largest quantile of the components

    probabilities p, of any shape, between 0 and 1; mixture of K in one dimension  →  values x of that shape

    upper, True for the value that is exceeded with probability p, which is exact for the smallest p

    `quantile([0.05, 0.95], mixture)` is an interval that contains 90 %. For a mixture in more dimensions, use a
    `marginal` or, if other coordinates are known, a `conditional`.
    Raises ValueError if the mixture has more than one dimension, or a probability is not between 0 and 1.

    >>> import gmm_tutorial as gmm
    >>> mixture = gmm.Mixture([0.5, 0.5], means=[[0], [6]], covariances=[[[1]], [[1]]])
    >>> gmm.quantile([0.025, 0.5, 0.975], mixture).round(4)
    array([-1.6449,  3.    ,  7.6449])
    """
    if upper:
        return -quantile(probabilities, Mixture._trusted(mixture.weights, -mixture.means, mixture.covariances))
    p = np.ravel(probabilities)[:, None]
    of_components = mixture.means[:, 0] + mixture.factors[:, 0, 0] * ndtri(p)  # (M, K)
    low, high = of_components.min(axis=1, keepdims=True), of_components.max(axis=1, keepdims=True)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        below, above = cdf(middle, mixture)[:, None], cdf(middle, mixture, upper=True)[:, None]
        is_low = np.where(p < 0.5, below < p, above > 1 - p)  # the smaller of the two tails has more digits
        low, high = np.where(is_low, middle, low), np.where(is_low, high, middle)
    return ((low + high) / 2).reshape(np.shape(probabilities))


def density_threshold(mixture: AnyMixture, rate: Rate, rng: Rng = None, size: WholeNumber = 2**16) -> float:
    """The log density below which a point counts as an outlier, for a given rate of false alarms.

        P(log p(x) < t) = rate     for x drawn from the mixture

    mixture of K in D dimensions, rate between 0 and 1  →  threshold t, in nats; points with a smaller `log_density`
    are outliers (anomalies)

    rng, a seed or a Generator; size, the number of draws
    For one component the result is exact: |z|² follows χ² with D degrees of freedom. For several, it is estimated by
    importance sampling, with additional draws far from the means and from small components. With 65,536 draws, the
    relative error of the rate is a few percent, however small the rate is.

    Raises ValueError if the rate is not between 0 and 1.

    >>> import gmm_tutorial as gmm
    >>> one = gmm.Mixture([1], means=[[0]], covariances=[[[1]]])
    >>> round(gmm.density_threshold(one, 0.05), 4)    # −½ log 2π − ½ 1.96²
    -2.8397
    """
    K, D = mixture.means.shape
    if K == 1:
        return float(log_density(mixture.means, mixture)[0] - chdtri(D, rate) / 2)
    points, weights = drawn_far_out(mixture, size, rng, least=rate * 1e-4)
    log_densities = log_density(points, mixture)
    order = np.argsort(log_densities)
    return float(log_densities[order][np.searchsorted(weights[order].cumsum(), rate * weights.sum())])


def drawn_far_out(mixture, size, rng, least):
    """Points for importance sampling, half of them with log s uniform between log `least` and 0, and their weights.

    s = P(χ² > r²) is uniform for points from the mixture; here it has the density q. The chances of a component are the
    average of its weight and 1/K. The weight of a point is πₖ / chanceₖ / q.
    """
    K, D = mixture.means.shape
    weights = mixture.weights / mixture.weights.sum()
    chances = (weights + 1 / K) / 2
    u, labels = rng.random(size), rng.choice(K, size, p=chances / chances.sum())
    s = np.where(rng.random(size) < 0.5, u, least**u)
    directions = rng.standard_normal((size, D))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    z = np.sqrt(chdtri(D, s))[:, None] * directions
    points = mixture.means[labels]
    for k, L in enumerate(mixture.factors):
        points[labels == k] += z[labels == k] @ L.T
    q = 0.5 + 0.5 * (s >= least) / (s * np.log(1 / least))
    return points, (weights / chances)[labels] / q
