"""How a peer talks with the benchmark: lines in, lines out. Needs NumPy only, and runs in any environment.

    load <folder> <full or diagonal>    reads points.npy, weights.npy, means.npy, covariances.npy    @ <version>
    run <steps> <file>                  so many steps of EM from that start, timed; then the
                                        mixture goes into the file, as doubles                       @ <seconds>
    fit <options as JSON>               a whole fit, its start included (for peers that have it)     @ <JSON>

An answer begins with @. `@ missing ...` says that a library is not installed, `@ error ...` what went wrong.
"""

import json
import os
import sys
from time import perf_counter

import numpy as np


def serve(prepare, fit=None):
    """Answers lines from stdin until it is closed.

    prepare(points, weights, means, covariances, diagonal) → version, run, answer
        run(steps) → anything, timed;  answer(that) → weights, means, covariances
    fit(points, diagonal, **options) → a dictionary for JSON
    """
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints goes to stderr
    state = {}
    for line in sys.stdin:
        try:
            reply = respond(line.split(maxsplit=2), state, prepare, fit)
        except ImportError as error:
            reply = f"missing {error}"
        except Exception as error:
            reply = f"error {type(error).__name__}: {error}"
        print("@", " ".join(str(reply).split()), file=out, flush=True)


def respond(words, state, prepare, fit):
    if words[0] == "load":
        folder, state["diagonal"] = words[1], words[2].strip() == "diagonal"
        state["points"] = np.load(f"{folder}/points.npy")
        given = [np.load(f"{folder}/{name}.npy") for name in ("weights", "means", "covariances")]
        version, state["run"], state["answer"] = prepare(state["points"], *given, state["diagonal"])
        return version
    if words[0] == "run":
        begin = perf_counter()
        result = state["run"](int(words[1]))
        seconds = perf_counter() - begin
        arrays = [np.asarray(array, dtype=float).ravel() for array in state["answer"](result)]
        np.concatenate(arrays).tofile(words[2].strip())
        return repr(seconds)
    return json.dumps(fit(state["points"], state["diagonal"], **json.loads(" ".join(words[1:]))))


def as_matrices(covariances):
    """Variances (K, D) as diagonal matrices (K, D, D); matrices stay as they are."""
    covariances = np.asarray(covariances, dtype=float)
    return covariances if covariances.ndim == 3 else covariances[:, :, None] * np.eye(covariances.shape[1])


def variances(covariances):
    return np.diagonal(covariances, axis1=1, axis2=2).copy()
