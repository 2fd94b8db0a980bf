"""The Unicode formulas of docstrings as LaTeX.

>>> print(latex("μₖ = (1/Nₖ) Σₙ γₙₖ xₙ"))
\\mu_{k} = \\tfrac{1}{N_{k}} \\sum_{n} \\gamma_{nk} x_{n}
"""

import re

LOWERED = dict(zip("₀₁₂ₙₖᵢⱼ", "012nkij"))
RAISED = {"⁻": "-", "¹": "1", "²": "2", "³": "3", "ᵀ": r"\mathsf{T}"}
NAMES = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "varepsilon", "θ": "theta", "κ": "kappa",
    "λ": "lambda", "μ": "mu", "ν": "nu", "π": "pi", "ρ": "rho", "σ": "sigma", "τ": "tau", "φ": "varphi", "χ": "chi",
    "ψ": "psi", "ω": "omega", "Γ": "Gamma", "Δ": "Delta", "Λ": "Lambda", "Σ": "Sigma", "Φ": "Phi", "Ψ": "Psi",
    "ℓ": "ell",
    "∝": "propto", "∫": "int", "·": "cdot", "×": "times", "≤": "le", "≥": "ge", "≈": "approx", "∈": "in",
    "∞": "infty", "∂": "partial", "∇": "nabla", "→": "to", "←": "gets", "…": "dots", "~": "sim", "‖": "Vert",
}  # fmt: skip
PLAIN = {"−": "-", "′": "'", "½": r"\tfrac{1}{2}", "¼": r"\tfrac{1}{4}", "⅛": r"\tfrac{1}{8}", "|": r"\vert "}
FUNCTIONS = {"log", "exp", "min", "max", "cos", "sin", "det"}
OPERATORS = {"argmax", "argmin", "diag", "tr", "rank", "sign"}
NAMED = rf"\b(?:{'|'.join(sorted(FUNCTIONS | OPERATORS))})(?![a-z])"
WORD = rf"(?!{NAMED})(?:[a-z]_step|[A-Za-z][A-Za-zé'-]+)"
SUM = re.compile(r"Σ(?=(?:[ₙₖᵢⱼ]|_[a-z]) (?:log\b|[^\sa-z=+/−)]|[a-z](?![a-z])))")
TOKEN = re.compile(
    rf"(?P<under>[{''.join(LOWERED)}]*(?:_[A-Za-z]+(?:,[A-Za-z]+)?)|[{''.join(LOWERED)}]+)|(?P<over>[{''.join(RAISED)}]+)"
    rf"|√(?P<root>\w)|(?P<ratio>\w+/\w+[{''.join(LOWERED)}]*)|(?P<named>{NAMED})"
    rf"|(?P<measure>dx(?=_))|(?P<words> ?{WORD}(?: {WORD})*(?![\w]) ?)|(?P<rest>.)"
)
SEPARATOR = re.compile(r" [=∝~+−] |, |,$")


def latex(formula):
    """A line of formulas and words between them; a ValueError names a sign that is not known."""
    parts = re.split(r" {2,}", SUM.sub("∑", formula.strip()))
    return tidy(r" \quad ".join(terms(part) for part in parts))


def tidy(tex):
    return re.sub(r"(\\[A-Za-z]+) +(?=[ _^}')\],])", r"\1", tex).strip()


def terms(text):
    """What an operator parts, each a fraction where it is a quotient."""
    pieces, begin = [], 0
    for separator in SEPARATOR.finditer(text):
        if depth(text[: separator.start()]) == 0:
            pieces += [quotient(text[begin : separator.start()]), signs(separator[0])]
            begin = separator.end()
    return "".join([*pieces, quotient(text[begin:])])


def depth(text):
    return sum(text.count(sign) for sign in "([") - sum(text.count(sign) for sign in ")]")


def quotient(text):
    slashes = [at.start() for at in re.finditer(" / ", text) if depth(text[: at.start()]) == 0]
    if len(slashes) != 1:
        return product(text)
    above, below = text[: slashes[0]], text[slashes[0] + 3 :]
    return rf"\frac{{{product(bare(above))}}}{{{product(bare(below))}}}"


def bare(text):
    """A sum without the brackets that a bar of a fraction makes needless."""
    inside = text[1:-1]
    whole = text.startswith("(") and text.endswith(")") and min(map(depth, prefixes(inside)), default=0) >= 0
    return inside if whole else text


def prefixes(text):
    return [text[:end] for end in range(len(text) + 1)]


def product(text):
    """Factors, with what is between brackets as terms of its own."""
    opening = re.search(r"[(\[]", text)
    if not opening:
        return signs(text)
    begin = opening.start()
    end = next(at for at in range(begin + 1, len(text) + 1) if depth(text[begin:at]) == 0)
    inside = text[begin + 1 : end - 1]
    if re.fullmatch(r"\w+/\w+", inside):  # a number in front: (1/Nₖ)
        return signs(text[:begin]) + signs(inside) + product(text[end:])
    before = re.sub(r"\bN$", "𝒩", text[:begin]) if " | " in inside or inside.endswith(", I") else text[:begin]
    within = terms(inside)
    left, right = (r"\left", r"\right") if r"\frac" in within else ("", "")
    opened, closed = left + text[begin], right + text[end - 1]
    return signs(re.sub(r"\bE$", "𝔼", before)) + opened + within + closed + product(text[end:])


def signs(text):
    return "".join(sign(found.lastgroup, found[found.lastgroup]) for found in TOKEN.finditer(conditioned(text)))


def conditioned(text):
    return text.replace(" | ", "∣")


def sign(kind, text):
    if kind == "under":
        letters = re.sub("[^_a-zA-Z,]", lambda letter: LOWERED[letter[0]], text.partition("_")[0])
        behind = text.partition("_")[2]
        behind = rf"\text{{{behind}}}" if len(behind) > 2 else behind
        return f"_{{{','.join(filter(None, [letters, behind]))}}}"
    if kind == "over":
        return f"^{{{''.join(map(RAISED.get, text))}}}"
    if kind == "root":
        return rf"\sqrt{{{text}}}"
    if kind == "ratio":
        above, _, below = text.partition("/")
        return rf"\tfrac{{{above}}}{{{signs(below)}}}"
    if kind == "measure":
        return r"\,\mathrm{d}x"
    if kind == "named":
        return rf"\{text} " if text in FUNCTIONS else rf"\operatorname{{{text}}}"
    return words(text) if kind == "words" else letter(text)


def words(text):
    shown = text.replace("_", r"\_")
    return rf"\text{{{shown}}}"


def letter(text):
    if text in NAMES:
        return rf"\{NAMES[text]} "
    special = {"∑": r"\sum ", "𝒩": r"\mathcal{N}", "𝔼": r"\mathbb{E}", "∣": r" \mid "} | PLAIN
    if text in special:
        return special[text]
    if not text.isascii():
        raise ValueError(f"no LaTeX is known for {text}")
    return text
