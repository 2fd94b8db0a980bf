"""Several starts compete, and the best one is returned: successive halving."""

from itertools import islice

import numpy as np

from gmm_tutorial.convergence import converged
from gmm_tutorial.derived import identical_components, separated
from gmm_tutorial.errors import CollapseError
from gmm_tutorial.spikes import spikes

SAME = 1e-3  # nats: two starts nearer to one another than this are on the way to the same maximum
ENOUGH = 3  # starts that share the highest maximum end the race
GIVEN_UP = ("collapsed", "spike")


class Run:
    """One start on its way: how high it is, every log-likelihood on the way, and how it ended, if it has.

    end  None while it runs; then "converged", "stopped" by max_steps, "collapsed", "spike", "lower" than others in the
         race, or the "same" as an earlier start
    """

    def __init__(self, steps, tolerance=1e-6, max_steps=10_000):
        self.steps, self.tolerance, self.max_steps = steps, tolerance, max_steps
        self.mixture, self.log_likelihoods, self.end, self.error = None, [], None, None

    @property
    def log_likelihood(self):
        return self.log_likelihoods[-1] if self.log_likelihoods and self.end != "collapsed" else -np.inf

    def go_on(self, e_steps):
        """So many E-steps more, or fewer if it ends."""
        if self.end:
            return
        left = self.max_steps + 1 - len(self.log_likelihoods)
        try:
            for step in islice(self.steps, min(e_steps, left)):
                self.mixture = step.mixture
                self.log_likelihoods.append(step.log_likelihood)
                if converged(self.log_likelihoods, self.tolerance):
                    self.end = "converged"
                    return
        except CollapseError as error:
            self.end, self.error = "collapsed", error
        else:
            self.end = "stopped" if e_steps >= left else None


def race(runs, unit=1.0, e_steps=5, N=None, constraint=None):
    """The run with the highest final log-likelihood, found by successive halving.

    runs, a list of Run, each not begun; unit, in which the nats are counted where points weigh little  →  one of them;
    the others tell by `end` what became of them

    Every start takes 5 steps. Those within 0.001 nats of a better one are on the way to the same maximum, so only the
    earliest of them stays. The better half goes on for 10 steps, the better half of those for 20, and so on. The last
    two run to their ends, unless they meet. If three starts share the highest value, the race is over at once, and one
    of them runs to its end. A start that collapses is given up. The idea is successive halving: Jamieson & Talwalkar
    (2016).

    With N, the number of points, a start in whose mixture a component has become a spike is given up like one that has
    collapsed, since it would win by a likelihood that has no maximum. If that is the end of all, they race once more
    without this rule.

    Raises CollapseError if all collapse.
    """
    running = runs
    while any(run.end is None for run in running):
        for run in running:
            run.go_on(e_steps)
            if N and len(runs) > 1 and run.end != "collapsed" and spikes(run.mixture, N, constraint):
                run.end = "spike"
        alive = [run for run in running if run.end not in GIVEN_UP] or revived(runs)
        if not alive and (spiked := [run for run in runs if run.end == "spike"]):
            for run in spiked:
                run.end = None
            return race(spiked, unit, e_steps)
        if not alive:
            raise running[-1].error
        ranked, sharing = distinct(alive, unit * SAME)
        kept = 1 if sharing >= ENOUGH else max(2, (len(running) + 1) // 2)
        for run in ranked[kept:]:
            run.end = "lower"
        running, e_steps = ranked[:kept], 2 * e_steps
    return running[0]


def past_saddle_point(best, run_from, unit=1.0):
    """The run itself; or, if it has ended at identical components, one that sets out with these moved apart.

    Equal components have equal responsibilities, so EM never separates them, although the log-likelihood may well grow
    that way: the run has come to a saddle point. The new run counts if it ends higher.

    best, a Run that has ended; run_from, a function Mixture → Run  →  list of the one Run, or of both, the higher first
    """
    if best.end != "converged" or not identical_components(best.mixture):
        return [best]
    another = run_from(separated(best.mixture))
    another.go_on(best.max_steps)
    if another.log_likelihood > best.log_likelihood + unit * SAME:
        best.end = "lower"
        return [another, best]
    another.end = another.end if another.end == "collapsed" else "lower"
    return [best, another]


def revived(runs):
    """Those that were given up too early, since all that were better have collapsed."""
    given_up = [run for run in runs if run.end in ("lower", "same")]
    for run in given_up:
        run.end = None
    return given_up


def distinct(runs, same):
    """The runs from the highest down, of those that are the same only the earliest; and how many share the top."""
    groups = []
    for run in sorted(runs, key=lambda run: -run.log_likelihood):
        if groups and groups[-1][0].log_likelihood - run.log_likelihood <= same:
            groups[-1].append(run)
        else:
            groups.append([run])
    for group in groups:
        group.sort(key=runs.index)
        for run in group[1:]:
            run.end = "same"
    return [group[0] for group in groups], len(groups[0])
