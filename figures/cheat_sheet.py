"""Draws the cheat sheet, one page as SVG and as PDF, in this folder: python figures/cheat_sheet.py

Nothing on it is typed twice: calls come from the signatures of the package, formulas and shapes from its docstrings.
"""

import inspect
import re
from pathlib import Path
from textwrap import dedent

import matplotlib

import gmm_tutorial as gmm

matplotlib.use("Agg")
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from gmm_tutorial import plots

HERE = Path(__file__).parent
WIDTH, HEIGHT = 297, 210  # millimeters
MARGIN, GUTTER = 10, 9
COLUMN = (WIDTH - 2 * MARGIN - GUTTER) / 2
INK, BLUE, GRAY = plots.BLACK, "#005A8C", "#595959"

SECTIONS = [
    [
        ("The model", "Mixture log_gaussian sample"),
        ("E-step: which component made each point?", "log_joint responsibility log_density"),
        ("M-step: which mixture fits best?", "count weight mean covariance"),
    ],
    [
        ("EM, from a start", "kmeans_plus_plus em fit"),
        ("Shapes: constraint=", "tied diagonal spherical ridge"),
        ("How many?", "aic bic icl"),
    ],
]

SOURCE = re.compile(r"(?:^| {3,})[A-Z][^()=]*\(\d{4}\).*$")
RAISED = {"⁻": "-", "¹": "1", "²": "2", "ᵀ": r"\mathsf{T}"}
LOWERED = {"ₙ": "n", "ₖ": "k", "ᵢ": "i"}
SIGNS = {
    "γ": r"\gamma", "π": r"\pi", "μ": r"\mu", "Σ": r"\Sigma", "θ": r"\theta", "ℓ": r"\ell",
    "−": "-", "½": r"\frac{1}{2}", "~": r"\sim", "∝": r"\propto",
}  # fmt: skip


# ---- from docstrings to TeX


def paragraphs(name):
    return re.split(r"\n\s*\n", inspect.getdoc(getattr(gmm, name)))


def formula(name):
    """The formula of a function as its docstring writes it, without its source."""
    block = next(dedent(text) for text in paragraphs(name) if text.startswith("    "))
    return " ".join(SOURCE.sub("", line).strip() for line in block.split("\n"))


def shape(name):
    """What a function returns, as the arrow in its docstring says it."""
    arrows = [text for text in paragraphs(name) if "→" in text and not text.startswith((" ", ">>>"))]
    return re.split(r"[,;] (?![^()]*\))", arrows[0].rpartition("→")[2].strip())[0] if arrows else ""


def call(name):
    parameters = inspect.signature(getattr(gmm, name)).parameters.values()
    return f"gmm.{name}({', '.join(p.name for p in parameters if p.default is p.empty)})"


def tex(text):
    """A formula in Unicode as mathtext.

    >>> print(tex("Nₖ = Σₙ γₙₖ"))
    N_{k} = \\sum_{n} \\gamma_{nk}
    """
    parts = re.split(r" {2,}", text)
    return r" \quad ".join(signs(with_fraction(part)) for part in parts)


def with_fraction(part):
    """`a = b / c` with the quotient set as a fraction, where it is all of the right side."""
    left, equals, right = part.partition(" = ")
    depth = [right[:i].count("(") - right[:i].count(")") for i in range(len(right))]
    slashes = [i for i in range(len(right)) if right.startswith(" / ", i) and depth[i] == 0]
    right = re.sub(r"\(1/(\w+)\)", r"⟨1⟩⟨\1⟩", right)
    if len(slashes) == 1:
        right = f"⟨{right[: slashes[0]]}⟩⟨{right[slashes[0] + 3 :]}⟩"
    return left + equals + right


def signs(text):
    text = re.sub(r"Σ([ₙₖᵢ])(?= [^=+/−])", r"{\\sum}\1 \\, ", text)  # with something to add up behind it
    text = re.sub(r"\bN(?=\()", r"\\mathcal{N}", text)
    text = re.sub(WORDS, upright, text.replace(" | ", r" \mid "))
    text = script(LOWERED, "_", script(RAISED, "^", text))
    text = text.replace("⟨", r"\dfrac{", 1).replace("⟨", "{").replace("⟩", "}")
    for sign, name in SIGNS.items():
        text = text.replace(sign, f"{name} ")
    text = re.sub(r"\\, ?(?=[_|ₖ])", "", text)
    text = re.sub(r"\\ *(?=[=-])|(?<=[=-])\\[ ,]", " ", text)
    return re.sub(r" +", " ", re.sub(r" (?=[_^}])", "", text)).strip()


def script(signs, mark, text):
    return re.sub(f"[{''.join(signs)}]+", lambda found: f"{mark}{{{''.join(map(signs.get, found[0]))}}}", text)


WORDS = r"( ?)(?<![\\{A-Za-z])([A-Za-z][A-Za-z_]+(?:,? [A-Za-z]{2,})*)(?![A-Za-z}])( ?)"


def upright(found):
    before, words, after = found.groups()
    if set(words.split()) <= {"log", "max", "min"}:
        return rf"{before and chr(92) + ','}" + "".join(rf"\mathrm{{{name}}}\," for name in words.split()) + after
    words = words.replace("_", r"\_").replace(" ", r"\ ")
    return rf"{before and chr(92) + ' '}\mathrm{{{words}}}{after and chr(92) + ' '}"


# ---- the page


def sheet():
    figure = Figure(figsize=(WIDTH / 25.4, HEIGHT / 25.4), facecolor="white")
    write = writer(figure)
    write(MARGIN, 10, "Gaussian mixture models on one page", size=17, weight="bold")
    write(MARGIN, 18, NOTATION, size=9, color=GRAY)
    for number, sections in enumerate(SECTIONS):
        left = MARGIN + number * (COLUMN + GUTTER)
        end = column(figure, write, left, sections)
    heading(figure, write, left, end, "From points to an answer")
    for number, line in enumerate(EXAMPLE.splitlines()):
        write(left, end + 8 + 5 * number, line, size=8.5, family="DejaVu Sans Mono")
    write(MARGIN, HEIGHT - 8, LICENSE, size=7.5, color=GRAY)
    return figure


NOTATION = (
    "N points in D dimensions, K components; n counts points, k components. Arrays have plural names, the functions "
    "that compute them have the singular."
)
LICENSE = "The gmm_tutorial authors, CC BY 4.0. The docstring of each function has its formula: help(gmm.mean)."


EXAMPLE = """\
points = gmm.load_faithful()             # import gmm_tutorial as gmm
fit = gmm.fit(points, 2, rng=0)          # fit.mixture and more
labels = gmm.label(points, fit.mixture)  # the most probable components
"""


def column(figure, write, left, sections):
    top = 27
    for title, names in sections:
        heading(figure, write, left, top, title)
        top += 7.8
        for name in names.split():
            write(left, top, call(name), size=8.5, family="DejaVu Sans Mono", color=INK)
            write(left + COLUMN, top, f"→ {shape(name)}" if shape(name) else "", size=8, color=GRAY, align="right")
            high = 2 if "frac{1}{2}" not in (math := tex(formula(name))) and "frac" in math else 0
            write(left + 4, top + 5.2 + high, f"${math}$", size=11.5)
            top += 12 + 3 * high
        top += 2
    return top


def heading(figure, write, left, top, title):
    write(left, top, title, size=11.5, weight="bold", color=BLUE)
    ends, height = [left / WIDTH, (left + COLUMN) / WIDTH], 1 - (top + 3.2) / HEIGHT
    figure.add_artist(Line2D(ends, [height, height], color=BLUE, linewidth=0.8))


def writer(figure):
    def write(left, top, text, size, color=INK, weight="normal", family="DejaVu Sans", align="left"):
        place = {"horizontalalignment": align, "verticalalignment": "center_baseline"}
        looks = {"fontsize": size, "color": color, "fontweight": weight, "fontfamily": family}
        figure.text(left / WIDTH, 1 - top / HEIGHT, text, math_fontfamily="stix", **place, **looks)

    return write


def words():
    """All that the sheet says, as text: kept in the SVG, so that a test can tell whether it is up to date."""
    names = [name for sections in SECTIONS for _, listed in sections for name in listed.split()]
    return "; ".join(f"{call(name)}: {formula(name)}" for name in names)


SETTINGS = {"svg.hashsalt": "gmm", "svg.fonttype": "path", "path.simplify": True}


def save(folder):
    with matplotlib.rc_context(SETTINGS):
        figure = sheet()
        title = "Gaussian mixture models on one page"
        figure.savefig(folder / "cheat_sheet.svg", metadata={"Date": None, "Title": title, "Description": words()})
        figure.savefig(folder / "cheat_sheet.pdf", metadata={"CreationDate": None, "Title": title})
    svg = folder / "cheat_sheet.svg"
    svg.write_bytes(re.sub(rb"[ \t]+\n", b"\n", svg.read_bytes()))


if __name__ == "__main__":
    save(HERE)
