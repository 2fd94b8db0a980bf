"""A whole fit is judged by its trace: does it climb, is each step a step of EM, and where does it stop?"""

from contextlib import suppress
from dataclasses import replace
from itertools import islice

import numpy as np

from gmm_tutorial.homework.course import RIGHT, STEPS, Course
from gmm_tutorial.homework.diagnosis import (
    BrokenContract,
    Finding,
    flat,
    in_words,
    numbers,
    refuse_nothing,
    refuse_other_arguments,
    same,
    told,
    wrong_shape,
)
from gmm_tutorial.homework.exercises import is_mixture
from gmm_tutorial.homework.inputs import drawn
from gmm_tutorial.homework.laws import LAWS
from gmm_tutorial.homework.mistakes import MISTAKES
from gmm_tutorial.homework.watch import watched
from gmm_tutorial.mixture import Mixture

FIT_PARTS, ORDER = ("mixture", "log_likelihoods"), "Return (mixture, log_likelihoods), in this order."
LEFT, AHEAD = 0.01, 400  # nats that may still be to come, within so many more steps


def a_fixed_number_of_steps(T):
    """You stop after a fixed number of steps, wherever that is. Stop when little is left to gain."""
    return len(set(T)) == 1 and T[0] > 2


def the_first_step_taken_for_the_last(T):
    """You stop at once. If the old log-likelihood is an alias of the new one, nothing is ever gained: keep the number
    of the step before, and begin with minus infinity."""
    return max(T) <= 2


def a_plateau_taken_for_the_top(T):
    """You stop while there is still something to gain. A small step is not yet convergence: make the tolerance smaller,
    or estimate what is still to come from the last gains."""
    return True


STOPS = [the_first_step_taken_for_the_last, a_fixed_number_of_steps, a_plateau_taken_for_the_top]


def cases():
    return [drawn(seed=11, N=70, K=2, D=3), drawn(seed=50, N=90, K=3, D=2)]  # the second takes 140 steps


def examine_fit(answer, exercise):
    try:
        climbs = [ask_fit(answer, exercise, case) for case in cases()]
    except BrokenContract as broken:
        return Finding(*broken.args)
    for case, climb in zip(cases(), climbs):
        if finding := broken_trace(case, climb):
            return finding
    return stopped_too_soon(answer, exercise, climbs)


def ask_fit(answer, exercise, case):
    points = case.points.copy()
    refuse_other_arguments(answer, exercise, [points, case.mixture])
    result, error = watched(lambda: read_fit(answer(points, case.mixture)))
    if error is not None:
        raise error if isinstance(error, BrokenContract) else in_words(error)
    if not np.array_equal(points, case.points):
        raise BrokenContract("you changed the array points that you were given", "Work on a copy: points.copy().")
    shapes = [np.shape(part) for part in case.mixture]
    for name, part, shape in zip(("weights", "means", "covariances"), result[0], shapes):
        if part.shape != shape:
            finding = wrong_shape(name, part.shape, shape, {"weights": "K", "means": "KD", "covariances": "KDD"}[name])
            raise BrokenContract(finding.headline, finding.hint)
        if not np.isfinite(part).all():
            raise BrokenContract(f"your {name} are not finite", "Has a component collapsed, or a density underflowed?")
    return result


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


def broken_trace(case, climb):
    mixture, trace = climb
    law = next(law for law in LAWS if law.names == ["log_likelihoods"])
    law = None if law.holds(trace) else law
    finding = wrong_steps(case, trace) or wrong_end(case, mixture, trace)
    if finding is None and law is not None:
        finding = Finding("your log-likelihood falls", law.sentence)
    return finding and Finding(finding.headline, finding.hint, law, passed=finding.passed)


def wrong_steps(case, trace):
    """The first steps of the trace: those of EM, of a mistake, or of nobody."""
    head = trace[:STEPS]
    if is_trace_of(RIGHT, case, head):
        return None
    candidates = ((m, Course(**{m.place: version})) for m in MISTAKES for version in m.versions if m.place in CLIMBING)
    found = next((mistake for mistake, course in candidates if is_trace_of(course, case, head)), None)
    if found:
        return told([found])
    return Finding(
        "your trace is not that of EM", "Check one step first: check(my_step, gmm.em), then e_step and m_step."
    )


CLIMBING = "log_gaussian log_joint bayes log_likelihood count weight mean covariance em".split()


def is_trace_of(course, case, head):
    """A trace may begin with the start or with the first step after it."""
    try:
        with np.errstate(all="ignore"):
            log_likelihoods = course.trace(case.points, case.mixture, len(head) + 1)[0]
    except Exception:  # a wrong version that cannot run has not made this trace
        return False
    return same(head, log_likelihoods[:-1]) or (course is RIGHT and same(head, log_likelihoods[1:]))


def wrong_end(case, mixture, trace):
    """The last log-likelihood belongs to the mixture that is returned."""
    log_likelihood = RIGHT.log_likelihood(case.points, mixture)
    if abs(log_likelihood - trace[-1]) <= 1e-9 * abs(trace[-1]):
        return None
    return Finding(
        "the last log-likelihood does not belong to the mixture that you return",
        "It belongs to the one before, or to another one. Compute both from the same parameters, at the end.",
    )


def stopped_too_soon(answer, exercise, climbs):
    left = [still_to_gain(case.points, mixture, trace) for case, (mixture, trace) in zip(cases(), climbs)]
    if max(left) <= LEFT:
        return Finding("right", passed=True)
    T = [len(trace) for _, trace in climbs]
    with suppress(BrokenContract):  # who counts the steps takes as many from where the first climb has ended
        again = replace(cases()[0], mixture=Mixture._trusted(*climbs[0][0]))
        T.append(len(ask_fit(answer, exercise, again)[1]))
    stop = next(stop for stop in STOPS if stop(T))
    return Finding(f"this looks like {stop.__name__.replace('_', ' ')}", " ".join(stop.__doc__.split()))


def still_to_gain(points, mixture, trace):
    _, later = next(islice(RIGHT.em(points, mixture), AHEAD, None))
    return later - trace[-1]
