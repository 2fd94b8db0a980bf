"""The boundary refuses what is wrong in words, lets in what is right, and changes nothing."""

import copy
import functools
import importlib
import inspect
import pickle
import re
from itertools import islice
from types import FunctionType, ModuleType

import fuzz
import numpy as np
import pandas as pd
import pytest
from examples import problem, responsibilities_of, tilted
from scipy import sparse

import gmm_tutorial as gmm
from gmm_tutorial.checks import values
from gmm_tutorial.checks.boundary import arguments_of
from gmm_tutorial.checks.values import LARGEST

N, D, K = 11, 2, 3
POINTS, MIXTURE, RNG = problem(seed=5, N=N, K=K, D=D)
RESPONSIBILITIES = responsibilities_of(RNG, N, K)
SUMMARY = gmm.summarize(POINTS, MIXTURE)
VALID = {
    "points": POINTS,
    "summary": SUMMARY,
    "one": SUMMARY,
    "other": gmm.summarize(POINTS[:4], MIXTURE),
    "steps": gmm.accelerated,
    "e_step": None,  # steps of one's own go with no map and no summarize
    "m_step": None,
    "map": map,
    "summarize": gmm.summarize,
    "spread": gmm.covariance,
    "mixture": MIXTURE,
    "responsibilities": RESPONSIBILITIES,
    "sample_weights": RNG.uniform(1, 3, N),
    "log_joints": np.log(RESPONSIBILITIES) - 700,
    "log_likelihoods": np.array([-9.0, -5.0, -3.0, -2.0]),
    "weights": MIXTURE.weights,
    "means": MIXTURE.means,
    "covariances": MIXTURE.covariances,
    "centers": POINTS[[1, 4, 6]],
    "mean": np.array([4.0, -7.0]),
    "covariance": tilted(RNG, D),
    "factor": np.array([[2.0, 0.0], [-1.0, 0.5]]),
    "components": K,
    "K": K,
    "size": 4,
    "rng": 3,
    "constraint": gmm.tied,
    "constraints": gmm.diagonal,
    "initialize": gmm.random_points,
    "starts": 2,
    "tolerance": 0.5,
    "max_steps": 500,
    "fraction": 0.1,
    "progress": False,
    "missing": None,
    "known": POINTS[:, :1],
    "dimensions": [1, 0],
    "reference": problem(seed=9, K=K, D=D)[1],
    "N": N,
    "strength": 2.0,
    "concentration": 1.5,
}
PUBLIC = {name: getattr(gmm, name) for name in gmm.__all__}
# These have arguments of their own kind, or may have gaps in the points: the fuzz and their own tests break them.
ELSEWHERE = """
    observed_e_step observed_m_step observed_log_joint observed_log_density observed_responsibility impute select
    bootstrap conditional conditional_covariance conditional_mean cdf quantile density_threshold fit_with_background
    em_with_background background_responsibility aic bic icl n_parameters
""".split()
CHECKED = {name: function for name, function in PUBLIC.items() if hasattr(function, "__wrapped__")}
FORMULAS = {name: function for name, function in CHECKED.items() if name not in ELSEWHERE}
CALLS = FORMULAS | {"Mixture": gmm.Mixture}
ARGUMENTS = {c: f.arguments if c in FORMULAS else arguments_of(gmm.Mixture.__init__) for c, f in CALLS.items()}
WORDS = {name: argument for arguments in ARGUMENTS.values() for name, argument in arguments.items()}
SHAPES = {name: argument.axes for name, argument in WORDS.items() if argument.axes}


def names_checked_by(*checks):
    """The arguments that are checked so, by the annotations of the public functions."""
    found = [(name, getattr(argument.check, "func", argument.check)) for name, argument in WORDS.items()]
    return [name for name, check in found if check in checks]


LIKE_MIXTURES, SUMMARIES = names_checked_by(values.a_mixture), names_checked_by(values.a_summary)
for name in LIKE_MIXTURES + SUMMARIES:
    del SHAPES[name]
WHOLE = names_checked_by(values.whole_number, values.index, values.components)
NUMBERS = names_checked_by(values.above_zero, values.zero_or_more, values.one_or_more)
FUNCTIONS_OF_THE_USER = names_checked_by(values.a_function, values.a_bare_function, values.functions)
NOT_WHOLE = {"2.0": 2.0, "2.5": 2.5, "a string": "3", "None": None, "True": True, "NaN": np.nan, "a list": [3]}
NOT_ABOVE_ZERO = {"0": 0, "-1": -1, "NaN": np.nan, "inf": np.inf, "None": None, "a string": "1", "True": True, "1j": 1j}
NO_FUNCTION = {"None": None, "a string": "tied", "a number": 3}


def named(argument):
    return pytest.mark.parametrize(argument, CALLS if argument == "call" else FORMULAS)


def parameters(call):
    return list(inspect.signature(CALLS[call]).parameters)


def called(call, **arguments):
    """The result of a public function, the generator's first two steps in its place."""
    arguments = {name: VALID[name] for name in parameters(call)} | arguments
    result = CALLS[call](arguments["constraints"]) if call == "chain" else CALLS[call](**arguments)
    return [next(result), next(result)] if inspect.isgenerator(result) else result


def axes(name):
    return "KD" if name in LIKE_MIXTURES + SUMMARIES else SHAPES.get(name, "")


# ---- every argument of every function, broken in every way


def at_the_end(array, value):
    array = array.astype(np.result_type(array, np.asarray(value)))
    array[(-1,) * array.ndim] = value
    return array


def broken_arrays(name):
    good = np.array(VALID[name])
    rows = good.tolist()
    yield "NaN", at_the_end(good, np.nan)
    yield "inf", at_the_end(good, np.inf)
    yield "an axis too few", good[0]
    yield "an axis too many", good[None]
    yield "empty", good[:0]
    yield "strings", good.astype(str)
    yield "objects, one a string", at_the_end(good.astype(object), "7")
    yield "objects, one None", at_the_end(good.astype(object), None)
    yield "objects, one complex", at_the_end(good.astype(object), np.complex128(1j))
    yield "objects, one a date", at_the_end(good.astype(object), np.datetime64("2020-02-02"))
    yield "complex", good + 0j
    yield "dates", good.astype("datetime64[D]")
    yield "durations", good.astype("timedelta64[D]")
    yield "long double", at_the_end(good.astype(np.longdouble), np.inf)
    yield "masked", np.ma.masked_where(good == good.max(), good)
    yield "ragged", [*rows[:-1], [[[1.0], [2.0, 3.0]]]]
    yield "a whole number too large", [*rows[:-1], 10**400] if good.ndim == 1 else [[10**400] * len(rows[0])]
    yield "a word", "points"
    yield "a number", 7.0
    yield "a dictionary", {name: rows}
    yield "a generator", (row for row in rows)
    yield "a table with a gap", pd.DataFrame(good.reshape(len(good), -1)).astype("Float64").replace(good.flat[0], pd.NA)
    if good.ndim < 3:
        yield "sparse", sparse.csr_matrix(np.atleast_2d(good))
    if name != "sample_weights":
        yield "None", None
    if name in ("responsibilities", "sample_weights", "weights"):
        yield "negative", at_the_end(good, -1e-9)
    if name == "sample_weights":
        yield "all zero", 0 * good
    if name == "weights":
        yield "a sum above one", good * (1 + 1e-6)
        yield "a sum below one", good * (1 - 1e-6)
    if name in ("covariance", "covariances"):
        yield "not square", good[..., :1]
        yield "not symmetric", good + [[0, 1e-5], [0, 0]] * good
        yield "indefinite", good - np.linalg.eigvalsh(good)[..., 0].max() * 2 * np.eye(D)
        yield "singular", np.ones_like(good)
        yield "zero", 0 * good
        yield "huge", at_the_end(good, 10 * LARGEST**2)
    if name == "factor":
        yield "upper triangle", good.T
        yield "flat", good * [[1, 1], [1, 0]]
        yield "negative diagonal", -good
    if name == "log_joints":
        yield "a row of -inf", np.vstack([good[1:], np.full(K, -np.inf)])
    if name in ("points", "means", "centers", "mean", "known"):
        yield "1e300", at_the_end(good, 1e300)


def broken(name, others):
    if name in SHAPES:
        yield from broken_arrays(name)
    if name in SUMMARIES:
        yield from {"None": None, "its numbers": tuple(SUMMARY), "a mixture": MIXTURE}.items()
        yield "a count below zero", SUMMARY._replace(counts=-SUMMARY.counts)
        yield "flat covariances", SUMMARY._replace(covariances=SUMMARY.covariances[:, 0])
        yield "covariances of another size", SUMMARY._replace(covariances=SUMMARY.covariances[:, :1, :1])
        yield "a mean that is NaN", SUMMARY._replace(means=SUMMARY.means * np.nan)
    if name in LIKE_MIXTURES:
        yield from {"None": None, "its arrays": tuple(MIXTURE), "the class": gmm.Mixture, "a word": "islands"}.items()
    if name in WHOLE:
        yield from NOT_WHOLE.items()
        yield "-1", -1
        if name != "size":
            yield "0", 0
    if name in ("K", "components"):
        yield "more than the points", N + 1
    if name == "dimensions":
        yield from {"None": None, "a word": "x", "2.5": [0, 2.5], "-1": [0, -1]}.items()
    if name in NUMBERS:
        yield from ((way, value) for way, value in NOT_ABOVE_ZERO.items() if name != "tolerance" or way != "0")
    if name in FUNCTIONS_OF_THE_USER:
        optional = name in ("map", "summarize", "e_step", "m_step")
        yield from ((way, value) for way, value in NO_FUNCTION.items() if not (optional and value is None))
    if name == "rng":
        yield from {"-1": -1, "1.5": 1.5, "a word": "seed", "an object": object()}.items()
    shared = set("".join(axes(other) for other in others))
    for axis in sorted(shared & set(axes(name))):
        yield f"one {axis} too many", resized(name, axis, +1)
        yield f"one {axis} too few", resized(name, axis, -1)


def resized(name, axis, by):
    """The valid argument with one size changed and still valid by itself."""
    sizes = {"N": N, "D": D, "K": K}
    sizes[axis] += by
    if name in LIKE_MIXTURES + SUMMARIES:
        points, mixture, _ = problem(seed=6, K=sizes["K"], D=sizes["D"])
        return mixture if name in LIKE_MIXTURES else gmm.summarize(points, mixture)
    shape = [sizes[letter] for letter in axes(name)]
    if axes(name)[-2:] == "DD":
        return np.broadcast_to(np.eye(sizes["D"]), shape)
    return np.full(shape, 1 / sizes["K"])


CASES = [
    pytest.param(call, name, value, id=f"{call}-{name}-{way}")
    for call in CALLS
    for name in parameters(call)
    for way, value in broken(name, [other for other in parameters(call) if other != name])
]


@pytest.mark.parametrize(("call", "name", "value"), CASES)
def test_a_broken_argument_is_refused_in_a_sentence_that_names_it_and_says_what_to_do(call, name, value):
    with pytest.raises((ValueError, TypeError), match=rf"\b{name}\b") as refused:
        called(call, **{name: value})
    assert re.fullmatch(r"[\w\[\], ]+ (is|has|have|are|sum|reaches|cannot)\b.*: \S.{5,}[.]", str(refused.value))


def test_what_is_not_broken_here_is_broken_by_the_fuzz():
    assert set(ELSEWHERE) <= set(fuzz.CALLS)


def test_every_parameter_of_every_function_is_broken_somewhere():
    broken_ones = {(case.values[0], case.values[1]) for case in CASES}
    other = ("progress", "missing")
    assert {(call, name) for call in CALLS for name in parameters(call) if name not in other} == broken_ones


@named("call")
def test_valid_arguments_pass(call):
    called(call)


# ---- the sentences


def test_a_missing_or_infinite_value_is_refused_with_the_place_of_the_first():
    points = POINTS.copy()
    points[8, 0], points[4, 1], points[4, 0] = np.nan, -np.inf, 1.0
    with pytest.raises(ValueError, match=r"^points\[4, 1\] is -inf: drop or fill what is missing or infinite first\.$"):
        gmm.mean(points, RESPONSIBILITIES)
    with pytest.raises(ValueError, match=r"^covariances\[1, 0, 1\] is nan: "):
        gmm.Mixture([0.3, 0.7], [[0, 0], [1, 1]], [np.eye(2), [[1, np.nan], [0, 1]]])


def test_one_dimensional_points_are_refused_with_both_ways_to_reshape_them():
    with pytest.raises(ValueError, match=r"^points is 1-D with shape \(11,\): give one row for each") as refused:
        gmm.log_density(POINTS[:, 0], MIXTURE)
    assert "For 11 points in one dimension use points.reshape(-1, 1), for one point points.reshape(1, -1)." in str(
        refused.value
    )


@pytest.mark.parametrize(("shape", "missing"), [((0, D), "points"), ((N, 0), "dimensions")])
def test_no_points_and_no_dimensions_are_refused(shape, missing):
    with pytest.raises(ValueError, match=rf"^points has shape {re.escape(str(shape))}: no {missing}\. Give at"):
        gmm.fit(np.zeros(shape), K)


@pytest.mark.parametrize(("call", "name"), [("kmeans_plus_plus", "K"), ("random_points", "K"), ("fit", "components")])
def test_K_is_a_whole_number_from_one_to_N(call, name):
    for value in (0, -2, False):
        with pytest.raises(ValueError, match=rf"^{name} is {value}: it should be a whole number, 1 or more\.$"):
            called(call, **{name: value})
    for value in (2.5, 2.0, "3", None):
        with pytest.raises(TypeError, match=rf"^{name} is {value!r}: it should be a whole number\.$"):
            called(call, **{name: value})
    with pytest.raises(ValueError, match=rf"^{name} is 12 but there are only 11 points: ask for at most 11 co"):
        called(call, **{name: N + 1})
    called(call, **{name: np.int64(2)})


def test_K_is_held_against_the_points_that_count():
    with pytest.raises(ValueError, match=r"^components is 3 but there are only 2 points: "):
        gmm.fit(POINTS, 3, sample_weights=[1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0])


def test_shapes_that_do_not_fit_each_other_are_refused_with_both_names_both_shapes_and_the_axis():
    found = r"^responsibilities has 10 points but points has 11: "
    with pytest.raises(ValueError, match=found + r"their shapes are \(10, 3\) and \(11, 2\); give both the same N\.$"):
        gmm.covariance(POINTS, RESPONSIBILITIES[:-1], MIXTURE.means)
    with pytest.raises(ValueError, match=r"^means has 2 components but responsibilities has 3: .*the same K\.$"):
        gmm.covariance(POINTS, RESPONSIBILITIES, MIXTURE.means[:-1])
    with pytest.raises(ValueError, match=r"^mixture has 2 dimensions but points has 1: .*the same D\.$"):
        gmm.label(POINTS[:, :1], MIXTURE)
    with pytest.raises(ValueError, match=r"^components has 2 dimensions but points has 1: .*the same D\.$"):
        gmm.fit(POINTS[:, :1], MIXTURE)


def test_weights_are_a_distribution():
    with pytest.raises(ValueError, match=r"^weights\[1\] is -0\.1: each should be zero or more\.$"):
        gmm.Mixture([1.4, -0.1, -0.3], MIXTURE.means, MIXTURE.covariances)
    with pytest.raises(ValueError, match=r"^weights sum to 1\.2: they should sum to one\. Divide them by their sum\.$"):
        gmm.Mixture([0.3, 0.2, 0.7], MIXTURE.means, MIXTURE.covariances)
    rounded = np.array([0.3, 0.2, 0.5 + 1e-9])
    assert np.array_equal(gmm.Mixture(rounded, MIXTURE.means, MIXTURE.covariances).weights, rounded)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ([[4, 1], [1.1, 2]], r"is not symmetric: a covariance equals its transpose\. Use \(S \+ S\.T\) / 2\."),
        ([[4, 3], [3, 2]], r"is not positive definite: its variance is zero or negative in some direction\. Build"),
        ([[1e-9, 3e-3], [3e-3, 9e3]], "is not positive definite: its variance is zero"),
        ([[4, 0], [0, -2]], r"has variance -2 on its diagonal: each should be above zero\."),
        ([[0, 0], [0, 5]], r"has variance 0 on its diagonal: each should be above zero\."),
    ],
)
def test_a_covariance_is_symmetric_and_positive_definite_and_the_one_that_is_not_is_named(wrong, sentence):
    with pytest.raises(ValueError, match=rf"^covariances\[2\] {sentence}"):
        gmm.Mixture(MIXTURE.weights, MIXTURE.means, [np.eye(2), [[4, 1], [1, 2]], wrong])
    with pytest.raises(ValueError, match=rf"^covariance {sentence}"):
        gmm.log_gaussian(POINTS, [0, 0], wrong)


@pytest.mark.parametrize("scale", [1e-150, 1e-90, 1.0, 1e60])
def test_a_covariance_is_judged_alike_in_every_unit(scale):
    stretched = np.outer([1, 1e6], [1, 1e6]) * scale**2
    near = 1 - 1e-14
    gmm.log_gaussian([[0, 0]], [0, 0], stretched * [[1, near], [near, 1]])
    gmm.log_gaussian([[0, 0]], [0, 0], stretched * [[1, 0.3 + 1e-9], [0.3, 1]])
    with pytest.raises(ValueError, match="not positive definite"):
        gmm.log_gaussian([[0, 0]], [0, 0], stretched * np.ones((2, 2)))
    with pytest.raises(ValueError, match="not symmetric"):
        gmm.log_gaussian([[0, 0]], [0, 0], stretched * [[1, 0.3 + 1e-7], [0.3, 1]])


def test_what_is_no_mixture_is_told_how_to_become_one():
    with pytest.raises(TypeError, match=r"^mixture is a tuple: it should be a gmm\.Mixture\(weights, means"):
        gmm.responsibility(POINTS, tuple(MIXTURE))


def test_what_is_no_function_is_told_which_function_to_give():
    with pytest.raises(TypeError, match=r"^constraint is 'full': it should be a function, such as gmm\.full\.$"):
        gmm.em(POINTS, MIXTURE, constraint="full")
    with pytest.raises(TypeError, match=r"^initialize is None: it should be a function, such as gmm\.kmeans_plus"):
        gmm.fit(POINTS, K, initialize=None)
    with pytest.raises(TypeError, match=r"^constraints\[1\] is 7: it should be a function, such as gmm\.full\.$"):
        gmm.chain(gmm.tied, 7)


@pytest.mark.parametrize(
    ("own", "sentence"),
    [
        (lambda points, K, rng: points[:K] * np.nan, r"centers\[0, 0\] is nan: "),
        (lambda points, K, rng: points[:K, :1], r"centers has 1 dimensions but points has 2: "),
        (lambda points, K, rng: points[0], r"centers is 1-D with shape \(2,\): "),
        (lambda points, K, rng: None, r"centers cannot be read as an array of real numbers \(found NoneType\): "),
        (lambda points, K, rng: "corners", r"centers cannot be read as an array of real numbers \(found str\): "),
        pytest.param(
            lambda points, K, rng: points[: K - 1],
            r"(centers|initialize) .*\b2\b.*\b3\b",
        ),
    ],
)
def test_what_a_function_of_the_users_own_starts_from_is_checked_as_well(own, sentence):
    with pytest.raises(ValueError, match=f"^{sentence}"):
        gmm.fit(POINTS, K, initialize=own, starts=1, tolerance=1, rng=0)


def test_an_rng_is_a_seed_or_a_generator_and_the_global_state_is_left_alone():
    with pytest.raises(ValueError, match=r"^rng is -3: give a seed, a whole number from zero, or a NumPy Generator\.$"):
        gmm.sample(MIXTURE, 5, rng=-3)
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    first, _ = gmm.sample(MIXTURE, 5, rng=8)
    generator = np.random.default_rng(8)
    second, _ = gmm.sample(MIXTURE, 5, rng=generator)
    third, _ = gmm.sample(MIXTURE, 5, rng=generator)
    assert np.array_equal(first, second)
    assert not np.array_equal(second, third)
    assert not np.array_equal(gmm.sample(MIXTURE, 5)[0], gmm.sample(MIXTURE, 5)[0])
    gmm.fit(POINTS, K, rng=2, starts=1, tolerance=1, constraint=gmm.tied)
    assert np.array_equal(before, np.random.get_state()[1])  # noqa: NPY002


@pytest.mark.parametrize("name", ["max_steps", "starts"])
def test_zero_is_refused_where_nothing_could_be_done(name):
    with pytest.raises(ValueError, match=rf"^{name} is 0: it should be a whole number, 1 or more\.$"):
        gmm.fit(POINTS, K, **{name: 0})


@pytest.mark.parametrize("steps", [gmm.em, gmm.accelerated])
def test_a_tolerance_of_zero_runs_all_the_steps(steps):
    fit = gmm.fit(POINTS, gmm.mixture_around(POINTS, POINTS[:1]), tolerance=0, max_steps=40, steps=steps)
    assert len(fit.log_likelihoods) == 41
    assert not fit.converged


def test_a_sample_of_no_points_is_allowed_and_of_fewer_is_not():
    points, labels = gmm.sample(MIXTURE, 0, rng=1)
    assert points.shape == (0, D)
    assert labels.shape == (0,)
    with pytest.raises(ValueError, match=r"^size is -1: it should be a whole number, 0 or more\.$"):
        gmm.sample(MIXTURE, -1)


def test_a_responsibility_or_a_sample_weight_below_zero_is_refused_with_its_place_and_its_value():
    responsibilities = RESPONSIBILITIES.copy()
    responsibilities[6, 1], responsibilities[9, 0] = -0.25, -3
    with pytest.raises(ValueError, match=r"^responsibilities\[6, 1\] is -0\.25: each should be zero or more\.$"):
        gmm.m_step(POINTS, responsibilities)
    with pytest.raises(ValueError, match=r"^sample_weights are all zero: give at least one point a weight"):
        gmm.e_step(POINTS, MIXTURE, np.zeros(N))


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (POINTS + 1j, "complex128"),
        (POINTS.astype(str), "<U32"),
        ([[1, 2], [3]], "list"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_holds_no_real_numbers_is_refused_by_its_kind(value, found):
    with pytest.raises(ValueError, match=rf"^points cannot be read as an array of real numbers \(found {found}\):"):
        gmm.log_density(value, MIXTURE)


def test_masked_values_are_refused_and_a_mask_that_hides_nothing_is_not():
    with pytest.raises(ValueError, match=r"^points has masked values: drop those rows or fill the values first\.$"):
        gmm.label(np.ma.masked_greater(POINTS, POINTS.mean()), MIXTURE)
    assert np.array_equal(gmm.label(np.ma.array(POINTS), MIXTURE), gmm.label(POINTS, MIXTURE))


# ---- numbers at the edge of floating point


def test_points_whose_squares_overflow_are_refused():
    with pytest.raises(ValueError, match=r"^points reaches 7\.0e\+300, too large to square in floating point: rescale"):
        gmm.fit([[1e300], [-7e300]], 1)


def test_points_below_that_edge_give_finite_moments():
    points = LARGEST * np.array([[1, -0.5], [-1, 0.25], [0.125, 1.0]])
    assert np.isfinite(gmm.m_step(points, [[0.5, 0.5], [0.25, 0.75], [1, 0]]).covariances).all()


NARROW = gmm.Mixture([0.3, 0.7], [[0, 0], [1e-40, 3e-40]], [np.eye(2) * 1e-100, np.eye(2) * 1e-90])
FAR_FROM_NARROW = [name for name in FORMULAS if {"points", "mixture"} <= set(parameters(name))]


@pytest.mark.parametrize("call", FAR_FROM_NARROW)
def test_points_too_far_from_a_narrow_mixture_are_refused_in_words(call):
    with pytest.raises(ValueError, match=rf"^{call}: the numbers are too large or too small for floating point"):
        called(call, points=POINTS * 1e138, mixture=NARROW)


def test_a_fit_from_a_mixture_too_narrow_for_the_points_is_refused_in_words():
    with pytest.raises(ValueError, match=r"^fit: the numbers are too large .* Rescale points, for example"):
        gmm.fit(POINTS * 1e138, NARROW)


def test_between_the_steps_of_em_the_callers_arithmetic_is_the_callers_own():
    run = gmm.em(POINTS, MIXTURE)
    next(run)
    with np.errstate(divide="ignore"):
        next(run)
        assert np.log(np.zeros(1)) == -np.inf


def test_em_checks_its_arguments_when_it_is_called_and_not_at_the_first_step():
    with pytest.raises(ValueError, match=r"^points\[0, 0\] is nan"):
        gmm.em(POINTS * np.nan, MIXTURE)


# ---- collapse


NOTHING_FOR_THE_SECOND = np.column_stack([np.full(N, 0.25), np.zeros(N), np.full(N, 0.75)])


@pytest.mark.parametrize("call", ["mean", "covariance", "m_step"])
def test_a_component_without_any_responsibility_is_named_and_the_cures_as_well(call):
    with pytest.raises(gmm.CollapseError, match=r"^component 1 has collapsed: it explains no points any") as collapse:
        called(call, responsibilities=NOTHING_FOR_THE_SECOND)
    assert collapse.value.component == 1
    for cure in ("fewer components", "another rng", "more starts", "repeated columns", "constraint=gmm.ridge."):
        assert cure in str(collapse.value)


def test_a_center_without_any_point_is_named():
    with pytest.raises(gmm.CollapseError, match=r"^component 2 has collapsed: it explains no points any more"):
        gmm.mixture_around(POINTS, [*POINTS[:2], [1e5, 1e5]])


def test_a_component_without_spread_is_named_with_its_place_once_it_is_used_as_it_is():
    responsibilities = np.column_stack([np.ones(N), np.zeros(N)])
    responsibilities[4] = 0, 1
    flat = gmm.m_step(POINTS, responsibilities)
    with pytest.raises(gmm.CollapseError) as collapse:
        gmm.log_density(POINTS, flat)
    assert collapse.value.component == 1
    place = np.array2string(POINTS[4], precision=4)
    assert f"component 1 has collapsed: its covariance is singular (variances [0. 0.] around its mean {place})" in str(
        collapse.value
    )
    gmm.log_density(POINTS, gmm.ridge(flat))


@pytest.mark.parametrize("details", [(2,), (0, np.array([1.5, -2.0]), np.array([0.0, 3e-33]))])
def test_a_collapse_is_a_value_error_that_survives_pickling_and_copying(details):
    error = gmm.CollapseError(*details)
    assert isinstance(error, ValueError)
    for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert type(twin) is gmm.CollapseError
        assert twin.component == details[0]
        assert str(twin) == str(error)
        assert str(twin).startswith(f"component {details[0]} has collapsed: ")


# ---- nothing is modified, nothing is shared


def arrays_in(result):
    if isinstance(result, np.ndarray):
        return [result]
    if isinstance(result, gmm.Fit):
        return [result.log_likelihoods, *result.mixture]
    if isinstance(result, (tuple, list, gmm.Mixture)):
        return [array for part in result for array in arrays_in(part)]
    return []


def twins(name, writeable):
    value = VALID[name]
    if name not in SHAPES:
        return value
    value = np.array(value)
    value.setflags(write=writeable)
    return value


@named("call")
def test_the_callers_arrays_are_neither_changed_nor_frozen_nor_part_of_the_result(call):
    arguments = {name: twins(name, writeable=True) for name in parameters(call)}
    results = arrays_in(called(call, **arguments))
    for name in set(arguments) & set(SHAPES):
        assert np.array_equal(arguments[name], VALID[name])
        assert arguments[name].flags.writeable
        assert not any(np.shares_memory(arguments[name], result) for result in results)


@named("call")
def test_read_only_arrays_are_welcome_and_give_the_same(call):
    frozen = {name: twins(name, writeable=False) for name in parameters(call)}
    for ours, theirs in zip(arrays_in(called(call, **frozen)), arrays_in(called(call)), strict=True):
        assert np.array_equal(ours, theirs)


KINDS = {
    "a list": lambda points: points.tolist(),
    "tuples": lambda points: tuple(map(tuple, points)),
    "whole numbers": lambda points: points.astype(int),
    "uint8": lambda points: points.astype(np.uint8),
    "float32": lambda points: points.astype(np.float32),
    "objects": lambda points: points.astype(object),
    "a table": pd.DataFrame,
    "a table of nullable numbers": lambda points: pd.DataFrame(points).astype("Int64"),
    "Fortran order": np.asfortranarray,
    "strided": lambda points: np.repeat(np.repeat(points, 2, axis=0), 3, axis=1)[::2, ::3],
    "backwards": lambda points: points[::-1].copy()[::-1],
    "big-endian": lambda points: points.astype(">f8"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_points_of_any_kind_give_the_same_to_the_last_bit(kind):
    points = np.round(10 + 3 * POINTS).clip(0, 255)
    for ours, theirs in zip(gmm.m_step(KINDS[kind](points), RESPONSIBILITIES), gmm.m_step(points, RESPONSIBILITIES)):
        assert ours.dtype == float
        assert np.array_equal(ours, theirs)


def test_a_mixture_keeps_read_only_copies():
    sources = [np.array(array) for array in MIXTURE]
    mixture = gmm.Mixture(*sources)
    for source in sources:
        source *= 7
    for kept, original in zip(mixture, MIXTURE):
        assert np.array_equal(kept, original)
        with pytest.raises(ValueError, match="read-only"):
            kept[0] = 1
    with pytest.raises(ValueError, match="read-only"):
        mixture.factors[0] = 1
    with pytest.raises(AttributeError, match="cannot assign to field 'weights'"):
        mixture.weights = sources[0]


def pickled(value):
    return pickle.loads(pickle.dumps(value))


COPIES = [pickled, copy.copy, copy.deepcopy]


@pytest.mark.parametrize("twin", COPIES)
def test_a_mixture_survives_pickling_and_copying(twin):
    mixture = twin(MIXTURE)
    assert type(mixture) is gmm.Mixture
    for kept, original in zip((*mixture, mixture.factors), (*MIXTURE, MIXTURE.factors)):
        assert np.array_equal(kept, original)


@pytest.mark.parametrize(
    "twin",
    [
        pickled,
        copy.copy,
        copy.deepcopy,
    ],
)
def test_a_copied_mixture_is_as_read_only_as_the_first(twin):
    MIXTURE.factors
    mixture = twin(MIXTURE)
    assert not any(array.flags.writeable for array in (*mixture, mixture.factors))


@pytest.mark.parametrize("twin", COPIES)
@pytest.mark.parametrize(
    "constraint",
    [
        gmm.full,
        gmm.tied,
        functools.partial(gmm.ridge, fraction=0.1),
    ],
    ids=["full", "tied", "partial"],
)
def test_a_fit_survives_pickling_and_copying(twin, constraint):
    fit = gmm.fit(POINTS, 1, constraint=constraint, starts=1)
    copied = twin(fit)
    assert repr(copied) == repr(fit)
    for kept, original in zip(arrays_in(copied), arrays_in(fit), strict=True):
        assert np.array_equal(kept, original)
    for kept, original in zip(copied.constraint(MIXTURE), fit.constraint(MIXTURE)):
        assert np.array_equal(kept, original)


def test_a_chain_survives_pickling():
    chain = gmm.chain(gmm.diagonal, gmm.chain(gmm.tied))
    copied = pickled(chain)
    assert gmm.n_parameters(MIXTURE, copied) == gmm.n_parameters(MIXTURE, chain)
    assert np.array_equal(copied(MIXTURE).covariances, chain(MIXTURE).covariances)


# ---- a public function keeps what it wraps


def module_of(call):
    home = inspect.unwrap(FORMULAS[call]).__module__
    return importlib.import_module(home)


@named("formula")
def test_a_public_function_wraps_the_bare_formula_of_the_same_name_signature_and_docstring(formula):
    checked, bare = FORMULAS[formula], getattr(module_of(formula), formula)
    ways = ("em", "accelerated", "fit")  # whose public form has more arguments: who does the blocks, and how
    assert inspect.unwrap(checked) is bare
    assert bare is not checked
    assert not hasattr(bare, "__wrapped__")
    assert checked.__name__ == bare.__name__ == formula
    assert checked.__doc__ == bare.__doc__
    more = {*inspect.signature(checked).parameters} - {*inspect.signature(bare).parameters}
    of_fit = {"progress", "missing"} if formula == "fit" else set()
    assert more == ({"map", "summarize"} | of_fit if formula in ways else set())
    assert {*inspect.signature(bare).parameters} <= {*inspect.signature(checked).parameters}
    assert checked.__module__ == "gmm_tutorial"


@named("formula")
def test_a_formula_can_be_pickled_by_its_public_name(formula):
    assert pickled(FORMULAS[formula]) is FORMULAS[formula]
    assert f"gmm_tutorial {formula}".split() == [FORMULAS[formula].__module__, FORMULAS[formula].__qualname__]


def test_positions_keywords_and_defaults_work_as_in_the_signature():
    expected = gmm.mean(POINTS, RESPONSIBILITIES)
    assert np.array_equal(gmm.mean(responsibilities=RESPONSIBILITIES, points=POINTS), expected)
    assert np.array_equal(gmm.ridge(MIXTURE).covariances, gmm.ridge(MIXTURE, 1e-6).covariances)
    with pytest.raises(TypeError, match="responsibilities"):
        gmm.mean(POINTS)
    with pytest.raises(TypeError, match="too many"):
        gmm.mean(POINTS, RESPONSIBILITIES, MIXTURE)
    with pytest.raises(TypeError, match="gamma"):
        gmm.mean(POINTS, RESPONSIBILITIES, gamma=RESPONSIBILITIES)


def test_a_fit_tells_the_public_constraint_that_it_was_given_or_the_default():
    assert gmm.fit(POINTS, 1, starts=1).constraint is gmm.full
    assert gmm.fit(POINTS, 1, constraint=gmm.tied, starts=1).constraint is gmm.tied


def test_all_lists_each_public_name_once():
    public = {name for name, value in vars(gmm).items() if name[0] != "_" and not isinstance(value, ModuleType)}
    assert sorted(gmm.__all__) == sorted(public - {"checked", "import_module", "TYPE_CHECKING"})


def test_nothing_public_has_a_second_name():
    assert len({id(value) for value in PUBLIC.values()}) == len(gmm.__all__)
    for name, value in PUBLIC.items():
        assert value.__name__ == name


FUNCTIONS = [name for name, value in PUBLIC.items() if isinstance(value, FunctionType)]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_is_documented_with_its_sentence_its_shape_arrow_and_an_example(name):
    text = inspect.getdoc(PUBLIC[name])
    assert re.match(r"[A-Z][^\n]*[.:]", text)
    assert "→" in text
    assert ">>> import gmm_tutorial as gmm\n" in text
    assert f"gmm.{name}(" in text


@pytest.mark.parametrize("name", sorted(set(PUBLIC) - set(FUNCTIONS)))
def test_a_class_is_documented_in_its_own_words(name):
    assert re.match(r"[A-Z][^\n]*[.:]", vars(PUBLIC[name])["__doc__"])


@pytest.mark.parametrize("call", sorted(set(CALLS) - {"log_prior"}))  # its arguments are explained by prior
def test_the_docstring_gives_each_array_the_shape_that_the_check_requires(call):
    text = re.sub(r"[-_]", " ", inspect.getdoc(CALLS[call]))
    for name in set(parameters(call)) & set(SHAPES):
        shape = ", ".join(SHAPES[name]) + ("," if len(SHAPES[name]) == 1 else "")
        assert re.search(rf"{name.replace('_', ' ')}s?\s+\({shape}\)", text) or name == "sample_weights"


# ---- what the fuzz has found


def test_a_list_that_holds_itself_is_refused_as_a_seed():
    """NumPy ends the whole process on it."""
    endless = []
    endless.append(endless)
    for value in (endless, [], [1.5], {}, "3"):
        with pytest.raises(ValueError, match=r"^rng is .*: give a seed, a whole number from zero, or a NumPy"):
            gmm.sample(MIXTURE, 5, rng=value)
    assert np.array_equal(gmm.sample(MIXTURE, 5, rng=[1, 2])[0], gmm.sample(MIXTURE, 5, rng=np.array([1, 2]))[0])


@pytest.mark.parametrize("number", [2**53 + 1, 2**62, 2**64, 10**30, 10**400], ids=lambda n: f"1e{len(str(n))}")
def test_a_whole_number_beyond_any_array_is_refused(number):
    with pytest.raises(ValueError, match=r"^size is too large: it should be a whole number from 0 to 2\*\*53\.$"):
        gmm.sample(MIXTURE, number)
    with pytest.raises(ValueError, match=r"^max_steps is too large: "):
        gmm.fit(POINTS, K, max_steps=number)


def test_a_number_that_no_float_can_hold_is_refused():
    for number in (10**400, np.longdouble("1e400"), np.longdouble("1e-4900")):
        if float(np.longdouble("1e400")) == np.longdouble("1e400") and not isinstance(number, int):
            continue  # a long double is a double here
        with pytest.raises(ValueError, match=r"^fraction is .*: it should be a finite number above zero\.$"):
            gmm.ridge(MIXTURE, number)


def test_a_number_of_any_precision_is_taken_without_a_warning():
    for number in (np.float16(0.5), np.float32(0.5), np.longdouble(0.5), np.int8(1), 1):
        assert np.array_equal(gmm.ridge(MIXTURE, number).covariances, gmm.ridge(MIXTURE, float(number)).covariances)


def test_weights_whose_sum_overflows_are_refused():
    with pytest.raises(ValueError, match=r"^weights sum to inf: they should sum to one\."):
        gmm.Mixture([1e308, 1e308], [[0], [1]], [[[1]], [[1]]])


def test_responsibilities_whose_sum_overflows_are_refused_by_name():
    huge = np.full((N, K), 1e308)
    with pytest.raises(ValueError, match=r"^weight: the numbers are too large .* Rescale responsibilities, for"):
        gmm.weight(huge)
    with pytest.raises(ValueError, match="the numbers are too large or too small"):
        gmm.covariance(POINTS, huge, MIXTURE.means)


def test_responsibilities_and_sample_weights_too_small_for_a_product_are_refused():
    responsibilities = RESPONSIBILITIES * [1, 5e-324, 1]
    with pytest.raises(ValueError, match=r"^responsibilities\[:, 1\] has no value above 4\.9e-324, "):
        gmm.mean(POINTS, np.where(responsibilities > 0, responsibilities, 5e-324 * (RESPONSIBILITIES > 0)))
    with pytest.raises(ValueError, match=r"^sample_weights has no value above 1\.0e-310, too small for floating"):
        gmm.fit(POINTS, K, sample_weights=np.full(N, 1e-310))


@pytest.mark.parametrize("beside", [1e200, 1e-300, 1e300, 2.0])
def test_a_covariance_far_beyond_its_variances_is_refused(beside):
    with pytest.raises(ValueError, match=r"^covariance is not positive definite|^covariance reaches"):
        gmm.log_gaussian([[0, 0]], [0, 0], [[1e-310, beside], [beside, 1e-310]])


def test_what_only_looks_like_a_mixture_is_refused():
    class Likeness:
        weights, means, covariances = MIXTURE

    for value in (Likeness(), Likeness, gmm.Mixture):
        with pytest.raises(TypeError, match=r"^mixture is a \w+: it should be a gmm\.Mixture"):
            gmm.log_density(POINTS, value)
        with pytest.raises(TypeError, match=r"^components is .*: it should be a whole number\.$"):
            gmm.fit(POINTS, value)


def test_a_constraint_may_be_an_object_that_has_no_hash():
    class Own(list):
        def __call__(self, mixture):
            return gmm.diagonal(mixture)

    own = lambda mixture: gmm.diagonal(mixture)  # noqa: E731
    ours, theirs = (gmm.fit(POINTS, 1, constraint=constraint, starts=1) for constraint in (Own(), own))
    assert np.array_equal(ours.mixture.covariances, theirs.mixture.covariances)


@pytest.mark.parametrize("value", [np.ndarray, list, gmm.Mixture, int])
def test_a_class_is_no_array_and_no_known_constraint(value):
    with pytest.raises(ValueError, match=r"^points cannot be read as an array of real numbers"):
        gmm.log_density(value, MIXTURE)
    with pytest.raises(ValueError, match=r"^constraint is <class .*whose number of free parameters is unknown"):
        gmm.bic(POINTS, MIXTURE, value)


@pytest.mark.parametrize(
    ("broken", "found"),
    [
        ({"log_likelihood": np.nan}, "log_likelihood is nan: it should be a finite number"),
        ({"log_likelihood": None}, "log_likelihood is None: it should be a finite number"),
        ({"covariances": [[[-1.0]]]}, "covariances have the variance -1"),
        ({"covariances": [[[1e300]]]}, "covariances reaches"),
        ({"means": [[0, 0]], "covariances": [[[1, 0.5], [0.6, 1]]]}, "covariances are not symmetric"),
        ({"means": [[0, 0]], "covariances": [[[1, 3], [3, 1]]]}, "covariances are not symmetric and positive semidef"),
    ],
)
def test_a_summary_that_no_points_can_have_is_refused(broken, found):
    right = gmm.Summary(-3.0, [2.0], [[0.0]], [[[1.0]]])
    with pytest.raises(ValueError, match=rf"^other is not a valid gmm\.Summary: its {found}"):
        gmm.merge(right, right._replace(**broken))


def test_a_gap_in_a_table_of_categories_is_refused():
    """pandas makes it the number −9223372036854775808, and warns."""
    table = pd.DataFrame({"x": pd.Categorical([7, None, 2]), "y": pd.Categorical([1, 2, 1])})
    with pytest.raises(ValueError, match=r"^points (cannot be read as an array of real numbers|\[1, 0\] is nan)"):
        gmm.mean(table, RESPONSIBILITIES[:3])
    assert np.array_equal(gmm.mean(table[["y"]], RESPONSIBILITIES[:3]), gmm.mean([[1], [2], [1]], RESPONSIBILITIES[:3]))


@pytest.mark.parametrize("value", [b"", b"12", "", "12", bytearray(b"12")])
@pytest.mark.parametrize("call", ["em", "accelerated", "fit", "log_density"])
def test_bytes_and_words_are_no_points_in_pieces(call, value):
    with pytest.raises(ValueError, match=r"^points (cannot be read as an array of real numbers|is 1-D)"):
        called(call, points=value)


@pytest.mark.parametrize("steps", [gmm.em, gmm.accelerated])
def test_few_points_and_weights_that_become_missing_between_two_steps_change_nothing(steps):
    points, weights = POINTS.copy(), np.ones(len(POINTS))
    start = gmm.Mixture(MIXTURE.weights, MIXTURE.means, 4 * MIXTURE.covariances)
    untouched = list(islice(steps(POINTS, start, sample_weights=np.ones(len(POINTS))), 4))
    run = steps(points, start, sample_weights=weights)
    first = next(run)
    points[3], weights[3] = np.nan, np.nan
    assert [step.log_likelihood for step in (first, *islice(run, 3))] == [step.log_likelihood for step in untouched]


@pytest.mark.parametrize("steps", [gmm.em, gmm.accelerated])
def test_many_points_that_become_missing_between_two_steps_are_told(steps):
    points = problem(seed=5, N=70_000)[0]
    run = steps(points, MIXTURE)
    next(run)
    points[3] = np.nan
    with pytest.raises(ValueError, match=r"points or sample_weights were changed between two steps"):
        list(islice(run, 4))
