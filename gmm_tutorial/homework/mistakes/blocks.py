"""Chapter 11, blocks: summarize, merge and maximize."""

import numpy as np

from gmm_tutorial.homework.course import RIGHT
from gmm_tutorial.homework.registry import mistake

# ---- blocks: summarize, merge, maximize


@mistake("summarize")
def weights_in_place_of_counts(points, mixture):
    """You summarize by weights. Two blocks of different size cannot be merged then: keep the counts Nₖ."""
    log_likelihood, counts, means, covariances = RIGHT.summarize(points, mixture)
    return log_likelihood, counts / len(points), means, covariances


def merged(one, other, t, between):
    """Two summaries with the share t of the second one, and so much of the spread between them."""
    step, t = other.means - one.means, np.asarray(t)[:, None]
    spread = (between(t) * step)[:, :, None] * step[:, None, :]
    within = (1 - t)[:, None] * one.covariances + t[:, None] * other.covariances
    sums = one.log_likelihood + other.log_likelihood, one.counts + other.counts
    return *sums, one.means + t * step, within + spread


def share_of_the_other(one, other):
    return other.counts / (one.counts + other.counts)


@mistake("merge")
def the_spread_between_the_blocks_left_out(one, other):
    """You average the covariances. The means of the blocks differ too: add the spread between them, t (1 − t) δ δᵀ."""
    return merged(one, other, share_of_the_other(one, other), lambda t: 0 * t)


@mistake("merge")
def the_spread_between_the_blocks_counted_once(one, other):
    """You add t δ δᵀ. The merged mean moves towards the second block, so only t (1 − t) δ δᵀ is left between."""
    return merged(one, other, share_of_the_other(one, other), lambda t: t)


@mistake("merge")
def blocks_taken_as_equally_large(one, other):
    """You take the middle of both blocks. Weigh each with its count: t = N₂ / (N₁ + N₂), for each component."""
    return merged(one, other, np.full(len(one.counts), 0.5), lambda t: t * (1 - t))


@mistake("merge")
def the_share_of_the_wrong_block(one, other):
    """Your shares are swapped. μ₁ + t (μ₂ − μ₁) goes from the first block to the second, so t = N₂ / (N₁ + N₂)."""
    return merged(one, other, share_of_the_other(other, one), lambda t: t * (1 - t))


@mistake("maximize")
def counts_that_are_not_divided(summary):
    """You hand on the counts. Weights are shares: divide by the sum of the counts."""
    return summary.counts, summary.means, summary.covariances


@mistake("maximize")
def equal_weights_for_all(summary):
    """All your weights are 1/K. The counts say how large each component is: Nₖ divided by their sum."""
    return np.full_like(summary.counts, 1 / len(summary.counts)), summary.means, summary.covariances


@mistake("share_of_the_other")
def one_share_for_all_components(one, other):
    """You use one share for all components, from the counts of the whole blocks. Each component has its own:
    t = N₂ / (N₁ + N₂), for each k."""
    return other.counts.sum() / (one.counts.sum() + other.counts.sum())


@mistake("between")
def the_spread_between_the_blocks_with_the_whole_share(t, one, other):
    """You add δ δᵀ without its factor. Of the distance between the means only t (1 − t) δ δᵀ is spread."""
    step = other.means - one.means
    return step[:, :, None] * step[:, None, :]


@mistake("between")
def the_spread_between_the_blocks_subtracted(t, one, other):
    """You subtract the spread between the blocks. It is added: t (1 − t) δ δᵀ."""
    return -RIGHT.between(t, one, other)


@mistake("between")
def the_spread_between_the_blocks_along_the_axes(t, one, other):
    """You square the coordinates of δ one by one. The outer product δ δᵀ is a matrix."""
    return RIGHT.between(t, one, other) * np.eye(one.means.shape[1])


@mistake("between")
def the_share_squared_between_the_blocks(t, one, other):
    """You use t² in place of t (1 − t)."""
    step = other.means - one.means
    return (t * t)[:, None, None] * step[:, :, None] * step[:, None, :]


def merged_with(one, other, **parts):
    whole = RIGHT.merge(one, other)
    return whole._replace(**parts)


@mistake("merge")
def covariances_added(one, other):
    """You add the covariances of the blocks. Average them with their shares, and add the spread between."""
    return merged_with(one, other, covariances=one.covariances + other.covariances)


@mistake("merge")
def covariances_of_the_blocks_averaged_equally(one, other):
    """You average the covariances as if both blocks were equally large. Weigh each with its share, and add the spread
    between the blocks."""
    return merged_with(one, other, covariances=(one.covariances + other.covariances) / 2)


@mistake("merge")
def means_of_the_blocks_averaged_equally(one, other):
    """You average the means as if both blocks were equally large. Weigh each with its count, for each component."""
    return merged_with(one, other, means=(one.means + other.means) / 2)


@mistake("merge")
def means_of_the_blocks_added(one, other):
    """You add the means. Average them, each with its count, for each component."""
    return merged_with(one, other, means=one.means + other.means)


@mistake("merge")
def log_likelihoods_averaged(one, other):
    """You average the log-likelihoods. All points together are as probable as the product says: add the logs."""
    return merged_with(one, other, log_likelihood=(one.log_likelihood + other.log_likelihood) / 2)


@mistake("merge")
def log_likelihoods_averaged_by_the_counts(one, other):
    """You average the log-likelihoods, weighted with the points of each block. They are sums already: add them."""
    n, m = one.counts.sum(), other.counts.sum()
    return merged_with(one, other, log_likelihood=(n * one.log_likelihood + m * other.log_likelihood) / (n + m))


@mistake("merge", which=(0, 1))
def the_log_likelihood_of_one_block(one, other, which):
    """Your log-likelihood is that of one block. Add those of both."""
    return merged_with(one, other, log_likelihood=(one, other)[which].log_likelihood)


@mistake("merge")
def counts_averaged(one, other):
    """You average the counts. Add them."""
    return merged_with(one, other, counts=(one.counts + other.counts) / 2)


@mistake("merge", which=(0, 1))
def one_of_the_blocks(one, other, which):
    """You return one of the blocks. Merge both."""
    return (one, other)[which]


@mistake("merge")
def nothing_divided_by_nothing(one, other):
    """A component that has no points in either block has the count zero, and you divide 0 by 0. Keep its mean and its
    covariance as they are."""
    return merged(one, other, share_of_the_other(one, other), lambda t: t * (1 - t))


@mistake("merge")
def an_empty_component_at_the_origin(one, other):
    """A component without points in either block gets the mean and the covariance zero. Keep those of the first
    block."""
    whole = RIGHT.merge(one, other)
    empty = whole.counts == 0
    return whole._replace(means=np.where(empty[:, None], 0, whole.means))


@mistake("maximize")
def counts_divided_by_K(summary):
    """You divide the counts by K. Divide by their sum: then the weights sum to one."""
    return summary.counts / len(summary.counts), summary.means, summary.covariances


@mistake("maximize")
def counts_divided_by_the_largest(summary):
    """You divide by the largest count. Divide by the sum of all: then the weights sum to one."""
    return summary.counts / summary.counts.max(), summary.means, summary.covariances


@mistake("maximize")
def averages_divided_once_more(summary):
    """You divide the means and covariances by the counts. In a summary they are averages already."""
    counts = summary.counts
    return counts / counts.sum(), summary.means / counts[:, None], summary.covariances / counts[:, None, None]


@mistake("summarize")
def sums_in_place_of_means_in_the_summary(points, mixture):
    """Your means are sums. A summary holds averages: divide by Nₖ."""
    log_likelihood, counts, means, covariances = RIGHT.summarize(points, mixture)
    return log_likelihood, counts, counts[:, None] * means, covariances


@mistake("summarize")
def the_parameters_of_the_mixture_in_the_summary(points, mixture):
    """Your means and covariances are those of the mixture. Compute them from the points of this block."""
    log_likelihood, counts, _, _ = RIGHT.summarize(points, mixture)
    return log_likelihood, counts, mixture.means, mixture.covariances


@mistake("summarize")
def the_average_log_likelihood_of_a_block(points, mixture):
    """Your log-likelihood is the average over the points of the block. Blocks of different size cannot be added then:
    take the sum."""
    log_likelihood, *rest = RIGHT.summarize(points, mixture)
    return log_likelihood / len(points), *rest
