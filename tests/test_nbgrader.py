"""The masters are assignments of nbgrader as they are: the release is unsolved, and wrong work loses its marks."""

import os
import re
import subprocess
import sys
from pathlib import Path

import course_of_one as one
import pytest
from test_student import MASTERS, exercises, grading, is_graded, is_solution

import notebooks
import student

pytest.importorskip("nbgrader", reason="To grade a class with nbgrader, pip install -e '.[nbgrader]'.")
from nbgrader.api import Gradebook

pytestmark = pytest.mark.slow
FOURTH = next(path for path in MASTERS if path.name.startswith("04"))
ASSIGNMENT = "course"
WRONG = {
    "ada": {1: "return None"},
    "carl": {2: student.STUB, 3: "return [1.0, 2.0, 3.0]"},
    "emmy": {1: "return 0.0 * len(points)", 2: "raise ValueError('no idea')", 3: student.STUB},
}


@pytest.fixture(scope="module", params=["one", FOURTH.stem])
def course(request, tmp_path_factory):
    """A folder with the solved notebook, its release, and the graded work of four."""
    folder = tmp_path_factory.mktemp("course")
    master = one.solved_notebook() if request.param == "one" else notebooks.read(FOURTH)
    store(master, folder / "source" / ASSIGNMENT, request.param)
    nbgrader("generate_assignment", folder)
    for name, changes in {"max": {}, **WRONG}.items():
        store(changed(master, changes), folder / "submitted" / name / ASSIGNMENT, request.param)
    unsolved = student.copy_for_students(master, f"{request.param}.ipynb")
    store(unsolved, folder / "submitted" / "sonja" / ASSIGNMENT, request.param)
    nbgrader("autograde", folder)
    return folder, master, request.param


@pytest.fixture(scope="module", autouse=True)
def programs_of_this_python():
    """nbgrader starts alembic by its name."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
        yield


def nbgrader(what, folder):
    home = {"HOME": "home", "USERPROFILE": "home", "IPYTHONDIR": "ipython", "JUPYTER_CONFIG_DIR": "config"}
    home |= {"JUPYTER_DATA_DIR": "data", "JUPYTER_RUNTIME_DIR": "runtime"}
    environment = os.environ | {key: str(folder / value) for key, value in home.items()}
    command = [sys.executable, "-m", "nbgrader", what, ASSIGNMENT, "--course-dir", str(folder)]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    told = done.stdout + done.stderr
    assert done.returncode == 0, told
    assert "partial credit" not in told


def store(notebook, folder, name):
    folder.mkdir(parents=True)
    (folder / f"{name}.ipynb").write_text(notebooks.written(notebook), encoding="utf-8")


def changed(master, changes):
    """The master with other bodies in some of its exercises."""
    changed = notebooks.clean(master)
    for (_, number), cells in exercises(changed).items():
        if number in changes:
            cell = next(filter(is_solution, cells))
            cell.source = student.REGION.sub(rf"\1{changes[number]}", cell.source)
    return changed


def marks(course, name):
    """The number of each exercise → the marks that its checks have brought."""
    folder, master, notebook = course
    with Gradebook(f"sqlite:///{folder}/gradebook.db") as gradebook:
        return {
            number: sum(
                gradebook.find_grade(grading(cell).grade_id, notebook, ASSIGNMENT, name).score
                for cell in filter(is_graded, cells)
            )
            for (_, number), cells in exercises(master).items()
        }


def test_the_release_has_every_stub_and_no_solution(course):
    folder, master, name = course
    released = notebooks.read(folder / "release" / ASSIGNMENT / f"{name}.ipynb")
    stubs = [cell for cell in notebooks.code(released) if "raise NotImplementedError" in cell.source]
    assert len(stubs) == len(exercises(master)) == len([*filter(is_solution, notebooks.code(released))])
    text = notebooks.written(released)
    assert not re.search("(BEGIN|END) SOLUTION", text)
    for cell in filter(is_solution, notebooks.code(master)):
        solution = student.REGION.search(cell.source)[0].splitlines()[1:-1]
        assert "\n".join(solution) not in "\n".join(cell.source for cell in notebooks.code(released))


def test_the_solved_notebook_has_full_marks(course):
    assert set(marks(course, "max").values()) == {1}


@pytest.mark.parametrize("name", WRONG)
def test_marks_are_lost_where_the_work_is_wrong_and_nowhere_else(course, name):
    assert {number for number, mark in marks(course, name).items() if mark == 0} == set(WRONG[name])


def test_the_unsolved_copy_can_be_handed_in_and_has_no_marks(course):
    assert set(marks(course, "sonja").values()) == {0}
