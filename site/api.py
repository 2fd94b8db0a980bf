"""The reference: one page a chapter of the package, made from its docstrings.

A docstring of this project has a sentence, an indented formula with its source, a line with the arrow of shapes, and an
example. Here each of these becomes what it looks like, whatever signs it contains.
"""

import importlib
import inspect
import pkgutil
import re
from functools import cached_property
from pathlib import Path
from textwrap import dedent, indent

from tex import latex

import gmm_tutorial as gmm

PACKAGE = gmm.__name__
NOTEBOOKS = {path.stem[:2]: path.stem for path in (Path(__file__).parents[1] / "notebooks").glob("*.ipynb")}
ARGUMENT = re.compile(r"(\w+) {2,}(\S.*)")

SOURCE = re.compile(r"(?:^| {3,})([A-Z][^()=]*\(\d{4}\).*)$")  # such as: Bishop (2006), eq. 9.17


# ---- what there is


def chapters():
    """The public modules: those of the table of contents in its reading order, then others with public names."""
    listed = re.findall(r"^    (\w+)  ", gmm.__doc__, re.MULTILINE)
    found = [module.name for module in pkgutil.iter_modules(gmm.__path__) if not module.name.startswith("_")]
    others = {chapter_of(getattr(gmm, name)) for name in gmm.__all__} & set(found) - set(listed)
    return [name for name in listed if name in found] + sorted(others)


def entries(chapter):
    """The documented public names of a chapter, in the order of its file, each as it is called from outside."""
    module = importlib.import_module(f"{PACKAGE}.{chapter}")
    public = [name for name in gmm.__all__ if chapter_of(getattr(gmm, name)) == chapter]
    if public:
        return [f"{PACKAGE}.{name}" for name in sorted(public, key=lambda name: line_of(getattr(gmm, name)))]
    own = getattr(module, "__all__", None) or documented(module, "→|>>>") or documented(module, "")
    return [f"{PACKAGE}.{chapter}.{name}" for name in own if not is_public(getattr(module, name))]


def is_public(thing):
    """Whether the reference has it on the page of its own chapter: a source links back to one place only."""
    return any(inspect.unwrap(thing) is inspect.unwrap(getattr(gmm, name)) for name in gmm.__all__)


def chapter_of(thing):
    return inspect.unwrap(thing).__module__.split(".")[1]


def line_of(thing):
    return inspect.getsourcelines(inspect.unwrap(thing))[1]


def documented(module, marks):
    """The classes of a module, and its functions with one of some marks in the docstring, as the file has them."""

    def counts(name, thing):
        if name.startswith("_") or getattr(thing, "__module__", None) != module.__name__ or not thing.__doc__:
            return False
        return inspect.isclass(thing) or (inspect.isfunction(thing) and bool(re.search(marks, thing.__doc__)))

    things = {name: thing for name, thing in vars(module).items() if counts(name, thing)}
    return sorted(things, key=lambda name: line_of(things[name]))


def look_up(name):
    module, _, attribute = name.rpartition(".")
    return getattr(importlib.import_module(module), attribute)


def shown(name):
    """How a name is written in the course: gmm.mean, plots.scatter, check."""
    return {2: "gmm."}.get(len(name.split(".")), ".".join(name.split(".")[1:-1]) + ".") + name.split(".")[-1]


# ---- pages


def pages():
    """File name → reStructuredText of each page of the reference."""
    written = {chapter: page(chapter) for chapter in chapters() if entries(chapter)}
    return {"index": contents(written)} | written


def page(chapter):
    module = importlib.import_module(f"{PACKAGE}.{chapter}")
    return "\n".join([heading(chapter), notebooks_linked(rst(module.__doc__)), *map(directive, entries(chapter))])


def contents(written):
    lines = [heading("The package, function by function"), FOREWORD]
    for chapter in written:
        lines += [f".. rubric:: {chapter}\n", ".. list-table::\n   :widths: 30 70\n   :class: names\n"]
        for name in entries(chapter):
            lines += [f"   * - :py:obj:`{shown(name)} <{name}>`", f"     - {plain(first_line(look_up(name)))}"]
        lines.append("")
    return "\n".join([*lines, ".. toctree::\n   :hidden:\n", *(f"   {chapter}" for chapter in written), ""])


def notebooks_linked(text):
    """A docstring that begins with the chapters of the course that it belongs to, these as links."""
    said, colon, rest = text.partition(":")
    if not said.startswith("Chapter"):
        return text
    linked = re.sub(r"\d\d", lambda number: f":doc:`{number[0]} </notebooks/{NOTEBOOKS[number[0]]}>`", said)
    return linked + colon + rest


FOREWORD = """\
Each formula of the model is one short function. Its entry has a sentence, the formula with its source, the arrow from
shapes to shape, and an example whose numbers you can check by hand; **[source]** shows the code, which is as short.

N points in D dimensions, K components. A plural is an array, the singular is the formula that computes it:
``means = gmm.mean(points, responsibilities)``. In Python, ``help(gmm.mean)`` says the same as these pages.
All names stand in one :ref:`index <genindex>`.
"""


def heading(text):
    return f"{text}\n{'=' * len(text)}\n"


def first_line(thing):
    return (inspect.getdoc(thing) or "").split("\n")[0]


def directive(name):
    thing = look_up(name)
    if not inspect.isclass(thing):
        return f".. autofunction:: {name}\n"
    kind = "autoexception" if issubclass(thing, Exception) else "autoclass"
    return "\n".join([f".. {kind}:: {name}\n", *(indent(member, "   ") for member in members(name, thing))])


def members(name, thing):
    for member, value in vars(thing).items():
        is_field = member in inspect.get_annotations(thing)
        if member.startswith("_") or is_field or not getattr(value, "__doc__", None):
            continue
        if inspect.isfunction(value):
            yield f".. automethod:: {name}.{member}\n"
        elif isinstance(value, property | cached_property):
            yield f".. autoproperty:: {name}.{member}\n"


# ---- a docstring as reStructuredText


def rst(docstring):
    first, *others = re.split(r"\n[ \t]*\n", dedent_all_but_first(docstring or ""))
    return "\n\n".join([plain(first), *map(block, others)]) + "\n"


def dedent_all_but_first(docstring):
    first, _, rest = docstring.strip("\n").partition("\n")
    return f"{first.strip()}\n{dedent(rest)}".strip()


def block(text):
    text = text.strip("\n")
    if text.startswith(">>>"):
        return f".. code-block:: pycon\n\n{indent(text, '   ')}"
    if text.startswith("    "):
        return formula(dedent(text))
    if sum(bool(ARGUMENT.match(line)) for line in text.split("\n")) > 1:
        return definitions(text)
    if "→" in text:
        return f".. container:: shapes\n\n{indent(plain(text), '   ')}"
    return plain(text)


def formula(text):
    """The formula, set, and below it where it comes from: in the docstring that stands at the end of a line."""
    if not is_formula(text):
        return f".. code-block:: text\n\n{indent(text, '   ')}"
    sources = [found[1] for line in text.split("\n") if (found := SOURCE.search(line))]
    lines = filter(None, (SOURCE.sub("", line).rstrip() for line in text.split("\n")))
    blocks = [f".. math::\n\n   {latex(line)}" for line in lines]
    return "\n\n".join([*blocks, *(f".. container:: source\n\n   {plain(source)}" for source in sources)])


def is_formula(text):
    """Whether an indented text is mathematics: code and what it prints have none of its signs, or others."""
    try:
        return not text.isascii() and bool(latex(text.split("\n")[0]))
    except ValueError:
        return False


def definitions(text):
    terms = []
    for line in text.split("\n"):
        if found := ARGUMENT.match(line):
            terms.append([found[1], found[2]])
        elif terms:
            terms[-1][1] += " " + line.strip()
        else:
            terms.append([line, ""])
    return "\n".join(f"``{term}``\n   {plain(meaning)}" for term, meaning in terms)


def plain(text):
    """Text in which only `code` is special."""
    pieces = text.strip().split("`")
    return "".join(escaped(piece) if n % 2 == 0 else f"``{piece}``" for n, piece in enumerate(pieces) if piece)


def escaped(text):
    return re.sub(r"([\\*_|<>])", r"\\\1", re.sub(r"\s*\n\s*", " ", text))
