"""Where a notebook can be opened: in the JupyterLab of `make course`, at Binder, in Colab."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import in_chromium
import pytest

import colab
import notebooks

ROOT = Path(__file__).parent.parent
BINDER = "https://mybinder.org/v2/gh/someone/somewhere/branch?urlpath=lab/tree/notebooks/03_responsibility.ipynb"
PACKAGE = "git+https://example.org/someone/somewhere"
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def responsibility_page(folder, *options, **published):
    for needed in ("sphinx", "myst_nb", "sphinx_book_theme"):
        pytest.importorskip(needed, reason=f"the website needs {needed}: pip install -e '.[site-test]'")
    elsewhere = {name: value for name, value in os.environ.items() if not name.startswith("GITHUB_")}
    command = [sys.executable, ROOT / "site" / "build.py", "--output", folder, *options]
    subprocess.run(command, check=True, capture_output=True, env=elsewhere | published)
    return (folder / "notebooks" / "03_responsibility.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_published_notebook_opens_at_binder_and_in_colab(tmp_path):
    (tmp_path / "lite" / "lab").mkdir(parents=True)
    (tmp_path / "lite" / "lab" / "index.html").write_text("the laboratory", encoding="utf-8")
    published = {"GITHUB_REPOSITORY": "someone/somewhere", "GITHUB_REF_NAME": "branch"}
    page = responsibility_page(tmp_path / "site", "--lite", tmp_path / "lite", **published)
    assert f'href="{BINDER}"' in page
    assert '<a href="../colab/03_responsibility.ipynb">Copy for Colab' in page
    assert "colab.research.google.com" not in page
    (link,) = re.findall(r'<a href="([^"]*)">Run it here', page)
    assert link == "../lite/lab/index.html?path=notebooks/student/03_responsibility.ipynb"
    assert (tmp_path / "site" / "notebooks" / link.partition("?")[0]).read_text(encoding="utf-8") == "the laboratory"
    (image,) = re.findall(r'property="og:image" content="https://someone.github.io/somewhere/([^"]*)"', page)
    assert (tmp_path / "site" / image).is_file()
    assert 'href="https://github.com/someone/somewhere/issues/new?title=03' in page


def test_the_address_to_type_is_that_of_the_button():
    told = (ROOT / "docs" / "in_the_browser.md").read_text(encoding="utf-8")
    typed = BINDER.replace("someone/somewhere", "OWNER/NAME").replace("/branch", "/BRANCH")
    assert typed.replace("03_responsibility", "00_start_here") in told


@pytest.mark.slow
def test_a_site_that_nobody_published_leads_to_neither(tmp_path):
    page = responsibility_page(tmp_path / "site")
    assert not re.search("mybinder|colab|github|Run it here", page)


@pytest.mark.slow
def test_repo2docker_accepts_the_environment():
    pytest.importorskip("repo2docker", reason="no repo2docker: pip install -e '.[site-test]'")
    user = ["--user-name", "jovyan", "--user-id", "1000"]
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug", *user, "."]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert '--file "environment.yml"' in done.stdout + done.stderr


# ---- the copies for Colab


def first_cell(path):
    return notebooks.code(colab.copy_for_colab(notebooks.read(path), PACKAGE))[0].source


def test_the_first_cell_of_a_copy_installs_the_package_only_where_it_is_missing(tmp_path):
    source = first_cell(ROOT / "notebooks" / "student" / "00_start_here.ipynb")
    assert f'%pip install --quiet "gmm_tutorial[plots,progress] @ {PACKAGE}"' in source
    asked = []
    as_python = re.sub(r"%pip (.*)", lambda found: f"asked.append({found[1]!r})", source)
    exec(as_python, {"asked": asked})
    assert asked == []
    exec(as_python.replace("import gmm_tutorial", "import gmm_tutorial_that_nobody_has"), {"asked": asked})
    assert len(asked) == 1


def test_a_copy_leads_to_copies_and_to_no_file_that_is_not_there(tmp_path):
    command = [sys.executable, ROOT / "tools" / "colab.py", "--package", PACKAGE, "--output", tmp_path]
    subprocess.run([*command, *sorted((ROOT / "notebooks" / "student").glob("*.ipynb"))], check=True)
    written = sorted(tmp_path.glob("*.ipynb"))
    assert [path.name for path in written] == [path.name for path in NOTEBOOKS]
    for path in written:
        notebook = notebooks.read(path)
        for cell in notebooks.prose(notebook):
            links = [link for link in re.findall(r"(?<!!)\]\(([^)\s#]+)", cell.source) if "://" not in link]
            assert not [link for link in links if not (tmp_path / link).exists()], path.name


# ---- make course


@pytest.fixture(scope="module")
def course():
    pytest.importorskip("jupyterlab")
    import course

    return course


def test_the_first_page_leads_to_both_notebooks_of_each_chapter(course):
    first_page = (ROOT / course.FIRST).read_text(encoding="utf-8")
    found = re.findall(r"\[read \d\d\]\(([\w.]+)\) \| \[work on \d\d\]\(student/([\w.]+)\)", first_page)
    assert found == [(path.name, path.name) for path in NOTEBOOKS]
    assert all((ROOT / "notebooks" / "student" / name).exists() for _, name in found)


def test_the_first_page_says_the_same_titles_and_minutes_as_the_readme(course):
    first_page = (ROOT / course.FIRST).read_text(encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    there = re.findall(r"^\| ([^|]+) \| \[read (\d\d).* \| (\d+) \|$", first_page, re.MULTILINE)
    here = re.findall(r"^\| (\d\d) \| \[([^\]]+)\]\(notebooks/.* \| (\d+) \|$", readme, re.MULTILINE)
    assert there == [(title, number, minutes) for number, title, minutes in here]
    assert len(there) == len(NOTEBOOKS)


def test_what_is_trusted_is_the_notebook_as_it_is_stored(course, tmp_path, monkeypatch):
    from nbformat.sign import NotebookNotary

    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path))
    path = NOTEBOOKS[0]
    assert not NotebookNotary().check_signature(notebooks.read(path))
    course.trust([path])
    assert NotebookNotary().check_signature(notebooks.read(path))
    changed = notebooks.read(path)
    changed.cells[-1].source += "!"
    assert not NotebookNotary().check_signature(changed)


def test_the_settings_are_those_that_jupyterlab_knows(course):
    """Each setting is in the schema of the plugin that it is for: a misspelled one would be passed over in silence."""
    from jupyterlab.commands import get_app_dir

    for plugin, settings in course.SETTINGS.items():
        package, _, name = plugin.partition(":")
        schema = json.loads((Path(get_app_dir()) / "schemas" / package / f"{name}.json").read_text(encoding="utf-8"))
        assert set(settings) <= set(schema["properties"]), plugin


def test_a_layout_that_the_reader_has_changed_stays(course, tmp_path):
    course.write_settings(tmp_path)
    (workspace,) = (tmp_path / "workspaces").iterdir()
    assert json.loads(workspace.read_text(encoding="utf-8"))["data"]["layout-restorer:data"] == course.LAYOUT
    workspace.write_text("mine", encoding="utf-8")
    course.write_settings(tmp_path)
    assert workspace.read_text(encoding="utf-8") == "mine"
    assert json.loads((tmp_path / "settings" / "overrides.json").read_text(encoding="utf-8")) == course.SETTINGS


# ---- JupyterLab itself

LAB = """
import sys
sys.path.insert(0, sys.argv[1])
import course
places = [place for place in course.options(course.Path(sys.argv[2])) if "root_dir" not in place]
course.LabApp.launch_instance([*places, *sys.argv[3:]])
"""


@pytest.fixture(scope="module")
def lab(course, tmp_path_factory):
    """The address of a JupyterLab with the settings of `make course`, and the notebook that it can open."""
    pytest.importorskip("anywidget")
    folder = tmp_path_factory.mktemp("lab")
    (folder / "work").mkdir()
    notebook = folder / "work" / NOTEBOOKS[3].name
    shutil.copy(NOTEBOOKS[3], notebook)
    course.write_settings(folder / "lab")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    told = [f"--ServerApp.root_dir={folder / 'work'}", f"--port={port}", "--no-browser", "--IdentityProvider.token="]
    program = [sys.executable, "-c", LAB, ROOT / "tools", folder / "lab", *told, "--allow-root"]
    surroundings = {**os.environ, "PYTHONPATH": str(ROOT), "JUPYTER_DATA_DIR": str(folder / "data")}
    with open(folder / "log", "w", encoding="utf-8") as log:
        server = subprocess.Popen(program, stdout=log, stderr=log, env=surroundings, cwd=folder)
    try:
        yield answering(f"http://127.0.0.1:{port}/", folder / "log"), notebook
    finally:
        server.terminate()
        server.wait(30)


def answering(address, log):
    for _ in range(240):
        try:
            urllib.request.urlopen(f"{address}api", timeout=5).close()
            return address
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.5)
    raise AssertionError(log.read_text(encoding="utf-8")[-2000:])


@pytest.fixture
def opened(lab):
    address, notebook = lab
    with in_chromium.chromium() as browser:
        page = browser.new_page(viewport={"width": 1366, "height": 900})
        page.set_default_timeout(120_000)
        page.goto(f"{address}lab/tree/{notebook.name}")
        page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status=idle]")
        page.wait_for_timeout(2000)
        yield page


def is_changed(page):
    return page.locator(".lm-DockPanel-tabBar .jp-mod-dirty").count() == 1


@pytest.mark.slow
def test_a_notebook_that_was_only_opened_does_not_count_as_changed_and_is_stored_as_it_was(opened, lab):
    _, notebook = lab
    before = notebook.read_bytes()
    assert not is_changed(opened)
    saved = notebook.stat().st_mtime_ns
    opened.keyboard.press("Control+s")
    while notebook.stat().st_mtime_ns == saved:
        opened.wait_for_timeout(200)
    opened.wait_for_timeout(500)
    assert notebook.read_text(encoding="utf-8").rstrip() == before.decode().rstrip()


@pytest.mark.slow
def test_a_live_figure_moves_in_jupyterlab_and_what_is_saved_names_no_machine(opened, lab):
    _, notebook = lab
    opened.locator(".jp-Notebook .jp-MarkdownCell").first.click()
    opened.keyboard.press("Escape")
    opened.keyboard.press("b")
    opened.keyboard.press("y")
    opened.keyboard.press("Enter")
    opened.keyboard.type('from gmm_tutorial import live\nlive.figure("collapse")')
    opened.keyboard.press("Shift+Enter")
    figure = opened.locator(".gmm-live")
    figure.locator("svg.picture .frame").first.wait_for()
    before = figure.locator(".says").inner_text()
    figure.locator("[data-do=next]").click()
    assert figure.locator(".says").inner_text() != before
    assert is_changed(opened)
    opened.keyboard.press("Control+s")
    opened.wait_for_function("!document.querySelector('.lm-DockPanel-tabBar .jp-mod-dirty')")
    stored = json.loads(notebook.read_text(encoding="utf-8"))
    assert "collapse" in json.dumps(stored["cells"][:3])
    assert stored["metadata"] == json.loads(NOTEBOOKS[3].read_text(encoding="utf-8"))["metadata"]
