"""The one way to call a student's function, and to read what it returns. What cannot be read is a BrokenContract."""

import copy
import inspect
import itertools
from collections.abc import Iterator, ValuesView
from dataclasses import dataclass

import numpy as np

from gmm_tutorial.homework.course import STEPS
from gmm_tutorial.homework.watch import Forbidden, TimeIsOver, innermost, own_line, watched

MOST_ITEMS, YOUR_TURN = 100_000, "your turn"
EACH_STEP = dict(zip(["weights", "means", "covariances", "log_likelihood"], [1, 2, 3, 0]))
MIXTURE = ("weights", "means", "covariances")
WHAT_TO_DO = {
    "NameError": "Python does not know this name here. Is it spelled as where it was given, or is an import missing?",
    "UnboundLocalError": "The variable is used before it has a value: give it one before the loop.",
    "AttributeError": "A mixture has .weights, .means, .covariances and .factors; an array has .T, .sum() and .shape.",
    "IndexError": "An index goes past the end: components are 0 to K − 1, points 0 to N − 1.",
    "KeyError": "Look at what the dictionary holds.",
    "ZeroDivisionError": "Something that you divide by is zero.",
    "RecursionError": "Your function calls itself without end.",
    "LinAlgError": "A matrix has no inverse or no Cholesky factor. Is it the right one, square and symmetric?",
    "Forbidden": "A law asks for something that a right answer fulfills. Find it without the right answer.",
}


class BrokenContract(Exception):
    """The answer cannot be compared at all: headline and hint say why. One that is final ends the check at once."""

    def __init__(self, headline, hint="", final=False):
        super().__init__(headline, hint)
        self.headline, self.hint, self.final = headline, hint, final


@dataclass(frozen=True)
class Answer:
    """What the student's function returned for one case, in parts, and whether in double precision."""

    parts: list
    is_double: bool = True


def ask(answer, exercise, case, order=None):
    """The student's function on one case, with its arguments in another order if one is given."""
    names, arguments = exercise.arguments, case.arguments(exercise.arguments)
    if order is not None:
        names, arguments = [names[i] for i in order], [arguments[i] for i in order]
    parts = called(answer, names, arguments, lambda result: read(result, exercise), exercise.title)
    is_double = all(part.dtype.kind != "f" or part.dtype.itemsize != 4 for part in parts)
    return Answer([np.asarray(part, dtype=float) for part in parts], is_double)


def called(answer, names, arguments, reader, title):
    """What the student's function returns for these arguments, read; raises BrokenContract if it does not."""
    refuse_other_arguments(answer, names, arguments, title)
    before = copy.deepcopy(arguments)
    result, error = watched(lambda: reader(answer(*arguments)))
    if error is not None:
        raise error if isinstance(error, BrokenContract) else in_words(error)
    refuse_changes(names, arguments, before)
    return result


def refuse_other_arguments(answer, names, arguments, title):
    try:
        signature = inspect.signature(answer)
    except (TypeError, ValueError):
        return
    try:
        signature.bind(*arguments)
    except TypeError:
        raise BrokenContract(
            f"your function takes {signature}",
            f"It is called with ({', '.join(names)}), in this order, as {title} is.",
            final=True,
        ) from None


def refuse_changes(names, values, before):
    for name, value, original in zip(names, values, before):
        if changed(value, original):
            what = "array" if isinstance(value, np.ndarray) else type(value).__name__
            raise BrokenContract(
                f"you changed the {what} {name} that you were given",
                "Whoever calls you still needs it. Work on a copy, x = x.copy(), and write x = x - y, not x -= y.",
                final=True,
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
    if isinstance(error, TimeIsOver):
        return BrokenContract(
            "your function did not come to an end within three seconds",
            "Is it endless? Look at the condition that ends your loop: does it ever become true? A common slip "
            "compares the gain with tolerance times the log-likelihood, which is negative; use its absolute value.",
            final=True,
        )
    if isinstance(error, NotImplementedError):
        return BrokenContract(YOUR_TURN, innermost(error), final=True)
    if isinstance(error, Forbidden):
        return BrokenContract(f"your function calls gmm.{error}", WHAT_TO_DO["Forbidden"], final=True)
    line, name = own_line(error), type(error).__name__
    where = f"\nIn your line {line[0]}: `{line[1]}`" if line else ""
    says = str(error).rstrip(".") or "nothing more"
    advice = f"\n{WHAT_TO_DO[name]}" if name in WHAT_TO_DO else ""
    return BrokenContract(f"your function raised {name}", f"It says: {says}.{where}{advice}")


# ---- read


def read(result, exercise):
    """The parts of a result as arrays; a generator is asked for its first steps."""
    refuse_nothing(result)
    if exercise.is_climb:
        return stacked(list(itertools.islice(result, STEPS)))
    parts = list(exercise.parts)
    results = [result] if len(parts) == 1 else several(result, dict(zip(parts, exercise.axes)))
    return [numbers(part, name) for part, name in zip(results, parts)]


def refuse_nothing(result):
    if result is None or result is NotImplemented:
        raise BrokenContract(f"your function returned {result}", "Did you forget to return the result?", final=True)


def several(result, axes, where=""):
    """The results in the order of axes: name → number of axes. A dict may have them in any order, by their names."""
    results, expected = results_of(result, axes), [*axes.values()]
    order = f"Return {', '.join(map(spoken, axes))}, in this order."
    if len(results) != len(axes):
        raise BrokenContract(f"{where}you returned {told(result, results)}, expected {len(axes)}", order)
    found = [0 if axes_of(part) == 1 == len(part) else axes_of(part) for part in results]
    if found != expected and None not in found and len(set(found)) == len(found) and set(found) == set(expected):
        yours = [spoken(name) for number in found for name in axes if axes[name] == number]
        raise BrokenContract(f"{where}your results come in another order: {', '.join(yours)}", order)
    return results


def told(result, results):
    """How many results there are; an array, or a list of numbers, is one."""
    axes = axes_of(result)
    if len(results) != 1 and axes and not isinstance(result, (tuple, dict)):
        return f"one array of shape {np.shape(result)}"
    return f"{len(results)} result{'s' * (len(results) != 1)}"


def results_of(result, names):
    if isinstance(result, dict):
        mixtures = [dict(zip(MIXTURE, part)) for part in result.values() if is_mixture(part)]
        by_name = result | (mixtures[0] if mixtures else {})
        if set(names) <= set(by_name):
            return [by_name[name] for name in names]
    try:
        return [listed(part) for part in flat(listed(result))]
    except TypeError:
        return [result]


def flat(result):
    """Mixtures and nested tuples as one list of their arrays."""
    if is_mixture(result):
        return list(result)
    result = list(result.values() if isinstance(result, dict) else result)
    if any(is_mixture(part) for part in result):
        return [array for part in result for array in (list(part) if is_mixture(part) else [part])]
    return result


def is_mixture(value):
    """A Mixture, or three arrays with one, two and three axes."""
    if hasattr(value, "covariances"):
        return not hasattr(value, "counts")  # a Summary has both
    return isinstance(value, (tuple, list)) and len(value) == 3 and [axes_of(part) for part in value] == [1, 2, 3]


def axes_of(value):
    try:
        return np.ndim(value)
    except ValueError:
        return None


def listed(value):
    """What can be gone through only once, such as a generator or a map, as a list."""
    if isinstance(value, (list, tuple)) and not hasattr(value, "_fields"):
        return type(value)(map(listed, value))
    if isinstance(value, (Iterator, ValuesView)):
        items = [listed(part) for part in itertools.islice(value, MOST_ITEMS)]
        if len(items) == MOST_ITEMS:
            raise BrokenContract("what you return has no end", "Return an array, or a list of numbers.", final=True)
        return items
    return value


def stacked(steps):
    if len(steps) < STEPS:
        count = f"{len(steps)} step{'s' * (len(steps) != 1)}"
        raise BrokenContract(f"your climb ended after {count}", "It should go on for as long as it is asked to.")
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


def counted(number, name):
    return f"{number} {name}{'s' * (number != 1)}"


def names_of(function, arguments):
    """The names under which a function takes these arguments, if it has one for each."""
    try:
        names = list(inspect.signature(function).bind(*arguments).arguments)
    except (TypeError, ValueError):
        return None
    return names if len(names) == len(arguments) else None


def numbered(name, count):
    return [f"{name} {number}" for number in range(1, count + 1)]
