"""Laws that the caller gives: functions of the student's function that are true if it keeps the law.

The docstring of a law is what the student reads when it is broken. The student's function is watched inside the law as
it is elsewhere: it may raise, print, return nothing, change what it is given, or never end.
"""

import copy
import functools

import numpy as np

from gmm_tutorial.homework.diagnosis import BrokenContract, Finding, in_words, refuse_changes, refuse_nothing
from gmm_tutorial.homework.oracle import counted, names_of, numbered
from gmm_tutorial.homework.watch import TimeIsOver, watched


class Promises:
    """The laws in their order, with the words that a Result wants."""

    formula = link = words = ""

    def __init__(self, laws):
        self.laws = list(laws)

    @property
    def success(self):
        return f"keeps {counted(len(self.laws), 'law')}"


def examine_promises(answer, promises):
    for law in promises.laws:
        try:
            kept = is_kept(law, answer)
        except BrokenContract as broken:
            return Finding(*broken.args)
        if not kept:
            return Finding(f"a law is broken: {named(law)}", sentence(law))
    return Finding("right", passed=True)


def is_kept(law, answer):
    """Whether the law holds; raises BrokenContract if the student's function gives it nothing to judge."""
    raised = []
    kept, error = watched(lambda: bool(law(guarded(answer, raised))))
    if error is None:
        return kept
    if isinstance(error, BrokenContract):
        raise error
    if isinstance(error, (NotImplementedError, TimeIsOver)) or error in raised:
        raise in_words(error)
    raise BrokenContract(
        f"what your function returns does not suit a law: {named(law)}",
        f"{sentence(law)}\nTrying it raised {type(error).__name__}: {error}. Is the shape right, and the type?",
    )


def guarded(answer, raised):
    """The student's function with its contract; it works on copies, and what it raises is remembered."""

    @functools.wraps(answer)
    def call(*arguments, **options):
        copies, named_copies = [*map(kept, arguments)], {name: kept(value) for name, value in options.items()}
        try:
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
