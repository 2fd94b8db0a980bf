"""Wrong answers to the other chapters: centers, starts, samples, whole mixtures, criteria, blocks."""

import numpy as np
from scipy.stats import multivariate_normal

import gmm_tutorial as gmm
from students import wrong

hard_responsibility = getattr(gmm, "hard_responsibility", None) or gmm.nearest_center


@wrong(gmm.squared_distance, "square|root")
def sqd_root(points, centers):
    return np.linalg.norm(points[:, None] - centers[None], axis=-1)


@wrong(gmm.squared_distance, "absolute|taxi")
def sqd_abs(points, centers):
    return np.array([[np.sum(np.abs(p - c)) for c in centers] for p in points])


@wrong(gmm.squared_distance, r"\(K, N\)|Transposed|transpose|other order")
def sqd_transposed(points, centers):
    return np.array([((points - c) ** 2).sum(1) for c in centers])


@wrong(gmm.squared_distance, "middle term|sign")
def sqd_binomial(points, centers):
    return (points**2).sum(1)[:, None] + (centers**2).sum(1) + 2 * points @ centers.T


@wrong(gmm.squared_distance, "overwritten|last coordinate")
def sqd_last(points, centers):
    out = np.zeros((len(points), len(centers)))
    for d in range(points.shape[1]):
        out = (points[:, [d]] - centers[:, d]) ** 2
    return out


@wrong(gmm.squared_distance, "average|mean|D, the number")
def sqd_mean(points, centers):
    return ((points[:, None] - centers) ** 2).mean(axis=2)


@wrong(hard_responsibility, "halfway|tie|equals")
def hard_ties(points, centers):
    d = gmm.squared_distance(points, centers)
    return (d == d.min(axis=1, keepdims=True)).astype(float)


@wrong(hard_responsibility, "halfway|tie|equals|last")
def hard_ties_last(points, centers):
    out = np.zeros((len(points), len(centers)))
    for n, p in enumerate(points):
        best, who = np.inf, 0
        for k, c in enumerate(centers):
            if ((p - c) ** 2).sum() <= best:
                best, who = ((p - c) ** 2).sum(), k
        out[n, who] = 1
    return out


@wrong(hard_responsibility, "number of the nearest|row")
def hard_numbers(points, centers):
    return gmm.squared_distance(points, centers).argmin(axis=1)


@wrong(hard_responsibility, "farthest|argmin")
def hard_max(points, centers):
    return np.eye(len(centers))[gmm.squared_distance(points, centers).argmax(axis=1)]


@wrong(hard_responsibility, "wholly|share")
def hard_soft(points, centers):
    d = gmm.squared_distance(points, centers)
    e = np.exp(-d)
    return e / e.sum(axis=1, keepdims=True)


@wrong(gmm.kmeans, "one round|single round")
def kmeans_once(points, centers):
    sides = hard_responsibility(points, centers)
    return gmm.mean(points, sides)


@wrong(gmm.kmeans, "fixed number|Go on|many rounds")
def kmeans_five(points, centers):
    for _ in range(5):
        labels = gmm.squared_distance(points, centers).argmin(1)
        centers = np.array(
            [points[labels == k].mean(0) if (labels == k).any() else centers[k] for k in range(len(centers))]
        )
    return centers


@wrong(gmm.kmeans, "NaN|nan|no points|stays where")
def kmeans_nan(points, centers):
    while True:
        labels = gmm.squared_distance(points, centers).argmin(1)
        new = np.array([points[labels == k].mean(0) for k in range(len(centers))])
        if np.allclose(new, centers, equal_nan=True):
            return new
        centers = new


@wrong(gmm.kmeans, "no points|stays where|zero")
def kmeans_zero(points, centers):
    for _ in range(100):
        labels = gmm.squared_distance(points, centers).argmin(1)
        new = np.zeros_like(centers)
        for k in range(len(centers)):
            if np.sum(labels == k) > 0:
                new[k] = points[labels == k].mean(0)
        centers = new
    return centers


@wrong(gmm.kmeans, "no points|stays where")
def kmeans_random_restart(points, centers):
    rng = np.random.default_rng(0)
    for _ in range(50):
        labels = gmm.squared_distance(points, centers).argmin(1)
        centers = np.array(
            [points[labels == k].mean(0) if (labels == k).any() else rng.choice(points) for k in range(len(centers))]
        )
    return centers


@wrong(gmm.kmeans, "median")
def kmeans_medians(points, centers):
    for _ in range(60):
        labels = gmm.squared_distance(points, centers).argmin(1)
        centers = np.array(
            [np.median(points[labels == k], axis=0) if (labels == k).any() else centers[k] for k in range(len(centers))]
        )
    return centers


@wrong(gmm.kmeans, "changed")
def kmeans_changes(points, centers):
    for _ in range(60):
        labels = gmm.squared_distance(points, centers).argmin(1)
        for k in range(len(centers)):
            if (labels == k).any():
                centers[k] = points[labels == k].mean(0)
    return centers


@wrong(gmm.kmeans, "number of the nearest|centers themselves")
def kmeans_labels(points, centers):
    return gmm.squared_distance(points, gmm.kmeans(points, centers)).argmin(1)


@wrong(gmm.mixture_around, "of its own|pool")
def around_own(points, centers):
    return gmm.m_step(points, hard_responsibility(points, centers))


@wrong(gmm.mixture_around, "1/K|equal|share")
def around_equal(points, centers):
    w, mu, S = gmm.mixture_around(points, centers)
    return np.ones(len(w)) / len(w), mu, S


@wrong(gmm.mixture_around, "centers themselves|are the centers")
def around_centers(points, centers):
    w, mu, S = gmm.mixture_around(points, centers)
    return w, centers, S


@wrong(gmm.mixture_around, "all points")
def around_total(points, centers):
    w, mu, _ = gmm.mixture_around(points, centers)
    S = np.atleast_2d(np.cov(points, rowvar=False, bias=True))
    return w, mu, np.array([S] * len(w))


@wrong(gmm.kmeans_plus_plus, "rng that you are given")
def pp_global(points, K, rng):
    centers = [points[np.random.randint(len(points))]]
    while len(centers) < K:
        d = gmm.squared_distance(points, np.array(centers)).min(axis=1)
        centers.append(points[np.random.choice(len(points), p=d / d.sum())])
    return np.array(centers)


@wrong(gmm.kmeans_plus_plus, "seed")
def pp_fixed(points, K, rng):
    return gmm.kmeans_plus_plus(points, K, np.random.default_rng(42))


@wrong(gmm.kmeans_plus_plus, "square")
def pp_distance(points, K, rng):
    centers = points[[rng.integers(len(points))]]
    while len(centers) < K:
        d = np.sqrt(gmm.squared_distance(points, centers).min(axis=1))
        centers = np.vstack([centers, points[rng.choice(len(points), p=d / d.sum())]])
    return centers


@wrong(gmm.kmeans_plus_plus, "farthest")
def pp_argmax(points, K, rng):
    centers = [points[rng.integers(len(points))]]
    for _ in range(K - 1):
        d = gmm.squared_distance(points, np.array(centers)).min(axis=1)
        centers.append(points[np.argmax(d)])
    return np.array(centers)


@wrong(gmm.kmeans_plus_plus, "last center")
def pp_last(points, K, rng):
    centers = [points[rng.integers(len(points))]]
    for _ in range(K - 1):
        d = ((points - centers[-1]) ** 2).sum(1)
        centers.append(points[rng.choice(len(points), p=d / d.sum())])
    return np.array(centers)


@wrong(gmm.kmeans_plus_plus, "first row")
def pp_first_row(points, K, rng):
    centers = [points[0]]
    for _ in range(K - 1):
        d = gmm.squared_distance(points, np.array(centers)).min(axis=1)
        centers.append(points[rng.choice(len(points), p=d / d.sum())])
    return np.array(centers)


@wrong(gmm.random_points, "twice|putting back")
def random_replace(points, K, rng):
    return points[rng.integers(0, len(points), size=K)]


@wrong(gmm.random_points, "first rows")
def random_first(points, K, rng):
    return points[:K]


@wrong(gmm.random_points, "not one of the points")
def random_box(points, K, rng):
    return rng.uniform(points.min(0), points.max(0), size=(K, points.shape[1]))


@wrong(gmm.random_points, "last row|one too early")
def random_never_last(points, K, rng):
    return points[rng.choice(len(points) - 1, K, replace=False)]


@wrong(gmm.random_points, "row numbers")
def random_rows(points, K, rng):
    return rng.choice(len(points), K, replace=False)


@wrong(gmm.sample, "Σ|factor|root")
def sample_cov(mixture, size, rng):
    z = rng.choice(len(mixture.weights), size, p=mixture.weights)
    e = rng.normal(size=(size, mixture.means.shape[1]))
    return np.array([mixture.means[k] + mixture.covariances[k] @ n for k, n in zip(z, e)]), z


@wrong(gmm.sample, "every seed|fixed")
def sample_fixed(mixture, size, rng):
    rng = np.random.default_rng(0)
    z = rng.choice(len(mixture.weights), size, p=mixture.weights)
    return np.array([rng.multivariate_normal(mixture.means[k], mixture.covariances[k]) for k in z]), z


@wrong(gmm.sample, "quota|not drawn|never vary|every sample")
def sample_quota(mixture, size, rng):
    n = np.floor(mixture.weights * size).astype(int)
    n[-1] += size - n.sum()
    z = np.repeat(np.arange(len(n)), n)
    return np.vstack([rng.multivariate_normal(m, S, c) for m, S, c in zip(mixture.means, mixture.covariances, n)]), z


@wrong(gmm.sample, "normal")
def sample_uniform(mixture, size, rng):
    z = rng.choice(len(mixture.weights), size, p=mixture.weights)
    e = rng.uniform(-np.sqrt(3), np.sqrt(3), size=(size, mixture.means.shape[1]))
    return np.array([mixture.means[k] + mixture.factors[k] @ n for k, n in zip(z, e)]), z


@wrong(gmm.sample, "one noise|same|noise of its own|drawn once")
def sample_one_noise(mixture, size, rng):
    z = rng.choice(len(mixture.weights), size, p=mixture.weights)
    e = rng.standard_normal(mixture.means.shape[1])
    return np.array([mixture.means[k] + mixture.factors[k] @ e for k in z]), z


@wrong(gmm.sample, "lines|all coordinates")
def sample_one_number(mixture, size, rng):
    z = rng.choice(len(mixture.weights), size, p=mixture.weights)
    sd = np.sqrt(np.diagonal(mixture.covariances, axis1=1, axis2=2))
    return mixture.means[z] + rng.standard_normal((size, 1)) * sd[z], z


@wrong(gmm.sample, "equally often|weights")
def sample_equal(mixture, size, rng):
    z = rng.integers(0, len(mixture.weights), size)
    return np.array([rng.multivariate_normal(mixture.means[k], mixture.covariances[k]) for k in z]), z


@wrong(gmm.sample, "transposed|lean|z @ L")
def sample_side(mixture, size, rng):
    z = rng.choice(len(mixture.weights), size, p=mixture.weights)
    e = rng.standard_normal((size, mixture.means.shape[1]))
    return np.array([mixture.means[k] + n @ mixture.factors[k] for k, n in zip(z, e)]), z


@wrong(gmm.sample, "not belong|beside")
def sample_shuffled(mixture, size, rng):
    points, z = gmm.sample(mixture, size, rng)
    return rng.permutation(points), z


@wrong(gmm.sample, "rng that you are given")
def sample_scipy(mixture, size, rng):
    z = rng.choice(len(mixture.weights), size, p=mixture.weights)
    return np.array([multivariate_normal(mixture.means[k], mixture.covariances[k]).rvs() for k in z]), z


@wrong(gmm.ordered, "together|same order|Only your means")
def ordered_means(mixture):
    i = np.argsort(mixture.means[:, 0])
    return mixture.weights, mixture.means[i], mixture.covariances


@wrong(gmm.ordered, "smallest|right to left|opposite")
def ordered_reversed(mixture):
    i = np.argsort(mixture.means[:, 0])[::-1]
    return mixture.weights[i], mixture.means[i], mixture.covariances[i]


@wrong(gmm.ordered, "weight")
def ordered_weights(mixture):
    i = np.argsort(mixture.weights)
    return mixture.weights[i], mixture.means[i], mixture.covariances[i]


@wrong(gmm.ordered, "by itself|torn")
def ordered_sort(mixture):
    i = np.argsort(mixture.means[:, 0])
    return mixture.weights[i], np.sort(mixture.means, axis=0), mixture.covariances[i]


@wrong(gmm.matched, "one after the other|best pairing|left")
def matched_greedy(mixture, reference):
    free, order = list(range(len(mixture.weights))), []
    for m in reference.means:
        k = min(free, key=lambda k: np.linalg.norm(mixture.means[k] - m))
        free.remove(k)
        order.append(k)
    return mixture.weights[order], mixture.means[order], mixture.covariances[order]


@wrong(gmm.matched, "twice|used once")
def matched_argmin(mixture, reference):
    order = gmm.squared_distance(reference.means, mixture.means).argmin(axis=1)
    return mixture.weights[order], mixture.means[order], mixture.covariances[order]


@wrong(gmm.matched, "keep their numbers|as they were|numbers")
def matched_nothing(mixture, reference):
    return mixture


@wrong(gmm.marginal, "pairs|rows first|diagonal|shape")
def marginal_pairs(mixture, dimensions):
    d = np.array(dimensions)
    return mixture.weights, mixture.means[:, d], np.array([np.diag(S[d, d]) for S in mixture.covariances])


@wrong(gmm.marginal, "order")
def marginal_sorted(mixture, dimensions):
    d = sorted(dimensions)
    return mixture.weights, mixture.means[:, d], mixture.covariances[np.ix_(range(len(mixture.weights)), d, d)]


@wrong(gmm.conditional_mean, "weights|πₖ|γ")
def conditional_prior(known, mixture):
    C = known.shape[1]
    out = 0
    for w, m, S in zip(*mixture):
        out = out + w * (m[C:] + (known - m[:C]) @ np.linalg.inv(S[:C, :C]) @ S[:C, C:])
    return out


@wrong(gmm.conditional_mean, "divide|slope")
def conditional_slope(known, mixture):
    C = known.shape[1]
    g = gmm.responsibility(known, gmm.marginal(mixture, range(C)))
    return sum(g[:, [k]] * (m[C:] + (known - m[:C]) @ S[:C, C:]) for k, (_, m, S) in enumerate(zip(*mixture)))


@wrong(gmm.conditional_mean, "means|slope")
def conditional_flat(known, mixture):
    C = known.shape[1]
    return gmm.responsibility(known, gmm.marginal(mixture, range(C))) @ mixture.means[:, C:]


@wrong(gmm.conditional_mean, "shape|D − C|unknown|coordinate|NC|N, C")
def conditional_last_only(known, mixture):
    C = known.shape[1]
    return gmm.conditional_mean(known, mixture)[:, -1]


@wrong(gmm.total_mean, "weight")
def total_mean_plain(mixture):
    return np.mean(mixture.means, axis=0)


@wrong(gmm.total_covariance, "between")
def total_cov_within(mixture):
    return sum(w * S for w, _, S in zip(*mixture))


@wrong(gmm.total_covariance, "independent|squar|πₖ²|variables")
def total_cov_squares(mixture):
    return sum(w**2 * S for w, _, S in zip(*mixture))


@wrong(gmm.total_covariance, "within|covariances|equally")
def total_cov_equal(mixture):
    m = gmm.total_mean(mixture)
    between = sum(w * np.outer(mu - m, mu - m) for w, mu, _ in zip(*mixture))
    return mixture.covariances.mean(0) + between


@wrong(gmm.tied, "weight|add up")
def tied_sum(mixture):
    S = mixture.covariances.sum(axis=0)
    return mixture.weights, mixture.means, np.array([S] * len(mixture.weights))


@wrong(gmm.tied, "first|one component")
def tied_first(mixture):
    return mixture.weights, mixture.means, np.array([mixture.covariances[0]] * len(mixture.weights))


@wrong(gmm.tied, "shape")
def tied_one(mixture):
    return mixture.weights, mixture.means, np.einsum("k,kij->ij", mixture.weights, mixture.covariances)


@wrong(gmm.diagonal, "shape|K, D")
def diagonal_vectors(mixture):
    return mixture.weights, mixture.means, np.array([np.diag(S) for S in mixture.covariances])


@wrong(gmm.spherical, "all entries|beside the diagonal")
def spherical_mean(mixture):
    I = np.eye(mixture.means.shape[1])  # noqa: E741
    return mixture.weights, mixture.means, np.array([S.mean() * I for S in mixture.covariances])


@wrong(gmm.spherical, "trace|D|sum of the variances")
def spherical_trace(mixture):
    I = np.eye(mixture.means.shape[1])  # noqa: E741
    return mixture.weights, mixture.means, np.array([np.trace(S) * I for S in mixture.covariances])


@wrong(gmm.spherical, "determinant|volume")
def spherical_det(mixture):
    D = mixture.means.shape[1]
    return (
        mixture.weights,
        mixture.means,
        np.array([np.linalg.det(S) ** (1 / D) * np.eye(D) for S in mixture.covariances]),
    )


@wrong(gmm.ridge, "unit|bare fraction")
def ridge_plain(mixture):
    return mixture.weights, mixture.means, mixture.covariances + 1e-6 * np.eye(mixture.means.shape[1])


@wrong(gmm.n_parameters, "K − 1|sum to one")
def params_k(mixture):
    K, D = mixture.means.shape
    return K + K * D + K * D * (D + 1) // 2


@wrong(gmm.n_parameters, "symmetric|D²")
def params_d2(mixture):
    K, D = mixture.means.shape
    return K - 1 + K * D + K * D**2


@wrong(gmm.n_parameters, "one covariance")
def params_tied(mixture):
    K, D = mixture.means.shape
    return (K - 1) + K * D + D * (D + 1) / 2


@wrong(gmm.n_parameters, "D − 1|variances")
def params_minus(mixture):
    K, D = mixture.means.shape
    return (K - 1) + K * D + K * D * (D - 1) / 2


@wrong(gmm.n_parameters, "K − 1|weights|D²|symmetric")
def params_two_mistakes(mixture):
    K, D = mixture.means.shape
    return K + K * D + K * D * D


@wrong(gmm.bic, r"N · D|all (numbers|entries)")
def bic_nd(points, mixture):
    return gmm.n_parameters(mixture) * np.log(points.size) - 2 * gmm.log_density(points, mixture).sum()


@wrong(gmm.bic, "AIC|2 for each")
def bic_aic(points, mixture):
    return 2 * gmm.n_parameters(mixture) - 2 * gmm.log_density(points, mixture).sum()


@wrong(gmm.bic, "sign|added|minus|better")
def bic_plus(points, mixture):
    return gmm.n_parameters(mixture) * np.log(len(points)) + 2 * gmm.log_density(points, mixture).sum()


@wrong(gmm.bic, "half")
def bic_half(points, mixture):
    return gmm.n_parameters(mixture) / 2 * np.log(len(points)) - gmm.log_density(points, mixture).sum()


@wrong(gmm.bic, "base|ten")
def bic_log10(points, mixture):
    return gmm.n_parameters(mixture) * np.log10(len(points)) - 2 * gmm.log_density(points, mixture).sum()


@wrong(gmm.bic, "D²|symmetric")
def bic_wrong_count(points, mixture):
    K, D = mixture.means.shape
    return (K - 1 + K * D + K * D * D) * np.log(len(points)) - 2 * gmm.log_density(points, mixture).sum()


@wrong(gmm.bic, "average")
def bic_average(points, mixture):
    return gmm.n_parameters(mixture) * np.log(len(points)) - 2 * gmm.log_density(points, mixture).mean()


@wrong(gmm.aic, "AICc|few points|correction")
def aicc(points, mixture):
    k, n = gmm.n_parameters(mixture), len(points)
    return 2 * k - 2 * gmm.log_density(points, mixture).sum() + 2 * k * (k + 1) / (n - k - 1)


@wrong(gmm.aic, "p in place|1 for each|2p")
def aic_p(points, mixture):
    return gmm.n_parameters(mixture) - 2 * gmm.log_density(points, mixture).sum()


@wrong(gmm.aic, "log N|BIC")
def aic_bic(points, mixture):
    return np.log(len(points)) * gmm.n_parameters(mixture) - 2 * gmm.log_density(points, mixture).sum()


@wrong(gmm.icl, "BIC|doubt")
def icl_bic(points, mixture):
    return gmm.bic(points, mixture)


@wrong(gmm.icl, "subtracted|reward|sign")
def icl_plus(points, mixture):
    return gmm.bic(points, mixture) + 2 * np.log(gmm.responsibility(points, mixture).max(1)).sum()


@wrong(gmm.icl, "once|two")
def icl_once(points, mixture):
    return gmm.bic(points, mixture) - np.log(gmm.responsibility(points, mixture).max(1)).sum()


@wrong(gmm.merge, "between")
def merge_within(one, other):
    n = one.counts + other.counts
    t = (other.counts / np.where(n > 0, n, 1))[:, None]
    mu = (1 - t) * one.means + t * other.means
    S = (1 - t)[..., None] * one.covariances + t[..., None] * other.covariances
    return one.log_likelihood + other.log_likelihood, n, mu, S


@wrong(gmm.merge, "0 by 0|count zero|nan|NaN")
def merge_zero(one, other):
    n = one.counts + other.counts
    a, b = one.counts / n, other.counts / n
    mu = a[:, None] * one.means + b[:, None] * other.means
    d = one.means - other.means
    S = a[:, None, None] * one.covariances + b[:, None, None] * other.covariances
    S = S + (a * b)[:, None, None] * np.einsum("ki,kj->kij", d, d)
    return one.log_likelihood + other.log_likelihood, n, mu, S


@wrong(gmm.merge, "one share|each component")
def merge_one_t(one, other):
    t = other.counts.sum() / (one.counts.sum() + other.counts.sum())
    d = other.means - one.means
    S = (1 - t) * one.covariances + t * other.covariances + t * (1 - t) * np.einsum("ki,kj->kij", d, d)
    return one.log_likelihood + other.log_likelihood, one.counts + other.counts, one.means + t * d, S


@wrong(gmm.merge, "equally|middle|count")
def merge_middle(one, other):
    return (
        one.log_likelihood + other.log_likelihood,
        one.counts + other.counts,
        (one.means + other.means) / 2,
        (one.covariances + other.covariances) / 2,
    )


@wrong(gmm.maximize, "counts|sum of")
def maximize_counts(summary):
    return summary.counts, summary.means, summary.covariances


@wrong(gmm.maximize, "sorted|order")
def maximize_sorted(summary):
    return np.sort(summary.counts / summary.counts.sum()), summary.means, summary.covariances


@wrong(gmm.summarize, "weights|counts")
def summarize_weights(points, mixture):
    g, ell = gmm.e_step(points, mixture)
    mu = gmm.mean(points, g)
    return ell, g.mean(0), mu, gmm.covariance(points, g, mu)


@wrong(gmm.summarize, "average")
def summarize_average(points, mixture):
    g, ell = gmm.e_step(points, mixture)
    mu = gmm.mean(points, g)
    return ell / len(points), g.sum(0), mu, gmm.covariance(points, g, mu)
