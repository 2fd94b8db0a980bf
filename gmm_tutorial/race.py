"""Chapter 05: several starts compete, and the best of them is the fit. When to stop, and which starts go on."""

from itertools import islice

import numpy as np

from gmm_tutorial.errors import CollapseError
from gmm_tutorial.fit import rounding

WATCHED = 8  # E-steps that together must gain less than the tolerance
SAME = 1e-3  # nats: two starts nearer to one another than this are on the way to the same maximum
ENOUGH = 3  # starts that share the highest maximum end the race


def converged(log_likelihoods, tolerance):
    """True once the last eight E-steps together have changed the log-likelihood by less than the tolerance.

    A single small gain does not count, since on a plateau, or where a step was refused, gains may pause and grow again.
    A tolerance finer than the rounding of the sum over the points means that rounding; a tolerance of 0 means never.

    >>> import gmm_tutorial as gmm
    >>> from gmm_tutorial.race import converged
    >>> converged([-9, -5, -4, -4, -4, -4, -4, -4, -4, -4], tolerance=1e-6)
    False
    >>> converged([-9, -5, -4, -4, -4, -4, -4, -4, -4, -4, -4], tolerance=1e-6)
    True
    """
    last = log_likelihoods[-1 - WATCHED :]
    if len(last) <= WATCHED or tolerance <= 0:
        return False
    return bool(max(last) - min(last) < max(tolerance, rounding(last[-1])))


class Climb:
    """One start on its way: how high it is, every log-likelihood on the way, and how it ended, if it has.

    end  None while it runs; then "converged", "stopped" by max_steps, "collapsed", "lower" than others in the race,
         or the "same" as an earlier start
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


def race(climbs, e_steps=5, same=SAME):
    """The climb that is highest in the end, of several that set out from different starts.

    climbs, a list of Climb, each not begun  →  one of them; the others tell by `end` what became of them

    Every start takes 5 steps. Those within 0.001 nats of a better one are on the way to the same maximum, so only the
    earliest of them stays. The better half goes on for 10 steps, the better half of those for 20, and so on. The last
    two run to their ends, unless they meet. If three starts share the highest value, the race is over at once, and one
    of them runs to its end. A start that collapses is given up. The idea is successive halving: Jamieson & Talwalkar
    (2016).

    Raises CollapseError if all collapse.
    """
    running = climbs
    while any(climb.end is None for climb in running):
        for climb in running:
            climb.go_on(e_steps)
        alive = [climb for climb in running if climb.end != "collapsed"]
        if not alive:
            raise running[-1].error
        ranked, sharing = distinct(alive, same)
        kept = 1 if sharing >= ENOUGH else max(2, (len(running) + 1) // 2)
        for climb in ranked[kept:]:
            climb.end = "lower"
        running, e_steps = ranked[:kept], 2 * e_steps
    return running[0]


def distinct(climbs, same):
    """The climbs from the highest down, of those that are the same only the earliest; and how many share the top."""
    groups = []
    for climb in sorted(climbs, key=lambda climb: -climb.log_likelihood):
        if groups and groups[-1][0].log_likelihood - climb.log_likelihood <= same:
            groups[-1].append(climb)
        else:
            groups.append([climb])
    for group in groups:
        group.sort(key=climbs.index)
        for climb in group[1:]:
            climb.end = "same"
    return [group[0] for group in groups], len(groups[0])


def identical_components(mixture, nearer=1e-3):
    """Pairs of components that are the same Gaussian to a thousandth of a standard deviation: a fit with one too many.

    Equal components have equal responsibilities, so EM never parts them: it stands on a saddle of the likelihood.

    mixture of K  →  list of pairs (k, j), k < j

    >>> import gmm_tutorial as gmm
    >>> from gmm_tutorial.race import identical_components
    >>> identical_components(gmm.Mixture([0.2, 0.3, 0.5], [[0], [4], [0]], [[[1]], [[1]], [[1]]]))
    [(0, 2)]
    """
    pairs = []
    for k, (mean, root) in enumerate(zip(mixture.means, mixture.roots)):
        for j in range(k + 1, len(mixture.means)):
            spread = np.abs(root).max()
            means_meet = np.abs(mixture.means[j] - mean).max() <= nearer * spread
            if means_meet and np.abs(mixture.roots[j] - root).max() <= nearer * spread:
                pairs.append((k, j))
    return pairs
