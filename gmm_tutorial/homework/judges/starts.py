"""Starts are judged by what they draw: hundreds of starts from four points, looked at by the symptoms of the catalogue.

A start is known by a preference: from the squared distances of each point to the centers so far, (N, m), to the chances
of the points. The chance of every outcome follows by listing all of them.
"""

import itertools
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import stats

from gmm_tutorial.homework.asking import BrokenContract, changed
from gmm_tutorial.homework.course import RIGHT
from gmm_tutorial.homework.diagnosis import RIGHT as PASSED
from gmm_tutorial.homework.diagnosis import Finding
from gmm_tutorial.homework.judges.drawing import RNG, TYPED_IN, best_symptom, drawn, refuse_shape
from gmm_tutorial.homework.mistakes.starts import any_other_point, far_from_the_nearest

POINTS = np.array([[0.0, 0.0], [1.0, 2.0], [6.0, 1.0], [2.0, 19.0]])
ROWS = np.array([[1.0], [0.5], [7.0], [3.0], [6.0], [2.0], [9.0]])
K, SEEDS, FEW, LEVEL = 3, 500, 200, 1e-6


@dataclass(frozen=True)
class Starts:
    """How often each ordered triple of rows was drawn: array (N, N, N)."""

    counts: np.ndarray

    def drawn_by(self, preference, first=None):
        """How well this preference explains the counts, above zero; or False if it does not."""
        chances = outcome_chances(preference, first)
        drawn = self.counts > 0
        return agrees(self.counts, chances) and 1 + 1 / (1 - (self.counts[drawn] * np.log(chances[drawn])).sum())

    @cached_property
    def triples(self):
        """Every triple of rows that was drawn."""
        return np.argwhere(self.counts)

    def drawn_in_a_row(self):
        return bool(((np.diff(self.triples, axis=1) % len(POINTS)) == 1).all())

    def never(self, row):
        return row % len(POINTS) not in self.triples

    def always_others(self, row):
        return all(np.delete(self.counts.sum(axis=(1, 2)), row))

    @property
    def is_sorted(self):
        orders = [self.triples, *np.moveaxis(POINTS[self.triples], 2, 0)]
        return any((np.diff(order, axis=1) >= 0).all() for order in orders)


def examine_start(answer, exercise):
    counts = np.zeros((len(POINTS),) * K)
    for seed in range(SEEDS):
        counts[rows_of(centers_drawn(answer, exercise, POINTS, seed))] += 1
        if seed < 3 and changed(*(centers_drawn(answer, exercise, ROWS, seed, 4, state) for state in (1, 2))):
            raise BrokenContract("one seed gives two results", RNG)
    starts, is_plain = Starts(counts), exercise.place == "random_points"
    chances = outcome_chances(any_other_point if is_plain else far_from_the_nearest)
    may_be_sorted = (is_plain or starts.is_sorted) and not starts.drawn_in_a_row()
    if agrees(counts, chances) or (may_be_sorted and agrees(in_any_order(counts), in_any_order(chances))):
        others = np.concatenate([centers_drawn(answer, exercise, ROWS, seed, 4) for seed in range(FEW)])
        never = len(np.unique(others)) < len(ROWS)
        return Finding("with N = 7 points, some never become centers", TYPED_IN) if never else PASSED
    if len(starts.triples) == 1 and list(starts.triples[0]) != [0, 1, 2]:
        hint = f"Is a seed fixed inside of your function, or is nothing drawn at all? {RNG}"
        return Finding("every seed gives the same centers", hint)
    if finding := best_symptom(exercise, starts, "your starts come as often as with"):
        return finding
    firsts = counts.sum(axis=(1, 2))
    shares = ", ".join(f"{share:.0%}" for share in firsts / SEEDS)
    is_fair = agrees(firsts, np.full(len(POINTS), 1 / len(POINTS)))
    return Finding(
        "your starts do not come as often as they should",
        f"Over {SEEDS} seeds, count which points you draw. {'Some' if is_plain else 'Far'} points come too often or "
        "too seldom."
        + f" The first center alone shows it: the rows come first in {shares} of the starts."
        * (not is_fair),
    )


def centers_drawn(answer, exercise, points, seed, K=K, state=0):
    [centers] = drawn(answer, exercise, [points, K], seed, state)
    numbers_of_rows = " These look like row numbers: return points[rows]." * (centers.ndim == 1)
    refuse_shape("centers", centers, (K, points.shape[1]), f"One row for each center: (K, D).{numbers_of_rows}")
    return centers


def rows_of(centers):
    same = (POINTS[:, None] == centers).all(axis=2)
    if not same.any(axis=0).all():
        raise BrokenContract("a center is not one of the points", "Start from the data: return rows of points.")
    return tuple(same.argmax(axis=0))


def outcome_chances(preference, first=None):
    """The chance of each ordered triple of rows: array (N, N, N)."""
    N = len(POINTS)
    distances = RIGHT.squared_distance(POINTS, POINTS)
    chances = np.zeros((N,) * K)
    for chosen in itertools.product(range(N), repeat=K):
        chance = 1 / N if first is None else float(chosen[0] == first % N)
        for m in range(1, K):
            preferences = np.asarray(preference(distances[:, chosen[:m]]), dtype=float)
            chance *= preferences[chosen[m]] / max(preferences.sum(), 1e-300)
        chances[chosen] = chance
    return chances


def agrees(counts, chances):
    """Whether counted outcomes may come from these chances: the likelihood-ratio test at a very strict level."""
    if counts[chances == 0].any():
        return False
    drawn = counts > 0
    G = 2 * (counts[drawn] * np.log(counts[drawn] / (counts.sum() * chances[drawn]))).sum()
    return stats.chi2(max(1, np.count_nonzero(chances) - 1)).isf(LEVEL) >= G


def in_any_order(table):
    return sum(table.transpose(order) for order in itertools.permutations(range(K))) / 6
