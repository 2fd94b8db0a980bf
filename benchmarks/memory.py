"""How much memory a fit adds to a process, which does nothing else. Prints megabytes.

python memory.py array NumPy 3 folder     3 steps of EM on points that are there already (or `fast`, or `sklearn`)
python memory.py file NumPy 8 file.npy    a whole fit of 8 components from a file, reading and checking included
"""

import sys
from contextlib import suppress
from pathlib import Path


def main(what, who, number, path):
    if who == "NumPy":
        sys.modules["numba"] = None  # as if it were not installed
    before, work = {"array": on_array, "file": from_file}[what](who, int(number), Path(path))
    work()
    print(peak() - before)


def on_array(who, steps, folder):
    import numpy as np

    points = np.load(folder / "points.npy")
    weights, means, covariances = (np.load(folder / f"{name}.npy") for name in ("weights", "means", "covariances"))
    if who == "sklearn":
        import warnings

        from sklearn.mixture import GaussianMixture

        warnings.simplefilter("ignore")
        given = {"weights_init": weights, "means_init": means, "precisions_init": np.linalg.inv(covariances)}
        options = {"init_params": "random", "tol": 0, "reg_covar": 0, "max_iter": steps, **given}
        work = GaussianMixture(len(weights), **options).fit
    else:
        from itertools import islice

        import gmm_tutorial as gmm

        start = gmm.Mixture(weights, means, covariances)

        def work(points):
            return next(islice(gmm.em(points, start), steps, None))

    work(points[:20_000])  # what is imported or compiled at first use is not the fit's
    forget_peak()
    return now(), lambda: work(points)


def from_file(who, K, path):
    import gmm_tutorial as gmm

    if who != "NumPy":
        from gmm_tutorial.scale import compiled  # noqa: F401
    forget_peak()
    return now(), lambda: gmm.fit([path], K, starts=3, tolerance=100, rng=0)


# ---- what the kernel of the system says, in MB


def status(key):
    """A line of /proc/self/status; where there is none, the peak from getrusage."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return next(int(line.split()[1]) for line in lines if line.startswith(key)) / 1024


def peak():
    return status("VmHWM")


def now():
    return status("VmRSS")


def forget_peak():
    """So that the peak counts from here on, where Linux allows it."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


if __name__ == "__main__":
    main(*sys.argv[1:])
