"""Chapters 05 and 06: a fit. Several starts compete, and the best one runs until it converges."""

from __future__ import annotations

import numpy as np

from gmm_tutorial.acceleration import accelerated
from gmm_tutorial.checks import (
    Components,
    Constraint,
    Initialize,
    Points,
    Rng,
    SampleWeights,
    Steps,
    WholeNumber,
    ZeroOrMore,
)
from gmm_tutorial.constraints import full
from gmm_tutorial.convergence import average_below_one
from gmm_tutorial.derived import ordered
from gmm_tutorial.mixture import Mixture
from gmm_tutorial.race import Run, components_moved, past_saddle_point, race
from gmm_tutorial.results import Fit, Start
from gmm_tutorial.starts import centers_to_try, kmeans_plus_plus, start_around


def fit(
    points: Points,
    components: Components,
    *,
    constraint: Constraint = full,
    initialize: Initialize = kmeans_plus_plus,
    starts: WholeNumber = 10,
    tolerance: ZeroOrMore = 1e-6,
    max_steps: WholeNumber = 10_000,
    sample_weights: SampleWeights | None = None,
    rng: Rng = None,
    steps: Steps = accelerated,
) -> Fit:
    """The fit with the highest likelihood that several starts of EM have found.

        θ = argmax Σₙ log p(xₙ | θ)

    points (N, D)  →  Fit

    components   K, the number of components; or a Mixture to start from
    constraint   Mixture → Mixture, applied after each M-step: full, tied, diagonal, spherical, ridge, or a chain
    initialize   (points, K, rng) → centers (K, D), where each start begins
    starts       how many starts to draw if components is K; with k-means++, half as many again, refined by k-means
    tolerance    stop when the last eight steps together, and the estimated further gain, are below this many nats
                 (times the average of min(sample weight, 1)); with 0, take exactly max_steps steps
    max_steps    stop after this many steps in any case, with a ConvergenceWarning
    sample_weights  (N,), how many times each point counts; scale relative weights so that they sum to N
    rng          a seed or a Generator; one seed gives one result
    steps        the algorithm: accelerated, or em, or another generator with the same arguments

    The starts compete by successive halving: all take a few steps, the better half continues, and so on until one is
    left. Unless three of them approached its maximum, the fit then tries, once for each start drawn, to move one
    component of the best mixture to another point, and keeps what raises the log-likelihood. If K is given, components
    are numbered by the first coordinate of their means. A fit that ends at a saddle point with identical components
    continues with these moved apart. A start that collapses is given up, and so is one
    with a spike: a component with fewer than 10 D points whose variance, in some direction, is less than a thousandth
    of the average component's. If all starts collapse, the CollapseError (a ValueError) of the last one is raised; if
    all that did not collapse have a spike, the best of them is returned with a ConvergenceWarning. Raises ValueError or
    TypeError for an argument that cannot be used. Ctrl-C raises Interrupted, which contains the best fit so far.

    gmm.fit also reads points in pieces: .npy files, memory-mapped arrays, an iterable of arrays, a Dask array. If there
    are many points, the starts compete on a random sample. With missing="model", coordinates may be NaN, and only the
    observed ones are used. Its further arguments are progress (True shows a bar, if tqdm is installed), and map and
    summarize, as for gmm.em.

    >>> import gmm_tutorial as gmm
    >>> fit = gmm.fit(gmm.load_faithful(), 2, rng=0)
    >>> round(fit.log_likelihood, 5), fit.mixture.weights.round(3)
    (-1130.26396, array([0.356, 0.644]))
    """

    def steps_from(start):
        return steps(points, start, constraint, sample_weights)

    def steps_around(centers):
        yield from steps_from(constraint(start_around(points, centers, constraint)))

    def run(its_steps):
        return Run(its_steps, unit * tolerance, max_steps)

    def run_from(start):
        return run(steps_from(constraint(start)))

    unit = average_below_one(sample_weights)
    if isinstance(components, Mixture):
        runs = [run(steps_from(components))]
        return fit_of(past_saddle_point(race(runs, unit), runs, run_from, unit), runs)
    N = len(points) if sample_weights is None else sample_weights.sum()
    runs = [run(steps_around(centers)) for centers in centers_to_try(points, components, rng, initialize, starts)]
    best = race(runs, unit, N=N, constraint=constraint)
    if starts > 1:
        best = components_moved(best, runs, points, rng, starts, run_from, unit, N, constraint)
    return fit_of(past_saddle_point(best, runs, run_from, unit), runs, ordered)


def fit_of(best, runs, renumber=lambda mixture: mixture):
    """The fit at the end of the best run, with a record of all runs."""
    ends = tuple(Start(run.log_likelihood, len(run.log_likelihoods), run.end) for run in runs)
    return Fit(
        renumber(best.mixture),
        best.log_likelihood,
        np.array(best.log_likelihoods),
        best.end == "converged",
        starts=ends,
        e_steps=sum(start.e_steps for start in ends),
    )
