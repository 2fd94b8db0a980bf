"""The choice of K and the constraint: what the table says, which fit it prefers, and what it calls undecided."""

import sys
from functools import partial
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from examples import problem, same, scipy_log_likelihood

import gmm_tutorial as gmm
from gmm_tutorial.model_selection import Attempt, attempted, neighbors, split
from gmm_tutorial.spikes import held_by_ridge, spikes

matplotlib.use("Agg")
from matplotlib import pyplot

SHAPES = [gmm.full, gmm.tied, gmm.chain(gmm.diagonal, gmm.tied)]
POINTS, TRUTH, _ = problem(1, N=150, K=2, D=2)
FOUND = gmm.select(POINTS, range(1, 4), SHAPES, rng=0, starts=2)


def test_each_combination_is_in_the_table_with_its_own_numbers():
    assert [(row["K"], row["shape"]) for row in FOUND.table] == [
        (K, shape) for K in (1, 2, 3) for shape in ("full", "tied", "diagonal + tied")
    ]
    for row, each, free in zip(FOUND.table, FOUND.candidates, (3, 3, 2, 6, 3, 2, 9, 3, 2)):
        log_likelihood = scipy_log_likelihood(POINTS, each.fit.mixture)
        p = row["K"] - 1 + 2 * row["K"] + free
        assert row["parameters"] == p
        assert row["log_likelihood"] == pytest.approx(log_likelihood, rel=1e-10)
        assert row["bic"] == pytest.approx(p * np.log(150) - 2 * log_likelihood, rel=1e-10)
        assert row["aic"] == pytest.approx(2 * p - 2 * log_likelihood, rel=1e-10)
        assert row["icl"] == pytest.approx(gmm.icl(POINTS, each.fit), rel=1e-10)
        assert row["converged"] is each.fit.converged


def test_the_best_has_the_smallest_value_and_finds_the_truth():
    assert FOUND.chosen.value == min(row["bic"] for row in FOUND.table)
    assert FOUND.best is FOUND.chosen.fit
    assert FOUND.chosen.K == 2
    assert gmm.bic(FOUND.best) == FOUND.chosen.value


@pytest.mark.parametrize("criterion", ["aic", "bic", "icl"])
def test_every_criterion_chooses_by_its_own_column(criterion):
    found = gmm.select(POINTS, [1, 2], [gmm.full, gmm.tied], criterion, rng=0, starts=1)
    assert found.chosen.row[criterion] == min(row[criterion] for row in found.table)


def test_a_criterion_of_your_own():
    def simplest(fit):
        return float(len(fit.mixture.weights))

    found = gmm.select(POINTS, [2, 3, 1], [gmm.tied], simplest, rng=0, starts=1)
    assert found.chosen.K == 1
    assert [row["simplest"] for row in found.table] == [1.0, 2.0, 3.0]
    assert "simplest prefers K = 1, tied" in repr(found)


def test_a_model_does_not_end_below_one_that_it_contains():
    found = gmm.select(gmm.load_acidity(), range(1, 6), [gmm.full, gmm.tied], rng=1, starts=1)
    heights = {(each.K, each.shape): each.fit.log_likelihood for each in found.candidates}
    for K in range(1, 6):
        assert heights[K, "full"] >= heights[K, "tied"] - 1e-6
        if K > 1:
            assert heights[K, "tied"] >= heights[K - 1, "tied"] - 1e-3
    assert heights[2, "full"] == pytest.approx(-184.6447, abs=1e-3)


def test_a_fit_starts_again_from_the_other_shapes_of_its_K():
    fits = {(each.K, each.shape): each.fit for each in FOUND.candidates}
    found = {(2, 0): Attempt(fits[2, "full"], ()), (2, 1): Attempt(fits[2, "tied"], ()), (3, 1): Attempt(None, ())}
    [start] = neighbors(found, 2, 1, gmm.tied, attempt=None)
    same(start, gmm.tied(fits[2, "full"].mixture))
    [start] = neighbors(found, 2, 0, gmm.full, attempt=None)
    same(start, fits[2, "tied"].mixture)


def test_a_fit_starts_again_from_one_component_less_with_the_best_one_split():
    two = next(each.fit for each in FOUND.candidates if (each.K, each.shape) == (2, "full"))

    def attempt(start, shape, **more):
        return attempted(POINTS, start, constraint=SHAPES[shape], **more)

    [start] = neighbors({(2, 0): Attempt(two, ()), (3, 0): Attempt(None, ())}, 3, 0, gmm.full, attempt)
    assert len(start.weights) == 3
    steps = [gmm.em(POINTS, split(two.mixture, k)) for k in range(2)]
    ends = [[next(each).log_likelihood for _ in range(4)][-1] for each in steps]
    assert gmm.log_likelihood(POINTS, start) == pytest.approx(max(ends), abs=1e-8)


def test_components_are_numbered_from_left_to_right():
    for each in FOUND.candidates:
        assert (np.diff(each.fit.mixture.means[:, 0]) >= 0).all()


def test_one_seed_gives_one_result():
    again = gmm.select(POINTS, range(1, 4), SHAPES, rng=0, starts=2)
    assert repr(again) == repr(FOUND)
    assert again.table == FOUND.table


def test_several_processes_give_the_same_result_also_for_a_constraint_that_only_this_process_knows():
    def round_and_tied(mixture):
        return gmm.tied(gmm.spherical(mixture))

    round_and_tied.parameters = lambda K, D: 1
    shapes = [gmm.full, round_and_tied]
    alone, together = (gmm.select(POINTS, [1, 2, 3], shapes, rng=5, starts=2, workers=n) for n in (1, 2))
    assert together.table == alone.table
    assert repr(together) == repr(alone)


def test_an_error_in_another_process_arrives():
    with pytest.raises(ValueError, match="points"):
        gmm.select(POINTS * np.nan, [1, 2], [gmm.full], rng=0, workers=2)


def test_several_processes_need_joblib(monkeypatch):
    monkeypatch.setattr("gmm_tutorial.scale.processes.cores", lambda: 2)
    monkeypatch.setitem(sys.modules, "joblib", None)
    with pytest.raises(ValueError, match="workers is 2, which needs joblib: pip install joblib"):
        gmm.select(POINTS, [1], rng=0, workers=2)


def candidates(*values, fit=FOUND.best):
    return tuple(gmm.Candidate(k + 1, "full", fit, (), lambda fit, v=v: v) for k, v in enumerate(values))


def test_differences_below_two_decide_nothing():
    selection = gmm.Selection(candidates(12.1, 10.0, 11.9, 10.5, 30.0))
    assert selection.chosen.K == 2
    assert [each.K for each in selection.close] == [4, 3]
    assert "Within 2 of it: K = 4, full; K = 3, full. Such differences decide nothing." in selection.verdict
    assert "decide" not in gmm.Selection(candidates(10.0, 12.1)).verdict


def test_the_largest_K_is_called_a_border_and_a_fit_that_did_not_end_is_told():
    assert "largest that was tried" in gmm.Selection(candidates(10.0, 5.0)).verdict
    assert "largest that was tried" not in gmm.Selection(candidates(5.0, 10.0)).verdict
    found = gmm.select(POINTS, [2], [gmm.full], rng=0, max_steps=1, tolerance=0)
    assert "not converged" in repr(found)
    assert "raise max_steps" in found.verdict
    assert "not converged" in found.table[0]["warnings"]


def test_a_fit_that_only_a_ridge_holds_up_is_shown_and_not_chosen():
    points = np.concatenate([POINTS[:60], np.full((30, 2), 40.0)])
    found = gmm.select(points, [1, 2], [partial(gmm.ridge, fraction=1e-9)], rng=0, starts=5)
    plain, held = found.candidates
    assert not held.sound
    assert "only the ridge keeps component 1 from collapsing" in held.remarks
    assert held.value < plain.value
    assert found.chosen is plain
    assert "Not considered, with a spike or a collapse prevented only by a ridge: K = 2, ridge." in found.verdict
    near = gmm.Candidate(2, "ridge", held.fit, (), lambda fit: found.chosen.value + 1)
    assert gmm.Selection((found.chosen, near)).close == []
    assert "try fewer components" in gmm.Selection((held,)).verdict


def test_a_spike_on_a_few_points_is_shown_and_not_chosen():
    line = np.array([[8.0, 3], [8.5, 3.2 + 1e-7], [9.1, 3.44]])
    points = np.concatenate([POINTS, line])
    _, means, covariances = FOUND.best.mixture
    narrow = np.cov(line.T, bias=True)
    start = gmm.Mixture([0.6, 0.38, 0.02], [*means, line.mean(axis=0)], [*covariances, narrow])
    with pytest.warns(gmm.ConvergenceWarning, match="component 2 is a spike: it explains 3 points, its standard"):
        spike = gmm.fit(points, start)
    assert spikes(spike.mixture, spike.N) == [2]
    candidate = gmm.Candidate(3, "full", spike, (), gmm.bic)
    honest = gmm.Candidate(2, "full", gmm.fit(points, FOUND.best.mixture), (), gmm.bic)
    assert candidate.value < honest.value
    assert gmm.Selection((candidate, honest)).chosen is honest
    assert candidate.remarks == ("component 2 is a spike on 3.0 points",)


@pytest.mark.parametrize(
    ("weight", "variance", "D", "found"),
    [(0.02, 1e-4, 1, [1]), (0.02, 1e-2, 1, []), (0.2, 1e-4, 1, []), (0.12, 1e-4, 1, []), (0.12, 1e-4, 2, [1])],
)
def test_a_spike_is_narrow_and_explains_few_points(weight, variance, D, found):
    shared = np.eye(D) + 0.5
    narrow = shared - (1 - variance) * np.linalg.eigvalsh(shared)[0] * np.outer(*2 * [np.linalg.eigh(shared)[1][:, 0]])
    mixture = gmm.Mixture([1 - weight, weight], [[0] * D, [5] * D], [shared, narrow])
    scaled = gmm.Mixture(mixture.weights, mixture.means * 1e3, mixture.covariances * 1e6)
    for each in (mixture, scaled):
        assert spikes(each, N=100) == found


@pytest.mark.parametrize("constraint", [gmm.ridge, gmm.chain(gmm.full, gmm.ridge), partial(gmm.ridge, fraction=1e-6)])
def test_held_is_what_the_ridge_makes_more_than_half_of(constraint):
    for share, held in ((0.4, []), (0.6, [1])):
        variance = 1e-6 / share  # of which the ridge adds 1e-6
        mixture = gmm.Mixture([0.5, 0.5], [[-1], [1]], [[[1.0]], [[variance]]])
        scale = np.sqrt(gmm.total_covariance(mixture)[0, 0])
        mixture = gmm.Mixture([0.5, 0.5], [[-1], [1]], [[[1.0]], [[variance * scale**2]]])
        assert held_by_ridge(mixture, constraint) == held
    assert held_by_ridge(mixture, gmm.full) == []


def test_a_combination_that_collapses_stays_in_the_table():
    points = np.array([[0.0], [0.0], [0.0], [5.0], [5.0], [5.0]])
    found = gmm.select(points, [1, 2], [gmm.full], rng=0, starts=2)
    assert found.candidates[1].fit is None
    assert "collapsed" in found.table[1]["warnings"]
    assert found.chosen.K == 1
    assert "collapsed" in repr(found)
    with pytest.raises(gmm.CollapseError):
        gmm.select(points, [2], [gmm.full], rng=0, starts=2)


@pytest.mark.parametrize("k", [0, 1, 2])
def test_a_split_component_keeps_weight_mean_and_covariance(k):
    _, mixture, _ = problem(3, K=3, D=3)
    halves = split(mixture, k)
    assert len(halves.weights) == 4
    pair = [k, 3]
    weights = halves.weights[pair]
    both = gmm.Mixture(weights / weights.sum(), halves.means[pair], halves.covariances[pair])
    assert weights.sum() == pytest.approx(mixture.weights[k])
    assert np.ptp(weights) == 0
    np.testing.assert_allclose(gmm.total_mean(both), mixture.means[k], rtol=1e-12)
    np.testing.assert_allclose(gmm.total_covariance(both), mixture.covariances[k], rtol=1e-12)
    assert np.abs(halves.means[k] - halves.means[3]).max() > 0.1
    others = [j for j in range(3) if j != k]
    np.testing.assert_array_equal(halves.means[others], mixture.means[others])


def test_the_halves_of_a_standard_normal_distribution_are_half_normal():
    halves = split(gmm.Mixture([1], [[0]], [[[1]]]), 0)
    assert np.sort(halves.means[:, 0]) == pytest.approx([-np.sqrt(2 / np.pi), np.sqrt(2 / np.pi)])
    assert halves.covariances.ravel() == pytest.approx(1 - 2 / np.pi)


def test_a_split_follows_the_units():
    _, mixture, _ = problem(4, K=2, D=2)
    A = np.diag([1000.0, 0.1])
    scaled = split(gmm.Mixture(mixture.weights, mixture.means @ A, A @ mixture.covariances @ A), 0)
    ours = split(mixture, 0)
    same(scaled, gmm.Mixture(ours.weights, ours.means @ A, A @ ours.covariances @ A))


def test_weights_and_gaps_go_to_every_fit():
    weights = np.random.default_rng(0).uniform(0.5, 2, len(POINTS))
    found = gmm.select(POINTS, [1, 2], [gmm.tied], rng=0, starts=1, sample_weights=weights)
    assert [each.fit.N for each in found.candidates] == pytest.approx([weights.sum()] * 2)
    assert found.chosen.value == pytest.approx(gmm.bic(POINTS, found.best, None, weights), rel=1e-12)
    gaps = POINTS.copy()
    gaps[::7, 0] = np.nan
    found = gmm.select(gaps, [1, 2], [gmm.tied], rng=0, starts=1, missing="model")
    assert found.chosen.K == 2
    assert found.chosen.value == pytest.approx(gmm.bic(gaps, found.best), rel=1e-12)


def test_the_table_in_a_notebook_has_the_same_cells_and_no_markup_of_its_own():
    html = FOUND._repr_html_()
    assert html.count("<tr>") == 1 + len(FOUND.candidates)
    assert FOUND.verdict in html
    odd = gmm.Selection((gmm.Candidate(1, "<lambda>", FOUND.best, ("a < b",), gmm.bic),))._repr_html_()
    assert "&lt;lambda&gt;" in odd
    assert "a &lt; b" in odd


def test_the_best_comes_first_with_a_mark():
    lines = repr(FOUND).splitlines()
    assert lines[0].split() == ["K", "shape", "ℓ", "p", "BIC", "AIC", "ICL"]
    assert lines[1].split()[0] == "2"
    assert "←" in lines[1]
    values = [float(line.split()[-3 - ("←" in line or "≈" in line)]) for line in lines[1:10]]
    assert values == sorted(values)


def test_the_picture_has_a_line_for_each_shape_at_its_distance_from_the_best():
    figure, axes = pyplot.subplots()
    lines = gmm.plots.selection(axes, FOUND)
    assert [line.get_label() for line in lines] == ["full", "tied", "diagonal + tied"]
    heights = {(each.K, each.shape): each.value for each in FOUND.candidates}
    for line in lines:
        for K, height in line.get_xydata():
            assert height == pytest.approx(heights[K, line.get_label()] - FOUND.chosen.value)
    pyplot.close(figure)
    with pytest.raises(TypeError, match=r"what gmm\.select returned"):
        gmm.plots.selection(axes, FOUND.best)


def test_a_bar_counts_the_fits(monkeypatch):
    counted = []

    class Bar:
        def __init__(self, total, unit):
            counted.append(total)

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def update(self):
            counted.append(1)

    monkeypatch.setattr("tqdm.auto.tqdm", Bar)
    gmm.select(POINTS, [1, 2], [gmm.tied], rng=0, starts=1, progress=True)
    assert counted == [4, 1, 1, 1, 1]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"components": [0, 1]}, "components is"),
        ({"components": []}, "components is"),
        ({"constraints": []}, "constraints is empty"),
        ({"constraints": ["full"]}, "constraints"),
        ({"criterion": "bicc"}, "criterion is 'bicc'"),
        ({"workers": 0}, "workers is 0"),
        ({"workers": -2}, "workers is -2"),
    ],
)
def test_what_cannot_be_used_is_named(wrong, words):
    with pytest.raises(ValueError, match=words):
        gmm.select(**{"points": POINTS, "components": [1]} | wrong)


def test_ctrl_c_keeps_what_was_finished():
    def stops_in_the_third_fit(mixture):
        fits.append(len(mixture.weights))
        if len(mixture.weights) == 3:
            raise KeyboardInterrupt
        return mixture

    fits = []
    stops_in_the_third_fit.parameters = lambda K, D: K
    with pytest.raises(gmm.Interrupted, match="a Selection of those that were finished was kept") as caught:
        gmm.select(POINTS, range(1, 5), [stops_in_the_third_fit], rng=0, starts=1)
    kept = caught.value.result
    assert [each.K for each in kept.candidates] == [1, 2]
    assert kept.best is caught.value.fit is not None
    with pytest.raises(KeyboardInterrupt):
        gmm.select(POINTS, [3], [stops_in_the_third_fit], rng=0, starts=1)


def test_a_constraint_without_its_number_of_parameters_is_refused_before_any_fit():
    def of_your_own(mixture):
        raise AssertionError("a fit was begun")

    with pytest.raises(ValueError, match="parameters"):
        gmm.select(POINTS, [1], [of_your_own])


def test_points_in_pieces_have_a_table_without_icl(tmp_path):
    np.save(tmp_path / "points.npy", POINTS)
    found = gmm.select([POINTS[:70], POINTS[70:]], [1, 2], [gmm.tied], rng=0, starts=2)
    assert {row["K"]: "icl" in row for row in found.table} == {1: False, 2: False}
    assert found.chosen.K == 2
    assert "BIC prefers K = 2" in repr(found)


def test_a_criterion_that_is_no_number_is_refused():
    found = gmm.select(POINTS, [1], [gmm.tied], lambda fit: np.nan, rng=0, starts=1)
    with pytest.raises(ValueError, match="criterion returned nan for K = 1, tied"):
        found.chosen


def test_the_smallest_K_is_called_a_border_too():
    found = gmm.select(POINTS, [2, 3], [gmm.full], rng=0, starts=2)
    assert "K = 2 is the smallest that was tried: try smaller ones." in found.verdict


def test_constraint_instead_of_constraints_is_told():
    with pytest.raises(ValueError, match=r"constraints=\[\.\.\.\]"):
        gmm.select(POINTS, [1], constraint=gmm.tied)


def test_if_nothing_can_be_fitted_the_true_reason_is_told():
    points = np.array([[0.0], [0.0], [0.0], [5.0], [5.0], [5.0]])
    with pytest.raises(gmm.CollapseError, match=r"its covariance is singular \(variances \[0\.?\]"):
        gmm.select(points, [2], [gmm.full], rng=0, starts=2)
    found = gmm.select(points, [1, 2], [gmm.full], rng=0, starts=2)
    assert found.table[1]["warnings"].startswith("collapsed: its covariance is singular (variances [0")
    assert found.table[1]["warnings"].endswith(")")


# ---- mclust 6.0.0, an independent program that starts by hierarchical clustering: mclust_bic.R made the table

MCLUST = [line.split(",") for line in (Path(__file__).parent / "mclust_bic.csv").read_text("utf-8").split()]
SHAPES_OF_MCLUST = {
    "EII": gmm.chain(gmm.spherical, gmm.tied),
    "VII": gmm.spherical,
    "EEI": gmm.chain(gmm.diagonal, gmm.tied),
    "VVI": gmm.diagonal,
    "EEE": gmm.tied,
    "VVV": gmm.full,
    "E": gmm.tied,
    "V": gmm.full,
}
POINTS_OF_MCLUST = {
    "faithful": gmm.load_faithful,
    "galaxies": lambda: gmm.load_galaxies() / 1000,
    "acidity": gmm.load_acidity,
    "penguins": lambda: gmm.load_penguins()[0],
    "islands": lambda: gmm.load_islands()[0],
}
ALWAYS_COLLAPSES = {("acidity", "V", 8), ("acidity", "V", 9)}  # for us: a component on a value that is repeated


@pytest.mark.slow
@pytest.mark.parametrize("name", POINTS_OF_MCLUST)
def test_the_bic_tables_of_mclust_are_equalled_or_beaten(name):
    theirs = {(model, int(K)): float(bic) for data, model, K, bic in MCLUST if data == name}
    models = list(dict.fromkeys(model for model, _ in theirs))
    found = gmm.select(POINTS_OF_MCLUST[name](), range(1, 10), [SHAPES_OF_MCLUST[model] for model in models], rng=0)
    ours = {(models[n % len(models)], each.K): each.value for n, each in enumerate(found.candidates)}
    assert ours.keys() == theirs.keys()
    higher = {(name, *key) for key in ours if ours[key] > theirs[key] + 0.02}
    assert higher <= ALWAYS_COLLAPSES
    for model in models:
        assert ours[model, 1] == pytest.approx(theirs[model, 1], abs=1e-5)
