"""Pictures tell the truth: each law is checked on the artists, on asymmetric mixtures, by SciPy or by hand."""

import base64
import inspect
import io
import json
import re
import shutil
import subprocess
from functools import partial
from html.parser import HTMLParser
from itertools import islice
from pathlib import Path

import IPython.display
import matplotlib as mpl
import nbformat
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import pyplot
from matplotlib.figure import Figure
from matplotlib.markers import MarkerStyle
from matplotlib.path import Path as Polygon
from nbformat.v4 import new_code_cell, new_notebook
from PIL import Image
from scipy import integrate, stats

import gmm_tutorial as gmm
import notebooks
from gmm_tutorial import plots

mpl.use("Agg")

ROOT = Path(__file__).parent.parent
ALT = "Three ellipses, each about a cloud of points."

MIXTURE = gmm.Mixture(
    weights=[0.5, 0.3, 0.2],
    means=[[2.0, 3.0], [5.0, 5.0], [6.0, 1.5]],
    covariances=[[[1.6, 0.9], [0.9, 1.0]], [[1.4, -0.8], [-0.8, 0.9]], [[0.3, 0.15], [0.15, 0.6]]],
)
DEEP = gmm.Mixture(  # three dimensions, two components
    weights=[0.3, 0.7],
    means=[[1.0, -20.0, 300.0], [4.0, 10.0, 100.0]],
    covariances=[
        [[2.0, 3.0, -4.0], [3.0, 50.0, 20.0], [-4.0, 20.0, 900.0]],
        [[0.5, -1.0, 2.0], [-1.0, 8.0, -30.0], [2.0, -30.0, 400.0]],
    ],
)
ONE = gmm.Mixture(weights=[1.0], means=[[3.0, -7.0]], covariances=[[[4.0, 5.0], [5.0, 9.0]]])
POINTS, _ = gmm.sample(MIXTURE, 90, rng=4)
RESPONSIBILITIES = gmm.responsibility(POINTS, MIXTURE)
STEPS = list(islice(gmm.em(POINTS, MIXTURE), 4))


@pytest.fixture
def axes():
    return Figure().subplots()


def frozen(component, mixture=MIXTURE):
    return stats.multivariate_normal(mixture.means[component], mixture.covariances[component])


def density_of(mixture, places):
    return sum(pi * frozen(k, mixture).pdf(places) for k, pi in enumerate(mixture.weights))


def curves(line):
    """The closed curves of a line, without the mean that comes first."""
    _, *rest = np.split(line.get_xydata(), np.flatnonzero(np.isnan(line.get_xdata())))
    return [curve[1:] for curve in rest]


def contrast_on_white(rgb):
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return 1.05 / (linear @ [0.2126, 0.7152, 0.0722] + 0.05)


# ---- looks


def test_the_lines_of_the_first_four_components_stand_out_from_white():
    assert (contrast_on_white(plots.COLORS[:4]) >= 3).all()
    assert contrast_on_white(np.array(mpl.colors.to_rgb(plots.GRAY))) >= 4.5


def test_the_first_twenty_components_look_different_even_without_color():
    looks = [plots.style(k) for k in range(20)]
    assert len({(look["marker"], look["linestyle"]) for look in looks}) == 20


def test_the_colors_cannot_be_overwritten():
    with pytest.raises(ValueError, match="read-only"):
        plots.COLORS[0] = 0


def test_the_style_holds_only_after_it_is_asked_for():
    with mpl.rc_context():
        mpl.rcdefaults()
        before = mpl.rcParams["axes.spines.top"]
        plots.use_style()
        assert (before, mpl.rcParams["axes.spines.top"]) == (True, False)
        assert {name: mpl.rcParams[name] for name in plots.STYLE} == plots.STYLE


# ---- what is drawn


def test_the_color_of_a_point_is_the_expectation_of_the_components_colors():
    mixed = plots.color([[0.25, 0.75, 0], [0.5, 0, 0.5]])
    np.testing.assert_allclose(255 * mixed, [[159.75, 99, 44.5], [0, 136, 146.5]], atol=1e-12)


@pytest.mark.parametrize("radius", [0.5, 1, 3])
def test_every_vertex_of_an_ellipse_has_the_same_mahalanobis_distance(radius):
    for mean, covariance, L in zip(MIXTURE.means, MIXTURE.covariances, MIXTURE.factors):
        away = plots.ellipse(mean, L, radius) - mean
        distances = np.einsum("ni,ij,nj->n", away, np.linalg.inv(covariance), away)
        np.testing.assert_allclose(distances, radius**2, rtol=1e-12)


@pytest.mark.parametrize("D", [1, 2, 3, 7])
@pytest.mark.parametrize("mass", [0.05, 0.5, 0.9, 0.999])
def test_the_radius_that_holds_a_mass_is_the_root_of_a_quantile_of_chi_squared(mass, D):
    np.testing.assert_allclose(plots.radius(mass, D), np.sqrt(stats.chi2.ppf(mass, D)), rtol=1e-10)


@pytest.mark.parametrize("dimensions", [(0, 2), (2, 0), (1, 2)])
def test_the_marginal_is_the_density_with_the_other_dimension_integrated_out(dimensions):
    [other] = {0, 1, 2} - set(dimensions)
    place = np.array([2.0, -3.0, 150.0])

    def joint(value):
        full = place.copy()
        full[other] = value
        return density_of(DEEP, full)

    center, width = DEEP.means[:, other], np.sqrt(DEEP.covariances[:, other, other])
    limits = (center - 9 * width).min(), (center + 9 * width).max()
    integral, _ = integrate.quad(joint, *limits, points=center, limit=200)
    flat = plots.marginal(DEEP, dimensions)
    np.testing.assert_allclose(gmm.log_density([place[list(dimensions)]], flat), np.log(integral), rtol=1e-8)


def test_the_density_above_its_level_holds_the_mass():
    x = np.linspace(-8, 8, 4001)
    log_densities = stats.norm.logpdf(x)
    for mass, width in ((0.6827, 1), (0.9545, 2)):
        level = plots.density_level(log_densities, mass, sample_weights=np.exp(log_densities))
        np.testing.assert_allclose(level, stats.norm.logpdf(width), atol=0.02)


def test_the_level_of_points_holds_its_share_of_them_and_a_point_of_weight_two_counts_as_two():
    log_densities = gmm.log_density(POINTS, MIXTURE)
    assert (log_densities >= plots.density_level(log_densities, 0.7)).mean() == 0.7
    twice = np.concatenate([log_densities[:30], log_densities])
    level = plots.density_level(log_densities, 0.6, sample_weights=[2] * 30 + [1] * 60)
    np.testing.assert_allclose(level, plots.density_level(twice, 0.6), atol=0.02)


# ---- drawing


def test_every_point_is_drawn_once_where_it_is_in_its_color(axes):
    drawn = plots.scatter(axes, POINTS, RESPONSIBILITIES)
    found = np.concatenate([np.hstack([part.get_offsets(), part.get_facecolor()[:, :3]]) for part in drawn])
    expected = np.hstack([POINTS, RESPONSIBILITIES @ plots.COLORS[:3]])
    np.testing.assert_allclose(found[np.lexsort(found.T)], expected[np.lexsort(expected.T)], atol=1e-12)


def test_the_marker_of_a_point_is_that_of_its_most_responsible_component(axes):
    drawn = plots.scatter(axes, POINTS, RESPONSIBILITIES)
    assert len(drawn) == 3
    for k, part in enumerate(drawn):
        marker = MarkerStyle(plots.MARKERS[k])
        shape = marker.get_path().transformed(marker.get_transform())
        np.testing.assert_array_equal(part.get_paths()[0].vertices, shape.vertices)
        np.testing.assert_array_equal(part.get_offsets(), POINTS[RESPONSIBILITIES.argmax(axis=1) == k])


def test_a_component_that_leads_nowhere_leaves_the_others_their_markers(axes):
    [part] = plots.scatter(axes, POINTS, np.tile([0.1, 0.2, 0.7], (90, 1)))
    assert len(part.get_paths()[0].vertices) == len(MarkerStyle("s").get_path().vertices)


def test_points_without_responsibilities_are_gray(axes):
    [part] = plots.scatter(axes, POINTS)
    assert {mpl.colors.to_hex(rgba) for rgba in part.get_facecolor()} == {plots.GRAY}


def test_sample_weights_are_areas(axes):
    weights = np.arange(1, 91)
    [part] = plots.scatter(axes, POINTS, sample_weights=list(weights))
    [plain] = plots.scatter(axes, POINTS)
    np.testing.assert_allclose(part.get_sizes() / part.get_sizes()[0], weights)
    np.testing.assert_allclose(part.get_sizes().mean(), plain.get_sizes().mean())


def test_points_are_drawn_along_the_dimensions_that_are_asked_for(axes):
    points = np.arange(12.0).reshape(3, 4)
    [part] = plots.scatter(axes, points, dimensions=(3, 1))
    np.testing.assert_array_equal(part.get_offsets(), [[3, 1], [7, 5], [11, 9]])


@pytest.mark.parametrize("mass", [0.3, 0.9, 0.99])
def test_an_ellipse_drawn_for_a_mass_holds_that_share_of_its_component(axes, mass):
    for k, line in enumerate(plots.ellipses(axes, MIXTURE, mass=mass)):
        [curve] = curves(line)
        sample = frozen(k).rvs(size=20000, random_state=k)
        share = Polygon(curve).contains_points(sample).mean()
        assert abs(share - mass) < 4 * np.sqrt(mass * (1 - mass) / 20000) + 0.001


def test_ellipses_lie_about_their_mean_at_each_radius(axes):
    for k, line in enumerate(plots.ellipses(axes, DEEP, radii=(0.5, 1, 3), dimensions=(2, 0))):
        mean = DEEP.means[k][[2, 0]]
        inverse = np.linalg.inv(DEEP.covariances[k][np.ix_([2, 0], [2, 0])])
        away = np.array(curves(line)) - mean
        distances = np.einsum("rni,ij,rnj->rn", away, inverse, away)
        np.testing.assert_allclose(distances, np.tile([[0.25], [1], [9]], 121), rtol=1e-10)
        np.testing.assert_array_equal(line.get_xydata()[0], mean)
        assert line.get_markevery() == [0]


def test_a_component_looks_the_same_in_every_picture(axes):
    pictures = plots.ellipses(axes, MIXTURE), plots.density(axes, MIXTURE)[1:]
    for lines in pictures:
        assert [line.get_label() for line in lines] == ["component 0", "component 1", "component 2"]
        np.testing.assert_array_equal([line.get_color() for line in lines], plots.COLORS[:3])
        assert [line.get_linestyle() for line in lines] == list(plots.LINES[:3])
    assert [line.get_marker() for line in pictures[0]] == list(plots.MARKERS[:3])
    colors = [part.get_facecolor()[0, :3] for part in plots.scatter(axes, MIXTURE.means, np.eye(3))]
    np.testing.assert_allclose(colors, plots.COLORS[:3])


@pytest.mark.parametrize("mass", [0.2, 0.5, 0.9])
def test_a_contour_holds_its_share_of_the_mixture(axes, mass):
    drawn = plots.contours(axes, MIXTURE, [mass])
    rng = np.random.default_rng(5)
    labels = rng.choice(3, size=20000, p=MIXTURE.weights)
    sample = np.concatenate([frozen(k).rvs(size=(labels == k).sum(), random_state=k) for k in range(3)])
    share = (density_of(MIXTURE, sample) >= np.exp(drawn.levels[0])).mean()
    assert abs(share - mass) < 4 * np.sqrt(mass * (1 - mass) / 20000) + 0.002


def tilted(width, correlation):
    return width**2 * np.array([[1, correlation], [correlation, 1]])


APART = {"weights": [0.4, 0.6], "means": [[0, 0], [4, 1]]}
UNLIKE = {
    "widths 1 to 1": gmm.Mixture(**APART, covariances=[tilted(1, 0), tilted(1, 0.3)]),
    "widths 1 to 100": gmm.Mixture(**APART, covariances=[tilted(1, 0), tilted(0.01, 0.3)]),
    "widths 1 to 1000": gmm.Mixture(**APART, covariances=[tilted(1, 0), tilted(0.001, 0.3)]),
    "one inside the other": gmm.Mixture([0.5, 0.5], [[0, 0], [0, 0]], [tilted(1, 0), tilted(0.001, 0)]),
    "correlated by 0.99": gmm.Mixture([0.4, 0.6], [[0, 0], [1, 0]], [tilted(1, 0.99), tilted(0.5, -0.99)]),
    "units that differ": gmm.Mixture([0.4, 0.6], [[0, 0], [3, 1e6]], [np.diag([1, 1e12]), np.diag([2, 1e11])]),
    "four alike": gmm.Mixture([0.25] * 4, [[0, 0], [0, 9], [9, 0], [9, 9]], [tilted(1, 0)] * 4),
    "two in one place": gmm.Mixture([0.5, 0.5], [[1, 2], [1, 2]], [tilted(1, 0.5)] * 2),
    "one without weight": gmm.Mixture([1, 0], [[0, 0], [50, 0]], [tilted(1, 0)] * 2),
}


@pytest.mark.parametrize("name", UNLIKE)
def test_contours_hold_their_shares_however_unlike_the_components_are(axes, name):
    mixture, masses = UNLIKE[name], [0.95, 0.9, 0.5, 0.1]
    drawn = plots.contours(axes, mixture, masses)
    points, _ = gmm.sample(mixture, 100_000, rng=3)
    shares = [(gmm.log_density(points, mixture) >= level).mean() for level in drawn.levels]
    np.testing.assert_allclose(shares, masses, atol=0.01)
    for level, path in zip(drawn.levels, drawn.get_paths(), strict=True):
        assert len(path.vertices) > 40
        np.testing.assert_allclose(gmm.log_density(path.vertices, mixture), level, atol=0.05)


def test_every_line_of_equal_mass_is_drawn_once(axes):
    assert len(plots.contours(axes, MIXTURE, [0.5, 0.9, 0.5]).levels) == 2


def test_a_contour_lies_where_the_density_has_its_level(axes):
    drawn = plots.contours(axes, MIXTURE, (0.9, 0.5))
    assert drawn.levels[0] < drawn.levels[1]
    for level, path in zip(drawn.levels, drawn.get_paths(), strict=True):
        np.testing.assert_allclose(np.log(density_of(MIXTURE, path.vertices)), level, atol=0.01)


def test_the_contours_of_one_gaussian_are_its_ellipses(axes):
    [path] = plots.contours(axes, ONE, [0.9]).get_paths()
    away = path.vertices - ONE.means[0]
    distances = np.einsum("ni,ij,nj->n", away, np.linalg.inv(ONE.covariances[0]), away)
    np.testing.assert_allclose(np.sqrt(distances), np.sqrt(stats.chi2.ppf(0.9, 2)), rtol=0.005)


def test_contours_take_the_room_of_their_outermost_line_and_no_more(axes):
    plots.contours(axes, ONE, [0.5, 0.9])
    extent = np.sqrt(stats.chi2.ppf(0.9, 2) * np.diag(ONE.covariances[0]))
    widths = [np.ptp(axes.get_xlim()), np.ptp(axes.get_ylim())]
    np.testing.assert_allclose(widths, 2 * 1.1 * extent, rtol=0.01)  # a margin of 5 % on each side


def test_the_parts_of_a_density_add_up_to_the_whole_which_is_scipys(axes):
    whole, *parts = plots.density(axes, DEEP, dimension=1)
    x = whole.get_xdata()
    expected = [
        pi * stats.norm(mean[1], np.sqrt(covariance[1, 1])).pdf(x)
        for pi, mean, covariance in zip(DEEP.weights, DEEP.means, DEEP.covariances)
    ]
    for part, column in zip(parts, expected, strict=True):
        np.testing.assert_allclose(part.get_ydata(), column, rtol=1e-9, atol=1e-300)
    np.testing.assert_allclose(whole.get_ydata(), np.sum(expected, axis=0), rtol=1e-9)


def test_a_density_is_drawn_over_a_total_area_of_one_however_narrow_a_part_is(axes):
    spike = gmm.Mixture([0.4, 0.6], [[0.0], [100.0]], [[[1e-6]], [[400.0]]])
    whole, *_ = plots.density(axes, spike)
    assert abs(integrate.trapezoid(whole.get_ydata(), whole.get_xdata()) - 1) < 0.001


def test_a_component_of_weight_zero_is_drawn_as_nothing(axes):
    _, first, second = plots.density(axes, gmm.Mixture([1, 0], [[0], [9]], [[[1]], [[4]]]))
    assert first.get_ydata().max() > 0.39
    assert (second.get_ydata() == 0).all()


def test_the_bars_of_a_histogram_are_shares_of_the_points_by_width(axes):
    points = np.array([[0, 1.0], [0, 1.5], [0, 2.5], [0, 7.0]])
    bars, _ = plots.histogram(axes, points, MIXTURE, bins=[1, 2, 4, 8], dimension=1)
    np.testing.assert_allclose([bar.get_height() for bar in bars], [2 / 4, 1 / 4 / 2, 1 / 4 / 4])
    np.testing.assert_allclose(sum(bar.get_height() * bar.get_width() for bar in bars), 1)


@pytest.mark.parametrize("edges", [[4.0, 9.0], [1.0, 4.0]], ids=["first", "last"])
def test_a_point_on_the_first_or_the_last_edge_is_in_a_bar(axes, edges):
    points = np.array([[0, 4.0], [0, 30.0]])
    [bar], _ = plots.histogram(axes, points, MIXTURE, bins=edges, dimension=1)
    assert bar.get_height() == pytest.approx(1 / (edges[1] - edges[0]))


@pytest.mark.parametrize("edges", [[-9.0, 0.5], [4.5, 9.0], [50.0, 60.0]], ids=["below", "between", "above"])
def test_edges_between_which_no_point_is_are_refused(axes, edges):
    points = np.array([[0, 4.0], [0, 30.0]])
    with pytest.raises(ValueError, match=r"^bins reach from .* where no point is"):
        plots.histogram(axes, points, MIXTURE, bins=edges, dimension=1)


def test_a_point_of_weight_two_is_drawn_as_high_as_two_points(axes):
    heavy, _ = plots.histogram(axes, POINTS, MIXTURE, sample_weights=[2] * 30 + [1] * 60)
    twice, _ = plots.histogram(axes, np.concatenate([POINTS[:30], POINTS]), MIXTURE)
    np.testing.assert_allclose([bar.get_height() for bar in heavy], [bar.get_height() for bar in twice])


def test_a_trace_has_one_vertex_for_each_step_from_step_zero(axes):
    line = plots.trace(axes, [-30, -21, -20.5], color="red", label="first start")
    np.testing.assert_array_equal(line.get_xydata(), [[0, -30], [1, -21], [2, -20.5]])
    assert (line.get_color(), line.get_label()) == ("red", "first start")
    assert all(tick == int(tick) for tick in axes.get_xticks())


def test_each_snapshot_shows_its_own_step():
    row = Figure().subplots(1, 2)
    drawn = plots.snapshots(row, STEPS, POINTS, at=[0, 3], radii=[1.5])
    for axes, artists, number in zip(row, drawn, [0, 3]):
        step = STEPS[number]
        assert axes.get_title(loc="center").splitlines() == [
            f"step {number}",
            f"log-likelihood {step.log_likelihood:.2f}",
        ]
        assert artists == [*axes.collections, *axes.lines]
        colors = gmm.responsibility(POINTS, step.mixture) @ plots.COLORS[:3]
        found = np.concatenate([part.get_facecolor()[:, :3] for part in axes.collections])
        np.testing.assert_allclose(np.sort(found, axis=0), np.sort(colors, axis=0), atol=1e-12)
        np.testing.assert_array_equal([line.get_xydata()[0] for line in axes.lines], step.mixture.means)
        for line, covariance in zip(axes.lines, step.mixture.covariances):
            height = np.nanmax(line.get_ydata()) - line.get_ydata()[0]
            np.testing.assert_allclose(height, 1.5 * np.sqrt(covariance[1, 1]), rtol=0.001)


# ---- what comes in


WEIGHTS = np.linspace(1, 3, 90)
SELECTION = gmm.select(POINTS, [1, 2], constraints=[gmm.tied, gmm.spherical], rng=0)
VALID = {
    "k": 1,
    "responsibilities": RESPONSIBILITIES,
    "mean": [1, 2],
    "factor": [[2, 0], [1, 3]],
    "radius": 2,
    "mass": 0.9,
    "D": 3,
    "log_densities": np.linspace(-9, -2, 90),
    "sample_weights": WEIGHTS,
    "axes": None,
    "points": POINTS,
    "dimensions": (1, 0),
    "mixture": MIXTURE,
    "radii": (1, 2),
    "masses": (0.9, 0.5),
    "dimension": 1,
    "bins": 10,
    "log_likelihoods": [-9, -5, -4],
    "step": STEPS[1],
    "row": None,
    "steps": STEPS,
    "at": [0, 3],
    "figure": Figure(),
    "colors": 64,
    "draw": plots.snapshot,
    "name": "film-1",
    "alt": ALT,
    "size": (2, 1.5),
    "panels": 1,
    "picture": Figure(),
    "selection": SELECTION,
}
TWO_AXES, NO_NUMBERS = Figure().subplots(1, 2), {"None": None, "a word": "abc", "NaN": np.nan, "a list": ["a"]}
NOT_ABOVE_ZERO = NO_NUMBERS | {"zero": 0, "minus one": -1}
NO_LIST = {"a number": 0.5, "a word": "abc", "bytes": b"\0\1", "None": None, "nothing": []}
BROKEN = {
    "k": NO_NUMBERS | {"minus one": -1},
    "responsibilities": {
        "of no components": RESPONSIBILITIES[:, :0],
        "that sum to three": 3 * RESPONSIBILITIES,
        "that are zero": 0 * RESPONSIBILITIES,
        "below zero": -RESPONSIBILITIES,
        "labels": RESPONSIBILITIES.argmax(axis=1),
    },
    "mean": NO_NUMBERS | {"in three dimensions": [1, 2, 3], "of infinity": [1, np.inf]},
    "factor": NO_NUMBERS | {"upper": [[1, 1], [0, 1]], "in three dimensions": np.eye(3), "singular": [[1, 0], [0, 0]]},
    "radius": NOT_ABOVE_ZERO,
    "mass": NOT_ABOVE_ZERO | {"percent": 95, "one": 1},
    "D": NO_NUMBERS | {"zero": 0, "a half": 0.5},
    "log_densities": {"NaN": [-1, np.nan], "infinity": [np.inf], "nothing": [], "a grid": np.ones((3, 3))},
    "sample_weights": {"zero": 0 * WEIGHTS, "below zero": -WEIGHTS, "of other points": WEIGHTS[:41], "NaN": np.nan},
    "axes": {"points": POINTS, "two axes": TWO_AXES, "a figure": Figure(), "pyplot": pyplot, "None": None},
    "points": {"nothing": [], "no rows": POINTS[:0], "NaN": POINTS * np.nan, "axes": TWO_AXES[0], "words": ["a", "b"]},
    "dimensions": NO_LIST | {"one": [0], "three": [0, 1, 2], "twice": [1, 1], "beyond": [0, 5], "the last": [0, -1]},
    "mixture": {"points": POINTS, "None": None},
    "radii": NO_LIST | {"minus one": [-1], "words": ["1"], "NaN": [np.nan], "zero": [1, 0]},
    "masses": NO_LIST | {"percent": [95], "one": [1], "zero": [0.5, 0], "NaN": [np.nan]},
    "dimension": NO_NUMBERS | {"beyond": 5, "the last": -1},
    "bins": {
        "zero": 0,
        "a half": 0.5,
        "a word": "auto",
        "no edges": [],
        "one edge": [POINTS[0, 1]],
        "falling": [0, 5, 3, 9],
        "equal": [0, 5, 5, 9],
        "NaN": [0, np.nan, 9],
        "infinity": [0, 3, np.inf],
        "a table": [[0, 3], [6, 9]],
        "elsewhere": [100, 101],
    },
    "log_likelihoods": NO_LIST | {"NaN": [-9, np.nan], "steps": STEPS, "no room": [-1.7e308, 0]},
    "step": {"a mixture": MIXTURE, "None": None, "number": 3},
    "row": {"None": None, "points": POINTS, "one of two": TWO_AXES[0]},
    "steps": {"without an end": gmm.em(POINTS, MIXTURE), "nothing": [], "None": None, "a word": "abc", "one number": 3},
    "at": NO_LIST | {"beyond": [0, 4], "from the end": [0, -1], "one of two": [0]},
    "figure": {"axes": TWO_AXES[0], "None": None, "pyplot": pyplot},
    "colors": NO_NUMBERS | {"zero": 0, "too many": 257},
    "draw": {"None": None, "a word": "snapshot"},
    "name": {"None": None, "spaces": "two words", "nothing": "", "a quote": 'a"b'},
    "alt": {"None": None, "number": 3},
    "size": NO_LIST | {"one": [3], "three": [1, 2, 3], "zero": [0, 3]},
    "panels": NO_NUMBERS | {"zero": 0},
    "picture": {"axes": TWO_AXES[0], "None": None, "words": "picture"},
    "selection": {"None": None, "a fit": gmm.fit(POINTS, 1), "a mixture": MIXTURE},
}
OPTIONAL = {"responsibilities": "scatter", "sample_weights": "scatter histogram density_level", "mass": "ellipses"}
PUBLIC = {name: function for name, function in vars(plots).items() if hasattr(function, "__wrapped__")}


def arguments_of(name):
    figure = Figure()
    mine = {"axes": figure.subplots()} if name != "snapshots" else {"row": figure.subplots(1, 2)}
    parameters = inspect.signature(PUBLIC[name]).parameters
    given = {parameter: VALID[parameter] for parameter in parameters if parameter != "looks"} | mine
    if name == "animation":
        given["draw"] = partial(plots.snapshot, points=POINTS)
    return {parameter: value for parameter, value in given.items() if parameter in parameters}


def broken():
    for name in PUBLIC:
        for argument in arguments_of(name):
            for what, value in BROKEN[argument].items():
                if value is not None or name not in OPTIONAL.get(argument, "").split():
                    yield pytest.param(name, argument, value, id=f"{name}-{argument}-{what}")


@pytest.mark.parametrize(("name", "argument", "value"), broken())
def test_what_cannot_be_drawn_is_refused_in_one_sentence_that_names_it(name, argument, value):
    with pytest.raises((ValueError, TypeError), match=rf"\b{argument}\b.*[:,] "):
        PUBLIC[name](**arguments_of(name) | {argument: value})


@pytest.mark.parametrize("name", PUBLIC)
def test_what_can_be_drawn_is_drawn(name, monkeypatch):
    monkeypatch.setattr(IPython.display, "display", lambda output, **kwargs: None)
    PUBLIC[name](**arguments_of(name))


def test_every_public_function_with_arguments_checks_them():
    bare = {name for name, thing in vars(plots).items() if inspect.isfunction(thing) and name not in PUBLIC}
    helpers = "data_uri sunflower crowded described quoted axis_in_words artist_in_words shade spread pair rounded"
    helpers += " significant titles tops area sizes vertices corners values nothing use_style"
    own = {name for name in bare if getattr(plots, name).__module__ == plots.__name__}
    assert own == set(helpers.split())


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_function_wraps_the_bare_one_with_its_docstring_and_its_source(name):
    checked = PUBLIC[name]
    assert (checked.__module__, checked.__qualname__) == ("gmm_tutorial.plots", name)
    assert inspect.getsource(checked).startswith(f"def {name}(")
    assert checked.__doc__ == inspect.unwrap(checked).__doc__


def test_responsibilities_may_be_rounded_and_what_has_a_default_may_be_none(axes):
    plots.scatter(axes, POINTS, RESPONSIBILITIES.round(1), sample_weights=None)
    plots.scatter(axes, POINTS[:2], [[0.4, 0.4, 0.3], [0.3, 0.3, 0.3]])  # as 0.35, 0.35, 0.3 and three thirds round
    plots.ellipses(axes, MIXTURE, mass=None)


def test_an_ellipse_has_two_dimensions():
    with pytest.raises(ValueError, match="mean has the length 3"):
        plots.ellipse(DEEP.means[0], DEEP.factors[0])


def test_responsibilities_of_other_points_are_refused(axes):
    with pytest.raises(ValueError, match="responsibilities has 41 points but points has 90"):
        plots.scatter(axes, POINTS, RESPONSIBILITIES[:41])


def test_what_is_no_step_is_told_with_its_number():
    with pytest.raises(TypeError, match=r"steps\[3\] is of the type float"):
        plots.snapshots(Figure().subplots(1, 2), [*STEPS[:3], 2.5], POINTS, at=[0, 3])


def test_points_and_a_step_of_other_dimensions_are_refused(axes):
    with pytest.raises(ValueError, match="points has 2 dimensions but step has 3"):
        plots.snapshot(axes, gmm.Step(DEEP, -9.0), POINTS)


def test_a_picture_of_the_plane_is_refused_for_one_dimension_with_those_that_can_be_drawn(axes):
    with pytest.raises(ValueError, match=r"points has one dimension, .* plots\.density"):
        plots.scatter(axes, POINTS[:, :1])


def test_a_film_leaves_the_callers_arithmetic_alone():
    with np.errstate(divide="ignore"):
        plots.animation(lambda axes, step: axes.plot(np.log([0, step])), [1, 2], name="log", alt=ALT)


DRAWINGS = {
    "scatter": lambda axes: plots.scatter(axes, POINTS, RESPONSIBILITIES, sample_weights=WEIGHTS),
    "ellipses": lambda axes: plots.ellipses(axes, MIXTURE),
    "contours": lambda axes: plots.contours(axes, MIXTURE),
    "density": lambda axes: plots.density(axes, MIXTURE),
    "histogram": lambda axes: plots.histogram(axes, POINTS, MIXTURE, sample_weights=WEIGHTS),
    "trace": lambda axes: plots.trace(axes, WEIGHTS),
    "snapshot": lambda axes: plots.snapshot(axes, STEPS[1], POINTS),
}


@pytest.mark.parametrize("name", DRAWINGS)
def test_drawing_changes_nothing_but_the_axes_and_shows_nothing(name, monkeypatch):
    monkeypatch.setattr(pyplot, "show", lambda *args, **kwargs: pytest.fail("show was called"))
    arrays = POINTS, RESPONSIBILITIES, WEIGHTS, *MIXTURE
    before = [array.copy() for array in arrays]
    settings_before, open_before = dict(mpl.rcParams), pyplot.get_fignums()
    state_before = np.random.get_state()[1].copy()  # noqa: NPY002
    mine, other = Figure().subplots(1, 2)
    DRAWINGS[name](mine)
    assert mine.has_data()
    assert not other.has_data()
    assert dict(mpl.rcParams) == settings_before
    assert pyplot.get_fignums() == open_before
    np.testing.assert_array_equal(np.random.get_state()[1], state_before)  # noqa: NPY002
    for array, copy in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(array, copy)


@pytest.mark.parametrize("name", DRAWINGS)
def test_drawing_returns_every_artist_that_it_draws(name, axes):
    def flat(artists):
        many = isinstance(artists, list | tuple)
        return [one for part in artists for one in flat(part)] if many else [artists]

    returned = flat(DRAWINGS[name](axes))
    assert {id(artist) for artist in returned} == {
        id(artist) for artist in (*axes.lines, *axes.collections, *axes.patches, *axes.texts)
    }


# ---- in words


def test_a_summary_names_each_kind_of_thing_that_is_drawn():
    figure = Figure()
    left, right = figure.subplots(1, 2)
    figure.suptitle("Two\npanels")
    left.set(xlim=(0, 10), ylim=(0, 100), title="Left", xlabel="length (cm)", ylabel="mass (g)")
    left.bar([1, 3], [20, 60], width=0.5, color="#ff0000", label="counts")
    left.scatter([1, 2, 3], [10, 20, 60], [4, 16, 36], color=["#000000", "#ff0000", "#000000"])
    left.axvline(2.5, color="black")
    left.add_patch(mpl.patches.Rectangle((1, 10), 3, 20, color="#00ff00"))
    left.annotate("peak", (3, 60), (5, 80))
    right.set(xlim=(1, 1000), ylim=(-1, 1), xscale="log", xlabel="steps")
    right.plot([10, 100, 1000, np.nan], [0.5, -0.5, -1e-18, 3], color="#0000ff")
    right.contour([1, 10], [0, 1], [[0, 0], [1, 1]], levels=[0.25, 0.5], colors="black")
    right.imshow([[1, 2], [3, 6]], extent=(1, 10, -1, 0), aspect="auto")
    right.hlines([0, 0.5], 1, 100, color="#0000ff")
    right.pcolormesh([1, 10, 100], [0, 1], [[3, 5]])
    right.quiver([10, 100], [0, 0.5], [1, 10], [0.25, 0.5], color="black")
    right.plot([], [], color="black")
    assert plots.summary(figure).splitlines() == EXPECTED.splitlines()


EXPECTED = """\
"Two panels"
"Left", x "length (cm)", y "mass (g)"
  bars "counts" #ff0000 of area 40.00: 2 from (1.00, 20.0) to (3.00, 60.0), mean (2.000, 40.00) ± (1.000, 20.00), r 1.000
  shape #00ff00: 5 from (1.00, 10.0) to (1.00, 10.0), mean (2.200, 18.00) ± (1.470, 9.80), r 0.167
  points #550000 of sizes 4.000 to 36.00: 3 from (1.00, 10.0) to (3.00, 60.0), mean (2.000, 30.00) ± (0.816, 21.60), r 0.945
  line #000000: 2 from (2.50, 0.0) to (2.50, 1.0), mean (2.500, 0.50) ± (0.000, 0.50), r 0.000
  text #000000 "peak": (3.00, 60.0)
x "steps" (log)
  image of values 3.000 ± 1.871: 2 from (0.000, -1.000) to (1.000, 0.000), mean (0.500, -0.500) ± (0.500, 0.500), r 1.000
  contours #000000 at 0.2500, 0.5000: 2 from (0.000, 0.250) to (1.000, 0.500), mean (0.500, 0.375) ± (0.500, 0.125), r 1.000
  shapes #0000ff: 4 from (0.000, 0.000) to (2.000, 0.500), mean (1.0000, 0.2500) ± (1.0000, 0.2500), r 0.000
  mesh #a1743c of values 4.000 ± 1.000: 6 from (0.000, 0.000) to (2.000, 1.000), mean (1.0000, 0.5000) ± (0.8165, 0.5000), r 0.000
  arrows #000000: 4 from (1.000, 0.000) to (1.000, 0.500), mean (1.0000, 0.3125) ± (0.7071, 0.2073), r 0.426
  line #0000ff: 3 from (1.000, 0.500) to (3.000, 0.000), mean (2.000, 0.0000) ± (0.816, 0.4082), r -0.500
  line #000000: nowhere
"""  # noqa: E501


SEEN = {
    "a title": lambda axes: axes.set_title("Another title"),
    "a label": lambda axes: axes.set_ylabel("z"),
    "a scale": lambda axes: axes.set_xscale("symlog"),
    "a vertex in the middle": lambda axes: axes.lines[0].set_ydata([0, 10.5, 40, -20]),
    "two vertices swapped": lambda axes: axes.lines[0].set_ydata([0, 40, 10, -20]),
    "the color of a line": lambda axes: axes.lines[0].set_color("blue"),
    "the label of a line": lambda axes: axes.lines[0].set_label("other"),
    "one point of ninety": lambda axes: axes.collections[0].set_offsets(moved(POINTS, 41, [0, 1])),
    "points upside down": lambda axes: axes.collections[0].set_offsets(POINTS * [1, -1]),
    "points paired otherwise": lambda axes: axes.collections[0].set_offsets(np.c_[POINTS[:, 0], POINTS[::-1, 1]]),
    "the color of one point": lambda axes: axes.collections[0].set_facecolor(["red"] + ["black"] * 89),
    "areas": lambda axes: axes.collections[0].set_sizes(np.linspace(1, 9, 90)),
    "one bar": lambda axes: axes.patches[1].set_height(21),
    "another line": lambda axes: axes.plot([1, 2]),
    "one line less": lambda axes: axes.lines[0].remove(),
    "a text": lambda axes: axes.texts[0].set_text("there"),
    "the place of a text": lambda axes: axes.texts[0].set_position((2.1, 3)),
    "the place of an image": lambda axes: axes.images[0].set_extent((6, 9, 0, 10.5)),
    "one pixel": lambda axes: axes.images[0].set_data([[1, 2], [3, 5]]),
}


def everything(axes):
    axes.set(xlim=(0, 10), ylim=(-50, 50), title="A title", xlabel="x", ylabel="y")
    axes.plot([1, 2, 3, 4], [0, 10, 40, -20], color="black", label="line")
    axes.scatter(*POINTS.T, color=["black"] * 90)
    axes.bar([5, 6, 7], [10, 20, 30])
    axes.text(2, 3, "here")
    axes.imshow([[1, 2], [3, 4]], extent=(6, 9, 0, 10), aspect="auto")
    return axes


def moved(points, n, by):
    points = points.copy()
    points[n] += by
    return points


@pytest.mark.parametrize("change", SEEN)
def test_a_change_that_is_seen_changes_the_summary(axes, change):
    before = plots.summary(everything(axes).figure)
    SEEN[change](axes)
    assert plots.summary(axes.figure) != before


LEFT_OUT = {
    "the style of a line": lambda axes: axes.lines[0].set_linestyle("--"),
    "the width of a line": lambda axes: axes.lines[0].set_linewidth(5),
    "a marker": lambda axes: axes.lines[0].set_marker("x"),
    "which point has which color": lambda axes: axes.collections[0].set_facecolor(["black"] * 89 + ["blue"]),
    "limits": lambda axes: axes.set_xlim(0, 12),
    "ticks": lambda axes: axes.set_xticks([1, 2]),
    "a legend": lambda axes: axes.legend(),
    "what is on top": lambda axes: axes.lines[0].set_zorder(-1),
}


@pytest.mark.parametrize("change", LEFT_OUT)
def test_what_the_summary_says_it_leaves_out_it_leaves_out(axes, change):
    everything(axes).collections[0].set_facecolor(["blue"] + ["black"] * 89)
    before = plots.summary(axes.figure)
    LEFT_OUT[change](axes)
    assert plots.summary(axes.figure) == before


def test_the_colors_of_two_components_swapped_change_the_summary(axes):
    first, second, _ = plots.ellipses(axes, MIXTURE)
    before = plots.summary(axes.figure)
    first.set_color(plots.COLORS[1])
    second.set_color(plots.COLORS[0])
    assert plots.summary(axes.figure) != before


@pytest.mark.parametrize("number", [1, 2])
def test_another_mixture_changes_the_summary_of_its_picture(number):
    def draw(step):
        axes = Figure().subplots()
        axes.set(xlim=(-3, 10), ylim=(-3, 10))
        return axes, step.mixture

    for drawing in (plots.ellipses, plots.contours, plots.density):
        summaries = set()
        for step in (STEPS[0], STEPS[number]):
            axes, mixture = draw(step)
            drawing(axes, mixture)
            summaries.add(plots.summary(axes.figure))
        assert len(summaries) == 2


numbers = st.floats(-1, 1).map(lambda number: round(number, 6))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=40), st.data())
def test_moving_one_vertex_by_a_hundredth_changes_the_summary_and_noise_does_not(vertices, data):
    axes = Figure().subplots()
    axes.set(xlim=(-1, 1), ylim=(-1, 1))
    vertices = np.array(vertices)
    [line] = axes.plot(*vertices.T)
    before = plots.summary(axes.figure)
    noise = data.draw(st.lists(st.sampled_from([-1e-14, 0, 1e-14]), min_size=len(vertices), max_size=len(vertices)))
    line.set_data(*(vertices + np.array(noise)[:, None]).T)
    assert plots.summary(axes.figure) == before
    n, direction = data.draw(st.integers(0, len(vertices) - 1)), data.draw(st.sampled_from([[0.02, 0], [0, -0.02]]))
    line.set_data(*moved(vertices, n, direction).T)
    assert plots.summary(axes.figure) != before


def test_a_tie_in_a_color_is_not_decided_by_noise(axes):
    colors = {
        plots.shade(axes.scatter([0], [0], color=plots.color([[0.5 + noise, 0.5 - noise]])))
        for noise in (-1e-15, 0, 1e-15)
    }
    assert len(colors) == 1


@pytest.mark.parametrize(
    ("number", "span", "text"),
    [
        (1234.5678, 10, "1234.57"),
        (1234.5678, 99, "1234.57"),
        (1234.5678, 100, "1234.6"),
        (26690, 25000, "26690"),
        (26694.9, 25000, "26690"),
        (0.00012345678, 1, "0.000"),
        (-0.0001, 1, "0.000"),
        (0.00012345678, 0.0002, "1.235e-04"),
        (0.00012345678, 0.00001, "1.2346e-04"),
        (0.00000012345, 0.0001, "1e-07"),
        (0.9, 1e-9, "9.00000e-01"),
        (-1e-20, 1e-9, "0.000000"),
        (0.5005, 1, "0.500"),
        (0.5005 - 1e-15, 1, "0.500"),
        (0.5005 + 1e-15, 1, "0.500"),
        (1, 1 - 1e-15, "1.000"),
    ],
)
def test_a_number_is_rounded_to_a_thousandth_of_what_is_shown(number, span, text):
    assert plots.rounded(number, span) == text


# ---- showing


def decoded(picture):
    return np.asarray(Image.open(io.BytesIO(picture)).convert("RGB")).astype(int)


def colorful_figure():
    with mpl.rc_context(plots.STYLE):
        figure = Figure()
        plots.snapshot(figure.subplots(), STEPS[2], POINTS)
    return figure


@pytest.mark.parametrize(("colors", "shift"), [(256, 16), (64, 32)])
def test_a_small_picture_is_a_palette_in_which_no_color_lies(colors, shift):
    figure, true = colorful_figure(), io.BytesIO()
    figure.savefig(true, format="png")
    small = plots.png(figure, colors)
    assert Image.open(io.BytesIO(small)).mode == "P"
    assert len(small) < len(true.getvalue()) / 2
    assert np.abs(decoded(small) - decoded(true.getvalue())).max() <= shift


def test_a_picture_of_points_and_ellipses_is_small():
    assert len(plots.png(colorful_figure())) < 40_000


@pytest.fixture(scope="module")
def film():
    with mpl.rc_context(plots.STYLE):
        return plots.animation(partial(plots.snapshot, points=POINTS), STEPS, name="islands", alt=ALT)


URI = r"data:image/png;base64,([A-Za-z0-9+/=]+)"


def test_an_animation_has_one_picture_for_each_step_and_the_last_is_seen_without_scripts(film):
    pictures = [base64.b64decode(uri) for uri in re.findall(URI, film.html())]
    assert sorted(pictures) == sorted(film.pictures)
    assert len(set(pictures)) == len(STEPS)
    without_script = re.sub("<script>.*?</script>", "", film.html(), flags=re.DOTALL)
    assert [base64.b64decode(uri) for uri in re.findall(URI, without_script)] == [film.pictures[-1]]
    assert "This is the last of 4 pictures" in without_script


def test_the_pictures_of_an_animation_are_of_one_size_with_the_limits_of_the_last_step(film, monkeypatch):
    assert len({decoded(picture).shape for picture in film.pictures}) == 1
    seen = []
    monkeypatch.setattr(plots, "png", lambda figure, colors: seen.append([axes.axis() for axes in figure.axes]))

    def draw(row, number):
        row[0].plot([0, number], [0, number**2])
        row[1].scatter([0, 1], [0, 1 / number])

    plots.animation(draw, [4, 1, 2], name="two", alt=ALT, panels=2)
    assert len(seen) == 3
    assert seen[0] == seen[1] == seen[2]
    np.testing.assert_allclose(seen[0], [(-0.1, 2.1, -0.2, 4.2), (-0.05, 1.05, -0.025, 0.525)])


def test_an_animation_starts_each_picture_on_empty_axes(monkeypatch):
    monkeypatch.setattr(plots, "png", lambda figure, colors: len(figure.axes[0].lines))
    film = plots.animation(lambda axes, step: axes.plot([step, 2]), [1, 2, 3], name="lines", alt=ALT)
    assert film.pictures == [1, 1, 1]


def test_an_animation_sums_up_its_first_and_its_last_picture(film):
    for step in (STEPS[0], STEPS[-1]):
        assert f'"log-likelihood {step.log_likelihood:.2f}"' in film.summary
    assert "4 pictures" in film.summary


def test_an_animation_is_the_same_every_time_and_but_for_the_pictures_for_all_data(film):
    with mpl.rc_context(plots.STYLE):
        again = plots.animation(partial(plots.snapshot, points=POINTS), STEPS, name="islands", alt=ALT)
        other = plots.animation(partial(plots.snapshot, points=POINTS), STEPS[::-1], name="islands", alt=ALT)
    assert again.html() == film.html()
    assert other.html() != film.html()
    assert re.sub(URI, "", other.html()) == re.sub(URI, "", film.html())


def test_an_animation_asks_nothing_of_the_network_or_of_a_kernel(film):
    page = re.sub(URI, "", film.html()).lower()
    assert not re.search(r"//[a-z]|https?:|url\(|import|fetch|xmlhttp|<link|jupyter\.|kernel", page)


def test_two_animations_on_a_page_do_not_meet(film):
    other = plots.Animation("rocks", ALT, film.pictures, film.summary)
    names = [set(re.findall(r"animation-\w+", each.html())) for each in (film, other)]
    assert names == [{"animation-islands"}, {"animation-rocks"}]


class Tags(HTMLParser):
    """Which tags are open; fails when one is closed that is not."""

    def __init__(self, page):
        super().__init__()
        self.open, self.images = [], []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attributes):
        if tag == "img":
            self.images.append(dict(attributes))
        else:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_page_of_an_animation_is_balanced_and_its_words_are_escaped(film):
    alt = 'A "quoted" <b>sentence</b> & more.'
    page = Tags(plots.Animation("islands", alt, film.pictures, "").html())
    assert page.open == []
    assert [image["alt"] for image in page.images] == [alt]


def test_an_animation_of_twenty_five_steps_stays_small():
    points, _, truth = gmm.load_islands()
    steps = list(islice(gmm.em(points, truth), 3))
    with mpl.rc_context(plots.STYLE):
        film = plots.animation(partial(plots.snapshot, points=points), steps, name="size", alt=ALT)
    assert len(film.html()) / 3 * 25 < 360_000


FAKE_PAGE = """
const made = {};
function element(children = []) {
  return {children, dataset: {}, attributes: {}, textContent: "",
          setAttribute(name, value) { this.attributes[name] = value; }};
}
const image = element(), caption = element(), film = element([image, caption]);
image.src = LAST;
let low, high, now;
Object.defineProperty(caption, "innerHTML", {set(page) {
  low = Number(page.match(/min="(\\d+)"/)[1]); high = Number(page.match(/max="(\\d+)"/)[1]); now = high;
  const tags = [...page.matchAll(/<(button|input|output)\\b/g)].map(match => match[1]);
  made.tags = tags.join(" ");
  this.children = tags.map(() => element());
  Object.defineProperty(this.children[3], "value",
    {get: () => String(now), set(value) { now = Math.min(Math.max(Number(value), low), high); }});
  this.children[3].max = String(high);
}});
const document = {querySelectorAll: selector => made.selector = selector.includes("islands") ? [film] : []};
let tick = null;
const setInterval = (call, wait, ...rest) => { tick = () => call(...rest); return 1; };
const clearInterval = () => { tick = null; };
const seen = [];
SCRIPT
const [back, play, forward, slider, output] = caption.children;
const note = what => seen.push([what, PICTURES.indexOf(image.src), output.textContent,
                                slider.attributes["aria-valuetext"], play.textContent, tick !== null]);
play.textContent ||= "Play";
note("start");
back.onclick(); note("back");
forward.onclick(); note("forward");
slider.value = 2; slider.oninput(); note("slide");
play.onclick(); note("play");
tick(); note("tick");
play.onclick(); note("play again");
tick(); note("tick");
play.onclick(); note("pause");
play.onclick(); tick(); forward.onclick(); note("forward while playing");
forward.onclick(); note("forward at the end");
play.onclick(); tick(); tick(); back.onclick(); note("back while playing");
console.log(JSON.stringify([made.tags, seen]));
"""


@pytest.mark.skipif(not shutil.which("node"), reason="needs node")
def test_the_buttons_of_an_animation_go_through_its_pictures(film, tmp_path):
    [script] = re.findall("<script>(.*)</script>", film.html(), flags=re.DOTALL)
    uris = [plots.data_uri(picture) for picture in film.pictures]
    program = FAKE_PAGE.replace("LAST", json.dumps(uris[-1])).replace("PICTURES", json.dumps(uris))
    (tmp_path / "page.js").write_text(program.replace("SCRIPT", script), encoding="utf-8")
    run = subprocess.run(["node", tmp_path / "page.js"], capture_output=True, text=True, check=True)
    tags, seen = json.loads(run.stdout)
    assert tags == "button button button input output"
    assert all(told == read for _, _, told, read, _, _ in seen)
    assert [(what, picture, told, button, playing) for what, picture, told, _, button, playing in seen] == [
        ("start", 0, "0 of 3", "Play", False),
        ("back", 0, "0 of 3", "Play", False),
        ("forward", 1, "1 of 3", "Play", False),
        ("slide", 2, "2 of 3", "Play", False),
        ("play", 2, "2 of 3", "Pause", True),
        ("tick", 3, "3 of 3", "Play", False),
        ("play again", 0, "0 of 3", "Pause", True),
        ("tick", 1, "1 of 3", "Pause", True),
        ("pause", 1, "1 of 3", "Play", False),
        ("forward while playing", 3, "3 of 3", "Play", False),
        ("forward at the end", 3, "3 of 3", "Play", False),
        ("back while playing", 1, "1 of 3", "Play", False),
    ]


@pytest.fixture
def shown(monkeypatch):
    outputs = []
    monkeypatch.setattr(IPython.display, "display", lambda output, **kwargs: outputs.append(output))
    return outputs


def test_a_figure_is_shown_with_its_alt_text_and_its_summary_and_closed(shown):
    figure, axes = pyplot.subplots()
    axes.set_title("Ones & twos <here>")
    expected = plots.summary(figure)
    plots.present(figure, ALT)
    picture, words = shown
    data, metadata = picture._repr_mimebundle_()
    assert metadata == {"image/png": {"alt": ALT}}
    assert data["text/plain"] == ALT
    assert decoded(base64.b64decode(data["image/png"])).shape == (*figure.canvas.get_width_height()[::-1], 3)
    assert words["text/plain"] == expected
    assert "Ones &amp; twos &lt;here&gt;" in words["text/html"]
    assert ALT in words["text/html"]
    assert Tags(words["text/html"]).open == []
    assert not pyplot.fignum_exists(figure.number)


def test_a_figure_without_alt_text_is_described_by_its_titles(shown):
    figure, (left, right) = pyplot.subplots(1, 2)
    figure.suptitle("Two clouds")
    left.set_title("before", loc="left")
    right.set_title("after\none step")
    plots.present(figure)
    picture, words = shown
    data, metadata = picture._repr_mimebundle_()
    assert data["text/plain"] == metadata["image/png"]["alt"] == "Two clouds. before. after one step"
    assert "<p>" not in words["text/html"]


def test_a_figure_without_any_words_is_still_said_to_be_one(shown):
    plots.present(pyplot.figure())
    assert shown[0]._repr_mimebundle_()[0]["text/plain"] == "A figure"


def test_an_animation_is_shown_with_its_summary(shown, film):
    plots.present(film)
    assert shown[0]._repr_mimebundle_() == {"text/html": film.html(), "text/plain": ALT}
    assert shown[1]["text/plain"] == film.summary


@pytest.mark.parametrize("magic", ["", pytest.param("%matplotlib inline\n", marks=pytest.mark.slow)])
def test_a_notebook_shows_a_figure_once(magic):
    source = f"{magic}from matplotlib import pyplot\nfrom gmm_tutorial import plots\n"
    source += f"figure, axes = pyplot.subplots()\naxes.plot([1, 2])\nplots.present(figure, {ALT!r})"
    notebook = nbformat.from_dict(new_notebook(cells=[new_code_cell(source)]))
    [cell] = notebooks.execute(notebook, ROOT).cells
    picture, words = cell.outputs
    assert picture.metadata == {"image/png": {"alt": ALT}}
    assert sorted(words.data) == ["text/html", "text/plain"]
