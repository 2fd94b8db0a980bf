"""Where the numbers agree and where they do not, in the student's terms. Nothing is said that was not seen.

`observations(seen)` gives sentences, the most telling first. Each finder below looks at one part of the results in all
inputs at once, and returns words or None.
"""

from dataclasses import dataclass

import numpy as np

from gmm_tutorial.homework.asking import spoken

UNIT = {"K": "component", "N": "point", "D": "coordinate", "C": "coordinate", "T": "step"}
SPECIAL = {
    "one point is 400 units away": "Does a density underflow to zero there? Stay in logs, and subtract the largest of "
    "each row before the exponential.",
    "all points are far from every component": "Does every density underflow to zero there? Stay in logs, and subtract "
    "the largest of each row before the exponential.",
    "two components tie": "Of equals the first one is asked for.",
    "a center has no points": "A center that loses all its points stays where it is.",
    "k-means takes many rounds": "Go on until no center moves any more.",
    "only the covariances tell the components apart": "Compare whole Gaussians, not only their means.",
    "the best pairing lets the nearest pair go": "Look at all pairings, not at one pair after the other.",
    "a component has the count zero": "Its share is zero: what the other block says of it stays as it is.",
}


@dataclass(frozen=True)
class Seen:
    """One part of the results: the student's numbers and the right ones, case by case (None where there are none)."""

    name: str
    axes: str
    ours: list
    theirs: list
    tolerances: list
    cases: list
    arguments: tuple = ()

    @property
    def ordinary(self):
        """(ours, theirs, case, tolerance) of the ordinary inputs that have an answer of the right shape."""
        rows = zip(self.ours, self.theirs, self.cases, self.tolerances)
        return [row for row in rows if row[0] is not None and row[0].shape == row[1].shape and not special(row[2])]


def special(case):
    return getattr(case, "special", "")


STRICT, LOOSE, SINGLE, SINGLE_FAR = (1e-9, 1e-11), (1e-7, 1e-10), (3e-5, 1e-5), (1e-3, 1e-4)


def tolerance(case, is_double=True):
    """Relative, and absolute as a part of the largest number: strict on ordinary inputs, where rounding is small."""
    is_ordinary = hasattr(case, "special") and not case.special
    return (STRICT if is_ordinary else LOOSE) if is_double else (SINGLE if is_ordinary else SINGLE_FAR)


def agreeing(ours, theirs, tolerance=LOOSE, scale=0.0):
    """Entry by entry, whether the numbers agree; scale is what the largest number should be at least."""
    rtol, atol = tolerance
    largest = np.abs(theirs[np.isfinite(theirs)]).max(initial=scale)
    return isclose(ours, theirs, rtol=rtol, atol=atol * largest, equal_nan=True)


def same(ours, theirs, tolerance=LOOSE, scale=0.0):
    return np.shape(ours) == np.shape(theirs) and bool(agreeing(ours, theirs, tolerance, scale).all())


isclose = np.isclose


def observations(seen):
    """[(words, hint)], the most telling first."""
    with np.errstate(all="ignore"):
        found = [finder(seen) for finder in FINDERS]
    return [each for each in found if each]


def all_zero(seen):
    wrong = [a for a, b, _, d in seen.ordinary if not same(a, b, d)]
    if not wrong or any(a.any() for a in wrong) or len(wrong) < 2:
        return None
    return (
        "zero",
        "Is something cut to whole numbers, by // or by an array of integers, or is the result never filled in?",
    )


def where_in(case, name):
    words = special(case)
    return f" where {words}" if words else ""


def not_finite(seen):
    for a, b, case in zip(seen.ours, seen.theirs, seen.cases):
        if a is None or a.shape != b.shape or not (np.isfinite(b) & ~np.isfinite(a)).any():
            continue
        places = np.isfinite(b) & ~np.isfinite(a)
        first = np.argwhere(places)[0]
        at = f" at [{', '.join(map(str, first))}]" if len(first) else ""
        everywhere = " everywhere" if places.all() and places.size > 1 else at
        words = f"has {a[places][0]}{everywhere}{where_in(case, seen.name)}"
        return words, SPECIAL.get(
            special(case), "Look for 0/0, the log of zero or of a negative number, and a root of one."
        )
    return None


def only_special(seen):
    rows = zip(seen.ours, seen.theirs, seen.cases, seen.tolerances)
    wrong = list(dict.fromkeys(special(c) for a, b, c, d in rows if a is not None and not same(a, b, d)))
    if not wrong or "" in wrong:
        return None
    return f"right on ordinary inputs, and wrong where {wrong[0]}", SPECIAL.get(wrong[0], "")


def by_size(seen):
    """Right for one number of dimensions only, or for two components only."""
    for letter, right, wrong in sizes_of(seen):
        if right == {1} and letter == "D":
            return "right for D = 1, one dimension, only", "What does your code do with the second coordinate?"
        if wrong == {1}:
            what = {"D": "one dimension", "K": "a single component"}[letter]
            return (
                f"wrong for {letter} = 1, {what}, only",
                "Look at the shapes there: an axis of length one is easily lost.",
            )
        if right == {2}:
            return (
                f"right for {letter} = 2, only",
                f"Is a 2 typed in where {letter} belongs, or is the last one left out?",
            )
        if letter == "K" and right == {1, 2}:
            return "right for K = 1 and K = 2, only", "What does your code do with the third component?"
    return None


def by_one_component(seen):
    if any(letter == "K" and right == {1} for letter, right, _ in sizes_of(seen)):
        return "right for K = 1, a single component, only", "How are the components weighted, and kept apart?"
    return None


def sizes_of(seen):
    """(D or K, the sizes where the numbers are right, those where they are wrong), if no size is in both."""
    sized = [(same(a, b, d), case.sizes) for a, b, case, d in seen.ordinary if hasattr(case, "sizes")]
    for letter in "DK":
        right = {sizes[letter] for is_right, sizes in sized if is_right}
        wrong = {sizes[letter] for is_right, sizes in sized if not is_right}
        if right and wrong and not right & wrong:
            yield letter, right, wrong


# ---- which entries


def entries(seen):
    rows = [(agreeing(a, b, d), case) for a, b, case, d in seen.ordinary if a.ndim == len(seen.axes or "-") and a.ndim]
    if not rows or not any(ok.any() for ok, _ in rows):
        return None
    for position, letter in enumerate(seen.axes or ""):
        vectors = [ok.all(axis=tuple(i for i in range(ok.ndim) if i != position)) for ok, _ in rows]
        if pattern := pattern_of([v for v in vectors if len(v) > 1]):
            unit = UNIT[letter] if seen.axes.count(letter) == 1 else "row of each matrix"
            return f"{pattern.format(unit=unit)}", f"Look at what your code does with the {unit}s, one after the other."
    if seen.axes and seen.axes[-2:] in ("DD", "CC"):
        return of_matrices([ok for ok, _ in rows if ok.shape[-1] > 1])
    share = np.mean([ok.mean() for ok, _ in rows])
    return (f"right in about {100 * share:.0f} of 100 numbers", "") if share >= 0.2 else None


def pattern_of(vectors):
    if not vectors:
        return None
    patterns = {
        "right for all but the last {unit}": lambda ok: ok[:-1].all() and not ok[-1],
        "right for all but the first {unit}": lambda ok: ok[1:].all() and not ok[0],
        "right for the first {unit} only": lambda ok: ok[0] and not ok[1:].any(),
        "right for the last {unit} only": lambda ok: ok[-1] and not ok[:-1].any(),
    }
    fitting = [words for words, fits in patterns.items() if all(map(fits, vectors))]
    return fitting[0] if fitting and (len(fitting) == 1 or any(len(v) > 2 for v in vectors)) else None


def of_matrices(all_ok):
    if not all_ok:
        return None
    on = [np.diagonal(ok, axis1=-2, axis2=-1) for ok in all_ok]
    off = [ok[..., ~np.eye(ok.shape[-1], dtype=bool)] for ok in all_ok]
    if all(map(np.all, on)) and not any(map(np.all, off)):
        return "right on the diagonal, and wrong beside it", "A covariance says how two coordinates vary together."
    if all(map(np.all, off)) and not any(map(np.any, on)):
        return "right beside the diagonal, and wrong on it", "Is something added to the variances, or taken from them?"
    for words, triangle in (("above", np.tril_indices), ("below", np.triu_indices)):
        if all(ok[..., triangle(ok.shape[-1])[0], triangle(ok.shape[-1])[1]].all() for ok in all_ok):
            return f"wrong {words} the diagonal, only", "A covariance is symmetric: fill [i, j] and [j, i]."
    return None


# ---- by which constant, factor or function


CONSTANTS = {"½": 0.5, "π": np.pi, "2π": 2 * np.pi, "log 10": np.log(10), "1 / log 10": 1 / np.log(10), "⅓": 1 / 3}
TRANSFORMS = [
    ("the sign is turned", np.negative),
    ("everything is squared", np.square),
    ("a root was taken", lambda b: np.sqrt(np.abs(b))),
    ("an exponential was taken", np.exp),
    ("a logarithm was taken", lambda b: np.log(np.abs(b))),
    ("one minus what it should be", lambda b: 1 - b),
    ("turned upside down", lambda b: 1 / b),
    ("rounded to whole numbers", np.round),
    ("cut to whole numbers", np.trunc),
    ("rounded down", np.floor),
    *(
        (f"rounded to {n} digit{'s' * (n > 1)} after the point", lambda b, n=n: np.round(b, n))
        for n in (1, 2, 3, 4, 5, 6)
    ),
    ("each row is sorted", lambda b: np.sort(b, axis=-1) if b.ndim else b),
    ("sorted, the smallest first", lambda b: np.sort(b, axis=0) if b.ndim else b),
    ("sorted, the largest first", lambda b: np.sort(b, axis=0)[::-1] if b.ndim else b),
    ("absolute values were taken", np.abs),
]
SOMETHING_REGULAR = "Something regular is between your numbers and the right ones. Look for it in your code."


def algebra(seen):
    rows = seen.ordinary
    if not rows:
        return None
    ours, theirs, doubles = [row[0] for row in rows], [row[1] for row in rows], [row[3] for row in rows]

    def fits(change):
        return all(same(a, change(b), d) for a, b, d in zip(ours, theirs, doubles))

    words = next(
        (words for words, change in TRANSFORMS if any(b.size > 1 or len(rows) > 1 for b in theirs) and fits(change)),
        None,
    )
    words = (
        words or factor_or_shift(ours, theirs, tolerance_of(rows)) or reordered(seen, ours, theirs, tolerance_of(rows))
    )
    return words and (words, SOMETHING_REGULAR)


def tolerance_of(rows):
    return max(row[3] for row in rows)


def factor_or_shift(ours, theirs, tolerance):
    a, b = np.concatenate([x.ravel() for x in ours]), np.concatenate([x.ravel() for x in theirs])
    kept = np.isfinite(b)
    a, b = a[kept], b[kept]
    if len(np.unique(b)) < 2 or not np.isfinite(a).all():  # with the factor one could compute the hidden number
        return None
    factor, shift = (a @ b) / (b @ b), (a - b).mean()
    each = "it is" if all(x.size == 1 for x in theirs) else "each is"
    if same(a, factor * b, tolerance) and abs(factor) > 1e-12:
        named = next((words for words, value in CONSTANTS.items() if isclose(factor, value)), f"{factor:.4g}")
        return f"{each} {named} times what it should be, everywhere"
    return f"{each} off by the same {shift:.4g}, everywhere" if same(a, b + shift, tolerance) else None


def reordered(seen, ours, theirs, tolerance):
    if any(a.ndim == 0 for a in ours):
        return None
    if all(same(a, b[::-1], tolerance) for a, b in zip(ours, theirs)):
        return {"K": "the components come in the opposite order", "N": "the points come in the opposite order"}.get(
            (seen.axes or "-")[0], "the opposite order along the first axis"
        )
    if all(a.ndim > 1 and same(a, b[..., ::-1], tolerance) for a, b in zip(ours, theirs)):
        return "the last axis comes in the opposite order"
    if all(a.ndim > 1 and same(a, np.swapaxes(b, -1, -2), tolerance) for a, b in zip(ours, theirs)):
        return "each matrix is transposed"
    if all(same(np.sort(a, axis=None), np.sort(b, axis=None), tolerance) for a, b in zip(ours, theirs)):
        return "the right numbers, in another order"
    return None


# ---- by a quantity of the input


SIZES = {
    "N, the number of points": lambda c: c.sizes["N"],
    "D, the number of dimensions": lambda c: c.sizes["D"],
    "K, the number of components": lambda c: c.sizes["K"],
    "N − 1": lambda c: c.sizes["N"] - 1,
    "N / (N − 1)": lambda c: c.sizes["N"] / (c.sizes["N"] - 1),
    "N · D": lambda c: c.sizes["N"] * c.sizes["D"],
    "N · K": lambda c: c.sizes["N"] * c.sizes["K"],
    "log N": lambda c: np.log(c.sizes["N"]),
}
SHIFTS = {
    "½ D log 2π": lambda c: c.sizes["D"] * np.log(2 * np.pi) / 2,
    "D log 2π": lambda c: c.sizes["D"] * np.log(2 * np.pi),
    "log K": lambda c: np.log(c.sizes["K"]),
    "log N": lambda c: np.log(c.sizes["N"]),
    "K": lambda c: c.sizes["K"],
    "D": lambda c: c.sizes["D"],
}
OF_COMPONENTS = {
    "Nₖ, the count": (lambda c: c.responsibilities.sum(axis=0), "responsibilities"),
    "Nₖ − 1": (lambda c: c.responsibilities.sum(axis=0) - 1, "responsibilities"),
    "Nₖ / (Nₖ − 1)": (lambda c: 1 / (1 - 1 / c.responsibilities.sum(axis=0)), "responsibilities"),
    "the share Nₖ / N": (lambda c: c.responsibilities.mean(axis=0), "responsibilities"),
    "πₖ, the weight": (lambda c: c.mixture.weights, "mixture"),
}


def by_quantity(seen):
    rows = seen.ordinary
    has_sizes = all(hasattr(case, "sizes") for *_, case, _ in rows)
    if len(rows) < 2 or not all(np.isfinite(a).all() for a, *_ in rows):
        return None
    factors = [(a * b).sum() / (b * b).sum() for a, b, *_ in rows]
    one_factor = all(same(a, f * b, d) and abs(f) > 1e-12 for f, (a, b, _, d) in zip(factors, rows))
    shifts = [(a - b).mean() for a, b, *_ in rows]
    one_shift = all(same(a, b + s, d) for s, (a, b, _, d) in zip(shifts, rows))
    is_hidden = all(b.size < 2 for _, b, *_ in rows)
    for words, quantity in SIZES.items() if has_sizes else ():
        values = np.array([quantity(case) for *_, case, _ in rows])
        if one_factor and np.allclose(factors, values, rtol=1e-6):
            return f"{words}, times too large in each input", SOMETHING_REGULAR
        if one_factor and np.allclose(factors, 1 / values, rtol=1e-6):
            return f"too small by the factor {words}, in each input", SOMETHING_REGULAR
    for words, quantity in SHIFTS.items() if has_sizes else ():
        values = np.array([quantity(case) for *_, case, _ in rows])
        for sign, side in ((1, "large"), (-1, "small")):
            if one_shift and np.allclose(shifts, sign * values, rtol=1e-6):
                return f"too {side} by {words}, in each input", SOMETHING_REGULAR
    if one_factor and not is_hidden:
        return "each input has a factor of its own", SOMETHING_REGULAR
    if one_shift and not is_hidden:
        return "each input is off by a number of its own", SOMETHING_REGULAR
    return of_each_component(seen, rows) or of_each_row(seen, rows)


def of_each_component(seen, rows):
    if "K" not in (seen.axes or "") or len(seen.axes) < 2:
        return None
    split = []
    for a, b, case, tolerance in rows:
        a, b = (np.moveaxis(x, seen.axes.index("K"), 0).reshape(case.sizes["K"], -1) for x in (a, b))
        if b.shape[1] > 1:
            split.append((a, b, case, tolerance))
    if not split:
        return None
    factors = [(a * b).sum(axis=1) / (b * b).sum(axis=1) for a, b, *_ in split]
    if all(same(a, f[:, None] * b, d) for f, (a, b, _, d) in zip(factors, split)):
        for words, (quantity, argument) in OF_COMPONENTS.items():
            values = [quantity(case) for *_, case, _ in split]
            if argument in seen.arguments and all(map(np.allclose, factors, values)):
                return f"each component is too large by the factor {words}", SOMETHING_REGULAR
            if argument in seen.arguments and all(np.allclose(f * v, 1) for f, v in zip(factors, values)):
                return f"each component is too small by the factor {words}", SOMETHING_REGULAR
        return "each component has a factor of its own", SOMETHING_REGULAR
    shifts = [(a - b).mean(axis=1) for a, b, *_ in split]
    if all(same(a, b + s[:, None], d) for s, (a, b, _, d) in zip(shifts, split)):
        return "each component is off by a number of its own", SOMETHING_REGULAR
    return None


def of_each_row(seen, rows):
    rows = [row for row in rows if row[0].ndim == 2 and row[0].shape[1] > 1]
    if (seen.axes or "")[:1] != "N" or not rows:
        return None
    if all(same(a, b + (a - b).mean(axis=1, keepdims=True), d) for a, b, _, d in rows):
        return "in each row all numbers are off by the same", SOMETHING_REGULAR
    scaled = [(a, b * ((a * b).sum(axis=1) / (b * b).sum(axis=1))[:, None], d) for a, b, _, d in rows]
    if all(same(a, b, d) for a, b, d in scaled):
        return "in each row all numbers have the same factor", "The proportions are right, the normalization is not."
    return None


# ---- how many digits


def digits(seen):
    errors = [np.abs(a - b).max() / max(np.abs(b).max(), 1e-300) for a, b, *_ in seen.ordinary if b.size]
    if not errors or not np.isfinite(errors).all() or not 0 < max(errors) < 0.02:
        return None
    number = int(-np.log10(max(errors)))
    return (
        f"nearly right: the first {number} digit{'s agree' if number != 1 else ' agrees'}",
        "Is something rounded, computed in single precision, or is a small number added somewhere?",
    )


# ---- an array of another shape


def shape_in_words(seen, found, expected, case):
    """The hint for an array of another shape: which axes it seems to have, and whether its numbers are right."""
    name = spoken(seen.name)
    hint = f"The shape of {name} is ({', '.join(seen.axes)}{',' * (len(seen.axes) == 1)})." if seen.axes else ""
    if seen.axes == "":
        hint = "One number is asked for."
    letters = letters_of(seen)
    ours, theirs = (next((x for x, c in zip(s, seen.cases) if c is case), None) for s in (seen.ours, seen.theirs))
    if len(found) > 1 and found == expected[::-1] and (letters or seen.axes is None or same(ours.T, theirs)):
        return f"Transposed? {hint}".strip()
    if ours.size == theirs.size and same(ours.ravel(), theirs.ravel()):
        if [n for n in found if n != 1] == [n for n in expected if n != 1]:
            return f"The numbers are right: an axis of length one is too many or missing. {hint}".strip()
        return f"The numbers are right, in another shape. {hint}".strip()
    if letters and seen.axes is not None and letters != list(seen.axes):
        yours = f"Yours is ({', '.join(letters)}{',' * (len(letters) == 1)})"
        is_sum = len(letters) == len(seen.axes)
        return f"{hint} {yours}{': does a sum run over another axis than it should?' if is_sum else '.'}"
    if not found and seen.axes:
        return f"{hint} Yours is one number: does a sum run over everything? It needs an axis."
    return hint


def letters_of(seen):
    """The axes that the student's arrays have in all inputs, by their letters, or None if it is not sure."""
    rows = [(a.shape, c.sizes) for a, c in zip(seen.ours, seen.cases) if a is not None and hasattr(c, "sizes")]
    if len(rows) < 3 or len({len(shape) for shape, _ in rows}) != 1:
        return None
    fitting = [[k for k in "NKD" if all(shape[i] == sizes[k] for shape, sizes in rows)] for i in range(len(rows[0][0]))]
    return [letters[0] for letters in fitting] if all(len(letters) == 1 for letters in fitting) else None


FINDERS = [not_finite, all_zero, only_special, algebra, by_size, entries, by_quantity, digits, by_one_component]
