"""Priors and matching: the M-step with a belief, and the components of two fits paired."""

from functools import partial
from itertools import islice, pairwise, permutations

import numpy as np
import pytest
from examples import expected_log_likelihood, law, mapped, problem, problems, responsibilities_of, same, seeds, tilted
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

import gmm_tutorial as gmm
from gmm_tutorial.derived import bhattacharyya

S = np.array([[5.0, -1.5], [-1.5, 2.0]])
BELIEF = {"strength": 7.5, "concentration": 2.4}


def objective(points, responsibilities, mixture):
    return expected_log_likelihood(points, responsibilities, mixture) + gmm.log_prior(mixture, S, **BELIEF)


def moved(mixture, step):
    """Another mixture nearby: covariances turned and stretched, weights and means shifted, by a step of numbers."""
    K, D = mixture.means.shape
    a, shift, turn = step[:K], step[K : K + K * D].reshape(K, D), step[K + K * D :].reshape(K, D, D)
    turn = np.eye(D) + turn
    weights = mixture.weights * np.exp(a)
    covariances = turn @ mixture.covariances @ turn.transpose(0, 2, 1)
    return gmm.Mixture(weights / weights.sum(), mixture.means + shift, covariances)


def believed():
    points, _, rng = problem(4)
    responsibilities = responsibilities_of(rng, len(points), 3)
    best = gmm.prior(len(points), S, **BELIEF)(gmm.m_step(points, responsibilities))
    return points, responsibilities, best, rng


# ---- prior


def test_the_m_step_with_the_prior_beats_every_neighbor():
    points, responsibilities, best, rng = believed()
    top = objective(points, responsibilities, best)
    for size in 2.0 ** -np.arange(12).repeat(4):
        assert objective(points, responsibilities, moved(best, size * rng.standard_normal(21))) < top


def test_the_slope_of_q_plus_log_prior_is_zero_at_the_m_step_with_the_prior_and_not_without_it():
    points, responsibilities, best, _ = believed()
    plain = gmm.m_step(points, responsibilities)

    def slopes(mixture):
        ways = 1e-5 * np.eye(21)
        ahead, behind = ([objective(points, responsibilities, moved(mixture, s * h)) for h in ways] for s in (1, -1))
        return np.subtract(ahead, behind) / 2e-5

    np.testing.assert_allclose(slopes(best), 0, atol=1e-4)
    assert np.abs(slopes(plain)).max() > 1


@law
@given(problems, st.floats(0.01, 50), st.floats(1, 5))
def test_the_penalized_log_likelihood_never_falls_along_em(made, strength, concentration):
    points, start, rng = made
    covariance = tilted(rng, points.shape[1])
    steps = list(islice(gmm.em(points, start, gmm.prior(len(points), covariance, strength, concentration)), 25))
    heights = [ll + gmm.log_prior(mixture, covariance, strength, concentration) for mixture, ll in steps]
    assert all(after >= before - 1e-10 * abs(before) for before, after in pairwise(heights))


def test_the_log_likelihood_alone_may_fall_under_a_prior():
    points, start, _ = problem(5)
    peak = gmm.fit(points, start).mixture
    before, after = islice(gmm.em(points, peak, gmm.prior(len(points), S, strength=20)), 2)
    assert after.log_likelihood < before.log_likelihood - 0.01


def test_without_strength_the_prior_leaves_the_plain_fit():
    points, start, _ = problem(6)
    weak = gmm.prior(len(points), S, strength=1e-9, concentration=1)
    same(gmm.fit(points, start, constraint=weak).mixture, gmm.fit(points, start).mixture, rtol=1e-6)


def test_with_endless_strength_every_covariance_is_the_belief_and_with_endless_concentration_weights_are_equal():
    points, start, _ = problem(6)
    strong = gmm.prior(len(points), S, strength=1e12, concentration=1e12)(start)
    np.testing.assert_allclose(strong.covariances, [S] * 3, rtol=1e-9)
    np.testing.assert_allclose(strong.weights, [1 / 3] * 3, rtol=1e-9)
    np.testing.assert_array_equal(strong.means, start.means)


def test_the_prior_acts_like_pseudo_points_about_the_mean():
    points, _, _ = problem(7, N=40, K=1)
    extra = np.array([[1.0, 2.0], [-1.0, -2.0], [3.0, 0.0], [-3.0, 0.0], [0.5, -0.5], [-0.5, 0.5]])
    belief = gmm.prior(len(points), extra.T @ extra / 6, strength=6)
    pulled = belief(gmm.m_step(points, np.ones((40, 1))))
    everything = np.vstack([points, points.mean(axis=0) + extra])
    np.testing.assert_allclose(pulled.covariances[0], np.cov(everything.T, bias=True), rtol=1e-12)


def test_sample_weights_count_as_repeated_points_under_a_prior():
    points, start, rng = problem(8, N=50)
    times = rng.integers(1, 4, size=50)
    belief = gmm.prior(int(times.sum()), S, **BELIEF)
    weighted = list(islice(gmm.em(points, start, belief, sample_weights=times), 4))[-1]
    repeated = list(islice(gmm.em(np.repeat(points, times, axis=0), start, belief), 4))[-1]
    same(weighted.mixture, repeated.mixture)


def test_a_fit_with_a_prior_follows_a_linear_map_of_points_and_belief():
    points, start, _ = problem(9)
    A = np.array([[60.0, 7.0], [-0.2, 0.01]])
    one = gmm.em(points, start, gmm.prior(len(points), S, **BELIEF))
    two = gmm.em(points @ A.T + 3, mapped(start, A, 3), gmm.prior(len(points), A @ S @ A.T, **BELIEF))
    same(list(islice(two, 6))[-1].mixture, mapped(list(islice(one, 6))[-1].mixture, A, 3), rtol=1e-7)


def test_a_prior_keeps_a_component_with_a_single_point_alive():
    points, _, _ = problem(10, K=1)
    lonely = points.max(axis=0) + 1000
    points = np.vstack([points, lonely])
    start = gmm.mixture_around(points, [points[0], lonely])
    with pytest.raises(gmm.CollapseError):
        gmm.fit(points, start)
    fit = gmm.fit(points, start, constraint=gmm.prior(len(points), S, strength=3))
    assert fit.converged
    np.testing.assert_allclose(fit.mixture.means[1], lonely)
    np.testing.assert_allclose(fit.mixture.covariances[1], 3 * S / 4, rtol=1e-9)


# ---- log_prior


def near(mixture, rng):
    return moved(mixture, 0.3 * rng.standard_normal(sum(np.size(array) for array in mixture)))


@pytest.mark.parametrize("D", [1, 2, 3])
def test_the_covariances_part_of_log_prior_is_an_inverse_wishart(D):
    """|Σ|^(−s/2) exp(−s tr(S Σ⁻¹)/2) is the inverse Wishart with s − D − 1 degrees of freedom and scale s S."""
    rng = np.random.default_rng(D)
    belief, s = tilted(rng, D), 2 * D + 3.5
    oracle = stats.invwishart(df=s - D - 1, scale=s * belief)
    sigmas = [tilted(rng, D, scale=size) for size in (0.5, 1, 2, 3)]
    ours = [gmm.log_prior(gmm.Mixture([1], np.zeros((1, D)), [sigma]), belief, s) for sigma in sigmas]
    theirs = [oracle.logpdf(sigma) for sigma in sigmas]
    np.testing.assert_allclose(np.subtract(ours, ours[0]), np.subtract(theirs, theirs[0]), rtol=1e-9, atol=1e-9)


def test_the_mode_of_the_covariances_part_is_the_belief():
    rng = np.random.default_rng(3)
    top = gmm.log_prior(gmm.Mixture([1], [[0, 0]], [S]), S, 4)
    for size in 2.0 ** -np.arange(10).repeat(3):
        turn = np.eye(2) + size * rng.standard_normal((2, 2))
        assert gmm.log_prior(gmm.Mixture([1], [[0, 0]], [turn @ S @ turn.T]), S, 4) < top


def test_the_weights_part_of_log_prior_is_a_dirichlet():
    _, mixture, rng = problem(11)
    oracle, draws = stats.dirichlet([2.4] * 3), rng.dirichlet([2, 3, 4], size=5)
    ours = [gmm.log_prior(gmm.Mixture(w, mixture.means, mixture.covariances), S, **BELIEF) for w in draws]
    theirs = [oracle.logpdf(w) for w in draws]
    np.testing.assert_allclose(np.subtract(ours, ours[0]), np.subtract(theirs, theirs[0]), rtol=1e-9)


def test_log_prior_is_the_sum_over_components_and_ignores_the_means():
    _, mixture, _ = problem(12)
    whole = gmm.log_prior(mixture, S, strength=3)
    parts = [gmm.log_prior(gmm.Mixture([1], [[0, 0]], [sigma]), S, strength=3) for sigma in mixture.covariances]
    assert whole == pytest.approx(sum(parts), rel=1e-12)


# ---- the public functions


@pytest.mark.parametrize("call", [lambda *a: gmm.prior(90, *a), partial(gmm.log_prior, problem()[1])])
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((S, 0), "strength is 0: it should be a finite number above zero"),
        ((S, np.inf), "strength is inf"),
        ((S, True), "strength is True"),
        ((S, "2"), "strength is '2'"),
        ((S, 1, 0.5), "concentration is 0.5: it should be one or more"),
        ((S, 1, -1), "concentration is -1: it should be a finite number above zero"),
        (([[1, 2], [2, 1]],), "covariance is not positive definite"),
        (([[1, 2], [0, 9]],), "covariance is not symmetric"),
        (([[0, 0], [0, 1]],), "covariance has variance 0 on its diagonal"),
        (([1, 2],), "covariance is 1-D"),
    ],
)
def test_a_belief_that_is_none_is_refused_in_words(call, arguments, words):
    with pytest.raises(ValueError, match=words):
        call(*arguments)


@pytest.mark.parametrize("N", [0, -3, np.nan, None])
def test_a_prior_needs_a_number_of_points(N):
    with pytest.raises(ValueError, match=r"N is .*: it should be a finite number above zero"):
        gmm.prior(N, S)


def test_log_prior_refuses_a_belief_of_another_dimension():
    with pytest.raises(ValueError, match="covariance has 3 dimensions but mixture has 2"):
        gmm.log_prior(problem()[1], np.eye(3))


@pytest.mark.parametrize("D", [1, 3])
def test_a_prior_refuses_to_pull_a_mixture_of_another_dimension(D):
    points, start, _ = problem()
    with pytest.raises(ValueError, match=f"covariance has {D} dimensions but mixture has 2"):
        gmm.fit(points, start, constraint=gmm.prior(len(points), np.eye(D)))


def test_matched_refuses_mixtures_of_other_sizes_and_what_is_no_mixture():
    _, mixture, _ = problem()
    with pytest.raises(ValueError, match="reference has 2 components but mixture has 3"):
        gmm.matched(mixture, problem(K=2)[1])
    with pytest.raises(ValueError, match="reference has 3 dimensions but mixture has 2"):
        gmm.matched(mixture, problem(D=3)[1])
    with pytest.raises(TypeError, match="reference is a list"):
        gmm.matched(mixture, [1])


# ---- matching


def turned(mixture, order):
    return gmm.Mixture(*(array[list(order)] for array in mixture))


@pytest.mark.parametrize("order", permutations(range(4)))
def test_matched_undoes_any_permutation(order):
    _, mixture, rng = problem(13, K=4, D=3)
    same(gmm.matched(turned(mixture, order), mixture), mixture, rtol=0)
    slightly = moved(mixture, 0.01 * rng.standard_normal(4 + 12 + 36))
    same(gmm.matched(turned(slightly, order), mixture), slightly, rtol=0)


def distance_by_formula(one, other):
    """By inverse and determinants: what the solve and the logarithms of determinants stand for."""
    (_, m, A), (_, n, B) = one, other
    middle = (A + B) / 2
    volume = np.linalg.det(middle) / np.sqrt(np.linalg.det(A) * np.linalg.det(B))
    return (m - n) @ np.linalg.inv(middle) @ (m - n) / 8 + np.log(volume) / 2


@law
@given(seeds, st.integers(1, 3))
def test_matched_agrees_with_brute_force_over_all_permutations(seed, D):
    _, reference, rng = problem(seed, K=4, D=D)
    mixture = turned(problem(seed + 1, K=4, D=D)[1], rng.permutation(4))

    def cost(order):
        return sum(map(distance_by_formula, zip(*turned(mixture, order)), zip(*reference)))

    same(gmm.matched(mixture, reference), turned(mixture, min(permutations(range(4)), key=cost)), rtol=0)


def test_components_with_one_mean_are_told_apart_by_their_covariances():
    covariances = np.array([np.eye(2), 9 * np.eye(2), [[4, 3], [3, 4]]])
    reference = gmm.Mixture([0.5, 0.2, 0.3], np.zeros((3, 2)), covariances)
    same(gmm.matched(turned(reference, [2, 0, 1]), reference), reference, rtol=0)


def test_matched_does_not_ask_for_the_weights():
    _, reference, _ = problem(14)
    other = gmm.Mixture(reference.weights[::-1], reference.means, reference.covariances)
    same(gmm.matched(turned(other, [1, 2, 0]), reference), other, rtol=0)


def test_bhattacharyyas_distance_is_that_of_the_integral_on_a_line():
    one, other = (0.4, np.array([1.0]), np.array([[4.0]])), (0.6, np.array([3.5]), np.array([[0.5]]))
    p, q = stats.norm(1, 2).pdf, stats.norm(3.5, np.sqrt(0.5)).pdf
    overlap = integrate.quad(lambda x: np.sqrt(p(x) * q(x)), -15, 20, points=[1, 3.5])[0]
    assert bhattacharyya(one, other) == pytest.approx(-np.log(overlap), rel=1e-9)


def test_bhattacharyyas_distance_is_that_of_the_integral_in_the_plane():
    one = (0.4, np.array([1.0, -1.0]), np.array([[4.0, 1.5], [1.5, 1.0]]))
    other = (0.6, np.array([2.0, 0.5]), np.array([[0.5, -0.3], [-0.3, 2.0]]))
    x = np.linspace(-20, 20, 1001)
    grid = np.stack(np.meshgrid(x, x), axis=-1)
    p, q = (stats.multivariate_normal(mean, covariance).logpdf(grid) for _, mean, covariance in (one, other))
    overlap = np.exp((p + q) / 2).sum() * (x[1] - x[0]) ** 2
    assert bhattacharyya(one, other) == pytest.approx(-np.log(overlap), rel=1e-9)


@law
@given(seeds, st.integers(1, 4))
def test_bhattacharyyas_distance_is_symmetric_and_zero_only_between_equals(seed, D):
    _, mixture, _ = problem(seed, K=2, D=D)
    one, other = zip(*mixture)
    assert bhattacharyya(one, other) == pytest.approx(bhattacharyya(other, one), rel=1e-12)
    assert bhattacharyya(one, one) == pytest.approx(0, abs=1e-12)
    assert bhattacharyya(one, other) > 1e-6


@pytest.mark.parametrize("amounts", [{"N": 5e-324}, {"strength": 1e308}, {"N": 1e308, "concentration": 1e308}])
def test_a_prior_of_amounts_beyond_floating_point_is_refused_in_words(amounts):
    """The fuzz found weights of zero, and warnings, in the constraint that a prior gives."""
    mixture = gmm.Mixture([0.2, 0.3, 0.5], [[0], [3], [9]], [[[1e3]], [[2e3]], [[3e3]]])
    constraint = gmm.prior(**{"N": 5, "covariance": [[7e2]]} | amounts)
    with pytest.raises(ValueError, match=r"^prior: the numbers are too large or too small .* Rescale N and strength"):
        constraint(mixture)


def test_the_weights_of_a_prior_sum_to_one_for_every_amount():
    mixture = gmm.Mixture([0.2, 0.3, 0.5], [[0], [3], [9]], [[[1]], [[2]], [[3]]])
    for N in (1e-300, 1e-3, 7.0, 1e300):
        assert abs(gmm.prior(N, [[5]], concentration=1.5)(mixture).weights.sum() - 1) < 1e-12


def test_a_prior_density_beyond_floating_point_is_refused_in_words():
    narrow = gmm.Mixture([1], [[0]], [[[1e-200]]])
    with pytest.raises(ValueError, match=r"^log_prior: the numbers are too large or too small .* Rescale mixture and"):
        gmm.log_prior(narrow, [[1e200]])
