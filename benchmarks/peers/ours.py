"""gmm_tutorial itself, by NumPy alone or as [fast] does it: python ours.py numpy, python ours.py fast."""

import sys

if sys.argv[1] == "numpy":
    sys.modules["numba"] = None  # as if it were not installed

from itertools import islice
from time import perf_counter

import numpy as np
from protocol import serve

import gmm_tutorial as gmm


def prepare(points, weights, means, covariances, diagonal):
    if sys.argv[1] == "fast":
        import numba  # noqa: F401
    start, shape = gmm.Mixture(weights, means, covariances), gmm.diagonal if diagonal else gmm.full

    def run(steps):
        return next(islice(gmm.em(points, start, shape), steps, None)).mixture

    return f"{gmm.__version__}, NumPy {np.__version__}", run, tuple


def kmeans(points, K, rng):
    return gmm.kmeans(points, gmm.kmeans_plus_plus(points, K, rng))


def fit(points, diagonal, components, steps="em", start=None, **options):
    shape = gmm.diagonal if diagonal else gmm.full
    begin = perf_counter()
    how = {"steps": getattr(gmm, steps), "initialize": kmeans if start else gmm.kmeans_plus_plus, "constraint": shape}
    result = gmm.fit(points, components, **how, **options)
    seconds = perf_counter() - begin
    steps = len(result.log_likelihoods) - 1
    return {"seconds": seconds, "log_likelihood": result.log_likelihood, "steps": steps, "by": result.path}


serve(prepare, fit)
