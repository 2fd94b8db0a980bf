"""What `gmm.em`, `gmm.accelerated` and `gmm.fit` do around the loops of the textbook: they open the points, choose the
E-step and the M-step, let the starts of many points compete on a sample, move a bar, and keep the best when Ctrl-C
is pressed.
"""

import inspect
import warnings
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from functools import partial
from importlib.util import find_spec

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
)
from gmm_tutorial.checks.values import at_most_one_each
from gmm_tutorial.constraints import full
from gmm_tutorial.derived import ordered
from gmm_tutorial.em import em as em_steps
from gmm_tutorial.errors import ConvergenceWarning, Interrupted
from gmm_tutorial.fit import Fit, gain_to_come
from gmm_tutorial.fit import fit as best_of_several
from gmm_tutorial.missing import fit_observed
from gmm_tutorial.mixture import Mixture
from gmm_tutorial.scale.choice import by_columns, steps_for
from gmm_tutorial.scale.pieces import PointsOfAnyKind, PointsOfAnyKindOrWithGaps
from gmm_tutorial.selection import sums_over_points
from gmm_tutorial.starts import kmeans_plus_plus

SAMPLE = 2**16  # points on which the starts compete
COARSE = 0.01  # nats still to come, below which a start on a sample has shown how high it ends


def shown_as(textbook):
    """The decorated function has the text of that function, and its source where one asks for it by `??`."""

    def decorate(function):
        function.__doc__, function.__name__, function.__qualname__ = textbook.__doc__, textbook.__name__, textbook.__name__
        function.__signature__ = inspect.signature(function)
        function.__wrapped__ = textbook
        return function

    return decorate


def for_points_of_any_kind(steps):
    """A generator of steps whose E-step and M-step are chosen for the points."""

    @shown_as(steps)
    def chosen(
        points: PointsOfAnyKind,
        mixture: AnyMixture,
        constraint: Constraint = full,
        sample_weights: SampleWeights | None = None,
        *,
        e_step: EStep | None = None,
        m_step: MStep | None = None,
        map: Map | None = None,
        summarize: Summarize | None = None,
    ):
        with steps_for(points, len(mixture.weights), constraint, map, summarize) as (its_e_step, its_m_step, _):
            yield from steps(
                by_columns(points),
                mixture,
                checked_constraint(constraint),
                sample_weights,
                e_step=e_step or its_e_step,
                m_step=m_step or its_m_step,
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
    steps: Steps = em_steps,
    missing: Missing | None = None,
    progress: bool = False,
    map: Map | None = None,
    summarize: Summarize | None = None,
) -> Fit:
    unit = average_below_one(sample_weights)
    options = {"constraint": constraint, "max_steps": max_steps, "steps": steps, "map": map, "summarize": summarize}
    options["missing"] = missing
    with bar_of_steps() if progress else nullcontext() as bar:
        watch = Watch(constraint, bar)
        if isinstance(components, Mixture):
            best = one_fit(watch, points, components, sample_weights, unit * tolerance, **options)
        else:
            counted = len(points) if sample_weights is None else np.count_nonzero(sample_weights)
            at_most_one_each(components, "components", counted)
            some, their_weights = sample_of(points, sample_weights, counted, rng)
            coarse = max(tolerance, COARSE) if counted > SAMPLE else tolerance
            best = one_fit(
                watch, some, components, their_weights, unit * coarse,
                initialize=checked_initialize(initialize), starts=starts, rng=rng, **options,
            )  # fmt: skip
            if counted > SAMPLE:
                watch.starts_anew = True
                best = one_fit(watch, points, best.mixture, sample_weights, unit * tolerance, **options)
                best = replace(best, mixture=ordered(best.mixture))
    if not best.converged:
        warn_of(best, max_steps)
    return for_criteria(best, points, sample_weights, missing)


def for_criteria(fit, points, sample_weights, missing):
    """The fit with what the criteria ask. For points in pieces the certainties would be one more pass: left out."""
    N = float(len(points) if sample_weights is None else sample_weights.sum())
    known = {"N": N, "weighted": sample_weights is not None, "missing": missing}
    if isinstance(points, np.ndarray):
        known["log_certainty"] = sums_over_points(points, fit.mixture, sample_weights, missing)[1]
    return replace(fit, **known)


def one_fit(
    watch, points, components, sample_weights, tolerance, *, constraint, steps, map, summarize, missing, **options
):
    """A fit of the textbook by the E-step and the M-step that are chosen for these points."""
    K = len(components.weights) if isinstance(components, Mixture) else components
    with steps_for(points, K, constraint, map, summarize, missing) as (e_step, m_step, path):
        watch.path = path
        try:
            found = (fit_observed if missing else best_of_several)(
                by_columns(points),
                components,
                constraint=checked_constraint(constraint),
                sample_weights=sample_weights,
                tolerance=tolerance,
                steps=watch.over(partial(steps, e_step=e_step, m_step=m_step)),
                **options,
            )
        except KeyboardInterrupt:
            if watch.highest is None:
                raise
            raise Interrupted(watch.fit_so_far()) from None
    return replace(found, constraint=constraint, path=path)


class Watch:
    """Looks on while steps are made: keeps the highest so far, and moves the bar."""

    def __init__(self, constraint, bar):
        self.constraint, self.bar = constraint, bar
        self.path, self.highest, self.starts_anew = "", None, False

    def over(self, steps):
        """The same steps, watched."""

        def watched(*args, **kwargs):
            log_likelihoods = []
            for step in steps(*args, **kwargs):
                log_likelihoods.append(step.log_likelihood)
                if self.starts_anew or self.highest is None or step.log_likelihood > self.highest[0].log_likelihood:
                    self.highest, self.starts_anew = (step, log_likelihoods), False
                if self.bar is not None:
                    self.bar.set_postfix_str(f"log-likelihood {step.log_likelihood:.6f}", refresh=False)
                    self.bar.update()
                yield step

        return watched

    def fit_so_far(self):
        step, log_likelihoods = self.highest
        return Fit(*step, np.array(log_likelihoods), False, self.constraint, self.path)


def average_below_one(sample_weights):
    """Points that count little have little to gain: what a tolerance of one nat for each is worth."""
    return 1.0 if sample_weights is None else float(np.minimum(sample_weights[sample_weights > 0], 1).mean())


def sample_of(points, sample_weights, counted, rng):
    """The points that have a weight, and their weights; of too many, as many as the starts may have."""
    if counted == len(points) <= SAMPLE and isinstance(points, np.ndarray):
        return points, sample_weights
    chosen = np.sort(rng.choice(counted, SAMPLE, replace=False)) if counted > SAMPLE else np.arange(counted)
    if sample_weights is None:
        return points[chosen], None
    chosen = np.flatnonzero(sample_weights)[chosen]
    return points[chosen], sample_weights[chosen]


def bar_of_steps():
    """A bar that counts steps, if tqdm is installed; used in a `with`."""
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return nullcontext()
    return tqdm(unit=" steps")


@contextmanager
def bar_of(unit, total, progress):
    """What to call each time that one of so many is done: it moves a bar, if one is wanted and tqdm is installed."""
    if not progress or find_spec("tqdm") is None:
        yield lambda: None
        return
    from tqdm.auto import tqdm

    with tqdm(total=total, unit=f" {unit}") as bar:
        yield bar.update


def warn_of(fit, max_steps):
    left = gain_to_come(fit.log_likelihoods)
    so_far = f"with {left:.2g} nats still to come" if np.isfinite(left) else "while its gains did not shrink yet"
    warnings.warn(
        f"the fit stopped after max_steps={max_steps} steps, {so_far}: "
        "raise max_steps or tolerance, or go on from fit.mixture.",
        ConvergenceWarning,
        stacklevel=4,
    )
