"""Chapter 06: a fit. Several starts, an EM run from each, and the best end."""

from dataclasses import dataclass, replace
from itertools import islice

import numpy as np

from gmm_tutorial.checks import (
    Components,
    Constraint,
    Initialize,
    LogLikelihoods,
    Points,
    Rng,
    SampleWeights,
    Steps,
    WholeNumber,
    ZeroOrMore,
)
from gmm_tutorial.constraints import full
from gmm_tutorial.derived import ordered
from gmm_tutorial.em import em
from gmm_tutorial.errors import CollapseError
from gmm_tutorial.mixture import Mixture
from gmm_tutorial.starts import kmeans_plus_plus, mixture_around


@dataclass(frozen=True, eq=False)
class Fit:
    """What a fit found: the mixture, its log-likelihood, and the steps that led to it.

    mixture; log_likelihood of that mixture, in nats; log_likelihoods (T,), one of each step, on all points;
    converged, whether it stopped because little was left to gain; constraint, the function that was applied to the
    covariances; path, which code did the E-step and the M-step: "formulas", or another way to compute the same

    For the criteria: N, how many points, or the sum of their weights; weighted, whether there were weights; missing,
    "model" if rows could have gaps; log_certainty, Σₙ log maxₖ γₙₖ. What nobody has counted is None.
    """

    mixture: Mixture
    log_likelihood: float
    log_likelihoods: np.ndarray
    converged: bool
    constraint: object = full
    path: str = "formulas"
    N: float | None = None
    weighted: bool = False
    missing: str | None = None
    log_certainty: float | None = None

    def __repr__(self):
        K, D = self.mixture.means.shape
        how = "converged" if self.converged else "stopped before it converged,"
        steps = len(self.log_likelihoods) - 1
        size = f"{K} components in {D} dimensions"
        return f"<Fit of {size}: log-likelihood {self.log_likelihood:.6f}, {how} after {steps} steps>"


def gain_to_come(log_likelihoods: LogLikelihoods) -> float:
    """How much log-likelihood is still to be gained, if the gains go on shrinking as they do now.

        g r / (1 − r)     with the last gain g, and r = g / the gain before       Aitken (1926); Böhning et al. (1994)

    log-likelihoods (T,) of successive steps  →  a number in nats; ∞ while the gains do not shrink

    Raises ValueError if a log-likelihood is not finite.

    >>> import gmm_tutorial as gmm
    >>> gmm.gain_to_come([0, 8, 12, 14])    # 1 + ½ + ¼ + … is still to come
    2.0
    """
    if len(log_likelihoods) < 3:
        return np.inf
    before, last = np.diff(log_likelihoods[-3:])
    if abs(last) <= rounding(log_likelihoods[-1]):
        return 0.0
    if before == 0 or not 0 < last / before < 1:
        return np.inf
    r = last / before
    return float(abs(last) * r / (1 - r))


def rounding(log_likelihood):
    """How far the rounding of a sum over the points may move a log-likelihood."""
    return 64 * np.finfo(float).eps * abs(log_likelihood)


def fit(
    points: Points,
    components: Components,
    *,
    constraint: Constraint = full,
    initialize: Initialize = kmeans_plus_plus,
    starts: WholeNumber = 10,
    tolerance: ZeroOrMore = 1e-6,
    max_steps: WholeNumber = 10_000,
    sample_weights: SampleWeights | None = None,
    rng: Rng = None,
    steps: Steps = em,
) -> Fit:
    """The mixture that makes the points most probable, as far as the best of several EM runs can find it.

        θ = argmax Σₙ log p(xₙ | θ)      by EM from each start; the highest end wins

    points (N, D)  →  Fit

    components   K, the number of components; or a Mixture to start from
    constraint   Mixture → Mixture, applied after each M-step: full, tied, diagonal, spherical, ridge, or a chain
    initialize   (points, K, rng) → centers (K, D), where each start begins
    starts       how many starts are tried when components is K
    tolerance    stop when less than this many nats seem still to come; times the average sample weight where none
                 counts for more than one; 0 runs all max_steps
    max_steps    stop an EM run after so many steps in any case, with a ConvergenceWarning
    sample_weights  (N,), how many times each point counts
    rng          a seed or a Generator; one seed gives one result
    steps        how to step: em, or another generator of the same kind

    With K given, components are numbered by the first coordinate of their means. A start that collapses is given up;
    if all do, the CollapseError (a ValueError) of the last one is raised. Raises ValueError or TypeError for an
    argument that cannot be used, and Interrupted, with the best so far in it, when Ctrl-C is pressed.

    gmm.fit also reads points in pieces: .npy files, mapped arrays, an iterable of arrays, a Dask array. Of more than
    65,536 points the starts compete on a random sample of so many, and the best goes on with all. With
    missing="model" a coordinate may be NaN, and a row counts by what is observed of it. Its further arguments are
    progress (True shows a bar, if tqdm is installed), and map and summarize, as for gmm.em.

    >>> import gmm_tutorial as gmm
    >>> fit = gmm.fit(gmm.load_faithful(), 2, rng=0)
    >>> round(fit.log_likelihood, 5), fit.mixture.weights.round(3)
    (-1130.26396, array([0.356, 0.644]))
    """

    def run_from(start):
        return converge(steps(points, start, constraint, sample_weights), tolerance, max_steps)

    def run_around(centers):
        return run_from(constraint(mixture_around(points, centers)))

    if isinstance(components, Mixture):
        return run_from(components)
    drawn = (initialize(points, components, rng) for _ in range(starts))
    best = highest(survivors(run_around, drawn))
    return replace(best, mixture=ordered(best.mixture))


def converge(steps, tolerance, max_steps):
    """The fit at which an EM run ends: when little is left to gain, or after so many steps."""
    log_likelihoods, converged = [], False
    for mixture, log_likelihood in islice(steps, max_steps + 1):
        log_likelihoods.append(log_likelihood)
        if converged := gain_to_come(log_likelihoods) < tolerance:
            break
    return Fit(mixture, log_likelihood, np.array(log_likelihoods), converged)


def survivors(run, starts):
    """The fits of all starts that do not collapse; if every one does, the error of the last."""
    fits, collapse = [], None
    for start in starts:
        try:
            fits.append(run(start))
        except CollapseError as error:
            collapse = error
    if not fits:
        raise collapse
    return fits


def highest(fits):
    """The first of the fits that none exceeds by more than rounding: what chance decides would change with the unit."""
    best = fits[0]
    for fit in fits[1:]:
        if fit.log_likelihood > best.log_likelihood + rounding(best.log_likelihood):
            best = fit
    return best
