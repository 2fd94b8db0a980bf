"""A function like map that makes several calls at the same time, each in a process of its own."""

from gmm_tutorial.errors import ArgumentError
from gmm_tutorial.scale.threads import cores


def side_by_side(workers):
    """The map for this number of processes, −1 for one on each core; with one, everything stays in this process."""
    workers = cores() if workers == -1 else min(workers, cores())
    if workers == 1:
        return map
    try:
        from joblib import Parallel, delayed
    except ImportError:
        raise ArgumentError(
            "workers", "{argument} is {workers}, which needs joblib: pip install joblib.", {"workers": workers}
        ) from None
    run = Parallel(n_jobs=workers, return_as="generator")
    return lambda function, items: run(map(delayed(function), items))
