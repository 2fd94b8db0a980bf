"""Puts small mistakes into the package, one at a time, and lists those that no test finds.

    python tools/mutants.py            # six in each module, drawn at random: about an hour
    python tools/mutants.py --each 2   # two in each
    python tools/mutants.py --modules compiled storage

A mistake changes one token: < into <=, + into −, a number into the next, any into all. One run of all quick tests notes
which test files run which line; after that, each mistake is shown only to those that run its line. A mistake that all
of them overlook is equivalent to the original, or a test is missing. The counts go into docs/evidence.json.
"""

import argparse
import collections
import io
import json
import os
import queue
import random
import shutil
import string
import subprocess
import sys
import tokenize
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
PACKAGE = "gmm_tutorial"
OPERATORS = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==", "+": "-", "-": "+", "*": "/", "/": "*"}
OPERATORS |= {"**": "*", "//": "/", "and": "or", "or": "and", "True": "False", "False": "True"}
FUNCTIONS = {"min": "max", "max": "min", "argmin": "argmax", "argmax": "argmin", "any": "all", "all": "any"}
FUNCTIONS |= {"minimum": "maximum", "maximum": "minimum", "square": "abs", "sqrt": "abs", "exp": "abs", "zeros": "ones"}
NO_PLACE = ("from ", "import ", "@", "def ", "class ")
KEYWORDS, OPERAND = ("return", "yield", "lambda", "in"), {*string.ascii_letters, *string.digits, *"_)]}\"'"}
COVERAGE = f"[run]\nsource = {PACKAGE}\n"


class Mutant(NamedTuple):
    module: str
    line: int
    start: int
    end: int
    new: str


def modules():
    """The path of every module of the package, from the root of the checkout."""
    return sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / PACKAGE).rglob("*.py"))


def source_of(module):
    return (ROOT / module).read_text(encoding="utf-8")


def mutants_of(module, source):
    """All changes of one token, outside of docstrings and the heads of functions."""
    lines, tokens = source.splitlines(), list(tokenize.generate_tokens(io.StringIO(source).readline))
    for before, token, after in zip(["", *tokens], tokens, [*tokens[1:], ""]):
        if lines and not lines[min(token.start[0], len(lines)) - 1].lstrip().startswith(NO_PLACE):
            new = replacement(token, getattr(before, "string", ""), getattr(after, "string", ""))
            if new:
                yield Mutant(module, token.start[0], token.start[1], token.end[1], new)


def replacement(token, before, after):
    if token.type == tokenize.NUMBER:
        return repr(eval(token.string) + 1)
    if token.string in ("*", "**") and (before in KEYWORDS or before[-1:] not in OPERAND):  # unpacks
        return None
    if token.type in (tokenize.OP, tokenize.NAME) and token.string in OPERATORS:
        return OPERATORS[token.string]
    return FUNCTIONS.get(token.string) if after == "(" else None


def drawn(every, each, seed):
    """At most so many mutants of each module; a module's do not depend on the other modules."""
    for module, found in every.items():
        yield from random.Random(f"{seed} {module}").sample(found, min(each, len(found)))


def put_in(mutant, source):
    lines = source.split("\n")
    line = lines[mutant.line - 1]
    lines[mutant.line - 1] = line[: mutant.start] + mutant.new + line[mutant.end :]
    return "\n".join(lines)


# ---- which tests run a line, and whether they find the mistake


def pytest(folder, *options, seconds=None):
    environment = os.environ | {"PYTHONPATH": str(folder), "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    quick = ["-q", "-m", "not slow", "-p", "no:nbval", "-p", "no:cacheprovider", "-o", "addopts=", "--doctest-modules"]
    command = [sys.executable, "-m", "pytest", *quick, f"--ignore={PACKAGE}/__init__.py", *options]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, timeout=seconds, check=False)


def files_that_run_each_line(folder, *options):
    """module → line → the test files that run it, the one with most tests first; line 0 stands for the whole module."""
    from coverage import CoverageData

    (folder / "coverage.ini").write_text(COVERAGE, encoding="utf-8")
    how = ["--cov", "--cov-config=coverage.ini", "--cov-context=test", "--cov-report="]
    done = pytest(folder, *how, *options)
    if done.returncode:
        sys.exit("Tests fail without any mistake put in; mend them first.\n" + done.stdout.decode()[-3000:])
    data = CoverageData(str(folder / ".coverage"))
    data.read()
    found = {}
    for path in data.measured_files():
        tests = data.contexts_by_lineno(path)
        tests[0] = [test for names in tests.values() for test in names]
        module = Path(path).relative_to(folder.resolve()).as_posix()
        found[module] = {line: files(names) for line, names in tests.items()}
    return found


def files(tests):
    counts = collections.Counter(test.partition("::")[0] for test in tests if "::" in test)
    return [file for file, _ in counts.most_common()]


def tests_for(mutant, by_line):
    """Compiled loops run unseen: their lines have the tests of their module."""
    lines = by_line.get(mutant.module, {})
    return lines.get(mutant.line) or lines.get(0, [])


def is_found(folder, tests):
    """True if one of these test files fails, or has no end within a quarter of an hour."""
    try:
        return bool(tests) and pytest(folder, "-x", *tests, seconds=900).returncode != 0
    except subprocess.TimeoutExpired:
        return True


def copy_of_the_checkout(folder):
    ignored = shutil.ignore_patterns(".venv*", ".git", "build", "__pycache__", ".hypothesis", ".*_cache", ".coverage")
    return Path(shutil.copytree(ROOT, folder, ignore=ignored))


def tried(mutant, tests, folders):
    """True if a test finds the mistake; it is put into one of the folders, and taken out again."""
    folder, source = folders.get(), source_of(mutant.module)
    path = folder / mutant.module
    path.write_text(put_in(mutant, source), encoding="utf-8")
    found = is_found(folder, tests)
    if not found:
        changed = put_in(mutant, source).split("\n")[mutant.line - 1].strip()
        print(f"{mutant.module}:{mutant.line}: no test fails with: {changed}", flush=True)
    path.write_text(source, encoding="utf-8")
    folders.put(folder)
    return found


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--each", type=int, default=6, help="so many mistakes in each module")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="so many at a time")
    parser.add_argument("--modules", nargs="+", help="only these, for instance compiled; nothing is stored then")
    options = parser.parse_args(arguments)
    chosen = [name for name in modules() if not options.modules or Path(name).stem in options.modules]
    every = {module: list(mutants_of(module, source_of(module))) for module in chosen}
    some = list(drawn(every, options.each, options.seed))
    with TemporaryDirectory() as name:
        folders = queue.SimpleQueue()
        for job in range(options.jobs):
            folders.put(copy_of_the_checkout(Path(name) / str(job)))
        folder = folders.get()
        side_by_side = f"--numprocesses={options.jobs}", "--dist=loadfile"
        by_line = files_that_run_each_line(folder, *side_by_side, "tests", PACKAGE)
        folders.put(folder)
        with ThreadPoolExecutor(options.jobs) as pool:
            found = list(pool.map(lambda mutant: tried(mutant, tests_for(mutant, by_line), folders), some))
    total = sum(map(len, every.values()))
    print(f"{sum(found)} found and {len(found) - sum(found)} not, of {len(found)} drawn from {total}")
    for module in every:
        of_module = [one for mutant, one in zip(some, found, strict=True) if mutant.module == module]
        print(f"{module.ljust(44)} {sum(of_module)} of {len(of_module)} found")
    if not options.modules:
        store({"drawn": len(found), "all": total, "killed": sum(found), "survived": len(found) - sum(found)})


def store(counts):
    path = ROOT / "docs" / "evidence.json"
    evidence = json.loads(path.read_text(encoding="utf-8"))
    evidence["mutants"] = {"command": "make mutants", "date": date.today().isoformat()} | counts
    path.write_text(json.dumps(evidence, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
