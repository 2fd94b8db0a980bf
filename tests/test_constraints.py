"""Constraints: applied after the M-step they give the best mixture of their family."""

from functools import partial
from itertools import combinations_with_replacement

import numpy as np
import pytest
from examples import (
    CONSTRAINTS,
    expected_log_likelihood,
    law,
    mapped,
    named,
    problem,
    problems,
    responsibilities_of,
    same,
)
from hypothesis import given
from scipy import optimize

import gmm_tutorial as gmm
from gmm_tutorial.steps import m_step
from gmm_tutorial.variances import m_step_of_variances

RIDGES = (gmm.ridge, partial(gmm.ridge, fraction=0.2))


@pytest.mark.parametrize("constraint", CONSTRAINTS, ids=named)
def test_the_constrained_m_step_is_the_best_of_its_family(constraint):
    points, _, rng = problem(1, D=3)
    responsibilities = responsibilities_of(rng, len(points), 3)
    best = constraint(gmm.m_step(points, responsibilities))
    top = expected_log_likelihood(points, responsibilities, best)
    for size in 2.0 ** -np.arange(12).repeat(4):
        turns = np.eye(3) + size * rng.standard_normal((3, 3, 3)) / 3
        covariances = turns @ best.covariances @ turns.transpose(0, 2, 1)
        other = constraint(gmm.Mixture(best.weights, best.means + size * rng.standard_normal((3, 3)), covariances))
        assert expected_log_likelihood(points, responsibilities, other) < top


def test_no_optimizer_finds_a_better_shared_covariance():
    points, _, rng = problem(2, N=40)
    responsibilities = responsibilities_of(rng, 40, 3)
    free = gmm.m_step(points, responsibilities)

    def loss(entries):
        factor = np.array([[entries[0], 0], [entries[1], entries[2]]])
        shared = [factor @ factor.T] * 3
        return -expected_log_likelihood(points, responsibilities, gmm.Mixture(free.weights, free.means, shared))

    a, b, c = optimize.minimize(loss, x0=[3, 0, 3]).x
    expected = np.array([[a * a, a * b], [a * b, b * b + c * c]])
    np.testing.assert_allclose(gmm.tied(free).covariances, [expected] * 3, rtol=1e-4)


def test_each_shape_agrees_with_loops():
    _, mixture, _ = problem(3, D=3)
    weights, _, covariances = mixture
    shared = sum(pi * sigma for pi, sigma in zip(weights, covariances))
    np.testing.assert_array_equal(gmm.full(mixture).covariances, covariances)
    np.testing.assert_allclose(gmm.tied(mixture).covariances, [shared] * 3, rtol=1e-15)
    np.testing.assert_array_equal(gmm.diagonal(mixture).covariances, [np.diag(np.diag(sigma)) for sigma in covariances])
    balls = [np.linalg.eigvalsh(sigma).mean() * np.eye(3) for sigma in covariances]
    np.testing.assert_allclose(gmm.spherical(mixture).covariances, balls, rtol=1e-14)


@law
@given(problems)
@pytest.mark.parametrize("constraint", CONSTRAINTS, ids=named)
def test_a_constraint_changes_nothing_the_second_time(constraint, made):
    _, mixture, _ = made
    once = constraint(mixture)
    same(constraint(once), once, rtol=1e-15)


@pytest.mark.parametrize("constraint", [*CONSTRAINTS, *RIDGES], ids=named)
def test_a_constraint_touches_only_covariances_and_gives_a_usable_mixture(constraint):
    points, mixture, _ = problem(4)
    before = mixture.covariances.copy()
    found = constraint(mixture)
    np.testing.assert_array_equal(found.weights, mixture.weights)
    np.testing.assert_array_equal(found.means, mixture.means)
    np.testing.assert_array_equal(mixture.covariances, before)
    assert np.isfinite(gmm.log_density(points, found)).all()


def test_a_chain_goes_from_left_to_right():
    _, mixture, _ = problem(5)
    wide = partial(gmm.ridge, fraction=0.5)
    same(gmm.chain(wide, gmm.spherical)(mixture), gmm.spherical(wide(mixture)), rtol=0)
    same(gmm.chain(gmm.spherical, wide)(mixture), wide(gmm.spherical(mixture)), rtol=0)
    same(gmm.chain(gmm.chain(gmm.spherical, wide), gmm.tied)(mixture), gmm.tied(wide(gmm.spherical(mixture))), rtol=0)
    assert not np.allclose(gmm.spherical(wide(mixture)).covariances, wide(gmm.spherical(mixture)).covariances)
    assert gmm.chain()(mixture) is mixture


def test_spherical_and_tied_in_either_order_is_the_model_of_k_means():
    points, (_, means, covariances), _ = problem(6, D=3)
    mixture = gmm.Mixture([1 / 3] * 3, means, 1e-6 * covariances)
    balls = gmm.chain(gmm.spherical, gmm.tied)(mixture)
    same(balls, gmm.chain(gmm.tied, gmm.spherical)(mixture), rtol=1e-14)
    np.testing.assert_array_equal(gmm.responsibility(points, balls), gmm.hard_responsibility(points, means))


@pytest.mark.parametrize("fraction", [1e-6, 0.2])
def test_a_ridge_adds_a_fraction_of_the_variance_of_the_data(fraction):
    points, mixture, _ = problem(7, D=3)
    found = gmm.m_step(points, gmm.responsibility(points, mixture))
    added = gmm.ridge(found, fraction).covariances - found.covariances
    expected = np.broadcast_to(fraction * np.diag(points.var(axis=0)), (3, 3, 3))
    np.testing.assert_allclose(added, expected, rtol=1e-7, atol=1e-14)


def test_without_a_fraction_a_ridge_is_a_millionth():
    _, mixture, _ = problem(8)
    same(gmm.ridge(mixture), gmm.ridge(mixture, 1e-6), rtol=0)


@law
@given(problems)
def test_a_ridge_follows_the_unit_of_each_feature(made):
    _, mixture, rng = made
    D = mixture.means.shape[1]
    units = np.diag(10 ** rng.uniform(-6, 6, D))
    wide, moved = gmm.ridge(mixture, 0.01), gmm.ridge(mapped(mixture, units), 0.01)
    np.testing.assert_allclose(moved.covariances, mapped(wide, units).covariances, rtol=1e-12)


def test_a_ridge_mends_a_component_on_one_point():
    flat = gmm.m_step([[0, 1], [2, 7], [5, 3]], [[1, 0], [1, 0], [0, 1]])
    with pytest.raises(gmm.CollapseError, match="component 0"):
        flat.factors
    assert np.isfinite(gmm.log_density([[5, 3]], gmm.ridge(flat))).all()


# ---- free parameters


def rank(constraint, mixture):
    """How many directions the covariances keep, when every direction of symmetric matrices goes in."""
    weights, means, covariances = mixture
    K, D = means.shape
    rows = []
    for k in range(K):
        for i, j in combinations_with_replacement(range(D), 2):
            push = np.zeros((K, D, D))
            push[k, i, j] = push[k, j, i] = 1
            pushed = [gmm.Mixture._trusted(weights, means, covariances + step) for step in (push, 0 * push)]
            ends = [constraint(each).covariances for each in pushed]
            rows.append((ends[0] - ends[1]).ravel())
    return np.linalg.matrix_rank(rows, tol=1e-8)


CHAINS = [
    gmm.chain(gmm.diagonal, gmm.tied),
    gmm.chain(gmm.tied, gmm.spherical),
    gmm.chain(gmm.full, gmm.chain(gmm.tied, gmm.ridge)),
    gmm.chain(gmm.diagonal, gmm.spherical),
    gmm.chain(gmm.spherical, RIDGES[1]),
    gmm.chain(gmm.diagonal, gmm.ridge, gmm.tied),
    gmm.chain(),
]


@pytest.mark.parametrize("constraint", [*CONSTRAINTS, *RIDGES, *CHAINS], ids=named)
@pytest.mark.parametrize(("K", "D"), [(1, 1), (1, 3), (2, 1), (2, 3), (4, 2)])
def test_the_number_of_parameters_is_the_rank_of_the_constraint(constraint, K, D):
    _, mixture, _ = problem(9, K=K, D=D)
    assert gmm.n_parameters(mixture, constraint) == (K - 1) + K * D + rank(constraint, mixture)


def test_a_chain_of_nothing_changes_nothing_however_many_points_there_are(monkeypatch):
    points, mixture, _ = problem(3, N=50)
    monkeypatch.setattr("gmm_tutorial.scale.choice.WORTH_COMPILING", 0)
    for nothing in (gmm.chain(), gmm.chain(gmm.chain())):
        assert nothing(mixture) is mixture
        assert np.isclose(next(gmm.em(points, mixture, nothing)).log_likelihood, gmm.e_step(points, mixture)[1])


# ---- what a constraint tells of itself


def tied_beside_the_diagonal(mixture):
    """Each component has variances of its own; what is off the diagonals is one for all."""
    shared, own = gmm.tied(mixture).covariances, mixture.covariances
    return gmm.Mixture._trusted(mixture.weights, mixture.means, np.where(np.eye(own.shape[1]), own, shared))


def test_a_constraint_of_your_own_is_counted_as_it_tells():
    points, mixture, _ = problem(3)
    own = partial(tied_beside_the_diagonal)
    with pytest.raises(gmm.ArgumentError, match=r"number of free parameters is unknown: .*\.parameters = lambda K, D"):
        gmm.bic(points, mixture, own)
    own.parameters = lambda K, D: K * D + D * (D - 1) // 2
    assert own.parameters(3, 2) == rank(tied_beside_the_diagonal, mixture)
    assert gmm.n_parameters(mixture, own) == 2 + 6 + 7
    assert gmm.n_parameters(mixture, gmm.chain(gmm.ridge, own)) == 2 + 6 + 7


def test_a_constraint_of_your_own_is_in_the_fit():
    def own(mixture):
        return gmm.tied(mixture)

    points, _, _ = problem(3)
    ours, theirs = (gmm.fit(points, 3, constraint=constraint, rng=0) for constraint in (own, gmm.tied))
    assert ours.constraint is own
    assert ours.log_likelihood == theirs.log_likelihood


def test_the_parameters_of_a_chain_that_cannot_be_combined_are_asked_for():
    _, mixture, _ = problem(3)
    own = partial(tied_beside_the_diagonal)
    own.parameters = lambda K, D: K * D + D * (D - 1) // 2
    with pytest.raises(gmm.ArgumentError, match="parameters = lambda"):
        gmm.n_parameters(mixture, gmm.chain(own, gmm.diagonal))


@pytest.mark.parametrize("constraint", [gmm.diagonal, gmm.spherical, gmm.chain(gmm.ridge, gmm.diagonal)])
def test_variances_alone_give_the_mixture_that_covariances_give(constraint):
    points, _, rng = problem(8, D=3)
    responsibilities = responsibilities_of(rng, len(points), 3)
    from_covariances = constraint(m_step(points, responsibilities))
    from_variances = constraint(m_step_of_variances(points, responsibilities))
    same(from_variances, from_covariances, rtol=1e-12)
    np.testing.assert_allclose(from_variances.factors, np.linalg.cholesky(from_covariances.covariances), rtol=1e-12)
    for function in (gmm.log_joint, gmm.responsibility):
        ours, theirs = (function(points, gmm.Mixture(*each)) for each in (from_variances, from_covariances))
        np.testing.assert_allclose(function(points, from_variances), theirs, rtol=1e-10)
        np.testing.assert_allclose(ours, theirs, rtol=1e-10)
