"""An estimate for a billion points on a cluster: python benchmarks/cost_model.py (a minute or two).

The parts of a step are measured on one core, and the time of a step on 10⁹ points is computed from them. The section is
printed and stored in cost_model.md, which `report.py` includes in results.md.
"""

import argparse
import json
import pickle
from functools import partial
from pathlib import Path
from time import process_time

import numpy as np

import gmm_tutorial as gmm
from gmm_tutorial.scale.blocks import rows_of, steps_in_blocks
from gmm_tutorial.scale.calls import sample_size
from gmm_tutorial.scale.choice import compiled_loops
from gmm_tutorial.scale.cluster import FAN
from gmm_tutorial.scale.threads import one_by_one

HERE = Path(__file__).parent
N, D, K = 10**9, 32, 100
STARTED, FIRST = 15, 8  # starts in a race, and E-steps before the first of them are left behind
CLUSTERS = (10, 100, 1000)  # workers of one core each
NETWORK = 1.25e9  # bytes a second, 10 Gbit/s: assumed, not measured


def least_seconds(function, repetitions):
    """The CPU seconds of a call, the least of several."""
    seconds = []
    for _ in range(repetitions):
        begin = process_time()
        function()
        seconds.append(process_time() - begin)
    return min(seconds)


def measured(repetitions=5):
    """The measured parts: steps on one, two and four blocks, a merge of two summaries, an M-step, and their bytes."""
    rng = np.random.default_rng(0)
    rows, means = rows_of(K, D), 3 * rng.normal(size=(K, D))
    sizes = [rows, 2 * rows, 4 * rows]
    points = means[rng.integers(K, size=sizes[-1])] + rng.normal(size=(sizes[-1], D))
    mixture = gmm.Mixture(np.full(K, 1 / K), means, np.tile(np.eye(D), (K, 1, 1)))
    compiled = compiled_loops()
    summarize = compiled.summarize if compiled else gmm.summarize
    e_step, m_step = steps_in_blocks(summarize, one_by_one, rows)
    summary, _ = e_step(points, mixture)
    return {
        "path": "compiled loops" if compiled else "formulas",
        "rows": rows,
        "sizes": sizes,
        "steps": [least_seconds(partial(e_step, points[:size], mixture), repetitions) for size in sizes],
        "merge": least_seconds(partial(gmm.merge, summary, summary), 5 * repetitions),
        "m_step": least_seconds(lambda: m_step(points, summary).factors, 5 * repetitions),
        "summary_bytes": len(pickle.dumps(tuple(summary))),
        "mixture_bytes": len(pickle.dumps(mixture)),
    }


def line_through(sizes, seconds):
    """The constant seconds of a call and the seconds for each point, from two sizes."""
    slope = (seconds[1] - seconds[0]) / (sizes[1] - sizes[0])
    return seconds[0] - slope * sizes[0], slope


def step_on(workers, parts, there_and_back):
    """The seconds of one step: the computation, the tree of merges, the network traffic, and the M-step.

    there_and_back, seconds that the scheduler needs for a step in which there is nothing to compute
    """
    _, per_point = line_through(parts["sizes"], parts["steps"])
    levels, left = 0, workers
    while left > FAN:
        levels, left = levels + 1, left // FAN
    compute = N / workers * per_point
    merges = (levels * FAN + left) * parts["merge"]
    from_client = workers * parts["mixture_bytes"] / NETWORK
    to_client = (levels * FAN + left) * parts["summary_bytes"] / NETWORK
    return {
        "compute": compute,
        "beside": merges + from_client + to_client + parts["m_step"] + there_and_back * max(1, workers / 2),
        "bytes": workers * (parts["mixture_bytes"] + parts["summary_bytes"]),
    }


def memory_of_a_worker(workers, rows):
    """The bytes of its points, and of the points, deviations and log joints of a block."""
    return 8 * (N / workers * D + rows * (3 * D + 2 * K))


def section(parts, there_and_back, steps):
    first, second, third = parts["sizes"]
    call, per_point = line_through(parts["sizes"], parts["steps"])
    predicted, found = call + third * per_point, parts["steps"][2]
    yield "## An estimate for a billion points on a cluster"
    yield (
        "This section was computed and not measured: no cluster was available. It estimates the time of a fit of "
        f"{N:.0e} points in {D} dimensions with K = {K} from parts that were measured ({parts['path']}, CPU time on "
        f"one core): {1e6 * per_point:.1f} µs for each point in a step; {1000 * parts['merge']:.2f} ms to merge two "
        f"summaries; {1000 * parts['m_step']:.1f} ms for the M-step with its Cholesky factors; and "
        f"{1000 * there_and_back:.0f} ms for a step of two Dask workers without work, which is assumed to grow in "
        f"proportion to the number of workers. The network is assumed to have {8 * NETWORK / 1e9:.0f} Gbit/s."
    )
    yield (
        f"Check on one core: extrapolated from steps on {first} and {second} points, a step on {third} points should "
        f"take {predicted:.3f} s. It took {found:.3f} s, a difference of {100 * (found / predicted - 1):+.0f} %."
    )
    head = "| workers | computing, s per step | the rest, s per step | network, MB per step | GB per worker |"
    lines = [f"{head} {steps} steps, h |", "| --: " * 6 + "|"]
    for workers in CLUSTERS:
        step = step_on(workers, parts, there_and_back)
        hours = steps * (step["compute"] + step["beside"]) / 3600
        memory = memory_of_a_worker(workers, parts["rows"]) / 1e9
        a_step = f"{step['compute']:.1f} | {step['beside']:.2f} | {step['bytes'] / 1e6:.0f}"
        lines.append(f"| {workers} | {a_step} | {memory:.2f} | {hours:.2f} |")
    yield "\n".join(lines)
    size = sample_size(N, K, D)
    yield (
        f"In a step only mixtures ({parts['mixture_bytes'] / 1e3:.0f} kB) are sent to the workers and only summaries "
        f"({parts['summary_bytes'] / 1e3:.0f} kB) come back, whatever the number of points. The number of steps on all "
        "points is an assumption: they begin near the maximum of a sample, but overlapping components need more steps "
        "than separate ones. More workers do not make the choice among the starts faster, because the sample of "
        f"{size / 1e6:.1f} million points ({8 * size * D / 1e9:.2f} GB) is sent to the client, where the first {FIRST} "
        f"steps of {STARTED} starts take {STARTED * FIRST * size * per_point / 3600:.1f} hours on one core."
    )


def text(parts, there_and_back, steps):
    return "\n\n".join(section(parts, there_and_back, steps)) + "\n"


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--out", type=Path, default=HERE)
    options = parser.parse_args(arguments)
    dask = json.loads((HERE / "results.json").read_text(encoding="utf-8")).get("dask", {})
    written = text(measured(options.repetitions), dask.get("tiny_median", 0.015), options.steps)
    (options.out / "cost_model.md").write_text(written, encoding="utf-8")
    print(written)


if __name__ == "__main__":
    main()
