"""The formulas of the course as methods of one object, so that one can be replaced and the others follow it.

`Course(mean=wrong).m_step` is the M-step of somebody who made one mistake, in the mean. `@built_on` names the formulas
and the parts of formulas that a method calls on itself: their mistakes are known in it, too.
"""

import math
from itertools import islice

import numpy as np

from gmm_tutorial.homework.package import FORMULAS, Summary, trusted

STEPS, ROUNDS, LOG_2PI = 4, 30, math.log(2 * math.pi)


def built_on(*parts):
    def remember(method):
        method.parts = parts
        return method

    return remember


class Course:
    """Every formula; what is not written out here is the package's own function."""

    def __init__(self, **replaced):
        vars(self).update(replaced)

    def __getattr__(self, name):
        try:
            return FORMULAS[name]
        except KeyError:
            raise AttributeError(name) from None

    # ---- one Gaussian, in parts

    def log_constant(self, points, mean):
        return len(mean) * LOG_2PI

    def log_determinant(self, covariance):
        return np.linalg.slogdet(covariance)[1]

    def whiten(self, points, mean, factor):
        return np.linalg.solve(factor, (points - mean).T).T

    @built_on("whiten")
    def mahalanobis(self, points, mean, covariance):
        return np.square(self.whiten(points, mean, np.linalg.cholesky(covariance))).sum(axis=1)

    @built_on("mahalanobis", "log_determinant", "log_constant")
    def log_gaussian(self, points, mean, covariance):
        distances = self.mahalanobis(points, mean, covariance)
        constants = self.log_constant(points, mean) + self.log_determinant(covariance)
        return -0.5 * (constants + distances) + np.zeros(len(points))

    @built_on("log_gaussian")
    def log_gaussian_by_factor(self, points, mean, factor):
        return self.log_gaussian(points, mean, factor @ factor.T)

    # ---- several

    @built_on("log_gaussian")
    def log_joint(self, points, mixture):
        columns = [np.log(pi) + self.log_gaussian(points, mu, sigma) for pi, mu, sigma in zip(*mixture)]
        return np.stack(columns, axis=1)

    @built_on("bayes", "log_joint")
    def responsibility(self, points, mixture):
        return self.bayes(self.log_joint(points, mixture))[0]

    @built_on("bayes", "log_joint")
    def log_density(self, points, mixture):
        return self.bayes(self.log_joint(points, mixture))[1]

    @built_on("log_density")
    def log_likelihood(self, points, mixture):
        return self.log_density(points, mixture).sum()

    @built_on("log_joint")
    def label(self, points, mixture):
        return self.log_joint(points, mixture).argmax(axis=1)

    @built_on("responsibility", "log_likelihood")
    def e_step(self, points, mixture):
        return self.responsibility(points, mixture), self.log_likelihood(points, mixture)

    # ---- the M-step

    @built_on("count")
    def weight(self, responsibilities):
        return self.count(responsibilities) / len(responsibilities)

    def weighted_sum(self, points, responsibilities):
        return responsibilities.T @ points

    def divisor_of_the_mean(self, points, responsibilities):
        return responsibilities.sum(axis=0)

    @built_on("weighted_sum", "divisor_of_the_mean")
    def mean(self, points, responsibilities):
        divisors = self.divisor_of_the_mean(points, responsibilities)
        return self.weighted_sum(points, responsibilities) / np.reshape(divisors, (-1, 1))

    def scatter(self, points, responsibilities, means):
        deviations = points - np.asarray(means)[:, None]
        return np.einsum("nk,kni,knj->kij", responsibilities, deviations, deviations)

    def divisor_of_the_covariance(self, points, responsibilities):
        return responsibilities.sum(axis=0)

    @built_on("scatter", "divisor_of_the_covariance")
    def covariance(self, points, responsibilities, means):
        divisors = self.divisor_of_the_covariance(points, responsibilities)
        return self.scatter(points, responsibilities, means) / np.reshape(divisors, (-1, 1, 1))

    @built_on("weight", "mean", "covariance")
    def m_step(self, points, responsibilities):
        means = self.mean(points, responsibilities)
        return self.weight(responsibilities), means, self.covariance(points, responsibilities, means)

    @built_on("e_step", "m_step")
    def em(self, points, mixture):
        while True:
            responsibilities, log_likelihood = self.e_step(points, mixture)
            yield mixture, log_likelihood
            mixture = self.m_step(points, responsibilities)

    @built_on("em")
    def one_step(self, points, mixture):
        return next(islice(self.em(points, mixture), 1, None))[0]

    @built_on("em")
    def one_step_and_its_log_likelihood(self, points, mixture):
        (weights, means, covariances), log_likelihood = next(islice(self.em(points, mixture), 1, None))
        return weights, means, covariances, log_likelihood

    @built_on("em")
    def trace(self, points, mixture, steps=STEPS):
        """The first steps, one array for each kind of number: log-likelihoods, weights, means, covariances."""
        mixtures, log_likelihoods = zip(*islice(self.em(points, mixture), steps))
        return np.array(log_likelihoods), *(np.stack(arrays) for arrays in zip(*mixtures))

    # ---- blocks

    @built_on("e_step", "count", "mean", "covariance")
    def summarize(self, points, mixture):
        responsibilities, log_likelihood = self.e_step(points, mixture)
        means = self.mean(points, responsibilities)
        covariances = self.covariance(points, responsibilities, means)
        return Summary(log_likelihood, self.count(responsibilities), means, covariances)

    def share_of_the_other(self, one, other):
        counts = one.counts + other.counts
        return np.divide(other.counts, counts, out=np.zeros_like(counts), where=counts > 0)

    def between(self, t, one, other):
        step = other.means - one.means
        return (t * (1 - t))[:, None, None] * step[:, :, None] * step[:, None, :]

    @built_on("between", "share_of_the_other")
    def merge(self, one, other):
        t = np.broadcast_to(self.share_of_the_other(one, other), one.counts.shape)
        within = (1 - t)[:, None, None] * one.covariances + t[:, None, None] * other.covariances
        sums = one.log_likelihood + other.log_likelihood, one.counts + other.counts
        means = one.means + t[:, None] * (other.means - one.means)
        return Summary(*sums, means, within + self.between(t, one, other))

    # ---- centers

    @built_on("squared_distance")
    def hard_responsibility(self, points, centers):
        return np.eye(len(centers))[self.squared_distance(points, centers).argmin(axis=1)]

    @built_on("hard_responsibility", "mean")
    def kmeans(self, points, centers):
        for _ in range(ROUNDS):  # a wrong distance may go round in circles
            sides = self.hard_responsibility(points, centers)
            busy = sides.sum(axis=0) > 0
            before, centers = centers, np.where(busy[:, None], self.mean(points, sides), centers)
            if np.array_equal(before, centers):
                break
        return centers

    @built_on("hard_responsibility", "m_step", "tied")
    def mixture_around(self, points, centers):
        return self.tied(trusted(*self.m_step(points, self.hard_responsibility(points, centers))))

    # ---- a whole mixture

    def slope(self, covariance, C):
        return np.linalg.solve(covariance[:C, :C], covariance[:C, C:])

    @built_on("responsibility", "slope")
    def conditional_mean(self, known, mixture):
        C = known.shape[1]
        gammas = self.responsibility(known, self.marginal(mixture, range(C)))
        lines = [mu[C:] + (known - mu[:C]) @ self.slope(sigma, C) for _, mu, sigma in zip(*mixture)]
        return np.einsum("nk,knd->nd", gammas, lines)

    def within(self, mixture):
        return np.einsum("k,kij->ij", mixture.weights, mixture.covariances)

    @built_on("total_mean")
    def spread_of_means(self, mixture):
        deviations = mixture.means - self.total_mean(mixture)
        return np.einsum("k,ki,kj->ij", mixture.weights, deviations, deviations)

    @built_on("within", "spread_of_means")
    def total_covariance(self, mixture):
        return self.within(mixture) + self.spread_of_means(mixture)

    # ---- how many components

    def free_weights(self, K, D):
        return K - 1

    def free_means(self, K, D):
        return K * D

    def free_covariances(self, K, D):
        return K * D * (D + 1) / 2

    @built_on("free_covariances", "free_weights", "free_means")
    def n_parameters(self, mixture):
        K, D = mixture.means.shape
        return self.free_weights(K, D) + self.free_means(K, D) + self.free_covariances(K, D)

    def price(self, points, mixture):
        return math.log(len(points))

    def gain(self, log_likelihood):
        return 2 * log_likelihood

    @built_on("gain", "n_parameters", "log_likelihood")
    def aic(self, points, mixture):
        return 2 * self.n_parameters(mixture) - self.gain(self.log_likelihood(points, mixture))

    @built_on("price", "gain", "n_parameters", "log_likelihood")
    def bic(self, points, mixture):
        price = self.price(points, mixture) * self.n_parameters(mixture)
        return price - self.gain(self.log_likelihood(points, mixture))

    @built_on("log_joint", "log_density")
    def doubt(self, points, mixture):
        return -2 * (self.log_joint(points, mixture).max(axis=1) - self.log_density(points, mixture)).sum()

    @built_on("doubt", "bic")
    def icl(self, points, mixture):
        return self.bic(points, mixture) + self.doubt(points, mixture)


def reached_from(place):
    """The formulas and parts that a formula is built on, itself first, the nearest before those further down."""
    found, rest = [], [place]
    while rest:
        rest = [name for name in dict.fromkeys(rest) if name not in found]
        found += rest
        rest = [part for name in rest for part in getattr(getattr(Course, name, None), "parts", ())]
    return found


RIGHT = Course()


log_likelihood = FORMULAS["log_likelihood"]
