"""Dask: what a step costs beside the work, and what a second worker brings. Prints JSON.

python cluster.py folder-of-large-points folder-of-small-points rounds
"""

import json
import sys
import warnings
from itertools import islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

import dask.array
import numpy as np
from distributed import Client, LocalCluster

import gmm_tutorial as gmm


def main(large, small, rounds):
    with TemporaryDirectory() as scratch, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        many, few = (as_stack(Path(folder), Path(scratch) / Path(folder).name) for folder in (large, small))
        one, two = workers(1, scratch), workers(2, scratch)
        with one[0], one[1], two[0], two[1]:
            runs = {1: run_of(one[1], *many), 2: run_of(two[1], *many)}
            seconds = {number: [] for number in runs}
            for step in range(int(rounds)):
                for number in (1, 2) if step % 2 else (2, 1):
                    seconds[number].append(timed(runs[number]))
            overhead = run_of(two[1], *few)
            tiny = [timed(overhead) for _ in range(10 * int(rounds))]
            empty = [nothing(two[1]) for _ in range(10 * int(rounds))]
            numbers = [next(islice(runs[number], 0, 1)).log_likelihood for number in runs]
    speedups = [alone / both for alone, both in zip(seconds[1], seconds[2])]
    found = {"one": seconds[1], "two": seconds[2], "speedups": speedups, "tiny": tiny, "log_likelihoods": numbers}
    print(json.dumps(found | {"tiny_median": median(tiny), "empty_median": median(empty)}))


def as_stack(folder, target, chunks=8):
    """The points as files of which each worker reads its own, and the start."""
    points = np.load(folder / "points.npy", mmap_mode="r")
    dask.array.to_npy_stack(target, dask.array.from_array(points, (-(-len(points) // chunks), -1)))
    start = gmm.Mixture(*(np.load(folder / f"{name}.npy") for name in ("weights", "means", "covariances")))
    return target, start


def workers(number, scratch):
    quiet = {"dashboard_address": None, "local_directory": scratch, "threads_per_worker": 1}
    cluster = LocalCluster(n_workers=number, processes=True, **quiet)
    return cluster, Client(cluster, set_as_default=False)


def run_of(client, folder, start):
    """EM with the points on the workers of one client; its first steps, which load and compile, are behind it."""
    with client.as_current():
        steps = gmm.em(dask.array.from_npy_stack(folder, mmap_mode=None), start)
        next(steps), next(steps)
    return steps


def timed(steps):
    begin = perf_counter()
    next(steps)
    return perf_counter() - begin


def nothing(client):
    """Seconds until one task that does nothing has come back: the way there and back is Dask's own."""
    begin = perf_counter()
    client.submit(int, pure=False).result()
    return perf_counter() - begin


if __name__ == "__main__":
    main(*sys.argv[1:])
