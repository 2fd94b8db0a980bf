"""The program that puts mistakes in changes one token at a time, and sees which of them a test finds."""

from pathlib import Path

import pytest

import mutants

SOURCE = '''"""A docstring with 1 + 1 < 3."""

def far(x, *rest, limit=2):
    """More than 2?"""
    return abs(x) > 4 * max(x, 1) and not (x == 0)  # 5
'''


def test_each_mutant_differs_in_one_token_and_nothing_but_code_is_changed():
    line = "return abs(x) > 4 * max(x, 1) and not (x == 0)  # 5"
    pairs = [(">", ">="), ("4", "5"), ("*", "/"), ("max", "min"), ("1)", "2)"), ("and", "or"), ("==", "!="), ("0", "1")]
    changed = [mutants.put_in(mutant, SOURCE).splitlines()[4].strip() for mutant in mutants.mutants_of("far", SOURCE)]
    assert changed == [line.replace(old, new, 1) for old, new in pairs]


def test_every_module_with_code_has_mutants_that_are_python_and_a_seed_draws_the_same():
    every = {module: list(mutants.mutants_of(module, mutants.source_of(module))) for module in mutants.modules()}
    some = list(mutants.drawn(every, each=4, seed=3))
    assert some == list(mutants.drawn(every, each=4, seed=3)) != list(mutants.drawn(every, each=4, seed=4))
    without = {module for module, found in every.items() if not found}
    assert {mutant.module for mutant in some} == set(every) - without
    assert len(every) > 10
    assert all(mutants.source_of(module).count("\n") < 150 for module in without)
    for mutant in some:
        compile(mutants.put_in(mutant, mutants.source_of(mutant.module)), mutant.module, "exec")


@pytest.fixture
def checkout(tmp_path):
    """A package of two modules with a test for one of them, which fails if minus becomes plus."""
    for name, text in {
        "gmm_tutorial/__init__.py": "",
        "gmm_tutorial/sums.py": "def less(a, b):\n    return a - b\n",
        "gmm_tutorial/other.py": "def more(a, b):\n    return a + b\n",
        "tests/test_sums.py": "from gmm_tutorial.sums import less\ndef test():\n    assert less(3, 2) == 1\n",
        "tests/test_none.py": "from gmm_tutorial import other\ndef test():\n    assert other\n",
        "pyproject.toml": "[tool.pytest.ini_options]\nmarkers = ['slow']\n",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.slow
def test_a_mistake_is_shown_to_the_tests_that_run_its_line_and_found_if_one_fails(checkout):
    by_line = mutants.files_that_run_each_line(checkout, "tests")
    right, seen, unseen = (mutants.Mutant("gmm_tutorial/sums.py", 2, 13, 14, new) for new in "-+-")
    unseen = unseen._replace(module="gmm_tutorial/other.py")
    assert mutants.tests_for(seen, by_line) == ["tests/test_sums.py"]
    assert mutants.tests_for(unseen, by_line) == []
    assert not mutants.is_found(checkout, mutants.tests_for(unseen, by_line))
    source = Path(checkout / seen.module).read_text(encoding="utf-8")
    for mutant, found in ((right, False), (seen, True)):
        (checkout / mutant.module).write_text(mutants.put_in(mutant, source), encoding="utf-8")
        assert mutants.is_found(checkout, mutants.tests_for(mutant, by_line)) is found
