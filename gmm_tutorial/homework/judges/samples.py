"""Samples are judged by the mixture that thousands of their points seem to come from."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import stats

from gmm_tutorial.homework.asking import BrokenContract, changed
from gmm_tutorial.homework.diagnosis import RIGHT as PASSED
from gmm_tutorial.homework.diagnosis import Finding
from gmm_tutorial.homework.judges.drawing import RNG, TYPED_IN, best_symptom, drawn, refuse_shape
from gmm_tutorial.homework.package import Mixture

MIXTURE = Mixture(
    [0.3, 0.5, 0.2],
    [[1.0, 2.0], [9.0, 4.0], [-6.0, 11.0]],
    [[[4.0, 2.4], [2.4, 2.0]], [[0.36, -0.2], [-0.2, 0.5]], [[1.0, 0.7], [0.7, 3.0]]],
)
OTHER = Mixture([0.4, 0.1, 0.3, 0.2], 5 * np.eye(4)[:, :3], [[[2.0, 0.5, 0], [0.5, 1, 0.3], [0, 0.3, 3]]] * 4)
SIZE, FEW, ERRORS, LEVEL = 3000, 7, 5, 1e-6  # so many standard errors are let through, or such a chance


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
        factors = self.mixture.factors[self.labels]
        return np.linalg.solve(factors, (self.points - self.means[self.labels])[:, :, None])[:, :, 0]

    @cached_property
    def moments(self):
        """Means and covariances of the points of each label."""
        clouds = [self.points[self.labels == k] for k in range(len(self.weights))]
        return np.array([cloud.mean(axis=0) for cloud in clouds]), np.array([np.cov(cloud.T) for cloud in clouds])

    def comes_from(self, weights=None, means=None, covariances=None):
        """Whether the points may come from such a mixture; what is not given is that of the right one."""
        given = zip((weights, means, covariances), self.mixture)
        return self.difference(*(right if other is None else other for other, right in given)) is None

    def difference(self, weights, expected_means, expected):
        """What differs from a mixture by more than chance, in words, or None."""
        counts = np.bincount(self.labels, minlength=len(weights))
        if (np.abs(counts - SIZE * weights) > ERRORS * np.sqrt(SIZE * weights * (1 - weights))).any():
            return "your labels do not come as often as the weights say"
        means, covariances = self.moments
        variances = np.diagonal(expected, axis1=1, axis2=2)
        if (np.abs(means - expected_means) > ERRORS * np.sqrt(variances / counts[:, None])).any():
            return "the points of a label do not lie about its mean"
        squares = variances[:, :, None] * variances[:, None, :] + np.square(expected)
        if (np.abs(covariances - expected) > ERRORS * np.sqrt(squares / counts[:, None, None])).any():
            return "the points of a label do not spread as its covariance says"
        return None

    @property
    def counts_vary(self):
        """ "too little" from seed to seed, "too much", or "as they should" if each label is drawn by itself."""
        expected = self.counts_by_seed.sum(axis=1, keepdims=True) * self.weights
        law = stats.chi2(2 * len(expected))
        surprise = (np.square(self.counts_by_seed - expected) / expected).sum()
        if law.cdf(surprise) < LEVEL:
            return "too little"
        return "too much" if law.sf(surprise) < LEVEL else "as they should"

    @cached_property
    def is_normal(self):
        """Whether the fourth moment of the noise is that of a normal law."""
        kurtosis = stats.kurtosis(self.noise, axis=0, fisher=False)
        return bool((np.abs(kurtosis - 3) < 7 * np.sqrt(24 / len(self.noise))).all())

    @property
    def is_independent(self):
        """Whether the coordinates of the noise, and points one after the other, have nothing to do with each other."""
        pairs = [(self.noise[:, 0], self.noise[:, 1]), (self.noise[1:, 0], self.noise[:-1, 0])]
        return all(abs(np.corrcoef(a, b)[0, 1]) < 7 / np.sqrt(SIZE) for a, b in pairs)


def examine_sample(answer, exercise):
    first, again = (sampled(answer, exercise, FEW, seed=1, state=state)[0] for state in (1, 2))
    if changed(first, again):
        return Finding("one seed gives two results", RNG)
    if not changed(first, sampled(answer, exercise, FEW, seed=2)[0]):
        return Finding("every seed gives the same sample", f"Is a seed fixed inside of your function? {RNG}")
    by_seed = [np.bincount(sampled(answer, exercise, 60, seed)[1], minlength=3) for seed in range(2, 82)]
    seen = Sampled(*sampled(answer, exercise, SIZE, seed=0), np.array(by_seed))
    differs = seen.difference(*MIXTURE)
    if differs is None and seen.is_normal and seen.is_independent and seen.counts_vary == "as they should":
        others = Sampled(*sampled(answer, exercise, SIZE, 0, mixture=OTHER), by_seed, OTHER)
        return Finding(f"with K = 4, D = 3 {differs}", TYPED_IN) if (differs := others.difference(*OTHER)) else PASSED
    return best_symptom(exercise, seen, "your points come as with") or Finding(
        differs or "your points are not drawn independently",
        f"Draw {SIZE} points and look at those of one label. How many are there? Compute their mean and covariance.",
    )


def sampled(answer, exercise, size, seed, state=0, mixture=MIXTURE):
    """Points and labels of one call; raises BrokenContract if they are none."""
    points, labels = drawn(answer, exercise, [mixture, size], seed, state)
    K, D = mixture.means.shape
    refuse_shape("points", points, (size, D), "The shape of points is (N, D), and N is the size.")
    refuse_shape("labels", labels, (size,), "The shape of labels is (N,), and N is the size.")
    if not np.isfinite(points).all():
        hint = "Look for a division by zero, and a root of something negative."
        raise BrokenContract("your points are not finite", hint)
    if not np.isin(labels, range(K)).all():
        names = ", ".join(map(str, range(K)))
        raise BrokenContract(f"a label is none of {names}", "Labels number the components from zero.")
    return points.astype(float), labels.astype(int)
