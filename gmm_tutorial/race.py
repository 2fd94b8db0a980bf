"""Several starts compete by successive halving; then single components are moved, to find a higher maximum."""

from itertools import islice

import numpy as np

from gmm_tutorial.convergence import converged
from gmm_tutorial.derived import identical_components, separated
from gmm_tutorial.errors import CollapseError
from gmm_tutorial.spikes import spikes
from gmm_tutorial.starts import with_component_at

SAME = 1e-3  # nats: two runs whose log-likelihoods differ by less are assumed to approach the same maximum
ENOUGH = 3  # if this many starts approach the highest maximum, one of them continues, and no component is moved
TRIAL = 24  # E-steps after which a run with a moved component must be higher
GIVEN_UP = ("collapsed", "spike")


class Run:
    """The run of EM from one start: its current mixture, the log-likelihood of each step, and why it ended.

    end      None until it ends; then "converged", "stopped" (by max_steps), "collapsed", "spike", "lower" (another run
             was higher), or "same" (it approached the same maximum as another run, which was kept)
    sharing  the number of starts that have approached its maximum: itself, and those that ended as "same"
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
        """Takes this many further E-steps, or fewer if the run ends."""
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

    def finish(self):
        """Takes further E-steps until the run ends."""
        self.go_on(self.max_steps + 1)

    def revive(self):
        """Lets a run that was out of the race continue; it counts only itself again."""
        self.end, self.sharing = None, 1


def race(runs, unit=1.0, e_steps=8, N=None, constraint=None):
    """The best of several runs, found by successive halving.

    runs, a list of Run that have not ended; unit, a factor for the threshold of 0.001 nats, the average of
    min(sample weight, 1); e_steps, how many each run takes at first; N, the number of points; constraint  →  one of the
    runs; the `end` of each of the others says why it ended

    Every run takes 8 E-steps. The better half takes 16 more, the better half of those 32, and so on. The last two
    continue until they converge. This method is called successive halving: Jamieson & Talwalkar (2016).

    Runs within 0.001 nats of a better one are assumed to approach the same maximum, so only one of them continues: the
    one that was higher a round ago, or, in the first round, the one that comes first. As soon as three runs have
    approached the highest maximum so far, one of them continues alone until it converges. A run that collapses is given
    up.

    If N is given, a run in which a component has become a spike is given up, too, unless it is the only run: its
    likelihood may increase without bound, so it could win for this reason alone. If all runs that are still in the race
    are given up, those left behind continue; and if only runs with spikes are left, they continue without this rule.

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
                run.revive()
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
    """The best run of a race, or a better one that is found by moving single components.

    With many components, a mixture may have two of them in one group of points and none in another, and EM rarely
    corrects that. In each attempt, a component chosen at random moves to a point chosen at random; it keeps its weight
    and gets the average covariance. If the log-likelihood is higher after 24 E-steps, the new run continues until it
    ends; if it is still higher and has no spike, the next attempts begin from its mixture. This is a variant of random
    swap EM: Zhao et al. (2012).

    If three starts have approached the maximum of the best run (or all, if there are fewer), a higher maximum is less
    likely, and no component is moved. None is moved either if the best run has not converged.

    best, a Run that has ended; runs, the list of all, to which new runs are added; points (N, D); rng, a Generator;
    attempts, how many; run_from, a function Step → Run; unit, N, constraint as for race  →  Run
    """
    if best.sharing >= min(ENOUGH, len(runs)):
        return best
    for _ in range(attempts):
        if best.end != "converged":
            break
        k, n = rng.integers(len(best.mixture.weights)), rng.integers(len(points))
        rival = run_from(best.step._replace(mixture=with_component_at(best.mixture, k, points[n])))
        runs.append(rival)
        rival.go_on(TRIAL)
        best = better_run(best, rival, unit, N, constraint)
    return best


def past_saddle_point(best, runs, run_from, unit=1.0, N=None, constraint=None):
    """The run itself, or, if it converged with identical components, the better of it and a run with these moved apart.

    EM never separates identical components, although the log-likelihood may increase when they are separated: the run
    has reached a saddle point. The new run may take up to max_steps further steps. The arguments are those of
    components_moved.
    """
    if best.end != "converged" or not identical_components(best.mixture):
        return best
    rival = run_from(best.step._replace(mixture=separated(best.mixture)))
    runs.append(rival)
    rival.finish()
    return better_run(best, rival, unit, N, constraint)


def better_run(best, rival, unit=1.0, N=None, constraint=None):
    """The rival, if it is over 0.001 nats above the best run, now and at its end, and has no spike; or the best run.

    If the best run has a spike itself, which happens only if all starts did, any rival without one is better. The run
    that is not returned ends as "lower", "same", "spike" or "collapsed".
    """
    spiked = has_spike(best, N, constraint)

    def wins():
        higher = rival.log_likelihood > best.log_likelihood + unit * SAME
        return (higher or spiked) and rival.end != "collapsed" and not has_spike(rival, N, constraint)

    if wins():
        rival.finish()
    if wins():
        best.end = "spike" if spiked else "lower"
        return rival
    if rival.end != "collapsed":
        ahead = rival.log_likelihood - best.log_likelihood
        rival.end = "spike" if ahead > unit * SAME else "same" if ahead >= -unit * SAME else "lower"
    return best


def has_spike(run, N, constraint):
    """Whether the number of points is given, and a component of the run has become a spike."""
    return bool(N and run.end != "collapsed" and spikes(run.mixture, N, constraint))


def revived(runs):
    """The runs that ended as "lower" or "same", ready to continue after all better ones have been given up."""
    left_behind = [run for run in runs if run.end in ("lower", "same")]
    for run in left_behind:
        run.revive()
    return left_behind


def distinct(runs, same):
    """One run for each maximum, the highest first. The others end as "same", and are counted in its `sharing`."""
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
