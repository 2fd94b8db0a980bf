"""Live figures in the pages of the site: where a notebook or a page of docs/ asks for one, it gets one.

a cell of code                       live.figure("responsibility")
a line of its own in Markdown        <div class="gmm-live" data-figure="responsibility"></div>
                                     <!-- live figure: responsibility -->
"""

import os
import re

import light
import nbformat

from gmm_tutorial import live

CALL = re.compile(r"""\blive\.figure\(["'](\w+)["']\);?\s*\Z""")  # in the last line: a text may name one, too
LINE = re.compile(r'^(?:<div class="gmm-live" data-figure="(\w+)"></div>|<!-- live figure: (\w+) -->)$', re.MULTILINE)
ELSEWHERE = re.compile(
    r"\n\nOn the \[website\]\([^()]*\) you can .*?(?=\n\n|\Z)", re.DOTALL
)  # said where the figure is not


def embed(notebook, path, root):
    """The notebook with a figure in place of each cell that makes one."""
    for cell in notebook.cells:
        if cell.cell_type == "code" and (found := CALL.search(cell.source)):
            name = found[1]
            html = place(name, path, root)
            cell.outputs = [nbformat.v4.new_output("display_data", {"text/html": html, "text/plain": name})]
            cell.metadata["tags"] = [*cell.metadata.get("tags", []), "remove-input"]
        elif cell.cell_type == "markdown":
            cell.source = in_markdown(cell.source, path, root)
    return notebook


def in_markdown(text, path, root):
    """The text with a figure in place of each line that names one."""
    here, count = LINE.subn(lambda found: place(found[1] or found[2], path, root), text)
    return ELSEWHERE.sub("", here) if count else text


def place(name, path, root):
    """The element that the script fills, and the script, which works once however often a page names it."""
    script = os.path.relpath(root / "_static" / "live.js", path.parent).replace(os.sep, "/")
    element = live.snippet(name).replace("<div ", f'<div id="{anchor(name)}" ', 1)
    return f'{element}<script defer src="{script}"></script>'


def anchor(name):
    """Where a page has the figure of that name: it is shown once."""
    return f"live-{name.replace('_', '-')}"


def names(html):
    """The figures that a piece of a page holds."""
    return re.findall(r'<div id="[\w-]+" class="gmm-live" data-figure="(\w+)">', html)


def write(output):
    """The script, among the files that every page may load."""
    (output / "_static" / "live.js").write_text(light.short(live.script()), encoding="utf-8")
