"""Puts small mistakes into the formulas, one at a time, and lists those that no test finds.

    python tools/mutants.py              # all of them, the better part of an hour
    python tools/mutants.py --sample 60  # some, drawn at random

A mistake changes one token of one module: < into <=, + into −, a number into the next, any into all. The tests of
that module come first, then those of all others. What is left was found by none: it is equal in mathematics, or a test
is missing. The counts go into docs/evidence.json.
"""

import argparse
import collections
import io
import json
import os
import queue
import random
import shutil
import subprocess
import sys
import tokenize
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
TESTS_OF = {
    "gaussian": "gaussian mixture",
    "mixture": "mixture priors_and_matching",
    "steps": "em blocks",
    "blocks": "blocks em",
    "em": "em blocks",
    "initialization": "initialization",
    "constraints": "constraints priors_and_matching selection",
    "fitting": "fitting blocks acceleration",
    "acceleration": "acceleration",
    "selection": "selection",
}
OTHERS = "gaussian mixture em blocks initialization constraints priors_and_matching fitting acceleration selection"
OTHERS += " mistakes regression door disk"
OPERATORS = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==", "+": "-", "-": "+", "*": "/", "/": "*"}
OPERATORS |= {"**": "*", "//": "/", "and": "or", "or": "and", "True": "False", "False": "True"}
FUNCTIONS = {"min": "max", "max": "min", "argmin": "argmax", "argmax": "argmin", "any": "all", "all": "any"}
FUNCTIONS |= {"minimum": "maximum", "maximum": "minimum", "square": "abs", "sqrt": "abs", "exp": "abs", "zeros": "ones"}
NO_PLACE = ("from ", "import ", "@", "def ", "class ")


class Mutant(NamedTuple):
    module: str
    line: int
    start: int
    end: int
    new: str


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
    if token.string in ("*", "**") and before in ("(", "[", ",", "=", "*", "return"):  # unpacks, multiplies nothing
        return None
    if token.type in (tokenize.OP, tokenize.NAME) and token.string in OPERATORS:
        return OPERATORS[token.string]
    return FUNCTIONS.get(token.string) if after == "(" else None


def put_in(mutant, source):
    lines = source.split("\n")
    line = lines[mutant.line - 1]
    lines[mutant.line - 1] = line[: mutant.start] + mutant.new + line[mutant.end :]
    return "\n".join(lines)


def passes(folder, tests):
    """True if all these tests pass on the package in a folder; it may take a quarter of an hour."""
    environment = os.environ | {"PYTHONPATH": str(folder), "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    options = ["-x", "-q", "-p", "no:nbval", "-p", "no:cacheprovider", "-o", "addopts="]
    command = [sys.executable, "-m", "pytest", *options, *(f"tests/test_{name}.py" for name in tests)]
    try:
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, timeout=900, check=False)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def is_found(mutant, folder):
    first = TESTS_OF[mutant.module].split()
    rest = [name for name in OTHERS.split() if name not in first]
    return not (passes(folder, first) and passes(folder, rest))


def copy_of_the_package(folder):
    for part in ("gmm_tutorial", "tests", "tools"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def tried(mutant, source, folders):
    """True if a test finds the mistake; it is put into one of the folders, and taken out again."""
    folder = folders.get()
    path = folder / "gmm_tutorial" / f"{mutant.module}.py"
    path.write_text(put_in(mutant, source), encoding="utf-8")
    found = is_found(mutant, folder)
    if not found:
        changed = put_in(mutant, source).split("\n")[mutant.line - 1].strip()
        print(f"{mutant.module}.py:{mutant.line}: nobody minds: {changed}", flush=True)
    path.write_text(source, encoding="utf-8")
    folders.put(folder)
    return found


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sample", type=int, help="so many of the mistakes, drawn at random")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="so many at a time")
    options = parser.parse_args(arguments)
    sources = {name: (ROOT / "gmm_tutorial" / f"{name}.py").read_text(encoding="utf-8") for name in TESTS_OF}
    every = [mutant for name, source in sources.items() for mutant in mutants_of(name, source)]
    chosen = random.Random(options.seed).sample(every, min(options.sample or len(every), len(every)))
    with TemporaryDirectory() as name:
        folders = queue.SimpleQueue()
        for job in range(options.jobs):
            folders.put(copy_of_the_package(Path(name) / str(job)))
        folder = folders.get()
        if not passes(folder, OTHERS.split()):
            sys.exit("The tests fail without any mistake put in: mend that first.")
        folders.put(folder)
        with ThreadPoolExecutor(options.jobs) as pool:
            found = list(pool.map(lambda mutant: tried(mutant, sources[mutant.module], folders), chosen))
    counts = collections.Counter("killed" if one else "survived" for one in found)
    print(f"{counts['killed']} found and {counts['survived']} not, of {len(chosen)} drawn from {len(every)}")
    store({"drawn": len(chosen), "all": len(every), "killed": counts["killed"], "survived": counts["survived"]})


def store(counts):
    path = ROOT / "docs" / "evidence.json"
    evidence = json.loads(path.read_text(encoding="utf-8"))
    evidence["mutants"] = {"command": "make mutants", "date": date.today().isoformat()} | counts
    path.write_text(json.dumps(evidence, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
