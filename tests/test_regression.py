"""Marginals and conditional means: what a mixture says about some coordinates, alone or once others are known."""

import numpy as np
import pytest
from examples import problem
from scipy import integrate, stats

import gmm_tutorial as gmm

LINES = np.linspace(-60, 80, 6001)


def density(points, mixture):
    """The mixture's density by SciPy."""
    return sum(pi * stats.multivariate_normal(mu, sigma).pdf(points) for pi, mu, sigma in zip(*mixture))


def cube(D=3, seed=4):
    return problem(seed, K=3, D=D)[1]


@pytest.mark.parametrize("kept", [0, 1])
def test_a_marginal_is_the_density_with_the_other_coordinate_integrated_out(kept):
    mixture = cube(D=2)
    flat = gmm.marginal(mixture, [kept])
    for x in flat.means[:, 0] + [-1.5, 0.3, 2.0]:
        across = np.full((len(LINES), 2), x)
        across[:, 1 - kept] = LINES
        whole = integrate.trapezoid(density(across, mixture), LINES)
        assert np.exp(gmm.log_density([[x]], flat)[0]) == pytest.approx(whole, rel=1e-9)


def test_a_marginal_of_two_of_three_coordinates_keeps_their_order():
    mixture = cube()
    flat = gmm.marginal(mixture, [2, 0])
    for place in flat.means + np.array([0.7, -0.4]):
        across = np.stack([np.full_like(LINES, place[1]), LINES, np.full_like(LINES, place[0])], axis=1)
        whole = integrate.trapezoid(density(across, mixture), LINES)
        assert np.exp(gmm.log_density([place], flat)[0]) == pytest.approx(whole, rel=1e-9)


def test_samples_without_a_coordinate_follow_the_marginal():
    mixture = cube()
    flat = gmm.marginal(mixture, [1])
    points, _ = gmm.sample(mixture, 4000, rng=3)

    def cumulative(x):
        return sum(pi * stats.norm(mu[0], sigma[0, 0] ** 0.5).cdf(x) for pi, mu, sigma in zip(*flat))

    assert stats.kstest(points[:, 1], cumulative).pvalue > 1e-3


def test_all_dimensions_in_their_order_are_the_mixture_itself():
    mixture = cube()
    for ours, whole in zip(gmm.marginal(mixture, [0, 1, 2]), mixture):
        np.testing.assert_array_equal(ours, whole)


@pytest.mark.parametrize("C", [1, 2])
def test_the_conditional_mean_is_the_integral_of_the_unknown_over_its_conditional_density(C):
    mixture = cube()
    grid = np.linspace(-60, 80, 701)
    unknown = np.stack(np.meshgrid(*[grid] * (3 - C), indexing="ij"), axis=-1).reshape(-1, 3 - C)
    known = mixture.means[:, :C] + np.array([0.5, -1.2])[:C]
    for place, expected in zip(known, gmm.conditional_mean(known, mixture)):
        shares = density(np.hstack([np.tile(place, (len(unknown), 1)), unknown]), mixture)
        np.testing.assert_allclose(expected, shares @ unknown / shares.sum(), rtol=1e-7)


@pytest.mark.parametrize("C", [1, 2])
def test_one_component_predicts_on_the_least_squares_plane(C):
    points = problem(5, N=60, D=3)[0]
    one = gmm.m_step(points, np.ones((60, 1)))
    known, others = points[:, :C], points[:, C:]
    design = np.hstack([np.ones((60, 1)), known])
    plane = np.linalg.lstsq(design, others, rcond=None)[0]
    answers = gmm.conditional_mean(known, one)
    assert answers.shape == (60, 3 - C)
    np.testing.assert_allclose(answers, design @ plane, rtol=1e-9)


def test_the_conditional_mean_predicts_samples_better_than_the_best_line_and_is_right_on_average():
    points = gmm.sample(cube(), 20_000, rng=8)[0]
    known, others = points[:, :1], points[:, 1:]
    left = others - gmm.conditional_mean(known, cube())
    design = np.hstack([np.ones_like(known), known])
    line = others - design @ np.linalg.lstsq(design, others, rcond=None)[0]
    assert (np.square(left).mean(axis=0) < np.square(line).mean(axis=0)).all()
    for test in [np.ones(len(known)), known[:, 0], np.sin(known[:, 0])]:
        product = left * test[:, None]
        assert (np.abs(product.mean(axis=0)) < 4.5 * product.std(axis=0) / len(known) ** 0.5).all()


def test_a_known_point_far_away_is_predicted_by_the_line_of_the_component_that_explains_it():
    mixture = gmm.Mixture([0.3, 0.7], [[0, 1], [5, 2]], [[[1, 0.5], [0.5, 2]], [[9, -3], [-3, 4]]])
    np.testing.assert_allclose(gmm.conditional_mean([[1e5]], mixture), [[2 - 3 / 9 * (1e5 - 5)]], rtol=1e-12)


def test_the_expected_others_of_many_are_those_of_each():
    mixture = cube()
    known = mixture.means[:, :2] + [0.3, -0.8]
    each = [gmm.conditional_mean([place], mixture)[0] for place in known]
    np.testing.assert_allclose(gmm.conditional_mean(known, mixture), each, rtol=1e-12)


@pytest.mark.parametrize("dimensions", [[], [3], [0, 3], [3, 0], [0, 0], [-1], [0.5], 1, "01", None])
def test_dimensions_that_are_not_there_are_refused_by_name(dimensions):
    with pytest.raises((ValueError, TypeError), match=r"^dimensions"):
        gmm.marginal(cube(), dimensions)


@pytest.mark.parametrize("known", [[1, 2], [[np.nan]], [["a"]], [], None])
def test_known_coordinates_that_do_not_fit_are_refused_by_name(known):
    with pytest.raises(ValueError, match=r"^known"):
        gmm.conditional_mean(known, cube())


@pytest.mark.parametrize("known", [[[1, 2, 3]], [[1, 2, 3, 4]]])
def test_known_coordinates_that_leave_none_to_expect_are_refused_by_name(known):
    with pytest.raises(ValueError, match=r"^known"):
        gmm.conditional_mean(known, cube())
