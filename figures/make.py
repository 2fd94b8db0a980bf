"""Draws the pictures of the README and of the landing page anew, in this folder: python figures/make.py"""

from io import BytesIO
from itertools import islice
from pathlib import Path

import matplotlib
from PIL import Image

import gmm_tutorial as gmm

matplotlib.use("Agg")
import matplotlib.pyplot as plt

from gmm_tutorial import plots

HERE = Path(__file__).parent
CENTERS = [[1.0, 1.0], [2.0, 5.0], [5.0, 3.0]]  # a poor start: two islands are cut in half
MOMENTS = {"start": 0, "step": 10, "end": 300}


def climb():
    """The islands, and EM on them from the poor start."""
    points, _, _ = gmm.load_islands()
    return points, list(islice(gmm.em(points, gmm.mixture_around(points, CENTERS)), 301))


def story(points, steps):
    """From points without labels to a mixture, in a row."""
    figure, row = plt.subplots(1, 4, figsize=(12, 3.4), sharex=True, sharey=True)
    plots.scatter(row[0], points)
    row[0].set_title("300 points, no labels\n")
    plots.snapshots(row[1:], steps, points, at=MOMENTS.values())
    row[3].set_title(f"converged\nlog-likelihood {steps[300].log_likelihood:.2f}")
    for axes in row:
        axes.set_aspect("equal")
    return figure


def panel(points, step=None):
    """One moment of the story without words or a ground, so that it can stand on a light page and on a dark one."""
    figure, axes = plt.subplots(figsize=(3, 2.7))
    plots.scatter(axes, points) if step is None else plots.snapshot(axes, step, points)
    for line in axes.lines:
        line.set_path_effects([])
    axes.set(aspect="equal", xlim=(-1.8, 8.4), ylim=(-0.9, 8.1), title="")
    axes.set_axis_off()
    return figure


def transparent(figure):
    """The figure as the bytes of a small picture without a ground."""
    large, small = BytesIO(), BytesIO()
    figure.savefig(large, format="png", dpi=220, transparent=True)
    Image.open(large).quantize(256).save(small, format="png", optimize=True)
    return small.getvalue()


def pictures():
    """File name → the bytes of each picture."""
    plots.use_style()
    plt.rcParams["figure.dpi"] = 150
    points, steps = climb()
    moments = {"points": None} | {name: steps[at] for name, at in MOMENTS.items()}
    panels = {f"story_{name}.png": transparent(panel(points, step)) for name, step in moments.items()}
    return panels | {"story.png": plots.png(story(points, steps))}


if __name__ == "__main__":
    for name, picture in pictures().items():
        (HERE / name).write_bytes(picture)
