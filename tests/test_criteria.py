"""Criteria that know what was fitted: constraint, sample weights and gaps, from the fit alone or with its points."""

import numpy as np
import pytest
from examples import problem, scipy_log_joint, scipy_log_likelihood
from scipy import special

import gmm_tutorial as gmm

CRITERIA = (gmm.aic, gmm.bic, gmm.icl)


def test_the_penguins_tied():
    points, _ = gmm.load_penguins()
    fit = gmm.fit(points, 3, constraint=gmm.tied, rng=0)
    assert gmm.bic(fit) == pytest.approx(10520.3, abs=0.05)
    assert gmm.bic(points, fit) == pytest.approx(gmm.bic(fit), rel=1e-12)
    assert gmm.bic(points, fit.mixture, gmm.tied) == pytest.approx(gmm.bic(fit), rel=1e-12)
    assert gmm.bic(points, fit.mixture) > gmm.bic(fit) + 100


@pytest.mark.parametrize("criterion", CRITERIA)
def test_a_fit_alone_is_judged_as_with_its_points(criterion):
    points, _, rng = problem(1, N=120)
    sample_weights = rng.uniform(0, 3, len(points))
    plain = gmm.fit(points, 2, constraint=gmm.diagonal, rng=0)
    weighted = gmm.fit(points, 2, constraint=gmm.diagonal, rng=0, sample_weights=sample_weights)
    assert criterion(plain) == pytest.approx(criterion(points, plain), rel=1e-12)
    assert criterion(weighted) == pytest.approx(criterion(points, weighted, None, sample_weights), rel=1e-12)
    assert criterion(points, plain, gmm.spherical) < criterion(points, plain)


@pytest.mark.parametrize("criterion", CRITERIA)
def test_a_weight_counts_its_point_that_many_times(criterion):
    points, mixture, rng = problem(2, N=70)
    times = rng.integers(0, 5, len(points))
    repeated = np.repeat(points, times, axis=0)
    expected = criterion(repeated, mixture, gmm.tied)
    assert criterion(points, mixture, gmm.tied, times) == pytest.approx(expected, rel=1e-12)


def test_the_formulas_with_weights():
    points, mixture, rng = problem(3, N=50, K=3, D=2)
    weights = rng.uniform(0, 2, 50)
    joints = scipy_log_joint(points, mixture)
    log_likelihood = (weights * special.logsumexp(joints, axis=1)).sum()
    doubt = (weights * np.log(special.softmax(joints, axis=1).max(axis=1))).sum()
    p, N = 2 + 6 + 9, weights.sum()
    assert gmm.aic(points, mixture, None, weights) == pytest.approx(2 * p - 2 * log_likelihood, rel=1e-12)
    bic = p * np.log(N) - 2 * log_likelihood
    assert gmm.bic(points, mixture, None, weights) == pytest.approx(bic, rel=1e-12)
    assert gmm.icl(points, mixture, None, weights) == pytest.approx(bic - 2 * doubt, rel=1e-12)


def test_a_histogram_is_judged_as_the_values_that_it_counts():
    values = np.concatenate([np.full(40, 1.0), np.full(25, 1.5), np.full(30, 6.0), np.full(20, 6.5), np.full(35, 12.0)])
    values += np.tile([0, 0.25, 0.5, 0.75, 1.0], 30)
    bins, times = np.unique(values, return_counts=True)
    fits = [gmm.fit(bins[:, None], K, constraint=gmm.tied, sample_weights=times, rng=0) for K in (1, 2, 3)]
    whole = [gmm.fit(values[:, None], K, constraint=gmm.tied, rng=0) for K in (1, 2, 3)]
    assert [gmm.bic(fit) for fit in fits] == pytest.approx([gmm.bic(fit) for fit in whole], rel=1e-6)
    assert min(fits, key=gmm.bic) is fits[2]


def test_weights_of_a_weighted_fit_are_not_forgotten():
    points, _, rng = problem(4)
    fit = gmm.fit(points, 2, rng=0, sample_weights=rng.uniform(1, 3, len(points)))
    with pytest.raises(ValueError, match="sample_weights are missing"):
        gmm.bic(points, fit)
    with pytest.raises(ValueError, match="give no other arguments"):
        gmm.bic(fit, fit)
    with pytest.raises(ValueError, match="mixture is missing"):
        gmm.bic(points)


def test_a_constraint_of_your_own_that_tells_its_count():
    points, mixture, _ = problem(5, K=3, D=2)

    def standard(mixture):
        return gmm.Mixture(mixture.weights, mixture.means, np.tile(np.eye(2), (3, 1, 1)))

    standard.parameters = lambda K, D: 0
    fit = gmm.fit(points, mixture, constraint=standard)
    expected = (2 + 6) * np.log(len(points)) - 2 * scipy_log_likelihood(points, fit.mixture)
    assert gmm.bic(fit) == pytest.approx(expected, rel=1e-12)


def test_points_with_gaps_are_judged_only_by_a_fit_that_expects_them():
    points, mixture, rng = problem(6, N=120)
    gaps = points.copy()
    gaps[rng.random(gaps.shape) < 0.1] = np.nan
    fit = gmm.fit(gaps, 2, missing="model", rng=0)
    for criterion in CRITERIA:
        assert criterion(fit) == pytest.approx(criterion(gaps, fit), rel=1e-12)
        with pytest.raises(ValueError, match="missing values"):
            criterion(gaps, mixture)


def test_many_points_are_summed_in_portions():
    points, mixture, _ = problem(7, N=70_000, D=1)
    assert gmm.aic(points, mixture) == pytest.approx(
        2 * gmm.n_parameters(mixture) - 2 * gmm.log_likelihood(points, mixture), rel=1e-12
    )


def test_points_in_pieces_keep_no_certainties(tmp_path):
    points, mixture, _ = problem(8, N=200)
    np.save(tmp_path / "points.npy", points)
    fit = gmm.fit(tmp_path / "points.npy", mixture)
    assert gmm.bic(fit) == pytest.approx(gmm.bic(points, fit), rel=1e-12)
    with pytest.raises(ValueError, match=r"gmm.icl\(points, fit\)"):
        gmm.icl(fit)
    assert np.isfinite(gmm.icl(points, fit))


@pytest.mark.parametrize("criterion", CRITERIA)
def test_a_saved_fit_is_judged_as_before(criterion, tmp_path):
    points, _, rng = problem(9)
    fit = gmm.fit(points, 2, constraint=gmm.tied, sample_weights=rng.uniform(1, 2, len(points)), rng=0)
    gmm.save(fit, tmp_path / "fit.npz")
    assert criterion(gmm.load(tmp_path / "fit.npz")) == criterion(fit)
