"""Chapter 10: standard errors of the parameters of a fit, which is repeated with random weights on the points."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from gmm_tutorial.checks import AFit, IncompletePoints, Rng, SampleWeights, WholeNumber, public
from gmm_tutorial.derived import matched
from gmm_tutorial.errors import ArgumentError, CollapseError, ConvergenceWarning, Interrupted
from gmm_tutorial.results import Fit
from gmm_tutorial.scale.calls import bar_of
from gmm_tutorial.scale.calls import fit as fit_of


class Parameters(NamedTuple):
    """One number for each parameter of a mixture: weights (K,), means (K, D), covariances (K, D, D)."""

    weights: np.ndarray
    means: np.ndarray
    covariances: np.ndarray


@dataclass(frozen=True, eq=False)
class Bootstrap:
    """The fit, and the parameters of B repetitions: weights (B, K), means (B, K, D), covariances (B, K, D, D).

    The components of each repetition are numbered to match those of the fit. collapsed, the number of repetitions that
    were left out because a component collapsed
    """

    fit: Fit
    weights: np.ndarray
    means: np.ndarray
    covariances: np.ndarray
    collapsed: int = 0

    @property
    def repetitions(self):
        return Parameters(self.weights, self.means, self.covariances)

    @property
    def standard_errors(self):
        """The standard deviation of each parameter over the repetitions, as Parameters."""
        return Parameters(*(array.std(axis=0, ddof=1) for array in self.repetitions))

    def intervals(self, mass=0.9):
        """The central interval that contains this fraction of the repetitions: (lower, upper), each as Parameters."""
        if not 0 < mass < 1:
            raise ArgumentError("mass", "{argument} is {mass}: it should be between 0 and 1.", {"mass": mass})
        tail = (1 - mass) / 2
        lower, upper = (Parameters(*(np.quantile(a, p, axis=0) for a in self.repetitions)) for p in (tail, 1 - tail))
        return lower, upper

    def __repr__(self):
        errors, left_out = self.standard_errors, f", {self.collapsed} left out" if self.collapsed else ""
        lines = [f"<Bootstrap: {len(self.weights)} repetitions{left_out}"]
        for k, (weight, mean) in enumerate(zip(self.fit.mixture.weights, self.fit.mixture.means)):
            means = ", ".join(f"{m:.4g} ± {e:.2g}" for m, e in zip(mean, errors.means[k]))
            lines.append(f"  component {k}: weight {weight:.3f} ± {errors.weights[k]:.2g}, mean {means}")
        return "\n".join(lines) + ">"


def bootstrap(
    points: IncompletePoints,
    fit: AFit,
    size: WholeNumber = 200,
    rng: Rng = None,
    *,
    sample_weights: SampleWeights | None = None,
    progress: bool = False,
) -> Bootstrap:
    """The variation of weights, means and covariances over other samples of the same size, by the weighted bootstrap.

        vₙ ~ Gamma(wₙ, 1), scaled to Σₙ vₙ = Σₙ wₙ          θ* = argmax Σₙ vₙ log p(xₙ | θ)     Newton & Raftery (1994)

    points (N, D) and the Fit of them; size B  →  Bootstrap: B mixtures, standard errors and intervals

    rng          a seed or a Generator; one seed gives one result
    sample_weights  those of the fit, if it had some: wₙ above, by default one for each point
    progress     True shows a bar, if tqdm is installed

    The ordinary bootstrap draws points with replacement. This one gives every point a random weight, exponential with
    the mean one. The two agree for many points; but here no point is left out or repeated exactly, which could make a
    small component vanish or collapse. Each repetition starts from the fit, so it usually stays near the same
    maximum, and its components are numbered to match those of the fit. The result says how much a fit with this K and
    this constraint would vary over other samples of independent points. It does not say whether K and the constraint
    are right.

    Ctrl-C raises Interrupted, which contains a Bootstrap of the repetitions that were finished.
    Raises ValueError if size is 1, if the points or their weights are not those of the fit, or if fewer than two
    repetitions succeed.

    >>> import gmm_tutorial as gmm
    >>> points = gmm.load_faithful()
    >>> one = gmm.fit(points, 1)
    >>> errors = gmm.bootstrap(points, one, size=100, rng=0).standard_errors
    >>> errors.means[0].round(2), (points.std(axis=0) / 272**0.5).round(2)    # σ / √N
    (array([0.07, 0.79]), array([0.07, 0.82]))
    """
    if fit.weighted and sample_weights is None:
        raise ArgumentError("sample_weights", "{argument} are missing, but the fit used some: give the same ones.")
    if size < 2:
        raise ArgumentError("size", "{argument} is 1: a standard error needs at least two repetitions, better 200.")
    weights = np.ones(len(points)) if sample_weights is None else sample_weights
    if fit.N is not None and not np.isclose(weights.sum(), fit.N):
        raise ArgumentError(
            "points" if sample_weights is None else "sample_weights",
            "{argument} differ from those of the fit, which has N = {N:.6g} (found {found:.6g}): give the same.",
            {"N": fit.N, "found": weights.sum()},
        )
    options, found, done = {"constraint": fit.constraint, "missing": fit.missing}, [], 0

    def of_finished():
        return Bootstrap(fit, *map(np.stack, zip(*found)), collapsed=done - len(found))

    with bar_of("repetitions", size, progress) as tick, warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # of repetitions that stop a little early
        for _ in range(size):
            drawn = rng.gamma(weights)
            try:
                drawn *= weights.sum() / drawn.sum()
                again = public(fit_of)(points, fit.mixture, sample_weights=drawn, **options)
                found.append(matched(again.mixture, fit.mixture))
            except CollapseError as error:
                collapse = error
            except KeyboardInterrupt:
                if len(found) < 2:
                    raise
                raise Interrupted(fit, of_finished()) from None
            done += 1
            tick()
    if len(found) < 2:
        raise collapse
    return of_finished()
