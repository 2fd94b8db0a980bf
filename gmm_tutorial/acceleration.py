"""Chapter 07: the same climb with leaps. Where EM creeps along a line, look ahead along it."""

from functools import partial
from itertools import chain, islice

import numpy as np

from gmm_tutorial.constraints import full
from gmm_tutorial.derived import total_covariance
from gmm_tutorial.em import em
from gmm_tutorial.errors import CollapseError
from gmm_tutorial.fit import rounding
from gmm_tutorial.mixture import Mixture
from gmm_tutorial.steps import e_step, m_step


def accelerated(points, mixture, constraint=full, sample_weights=None, *, e_step=e_step, m_step=m_step):
    """The steps of EM, with a leap after every third one that is taken only if it climbs.

        θ = θ₀ + 2 a r + a² v     with   r = θ₁ − θ₀,   v = θ₂ − 2 θ₁ + θ₀,   a = |r| / |v|     Varadhan & Roland (2008)

    points (N, D), mixture of K, and the rest as for `em`; sample_weights (N,)  →  generator of Step

    θ holds the logs of the weights, the means, and the Cholesky factors with logs on their diagonals, all in units of
    the spread of the points: so every leap lands on a mixture. The largest a allowed is 4 at first; a leap that climbs
    makes it fourfold, one that is refused a quarter. Each step costs what a step of `em` costs, a leap that is refused
    one more. Where EM's likelihood never falls, this one does not either.
    Raises ValueError when a component collapses.

    >>> import gmm_tutorial as gmm
    >>> from itertools import islice
    >>> start = gmm.Mixture([0.5, 0.5], means=[[1], [3]], covariances=[[[1]], [[1]]])
    >>> [round(step.log_likelihood, 4) for step in islice(gmm.accelerated([[1], [2], [3]], start), 3)]
    [-4.3893, -3.5492, -3.4868]
    """
    climb = partial(em, points, constraint=constraint, sample_weights=sample_weights, e_step=e_step, m_step=m_step)
    steps, longest = climb(mixture), 4.0
    while True:
        three = []
        for step in islice(steps, 3):
            three.append(step)
            yield step
        try:
            ahead = climb(constraint(leap(*(step.mixture for step in three), longest)))
            first = next(ahead)
            climbs = first.log_likelihood - three[-1].log_likelihood > rounding(first.log_likelihood)
        except CollapseError:
            climbs = False
        longest = longest * 4 if climbs else max(longest / 4, 2.0)
        if climbs:
            steps = chain([first], ahead)


accelerated.cycle = 3  # of so many steps in a row, each follows from the one before


def leap(before, between, now, longest=1e6):
    """The mixture that three successive ones of EM lead to, if they go on as they do."""
    spread = np.sqrt(np.diag(total_covariance(now)))
    θ0, θ1, θ2 = (coordinates(mixture, spread) for mixture in (before, between, now))
    r, v = θ1 - θ0, θ2 - 2 * θ1 + θ0
    a = np.clip(np.linalg.norm(r) / max(np.linalg.norm(v), EPSILON * np.linalg.norm(θ0)), 1, longest)
    return from_coordinates(θ0 + 2 * a * r + a**2 * v, spread)


EPSILON = np.finfo(float).eps


def coordinates(mixture, spread):
    """Rows of unbounded numbers: log weight, mean, and factor with the log of its diagonal; (K, 1 + D + D²)."""
    factors = mixture.factors / spread[:, None]
    diagonal = np.eye(len(spread), dtype=bool)
    logs = np.where(diagonal, np.log(np.where(diagonal, factors, 1)), factors)
    return np.column_stack([np.log(mixture.weights), mixture.means / spread, logs.reshape(len(logs), -1)])


def from_coordinates(rows, spread):
    D = len(spread)
    weights = np.exp(rows[:, 0] - rows[:, 0].max())
    logs = rows[:, 1 + D :].reshape(-1, D, D)
    diagonal = np.eye(D, dtype=bool)
    factors = spread[:, None] * np.where(diagonal, np.exp(np.where(diagonal, logs, 0)), logs)
    return Mixture._trusted(weights / weights.sum(), rows[:, 1 : 1 + D] * spread, factors @ np.swapaxes(factors, 1, 2))
