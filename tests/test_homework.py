"""The homework's own proof: every mistake is told as itself, every right style passes, and nothing hidden is shown."""

import random
import re
import sys
import threading
import time
from contextlib import suppress
from functools import partial
from inspect import unwrap
from itertools import count, islice
from pathlib import Path

import IPython
import nbformat
import numpy as np
import pandas as pd
import pytest
from scipy import special, stats

import gmm_tutorial as gmm
from gmm_tutorial import homework
from gmm_tutorial.homework import Result, check, exercises, log_likelihood, subject, watch
from gmm_tutorial.homework.course import RIGHT, Course, reached_from
from gmm_tutorial.homework.exercises import BY_FORMULA, EXERCISES
from gmm_tutorial.homework.inputs import CASES, FAR
from gmm_tutorial.homework.judges.samples import MIXTURE
from gmm_tutorial.homework.laws import LAWS
from gmm_tutorial.homework.mistakes import MISTAKES
from gmm_tutorial.homework.mistakes.starts import far_from_the_nearest
from gmm_tutorial.homework.watch import TimeIsOver, watched

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
FORMULAS = {exercise.place: exercise.package for exercise in EXERCISES} | {"em": unwrap(gmm.em)}
VERSIONS = [(m, version) for m in MISTAKES if not m.is_symptom for version in m.versions]
BY_NAME = {mistake.name: mistake for mistake in MISTAKES}


def ids(value):
    return getattr(value, "name", "")


def says(result, name):
    return result.headline.endswith(f": {name}")


def method(course, exercise):
    """The formula of a course that has a mistake somewhere; for gmm.em its generator."""
    return getattr(course, "em" if exercise.place == "trace" else exercise.place)


def exercise_with(place):
    """The formula itself, or the first one that has it as a part."""
    place = "trace" if place == "em" else place
    own = [exercise for exercise in EXERCISES if exercise.place == place]
    return (own or [exercise for exercise in EXERCISES if place in reached_from(exercise.place)])[0]


# ---- every mistake is told as itself


def test_the_catalogue_has_more_than_five_hundred_mistakes_for_more_than_forty_formulas():
    assert len(MISTAKES) > 500
    assert len(BY_FORMULA) > 40


def test_no_two_mistakes_have_one_name_and_each_has_a_hint():
    wrong = {mistake.wrong for mistake in MISTAKES}
    assert len({function.__name__ for function in wrong}) == len(wrong)
    assert all(mistake.hint for mistake in MISTAKES)


@pytest.mark.parametrize(("mistake", "version"), VERSIONS, ids=ids)
def test_each_mistake_is_told_as_itself(mistake, version):
    exercise = exercise_with(mistake.place)
    result = check(method(Course(**{mistake.place: version}), exercise), exercise.package)
    assert result.passed == mistake.is_valid
    assert says(result, mistake.name)
    assert result.hint == mistake.hint


# ---- a mistake in a part is told in the whole


@pytest.mark.slow
@pytest.mark.parametrize("exercise", [e for e in EXERCISES if e.place != "trace"], ids=lambda e: e.place)
def test_a_mistake_in_a_part_is_told_in_the_whole(exercise):
    lifted = [mistake for mistake in exercise.mistakes if mistake.place != exercise.place]
    told, wrong, silent = 0, 0, []
    for mistake in lifted:
        result = check(method(Course(**{mistake.place: mistake.versions[0]}), exercise), exercise.package)
        wrong += not result
        if says(result, mistake.name):
            told += 1
        elif not result and not re.search("exactly the numbers|raised", result.headline):
            silent.append((mistake.name, result.headline))
    assert silent == []
    assert told >= 0.6 * wrong


@pytest.mark.parametrize(("whole", "name"), [
    ("e_step", "the constant of one dimension"),
    ("log_joint", "the covariance where its inverse belongs"),
    ("log_likelihood", "the determinant left out"),
    ("responsibility", "the weights left out"),
    ("m_step", "means divided by N"),
    ("m_step", "one less than the count"),
    ("summarize", "the determinant left out"),
    ("kmeans", "the farthest center chosen"),
    ("bic", "both triangles of a covariance counted"),
    ("icl", "the average over the points"),
    ("log_gaussian", "the factor on its other side"),
    ("log_gaussian_by_factor", "the constant twice"),
    ("total_covariance", "covariances added up"),
])  # fmt: skip
def test_a_mistake_is_known_in_the_formulas_built_on_it(whole, name):
    exercise, mistake = exercise_with(whole), BY_NAME[name]
    assert says(check(method(Course(**{mistake.place: mistake.versions[0]}), exercise), exercise.package), name)


def test_what_a_formula_is_built_on_does_not_depend_on_how_python_compiles_it():
    assert {"log_joint", "log_gaussian", "log_constant", "log_determinant", "mahalanobis", "whiten"} < set(
        reached_from("responsibility")
    )
    for name, method in vars(Course).items():
        for part in getattr(method, "parts", ()):
            assert hasattr(RIGHT, part), (name, part)


def test_every_part_that_a_formula_names_is_used_by_it():
    """A part that is replaced by one that fails must make the whole fail: `@built_on` says the truth."""

    def fails(*arguments):
        raise ZeroDivisionError

    for exercise in EXERCISES:
        for part in reached_from(exercise.place)[1:]:
            course = Course(**{part: fails})
            with pytest.raises(ZeroDivisionError):
                exercise.by(course, exercise.cases[0])


PREFERENCES = [
    ("the farthest center decides", lambda d: d.max(axis=1)),
    ("distances that are not squared", lambda d: np.sqrt(d.min(axis=1))),
    ("distances squared twice", lambda d: d.min(axis=1) ** 2),
    ("every other point alike", lambda d: np.sign(d.min(axis=1))),
    ("every point alike even one that is taken", lambda d: np.ones(len(d))),
    ("the farthest point always", lambda d: d.min(axis=1) == d.min(axis=1).max()),
    ("the last center only", lambda d: d[:, -1]),
    ("the first center only", lambda d: d[:, 0]),
    ("distances added over the centers", lambda d: d.sum(axis=1)),
]


@pytest.mark.parametrize(("name", "preference"), PREFERENCES, ids=lambda v: v if isinstance(v, str) else "")
def test_a_wrong_preference_of_kmeans_plus_plus_is_told_from_its_draws(name, preference):
    result = check(drawing(preference), gmm.kmeans_plus_plus)
    assert not result
    assert says(result, name)


@pytest.mark.parametrize(("formula", "start", "name"), [
    (gmm.kmeans_plus_plus, lambda: drawing(far_from_the_nearest, first_row=True), "the first row as first center"),
    (gmm.random_points, lambda: drawing(lambda d: np.sign(d.min(axis=1)), True), "the first row and then any"),
    (gmm.random_points, lambda: drawing(lambda d: np.ones(len(d))), "every point alike even one that is taken"),
    (gmm.random_points, lambda: lambda x, K, rng: x[:K], "the first rows"),
    (gmm.random_points, lambda: lambda x, K, rng: x[(rng.integers(len(x)) + np.arange(K)) % len(x)],
     "rows beside each other"),
    (gmm.random_points, lambda: drawing(far_from_the_nearest), "far points preferred"),
    (gmm.random_points, lambda: lambda x, K, rng: x[1 + rng.permutation(len(x) - 1)[:K]], "never the first row"),
    (gmm.random_points, lambda: lambda x, K, rng: x[rng.permutation(len(x) - 1)[:K]], "never the last row"),
])  # fmt: skip
def test_a_wrong_start_is_told_from_its_draws(formula, start, name):
    assert says(check(start(), formula), name)


def test_a_start_without_chance_is_not_only_asked_for_a_fixed_seed():
    def farthest(points, K, rng):
        rows = [0]
        while len(rows) < K:
            rows.append(gmm.squared_distance(points, points[rows]).min(axis=1).argmax())
        return points[rows]

    assert "or is nothing drawn at all?" in check(farthest, gmm.kmeans_plus_plus).hint


@pytest.mark.parametrize("arrange", [np.sort, lambda rows: rows])
def test_the_order_in_which_random_points_come_does_not_matter(arrange):
    assert check(lambda x, K, rng: x[arrange(rng.choice(len(x), K, replace=False, shuffle=False))], gmm.random_points)


def drawing(preference, first_row=False):
    def start(points, K, rng):
        rows = [0 if first_row else rng.integers(len(points))]
        while len(rows) < K:
            chances = preference(gmm.squared_distance(points, points[rows])) * 1.0
            total = chances.sum()
            rows.append(rng.choice(len(points), p=chances / total) if total else 0)
        return points[rows]

    return start


# ---- two mistakes, variants, and what is in no catalogue


def test_two_mistakes_in_two_parts_are_both_told():
    by_name = {mistake.name: mistake for mistake in MISTAKES}
    one, other = by_name["means divided by N"], by_name["one less than the count"]
    result = check(Course(**{one.place: one.wrong, other.place: other.wrong}).m_step, gmm.m_step)
    assert one.name in result.headline
    assert other.name in result.headline


def test_the_covariance_about_the_old_mean_is_a_valid_variant_of_a_step_and_of_a_fit():
    variant = next(mistake.wrong for mistake in MISTAKES if mistake.is_valid)

    def fit(points, start, least=1e-9):
        trace, steps = [], variant(points, start)
        while len(trace) < 3 or trace[-1] - trace[-2] > least:
            mixture, ell = next(steps)
            trace.append(ell)
        return gmm.Mixture(*mixture), trace

    def of_three_steps(points, mixture):
        return mixture, fit(points, mixture)[1][:3]

    for result in (
        check(lambda points, mixture: next(islice(variant(points, mixture), 1, None))[0], gmm.em),
        check(fit, gmm.fit),
    ):
        assert result
        assert "a valid variant" in result.headline
    assert "a plateau taken for the top" in check(partial(fit, least=0.1), gmm.fit).headline
    assert "the one before the last log-likelihood" in check(of_three_steps, gmm.fit).headline


def test_a_valid_variant_must_not_fail_on_any_input():
    def my_icl(points, mixture):
        shares = np.maximum(gmm.responsibility(points, mixture), 1e-300)
        return gmm.bic(points, mixture) - 2 * (shares * np.log(shares)).sum() + 0 * shares[0, 1]

    result = check(my_icl, gmm.icl)
    assert "raised IndexError" in result.headline
    assert "This happens where K = 1; elsewhere your numbers are right." in result.hint


def test_all_the_places_of_an_exception_are_named():
    def fails_twice(points, responsibilities):
        return gmm.mean(points, responsibilities) + 0 * points[0, 1] + 0 * responsibilities[0, 1]

    assert "This happens where D = 1, and where K = 1; elsewhere" in check(fails_twice, gmm.mean).hint


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda means: 3 * means, "each is 3 times"),
        (lambda means: means + 7, "off by the same 7"),
        (lambda means: -means, "the sign is turned"),
        (lambda means: means**2, "squared"),
        (lambda means: np.sqrt(np.abs(means)), "a root"),
        (lambda means: np.exp(means), "an exponential"),
        (lambda means: 1 / means, "upside down"),
        (lambda means: means[::-1], "components come in the opposite order"),
        (lambda means: means[:, ::-1], "last axis comes in the opposite order"),
        (lambda means: np.roll(means, 1, axis=0), "in another order"),
        (lambda means: means * (2 + np.arange(len(means)))[:, None], "wrong by one factor, which differs"),
    ],
)
def test_what_is_in_no_catalogue_is_told_by_its_algebra(change, words):
    assert words in check(lambda points, gammas: change(gmm.mean(points, gammas)), gmm.mean).headline


def test_what_nothing_explains_is_shown_on_three_points():
    result = check(lambda points, gammas: gmm.mean(points, gammas) * 1.3 + np.sin(points[:1]), gmm.mean)
    assert "An input on which it shows:\n  points = [[0.],\n            [1.],\n            [4.]]" in str(result)
    assert "your means" in str(result)


def naive_log_likelihood(points, mixture):
    return np.log(np.exp(gmm.log_joint(points, mixture)).sum(axis=1)).sum()


def patched_responsibility(points, mixture):
    joints = np.exp(gmm.log_joint(points, mixture))
    return np.nan_to_num(joints / joints.sum(axis=1, keepdims=True))


def two_rounds(points, mixture):
    for _ in range(2):
        mixture = gmm.m_step(points, gmm.responsibility(points, mixture))
    return mixture


def by_np_cov(points, responsibilities, means):
    return [np.cov(points.T, aweights=gamma) for gamma in responsibilities.T]


@pytest.mark.parametrize(
    ("answer", "formula", "name"),
    [
        (naive_log_likelihood, log_likelihood, "exponentials that underflow"),
        (
            lambda x, m: (patched_responsibility(x, m), naive_log_likelihood(x, m)),
            gmm.e_step,
            "nan turned into zero",
        ),
        (patched_responsibility, gmm.responsibility, "nan turned into zero"),
        (lambda x, m: 2 * gmm.n_parameters(m) + 2 * log_likelihood(x, m), gmm.aic, "the log likelihood added"),
        (
            lambda x, m: gmm.n_parameters(m) * np.log(len(x)) + 2 * log_likelihood(x, m),
            gmm.bic,
            "a log likelihood that is added",
        ),
        (two_rounds, gmm.em, "two rounds in one step"),
        (by_np_cov, gmm.covariance, "np cov with its own correction"),
        (
            lambda x, g, m: [np.atleast_2d(c) for c in by_np_cov(x, g, m)],
            gmm.covariance,
            "np cov with its own correction",
        ),
        (lambda x, g, m: [np.cov(x.T, aweights=gamma, ddof=0) for gamma in g.T], gmm.covariance, "means of your own"),
        (
            lambda x, g: (gmm.weight(g), gmm.mean(x, g), by_np_cov(x, g, None)),
            gmm.m_step,
            "np cov with its own correction",
        ),
    ],
)
def test_what_students_write_is_told_by_its_own_name(answer, formula, name):
    assert says(check(answer, formula), name)


def huge_is_cut(points, mixture):
    return np.maximum(gmm.log_density(points, mixture), -1000)


def test_what_is_wrong_in_special_inputs_only_is_said_to_be_right_elsewhere():
    text = str(check(huge_is_cut, gmm.log_density, hints=2))
    assert "right on ordinary inputs, and wrong where one point is 400 units away" in text
    assert "times what it should be" not in text
    assert "off by" not in text
    assert "of 0 ordinary" not in text


@pytest.mark.parametrize(("answer", "formula", "words"), [
    (lambda x, g: gmm.mean(x, g), gmm.m_step, "one array of shape (3, 2), expected 3"),
    (lambda x, m: gmm.responsibility(x, m), gmm.e_step, "one array of shape (23, 3), expected 2"),
    (lambda x, g: gmm.mean(x, g) + 1j, gmm.mean, "found numbers of type complex128"),
    (lambda x, m: np.clip(gmm.responsibility(x, m), 0.01, 0.99), gmm.responsibility, "Work the example below through"),
    (lambda x, m: (step.log_likelihood for step in gmm.em(x, m)), gmm.em, "in each step you returned 1 result"),
    (lambda x, m: [(*one_step(x, m), "high")] * 4, gmm.em, "your log-likelihood cannot be read"),
    (lambda x, g, m: changed_at(gmm.covariance(x, g, m), np.s_[:, 0]), gmm.covariance, "the first matrix row"),
    (lambda x, m: changed_at(gmm.log_density(x, m), np.s_[3:5]), gmm.log_density, "wrong in 14 of 155 numbers"),
    (lambda x: np.log(len(x)) * gmm_weight(x), gmm.weight, "too large by the factor log N, in each input"),
])  # fmt: skip
def test_what_is_found_is_said_in_plain_words(answer, formula, words):
    result = check(answer, formula)
    assert words in str(result)
    assert "rixs" not in str(result)


def test_one_shift_for_all_inputs_is_not_said_to_differ_between_them():
    text = str(check(lambda x, m: gmm.log_density(x, m) + 7, gmm.log_density, hints=2))
    assert "off by the same 7, everywhere" in text
    assert "differs between" not in text


def test_what_is_said_of_every_number_is_said_of_the_inputs_that_are_wrong():
    text = str(check(lambda x, g: gmm.mean(x, g) + (len(x) == 23) * (1 + x[:1] ** 2), gmm.mean, hints=2))
    assert "too large in every number of some inputs" in text


def changed_at(array, place):
    array = array.copy()
    array[place] += 0.1 + np.sin(array[place])
    return array


def gmm_weight(responsibilities):
    return responsibilities.mean(axis=0)


def missing_from_numpy(points, responsibilities):
    return np.sums(points)


def too_many_brackets(points, responsibilities):
    return points[0, 0, 0]


def changes_a_mixture(points, mixture):
    mixture.means[0] = 0


def replaces_a_field(points, mixture):
    mixture.means = 0


@pytest.mark.parametrize(("answer", "formula", "words"), [
    (missing_from_numpy, gmm.mean, "The module has no function of this name."),
    (too_many_brackets, gmm.mean, "fewer axes than you write"),
    (lambda x, g: x[:, 99], gmm.mean, "An index goes past the end"),
    (lambda x, m: m.factor, gmm.log_joint, "A mixture has .weights"),
    (changes_a_mixture, gmm.log_joint, "cannot be changed. Make a new array"),
    (replaces_a_field, gmm.log_joint, "cannot be changed. Make a new array"),
])  # fmt: skip
def test_what_python_says_gets_the_advice_that_fits_it(answer, formula, words):
    assert words in check(answer, formula).hint


def test_a_summary_is_shown_by_its_parts():
    text = str(check(no_known_mistake(next(e for e in EXERCISES if e.place == "merge")), gmm.merge))
    assert "An input on which it shows:" in text
    assert "one.log_likelihood = " in text
    assert "other.counts = [" in text


def test_a_mistake_that_breaks_a_law_tells_the_law_too():
    result = check(lambda points, gammas: gammas.T @ points / len(points), gmm.mean)
    assert "balance" in result.law
    assert says(result, "means divided by N")


# ---- how much is tried


def counted(monkeypatch):
    """Counts the candidates with one mistake and with two that are computed anew."""
    tried = []
    compute = subject.Candidate.compute

    def counting(self, case):
        tried.append(len(self.mistakes))
        return compute(self, case)

    monkeypatch.setattr(subject.Candidate, "compute", counting)
    for exercise in (*EXERCISES, exercises.ONE_STEP, exercises.ONE_STEP_AND_ITS_LOG_LIKELIHOOD):
        for kept in ("candidates", "pairs"):
            vars(exercise).pop(kept, None)
    return tried


def no_known_mistake(exercise):
    """An answer of the right shapes that no catalogue has."""

    def answer(*arguments):
        cases = (*exercise.cases, *exercise.small)
        case = next(case for case in cases if all(map(alike, [case[name] for name in exercise.arguments], arguments)))
        return [part * 1.1 + np.sin(np.arange(part.size) ** 2).reshape(part.shape) for part in exercise.right(case)]

    return answer if len(exercise.parts) > 1 else lambda *arguments: answer(*arguments)[0]


def alike(one, other):
    return all(np.array_equal(a, b) for a, b in zip(values_of(one), values_of(other)))


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.place)
def test_a_mistake_that_is_not_known_costs_no_more_pairs_than_allowed(exercise, monkeypatch):
    tried = counted(monkeypatch)
    result = (
        check(no_known_mistake(exercise), exercise.package)
        if exercise.place != "trace"
        else check(strange_climb, gmm.em)
    )
    assert not result
    assert "exactly the numbers" not in result.headline
    versions = sum(len(mistake.versions) for mistake in exercise.mistakes)
    assert tried.count(1) <= versions * len(exercise.cases)
    assert tried.count(2) <= subject.MOST_PAIRS + len(exercise.cases)


def strange_climb(points, mixture):
    while True:
        yield mixture, gmm.e_step(points, mixture)[1]
        weights, means, covariances = one_step(points, mixture)
        mixture = gmm.Mixture(weights, means * 1.01 + np.sin(points[0]), covariances)


def test_a_known_mistake_needs_no_pairs(monkeypatch):
    tried = counted(monkeypatch)
    for mistake in MISTAKES:
        if mistake.place in FORMULAS and not mistake.is_symptom:
            check(mistake.versions[0], FORMULAS[mistake.place])
    assert 1 in tried
    assert 2 not in tried


def test_a_wrong_shape_is_not_looked_for_in_pairs(monkeypatch):
    tried = counted(monkeypatch)
    assert "came back with shape" in check(lambda x, m: gmm.responsibility(x, m).T * 1.1, gmm.responsibility).headline
    assert 2 not in tried


# ---- every right style passes


def loops(points, responsibilities):
    means = []
    for gamma in responsibilities.T:
        total, counted = [0.0] * points.shape[1], 0.0
        for share, point in zip(gamma, points):
            total = [t + share * x for t, x in zip(total, point)]
            counted += share
        means.append([t / counted for t in total])
    return means


def single(points, responsibilities):
    points, responsibilities = points.astype(np.float32), responsibilities.astype(np.float32)
    return responsibilities.T @ points / responsibilities.sum(axis=0)[:, None]


RIGHT_MEANS = {
    "loops and lists": loops,
    "matrix product": lambda x, g: g.T @ x / g.sum(axis=0)[:, None],
    "einsum": lambda x, g: np.einsum("nk,nd->kd", g, x) / np.einsum("nk->k", g)[:, None],
    "broadcasting": lambda x, g: (g[:, :, None] * x[:, None]).sum(axis=0) / g.sum(axis=0)[:, None],
    "np.average": lambda x, g: [np.average(x, axis=0, weights=gamma) for gamma in g.T],
    "normalized first": lambda x, g: (g / g.sum(axis=0)).T @ x,
    "tensordot": lambda x, g: np.tensordot(g / g.sum(axis=0), x, axes=(0, 0)),
    "in single precision": single,
    "tuples": lambda x, g: tuple(tuple(row) for row in loops(x, g)),
    "Fortran order": lambda x, g: np.asfortranarray(gmm.mean(x, g)),
    "the package": gmm.mean,
}
RIGHT_COVARIANCES = {
    "outer products": lambda x, g, m: [
        sum(s * np.outer(p - mu, p - mu) for s, p in zip(w, x)) / w.sum() for w, mu in zip(g.T, m)
    ],
    "einsum": lambda x, g, m: about(x, g, m),
    "second moment less the mean's": lambda x, g, m: [
        (w[:, None] * x).T @ x / w.sum()
        - np.outer(mu, w @ x / w.sum())
        - np.outer(w @ x / w.sum(), mu)
        + np.outer(mu, mu)
        for w, mu in zip(g.T, m)
    ],
}


def about(x, g, m):
    d = x[:, None] - m
    return np.einsum("nk,nki,nkj->kij", g, d, d) / g.sum(axis=0)[:, None, None]


def by_scipy(points, mixture):
    parts = [np.log(pi) + stats.multivariate_normal(mu, sigma).logpdf(points) for pi, mu, sigma in zip(*mixture)]
    log_joints = np.reshape(parts, (len(parts), len(points))).T
    return special.softmax(log_joints, axis=1), special.logsumexp(log_joints, axis=1).sum()


def by_inverse_and_determinant(points, mean, covariance):
    deviations = points - mean
    distances = np.sum(deviations @ np.linalg.inv(covariance) * deviations, axis=1)
    return -0.5 * (len(mean) * np.log(2 * np.pi) + np.linalg.slogdet(covariance)[1] + distances)


def one_step(points, mixture):
    return gmm.m_step(points, gmm.responsibility(points, mixture))


def a_list_of_steps(points, mixture):
    return [(step.mixture, step.log_likelihood) for step in islice(gmm.em(points, mixture), 6)]


def a_fit_of_loops(points, mixture):
    trace = []
    while len(trace) < 3 or trace[-1] - trace[-2] > 1e-7:
        responsibilities, ell = gmm.e_step(points, mixture)
        trace.append(ell)
        last, mixture = mixture, gmm.m_step(points, responsibilities)
    return tuple(last), trace


REVERSED = ["covariances", "means", "weights"]


def regression_by_precisions(known, mixture):
    C = known.shape[1]
    parts, log_joints = [], []
    for pi, mu, sigma in zip(*mixture):
        precision = np.linalg.inv(sigma)
        parts.append(mu[C:] - (known - mu[:C]) @ np.linalg.solve(precision[C:, C:], precision[C:, :C]).T)
        log_joints.append(np.log(pi) + stats.multivariate_normal(mu[:C], sigma[:C, :C]).logpdf(known))
    return np.einsum("kn,knd->nd", special.softmax(log_joints, axis=0), parts)


STYLES = [
    (gmm.conditional_mean, regression_by_precisions),
    (gmm.summarize, lambda x, m: dict(zip(["log_likelihood", "counts", "means", "covariances"], gmm.summarize(x, m)))),
    (
        gmm.marginal,
        lambda m, kept: (m.weights, m.means[:, kept], [sigma[np.ix_(kept, kept)] for sigma in m.covariances]),
    ),
    (gmm.maximize, lambda summary: (summary.counts / summary.counts.sum(), *summary[2:])),
    (gmm.log_gaussian_by_factor, lambda x, mu, L: stats.multivariate_normal(mu, L @ L.T).logpdf(x)),
    *((gmm.mean, style) for style in RIGHT_MEANS.values()),
    *((gmm.covariance, style) for style in RIGHT_COVARIANCES.values()),
    (gmm.e_step, by_scipy),
    (gmm.responsibility, lambda points, mixture: by_scipy(points, mixture)[0].tolist()),
    (log_likelihood, lambda points, mixture: by_scipy(points, mixture)[1]),
    (log_likelihood, lambda points, mixture: np.array([by_scipy(points, mixture)[1]])),
    (gmm.log_gaussian, by_inverse_and_determinant),
    (gmm.log_gaussian, lambda x, m, c: stats.multivariate_normal(m, c).logpdf(x)),
    (gmm.m_step, lambda points, gammas: tuple(gmm.m_step(points, gammas))),
    (gmm.m_step, lambda points, gammas: dict(zip("abc", gmm.m_step(points, gammas)))),
    (gmm.m_step, lambda points, gammas: dict(zip(REVERSED, reversed([*gmm.m_step(points, gammas)])))),
    (gmm.m_step, lambda points, gammas: (part for part in gmm.m_step(points, gammas))),
    (
        gmm.e_step,
        lambda points, mixture: dict(zip(["responsibilities", "log_likelihood"], gmm.e_step(points, mixture))),
    ),
    (
        gmm.e_step,
        lambda points, mixture: dict(zip(["log_likelihood", "responsibilities"], gmm.e_step(points, mixture)[::-1])),
    ),
    (gmm.mean, lambda points, gammas: (row for row in gmm.mean(points, gammas))),
    (gmm.mean, lambda points, gammas: [map(float, row) for row in gmm.mean(points, gammas)]),
    (gmm.weight, lambda gammas: map(np.mean, gammas.T)),
    (gmm.weight, lambda gammas: {k: gamma.mean() for k, gamma in enumerate(gammas.T)}.values()),
    (gmm.em, lambda points, mixture: (part for part in one_step(points, mixture))),
    (
        gmm.em,
        lambda points, mixture: {
            "log_likelihood": gmm.e_step(points, one_step(points, mixture))[1],
            "mixture": one_step(points, mixture),
        },
    ),
    (gmm.fit, lambda points, mixture: dict(zip(["log_likelihoods", "mixture"], a_fit_of_loops(points, mixture)[::-1]))),
    (gmm.em, lambda points, mixture: dict(zip(REVERSED, reversed([*one_step(points, mixture)])))),
    (gmm.em, lambda points, mixture: [tuple(step) for step in islice(gmm.em(points, mixture), 4)]),
    (gmm.em, one_step),
    (gmm.em, lambda points, mixture: tuple(one_step(points, mixture))),
    (gmm.em, lambda points, mixture: list(islice(gmm.em(points, mixture), 2))[1]),
    (gmm.em, lambda points, mixture: (*one_step(points, mixture), gmm.e_step(points, one_step(points, mixture))[1])),
    (gmm.em, a_list_of_steps),
    (gmm.fit, a_fit_of_loops),
    (gmm.kmeans_plus_plus, drawing(far_from_the_nearest)),
    (gmm.random_points, lambda points, K, rng: rng.permutation(points)[:K]),
    (gmm.random_points, lambda points, K, rng: points[rng.permutation(len(points))[:K]].tolist()),
]


@pytest.mark.parametrize(("formula", "style"), STYLES)
def test_a_right_answer_passes_in_every_style(formula, style):
    result = check(style, formula)
    assert result, str(result)
    result.assert_passed()
    assert str(result).startswith("✓")


@pytest.mark.parametrize("exercise", BY_FORMULA.values(), ids=lambda exercise: exercise.title)
def test_every_formula_of_the_package_passes_its_own_check(exercise):
    public = getattr(gmm, exercise.package.__name__, log_likelihood)
    assert check(public, public)


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.place)
def test_the_course_that_mistakes_are_put_into_is_the_package(exercise):
    for case in exercise.cases:
        if exercise.place != "trace":
            with np.errstate(all="ignore"):  # an emptied cluster is divided by its count, and stays where it was
                theirs, right = exercise.package(*[case[name] for name in exercise.arguments]), exercise.right(case)
            theirs = list(theirs) if len(exercise.parts) > 1 else [theirs]
            for ours, their in zip(right, theirs, strict=True):
                np.testing.assert_allclose(ours, their, rtol=1e-9, atol=1e-12)


# ---- contracts


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda x, g: None, "returned None"),
        (lambda x, g: gmm.mean(x, g)[:, 0], "came back with shape (3,), expected (3, 2)"),
        (lambda x, g: gmm.mean(x, g)[:, None], "came back with shape (3, 1, 2)"),
        (lambda x, g: gmm.mean(x, g) * np.nan, "means have nan everywhere"),
        (lambda x, g: [["a", "b"]], "cannot be read as an array of real numbers (found list)"),
        (lambda x, g: [[1, 2], [3]], "cannot be read as an array"),
        (lambda x, g: object(), "cannot be read as an array of real numbers (found object)"),
        (lambda x: x, "your function takes (x)"),
        (max, "your function raised ValueError"),
        (gmm.load_faithful()[:3], "this is not a function"),
    ],
)
def test_a_broken_contract_is_told_first(answer, words):
    result = check(answer, gmm.mean)
    assert not result
    assert words in result.headline


def test_a_transposed_answer_is_asked_about():
    assert "Transposed?" in check(lambda x, m: gmm.responsibility(x, m).T * 1.5, gmm.responsibility).hint


def test_results_that_are_missing_are_counted():
    assert (
        "you returned 2 results, expected 3" in check(lambda x, g: (gmm.weight(g), gmm.mean(x, g)), gmm.m_step).headline
    )
    assert "you returned 1 result, expected 2" in check(lambda x, m: 1.0, gmm.e_step).headline
    assert "came back as None" in check(lambda x, m: (None, 1.0), gmm.e_step).headline


@pytest.mark.parametrize(
    ("formula", "answer", "found"),
    [
        (gmm.e_step, lambda x, m: gmm.e_step(x, m)[::-1], "another order: log-likelihood, responsibilities"),
        (
            gmm.e_step,
            lambda x, m: (np.array([gmm.e_step(x, m)[1]]), gmm.responsibility(x, m)),
            "another order: log-likelihood, responsibilities",
        ),
        (gmm.fit, lambda x, m: ([1.0], m), "another order: log-likelihoods, mixture"),
        (gmm.bayes, lambda a: gmm.bayes(a)[::-1], "another order: log-densities, responsibilities"),
        (gmm.m_step, lambda x, g: [*gmm.m_step(x, g)][::-1], "another order: covariances, means, weights"),
        (gmm.em, lambda x, m: [*one_step(x, m)][::-1], "another order: covariances, means, weights"),
        (
            gmm.em,
            lambda x, m: (step[::-1] for step in gmm.em(x, m)),
            "in each step your results come in another order: log-likelihood, weights, means, covariances",
        ),
    ],
)
def test_results_in_another_order_are_told_so(formula, answer, found):
    result = check(answer, formula)
    assert not result
    assert found in result.headline
    assert "in this order" in result.hint


def test_the_results_of_an_oracle_in_another_order_are_told_so_too():
    result = check(lambda x, s: my_both(x, s)[::-1], both_by_numpy, on=TWO_INPUTS)
    assert "another order: result 2, result 1" in result.headline


def test_results_that_cannot_be_three_arrays_are_told_so():
    assert "cannot be read" in check(lambda x, g: (1, 2, [[1, 2], [3]]), gmm.m_step).headline
    assert "raised ZeroDivisionError" in check(lambda x, m: 1 / 0, gmm.em).headline


def test_numbers_without_end_are_told_so():
    result = check(lambda x, g: count(1.0), gmm.mean)
    assert result.headline.endswith("what you return has no end")


def test_who_changes_an_array_is_told_so_even_if_the_numbers_are_right():
    def centered(points, responsibilities, means):
        result = gmm.covariance(points, responsibilities, means)
        points -= 1
        return result

    assert "you changed the array points" in check(centered, gmm.covariance).headline


def test_an_exception_is_told_with_the_line_of_the_student():
    def careless(points, responsibilities):
        return np.linalg.inv(responsibilities)  # not square

    result = check(careless, gmm.mean)
    assert "raised LinAlgError" in result.headline
    assert "return np.linalg.inv(responsibilities)  # not square" in result.hint


def test_an_exception_from_compiled_code_is_told_with_the_line_of_the_student():
    def careless(points, K, rng):
        return points[rng.choice(len(points), K, p=np.ones(len(points)))]  # adds up to more than one

    hint = check(careless, gmm.kmeans_plus_plus).hint
    assert "points[rng.choice(len(points), K, p=np.ones(len(points)))]" in hint
    assert ".." not in hint


def test_an_exception_without_words_is_told_as_such():
    def silent(points, responsibilities):
        raise ValueError

    assert "It says: nothing more." in check(silent, gmm.mean).hint


@pytest.mark.parametrize("wrap", [lambda right: right + 1j, lambda right: right.astype(str)])
def test_complex_numbers_and_words_are_no_right_answers(wrap):
    result = check(lambda points, responsibilities: wrap(gmm.mean(points, responsibilities)), gmm.mean)
    assert "cannot be read as an array of real numbers" in result.headline


def compute(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def test_a_slow_answer_that_is_right_is_right_however_long_all_its_calls_take(monkeypatch):
    monkeypatch.setattr(watch, "SECONDS", 0.3)

    def slow(points, responsibilities):
        compute(0.07)
        return gmm.mean(points, responsibilities)

    assert check(slow, gmm.mean)


def test_an_endless_loop_is_ended():
    def endless(points, responsibilities):
        while True:
            with suppress(Exception):
                points = points * 1

    before = threading.active_count()
    result = check(endless, gmm.mean)
    assert "did not come to an end" in result.headline
    assert "log-likelihood" not in result.hint
    assert "log-likelihood, which is negative" in check(endless, gmm.fit).hint
    assert threading.active_count() == before


def test_seconds_in_which_nothing_is_computed_count_less(monkeypatch):
    monkeypatch.setattr(watch, "SECONDS", 0.1)
    assert watched(time.sleep, 0.15) == (None, None)
    assert isinstance(watched(compute, 0.4)[1], TimeIsOver)


def test_a_call_that_cannot_be_ended_is_left_behind(monkeypatch):
    monkeypatch.setattr(watch, "WAITING", 0.05)
    _, error = watched(time.sleep, 3)
    assert isinstance(error, TimeIsOver)


def test_where_there_are_no_threads_the_call_runs_all_the_same(monkeypatch):
    def no_threads(self):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", no_threads)
    assert watched(lambda: 7) == (7, None)


def test_a_generator_of_steps_that_ends_is_reported():
    assert "ended after 2 steps" in check(lambda x, m: islice(gmm.em(x, m), 2), gmm.em).headline
    assert "returned None" in check(lambda x, m: None, gmm.em).headline
    assert "in each step you returned 3 results" in check(lambda x, m: (m for _ in "abcd"), gmm.em).headline


class Lazy:
    def __init__(self, steps):
        self.steps = steps

    def __iter__(self):
        yield from self.steps


def test_steps_are_taken_where_they_are_watched(monkeypatch):
    monkeypatch.setattr(watch, "SECONDS", 0.3)
    assert check(lambda x, m: Lazy(gmm.em(x, m)), gmm.em)
    assert "raised ZeroDivisionError" in check(lambda x, m: Lazy(1 / 0 for _ in "a"), gmm.em).headline
    assert "did not come to an end" in check(lambda x, m: Lazy(n for n in count() if n < 0), gmm.em).headline


@pytest.mark.parametrize(("answer", "words"), [
    (lambda x, m: [*one_step(x, m)][:2], "you returned 2 results, expected 3"),
    (lambda x, m: [*[*one_step(x, m)][:2], np.ones(m.means.shape)], "your covariances came back with shape (3, 2)"),
])  # fmt: skip
def test_a_list_of_the_results_of_one_step_is_not_taken_for_steps(answer, words):
    assert words in check(answer, gmm.em).headline


class NoWords(Exception):
    def __str__(self):
        raise RuntimeError


def test_an_exception_may_have_words_that_fail():
    def answer(*arguments):
        raise NoWords

    assert "It says: nothing more." in check(answer, gmm.mean).hint
    assert "It says: nothing more." in check(answer, laws=BOTH_LAWS).hint


def by_plain_densities(points, mixture):
    return np.log(np.exp(gmm.log_joint(points, mixture)).sum(axis=1)).sum()


@pytest.mark.parametrize(("answer", "formula"), [
    (lambda x, m: 2 * gmm.n_parameters(m) - 2 * by_plain_densities(x, m), gmm.aic),
    (lambda x, m: np.log(len(x)) * gmm.n_parameters(m) - 2 * by_plain_densities(x, m), gmm.bic),
    (lambda x, m: gmm.icl(x, m) + 0 * by_plain_densities(x, m), gmm.icl),
    (lambda x, m: ((step.mixture, by_plain_densities(x, step.mixture)) for step in gmm.em(x, m)), gmm.em),
    (lambda x, m: gmm.m_step(x, special.softmax(gmm.log_joint(x, m) / (by_plain_densities(x, m) > -9e9), axis=1)),
     gmm.em),
])  # fmt: skip
def test_a_density_that_underflows_far_away_is_seen_in_every_formula_built_on_it(answer, formula):
    assert not check(answer, formula)


def test_the_random_numbers_and_the_output_of_the_caller_are_left_alone(capsys):
    np.random.seed(3)  # noqa: NPY002
    random.seed(3)
    expected = np.random.RandomState(3).random(), random.Random(3).random()

    def start(points, K, rng):
        print("hello", np.random.random(), random.random())  # noqa: NPY002
        return points[rng.permutation(len(points))[:K]]

    assert check(start, gmm.random_points)
    assert "hello" in capsys.readouterr().out
    assert (np.random.random(), random.random()) == expected  # noqa: NPY002


# ---- starts


@pytest.mark.parametrize(
    ("start", "words"),
    [
        (lambda x, K, rng: None, "returned None"),
        (lambda x, K, rng: rng.permutation(len(x))[:K], "came back with shape (3,)"),
        (lambda x, K, rng: rng.uniform(size=(K, 2)), "is not one of the points"),
        (lambda x, K, rng: np.random.default_rng().permutation(x)[:K], "one seed gives two results"),
        (lambda x, K, rng: x.sort() or x[:K], "you changed the array points"),
        (lambda x, K, rng: x[[0, 1, 99]], "raised IndexError"),
        (lambda x, K: x[:K], "your function takes (x, K)"),
        (lambda x, K, rng: x[[3, 2, 1, 0][:K]], "every seed gives the same centers"),
        (lambda x, K, rng: x[rng.choice(len(x), 3, replace=False)], "came back with shape (3, 1), expected (4, 1)"),
        (lambda x, K, rng: x[rng.choice(4, K, replace=False)], "with N = 7 points, some never become centers"),
    ],
)
def test_the_contract_of_a_start(start, words):
    result = check(start, gmm.random_points)
    assert not result
    assert words in result.headline


def test_a_start_and_a_fit_are_told_their_arguments():
    for start in (gmm.random_points, gmm.kmeans_plus_plus):
        assert "It is called with (points, K, rng), in this order" in check(lambda x, K: x[:K], start).hint
    result = check(lambda points: (points, [1.0]), gmm.fit)
    assert result.headline.endswith("your function takes (points)")
    assert "It is called with (points, mixture), in this order, as gmm.fit is." in result.hint


# ---- samples


def sampler(change):
    """Samples from the mixture that a change makes of the one that is given."""

    def sample(mixture, size, rng):
        return gmm.sample(gmm.Mixture(*change(*mixture)), size, rng)

    return sample


def squares(matrices):
    return np.array([matrix @ matrix.T for matrix in matrices])


def each_label_at(step):
    """A sample whose noise, (N, D), is changed before it is stretched."""

    def sample(mixture, size, rng):
        labels = rng.choice(len(mixture.weights), size, p=mixture.weights)
        noise = step(rng.standard_normal((size, mixture.means.shape[1])), rng)
        return mixture.means[labels] + np.einsum("nij,nj->ni", mixture.factors[labels], noise), labels

    return sample


def in_quotas(mixture, size, rng):
    counts = np.round(mixture.weights * size).astype(int)
    counts[0] += size - counts.sum()
    labels = np.repeat(np.arange(len(counts)), counts)
    noise = rng.standard_normal((size, mixture.means.shape[1]))
    return mixture.means[labels] + np.einsum("nij,nj->ni", mixture.factors[labels], noise), labels


def in_pairs(mixture, size, rng):
    labels = np.repeat(rng.choice(len(mixture.weights), size, p=mixture.weights), 2)[:size]
    noise = rng.standard_normal((size, mixture.means.shape[1]))
    return mixture.means[labels] + np.einsum("nij,nj->ni", mixture.factors[labels], noise), labels


def averaged(mixture, size, rng):
    clouds = [rng.multivariate_normal(mu, sigma, size) for _, mu, sigma in zip(*mixture)]
    labels = rng.choice(len(mixture.weights), size, p=mixture.weights)
    return np.einsum("k,knd->nd", mixture.weights, clouds), labels


def shuffled_labels(mixture, size, rng):
    points, labels = gmm.sample(mixture, size, rng)
    return points, rng.permutation(labels)


I = np.eye(2)  # noqa: E741
L = np.linalg.cholesky(MIXTURE.covariances)
SAMPLERS = {
    "the covariance where its factor belongs": sampler(lambda pi, mu, S: (pi, mu, squares(S))),
    "the transposed factor": sampler(lambda pi, mu, S: (pi, mu, squares(np.swapaxes(L, 1, 2)))),
    "coordinates drawn by themselves": sampler(lambda pi, mu, S: (pi, mu, S * I)),
    "variances taken for standard deviations": sampler(lambda pi, mu, S: (pi, mu, S**2 * I)),
    "only the diagonal of the factor": sampler(lambda pi, mu, S: (pi, mu, squares(L * I))),
    "noise that is not stretched": sampler(lambda pi, mu, S: (pi, mu, 0 * S + I)),
    "noise divided by the factor": sampler(lambda pi, mu, S: (pi, mu, np.linalg.inv(S))),
    "the first factor for all": sampler(lambda pi, mu, S: (pi, mu, S[[0, 0, 0]])),
    "the last factor for all": sampler(lambda pi, mu, S: (pi, mu, S[[2, 2, 2]])),
    "means not added": sampler(lambda pi, mu, S: (pi, 0 * mu, S)),
    "one mean for all clouds": sampler(lambda pi, mu, S: (pi, mu[[1, 1, 1]], S)),
    "equal shares": sampler(lambda pi, mu, S: (np.full(3, 1 / 3), mu, S)),
    "labels beside other points": shuffled_labels,
    "one noise vector for all points": each_label_at(lambda z, rng: 0 * z + z[0]),
    "one number as noise for all coordinates": each_label_at(lambda z, rng: z[:, :1] * [1, 1]),
    "means without noise": each_label_at(lambda z, rng: 0 * z),
    "counts that are not drawn": in_quotas,
    "labels shared by several points": in_pairs,
    "points of all components averaged": averaged,
    "noise that is not normal": each_label_at(lambda z, rng: rng.uniform(-(3**0.5), 3**0.5, size=z.shape)),
}


def test_there_is_a_sampler_for_each_symptom_of_a_sample():
    assert set(SAMPLERS) == {mistake.name for mistake in MISTAKES if mistake.place == "sample"}


@pytest.mark.parametrize("name", SAMPLERS)
def test_a_wrong_sample_is_told_from_what_it_draws(name):
    result = check(SAMPLERS[name], gmm.sample)
    assert not result
    assert says(result, name)
    assert result.hint == BY_NAME[name].hint


def one_by_one(mixture, size, rng):
    labels = [rng.choice(len(mixture.weights), p=mixture.weights) for _ in range(size)]
    points = [rng.multivariate_normal(mixture.means[k], mixture.covariances[k]) for k in labels]
    return [list(point) for point in points], labels


def group_by_group(mixture, size, rng):
    counts = rng.multinomial(size, mixture.weights)
    clouds = [mu + rng.standard_normal((n, len(mu))) @ L.T for n, mu, L in zip(counts, mixture.means, mixture.factors)]
    return {"labels": np.repeat(np.arange(len(counts)), counts), "points": np.vstack(clouds)}


@pytest.mark.parametrize("sample", [one_by_one, group_by_group])
def test_a_right_sample_passes_in_every_style(sample):
    assert check(sample, gmm.sample)


def by_three_labels(mixture, size, rng):
    points, labels = gmm.sample(mixture, size, rng)
    return points * (labels < 3)[:, None], labels


def everything_from(k):
    return lambda m, size, rng: (rng.multivariate_normal(m.means[k], m.covariances[k], size), np.full(size, k))


@pytest.mark.parametrize(
    ("sample", "words"),
    [
        (lambda m, size, rng: None, "returned None"),
        (lambda m, size: None, "your function takes (m, size)"),
        (lambda m, size, rng: gmm.sample(m, size, rng)[::-1], "another order: labels, points"),
        (lambda m, size, rng: gmm.sample(m, size, rng)[0], "one array of shape (7, 2), expected 2"),
        (lambda m, size, rng: gmm.sample(m, size + 1, rng), "points came back with shape (8, 2), expected (7, 2)"),
        (lambda m, size, rng: (gmm.sample(m, size, rng)[0], np.arange(1, size + 1)), "a label is none of 0, 1, 2"),
        (lambda m, size, rng: gmm.sample(m, size), "one seed gives two results"),
        (lambda m, size, rng: 1 / 0, "raised ZeroDivisionError"),
        (each_label_at(lambda z, rng: rng.standard_normal((len(z), 2))), "raised ValueError"),
        (by_three_labels, "with K = 4, D = 3 the points of a label do not"),
        (everything_from(0), "your labels do not come as often as the weights say"),
        (sampler(lambda pi, mu, sigma: (pi, mu + 1, sigma)), "do not lie about its mean"),
        (sampler(lambda pi, mu, sigma: (pi, mu, sigma * 1.5)), "do not spread as its covariance says"),
    ],
)
def test_a_sample_that_is_wrong_in_another_way_is_told_too(sample, words):
    result = check(sample, gmm.sample)
    assert not result
    assert words in result.headline


# ---- fits


def fit_of(steps, log_likelihoods=lambda trace: trace, step=one_step):
    def fit(points, mixture):
        trace = [gmm.e_step(points, mixture)[1]]
        for _ in range(steps if isinstance(steps, int) else steps(len(points))):
            mixture = step(points, mixture)
            trace.append(gmm.e_step(points, mixture)[1])
        return mixture, log_likelihoods(trace)

    return fit


def by_a_relative_tolerance(points, mixture):
    trace = []
    while len(trace) < 2 or trace[-1] - trace[-2] > 1e-3 * abs(trace[-1]):
        trace.append(gmm.e_step(points, mixture)[1])
        last, mixture = mixture, one_step(points, mixture)
    return last, trace


def by_plain_exponentials(points, mixture):
    trace = []
    while len(trace) < 3 or trace[-1] - trace[-2] > 1e-8:
        joints = np.exp(gmm.log_joint(points, mixture))
        trace.append(np.log(joints.sum(axis=1)).sum())
        last, mixture = mixture, gmm.m_step(points, np.nan_to_num(joints / joints.sum(axis=1, keepdims=True), nan=1))
    return last, trace


def with_covariances(change):
    def fit(points, mixture):
        mixture, trace = a_fit_of_loops(points, mixture)
        return (*mixture[:2], change(np.array(mixture[2]))), trace

    return fit


def tied_step(points, mixture):
    return gmm.tied(one_step(points, mixture))


@pytest.mark.parametrize(
    ("fit", "words"),
    [
        (fit_of(4), "fixed number of steps"),
        (fit_of(20), "fixed number of steps"),
        (fit_of(100), "fixed number of steps"),
        (fit_of(1), "the first step taken for the last"),
        (by_a_relative_tolerance, "a plateau taken for the top"),
        (fit_of(lambda N: N // 10), "a plateau taken for the top"),
        (fit_of(8, lambda trace: trace[:-2]), "does not belong to the mixture"),
        (fit_of(300, lambda trace: [2 * ell for ell in trace]), "not that of EM"),
        (fit_of(300, lambda trace: [-ell for ell in trace]), "the negative log likelihood"),
        (fit_of(300, lambda trace: trace[:50] + trace[:1] + trace[50:]), "your log-likelihood falls"),
        (fit_of(300, step=tied_step), "one covariance for all components"),
        (fit_of(300, lambda trace: trace[-1]), "one log-likelihood for each step"),
        (by_plain_exponentials, "your trace begins with -inf"),
        (with_covariances(np.zeros_like), "not a mixture"),
        (with_covariances(np.negative), "not a mixture"),
        (with_covariances(np.triu), "not a mixture"),
        (fit_of(300, lambda trace: [-np.inf, *trace]), "your trace begins with -inf"),
        (fit_of(300, lambda trace: [0, *trace]), "your trace begins with 0"),
        (fit_of(300, lambda trace: [*trace, np.nan]), "your log-likelihoods are not finite"),
        (fit_of(300, lambda trace: trace + [0.0] * 99_000), "your trace ends with zeros"),
        (lambda points, mixture: (*fit_of(300)(points, mixture), 300), "a mixture and its trace"),
        (lambda points, mixture: object(), "a mixture and its trace"),
        (lambda points, mixture: None, "returned None"),
        (lambda points, mixture: (mixture,), "a mixture and its trace"),
        (lambda points, mixture: (1, 2, 3, 4), "your mixture cannot be read"),
        (lambda points, mixture: (mixture.weights[:1], *tuple(mixture)[1:], [1.0]), "came back with shape (1,)"),
        (lambda points, mixture: (np.nan * mixture.weights, *tuple(mixture)[1:], [1.0]), "your weights are not finite"),
        (lambda points, mixture: points.sort() or (mixture, [1.0]), "you changed the array points"),
        (lambda points, mixture: 1 / 0, "raised ZeroDivisionError"),
    ],
)
def test_a_wrong_fit_is_told_by_its_trace(fit, words):
    result = check(fit, gmm.fit)
    assert not result
    assert words in result.headline


# ---- how it shows


@pytest.mark.slow
@pytest.mark.parametrize("exercise", [e for e in EXERCISES if e.place != "trace"], ids=lambda e: e.place)
def test_nothing_hidden_is_printed(exercise):
    """Every number with decimals in a text is the student's own, or of the one input that is shown."""
    for mistake in exercise.mistakes:
        answer = method(Course(**{mistake.place: mistake.versions[0]}), exercise)
        result = check(answer, exercise.package, hints=2)
        _, _, example = result.detail.partition("on which it shows:")
        numbers = [float(n) for n in re.findall(r"-?\d+\.\d{2,}(?:e[+-]\d+)?", example)]
        numbers = [number for number in numbers if np.isfinite(number)]  # the largest float, rounded, is none
        assert not re.search(r"\d\.\d\d", result.headline + result.hint), result
        inputs = (*exercise.small, *exercise.cases)
        assert not numbers or any(all_are_shown(numbers, case, answer, exercise) for case in inputs), result


def all_are_shown(numbers, case, answer, exercise):
    """Whether all these numbers are of one input, or of the answer to it."""
    given = [case[name] for name in exercise.arguments]
    try:
        with np.errstate(all="ignore"):
            shown = [given, answer(*given)]
    except Exception:  # a wrong version need not run on every input
        return False
    shown = np.concatenate([np.ravel(np.asarray(part, dtype=float)) for part in flattened(shown)])
    return all(np.isclose(number, shown, atol=6e-5, rtol=1e-3).any() for number in numbers)


def flattened(value):
    return (
        [part for each in value for part in flattened(each)]
        if isinstance(value, (tuple, list, gmm.Mixture))
        else [value]
    )


def values_of(value):
    return list(value) if isinstance(value, (tuple, gmm.Mixture)) else [value]


def test_one_hidden_number_is_not_given_away_by_a_factor():
    for change in (lambda right: 3 * right, lambda right: right + 7):
        wrong = lambda points: change(np.median(points))  # noqa: E731, B023
        result = check(wrong, np.median, on=[(POINTS,)])
        assert not result
        assert not re.search(r"is \d|same \d", result.headline)
        both = check(wrong, np.median, on=[(POINTS,), (SHARES,)])
        assert re.search(r"is 3 times|same 7", both.headline)


def test_what_is_vague_comes_with_an_example_even_if_three_points_do_not_show_it():
    for change in (np.sin, lambda points: np.sin(points[0])):

        def wrong_for_many_points(points, responsibilities, change=change):
            means = gmm.mean(points, responsibilities)
            return means + (len(points) > 3) * change(points)[: len(means)]

        text = str(check(wrong_for_many_points, gmm.mean))
        assert "An input on which it shows" in text
        assert "points = [[0.],\n            [1.],\n            [4.]]" not in text


def test_what_python_says_is_shown_as_it_is_in_a_notebook():
    def outer(points, responsibilities):
        def inner(a):
            return a

        return inner()

    shown = check(outer, gmm.mean)._repr_markdown_()
    assert r"outer.\<locals\>.inner() missing 1" in shown
    assert "`return inner()`" in shown
    assert r"takes (x, \*, y)" in check(lambda x, *, y: x, gmm.mean)._repr_markdown_()
    assert "my_mean" in Result(True, "my_mean agrees with gmm.mean")._repr_markdown_()


def test_a_link_leads_to_a_heading_with_emphasis():
    result = check(lambda points, K, rng: points[:K], gmm.kmeans_plus_plus)
    assert "#4.-k-means++:-far-from-the-nearest-center)" in result._repr_markdown_()
    assert "far from the nearest center" in str(result)


def test_a_second_hint_says_more():
    wrong = RIGHT_MEANS["matrix product"]
    first, second = (str(check(lambda x, g: 2 * wrong(x, g) + x[0], gmm.mean, hints=h)) for h in (1, 2))
    assert len(second) > len(first)
    assert gmm.mean.__doc__.splitlines()[0] in second


def test_a_result_shows_in_a_notebook_and_fails_in_pytest():
    result = check(lambda x, m: special.softmax(gmm.log_joint(x, m), axis=0), gmm.responsibility, hints=2)
    assert "$$\\sum_k \\gamma_{nk} = 1$$" in result._repr_markdown_()
    assert result._repr_markdown_().startswith("**✗")
    assert "](03_responsibility.ipynb#3.-The-components-compete-for-each-point)" in result._repr_markdown_()
    with pytest.raises(AssertionError, match="compete"):
        result.assert_passed()
    assert check(gmm.mean, gmm.mean)._repr_markdown_().startswith("**✓")


def test_a_right_answer_gives_its_result_so_that_the_cell_shows_it():
    result = check(gmm.mean, gmm.mean)
    assert result.assert_passed() is result


def test_a_notebook_shows_the_result_and_an_error_of_one_line(monkeypatch):
    shown = []
    monkeypatch.setattr(IPython, "get_ipython", object)
    monkeypatch.setattr(IPython.display, "display", lambda data, raw: shown.append(data))
    result = check(lambda x, g: g.T @ x / len(x), gmm.mean)
    with pytest.raises(AssertionError) as raised:
        result.assert_passed()
    assert shown == [{"text/plain": str(result), "text/markdown": result._repr_markdown_()}]
    assert raised.value._render_traceback_() == [f"AssertionError: {str(result).splitlines()[0]}"]
    assert str(raised.value) == str(result)


def test_a_function_without_a_name_is_called_yours():
    for answer in (lambda x, g: gmm.mean(x, g), partial(gmm.mean)):
        assert check(answer, gmm.mean).headline == "your function agrees with gmm.mean"


def test_outside_a_notebook_nothing_is_shown_and_the_error_has_all_the_words(monkeypatch):
    result = check(lambda x, g: g.T @ x / len(x), gmm.mean)
    for modules in ({"IPython": IPython}, {}):
        monkeypatch.setattr(sys, "modules", modules)
        with pytest.raises(AssertionError, match="The formula: μₖ") as raised:
            result.assert_passed()
        assert not hasattr(raised.value, "_render_traceback_")


# ---- any other function as the right answer


def covariance_by_numpy(points, shares):
    return np.cov(points.T, aweights=shares, bias=True)


def both_by_numpy(points, shares):
    return np.average(points, axis=0, weights=shares), covariance_by_numpy(points, shares)


POINTS = np.random.default_rng(7).normal([3, -1, 8], [1, 2, 3], size=(11, 3))
SHARES = np.linspace(0.1, 0.9, 11)
TWO_INPUTS = [(POINTS, SHARES), (POINTS[:5, :2], SHARES[:5])]


def my_covariance(points, shares):
    """The covariance of the points, shape (D, D)."""
    deviations = points - np.average(points, axis=0, weights=shares)
    return (shares[:, None] * deviations).T @ deviations / shares.sum()


def my_both(points, shares):
    return shares @ points / shares.sum(), my_covariance(points, shares).tolist()


@pytest.mark.parametrize(
    ("answer", "oracle"), [(my_covariance, covariance_by_numpy), (my_both, both_by_numpy), (list, list)]
)
def test_a_right_answer_agrees_with_any_function_that_is_right(answer, oracle):
    inputs = TWO_INPUTS if oracle is not list else [([1, 2.5],), ([[1, 2], [3, 4]],)]
    result = check(answer, oracle, on=inputs)
    assert result, str(result)
    assert result.headline == f"{answer.__name__} is right on 2 inputs"
    assert check(answer, oracle, on=inputs[:1]).headline.endswith("on 1 input")


def changing(change):
    def answer(points, shares):
        return change(my_covariance(points, shares), points, shares)

    return answer


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda c, x, s: None, "returned None"),
        (lambda c, x, s: NotImplemented, "returned NotImplemented"),
        (lambda c, x, s: c[0], "your numbers came back with shape (3,), expected (3, 3)"),
        (lambda c, x, s: c[None], "your numbers came back with shape (1, 3, 3)"),
        (lambda c, x, s: c * np.nan, "numbers have nan everywhere"),
        (lambda c, x, s: c["a"], "raised IndexError"),
        (lambda c, x, s: {}, "cannot be read"),
        (lambda c, x, s: x.sort() or c, "you changed the array points"),
        (lambda c, x, s: c * 3, "each is 3 times"),
        (lambda c, x, s: c * s.sum() / (s.sum() - 1), "the numbers in each input are wrong by one factor"),
        (lambda c, x, s: c + np.triu(c) ** 2, "differ from what is right"),
        (lambda c, x, s: c.T[::-1], "opposite order"),
    ],
)
def test_a_wrong_answer_is_told_as_elsewhere(change, words):
    result = check(changing(change), covariance_by_numpy, on=TWO_INPUTS)
    assert not result
    assert words in result.headline
    assert "Read again" not in str(result)
    assert "The formula" not in result._repr_markdown_()


def test_a_transposed_answer_to_an_oracle_is_asked_about():
    assert check(lambda x: x, np.transpose, on=[(POINTS,)]).hint == "Transposed?"


def test_what_is_not_finite_in_the_right_answer_may_be_so_in_yours():
    inputs = [(np.array([0.0, 1.0, 4.0]),)]
    with np.errstate(divide="ignore"):
        assert check(lambda x: np.log(x), np.log, on=inputs)
        assert "each is off by the same 1" in check(lambda x: np.log(x) + 1, np.log, on=inputs).headline
        assert (
            "numbers have inf at [1]"
            in check(lambda x: np.where(x == 1, np.inf, np.log(x)), np.log, on=inputs).headline
        )


def test_the_smallest_input_is_shown_and_what_you_return_but_not_what_is_right():
    text = str(check(changing(lambda c, x, s: c + np.triu(c) ** 2), covariance_by_numpy, on=TWO_INPUTS))
    assert "An input on which it shows:\n  points = [[ 3.0" in text
    assert "\n  shares = [0.1 , 0.18, 0.26, 0.34, 0.42]\n" in text
    assert "your numbers = [[" in text
    assert f"{covariance_by_numpy(*TWO_INPUTS[1])[1, 1]:.4f}" not in text


def test_inputs_that_are_no_arrays_are_shown_too():
    inputs = [([[1.0], [2.0, 3.0]], len, {"a": 1}, "word", gmm.load_faithful)]
    text = str(check(lambda *given: 1.0 + len(given) ** 2, lambda rows, f, table, text, g: 7, on=inputs, hints=2))
    assert "rows = [[1.0], [2.0, 3.0]]\n  f = len\n  table = {'a': 1}\n  text = 'word'\n  g = load_faithful" in text


def test_several_results_and_a_mixture_are_told_apart():
    first = check(lambda x, s: (my_both(x, s)[0] * 2, my_both(x, s)[1]), both_by_numpy, on=TWO_INPUTS)
    assert first.headline.endswith("your result 1: each is 2 times what it should be, everywhere")
    inputs = [(case.points, case.responsibilities) for case in CASES]
    assert check(gmm.m_step, lambda x, g: tuple(gmm.m_step(x, g)), on=inputs)
    result = check(lambda x, g: (gmm.weight(g), 3 * gmm.mean(x, g), np.ones((2, 2, 2))), gmm.m_step, on=inputs)
    assert "covariances came back with shape (2, 2, 2)" in result.headline


@pytest.mark.parametrize(
    ("change", "given"),
    [
        (lambda rows: rows.append(1), [1, 2]),
        (lambda rows: rows[0].append(1), [[1], 2]),
        (lambda rows: rows.__setitem__(1, 5), [1, 2]),
        (lambda rows: rows.__setitem__(1, "two"), [1, 2]),
        (lambda rows: rows.update(a=3), {"a": 1}),
    ],
)
def test_a_list_that_is_changed_is_told_too(change, given):
    answer = lambda rows: change(rows) or 1  # noqa: E731
    assert "you changed the" in check(answer, lambda rows: 1, on=[(given,)]).headline
    assert check(lambda rows: 1, lambda rows: 1, on=[(given,)])


def test_the_names_of_the_arguments_are_those_of_the_student_or_of_the_oracle():
    def told(answer, oracle):
        return check(answer, oracle, on=[(np.arange(3.0), 2)]).headline

    assert "array mine" in told(lambda mine, two: mine.__imul__(2), lambda theirs, two: theirs)
    assert "array theirs" in told(lambda *both: both[0].__imul__(2), lambda theirs, two: theirs)
    assert "array argument 1" in told(lambda *both: both[0].__imul__(2), lambda *both: both[0])


def test_a_formula_of_the_package_is_compared_on_the_inputs_as_well():
    def right_but_for_large_numbers(points, responsibilities):
        return np.minimum(gmm.mean(points, responsibilities), 10000)

    inputs = [(np.full((3, 2), 20000.0), np.full((3, 2), 0.5))]
    assert check(right_but_for_large_numbers, gmm.mean)
    assert not check(right_but_for_large_numbers, gmm.mean, on=inputs)
    assert check(gmm.mean, gmm.mean, on=inputs).headline == "mean is right on 1 input"


def test_the_inputs_of_an_oracle_may_differ_in_their_dimensions():
    inputs = [(POINTS.T,), (SHARES,)]
    for on in (inputs, inputs[::-1]):
        assert check(lambda x: np.cov(x), np.cov, on=on)
        for change in (lambda c: c * 1.5, lambda c: c + np.sin(np.arange(c.size)).reshape(c.shape), np.ravel):
            assert not check(lambda x, change=change: change(np.cov(x)), np.cov, on=on)


def test_the_results_of_an_oracle_are_known_by_their_keys():
    def oracle(x):
        return {"mean": x.mean(), "sd": x.std()}

    on = [(POINTS,), (SHARES,)]
    for right in (lambda x: {"sd": x.std(), "mean": x.mean()}, lambda x: (x.mean(), x.std())):
        assert check(right, oracle, on=on)
    assert "your mean" in check(lambda x: {"sd": x.mean(), "mean": x.std()}, oracle, on=on).headline


def test_who_draws_from_a_generator_gets_the_numbers_that_the_oracle_gets():
    def draws(rng):
        return rng.normal(size=3)

    on = [(np.random.default_rng(0),), (np.random.default_rng(1),)]
    assert check(lambda rng: rng.normal(size=3), draws, on=on)
    assert not check(lambda rng: rng.normal(size=(2, 3))[1], draws, on=on)


def test_tables_of_pandas_are_inputs_too():
    table = pd.DataFrame(POINTS, columns=[*"abc"])

    def changes(table):
        table["a"] = 0.0
        return table.mean()

    for on in ([(table,)], [([table, 1],)]):
        first = (lambda x: x) if on[0][0] is table else (lambda x: x[0])
        assert check(lambda x, first=first: first(x).mean(), lambda x, first=first: first(x).mean(), on=on)
    assert "you changed the DataFrame table" in check(changes, lambda t: t.mean(), on=[(table,)]).headline
    assert table["a"].any()


# ---- functions that an answer must do without


def by_a_generator(points, mixture):
    yield from gmm.em(points, mixture)


def after_a_failure(points, responsibilities):
    with suppress(BaseException):
        gmm.mean(points, responsibilities)
    return gmm.mean(points, responsibilities)


@pytest.mark.parametrize(("answer", "formula"), [(by_a_generator, gmm.em), (after_a_failure, gmm.mean)])
def test_a_forbidden_call_is_seen_however_it_is_made(answer, formula):
    assert f"your function calls gmm.{formula.__name__}" in check(answer, formula, without=[formula]).headline
    assert check(answer, formula, without=[gmm.kmeans])


# ---- laws that the caller gives


def it_is_symmetric(covariance):
    """How x goes along with y
    is how y goes along with x."""
    found = np.asarray(covariance(POINTS, SHARES))
    return np.allclose(found, found.T)


def it_grows_with_the_square(covariance):
    """Twice the points have four times the covariance."""
    return np.allclose(covariance(points=2 * POINTS, shares=SHARES), 4 * covariance(POINTS, SHARES))


def it_refuses_no_points(covariance):
    """No points have no covariance."""
    with suppress(ZeroDivisionError):
        covariance(POINTS[:0], SHARES[:0])
    return True


BOTH_LAWS = [it_is_symmetric, it_grows_with_the_square]


def test_who_keeps_the_laws_passes():
    assert check(my_covariance, laws=BOTH_LAWS).headline == "my_covariance has both properties"
    assert check(my_covariance, laws=BOTH_LAWS[:1]).headline == "my_covariance has the property that was tested"
    assert "is right on" in check(my_covariance, covariance_by_numpy, on=TWO_INPUTS, laws=BOTH_LAWS).headline
    assert "agrees with gmm.mean" in check(gmm.mean, gmm.mean, laws=[lambda mean: True]).headline


def test_the_first_law_that_is_broken_says_its_docstring_and_comes_before_the_comparison():
    wrong = changing(lambda c, x, s: c + np.triu(c, 1) + 1)
    result = check(wrong, covariance_by_numpy, on=TWO_INPUTS, laws=BOTH_LAWS)
    assert result.headline == "answer: this property does not hold: it is symmetric"
    assert result.hint == "How x goes along with y is how y goes along with x."
    assert "does not hold: it grows with the square" in check(changing(lambda c, x, s: c + 1), laws=BOTH_LAWS).headline
    assert check(my_covariance, laws=[lambda covariance: False]).hint == ""


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda c, x, s: None, "your function returned None"),
        (lambda c, x, s: c["a"], "your function raised IndexError"),
        (lambda c, x, s: x.sort() or c, "you changed the array points that you were given"),
        (lambda c, x, s: s.sort() or s.fill(1) or c, "you changed the array shares"),
        (lambda c, x, s: c[:, :2], "this property could not be tested: it is symmetric"),
        (lambda c, x, s: [[1], [1, 2]], "this property could not be tested: it is symmetric"),
        (lambda c, x, s: (_ for _ in ()).throw(NotImplementedError), "your turn"),
    ],
)
def test_inside_a_law_your_function_is_watched(change, words):
    result = check(changing(change), laws=BOTH_LAWS)
    assert not result
    assert words in result.headline
    assert np.array_equal(SHARES, np.linspace(0.1, 0.9, 11))
    assert POINTS[0, 0] != POINTS[:, 0].min()


def test_who_leaves_inside_a_law_is_told_so():
    assert "your function raised SystemExit" in check(lambda *given, **named: sys.exit(), laws=BOTH_LAWS).headline


def test_a_law_that_returns_nothing_is_told_from_one_that_is_broken():
    result = check(my_covariance, laws=[lambda covariance: None])
    assert "could not be tested" in result.headline
    assert "returned None" in result.hint
    assert "the test raised ValueError" in check(my_covariance, laws=[lambda covariance: POINTS > 0]).hint


def test_an_endless_loop_inside_a_law_is_ended():
    def endless(points, shares):
        while True:
            pass

    assert "did not come to an end" in check(endless, laws=BOTH_LAWS).headline


def test_a_law_may_ask_for_an_exception():
    def careful(points, shares):
        return my_covariance(points, shares) if len(points) else 1 / 0

    assert check(careful, laws=[it_refuses_no_points])


def test_a_law_leaves_the_callers_arrays_as_they_were_given_to_the_law():
    def law(mean):
        """A law that looks at a list."""
        rows = [1.0, 2.0]
        return mean(rows) == 1.5 and rows == [1.0, 2.0]

    assert check(lambda *rows: float(np.mean(rows[0])), laws=[law])
    assert "you changed the list rows" in check(lambda rows: rows.pop(), laws=[law]).headline


# ---- an answer that is not written yet


def stub(points, responsibilities):
    """The mean of each component, shape (K, D).

    More than that is not said.
    """
    raise NotImplementedError("your turn")


@pytest.mark.parametrize("formula", [gmm.mean, gmm.em, gmm.fit, gmm.e_step], ids=lambda formula: formula.__name__)
def test_an_answer_that_is_not_written_yet_is_told_what_to_do(formula):
    result = check(stub, formula)
    assert not result
    assert result.headline == "stub: your turn"
    assert result.hint.endswith("raises NotImplementedError. The mean of each component, shape (K, D).")
    with pytest.raises(AssertionError, match="your turn"):
        result.assert_passed()


def test_it_may_be_a_function_that_you_call_which_is_not_written_yet():
    result = check(lambda points, responsibilities: stub(points, responsibilities), gmm.mean)
    assert result.headline.endswith("your turn")
    assert result.hint == "It calls stub, which is not written yet."


def test_a_part_of_a_function_that_is_not_written_is_told_its_docstring():
    assert check(partial(stub), gmm.mean).hint.endswith("The mean of each component, shape (K, D).")


def test_an_unwritten_start_an_oracle_and_a_law_say_so_too():
    def unwritten(points, K, rng):
        raise NotImplementedError

    assert check(unwritten, gmm.random_points).hint == "Write it in place of the line that raises NotImplementedError."
    assert "your turn" in check(stub, covariance_by_numpy, on=TWO_INPUTS).headline
    assert "your turn" in check(stub, laws=BOTH_LAWS).headline


# ---- use


@pytest.mark.parametrize("formula", [np.mean, [1, 2], np.ones(3), "gmm.mean"])
def test_a_formula_that_cannot_be_checked_is_refused(formula):
    with pytest.raises(
        ValueError, match=r"cannot be checked: give one of gmm\.aic.* or the inputs to compare on"
    ) as told:
        check(gmm.mean, formula)
    offered = re.findall(r"(gmm|homework)\.(\w+)", str(told.value).partition("give one of")[2])
    assert len(offered) == len(BY_FORMULA)
    assert all(hasattr({"gmm": gmm, "homework": homework}[module], name) for module, name in offered)


def test_nothing_to_check_with_is_refused():
    with pytest.raises(ValueError, match="nothing to check with"):
        check(gmm.mean)
    with pytest.raises(ValueError, match="no formula to compare with"):
        check(gmm.mean, on=[(POINTS,)])
    with pytest.raises(ValueError, match="no formula to compare with"):
        check(gmm.mean, on=[(POINTS,)], laws=BOTH_LAWS)


@pytest.mark.parametrize("on", [[], POINTS, [POINTS], (POINTS, SHARES), [(POINTS,), SHARES]], ids=type)
def test_inputs_that_are_no_list_of_tuples_are_refused(on):
    with pytest.raises(ValueError, match="a tuple of arguments for each call"):
        check(my_covariance, covariance_by_numpy, on=on)


def test_a_formula_with_more_results_for_some_inputs_is_refused():
    with pytest.raises(ValueError, match="more results for some inputs"):
        check(tuple, tuple, on=[([1.0, 2.0],), ([1.0, 2.0, 3.0],)])


def test_inputs_with_more_and_fewer_arguments_are_refused():
    with pytest.raises(ValueError, match="tuples of different lengths"):
        check(my_covariance, covariance_by_numpy, on=[(POINTS, SHARES), (POINTS,)])


@pytest.mark.parametrize("exercise", BY_FORMULA.values(), ids=lambda exercise: exercise.title)
def test_every_link_leads_to_a_heading_of_the_course(exercise):
    file, _, heading = exercise.link.partition("#")
    cells = nbformat.read(NOTEBOOKS / file, as_version=4).cells
    lines = [line.lstrip("# ") for cell in cells if cell.cell_type == "markdown" for line in cell.source.splitlines()]
    assert heading in lines
    assert bool(exercise.formula) == (exercise.package.__name__ not in ("ordered", "random_points"))
    assert exercise.words.splitlines()[0].endswith(".")


@pytest.mark.parametrize("exercise", BY_FORMULA.values(), ids=lambda exercise: exercise.title)
def test_every_link_leads_to_a_chapter_that_uses_the_formula(exercise):
    name = exercise.package.__name__.removesuffix("_by_factor")
    assert re.search(rf"\bgmm\.{name}\b|\b{name}\(", (NOTEBOOKS / exercise.link.partition("#")[0]).read_text("utf-8"))


@pytest.mark.parametrize("mistake", MISTAKES, ids=ids)
def test_every_hint_is_kind_and_plain(mistake):
    assert mistake.hint.endswith((".", "?"))
    assert not re.search(
        r"\b(simply|obviously|just|trivially|clearly|of course|easy|easily)\b", mistake.hint, re.IGNORECASE
    )


# ---- the inputs and the laws


def test_the_inputs_have_no_symmetry():
    for case in CASES[:3]:
        assert len(set(case.sizes.values())) == 3
        assert len(set(np.round(case.mixture.weights, 6))) == case.sizes["K"]
        assert (np.abs(case.mixture.covariances[:, 0, 1]) > 0.01).all()
    assert {case.sizes["D"] for case in CASES} >= {1, 2, 3}
    assert 1 in {case.sizes["K"] for case in CASES}
    assert gmm.log_density(FAR[0].points, FAR[0].mixture).min() < -1000


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.holds.__name__)
def test_every_law_is_kept_by_the_package_and_broken_by_a_mistake(law):
    exercises = [exercise for exercise in EXERCISES if law in exercise.laws]
    assert exercises
    broken = 0
    for exercise in exercises:
        for mistake in [None, *exercise.mistakes]:
            course = Course(**{mistake.place: mistake.versions[0]}) if mistake else RIGHT
            kept = is_kept(law, exercise, course)
            assert kept or mistake
            broken += not kept
    assert broken


def is_kept(law, exercise, course):
    for case in exercise.cases:
        try:
            with np.errstate(all="ignore"):
                parts = exercise.by(course, case)
                values = dict(zip(exercise.parts, parts))
                if not law.holds(*(values[n] if n in values else getattr(case, n) for n in law.names)):
                    return False
        except Exception:
            return True
    return True
