"""Points with gaps, against SciPy's marginal densities, integrals, derivatives and the fit without gaps."""

import numpy as np
import pytest
from examples import CONSTRAINTS, law, named, problem, same, scipy_log_joint, seeds
from hypothesis import given
from scipy import integrate, optimize, special

import gmm_tutorial as gmm
from gmm_tutorial.missing import filled_at_random, patterns

GAP = np.nan


def with_gaps(points, rng, share=0.3):
    gaps = points.copy()
    gaps[rng.random(points.shape) < share] = GAP
    return gaps


def scipy_observed_log_joint(points, mixture):
    rows = []
    for x in points:
        seen = np.flatnonzero(~np.isnan(x))
        if len(seen):
            flat = (mixture.weights, mixture.means[:, seen], mixture.covariances[:, seen][:, :, seen])
            rows.append(scipy_log_joint(x[None, seen], flat)[0])
        else:
            rows.append(np.log(mixture.weights))
    return np.array(rows)


def scipy_observed(points, mixture, sample_weights=1.0):
    return (sample_weights * special.logsumexp(scipy_observed_log_joint(points, mixture), axis=1)).sum()


def run(points, mixture, steps, constraint=gmm.full, sample_weights=None):
    log_likelihoods = []
    for _ in range(steps):
        expected, log_likelihood = gmm.observed_e_step(points, mixture, sample_weights)
        log_likelihoods.append(log_likelihood)
        mixture = constraint(gmm.observed_m_step(points, expected))
    return mixture, log_likelihoods


def test_rows_of_one_pattern_are_found_together():
    points = np.array([[1, GAP, 3], [1, 2, 3], [GAP, GAP, 1], [4, GAP, 6], [GAP, GAP, GAP]])
    found = {tuple(observed): rows.tolist() for observed, rows in patterns(points)}
    assert found == {(0, 2): [0, 3], (0, 1, 2): [1], (2,): [2], (): [4]}


@law
@given(seeds)
def test_densities_and_responsibilities_are_those_of_what_is_observed(seed):
    points, mixture, rng = problem(seed, N=40, D=3)
    gaps = with_gaps(points, rng)
    expected = scipy_observed_log_joint(gaps, mixture)
    np.testing.assert_allclose(gmm.observed_log_joint(gaps, mixture), expected, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(gmm.observed_log_density(gaps, mixture), special.logsumexp(expected, axis=1), atol=1e-8)
    np.testing.assert_allclose(gmm.observed_responsibility(gaps, mixture), special.softmax(expected, axis=1), atol=1e-9)


def test_a_row_that_shows_nothing_tells_nothing():
    _, mixture, _ = problem(2, D=3)
    nothing = np.full((1, 3), GAP)
    assert gmm.observed_log_density(nothing, mixture) == pytest.approx(0, abs=1e-15)
    np.testing.assert_allclose(gmm.observed_responsibility(nothing, mixture)[0], mixture.weights, rtol=1e-14)
    np.testing.assert_allclose(gmm.impute(nothing, mixture)[0], gmm.total_mean(mixture), rtol=1e-14)


@law
@given(seeds)
def test_with_no_gaps_a_step_is_the_plain_step(seed):
    points, mixture, rng = problem(seed, N=60, D=3)
    sample_weights = rng.uniform(0, 3, len(points))
    for counts in (None, sample_weights):
        expected, log_likelihood = gmm.observed_e_step(points, mixture, counts)
        responsibilities, plain = gmm.e_step(points, mixture, counts)
        assert log_likelihood == pytest.approx(plain, rel=1e-13)
        assert not expected.doubts.any()
        same(gmm.observed_m_step(points, expected), gmm.m_step(points, responsibilities), rtol=1e-11)


def moments_by_integration(x, pi, mu, sigma):
    """∫ yʳ p(x, y) dy for r = 0, 1, 2."""

    def density(y, r):
        return y**r * np.exp(scipy_log_joint([[x, y]], ([pi], [mu], [sigma]))[0, 0])

    return [integrate.quad(density, mu[1] - 40, mu[1] + 40, (r,), epsabs=0)[0] for r in range(3)]


def test_what_a_component_expects_of_a_gap_is_an_integral():
    points, mixture, _ = problem(3, N=5, K=2, D=2)
    gaps = points.copy()
    gaps[:, 1] = GAP
    expected, _ = gmm.observed_e_step(gaps, mixture)
    for k, component in enumerate(zip(*mixture)):
        doubts = []
        for n, x in enumerate(points[:, 0]):
            total, first, second = moments_by_integration(x, *component)
            assert expected.completed[k, n, 1] == pytest.approx(first / total, rel=1e-8)
            doubts.append(expected.responsibilities[n, k] * (second / total - (first / total) ** 2))
        assert expected.doubts[k, 1, 1] == pytest.approx(sum(doubts), rel=1e-7)


def test_a_step_goes_up_by_the_gradient_of_the_likelihood():
    """Fisher's identity: Nₖ Σₖ⁻¹ (new mean − mean) is the derivative of the observed log-likelihood."""
    points, mixture, rng = problem(4, N=50, K=2, D=3)
    gaps, sample_weights = with_gaps(points, rng), rng.uniform(0, 2, len(points))
    expected, _ = gmm.observed_e_step(gaps, mixture, sample_weights)
    new = gmm.observed_m_step(gaps, expected)
    counts = expected.responsibilities.sum(axis=0)

    def moved(means=mixture.means, covariances=mixture.covariances):
        return gmm.Mixture(mixture.weights, means, covariances)

    h = 1e-5
    for k in range(2):
        precision = np.linalg.inv(mixture.covariances[k])
        step = new.means[k] - mixture.means[k]
        by_mean = counts[k] * precision @ step
        spread = new.covariances[k] + np.outer(step, step) - mixture.covariances[k]
        by_covariance = counts[k] * precision @ spread @ precision / 2
        for d in range(3):
            nudge = np.zeros((2, 3))
            nudge[k, d] = h
            up, down = (scipy_observed(gaps, moved(mixture.means + s * nudge), sample_weights) for s in (1, -1))
            assert (up - down) / (2 * h) == pytest.approx(by_mean[d], rel=1e-5, abs=1e-5)
            for e in range(3):
                nudge = np.zeros((2, 3, 3))
                nudge[k, d, e] = nudge[k, e, d] = h
                up, down = (
                    scipy_observed(gaps, moved(covariances=mixture.covariances + s * nudge), sample_weights)
                    for s in (1, -1)
                )
                expected_slope = by_covariance[d, e] * (1 if d == e else 2)
                assert (up - down) / (2 * h) == pytest.approx(expected_slope, rel=1e-4, abs=1e-4)
    np.testing.assert_allclose(new.weights, counts / sample_weights.sum(), rtol=1e-12)


@pytest.mark.parametrize("constraint", CONSTRAINTS, ids=map(named, CONSTRAINTS))
def test_the_likelihood_never_falls_under_any_constraint(constraint):
    points, mixture, rng = problem(5, N=80, K=2, D=3)
    _, log_likelihoods = run(with_gaps(points, rng), constraint(mixture), 60, constraint)
    assert (np.diff(log_likelihoods) > -1e-9).all()
    assert log_likelihoods[-1] > log_likelihoods[0] + 1


def test_one_gaussian_with_gaps_ends_at_the_maximum_that_a_general_optimizer_finds():
    points, _, rng = problem(6, N=40, K=1, D=2)
    gaps = with_gaps(points, rng)
    start = gmm.Mixture([1], [[0, 0]], [[[9, 0], [0, 9]]])
    _, log_likelihoods = run(gaps, start, 300)

    def cost(theta):
        root = np.array([[np.exp(theta[2]), 0], [theta[3], np.exp(theta[4])]])
        return -scipy_observed(gaps, gmm.Mixture([1], [theta[:2]], [root @ root.T]))

    best = optimize.minimize(cost, [*np.nanmean(gaps, axis=0), 0.5, 0, 0.5], method="BFGS", options={"gtol": 1e-6})
    assert log_likelihoods[-1] == pytest.approx(-best.fun, abs=1e-6)


def test_a_sample_weight_counts_its_row_that_many_times():
    points, mixture, rng = problem(7, N=30, D=3)
    gaps, times = with_gaps(points, rng), rng.integers(0, 4, 30)
    weighted, total = run(gaps, mixture, 3, sample_weights=times.astype(float))
    repeated, other = run(np.repeat(gaps, times, axis=0), mixture, 3)
    assert total == pytest.approx(other, rel=1e-12)
    same(weighted, repeated, rtol=1e-10)


def test_the_unit_of_a_coordinate_changes_only_the_unit_of_the_answer():
    points, mixture, rng = problem(8, N=50, D=2)
    gaps, A = with_gaps(points, rng), np.diag([1000.0, 0.01])
    scaled = gmm.Mixture(mixture.weights, mixture.means @ A, A @ mixture.covariances @ A)
    ours, theirs = run(gaps, mixture, 4)[0], run(gaps * np.diag(A), scaled, 4)[0]
    same(theirs, gmm.Mixture(ours.weights, ours.means @ A, A @ ours.covariances @ A))


def test_a_gap_is_filled_by_what_to_expect_there():
    points, mixture, rng = problem(9, N=30, D=3)
    gaps = with_gaps(points, rng)
    filled = gmm.impute(gaps, mixture)
    seen = ~np.isnan(gaps)
    np.testing.assert_array_equal(filled[seen], gaps[seen])
    for x, row in zip(gaps, filled):
        known = np.flatnonzero(~np.isnan(x)).tolist()
        if 0 < len(known) < 3:
            np.testing.assert_allclose(
                row[np.isnan(x)], gmm.conditional_mean(x[None, known], mixture, known)[0], rtol=1e-9
            )


def test_draws_have_the_mean_and_the_covariance_of_the_conditional_mixture():
    points, mixture, _ = problem(10, N=1, K=3, D=3)
    row = points.copy()
    row[:, [0, 2]] = GAP
    draws = gmm.impute(row, mixture, 200_000, rng=1)[:, 0]
    given_1 = gmm.conditional(mixture, {1: points[0, 1]})
    spread = gmm.total_covariance(given_1)
    error = np.sqrt(np.diag(spread) / len(draws))
    assert (np.abs(draws[:, [0, 2]].mean(axis=0) - gmm.total_mean(given_1)) < 5 * error).all()
    np.testing.assert_allclose(np.cov(draws[:, [0, 2]].T), spread, atol=0.02 * np.trace(spread))
    np.testing.assert_array_equal(draws, gmm.impute(row, mixture, 200_000, rng=1)[:, 0])
    assert (draws[:9] != gmm.impute(row, mixture, 9, rng=2)[:, 0]).any()


def test_each_row_is_drawn_by_itself():
    _, mixture, _ = problem(10, K=3, D=3)
    draws = gmm.impute(np.full((2, 3), GAP), mixture, 10_000, rng=1)
    assert abs(np.corrcoef(draws[:, 0, 2], draws[:, 1, 2])[0, 1]) < 0.05


def test_the_points_are_left_as_they_are():
    points, mixture, rng = problem(11, N=20)
    gaps = with_gaps(points, rng)
    before = gaps.copy()
    gmm.impute(gaps, mixture)
    run(gaps, mixture, 2)
    np.testing.assert_array_equal(gaps, before)


def test_rows_to_start_from_have_the_spread_and_correlation_of_the_points():
    points, _, rng = problem(12, N=4000, K=1, D=3)
    gaps = with_gaps(points, rng, share=0.4)
    filled = filled_at_random(gaps, rng=0)
    assert np.isfinite(filled).all()
    np.testing.assert_allclose(np.cov(filled.T), np.cov(points.T), rtol=0.1, atol=0.1)
    weights = np.where(np.isnan(gaps).any(axis=1), 1.0, 0.0)
    assert (filled != filled_at_random(gaps, weights, rng=0)).any()


def test_a_column_without_any_value_is_named():
    with pytest.raises(ValueError, match=r"points\[:, 1\] has no value"):
        filled_at_random(np.array([[1.0, GAP], [2.0, GAP]]), rng=0)


def test_a_fit_finds_the_maximum_and_says_how():
    points, _, rng = problem(13, N=150, K=2, D=3)
    gaps = with_gaps(points, rng, share=0.2)
    fit = gmm.fit(gaps, 2, missing="model", rng=0)
    assert fit.converged
    assert "gaps" in fit.path
    assert fit.log_likelihood == pytest.approx(scipy_observed(gaps, fit.mixture), rel=1e-12)
    _, onward = run(gaps, fit.mixture, 30)
    assert onward[-1] == pytest.approx(fit.log_likelihood, abs=1e-5)
    again = gmm.fit(gaps, fit.mixture, missing="model")
    assert again.log_likelihood >= fit.log_likelihood - 1e-9


def test_a_fit_without_gaps_is_the_plain_fit():
    points, mixture, _ = problem(14, N=100, K=2, D=2)
    same(gmm.fit(points, mixture, missing="model").mixture, gmm.fit(points, mixture, steps=gmm.em).mixture, rtol=1e-8)


def test_gaps_are_never_modeled_unless_asked_for():
    points, _, rng = problem(15, N=40)
    gaps = with_gaps(points, rng)
    with pytest.raises(ValueError, match="nan"):
        gmm.fit(gaps, 2)
    with pytest.raises(ValueError, match="model"):
        gmm.fit(gaps, 2, missing="drop")


def test_a_component_that_explains_nothing_is_named():
    points = np.array([[0.0, GAP], [1.0, 2.0]])
    completed = np.zeros((2, 2, 2))
    expected = gmm.Expected(np.array([[1.0, 0], [1, 0]]), completed, np.zeros((2, 2, 2)))
    with pytest.raises(gmm.CollapseError, match="component 1"):
        gmm.observed_m_step(points, expected)
