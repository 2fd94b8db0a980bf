"""Student code is run here: it may raise, print, patch libraries or never end, and the check goes on.

A call runs in a thread of its own. A watchdog ends it after three seconds of its own computing, or ten in which it
waits; no input of a check needs a hundredth of that, so only an endless loop meets it, on a busy machine too. The
exception is raised inside the thread, which ends a loop written in Python at once. A call into compiled code that never
returns is left behind; code that never lets another thread run, as `sum(itertools.count())`, is ended only with its
process: see `homework.grading`. Where there are no threads (Python in a browser) the call runs without a watchdog.
"""

import builtins
import contextvars
import ctypes
import functools
import inspect
import math
import os
import random
import sys
import sysconfig
import threading
import time
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import scipy.linalg
import scipy.special
import scipy.stats

SECONDS, WAITING = 3.0, 10.0
LIBRARIES = [str(Path(__file__).parents[1]), *map(sysconfig.get_path, ("stdlib", "purelib", "platlib"))]
AS_IMPORTED = []


def keep(modules, wanted=callable):
    """The functions and classes of these modules are put back after every call."""
    for module in modules:
        names = vars(module)
        AS_IMPORTED.append((names, {k: value for k, value in names.items() if k[0] != "_" and wanted(value)}))


keep(
    [np, np.linalg, np.random, scipy.linalg, scipy.special, scipy.stats, math, time, builtins],
    wanted=lambda value: True,
)


class TimeIsOver(BaseException):
    """Raised inside a call that does not end. No Exception, so that `except Exception` lets it through."""


def watched(function, *arguments):
    """The result and None; or None and the exception that ended the call."""
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
    else:
        is_over = watchdog(thread)
        while thread.is_alive() and not is_over():
            thread.join(0.05)
        outcome = outcome[:1] if thread.is_alive() else outcome
        end(thread)
    repair()
    return outcome[-1]


def watchdog(thread, monotonic=time.monotonic):
    """Whether the thread has computed, or waited, for too long."""
    start = monotonic()
    try:
        clock = time.pthread_getcpuclockid(thread.ident)
    except (AttributeError, OSError):  # not on this system, or the thread has ended
        clock = None

    def is_over():
        waited = monotonic() - start
        try:
            computed = waited if clock is None else time.clock_gettime(clock)
        except OSError:
            computed = 0.0
        return computed > SECONDS or waited > WAITING

    return is_over


def end(thread, attempts=20):
    for _ in range(attempts):
        if thread.is_alive() and hasattr(ctypes, "pythonapi"):
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(TimeIsOver))
            thread.join(0.05)


def repair():
    """Puts every function of the libraries back that was replaced since this module was imported."""
    for names, values in AS_IMPORTED:
        for name, value in values.items():
            if names.get(name) is not value:
                names[name] = value


@contextmanager
def surroundings_kept():
    """Random numbers, folder, streams, warnings and limits are afterwards what they were before."""
    repair()
    kept = [
        (np.random.set_state, np.random.get_state()),  # noqa: NPY002
        (random.setstate, random.getstate()),
        (os.chdir, os.getcwd()),
        (sys.setrecursionlimit, sys.getrecursionlimit()),
    ]
    streams = sys.stdout, sys.stderr, sys.stdin
    try:
        with warnings.catch_warnings(), np.errstate(), np.printoptions():
            warnings.simplefilter("ignore")
            yield
    finally:
        repair()
        for put_back, value in kept:
            put_back(value)
        sys.stdout, sys.stderr, sys.stdin = streams


# ---- functions that an answer must do without


class Forbidden(BaseException):
    """A function was called that the answer should do without."""


def doing_without(answer, functions):
    """The answer, in which a call of one of these functions raises, under whatever name, but for those it is handed."""
    forbidden = {id(inspect.unwrap(function).__code__): function.__name__ for function in functions}
    found = []

    def profile(frame, event, _):
        if event == "call" and id(frame.f_code) in forbidden:
            found.append(Forbidden(forbidden[id(frame.f_code)]))
            raise found[0]

    def alone(function, *given, **named):
        """What a call gives, if nothing was forbidden in it: an answer may catch what was raised."""
        result = profiled(profile, function, *given, **named)
        if found:
            raise found[0]
        return lazily(result) if isinstance(result, Iterator) else result

    def lazily(items):
        with suppress(StopIteration):
            while True:
                yield alone(next, items)

    def handed(function):
        """What the answer is given to judge, which may call what it likes."""
        return (lambda *given, **named: profiled(None, function, *given, **named)) if callable(function) else function

    @functools.wraps(answer)
    def call(*arguments, **options):
        named = {name: handed(value) for name, value in options.items()}
        return alone(answer, *map(handed, arguments), **named)

    return call if forbidden else answer


def profiled(profile, function, *arguments, **options):
    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        return function(*arguments, **options)
    finally:
        sys.setprofile(before)


# ---- where an exception comes from


def own_line(error):
    """Where the exception passed the student's own code last, with .lineno and .line, or None."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if is_own(frame.filename) and frame.line]
    return frames[-1] if frames else None


def innermost(error):
    """The name of the function in which the exception was raised."""
    return traceback.extract_tb(error.__traceback__)[-1].name


def is_own(filename):
    """False for the files of Python and of the packages: what is left is a notebook's cell or a file of the student."""
    return not filename.startswith("<frozen") and not any(filename.startswith(path + os.sep) for path in LIBRARIES)
