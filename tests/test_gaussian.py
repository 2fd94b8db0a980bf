"""One Gaussian: the density is SciPy's and mpmath's, to the last digits that the numbers allow."""

import mpmath as mp
import numpy as np
import pytest
from examples import exact_terms, law, problem, problems, tilted
from hypothesis import given
from scipy import stats
from scipy.spatial.distance import mahalanobis

import gmm_tutorial as gmm


def errors_in_terms(points, mean, covariance):
    """How far log_gaussian is from mpmath, in units of the terms that it adds up."""
    found = gmm.log_gaussian(points, mean, covariance)
    with mp.workdps(80):
        terms = [exact_terms(point, mean, covariance) for point in points]
        return [float(abs(value + sum(three)) / sum(map(abs, three))) for value, three in zip(found, terms)]


def around(rng, mean, covariance, sigmas=(0, 0.5, 1, 3, 40, 1e6)):
    steps = np.array(sigmas)[:, None] * rng.standard_normal((len(sigmas), len(mean)))
    return mean + steps * np.sqrt(np.diag(covariance))


@pytest.mark.parametrize("D", [1, 2, 3, 5])
def test_log_gaussian_agrees_with_scipy(D):
    points, mixture, _ = problem(D, D=D)
    for _, mean, covariance in zip(*mixture):
        expected = stats.multivariate_normal(mean, covariance).logpdf(points)
        np.testing.assert_allclose(gmm.log_gaussian(points, mean, covariance), expected, rtol=1e-12)


@pytest.mark.parametrize("offset", [0, 1e4, -1e8])
@pytest.mark.parametrize("scale", [1e-6, 1, 1e6])
@pytest.mark.parametrize("D", [1, 2, 3, 5])
def test_log_gaussian_is_right_to_1e_12_over_scales_and_offsets(D, scale, offset):
    rng = np.random.default_rng(D)
    covariance = tilted(rng, D, scale)
    mean = scale * (rng.standard_normal(D) + offset)
    assert max(errors_in_terms(around(rng, mean, covariance), mean, covariance)) < 1e-12


@pytest.mark.parametrize("D", [2, 3, 5])
def test_unlike_units_of_the_coordinates_cost_no_accuracy(D):
    rng = np.random.default_rng(D)
    units = 10 ** np.linspace(-6, 6, D)
    covariance, mean = tilted(rng, D) * np.outer(units, units), 1e3 * units
    assert np.linalg.cond(covariance) > 1e20
    assert max(errors_in_terms(around(rng, mean, covariance), mean, covariance)) < 1e-12


@pytest.mark.parametrize("thin", [1e-2, 1e-4, 1e-6])
@pytest.mark.parametrize("D", [2, 3, 5])
def test_accuracy_falls_only_with_the_condition_number_of_the_correlation(D, thin):
    rng = np.random.default_rng(D)
    units, axes = 10 ** np.linspace(4, -4, D), np.linalg.qr(rng.standard_normal((D, D)))[0]
    covariance = axes * np.geomspace(1, thin**2, D) @ axes.T
    covariance = (covariance + covariance.T) / 2 * np.outer(units, units)
    deviations = np.sqrt(np.diag(covariance))
    condition = np.linalg.cond(covariance / np.outer(deviations, deviations))
    assert condition > 0.1 / thin**2
    allowed = 4 * D * np.finfo(float).eps * condition
    assert max(errors_in_terms(around(rng, units, covariance), units, covariance)) < allowed


@pytest.mark.parametrize("D", [1, 2])
def test_the_density_integrates_to_one(D):
    covariance, mean = tilted(np.random.default_rng(7), D), np.array([3.0, -2.0])[:D]
    sides = [mean[d] + np.sqrt(covariance[d, d]) * np.linspace(-9, 9, 400) for d in range(D)]
    grid = np.stack(np.meshgrid(*sides), axis=-1).reshape(-1, D)
    cell = np.prod([side[1] - side[0] for side in sides])
    assert cell * np.exp(gmm.log_gaussian(grid, mean, covariance)).sum() == pytest.approx(1, abs=1e-12)


@law
@given(problems)
def test_an_affine_map_divides_the_density_by_its_determinant(example):
    points, mixture, rng = example
    mean, covariance = mixture.means[0], mixture.covariances[0]
    A, b = np.linalg.cholesky(tilted(rng, len(mean))).T @ np.eye(len(mean))[::-1], rng.standard_normal(len(mean))
    moved = gmm.log_gaussian(points @ A.T + b, A @ mean + b, A @ covariance @ A.T)
    expected = gmm.log_gaussian(points, mean, covariance) - np.log(abs(np.linalg.det(A)))
    np.testing.assert_allclose(moved, expected, rtol=1e-8, atol=1e-8)


def test_independent_coordinates_multiply():
    points, mixture, _ = problem(1, D=3)
    mean, variances = mixture.means[0], np.diag(mixture.covariances[0])
    each = stats.norm(mean, np.sqrt(variances)).logpdf(points)
    np.testing.assert_allclose(gmm.log_gaussian(points, mean, np.diag(variances)), each.sum(axis=1), rtol=1e-12)


@pytest.mark.parametrize("D", [1, 2, 4])
def test_the_length_of_a_whitened_point_is_its_mahalanobis_distance(D):
    points, mixture, _ = problem(D, D=D)
    mean, factor, precision = mixture.means[1], mixture.factors[1], np.linalg.inv(mixture.covariances[1])
    whitened = gmm.whiten(points, mean, factor)
    expected = [mahalanobis(point, mean, precision) for point in points]
    np.testing.assert_allclose(np.linalg.norm(whitened, axis=1), expected, rtol=1e-10)
    np.testing.assert_allclose(whitened @ factor.T + mean, points, rtol=1e-12)


def test_the_factor_stands_for_the_covariance():
    points, mixture, _ = problem(2, D=3)
    mean, factor = mixture.means[2], np.tril(mixture.covariances[2])
    expected = stats.multivariate_normal(mean, factor @ factor.T).logpdf(points)
    np.testing.assert_allclose(gmm.log_gaussian_by_factor(points, mean, factor), expected, rtol=1e-11)


@pytest.mark.parametrize("c", [2.0**-30, 0.5, 2.0**20])
def test_whitening_scales_exactly_by_powers_of_two(c):
    points, mixture, _ = problem(3)
    mean, factor = mixture.means[0], mixture.factors[0]
    np.testing.assert_array_equal(gmm.whiten(c * points, c * mean, c * factor), gmm.whiten(points, mean, factor))


@pytest.mark.parametrize(
    ("points", "factor"),
    [
        ([[1e140, 1.0]], [[1e-300, 0], [1.0, 1.0]]),
        ([[1.0, 1.0, 1.0]], [[1e-150, 0, 0], [1, 1e-150, 0], [1, 1, 1e-150]]),
    ],
)
def test_a_whitened_point_beyond_floating_point_is_refused_in_words(points, factor):
    """BLAS overflows without a flag: the fuzz found ∞ and NaN here."""
    for call in (gmm.whiten, gmm.log_gaussian_by_factor):
        with pytest.raises(ValueError, match=rf"^{call.__name__}: the numbers are too large or too small"):
            call(points, np.zeros(len(factor)), factor)
