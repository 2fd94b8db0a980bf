"""The climb with leaps: as high as EM, sooner, and never down."""

import inspect
from itertools import islice, pairwise

import numpy as np
import pytest
from examples import CONSTRAINTS, law, mapped, named, problem, problems, same, scipy_log_likelihood
from hypothesis import given

import gmm_tutorial as gmm
from gmm_tutorial import acceleration



def heights(steps, size):
    return np.array([step.log_likelihood for step in islice(steps, size)])


def elsewhere(mixture, rng):
    means = mixture.means + 0.5 * rng.standard_normal(mixture.means.shape)
    return gmm.Mixture(mixture.weights, means, 2 * mixture.covariances)


def bills_in_thirds():
    bills = gmm.load_penguins()[0][:, :2]
    ranks = np.argsort(np.argsort(bills[:, 0], kind="stable"))
    return bills, gmm.m_step(bills, np.eye(3)[3 * ranks // len(bills)])


def overlapping(D, distance, seed=4):
    """Two unequal, tilted clouds, nearer than their widths, and a start beside the truth."""
    rng = np.random.default_rng(seed)
    tilt = np.linalg.cholesky(np.eye(D) + 0.4 * np.ones((D, D)))
    points = np.concatenate([rng.standard_normal((160, D)), distance + 1.3 * rng.standard_normal((240, D))]) @ tilt.T
    labels = np.repeat([0, 1], [160, 240])
    return points, gmm.m_step(points, 0.2 + 0.6 * np.eye(2)[labels])


# ---- never down, never astray


@law
@given(problems)
def test_the_likelihood_never_falls(made):
    points, mixture, rng = made
    climb = heights(gmm.accelerated(points, elsewhere(mixture, rng)), 40)
    assert (np.diff(climb) > -1e-9 * np.abs(climb[:-1])).all()


def test_the_likelihood_beside_each_mixture_is_its_own():
    points, mixture, rng = problem(4)
    for step in islice(gmm.accelerated(points, elsewhere(mixture, rng)), 12):
        np.testing.assert_allclose(step.log_likelihood, scipy_log_likelihood(points, step.mixture), rtol=1e-10)


def test_the_first_three_steps_are_those_of_em():
    points, mixture, rng = problem(5)
    start = elsewhere(mixture, rng)
    for ours, ems in zip(islice(gmm.accelerated(points, start), 3), gmm.em(points, start)):
        same(ours.mixture, ems.mixture, rtol=0)


def follows(step, before, points):
    expected = gmm.m_step(points, gmm.responsibility(points, before.mixture))
    return all(np.allclose(ours, theirs, rtol=1e-8) for ours, theirs in zip(step.mixture, expected))


def test_within_a_cycle_each_step_follows_from_the_one_before_and_between_two_there_are_leaps():
    points, start = overlapping(2, 0.8)
    steps, cycle = list(islice(gmm.accelerated(points, start), 60)), inspect.unwrap(gmm.accelerated).cycle
    follow = [follows(step, before, points) for before, step in pairwise(steps)]
    inside = [follow[number] for number in range(len(follow)) if (number + 1) % cycle]
    between = [follow[number] for number in range(len(follow)) if not (number + 1) % cycle]
    assert all(inside)
    assert sum(between) < len(between) / 2


# ---- as high as EM, and sooner


def steps_to(climb, top):
    return int((climb < top - 1e-8).sum())


def test_on_the_plateau_of_the_bills_it_reaches_the_maximum_of_em_sooner():
    bills, start = bills_in_thirds()
    slow, fast = heights(gmm.em(bills, start), 300), heights(gmm.accelerated(bills, start), 200)
    assert fast[-1] == pytest.approx(slow[-1], abs=1e-8)
    assert steps_to(fast, slow[-1]) < 0.7 * steps_to(slow, slow[-1])


@pytest.mark.parametrize(("D", "distance"), [(1, 2.0), (2, 0.8), (2, 0.7)])
def test_where_em_creeps_it_reaches_the_same_maximum_in_a_fifth_of_the_steps(D, distance):
    points, start = overlapping(D, distance)
    slow, fast = heights(gmm.em(points, start), 2200), heights(gmm.accelerated(points, start), 250)
    assert fast[-1] == pytest.approx(slow[-1], abs=1e-8)
    assert steps_to(slow, slow[-1]) > 500
    assert 5 * steps_to(fast, slow[-1]) <= steps_to(slow, slow[-1])


def test_leaps_that_were_refused_get_shorter_until_they_climb():
    points, start = overlapping(1, 1.5, seed=3)  # leaps of full length are refused here again and again
    slow, fast = heights(gmm.em(points, start), 2000), heights(gmm.accelerated(points, start), 400)
    assert fast[-1] > slow[-1]


# ---- what it keeps


@pytest.mark.parametrize("constraint", CONSTRAINTS, ids=named)
def test_every_step_has_the_shape_that_the_constraint_gives(constraint):
    points, mixture, rng = problem(6, D=3, N=120)
    start = constraint(elsewhere(mixture, rng))
    for step in islice(gmm.accelerated(points, start, constraint), 20):
        same(step.mixture, constraint(step.mixture), rtol=1e-12)


@pytest.mark.parametrize("constraint", CONSTRAINTS, ids=named)
def test_a_leap_along_one_shape_keeps_the_shape_by_itself(constraint):
    points, mixture, rng = problem(6, D=3, N=120)
    three = islice(gmm.em(points, constraint(elsewhere(mixture, rng)), constraint), 3)
    landed = acceleration.leap(*(step.mixture for step in three))
    same(landed, constraint(landed), rtol=1e-12)


def test_with_other_units_of_each_feature_it_takes_the_same_steps():
    points, mixture, rng = problem(7, D=3, N=150)
    start, units = elsewhere(mixture, rng), np.diag([1e-3, 7.0, 2e4])
    ours = islice(gmm.accelerated(points, start), 13)
    for step, other in zip(ours, gmm.accelerated(points @ units, mapped(start, units))):
        for array, theirs in zip(mapped(step.mixture, units), other.mixture):
            scale = np.abs(array).max(axis=0)
            np.testing.assert_allclose(theirs / scale, array / scale, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("constraint", [gmm.full, gmm.tied], ids=named)
def test_sample_weights_count_points_as_if_they_were_repeated(constraint):
    points, mixture, rng = problem(8)
    start, times = constraint(elsewhere(mixture, rng)), rng.integers(1, 4, len(points))
    weighted = gmm.accelerated(points, start, constraint, sample_weights=times)
    repeated = gmm.accelerated(np.repeat(points, times, axis=0), start, constraint)
    for step, other in zip(islice(weighted, 13), repeated):
        assert step.log_likelihood == pytest.approx(other.log_likelihood, rel=1e-10)
        same(step.mixture, other.mixture, rtol=1e-6)


# ---- the leap


def geometric(factor, t):
    """At step t of a sequence that shrinks by a factor in each coordinate that the leap sees: logs, means, factors."""
    shrunk = factor**t
    weights = np.exp(np.log([0.2, 0.5, 0.3]) + shrunk * np.array([0.1, -0.2, 0.3]))
    means = np.array([[1.0, -2.0], [3.0, 50.0], [-4.0, 7.0]]) + shrunk * np.array([[1.0, 2.0], [-1.0, 9.0], [0.5, 0.0]])
    factors = np.array([[[2.0, 0.0], [1.0, 9.0]], [[1.0, 0.0], [-3.0, 4.0]], [[0.5, 0.0], [0.2, 3.0]]])
    factors[:, [0, 1], [0, 1]] *= np.exp(shrunk * np.array([[0.1, -0.3], [0.2, 0.1], [-0.2, 0.4]]))
    factors[:, 1, 0] += shrunk * np.array([0.3, -0.6, 0.2])
    return gmm.Mixture._trusted(weights, means, factors @ factors.swapaxes(1, 2))


@pytest.mark.parametrize("factor", [0.3, 0.9, 0.99])
def test_the_leap_of_a_geometric_sequence_lands_on_its_limit(factor):
    landed = acceleration.leap(*(geometric(factor, t) for t in range(3)))
    same(landed, geometric(factor, np.inf), rtol=1e-9)


def test_a_leap_from_three_equal_mixtures_stays_there():
    _, mixture, _ = problem(9)
    same(acceleration.leap(mixture, mixture, mixture), mixture, rtol=1e-12)


def test_a_sequence_that_speeds_up_leads_no_less_far_than_its_third_step():
    three = [geometric(3.0, t) for t in (-2, -1, 0)]
    landed, third = acceleration.leap(*three), three[2]
    same(landed, (third.weights / third.weights.sum(), third.means, third.covariances), rtol=1e-9)


# ---- leaps that are not taken


def leaps_to(monkeypatch, target):
    monkeypatch.setattr(acceleration, "leap", lambda *three_and_longest: target)


@pytest.mark.parametrize("flaw", ["lower", "collapsed"])
def test_after_a_leap_that_does_not_climb_the_steps_are_those_of_em(monkeypatch, flaw):
    points, mixture, rng = problem(10)
    start = elsewhere(mixture, rng)
    covariances = {"lower": 100 * mixture.covariances, "collapsed": 0 * mixture.covariances}[flaw]
    leaps_to(monkeypatch, gmm.Mixture._trusted(mixture.weights, mixture.means, covariances))
    steps = list(islice(gmm.accelerated(points, start), 10))
    for ours, ems in zip(steps, gmm.em(points, start)):
        same(ours.mixture, ems.mixture, rtol=0)


def test_a_leap_that_climbs_is_the_next_step(monkeypatch):
    points, mixture, rng = problem(10)
    top = gmm.fit(points, mixture).mixture
    leaps_to(monkeypatch, top)
    steps = list(islice(gmm.accelerated(points, elsewhere(mixture, rng)), 5))
    same(steps[3].mixture, top, rtol=0)
    same(steps[4].mixture, gmm.m_step(points, gmm.responsibility(points, top)), rtol=1e-12)


def test_a_leap_is_shaped_by_the_constraint_before_it_is_judged(monkeypatch):
    points, mixture, rng = problem(10)
    top = gmm.fit(points, gmm.tied(mixture), constraint=gmm.tied).mixture
    loose = gmm.Mixture._trusted(top.weights, top.means, top.covariances * np.array([0.9, 1.1, 1.0])[:, None, None])
    leaps_to(monkeypatch, loose)
    steps = list(islice(gmm.accelerated(points, gmm.tied(elsewhere(mixture, rng)), gmm.tied), 4))
    same(steps[3].mixture, gmm.tied(loose), rtol=1e-12)


def test_a_component_without_spread_raises_as_in_em():
    start = gmm.Mixture([0.5, 0.5], [[0], [9]], [[[1]], [[1e-4]]])
    with pytest.raises(gmm.CollapseError):
        list(islice(gmm.accelerated([[0.0], [1.0], [2.5], [9.0]], start), 20))
