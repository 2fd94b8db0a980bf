"""Chapter 07: EM accelerated by a quasi-Newton method, which needs tens of steps where EM needs thousands.

In suitable coordinates the step of EM, f(θ) = EM(θ) − θ, is close to the gradient of the log-likelihood at θ, divided
by N, when the steps are small. A function with a known gradient can be maximized by L-BFGS, which estimates the
curvature from its previous steps.
"""

from __future__ import annotations

from contextlib import suppress
from typing import NamedTuple

import numpy as np

from gmm_tutorial.constraints import full
from gmm_tutorial.convergence import rounding
from gmm_tutorial.em import Step
from gmm_tutorial.errors import CollapseError
from gmm_tutorial.mixture import Mixture
from gmm_tutorial.steps import e_step, m_step
from gmm_tutorial.variances import AxisParallel

MEMORY = 5  # pairs (step, change of f) from which the curvature is estimated
FARTHEST = 0.5  # the largest move of a coordinate in one step; for a mean, half a standard deviation


def accelerated(points, mixture, constraint=full, sample_weights=None, *, e_step=e_step, m_step=m_step):
    """The steps of EM accelerated by L-BFGS, as an endless generator: the same maxima in far fewer steps.

        θ ← θ + H f(θ)     with   f(θ) = EM(θ) − θ                      Jamshidian & Jennrich (1997), method QN2

    points (N, D), mixture of K, and the rest as for `em`; sample_weights (N,)  →  generator of Step

    The first five steps are those of EM. After that, H is estimated from the last five steps, see `direction`. Each
    item of the generator took one E-step and one M-step. If a step lowers the log-likelihood, the mixture before it is
    yielded again and a shorter step is tried; if that lowers it, too, the step of EM is taken. So the log-likelihood
    does not decrease, with two exceptions.

    With a ridge or a prior, EM itself may lower the log-likelihood, because it maximizes a different function. Once it
    has done so, a step is accepted if the average of f at its two ends, an estimate of the gradient of that function,
    points in the direction of the step.

    If a component collapses after an accelerated step, plain EM continues from the last mixture that it had reached by
    itself, which is lower, for twice as many steps as before. Raises CollapseError where EM does.

    >>> import gmm_tutorial as gmm
    >>> from itertools import islice
    >>> start = gmm.Mixture([0.5, 0.5], means=[[1], [3]], covariances=[[[1]], [[1]]])
    >>> [round(step.log_likelihood, 4) for step in islice(gmm.accelerated([[1], [2], [3]], start), 3)]
    [-4.3893, -3.5492, -3.4868]
    """

    def evaluate(mixture):
        explained, log_likelihood = e_step(points, mixture, sample_weights)
        by_em = constraint(m_step(points, explained))
        frame = Frame(mixture, by_em)
        return Evaluation(mixture, log_likelihood, by_em, frame, frame.coordinates(by_em))

    steps_alone = 5
    while True:
        for _ in range(steps_alone):
            explained, log_likelihood = e_step(points, mixture, sample_weights)
            yield Step(mixture, log_likelihood)
            mixture = constraint(m_step(points, explained))
        with suppress(CollapseError):
            yield from quasi_newton(evaluate, mixture, constraint)
        steps_alone *= 2


class Evaluation(NamedTuple):
    """A mixture with its log-likelihood, the mixture `by_em` after a step of EM, and the step f in the frame's
    coordinates.
    """

    mixture: Mixture
    log_likelihood: float
    by_em: Mixture
    frame: Frame
    f: np.ndarray


def quasi_newton(evaluate, mixture, constraint):
    """L-BFGS from a mixture on, as a generator; it may raise a CollapseError where EM would not."""
    current, pairs, em_decreases = evaluate(mixture), [], False
    is_idempotent = np.abs(current.frame.coordinates(constraint(mixture))).max() < 1e-9
    constrain = constrained if is_idempotent else constrained_relative_to_beginning
    while True:
        yield Step(current.mixture, current.log_likelihood)
        step = capped(direction(current.f, pairs), current.frame)
        for _ in range(2 if pairs else 0):
            candidate = evaluated(evaluate, constrain, constraint, current.frame, step)
            if candidate and is_acceptable(current, candidate, step, em_decreases):
                break
            yield Step(current.mixture, current.log_likelihood)
            step = shortened(current, candidate, step)
        else:
            candidate = evaluate(current.by_em)
            lowest = current.log_likelihood - rounding(current.log_likelihood)
            em_decreases = em_decreases or candidate.log_likelihood < lowest
        pairs, current = with_newest(pairs, current, candidate), candidate


def evaluated(evaluate, constrain, constraint, frame, step):
    """The evaluation of the mixture at the end of a step, or None if a component collapses there."""
    with suppress(CollapseError):
        return evaluate(constrain(constraint, frame, step))


def constrained(constraint, frame, step):
    return constraint(frame.mixture_at(step))


def constrained_relative_to_beginning(constraint, frame, step):
    """The mixture at the end of a step, for constraints that change a mixture again each time they are applied.

    A ridge or a prior would change the mixture where the step begins, too. This change is subtracted.
    """
    change = frame.coordinates(constraint(frame.mixture))
    return frame.mixture_at(frame.coordinates(constraint(frame.mixture_at(step))) - change)


def is_acceptable(current, candidate, step, em_decreases):
    """True if the log-likelihood does not decrease; or, if EM lowers it, too, if f points along the step on average."""
    if em_decreases:
        return np.dot(current.f + candidate.f, step) >= 0
    return candidate.log_likelihood >= current.log_likelihood - rounding(current.log_likelihood)


def shortened(current, candidate, step):
    """The step, shortened to where the slope f · step would be zero if it changed linearly (the secant rule)."""
    before, after = np.dot(current.f, step), np.dot(candidate.f, step) if candidate else -np.inf
    return step * np.clip(before / (before - after), 0.05, 0.5) if after < before else step / 4


def capped(step, frame):
    """The step, or its part in which no coordinate moves too far."""
    return step / max(1, np.abs(frame.moves(step)).max() / FARTHEST)


# ---- L-BFGS


class Pair(NamedTuple):
    """A step s, the change y = f before − f after, and s · y, the curvature along the step."""

    s: np.ndarray
    y: np.ndarray
    curvature: float


def with_newest(pairs, current, candidate):
    """The last pairs with the newest one added, unless f grows along its step, so that the curvature is not positive.

    The step is written in the coordinates of its beginning, and each f in those of its own mixture. Coordinates are
    identified from mixture to mixture, so no pair is converted.        Huang, Gallivan & Absil (2015), on manifolds
    """
    s, y = current.frame.coordinates(candidate.mixture), current.f - candidate.f
    curvature = s @ y
    if curvature <= 1e-8 * np.sqrt((s @ s) * (y @ y)):
        return pairs
    return [*pairs, Pair(s, y, curvature)][-MEMORY:]


def direction(f, pairs):
    """The direction H f by the two-loop recursion, without forming H.   Nocedal & Wright (2006), algorithm 7.4

    Without pairs H = 1, which is the step of EM. The initial scale is at least 1, because steps of EM are never too
    long.
    """
    factors = []
    for s, y, curvature in reversed(pairs):
        factors.append((s @ f) / curvature)
        f = f - factors[-1] * y
    if pairs:
        f = f * max(1, pairs[-1].curvature / (pairs[-1].y @ pairs[-1].y))
    for (s, y, curvature), factor in zip(pairs, reversed(factors)):
        f = f + (factor - (y @ f) / curvature) * s
    return f


# ---- coordinates


class Frame:
    """Coordinates around a mixture, in which a small step of EM is close to the gradient of the log-likelihood over N.

        √πₖ log(πₖ′ / πₖ),   √πₖ Lₖ⁻¹ (μₖ′ − μₖ),   √πₖ Lₖ⁻¹ Lₖ′        for the mixture π′, μ′, L′ L′ᵀ = Σ′

    Each diagonal entry of Lₖ⁻¹ Lₖ′ is replaced by √2 times its logarithm, so the mixture itself has the coordinates
    zero, and all real numbers are the coordinates of some mixture.

    If the component of each point were known, and Nₖ = N πₖ, the log-likelihood would have the second derivative −N in
    each of these directions. The M-step maximizes that function, so its step is gradient / N to first order.
                                                                                    Xu & Jordan (1996)
    """

    def __init__(self, mixture, image):
        self.mixture, self.scale = mixture, np.sqrt(mixture.weights)[:, None]
        self.axis_parallel = mixture.roots.ndim == image.roots.ndim == 2
        if not self.axis_parallel:
            self.inverses = np.linalg.inv(mixture.factors)

    def coordinates(self, other):
        """The coordinates of another mixture, as one vector."""
        weights, means, K = self.mixture.weights, self.mixture.means, len(self.mixture.weights)
        logs = np.log(other.weights / weights)[:, None]
        if self.axis_parallel:
            roots = self.mixture.roots
            rows = [logs, (other.means - means) / roots, np.sqrt(2) * np.log(other.roots / roots)]
            return (self.scale * np.concatenate(rows, axis=1)).ravel()
        affine = np.concatenate([(other.means - means)[:, :, None], other.factors], axis=2)
        rows = np.concatenate([logs, np.matmul(self.inverses, affine).reshape(K, -1)], axis=1)
        diagonals = diagonals_in(rows, means)
        diagonals[:] = np.sqrt(2) * np.log(diagonals)
        return (self.scale * rows).ravel()

    def mixture_at(self, coordinates):
        """The mixture with these coordinates."""
        (K, D), rows = self.mixture.means.shape, self.moves(coordinates)
        weights = self.mixture.weights * np.exp(rows[:, 0])
        weights /= weights.sum()
        if self.axis_parallel:
            roots = self.mixture.roots
            means = self.mixture.means + roots * rows[:, 1 : 1 + D]
            return AxisParallel._trusted(weights, means, np.square(roots * np.exp(rows[:, 1 + D :] / np.sqrt(2))))
        diagonals = diagonals_in(rows, self.mixture.means)
        diagonals[:] = np.exp(diagonals / np.sqrt(2))
        affine = np.matmul(self.mixture.factors, rows[:, 1:].reshape(K, D, D + 1))
        factors = affine[:, :, 1:]
        return Mixture._trusted(weights, self.mixture.means + affine[:, :, 0], factors @ factors.swapaxes(1, 2))

    def moves(self, coordinates):
        """The coordinates divided by √πₖ, one row for each component: log weights and standard deviations."""
        return coordinates.reshape(len(self.scale), -1) / self.scale


def diagonals_in(rows, means):
    """The diagonal entries of L as a view, in rows of a log weight and D times one entry of a mean and a row of L."""
    return rows[:, 2 :: means.shape[1] + 2]
