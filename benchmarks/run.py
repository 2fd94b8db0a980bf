"""The benchmark: python benchmarks/run.py (minutes), python benchmarks/run.py --quick (less than one).

Numbers go into results.json after each part, and from there into results.md and results.svg. Leave the machine alone
meanwhile.
Options narrow it: --parts steps --shapes 1Mx8x8 --peers oneDAL; --resume keeps what an earlier run has found.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from datetime import date
from functools import partial
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np

import fits
import growth
import limits
import report
import shapes
import timing
from workers import HERE, NUMPY, OURS, PEERS, SKLEARN, SOME, both_cores

QUICK_PEERS = [*OURS, SKLEARN, "oneDAL"]


def main(arguments=None):
    options = parsed(arguments)
    target = options.out / "results.json"
    options.out.mkdir(parents=True, exist_ok=True)
    results = json.loads(target.read_text()) if options.resume and target.exists() else {}
    results["about"] = about(options)
    begin = perf_counter()
    with TemporaryDirectory() as scratch:
        for name, part in parts(options, Path(scratch)):
            if name in results and name not in options.again:
                continue
            print(f"{perf_counter() - begin:5.0f} s  {name}", flush=True)
            found = attempt(part)
            results[name] = best_of(results.get(name), found) if name == "limits" else found
            target.write_text(json.dumps(results, indent=1) + "\n")
    results["about"]["minutes"] = round((perf_counter() - begin) / 60, 1)
    target.write_text(json.dumps(results, indent=1) + "\n")
    report.write(results, options.out)
    print(f"{perf_counter() - begin:5.0f} s  {options.out / 'results.md'}")


def parsed(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer points, rounds and peers; goes to build/benchmarks")
    parser.add_argument("--rounds", type=int, help="5, or 3 if quick")
    parser.add_argument("--limit", type=float, help="seconds for one peer and shape, after which it does fewer steps")
    parser.add_argument("--shapes", type=words, help="names as in results.json, with commas between")
    parser.add_argument("--peers", type=words, help="names as in results.md, with commas between; ours come too")
    parser.add_argument("--parts", type=words, default=PARTS, help=", ".join(PARTS))
    parser.add_argument("--everywhere", action="store_true", help="the slow peers in all shapes, too")
    parser.add_argument("--resume", action="store_true", help="do only what results.json lacks")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args(arguments)
    options.rounds = options.rounds or (3 if options.quick else 5)
    options.limit = options.limit or (5 if options.quick else 15)
    options.out = options.out or (HERE.parent / "build" / "benchmarks" if options.quick else HERE)
    options.again = {"limits"}
    return options


def words(text):
    return text.split(",")


PARTS = ["limits", "steps", "stages", "fits", "memory", "file", "dask", "growth"]


def attempt(part):
    """One part that fails must not take the others with it."""
    try:
        return part()
    except Exception as error:
        print(f"         failed: {type(error).__name__}: {error}", file=sys.stderr)
        return {"failed": f"{type(error).__name__}: {error}"}


# ---- the parts


def parts(options, scratch):
    """(name, function) of all that is to be measured, in order. The limits are measured first and last."""
    size = "quick" if options.quick else "full"
    every = {
        "limits": [("limits", lambda: measured("limits.py", 0.5))],
        "steps": [(f"steps {s.name}", partial(steps, s, options, scratch)) for s in chosen(options)],
        "fits": whole_fits(options, scratch),
        "memory": [("memory", lambda: memory(options, scratch))],
        "file": [("file", lambda: file(options, scratch))],
        "dask": [("dask", lambda: dask(options, scratch))],
        "stages": [("stages", partial(measured, "stages.py", scratch / "stages", size))],
        "growth": [("growth", lambda: growth.growth(scratch / "growth", min(3, options.rounds), options.quick))],
    }
    for name in options.parts:
        yield from every[name]
    if "limits" in options.parts:
        yield from every["limits"]


def chosen(options):
    names = options.shapes or (SOME if options.quick else [shape.name for shape in shapes.SHAPES])
    found = [shape for shape in shapes.SHAPES if shape.name in names]
    return [shape.quicker() for shape in found] if options.quick else found


def steps(shape, options, scratch):
    names = options.peers or (QUICK_PEERS if options.quick else [peer.name for peer in PEERS])
    here = [peer for peer in PEERS if peer.name in (*OURS, *names)]
    if not (options.everywhere or options.peers or shape.name in SOME):
        here = [peer for peer in here if peer.everywhere]
    folder = scratch / shape.name
    peers = timing.summarized(timing.time_shape(shape, here, options.rounds, folder, options.limit))
    return {"shape": vars(shape), "title": shape.title, "needs": shapes.operations(shape), "peers": peers}


def whole_fits(options, scratch):
    rounds = options.rounds
    yield "fit Old Faithful", partial(fits.old_faithful, scratch / "faithful", rounds)
    for shape in () if options.quick else shapes.SHAPES[:1]:
        folder = scratch / f"fit-{shape.N}-{shape.D}"
        yield f"fit {shape.title}", partial(fits.whole_fits, shape, folder, min(3, rounds))


def memory(options, scratch):
    found = []
    for shape in shapes.SHAPES[2:3] if options.quick else shapes.SHAPES[2:4]:
        shape = shape.quicker() if options.quick else shape
        shapes.prepare(shape, scratch / shape.name)
        size = 8 * shape.N * shape.D / 1e6
        folder, everybody = scratch / shape.name, ("NumPy", "fast", "sklearn")
        each = {who: measured("memory.py", "array", who, "3", folder) for who in everybody}
        found.append({"title": shape.title, "points": size, **each})
    return found


def file(options, scratch, D=8, K=8):
    """A fit from a file that is never in memory as a whole."""
    N, path = 1_000_000 if options.quick else 10_000_000, scratch / "large.npy"
    rng = np.random.default_rng(4)
    shapes.write_points(path, N, shapes.truth(D, K, rng, separation=10), rng)
    begin = perf_counter()
    added = {who: measured("memory.py", "file", who, K, path) for who in ("fast", "NumPy")}
    seconds = perf_counter() - begin
    path.unlink()
    return {"title": f"({shapes.short(N)}, {D}, {K})", "size": 8 * N * D / 1e6, "added": added, "seconds": seconds}


def dask(options, scratch):
    large, small = shapes.SHAPES[2], shapes.Shape(2000, 2, 2)
    large = large.quicker() if options.quick else large
    for shape in (large, small):
        shapes.prepare(shape, scratch / shape.name)
    found = measured("cluster.py", scratch / large.name, scratch / small.name, str(3 * options.rounds))
    return {"title": large.title, **found}


def measured(script, *arguments):
    """What a script of this folder prints as JSON, in a process of its own."""
    command = [sys.executable, str(HERE / script), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, env=both_cores(), timeout=900)
    if done.returncode:
        raise RuntimeError(f"{script}: {done.stderr.strip().splitlines()[-1]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def best_of(before, now):
    """The limits are the best that was seen."""
    return now if not before or "failed" in now else {key: max(before.get(key, 0), value) for key, value in now.items()}


# ---- about


def about(options):
    return {
        "date": date.today().isoformat(),
        "command": "make bench-quick" if options.quick else "make bench",
        "quick": options.quick,
        "rounds": options.rounds,
        "machine": f"{processor()}, {limits.cores()} cores, {platform.system()}",
        "load": load(),
        "versions": {"Python": platform.python_version(), **{name: installed(name) for name in PACKAGES}},
        "equal": timing.EQUAL,
        "reference": NUMPY,
    }


def load():
    """How many others wanted the processor in the last minute."""
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown size"


PACKAGES = "gmm_tutorial numpy scipy numba threadpoolctl scikit-learn dask distributed".split()


def installed(name):
    try:
        return version(name)
    except ImportError:
        return "not installed"


def processor():
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


if __name__ == "__main__":
    main()
