"""Odd inputs give a finite, correct result or a sentence: `make fuzz` in short, and proof that it finds faults."""

import inspect
import time
import warnings
from dataclasses import replace
from itertools import islice

import fuzz
import numpy as np
import pytest
from fuzz import CALLS, LAWS, PARAMETERS, Broken, outcome

import gmm_tutorial as gmm
from gmm_tutorial import plots
from gmm_tutorial.homework import check

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # old pandas on odd decimals
PARTS = [pytest.param(range(30), id="first 30"), pytest.param(range(30, 150), id="120 more", marks=pytest.mark.slow)]
POINTS = np.array([[0.5, 2.0], [1.5, -1.0], [4.0, 3.0], [2.5, 2.5]])
RESPONSIBILITIES = np.array([[0.25, 0.75], [0.5, 0.5], [1.0, 0.0], [0.125, 0.875]])


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("call", CALLS)
def test_odd_inputs_give_a_finite_correct_result_or_a_sentence_that_names_an_argument(call, part):
    inputs = max(12, round(len(part) * fuzz.SHARE.get(call, 1)))
    counts, broken = fuzz.fuzz(call, inputs, start=1_000_000 + part.start)
    assert broken == {}
    if len(part) > 100:  # of thirty inputs all may happen to be right
        assert min(counts["result"], counts["refused"]) > inputs / 100


def test_every_public_function_and_every_argument_is_fuzzed():
    functions = {name for name in gmm.__all__ if not isinstance(getattr(gmm, name), type)}
    pictures = {name for name, function in vars(plots).items() if inspect.isfunction(function) and is_public(function)}
    without_input = {name for name in functions if name.startswith("load_")}
    ways = {f"{name} {way}" for name in fuzz.EM for way in ("in pieces", "compiled")}
    models = {f"GaussianMixture.{name}" for name in ("fit", "sample", *fuzz.METHODS)}
    expected = functions - without_input | {"Mixture", "homework.check"} | ways | models
    assert {call for call in CALLS if not call.startswith("plots.")} == expected
    assert {f"plots.{name}" for name in pictures} <= set(CALLS)
    assert all(LAWS[name] for name in CALLS)
    for call in CALLS:
        bent = set()
        for number in range(110):
            bent |= {*fuzz.odd_input(fuzz.generator(call, 0, number), call)[1]}
            if bent == set(PARAMETERS[call]):
                break
        assert bent == set(PARAMETERS[call])


def test_the_kinds_of_the_arguments_are_those_of_the_annotations():
    assert PARAMETERS["covariance"] == {"points": "Points", "responsibilities": "Responsibilities", "means": "Means"}
    for call, kinds in PARAMETERS.items():
        for name, argument in getattr(CALLS[call], "arguments", {}).items():
            assert fuzz.KINDS[argument] == kinds[name]
    assert {kind for kinds in PARAMETERS.values() for kind in kinds.values()} <= {*fuzz.GOOD, *fuzz.AXES}
    assert {kind for kind in fuzz.AXES if not fuzz.AXES[kind]} <= {*fuzz.GOOD} & {*fuzz.ODD}


def test_the_shapes_that_are_promised_are_read_from_the_docstrings():
    assert fuzz.promised_shapes("bayes") == ["N, K", "N,"]
    assert fuzz.promised_shapes("conditional_covariance") == ["N, D − C, D − C"]
    assert fuzz.promised_shapes("fit") == fuzz.promised_shapes("m_step") == []


def is_public(function):
    """Those of plots that have a docstring with their shapes: the others are small parts of these."""
    return inspect.unwrap(function).__module__ == "gmm_tutorial.plots" and "→" in (function.__doc__ or "")


def test_few_points_go_through_the_compiled_loops_when_they_should():
    pytest.importorskip("numba")
    start = gmm.Mixture([1], [[0, 0]], [np.eye(2)])
    assert fuzz.called("fit compiled", {"points": POINTS, "components": start}).path == "compiled loops, in blocks"
    assert fuzz.called("fit", {"points": POINTS, "components": start}).path == "formulas"


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


# ---- what the run has found in pictures, homework and fits (what it found elsewhere is told where that is tested)


def test_axes_that_are_lists_in_lists_are_refused():
    deep = [1.0]
    for _ in range(70):
        deep = [deep]
    for row in (deep, [[1.0], [1.0, 2.0]], [None]):
        with pytest.raises(TypeError, match=r"^row(\[0\])? is of the type \w+: it should be .*axes to draw on"):
            plots.snapshots(row, [gmm.Step(gmm.Mixture([1], [[0, 0]], [np.eye(2)]), -1.0)], POINTS, [0])


@pytest.mark.parametrize("huge", [1e300, 1.7e308])
def test_responsibilities_that_overflow_when_they_are_summed_are_refused_without_a_warning(huge):
    with fuzz.strict(), pytest.raises(ValueError, match=r"^responsibilities\[0\] sum to"):
        plots.color([[huge, huge]])


@pytest.mark.parametrize("mass", [1e-300, 1e-20, 1e-3, 0.5, 0.999])
def test_a_small_share_of_a_gaussian_has_a_small_radius_and_not_none(mass):
    assert plots.radius(mass) == pytest.approx(np.sqrt(-2 * np.log1p(-mass)), rel=1e-12)


@pytest.mark.parametrize("answer", [np.array(1.0), np.ndarray, np.array(None), 3, None])
def test_a_step_of_em_that_is_no_step_is_told(answer):
    assert not check(lambda points, mixture: answer, gmm.em)


def test_what_cannot_be_checked_with_is_refused_by_the_name_of_the_argument():
    for hints in (None, 1.5, "2", np.ones(2)):
        with pytest.raises(ValueError, match=r"^hints is .*: give 1, or 2 to be told more"):
            check(gmm.mean, gmm.mean, hints=hints)
    for laws in (len, 3, [None], "abc"):
        with pytest.raises(ValueError, match=r"^laws is a list of functions"):
            check(gmm.mean, gmm.mean, laws=laws)
    with pytest.raises(
        ValueError, match=r"^formula has no answer in numbers for one of the inputs in on \(TypeError: len"
    ):
        check(len, len, on=[(POINTS, POINTS)])


@pytest.mark.parametrize("size", [1.0, 1e-18])
def test_whether_a_fit_converged_is_true_or_false_and_no_array(size):
    fit = gmm.fit(POINTS, 1, sample_weights=np.full(len(POINTS), size))
    assert fit.converged is True


# ---- what it has found in the functions that came later


def test_steps_of_your_own_get_all_the_points_at_once_and_never_half_of_those_in_blocks():
    points = np.random.default_rng(0).normal(size=(300_000, 2))
    start = gmm.Mixture([0.5, 0.5], [[-1, 0], [1, 0]], [np.eye(2)] * 2)
    own = [step.log_likelihood for step in islice(gmm.em(points, start, e_step=gmm.e_step), 2)]
    assert own == pytest.approx([step.log_likelihood for step in islice(gmm.em(points, start), 2)], rel=1e-10)
    with pytest.raises(ValueError, match=r"^summarize is for points in blocks, but your e_step and m_step need"):
        next(gmm.em(points, start, e_step=gmm.e_step, summarize=gmm.summarize))
    with pytest.raises(ValueError, match=r"^points are in pieces, but your e_step and m_step need all of them at once"):
        next(gmm.em([points[:9], points[9:]], start, m_step=gmm.m_step))


def test_em_takes_points_with_gaps_if_it_is_given_the_steps_for_them():
    start, gaps = gmm.Mixture([1], [[0, 0]], [np.eye(2)]), np.where(POINTS == 3, np.nan, POINTS)
    first = next(gmm.em(gaps, start, e_step=gmm.observed_e_step, m_step=gmm.observed_m_step))
    assert first.log_likelihood == pytest.approx(gmm.observed_log_density(gaps, start).sum())
    with pytest.raises(ValueError, match=r"^points\[2, 1\] is nan: "):
        gmm.em(gaps, start)
    with pytest.raises(ValueError, match=r"^missing is for points in one array, but these are in pieces: give one"):
        gmm.fit([POINTS, POINTS], 1, missing="model")


def test_the_expected_of_other_points_is_refused():
    start = gmm.Mixture([1], [[0, 0]], [np.eye(2)])
    expected, _ = gmm.observed_e_step(POINTS, start)
    with pytest.raises(ValueError, match=r"^expected belongs to other points: its responsibilities have shape"):
        gmm.observed_m_step(POINTS[:3], expected)
    with pytest.raises(ValueError, match=r"^expected is not a valid gmm.Expected: its completed"):
        gmm.observed_m_step(POINTS, expected._replace(completed=expected.completed * np.nan))
    with pytest.raises(TypeError, match=r"^expected is a NoneType: it should be what gmm.observed_e_step returned"):
        gmm.observed_m_step(POINTS, None)


def test_a_background_is_checked_and_so_is_what_a_constraint_makes_of_it():
    start = gmm.Mixture([1], [[0, 0]], [np.eye(2)])
    for share, volume, named in ((np.nan, 9.0, "share"), (0.5, 0.0, "volume")):
        found = gmm.BackgroundFit(start, share, volume, -1.0, True)
        with pytest.raises(ValueError, match=rf"^found\.{named} is "):
            gmm.background_responsibility(POINTS, found)
    steps = gmm.em_with_background(POINTS, start, 0.1, 30.0, constraint=lambda mixture: None)
    with pytest.raises(TypeError, match=r"^what the constraint returned is a NoneType: "):
        list(islice(steps, 2))


def test_as_many_dimensions_as_known_coordinates():
    mixture = gmm.Mixture([1], [[0, 0, 0]], [np.eye(3)])
    for function in (gmm.conditional_mean, gmm.conditional_covariance):
        with pytest.raises(ValueError, match=r"^dimensions is \[0\], but known has 2 coordinates: give the index"):
            function(POINTS, mixture, [0])


def test_what_else_was_refused_in_other_words():
    start = gmm.Mixture([0.5, 0.5], [[0, 0], [1, 1]], [np.eye(2)] * 2)
    with pytest.raises(ValueError, match=r"^size is 0: it should be a whole number, 1 or more"):
        gmm.density_threshold(start, 0.1, size=0)
    with pytest.raises(TypeError, match=r"^constraints is 3: it should be a list of constraints"):
        gmm.select(POINTS, 1, 3)
    with pytest.raises(ValueError, match=r"^what is a Fit that could not be read again"):
        gmm.save(replace(gmm.fit(POINTS, 1), starts=3), "no.npz")
