"""EM accelerated by L-BFGS: the same maxima as EM, in far fewer E-steps, and never down."""

from itertools import islice

import numpy as np
import pytest
from examples import CONSTRAINTS, law, mapped, named, problem, problems, same, scipy_log_likelihood, seeds, tilted
from hypothesis import given, settings
from hypothesis import strategies as st

import gmm_tutorial as gmm
from gmm_tutorial import acceleration
from gmm_tutorial.acceleration import Frame, Pair, direction
from gmm_tutorial.variances import AxisParallel

hundreds = settings(law, max_examples=25)


def elsewhere(mixture, rng):
    means = mixture.means + 0.5 * rng.standard_normal(mixture.means.shape)
    return gmm.Mixture(mixture.weights, means, 2 * mixture.covariances)


def heights(steps, size):
    return np.array([step.log_likelihood for step in islice(steps, size)])


def fixed_weights(mixture):
    return gmm.Mixture(np.full(len(mixture.weights), 1 / len(mixture.weights)), mixture.means, mixture.covariances)


def two_numbers(seed=1):
    """A thousand numbers from three overlapping Gaussians, on which EM takes thousands of steps."""
    rng = np.random.RandomState(seed)
    return np.concatenate([rng.normal(-1, 1.5, 350), rng.normal(0, 1, 500), rng.normal(3, 0.5, 150)])[:, None]


def overlapping(D, distance, seed=4):
    """Two unequal, tilted clouds, nearer than their widths, and a start beside the truth."""
    rng = np.random.default_rng(seed)
    tilt = np.linalg.cholesky(np.eye(D) + 0.4 * np.ones((D, D)))
    points = np.concatenate([rng.standard_normal((160, D)), distance + 1.3 * rng.standard_normal((240, D))]) @ tilt.T
    labels = np.repeat([0, 1], [160, 240])
    return points, gmm.m_step(points, 0.2 + 0.6 * np.eye(2)[labels])


def bills_in_thirds():
    bills = gmm.load_penguins()[0][:, :2]
    ranks = np.argsort(np.argsort(bills[:, 0], kind="stable"))
    return bills, gmm.m_step(bills, np.eye(3)[3 * ranks // len(bills)])


# ---- never down


@hundreds
@given(problems, st.booleans())
@pytest.mark.parametrize("constraint", [*CONSTRAINTS, fixed_weights], ids=named)
def test_the_log_likelihood_never_falls(constraint, made, weighted):
    points, mixture, rng = made
    sample_weights = rng.uniform(0.2, 3, len(points)) if weighted else None
    start = constraint(elsewhere(mixture, rng))
    steps = gmm.accelerated(points, start, constraint, sample_weights)
    try:
        reached = heights(steps, 40)
    except gmm.CollapseError:
        return  # as EM may, too
    for number in np.flatnonzero(np.diff(reached) < -1e-11 * np.abs(reached[1:])):
        assert reached[number + 1] in reached[:number]  # after a collapse: back to the last mixture of plain EM


def test_each_log_likelihood_belongs_to_the_mixture_beside_it():
    points, mixture, rng = problem(4)
    for step in islice(gmm.accelerated(points, elsewhere(mixture, rng)), 25):
        assert step.log_likelihood == pytest.approx(scipy_log_likelihood(points, step.mixture), rel=1e-10)


def test_the_first_steps_are_those_of_em():
    points, mixture, rng = problem(5)
    start = elsewhere(mixture, rng)
    for ours, ems in islice(zip(gmm.accelerated(points, start), gmm.em(points, start)), 6):
        same(ours.mixture, ems.mixture, rtol=1e-14)


def test_every_yield_is_one_e_step():
    calls, (points, start) = [], overlapping(2, 0.7)

    def e_step(*args):
        calls.append(args)
        return gmm.e_step(*args)

    for number, _ in enumerate(islice(acceleration.accelerated(points, start, e_step=e_step), 60), start=1):
        assert len(calls) <= number + 1  # a trial is looked at before the mixture is yielded once more
    assert len(calls) <= number + 1


# ---- the maxima of EM


MAXIMA = [gmm.full, gmm.tied, gmm.diagonal, gmm.spherical, gmm.ridge, gmm.chain(gmm.tied, gmm.ridge), fixed_weights]


@pytest.mark.parametrize("constraint", MAXIMA, ids=named)
@pytest.mark.parametrize("weighted", [False, True])
def test_it_ends_at_the_maximum_of_a_long_em_run(constraint, weighted):
    points, mixture, rng = problem(6, N=200, D=3)
    sample_weights = rng.uniform(0.2, 3, len(points)) if weighted else None
    start = constraint(mixture)
    top = list(islice(gmm.em(points, start, constraint, sample_weights), 1000))[-1]
    ours = list(islice(gmm.accelerated(points, start, constraint, sample_weights), 200))[-1]
    assert ours.log_likelihood == pytest.approx(top.log_likelihood, abs=1e-8)
    same(ours.mixture, top.mixture, rtol=1e-5)
    same(ours.mixture, constraint(ours.mixture) if constraint not in MAXIMA[4:6] else ours.mixture, rtol=1e-9)


@pytest.mark.parametrize("strength", [1.0, 30.0])
def test_with_a_prior_it_ends_where_em_ends_although_the_likelihood_falls(strength):
    points, mixture, rng = problem(7, N=200)
    belief = np.cov(points.T)
    constraint = gmm.prior(len(points), belief, strength=strength, concentration=3.0)
    start = elsewhere(mixture, rng)
    top = list(islice(gmm.em(points, start, constraint), 2000))[-1].mixture
    ours = list(islice(gmm.accelerated(points, start, constraint), 150))[-1].mixture
    same(ours, top, rtol=1e-6)


def test_with_variances_only_it_takes_the_same_steps_as_with_covariances():
    points, mixture, rng = problem(8, N=150, D=3)
    start = gmm.diagonal(elsewhere(mixture, rng))
    dense = acceleration.accelerated(points, start, gmm.diagonal)  # the formulas, with whole covariances
    for ours, theirs in islice(zip(gmm.accelerated(points, start, gmm.diagonal), dense), 30):
        same(ours.mixture, theirs.mixture, rtol=1e-6)
    assert isinstance(ours.mixture, AxisParallel)


# ---- in fewer E-steps


def e_steps_to(reached, top):
    return int((reached < top - 1e-6).sum()) + 1


def slow_problems():
    numbers = two_numbers()
    yield "thousand3", numbers, gmm.mixture_around(numbers, gmm.kmeans_plus_plus(numbers, 3, rng=0)), gmm.full
    for D, distance in ((1, 2.0), (2, 0.8), (2, 0.7)):
        yield (f"overlap {D} {distance}", *overlapping(D, distance), gmm.full)
    bills, start = bills_in_thirds()
    yield "bills", bills, start, gmm.full


SLOW = list(slow_problems())


def test_where_em_is_slow_it_takes_a_tenth_of_the_e_steps_or_fewer():
    ratios = {}
    for name, points, start, constraint in SLOW:
        slow, fast = heights(gmm.em(points, start, constraint), 8000), heights(gmm.accelerated(points, start), 200)
        assert fast[-1] >= slow[-1] - 1e-8, name
        ratios[name] = e_steps_to(slow, min(slow[-1], fast[-1])) / e_steps_to(fast, min(slow[-1], fast[-1]))
    assert np.exp(np.mean(np.log(list(ratios.values())))) >= 10, ratios
    assert min(ratios.values()) > 2.5, ratios


# ---- the same in other coordinates


@law
@given(problems)
def test_it_commutes_with_every_affine_map(made):
    points, mixture, rng = made
    N, D = points.shape
    A, b = np.linalg.cholesky(tilted(rng, D, scale=3)), 10 * rng.standard_normal(D)
    start, shift = elsewhere(mixture, rng), -N * np.log(abs(np.linalg.det(A)))
    found = heights(gmm.accelerated(points @ A.T + b, mapped(start, A, b)), 15)
    np.testing.assert_allclose(found, heights(gmm.accelerated(points, start), 15) + shift, atol=1e-6 * N)


@pytest.mark.parametrize("c", [2.0**-30, 2.0**20])
def test_a_change_of_unit_changes_no_step(c):
    points, mixture, rng = problem(10, D=3)
    start, units = elsewhere(mixture, rng), c * np.eye(3)
    for ours, theirs in islice(
        zip(gmm.accelerated(points, start), gmm.accelerated(c * points, mapped(start, units))), 40
    ):
        same(theirs.mixture, mapped(ours.mixture, units), rtol=1e-7)


@law
@given(problems)
def test_the_numbering_of_points_and_components_changes_no_step(made):
    points, mixture, rng = made
    n, k = rng.permutation(len(points)), rng.permutation(len(mixture.weights))
    start = elsewhere(mixture, rng)
    renumbered = gmm.Mixture(start.weights[k], start.means[k], start.covariances[k])
    found = heights(gmm.accelerated(points[n], renumbered), 12)
    np.testing.assert_allclose(found, heights(gmm.accelerated(points, start), 12), rtol=1e-7)


@law
@given(problems)
def test_the_order_of_the_features_changes_the_steps_a_little_and_the_maximum_not_at_all(made):
    points, mixture, rng = made
    d = rng.permutation(points.shape[1])
    start = elsewhere(mixture, rng)
    turned = gmm.Mixture(start.weights, start.means[:, d], start.covariances[:, d][:, :, d])
    found, expected = heights(gmm.accelerated(points[:, d], turned), 200), heights(gmm.accelerated(points, start), 200)
    np.testing.assert_allclose(found[:6], expected[:6], rtol=1e-10)
    assert max(found) == pytest.approx(max(expected), rel=1e-9)


def test_sample_weights_count_points_as_if_they_were_repeated():
    points, mixture, rng = problem(8)
    start, times = elsewhere(mixture, rng), rng.integers(0, 4, len(points))
    weighted = heights(gmm.accelerated(points, start, sample_weights=times), 30)
    repeated = heights(gmm.accelerated(np.repeat(points, times, axis=0), start), 30)
    np.testing.assert_allclose(weighted, repeated, rtol=1e-9)


def test_in_blocks_it_takes_the_same_steps():
    points, mixture, rng = problem(9, N=5000)
    start = elsewhere(mixture, rng)
    whole = heights(gmm.accelerated(points, start), 25)
    in_blocks = heights(gmm.accelerated(points, start, map=map, summarize=gmm.summarize), 25)
    np.testing.assert_allclose(in_blocks, whole, rtol=1e-10)


# ---- safeguards


def test_a_planted_saddle_of_two_equal_components_stays_where_it_is_and_is_recognized():
    from gmm_tutorial.derived import identical_components

    points, _, _ = problem(11, K=2)
    one = gmm.m_step(points, np.ones((len(points), 1)))
    saddle = gmm.Mixture([0.3, 0.7], *(np.repeat(array, 2, axis=0) for array in (one.means, one.covariances)))
    step = list(islice(gmm.accelerated(points, saddle), 20))[-1]
    assert identical_components(step.mixture) == [(0, 1)]
    assert identical_components(gmm.fit(points, 2, rng=0).mixture) == []


def test_a_component_without_spread_raises_as_in_em():
    start = gmm.Mixture([0.5, 0.5], [[0], [9]], [[[1]], [[1e-4]]])
    with pytest.raises(gmm.CollapseError):
        list(islice(gmm.accelerated([[0.0], [1.0], [2.5], [9.0]], start), 200))


def test_a_start_that_only_em_survives_is_survived(monkeypatch):
    """An acceleration that runs into a collapse whenever it may: EM goes on for twice as many steps each time."""

    collapses = []

    def collapse(evaluate, mixture, constraint):
        collapses.append(mixture)
        yield gmm.Step(mixture, evaluate(mixture).log_likelihood)
        raise gmm.CollapseError(0)

    monkeypatch.setattr(acceleration, "quasi_newton", collapse)
    points, start = bills_in_thirds()
    ours = {round(step.log_likelihood, 7) for step in islice(gmm.accelerated(points, start), 200)}
    ems = [round(step.log_likelihood, 7) for step in islice(gmm.em(points, start), 150)]
    assert set(ems) <= ours
    assert len(collapses) <= 6  # 5, 10, 20, 40 and 80 steps alone


def test_trials_that_collapse_or_fall_are_replaced_by_the_steps_of_em(monkeypatch):
    points, mixture, rng = problem(10)
    start = elsewhere(mixture, rng)
    ems = heights(gmm.em(points, start), 12)
    for flaw in (-1.0, 300.0):  # backwards, and so far that a component collapses
        monkeypatch.setattr(acceleration, "direction", lambda f, pairs, flaw=flaw: flaw * f)
        monkeypatch.setattr(acceleration, "FARTHEST", 30.0)
        ours = np.unique(heights(gmm.accelerated(points, start), 40))
        assert all(np.abs(ours - height).min() < 1e-8 for height in ems)


# ---- the parts


def test_the_two_loops_solve_a_quadratic_problem_exactly():
    rng = np.random.default_rng(0)
    A = tilted(rng, 5) + np.eye(5)
    pairs, steps = [], np.linalg.eigh(A)[1].T  # along conjugate directions all pairs are kept exactly
    for s in steps:
        pairs.append(Pair(s, A @ s, s @ A @ s))
    f = rng.standard_normal(5)
    np.testing.assert_allclose(direction(f, pairs), np.linalg.solve(A, f), rtol=1e-10)
    np.testing.assert_array_equal(direction(f, []), f)


@law
@given(problems, seeds)
@pytest.mark.parametrize("parallel", [False, True])
def test_coordinates_lead_to_a_mixture_and_back(parallel, made, seed):
    _, mixture, _ = made
    if parallel:
        mixture = AxisParallel._trusted(mixture.weights, mixture.means, np.diagonal(mixture.covariances, 0, 1, 2))
    frame = Frame(mixture, mixture)
    np.testing.assert_allclose(frame.coordinates(mixture), 0, atol=1e-12)
    step = 0.3 * np.random.default_rng(seed).standard_normal(len(frame.coordinates(mixture)))
    there = frame.mixture_at(frame.coordinates(frame.mixture_at(step)))
    same(there, frame.mixture_at(step), rtol=1e-10)
    assert there.weights.sum() == pytest.approx(1)


@pytest.mark.parametrize("parallel", [False, True])
def test_the_step_of_em_is_the_gradient_of_the_log_likelihood(parallel):
    points, mixture, _ = problem(12, N=400, D=2)
    top = list(islice(gmm.em(points, mixture), 60))[-1].mixture
    m_step, constraint = gmm.m_step, gmm.full
    if parallel:
        constraint = gmm.diagonal
        top = list(islice(gmm.em(points, gmm.diagonal(mixture), gmm.diagonal), 60))[-1].mixture
    rng = np.random.default_rng(1)
    near = Frame(top, top).mixture_at(1e-3 * rng.standard_normal(len(Frame(top, top).coordinates(top))))
    image = constraint(m_step(points, gmm.e_step(points, near)[0]))
    frame = Frame(near, image)
    f = frame.coordinates(image)
    for _ in range(5):
        step = 1e-5 * rng.standard_normal(len(f)) * (np.abs(f) > 1e-12)
        up, down = (gmm.log_likelihood(points, frame.mixture_at(sign * step)) for sign in (1, -1))
        assert (up - down) / 2 / len(points) == pytest.approx(f @ step, rel=0.03, abs=1e-12)
