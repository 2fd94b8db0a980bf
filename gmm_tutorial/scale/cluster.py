"""Points in the memory of Dask workers: mixtures are sent to them and summaries come back, but the points stay there.

    from dask.distributed import Client
    client = Client()                            # workers on this machine; or Client("address:8786") of a scheduler
    gmm.fit(dask.array.from_npy_stack("points"), 5)

Without a client, the chunks are read here, one at a time.
"""

from functools import cached_property
from itertools import chain, pairwise
from time import perf_counter

import numpy as np
from dask.array import from_array
from distributed import default_client, futures_of, wait

from gmm_tutorial.errors import ArgumentError
from gmm_tutorial.scale.blocks import split
from gmm_tutorial.scale.disk import Blocks, checked_size
from gmm_tutorial.scale.summary import merged
from gmm_tutorial.scale.threads import one_core_for_blas

FAN = 8  # about so many summaries are merged by one task, and at the end by the client
KEPT = 32  # number of steps whose summaries are released together, because a release delays the next step by 10 ms;
QUICK = 0.1  # only for steps that take less than this many seconds, whose summaries are small


def on_workers(array):
    """The points of a Dask array on the workers; without a client, they are read here chunk by chunk."""
    if array.ndim != 2:
        raise ArgumentError(
            "points",
            "{argument} is {axes}-D with shape {shape}: it should be 2-D, (N, D).",
            {"axes": array.ndim, "shape": array.shape},
        )
    array = array.rechunk({1: -1})
    try:
        client = default_client()
    except ValueError:
        return Blocks(Chunks(array))
    return OnWorkers(array, client)


class Chunks:
    """The chunks of a Dask array, computed one at a time whenever they are read."""

    def __init__(self, array):
        self.array = array

    def __iter__(self):
        return (np.asarray(chunk.compute(scheduler="threads")) for chunk in self.array.blocks.ravel())


class OnWorkers:
    """Points (N, D) in chunks, each in the memory of a worker; if a worker is lost, its chunks are computed again."""

    in_pieces = True

    def __init__(self, array, client):
        self.client = client
        self.array = array.persist()
        chunks = self.chunks_of(self.array)
        names = [f"chunk {number}" for number in range(len(chunks))]
        sizes = [rows for rows, _ in client.gather(client.map(checked_size, names, chunks, pure=False))]
        if not any(sizes):
            raise ArgumentError("points", "{argument}: no chunk has any rows. Give at least one point.")
        self.chunks = [chunk for chunk, rows in zip(chunks, sizes) if rows]
        self.sizes = tuple(rows for rows in sizes if rows)
        self.starts = np.cumsum([0, *self.sizes])
        self.shape = (int(self.starts[-1]), array.shape[1])
        self.weights, self.kept = (None, [None] * len(self.chunks)), []

    def chunks_of(self, array):
        wait(array)
        return sorted(futures_of(array), key=lambda future: future.key[1])

    def __len__(self):
        return self.shape[0]

    def __getitem__(self, indices):
        """The rows with these indices, which must be ascending. Only these points leave the workers."""
        ends = np.searchsorted(indices, self.starts)
        local = [indices[a:b] - start for (a, b), start in zip(pairwise(ends), self.starts)]
        return np.concatenate(self.client.gather(self.client.map(rows_at, self.chunks, local, pure=False)))

    def split(self, sample_weights, rows):
        """One block for each thread of the workers, made of the chunks that the worker has."""
        if self.weights[0] is not sample_weights:
            self.weights_there = from_array(sample_weights, chunks=(self.sizes,)).persist()
            self.weights = sample_weights, self.chunks_of(self.weights_there)
        for numbers in self.together:
            yield rows, [self.chunks[number] for number in numbers], [self.weights[1][number] for number in numbers]

    @cached_property
    def together(self):
        """The numbers of the chunks for each thread, all of which are on its worker."""
        wait(self.chunks)
        threads, at = self.client.nthreads(), self.client.who_has(self.chunks)
        homes = {}
        for number, chunk in enumerate(self.chunks):
            homes.setdefault(next(iter(at.get(chunk.key, ())), "lost"), []).append(number)
        return [part for home, numbers in homes.items() for part in dealt(numbers, threads.get(home, 1))]

    def map(self, function, blocks):
        """The summaries of all blocks, merged in a tree on the workers until only a few are left."""
        begin = perf_counter()
        tree = [self.client.map(summary_of, *zip(*blocks), function=function, pure=False)]
        while len(tree[-1]) > FAN:
            tree.append(self.client.map(merged, dealt(tree[-1], len(tree[-1]) // FAN), pure=False))
        summaries = self.client.gather(tree[-1])
        quick = perf_counter() - begin < QUICK
        self.kept = [*self.kept, tree] if quick and len(self.kept) < KEPT else [tree]
        return summaries


def dealt(items, hands):
    """The items in order, in at most this many parts of nearly equal size."""
    size = -(-len(items) // hands)
    return [items[start : start + size] for start in range(0, len(items), size)]


def rows_at(chunk, indices):
    return np.asarray(chunk, dtype=float)[indices]


def summary_of(rows, chunks, sample_weights, function):
    blocks = chain.from_iterable(split(np.asarray(c, dtype=float), w, rows) for c, w in zip(chunks, sample_weights))
    with np.errstate(over="raise", invalid="raise", divide="raise"), one_core_for_blas:
        return merged(map(function, blocks))
