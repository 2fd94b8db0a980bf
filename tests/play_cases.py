"""Makes what the interactive page and its test read: `python tests/play_cases.py`, from the root of the project.

tests/play_cases.json       ten steps of EM by the package, from several starts, for the JavaScript to repeat
gmm_tutorial/live/data.js   the points of the course, for the page and the live figures
gmm_tutorial/live/fits.js   the best of many fits to them, and the true islands, for chapters 09, 10 and 14
"""

import json
from itertools import islice
from pathlib import Path

import numpy as np

import gmm_tutorial as gmm

ROOT = Path(__file__).parent.parent
LIVE = ROOT / "gmm_tutorial/live"
CASES, DATA, FITS = ROOT / "tests/play_cases.json", LIVE / "data.js", LIVE / "fits.js"
STEPS = 10
RIDGE = 1e-3
CONSTRAINTS = {
    "full": gmm.full,
    "tied": gmm.tied,
    "diagonal": gmm.diagonal,
    "spherical": gmm.spherical,
    "ridge": lambda mixture: gmm.ridge(mixture, RIDGE),
    "tied ridge": lambda mixture: gmm.ridge(gmm.tied(mixture), RIDGE),
    "spherical tied": gmm.chain(gmm.spherical, gmm.tied),
}
FEW = [[1, 1], [2, 1.5], [1.5, 2.5], [2.6, 2.4], [3.1, 1.2], [6, 5], [7.2, 5.5], [6.4, 6.6], [8, 1]]


def blobs(seed, N, K, offset=0.0, scale=1.0):
    """Points in unequal tilted heaps, rounded so that they are stored exactly."""
    rng = np.random.default_rng(seed)
    labels = rng.choice(K, size=N, p=np.arange(2, K + 2) / np.arange(2, K + 2).sum())
    roots = rng.standard_normal((K, 2, 2)) + np.array([[1.0, 0.0], [0.4, 1.6]])
    centers = 4 * rng.standard_normal((K, 2)) * [1, 2]
    points = centers[labels] + np.einsum("nij,nj->ni", roots[labels], rng.standard_normal((N, 2)))
    return (offset + scale * points).round(3)


def far(seed, N, K):
    """The same with one point so far away that its density underflows."""
    return np.vstack([blobs(seed, N - 1, K), [[-70.0, 95.0]]])


PROBLEMS = [  # name, points, K, constraint
    ("one component", blobs(1, 7, 2), 1, "full"),
    ("two components", blobs(2, 23, 2), 2, "full"),
    ("three components", blobs(3, 41, 3), 3, "full"),
    ("four components", blobs(4, 60, 4), 4, "full"),
    ("one shared covariance", blobs(5, 29, 3), 3, "tied"),
    ("axis-parallel", blobs(6, 31, 2), 2, "diagonal"),
    ("circles", blobs(7, 37, 4), 4, "spherical"),
    ("equal circles", blobs(8, 26, 3), 3, "spherical tied"),
    ("a floor", blobs(9, 19, 3), 3, "ridge"),
    ("a shared floor", blobs(10, 22, 2), 2, "tied ridge"),
    ("far from the origin", blobs(11, 27, 2, offset=[300, -700]), 2, "full"),
    ("small numbers", blobs(12, 34, 3, scale=0.05), 3, "full"),
    ("a far point", far(13, 25, 2), 2, "ridge"),
    ("a far point, one covariance", far(14, 28, 3), 3, "tied"),
    ("Old Faithful, every ninth", gmm.load_faithful()[::9], 2, "full"),
    ("by hand, with a floor", np.array(FEW), 3, "ridge"),
]


def start(points, K, seed):
    """Means among the points and wide covariances, unequal in every number: the start that the case stores."""
    spread = np.ptp(np.percentile(points, [25, 75], axis=0), axis=0)  # which one far point leaves alone
    means = points[np.random.default_rng(seed).choice(len(points) - 1, K, replace=False)]
    tilts = [[[1 + k / 5, 0.2 * k - 0.3], [0.2 * k - 0.3, 1.4 - k / 8]] for k in range(K)]
    weights = np.arange(K + 1, 1, -1) / np.arange(K + 1, 1, -1).sum()
    return gmm.Mixture(weights, means, np.array(tilts) * np.outer(spread, spread) / 2)


def stored(array):
    return [stored(row) for row in array] if np.ndim(array) else float(f"{array:.14g}")


def case(name, points, K, constraint):
    first = start(points, K, seed=len(name))
    steps = [
        {
            "mixture": dict(zip(("weights", "means", "covariances"), map(stored, step.mixture))),
            "responsibilities": stored(gmm.responsibility(points, step.mixture)),
            "log_likelihood": stored(step.log_likelihood),
        }
        for step in islice(gmm.em(points, first, CONSTRAINTS[constraint]), STEPS + 1)
    ]
    exact = dict(zip(("weights", "means", "covariances"), (array.tolist() for array in first)))
    return {"name": name, "constraint": constraint, "points": points.tolist(), "start": exact, "steps": steps}


def cases():
    return [case(*problem) for problem in PROBLEMS]


def data():
    points = {"faithful": gmm.load_faithful(), "islands": gmm.load_islands()[0], "few": np.array(FEW)}
    lines = [f"  {name}: {json.dumps(array.tolist(), separators=(',', ':'))}," for name, array in points.items()]
    told = "// Old Faithful, the islands of the course, and a few points by hand: made by tests/play_cases.py\n"
    return told + "\n".join(["export const data = {", *lines, "};", ""])


def best(points, K):
    """The highest of many fits, its components in order."""
    fits = (gmm.fit(points, K, tolerance=1e-9, max_steps=20_000, rng=seed) for seed in range(6))
    mixture = gmm.ordered(max(fits, key=lambda fit: fit.log_likelihood).mixture)
    return dict(zip(("weights", "means", "covariances"), map(stored, mixture)))


def fits():
    islands = [best(gmm.load_islands()[0], K) for K in range(1, 7)]
    lines = ["  islands: [", *(f"    {json.dumps(fit)}," for fit in islands), "  ],"]
    faithful = best(gmm.load_faithful(), 2)
    rates = [rate / 200 for rate in range(1, 61)]
    levels = [gmm.density_threshold(gmm.Mixture(**faithful), rate, rng=0) for rate in rates]
    truth = dict(zip(("weights", "means", "covariances"), map(stored, gmm.load_islands()[2])))
    lines += [f"  faithful: {json.dumps(faithful)},", f"  truth: {json.dumps(truth)},"]
    lines += [f"  levels: {json.dumps([round(level, 6) for level in levels])},"]
    told = "// The best of many fits: 1 to 6 components on the islands, 2 on Old Faithful; the true islands; levels\n"
    told += "// of Old Faithful (density_threshold) for false alarms of 0.5 %, 1 %, 1.5 % and so on up to 30 %.\n"
    told += "// Made by tests/play_cases.py\n"
    return told + "\n".join(["export const fits = {", *lines, "};", ""])


if __name__ == "__main__":
    text = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases())
    CASES.write_text(f"[\n{text}\n]\n", encoding="utf-8")
    DATA.write_text(data(), encoding="utf-8")
    FITS.write_text(fits(), encoding="utf-8")
