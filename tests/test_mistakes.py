"""The test of the tests: mistakes that people make are put into the package, and each must break a law.

The laws go through the package's own pipeline, their oracles do not: SciPy, mpmath, and sums over n and k by hand.
"""

import importlib
import sys
import warnings
from functools import cache
from itertools import islice, pairwise

import mpmath as mp
import numpy as np
import pytest
from examples import exact_joints, problem, responsibilities_of, scipy_log_joint, scipy_log_likelihood
from matplotlib.figure import Figure
from scipy import integrate, special, stats

import gmm_tutorial as gmm
from gmm_tutorial import plots

N, D, K = 40, 2, 3
POINTS, TRUTH, RNG = problem(seed=3, N=N, K=K, D=D)
RESPONSIBILITIES = responsibilities_of(RNG, N, K)
FAR_START = gmm.Mixture([0.2, 0.5, 0.3], TRUTH.means[::-1] + 4, 3 * TRUTH.covariances)
BILLS = gmm.load_penguins()[0][:, :2]
PLATEAU = gmm.mixture_around(BILLS, BILLS[[10, 100, 250]])
BLOB_CENTERS = np.array([[0, 0], [30, 0], [9, 40]])
BLOBS = np.concatenate([center + 0.01 * problem(seed=k, N=9)[0] for k, center in enumerate(BLOB_CENTERS)])


# ---- by hand


def m_step_by_hand(points, responsibilities):
    """The four formulas, element by element, as they stand in the book."""
    (N, D), K = points.shape, responsibilities.shape[1]
    weights, means, covariances = np.zeros(K), np.zeros((K, D)), np.zeros((K, D, D))
    for k in range(K):
        counted = sum(responsibilities[n, k] for n in range(N))
        weights[k] = counted / N
        for d in range(D):
            means[k, d] = sum(responsibilities[n, k] * points[n, d] for n in range(N)) / counted
        for n in range(N):
            covariances[k] += responsibilities[n, k] * np.outer(points[n] - means[k], points[n] - means[k]) / counted
    return weights, means, covariances


def same(ours, theirs, rtol=1e-9, atol=0.0):
    for our, their in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(our, their, rtol=rtol, atol=atol)


# ---- the laws


def the_log_density_of_a_gaussian_is_that_of_scipy_in_any_number_of_dimensions():
    for dimensions in (1, 3, 5):
        points, mixture, _ = problem(seed=7, N=8, K=1, D=dimensions)
        _, (mean,), (covariance,) = mixture
        oracle = stats.multivariate_normal(mean, covariance).logpdf(points)
        same(gmm.log_gaussian(points, mean, covariance), oracle, rtol=1e-10)


def the_density_of_a_mixture_integrates_to_one():
    mixture = gmm.Mixture([0.2, 0.8], [[-3], [2]], [[[0.25]], [[4]]])
    grid = np.linspace(-30, 30, 6001)
    assert abs(integrate.trapezoid(np.exp(gmm.log_density(grid[:, None], mixture)), grid) - 1) < 1e-6


def the_log_joint_is_the_log_weight_plus_the_log_density():
    np.testing.assert_allclose(gmm.log_joint(POINTS, TRUTH), scipy_log_joint(POINTS, TRUTH), rtol=1e-10)


def between_equal_components_only_the_weights_decide():
    equal = gmm.Mixture([0.3, 0.6, 0.1], [[1, 2]] * 3, [[[2, 1], [1, 3]]] * 3)
    np.testing.assert_allclose(gmm.responsibility(POINTS, equal), [[0.3, 0.6, 0.1]] * N, rtol=1e-12)


def equal_components_have_the_density_of_one():
    one, two = (gmm.Mixture(pi, [[1, 2]] * len(pi), [[[2, 1], [1, 3]]] * len(pi)) for pi in ([1], [0.3, 0.7]))
    np.testing.assert_allclose(gmm.log_density(POINTS, two), gmm.log_density(POINTS, one), rtol=1e-12)


def for_each_point_the_responsibilities_sum_to_one():
    responsibilities = gmm.responsibility(POINTS, TRUTH)
    assert responsibilities.shape == (N, K)
    np.testing.assert_allclose(responsibilities.sum(axis=1), 1, rtol=1e-12)


def far_points_have_exact_responsibilities_and_densities():
    points = [[5, 5], [60, -40], [-300, 500], [2e5, 3e5]]
    for point, row, log_density in zip(points, gmm.responsibility(points, TRUTH), gmm.log_density(points, TRUTH)):
        with mp.workdps(80):
            joints = exact_joints(point, TRUTH)
            exact = [float(joint / mp.fsum(joints)) for joint in joints]
            np.testing.assert_allclose(row, exact, rtol=1e-6, atol=1e-300)
            np.testing.assert_allclose(log_density, float(mp.log(mp.fsum(joints))), rtol=1e-10)


def bayes_takes_the_largest_of_each_row():
    log_joints = np.array([[-5000.0, -5001.0, -9000.0], [3.0, 2.0, -1.0], [800.0, 790.0, -800.0]])
    oracle = special.logsumexp(log_joints, axis=1)
    responsibilities, log_densities = gmm.mixture.bayes(log_joints)  # the bare function: the public one refuses NaN
    np.testing.assert_allclose(log_densities, oracle, rtol=1e-12)
    np.testing.assert_allclose(responsibilities, np.exp(log_joints - oracle[:, None]), rtol=1e-11, atol=1e-300)


def the_log_likelihood_is_the_sum_of_the_log_densities():
    np.testing.assert_allclose(gmm.e_step(POINTS, TRUTH)[1], scipy_log_likelihood(POINTS, TRUTH), rtol=1e-10)


def the_m_step_is_the_four_formulas_by_hand():
    weights, means, covariances = m_step_by_hand(POINTS, RESPONSIBILITIES)
    same([gmm.weight(RESPONSIBILITIES), gmm.mean(POINTS, RESPONSIBILITIES)], [weights, means])
    ours = gmm.covariance(POINTS, RESPONSIBILITIES, means)
    assert ours.shape == (K, D, D)
    np.testing.assert_allclose(ours, covariances, rtol=1e-9)
    same(gmm.m_step(POINTS, RESPONSIBILITIES), (weights, means, covariances))


def weights_sum_to_one_for_any_number_of_points():
    for points in (7, 23):
        np.testing.assert_allclose(gmm.weight(RESPONSIBILITIES[:points]).sum(), 1, rtol=1e-12)


def one_component_is_the_mean_and_the_covariance_of_the_points():
    weights, means, covariances = gmm.m_step(POINTS, np.ones((N, 1)))
    same((weights, means, covariances), ([1], [np.average(POINTS, axis=0)], [np.cov(POINTS.T, bias=True)]))


def the_total_mean_and_the_second_moment_are_kept_by_a_step():
    weights, means, covariances = gmm.m_step(POINTS, RESPONSIBILITIES)
    np.testing.assert_allclose(weights @ means, POINTS.mean(axis=0), rtol=1e-10)
    second = sum(pi * (sigma + np.outer(mu, mu)) for pi, mu, sigma in zip(weights, means, covariances))
    np.testing.assert_allclose(second, POINTS.T @ POINTS / N, rtol=1e-10)


def components_that_are_renumbered_stay_what_they_are():
    order = [2, 0, 1]
    for ours, renumbered in zip(gmm.m_step(POINTS, RESPONSIBILITIES), gmm.m_step(POINTS, RESPONSIBILITIES[:, order])):
        np.testing.assert_allclose(renumbered, ours[order], rtol=1e-10)


def each_step_of_em_is_bayes_and_the_four_formulas_by_hand():
    mixture = FAR_START
    for step in islice(gmm.em(POINTS, FAR_START), 4):
        same(step.mixture, mixture, rtol=1e-8)
        log_joints = scipy_log_joint(POINTS, gmm.Mixture(*mixture))
        mixture = m_step_by_hand(POINTS, np.exp(log_joints - special.logsumexp(log_joints, axis=1, keepdims=True)))


def each_step_of_em_tells_the_log_likelihood_of_its_own_mixture():
    for mixture, log_likelihood in islice(gmm.em(POINTS, FAR_START), 4):
        np.testing.assert_allclose(log_likelihood, scipy_log_likelihood(POINTS, gmm.Mixture(*mixture)), rtol=1e-10)


def the_log_likelihood_never_falls():
    steps = islice(gmm.em(POINTS, FAR_START), 20)
    log_likelihoods = [scipy_log_likelihood(POINTS, gmm.Mixture(*step.mixture)) for step in steps]
    assert all(later > before - 1e-9 for before, later in pairwise(log_likelihoods))


def no_call_changes_its_arguments():
    points, centers = BLOBS.copy(), BLOBS[[0, 1, 9]].copy()
    gmm.kmeans(points, centers)
    gmm.mixture_around(points, centers)
    same((points, centers), (BLOBS, BLOBS[[0, 1, 9]]))


def starts_are_points_of_the_data():
    points = POINTS + 1000
    for start in (gmm.random_points, gmm.kmeans_plus_plus):
        centers = start(points, 4, np.random.default_rng(1))
        assert centers.shape == (4, D)
        assert all((points == center).all(axis=1).any() for center in centers)


def every_point_may_be_a_start_as_often_as_any_other():
    rng = np.random.default_rng(2)
    points = np.arange(7.0)[:, None]
    drawn = np.concatenate([gmm.random_points(points, 2, rng).ravel() for _ in range(700)]).astype(int)
    assert stats.chisquare(np.bincount(drawn, minlength=7)).pvalue > 1e-6


def nearest(points, centers):
    return np.array([np.argmin([np.sum((point - center) ** 2) for center in centers]) for point in points])


def kmeans_plus_plus_hits_every_blob():
    rng = np.random.default_rng(4)
    hits = [set(nearest(gmm.kmeans_plus_plus(BLOBS, 3, rng), BLOB_CENTERS)) for _ in range(60)]
    assert np.mean([len(hit) == 3 for hit in hits]) > 0.95


def each_point_belongs_to_the_hard_responsibility_alone():
    for K in (2, 4):
        assert np.array_equal(gmm.hard_responsibility(POINTS, POINTS[:K]), np.eye(K)[nearest(POINTS, POINTS[:K])])


def kmeans_ends_where_each_center_is_the_mean_of_its_points():
    for seed in range(3):
        points = problem(seed, N=30)[0]
        centers = gmm.kmeans(points, points[:4].copy())
        sides = nearest(points, centers)
        assert set(sides) == set(range(4))
        np.testing.assert_allclose(centers, [points[sides == k].mean(axis=0) for k in range(4)], rtol=1e-10)


def a_start_is_the_hard_m_step_with_the_pooled_covariance():
    for chosen in ([0, 9, 18], [3, 20]):
        centers = BLOBS[chosen] + 0.125
        weights, means, covariances = m_step_by_hand(BLOBS, np.eye(len(chosen))[nearest(BLOBS, centers)])
        start = gmm.mixture_around(BLOBS, centers)
        same(start, (weights, means, [np.tensordot(weights, covariances, 1)] * len(chosen)))
        assert np.linalg.eigvalsh(start.covariances).min() > 0


def a_collapse_ends_in_the_error_that_names_it():
    points = np.repeat([[0.0, 0.0], [5.0, 1.0], [900.0, 700.0]], 4, axis=0)
    start = gmm.Mixture([0.2, 0.8], [[900, 700], [1, 0]], [np.eye(2), np.eye(2)])
    try:
        fit = gmm.fit(points, start, max_steps=200)
    except ValueError as collapse:
        fit = collapse
    assert type(fit) is gmm.CollapseError
    assert fit.component == 0


def a_small_unit_meets_no_hidden_floor():
    rng = np.random.default_rng(5)
    points = 1e-4 * np.linalg.cholesky(np.array([[4, 1.5], [1.5, 1]])) @ rng.standard_normal((2, 50))
    covariances = gmm.m_step(points.T, np.ones((50, 1))).covariances
    np.testing.assert_allclose(covariances, [np.cov(points, bias=True)], rtol=1e-9)


def a_ridge_raises_every_eigenvalue():
    before, after = (np.linalg.eigvalsh(mixture.covariances) for mixture in (TRUTH, gmm.ridge(TRUTH, 1e-3)))
    assert (after > before).all()


def samples_have_the_moments_of_their_component():
    points, labels = gmm.sample(TRUTH, 30_000, np.random.default_rng(6))
    for k, (pi, mu, sigma) in enumerate(zip(*TRUTH)):
        mine = points[labels == k]
        scale = np.sqrt(np.diag(sigma))
        assert abs(len(mine) / len(points) - pi) < 0.02
        np.testing.assert_allclose(mine.mean(axis=0) / scale, mu / scale, atol=0.06)
        np.testing.assert_allclose(np.cov(mine.T) / np.outer(scale, scale), sigma / np.outer(scale, scale), atol=0.1)


def the_ellipse_of_a_mass_holds_that_mass():
    _, mixture, _ = problem(seed=8, K=1, D=2)
    axes = Figure().subplots()
    plots.ellipses(axes, mixture, mass=0.95)
    drawn = axes.lines[0].get_xydata()
    drawn = drawn[np.isfinite(drawn).all(axis=1)][1:]
    deviations = drawn - mixture.means[0]
    distances = np.einsum("ni,ij,nj->n", deviations, np.linalg.inv(mixture.covariances[0]), deviations)
    np.testing.assert_allclose(distances, stats.chi2(2).ppf(0.95), rtol=1e-9)


def a_fit_that_says_converged_has_nothing_left_to_gain():
    fit = quiet_fit(BILLS, PLATEAU, max_steps=2000)
    later = next(islice(gmm.em(BILLS, fit.mixture), 1500, None)).mixture
    gained = scipy_log_likelihood(BILLS, gmm.Mixture(*later)) - scipy_log_likelihood(BILLS, gmm.Mixture(*fit.mixture))
    assert gained < 0.01


def a_fit_of_ordinary_data_converges():
    assert quiet_fit(gmm.load_faithful(), 2, starts=1, rng=1, max_steps=300).converged


def a_fit_tells_the_log_likelihood_of_its_own_mixture():
    fit = quiet_fit(POINTS, TRUTH, tolerance=1.0, max_steps=50)
    np.testing.assert_allclose(fit.log_likelihood, scipy_log_likelihood(POINTS, fit.mixture), rtol=1e-12)


def quiet_fit(*arguments, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", gmm.ConvergenceWarning)
        return gmm.fit(*arguments, **options)


LAWS = [
    the_log_density_of_a_gaussian_is_that_of_scipy_in_any_number_of_dimensions,
    the_density_of_a_mixture_integrates_to_one,
    the_log_joint_is_the_log_weight_plus_the_log_density,
    between_equal_components_only_the_weights_decide,
    equal_components_have_the_density_of_one,
    for_each_point_the_responsibilities_sum_to_one,
    far_points_have_exact_responsibilities_and_densities,
    bayes_takes_the_largest_of_each_row,
    the_log_likelihood_is_the_sum_of_the_log_densities,
    the_m_step_is_the_four_formulas_by_hand,
    weights_sum_to_one_for_any_number_of_points,
    one_component_is_the_mean_and_the_covariance_of_the_points,
    the_total_mean_and_the_second_moment_are_kept_by_a_step,
    components_that_are_renumbered_stay_what_they_are,
    each_step_of_em_is_bayes_and_the_four_formulas_by_hand,
    each_step_of_em_tells_the_log_likelihood_of_its_own_mixture,
    the_log_likelihood_never_falls,
    no_call_changes_its_arguments,
    starts_are_points_of_the_data,
    every_point_may_be_a_start_as_often_as_any_other,
    kmeans_plus_plus_hits_every_blob,
    each_point_belongs_to_the_hard_responsibility_alone,
    kmeans_ends_where_each_center_is_the_mean_of_its_points,
    a_start_is_the_hard_m_step_with_the_pooled_covariance,
    a_collapse_ends_in_the_error_that_names_it,
    a_small_unit_meets_no_hidden_floor,
    a_ridge_raises_every_eigenvalue,
    samples_have_the_moments_of_their_component,
    the_ellipse_of_a_mass_holds_that_mass,
    a_fit_tells_the_log_likelihood_of_its_own_mixture,
]
LONG_LAWS = [a_fit_of_ordinary_data_converges, a_fit_that_says_converged_has_nothing_left_to_gain]


# ---- the mistakes, with their numbers in the course's list of 38


MISTAKES = {}


def mistake(number, place):
    """Remembers a wrong version of `module.function` of the package."""

    def remember(wrong):
        MISTAKES[f"{number:02}-{wrong.__name__}"] = place, wrong
        return wrong

    return remember


@mistake(1, "mixture.bayes")
def densities_in_place_of_log_densities(log_joints):
    """Exponentiates first: far away every density underflows to zero."""
    joints = np.exp(log_joints)
    return joints / joints.sum(axis=1, keepdims=True), np.log(joints.sum(axis=1))


@mistake(2, "em.em")
def covariance_about_the_old_mean(points, mixture, constraint=gmm.full, sample_weights=None, **how):
    """The fixed point is right, the steps to it are not."""
    while True:
        responsibilities, log_likelihood = gmm.e_step(points, mixture)
        yield gmm.Step(mixture, log_likelihood)
        covariances = gmm.covariance(points, responsibilities, mixture.means)
        mixture = gmm.Mixture._trusted(gmm.weight(responsibilities), gmm.mean(points, responsibilities), covariances)


@mistake(3, "mixture.bayes")
def an_epsilon_added_to_each_density(log_joints):
    """Far points are shared out evenly."""
    joints = np.exp(log_joints) + 1e-10
    return joints / joints.sum(axis=1, keepdims=True), np.log(joints.sum(axis=1))


@mistake(3, "mixture.bayes")
def a_floor_under_each_responsibility(log_joints):
    """No responsibility is ever zero, and the rows sum to more than one."""
    responsibilities = special.softmax(log_joints, axis=1)
    return np.maximum(responsibilities, 1e-6), special.logsumexp(log_joints, axis=1)


@mistake(4, "checks.collapse.cholesky_or_zeros")
def a_bare_error_of_linear_algebra(covariances):
    """A collapsed component ends in LinAlgError, which names neither the component nor the cure."""
    return np.linalg.cholesky(covariances)


@mistake(4, "checks.collapse.refuse_flat")
def a_collapse_unseen(pivots, variances, means):
    """A component without spread passes for a Gaussian."""


@mistake(4, "steps.covariance")
def a_hidden_floor(points, responsibilities, means):
    """A small absolute number on each diagonal hides the collapse and bends every other fit."""
    deviations = points - means[:, None]
    spread = np.einsum("nk,knd,kne->kde", responsibilities, deviations, deviations)
    return spread / responsibilities.sum(axis=0)[:, None, None] + 1e-6 * np.eye(points.shape[1])


@mistake(5, "starts.random_points")
def starts_in_the_unit_cube(points, K, rng=None):
    """Far from data that lie elsewhere."""
    return rng.uniform(size=(K, points.shape[1]))


@mistake(6, "gaussian.log_gaussian_by_factor")
def the_constant_of_one_dimension(points, mean, factor):
    """√(2π) in place of (2π)^(D/2)."""
    distances = np.square(gmm.whiten(points, mean, factor)).sum(axis=1)
    return -0.5 * (np.log(2 * np.pi) + distances) - np.log(np.diag(factor)).sum()


@mistake(6, "gaussian.log_gaussian_by_factor")
def the_constant_of_two_dimensions(points, mean, factor):
    """D = 2 typed as a number."""
    distances = np.square(gmm.whiten(points, mean, factor)).sum(axis=1)
    return -0.5 * (2 * np.log(2 * np.pi) + distances) - np.log(np.diag(factor)).sum()


@mistake(7, "mixture.bayes")
def sum_of_logs_in_place_of_log_of_sum(log_joints):
    """The log does not pass through the sum."""
    return special.softmax(log_joints, axis=1), log_joints.sum(axis=1)


@mistake(8, "mixture.log_joint")
def weights_left_out(points, mixture):
    """The likelihood without the prior."""
    return np.stack([gmm.log_gaussian(points, mu, sigma) for _, mu, sigma in zip(*mixture)], axis=1)


@mistake(9, "convergence.converged")
def a_fixed_number_of_steps(log_likelihoods, tolerance):
    """Twenty steps, wherever that is."""
    return len(log_likelihoods) > 20


@mistake(10, "starts.mixture_around")
def identical_components_at_the_start(points, centers):
    """Equal components stay equal for ever."""
    return gmm.m_step(points, np.full((len(points), len(centers)), 1 / len(centers)))


@mistake(11, "starts.random_points")
def the_first_rows_as_start(points, K, rng=None):
    """On sorted data the starts sit side by side."""
    return points[:K]


@mistake(12, "steps.weight")
def N_written_as_a_number(responsibilities):
    """Right for the data it was written for, which were forty points."""
    return responsibilities.sum(axis=0) / 40


@mistake(12, "starts.hard_responsibility")
def K_written_as_a_number(points, centers):
    """Right for three components."""
    return np.eye(3)[gmm.squared_distance(points, centers).argmin(axis=1)]


@mistake(13, "steps.e_step")
def log_likelihood_of_normalized_responsibilities(points, mixture, sample_weights=None):
    """Each row sums to one, and the log of one is zero."""
    responsibilities = gmm.responsibility(points, mixture)
    return responsibilities, float(np.log(responsibilities.sum(axis=1)).sum())


@mistake(13, "em.em")
def log_likelihood_one_step_stale(points, mixture, constraint=gmm.full, sample_weights=None, **how):
    """The number beside a mixture belongs to the mixture before."""
    while True:
        responsibilities, log_likelihood = gmm.e_step(points, mixture)
        mixture = constraint(gmm.m_step(points, responsibilities))
        yield gmm.Step(mixture, log_likelihood)


@mistake(13, "fit.fit_of")
def a_fit_one_step_past_its_log_likelihood(best, *how):
    """Returns the next mixture with the log-likelihood of the last."""
    return gmm.Fit(next(best.steps).mixture, best.log_likelihood, np.array(best.log_likelihoods), True)


@mistake(14, "steps.mean")
def a_mean_without_an_axis(points, responsibilities):
    """All coordinates of a mean are equal."""
    totals = [(gamma[:, None] * points).sum() for gamma in responsibilities.T]
    return np.array(totals)[:, None] / responsibilities.sum(axis=0)[:, None] * np.ones((1, points.shape[1]))


@mistake(15, "starts.mixture_around")
def weights_not_normalized_at_the_start(points, centers):
    """Counts in place of shares."""
    weights, means, covariances = gmm.tied(gmm.m_step(points, gmm.hard_responsibility(points, centers)))
    return gmm.Mixture._trusted(weights * len(points), means, covariances)


@mistake(16, "steps.covariance")
def one_component_copied_from_another(points, responsibilities, means):
    """The last component is written with the index of the first."""
    columns = [*range(len(means) - 1), 0]
    deviations = [points - means[k] for k in columns]
    return np.stack([(g[:, None] * d).T @ d / g.sum() for g, d in zip(responsibilities.T[columns], deviations)])


@mistake(17, "gaussian.log_gaussian_by_factor")
def variance_as_standard_deviation(points, mean, factor):
    """Hands Σ to a function that wants its root."""
    distances = np.square(gmm.whiten(points, mean, factor @ factor.T)).sum(axis=1)
    return -0.5 * (len(mean) * np.log(2 * np.pi) + distances) - 2 * np.log(np.diag(factor)).sum()


@mistake(18, "convergence.converged")
def a_relative_tolerance_times_a_negative_number(log_likelihoods, tolerance):
    """The gain is compared with tol · ℓ, which is below zero: it never stops."""
    return len(log_likelihoods) > 1 and bool(np.diff(log_likelihoods)[-1] < 1e-6 * log_likelihoods[-1])


@mistake(19, "steps.covariance")
def responsibilities_applied_twice(points, responsibilities, means):
    """γ² in place of γ: each covariance too small."""
    deviations = [gamma[:, None] * (points - mu) for gamma, mu in zip(responsibilities.T, means)]
    return np.stack([d.T @ d for d in deviations]) / responsibilities.sum(axis=0)[:, None, None]


@mistake(20, "gaussian.log_gaussian_by_factor")
def sum_over_dimensions_in_place_of_product(points, mean, factor):
    """A density like a cross."""
    deviations = np.sqrt(np.diag(factor @ factor.T))
    return special.logsumexp(stats.norm(mean, deviations).logpdf(points), axis=1)


@mistake(21, "steps.covariance")
def diagonal_where_full_is_meant(points, responsibilities, means):
    """Squares of coordinates in place of the outer product: axis-parallel ellipses."""
    variances = [gamma @ np.square(points - mu) / gamma.sum() for gamma, mu in zip(responsibilities.T, means)]
    return np.stack([np.diag(variance) for variance in variances])


@mistake(22, "steps.covariance")
def points_as_columns(points, responsibilities, means):
    """np.cov wants one row a variable, and gives (N, N)."""
    return np.stack([np.cov(points) for _ in means])


@mistake(23, "starts.mixture_around")
def a_random_start_that_is_not_positive_definite(points, centers):
    """A random symmetric matrix is no covariance."""
    K, D = centers.shape
    A = np.random.default_rng(0).uniform(size=(K, D, D))
    return gmm.Mixture._trusted(np.full(K, 1 / K), centers, A + np.swapaxes(A, 1, 2))


@mistake(24, "constraints.ridge")
def the_ridge_subtracted(mixture, fraction=1e-6):
    """Narrower in place of wider: the collapse comes sooner."""
    floor = fraction * np.diag(np.diag(gmm.total_covariance(mixture)))
    return gmm.Mixture._trusted(mixture.weights, mixture.means, mixture.covariances - floor)


@mistake(25, "gaussian.whiten")
def the_covariance_where_its_inverse_belongs(points, mean, factor):
    """(x − μ)ᵀ Σ (x − μ)."""
    return (points - mean) @ factor


@mistake(26, "em.em")
def parameters_changed_in_the_middle_of_the_m_step(points, mixture, constraint=gmm.full, sample_weights=None, **how):
    """The covariances come from responsibilities of half-changed parameters."""
    while True:
        responsibilities, log_likelihood = gmm.e_step(points, mixture)
        yield gmm.Step(mixture, log_likelihood)
        weights, means = gmm.weight(responsibilities), gmm.mean(points, responsibilities)
        halfway = gmm.Mixture._trusted(weights, means, mixture.covariances)
        again = gmm.responsibility(points, halfway)
        mixture = gmm.Mixture._trusted(halfway.weights, halfway.means, gmm.covariance(points, again, halfway.means))


@mistake(26, "starts.kmeans")
def the_callers_centers_overwritten(points, centers):
    """Works in the array that it was given."""
    for _ in range(100):
        centers[:] = gmm.mean(points, gmm.hard_responsibility(points, centers))
    return centers


@mistake(27, "em.em")
def weights_computed_and_never_stored(points, mixture, constraint=gmm.full, sample_weights=None, **how):
    """The weights stay what they were at the start."""
    weights = mixture.weights
    while True:
        responsibilities, log_likelihood = gmm.e_step(points, mixture)
        yield gmm.Step(mixture, log_likelihood)
        mixture = gmm.Mixture._trusted(weights, *list(gmm.m_step(points, responsibilities))[1:])


@mistake(28, "convergence.converged")
def the_old_log_likelihood_an_alias_of_the_new(log_likelihoods, tolerance):
    """Old and new are one list, so nothing was ever gained."""
    before = log_likelihoods
    return log_likelihoods[-1] - before[-1] < tolerance


@mistake(28, "starts.kmeans")
def the_old_centers_an_alias_of_the_new(points, centers):
    """Stops after one round, since nothing differs from itself."""
    for _ in range(100):
        centers = before = gmm.mean(points, gmm.hard_responsibility(points, centers))
        if before is centers:
            break
    return centers


@mistake(29, "steps.mean")
def means_over_N(points, responsibilities):
    """N in place of Nₖ: the means shrink towards the origin."""
    return responsibilities.T @ points / len(points)


@mistake(29, "steps.covariance")
def covariances_over_N(points, responsibilities, means):
    """N in place of Nₖ: the covariances shrink."""
    deviations = [np.sqrt(gamma)[:, None] * (points - mu) for gamma, mu in zip(responsibilities.T, means)]
    return np.stack([d.T @ d for d in deviations]) / len(points)


@mistake(30, "mixture.bayes")
def responsibilities_normalized_over_points(log_joints):
    """Columns sum to one: the points compete for a component."""
    return special.softmax(log_joints, axis=0), special.logsumexp(log_joints, axis=1)


@mistake(31, "steps.covariance")
def one_less_than_the_count(points, responsibilities, means):
    """Nₖ − 1: unbiased for one Gaussian, and no maximum of this likelihood."""
    deviations = [np.sqrt(gamma)[:, None] * (points - mu) for gamma, mu in zip(responsibilities.T, means)]
    return np.stack([d.T @ d for d in deviations]) / (responsibilities.sum(axis=0) - 1)[:, None, None]


@mistake(32, "gaussian.log_gaussian_by_factor")
def the_determinant_left_out(points, mean, factor):
    """Wide components win."""
    return -0.5 * (len(mean) * np.log(2 * np.pi) + np.square(gmm.whiten(points, mean, factor)).sum(axis=1))


@mistake(32, "gaussian.log_gaussian_by_factor")
def the_determinant_without_its_root(points, mean, factor):
    """|Σ| in place of √|Σ|."""
    distances = np.square(gmm.whiten(points, mean, factor)).sum(axis=1)
    return -0.5 * (len(mean) * np.log(2 * np.pi) + distances) - 2 * np.log(np.diag(factor)).sum()


@mistake(33, "steps.covariance")
def an_outer_product_transposed_to_a_number(points, responsibilities, means):
    """(1, D) times (D, 1): the same number everywhere in the matrix."""
    numbers = [gamma @ np.square(points - mu).sum(axis=1) / gamma.sum() for gamma, mu in zip(responsibilities.T, means)]
    return np.array(numbers)[:, None, None] * np.ones((1, points.shape[1], points.shape[1]))


@mistake(34, "starts.kmeans_plus_plus")
def the_farthest_center_decides(points, K, rng=None):
    """A point far from any one center is preferred, though another may be beside it."""
    centers = points[[rng.integers(len(points))]]
    while len(centers) < K:
        farthest = gmm.squared_distance(points, centers).max(axis=1)
        centers = np.vstack([centers, points[rng.choice(len(points), p=farthest / farthest.sum())]])
    return centers


@mistake(35, "plots.radius")
def one_degree_of_freedom_too_few(mass, D=2):
    """χ² with D − 1 degrees: the "95 %" ellipse holds 85 %."""
    return np.sqrt(stats.chi2(D - 1).ppf(mass))


@mistake(35, "plots.ellipse")
def an_ellipse_with_variances_for_axes(mean, factor, radius=1):
    """Σ in place of its root."""
    t = np.linspace(0, 2 * np.pi, 100)
    return mean + radius * np.stack([np.cos(t), np.sin(t)], axis=1) @ (factor @ factor.T)


@mistake(36, "derived.sample")
def samples_with_variance_as_standard_deviation(mixture, size, rng=None):
    """Multiplies by Σ in place of its root."""
    labels = rng.choice(len(mixture.weights), size=size, p=mixture.weights)
    standard = rng.standard_normal((size, mixture.means.shape[1]))
    return mixture.means[labels] + np.einsum("nij,nj->ni", mixture.covariances[labels], standard), labels


@mistake(37, "steps.e_step")
def a_log_likelihood_without_weights_or_evidence(points, mixture, sample_weights=None):
    """Σ γ log N: no prior, and the log inside the sum. It may fall while the log-likelihood rises."""
    responsibilities = gmm.responsibility(points, mixture)
    log_gaussians = gmm.log_joint(points, mixture) - np.log(mixture.weights)
    return responsibilities, float((responsibilities * log_gaussians).sum())


@mistake(38, "mixture.bayes")
def one_largest_for_all_rows(log_joints):
    """Rows far below the global maximum underflow."""
    joints = np.exp(log_joints - log_joints.max())
    totals = joints.sum(axis=1, keepdims=True)
    return joints / totals, (log_joints.max() + np.log(totals))[:, 0]


# ---- the tests


def put_in(patch, place, wrong):
    """In every module that has the right version: the wrong one, under the same name."""
    home, _, name = place.rpartition(".")
    right = getattr(importlib.import_module(f"gmm_tutorial.{home}"), name)
    for module in [module for path, module in sys.modules.items() if path.startswith("gmm_tutorial.")]:
        if vars(module).get(name) is right:
            patch.setattr(module, name, wrong)
    if name in gmm.__all__:
        patch.setattr(gmm, name, wrong)


def is_broken(law):
    """Only a failed assertion counts: a wrong version that cannot even run proves nothing."""
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings(category=gmm.ConvergenceWarning, action="ignore"):
            law()
    except AssertionError:
        return True
    except (ValueError, IndexError):
        return False
    return False


@cache
def broken_laws(name):
    with pytest.MonkeyPatch.context() as patch:
        put_in(patch, *MISTAKES[name])
        return [law for law in LAWS if is_broken(law)] or [law for law in LONG_LAWS if is_broken(law)]


@pytest.mark.parametrize("law", LAWS + LONG_LAWS, ids=lambda law: law.__name__)
def test_the_package_keeps_the_law(law):
    law()


@pytest.mark.parametrize("name", MISTAKES)
def test_the_mistake_breaks_a_law(name):
    assert broken_laws(name)


@pytest.mark.parametrize("law", LAWS + LONG_LAWS, ids=lambda law: law.__name__)
def test_the_law_is_broken_by_a_mistake(law):
    assert any(law in broken_laws(name) for name in MISTAKES)


def test_every_mistake_of_the_list_is_put_in():
    assert {int(name[:2]) for name in MISTAKES} == set(range(1, 39))


@pytest.mark.parametrize("name", MISTAKES)
def test_the_mistake_is_told_in_plain_words(name):
    _, wrong = MISTAKES[name]
    assert wrong.__doc__.endswith(".")
    assert "\n" not in wrong.__doc__
