"""From an answer to what it says about the student's idea: contract, laws, comparison, catalogue, algebra, example."""

import inspect
import itertools
import reprlib
import time
from collections.abc import Iterator, ValuesView
from dataclasses import dataclass, replace

import numpy as np

from gmm_tutorial.homework.course import STEPS, Course
from gmm_tutorial.homework.exercises import (
    ONE_STEP,
    ONE_STEP_AND_ITS_LOG_LIKELIHOOD,
    TRACE,
    axes_of,
    flat,
    is_mixture,
)
from gmm_tutorial.homework.watch import TimeIsOver, innermost, own_line, watched

MOST_PAIRS, PAIR_SECONDS, MOST_ITEMS, YOUR_TURN = 1500, 0.5, 100_000, "your turn"
EACH_STEP = dict(zip(["weights", "means", "covariances", "log_likelihood"], [1, 2, 3, 0]))


class BrokenContract(Exception):
    """The answer cannot be compared at all: headline and hint say why."""


@dataclass(frozen=True)
class Answer:
    """What the student's function returned for one case, in parts, and whether in double precision."""

    parts: list
    is_double: bool = True


@dataclass(frozen=True)
class Finding:
    """The heart of a Result: what was found, before the formula and the link are added."""

    headline: str
    hint: str = ""
    law: object = None
    example: str = ""
    passed: bool = False
    needs_example: bool = False


# ---- ask


def ask(answer, exercise, case):
    """The student's function on one case; raises BrokenContract if nothing comparable comes out of it."""
    arguments = case.arguments(exercise.arguments)
    refuse_other_arguments(answer, exercise, arguments)
    parts, error = watched(lambda: read(answer(*arguments), exercise))
    if error is not None:
        raise error if isinstance(error, BrokenContract) else in_words(error)
    refuse_changes(exercise.arguments, arguments, [case[name] for name in exercise.arguments])
    return Answer([np.asarray(part, dtype=float) for part in parts], all(is_double(part) for part in parts))


def is_double(part):
    return part.dtype.kind != "f" or part.dtype.itemsize >= 8


def refuse_other_arguments(answer, exercise, arguments):
    try:
        signature = inspect.signature(answer)
    except (TypeError, ValueError):
        return
    try:
        signature.bind(*arguments)
    except TypeError:
        raise BrokenContract(
            f"your function takes {signature}",
            f"It is called with ({', '.join(exercise.arguments)}), in this order, as {exercise.title} is.",
        ) from None


def refuse_changes(names, values, before):
    for name, value, original in zip(names, values, before):
        if changed(value, original):
            what = "array" if isinstance(value, np.ndarray) else type(value).__name__
            raise BrokenContract(
                f"you changed the {what} {name} that you were given",
                "Whoever calls you still needs it. Work on a copy, x = x.copy(), and write x = x - y, not x -= y.",
            )


def changed(value, before):
    if type(value) is not type(before):
        return True
    if isinstance(value, np.ndarray):
        return not np.array_equal(value, before, equal_nan=value.dtype.kind == "f")
    if isinstance(value, dict):
        value, before = list(value.items()), list(before.items())
    if isinstance(value, (list, tuple)):
        return len(value) != len(before) or any(map(changed, value, before))
    return isinstance(value, (int, float, str)) and value is not before and value != before


def in_words(error):
    if isinstance(error, TimeIsOver) and error.slow_calls:
        return BrokenContract(
            f"your function is slow: {error.slow_calls} calls took three seconds",
            "The inputs are small, so a call should take a few milliseconds. What is computed again and again?",
        )
    if isinstance(error, TimeIsOver):
        return BrokenContract(
            "your function did not come to an end within three seconds",
            "Is it slow, or endless? Look at the condition that ends your loop: does it ever become true? A common "
            "slip compares the gain with tolerance times the log-likelihood, which is negative; use its absolute "
            "value.",
        )
    if isinstance(error, NotImplementedError):
        return BrokenContract(YOUR_TURN, innermost(error))
    line = own_line(error)
    where = f"\nIn your line {line[0]}: `{line[1]}`" if line else ""
    says = str(error).rstrip(".") or "nothing more"
    return BrokenContract(f"your function raised {type(error).__name__}", f"It says: {says}.{where}")


# ---- read


def read(result, exercise):
    """The parts of a result as arrays; a generator is asked for its first steps."""
    refuse_nothing(result)
    if exercise is TRACE:
        return stacked(list(itertools.islice(result, STEPS)))
    parts = list(exercise.parts)
    results = [result] if len(parts) == 1 else several(result, dict(zip(parts, exercise.axes)))
    return [numbers(part, name) for part, name in zip(results, parts)]


def refuse_nothing(result):
    if result is None or result is NotImplemented:
        raise BrokenContract(f"your function returned {result}", "Did you forget to return the result?")


def several(result, axes, where=""):
    """The results in the order of axes: name → number of axes. A dict may have them in any order, by their names."""
    results, expected = results_of(result, axes), [*axes.values()]
    order = f"Return {', '.join(map(spoken, axes))}, in this order."
    if len(results) != len(axes):
        raise BrokenContract(
            f"{where}you returned {len(results)} result{'s' * (len(results) != 1)}, expected {len(axes)}", order
        )
    found = [0 if axes_of(part) == 1 == len(part) else axes_of(part) for part in results]
    if found != expected and None not in found and len(set(found)) == len(found) and set(found) == set(expected):
        yours = [spoken(name) for number in found for name in axes if axes[name] == number]
        raise BrokenContract(f"{where}your results come in another order: {', '.join(yours)}", order)
    return results


def results_of(result, names):
    if isinstance(result, dict):
        mixtures = [
            dict(zip(("weights", "means", "covariances"), part)) for part in result.values() if is_mixture(part)
        ]
        by_name = result | (mixtures[0] if mixtures else {})
        if set(names) <= set(by_name):
            return [by_name[name] for name in names]
    try:
        return [listed(part) for part in flat(listed(result))]
    except TypeError:
        return [result]


def listed(value):
    """What can be gone through only once, such as a generator or a map, as a list."""
    if isinstance(value, (list, tuple)) and not hasattr(value, "_fields"):
        return type(value)(map(listed, value))
    if isinstance(value, (Iterator, ValuesView)):
        items = [listed(part) for part in itertools.islice(value, MOST_ITEMS)]
        if len(items) == MOST_ITEMS:
            raise BrokenContract("what you return has no end", "Return an array, or a list of numbers.")
        return items
    return value


def stacked(steps):
    if len(steps) < STEPS:
        raise BrokenContract(
            f"your climb ended after {len(steps)} steps", "It should go on for as long as it is asked to."
        )
    rows = [several(step, EACH_STEP, "in each step ") for step in steps]
    weights, means, covariances, log_likelihoods = (numbers(list(column), "each step") for column in zip(*rows))
    return [log_likelihoods, weights, means, covariances]


def numbers(part, name):
    if part is None:
        raise BrokenContract(f"your {spoken(name)} came back as None", "Did you forget to compute or to return it?")
    try:
        part = listed(part)
        array = np.asarray(part)
        if array.dtype.kind in "cSU":
            raise TypeError
        if array.dtype.kind not in "biuf":
            array = np.asarray(part, dtype=float)
    except (TypeError, ValueError):
        raise BrokenContract(
            f"your {spoken(name)} cannot be read as an array of real numbers (found {type(part).__name__})",
            "Return numbers, in rows of equal length.",
        ) from None
    return array


def spoken(name):
    return name.replace("log_", "log-").replace("_", " ")


def way_of_climbing(answer, exercise):
    """gmm.em may be answered by a generator of steps, by a list of them, or by a function that makes one step."""
    arguments = exercise.cases[0].arguments(exercise.arguments)
    refuse_other_arguments(answer, exercise, arguments)
    result, error = watched(lambda: beginning(answer(*arguments)))
    if error is not None:
        raise in_words(error)
    if not np.iterable(result):
        read(result, ONE_STEP)
    parts = flat(result)
    way = {3: ONE_STEP, 4: ONE_STEP_AND_ITS_LOG_LIKELIHOOD}.get(len(parts), TRACE)
    is_list_of_steps = isinstance(result, list) and {axes_of(part) for part in parts} != set(way.axes)
    return TRACE if is_list_of_steps else way


def beginning(result):
    return list(itertools.islice(result, STEPS)) if isinstance(result, Iterator) else result


# ---- compare


def same(ours, theirs, is_double=True):
    rtol, atol = (1e-7, 1e-10) if is_double else (1e-3, 1e-4)
    if np.shape(ours) != np.shape(theirs):
        return False
    sizes = np.abs(theirs[np.isfinite(theirs)])
    return np.allclose(ours, theirs, rtol=rtol, atol=atol * sizes.max(initial=0), equal_nan=True)


def fits_shape(part, shape):
    return part.reshape(shape) if shape == () and part.size == 1 else part


def examine(answer, exercise):
    """The finding for one answer; the order of what is tried is the order of what helps most."""
    try:
        exercise = way_of_climbing(answer, exercise) if exercise is TRACE else exercise
        answers = [ask(answer, exercise, case) for case in exercise.cases]
    except BrokenContract as broken:
        return Finding(*broken.args)
    return compare(answer, answers, exercise)


def compare(answer, answers, exercise):
    rights = [exercise.right(case) for case in exercise.cases]
    answers = [
        Answer([fits_shape(p, r.shape) for p, r in zip(a.parts, right)], a.is_double)
        for a, right in zip(answers, rights)
    ]
    wrong = wrong_parts(answers, rights)
    if not wrong:
        return Finding("right", passed=True)
    contract, law = broken_contract(answers, rights, exercise), None
    if contract is None:
        law = broken_law(answers, exercise)
    names = [list(exercise.parts)[index] for index in wrong]
    example = smallest_example(answer, exercise)
    finding = (
        named(answers, exercise, wrong, may_be_two=shapes_agree(answers, rights))
        or contract
        or algebra(answers, rights, names, wrong, exercise)
        or difference(names, law, example)
    )
    return replace(finding, law=law, example=example)


def shapes_agree(answers, rights):
    return all(part.shape == r.shape for answer, right in zip(answers, rights) for part, r in zip(answer.parts, right))


def wrong_parts(answers, rights):
    return [
        index
        for index in range(len(rights[0]))
        if not all(same(a.parts[index], right[index], a.is_double) for a, right in zip(answers, rights))
    ]


def difference(names, law, example):
    which = " and ".join(map(spoken, names))
    headline = f"your {which} break a law: {law.formula}" if law else f"your {which} and the right ones differ"
    what = "the example" if example else "three points of your own"
    return Finding(headline, f"Work {what} through by hand, and compare.", needs_example=True)


# ---- contract and laws


def broken_contract(answers, rights, exercise):
    for answer, right in zip(answers, rights):
        for part, expected, name in zip(answer.parts, right, exercise.parts):
            if part.shape != expected.shape:
                return wrong_shape(name, part.shape, expected.shape, exercise.parts[name])
            if (np.isfinite(expected) & ~np.isfinite(part)).any():
                return not_finite(name, part, np.isfinite(expected) & ~np.isfinite(part))
    return None


def wrong_shape(name, found, expected, axes):
    hint = "" if axes is None else f"The shape of {spoken(name)} is ({', '.join(axes)}{',' * (len(axes) == 1)})."
    if len(found) > 1 and found == expected[::-1]:
        hint = f"Transposed? {hint}".strip()
    elif [size for size in found if size != 1] == [size for size in expected if size != 1]:
        hint = f"The numbers may be right: an axis of length one is too many or missing. {hint}".strip()
    return Finding(f"your {spoken(name)} came back with shape {found}, expected {expected}", hint)


def not_finite(name, part, places):
    where = ", ".join(str(index) for index in np.argwhere(places)[0])
    value = part[places][0]
    hint = "Look for 0/0, the log of zero, and the exponential of large numbers: a point may lie far away."
    return Finding(f"your {spoken(name)} has {value} at [{where}]", hint)


def broken_law(answers, exercise):
    for law in exercise.laws:
        for answer, case in zip(answers, exercise.cases):
            values = dict(zip(exercise.parts, answer.parts))
            if not law.holds(*(values[name] if name in values else case[name] for name in law.names)):
                return law
    return None


# ---- catalogue


class Candidate:
    """The course with one mistake or with two, and what it answers: computed when asked for, and once."""

    def __init__(self, exercise, *mistakes, version=None):
        self.exercise, self.mistakes, self.computed = exercise, mistakes, []
        self.course = Course(**{mistake.place: version or mistake.versions[0] for mistake in mistakes})

    def parts(self, number):
        while len(self.computed) <= number:
            self.computed.append(self.compute(self.exercise.cases[len(self.computed)]))
        return self.computed[number]

    def compute(self, case):
        try:
            with np.errstate(all="ignore"):
                return self.exercise.by(self.course, case)
        except Exception:  # a wrong version that cannot run on this input has not made the student's numbers
            return None

    def made(self, answers, indices):
        """Whether these parts of the answers are what this course answers."""
        for number, answer in enumerate(answers):
            theirs = self.parts(number)
            if theirs is None or not all(same(answer.parts[i], theirs[i], answer.is_double) for i in indices):
                return False
        return True


def named(answers, exercise, wrong, may_be_two):
    """The mistake that reproduces the numbers; or one for each part that is wrong; or two that act together."""
    every = range(len(exercise.parts))
    singles = [Candidate(exercise, m, version=version) for m in exercise.mistakes for version in m.versions]
    found = first_match(singles, answers, every) or part_by_part(singles, answers, wrong)
    if not found and may_be_two:
        found = first_match(pairs(exercise), answers, every)
    return told(found) if found else None


def first_match(candidates, answers, indices):
    return next((candidate.mistakes for candidate in candidates if candidate.made(answers, indices)), None)


def part_by_part(candidates, answers, wrong):
    found = [first_match(candidates, answers, [index]) for index in wrong]
    return list(dict.fromkeys(m for mistakes in found for m in mistakes)) if all(found) else None


def pairs(exercise):
    """Two mistakes in different places, each in its first version, for as long as that is quick."""
    both = [(a, b) for a, b in itertools.combinations(exercise.mistakes, 2) if a.place != b.place]
    end = time.monotonic() + PAIR_SECONDS
    for mistakes in both if len(both) <= MOST_PAIRS else []:
        if time.monotonic() > end:
            return
        yield Candidate(exercise, *mistakes)


def told(mistakes):
    passed = all(mistake.is_valid for mistake in mistakes)
    names = ", and ".join(mistake.name for mistake in mistakes)
    headline = f"a valid variant: {names}" if passed else f"these are exactly the numbers of: {names}"
    return Finding(headline, "\n".join(mistake.hint for mistake in mistakes), passed=passed)


# ---- algebra


def algebra(answers, rights, names, wrong, exercise):
    found = [relation(answers, rights, index, exercise.parts[name]) for index, name in zip(wrong, names)]
    if not all(found):
        return None
    told = [f"your {spoken(name)}: {text}" for name, text in zip(names, found)]
    return Finding(
        "; ".join(told), "Something regular is between your numbers and the right ones. Look for it in your code."
    )


def relation(answers, rights, index, axes):
    """How one part of the answer comes from the right one, in words, if it does so in every case."""
    ours = [answer.parts[index] for answer in answers]
    theirs = [right[index] for right in rights]
    is_double = all(answer.is_double for answer in answers)
    with np.errstate(all="ignore"):
        for words, change in RELATIONS:
            if all(same(a, b, is_double) for a, b in zip(ours, map(change, theirs))):
                return words
        return (
            constant(ours, theirs, is_double)
            or per_component(ours, theirs, axes, is_double)
            or per_input(ours, theirs, is_double)
            or permuted(ours, theirs, is_double)
        )


RELATIONS = [
    ("the sign is turned", np.negative),
    ("they are squared", np.square),
    ("a root was taken", lambda right: np.sqrt(np.abs(right))),
    ("a log was taken", np.log),
    ("an exponential was taken", np.exp),
    ("they are turned upside down: one divided by them", lambda right: 1 / right),
    ("transposed", np.transpose),
    ("the components come in the opposite order", lambda right: right[::-1] if np.ndim(right) else right),
    ("the last axis comes in the opposite order", lambda right: right[..., ::-1] if np.ndim(right) else right),
]


def constant(ours, theirs, is_double):
    if any(a.shape != b.shape for a, b in zip(ours, theirs)):
        return None
    a, b = (np.concatenate([np.ravel(part) for part in parts]) for parts in (ours, theirs))
    if len(np.unique(b)) < 2:  # with the factor one could compute the hidden number
        return None
    factor, shift = (a @ b) / (b @ b), (a - b).mean()
    if same(a, factor * b, is_double):
        return f"each is {factor:.4g} times what it should be, everywhere"
    return f"each is off by the same {shift:.4g}, everywhere" if same(a, b + shift, is_double) else None


def per_component(ours, theirs, axes, is_double):
    if "K" not in (axes or "") or len(axes) < 2 or any(a.shape != b.shape for a, b in zip(ours, theirs)):
        return None
    for a, b in zip(ours, theirs):
        a, b = (np.moveaxis(part, axes.index("K"), 0).reshape(part.shape[axes.index("K")], -1) for part in (a, b))
        if b.shape[1] < 2 and len(b) > 1:
            continue
        factors = (a * b).sum(axis=1, keepdims=True) / (b * b).sum(axis=1, keepdims=True)
        if not same(a, factors * b, is_double):
            return None
    return "each component has a factor of its own: a count or a weight may be missing, or there twice"


def per_input(ours, theirs, is_double):
    if any(a.shape != b.shape for a, b in zip(ours, theirs)) or all(b.size < 2 for b in theirs):
        return None
    if all(same(a, (a * b).sum() / (b * b).sum() * b, is_double) for a, b in zip(ours, theirs)):
        return "each input has a factor of its own: a count may be missing, or off by one"
    return None


def permuted(ours, theirs, is_double):
    if all(
        a.shape == b.shape and same(np.sort(a, axis=None), np.sort(b, axis=None), is_double)
        for a, b in zip(ours, theirs)
    ):
        return "the right numbers, in another order"
    return None


# ---- example


def smallest_example(answer, exercise):
    """A small input on which the answer is wrong, and the answer; never the right one."""
    for case in exercise.small:
        try:
            theirs, right = ask(answer, exercise, case), exercise.right(case)
        except (BrokenContract, np.linalg.LinAlgError):  # three points may be too few for several steps
            continue
        if wrong := wrong_parts([theirs], [right]):
            names = list(exercise.parts)
            given = [shown(name, case[name]) for name in exercise.arguments]
            yours = [shown(f"your {spoken(names[index])}", theirs.parts[index]) for index in wrong]
            return "\n".join([f"{exercise.which_is_small} on which it shows:", *given, *yours])
    return ""


def shown(name, value):
    if is_mixture(value):
        return "\n".join(shown(f"{name}.{part}", getattr(value, part)) for part in ("weights", "means", "covariances"))
    if hasattr(value, "_fields"):
        return "\n".join(shown(f"{name}.{field}", part) for field, part in zip(value._fields, value))
    return f"{name} = {in_digits(value)}".replace("\n", "\n" + " " * (len(name) + 3))


def in_digits(value):
    """Numbers with four decimals, the middle of large arrays left out; anything else by its name, or as it shows."""
    if callable(value):
        return getattr(value, "__name__", type(value).__name__)
    if isinstance(value, (str, dict)) or axes_of(value) is None:
        return reprlib.repr(value)
    return np.array2string(np.asarray(value), precision=4, suppress_small=True, separator=", ", threshold=60)
