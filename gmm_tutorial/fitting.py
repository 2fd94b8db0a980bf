"""Chapter 6: the convenience on top of the climb: starts, stopping, the best of several."""

import warnings
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np

from gmm_tutorial.constraints import full
from gmm_tutorial.door import CollapseError, at_most_one_each, check
from gmm_tutorial.em import em, shaped
from gmm_tutorial.initialization import kmeans_plus_plus, mixture_around
from gmm_tutorial.mixture import Mixture, ordered


class ConvergenceWarning(UserWarning):
    """A fit stopped before it converged."""


@dataclass(frozen=True, eq=False)
class Fit:
    """What a fit found: the mixture, its log-likelihood, and how the climb to it went.

    mixture; log_likelihood of that mixture, in nats; log_likelihoods (T,), the climb of the start that won;
    converged, whether it stopped because little was left to gain; constraint, the function that shaped the covariances
    """

    mixture: Mixture
    log_likelihood: float
    log_likelihoods: np.ndarray
    converged: bool
    constraint: object = full

    def __repr__(self):
        K, D = self.mixture.means.shape
        how = "converged" if self.converged else "stopped before it converged,"
        steps = len(self.log_likelihoods) - 1
        size = f"{K} components in {D} dimensions"
        return f"<Fit of {size}: log-likelihood {self.log_likelihood:.6f}, {how} after {steps} steps>"


def gain_to_come(log_likelihoods):
    """How much log-likelihood is still to be gained, if the gains go on shrinking as they do now.

        g r / (1 − r)     with the last gain g, and r = g / the gain before       Aitken (1926); Böhning et al. (1994)

    log-likelihoods (T,) of successive steps  →  a number in nats; ∞ while the gains do not shrink

    >>> import gmm_tutorial as gmm
    >>> gmm.gain_to_come([0, 8, 12, 14])    # 1 + ½ + ¼ + … is still to come
    2.0
    """
    if len(log_likelihoods) < 3:
        return np.inf
    before, last = np.diff(log_likelihoods[-3:])
    if abs(last) <= 64 * np.finfo(float).eps * abs(log_likelihoods[-1]):
        return 0.0
    if before == 0 or not 0 < last / before < 1:
        return np.inf
    return float(last**2 / abs(before - last))


def fit(
    points,
    components,
    *,
    constraint=full,
    initialize=kmeans_plus_plus,
    restarts=10,
    tolerance=1e-6,
    max_steps=10_000,
    sample_weights=None,
    rng=None,
    progress=False,
):
    """The mixture that makes the points most probable, as far as the best of several climbs can find it.

        θ = argmax Σₙ log p(xₙ | θ)      by EM from each start, the highest end wins

    points (N, D)  →  Fit

    components   K, the number of components; or a Mixture to start from
    constraint   Mixture → Mixture, the shape of the covariances: full, tied, diagonal, spherical, ridge, or a chain
    initialize   (points, K, rng) → centers (K, D), where each start begins
    restarts     how many starts are tried when components is K
    tolerance    stop when less than this many nats seem still to come (see gain_to_come)
    max_steps    stop a climb after so many steps in any case, with a ConvergenceWarning
    sample_weights  (N,), how many times each point counts
    rng          a seed or a Generator; one seed gives one result
    progress     show a bar, if tqdm is installed

    With K given, components are numbered by the first coordinate of their means. A start that collapses is given up; if
    all do, the CollapseError (a ValueError) of the last one is raised.

    >>> import gmm_tutorial as gmm
    >>> fit = gmm.fit(gmm.load_faithful(), 2, rng=0)
    >>> round(fit.log_likelihood, 5), fit.mixture.weights.round(3)
    (-1130.26396, array([0.356, 0.644]))
    """
    if sample_weights is not None:
        points, sample_weights = points[sample_weights > 0], sample_weights[sample_weights > 0]
    if isinstance(components, Mixture):
        starts = [lambda: components]
    else:
        at_most_one_each(components, len(points), "components")
        starts = [lambda: shaped(constraint, start_from(initialize, points, components, rng))] * restarts
    fits = []
    for start in starts:
        try:
            steps = em(points, start(), constraint, sample_weights)
            fits.append(climb(watched(steps) if progress else steps, tolerance, max_steps, constraint))
        except CollapseError as error:
            collapse = error
    if not fits:
        raise collapse
    best = max(fits, key=lambda fit: fit.log_likelihood)
    if not best.converged:
        left = gain_to_come(best.log_likelihoods)
        warnings.warn(
            f"the fit stopped after max_steps={max_steps} steps, with {left:.2g} nats still to come: "
            "raise max_steps or tolerance, or go on from fit.mixture.",
            ConvergenceWarning,
            stacklevel=3,
        )
    return best if isinstance(components, Mixture) else replace(best, mixture=ordered(best.mixture))


def start_from(initialize, points, K, rng):
    centers = check(points=points, centers=initialize(points, K, rng))["centers"]
    if len(centers) != K:
        raise ValueError(f"initialize gave {len(centers)} centers for K = {K}: it should give one for each component.")
    return mixture_around(points, centers)


def climb(steps, tolerance, max_steps, constraint):
    log_likelihoods, left = [], np.inf
    for mixture, log_likelihood in islice(steps, max_steps + 1):
        log_likelihoods.append(log_likelihood)
        left = gain_to_come(log_likelihoods)
        if left < tolerance:
            break
    return Fit(mixture, log_likelihood, np.array(log_likelihoods), left < tolerance, constraint)


def watched(steps):
    """The same steps, with a bar that shows how many there were and the log-likelihood of the last."""
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return steps
    return shown(steps, tqdm(unit=" steps"))


def shown(steps, bar):
    with bar:
        for step in steps:
            bar.set_postfix(log_likelihood=f"{step.log_likelihood:.6f}")
            bar.update()
            yield step
