"""Blocks, threads, files and workers make no difference: the same four formulas, the same numbers."""

import os
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial, reduce
from itertools import islice

import mpmath as mp
import numpy as np
import pytest
from examples import CONSTRAINTS, exactly, law, mapped, named, problem, problems, responsibilities_of, same, seeds
from hypothesis import given
from hypothesis import strategies as st

import gmm_tutorial as gmm
from gmm_tutorial import scale
from gmm_tutorial.scale import blocks, choice, summary, threads
from gmm_tutorial.variances import variance

try:
    from gmm_tutorial.scale import compiled as kernel
except ImportError:
    kernel = None

needs_numba = pytest.mark.skipif(kernel is None, reason="numba is not installed")
WAYS = {"formulas": summary.summarize}
if kernel:
    WAYS["kernel"] = kernel.summarize
BY_FORMULAS = {"summarize": summary.summarize, "summarize_variances": partial(summary.summarize, spread=variance)}
ways = pytest.mark.parametrize("summarize", WAYS.values(), ids=WAYS)


def large(seed=0, N=200_000, K=3, D=2):
    """More than two blocks of points."""
    return problem(seed, N=N, K=K, D=D)


def pieces(points, rng, number=5):
    cuts = np.sort(rng.choice(np.arange(1, len(points)), number - 1, replace=False))
    return np.split(points, cuts)


def equal(one, other, rtol=1e-12):
    for ours, theirs in zip(one, other):
        np.testing.assert_allclose(ours, theirs, rtol=rtol, atol=rtol * np.abs(theirs).max())


# ---- one block


@ways
@law
@given(problems)
def test_a_summary_is_the_e_step_and_the_four_formulas(summarize, made):
    points, mixture, _ = made
    responsibilities, log_likelihood = gmm.e_step(points, mixture)
    means = gmm.mean(points, responsibilities)
    expected = log_likelihood, responsibilities.sum(axis=0), means, gmm.covariance(points, responsibilities, means)
    equal(summarize(points, mixture), expected)


@ways
def test_the_m_step_is_the_maximum_that_a_summary_tells(summarize):
    points, mixture, _ = problem(1, D=3)
    same(gmm.maximize(summarize(points, mixture)), gmm.m_step(points, gmm.responsibility(points, mixture)), rtol=1e-12)


@ways
def test_a_component_that_explains_nothing_in_a_block_has_count_zero_and_stays_where_it_is(summarize):
    points, mixture, _ = problem(2)
    far = gmm.Mixture([0.5, 0.3, 0.2], [[0, 0], [9e5, 9e5], [4, 1]], mixture.covariances)
    found = summarize(points, far)
    assert found.counts[1] == 0
    np.testing.assert_array_equal(found.means[1], [9e5, 9e5])
    np.testing.assert_array_equal(found.covariances[1], np.zeros((2, 2)))
    rest = gmm.Mixture._trusted(np.array([0.5, 0.2]) / 0.7, far.means[[0, 2]], far.covariances[[0, 2]])
    busy = summarize(points, rest)
    equal([found.counts[[0, 2]], found.means[[0, 2]]], [busy.counts, busy.means])


@ways
def test_a_weight_of_zero_explains_nothing_however_near(summarize):
    points, mixture, _ = problem(3)
    found = summarize(points, gmm.Mixture([0, 0.4, 0.6], mixture.means, mixture.covariances))
    assert found.counts[0] == 0
    assert np.isfinite(found.log_likelihood)


@ways
def test_sample_weights_count_points_as_if_they_were_repeated(summarize):
    points, mixture, rng = problem(4)
    times = rng.integers(0, 4, len(points))
    equal(summarize(points, mixture, times.astype(float)), summarize(np.repeat(points, times, axis=0), mixture))


@ways
@pytest.mark.parametrize("offset", [0.0, 1e4, 1e8])
def test_far_from_the_origin_no_digit_of_a_covariance_is_lost(summarize, offset):
    points, mixture, _ = problem(5, N=60, D=2)
    points = np.round(points * 1024) / 1024  # so that adding the offset is exact
    moved = gmm.Mixture(mixture.weights, np.round(mixture.means * 1024) / 1024 + offset, mixture.covariances)
    here = gmm.Mixture(mixture.weights, np.round(mixture.means * 1024) / 1024, mixture.covariances)
    ours, theirs = summarize(points + offset, moved), summarize(points, here)
    np.testing.assert_allclose(ours.covariances, theirs.covariances, rtol=1e-9)
    np.testing.assert_allclose(ours.log_likelihood, theirs.log_likelihood, rtol=1e-12)


@ways
def test_far_points_and_equal_gaussians_are_exact(summarize):
    equals = gmm.Mixture([0.1, 0.9], [[1.0, 2.0]] * 2, [[[2.0, 0.5], [0.5, 1.0]]] * 2)
    found = summarize(np.array([[1e6, -1e6], [3e6, 0.0]]), equals)
    r = np.linalg.norm(gmm.whiten([[3e6, 0.0]], equals.means[0], equals.factors[0]))
    formulas = summarize is summary.summarize  # whose log joints round the weight beside the distance
    np.testing.assert_allclose(found.counts, [0.2, 1.8], rtol=2**-52 * r**2 if formulas else 1e-14)


@ways
def test_a_nearly_flat_gaussian_costs_no_more_digits_than_its_condition_number(summarize):
    sigma = np.array([[1.0, 1 - 1e-10], [1 - 1e-10, 1.0]])
    mixture = gmm.Mixture([1.0], [[0.0, 0.0]], [sigma])
    point = np.array([[1.0, 0.999999]])
    with mp.workdps(60):
        matrix, deviation = mp.matrix(sigma.tolist()), mp.matrix(point[0].tolist())
        distance = (deviation.T * mp.lu_solve(matrix, deviation))[0]
        exact = -(mp.log(mp.det(matrix)) + distance) / 2 - mp.log(2 * mp.pi)
    condition = np.linalg.cond(sigma)
    assert summarize(point, mixture).log_likelihood == pytest.approx(float(exact), abs=condition * np.finfo(float).eps)


@needs_numba
@law
@given(seeds, st.sampled_from([1, 2, 5, 11]), st.sampled_from([1, 3, 6]))
def test_the_compiled_summary_is_that_of_the_formulas(seed, D, K):
    points, mixture, rng = problem(seed, N=700, K=K, D=D)
    weights = rng.uniform(0, 3, len(points))
    equal(kernel.summarize(points, mixture, weights), summary.summarize(points, mixture, weights), rtol=1e-10)


VARIANCES = (gmm.diagonal, gmm.spherical, gmm.chain(gmm.spherical, gmm.tied), gmm.chain(gmm.tied, gmm.diagonal))
NOT_ONLY = (gmm.full, gmm.tied, gmm.ridge, gmm.chain(gmm.prior(9, np.eye(4)), gmm.diagonal), lambda mixture: mixture)


@ways
def test_where_a_constraint_reads_variances_only_the_summary_computes_no_others(summarize):
    points, mixture, _ = problem(6, D=4)
    for constraint in VARIANCES:
        for mixture_before in (gmm.diagonal(mixture), mixture):
            compiled = None if summarize is summary.summarize else kernel
            found = choice.summarizer(compiled, True)(points, mixture_before)
            whole = summarize(points, mixture_before)
            same(constraint(gmm.maximize(found)), constraint(gmm.maximize(whole)), rtol=1e-14)
            assert found.covariances.shape == (3, 4)


@pytest.mark.parametrize("constraint", [*VARIANCES, *NOT_ONLY])
@pytest.mark.parametrize(("work", "name"), [(np.inf, "formulas"), (0, "compiled loops")], ids=WAYS)
def test_the_path_is_the_one_that_the_constraint_allows(monkeypatch, constraint, work, name):
    if name == "compiled loops" and not kernel:
        pytest.skip("numba is not installed")
    points = problem(6, D=4)[0]
    monkeypatch.setattr(choice, "WORTH_COMPILING", work)
    with choice.plan_for(points, 3, constraint) as (*_, path):
        assert path.split(",")[0] == name
        assert ("variances only" in path) == (constraint in VARIANCES)


@needs_numba
def test_numbers_too_large_for_compiled_loops_are_refused_in_words():
    points = large()[0]
    with pytest.raises(ValueError, match=r"too large or too small for floating point"):
        next(gmm.em(points * 1e137, gmm.Mixture([1], [[0, 0]], [np.eye(2) * 1e-200]), summarize=kernel.summarize))


# ---- two blocks, and many


@pytest.mark.parametrize("compile", [False, True], ids=WAYS)
@pytest.mark.parametrize("D", [1, 2, 6])
def test_far_from_the_origin_many_blocks_in_any_order_lose_no_digit_of_a_covariance(D, compile, monkeypatch):
    monkeypatch.setattr(choice, "WORTH_COMPILING", 0 if compile and kernel else np.inf)
    monkeypatch.setattr(choice, "rows_of", lambda K, D: 500)
    points, mixture, _ = problem(21, N=8_000, D=D)
    points = np.round(points[points[:, 0].argsort()] * 1024) / 1024  # sorted, and such that the offset is exact
    start = gmm.Mixture(mixture.weights, np.round(mixture.means * 1024) / 1024, mixture.covariances)
    away = 1e8 * (np.arange(D) != 1)  # along one axis not at all
    moved = gmm.Mixture(mixture.weights, start.means + away, mixture.covariances)
    (one, here), (other, there) = (list(islice(gmm.em(*of), 2)) for of in ((points, start), (points + away, moved)))
    assert other.log_likelihood == pytest.approx(one.log_likelihood, rel=1e-12)
    np.testing.assert_allclose(there.mixture.covariances, here.mixture.covariances, rtol=1e-9, atol=1e-9)
    assert there.log_likelihood == pytest.approx(here.log_likelihood, rel=1e-8)


@pytest.mark.parametrize(("place", "far"), [(8192, False), (8193, True), (-8193, True)])
@pytest.mark.parametrize("unit", [2.0**-10, 1.0, 2.0**10])
def test_far_away_is_further_than_8192_deviations(place, far, unit):
    mixture = gmm.Mixture([1], [[place * unit, unit]], [unit**2 * np.eye(2)])
    found = blocks.distant_center(mixture)
    np.testing.assert_array_equal(found, [place * unit, 0] if far else None)


def test_a_narrow_component_at_zero_keeps_its_digits_beside_points_far_away():
    points, _, rng = problem(22, N=300, D=1)
    all_points = np.concatenate([rng.normal(size=(200_000, 1)) * 1e-20, points + 50])
    start = gmm.Mixture([0.9, 0.1], [[1e-22], [50]], [[[2e-40]], [[4]]])
    found = list(islice(gmm.em(all_points, start), 2))[1].mixture
    np.testing.assert_allclose(found.covariances[0], np.cov(all_points[:200_000].T, bias=True), rtol=1e-9)


@law
@given(problems)
def test_the_summary_of_two_blocks_together_is_that_of_all_their_points(made):
    points, mixture, rng = made
    one, other = pieces(points, rng, 2)
    found = gmm.merge(gmm.summarize(one, mixture), gmm.summarize(other, mixture))
    equal(found, gmm.summarize(points, mixture), rtol=1e-11)


def test_merging_two_summaries_is_exact_algebra():
    rng = np.random.default_rng(7)
    points, responsibilities = rng.integers(-9, 9, (12, 2)).astype(float), responsibilities_of(rng, 12, 3)
    parts = []
    for part in (slice(0, 5), slice(5, 12)):
        x, gammas = points[part], responsibilities[part]
        means = gmm.mean(x, gammas)
        parts.append(gmm.Summary(0.0, gammas.sum(axis=0), means, gmm.covariance(x, gammas, means)))
    found = gmm.merge(*parts)
    x, gammas = exactly(points), exactly(responsibilities)
    for k in range(3):
        N_k = sum(row[k] for row in gammas)
        mu = [sum(g[k] * p[d] for g, p in zip(gammas, x)) / N_k for d in range(2)]
        spread = [
            [sum(g[k] * (p[i] - mu[i]) * (p[j] - mu[j]) for g, p in zip(gammas, x)) / N_k for j in range(2)]
            for i in range(2)
        ]
        np.testing.assert_allclose(found.means[k], np.array(mu, dtype=float), rtol=1e-13)
        np.testing.assert_allclose(found.covariances[k], np.array(spread, dtype=float), rtol=1e-12)


def test_merging_is_commutative_and_associative_to_rounding():
    points, mixture, rng = problem(8, N=300, D=3)
    a, b, c = (gmm.summarize(piece, mixture) for piece in pieces(points, rng, 3))
    equal(gmm.merge(a, b), gmm.merge(b, a))
    equal(gmm.merge(gmm.merge(a, b), c), gmm.merge(a, gmm.merge(b, c)))


def test_an_empty_component_merges_with_anything():
    nothing = gmm.Summary(0.0, np.zeros(1), np.array([[5.0]]), np.array([[[0.0]]]))
    some = gmm.Summary(-3.0, np.array([2.0]), np.array([[1.0]]), np.array([[[4.0]]]))
    for merged in (gmm.merge(nothing, some), gmm.merge(some, nothing)):
        equal(merged[1:], some[1:])
    assert gmm.merge(nothing, nothing).counts == 0


@law
@given(seeds, st.integers(1, 40))
def test_summaries_merged_in_pairs_are_those_merged_one_after_the_other(seed, number):
    points, mixture, rng = problem(seed, N=200)
    summaries = [gmm.summarize(piece, mixture) for piece in pieces(points, rng, number)]
    equal(summary.merged(iter(summaries)), reduce(gmm.merge, summaries), rtol=1e-10)


def test_a_component_that_explains_nothing_anywhere_has_collapsed():
    points, mixture, _ = problem(2)
    far = gmm.Mixture([0.5, 0.3, 0.2], [[0, 0], [9e5, 9e5], [4, 1]], mixture.covariances)
    with pytest.raises(gmm.CollapseError, match="component 1 has collapsed: it explains no points any more"):
        gmm.maximize(gmm.summarize(points, far))


# ---- EM over blocks


@pytest.mark.parametrize("D", [1, 2, 8, 32, 64, 300, 5000])
@pytest.mark.parametrize("K", [1, 10, 64, 3000])
def test_a_block_is_as_many_points_as_the_memory_near_a_core_can_hold(K, D):
    rows = blocks.rows_of(K, D)
    assert isinstance(rows, int)
    assert 2**8 <= rows <= 2**16
    assert rows == 2**8 or (rows * D <= 2**18 and rows * K <= 2**20)
    assert rows == 2**16 or 2 * rows * max(4 * D, K) > 2**20 - 2 * max(4 * D, K)


def heights_and_last(steps, number=4):
    steps = list(islice(steps, number))
    return [step.log_likelihood for step in steps], steps[-1].mixture


@ways
@pytest.mark.parametrize("constraint", CONSTRAINTS, ids=named)
def test_em_over_many_blocks_takes_the_steps_of_em_on_all_points_at_once(monkeypatch, summarize, constraint):
    points, mixture, rng = problem(9, N=700, D=3)
    weights = rng.uniform(0, 2, len(points))
    whole, end = heights_and_last(gmm.em(points, constraint(mixture), constraint, weights))
    monkeypatch.setattr(choice, "rows_of", lambda K, D: 100)
    monkeypatch.setattr(choice, "WORTH_HOLDING", 0)
    monkeypatch.setattr(choice, "WORTH_SHARING", 0)
    steps = gmm.em(points, constraint(mixture), constraint, weights, summarize=summarize)
    parts, their_end = heights_and_last(steps)
    np.testing.assert_allclose(parts, whole, rtol=1e-12)
    same(their_end, end, rtol=1e-10)


@ways
def test_any_number_of_threads_gives_the_same_bits(monkeypatch, summarize):
    points, mixture, _ = large(10)
    found = []
    monkeypatch.setattr(choice, "WORTH_SHARING", 0)
    for number in (1, 2, 3, 7):
        monkeypatch.setattr(choice, "cores", lambda number=number: number)
        found.append(heights_and_last(gmm.em(points, mixture, summarize=summarize)))
    one_after_the_other = heights_and_last(gmm.em(points, mixture, map=map, summarize=summarize))
    for heights, end in found:
        assert heights == one_after_the_other[0]
        for ours, theirs in zip(end, one_after_the_other[1]):
            np.testing.assert_array_equal(ours, theirs)


def test_many_points_are_done_by_threads_and_few_are_not(monkeypatch):
    points, mixture, _ = large(11)
    used = []

    def threads(helpers, function, parts):
        used.append("threads")
        return map(function, parts)

    monkeypatch.setattr(choice, "threads", threads)
    next(gmm.em(points[:100], mixture))
    assert used == []
    next(gmm.em(points, mixture))
    assert used == ["threads"]


def helpers():
    """The threads that do blocks beside their callers."""
    return [thread for thread in threading.enumerate() if thread.name.startswith("gmm_tutorial")]


@pytest.fixture
def two_cores(monkeypatch):
    """Whatever the machine has: a caller and one helper, who share even a little work in blocks of a hundred points."""
    monkeypatch.setattr(choice, "cores", lambda: 2)
    monkeypatch.setattr(choice, "WORTH_HOLDING", 0)
    monkeypatch.setattr(choice, "WORTH_SHARING", 0)
    monkeypatch.setattr(choice, "rows_of", lambda K, D: 100)


def test_the_caller_and_its_helper_do_two_blocks_at_the_same_time(two_cores):
    points, mixture, _ = problem(11, N=400)
    two_at_once, who = threading.Barrier(2, timeout=60), set()

    def together(points, mixture, sample_weights=None):
        two_at_once.wait()
        who.add(threading.get_ident())
        return gmm.summarize(points, mixture, sample_weights)

    next(gmm.em(points, mixture, summarize=together))
    assert len(who) == 2
    assert threading.get_ident() in who


def test_an_error_of_the_helper_is_raised_before_many_more_blocks_are_done(two_cores):
    points, mixture, _ = problem(11, N=10_000)
    here, failed, since = threading.get_ident(), threading.Event(), []

    def failing(points, mixture, sample_weights=None):
        if threading.get_ident() == here:
            assert failed.wait(timeout=60)
            since.append(len(points))
            return gmm.summarize(points, mixture, sample_weights)
        failed.set()
        raise ArithmeticError("in the helper")

    with pytest.raises(ArithmeticError, match="in the helper"):
        next(gmm.em(points, mixture, summarize=failing))
    assert len(since) < 10


def test_only_the_caller_asks_the_iterable_of_the_user_for_the_next_piece(two_cores):
    points, mixture, _ = problem(11, N=2_000)
    who = set()

    class Pieces:
        def __iter__(self):
            for piece in np.split(points, 4):
                who.add(threading.get_ident())
                yield piece

    ours = heights_and_last(gmm.em(Pieces(), mixture))
    assert who == {threading.get_ident()}
    np.testing.assert_allclose(ours[0], heights_and_last(gmm.em(points, mixture))[0], rtol=1e-12)


def test_an_em_run_that_is_closed_ends_its_helpers(two_cores):
    points, mixture, _ = problem(11, N=400)
    steps = gmm.em(points, mixture)
    next(steps)
    assert helpers()
    steps.close()
    assert not helpers()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_em_goes_on_in_a_forked_process_which_has_no_helpers(two_cores):
    points, mixture, _ = problem(11, N=4_000)
    run = gmm.em(points, mixture)
    next(run)
    child = os.fork()
    if child == 0:
        signal.alarm(60)
        try:
            next(run)
            os._exit(0)
        finally:
            os._exit(1)
    assert os.waitpid(child, 0)[1] == 0


@ways
@pytest.mark.parametrize("N", [20_000, 200_000])
def test_any_number_of_threads_of_blas_gives_the_same_bits(summarize, N):
    threadpoolctl = pytest.importorskip("threadpoolctl")
    rng = np.random.default_rng(12)
    points, weights = rng.normal(size=(N, 1)), rng.uniform(0, 2, N)
    start, found = gmm.Mixture([1], [[0.1]], [[[2]]]), []
    for number in (1, 2):
        with threadpoolctl.threadpool_limits(number, user_api="blas"):
            found.append(heights_and_last(gmm.em(points, start, sample_weights=weights, summarize=summarize)))
    assert found[0][0] == found[1][0]
    for one, other in zip(found[0][1], found[1][1]):
        np.testing.assert_array_equal(one, other)


def test_a_fit_tells_how_the_points_were_looked_at():
    points, mixture, _ = large(11)
    assert gmm.fit(points[:100], mixture, tolerance=1).path == "formulas"
    assert gmm.fit(points[:100], mixture, constraint=gmm.tied, tolerance=1).path == "formulas"
    fastest = "compiled loops" if kernel else "formulas"
    assert gmm.fit(points, mixture, tolerance=1).path == f"{fastest}, in blocks"
    chosen = gmm.fit(points, mixture, tolerance=1, summarize=gmm.summarize)
    assert chosen.path == "gmm_tutorial.scale.summary.summarize"


def test_without_numba_the_formulas_do_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "gmm_tutorial.scale.compiled", None)
    monkeypatch.delattr(scale, "compiled", raising=False)
    points, mixture, _ = large(11)
    assert gmm.fit(points, mixture, tolerance=1).path == "formulas, in blocks"


@ways
def test_a_block_in_which_no_point_counts_adds_nothing(summarize):
    points, mixture, _ = large(16)
    weights = np.ones(len(points))
    weights[:40_000] = 0
    ours = heights_and_last(gmm.em(points, mixture, sample_weights=weights, summarize=summarize))
    theirs = heights_and_last(gmm.em(points[40_000:], mixture, summarize=summarize))
    np.testing.assert_allclose(ours[0], theirs[0], rtol=1e-12)


@pytest.mark.parametrize("N", [20_000, 200_000])
def test_while_blocks_are_done_blas_has_one_thread(N):
    threadpoolctl = pytest.importorskip("threadpoolctl")
    points, mixture, _ = large(17, N=N)
    seen = set()

    def looking(points, mixture, sample_weights=None):
        seen.update(pool["num_threads"] for pool in threadpoolctl.threadpool_info() if pool["user_api"] == "blas")
        return gmm.summarize(points, mixture, sample_weights)

    with threadpoolctl.threadpool_limits(2, user_api="blas"):
        next(gmm.em(points, mixture, summarize=looking))
    assert seen == {1}


def test_blas_has_its_threads_again_when_the_last_of_several_fits_is_done():
    threadpoolctl = pytest.importorskip("threadpoolctl")
    points, mixture, _ = large(17)
    info = threadpoolctl.threadpool_info
    with threadpoolctl.threadpool_limits(2, user_api="blas"):
        before = [pool["num_threads"] for pool in info() if pool["user_api"] == "blas"]
        with ThreadPoolExecutor(3) as pool:
            runs = [gmm.em(points, mixture) for _ in range(3)]
            list(pool.map(lambda run: list(islice(run, 4)), runs))
        assert [pool["num_threads"] for pool in info() if pool["user_api"] == "blas"] == before


def test_after_an_error_no_thread_and_no_limit_is_left():
    points, mixture, _ = large(18)

    def interrupted(one, other):
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(summary, "merge", interrupted)
        with pytest.raises(KeyboardInterrupt) as held:
            next(gmm.em(points, mixture))
    assert held.value is not None
    assert threads.one_core_for_blas.inside == 0
    assert not helpers()


def test_without_threadpoolctl_threads_do_it_all_the_same(monkeypatch):
    monkeypatch.setitem(sys.modules, "threadpoolctl", None)
    threads.controller.cache_clear()
    points, mixture, _ = large(11)
    found = next(gmm.em(points, mixture))
    threads.controller.cache_clear()
    assert found.log_likelihood == next(gmm.em(points, mixture)).log_likelihood


def test_an_error_in_a_thread_is_told_in_the_same_words():
    points = large(12)[0]
    narrow = gmm.Mixture([1], [[0, 0]], [np.eye(2) * 1e-200])
    for some in (points[:50], points):
        with pytest.raises(ValueError, match=r"too large or too small for floating point"):
            next(gmm.em(some * 1e137, narrow, summarize=gmm.summarize))


def test_the_map_and_the_summarize_that_are_given_are_used():
    points, mixture, _ = problem(13)
    seen = []

    def my_map(function, parts):
        seen.append("map")
        return map(function, parts)

    def my_summarize(points, mixture, sample_weights=None):
        seen.append("summarize")
        return gmm.summarize(points, mixture, sample_weights)

    start = gmm.Mixture(mixture.weights, mixture.means + 0.3, mixture.covariances)
    for steps in (gmm.em, gmm.accelerated):
        seen.clear()
        ours = heights_and_last(steps(points, start, map=my_map, summarize=my_summarize))
        assert seen[:4] == ["map", "summarize"] * 2
        assert ours[0] == heights_and_last(steps(points, start))[0]


def test_on_many_points_the_starts_compete_on_a_sample_and_the_best_goes_on_with_all():
    points, truth, _ = problem(14, N=70_000, K=2)
    looked_at = []

    def initialize(some, K, rng):
        looked_at.append(len(some))
        return gmm.kmeans_plus_plus(some, K, rng)

    found = gmm.fit(points, 2, starts=3, initialize=initialize, rng=1)
    assert looked_at == [2**13] * 3
    assert found.converged
    longer = gmm.fit(points, found.mixture, tolerance=1e-9)
    assert 0 <= longer.log_likelihood - found.log_likelihood < 2e-6
    same(gmm.matched(found.mixture, truth), truth, rtol=0.05)
    again = gmm.fit(points, 2, starts=3, rng=1)
    assert again.log_likelihood == pytest.approx(found.log_likelihood, abs=2e-6)


def test_points_of_weight_zero_are_no_starts_on_a_sample_either():
    points, _, _ = problem(14, N=70_000, K=2)
    weights = np.ones(len(points))
    weights[::7] = 0
    points[::7] = 1e6

    def initialize(some, K, rng):
        assert np.abs(some).max() < 1e6
        return gmm.random_points(some, K, rng)

    found = gmm.fit(points, 2, starts=1, initialize=initialize, sample_weights=weights, rng=1, tolerance=1)
    assert np.abs(found.mixture.means).max() < 1e3


def test_scaling_by_a_power_of_two_is_exact_over_blocks_too():
    points, mixture, _ = large(15)
    c = 2.0**-13
    ours, end = heights_and_last(gmm.em(points * c, mapped(mixture, c * np.eye(2))))
    theirs, their_end = heights_and_last(gmm.em(points, mixture))
    np.testing.assert_allclose(np.array(ours) + len(points) * 2 * np.log(c), theirs, rtol=1e-12)
    same(end, mapped(their_end, c * np.eye(2)), rtol=1e-12)


@needs_numba
def test_the_compiled_loops_say_in_python_what_they_say_compiled(monkeypatch):
    points, mixture, rng = problem(20, N=1_300, D=6)
    weights = rng.uniform(0, 2, len(points))
    far = gmm.Mixture(mixture.weights, [*mixture.means[:2], [9e5] * 6], mixture.covariances)
    each = [(way, one) for way in (kernel.summarize, kernel.summarize_variances)
            for one in (mixture, gmm.diagonal(mixture), far)]  # fmt: skip
    wanted = [way(points, one, weights) for way, one in each]
    for name, function in [*vars(kernel).items()]:
        if hasattr(function, "py_func"):
            monkeypatch.setattr(kernel, name, function.py_func)
    for (way, one), expected in zip(each, wanted):
        equal(way(points, one, weights), expected)


@needs_numba
def test_without_a_folder_for_compiled_code_it_is_compiled_anew(monkeypatch):
    def njit(cache=False, **options):
        def decorate(function):
            if cache:
                raise RuntimeError("cannot cache function: no locator available")
            return numba.njit(**options)(function)

        return decorate

    numba = pytest.importorskip("numba")
    monkeypatch.setattr(kernel, "njit", njit)
    assert kernel.compiled(lambda x: x + 1)(1) == 2


@needs_numba
@pytest.mark.parametrize("way", ["summarize", "summarize_variances"])
def test_compiled_loops_that_start_a_million_deviations_off_lose_no_digit(way):
    points = problem(21, N=2_000)[0]
    far = gmm.Mixture([1], [[1e6, -3e6]], [1e13 * np.eye(2)])
    found = getattr(kernel, way)(points, far).covariances[0]
    expected = np.cov(points.T, bias=True)
    np.testing.assert_allclose(found, expected if way == "summarize" else np.diag(expected), rtol=1e-12)


@needs_numba
@pytest.mark.parametrize("D", [3, 6])
@pytest.mark.parametrize("way", ["summarize", "summarize_variances"])
def test_compiled_loops_over_one_large_block_keep_their_digits_far_from_the_origin(way, D):
    points, mixture, rng = problem(22, N=2_000, D=D)
    weights = rng.uniform(0, 2, len(points))
    far = 1e8 * rng.choice([-1.0, 1.0], D)
    moved = points + far
    there = gmm.Mixture(mixture.weights, mixture.means + far, mixture.covariances)
    back = gmm.Mixture(mixture.weights, there.means - far, mixture.covariances)
    ours, near = getattr(kernel, way)(moved, there, weights), BY_FORMULAS[way](moved - far, back, weights)
    np.testing.assert_allclose(ours.counts, near.counts, rtol=1e-9)
    np.testing.assert_allclose(ours.means - far, near.means, atol=4e-8)
    np.testing.assert_allclose(ours.covariances, near.covariances, rtol=1e-9, atol=1e-9)


@needs_numba
@pytest.mark.parametrize("way", ["summarize", "summarize_variances"])
def test_a_component_of_subnormal_weight_that_alone_explains_a_far_point_is_seen_by_compiled_loops_too(way):
    mixture = gmm.Mixture([1 - 1e-310, 1e-310], [[0, 0], [1e4, -1e4]], [np.eye(2), np.eye(2)])
    points = np.array([[0, 1], [1e4, 1 - 1e4], [1, 0.5]])
    ours, formulas = getattr(kernel, way)(points, mixture), BY_FORMULAS[way](points, mixture)
    equal(ours, formulas)
    np.testing.assert_allclose(ours.counts, [2, 1], rtol=1e-15)


@needs_numba
def test_compiled_loops_that_overflow_are_refused():
    points = problem(20, N=60)[0]
    wide = gmm.Mixture([1], [[0, 0]], [1e276 * np.eye(2)])
    refused = pytest.raises(FloatingPointError, match="overflow in compiled loops")
    with np.errstate(over="ignore", invalid="ignore"), refused:
        kernel.summarize(points * 1e137, wide, np.full(60, 1e40))
