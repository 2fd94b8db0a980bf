"""Whole fits with all defaults, ours beside scikit-learn and mclust: python benchmarks/panel.py (half an hour).

For each problem and seed everybody fits once, in turn. The medians go into fits.json and fits.md. With --problems only
those are measured anew. With --quick only the small problems are fitted, with two seeds. The small problems get four
times as many seeds: where maxima are many, a median over five would depend on chance.
"""

import argparse
import json
import subprocess
import warnings
from functools import cache
from itertools import islice
from pathlib import Path
from shutil import which
from statistics import geometric_mean, median
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine
from sklearn.decomposition import PCA
from sklearn.mixture import GaussianMixture

import gmm_tutorial as gmm
from gmm_tutorial.convergence import converged

HERE = Path(__file__).parent
LARGE = 20_000  # points, from which on the peers take minutes at a tight tolerance: one seed, at most 1000 steps
HUGE = 100_000  # and from which on they take too long: left out
MORE = 4  # times as many seeds for the small problems


# ---- the problems


def standardized(points):
    return (points - points.mean(axis=0)) / points.std(axis=0)


def clouds(N, D, K, seed=0, distance=3.0):
    """N points of a random mixture; the smaller the distance, the more its components overlap."""
    rng = np.random.default_rng(seed)
    roots = rng.normal(size=(K, D, D)) / np.sqrt(D)
    factors = np.linalg.cholesky(roots @ roots.swapaxes(1, 2) + 0.3 * np.eye(D))
    means, weights = distance * rng.normal(size=(K, D)), rng.dirichlet(np.full(K, 5.0))
    labels = rng.choice(K, size=N, p=weights)
    return means[labels] + np.einsum("nij,nj->ni", factors[labels], rng.normal(size=(N, D)))


def in_a_row(seed, *mean_deviation_size):
    """Numbers of several Gaussians on a line."""
    rng = np.random.default_rng(seed)
    return np.concatenate([rng.normal(mean, deviation, size) for mean, deviation, size in mean_deviation_size])[:, None]


def digits():
    return PCA(10, random_state=0).fit_transform(load_digits().data)


def penguins():
    return gmm.load_penguins()[0]


def overlapping():
    return clouds(20_000, 2, 10, seed=1, distance=1.5)


PROBLEMS = {  # points, K, constraint
    "faithful2": (gmm.load_faithful, 2, "full"),
    "faithful3": (gmm.load_faithful, 3, "full"),
    "iris3": (lambda: load_iris().data, 3, "full"),
    "wine3": (lambda: standardized(load_wine().data), 3, "full"),
    "bcancer2": (lambda: standardized(load_breast_cancer().data), 2, "full"),
    "penguins3": (penguins, 3, "full"),
    "acidity2": (gmm.load_acidity, 2, "full"),
    "acidity3": (gmm.load_acidity, 3, "full"),
    "galaxies4": (lambda: gmm.load_galaxies() / 1000, 4, "full"),
    "digits10": (digits, 10, "full"),
    "thousand3": (lambda: in_a_row(1, (-1, 1.5, 350), (0, 1, 500), (3, 0.5, 150)), 3, "full"),
    "toomany3": (lambda: in_a_row(7, (0, 1, 6000), (2.5, 0.7, 4000)), 3, "full"),
    "5k_5_8": (lambda: clouds(5000, 5, 8), 8, "full"),
    "20k_2_10": (overlapping, 10, "full"),
    "2k_20_6": (lambda: clouds(2000, 20, 6), 6, "full"),
    "100k_2_5": (lambda: clouds(100_000, 2, 5), 5, "full"),
    "300k_8_8": (lambda: clouds(300_000, 8, 8), 8, "full"),
    "penguins3_tied": (penguins, 3, "tied"),
    "penguins3_diagonal": (penguins, 3, "diagonal"),
    "20k_tied": (overlapping, 10, "tied"),
    "20k_diagonal": (overlapping, 10, "diagonal"),
}
SMALL = [name for name in PROBLEMS if not name.startswith(("20k", "100k", "300k"))]


@cache
def points_of(name):
    return np.ascontiguousarray(PROBLEMS[name][0](), dtype=float)


# ---- who fits


def ours(points, K, shape, seed):
    return gmm.fit(points, K, constraint=getattr(gmm, shape), rng=seed).log_likelihood


def sklearn(points, K, shape, seed, **options):
    shape = {"diagonal": "diag"}.get(shape, shape)
    found = GaussianMixture(K, covariance_type=shape, random_state=seed, **options).fit(points)
    return found.score(points) * len(points)


def sklearn_10(points, K, shape, seed):
    return sklearn(points, K, shape, seed, n_init=10)


def sklearn_10_tight(points, K, shape, seed):
    max_iter = 1000 if len(points) >= LARGE else 10_000
    return sklearn(points, K, shape, seed, n_init=10, tol=1e-8, max_iter=max_iter)


CONTENDERS = {
    "gmm_tutorial": ours,
    "scikit-learn": sklearn,
    "n_init=10": sklearn_10,
    "n_init=10, tol=1e-8": sklearn_10_tight,
}


def timed(fit, *arguments):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        begin = perf_counter()
        log_likelihood = fit(*arguments)
        return perf_counter() - begin, log_likelihood


MCLUST = """
suppressPackageStartupMessages(library(mclust))
words <- commandArgs(trailingOnly = TRUE)
x <- as.matrix(read.csv(words[1], header = FALSE))
name <- if (ncol(x) == 1) c(full = "V", tied = "E", diagonal = "V")[[words[3]]] else
  c(full = "VVV", tied = "EEE", diagonal = "VVI")[[words[3]]]
seconds <- system.time(found <- Mclust(x, G = as.integer(words[2]), modelNames = name, verbose = FALSE))[["elapsed"]]
cat(seconds, found$loglik)
"""


def mclust(points, K, shape):
    """Seconds and log-likelihood of R's mclust, which has no seed; None where it is missing or finds nothing."""
    if which("Rscript") is None:
        return None
    with TemporaryDirectory() as folder:
        np.savetxt(f"{folder}/points.csv", points, delimiter=",", fmt="%.17g")
        command = ["Rscript", "-e", MCLUST, f"{folder}/points.csv", str(K), shape]
        found = subprocess.run(command, capture_output=True, text=True)
    try:
        return tuple(map(float, found.stdout.split()[-2:]))
    except ValueError:
        return None


# ---- E-steps from the same starts


def steps_within(steps, points, start, constraint, most):
    """E-steps until 1e-6 nats below the end of the run, and the log-likelihood there; None where it collapses."""
    log_likelihoods = []
    try:
        for step in islice(steps(points, start, constraint), most):
            log_likelihoods.append(step.log_likelihood)
            if converged(log_likelihoods, 1e-8):
                break
    except gmm.CollapseError:
        return None
    end = max(log_likelihoods)
    return next(n for n, reached in enumerate(log_likelihoods, 1) if reached > end - 1e-6), end


def e_steps(name, starts, most):
    """Pairs of E-steps, of EM and of the accelerated steps, from starts by k-means++ from which both reach one maximum.

    Where EM has not converged within the most steps, it counts as on the way if it is lower than the accelerated steps.
    """
    points, (_, K, shape) = points_of(name), PROBLEMS[name]
    constraint, pairs = getattr(gmm, shape), []
    for seed in range(starts):
        start = constraint(gmm.mixture_around(points, gmm.kmeans_plus_plus(points, K, rng=seed)))
        accelerated, em = (
            steps_within(steps, points, start, constraint, limit)
            for steps, limit in ((gmm.accelerated, 5000), (gmm.em, most))
        )
        if accelerated and em:
            behind = accelerated[1] - em[1]
            if abs(behind) < 1e-4 or (em[0] >= most - 1 and behind > 0):
                pairs.append((em[0], accelerated[0]))
    return pairs


def medians(pairs):
    """The median E-steps of EM and of the accelerated steps, and the median of their ratios."""
    return median(em for em, _ in pairs), median(fast for _, fast in pairs), median(em / fast for em, fast in pairs)


def slow_half(counts):
    """The half of the problems on which EM needs most E-steps, slowest first."""
    known = sorted((name for name in counts if counts[name]), key=lambda name: -medians(counts[name])[0])
    return known[: (len(known) + 1) // 2]


def table_of_steps(counts):
    slow = slow_half(counts)
    if not slow:
        return
    yield "## E-steps to within 1e-6 nats of the end, from the same start"
    yield ""
    yield (
        "Starts by k-means++ from which EM and the accelerated steps reach the same maximum; medians over them. These "
        "are the problems on which EM needs most, half of all."
    )
    ratios = [medians(counts[name])[2] for name in slow]
    yield f"EM over accelerated, geometric mean: {geometric_mean(ratios):.1f}"
    yield ""
    yield "| problem | starts | EM | accelerated | ratio |"
    yield "|---|--:|--:|--:|--:|"
    for name in slow:
        em, accelerated, ratio = medians(counts[name])
        yield f"| {name} | {len(counts[name])} | {em:.0f} | {accelerated:.0f} | {ratio:.1f} |"


# ---- rounds and tables


def measured(name, seeds):
    """{who: {"seconds": [...], "log_likelihoods": [...]}} for one problem."""
    points, (_, K, shape) = points_of(name), PROBLEMS[name]
    rows = {who: {"seconds": [], "log_likelihoods": []} for who in CONTENDERS}
    for fit in (ours, sklearn):
        timed(fit, points[:2000], K, shape, seeds)  # whatever is loaded or compiled at first
    for seed in range(seeds):
        for who, fit in CONTENDERS.items():
            if fit is sklearn_10_tight and (len(points) >= HUGE or (seed and len(points) >= LARGE)):
                continue
            seconds, log_likelihood = timed(fit, points, K, shape, seed)
            rows[who]["seconds"].append(seconds)
            rows[who]["log_likelihoods"].append(log_likelihood)
    rows = {who: found for who, found in rows.items() if found["seconds"]}
    if (found := mclust(points, K, shape)) is not None:
        rows["mclust"] = {"seconds": [found[0]], "log_likelihoods": [found[1]]}
    return rows


def spread(numbers, digits):
    low, middle, high = min(numbers), median(numbers), max(numbers)
    return f"{middle:.{digits}f}" + (f" ({low:.{digits}f} to {high:.{digits}f})" if len(numbers) > 1 else "")


def summary(results):
    """The goals of the default fit, as measured."""
    times = {who: {n: median(r[who]["seconds"]) for n, r in results.items() if who in r} for who in CONTENDERS}
    us, default, ten = (times[who] for who in ("gmm_tutorial", "scikit-learn", "n_init=10"))
    slow = [name for name in results if default[name] > 0.1]
    tight = "n_init=10, tol=1e-8"
    lower = [n for n, rows in results.items() if tight in rows and lead(rows, tight) < -0.01]
    yield f"Our time over that of `n_init=10`, geometric mean: {geometric_mean(us[n] / ten[n] for n in results):.2f}"
    if slow:
        ratio = geometric_mean(us[n] / default[n] for n in slow)
        yield f"Our time over scikit-learn's default, where that takes over 0.1 s, geometric mean: {ratio:.2f}"
    yield f"Longest fit of ours: {max(us.values()):.2f} s"
    above = [n for n in results if us[n] > max(3 * ten[n], 0.25)]
    yield f"Above 3 times `n_init=10` and above 0.25 s: {', '.join(above) or 'none'}"
    yield f"Lower than `{tight}` by more than 0.01 nats: {', '.join(lower) or 'none'}"


def lead(rows, who):
    return median(rows["gmm_tutorial"]["log_likelihoods"]) - median(rows[who]["log_likelihoods"])


def table(results):
    names = [*CONTENDERS, *(["mclust"] if any("mclust" in rows for rows in results.values()) else [])]
    yield "| problem | " + " | ".join(f"{who}: s, ℓ" for who in names) + " |"
    yield "|---" * (len(names) + 1) + "|"
    for problem, rows in results.items():
        cells = [
            f"{spread(rows[who]['seconds'], 3)}, {spread(rows[who]['log_likelihoods'], 2)}" if who in rows else "–"
            for who in names
        ]
        yield f"| {problem} | " + " | ".join(cells) + " |"


def write(results, counts, few, many, folder):
    results = {name: results[name] for name in PROBLEMS if name in results}
    kept = {"fits": results, "e_steps": counts}
    (folder / "fits.json").write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    lines = [
        "# Whole fits with all defaults",
        "",
        f"Medians over {few} seeds ({many} for problems with fewer than 20,000 points), with the lowest and the "
        "highest in parentheses: seconds of a fit, its start included, and the log-likelihood ℓ at its end. mclust has "
        "no seed and is measured once. At the tight tolerance a problem of 20,000 points or more has one seed and at "
        "most 1000 steps, and one of 100,000 or more is left out. Written by `make bench-fits`.",
        "",
        *(f"- {line}" for line in summary(results)),
        "",
        *table(results),
        "",
        *table_of_steps(counts),
    ]
    (folder / "fits.md").write_text("\n".join(lines).strip() + "\n", encoding="utf-8")


def earlier(folder):
    """What an earlier run has measured: of the problems that are not measured again, it stays."""
    file = folder / "fits.json"
    kept = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {"fits": {}, "e_steps": {}}
    return kept["fits"], kept["e_steps"]


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--problems", type=lambda text: text.split(","), default=list(PROBLEMS))
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--out", type=Path, default=HERE)
    options = parser.parse_args(arguments)
    names = SMALL if options.quick else options.problems
    few, many = (2, 2) if options.quick else (options.seeds, MORE * options.seeds)
    options.out.mkdir(parents=True, exist_ok=True)
    some = options.problems != list(PROBLEMS) and not options.quick
    results, counts = earlier(options.out) if some else ({}, {})
    for name in names:
        results[name] = measured(name, many if name in SMALL else few)
        times = ", ".join(f"{who} {median(rows['seconds']):.3f} s" for who, rows in results[name].items())
        print(f"{name:20s}{times}", flush=True)
        large = len(points_of(name)) >= LARGE
        if len(points_of(name)) <= LARGE:
            counts[name] = e_steps(name, 1 if large else 2 if options.quick else 10, 500 if options.quick else 20_000)
        write(results, counts, few, many, options.out)


if __name__ == "__main__":
    main()
