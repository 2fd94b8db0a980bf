"""Spikes: very narrow components on a few points that are close to each other by chance.

Their likelihood may grow without bound as they shrink, whatever the other points. McLachlan & Peel (2000) call a
maximum with such a component spurious.
"""

import numpy as np

from gmm_tutorial.checks import bare, is_chain
from gmm_tutorial.constraints import ridge
from gmm_tutorial.derived import total_variance
from gmm_tutorial.variances import AxisParallel, variances_of

NARROW = 1e-3  # a spike's variance is less than this fraction of that of the average component
FEW = 10  # a spike explains fewer than this many points for each dimension


def spikes(mixture, N, constraint=None):
    """The components that are far narrower than the average one in some direction, and that explain few points.

        min λ(W⁻¹ Σₖ) < 1/1000     and     Nₖ < 10 D     with     W = Σₖ πₖ Σₖ

    Such a component describes points that are close to each other by chance. The ratio of the variances depends neither
    on the units of the coordinates nor on their correlations. If the constraint contains a ridge, a narrow component
    that only the ridge keeps from collapsing is a spike however many points it explains, for example repeated rows.

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
    """The smallest ratio, over all directions, of the variance of each component to that of the average one: (K,)."""
    if isinstance(mixture, AxisParallel):
        return (mixture.variances / (mixture.weights @ mixture.variances)).min(axis=1)
    within = np.einsum("k,kij->ij", mixture.weights, mixture.covariances)
    inverse = np.linalg.inv(np.linalg.cholesky(within))
    return np.linalg.eigvalsh(inverse @ mixture.covariances @ inverse.T)[:, 0]


def held_by_ridge(mixture, constraint):
    """The components in which a ridge makes up more than half of the variance in some direction."""
    fraction = ridge_in(constraint)
    if not fraction:
        return []
    total = total_variance(mixture)
    if isinstance(mixture, AxisParallel):
        smallest = (variances_of(mixture) / total).min(axis=1)
    else:
        scale = np.sqrt(total)
        smallest = np.linalg.eigvalsh(mixture.covariances / np.outer(scale, scale))[:, 0]
    return np.flatnonzero(smallest < 2 * fraction / (1 + fraction)).tolist()


def ridge_in(constraint):
    """The fraction that a constraint adds to every variance, or 0 if it contains no ridge."""
    if is_chain(constraint):
        return sum(map(ridge_in, constraint.constraints))
    if bare(getattr(constraint, "func", constraint)) is not ridge:
        return 0.0
    return getattr(constraint, "keywords", {}).get("fraction", ridge.__defaults__[0])
