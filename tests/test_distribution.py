"""Distribution functions and thresholds, against SciPy's normal distribution, mpmath and counted draws."""

import mpmath as mp
import numpy as np
import pytest
from examples import law, problem, seeds
from hypothesis import given
from scipy import integrate, stats

import gmm_tutorial as gmm

TAILS = [1e-300, 1e-100, 1e-12, 1e-3, 0.2, 0.5, 0.77, 0.999]


def scipy_cdf(x, mixture):
    return sum(pi * stats.norm(mu[0], np.sqrt(sigma[0, 0])).cdf(x) for pi, mu, sigma in zip(*mixture))


@law
@given(seeds)
def test_the_cdf_is_the_weighted_sum_of_normal_ones_and_the_tails_sum_to_one(seed):
    points, mixture, _ = problem(seed, D=1)
    found = gmm.cdf(points, mixture)
    np.testing.assert_allclose(found, scipy_cdf(points[:, 0], mixture), rtol=1e-12)
    np.testing.assert_allclose(found + gmm.cdf(points, mixture, upper=True), 1, rtol=1e-12)


def test_the_cdf_is_the_integral_of_the_density():
    _, mixture, _ = problem(1, D=1)
    density = lambda x: np.exp(gmm.log_density([[x]], mixture)[0])  # noqa: E731
    area = integrate.quad(density, -3, 6, epsabs=1e-12, limit=200)[0]
    below = gmm.cdf([[-3], [6]], mixture)
    assert below[1] - below[0] == pytest.approx(area, abs=1e-10)


def exact_tail(x, mixture, sign):
    """P(X < x) for sign 1, P(X > x) for sign −1, with 60 digits."""
    with mp.workdps(60):
        parts = zip(*(array.ravel().tolist() for array in mixture))
        return mp.fsum(mp.mpf(pi) * mp.ncdf(sign * (mp.mpf(x) - mp.mpf(mu)) / mp.sqrt(s)) for pi, mu, s in parts)


@pytest.mark.parametrize(("upper", "sign"), [(False, 1), (True, -1)])
def test_far_tails_keep_their_digits(upper, sign):
    _, mixture, _ = problem(2, D=1)
    for x in (-60.0, -20.0, 3.0, 30.0, 70.0):
        exact = exact_tail(x, mixture, sign)
        if exact > mp.mpf("1e-300"):
            assert abs(mp.mpf(float(gmm.cdf([[x]], mixture, upper)[0])) / exact - 1) < 1e-11


@pytest.mark.parametrize("upper", [False, True])
def test_a_quantile_is_where_the_cdf_has_that_value(upper):
    for seed in range(4):
        _, mixture, _ = problem(seed, D=1)
        values = gmm.quantile(TAILS, mixture, upper)
        assert (np.diff(values) * (-1 if upper else 1) > 0).all()
        np.testing.assert_allclose(gmm.cdf(values[:, None], mixture, upper), TAILS, rtol=1e-11)


def test_a_probability_near_one_is_as_sharp_as_it_can_be():
    _, mixture, _ = problem(3, D=1)
    p = 1 - 2.0**-50
    [x] = gmm.quantile([p], mixture)
    assert gmm.cdf([[x]], mixture, upper=True)[0] == pytest.approx(2.0**-50, rel=1e-11, abs=0)


def test_one_component_has_the_quantiles_of_scipy_in_any_shape():
    one = gmm.Mixture([1], [[7]], [[[2.25]]])
    p = np.array([[0.1, 0.2], [0.9, 0.999]])
    np.testing.assert_allclose(gmm.quantile(p, one), stats.norm(7, 1.5).ppf(p), rtol=1e-13)
    assert gmm.quantile(0.5, one) == pytest.approx(7, rel=1e-14)


def test_a_component_without_weight_has_no_say():
    with_none = gmm.Mixture([1, 0], [[0], [1e9]], [[[1]], [[1]]])
    assert gmm.quantile(0.975, with_none) == pytest.approx(stats.norm.ppf(0.975), rel=1e-12)


def test_only_one_dimension_has_an_order():
    points, mixture, _ = problem(4, D=2)
    for call in (lambda: gmm.cdf(points[:, :1], mixture), lambda: gmm.quantile(0.5, mixture)):
        with pytest.raises(ValueError, match=r"mixture has 2 dimensions: choose one of them"):
            call()
    with pytest.raises(ValueError, match=r"probabilities\[1\] is 1"):
        gmm.quantile([0.5, 1.0], gmm.marginal(mixture, [0]))


@pytest.mark.parametrize("D", [1, 2, 7])
@pytest.mark.parametrize("rate", [0.3, 1e-3, 1e-9])
def test_one_component_has_an_exact_threshold(D, rate):
    _, mixture, _ = problem(5, K=1, D=D)
    mean, covariance = mixture.means[0], mixture.covariances[0]
    peak = stats.multivariate_normal(mean, covariance).logpdf(mean)
    expected = peak - stats.chi2(D).isf(rate) / 2
    assert gmm.density_threshold(mixture, rate) == pytest.approx(expected, rel=1e-12)
    twice = gmm.Mixture([0.4, 0.6], [mean, mean], [covariance, covariance])
    assert gmm.density_threshold(twice, rate, rng=0) == pytest.approx(expected, abs=0.08)


@pytest.mark.parametrize("rate", [0.2, 0.01, 1e-5])
def test_in_one_dimension_the_rate_is_the_probability_of_the_thin_places(rate):
    _, mixture, _ = problem(6, D=1)
    threshold = gmm.density_threshold(mixture, rate, rng=1)
    edges = np.linspace(-40, 60, 200_001)[:, None]
    masses = np.diff(gmm.cdf(edges, mixture))
    thin = gmm.log_density((edges[1:] + edges[:-1]) / 2, mixture) < threshold
    assert masses[thin].sum() == pytest.approx(rate, rel=0.08)


def test_draws_of_the_mixture_are_flagged_at_the_rate():
    _, mixture, _ = problem(7, D=3)
    draws, _ = gmm.sample(mixture, 200_000, rng=2)
    threshold = gmm.density_threshold(mixture, 0.02, rng=3)
    assert (gmm.log_density(draws, mixture) < threshold).mean() == pytest.approx(0.02, rel=0.06)
    assert threshold == gmm.density_threshold(mixture, 0.02, rng=3)
    with pytest.raises(ValueError, match="rate is 5"):
        gmm.density_threshold(mixture, 5)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_threshold_that_a_small_wide_component_decides_has_the_right_rate(seed):
    mixture = gmm.Mixture([0.995, 0.005], [[0.0], [0.0]], [[[1.0]], [[900.0]]])
    threshold = gmm.density_threshold(mixture, 1e-5, rng=seed)
    edge = next(x for x in np.arange(20, 200, 0.01) if gmm.log_density([[x]], mixture)[0] < threshold)
    rate = 2 * 0.005 * stats.norm.sf(edge / 30)
    assert rate == pytest.approx(1e-5, rel=0.1)
