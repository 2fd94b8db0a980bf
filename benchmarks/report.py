"""Writes the page and the picture of the benchmark, results.md and results.svg, from results.json.

To write them again without measuring: python benchmarks/report.py
"""

import json
import re
from pathlib import Path
from statistics import median

import matplotlib

from fits import NEAR, how
from shapes import seconds_at_least
from workers import FAST, NUMPY, OURS, PEERS, SKLEARN, SOME

matplotlib.use("Agg")
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

from gmm_tutorial import plots

HERE = Path(__file__).parent


def write(results, folder):
    sections = [heading, steps, machine_limits, stages, whole, memory, file, dask, growth, cost_model, method]
    text = "\n\n".join(part for section in sections for part in section(results) if part)
    (folder / "results.md").write_text(text + "\n", encoding="utf-8")
    if timed(results):
        save(picture(results), folder / "results.svg")


def table(head, rows):
    lines = [head, ["---", *["--:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def timed(results):
    found = [part for name, part in results.items() if name.startswith("steps ") and "peers" in part]
    found.sort(key=lambda part: [part["shape"][size] for size in ("diagonal", "D", "K")])
    return {f"steps {part['title']}": part for part in found}


def good(results, name):
    part = results.get(name)
    return part if part and "failed" not in part else None


# ---- the sections of the page


def heading(results):
    about = results["about"]
    versions = ", ".join(f"{name} {version}" for name, version in about["versions"].items())
    yield "# Benchmark"
    yield (
        "This page compares the speed and the memory of this package with those of other libraries. "
        f"`{about['command']}` wrote it on {about['date']}, on {about['machine']}, whose load was {about['load']} "
        f"before. The raw numbers are in `results.json`. Versions: {versions}."
    )
    if about["quick"]:
        yield f"**Quick mode**: {about['rounds']} rounds and few points. It shows that everything runs, not how fast."
    parts = [(name, part) for name, part in results.items() if isinstance(part, dict) and "failed" in part]
    if failed := [f"{name}: {part['failed']}" for name, part in parts]:
        yield "Parts that failed: " + "; ".join(failed) + "."


def steps(results):
    found = timed(results)
    if not found:
        return
    yield "## The time of a step of EM"
    yield (
        "All libraries get the same points, the same start and the same number of steps, in float64 and on all cores. "
        f'Two rows are ours: `{FAST}` is the package with numba (`pip install ".[fast]"`), and `{NUMPY}` is the '
        "package without it. Milliseconds are medians over the rounds. A number in a column *×* says how many times as "
        "long a library takes as ours: it is the median of the ratios within each round, with the smallest and the "
        "largest in parentheses. *Δℓ* is the difference of its log-likelihood from ours after the same number of "
        f"steps; a relative difference below {results['about']['equal']:.0e} counts as equal (✓)."
    )
    yield "![The time of a step of each library, relative to ours](results.svg)"
    others = list(dict.fromkeys(name for part in found.values() for name in part["peers"] if name not in OURS))
    yield (
        f"The first table has the medians of the ratios to `{FAST}`, and for scikit-learn also the ratio to `{NUMPY}`. "
        "The mark † means that the library did not do the same computation: it chose its own start, or reached another "
        "log-likelihood. *In noise* means that a step took less time than the measurement can resolve, because it is "
        "computed as a difference of two much longer runs."
    )
    yield table(
        ["", *(f"{our}, ms" for our in OURS), f"{SKLEARN} × {NUMPY}", *others],
        [glance(part, others) for part in found.values()],
    )
    for part in found.values():
        yield f"### {part['title']}"
        head = ["", "ms per step", f"× {FAST}", f"× {NUMPY}", "Δℓ", "steps × rounds"]
        yield table(head, [step_row(name, row) for name, row in part["peers"].items()])


def glance(part, others):
    peers = part["peers"]
    ours = [f"{1000 * peers[our]['seconds']:.3g}" if "seconds" in peers.get(our, {}) else "" for our in OURS]
    cells = [(SKLEARN, NUMPY), *((name, FAST) for name in others)]
    return [part["title"], *ours, *(middle_of(peers.get(name, {}), our) for name, our in cells)]


def middle_of(row, our):
    middle = row.get("ratios", {}).get(our, {}).get("median")
    if middle and lost(row):
        return "in noise"
    return f"{middle:.3g}{'' if does_the_same(row) else ' †'}" if middle else ""


def lost(row):
    """True if a step is so short, compared with the rest of a run, that its time was negative in some rounds."""
    return min(row["rounds"]) <= 0


def does_the_same(row):
    return row["same_start"] and row["equal"]


def step_row(name, row):
    if row["status"] in ("not installed", "failed"):
        why = row["status"] if row["status"] == "not installed" else f"failed: {row['why'][:60]}"
        return [name, why, "", "", "", ""]
    many = f"{row['steps']} × {len(row['rounds'])}{'' if row['status'] == 'timed' else ', too slow for more'}"
    label = f"**{name}**" if name in OURS else name
    if lost(row):
        return [label, "in noise", "", "", agreement(row), many]
    cells = [ratio(row["ratios"].get(our)) for our in (FAST, NUMPY)]
    return [label, f"{1000 * row['seconds']:.3g}", *cells, agreement(row), many]


def ratio(found):
    return f"{found['median']:.3g} ({found['least']:.3g}–{found['most']:.3g})" if found else ""


def agreement(row):
    if not row["same_start"]:
        return "own start"
    if not row["equal"]:
        return f"✗ differs by {row['difference']:.2g}"
    return f"✓ {row['difference']:.0e}" if row["difference"] else "✓ 0"


def machine_limits(results):
    limits, found = good(results, "limits"), timed(results)
    if not limits or not found:
        return
    yield "## Comparison with the limits of this machine"
    yield (
        f"The same run measured what all cores of this machine can do: {limits['flops'] / 1e9:.0f} GFLOP/s in a "
        f"product of large matrices, {limits['exponentials'] / 1e6:.0f} million exponentials per second, and "
        f"{limits['bytes'] / 1e9:.0f} GB/s in a copy."
    )
    yield (
        "For each point and component, a step needs 2D(D+1) + 7D + 4 floating-point operations (10D + 4 if the "
        "covariances are diagonal) and one exponential, and it reads each point once. (`operations` in `shapes.py` "
        "counts them. Symmetric and triangular matrices count half, although a matrix product of BLAS computes all "
        "entries.) The binding limit is the one that takes the longest. The last columns show which fraction of the "
        "speed of the limit ours reaches: first of the binding limit alone, then of arithmetic and exponentials one "
        "after the other."
    )
    yield table(
        ["", "GFLOP", "M exp", "MB", "binding limit", "ms", *(f"reached by {our}" for our in OURS),
         *(f"{our}, of both" for our in OURS)],
        [limit_row(part, limits) for part in found.values()],
    )  # fmt: skip


def limit_row(part, limits):
    needs, least = part["needs"], seconds_at_least(part["needs"], limits)
    binding = max(least, key=least.get)
    both = least["matrix products"] + least["exponentials"]
    ours = [part["peers"].get(our, {}).get("seconds") for our in OURS]
    numbers = [f"{needs['flops'] / 1e9:.3g}", f"{needs['exponentials'] / 1e6:.3g}", f"{needs['bytes'] / 1e6:.3g}"]
    reached = [f"{limit / our:.0%}" if our else "" for limit in (least[binding], both) for our in ours]
    return [part["title"], *numbers, binding, f"{1000 * least[binding]:.3g}", *reached]


def stages(results):
    found = good(results, "stages")
    if not found:
        return
    yield "## Where the time goes"
    yield (
        "The table shows nanoseconds for each point and component in the stages of the compiled loops, on one core, "
        "and then how many times as fast a step is on all cores as on one. Between two calls of NumPy a thread needs "
        "Python's global lock. If the calls are short, as in few dimensions, the threads mostly wait for each other, "
        f"and this, not the arithmetic, limits `{NUMPY}`. The distance of `{FAST}` from the limit comes from the two "
        "stages of arithmetic: loops of numba keep fewer sums in registers than a product of large matrices, and in "
        "more than 20 dimensions the products are those of small matrices."
    )
    names = list(found[0]["stages"])
    yield table(
        ["", *names, *(f"all cores, {our}" for our in OURS)],
        [
            [row["title"], *(f"{row['stages'][name]:.3g}" for name in names),
             *(f"{row['seconds'][f'{way}, one core'] / row['seconds'][f'{way}, all cores']:.2f} ×"
               for way in ("NumPy", "fast"))]
            for row in found
        ],
    )  # fmt: skip


def whole(results):
    found = {name: part for name, part in results.items() if name.startswith("fit ") and isinstance(part, list)}
    if found:
        yield "## Whole fits, with their starts"
        yield (
            "Old Faithful is fitted from 10 starts by each library. In a large fit each library makes one start by "
            f"k-means, and stops when the further gain is about {NEAR} nats. The column *below* shows by how much the "
            "final log-likelihood is below the highest one of the table; compare only rows in which it is about equal. "
            "The ratio is that of the medians."
        )
    for name, rows in found.items():
        yield f"### {name.removeprefix('fit ')}"
        best = next((row["seconds"] for row in rows if row["name"] == FAST), rows[0]["seconds"])
        yield table(
            ["", "seconds", f"× {FAST}", "steps", "log-likelihood", "below"],
            [
                [f"{row['name']}: {how(row['options'])}", f"{row['seconds']:.3g}", f"{row['seconds'] / best:.3g}",
                 row["steps"], f"{row['log_likelihood']:.4f}", f"{row['below']:.2g}"]
                for row in rows
            ],
        )  # fmt: skip


def memory(results):
    found = good(results, "memory")
    if found:
        yield "## Peak memory in addition to the data"
        yield "The increase in the peak memory of a process in three steps, in MB, after its points have been loaded."
        head = ["", "points", NUMPY, FAST, SKLEARN, f"{NUMPY} / {SKLEARN}"]
        yield table(
            head,
            [
                [row["title"], *(f"{row[key]:.0f}" for key in ("points", "NumPy", "fast", "sklearn")),
                 f"{row['NumPy'] / row['sklearn']:.3f}"]
                for row in found
            ],
        )  # fmt: skip


def file(results):
    found = good(results, "file")
    if found:
        added = found["added"]
        yield "## From a file"
        yield (
            f"A fit of {found['title']} from a .npy file of {found['size']:.0f} MB, with checks and initialization, "
            f"adds {added['fast']:.0f} MB to the memory of the process after its imports ({added['NumPy']:.0f} MB "
            "without numba)."
        )


def dask(results):
    found = good(results, "dask")
    if not found:
        return
    least, most = min(found["speedups"]), max(found["speedups"])
    one, both, overhead = median(found["one"]), median(found["two"]), found["tiny_median"]
    expected = one / (overhead + (one - overhead) / 2)
    yield "## Dask"
    yield (
        f"A worker is a process with one thread, and all workers are on this machine. On {found['title']} a step takes "
        f"{1000 * one:.0f} ms with one worker and {1000 * both:.0f} ms with two: two workers are "
        f"{median(found['speedups']):.2f} ({least:.2f}–{most:.2f}) times as fast. A step on 2000 points, which need "
        f"almost no computation, takes {1000 * overhead:.1f} ms, and a single task that does nothing takes "
        f"{1000 * found['empty_median']:.1f} ms. If this overhead were the only limit, two workers would be "
        f"{expected:.2f} times as fast. The rest was not measured separately: on one machine the workers, the "
        "scheduler and the client share the processor and its memory. More than one machine was not tried."
    )
    peers = next((part["peers"] for part in timed(results).values() if part["title"] == found["title"]), {})
    spark = {name: row["seconds"] / both for name, row in peers.items() if "Spark" in name and "seconds" in row}
    if spark:
        times = " and ".join(f"{name} takes {times:.1f} times as long" for name, times in spark.items())
        yield f"For a step on the same points, {times} as this package with Dask on two workers."


def growth(results):
    found = good(results, "growth")
    if found:
        yield "## How the cost grows"
        yield "The exponents of the time of a step, fitted by least squares to logarithms; 1 means proportional."
        axes = next(iter(found.values()))
        ranges = [f"{axis}, {by['sizes'][0]} to {by['sizes'][-1]}" for axis, by in axes.items()]
        rows = [[name, *(f"{by[axis]['exponent']:.2f}" for axis in axes)] for name, by in found.items()]
        yield table(["", *ranges], rows)


def cost_model(results):
    """The section that cost_model.py wrote, if there is one."""
    kept = HERE / "cost_model.md"
    if kept.exists():
        yield kept.read_text(encoding="utf-8").strip()


def method(results):
    yield "## How it is measured"
    yield (
        "Each library runs in its own process (`peers/`), which loads the points and waits for its turn. In each of "
        f"{results['about']['rounds']} rounds every library has one turn, and each round begins with another one. A "
        "turn consists of two runs, one of a single step and one of *steps* more; the difference of their times, "
        "divided by *steps*, is the time of a step. So anything that a library does once, before or after the steps, "
        "is not counted. Both runs are made once before the measurement, so that no compilation is timed. The "
        f"log-likelihoods of all results are computed by the same function. `{NUMPY}` runs without numba, but with "
        "threadpoolctl."
    )
    yield "The slower libraries take part only in " + " and ".join(SOME) + " (`--everywhere` includes them in all)."
    rows = [[peer.name, peer.note, f"`{peer.needs}`" if peer.needs else "", seen(results, peer.name)] for peer in PEERS]
    lines = table(["library", "what is called", "installed from", "version"], rows).replace("--:", "---")
    yield lines


def seen(results, name):
    rows = [part["peers"][name] for part in timed(results).values() if name in part["peers"]]
    return next((row["version"] for row in rows if "version" in row), "not installed" if rows else "")


# ---- the picture


def picture(results):
    """The figure with a row for each shape and a mark for each library, at its time relative to [fast]."""
    found = timed(results)
    with matplotlib.rc_context(plots.STYLE):
        figure = Figure(figsize=(8, 1.6 + 0.62 * len(found)))
        axes = figure.subplots()
        names = [peer.name for peer in PEERS if peer.name != FAST]
        for number, name in enumerate(names):
            marks(axes, number, name, found, len(names))
        axes.axvline(1, color=plots.BLACK, linewidth=1)
        for y in range(1, len(found)):
            axes.axhline(y - 0.5, color=plots.PALE, linewidth=0.8)
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.set_yticks(range(len(found)), [part["title"] for part in found.values()])
        axes.set_ylim(len(found) - 0.5, -0.5)
        axes.set_xlabel(f"time of a step divided by that of {FAST}; bars from the smallest to the largest ratio")
        axes.set_title(finding(found))
        figure.legend(*axes.get_legend_handles_labels(), loc="outside right upper", frameon=False)
    return figure


def marks(axes, number, name, found, count):
    rows = [(y, part["peers"].get(name, {}).get("ratios", {}).get(FAST)) for y, part in enumerate(found.values())]
    rows = [(y + 0.7 * (number + 0.5) / count - 0.35, r) for y, r in rows if r and r["least"] > 0]
    if not rows:
        return
    places, middles = [y for y, _ in rows], [r["median"] for _, r in rows]
    reach = [[r["median"] - r["least"] for _, r in rows], [r["most"] - r["median"] for _, r in rows]]
    look = {key: value for key, value in plots.style(number).items() if key != "linestyle"}
    axes.errorbar(middles, places, xerr=reach, linestyle="none", markersize=6, capsize=2, label=name, **look)


def finding(found):
    """The title: for how many of the shapes no library that does the same computation is faster."""
    rows = [
        [
            row["ratios"][FAST]["median"]
            for row in part["peers"].values()
            if row["rounds"] and FAST in row["ratios"] and does_the_same(row) and not lost(row)
        ]
        for part in found.values()
    ]
    rows = [row for row in rows if row]
    ahead = sum(min(row) > 1 for row in rows)
    return f"{FAST} is fastest on {ahead} of {len(rows)} shapes"


def save(figure, path):
    settings = {"svg.hashsalt": "gmm", "svg.fonttype": "path"}
    with matplotlib.rc_context(settings):
        figure.savefig(path, metadata={"Date": None, "Title": "Benchmark"})
    path.write_bytes(re.sub(rb"[ \t]+\n", b"\n", path.read_bytes()))


if __name__ == "__main__":
    write(json.loads((HERE / "results.json").read_text()), HERE)
