"""Builds the course as a website in build/site: python site/build.py [--output folder] [--open]

Nothing is executed: pages show the stored outputs of the notebooks. Nothing is fetched, now or by the pages.
The sources are assembled first, in the layout of the repository, so that links between its files hold.
"""

import argparse
import hashlib
import importlib
import importlib.util
import os
import re
import shutil
import sys
import tempfile
import time
import webbrowser
from pathlib import Path

import api
import chrome
import folds
import formulas
import light
import live_figures
import nbformat
import play_page
from sphinx.cmd.build import build_main
from tex import latex

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
STUDENT = ROOT / "notebooks" / "student"
REFERENCE = ["notation", "glossary", "cheat_sheet", "live_figures", "in_the_browser"]  # of docs/, in this order
SHORT = {"README": "README"}  # a page that is called otherwise in the table of contents than by its title
ABOUT = ["README.md", "CONTRIBUTING.md", "LICENSE-text.md"]
LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\(([^()\s]+)\)")


# ---- the sources


def assemble(sources):
    """Every page of the site in one folder, notebooks and Markdown as they are but for their links."""
    waiting = [ROOT / name for name in ABOUT] + sorted((ROOT / "docs").glob("*.md")) + notebooks()
    waiting = [path for path in waiting if path.stat().st_size]
    shutil.copytree(ROOT / "figures", sources / "figures", ignore=shutil.ignore_patterns("*.py"))
    done = set()
    while waiting:
        path = waiting.pop(0)
        if path in done:
            continue
        done.add(path)
        target = sources / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.parent == STUDENT:  # to download, not to read
            shutil.copy(path, target)
        elif path.suffix == ".ipynb":
            notebook = prepared(nbformat.read(path, as_version=4), path, waiting)
            nbformat.write(live_figures.embed(notebook, path, ROOT), target)
        elif path.suffix == ".md":
            text = relinked(path.read_text(encoding="utf-8"), path, waiting)
            text = live_figures.in_markdown(text, path, ROOT)
            write(target, text + (cheat_sheet() if path.stem == "cheat_sheet" else ""))
        else:
            shutil.copy(path, target)
    for name, text in api.pages().items():
        write(sources / "api" / f"{name}.rst", text)
    landing = live_figures.in_markdown((HERE / "index.md").read_text(encoding="utf-8"), ROOT / "index.md", ROOT)
    write(sources / "index.md", relinked(landing, ROOT / "index.md", []) + tables_of_contents(done))


def notebooks():
    return sorted((ROOT / "notebooks").glob("*.ipynb"))


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def prepared(notebook, path, waiting):
    """The notebook with cells folded as JupyterLab folds them, and links that hold on the site."""
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", [])
        if cell.cell_type == "markdown":
            cell.source = folds.contained(relinked(cell.source, path, waiting), tags)
        elif "figure" in tags or is_solution(cell):
            cell.metadata["tags"] = [*tags, "hide-input"]
            show = "Show a solution" if is_solution(cell) else "Show the code of this figure"
            cell.metadata["mystnb"] = {"code_prompt_show": show, "code_prompt_hide": "Hide it"}
        cell.source = re.sub(r"^ *### (BEGIN|END) SOLUTION\n?", "", cell.source, flags=re.MULTILINE)
        for output in cell.get("outputs", []):
            if "text/markdown" in output.get("data", {}):
                output.data["text/markdown"] = relinked(output.data["text/markdown"], path, waiting)
    return notebook


def is_solution(cell):
    nbgrader, jupyter = (cell.metadata.get(key, {}) for key in ("nbgrader", "jupyter"))
    return nbgrader.get("solution", False) and jupyter.get("source_hidden", False)


def cheat_sheet():
    """What the picture of the cheat sheet says, as text."""
    spec = importlib.util.spec_from_file_location("cheat_sheet", ROOT / "figures" / "cheat_sheet.py")
    sheet = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sheet)
    lines = ["", "## The sheet as text"]
    for title, names in (section for column in sheet.SECTIONS for section in column):
        lines += ["", f"### {title}", "", "| call | formula | returns |", "|---|---|---|"]
        for name in names.split():
            lines.append(f"| `{sheet.call(name)}` | ${latex(sheet.formula(name))}$ | {sheet.shape(name)} |")
    return "\n".join([*lines, "", "### From points to an answer", "", "```python", sheet.EXAMPLE.strip(), "```", ""])


def tables_of_contents(pages):
    docs = {path.stem for path in pages if path.parent == ROOT / "docs"}
    reference = [name for name in REFERENCE if name in docs]
    others = [path for path in pages if path.suffix == ".md" and path.parent != ROOT / "docs"]
    return "".join(
        [
            toctree("The course", [f"notebooks/{path.stem}" for path in notebooks()]),
            toctree("Look it up", ["api/index", *(f"docs/{name}" for name in reference)]),
            toctree("Teach and check", [f"docs/{name}" for name in sorted(docs.difference(reference))]),
            toctree("About", sorted(path.relative_to(ROOT).with_suffix("").as_posix() for path in others)),
        ]
    )


def toctree(caption, entries):
    if not entries:
        return ""
    lines = [f"{SHORT[entry]} <{entry}>" if entry in SHORT else entry for entry in entries]
    return "\n".join(["", "```{toctree}", ":hidden:", f":caption: {caption}", "", *lines, "```", ""])


# ---- links


def relinked(text, path, waiting):
    """Markdown whose links lead to pages of the site; files of the project that it names are added to those waiting."""

    def new(found):
        mark, words, target = found.groups()
        file, _, anchor = target.partition("#")
        if re.match(r"[a-z]+:", target) or not file:
            return found[0] if file else f"{mark}[{words}](#{slug(anchor)})"
        wanted = Path(os.path.normpath(path.parent / file))
        if wanted.is_relative_to(HERE / "play"):
            up = os.path.relpath(ROOT / "play" / "index.html", path.parent)
            return f'<a href="{up}">{words}</a>'
        if wanted.is_relative_to(ROOT / "gmm_tutorial") and wanted.suffix == ".py":
            return f"[{words}]({os.path.relpath(ROOT / 'api' / chapter(wanted), path.parent)})"
        if wanted.parent == STUDENT:
            if not wanted.is_file():
                return words
            waiting.append(wanted)
            return f"{{download}}`{words.strip('`')} <{file}>`"
        if wanted.is_dir():
            wanted, file = wanted / "README.md", f"{file.rstrip('/')}/README.md"
            if not wanted.is_file():
                return words
        if wanted.is_file() and not wanted.is_relative_to(ROOT / "figures"):
            waiting.append(wanted)
        return f"{mark}[{words}]({file}{'#' if anchor else ''}{slug(anchor)})"

    return LINK.sub(new, text)


def chapter(module):
    name = module.relative_to(ROOT / "gmm_tutorial").parts[0].removesuffix(".py")
    return f"{'index' if name == '__init__' else name}.rst"


def slug(anchor):
    """The name of a heading as GitHub makes it, also from the one that JupyterLab makes."""
    return re.sub(r"[^\w -]", "", anchor.lower()).replace(" ", "-")


# ---- weight

ICONS = re.compile(r"\s*<(?:script|link)\b[^<>]*fontawesome\.js[^<>]*>(?:</script>)?")
SEARCH = re.compile(r'\s*<script src="[^"]*(?:searchtools|language_data|searchindex)\.js[^<>]*></script>')
ICON_RULES = re.compile(r"(?<=[}/])(?:\.fa[sbr]?\b|\.fa-|@font-face)[^{}]*\{[^{}]*\}")


# The theme measures every box of a page that might scroll, at once and after each change: course.js, when near.
MEASURES = re.compile(r'"complete"===document\.readyState\?(\w)\(\):window\.addEventListener\("load",\1\)')
SHEET = re.compile(r'(href="[^"?]*/([^"?/]*\.css))(?:\?[^"]*)?(?=")')
EMPTY_HEADER = re.compile(r"<th\b([^<>]*)>\s*(?:<p></p>)?\s*</th>")
LABELS = {  # what the theme says of a button, and what the button does
    "Toggle primary sidebar": "Show or hide the chapters",
    "Toggle secondary sidebar": "Show or hide the contents of this page",
    "Download source file": "Download the notebook or the text of this page",
}


def lighten(output):
    """Takes away what no page needs: maps, the icons that icons.css draws, rules and marks, programs not run there."""
    static = output / "_static"
    for path in [*static.rglob("*.map"), *(static / "scripts").glob("fontawesome*")]:
        path.unlink(missing_ok=True)
    shutil.rmtree(static / "vendor" / "fontawesome", ignore_errors=True)
    shutil.rmtree(static / ("mathjax" if formulas.node() else "katex"))
    (static / "katex" / "katex.min.js").unlink(missing_ok=True)
    theme = static / "scripts" / "pydata-sphinx-theme.js"
    write(theme, MEASURES.sub("0", theme.read_text(encoding="utf-8")))
    marks = light.colorless((static / "pygments.css").read_text(encoding="utf-8"))
    used = light.words("".join(path.read_text(encoding="utf-8") for path in scripts(static)))
    pages = {path: light.plain_code(path.read_text(encoding="utf-8"), marks) for path in output.rglob("*.html")}
    used |= {name for text in pages.values() for name in light.classes(text)}
    versions = {}
    for sheet in [*(static / "styles").glob("*.css"), *static.glob("mystnb.*.css"), static / "basic.css"]:
        css = light.pruned(ICON_RULES.sub("", sheet.read_text(encoding="utf-8")), used)
        write(sheet, css)
        versions[sheet.name] = hashlib.sha256(css.encode()).hexdigest()[:8]
    for path, text in pages.items():
        text = ICONS.sub("", text)
        text = text if path.name == "search.html" else SEARCH.sub("", text)
        text = SHEET.sub(lambda link: f"{link[1]}?v={versions[link[2]]}" if link[2] in versions else link[0], text)
        for said, meant in LABELS.items():
            text = text.replace(f'title="{said}"', f'title="{meant}" aria-label="{meant}"')
        write(path, EMPTY_HEADER.sub(r"<td\1></td>", text))
    write(output / "404.html", chrome.lost())


def scripts(static):
    """The programs of the pages, but not those that are large and give no element a class of a style sheet."""
    return [path for path in static.rglob("*.js") if not {"mathjax", "katex"} & set(path.parts)]


# ---- the program


def build(output, lite=None):
    """The site in a folder that is emptied first, with a JupyterLite in it if one is named; the seconds it took."""
    began = time.perf_counter()
    if output.exists():
        if not (output / "searchindex.js").exists() and any(output.iterdir()):
            sys.exit(f"{output} holds something else than this site: name another folder.")
        shutil.rmtree(output)
    os.environ["SITE_HAS_LITE"] = "yes" if lite else ""
    with tempfile.TemporaryDirectory() as work:
        sources = Path(work) / "sources"
        assemble(sources)
        options = ["--quiet", "--fail-on-warning", "--conf-dir", HERE, "--doctree-dir", f"{work}/doctrees"]
        if build_main([str(option) for option in (*options, sources, output)]):
            sys.exit("The site was not built: see above.")
    live_figures.write(output)
    play_page.build(output / "play")
    lighten(output)
    shutil.copy(ROOT / "figures" / "story.png", output / "_static")  # the picture beside a link to the site
    if lite:
        shutil.copytree(lite, output / "lite")
    for notebook in notebooks():  # for the download button
        shutil.copy(notebook, output / "_sources" / "notebooks")
    return time.perf_counter() - began


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "site")
    parser.add_argument("--lite", type=Path, help="a JupyterLite that becomes part of the site, as make lite builds it")
    parser.add_argument("--open", action="store_true", help="show it in the browser")
    arguments = parser.parse_args()
    output = arguments.output.resolve()
    seconds = build(output, arguments.lite)
    pages = sorted(output.rglob("*.html"))
    size = sum(file.stat().st_size for file in output.rglob("*") if file.is_file())
    print(f"{len(pages)} pages, {size / 1e6:.0f} MB, in {seconds:.0f} s: {(output / 'index.html').as_uri()}")
    if arguments.open:
        webbrowser.open((output / "index.html").as_uri())


if __name__ == "__main__":
    main()
