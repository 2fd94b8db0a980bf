"""The one registry, of mistakes and of laws. Each is a small function whose docstring is what a student reads.

    @mistake("mean")            a wrong version of a formula, or of a part of one: known wherever the formula is used
    @symptom("sample")          something that was seen: a function of what was seen; True, or how well it fits
    @valid_variant("em")        a version that is right, and another one than the course's
    @law("Σₖ πₖ = 1", latex)    what every right answer keeps: a function of inputs and results, found by their names

An option with several values, `@mistake("mean", N=(10, 100))`, is tried with each of them.
"""

import inspect
import itertools
from dataclasses import dataclass
from functools import partial

MISTAKES, LAWS = [], []


def name_of(function):
    return getattr(function, "__name__", "a law").replace("_", " ")


def sentence_of(function):
    """The docstring in one line."""
    return " ".join((function.__doc__ or "").split())


@dataclass(frozen=True)
class Mistake:
    """One way to be wrong: the place in the course, the function, and the ways in which it is written."""

    place: str
    wrong: object
    versions: tuple
    is_valid: bool = False
    is_symptom: bool = False

    name = property(lambda self: name_of(self.wrong))
    hint = property(lambda self: sentence_of(self.wrong))


def remember(places, options, **kind):
    def decorate(wrong):
        values = [dict(zip(options, chosen)) for chosen in itertools.product(*options.values())]
        versions = tuple(partial(wrong, **value) if value else wrong for value in values)
        MISTAKES.extend(Mistake(place, wrong, versions, **kind) for place in places)
        return wrong

    return decorate


def mistake(*places, **options):
    return remember(places, options)


def valid_variant(*places, **options):
    return remember(places, options, is_valid=True)


def symptom(*places, **options):
    return remember(places, options, is_symptom=True)


def mistakes_of(places, symptoms=False):
    """The nearest first: those of the whole formula before those of its parts."""
    return [m for place in places for m in MISTAKES if m.place == place and m.is_symptom == symptoms]


@dataclass(frozen=True)
class Law:
    """A law that applies to every formula that returns what its last argument names."""

    holds: object
    formula: str
    latex: str

    sentence = property(lambda self: sentence_of(self.holds))
    names = property(lambda self: list(inspect.signature(self.holds).parameters))

    def applies(self, given, returned):
        return self.names[-1] in returned and set(self.names) <= {*given, *returned}


def law(formula, latex):
    def remember_law(holds):
        LAWS.append(Law(holds, formula, latex))
        return holds

    return remember_law
