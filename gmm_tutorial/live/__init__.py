"""Figures that can be dragged, in a notebook: `live.figure("responsibility")`.

    from gmm_tutorial import live

    live.names()                        # which figures there are
    live.figure("responsibility")       # one of them, under the cell

They need the package anywidget, which comes with `gmm_tutorial[course]`. Without it, or where no kernel runs, the
pictures of the chapters stand alone and nothing is missing.

The same modules draw the figures on the website. `script()` is all of them as one script for a page; it puts a figure
into each `<div class="gmm-live" data-figure="responsibility"></div>`. Everything is computed in the browser by `em.js`,
which has the formulas of this package under the same names.
"""

import json
import re
from functools import cache
from os.path import relpath
from pathlib import Path

__all__ = ["figure", "names", "script", "snippet"]
HERE = Path(__file__).parent
IMPORT = re.compile(r'^import (\{[^}]*\}|\* as \w+) from "(\.[^"]+)";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?:const|function\*?|class) (\w+)", re.MULTILINE)


def bundle(entry):
    """A JavaScript module and all that it imports, as one text in which nothing is imported any more.

    It ends up as `modules`, an object with what each file exports. A page opened from a folder may run it, and so
    may a notebook: neither can load one module from another.
    """
    parts = []
    seen = set()

    def visit(path):
        if path in seen:
            return
        seen.add(path)
        text = path.read_text(encoding="utf-8")
        for _, target in IMPORT.findall(text):
            visit((path.parent / target).resolve())
        names = ", ".join(EXPORT.findall(text))
        text = IMPORT.sub(lambda found: local(path, *found.groups()), text)
        body = re.sub(r"^export ", "", text, flags=re.MULTILINE)
        parts.append(f"modules[{key(path)}] = (() => {{\n{body}return {{ {names} }};\n}})();\n")

    visit(Path(entry).resolve())
    return "const modules = {};\n" + "".join(parts)


def key(path):
    return json.dumps(relpath(path, HERE).replace("\\", "/"))


def local(path, names, target):
    return f"const {names.removeprefix('* as ')} = modules[{key((path.parent / target).resolve())}];\n"


@cache
def styles():
    """The style sheet of the figures."""
    return (HERE / "live.css").read_text(encoding="utf-8")


@cache
def script():
    """All figures as one script for a web page, its styles included: it fills each snippet that it finds."""
    style = f"const style = document.createElement('style');\nstyle.textContent = {json.dumps(styles())};\n"
    once = "if (document.gmmLive) return;\ndocument.gmmLive = true;\n"
    begin = 'document.head.append(style);\nmodules["live.js"].mountAll();\n'
    return f'(() => {{\n"use strict";\n{once}{bundle(HERE / "live.js")}{style}{begin}}})();\n'


@cache
def names():
    """The names of the figures, in the order of the chapters.

    >>> from gmm_tutorial import live
    >>> "responsibility" in live.names()
    True
    """
    text = (HERE / "live.js").read_text(encoding="utf-8")
    listed = re.search(r"export const figures = \{(.*?)\};", text, re.DOTALL)[1]
    return tuple(re.findall(r"(\w+)(?::[^,]*)?(?:,|\s*$)", listed))


def snippet(name):
    """What a web page needs, beside the script, to hold the figure of that name.

    >>> from gmm_tutorial import live
    >>> live.snippet("responsibility")
    '<div class="gmm-live" data-figure="responsibility"></div>'
    """
    return f'<div class="gmm-live" data-figure="{checked(name)}"></div>'


def checked(name):
    if name not in names():
        raise ValueError(f"there is no live figure {name!r}: choose one of {', '.join(names())}.")
    return name


@cache
def widget():
    """The class of the widgets; None if anywidget is not installed."""
    try:
        from anywidget import AnyWidget
        from traitlets import Unicode
    except ImportError:
        return None

    class LiveFigure(AnyWidget):
        _esm = f'{bundle(HERE / "live.js")}export default modules["live.js"].widget;\n'
        _css = styles()
        name = Unicode().tag(sync=True)

        def __repr__(self):
            return words(self.name)

    return LiveFigure


class Placeholder:
    """What stands in a notebook for a figure that cannot be shown there."""

    def __init__(self, name):
        self.name = name

    def __repr__(self):
        return f'{words(self.name)} It needs anywidget: pip install "gmm_tutorial[course]"'


def words(name):
    return f"Live figure {name!r}: run this cell to use it."


def figure(name):
    """A figure to drag and press, by its name; a note in its place where anywidget is not installed.

    name, one of `live.names()`  →  a widget for the notebook

    Raises ValueError if there is no figure of that name.
    """
    make = widget()
    return make(name=checked(name)) if make else Placeholder(checked(name))
