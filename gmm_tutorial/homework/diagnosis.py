"""From an answer to what it says about the student's idea: ask, compare, look where it differs, name what is known."""

import itertools
import reprlib
from dataclasses import dataclass, replace

import numpy as np

from gmm_tutorial.homework.asking import MIXTURE, BrokenContract, ask, axes_of, counted, is_mixture, spoken
from gmm_tutorial.homework.localize import Seen, all_zero, observations, only_where, rows_of, same, special, wrong_shape
from gmm_tutorial.homework.mistakes.general import COMPARE, VAGUE


@dataclass(frozen=True)
class Finding:
    """The heart of a Result: what was found, before the formula and the link are added."""

    headline: str
    hint: str = ""
    law: object = None
    example: str = ""
    more: str = ""
    passed: bool = False
    needs_example: bool = False


RIGHT, DIFFER = Finding("right", passed=True), "differ from what is right"


def examine(answer, exercise):
    """The finding for one answer."""
    answers, broken = ask_all(answer, exercise)
    parts = parts_seen(answers, exercise.rights, exercise.cases, exercise)
    seen = [part for part in parts if part.is_wrong]
    if not seen and not broken:
        return not_the_same_twice(answer, answers, exercise) or RIGHT
    if broken and (finding := swapped(answer, exercise)):
        return finding
    if not seen:
        return broken_somewhere(broken, exercise)
    finding = (
        not_the_same_twice(answer, answers, exercise)
        or named(parts, seen, exercise)
        or swapped(answer, exercise)
        or misshapen(seen, everywhere=True)
        or localized(seen)
        or misshapen(seen)
    )
    if finding and finding.passed and broken:
        return broken_somewhere(broken, exercise)
    law = broken_law(answers, exercise)
    if finding is None:
        which = sentence(" and ".join(spoken(part.name) for part in seen), f"not {law.formula}" if law else DIFFER)
        hint = "Look at the property below." if law else COMPARE
        finding = Finding(f"your {which}", hint, needs_example=True)
    return replace(finding, law=law, example=smallest_example(answer, exercise), more=told_more(seen, finding))


# ---- ask and compare


def ask_all(answer, exercise):
    """The answers, None where there is none, and why: case number → BrokenContract. Some break the whole check."""
    answers, broken = [], {}
    for number, case in enumerate(exercise.cases):
        try:
            answers.append(ask(answer, exercise, case))
        except BrokenContract as contract:
            if contract.final:
                raise
            answers.append(None)
            broken[number] = contract
    return answers, broken


def parts_seen(answers, rights, cases, exercise):
    """Each part of the results, in all these cases."""
    rows = list(zip(*map(rows_of, answers, rights, cases)))
    names, arguments = exercise.parts.items(), tuple(exercise.arguments)
    return [Seen(name, index, axes, arguments, rows[index]) for index, (name, axes) in enumerate(names)]


def agrees(answer, right, case):
    return all(same(row.ours, row.right) for row in rows_of(answer, right, case))


# ---- what has nothing to do with the formula


def not_the_same_twice(answer, answers, exercise):
    """One input asked again; and whether another input of the same shape got the answer of the first."""
    (case, *_), (first, second, *_), (right, other, *_) = exercise.cases, [*answers, None], [*exercise.rights, None]
    try:
        again = ask(answer, exercise, case)
    except BrokenContract as contract:
        return Finding(contract.headline, contract.hint)
    if first and not all(map(same, again, first)):
        return Finding(
            "one input gives two results",
            "The same arguments were given twice. Is something kept from call to call, or drawn at random?",
        )
    is_kept = first and second and exercise.candidates and all(map(same, first, second))
    if is_kept and agrees(first, right, case) and not all(map(same, right, other)):
        return Finding(
            "another input of the same shape gets the answer of the first",
            "Something is kept from call to call and not computed anew. Compute everything from the arguments.",
        )
    return None


def swapped(answer, exercise):
    """Whether the answer is right with its arguments in another order."""
    names = exercise.arguments
    ordinary = [pair for pair in zip(exercise.rights, exercise.cases) if not special(pair[1])][:3]
    for order in list(itertools.permutations(range(len(names))))[1:] if 1 < len(names) < 4 else []:
        try:
            if all(agrees(ask(answer, exercise, case, order), right, case) for right, case in ordinary):
                return Finding(
                    f"your function takes its arguments in another order: {', '.join(names[i] for i in order)}",
                    f"It is called with ({', '.join(names)}), in this order, as {exercise.title} is.",
                )
        except BrokenContract as contract:
            if contract.final and "end" in contract.headline:
                return None
    return None


def broken_somewhere(broken, exercise):
    """What went wrong, and in which inputs, if the others are right."""
    contract, others = next(iter(broken.values())), [c for i, c in enumerate(exercise.cases) if i not in broken]
    places = {only_where(exercise.cases[number], others): None for number in broken}
    where = f"\nThis happens where {', and where '.join(map(str, places))}; elsewhere your numbers are right."
    return Finding(contract.headline, f"{contract.hint}{where if all(places) and others else ''}")


# ---- what is known


def named(parts, wrong, exercise):
    """The mistake that reproduces the numbers; or one for each part that is wrong; or two that act together."""
    found = best(exercise.candidates, parts) or part_by_part(exercise.candidates, wrong)
    zeros = [all_zero(part) for part in wrong]
    has_shapes = all(row.has_shape for part in parts for row in part.answered)
    is_ordinary = not all(row.is_right for part in parts for row in part.ordinary)
    if not found and has_shapes and is_ordinary and not all(zeros):
        found = best(exercise.pairs, parts, first_will_do=True)
    finding = told(*found) if found else None
    if finding and not any(row.ours.any() for part in parts for row in part.answered):  # zeros have many reasons
        return replace(finding, hint=f"{finding.hint}\n{zeros[0][1]}")
    return finding


def best(candidates, parts, first_will_do=False):
    """The mistakes that made all the numbers, or else those that made the numbers of all ordinary inputs."""
    partly = None
    for candidate in candidates:
        match = made(candidate, parts)
        if match == "all" or (match and first_will_do):
            return candidate.mistakes, match
        partly = partly or (match and (candidate.mistakes, match))
    return partly


def made(candidate, parts):
    """Whether a course with this mistake gives these answers: "all", "ordinary" or None.

    A student's guard against 0/0 or the log of zero may show where something is special, or where the wrong version has
    no number at all. Somewhere the wrong version must differ from the right one, and there the numbers must agree.
    """
    match, told_apart = "all", {"all": False, "ordinary": False}
    for number, case in enumerate(candidate.exercise.cases):
        if parts[0].rows[number].ours is None:
            continue
        theirs = candidate.parts(number)
        if theirs is None:
            match = "ordinary"
            continue
        for row, wrong in [(part.rows[number], theirs[part.index]) for part in parts]:
            if same(row.ours, wrong, row.tolerance, size_of(row.right) * (not wrong.any())):
                if not same(wrong, row.right, row.tolerance):
                    told_apart["all"], told_apart["ordinary"] = True, told_apart["ordinary"] or not special(case)
            elif special(case) or guarded(row, wrong):
                match = "ordinary"
            else:
                return None
    return match if told_apart[match] else None


def size_of(numbers):
    return np.abs(numbers[np.isfinite(numbers)]).max(initial=0)


def guarded(row, wrong):
    """Whether the numbers agree wherever the wrong version has numbers, and it lacks some."""
    finite = np.isfinite(wrong)
    if row.ours.shape != wrong.shape or finite.all():
        return False
    return same(row.ours[finite], wrong[finite], row.tolerance)


def part_by_part(candidates, wrong):
    found = [best(candidates, [part]) for part in wrong]
    if len(wrong) == 1 or not all(found):
        found = [best(candidates, wrong)]
    if not all(found):
        return None
    mistakes = list(dict.fromkeys(m for mistakes, _ in found for m in mistakes))
    return mistakes, "all" if all(match == "all" for _, match in found) else "ordinary"


def told(mistakes, match="all"):
    """Words for mistakes that made all the numbers, or those of the "ordinary" inputs."""
    passed = match == "all" and all(mistake.is_valid for mistake in mistakes)
    names = ", and ".join(mistake.name for mistake in mistakes)
    found = "a valid variant" if passed else "these are exactly the numbers of"
    found = found if match == "all" else "on ordinary inputs these are exactly the numbers of"
    return Finding(f"{found}: {names}", "\n".join(mistake.hint for mistake in mistakes), passed=passed)


def broken_law(answers, exercise):
    for law in exercise.laws:
        for answer, case in zip(answers, exercise.cases):
            values = dict(zip(exercise.parts, answer or []))
            if answer and not keeps(law, [values[name] if name in values else case[name] for name in law.names]):
                return law
    return None


def keeps(law, values):
    try:
        with np.errstate(all="ignore"):
            return bool(law.holds(*values))
    except Exception:  # a law has nothing to say of an array of another shape
        return True


# ---- what is seen


def misshapen(seen, everywhere=False):
    for part in seen:
        wrong = [row for row in part.answered if not row.has_shape]
        if wrong and not (everywhere and part.ordinary):
            return Finding(*wrong_shape(wrong[0], part))
    return None


def localized(seen):
    """Where each part that is wrong agrees and where not."""
    found = [(spoken(part.name), observations(part)) for part in seen]
    firsts = [each[0] for _, each in found if each]
    if not firsts:
        return None
    names = {}
    for name, each in found:
        names.setdefault(each[0][0] if each else DIFFER, []).append(name)
    headline = "; ".join(f"your {sentence(' and '.join(parts), words)}" for words, parts in names.items())
    return Finding(headline, firsts[0][1], needs_example=firsts[0][1] in VAGUE)


def sentence(name, words):
    """ "means: each is 3 times …", "means are right for …", "log-likelihood has nan …"."""
    many = name.endswith("s") or " and " in name
    if words.startswith(("right", "wrong", "nearly", "too ", "zero")):
        return f"{name} {'are' if many else 'is'} {words}"
    verb, _, rest = words.partition(" ")
    verbs = {"has": ("has", "have"), "not": ("does not satisfy", "do not satisfy"), "differ": ("differs", "differ")}
    return f"{name} {verbs[verb][many]} {rest}" if verb in verbs else f"{name}: {words}"


def told_more(seen, finding):
    """What else was seen, for whoever asks for more."""
    rights = [(spoken(part.name), sum(row.is_right for row in part.rows), len(part.rows)) for part in seen]
    shares = [f"your {name}: right on {right} of {counted(total, 'input')}" for name, right, total in rights]
    more = [f"your {sentence(spoken(part.name), words)}" for part in seen for words, _ in observations(part)]
    return "\n".join(dict.fromkeys([*shares, *(words for words in more if words not in finding.headline)]))


# ---- example


def smallest_example(answer, exercise):
    """A small input on which the answer is wrong, and the answer; never the right one."""
    for case in (*exercise.small, *exercise.cases):
        try:
            right, theirs = exercise.right(case), ask(answer, exercise, case)
        except (BrokenContract, np.linalg.LinAlgError):  # three points may be too few for several steps
            continue
        if wrong := [part for part in parts_seen([theirs], [right], [case], exercise) if part.is_wrong]:
            given = [shown(name, case[name]) for name in exercise.arguments]
            yours = [shown(f"your {spoken(part.name)}", part.rows[0].ours) for part in wrong]
            return "\n".join(["An input on which it shows:", *given, *yours])
    return ""


def shown(name, value):
    fields = MIXTURE if is_mixture(value) else getattr(value, "_fields", ())
    if fields:
        return "\n".join(shown(f"{name}.{field}", part) for field, part in zip(fields, value))
    return f"{name} = {in_digits(value)}".replace("\n", "\n" + " " * (len(name) + 3))


def in_digits(value):
    """Numbers with four decimals, the middle of large arrays left out; anything else by its name, or as it shows."""
    if callable(value):
        return getattr(value, "__name__", type(value).__name__)
    if isinstance(value, (str, dict)) or axes_of(value) is None:
        return reprlib.repr(value)
    return np.array2string(np.asarray(value), precision=4, suppress_small=True, separator=", ", threshold=60)
