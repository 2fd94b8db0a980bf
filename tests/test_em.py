"""The four formulas, the two steps and the loop of EM."""

from itertools import islice

import numpy as np
import pytest
from examples import (
    CONSTRAINTS,
    exactly,
    expected_log_likelihood,
    law,
    mapped,
    named,
    problem,
    problems,
    responsibilities_of,
    same,
    scipy_log_likelihood,
    seeds,
    tilted,
)
from hypothesis import given

import gmm_tutorial as gmm


def after(steps, points, mixture, *args, **kwargs):
    return next(islice(gmm.em(points, mixture, *args, **kwargs), steps, None))


def elsewhere(mixture, rng):
    """A start that is not the truth: means moved, covariances wider."""
    means = mixture.means + 0.5 * rng.standard_normal(mixture.means.shape)
    return gmm.Mixture(mixture.weights, means, 2 * mixture.covariances)


# ---- the four formulas


@pytest.mark.parametrize(("N", "K", "D"), [(7, 3, 2), (5, 2, 4), (6, 4, 1)])
def test_the_four_formulas_agree_with_loops_over_fractions(N, K, D):
    points, _, rng = problem(1, N=N, K=K, D=D)
    responsibilities = responsibilities_of(rng, N, K)
    x, r = exactly(points), exactly(responsibilities)
    counts = [sum(r[n][k] for n in range(N)) for k in range(K)]
    means = [[sum(r[n][k] * x[n][d] for n in range(N)) / counts[k] for d in range(D)] for k in range(K)]

    def entry(k, i, j):
        return sum(r[n][k] * (x[n][i] - means[k][i]) * (x[n][j] - means[k][j]) for n in range(N)) / counts[k]

    covariances = [[[entry(k, i, j) for j in range(D)] for i in range(D)] for k in range(K)]
    exact = [np.array(array, dtype=float) for array in ([c / sum(counts) for c in counts], means, covariances)]
    np.testing.assert_allclose(gmm.count(responsibilities), np.array(counts, dtype=float), rtol=1e-14)
    np.testing.assert_allclose(gmm.weight(responsibilities), exact[0], rtol=1e-14)
    np.testing.assert_allclose(gmm.mean(points, responsibilities), exact[1], rtol=1e-14)
    found = gmm.covariance(points, responsibilities, exact[1])
    np.testing.assert_allclose(found, exact[2], rtol=1e-13, atol=1e-14)
    same(gmm.m_step(points, responsibilities), exact, rtol=1e-13)


def test_an_offset_of_1e8_sigma_leaves_the_covariance_right_to_1e_9_and_symmetric():
    points, _, rng = problem(2, N=40, D=3)
    points, responsibilities = points + np.array([1e8, -2e8, 5e8]), responsibilities_of(rng, 40, 3)
    x, r = np.array(exactly(points)), np.array(exactly(responsibilities))
    for k, found in enumerate(gmm.m_step(points, responsibilities).covariances):
        deviations = x - r[:, k] @ x / r[:, k].sum()
        expected = ((r[:, k] * deviations.T) @ deviations / r[:, k].sum()).astype(float)
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9 * np.diag(expected).min())
        np.testing.assert_array_equal(found, found.T)


@pytest.mark.parametrize("D", [1, 3])
def test_one_component_has_the_mean_and_covariance_of_the_sample(D):
    points, _, _ = problem(3, N=17, D=D)
    covariance = np.cov(points, rowvar=False, bias=True).reshape(1, D, D)
    same(gmm.m_step(points, np.ones((17, 1))), ([1], [points.mean(axis=0)], covariance), rtol=1e-13)


@law
@given(problems)
def test_every_m_step_keeps_the_mean_and_the_covariance_of_all_points(made):
    points, mixture, rng = made
    found = gmm.m_step(points, responsibilities_of(rng, len(points), len(mixture.weights)))
    covariance = np.cov(points, rowvar=False, bias=True)
    np.testing.assert_allclose(found.weights @ found.means, points.mean(axis=0), rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(gmm.total_covariance(found), np.atleast_2d(covariance), rtol=1e-9, atol=1e-9)


@law
@given(problems)
def test_the_covariance_about_an_old_mean_is_wider_by_the_square_of_the_move(made):
    points, mixture, rng = made
    responsibilities = responsibilities_of(rng, len(points), len(mixture.weights))
    _, means, covariances = gmm.m_step(points, responsibilities)
    moves = means - mixture.means
    expected = covariances + np.einsum("ki,kj->kij", moves, moves)
    np.testing.assert_allclose(gmm.covariance(points, responsibilities, mixture.means), expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("D", [1, 2, 3])
def test_the_expected_log_likelihood_has_no_slope_at_the_m_step(D):
    points, mixture, _ = problem(4, N=30, D=D)
    responsibilities = gmm.responsibility(points, mixture)
    found = gmm.m_step(points, responsibilities)

    def slope(weights=0, means=0, covariances=0, h=1e-4):
        ends = [gmm.Mixture(*(a + s * b for a, b in zip(found, (weights, means, covariances)))) for s in (h, -h)]
        up, down = (expected_log_likelihood(points, responsibilities, end) for end in ends)
        return (up - down) / (2 * h)

    units = np.eye(3 * D).reshape(-1, 3, D)
    matrices = np.eye(3 * D * D).reshape(-1, 3, D, D)
    slopes = [slope(weights=np.array(move)) for move in ([1, -1, 0], [0, 1, -1])]
    slopes += [slope(means=unit) for unit in units]
    slopes += [slope(covariances=(matrix + matrix.transpose(0, 2, 1)) / 2) for matrix in matrices]
    np.testing.assert_allclose(slopes, 0, atol=1e-4)
    assert abs(slope(means=units[0] - units[-1], h=0.5)) < 1e-9 < abs(slope(weights=np.array([1, -1, 0]), h=0.05))


def test_a_component_without_points_is_named():
    points, responsibilities = [[1.0], [2.0], [4.0]], [[0.5, 0, 0.5], [1, 0, 0], [0, 0, 1]]
    for formula in (gmm.m_step, gmm.mean, lambda *args: gmm.covariance(*args, means=[[1], [2], [3]])):
        with pytest.raises(gmm.CollapseError, match="component 1 has collapsed: it explains no points any more"):
            formula(points, responsibilities)


@pytest.mark.parametrize("c", [2.0**-30, 2.0**20])
def test_the_m_step_scales_exactly_by_powers_of_two(c):
    points, _, rng = problem(5, D=3)
    responsibilities = responsibilities_of(rng, len(points), 4)
    weights, means, covariances = gmm.m_step(points, responsibilities)
    for found, expected in zip(gmm.m_step(c * points, responsibilities), (weights, c * means, c**2 * covariances)):
        np.testing.assert_array_equal(found, expected)


# ---- the E-step


@pytest.mark.parametrize("D", [1, 2, 5])
def test_the_e_step_gives_the_log_likelihood_and_bayes_theorem(D):
    points, mixture, _ = problem(6, D=D)
    responsibilities, log_likelihood = gmm.e_step(points, mixture)
    assert log_likelihood == pytest.approx(scipy_log_likelihood(points, mixture), rel=1e-12)
    np.testing.assert_array_equal(responsibilities, gmm.responsibility(points, mixture))


def test_a_sample_weight_multiplies_its_row_and_its_share_of_the_log_likelihood():
    points, mixture, rng = problem(7)
    sample_weights = rng.integers(0, 4, len(points))
    responsibilities, log_likelihood = gmm.e_step(points, mixture, sample_weights)
    repeated = np.repeat(points, sample_weights, axis=0)
    assert log_likelihood == pytest.approx(scipy_log_likelihood(repeated, mixture), rel=1e-12)
    np.testing.assert_allclose(responsibilities.sum(axis=1), sample_weights, rtol=1e-14)


# ---- the loop of EM


@pytest.mark.parametrize("constraint", CONSTRAINTS, ids=named)
def test_each_log_likelihood_belongs_to_the_mixture_beside_it(constraint):
    points, mixture, rng = problem(8)
    for step in islice(gmm.em(points, elsewhere(mixture, rng), constraint), 6):
        assert step.log_likelihood == pytest.approx(scipy_log_likelihood(points, step.mixture), rel=1e-12)


def test_the_first_step_is_the_start_and_the_next_is_its_m_step():
    points, mixture, _ = problem(9)
    first, second = islice(gmm.em(points, mixture), 2)
    assert first.mixture is mixture
    same(second.mixture, gmm.m_step(points, gmm.responsibility(points, mixture)), rtol=1e-15)


def test_em_is_lazy_and_endless():
    calls, start = [], gmm.Mixture([0.5, 0.5], [[1], [3]], [[[1]], [[1]]])
    steps = gmm.em([[1], [2], [4]], start, lambda mixture: calls.append(mixture) or gmm.tied(mixture))
    next(steps)
    assert calls == []
    assert len(list(islice(steps, 1000))) == len(calls) == 1000


@law
@given(problems, seeds)
@pytest.mark.parametrize("constraint", CONSTRAINTS, ids=named)
def test_the_log_likelihood_never_falls_by_more_than_rounding(constraint, made, seed):
    points, mixture, _ = made
    start = elsewhere(mixture, np.random.default_rng(seed))
    log_likelihoods = [step.log_likelihood for step in islice(gmm.em(points, constraint(start), constraint), 15)]
    assert min(np.diff(log_likelihoods)) >= -1e-13 * abs(log_likelihoods[-1]) * len(points)


@law
@given(problems)
def test_numbering_of_points_components_and_features_makes_no_difference(made):
    points, mixture, rng = made
    n, k, d = (rng.permutation(size) for size in (len(points), *mixture.means.shape))

    def renumbered(mixture):
        return gmm.Mixture(mixture.weights[k], mixture.means[k][:, d], mixture.covariances[k][:, d][:, :, d])

    found, expected = after(5, points[n][:, d], renumbered(mixture)), after(5, points, mixture)
    same(found.mixture, renumbered(expected.mixture))
    assert found.log_likelihood == pytest.approx(expected.log_likelihood, rel=1e-11)


@law
@given(problems)
def test_em_commutes_with_every_affine_map(made):
    points, mixture, rng = made
    N, D = points.shape
    A, b = np.linalg.cholesky(tilted(rng, D, scale=3))[::-1], 10 * rng.standard_normal(D)
    found, expected = after(5, points @ A.T + b, mapped(mixture, A, b)), after(5, points, mixture)
    same(found.mixture, mapped(expected.mixture, A, b), rtol=1e-7)
    shift = -N * np.log(abs(np.linalg.det(A)))
    assert found.log_likelihood == pytest.approx(expected.log_likelihood + shift, abs=1e-7 * N)


@pytest.mark.parametrize("constraint", CONSTRAINTS, ids=named)
@pytest.mark.parametrize("c", [2.0**-30, 2.0**-3, 2.0**20])
def test_em_commutes_with_a_change_of_unit(c, constraint):
    points, mixture, _ = problem(10, D=3)
    found = after(20, c * points, mapped(constraint(mixture), c * np.eye(3)), constraint)
    expected = after(20, points, constraint(mixture), constraint)
    same(found.mixture, mapped(expected.mixture, c * np.eye(3)), rtol=1e-10)
    shift = -points.size * np.log(c)
    assert found.log_likelihood == pytest.approx(expected.log_likelihood + shift, abs=1e-8)


@law
@given(problems)
def test_a_sample_weight_counts_a_point_as_often_as_it_says(made):
    points, mixture, rng = made
    sample_weights = rng.integers(0, 4, len(points))
    found = after(4, points, mixture, sample_weights=sample_weights)
    expected = after(4, np.repeat(points, sample_weights, axis=0), mixture)
    same(found.mixture, expected.mixture)
    assert found.log_likelihood == pytest.approx(expected.log_likelihood, rel=1e-11)


@pytest.mark.parametrize("constraint", CONSTRAINTS, ids=named)
def test_a_fixed_point_stays(constraint):
    points, mixture, _ = problem(11)
    top = after(1000, points, constraint(mixture), constraint)
    later = after(5, points, top.mixture, constraint)
    same(later.mixture, top.mixture, rtol=1e-11)
    assert later.log_likelihood == pytest.approx(top.log_likelihood, rel=1e-14)


@pytest.mark.parametrize("constraint", CONSTRAINTS, ids=named)
def test_every_mixture_of_em_obeys_the_constraint(constraint):
    points, mixture, _ = problem(12)
    for step in islice(gmm.em(points, mixture, constraint), 1, 4):
        same(step.mixture, constraint(step.mixture), rtol=1e-15)


def test_em_on_three_points_has_the_published_log_likelihoods():
    start = gmm.Mixture([0.5, 0.5], means=[[1], [3]], covariances=[[[1]], [[1]]])  # stats.stackexchange.com, 312703
    log_likelihoods = [step.log_likelihood for step in islice(gmm.em([[1], [2], [3]], start), 3)]
    np.testing.assert_allclose(log_likelihoods, [-4.3893, -3.5492, -3.4868], atol=5e-5)


def test_em_does_not_change_its_arguments():
    points, mixture, rng = problem(13)
    sample_weights = rng.uniform(1, 2, len(points))
    originals = [points.copy(), sample_weights.copy(), *(array.copy() for array in mixture)]
    after(3, points, mixture, sample_weights=sample_weights)
    for found, expected in zip((points, sample_weights, *mixture), originals):
        np.testing.assert_array_equal(found, expected)


def test_a_component_of_weight_zero_keeps_weight_zero():
    points, (_, means, covariances), _ = problem(14)
    with pytest.raises(gmm.CollapseError, match="component 2 has collapsed: it explains no points"):
        after(1, points, gmm.Mixture([0.4, 0.6, 0], means, covariances))


def test_a_component_on_one_point_collapses_unless_a_ridge_holds_it():
    points = [[0, 1], [1, 3], [2, 2], [3, 7], [90, 80]]
    start = gmm.Mixture([0.8, 0.2], [[1, 3], [90, 80]], [np.eye(2)] * 2)
    with pytest.raises(gmm.CollapseError, match=r"component 1 .* its covariance is singular .*\[90. 80.\].*gmm.ridge"):
        after(1, points, start)
    assert np.isfinite(after(500, points, start, gmm.ridge).log_likelihood)


# ---- another program


@pytest.mark.parametrize(
    ("constraint", "name"),
    zip(CONSTRAINTS[:4], ["full", "tied", "diag", "spherical"]),
    ids=["full", "tied", "diag", "spherical"],
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_steps_agree_with_scikit_learn_from_the_same_start(constraint, name):
    from sklearn.mixture import GaussianMixture

    points, mixture, rng = problem(15, N=150, D=3)
    start = constraint(elsewhere(mixture, rng))
    P = np.linalg.inv(start.covariances)
    precisions = {"full": P, "tied": P[0], "diag": np.einsum("kii->ki", P), "spherical": P[:, 0, 0]}[name]
    given = {"weights_init": start.weights, "means_init": start.means, "precisions_init": precisions}
    options = {"reg_covar": 0, "tol": 0, "max_iter": 25, "init_params": "random", "random_state": 0}
    theirs = GaussianMixture(3, covariance_type=name, **given, **options).fit(points)
    ours = after(25, points, start, constraint)
    axes = {"diag": (3, 1, 3), "spherical": (3, 1, 1)}.get(name, (-1, 3, 3))
    covariances = np.reshape(theirs.covariances_, axes) * (1 if name in ("full", "tied") else np.eye(3))
    same(ours.mixture, (theirs.weights_, theirs.means_, np.broadcast_to(covariances, (3, 3, 3))), rtol=1e-8)
    assert ours.log_likelihood == pytest.approx(theirs.score(points) * 150, rel=1e-11)


# ---- published traces


def test_nine_steps_on_old_faithful_reproduce_the_published_fit_of_mixtools():
    waiting = gmm.load_faithful()[:, 1:]
    start = gmm.Mixture([0.5, 0.5], means=[[55], [80]], covariances=[[[25]], [[25]]])
    steps = list(islice(gmm.em(waiting, start, gmm.tied), 12))
    log_likelihoods = [step.log_likelihood for step in steps]
    gains = np.diff(log_likelihoods)
    trace = [-1051.089641, -1034.173864, -1034.013939, -1034.002763, -1034.001845, -1034.001768, -1034.001761]
    np.testing.assert_allclose(log_likelihoods[:7], trace, atol=5.1e-7)
    assert np.argmax(gains < 1e-8) + 1 == 9
    weights, means, covariances = steps[9].mixture
    np.testing.assert_allclose(weights, [0.3608498, 0.6391502], atol=5.1e-8)
    np.testing.assert_allclose(means[:, 0], [54.61364, 80.09031], atol=5.1e-6)
    np.testing.assert_allclose(np.sqrt(covariances[:, 0, 0]), 5.869089, atol=5.1e-7)
    assert steps[9].log_likelihood == pytest.approx(-1034.00176036, abs=2e-8)


@pytest.mark.parametrize(("K", "D"), [(1, 2), (3, 1), (4, 2), (2, 3)])
@pytest.mark.parametrize("call", [gmm.em, gmm.accelerated])
def test_a_constraint_that_returns_another_size_is_refused_at_its_first_step(call, K, D):
    """NumPy would stretch one dimension to two in silence: the fuzz found it."""
    points, start, _ = problem(K=3, D=2)
    other = gmm.Mixture(np.full(K, 1 / K), np.zeros((K, D)), np.broadcast_to(np.eye(D), (K, D, D)))
    steps = call(points, start, constraint=lambda mixture: other)
    with pytest.raises(ValueError, match=r"^what the constraint returned has the shape .*: it must keep \(3, 2\)"):
        list(islice(steps, 4))
