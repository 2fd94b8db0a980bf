"""Components whose likelihood says nothing about the data, since it grows without bound as they shrink."""

import numpy as np

from gmm_tutorial.checks import bare, is_chain
from gmm_tutorial.constraints import ridge
from gmm_tutorial.derived import total_variance
from gmm_tutorial.variances import AxisParallel, variances_of

NARROW = 1e-3  # of the variance of the average component
FEW = 10  # points a dimension


def spikes(mixture, N, constraint=None):
    """The components that are far narrower than the average one, in some direction, and that too little holds up.

        min λ(W⁻¹ Σₖ) < 1/1000     and     Nₖ < 10 D     with     W = Σₖ πₖ Σₖ

    Such a component follows a chance coincidence of points. The ratio of the variances does not depend on the units of
    the coordinates, nor on their correlations. With a constraint that has a ridge in it, one that only the ridge keeps
    from collapsing is a spike however many points it has: a repeated row, or a rounded value.

    mixture of K, N points, constraint  →  numbers of components

    >>> import gmm_tutorial as gmm
    >>> from gmm_tutorial.spikes import spikes
    >>> spikes(gmm.Mixture([0.5, 0.02, 0.48], [[0], [1], [4]], [[[1]], [[1e-5]], [[1]]]), N=200)
    [1]
    """
    suspects = mixture.weights * N < FEW * mixture.means.shape[1]
    if constraint is not None:
        suspects[held_by_ridge(mixture, constraint)] = True
    return np.flatnonzero(suspects & (narrowest(mixture) < NARROW)).tolist() if suspects.any() else []


def narrowest(mixture):
    """The smallest variance of each component in any direction, in terms of the average component's there: (K,)."""
    if isinstance(mixture, AxisParallel):
        return (mixture.variances / (mixture.weights @ mixture.variances)).min(axis=1)
    within = np.einsum("k,kij->ij", mixture.weights, mixture.covariances)
    inverse = np.linalg.inv(np.linalg.cholesky(within))
    return np.linalg.eigvalsh(inverse @ mixture.covariances @ inverse.T)[:, 0]


def held_by_ridge(mixture, constraint):
    """The components of which a ridge makes up more than half of the variance in some direction."""
    fraction = ridge_in(constraint)
    if not fraction:
        return []
    total = total_variance(mixture)
    if isinstance(mixture, AxisParallel):
        smallest = (variances_of(mixture) / total).min(axis=1)
    else:
        scale = np.sqrt(total)
        smallest = np.linalg.eigvalsh(mixture.covariances / np.outer(scale, scale))[:, 0]
    return np.flatnonzero(smallest < 2 * fraction).tolist()


def ridge_in(constraint):
    """The fraction that a constraint adds to every variance; 0 where there is no ridge in it."""
    if is_chain(constraint):
        return sum(map(ridge_in, constraint.constraints))
    if bare(getattr(constraint, "func", constraint)) is not ridge:
        return 0.0
    return getattr(constraint, "keywords", {}).get("fraction", ridge.__defaults__[0])
