"""Wrong answers to chapters 04 and 06: counts, weights, means, covariances, steps, runs and fits."""

from itertools import islice

import numpy as np

import gmm_tutorial as gmm
from students import wrong


@wrong(gmm.count, "sorted|order")
def count_sorted(responsibilities):
    return sorted(responsibilities.sum(axis=0))


@wrong(gmm.count, "label")
def count_labels(responsibilities):
    return np.bincount(responsibilities.argmax(axis=1), minlength=responsibilities.shape[1])


@wrong(gmm.count, "axis|one for each point|rows|each row")
def count_axis(responsibilities):
    return np.sum(responsibilities, axis=1)


@wrong(gmm.count, "last point|overwritten|=")
def count_overwrites(responsibilities):
    N, K = responsibilities.shape
    counts = [0] * K
    for n in range(N):
        for k in range(K):
            counts[k] = responsibilities[n, k]
    return counts


@wrong(gmm.count, "whole numbers|integers|cut")
def count_int(responsibilities):
    counts = np.zeros(responsibilities.shape[1], dtype=int)
    for k in range(len(counts)):
        counts[k] = responsibilities[:, k].sum()
    return counts


@wrong(gmm.count, "½|half|0.5|above")
def count_above(responsibilities):
    return np.array([np.sum(responsibilities[:, k] > 0.5) for k in range(responsibilities.shape[1])])


@wrong(gmm.count, "first|start|skip|not counted")
def count_skip(responsibilities):
    K = responsibilities.shape[1]
    out = np.zeros(K)
    for n in range(1, len(responsibilities)):
        out += responsibilities[n]
    return out


@wrong(gmm.weight, "divide by N|counts|shares")
def weight_counts(responsibilities):
    return np.array([responsibilities[:, k].sum() for k in range(responsibilities.shape[1])])


@wrong(gmm.weight, "K")
def weight_by_k(responsibilities):
    N, K = responsibilities.shape
    return responsibilities.sum(0) / K


@wrong(gmm.weight, "sorted|order")
def weight_sorted(responsibilities):
    return np.sort(responsibilities.mean(axis=0))[::-1]


@wrong(gmm.weight, "fixed number|N is")
def weight_fixed(responsibilities):
    return responsibilities.sum(axis=0) / 272


@wrong(gmm.weight, "softmax")
def weight_softmax(responsibilities):
    n = responsibilities.sum(axis=0)
    e = np.exp(n)
    return e / e.sum()


@wrong(gmm.weight, "N − 1|one less")
def weight_n1(responsibilities):
    return responsibilities.sum(axis=0) / (responsibilities.shape[0] - 1)


@wrong(gmm.weight, "label|doubt|responsib")
def weight_labels(responsibilities):
    labels = responsibilities.argmax(axis=1)
    return np.array([np.mean(labels == k) for k in range(responsibilities.shape[1])])


@wrong(gmm.weight, "last|component")
def weight_last_missing(responsibilities):
    K = responsibilities.shape[1]
    w = np.zeros(K)
    for k in range(K - 1):
        w[k] = responsibilities[:, k].mean()
    return w


@wrong(gmm.weight, "round|digit")
def weight_rounded(responsibilities):
    return [round(float(w), 2) for w in responsibilities.mean(axis=0)]


@wrong(gmm.mean, "divide by N|Nₖ|own count")
def mean_over_n(points, responsibilities):
    N, D = points.shape
    K = responsibilities.shape[1]
    mu = np.zeros((K, D))
    for k in range(K):
        for n in range(N):
            mu[k] += responsibilities[n, k] * points[n]
        mu[k] /= N
    return mu


@wrong(gmm.mean, "inside the loop|once, after")
def mean_divides_inside(points, responsibilities):
    N, D = points.shape
    K = responsibilities.shape[1]
    mu = np.zeros((K, D))
    for k in range(K):
        Nk = responsibilities[:, k].sum()
        for n in range(N):
            mu[k] += responsibilities[n, k] * points[n]
            mu[k] /= Nk
    return mu


@wrong(gmm.mean, r"overwritten|last point|\+=")
def mean_equals(points, responsibilities):
    N, D = points.shape
    K = responsibilities.shape[1]
    mu = np.zeros((K, D))
    for k in range(K):
        for n in range(N):
            mu[k] = responsibilities[n, k] * points[n]
        mu[k] /= responsibilities[:, k].sum()
    return mu


@wrong(gmm.mean, "integers|whole numbers|cut")
def mean_int(points, responsibilities):
    mu = np.zeros((responsibilities.shape[1], points.shape[1]), dtype=int)
    for k in range(len(mu)):
        mu[k] = responsibilities[:, k] @ points / responsibilities[:, k].sum()
    return mu


@wrong(gmm.mean, "first column|first component|index stayed")
def mean_first_column(points, responsibilities):
    K = responsibilities.shape[1]
    return np.array(
        [(responsibilities[:, 0][:, None] * points).sum(0) / responsibilities[:, k].sum() for k in range(K)]
    )


@wrong(gmm.mean, "label|doubt")
def mean_hard(points, responsibilities):
    labels = responsibilities.argmax(axis=1)
    K = responsibilities.shape[1]
    mu = np.zeros((K, points.shape[1]))
    for k in range(K):
        if np.any(labels == k):
            mu[k] = points[labels == k].mean(axis=0)
    return mu


@wrong(gmm.mean, "label|doubt")
def mean_hard_guarded(points, responsibilities):
    hard = np.eye(responsibilities.shape[1])[responsibilities.argmax(1)]
    return hard.T @ points / np.maximum(hard.sum(0), 1)[:, None]


@wrong(gmm.mean, "coordinate|axis|everything")
def mean_no_axis(points, responsibilities):
    K, D = responsibilities.shape[1], points.shape[1]
    mu = np.zeros((K, D))
    for k in range(K):
        mu[k] = np.sum(responsibilities[:, [k]] * points) / np.sum(responsibilities[:, k])
    return mu


@wrong(gmm.mean, "all points|responsib")
def mean_plain(points, responsibilities):
    return np.tile(points.mean(axis=0), (responsibilities.shape[1], 1))


@wrong(gmm.mean, r"\(D, K\)|Transposed|transpose")
def mean_transposed(points, responsibilities):
    return points.T @ responsibilities / responsibilities.sum(axis=0)


@wrong(gmm.mean, "order|arguments")
def mean_swapped(responsibilities, points):
    return (responsibilities.T @ points) / responsibilities.sum(axis=0)[:, None]


@wrong(gmm.mean, "not divide|sums|divide by Nₖ")
def mean_sum(points, responsibilities):
    return np.einsum("nk,nd->kd", responsibilities, points)


@wrong(gmm.mean, "γ²|square|twice")
def mean_squared(points, responsibilities):
    w = responsibilities**2
    return w.T @ points / w.sum(axis=0).reshape(-1, 1)


@wrong(gmm.mean, "first component|count of")
def mean_wrong_count(points, responsibilities):
    mu = []
    Nk = responsibilities[:, 0].sum()
    for k in range(responsibilities.shape[1]):
        mu.append(responsibilities[:, k] @ points / Nk)
    return mu


@wrong(gmm.mean, "set back|start anew|those before")
def mean_running(points, responsibilities):
    total = np.zeros(points.shape[1])
    mu = []
    for k in range(responsibilities.shape[1]):
        for n in range(len(points)):
            total = total + responsibilities[n, k] * points[n]
        mu.append(total / responsibilities[:, k].sum())
    return np.array(mu)


@wrong(gmm.mean, "last component|one too early")
def mean_short(points, responsibilities):
    K = responsibilities.shape[1]
    mu = np.zeros((K, points.shape[1]))
    for k in range(0, K - 1):
        mu[k] = np.average(points, axis=0, weights=responsibilities[:, k])
    return mu


@wrong(gmm.mean, "last point|first point|not in your sum|too early")
def mean_misses_last(points, responsibilities):
    K = responsibilities.shape[1]
    mu = np.zeros((K, points.shape[1]))
    for k in range(K):
        s = 0
        for n in range(len(points) - 1):
            s = s + responsibilities[n, k] * points[n]
        mu[k] = s / responsibilities[:, k].sum()
    return mu


@wrong(gmm.mean, "changed")
def mean_in_place(points, responsibilities):
    responsibilities /= responsibilities.sum(axis=0)
    return responsibilities.T @ points


@wrong(gmm.mean, r"shape")
def mean_flat(points, responsibilities):
    mu = responsibilities.T @ points / responsibilities.sum(0)[:, None]
    return mu[:, 0]


@wrong(gmm.mean, "raised")
def mean_shapes(points, responsibilities):
    return responsibilities @ points / responsibilities.sum(0)


@wrong(gmm.mean, "median")
def mean_median(points, responsibilities):
    labels = responsibilities.argmax(1)
    return np.array([np.median(points[labels == k], axis=0) for k in range(responsibilities.shape[1])])


@wrong(gmm.mean, "random|two results")
def mean_random(points, responsibilities):
    return gmm.mean(points, responsibilities) + 1e-3 * np.random.randn(responsibilities.shape[1], points.shape[1])


@wrong(gmm.mean, "same shape|kept from call")
def mean_cached(points, responsibilities, cache={}):  # noqa: B006
    key = points.shape
    if key not in cache:
        cache[key] = responsibilities.T @ points / responsibilities.sum(0)[:, None]
    return cache[key]


@wrong(gmm.covariance, "divide by N|Nₖ|own count")
def cov_over_n(points, responsibilities, means):
    N, D = points.shape
    K = len(means)
    out = np.zeros((K, D, D))
    for k in range(K):
        for n in range(N):
            d = points[n] - means[k]
            out[k] += responsibilities[n, k] * np.outer(d, d)
        out[k] /= N
    return out


@wrong(gmm.covariance, "Nₖ − 1|unbiased")
def cov_unbiased(points, responsibilities, means):
    out = []
    for k, mu in enumerate(means):
        d = points - mu
        out.append((responsibilities[:, k, None] * d).T @ d / (responsibilities[:, k].sum() - 1))
    return np.array(out)


@wrong(gmm.covariance, "np.cov|means anew|own mean")
def cov_np(points, responsibilities, means):
    return [np.atleast_2d(np.cov(points, rowvar=False, aweights=g)) for g in responsibilities.T]


@wrong(gmm.covariance, "diagonal|one by one|matrix")
def cov_diag(points, responsibilities, means):
    out = []
    for k in range(len(means)):
        var = (responsibilities[:, [k]] * (points - means[k]) ** 2).sum(0) / responsibilities[:, k].sum()
        out.append(np.diag(var))
    return np.array(out)


@wrong(gmm.covariance, "number|D, 1")
def cov_inner(points, responsibilities, means):
    K, D = means.shape
    out = np.zeros((K, D, D))
    for k in range(K):
        for n in range(len(points)):
            d = (points[n] - means[k])[:, None]
            out[k] += responsibilities[n, k] * (d.T @ d)
        out[k] /= responsibilities[:, k].sum()
    return out


@wrong(gmm.covariance, "twice|γ")
def cov_twice(points, responsibilities, means):
    out = []
    for k in range(len(means)):
        d = responsibilities[:, k, None] * (points - means[k])
        out.append(d.T @ d / responsibilities[:, k].sum())
    return np.array(out)


@wrong(gmm.covariance, "zero|not subtracted")
def cov_no_mean(points, responsibilities, means):
    return np.einsum("nk,ni,nj->kij", responsibilities, points, points) / responsibilities.sum(0)[:, None, None]


@wrong(gmm.covariance, "mean of all points")
def cov_overall_mean(points, responsibilities, means):
    d = points - points.mean(0)
    return np.einsum("nk,ni,nj->kij", responsibilities, d, d) / responsibilities.sum(0)[:, None, None]


@wrong(gmm.covariance, "one and the same component|last|earlier loop")
def cov_stale_mean(points, responsibilities, means):
    for mu in means:
        d = points - mu
    return np.array([(g[:, None] * d).T @ d / g.sum() for g in responsibilities.T])


@wrong(gmm.covariance, "small number|floor|ridge")
def cov_ridge(points, responsibilities, means):
    out = []
    for k in range(len(means)):
        d = points - means[k]
        S = (responsibilities[:, k, None] * d).T @ d / responsibilities[:, k].sum()
        out.append(S + 1e-6 * np.eye(len(S)))
    return out


@wrong(gmm.covariance, "small number|floor|ridge|digits|beside|diagonal")
def cov_ridge_float32(points, responsibilities, means):
    S = gmm.covariance(points, responsibilities, means)
    return (S + 1e-3 * np.eye(points.shape[1])).astype(np.float32)


@wrong(gmm.covariance, "root|standard deviation")
def cov_std(points, responsibilities, means):
    out = []
    for k in range(len(means)):
        var = (responsibilities[:, [k]] * (points - means[k]) ** 2).sum(0) / responsibilities[:, k].sum()
        out.append(np.diag(np.sqrt(var)))
    return np.array(out)


@wrong(gmm.covariance, "inverse|precision")
def cov_precision(points, responsibilities, means):
    return np.linalg.inv(gmm.covariance(points, responsibilities, means))


@wrong(gmm.covariance, r"overwritten|last point|\+=")
def cov_equals(points, responsibilities, means):
    K, D = means.shape
    out = np.zeros((K, D, D))
    for k in range(K):
        for x, g in zip(points, responsibilities[:, k]):
            out[k] = g * np.outer(x - means[k], x - means[k])
        out[k] = out[k] / responsibilities[:, k].sum()
    return out


@wrong(gmm.covariance, "triangle|symmetric|diagonal")
def cov_upper(points, responsibilities, means):
    K, D = means.shape
    out = np.zeros((K, D, D))
    for k in range(K):
        for i in range(D):
            for j in range(i, D):
                d = (points[:, i] - means[k, i]) * (points[:, j] - means[k, j])
                out[k, i, j] = (responsibilities[:, k] * d).sum() / responsibilities[:, k].sum()
    return out


@wrong(gmm.covariance, "label|doubt")
def cov_hard(points, responsibilities, means):
    labels = responsibilities.argmax(1)
    out = []
    for k in range(len(means)):
        own = points[labels == k]
        d = own - means[k]
        out.append(d.T @ d / max(len(own), 1))
    return np.array(out)


@wrong(gmm.covariance, "not divided|sums|divide by Nₖ")
def cov_sum(points, responsibilities, means):
    return np.array(
        [sum(g * np.outer(x - m, x - m) for g, x in zip(r, points)) for r, m in zip(responsibilities.T, means)]
    )


@wrong(gmm.covariance, "share|average of theirs|one covariance")
def cov_tied(points, responsibilities, means):
    total = np.zeros((points.shape[1],) * 2)
    for k in range(len(means)):
        d = points - means[k]
        total += (responsibilities[:, k, None] * d).T @ d
    return np.array([total / len(points)] * len(means))


@wrong(gmm.covariance, "correlation")
def cov_corr(points, responsibilities, means):
    S = gmm.covariance(points, responsibilities, means)
    return np.array([s / np.sqrt(np.outer(np.diag(s), np.diag(s))) for s in S])


@wrong(gmm.covariance, "cancel|average the deviations|outer product of each|zero")
def cov_outer_of_mean(points, responsibilities, means):
    out = []
    for k in range(len(means)):
        d = (responsibilities[:, k, None] * (points - means[k])).sum(0) / responsibilities[:, k].sum()
        out.append(np.outer(d, d))
    return np.array(out)


@wrong(gmm.covariance, "shape|K, D")
def cov_variances(points, responsibilities, means):
    return np.array([(g[:, None] * (points - m) ** 2).sum(0) / g.sum() for g, m in zip(responsibilities.T, means)])


@wrong(gmm.m_step, "label|k-means|wholly")
def mstep_hard(points, responsibilities):
    K = responsibilities.shape[1]
    labels = responsibilities.argmax(axis=1)
    w, mu, S = [], [], []
    for k in range(K):
        own = points[labels == k]
        w.append(len(own) / len(points))
        mu.append(own.mean(axis=0))
        S.append((own - own.mean(0)).T @ (own - own.mean(0)) / len(own))
    return w, mu, S


@wrong(gmm.m_step, "Nₖ − 1")
def mstep_unbiased(points, responsibilities):
    Nk = responsibilities.sum(0)
    mu = responsibilities.T @ points / Nk[:, None]
    S = [(g[:, None] * (points - m)).T @ (points - m) / (n - 1) for g, m, n in zip(responsibilities.T, mu, Nk)]
    return Nk / len(points), mu, np.array(S)


@wrong(gmm.m_step, "zero|not subtracted")
def mstep_uncentered(points, responsibilities):
    Nk = responsibilities.sum(0)
    mu = responsibilities.T @ points / Nk[:, None]
    S = [(g[:, None] * points).T @ points / n for g, n in zip(responsibilities.T, Nk)]
    return Nk / len(points), mu, np.array(S)


@wrong(gmm.m_step, "divide by N")
def mstep_all_by_n(points, responsibilities):
    N = len(points)
    w = responsibilities.sum(0) / N
    mu = responsibilities.T @ points / N
    S = np.array([(g[:, None] * (points - m)).T @ (points - m) / N for g, m in zip(responsibilities.T, mu)])
    return w, mu, S


@wrong(gmm.m_step, "another order")
def mstep_order(points, responsibilities):
    w, mu, S = gmm.m_step(points, responsibilities)
    return mu, S, w


@wrong(gmm.m_step, "2 results|expected 3")
def mstep_two(points, responsibilities):
    return gmm.weight(responsibilities), gmm.mean(points, responsibilities)


@wrong(gmm.m_step, "order|sorted")
def mstep_sorted(points, responsibilities):
    w, mu, S = gmm.m_step(points, responsibilities)
    o = np.argsort(-w)
    return w[o], mu[o], S[o]


@wrong(gmm.em, "twice|two rounds")
def em_two(points, mixture):
    for _ in range(2):
        g, _ = gmm.e_step(points, mixture)
        mixture = gmm.m_step(points, g)
    return mixture


@wrong(gmm.em, "changes nothing|went in")
def em_nothing(points, mixture):
    g, _ = gmm.e_step(points, mixture)
    gmm.m_step(points, g)
    return mixture


@wrong(gmm.em, "weights stay|never stored")
def em_weights_kept(points, mixture):
    g, _ = gmm.e_step(points, mixture)
    new = gmm.m_step(points, g)
    return mixture.weights, new.means, new.covariances


@wrong(gmm.em, "arrays are used again|one and the same|copies")
def em_reused(points, mixture):
    w, mu, S = (a.copy() for a in mixture)
    while True:
        g, ell = gmm.e_step(points, gmm.Mixture(w, mu, S))
        yield (w, mu, S), ell
        new = gmm.m_step(points, g)
        w[:], mu[:], S[:] = new.weights, new.means, new.covariances


@wrong(gmm.em, "one step late|begins with the start|first entry")
def em_late(points, mixture):
    while True:
        mixture = gmm.m_step(points, gmm.responsibility(points, mixture))
        yield mixture, gmm.e_step(points, mixture)[1]


@wrong(gmm.em, "stale|before it|one step ahead|same parameters")
def em_stale(points, mixture):
    while True:
        g, ell = gmm.e_step(points, mixture)
        mixture = gmm.m_step(points, g)
        yield mixture, ell


@wrong(gmm.em, "hard|wholly|label")
def em_hard(points, mixture):
    g = gmm.responsibility(points, mixture)
    return gmm.m_step(points, (g == g.max(axis=1, keepdims=True)) * 1.0)


@wrong(gmm.em, "new responsibilities|in the middle|again before")
def em_middle(points, mixture):
    g = gmm.responsibility(points, mixture)
    mu = gmm.mean(points, g)
    g = gmm.responsibility(points, gmm.Mixture(mixture.weights, mu, mixture.covariances))
    return gmm.weight(g), mu, gmm.covariance(points, g, mu)


@wrong(gmm.em, "average|per point")
def em_average(points, mixture):
    while True:
        g, ell = gmm.e_step(points, mixture)
        yield mixture, ell / len(points)
        mixture = gmm.m_step(points, g)


@wrong(gmm.em, "ended after 1 step|goes? on")
def em_ends(points, mixture):
    g, ell = gmm.e_step(points, mixture)
    yield mixture, ell


@wrong(gmm.em, "share one covariance|average of theirs")
def em_tied(points, mixture):
    return gmm.tied(gmm.m_step(points, gmm.responsibility(points, mixture)))


@wrong(gmm.em, "small number|floor")
def em_floor(points, mixture):
    new = gmm.m_step(points, gmm.responsibility(points, mixture))
    return new.weights, new.means, new.covariances + 1e-3 * np.eye(points.shape[1])


@wrong(gmm.fit, "fixed number")
def fit_fixed(points, mixture):
    trace = []
    for mixture, ell in islice(gmm.em(points, mixture), 50):
        trace.append(ell)
    return mixture, trace


@wrong(gmm.fit, "fixed number")
def fit_fixed_thousand(points, mixture):
    trace = []
    for mixture, ell in islice(gmm.em(points, mixture), 1000):
        trace.append(ell)
    return mixture, trace


@wrong(gmm.fit, "still something to gain|plateau")
def fit_loose(points, mixture):
    trace = [-np.inf]
    while True:
        g, ell = gmm.e_step(points, mixture)
        trace.append(ell)
        if trace[-1] - trace[-2] < 0.05:
            return mixture, trace[1:]
        mixture = gmm.m_step(points, g)


@wrong(gmm.fit, "start")
def fit_without_start(points, mixture):
    trace = []
    while len(trace) < 3 or trace[-1] - trace[-2] > 1e-8:
        mixture = gmm.m_step(points, gmm.responsibility(points, mixture))
        trace.append(gmm.e_step(points, mixture)[1])
    return mixture, trace


@wrong(gmm.fit, "one before")
def fit_previous(points, mixture):
    trace = []
    for new, ell in gmm.em(points, mixture):
        trace.append(ell)
        if len(trace) > 1 and trace[-1] - trace[-2] < 1e-8:
            return mixture, trace
        mixture = new


@wrong(gmm.fit, "one after|does not belong")
def fit_next(points, mixture):
    trace = []
    while True:
        g, ell = gmm.e_step(points, mixture)
        trace.append(ell)
        mixture = gmm.m_step(points, g)
        if len(trace) > 1 and trace[-1] - trace[-2] < 1e-8:
            return mixture, trace


@wrong(gmm.fit, "at once")
def fit_once(points, mixture):
    old = new = gmm.e_step(points, mixture)[1]
    trace = [old]
    while abs(new - old) > 1e-8:
        old = new
        mixture = gmm.m_step(points, gmm.responsibility(points, mixture))
        new = gmm.e_step(points, mixture)[1]
        trace.append(new)
    return mixture, trace


@wrong(gmm.fit, "end")
def fit_endless(points, mixture):
    trace = []
    while True:
        g, ell = gmm.e_step(points, mixture)
        trace.append(ell)
        if len(trace) > 1 and trace[-1] - trace[-2] < 1e-8 * trace[-1]:
            return mixture, trace
        mixture = gmm.m_step(points, g)


@wrong(gmm.fit, "sign|negative")
def fit_loss(points, mixture):
    trace = []
    for mixture, ell in gmm.em(points, mixture):
        trace.append(-ell)
        if len(trace) > 1 and trace[-2] - trace[-1] < 1e-9:
            return mixture, np.array(trace)
