"""The page to play on, as it is published: its modules in one script, its styles in one file, nothing else to load."""

import re
from pathlib import Path

from gmm_tutorial import live

PLAY = Path(__file__).resolve().parent / "play"


def build(output):
    """Writes the page into a folder."""
    output.mkdir(parents=True, exist_ok=True)
    page = (PLAY / "index.html").read_text(encoding="utf-8")
    page = re.sub(r'<link rel="stylesheet" href="\.\./\.\./[^"]*">\n', "", page)
    page = page.replace('<script type="module" src="page.js"></script>', '<script defer src="page.js"></script>')
    style = live.styles() + (PLAY / "style.css").read_text(encoding="utf-8")
    script = f'(() => {{\n"use strict";\n{live.bundle(PLAY / "page.js")}}})();\n'
    for name, text in (("index.html", page), ("style.css", style), ("page.js", script)):
        (output / name).write_text(text, encoding="utf-8")
