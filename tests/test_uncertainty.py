"""Standard errors and intervals, against the textbook formulas for one Gaussian and against fits of new samples."""

import numpy as np
import pytest
from examples import problem

import gmm_tutorial as gmm

POINTS, TRUTH, _ = problem(1, N=400, K=2, D=2)
FIT = gmm.fit(POINTS, TRUTH)
FOUND = gmm.bootstrap(POINTS, FIT, size=60, rng=0)


def test_one_gaussian_has_the_standard_errors_of_the_textbook():
    points, _, _ = problem(2, N=2000, K=1, D=2)
    fit = gmm.fit(points, 1)
    errors = gmm.bootstrap(points, fit, size=300, rng=1).standard_errors
    covariance = fit.mixture.covariances[0]
    np.testing.assert_allclose(errors.means[0], np.sqrt(np.diag(covariance) / 2000), rtol=0.15)
    variances = np.outer(np.diag(covariance), np.diag(covariance)) + covariance**2
    np.testing.assert_allclose(errors.covariances[0], np.sqrt(variances / 2000), rtol=0.2)
    assert errors.weights == pytest.approx([0], abs=1e-12)


def test_standard_errors_are_the_spread_of_fits_of_new_samples():
    fits = []
    for seed in range(60):
        new, _ = gmm.sample(TRUTH, 400, rng=seed)
        fits.append(gmm.matched(gmm.fit(new, TRUTH).mixture, TRUTH))
    errors = FOUND.standard_errors
    for name in ("weights", "means"):
        spread = np.stack([getattr(each, name) for each in fits]).std(axis=0, ddof=1)
        np.testing.assert_allclose(getattr(errors, name), spread, rtol=0.45)


def test_labels_are_those_of_the_fit():
    swapped = gmm.Fit(gmm.Mixture(*(array[::-1] for array in FIT.mixture)), FIT.log_likelihood, np.zeros(1), True)
    other = gmm.bootstrap(POINTS, swapped, size=4, rng=0)
    np.testing.assert_allclose(other.means[:, ::-1], FOUND.means[:4], rtol=1e-4)


def test_intervals_are_quantiles_and_hold_the_fit():
    lower, upper = FOUND.intervals(0.9)
    np.testing.assert_allclose(lower.means, np.quantile(FOUND.means, 0.05, axis=0))
    np.testing.assert_allclose(upper.weights, np.quantile(FOUND.weights, 0.95, axis=0))
    assert (lower.means < FIT.mixture.means).all()
    assert (FIT.mixture.means < upper.means).all()
    np.testing.assert_allclose(FOUND.standard_errors.weights, np.std(FOUND.weights, axis=0, ddof=1))


def test_a_weight_counts_its_point_that_many_times():
    bins, times = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([100.0, 300.0, 500.0, 100.0])
    fit = gmm.fit(bins, 1, sample_weights=times)
    found = gmm.bootstrap(bins, fit, size=300, rng=2, sample_weights=times)
    sigma = np.sqrt(fit.mixture.covariances[0, 0, 0])
    assert found.standard_errors.means[0, 0] == pytest.approx(sigma / np.sqrt(1000), rel=0.15)
    with pytest.raises(ValueError, match="sample_weights are missing"):
        gmm.bootstrap(bins, fit, size=2)


def test_the_constraint_and_the_gaps_of_the_fit_are_kept():
    gaps = POINTS.copy()
    gaps[::9, 1] = np.nan
    fit = gmm.fit(gaps, TRUTH, constraint=gmm.tied, missing="model")
    found = gmm.bootstrap(gaps, fit, size=3, rng=0)
    np.testing.assert_array_equal(found.covariances[:, 0], found.covariances[:, 1])
    with pytest.raises(ValueError, match="nan"):
        gmm.bootstrap(gaps, FIT, size=2)


def test_one_seed_gives_one_result_and_a_text():
    again = gmm.bootstrap(POINTS, FIT, size=60, rng=0)
    np.testing.assert_array_equal(again.means, FOUND.means)
    assert "60 repetitions" in repr(again)
    assert repr(again).count("component") == 2
    assert "±" in repr(again)


def test_repetitions_that_collapse_are_counted(monkeypatch):
    fit, calls = gmm.checks.public(gmm.uncertainty.fit_of), []

    def sometimes(*args, **options):
        calls.append(1)
        if len(calls) % 2:
            raise gmm.CollapseError(0)
        return fit(*args, **options)

    monkeypatch.setattr(gmm.uncertainty, "public", lambda _: sometimes)
    found = gmm.bootstrap(POINTS, FIT, size=6, rng=0)
    assert len(found.weights) == found.collapsed == 3
    assert "3 left out" in repr(found)
    with pytest.raises(gmm.CollapseError):
        gmm.bootstrap(POINTS, FIT, size=2, rng=0)


def test_ctrl_c_keeps_the_repetitions_that_were_finished(monkeypatch):
    fit, calls = gmm.checks.public(gmm.uncertainty.fit_of), []

    def stops_at_the_fourth(*args, **options):
        calls.append(1)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return fit(*args, **options)

    monkeypatch.setattr(gmm.uncertainty, "public", lambda _: stops_at_the_fourth)
    with pytest.raises(gmm.Interrupted, match="a Bootstrap of those that were finished was kept") as caught:
        gmm.bootstrap(POINTS, FIT, size=6, rng=0)
    assert len(caught.value.result.weights) == 3
    assert caught.value.result.collapsed == 0


def test_other_points_than_those_of_the_fit_are_refused():
    with pytest.raises(ValueError, match=r"^points differ from those of the fit"):
        gmm.bootstrap(POINTS[:-1], FIT)
    with pytest.raises(ValueError, match=r"^sample_weights differ from those of the fit"):
        gmm.bootstrap(POINTS, FIT, sample_weights=np.full(len(POINTS), 2.0))


@pytest.mark.parametrize("mass", [0, 1, 90])
def test_the_mass_of_an_interval_lies_between_zero_and_one(mass):
    with pytest.raises(ValueError, match=f"mass is {mass}: it should be between 0 and 1"):
        FOUND.intervals(mass)


def test_a_mixture_alone_is_not_enough():
    with pytest.raises(TypeError, match=r"what gmm\.fit returned"):
        gmm.bootstrap(POINTS, FIT.mixture)


def test_one_repetition_has_no_spread_and_is_refused():
    with pytest.raises(ValueError, match=r"^size is 1: a standard error needs at least two repetitions"):
        gmm.bootstrap(POINTS, FIT, size=1)
