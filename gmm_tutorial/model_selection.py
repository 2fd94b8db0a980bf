"""Chapter 09: the choice of K and the constraint, by a table of the fits of all combinations."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from functools import cached_property
from html import escape
from itertools import groupby
from typing import NamedTuple

import numpy as np

from gmm_tutorial.checks import Criterion, Rng, SeveralConstraints, WholeNumbers, Workers, is_chain, public
from gmm_tutorial.constraints import covariance_parameters, diagonal, full, spherical, tied
from gmm_tutorial.convergence import rounding
from gmm_tutorial.derived import ordered, step_to_half
from gmm_tutorial.em import em
from gmm_tutorial.errors import ArgumentError, CollapseError, Interrupted
from gmm_tutorial.mixture import Mixture
from gmm_tutorial.results import Fit
from gmm_tutorial.scale.calls import bar_of, fit
from gmm_tutorial.scale.processes import side_by_side
from gmm_tutorial.selection import aic, bic, icl, n_parameters
from gmm_tutorial.spikes import held_by_ridge, spikes

CRITERIA = {"bic": bic, "aic": aic, "icl": icl}
DECIDES_NOTHING = 2.0  # a smaller difference is "not worth more than a bare mention"           Kass & Raftery (1995)


class Attempt(NamedTuple):
    """A fit and the warnings that it caused; if it collapsed, None, the reason, and the error."""

    fit: Fit | None
    warnings: tuple[str, ...]
    error: CollapseError | None = None

    @property
    def sound(self):
        return is_sound(self.fit)


def is_sound(fit):
    """True if there is a fit whose likelihood does not depend on a spike or on a ridge."""
    if fit is None or held_by_ridge(fit.mixture, fit.constraint):
        return False
    return not spikes(fit.mixture, fit.N or np.inf)


@dataclass(frozen=True, eq=False)
class Candidate:
    """One combination of K and a constraint, and the best fit that was found for it.

    K; shape, the name of the constraint; fit, or None if every start collapsed; warnings, those of the fit; criterion,
    the function that compares the candidates
    """

    K: int
    shape: str
    fit: Fit | None
    warnings: tuple[str, ...]
    criterion: object

    @cached_property
    def value(self):
        """The value of the criterion; smaller is better, and ∞ means that there is no fit."""
        value = np.inf if self.fit is None else self.criterion(self.fit)
        if np.isnan(value):
            raise ArgumentError("criterion", f"{{argument}} returned {value} for {self}: it should return a number.")
        return value

    @property
    def sound(self):
        """True if there is a fit without a spike and without a component that only a ridge keeps from collapsing."""
        return is_sound(self.fit)

    @property
    def criterion_name(self):
        name = name_of(self.criterion)
        return SHORT.get(name, name)

    @property
    def remarks(self):
        """The reasons why its value cannot be trusted, as texts."""
        if self.fit is None:
            return self.warnings
        counts = self.fit.mixture.weights * (self.fit.N or np.nan)
        held = held_by_ridge(self.fit.mixture, self.fit.constraint)
        spiky = spikes(self.fit.mixture, self.fit.N or np.inf)
        by_ridge = [f"only the ridge keeps component {k} from collapsing" for k in held]
        on_few = [f"component {k} is a spike on {counts[k]:.1f} points" for k in spiky]
        return (*by_ridge, *on_few, *self.warnings, *(() if self.fit.converged else ("not converged",)))

    @property
    def row(self):
        """Its row of the table, as a dictionary of names and numbers."""
        row = {"K": self.K, "shape": self.shape}
        if self.fit is not None:
            row |= {"log_likelihood": self.fit.log_likelihood}
            row |= {"parameters": n_parameters(self.fit.mixture, self.fit.constraint)}
            known = [name for name in CRITERIA if name != "icl" or self.fit.log_certainty is not None]
            row |= {name: CRITERIA[name](self.fit) for name in known}
            if self.criterion not in CRITERIA.values():
                row |= {name_of(self.criterion): self.value}
            row |= {"converged": self.fit.converged}
        return row | {"warnings": "; ".join(self.remarks)}

    def __str__(self):
        return f"K = {self.K}, {self.shape}"


@dataclass(frozen=True, eq=False)
class Selection:
    """All the candidates that were compared, and the one that the criterion prefers.

    candidates, by K, then in the order of the constraints; chosen, the one with the smallest value, and best, its Fit;
    close, those whose value is within 2 of it, which is too little for a decision on the scale of −2 ℓ; table, a list
    of rows, for pandas.DataFrame

    Candidates with a spike, or with a component that only a ridge keeps from collapsing, are shown but not chosen: see
    `select`. `gmm.plots.selection(axes, selection)` draws them all.
    """

    candidates: tuple[Candidate, ...]

    @property
    def chosen(self):
        return min([each for each in self.candidates if each.sound] or self.candidates, key=value_of)

    @property
    def best(self):
        return self.chosen.fit

    @property
    def close(self):
        chosen, limit = self.chosen, self.chosen.value + DECIDES_NOTHING
        others = [each for each in self.candidates if each is not chosen and each.sound and each.value < limit]
        return sorted(others, key=value_of)

    @property
    def table(self):
        return [each.row for each in self.candidates]

    @property
    def verdict(self):
        """The conclusion from the table, in sentences."""
        chosen, close = self.chosen, self.close
        sentences = [f"{chosen.criterion_name} prefers {chosen}."]
        if close:
            which = "differences decide" if len(close) > 1 else "difference decides"
            sentences.append(f"Within {DECIDES_NOTHING:.0f} of it: {listed(close)}. Such {which} nothing.")
        if not chosen.sound:
            sentences.append("Every fit has a spike, or a collapse prevented only by a ridge: try fewer components.")
        elif lower := [each for each in self.candidates if each.value < chosen.value]:
            sentences.append(f"Not considered, with a spike or a collapse prevented only by a ridge: {listed(lower)}.")
        if not chosen.fit.converged:
            cure = "see the table" if chosen.warnings else "raise max_steps"
            sentences.append(f"Its fit has not converged: {cure}.")
        tried = [each.K for each in self.candidates]
        if chosen.K == max(tried) > 1 and chosen.sound:
            sentences.append(f"K = {chosen.K} is the largest that was tried: try larger ones.")
        elif chosen.K == min(tried) > 1:
            sentences.append(f"K = {chosen.K} is the smallest that was tried: try smaller ones.")
        return " ".join(sentences)

    def _lines(self):
        """The rows of the table as texts, the best first."""
        names = [name for name in max(self.table, key=len) if name not in ("converged", "warnings")]
        marks = {id(each): "≈" for each in self.close} | {id(self.chosen): "←"}
        yield [*(SHORT.get(name, name) for name in names), "", ""]
        for each in sorted(self.candidates, key=lambda each: (not each.sound, each.value)):
            cells = [in_short(each.row.get(name)) for name in names]
            yield [*cells, marks.get(id(each), ""), "; ".join(each.remarks)]

    def __repr__(self):
        rows = list(self._lines())
        widths = [max(map(len, column)) for column in zip(*rows)][:-1]
        lines = ["  ".join([*(cell.rjust(width) for cell, width in zip(row, widths)), row[-1]]) for row in rows]
        return "\n".join([*(line.rstrip() for line in lines), "", self.verdict])

    def _repr_html_(self):
        head, *rows = ["".join(f"<td>{escape(cell)}</td>" for cell in row) for row in self._lines()]
        body = "".join(f"<tr>{row}</tr>" for row in rows)
        return f"<table><tr>{head.replace('td>', 'th>')}</tr>{body}</table><p>{escape(self.verdict)}</p>"


SHORT = {"log_likelihood": "ℓ", "parameters": "p", "bic": "BIC", "aic": "AIC", "icl": "ICL"}


def value_of(candidate):
    return candidate.value


def listed(candidates):
    return "; ".join(map(str, candidates))


def in_short(value):
    return "" if value is None else f"{value:.1f}" if isinstance(value, float) else str(value)


def name_of(function):
    """The name of a function, a partial function, or a chain of constraints."""
    if is_chain(function):
        return " + ".join(map(name_of, function.constraints))
    return getattr(getattr(function, "func", function), "__name__", type(function).__name__)


def select(
    points,
    components: WholeNumbers,
    constraints: SeveralConstraints = (full, tied, diagonal, spherical),
    criterion: Criterion = "bic",
    *,
    rng: Rng = None,
    progress: bool = False,
    workers: Workers = 1,
    **options,
) -> Selection:
    """A comparison of all combinations of K and a constraint, from which a criterion chooses the best fit.

    points (N, D)  →  Selection, a table that contains the best fit

    components   the values of K to try, such as range(1, 10)
    constraints  the constraints to try, such as [gmm.full, gmm.tied]
    criterion    "bic", "aic" or "icl"; or a function of a Fit, where smaller is better
    rng          a seed or a Generator; one seed gives one result
    progress     True shows a bar, if tqdm is installed
    workers      the number of processes that fit at the same time, at most one on each core, -1 for all of these;
                 above 1, joblib is needed. It helps with few points; with many, each fit uses all cores by itself
    options      further arguments of gmm.fit: starts, sample_weights, missing, tolerance, max_steps, initialize, steps

    Each combination is fitted from its own starts, and once more from related fits: those with the same K under other
    constraints, and the one with one component less, of which one is split in two. So a model rarely has a lower
    likelihood than a simpler model that it contains.

    Two kinds of fits are shown but not chosen, because their likelihood says nothing about the data. In the first kind,
    a ridge makes up more than half of a component's variance in some direction, so that the likelihood depends on the
    size of the ridge. In the second kind, a component is a spike: it explains fewer than 10 D points, and in some
    direction its variance is less than a thousandth of that of the average component. Candidates within 2 of the best
    are marked, because such a difference is too small for a decision.

    Ctrl-C raises Interrupted, which contains a Selection of the combinations that were finished.
    Raises ValueError if K is larger than the number of different points, if a constraint of your own does not tell its
    number of parameters, or if no combination can be fitted.

    >>> import gmm_tutorial as gmm
    >>> selection = gmm.select(gmm.load_acidity(), range(1, 4), [gmm.full, gmm.tied], rng=0, starts=3)
    >>> str(selection.chosen), round(gmm.bic(selection.best), 1)
    ('K = 2, tied', 392.1)
    """
    if "constraint" in options:
        raise ArgumentError("constraint", "{argument} is for gmm.fit: give gmm.select a list, constraints=[...].")
    for constraint in constraints:
        covariance_parameters(constraint, 1, 1)  # one that does not tell its number raises its error now
    criterion = CRITERIA.get(criterion, criterion) if isinstance(criterion, str) else criterion
    keys = [(K, c) for K in sorted(set(components)) for c in range(len(constraints))]
    names, finished = list(map(name_of, constraints)), {}

    def attempt(start, c, **more):
        return attempted(points, start, constraint=constraints[c], **options | more)

    def selection():
        return Selection(tuple(Candidate(K, names[c], *finished[K, c][:2], criterion) for K, c in sorted(finished)))

    with bar_of("fits", 2 * len(keys), progress) as tick:
        try:
            for key, best in in_two_rounds(attempt, keys, constraints, rng, side_by_side(workers)):
                finished[key] = best
                tick()
        except KeyboardInterrupt:
            if any(each.fit for each in finished.values()):
                raise Interrupted(selection().best, selection()) from None
            raise
    if not any(each.fit for each in finished.values()):
        raise next(iter(finished.values())).error
    return selection()


def in_two_rounds(attempt, keys, constraints, rng, map):
    """The best attempt for each key (K, number of the constraint): from its own starts, and again from its neighbors'.

    A key comes with its attempt as soon as that is finished. In the second round, those with the same K are made at the
    same time, so they all start from what was known before.
    """
    seeds = dict(zip(keys, rng.integers(2**53, size=len(keys)).tolist()))
    known = {}

    def from_own_starts(key):
        return attempt(*key, rng=seeds[key])

    def from_neighbors(key):
        starts = neighbors(known, *key, constraints[key[1]], attempt)
        return better([known[key], *(attempt(start, key[1]) for start in starts)])

    for key, found in zip(keys, map(from_own_starts, keys)):
        known[key] = found
        yield key, found
    for _, same_K in groupby(keys, key=lambda key: key[0]):
        some, again = list(same_K), {}
        for key, found in zip(some, map(from_neighbors, some)):
            again[key] = found
            yield key, found
        known = known | again


def attempted(points, start, **options):
    """A fit and its warnings, which are kept and not shown."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            found = public(fit)(points, start, **options)
            found = replace(found, mixture=ordered(found.mixture))
        except CollapseError as error:
            return Attempt(None, (f"collapsed: {error.reason}",), error)
    told = ("max_steps", "is a spike")  # among the remarks
    said = [str(each.message) for each in caught if not any(words in str(each.message) for words in told)]
    return Attempt(found, tuple(dict.fromkeys(said)))


def better(attempts):
    """The attempt with the highest likelihood, among the sound ones if there are any; the first one if several tie."""
    found = [each for each in attempts if each.sound] or [each for each in attempts if each.fit is not None]
    if not found:
        return attempts[0]
    heights = [each.fit.log_likelihood for each in found]
    return next(each for each, height in zip(found, heights) if height >= max(heights) - rounding(max(heights)))


def neighbors(found, K, c, constraint, attempt):
    """The mixtures to start from, which were found for other combinations."""
    starts = [each.fit.mixture for (k, other), each in found.items() if k == K and other != c and each.sound]
    fewer = found.get((K - 1, c))
    if fewer is not None and fewer.sound:
        halves = [constraint(split(fewer.fit.mixture, k)) for k in range(K - 1)]
        first_steps = [attempt(start, c, max_steps=3, steps=em) for start in halves]
        if any(each.fit for each in first_steps):
            starts.append(better(first_steps).fit.mixture)
    return [constraint(mixture) for mixture in starts]


def split(mixture, k):
    """The mixture with component k split in two across its longest axis, each half with the moments of a half Gaussian.

    μₖ ± √(2/π) √λ v     Σₖ − (2/π) λ v vᵀ     with the largest eigenvalue λ and its eigenvector v

    """
    step = step_to_half(mixture, k)
    weights, means, covariances = (np.concatenate([array, array[[k]]]) for array in mixture)
    weights[[k, -1]] /= 2
    means[k] -= step
    means[-1] += step
    covariances[[k, -1]] -= np.outer(step, step)
    return Mixture._trusted(weights, means, covariances)
