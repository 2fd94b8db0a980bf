"""Odd inputs give a finite, correct result or a sentence: `make fuzz` in short, and proof that it finds faults."""

import time
import warnings

import fuzz
import numpy as np
import pytest
from fuzz import CALLS, LAWS, PARAMETERS, Broken, outcome

import gmm_tutorial as gmm

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # old pandas on odd decimals
INPUTS = 150
POINTS = np.array([[0.5, 2.0], [1.5, -1.0], [4.0, 3.0], [2.5, 2.5]])
RESPONSIBILITIES = np.array([[0.25, 0.75], [0.5, 0.5], [1.0, 0.0], [0.125, 0.875]])


@pytest.mark.parametrize("call", CALLS)
def test_odd_inputs_give_a_finite_correct_result_or_a_sentence_that_names_an_argument(call):
    counts, broken = fuzz.fuzz(call, INPUTS, start=1_000_000)
    assert broken == {}
    assert min(counts["result"], counts["refused"]) > INPUTS / 100


def test_every_public_function_and_every_argument_is_fuzzed():
    functions = {name for name in gmm.__all__ if not isinstance(getattr(gmm, name), type)}
    without_input = {name for name in functions if name.startswith("load_")}
    assert set(CALLS) - {"Mixture"} == functions - without_input - {"save", "load"}
    assert all(LAWS[name] for name in CALLS)
    for call in CALLS:
        bent = {name for number in range(80) for name in fuzz.odd_input(fuzz.generator(call, 0, number), call)[1]}
        assert bent == set(PARAMETERS[call])


def test_one_seed_gives_the_same_inputs():
    first, second = (fuzz.odd_input(fuzz.generator("mean", 5, 8), "mean") for _ in range(2))
    assert repr(first) == repr(second)


# ---- each promise, broken on purpose


def nan_for_an_answer(points, responsibilities):
    return np.full((2, 2), np.nan)


def a_wrong_shape(points, responsibilities):
    return np.ones((1, 2))


def outside_of_the_points(points, responsibilities):
    return np.array([[0.0, 9.0], [0.0, 9.0]])


def changes_its_input(points, responsibilities):
    points[0, 0] += 1
    return points[:2]


def names_nothing(points, responsibilities):
    raise ValueError("shapes do not match")


def raises_an_error_of_linear_algebra(points, responsibilities):
    raise np.linalg.LinAlgError("points: SVD did not converge")


def raises_an_index_error(points, responsibilities):
    return points[99]


def warns(points, responsibilities):
    warnings.warn("overflow", RuntimeWarning, stacklevel=1)
    return gmm.mean(points, responsibilities)


@pytest.mark.parametrize(
    "wrong",
    [
        nan_for_an_answer,
        a_wrong_shape,
        outside_of_the_points,
        changes_its_input,
        names_nothing,
        raises_an_error_of_linear_algebra,
        raises_an_index_error,
        warns,
    ],
)
def test_a_broken_promise_is_found(wrong, monkeypatch):
    monkeypatch.setitem(CALLS, "mean", wrong)
    with fuzz.strict(), pytest.raises(Broken):
        outcome("mean", {"points": POINTS.copy(), "responsibilities": RESPONSIBILITIES})


@pytest.mark.skipif(not hasattr(fuzz.signal, "setitimer"), reason="this system has no timers")
def test_an_endless_loop_is_found(monkeypatch):
    def endless(points, responsibilities):
        while True:
            time.sleep(0.01)

    monkeypatch.setitem(CALLS, "mean", endless)
    monkeypatch.setattr(fuzz, "SECONDS", 0.1)
    with pytest.raises(Broken, match="no end"):
        outcome("mean", {"points": POINTS, "responsibilities": RESPONSIBILITIES})


def test_what_keeps_its_promises_is_not_found():
    with fuzz.strict():
        assert outcome("mean", {"points": POINTS, "responsibilities": RESPONSIBILITIES}) == "result"
        assert outcome("mean", {"points": POINTS * np.nan, "responsibilities": RESPONSIBILITIES}) == "refused"
