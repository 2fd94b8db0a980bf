"""What an answer is held against: a formula of the package, and what somebody gets who is mistaken in it."""

import itertools
import re
from dataclasses import dataclass
from functools import cached_property
from inspect import getdoc

import numpy as np

from gmm_tutorial.homework.asking import flat, read
from gmm_tutorial.homework.course import RIGHT, Course, reached_from
from gmm_tutorial.homework.inputs import CASES, SMALL
from gmm_tutorial.homework.laws import LAWS
from gmm_tutorial.homework.package import FORMULAS
from gmm_tutorial.homework.registry import mistakes_of

MOST_PAIRS = 2000  # so many pairs of mistakes are tried
SOURCE = r"\s{5,}[A-Z][\w, &.]*\(\d{4}\).*"


@dataclass(eq=False)
class Exercise:
    """One formula: its name in the Course, its arguments, its results and their axes, and where it is explained.

    takes "points responsibilities"; returns "means:KD covariances:KDD", which becomes parts, name → axes
    """

    place: str
    takes: str
    returns: str
    link: str
    package: object = None
    ordinary: tuple = (*CASES,)
    special: tuple = ()
    small: tuple = (*SMALL,)
    reader: object = read

    def __post_init__(self):
        self.package = self.package or FORMULAS[self.place]
        self.title = f"gmm.{self.package.__name__}"
        self.success = f"agrees with {self.title}"
        self.arguments = self.takes.split()
        self.parts = dict(part.split(":") for part in self.returns.split())
        self.cases = (*self.ordinary, *self.special)

    @property
    def words(self):
        """What the formula returns, and the shapes that go in and come out."""
        lines = getdoc(self.package).splitlines()
        arrow = next((line.strip() for line in lines if "→" in line and "(" in line.partition("→")[0]), "")
        return f"{lines[0]}\n{arrow}".strip()

    @property
    def formula(self):
        """The indented lines of the docstring, without the source."""
        paragraphs = getdoc(self.package).split("\n\n")
        lines = next((each for each in paragraphs if each.startswith("    ")), "").splitlines()
        return "   ".join(re.sub(r"\s{3,}", "   ", re.sub(SOURCE, "", line).strip()) for line in lines)

    @cached_property
    def laws(self):
        given = [*self.arguments, *(["log_joints"] if "mixture" in self.arguments else [])]
        return [law for law in LAWS if law.applies(given, self.parts)]

    @cached_property
    def mistakes(self):
        """The nearest first: those of the whole step before those of one density."""
        return mistakes_of(reached_from(self.place))

    @cached_property
    def symptoms(self):
        return mistakes_of([self.package.__name__], symptoms=True)

    @cached_property
    def rights(self):
        return [self.right(case) for case in self.cases]

    @cached_property
    def candidates(self):
        """Every version of every mistake, with what it answers for each case: None where it cannot run."""
        return [Candidate(self, (m,), {m.place: version}) for m in self.mistakes for version in m.versions]

    @cached_property
    def pairs(self):
        """Two mistakes in different places that both show; those that come first in the catalogue are first."""
        ranks, rows = {}, []
        for candidate in self.candidates:
            (mistake,), parts = candidate.mistakes, candidate.parts(0)
            if mistake.is_valid or parts is None or all(map(np.array_equal, parts, self.rights[0])):
                continue
            ranks[mistake.place] = ranks.get(mistake.place, 0) + 1
            rows.append((ranks[mistake.place], candidate))
        both = sorted(itertools.combinations(rows, 2), key=lambda pair: pair[0][0] + pair[1][0])
        both = [(a, b) for (_, a), (_, b) in both if a.mistakes[0].place != b.mistakes[0].place]
        both = both[: MOST_PAIRS // (4 if self.reader is not read else 1)]  # steps take longer
        return [Candidate(self, a.mistakes + b.mistakes, a.replaced | b.replaced) for a, b in both]

    def right(self, case):
        return self.by(RIGHT, case)

    def by(self, course, case):
        """What this course answers: one array for each part."""
        result = getattr(course, self.place)(*(case[name] for name in self.arguments))
        return [np.asarray(part, dtype=float) for part in (flat(result) if len(self.parts) > 1 else [result])]


class Candidate:
    """The course with one mistake or with two, and what it answers: computed when asked for, and once."""

    def __init__(self, exercise, mistakes, replaced):
        self.exercise, self.mistakes, self.replaced, self.computed = exercise, mistakes, replaced, []

    def parts(self, number):
        while len(self.computed) <= number:
            self.computed.append(self.compute(self.exercise.cases[len(self.computed)]))
        return self.computed[number]

    def compute(self, case):
        try:
            with np.errstate(all="ignore"):
                return self.exercise.by(Course(**self.replaced), case)
        except Exception:  # a wrong version that cannot run on this input has not made the student's numbers
            return None
