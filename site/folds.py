"""What the tags of a notebook fold, folded on its page: answers, with a place to write a guess, and checks.

Consecutive cells of one kind share one fold. The code of a cell that is tagged `answer` stays outside: it is what the
reader runs in mind before opening the fold.
"""

import hashlib
from itertools import groupby

from docutils import nodes

KINDS = {"answer": "answer", "answer-code": "answer", "check": "check"}  # of a cell with that tag
TITLES = {"answer": "Show what happens", "check": "Check it yourself"}
FENCE = "`" * 12


class fold(nodes.General, nodes.Element):
    """Children behind a title, to open: the first one is the title."""


class summary(nodes.General, nodes.TextElement):
    """The title of a fold."""


# ---- before Sphinx reads: texts become containers


def contained(source, tags):
    """The Markdown of a folded text cell, marked as what it is."""
    classes = " ".join(f"tag-{name}" for name in KINDS if name in tags)
    return f"{FENCE}{{container}} {classes}\n{source}\n{FENCE}" if classes else source


# ---- after Sphinx has read: neighbors become a fold


def kind(node):
    if not isinstance(node, nodes.container):
        return None
    tags = {name[4:] for name in node["classes"] if name.startswith(("tag_", "tag-"))}  # of code, of text
    return next((KINDS[name] for name in KINDS if name in tags), None)


def folds(app, doctree):
    parents = {id(node.parent): node.parent for node in doctree.findall(nodes.container) if kind(node)}
    for parent in parents.values():
        parent.children = [new for what, run in groupby(parent.children, kind) for new in folded(what, list(run))]
        for child in parent.children:
            child.parent = parent


def folded(what, run):
    if what is None:
        return run
    shown = []
    if "tag_answer" in run[0]["classes"] and (output := output_to_hide(run[0])):
        shown, run = [run[0]], [output, *run[1:]]
    title = title_of(run[0]) if what == "check" else None
    run = [node for node in run if node.children]
    whole = fold("", title or summary("", TITLES[what]), *run, kind=what, key=key(run))
    return [*shown, whole]


def output_to_hide(cell):
    """The output of a code cell, taken out of it; None if the code is folded too, or if there is none."""
    found = [part for part in cell.children if "cell_output" in part.get("classes", [])]
    if not found or "tag_hide-input" in cell["classes"]:
        return None
    cell.children = [part for part in cell.children if part not in found]
    return nodes.container("", *found, classes=["cell"])


def title_of(container):
    """The first paragraph of a check, which becomes the title of its fold."""
    first = container.children[0] if container.children else None
    if not isinstance(first, nodes.paragraph) or not first.astext().startswith(TITLES["check"]):
        return None
    container.remove(first)
    return summary("", "", *first.children)


def key(run):
    """A name for the guess that stays the same when the page around it changes."""
    return hashlib.sha256("".join(node.astext() for node in run).encode()).hexdigest()[:12]


# ---- HTML

GUESS = """\
<div class="guess" hidden>
<label for="guess-{key}">Your guess <span>(stays in this browser)</span></label>
<textarea id="guess-{key}" rows="1"></textarea>
</div>
"""


def visit_fold(self, node):
    if node["kind"] == "answer":
        self.body.append(GUESS.format(**node.attributes))
    self.body.append(f'<details class="fold {node["kind"]}">')


def depart_fold(self, node):
    self.body.append("</details>\n")


def visit_summary(self, node):
    self.body.append("<summary>")


def depart_summary(self, node):
    self.body.append("</summary>\n")


def ignore(self, node):
    pass


def setup(app):
    app.add_node(fold, html=(visit_fold, depart_fold), text=(ignore, ignore))
    app.add_node(summary, html=(visit_summary, depart_summary), text=(ignore, ignore))
    app.connect("doctree-read", folds)
    return {"parallel_read_safe": True}
