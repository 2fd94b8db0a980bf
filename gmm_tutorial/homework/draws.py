"""Starts and samples are judged by what they draw: hundreds of starts from four points, thousands of sampled points.

What was drawn is looked at by the symptoms of the catalogue. A start is known by a preference: from the squared
distances of each point to the centers so far, (N, m), to the chances of the points; the chance of every outcome follows
by listing all of them. A sample is known by the mixture that its points seem to come from.
"""

import itertools
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import stats

from gmm_tutorial.homework.asking import BrokenContract, called, changed, numbers, refuse_nothing, several
from gmm_tutorial.homework.course import RIGHT
from gmm_tutorial.homework.diagnosis import RIGHT as PASSED
from gmm_tutorial.homework.diagnosis import Finding
from gmm_tutorial.homework.mistakes.starts import any_other_point, far_from_the_nearest
from gmm_tutorial.homework.package import Mixture

RNG = "Draw every random number from the rng that you are given."
POINTS = np.array([[0.0, 0.0], [1.0, 2.0], [6.0, 1.0], [2.0, 19.0]])
ROWS = np.array([[1.0, 0.0], [0.5, 5.0], [7.0, 2.0], [3.0, 3.0], [6.0, 8.0], [2.0, 2.0], [9.0, 1.0]])
K, SEEDS, LEVEL = 3, 500, 1e-6
MIXTURE = Mixture(
    [0.3, 0.5, 0.2],
    [[1.0, 2.0], [9.0, 4.0], [-6.0, 11.0]],
    [[[4.0, 2.4], [2.4, 2.0]], [[0.36, -0.2], [-0.2, 0.5]], [[1.0, 0.7], [0.7, 3.0]]],
)
SIZE, FEW, ERRORS = 3000, 7, 5  # so many standard errors are let through


def with_generator(seed, state=0):
    """A generator from a seed; NumPy's global one has another state, so that who uses it is found out."""
    np.random.seed(1000 * state + 7)  # noqa: NPY002
    return np.random.default_rng(seed)


# ---- starts


@dataclass(frozen=True)
class Starts:
    """How often each ordered triple of rows was drawn: array (N, N, N)."""

    counts: np.ndarray

    def drawn_by(self, preference, first=None):
        """How well this preference explains the counts, above zero; or False if it does not."""
        chances = outcome_chances(preference, first)
        return agrees(self.counts, chances) and 1 + 1 / (1 + surprise(self.counts, chances))

    @property
    def unordered(self):
        """The same, whatever the order of the three."""
        return sum(self.counts.transpose(order) for order in itertools.permutations(range(K)))

    def drawn_in_a_row(self):
        drawn = np.argwhere(self.counts)
        return bool(((np.diff(drawn, axis=1) % len(POINTS)) == 1).all())

    def never(self, row):
        return not any(self.counts.take(row, axis=axis).any() for axis in range(K))

    def always_others(self, row):
        return all(np.delete(self.counts.sum(axis=(1, 2)), row))

    @property
    def is_sorted(self):
        drawn = np.argwhere(self.counts)
        orders = [drawn, *(POINTS[drawn][:, :, d] for d in range(2))]
        return any((np.diff(order, axis=1) >= 0).all() for order in orders)


def examine_start(answer, exercise):
    try:
        starts = Starts(drawn_counts(answer, exercise))
    except BrokenContract as broken:
        return Finding(*broken.args)
    is_plain = exercise.place == "random_points"
    chances = outcome_chances(any_other_point if is_plain else far_from_the_nearest)
    if agrees(starts.counts, chances):
        return PASSED
    if (
        (is_plain or starts.is_sorted)
        and not starts.drawn_in_a_row()
        and agrees(starts.unordered / 6, Starts(chances).unordered / 6)
    ):
        return PASSED
    if len(np.unique(np.argwhere(starts.counts), axis=0)) == 1:
        rows = np.argwhere(starts.counts)[0]
        if list(rows) != [0, 1, 2]:
            return Finding("every seed gives the same centers", f"Is a seed fixed inside of your function? {RNG}")
    found = best_symptom(exercise, starts)
    if found:
        return Finding(f"your starts come as often as with: {found.name}", found.hint)
    seldom = starts.counts.sum(axis=(1, 2)) / SEEDS
    which = "Some points" if is_plain else "Far points"
    first = "" if agrees(starts.counts.sum(axis=(1, 2)), np.full(len(POINTS), 0.25)) else (
        f" Already the first center is not: the rows come {', '.join(f'{n:.0%}' for n in seldom)} of the time."
    )  # fmt: skip
    return Finding(
        "your starts do not come as often as they should",
        f"Over {SEEDS} seeds, count which points you draw. {which} come too often or too seldom.{first}",
    )


def best_symptom(exercise, seen):
    scores = [(float(m.wrong(seen)), -number, m) for number, m in enumerate(exercise.symptoms)]
    score, _, found = max(scores, key=lambda row: row[:2])
    return found if score else None


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


def surprise(counts, chances):
    return -(counts[counts > 0] * np.log(chances[counts > 0])).sum()


def drawn_counts(answer, exercise):
    counts = np.zeros((len(POINTS),) * K)
    for seed in range(SEEDS):
        centers = draw(answer, exercise, POINTS, seed)
        counts[rows_of(centers)] += 1
        if seed < 3:
            pair = [draw(answer, exercise, ROWS, seed, state) for state in (1, 2)]
            if changed(*pair):
                raise BrokenContract("one seed gives two results", RNG)
    return counts


def draw(answer, exercise, points, seed, state=0):
    def read(centers):
        refuse_nothing(centers)
        return numbers(centers, "centers")

    arguments = [points.copy(), K, with_generator(seed, state)]
    centers = called(answer, exercise.arguments, arguments, read, exercise.title)
    if centers.shape != (K, points.shape[1]):
        hint = "One row for each center: (K, D)."
        hint += " These look like row numbers: return points[rows]." * (centers.ndim == 1)
        raise BrokenContract(
            f"your centers came back with shape {centers.shape}, expected {(K, points.shape[1])}", hint
        )
    return centers


def rows_of(centers):
    same = (POINTS[:, None] == centers).all(axis=2)
    if not same.any(axis=0).all():
        raise BrokenContract("a center is not one of the points", "Start from the data: return rows of points.")
    return tuple(same.argmax(axis=0))


# ---- samples


@dataclass(frozen=True)
class Sampled:
    """Many points with their labels, and the counts of the labels in samples from other seeds."""

    points: np.ndarray
    labels: np.ndarray
    counts_by_seed: np.ndarray
    mixture: Mixture = MIXTURE

    weights = property(lambda self: self.mixture.weights)
    means = property(lambda self: self.mixture.means)
    covariances = property(lambda self: self.mixture.covariances)

    @cached_property
    def noise(self):
        """The points made standard, each by the Gaussian of its label."""
        factors = np.linalg.cholesky(self.covariances)[self.labels]
        return np.linalg.solve(factors, (self.points - self.means[self.labels])[:, :, None])[:, :, 0]

    @cached_property
    def moments(self):
        """Counts, means and covariances of the points of each label."""
        clouds = [self.points[self.labels == k] for k in range(3)]
        counts = np.array([len(cloud) for cloud in clouds])
        if counts.min() < 3:
            return counts, None, None
        return counts, np.array([cloud.mean(axis=0) for cloud in clouds]), np.array([np.cov(c.T) for c in clouds])

    def comes_from(self, weights=None, means=None, covariances=None):
        """Whether the points may come from such a mixture; what is not given is that of the right one."""
        given = zip((weights, means, covariances), self.mixture)
        return self.difference(*(right if other is None else other for other, right in given)) is None

    def difference(self, weights, expected_means, expected):
        """What differs from a mixture by more than chance, in words, or None."""
        counts, means, covariances = self.moments
        if (np.abs(counts - SIZE * weights) > ERRORS * np.sqrt(SIZE * weights * (1 - weights))).any():
            return "your labels do not come as often as the weights say"
        variances = np.diagonal(expected, axis1=1, axis2=2)
        if (np.abs(means - expected_means) > ERRORS * np.sqrt(variances / counts[:, None])).any():
            return "the points of a label do not lie about its mean"
        squares = variances[:, :, None] * variances[:, None, :] + np.square(expected)
        if (np.abs(covariances - expected) > ERRORS * np.sqrt(squares / counts[:, None, None])).any():
            return "the points of a label do not spread as its covariance says"
        return None

    @property
    def counts_never_vary(self):
        return bool((self.counts_by_seed == self.counts_by_seed[0]).all())

    @cached_property
    def is_normal(self):
        """Whether the fourth moment of the noise is that of a normal law."""
        kurtosis = np.mean(self.noise**4, axis=0) / np.mean(self.noise**2, axis=0) ** 2
        return bool((np.abs(kurtosis - 3) < 7 * np.sqrt(24 / len(self.noise))).all())

    @property
    def is_independent(self):
        """Whether the coordinates of the noise, and points one after the other, have nothing to do with each other."""
        pairs = [(self.noise[:, 0], self.noise[:, 1]), (self.noise[1:, 0], self.noise[:-1, 0])]
        return all(abs(np.corrcoef(a, b)[0, 1]) < 7 / np.sqrt(SIZE) for a, b in pairs)


def examine_sample(answer, exercise):
    try:
        first = [drawn(answer, exercise, FEW, seed=1, state=state)[0] for state in (1, 2)]
        if changed(*first):
            return Finding("one seed gives two results", RNG)
        if not changed(first[0], drawn(answer, exercise, FEW, seed=2)[0]):
            return Finding("every seed gives the same sample", f"Is a seed fixed inside of your function? {RNG}")
        by_seed = [drawn(answer, exercise, 300, seed)[1] for seed in range(2, 8)]
        counts = np.array([np.bincount(labels, minlength=3) for labels in by_seed])
        seen = Sampled(*drawn(answer, exercise, SIZE, seed=0), counts)
    except BrokenContract as broken:
        return Finding(*broken.args)
    differs = seen.difference(*MIXTURE)
    if differs is None and seen.is_normal and seen.is_independent and not seen.counts_never_vary:
        return PASSED
    if found := best_symptom(exercise, seen):
        return Finding(f"your points come as with: {found.name}", found.hint)
    return Finding(
        differs or "your points are not drawn independently",
        f"Draw {SIZE} points, and look at those of one label: how many, where, how wide, which tilt?",
    )


def drawn(answer, exercise, size, seed, state=0):
    """Points and labels of one call; raises BrokenContract if they are none."""

    def read(result):
        refuse_nothing(result)
        points, labels = several(result, {"points": 2, "labels": 1})
        return numbers(points, "points"), numbers(labels, "labels")

    arguments = [Mixture(*(array.copy() for array in MIXTURE)), size, with_generator(seed, state)]
    points, labels = called(answer, exercise.arguments, arguments, read, exercise.title)
    for name, part, shape in (("points", points, (size, 2)), ("labels", labels, (size,))):
        if part.shape != shape:
            raise BrokenContract(f"your {name} came back with shape {part.shape}, expected {shape}", "N is the size.")
    if not np.isfinite(points).all():
        raise BrokenContract(
            "your points are not finite", "Look for a division by zero, and a root of something negative."
        )
    if not np.isin(labels, range(3)).all():
        raise BrokenContract("a label is none of 0, 1, 2", "Labels number the components from zero.")
    return points.astype(float), labels.astype(int)
