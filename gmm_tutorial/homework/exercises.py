"""The formulas that can be checked: what each takes, what it returns, and where the course explains it.

`Exercise("total_mean", "mixture", "mean:D", "01_…#5. …", derived.total_mean)` is all that a new formula needs. If it is
built on other formulas, a method of Course says so, and their mistakes are known in it too.
"""

import re
from dataclasses import dataclass
from functools import cache, cached_property
from inspect import getdoc, isfunction, unwrap

import numpy as np

from gmm_tutorial import constraints, derived, gaussian, mixture, selection, starts
from gmm_tutorial.em import em
from gmm_tutorial.fit import fit
from gmm_tutorial.homework import course
from gmm_tutorial.homework.course import RIGHT, Course
from gmm_tutorial.homework.inputs import CASES, FAR, FAR_ALONG_THE_FIRST, FAR_FROM_ONE, SMALL
from gmm_tutorial.homework.laws import LAWS
from gmm_tutorial.homework.mistakes import MISTAKES
from gmm_tutorial.scale import summary
from gmm_tutorial.steps import count, covariance, e_step, m_step, mean, weight

MODEL, DOUBT, M_STEP = "02_the_model.ipynb", "03_responsibility.ipynb", "04_mean_covariance_weights.ipynb"
START, CLIMB, WHY = "05_initialization.ipynb", "06_expectation_maximization.ipynb", "01_why_mixtures.ipynb"
SHAPE, BREAKS, REAL, MORE = "09_how_many.ipynb", "08_when_em_breaks.ipynb", "10_real_data.ipynb", "11_more_data.ipynb"
SOURCE = r"\s{5,}[A-Z][\w, &.]*\(\d{4}\).*"


@dataclass(frozen=True)
class Exercise:
    """One formula: its name in the Course, its arguments, its results and their shapes, and where it is explained."""

    place: str
    takes: str
    returns: str
    link: str
    package: object
    cases: tuple = (*CASES, *FAR)
    small: tuple = (*SMALL,)
    which_is_small = "Three points"

    @property
    def arguments(self):
        return self.takes.split()

    @property
    def parts(self):
        """Name → axes of each result."""
        return dict(part.split(":") for part in self.returns.split())

    @property
    def axes(self):
        """How many axes each result has."""
        return [len(axes) for axes in self.parts.values()]

    @property
    def title(self):
        where = "homework" if self.package is course.log_likelihood else "gmm"
        return f"{where}.{self.package.__name__}"

    @property
    def success(self):
        return f"agrees with {'the log-likelihood' if self.package is course.log_likelihood else self.title}"

    @property
    def words(self):
        return self.package.__doc__.splitlines()[0]

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
        return [mistake for mistake in reversed(MISTAKES) if mistake.place in reached_from(self.place)]

    def right(self, case):
        return self.by(RIGHT, case)

    def by(self, course, case):
        """What this course answers: one array for each part."""
        result = getattr(course, self.place, self.package)(*(getattr(case, name) for name in self.arguments))
        return [np.asarray(part, dtype=float) for part in (flat(result) if len(self.parts) > 1 else [result])]


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


@cache
def reached_from(place):
    """The formulas that a formula is built on, itself among them: those that its method names."""
    method = vars(Course).get(place)
    if not isfunction(method):
        return {place}
    called = {name for name in method.__code__.co_names if name in vars(Course)}
    return {place}.union(*(reached_from(name) for name in called))


WHOLE = "weights:K means:KD covariances:KDD"
SUMMARY = "log_likelihood: counts:K means:KD covariances:KDD"
ONE_STEP = Exercise("one_step", "points mixture", WHOLE, f"{CLIMB}#1. One iteration by hand", em, tuple(CASES))
ONE_STEP_AND_ITS_LOG_LIKELIHOOD = Exercise(
    "one_step_and_its_log_likelihood",
    "points mixture",
    f"{WHOLE} log_likelihood:",
    f"{CLIMB}#3. Each likelihood belongs to the mixture beside it",
    em,
    tuple(CASES),
)
TRACE = Exercise(
    "trace",
    "points mixture",
    "log_likelihoods:T weights:TK means:TKD covariances:TKDD",
    f"{CLIMB}#2. The loop has no end",
    em,
    tuple(CASES),
)

EXERCISES = [
    Exercise(
        "whiten",
        "points mean factor",
        "whitened_points:ND",
        f"{MODEL}#4 · The density in several dimensions",
        gaussian.whiten,
    ),
    Exercise(
        "log_gaussian",
        "points mean covariance",
        "log_densities:N",
        f"{MODEL}#4 · The density in several dimensions",
        gaussian.log_gaussian,
    ),
    Exercise(
        "log_gaussian_by_factor",
        "points mean factor",
        "log_densities:N",
        f"{MODEL}#4 · The density in several dimensions",
        gaussian.log_gaussian_by_factor,
    ),
    Exercise(
        "log_joint", "points mixture", "log_joints:NK", f"{DOUBT}#5. Do not leave out the weights", mixture.log_joint
    ),
    Exercise(
        "bayes",
        "log_joints",
        "responsibilities:NK log_densities:N",
        f"{DOUBT}#8. Cure: subtract the largest",
        mixture.bayes,
    ),
    Exercise(
        "responsibility",
        "points mixture",
        "responsibilities:NK",
        f"{DOUBT}#3. The components compete for each point",
        mixture.responsibility,
    ),
    Exercise("log_density", "points mixture", "log_densities:N", f"{MODEL}#6 · The likelihood", mixture.log_density),
    Exercise(
        "log_likelihood", "points mixture", "log_likelihood:", f"{MODEL}#6 · The likelihood", course.log_likelihood
    ),
    Exercise("label", "points mixture", "labels:N", f"{DOUBT}#It is not a label either", mixture.label),
    Exercise(
        "e_step",
        "points mixture",
        "responsibilities:NK log_likelihood:",
        f"{DOUBT}#3. The components compete for each point",
        e_step,
    ),
    Exercise("count", "responsibilities", "counts:K", f"{M_STEP}#5 · How large should each share be?", count),
    Exercise("weight", "responsibilities", "weights:K", f"{M_STEP}#5 · How large should each share be?", weight),
    Exercise("mean", "points responsibilities", "means:KD", f"{M_STEP}#3 · Where should the mean go?", mean),
    Exercise(
        "covariance",
        "points responsibilities means",
        "covariances:KDD",
        f"{M_STEP}#4 · How wide should it be?",
        covariance,
    ),
    Exercise("m_step", "points responsibilities", WHOLE, f"{M_STEP}#6 · Do the three together maximize Q?", m_step),
    TRACE,
    Exercise(
        "summarize",
        "points mixture",
        SUMMARY,
        f"{MORE}#1. What does EM want to know of the points?",
        summary.summarize,
        (*CASES, FAR[0], FAR_FROM_ONE),
    ),
    Exercise("merge", "one other", SUMMARY, f"{MORE}#2. Merge two blocks", summary.merge, tuple(CASES)),
    Exercise("maximize", "summary", WHOLE, f"{MORE}#4. EM is a reduce over a map", summary.maximize, tuple(CASES)),
    Exercise(
        "squared_distance",
        "points centers",
        "squared_distances:NK",
        f"{WHY}#1. What k-means does",
        starts.squared_distance,
    ),
    Exercise(
        "hard_responsibility", "points centers", "sides:NK", f"{WHY}#1. What k-means does", starts.hard_responsibility
    ),
    Exercise(
        "kmeans",
        "points centers",
        "centers:KD",
        f"{START}#5. k-means: EM with hard responsibilities",
        starts.kmeans,
        tuple(CASES),
    ),
    Exercise(
        "mixture_around",
        "points centers",
        WHOLE,
        f"{START}#2. From centers to a mixture",
        starts.mixture_around,
        tuple(CASES),
    ),
    Exercise("ordered", "mixture", WHOLE, f"{BREAKS}#7 · Which component is which?", derived.ordered),
    Exercise("matched", "mixture reference", WHOLE, f"{BREAKS}#7 · Which component is which?", derived.matched),
    Exercise(
        "marginal",
        "mixture dimensions",
        "weights:K means:KC covariances:KCC",
        f"{REAL}#7. How long will you wait? The conditional mean",
        derived.marginal,
    ),
    Exercise(
        "conditional_mean",
        "known mixture",
        "expected_others:NC",
        f"{REAL}#7. How long will you wait? The conditional mean",
        derived.conditional_mean,
        tuple(case for case in (*CASES, *FAR, FAR_ALONG_THE_FIRST) if case.sizes["D"] > 1),
        (SMALL[1],),
    ),
    Exercise("total_mean", "mixture", "mean:D", f"{WHY}#5. Old Faithful on a line", derived.total_mean),
    Exercise(
        "total_covariance", "mixture", "covariance:DD", f"{WHY}#5. Old Faithful on a line", derived.total_covariance
    ),
    Exercise("tied", "mixture", WHOLE, f"{M_STEP}#Exercise 4.3 · One covariance for all", constraints.tied),
    Exercise("diagonal", "mixture", WHOLE, f"{MODEL}#3 · Read a covariance matrix", constraints.diagonal),
    Exercise("spherical", "mixture", WHOLE, f"{MODEL}#3 · Read a covariance matrix", constraints.spherical),
    Exercise("ridge", "mixture", WHOLE, f"{CLIMB}#10. What convergence does not say", constraints.ridge),
    Exercise("n_parameters", "mixture", "parameters:", f"{MODEL}#6 · The likelihood", selection.n_parameters),
    Exercise("aic", "points mixture", "criterion:", f"{MODEL}#6 · The likelihood", selection.aic),
    Exercise("bic", "points mixture", "criterion:", f"{MODEL}#6 · The likelihood", selection.bic),
    Exercise("icl", "points mixture", "criterion:", f"{SHAPE}#5. ICL: BIC and the doubt", selection.icl),
]
FIT = Exercise(
    "trace",
    "points mixture",
    "log_likelihoods:T weights:K means:KD covariances:KDD",
    f"{CLIMB}#6. When to stop",
    fit,
)
PLUS_PLUS = Exercise(
    "kmeans_plus_plus",
    "points K rng",
    "centers:KD",
    f"{START}#4. k-means++: far from the *nearest* center",
    starts.kmeans_plus_plus,
)
RANDOM = Exercise(
    "random_points", "points K rng", "centers:KD", f"{START}#3. Random points", starts.random_points
)
SAMPLE = Exercise(
    "sample", "mixture size rng", "points:ND labels:N", f"{MODEL}#5 · Several Gaussians, and a story", mixture.sample
)

BY_FORMULA = {exercise.package: exercise for exercise in [*EXERCISES, FIT, PLUS_PLUS, RANDOM, SAMPLE]}


def exercise_of(formula):
    """The exercise of a formula of the package, or None."""
    try:
        return BY_FORMULA.get(unwrap(formula))
    except TypeError:  # neither a function nor hashable
        return None
