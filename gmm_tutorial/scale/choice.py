"""Which E-step and which M-step a call gets: decided here, and nowhere else."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial, wraps
from typing import NamedTuple

import numpy as np

from gmm_tutorial.constraints import reads_variances_only
from gmm_tutorial.errors import ArgumentError
from gmm_tutorial.missing import observed_e_step, observed_m_step
from gmm_tutorial.scale.blocks import rows_of, steps_in_blocks
from gmm_tutorial.scale.summary import summarize
from gmm_tutorial.scale.threads import cores, one_by_one, one_core_for_blas, threads
from gmm_tutorial.steps import e_step, m_step
from gmm_tutorial.variances import m_step_of_variances, variance

WORTH_COMPILING = 2**19  # N K D: a hundredth of a second's work for the formulas
WORTH_SHARING = 3 * 2**18  # with less to do, threads wait for one another as long as they work
WORTH_HOLDING = 2**13  # with less to do, BLAS starts no threads, in whose sums the last bit depends on their number


class Way(NamedTuple):
    """How the steps of some points are done: the points as the steps want them, the steps, and a name for a Fit."""

    points: object
    e_step: Callable
    m_step: Callable
    path: str


@contextmanager
def way_for(points, K, constraint, map=None, summarize=None, missing=None, own=()):
    """The way for these points; map and summarize are those of the user, or None; missing "model" if there are gaps.

    own, the E-step and the M-step of the user, of which one may be None
    """
    if any(own):
        refuse_beside_own_steps(points, map, summarize)
        theirs = [step or ours for step, ours in zip(own, (e_step, m_step))]
        yield Way(points.copy(), *theirs, "steps of your own")
        return
    if missing:
        if map or summarize:
            raise ArgumentError(
                "map" if map else "summarize", '{argument} does not go with missing="model": leave it out.'
            )
        yield Way(points.copy(), observed_e_step, observed_m_step, "formulas, rows by their gaps")
        return
    N, D = points.shape
    rows, work, few = rows_of(K, D), N * K * D, reads_variances_only([constraint])
    in_pieces = hasattr(points, "in_pieces")
    compiled = compiled_loops() if summarize is None and work >= WORTH_COMPILING else None
    path = ("compiled loops" if compiled else "formulas") + (", variances only" if few else "")
    if not (compiled or in_pieces or map or summarize or rows < N):
        by_columns = np.array(points, order="F")  # contiguous columns are faster
        yield Way(by_columns, *one_block(m_step_of_variances if few else m_step, work >= WORTH_HOLDING), path)
        return
    path = f"{path}, in blocks" if summarize is None else full_name(summarize)
    with mapper(points, work, rows, map) as map:
        how = summarize or summarizer(compiled, few)
        yield Way(points, *steps_in_blocks(how, map, rows, in_pieces or rows < N), path)


def refuse_beside_own_steps(points, map, summarize):
    """Steps of the user get all points at once, so nothing that works on blocks can go with them."""
    if hasattr(points, "in_pieces"):
        raise ArgumentError(
            "points",
            "{argument} are in pieces, and your e_step and m_step want them at once: "
            "give one array, or leave both out.",
        )
    if map or summarize:
        raise ArgumentError(
            "map" if map else "summarize",
            "{argument} is for points in blocks, and your e_step and m_step want them at once: leave one of them out.",
        )


def one_block(m_step, held):
    """The steps of the textbook. Where BLAS would use several cores, whose number changes the last bit, it has one."""
    return (with_one_core(e_step), with_one_core(m_step)) if held else (e_step, m_step)


def with_one_core(step):
    @wraps(step)
    def held(*args):
        with one_core_for_blas:
            return step(*args)

    return held


def summarizer(compiled, few):
    """How a block is summarized: by compiled loops or by the formulas, with covariances or with variances only."""
    if compiled:
        return compiled.summarize_variances if few else compiled.summarize
    return partial(summarize, spread=variance) if few else summarize


def compiled_loops():
    """The module of the compiled loops; None without numba."""
    try:
        from gmm_tutorial.scale import compiled
    except ImportError:
        return None
    return compiled


@contextmanager
def mapper(points, work, rows, map_of_the_user):
    """Who does the blocks: the user's map, workers, or the cores of this machine, if there is enough for them to do."""
    if hasattr(points, "map"):
        if map_of_the_user:
            raise ArgumentError(
                "map",
                "{argument} is given, but points on workers have their own: leave {argument} out, or give one array.",
            )
        yield points.map
    elif map_of_the_user or work < WORTH_HOLDING:
        yield map_of_the_user or map
    elif work < WORTH_SHARING or len(points) <= rows or cores() == 1:
        yield one_by_one
    else:
        with ThreadPoolExecutor(cores() - 1, thread_name_prefix="gmm_tutorial") as helpers:
            yield partial(threads, helpers)


def full_name(function):
    function = getattr(function, "func", function)
    return f"{function.__module__}.{getattr(function, '__qualname__', type(function).__name__)}"
