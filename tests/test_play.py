"""The interactive page computes what the package computes, and everybody can use it."""

import functools
import http.server
import json
import re
import shutil
import subprocess
import threading
from contextlib import contextmanager
from itertools import islice

import numpy as np
import play_cases
import pytest

import gmm_tutorial as gmm

PLAY = play_cases.ROOT / "site" / "play"
STORED = json.loads(play_cases.CASES.read_text(encoding="utf-8"))
NAMES = [case["name"] for case in STORED]
REPEAT = """(cases) => cases.map(({ points, start, constraint, steps }) => {
  const constraints = { ...gmm, ridge: (mixture) => gmm.ridge(mixture, RIDGE) };
  const shape = gmm.chain(...constraint.split(" ").map((name) => constraints[name]));
  const climb = gmm.em(points, start, shape);
  return steps.map(() => climb.next().value);
})""".replace("RIDGE", str(play_cases.RIDGE))
NEEDS_NODE = pytest.mark.skipif(not shutil.which("node"), reason="node is not installed")
BROWSERS = "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"


def close(ours, theirs, rtol=1e-9):
    """Agreement to nine digits of each number, however small, down to where floating point begins to lose them."""
    smallest = np.finfo(float).tiny
    np.testing.assert_allclose(np.array(ours, dtype=float), np.array(theirs, dtype=float), rtol=rtol, atol=smallest)


def node(expression, *files):
    """What an expression is in Node, where gmm is em.js and the files are the arguments."""
    program = "const [gmm, ...files] = process.argv.slice(1).map((file) => require(file));"
    program += f"process.stdout.write(JSON.stringify({expression}));"
    command = ["node", "-e", program, *map(str, (PLAY / "em.js", *files))]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True, encoding="utf-8").stdout)


def same_steps(repeated, case):
    assert len(repeated) == len(case["steps"]) == play_cases.STEPS + 1
    for ours, theirs in zip(repeated, case["steps"]):
        for name in ("weights", "means", "covariances"):
            close(ours["mixture"][name], theirs["mixture"][name])
        close(ours["responsibilities"], theirs["responsibilities"])
        close(ours["logLikelihood"], theirs["log_likelihood"])


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


def test_the_points_of_the_page_are_those_of_the_package():
    assert play_cases.DATA.read_text(encoding="utf-8") == play_cases.data()


def test_the_page_leads_to_notebooks_that_exist():
    named = re.findall(r'href="\.\./notebooks/(\w+)\.html"', (PLAY / "index.html").read_text(encoding="utf-8"))
    assert len(named) == 6
    assert all((play_cases.ROOT / "notebooks" / f"{name}.ipynb").is_file() for name in named)


def test_the_page_is_small_and_asks_no_other_host():
    files = [path for path in PLAY.iterdir() if path.name != "data.js"]
    assert sum(path.stat().st_size for path in files) < 61_000
    text = "".join(path.read_text(encoding="utf-8") for path in files)
    assert set(re.findall(r"\w+://[\w./]+", text)) == {"http://www.w3.org/2000/svg"}


# ---- em.js in Node


@pytest.fixture(scope="module")
def repeated_by_node():
    return node(f"({REPEAT})(files[0])", play_cases.CASES)


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
    "climb", [[0, 8, 12, 14], [-5, -4], [-5, -4, -2], [-5, -5, -5], [-9, -3, -3.5], [-9.0, -8.0, -7.9, -7.89]]
)
def test_what_is_left_to_gain_is_judged_as_in_the_package(climb):
    ours = node(f"String(gmm.gainToCome({climb}))").replace("Infinity", "inf")
    assert float(ours) == pytest.approx(gmm.gain_to_come(climb), rel=1e-12)


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
      try {{ gmm.shaped(gmm.full, gmm.mStep({points}, {responsibilities})); }}
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


# ---- the page in a browser


@pytest.fixture(scope="module")
def browser():
    api = pytest.importorskip("playwright.sync_api", reason="no playwright: pip install -e '.[site-test]'")
    with api.sync_playwright() as playwright:
        bundled = playwright.chromium.executable_path
        path = next(filter(None, map(shutil.which, (*BROWSERS, bundled))), None)
        if path is None:
            pytest.skip(f"no browser here: none of {', '.join(BROWSERS)} is installed")
        quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
        chromium = playwright.chromium.launch(executable_path=path, args=[*quiet, "--disable-sync"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def served():
    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *words):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=PLAY.parent))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/play/"
    server.shutdown()
    thread.join()
    server.server_close()


@contextmanager
def opened(browser, folder=None, width=1200, height=900, **options):
    """The page; afterwards it must have asked for nothing but its own files, and complained of nothing."""
    folder = folder or PLAY.as_uri() + "/"
    context = browser.new_context(viewport={"width": width, "height": height}, **options)
    page, asked, complaints = context.new_page(), [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(folder + "index.html")
    yield page
    own = {folder + name for name in ("index.html", "style.css", "em.js", "data.js", "page.js")}
    assert {url for url in asked if not url.startswith("data:")} == own
    assert complaints == []
    context.close()


@pytest.fixture
def page(browser):
    with opened(browser) as page:
        yield page


@pytest.fixture
def still(browser):
    """The page for somebody who prefers no motion: a run shows its end only."""
    with opened(browser, reduced_motion="reduce") as page:
        yield page


def state(page, name):
    return page.evaluate(f"gmm.page.state.{name}")


def mixture(page):
    found = state(page, "mixture")
    return gmm.Mixture(*(found[name] for name in ("weights", "means", "covariances")))


def choose(page, **values):
    for name, value in values.items():
        page.select_option(f"#{name}", str(value))


def run(page):
    page.click("#run")
    page.wait_for_function("!gmm.page.state.running && gmm.page.state.trace.length > 1")


def status(page):
    return page.inner_text("#status")


@pytest.mark.parametrize("way", ["file", "http"])
def test_the_page_opens_from_a_file_and_from_a_server_and_asks_for_nothing_else(browser, served, way):
    with opened(browser, served if way == "http" else None) as page:
        assert page.title() == "Play with EM"
        page.click("#E")
        assert "the points are colored" in status(page)


def test_ten_steps_in_the_browser_are_ten_steps_of_the_package(page):
    for repeated, case in zip(page.evaluate(REPEAT, STORED), STORED, strict=True):
        same_steps(repeated, case)


def test_the_page_has_the_points_of_the_package(page):
    for name, theirs in (("faithful", gmm.load_faithful()), ("islands", gmm.load_islands()[0])):
        choose(page, dataset=name)
        close(state(page, "points"), theirs, rtol=0)
    choose(page, dataset="standardized")
    theirs = gmm.load_faithful()
    np.testing.assert_allclose(state(page, "points"), (theirs - theirs.mean(0)) / theirs.std(0), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", ["full", "tied", "diagonal", "spherical"])
def test_pressing_E_then_M_is_one_step_of_the_package(page, name):
    for dataset, K in (("faithful", 2), ("standardized", 3), ("islands", 5)):
        for ridge in ("0", "0.01"):
            press_E_then_M(page, dataset, K, name, ridge)


def press_E_then_M(page, dataset, K, name, ridge):
    choose(page, dataset=dataset, K=K, constraint=name, ridge=ridge, start="randomPoints")
    points, before = np.array(state(page, "points")), mixture(page)
    shape = getattr(gmm, name)
    constraint = (lambda mixture: gmm.ridge(shape(mixture), float(ridge))) if float(ridge) else shape
    (_, first), (theirs, second) = islice(gmm.em(points, before, constraint), 2)
    page.click("#E")
    close(state(page, "responsibilities"), gmm.responsibility(points, before))
    page.click("#M")
    for ours, array in zip(mixture(page), theirs):
        np.testing.assert_allclose(ours, array, rtol=1e-9, atol=1e-9 * np.abs(array).max())
    close(state(page, "trace"), [first, second])
    moved = np.array(state(page, "mixture.means"))
    assert not np.allclose(moved, before.means)
    shown = page.locator("#numbers tr").all_inner_texts()
    assert len(shown) == K
    assert float(shown[-1].split()[1]) == pytest.approx(theirs.weights[-1], abs=1e-4)


def test_the_start_is_a_start_of_the_package(page):
    choose(page, dataset="islands", K=4)
    points = np.array(state(page, "points"))
    centers = page.evaluate("gmm.kmeansPlusPlus(gmm.page.state.points, 4, gmm.generator(gmm.page.state.seed))")
    for ours, theirs in zip(mixture(page), gmm.mixture_around(points, centers)):
        close(ours, theirs, rtol=1e-11)
    before = state(page, "mixture.means")
    page.fill("#seed", "5")
    page.keyboard.press("Tab")
    assert state(page, "seed") == 5
    assert state(page, "mixture.means") != before


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_run_stops_where_a_fit_of_the_package_stops(browser, motion):
    with opened(browser, reduced_motion=motion) as page:
        points, start = np.array(state(page, "points")), mixture(page)
        run(page)
        fit = gmm.fit(points, start)
        assert len(state(page, "trace")) == len(fit.log_likelihoods)
        close(state(page, "trace"), fit.log_likelihoods)
        assert state(page, "converged")
        assert page.inner_text("#run") == "Run"
        told = f"Converged after {len(fit.log_likelihoods) - 1} steps. Log-likelihood −1130.26."
        assert status(page).startswith(told)
        for ours, theirs in zip(mixture(page), fit.mixture):
            np.testing.assert_allclose(ours, theirs, rtol=1e-7)


def test_after_a_step_the_colors_belong_to_the_mixture_that_is_drawn(page):
    choose(page, dataset="islands", K=4)
    for presses in range(2):
        page.click("#step")
        points, found = np.array(state(page, "points")), mixture(page)
        np.testing.assert_allclose(state(page, "responsibilities"), gmm.responsibility(points, found), atol=1e-9)
        close(state(page, "trace")[-1], gmm.log_density(points, found).sum())


def test_stop_stops_and_reset_goes_back_to_the_start(page):
    choose(page, dataset="islands", K=3, start="randomPoints")
    start = state(page, "mixture")
    page.click("#run")
    page.wait_for_function("gmm.page.state.trace.length > 3")
    page.click("#run")
    reached = state(page, "trace")
    assert not state(page, "running")
    page.wait_for_timeout(400)
    assert state(page, "trace") == reached
    assert status(page).startswith(f"Stopped after {len(reached) - 1} steps")
    page.click("#reset")
    assert state(page, "mixture") == start
    assert len(state(page, "trace")) == 1


def test_M_waits_for_E(page):
    start = state(page, "mixture")
    page.click("#M")
    assert "Press E first" in status(page)
    page.click("#E")
    page.click("#M")
    moved = state(page, "mixture")
    page.click("#M")
    assert "nothing moves" in status(page)
    assert state(page, "mixture") == moved != start
    assert len(state(page, "trace")) == 2


def test_a_point_has_the_expected_color_and_the_marker_of_its_component(page):
    plots = pytest.importorskip("gmm_tutorial.plots", reason="matplotlib is not installed")
    choose(page, dataset="islands", K=6)
    looks = "faces => faces.map((face) => [face.getAttribute('fill'), face.getAttribute('d')])"
    assert {fill for fill, _ in page.locator(".point .face").evaluate_all(looks)} == {plots.GRAY}
    page.click("#E")
    responsibilities = np.array(state(page, "responsibilities"))
    drawn = page.locator(".point .face").evaluate_all(looks)
    colors = [list(map(int, re.findall(r"\d+", fill))) for fill, _ in drawn]
    np.testing.assert_allclose(colors, 255 * plots.color(responsibilities), atol=0.51)
    shapes = page.evaluate("gmm.looks.paths")
    assert [d for _, d in drawn] == [shapes[plots.style(k)["marker"]] for k in responsibilities.argmax(axis=1)]
    assert len(set(shapes.values())) == 6


def test_a_component_looks_as_in_the_pictures_of_the_course(page):
    plots = pytest.importorskip("gmm_tutorial.plots", reason="matplotlib is not installed")
    looks, dense = page.evaluate("gmm.looks"), {"-..": plots.LINES[4]}
    colors = [list(bytes.fromhex(color[1:])) for color in looks["colors"]]
    np.testing.assert_allclose(colors, 255 * plots.COLORS)
    assert looks["markers"] == [plots.style(k)["marker"] for k in range(6)]
    assert [dense.get(line, line) for line in looks["lines"]] == [plots.style(k)["linestyle"] for k in range(6)]
    assert looks["gray"] == plots.GRAY


def test_ellipses_are_drawn_at_one_and_two_standard_deviations(page):
    drawn = page.locator(".ellipse").evaluate_all("paths => paths.map(path => path.getAttribute('d'))")
    scale = page.evaluate("[gmm.page.toPixels([0, 0]), gmm.page.toPixels([1, 1])]")
    origin, unit = np.array(scale[0]), np.subtract(scale[1], scale[0])
    for index, d in enumerate(drawn):
        k, radius = divmod(index, 2)
        places = (np.array(re.findall(r"([-\d.]+) ([-\d.]+)", d), dtype=float) - origin) / unit
        whitened = gmm.whiten(places, mixture(page).means[k], mixture(page).factors[k])
        np.testing.assert_allclose(np.hypot(*whitened.T), radius + 1, atol=2e-3)
    assert len(drawn) == 4


# ---- by hand


def pixels(page, place):
    box = page.locator("#plot svg").bounding_box()
    x, y = page.evaluate("place => gmm.page.toPixels(place)", list(place))
    return box["x"] + x, box["y"] + y


def drag(page, place, to):
    page.locator("#plot").scroll_into_view_if_needed()
    page.mouse.move(*pixels(page, place))
    page.mouse.down()
    page.mouse.move(*pixels(page, np.add(place, to) / 2))
    page.mouse.move(*pixels(page, to))
    page.mouse.up()


def test_a_mean_is_dragged_and_the_climb_begins_again_from_there(page):
    page.click("#step")
    before, target = mixture(page), [3.0, 90.0]
    drag(page, before.means[1], target)
    after = mixture(page)
    np.testing.assert_array_equal(after.means[0], before.means[0])
    np.testing.assert_allclose(after.means[1] / target, 1, atol=0.01)
    np.testing.assert_array_equal(after.covariances, before.covariances)
    points = np.array(state(page, "points"))
    close(state(page, "trace"), [gmm.log_density(points, after).sum()])
    close(state(page, "responsibilities"), gmm.responsibility(points, after))
    assert page.input_value("#start") == "hand"
    page.click("#step")
    page.click("#reset")
    np.testing.assert_array_equal(mixture(page).means, after.means)


def test_two_means_can_be_put_on_the_very_same_spot(page):
    means = mixture(page).means
    target = np.array(page.evaluate("gmm.page.toPixels(gmm.page.state.mixture.means[0])"))
    drag(page, means[1], means[0] + [0.01, 0.2])
    assert np.ptp(state(page, "mixture.means"), axis=0).tolist() == [0, 0]
    assert np.abs(target - page.evaluate("gmm.page.toPixels(gmm.page.state.mixture.means[1])")).max() < 1e-9


def test_a_point_is_dragged_and_stays_in_the_picture(page):
    choose(page, dataset="few")
    page.click("#E")
    before = np.array(state(page, "points"))
    drag(page, before[8], [7.0, 3.0])
    np.testing.assert_allclose(state(page, "points[8]"), [7.0, 3.0], atol=0.03)
    drag(page, state(page, "points[8]"), [70.0, 3.0])
    frame = page.evaluate("gmm.page.frame()")
    assert state(page, "points[8][0]") == frame["x"][1]
    np.testing.assert_array_equal(state(page, "points")[:8], before[:8])
    page.click("#restore")
    np.testing.assert_array_equal(state(page, "points"), before)


def test_points_are_added_and_removed_by_clicks(page):
    choose(page, dataset="few")
    page.check("[value=add]")
    page.locator("#plot").scroll_into_view_if_needed()
    page.mouse.click(*pixels(page, [4.0, 4.0]))
    assert len(state(page, "points")) == 10
    np.testing.assert_allclose(state(page, "points[9]"), [4, 4], atol=0.03)
    page.check("[value=remove]")
    page.mouse.click(*pixels(page, [8, 1]))
    assert [8, 1] not in state(page, "points")
    assert len(state(page, "points")) == 9 == page.locator(".point").count()
    page.mouse.click(*pixels(page, [5.0, 1.5]))  # on nothing
    assert len(state(page, "points")) == 9


def test_a_finger_drags_a_mean_adds_a_point_and_scrolls_the_page_elsewhere(browser):
    with opened(browser, width=390, height=844, has_touch=True, is_mobile=True) as page:
        page.locator("#plot").scroll_into_view_if_needed()
        target, finger = [3.0, 90.0], page.context.new_cdp_session(page)
        for kind, place in (("touchStart", mixture(page).means[1]), ("touchMove", [3.0, 80.0]), ("touchMove", target)):
            x, y = pixels(page, place)
            finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
        finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        np.testing.assert_allclose(mixture(page).means[1] / target, 1, atol=0.01)
        page.check("[value=add]")
        page.touchscreen.tap(*pixels(page, [2.0, 90.0]))
        assert len(state(page, "points")) == 273
        assert page.locator("#plot svg").evaluate("plot => getComputedStyle(plot).touchAction") == "pan-y"
        assert page.locator(".mean").first.evaluate("mark => getComputedStyle(mark).touchAction") == "none"


def label(page):
    return page.evaluate("document.activeElement.getAttribute('aria-label') || document.activeElement.id")


def tab_to(page, start):
    for presses in range(60):
        page.keyboard.press("Tab")
        if label(page).startswith(start):
            return
    raise AssertionError(f"the Tab key does not reach {start}")


def test_everything_is_reached_and_left_by_the_tab_key(page):
    reached = []
    for presses in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break
        reached.append(label(page))
    assert presses < 59
    assert len(state(page, "points")) == 272
    expected = ["theme", "dataset", "K", "constraint", "ridge", "start", "seed", "E", "M", "step", "run", "reset"]
    found = [name for name in reached if name in expected]
    assert found == expected
    assert [name.split(",")[0] for name in reached if name.startswith(("point", "mean"))] == [
        "point 1 of 272 at 3.60",
        "mean of component 0",
        "mean of component 1",
    ]


def test_a_mean_is_moved_by_the_arrow_keys_and_EM_goes_on_from_there(page):
    before = mixture(page).means
    tab_to(page, "mean of component 1")
    for key in ("ArrowLeft", "ArrowLeft", "ArrowUp", "Shift+ArrowUp"):
        page.keyboard.press(key)
    frame = page.evaluate("gmm.page.frame()")
    width, height = np.ptp(frame["x"]), np.ptp(frame["y"])
    moved = [[0, 0], [-0.04 * width, 0.024 * height]]
    np.testing.assert_allclose(mixture(page).means, np.add(before, moved), rtol=1e-9)
    assert label(page).startswith("mean of component 1")
    assert "Mean 1 is at" in status(page)
    points, start = np.array(state(page, "points")), mixture(page)
    page.keyboard.press("e")
    assert status(page).startswith("E:")
    assert len(state(page, "trace")) == 1
    page.keyboard.press("m")
    assert status(page).startswith("M, step 1:")
    _, (theirs, _) = islice(gmm.em(points, start), 2)
    close(state(page, "mixture.means"), theirs.means)
    assert label(page).startswith("mean of component 1")
    for button in ("E", "M"):
        page.locator(f"#{button}").focus()
        page.keyboard.press("Enter")
    assert len(state(page, "trace")) == 3


def test_points_are_walked_moved_added_and_removed_by_keys(page):
    choose(page, dataset="few")
    tab_to(page, "point 1 of 9")
    for key in ("n", "n", "p", "End"):
        page.keyboard.press(key)
    assert label(page).startswith("point 9 of 9")
    page.keyboard.press("ArrowUp")
    assert state(page, "points[8]")[1] > 1
    page.keyboard.press("a")
    assert label(page).startswith("point 10 of 10")
    page.keyboard.press("Enter")
    assert "not yet colored" in status(page)
    page.keyboard.press("e")
    page.keyboard.press("Enter")
    assert re.search(r"component 0 [\d.]+ %, component 1 [\d.]+ %", status(page))
    for left in range(9, 0, -1):
        page.keyboard.press("Delete")
        assert label(page).startswith(f"point {left} of {left}")
    page.keyboard.press("Delete")
    assert label(page) == "add"
    assert "There is no mixture: there are 0 points" in page.inner_text("#alert")
    for button in ("E", "M", "step", "run", "reset"):
        page.click(f"#{button}")
    page.click("#restore")
    assert page.inner_text("#alert") == ""
    assert len(state(page, "points")) == 9


# ---- what the page tells


def everything_is_a_number(page):
    assert "NaN" not in page.content()
    assert "Infinity" not in page.content()
    return np.isfinite(state(page, "trace")).all() and all(np.isfinite(array).all() for array in mixture(page))


def test_a_collapse_is_told_in_words_and_the_ridge_cures_it(page):
    page.click("[data-experiment=collapse]")
    run(page)
    told = page.inner_text("#alert")
    assert told.startswith("Component 2 (square) has collapsed")
    assert "Turn on the ridge" in told
    assert not state(page, "running")
    assert everything_is_a_number(page)
    page.click("#cure")
    assert page.inner_text("#alert") == ""
    assert page.input_value("#ridge") == "0.001"
    run(page)
    assert state(page, "converged")
    assert everything_is_a_number(page)


def test_points_in_one_place_leave_no_mixture_and_the_page_says_so(page):
    page.evaluate("gmm.page.state.points = Array.from({ length: 6 }, () => [3, 60])")
    page.click("#reset")
    assert "only 1 of the points differ" in page.inner_text("#alert")
    assert state(page, "mixture") is None
    for button in ("E", "M", "step", "run"):
        page.click(f"#{button}")
    assert "NaN" not in page.content()


def test_twins_stay_together(still):
    still.click("[data-experiment=twins]")
    run(still)
    found, points = mixture(still), gmm.load_faithful()
    np.testing.assert_array_equal(found.means[0], found.means[1])
    close(found.means[0], points.mean(axis=0))
    np.testing.assert_array_equal(state(still, "responsibilities"), np.full((272, 2), 0.5))
    one = gmm.m_step(points, np.ones((272, 1)))
    close(state(still, "trace")[-1], gmm.log_density(points, one).sum())


def test_twins_part_after_one_small_step(still):
    still.click("[data-experiment=twins]")
    still.locator(".mean").first.focus()
    still.keyboard.press("ArrowRight")
    run(still)
    assert state(still, "trace")[-1] == pytest.approx(-1130.26396, abs=1e-4)


def test_the_two_summits_are_as_high_as_the_page_says(still):
    still.click("[data-experiment=summit]")
    run(still)
    lower = state(still, "trace")[-1]
    still.fill("#seed", "2")
    still.keyboard.press("Tab")
    run(still)
    higher = state(still, "trace")[-1]
    text = still.text_content("main")
    assert f"−{-lower:.2f}" in text
    assert f"−{-higher:.2f}" in text
    assert round(higher - lower) == 39
    assert higher == pytest.approx(gmm.fit(gmm.load_islands()[0], 3, rng=0).log_likelihood, abs=1e-4)


def test_a_step_that_changes_nothing_is_not_called_a_fall(page):
    page.click("[data-experiment=twins]")
    for presses in range(6):
        page.click("#step")
    assert "nothing changes" in status(page)


def test_a_screen_reader_that_presses_a_point_hears_its_responsibilities(page):
    page.click("#E")
    page.locator(".point").nth(4).evaluate("mark => mark.dispatchEvent(new MouseEvent('click', { bubbles: true }))")
    assert re.match(r"Point 5 at .*: component 0 [\d.]+ %, component 1 [\d.]+ %", status(page))


def test_what_is_heard_has_the_numbers(page):
    page.click("#step")
    heard, found = page.text_content("#status"), mixture(page)
    assert page.get_attribute("#status", "aria-live") == "polite"
    assert f"Component 0: weight {found.weights[0]:.3f}" in heard
    assert f"−{-state(page, 'trace')[-1]:.2f}" in heard
    assert f"{found.means[1, 0]:.2f}" in heard
    trace = page.get_attribute("#trace svg", "aria-label")
    assert "1 step" in trace
    assert f"−{-state(page, 'trace')[0]:.2f}" in trace


# ---- light, dark, small


@pytest.mark.parametrize("width", [320, 390, 768])
def test_nothing_is_wider_than_the_screen(browser, width):
    with opened(browser, width=width, height=844, has_touch=True, is_mobile=True) as page:
        page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")
        choose(page, dataset="islands", K=6)
        page.click("#step")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.click("[data-experiment=collapse]")
        run(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_on_a_phone_the_steps_the_picture_and_the_trace_are_seen_at_once_without_scrolling(browser):
    with opened(browser, width=390, height=844, has_touch=True, is_mobile=True) as page:
        for button in ("#E", "#M", "#step"):
            page.click(button)
            places = (page.locator(what).bounding_box() for what in (".steps", "#plot svg", "#trace svg"))
            steps, picture, trace = places
            assert page.evaluate("scrollY") == 0
            assert steps["y"] + steps["height"] <= picture["y"]
            assert picture["y"] + picture["height"] <= trace["y"]
            assert trace["y"] + trace["height"] <= 844


def test_what_a_phone_folds_is_open_again_on_a_wide_screen(browser):
    with opened(browser, width=390, height=844) as page:
        assert not page.locator("#dataset").is_visible()
        page.set_viewport_size({"width": 844, "height": 390})
        page.locator("#dataset").wait_for(state="visible")
        page.set_viewport_size({"width": 390, "height": 844})
        page.locator("#dataset").wait_for(state="hidden")
        page.locator("#setup summary").press("Enter")
        choose(page, dataset="few")
        assert len(state(page, "points")) == 9


def test_on_a_phone_an_experiment_and_a_collapse_are_brought_into_view(browser):
    with opened(browser, width=390, height=844, has_touch=True, is_mobile=True, reduced_motion="reduce") as page:
        page.click("[data-experiment=collapse]")
        for what in ("#run", "#status", ".mean"):
            assert 0 <= page.locator(what).first.bounding_box()["y"] < 780
        run(page)
        told, steps = (page.locator(what).bounding_box() for what in ("#alert", ".steps"))
        assert steps["y"] + steps["height"] <= told["y"] + 1
        assert told["y"] + told["height"] <= 845


def test_dark_follows_the_system_and_the_button_and_is_remembered(browser, served):
    theme = "document.documentElement.dataset.theme"
    with opened(browser, served, color_scheme="dark") as page:
        assert page.evaluate(theme) == "dark"
        dark = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        page.click("#theme")
        assert page.evaluate(theme) == "light"
        assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") != dark
        page.reload()
        assert page.evaluate(theme) == "light"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 390])
def test_axe_finds_no_serious_fault(browser, served, scheme, width):
    why = "no axe: pip install -e '.[site-test]'"
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason=why).Axe()
    with opened(browser, served, width=width, color_scheme=scheme) as page:
        for prepare in ("#step", "[data-experiment=collapse]"):
            page.click(prepare)
            page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")
            if "collapse" in prepare:
                run(page)
            found = axe.run(page).response
            assert len(found["passes"]) > 20
            serious = [fault for fault in found["violations"] if fault["impact"] in ("serious", "critical")]
            assert [(fault["id"], fault["nodes"][0]["html"]) for fault in serious] == []
