"""Chapter 02, samples: seen are many points with their labels, and the mixture that they should come from."""

import numpy as np

from gmm_tutorial.homework.course import RIGHT
from gmm_tutorial.homework.registry import symptom


def products(matrices, others):
    return np.array([matrix @ other.T for matrix, other in zip(matrices, others)])


@symptom("sample")
def the_covariance_where_its_factor_belongs(seen):
    """You multiply the noise by Σ. Its root belongs there: L with L Lᵀ = Σ, mixture.factors."""
    return seen.comes_from(covariances=products(seen.covariances, seen.covariances))


@symptom("sample")
def the_transposed_factor(seen):
    """Your clouds lean the wrong way: the factor is transposed. For noise in rows it is z @ L.T."""
    turned = np.swapaxes(np.linalg.cholesky(seen.covariances), 1, 2)
    return seen.comes_from(covariances=products(turned, turned))


@symptom("sample")
def coordinates_drawn_by_themselves(seen):
    """Your clouds do not lean: each coordinate has its own noise. Multiply by the whole of L."""
    return seen.comes_from(covariances=seen.covariances * np.eye(2))


@symptom("sample")
def variances_taken_for_standard_deviations(seen):
    """You hand over variances where standard deviations are wanted, and the tilt is lost. Multiply the noise by L."""
    return seen.comes_from(covariances=seen.covariances**2 * np.eye(2))


@symptom("sample")
def only_the_diagonal_of_the_factor(seen):
    """You multiply the noise by the diagonal of L. Multiply by the whole of L: the numbers below it make the tilt."""
    factors = np.linalg.cholesky(seen.covariances) * np.eye(2)
    return seen.comes_from(covariances=products(factors, factors))


@symptom("sample")
def noise_that_is_not_stretched(seen):
    """All your clouds are round and of width one. Multiply the noise by the factor of its component."""
    return seen.comes_from(covariances=np.zeros((3, 1, 1)) + np.eye(2))


@symptom("sample")
def noise_divided_by_the_factor(seen):
    """You divide the noise by L, or hand over the inverse of Σ, so wide becomes narrow. Multiply by L."""
    return seen.comes_from(covariances=np.linalg.inv(seen.covariances))


@symptom("sample")
def the_first_factor_for_all(seen):
    """All your clouds have the shape of the first. Take the factor of each point's own label."""
    return seen.comes_from(covariances=seen.covariances[[0, 0, 0]])


@symptom("sample")
def the_last_factor_for_all(seen):
    """All your clouds have the shape of the last. Take the factor of each point's own label."""
    return seen.comes_from(covariances=seen.covariances[[2, 2, 2]])


@symptom("sample")
def means_not_added(seen):
    """Your clouds lie about the origin. Add the mean of each point's own label."""
    return seen.comes_from(means=0 * seen.means)


@symptom("sample")
def one_mean_for_all_clouds(seen):
    """All your clouds lie about one and the same mean. Add the mean of each point's own label."""
    return any(seen.comes_from(means=seen.means[[k, k, k]]) for k in range(3))


@symptom("sample")
def equal_shares(seen):
    """Your labels come equally often. Draw them with the weights: rng.choice(K, size, p=weights)."""
    return seen.comes_from(weights=np.full(3, 1 / 3))


@symptom("sample")
def labels_beside_other_points(seen):
    """Your labels do not belong to the points beside them: with each of them the points are those of the whole mixture.
    Draw the labels once, use them for the points, and keep both in one order."""
    means = 0 * seen.means + RIGHT.total_mean(seen.mixture)
    return seen.comes_from(means=means, covariances=0 * seen.covariances + RIGHT.total_covariance(seen.mixture))


@symptom("sample")
def means_without_noise(seen):
    """Your points are the means themselves. Add noise: L z, with z from rng.standard_normal."""
    return np.allclose(seen.points, seen.means[seen.labels])


@symptom("sample")
def one_noise_vector_for_all_points(seen):
    """All points of a label are the same, or lie at the same step from their mean: the noise is drawn once and used for
    every point. Draw noise of its own for each point."""
    return len(np.unique(seen.noise.round(6), axis=0)) < len(seen.noise) / 2


@symptom("sample")
def one_number_as_noise_for_all_coordinates(seen):
    """Your points lie on lines: one random number is used for all coordinates of a point. Draw one for each."""
    steps = seen.points - seen.means[seen.labels]
    singular = [np.linalg.matrix_rank(steps[seen.labels == k], tol=1e-6) for k in range(3)]
    noise = seen.noise / max(np.abs(seen.noise).max(), 1e-300)
    return max(singular) == 1 or np.linalg.matrix_rank(noise, tol=1e-6) == 1


@symptom("sample")
def points_of_all_components_averaged(seen):
    """Each of your points is an average of points from all components, so the groups are gone. A point comes from one
    component, that of its label: add the noise of that one to its mean."""
    means = 0 * seen.means + RIGHT.total_mean(seen.mixture)
    return seen.comes_from(means=means, covariances=0 * seen.covariances + np.einsum(
        "k,kij->ij", seen.weights**2, seen.covariances
    ))  # fmt: skip


@symptom("sample")
def counts_that_are_not_drawn(seen):
    """Each label comes nearly as often in every sample: you give each component its quota, N πₖ rounded. Draw a label
    for each point, rng.choice(K, size, p=weights): then the counts vary, as they do in data."""
    return seen.counts_vary == "too little" and seen.comes_from()


@symptom("sample")
def labels_shared_by_several_points(seen):
    """The counts of your labels vary too much from sample to sample: one draw decides about several points. Draw a
    label for each point by itself."""
    return seen.counts_vary == "too much" and seen.comes_from()


@symptom("sample")
def noise_that_is_not_normal(seen):
    """Mean and covariance are right, but the noise is not normal: its tails are too short or too long. Draw it with
    rng.standard_normal."""
    return seen.comes_from() and not seen.is_normal
