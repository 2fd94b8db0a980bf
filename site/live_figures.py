"""Live figures in the pages of the site: where a notebook or a page of docs/ asks for one, it gets one.

a cell of code                       live.figure("responsibility")
a line of its own in Markdown        <!-- live figure: responsibility -->
"""

import os
import re

import nbformat

from gmm_tutorial import live

CALL = re.compile(r"""\blive\.figure\(["'](\w+)["']\)""")
COMMENT = re.compile(r"^<!-- live figure: (\w+) -->$", re.MULTILINE)


def embed(notebook, path, root):
    """The notebook with a figure in place of each cell that makes one."""
    for cell in notebook.cells:
        if cell.cell_type == "code" and (names := CALL.findall(cell.source)):
            text = "".join(place(name, path, root) for name in names)
            cell.outputs = [nbformat.v4.new_output("display_data", {"text/html": text, "text/plain": names[0]})]
            cell.metadata["tags"] = [*cell.metadata.get("tags", []), "remove-input"]
        elif cell.cell_type == "markdown":
            cell.source = in_markdown(cell.source, path, root)
    return notebook


def in_markdown(text, path, root):
    """The text with a figure in place of each comment that names one."""
    return COMMENT.sub(lambda found: place(found[1], path, root), text)


def place(name, path, root):
    """The element that the script fills, and the script, which works once however often a page names it."""
    script = os.path.relpath(root / "_static" / "live.js", path.parent).replace(os.sep, "/")
    return f'{live.snippet(name)}<script defer src="{script}"></script>'


def write(output):
    """The script, among the files that every page may load."""
    (output / "_static" / "live.js").write_text(live.script(), encoding="utf-8")
