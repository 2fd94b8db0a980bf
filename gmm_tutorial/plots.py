"""Pictures: each function draws on the axes that you give and returns what it drew. None of them fits a mixture.

A component has the same color, marker and line style in all pictures. The color of a point is a weighted average.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field
from functools import partial
from html import escape
from io import BytesIO
from math import floor, log10
from string import Template

import numpy as np
from matplotlib import pyplot, rcParams
from matplotlib.collections import Collection, PathCollection, QuadMesh
from matplotlib.colors import to_hex, to_rgb, to_rgba_array
from matplotlib.container import BarContainer
from matplotlib.contour import ContourSet
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.patheffects import withStroke
from matplotlib.quiver import Quiver
from matplotlib.text import Text
from matplotlib.ticker import FixedLocator, MaxNLocator, NullLocator, StrMethodFormatter
from PIL import Image
from scipy.special import gammaincinv

from gmm_tutorial.checks import AnyMixture, Factor, Points, SampleWeights, checked
from gmm_tutorial.checks.pictures import (
    AFigure,
    APicture,
    ASelection,
    AStep,
    At,
    AText,
    Axes,
    Bins,
    Colors,
    Draw,
    FigureSize,
    Identifier,
    Index,
    LogDensities,
    Mass,
    Masses,
    MeanInThePlane,
    Number,
    OneDimension,
    Radii,
    Radius,
    Row,
    Shares,
    SomeSteps,
    Trace,
    TwoDimensions,
)
from gmm_tutorial.derived import marginal
from gmm_tutorial.mixture import log_density, log_joint, responsibility

# Okabe & Ito (2008), for color-blind readers, without yellow, which is invisible on white; black is the whole mixture.
COLORS = np.array([to_rgb(name) for name in "#0072B2 #D55E00 #009E73 #CC79A7 #E69F00 #56B4E9".split()])
COLORS.setflags(write=False)
MARKERS = ("o", "^", "s", "D", "v", "P", "X")
LINES = ("-", "--", "-.", ":", (0, (6, 1, 1, 1, 1, 1)))
BLACK, GRAY, PALE = "#000000", "#767676", "#DDDDDD"
POINTS = {"edgecolors": "white", "linewidths": 0.3}
MEANS = {"markerfacecolor": "white", "markeredgewidth": 1.8, "markersize": 8, "markevery": [0]}
HALO = {"path_effects": [withStroke(linewidth=2.8, foreground="white")]}

STYLE = {
    "axes.axisbelow": True,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 11,
    "figure.constrained_layout.use": True,
    "figure.dpi": 100,
    "figure.facecolor": "white",
    "figure.figsize": [5.2, 3.6],
    "font.family": ["DejaVu Sans"],
    "font.size": 10,
    "legend.edgecolor": "none",
    "legend.handlelength": 3,
    "lines.linewidth": 1.8,
    "savefig.dpi": "figure",
}


def use_style():
    """Sets the style of the course for all following figures."""
    rcParams.update(STYLE)


def style(k: Index):
    """The color, the marker and the line style of component k in every picture.

    number k, from 0  →  keywords for axes.plot

    >>> from gmm_tutorial import plots
    >>> plots.style(1)["marker"], plots.style(1)["linestyle"]
    ('^', '--')
    """
    looks = {"color": COLORS, "marker": MARKERS, "linestyle": LINES}
    return {name: choices[k % len(choices)] for name, choices in looks.items()}


# ---- what is drawn


def color(responsibilities: Shares):
    """The color of each point: the average of the components' colors, weighted by the responsibilities.

        colorₙ = Σₖ γₙₖ colorₖ

    responsibilities (N, K)  →  colors (N, 3), red, green and blue from 0 to 1; the more uncertain, the grayer

    >>> from gmm_tutorial import plots
    >>> 255 * plots.color([[1, 0], [0.5, 0.5]])
    array([[  0. , 114. , 178. ],
           [106.5, 104. ,  89. ]])
    """
    K = responsibilities.shape[1]
    return responsibilities @ np.array([style(k)["color"] for k in range(K)])


def ellipse(mean: MeanInThePlane, factor: Factor, radius: Radius = 1):
    """The ellipse of all places at one Mahalanobis distance from the mean of a Gaussian, as a closed curve.

        μ + r L (cos t, sin t)ᵀ    with   L Lᵀ = Σ

    mean (2,), factor (2, 2), radius  →  vertices (121, 2) of a closed curve, in the units of the points

    >>> from gmm_tutorial import plots
    >>> plots.ellipse([5, 9], [[2, 0], [1, 3]], radius=2)[[0, 30, 60]].round(4)    # to the right, up, to the left
    array([[ 9., 11.],
           [ 5., 15.],
           [ 1.,  7.]])
    """
    angles = np.linspace(0, 2 * np.pi, 121)
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return mean + radius * circle @ factor.T


def radius(mass: Mass, D: Number = 2):
    """The radius, in standard deviations, of the ellipse that contains a given mass of a Gaussian in D dimensions.

        r = √q    with   q the quantile of χ² with D degrees of freedom

    probability mass from 0 to 1, D  →  radius

    >>> from gmm_tutorial import plots
    >>> f"{plots.radius(0.9545, D=1):.3f} in one dimension, {plots.radius(0.9545, D=2):.3f} in two"
    '2.000 in one dimension, 2.486 in two'
    """
    return np.sqrt(2 * gammaincinv(D / 2, mass))


def density_level(log_densities: LogDensities, mass: Mass, sample_weights: SampleWeights | None = None):
    """The level of the contour around the densest points that contain a given fraction of all of them.

    log densities (N,), probability mass from 0 to 1, sample weights (N,)  →  log density

    >>> import numpy as np
    >>> from gmm_tutorial import plots
    >>> level = plots.density_level(np.log([0.1, 0.4, 0.3, 0.2]), mass=0.7, sample_weights=[1, 4, 3, 2])    # 4 + 3
    >>> f"{np.exp(level):.3f}"
    '0.300'
    """
    descending = np.argsort(-log_densities)
    masses = np.cumsum(np.ones(len(log_densities)) if sample_weights is None else sample_weights[descending])
    return float(np.interp(mass, masses / masses[-1], log_densities[descending]))


def sunflower(size):
    """Places like the seeds of a sunflower (Vogel, 1979), and the mass of a Gaussian at each, up to a factor."""
    number = np.arange(size) + 0.5
    radii, angles = 8 * number / size, np.pi * (3 - np.sqrt(5)) * number
    return radii[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1), radii * np.exp(-(radii**2) / 2)


def crowded(means, deviations, size):
    """Ascending coordinates for a grid, the same number for each component, within 8 of its standard deviations."""
    return np.sort(means + deviations * np.linspace(-8, 8, size)[:, None], axis=None)


# ---- drawing


def scatter(
    axes: Axes,
    points: Points,
    responsibilities: Shares | None = None,
    *,
    sample_weights: SampleWeights | None = None,
    dimensions: TwoDimensions = (0, 1),
):
    """Draws the points, each in the color of its responsibilities and with the marker of its most probable component.

    points (N, D), responsibilities (N, K), sample weights (N,), drawn as areas  →  one artist for each marker
    """
    x, y = points[:, dimensions].T
    areas = np.ones(len(x)) if sample_weights is None else sample_weights / sample_weights.mean()
    colors = np.array([to_rgb(GRAY)] * len(x)) if responsibilities is None else color(responsibilities)
    labels = np.zeros(len(x), dtype=int) if responsibilities is None else np.argmax(responsibilities, axis=1)
    drawn = []
    for k in np.unique(labels):
        of = labels == k
        drawn.append(axes.scatter(x[of], y[of], s=16 * areas[of], c=colors[of], marker=style(k)["marker"], **POINTS))
    return drawn


def ellipses(
    axes: Axes,
    mixture: AnyMixture,
    radii: Radii = (1, 2),
    *,
    mass: Mass | None = None,
    dimensions: TwoDimensions = (0, 1),
):
    """Draws the mean of each component, and ellipses around it with given radii or with a given mass.

        μₖ + r Lₖ (cos t, sin t)ᵀ    with   Lₖ Lₖᵀ = Σₖ

    In two dimensions, radius 1 contains 39 % of a Gaussian and radius 2 contains 86 %; mass=0.95 contains 95 %.

    mixture of K; radii in standard deviations, or mass from 0 to 1; the two dimensions that are drawn  →  K lines
    """
    flat = marginal(mixture, dimensions)
    radii = radii if mass is None else [radius(mass)]
    gap = [np.nan, np.nan]
    lines = []
    for k, (mean, L) in enumerate(zip(flat.means, flat.factors)):
        curves = [np.vstack([gap, ellipse(mean, L, r)]) for r in radii]
        lines += axes.plot(*np.vstack([mean, *curves]).T, **style(k), **MEANS, **HALO, label=f"component {k}")
    return lines


def contours(axes: Axes, mixture: AnyMixture, masses: Masses = (0.9, 0.5), *, dimensions: TwoDimensions = (0, 1)):
    """Draws contours of equal density, each around the densest region that contains a given mass of the mixture.

    A component may be a millionth as wide as another. If two coordinates have a correlation above 0.999, the contours
    may have gaps.

    mixture of K, masses from 0 to 1, the two dimensions that are drawn  →  the contours; their levels are log densities
    """
    flat = marginal(mixture, dimensions)
    places, shares = sunflower(4000)
    spread_out = flat.means[:, None] + places @ np.swapaxes(flat.factors, 1, 2)  # (K, 4000, 2)
    log_densities, weights = log_density(spread_out.reshape(-1, 2), flat), np.outer(flat.weights, shares).ravel()
    levels = sorted({density_level(log_densities, mass, weights) for mass in masses})
    deviations = np.sqrt(np.diagonal(flat.covariances, axis1=1, axis2=2))
    x, y = (crowded(*of, 601)[:: len(flat.means)] for of in zip(flat.means.T, deviations.T))
    heights = np.array([log_density(row, flat) for row in np.stack(np.meshgrid(x, y), axis=-1)])
    limits = axes.dataLim.frozen()
    drawn = axes.contour(x, y, heights, levels, colors=BLACK, linestyles="solid", linewidths=1)
    axes.dataLim.set(limits)  # the limits need only include the outermost contour, not the whole grid
    axes.update_datalim(vertices(drawn))
    axes.autoscale_view()
    return drawn


def density(axes: Axes, mixture: AnyMixture, *, dimension: OneDimension = 0):
    """Draws the density of the mixture along one dimension in black, and its weighted components in color.

        p(x) = Σₖ πₖ N(x | μₖ, σₖ²)                                     Bishop (2006), eq. 9.7

    mixture of K, the dimension that is drawn  →  K + 1 lines, the whole first
    """
    flat = marginal(mixture, [dimension])
    means, deviations = flat.means[:, 0], np.sqrt(flat.covariances[:, 0, 0])
    ends = (means - 4 * deviations).min(), (means + 4 * deviations).max()
    x = crowded(means, deviations, 321).clip(*ends)
    parts = np.exp(log_joint(x[:, None], flat))  # (321 K, K)
    lines = axes.plot(x, parts.sum(axis=1), color=BLACK, linewidth=3.4, label="mixture")  # wide: it shows under a part
    for k, part in enumerate(parts.T):
        looks = style(k) | {"marker": "", "label": f"component {k}"}
        lines += axes.plot(x, part, **looks)
    return lines


def histogram(
    axes: Axes,
    points: Points,
    mixture: AnyMixture,
    *,
    bins: Bins = 20,
    sample_weights: SampleWeights | None = None,
    dimension: OneDimension = 0,
):
    """Draws a histogram of the points along one dimension, with total area one, and the density of the mixture.

    points (N, D), mixture of K, number of bins or their edges, sample weights (N,)  →  the bars, K + 1 lines
    """
    bars = axes.hist(points[:, dimension], bins, weights=sample_weights, density=True, color=PALE, edgecolor="white")[2]
    axes.set_ylabel("density")
    return bars, density(axes, mixture, dimension=dimension)


def trace(axes: Axes, log_likelihoods: Trace, **looks):
    """Draws the log-likelihood of each step. Under EM it never decreases.

    log-likelihoods (T,), keywords for axes.plot  →  one line
    """
    [line] = axes.plot(log_likelihoods, **{"color": BLACK, "marker": ".", **looks})
    axes.set(xlabel="iteration", ylabel="log-likelihood (nats)")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    return line


def selection(axes: Axes, selection: ASelection):
    """Draws what `gmm.select` compared: the criterion against K, one line for each shape of the covariances.

    Selection  →  the lines, in the order of the shapes

    The vertical axis shows the difference from the best value, on a scale that is logarithmic above ten. Differences
    inside the gray band, below two, are too small for a decision. A hollow marker is a fit with a spike, or one in
    which only a ridge prevents a collapse. The ring marks the choice.
    """
    chosen = selection.chosen
    axes.set_yscale("symlog", linthresh=10)
    axes.axhspan(0, 2, color=PALE, zorder=0)
    lines = []
    for number, shape in enumerate(dict.fromkeys(each.shape for each in selection.candidates)):
        found = [each for each in selection.candidates if each.shape == shape and each.fit is not None]
        K, excess = [each.K for each in found], [each.value - chosen.value for each in found]
        look = style(number)
        lines += axes.plot(K, excess, label=shape, **look)
        unsound = [(each.K, value) for each, value in zip(found, excess) if not each.sound]
        if unsound:
            axes.plot(*zip(*unsound), **look | {"linestyle": "none", "markerfacecolor": "white"})
        if found:
            beside = {"xytext": (7, 0), "textcoords": "offset points", "va": "center", "color": look["color"]}
            axes.annotate(shape, (K[-1], excess[-1]), **beside)
    axes.plot(chosen.K, 0, marker="o", markersize=14, markerfacecolor="none", color=BLACK, linestyle="none")
    axes.set(xlabel="K, number of components", ylabel=f"{chosen.criterion_name}, above the best")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    ticks = [2, 5, *(digit * 10.0**power for power in range(1, 9) for digit in (1, 2, 5))]
    axes.yaxis.set_major_locator(FixedLocator([*(-tick for tick in reversed(ticks)), 0, *ticks]))
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.margins(x=0.15)
    return lines


def snapshot(axes: Axes, step: AStep, points: Points, *, radii: Radii = (2,)):
    """Draws one step of EM: the mixture, and the points in the colors of its responsibilities.

    step, points (N, D)  →  the artists
    """
    axes.set_title(f"log-likelihood {step.log_likelihood:.2f}")
    return scatter(axes, points, responsibility(points, step.mixture)) + ellipses(axes, step.mixture, radii)


def snapshots(row: Row, steps: SomeSteps, points: Points, at: At, *, radii: Radii = (2,)):
    """Draws several steps of EM side by side.                         Bishop (2006), figure 9.8

    row, a row of axes; steps; points (N, D); at, the numbers of the steps to draw  →  a list of artists for each axes
    """
    drawn = []
    for axes, number in zip(np.ravel(row), at):
        drawn.append(snapshot(axes, steps[number], points, radii=radii))
        axes.set_title(f"step {number}\nlog-likelihood {steps[number].log_likelihood:.2f}")
    return drawn


# ---- showing


def png(figure: AFigure, colors: Colors = 256):
    """The figure as the bytes of a small PNG file, whose colors are reduced to a palette."""
    large, small = BytesIO(), BytesIO()
    figure.savefig(large, format="png")
    reduced = Image.open(large).convert("RGB").quantize(colors, method=Image.Quantize.MAXCOVERAGE)
    reduced.save(small, format="png", optimize=True)
    return small.getvalue()


def data_uri(picture):
    return "data:image/png;base64," + b64encode(picture).decode()


@dataclass(frozen=True)
class Still:
    """A picture with its alternative text: alt, a sentence that describes it, and a summary that tests compare."""

    picture: bytes = field(repr=False)
    alt: str
    summary: str = field(repr=False)

    def _repr_mimebundle_(self, **kwargs):
        data = {"image/png": b64encode(self.picture).decode(), "text/plain": self.alt}
        return data, {"image/png": {"alt": self.alt}}


@dataclass(frozen=True)
class Animation:
    """Pictures of successive steps, with buttons to go through them that need neither a kernel nor a network.

    The name must be unique on the page; alt is a sentence that describes what is seen.
    """

    name: str
    alt: str
    pictures: list = field(repr=False)
    summary: str = field(repr=False)

    def _repr_mimebundle_(self, **kwargs):
        return {"text/html": self.html(), "text/plain": self.alt}

    def html(self):
        *earlier, last = map(data_uri, self.pictures)
        return PAGE.substitute(
            name=escape(self.name),
            alt=escape(self.alt),
            last=last,
            earlier="".join(f'"{uri}",\n    ' for uri in earlier),
            count=len(self.pictures),
            end=len(earlier),
        )


def animation(
    draw: Draw,
    steps: SomeSteps,
    *,
    name: Identifier,
    alt: AText,
    size: FigureSize = (4, 3),
    panels: Number = 1,
):
    """The animation of one picture for each step, all with the axis limits of the last step.

    draw, a function of axes and one step; steps, a list; name, unique on its page; alt, a sentence that describes what
    is seen; size in inches; panels, the number of axes side by side: if more than one, draw gets an array  →  Animation
    """
    figure = Figure(figsize=size)
    row = figure.subplots(1, panels)
    draw(row, steps[-1])
    limits = [axes.axis() for axes in figure.axes]
    pictures, summaries = [], []
    for step in steps:
        for axes in figure.axes:
            axes.clear()
        draw(row, step)
        for axes, limit in zip(figure.axes, limits):
            axes.axis(limit)
        pictures.append(png(figure, colors=64))
        summaries.append(summary(figure))
    words = f"{len(pictures)} pictures, the first and the last:\n{summaries[0]}\n{summaries[-1]}"
    return Animation(name, alt, pictures, words)


def present(picture: APicture, alt: AText = ""):
    """Shows a figure or an animation at the end of a notebook cell, with a folded description in words below it.

    picture, a figure or an Animation; alt, a sentence that describes the figure, by default its titles
    """
    from IPython.display import display

    if isinstance(picture, Figure):
        pyplot.close(picture)
        picture = Still(png(picture), alt or titles(picture), summary(picture))
    else:
        alt = picture.alt
    told = f"<p>{escape(alt)}</p>" if alt else ""
    words = FOLDED.substitute(told=told, summary=escape(picture.summary))
    display(picture)
    display({"text/html": words, "text/plain": picture.summary}, raw=True)


def titles(figure):
    """The titles of a figure and of its axes, as one text."""
    found = [figure.get_suptitle()] + [axes.get_title(place) for axes in figure.axes for place in SIDES]
    return ". ".join(" ".join(title.split()) for title in found if title) or "A figure"


SIDES = ("left", "center", "right")

FOLDED = Template("<details><summary>The picture in words</summary>$told<pre>$summary</pre></details>")

PAGE = Template("""\
<figure id="animation-$name" style="margin: 0">
  <img src="$last" alt="$alt" style="display: block; max-width: 100%">
  <figcaption>
    This is the last of $count pictures. In a page that may run scripts, buttons here step through all of them.
  </figcaption>
</figure>
<script>
for (const film of document.querySelectorAll('[id="animation-$name"]:not([data-ready])')) {
  const [image, caption] = film.children;
  const pictures = [
    ${earlier}image.src,
  ];
  caption.innerHTML =
    '<button type="button">Step back</button> ' +
    '<button type="button">Play</button> ' +
    '<button type="button">Step forward</button> ' +
    '<input type="range" min="0" max="$end" aria-label="Step" style="vertical-align: middle"> ' +
    '<output></output>';
  const [back, play, forward, slider, output] = caption.children;
  for (const control of [back, play, forward, slider]) {
    control.dataset.lmSuppressShortcuts = "";  // JupyterLab then leaves the arrow keys to the slider
  }
  let clock = null;

  function show(step) {
    slider.value = step;  // which keeps it between the first and the last
    image.src = pictures[slider.value];
    output.textContent = slider.value + " of " + slider.max;
    slider.setAttribute("aria-valuetext", output.textContent);
  }
  function pause() {
    clearInterval(clock);
    clock = null;
    play.textContent = "Play";
    output.ariaLive = "polite";
  }
  function move(by) {
    show(Number(slider.value) + by);
    if (slider.value === slider.max) pause();
  }

  back.onclick = () => { pause(); move(-1); };
  forward.onclick = () => { pause(); move(1); };
  slider.oninput = () => { pause(); move(0); };
  play.onclick = () => {
    if (clock !== null) return pause();
    if (slider.value === slider.max) show(0);
    clock = setInterval(move, 600, 1);
    play.textContent = "Pause";
    output.ariaLive = "off";  // a screen reader need not count along
  };
  film.dataset.ready = "";
  show(0);
}
</script>
""")


# ---- in words


def summary(figure: AFigure):
    """A description of a figure in words and rounded numbers, which tests can compare.

    For each axes it has the titles and the labels of x and y, and then for each artist its label, its average color,
    the number of its positions, the first and the last, their mean ± standard deviation and their correlation r.
    Positions are rounded to a thousandth of the range of the axes, and averages of N positions N times more finely. On
    a logarithmic axis they are powers of ten.

    It does not describe the styles and widths of lines, markers, the colors of single points, the limits and ticks of
    the axes, legends, and the order in which artists overlap.

    figure  →  text

    >>> from matplotlib.figure import Figure
    >>> from gmm_tutorial import plots
    >>> axes = Figure().subplots()
    >>> _ = axes.set(title="It rises", xlabel="step", xlim=(0, 4), ylim=(-20, -10))
    >>> _ = axes.plot([0, 2, 4], [-20, -12, -10], color="black", label="EM")
    >>> print(plots.summary(axes.figure))
    "It rises", x "step"
      line "EM" #000000: 3 from (0.000, -20.00) to (4.000, -10.00), mean (2.000, -14.000) ± (1.633, 4.320), r 0.945
    """
    lines = [line for axes in figure.axes for line in described(axes)]
    return "\n".join(filter(None, [quoted(figure.get_suptitle()), *lines]))


def described(axes):
    headings = [quoted(axes.get_title(place)) for place in SIDES]
    labels = [axis_in_words(axis) for axis in (axes.xaxis, axes.yaxis)]
    yield ", ".join(filter(None, headings + labels)) or "untitled"
    bars = [container for container in axes.containers if isinstance(container, BarContainer)]
    shapes = [patch for patch in axes.patches if not any(patch in container for container in bars)]
    for artist in (*bars, *shapes, *axes.images, *axes.collections, *axes.lines, *axes.texts):
        yield f"  {artist_in_words(artist, axes)}"


def quoted(text):
    return text and f'"{" ".join(text.split())}"'


def axis_in_words(axis):
    scale = "" if axis.get_scale() == "linear" else f" ({axis.get_scale()})"
    return axis.get_label_text() and f"{axis.axis_name} {quoted(axis.get_label_text())}{scale}"


def artist_in_words(artist, axes):
    name, positions, remark = next(words for kind, *words in KINDS if isinstance(artist, kind))
    label = artist.get_label() or "_"
    label = "" if label.startswith("_") else quoted(label)
    words = " ".join(filter(None, [name, label, shade(artist), remark(artist)]))
    return f"{words}: {spread(positions(artist), axes)}"


def shade(artist):
    """The average color of an artist: of its faces or, if it has none, of its lines."""
    first = getattr(artist, "patches", [artist])[0]
    if isinstance(first, Collection):
        first.update_scalarmappable()
    getters = [getattr(first, name, list) for name in ("get_color", "get_facecolor", "get_edgecolor")]
    opaque = [colors for colors in (to_rgba_array(get()) for get in getters) if colors[:, 3:].any()]
    return to_hex((255 * opaque[0].mean(axis=0)).round(6).round() / 255) if opaque else ""


def spread(positions, axes):
    """The number of positions, the first and the last, their mean ± standard deviation and their correlation r."""
    to_scale = axes.transScale.transform
    span = np.ptp(to_scale(np.transpose([axes.get_xlim(), axes.get_ylim()])), axis=0)
    places = to_scale(np.ma.filled(np.ma.asarray(positions, dtype=float), np.nan))
    places = places[np.isfinite(places).all(axis=1)]
    if len(places) < 2:
        return "".join(pair(place, span) for place in places) or "nowhere"
    first, last, finer = pair(places[0], span), pair(places[-1], span), span / len(places)
    mean, deviation = places.mean(axis=0), places.std(axis=0)
    r = (places - mean).prod(axis=1).mean() / np.maximum(deviation, 1e-6 * span).prod()
    mean, deviation, r = pair(mean, finer), pair(deviation, finer), rounded(r, 1)
    return f"{len(places)} from {first} to {last}, mean {mean} ± {deviation}, r {r}"


def pair(numbers, spans):
    return f"({', '.join(map(rounded, numbers, spans))})"


def rounded(number, span):
    """A number as text, rounded to a thousandth of a span; twice, so that noise in the last digits has no effect."""
    decimals = 3 - floor(log10(float(f"{span:.9g}")))
    number = round(round(float(number), decimals + 6), decimals) + 0.0
    if decimals <= 6 or number == 0:
        return f"{number:.{min(max(decimals, 0), 6)}f}"
    return f"{number:.{min(max(decimals + floor(log10(abs(number))), 0), 5)}e}"


def significant(number):
    return rounded(number, abs(number) or 1)


def tops(bars):
    return [(bar.get_x() + bar.get_width() / 2, bar.get_y() + bar.get_height()) for bar in bars]


def area(bars):
    return f"of area {significant(sum(bar.get_width() * bar.get_height() for bar in bars))}"


def sizes(points):
    smallest, largest = np.min(points.get_sizes()), np.max(points.get_sizes())
    return "" if smallest == largest else f"of sizes {significant(smallest)} to {significant(largest)}"


def vertices(collection):
    return np.concatenate([np.empty((0, 2)), *(path.vertices for path in collection.get_paths())])


def corners(contours):
    places = vertices(contours)
    return np.array([places.min(axis=0), places.max(axis=0)]) if len(places) else places


def values(image):
    return f"of values {significant(np.mean(image.get_array()))} ± {significant(np.std(image.get_array()))}"


def nothing(artist):
    return ""


KINDS = (  # the kind of artist, its name, its positions in the units of the axes, a remark
    (BarContainer, "bars", tops, area),
    (PathCollection, "points", PathCollection.get_offsets, sizes),
    (ContourSet, "contours", corners, lambda contours: f"at {', '.join(map(significant, contours.levels))}"),
    (Quiver, "arrows", lambda arrows: np.concatenate([arrows.XY, np.stack([arrows.U, arrows.V], axis=1)]), nothing),
    (QuadMesh, "mesh", lambda mesh: mesh.get_coordinates().reshape(-1, 2), values),
    (AxesImage, "image", lambda image: np.reshape(image.get_extent(), (2, 2)).T, values),
    (Line2D, "line", Line2D.get_xydata, nothing),
    (Text, "text", lambda text: [getattr(text, "xy", text.get_position())], lambda text: quoted(text.get_text())),
    (Patch, "shape", lambda patch: patch.get_path().transformed(patch.get_patch_transform()).vertices, nothing),
    (Collection, "shapes", vertices, nothing),
)


# ---- the public functions

here, unguarded = partial(checked, home=__name__), partial(checked, home=__name__, guarded=False)

style, color, ellipse, radius, density_level = map(here, (style, color, ellipse, radius, density_level))
scatter, ellipses, contours, density = map(here, (scatter, ellipses, contours, density))
histogram, trace, snapshot, snapshots = map(here, (histogram, trace, snapshot, snapshots))
selection = here(selection)
png, animation, present, summary = map(unguarded, (png, animation, present, summary))  # they run code of the user
