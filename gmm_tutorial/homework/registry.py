"""The one registry of mistakes. A mistake is a small function whose docstring is the hint that a student reads.

    @mistake("mean")            a wrong version of a formula, or of a part of one: known wherever the formula is used
    @symptom("sample")          something that was seen: a function of what was seen; True, or how well it fits
    @valid_variant("em")        a version that is right, and another one than the course's

An option with several values, `@mistake("mean", N=(10, 100))`, is tried with each of them.
"""

import itertools
from dataclasses import dataclass
from functools import partial

MISTAKES = []


@dataclass(frozen=True)
class Mistake:
    """One way to be wrong: the place in the course, the function, and the ways in which it is written."""

    place: str
    wrong: object
    versions: tuple
    is_valid: bool = False
    is_symptom: bool = False

    @property
    def name(self):
        return self.wrong.__name__.replace("_", " ")

    @property
    def hint(self):
        return " ".join(self.wrong.__doc__.split())


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
