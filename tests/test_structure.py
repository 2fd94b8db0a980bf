"""The structure that the package promises: a textbook in front, rooms behind it, arrows that point one way."""

import ast
import inspect
import pydoc
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

import gmm_tutorial as gmm
from gmm_tutorial.scale import choice

PACKAGE = Path(gmm.__file__).parent
TEXTBOOK = "gaussian mixture steps em fit".split()
SECOND = """
    errors results variances derived constraints starts convergence acceleration race distribution missing selection
    spikes background model_selection uncertainty datasets storage
""".split()
MODULES = {
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__") or "__init__": path
    for path in PACKAGE.rglob("*.py")
}


def tree(name):
    return ast.parse(MODULES[name].read_text(encoding="utf-8"))


def imported(node):
    """The modules of the package that an import statement names."""
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom):
        submodules = [f"{node.module}.{alias.name}" for alias in node.names]
        names = [each if inside(each) in MODULES else node.module for each in submodules]
    else:
        return set()
    return {inside(name) for name in names if name.split(".")[0] == "gmm_tutorial"} & MODULES.keys()


def inside(name):
    """The name of a module without that of the package."""
    return name.removeprefix("gmm_tutorial").removeprefix(".") or "__init__"


def imports(name):
    """What a module imports when it is imported itself."""
    found = set()
    for node in tree(name).body:
        if not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
            found |= set().union(*(imported(each) for each in ast.walk(node) if not inside_a_function(node, each)))
    return found - {name}


def inside_a_function(root, node):
    functions = [each for each in ast.walk(root) if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef))]
    return any(node in ast.walk(function) for function in functions)


GRAPH = {name: imports(name) for name in MODULES}


# ---- the textbook


def test_the_textbook_is_at_most_450_lines_that_are_not_blank():
    lines = "\n".join(MODULES[name].read_text(encoding="utf-8") for name in TEXTBOOK).splitlines()
    assert len([line for line in lines if line.strip()]) <= 450


def body(function):
    """The lines of a function without its signature and its text."""
    source = inspect.getsource(inspect.unwrap(function))
    nodes = ast.parse(source).body[0].body
    first = nodes[1].lineno if isinstance(nodes[0], ast.Expr) else nodes[0].lineno
    return [line for line in source.splitlines()[first - 1 :] if line.strip()]


def test_the_source_of_em_is_a_loop_in_which_the_steps_can_be_read():
    lines = body(gmm.em)
    assert len(lines) <= 8
    assert lines[0].strip() == "while True:"
    for step in ("e_step(points, mixture, sample_weights)", "m_step(points, responsibilities)", "constraint("):
        assert step in "\n".join(lines)


def test_the_source_of_fit_is_short():
    assert len(body(gmm.fit)) <= 30


@pytest.mark.parametrize("name", TEXTBOOK)
def test_the_textbook_has_the_model_and_nothing_else(name):
    """No threads, files, bars or policies; and of the room of checks only the words of the signatures."""
    known = {"checks", "gaussian", "mixture", "steps", "em", "constraints", "starts", "race", "results", "convergence"}
    assert GRAPH[name] <= {*known, "acceleration", "derived"}
    elsewhere = {node.module or "" for node in ast.walk(tree(name)) if isinstance(node, ast.ImportFrom)}
    elsewhere |= {alias.name for node in ast.walk(tree(name)) if isinstance(node, ast.Import) for alias in node.names}
    others = {module.split(".")[0] for module in elsewhere} - {"gmm_tutorial"}
    assert others <= {"numpy", "scipy", "dataclasses", "functools", "collections", "typing", "__future__"}


# ---- each formula is what a fit runs

FORMULAS = "log_gaussian_by_factor log_joint bayes weight mean covariance e_step m_step".split()


def test_each_formula_is_called_in_every_step_of_a_default_fit(monkeypatch):
    calls = Counter()

    def watched(name, function):
        def call(*args, **kwargs):
            calls[name] += 1
            return function(*args, **kwargs)

        return call

    for name in FORMULAS:
        home = sys.modules[inspect.unwrap(getattr(gmm, name)).__module__]
        bare = getattr(home, name)
        for module in [module for path, module in sys.modules.items() if path.startswith("gmm_tutorial.")]:
            if vars(module).get(name) is bare:
                monkeypatch.setattr(module, name, watched(name, bare))
    constraint = watched("constraint", gmm.full)
    fit = gmm.fit(gmm.load_faithful(), 3, constraint=constraint, rng=0)
    assert fit.path == "formulas"
    assert calls["e_step"] == fit.e_steps > 100
    assert {name for name in [*FORMULAS, "constraint"] if calls[name] >= fit.e_steps} == {*FORMULAS, "constraint"}


def test_the_loop_of_the_package_is_the_loop_by_hand():
    points, constraint = gmm.load_faithful(), gmm.tied
    mixture = gmm.mixture_around(points, points[[0, 1, 5]])
    steps = gmm.em(points, mixture, constraint)
    for _ in range(6):
        responsibilities, log_likelihood = gmm.e_step(points, mixture)
        step = next(steps)
        assert step.log_likelihood == pytest.approx(log_likelihood, rel=1e-14)
        for ours, theirs in zip(step.mixture, mixture):
            np.testing.assert_allclose(ours, theirs, rtol=1e-11)
        mixture = constraint(gmm.m_step(points, responsibilities))


# ---- one direction


def level(name):
    """From the ground up: what stands higher may import what stands lower."""
    room = name.split(".")[0]
    if room in ("errors", "checks"):
        return 0
    if room in ("model_selection", "uncertainty"):
        return 3
    if room in (*TEXTBOOK, *SECOND):
        return 1
    return {"scale": 2, "plots": 2, "live": 2, "__init__": 4, "estimator": 5, "homework": 5}[room]


def test_every_module_has_its_place():
    assert {level(name) for name in MODULES} == {0, 1, 2, 3, 4, 5}


def test_arrows_point_one_way_only():
    wrong = [(name, other) for name, others in GRAPH.items() for other in others if level(other) > level(name)]
    assert wrong == []


def test_no_modules_import_each_other_in_a_circle():
    left = {name: set(others) for name, others in GRAPH.items()}
    while free := [name for name, others in left.items() if not others & left.keys()]:
        for name in free:
            del left[name]
    assert left == {}


OPTIONAL = {"scale.compiled", "scale.cluster", "plots", "live"}


@pytest.mark.parametrize("name", MODULES)
def test_inside_a_function_only_what_is_optional_is_imported(name):
    if name.startswith("homework"):
        pytest.skip("student's programs are run there")
    inside = set()
    for node in ast.walk(tree(name)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            inside |= set().union(*(imported(each) for each in ast.walk(node)))
    assert inside - {"scale", "__init__"} <= OPTIONAL


def test_nothing_happens_at_import():
    program = (
        "import sys, gmm_tutorial as gmm\n"
        "from gmm_tutorial.scale import blocks, threads\n"
        "assert blocks.keep_freed_memory.cache_info().currsize == 0\n"
        "assert threads.controller.cache_info().currsize == 0\n"
        "heavy = {'numba', 'dask', 'distributed', 'joblib', "
        "'matplotlib', 'sklearn', 'tqdm', 'pandas', 'IPython', 'anywidget'}\n"
        "print(*sorted(heavy & {name.split('.')[0] for name in sys.modules}))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


# ---- types

USER = """
import numpy as np

import gmm_tutorial as gmm

points = gmm.load_faithful()
fit = gmm.fit(points, 2, constraint=gmm.tied, starts=3, rng=0, progress=False)
weights: np.ndarray = fit.mixture.weights
criterion: float = gmm.bic(points, fit.mixture, gmm.tied)
gammas: np.ndarray = gmm.responsibility([[3, 65]], fit.mixture)
height: float = gmm.log_likelihood(points, fit.mixture)
mixture = gmm.Mixture([0.5, 0.5], [[0], [1]], [[[1]], [[1]]])
for step in gmm.em(points, fit.mixture):
    height = step.log_likelihood
    break
"""


def mypy_on(program, folder):
    pytest.importorskip("mypy", reason="mypy is not installed")
    (folder / "program.py").write_text(program, encoding="utf-8")
    options = ["--strict", "--allow-any-generics", "--cache-dir", str(folder), "--no-error-summary"]
    command = [sys.executable, "-m", "mypy", *options]
    done = subprocess.run([*command, str(folder / "program.py")], capture_output=True, text=True, cwd=folder)
    return done.stdout


def test_mypy_sees_every_public_name_and_accepts_a_program_of_a_user(tmp_path):
    names = "\n".join(f"gmm.{name}" for name in gmm.__all__)
    assert (PACKAGE / "py.typed").is_file()
    assert mypy_on(f"{USER}\n{names}\n", tmp_path) == ""


def test_mypy_finds_what_is_wrong_in_a_program_of_a_user(tmp_path):
    found = mypy_on(f"{USER}\ngmm.fit(points)\ngmm.fit(points, 2, restarts=3)\ngmm.no_such_name\n", tmp_path)
    assert found.count("error:") == 3, found


# ---- what is said of errors

CANNOT_FAIL = {"load_faithful", "load_galaxies", "load_acidity", "load_penguins", "load_islands"}


@pytest.mark.parametrize("name", sorted({n for n in gmm.__all__ if inspect.isfunction(getattr(gmm, n))} - CANNOT_FAIL))
def test_every_public_function_says_what_it_raises(name):
    assert re.search(r"\bRaises? \w*(Error|Interrupted)", inspect.getdoc(getattr(gmm, name)))


@pytest.mark.parametrize("name", gmm.__all__)
def test_the_signature_that_a_reader_sees_says_the_words_of_the_source(name):
    text = pydoc.render_doc(getattr(gmm, name))
    assert "Annotated[" not in text
    assert "Argument(" not in text


def test_the_path_of_many_points_is_told():
    with choice.plan_for(np.zeros((10, 2)), 2, gmm.diagonal) as plan:
        assert plan.path == "formulas, variances only"
