"""Gaussian mixture models, each formula a small function. In reading order:

    gaussian         how densely one Gaussian covers a point
    mixture          several Gaussians, weighted: density, responsibility, samples
    steps            weight, mean and covariance; the E-step and the M-step
    blocks           the same of many points, block by block; on all cores
    em               the endless climb
    initialization   where to start
    constraints      shapes of the covariances: functions Mixture → Mixture
    fitting          fit: starts, stopping, the best of several
    disk             points that do not fit in memory
    kernel           a block summarized by compiled loops (needs numba)
    acceleration     the same climb with leaps
    selection        how many components
    storage          a mixture or a fit in a file, and back
    datasets         the data of the course
    plots            pictures (gmm.plots; needs matplotlib)
    estimator        all of it as scikit-learn does it (from gmm_tutorial.estimator import GaussianMixture)
    homework         check(my_mean, gmm.mean) names the mistake (from gmm_tutorial.homework import check)

N points in D dimensions, K components. A plural is an array, the singular is the formula that computes it:
`means = gmm.mean(points, responsibilities)`. What you call as `gmm.name` checks its arguments first; the formulas
themselves, in the modules, do not.
"""

from gmm_tutorial.acceleration import accelerated
from gmm_tutorial.blocks import Summary, maximize, merge, summarize
from gmm_tutorial.constraints import chain, diagonal, full, log_prior, prior, ridge, spherical, tied
from gmm_tutorial.datasets import load_acidity, load_faithful, load_galaxies, load_islands, load_penguins
from gmm_tutorial.door import CollapseError, door
from gmm_tutorial.em import Step, em
from gmm_tutorial.fitting import ConvergenceWarning, Fit, Interrupted, fit, gain_to_come
from gmm_tutorial.gaussian import log_gaussian, log_gaussian_by_factor, whiten
from gmm_tutorial.initialization import (
    kmeans,
    kmeans_plus_plus,
    mixture_around,
    nearest_center,
    random_points,
    squared_distance,
)
from gmm_tutorial.mixture import (
    Mixture,
    bayes,
    conditional_mean,
    label,
    log_density,
    log_joint,
    marginal,
    matched,
    ordered,
    responsibility,
    sample,
    total_covariance,
    total_mean,
)
from gmm_tutorial.selection import aic, bic, icl, n_parameters
from gmm_tutorial.steps import count, covariance, e_step, m_step, mean, weight
from gmm_tutorial.storage import load, save

__version__ = "0.1.0"

__all__ = """
    whiten log_gaussian_by_factor log_gaussian
    log_joint bayes log_density responsibility label sample total_mean total_covariance ordered matched
    marginal conditional_mean
    count weight mean covariance e_step m_step summarize merge maximize em
    squared_distance random_points kmeans_plus_plus nearest_center kmeans mixture_around
    full tied diagonal spherical ridge prior log_prior chain
    gain_to_come fit accelerated
    n_parameters aic bic icl
""".split()

for name in __all__:
    globals()[name] = door(globals()[name])
    globals()[name].__module__ = __name__
del name

__all__ += """
    Mixture Step Summary Fit CollapseError ConvergenceWarning Interrupted
    save load
    load_faithful load_galaxies load_acidity load_penguins load_islands
""".split()


def __getattr__(name):
    """`gmm.plots` is imported when it is first asked for, and matplotlib with it."""
    if name == "plots":
        import gmm_tutorial.plots

        return gmm_tutorial.plots
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
