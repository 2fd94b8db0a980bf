"""Writes copies of notebooks for Colab, whose first cell installs the package where it is missing.

    python tools/colab.py --package git+https://github.com/OWNER/NAME --output build/colab notebooks/student/*.ipynb

Colab opens a single notebook and knows nothing of the repository around it. Links between notebooks lead to the copies;
links to other files are taken away, because there is no file at the other end.
"""

import argparse
import re
from pathlib import Path

from nbformat.v4 import new_code_cell

import notebooks

INSTALL = """\
try:
    import gmm_tutorial
except ModuleNotFoundError:
    %pip install --quiet "gmm_tutorial[plots,progress] @ {package}"
"""
LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(([^)\s]+)\)")


def copy_for_colab(notebook, package):
    """The notebook with a first cell that brings the package, where a test of nbval has no say."""
    copied = notebooks.clean(notebook)
    first = new_code_cell(INSTALL.format(package=package).rstrip(), id="install", metadata={})
    copied.cells = [first, *copied.cells]
    for cell in copied.cells:
        if cell.cell_type == "markdown":
            cell.source = LINK.sub(kept, cell.source)
    return copied


def kept(link):
    words, target = link.groups()
    stays = re.match(r"#|[a-z]+:|[\w.-]+\.ipynb(#|$)", target)
    return link[0] if stays else words


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--package", required=True, help="what pip installs, such as git+https://...")
    parser.add_argument("--output", required=True, type=Path)
    parser.add_argument("notebooks", nargs="+", type=Path)
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    for path in arguments.notebooks:
        copied = copy_for_colab(notebooks.read(path), arguments.package)
        (arguments.output / path.name).write_text(notebooks.written(copied), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
