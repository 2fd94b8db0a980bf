"""Peers in processes of their own: each loads the points, waits, and runs when it is told to."""

import os
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from tempfile import TemporaryFile
from threading import Timer

import numpy as np

import gmm_tutorial as gmm
from limits import cores

HERE = Path(__file__).parent
ENVIRONMENTS = Path(os.environ.get("BENCH_ENVIRONMENTS", HERE.parent / ".venv-bench"))


@dataclass(frozen=True)
class Peer:
    """Somebody who can fit; the line that starts it, and what its environment needs."""

    name: str
    command: str
    needs: str = ""
    environment: str = ""  # a folder in ENVIRONMENTS; else the Python that runs the benchmark
    everywhere: bool = False  # whether it takes part in all shapes, or in SOME only
    same_start: bool = True
    note: str = ""


NUMPY, FAST, SKLEARN = "NumPy alone", "[fast]", "scikit-learn"
OURS = NUMPY, FAST
SPARK = "pyspark pandas pyarrow"
SOME = ["100kx2x5", "1Mx8x8"]  # shapes for the slower peers

PEERS = [
    Peer(NUMPY, "ours.py numpy", everywhere=True, note="gmm.em as it is where numba is not installed"),
    Peer(FAST, "ours.py fast", "numba", everywhere=True, note="gmm.em as it is where numba is installed"),
    Peer(SKLEARN, "with_sklearn.py", "scikit-learn", everywhere=True, note="GaussianMixture.fit, tol=0, reg_covar=0"),
    Peer("oneDAL", "with_onedal.py", "scikit-learn-intelex packaging", "onedal", True, note="daal4py.em_gmm"),
    Peer("gmmx", "with_gmmx.py", "gmmx", "gmmx", True, note="EMFitter.fit, float64 (its check for float32 taken out)"),
    Peer("pomegranate", "with_pomegranate.py", "torch==2.13.0 pomegranate", "pomegranate", note="fit, float64 tensors"),
    Peer("OpenCV", "with_opencv.py", "opencv-python-headless<5", "opencv", note="ml.EM.trainE, which has one thread"),
    Peer("mlpack", "with_mlpack.py", "mlpack", "mlpack", same_start=False, note="gmm_train"),
    Peer("mclust", "with_mclust.R", "Debian's r-cran-mclust", note="emVVV, Fortran, which has one thread"),
    Peer("Spark MLlib", "with_spark.py mllib", SPARK, "spark", note="the older code, on RDDs; one thread a core"),
    Peer("Spark ML", "with_spark.py ml", SPARK, "spark", same_start=False, note="GaussianMixture; one thread a core"),
]


def interpreter(peer):
    if peer.command.split()[0].endswith(".R"):
        return "Rscript"
    python = ENVIRONMENTS / peer.environment / "bin" / "python"
    return str(python) if peer.environment and python.exists() else sys.executable


class Missing(Exception):
    """A peer that is not installed."""


class Failed(Exception):
    """A peer that could not do what it was asked."""


class Worker:
    """A peer that runs and answers."""

    def __init__(self, peer):
        self.peer = peer
        program, *arguments = peer.command.split()
        if which(interpreter(peer)) is None:
            raise Missing(interpreter(peer))
        self.log = TemporaryFile("w+")  # noqa: SIM115
        self.process = subprocess.Popen(
            [interpreter(peer), str(HERE / "peers" / program), *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True, env=both_cores(),
        )  # fmt: skip

    def ask(self, line, seconds=600):
        """One line there, one line back; killed if it takes too long."""
        timer = Timer(seconds, self.process.kill)
        timer.start()
        try:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
            reply = next((answer for answer in self.process.stdout if answer.startswith("@")), "")
        except BrokenPipeError:
            reply = ""
        finally:
            timer.cancel()
        if not reply:
            raise Failed(f"no answer to `{line.split()[0]}` within {seconds:.0f} s: {self.last_words()}")
        kind, _, rest = reply[1:].strip().partition(" ")
        if kind == "missing":
            raise Missing(rest)
        if kind == "error":
            raise Failed(rest)
        return reply[1:].strip()

    def run(self, steps, path, seconds=600):
        return float(self.ask(f"run {steps} {path}", seconds))

    def last_words(self):
        self.log.seek(0)
        lines = self.log.read().strip().splitlines()
        return lines[-1] if lines else "it ended in silence"

    def close(self):
        with suppress(BrokenPipeError):
            self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.log.close()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()


def both_cores():
    """The environment in which everybody may use every core."""
    names = "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"
    return {**os.environ, **dict.fromkeys(names, str(cores()))}


def mixture_in(path, K, D):
    """The mixture that a worker wrote; rounding of its weights' sum and of its covariances' symmetry is taken away."""
    weights, means, covariances = np.split(np.fromfile(path), [K, K + K * D])
    covariances = covariances.reshape(K, D, D)
    covariances = (covariances + covariances.transpose(0, 2, 1)) / 2
    return gmm.Mixture(weights / weights.sum(), means.reshape(K, D), covariances)
