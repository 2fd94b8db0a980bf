"""The notebooks of the course start no program, reach no network, and write nothing outside of a temporary folder.

Their sources are read; and they are run in a copy of the checkout, by a Python that reports what it must not do.
"""

import ast
import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_notebook

import notebooks

ROOT = Path(__file__).parent.parent
PATHS = sorted((ROOT / "notebooks").glob("*.ipynb"))
ALL = bool(os.environ.get("GMM_LONG"))  # `make fuzz` runs them all
RUN = PATHS if ALL else [path for path in PATHS if path.name[:2] in ("00", "13")]
OF_THE_COURSE = {"gmm_tutorial", "matplotlib", "numpy", "pandas", "scipy", "sklearn", "IPython"}
OF_THE_COURSE |= {"dask", "distributed", "numba", "pyarrow", "threadpoolctl"}
HARMLESS = {
    *["bisect", "collections", "concurrent", "contextlib", "copy", "dataclasses", "fractions", "functools", "heapq"],
    *["inspect", "itertools", "math", "operator", "pathlib", "random", "statistics", "string", "tempfile", "textwrap"],
    *["pickle", "threading", "time", "timeit", "tracemalloc", "typing", "unittest", "warnings"],
}
SUSPECT = "__import__ eval exec compile savefig write_text write_bytes unlink rmdir rmtree chmod"
SUSPECT += " system popen Popen run_line_magic run_cell_magic get_ipython urlopen urlretrieve connect"


# ---- what the sources say


def suspicious(source):
    """The lines of a cell that start a program, leave Python, or import what the course does not need."""
    for line in source.splitlines():
        if re.match(r"\s*([!%?]|.*\?\s*$)", line):
            yield line.strip()
            return
    for node in ast.walk(ast.parse(source)):
        modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        modules += [node.module or "."] if isinstance(node, ast.ImportFrom) else []
        name = getattr(node, "attr", getattr(node, "id", None))
        if any(module.split(".")[0] not in OF_THE_COURSE | HARMLESS for module in modules) or name in SUSPECT.split():
            yield ast.unparse(node)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "open" and len(node.args + node.keywords) > 1:
            yield ast.unparse(node)  # with a mode: to write


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
def test_no_cell_starts_a_program_or_imports_what_could(path):
    found = [line for cell in notebooks.code(notebooks.read(path)) for line in suspicious(cell.source)]
    assert found == []


@pytest.mark.parametrize(
    "source",
    [
        "!ls",
        "%%bash\nls",
        "%pip install numpy",
        "import os\nos.system('ls')",
        "import subprocess",
        "from urllib.request import urlopen",
        "import socket as s",
        "open('points.csv', 'w')",
        "figure.savefig('figure.png')",
        "__import__('o' + 's')",
        "get_ipython().system('ls')",
    ],
)
def test_a_cell_that_could_do_harm_is_found(source):
    assert list(suspicious(source))


# ---- what they do when they are run

GUARD = """
import os, platform, sys, tempfile

LOG, TEMPORARY = os.environ["GUARD_LOG"], os.path.realpath(tempfile.gettempdir())
IS_KERNEL = "ipykernel_launcher" in sys.orig_argv
LOOPBACK = ("127.", "::1", "localhost")
CHANGES = {"os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.chmod", "os.link", "os.symlink", "os.truncate"}
PROGRAMS = {"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "pty.spawn"}
ASKED_BY_LIBRARIES = {"lscpu", "ldconfig", "gcc", "cc", "ld", "uname"}  # what machine this is, and where libc
busy = False

if IS_KERNEL:
    import matplotlib.font_manager  # looks for fonts, once, with a program of the system
    platform.processor()  # likewise for its name

def outside(path, folder=-1):
    if isinstance(path, int) or path is None:
        return False
    path = os.path.realpath(os.path.join(f"/proc/self/fd/{folder}" if folder >= 0 else "", os.fsdecode(path)))
    return not (path + os.sep).startswith((TEMPORARY + os.sep, os.devnull + os.sep))

def forbidden(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.bind"):
        address = arguments[1]
        return isinstance(address, tuple) and not str(address[0]).startswith(LOOPBACK)
    if event == "socket.getaddrinfo":
        return arguments[0] is not None and not os.fsdecode(arguments[0]).startswith(LOOPBACK)
    if not IS_KERNEL:
        return False
    if event == "open":
        path, mode, flags = arguments
        writes = set(mode or "") & set("wax+") or (flags or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        return bool(writes) and outside(path)
    if event == "subprocess.Popen" and os.path.basename(str(arguments[0])) in ASKED_BY_LIBRARIES:
        return False
    folder = arguments[-1] if event in ("os.remove", "os.mkdir", "os.rmdir") else -1
    return event in PROGRAMS or event in CHANGES and outside(arguments[0], folder)

def guard(event, arguments):
    global busy
    if busy:
        return
    busy = True
    try:
        if forbidden(event, arguments):
            with open(LOG, "a") as log:
                print(event, arguments, file=log)
            raise PermissionError(f"{event} {arguments}")
    finally:
        busy = False

sys.addaudithook(guard)
"""
RUNNER = """
import sys, pathlib, nbformat, notebooks
path = pathlib.Path(sys.argv[1])
notebook = notebooks.execute(notebooks.read(path), path.parent)
stored = notebooks.read(path)
for cell, other in zip(notebooks.clean(notebook).cells, stored.cells, strict=True):
    if "raises-exception" not in notebooks.tags(other):
        assert not [output for output in cell.get("outputs", []) if output.output_type == "error"], cell.id
"""


WITHOUT = shutil.ignore_patterns("__pycache__", "student")
HOME = ("HOME", "USERPROFILE", "IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A copy of what the notebooks need, which nobody may write to."""
    folder = tmp_path_factory.mktemp("safe")
    for part in ("gmm_tutorial", "notebooks", "tools"):
        shutil.copytree(ROOT / part, folder / "checkout" / part, ignore=WITHOUT)
    for path in [folder / "checkout", *(folder / "checkout").rglob("*")]:
        path.chmod(path.stat().st_mode & ~0o222)
    (folder / "guard").mkdir()
    (folder / "guard" / "sitecustomize.py").write_text(GUARD, encoding="utf-8")
    yield folder
    for path in [folder / "checkout", *(folder / "checkout").rglob("*")]:
        path.chmod(path.stat().st_mode | 0o700)


def contents(folder):
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*") if path.is_file()}


def run(path, folder, tmp_path):
    """The runner's result, and what the guard has reported."""
    log, home = tmp_path / "guard.log", tmp_path / "home"
    home.mkdir()
    log.touch()
    paths = [folder / "guard", folder / "checkout", folder / "checkout" / "tools"]
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(map(str, paths)),
        "PYTHONDONTWRITEBYTECODE": "1",
        "GUARD_LOG": str(log),
        "TMPDIR": str(tmp_path),
        "MPLCONFIGDIR": str(folder / "matplotlib"),
        "NUMBA_CACHE_DIR": str(tmp_path / "numba"),
    }
    environment |= dict.fromkeys(HOME, str(home))
    command = [sys.executable, "-c", RUNNER, str(path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=tmp_path, check=False)
    return done, log.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [path.name for path in RUN])
@pytest.mark.slow
def test_a_notebook_runs_without_network_and_without_a_trace_in_a_checkout_that_is_read_only(name, checkout, tmp_path):
    before = contents(checkout / "checkout")
    done, reported = run(checkout / "checkout" / "notebooks" / name, checkout, tmp_path)
    assert reported == ""
    assert done.returncode == 0, done.stderr[-2000:]
    assert contents(checkout / "checkout") == before


HARM = {
    "import urllib.request\nurllib.request.urlopen('http://192.0.2.1')": "socket.getaddrinfo",
    "import socket\nsocket.socket().connect(('192.0.2.1', 80))": "socket.connect",
    "import subprocess, sys\nsubprocess.run([sys.executable, '-c', ''])": "subprocess.Popen",
    "import os\nos.system('true')": "os.system",
    "open('../harm.txt', 'w')": "open",
    "import os\nos.mkdir('harm')": "os.mkdir",
    "import pathlib\npathlib.Path('../gmm_tutorial/em.py').unlink()": "os.remove",
}


@pytest.mark.slow
def test_a_notebook_that_does_harm_is_stopped_and_reported(checkout, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(checkout / "checkout" / "gmm_tutorial", elsewhere / "gmm_tutorial")
    (elsewhere / "notebooks").mkdir()
    (tmp_path / "temporary").mkdir()
    harmful = elsewhere / "notebooks" / "harmful.ipynb"
    cells = [new_code_cell(source, metadata={"tags": ["raises-exception"]}) for source in HARM]
    harmless = new_code_cell("from tempfile import TemporaryFile\nTemporaryFile().write(b'harmless')")
    harmful.write_text(notebooks.written(new_notebook(cells=[*cells, harmless])), encoding="utf-8")
    done, reported = run(harmful, checkout, tmp_path / "temporary")
    assert done.returncode == 0, done.stderr[-2000:]
    assert [line.split()[0] for line in reported.splitlines()] == [*HARM.values()]
    assert sorted(path.name for path in elsewhere.iterdir()) == ["gmm_tutorial", "notebooks"]
    assert (elsewhere / "gmm_tutorial" / "em.py").exists()
