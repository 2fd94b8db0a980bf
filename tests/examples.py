"""What the tests share: problems without any symmetry, and oracles that know nothing of the package."""

from fractions import Fraction

import mpmath as mp
import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from scipy import special, stats

import gmm_tutorial as gmm

law = settings(deadline=None, derandomize=True, max_examples=20)
seeds = st.integers(0, 2**32 - 1)
CONSTRAINTS = (gmm.full, gmm.tied, gmm.diagonal, gmm.spherical, gmm.chain(gmm.spherical, gmm.tied))


def named(constraint):
    return getattr(constraint, "__name__", "?")


def tilted(rng, D, scale=1.0):
    """A covariance whose axes are unequal and parallel to none of the coordinates."""
    root = rng.standard_normal((D, 2 * D + 1)) * (1 + np.arange(D))[:, None]
    return scale**2 * root @ root.T / (2 * D + 1)


def problem(seed=0, N=90, K=3, D=2):
    """Points (N, D), the unequal, tilted mixture that made them, and a generator for what else is drawn."""
    rng = np.random.default_rng(seed)
    weights = np.arange(2, K + 2) / np.arange(2, K + 2).sum()
    means = 5 + 3 * rng.standard_normal((K, D)) * (1 + np.arange(D))
    covariances = np.stack([tilted(rng, D, scale=1 + k / 2) for k in range(K)])
    labels = rng.choice(K, size=N, p=weights)
    roots = np.linalg.cholesky(covariances)
    points = means[labels] + np.einsum("nij,nj->ni", roots[labels], rng.standard_normal((N, D)))
    return points, gmm.Mixture(weights, means, covariances), rng


problems = st.builds(problem, seeds, N=st.integers(80, 120), K=st.integers(1, 4), D=st.integers(1, 3))


def mapped(mixture, A, b=0.0):
    """The mixture of A x + b if x follows the mixture."""
    return gmm.Mixture(mixture.weights, mixture.means @ A.T + b, A @ mixture.covariances @ A.T)


def responsibilities_of(rng, N, K):
    return rng.dirichlet(1 + np.arange(K), size=N)


def same(mixture, other, rtol=1e-9):
    """Weights and means and covariances agree, relative to the size of each array."""
    for ours, theirs in zip(mixture, other):
        np.testing.assert_allclose(ours, theirs, rtol=rtol, atol=rtol * np.abs(theirs).max())


# ---- oracles


def scipy_log_joint(points, mixture):
    columns = [np.log(pi) + stats.multivariate_normal(mu, sigma).logpdf(points) for pi, mu, sigma in zip(*mixture)]
    return np.reshape(columns, (len(columns), len(points))).T


def scipy_log_likelihood(points, mixture):
    return special.logsumexp(scipy_log_joint(points, mixture), axis=1).sum()


def expected_log_likelihood(points, responsibilities, mixture):
    """Q: of points and labels together, the labels as the responsibilities say."""
    return (responsibilities * scipy_log_joint(points, mixture)).sum()


def exact_terms(point, mean, covariance):
    """½ D log 2π, ½ log |Σ| and half the squared distance, by mpmath with 80 digits."""
    sigma = mp.matrix(np.asarray(covariance).tolist())
    deviation = mp.matrix(list(map(mp.mpf, point))) - mp.matrix(list(map(mp.mpf, mean)))
    distance = (deviation.T * mp.lu_solve(sigma, deviation))[0]
    return len(point) * mp.log(2 * mp.pi) / 2, mp.log(mp.det(sigma)) / 2, distance / 2


def exact_joints(point, mixture):
    """The joint densities of one point, as mpmath numbers, which know no underflow."""
    parts = zip(*(array.tolist() for array in mixture))
    return [mp.mpf(pi) * mp.exp(-mp.fsum(exact_terms(point, mu, sigma))) for pi, mu, sigma in parts]


def exactly(array):
    return [exactly(row) for row in array] if np.ndim(array) else Fraction(float(array))
