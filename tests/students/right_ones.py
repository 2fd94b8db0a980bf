"""Right answers in unusual styles: none of them may be rejected."""

import functools
import itertools
import math
from collections import defaultdict

import numpy as np
from scipy import linalg, special, stats
from scipy.spatial.distance import cdist
from scipy.stats import multivariate_normal

import gmm_tutorial as gmm
from gmm_tutorial.homework import log_likelihood
from students import right

hard_responsibility = getattr(gmm, "hard_responsibility", None) or gmm.nearest_center


@right(gmm.log_gaussian)
def by_eigenvalues(points, mean, covariance):
    values, axes = np.linalg.eigh(covariance)
    y = (points - mean) @ axes
    return -0.5 * (np.sum(y**2 / values, axis=1) + np.log(values).sum() + len(mean) * math.log(2 * math.pi))


@right(gmm.log_gaussian)
def by_plain_loops(points, mean, covariance):
    P, out = np.linalg.inv(covariance).tolist(), []
    D = len(mean)
    for x in points.tolist():
        d = [a - b for a, b in zip(x, mean)]
        q = sum(d[i] * P[i][j] * d[j] for i in range(D) for j in range(D))
        out.append(-0.5 * (D * math.log(2 * math.pi) + math.log(np.linalg.det(covariance)) + q))
    return out


@right(gmm.log_gaussian)
def by_one_big_determinant(points, mean, covariance):
    d = (points - mean)[..., None]
    q = (np.swapaxes(d, 1, 2) @ np.linalg.inv(covariance) @ d).ravel()
    return -q / 2 - 0.5 * np.log(np.linalg.det(2 * np.pi * covariance))


@right(gmm.log_gaussian)
def in_single_precision(points, mean, covariance):
    return multivariate_normal(mean, covariance).logpdf(points).astype(np.float32)


@right(gmm.log_gaussian)
def by_keywords(points, mean, covariance, *, check=True, **unused):
    return multivariate_normal.logpdf(points, mean=mean, cov=covariance)


@right(gmm.log_gaussian)
def with_a_cached_inverse(points, mean, covariance, known={}):  # noqa: B006
    key = covariance.tobytes()
    if key not in known:
        known[key] = np.linalg.inv(covariance)
    d = points - mean
    q = np.einsum("ni,ij,nj->n", d, known[key], d)
    return -0.5 * (q + np.linalg.slogdet(covariance)[1] + d.shape[1] * np.log(2 * np.pi))


@right(gmm.log_gaussian_by_factor)
def by_solve_triangular(points, mean, factor):
    z = linalg.solve_triangular(factor, (points - mean).T, lower=True)
    return -0.5 * np.square(z).sum(0) - np.log(np.diag(factor)).sum() - z.shape[0] / 2 * np.log(2 * np.pi)


@right(gmm.whiten)
def by_inverse(points, mean, factor):
    return (points - mean) @ np.linalg.inv(factor).T


@right(gmm.whiten)
def by_forward_substitution(points, mean, factor):
    D, out = len(mean), []
    for x in points:
        z = []
        for i in range(D):
            z.append((x[i] - mean[i] - sum(factor[i, j] * z[j] for j in range(i))) / factor[i, i])
        out.append(z)
    return out


@right(gmm.log_joint)
def joint_loops(points, mixture):
    out = np.empty((len(points), len(mixture.weights)))
    for (n, x), k in itertools.product(enumerate(points), range(len(mixture.weights))):
        out[n, k] = (
            math.log(mixture.weights[k]) + gmm.log_gaussian(x[None], mixture.means[k], mixture.covariances[k])[0]
        )
    return out


@right(gmm.log_joint)
def joint_broadcast(points, mixture):
    d = points[:, None] - mixture.means
    q = np.einsum("nki,kij,nkj->nk", d, np.linalg.inv(mixture.covariances), d)
    dets = np.linalg.slogdet(mixture.covariances)[1]
    return np.log(mixture.weights) - 0.5 * (q + dets + d.shape[2] * np.log(2 * np.pi))


@right(gmm.bayes)
def bayes_logaddexp(log_joints):
    total = functools.reduce(np.logaddexp, log_joints.T)
    return np.exp(log_joints - total[:, None]), total


@right(gmm.bayes)
def bayes_rows(log_joints):
    shares, logs = [], []
    for row in log_joints:
        top = max(row)
        e = [math.exp(v - top) for v in row]
        shares.append([v / sum(e) for v in e])
        logs.append(top + math.log(sum(e)))
    return {"log_densities": logs, "responsibilities": shares}


@right(gmm.bayes)
def bayes_pairwise(log_joints):
    g = 1 / np.exp(np.clip(log_joints[:, None, :] - log_joints[:, :, None], None, 700)).sum(axis=2)
    return g, special.logsumexp(log_joints, axis=1)


@right(gmm.responsibility)
def responsibility_softmax(points, mixture):
    rows = [np.log(w) + multivariate_normal(m, S).logpdf(points) for w, m, S in zip(*mixture)]
    return special.softmax(np.array(rows).reshape(len(rows), -1), axis=0).T


@right(gmm.responsibility)
def responsibility_unpacks(points, mixture):
    weights, means, covariances = mixture
    logs = np.array([gmm.log_gaussian(points, m, S) for m, S in zip(means, covariances)]).T + np.log(weights)
    logs -= logs.max(axis=1, keepdims=True)
    p = np.exp(logs)
    p /= p.sum(axis=1, keepdims=True)
    return p


@right(gmm.responsibility)
def responsibility_as_list(points, mixture):
    return [gmm.responsibility(x[None], mixture)[0].tolist() for x in points]


@right(gmm.log_density)
def density_by_logaddexp(points, mixture):
    total = np.full(len(points), -np.inf)
    for w, m, S in zip(*mixture):
        total = np.logaddexp(total, np.log(w) + gmm.log_gaussian(points, m, S))
    return total


@right(log_likelihood)
def likelihood_fsum(points, mixture):
    return math.fsum(gmm.log_density(points, mixture))


@right(log_likelihood)
def likelihood_in_an_array(points, mixture):
    return np.array([[gmm.log_density(points, mixture).sum()]])


@right(log_likelihood)
def likelihood_point_by_point(points, mixture):
    return sum(special.logsumexp(gmm.log_joint(x.reshape(1, -1), mixture)) for x in points)


@right(gmm.label)
def label_loop(points, mixture):
    labels = []
    for row in gmm.log_joint(points, mixture):
        best = 0
        for k in range(len(row)):
            if row[k] > row[best]:
                best = k
        labels.append(best)
    return labels


@right(gmm.label)
def label_floats(points, mixture):
    return np.argmax(gmm.log_joint(points, mixture), axis=1).astype(float)


@right(gmm.e_step)
def e_step_loop(points, mixture):
    g, ell = [], 0.0
    for x in points:
        lj = gmm.log_joint(x[None], mixture)[0]
        top = special.logsumexp(lj)
        ell += top
        g.append(np.exp(lj - top))
    return g, ell


@right(gmm.e_step)
def e_step_tuple_of_floats(points, mixture):
    g, ld = gmm.bayes(gmm.log_joint(points, mixture))
    return np.asfortranarray(g), [float(ld.sum())]


@right(gmm.count)
def count_einsum(responsibilities):
    return np.einsum("nk->k", responsibilities)


@right(gmm.count)
def count_dict(responsibilities):
    counts = defaultdict(float)
    for row in responsibilities:
        for k, share in enumerate(row):
            counts[k] += share
    return [counts[k] for k in range(responsibilities.shape[1])]


@right(gmm.count)
def count_ones(responsibilities):
    return np.ones(len(responsibilities)) @ responsibilities


@right(gmm.weight)
def weight_generator(responsibilities):
    return (sum(column) / len(column) for column in zip(*responsibilities))


@right(gmm.weight)
def weight_by_total(responsibilities):
    return responsibilities.sum(0) / responsibilities.sum()


@right(gmm.mean)
def mean_average(points, responsibilities):
    return [np.average(points, axis=0, weights=g) for g in responsibilities.T]


@right(gmm.mean)
def mean_running_update(points, responsibilities):
    K = responsibilities.shape[1]
    mu, total = np.zeros((K, points.shape[1])), np.zeros(K)
    for x, g in zip(points, responsibilities):
        total += g
        mu += (g / total)[:, None] * (x - mu)
    return mu


@right(gmm.mean)
def mean_lstsq(points, responsibilities):
    return np.array([np.linalg.solve([[g.sum()]], [g @ points])[0] for g in responsibilities.T])


@right(gmm.mean)
def mean_python(points, responsibilities):
    X, G = points.tolist(), responsibilities.tolist()
    K, D = len(G[0]), len(X[0])
    return [[sum(g[k] * x[d] for g, x in zip(G, X)) / sum(g[k] for g in G) for d in range(D)] for k in range(K)]


@right(gmm.mean)
def mean_matrix(points, responsibilities):
    return np.linalg.inv(np.diag(responsibilities.sum(0))) @ responsibilities.T @ points


@right(gmm.mean)
def mean_single(points, responsibilities):
    return (responsibilities.T @ points / responsibilities.sum(0)[:, None]).astype("float32")


@right(gmm.covariance)
def covariance_outer(points, responsibilities, means):
    D = points.shape[1]
    out = []
    for k, mu in enumerate(means):
        S = np.zeros((D, D))
        for n, x in enumerate(points):
            S += responsibilities[n][k] * np.outer(x - mu, x - mu)
        out.append(S / sum(responsibilities[:, k]))
    return out


@right(gmm.covariance)
def covariance_np_cov_corrected(points, responsibilities, means):
    out = []
    for g, mu in zip(responsibilities.T, means):
        own = g @ points / g.sum()
        out.append(np.atleast_2d(np.cov(points.T, aweights=g, ddof=0)) + np.outer(own - mu, own - mu))
    return out


@right(gmm.covariance)
def covariance_sqrt_weights(points, responsibilities, means):
    out = []
    for g, mu in zip(responsibilities.T, means):
        y = np.sqrt(g / g.sum())[:, None] * (points - mu)
        out.append(y.T @ y)
    return np.array(out)


@right(gmm.covariance)
def covariance_entries(points, responsibilities, means):
    K, D = means.shape
    out = np.zeros((K, D, D))
    for k, i, j in itertools.product(range(K), range(D), range(D)):
        product = (points[:, i] - means[k, i]) * (points[:, j] - means[k, j])
        out[k, i, j] = np.dot(responsibilities[:, k], product) / responsibilities[:, k].sum()
    return out


@right(gmm.m_step)
def m_step_named(points, responsibilities):
    Nk = responsibilities.sum(0)
    mu = responsibilities.T @ points / Nk[:, None]
    d = points[:, None] - mu
    S = np.einsum("nk,nki,nkj->kij", responsibilities, d, d) / Nk[:, None, None]
    return {"means": mu, "weights": Nk / Nk.sum(), "covariances": S}


@right(gmm.m_step)
def m_step_mixture(points, responsibilities):
    mu = gmm.mean(points, responsibilities)
    return gmm.Mixture(gmm.weight(responsibilities), mu, gmm.covariance(points, responsibilities, mu))


@right(gmm.em)
def em_recursive(points, mixture):
    g, ell = gmm.e_step(points, mixture)
    yield tuple(mixture), ell
    yield from em_recursive(points, gmm.m_step(points, g))


@right(gmm.em)
def em_dicts(points, mixture):
    while True:
        g, ell = gmm.e_step(points, mixture)
        yield {"log_likelihood": ell, "mixture": mixture}
        mixture = gmm.m_step(points, g)


@right(gmm.em)
class EmObject:
    """One step, as a class that can be gone through."""

    def __init__(self, points, mixture):
        self.points, self.mixture = points, mixture

    def __iter__(self):
        return self

    def __next__(self):
        g, ell = gmm.e_step(self.points, self.mixture)
        now, self.mixture = self.mixture, gmm.m_step(self.points, g)
        return now, ell


@right(gmm.fit)
def fit_while(points, mixture):
    trace = []
    while True:
        g, ell = gmm.e_step(points, mixture)
        trace.append(ell)
        if len(trace) > 1 and trace[-1] - trace[-2] < 1e-9:
            return mixture, trace
        mixture = gmm.m_step(points, g)


@right(gmm.fit)
def fit_relative(points, mixture):
    old, trace = -np.inf, []
    for mixture, ell in gmm.em(points, mixture):
        trace.append(ell)
        if abs(ell - old) <= 1e-12 * abs(ell) or len(trace) == 5000:
            break
        old = ell
    return {"mixture": mixture, "log_likelihoods": trace}


@right(gmm.squared_distance)
def distance_cdist(points, centers):
    return cdist(points, centers, "sqeuclidean")


@right(gmm.squared_distance)
def distance_norm(points, centers):
    return np.linalg.norm(points[:, None, :] - centers[None, :, :], axis=2) ** 2


@right(hard_responsibility)
def hard_by_scatter(points, centers):
    out = np.zeros((len(points), len(centers)), dtype=bool)
    out[np.arange(len(points)), cdist(points, centers).argmin(1)] = True
    return out


@right(hard_responsibility)
def hard_comparing(points, centers):
    nearest = [min(range(len(centers)), key=lambda k: math.dist(x, centers[k])) for x in points]
    return (np.array(nearest)[:, None] == np.arange(len(centers))).astype(int)


@right(gmm.kmeans)
def kmeans_labels(points, centers):
    labels = None
    while True:
        new = cdist(points, centers).argmin(1)
        if labels is not None and np.array_equal(new, labels):
            return centers
        labels = new
        centers = np.array([points[labels == k].mean(0) if (labels == k).any() else c for k, c in enumerate(centers)])


@right(gmm.kmeans)
def kmeans_hundred(points, centers):
    centers = centers.copy()
    for _ in range(100):
        labels = gmm.squared_distance(points, centers).argmin(1)
        for k in set(labels.tolist()):
            centers[k] = points[labels == k].mean(0)
    return centers


@right(gmm.mixture_around)
def around_by_hand(points, centers):
    labels = cdist(points, centers).argmin(1)
    groups = [points[labels == k] for k in range(len(centers))]
    within = sum(len(g) * np.atleast_2d(np.cov(g.T, bias=True)) for g in groups) / len(points)
    return [len(g) / len(points) for g in groups], [g.mean(0) for g in groups], [within] * len(groups)


@right(gmm.kmeans_plus_plus)
def plus_plus_by_hand(points, K, rng):
    chosen = [points[rng.integers(len(points))]]
    for _ in range(1, K):
        d = np.min([np.sum((points - c) ** 2, axis=1) for c in chosen], axis=0)
        u = rng.random() * d.sum()
        chosen.append(points[np.searchsorted(np.cumsum(d), u)])
    return chosen


@right(gmm.random_points)
def random_shuffled(points, K, rng):
    rows = np.arange(len(points))
    rng.shuffle(rows)
    return points[rows[:K]]


@right(gmm.random_points)
def random_choice(points, K, rng):
    return rng.choice(points, size=K, replace=False)


@right(gmm.sample)
def sample_searchsorted(mixture, size, rng):
    z = np.searchsorted(np.cumsum(mixture.weights), rng.random(size))
    return np.array([rng.multivariate_normal(mixture.means[k], mixture.covariances[k]) for k in z]), z


@right(gmm.sample)
def sample_symmetric_root(mixture, size, rng):
    z = rng.choice(len(mixture.weights), size, p=mixture.weights)
    roots = np.array([linalg.sqrtm(S).real for S in mixture.covariances])
    return mixture.means[z] + (roots[z] @ rng.normal(size=(size, mixture.means.shape[1], 1)))[:, :, 0], z


@right(gmm.sample)
def sample_scipy(mixture, size, rng):
    counts = rng.multinomial(size, mixture.weights)
    clouds = [
        stats.multivariate_normal(m, S).rvs(n, random_state=rng).reshape(n, -1)
        for m, S, n in zip(mixture.means, mixture.covariances, counts)
    ]
    order = rng.permutation(size)
    return np.concatenate(clouds)[order], np.repeat(np.arange(len(counts)), counts)[order]


@right(gmm.ordered)
def ordered_by_sorting(mixture):
    rows = sorted(zip(*mixture), key=lambda row: row[1][0])
    return [list(part) for part in zip(*rows)]


@right(gmm.matched)
def matched_by_permutations(mixture, reference):
    def cost(a, b):
        S = (a[2] + b[2]) / 2
        d = a[1] - b[1]
        dets = [np.linalg.det(M) for M in (S, a[2], b[2])]
        return d @ np.linalg.solve(S, d) / 8 + 0.5 * np.log(dets[0] / np.sqrt(dets[1] * dets[2]))

    ours, theirs = list(zip(*mixture)), list(zip(*reference))
    best = min(itertools.permutations(range(len(ours))), key=lambda p: sum(cost(ours[i], b) for i, b in zip(p, theirs)))
    return tuple(array[list(best)] for array in mixture)


@right(gmm.marginal)
def marginal_by_selection(mixture, dimensions):
    P = np.eye(mixture.means.shape[1])[list(dimensions)]
    return mixture.weights, mixture.means @ P.T, np.array([P @ S @ P.T for S in mixture.covariances])


@right(gmm.conditional_mean)
def conditional_by_inverse(known, mixture):
    C, out = known.shape[1], []
    for x in known:
        logs = [np.log(w) + gmm.log_gaussian(x[None], m[:C], S[:C, :C])[0] for w, m, S in zip(*mixture)]
        lines = [m[C:] + S[C:, :C] @ np.linalg.inv(S[:C, :C]) @ (x - m[:C]) for _, m, S in zip(*mixture)]
        out.append(special.softmax(logs) @ np.array(lines))
    return out


@right(gmm.total_mean)
def total_mean_average(mixture):
    return np.average(mixture.means, axis=0, weights=mixture.weights)


@right(gmm.total_covariance)
def total_second_moment(mixture):
    m = mixture.weights @ mixture.means
    second = sum(w * (S + np.outer(mu, mu)) for w, mu, S in zip(*mixture))
    return second - np.outer(m, m)


@right(gmm.tied)
def tied_loop(mixture):
    S = 0
    for w, _, c in zip(*mixture):
        S = S + w * c
    return gmm.Mixture(mixture.weights, mixture.means, np.stack([S] * len(mixture.weights)))


@right(gmm.diagonal)
def diagonal_twice(mixture):
    return mixture.weights, mixture.means, [np.diag(np.diag(S)) for S in mixture.covariances]


@right(gmm.spherical)
def spherical_loop(mixture):
    D = mixture.means.shape[1]
    return mixture.weights, mixture.means, [sum(S[i, i] for i in range(D)) / D * np.eye(D) for S in mixture.covariances]


@right(gmm.ridge)
def ridge_by_variances(mixture):
    variances = np.diag(gmm.total_covariance(mixture))
    return mixture.weights, mixture.means, [S + 1e-6 * np.diag(variances) for S in mixture.covariances]


@right(gmm.n_parameters)
def parameters_by_triangles(mixture):
    K, D = mixture.means.shape
    return len(mixture.weights) - 1 + K * (D + len(np.tril_indices(D)[0]))


@right(gmm.bic)
def bic_by_hand(points, mixture):
    K, D = mixture.means.shape
    p = K * (1 + D + D * (D + 1) / 2) - 1
    return -2 * sum(gmm.log_density(points, mixture)) + p * math.log(len(points))


@right(gmm.aic)
def aic_by_hand(points, mixture):
    return 2.0 * (gmm.n_parameters(mixture) - gmm.log_density(points, mixture).sum())


@right(gmm.icl)
def icl_by_hand(points, mixture):
    g = gmm.responsibility(points, mixture)
    return gmm.bic(points, mixture) - 2 * sum(math.log(max(row)) for row in g)


@right(gmm.icl)
def icl_with_the_entropy(points, mixture):
    g = gmm.responsibility(points, mixture)
    return gmm.bic(points, mixture) - 2 * special.xlogy(g, g).sum()


@right(gmm.merge)
def merge_second_moments(one, other):
    n = one.counts + other.counts
    a = np.where(n > 0, one.counts / np.where(n > 0, n, 1), 1.0)[:, None]
    mu = a * one.means + (1 - a) * other.means
    out = []
    for k in range(len(n)):
        parts = [(a[k, 0], one.means[k], one.covariances[k]), (1 - a[k, 0], other.means[k], other.covariances[k])]
        out.append(sum(w * (S + np.outer(m - mu[k], m - mu[k])) for w, m, S in parts))
    return gmm.Summary(one.log_likelihood + other.log_likelihood, n, mu, np.array(out))


@right(gmm.maximize)
def maximize_tuple(summary):
    total = sum(summary.counts)
    return [n / total for n in summary.counts], summary.means, summary.covariances


@right(gmm.summarize)
def summarize_by_m_step(points, mixture):
    g, ell = gmm.e_step(points, mixture)
    m = gmm.m_step(points, g)
    return gmm.Summary(ell, gmm.count(g), m.means, m.covariances)
