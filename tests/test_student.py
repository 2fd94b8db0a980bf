"""The students' copies belong to their masters: nothing is solved, nothing else is missing, each error is your turn."""

import ast
import copy
import re
import subprocess
import sys
from itertools import chain
from pathlib import Path

import course_of_one as one
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

import notebooks
import student

ROOT = Path(__file__).parent.parent
MASTERS = sorted((ROOT / "notebooks").glob("*.ipynb"))
COPIES = ROOT / "notebooks" / "student"
RUN = [path if path.name.startswith("04") else pytest.param(path, marks=pytest.mark.slow) for path in MASTERS]
HEADING = re.compile(r"^#+ (?:Exercise (\d+)\.(\d+))?", flags=re.MULTILINE)


def name(path):
    return path.name


def copied(master=None):
    return student.copy_for_students(master or one.solved_notebook(), "one.ipynb")


def by_id(notebook):
    return {cell.id: cell for cell in notebook.cells}


def filled(copy_of, master):
    """The source of each code cell, with the master's regions in place of the stubs."""
    regions = iter(re.search(r"\S.*", region[0], re.DOTALL)[0] for region in solutions(master))
    stub = re.escape(student.STUB)
    sources = [re.sub(stub, lambda _: next(regions), cell.source) for cell in notebooks.code(copy_of)]
    assert not list(regions)
    return sources


def solutions(master):
    return chain.from_iterable(student.REGION.finditer(cell.source) for cell in notebooks.code(master))


# ---- every notebook of the course


def test_each_master_has_a_copy_and_each_copy_has_a_master():
    assert [path.name for path in sorted(COPIES.glob("*.ipynb"))] == [path.name for path in MASTERS]


@pytest.mark.parametrize("path", MASTERS, ids=name)
def test_the_stored_copy_is_what_the_program_writes_now(path):
    expected = student.copy_for_students(notebooks.read(path), path.name)
    assert (COPIES / path.name).read_bytes().decode() == notebooks.written(expected)
    nbformat.validate(expected)


@pytest.mark.parametrize("path", MASTERS, ids=name)
def test_the_stubs_filled_with_the_solutions_are_the_master(path):
    master = notebooks.read(path)
    assert filled(notebooks.read(COPIES / path.name), master) == [cell.source for cell in notebooks.code(master)]


@pytest.mark.parametrize("path", MASTERS, ids=name)
def test_every_exercise_is_complete(path):
    master = notebooks.read(path)
    assert missing(master, int(path.name[:2])) == []
    assert f"](student/{path.name})" in "".join(cell.source for cell in notebooks.prose(master))


@pytest.mark.parametrize("path", MASTERS, ids=name)
def test_a_copy_keeps_the_figures_that_the_students_functions_should_draw(path):
    drawn = {cell.id: pictures(cell) for cell in drawings(exercises(notebooks.read(path)))}
    kept = by_id(notebooks.read(COPIES / path.name))
    assert drawn
    assert {cell: kept[cell].outputs for cell in drawn} == drawn
    assert all(output.metadata["image/png"]["alt"] for outputs in drawn.values() for output in outputs)


@pytest.mark.parametrize("path", MASTERS, ids=name)
def test_every_link_of_a_copy_leads_to_a_file(path):
    text = "\n".join(cell.source for cell in notebooks.prose(notebooks.read(COPIES / path.name)))
    links = [link for _, link in student.LINK.findall(text) if not re.match(r"#|[a-z]+:", link)]
    assert f"../{path.name}" in links
    assert [link for link in links if not (COPIES / link.partition("#")[0]).exists()] == []


@pytest.mark.parametrize("path", RUN, ids=name)
def test_a_copy_runs_and_every_error_says_that_it_is_your_turn(path):
    ran = run(notebooks.read(COPIES / path.name), COPIES)
    assert unexpected(ran) == []
    assert [cell.id for cell in notebooks.code(ran) if is_graded(cell) and not errors(cell)] == []


# ---- what an exercise needs


def exercises(notebook):
    """(chapter, number) → the code cells below the heading of an exercise."""
    found, below = {}, None
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and (headings := HEADING.findall(cell.source)):
            below = None if headings[-1] == ("", "") else found.setdefault(tuple(map(int, headings[-1])), [])
        elif cell.cell_type == "code" and below is not None:
            below.append(cell)
    return found


def is_graded(cell):
    return cell.metadata.get("nbgrader", {}).get("grade", False)


def is_solution(cell):
    return cell.metadata.get("nbgrader", {}).get("solution", False)


def drawings(found):
    """The cells that draw what the function of their exercise computes."""
    return [cell for cells in found.values() for cell in cells if pictures(cell) and calls(cell) & defined(cells)]


def pictures(cell):
    return [*filter(notebooks.is_picture, cell.outputs)]


def calls(cell):
    return {node.id for node in ast.walk(ast.parse(cell.source)) if isinstance(node, ast.Name)}


def defined(cells):
    solved = chain.from_iterable(ast.parse(cell.source).body for cell in filter(is_solution, cells))
    return {node.name for node in solved if isinstance(node, ast.FunctionDef)}


def missing(notebook, chapter):
    """What is missing from the exercises of a solved notebook, in words."""
    found = exercises(notebook)
    ids = [cell.metadata.nbgrader.grade_id for cell in notebooks.code(notebook) if "nbgrader" in cell.metadata]
    return [
        *(["no exercise"] if not found else []),
        *(["numbers not in order"] if list(found) != [(chapter, n) for n in range(1, len(found) + 1)] else []),
        *(["an id of nbgrader that is not unique"] if len(set(ids)) < len(ids) else []),
        *(["no exercise that draws"] if not drawings(found) else []),
        *(["a solution outside of the exercises"] if count_solutions(found) != len([*solutions(notebook)]) else []),
        *(f"{chapter}.{n}: {words}" for (_, n), cells in found.items() for words in missing_from(cells, chapter, n)),
    ]


def count_solutions(found):
    return sum(len(student.REGION.findall(cell.source)) for cells in found.values() for cell in cells)


def missing_from(cells, chapter, number):
    solved, graded = [*filter(is_solution, cells)], [*filter(is_graded, cells)]
    if len(solved) != 1 or not graded:
        return [f"{len(solved)} solution cells and {len(graded)} checks"]
    return [
        *(["the solution is not folded"] if not solved[0].metadata.get("jupyter", {}).get("source_hidden") else []),
        *(["the solution is not the whole body"] if not is_a_whole_body(solved[0].source) else []),
        *(["the metadata of the solution"] if solved[0].metadata.nbgrader != solution_of(chapter, number) else []),
        *(["the metadata of the check"] if graded[0].metadata.nbgrader != check_of(chapter, number) else []),
        *(["a check that does not end with assert_passed()"] if not all(map(asserts, graded)) else []),
        *(["a check that shows no ✓"] if not all("✓" in shown(cell) for cell in graded) else []),
    ]


def is_a_whole_body(source):
    """One function with a docstring, and nothing besides its solution."""
    functions = ast.parse(student.REGION.sub(rf"\1{student.STUB}", source)).body
    function = functions[-1] if len(functions) == 1 else None
    if not isinstance(function, ast.FunctionDef) or len(function.body) != 2:
        return False
    return bool(ast.get_docstring(function)) and ast.unparse(function.body[1]) == student.STUB.replace('"', "'")


def solution_of(chapter, number):
    return {"grade_id": f"exercise-{chapter}-{number}", **one.SOLVED}


def check_of(chapter, number):
    return {"grade_id": f"check-{chapter}-{number}", **one.GRADED}


def asserts(cell):
    return cell.source.splitlines()[-1].endswith(".assert_passed()")


def shown(cell):
    return "".join(map(notebooks.readable, cell.outputs))


def with_results():
    """The solved notebook as it is stored after it was run."""
    notebook = one.solved_notebook()
    for cell in filter(is_graded, notebooks.code(notebook)):
        cell.outputs = [one.printed("✓ right")]
    return notebook


def test_nothing_is_missing_from_a_complete_exercise():
    assert missing(with_results(), 1) == []


@pytest.mark.parametrize(
    ("words", "break_it"),
    [
        ("no exercise", lambda cells: [cells.pop(key) for key in list(cells) if key.startswith("text")]),
        ("numbers not in order", lambda cells: setattr(cells["text-2"], "source", "### Exercise 1.4")),
        ("an id of nbgrader that is not unique", lambda cells: grading(cells["check-1"]).update(grade_id="check-1-2")),
        ("no exercise that draws", lambda cells: cells["look"].outputs.clear()),
        ("no exercise that draws", lambda cells: setattr(cells["look"], "source", "print(my_mean)")),
        ("a solution outside of the exercises", lambda cells: append(cells["setup"], "\n" + one.TWICE)),
        ("1.2: 0 solution cells and 1 checks", lambda cells: cells.pop("solution-2")),
        ("1.3: 1 solution cells and 0 checks", lambda cells: cells.pop("check-3")),
        ("1.2: the solution is not folded", lambda cells: cells["solution-2"].metadata.pop("jupyter")),
        ("1.2: the solution is not the whole body", lambda cells: append(cells["solution-2"], "\n    return 1")),
        ("1.2: the solution is not the whole body", lambda cells: append(cells["solution-2"], "\nx = 1")),
        ("1.1: the metadata of the solution", lambda cells: grading(cells["solution-1"]).update(grade_id="a")),
        ("1.1: the metadata of the check", lambda cells: grading(cells["check-1"]).update(points=2)),
        ("1.1: a check that does not end with assert_passed()", lambda cells: append(cells["check-1"], "\nprint()")),
        ("1.1: a check that shows no ✓", lambda cells: cells["check-1"].outputs.clear()),
    ],
)  # fmt: skip
def test_what_is_missing_from_an_exercise_is_found(words, break_it):
    cells = by_id(with_results())
    break_it(cells)
    assert words in missing(new_notebook(cells=list(cells.values())), 1)


def grading(cell):
    return cell.metadata.nbgrader


def append(cell, text):
    cell.source += text


# ---- running


def run(notebook, folder):
    """The notebook, run to its end whatever it raises."""
    tagged = copy.deepcopy(notebook)
    for cell in notebooks.code(tagged):
        cell.metadata.tags = ["raises-exception"]
    ran = notebooks.execute(tagged, folder)
    for cell, before in zip(ran.cells, notebook.cells, strict=True):
        cell.metadata = before.metadata
    return ran


def errors(cell):
    return [output for output in cell.outputs if output.output_type == "error"]


def unexpected(notebook):
    """The errors that neither are announced nor say that it is your turn."""
    unannounced = [cell for cell in notebooks.code(notebook) if "raises-exception" not in notebooks.tags(cell)]
    return [(cell.id, e.ename, e.evalue) for cell in unannounced for e in errors(cell) if not is_your_turn(e)]


def is_your_turn(error):
    if error.ename == "AssertionError":
        first = error.evalue.splitlines()[0]
        return first.endswith(": your turn") and error.traceback == [f"AssertionError: {first}"]
    return (error.ename, error.evalue) == ("NotImplementedError", "your turn")


def test_a_copy_says_your_turn_in_each_check_and_in_each_cell_that_calls_a_stub(tmp_path):
    ran = run(copied(), tmp_path)
    assert unexpected(ran) == []
    assert [cell.id for cell in notebooks.code(ran) if errors(cell)] == ["check-1", "check-2", "check-3", "look"]


def test_an_error_that_is_not_your_turn_is_found(tmp_path):
    announced = new_code_cell("1 / 0", id="announced", metadata={"tags": ["raises-exception"]})
    cells = [announced, new_code_cell("assert False, 'your turn'", id="by-hand"), new_code_cell("x", id="unknown")]
    assert [cell for cell, *_ in unexpected(run(new_notebook(cells=cells), tmp_path))] == ["by-hand", "unknown"]


# ---- writing


def test_a_solution_gives_way_to_a_stub_that_is_seen_and_can_be_graded():
    cell = by_id(copied())["solution-2"]
    assert cell.source == (
        "def my_spread(numbers):\n"
        '    """The standard deviation of some numbers."""\n'
        '    raise NotImplementedError("your turn")'
    )
    assert cell.metadata == {"nbgrader": solution_of(1, 2)}
    assert is_graded(by_id(copied())["check-2"])


def test_no_line_of_a_solution_is_left():
    stored = notebooks.written(copied())
    for region in solutions(one.solved_notebook()):
        for line in region[0].splitlines():
            assert not line.strip() or line.strip() not in stored


def test_of_what_was_shown_only_the_pictures_of_the_exercises_are_left():
    cells = notebooks.code(copied())
    kept = {cell.id: [output.output_type for output in cell.outputs] for cell in cells if cell.outputs}
    assert kept == {"look": ["display_data", "execute_result"]}
    assert all(output.metadata["image/png"]["alt"] for output in by_id(copied())["look"].outputs)
    assert {cell.execution_count for cell in cells} == {None}
    assert by_id(copied())["look"].outputs[1].execution_count is None


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("[a](05_initialization.ipynb)", "[a](05_initialization.ipynb)"),
        ("[a](05_initialization.ipynb#3.-Random-points)", "[a](05_initialization.ipynb#3.-Random-points)"),
        ("[a](../README.md)", "[a](../../README.md)"),
        ("[a](../docs/notation.md#gamma)", "[a](../../docs/notation.md#gamma)"),
        ("![A cloud.](picture.png)", "![A cloud.](../picture.png)"),
        ("<img src='../figures/a.png' alt='A cloud.'>", "<img src='../../figures/a.png' alt='A cloud.'>"),
        ('<a href="../LICENSE">a</a>', '<a href="../../LICENSE">a</a>'),
        ("[a](https://example.org/x.html) [b](#here) [c](attachment:a.png) [d](mailto:a@example.org)",) * 2,
        ("[one] (two) x[i](j)"[:11],) * 2,
    ],
)  # fmt: skip
def test_a_link_leads_to_the_same_place_from_one_folder_deeper(link, expected):
    text = new_markdown_cell(f"Before {link} after.", id="a")
    assert copied(new_notebook(cells=[text])).cells[0].source == f"Before {expected} after."


def test_the_sentence_that_leads_to_the_copy_leads_back_and_the_others_stay():
    text = by_id(copied())["introduction"].source
    assert "student" not in text
    assert text.startswith("## 1. Exercises\n\nThree tasks. Replace each line that raises")
    assert text.endswith("The solved notebook is [one.ipynb](../one.ipynb).\nRead [the README](../../README.md) first.")


def test_the_stubs_of_a_small_notebook_filled_with_the_solutions_are_the_master():
    master = one.solved_notebook()
    assert filled(copied(), master) == [cell.source for cell in notebooks.code(master)]


def test_a_notebook_without_solutions_changes_only_in_what_was_shown():
    cells = [new_markdown_cell("# A [link](a.ipynb)", id="a"), new_code_cell("1 + 1", id="b", execution_count=3)]
    cells[1].metadata = {"tags": ["raises-exception"], "jupyter": {"source_hidden": True}}
    expected = notebooks.clean(new_notebook(cells=cells))
    expected.cells[1].execution_count = None
    cells[1].outputs = [one.printed(), one.picture()]
    assert copied(new_notebook(cells=cells)) == expected


@pytest.mark.parametrize("marker", [student.BEGIN, student.END])
def test_a_solution_that_would_show_is_refused(marker):
    cells = [new_code_cell(f"def f():\n    {marker}\n    return 1", id="leak")]
    with pytest.raises(ValueError, match="cell leak: a solution needs two lines"):
        copied(new_notebook(cells=cells))


def test_the_program_writes_beside_the_masters_the_same_each_time_and_leaves_them_alone(tmp_path):
    master = tmp_path / "one.ipynb"
    master.write_text(notebooks.written(one.solved_notebook()), encoding="utf-8")
    before, written = master.read_bytes(), []
    for _ in range(2):
        subprocess.run([sys.executable, ROOT / "tools" / "student.py", master], check=True)
        written.append((tmp_path / "student" / "one.ipynb").read_bytes())
    assert written[0] == written[1] == notebooks.written(copied()).encode()
    assert master.read_bytes() == before
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["one.ipynb", "one.ipynb", "student"]


# ---- the page for instructors


def test_the_plan_for_a_class_has_every_notebook_with_its_minutes_and_adds_them_up():
    page = (ROOT / "docs" / "instructors.md").read_text(encoding="utf-8")
    planned = dict(re.findall(r"\]\(\.\./notebooks/([\w.]+)\) (\d+)", page))
    told = {path.name: str(notebooks.stated_minutes(notebooks.read(path))) for path in MASTERS}
    assert planned == told
    for week in re.findall(r"^\| \d \|.*$", page, re.MULTILINE):
        assert sum(map(int, re.findall(r"\.ipynb\) (\d+)", week))) == int(re.search(r"(\d+) \|$", week)[1])


def test_every_link_of_the_page_leads_to_a_file():
    page = (ROOT / "docs" / "instructors.md").read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#\s]+)", page) if "://" not in link]
    assert links
    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []
