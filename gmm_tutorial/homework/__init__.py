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

From the call to the words it goes through watch, asking, subject or oracle, diagnosis with localize, and result; judges
has the exercises that need a way of their own. What is known of the exercises grows beside that: exercises, course,
mistakes, laws, inputs. The first sentence of each module says what it does.
"""

import inspect
import sys
from dataclasses import replace
from numbers import Integral

from gmm_tutorial.homework.asking import YOUR_TURN, BrokenContract
from gmm_tutorial.homework.course import log_likelihood
from gmm_tutorial.homework.diagnosis import Finding, examine
from gmm_tutorial.homework.exercises import BY_FORMULA, exercise_of
from gmm_tutorial.homework.judges import JUDGES
from gmm_tutorial.homework.oracle import Oracle, Promises, examine_promises
from gmm_tutorial.homework.result import Result
from gmm_tutorial.homework.watch import doing_without, keep, surroundings_kept

__all__ = ["Result", "check", "log_likelihood"]


def check(answer, formula=None, hints=1, *, on=None, laws=(), without=()):
    """Says whether your function is right, and if not, what is different.

    answer, your function; hints, 1 or 2  →  Result, true if your function is right

    There are three uses, and they combine. What comes first here is tried first.

    laws=[...]          functions of your function that return True or False. A law that is broken says its docstring.
    formula             a function of the package, such as gmm.mean, with its laws and its known wrong versions.
    formula, on=[...]   any other function that is right, and the inputs to compare on: a list of tuples of arguments.

    without=[...]       functions of the package that your function must not call, under whatever name. A function that
                        it is given as an argument may call them.

    An answer that raises NotImplementedError is told that it is your turn. Your arrays, your printing and your random
    numbers are left alone. A call that never ends is ended after three seconds.
    Raises ValueError if there is nothing to check with, or inputs without a formula, or no inputs for a formula that
    is none of the package's.
    """
    refuse_misuse(formula, hints, on, laws)
    if not callable(answer):
        return Result(False, "this is not a function", "Hand over the function itself: check(my_function, ...).")
    with surroundings_kept():
        for subject, examiner in subjects(answer, formula, on, laws):
            try:
                finding = examiner(doing_without(answer, without), subject)
            except BrokenContract as broken:
                finding = Finding(broken.headline, broken.hint)
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
    if on is not None and len({len(given) for given in on}) > 1:
        raise ValueError("on has tuples of different lengths: give the same arguments in each call.")


def subjects(answer, formula, on, laws):
    """What the answer is held against, with the function that does it."""
    if laws:
        yield Promises(laws), examine_promises
    if exercise := exercise_of(formula):
        yield exercise, JUDGES.get(exercise.package.__name__, examine)
    if on:
        yield Oracle(answer, formula, on), examine


def result_of(finding, subject, hints, answer):
    name = getattr(answer, "__name__", "<lambda>")
    name = "your function" if name == "<lambda>" else name
    if finding.headline == YOUR_TURN:
        finding = replace(finding, hint=what_to_do(answer, finding.hint))
    more = [subject.words, finding.more] if hints > 1 else []
    example = finding.example if hints > 1 or finding.needs_example else ""
    law = finding.law
    return Result(
        passed=finding.passed,
        headline=f"{name} {subject.success}" if finding.headline == "right" else f"{name}: {finding.headline}",
        hint=finding.hint,
        law=law.sentence if law else "",
        law_formula=law.formula if law else "",
        law_latex=law.latex if law else "",
        formula=subject.formula,
        link=subject.link,
        detail="\n".join(filter(None, [*more, example])),
    )


def what_to_do(answer, unwritten):
    """The first line of the docstring; and which function is not written yet, if it is another one."""
    answer = getattr(answer, "func", answer)  # of a partial
    task = (inspect.getdoc(answer) or "").partition("\n")[0]
    if unwritten != getattr(answer, "__name__", unwritten):
        return f"It calls {unwritten}, which is not written yet."
    return f"Write it in place of the line that raises NotImplementedError. {task}".strip()


keep([module for name, module in sys.modules.items() if name.partition(".")[0] == "gmm_tutorial"])
