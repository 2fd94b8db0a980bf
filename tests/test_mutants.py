"""The program that puts mistakes in changes one token at a time, and sees which of them a test finds."""

import pytest

import mutants

SOURCE = '''"""A docstring with 1 + 1 < 3."""

def far(x, *rest, limit=2):
    """More than 2?"""
    return abs(x) > 4 * max(x, 1) and not (x == 0)  # 5
'''


def changed():
    return [mutants.put_in(mutant, SOURCE).splitlines()[4].strip() for mutant in mutants.mutants_of("far", SOURCE)]


def test_each_mutant_differs_in_one_token_and_nothing_but_code_is_changed():
    line = "return abs(x) > 4 * max(x, 1) and not (x == 0)  # 5"
    pairs = [(">", ">="), ("4", "5"), ("*", "/"), ("max", "min"), ("1)", "2)"), ("and", "or"), ("==", "!="), ("0", "1")]
    assert changed() == [line.replace(old, new, 1) for old, new in pairs]


@pytest.mark.parametrize("module", mutants.TESTS_OF)
def test_every_mutant_of_the_package_is_python(module):
    source = (mutants.ROOT / "gmm_tutorial" / f"{module}.py").read_text(encoding="utf-8")
    every = list(mutants.mutants_of(module, source))
    assert every
    for mutant in every:
        found = mutants.put_in(mutant, source)
        assert found != source
        compile(found, module, "exec")


@pytest.mark.parametrize(("new", "found"), [("+", True), ("-", False)])
def test_a_mistake_is_found_if_a_test_fails(tmp_path, monkeypatch, new, found):
    """One plus one is two; here minus is right, and plus the mistake."""
    monkeypatch.setattr(mutants, "TESTS_OF", {"sums": "sums"})
    monkeypatch.setattr(mutants, "OTHERS", "sums")
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_sums.py").write_text(f"def test_sum():\n    assert 3 {new} 2 == 1\n", encoding="utf-8")
    assert mutants.is_found(mutants.Mutant("sums", 1, 0, 1, new), tmp_path) is found
