"""Draws the pictures of the README anew, in this folder: python figures/make.py"""

from itertools import islice
from pathlib import Path

import matplotlib

import gmm_tutorial as gmm

matplotlib.use("Agg")
import matplotlib.pyplot as plt

from gmm_tutorial import plots

HERE = Path(__file__).parent
CENTERS = [[1.0, 1.0], [2.0, 5.0], [5.0, 3.0]]  # a poor start: two islands are cut in half


def story():
    """From points without labels to a mixture: the islands, three moments of EM."""
    points, _, _ = gmm.load_islands()
    steps = list(islice(gmm.em(points, gmm.mixture_around(points, CENTERS)), 301))
    figure, row = plt.subplots(1, 4, figsize=(12, 3.4), sharex=True, sharey=True)
    plots.scatter(row[0], points)
    row[0].set_title("300 points, no labels\n")
    plots.snapshots(row[1:], steps, points, at=[0, 10, 300])
    row[3].set_title(f"converged\nlog-likelihood {steps[300].log_likelihood:.2f}")
    for axes in row:
        axes.set_aspect("equal")
    return figure


if __name__ == "__main__":
    plots.use_style()
    plt.rcParams["figure.dpi"] = 150
    (HERE / "story.png").write_bytes(plots.png(story()))
