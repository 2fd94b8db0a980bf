"""Homework that answers back: `check` says what is right, which law is broken, or which mistake gives your numbers.

    from gmm_tutorial.homework import check

    check(my_mean, gmm.mean)              # ✓, or ✗ with a hint
    check(my_mean, gmm.mean, hints=2)     # says more
    check(my_mean, gmm.mean).assert_passed()    # in a test file of pytest

Your function takes what the formula takes and returns what it returns; lists are welcome, and a mixture may be a
gmm.Mixture or (weights, means, covariances). For gmm.em give a function that makes one step, or a generator of
(mixture, log-likelihood). For gmm.fit give a function of (points, mixture to start from) that returns (mixture,
log-likelihoods). The log-likelihood alone is `gmm_tutorial.homework.log_likelihood`.

    course      the formulas, so that one can be replaced and the others follow it
    inputs      what your function is tried on
    laws        what every right answer keeps
    mistakes    the catalogue of wrong versions
    exercises   the formulas that can be checked
    diagnosis   from numbers to words
    starts      k-means++ and random points, judged by how often each point is drawn
    fits        whole fits, judged by their trace
    watch       your code runs here: it may raise, print, or never end
    result      what a check says
"""

from gmm_tutorial.homework.course import log_likelihood
from gmm_tutorial.homework.diagnosis import examine
from gmm_tutorial.homework.exercises import FIT, PLUS_PLUS, RANDOM, exercise_of
from gmm_tutorial.homework.fits import examine_fit
from gmm_tutorial.homework.result import Result
from gmm_tutorial.homework.starts import examine_start
from gmm_tutorial.homework.watch import random_state_kept

__all__ = ["Result", "check", "log_likelihood"]

EXAMINERS = {FIT.title: examine_fit, PLUS_PLUS.title: examine_start, RANDOM.title: examine_start}


def check(answer, formula, hints=1):
    """Compares your function with a formula of the package, and says what is different.

    answer, your function; formula, such as gmm.mean; hints, 1 or 2  →  Result, true if your function is right

    Your arrays, your printing and your random numbers are left alone. A call may take three seconds.
    Raises ValueError if the formula is none that can be checked.
    """
    exercise = exercise_of(formula)
    with random_state_kept():
        finding = EXAMINERS.get(exercise.title, examine)(answer, exercise)
    return result_of(finding, exercise, hints, getattr(answer, "__name__", "your answer"))


def result_of(finding, exercise, hints, name):
    title = "the log-likelihood" if exercise.package is log_likelihood else exercise.title
    headline = f"{name} agrees with {title}" if finding.headline == "right" else f"{name}: {finding.headline}"
    return Result(
        passed=finding.passed,
        headline=headline,
        hint=finding.hint,
        law=finding.law.sentence if finding.law else "",
        law_formula=finding.law.formula if finding.law else "",
        law_latex=finding.law.latex if finding.law else "",
        formula=exercise.formula,
        link=exercise.link,
        detail="\n".join([exercise.words] * (hints > 1) + [finding.example] * (hints > 1 or finding.needs_example)),
    )
