"""Any function as the right answer, on inputs that the caller gives.

The oracle is asked once for each input. The laws and the wrong versions of the package's formulas are not used here;
contract, comparison and algebra are the same.
"""

import copy
import inspect

import numpy as np

from gmm_tutorial.homework.exercises import flat, is_mixture


class Given(dict):
    """One input, each argument under its name, and what is right for it."""

    def __init__(self, names, arguments, oracle):
        super().__init__(zip(names, arguments))
        try:
            self.right = in_parts(oracle(*self.arguments(names)))
        except Exception as error:
            found = f"{type(error).__name__}: {error}"
            raise ValueError(f"formula has no answer in numbers for one of the inputs in on ({found}).") from error

    def arguments(self, names):
        return [copy.deepcopy(self[name]) for name in names]


class Oracle:
    """What `examine` wants to know of an exercise: here without laws, mistakes and names of axes."""

    laws = mistakes = ()
    formula = link = words = ""
    which_is_small = "An input"

    def __init__(self, answer, function, on):
        self.title = getattr(function, "__name__", "the formula")
        self.arguments = names_of(answer, on[0]) or names_of(function, on[0]) or numbered("argument", len(on[0]))
        self.cases = [Given(self.arguments, arguments, function) for arguments in on]

    @property
    def success(self):
        return f"is right on {counted(len(self.cases), 'input')}"

    @property
    def parts(self):
        return dict.fromkeys(self.cases[0].right)

    @property
    def axes(self):
        return [right.ndim for right in self.cases[0].right.values()]

    @property
    def small(self):
        return sorted(self.cases, key=lambda case: sum(map(size, case.values())))

    def right(self, case):
        return list(case.right.values())


def names_of(function, arguments):
    """The names under which a function takes these arguments, if it has one for each."""
    try:
        names = list(inspect.signature(function).bind(*arguments).arguments)
    except (TypeError, ValueError):
        return None
    return names if len(names) == len(arguments) else None


def numbered(name, count):
    return [f"{name} {number}" for number in range(1, count + 1)]


def counted(number, name):
    return f"{number} {name}{'s' * (number != 1)}"


def in_parts(result):
    """Name → array of each result: a mixture has three, a tuple or a dict as many as it holds, all else is one."""
    parts = flat(result) if isinstance(result, (tuple, dict)) or is_mixture(result) else [result]
    names = ["weights", "means", "covariances"] if is_mixture(result) else numbered("result", len(parts))
    if len(parts) == 1:
        names, parts = ["numbers"], [result]
    return {name: np.asarray(part, dtype=float) for name, part in zip(names, parts)}


def size(value):
    try:
        return np.size(value)
    except ValueError:  # rows of different length
        return sum(map(size, value))
