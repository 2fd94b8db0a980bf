"""The notebooks are what they seem: run in order, stored clean, the same everywhere, and comparable.

nbval compares nothing in a cell that was never run, and never looks at a picture: here the gaps are closed.
"""

import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbval.plugin import get_sanitize_patterns

import notebooks

ROOT = Path(__file__).parent.parent
PATHS = sorted((ROOT / "notebooks").glob("*.ipynb"))
START = ROOT / "notebooks" / "00_start_here.ipynb"


def violations(path):
    found = notebooks.violations(notebooks.read(path))
    return [(path.name, each.cell, each.rule, each.found) for each in found]


# ---- every notebook


def test_there_is_a_notebook_to_start_with():
    assert START in PATHS


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
def test_a_notebook_breaks_no_rule(path):
    assert [each for each in violations(path) if each[:3] not in notebooks.EXCEPTIONS] == []


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
def test_a_notebook_is_valid_and_stored_in_one_way(path):
    notebook = notebooks.read(path)
    nbformat.validate(notebook)
    assert path.read_bytes().decode() == notebooks.written(notebooks.clean(notebook))


def test_an_exception_has_a_reason_and_is_still_needed():
    needed = {each[:3] for path in PATHS for each in violations(path)}
    assert set(notebooks.EXCEPTIONS) <= needed
    assert all(notebooks.EXCEPTIONS.values())


# ---- the rules find what they forbid, and nothing else


def stream(text, name="stdout"):
    return new_output("stream", name=name, text=text)


def result(text):
    return new_output("execute_result", data={"text/plain": text}, execution_count=1)


def picture(alt="Two clouds of points.", mime="image/png"):
    data = {mime: "iVBORw0KGgo=", "text/plain": "<Figure size 640x480 with 1 Axes>"}
    return new_output("display_data", data=data, metadata={mime: {"alt": alt}} if alt else {})


def page(html):
    return new_output("display_data", data={"text/html": html})


def error(evalue="points are empty"):
    return new_output("error", ename="ValueError", evalue=evalue, traceback=[f"ValueError: {evalue}"])


def text(source):
    return new_markdown_cell(source)


def code(source, *outputs, tags=(), number=1):
    metadata = {"tags": list(tags)} if tags else {}
    return new_code_cell(source, outputs=list(outputs), metadata=metadata, execution_count=number)


def rules_broken_by(*cells):
    notebook = notebooks.clean(new_notebook(cells=list(cells)))
    return {violation.rule for violation in notebooks.violations(notebook)}


def test_a_good_notebook_breaks_no_rule():
    assert (
        rules_broken_by(
            text("# Fit a mixture\n\nSee $\\gamma_{nk}$ and [Bishop](https://example.org)."),
            code("print(f'{mean:.4f}')", stream("2.0364, -0.5000, 1e-05, 26690, numpy 1.26.4\n")),
            code("display(figure)", picture(), stream("2 ellipses\n"), number=2),
            code("gmm.fit([], 2)", error(), tags=["raises-exception"], number=3),
            code("mixture.means", result("array([[4.29, 79.97]])"), number=4),
        )
        == set()
    )


BREAKING = {
    "every_code_cell_was_run": [
        code("1 + 1", number=None),
    ],
    "cells_were_run_in_order": [
        code("1 + 1", number=2),
    ],
    "an_error_is_announced": [
        code("gmm.fit([], 2)", error()),
        code("gmm.fit(points, 2)", tags=["raises-exception"]),
    ],
    "every_output_is_compared": [
        code("print(1)", stream("1\n"), tags=["nbval-skip"]),
        code("print(1)", stream("1\n"), tags=["nbval-ignore-output"]),
        code("print(1)", stream("1\n"), tags=["raises-exceptions"]),
        code("# NBVAL_IGNORE_OUTPUT\nprint(1)", stream("1\n")),
    ],
    "a_figure_has_text_beside_it": [
        code("display(figure)", picture()),
        code("display(figure)", picture(), stream(" \n")),
        code("animation", page("<img src='data:image/png;base64,iVBORw0KGgo=' alt='Three steps.'>")),
    ],
    "nothing_on_stderr": [
        code("warnings.warn('slow')", stream("UserWarning: slow", name="stderr")),
    ],
    "no_memory_address": [
        code("animation", result("<Animation at 0x7f3a5c0b1d30>")),
        code("print(f)", stream("<function f at 0x10E4A2B00>")),
    ],
    "no_bare_numpy_scalar": [
        code("x", result("np.float64(0.5)")),
        code("x", result("(np.int64(3), np.True_)")),
    ],
    "no_negative_zero": [
        code("print(x)", stream("mean -0.0000")),
        code("x", result("array([-0., 1.])")),
        code("x", result("−0.00")),
        code("x", result("-0.0e+00")),
    ],
    "numbers_are_rounded": [
        code("x", result("0.1234567")),
        code("x", result("array([1234567.8901])")),
        code("x", result("1.2345678e-05")),
        code("table", page("<table><tr><td>0.30000000000000004</td></tr></table>")),
        code("gmm.fit([], 2)", error("weights sum to 0.30000000000000004"), tags=["raises-exception"]),
    ],
    "no_local_path": [
        code("path", result("'/home/ada/data.csv'")),
        code("open('C:\\\\Users\\\\ada')"),
        code("open(r'C:\\Users\\ada')"),
        code("path", stream("~/data/faithful.csv")),
        text("Look into /usr/share/data."),
    ],
    "nothing_is_fetched": [
        code("import requests"),
        code("from urllib.request import urlopen"),
        code("data = fetch_openml('iris')"),
        code("pandas.read_csv('https://example.org/faithful.csv')"),
        code("%pip install gmm"),
        code("!ls"),
        code("animation", page("<link rel='stylesheet' href='https://example.org/font.css'>")),
    ],
    "the_file_is_small": [
        code("print(text)", stream("x" * 1_000_000)),
    ],
    "code_cells_are_short": [
        code("x = 1\n" * 21),
        code("x = 1\n" * 41, tags=["figure"]),
        code(""),
    ],
    "code_lines_do_not_wrap": [
        code("x = " + "1" * 76),
    ],
    "text_cells_are_short": [
        text("word " * 201),
        text("<details>" + "$a + b$ is `one` thing. " * 51 + "</details>"),
    ],
    "predictions_are_few": [
        text("**Predict.** What is it? **Predict, too:** Why? " * 3 + "**Predict.** Where?"),
    ],
    "the_stated_minutes_are_true": [
        text("*It takes* about 4 minutes. " + "word " * 4),
        text("**Time:** 4 minutes"),
    ],
    "plain_words": [
        text("It is Just a sum."),
        text("This is, of course, easy."),
        code("x = 1  # obviously"),
    ],
    "every_picture_has_alt_text": [
        code("display(figure)", picture(alt=""), stream("2 ellipses\n")),
        code("display(figure)", picture(alt=" "), stream("2 ellipses\n")),
        code("display(figure)", picture(alt="", mime="image/svg+xml"), stream("2 ellipses\n")),
        code("animation", page("<img src='data:image/png;base64,iVBORw0KGgo='>"), stream("2 ellipses\n")),
        text("![](ellipses.png)"),
    ],
    "an_answer_follows_each_prediction": [
        text("**Predict** the sign."),
    ],
    "no_heading_is_folded": [
        new_markdown_cell("## Why\n\nBecause.", metadata={"tags": ["answer"]}),
        new_markdown_cell("### Why", metadata={"tags": ["check"]}),
    ],
    "no_prediction_is_folded": [
        new_markdown_cell("The **Predict** of a fold.", metadata={"tags": ["check"]}),
    ],
}


ANSWER = new_markdown_cell("It falls.", metadata={"tags": ["answer"]})
EXAMPLES = [(rule, cell) for rule, cells in BREAKING.items() for cell in cells]


@pytest.mark.parametrize(("rule", "cell"), EXAMPLES)
def test_a_rule_finds_what_it_forbids_and_no_other_rule_does(rule, cell):
    answered = [ANSWER] if rule == "predictions_are_few" else []
    assert rules_broken_by(cell, *answered) == {rule}


def test_every_rule_is_seen_to_find_something():
    assert {*BREAKING, "the_file_is_clean"} == {rule.__name__ for rule in notebooks.RULES}


@pytest.mark.parametrize(
    "cell",
    [
        code("x = 1\n" * 20),
        code("x = 1\n" * 40, tags=["check"]),
        code("x = " + "1" * 75),
        code("x = " + "1" * 76, tags=["figure"]),
        code("print(1)", stream("1\n"), tags=["answer", "answer-code", "figure", "check"]),
        text("*It takes* about 3 minutes. " + "word " * 80),
        code("def square(x):\n    return x * x"),
        code("print(x)", stream("-0.5 10-0 1e-0 x-0 123456789.5 0.123456 2026.11.21 -0.001\n")),
        code("film", page("<script>x = -0.123456789;</script><p style='width:33.3333333%'>3 steps</p>")),
        text("word " * 200),
        text("| a | b |\n| --- | --- |\n" + "| one | two |\n" * 50),
        text("$$" + "a + b = " * 50 + "$$"),
        text("Adjust and justify; simplicity; true/false; K/N; <details>more</details>"),
    ],
)
def test_what_is_allowed_breaks_no_rule(cell):
    assert rules_broken_by(cell) == set()


def test_the_newer_rules_wait_for_the_chapters_of_the_first_edition(monkeypatch):
    monkeypatch.setattr(notebooks, "FIRST_EDITION", {"07"})
    long = code("x = " + "1" * 76)
    assert rules_broken_by(text("# 07 · See why EM works"), long) == set()
    assert rules_broken_by(text("# 08 · Break EM"), long) == {"code_lines_do_not_wrap"}


# ---- how long a chapter takes


def minutes(*cells):
    return notebooks.minutes(new_notebook(cells=list(cells)))


@pytest.mark.parametrize(
    ("cell", "seconds"),
    [
        (text("word " * 130), 60),
        (text("**Predict.** " + "word " * 129), 60 + 60),
        (text("$$x = 1$$\n\n$$y = 2$$"), 60),
        (code("x = 1\ny = 2"), 15 + 10),
        (code("x = 1\ny = 2", picture(), tags=["figure"]), 15 + 30),
        (code("x", stream("1\n2\n"), result("3")), 15 + 5 + 6),
        (code("x = 1", picture(), tags=["check"]), 0),
    ],
)
def test_what_takes_how_long(cell, seconds):
    assert minutes(cell) == pytest.approx(seconds / 60)


def test_exercises_and_optional_sections_are_not_counted():
    def cells(*titles):
        return [text(source) for title in titles for source in (f"##{title}", "word " * 13)]

    two = minutes(*cells(" One", " Two"))
    assert two > minutes(*cells(" One"))
    assert minutes(*cells(" One", " Optional: more", " Two")) == pytest.approx(two)
    assert minutes(*cells(" One", " Optional: more", "# Deeper", " Two")) == pytest.approx(two)
    assert minutes(*cells(" One", " Two", " Exercises", "# Exercise 1.1 · Count")) == pytest.approx(two)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
def test_a_chapter_says_how_many_minutes_it_takes(path):
    assert notebooks.stated_minutes(notebooks.read(path))


def test_the_readme_says_the_same_minutes():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    table = re.findall(r"^\|[^|\n]*\|[^|\n]*\(notebooks/([^)]+)\)[^\n]*\| (\d+) \|$", readme, re.MULTILINE)
    told = {name: int(number) for name, number in table}
    second_edition = [path for path in PATHS if not notebooks.is_first_edition(notebooks.read(path))]
    assert second_edition
    for path in second_edition:
        assert told[path.name] == notebooks.stated_minutes(notebooks.read(path))


def test_six_predictions_that_are_answered_break_no_rule():
    assert rules_broken_by(text("**Predict.** What is it? " * 6), ANSWER) == set()


# ---- cleaning and running


def untidy():
    outputs = [stream("a"), stream("b\n"), picture(), stream("c\n"), error()]
    outputs[2].metadata = {"needs_background": "light", "image/png": {"alt": "A cloud.", "width": 640}}
    outputs[4].traceback = ["File /home/ada/em.py:3", "ValueError"]
    cell = new_code_cell("x ", outputs=outputs, execution_count=1, id="kept")
    cell.metadata = {"execution": {"busy": "2026-01-01"}, "tags": ["raises-exception"], "collapsed": True}
    kernelspec = {"name": "mine", "display_name": "Mine"}
    language = {"name": "python", "version": "3.99"}
    return new_notebook(cells=[cell], metadata={"kernelspec": kernelspec, "language_info": language})


def test_cleaning_keeps_what_is_read():
    cell = notebooks.clean(untidy()).cells[0]
    assert cell.id == "kept"
    assert cell.source == "x"
    assert cell.metadata == {"tags": ["raises-exception"]}
    assert [output.get("text") for output in cell.outputs] == ["ab\n", None, "c\n", None]
    assert cell.outputs[1].metadata == {"image/png": {"alt": "A cloud."}}
    assert cell.outputs[3].traceback == ["ValueError: points are empty"]


def test_cleaning_keeps_what_hides_and_what_grades_a_cell():
    metadata = {"jupyter": {"source_hidden": True}, "nbgrader": {"grade_id": "exercise-4-1", "solution": True}}
    cell = new_code_cell("x", metadata=metadata)
    assert notebooks.clean(new_notebook(cells=[cell])).cells[0].metadata == metadata


def test_alt_text_goes_from_the_cell_to_its_pictures_in_their_order():
    one = code("draw()", picture(alt="A figure"), stream("2 ellipses\n"))
    one.metadata["alt"] = "Two clouds."
    two = code("draw()", stream("1\n"), picture(alt="A figure"), picture(alt="A figure"))
    two.metadata["alt"] = ["Before.", "After."]
    cells = notebooks.clean(new_notebook(cells=[one, two])).cells
    alts = [[output.metadata["image/png"]["alt"] for output in cell.outputs if "data" in output] for cell in cells]
    assert alts == [["Two clouds."], ["Before.", "After."]]
    assert [cell.metadata for cell in cells] == [{"alt": "Two clouds."}, {"alt": ["Before.", "After."]}]


def test_cleaning_leaves_no_machine_no_time_and_no_version():
    stored = notebooks.written(notebooks.clean(untidy()))
    assert not re.search(r"2026|3\.99|mine|/home|collapsed|needs_background", stored, re.IGNORECASE)


def test_cleaning_twice_is_cleaning_once_and_leaves_the_original_as_it_was():
    notebook = untidy()
    once = notebooks.clean(notebook)
    assert notebook == untidy()
    assert notebooks.clean(once) == once


def test_a_notebook_that_is_not_clean_is_found():
    assert "the_file_is_clean" in {violation.rule for violation in notebooks.violations(untidy())}


NAMES = "0123456789abcdef" * 2, "fedcba9876543210" * 2


def test_an_animation_has_the_same_names_in_every_run_and_others_in_another_cell():
    def cleaned(name, cell_id):
        cell = code("film", page(f'<img id="_anim_img{name}"><script>anim{name} = "{name}"</script>'))
        cell.id = cell_id
        return notebooks.clean(new_notebook(cells=[cell])).cells[0].outputs[0].data["text/html"]

    assert cleaned(NAMES[0], "a") == cleaned(NAMES[1], "a")
    assert cleaned(NAMES[0], "a") != cleaned(NAMES[0], "b")


def test_running_stores_what_this_python_prints_and_the_same_each_time(tmp_path):
    notebook = new_notebook(cells=[code("import sys; print(6 * 7)", number=7), code("sys.executable")])
    once, again = [notebooks.clean(notebooks.execute(notebook, tmp_path)) for _ in range(2)]
    assert once.cells[0].outputs[0].text == "42\n"
    assert once.cells[1].outputs[0].data["text/plain"] == repr(sys.executable)
    assert [cell.execution_count for cell in once.cells] == [1, 2]
    assert notebooks.written(once) == notebooks.written(again)


# ---- nbval is not vacuous


def cells_that_nbval_finds_wrong(folder, *more):
    """The name of the notebook and the number of each cell, sorted."""
    options = ["-c", "pyproject.toml", f"--rootdir={folder}", "-p", "no:cacheprovider", "--color=no", "-rf", *more]
    command = [sys.executable, "-m", "pytest", *options, str(folder)]
    report = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False).stdout
    found = re.findall(r"^FAILED (?:.*/)?(.*\.ipynb)::Cell (\d+)", report, re.MULTILINE)
    return sorted((name, int(number)) for name, number in found)


def side_by_side():
    """How `make test` spreads the tests over processes, but two of them on every machine."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    options = re.search(r"^SIDE_BY_SIDE = (.*)$", makefile, re.MULTILINE)[1]
    assert "--numprocesses logical" in options
    return options.replace("logical", "2").split()


def change_one_digit(output):
    """Changes the first digit that is no part of a version, and tells whether there was one."""
    for texts, key in [(output, "text"), (output, "evalue"), (notebooks.data(output), "text/plain")]:
        if key in texts and not notebooks.is_picture(output):
            pattern = r"(?<![\d.])\d(?!\d*\.\d+\.)"
            texts[key], count = re.subn(pattern, lambda digit: str(9 - int(digit[0])), texts[key], count=1)
            return count == 1
    return False


@pytest.mark.slow
def test_nbval_finds_every_cell_in_which_one_stored_digit_is_wrong(tmp_path):
    notebook = notebooks.read(START)
    cells = notebooks.code(notebook)
    changed = {number for number, cell in enumerate(cells) if any(map(change_one_digit, cell.outputs))}
    (tmp_path / START.name).write_text(notebooks.written(notebook), encoding="utf-8")
    assert cells_that_nbval_finds_wrong(tmp_path) == [(START.name, number) for number in sorted(changed)] != []


def test_side_by_side_the_cells_of_a_notebook_share_one_kernel_in_order_and_a_wrong_digit_is_found(tmp_path):
    counts = [code("n += 1; print(n)", stream(f"{n}\n")) for n in range(2, 7)]
    for name, wrong in {"one.ipynb": 3, "two.ipynb": 5}.items():
        notebook = new_notebook(cells=[code("n = 1"), *counts])
        notebook.cells[wrong] = code(notebook.cells[wrong].source, stream("1234\n"))
        (tmp_path / name).write_text(notebooks.written(notebook), encoding="utf-8")
    assert cells_that_nbval_finds_wrong(tmp_path, *side_by_side()) == [("one.ipynb", 3), ("two.ipynb", 5)]


def test_a_notebook_without_its_outputs_is_found():
    notebook = notebooks.read(START)
    for cell in notebooks.code(notebook):
        cell.outputs, cell.execution_count = [], None
    found = [each.cell for each in notebooks.violations(notebook) if each.rule == "every_code_cell_was_run"]
    assert found == [cell.id for cell in notebooks.code(notebook)] != []


def sanitized(text):
    for pattern, replacement in get_sanitize_patterns((ROOT / "tests" / "nbval_sanitize.cfg").read_text()):
        text = re.sub(pattern, replacement, text)
    return text


@pytest.mark.parametrize("text", ["<f at 0x7f3a5c0b1d30>", "numpy 1.26.4", "Python 3.13.0rc1", "2.5.0.dev1"])
def test_nbval_ignores_addresses_and_versions(text):
    assert not re.search(r"\d", sanitized(text))


def test_nbval_ignores_the_pictures_of_an_animation_and_their_random_names():
    def film(name, picture, action="play"):
        html = f'<img id="_anim_img{name}" src="data:image/png;base64,{picture}"> anim{name}.{action}()'
        return sanitized(html)

    assert film(NAMES[0], "iVBORw0\\\nKGg==") == film(NAMES[1], "iVBORw0B+/")
    assert film(NAMES[0], "iVBORw0") != film(NAMES[0], "iVBORw0", "pause")


@pytest.mark.parametrize("text", ["-1130.26396", "scipy 3.1416", "1e-05 272", "[1. 2. 3.]", "26690", "0xff"])
def test_nbval_ignores_no_other_number(text):
    assert sanitized(text) == text
