"""Where the time of a step goes: by stage of the compiled loops, and by how much a second core helps. Prints JSON."""

import builtins
import json
import sys
from functools import partial
from pathlib import Path
from time import perf_counter

import numpy as np

import gmm_tutorial as gmm
from gmm_tutorial.scale import compiled, summary
from gmm_tutorial.scale.threads import one_core_for_blas
from gmm_tutorial.variances import variance
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
    ways = {"NumPy": summary.summarize, "fast": compiled.summarize}
    if shape.diagonal:
        ways = {"NumPy": partial(summary.summarize, spread=variance), "fast": compiled.summarize_variances}
    seconds = {
        f"{way}, {cores}": step(points, start, constraint, summarize, map_of_cores)
        for way, summarize in ways.items()
        for cores, map_of_cores in (("one core", builtins.map), ("all cores", None))
    }
    return {"title": shape.title, "seconds": seconds, "stages": stages(points, start, shape)}


def step(points, start, constraint, summarize, map_of_cores, times=5):
    """Seconds of the quickest of a few steps; on one core BLAS has one thread, too."""
    steps = gmm.em(points, start, constraint, map=map_of_cores, summarize=summarize)
    with one_core_for_blas:
        next(steps)
        return min(seconds_of(steps) for _ in range(times))


def seconds_of(steps):
    begin = perf_counter()
    next(steps)
    return perf_counter() - begin


def stages(points, start, shape):
    """Nanoseconds for each point and component, on one core."""
    K, D = start.means.shape
    inverses, none, diagonal = compiled.inverses_of(start.factors), np.empty((K, 0, 0)), shape.diagonal
    units = 1 / np.diagonal(start.factors, axis1=1, axis2=2)
    P = inverses.shape[1]
    rows = compiled.together(P)
    x, times, sizes = np.ascontiguousarray(points[:rows].T), np.ones(rows), np.empty(rows)
    d, z, q, top = np.zeros((P, rows)), np.empty((compiled.TILE, rows)), np.empty(rows), np.empty(rows)
    logs, powers = np.empty((K, rows)), np.empty(K * rows)

    def log_gaussians():
        compiled.log_gaussians(
            x, 0, start.means, none if diagonal else inverses, units, np.zeros(K), logs, top, d, z, q
        )

    log_gaussians()
    before = logs.copy()
    compiled.exponentiate(logs.ravel(), powers)
    compiled.bayes(logs, start.weights, times, sizes, q)
    gammas, sums = logs.copy(), (np.zeros(K), np.zeros((K, D)), np.zeros((K, P, 1 if diagonal else P)))

    def exponentials():
        logs[:] = before
        compiled.exponentiate(logs.ravel(), powers)

    work = {
        "log Gaussians": log_gaussians,
        "exponentials": exponentials,
        "Bayes": lambda: compiled.bayes(logs, start.weights, times, sizes, q),
        "moments": lambda: compiled.moments(x, 0, start.means, gammas, *sums, diagonal, d, q),
    }
    return {name: 1e9 / rate(each, rows * K, seconds=0.2) for name, each in work.items()}


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:] == ["quick"])
