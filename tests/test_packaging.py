"""The files that say how to install the project agree with each other, and with what is installed."""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml

import gmm_tutorial

ROOT = Path(__file__).parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]
EXTRAS = PROJECT["optional-dependencies"]
CONDA_NAMES = {"matplotlib": "matplotlib-base", "dask": "dask-core"}  # the others bring more with them


def bounds(requirements):
    """Name and lower bound of each package, extras of this project taken apart."""
    found = {}
    for requirement in requirements:
        if own := re.fullmatch(r"gmm_tutorial\[(.*)\]", requirement):
            for extra in own[1].split(","):
                found |= bounds(EXTRAS[extra])
        else:
            name, lowest = re.fullmatch(r"([a-z0-9-]+)(?:\[[a-z]+\])?>=([0-9.]+)", requirement).groups()
            found[name] = lowest
    return found


def numbers(version):
    return tuple(map(int, version.split(".")))


def read_yaml(name):
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def imported_with(module):
    command = [sys.executable, "-c", f"import sys, {module}; print(*sys.modules)"]
    return set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())


def test_the_package_needs_numpy_and_scipy_only():
    assert set(bounds(PROJECT["dependencies"])) == {"numpy", "scipy"}


def test_importing_the_package_imports_nothing_that_it_does_not_need():
    optional = {"matplotlib", "tqdm", "pandas", "sklearn", "IPython", "jupyterlab", "numba", "dask", "distributed"}
    optional |= {"joblib"}
    assert not imported_with("gmm_tutorial") & optional


def test_the_plots_import_matplotlib():
    assert "matplotlib" in imported_with("gmm_tutorial.plots")


def test_the_conda_environment_has_the_packages_and_bounds_of_the_course():
    *packages, last = read_yaml("environment.yml")["dependencies"]
    assert last == {"pip": ["-e .[course]"]}
    conda = dict(re.fullmatch(r"([a-z-]+)(?:>?=([0-9.]+))?", package).groups() for package in packages)
    python = conda.pop("python")
    assert numbers(python) >= numbers(PROJECT["requires-python"].removeprefix(">="))
    assert conda.pop("pip") is None
    course = bounds(PROJECT["dependencies"]) | bounds(EXTRAS["course"])
    assert conda == {CONDA_NAMES.get(name, name): lowest for name, lowest in course.items()}


def test_the_oldest_versions_are_the_lower_bounds():
    pins = (ROOT / "tests/requirements-oldest.txt").read_text(encoding="utf-8").split()
    indirect = {"pyparsing": "3.1.0"}  # the newest makes the oldest matplotlib warn
    assert dict(pin.split("==") for pin in pins) == bounds(PROJECT["dependencies"]) | bounds(EXTRAS["test"]) | indirect


def test_the_oldest_python_is_a_lower_bound_too():
    oldest = PROJECT["requires-python"].removeprefix(">=")
    supported = [line.split(" :: ")[-1] for line in PROJECT["classifiers"] if "Python :: " in line]
    assert supported[0] == oldest
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert f"python{oldest}" in re.search(r"^PYTHON_OLDEST = .*$", makefile, re.MULTILINE)[0]
    matrix = read_yaml(".github/workflows/test.yml")["jobs"]["test"]["strategy"]["matrix"]["include"]
    assert [row["python"] for row in matrix] == [oldest, supported[-1]]


def test_one_version_everywhere():
    installed, cited = version("gmm_tutorial"), read_yaml("CITATION.cff")["version"]
    assert PROJECT["version"] == gmm_tutorial.__version__ == installed == cited


@pytest.mark.parametrize("name", ["acidity", "faithful", "galaxies", "islands", "penguins"])
def test_the_data_are_inside_the_package_and_their_origin_is_told(name):
    data = Path(gmm_tutorial.__file__).parent / "data"
    assert (data / f"{name}.csv").is_file()
    assert f"{name}.csv" in (data / "README.md").read_text(encoding="utf-8")


WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
MAY_PUBLISH = {"pages: write", "id-token: write"}  # what the website needs, and only the job that publishes it


def steps_of(workflow):
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_action_of_a_workflow_is_pinned_by_its_hash_with_its_version_beside_it(path):
    used = [step["uses"] for step in steps_of(read_yaml(path)) if "uses" in step]
    assert used
    for action in used:
        assert re.fullmatch(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}", action)
        assert re.search(rf"uses: {action} # v\d+\.\d+\.\d+$", path.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_may_read_and_no_more_and_leaves_no_password_behind(path):
    workflow = read_yaml(path)
    assert workflow["permissions"] == {"contents": "read"}
    for name, job in workflow["jobs"].items():
        granted = {f"{what}: {how}" for what, how in job.get("permissions", {}).items()}
        assert granted <= (MAY_PUBLISH if name == "publish" else set())
        assert job["timeout-minutes"] <= 60
    for step in steps_of(workflow):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False
        assert "${{ github.event" not in step.get("run", "")  # words of strangers are never run
    assert not {"pull_request_target", "workflow_run"} & set(workflow[True])  # YAML reads `on` as true


MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def test_every_target_of_make_that_is_told_exists():
    told = set()
    for path in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / ".ci" / "run", *(ROOT / "docs").glob("*.md")]:
        text = path.read_text(encoding="utf-8")
        told |= {*re.findall(r"`make ([a-z-]+)`|^make ([a-z-]+)(?= +#|$)", text, re.MULTILINE)}
    assert {"course", "test", "test-all", "test-slow"} <= {"".join(names) for names in told}
    assert {"".join(names) for names in told} <= {*re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE)}


def test_what_is_slow_waits_for_test_all_which_runs_every_test_once():
    assert "-m not slow" in PYPROJECT["tool"]["pytest"]["ini_options"]["addopts"]
    assert re.search(r"^test-all: test test-slow ", MAKEFILE, re.MULTILINE)
    recipes = dict(re.findall(r"^(test[a-z-]*): .*\n\t(.*)$", MAKEFILE, re.MULTILINE))
    pytest_in_venv = ".venv/bin/python -m pytest $(SIDE_BY_SIDE)"
    assert (recipes["test"], recipes["test-slow"]) == (pytest_in_venv, f"{pytest_in_venv} -m slow")
    commands = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert re.findall(r"^make test.*$", commands, re.MULTILINE) == ["make test test-all | tee build/test.log"]


def test_the_workflow_runs_every_test_side_by_side_as_make_does():
    options = re.search(r"^SIDE_BY_SIDE = (.*)$", MAKEFILE, re.MULTILINE)[1]
    runs = [step["run"] for step in steps_of(read_yaml(".github/workflows/test.yml")) if "run" in step]
    runs = [run for run in runs if "pytest" in run]
    assert runs == [f'python -m pytest {options} -m ""'] * 2


def test_the_repository_is_small():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git repository")
    files = [ROOT / name for name in listed.stdout.split("\0") if name]
    assert sum(file.stat().st_size for file in files if file.is_file()) < 20_000_000
