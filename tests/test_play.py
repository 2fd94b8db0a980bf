"""The interactive page computes what the package computes, and everybody can use it."""

import importlib.util
import json
import re
from itertools import islice

import in_chromium
import numpy as np
import play_cases
import pytest
from live_steps import REPEAT, close, same_steps

import gmm_tutorial as gmm

PLAY = play_cases.ROOT / "site" / "play"
STORED = json.loads(play_cases.CASES.read_text(encoding="utf-8"))
OWN = "index.html", "style.css", "page.js"


def build_play(folder):
    spec = importlib.util.spec_from_file_location("play_page", play_cases.ROOT / "site" / "play_page.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.build(folder)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site") / "play"
    build_play(folder)
    return folder


def test_the_page_leads_to_notebooks_that_exist():
    named = re.findall(r'href="\.\./notebooks/(\w+)\.html"', (PLAY / "index.html").read_text(encoding="utf-8"))
    assert len(named) == 6
    assert all((play_cases.ROOT / "notebooks" / f"{name}.ipynb").is_file() for name in named)


def test_the_page_is_small_and_asks_no_other_host(built):
    files = list(built.iterdir())
    assert sorted(path.name for path in files) == sorted(OWN)
    assert sum(path.stat().st_size for path in files) < 150_000
    text = "".join(path.read_text(encoding="utf-8") for path in files)
    assert set(re.findall(r"\w+://[\w./]+", text)) == {"http://www.w3.org/2000/svg"}


# ---- the page in a browser


@pytest.fixture(scope="module")
def browser():
    with in_chromium.chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def served(built):
    with in_chromium.serving(built.parent) as address:
        yield f"{address}play/"


@pytest.fixture(scope="module")
def opened(built):
    def opened(browser, folder=None, fragment="", **options):
        address = f"{folder or built.as_uri() + '/'}index.html{fragment}"
        return in_chromium.opened(browser, address, OWN, **options)

    return opened


@pytest.fixture
def page(browser, opened):
    with opened(browser) as page:
        yield page


@pytest.fixture
def still(browser, opened):
    """The page for somebody who prefers no motion: a run shows its end only, and nothing glides."""
    with opened(browser, reduced_motion="reduce") as page:
        yield page


def state(page, name):
    return page.evaluate(f"play.state.{name}")


def trace(page):
    return page.evaluate("play.trace()")


def responsibilities(page):
    return page.evaluate("play.responsibilities()")


def mixture(page):
    found = page.evaluate("play.mixture()")
    return gmm.Mixture(*(found[name] for name in ("weights", "means", "covariances")))


def choose(page, **values):
    for name, value in values.items():
        page.select_option(f"#{name}", str(value))


def run(page):
    page.click("#run")
    page.wait_for_function("!play.state.running && play.trace().length > 1")


def status(page):
    return page.inner_text("#status")


@pytest.mark.parametrize("way", ["file", "http"])
def test_the_page_opens_from_a_file_and_from_a_server_and_asks_for_nothing_else(browser, opened, served, way):
    with opened(browser, served if way == "http" else None) as page:
        assert page.title() == "Play with EM"
        page.click("#E")
        assert "the points are colored" in status(page)


def test_ten_steps_in_the_browser_are_ten_steps_of_the_package(page):
    for repeated, case in zip(page.evaluate(f"(cases) => ({REPEAT})(cases, play.gmm)", STORED), STORED, strict=True):
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
    choose(page, dataset=dataset, K=K, constraint=name, floor=ridge, start="randomPoints")
    points, before = np.array(state(page, "points")), mixture(page)
    shape = getattr(gmm, name)
    constraint = (lambda mixture: gmm.ridge(shape(mixture), float(ridge))) if float(ridge) else shape
    (_, first), (theirs, second) = islice(gmm.em(points, before, constraint), 2)
    page.click("#E")
    close(responsibilities(page), gmm.responsibility(points, before))
    page.click("#M")
    for ours, array in zip(mixture(page), theirs):
        np.testing.assert_allclose(ours, array, rtol=1e-9, atol=1e-9 * np.abs(array).max())
    close(trace(page), [first, second])
    moved = np.array(page.evaluate("play.mixture().means"))
    assert not np.allclose(moved, before.means)
    shown = page.locator("#numbers tr").all_inner_texts()
    assert len(shown) == K
    assert float(shown[-1].split()[1]) == pytest.approx(theirs.weights[-1], abs=1e-4)


def test_the_start_is_a_start_of_the_package(page):
    choose(page, dataset="islands", K=4)
    points = np.array(state(page, "points"))
    centers = page.evaluate("play.gmm.kmeansPlusPlus(play.state.points, 4, play.gmm.generator(play.state.seed))")
    for ours, theirs in zip(mixture(page), gmm.mixture_around(points, centers)):
        close(ours, theirs, rtol=1e-11)
    before = page.evaluate("play.mixture().means")
    page.fill("#seed", "5")
    page.keyboard.press("Tab")
    assert state(page, "seed") == 5
    assert page.evaluate("play.mixture().means") != before


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_run_stops_where_a_fit_of_the_package_stops(browser, opened, motion):
    with opened(browser, reduced_motion=motion) as page:
        points, start = np.array(state(page, "points")), mixture(page)
        run(page)
        fit = gmm.fit(points, start, steps=gmm.em)
        assert len(trace(page)) == len(fit.log_likelihoods)
        close(trace(page), fit.log_likelihoods)
        assert page.evaluate("play.converged()")
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
        np.testing.assert_allclose(responsibilities(page), gmm.responsibility(points, found), atol=1e-9)
        close(trace(page)[-1], gmm.log_density(points, found).sum())


def test_stop_stops_and_reset_goes_back_to_the_start(page):
    choose(page, dataset="islands", K=3, start="randomPoints")
    start = page.evaluate("play.mixture()")
    page.click("#run")
    page.wait_for_function("play.trace().length > 3")
    page.click("#run")
    reached = trace(page)
    assert not state(page, "running")
    page.wait_for_timeout(400)
    assert trace(page) == reached
    assert status(page).startswith(f"Stopped after {len(reached) - 1} steps")
    page.click("#reset")
    assert page.evaluate("play.mixture()") == start
    assert len(trace(page)) == 1


def test_M_waits_for_E(page):
    start = page.evaluate("play.mixture()")
    page.click("#M")
    assert "Press E first" in status(page)
    page.click("#E")
    page.click("#M")
    moved = page.evaluate("play.mixture()")
    page.click("#M")
    assert "nothing moves" in status(page)
    assert page.evaluate("play.mixture()") == moved != start
    assert len(trace(page)) == 2


def test_a_point_has_the_expected_color_and_the_marker_of_its_component(page):
    plots = pytest.importorskip("gmm_tutorial.plots", reason="matplotlib is not installed")
    choose(page, dataset="islands", K=6)
    looks = "faces => faces.map((face) => [face.getAttribute('fill'), face.getAttribute('d')])"
    assert {fill for fill, _ in page.locator(".point .face").evaluate_all(looks)} == {plots.GRAY}
    page.click("#E")
    gammas = np.array(responsibilities(page))
    drawn = page.locator(".point .face").evaluate_all(looks)
    colors = [list(map(int, re.findall(r"\d+", fill))) for fill, _ in drawn]
    np.testing.assert_allclose(colors, 255 * plots.color(gammas), atol=0.51)
    shapes = page.evaluate("play.looks.paths")
    assert [d for _, d in drawn] == [shapes[plots.style(k)["marker"]] for k in gammas.argmax(axis=1)]
    assert len(set(shapes.values())) == 6


def test_a_component_looks_as_in_the_pictures_of_the_course(page):
    plots = pytest.importorskip("gmm_tutorial.plots", reason="matplotlib is not installed")
    looks = page.evaluate("(({ colors, markers, lines, gray }) => ({ colors, markers, lines, gray }))(play.looks)")
    dense = {"-..": plots.LINES[4]}
    colors = [list(bytes.fromhex(color[1:])) for color in looks["colors"]]
    np.testing.assert_allclose(colors, 255 * plots.COLORS)
    assert looks["markers"] == [plots.style(k)["marker"] for k in range(6)]
    assert [dense.get(line, line) for line in looks["lines"]] == [plots.style(k)["linestyle"] for k in range(6)]
    assert looks["gray"] == plots.GRAY


def test_ellipses_are_drawn_at_one_and_two_standard_deviations(page):
    drawn = page.locator(".ellipse").evaluate_all("paths => paths.map(path => path.getAttribute('d'))")
    scale = page.evaluate("[play.toPixels([0, 0]), play.toPixels([1, 1])]")
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
    x, y = page.evaluate("place => play.toPixels(place)", list(place))
    return box["x"] + x, box["y"] + y


def drag(page, place, to):
    page.locator("#plot").scroll_into_view_if_needed()
    page.mouse.move(*pixels(page, place))
    page.mouse.down()
    page.mouse.move(*pixels(page, np.add(place, to) / 2))
    page.mouse.move(*pixels(page, to))
    page.mouse.up()


def test_a_mean_is_dragged_and_em_begins_again_from_there(page):
    page.click("#step")
    before, target = mixture(page), [3.0, 90.0]
    drag(page, before.means[1], target)
    after = mixture(page)
    np.testing.assert_array_equal(after.means[0], before.means[0])
    np.testing.assert_allclose(after.means[1] / target, 1, atol=0.01)
    np.testing.assert_array_equal(after.covariances, before.covariances)
    points = np.array(state(page, "points"))
    close(trace(page), [gmm.log_density(points, after).sum()])
    close(responsibilities(page), gmm.responsibility(points, after))
    assert page.input_value("#start") == "hand"
    page.click("#step")
    page.click("#reset")
    np.testing.assert_array_equal(mixture(page).means, after.means)


def test_two_means_can_be_put_on_the_very_same_spot(page):
    means = mixture(page).means
    target = np.array(page.evaluate("play.toPixels(play.mixture().means[0])"))
    drag(page, means[1], means[0] + [0.01, 0.2])
    assert np.ptp(page.evaluate("play.mixture().means"), axis=0).tolist() == [0, 0]
    assert np.abs(target - page.evaluate("play.toPixels(play.mixture().means[1])")).max() < 1e-9


def test_a_point_is_dragged_and_stays_in_the_picture(page):
    choose(page, dataset="few")
    page.click("#E")
    before = np.array(state(page, "points"))
    drag(page, before[8], [7.0, 3.0])
    np.testing.assert_allclose(state(page, "points[8]"), [7.0, 3.0], atol=0.03)
    drag(page, state(page, "points[8]"), [70.0, 3.0])
    frame = page.evaluate("play.frame()")
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


def test_a_swipe_on_a_phone_scrolls_and_changes_nothing_wherever_it_begins(browser, opened):
    with opened(browser, width=390, height=844, has_touch=True, is_mobile=True) as page:
        page.click("#step")
        swipe = in_chromium.finger(page)
        everything = "JSON.stringify([play.state.points, play.mixture(), play.trace()])"
        before = page.evaluate(everything)
        for place in (mixture(page).means[1], state(page, "points[3]"), [3.0, 90.0]):
            page.evaluate("scrollTo(0, 0)")
            x, y = pixels(page, place)
            swipe((x, y), (x, y - 160))
            assert page.evaluate("scrollY") > 60
        assert page.evaluate(everything) == before


def test_a_finger_taps_a_mean_and_then_drags_it_taps_a_point_and_adds_points(browser, opened):
    with opened(browser, width=390, height=844, has_touch=True, is_mobile=True) as page:
        swipe, target = in_chromium.finger(page), [3.0, 90.0]
        page.touchscreen.tap(*pixels(page, mixture(page).means[1]))
        assert status(page).startswith("Component 1, triangle")
        assert page.locator(".end").count() == 2
        swipe(pixels(page, mixture(page).means[1]), pixels(page, target))
        np.testing.assert_allclose(mixture(page).means[1] / target, 1, atol=0.01)
        assert page.evaluate("scrollY") == 0
        page.touchscreen.tap(*pixels(page, state(page, "points[148]")))
        assert state(page, "inspect") >= 0
        assert page.locator("#inspector .who b").count() == 2
        page.check("[value=add]")
        page.evaluate("scrollTo(0, 0)")
        page.touchscreen.tap(*pixels(page, [2.0, 90.0]))
        assert len(state(page, "points")) == 277


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
    expected = ["copy", "present", "theme", "clear", "E", "M", "step", "run", "reset", "speed"]
    expected += ["dataset", "K", "constraint", "floor", "start", "seed", "axis", "beside", "restore", "csv", "ten"]
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
    frame = page.evaluate("play.frame()")
    width, height = np.ptp(frame["x"]), np.ptp(frame["y"])
    moved = [[0, 0], [-0.04 * width, 0.024 * height]]
    np.testing.assert_allclose(mixture(page).means, np.add(before, moved), rtol=1e-9)
    assert label(page).startswith("mean of component 1")
    assert "Mean 1 is at" in status(page)
    points, start = np.array(state(page, "points")), mixture(page)
    page.keyboard.press("e")
    assert status(page).startswith("E:")
    assert len(trace(page)) == 1
    page.keyboard.press("m")
    assert status(page).startswith("M, step 1:")
    _, (theirs, _) = islice(gmm.em(points, start), 2)
    close(page.evaluate("play.mixture().means"), theirs.means)
    assert label(page).startswith("mean of component 1")
    for button in ("E", "M"):
        page.locator(f"#{button}").focus()
        page.keyboard.press("Enter")
    assert len(trace(page)) == 3


def test_points_are_walked_moved_added_and_removed_by_keys(page):
    choose(page, dataset="few")
    tab_to(page, "point 1 of 9")
    for key in ("n", "n", "v", "End"):
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
    assert label(page) == "restore"
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
    return np.isfinite(trace(page)).all() and all(np.isfinite(array).all() for array in mixture(page))


def test_a_collapse_is_told_in_words_and_a_smallest_spread_cures_it(page):
    page.click("[data-scene=collapse]")
    run(page)
    told = page.inner_text("#alert")
    assert told.startswith("Component 2 (square) has collapsed")
    assert "Set a smallest spread" in told
    assert not state(page, "running")
    assert everything_is_a_number(page)
    page.click("#cure")
    assert page.inner_text("#alert") == ""
    assert page.input_value("#floor") == "0.001"
    run(page)
    assert page.evaluate("play.converged()")
    assert everything_is_a_number(page)


def test_points_in_one_place_leave_no_mixture_and_the_page_says_so(page):
    page.evaluate("play.state.points = Array.from({ length: 6 }, () => [3, 60])")
    page.click("#reset")
    assert "only 1 of the points differ" in page.inner_text("#alert")
    assert page.evaluate("play.mixture()") is None
    for button in ("E", "M", "step", "run"):
        page.click(f"#{button}")
    assert "NaN" not in page.content()


def test_twins_stay_together(still):
    still.click("[data-scene=twins]")
    run(still)
    found, points = mixture(still), gmm.load_faithful()
    np.testing.assert_array_equal(found.means[0], found.means[1])
    close(found.means[0], points.mean(axis=0))
    np.testing.assert_array_equal(responsibilities(still), np.full((272, 2), 0.5))
    one = gmm.m_step(points, np.ones((272, 1)))
    close(trace(still)[-1], gmm.log_density(points, one).sum())


def test_twins_part_after_one_small_step(still):
    still.click("[data-scene=twins]")
    still.locator(".mean").first.focus()
    still.keyboard.press("ArrowRight")
    run(still)
    assert trace(still)[-1] == pytest.approx(-1130.26396, abs=1e-4)


def test_the_two_summits_are_as_high_as_the_page_says(still):
    still.click("[data-scene=maximum]")
    run(still)
    lower = trace(still)[-1]
    still.fill("#seed", "2")
    still.keyboard.press("Tab")
    run(still)
    higher = trace(still)[-1]
    text = still.text_content("main")
    assert f"−{-lower:.2f}" in text
    assert f"−{-higher:.2f}" in text
    assert round(higher - lower) == 39
    assert higher == pytest.approx(gmm.fit(gmm.load_islands()[0], 3, rng=0).log_likelihood, abs=1e-4)


def test_a_step_that_changes_nothing_is_not_called_a_fall(page):
    page.click("[data-scene=twins]")
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
    assert f"−{-trace(page)[-1]:.2f}" in heard
    assert f"{found.means[1, 0]:.2f}" in heard
    told = page.get_attribute("#trace svg", "aria-label")
    assert "1 step" in told
    assert f"−{-trace(page)[0]:.2f}" in told


# ---- light, dark, small


@pytest.mark.parametrize("width", [320, 390, 768])
def test_nothing_is_wider_than_the_screen(browser, opened, width):
    with opened(browser, width=width, height=844, has_touch=True, is_mobile=True) as page:
        page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")
        choose(page, dataset="islands", K=6)
        page.click("#step")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.click("[data-scene=collapse]")
        run(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_on_a_phone_the_steps_the_picture_and_the_trace_are_seen_at_once_without_scrolling(browser, opened):
    with opened(browser, width=390, height=844, has_touch=True, is_mobile=True) as page:
        for button in ("#E", "#M", "#step"):
            page.click(button)
            places = (page.locator(what).bounding_box() for what in (".steps", "#plot svg", "#trace svg"))
            steps, picture, trace = places
            assert page.evaluate("scrollY") == 0
            assert steps["y"] + steps["height"] <= picture["y"]
            assert picture["y"] + picture["height"] <= trace["y"]
            assert trace["y"] + trace["height"] <= 844


def test_on_a_phone_an_experiment_and_a_collapse_are_brought_into_view(browser, opened):
    with opened(browser, width=390, height=844, has_touch=True, is_mobile=True, reduced_motion="reduce") as page:
        page.click("[data-scene=collapse]")
        for what in ("#run", "#status", ".mean"):
            assert 0 <= page.locator(what).first.bounding_box()["y"] < 780
        run(page)
        told, steps = (page.locator(what).bounding_box() for what in ("#alert", ".steps"))
        assert steps["y"] + steps["height"] <= told["y"] + 1
        assert told["y"] + told["height"] <= 845


def test_dark_follows_the_system_and_the_button_and_is_remembered(browser, opened, served):
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
def test_axe_finds_no_serious_fault(browser, opened, served, scheme, width):
    with opened(browser, served, width=width, color_scheme=scheme, reduced_motion="reduce") as page:
        for prepare in ("#step", "[data-scene=collapse]"):
            page.click(prepare)
            page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")
            page.locator(".mean").first.focus()
            page.keyboard.press("Enter")
            if "collapse" in prepare:
                run(page)
            assert in_chromium.serious_faults(page) == []


# ---- the second edition: back, forward, whose point, runs, own data, the link


def test_steps_go_back_and_forward_by_button_slider_and_key(page):
    for key in "emsss":
        page.keyboard.press(key)
    levels = trace(page)
    assert (len(levels), state(page, "at")) == (5, 4)
    page.click("#back")
    assert (state(page, "at"), state(page, "colored")) == (3, 3)
    assert f"−{-levels[3]:.2f}" in status(page)
    page.keyboard.press("b")
    page.locator("#at").fill("1")
    assert state(page, "at") == 1
    points = np.array(state(page, "points"))
    close(responsibilities(page), gmm.responsibility(points, mixture(page)))
    page.keyboard.press("s")
    assert (state(page, "at"), trace(page)) == (2, levels)
    page.click("#E")
    page.click("#M")
    page.click("#step")
    page.click("#step")
    assert trace(page)[:5] == levels
    assert len(trace(page)) == 6


def test_after_convergence_no_step_is_offered(still):
    run(still)
    assert still.locator(".steps .next").count() == 0
    still.click("#back")
    assert still.locator("#M.next").count() == 1


def test_a_point_under_the_mouse_shows_its_responsibilities_and_the_formula(page):
    choose(page, dataset="islands", K=3)
    page.click("#step")
    n = 7
    page.mouse.move(*pixels(page, state(page, f"points[{n}]")))
    point = np.array([state(page, "points")[state(page, "inspect")]])
    found = mixture(page)
    shown = [float(text) for text in page.locator("#inspector .who b").all_inner_texts()]
    np.testing.assert_allclose(shown, gmm.responsibility(point, found)[0], atol=6e-4)
    bars = page.locator("#inspector .track span")
    widths = bars.evaluate_all("bars => bars.map((bar) => parseFloat(bar.style.width))")
    np.testing.assert_allclose(widths, 100 * gmm.responsibility(point, found)[0], atol=0.01)
    density = np.exp(gmm.log_gaussian(point, found.means[0], found.covariances[0]))[0]
    first = page.locator("#inspector .who .how").first.inner_text().strip()
    assert first.startswith(f"= {found.weights[0]:.2f} ×")
    if density > 0.001:
        assert float(first.split()[3]) == pytest.approx(density, rel=0.01)
    assert page.locator("#plot .pull").count() == 3
    page.mouse.move(2, 2)
    assert page.locator("#plot .pull").count() == 0


def test_runs_are_kept_with_their_start_steps_and_end_and_can_be_shown_again(still):
    still.click("[data-scene=maximum]")
    run(still)
    lower = trace(still)
    still.fill("#seed", "2")
    still.keyboard.press("Tab")
    run(still)
    higher = trace(still)
    rows = [row.split("\t") for row in still.locator("#runs tr").all_inner_texts()]
    assert [row[0] for row in rows] == ["now", "1"]
    assert rows[1][1:5] == ["random points, seed 1", "3", str(len(lower) - 1), f"−{-lower[-1]:.2f}"]
    points = gmm.load_islands()[0]
    assert float(rows[0][5]) == pytest.approx(gmm.bic(points, mixture(still)), abs=0.06)
    assert still.locator("#plot .ghost").count() == 3
    still.get_by_role("button", name="show run 1").click()
    close(trace(still), lower)
    assert len(higher) > 3


def test_ten_random_starts_are_run_and_the_best_ones_counted(still):
    still.click("[data-scene=maximum]")
    still.click("#ten")
    still.wait_for_function("play.state.tenDone > 0")
    levels = still.evaluate("play.state.runs.map((run) => run.logLikelihood)")
    assert len(levels) == 10
    reached = sum(level > max(levels) - 1e-3 for level in levels)
    assert f"{reached} of 10 reach the highest log-likelihood found, −1036.84" in status(still)
    assert 1 <= reached < 10


def test_starts_are_placed_by_clicks(page):
    choose(page, dataset="islands", K=3)
    page.check("[value=place]")
    places = [[1.0, 2.0], [5.0, 5.0], [6.0, 1.0]]
    for place in places:
        page.mouse.click(*pixels(page, place))
    np.testing.assert_allclose(page.evaluate("play.mixture().means"), places, atol=0.05)
    assert page.input_value("#start") == "hand"
    assert "All 3 starts are placed" in status(page)


def test_points_are_drawn_from_nothing_and_everything_is_undone(page):
    start = page.evaluate("JSON.stringify([play.state.points, play.mixture(), play.trace()])")
    page.click("#clear")
    assert state(page, "points") == []
    x, y = pixels(page, [3.0, 60.0])
    page.mouse.move(x, y)
    page.mouse.down()
    for part in range(20):
        page.mouse.move(x + 6 * part, y - 3 * part)
    page.mouse.up()
    assert len(state(page, "points")) == 21
    assert np.isfinite(trace(page)).all()
    page.click("#undo")
    assert state(page, "points") == []
    page.keyboard.press("Control+z")
    assert page.evaluate("JSON.stringify([play.state.points, play.mixture(), play.trace()])") == start


def test_an_ellipse_and_the_weights_are_dragged(page):
    page.click("#step")
    before = mixture(page)
    page.mouse.click(*pixels(page, before.means[1]))
    end = page.locator(".end").first.bounding_box()
    x, y = end["x"] + end["width"] / 2, end["y"] + end["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 30, y - 40)
    page.mouse.up()
    after = mixture(page)
    np.testing.assert_array_equal(after.means, before.means)
    np.testing.assert_array_equal(after.covariances[0], before.covariances[0])
    ends = page.locator(".end").first.bounding_box()
    assert ends["x"] + ends["width"] / 2 == pytest.approx(x + 30, abs=2)
    axis = np.subtract([x + 30, y - 40], pixels(page, before.means[1]))
    scale = np.subtract(pixels(page, before.means[1] + [1, 1]), pixels(page, before.means[1]))
    inside = gmm.whiten([before.means[1] + axis / scale], after.means[1], np.linalg.cholesky(after.covariances[1]))
    assert np.hypot(*inside[0]) == pytest.approx(1, abs=0.02)
    bar = page.locator("#bar").bounding_box()
    between = page.locator("#bar .between").bounding_box()
    page.mouse.move(between["x"] + 10, between["y"] + 10)
    page.mouse.down()
    page.mouse.move(bar["x"] + 0.25 * bar["width"], between["y"] + 10)
    page.mouse.up()
    np.testing.assert_allclose(page.evaluate("play.mixture().weights"), [0.25, 0.75], atol=0.01)
    page.locator("#bar .between").press("ArrowRight")
    np.testing.assert_allclose(page.evaluate("play.mixture().weights"), [0.27, 0.73], atol=0.01)
    points = np.array(state(page, "points"))
    close(trace(page), [gmm.log_density(points, mixture(page)).sum()])


def test_k_means_runs_beside_from_the_same_start(still):
    still.click("[data-scene=unequal]")
    start = still.evaluate("play.state.kmeans[0]")
    assert start == still.evaluate("play.mixture().means")
    run(still)
    points = np.array(state(still, "points"))
    steps = still.evaluate("play.state.kmeans")
    np.testing.assert_allclose(steps[-1], gmm.kmeans(points, start), rtol=1e-9)
    assert still.locator("#kmeans svg.picture").is_visible()
    assert still.locator("#kmeans .cross").count() == 2


@pytest.mark.parametrize(("axis", "d"), [("x", 0), ("y", 1)])
def test_one_coordinate_alone_is_fitted_as_in_the_package(still, axis, d):
    choose(still, axis=axis)
    points, start = np.array(state(still, "points"))[:, [d]], mixture(still)
    run(still)
    close(trace(still), gmm.fit(points, start, steps=gmm.em).log_likelihoods)
    assert still.locator("#plot .curve.total").count() == 1
    drag(still, [mixture(still).means[0, 0], 0.0], [mixture(still).means[0, 0], 0.0])
    peak = still.locator(".mean").first.bounding_box()
    still.mouse.move(peak["x"] + peak["width"] / 2, peak["y"] + peak["height"] / 2)
    still.mouse.down()
    still.mouse.move(peak["x"] + peak["width"] / 2 + 60, peak["y"])
    still.mouse.up()
    assert len(trace(still)) == 1
    assert np.isfinite(trace(still)).all()


TABLES = {
    "a,b\n1,2\n3,4\n5,7": ([[1, 2], [3, 4], [5, 7]], ["a", "b"]),
    "1 2\n3 4\n\n5 7 99\n": ([[1, 2], [3, 4], [5, 7]], ["x", "y"]),
    "1,5;2\n3;4,25\n5;7": ([[1.5, 2], [3, 4.25], [5, 7]], ["x", "y"]),
    "width\theight\n-1e2\t2\n3\t4\n5\t7": ([[-100, 2], [3, 4], [5, 7]], ["width", "height"]),
}


@pytest.mark.parametrize("text", TABLES)
def test_a_table_is_pasted(page, text):
    page.click("#csv")
    page.fill("#pasted", text)
    page.click("#use")
    points, labels = TABLES[text]
    assert state(page, "points") == points
    assert state(page, "labels") == labels
    assert not page.locator("#paste").is_visible()
    assert labels[0] in page.locator("#plot").inner_text()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("1,2\n3,4", "There are 2 points"),
        ("1,2\nx,4\n5,6", "Line 2 has no two numbers"),
        ("a,b\n1,2\n3,\n5,6", "Line 3"),
        ("1,2\n1,4\n1,6", "Column 1 has one value only"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused_with_the_line(page, text, told):
    before = state(page, "points")
    page.click("#csv")
    page.fill("#pasted", text)
    page.click("#use")
    assert told in page.inner_text("#paste-error")
    assert state(page, "points") == before


def test_the_link_brings_back_points_mixture_and_step(browser, opened, page):
    choose(page, dataset="few", K=3, constraint="diagonal", floor="0.01")
    drag(page, state(page, "points[8]"), [7.0, 3.0])
    drag(page, mixture(page).means[0], [3.0, 3.0])
    for key in "sss":
        page.keyboard.press(key)
    page.click("#copy")
    link = page.evaluate("location.hash")
    levels, points = trace(page), state(page, "points")
    with opened(browser, fragment=link) as other:
        np.testing.assert_allclose(state(other, "points"), points, rtol=1e-5)
        np.testing.assert_allclose(trace(other), levels, rtol=1e-4)
        assert state(other, "at") == 3
        assert (other.input_value("#constraint"), other.input_value("#floor")) == ("diagonal", "0.01")


@pytest.mark.parametrize("fragment", ["#d=nothing&K=99&c=?&h=1,2;3", "#p=1,2;x,y&d=own&t=-4", "#told", "#%E0"])
def test_a_broken_link_opens_a_sound_page(browser, opened, fragment):
    with opened(browser, fragment=fragment) as page:
        page.click("#step")
        assert "NaN" not in page.content()


def test_present_fills_the_screen_of_a_projector_and_keys_work_without_a_focus(browser, opened):
    with opened(browser, width=1920, height=1080) as page:
        page.keyboard.press("p")
        page.wait_for_timeout(300)
        assert page.evaluate("document.documentElement.scrollHeight") <= 1080
        box = page.locator("#plot svg").bounding_box()
        assert box["width"] > 1150
        assert box["height"] > 820
        assert float(page.locator("#plot svg").get_attribute("font-size")) >= 20
        page.keyboard.press("s")
        assert status(page).startswith("Step 1")
        last = page.locator("#inspector").bounding_box()
        assert last["y"] + last["height"] <= 1080
        page.keyboard.press("Escape")
        page.wait_for_timeout(200)
        assert page.locator("#scenes").is_visible()


def test_keys_do_nothing_while_somebody_types(page):
    page.click("#csv")
    page.locator("#pasted").press_sequentially("mess, r0")
    assert page.input_value("#pasted") == "mess, r0"
    assert len(trace(page)) == 1


@pytest.mark.parametrize("scene", ["twins", "maximum", "collapse", "unequal", "many"])
def test_every_scene_runs_to_an_end_and_its_story_is_told(still, scene):
    still.click(f"[data-scene={scene}]")
    run(still)
    assert still.evaluate("play.converged()") or still.inner_text("#alert")
    assert still.locator(f"#told-{scene}").count() == 1
