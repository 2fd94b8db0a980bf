"""What is folded in a notebook follows from the tags of its cells, and each prediction hides its answer."""

import copy
import subprocess
import sys
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

import fold
import notebooks
import student

ROOT = Path(__file__).parent.parent
PATHS = sorted((ROOT / "notebooks").glob("*.ipynb"))
ALT = "Two clouds of points."


def text(source, *tags):
    return new_markdown_cell(source, metadata={"tags": list(tags)} if tags else {})


def code(*tags, source="x", **metadata):
    return new_code_cell(source, metadata=metadata | ({"tags": list(tags)} if tags else {}), outputs=[picture()])


def picture():
    return new_output("display_data", data={"image/png": "iVBORw0KGgo=", "text/plain": "<Figure>"})


def cleaned(*cells):
    return notebooks.clean(new_notebook(cells=list(cells))).cells


# ---- what the tags hide


OUTPUT, SOURCE = {"outputs_hidden": True}, {"source_hidden": True}
SOLUTION = {"grade_id": "exercise-1-1", "solution": True}


@pytest.mark.parametrize(
    ("cell", "jupyter"),
    [
        (code(), {}),
        (code("raises-exception"), {}),
        (code("answer"), OUTPUT),
        (code("answer", "raises-exception"), OUTPUT),
        (code("answer-code"), OUTPUT | SOURCE),
        (code("figure"), SOURCE),
        (code("answer", "figure"), OUTPUT | SOURCE),
        (code("check"), OUTPUT | SOURCE),
        (text("Because.", "answer"), SOURCE),
        (text("**Check it yourself.** Does it hold?", "check"), {}),
        (text("Because."), {}),
        (code(jupyter=SOURCE, nbgrader=SOLUTION), SOURCE),
        (code(jupyter=SOURCE | OUTPUT), {}),
    ],
    ids=lambda value: None if isinstance(value, dict) else "+".join(sorted(fold.tags(value))) or value.cell_type,
)
def test_a_tag_hides_what_it_says_and_nothing_else_does(cell, jupyter):
    assert cleaned(cell)[0].metadata.get("jupyter", {}) == jupyter


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
def test_what_a_notebook_hides_follows_from_its_tags(path):
    cells = notebooks.read(path).cells
    assert [cell.metadata.get("jupyter", {}) for cell in cells] == [fold.hidden(cell) for cell in cells]


def test_the_words_for_a_picture_come_from_the_cell():
    cells = cleaned(code("figure", alt=ALT), code(alt=["One.", "Two."]), code())
    cells[1].outputs.append(picture())
    stored = [[output.metadata.get("image/png", {}).get("alt") for output in cell.outputs] for cell in cleaned(*cells)]
    assert stored == [[ALT], ["One.", "Two."], [None]]


# ---- which cells are one fold


def kinds(*cells):
    return [(what, len(run)) for what, run in fold.groups(cells)]


def test_consecutive_cells_of_a_kind_are_one_fold():
    cells = [text("**Predict.**"), code("answer"), text("So.", "answer"), text("On."), text("**Check**", "check")]
    cells += [code("check"), code("check"), code("answer-code")]
    assert kinds(*cells) == [(None, 1), ("answer", 2), (None, 1), ("check", 3), ("answer", 1)]


# ---- what the rules find


def broken(*cells):
    rules = {violation.rule for violation in notebooks.violations(new_notebook(cells=cleaned(*cells)))}
    return rules & {"an_answer_follows_each_prediction", "no_heading_is_folded", "no_prediction_is_folded"}


PROMPT = "Three points. **Predict** which of them moves."


@pytest.mark.parametrize("tags", [["answer"], ["answer-code"], ["answer", "figure"]], ids="+".join)
def test_a_prediction_that_is_answered_breaks_no_rule(tags):
    assert broken(text(PROMPT), code(*tags)) == set()
    assert broken(text(PROMPT), text("It falls.", "answer")) == set()


@pytest.mark.parametrize(
    "after", [[], [code()], [code("figure")], [code("check")], [text("A moment.")], [text("A moment."), code("answer")]]
)
def test_a_prediction_that_is_not_answered_is_found(after):
    assert broken(text(PROMPT), *after) == {"an_answer_follows_each_prediction"}


def test_to_predict_is_a_word_that_can_be_used_without_a_prompt():
    assert broken(text("A mixture can predict the wait."), code()) == set()


def test_a_folded_heading_and_a_folded_prediction_are_found():
    assert broken(text("## Why\n\nBecause.", "answer")) == {"no_heading_is_folded"}
    assert broken(text(PROMPT), text(PROMPT, "answer"), code("answer")) == {"no_prediction_is_folded"}


# ---- tags where they are likely


def test_tags_are_suggested_after_a_prompt_and_where_a_figure_is_drawn():
    drawn = "figure, ax = plt.subplots()\ndisplay(figure)"
    cells = [text(PROMPT), code(), code(source=drawn), text(PROMPT), code(source=drawn)]
    cells.append(code(source=drawn, nbgrader=SOLUTION))
    fold.suggest(cells)
    found = [sorted(fold.tags(cell)) for cell in cells]
    assert found == [[], ["answer"], ["figure"], [], ["answer", "figure"], []]


def test_nothing_is_suggested_where_an_author_has_decided():
    cells = [text(PROMPT), code("raises-exception", "answer-code"), text(PROMPT), code()]
    before = copy.deepcopy(cells)
    fold.suggest(cells)
    assert cells == before


def test_the_program_folds_and_changes_no_text_and_no_output(tmp_path):
    path = tmp_path / "one.ipynb"
    cells = [text(PROMPT), code(), text("On.")]
    path.write_text(notebooks.written(notebooks.clean(new_notebook(cells=cells))), encoding="utf-8")
    subprocess.run([sys.executable, ROOT / "tools" / "fold.py", "--suggest", path], check=True)
    after = notebooks.read(path).cells
    assert [cell.metadata.get("jupyter", {}) for cell in after] == [{}, OUTPUT, {}]
    assert [cell.source for cell in after] == [cell.source for cell in cells]
    assert after[1].outputs[0].data == cells[1].outputs[0].data


# ---- the students' copies


def test_a_copy_shows_its_outputs_hides_its_code_and_has_room_for_a_guess():
    cells = [text(PROMPT), code("answer"), text("So.", "answer"), code("answer-code"), code("figure"), text("On.")]
    copied = student.copy_for_students(new_notebook(cells=cells), "one.ipynb").cells
    assert [cell.metadata.get("jupyter", {}) for cell in copied] == [{}, {}, SOURCE, SOURCE, SOURCE, {}]
    assert copied[0].source.startswith(PROMPT)
    assert "Your guess" in copied[0].source
    assert copied[5].source == "On."
