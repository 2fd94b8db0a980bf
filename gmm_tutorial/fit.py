"""Chapters 05 and 06: a fit. Several starts compete, the best run converges, and single components are then moved."""

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
    """The fit with the highest likelihood that is found by EM from several starts.

        θ = argmax Σₙ log p(xₙ | θ)

    points (N, D)  →  Fit

    components   K, the number of components; or a Mixture to start from
    constraint   Mixture → Mixture, applied after each M-step: full, tied, diagonal, spherical, ridge, or a chain
    initialize   (points, K, rng) → centers (K, D), around which a start is built
    starts       how many starts to draw if components is K (with k-means++, half as many more are refined by k-means),
                 and how many attempts to move a component may follow
    tolerance    stop when the gain of the last eight steps together, and the estimated further gain, are below this
                 many nats (times the average of min(sample weight, 1)); with 0, take exactly max_steps steps
    max_steps    stop a run after this many steps even if it has not converged, with a ConvergenceWarning
    sample_weights  (N,), how many times each point counts; scale relative weights so that they sum to N
    rng          a seed or a Generator; one seed gives one result
    steps        the algorithm: accelerated, or em, or another generator with the same arguments

    The starts compete by successive halving: all take a few steps, the better half continues, and so on, until two are
    left, which run until they converge. Attempts to find a higher maximum follow, unless three starts (or all) have
    approached the best one: a random component moves to a random point, and if the log-likelihood is higher after a few
    EM steps, the fit continues from there. If K is given, components are numbered by the first coordinate of their
    means. A fit that ends at a saddle point with identical components continues after these are moved apart.

    A start that collapses is given up, and so is one with a spike: a component with fewer than 10 D points and, in some
    direction, a variance less than a thousandth of the average component's. If all starts collapse, the CollapseError
    (a ValueError) of the last one is raised; if all that did not collapse have a spike, and no attempt removes it, the
    best of them is returned with a ConvergenceWarning. Raises ValueError or TypeError for an argument that cannot be
    used. Ctrl-C raises Interrupted, which contains the best fit so far.

    Points may also come in pieces: .npy files, memory-mapped arrays, an iterable of arrays, a Dask array. If there are
    many points, the starts compete, and components are moved, on a random sample, to a tolerance of at least 0.01 nats;
    the best result continues on all points. With missing="model", coordinates may
    be NaN, and only the observed ones are used. Further arguments of gmm.fit are progress (True shows a bar, if tqdm is
    installed), and map and summarize, as for gmm.em.

    >>> import gmm_tutorial as gmm
    >>> fit = gmm.fit(gmm.load_faithful(), 2, rng=0)
    >>> round(fit.log_likelihood, 5), fit.mixture.weights.round(3)
    (-1130.26396, array([0.356, 0.644]))
    """

    def run(its_steps):
        return Run(its_steps, unit * tolerance, max_steps)

    def run_around(centers):
        return run(steps_from(lambda: start_around(points, centers, constraint)))

    def run_from(step):
        return run(steps_from(lambda: step.mixture))

    def steps_from(start):
        yield from steps(points, constraint(start()), constraint, sample_weights)

    unit = average_below_one(sample_weights)
    if isinstance(components, Mixture):
        runs = [run(steps(points, components, constraint, sample_weights))]
        best = past_saddle_point(race(runs, unit), runs, run_from, unit)
        return fit_of(best, runs)
    N = len(points) if sample_weights is None else sample_weights.sum()
    rules = {"unit": unit, "N": N, "constraint": constraint}
    runs = [run_around(centers) for centers in centers_to_try(points, components, rng, initialize, starts)]
    best = race(runs, **rules)
    best = components_moved(best, runs, points, rng, starts, run_from, **rules)
    best = past_saddle_point(best, runs, run_from, **rules)
    return fit_of(best, runs, ordered)


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
