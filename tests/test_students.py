"""The checker, measured on answers as students write them: named, helped, left alone, misled, let through, rejected."""

import re

import pytest
from students import RIGHT, WRONG, densities, others, right_ones, steps, unseen  # noqa: F401

from gmm_tutorial.homework import check

NAMES = r"numbers of|as often as|come as|looks like|another order|gives (two|the same)|the answer of the first"
NO_HELP = r"differs? from what is right$|not satisfy"


def outcome(answer, formula, says):
    """In one word, what the check does for a wrong answer; `says` is what a diagnosis of its mistake would say."""
    result = check(answer, formula)
    words = str(result).split("The formula:")[0]
    if result:
        return "let through"
    if re.search(says, words):
        return "named"
    if re.search(NAMES, result.headline):
        return "misled"
    return "left alone" if re.search(NO_HELP, result.headline) else "helped"


def name(value):
    return getattr(value, "__name__", "")


@pytest.mark.parametrize(("answer", "formula", "says"), WRONG, ids=name)
def test_a_wrong_answer_is_named_or_helped(answer, formula, says):
    assert outcome(answer, formula, says) in ("named", "helped")


@pytest.mark.parametrize(("answer", "formula"), RIGHT, ids=name)
def test_a_right_answer_in_an_odd_style_passes(answer, formula):
    result = check(answer, formula)
    assert result, str(result)


def test_there_are_enough_of_both():
    assert len(WRONG) >= 290
    assert len(RIGHT) >= 80


def test_a_second_hint_says_more_of_every_wrong_answer():
    for answer, formula, _ in WRONG[::9]:
        first, second = (str(check(answer, formula, hints=hints)) for hints in (1, 2))
        assert len(second) > len(first), answer.__name__
