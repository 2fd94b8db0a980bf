"""Folds the cells of notebooks as their tags say; nothing is executed.

    python tools/fold.py notebooks/*.ipynb
    python tools/fold.py --suggest notebooks/*.ipynb

An author writes tags: `answer`, `answer-code`, `figure`, `check`. What JupyterLab reads follows from them:
`jupyter.outputs_hidden` and `jupyter.source_hidden`. With `--suggest` a notebook that has none of these tags gets
them where they are likely: after each **Predict**, and on code that draws.
"""

import argparse
import re
from itertools import groupby
from pathlib import Path

ANSWERS = {"answer", "answer-code"}
TAGS = {*ANSWERS, "figure", "check"}
PREDICT = re.compile(r"\*\*Predict\b")
HEADING = re.compile(r"^#{1,6} ", re.MULTILINE)
DRAWS = re.compile(r"\bdisplay\((?:figure|fig)\b|\bplt\.(?:subplots|figure)\(|\bplots\.\w+\(")


def tags(cell):
    return set(cell.metadata.get("tags", []))


def is_answer(cell):
    return bool(tags(cell) & ANSWERS)


def is_prompt(cell):
    return cell.cell_type == "markdown" and bool(PREDICT.search(cell.source))


def is_solution(cell):
    return bool(cell.metadata.get("nbgrader", {}).get("solution"))


def is_folded_solution(cell):
    return is_solution(cell) and bool(cell.metadata.get("jupyter", {}).get("source_hidden"))


# ---- from tags to what JupyterLab reads


def hidden(cell):
    """The `jupyter` metadata of a cell: what its tags hide, and a solution that its author has folded."""
    told = tags(cell)
    if cell.cell_type == "markdown":
        return {"source_hidden": True} if "answer" in told else {}
    hides = {
        "outputs_hidden": bool(told & {*ANSWERS, "check"}),
        "source_hidden": bool(told & {"answer-code", "figure", "check"}) or is_folded_solution(cell),
    }
    return {what: True for what, hide in hides.items() if hide}


# ---- groups: consecutive cells behind one fold


def kind(cell):
    if is_answer(cell):
        return "answer"
    return "check" if "check" in tags(cell) else None


def groups(cells):
    """Pairs of a kind, None where nothing is folded, and the consecutive cells of that kind."""
    return [(what, list(run)) for what, run in groupby(cells, kind)]


# ---- rules


def unanswered(cells):
    """The prompts that no answer follows."""
    pairs = zip(cells, [*cells[1:], None])
    return [cell for cell, following in pairs if is_prompt(cell) and not kind(cell) and not answers(following)]


def answers(cell):
    return cell is not None and is_answer(cell)


def with_headings(cells):
    """The folded texts with a heading, which the contents of a page would show and lead nowhere."""
    return [cell for cell in cells if cell.cell_type == "markdown" and kind(cell) and HEADING.search(cell.source)]


def prompts_in_folds(cells):
    return [cell for cell in cells if is_prompt(cell) and kind(cell)]


# ---- tags where they are likely


def suggest(cells):
    """Tags a notebook that has none: the code after each prompt, and the code that only draws."""
    if any(tags(cell) & TAGS for cell in cells):
        return
    for cell, before in zip(cells, [None, *cells]):
        if cell.cell_type != "code" or is_solution(cell):
            continue
        if before is not None and is_prompt(before):
            add(cell, "answer")
        if draws(cell):
            add(cell, "figure")


def draws(cell):
    pictures = any(mime.startswith("image/") for output in cell.outputs for mime in output.get("data", {}))
    return pictures and bool(DRAWS.search(cell.source))


def add(cell, tag):
    cell.metadata["tags"] = sorted({*tags(cell), tag})


def main():
    import notebooks

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--suggest", action="store_true", help="first tag the notebooks that have no such tag")
    parser.add_argument("notebooks", nargs="+", type=Path)
    arguments = parser.parse_args()
    for path in arguments.notebooks:
        notebook = notebooks.read(path)
        if arguments.suggest:
            suggest(notebook.cells)
        path.write_text(notebooks.written(notebooks.clean(notebook)), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
