"""The mixture: Bayes' theorem, the density, and samples that follow it."""

from dataclasses import FrozenInstanceError

import mpmath as mp
import numpy as np
import pytest
from examples import exact_joints, exactly, law, problem, problems, tilted
from hypothesis import given
from scipy import stats

import gmm_tutorial as gmm

ISLANDS = gmm.load_islands()[2]


# ---- Bayes' theorem


@pytest.mark.parametrize("offset", [0, 1e8])
@pytest.mark.parametrize("D", [1, 2, 3])
def test_joint_density_and_responsibility_agree_with_mpmath(D, offset):
    points, (weights, means, covariances), _ = problem(D, N=8, D=D)
    points, mixture = points + offset, gmm.Mixture(weights, means + offset, covariances)
    with mp.workdps(80):
        joints = [exact_joints(point, mixture) for point in points]
        log_joints = np.array([[float(mp.log(joint)) for joint in row] for row in joints])
        log_densities = [float(mp.log(sum(row))) for row in joints]
        responsibilities = np.array([[float(joint / sum(row)) for joint in row] for row in joints])
    np.testing.assert_allclose(gmm.log_joint(points, mixture), log_joints, rtol=1e-12)
    np.testing.assert_allclose(gmm.log_density(points, mixture), log_densities, rtol=1e-12)
    np.testing.assert_allclose(gmm.responsibility(points, mixture), responsibilities, rtol=1e-11)
    np.testing.assert_array_equal(gmm.label(points, mixture), np.argmax(log_joints, axis=1))


def test_a_point_a_million_sigmas_away_has_exact_responsibilities_and_an_exact_density():
    angles = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    points = 1e6 * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    with mp.workdps(40):
        joints = [exact_joints(point, ISLANDS) for point in points]
        winners = [int(np.argmax(row)) for row in joints]
        log_densities = [float(mp.log(sum(row))) for row in joints]
    assert len(set(winners)) > 1
    np.testing.assert_array_equal(gmm.responsibility(points, ISLANDS), np.eye(3)[winners])
    np.testing.assert_allclose(gmm.log_density(points, ISLANDS), log_densities, rtol=1e-14)


@pytest.mark.parametrize("r", [1e1, 1e3, 1e6])
@pytest.mark.parametrize("seed", range(4))
def test_far_away_a_tie_between_unequal_gaussians_is_right_to_the_rounding_of_their_distances(seed, r):
    rng = np.random.default_rng(seed)
    covariance, mean, away = tilted(rng, 3), rng.normal(size=3), rng.normal(size=3)
    tie = gmm.Mixture([0.3, 0.7], [mean, mean + away / r], [covariance, covariance * (1 + 2 / r**2)])
    point = mean + r * tie.factors[0] @ away / np.linalg.norm(away)
    with mp.workdps(60):
        joints = exact_joints(point, tie)
        expected = [float(joint / sum(joints)) for joint in joints]
    assert min(expected) > 1e-3
    condition = np.linalg.cond(covariance)
    np.testing.assert_allclose(gmm.responsibility([point], tie)[0], expected, atol=2.0**-52 * (1 + condition * r**2))


@law
@given(problems)
def test_rows_of_responsibilities_sum_to_one(example):
    points, mixture, rng = example
    scattered = points + 1e3 * rng.standard_cauchy(points.shape)
    responsibilities = gmm.responsibility(scattered, mixture)
    np.testing.assert_allclose(responsibilities.sum(axis=1), 1, rtol=1e-15)
    assert (responsibilities >= 0).all()


@law
@given(problems)
def test_numbering_of_points_components_and_features_carries_no_meaning(example):
    points, mixture, rng = example
    n, k, d = (rng.permutation(size) for size in (len(points), *mixture.means.shape))
    covariances = mixture.covariances[k][:, d][:, :, d]
    renumbered = gmm.Mixture(mixture.weights[k], mixture.means[k][:, d], covariances)
    found = gmm.responsibility(points[n][:, d], renumbered)
    np.testing.assert_allclose(found, gmm.responsibility(points, mixture)[n][:, k], rtol=1e-9, atol=1e-12)
    found = gmm.log_density(points[n][:, d], renumbered)
    np.testing.assert_allclose(found, gmm.log_density(points, mixture)[n], rtol=1e-11)


def rounding_at(mixture, point):
    """What the docstring of responsibility promises between components that tie: 2⁻⁵² r²."""
    r = np.linalg.norm(gmm.whiten([point], mixture.means[-1], mixture.factors[-1]))
    return 2**-52 * r**2


def test_responsibilities_of_equal_gaussians_are_the_weights():
    covariance, weights = tilted(np.random.default_rng(0), 3), [0.1, 0.2, 0.7]
    equal = gmm.Mixture(weights, [[1, 2, 3]] * 3, [covariance] * 3)
    found = gmm.responsibility([[1, 2, 3], [0, 9, -4], [1e6, -1e6, 0]], equal)
    np.testing.assert_allclose(found[:2], [weights] * 2, rtol=1e-14)
    np.testing.assert_allclose(found[2], weights, rtol=rounding_at(equal, [1e6, -1e6, 0]))


def test_a_component_without_weight_explains_nothing_however_near_it_is():
    mixture = gmm.Mixture([0, 0.4, 0.6], [[1e6], [0], [0]], [[[1]]] * 3)
    far, near = gmm.responsibility([[1e6], [3]], mixture)
    np.testing.assert_allclose(near, [0, 0.4, 0.6], rtol=1e-14)
    np.testing.assert_allclose(far, [0, 0.4, 0.6], rtol=rounding_at(mixture, [1e6]))
    np.testing.assert_array_equal([far[0], near[0]], 0)


def test_equal_components_have_the_density_of_one():
    points, (_, means, covariances), _ = problem(4, D=3)
    twins = gmm.Mixture([0.3, 0.7], means[[1, 1]], covariances[[1, 1]])
    one = stats.multivariate_normal(means[1], covariances[1]).logpdf(points)
    np.testing.assert_allclose(gmm.log_density(points, twins), one, rtol=1e-12)


def test_a_component_of_weight_zero_explains_nothing():
    points, (_, means, covariances), _ = problem(5)
    with_ghost = gmm.Mixture([0.4, 0, 0.6], means, covariances)
    without = gmm.Mixture([0.4, 0.6], means[[0, 2]], covariances[[0, 2]])
    found = gmm.responsibility(points, with_ghost)
    assert (gmm.log_joint(points, with_ghost)[:, 1] == -np.inf).all()
    np.testing.assert_array_equal(found[:, 1], 0)
    np.testing.assert_array_equal(found[:, [0, 2]], gmm.responsibility(points, without))
    np.testing.assert_array_equal(gmm.log_density(points, with_ghost), gmm.log_density(points, without))


def test_bayes_treats_each_row_by_itself():
    log_joints = np.array([[-1e5, -1e5 - 2, -1e5 + 1], [0, -3, -np.inf], [900, 901, 1e-3]])
    with mp.workdps(40):
        rows = [[mp.exp(mp.mpf(number)) for number in row] for row in log_joints.tolist()]
        responsibilities = [[float(joint / sum(row)) for joint in row] for row in rows]
        log_densities = [float(mp.log(sum(row))) for row in rows]
    np.testing.assert_allclose(gmm.bayes(log_joints)[0], responsibilities, rtol=1e-14)
    np.testing.assert_allclose(gmm.bayes(log_joints)[1], log_densities, rtol=1e-14)


def test_of_equally_probable_components_the_first_is_the_label():
    tie = gmm.Mixture([0.2, 0.4, 0.4], [[0], [1], [1]], [[[1]], [[4]], [[4]]])
    np.testing.assert_array_equal(gmm.label([[-40], [0], [2]], tie), [1, 0, 1])


def test_the_density_of_a_mixture_integrates_to_one():
    side = np.linspace(-8, 14, 500)
    grid = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    assert (side[1] - side[0]) ** 2 * np.exp(gmm.log_density(grid, ISLANDS)).sum() == pytest.approx(1, abs=1e-10)


# ---- samples


@pytest.fixture(scope="module")
def drawn():
    return gmm.sample(ISLANDS, 40_000, rng=1)


def test_labels_are_drawn_as_often_as_the_weights_say(drawn):
    found = np.bincount(drawn[1], minlength=3)
    assert stats.chisquare(found, 40_000 * ISLANDS.weights).pvalue > 1e-4


def test_sample_moments_are_those_of_the_mixture_within_five_standard_errors(drawn):
    points, N = drawn[0], len(drawn[0])
    mean = sum(pi * mu for pi, mu, _ in zip(*ISLANDS))
    covariance = sum(pi * (sigma + np.outer(mu - mean, mu - mean)) for pi, mu, sigma in zip(*ISLANDS))
    products = np.einsum("ni,nj->nij", points - mean, points - mean)
    assert (abs(points.mean(axis=0) - mean) < 5 * points.std(axis=0) / np.sqrt(N)).all()
    assert (abs(products.mean(axis=0) - covariance) < 5 * products.std(axis=0) / np.sqrt(N)).all()


@pytest.mark.parametrize("k", range(3))
def test_whitened_samples_of_a_component_are_standard_normal(drawn, k):
    points = drawn[0][drawn[1] == k] - ISLANDS.means[k]
    precision = np.linalg.inv(ISLANDS.covariances[k])
    distances = np.einsum("ni,ij,nj->n", points, precision, points)
    assert stats.kstest(distances, stats.chi2(2).cdf).pvalue > 1e-3
    first = points[:, 0] / np.sqrt(ISLANDS.covariances[k, 0, 0])
    assert stats.kstest(first, stats.norm.cdf).pvalue > 1e-3


def test_one_seed_draws_one_sample_and_a_generator_moves_on():
    twice = [gmm.sample(ISLANDS, 5, rng=3)[0] for _ in range(2)]
    np.testing.assert_array_equal(*twice)
    rng = np.random.default_rng(3)
    np.testing.assert_array_equal(gmm.sample(ISLANDS, 5, rng)[0], twice[0])
    assert not np.array_equal(gmm.sample(ISLANDS, 5, rng)[0], twice[0])
    assert not np.array_equal(gmm.sample(ISLANDS, 5)[0], gmm.sample(ISLANDS, 5)[0])


def test_sampling_leaves_the_global_random_state_alone():
    before = np.random.get_state()[1:3]  # noqa: NPY002
    gmm.sample(ISLANDS, 5)
    np.testing.assert_equal(np.random.get_state()[1:3], before)  # noqa: NPY002


def test_no_points_can_be_sampled():
    points, labels = gmm.sample(ISLANDS, 0)
    assert points.shape == (0, 2)
    assert labels.shape == (0,)


# ---- the whole


def test_total_mean_and_covariance_agree_with_exact_sums():
    _, mixture, _ = problem(6, K=4, D=3)
    weights, means, covariances = map(exactly, mixture)
    mean = [sum(pi * mu[i] for pi, mu in zip(weights, means)) for i in range(3)]
    parts = list(zip(weights, means, covariances))

    def entry(i, j):
        return sum(pi * (sigma[i][j] + (mu[i] - mean[i]) * (mu[j] - mean[j])) for pi, mu, sigma in parts)

    covariance = [[entry(i, j) for j in range(3)] for i in range(3)]
    np.testing.assert_allclose(gmm.total_mean(mixture), np.array(mean, dtype=float), rtol=1e-14)
    np.testing.assert_allclose(gmm.total_covariance(mixture), np.array(covariance, dtype=float), rtol=1e-13)


def test_ordering_sorts_by_the_first_coordinate_and_keeps_the_density():
    points, mixture, _ = problem(7, K=4)
    shuffled = gmm.Mixture(*(array[[2, 0, 3, 1]] for array in mixture))
    ordered = gmm.ordered(shuffled)
    assert (np.diff(ordered.means[:, 0]) > 0).all()
    np.testing.assert_allclose(gmm.log_density(points, ordered), gmm.log_density(points, mixture), rtol=1e-14)


def test_ordering_keeps_ties_in_their_order():
    means = np.column_stack([np.arange(60) * 7 % 3, np.arange(60)])
    ordered = gmm.ordered(gmm.Mixture(np.full(60, 1 / 60), means, [np.eye(2)] * 60))
    np.testing.assert_array_equal(ordered.means, sorted(means.tolist()))


# ---- the object


def test_factors_are_lower_triangular_roots_of_the_covariances():
    _, mixture, _ = problem(8, D=4)
    for factor, covariance in zip(mixture.factors, mixture.covariances):
        assert (factor == np.tril(factor)).all()
        np.testing.assert_allclose(factor @ factor.T, covariance, rtol=1e-13, atol=1e-13)


def test_a_mixture_never_changes():
    weights = np.array([0.25, 0.75])
    mixture = gmm.Mixture(weights, [[0], [4]], [[[1]], [[9]]])
    weights[0] = 9
    assert mixture.weights[0] == 0.25
    for array in (*mixture, mixture.factors):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0
    with pytest.raises(FrozenInstanceError):
        mixture.weights = weights


def test_formulas_give_back_fresh_arrays_and_leave_their_arguments_alone():
    points, mixture, _ = problem(9)
    before = points.copy()
    for formula in (gmm.log_joint, gmm.log_density, gmm.responsibility, gmm.label):
        formula(points, mixture)[:] = 0
    np.testing.assert_array_equal(points, before)


@pytest.mark.parametrize("deviation", [1.0, 1e-9, 1e9])
def test_a_component_narrower_than_the_rounding_of_its_own_mean_has_collapsed(deviation):
    gmm.Mixture([0.3, 0.7], [[0], [8.7e12 * deviation]], [[[deviation**2]]] * 2)
    with pytest.raises(gmm.CollapseError, match="component 1 has collapsed"):
        gmm.Mixture([0.3, 0.7], [[0], [8.9e12 * deviation]], [[[deviation**2]]] * 2)


def test_what_has_collapsed_resembles_nothing_and_is_named():
    flat = gmm.m_step([[0.0, 1.0], [2.0, 5.0], [2.0, 5.0]], [[1, 0], [0, 1], [0, 1]])
    there = gmm.Mixture([0.5, 0.5], [[0, 1], [2, 5]], [np.eye(2), np.eye(2)])
    for pair in ((flat, there), (there, flat)):
        with pytest.raises(gmm.CollapseError, match=r"^component 0 has collapsed: its covariance is singular"):
            gmm.matched(*pair)


def test_far_from_equal_gaussians_the_label_still_knows_the_weights():
    equal = gmm.Mixture([0.3, 0.7], np.zeros((2, 2)), [np.eye(2), np.eye(2)])
    assert gmm.label([[1e7, 0.0]], equal) == [1]
