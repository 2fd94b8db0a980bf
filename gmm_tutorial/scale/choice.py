"""The choice of the E-step and the M-step for the points of a call."""

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

# N K D, the amount of work in a step, from which on it is worth while
WORTH_COMPILING = 2**17  # to use compiled loops; the formulas take a few milliseconds, and a fit hundreds of steps
WORTH_SHARING = 3 * 2**18  # to use threads; with less, they mostly wait for one another
WORTH_HOLDING = 2**13  # to limit the threads of BLAS, on whose number the last bit depends; with less, it starts none


class Plan(NamedTuple):
    """The points in the form that the steps need, the E-step, the M-step, and the name of this path for a Fit."""

    points: object
    e_step: Callable
    m_step: Callable
    path: str


@contextmanager
def plan_for(points, K, constraint, map=None, summarize=None, missing=None, own=()):
    """The plan for these points; map and summarize are those of the user, or None; missing is "model" or None.

    own, the E-step and the M-step of the user, of which one may be None
    """
    if any(own):
        refuse_beside_own_steps(points, map, summarize)
        theirs = [step or ours for step, ours in zip(own, (e_step, m_step))]
        yield Plan(points.copy(), *theirs, "steps of your own")
        return
    if missing:
        if map or summarize:
            raise ArgumentError(
                "map" if map else "summarize", '{argument} cannot be combined with missing="model": leave it out.'
            )
        yield Plan(points.copy(), observed_e_step, observed_m_step, "formulas, rows by their gaps")
        return
    N, D = points.shape
    rows, work, few = rows_of(K, D), N * K * D, reads_variances_only([constraint])
    in_pieces = hasattr(points, "in_pieces")
    compiled = compiled_loops() if summarize is None and work >= WORTH_COMPILING else None
    path = ("compiled loops" if compiled else "formulas") + (", variances only" if few else "")
    if not (compiled or in_pieces or map or summarize or rows < N):
        by_columns = np.array(points, order="F")  # contiguous columns are faster
        yield Plan(by_columns, *one_block(m_step_of_variances if few else m_step, work >= WORTH_HOLDING), path)
        return
    path = f"{path}, in blocks" if summarize is None else full_name(summarize)
    with mapper(points, work, rows, map) as map:
        how = summarize or summarizer(compiled, few)
        yield Plan(points, *steps_in_blocks(how, map, rows, in_pieces or rows < N), path)


def refuse_beside_own_steps(points, map, summarize):
    """Steps of the user get all points at once, so they cannot be combined with arguments for blocks."""
    if hasattr(points, "in_pieces"):
        raise ArgumentError(
            "points",
            "{argument} are in pieces, but your e_step and m_step need all of them at once: "
            "give one array, or leave both functions out.",
        )
    if map or summarize:
        raise ArgumentError(
            "map" if map else "summarize",
            "{argument} is for points in blocks, but your e_step and m_step need all points at once: leave it out.",
        )


def one_block(m_step, held):
    """The steps of the textbook, with one core for BLAS if it would use several, whose number changes the last bit."""
    return (with_one_core(e_step), with_one_core(m_step)) if held else (e_step, m_step)


def with_one_core(step):
    @wraps(step)
    def held(*args):
        with one_core_for_blas:
            return step(*args)

    return held


def summarizer(compiled, few):
    """The function that summarizes a block: compiled loops or formulas, for covariances or for variances only."""
    if compiled:
        return compiled.summarize_variances if few else compiled.summarize
    return partial(summarize, spread=variance) if few else summarize


def compiled_loops():
    """The module of the compiled loops, or None without numba."""
    try:
        from gmm_tutorial.scale import compiled
    except ImportError:
        return None
    return compiled


@contextmanager
def mapper(points, work, rows, map_of_the_user):
    """The map that runs the blocks: the user's, that of the workers, or threads if there is enough work for them."""
    if hasattr(points, "map"):
        if map_of_the_user:
            raise ArgumentError(
                "map",
                "{argument} is given, but points on Dask workers have their own: leave it out, or give one array.",
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
