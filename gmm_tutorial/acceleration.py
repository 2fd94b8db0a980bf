"""Chapter 07: EM as the first guess of a quasi-Newton method, which needs tens of steps where EM needs thousands.

In the right coordinates the step of EM, f(θ) = EM(θ) − θ, is the gradient of the log-likelihood at θ. A function whose
gradient is known can be maximized by L-BFGS, which learns the curvature from the steps it has taken.
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

MEMORY = 5  # pairs (step, change of f) from which the curvature is learned
FARTHEST = 0.5  # how far one coordinate may move in a step: half a standard deviation, say


def accelerated(points, mixture, constraint=full, sample_weights=None, *, e_step=e_step, m_step=m_step):
    """EM accelerated by L-BFGS: the same maxima in far fewer steps.

        θ ← θ + H f(θ)     with   f(θ) = EM(θ) − θ                      Jamshidian & Jennrich (1997), method QN2

    points (N, D), mixture of K, and the rest as for `em`; sample_weights (N,)  →  generator of Step

    The first five steps are those of EM. H is then learned from the last five steps, see `direction`. Every yield
    stands for one E-step and one M-step. If a step lowers the log-likelihood, the mixture before it is yielded again
    and a shorter step is tried; if that fails too, the step of EM is taken. So where the log-likelihood never falls
    under EM, it never falls here.

    With a ridge or a prior EM itself may lower the log-likelihood, because it maximizes another function. Once it has
    done so, a step is accepted if f, the gradient of that other function, points along the step on average.

    If a component collapses after an accelerated step, plain EM goes on from the last mixture that it had reached by
    itself, for twice as many steps as before; only there the log-likelihood falls. Raises CollapseError where EM does.

    >>> import gmm_tutorial as gmm
    >>> from itertools import islice
    >>> start = gmm.Mixture([0.5, 0.5], means=[[1], [3]], covariances=[[[1]], [[1]]])
    >>> [round(step.log_likelihood, 4) for step in islice(gmm.accelerated([[1], [2], [3]], start), 3)]
    [-4.3893, -3.5492, -3.4868]
    """

    def visit(mixture):
        explained, log_likelihood = e_step(points, mixture, sample_weights)
        image = constraint(m_step(points, explained))
        frame = Frame(mixture, image)
        return Visit(mixture, log_likelihood, image, frame, frame.coordinates(image))

    steps_alone = 5
    while True:
        for _ in range(steps_alone):
            explained, log_likelihood = e_step(points, mixture, sample_weights)
            yield Step(mixture, log_likelihood)
            mixture = constraint(m_step(points, explained))
        with suppress(CollapseError):
            yield from quasi_newton(visit, mixture, constraint)
        steps_alone *= 2


class Visit(NamedTuple):
    """What is known of a mixture once EM has looked at it: what EM makes of it, and f in the frame of the mixture."""

    mixture: Mixture
    log_likelihood: float
    image: Mixture
    frame: Frame
    f: np.ndarray


def quasi_newton(visit, mixture, constraint):
    """L-BFGS from a mixture on; it may run into a CollapseError where EM would not."""
    here, pairs, em_falls = visit(mixture), [], False
    keeps_its_results = np.abs(here.frame.coordinates(constraint(mixture))).max() < 1e-9
    constrain = constrained if keeps_its_results else constrained_relative_to_here
    while True:
        yield Step(here.mixture, here.log_likelihood)
        step = capped(direction(here.f, pairs), here.frame)
        for _ in range(2 if pairs else 0):
            there = attempt(visit, constrain, constraint, here.frame, step)
            if there and climbs(here, there, step, em_falls):
                break
            yield Step(here.mixture, here.log_likelihood)
            step = shortened(here, there, step)
        else:
            there = visit(here.image)
            em_falls = em_falls or there.log_likelihood < here.log_likelihood - rounding(here.log_likelihood)
        pairs, here = with_newest(pairs, here, there), there


def attempt(visit, constrain, constraint, frame, step):
    """The visit at the end of a step, or None if a component collapses there."""
    with suppress(CollapseError):
        return visit(constrain(constraint, frame, step))


def constrained(constraint, frame, step):
    return constraint(frame.mixture_at(step))


def constrained_relative_to_here(constraint, frame, step):
    """For a ridge or a prior, which would widen or pull the result of an M-step once more: only what it does to the
    step counts, not what it does to the mixture where the step begins.
    """
    pull = frame.coordinates(constraint(frame.mixture))
    return frame.mixture_at(frame.coordinates(constraint(frame.mixture_at(step))) - pull)


def climbs(here, there, step, em_falls):
    """True if the log-likelihood does not fall; where EM lowers it, if f points along the step on average."""
    if em_falls:
        return np.dot(here.f + there.f, step) >= 0
    return there.log_likelihood >= here.log_likelihood - rounding(here.log_likelihood)


def shortened(here, there, step):
    """The step, cut where the slope f · step would be zero if it fell evenly along the way (the secant rule)."""
    before, after = np.dot(here.f, step), np.dot(there.f, step) if there else -np.inf
    return step * np.clip(before / (before - after), 0.05, 0.5) if after < before else step / 4


def capped(step, frame):
    return step / max(1, np.abs(frame.moves(step)).max() / FARTHEST)


# ---- L-BFGS


class Pair(NamedTuple):
    """A step s, the change y = f before − f after, and s · y, the curvature along the step."""

    s: np.ndarray
    y: np.ndarray
    curvature: float


def with_newest(pairs, here, there):
    """The last pairs. One along which f grows has no maximum ahead, and is left out.

    The step is seen in the frame of its beginning, each f in the frame of its own mixture: frames are carried along
    from mixture to mixture, so no pair needs a conversion.             Huang, Gallivan & Absil (2015), on manifolds
    """
    s, y = here.frame.coordinates(there.mixture), here.f - there.f
    curvature = s @ y
    if curvature <= 1e-8 * np.sqrt((s @ s) * (y @ y)):
        return pairs
    return [*pairs, Pair(s, y, curvature)][-MEMORY:]


def direction(f, pairs):
    """H f by the two-loop recursion, without writing H as a matrix.     Nocedal & Wright (2006), algorithm 7.4

    Without pairs H = 1, the step of EM. The recursion begins with no less, since steps of EM are never too long.
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
    """Coordinates around a mixture, in which the step of EM is the gradient of the log-likelihood, divided by N.

        √πₖ log(πₖ′ / πₖ),   √πₖ Lₖ⁻¹ (μₖ′ − μₖ),   √πₖ Lₖ⁻¹ Lₖ′        for the mixture π′, μ′, L′ L′ᵀ = Σ′

    Each diagonal entry of Lₖ⁻¹ Lₖ′ is replaced by √2 times its logarithm, so the mixture itself lies at zero, and any
    numbers are the coordinates of a mixture.

    If it were known which component each point came from, the log-likelihood would have the curvature −N in each of
    these directions. EM maximizes that function, so its step is gradient / N.                     Xu & Jordan (1996)
    """

    def __init__(self, mixture, image):
        self.mixture, self.scale = mixture, np.sqrt(mixture.weights)[:, None]
        self.axis_parallel = mixture.roots.ndim == image.roots.ndim == 2
        if not self.axis_parallel:
            self.inverses = np.linalg.inv(mixture.factors)

    def coordinates(self, other):
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
        """In standard deviations and in logarithms: the coordinates without the √πₖ, a row for each component."""
        return coordinates.reshape(len(self.scale), -1) / self.scale


def diagonals_in(rows, means):
    """A view of the diagonal entries of L in rows that hold a log weight, and D times a mean and a row of L."""
    return rows[:, 2 :: means.shape[1] + 2]
