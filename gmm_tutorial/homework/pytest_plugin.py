"""A fixture for pytest: put `pytest_plugins = ["gmm_tutorial.homework.pytest_plugin"]` into conftest.py.

def test_mean(grade):
    grade("my_mean")

python -m pytest --answers answers.py --checks checks.py
"""

import pytest

from gmm_tutorial.homework.grading import Grader


def pytest_addoption(parser):
    group = parser.getgroup("gmm_tutorial homework")
    group.addoption("--answers", default="answers.py", help="the file of answers that `grade` judges")
    group.addoption("--checks", default=None, help="a file that defines CHECKS")


@pytest.fixture
def grade(request):
    """Judges one answer in a process of its own, and fails with the words that the student would read."""
    return Grader(request.config.getoption("--answers"), request.config.getoption("--checks"))
