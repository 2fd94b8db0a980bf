"""The one way to call a student's function, and to read what it returns. What cannot be read is a BrokenContract."""

import copy
import functools
import inspect
import itertools
import re
from collections.abc import Iterator, ValuesView

import numpy as np

from gmm_tutorial.homework.mistakes import general as known
from gmm_tutorial.homework.watch import Forbidden, TimeIsOver, innermost, own_line, watched

MOST_ITEMS, YOUR_TURN = 100_000, "your turn"
MIXTURE = ("weights", "means", "covariances")
assert_equal = np.testing.assert_equal  # bound before student code is run


class BrokenContract(Exception):
    """The answer cannot be compared at all: headline and hint say why. One that is final ends the check at once."""

    def __init__(self, headline, hint="", final=False):
        super().__init__(headline, hint)
        self.headline, self.hint, self.final = headline, hint, final


# ---- call


def ask(answer, exercise, case, order=None):
    """The student's arrays for one case, with its arguments in another order if one is given."""
    names = [exercise.arguments[i] for i in order or range(len(exercise.arguments))]
    arguments = [afresh(case[name]) for name in names]
    return called(answer, names, arguments, lambda result: exercise.reader(result, exercise.parts), exercise.title)


def called(answer, names, arguments, reader, title):
    """What the student's function returns for these arguments, read; raises BrokenContract if it does not."""
    try:
        inspect.signature(answer).bind(*arguments)
    except ValueError:  # a function without a signature, such as max
        pass
    except TypeError:
        raise BrokenContract(
            f"your function takes {inspect.signature(answer)}",
            f"It is called with ({', '.join(names)}), in this order, as {title} is.",
            final=True,
        ) from None
    result, error = watched(careful(answer, reader, names), *arguments)
    if error is not None:
        raise in_words(error, known.ENDLESS_FIT if title == "gmm.fit" else known.ENDLESS)
    return result


def careful(answer, reader, names=None):
    """The answer, read, on copies of what it is given; raises BrokenContract if it changes one of them."""

    @functools.wraps(answer)
    def call(*arguments, **options):
        own, own_options = [*map(copied, arguments)], {name: copied(value) for name, value in options.items()}
        try:
            result = reader(answer(*own, **own_options))
        except BaseException as error:
            error.is_of_the_answer = True
            raise
        labels = names or names_of(answer, arguments) or numbered("argument", len(arguments))
        given = zip([*labels, *options], [*own, *own_options.values()], [*arguments, *options.values()])
        for name, value, original in given:
            if changed(value, original):
                what = "array" if isinstance(value, np.ndarray) else type(value).__name__
                raise BrokenContract(
                    f"you changed the {what} {name} that you were given",
                    "Whoever calls you still needs it. Work on a copy, x = x.copy(), and write x = x - y, not x -= y.",
                    final=True,
                )
        return result

    return call


def copied(value):
    """A copy of what can be changed by accident; a random number generator goes on as it is."""
    is_data = isinstance(value, (list, tuple, dict)) or hasattr(value, "__array__")
    return copy.deepcopy(value) if is_data else value


def afresh(value):
    """A copy, of a random number generator too, so that every call begins with the same numbers."""
    return copy.deepcopy(value) if isinstance(value, np.random.Generator) else copied(value)


def changed(value, before):
    if hasattr(value, "__array__"):
        value, before = np.asarray(value), np.asarray(before)
    try:
        assert_equal(value, before)
    except AssertionError:
        return True
    except ValueError:  # tables in a list, which cannot be compared as a whole
        return False
    return False


def names_of(function, arguments):
    """The names under which a function takes these arguments, if it has one for each."""
    try:
        names = list(inspect.signature(function).bind(*arguments).arguments)
    except (TypeError, ValueError):
        return None
    return names if len(names) == len(arguments) else None


def numbered(name, count):
    return [f"{name} {number}" for number in range(1, count + 1)]


def in_words(error, endless=known.ENDLESS):
    """The BrokenContract that an exception amounts to."""
    if isinstance(error, BrokenContract):
        return error
    if isinstance(error, TimeIsOver):
        return BrokenContract("your function did not come to an end within three seconds", endless, final=True)
    if isinstance(error, NotImplementedError):
        return BrokenContract(YOUR_TURN, innermost(error), final=True)
    if isinstance(error, Forbidden):
        return BrokenContract(f"your function calls gmm.{error}", known.FORBIDDEN, final=True)
    line, name, said = own_line(error), type(error).__name__, said_by(error)
    where = f"\nIn your line {line.lineno}: `{line.line}`" if line else ""
    fitting = [advice for how, advice in known.WHAT_TO_DO.items() if re.match(how, f"{name}: {said}")]
    return BrokenContract(f"your function raised {name}", "\n".join([f"It says: {said}.{where}", *fitting[:1]]))


def said_by(error):
    """The words of an exception, which may be a class of the student."""
    words, _ = watched(str, error)
    return (words or "nothing more").rstrip(".")


# ---- read


def read(result, parts):
    """The arrays of a result; parts is name → axes."""
    results = [refuse_nothing(result)] if len(parts) == 1 else several(refuse_nothing(result), parts)
    return [numbers(part, name) for part, name in zip(results, parts)]


def refuse_nothing(result):
    """The result, if there is one."""
    if result is None or result is NotImplemented:
        raise BrokenContract(f"your function returned {result}", "Did you forget to return the result?", final=True)
    return result


def several(result, parts, where=""):
    """The results in the order of parts: name → axes. A dict may have them in any order, by their names."""
    expected = [len(axes) for axes in parts.values()]
    is_array = isinstance(result, np.ndarray) and result.dtype != object and len(set(expected)) > 1
    results = [result] if is_array else results_of(result, parts)
    order = f"Return {', '.join(map(spoken, parts))}, in this order."
    if len(results) != len(parts):
        is_array = isinstance(result, (np.ndarray, list)) and axes_of(result)
        told = f"one array of shape {np.shape(result)}" if is_array else counted(len(results), "result")
        raise BrokenContract(f"{where}you returned {told}, expected {len(parts)}", order)
    found = [0 if axes_of(part) == 1 == len(part) else axes_of(part) for part in results]
    if found != expected and None not in found and len(set(found)) == len(found) and set(found) == set(expected):
        yours = [spoken(name) for number in found for name in parts if len(parts[name]) == number]
        raise BrokenContract(f"{where}your results come in another order: {', '.join(yours)}", order)
    return results


def results_of(result, names=()):
    """The results one by one, in the order of names if they have names."""
    if names and isinstance(result, dict):
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
    return [array for part in result for array in (part if is_mixture(part) else [part])]


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


def numbers(part, name):
    if part is None:
        raise BrokenContract(f"your {spoken(name)} came back as None", "Did you forget to compute or to return it?")
    try:
        part = listed(part)
        array = np.asarray(part)
        if array.dtype.kind in "cSU":
            raise TypeError
        return array if array.dtype.kind in "biuf" else np.asarray(part, dtype=float)
    except (TypeError, ValueError):
        found = f"numbers of type {part.dtype}" if isinstance(part, np.ndarray) else type(part).__name__
        raise BrokenContract(
            f"your {spoken(name)} cannot be read as an array of real numbers (found {found})",
            "Return numbers, in rows of equal length.",
        ) from None


def spoken(name):
    return name.replace("log_", "log-").replace("_", " ")


def counted(number, name):
    return f"{number} {name}{'s' * (number != 1)}"
