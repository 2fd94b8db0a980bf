"""Chapters 08 and 09: shapes that the covariances may take, each a function Mixture → Mixture.

The M-step sees the points only through Nₖ, μₖ and Σₖ, so constraining its unconstrained answer is the constrained
answer (Celeux & Govaert 1995).
"""

from functools import partial, reduce
from inspect import unwrap

import numpy as np

from gmm_tutorial.door import check, floating_point_errors_in_words
from gmm_tutorial.mixture import total_covariance, unchecked


def full(mixture):
    """Every component has its own covariance: nothing is changed.

    mixture of K  →  mixture of K, with K D(D+1)/2 free numbers in its covariances

    >>> import gmm_tutorial as gmm
    >>> mixture = gmm.Mixture([1], means=[[0, 0]], covariances=[[[4, 1], [1, 2]]])
    >>> gmm.full(mixture) is mixture
    True
    """
    return mixture


def tied(mixture):
    """All components share one covariance, the average of theirs.

        Σ = Σₖ πₖ Σₖ                                                    Celeux & Govaert (1995), model EEE

    mixture of K  →  mixture of K, with D(D+1)/2 free numbers in its covariances

    >>> import gmm_tutorial as gmm
    >>> gmm.tied(gmm.Mixture([0.25, 0.75], means=[[0], [4]], covariances=[[[1]], [[9]]])).covariances.ravel()
    array([7., 7.])
    """
    shared = np.einsum("k,kij->ij", mixture.weights, mixture.covariances)
    return with_covariances(mixture, np.broadcast_to(shared, mixture.covariances.shape))


def diagonal(mixture):
    """Within a component the coordinates vary independently: axis-parallel ellipses.

        Σₖ = diag(Σₖ)                                                   Celeux & Govaert (1995), model VVI

    mixture of K  →  mixture of K, with K D free numbers in its covariances

    >>> import gmm_tutorial as gmm
    >>> gmm.diagonal(gmm.Mixture([1], means=[[0, 0]], covariances=[[[4, 1], [1, 2]]])).covariances
    array([[[4., 0.],
            [0., 2.]]])
    """
    return with_covariances(mixture, mixture.covariances * np.eye(mixture.means.shape[1]))


def spherical(mixture):
    """Each component spreads alike in every direction: circles and balls.

        Σₖ = (tr Σₖ / D) I                                              Celeux & Govaert (1995), model VII

    mixture of K  →  mixture of K, with K free numbers in its covariances

    >>> import gmm_tutorial as gmm
    >>> gmm.spherical(gmm.Mixture([1], means=[[0, 0]], covariances=[[[4, 1], [1, 2]]])).covariances
    array([[[3., 0.],
            [0., 3.]]])
    """
    dimensions = mixture.means.shape[1]
    variances = np.trace(mixture.covariances, axis1=1, axis2=2) / dimensions
    return with_covariances(mixture, variances[:, None, None] * np.eye(dimensions))


def ridge(mixture, fraction=1e-6):
    """Each component is widened by a small part of the variance of all the points, so that none can collapse.

        Σₖ + f diag(Σ)     with the total covariance Σ = Σₖ πₖ (Σₖ + (μₖ − μ)(μₖ − μ)ᵀ)

    mixture of K, fraction f of the variance, a number above zero  →  mixture of K

    The variances are those of the data when the mixture comes out of an M-step, so the ridge follows their units.
    It bends the likelihood's maximum a little: the climb of a fit with a ridge may end with tiny steps down.

    >>> import gmm_tutorial as gmm
    >>> mixture = gmm.Mixture([0.25, 0.75], means=[[0], [4]], covariances=[[[1]], [[9]]])    # total variance 10
    >>> gmm.ridge(mixture, 0.1).covariances.ravel()
    array([ 2., 10.])
    """
    return with_covariances(mixture, mixture.covariances + fraction * np.diag(np.diag(total_covariance(mixture))))


def prior(N, covariance, strength=1.0, concentration=1.0):
    """The M-step pulled toward what is believed beforehand: the most probable mixture, in place of the likeliest.

        Σₖ = (Nₖ Σₖ + s S) / (Nₖ + s)                 πₖ = (Nₖ + c − 1) / (N + K (c − 1))

    The prior of each Σₖ is inverse Wishart, mode S, worth s points: density ∝ |Σ|^(−s/2) exp(−s tr(S Σ⁻¹)/2).
    The prior of the weights is Dirichlet with concentration c ≥ 1. The means are left free.   Fraley & Raftery (2007)

    N, how many points (or the sum of their weights); S, a covariance (D, D); s; c  →  a constraint Mixture → Mixture

    EM then climbs `log_likelihood + log_prior(mixture)`, up to a constant: see `log_prior`.

    >>> import gmm_tutorial as gmm
    >>> mixture = gmm.Mixture([0.25, 0.75], means=[[0], [4]], covariances=[[[1]], [[9]]])
    >>> gmm.prior(8, [[5]], strength=2)(mixture).covariances.ravel()    # (2·1 + 2·5)/4 and (6·9 + 2·5)/8
    array([3., 8.])
    """
    return partial(pulled, N, covariance, strength, concentration)


def pulled(N, covariance, strength, concentration, mixture):
    check(mixture=mixture, covariance=covariance)  # NumPy would stretch a (1, 1) to any size
    with floating_point_errors_in_words(prior, {"N": N, "strength": strength, "concentration": concentration}):
        counts = N * mixture.weights
        weights = (counts + concentration - 1) / (counts + concentration - 1).sum()
        counts = counts[:, None, None]
        covariances = (counts * mixture.covariances + strength * covariance) / (counts + strength)
    return unchecked(weights, mixture.means, covariances)


def log_prior(mixture, covariance, strength=1.0, concentration=1.0):
    """The logarithm of the prior density that `prior` pulls toward, up to a constant.

        Σₖ (c − 1) log πₖ − (s/2) (log |Σₖ| + tr(S Σₖ⁻¹))

    mixture of K; covariance S (D, D), s and c as given to `prior`  →  a number, in nats

    >>> import gmm_tutorial as gmm
    >>> one = gmm.Mixture([1], means=[[0]], covariances=[[[2]]])
    >>> round(gmm.log_prior(one, [[4]], strength=3), 4)    # −1.5 (log 2 + 2)
    -4.0397
    """
    log_volumes = 2 * np.log(np.diagonal(mixture.factors, axis1=1, axis2=2)).sum()
    traces = np.trace(np.linalg.solve(mixture.covariances, covariance[None]), axis1=1, axis2=2).sum()
    log_density = (concentration - 1) * np.log(mixture.weights).sum() - strength / 2 * (log_volumes + traces)
    if not np.isfinite(log_density):
        raise FloatingPointError("overflow in a trace")  # LAPACK says nothing
    return float(log_density)


def chain(*constraints):
    """Several constraints as one, applied from left to right.

    constraints, each Mixture → Mixture  →  one function Mixture → Mixture

    `chain(spherical, tied)` is the model that k-means assumes.

    >>> import gmm_tutorial as gmm
    >>> mixture = gmm.Mixture([0.5, 0.5], [[0, 0], [4, 4]], [[[4, 1], [1, 2]], [[1, 0], [0, 1]]])
    >>> gmm.chain(gmm.spherical, gmm.tied)(mixture).covariances[0]
    array([[2., 0.],
           [0., 2.]])
    """
    chained = partial(in_turn, constraints)
    chained.constraints = constraints
    return chained


def in_turn(constraints, mixture):
    return reduce(lambda shaped, constraint: constraint(shaped), constraints, mixture)


def with_covariances(mixture, covariances):
    return unchecked(mixture.weights, mixture.means, covariances)


def reads_variances_only(constraint):
    """True if nothing off the diagonals of the covariances is read by a constraint, or by a chain of them."""
    if hasattr(constraint, "constraints"):
        return any(map(reads_variances_only, constraint.constraints[:1]))
    return unwrap(constraint) in (diagonal, spherical)
