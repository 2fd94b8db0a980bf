"""Ninety wrong answers and twenty right ones to all chapters, most of them written without a look at the catalogue."""

import numpy as np
from scipy import special, stats
from scipy.spatial.distance import cdist

import gmm_tutorial as gmm
from gmm_tutorial.homework import log_likelihood
from students import right, wrong

# ---- one Gaussian


@wrong(gmm.log_gaussian, "trace where the determinant")
def trace_for_determinant(points, mean, covariance):
    d = points - mean
    maha = np.sum(d @ np.linalg.inv(covariance) * d, axis=1)
    return -0.5 * (len(mean) * np.log(2 * np.pi) + np.log(np.trace(covariance)) + maha)


@wrong(gmm.log_gaussian, r"np\.log\(2\) \* np\.pi")
def log_of_two_times_pi(points, mean, covariance):
    D = points.shape[1]
    d = points - mean
    quad = np.einsum("ni,ij,nj->n", d, np.linalg.inv(covariance), d)
    return -0.5 * (D * np.log(2) * np.pi + np.linalg.slogdet(covariance)[1] + quad)


@wrong(gmm.log_gaussian, "average the squares")
def squares_averaged(points, mean, covariance):
    L = np.linalg.cholesky(covariance)
    z = np.linalg.solve(L, (points - mean).T).T
    return -0.5 * len(mean) * np.log(2 * np.pi) - np.log(np.diag(L)).sum() - 0.5 * np.mean(z**2, axis=1)


@wrong(gmm.log_gaussian, "Square them before")
def whitened_not_squared(points, mean, covariance):
    L = np.linalg.cholesky(covariance)
    z = np.linalg.solve(L, (points - mean).T).T
    return -0.5 * (len(mean) * np.log(2 * np.pi) + z.sum(axis=1)) - np.log(np.diag(L)).sum()


@wrong(gmm.log_gaussian, "mean of the points")
def centered_at_the_average(points, mean, covariance):
    d = points - points.mean(axis=0)
    quad = np.sum(d @ np.linalg.inv(covariance) * d, axis=1)
    return -0.5 * (quad + len(mean) * np.log(2 * np.pi) + np.log(np.linalg.det(covariance)))


@wrong(gmm.log_gaussian_by_factor, "one number of the diagonal")
def only_the_largest_of_the_diagonal(points, mean, factor):
    z = np.linalg.solve(factor, (points - mean).T).T
    return -0.5 * np.sum(z**2, axis=1) - np.log(np.max(np.diag(factor))) - len(mean) / 2 * np.log(2 * np.pi)


@wrong(gmm.log_gaussian_by_factor, "all numbers of L")
def all_entries_of_the_factor(points, mean, factor):
    z = np.linalg.solve(factor, (points - mean).T).T
    entries = np.abs(factor[factor != 0])
    return -0.5 * np.sum(z**2, axis=1) - np.log(entries).sum() - len(mean) / 2 * np.log(2 * np.pi)


@wrong(gmm.whiten, "own standard deviation")
def standardized_by_the_row(points, mean, factor):
    scale = np.sqrt(np.diag(factor @ factor.T))
    return (points - mean) / scale


@wrong(gmm.whiten, "subtract the mean afterwards")
def mean_subtracted_afterwards(points, mean, factor):
    return np.linalg.solve(factor, points.T).T - mean


# ---- several Gaussians


@wrong(gmm.log_joint, "1 − πₖ")
def one_minus_the_weight(points, mixture):
    out = np.zeros((len(points), len(mixture.weights)))
    for k in range(len(mixture.weights)):
        out[:, k] = gmm.log_gaussian(points, mixture.means[k], mixture.covariances[k]) + np.log(1 - mixture.weights[k])
    return out


@wrong(gmm.log_joint, "divide by the weight")
def log_weights_subtracted(points, mixture):
    columns = [gmm.log_gaussian(points, m, S) for m, S in zip(mixture.means, mixture.covariances)]
    return np.column_stack(columns) - np.log(mixture.weights)


@wrong(gmm.log_joint, "one and the same covariance")
def the_pooled_covariance(points, mixture):
    S = np.average(mixture.covariances, axis=0, weights=mixture.weights)
    columns = [gmm.log_gaussian(points, m, S) + np.log(w) for w, m in zip(mixture.weights, mixture.means)]
    return np.column_stack(columns)


@wrong(gmm.responsibility, "root of the sum of squares")
def divided_by_the_norm(points, mixture):
    p = np.exp(gmm.log_joint(points, mixture) - gmm.log_joint(points, mixture).max(axis=1, keepdims=True))
    return p / np.linalg.norm(p, axis=1, keepdims=True)


@wrong(gmm.responsibility, "divide by the largest")
def divided_by_the_largest(points, mixture):
    lj = gmm.log_joint(points, mixture)
    return np.exp(lj - lj.max(axis=1, keepdims=True))


@wrong(gmm.responsibility, "lift each density")
def clipped_for_safety(points, mixture):
    lj = np.clip(gmm.log_joint(points, mixture), -300, None)
    p = np.exp(lj)
    return p / p.sum(axis=1, keepdims=True)


@wrong(gmm.responsibility, "distances to the means")
def softmax_of_distances(points, mixture):
    d2 = cdist(points, mixture.means) ** 2
    return special.softmax(-0.5 * d2, axis=1)


@wrong(gmm.responsibility, "or their root")
def half_of_the_log(points, mixture):
    return special.softmax(0.5 * gmm.log_joint(points, mixture), axis=1)


@wrong(gmm.responsibility, "multiplied in after")
def weights_after_the_normalization(points, mixture):
    lg = np.column_stack([gmm.log_gaussian(points, m, S) for m, S in zip(mixture.means, mixture.covariances)])
    return special.softmax(lg, axis=1) * mixture.weights


@wrong(gmm.bayes, "forget to add it back")
def largest_not_added_back(log_joints):
    top = log_joints.max(axis=1, keepdims=True)
    e = np.exp(log_joints - top)
    return e / e.sum(axis=1, keepdims=True), np.log(e.sum(axis=1))


@wrong(gmm.log_density, "average of the row")
def log_of_the_average(points, mixture):
    lj = gmm.log_joint(points, mixture)
    top = lj.max(axis=1)
    return top + np.log(np.exp(lj - top[:, None]).mean(axis=1))


@wrong(log_likelihood, r"log of 1 \+ p")
def log_of_one_plus(points, mixture):
    return np.log1p(np.exp(gmm.log_joint(points, mixture)).sum(axis=1)).sum()


@wrong(log_likelihood, "−2ℓ")
def the_deviance(points, mixture):
    return -2 * gmm.log_density(points, mixture).sum()


@wrong(gmm.label, "compare densities")
def label_by_density(points, mixture):
    lg = [gmm.log_gaussian(points, m, S) for m, S in zip(mixture.means, mixture.covariances)]
    return np.argmax(lg, axis=0)


@wrong(gmm.label, "begin at one")
def labels_from_one(points, mixture):
    return gmm.responsibility(points, mixture).argmax(axis=1) + 1


@wrong(gmm.e_step, "M-step climbs")
def expected_complete_log_likelihood(points, mixture):
    gammas = gmm.responsibility(points, mixture)
    return gammas, (gammas * gmm.log_joint(points, mixture)).sum()


# ---- the M-step


@wrong(gmm.count, "above a threshold")
def nonzero_counted(responsibilities):
    return np.count_nonzero(responsibilities > 1e-3, axis=0)


@wrong(gmm.weight, "add a number to every count")
def laplace_smoothing(responsibilities):
    N, K = responsibilities.shape
    return (responsibilities.sum(axis=0) + 1) / (N + K)


@wrong(gmm.weight, "through a softmax")
def softmax_of_counts(responsibilities):
    return special.softmax(responsibilities.sum(axis=0))


@wrong(gmm.mean, "one label each")
def average_of_the_own_points(points, responsibilities):
    owner = responsibilities.argmax(axis=1)
    return np.array([points[owner == k].mean(axis=0) for k in range(responsibilities.shape[1])])


@wrong(gmm.mean, "γ² as weights")
def squares_as_weights(points, responsibilities):
    w = responsibilities**2
    return (w.T @ points) / w.sum(axis=0)[:, None]


@wrong(gmm.mean, "do not add it again")
def centered_and_left_there(points, responsibilities):
    x = points - points.mean(axis=0)
    return responsibilities.T @ x / responsibilities.sum(axis=0)[:, None]


@wrong(gmm.mean, "cut to whole numbers")
def means_into_an_integer_array(points, responsibilities):
    out = np.zeros((responsibilities.shape[1], points.shape[1]), dtype=int)
    for k in range(responsibilities.shape[1]):
        out[k] = np.average(points, axis=0, weights=responsibilities[:, k])
    return out


@wrong(gmm.covariance, "these are correlations")
def correlations(points, responsibilities, means):
    out = []
    for k, mu in enumerate(means):
        d = points - mu
        S = (responsibilities[:, k, None] * d).T @ d / responsibilities[:, k].sum()
        s = np.sqrt(np.diag(S))
        out.append(S / np.outer(s, s))
    return np.array(out)


@wrong(gmm.covariance, "mean of all points")
def about_the_mean_of_all(points, responsibilities, means):
    d = points - points.mean(axis=0)
    return np.array([(g[:, None] * d).T @ d / g.sum() for g in responsibilities.T])


@wrong(gmm.covariance, "root of γ")
def roots_of_gamma(points, responsibilities, means):
    out = np.zeros((len(means), points.shape[1], points.shape[1]))
    for k in range(len(means)):
        d = np.sqrt(np.sqrt(responsibilities[:, k]))[:, None] * (points - means[k])
        out[k] = d.T @ d / responsibilities[:, k].sum()
    return out


@wrong(gmm.covariance, "small number to each diagonal")
def a_ridge_of_one_hundredth(points, responsibilities, means):
    S = gmm.covariance(points, responsibilities, means)
    return S + 0.01 * np.eye(points.shape[1])


@wrong(gmm.covariance, "a root was taken")
def a_root_of_each_entry(points, responsibilities, means):
    S = gmm.covariance(points, responsibilities, means)
    return np.sign(S) * np.sqrt(np.abs(S))


@wrong(gmm.m_step, "share one covariance")
def tied_by_accident(points, responsibilities):
    n = responsibilities.sum(axis=0)
    mu = responsibilities.T @ points / n[:, None]
    S = 0
    for k in range(len(n)):
        d = points - mu[k]
        S = S + (responsibilities[:, k, None] * d).T @ d
    return n / len(points), mu, np.array([S / len(points)] * len(n))


# ---- steps and fits


@wrong(gmm.em, "stay what they were")
def covariances_never_updated(points, mixture):
    g = gmm.responsibility(points, mixture)
    return gmm.Mixture(gmm.weight(g), gmm.mean(points, g), mixture.covariances)


@wrong(gmm.em, "mix the new numbers")
def halfway(points, mixture):
    new = gmm.m_step(points, gmm.responsibility(points, mixture))
    return gmm.Mixture(*[(a + b) / 2 for a, b in zip(mixture, new)])


@wrong(gmm.em, "begins with the start")
def start_not_yielded(points, mixture):
    while True:
        g, ell = gmm.e_step(points, mixture)
        mixture = gmm.m_step(points, g)
        yield mixture, gmm.e_step(points, mixture)[1]


@wrong(gmm.em, "the one that went in")
def never_updated(points, mixture):
    while True:
        g, ell = gmm.e_step(points, mixture)
        yield mixture, ell
        gmm.m_step(points, g)


@wrong(gmm.fit, "averages over the points")
def trace_per_point(points, mixture):
    trace = []
    for step in gmm.em(points, mixture):
        trace.append(step.log_likelihood / len(points))
        if len(trace) > 1 and trace[-1] - trace[-2] < 1e-12:
            return step.mixture, trace


@wrong(gmm.fit, "the last log-likelihood was computed from")
def the_start_is_returned(points, mixture):
    trace = []
    for _, ell in gmm.em(points, mixture):
        trace.append(ell)
        if len(trace) > 1 and trace[-1] - trace[-2] < 1e-10:
            return mixture, trace


@wrong(gmm.fit, "still something to gain")
def stops_when_means_hardly_move(points, mixture):
    trace = []
    while True:
        g, ell = gmm.e_step(points, mixture)
        trace.append(ell)
        new = gmm.m_step(points, g)
        if np.abs(new.means - mixture.means).max() < 0.2:
            return mixture, trace
        mixture = new


# ---- centers, starts and samples


@wrong(gmm.squared_distance, "average over the coordinates")
def mean_of_the_squares(points, centers):
    return ((points[:, None, :] - centers[None, :, :]) ** 2).mean(axis=2)


@wrong(gmm.hard_responsibility, "share each point out")
def softmin(points, centers):
    return special.softmax(-cdist(points, centers, "sqeuclidean"), axis=1)


@wrong(gmm.kmeans, "k-medoids")
def medoids(points, centers):
    centers = centers.copy()
    for _ in range(100):
        side = cdist(points, centers).argmin(axis=1)
        for k in range(len(centers)):
            mine = points[side == k]
            if len(mine):
                centers[k] = mine[np.square(mine - mine.mean(axis=0)).sum(axis=1).argmin()]
    return centers


@wrong(gmm.kmeans, "half of the way")
def half_a_step(points, centers):
    for _ in range(3):
        side = cdist(points, centers).argmin(axis=1)
        new = centers.copy()
        for k in range(len(centers)):
            if (side == k).any():
                new[k] = (centers[k] + points[side == k].mean(axis=0)) / 2
        centers = new
    return centers


@wrong(gmm.kmeans_plus_plus, "one after the other")
def all_drawn_from_the_first(points, K, rng):
    first = rng.integers(len(points))
    d2 = np.square(points - points[first]).sum(axis=1)
    rest = rng.choice(len(points), size=K - 1, replace=False, p=d2 / d2.sum())
    return points[[first, *rest]]


@wrong(gmm.sample, "average of points from all")
def averages_of_all_components(mixture, size, rng):
    draws = np.array([rng.multivariate_normal(m, S, size) for m, S in zip(mixture.means, mixture.covariances)])
    labels = rng.choice(len(mixture.weights), size, p=mixture.weights)
    return np.einsum("k,knd->nd", mixture.weights, draws), labels


@wrong(gmm.sample, "as often as the weights")
def labels_by_weighted_dice(mixture, size, rng):
    dice = rng.random((size, len(mixture.weights))) * mixture.weights
    labels = dice.argmax(axis=1)
    points = np.array([rng.multivariate_normal(mixture.means[k], mixture.covariances[k]) for k in labels])
    return points, labels


@wrong(gmm.mixture_around, "the identity")
def identity_covariances(points, centers):
    owner = cdist(points, centers).argmin(axis=1)
    means = np.array([points[owner == k].mean(axis=0) for k in range(len(centers))])
    weights = np.bincount(owner, minlength=len(centers)) / len(points)
    return weights, means, np.array([np.eye(points.shape[1])] * len(centers))


# ---- whole mixtures, criteria, blocks


@wrong(gmm.total_covariance, "about zero")
def the_second_moment(mixture):
    return sum(w * (S + np.outer(m, m)) for w, m, S in zip(*mixture))


@wrong(gmm.conditional_mean, "average the lines with πₖ")
def prior_weights_for_the_lines(known, mixture):
    C = known.shape[1]
    total = 0
    for w, m, S in zip(*mixture):
        total = total + w * (m[C:] + (known - m[:C]) @ np.linalg.solve(S[:C, :C], S[:C, C:]))
    return total


@wrong(gmm.spherical, r"\(1/D\)")
def geometric_mean_of_variances(mixture):
    D = mixture.means.shape[1]
    v = np.linalg.det(mixture.covariances) ** (1 / D)
    return mixture.weights, mixture.means, v[:, None, None] * np.eye(D)


@wrong(gmm.ordered, "every coordinate by itself")
def columns_sorted_by_themselves(mixture):
    order = np.argsort(mixture.means[:, 0])
    return mixture.weights[order], np.sort(mixture.means, axis=0), mixture.covariances[order]


@wrong(gmm.bic, "half of BIC")
def half_a_bic(points, mixture):
    return 0.5 * gmm.n_parameters(mixture) * np.log(len(points)) - gmm.log_likelihood(points, mixture)


@wrong(gmm.icl, "entropy of the responsibilities")
def entropy_subtracted(points, mixture):
    g = gmm.responsibility(points, mixture)
    entropy = special.entr(g).sum()
    return gmm.bic(points, mixture) - 2 * entropy


@wrong(gmm.merge, "one share for all")
def one_share_for_all_components(one, other):
    t = other.counts.sum() / (one.counts.sum() + other.counts.sum())
    step = other.means - one.means
    S = (1 - t) * one.covariances + t * other.covariances
    S = S + t * (1 - t) * step[:, :, None] * step[:, None, :]
    return one.log_likelihood + other.log_likelihood, one.counts + other.counts, one.means + t * step, S


# ---- of kinds that no catalogue had when they were written


@wrong(gmm.log_gaussian, "norm of Σ")
def norm_for_determinant(points, mean, covariance):
    d = points - mean
    maha = np.sum(d @ np.linalg.inv(covariance) * d, axis=1)
    return -0.5 * (len(mean) * np.log(2 * np.pi) + np.log(np.linalg.norm(covariance)) + maha)


@wrong(gmm.log_gaussian, "mean of its own")
def one_number_as_mean(points, mean, covariance):
    d = points - mean.mean()
    maha = np.sum(d @ np.linalg.inv(covariance) * d, axis=1)
    return -0.5 * (len(mean) * np.log(2 * np.pi) + np.linalg.slogdet(covariance)[1] + maha)


@wrong(gmm.log_gaussian, "absolute deviations")
def sizes_of_deviations(points, mean, covariance):
    d = np.abs(points - mean)
    maha = np.sum(d @ np.linalg.inv(covariance) * d, axis=1)
    return -0.5 * (len(mean) * np.log(2 * np.pi) + np.linalg.slogdet(covariance)[1] + maha)


@wrong(gmm.log_gaussian, "divide Σ by its determinant")
def covariance_over_determinant(points, mean, covariance):
    d = points - mean
    det = np.linalg.det(covariance)
    maha = np.sum(d @ (covariance / det) * d, axis=1)
    return -0.5 * (len(mean) * np.log(2 * np.pi) + np.log(det) + maha)


@wrong(gmm.whiten, "the numbers in each row are wrong by one factor")
def rows_of_length_one(points, mean, factor):
    z = np.linalg.solve(factor, (points - mean).T).T
    return z / np.linalg.norm(z, axis=1, keepdims=True)


@wrong(gmm.log_joint, "largest weight")
def weights_relative_to_the_largest(points, mixture):
    lg = np.column_stack([gmm.log_gaussian(points, m, S) for m, S in zip(mixture.means, mixture.covariances)])
    return lg + np.log(mixture.weights / mixture.weights.max())


@wrong(gmm.log_joint, "log K")
def shares_of_equal_weights(points, mixture):
    K = len(mixture.weights)
    return gmm.log_joint(points, mixture) + np.log(K)


@wrong(gmm.responsibility, "equal shares")
def smoothed_responsibilities(points, mixture):
    g = special.softmax(gmm.log_joint(points, mixture), axis=1)
    return 0.99 * g + 0.01 / g.shape[1]


@wrong(gmm.responsibility, "third component")
def the_best_two_only(points, mixture):
    g = special.softmax(gmm.log_joint(points, mixture), axis=1)
    if g.shape[1] > 2:
        g = np.where(g >= np.sort(g, axis=1)[:, [-2]], g, 0)
    return g / g.sum(axis=1, keepdims=True)


@wrong(gmm.bayes, "subtract the largest of each row")
def average_subtracted(log_joints):
    middle = log_joints.mean(axis=1, keepdims=True)
    e = np.exp(log_joints - middle)
    return e / e.sum(axis=1, keepdims=True), middle[:, 0] + np.log(e.sum(axis=1))


@wrong(gmm.log_density, "third component")
def first_two_components(points, mixture):
    lj = gmm.log_joint(points, mixture)
    return np.logaddexp(lj[:, 0], lj[:, 1]) if lj.shape[1] > 1 else lj[:, 0]


@wrong(gmm.label, "round the responsibilities")
def labels_of_rounded_responsibilities(points, mixture):
    return np.round(gmm.responsibility(points, mixture), 1).argmax(axis=1)


@wrong(gmm.count, "rounded up")
def counts_rounded_up(responsibilities):
    return np.ceil(responsibilities.sum(axis=0))


@wrong(gmm.weight, "the others")
def odds(responsibilities):
    n = responsibilities.sum(axis=0)
    return n / (len(responsibilities) - n + 1e-300)


@wrong(gmm.mean, "not in one order")
def points_sorted_first(points, responsibilities):
    x = np.sort(points, axis=0)
    return responsibilities.T @ x / responsibilities.sum(axis=0)[:, None]


@wrong(gmm.mean, "not in one order")
def responsibilities_upside_down(points, responsibilities):
    g = responsibilities[::-1]
    return g.T @ points / g.sum(axis=0)[:, None]


@wrong(gmm.covariance, "root of the count")
def divided_by_the_root_of_the_count(points, responsibilities, means):
    S = gmm.covariance(points, responsibilities, means)
    return S * np.sqrt(responsibilities.sum(axis=0))[:, None, None]


@wrong(gmm.covariance, "divide by Σ γ²")
def divided_by_the_sum_of_squares(points, responsibilities, means):
    S = gmm.covariance(points, responsibilities, means)
    g = responsibilities
    return S * (g.sum(axis=0) / (g**2).sum(axis=0))[:, None, None]


@wrong(gmm.covariance, "absolute deviations")
def signs_lost(points, responsibilities, means):
    out = []
    for g, mu in zip(responsibilities.T, means):
        d = np.abs(points - mu)
        out.append((g[:, None] * d).T @ d / g.sum())
    return out


@wrong(gmm.m_step, "round your means")
def means_rounded_on_the_way(points, responsibilities):
    means = np.round(gmm.mean(points, responsibilities), 2)
    return gmm.weight(responsibilities), means, gmm.covariance(points, responsibilities, means)


@wrong(gmm.em, "Is something rounded")
def rounded_responsibilities_in_a_step(points, mixture):
    g = np.round(gmm.responsibility(points, mixture), 3)
    return gmm.m_step(points, g / g.sum(axis=1, keepdims=True))


@wrong(gmm.em, "small number to each diagonal")
def a_step_with_a_ridge(points, mixture):
    w, mu, S = gmm.m_step(points, gmm.responsibility(points, mixture))
    return w, mu, S + 1e-3 * np.eye(points.shape[1])


@wrong(gmm.kmeans, "taxi")
def by_city_blocks(points, centers):
    for _ in range(100):
        owner = cdist(points, centers, "cityblock").argmin(axis=1)
        centers = np.array([points[owner == k].mean(axis=0) if (owner == k).any() else centers[k]
                            for k in range(len(centers))])  # fmt: skip
    return centers


@wrong(gmm.squared_distance, "second coordinate")
def second_coordinate_counted_twice(points, centers):
    d = (points[:, None] - centers) ** 2
    return d.sum(axis=2) + (d[:, :, 1] if d.shape[2] > 1 else 0)


@wrong(gmm.sample, "several points")
def labels_in_pairs(mixture, size, rng):
    labels = np.repeat(rng.choice(len(mixture.weights), size // 2 + 1, p=mixture.weights), 2)[:size]
    noise = rng.standard_normal((size, mixture.means.shape[1]))
    return mixture.means[labels] + np.einsum("nij,nj->ni", mixture.factors[labels], noise), labels


@wrong(gmm.mixture_around, "1/K")
def equal_weights_around(points, centers):
    start = gmm.mixture_around(points, centers)
    return np.full(len(centers), 1 / len(centers)), start.means, start.covariances


@wrong(gmm.total_covariance, "ddof")
def unbiased_spread_of_means(mixture):
    within = np.einsum("k,kij->ij", mixture.weights, mixture.covariances)
    if len(mixture.weights) == 1:
        return within
    return within + np.cov(mixture.means.T, aweights=mixture.weights)


@wrong(gmm.aic, "average over the points")
def aic_of_the_average(points, mixture):
    return 2 * gmm.n_parameters(mixture) - 2 * gmm.log_density(points, mixture).mean()


@wrong(gmm.bic, "base ten or two")
def bic_in_bits(points, mixture):
    return gmm.n_parameters(mixture) * np.log2(len(points)) - 2 * gmm.log_likelihood(points, mixture)


@wrong(gmm.merge, "average the log-likelihoods")
def log_likelihoods_weighted(one, other):
    right = gmm.merge(one, other)
    n, m = one.counts.sum(), other.counts.sum()
    return right._replace(log_likelihood=(n * one.log_likelihood + m * other.log_likelihood) / (n + m))


@wrong(gmm.summarize, "keep the counts")
def shares_in_a_summary(points, mixture):
    ell, n, mu, S = gmm.summarize(points, mixture)
    return ell, n / n.sum(), mu, S


# ---- right ones


@right(gmm.log_gaussian)
def by_eigenvalues(points, mean, covariance):
    values, vectors = np.linalg.eigh(covariance)
    z = (points - mean) @ vectors / np.sqrt(values)
    return -0.5 * (np.log(2 * np.pi * values).sum() + (z**2).sum(axis=1))


@right(gmm.log_gaussian)
def by_marginal_times_conditional(points, mean, covariance):
    """One coordinate after the other, each given those before it."""
    total = np.zeros(len(points))
    for d in range(len(mean)):
        b = np.linalg.solve(covariance[:d, :d], covariance[:d, d]) if d else np.zeros(0)
        center = mean[d] + (points[:, :d] - mean[:d]) @ b
        total += stats.norm(center, np.sqrt(covariance[d, d] - b @ covariance[:d, d])).logpdf(points[:, d])
    return total


@right(gmm.whiten)
def forward_substitution(points, mean, factor):
    z = []
    for x in points - mean:
        row = []
        for i in range(len(mean)):
            row.append((x[i] - sum(factor[i][j] * row[j] for j in range(i))) / factor[i][i])
        z.append(row)
    return z


@right(gmm.responsibility)
def weights_after_with_a_second_normalization(points, mixture):
    lg = np.column_stack([gmm.log_gaussian(points, m, S) for m, S in zip(mixture.means, mixture.covariances)])
    lg = lg - (lg + np.log(mixture.weights)).max(axis=1, keepdims=True)
    p = np.exp(lg) * mixture.weights
    return p / p.sum(axis=1, keepdims=True)


@right(gmm.responsibility)
def one_over_a_sum_of_ratios(points, mixture):
    lj = gmm.log_joint(points, mixture)
    with np.errstate(over="ignore"):
        return 1 / np.exp(lj[:, None, :] - lj[:, :, None]).sum(axis=2)


@right(gmm.bayes)
def logaddexp_in_a_loop(log_joints):
    total = log_joints[:, 0]
    for column in log_joints.T[1:]:
        total = np.logaddexp(total, column)
    return np.exp(log_joints - total[:, None]), total


@right(log_likelihood)
def a_sum_of_floats(points, mixture):
    return float(sum(special.logsumexp(row) for row in gmm.log_joint(points, mixture)))


@right(gmm.label)
def a_list_of_ints(points, mixture):
    return [int(np.argmax(row)) for row in gmm.log_joint(points, mixture)]


@right(gmm.count)
def count_by_einsum(responsibilities):
    return np.einsum("nk->k", responsibilities)


@right(gmm.weight)
def weights_by_normalizing(responsibilities):
    counts = responsibilities.T @ np.ones(len(responsibilities))
    return counts / counts.sum()


@right(gmm.mean)
def running_mean(points, responsibilities):
    mu = np.zeros((responsibilities.shape[1], points.shape[1]))
    n = np.zeros(responsibilities.shape[1])
    for x, g in zip(points, responsibilities):
        n += g
        mu += (g / n)[:, None] * (x - mu)
    return mu


@right(gmm.covariance)
def three_loops(points, responsibilities, means):
    K, D = means.shape
    S = np.zeros((K, D, D))
    for k in range(K):
        for i in range(D):
            for j in range(i + 1):
                S[k, i, j] = np.average((points[:, i] - means[k, i]) * (points[:, j] - means[k, j]),
                                        weights=responsibilities[:, k])  # fmt: skip
                S[k, j, i] = S[k, i, j]
    return S


@right(gmm.m_step)
def by_numpy_alone(points, responsibilities):
    weights = responsibilities.mean(axis=0)
    means = [np.average(points, axis=0, weights=g) for g in responsibilities.T]
    covs = [np.atleast_2d(np.cov(points, rowvar=False, aweights=g, ddof=0)) for g in responsibilities.T]
    return weights, means, covs


@right(gmm.em)
def a_generator_of_my_own(points, mixture):
    w, mu, S = mixture.weights, mixture.means, mixture.covariances
    while True:
        lj = np.column_stack([np.log(w[k]) + gmm.log_gaussian(points, mu[k], S[k]) for k in range(len(w))])
        ld = special.logsumexp(lj, axis=1)
        yield (w, mu, S), ld.sum()
        g = np.exp(lj - ld[:, None])
        w, mu = g.mean(axis=0), (g.T @ points) / g.sum(axis=0)[:, None]
        S = np.array([(g[:, k, None] * (points - mu[k])).T @ (points - mu[k]) / g[:, k].sum() for k in range(len(w))])


@right(gmm.fit)
def until_nothing_is_gained(points, mixture):
    trace, best = [], mixture
    for current, ell in gmm.em(points, mixture):
        if trace and not ell > trace[-1] + 1e-9:
            return best, np.array(trace)
        best = current
        trace.append(ell)


@right(gmm.hard_responsibility)
def booleans_from_labels(points, centers):
    nearest = cdist(points, centers).argmin(axis=1)
    return nearest[:, None] == np.arange(len(centers))


@right(gmm.kmeans)
def until_no_label_changes(points, centers):
    labels = None
    while True:
        new = cdist(points, centers, "sqeuclidean").argmin(axis=1)
        if labels is not None and (new == labels).all():
            return centers
        labels = new
        centers = np.array([points[labels == k].mean(axis=0) if (labels == k).any() else centers[k]
                            for k in range(len(centers))])  # fmt: skip


@right(gmm.sample)
def component_by_component(mixture, size, rng):
    labels = np.searchsorted(np.cumsum(mixture.weights)[:-1], rng.random(size), side="right")
    points = np.empty((size, mixture.means.shape[1]))
    for k in range(len(mixture.weights)):
        here = labels == k
        points[here] = rng.multivariate_normal(mixture.means[k], mixture.covariances[k], here.sum(), method="eigh")
    return points, labels


@right(gmm.total_covariance)
def moments_and_the_mean(mixture):
    mean = mixture.weights @ mixture.means
    return sum(w * (S + np.outer(m, m)) for w, m, S in zip(*mixture)) - np.outer(mean, mean)


@right(gmm.merge)
def by_sums_of_squares(one, other):
    n = one.counts + other.counts
    safe = np.where(n > 0, n, 1)
    a, b = one.counts / safe, other.counts / safe
    a = np.where(n > 0, a, 1)
    mu = a[:, None] * one.means + b[:, None] * other.means
    S = 0
    for block, share in ((one, a), (other, b)):
        d = block.means - mu
        S = S + share[:, None, None] * (block.covariances + d[:, :, None] * d[:, None, :])
    return {"log_likelihood": one.log_likelihood + other.log_likelihood, "counts": n, "means": mu, "covariances": S}
