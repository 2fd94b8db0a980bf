"""The estimator is the functions of the package and nothing more, and an estimator as scikit-learn wants one."""

import contextlib
import io
import pickle
import re
import warnings
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from examples import problem, same
from sklearn import mixture as theirs
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import estimator_checks

import gmm_tutorial as gmm
from gmm_tutorial import estimator
from gmm_tutorial.estimator import GaussianMixture

CROWD, CLOSE, RNG = problem(seed=3, N=200, K=3, D=2)
START = gmm.Mixture(CLOSE.weights, CLOSE.means * 4, CLOSE.covariances)
POINTS, _ = gmm.sample(START, 200, rng=8)
COUNTS = RNG.integers(0, 4, size=len(POINTS))
K, D = START.means.shape
PRECISIONS = np.linalg.inv(START.covariances)
PAGE = (Path(__file__).parent.parent / "docs" / "scikit_learn.md").read_text(encoding="utf-8")

# the start, as scikit-learn wants it for each covariance_type, and the covariances that this means, spelled out
PRECISIONS_INIT = {
    "full": PRECISIONS,
    "tied": PRECISIONS[1],
    "diag": np.array([[0.5, 0.125], [0.25, 2.0], [1.0, 0.75]]),
    "spherical": np.array([0.5, 0.125, 0.25]),
}
COVARIANCES = {
    "full": START.covariances,
    "tied": np.stack([START.covariances[1]] * 3),
    "diag": np.array([[[2, 0], [0, 8]], [[4, 0], [0, 0.5]], [[1, 0], [0, 4 / 3]]]),
    "spherical": np.array([[[2, 0], [0, 2]], [[8, 0], [0, 8]], [[4, 0], [0, 4]]]),
}
CONSTRAINTS = {"full": gmm.full, "tied": gmm.tied, "diag": gmm.diagonal, "spherical": gmm.spherical}
each_type = pytest.mark.parametrize("covariance_type", CONSTRAINTS)
unfinished = pytest.mark.filterwarnings("ignore::gmm_tutorial.ConvergenceWarning")


def start_for(covariance_type, means=START.means):
    return {
        "n_components": K,
        "covariance_type": covariance_type,
        "weights_init": START.weights,
        "means_init": means,
        "precisions_init": PRECISIONS_INIT[covariance_type],
        "reg_covar": 0,
    }


# ---- it is the package


@each_type
def test_with_its_defaults_it_is_a_fit_of_the_package_with_a_ridge(covariance_type):
    ours = GaussianMixture(K, covariance_type=covariance_type, random_state=5).fit(POINTS)
    fit = gmm.fit(POINTS, K, constraint=gmm.chain(gmm.ridge, CONSTRAINTS[covariance_type]), rng=5)
    assert all(map(np.array_equal, ours.mixture_, fit.mixture))


@each_type
def test_without_a_ridge_it_is_the_same_fit_with_the_same_answers(covariance_type):
    ours = GaussianMixture(K, covariance_type=covariance_type, reg_covar=0, random_state=5).fit(POINTS)
    constraint = CONSTRAINTS[covariance_type]
    fit = gmm.fit(POINTS, K, constraint=constraint, rng=5)
    assert all(map(np.array_equal, ours.mixture_, fit.mixture))
    assert np.array_equal(ours.weights_, fit.mixture.weights)
    assert np.array_equal(ours.means_, fit.mixture.means)
    assert np.array_equal(ours.predict(POINTS), gmm.label(POINTS, fit.mixture))
    assert np.array_equal(ours.predict_proba(POINTS), gmm.responsibility(POINTS, fit.mixture))
    assert np.array_equal(ours.score_samples(POINTS), gmm.log_density(POINTS, fit.mixture))
    for criterion in ("aic", "bic", "icl"):
        assert getattr(ours, criterion)(POINTS) == getattr(gmm, criterion)(POINTS, fit.mixture, constraint)


def test_each_parameter_reaches_the_fit():
    parameters = {"tol": 1e-3, "reg_covar": 0.01, "max_iter": 5000, "n_init": 2, "init_params": "random_from_data"}
    ours = GaussianMixture(K, random_state=1, **parameters).fit(POINTS)
    constraint = gmm.chain(partial(gmm.ridge, fraction=0.01))
    options = {"tolerance": 1e-3, "max_steps": 5000, "starts": 2, "initialize": gmm.random_points}
    fit = gmm.fit(POINTS, K, constraint=constraint, rng=1, **options)
    assert all(map(np.array_equal, ours.mixture_, fit.mixture))
    assert ours.n_iter_ == len(fit.log_likelihoods) - 1


@pytest.mark.parametrize("init_params", ["k-means++", "kmeans", "random_from_data", "random"])
def test_every_way_to_start_ends_at_the_same_maximum(init_params):
    ours = GaussianMixture(K, init_params=init_params, random_state=0).fit(POINTS)
    assert ours.lower_bound_ == pytest.approx(GaussianMixture(K, random_state=1).fit(POINTS).lower_bound_, rel=1e-6)


def test_the_ways_to_start_are_those_of_the_package():
    def centers(name):
        return estimator.INITIALIZE[name](POINTS, K, np.random.default_rng(4))

    moved = gmm.kmeans(POINTS, gmm.kmeans_plus_plus(POINTS, K, np.random.default_rng(4)))
    groups = np.random.default_rng(4).integers(K, size=len(POINTS))
    assert np.array_equal(centers("kmeans"), moved)
    assert np.allclose(centers("random"), [POINTS[groups == k].mean(axis=0) for k in range(K)])


# ---- it agrees with scikit-learn


@each_type
def test_from_the_same_start_it_ends_where_scikit_learn_ends(covariance_type):
    ours = GaussianMixture(**start_for(covariance_type), tol=1e-11).fit(POINTS)
    other = theirs.GaussianMixture(**start_for(covariance_type), tol=1e-13, max_iter=10_000).fit(POINTS)
    for name in ("weights_", "means_", "covariances_", "precisions_", "precisions_cholesky_", "lower_bound_"):
        assert np.shape(getattr(ours, name)) == np.shape(getattr(other, name))
        np.testing.assert_allclose(getattr(ours, name), getattr(other, name), rtol=1e-6, atol=1e-7)
    for name in ("predict_proba", "score_samples", "score", "aic", "bic", "predict"):
        np.testing.assert_allclose(getattr(ours, name)(POINTS), getattr(other, name)(POINTS), rtol=1e-6, atol=1e-7)
    assert ours.converged_
    assert other.converged_


@pytest.fixture
def plain_em(monkeypatch):
    """Fits by plain EM, whose steps can be compared one by one."""
    monkeypatch.setattr(estimator.gmm, "fit", partial(gmm.fit, steps=gmm.em))


@unfinished
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@each_type
def test_from_the_same_start_it_goes_the_same_steps_as_scikit_learn(covariance_type, plain_em):
    for steps in (1, 2, 7):
        ours = GaussianMixture(**start_for(covariance_type, CLOSE.means), max_iter=steps).fit(CROWD)
        other = theirs.GaussianMixture(**start_for(covariance_type, CLOSE.means), tol=0, max_iter=steps).fit(CROWD)
        for name in ("weights_", "means_", "covariances_"):
            np.testing.assert_allclose(getattr(ours, name), getattr(other, name), rtol=1e-9)
        assert (ours.n_iter_, ours.converged_) == (steps, False)


@each_type
def test_the_precisions_are_the_inverse_covariances_and_their_upper_roots(covariance_type):
    ours = GaussianMixture(**start_for(covariance_type)).fit(POINTS)
    covariances = ours.mixture_.covariances
    inverse, roots = np.linalg.inv(covariances), np.linalg.inv(np.swapaxes(np.linalg.cholesky(covariances), 1, 2))
    picked = {
        "full": lambda m: m,
        "tied": lambda m: m[2],
        "diag": lambda m: [np.diag(each) for each in m],
        "spherical": lambda m: [each[1, 1] for each in m],
    }[covariance_type]
    np.testing.assert_allclose(ours.covariances_, picked(covariances), rtol=1e-12)
    np.testing.assert_allclose(ours.precisions_, picked(inverse), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(ours.precisions_cholesky_, picked(roots), rtol=1e-9, atol=1e-12)


def test_it_has_every_parameter_method_and_attribute_of_scikit_learn():
    ours, other = GaussianMixture(K, random_state=0).fit(POINTS), theirs.GaussianMixture(K, random_state=0).fit(POINTS)
    assert set(ours.get_params()) == set(other.get_params())
    names = {name for name in dir(other) if not name.startswith("_")}
    younger = set(dir(GaussianMixture)) | {"lower_bounds_"}  # scikit-learn has lower_bounds_ since 1.6
    assert names - younger <= set(vars(ours))
    assert {name for name in vars(other) if name.endswith("_")} <= set(vars(ours))


# ---- starts


@unfinished
@each_type
@pytest.mark.parametrize("given", ["weights_init", "precisions_init", "means_init", "means_init weights_init"])
def test_what_is_given_of_a_start_is_kept_and_the_rest_is_found_around_the_means(given, covariance_type, monkeypatch):
    seen = []
    fit = gmm.fit
    monkeypatch.setattr(estimator.gmm, "fit", lambda *args, **more: seen.append(args) or fit(*args, **more))
    parts = {name: start_for(covariance_type)[name] for name in given.split()}
    GaussianMixture(K, covariance_type=covariance_type, reg_covar=0, max_iter=1, random_state=2, **parts).fit(POINTS)
    [(_, start)] = seen
    centers = START.means if "means_init" in given else gmm.kmeans_plus_plus(POINTS, K, rng=2)
    weights, means, covariances = CONSTRAINTS[covariance_type](gmm.mixture_around(POINTS, centers))
    expected = gmm.Mixture(
        START.weights if "weights_init" in given else weights,
        START.means if "means_init" in given else means,
        COVARIANCES[covariance_type] if "precisions_init" in given else covariances,
    )
    same(start, expected)


@unfinished
def test_a_warm_start_goes_on_where_the_last_fit_stopped(plain_em):
    legs = GaussianMixture(**start_for("full", CLOSE.means), max_iter=4, warm_start=True)
    whole = GaussianMixture(**start_for("full", CLOSE.means), max_iter=8).fit(CROWD)
    first = legs.fit(CROWD).lower_bounds_
    second = legs.fit(CROWD).lower_bounds_
    assert np.array_equal([*first, *second], whole.lower_bounds_)
    assert all(map(np.array_equal, legs.mixture_, whole.mixture_))


def test_without_a_warm_start_a_second_fit_is_the_first_once_more():
    model = GaussianMixture(K, random_state=0)
    assert all(map(np.array_equal, model.fit(POINTS).mixture_, model.fit(POINTS).mixture_))


def test_one_seed_gives_one_result_whatever_kind_of_seed():
    def sampled(make):
        return GaussianMixture(K, n_init=1, random_state=make()).fit(POINTS).sample(5)[0]

    def state():
        return np.random.RandomState(3)

    def global_state():
        np.random.seed(3)  # noqa: NPY002

    for make in (lambda: 3, lambda: np.random.default_rng(3), state, global_state):
        assert np.array_equal(sampled(make), sampled(make))
    assert np.array_equal(sampled(lambda: 3), sampled(lambda: np.int64(3)))
    assert np.array_equal(sampled(state), sampled(global_state))
    assert not np.array_equal(sampled(lambda: 3), sampled(lambda: 4))


def test_it_draws_what_the_package_draws():
    model = GaussianMixture(K, random_state=3).fit(POINTS)
    assert all(map(np.array_equal, model.sample(7), gmm.sample(model.mixture_, 7, rng=3)))
    assert model.sample()[0].shape == (1, D)


# ---- what is different


def test_a_weight_counts_a_point_that_many_times():
    start = start_for("full")
    weighted = GaussianMixture(**start).fit(POINTS, sample_weight=COUNTS)
    repeated = GaussianMixture(**start).fit(POINTS.repeat(COUNTS, axis=0))
    same(weighted.mixture_, repeated.mixture_)
    assert weighted.lower_bound_ == pytest.approx(repeated.lower_bound_)
    assert weighted.lower_bound_ == pytest.approx(np.average(weighted.score_samples(POINTS), weights=COUNTS))
    assert np.array_equal(GaussianMixture(**start).fit_predict(POINTS, None, COUNTS), weighted.predict(POINTS))
    assert weighted.n_iter_ == repeated.n_iter_


@each_type
def test_the_bound_is_that_of_the_parameters_beside_it(covariance_type):
    ours = GaussianMixture(K, covariance_type=covariance_type, tol=1, random_state=0).fit(POINTS)
    assert ours.lower_bound_ == pytest.approx(ours.score(POINTS), rel=1e-13)
    assert ours.lower_bounds_[-1] == ours.lower_bound_
    assert len(ours.lower_bounds_) == ours.n_iter_


@each_type
def test_the_ridge_follows_the_units_and_keeps_the_shape(covariance_type):
    model = GaussianMixture(K, covariance_type=covariance_type, reg_covar=0.01, random_state=0).fit(POINTS)
    smaller = clone(model).fit(POINTS / 1024)
    same(gmm.Mixture(smaller.weights_, smaller.means_ * 1024, smaller.mixture_.covariances * 1024**2), model.mixture_)
    same(CONSTRAINTS[covariance_type](model.mixture_), model.mixture_)


def test_without_a_ridge_a_collapse_is_an_error_and_with_one_it_is_not():
    flat = np.column_stack([POINTS, POINTS @ [1, 1]])
    with pytest.raises(gmm.CollapseError):
        GaussianMixture(2, reg_covar=0, random_state=0).fit(flat)
    assert np.isfinite(GaussianMixture(2, random_state=0).fit(flat).score(flat))


@each_type
def test_integers_are_scored_as_the_numbers_they_stand_for(covariance_type):
    pixels = np.random.default_rng(0).integers(0, 256, size=(60, 3), dtype=np.uint8)
    model = GaussianMixture(2, covariance_type=covariance_type, random_state=0).fit(pixels)
    assert np.array_equal(model.score_samples(pixels), model.score_samples(pixels.astype(float)))


def test_a_fit_that_stops_too_soon_says_so():
    with pytest.warns(gmm.ConvergenceWarning):
        assert not GaussianMixture(K, max_iter=3, random_state=0).fit(CROWD).converged_


def test_verbose_shows_a_bar(capsys):
    pytest.importorskip("tqdm")
    GaussianMixture(K, verbose=1, n_init=1).fit(POINTS)
    assert "steps" in capsys.readouterr().err
    GaussianMixture(K, n_init=1).fit(POINTS)
    assert not capsys.readouterr().err


WRONG = {
    "n_components": [0, 1.5, len(POINTS) + 1],
    "covariance_type": ["diagonal", None, ["full"]],
    "tol": [-1, "small"],
    "reg_covar": [-1e-6, np.nan, None, [], "0", np.zeros(2)],
    "max_iter": [-1, 2.5],
    "n_init": [0, None],
    "init_params": ["k-means", 1],
    "weights_init": [[0.5, 0.6], [1], [[0.5, 0.5]]],
    "means_init": [[[1, 2, 3]] * 2, [[1, np.nan], [1, 2]]],
    "precisions_init": [np.ones((3, 2, 2)), -PRECISIONS[:2], np.triu(PRECISIONS[:2]), np.ones(2), [["x"]]],
    "random_state": ["seed", -1],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_a_wrong_parameter_is_named(name, value):
    with pytest.raises((TypeError, ValueError), match=name):
        GaussianMixture(**{"n_components": 2} | {name: value}).fit(POINTS)


DATES = np.array([["2020-01-01"], ["2021-01-01"], ["2022-03-01"]], "M8[D]")
NO_NUMBERS = {
    "words that read as numbers": POINTS.astype(str),
    "words that read as numbers in lists": POINTS.astype(str).tolist(),
    "words among numbers": np.array([[1.0, 2], ["3", 4], [5, 9]], dtype=object),
    "dates": DATES,
    "spans of time": DATES - DATES[0],
    "dates as objects": DATES.astype(object),
    "a path": "points.txt",
}


@pytest.mark.parametrize("words", NO_NUMBERS)
def test_words_and_dates_are_no_numbers(words):
    for act in (GaussianMixture().fit, GaussianMixture().fit(POINTS).predict):
        with pytest.raises(ValueError, match=r"^X has text or dates: give numbers only"):
            act(NO_NUMBERS[words])


def test_a_gap_in_a_column_of_categories_is_refused():
    """pandas makes it the number −9223372036854775808."""
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame({"x": pandas.Categorical([7, None, 2, 3]), "y": pandas.Categorical([1, 2, 1, 5])})
    for act in (GaussianMixture().fit, GaussianMixture().fit(POINTS).predict):
        with pytest.raises(ValueError, match=r"^(X has a gap in a column of categories|Input X contains NaN)"):
            act(table)
    assert GaussianMixture().fit(table.dropna()).n_features_in_ == 2


def test_a_date_in_a_table_is_no_number_and_masked_values_are_refused():
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame({"day": DATES[:, 0], "height": [1.0, 2.0, 4.0]})
    with pytest.raises(ValueError, match=r"^X has text or dates in its column 'day': "):
        GaussianMixture().fit(table)
    masked = np.ma.array(POINTS, mask=POINTS.mean() < POINTS)
    for act in (GaussianMixture().fit, GaussianMixture().fit(POINTS).predict):
        with pytest.raises(ValueError, match=r"^X has masked values: drop those rows or fill the values first\."):
            act(masked)
    assert GaussianMixture().fit(np.ma.array(POINTS)).means_ == pytest.approx(POINTS.mean(axis=0, keepdims=True))


@pytest.mark.parametrize("covariance_type", ["full", "tied", "diag"])
def test_a_constant_column_has_a_floor_and_changes_nothing_else(covariance_type):
    model = GaussianMixture(K, covariance_type=covariance_type, random_state=0)
    plain = clone(model).fit(POINTS)
    model.fit(np.column_stack([POINTS[:, 0], np.full(len(POINTS), 7.0), POINTS[:, 1]]))
    assert np.allclose(model.means_[:, [0, 2]], plain.means_, rtol=1e-4)
    assert np.allclose(model.mixture_.covariances[:, 1, 1], 49e-6)
    with pytest.raises(gmm.CollapseError):
        clone(model).set_params(reg_covar=0).fit(np.column_stack([POINTS, np.full(len(POINTS), 7.0)]))


def test_a_column_that_is_constant_in_a_fold_leaves_the_scores_of_a_cross_validation_finite():
    dummy = np.zeros((len(POINTS), 1))
    dummy[3] = 1
    search = GridSearchCV(GaussianMixture(random_state=0), {"n_components": [1, 2]}, cv=4)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", gmm.ConvergenceWarning)
        search.fit(np.column_stack([POINTS, dummy]))
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


def test_a_constant_column_is_no_trouble_to_spherical_covariances():
    flat = np.column_stack([POINTS, np.full(len(POINTS), 7.0)])
    assert GaussianMixture(K, covariance_type="spherical", random_state=0).fit(flat).converged_


FIRST = [[1.0, 2.0]]
TOLD = {
    "X reaches 1.0e+150, too large to square in floating point: rescale the data": [{}, {"X": [[1e150, 0], [2, 1]]}],
    "X has only 2 different rows: ask for at most 2 components.": [{"n_components": 3}, {"X": POINTS[[0, 1] * 4]}],
    "X: int too large to convert to float": [{}, {"X": [[10**400], [1]]}],
    "n_components is 2 but there are only 1 points": [{"n_components": 2}, {"sample_weight": np.eye(len(POINTS))[0]}],
    "sample_weight[0] is -1: each should be zero or more": [{}, {"sample_weight": -np.ones(len(POINTS))}],
    "sample_weight are all zero": [{}, {"sample_weight": np.zeros(len(POINTS))}],
    "sample_weight has 5 points but X has 200": [{}, {"sample_weight": np.ones(5)}],
    "sample_weight cannot be read as an array of real numbers": [{}, {"sample_weight": ["a"] * len(POINTS)}],
    "means_init[0, 1] is nan": [{"means_init": [[1, np.nan]]}, {}],
    "means_init has 3 dimensions but X has 2": [{"means_init": [[1, 2, 3]]}, {}],
    "means_init: component 1 has no spread, or explains no points at the start": [
        {"n_components": 2, "means_init": [[0, 0], [1e6, 1e6]]},
        {},
    ],
    "fit: the numbers are too large or too small for floating point (overflow encountered in reduce). "
    "Rescale X, for example (X - X.mean(axis=0)) / X.std(axis=0)": [
        {"means_init": [POINTS.mean(axis=0)]},
        {"sample_weight": np.full(len(POINTS), 1e306)},
    ],
    "precisions_init: the inverse covariances are too large for floating point": [
        {"covariance_type": "diag", "precisions_init": [[1e-309, 1e-309]]},
        {},
    ],
    "X: the inverse covariances are too large for floating point": [
        {},
        {"X": (POINTS - POINTS.mean(axis=0)) * 1e-156},
    ],
    "weights_init sum to 1.1: they should sum to one": [{"weights_init": [1.1]}, {}],
    "means_init has 1 components but weights_init has 2": [{"weights_init": [0.5, 0.5], "means_init": FIRST}, {}],
    "precisions_init[0] has variance -1 on its diagonal": [{"precisions_init": -np.eye(2)[None]}, {}],
    "n_components is 1, but the mixture to start from has 2 components": [{"means_init": START.means[:2]}, {}],
    "X is a generator, which can be read only once": [{}, {"X": (part for part in [POINTS])}],
    "X: points.npy is missing, cut off, or not a .npy file": [{}, {"X": "points.npy"}],
    "X: piece 1: X[0, 1] is nan": [{}, {"X": [POINTS, np.array([[1.0, np.nan]])]}],
}


@pytest.mark.parametrize("told", TOLD)
def test_an_error_speaks_of_the_names_that_the_user_knows(told):
    parameters, given = TOLD[told]
    with pytest.raises((TypeError, ValueError)) as caught:
        GaussianMixture(**parameters).fit(**{"X": POINTS} | given)
    assert str(caught.value).startswith(told)


def test_a_collapse_tells_the_cures_of_the_estimator():
    flat = np.column_stack([POINTS, POINTS @ [1, 1]])
    with pytest.raises(gmm.CollapseError, match=r"another random_state.*floor with a larger reg_covar\.$"):
        GaussianMixture(2, reg_covar=0, random_state=0).fit(flat)
    with pytest.raises(gmm.CollapseError, match=r"constraint=gmm\.ridge\.$"):
        gmm.fit(flat, 2, rng=0)


@pytest.mark.parametrize("criterion", ["aic", "bic", "icl"])
def test_a_criterion_after_a_covariance_type_that_there_is_not_says_so(criterion):
    model = GaussianMixture().fit(POINTS).set_params(covariance_type="round")
    with pytest.raises(ValueError, match="covariance_type is 'round': it should be one of 'full', 'tied', 'diag', 'sp"):
        getattr(model, criterion)(POINTS)


def test_a_long_double_that_is_too_large_is_refused_without_a_warning():
    long = POINTS.astype(np.longdouble)
    assert np.array_equal(GaussianMixture().fit(long).means_, GaussianMixture().fit(POINTS).means_)
    long[3] = np.finfo(np.longdouble).max
    with pytest.raises(ValueError, match=r"X contains infinity or a value too large|X reaches"):
        GaussianMixture().fit(long)


def test_a_start_of_another_size_is_refused():
    warm = GaussianMixture(2, warm_start=True, random_state=0).fit(POINTS)
    with pytest.raises(ValueError, match="X has 1 columns, but the mixture to start from has 2 dimensions"):
        warm.fit(POINTS[:, :1])
    with pytest.raises(ValueError, match="n_components is 2, but the mixture to start from has 3 components"):
        GaussianMixture(2, means_init=START.means).fit(POINTS)
    model = GaussianMixture(2, warm_start=True, random_state=0).fit(POINTS)
    with pytest.raises(ValueError, match="n_components is 3"):
        model.set_params(n_components=3).fit(POINTS)
    with pytest.raises(ValueError, match="n_samples"):
        model.sample(0)


@pytest.mark.parametrize("method", "predict predict_proba score_samples score aic bic icl sample".split())
def test_nothing_is_said_before_the_fit(method):
    with pytest.raises(NotFittedError):
        getattr(GaussianMixture(), method)(*([POINTS] if method != "sample" else []))


# ---- the habits of scikit-learn


@each_type
def test_no_steps_leave_the_start(covariance_type):
    begun = GaussianMixture(**start_for(covariance_type), max_iter=0).fit(POINTS)
    assert np.array_equal(begun.means_, START.means)
    assert (begun.n_iter_, begun.converged_, len(begun.lower_bounds_)) == (0, False, 0)
    assert begun.lower_bound_ == pytest.approx(begun.score(POINTS))
    drawn = GaussianMixture(K, covariance_type=covariance_type, max_iter=0, random_state=2).fit(POINTS)
    assert np.allclose(drawn.means_, gmm.mixture_around(POINTS, gmm.kmeans_plus_plus(POINTS, K, rng=2)).means)


def test_a_tolerance_of_zero_makes_all_the_steps():
    model = GaussianMixture(1, tol=0, max_iter=30, random_state=0).fit(POINTS)
    assert (model.n_iter_, model.converged_) == (30, False)


def test_float32_comes_out_where_it_went_in():
    single = POINTS.astype(np.float32)
    weights = np.float32([0.1, 0.2, 0.7])
    model = GaussianMixture(K, random_state=0, weights_init=weights, means_init=START.means).fit(single)
    for name in estimator.SHOWN:
        assert getattr(model, name).dtype == np.float32
    assert {getattr(model, name)(single).dtype for name in ("predict_proba", "score_samples", "transform")} == {
        np.dtype(np.float32)
    }
    assert model.predict_proba(POINTS).dtype == np.float64
    assert model.score(single) == pytest.approx(GaussianMixture(K, random_state=0).fit(POINTS).score(POINTS), rel=1e-5)
    before = model.score(single)
    model.means_ = model.means_ + np.float32(0)
    model.weights_ = model.weights_[::1].copy()
    assert model.score(single) == before


@each_type
def test_attributes_that_are_changed_by_hand_are_followed(covariance_type):
    model = GaussianMixture(K, covariance_type=covariance_type, random_state=0).fit(POINTS)
    labels, order = model.predict(POINTS), [2, 0, 1]
    model.means_, model.weights_ = model.means_[order], model.weights_[order]
    if covariance_type != "tied":
        model.covariances_ = model.covariances_[order]
    assert np.array_equal(np.array(order)[model.predict(POINTS)], labels)
    model.means_ += 1000
    assert model.sample(5)[0].min() > 500
    inverse = np.linalg.inv(model.mixture_.covariances)
    assert np.allclose(estimator.stored(inverse, covariance_type), model.precisions_)


def test_attributes_that_cannot_be_followed_are_refused():
    model = GaussianMixture(K, random_state=0).fit(POINTS)
    model.precisions_ = 2 * model.precisions_
    with pytest.raises(ValueError, match="precisions_ was changed: change covariances_ instead, from which"):
        model.predict(POINTS)
    model = GaussianMixture(K, random_state=0).fit(POINTS)
    model.weights_ = [0.5, 0.5, 0.5]
    with pytest.raises(ValueError, match=r"^weights_ sum to 1\.5: they should sum to one"):
        model.score(POINTS)


def test_a_pipeline_goes_on_with_the_responsibilities():
    model = GaussianMixture(K, random_state=0)
    assert np.array_equal(model.fit_transform(POINTS), model.predict_proba(POINTS))
    assert list(model.get_feature_names_out()) == ["gaussianmixture0", "gaussianmixture1", "gaussianmixture2"]


@pytest.mark.parametrize("name", ["aic", "bic", "icl", "score"])
def test_a_score_counts_a_point_as_often_as_its_weight_says(name):
    model = GaussianMixture(K, random_state=0).fit(POINTS)
    repeated = getattr(model, name)(POINTS.repeat(COUNTS, axis=0))
    assert getattr(model, name)(POINTS, sample_weight=COUNTS) == pytest.approx(repeated, rel=1e-12)
    assert getattr(model, name)(POINTS) != pytest.approx(repeated, rel=1e-6)


def test_batch_by_batch_it_comes_near_the_fit_of_all():
    points, _ = gmm.sample(START, 3000, rng=1)
    whole = GaussianMixture(K, random_state=0).fit(points)
    model = GaussianMixture(K, random_state=0)
    for batch in np.array_split(points, 6):
        model.partial_fit(batch)
    assert model._summary.counts.sum() == pytest.approx(3000)
    first = GaussianMixture(K, random_state=0).fit(points[:500])
    assert first.score(points) < model.score(points) <= whole.score(points) + 1e-6
    assert model.score(points) == pytest.approx(whole.score(points), abs=1e-3)


def test_a_constraint_of_the_users_own_is_a_covariance_type():
    def unit(mixture):
        return gmm.Mixture(mixture.weights, mixture.means, np.broadcast_to(np.eye(D), mixture.covariances.shape))

    model = GaussianMixture(K, covariance_type=unit, reg_covar=0, random_state=0).fit(POINTS)
    assert np.array_equal(model.covariances_, np.stack([np.eye(D)] * K))
    with pytest.raises(ValueError, match="number of free parameters is unknown"):
        model.bic(POINTS)
    unit.parameters = lambda K, D: 0
    assert model.bic(POINTS) == gmm.bic(POINTS, model.mixture_, unit)


def test_many_columns_are_stored_as_variances():
    wide = np.random.default_rng(0).normal(size=(40, 3000))
    model = GaussianMixture(2, covariance_type="diag", max_iter=0, random_state=0).fit(wide)
    assert "covariances" not in vars(model.mixture_)
    assert model.covariances_.shape == (2, 3000)


# ---- it is an estimator of scikit-learn


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("parameters", [{}, {"max_iter": 5, "n_init": 2}, {"reg_covar": 1e-3, "init_params": "kmeans"}])
def test_it_passes_the_checks_of_scikit_learn_with_none_excepted(parameters):
    estimator_checks.check_estimator(GaussianMixture(**parameters))


def checks_for(model):
    generate = getattr(estimator_checks, "estimator_checks_generator", None)  # an option before 1.6
    generate = generate or partial(estimator_checks.check_estimator, generate_only=True)
    return {check.func.__name__ for _, check in generate(model)}


def test_every_check_that_scikit_learn_has_for_its_own_class_is_among_them():
    additional = checks_for(GaussianMixture()) - checks_for(theirs.GaussianMixture())
    assert checks_for(theirs.GaussianMixture()) <= checks_for(GaussianMixture())
    assert {"sample_weight" in check or "transform" in check for check in additional} == {True}


def test_it_works_at_the_end_of_a_pipeline():
    pipeline = make_pipeline(StandardScaler(), GaussianMixture(K, random_state=0))
    labels = pipeline.fit_predict(POINTS, gaussianmixture__sample_weight=COUNTS + 1)
    scaled = (POINTS - POINTS.mean(axis=0)) / POINTS.std(axis=0)
    alone = GaussianMixture(K, random_state=0).fit(scaled, sample_weight=COUNTS + 1)
    assert np.array_equal(labels, alone.predict(scaled))
    assert pipeline.score(POINTS) == pytest.approx(alone.score(scaled))


def test_it_keeps_the_names_of_columns_and_passes_on_set_output():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(POINTS, columns=["length", "depth"])
    pipeline = make_pipeline(StandardScaler(), GaussianMixture(K, random_state=0)).set_output(transform="pandas")
    model = pipeline.fit(frame)[-1]
    assert list(model.feature_names_in_) == ["length", "depth"]
    assert model.n_features_in_ == D
    with pytest.raises(ValueError, match="feature names"):
        model.predict(frame[["depth", "length"]])


def test_a_grid_search_finds_the_number_of_components_by_held_out_likelihood():
    search = GridSearchCV(GaussianMixture(random_state=0), {"n_components": [1, 2, 3, 4]}, cv=5).fit(POINTS)
    assert search.best_params_ == {"n_components": K}
    folds = np.array_split(np.arange(len(POINTS)), 5)
    held_out = [
        GaussianMixture(2, random_state=0).fit(np.delete(POINTS, fold, axis=0)).score(POINTS[fold]) for fold in folds
    ]
    assert search.cv_results_["mean_test_score"][1] == pytest.approx(np.mean(held_out))


def test_it_is_cloned_without_and_pickled_with_what_it_learned():
    model = GaussianMixture(**start_for("tied")).fit(POINTS)
    copy, fresh = pickle.loads(pickle.dumps(model)), clone(model)
    assert np.array_equal(copy.score_samples(POINTS), model.score_samples(POINTS))
    assert np.array_equal(copy.precisions_, model.precisions_)
    assert not hasattr(fresh, "mixture_")
    assert np.array_equal(fresh.fit(POINTS).means_, model.means_)


# ---- the page about it


SNIPPETS = re.findall(r"```python\n(.*?)```(?:\s+```\n(.*?)```)?", PAGE, re.DOTALL)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_the_code_of_the_page_prints_the_numbers_below_it():
    names = {}
    for code, expected in SNIPPETS:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(code, names)
        assert printed.getvalue() == expected
    assert len(SNIPPETS) >= 8
    assert PAGE.count("```python") == len(SNIPPETS)


def test_the_page_names_only_what_exists():
    assert not [name for name in re.findall(r"gmm\.(\w+)", PAGE) if not hasattr(gmm, name)]
    table = re.findall(r"^\| `(\w+)`", PAGE, re.MULTILINE)
    known = set(GaussianMixture().get_params()) | set(dir(GaussianMixture(K, random_state=0).fit(POINTS)))
    assert set(table) <= known | {"sample_weight"}


def test_points_are_read_in_pieces_where_gmm_fit_reads_them_so(tmp_path):
    points = gmm.load_faithful()
    np.save(tmp_path / "points.npy", points)
    mapped = np.load(tmp_path / "points.npy", mmap_mode="r")
    expected = GaussianMixture(2, random_state=0).fit(points)
    for pieces in (mapped, tmp_path / "points.npy", [points[:100], points[100:]]):
        model = GaussianMixture(2, random_state=0).fit(pieces)
        assert model.n_features_in_ == 2
        assert model.lower_bound_ == pytest.approx(expected.lower_bound_, rel=1e-9)
        np.testing.assert_array_equal(model.predict(points), expected.predict(points))


def test_a_dask_array_is_fitted_where_it_is():
    da = pytest.importorskip("dask.array")
    pytest.importorskip("distributed")
    points = gmm.load_faithful()
    model = GaussianMixture(2, random_state=0).fit(da.from_array(points, chunks=(90, 1)))
    assert model.lower_bound_ == pytest.approx(GaussianMixture(2, random_state=0).fit(points).lower_bound_, rel=1e-9)
