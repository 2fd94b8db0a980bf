"""gmm.em is judged in whatever way it is written, and a whole fit by its trace: does it climb, is each step a step of
EM, and where does it stop?"""

from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np

from gmm_tutorial.homework.asking import (
    MIXTURE,
    BrokenContract,
    axes_of,
    called,
    is_mixture,
    numbers,
    refuse_nothing,
    results_of,
)
from gmm_tutorial.homework.course import RIGHT, STEPS, Course, reached_from
from gmm_tutorial.homework.diagnosis import RIGHT as PASSED
from gmm_tutorial.homework.diagnosis import Finding, examine, told
from gmm_tutorial.homework.exercises import ONE_STEP, ONE_STEP_AND_ITS_LOG_LIKELIHOOD, TRACE
from gmm_tutorial.homework.inputs import drawn
from gmm_tutorial.homework.laws import LAWS
from gmm_tutorial.homework.localize import Row, Seen, same, wrong_shape
from gmm_tutorial.homework.package import Mixture, trusted
from gmm_tutorial.homework.registry import mistakes_of

FIT_PARTS, ORDER = ("mixture", "log_likelihoods"), "Return (mixture, log_likelihoods), in this order, and nothing else."
NOT_FINITE = "Has a component collapsed, or a density underflowed?"
LEFT, AHEAD, MOST_STEPS = 0.01, 400, 5000  # nats that may still be to come, within so many more steps
CASES = [drawn(seed=11, N=70, K=2, D=3), drawn(seed=50, N=90, K=3, D=2)]
FAR = drawn(seed=6, N=40, K=1, D=2, far=400.0, who=slice(None))


def examine_em(answer, exercise):
    """gmm.em may be answered by a generator of steps, by a list of them, or by a function that makes one step."""
    arguments = [exercise.cases[0][name] for name in exercise.arguments]
    return examine(answer, called(answer, exercise.arguments, arguments, way_of, exercise.title))


def way_of(result):
    """The exercise that this result answers."""
    refuse_nothing(result)
    if not isinstance(result, (dict, np.ndarray)) and not is_mixture(result) and np.iterable(result):
        result = list(islice(result, STEPS))
        if sum(map(is_mixture, result)) != 1 and not any(map(is_array, result)):
            return TRACE
    return ONE_STEP_AND_ITS_LOG_LIKELIHOOD if len(results_of(result)) == 4 else ONE_STEP


def is_array(part):
    return bool(axes_of(part)) and np.asarray(part).dtype.kind in "biufc"


# ---- a whole fit


@dataclass(frozen=True)
class Stops:
    """What the symptoms of a fit see: how long each of its traces is."""

    lengths: list


def examine_fit(answer, exercise):
    fits = [(case, *ask_fit(answer, exercise, case)) for case in (*CASES, FAR)]
    law = next(law for law in LAWS if law.names == ["log_likelihoods"])
    for case, mixture, trace in fits:
        broken = None if law.holds(trace) else law
        course, steps = first_steps(case, trace)
        finding = wrong_end(course, case, mixture, trace) if steps.passed else steps
        if finding or broken:
            return replace(finding or Finding("your log-likelihood falls", law.sentence), law=broken)
    return stopped_too_soon(answer, exercise, fits[:-1]) or steps


def ask_fit(answer, exercise, case):
    arguments = [case[name] for name in exercise.arguments]
    mixture, trace = called(answer, exercise.arguments, arguments, read_fit, exercise.title)
    for name, part, right in zip(MIXTURE, mixture, case.mixture):
        row = Row(part, np.asarray(right), case)
        if not row.has_shape:
            raise BrokenContract(*wrong_shape(row, Seen(name, 0, exercise.parts[name], (), [row])))
        if not np.isfinite(part).all():
            raise BrokenContract(f"your {name} are not finite", NOT_FINITE)
    try:
        Mixture(*mixture)
    except ValueError as error:
        raise BrokenContract("what you return is not a mixture", str(error)) from None
    return mixture, trace


def read_fit(result):
    """The mixture as three arrays, and the trace of log-likelihoods."""
    refuse_nothing(result)
    named = result if isinstance(result, dict) else {name: getattr(result, name, None) for name in FIT_PARTS}
    mixture, trace = map(named.get, FIT_PARTS)
    if isinstance(result, (tuple, list)) and len(result) == 2 and is_mixture(result[1]):
        raise BrokenContract("your results come in another order: log-likelihoods, mixture", ORDER)
    if mixture is None:
        parts = results_of(result)
        if len(parts) != 4:
            raise BrokenContract("a mixture and its trace are expected", ORDER)
        *mixture, trace = parts
    if not is_mixture(mixture):
        raise BrokenContract("your mixture cannot be read", "Return a gmm.Mixture, or weights, means and covariances.")
    trace = numbers(trace, "log-likelihoods").astype(float)
    if trace.ndim != 1 or not len(trace):
        raise BrokenContract("your trace should have one log-likelihood for each step", "Append one in every round.")
    if trace[0] in (0, -np.inf):
        hint = "Is it a placeholder, or does a density underflow? The first entry is the log-likelihood of the start."
        raise BrokenContract(f"your trace begins with {trace[0]:g}", hint)
    if trace[-1] == 0:
        raise BrokenContract("your trace ends with zeros", "Cut it after the last log-likelihood that you computed.")
    if not np.isfinite(trace).all():
        raise BrokenContract("your log-likelihoods are not finite", NOT_FINITE)
    return [numbers(part, "mixture").astype(float) for part in mixture], trace


def first_steps(case, trace):
    """The course whose steps the trace begins with, if there is one, and what is to be said of them."""
    head = trace[:STEPS]
    if is_trace_of(RIGHT, case, head):
        return RIGHT, PASSED
    for mistake in mistakes_of(reached_from("trace")):
        for course in [Course(**{mistake.place: version}) for version in mistake.versions]:
            if is_trace_of(course, case, head):
                return course, told([mistake])
    starts_right = same(head[:1], np.array([RIGHT.log_likelihood(case.points, case.mixture)]))
    if starts_right and len(head) > 1:
        return None, Finding(
            "your trace starts as that of EM, and its second entry differs",
            "The log-likelihood of the start is right, so the step that follows is not. Check one step: "
            "check(my_step, gmm.em), then m_step.",
        )
    return None, Finding(
        "your trace is not that of EM", "Check one step first: check(my_step, gmm.em), then e_step and m_step."
    )


def is_trace_of(course, case, head):
    """A trace begins with the start."""
    try:
        with np.errstate(all="ignore"):
            log_likelihoods = course.trace(case.points, case.mixture, len(head) + 1)[0]
    except Exception:  # a wrong version that cannot run has not made this trace
        return False
    return same(head, log_likelihoods[:-1])


def wrong_end(course, case, mixture, trace):
    """The last log-likelihood belongs to the mixture that is returned, and not to one beside it."""
    last = min(len(trace) - 1, MOST_STEPS)
    steps = islice(course.em(case.points, case.mixture), last + 2)
    far = [max(np.abs(a - b).max() for a, b in zip(mixture, other)) for other, _ in steps]
    nearest, size = int(np.argmin(far)), max(np.abs(part).max() for part in mixture)
    if far[last] > 1e-7 * size and far[nearest] < 0.2 * far[last]:
        return Finding(
            f"the mixture that you return is {'the one before' if nearest < last else 'the one after'} the last "
            "log-likelihood",
            "Return the mixture that the last log-likelihood was computed from.",
        )
    if abs(RIGHT.log_likelihood(case.points, mixture) - trace[-1]) <= 1e-9 * abs(trace[-1]):
        return None
    return Finding(
        "the last log-likelihood does not belong to the mixture that you return",
        "It belongs to the one before, or to another one. Compute both from the same parameters, at the end.",
    )


def stopped_too_soon(answer, exercise, fits):
    lengths = [len(trace) for _, _, trace in fits]
    with suppress(BrokenContract):  # who counts the steps takes as many from where the first climb has ended
        again = replace(CASES[0], mixture=trusted(*fits[0][1]))
        lengths.append(len(ask_fit(answer, exercise, again)[1]))
    counts_steps = len(set(lengths)) == 1 and len(lengths) == 3 and lengths[0] > 2
    left = [still_to_gain(case.points, mixture, trace) for case, mixture, trace in fits]
    if max(left) <= LEFT and not counts_steps:
        return None
    stop = next(m for m in mistakes_of(["fit"], symptoms=True) if m.wrong(Stops(lengths)))
    return Finding(f"this looks like {stop.name}", stop.hint)


def still_to_gain(points, mixture, trace):
    _, later = next(islice(RIGHT.em(points, mixture), AHEAD, None))
    return later - trace[-1]
