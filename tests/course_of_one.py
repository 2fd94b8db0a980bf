"""A solved notebook with one exercise of each kind, small enough to run in every test that needs one."""

from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

GRADED = {"locked": True, "schema_version": 3, "solution": False, "task": False, "grade": True, "points": 1}
SOLVED = {"locked": False, "schema_version": 3, "solution": True, "task": False, "grade": False}

TOP = """\
# One chapter

[Next](two.ipynb#start), [far](https://example.org), [here](#a)."""

SETUP = """\
import numpy as np
import gmm_tutorial as gmm
from gmm_tutorial.homework import check"""

INTRODUCTION = """\
## 1. Exercises

Three tasks. The solutions are folded. An unsolved copy is [one.ipynb](student/one.ipynb), to be filled in.
Read [the README](../README.md) first."""

MEAN = '''\
def my_mean(points, responsibilities):
    """The mean of each component, shape (K, D)."""
    ### BEGIN SOLUTION
    counts = responsibilities.sum(axis=0)

    return responsibilities.T @ points / counts[:, None]
    ### END SOLUTION'''
SPREAD = '''\
def my_spread(numbers):
    """The standard deviation of some numbers."""
    ### BEGIN SOLUTION
    if len(numbers) == 1:
        return 0.0
    return np.sqrt(np.mean(np.square(numbers - np.mean(numbers))))
    ### END SOLUTION'''
TWICE = '''\
def my_twice(x):
    """Twice a number."""
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION'''

CHECK_MEAN = "check(my_mean, gmm.mean).assert_passed()"
CHECK_SPREAD = "check(my_spread, np.std, on=[(np.array([1.0, 2.0, 5.0]),), (np.array([3.0]),)]).assert_passed()"
CHECK_TWICE = '''\
def it_adds_up(twice):
    """Twice a sum is the sum of both, taken twice."""
    return twice(2) + twice(3) == twice(5)


check(my_twice, laws=[it_adds_up]).assert_passed()'''


def solution(number, source):
    metadata = {"jupyter": {"source_hidden": True}, "nbgrader": {"grade_id": f"exercise-1-{number}", **SOLVED}}
    return new_code_cell(source, id=f"solution-{number}", metadata=metadata)


def graded(number, source):
    metadata = {"nbgrader": {"grade_id": f"check-1-{number}", **GRADED}}
    return new_code_cell(source, id=f"check-{number}", metadata=metadata)


def picture_of_a_line():
    data = {"image/png": "iVBORw0KGgo=", "text/plain": "<Figure size 640x480 with 1 Axes>"}
    return {"data": data, "metadata": {"image/png": {"alt": "A line that rises."}}}


def picture():
    return new_output("display_data", **picture_of_a_line())


def printed(text="right\n"):
    return new_output("stream", name="stdout", text=text)


def solved_notebook():
    look = new_code_cell("print(my_twice(21))", id="look")
    cells = [
        new_markdown_cell(TOP, id="top"),
        new_code_cell(SETUP, id="setup"),
        new_markdown_cell(INTRODUCTION, id="introduction"),
        new_markdown_cell("### Exercise 1.1 · The mean\n\n<img src='../figures/a.png' alt='A cloud.'>", id="text-1"),
        solution(1, MEAN),
        graded(1, CHECK_MEAN),
        new_markdown_cell("### Exercise 1.2 · The spread", id="text-2"),
        solution(2, SPREAD),
        graded(2, CHECK_SPREAD),
        new_markdown_cell("### Exercise 1.3 · Twice", id="text-3"),
        solution(3, TWICE),
        graded(3, CHECK_TWICE),
        look,
    ]
    for number, cell in enumerate((cell for cell in cells if cell.cell_type == "code"), start=1):
        cell.execution_count = number
        cell.outputs = [printed()]
    cells[1].outputs.append(picture())
    look.outputs += [picture(), new_output("execute_result", **picture_of_a_line(), execution_count=9)]
    return new_notebook(cells=cells)
