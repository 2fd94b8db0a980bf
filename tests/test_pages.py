"""The pages of docs that hold a whole session: their code runs from top to bottom and prints what stands below it.

python tests/test_pages.py    # runs every page and writes what it prints now
"""

import contextlib
import io
import os
import re
from pathlib import Path

import pytest

import gmm_tutorial as gmm

DOCS = Path(__file__).parent.parent / "docs"
PAGES = ["your_data.md"]
BLOCK = re.compile(r"```python\n(.*?)```(?:\n\n```\n(.*?)```)?", re.DOTALL)


def run(text):
    """Each block of code with what it should print and what it prints."""
    variables, seen = {}, []
    for code, expected in BLOCK.findall(text):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(code, variables)
        seen.append((code, expected, "\n".join(line.rstrip() for line in printed.getvalue().splitlines())))
    return seen


@pytest.mark.parametrize("page", PAGES)
def test_the_code_of_the_page_prints_what_stands_below_it(page, tmp_path, monkeypatch):
    matplotlib = pytest.importorskip("matplotlib")
    pytest.importorskip("pandas")
    matplotlib.use("Agg")
    monkeypatch.chdir(tmp_path)
    blocks = run((DOCS / page).read_text(encoding="utf-8"))
    assert len(blocks) > 5
    for code, expected, printed in blocks:
        assert printed.strip() == expected.strip(), code


@pytest.mark.parametrize("page", PAGES)
def test_every_name_and_every_link_on_the_page_exists(page):
    text = (DOCS / page).read_text(encoding="utf-8")
    assert not [name for name in re.findall(r"gmm\.(\w+)", text) if not hasattr(gmm, name)]
    links = [link for link in re.findall(r"\]\(([^)#\s]+)", text) if "://" not in link]
    assert links
    assert not [link for link in links if not (DOCS / link).exists()]


def rewrite(page):
    text = page.read_text(encoding="utf-8")
    outputs = iter([printed for _, _, printed in run(text)])

    def filled(match):
        printed = next(outputs)
        return f"```python\n{match[1]}```" + (f"\n\n```\n{printed}\n```" if printed else "")

    page.write_text(BLOCK.sub(filled, text), encoding="utf-8")


if __name__ == "__main__":
    import matplotlib

    matplotlib.use("Agg")
    os.chdir(DOCS)
    for name in PAGES:
        rewrite(DOCS / name)
    Path("penguins.npz").unlink()
