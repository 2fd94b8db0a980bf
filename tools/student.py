"""Writes the students' copies of the notebooks: stubs in place of solutions, and the figures one should get.

    python tools/student.py notebooks/*.ipynb

Each copy lies in the folder `student` beside its master. In the master a solution stands between two lines,
`### BEGIN SOLUTION` and `### END SOLUTION`, in the body of a function.
"""

import argparse
import re
from pathlib import Path

import fold
import notebooks

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
REGION = re.compile(rf"^([ \t]*){BEGIN}[ \t]*\n.*?^[ \t]*{END}[ \t]*$", flags=re.DOTALL | re.MULTILINE)
STUB = 'raise NotImplementedError("your turn")'
EXERCISE = re.compile(r"^#+ Exercise \d+\.\d+", flags=re.MULTILINE)
LINK = re.compile(r"(\]\(|\b(?:href|src)=[\"'])([^)\s\"']+)")
GUESS = "\n\n*Your guess (double-click here to write):* "
YOURS = (
    "Replace each line that raises `NotImplementedError` and run the check below it: it says what to try next. "
    "A figure that stands below is the one to get; your own takes its place when you run its cell. "
    "The solved notebook is [{0}](../{0})."
)


def copy_for_students(notebook, name):
    """The notebook with stubs, without results, as it should lie in the folder below that of its master."""
    copied = notebooks.clean(notebook)
    first = first_exercise(copied.cells)
    for number, cell in enumerate(copied.cells):
        if cell.cell_type == "code":
            unsolve(cell)
            forget(cell, keep_pictures=number > first)
        else:
            cell.source = addressed_to_students(LINK.sub(relocated, cell.source), name) + room_for_a_guess(cell)
    return copied


def first_exercise(cells):
    headings = [n for n, cell in enumerate(cells) if cell.cell_type == "markdown" and EXERCISE.search(cell.source)]
    return min(headings, default=len(cells))


def unsolve(cell):
    """Puts a stub in place of each solution, and shows the cell."""
    source, count = REGION.subn(rf"\1{STUB}", cell.source)
    if BEGIN in source or END in source:
        raise ValueError(f"cell {cell.id}: a solution needs two lines of its own, {BEGIN} and {END}.")
    if count:
        cell.source = source
        cell.metadata.pop("jupyter", None)


def forget(cell, keep_pictures):
    """Takes away what the cell has shown, but for the pictures that the student should get, and hides no output."""
    cell.execution_count = None
    shown = {key: hides for key, hides in cell.metadata.pop("jupyter", {}).items() if key != "outputs_hidden"}
    cell.metadata |= {"jupyter": shown} if shown else {}
    cell.outputs = [output for output in cell.outputs if keep_pictures and notebooks.is_picture(output)]
    for output in cell.outputs:
        if "execution_count" in output:
            output.execution_count = None


def room_for_a_guess(cell):
    return GUESS if fold.is_prompt(cell) else ""


def relocated(link):
    """The same link from one folder deeper: a notebook's copy lies beside, all else one folder up."""
    before, target = link.groups()
    stays = re.match(r"#|/|[a-z]+:|[\w.-]+\.ipynb(#|$)", target)
    return link[0] if stays else f"{before}../{target}"


def addressed_to_students(text, name):
    """The sentence that leads to the student's copy leads back from there; nothing is said of folded solutions."""
    if "](../student/" not in text:
        return text
    sentences = re.findall(r"(.*?(?:[.!?](?=\s)|\n{2,}|\Z))(\s*)", text, flags=re.DOTALL)
    return "".join(
        YOURS.format(name) + space if "](../student/" in sentence else sentence + space
        for sentence, space in sentences
        if "](../student/" in sentence or "folded" not in sentence
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("masters", nargs="+", type=Path)
    for path in parser.parse_args().masters:
        copied = copy_for_students(notebooks.read(path), path.name)
        folder = path.parent / "student"
        folder.mkdir(exist_ok=True)
        (folder / path.name).write_text(notebooks.written(copied), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
