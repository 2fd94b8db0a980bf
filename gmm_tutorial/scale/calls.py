"""The public `gmm.em`, `gmm.accelerated` and `gmm.fit`, which call the loops of the textbook.

They open the points, choose the E-step and the M-step, let the starts compete on a sample if there are many points,
show a progress bar, and keep the best result if Ctrl-C is pressed.
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from typing import TypeVar

import numpy as np

from gmm_tutorial.acceleration import accelerated as accelerated_steps
from gmm_tutorial.checks import (
    AnyMixture,
    Components,
    Constraint,
    EStep,
    Initialize,
    Map,
    Missing,
    MStep,
    Rng,
    SampleWeights,
    Steps,
    Summarize,
    WholeNumber,
    ZeroOrMore,
    checked_constraint,
    checked_initialize,
    public,
)
from gmm_tutorial.checks.values import at_most_one_each
from gmm_tutorial.constraints import full
from gmm_tutorial.convergence import gain_to_come
from gmm_tutorial.derived import identical_components, ordered
from gmm_tutorial.em import Step
from gmm_tutorial.em import em as em_steps
from gmm_tutorial.errors import CollapseError, ConvergenceWarning, Interrupted, short
from gmm_tutorial.fit import fit as best_of_several
from gmm_tutorial.missing import fit_observed
from gmm_tutorial.mixture import Mixture
from gmm_tutorial.results import Fit
from gmm_tutorial.scale.choice import plan_for
from gmm_tutorial.scale.pieces import PointsOfAnyKindOrWithGaps
from gmm_tutorial.selection import sums_over_points
from gmm_tutorial.spikes import narrowest, spikes
from gmm_tutorial.starts import kmeans_plus_plus
from gmm_tutorial.variances import variances_of

Function = TypeVar("Function")
LEAST = 2**13  # size of the sample on which the starts compete, if there are more than twice as many points
EPSILON = np.finfo(float).eps
COARSE = 0.01  # nats: a tolerance that is small enough to compare the starts on a sample


def shown_as(textbook: Callable) -> Callable[[Function], Function]:
    """The decorator that gives a function the docstring of a textbook function, and its source for `??`."""

    def decorate(function):
        function.__doc__ = textbook.__doc__
        function.__name__ = function.__qualname__ = textbook.__name__
        function.__signature__ = inspect.signature(function)
        function.__wrapped__ = textbook
        return function

    return decorate


def for_points_of_any_kind(steps):
    """The generator of steps with an E-step and an M-step that are chosen for the points."""

    @shown_as(steps)
    def chosen(
        points: PointsOfAnyKindOrWithGaps,
        mixture: AnyMixture,
        constraint: Constraint = full,
        sample_weights: SampleWeights | None = None,
        *,
        e_step: EStep | None = None,
        m_step: MStep | None = None,
        map: Map | None = None,
        summarize: Summarize | None = None,
    ) -> Iterator[Step]:
        with plan_for(points, len(mixture.weights), constraint, map, summarize, own=(e_step, m_step)) as plan:
            yield from steps(
                plan.points,
                mixture,
                checked_constraint(constraint),
                copied(sample_weights),
                e_step=plan.e_step,
                m_step=plan.m_step,
            )

    return chosen


em = for_points_of_any_kind(em_steps)
accelerated = for_points_of_any_kind(accelerated_steps)


@shown_as(best_of_several)
def fit(
    points: PointsOfAnyKindOrWithGaps,
    components: Components,
    *,
    constraint: Constraint = full,
    initialize: Initialize = kmeans_plus_plus,
    starts: WholeNumber = 10,
    tolerance: ZeroOrMore = 1e-6,
    max_steps: WholeNumber = 10_000,
    sample_weights: SampleWeights | None = None,
    rng: Rng = None,
    steps: Steps = accelerated_steps,
    missing: Missing | None = None,
    progress: bool = False,
    map: Map | None = None,
    summarize: Summarize | None = None,
) -> Fit:
    options = {"constraint": constraint, "steps": steps, "map": map, "summarize": summarize}
    options["missing"] = missing
    a_bar = bar_of_steps() if progress else nullcontext()
    with a_bar as bar, with_clear_errors(Watch(public(constraint), bar), points) as watch:
        if isinstance(components, Mixture):
            best = one_fit(watch, points, components, sample_weights, tolerance, max_steps, **options)
        else:
            counted = len(points) if sample_weights is None else np.count_nonzero(sample_weights)
            at_most_one_each(components, "components", counted, points.shape[1])
            size = sample_size(counted, components, points.shape[1])
            some, their_weights = sample_of(points, sample_weights, counted, size, rng)
            coarse = max(tolerance, COARSE) if size < counted else tolerance
            best = one_fit(
                watch, some, components, their_weights, coarse, max_steps,
                initialize=checked_initialize(initialize), starts=starts, rng=rng, **options,
            )  # fmt: skip
            if size < counted:
                best = with_all(watch, best, points, sample_weights, tolerance, max_steps, **options)
        best = for_criteria(best, points, sample_weights, missing)
    return with_warnings(best, max_steps, tolerance)


@contextmanager
def with_clear_errors(watch, points):
    """Turns Ctrl-C into Interrupted with the best fit so far, and adds causes such as an offset to a CollapseError."""
    try:
        yield watch
    except KeyboardInterrupt:
        if watch.highest is None:
            raise
        raise Interrupted(watch.fit_so_far()) from None
    except CollapseError as error:
        raise with_cause_named(error, points) from None


def for_criteria(fit, points, sample_weights, missing):
    """The fit with the numbers for criteria; for points in pieces, log_certainty would need another pass."""
    N = float(len(points) if sample_weights is None else sample_weights.sum())
    known = {"N": N, "weighted": sample_weights is not None, "missing": missing}
    if isinstance(points, np.ndarray):
        known["log_certainty"] = sums_over_points(points, fit.mixture, sample_weights, missing)[1]
    return replace(fit, **known)


def with_all(watch, best, points, sample_weights, tolerance, max_steps, **options):
    """The fit to all points, which starts from the best fit to the sample."""
    watch.starts_anew = True
    left = max(1, max_steps - len(best.log_likelihoods) + 1)
    found = one_fit(watch, points, best.mixture, sample_weights, tolerance, left, **options)
    e_steps = best.e_steps + found.e_steps
    return replace(found, mixture=ordered(found.mixture), starts=best.starts, e_steps=e_steps)


def one_fit(
    watch, points, components, sample_weights, tolerance, max_steps, *,
    constraint, steps, map, summarize, missing, **options,
):  # fmt: skip
    """The fit of the textbook, with the E-step and the M-step that are chosen for these points."""
    K = len(components.weights) if isinstance(components, Mixture) else components
    with plan_for(points, K, constraint, map, summarize, missing) as plan:
        watch.path = plan.path
        found = (fit_observed if missing else best_of_several)(
            plan.points,
            components,
            constraint=checked_constraint(constraint),
            sample_weights=copied(sample_weights),
            tolerance=tolerance,
            max_steps=max_steps,
            steps=watch.over(partial(steps, e_step=plan.e_step, m_step=plan.m_step)),
            **options,
        )
    return replace(found, constraint=public(constraint), path=plan.path)


def copied(sample_weights):
    """A copy of the weights, so that the caller may change the original between two steps."""
    return None if sample_weights is None else sample_weights.copy()


class Watch:
    """Watches the steps of a fit: keeps the one with the highest log-likelihood so far, and moves the progress bar."""

    def __init__(self, constraint, bar):
        self.constraint, self.bar = constraint, bar
        self.path, self.highest, self.starts_anew = "", None, False

    def over(self, steps):
        """The same generator of steps, watched."""

        def watched(*args, **kwargs):
            log_likelihoods = []
            for step in steps(*args, **kwargs):
                log_likelihoods.append(step.log_likelihood)
                if self.starts_anew or self.highest is None or step.log_likelihood > self.highest[0].log_likelihood:
                    self.highest, self.starts_anew = (step, log_likelihoods, len(log_likelihoods)), False
                if self.bar is not None:
                    self.bar.set_postfix_str(f"log-likelihood {step.log_likelihood:.6f}", refresh=False)
                    self.bar.update()
                yield step

        return watched

    def fit_so_far(self):
        step, log_likelihoods, so_far = self.highest
        return Fit(*step, np.array(log_likelihoods[:so_far]), False, self.constraint, self.path)


def sample_size(N, K, D):
    """The number of points on which the starts compete: all, or a few dozen for each free parameter."""
    enough = max(LEAST, 32 * K * (1 + D + D * (D + 1) // 2))
    return N if 2 * enough >= N else enough


def sample_of(points, sample_weights, counted, size, rng):
    """A random sample of the points with a weight above zero, and their weights."""
    if counted == len(points) == size and isinstance(points, np.ndarray):
        return points, sample_weights
    chosen = np.sort(rng.choice(counted, size, replace=False)) if size < counted else np.arange(counted)
    if sample_weights is None:
        return points[chosen], None
    chosen = np.flatnonzero(sample_weights)[chosen]
    return points[chosen], sample_weights[chosen]


def bar_of_steps():
    """A progress bar that counts steps, if tqdm is installed, as a context manager."""
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return nullcontext()
    return tqdm(unit=" steps")


@contextmanager
def bar_of(unit, total, progress):
    """The function to call after each of `total` items: it moves a progress bar, if requested and tqdm is installed."""
    if not progress or find_spec("tqdm") is None:
        yield lambda: None
        return
    from tqdm.auto import tqdm

    with tqdm(total=total, unit=f" {unit}") as bar:
        yield bar.update


def with_warnings(fit, max_steps, tolerance):
    """The fit, not marked as converged at a saddle point; warns of everything that is wrong with it."""
    if not fit.converged and tolerance > 0:
        warn(stopped(fit, max_steps))
    if pairs := identical_components(fit.mixture):
        fit = replace(fit, converged=False)
        warn(
            f"components {pairs[0][0]} and {pairs[0][1]} are identical, and moving them apart did not raise the "
            "log-likelihood: start elsewhere, or ask for fewer components."
        )
    for k in spikes(fit.mixture, fit.N, fit.constraint):
        warn(in_words(fit, k))
    return fit


def warn(sentence):
    warnings.warn(sentence, ConvergenceWarning, stacklevel=5)


def stopped(fit, max_steps):
    left = gain_to_come(fit.log_likelihoods)
    so_far = f"with {left:.2g} nats still to come" if np.isfinite(left) else "and its gains are not shrinking yet"
    return (
        f"the fit stopped after max_steps={max_steps} steps, {so_far}: "
        "raise max_steps or tolerance, or go on from fit.mixture."
    )


def in_words(fit, k):
    """The warning of a spike: how narrow it is, and what to do."""
    deviations, times = np.sqrt(variances_of(fit.mixture)[k]), 1 / np.sqrt(narrowest(fit.mixture)[k])
    return (
        f"component {k} is a spike: it explains {fit.mixture.weights[k] * fit.N:.3g} points, its standard deviations "
        f"are {short(deviations)}, and in some direction it is {times:.0f} times narrower than the average component. "
        "Its likelihood says nothing about the data. Ask for fewer components, use more starts or another rng, "
        "look for repeated or rounded rows, or keep every variance above a floor with "
        "constraint=functools.partial(gmm.ridge, fraction=1e-3), which gmm.chain combines with others."
    )


def with_cause_named(error, points):
    """The same error, with another remedy if a property of the points explains the collapse."""
    if not isinstance(points, np.ndarray):
        return error
    (N, D), largest, spread = points.shape, np.nanmax(np.abs(points), axis=0), np.nanstd(points, axis=0)
    near_rounding = np.flatnonzero((spread > 4 * EPSILON * largest) & (spread < 2**15 * EPSILON * largest))
    if near_rounding.size:
        d = near_rounding[0]
        error.cure = (
            f"points[:, {d}] has values near {largest[d]:.10g} and a standard deviation of only {spread[d]:.1g}, close "
            "to their rounding error: subtract an offset first, as in points - points.mean(axis=0)."
        )
    elif D > N:
        error.cure = f"points has more columns ({D}) than rows ({N}): is it transposed? {error.cure}"
    return error
