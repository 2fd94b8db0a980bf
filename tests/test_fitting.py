"""Fits: the published ones, the same ones in other units and other containers, and data that have none."""

import signal
import sys
import types
from functools import cache
from itertools import count, islice

import numpy as np
import pandas as pd
import pytest
from examples import CONSTRAINTS, law, mapped, named, problem, problems, same, scipy_log_likelihood
from hypothesis import given

import gmm_tutorial as gmm
from gmm_tutorial.scale import calls

FAITHFUL, WAITING = gmm.load_faithful(), gmm.load_faithful()[:, 1:]
GALAXIES, ACIDITY = gmm.load_galaxies() / 1000, gmm.load_acidity()
PENGUINS, BILLS = gmm.load_penguins()[0], gmm.load_penguins()[0][:, :2]
ISLANDS = gmm.load_islands()[0]
DATA = {"faithful": FAITHFUL, "galaxies": GALAXIES, "acidity": ACIDITY, "penguins": PENGUINS, "islands": ISLANDS}


def same_fit(fit, other):
    """Bit for bit."""
    same(fit.mixture, other.mixture, rtol=0)
    np.testing.assert_array_equal(fit.log_likelihoods, other.log_likelihoods)


# ---- published and cross-checked fits

PUBLISHED = {
    "waiting, K=2, full": (WAITING, 2, gmm.full, -1034.00174983, [0.360886, 0.639114], 1e-6),
    "waiting, K=2, tied": (WAITING, 2, gmm.tied, -1034.00176036, [0.3608498, 0.6391502], 1e-6),
    "faithful, K=2, full": (FAITHFUL, 2, gmm.full, -1130.26396018, [0.35587286, 0.64412714], 1e-6),
    "faithful, K=3, tied": (FAITHFUL, 3, gmm.tied, -1126.31592782, [0.3563781, 0.1686052, 0.4750167], 1e-5),
    "galaxies, K=3, full": (GALAXIES, 3, gmm.full, -203.179228, [0.0853653, 0.8780511, 0.0365836], 1e-6),
    "acidity, K=2, tied": (ACIDITY, 2, gmm.tied, -185.949264, [0.6234156, 0.3765844], 1e-6),
    "acidity, K=2, full": (ACIDITY, 2, gmm.full, -184.6447, [0.5962, 0.4038], 6e-5),
}


@cache
def tight(name):
    points, K, constraint, *_ = PUBLISHED[name]
    return gmm.fit(points, K, constraint=constraint, rng=1, starts=2, tolerance=1e-11)


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_fit_reaches_the_published_maximum(name):
    _, _, _, maximum, weights, atol = PUBLISHED[name]
    assert tight(name).converged
    assert tight(name).log_likelihood == pytest.approx(maximum, abs=atol)
    np.testing.assert_allclose(tight(name).mixture.weights, weights, atol=atol)


def test_old_faithful_has_the_published_mixture():
    _, means, covariances = tight("faithful, K=2, full").mixture
    np.testing.assert_allclose(means, [[2.03638846, 54.47851644], [4.28966198, 79.96811524]], rtol=1e-6)
    entries = [[0.0691677, 0.4351678, 33.6972831], [0.1699684, 0.9406091, 36.0462083]]
    np.testing.assert_allclose(covariances[:, [0, 0, 1], [0, 1, 1]], entries, rtol=1e-6)


@pytest.mark.parametrize(
    ("name", "means", "deviations", "atol"),
    [
        ("waiting, K=2, full", [54.614858, 80.091070], np.sqrt([34.4713, 34.4303]), 1e-5),
        ("waiting, K=2, tied", [54.61364, 80.09031], [5.869089] * 2, 1e-5),
        ("galaxies, K=3, full", [9.7101, 21.4001, 33.0444], [0.4225, 2.1945, 0.9217], 6e-5),
        ("acidity, K=2, tied", [4.3710370, 6.3202933], [np.sqrt(0.1864)] * 2, 1e-4),
        ("acidity, K=2, full", [4.3302, 6.2492], [0.3726, 0.5196], 1e-4),
    ],
)
def test_other_fits_have_the_published_means_and_deviations(name, means, deviations, atol):
    mixture = tight(name).mixture
    np.testing.assert_allclose(mixture.means[:, 0], means, atol=atol)
    np.testing.assert_allclose(np.sqrt(mixture.covariances[:, 0, 0]), deviations, atol=atol)


def test_the_vignette_of_mclust_stops_a_little_below_our_maximum():
    assert -1126.326 - 1e-3 <= tight("faithful, K=3, tied").log_likelihood <= -1126.326 + 0.02


def test_acidity_has_a_poor_maximum_below_its_nested_model_and_many_starts_find_the_better():
    ends = [gmm.fit(ACIDITY, 2, initialize=gmm.random_points, starts=1, rng=s).log_likelihood for s in range(20)]
    good, poor = np.isclose(ends, -184.6447, atol=1e-4), np.isclose(ends, -187.2345, atol=1e-3)
    assert (good | poor).all()
    assert 10 <= good.sum() < 20
    assert max(np.array(ends)[poor]) < gmm.fit(ACIDITY, 2, constraint=gmm.tied, rng=0).log_likelihood


def test_a_plateau_of_the_penguins_does_not_stop_a_fit():
    thirds = np.zeros((len(BILLS), 3))
    thirds[np.argsort(BILLS[:, 0], kind="stable"), np.arange(len(BILLS)) * 3 // len(BILLS)] = 1
    fit = gmm.fit(BILLS, gmm.m_step(BILLS, thirds), steps=gmm.em)
    gains = np.diff(fit.log_likelihoods)
    assert fit.log_likelihoods[np.argmax(gains < 1.6e-2) + 1] == pytest.approx(-1640.46, abs=0.01)
    assert fit.converged
    assert fit.log_likelihood == pytest.approx(-1634.18707529, abs=1e-6)


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2))])
@pytest.mark.parametrize("K", [2, 3])
@pytest.mark.parametrize("name", DATA)
def test_1500_further_steps_would_gain_less_than_a_hundredth_of_a_nat(name, K, seed):
    fit = gmm.fit(DATA[name], K, starts=2, rng=seed)
    later = next(islice(gmm.em(DATA[name], fit.mixture), 1500, None))
    assert fit.converged
    assert later.log_likelihood - fit.log_likelihood < 0.01


# ---- what a fit promises


@pytest.mark.parametrize("constraint", CONSTRAINTS, ids=named)
def test_the_log_likelihood_is_that_of_the_mixture_and_the_last_of_the_steps(constraint):
    fit = gmm.fit(ISLANDS, 3, constraint=constraint, rng=0)
    assert fit.log_likelihood == pytest.approx(scipy_log_likelihood(ISLANDS, fit.mixture), rel=1e-12)
    assert fit.log_likelihoods[-1] == fit.log_likelihood
    assert (np.diff(fit.log_likelihoods) > -1e-9).all()
    same(constraint(fit.mixture), fit.mixture, rtol=1e-15)
    assert gmm.n_parameters(fit.mixture, fit.constraint) == gmm.n_parameters(fit.mixture, constraint)


def test_a_fit_from_a_mixture_is_the_run_of_em_from_it_and_keeps_its_order():
    points, mixture, _ = problem(1, K=4)
    start = gmm.Mixture(*(array[[2, 0, 3, 1]] for array in mixture))
    fit = gmm.fit(points, start, starts=7)
    steps = list(islice(gmm.accelerated(points, start), len(fit.log_likelihoods)))
    np.testing.assert_array_equal(fit.log_likelihoods, [step.log_likelihood for step in steps])
    same(fit.mixture, steps[-1].mixture, rtol=0)
    assert (np.diff(fit.mixture.means[:, 0]) < 0).any()


def test_components_found_from_a_number_are_numbered_from_left_to_right():
    for seed in range(5):
        assert (np.diff(gmm.fit(ISLANDS, 4, starts=1, rng=seed).mixture.means[:, 0]) > 0).all()


@pytest.mark.parametrize(("draw", "seed"), [(gmm.kmeans_plus_plus, 0), (gmm.random_points, 11)])
def test_the_race_is_won_by_a_start_that_ends_as_high_as_any(draw, seed):
    rng, centers = np.random.default_rng(seed), []
    for _ in range(5):
        centers.append(draw(GALAXIES, 3, rng))
    ends = [gmm.fit(GALAXIES, gmm.mixture_around(GALAXIES, each)).log_likelihood for each in centers]
    given = iter(centers)
    fit = gmm.fit(GALAXIES, 3, initialize=lambda *_: next(given), starts=5, rng=0)
    assert fit.log_likelihood == pytest.approx(max(ends), abs=1e-6)
    assert min(ends) < fit.log_likelihood - 1


def test_ten_starts_refined_by_kmeans_and_five_from_kmeans_plus_plus_are_the_default():
    plain = gmm.fit(GALAXIES, 4, constraint=gmm.tied, rng=1)
    options = {"starts": 10, "tolerance": 1e-6, "max_steps": 10_000, "steps": gmm.accelerated}
    same_fit(plain, gmm.fit(GALAXIES, 4, constraint=gmm.tied, rng=1, initialize=gmm.kmeans_plus_plus, **options))
    assert len(plain.starts) in (15, 15 + 10)
    drawn = []
    own = gmm.fit(GALAXIES, 3, rng=1, initialize=lambda *args: drawn.append(args) or gmm.kmeans_plus_plus(*args))
    assert len(drawn) == 10
    assert len(own.starts) in (10, 10 + 10)


def test_a_fit_says_what_became_of_each_start():
    hopeless, near = [[0, 0], [1e6, 1e6]], CLOUD[:2]
    centers = iter([near, hopeless, near, CLOUD[5:7]])
    fit = gmm.fit(CLOUD, 2, initialize=lambda *_: next(centers), starts=4, constraint=gmm.tied, rng=0)
    first, second, third, fourth, *attempts = fit.starts
    assert len(attempts) == 4
    assert (second.end, second.e_steps, third.end) == ("collapsed", 0, "same")
    assert {first.end, fourth.end} <= {"converged", "lower", "same"}
    assert fit.e_steps == sum(start.e_steps for start in fit.starts)
    converged = [start.log_likelihood for start in fit.starts if start.end == "converged"]
    assert max(converged) == fit.log_likelihood >= max(start.log_likelihood for start in fit.starts) - 1e-3


def test_one_seed_gives_one_fit_bit_for_bit_and_a_generator_is_used_up():
    same_fit(gmm.fit(ACIDITY, 2, rng=6), gmm.fit(ACIDITY, 2, rng=6))
    rng = np.random.default_rng(6)
    same_fit(gmm.fit(ACIDITY, 2, rng=rng), gmm.fit(ACIDITY, 2, rng=6))
    assert rng.bit_generator.state != np.random.default_rng(6).bit_generator.state


def test_a_fit_leaves_the_global_random_state_alone():
    before = np.random.get_state()[1:3]  # noqa: NPY002
    gmm.fit(ISLANDS, 2)
    np.testing.assert_equal(np.random.get_state()[1:3], before)  # noqa: NPY002


def test_a_start_of_your_own_is_used():
    centers = [[2, 3], [5, 5], [6, 1.5]]
    fit = gmm.fit(ISLANDS, 3, initialize=lambda points, K, rng: centers, starts=1)
    expected = gmm.fit(ISLANDS, gmm.mixture_around(ISLANDS, centers))
    np.testing.assert_array_equal(fit.log_likelihoods, expected.log_likelihoods)


def test_a_start_obeys_the_constraint():
    points, _, _ = problem(5)
    fit = gmm.fit(points, 3, constraint=gmm.spherical, starts=1, rng=0)
    start = gmm.spherical(gmm.mixture_around(points, gmm.kmeans_plus_plus(points, 3, 0)))
    assert fit.log_likelihoods[0] == pytest.approx(scipy_log_likelihood(points, start), rel=1e-12)


# ---- when to stop


def test_the_gain_to_come_is_the_rest_of_a_geometric_series():
    for ratio in (0.1, 0.5, 0.99):
        log_likelihoods = -300 - 40 * ratio ** np.arange(9)
        assert gmm.gain_to_come(log_likelihoods) == pytest.approx(-300 - log_likelihoods[-1], rel=1e-9)


@pytest.mark.parametrize(
    "log_likelihoods", [[3], [3, 4], [0, 1, 2], [0, 1, 3], [5, 4, 4.5], [5, 6, 5.5], [5, 5, 6]], ids=str
)
def test_the_gain_to_come_is_unknown_until_the_gains_shrink(log_likelihoods):
    assert gmm.gain_to_come(log_likelihoods) == np.inf


@pytest.mark.parametrize("log_likelihoods", [[0, 1, 1], [1, 1, 1], [-9, -5e3, -5e3 * (1 + 2e-16)], [0, 0, 0]], ids=str)
def test_nothing_is_to_come_when_the_last_gain_is_rounding(log_likelihoods):
    assert gmm.gain_to_come(log_likelihoods) == 0


def test_tiny_gains_are_no_rounding_where_the_log_likelihood_is_small():
    assert gmm.gain_to_come([0, 8e-14, 12e-14]) == pytest.approx(4e-14)


def test_the_rounding_is_that_of_the_last_log_likelihood_and_not_of_those_before():
    assert gmm.gain_to_come([0.0, -1e9, 4.0, 4.9, 4.900001]) == pytest.approx(1e-12 / 0.9, rel=1e-4)


@pytest.mark.parametrize("steps", [gmm.em, gmm.accelerated])
def test_a_run_stops_at_the_first_step_at_which_little_is_left(steps):
    for tolerance in (1e-1, 1e-3, 1e-6):
        start = gmm.mixture_around(ISLANDS, ISLANDS[[3, 90, 160]])
        seen = gmm.fit(ISLANDS, start, tolerance=tolerance, steps=steps).log_likelihoods
        stops = [
            np.ptp(seen[t - 8 : t + 1]) < tolerance and gmm.gain_to_come(seen[: t + 1]) < tolerance
            for t in range(8, len(seen))
        ]
        assert stops == [False] * (len(stops) - 1) + [True]


@pytest.mark.parametrize("max_steps", [1, 2, 7])
def test_a_fit_that_runs_out_of_steps_says_so_and_what_to_do(max_steps):
    sentence = (
        rf"the fit stopped after max_steps={max_steps} steps, "
        r"(and its gains are not shrinking yet|with [0-9.e+-]+ nats still to come): "
        "raise max_steps or tolerance, or go on from fit.mixture"
    )
    with pytest.warns(gmm.ConvergenceWarning, match=sentence) as caught:
        fit = gmm.fit(ISLANDS, 3, rng=0, max_steps=max_steps)
    assert [warning.filename for warning in caught] == [__file__]
    assert not fit.converged
    assert len(fit.log_likelihoods) == max_steps + 1
    assert fit.log_likelihood == pytest.approx(scipy_log_likelihood(ISLANDS, fit.mixture), rel=1e-12)


def test_a_fit_can_go_on_from_where_it_stopped():
    start = gmm.mixture_around(ISLANDS, ISLANDS[:3])
    whole = gmm.fit(ISLANDS, start, steps=gmm.em)
    with pytest.warns(gmm.ConvergenceWarning):
        half = gmm.fit(ISLANDS, start, max_steps=10, steps=gmm.em)
    rest = gmm.fit(ISLANDS, half.mixture, steps=gmm.em)
    np.testing.assert_array_equal([*half.log_likelihoods, *rest.log_likelihoods[1:]], whole.log_likelihoods)


def test_a_fit_says_in_one_line_how_it_ended():
    fit = gmm.fit(FAITHFUL, gmm.fit(FAITHFUL, 2, rng=0).mixture)
    steps = len(fit.log_likelihoods) - 1
    assert repr(fit) == (
        f"<Fit of 2 components in 2 dimensions: log-likelihood -1130.263960, converged after {steps} steps>"
    )
    with pytest.warns(gmm.ConvergenceWarning):
        assert repr(gmm.fit(ISLANDS, 3, rng=0, max_steps=4)).endswith(", stopped before it converged, after 4 steps>")


# ---- the same in other words


@pytest.mark.parametrize("constraint", [*CONSTRAINTS, gmm.ridge], ids=named)
@pytest.mark.parametrize("c", [2.0**-30, 1e-3, 2.0**20])
def test_a_fit_in_another_unit_is_the_fit_times_that_unit(c, constraint):
    points, _, _ = problem(6, D=3)
    found, expected = (gmm.fit(x, 3, constraint=constraint, rng=2, starts=2) for x in (c * points, points))
    same(found.mixture, mapped(expected.mixture, c * np.eye(3)), rtol=1e-9)
    assert len(found.log_likelihoods) == len(expected.log_likelihoods)
    assert found.log_likelihood == pytest.approx(expected.log_likelihood - points.size * np.log(c), abs=1e-8)


@law
@given(problems)
def test_a_sample_weight_of_two_is_the_row_twice(made):
    points, mixture, rng = made
    sample_weights = rng.integers(0, 3, len(points))
    options = {"constraint": gmm.tied, "tolerance": 1e-3, "steps": gmm.em}
    found = gmm.fit(points, gmm.tied(mixture), sample_weights=sample_weights, **options)
    expected = gmm.fit(np.repeat(points, sample_weights, axis=0), gmm.tied(mixture), **options)
    np.testing.assert_allclose(found.log_likelihoods, expected.log_likelihoods, rtol=1e-10)
    same(found.mixture, expected.mixture, rtol=1e-7)


def test_a_point_of_weight_zero_is_not_there():
    points, _, _ = problem(7)
    sample_weights = np.arange(len(points)) % 3
    kept = sample_weights > 0
    found = gmm.fit(points, 3, sample_weights=sample_weights, rng=0)
    same_fit(found, gmm.fit(points[kept], 3, sample_weights=sample_weights[kept], rng=0))
    with pytest.raises(ValueError, match="components is 3 but there are only 2 points"):
        gmm.fit([[1], [2], [5], [9]], 3, sample_weights=[0, 0, 1, 2])


BYTES = np.random.default_rng(0).poisson([[30, 60, 9]] * 60 + [[80, 50, 4]] * 30).astype(np.uint8)
KINDS = {
    "uint8": BYTES,
    "int64": BYTES.astype(np.int64),
    "float32": BYTES.astype(np.float32),
    "float16": BYTES.astype(np.float16),
    "big-endian": BYTES.astype(">f8"),
    "objects": BYTES.astype(object),
    "lists": BYTES.tolist(),
    "tuples": tuple(map(tuple, BYTES.tolist())),
    "DataFrame": pd.DataFrame(BYTES, columns=list("abc")),
    "Fortran": np.asfortranarray(BYTES.astype(float)),
    "strided": np.repeat(np.repeat(BYTES.astype(float), 2, axis=0), 3, axis=1)[::2, ::3],
    "backwards": BYTES[::-1].astype(float)[::-1],
    "read-only": np.frombuffer(BYTES.astype(float).tobytes()).reshape(BYTES.shape),
}


@pytest.mark.parametrize("points", KINDS.values(), ids=KINDS)
def test_the_container_of_the_points_makes_no_difference_and_is_left_alone(points):
    before = np.array(points, copy=True)
    found, expected = (gmm.fit(x, 2, rng=0, starts=2) for x in (points, BYTES.astype(float)))
    same_fit(found, expected)
    assert {array.dtype for array in found.mixture} == {np.dtype(float)}
    np.testing.assert_array_equal(np.array(points), before)


def test_points_in_single_precision_lose_none_of_the_accuracy_that_they_have():
    single = (ISLANDS + 1000).astype(np.float32)
    start = gmm.mixture_around(single, single[:3])
    same_fit(gmm.fit(single, start), gmm.fit(single.astype(float), start))
    moved = gmm.Mixture(start.weights, start.means - 1000, start.covariances)
    found, expected = gmm.fit(single, start).mixture, gmm.fit(ISLANDS, moved).mixture
    np.testing.assert_allclose(found.covariances, expected.covariances, rtol=1e-2)


@pytest.mark.parametrize("c", [1e-3, 0.1, 3.7, 1e5])
def test_of_starts_that_end_equally_high_the_first_is_taken_in_any_unit(c):
    first, second = (ISLANDS[[n, n + 100, n + 200]] for n in (0, 13))
    centers = iter([c * first, c * second, c * first])
    found = gmm.fit(c * ISLANDS, 3, initialize=lambda *_: next(centers), starts=3, rng=0)
    ends = [gmm.fit(ISLANDS, gmm.mixture_around(ISLANDS, start)) for start in (first, second)]
    expected = max(ends, key=lambda fit: fit.log_likelihood)
    np.testing.assert_allclose(found.mixture.means, c * gmm.ordered(expected.mixture).means, rtol=1e-10)


@pytest.mark.parametrize("times", [1e-9, 1e-6, 1.0])
def test_points_that_count_very_little_are_fitted_as_well_as_any(times):
    weights = np.full(len(ISLANDS), times)
    start = gmm.mixture_around(ISLANDS, ISLANDS[:3])
    found, expected = gmm.fit(ISLANDS, start, sample_weights=weights), gmm.fit(ISLANDS, start)
    assert found.converged
    assert found.log_likelihood / times == pytest.approx(expected.log_likelihood, abs=2e-6)
    assert len(found.log_likelihoods) == len(expected.log_likelihoods)


@pytest.mark.parametrize("initialize", [gmm.kmeans, lambda: CLOUD[:2]], ids=["kmeans", "no arguments"])
def test_what_does_not_take_points_number_and_generator_is_no_initialize(initialize):
    with pytest.raises(TypeError, match=r"initialize takes \(.*\): it should take \(points, K, rng\), like kmeans_"):
        gmm.fit(ISLANDS, 2, initialize=initialize)


# ---- the bar


def fake_tqdm(monkeypatch, bars):
    class Bar:
        def __init__(self, **options):
            self.steps, self.shown, self.closed = 0, [], False
            bars.append(self)

        def __enter__(self):
            return self

        def __exit__(self, *error):
            self.closed = True

        def update(self):
            self.steps += 1

        def set_postfix_str(self, text, refresh):
            self.shown.append(text.split()[-1])

    monkeypatch.setitem(sys.modules, "tqdm.auto", types.SimpleNamespace(tqdm=Bar))


def test_a_bar_shows_every_step_of_every_start_and_changes_nothing(monkeypatch):
    fake_tqdm(monkeypatch, bars := [])
    plain = gmm.fit(ISLANDS, 3, rng=0, starts=3)
    assert bars == []
    same_fit(gmm.fit(ISLANDS, 3, rng=0, starts=3, progress=True), plain)
    [bar] = bars
    assert bar.closed
    assert len(bar.shown) == bar.steps > len(plain.log_likelihoods)
    assert bar.steps == plain.e_steps
    assert {f"{one:.6f}" for one in plain.log_likelihoods} <= {*bar.shown}


def test_a_bar_is_closed_when_its_start_collapses(monkeypatch):
    fake_tqdm(monkeypatch, bars := [])
    with pytest.raises(gmm.CollapseError):
        gmm.fit(OUTLIER, 2, initialize=lambda *_: [[0, 0], [90, 80]], starts=1, progress=True)
    assert [bar.closed for bar in bars] == [True]


def test_without_tqdm_there_is_no_bar_and_the_same_fit(monkeypatch):
    plain = gmm.fit(ISLANDS, 3, rng=0, starts=2)
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    same_fit(gmm.fit(ISLANDS, 3, rng=0, starts=2, progress=True), plain)


def test_the_bar_of_tqdm_goes_to_standard_error(capfd):
    fit = gmm.fit(ISLANDS, 3, rng=0, starts=1, progress=True)
    printed = capfd.readouterr()
    assert printed.out == ""
    assert f"{len(fit.log_likelihoods)} steps" in printed.err


# ---- data without a fit

CLOUD = problem(8, N=40, K=1)[0]
OUTLIER = np.concatenate([CLOUD, [[90, 80], [90, 80]]])
CURE = "Ask for fewer components, start elsewhere .*constraint=gmm.ridge"


def test_a_start_that_collapses_is_given_up():
    hopeless = [[0, 0], [1e6, 1e6]]
    centers = iter([hopeless, CLOUD[:2], hopeless])
    fit = gmm.fit(CLOUD, 2, initialize=lambda *_: next(centers), starts=3, constraint=gmm.tied, rng=0)
    expected = gmm.fit(CLOUD, gmm.mixture_around(CLOUD, CLOUD[:2]), constraint=gmm.tied)
    np.testing.assert_array_equal(fit.log_likelihoods, expected.log_likelihoods)


@pytest.mark.parametrize("K", [0, 1])
def test_if_every_start_collapses_the_component_and_the_cure_are_named(K):
    centers = [[90, 80], [0, 0]][:: 1 - 2 * (K == 1)]
    sentence = rf"component {K} has collapsed: its covariance is singular .* around its mean \[90. 80.\]\). {CURE}"
    with pytest.raises(gmm.CollapseError, match=sentence) as caught:
        gmm.fit(OUTLIER, 2, initialize=lambda *_: centers, starts=3)
    assert caught.value.component == K
    with pytest.warns(gmm.ConvergenceWarning, match="component 1 is a spike"):
        fit = gmm.fit(OUTLIER, 2, initialize=lambda *_: centers, constraint=gmm.ridge)
    assert np.isfinite(fit.log_likelihood)


def test_duplicated_points_have_the_fit_of_the_single_ones():
    points, mixture, _ = problem(9)
    found, expected = gmm.fit(np.repeat(points, 3, axis=0), mixture), gmm.fit(points, mixture)
    np.testing.assert_allclose(found.log_likelihood, 3 * expected.log_likelihood, rtol=1e-7)


DEGENERATE = {
    "a constant column": np.column_stack([CLOUD, np.full(40, 0.1)]),
    "a large constant column": np.column_stack([CLOUD, np.full(40, 1e9 / 7)]),
    "a repeated column": CLOUD[:, [0, 1, 0]],
    "collinear columns": np.column_stack([CLOUD, CLOUD @ [1 / 3, -1.7] + 0.3]),
    "fewer points than dimensions": problem(10, N=3, K=1, D=5)[0],
}


@pytest.mark.parametrize("K", [1, 2])
@pytest.mark.parametrize("points", DEGENERATE.values(), ids=DEGENERATE)
def test_flat_data_have_no_full_fit_but_a_spherical_one_and_one_with_a_ridge(points, K):
    with pytest.raises(gmm.CollapseError, match=CURE):
        gmm.fit(points, K, rng=0)
    if len(points) > 3:
        assert np.isfinite(gmm.fit(points, K, constraint=gmm.spherical, rng=0).log_likelihood)


@pytest.mark.parametrize("name", ["a repeated column", "collinear columns", "fewer points than dimensions"])
def test_a_ridge_gives_collinear_data_a_fit(name):
    fit = gmm.fit(DEGENERATE[name], 1, constraint=gmm.ridge, rng=0)
    assert np.isfinite(fit.log_likelihood)
    assert fit.converged


@pytest.mark.parametrize("points", [[[3.5, 1]] * 6, [[0.1, 1 / 3]] * 7, [[1e9, 1 / 7]]])
def test_a_single_place_has_no_fit(points):
    for constraint in (*CONSTRAINTS, gmm.ridge):
        with pytest.raises(gmm.CollapseError, match="component 0"):
            gmm.fit(points, 1, constraint=constraint)


def test_fewer_places_than_components_are_refused():
    with pytest.raises(ValueError, match="points has only 2 different rows"):
        gmm.fit([[0, 1], [2, 5]] * 4, 3)


@pytest.mark.parametrize("constraint", CONSTRAINTS, ids=named)
def test_one_component_is_found_at_once(constraint):
    fit = gmm.fit(CLOUD, 1, constraint=constraint, rng=0)
    assert fit.converged
    np.testing.assert_allclose(fit.log_likelihoods[1:], fit.log_likelihood, rtol=1e-14)
    np.testing.assert_allclose(fit.mixture.means[0], CLOUD.mean(axis=0), rtol=1e-12)


def test_as_many_components_as_points_need_a_ridge():
    points = CLOUD[:6]
    with pytest.raises(gmm.CollapseError, match=CURE):
        gmm.fit(points, 6, rng=0)
    fit = gmm.fit(points, 6, constraint=gmm.ridge, rng=0)
    np.testing.assert_allclose(fit.mixture.weights, 1 / 6, rtol=1e-9)
    np.testing.assert_allclose(fit.mixture.means, points[np.argsort(points[:, 0])], rtol=1e-9)


def test_a_component_without_weight_is_named():
    start = gmm.Mixture([0, 1], [[0, 0], [1, 1]], [np.eye(2)] * 2)
    with pytest.raises(gmm.CollapseError, match="component 0 has collapsed: it explains no points any more"):
        gmm.fit(CLOUD, start)


def test_a_cluster_of_one_point_is_fitted_where_covariances_are_shared():
    points = np.concatenate([CLOUD, [[90, 80]]])
    fit = gmm.fit(points, 2, constraint=gmm.tied, rng=0)
    np.testing.assert_allclose(fit.mixture.weights, [40 / 41, 1 / 41], rtol=1e-9)
    np.testing.assert_allclose(fit.mixture.means[1], [90, 80], rtol=1e-12)


def scaled_fit(exponent):
    return gmm.fit(10.0**exponent * CLOUD / np.abs(CLOUD).max(), 2, rng=1, starts=2)


@pytest.mark.parametrize("exponent", [-140, -60, 60, 130])
def test_large_and_small_units_give_a_fit(exponent):
    fit = scaled_fit(exponent)
    same(fit.mixture, mapped(scaled_fit(0).mixture, 10.0**exponent * np.eye(2)), rtol=1e-8)


@pytest.mark.parametrize("exponent", [-300, -200, 142, 300])
def test_numbers_whose_squares_are_no_longer_floats_are_refused_in_words(exponent):
    with pytest.raises(ValueError, match=r"points|components|constraint=gmm.ridge"):
        scaled_fit(exponent)


# ---- stopped from outside


@pytest.fixture(autouse=True)
def ctrl_c_interrupts():
    """Also where this process was started in the background, and told to ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def interrupting(after):
    """Summarizes, and presses Ctrl-C at one of the calls."""
    called = count(1)

    def summarize(points, mixture, sample_weights=None):
        if next(called) == after:
            signal.raise_signal(signal.SIGINT)
        return gmm.summarize(points, mixture, sample_weights)

    return summarize


def test_ctrl_c_leaves_the_mixture_that_was_reached_and_a_fit_goes_on_from_it_step_for_step():
    points, mixture, _ = problem(3)
    start = gmm.Mixture(mixture.weights, mixture.means + 1.0, mixture.covariances)
    never_stopped = gmm.fit(points, start, steps=gmm.em)
    with pytest.raises(KeyboardInterrupt) as stop:
        gmm.fit(points, start, steps=gmm.em, summarize=interrupting(after=8))
    assert isinstance(stop.value, gmm.Interrupted)
    reached = stop.value.fit
    assert not reached.converged
    np.testing.assert_array_equal(reached.log_likelihoods, never_stopped.log_likelihoods[:7])
    assert "stopped before it converged, after 6 steps" in str(stop.value)
    assert "gmm.fit(points, stop.fit.mixture, constraint=stop.fit.constraint)" in str(stop.value)
    rest = gmm.fit(points, reached.mixture, steps=gmm.em)
    np.testing.assert_array_equal(rest.log_likelihoods, never_stopped.log_likelihoods[6:])
    same(rest.mixture, never_stopped.mixture, rtol=0)


def test_ctrl_c_in_the_race_leaves_the_highest_of_all_that_were_reached():
    points, seen = problem(3)[0], []
    stopping = interrupting(after=40)

    def summarize(points, mixture, sample_weights=None):
        found = stopping(points, mixture, sample_weights)
        seen.append(found.log_likelihood)
        return found

    with pytest.raises(gmm.Interrupted) as stop:
        gmm.fit(points, 3, rng=0, starts=9, summarize=summarize)
    assert stop.value.fit.log_likelihood == max(seen)
    assert not stop.value.fit.converged


@pytest.mark.parametrize("more", [1, 3])
def test_ctrl_c_on_the_way_from_the_sample_to_all_points_leaves_what_the_sample_gave_or_better(monkeypatch, more):
    monkeypatch.setattr(calls, "sample_size", lambda N, K, D: 400)
    points = problem(3, N=2000)[0]
    called = count(1)

    def summarize(points, mixture, sample_weights=None):
        if len(points) == 2000 and next(called) == more:
            signal.raise_signal(signal.SIGINT)
        return gmm.summarize(points, mixture, sample_weights)

    with pytest.raises(gmm.Interrupted) as stop:
        gmm.fit(points, 3, rng=0, starts=3, summarize=summarize, tolerance=1e-9)
    assert len(stop.value.fit.log_likelihoods) >= more - 1
    best = gmm.fit(points, 3, rng=0, starts=3).log_likelihood
    assert gmm.fit(points, stop.value.fit.mixture).log_likelihood == pytest.approx(best, abs=1e-4)


def test_ctrl_c_while_the_starts_are_drawn_is_the_plain_one():
    points = problem(3)[0]
    called = count(1)

    def initialize(points, K, rng):
        if next(called) == 3:
            signal.raise_signal(signal.SIGINT)
        return gmm.kmeans_plus_plus(points, K, rng)

    with pytest.raises(KeyboardInterrupt) as stop:
        gmm.fit(points, 3, rng=0, initialize=initialize)
    assert not isinstance(stop.value, gmm.Interrupted)


def test_ctrl_c_before_the_first_step_is_the_plain_one():
    points, mixture, _ = problem(3)
    with pytest.raises(KeyboardInterrupt) as stop:
        gmm.fit(points, mixture, summarize=interrupting(after=1))
    assert not isinstance(stop.value, gmm.Interrupted)


def test_ctrl_c_ends_the_threads_too():
    points, mixture, _ = problem(3, N=200_000)
    with pytest.raises(gmm.Interrupted) as stop:
        gmm.fit(points, mixture, summarize=interrupting(after=11), tolerance=1e-12)
    assert 1 <= len(stop.value.fit.log_likelihoods) <= 4


# ---- accelerated or not


@pytest.mark.parametrize(("constraint", "seed"), [(gmm.tied, 0), (gmm.tied, 1), (gmm.full, 0)])
def test_an_accelerated_fit_ends_where_a_long_plain_one_ends(constraint, seed):
    points = gmm.load_faithful()
    start = constraint(gmm.mixture_around(points, gmm.kmeans_plus_plus(points, 3, rng=seed)))
    plain = gmm.fit(points, start, constraint=constraint, tolerance=1e-9, steps=gmm.em)
    quick = gmm.fit(points, start, constraint=constraint)
    assert quick.converged
    assert quick.log_likelihood == pytest.approx(plain.log_likelihood, abs=2e-6)
    assert len(quick.log_likelihoods) < len(plain.log_likelihoods)


def test_on_the_plateau_of_old_faithful_acceleration_saves_most_of_the_steps():
    points = gmm.load_faithful()
    start = gmm.tied(gmm.mixture_around(points, gmm.kmeans_plus_plus(points, 3, rng=0)))
    plain, quick = (gmm.fit(points, start, constraint=gmm.tied, steps=steps) for steps in (gmm.em, gmm.accelerated))
    assert 20 * len(quick.log_likelihoods) < len(plain.log_likelihoods)
    assert quick.log_likelihood > plain.log_likelihood - 1e-8
