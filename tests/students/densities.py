"""Wrong answers to chapters 02 and 03: densities, responsibilities, log-likelihoods, labels."""

import math

import numpy as np
from scipy import special, stats
from scipy.stats import multivariate_normal

import gmm_tutorial as gmm
from gmm_tutorial.homework import log_likelihood
from students import wrong

# ---- one Gaussian


@wrong(gmm.log_gaussian, "2π")
def pi_without_two(points, mean, covariance):
    D = points.shape[1]
    out = []
    for x in points:
        d = x - mean
        m = d @ np.linalg.inv(covariance) @ d
        out.append(-0.5 * (D * math.log(math.pi) + math.log(np.linalg.det(covariance)) + m))
    return np.array(out)


@wrong(gmm.log_gaussian, r"power|brackets|\*\*")
def precedence(points, mean, covariance):
    D = len(mean)
    inv = np.linalg.inv(covariance)
    norm = (2 * np.pi) ** D / 2 * np.sqrt(np.linalg.det(covariance))
    return np.array([-np.log(norm) - (x - mean) @ inv @ (x - mean) / 2 for x in points])


@wrong(gmm.log_gaussian, "half|½")
def det_without_half(points, mean, covariance):
    D = len(mean)
    diff = points - mean
    quad = (diff.dot(np.linalg.inv(covariance)) * diff).sum(1)
    return -D / 2 * np.log(2 * np.pi) - np.log(np.linalg.det(covariance)) - quad / 2


@wrong(gmm.log_gaussian, "N/2|number of points")
def n_for_d(points, mean, covariance):
    D = len(points)
    diff = points - mean
    quad = np.einsum("ij,jk,ik->i", diff, np.linalg.inv(covariance), diff)
    return -0.5 * (D * np.log(2 * np.pi) + np.linalg.slogdet(covariance)[1] + quad)


@wrong(gmm.log_gaussian, "exponent")
def exponent_only(points, mean, covariance):
    return [-0.5 * (p - mean).T @ np.linalg.inv(covariance) @ (p - mean) for p in points]


@wrong(gmm.log_gaussian, "inverse|Σ⁻¹")
def no_inverse(points, mean, covariance):
    D = points.shape[1]
    result = np.zeros(len(points))
    for i in range(len(points)):
        d = (points[i] - mean).reshape(-1, 1)
        result[i] = (-0.5 * (D * np.log(2 * np.pi) + np.log(np.linalg.det(covariance)) + d.T @ covariance @ d)).item()
    return result


@wrong(gmm.log_gaussian, "one by each|inverse|1 / |divide one")
def reciprocal(points, mean, covariance):
    D = points.shape[1]
    prec = 1.0 / covariance
    d = points - mean
    return -0.5 * (D * np.log(2 * np.pi) + np.log(np.linalg.det(covariance)) + np.sum(d @ prec * d, axis=1))


@wrong(gmm.log_gaussian, "squared|square")
def norm_not_squared(points, mean, covariance):
    L = np.linalg.cholesky(covariance)
    D = len(mean)
    z = np.linalg.solve(L, (points - mean).T)
    return -0.5 * (D * np.log(2 * np.pi) + np.linalg.norm(z, axis=0)) - np.log(L.diagonal()).sum()


@wrong(gmm.log_gaussian, "underflow|−∞|far")
def log_of_pdf(points, mean, covariance):
    return np.log(multivariate_normal.pdf(points, mean, covariance))


@wrong(gmm.log_gaussian, "density itself|exponential|logarithm")
def pdf(points, mean, covariance):
    return multivariate_normal(mean, covariance).pdf(points)


@wrong(gmm.log_gaussian, "small number|epsilon")
def tiny(points, mean, covariance):
    return np.log(multivariate_normal(mean, covariance).pdf(points) + 1e-300)


@wrong(gmm.log_gaussian, "scale|root|variance")
def scale_is_variance(points, mean, covariance):
    total = 0
    for d in range(len(mean)):
        total = total + stats.norm.logpdf(points[:, d], loc=mean[d], scale=covariance[d, d])
    return total


@wrong(gmm.log_gaussian, "diagonal|variances")
def independent(points, mean, covariance):
    total = np.zeros(len(points))
    for d in range(len(mean)):
        total += stats.norm.logpdf(points[:, d], mean[d], math.sqrt(covariance[d][d]))
    return total


@wrong(gmm.log_gaussian, "base|log 10|ten")
def log10(points, mean, covariance):
    return np.log10(multivariate_normal(mean, covariance).pdf(points))


@wrong(gmm.log_gaussian, "mean")
def forgot_mean(points, mean, covariance):
    inv = np.linalg.inv(covariance)
    q = np.array([x @ inv @ x for x in points])
    return -0.5 * q - 0.5 * np.log(np.linalg.det(2 * np.pi * covariance))


@wrong(gmm.log_gaussian, "determinant")
def det_of_diag(points, mean, covariance):
    d = points - mean
    q = np.sum(d * np.linalg.solve(covariance, d.T).T, axis=1)
    return -0.5 * (q + np.sum(np.log(np.diag(covariance))) + len(mean) * np.log(2 * np.pi))


@wrong(gmm.log_gaussian, "determinant")
def det_plain(points, mean, covariance):
    d = points - mean
    q = np.sum(d * np.linalg.solve(covariance, d.T).T, axis=1)
    return -0.5 * (q + np.linalg.det(covariance) + len(mean) * np.log(2 * np.pi))


@wrong(gmm.log_gaussian, "constant|2π")
def one_dim_constant_and_no_det(points, mean, covariance):
    d = points - mean
    q = np.sum(d * np.linalg.solve(covariance, d.T).T, axis=1)
    return np.log(1 / np.sqrt(2 * np.pi)) - 0.5 * q


@wrong(gmm.log_gaussian, "sign|determinant")
def det_sign(points, mean, covariance):
    d = points - mean
    q = np.array([v @ np.linalg.solve(covariance, v) for v in d])
    return -0.5 * (len(mean) * np.log(2 * np.pi) - np.linalg.slogdet(covariance)[1] + q)


@wrong(gmm.log_gaussian, "sum|all points|one number")
def whole_sum(points, mean, covariance):
    d = points - mean
    q = np.sum(d @ np.linalg.inv(covariance) * d)
    return -0.5 * (len(mean) * np.log(2 * np.pi) + np.linalg.slogdet(covariance)[1] + q)


@wrong(gmm.log_gaussian, r"order|covariance, mean|arguments")
def swapped(points, covariance, mean):
    return multivariate_normal(mean, covariance).logpdf(points)


@wrong(gmm.log_gaussian, "half|½|quarter|exponent")
def missing_half(points, mean, covariance):
    d = points - mean
    q = np.array([v @ np.linalg.solve(covariance, v) for v in d])
    return -q - 0.5 * np.log(np.linalg.det(covariance)) - len(mean) / 2 * np.log(2 * np.pi)


@wrong(gmm.log_gaussian, "square|twice")
def quad_squared(points, mean, covariance):
    d = points - mean
    q = np.array([v @ np.linalg.solve(covariance, v) for v in d]) ** 2
    return -0.5 * q - 0.5 * np.log(np.linalg.det(covariance)) - len(mean) / 2 * np.log(2 * np.pi)


@wrong(gmm.log_gaussian_by_factor, "L|factor|half|root")
def factor_det_half(points, mean, factor):
    z = np.linalg.solve(factor, (points - mean).T).T
    return -0.5 * (z**2).sum(1) - 0.5 * np.log(np.diag(factor)).sum() - 0.5 * len(mean) * np.log(2 * np.pi)


@wrong(gmm.log_gaussian_by_factor, "Lᵀ|side|transpos")
def factor_transposed(points, mean, factor):
    z = np.linalg.solve(factor.T, (points - mean).T).T
    return -0.5 * (z**2).sum(1) - np.log(np.diag(factor)).sum() - 0.5 * len(mean) * np.log(2 * np.pi)


@wrong(gmm.log_gaussian_by_factor, "determinant|Σ log")
def factor_no_det(points, mean, factor):
    z = np.linalg.solve(factor, (points - mean).T)
    return -0.5 * (z * z).sum(axis=0) - 0.5 * len(mean) * np.log(2 * np.pi)


@wrong(gmm.log_gaussian_by_factor, "factor|covariance")
def factor_as_covariance(points, mean, factor):
    d = points - mean
    q = np.sum(d * np.linalg.solve(factor, d.T).T, axis=1)
    return -0.5 * q - np.log(np.diag(factor)).sum() - 0.5 * len(mean) * np.log(2 * np.pi)


@wrong(gmm.whiten, "multiply|divide")
def whiten_multiplies(points, mean, factor):
    return np.array([factor @ (x - mean) for x in points])


@wrong(gmm.whiten, r"\(D, N\)|Transposed|shape")
def whiten_columns(points, mean, factor):
    return np.linalg.solve(factor, (points - mean).T)


@wrong(gmm.whiten, "symmetric root")
def zca(points, mean, factor):
    cov = factor @ factor.T
    w, V = np.linalg.eigh(cov)
    return (points - mean) @ (V @ np.diag(w**-0.5) @ V.T)


@wrong(gmm.whiten, "whole covariance|twice")
def whiten_by_cov(points, mean, factor):
    return (np.linalg.inv(factor @ factor.T) @ (points - mean).T).T


# ---- joints, Bayes, responsibilities


@wrong(gmm.log_joint, "weight")
def joint_without_log(points, mixture):
    out = np.zeros((len(points), len(mixture.weights)))
    for k in range(len(mixture.weights)):
        out[:, k] = mixture.weights[k] + gmm.log_gaussian(points, mixture.means[k], mixture.covariances[k])
    return out


@wrong(gmm.log_joint, "mean")
def joint_last_mean(points, mixture):
    out = []
    for mu in mixture.means:
        pass
    for pi, sigma in zip(mixture.weights, mixture.covariances):
        out.append(np.log(pi) + gmm.log_gaussian(points, mu, sigma))
    return np.array(out).T


@wrong(gmm.log_joint, "covariance")
def joint_first_covariance(points, mixture):
    cols = [
        np.log(w) + gmm.log_gaussian(points, m, mixture.covariances[0]) for w, m in zip(mixture.weights, mixture.means)
    ]
    return np.column_stack(cols)


@wrong(gmm.log_joint, r"\(K, N\)|Transposed|transpose")
def joint_rows(points, mixture):
    return np.array([np.log(w) + gmm.log_gaussian(points, m, S) for w, m, S in zip(*mixture)])


@wrong(gmm.log_joint, "twice")
def joint_twice(points, mixture):
    return np.log(mixture.weights) + gmm.log_joint(points, mixture)


@wrong(gmm.log_joint, "exponential|densities themselves|logarithm|without a log")
def joint_density(points, mixture):
    return np.stack([w * np.exp(gmm.log_gaussian(points, m, S)) for w, m, S in zip(*mixture)], axis=1)


@wrong(gmm.log_joint, "2π|constant")
def joint_own_density_wrong_constant(points, mixture):
    N, K, D = len(points), len(mixture.weights), points.shape[1]
    out = np.empty((N, K))
    for k in range(K):
        d = points - mixture.means[k]
        q = np.sum(d * np.linalg.solve(mixture.covariances[k], d.T).T, axis=1)
        c = -0.5 * np.log(2 * np.pi) - 0.5 * np.log(np.linalg.det(mixture.covariances[k]))
        out[:, k] = np.log(mixture.weights[k]) + c - 0.5 * q
    return out


@wrong(gmm.log_joint, "last component|last column|component")
def joint_short_loop(points, mixture):
    K = len(mixture.weights)
    out = np.zeros((len(points), K))
    for k in range(K - 1):
        out[:, k] = np.log(mixture.weights[k]) + gmm.log_gaussian(points, mixture.means[k], mixture.covariances[k])
    return out


@wrong(gmm.log_joint, "weight")
def joint_times(points, mixture):
    return np.stack([w * gmm.log_gaussian(points, m, S) for w, m, S in zip(*mixture)], axis=1)


@wrong(gmm.log_joint, "every component|all of them|whole mixture|log responsibilities|normalized")
def joint_normalized(points, mixture):
    lj = gmm.log_joint(points, mixture)
    return lj - special.logsumexp(lj, axis=1)[:, None]


@wrong(gmm.bayes, "far|underflow|log")
def bayes_naive(log_joints):
    p = np.exp(log_joints)
    s = p.sum(axis=1)
    return p / s[:, None], np.log(s)


@wrong(gmm.bayes, "rows|points|axis")
def bayes_columns(log_joints):
    m = log_joints.max(axis=0)
    p = np.exp(log_joints - m)
    return p / p.sum(axis=0), special.logsumexp(log_joints, axis=1)


@wrong(gmm.bayes, "add.* back")
def bayes_forgot_max(log_joints):
    m = log_joints.max(axis=1, keepdims=True)
    p = np.exp(log_joints - m)
    s = p.sum(axis=1, keepdims=True)
    return p / s, np.log(s)[:, 0]


@wrong(gmm.bayes, "whole table|one largest|largest of all|each row")
def bayes_global_max(log_joints):
    m = log_joints.max()
    p = np.exp(log_joints - m)
    s = p.sum(axis=1, keepdims=True)
    return p / s, (np.log(s) + m).ravel()


@wrong(gmm.bayes, "while they change|in place|once")
def bayes_in_place(log_joints):
    g = np.exp(log_joints - log_joints.max(axis=1, keepdims=True))
    N, K = g.shape
    for n in range(N):
        for k in range(K):
            g[n, k] = g[n, k] / g[n].sum()
    return g, special.logsumexp(log_joints, axis=1)


@wrong(gmm.bayes, "another order")
def bayes_flipped(log_joints):
    ld = special.logsumexp(log_joints, axis=1)
    return ld, np.exp(log_joints - ld[:, None])


@wrong(gmm.bayes, "exponential|log")
def bayes_log_gamma(log_joints):
    ld = special.logsumexp(log_joints, axis=1)
    return log_joints - ld[:, None], ld


@wrong(gmm.bayes, r"result")
def bayes_one(log_joints):
    return special.softmax(log_joints, axis=1)


@wrong(gmm.bayes, r"shape|axis of length one")
def bayes_keepdims(log_joints):
    ld = special.logsumexp(log_joints, axis=1, keepdims=True)
    return np.exp(log_joints - ld), ld * np.ones((1, 2))


@wrong(gmm.responsibility, "weight")
def resp_no_weights(points, mixture):
    p = np.array([multivariate_normal(m, S).logpdf(points) for m, S in zip(mixture.means, mixture.covariances)])
    p = p.reshape(len(mixture.means), len(points)).T
    return special.softmax(p, axis=1)


@wrong(gmm.responsibility, "weight")
def resp_denominator(points, mixture):
    K = len(mixture.weights)
    dens = np.exp(np.stack([gmm.log_gaussian(points, mixture.means[k], mixture.covariances[k]) for k in range(K)], 1))
    return mixture.weights * dens / dens.sum(axis=1, keepdims=True)


@wrong(gmm.responsibility, "weight")
def resp_weights_after(points, mixture):
    dens = np.stack([gmm.log_gaussian(points, m, S) for _, m, S in zip(*mixture)], 1)
    dens = np.exp(dens - dens.max(1, keepdims=True))
    gamma = dens / dens.sum(axis=1, keepdims=True)
    return gamma * mixture.weights


@wrong(gmm.responsibility, "label|doubt|wholly|probability")
def resp_hard(points, mixture):
    lj = gmm.log_joint(points, mixture)
    out = np.zeros_like(lj)
    for n in range(len(lj)):
        out[n, np.argmax(lj[n])] = 1
    return out


@wrong(gmm.responsibility, "NaN|nan")
def resp_nan_to_num(points, mixture):
    joints = np.zeros((len(points), len(mixture.weights)))
    for k, (w, m, S) in enumerate(zip(*mixture)):
        joints[:, k] = w * multivariate_normal(m, S).pdf(points)
    return np.nan_to_num(joints / joints.sum(axis=1, keepdims=True))


@wrong(gmm.responsibility, "small number|epsilon|below the line")
def resp_eps(points, mixture):
    joints = np.stack([w * multivariate_normal(m, S).pdf(points) for w, m, S in zip(*mixture)], 1)
    joints = joints.reshape(len(points), -1)
    return joints / (joints.sum(axis=1, keepdims=True) + 1e-10)


@wrong(gmm.responsibility, "far|underflow")
def resp_guard_uniform(points, mixture):
    joints = np.exp(gmm.log_joint(points, mixture))
    total = joints.sum(axis=1, keepdims=True)
    K = joints.shape[1]
    return np.where(total > 0, joints / np.where(total > 0, total, 1), 1 / K)


@wrong(gmm.responsibility, "distance|means")
def resp_distances(points, mixture):
    d = np.sqrt(((points[:, None] - mixture.means[None]) ** 2).sum(-1))
    s = np.exp(-d)
    return s / s.sum(1, keepdims=True)


@wrong(gmm.responsibility, "joint|Divide|normal")
def resp_unnormalized(points, mixture):
    return np.exp(gmm.log_joint(points, mixture))


@wrong(gmm.responsibility, "transpos|Transposed|other way|K, N")
def resp_transposed(points, mixture):
    return gmm.responsibility(points, mixture).T


@wrong(gmm.responsibility, "order|arguments")
def resp_swapped(mixture, points):
    return special.softmax(gmm.log_joint(points, mixture), axis=1)


@wrong(gmm.responsibility, "first component|component 0|all but the first")
def resp_skip_first(points, mixture):
    g = np.zeros((len(points), len(mixture.weights)))
    full = gmm.responsibility(points, mixture)
    for k in range(1, len(mixture.weights)):
        g[:, k] = full[:, k]
    return g


@wrong(gmm.responsibility, "round|digits")
def resp_rounded(points, mixture):
    return np.round(gmm.responsibility(points, mixture), 3)


@wrong(gmm.responsibility, "exponential twice|softmax|densit")
def resp_softmax_of_density(points, mixture):
    return special.softmax(np.exp(gmm.log_joint(points, mixture)), axis=1)


@wrong(gmm.responsibility, "determinant")
def resp_no_det(points, mixture):
    q = []
    for w, m, S in zip(*mixture):
        d = points - m
        q.append(np.log(w) - 0.5 * np.einsum("ni,ij,nj->n", d, np.linalg.inv(S), d))
    return special.softmax(np.array(q).T, axis=1)


@wrong(gmm.e_step, "average|mean|÷|N, the number")
def estep_mean(points, mixture):
    g, ld = gmm.bayes(gmm.log_joint(points, mixture))
    return g, ld.mean()


@wrong(gmm.e_step, "best|largest|all components|max")
def estep_max(points, mixture):
    lj = gmm.log_joint(points, mixture)
    return special.softmax(lj, axis=1), lj.max(axis=1).sum()


@wrong(gmm.e_step, "normaliz|log 1|before you divide")
def estep_zero(points, mixture):
    g = gmm.responsibility(points, mixture)
    return g, np.log(g.sum(axis=1)).sum()


@wrong(gmm.e_step, "another order")
def estep_order(points, mixture):
    g, ld = gmm.bayes(gmm.log_joint(points, mixture))
    return ld.sum(), g


@wrong(gmm.e_step, r"shape|log-likelihood")
def estep_vector(points, mixture):
    return gmm.bayes(gmm.log_joint(points, mixture))


@wrong(gmm.e_step, "expected|Σ γ log|entropy")
def estep_q(points, mixture):
    lj = gmm.log_joint(points, mixture)
    g = special.softmax(lj, axis=1)
    return g, (g * lj).sum()


# ---- densities of the mixture, log-likelihoods, labels


@wrong(gmm.log_density, "log of (a|the) sum|sum of logs|add the logs|through a")
def density_sum_logs(points, mixture):
    total = np.zeros(len(points))
    for w, m, S in zip(*mixture):
        total += np.log(w) + gmm.log_gaussian(points, m, S)
    return total


@wrong(gmm.log_density, "logarithm|log is missing|exponential")
def density_no_log(points, mixture):
    total = np.zeros(len(points))
    for w, m, S in zip(*mixture):
        total += w * np.exp(gmm.log_gaussian(points, m, S))
    return total


@wrong(gmm.log_density, "overwritten|last|one component")
def density_overwrites(points, mixture):
    for w, m, S in zip(*mixture):
        total = w * multivariate_normal(m, S).pdf(points)
    return np.log(total)


@wrong(gmm.log_density, "weight")
def density_equal_weights(points, mixture):
    parts = [gmm.log_gaussian(points, m, S) for _, m, S in zip(*mixture)]
    return special.logsumexp(parts, axis=0)


@wrong(gmm.log_density, "average|weights are in|K")
def density_average(points, mixture):
    return np.log(np.exp(gmm.log_joint(points, mixture)).mean(axis=1))


@wrong(gmm.log_density, "[Ff]ar|underflow")
def density_naive(points, mixture):
    p = sum(w * multivariate_normal(m, S).pdf(points) for w, m, S in zip(*mixture))
    return np.log(p)


@wrong(log_likelihood, r"\(N, N\)|keepdims|shape")
def ll_broadcast(points, mixture):
    lj = gmm.log_joint(points, mixture)
    top = lj.max(axis=1, keepdims=True)
    rest = np.log(np.exp(lj - top).sum(axis=1))
    return (top + rest).sum()


@wrong(log_likelihood, "base|ten|log 10")
def ll_log10(points, mixture):
    return np.log10(np.exp(gmm.log_density(points, mixture))).sum()


@wrong(log_likelihood, "first|start|skip|missing")
def ll_skips_first(points, mixture):
    total = 0.0
    for n in range(1, len(points)):
        total += gmm.log_density(points[n : n + 1], mixture)[0]
    return total


@wrong(log_likelihood, "one point|last|overwritten|set back")
def ll_reset(points, mixture):
    for x in points:
        total = 0
        total += gmm.log_density(x[None], mixture)[0]
    return total


@wrong(log_likelihood, "average")
def ll_average(points, mixture):
    return np.mean(gmm.log_density(points, mixture))


@wrong(log_likelihood, "sign")
def ll_negative(points, mixture):
    return -sum(gmm.log_density(points, mixture))


@wrong(log_likelihood, "product|underflow|logarithm")
def ll_product(points, mixture):
    p = 1.0
    for d in np.exp(gmm.log_density(points, mixture)):
        p *= d
    return p


@wrong(log_likelihood, "underflow|far|product")
def ll_log_product(points, mixture):
    return np.log(np.prod(np.exp(gmm.log_density(points, mixture))))


@wrong(log_likelihood, "one log|each point|log of the sum|densities of the points")
def ll_log_sum(points, mixture):
    return np.log(np.exp(gmm.log_density(points, mixture)).sum())


@wrong(log_likelihood, "weights|inside")
def ll_weighted_logs(points, mixture):
    total = 0
    for w, m, S in zip(*mixture):
        total += (w * gmm.log_gaussian(points, m, S)).sum()
    return total


@wrong(log_likelihood, "expected|entropy|inside")
def ll_expected(points, mixture):
    g = gmm.responsibility(points, mixture)
    total = 0
    for k, (w, m, S) in enumerate(zip(*mixture)):
        total += (g[:, k] * (np.log(w) + gmm.log_gaussian(points, m, S))).sum()
    return total


@wrong(log_likelihood, "inner sum|set back|running|density of a point")
def ll_inner_not_reset(points, mixture):
    total, p = 0.0, 0.0
    for x in points:
        for w, m, S in zip(*mixture):
            p += w * np.exp(gmm.log_gaussian(x[None], m, S)[0])
        total += np.log(p)
    return total


@wrong(log_likelihood, "inside the loop|one point|first")
def ll_returns_early(points, mixture):
    total = 0
    for x in points:
        total += gmm.log_density(x[None], mixture)[0]
        return total


@wrong(gmm.label, "one|zero")
def label_from_one(points, mixture):
    return [int(np.argmax(row)) + 1 for row in gmm.log_joint(points, mixture)]


@wrong(gmm.label, "weight|densit")
def label_density(points, mixture):
    d = np.array([gmm.log_gaussian(points, m, S) for _, m, S in zip(*mixture)])
    return d.argmax(axis=0)


@wrong(gmm.label, "nearest mean|k-means|Spread")
def label_nearest(points, mixture):
    out = []
    for x in points:
        out.append(np.argmin([np.linalg.norm(x - m) for m in mixture.means]))
    return out


@wrong(gmm.label, "other way|axis|each component")
def label_axis(points, mixture):
    return gmm.responsibility(points, mixture).argmax(axis=0)


@wrong(gmm.label, "argmax|column|number")
def label_max(points, mixture):
    return gmm.responsibility(points, mixture).max(axis=1)


@wrong(gmm.label, "half|more than two")
def label_half(points, mixture):
    return (gmm.responsibility(points, mixture)[:, -1] > 0.5).astype(int)


@wrong(gmm.label, "least|argmax")
def label_min(points, mixture):
    return gmm.log_joint(points, mixture).argmin(1)
