"""Chapters 08 and 09: constraints on the covariances, each a function Mixture → Mixture.

The M-step depends on the points only through Nₖ, μₖ and Σₖ. So the constrained M-step is the unconstrained one,
followed by the constraint (Celeux & Govaert 1995).

A constraint may have attributes: `parameters`, a function (K, D) → the number of free parameters of the covariances;
`variances_only`, True if it uses only the diagonals of the covariances; `entrywise`, True if the new diagonals depend
only on the old ones. A function of your own works without them; only the criteria need the number of parameters.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, reduce

import numpy as np
from scipy.special import xlogy

from gmm_tutorial.checks import (
    AboveZero,
    AnyMixture,
    Constraints,
    Covariance,
    OneOrMore,
    floating_point_errors_in_words,
)
from gmm_tutorial.derived import total_covariance, total_variance
from gmm_tutorial.errors import ArgumentError
from gmm_tutorial.mixture import Mixture
from gmm_tutorial.variances import AxisParallel, variances_of


def full(mixture: AnyMixture) -> Mixture:
    """The same mixture: every component keeps its own, unrestricted covariance.

    mixture of K  →  mixture of K, with K D(D+1)/2 free parameters in its covariances

    Raises TypeError if the argument is not a mixture.

    >>> import gmm_tutorial as gmm
    >>> mixture = gmm.Mixture([1], means=[[0, 0]], covariances=[[[4, 1], [1, 2]]])
    >>> gmm.full(mixture) is mixture
    True
    """
    return mixture


def tied(mixture: AnyMixture) -> Mixture:
    """The mixture with the same covariance for all components, the weighted average of theirs.

        Σ = Σₖ πₖ Σₖ                                                    Celeux & Govaert (1995), model EEE

    mixture of K  →  mixture of K, with D(D+1)/2 free parameters in its covariances

    Raises TypeError if the argument is not a mixture.

    >>> import gmm_tutorial as gmm
    >>> gmm.tied(gmm.Mixture([0.25, 0.75], means=[[0], [4]], covariances=[[[1]], [[9]]])).covariances.ravel()
    array([7., 7.])
    """
    if isinstance(mixture, AxisParallel):
        return with_variances(mixture, mixture.weights @ mixture.variances)
    shared = np.einsum("k,kij->ij", mixture.weights, mixture.covariances)
    return with_covariances(mixture, np.broadcast_to(shared, mixture.covariances.shape))


def diagonal(mixture: AnyMixture) -> Mixture:
    """The mixture with diagonal covariances, whose ellipses are parallel to the axes.

        Σₖ = diag(Σₖ)                                                   Celeux & Govaert (1995), model VVI

    mixture of K  →  mixture of K, with K D free parameters in its covariances

    Raises TypeError if the argument is not a mixture.

    >>> import gmm_tutorial as gmm
    >>> gmm.diagonal(gmm.Mixture([1], means=[[0, 0]], covariances=[[[4, 1], [1, 2]]])).covariances
    array([[[4., 0.],
            [0., 2.]]])
    """
    return with_variances(mixture, variances_of(mixture))


def spherical(mixture: AnyMixture) -> Mixture:
    """The mixture with spherical covariances: each component has the same variance in every direction.

        Σₖ = (tr Σₖ / D) I                                              Celeux & Govaert (1995), model VII

    mixture of K  →  mixture of K, with K free parameters in its covariances

    Raises TypeError if the argument is not a mixture.

    >>> import gmm_tutorial as gmm
    >>> gmm.spherical(gmm.Mixture([1], means=[[0, 0]], covariances=[[[4, 1], [1, 2]]])).covariances
    array([[[3., 0.],
            [0., 3.]]])
    """
    return with_variances(mixture, variances_of(mixture).mean(axis=1, keepdims=True))


def ridge(mixture: AnyMixture, fraction: AboveZero = 1e-6) -> Mixture:
    """The mixture with a small fraction of the variance of all the points added to each variance, to prevent collapse.

        Σₖ + f diag(Σ)     with the total covariance Σ = Σₖ πₖ (Σₖ + (μₖ − μ)(μₖ − μ)ᵀ)

    mixture of K, fraction f of the variance, a number above zero  →  mixture of K

    After an M-step the total variances are those of the data, so the ridge depends on their units in the right way.
    It changes the maximum a little, so the log-likelihood may decrease slightly in the last steps.
    Raises ValueError if the fraction is not above zero.

    >>> import gmm_tutorial as gmm
    >>> mixture = gmm.Mixture([0.25, 0.75], means=[[0], [4]], covariances=[[[1]], [[9]]])    # total variance 10
    >>> gmm.ridge(mixture, 0.1).covariances.ravel()
    array([ 2., 10.])
    """
    if isinstance(mixture, AxisParallel):
        return with_variances(mixture, mixture.variances + fraction * total_variance(mixture))
    return with_covariances(mixture, mixture.covariances + fraction * np.diag(np.diag(total_covariance(mixture))))


def with_covariances(mixture, covariances):
    return Mixture._trusted(mixture.weights, mixture.means, covariances)


def with_variances(mixture, variances):
    return AxisParallel._trusted(mixture.weights, mixture.means, np.broadcast_to(variances, mixture.means.shape))


full.parameters = ridge.parameters = lambda K, D: K * D * (D + 1) // 2
tied.parameters = lambda K, D: D * (D + 1) // 2
diagonal.parameters = lambda K, D: K * D
spherical.parameters = lambda K, D: K
diagonal.variances_only = spherical.variances_only = True
full.entrywise = ridge.entrywise = tied.entrywise = True


def prior(
    N: AboveZero, covariance: Covariance, strength: AboveZero = 1.0, concentration: OneOrMore = 1.0
) -> Callable[[Mixture], Mixture]:
    """A constraint that turns each M-step into a MAP estimate (maximum a posteriori), with a prior on the covariances.

        Σₖ = (Nₖ Σₖ + s S) / (Nₖ + s)                 πₖ = (Nₖ + c − 1) / (N + K (c − 1))

    The prior of each Σₖ is inverse Wishart with the mode S, density ∝ |Σ|^(−s/2) exp(−s tr(S Σ⁻¹)/2); it acts like s
    additional points. The prior of the weights is Dirichlet with the concentration c ≥ 1. The means have no prior.
                                                                        Fraley & Raftery (2007)

    N, number of points (or the sum of their weights); S, a covariance (D, D); s; c  →  a constraint Mixture → Mixture

    EM then maximizes `log_likelihood + log_prior(mixture)`, up to a constant: see `log_prior`.
    Raises ValueError if a number is not above zero, or the matrix is not a covariance.

    >>> import gmm_tutorial as gmm
    >>> mixture = gmm.Mixture([0.25, 0.75], means=[[0], [4]], covariances=[[[1]], [[9]]])
    >>> gmm.prior(8, [[5]], strength=2)(mixture).covariances.ravel()    # (2·1 + 2·5)/4 and (6·9 + 2·5)/8
    array([3., 8.])
    """
    return partial(map_estimate, N, covariance, strength, concentration)


def map_estimate(N, covariance, strength, concentration, mixture: AnyMixture):
    if covariance.shape != mixture.covariances.shape[1:]:
        raise ArgumentError(
            "covariance",
            "{argument} has {found} dimensions but mixture has {D}: "
            "their shapes are {shape} and {its_shape}; give both the same D.",
            {"found": len(covariance), "D": mixture.means.shape[1]}
            | {"shape": covariance.shape, "its_shape": mixture.means.shape},
        )
    with floating_point_errors_in_words("prior", {"N": N, "strength": strength, "concentration": concentration}):
        counts = N * mixture.weights
        weights = (counts + concentration - 1) / (counts + concentration - 1).sum()
        counts = counts[:, None, None]
        covariances = (counts * mixture.covariances + strength * covariance) / (counts + strength)
    return Mixture._trusted(weights, mixture.means, covariances)


map_estimate.parameters = full.parameters


def log_prior(
    mixture: AnyMixture, covariance: Covariance, strength: AboveZero = 1.0, concentration: OneOrMore = 1.0
) -> float:
    """The log density of the prior that `prior` uses, at a mixture and up to a constant.

        Σₖ (c − 1) log πₖ − (s/2) (log |Σₖ| + tr(S Σₖ⁻¹))

    mixture of K; covariance S (D, D), s and c as given to `prior`  →  a number, in nats

    Raises ValueError if a number is not above zero, or the matrix is not a covariance of the same dimensions.

    >>> import gmm_tutorial as gmm
    >>> one = gmm.Mixture([1], means=[[0]], covariances=[[[2]]])
    >>> round(gmm.log_prior(one, [[4]], strength=3), 4)    # −1.5 (log 2 + 2)
    -4.0397
    """
    log_volumes = 2 * np.log(np.diagonal(mixture.factors, axis1=1, axis2=2)).sum()
    traces = np.trace(np.linalg.solve(mixture.covariances, covariance[None]), axis1=1, axis2=2).sum()
    log_density = xlogy(concentration - 1, mixture.weights).sum() - strength / 2 * (log_volumes + traces)
    if not np.isfinite(log_density):
        raise FloatingPointError("overflow in a trace")  # LAPACK gives no warning
    return float(log_density)


def chain(*constraints: Constraints) -> Callable[[Mixture], Mixture]:
    """One constraint that applies several constraints from left to right.

    constraints, each Mixture → Mixture  →  one function Mixture → Mixture

    `chain(spherical, tied)` is the model that k-means assumes. Raises TypeError if one of them is not a function.

    >>> import gmm_tutorial as gmm
    >>> mixture = gmm.Mixture([0.5, 0.5], [[0, 0], [4, 4]], [[[4, 1], [1, 2]], [[1, 0], [0, 1]]])
    >>> gmm.chain(gmm.spherical, gmm.tied)(mixture).covariances[0]
    array([[2., 0.],
           [0., 2.]])
    """
    chained = partial(in_turn, constraints)
    chained.constraints = constraints
    chained.variances_only = reads_variances_only(constraints)
    chained.parameters = partial(parameters_of_a_chain, constraints)
    return chained


def in_turn(constraints, mixture):
    return reduce(lambda constrained, constraint: constraint(constrained), constraints, mixture)


def trait(constraint, name, default=None):
    """An attribute of a constraint; `partial(gmm.ridge, fraction=0.1)` has those of the ridge."""
    return getattr(constraint, name, getattr(getattr(constraint, "func", None), name, default))


def reads_variances_only(constraints):
    for constraint in constraints:
        if trait(constraint, "variances_only"):
            return True
        if not trait(constraint, "entrywise"):
            return False
    return False


def covariance_parameters(constraint, K, D):
    """The number of free parameters of the covariances under a constraint, or an error that says how to declare it."""
    count = trait(constraint, "parameters")
    if count is None:
        raise unknown_count(constraint)
    return count(K, D)


def unknown_count(constraint):
    name = getattr(constraint, "__name__", "<lambda>")
    return ArgumentError(
        "constraint",
        "{argument} is {constraint!r}, whose number of free parameters is unknown: set its attribute "
        "{name}.parameters = lambda K, D: …, a function that returns the number of free parameters of the covariances.",
        {"constraint": constraint, "name": "constraint" if name == "<lambda>" else name},
    )


def parameters_of_a_chain(constraints, K, D):
    """The number for a chain. If one part ties the components and another simplifies each, both reductions count."""
    whole = [covariance_parameters(each, K, D) for each in constraints]
    of_one = [covariance_parameters(each, 1, D) for each in constraints]
    alike = [1 if number == one else K for number, one in zip(whole, of_one) if number in (one, K * one)]
    if len(alike) == len(whole):
        return min(of_one, default=full.parameters(1, D)) * min(alike, default=K)
    if sum(number < full.parameters(K, D) for number in whole) > 1:
        raise unknown_count(chain(*constraints))
    return min(whole)
