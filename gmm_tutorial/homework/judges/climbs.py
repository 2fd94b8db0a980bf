"""gmm.em is judged in whatever way it is written, and a whole fit by its trace: does it climb, is each step a step of
EM, and where does it stop?"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np

from gmm_tutorial.homework.asking import (
    MIXTURE,
    BrokenContract,
    axes_of,
    called,
    flat,
    is_mixture,
    numbers,
    read,
    refuse_nothing,
)
from gmm_tutorial.homework.course import RIGHT, STEPS, reached_from
from gmm_tutorial.homework.diagnosis import RIGHT as PASSED
from gmm_tutorial.homework.diagnosis import Finding, examine, told
from gmm_tutorial.homework.exercises import ONE_STEP, ONE_STEP_AND_ITS_LOG_LIKELIHOOD, TRACE
from gmm_tutorial.homework.inputs import drawn
from gmm_tutorial.homework.laws import LAWS
from gmm_tutorial.homework.localize import Row, Seen, same, wrong_shape
from gmm_tutorial.homework.package import trusted
from gmm_tutorial.homework.registry import mistakes_of

FIT_PARTS, ORDER = ("mixture", "log_likelihoods"), "Return (mixture, log_likelihoods), in this order."
LEFT, AHEAD = 0.01, 400  # nats that may still be to come, within so many more steps
CASES = [drawn(seed=11, N=70, K=2, D=3), drawn(seed=50, N=90, K=3, D=2)]


def examine_em(answer, exercise):
    """gmm.em may be answered by a generator of steps, by a list of them, or by a function that makes one step."""
    arguments = [exercise.cases[0][name] for name in exercise.arguments]
    result = called(answer, exercise.arguments, arguments, beginning, exercise.title)
    if not np.iterable(result):
        read(result, ONE_STEP.parts)
    parts = flat(result)
    way = {3: ONE_STEP, 4: ONE_STEP_AND_ITS_LOG_LIKELIHOOD}.get(len(parts), TRACE)
    is_list_of_steps = isinstance(result, list) and {axes_of(part) for part in parts} != {*map(len, way.parts.values())}
    return examine(answer, TRACE if is_list_of_steps else way)


def beginning(result):
    refuse_nothing(result)
    return list(islice(result, STEPS)) if isinstance(result, Iterator) else result


# ---- a whole fit


@dataclass(frozen=True)
class Stops:
    """What the symptoms of a fit see: how long each of its traces is."""

    lengths: list


def examine_fit(answer, exercise):
    fits = [ask_fit(answer, exercise, case) for case in CASES]
    law = next(law for law in LAWS if law.names == ["log_likelihoods"])
    for case, (mixture, trace) in zip(CASES, fits):
        broken = None if law.holds(trace) else law
        finding = wrong_steps(case, trace) or wrong_end(case, mixture, trace)
        if finding or broken:
            return replace(finding or Finding("your log-likelihood falls", law.sentence), law=broken)
    return stopped_too_soon(answer, exercise, fits)


def ask_fit(answer, exercise, case):
    arguments = [case[name] for name in exercise.arguments]
    mixture, trace = called(answer, exercise.arguments, arguments, read_fit, exercise.title)
    for name, part, right in zip(MIXTURE, mixture, case.mixture):
        row = Row(part, np.asarray(right), case)
        if not row.has_shape:
            raise BrokenContract(*wrong_shape(row, Seen(name, 0, exercise.parts[name], (), [row])))
        if not np.isfinite(part).all():
            raise BrokenContract(f"your {name} are not finite", "Has a component collapsed, or a density underflowed?")
    return mixture, trace


def read_fit(result):
    """The mixture as three arrays, and the trace of log-likelihoods."""
    refuse_nothing(result)
    named = result if isinstance(result, dict) else {name: getattr(result, name, None) for name in FIT_PARTS}
    mixture, trace = map(named.get, FIT_PARTS)
    if isinstance(result, (tuple, list)) and len(result) == 2 and is_mixture(result[1]):
        raise BrokenContract("your results come in another order: log-likelihoods, mixture", ORDER)
    if mixture is None:
        parts = flat(result)
        if len(parts) < 4:
            raise BrokenContract("a mixture and its trace are expected", ORDER)
        mixture, trace = tuple(parts[:3]), parts[-1]
    if not is_mixture(mixture):
        raise BrokenContract("your mixture cannot be read", "Return a gmm.Mixture, or weights, means and covariances.")
    trace = numbers(trace, "log-likelihoods").astype(float)
    if trace.ndim != 1 or not len(trace):
        raise BrokenContract("your trace should have one log-likelihood for each step", "Append one in every round.")
    return [numbers(part, "mixture").astype(float) for part in mixture], trace


def wrong_steps(case, trace):
    """The first steps of the trace: those of EM, of a mistake, or of nobody."""
    head = trace[:STEPS]
    if is_trace_of(RIGHT, case, head):
        return None
    courses = ((m, type(RIGHT)(**{m.place: v})) for m in mistakes_of(reached_from("trace")) for v in m.versions)
    if found := next((mistake for mistake, course in courses if is_trace_of(course, case, head)), None):
        return told([found])
    starts_right = same(head[:1], np.array([RIGHT.log_likelihood(case.points, case.mixture)]))
    if starts_right and len(head) > 1:
        return Finding(
            "your trace starts as that of EM, and its second entry differs",
            "The log-likelihood of the start is right, so the step that follows is not. Check one step: "
            "check(my_step, gmm.em), then m_step.",
        )
    return Finding(
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


def wrong_end(case, mixture, trace):
    """The last log-likelihood belongs to the mixture that is returned, and not to one beside it."""
    last = len(trace) - 1
    steps = islice(RIGHT.em(case.points, case.mixture), last + 2)
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
    lengths = [len(trace) for _, trace in fits]
    with suppress(BrokenContract):  # who counts the steps takes as many from where the first climb has ended
        again = replace(CASES[0], mixture=trusted(*fits[0][0]))
        lengths.append(len(ask_fit(answer, exercise, again)[1]))
    counts_steps = len(set(lengths)) == 1 and len(lengths) == 3 and lengths[0] > 2
    left = [still_to_gain(case.points, mixture, trace) for case, (mixture, trace) in zip(CASES, fits)]
    if max(left) <= LEFT and not counts_steps:
        return PASSED
    stop = next(m for m in mistakes_of(["fit"], symptoms=True) if m.wrong(Stops(lengths)))
    return Finding(f"this looks like {stop.name}", stop.hint)


def still_to_gain(points, mixture, trace):
    _, later = next(islice(RIGHT.em(points, mixture), AHEAD, None))
    return later - trace[-1]
