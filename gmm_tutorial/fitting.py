"""Chapter 06: the convenience on top of the climb: starts, stopping, the best of several."""

import warnings
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import partial, reduce
from inspect import signature, unwrap
from itertools import islice

import numpy as np

from gmm_tutorial.blocks import summarizer
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

    mixture; log_likelihood of that mixture, in nats; log_likelihoods (T,), the climb to it (on all points);
    converged, whether it stopped because little was left to gain; constraint, the function that shaped the covariances;
    summarize, the name of the function that looked at the points: that of blocks, or the compiled one of kernel
    """

    mixture: Mixture
    log_likelihood: float
    log_likelihoods: np.ndarray
    converged: bool
    constraint: object = full
    summarize: str = "gmm_tutorial.blocks.summarize"

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
    if abs(last) <= rounding(log_likelihoods[-1]):
        return 0.0
    if before == 0 or not 0 < last / before < 1:
        return np.inf
    r = last / before
    return float(abs(last) * r / (1 - r))


def rounding(log_likelihood):
    """How far the rounding of a sum over the points may move a log-likelihood."""
    return 64 * np.finfo(float).eps * abs(log_likelihood)


class Interrupted(KeyboardInterrupt):
    """A fit was stopped from outside, by Ctrl-C say. What it had found by then is in `.fit`.

    As long as the starts compete on a sample of many points, its log-likelihood is that of the sample.
    """

    def __init__(self, fit):
        super().__init__(fit)
        self.fit = fit

    def __str__(self):
        return (
            f"{self.fit} is not lost: it is stop.fit in `except gmm.Interrupted as stop`, or sys.last_value.fit at a "
            "prompt. Go on from its mixture: gmm.fit(points, stop.fit.mixture, constraint=stop.fit.constraint)."
        )


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
    steps=None,
    map=None,
    summarize=None,
):
    """The mixture that makes the points most probable, as far as the best of several climbs can find it.

        θ = argmax Σₙ log p(xₙ | θ)      by EM from each start, the highest end wins

    points (N, D); or what is read in pieces: .npy files, mapped arrays, an iterable of arrays  →  Fit

    components   K, the number of components; or a Mixture to start from
    constraint   Mixture → Mixture, the shape of the covariances: full, tied, diagonal, spherical, ridge, or a chain
    initialize   (points, K, rng) → centers (K, D), where each start begins
    restarts     how many starts are tried when components is K
    tolerance    stop when less than this many nats seem still to come (see gain_to_come); times the average sample
                 weight, where none counts for more than one
    max_steps    stop a climb after so many steps in any case, with a ConvergenceWarning
    sample_weights  (N,), how many times each point counts
    rng          a seed or a Generator; one seed gives one result
    progress     show a bar, if tqdm is installed
    steps        how to climb: em, unless you say accelerated
    map, summarize  who does the blocks of many points, and how: see em

    With K given, components are numbered by the first coordinate of their means. A start that collapses is given up; if
    all do, the CollapseError (a ValueError) of the last one is raised. Of more than 65,536 points the starts compete on
    a random sample of so many, and the best goes on with all. Ctrl-C raises Interrupted, with the best so far in it.

    >>> import gmm_tutorial as gmm
    >>> fit = gmm.fit(gmm.load_faithful(), 2, rng=0)
    >>> round(fit.log_likelihood, 5), fit.mixture.weights.round(3)
    (-1130.26396, array([0.356, 0.644]))
    """
    with bar_of_steps() if progress else nullcontext() as bar:
        go = partial(
            climb, steps=steps or em, constraint=constraint, max_steps=max_steps, bar=bar, map=map, summarize=summarize
        )
        unit = average_below_one(sample_weights)
        if isinstance(components, Mixture):
            best = go(points, sample_weights, components, unit * tolerance)
        else:
            counted = len(points) if sample_weights is None else np.count_nonzero(sample_weights)
            at_most_one_each(components, counted, "components")
            some, their_weights = sample_of(points, sample_weights, counted, rng)
            start = partial(start_from, initialize, some, components, rng, constraint)
            coarse = unit * max(tolerance, enough(counted))
            best = highest(lambda: go(some, their_weights, start(), coarse), restarts)
            if counted > SAMPLE:
                try:
                    best = go(points, sample_weights, best.mixture, unit * tolerance)
                except KeyboardInterrupt as stop:
                    raise_with_the_best(stop, [] if isinstance(stop, Interrupted) else [best])
            best = replace(best, mixture=ordered(best.mixture))
    if not best.converged:
        left = gain_to_come(best.log_likelihoods)
        so_far = f"with {left:.2g} nats still to come" if np.isfinite(left) else "while its gains did not shrink yet"
        warnings.warn(
            f"the fit stopped after max_steps={max_steps} steps, {so_far}: "
            "raise max_steps or tolerance, or go on from fit.mixture.",
            ConvergenceWarning,
            stacklevel=3,
        )
    return best


def average_below_one(sample_weights):
    """Points that count little have little to gain: what a tolerance of one nat for each is worth."""
    return 1.0 if sample_weights is None else float(np.minimum(sample_weights[sample_weights > 0], 1).mean())


SAMPLE = 2**16  # points on which the starts compete


def enough(N):
    """Nats still to come, below which a start on a sample has shown how high it ends."""
    return 0.01 if N > SAMPLE else 0


def sample_of(points, sample_weights, counted, rng):
    """The points that have a weight, and their weights; of too many, as many as the starts may have."""
    if counted == len(points) <= SAMPLE and isinstance(points, np.ndarray):
        return points, sample_weights
    chosen = np.sort(rng.choice(counted, SAMPLE, replace=False)) if counted > SAMPLE else np.arange(counted)
    if sample_weights is None:
        return points[chosen], None
    chosen = np.flatnonzero(sample_weights)[chosen]
    return points[chosen], sample_weights[chosen]


def highest(climb, restarts):
    """The first of the fits that none exceeds by more than rounding: what chance decides would change with the unit."""
    fits = []
    for _ in range(restarts):
        try:
            fits.append(climb())
        except CollapseError as error:
            collapse = error
        except KeyboardInterrupt as stop:
            raise_with_the_best(stop, fits)
    if not fits:
        raise collapse
    return reduce(lambda best, later: later if exceeds(height(later), height(best)) else best, fits)


def exceeds(log_likelihood, other):
    return log_likelihood > other + rounding(other)


def raise_with_the_best(stop, fits):
    fits = [*fits, stop.fit] if isinstance(stop, Interrupted) else fits
    raise (Interrupted(max(fits, key=height)) if fits else stop) from None


def height(fit):
    return fit.log_likelihood


def start_from(initialize, points, K, rng, constraint):
    wants = signature(initialize)
    try:
        wants.bind(points, K, rng)
    except TypeError:
        raise TypeError(f"initialize takes {wants}: it should take (points, K, rng), as kmeans_plus_plus.") from None
    centers = check(points=points, centers=initialize(points, K, rng))["centers"]
    if len(centers) != K:
        raise ValueError(f"initialize gave {len(centers)} centers for K = {K}: it should give one for each component.")
    return shaped(constraint, mixture_around(points, centers))


def climb(points, sample_weights, mixture, tolerance, *, steps, constraint, max_steps, bar, map, summarize):
    summarize = unwrap(summarize or summarizer(points, mixture, constraint))
    path = steps(points, mixture, constraint, sample_weights, map=map, summarize=summarize)
    log_likelihoods, left, cycle = [], np.inf, getattr(unwrap(steps), "cycle", 1)

    def so_far():
        converged, way = bool(left < tolerance), full_name(summarize)
        return Fit(mixture, log_likelihood, np.array(log_likelihoods), converged, constraint, way)

    try:
        for mixture, log_likelihood in islice(path if bar is None else shown(path, bar), max_steps + 1):
            log_likelihoods.append(log_likelihood)
            left = still_to_come(log_likelihoods, cycle)
            if left < tolerance:
                break
    except KeyboardInterrupt:
        if not log_likelihoods:
            raise
        raise Interrupted(so_far()) from None
    return so_far()


def still_to_come(log_likelihoods, cycle):
    """With leaps in between, `gain_to_come` sees one cycle only: the last eight must have gained as little."""
    if cycle == 1:
        return gain_to_come(log_likelihoods)
    if len(log_likelihoods) % cycle or len(log_likelihoods) <= 8 * cycle:
        return np.inf
    return max(gain_to_come(log_likelihoods), log_likelihoods[-1] - log_likelihoods[-1 - 8 * cycle])


def full_name(function):
    function = getattr(function, "func", function)
    return f"{function.__module__}.{getattr(function, '__qualname__', type(function).__name__)}"


def bar_of_steps():
    """A bar that counts steps, if tqdm is installed; used in a `with`."""
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return nullcontext()
    return tqdm(unit=" steps")


def shown(steps, bar):
    """The same steps; the bar shows how many there were and the log-likelihood of the last."""
    for step in steps:
        bar.set_postfix(log_likelihood=f"{step.log_likelihood:.6f}")
        bar.update()
        yield step
