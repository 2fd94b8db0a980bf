"""Student code is run here: it may raise, print, or never end, and the check goes on.

All calls of one check share a few seconds of computing; where nothing is computed, in a call that sleeps or on a
machine that is busy with other work, a second counts as a quarter. A call runs in a thread of its own; when the time
is over, an exception is raised inside that thread, which ends a loop written in Python at once. A call into compiled
code that never returns cannot be ended in this way: the check goes on without it, and the call ends with the process;
unless that code never lets another thread run, as `sum(itertools.count())`, which only an interrupt of the whole
process ends. Where there are no threads (Python in a browser) the call runs as it is, without a limit.
"""

import contextvars
import ctypes
import linecache
import random
import sysconfig
import threading
import time
import traceback
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

LIBRARIES = [str(Path(__file__).parents[1])] + [sysconfig.get_path(p) for p in ("stdlib", "purelib", "platlib")]


SECONDS, WAITING, FAR_LONGER = 3.0, 0.25, 10


class TimeIsOver(BaseException):
    """Raised inside a call that has used up the time. No Exception, so that `except Exception` lets it through.

    slow_calls, how many calls came to an end before, if this one took no longer than they did
    """

    slow_calls = 0


@dataclass
class Budget:
    """The seconds that are left to the calls of one check, how many came to an end, and how long the longest took."""

    left: float = field(default_factory=lambda: SECONDS)
    calls: int = 0
    longest: float = 0.0


BUDGET = contextvars.ContextVar("budget")


@contextmanager
def one_budget():
    """All calls that are watched in here share their time."""
    token = BUDGET.set(Budget())
    try:
        yield
    finally:
        BUDGET.reset(token)


def watched(function, *arguments):
    """The result and None; or None and the exception that ended the call."""
    budget, used = BUDGET.get(None) or Budget(), stopwatch()
    result, error = run(function, arguments, lambda: used() > budget.left) if budget.left > 0 else (None, TimeIsOver())
    took = used()
    budget.left -= took
    if isinstance(error, TimeIsOver):
        error.slow_calls = budget.calls * (took <= FAR_LONGER * budget.longest)
    budget.calls, budget.longest = budget.calls + 1, max(budget.longest, took)
    return result, error


def stopwatch():
    """A function that tells the seconds since now."""
    start, computed_before = time.monotonic(), time.process_time()

    def used():
        waited, computed = time.monotonic() - start, time.process_time() - computed_before
        return max(min(waited, computed), WAITING * waited)

    return used


def run(function, arguments, is_over):
    outcome = [(None, TimeIsOver())]

    def call():
        try:
            with np.errstate(all="ignore"):
                outcome.append((function(*arguments), None))
        except BaseException as error:
            outcome.append((None, error))

    thread = threading.Thread(target=contextvars.copy_context().run, args=(call,), daemon=True)
    try:
        thread.start()
    except RuntimeError:
        call()
        return outcome[-1]
    try:
        while thread.is_alive() and not is_over():
            thread.join(0.05)
        return outcome[0] if thread.is_alive() else outcome[-1]
    finally:
        end(thread)


def end(thread, attempts=20):
    for _ in range(attempts):
        if thread.is_alive() and hasattr(ctypes, "pythonapi"):
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(TimeIsOver))
            thread.join(0.05)


def own_line(error):
    """Where the exception passed the student's own code last: the line's number and its text, or None."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if is_own(frame.filename)]
    lines = [(frame.lineno, linecache.getline(frame.filename, frame.lineno).strip()) for frame in frames]
    return next((line for line in reversed(lines) if line[1]), None)


def innermost(error):
    """The name of the function in which the exception was raised."""
    return traceback.extract_tb(error.__traceback__)[-1].name


def is_own(filename):
    """False for the files of Python and of the packages: what is left is a notebook's cell or a file of the student."""
    return not filename.startswith("<frozen") and not any(filename.startswith(path) for path in LIBRARIES)


@contextmanager
def random_state_kept():
    """The caller's random numbers go on afterwards as if nothing had been drawn."""
    states = np.random.get_state(), random.getstate()  # noqa: NPY002
    try:
        yield
    finally:
        np.random.set_state(states[0])  # noqa: NPY002
        random.setstate(states[1])
