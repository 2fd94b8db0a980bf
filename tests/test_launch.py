"""Where a notebook can be opened elsewhere: at Binder, in Colab."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BINDER = "https://mybinder.org/v2/gh/someone/somewhere/branch?urlpath=lab/tree/notebooks/03_responsibility.ipynb"
COLAB = "https://colab.research.google.com/github/someone/somewhere/blob/branch/notebooks/03_responsibility.ipynb"


def responsibility_page(folder, **published):
    for needed in ("sphinx", "myst_nb", "sphinx_book_theme"):
        pytest.importorskip(needed, reason=f"the website needs {needed}: pip install -e '.[site-test]'")
    elsewhere = {name: value for name, value in os.environ.items() if not name.startswith("GITHUB_")}
    command = [sys.executable, ROOT / "site" / "build.py", "--output", folder]
    subprocess.run(command, check=True, capture_output=True, env=elsewhere | published)
    return (folder / "notebooks" / "03_responsibility.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_published_notebook_opens_at_binder_and_in_colab(tmp_path):
    page = responsibility_page(tmp_path / "site", GITHUB_REPOSITORY="someone/somewhere", GITHUB_REF_NAME="branch")
    assert f'href="{BINDER}"' in page
    assert f'href="{COLAB}"' in page


def test_the_addresses_to_type_are_those_of_the_buttons():
    told = (ROOT / "docs" / "in_the_browser.md").read_text(encoding="utf-8")
    for address in (BINDER, COLAB):
        typed = address.replace("someone/somewhere", "OWNER/NAME").replace("branch", "BRANCH")
        assert typed.replace("03_responsibility", "00_start_here") in told


@pytest.mark.slow
def test_a_site_that_nobody_published_leads_to_neither(tmp_path):
    page = responsibility_page(tmp_path / "site")
    assert "mybinder" not in page
    assert "colab" not in page


@pytest.mark.slow
def test_repo2docker_accepts_the_environment():
    pytest.importorskip("repo2docker", reason="no repo2docker: pip install -e '.[site-test]'")
    user = ["--user-name", "jovyan", "--user-id", "1000"]
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug", *user, "."]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert '--file "environment.yml"' in done.stdout + done.stderr
