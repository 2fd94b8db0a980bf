"""A uniform background beside the mixture, against SciPy's densities and data with known noise."""

from itertools import islice

import numpy as np
import pytest
from examples import problem, same, scipy_log_joint
from scipy import special

import gmm_tutorial as gmm

POINTS, LABELS, TRUTH = gmm.load_islands()
NOISE = np.random.default_rng(0).uniform([-2, -4], [10, 10], size=(60, 2))
BOTH = np.concatenate([POINTS, NOISE])


def scipy_joined(points, mixture, share, volume):
    uniform = np.full((len(points), 1), np.log(share / volume))
    return np.hstack([np.log(1 - share) + scipy_log_joint(points, mixture), uniform])


def test_responsibilities_are_those_of_one_more_component():
    points, mixture, _ = problem(1, N=40)
    found = gmm.BackgroundFit(mixture, 0.3, 500.0, 0.0, True)
    expected = special.softmax(scipy_joined(points, mixture, 0.3, 500.0), axis=1)
    np.testing.assert_allclose(gmm.background_responsibility(points, found), expected, atol=1e-12)


def test_a_step_is_the_m_step_without_the_background():
    points, mixture, rng = problem(2, N=60)
    weights = rng.uniform(0, 2, 60)
    first, second = islice(gmm.em_with_background(points, mixture, 0.2, 900.0, gmm.tied, weights), 2)
    joints = scipy_joined(points, mixture, 0.2, 900.0)
    assert first.log_likelihood == pytest.approx((weights * special.logsumexp(joints, axis=1)).sum(), rel=1e-12)
    gammas = special.softmax(joints, axis=1) * weights[:, None]
    same(second.mixture, gmm.tied(gmm.m_step(points, gammas[:, :-1])))
    assert second.share == pytest.approx(gammas[:, -1].sum() / weights.sum(), rel=1e-12)


def test_the_likelihood_never_falls():
    steps = islice(gmm.em_with_background(BOTH, TRUTH, 0.4, 168.0), 80)
    heights = [step.log_likelihood for step in steps]
    assert (np.diff(heights) > -1e-9).all()
    assert heights[-1] > heights[0] + 1


def test_clusters_in_noise_are_found_and_their_points_too():
    found = gmm.fit_with_background(BOTH, 3, rng=0)
    assert found.converged
    assert found.share == pytest.approx(60 / 360, abs=0.03)
    best = gmm.matched(found.mixture, TRUTH)
    assert np.abs(best.means - TRUTH.means).max() < 0.5
    plain = gmm.matched(gmm.fit(BOTH, 3, rng=0).mixture, TRUTH)
    assert np.abs(plain.means - TRUTH.means).max() > 0.5
    in_noise = gmm.background_responsibility(BOTH, found)[:, -1]
    assert in_noise[300:].mean() > 0.7
    assert in_noise[:300].mean() < 0.1
    assert found.volume == pytest.approx(np.prod(BOTH.max(axis=0) - BOTH.min(axis=0)))
    assert found.bic == pytest.approx((17 + 2) * np.log(360) - 2 * found.log_likelihood)
    again = gmm.fit_with_background(BOTH, found.mixture, share=found.share)
    assert again.log_likelihood == pytest.approx(found.log_likelihood, abs=1e-4)


def test_another_unit_changes_nothing_but_the_unit():
    A = np.diag([1000.0, 0.01])
    ours, theirs = gmm.fit_with_background(BOTH, 3, rng=0), gmm.fit_with_background(BOTH @ A, truth_scaled(A))
    theirs_at_home = gmm.fit_with_background(BOTH, TRUTH)
    assert theirs.share == pytest.approx(theirs_at_home.share, rel=1e-4)
    assert ours.log_likelihood >= theirs_at_home.log_likelihood - 1e-3


def truth_scaled(A):
    return gmm.Mixture(TRUTH.weights, TRUTH.means @ A, A @ TRUTH.covariances @ A)


def test_what_is_no_background_fit_is_named():
    with pytest.raises(TypeError, match=r"what gmm\.fit_with_background returned"):
        gmm.background_responsibility(POINTS, TRUTH)


def test_a_constant_column_is_named():
    with pytest.raises(ValueError, match=r"points\[:, 1\] is constant: drop this column"):
        gmm.fit_with_background(np.column_stack([BOTH[:, 0], np.ones(len(BOTH))]), 2)


def test_a_constraint_without_a_number_of_parameters_can_be_fitted():
    found = gmm.fit_with_background(BOTH, 3, constraint=lambda mixture: gmm.tied(mixture), rng=0)
    assert found.converged
    with pytest.raises(ValueError, match="parameters"):
        found.bic


def test_small_weights_change_nothing_but_their_sum():
    weights = np.random.default_rng(1).uniform(0.5, 2, len(BOTH))
    one, tiny = (gmm.fit_with_background(BOTH, 3, sample_weights=c * weights, rng=0) for c in (1, 1e-6))
    same(one.mixture, tiny.mixture, rtol=1e-4)
    assert tiny.converged
