"""Which of several starts becomes the fit, and when a run of steps has converged."""

from itertools import cycle

import numpy as np
import pytest
from examples import problem

import gmm_tutorial as gmm
from gmm_tutorial import background
from gmm_tutorial.acceleration import accelerated
from gmm_tutorial.convergence import converged
from gmm_tutorial.derived import identical_components, separated
from gmm_tutorial.race import Run, better_run, components_moved, race
from gmm_tutorial.starts import (
    centers_to_try,
    greedy_kmeans_plus_plus,
    rounds_of_kmeans,
    squared_distance_by_product,
    with_component_at,
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


def test_starts_that_agree_in_different_rounds_are_counted_together():
    late = [*np.linspace(-8, -7.0001, 12), -7.0]
    runs = runs_of(steps_of(-7.0), steps_of(-7.0), steps_of(*late), *(rising(-7.5, 200) for _ in range(3)))
    assert race(runs) is runs[0]
    assert runs[0].sharing == 3
    assert max(len(run.log_likelihoods) for run in runs[3:]) == 24


# ---- one component moves


FOUR_BLOBS = np.concatenate(
    [
        np.random.default_rng(0).normal(center, 0.5, size=(size, 2))
        for center, size in (((0, 0), 40), ((8, 1), 60), ((1, 9), 50), ((9, 9), 30))
    ]
)


def run_on(points, start, constraint=gmm.full, **options):
    return Run(accelerated(points, constraint(start), constraint), **options)


def a_low_maximum(points, scale=1.0, constraint=gmm.full):
    """Two components in one blob, and one across two others, as EM from those centers leaves them."""
    start = gmm.mixture_around(points, scale * np.array([[-1.0, 0], [1, 0], [8, 1], [5, 9]]))
    run = run_on(points, start, constraint)
    run.go_on(10_000)
    return run


def moved(points, seed=0, attempts=20, scale=1.0, constraint=gmm.full, **options):
    low = a_low_maximum(points, scale, constraint)
    runs = [low] * 3  # as if two other starts had lost against it
    rng = np.random.default_rng(seed)
    found = components_moved(
        low, runs, points, rng, attempts, lambda step: run_on(points, step.mixture, constraint, **options)
    )
    return low, runs, found


@pytest.mark.parametrize("constraint", [gmm.full, gmm.tied, gmm.diagonal, gmm.spherical])
def test_from_a_low_maximum_one_move_leads_to_the_highest(constraint):
    points = FOUR_BLOBS
    highest = gmm.fit(points, gmm.mixture_around(points, [[0, 0], [8, 1], [1, 9], [9, 9]]), constraint=constraint)
    low, runs, found = moved(points, constraint=constraint)
    assert low.log_likelihood < highest.log_likelihood - 50
    assert found.log_likelihood == pytest.approx(highest.log_likelihood, abs=1e-6)
    assert len(runs) == 3 + 20
    assert [run for run in runs if run.end == "converged"] == [found]
    assert low.end == "lower"


def test_an_attempt_that_is_lower_after_24_e_steps_costs_no_more():
    _, runs, found = moved(FOUR_BLOBS)
    others = [run for run in runs[3:] if run is not found and run.log_likelihood < found.log_likelihood - 1]
    assert len(others) > 3
    assert all(len(run.log_likelihoods) <= 24 for run in others)


def test_what_is_moved_depends_on_the_seed_only():
    points = FOUR_BLOBS
    (_, here, one), (_, again, two), (_, far, three) = (
        moved(scale * points, scale=scale, seed=5) for scale in (1.0, 1.0, 1e3)
    )
    assert one.log_likelihoods == two.log_likelihoods
    assert [run.end for run in here] == [run.end for run in again] == [run.end for run in far]
    assert far.index(three) == here.index(one)
    assert three.log_likelihood == pytest.approx(one.log_likelihood - points.size * np.log(1e3), abs=1e-5)


def test_nothing_is_moved_where_three_starts_agree_or_the_run_has_not_converged():
    low = a_low_maximum(FOUR_BLOBS)
    low.sharing = 3
    stopped = run_on(FOUR_BLOBS, gmm.mixture_around(FOUR_BLOBS, FOUR_BLOBS[:4]), max_steps=3)
    stopped.go_on(10)
    for best in (low, stopped):
        runs = [best] * 4
        assert components_moved(best, runs, FOUR_BLOBS, np.random.default_rng(0), 20, None) is best
        assert runs == [best] * 4


def test_a_single_start_is_left_where_it_ends():
    assert len(gmm.fit(FOUR_BLOBS, 4, starts=1, rng=0).starts) == 1


LOW_STARTS = np.array(
    [
        [[-1.0, 0], [1, 0], [8, 1], [5, 9]],
        [[0, 0], [7, 1], [9, 1], [5, 9]],
        [[4, 0.5], [0, 9], [2, 9], [9, 9]],
        [[4, 0.5], [1, 9], [8, 9], [10, 9]],
    ]
)


def one_after_another():
    centers = cycle(LOW_STARTS)
    return lambda points, K, rng: next(centers)


@pytest.mark.parametrize("steps", [gmm.accelerated, gmm.em])
@pytest.mark.parametrize("weight", [None, 1e-6, 1e6])
def test_a_fit_of_which_every_start_is_poor_moves_a_component(steps, weight):
    options = {"steps": steps, "sample_weights": weight and np.full(len(FOUR_BLOBS), weight)}
    fit = gmm.fit(FOUR_BLOBS, 4, initialize=one_after_another(), starts=8, rng=1, **options)
    highest = gmm.fit(FOUR_BLOBS, gmm.mixture_around(FOUR_BLOBS, [[0, 0], [1, 9], [8, 1], [9, 9]]))
    poor = [gmm.fit(FOUR_BLOBS, gmm.mixture_around(FOUR_BLOBS, each)).log_likelihood for each in LOW_STARTS]
    assert max(poor) < highest.log_likelihood - 50
    assert len(fit.starts) == 8 + 8
    assert gmm.log_likelihood(FOUR_BLOBS, fit.mixture) == pytest.approx(highest.log_likelihood, abs=1e-3)
    np.testing.assert_allclose(fit.mixture.means, highest.mixture.means, atol=1e-2)
    assert fit.converged


def test_a_fit_of_points_with_gaps_moves_a_component_too():
    points = FOUR_BLOBS.copy()
    points[::9, 0] = np.nan
    fit = gmm.fit(points, 4, initialize=one_after_another(), starts=8, rng=0, missing="model")
    good = gmm.fit(points, gmm.mixture_around(FOUR_BLOBS, [[0, 0], [1, 9], [8, 1], [9, 9]]), missing="model")
    assert fit.log_likelihood == pytest.approx(good.log_likelihood, abs=1e-6)


def test_in_a_background_a_run_with_a_moved_component_keeps_the_share_that_was_found(monkeypatch):
    noise = np.random.default_rng(1).uniform(-3, 12, size=(150, 2))
    points, shares = np.concatenate([FOUR_BLOBS, noise]), []
    of_background = background.em_with_background

    def watched(points, start, share, *others):
        shares.append(share)
        return of_background(points, start, share, *others)

    monkeypatch.setattr(background, "em_with_background", watched)
    found = gmm.fit_with_background(points, 6, rng=0)
    first, later = shares[:15], shares[15:]
    assert first == [0.1] * 15
    assert len(later) == 10
    assert later == pytest.approx([found.share] * 10, abs=0.15)
    assert 0.1 not in later


def test_a_constraint_that_refuses_a_moved_mixture_costs_the_attempt_and_not_the_fit():
    calls = []

    def picky(mixture):
        calls.append(mixture)
        if np.any(np.all(np.isin(mixture.means, FOUR_BLOBS), axis=1)):  # a mean that lies exactly on a point
            raise gmm.CollapseError(0)
        return mixture

    fit = gmm.fit(FOUR_BLOBS, 4, constraint=picky, initialize=one_after_another(), starts=4, rng=0)
    assert fit.converged
    assert [start.end for start in fit.starts[4:]] == ["collapsed"] * 4


def test_if_every_start_has_a_spike_a_moved_component_may_do_without():
    spiky, sound = (
        gmm.Mixture([0.95, 0.05], [[4], [place]], [[[7]], [[size]]]) for place, size in ((4.0005, 1e-7), (9, 1))
    )
    points = np.append(np.linspace(0, 9, 40), [4.0, 4.001])[:, None]
    best, rival = run_on(points, spiky), run_on(points, sound)
    best.finish()
    rival.go_on(4)
    assert best.log_likelihood > rival.log_likelihood + 1
    assert better_run(best, rival, N=42) is rival
    assert rival.end == "converged"
    assert best.end == "spike"


def test_a_revived_run_counts_only_itself():
    collapsing = steps_of(*[-1.0] * 30, then=gmm.CollapseError(1))
    runs = runs_of(steps_of(*[-7.0] * 9, -6.5), steps_of(*[-7.0] * 9, -6.0), *(rising(-20 - n, 30) for n in range(6)))
    runs += runs_of(collapsing)
    race(runs)
    assert max(run.sharing for run in runs) <= 2


@pytest.mark.parametrize("seed", range(40))
def test_a_move_never_loses(seed):
    points, _, rng = problem(seed, N=60 + 5 * seed, D=1 + seed % 3, K=3)
    runs = real_runs(points, 2 + seed % 4, seed)
    best = race(runs)
    before = best.log_likelihood
    found = components_moved(best, runs, points, rng, 5, lambda step: run_on(points, step.mixture))
    assert found.log_likelihood >= before
    if found is not best:
        assert found.log_likelihood > before + 1e-3
        assert found.end == "converged"


def test_of_two_runs_the_higher_wins_but_no_spike_and_none_that_collapsed():
    low, high, nearly = runs_of(steps_of(-9.0), steps_of(-8.0), steps_of(-9.0 + 5e-4))
    for run in (low, high, nearly):
        run.go_on(4)
    assert better_run(low, nearly) is low
    assert better_run(low, high) is high
    assert (low.end, high.end, nearly.end) == ("lower", "converged", "same")
    points = np.append(np.linspace(0, 9, 40), [4.0, 4.001])[:, None]
    broad, narrow = (gmm.Mixture([0.95, 0.05], [[4], [4.0005]], [[[7]], [[size]]]) for size in (1.0, 1e-6))
    best, spike, other = (run_on(points, start) for start in (broad, narrow, narrow))
    for run in (best, spike, other):
        run.go_on(16)
    assert spike.log_likelihood > best.log_likelihood + 1
    assert better_run(best, spike, N=42) is best
    assert spike.end == "spike"
    [collapsed] = runs_of(steps_of(900.0, then=gmm.CollapseError(0)))
    collapsed.go_on(16)
    assert better_run(best, collapsed) is best
    assert collapsed.end == "collapsed"


def test_a_moved_component_has_the_average_covariance_and_the_others_are_left_alone():
    _, mixture, _ = problem(9, K=3, D=2)
    place = np.array([3.0, -2.0])
    found = with_component_at(mixture, 1, place)
    np.testing.assert_array_equal(found.means[1], place)
    np.testing.assert_allclose(found.covariances[1], sum(w * S for w, S in zip(mixture.weights, mixture.covariances)))
    for ours, theirs in zip(found, mixture):
        np.testing.assert_array_equal(ours[[0, 2]], theirs[[0, 2]])
    flat = AxisParallel._trusted(mixture.weights, mixture.means, np.diagonal(mixture.covariances, axis1=1, axis2=2))
    variances = with_component_at(flat, 1, place).variances
    np.testing.assert_allclose(variances[1], np.diag(found.covariances[1]))
    np.testing.assert_array_equal(variances[[0, 2]], flat.variances[[0, 2]])


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
