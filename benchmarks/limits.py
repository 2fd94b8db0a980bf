"""How fast this machine is at best: matrix products, exponentials, bytes; on all cores. Prints them as JSON."""

import json
import os
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter

import numpy as np


def cores():
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def rate(work, amount, seconds=1.0):
    """The most of several tries: amount of work done a second."""
    work()
    best, end = 0.0, perf_counter() + seconds
    while perf_counter() < end:
        begin = perf_counter()
        work()
        best = max(best, amount / (perf_counter() - begin))
    return best


def flops(seconds, size=1536):
    """Operations a second in a product of two large square matrices, by the threads of BLAS."""
    one, other, out = np.random.default_rng(0).normal(size=(3, size, size))
    return rate(lambda: np.matmul(one, other, out=out), 2 * size**3, seconds)


def exponentials(seconds, size=2**14, times=64):
    """np.exp a second, of numbers that stay in the cache, on all cores."""

    def work(numbers, out):
        for _ in range(times):
            np.exp(numbers, out=out)

    inputs = -np.random.default_rng(0).uniform(0, 40, (cores(), size))
    outputs = np.empty_like(inputs)
    with ThreadPoolExecutor(len(inputs)) as pool:
        return rate(lambda: list(pool.map(work, inputs, outputs)), inputs.size * times, seconds)


def bytes_moved(seconds, size=2**24):
    """Bytes read and written a second in a copy that is too large for any cache, on all cores."""
    halves = [np.random.default_rng(0).normal(size=size // cores()) for _ in range(cores())]
    copies = [np.empty_like(half) for half in halves]
    with ThreadPoolExecutor(len(halves)) as pool:
        work = lambda: list(pool.map(np.copyto, copies, halves))  # noqa: E731
        return rate(work, 2 * sum(half.nbytes for half in halves), seconds)


def measure(seconds):
    return {"flops": flops(seconds), "exponentials": exponentials(seconds), "bytes": bytes_moved(seconds)}


if __name__ == "__main__":
    import sys

    print(json.dumps(measure(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0)))
