"""How Sphinx builds the website. `make site` assembles the sources and calls it: see build.py."""

import os
import re
import struct
import sys
from binascii import a2b_base64
from pathlib import Path

from myst_nb.core.render import NbElementRenderer

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import api  # noqa: E402
import folds  # noqa: E402
import formulas  # noqa: E402

import gmm_tutorial  # noqa: E402

project = "Gaussian mixture models"
author = "The gmm_tutorial authors"
copyright = f"2026, {author}. Text and figures: CC BY 4.0. Code: BSD 3-Clause"
version = release = gmm_tutorial.__version__
language = "en"

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.viewcode", "sphinx.ext.mathjax"]
extensions += ["formulas", "folds", "chrome"]  # of this folder
needs_sphinx = "9.0"
nitpicky = True
exclude_patterns = ["notebooks/student"]

# notebooks: their stored outputs, as they are
nb_execution_mode = "off"
nb_render_markdown_format = "myst"
nb_code_prompt_show = "Show the code"
nb_code_prompt_hide = "Hide the code"
myst_enable_extensions = ["amsmath", "attrs_block", "attrs_inline", "dollarmath", "html_image"]
myst_heading_anchors = 4
myst_dmath_double_inline = True
myst_links_external_new_tab = False

# formulas: set while the site is built if there is Node, else by the pages
set_now = formulas.node() is not None
html_math_renderer = "katex" if set_now else "mathjax"
mathjax_path = "mathjax/tex-svg-full.js"
mathjax3_config = {"options": {"enableMenu": False}, "svg": {"mtextInheritFont": True}}

# the reference
add_module_names = True
autodoc_preserve_defaults = False  # it reads the source of what checks wrap, and fails
autodoc_typehints = "none"
toc_object_entries_show_parents = "hide"
viewcode_follow_imported_members = True

html_theme = "sphinx_book_theme"
html_title = "Gaussian mixture models"
html_static_path = [str(HERE / "static"), str(HERE / "vendor")]
html_css_files = ["icons.css", "course.css", *(["katex/katex.min.css"] if set_now else [])]
html_js_files = [("course.js", {"defer": "defer"})]
html_favicon = str(HERE / "static" / "favicon.svg")
templates_path = [str(HERE / "templates")]
html_last_updated_fmt = "%Y-%m-%d"
html_show_sphinx = False
html_copy_source = True
html_show_sourcelink = False
html_sidebars = {"**": ["navbar-logo.html", "search-button-field.html", "play.html", "sbt-sidebar-nav.html"]}
html_context = {"default_mode": "auto", "play": (HERE / "play").is_dir()}
html_theme_options = {
    "footer_content_items": ["about.html", "copyright.html"],
    "home_page_in_toc": False,
    "logo": {"text": "Gaussian mixture models"},
    "navbar_persistent": [],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
    "show_toc_level": 2,
    "use_fullscreen_button": False,
}

if repository := os.environ.get("GITHUB_REPOSITORY"):  # buttons that open a notebook elsewhere, where it was published
    html_theme_options |= {
        "repository_url": f"{os.environ.get('GITHUB_SERVER_URL', 'https://github.com')}/{repository}",
        "repository_branch": os.environ.get("GITHUB_REF_NAME", "main"),
        "launch_buttons": {
            "binderhub_url": "https://mybinder.org",
            "notebook_interface": "jupyterlab",
        },
    }


WIDE = 2.2  # so many times as wide as high: too small on a phone, unless it scrolls


def image_with_alt_text(self, data, without=NbElementRenderer.render_image):
    images = without(self, data)
    for image in images:
        image["alt"] = data.output_metadata.get(data.mime_type, {}).get("alt", "")
        if data.mime_type == "image/png" and ratio(a2b_base64(data.content)) > WIDE:
            image["classes"].append("wide")
    return images


def ratio(png):
    width, height = struct.unpack(">II", png[16:24])
    return width / height


NbElementRenderer.render_image = image_with_alt_text


ENTRIES = {api.shown(name): name for chapter in api.chapters() for name in api.entries(chapter)}


def docstring_as_rst(app, what, name, thing, options, lines):
    lines[:] = api.rst("\n".join(lines)).split("\n")


def defaults_by_name(app, what, name, thing, options, signature, returns):
    return (signature and re.sub(r"<function (\w+)[^<>]*>", r"\1", signature)), returns


def names_as_in_the_course(app, doctree):
    from sphinx.addnodes import desc_addname, desc_signature

    for signature in doctree.findall(desc_signature):
        module, fullname = signature.get("module"), signature.get("fullname")
        for prefix in list(signature.findall(desc_addname)):
            if module and "." not in fullname:
                prefix.children[:] = [prefix.children[0].__class__(api.shown(f"{module}.{fullname}")[: -len(fullname)])]


def names_as_links(app, doctree):
    """Code that is a function of the package, or a call of it, leads to its entry in the reference."""
    from docutils import nodes
    from sphinx.addnodes import pending_xref

    for code in list(doctree.findall(nodes.literal)):
        called = re.match(r"(?:\w+ = )?(\w+\.\w+)", code.astext())
        target = ENTRIES.get(called[1]) if called else None
        if target and not isinstance(code.parent, nodes.title | nodes.reference | pending_xref | folds.summary):
            about = {"refdomain": "py", "reftype": "obj", "reftarget": target, "refexplicit": True, "refwarn": True}
            code.replace_self(pending_xref("", code.deepcopy(), refdoc=app.env.current_document.docname, **about))


def formulas_in_a_row(app, doctree):
    """A row of equations without a number becomes a list of them, which has as many lines as the page needs."""
    from docutils import nodes

    for row in list(doctree.findall(nodes.math_block)):
        equations = re.split(r"\\quad(?![a-z])", row.astext())
        if len(equations) == 4 and all("=" in equation for equation in equations) and "\\tag" not in row.astext():
            spans = [nodes.math("", rf"\displaystyle {equation.strip()}") for equation in equations]
            row.replace_self(nodes.paragraph("", "", *spans, classes=["equations"]))


def where_the_source_is(app, module, fullname):
    """The chapter that defines a name which the package collects."""
    thing = getattr(sys.modules[module], fullname.split(".")[0])
    return api.inspect.unwrap(thing).__module__


def formulas_as_written(app, doctree, page):
    """Sphinx would put a formula of several lines into an environment that allows no tag."""
    from docutils.nodes import Text, math_block

    for formula in doctree.findall(math_block) if not set_now else []:
        if not formula.get("no-wrap", formula.get("nowrap")):
            formula["no-wrap"] = True
            formula.children[:] = [Text(rf"\[{formula.astext()}\]")]


def setup(app):
    app.connect("autodoc-process-docstring", docstring_as_rst)
    app.connect("autodoc-process-signature", defaults_by_name)
    app.connect("doctree-read", names_as_in_the_course)
    app.connect("doctree-read", names_as_links)
    app.connect("doctree-read", formulas_in_a_row)
    app.connect("doctree-resolved", formulas_as_written)
    app.connect("viewcode-follow-imported", where_the_source_is)
