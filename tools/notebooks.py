"""Runs the notebooks where they are and stores them clean, or lists what is wrong with them.

    python tools/notebooks.py execute notebooks/*.ipynb
    python tools/notebooks.py check notebooks/*.ipynb
    python tools/notebooks.py minutes notebooks/*.ipynb

Each rule is a function from a notebook to the cells that break it, each with what was found there.
"""

import argparse
import copy
import hashlib
import re
import sys
from pathlib import Path
from typing import NamedTuple

import nbformat
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbval.kernel import CURRENT_ENV_KERNEL_NAME, NbvalKernelspecManager

import fold
from fold import tags

MEGABYTE = 1_000_000
MARKUP = r"</?[a-zA-Z][^<>]*>|<!--.*?-->"
PICTURE_WITHOUT_ALT = r"<img\b(?![^<>]*\balt=[\"'][^\"'])[^<>]*>"
KEPT = ("alt", "jupyter", "nbgrader", "tags")  # of a cell's metadata
FOLDED = {"figure", "check", "answer-code"}  # tags of cells whose source is folded
TAGS = {*fold.TAGS, "raises-exception"}
PREDICT = r"\*\*Predict\b"
STATED_MINUTES = r"(?:\*It takes\* about|\*\*Time:\*\*) (\d+) minutes"
NOT_IN_THE_MINUTES = r"^#+ (Optional|Exercise)"

# The chapters whose text and code are those of the first edition: the newer rules do not hold for them yet.
FIRST_EDITION = set()

# (notebook, id of the cell, rule) → the reason why this one cell may break this one rule
EXCEPTIONS = {}


class Violation(NamedTuple):
    rule: str
    cell: str
    found: str


def read(path):
    """The notebook in a file, each cell with an id of its own."""
    return nbformat.v4.upgrade(nbformat.read(path, as_version=4))


def violations(notebook):
    return [Violation(rule.__name__, cell.id, found) for rule in RULES for cell, found in rule(notebook)]


# ---- running and cleaning


def execute(notebook, folder):
    """The notebook, run from top to bottom by the Python that runs this program."""
    specs = NbvalKernelspecManager()
    kernel = AsyncKernelManager(kernel_name=CURRENT_ENV_KERNEL_NAME, kernel_spec_manager=specs)
    options = {"timeout": 600, "record_timing": False, "resources": {"metadata": {"path": str(folder)}}}
    return NotebookClient(copy.deepcopy(notebook), km=kernel, **options).execute(cleanup_kc=True)


def clean(notebook):
    """The notebook without what nobody reads and what changes from run to run or from machine to machine."""
    return nbformat.from_dict(
        {
            "cells": [clean_cell(cell) for cell in notebook.cells],
            "metadata": {
                "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
                "language_info": {"file_extension": ".py", "mimetype": "text/x-python", "name": "python"},
            },
            "nbformat": 4,
            "nbformat_minor": 5,
        }
    )


def clean_cell(cell):
    kept = {key: cell[key] for key in ("attachments", "cell_type", "execution_count", "id") if key in cell}
    kept["source"] = cell.source.rstrip()
    metadata = {**cell.metadata, "jupyter": fold.hidden(cell)}
    kept["metadata"] = {key: metadata[key] for key in KEPT if metadata.get(key)}
    if cell.cell_type == "code":
        kept["outputs"] = [clean_output(output, cell.id) for output in merged(cell.outputs)]
        describe(kept["outputs"], cell.metadata.get("alt", []))
    return kept


def describe(outputs, alt):
    """Stores the alt texts of a cell, one or several, with the pictures that it shows, in their order."""
    pictures = [(output, mime) for output in outputs for mime in data(output) if mime.startswith("image/")]
    for (output, mime), words in zip(pictures, [alt] if isinstance(alt, str) else alt):
        output.metadata[mime] = {"alt": words}


def merged(outputs):
    """The outputs, with pieces of one stream that follow each other put together."""
    whole = []
    for output in copy.deepcopy(outputs):
        last = whole[-1] if whole else {}
        if output.output_type == "stream" and output.name == last.get("name"):
            last.text += output.text
        else:
            whole.append(output)
    return whole


def clean_output(output, cell_id):
    if output.output_type == "error":
        output.traceback = [f"{output.ename}: {output.evalue}"]
    if "metadata" in output:
        output.metadata = {mime: {"alt": of["alt"]} for mime, of in output.metadata.items() if "alt" in of}
    if "text/html" in output.get("data", {}):
        output.data["text/html"] = with_lasting_names(output.data["text/html"], cell_id)
    return output


def with_lasting_names(text, cell_id):
    """HTML whose random names, 32 hexadecimal digits, are made of the cell's id instead."""
    for number, name in enumerate(dict.fromkeys(re.findall(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])", text))):
        text = text.replace(name, hashlib.sha256(f"{cell_id} {number}".encode()).hexdigest()[:32])
    return text


def written(notebook):
    return nbformat.writes(notebook).rstrip() + "\n"


# ---- reading


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def prose(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "markdown"]


def data(output):
    return output.get("data", {})


def html(output):
    return data(output).get("text/html", "")


def is_picture(output):
    has_image = any(mime.startswith("image/") for mime in data(output))
    return has_image or re.search("<(img|svg|video)", html(output))


def readable(output):
    """What a person reads of an output: no pictures, no scripts, no markup."""
    if output.output_type == "stream":
        return output.text
    if output.output_type == "error":
        return f"{output.ename}: {output.evalue}"
    plain = [data(output).get(mime, "") for mime in ("text/plain", "text/markdown", "text/latex")]
    rendered = re.sub(rf"<(script|style)\b.*?</\1>|{MARKUP}", " ", html(output), flags=re.DOTALL)
    return "\n".join([*plain, rendered])


def words(source):
    """The words of a text: a formula in a line is one; tables, displayed formulas and code are none."""
    not_counted = [r"\$\$.*?\$\$", r"```.*?```", MARKUP, r"^\s*\|[^\n]*$", r"(?<=\])\([^)]*\)"]
    source = re.sub("|".join(not_counted), " ", source, flags=re.DOTALL | re.MULTILINE)
    source = re.sub(r"\$[^$]*\$|`[^`]*`", "formula", source)
    return [word for word in source.split() if re.search(r"\w", word)]


def is_folded(cell):
    return bool(tags(cell) & FOLDED) or cell.metadata.get("jupyter", {}).get("source_hidden", False)


def chapter(notebook):
    """The two digits that the title begins with."""
    numbers = re.findall(r"^# (\d\d)\b", "".join(cell.source[:80] for cell in prose(notebook)[:1]))
    return "".join(numbers)


def is_first_edition(notebook):
    return chapter(notebook) in FIRST_EDITION


def in_the_minutes(notebook):
    """The cells that the stated minutes are for: no exercises, nothing optional, no Check it yourself."""
    counts, level = True, 0
    for cell in notebook.cells:
        heading = re.search(r"^(#+) ", cell.source, flags=re.MULTILINE) if cell.cell_type == "markdown" else None
        if heading and (counts or len(heading[1]) <= level):
            skipped = re.search(NOT_IN_THE_MINUTES, cell.source, flags=re.MULTILINE)
            counts, level = not skipped, len(heading[1])
        if counts and "check" not in tags(cell):
            yield cell


def minutes(notebook):
    """How long a careful reader takes.

    130 words a minute. A minute for a prediction; half of one for a displayed formula and for a picture;
    15 seconds to run a cell, 5 for a line of its code that is not folded, 3 for a line that it prints.
    """
    cells = list(in_the_minutes(notebook))
    texts = [cell.source for cell in cells if cell.cell_type == "markdown"]
    ran = [cell for cell in cells if cell.cell_type == "code"]
    outputs = [output for cell in ran for output in cell.outputs]
    seconds = {
        60 / 130: sum(len(words(text)) for text in texts),
        60: sum(len(re.findall(PREDICT, text)) for text in texts),
        30: sum(len(re.findall(r"\$\$.*?\$\$", text, flags=re.DOTALL)) for text in texts)
        + sum(bool(is_picture(output)) for output in outputs),
        15: len(ran),
        5: sum(len(cell.source.splitlines()) for cell in ran if not is_folded(cell)),
        3: sum(len(output.text.splitlines()) for output in outputs if output.output_type == "stream"),
    }
    return sum(each * times for each, times in seconds.items()) / 60


def stated_minutes(notebook):
    """The minutes that a chapter says it takes, or None."""
    found = re.search(STATED_MINUTES, "\n".join(cell.source for cell in prose(notebook)))
    return found and int(found[1])


def found_in_outputs(notebook, pattern):
    return found_in(notebook, readable, pattern)


def found_in_html(notebook, pattern):
    return found_in(notebook, html, pattern)


def found_in(notebook, text_of, pattern):
    for cell in code(notebook):
        for output in cell.outputs:
            for match in re.finditer(pattern, text_of(output)):
                yield cell, match[0]


def found_in_sources(cells, pattern):
    for cell in cells:
        for match in re.finditer(pattern, cell.source, flags=re.IGNORECASE | re.MULTILINE):
            yield cell, match[0].strip()


# ---- the rules: what is stored was really run, and can be compared


def every_code_cell_was_run(notebook):
    return ((cell, "never run") for cell in code(notebook) if not cell.execution_count)


def cells_were_run_in_order(notebook):
    for expected, cell in enumerate(code(notebook), start=1):
        if cell.execution_count and cell.execution_count != expected:
            yield cell, f"run as number {cell.execution_count}, stands as number {expected}"


def an_error_is_announced(notebook):
    for cell in code(notebook):
        errors = [readable(output) for output in cell.outputs if output.output_type == "error"]
        if errors and "raises-exception" not in tags(cell):
            yield cell, errors[0]
        if "raises-exception" in tags(cell) and not errors:
            yield cell, "tagged raises-exception, but raises none"


def every_output_is_compared(notebook):
    for cell in notebook.cells:
        for tag in sorted(tags(cell) - TAGS):
            yield cell, f"the tag {tag}"
    yield from found_in_sources(code(notebook), r"^\s*#\s*(NBVAL|PYTEST)_\w+")


def a_figure_has_text_beside_it(notebook):
    for cell in code(notebook):
        text = "".join(readable(output) for output in cell.outputs if not is_picture(output))
        if any(map(is_picture, cell.outputs)) and not text.strip():
            yield cell, "a figure alone, which no test can compare"


def the_file_is_clean(notebook):
    if written(notebook) != written(clean(notebook)):
        cleaned = clean(notebook).cells
        differs = [cell for cell, other in zip(notebook.cells, cleaned, strict=True) if cell != other]
        yield (differs or notebook.cells)[0], "not as `make execute` writes it"


# ---- the rules: what is printed is the same everywhere, and can be read


def nothing_on_stderr(notebook):
    for cell in code(notebook):
        for output in cell.outputs:
            if output.get("name") == "stderr":
                yield cell, output.text.strip()


def no_memory_address(notebook):
    return found_in_outputs(notebook, r"\b0x[0-9a-fA-F]{6,}\b")


def no_bare_numpy_scalar(notebook):
    return found_in_outputs(notebook, r"\bnp\.(float|int|uint|bool|str|complex|longdouble)\w*\(")


def no_negative_zero(notebook):
    return found_in_outputs(notebook, r"(?<![\w.])[-−]0(\.0*)?(e[-+]?\d+)?(?![\w.])")


def numbers_are_rounded(notebook):
    for cell, number in found_in_outputs(notebook, r"(?<![\w.])\d+\.\d+(?![\d]|\.\d)"):
        whole, decimals = number.split(".")
        if len(decimals) > 6 or len((whole + decimals).lstrip("0")) > 10:
            yield cell, number


def no_local_path(notebook):
    pattern = r"(?<![\w/:.<>)\]}$*~-])(~|/[a-z][\w.-]*)/[\w.-]+|\b(?-i:[A-Z]):\\+(users|temp|windows)|\bfile://"
    yield from found_in_sources(notebook.cells, pattern)
    yield from found_in_outputs(notebook, f"(?i){pattern}")


def nothing_is_fetched(notebook):
    modules = "aiohttp|ftplib|http|httpx|kagglehub|openml|pooch|requests|socket|urllib3?|wget"
    yield from found_in_sources(code(notebook), rf"^\s*(import|from)\s+({modules})\b")
    yield from found_in_sources(code(notebook), r"\bfetch_\w+|\bload_dataset\b|https?://|^\s*(!|%\w*(pip|conda|sh)\b)")
    yield from found_in_html(notebook, r"<(link|script|img|iframe)\b[^<>]*https?://[^\"']*")


def the_file_is_small(notebook):
    size = len(written(notebook).encode())
    if size > MEGABYTE:
        largest = max(notebook.cells, key=lambda cell: len(str(cell)))
        yield largest, f"{size / MEGABYTE:.1f} MB in all, and here is the most of it"


# ---- the rules: read in one go, in plain words, by everybody


def code_cells_are_short(notebook):
    for cell in code(notebook):
        lines = len(cell.source.splitlines())
        if not 1 <= lines <= (40 if is_folded(cell) else 20):
            yield cell, f"{lines} lines"


def code_lines_do_not_wrap(notebook):
    if not is_first_edition(notebook):
        for cell in code(notebook):
            for line in cell.source.splitlines():
                if len(line) > 79 and not is_folded(cell):
                    yield cell, f"{len(line)} characters: {line}"


def text_cells_are_short(notebook):
    for cell in prose(notebook):
        count = len(words(cell.source))
        if count > 200:
            yield cell, f"{count} words"


def predictions_are_few(notebook):
    if not is_first_edition(notebook):
        asked = [cell for cell in prose(notebook) for _ in re.findall(PREDICT, cell.source)]
        for cell in asked[6:]:
            yield cell, f"one of {len(asked)} predictions"


def the_stated_minutes_are_true(notebook):
    if not is_first_edition(notebook):
        stated, counted = stated_minutes(notebook), minutes(notebook)
        if stated and abs(stated - counted) > 3:
            yield notebook.cells[0], f"{stated} minutes stated, {counted:.0f} counted"


def plain_words(notebook):
    belittling = "clearly|easily|easy|just|obviously|of course|simply|trivially"
    return found_in_sources(notebook.cells, rf"\b({belittling})\b")


def every_picture_has_alt_text(notebook):
    for cell in code(notebook):
        for output in filter(is_picture, cell.outputs):
            for mime in data(output):
                if mime.startswith("image/") and not output.metadata.get(mime, {}).get("alt", "").strip():
                    yield cell, f"{mime} without alt text"
    yield from found_in_html(notebook, PICTURE_WITHOUT_ALT)
    yield from found_in_sources(prose(notebook), rf"!\[\s*\]\([^)]*\)|{PICTURE_WITHOUT_ALT}")


# ---- the rules: what is folded


def an_answer_follows_each_prediction(notebook):
    for cell in [] if is_first_edition(notebook) else fold.unanswered(notebook.cells):
        yield cell, "no cell tagged answer follows"


def no_heading_is_folded(notebook):
    return ((cell, fold.HEADING.search(cell.source)[0]) for cell in fold.with_headings(notebook.cells))


def no_prediction_is_folded(notebook):
    return ((cell, "**Predict") for cell in fold.prompts_in_folds(notebook.cells))


RULES = [
    every_code_cell_was_run,
    cells_were_run_in_order,
    an_error_is_announced,
    every_output_is_compared,
    a_figure_has_text_beside_it,
    the_file_is_clean,
    nothing_on_stderr,
    no_memory_address,
    no_bare_numpy_scalar,
    no_negative_zero,
    numbers_are_rounded,
    no_local_path,
    nothing_is_fetched,
    the_file_is_small,
    code_cells_are_short,
    code_lines_do_not_wrap,
    text_cells_are_short,
    predictions_are_few,
    the_stated_minutes_are_true,
    plain_words,
    every_picture_has_alt_text,
    an_answer_follows_each_prediction,
    no_heading_is_folded,
    no_prediction_is_folded,
]


# ---- the program


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["execute", "check", "minutes"])
    parser.add_argument("notebooks", nargs="+", type=Path)
    arguments = parser.parse_args()
    found_any = False
    for path in arguments.notebooks:
        notebook = read(path)
        if arguments.what == "minutes":
            print(f"{path}: {minutes(notebook):.0f} counted, {stated_minutes(notebook) or 'none'} stated")
            continue
        if arguments.what == "execute":
            print(path, flush=True)
            notebook = clean(execute(notebook, path.parent))
            path.write_text(written(notebook), encoding="utf-8", newline="\n")
        for rule, cell, found in violations(notebook):
            if (path.name, cell, rule) not in EXCEPTIONS:
                found_any = True
                print(f"{path}: cell {cell}: {rule.replace('_', ' ')}: {found}")
    sys.exit(found_any)


if __name__ == "__main__":
    main()
