"""Where the numbers agree and where they do not, in the student's terms. Nothing is said that was not seen.

`observations(seen)` gives sentences, the most telling first. Each finder below looks at one part of the results in all
inputs at once, and returns words and a hint, or None.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gmm_tutorial.homework.asking import counted, spoken
from gmm_tutorial.homework.mistakes import general as known

UNIT = {"K": "component", "N": "point", "D": "coordinate", "C": "coordinate", "T": "step"}
STRICT, LOOSE, SINGLE, SINGLE_FAR = (1e-9, 1e-11), (1e-7, 1e-10), (3e-5, 1e-5), (1e-3, 1e-4)


@dataclass(frozen=True)
class Row:
    """What one input shows of one result: the student's array (None if there is none), the right one, and the case."""

    ours: np.ndarray
    right: np.ndarray
    case: object
    tolerance: tuple = LOOSE

    @property
    def has_shape(self):
        return self.ours is not None and self.ours.shape == self.right.shape

    @cached_property
    def agreeing(self):
        return agreeing(self.ours, self.right, self.tolerance)

    @property
    def is_right(self):
        return self.has_shape and bool(self.agreeing.all())


@dataclass(frozen=True)
class Seen:
    """One part of the results in all inputs: its name, its place among the results, its axes, and a row for each."""

    name: str
    index: int
    axes: str  # a letter for each, or ? if it has none
    arguments: tuple
    rows: list

    @cached_property
    def answered(self):
        return [row for row in self.rows if row.ours is not None]

    @cached_property
    def ordinary(self):
        """The rows of ordinary inputs that have an answer of the right shape."""
        return [row for row in self.rows if row.has_shape and not special(row.case)]

    @property
    def is_wrong(self):
        return not all(row.is_right for row in self.answered)


def special(case):
    """What an input has that ordinary inputs have not, or None."""
    return getattr(case, "special", None)


def tolerance(case, is_double=True):
    """Relative, and absolute as a part of the largest number: strict on ordinary inputs, where rounding is small."""
    is_ordinary = hasattr(case, "special") and not case.special
    return (STRICT if is_ordinary else LOOSE) if is_double else (SINGLE if is_ordinary else SINGLE_FAR)


isclose = np.isclose


def agreeing(ours, theirs, tolerance=LOOSE, scale=0.0):
    """Entry by entry, whether the numbers agree; scale is what the largest number should be at least."""
    rtol, atol = tolerance
    largest = np.abs(theirs[np.isfinite(theirs)]).max(initial=scale)
    return isclose(ours, theirs, rtol=rtol, atol=atol * largest, equal_nan=True)


def same(ours, theirs, tolerance=LOOSE, scale=0.0):
    return np.shape(ours) == np.shape(theirs) and bool(agreeing(ours, theirs, tolerance, scale).all())


def rows_of(answer, right, case):
    """One row for each part of an answer, or of none; one number may come as an array of one."""
    if answer is None:
        return [Row(None, b, case) for b in right]
    allowed = tolerance(case, is_double=all(a.dtype != np.float32 for a in answer))
    arrays = [np.asarray(a, dtype=float) for a in answer]
    arrays = [a.reshape(b.shape) if b.ndim == 0 and a.size == 1 else a for a, b in zip(arrays, right)]
    return [Row(a, b, case, allowed) for a, b in zip(arrays, right)]


def observations(seen):
    """[(words, hint)], the most telling first."""
    with np.errstate(all="ignore"):
        ordinary_is_right = all(row.is_right for row in seen.ordinary)
        found = [finder(seen) for finder in (FINDERS[:2] if ordinary_is_right else FINDERS)]
    return [each for each in found if each]


# ---- which inputs


def not_finite(seen):
    missing = [(row, np.isfinite(row.right) & ~np.isfinite(row.ours)) for row in seen.rows if row.has_shape]
    bad = [(row, places) for row, places in missing if places.any()]
    if not bad:
        return None
    row, places = bad[0]
    at = f" at [{', '.join(map(str, np.argwhere(places)[0]))}]" if places.ndim else ""
    at = " everywhere" if places.all() and places.size > 1 else at
    where = only_where(row.case, [row.case for row, places in missing if not places.any()])
    hint = getattr(special(row.case), "hint", known.NOT_FINITE)
    return f"has {row.ours[places][0]}{at}{f' where {where}' if where else ''}", hint


def only_where(case, others):
    """What one input has and the others have not: something special, a size, or nothing."""
    if special(case) or not hasattr(case, "sizes"):
        return special(case)
    sizes = [f"{letter} = {case.sizes[letter]}" for letter in "DKN"]
    taken = {f"{letter} = {other.sizes[letter]}" for letter in "DKN" for other in others}
    return next((size for size in sizes if size not in taken), None) if others else None


def all_zero(seen):
    wrong = [row for row in seen.ordinary if not row.is_right]
    if len(wrong) < 2 or any(row.ours.any() for row in wrong):
        return None
    return "zero", known.ZERO


def only_special(seen):
    wrong = [special(row.case) for row in seen.answered if not row.is_right]
    if not wrong or not all(wrong):
        return None
    return f"right on ordinary inputs, and wrong where {wrong[0]}", wrong[0].hint


def by_size(seen):
    """Right, or wrong, for one number of dimensions or of components only."""
    found = [known.AT_SIZES.get((letter, *which)) for letter, *sides in sizes_of(seen) for which in sides]
    return next(filter(None, found), None)


def by_one_component(seen):
    if ("K", ("right", 1)) not in [each[:2] for each in sizes_of(seen)]:
        return None
    return known.WITHOUT_SHARES if {"mixture", "responsibilities"} & {*seen.arguments} else known.WITHOUT_OTHERS


def sizes_of(seen):
    """(D or K, ("right", the sizes for which the numbers are right), ("wrong", the others)), if none is in both."""
    sized = [(row.is_right, row.case.sizes) for row in seen.ordinary if hasattr(row.case, "sizes")]
    for letter in "DK":
        right, wrong = ({sizes[letter] for ok, sizes in sized if ok == wanted} for wanted in (True, False))
        if right and wrong and not right & wrong:
            yield letter, ("right", *sorted(right)), ("wrong", *sorted(wrong))


# ---- which entries


def entries(seen):
    tables = [row.agreeing for row in seen.ordinary if row.right.ndim == 1 or "?" not in seen.axes]
    if not seen.axes or not any(map(np.any, tables)):
        return None
    for position, letter in enumerate(seen.axes):
        vectors = [groups(ok, position).all(axis=1) for ok in tables if ok.shape[position] > 1]
        fitting = [words for words, fits in known.PATTERNS.items() if vectors and all(map(fits, vectors))]
        if letter in UNIT and fitting and (len(fitting) == 1 or any(len(v) > 2 for v in vectors)):
            unit = UNIT[letter] if seen.axes.count(letter) == 1 else "matrix row"
            return fitting[0].format(unit=unit), f"Look at what your code does with the {unit}s, one after the other."
    if seen.axes[-2:] in ("DD", "CC"):
        return of_matrices([ok for ok in tables if ok.shape[-1] > 1])
    wrong, total = sum(np.sum(~ok) for ok in tables), sum(ok.size for ok in tables)
    return (f"wrong in {wrong} of {total} numbers", known.COMPARE) if wrong <= 0.8 * total else None


def groups(table, position):
    """The table as one row for each index on an axis, or as one row for all."""
    if position is None:
        return table.reshape(1, -1)
    return np.moveaxis(table, position, 0).reshape(table.shape[position], -1)


def of_matrices(tables):
    on = [np.diagonal(ok, axis1=-2, axis2=-1) for ok in tables]
    off = [ok[..., ~np.eye(ok.shape[-1], dtype=bool)] for ok in tables]
    if not tables:
        return None
    if all(map(np.all, on)) and not any(map(np.all, off)):
        return "right on the diagonal, and wrong beside it", "A covariance says how two coordinates vary together."
    if all(map(np.all, off)) and not any(map(np.any, on)):
        return "right beside the diagonal, and wrong on it", "Is something added to the variances, or taken from them?"
    for words, rest in (("above", np.tril), ("below", np.triu)):
        if all((ok | ~rest(np.ones_like(ok))).all() for ok in tables):
            return f"wrong {words} the diagonal, only", "A covariance is symmetric: fill [i, j] and [j, i]."
    return None


# ---- by which function, factor or constant


def algebra(seen):
    rows, axes = seen.ordinary, min((row.right.ndim for row in seen.ordinary), default=0)
    changes = known.TRANSFORMS if len(rows) > 1 or any(row.right.size > 1 for row in rows) else {}
    changes = changes | {words: change for words, (needed, change) in known.ARRANGEMENTS.items() if needed <= axes}
    for words, change in changes.items() if rows else ():
        if all(same(row.ours, change(row.right), row.tolerance) for row in rows):
            first = {"K": "the components come", "N": "the points come"}.get(seen.axes[:1], "the first axis comes")
            return words.format(first=first), known.REGULAR
    return None


def another_order(seen):
    rows = [row for row in seen.ordinary if row.right.ndim]
    if rows and all(same(np.sort(r.ours, None), np.sort(r.right, None), r.tolerance) for r in rows):
        return "the right numbers, in another order", known.REGULAR
    return None


def regular(rows, kind, position=None):
    """The factors or the shifts in each input, one for each index on an axis, if they explain all numbers; or None."""
    found = []
    for row in rows:
        a, b = groups(row.ours, position), groups(row.right, position)
        finite = np.isfinite(b)
        if kind == "factor":
            values = np.sum(a * b, axis=1, where=finite) / np.sum(b * b, axis=1, where=finite)
            expected = np.where(b == 0, 0, values[:, None] * b)
        else:
            values = np.mean(a - b, axis=1, where=finite)
            expected = b + values[:, None]
        if not same(a, expected, row.tolerance) or (kind == "factor" and np.abs(values).max() <= 1e-12):
            return None
        found.append(values)
    return found


def by_constant_or_size(seen):
    """One factor or shift for all inputs, or one that is made of their sizes."""
    rows, right = seen.ordinary, np.concatenate([row.right.ravel() for row in seen.ordinary] or [[]])
    if len(np.unique(right[np.isfinite(right)])) < 2:  # with the factor one could compute the hidden number
        return None
    for kind, hint in (("factor", known.FACTOR), ("shift", known.SHIFT)):
        values = np.concatenate(regular(rows, kind) or [[]])
        if not len(values):
            continue
        value = multiple_of(values, 1.0, max(row.tolerance[0] for row in rows))
        if value:
            each = "it is" if len(right) == len(rows) else "each is"
            named = [words for words, constant in known.CONSTANTS.items() if isclose(value, constant)]
            how = (
                f"{[*named, f'{value:.4g}'][0]} times what it should be"
                if kind == "factor"
                else f"off by the same {value:.4g}"
            )
            return f"{each} {how}, everywhere", hint
        if words := in_sizes(kind, values, [getattr(row.case, "sizes", None) for row in rows]):
            return words, hint
    return None


def in_sizes(kind, values, sizes):
    """Words for factors or shifts that are N, D, K and the like, or for shifts that are a multiple of one of these."""
    multiples = {}
    for words, quantity in known.SIZES.items() if all(sizes) else ():
        amounts = np.array([quantity(**each) for each in sizes])
        multiple = multiples[words] = multiple_of(values, amounts)
        if kind == "factor" and isclose(multiple, 1):
            return f"too large by the factor {words}, in each input"
        if kind == "factor" and isclose(multiple_of(values, 1 / amounts), 1):
            return f"too small by the factor {words}, in each input"
        if kind == "shift" and isclose(abs(multiple), 1):
            return f"too {'large' if multiple > 0 else 'small'} by {words}, in each input"
    for words, multiple in multiples.items():
        if kind == "shift" and multiple:
            return f"too {'large' if multiple > 0 else 'small'} by {abs(multiple):.4g} times {words}, in each input"
    return None


def multiple_of(values, amounts, rtol=1e-6):
    """The number that all values are times their amounts, or zero; what is 0/0 may be anything."""
    kept = ~np.isnan(values)
    values, amounts = values[kept], np.broadcast_to(amounts, kept.shape)[kept]
    multiple = (values @ amounts) / (amounts @ amounts)
    return multiple if np.allclose(values, multiple * amounts, rtol, atol=1e-9 * np.abs(values).max(initial=0)) else 0


def by_axis(seen):
    """One factor or shift for each input, or for each component, point or coordinate."""
    if by_constant_or_size(seen):
        return None
    for position, letter in [(None, "input"), *enumerate(seen.axes.replace("C", "D"))]:
        rows = [
            row for row in seen.ordinary if row.right.size > (row.right.shape[position] if letter != "input" else 1)
        ]
        for kind in ("factor", "shift"):
            if rows and (letter, kind) in known.OF_AXES and (values := regular(rows, kind, position)):
                words = in_counts(seen, rows, values) if (letter, kind) == ("K", "factor") else None
                return words or known.OF_AXES[letter, kind]
    return None


def in_counts(seen, rows, factors):
    """Words for factors of the components that are counts or weights of the input."""
    for words, (argument, quantity) in known.OF_COMPONENTS.items():
        if argument in seen.arguments:
            amounts = [quantity(row.case[argument]) for row in rows]
            if all(map(np.allclose, factors, amounts)):
                return f"each component is too large by the factor {words}", known.FACTOR
            if all(np.allclose(f * v, 1) for f, v in zip(factors, amounts)):
                return f"each component is too small by the factor {words}", known.FACTOR
    return None


def digits(seen):
    rows = [row for row in seen.ordinary if row.right.size]
    errors = [np.abs(row.ours - row.right).max() / max(np.abs(row.right).max(), 1e-300) for row in rows]
    if not errors or not 0 < max(errors) < 0.02:
        return None
    number = int(-np.log10(max(errors)))
    return f"nearly right: the first {counted(number, 'digit')} {'agrees' if number == 1 else 'agree'}", known.NEARLY


def on_one_side(seen):
    """Too large everywhere, or too small; what that means is guessed only where all the right numbers are positive."""
    rows = [row for row in seen.ordinary if not row.is_right]
    positive = all((row.right >= 0).all() for row in rows)
    for how, hint, compare in (("large", known.TOO_LARGE, np.greater), ("small", known.TOO_SMALL, np.less)):
        if len(rows) > 1 and all(compare(row.ours, row.right).all() for row in rows):
            where = "" if len(rows) == len(seen.ordinary) else " of some inputs"
            return f"too {how} in every number{where}", hint if positive else known.EITHER
    return None


FINDERS = [not_finite, only_special, all_zero, algebra, by_constant_or_size, another_order]
FINDERS += [by_size, entries, by_axis, digits, by_one_component, on_one_side]


# ---- an array of another shape


def wrong_shape(row, seen):
    """The headline and the hint for an array of another shape: which axes it seems to have, and what of it is right."""
    found, expected, letters = row.ours.shape, row.right.shape, letters_of(seen)
    headline = f"your {spoken(seen.name)} came back with shape {found}, expected {expected}"
    has_letters = "?" not in seen.axes
    hint = f"The shape of {spoken(seen.name)} is {in_brackets(seen.axes)}." if has_letters else ""
    if seen.axes == "":
        hint = "One number is asked for."
    if len(found) > 1 and found == expected[::-1] and (letters or not has_letters or same(row.ours.T, row.right)):
        return headline, f"Transposed? {hint}".strip()
    if same(row.ours.ravel(), row.right.ravel()):
        is_axis_of_one = [n for n in found if n != 1] == [n for n in expected if n != 1]
        how = ": an axis of length one is too many or missing" if is_axis_of_one else ", in another shape"
        return headline, f"The numbers are right{how}. {hint}".strip()
    if letters and has_letters and letters != seen.axes:
        asks = ": does a sum run over another axis than it should?" if len(letters) == len(seen.axes) else "."
        return headline, f"{hint} Yours is {in_brackets(letters)}{asks}"
    if not found and has_letters:
        return headline, f"{hint} Yours is one number: does a sum run over everything? It needs an axis."
    return headline, hint


def in_brackets(letters):
    return f"({', '.join(letters)}{',' * (len(letters) == 1)})"


def letters_of(seen):
    """The axes that the student's arrays have in all inputs, by their letters, or nothing if it is not sure."""
    rows = [(row.ours.shape, row.case.sizes) for row in seen.answered if hasattr(row.case, "sizes")]
    if len(rows) < 3 or len({len(shape) for shape, _ in rows}) != 1:
        return ""
    axes = range(len(rows[0][0]))
    fitting = [[k for k in "NKD" if all(shape[i] == sizes[k] for shape, sizes in rows)] for i in axes]
    return "".join(letters[0] for letters in fitting) if all(len(letters) == 1 for letters in fitting) else ""
