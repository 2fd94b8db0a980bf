"""What is said of some coordinates once others are known, against the ratio of densities that SciPy computes."""

import numpy as np
import pytest
from examples import problem, same, scipy_log_joint
from scipy import integrate, special

import gmm_tutorial as gmm

ORDERS = ([0], [1], [2], [2, 0], [1, 2])


def log_density(points, mixture):
    return special.logsumexp(scipy_log_joint(np.atleast_2d(points), mixture), axis=1)


def others(dimensions):
    return [d for d in range(3) if d not in dimensions]


@pytest.mark.parametrize("dimensions", ORDERS)
def test_a_conditional_density_is_the_joint_over_the_marginal(dimensions):
    points, mixture, _ = problem(1, N=20, D=3)
    rest = others(dimensions)
    known = dict(zip(dimensions, points[:, dimensions].T))
    flat = gmm.Mixture(
        mixture.weights, mixture.means[:, dimensions], mixture.covariances[:, dimensions][:, :, dimensions]
    )
    expected = log_density(points, mixture) - log_density(points[:, dimensions], flat)
    found = [gmm.log_density(x[None, rest], given)[0] for x, given in zip(points, gmm.conditional(mixture, known))]
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_one_value_gives_one_mixture_and_many_values_a_list():
    points, mixture, _ = problem(2, D=3)
    each = gmm.conditional(mixture, {2: points[:4, 2], 0: points[:4, 0]})
    alone = gmm.conditional(mixture, {0: points[3, 0], 2: points[3, 2]})
    assert len(each) == 4
    same(each[3], alone)
    same(alone, gmm.Mixture(*alone))


@pytest.mark.parametrize("dimensions", ORDERS)
def test_mean_and_covariance_are_the_moments_of_the_conditional_mixture(dimensions):
    points, mixture, _ = problem(3, N=7, D=3)
    known = points[:, dimensions]
    given = gmm.conditional(mixture, dict(zip(dimensions, known.T)))
    means = gmm.conditional_mean(known, mixture, dimensions)
    covariances = gmm.conditional_covariance(known, mixture, dimensions)
    np.testing.assert_allclose(means, [gmm.total_mean(each) for each in given], rtol=1e-10)
    np.testing.assert_allclose(covariances, [gmm.total_covariance(each) for each in given], rtol=1e-9, atol=1e-12)


def test_mean_and_variance_agree_with_integrals():
    points, mixture, _ = problem(4, N=2, D=2)

    def density(y, x, r):
        return y**r * np.exp(log_density([y, x], mixture)[0])

    for y, x in points:
        total, first, second = (
            integrate.quad(density, -60, 60, (x, r), points=[y], epsabs=0, limit=500)[0] for r in range(3)
        )
        mean = first / total
        assert gmm.conditional_mean([[x]], mixture, [1]) == pytest.approx(mean, rel=1e-7)
        assert gmm.conditional_covariance([[x]], mixture, [1]) == pytest.approx(second / total - mean**2, rel=1e-6)


def test_the_first_coordinates_are_the_known_ones_unless_told():
    points, mixture, _ = problem(5, D=3)
    for moment in (gmm.conditional_mean, gmm.conditional_covariance):
        np.testing.assert_array_equal(moment(points[:, :2], mixture), moment(points[:, :2], mixture, [0, 1]))
