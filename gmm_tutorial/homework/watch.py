"""Student code is run here: it may raise, print, or never end, and the check goes on.

A call has a few seconds. It runs in a thread of its own; when the time is over, an exception is raised inside that
thread, which ends a loop written in Python at once. A call into compiled code that never returns cannot be ended in
this way: the check goes on without it, and the call ends with the process; unless that code never lets another thread
run, as `sum(itertools.count())`, which only an interrupt of the whole process ends. Where there are no threads (Python
in a browser) the call runs as it is, without a limit.
"""

import contextvars
import ctypes
import linecache
import random
import sysconfig
import threading
import traceback
from contextlib import contextmanager
from pathlib import Path

import numpy as np

LIBRARIES = [str(Path(__file__).parents[1])] + [sysconfig.get_path(p) for p in ("stdlib", "purelib", "platlib")]


class TimeIsOver(BaseException):
    """Raised inside a call that has used up its time. No Exception, so that `except Exception` lets it through."""


def watched(function, *arguments, seconds=3.0):
    """The result and None; or None and the exception that ended the call."""
    outcome = [(None, TimeIsOver())]

    def run():
        try:
            with np.errstate(all="ignore"):
                outcome.append((function(*arguments), None))
        except BaseException as error:
            outcome.append((None, error))

    thread = threading.Thread(target=contextvars.copy_context().run, args=(run,), daemon=True)
    try:
        thread.start()
    except RuntimeError:
        run()
        return outcome[-1]
    try:
        thread.join(seconds)
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
