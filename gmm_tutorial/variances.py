"""Mixtures with diagonal covariances, of which only the variances are stored and computed."""

from functools import cached_property

import numpy as np

from gmm_tutorial.checks import refuse_empty, refuse_flat
from gmm_tutorial.mixture import Mixture, read_only
from gmm_tutorial.steps import count, mean, weight


class AxisParallel(Mixture):
    """A mixture that stores variances (K, D); its covariances (K, D, D) are computed when they are first used."""

    def __new__(cls, weights, means, covariances):
        return Mixture(weights, means, covariances)  # covariances make an ordinary mixture

    def __repr__(self):
        return repr(Mixture._trusted(*self))

    @classmethod
    def _trusted(cls, weights, means, variances):
        return super()._trusted(weights, means, variances, names=("weights", "means", "variances"))

    def __reduce__(self):
        return AxisParallel._trusted, (self.weights, self.means, self.variances)

    @cached_property
    def covariances(self):
        return read_only(self.variances[:, :, None] * np.eye(self.means.shape[1]))

    @cached_property
    def factors(self):
        return read_only(self.roots[:, :, None] * np.eye(self.means.shape[1]))

    @cached_property
    def roots(self):
        refuse_flat(self.variances, self.variances, self.means)
        return read_only(np.sqrt(self.variances))


def variances_of(mixture):
    """The variances (K, D) of the components along the axes."""
    stored = getattr(mixture, "variances", None)
    return np.diagonal(mixture.covariances, axis1=1, axis2=2) if stored is None else stored


def stored(mixture):
    """The variances (K, D) if only they are stored, otherwise the covariances (K, D, D)."""
    return mixture.variances if isinstance(mixture, AxisParallel) else mixture.covariances


def renumbered(mixture, order):
    """The same mixture with its components in another order."""
    return type(mixture)._trusted(mixture.weights[order], mixture.means[order], stored(mixture)[order])


def variance(points, responsibilities, means):
    """The variances of each component, the diagonals of `covariance`, in time and memory proportional to D, not D².

        σₖ² = (1/Nₖ) Σₙ γₙₖ (xₙ − μₖ)²

    points (N, D), responsibilities (N, K), means (K, D)  →  variances (K, D)
    """
    squares = (np.square(points - mu) for mu in means)  # K of (N, D)
    sums = np.array([np.dot(gamma, square) for gamma, square in zip(responsibilities.T, squares)])
    return sums / count(responsibilities)[:, None]


def m_step_of_variances(points, responsibilities):
    """The mixture of `m_step`, for a constraint that uses only variances."""
    weights = refuse_empty(weight(responsibilities))
    means = mean(points, responsibilities)
    return AxisParallel._trusted(weights, means, variance(points, responsibilities, means))


def with_means(mixture, means):
    """The same mixture with other means."""
    return type(mixture)._trusted(mixture.weights, means, stored(mixture))
