"""The formulas of the course as methods of one object, so that one can be replaced and the others follow it."""

import math
from itertools import islice

import numpy as np

from gmm_tutorial import constraints, derived, mixture, selection, starts
from gmm_tutorial.steps import count, covariance, mean

STEPS, ROUNDS, LOG_2PI = 4, 30, math.log(2 * math.pi)


class Course:
    """`Course(mean=wrong).m_step` is the M-step of somebody who made one mistake, in the mean."""

    def __init__(self, **replaced):
        vars(self).update(replaced)

    bayes = staticmethod(mixture.bayes)
    count = staticmethod(count)
    mean = staticmethod(mean)
    covariance = staticmethod(covariance)
    label = staticmethod(mixture.label)
    total_mean = staticmethod(derived.total_mean)
    total_covariance = staticmethod(derived.total_covariance)
    ordered = staticmethod(derived.ordered)
    matched = staticmethod(derived.matched)
    marginal = staticmethod(derived.marginal)
    squared_distance = staticmethod(starts.squared_distance)
    mixture_around = staticmethod(starts.mixture_around)
    tied = staticmethod(constraints.tied)
    diagonal = staticmethod(constraints.diagonal)
    spherical = staticmethod(constraints.spherical)
    ridge = staticmethod(constraints.ridge)
    n_parameters = staticmethod(selection.n_parameters)

    icl = staticmethod(selection.icl)

    @staticmethod
    def whiten(points, mean, factor):
        return np.linalg.solve(factor, (points - mean).T).T

    @staticmethod
    def log_gaussian(points, mean, covariance):
        factor = np.linalg.cholesky(covariance)
        distances = np.square(np.linalg.solve(factor, (points - mean).T)).sum(axis=0)
        return -0.5 * (len(mean) * LOG_2PI + distances) - np.log(np.diag(factor)).sum()

    def log_gaussian_by_factor(self, points, mean, factor):
        return self.log_gaussian(points, mean, factor @ factor.T)

    def log_joint(self, points, mixture):
        columns = [np.log(pi) + self.log_gaussian(points, mu, sigma) for pi, mu, sigma in zip(*mixture)]
        return np.stack(columns, axis=1)

    def responsibility(self, points, mixture):
        return self.bayes(self.log_joint(points, mixture))[0]

    def log_density(self, points, mixture):
        return self.bayes(self.log_joint(points, mixture))[1]

    def log_likelihood(self, points, mixture):
        return self.log_density(points, mixture).sum()

    def e_step(self, points, mixture):
        return self.responsibility(points, mixture), self.log_likelihood(points, mixture)

    def weight(self, responsibilities):
        return self.count(responsibilities) / len(responsibilities)

    def m_step(self, points, responsibilities):
        means = self.mean(points, responsibilities)
        return self.weight(responsibilities), means, self.covariance(points, responsibilities, means)

    def summarize(self, points, mixture):
        responsibilities, log_likelihood = self.e_step(points, mixture)
        means = self.mean(points, responsibilities)
        return log_likelihood, self.count(responsibilities), means, self.covariance(points, responsibilities, means)

    def conditional_mean(self, known, mixture):
        C = known.shape[1]
        gammas = self.responsibility(known, first_coordinates(mixture, C))
        slopes = [np.linalg.solve(sigma[:C, :C], sigma[:C, C:]) for sigma in mixture.covariances]
        lines = [mu[C:] + (known - mu[:C]) @ slope for mu, slope in zip(mixture.means, slopes)]
        return np.einsum("nk,knd->nd", gammas, lines)

    def em(self, points, mixture):
        while True:
            responsibilities, log_likelihood = self.e_step(points, mixture)
            yield mixture, log_likelihood
            mixture = self.m_step(points, responsibilities)

    def one_step(self, points, mixture):
        return next(islice(self.em(points, mixture), 1, None))[0]

    def one_step_and_its_log_likelihood(self, points, mixture):
        (weights, means, covariances), log_likelihood = next(islice(self.em(points, mixture), 1, None))
        return weights, means, covariances, log_likelihood

    def trace(self, points, mixture, steps=STEPS):
        """The first steps, one array for each kind of number: log-likelihoods, weights, means, covariances."""
        mixtures, log_likelihoods = zip(*islice(self.em(points, mixture), steps))
        return np.array(log_likelihoods), *(np.stack(arrays) for arrays in zip(*mixtures))

    def hard_responsibility(self, points, centers):
        return np.eye(len(centers))[self.squared_distance(points, centers).argmin(axis=1)]

    def kmeans(self, points, centers):
        for _ in range(ROUNDS):  # a wrong distance may go round in circles
            centers = self.mean(points, self.hard_responsibility(points, centers))
        return centers

    def aic(self, points, mixture):
        return 2 * self.n_parameters(mixture) - 2 * self.log_likelihood(points, mixture)

    def bic(self, points, mixture):
        return self.n_parameters(mixture) * math.log(len(points)) - 2 * self.log_likelihood(points, mixture)


def first_coordinates(whole, C):
    return derived.marginal(whole, range(C))


RIGHT = Course()


def log_likelihood(points, mixture):
    """How probable all the points are together, as a logarithm.

        ℓ = Σₙ log p(xₙ) = Σₙ log Σₖ πₖ N(xₙ | μₖ, Σₖ)                  Bishop (2006), eq. 9.14

    points (N, D), mixture of K  →  log-likelihood ℓ, a number in nats
    """
    return RIGHT.log_likelihood(points, mixture)
