"""What the README promises: its code prints its numbers, its names exist, its links lead somewhere."""

import contextlib
import io
import re
from pathlib import Path

import nbformat
import pytest

import gmm_tutorial as gmm
import notebooks

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def prose(path):
    cells = nbformat.read(path, as_version=4).cells
    return "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


def test_the_code_prints_the_numbers_below_it():
    code, expected = re.search(r"```python\n(.*?)```\s+```\n(.*?)```", README, re.DOTALL).groups()
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(code, {})
    assert printed.getvalue() == expected


@pytest.mark.parametrize("text", [README, *map(prose, NOTEBOOKS)], ids=["README", *[path.stem for path in NOTEBOOKS]])
def test_every_name_of_the_package_that_is_mentioned_exists(text):
    assert not [name for name in re.findall(r"gmm\.(\w+)", text.replace("gmm.name", "")) if not hasattr(gmm, name)]


@pytest.mark.parametrize("path", [ROOT / "README.md", *NOTEBOOKS], ids=lambda path: path.stem)
def test_every_link_inside_the_project_leads_to_a_file(path):
    text = README if path.suffix == ".md" else prose(path)
    links = [link for link in re.findall(r"\]\(([^)#\s]+)", text) if "://" not in link]
    assert links
    assert not [link for link in links if not (path.parent / link).exists()]


def test_every_notebook_is_in_the_table_with_the_minutes_that_it_says_itself():
    listed = dict(re.findall(r"\(notebooks/([\w.]+)\)[^\n]*\| (\d+) \|", README))
    told = {path.name: str(notebooks.stated_minutes(notebooks.read(path))) for path in NOTEBOOKS}
    assert listed == told
