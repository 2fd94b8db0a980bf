"""Points on the workers of a cluster give the fit of the same points in memory, even when a worker is killed."""

import os
import signal
from functools import partial
from itertools import islice

import numpy as np
import pytest
from examples import problem, same

import gmm_tutorial as gmm
from gmm_tutorial.scale import calls
from gmm_tutorial.scale.blocks import summarize_block as of_block
from gmm_tutorial.scale.pieces import in_pieces_or_as_it_is as opened

dask = pytest.importorskip("dask")
da = pytest.importorskip("dask.array")
distributed = pytest.importorskip("distributed")
cluster = pytest.importorskip("gmm_tutorial.scale.cluster")

POINTS, MIXTURE, RNG = problem(31, N=9_000, D=3)
WEIGHTS = RNG.uniform(0, 2, len(POINTS))


@pytest.fixture(scope="module")
def client():
    workers = distributed.LocalCluster(n_workers=2, threads_per_worker=2, dashboard_address=":0", silence_logs=50)
    with workers, distributed.Client(workers) as client:
        yield client


def made(rows, seed):
    return np.random.default_rng(seed).standard_normal((rows, 3)) * [1, 2, 3] + seed % 3


def array():
    return da.from_array(POINTS, chunks=(700, 2))


def steps(points, number=3, **how):
    return list(islice(gmm.em(points, MIXTURE, **how), number))


def assert_same_steps(ours, theirs):
    for one, other in zip(ours, theirs, strict=True):
        assert one.log_likelihood == pytest.approx(other.log_likelihood, rel=1e-12)
        same(one.mixture, other.mixture, rtol=1e-10)


def test_without_a_client_the_chunks_are_read_here_one_by_one():
    """Stands first: the other tests share a client."""
    with pytest.raises(ValueError, match=r"[Nn]o client"):
        distributed.default_client()
    assert_same_steps(steps(array(), sample_weights=WEIGHTS), steps(POINTS, sample_weights=WEIGHTS))
    ours, theirs = (gmm.fit(x, 3, starts=1, rng=2) for x in (array(), POINTS))
    assert ours.log_likelihood == pytest.approx(theirs.log_likelihood, rel=1e-9)


def test_em_takes_the_same_steps_on_the_workers(client):
    assert_same_steps(steps(array()), steps(POINTS))
    assert_same_steps(steps(array(), sample_weights=WEIGHTS), steps(POINTS, sample_weights=WEIGHTS))


def test_a_fit_and_its_restarts_work_there(client, monkeypatch):
    monkeypatch.setattr(calls, "sample_size", lambda N, K, D: 1000)
    ours, theirs = (gmm.fit(x, 3, starts=3, rng=2) for x in (array(), POINTS))
    assert ours.log_likelihood == pytest.approx(theirs.log_likelihood, rel=1e-9)


def test_no_points_come_back_but_those_of_the_sample(client):
    points = opened(array())
    moved = []
    original = client.gather
    points.client = type("Watched", (), {"__getattr__": lambda self, name: getattr(client, name)})()
    points.client.gather = lambda futures, *rest: moved.append(original(futures, *rest)) or moved[-1]
    list(islice(gmm.em(points, MIXTURE), 3))
    numbers = sum(np.size(part) for summaries in moved for summary in summaries for part in summary)
    assert 0 < numbers < 3 * 4 * 100  # three steps, four threads: each a summary of fewer than 100 numbers


def test_many_summaries_are_merged_as_a_tree_on_the_workers(client, monkeypatch):
    monkeypatch.setattr(cluster, "FAN", 2)
    assert_same_steps(steps(array()), steps(POINTS))


def test_a_missing_value_is_told_with_its_chunk(client):
    points = POINTS.copy()
    points[1500, 1] = np.nan
    with pytest.raises(ValueError, match=r"^points: chunk 2: points\[100, 1\] is nan: drop or fill"):
        gmm.fit(da.from_array(points, chunks=(700, 3)), 2)


def test_numbers_too_large_are_refused_in_the_same_words_from_there(client):
    with pytest.raises(ValueError, match=r"too large or too small for floating point"):
        next(gmm.em(array() * 1e137, gmm.Mixture([1], [[0, 0, 0]], [np.eye(3) * 1e-200])))


@pytest.mark.slow
def test_a_worker_that_is_killed_loses_nothing():
    workers = distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0", silence_logs=50)
    with workers, distributed.Client(workers) as client:
        pieces = [da.from_delayed(dask.delayed(made)(2_000, seed), (2_000, 3), dtype=float) for seed in range(6)]
        on_workers, here = da.concatenate(pieces), np.concatenate([made(2_000, seed) for seed in range(6)])
        start = gmm.mixture_around(here, here[[0, 5_000]])
        weights = np.random.default_rng(1).uniform(0, 2, len(here))
        run = gmm.em(on_workers, start, sample_weights=weights)
        ours = [next(run), next(run)]
        os.kill(next(iter(client.run(os.getpid).values())), signal.SIGKILL)
        ours += [next(run), next(run)]
        assert_same_steps(ours, list(islice(gmm.em(here, start, sample_weights=weights), 4)))


@pytest.mark.slow
def test_a_worker_that_is_killed_before_the_first_step_loses_nothing():
    workers = distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0", silence_logs=50)
    with workers, distributed.Client(workers) as client:
        points = opened(array())
        os.kill(next(iter(client.run(os.getpid).values())), signal.SIGKILL)
        assert_same_steps(steps(points), steps(POINTS))


def test_chunks_without_rows_are_no_trouble_and_an_array_without_rows_is(client):
    holes = da.concatenate([array()[:0], array()[:4000], array()[:0], array()[4000:], array()[:0]])
    assert_same_steps(steps(holes), steps(POINTS))
    with pytest.raises(ValueError, match=r"^points: no chunk has any rows\."):
        steps(array()[:0])


def test_what_is_no_table_is_refused(client):
    with pytest.raises(ValueError, match=r"^points is 1-D with shape \(9000,\): it should be 2-D"):
        steps(array()[:, 0])
    with pytest.raises(ValueError, match=r"^map is given, but points on Dask workers have their own: leave it out"):
        steps(array(), map=map)
    with pytest.raises(ValueError, match=r"call log_density on each piece, or on one array\."):
        gmm.log_density(array(), MIXTURE)


def test_a_table_of_dask_is_read_too(client):
    frames = pytest.importorskip("dask.dataframe")
    pandas = pytest.importorskip("pandas")
    table = frames.from_pandas(pandas.DataFrame(POINTS, columns=list("abc")), npartitions=4)
    assert_same_steps(steps(table), steps(POINTS))


def test_what_a_worker_does_is_the_summary_of_its_chunks_and_some_of_its_rows():
    rows = np.split(POINTS, [4_000])
    function = partial(of_block, gmm.summarize, MIXTURE, None)
    found = cluster.summary_of(900, rows, [None, None], function)
    expected = gmm.summarize(POINTS, MIXTURE)
    assert found.log_likelihood == pytest.approx(expected.log_likelihood, rel=1e-12)
    np.testing.assert_allclose(found.covariances, expected.covariances, rtol=1e-11)
    np.testing.assert_array_equal(cluster.rows_at(POINTS.astype(np.float32), [2, 7]), POINTS[[2, 7]].astype(np.float32))
