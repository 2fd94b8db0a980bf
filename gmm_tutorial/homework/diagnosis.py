"""From an answer to what it says about the student's idea: ask, compare, look where it differs, name what is known."""

import itertools
import reprlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from gmm_tutorial.homework.asking import (
    BrokenContract,
    ask,
    axes_of,
    called,
    flat,
    is_mixture,
    read,
    refuse_nothing,
    spoken,
)
from gmm_tutorial.homework.course import STEPS
from gmm_tutorial.homework.exercises import ONE_STEP, ONE_STEP_AND_ITS_LOG_LIKELIHOOD, TRACE
from gmm_tutorial.homework.localize import (
    SOMETHING_REGULAR,
    Seen,
    agreeing,
    all_zero,
    observations,
    same,
    shape_in_words,
    special,
    tolerance,
)


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


RIGHT = Finding("right", passed=True)


def examine(answer, exercise):
    """The finding for one answer."""
    try:
        exercise = way_of_climbing(answer, exercise) if exercise is TRACE else exercise
        answers, broken = ask_all(answer, exercise)
    except BrokenContract as contract:
        return Finding(contract.headline, contract.hint)
    return compare(answer, answers, broken, exercise)


def way_of_climbing(answer, exercise):
    """gmm.em may be answered by a generator of steps, by a list of them, or by a function that makes one step."""
    arguments = exercise.cases[0].arguments(exercise.arguments)
    result = called(answer, exercise.arguments, arguments, beginning, exercise.title)
    if not np.iterable(result):
        read(result, ONE_STEP)
    parts = flat(result)
    way = {3: ONE_STEP, 4: ONE_STEP_AND_ITS_LOG_LIKELIHOOD}.get(len(parts), TRACE)
    is_list_of_steps = isinstance(result, list) and {axes_of(part) for part in parts} != set(way.axes)
    return TRACE if is_list_of_steps else way


def beginning(result):
    refuse_nothing(result)
    return list(itertools.islice(result, STEPS)) if isinstance(result, Iterator) else result


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


def compare(answer, answers, broken, exercise):
    rights = exercise.rights
    answers = [a and replace(a, parts=list(map(fits_shape, a.parts, right))) for a, right in zip(answers, rights)]
    wrong = wrong_parts(answers, rights, exercise.cases)
    if not wrong and not broken:
        return not_the_same_twice(answer, answers, exercise) or RIGHT
    if broken and (finding := swapped(answer, exercise)):
        return finding
    if all(a is None for a in answers):
        return Finding(*broken[0].args)
    if not wrong:
        return broken_somewhere(broken, exercise)
    seen = [seen_of(answers, rights, exercise, index) for index in wrong]
    finding = (
        not_the_same_twice(answer, answers, exercise)
        or nothing_but_zeros(seen)
        or named(answers, exercise, wrong)
        or swapped(answer, exercise)
        or wrong_shape(seen, everywhere=True)
        or localized(seen)
        or wrong_shape(seen)
    )
    law = broken_law(answers, exercise)
    if law and (finding is None or finding.hint == SOMETHING_REGULAR):
        finding = replace(
            finding or difference(seen, law), hint=(finding.hint if finding else "Look at the law below.")
        )
    finding = finding or difference(seen, law)
    return replace(finding, law=law, example=smallest_example(answer, exercise), more=told_more(seen, finding))


def fits_shape(part, right):
    return part.reshape(right.shape) if right.shape == () and part.size == 1 else part


def wrong_parts(answers, rights, cases):
    rows = [(a, right, tolerance(case, a.is_double)) for a, right, case in zip(answers, rights, cases) if a]
    return [
        index
        for index in range(len(rights[0]))
        if not all(same(a.parts[index], right[index], allowed) for a, right, allowed in rows)
    ]


def seen_of(answers, rights, exercise, index):
    name = list(exercise.parts)[index]
    return Seen(
        name,
        exercise.parts[name],
        [a and a.parts[index] for a in answers],
        [right[index] for right in rights],
        [tolerance(case, a is None or a.is_double) for a, case in zip(answers, exercise.cases)],
        list(exercise.cases),
        tuple(exercise.arguments),
    )


# ---- what has nothing to do with the formula


def not_the_same_twice(answer, answers, exercise):
    """One input asked again; and whether another input of the same shape got the answer of the first."""
    try:
        again = ask(answer, exercise, exercise.cases[0])
    except BrokenContract as contract:
        return Finding(*contract.args)
    first = answers[0]
    again = replace(again, parts=list(map(fits_shape, again.parts, exercise.rights[0])))
    if first and not all(map(np.array_equal, again.parts, first.parts, [True] * len(again.parts))):
        return Finding(
            "one input gives two results",
            "The same arguments were given twice. Is something kept from call to call, or drawn at random?",
        )
    second, rights = answers[1] if len(answers) > 1 else None, exercise.rights
    is_first = first and second and exercise.candidates and all(map(same, first.parts, second.parts))
    if is_first and all(map(same, first.parts, rights[0])) and not all(map(same, rights[0], rights[1])):
        return Finding(
            "another input of the same shape gets the answer of the first",
            "Something is kept from call to call and not computed anew. Compute everything from the arguments.",
        )
    return None


def swapped(answer, exercise):
    """Whether the answer is right with its arguments in another order."""
    names, ordinary = exercise.arguments, [(i, c) for i, c in enumerate(exercise.cases) if not special(c)][:3]
    for order in list(itertools.permutations(range(len(names))))[1:] if 1 < len(names) < 4 else []:
        try:
            for number, case in ordinary:
                parts = map(fits_shape, ask(answer, exercise, case, order).parts, exercise.rights[number])
                if not all(map(same, parts, exercise.rights[number])):
                    break
            else:
                return Finding(
                    f"your function takes its arguments in another order: {', '.join(names[i] for i in order)}",
                    f"It is called with ({', '.join(names)}), in this order, as {exercise.title} is.",
                )
        except BrokenContract as contract:
            if contract.final and "end" in contract.headline:
                return None
    return None


def broken_somewhere(broken, exercise):
    number, contract = next(iter(broken.items()))
    case, others = exercise.cases[number], [c for i, c in enumerate(exercise.cases) if i not in broken]
    where = special(case)
    if not where and hasattr(case, "sizes"):
        letter = next((k for k in "DKN" if case.sizes[k] not in {c.sizes[k] for c in others}), None)
        where = f"{letter} = {case.sizes[letter]}" if letter else ""
    where = f"\nThis happens where {where}; elsewhere your numbers are right." if where else ""
    return Finding(contract.headline, f"{contract.hint}{where}")


# ---- what is known


def named(answers, exercise, wrong):
    """The mistake that reproduces the numbers; or one for each part that is wrong; or two that act together."""
    every = range(len(exercise.parts))
    found = best(exercise.candidates, answers, every) or part_by_part(exercise.candidates, answers, wrong)
    if (
        not found
        and exercise.candidates
        and shapes_agree(answers, exercise.rights)
        and wrong_on_ordinary(answers, exercise)
    ):
        found = best(exercise.pairs, answers, every, first_will_do=True)
    return told(*found) if found else None


def wrong_on_ordinary(answers, exercise):
    rows = [row for row in zip(answers, exercise.rights, exercise.cases) if not special(row[2])]
    return bool(wrong_parts(*zip(*rows)))


def shapes_agree(answers, rights):
    return all(p.shape == r.shape for a, right in zip(answers, rights) if a for p, r in zip(a.parts, right))


def best(candidates, answers, indices, first_will_do=False):
    """The mistakes that made all the numbers, or else those that made the numbers of all ordinary inputs."""
    partly = None
    for candidate in candidates:
        match = made(candidate, answers, indices)
        if match == "all" or (match and first_will_do):
            return candidate.mistakes, match
        partly = partly or (match and (candidate.mistakes, match))
    return partly


def made(candidate, answers, indices):
    """Whether a course with this mistake gives these answers: "all", "ordinary" or None.

    A student's guard against 0/0 or the log of zero may show where something is special, or where the wrong version has
    no number at all. Somewhere the wrong version must differ from the right one, and there the numbers must agree.
    """
    exercise, told_apart, match = candidate.exercise, False, "all"
    for number, (answer, case, right) in enumerate(zip(answers, exercise.cases, exercise.rights)):
        if answer is None:
            continue
        theirs, is_special = candidate.parts(number), bool(special(case))
        allowed = tolerance(case, answer.is_double)
        if theirs is None:
            match = "ordinary"
            continue
        for i in indices:
            ours = answer.parts[i]
            if same(ours, theirs[i], allowed, size_of(right[i]) * (not theirs[i].any())):
                differs = not same(theirs[i], right[i], allowed)
                told_apart = told_apart or (differs and (not is_special or match == "all"))
            elif is_special or guarded(ours, theirs[i], allowed):
                match = "ordinary"
            else:
                return None
    if match == "ordinary" and not differs_on_ordinary(candidate, answers, indices):
        return None
    return match if told_apart else None


def size_of(numbers):
    return np.abs(numbers[np.isfinite(numbers)]).max(initial=0)


def guarded(ours, theirs, allowed):
    """Whether the numbers agree wherever the wrong version has numbers, and it lacks some."""
    if ours.shape != theirs.shape or np.isfinite(theirs).all():
        return False
    return bool(agreeing(ours, theirs, allowed)[np.isfinite(theirs)].all())


def differs_on_ordinary(candidate, answers, indices):
    rows = zip(range(len(answers)), answers, candidate.exercise.cases, candidate.exercise.rights)
    return any(
        not same(candidate.parts(number)[i], right[i], tolerance(case))
        for number, answer, case, right in rows
        if answer and not special(case) and candidate.parts(number)
        for i in indices
    )


def part_by_part(candidates, answers, wrong):
    found = [best(candidates, answers, [index]) for index in wrong] if len(wrong) > 1 else []
    found = found or [best(candidates, answers, wrong)]
    if not all(found):
        return None
    mistakes = list(dict.fromkeys(m for mistakes, _ in found for m in mistakes))
    return mistakes, min((match for _, match in found), key=["ordinary", "all"].index)


def told(mistakes, match):
    passed = match == "all" and all(mistake.is_valid for mistake in mistakes)
    names = ", and ".join(mistake.name for mistake in mistakes)
    found = "a valid variant" if passed else "these are exactly the numbers of"
    found = found if match == "all" else "on ordinary inputs these are exactly the numbers of"
    return Finding(f"{found}: {names}", "\n".join(mistake.hint for mistake in mistakes), passed=passed)


# ---- what is seen


def nothing_but_zeros(seen):
    """Zeros come from many mistakes: none is named."""
    return localized(seen) if all(all_zero(part) for part in seen) else None


def wrong_shape(seen, everywhere=False):
    for part in seen:
        if everywhere and part.ordinary:
            continue
        for ours, theirs, case in zip(part.ours, part.theirs, part.cases):
            if ours is not None and ours.shape != theirs.shape:
                headline = f"your {spoken(part.name)} came back with shape {ours.shape}, expected {theirs.shape}"
                return Finding(headline, shape_in_words(part, ours.shape, theirs.shape, case))
    return None


def localized(seen):
    """Where each part that is wrong agrees and where not."""
    found = [(part, observations(part)) for part in seen]
    if not any(each for _, each in found):
        return None
    first = next(each for _, each in found if each)[0]
    names = {}
    for part, each in found:
        names.setdefault(each[0][0] if each else "differ in every number", []).append(spoken(part.name))
    words = [f"your {sentence(' and '.join(parts), words)}" for words, parts in names.items()]
    return Finding("; ".join(words), first[1], needs_example=first[1] == SOMETHING_REGULAR)


def sentence(name, words):
    """ "your means: each is 3 times …", "your means are right for …", "your log-likelihood has nan …"."""
    name = spoken(name)
    plural = name.endswith("s") or " and " in name
    if words.startswith(("right", "wrong", "nearly", "too ", "zero")):
        return f"{name} {'are' if plural else 'is'} {words}"
    if words.startswith("has "):
        return f"{name} {words}"
    return f"{name}: {words}" if not words.startswith("differ") else f"{name} {words}"


def told_more(seen, finding):
    """What else was seen, for who asks for more."""
    sentences = [f"your {sentence(part.name, words)}" for part in seen for words, _ in observations(part)]
    sentences = [words for words in sentences if words not in finding.headline]
    counts = [sum(same(a, b, d) for a, b, _, d in part.ordinary) for part in seen]
    shares = [
        f"your {spoken(part.name)}: right on {count} of {len(part.ordinary)} ordinary inputs"
        for part, count in zip(seen, counts)
    ]
    return "\n".join(dict.fromkeys([*shares, *sentences]))


def difference(seen, law):
    which = " and ".join(spoken(part.name) for part in seen)
    headline = f"your {which} break a law: {law.formula}" if law else f"your {which} and the right ones differ"
    return Finding(headline, "Work the example below through by hand, and compare.", needs_example=True)


def broken_law(answers, exercise):
    for law in exercise.laws:
        for answer, case in zip(answers, exercise.cases):
            values = dict(zip(exercise.parts, answer.parts)) if answer else {}
            if answer and not keeps(law, [values[name] if name in values else case[name] for name in law.names]):
                return law
    return None


def keeps(law, values):
    try:
        with np.errstate(all="ignore"):
            return bool(law.holds(*values))
    except Exception:  # a law has nothing to say of an array of another shape
        return True


# ---- example


def smallest_example(answer, exercise):
    """A small input on which the answer is wrong, and the answer; never the right one."""
    for case in (*exercise.small, *exercise.cases):
        try:
            theirs, right = ask(answer, exercise, case), exercise.right(case)
        except (BrokenContract, np.linalg.LinAlgError):  # three points may be too few for several steps
            continue
        theirs = replace(theirs, parts=list(map(fits_shape, theirs.parts, right)))
        if wrong := wrong_parts([theirs], [right], [case]):
            names = list(exercise.parts)
            given = [shown(name, case[name]) for name in exercise.arguments]
            yours = [shown(f"your {spoken(names[index])}", theirs.parts[index]) for index in wrong]
            which = exercise.which_is_small if any(case is each for each in exercise.small) else "An input"
            return "\n".join([f"{which} on which it shows:", *given, *yours])
    return ""


def shown(name, value):
    if is_mixture(value):
        return "\n".join(shown(f"{name}.{part}", getattr(value, part)) for part in ("weights", "means", "covariances"))
    if hasattr(value, "_fields"):
        return "\n".join(shown(f"{name}.{field}", part) for field, part in zip(value._fields, value))
    return f"{name} = {in_digits(value)}".replace("\n", "\n" + " " * (len(name) + 3))


def in_digits(value):
    """Numbers with four decimals, the middle of large arrays left out; anything else by its name, or as it shows."""
    if callable(value):
        return getattr(value, "__name__", type(value).__name__)
    if isinstance(value, (str, dict)) or axes_of(value) is None:
        return reprlib.repr(value)
    return np.array2string(np.asarray(value), precision=4, suppress_small=True, separator=", ", threshold=60)
