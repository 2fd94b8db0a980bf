"""The criteria, against their formulas and the figures of the mclust vignette."""

from functools import partial

import numpy as np
import pytest
from examples import CONSTRAINTS, named, problem, scipy_log_joint, scipy_log_likelihood
from scipy import special

import gmm_tutorial as gmm

FREE = (18, 6, 9, 3, 1)  # free parameters of the covariances under each constraint, for K = D = 3


@pytest.mark.parametrize(("constraint", "free"), zip(CONSTRAINTS, FREE), ids=map(named, CONSTRAINTS))
def test_the_criteria_agree_with_their_formulas(constraint, free):
    points, mixture, _ = problem(1, N=70, K=3, D=3)
    p, log_likelihood = 2 + 9 + free, scipy_log_likelihood(points, mixture)
    log_joints = scipy_log_joint(points, mixture)
    certainties = special.softmax(log_joints, axis=1).max(axis=1)
    bic = p * np.log(70) - 2 * log_likelihood
    assert gmm.n_parameters(mixture, constraint) == p
    assert gmm.aic(points, mixture, constraint) == pytest.approx(2 * p - 2 * log_likelihood, rel=1e-12)
    assert gmm.bic(points, mixture, constraint) == pytest.approx(bic, rel=1e-12)
    assert gmm.icl(points, mixture, constraint) == pytest.approx(bic - 2 * np.log(certainties).sum(), rel=1e-12)


def test_without_a_constraint_every_covariance_is_free():
    points, mixture, _ = problem(2)
    for criterion in (gmm.aic, gmm.bic, gmm.icl):
        assert criterion(points, mixture) == criterion(points, mixture, gmm.full)
    assert gmm.n_parameters(mixture) == gmm.n_parameters(mixture, gmm.full)


def test_certain_labels_cost_nothing_and_far_points_are_certain():
    points, mixture, _ = problem(3)
    far = 1e4 * (points - 5)
    assert gmm.icl(far, mixture) == gmm.bic(far, mixture)
    assert gmm.icl(points, mixture) > gmm.bic(points, mixture)


@pytest.mark.parametrize(
    ("points", "K", "constraint", "log_likelihood", "p", "bic"),
    [
        (gmm.load_faithful(), 2, gmm.full, -1130.264, 11, 2322.192),
        (gmm.load_faithful(), 3, gmm.tied, -1126.326, 11, 2314.316),
        (gmm.load_galaxies() / 1000, 3, gmm.full, -203.1792, 8, 441.6122),
        (gmm.load_acidity(), 2, gmm.tied, -185.9493, 4, 392.0723),
        (gmm.load_penguins()[0][:, :2], 3, gmm.full, -1634.18707529, 17, 3367.566),
    ],
    ids=["faithful 2", "faithful 3 tied", "galaxies", "acidity", "penguins"],
)
def test_published_numbers_of_parameters_and_bic(points, K, constraint, log_likelihood, p, bic):
    mixture = gmm.mixture_around(points, gmm.kmeans_plus_plus(points, K, 0))
    assert gmm.n_parameters(mixture, constraint) == p
    price = gmm.bic(points, mixture, constraint) + 2 * scipy_log_likelihood(points, mixture)
    assert price - 2 * log_likelihood == pytest.approx(bic, abs=1.1e-3)


def test_the_mixture_that_the_mclust_vignette_prints_has_its_bic_and_icl():
    means = [[3.793066, 77.521051], [2.037596, 54.491158], [4.463245, 80.833439]]
    shared = [[0.07825448, 0.4801979], [0.4801979, 33.7671464]]
    printed = gmm.Mixture([0.1656784, 0.3563696, 0.4779520], means, [shared] * 3)
    points = gmm.load_faithful()  # mclust prints the criteria of the step before
    assert gmm.bic(points, printed, gmm.tied) == pytest.approx(2314.316, abs=0.01)
    assert gmm.icl(points, printed, gmm.tied) == pytest.approx(2357.824, abs=0.1)


def test_old_faithful_has_the_tight_bic():
    fit = gmm.fit(gmm.load_faithful(), 2, rng=0)
    assert gmm.bic(gmm.load_faithful(), fit.mixture) == pytest.approx(2322.191743, abs=2e-6)


def test_a_ridge_counts_nothing_however_it_is_written():
    _, mixture, _ = problem(4)
    for ridge in (gmm.ridge, partial(gmm.ridge, fraction=0.1), partial(partial(gmm.ridge), fraction=0.1)):
        assert gmm.n_parameters(mixture, ridge) == gmm.n_parameters(mixture, gmm.full)
        assert gmm.n_parameters(mixture, gmm.chain(gmm.tied, ridge)) == gmm.n_parameters(mixture, gmm.tied)


@pytest.mark.parametrize("wrap", [lambda own: own, lambda own: gmm.chain(gmm.tied, own), partial])
def test_a_constraint_of_your_own_that_tells_no_count_is_asked_for_it(wrap):
    def own(mixture):
        return mixture

    _, mixture, _ = problem(5)
    with pytest.raises(
        ValueError, match=r"constraint is .*own.* whose number of free parameters is unknown: set its attribute "
    ):
        gmm.n_parameters(mixture, wrap(own))
