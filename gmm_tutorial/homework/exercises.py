"""The formulas that can be checked: what each takes, what it returns, and where the course explains it.

One line is all that a new formula of the package needs: its name, its arguments, its results with their axes, and the
section that explains it. Arguments are found by name in `inputs.Case`, which has a property for each. If the formula is
built on others, a method of Course says so, and their mistakes are known in it too.
"""

import itertools
import re
from dataclasses import dataclass, replace
from functools import cached_property
from inspect import getdoc, unwrap

import numpy as np

import gmm_tutorial.homework.mistakes  # noqa: F401
from gmm_tutorial.homework import inputs
from gmm_tutorial.homework.asking import flat
from gmm_tutorial.homework.course import RIGHT, Course, reached_from
from gmm_tutorial.homework.inputs import CASES, FAR, SMALL
from gmm_tutorial.homework.laws import LAWS
from gmm_tutorial.homework.package import FORMULAS
from gmm_tutorial.homework.registry import mistakes_of

MOST_PAIRS = 2000  # so many pairs of mistakes are tried
SOURCE = r"\s{5,}[A-Z][\w, &.]*\(\d{4}\).*"
WHOLE = "weights:K means:KD covariances:KDD"
SUMMARY = "log_likelihood: counts:K means:KD covariances:KDD"
DENSITY, SHARES = "02_the_model.ipynb#4 · The density in several dimensions", "03_responsibility.ipynb#"
LIKELIHOOD, STEP = "02_the_model.ipynb#6 · The likelihood", "04_mean_covariance_weights.ipynb#"
WHY, START, CLIMB = "01_why_mixtures.ipynb#", "05_initialization.ipynb#", "06_expectation_maximization.ipynb#"
WHICH, REAL = "08_when_em_breaks.ipynb#7 · Which component is which?", "10_real_data.ipynb#"
CONDITIONAL, SHAPE = (
    f"{REAL}7. How long will you wait? The conditional mean",
    "02_the_model.ipynb#3 · Read a covariance matrix",
)


@dataclass(frozen=True)
class Exercise:
    """One formula: its name in the Course, its arguments, its results and their axes, and where it is explained."""

    place: str
    takes: str
    returns: str
    link: str
    package: object = None
    special: tuple = ()
    small: tuple = (*SMALL,)
    which_is_small: str = "Three points"

    def __post_init__(self):
        object.__setattr__(self, "package", self.package or FORMULAS[self.place])

    @cached_property
    def cases(self):
        usable = CASES if self.place != "conditional_mean" else [case for case in CASES if case.sizes["D"] > 1]
        return (*usable, *self.special)

    @property
    def arguments(self):
        return self.takes.split()

    @cached_property
    def parts(self):
        """Name → axes of each result."""
        return dict(part.split(":") for part in self.returns.split())

    @property
    def axes(self):
        """How many axes each result has."""
        return [len(axes) for axes in self.parts.values()]

    @property
    def is_climb(self):
        return self.place == "trace" and "TK" in self.returns

    @property
    def title(self):
        return f"gmm.{self.package.__name__}"

    @property
    def success(self):
        return f"agrees with {self.title}"

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
        return [Candidate(self, (m,), version) for m in self.mistakes for version in m.versions]

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
        return [one.together_with(other) for one, other in both[: MOST_PAIRS // (4 if self.place == "trace" else 1)]]

    def right(self, case):
        return self.by(RIGHT, case)

    def by(self, course, case):
        """What this course answers: one array for each part."""
        result = getattr(course, self.place)(*(case[name] for name in self.arguments))
        return [np.asarray(part, dtype=float) for part in (flat(result) if len(self.parts) > 1 else [result])]


class Candidate:
    """The course with one mistake or with two, and what it answers: computed when asked for, and once."""

    def __init__(self, exercise, mistakes, version=None):
        self.exercise, self.mistakes, self.computed = exercise, mistakes, []
        self.course = Course(**{mistake.place: version or mistake.versions[0] for mistake in mistakes})

    def together_with(self, other):
        pair = Candidate(self.exercise, (*self.mistakes, *other.mistakes))
        vars(pair.course).update(vars(self.course) | vars(other.course))
        return pair

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


far, ties = tuple(FAR), (inputs.TIES,)
ONE_STEP = Exercise("one_step", "points mixture", WHOLE, f"{CLIMB}1. One iteration by hand", FORMULAS["em"])
ONE_STEP_AND_ITS_LOG_LIKELIHOOD = Exercise(
    "one_step_and_its_log_likelihood",
    "points mixture",
    f"{WHOLE} log_likelihood:",
    f"{CLIMB}3. Each likelihood belongs to the mixture beside it",
    FORMULAS["em"],
)
TRACE = Exercise(
    "trace",
    "points mixture",
    "log_likelihoods:T weights:TK means:TKD covariances:TKDD",
    f"{CLIMB}2. The loop has no end",
    FORMULAS["em"],
)
FIT = replace(
    TRACE,
    returns="log_likelihoods:T weights:K means:KD covariances:KDD",
    link=f"{CLIMB}6. When to stop",
    package=FORMULAS["fit"],
)
EXERCISES = [
    Exercise("whiten", "points mean factor", "whitened_points:ND", DENSITY, special=far),
    Exercise("log_gaussian", "points mean covariance", "log_densities:N", DENSITY, special=far),
    Exercise("log_gaussian_by_factor", "points mean factor", "log_densities:N", DENSITY, special=far),
    Exercise("log_joint", "points mixture", "log_joints:NK", f"{SHARES}5. Do not leave out the weights", special=far),
    Exercise(
        "bayes",
        "log_joints",
        "responsibilities:NK log_densities:N",
        f"{SHARES}8. Cure: subtract the largest",
        special=far,
    ),
    Exercise(
        "responsibility",
        "points mixture",
        "responsibilities:NK",
        f"{SHARES}3. The components compete for each point",
        special=far,
    ),
    Exercise("log_density", "points mixture", "log_densities:N", LIKELIHOOD, special=far),
    Exercise("log_likelihood", "points mixture", "log_likelihood:", LIKELIHOOD, special=far),
    Exercise("label", "points mixture", "labels:N", f"{SHARES}It is not a label either", special=(*far, *ties)),
    Exercise(
        "e_step",
        "points mixture",
        "responsibilities:NK log_likelihood:",
        f"{SHARES}3. The components compete for each point",
        special=far,
    ),
    Exercise("count", "responsibilities", "counts:K", f"{STEP}5 · How large should each share be?"),
    Exercise("weight", "responsibilities", "weights:K", f"{STEP}5 · How large should each share be?"),
    Exercise("mean", "points responsibilities", "means:KD", f"{STEP}3 · Where should the mean go?", special=far),
    Exercise(
        "covariance",
        "points responsibilities means",
        "covariances:KDD",
        f"{STEP}4 · How wide should it be?",
        special=far,
    ),
    Exercise("m_step", "points responsibilities", WHOLE, f"{STEP}6 · Do the three together maximize Q?", special=far),
    TRACE,
    Exercise(
        "summarize",
        "points mixture",
        SUMMARY,
        "11_more_data.ipynb#1. What does EM want to know of the points?",
        special=(FAR[0], inputs.FAR_FROM_ONE),
    ),
    Exercise("merge", "one other", SUMMARY, "11_more_data.ipynb#2. Merge two blocks", special=(inputs.ZERO_COUNTS,)),
    Exercise("maximize", "summary", WHOLE, "11_more_data.ipynb#4. EM is a reduce over a map"),
    Exercise(
        "squared_distance",
        "points centers",
        "squared_distances:NK",
        f"{WHY}1. What k-means does",
        special=(*far, *ties),
    ),
    Exercise("hard_responsibility", "points centers", "sides:NK", f"{WHY}1. What k-means does", special=(*far, *ties)),
    Exercise(
        "kmeans",
        "points centers",
        "centers:KD",
        f"{START}5. k-means: EM with hard responsibilities",
        special=(inputs.EMPTIED, inputs.MANY_ROUNDS),
    ),
    Exercise("mixture_around", "points centers", WHOLE, f"{START}2. From centers to a mixture"),
    Exercise("ordered", "mixture", WHOLE, WHICH),
    Exercise("matched", "mixture reference", WHOLE, WHICH, special=tuple(inputs.TO_MATCH)),
    Exercise("marginal", "mixture dimensions", "weights:K means:KC covariances:KCC", CONDITIONAL),
    Exercise(
        "conditional_mean",
        "known mixture",
        "expected_others:NC",
        CONDITIONAL,
        special=(*far, inputs.FAR_ALONG_THE_FIRST),
        small=(SMALL[1],),
    ),
    Exercise("total_mean", "mixture", "mean:D", f"{WHY}5. Old Faithful on a line"),
    Exercise("total_covariance", "mixture", "covariance:DD", f"{WHY}5. Old Faithful on a line"),
    Exercise("tied", "mixture", WHOLE, f"{STEP}Exercise 4.3 · One covariance for all"),
    Exercise("diagonal", "mixture", WHOLE, SHAPE),
    Exercise("spherical", "mixture", WHOLE, SHAPE),
    Exercise("ridge", "mixture", WHOLE, f"{CLIMB}10. What convergence does not say"),
    Exercise("n_parameters", "mixture", "parameters:", LIKELIHOOD),
    Exercise("aic", "points mixture", "criterion:", LIKELIHOOD),
    Exercise("bic", "points mixture", "criterion:", LIKELIHOOD),
    Exercise("icl", "points mixture", "criterion:", "09_how_many.ipynb#5. ICL: BIC and the doubt"),
]
DRAWN = [
    Exercise(
        "kmeans_plus_plus",
        "points K rng",
        "centers:KD",
        f"{START}4. k-means++: far from the *nearest* center",
    ),
    Exercise("random_points", "points K rng", "centers:KD", f"{START}3. Random points"),
    Exercise(
        "sample", "mixture size rng", "points:ND labels:N", "02_the_model.ipynb#5 · Several Gaussians, and a story"
    ),
]
BY_FORMULA = {exercise.package: exercise for exercise in [*EXERCISES, FIT, *DRAWN]}


def exercise_of(formula):
    """The exercise of a formula of the package, or None."""
    try:
        return BY_FORMULA.get(unwrap(formula))
    except TypeError:  # neither a function nor hashable
        return None
