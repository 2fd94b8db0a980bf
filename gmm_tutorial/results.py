"""What a fit returns."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from gmm_tutorial.constraints import full
from gmm_tutorial.mixture import Mixture


class Start(NamedTuple):
    """What became of one start: where it ended, after how many E-steps, and why.

    end is "converged", "stopped" (by max_steps), "collapsed", "spike" (a component shrank onto a few points), "lower"
    (than others, which went on without it), or "same" (on the way to the same maximum as an earlier start)
    """

    log_likelihood: float
    e_steps: int
    end: str


@dataclass(frozen=True, eq=False)
class Fit:
    """What a fit found: the mixture, its log-likelihood, and the steps that led to it.

    mixture; log_likelihood of that mixture, in nats; log_likelihoods (T,), one of each step of the best start, on all
    points; converged, whether it stopped because little was left to gain; constraint, the function that was applied to
    the covariances; path, which code did the E-steps and M-steps: "formulas", or another way to compute the same;
    starts, what became of each start; e_steps, how many were made in all

    For the criteria: N, how many points, or the sum of their weights; weighted, whether there were weights; missing,
    "model" if rows could have gaps; log_certainty, Σₙ log maxₖ γₙₖ. A value that is not known is None.
    """

    mixture: Mixture
    log_likelihood: float
    log_likelihoods: np.ndarray
    converged: bool
    constraint: object = full
    path: str = "formulas"
    starts: tuple[Start, ...] = ()
    e_steps: int = 0
    N: float | None = None
    weighted: bool = False
    missing: str | None = None
    log_certainty: float | None = None

    def __repr__(self):
        K, D = self.mixture.means.shape
        how = "converged" if self.converged else "stopped before it converged,"
        steps = len(self.log_likelihoods) - 1
        size = f"{K} components in {D} dimensions"
        return f"<Fit of {size}: log-likelihood {self.log_likelihood:.6f}, {how} after {steps} steps>"
