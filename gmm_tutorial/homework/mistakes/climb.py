"""Chapter 06, the climb: em, and where a fit stops."""

from itertools import islice

import numpy as np

from gmm_tutorial.homework.course import RIGHT
from gmm_tutorial.homework.registry import mistake, symptom, valid_variant

# ---- the climb: em(points, mixture)


def climb(points, mixture, step):
    while True:
        responsibilities, log_likelihood = RIGHT.e_step(points, mixture)
        yield mixture, log_likelihood
        mixture = step(points, mixture, responsibilities)


@valid_variant("em")
def the_covariance_about_the_old_mean(points, mixture):
    """You compute the new covariances about the old means. This is a valid variant: same fixed point, other steps. The
    M-step of the course computes the new means first, and climbs faster for it."""

    def step(points, mixture, responsibilities):
        means = RIGHT.mean(points, responsibilities)
        return RIGHT.weight(responsibilities), means, RIGHT.covariance(points, responsibilities, list(mixture)[1])

    return climb(points, mixture, step)


@mistake("em")
def responsibilities_computed_again_in_the_middle(points, mixture):
    """You change the means and compute new responsibilities before the covariances. All new values of one step come
    from the same responsibilities."""

    def step(points, mixture, responsibilities):
        weights, means = RIGHT.weight(responsibilities), RIGHT.mean(points, responsibilities)
        again = RIGHT.responsibility(points, (weights, means, list(mixture)[2]))
        return weights, means, RIGHT.covariance(points, again, means)

    return climb(points, mixture, step)


def keeping(index):
    def step(points, mixture, responsibilities):
        new = list(RIGHT.m_step(points, responsibilities))
        new[index] = list(mixture)[index]
        return tuple(new)

    return step


@mistake("em")
def weights_never_stored(points, mixture):
    """Your weights stay what they were at the start. Compute them from the responsibilities, and use what you
    computed."""
    return climb(points, mixture, keeping(0))


@mistake("em")
def means_never_stored(points, mixture):
    """Your means stay what they were at the start. Compute them from the responsibilities, and use what you
    computed."""
    return climb(points, mixture, keeping(1))


@mistake("em")
def covariances_never_stored(points, mixture):
    """Your covariances stay what they were at the start. Compute them from the responsibilities, and use them."""
    return climb(points, mixture, keeping(2))


@mistake("em")
def a_step_that_changes_nothing(points, mixture):
    """The mixture that comes out is the one that went in. Is the new one returned, and handed to the next round?"""
    return climb(points, mixture, lambda points, mixture, responsibilities: mixture)


@mistake("em")
def a_step_of_k_means(points, mixture):
    """Each point goes wholly to its most probable component before the M-step. That is hard EM, as in k-means: keep the
    responsibilities soft."""

    def step(points, mixture, responsibilities):
        return RIGHT.m_step(points, np.eye(responsibilities.shape[1])[responsibilities.argmax(axis=1)])

    return climb(points, mixture, step)


def by_m_step(points, mixture, responsibilities):
    return RIGHT.m_step(points, responsibilities)


@mistake("em")
def a_log_likelihood_one_step_stale(points, mixture):
    """The log-likelihood beside each mixture belongs to the mixture before it. Compute both from the same
    parameters."""
    steps = climb(points, mixture, by_m_step)
    before = RIGHT.log_likelihood(points, mixture)
    while True:
        now, log_likelihood = next(steps)
        yield now, before
        before = log_likelihood


@mistake("em")
def two_rounds_in_one_step(points, mixture):
    """Each of your steps goes two rounds. One step is one E-step and one M-step: is the mixture updated twice, or a
    loop left inside?"""

    def step(points, mixture, responsibilities):
        return RIGHT.one_step(points, RIGHT.m_step(points, responsibilities))

    return climb(points, mixture, step)


@mistake("em")
def a_trace_that_starts_one_step_late(points, mixture):
    """Your first entry is the mixture after one step. The trace begins with the start itself."""
    steps = climb(points, mixture, by_m_step)
    next(steps)
    return steps


def with_labels_only_for(index):
    """Hard labels in one of the formulas, soft responsibilities in the others."""

    def step(points, mixture, responsibilities):
        hard = np.eye(responsibilities.shape[1])[responsibilities.argmax(axis=1)]
        shares = [responsibilities] * 3
        shares[index] = hard
        means = RIGHT.mean(points, shares[1])
        return RIGHT.weight(shares[0]), means, RIGHT.covariance(points, shares[2], means)

    return step


@mistake("em", index=(0, 1, 2))
def labels_in_one_of_the_formulas(points, mixture, index):
    """One of the three formulas of your M-step uses labels, the others responsibilities. Use the responsibilities in
    all of them."""
    return climb(points, mixture, with_labels_only_for(index))


@mistake("em")
def new_means_first_and_then_all_the_rest(points, mixture):
    """You compute new means, then new responsibilities, and the weights and covariances from these. All new values of
    one step come from the same responsibilities."""

    def step(points, mixture, responsibilities):
        means = RIGHT.mean(points, responsibilities)
        again = RIGHT.responsibility(points, (next(iter(mixture)), means, list(mixture)[2]))
        return RIGHT.weight(again), means, RIGHT.covariance(points, again, means)

    return climb(points, mixture, step)


@mistake("em")
def new_weights_in_the_middle_of_the_step(points, mixture):
    """You change the weights first and compute the responsibilities again before means and covariances. All new values
    of one step come from the same responsibilities."""

    def step(points, mixture, responsibilities):
        weights = RIGHT.weight(responsibilities)
        again = RIGHT.responsibility(points, (weights, *list(mixture)[1:]))
        means = RIGHT.mean(points, again)
        return weights, means, RIGHT.covariance(points, again, means)

    return climb(points, mixture, step)


@mistake("em")
def weights_computed_last_from_new_responsibilities(points, mixture):
    """You compute new responsibilities before the weights. All new values of one step come from the same
    responsibilities."""

    def step(points, mixture, responsibilities):
        means = RIGHT.mean(points, responsibilities)
        covariances = RIGHT.covariance(points, responsibilities, means)
        again = RIGHT.responsibility(points, (next(iter(mixture)), means, covariances))
        return RIGHT.weight(again), means, covariances

    return climb(points, mixture, step)


@mistake("em", damping=(0.5, 0.9, 0.1, 0.7, 0.3))
def a_step_taken_in_part(points, mixture, damping):
    """You mix the new numbers with the old ones. A step of EM goes all the way to the new ones."""

    def step(points, mixture, responsibilities):
        new = RIGHT.m_step(points, responsibilities)
        return tuple(damping * a + (1 - damping) * b for a, b in zip(new, mixture))

    return climb(points, mixture, step)


@mistake("em", which=(0, -1))
def only_one_component_changed(points, mixture, which):
    """Only one component changes, the first or the last. Every component is updated in each step: is the return inside
    the loop over k?"""

    def step(points, mixture, responsibilities):
        parts = [np.array(array) for array in mixture]
        for part, new in zip(parts, RIGHT.m_step(points, responsibilities)):
            part[which] = new[which]
        return tuple(parts)

    return climb(points, mixture, step)


@mistake("em")
def components_updated_one_after_the_other(points, mixture):
    """You compute new responsibilities after each component. All components of one step are updated from the same
    responsibilities."""

    def step(points, mixture, responsibilities):
        parts = [np.array(array) for array in mixture]
        for k in range(len(parts[0])):
            new = RIGHT.m_step(points, RIGHT.responsibility(points, tuple(parts)))
            for part, values in zip(parts, new):
                part[k] = values[k]
        return tuple(parts)

    return climb(points, mixture, step)


@mistake("em")
def mixtures_one_step_ahead(points, mixture):
    """The mixture beside each log-likelihood is the one after it: the M-step comes between the two. Yield the mixture
    that the log-likelihood was computed from."""
    steps = climb(points, mixture, by_m_step)
    _, before = next(steps)
    for now, log_likelihood in steps:
        yield now, before
        before = log_likelihood


@mistake("em")
def a_log_likelihood_one_step_ahead(points, mixture):
    """The log-likelihood beside each mixture belongs to the mixture after it. Compute both from the same
    parameters."""
    steps = climb(points, mixture, by_m_step)
    before, _ = next(steps)
    for now, log_likelihood in steps:
        yield before, log_likelihood
        before = now


@mistake("em")
def one_array_for_all_steps(points, mixture):
    """All the mixtures that you yield are one and the same, the last: the arrays are used again for the next step.
    Make new arrays in each step, or yield copies."""
    steps = list(islice(climb(points, mixture, by_m_step), 4))
    for _, log_likelihood in steps:
        yield steps[-1][0], log_likelihood


@mistake("em")
def the_mixture_after_the_last_step_everywhere(points, mixture):
    """All the mixtures that you yield are one and the same, the one after the last: the arrays are used again for the
    next step. Make new arrays in each step, or yield copies."""
    steps = list(islice(climb(points, mixture, by_m_step), 5))
    for _, log_likelihood in steps:
        yield steps[-1][0], log_likelihood


@mistake("em")
def the_start_again_in_every_step(points, mixture):
    """Every step of yours starts from the first mixture again. Hand the new mixture to the next step."""
    first, after = islice(climb(points, mixture, by_m_step), 2)
    yield first
    while True:
        yield after


@mistake("em")
def log_likelihoods_averaged_over_the_points(points, mixture):
    """The log-likelihoods of your trace are averages over the points. The log-likelihood is the sum."""
    for now, log_likelihood in climb(points, mixture, by_m_step):
        yield now, log_likelihood / len(points)


# ---- where a fit stops: seen are the lengths of its traces, and how much was still to gain


@symptom("fit")
def the_first_step_taken_for_the_last(seen):
    """You stop at once. If the old log-likelihood is an alias of the new one, nothing is ever gained: keep the number
    of the step before, and begin with minus infinity."""
    return max(seen.lengths) <= 2


@symptom("fit")
def a_fixed_number_of_steps(seen):
    """You stop after a fixed number of steps, wherever that is. Stop when little is left to gain."""
    return len(set(seen.lengths)) == 1 and seen.lengths[0] > 2


@symptom("fit")
def a_plateau_taken_for_the_top(seen):
    """You stop while there is still something to gain. A small step is not yet convergence: make the tolerance smaller,
    or estimate what is still to come from the last gains."""
    return True
