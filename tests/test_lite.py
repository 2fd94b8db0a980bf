"""The course in JupyterLite: it is built, it starts in a real browser, and its limits are those that its page tells.

The public address of Pyodide is played by a folder that is served here: Pyodide's own files as npm has them (fetched by
.ci/run), and packages of pure Python as they are installed. NumPy and SciPy for the browser are not among them.
"""

import ast
import importlib.util
import json
import re
import shutil
import sys
import tarfile
import threading
import tomllib
from base64 import b64decode
from contextlib import contextmanager
from functools import partial
from hashlib import sha256
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlparse
from zipfile import ZipFile

import nbformat
import numpy as np
import pytest

import gmm_tutorial as gmm
from gmm_tutorial.scale import choice

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
BROWSERS = "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"
FOR_A_KERNEL = ["ipython", "ipython-pygments-lexers", "jedi", "micropip", "packaging"]


# ---- the site, as files


@pytest.fixture(scope="module")
def lite():
    for needed in ("jupyterlite_core", "jupyterlite_pyodide_kernel", "micropip"):
        pytest.importorskip(needed, reason=f"JupyterLite needs {needed}: pip install -e '.[site-test]'")
    spec = importlib.util.spec_from_file_location("lite", ROOT / "site" / "lite.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def pyodide(lite, tmp_path_factory):
    """The address that plays that of Pyodide, what it was asked for, and its list of packages."""
    from jupyterlite_pyodide_kernel.constants import PYODIDE_LOCK, PYODIDE_VERSION

    npm = ROOT / "build" / f"pyodide-{PYODIDE_VERSION}.tgz"
    if not npm.is_file():
        pytest.skip(f"no Pyodide here: .ci/run fetches it (cd build; npm pack pyodide@{PYODIDE_VERSION})")
    folder = tmp_path_factory.mktemp("pyodide")
    with tarfile.open(npm) as archive:
        archive.extractall(folder, filter="data")
    folder /= "package"
    told = json.loads((folder / PYODIDE_LOCK).read_text(encoding="utf-8"))
    (folder / PYODIDE_LOCK).write_text(json.dumps(with_installed(told, folder, lite)), encoding="utf-8")
    with served(folder) as (address, asked):
        yield address, asked, told


def with_installed(told, folder, lite):
    """The list of packages where those of pure Python that a kernel needs are the installed ones, from the folder."""
    packages, waiting, done = dict(told["packages"]), list(FOR_A_KERNEL), set()
    while waiting:
        name = waiting.pop().replace("_", "-")
        if name not in done:
            done.add(name)
            packages[name] = lite.entry(lite.packed(name, folder))
            if name in told["packages"]:
                packages[name]["depends"] = [other for other in told["packages"][name]["depends"] if installed(other)]
            waiting += packages[name]["depends"]
    packages["ipython"]["depends"].append("ipython-pygments-lexers")
    packages["micropip"]["depends"].append("packaging")
    return told | {"packages": packages}


def installed(name):
    return importlib.util.find_spec(name.replace("-", "_")) is not None


@contextmanager
def served(folder):
    """A folder at an address of this machine, and the list of what is asked for there, with the answers."""
    asked = []

    class Handler(SimpleHTTPRequestHandler):
        def end_headers(self):
            self.send_header("Access-Control-Allow-Origin", "*")
            super().end_headers()

        def log_message(self, *_):
            pass

        def log_request(self, code="-", size="-"):
            asked.append((self.path.split("?")[0], int(code)))

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=folder))
    server.handle_error = lambda *_: None  # a page that is left does not wait for its files
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def site(lite, pyodide, tmp_path_factory):
    folder = tmp_path_factory.mktemp("lite") / "site"
    lite.build(folder, pyodide[0])
    return folder


@pytest.fixture(scope="module")
def packages(site):
    return json.loads((site / "wheels" / "pyodide-lock.json").read_text(encoding="utf-8"))["packages"]


def test_the_package_of_the_checkout_is_in_the_list_with_its_checksum(site, packages):
    listed = packages["gmm-tutorial"]
    wheel = site / "wheels" / listed["file_name"]
    assert (listed["version"], listed["imports"]) == (gmm.__version__, ["gmm_tutorial"])
    assert listed["depends"] == ["numpy", "scipy"]
    assert listed["sha256"] == sha256(wheel.read_bytes()).hexdigest()
    with ZipFile(wheel) as archive:
        held = {name: archive.read(name) for name in archive.namelist() if name.startswith("gmm_tutorial/")}
    files = [path for path in (ROOT / "gmm_tutorial").rglob("*") if path.is_file() and path.suffix in (".py", ".csv")]
    assert len(files) > 20
    for file in files:
        assert held[file.relative_to(ROOT).as_posix()] == file.read_bytes()


def test_every_package_of_the_list_is_in_the_site_or_at_the_address_of_pyodide(site, packages, pyodide):
    here = {name for name, package in packages.items() if "/" not in package["file_name"]}
    assert here == {"comm", "gmm-tutorial", "ipykernel", "piplite", "pyodide-kernel"}
    for name in here:
        wheel = site / "wheels" / packages[name]["file_name"]
        assert packages[name]["sha256"] == sha256(wheel.read_bytes()).hexdigest()
    for name in set(packages) - here:
        assert packages[name]["file_name"].startswith(f"{pyodide[0]}/"), name
    needed = {dependency.replace("_", "-") for name in here for dependency in packages[name]["depends"]}
    assert needed <= set(packages)


def test_the_public_address_is_that_of_the_installed_kernel_and_its_https(lite):
    from jupyterlite_pyodide_kernel.constants import PYODIDE_VERSION

    assert f"https://cdn.jsdelivr.net/pyodide/v{PYODIDE_VERSION}/full" == lite.PYODIDE_CDN_URL


def test_the_numpy_and_scipy_of_pyodide_are_not_too_old_for_the_course(pyodide):
    listed = pyodide[2]["packages"]
    needed = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["plots"]]
    needed += PROJECT["optional-dependencies"]["sklearn"]
    for requirement in needed:
        name, lowest = requirement.split(">=")
        assert numbers(listed[name]["version"]) >= numbers(lowest)


def numbers(version):
    return tuple(map(int, version.split(".")))


def test_pyodide_has_all_that_the_notebooks_import_but_dask(pyodide):
    known = {name for package in pyodide[2]["packages"].values() for name in package["imports"]}
    known |= {"gmm_tutorial", *sys.stdlib_module_names}
    missing = {path.stem: imported(path) - known for path in NOTEBOOKS}
    assert {name: found for name, found in missing.items() if found} == {"11_more_data": {"dask", "distributed"}}


def imported(path):
    cells = [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    code = "\n".join(re.sub(r"^(\s*)[%!].*", r"\1pass", source, flags=re.MULTILINE) for source in cells)
    nodes = list(ast.walk(ast.parse(code)))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module for node in nodes if isinstance(node, ast.ImportFrom)]
    return {name.split(".")[0] for name in names}


def test_the_site_holds_the_notebooks_solved_and_unsolved(site):
    for path in [*NOTEBOOKS, *(ROOT / "notebooks" / "student").glob("*.ipynb")]:
        held = nbformat.read(site / "files" / path.relative_to(ROOT), as_version=4)
        assert held == nbformat.read(path, as_version=4)


def test_without_a_network_nothing_is_built_and_one_sentence_says_why(lite, tmp_path):
    with served(tmp_path) as (address, _), pytest.raises(SystemExit, match=r"one file that make lite fetches .* 404"):
        lite.build(tmp_path / "site", address)
    assert not (tmp_path / "site").exists()


def test_the_site_is_not_built_over_something_else(lite, tmp_path):
    (tmp_path / "precious.txt").write_text("do not delete", encoding="utf-8")
    with pytest.raises(SystemExit, match="something else"):
        lite.build(tmp_path, "unused")
    assert (tmp_path / "precious.txt").exists()


# ---- what a browser has not


def test_without_threads_a_fit_of_many_points_wants_to_be_told_to_use_none(monkeypatch):
    def start(thread):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", start)
    monkeypatch.setattr(choice, "cores", lambda: 2)
    points = np.random.default_rng(0).normal(size=(600_000, 2))
    assert gmm.fit(points[:390_000], 1).converged
    with pytest.raises(RuntimeError, match="can't start new thread"):
        gmm.fit(points, 1)
    assert gmm.fit(points, 1, map=map).converged


# ---- the site, in a browser


@pytest.fixture(scope="module")
def lab(site, pyodide):
    """Notebook 00, opened in a browser that knows this machine only; what the browser asked for; its errors."""
    api = pytest.importorskip("playwright.sync_api", reason="no playwright: pip install -e '.[site-test]'")
    settings = json.loads((site / "jupyter-lite.json").read_text(encoding="utf-8"))
    settings["jupyter-config-data"]["exposeAppInBrowser"] = True  # so that tests can speak with the kernel
    (site / "jupyter-lite.json").write_text(json.dumps(settings), encoding="utf-8")
    with api.sync_playwright() as playwright, served(site) as (address, asked):
        bundled = playwright.chromium.executable_path
        path = next(filter(None, map(shutil.which, (*BROWSERS, bundled))), None)
        if path is None:
            pytest.skip(f"no browser here: none of {', '.join(BROWSERS)} is installed")
        quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
        alone = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
        chromium = playwright.chromium.launch(executable_path=path, args=[*quiet, alone])
        tab = chromium.new_page()
        tab.set_default_timeout(240_000)
        requests, errors = [], []
        tab.on("request", lambda request: requests.append(request.url))
        tab.on("pageerror", lambda error: errors.append(str(error)))
        tab.goto(f"{address}/lab/index.html?path=notebooks/00_start_here.ipynb")
        tab.wait_for_selector(".jp-Notebook .jp-Cell")
        yield tab, address, requests, errors, asked
        chromium.close()


RUN = """async code => {
  const session = () => [...jupyterapp.serviceManager.sessions.running()].find(found => found.kernel);
  for (let waited = 0; !session(); waited++) {
    if (waited > 600) { throw new Error("no kernel has been started"); }
    await new Promise(later => setTimeout(later, 200));
  }
  window.kernel ??= jupyterapp.serviceManager.kernels.connectTo({model: session().kernel});
  const said = [];
  const asked = kernel.requestExecute({code});
  asked.onIOPub = message => said.push(message.content.text ?? message.content.data?.["text/plain"] ?? "");
  const answer = (await asked.done).content;
  return {said: said.join(""), error: answer.status == "ok" ? null : `${answer.ename}: ${answer.evalue}`};
}"""


def test_the_notebook_opens_and_nothing_outside_is_asked_but_pyodide(lab, pyodide):
    tab, address, requests, errors, asked = lab
    assert "Start here" in tab.locator(".jp-Notebook h1").first.inner_text()
    assert tab.evaluate(RUN, "1 + 1") == {"said": "2", "error": None}
    addresses = {f"{at.scheme}://{at.netloc}" for at in map(urlparse, requests) if at.scheme.startswith("http")}
    assert addresses == {address, pyodide[0]}
    assert ("/pyodide.asm.wasm", 200) in pyodide[1]
    assert not errors
    not_found = {path for path, code in asked if code >= 400 and not path.startswith("/api/contents/")}
    assert not_found <= {"/favicon.ico"}


def test_an_import_of_the_package_brings_it_in_and_asks_for_numpy_and_scipy(lab, pyodide):
    answer = lab[0].evaluate(RUN, "import gmm_tutorial as gmm")
    assert "No module named 'numpy'" in answer["error"]  # so far it goes here, where Pyodide's NumPy cannot be had
    refused = {path for path, code in pyodide[1] if code == 404}
    assert refused == {f"/{pyodide[2]['packages'][name]['file_name']}" for name in ("numpy", "scipy")}
    assert ("/wheels/gmm_tutorial-0.1.0-py3-none-any.whl", 200) in lab[4]
    told = lab[0].evaluate(RUN, "from importlib.metadata import version; version('gmm_tutorial')")
    assert told == {"said": f"'{gmm.__version__}'", "error": None}


def test_every_module_of_the_package_is_read_by_the_python_of_the_browser_and_its_data_are_there(lab):
    code = """
import csv, importlib.util, pathlib
package = pathlib.Path(importlib.util.find_spec("gmm_tutorial").origin).parent
for path in package.rglob("*.py"):
    compile(path.read_text(), path, "exec")
len(list(package.rglob("*.py"))), len(list(csv.DictReader((package / "data" / "faithful.csv").open())))
"""
    modules = len(list((ROOT / "gmm_tutorial").rglob("*.py")))
    assert lab[0].evaluate(RUN, code) == {"said": f"({modules}, 272)", "error": None}


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("import threading; threading.Thread(target=print).start()", "can't start new thread"),
        ("import subprocess; subprocess.run(['ls'])", "does not support processes"),
        ("import dask", "No module named 'dask'"),
        ("import numba", "No module named 'numba'"),
    ],
)
def test_what_the_page_of_limits_says_is_missing_is_missing(lab, code, problem):
    assert problem in lab[0].evaluate(RUN, code)["error"]


def test_a_file_that_is_written_is_in_the_list_of_files_and_stays_when_the_page_is_loaded_again(lab):
    assert lab[0].evaluate(RUN, "open('mine.txt', 'w').write('hello')") == {"said": "5", "error": None}
    lab[0].reload()
    lab[0].wait_for_selector(".jp-Notebook .jp-Cell")
    read = "async () => (await jupyterapp.serviceManager.contents.get('notebooks/mine.txt', {content: true})).content"
    assert b64decode(lab[0].evaluate(read)) == b"hello"
