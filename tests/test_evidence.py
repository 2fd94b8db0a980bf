"""The page `How this is tested` counts and measures what it says it does."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

import evidence

PAGE = Path(__file__).parent.parent / "docs" / "how_this_is_tested.md"


def test_the_exact_log_density_is_that_of_scipy_where_that_is_good():
    rng = np.random.default_rng(3)
    mean, covariance = evidence.gaussian(rng, condition=30.0, offset=2.0)
    points = mean + rng.standard_normal((7, 3))
    exact = [float(value) for value in evidence.exact_log_density(points, mean, covariance)]
    np.testing.assert_allclose(exact, stats.multivariate_normal(mean, covariance).logpdf(points), rtol=1e-12)


@pytest.mark.parametrize("condition", [1.0, 1e5, 1e12])
def test_a_covariance_has_the_condition_number_that_the_axis_says(condition):
    _, covariance = evidence.gaussian(np.random.default_rng(3), condition, 1.0)
    assert 0.9 < np.linalg.cond(covariance) / condition < 1.1


def test_each_library_is_asked_for_the_same_number():
    rng = np.random.default_rng(3)
    mean, covariance = evidence.gaussian(rng, condition=30.0, offset=2.0)
    points = mean + rng.standard_normal((7, 3))
    results = [way(points, mean, covariance) for way in evidence.WAYS.values()]
    np.testing.assert_allclose(results, [results[0]] * 3, rtol=1e-10)


def test_what_the_titles_of_the_picture_say_is_asked_of_the_numbers():
    by_condition = [evidence.errors(condition, 1.0) for condition in evidence.CONDITIONS]
    by_offset = [evidence.errors(100.0, offset) for offset in evidence.OFFSETS]
    assert evidence.alike(by_condition)
    assert evidence.steady(by_offset)
    assert not evidence.alike([{name: errors + 1 for name, errors in found.items()} for found in by_condition])
    assert not evidence.steady(by_condition)


def test_what_was_not_run_is_said_to_be_missing():
    assert "No run of it is recorded" in evidence.sentence_of_fuzz({})
    assert "No run of it is recorded" in evidence.sentence_of_mutants({})
    run = {"command": "make mutants", "date": "2026-01-02", "drawn": 90, "all": 1200, "killed": 87, "survived": 3}
    assert "90 of 1,200, drawn at random, 2026-01-02" in evidence.sentence_of_mutants({"mutants": run})
    assert "failed for 87 of these changes, and 3 went unnoticed." in evidence.sentence_of_mutants({"mutants": run})
    assert "(all of them, " in evidence.sentence_of_mutants({"mutants": run | {"drawn": 1200}})


def test_the_page_says_what_was_stored():
    stored = json.loads(evidence.STORED.read_text(encoding="utf-8"))
    page = PAGE.read_text(encoding="utf-8")
    assert evidence.sentence_of_fuzz(stored) in page
    assert evidence.sentence_of_mutants(stored) in page


def test_functions_with_fewer_odd_inputs_are_named_with_their_number():
    run = {"command": "make fuzz", "date": "2026-01-02", "functions": 3, "inputs": 20_500, "minutes": 9.6}
    run |= {"each": 10_000, "fewer": {"slow": 500}, "results": 12_000, "refused": 8_500}
    told = " ".join(evidence.sentence_of_fuzz({"fuzz": run}).split())
    assert "3 public functions with 10,000 odd inputs each (slow ones with fewer: `slow` with 500);" in told
    assert "These are 20,500 calls in all (2026-01-02, 10 minutes): 12,000 returned a result, 8,500 raised" in told
    assert "fewer" not in evidence.sentence_of_fuzz({"fuzz": run | {"fewer": {}}})


def test_a_fault_without_its_test_is_not_claimed():
    fault, test = next(iter(evidence.FAULTS.items()))
    assert evidence.faults([f"tests/{test}"]) == [fault]
    assert evidence.faults([]) == []


def test_every_fault_of_the_page_has_its_test():
    tests = "\n".join(f"{path.name}::{path.read_text(encoding='utf-8')}" for path in Path(__file__).parent.glob("*.py"))
    for test in evidence.FAULTS.values():
        file, name = test.split("::")
        assert re.search(rf"^def {name}", tests, re.MULTILINE)
        assert f"{file}::" in tests


def test_the_page_has_its_picture_with_alt_text_and_says_what_was_not_tested():
    page = PAGE.read_text(encoding="utf-8")
    picture = re.search(r"!\[.{80,}\]\((\S+)\)", page)[1]
    assert (PAGE.parent / picture).is_file()
    assert "## What is not tested" in page
