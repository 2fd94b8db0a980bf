"""Which of several starts becomes the fit, and when a run of steps has converged."""

import numpy as np
import pytest
from examples import problem

import gmm_tutorial as gmm
from gmm_tutorial.acceleration import accelerated
from gmm_tutorial.convergence import converged
from gmm_tutorial.derived import identical_components, separated
from gmm_tutorial.race import Run, race
from gmm_tutorial.starts import (
    centers_to_try,
    greedy_kmeans_plus_plus,
    rounds_of_kmeans,
    squared_distance_by_product,
)
from gmm_tutorial.variances import AxisParallel


def steps_of(*log_likelihoods, then=None):
    """Steps of those heights; after them the last one for ever, or an error."""
    for log_likelihood in log_likelihoods:
        yield gmm.Step(log_likelihood, log_likelihood)  # any mixture will do: this one tells where it comes from
    if then is not None:
        raise then
    while True:
        yield gmm.Step(log_likelihood, log_likelihood)


def rising(top, steps):
    return steps_of(*(top - 10 * 0.5**t for t in range(steps)), top)


def runs_of(*steps, **options):
    return [Run(each, **options) for each in steps]


def real_runs(points, K, seed, scale=1.0):
    rng = np.random.default_rng(seed)
    tried = centers_to_try(scale * points, K, rng)
    return [Run(accelerated(scale * points, gmm.mixture_around(scale * points, centers))) for centers in tried]


# ---- convergence


def test_it_has_converged_once_eight_e_steps_together_gained_too_little():
    gains = [5.0, 1.0, *(1e-8 * 0.5**t for t in range(8))]
    log_likelihoods = list(-100 + np.cumsum([0.0, *gains]))
    stops = [converged(log_likelihoods[: n + 1], 1e-6) for n in range(len(log_likelihoods))]
    assert stops == [False] * 10 + [True]


def test_a_pause_is_no_convergence():
    assert not converged([-9.0, -8, -7, -6, -6, -6, -6, -6, -5.5], 1e-6)
    assert not converged([-9.0, *[-6] * 8], 1e-6)


def test_with_a_tolerance_of_zero_it_never_converges():
    assert not converged([-4.0] * 100, 0)


def test_a_tolerance_finer_than_rounding_means_rounding():
    noisy = [-1e6 * (1 + 1e-16 * sign) for sign in (1, -1) * 10]
    assert converged(noisy, 1e-30)


def test_a_fall_as_large_as_the_tolerance_is_no_convergence():
    assert not converged(list(-5 - 0.1 * np.arange(20)), 1e-3)


# ---- the race


def test_the_highest_end_wins_although_it_was_low_at_first():
    runs = runs_of(rising(-10, 30), rising(-9, 50), rising(-12, 5), rising(-30, 5), rising(-11, 9))
    winner = race(runs)
    assert winner is runs[1]
    assert winner.log_likelihood == pytest.approx(-9, abs=1e-6)
    assert [run.end for run in runs] == ["converged", "converged", "lower", "lower", "lower"]


def test_a_start_that_collapses_is_given_up_and_if_all_do_the_error_is_raised():
    error = gmm.CollapseError(2)
    runs = runs_of(steps_of(-5, 900, then=error), rising(-10, 3))
    assert race(runs) is runs[1]
    assert runs[0].end == "collapsed"
    with pytest.raises(gmm.CollapseError, match="component 2"):
        race(runs_of(steps_of(-5, then=error), steps_of(-4, then=error)))


def test_of_starts_on_the_way_to_the_same_maximum_the_earliest_goes_on():
    runs = runs_of(steps_of(-7 - 1e-4), steps_of(-7.0), rising(-20, 40), steps_of(-8.0))
    assert race(runs) is runs[0]
    assert runs[1].end == "same"


def test_three_that_share_the_highest_maximum_end_the_race():
    runs = runs_of(*(steps_of(-7.0) for _ in range(3)), rising(-7.5, 200), steps_of(*[-20] * 8, -6.0))
    assert race(runs) is runs[0]
    assert len(runs[4].log_likelihoods) == 8


def test_max_steps_bounds_a_run():
    [run] = runs_of(iter(gmm.Step(None, float(t)) for t in range(10_000)), max_steps=17)
    assert race([run]) is run
    assert run.end == "stopped"
    assert len(run.log_likelihoods) == 18


def test_a_loser_costs_few_e_steps():
    runs = runs_of(*(rising(-10 - n, 60) for n in range(16)))
    race(runs)
    assert [len(run.log_likelihoods) for run in runs[4:]] == [24] * 4 + [8] * 8
    assert sum(len(run.log_likelihoods) for run in runs) < 16 * 8 + 8 * 16 + 4 * 32 + 2 * 90


def test_one_seed_gives_one_result_and_another_unit_the_same_choice():
    points, _, _ = problem(3, N=200, K=4)
    here, again, elsewhere = (real_runs(points, 4, 5, scale) for scale in (1.0, 1.0, 1e3))
    winners = [race(runs) for runs in (here, again, elsewhere)]
    assert winners[0].log_likelihoods == winners[1].log_likelihoods
    assert here.index(winners[0]) == elsewhere.index(winners[2])
    assert [run.end for run in here] == [run.end for run in elsewhere]
    shift = -points.size * np.log(1e3)
    assert winners[2].log_likelihood == pytest.approx(winners[0].log_likelihood + shift, abs=1e-5)


@pytest.mark.parametrize(("K", "best"), [(2, -1130.26396), (3, -1114.44)])
def test_on_old_faithful_it_finds_the_highest_known_maximum(K, best):
    ends = [race(real_runs(gmm.load_faithful(), K, seed)).log_likelihood for seed in range(5)]
    assert np.median(ends) == pytest.approx(best, abs=1e-3)


# ---- the starts


def test_as_many_starts_as_asked_for_are_drawn_and_half_as_many_are_refined():
    points, _, rng = problem(4, N=400, K=9)
    tried = centers_to_try(points, 9, rng, starts=10)
    among_points = [(centers[:, None] == points).all(axis=2).any(axis=1).all() for centers in tried]
    assert among_points == [True] * 10 + [False] * 5
    costs = [gmm.squared_distance(points, centers).min(axis=1).sum() for centers in tried]
    assert max(costs[10:]) < min(costs[:10])
    assert len(centers_to_try(points, 3, rng, starts=1)) == 1


def test_a_function_of_the_user_is_called_as_often_as_asked_for():
    points, _, rng = problem(4)
    mine = lambda points, K, rng: points[:K]  # noqa: E731
    tried = centers_to_try(points, 3, rng, mine, starts=4)
    assert len(tried) == 4
    np.testing.assert_array_equal(tried[3], points[:3])


def test_distances_by_a_product_agree_and_vanish_for_equal_points():
    points, _, _ = problem(5, D=3)
    points = np.concatenate([points, points]) - points.mean(axis=0)
    centers = points[[3, 10, 90 + 3]]
    found = squared_distance_by_product(points, centers)
    np.testing.assert_allclose(found, gmm.squared_distance(points, centers), rtol=1e-10, atol=1e-12)
    assert (found[[3, 93], 0] == 0).all()


def test_greedy_centers_are_points_and_cost_less_than_plain_ones():
    points, _, _ = problem(6, N=300, K=4)

    def cost(draw, seed):
        return gmm.squared_distance(points, draw(points, 6, np.random.default_rng(seed))).min(axis=1).sum()

    greedy = greedy_kmeans_plus_plus(points, 6, np.random.default_rng(1))
    assert (greedy[:, None] == points).all(axis=2).any(axis=1).all()
    plain = [cost(gmm.kmeans_plus_plus, seed) for seed in range(30)]
    better = [cost(greedy_kmeans_plus_plus, seed) for seed in range(30)]
    assert np.mean(better) < 0.9 * np.mean(plain)


def test_points_that_only_rounding_tells_apart_are_told_apart_by_the_exact_formula():
    points = np.array([[0.0], [1e-9], [2e-9], [1.0]])
    assert len(np.unique(greedy_kmeans_plus_plus(points, 4, np.random.default_rng(0)))) == 4
    with pytest.raises(ValueError, match="only 2 different rows"):
        greedy_kmeans_plus_plus(np.array([[0.0], [0.0], [1.0]]), 3, np.random.default_rng(0))


def test_rounds_of_kmeans_are_those_of_kmeans():
    points, _, rng = problem(7, N=150)
    centers = gmm.kmeans_plus_plus(points + 1000, 3, rng)
    np.testing.assert_allclose(rounds_of_kmeans(points + 1000, centers, 99), gmm.kmeans(points + 1000, centers))


# ---- an end that is none


def test_identical_components_are_found_in_any_unit():
    _, mixture, _ = problem(8, K=3)
    doubled = gmm.Mixture(
        np.append(mixture.weights[:2], [0.5 * mixture.weights[2]] * 2),
        mixture.means[[0, 1, 2, 2]],
        mixture.covariances[[0, 1, 2, 2]],
    )
    D = mixture.means.shape[1]
    for A in (1e-6 * np.eye(D), np.eye(D), np.diag(np.geomspace(1e-4, 1e4, D))):
        scaled = gmm.Mixture(doubled.weights, doubled.means @ A, A @ doubled.covariances @ A)
        assert identical_components(scaled) == [(2, 3)]
    assert identical_components(mixture) == []


@pytest.mark.parametrize("d", [0, 1])
def test_components_that_differ_along_one_short_axis_are_not_identical(d):
    scale = np.array([1000.0, 0.001])
    means, covariances = np.zeros((2, 2)), np.stack([np.diag(scale**2)] * 2)
    assert identical_components(gmm.Mixture([0.3, 0.7], means, covariances)) == [(0, 1)]
    assert identical_components(gmm.diagonal(gmm.Mixture([0.3, 0.7], means, covariances))) == [(0, 1)]
    moved, wider = means.copy(), covariances.copy()
    moved[1, d] = 0.01 * scale[d]
    wider[1, d, d] *= 1.01
    for pair in (gmm.Mixture([0.3, 0.7], moved, covariances), gmm.Mixture([0.3, 0.7], means, wider)):
        assert identical_components(pair) == []
        variances = np.stack([np.diag(S) for S in pair.covariances])
        assert identical_components(AxisParallel._trusted(pair.weights, pair.means, variances)) == []


def equal_components(points, K):
    one = gmm.m_step(points, np.ones((len(points), 1)))
    return gmm.Mixture(np.full(K, 1 / K), *(np.repeat(array, K, axis=0) for array in (one.means, one.covariances)))


@pytest.mark.parametrize("constraint", [gmm.full, gmm.tied, gmm.diagonal, gmm.spherical])
@pytest.mark.parametrize("steps", [gmm.accelerated, gmm.em])
def test_a_planted_saddle_point_of_three_equal_components_is_passed(constraint, steps):
    points = gmm.load_faithful()
    saddle = constraint(equal_components(points, 3))
    fit = gmm.fit(points, saddle, constraint=constraint, steps=steps, tolerance=1e-3)
    assert fit.log_likelihood > gmm.log_likelihood(points, saddle) + 100
    assert identical_components(fit.mixture) == []
    assert [start.end for start in fit.starts] == ["lower", "converged"]
    assert fit.e_steps == sum(start.e_steps for start in fit.starts)


def test_identical_components_that_nothing_improves_stay():
    points = np.array([[-1.0], [1], [-1], [1], [-1], [1], [0]])
    with pytest.warns(gmm.ConvergenceWarning, match="components 0 and 1 are identical"):
        fit = gmm.fit(points, equal_components(points, 2), constraint=lambda mixture: equal_components(points, 2))
    assert identical_components(fit.mixture) == [(0, 1)]
    assert not fit.converged


def test_two_separated_components_have_the_same_moments_together():
    _, mixture, _ = problem(9, K=2, D=3)
    doubled = gmm.Mixture([0.1, 0.6, 0.3], mixture.means[[0, 1, 0]], mixture.covariances[[0, 1, 0]])
    apart = separated(doubled)
    assert identical_components(apart) == []
    np.testing.assert_array_equal(apart.means[1], doubled.means[1])
    np.testing.assert_allclose(gmm.total_mean(apart), gmm.total_mean(doubled))
    np.testing.assert_allclose(gmm.total_covariance(apart), gmm.total_covariance(doubled))
