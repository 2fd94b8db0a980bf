"""A file of answers is graded: each exercise in a fresh process, with limits of time and memory.

    python -m gmm_tutorial.homework answers.py                      # every function that is named like a formula
    python -m gmm_tutorial.homework answers.py --only my_mean --hints 2 --json report.json
    python -m gmm_tutorial.homework answers.py --checks checks.py       # exercises of your own

A function `my_mean`, or `mean`, is held against gmm.mean. `checks.py` may define CHECKS, a dict of name → the arguments
of `check`: CHECKS = {"my_spread": {"formula": np.std, "on": [(points,)]}, "my_mean": {"formula": gmm.mean}}; then these
are the exercises, and a name that the answers lack has failed. In pytest, `grade("my_mean")` does the same.

Of the answers only imports, definitions and assignments are run, one after the other: one that fails, or that Python
cannot read, costs only what needs it. The verdict comes back with a word that only the grader knows, and a process that
ends without one has failed.
"""

import argparse
import ast
import json
import re
import runpy
import secrets
import subprocess
import sys
import tempfile
import types
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

SECONDS, MEGABYTES = 60, 4096
KEPT = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
KEPT += (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Try, ast.If)


@dataclass(frozen=True)
class Verdict:
    """The outcome of one exercise: its name, whether it passed, one line, and the whole text."""

    exercise: str
    passed: bool
    headline: str
    text: str = ""


# ---- the grader's side


def graded(answers, checks=None, only=(), **how):
    """A Verdict for each exercise of a file of answers."""
    return [judged_apart(answers, name, checks, **how) for name in only or exercises_in(answers, checks)]


def exercises_in(answers, checks=None):
    """The names of the exercises: those of the checks, or the functions that are named like formulas of the package."""
    if checks:
        return list(checks_of(checks))
    defined = re.findall(r"^(?:async )?def (\w+)|^(\w+) *= *lambda", source_of(answers), re.MULTILINE)
    return [name for name in dict.fromkeys(a or b for a, b in defined) if formula_named(name)]


def judged_apart(answers, name, checks=None, hints=1, seconds=SECONDS, megabytes=MEGABYTES):
    """The Verdict of one exercise, from a process of its own."""
    word = secrets.token_hex(16)
    order = {"answers": str(answers), "name": name, "checks": checks and str(checks), "hints": hints}
    command = [sys.executable, "-c", "from gmm_tutorial.homework.grading import serve; serve()"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / secrets.token_hex(8)
        given = json.dumps([word, str(report), seconds, megabytes, order]).encode()
        try:
            status = subprocess.run(command, input=given, timeout=seconds, **quiet).returncode
            why = f"the process ended without a verdict (exit status {status})"
        except subprocess.TimeoutExpired:
            why = f"it took more than {seconds} seconds"
        told = report.read_text(encoding="utf-8") if report.exists() else ""
    if not told.startswith(word):
        return Verdict(name, False, f"{name}: {why}")
    return Verdict(**json.loads(told.removeprefix(word)))


# ---- the side of the answers


def serve():
    """Judges one exercise in this process, and writes the verdict into the file that the grader reads."""
    word, report, seconds, megabytes, order = json.loads(sys.stdin.buffer.read())
    with suppress(ImportError):  # Windows has no limits
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (megabytes * 2**20, megabytes * 2**20))
        resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 1, int(seconds) + 1))
    try:
        verdict = judged_here(**order)
    except Exception as error:
        headline = f"{order['name']}: the check itself failed ({type(error).__name__}: {error})"
        verdict = Verdict(order["name"], False, headline)
    Path(report).write_text(word + json.dumps(asdict(verdict)), encoding="utf-8")


def judged_here(answers, name, checks=None, hints=1):
    from gmm_tutorial.homework import check  # before any answer is run: what it compares with is bound by then

    wanted = checks_of(checks)[name] if checks else {"formula": formula_named(name)}
    try:
        found, faults = names_in(answers)
    except OSError as error:
        return Verdict(name, False, f"{name}: the answers cannot be read ({error.strerror})")
    if name not in found:
        return Verdict(name, False, f"{name}: {faults.get(name, 'there is no function of this name')}")
    result = check(found[name], hints=hints, **wanted)
    passed, headline, text = result.passed is True, result.headline, str(result)
    return Verdict(name, passed, headline, text)


def checks_of(path):
    return runpy.run_path(str(path), run_name="checks")["CHECKS"]


def source_of(path):
    """The text of a file; of a notebook its code cells, without their magics."""
    text = Path(path).read_text(encoding="utf-8")
    if Path(path).suffix != ".ipynb":
        return text
    cells = ["".join(cell["source"]) for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
    return "\n\n".join(re.sub(r"^[%!].*$", "", cell, flags=re.MULTILINE) for cell in cells)


def names_in(path):
    """What a file defines, and name → why not for what it does not."""
    module = types.ModuleType("answers")
    module.__file__ = str(path)
    sys.modules["answers"] = module
    sys.path.insert(0, str(Path(path).resolve().parent))
    faults = {}
    for statement in statements_of(source_of(path), faults):
        try:
            exec(compile(ast.Module([statement], []), str(path), "exec"), vars(module))
        except Exception as error:
            fault = f"line {statement.lineno} raised {type(error).__name__}: {error}"
            names = [getattr(node, "name", getattr(node, "id", None)) for node in ast.walk(statement)]
            faults.update(dict.fromkeys(names, fault))
    return vars(module), faults


def statements_of(source, faults):
    """The statements that are run. If Python cannot read the whole, it reads block by block."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        tree = ast.Module([statement for block in blocks_of(source) for statement in read_block(*block, faults)], [])
    return [statement for statement in tree.body if isinstance(statement, KEPT)]


def blocks_of(source):
    """(the line before it, text) of each piece that begins at the left margin."""
    lines, starts = source.splitlines(), []
    for number, line in enumerate(lines):
        begins = re.match(r"[A-Za-z_@]", line) and not re.match(r"(else|elif|except|finally)\b", line)
        if begins and not (number and lines[number - 1].startswith("@")):
            starts.append(number)
    return [(start, "\n".join(lines[start:end])) for start, end in zip(starts, [*starts[1:], len(lines)])]


def read_block(start, text, faults):
    try:
        return ast.parse("\n" * start + text).body
    except SyntaxError as error:
        name = re.search(r"def (\w+)", text) or re.match(r"\W*(\w+)", text)
        faults[name[1]] = f"Python cannot read line {error.lineno}: {error.msg}"
        return []


def formula_named(name):
    """The formula of the package that a function is named after, or None."""
    from gmm_tutorial.homework.exercises import BY_FORMULA

    by_name = {formula.__name__: formula for formula in BY_FORMULA} | {"step": None}
    return by_name.get(name) or by_name.get(name.removeprefix("my_"))


# ---- for people and programs


def main(arguments=None):
    """Prints one line an exercise and the words for what is wrong; the exit status is 0 if all passed."""
    parser = argparse.ArgumentParser(prog="python -m gmm_tutorial.homework", description=main.__doc__)
    parser.add_argument("answers", help="a Python file or a notebook")
    parser.add_argument("--checks", help="a Python file that defines CHECKS")
    parser.add_argument("--only", nargs="+", default=(), metavar="NAME", help="these exercises")
    parser.add_argument("--hints", type=int, default=1, choices=(1, 2))
    parser.add_argument("--seconds", type=float, default=SECONDS, help="for each exercise")
    parser.add_argument("--megabytes", type=int, default=MEGABYTES, help="for each exercise")
    parser.add_argument("--json", help="a file for the report; - prints it in place of the text")
    given = parser.parse_args(arguments)
    if not Path(given.answers).is_file():
        parser.error(f"there is no file {given.answers}")
    limits = {"hints": given.hints, "seconds": given.seconds, "megabytes": given.megabytes}
    verdicts = graded(given.answers, given.checks, given.only, **limits)
    passed = sum(verdict.passed for verdict in verdicts)
    told = {"answers": given.answers, "passed": passed, "of": len(verdicts), "exercises": [*map(asdict, verdicts)]}
    report = json.dumps(told, indent=1, ensure_ascii=False)
    if given.json and given.json != "-":
        Path(given.json).write_text(report + "\n", encoding="utf-8")
    print(report if given.json == "-" else text_of(verdicts, passed))
    return 0 if verdicts and passed == len(verdicts) else 1


def text_of(verdicts, passed):
    lines = [f"{'✓' if verdict.passed else '✗'} {verdict.headline}" for verdict in verdicts]
    wrong = [verdict.text for verdict in verdicts if not verdict.passed and "\n" in verdict.text]
    return "\n".join([*lines, "", *wrong, *([""] * bool(wrong)), f"{passed} of {len(verdicts)} passed"])


# ---- pytest: pytest_plugins = ["gmm_tutorial.homework.pytest_plugin"] in conftest.py


@dataclass(frozen=True)
class Grader:
    """`grade("my_mean")` fails the test with the words of the check if the answer in the file is wrong."""

    answers: str
    checks: str = None

    def __call__(self, name, hints=1, **limits):
        __tracebackhide__ = True
        verdict = judged_apart(self.answers, name, self.checks, hints, **limits)
        if not verdict.passed:
            raise AssertionError(verdict.text or verdict.headline)
        return verdict
