"""Where the time of a step goes: by stage of the compiled loops, and by how much a second core helps. Prints JSON."""

import builtins
import json
import sys
from pathlib import Path
from time import perf_counter

import numpy as np

import gmm_tutorial as gmm
from gmm_tutorial import blocks, kernel
from limits import rate
from shapes import SHAPES, prepare
from workers import SOME


def main(folder, quick):
    some = [shape.quicker() for shape in SHAPES if shape.name in SOME] if quick else SHAPES
    print(json.dumps([found(shape, Path(folder)) for shape in some]))


def found(shape, folder):
    prepare(shape, folder / shape.name)
    names = "points weights means covariances".split()
    points, *start = (np.load(folder / shape.name / f"{name}.npy") for name in names)
    start, constraint = gmm.Mixture(*start), gmm.diagonal if shape.diagonal else gmm.full
    ways = dict(zip(("NumPy", "fast"), (pair[shape.diagonal] for pair in map(blocks.ways, (False, True)))))
    seconds = {
        f"{way}, {cores}": step(points, start, constraint, summarize, map_of_cores)
        for way, summarize in ways.items()
        for cores, map_of_cores in (("one core", builtins.map), ("all cores", None))
    }
    return {"title": shape.title, "seconds": seconds, "stages": stages(points, start, shape)}


def step(points, start, constraint, summarize, map_of_cores, times=5):
    """Seconds of the quickest of a few steps; on one core BLAS has one thread, too."""
    climb = gmm.em(points, start, constraint, map=map_of_cores, summarize=summarize)
    with blocks.one_core_for_blas:
        next(climb)
        return min(seconds_of(climb) for _ in range(times))


def seconds_of(climb):
    begin = perf_counter()
    next(climb)
    return perf_counter() - begin


def stages(points, start, shape):
    """Nanoseconds for each point and component, on one core."""
    K, D = start.means.shape
    inverses = kernel.filled_up(np.linalg.inv(start.factors))
    P = inverses.shape[1]
    rows = kernel.together(P)
    x, times, sizes = np.ascontiguousarray(points[:rows].T), np.ones(rows), np.empty(rows)
    d, z, q, top = np.zeros((P, rows)), np.empty((2, rows)), np.empty(rows), np.empty(rows)
    logs, powers = np.empty((K, rows)), np.empty(K * rows)
    kernel.log_gaussians(x, 0, start.means, inverses, np.zeros(K), logs, top, d, z, q)
    before = logs.copy()
    kernel.exponentiate(logs.ravel(), powers)
    kernel.bayes(logs, start.weights, times, sizes, q)
    gammas, sums = logs.copy(), (np.zeros(K), np.zeros((K, D)), np.zeros((K, P, P)))

    def exponentials():
        logs[:] = before
        kernel.exponentiate(logs.ravel(), powers)

    work = {
        "log Gaussians": lambda: kernel.log_gaussians(x, 0, start.means, inverses, np.zeros(K), logs, top, d, z, q),
        "exponentials": exponentials,
        "Bayes": lambda: kernel.bayes(logs, start.weights, times, sizes, q),
        "moments": lambda: kernel.moments(x, 0, start.means, gammas, *sums, 1 if shape.diagonal else D, d, q),
    }
    return {name: 1e9 / rate(each, rows * K, seconds=0.2) for name, each in work.items()}


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:] == ["quick"])
