"""The result of a fit."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from gmm_tutorial.constraints import full
from gmm_tutorial.mixture import Mixture


class Start(NamedTuple):
    """The result of one start: its last log-likelihood (−∞ if it collapsed), the number of its E-steps, and its end.

    end is "converged", "stopped" (by max_steps), "collapsed", "spike" (a component shrank onto a few points), "lower"
    (another run was higher), or "same" (it approached the same maximum as another run, which was kept). Each attempt
    to move a component is recorded as a start, too, and so is a run that separates identical components.
    """

    log_likelihood: float
    e_steps: int
    end: str


@dataclass(frozen=True, eq=False)
class Fit:
    """The result of `fit`: the mixture, its log-likelihood, and a record of the steps and starts.

    mixture; log_likelihood of that mixture, in nats; log_likelihoods (T,), one for each step of the run that ended with
    it, on all points; converged, whether this run met the tolerance, and no two components are identical; constraint,
    the function that was applied to the covariances; path, the name of the code that did the E-steps and M-steps, such
    as "formulas" or "compiled loops"; starts, the result of each start (with many points, its log-likelihood is that of
    a sample); e_steps, the number of all E-steps, on the sample and on all points

    For the criteria: N, the number of points, or the sum of their weights; weighted, whether there were weights;
    missing, "model" if values were missing; log_certainty, Σₙ log maxₖ γₙₖ. A value that is not known is None.
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
