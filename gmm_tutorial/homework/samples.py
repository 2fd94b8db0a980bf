"""A sample is judged by what is drawn: how often each label comes, and the mean and the covariance of its points.

A wrong version here is another mixture: the one from which the points seem to be drawn.
"""

import numpy as np

from gmm_tutorial.homework.course import RIGHT
from gmm_tutorial.homework.diagnosis import (
    BrokenContract,
    Finding,
    changed,
    in_words,
    numbers,
    refuse_changes,
    refuse_nothing,
    refuse_other_arguments,
    several,
)
from gmm_tutorial.homework.watch import watched
from gmm_tutorial.mixture import Mixture

MIXTURE = Mixture(
    [0.5, 0.3, 0.2],
    [[1.0, 2.0], [9.0, 4.0], [-6.0, 11.0]],
    [[[4.0, 2.4], [2.4, 2.0]], [[0.36, -0.2], [-0.2, 0.5]], [[1.0, 0.7], [0.7, 3.0]]],
)
SIZE, FEW, ERRORS = 3000, 7, 5  # so many standard errors are let through
WRONG_SAMPLES = []


def wrong_sample(drawn_from):
    WRONG_SAMPLES.append(drawn_from)
    return drawn_from


def products(matrices, others):
    return np.array([matrix @ other.T for matrix, other in zip(matrices, others)])


@wrong_sample
def the_covariance_where_its_factor_belongs(weights, means, covariances):
    """You multiply the noise by Σ. Its root belongs there: L with L Lᵀ = Σ, mixture.factors."""
    return weights, means, products(covariances, covariances)


@wrong_sample
def the_factor_on_its_other_side(weights, means, covariances):
    """Your clouds lean the wrong way: the factor is transposed. For noise in rows it is z @ L.T."""
    turned = np.swapaxes(MIXTURE.factors, 1, 2)
    return weights, means, products(turned, turned)


@wrong_sample
def coordinates_drawn_by_themselves(weights, means, covariances):
    """Your clouds do not lean: each coordinate has its own noise. Multiply by the whole of L."""
    return weights, means, covariances * np.eye(2)


@wrong_sample
def variances_taken_for_standard_deviations(weights, means, covariances):
    """You hand over variances where standard deviations are wanted, and the tilt is lost. Multiply the noise by L."""
    return weights, means, covariances**2 * np.eye(2)


@wrong_sample
def noise_that_is_not_stretched(weights, means, covariances):
    """All your clouds are round and of width one. Multiply the noise by the factor of its component."""
    return weights, means, np.ones((3, 1, 1)) * np.eye(2)


@wrong_sample
def the_first_factor_for_all(weights, means, covariances):
    """All your clouds have the shape of the first. Take the factor of each point's own label."""
    return weights, means, covariances[[0, 0, 0]]


@wrong_sample
def means_not_added(weights, means, covariances):
    """Your clouds lie about the origin. Add the mean of each point's own label."""
    return weights, 0 * means, covariances


@wrong_sample
def equal_shares(weights, means, covariances):
    """Your labels come equally often. Draw them with the weights: rng.choice(K, size, p=weights)."""
    return np.full(3, 1 / 3), means, covariances


@wrong_sample
def labels_beside_other_points(weights, means, covariances):
    """Your labels do not belong to the points beside them: with each of them the points are those of the whole mixture.
    Draw the labels once, use them for the points, and keep both in one order."""
    return weights, means * 0 + RIGHT.total_mean(MIXTURE), covariances * 0 + RIGHT.total_covariance(MIXTURE)


def examine_sample(answer, exercise):
    try:
        refuse_other_arguments(answer, exercise, [MIXTURE, SIZE, 0])
        refuse_a_sample_that_cannot_be_repeated(answer)
        found = moments(*drawn(answer, SIZE, seed=0))
    except BrokenContract as broken:
        return Finding(*broken.args)
    differs = difference(found, MIXTURE)
    if differs is None:
        return Finding("right", passed=True)
    named = next((wrong for wrong in WRONG_SAMPLES if difference(found, wrong(*MIXTURE)) is None), None)
    if named:
        headline = f"your points come as with: {named.__name__.replace('_', ' ')}"
        return Finding(headline, " ".join(named.__doc__.split()))
    return Finding(
        differs, f"Draw {SIZE} points, and look at those of one label: how many, where, how wide, which tilt?"
    )


def drawn(answer, size, seed):
    """Points and labels of one call; raises BrokenContract if they are none."""
    given = Mixture(*(array.copy() for array in MIXTURE))

    def call():
        result = answer(given, size, np.random.default_rng(seed))
        refuse_nothing(result)
        points, labels = several(result, {"points": 2, "labels": 1})
        return numbers(points, "points"), numbers(labels, "labels")

    np.random.seed(seed)  # noqa: NPY002
    result, error = watched(call)
    if error is not None:
        raise error if isinstance(error, BrokenContract) else in_words(error)
    refuse_changes(["weights", "means", "covariances"], list(given), list(MIXTURE))
    for name, part, shape in zip(("points", "labels"), result, ((size, 2), (size,))):
        if part.shape != shape:
            raise BrokenContract(f"your {name} came back with shape {part.shape}, expected {shape}")
    if not np.isin(result[1], range(3)).all():
        raise BrokenContract("a label is none of 0, 1, 2", "K components are numbered from 0 to K − 1.")
    return result


def refuse_a_sample_that_cannot_be_repeated(answer):
    if changed(drawn(answer, FEW, 1)[0], drawn(answer, FEW, 1)[0]):
        raise BrokenContract("one seed gives two results", "Draw every random number from the rng that you are given.")


def moments(points, labels):
    """Counts, means and covariances of the points of each label."""
    clouds = [points[labels == k] for k in range(3)]
    counts = np.array([len(cloud) for cloud in clouds])
    if counts.min() < 3:
        return counts, None, None
    return counts, np.array([cloud.mean(axis=0) for cloud in clouds]), np.array([np.cov(cloud.T) for cloud in clouds])


def difference(found, mixture):
    """What differs from a mixture by more than chance, in words, or None."""
    counts, means, covariances = found
    weights, expected_means, expected = mixture
    if (np.abs(counts - SIZE * weights) > ERRORS * np.sqrt(SIZE * weights * (1 - weights))).any():
        return "your labels do not come as often as the weights say"
    variances = np.diagonal(expected, axis1=1, axis2=2)
    if (np.abs(means - expected_means) > ERRORS * np.sqrt(variances / counts[:, None])).any():
        return "the points of a label do not lie about its mean"
    squares = variances[:, :, None] * variances[:, None, :] + np.square(expected)
    if (np.abs(covariances - expected) > ERRORS * np.sqrt(squares / counts[:, None, None])).any():
        return "the points of a label do not spread as its covariance says"
    return None
