"""Takes away what no page needs: rules for what no page has, marks without a color of their own, comments in scripts.

>>> pruned(".a{top:0}.b,.a .b{top:1px}@media print{.b{top:2px}}", {"a"})
'.a{top:0}'
>>> plain_code('<div class="highlight"><pre><span class="n">x</span><span class="o">=</span>', {"n"})
'<div class="highlight"><pre>x<span class="o">=</span>'
"""

import re

# ---- style sheets

NESTED = re.compile(r"@(?:media|supports|layer|container)\b")
ARGUMENT = re.compile(r":(?:not|is|where|has|nth-child|host)\((?:[^()]|\([^()]*\))*\)")
CLASS = re.compile(r"\.((?:\\.|[\w-])+)")
PIECE = re.compile(r"""/\*.*?\*/|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|url\([^)"']*\)|.""", re.DOTALL)


def rules(css):
    """Pairs of what stands before a pair of braces, and what is between them; None where there are no braces."""
    before, inside, depth = [], [], 0
    for piece in PIECE.findall(css):
        if piece.startswith("/*"):
            continue
        if piece == "}":
            depth -= 1
            if depth == 0:
                yield "".join(before).strip(), "".join(inside)
                before, inside = [], []
                continue
        if piece == "{" and depth == 0:
            depth = 1
            continue
        depth += piece == "{"
        (inside if depth else before).append(piece)
        if piece == ";" and depth == 0:
            yield "".join(before).strip(), None
            before = []


def pruned(css, used):
    """A style sheet without the rules that need a class which is not among those used."""
    kept = []
    for before, inside in rules(css):
        if inside is None:
            kept.append(before)
        elif NESTED.match(before):
            if within := pruned(inside, used):
                kept.append(f"{before}{{{within}}}")
        elif before.startswith("@"):
            kept.append(f"{before}{{{inside}}}")
        elif selectors := [one for one in split(before) if needed(one) <= used]:
            kept.append(f"{','.join(selectors)}{{{inside}}}")
    return "".join(kept)


def split(selectors):
    """The selectors of a list; a comma between brackets divides none."""
    found, depth = [""], 0
    for sign in selectors:
        depth += (sign in "([") - (sign in ")]")
        if sign == "," and depth == 0:
            found.append("")
        else:
            found[-1] += sign
    return [one.strip() for one in found]


def needed(selector):
    """The classes that an element and those around it must have; what may or must not be there is not counted."""
    return {name.replace("\\", "") for name in CLASS.findall(ARGUMENT.sub("", selector))}


def classes(html):
    return {name for names in re.findall(r'class="([^"]*)"', html) for name in names.split()}


def words(script):
    """Every word of a program: it may give an element any of them as a class."""
    return set(re.findall(r"[\w-]+", script))


# ---- code

BLOCK = re.compile(r'<div class="highlight"><pre>.*?(?:</pre>|\Z)', re.DOTALL)
COLOR = re.compile(
    r'^html\[data-theme="(\w+)"\] \.highlight( \.\w+)? \{(?: background: [^;]*;)?([^}]*)\}', re.MULTILINE
)


def colorless(css):
    """The classes of marks in code that look, light and dark, as the code around them."""
    looks = {}
    for theme, name, look in COLOR.findall(css):
        looks.setdefault(name.strip(" ."), {})[theme] = look.strip()
    return {name for name, look in looks.items() if name and look == looks[""]}


def plain_code(html, marks):
    """A page whose code has no such marks; what is marked stays."""
    mark = re.compile(rf'<span class="(?:{"|".join(sorted(marks))})">([^<]*)</span>')
    return BLOCK.sub(lambda block: mark.sub(r"\1", block[0]), html)


# ---- programs


def short(script):
    """A program without its indentation and the lines that only comment it. No text of ours has two lines."""
    lines = (line.strip() for line in script.split("\n"))
    return "\n".join(line for line in lines if line and not line.startswith("//")) + "\n"
