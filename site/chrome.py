"""What stands around the text of a page: its description, its date, where to report a problem, where to go next."""

import os
import re
from html import escape
from pathlib import Path
from urllib.parse import quote

import live_figures
from docutils import nodes

ROOT = Path(__file__).resolve().parent.parent
DESCRIPTION = 200  # characters
SCENES = {  # what the page to play on shows, for a reader of a chapter: the words of the link, and the state
    "01": ("k-means beside EM", "d=islands&K=3&k=1"),
    "02": ("Play with one Gaussian", "d=islands&K=1"),
    "03": ("Play with responsibilities", "v=y&e=1"),
    "04": ("Play with the M-step", "d=islands&K=3&e=1"),
    "05": ("Play with starts", "scene=maximum"),
    "06": ("Play with EM", "d=islands&K=3&s=hand&h=0.333333,0.333333,0.333333;1,3,2.5,4,2,2.5;"
           "0.25,0,0,0.25,0.25,0,0,0.25,0.25,0,0,0.25"),
    "07": ("Play with a saddle point", "scene=twins"),
    "08": ("Play with a collapse", "scene=collapse"),
    "09": ("Play with too many components", "scene=many"),
    "10": ("Play with Old Faithful", "e=1"),
    "13": ("Play with standardized data", "d=standardized"),
}  # fmt: skip
BESIDE = [  # what a chapter has at hand: the words of a link, and where it leads
    ("Notation", "../docs/notation.html"),
    ("Glossary", "../docs/glossary.html"),
    ("Cheat sheet", "../docs/cheat_sheet.html"),
    ("Functions", "../api/index.html"),
]

RUN = "../lite/lab/index.html?path=notebooks/student/{}.ipynb"


def repository():
    """The address of the repository that publishes the site, None if nobody does."""
    name = os.environ.get("GITHUB_REPOSITORY")
    return f"{os.environ.get('GITHUB_SERVER_URL', 'https://github.com')}/{name}" if name else None


def address():
    """The address of the published site, with a slash at its end; None if it is not published."""
    if "GITHUB_REPOSITORY" not in os.environ:
        return None
    owner, name = os.environ["GITHUB_REPOSITORY"].split("/")
    return f"https://{owner.lower()}.github.io/{name}/"


# ---- the head and the foot of a page


def described(doctree):
    """The first sentences of a page, as many as fit."""
    texts = (paragraph.astext() for paragraph in doctree.findall(nodes.paragraph) if is_prose(paragraph))
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", next(texts, "")))  # the words of a term, without its tip
    whole = re.match(rf".{{1,{DESCRIPTION - 1}}}[.!?](?= |$)", text)
    return whole[0] if whole else text[:DESCRIPTION]


def is_prose(paragraph):
    text = paragraph.astext()
    return len(text.split()) > 5 and not any(isinstance(parent, nodes.table) for parent in ancestors(paragraph))


def ancestors(node):
    while node.parent is not None:
        node = node.parent
        yield node


def head(title, description, page):
    facts = {"og:type": "website", "og:title": title, "og:description": description}
    if address():
        facts |= {"og:url": f"{address()}{page}.html", "og:image": f"{address()}_static/story.png"}
    tags = [f'<meta name="description" content="{escape(description)}" />']
    tags += [f'<meta property="{name}" content="{escape(content)}" />' for name, content in facts.items()]
    return "\n".join(["", *tags])


def around(app, page, template, context, doctree):
    title = re.sub(r"<[^>]*>", "", context.get("title", "")) or app.config.html_title
    told = described(doctree) if doctree else f"{title}: {app.config.html_title}"
    context["metatags"] = context.get("metatags", "") + head(title, told, page)
    context["report"] = f"{repository()}/issues/new?title={quote(title)}%3A%20" if repository() else None


# ---- beside a chapter


def beside(app, doctree):
    page = app.env.current_document.docname
    section = next(iter(doctree.findall(nodes.section)), None)
    if not page.startswith("notebooks/") or section is None:
        return
    run = [("Run it here", RUN.format(Path(page).name))] if os.environ.get("SITE_HAS_LITE") else []
    run += [("Copy for Colab", f"../colab/{Path(page).name}.ipynb")] if repository() else []
    everything = [*run, *moving(doctree), play(Path(page).name[:2]), *BESIDE]
    links = "".join(f'<li><a href="{escape(target)}">{words}</a></li>' for words, target in everything)
    bar = nodes.raw("", f'<nav class="beside" aria-label="Beside this chapter"><ul>{links}</ul></nav>\n', format="html")
    section.insert(1, bar)


def moving(doctree):
    """The live figures of a page, and where they are."""
    names = [name for node in doctree.findall(nodes.raw) for name in live_figures.names(node.astext())]
    words = ["Live figure"] if len(names) == 1 else [f"Live figure {number}" for number in range(1, len(names) + 1)]
    return [(said, f"#{live_figures.anchor(name)}") for said, name in zip(words, names)]


def play(chapter):
    words, state = SCENES.get(chapter, ("Play with EM", ""))
    return words, f"../play/index.html{'#' if state else ''}{state}"


# ---- the words of the glossary


def glossary(text):
    """Term → its name as an anchor, and its first sentence."""
    found = {}
    for entry in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        heading, _, told = entry.partition("\n")
        anchor = re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
        for term in re.split(r",| and | or ", re.sub(r"\(.*?\)", "", heading)):
            if term.strip():
                found[term.strip().lower()] = anchor, plain(told)
    return found


def plain(markdown):
    """Its first sentences, at most 200 characters, without links and marks."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)|[`*$]", r"\1", re.sub(r"\s+", " ", markdown)).strip()
    sentences = re.match(r".{1,200}?[.:](?= |$)(?:.{1,90}?\.(?= |$))?", text)
    return (sentences[0] if sentences else text[:DESCRIPTION]).rstrip(":").removesuffix(".") + "."


TERMS = glossary((ROOT / "docs" / "glossary.md").read_text(encoding="utf-8"))
LONGEST_FIRST = "|".join(sorted(map(re.escape, TERMS), key=len, reverse=True))
ANY = re.compile(rf"(?<![\w-])({LONGEST_FIRST})s?(?![\w-])", re.IGNORECASE)


def terms(app, doctree):
    """The first time that a chapter uses a word of the glossary, the word leads there and says what it means."""
    if not app.env.current_document.docname.startswith("notebooks/"):
        return
    seen = set()
    for paragraph in list(doctree.findall(nodes.paragraph)):
        for text in list(paragraph.findall(nodes.Text)):
            if not isinstance(text.parent, nodes.paragraph | nodes.strong | nodes.emphasis):
                continue
            if any(isinstance(parent, nodes.reference | nodes.title) for parent in ancestors(text)):
                continue
            pieces = list(marked(str(text), seen))
            if len(pieces) > 1:
                text.parent.replace(text, pieces)


def marked(text, seen):
    end = 0
    for found in ANY.finditer(text):
        anchor, told = TERMS[found[1].lower()]
        if anchor not in seen:
            seen.add(anchor)
            yield nodes.Text(text[end : found.start()])
            link = f'<a class="term" href="../docs/glossary.html#{anchor}" data-tip="{escape(told)}">{found[0]}</a>'
            yield nodes.raw("", link, format="html")
            end = found.end()
    yield nodes.Text(text[end:])


# ---- the page for an address that leads nowhere

LOST = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<title>No such page</title>
<style>
  :root {{ color-scheme: light dark; }}
  body {{ font: 1.1rem/1.6 system-ui, sans-serif; margin: 15vh auto; max-width: 36rem; padding: 0 1.2rem; }}
</style>
<main>
<h1>There is no page here</h1>
<p>The address may have a typing error, or the page has moved.</p>
<p><a href="{start}index.html">Start of the course</a> · <a href="{start}api/index.html">The functions</a> ·
<a href="{start}play/index.html">Play with EM</a></p>
</main>
</html>
"""


def lost():
    return LOST.format(start=address() or "./")


def setup(app):
    app.connect("html-page-context", around)
    app.connect("doctree-read", terms)
    app.connect("doctree-read", beside)
    return {"parallel_read_safe": True}
