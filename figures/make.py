"""Draws the pictures of the README and of the landing page anew, in this folder: python figures/make.py"""

import tomllib
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
CIRCLES = gmm.chain(gmm.spherical, gmm.tied)
MOMENTS = {"start": 0, "step": 10, "end": 300}
FRAMES = [*range(13), *range(14, 61, 2)]  # of the animation, by the numbers of the steps
PAUSES = {"first": 1500, "between": 160, "last": 3500}  # in milliseconds


def em_steps():
    """The islands, and EM on them from the poor start: three circles of one size."""
    points, _, _ = gmm.load_islands()
    return points, list(islice(gmm.em(points, CIRCLES(gmm.mixture_around(points, CENTERS))), 301))


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


def frame(points, steps, number):
    """One picture of the animation: the mixture, and how far the log-likelihood has risen."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.6, 3.7), width_ratios=(1.25, 1))
    plots.snapshot(left, steps[number], points)
    left.set(aspect="equal", xlim=(-1.8, 8.4), ylim=(-0.9, 8.1), title=f"step {number}")
    left.set_axis_off()
    heights = [step.log_likelihood for step in steps[: number + 1]]
    right.plot(heights, color=plots.BLACK, linewidth=2)
    right.plot(number, heights[-1], "o", color=plots.BLACK)
    right.set(xlim=(-1, FRAMES[-1] + 1), ylim=(-1182, -1030), xlabel="step")
    right.set_title(f"log-likelihood −{abs(heights[-1]):.1f}")
    right.spines[["top", "right"]].set_visible(False)
    return figure


def animation(points, steps):
    """EM at work, as the bytes of a GIF that goes round for ever."""
    frames = []
    for number in FRAMES:
        figure, large = frame(points, steps, number), BytesIO()
        figure.savefig(large, format="png", dpi=100)
        plt.close(figure)
        frames.append(Image.open(large).convert("RGB"))
    palette = frames[-1].quantize(64, method=Image.Quantize.MAXCOVERAGE)
    first, *others = [each.quantize(palette=palette, dither=Image.Dither.NONE) for each in frames]
    times = [PAUSES["first"], *[PAUSES["between"]] * (len(FRAMES) - 2), PAUSES["last"]]
    small = BytesIO()
    first.save(small, format="gif", save_all=True, append_images=others, duration=times, loop=0, optimize=True)
    return small.getvalue()


def transparent(figure):
    """The figure as the bytes of a small picture without a ground."""
    large, small = BytesIO(), BytesIO()
    figure.savefig(large, format="png", dpi=220, transparent=True)
    Image.open(large).quantize(256).save(small, format="png", optimize=True)
    return small.getvalue()


BADGE = """\
<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="20" role="img" aria-label="{said}: {fact}">
<title>{said}: {fact}</title>
<clipPath id="round"><rect width="{width}" height="20" rx="3"/></clipPath>
<g clip-path="url(#round)"><rect width="{left}" height="20" fill="#444"/>\
<rect x="{left}" width="{right}" height="20" fill="#005A8C"/></g>
<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">\
<text x="{middle}" y="14">{said}</text><text x="{far}" y="14">{fact}</text></g>
</svg>
"""


def badge(said, fact):
    """A fact about the project in a small picture, as text."""
    left, right = (round(6.6 * len(text)) + 12 for text in (said, fact))
    places = {"left": left, "right": right, "width": left + right, "middle": left / 2, "far": left + right / 2}
    return BADGE.format(said=said, fact=fact, **places)


def badges():
    """File name → what the project file says, each as a badge."""
    project = tomllib.loads((HERE.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    facts = {
        "version": project["version"],
        "python": project["requires-python"].replace(">=", "≥ "),
        "code": project["license"],
        "text": "CC BY 4.0",
    }
    return {f"badge_{said}.svg": badge(said, fact) for said, fact in facts.items()}


def pictures():
    """File name → the bytes of each picture."""
    plots.use_style()
    plt.rcParams["figure.dpi"] = 150
    points, steps = em_steps()
    moments = {"points": None} | {name: steps[at] for name, at in MOMENTS.items()}
    panels = {f"story_{name}.png": transparent(panel(points, step)) for name, step in moments.items()}
    return panels | {"story.png": plots.png(story(points, steps)), "em.gif": animation(points, steps)}


if __name__ == "__main__":
    for name, picture in pictures().items():
        (HERE / name).write_bytes(picture)
    for name, text in badges().items():
        (HERE / name).write_text(text, encoding="utf-8", newline="\n")
