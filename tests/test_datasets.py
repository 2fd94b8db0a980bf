"""The data of the course are those that were published."""

import numpy as np
import pytest
from scipy import stats

import gmm_tutorial as gmm

LOADERS = (gmm.load_faithful, gmm.load_galaxies, gmm.load_acidity, gmm.load_penguins, gmm.load_islands)


@pytest.mark.parametrize(
    ("points", "size", "quartiles", "mean"),
    [
        (gmm.load_faithful()[:, 0], 272, [1.600, 2.163, 4.000, 4.454, 5.100], 3.488),
        (gmm.load_faithful()[:, 1], 272, [43, 58, 76, 82, 96], 70.897),
        (gmm.load_galaxies()[:, 0], 82, [9172, 19532, 20833.5, 23133, 34279], 20828.171),
        (gmm.load_acidity()[:, 0], 155, [2.929, 4.219, 4.727, 6.075, 7.105], 5.105),
        (gmm.load_penguins()[0][:, 0], 342, [32.1, 39.225, 44.45, 48.5, 59.6], 43.922),
        (gmm.load_penguins()[0][:, 1], 342, [13.1, 15.6, 17.3, 18.7, 21.5], 17.151),
        (gmm.load_penguins()[0][:, 2], 342, [172, 190, 197, 213, 231], 200.915),
        (gmm.load_penguins()[0][:, 3], 342, [2700, 3550, 4050, 4750, 6300], 4201.754),
    ],
    ids=["eruption", "waiting", "galaxies", "acidity", "bill length", "bill depth", "flipper", "mass"],
)
def test_each_column_has_the_quartiles_and_the_mean_that_r_prints(points, size, quartiles, mean):
    assert len(points) == size
    np.testing.assert_allclose(np.quantile(points, [0, 0.25, 0.5, 0.75, 1]), quartiles, atol=5.1e-4)
    assert points.mean() == pytest.approx(mean, abs=5.1e-4)


def test_the_columns_of_old_faithful_belong_together():
    assert np.corrcoef(gmm.load_faithful().T)[0, 1] == pytest.approx(0.9008112, abs=5e-7)


def test_the_galaxies_are_sorted_and_have_the_widely_copied_value():
    velocities = gmm.load_galaxies()[:, 0]
    assert (np.diff(velocities) >= 0).all()
    assert velocities[77] == 26690


def test_the_penguins_are_counted_by_species_and_the_gentoos_are_the_heaviest():
    points, species = gmm.load_penguins()
    assert dict(zip(*np.unique(species, return_counts=True))) == {"Adelie": 151, "Chinstrap": 68, "Gentoo": 123}
    masses = [points[species == name, 3].mean() for name in ("Adelie", "Chinstrap", "Gentoo")]
    np.testing.assert_allclose(masses, [3700.662, 3733.088, 5076.016], atol=5.1e-4)


def test_the_islands_follow_their_truth():
    points, labels, truth = gmm.load_islands()
    assert stats.chisquare(np.bincount(labels, minlength=3), 300 * truth.weights).pvalue > 0.01
    for k, (mean, covariance) in enumerate(zip(truth.means, truth.covariances)):
        deviations = points[labels == k] - mean
        distances = np.einsum("ni,ij,nj->n", deviations, np.linalg.inv(covariance), deviations)
        assert stats.kstest(distances, stats.chi2(2).cdf).pvalue > 0.01
        errors = np.sqrt(np.diag(covariance) / len(deviations))
        assert (abs(deviations.mean(axis=0)) < 3 * errors).all()


def test_the_islands_overlap():
    points, labels, truth = gmm.load_islands()
    agree = (gmm.label(points, truth) == labels).mean()
    assert 0.85 < agree < 0.99


@pytest.mark.parametrize("load", LOADERS)
def test_every_call_gives_fresh_arrays_of_float64(load):
    first, second = (result if isinstance(result, tuple) else (result,) for result in (load(), load()))
    assert first[0].dtype == np.float64
    assert first[0].ndim == 2
    first[0][:] = 0
    assert second[0].any()
    assert load() is not load()
