"""Any function as the right answer, and laws that the caller gives.

An oracle is asked once for each input; contract, comparison and localization are those of the formulas. A law is a
function of the student's function that is true if it keeps the law; its docstring is what the student reads when it is
broken. The student's function is watched inside a law as it is elsewhere.
"""

import numpy as np

from gmm_tutorial.homework import asking
from gmm_tutorial.homework.asking import BrokenContract, counted, numbered
from gmm_tutorial.homework.diagnosis import RIGHT, Finding
from gmm_tutorial.homework.registry import name_of, sentence_of
from gmm_tutorial.homework.watch import Forbidden, TimeIsOver, watched

NO_VERDICT = "The property itself returned None, neither True nor False. Whoever wrote it should look for its return."


class Subject:
    """What everything has that an answer is held against: here without explanation, laws and mistakes."""

    formula = link = words = place = ""
    laws = candidates = pairs = ()
    reader = staticmethod(asking.read)


class Given(dict):
    """One input, each argument under its name, and what is right for it."""

    def __init__(self, names, arguments, oracle):
        super().__init__(zip(names, arguments))
        try:
            self.right = in_parts(oracle(*map(asking.afresh, arguments)))
        except Exception as error:
            found = f"{type(error).__name__}: {error}"
            raise ValueError(f"formula has no answer in numbers for one of the inputs in on ({found}).") from error


class Oracle(Subject):
    """Any function that is right, with the inputs to compare on, as an exercise without known mistakes."""

    def __init__(self, answer, function, on):
        self.title = getattr(function, "__name__", "the formula")
        names = [asking.names_of(answer, on[0]), asking.names_of(function, on[0]), numbered("argument", len(on[0]))]
        self.arguments = next(filter(None, names))
        self.cases = [Given(self.arguments, arguments, function) for arguments in on]
        if len({len(case.right) for case in self.cases}) > 1:
            raise ValueError("formula returns more results for some inputs than for others: let it return one array.")
        self.small = sorted(self.cases, key=lambda case: sum(map(size, case.values())))
        self.rights = list(map(self.right, self.cases))
        self.parts = {name: "?" * min(case.right[name].ndim for case in self.cases) for name in self.cases[0].right}
        self.success = f"is right on {counted(len(self.cases), 'input')}"

    def right(self, case):
        return list(case.right.values())


def in_parts(result):
    """Name → array of each result: a mixture has three, a tuple or a dict as many as it holds, all else is one."""
    parts = asking.flat(result) if isinstance(result, (tuple, dict)) or asking.is_mixture(result) else [result]
    names = asking.MIXTURE if asking.is_mixture(result) else numbered("result", len(parts))
    if isinstance(result, dict) and len(parts) == len(result):
        names = list(result)
    if len(parts) == 1:
        names, parts = ["numbers"], [result]
    return {name: np.asarray(part, dtype=float) for name, part in zip(names, parts)}


def size(value):
    try:
        return np.size(value)
    except ValueError:  # rows of different length
        return sum(map(size, value))


# ---- laws


class Promises(Subject):
    """The laws in their order, with the words that a Result wants."""

    def __init__(self, laws):
        self.laws = laws
        few = {1: "the property that was tested", 2: "both properties"}
        self.success = f"has {few.get(len(laws), f'all {len(laws)} properties')}"


def examine_promises(answer, promises):
    for law in promises.laws:
        if not is_kept(law, answer):
            return Finding(f"this property does not hold: {name_of(law)}", sentence_of(law))
    return RIGHT


def is_kept(law, answer):
    """Whether the law holds; raises BrokenContract if the student's function gives it nothing to judge."""
    kept, error = watched(verdict, law, asking.careful(answer, asking.refuse_nothing))
    if kept is not None:
        return kept
    speaks_for_itself = isinstance(error, (BrokenContract, NotImplementedError, TimeIsOver, Forbidden))
    if speaks_for_itself or hasattr(error, "is_of_the_answer"):
        raise asking.in_words(error)
    raised = f"the test raised {type(error).__name__}: {asking.said_by(error)}."
    why = f"Check the shape and the type of what you return: {raised}" if error else NO_VERDICT
    raise BrokenContract(f"this property could not be tested: {name_of(law)}", f"{sentence_of(law)}\n{why}".strip())


def verdict(law, answer):
    kept = law(answer)
    return None if kept is None else bool(kept)
