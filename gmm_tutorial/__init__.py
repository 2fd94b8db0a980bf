"""Gaussian mixture models, with each formula as a small function. The modules in reading order:

    gaussian         the density of one Gaussian
    mixture          a weighted sum of Gaussians: density and responsibilities
    steps            weight, mean and covariance; the E-step and the M-step
    em               the loop of EM
    fit              EM from several starts, of which the best result is returned

    starts           methods to choose the starts
    constraints      restrictions on the covariances, as functions Mixture → Mixture
    derived          labels, samples, moments, marginals, conditionals; renumbered components
    distribution     distribution function, quantiles, a threshold for outliers
    missing          points with missing values
    selection        criteria for the number of components
    spikes           components that shrink onto a few points
    background       points that belong to no component
    uncertainty      standard errors and intervals
    model_selection  the choice of K and the constraint
    acceleration     fewer steps to the same maximum
    storage          mixtures and fits saved to files
    datasets         the data of the course

    scale            the same for many points: in blocks, on all cores, compiled, from files, on Dask workers
    plots            pictures (gmm.plots; needs matplotlib)
    estimator        an estimator for scikit-learn (from gmm_tutorial.estimator import GaussianMixture)
    homework         check(my_mean, gmm.mean) names the mistake (from gmm_tutorial.homework import check)
    checks, errors   the checks of the arguments, and the errors

There are N points in D dimensions and K components. An array has a plural name, and the function that computes it has
the singular: `means = gmm.mean(points, responsibilities)`. The functions `gmm.name` check their arguments first; the
formulas themselves, in the modules, do not.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from gmm_tutorial.background import (
    BackgroundFit,
    BackgroundStep,
    background_responsibility,
    em_with_background,
    fit_with_background,
)
from gmm_tutorial.checks import checked
from gmm_tutorial.constraints import chain, diagonal, full, log_prior, prior, ridge, spherical, tied
from gmm_tutorial.convergence import gain_to_come
from gmm_tutorial.datasets import load_acidity, load_faithful, load_galaxies, load_islands, load_penguins
from gmm_tutorial.derived import (
    conditional,
    conditional_covariance,
    conditional_mean,
    label,
    marginal,
    matched,
    ordered,
    sample,
    total_covariance,
    total_mean,
)
from gmm_tutorial.distribution import cdf, density_threshold, quantile
from gmm_tutorial.em import Step
from gmm_tutorial.errors import ArgumentError, ArgumentTypeError, CollapseError, ConvergenceWarning, Interrupted
from gmm_tutorial.gaussian import log_gaussian, log_gaussian_by_factor, whiten
from gmm_tutorial.missing import (
    Expected,
    impute,
    observed_e_step,
    observed_log_density,
    observed_log_joint,
    observed_m_step,
    observed_responsibility,
)
from gmm_tutorial.mixture import (
    Mixture,
    bayes,
    log_density,
    log_joint,
    log_likelihood,
    responsibility,
)
from gmm_tutorial.model_selection import Candidate, Selection, select
from gmm_tutorial.results import Fit, Start
from gmm_tutorial.scale.calls import accelerated, em, fit
from gmm_tutorial.scale.summary import Summary, maximize, merge, summarize
from gmm_tutorial.selection import aic, bic, icl, n_parameters
from gmm_tutorial.starts import (
    hard_responsibility,
    kmeans,
    kmeans_plus_plus,
    mixture_around,
    random_points,
    squared_distance,
)
from gmm_tutorial.steps import count, covariance, e_step, m_step, mean, weight
from gmm_tutorial.storage import load, save
from gmm_tutorial.uncertainty import Bootstrap, bootstrap

__version__ = "0.1.0"

whiten = checked(whiten)
log_gaussian_by_factor = checked(log_gaussian_by_factor)
log_gaussian = checked(log_gaussian)

log_joint = checked(log_joint)
bayes = checked(bayes)
log_density = checked(log_density)
log_likelihood = checked(log_likelihood)
responsibility = checked(responsibility)
label = checked(label)
sample = checked(sample)

total_mean = checked(total_mean)
total_covariance = checked(total_covariance)
ordered = checked(ordered)
matched = checked(matched)
marginal = checked(marginal)
conditional = checked(conditional)
conditional_mean = checked(conditional_mean)
conditional_covariance = checked(conditional_covariance)

cdf = checked(cdf)
quantile = checked(quantile)
density_threshold = checked(density_threshold)

observed_log_joint = checked(observed_log_joint)
observed_log_density = checked(observed_log_density)
observed_responsibility = checked(observed_responsibility)
observed_e_step = checked(observed_e_step)
observed_m_step = checked(observed_m_step)
impute = checked(impute)

count = checked(count)
weight = checked(weight)
mean = checked(mean)
covariance = checked(covariance)
e_step = checked(e_step)
m_step = checked(m_step)

em = checked(em)
fit = checked(fit)
accelerated = checked(accelerated)
gain_to_come = checked(gain_to_come)

squared_distance = checked(squared_distance)
random_points = checked(random_points)
kmeans_plus_plus = checked(kmeans_plus_plus)
hard_responsibility = checked(hard_responsibility)
kmeans = checked(kmeans)
mixture_around = checked(mixture_around)

full = checked(full)
tied = checked(tied)
diagonal = checked(diagonal)
spherical = checked(spherical)
ridge = checked(ridge)
prior = checked(prior)
log_prior = checked(log_prior)
chain = checked(chain)

n_parameters = checked(n_parameters)
aic = checked(aic)
bic = checked(bic)
icl = checked(icl)
select = checked(select, guarded=False)

background_responsibility = checked(background_responsibility)
em_with_background = checked(em_with_background)
fit_with_background = checked(fit_with_background)
bootstrap = checked(bootstrap, guarded=False)

summarize = checked(summarize)
merge = checked(merge)
maximize = checked(maximize)

__all__ = [
    "ArgumentError",
    "ArgumentTypeError",
    "BackgroundFit",
    "BackgroundStep",
    "Bootstrap",
    "Candidate",
    "CollapseError",
    "ConvergenceWarning",
    "Expected",
    "Fit",
    "Interrupted",
    "Mixture",
    "Selection",
    "Start",
    "Step",
    "Summary",
    "accelerated",
    "aic",
    "background_responsibility",
    "bayes",
    "bic",
    "bootstrap",
    "cdf",
    "chain",
    "conditional",
    "conditional_covariance",
    "conditional_mean",
    "count",
    "covariance",
    "density_threshold",
    "diagonal",
    "e_step",
    "em",
    "em_with_background",
    "fit",
    "fit_with_background",
    "full",
    "gain_to_come",
    "hard_responsibility",
    "icl",
    "impute",
    "kmeans",
    "kmeans_plus_plus",
    "label",
    "load",
    "load_acidity",
    "load_faithful",
    "load_galaxies",
    "load_islands",
    "load_penguins",
    "log_density",
    "log_gaussian",
    "log_gaussian_by_factor",
    "log_joint",
    "log_likelihood",
    "log_prior",
    "m_step",
    "marginal",
    "matched",
    "maximize",
    "mean",
    "merge",
    "mixture_around",
    "n_parameters",
    "observed_e_step",
    "observed_log_density",
    "observed_log_joint",
    "observed_m_step",
    "observed_responsibility",
    "ordered",
    "prior",
    "quantile",
    "random_points",
    "responsibility",
    "ridge",
    "sample",
    "save",
    "select",
    "spherical",
    "squared_distance",
    "summarize",
    "tied",
    "total_covariance",
    "total_mean",
    "weight",
    "whiten",
]

if TYPE_CHECKING:
    from gmm_tutorial import live, plots
else:

    def __getattr__(name):
        """Imports `gmm.plots` (with matplotlib) and `gmm.live` when they are first used."""
        if name in ("plots", "live"):
            return import_module(f"gmm_tutorial.{name}")
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
