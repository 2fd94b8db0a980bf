"""Functions like map that run the blocks on one core or on all cores."""

import os
from collections import deque
from concurrent.futures import Future, wait
from functools import cache
from threading import Lock

import numpy as np


def one_by_one(function, blocks):
    with one_core_for_blas:
        yield from map(function, blocks)


def threads(helpers, function, blocks):
    """A map by the caller and helper threads: the caller does a block itself if all helpers are busy.

    The summaries and errors come in the order of the blocks.
    """
    errors, given, soon = np.geterr(), deque(), 2 * (cores() - 1)

    def summary(future, block):
        return function(block) if future.cancel() else future.result()

    with one_core_for_blas:
        try:
            for block in blocks:
                helped = sum(not future.done() for future, _ in given) < soon
                future = helpers.submit(with_errors, errors, function, block) if helped else done(function, block)
                given.append((future, block))
                while given and (given[0][0].done() or len(given) > 2 * soon):
                    yield summary(*given.popleft())
            take_back(function, given)
            while given:
                yield summary(*given.popleft())
        finally:
            wait([future for future, _ in given if not future.cancel()])


def take_back(function, given):
    """Lets the caller do the blocks that no helper has begun, the last ones first, so that it need not wait."""
    for place in reversed(range(len(given))):
        future, block = given[place]
        if future.cancel():
            given[place] = done(function, block), block


def done(function, block):
    """A future that the caller has completed itself."""
    future = Future()
    try:
        future.set_result(function(block))
    except Exception as error:
        future.set_exception(error)
    return future


def with_errors(errors, function, block):
    with np.errstate(**errors):  # these settings are separate for each thread
        return function(block)


def cores():
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class OneCoreForBlas:
    """A context in which BLAS starts no threads of its own, if threadpoolctl is installed."""

    def __init__(self):
        self.lock, self.inside, self.limits = Lock(), 0, None

    def __enter__(self):
        with self.lock:
            if self.inside == 0 and controller():
                limits = controller().limit(limits=1, user_api="blas")
                self.limits = self.limits or limits  # after an interrupt, the original ones may still be stored
            self.inside += 1

    def __exit__(self, *error):
        with self.lock:
            self.inside -= 1
            if self.inside == 0 and self.limits:
                self.limits.restore_original_limits()
                self.limits = None


one_core_for_blas = OneCoreForBlas()


@cache
def controller():
    try:
        from threadpoolctl import ThreadpoolController
    except ImportError:
        return None
    return ThreadpoolController()
