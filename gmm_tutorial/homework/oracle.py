"""Any function as the right answer, and laws that the caller gives.

An oracle is asked once for each input; contract, comparison and localization are those of the formulas. A law is a
function of the student's function that is true if it keeps the law; its docstring is what the student reads when it is
broken. The student's function is watched inside a law as it is elsewhere.
"""

import copy
import functools

import numpy as np

from gmm_tutorial.homework.asking import (
    BrokenContract,
    counted,
    flat,
    in_words,
    is_mixture,
    names_of,
    numbered,
    refuse_changes,
    refuse_nothing,
)
from gmm_tutorial.homework.diagnosis import RIGHT, Finding
from gmm_tutorial.homework.watch import Forbidden, TimeIsOver, watched, without


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

    laws = mistakes = candidates = ()
    formula = link = words = place = ""
    is_climb = False
    which_is_small = "An input"

    def __init__(self, answer, function, on):
        self.title = getattr(function, "__name__", "the formula")
        self.arguments = names_of(answer, on[0]) or names_of(function, on[0]) or numbered("argument", len(on[0]))
        self.cases = [Given(self.arguments, arguments, function) for arguments in on]
        self.parts = dict.fromkeys(self.cases[0].right)
        self.rights = list(map(self.right, self.cases))

    @property
    def success(self):
        return f"is right on {counted(len(self.cases), 'input')}"

    @property
    def axes(self):
        return [right.ndim for right in self.cases[0].right.values()]

    @property
    def small(self):
        return sorted(self.cases, key=lambda case: sum(map(size, case.values())))

    def right(self, case):
        return list(case.right.values())


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


# ---- laws


class Promises:
    """The laws in their order, with the words that a Result wants; and what the answer should do without."""

    formula = link = words = ""

    def __init__(self, laws, forbidden=()):
        self.laws, self.forbidden = list(laws), forbidden

    @property
    def success(self):
        return f"keeps {counted(len(self.laws), 'law')}"


def examine_promises(answer, promises):
    for law in promises.laws:
        try:
            kept = is_kept(law, answer, promises.forbidden)
        except BrokenContract as broken:
            return Finding(*broken.args)
        if not kept:
            return Finding(f"a law is broken: {named(law)}", sentence(law))
    return RIGHT


def is_kept(law, answer, forbidden=()):
    """Whether the law holds; raises BrokenContract if the student's function gives it nothing to judge."""
    raised = []
    kept, error = watched(lambda: bool(law(guarded(answer, raised, forbidden))))
    if error is None:
        return kept
    if isinstance(error, BrokenContract):
        raise error
    if isinstance(error, (NotImplementedError, TimeIsOver, Forbidden)) or error in raised:
        raise in_words(error)
    raise BrokenContract(
        f"what your function returns does not suit a law: {named(law)}",
        f"{sentence(law)}\nTrying it raised {type(error).__name__}: {error}. Is the shape right, and the type?",
    )


def guarded(answer, raised, forbidden=()):
    """The student's function with its contract; it works on copies, and what it raises is remembered."""

    @functools.wraps(answer)
    def call(*arguments, **options):
        copies, named_copies = [*map(kept, arguments)], {name: kept(value) for name, value in options.items()}
        try:
            with without(*forbidden):
                result = answer(*copies, **named_copies)
        except Exception as error:
            raised.append(error)
            raise
        refuse_nothing(result)
        names = names_of(answer, arguments) or numbered("argument", len(arguments))
        refuse_changes([*names, *options], [*copies, *named_copies.values()], [*arguments, *options.values()])
        return result

    return call


def kept(value):
    """A copy of what can be changed by accident; a random number generator goes on as it is."""
    return copy.deepcopy(value) if isinstance(value, (np.ndarray, list, tuple, dict)) else value


def named(law):
    return getattr(law, "__name__", "a law").replace("_", " ")


def sentence(law):
    return " ".join((law.__doc__ or "").split())
