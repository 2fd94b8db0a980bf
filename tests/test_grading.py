"""A file of answers is judged one by one, whatever one of them does."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from gmm_tutorial.homework.grading import Grader, blocks_of, exercises_in, graded, judged_apart, main, statements_of

ROOT = Path(__file__).parents[1]
HEAD = "import os\nimport numpy as np\nimport gmm_tutorial as gmm\n\n"
MEAN = """def my_mean(points, responsibilities):
    return responsibilities.T @ points / responsibilities.sum(axis=0)[:, None]
"""
WEIGHT = "def my_weight(responsibilities):\n    return responsibilities.mean(axis=0)\n"
HOSTILE = {
    "a syntax error": ("def my_count(responsibilities)\n    return 1\n", "Python cannot read line"),
    "the end of the process": ("def my_count(responsibilities):\n    os._exit(0)\n", "ended without a verdict"),
    "a patched NumPy": (
        "def my_count(responsibilities):\n"
        "    np.isclose = np.allclose = np.array_equal = np.all = lambda *a, **k: True\n"
        "    return np.zeros(responsibilities.shape[1])\n",
        "your counts are zero",
    ),
    "a patched checker": (
        "import gmm_tutorial.homework.localize as l, gmm_tutorial.homework.diagnosis as d\n"
        "l.agreeing = l.same = d.same = lambda *a, **k: np.True_\n\n\n"
        "def my_count(responsibilities):\n    return np.zeros(responsibilities.shape[1])\n",
        "your counts are zero",
    ),
    "an assertion replaced": (
        "from gmm_tutorial.homework import Result\nResult.assert_passed = lambda self: self\n\n\n"
        "def my_count(responsibilities):\n    return responsibilities.sum(axis=1)\n",
        "numbers of: a sum over the components",
    ),
    "an exception at the top": ("x = 1 / 0\n\n\ndef my_count(responsibilities):\n    return x\n", "raised NameError"),
    "a process that prints and leaves": (
        "def my_count(responsibilities):\n    print('✓ passed' * 1000)\n    raise SystemExit(0)\n",
        "raised SystemExit",
    ),
    "a question": ("def my_count(responsibilities):\n    return input()\n", "raised EOFError"),
}


def written(tmp_path, text, name="answers.py"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_one_answer_does_costs_no_other_one(kind, tmp_path):
    code, words = HOSTILE[kind]
    answers = written(tmp_path, HEAD + MEAN + "\n\n" + code + "\n\nos._exit(0)\n\n" + WEIGHT)
    before, hostile, after = graded(answers)
    assert (before.passed, hostile.passed, after.passed) == (True, False, True), hostile
    assert words in hostile.text + hostile.headline


def test_a_sleeping_answer_and_a_greedy_one_meet_their_limits(tmp_path):
    answers = written(tmp_path, "import time\n\n\ndef my_count(responsibilities):\n    time.sleep(600)\n")
    assert "took more than 4 seconds" in judged_apart(answers, "my_count", seconds=4).headline
    greedy = written(tmp_path, "def my_count(responsibilities):\n    return bytearray(10**11)\n", "greedy.py")
    assert not judged_apart(greedy, "my_count", seconds=60).passed


def test_the_report_has_one_line_an_exercise_and_the_status_tells_whether_all_passed(tmp_path, capsys):
    answers = written(
        tmp_path, HEAD + MEAN + "\n\ndef my_weight(responsibilities):\n    return responsibilities.sum(axis=0)\n"
    )
    report = tmp_path / "report.json"
    assert main([str(answers), "--json", str(report)]) == 1
    text = capsys.readouterr().out
    assert text.startswith(
        "✓ my_mean agrees with gmm.mean\n✗ my_weight: these are exactly the numbers of: counts in place"
    )
    assert text.endswith("1 of 2 passed\n")
    told = json.loads(report.read_text(encoding="utf-8"))
    assert [told["passed"], told["of"], [each["passed"] for each in told["exercises"]]] == [1, 2, [True, False]]
    assert main([str(answers), "--only", "my_mean", "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["passed"] == 1


def test_the_command_is_run_as_the_page_says(tmp_path):
    answers = written(tmp_path, HEAD + WEIGHT)
    command = [sys.executable, "-m", "gmm_tutorial.homework", str(answers)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", cwd=ROOT)
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "✓ my_weight agrees with gmm.weight")
    assert subprocess.run([*command[:-1], str(tmp_path / "none.py")], capture_output=True, cwd=ROOT).returncode == 2


CHECKS = "import numpy as np\n\nCHECKS = {'my_spread': {'formula': np.std, 'on': [(np.array([1.0, 2, 5]),)]}}\n"


def test_own_checks_say_what_the_exercises_are(tmp_path):
    checks = written(tmp_path, CHECKS, "checks.py")
    answers = written(tmp_path, "import numpy as np\nmy_spread = lambda x: np.sqrt(np.var(x))\n")
    assert [verdict.passed for verdict in graded(answers, checks)] == [True]
    [missing] = graded(written(tmp_path, "", "empty.py"), checks)
    assert missing.headline == "my_spread: there is no function of this name"


def test_the_fixture_fails_with_the_words_of_the_check(tmp_path):
    grade = Grader(str(written(tmp_path, HEAD + MEAN + "\n\n" + WEIGHT.replace(".mean(axis=0)", ".mean()"))))
    assert grade("my_mean").passed
    with pytest.raises(AssertionError, match=r"my_weight came back|your weights came back"):
        grade("my_weight")


def test_a_notebook_is_read_too(tmp_path):
    cells = [{"cell_type": "code", "source": ["%matplotlib inline\n", "import numpy as np\n"]}]
    cells += [{"cell_type": "markdown", "source": ["def no_code(): pass"]}, {"cell_type": "code", "source": [WEIGHT]}]
    notebook = written(tmp_path, json.dumps({"cells": cells}), "answers.ipynb")
    assert exercises_in(notebook) == ["my_weight"]
    assert [verdict.passed for verdict in graded(notebook)] == [True]


def test_what_python_cannot_read_is_cut_out():
    source = "import a\n@b\ndef f(:\n    pass\n\nx = 1\ntry:\n    y = 2\nexcept ValueError:\n    y = 3\nprint(x)\n"
    assert [text.splitlines()[0] for _, text in blocks_of(source)] == ["import a", "@b", "x = 1", "try:", "print(x)"]
    faults = {}
    assert [statement.lineno for statement in statements_of(source, faults)] == [1, 6, 7]
    assert list(faults) == ["f"]


def test_a_fault_is_told_to_the_answer_that_lacks_it_and_a_failed_check_to_whoever_wrote_it(tmp_path):
    text = "x = 1 / 0\nmy_count = x.y\nmy_mean = (\n\n\ndef my_mode(points):\n    return points\n"
    checks = "CHECKS = {n: {} for n in ['my_count', 'my_mean', 'my_mode', 'my_weight']}\n"
    answers, checks = written(tmp_path, text), written(tmp_path, checks, "checks.py")
    words = ["line 2 raised NameError", "Python cannot read line 3", "the check itself failed (ValueError: There is "]
    words.append("there is no function of this name")
    for word, verdict in zip(words, graded(answers, checks), strict=True):
        assert word in verdict.headline
