"""The live figures compute what the package computes, and everybody can use them."""

import importlib
import json
import re
import shutil
import subprocess
import sys
from itertools import islice

import in_chromium
import nbformat
import numpy as np
import play_cases
import pytest
from live_steps import REPEAT, close, same_steps

import gmm_tutorial as gmm
from gmm_tutorial import live

STORED = json.loads(play_cases.CASES.read_text(encoding="utf-8"))
NAMES = [case["name"] for case in STORED]
NEEDS_NODE = pytest.mark.skipif(not shutil.which("node"), reason="node is not installed")


def node(expression, *files):
    """What an expression is in Node, where gmm is em.js and the files are the arguments."""
    program = f"""
    import {{ readFileSync }} from "node:fs";
    const gmm = await import({json.dumps((play_cases.LIVE / "em.js").as_uri())});
    const files = process.argv.slice(1).map((file) => JSON.parse(readFileSync(file, "utf-8")));
    process.stdout.write(JSON.stringify({expression}));
    """
    command = ["node", "--input-type=module", "-e", program, "--", *map(str, files)]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True, encoding="utf-8").stdout)


def from_javascript(name):
    """What a file of data exports, read as what it is apart from two names without quotes: JSON."""
    text = (play_cases.LIVE / name).read_text(encoding="utf-8")
    text = re.split(r"^export const \w+ = ", text, flags=re.MULTILINE)[1].rstrip(";\n")
    text = re.sub(r"^  (\w+):", r'  "\1":', text, flags=re.MULTILINE)
    return json.loads(re.sub(r",(\s*[\]}])", r"\1", text))


# ---- the stored cases


def test_the_stored_cases_are_what_the_package_gives_now():
    fresh = play_cases.cases()
    assert [case["name"] for case in fresh] == NAMES
    for ours, theirs in zip(fresh, STORED):
        assert (ours["points"], ours["constraint"]) == (theirs["points"], theirs["constraint"])
        for name, array in ours["start"].items():
            close(array, theirs["start"][name], rtol=1e-13)
        for step, stored in zip(ours["steps"], theirs["steps"], strict=True):
            close(step["log_likelihood"], stored["log_likelihood"], rtol=1e-10)
            close(step["responsibilities"], stored["responsibilities"], rtol=1e-9)
            for name, array in step["mixture"].items():
                close(array, stored["mixture"][name], rtol=1e-10)


def test_the_stored_cases_cover_every_constraint_and_number_of_components_and_underflow():
    assert {case["constraint"] for case in STORED} == set(play_cases.CONSTRAINTS)
    assert {len(case["start"]["weights"]) for case in STORED} == {1, 2, 3, 4}
    assert len({len(case["points"]) for case in STORED}) > 10
    assert sum(min(map(min, case["steps"][0]["responsibilities"])) < 1e-60 for case in STORED) == 2


def test_the_points_of_the_figures_are_those_of_the_package():
    assert play_cases.DATA.read_text(encoding="utf-8") == play_cases.data()


# ---- em.js in Node


@pytest.fixture(scope="module")
def repeated_by_node():
    return node(f"({REPEAT})(files[0], gmm)", play_cases.CASES)


@NEEDS_NODE
@pytest.mark.parametrize("index", range(len(STORED)), ids=NAMES)
def test_ten_steps_in_node_are_ten_steps_of_the_package(repeated_by_node, index):
    same_steps(repeated_by_node[index], STORED[index])


@NEEDS_NODE
def test_one_gaussian_is_that_of_the_package_in_three_dimensions_too():
    points, mean = [[1, 2, -3], [40, 0.5, 6]], [0.5, 2.5, 1]
    covariance = [[4, 1, 0.5], [1, 3, -0.7], [0.5, -0.7, 2]]
    ours = node(f"gmm.logGaussian({points}, {mean}, {covariance})")
    close(ours, gmm.log_gaussian(points, mean, covariance), rtol=1e-12)


@NEEDS_NODE
def test_the_start_around_centers_is_that_of_the_package():
    points, centers = play_cases.blobs(20, 33, 3), [[0, 0], [3, 5], [-4, -6.5]]
    ours = node(f"gmm.mixtureAround({points.tolist()}, {centers})")
    theirs = gmm.mixture_around(points, centers)
    for name, array in zip(("weights", "means", "covariances"), theirs):
        close(ours[name], array, rtol=1e-12)


@NEEDS_NODE
@pytest.mark.parametrize(
    "log_likelihoods", [[0, 8, 12, 14], [-5, -4], [-5, -4, -2], [-5, -5, -5], [-9, -3, -3.5], [-9.0, -8.0, -7.9, -7.89]]
)
def test_what_is_left_to_gain_is_judged_as_in_the_package(log_likelihoods):
    ours = node(f"String(gmm.gainToCome({log_likelihoods}))").replace("Infinity", "inf")
    assert float(ours) == pytest.approx(gmm.gain_to_come(log_likelihoods), rel=1e-12)


COLLAPSES = {  # points, and the component that each belongs to
    "one point for a component": ([[0, 0], [1, 3], [2, 1], [9, 9]], [0, 0, 0, 1]),
    "points on a line": ([[0, 0], [1, 1], [2, 2], [5, 0], [7, 1], [6, 3]], [0, 0, 0, 1, 1, 1]),
    "a line, rounded": ([[0.1, 0.7], [0.3, 2.1], [0.4, 2.8], [5, 0], [6, 3], [7, 1]], [0, 0, 0, 1, 1, 1]),
    "nothing explained": ([[0, 0], [1, 3], [2, 1]], [0, 0, 0]),
    "narrower than rounding": ([[1e9, 0], [1e9 + 1e-5, 3], [1e9, 1], [3, 4], [8, 5], [5, 5]], [1, 1, 1, 0, 0, 0]),
}


@NEEDS_NODE
@pytest.mark.parametrize("problem", COLLAPSES.values(), ids=COLLAPSES)
def test_a_component_collapses_where_it_does_in_the_package(problem):
    points, labels = problem
    responsibilities = np.eye(2)[labels].tolist()
    with pytest.raises(gmm.CollapseError) as found:
        gmm.e_step(points, gmm.m_step(points, responsibilities))
    told = f"""(() => {{
      try {{ gmm.constrained(gmm.full, gmm.mStep({points}, {responsibilities})); }}
      catch (error) {{ return [error instanceof gmm.CollapseError, error.component]; }}
    }})()"""
    assert node(told) == [True, found.value.component]


@NEEDS_NODE
def test_the_generator_is_the_published_one():
    """The 10000th number of minstd_rand from 1, as the C++ standard gives it ([rand.predef])."""
    assert node("Array.from({ length: 10000 }).reduce(gmm.afterwards, 1)") == 399268537


@NEEDS_NODE
@pytest.mark.parametrize("draw", ["randomPoints", "kmeansPlusPlus"])
def test_centers_are_different_points_and_one_seed_gives_one_draw(draw):
    points = [[0, 0], [0, 0], [0, 0], [1, 0], [0, 2], [5, 5]]
    drawn = f"Array.from({{ length: 60 }}, (_, i) => gmm.{draw}({points}, 4, gmm.generator(i + 1)))"
    first, second = node(drawn), node(drawn)
    assert first == second
    assert all(sorted(centers) == [[0, 0], [0, 2], [1, 0], [5, 5]] for centers in first)
    assert len({json.dumps(centers) for centers in first}) > 8
    asked = f"gmm.{draw}({points}, 5, gmm.generator(1))"
    refused = node(f"(() => {{ try {{ return {asked}; }} catch (error) {{ return error.message; }} }})()")
    assert refused.startswith("only 4 of the points differ")


@NEEDS_NODE
def test_kmeans_plus_plus_prefers_far_points_by_their_squared_distance():
    shares = []  # from 0, the next is 3 nine times of ten; without preference every other time
    for draw in ("kmeansPlusPlus", "randomPoints"):
        centers = f"gmm.{draw}([[0], [1], [3]], 2, gmm.generator(i + 1)).flat()"
        pairs = node(f"Array.from({{ length: 6000 }}, (_, i) => {centers})")
        shares.append(np.mean([second == 3 for first, second in pairs if first == 0]))
    np.testing.assert_allclose(shares, [0.9, 0.5], atol=0.03)


@NEEDS_NODE
def test_what_follows_from_a_mixture_is_that_of_the_package():
    points, found = gmm.load_faithful(), from_javascript("fits.js")["faithful"]
    fit, mixture = gmm.Mixture(**found), json.dumps(found)
    close(node(f"gmm.logDensity({points.tolist()}, {mixture})"), gmm.log_density(points, fit))
    knowns = [[1.7], [2.9], [3.3], [5.0]]
    close(node(f"gmm.conditionalMean({knowns}, {mixture})"), gmm.conditional_mean(knowns, fit).ravel())
    one = node(f"gmm.marginal({mixture}, [1])")
    for ours, theirs in zip(gmm.Mixture(**one), gmm.marginal(fit, [1])):
        close(ours, theirs)
    total = gmm.log_density(points, fit).sum()
    close(node(f"gmm.bic({float(total)!r}, 272, gmm.parameterCount(2, 2))"), gmm.bic(points, fit))


@NEEDS_NODE
@pytest.mark.parametrize("known", [{0: 1.2}, {1: -4}, {2: 0.3}, {0: 2, 2: -1.5}, {1: 30, 2: 8}])
def test_what_is_left_when_some_coordinates_are_known_is_that_of_the_package(known):
    covariances = [[[4, 1, 0.5], [1, 3, -0.7], [0.5, -0.7, 2]], [[1, 0.3, 0], [0.3, 2, 0.6], [0, 0.6, 1]]]
    mixture = gmm.Mixture([0.3, 0.7], [[0.5, 2.5, 1], [-1, 0, 3]], covariances)
    given = json.dumps(dict(zip(("weights", "means", "covariances"), (array.tolist() for array in mixture))))
    ours = node(f"gmm.conditional({given}, {json.dumps(known)})")
    for name, theirs in zip(("weights", "means", "covariances"), gmm.conditional(mixture, known)):
        close(ours[name], theirs)
    assert node(f"gmm.conditional({given}, {{}})") == json.loads(given)


@NEEDS_NODE
@pytest.mark.parametrize("constraint", ["full", "tied", "diagonal", "spherical"])
def test_free_parameters_are_counted_as_in_the_package(constraint):
    for K, D in ((1, 1), (3, 2), (4, 1)):
        mixture = gmm.Mixture(np.full(K, 1 / K), np.zeros((K, D)), [np.eye(D)] * K)
        ours = node(f"gmm.parameterCount({K}, {D}, '{constraint}')")
        assert ours == gmm.n_parameters(mixture, getattr(gmm, constraint))


@NEEDS_NODE
def test_the_lower_bound_touches_the_log_likelihood_at_the_responsibilities_and_is_the_sum_in_general():
    case = STORED[2]
    points, start = np.array(case["points"]), gmm.Mixture(**case["start"])
    touching = gmm.responsibility(points, start)
    others = np.array([[0.2, 0.3, 0.5], [0, 1, 0], [0.9, 0.05, 0.05]])[np.arange(len(points)) % 3]
    for shares in (touching, others):
        safe = np.where(shares > 0, shares, 1)
        bound = (shares * (gmm.log_joint(points, start) - np.log(safe))).sum()
        ours = node(f"gmm.lowerBound(files[0][2].points, {shares.tolist()}, files[0][2].start)", play_cases.CASES)
        close(ours, bound)
    close(
        node(
            "gmm.lowerBound(files[0][2].points, gmm.eStep(files[0][2].points, files[0][2].start).responsibilities, "
            "files[0][2].start)",
            play_cases.CASES,
        ),
        gmm.log_density(points, start).sum(),
    )


@NEEDS_NODE
def test_kmeans_step_by_step_ends_where_that_of_the_package_does(tmp_path):
    points = gmm.load_islands()[0]
    centers = points[[0, 10, 20]]
    (tmp_path / "points.json").write_text(json.dumps(points.tolist()), encoding="utf-8")
    steps = f"Array.from({{ length: 60 }}).reduce((centers) => gmm.kmeansStep(files[0], centers), {centers.tolist()})"
    ours = node(steps, tmp_path / "points.json")
    close(ours, gmm.kmeans(points, centers))
    assert node("gmm.kmeansStep([[0], [1]], [[0], [50]])") == [[0.5], [50]]
    assert node("gmm.kmeansStep([[0], [10]], [[1], [8]])") == [[0], [10]]


@NEEDS_NODE
@pytest.mark.parametrize("sigma", [[[4, 1.5], [1.5, 1.5]], [[1, -0.9], [-0.9, 2]], [[3, 0], [0, 3]], [[1, 0], [0, 7]]])
def test_a_covariance_goes_to_axes_and_back(sigma):
    axes = node(f"gmm.axesOf({sigma})")
    values, _vectors = np.linalg.eigh(sigma)
    np.testing.assert_allclose(axes["radii"], np.sqrt(values[::-1]), rtol=1e-12)
    long = np.array([np.cos(axes["angle"]), np.sin(axes["angle"])])
    np.testing.assert_allclose(sigma @ long, values[1] * long, atol=1e-12)
    np.testing.assert_allclose(node(f"gmm.covarianceOf({json.dumps(axes)})"), sigma, atol=1e-12)


@NEEDS_NODE
def test_samples_have_the_mean_and_the_covariance_of_their_mixture():
    mixture = gmm.Mixture([0.3, 0.7], [[0, 0], [4, 1]], [[[1, 0.6], [0.6, 2]], [[0.5, -0.2], [-0.2, 0.4]]])
    given = json.dumps({name: array.tolist() for name, array in zip(("weights", "means", "covariances"), mixture)})
    drawn = np.array(node(f"gmm.sample({given}, 40000, gmm.generator(5))"))
    np.testing.assert_allclose(drawn.mean(axis=0), mixture.weights @ mixture.means, atol=0.04)
    _, _, total = gmm.m_step(drawn, np.ones((len(drawn), 1)))
    center = mixture.weights @ mixture.means
    between = np.einsum("k,ki,kj->ij", mixture.weights, mixture.means - center, mixture.means - center)
    np.testing.assert_allclose(total[0], np.tensordot(mixture.weights, mixture.covariances, 1) + between, atol=0.08)


def test_the_stored_fits_are_maxima_and_good_ones():
    stored, islands = from_javascript("fits.js"), gmm.load_islands()[0]
    fits = [*((islands, fit) for fit in stored["islands"]), (gmm.load_faithful(), stored["faithful"])]
    levels = []
    for points, fit in fits:
        (_, before), (_, after) = islice(gmm.em(points, gmm.Mixture(**fit)), 2)
        assert abs(after - before) < 1e-5
        levels.append(before)
    assert levels[2] == pytest.approx(-1036.83796, abs=1e-4)
    assert levels[-1] == pytest.approx(-1130.26396, abs=1e-4)
    assert (np.diff(levels[:6]) > 0).all()
    bics = [gmm.bic(points, gmm.Mixture(**fit)) for points, fit in fits[:6]]
    assert np.argmin(bics) == 2  # of which the figure says that BIC chooses it
    for name, array in zip(("weights", "means", "covariances"), gmm.load_islands()[2]):
        close(stored["truth"][name], array)


# ---- the modules as one script


def test_no_module_names_another_host():
    text = "".join(path.read_text(encoding="utf-8") for path in play_cases.LIVE.rglob("*.*s") if "__" not in str(path))
    assert set(re.findall(r"\w+://[\w./]+", text)) == {"http://www.w3.org/2000/svg"}
    assert len(live.script().encode()) < 140_000


@NEEDS_NODE
def test_the_bundle_exports_what_the_modules_export(tmp_path):
    bundle = tmp_path / "bundle.cjs"
    bundle.write_text(live.bundle(play_cases.LIVE / "live.js") + "module.exports = modules;\n", encoding="utf-8")
    names = sorted(path.relative_to(play_cases.LIVE).as_posix() for path in play_cases.LIVE.rglob("*.js"))
    program = f"""
    import {{ createRequire }} from "node:module";
    const bundle = createRequire(import.meta.url)({json.dumps(str(bundle))}), told = {{}};
    for (const name of {names}) {{
      const alone = await import("{play_cases.LIVE.as_uri()}/" + name);
      told[name] = [Object.keys(alone).sort(), Object.keys(bundle[name]).sort()];
    }}
    process.stdout.write(JSON.stringify(told));
    """
    command = ["node", "--input-type=module", "-e", program]
    told = json.loads(subprocess.run(command, capture_output=True, text=True, check=True, encoding="utf-8").stdout)
    assert list(told) == names
    assert all(ours == theirs != [] for ours, theirs in told.values())


def test_there_is_a_figure_for_each_of_the_first_chapters_and_others_are_refused():
    assert live.names() == (
        "first_steps",
        "kmeans",
        "ellipse",
        "responsibility",
        "weighted_mean",
        "starts",
        "stepper",
        "lower_bound",
        "collapse",
        "how_many",
        "alarm",
        "conditional_mean",
        "missing",
    )
    assert live.snippet("kmeans") == '<div class="gmm-live" data-figure="kmeans"></div>'
    for use in (live.snippet, live.figure):
        with pytest.raises(ValueError, match="there is no live figure 'kmean': choose one of first_steps"):
            use("kmean")


def test_a_notebook_gets_a_widget_and_without_anywidget_a_note(monkeypatch):
    pytest.importorskip("anywidget")
    widget = live.figure("ellipse")
    assert widget.name == "ellipse"
    assert repr(widget) == "Live figure 'ellipse': run this cell to use it."
    assert widget._esm.endswith('export default modules["live.js"].widget;\n')
    assert ".gmm-live" in widget._css
    assert "application/vnd.jupyter.widget-view+json" in widget._repr_mimebundle_()[0]
    monkeypatch.setitem(sys.modules, "anywidget", None)
    live.widget.cache_clear()
    assert repr(live.figure("ellipse")).endswith('It needs anywidget: pip install "gmm_tutorial[course]"')
    live.widget.cache_clear()


def test_the_site_puts_a_figure_where_a_notebook_or_a_page_asks_for_one():
    sys.path.insert(0, str(play_cases.ROOT / "site"))
    try:
        live_figures = importlib.import_module("live_figures")
    finally:
        sys.path.pop(0)
    root = play_cases.ROOT
    cells = [
        nbformat.v4.new_code_cell('from gmm_tutorial import live\n\nlive.figure("ellipse")'),
        nbformat.v4.new_code_cell("live.names()"),
        nbformat.v4.new_markdown_cell("Before.\n\n<!-- live figure: alarm -->\n\nAfter."),
        nbformat.v4.new_markdown_cell(
            f"{live.snippet('kmeans')}\n\nOn the [website](../docs/a.md) you can drag.\n\nAfter."
        ),
        nbformat.v4.new_code_cell("print(\"live.figure('ellipse') is a call\")"),
        nbformat.v4.new_markdown_cell("On the [website](../docs/a.md) you can read."),
    ]
    notebook = nbformat.v4.new_notebook(cells=cells)
    first, second, third, fourth, fifth, sixth = live_figures.embed(
        notebook, root / "notebooks" / "02_the_model.ipynb", root
    ).cells

    def placed(name):
        element = f'<div id="live-{name}" class="gmm-live" data-figure="{name}"></div>'
        return element + '<script defer src="../_static/live.js"></script>'

    assert first.outputs[0].data["text/html"] == placed("ellipse")
    assert "remove-input" in first.metadata.tags
    assert second.outputs == fifth.outputs == []
    assert third.source == f"Before.\n\n{placed('alarm')}\n\nAfter."
    assert fourth.source == f"{placed('kmeans')}\n\nAfter."  # where the figure is, nobody is sent to it
    assert sixth.source == "On the [website](../docs/a.md) you can read."
    assert live_figures.names(third.source + fourth.source) == ["alarm", "kmeans"]
    with pytest.raises(ValueError, match="there is no live figure 'alarms'"):
        live_figures.in_markdown("<!-- live figure: alarms -->", root / "docs" / "a.md", root)


def test_every_figure_is_in_the_chapter_that_the_page_about_them_names():
    told = (play_cases.ROOT / "docs" / "live_figures.md").read_text(encoding="utf-8")
    rows = re.findall(r"^- Chapter \[\d\d\]\(\.\./notebooks/(\w+\.ipynb)\), `(\w+)`: ", told, re.MULTILINE)
    assert tuple(name for _, name in rows) == live.names()
    there = {path.name: path.read_text(encoding="utf-8") for path in (play_cases.ROOT / "notebooks").glob("*.ipynb")}
    found = {name: re.findall(r'data-figure=\\"(\w+)\\"', text) for name, text in there.items()}
    assert {(notebook, name) for notebook, names in found.items() for name in names} == set(rows)
    assert sum(map(len, found.values())) == len(rows)
    for notebook, name in rows:
        assert f'live.figure(\\"{name}\\")' in there[notebook]


# ---- the figures in a browser


@pytest.fixture(scope="module")
def browser():
    with in_chromium.chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Pages that hold one figure each, as a chapter of the site does."""
    folder = tmp_path_factory.mktemp("figures")
    (folder / "live.js").write_text(live.script(), encoding="utf-8")
    for name in live.names():
        for theme in ("light", "dark"):
            look = "background: #14171a; color: white" if theme == "dark" else ""
            page = f"""<!DOCTYPE html><html lang="en" data-theme="{theme}" style="{look}"><head><meta charset="utf-8">
            <meta name="viewport" content="width=device-width"><title>{name}</title><link rel="icon" href="data:,">
            </head>
            <body style="max-width: 800px; margin: auto"><main><h1>A chapter</h1>{live.snippet(name)}</main>
            <script defer src="live.js"></script></body></html>"""
            (folder / f"{name}_{theme}.html").write_text(page, encoding="utf-8")
    return folder


def opened(browser, folder, name, theme="light", **options):
    page = f"{name}_{theme}.html"
    return in_chromium.opened(browser, (folder / page).as_uri(), (page, "live.js"), **options)


def figure(page, expression):
    page.wait_for_function("document.querySelector('.gmm-live')?.live")
    return page.evaluate(f"(({{ state, plot, ...figure }}) => {expression})(document.querySelector('.gmm-live').live)")


def pixels(page, place):
    box = page.locator(".gmm-live svg.picture").first.bounding_box()
    x, y = figure(page, f"plot.toPixels({[float(x) for x in place]})")
    return box["x"] + x, box["y"] + y


def drag(page, start, end):
    page.mouse.move(*pixels(page, start))
    page.mouse.down()
    for part in (0.5, 1):
        page.mouse.move(*pixels(page, np.add(start, np.subtract(end, start) * part).tolist()))
    page.mouse.up()


def says(page):
    return page.inner_text(".gmm-live .says")


def press(page, *names):
    for name in names:
        page.click(f"[data-do={name}]")


@pytest.mark.parametrize(
    ("name", "theme"), [*((name, "light") for name in live.names()), ("starts", "dark"), ("how_many", "dark")]
)
def test_a_figure_is_drawn_has_no_fault_and_nothing_that_is_no_number(browser, folder, name, theme):
    with opened(browser, folder, name, theme, width=900) as page:
        page.wait_for_selector(".gmm-live svg.picture .frame", state="attached")
        assert "NaN" not in page.content()
        assert page.locator(".gmm-live .hint").inner_text().startswith("Try it.")
        assert in_chromium.serious_faults(page) == []


@pytest.mark.parametrize("width", [320, 1600])
@pytest.mark.parametrize("name", live.names())
def test_a_figure_is_no_wider_than_the_screen(browser, folder, name, width):
    with opened(browser, folder, name, width=width, height=800) as page:
        page.wait_for_selector(".gmm-live svg.picture .frame", state="attached")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.locator(".gmm-live svg.picture").first.bounding_box()["width"] > 0.4 * min(width, 800)


@pytest.mark.parametrize("name", live.names())
def test_everything_in_a_figure_is_reached_by_the_tab_key_and_does_something(browser, folder, name):
    with opened(browser, folder, name, width=900) as page:
        page.wait_for_selector(".gmm-live svg.picture .frame", state="attached")
        reached = 0
        for presses in range(40):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement === document.body"):
                break
            assert page.evaluate("Boolean(document.activeElement.closest('.gmm-live'))")
            before = page.inner_text(".gmm-live") + page.locator(".gmm-live svg.picture").first.inner_html()
            for key in ("ArrowRight", "ArrowUp", "Enter"):
                page.keyboard.press(key)
            after = page.inner_text(".gmm-live") + page.locator(".gmm-live svg.picture").first.inner_html()
            reached += before != after
        assert reached >= 1
        assert presses < 39


@pytest.mark.parametrize(("name", "first"), [("first_steps", gmm.load_faithful()), ("stepper", gmm.load_islands()[0])])
def test_the_stepper_takes_the_steps_of_the_package_forward_and_back(browser, folder, name, first):
    with opened(browser, folder, name, reduced_motion="reduce") as page:
        start = gmm.Mixture(**figure(page, "state.steps[0].mixture"))
        press(page, "M")
        assert "press E" in says(page)
        press(page, *"EMEMEM")
        theirs = list(islice(gmm.em(first, start), 4))
        for ours, step in zip(figure(page, "state.steps"), theirs, strict=True):
            close(ours["logLikelihood"], step.log_likelihood)
            for part, array in zip(("weights", "means", "covariances"), step.mixture):
                np.testing.assert_allclose(ours["mixture"][part], array, rtol=1e-9, atol=1e-9 * np.abs(array).max())
        assert f"{-theirs[3].log_likelihood:.2f}" in says(page)
        press(page, "back")
        assert f"{-theirs[2].log_likelihood:.2f}" in says(page)
        press(page, "run")
        assert "converged" in says(page)
        press(page, "again")
        assert f"{-theirs[0].log_likelihood:.2f}" in says(page)


def test_the_point_on_the_line_has_the_responsibilities_of_the_package(browser, folder):
    pair = gmm.Mixture([0.25, 0.75], [[0], [4]], [[[1]], [[9]]])
    with opened(browser, folder, "responsibility") as page:
        drag(page, [2, 0], [-1.3, 0])
        place = figure(page, "state.x")
        assert place == pytest.approx(-1.3, abs=0.05)
        for share in gmm.responsibility([[place]], pair)[0]:
            assert f"{share:.3f}" in says(page)
        page.get_by_role("slider").fill("1")
        assert "0.500" in says(page)


def test_the_bound_touches_after_E_and_both_rise_after_M(browser, folder):
    points = np.array([[-1, 0.2, 0.5, 2, 2.6, 4.1]]).T

    def level(mu):
        return gmm.log_density(points, gmm.Mixture([0.5, 0.5], [[0], [mu]], [[[1]], [[1]]])).sum()

    with opened(browser, folder, "lower_bound") as page:
        read = "[figure.level(state.path.at(-1).mu), figure.bound(state.path.at(-1).mu), state.path.at(-1).mu]"
        before, lower, mu = figure(page, read)
        close(before, level(mu))
        assert lower < before - 1
        for round in range(4):
            press(page, "E")
            same, bound, _ = figure(page, read)
            assert bound == pytest.approx(same, abs=1e-9)
            press(page, "M")
            higher, lifted, mu = figure(page, read)
            assert same < lifted <= higher
            close(higher, level(mu))
        press(page, "back", "again")
        drag(page, [-2.5, level(-2.5)], [1.0, level(1.0)])
        assert figure(page, "state.path[0].mu") == pytest.approx(1, abs=0.1)


def test_the_axes_of_the_ellipse_make_the_matrix(browser, folder):
    with opened(browser, folder, "ellipse") as page:
        page.get_by_role("button", name="Upright").click()
        np.testing.assert_allclose(figure(page, "figure.covariance()"), [[4, 0], [0, 1]], atol=1e-9)
        drag(page, [2, 0], [0, 3])
        np.testing.assert_allclose(figure(page, "figure.covariance()"), [[1, 0], [0, 9]], atol=0.15)
        drag(page, [0, 3], [2, 2])
        sigma = np.array(figure(page, "figure.covariance()"))
        np.testing.assert_allclose(np.linalg.eigvalsh(sigma), [1, 8], atol=0.3)
        assert "positive" in says(page)
        shown = page.locator(".matrix span").all_inner_texts()
        np.testing.assert_allclose([float(text) for text in shown], sigma.ravel(), atol=0.006)


def test_the_bars_pull_the_mean_as_the_formulas_say(browser, folder):
    with opened(browser, folder, "weighted_mean") as page:
        for part in range(2):
            points, gammas = (np.array(figure(page, f"state.{name}")) for name in ("points", "gammas"))
            answer = figure(page, "figure.answer()")
            means = gmm.mean(points, gammas[:, None])
            close(answer["mu"], means[0])
            close(answer["sigma"], gmm.covariance(points, gammas[:, None], means)[0])
            page.locator(".handle").nth(5).focus()
            page.keyboard.press("ArrowUp")
            assert figure(page, "state.gammas[5]") > gammas[5]


def test_a_start_ends_where_EM_of_the_package_ends(browser, folder):
    with opened(browser, folder, "starts") as page:
        ended = "!document.querySelector('.gmm-live').live.state.waiting.length"
        page.wait_for_function(ended)
        drag(page, figure(page, "state.centers[2]"), [0.5, 1.0])
        page.wait_for_function(ended)
        start = gmm.Mixture(**figure(page, "state.steps[0].mixture"))
        np.testing.assert_allclose(start.means[2], [0.5, 1.0], atol=0.1)
        fit = gmm.fit(gmm.load_islands()[0], start)
        assert f"{-fit.log_likelihood:.2f}" in says(page)
        press(page, "ten")
        page.wait_for_function(ended)
        assert sum(figure(page, "state.ends.map((end) => end.times)")) == 12


def test_the_component_shrinks_without_end_and_the_smallest_spread_holds_it(browser, folder):
    with opened(browser, folder, "collapse") as page:
        press(page, *["next"] * 8)
        levels = figure(page, "state.steps.map((step) => step.logLikelihood)")
        np.testing.assert_allclose(np.diff(levels)[-3:], 2 * np.log(10), atol=1e-3)
        page.get_by_role("checkbox").check()
        press(page, *["next"] * 25)
        assert "nothing shrinks any more" in says(page)
        start = gmm.Mixture(**figure(page, "state.steps[0].mixture"))
        theirs = list(islice(gmm.em(play_cases.FEW, start, lambda mixture: gmm.ridge(mixture, 1e-3)), 26))
        close(figure(page, "state.steps.map((step) => step.logLikelihood)"), [step.log_likelihood for step in theirs])


def test_k_means_and_the_mixture_disagree_about_stripes_and_agree_about_round_groups(browser, folder):
    with opened(browser, folder, "kmeans") as page:
        assert re.match(r"They disagree about \d\d of the 64", says(page))
        points = np.array(figure(page, "state.points"))
        np.testing.assert_allclose(figure(page, "state.centers"), gmm.kmeans(points, [[-1, 1.2], [1, -1.2]]), rtol=1e-9)
        page.click("[data-set='two round groups']")
        assert "They agree about every point" in says(page)


def test_BIC_is_that_of_the_package_and_lowest_at_three(browser, folder):
    with opened(browser, folder, "how_many") as page:
        found = figure(page, "figure.found.map(({ mixture, bic }) => ({ mixture, bic }))")
        points = gmm.load_islands()[0]
        close([fit["bic"] for fit in found], [gmm.bic(points, gmm.Mixture(**fit["mixture"])) for fit in found])
        page.get_by_role("slider").fill("3")
        assert "BIC chooses this number" in says(page)


def test_the_alarm_rings_in_the_gap_for_the_mixture_and_not_for_one_gaussian(browser, folder):
    points = gmm.load_faithful()
    fit = gmm.Mixture(**from_javascript("fits.js")["faithful"])
    with opened(browser, folder, "alarm") as page:
        assert says(page).startswith("The alarm rings.")
        assert f"{-gmm.log_density([[3, 66]], fit)[0]:.2f}" in says(page)
        level = figure(page, "figure.threshold()")
        assert level == pytest.approx(gmm.density_threshold(fit, 0.05, rng=0), abs=1e-6)
        assert f"for {(gmm.log_density(points, fit) < level).sum()} of the 272" in says(page)
        page.get_by_role("checkbox").check()
        assert says(page).startswith("No alarm.")
        one = gmm.fit(points, 1).mixture
        page.get_by_role("slider").fill("12.5")
        assert figure(page, "figure.threshold()") == pytest.approx(gmm.density_threshold(one, 0.125), abs=1e-6)


def test_the_wait_is_the_conditional_mean_of_the_package(browser, folder):
    fit = gmm.Mixture(**from_javascript("fits.js")["faithful"])
    with opened(browser, folder, "conditional_mean") as page:
        for place in (2.0, 3.1, 4.4):
            drag(page, [figure(page, "state.x"), 38], [place, 38])
            known = figure(page, "state.x")
            assert known == pytest.approx(place, abs=0.05)
            assert f"{gmm.conditional_mean([[known]], fit)[0, 0]:.1f} minutes" in says(page)


@pytest.mark.parametrize("place", [[3.6, 4.0], [5.4, 3.5], [0.5, 2.0]])
def test_what_is_hidden_is_told_by_the_conditional_of_the_package(browser, folder, place):
    truth = gmm.load_islands()[2]
    with opened(browser, folder, "missing") as page:
        x, y = page.get_by_label("hide x"), page.get_by_label("hide y")
        drag(page, figure(page, "state.place"), place)
        place = figure(page, "state.place")
        close(figure(page, "figure.shares()[0]"), gmm.responsibility([place], truth)[0])
        for hidden, given in [((0, 1), {0: place[0]}), ((1, 0), {1: place[1]})]:
            x.set_checked(bool(hidden[0]))
            y.set_checked(bool(hidden[1]))
            row = np.where(hidden, np.nan, place)
            close(figure(page, "figure.shares()[1]"), gmm.observed_responsibility([row], truth)[0])
            left = gmm.conditional(truth, given)
            for name, theirs in zip(("weights", "means", "covariances"), left):
                close(figure(page, f"figure.rest().{name}"), theirs)
            mean, deviation = gmm.total_mean(left)[0], np.sqrt(gmm.total_covariance(left)[0, 0])
            assert f"{mean:.2f} with standard deviation {deviation:.2f}".replace("-", "−") in says(page)
        x.check()
        y.check()
        assert "the responsibilities are the weights" in says(page)
        close(figure(page, "figure.shares()[1]"), truth.weights)


def test_a_finger_drags_a_handle_and_scrolls_the_page_elsewhere(browser, folder):
    with opened(browser, folder, "ellipse", width=390, height=500, has_touch=True, is_mobile=True) as page:
        swipe, before = in_chromium.finger(page), figure(page, "figure.covariance()")
        x, y = pixels(page, [-3, 3])
        swipe((x, y), (x, y - 150))
        assert page.evaluate("scrollY") > 50
        assert figure(page, "figure.covariance()") == before
        page.locator("svg.picture").evaluate("plot => plot.scrollIntoView({ block: 'center' })")
        (radius, _), angle = figure(page, "state.axes.radii"), figure(page, "state.axes.angle")
        end = [radius * np.cos(angle), radius * np.sin(angle)]
        swipe(pixels(page, end), pixels(page, [1, -2.5]))
        np.testing.assert_allclose(figure(page, "state.axes.radii[0]"), np.hypot(1, 2.5), atol=0.2)
