"""Laws that a right answer keeps, whatever the numbers are. Each has one sentence that teaches.

A law is a small function. Its arguments are found by name among the inputs and the student's results; it applies to
every formula that returns what its last argument names.
"""

import numpy as np

from gmm_tutorial.homework.registry import LAWS, law

__all__ = ["LAWS"]


def close(ours, theirs):
    theirs = np.asarray(theirs)
    return bool(np.allclose(ours, theirs, rtol=1e-4, atol=1e-4 * np.abs(theirs).max()))


@law("0 ≤ γₙₖ ≤ 1", r"0 \le \gamma_{nk} \le 1")
def responsibilities_are_probabilities(responsibilities):
    """A responsibility is a probability: it lies between zero and one."""
    return ((responsibilities >= 0) & (responsibilities <= 1 + 1e-5)).all()


@law("Σₖ γₙₖ = 1", r"\sum_k \gamma_{nk} = 1")
def responsibilities_sum_to_one(responsibilities):
    """For each point the components compete, so the rows sum to one."""
    return close(responsibilities.sum(axis=1), 1)


@law("Σₖ Nₖ = N", r"\sum_k N_k = N")
def counts_sum_to_the_number_of_points(responsibilities, counts):
    """Every point is counted once, in parts, so the counts of all components sum to N."""
    return close(counts.sum(), len(responsibilities))


@law("Σₖ πₖ = 1", r"\sum_k \pi_k = 1")
def weights_sum_to_one(weights):
    """The weights are a distribution over the components, so they sum to one."""
    return close(weights.sum(axis=-1), 1)


@law("πₖ ≥ 0", r"\pi_k \ge 0")
def weights_are_not_negative(weights):
    """A weight is a share of the points, and no share is negative."""
    return (weights >= 0).all()


@law("Σₖ Nₖ μₖ = Σₙ xₙ", r"\sum_k N_k \, \mu_k = \sum_n x_n")
def the_total_of_the_points_is_kept(points, responsibilities, means):
    """However the points are shared out, the means together balance where the points do."""
    return close(responsibilities.sum(axis=0) @ means, points.sum(axis=0))


@law("Σₖ πₖ μₖ = (1/N) Σₙ xₙ", r"\sum_k \pi_k \mu_k = \tfrac{1}{N} \sum_n x_n")
def the_mean_of_the_points_is_kept(points, weights, means):
    """After every M-step the mean of the mixture is the mean of the points."""
    last = (weights, means) if weights.ndim == 1 else (weights[-1], means[-1])
    return close(last[0] @ last[1], points.mean(axis=0))


@law("min xₙ ≤ μₖ ≤ max xₙ", r"\min_n x_n \le \mu_k \le \max_n x_n")
def an_average_lies_among_the_points(points, responsibilities, means):
    """An average lies among what it averages: no mean is outside the range of the points."""
    slack = 1e-4 * np.abs(points).max()
    return ((means >= points.min(axis=0) - slack) & (means <= points.max(axis=0) + slack)).all()


@law("Σₖ = Σₖᵀ", r"\Sigma_k = \Sigma_k^{\mathsf T}")
def covariances_are_symmetric(covariances):
    """How x goes along with y is how y goes along with x: a covariance equals its transpose."""
    return close(covariances, np.swapaxes(covariances, -1, -2))


@law("vᵀ Σₖ v ≥ 0", r"v^{\mathsf T} \Sigma_k v \ge 0")
def no_direction_has_a_negative_variance(covariances):
    """A covariance gives the variance in every direction, and none is negative."""
    halves = (covariances + np.swapaxes(covariances, -1, -2)) / 2
    return (np.linalg.eigvalsh(halves) >= -1e-4 * np.abs(covariances).max()).all()


@law(
    "tr Σₖ = (1/Nₖ) Σₙ γₙₖ |xₙ − μₖ|²",
    r"\operatorname{tr} \Sigma_k = \tfrac{1}{N_k} \sum_n \gamma_{nk} |x_n - \mu_k|^2",
)
def the_trace_is_the_average_squared_distance(points, responsibilities, means, covariances):
    """The variances on the diagonal add up to the average squared distance from the mean."""
    distances = np.square(points[:, None] - means).sum(axis=2)
    averages = (responsibilities * distances).sum(axis=0) / responsibilities.sum(axis=0)
    return close(np.trace(covariances, axis1=1, axis2=2), averages)


@law("log p(xₙ) ≥ maxₖ log πₖ N(xₙ | μₖ, Σₖ)", r"\log p(x_n) \ge \max_k \log \pi_k \mathcal N(x_n | \mu_k, \Sigma_k)")
def a_mixture_is_at_least_as_dense_as_each_of_its_parts(log_joints, log_densities):
    """The components add up, so the mixture is at least as dense as each of them alone."""
    return (log_densities >= log_joints.max(axis=1) - 1e-3).all()


@law(
    "log p(xₙ) ≤ maxₖ log πₖ N(xₙ | μₖ, Σₖ) + log K",
    r"\log p(x_n) \le \max_k \log \pi_k \mathcal N(x_n | \mu_k, \Sigma_k) + \log K",
)
def a_mixture_is_at_most_k_times_as_dense_as_its_largest_part(log_joints, log_densities):
    """A sum of K numbers is at most K times the largest of them."""
    return (log_densities <= log_joints.max(axis=1) + np.log(log_joints.shape[1]) + 1e-3).all()


@law("Σₙ maxₖ log πₖ N(xₙ | μₖ, Σₖ) ≤ ℓ", r"\sum_n \max_k \log \pi_k \mathcal N(x_n | \mu_k, \Sigma_k) \le \ell")
def points_are_at_least_as_probable_as_with_their_best_component(log_joints, log_likelihood):
    """To know less about the labels cannot make the points less probable: ℓ is at least its value with the best
    labels."""
    return log_likelihood >= log_joints.max(axis=1).sum() - 1e-2


@law("ℓ₀ ≤ ℓ₁ ≤ ℓ₂ ≤ …", r"\ell_0 \le \ell_1 \le \ell_2 \le \dots")
def the_log_likelihood_never_falls(log_likelihoods):
    """No step of EM makes the points less probable: the log-likelihood never falls."""
    return (np.diff(log_likelihoods) >= -1e-6 * np.abs(log_likelihoods).max()).all()


@law("Σₖ γₙₖ = 1 with γₙₖ ∈ {0, 1}", r"\sum_k \gamma_{nk} = 1, \quad \gamma_{nk} \in \{0, 1\}")
def each_point_has_one_center(sides):
    """Each point belongs to one center, wholly."""
    return np.isin(sides, (0, 1)).all() and close(sides.sum(axis=1), 1)
