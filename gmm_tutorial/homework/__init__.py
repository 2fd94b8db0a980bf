"""Homework that answers back: `check` says what is right, which law is broken, or which mistake gives your numbers.

    from gmm_tutorial.homework import check

    check(my_mean, gmm.mean)                            # ✓, or ✗ with a hint
    check(my_mean, gmm.mean, hints=2)                   # says more
    check(my_mean, gmm.mean).assert_passed()            # in a notebook that is graded, or in a test file of pytest
    check(my_cov, np.cov, on=[(points,), (others,)])    # any other function as the right answer, on these inputs
    check(my_entropy, laws=[certainty_has_no_doubt])    # no right answer, only laws

Your function takes what the formula takes and returns what it returns; lists are welcome, and a mixture may be a
gmm.Mixture or (weights, means, covariances). For gmm.em give a function that makes one step, or a generator of
(mixture, log-likelihood). For gmm.fit give a function of (points, mixture to start from) that returns (mixture,
log-likelihoods).

A whole file of answers is judged in processes of their own by `python -m gmm_tutorial.homework answers.py`.

    package     what is taken from the package, in one place
    course      the formulas and their parts, so that one can be replaced and the others follow it
    registry    how a mistake is written down
    mistakes    the catalogue of mistakes, by chapter
    inputs      what your function is tried on
    laws        what every right answer keeps
    exercises   the formulas that can be checked
    watch       your code runs here: it may raise, print, or never end
    asking      the one way to call your function and to read what it returns
    localize    where the numbers agree, and where they do not
    diagnosis   from numbers to words
    draws       starts and samples, judged by what they draw
    fits        whole fits, judged by their trace
    oracle      any other function as the right answer, and laws that the caller gives
    result      what a check says
    grading     a file of answers, each judged in a process of its own
"""

import inspect
import sys
from dataclasses import replace
from numbers import Integral

from gmm_tutorial.homework.asking import YOUR_TURN
from gmm_tutorial.homework.course import log_likelihood
from gmm_tutorial.homework.diagnosis import Finding, examine
from gmm_tutorial.homework.draws import examine_sample, examine_start
from gmm_tutorial.homework.exercises import BY_FORMULA, FIT, exercise_of
from gmm_tutorial.homework.fits import examine_fit
from gmm_tutorial.homework.oracle import Oracle, Promises, examine_promises
from gmm_tutorial.homework.result import Result
from gmm_tutorial.homework.watch import keep, surroundings_kept

__all__ = ["Result", "check", "log_likelihood"]

LAMBDA = "<lambda>"
EXAMINERS = {"kmeans_plus_plus": examine_start, "random_points": examine_start, "sample": examine_sample}


def check(answer, formula=None, hints=1, *, on=None, laws=(), without=()):
    """Says whether your function is right, and if not, what is different.

    answer, your function; hints, 1 or 2  →  Result, true if your function is right

    There are three uses, and they combine. What comes first here is tried first.

    laws=[...]          functions of your function that return True or False. A law that is broken says its docstring.
    formula             a function of the package, such as gmm.mean, with its laws and its known wrong versions.
    formula, on=[...]   any other function that is right, and the inputs to compare on: a list of tuples of arguments.

    without=[...]       functions of the package that your function must not call while it is tried on the laws.

    An answer that raises NotImplementedError is told that it is your turn. Your arrays, your printing and your random
    numbers are left alone. A call that never ends is ended after three seconds.
    Raises ValueError if there is nothing to check with, or inputs without a formula, or no inputs for a formula that
    is none of the package's.
    """
    refuse_misuse(formula, hints, on, laws)
    if not callable(answer):
        return Result(False, "this is not a function", "Hand over the function itself: check(my_function, ...).")
    with surroundings_kept():
        for subject, examiner in subjects(answer, formula, on, laws, without):
            finding = examiner(answer, subject)
            if not finding.passed:
                break
    return result_of(finding, subject, hints, answer)


def refuse_misuse(formula, hints, on, laws):
    if not isinstance(hints, Integral):
        raise ValueError(f"hints is {hints!r}: give 1, or 2 to be told more.")
    if not isinstance(laws, (list, tuple)) or not all(map(callable, laws)):
        raise ValueError("laws is a list of functions, each of which takes yours and returns True or False.")
    if formula is None and on is not None:
        raise ValueError("on has inputs, but there is no formula to compare with: check(answer, formula, on=[...]).")
    if formula is None and not laws:
        raise ValueError("There is nothing to check with: give a formula such as gmm.mean, or laws=[...].")
    if formula is not None and on is None and exercise_of(formula) is None:
        names = ", ".join(sorted(exercise.title for exercise in BY_FORMULA.values()))
        raise ValueError(
            f"formula is {formula!r}, which cannot be checked: give one of {names}, "
            "or the inputs to compare on: on=[(points, 3), ...]."
        )
    if on is not None and not (isinstance(on, list) and on and all(isinstance(given, tuple) for given in on)):
        raise ValueError("on is a list with a tuple of arguments for each call: on=[(points,), (others,)].")


def subjects(answer, formula, on, laws, without=()):
    """What the answer is held against, with the function that does it."""
    if laws:
        yield Promises(laws, tuple(without)), examine_promises
    if exercise := exercise_of(formula):
        yield exercise, examine_fit if exercise is FIT else EXAMINERS.get(exercise.place, examine)
    if on:
        yield Oracle(answer, formula, on), examine


def result_of(finding, subject, hints, answer):
    name = getattr(answer, "__name__", LAMBDA)
    name = "your function" if name == LAMBDA else name
    if finding.headline == YOUR_TURN:
        finding = replace(finding, hint=what_to_do(answer, finding.hint))
    return Result(
        passed=finding.passed,
        headline=f"{name} {subject.success}" if finding.headline == "right" else f"{name}: {finding.headline}",
        hint=finding.hint,
        law=finding.law.sentence if finding.law else "",
        law_formula=finding.law.formula if finding.law else "",
        law_latex=finding.law.latex if finding.law else "",
        formula=subject.formula,
        link=subject.link,
        detail="\n".join(
            filter(
                None,
                [
                    subject.words * (hints > 1),
                    finding.more * (hints > 1),
                    finding.example * (hints > 1 or finding.needs_example),
                ],
            )
        ),
    )


def what_to_do(answer, unwritten):
    """The first line of the docstring; and which function is not written yet, if it is another one."""
    task = (inspect.getdoc(answer) or "").partition("\n")[0]
    if unwritten != getattr(answer, "__name__", unwritten):
        return f"It calls {unwritten}, which is not written yet."
    return f"Write it in place of the line that raises NotImplementedError. {task}".strip()


keep([module for name, module in sys.modules.items() if name.partition(".")[0] == "gmm_tutorial"])
