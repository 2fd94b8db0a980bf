"""Chapter 09: how many components, and which constraint: the likelihood, less a price for every free number."""

import numpy as np

from gmm_tutorial.checks import AnyMixture, Constraint, Points
from gmm_tutorial.constraints import covariance_parameters, full
from gmm_tutorial.mixture import log_likelihood, responsibility


def n_parameters(mixture: AnyMixture, constraint: Constraint = full) -> int:
    """How many numbers a mixture leaves free under a constraint.

        (K − 1) + K D + free numbers of the covariances

    which is K D(D+1)/2 for full, K D for diagonal and K for spherical; tied counts one component in place of K, and a
    ridge counts nothing. A constraint of your own tells the free numbers of its covariances by an attribute:
    `my_constraint.parameters = lambda K, D: K * D`.

    mixture of K in D dimensions, constraint  →  a whole number

    Raises ValueError for a constraint of your own without that attribute.

    >>> import gmm_tutorial as gmm
    >>> mixture = gmm.Mixture([0.5, 0.5], [[0, 0], [4, 4]], [[[4, 1], [1, 2]], [[1, 0], [0, 1]]])
    >>> [gmm.n_parameters(mixture, c) for c in (gmm.full, gmm.tied, gmm.diagonal, gmm.spherical)]
    [11, 8, 9, 7]
    """
    K, D = mixture.means.shape
    return (K - 1) + K * D + covariance_parameters(constraint, K, D)


def aic(points: Points, mixture: AnyMixture, constraint: Constraint = full) -> float:
    """Akaike's criterion: how badly the mixture would predict new points, up to a constant. Smaller is better.

        AIC = 2 p − 2 ℓ     with p free numbers                         Akaike (1974)

    points (N, D), mixture of K, constraint  →  a number, in nats times two

    >>> import gmm_tutorial as gmm
    >>> one = gmm.Mixture([1], means=[[0]], covariances=[[[1]]])
    >>> round(gmm.aic([[-1], [1]], one), 4)    # p = 2, ℓ = −2.8379
    9.6758
    """
    return 2 * n_parameters(mixture, constraint) - 2 * log_likelihood(points, mixture)


def bic(points: Points, mixture: AnyMixture, constraint: Constraint = full) -> float:
    """Schwarz's criterion: how improbable the points are, on average over a model's parameters. Smaller is better.

        BIC = p log N − 2 ℓ     with p free numbers                     Schwarz (1978)

    points (N, D), mixture of K, constraint  →  a number, in nats times two

    The R package mclust prints the opposite sign, and there larger is better.

    >>> import gmm_tutorial as gmm
    >>> one = gmm.Mixture([1], means=[[0]], covariances=[[[1]]])
    >>> round(gmm.bic([[-1], [1]], one), 4)    # 2 log 2 + 5.6758
    7.062
    """
    price = n_parameters(mixture, constraint) * float(np.log(len(points)))
    return price - 2 * log_likelihood(points, mixture)


def icl(points: Points, mixture: AnyMixture, constraint: Constraint = full) -> float:
    """BIC with a price for overlap: every point pays for the doubt about its label. Smaller is better.

        ICL = BIC − 2 Σₙ log maxₖ γₙₖ                                   Biernacki, Celeux & Govaert (2000)

    points (N, D), mixture of K, constraint  →  a number, in nats times two

    >>> import gmm_tutorial as gmm
    >>> twice = gmm.Mixture([0.5, 0.5], means=[[0], [0]], covariances=[[[1]], [[1]]])
    >>> round(gmm.icl([[-1], [1]], twice) - gmm.bic([[-1], [1]], twice), 4)    # 2 points, each 2 log 2
    2.7726
    """
    log_certainties = np.log(responsibility(points, mixture).max(axis=1))
    return bic(points, mixture, constraint) - 2 * float(log_certainties.sum())
