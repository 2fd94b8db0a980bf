"""Chapter 10: mixtures with a uniform background, for points that belong to no component."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from gmm_tutorial.checks import (
    ABackground,
    AboveZero,
    AnyMixture,
    Components,
    Constraint,
    Points,
    Rate,
    Rng,
    SampleWeights,
    WholeNumber,
    ZeroOrMore,
    checked_constraint,
)
from gmm_tutorial.constraints import full
from gmm_tutorial.convergence import average_below_one
from gmm_tutorial.derived import ordered
from gmm_tutorial.errors import ArgumentError
from gmm_tutorial.mixture import Mixture, bayes, log_joint
from gmm_tutorial.race import Run, components_moved, race
from gmm_tutorial.selection import n_parameters
from gmm_tutorial.starts import centers_to_try, mixture_around
from gmm_tutorial.steps import m_step


class BackgroundStep(NamedTuple):
    """A mixture, the fraction (share) of the points that belong to the background, and the log-likelihood, in nats."""

    mixture: Mixture
    share: float
    log_likelihood: float


@dataclass(frozen=True, eq=False)
class BackgroundFit:
    """A mixture with a uniform background: p(x) = (1 − b) Σₖ πₖ N(x | μₖ, Σₖ) + b / V.

    mixture; share b, the weight of the background; volume V of the background; log_likelihood, in nats; converged,
    whether the fit stopped because little was left to gain; bic, in which share and volume count as parameters; for it,
    N, the number of points, or the sum of their weights, and the constraint
    """

    mixture: Mixture
    share: float
    volume: float
    log_likelihood: float
    converged: bool
    N: float | None = None
    constraint: object = full

    @property
    def bic(self):
        parameters = n_parameters(self.mixture, self.constraint) + 2
        return parameters * float(np.log(self.N)) - 2 * self.log_likelihood


def background_responsibility(points: Points, found: ABackground) -> np.ndarray:
    """The probability of each component, and in the last column of the background, for each point.

        γₙₖ ∝ (1 − b) πₖ N(xₙ | μₖ, Σₖ)          γₙ,background ∝ b / V        Banfield & Raftery (1993)

    points (N, D), a BackgroundFit of K  →  responsibilities (N, K + 1), rows sum to one; the background is last

    Raises ValueError if points and mixture have different dimensions, or a number is missing or infinite.

    >>> import gmm_tutorial as gmm
    >>> one = gmm.Mixture([1], means=[[0]], covariances=[[[1]]])
    >>> found = gmm.BackgroundFit(one, share=0.1, volume=20, log_likelihood=0, converged=True)
    >>> gmm.background_responsibility([[0], [9]], found).round(4)
    array([[0.9863, 0.0137],
           [0.    , 1.    ]])
    """
    return bayes(joined(points, found.mixture, found.share, found.volume))[0]


def joined(points, mixture, share, volume):
    """The log joints (N, K + 1) of the components and the background."""
    uniform = np.full((len(points), 1), np.log(share) - np.log(volume))
    return np.concatenate([np.log1p(-share) + log_joint(points, mixture), uniform], axis=1)


def em_with_background(
    points: Points,
    mixture: AnyMixture,
    share: Rate,
    volume: AboveZero,
    constraint: Constraint = full,
    sample_weights: SampleWeights | None = None,
) -> Iterator[BackgroundStep]:
    """The steps of EM for a mixture with a uniform background, which has one more column in the E-step.

        θ = constraint(m_step(x, γ without its last column))          b = Σₙ γₙ,background / N

    points (N, D), mixture of K, share b, volume V, constraint, sample weights (N,)  →  generator of BackgroundStep

    Raises ValueError when a component collapses.

    >>> import gmm_tutorial as gmm
    >>> start = gmm.Mixture([1], means=[[1]], covariances=[[[1]]])
    >>> steps = gmm.em_with_background([[0], [1], [2], [9]], start, share=0.2, volume=10)
    >>> [round(next(steps).share, 3) for _ in range(3)]
    [0.2, 0.312, 0.353]
    """
    weights = np.ones(len(points)) if sample_weights is None else sample_weights
    constraint = checked_constraint(constraint)
    while True:
        responsibilities, log_densities = bayes(joined(points, mixture, share, volume))
        responsibilities = responsibilities * weights[:, None]
        yield BackgroundStep(mixture, float(share), float(weights @ log_densities))
        mixture = constraint(m_step(points, responsibilities[:, :-1]))
        share = responsibilities[:, -1].sum() / weights.sum()


def fit_with_background(
    points: Points,
    components: Components,
    *,
    share: Rate = 0.1,
    constraint: Constraint = full,
    starts: WholeNumber = 10,
    tolerance: ZeroOrMore = 1e-6,
    max_steps: WholeNumber = 10_000,
    sample_weights: SampleWeights | None = None,
    rng: Rng = None,
) -> BackgroundFit:
    """The mixture and the uniform background that make the points most probable, for clusters in scattered noise.

        p(x) = (1 − b) Σₖ πₖ N(x | μₖ, Σₖ) + b / V                      Banfield & Raftery (1993)

    points (N, D); K, the number of components, or a Mixture to start from  →  BackgroundFit

    share        the value of b at the start, which the fit changes
    The other arguments are those of `fit`.

    V is the volume of the smallest box around the points, parallel to the axes, and is not changed. The starts compete,
    and components are moved, as in `fit`.
    Raises ValueError or TypeError for an argument that cannot be used, and CollapseError if every start collapses.

    >>> import gmm_tutorial as gmm
    >>> import numpy as np
    >>> points, labels, truth = gmm.load_islands()
    >>> noise = np.random.default_rng(0).uniform([-2, -4], [10, 10], size=(60, 2))
    >>> found = gmm.fit_with_background(np.concatenate([points, noise]), 3, rng=0)
    >>> round(found.share, 2), found.mixture.means.round(1).tolist()    # 60 of 360 points are noise
    (0.17, [[2.3, 3.1], [5.4, 4.7], [5.9, 1.4]])
    """
    sides = np.ptp(points, axis=0)
    if not sides.all():
        raise ArgumentError(
            "points", "{argument}{place} is constant: drop this column.", index=(":", int(sides.argmin()))
        )
    volume, unit, apply = float(np.prod(sides)), average_below_one(sample_weights), checked_constraint(constraint)
    N = float(len(points) if sample_weights is None else sample_weights.sum())

    def run(its_steps):
        return Run(its_steps, unit * tolerance, max_steps)

    def run_around(centers):
        return run(steps_from(lambda: mixture_around(points, centers), share))

    def run_from(step):
        return run(steps_from(lambda: step.mixture, step.share))

    def steps_from(start, share):
        yield from em_with_background(points, apply(start()), share, volume, constraint, sample_weights)

    if isinstance(components, Mixture):
        best = race([run(em_with_background(points, components, share, volume, constraint, sample_weights))], unit)
        mixture = best.mixture
    else:
        rules = {"unit": unit, "N": N, "constraint": constraint}
        runs = [run_around(centers) for centers in centers_to_try(points, components, rng, starts=starts)]
        best = components_moved(race(runs, **rules), runs, points, rng, starts, run_from, **rules)
        mixture = ordered(best.mixture)
    return BackgroundFit(mixture, best.step.share, volume, best.log_likelihood, best.end == "converged", N, constraint)
