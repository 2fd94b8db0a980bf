"""Several starts compete by successive halving, and the best run moves single components to see if it can improve."""

from itertools import islice

import numpy as np

from gmm_tutorial.convergence import converged
from gmm_tutorial.derived import identical_components, separated
from gmm_tutorial.errors import CollapseError
from gmm_tutorial.spikes import spikes
from gmm_tutorial.starts import with_component_at

SAME = 1e-3  # nats: two runs whose log-likelihoods differ by less are taken to approach the same maximum
ENOUGH = 3  # if so many starts approach the highest maximum, the search ends
GIVEN_UP = ("collapsed", "spike")


class Run:
    """The run of EM from one start: its current mixture, the log-likelihood of each step, and why it ended.

    end  None while it runs; then "converged", "stopped" (by max_steps), "collapsed", "spike", "lower" (its
         log-likelihood was lower than that of others in the race), or "same" (it approached the same maximum as an
         earlier start)
    sharing  how many starts approached the maximum of this run: itself, and those that ended as "same"
    """

    def __init__(self, steps, tolerance=1e-6, max_steps=10_000):
        self.steps, self.tolerance, self.max_steps = steps, tolerance, max_steps
        self.step, self.log_likelihoods, self.end, self.error, self.sharing = None, [], None, None, 1

    @property
    def mixture(self):
        return self.step.mixture

    @property
    def log_likelihood(self):
        return self.log_likelihoods[-1] if self.log_likelihoods and self.end != "collapsed" else -np.inf

    def go_on(self, e_steps):
        """Makes this number of further E-steps, or fewer if the run ends."""
        if self.end:
            return
        left = self.max_steps + 1 - len(self.log_likelihoods)
        try:
            for step in islice(self.steps, min(e_steps, left)):
                self.step = step
                self.log_likelihoods.append(step.log_likelihood)
                if converged(self.log_likelihoods, self.tolerance):
                    self.end = "converged"
                    return
        except CollapseError as error:
            self.end, self.error = "collapsed", error
        else:
            self.end = "stopped" if e_steps >= left else None


def race(runs, unit=1.0, e_steps=8, N=None, constraint=None):
    """The run with the highest final log-likelihood, found by successive halving.

    runs, a list of Run, none of them begun; unit, by which the threshold of 0.001 nats is multiplied if the points have
    small weights  →  one of the runs; the `end` of each of the others says why it ended

    Every run takes 8 E-steps. Runs within 0.001 nats of a better one are taken to approach the same maximum, so only
    one of them continues: the one that was higher a round ago, or, in the first round, the earliest. The better half
    takes 16 more E-steps, the better half of those 32, and so on. The last two continue until they converge, or until
    they approach the same maximum. If three runs have approached the highest maximum, the race ends and one of them
    continues until it converges. A run that collapses is given up. This method is called successive halving:
    Jamieson & Talwalkar (2016).

    If N, the number of points, is given, a run in which a component has become a spike is given up, too: it would win,
    because its likelihood may increase without bound. If no other run is left, these continue without this rule.

    Raises CollapseError if all collapse.
    """
    running = runs
    while any(run.end is None for run in running):
        for run in running:
            run.go_on(e_steps)
            if len(runs) > 1 and has_spike(run, N, constraint):
                run.end = "spike"
        alive = [run for run in running if run.end not in GIVEN_UP] or revived(runs)
        if not alive and (spiked := [run for run in runs if run.end == "spike"]):
            for run in spiked:
                run.end = None
            return race(spiked, unit, e_steps)
        if not alive:
            raise running[-1].error
        ranked = distinct(alive, unit * SAME)
        kept = 1 if ranked[0].sharing >= ENOUGH else max(2, (len(running) + 1) // 2)
        for run in ranked[kept:]:
            run.end = "lower"
        running, e_steps = ranked[:kept], 2 * e_steps
    return running[0]


def components_moved(best, runs, points, rng, attempts, run_from, unit=1.0, N=None, constraint=None):
    """The best run of a race, or a better one that begins from its mixture with one component moved.

    With many components, most starts have two of them in one group of points and none in another, and EM seldom
    corrects that. In each attempt, a component chosen at random moves to a point chosen at random, with the average
    covariance. If the log-likelihood is higher after 16 E-steps, the new run continues until it converges, and the next
    attempts begin from its mixture. This method is called random swap EM: Zhao et al. (2012). If three starts have
    approached the maximum of the best run, a higher one is not likely, and nothing is moved.

    best, a Run that has ended; runs, the list to which every new run is added; points (N, D); rng, a Generator;
    attempts, how many; run_from, a function Mixture → Run; the others as for race  →  Run
    """
    if best.end != "converged" or best.sharing >= ENOUGH:
        return best
    for _ in range(attempts):
        k, n = rng.integers(len(best.mixture.weights)), rng.integers(len(points))
        runs.append(run_from(with_component_at(best.mixture, k, points[n])))
        runs[-1].go_on(16)
        best = better(best, runs[-1], unit, N, constraint)
    return best


def past_saddle_point(best, runs, run_from, unit=1.0):
    """The run itself; or, if it ended with identical components, the better of it and a run with these moved apart.

    EM never separates identical components, although the log-likelihood may increase when they are separated: the run
    has reached a saddle point. The new run may take max_steps steps of its own.

    best, a Run that has ended; runs, the list to which a new run is added; run_from, a function Mixture → Run  →  Run
    """
    if best.end != "converged" or not identical_components(best.mixture):
        return best
    runs.append(run_from(separated(best.mixture)))
    runs[-1].go_on(runs[-1].max_steps + 1)
    return better(best, runs[-1], unit)


def better(best, rival, unit=1.0, N=None, constraint=None):
    """The better of two runs. If the rival has not ended, it continues only if it is higher than the best so far."""

    def wins():
        if rival.log_likelihood <= best.log_likelihood + unit * SAME:
            return False
        if has_spike(rival, N, constraint):
            rival.end = "spike"
        return rival.end != "spike"

    if wins():
        rival.go_on(rival.max_steps + 1)
    winner, loser = (rival, best) if wins() else (best, rival)
    if loser.end not in GIVEN_UP:
        loser.end = "lower"
    return winner


def has_spike(run, N, constraint):
    return bool(N) and run.end != "collapsed" and bool(spikes(run.mixture, N, constraint))


def revived(runs):
    """The runs that were left behind as lower or the same, ready to continue after all better ones have collapsed."""
    left_behind = [run for run in runs if run.end in ("lower", "same")]
    for run in left_behind:
        run.end = None
    return left_behind


def distinct(runs, same):
    """One run for each maximum, the highest log-likelihood first. The others end as "same", and it counts them."""
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
        group[0].sharing = sum(run.sharing for run in group)
    return [group[0] for group in groups]
