"""Odd inputs for every public function, and what must come of them.

    python tests/fuzz.py [--inputs 10000] [--seed 0] [--store docs/evidence.json] [name ...]

Each input is valid at first; then none, one or two of its arguments are bent by things taken from the pools below.
What comes out is a finite and correct result, or a ValueError or TypeError that names an argument of the function. No
argument is changed, no warning is given, and nothing runs for ever. Which argument is of which kind, and the axes of an
array, are read from the annotations of the functions.

EM and the fit are called in three ways: as they are, through the compiled loops that are meant for many points, and
with points in pieces. What takes long (a picture, the judgement of a student's function) has fewer inputs: see SHARE.
"""

import argparse
import array
import collections
import contextlib
import dataclasses
import datetime
import decimal
import fractions
import functools
import inspect
import io
import itertools
import json
import platform
import re
import signal
import sys
import tempfile
import time
import types
import warnings
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import repeat
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse

import gmm_tutorial as gmm
from gmm_tutorial import homework, plots, storage
from gmm_tutorial.checks import annotations, argument_in, pictures
from gmm_tutorial.checks.boundary import arguments_of
from gmm_tutorial.homework.exercises import BY_FORMULA
from gmm_tutorial.scale import choice, pieces

SECONDS = 120  # no input of this size may take longer, even while loops are compiled on a busy machine
EM = ("em", "accelerated", "fit")
CALLS = {name: getattr(gmm, name) for name in gmm.__all__ if hasattr(getattr(gmm, name), "__wrapped__")}
CALLS |= {"Mixture": gmm.Mixture, "save": gmm.save, "load": gmm.load, "homework.check": homework.check}
CALLS |= {f"{name} in pieces": CALLS[name] for name in EM}
CALLS |= {f"{name} compiled": CALLS[name] for name in EM if find_spec("numba")}
CALLS |= {f"plots.{name}": call for name, call in vars(plots).items() if hasattr(call, "__wrapped__")}
SHARE = {"plots.contours": 0.05, "plots.snapshots": 0.1, "plots.png": 0.02, "select": 0.1, "bootstrap": 0.2}
SHARE |= {"plots.animation": 0.01, "plots.present": 0.01, "fit_with_background": 0.5}


def estimated(X, sample_weight=None, **parameters):
    return GaussianMixture(**parameters).fit(X, sample_weight=sample_weight)


METHODS = "predict predict_proba score_samples score aic bic icl".split()
if find_spec("sklearn"):
    from gmm_tutorial.estimator import CONSTRAINTS as COVARIANCE_TYPES
    from gmm_tutorial.estimator import INITIALIZE, GaussianMixture

    FITTED = GaussianMixture(2, random_state=0).fit(np.random.default_rng(7).standard_normal((30, 2)) * [1, 3] + 5)
    CALLS |= {f"GaussianMixture.{name}": getattr(FITTED, name) for name in [*METHODS, "sample"]}
    CALLS["GaussianMixture.fit"] = estimated


# ---- the vocabulary: which argument of which function is of which kind

KINDS = {}  # what an annotation says of an argument → the name of the annotation
for hints in (annotations, pictures, pieces):
    for kind, hint in vars(hints).items():
        if argument := argument_in(hint):
            KINDS.setdefault(argument, kind)
AXES = {kind: argument.axes for argument, kind in KINDS.items() if argument.check not in annotations.OBJECTS}
FUNCTIONS = {kind for argument, kind in KINDS.items() if isinstance(argument.check, functools.partial)}
MIXTURES = {"AnyMixture", "InOneDimension", "Components", "FitOrMixture"}
FUNCTIONS |= {"SeveralConstraints", "Criterion"}
WHOLE = {
    KINDS[argument_in(getattr(annotations, name))] for name in ("WholeNumber", "Workers", "Size", "NumberOfCenters")
}
REAL = {KINDS[argument_in(getattr(annotations, name))] for name in ("AboveZero", "ZeroOrMore", "OneOrMore", "Rate")}
NOT_ANNOTATED = {
    "": {"progress": "Off", "upper": "Flag", "what": "Stored", "file": "File"},
    "load": {"file": "StoredFile"},
    "homework.check": {"answer": "Answer", "formula": "Formula", "hints": "Hints", "on": "On", "laws": "Laws"}
    | {"without": "Without"},
    "GaussianMixture": {"X": "Points", "sample_weight": "SampleWeights", "n_components": "NumberOfCenters"}
    | {"covariance_type": "CovarianceType", "tol": "ZeroOrMore", "reg_covar": "ZeroOrMore", "max_iter": "WholeNumber"}
    | {"n_init": "WholeNumber", "init_params": "InitParams", "weights_init": "Weights", "means_init": "Means"}
    | {"precisions_init": "Covariances", "random_state": "Rng", "warm_start": "Off", "n_samples": "WholeNumber"},
}


def defaults_of(call):
    """The parameters of a function and their defaults."""
    named = {inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY}
    found = {name: one.default for name, one in inspect.signature(CALLS[call]).parameters.items() if one.kind in named}
    if call == "chain":
        found = {"constraints": ()}
    if call == "select":
        found |= {"starts": 10, "sample_weights": None, "max_steps": 10_000}  # which go on to fit
    if CALLS[call] is estimated:
        found |= GaussianMixture().get_params()
    return {name: default for name, default in found.items() if name not in ("y", "verbose", "verbose_interval")}


def parameters(call):
    """The kind of each parameter: as the annotation says, or the table of those that have none."""
    function = gmm.Mixture.__init__ if call == "Mixture" else CALLS[call]
    told = gmm.fit.arguments if call == "select" else {}
    told = told | (getattr(function, "arguments", None) or arguments_of(function))
    told = {name: KINDS[argument] for name, argument in told.items()}
    told = NOT_ANNOTATED[""] | NOT_ANNOTATED.get(call.partition(".")[0], {}) | NOT_ANNOTATED.get(call, {}) | told
    return {name: told[name] for name in defaults_of(call)}


PARAMETERS = {call: parameters(call) for call in CALLS}
OPTIONAL = {
    call: [name for name, default in defaults_of(call).items() if default is None and PARAMETERS[call][name] != "Rng"]
    for call in CALLS
}


def word(name):
    """The kind of an array by its name, as in a Summary: "log_likelihoods" is of the kind LogLikelihoods."""
    return name.title().replace("_", "")


def one_of(rng, pool):
    return pool[rng.integers(len(pool))]


# ---- the pools of odd numbers and odd things

MAX = np.finfo(float).max
NUMBERS = [
    *[np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, -1.0, 5e-324, -5e-324, 1e-310, 2.3e-308, 1e-300, -1e-300, 1e-160, 1e-20],
    *[1e-9, 1 - 1e-16, 1 + 1e-15, 1e8, 2.0**53, 1e16, 1e100, 1e139, -1e139, 1e140, 1.1e140, 1e154, 1e200, 1e280, 1e300],
    *[-1e300, MAX, -MAX],
]
WHOLE_NUMBERS = [0, 1, 2, 3, 7, -1, -7, 50, 2**62, 2**63, 2**64, 10**30, -(10**30), 10**400]
WHOLE_NUMBERS += [np.int8(2), np.uint8(3), np.int64(-2), np.uint64(2**63), np.array(2), True, False, np.True_, 2.0, 2.5]


class WithItsOwnArray:
    def __init__(self, value):
        self.value = value

    def __array__(self, dtype=None, copy=None):
        return np.array(self.value, dtype=dtype)


class Subclass(np.ndarray):
    """An array that multiplies as a matrix and compares as a whole."""

    def __mul__(self, other):
        return self @ other

    def __eq__(self, other):
        return bool(np.array_equal(self, other))

    __hash__ = None


class NotHashable:
    """A constraint that is an object, with an equality of its own."""

    def __eq__(self, other):
        return self is other

    __hash__ = None

    def __call__(self, mixture):
        return mixture


def junk(rng, callable_too=True):
    value = any_junk(rng)
    while callable(value) and not callable_too:  # what a function of the user's own does is not ours to judge
        value = any_junk(rng)
    return value


def any_junk(rng):
    endless = []
    endless.append(endless)
    deep = 1.0
    for _ in range(70):
        deep = [deep]
    return one_of(rng, [
        *[None, True, False, 0, 1, -1, 3, 2.5, np.nan, np.inf, 10**400, 1j, "", "abc", "3", b"", b"12", NotImplemented],
        *[[], (), {}, set(), [[]], [[[]]], [None], [[None]], [""], [["a", "b"]], [{}], endless, deep, object(), object],
        *[..., print, np.ma.masked, memoryview(b"12")],
        *[np.array(None), np.array(1.0), np.array([]), np.zeros((0, 0)), np.zeros((1,) * 30), np.zeros(3, "i4, f8")],
        *[decimal.Decimal("1.5"), fractions.Fraction(1, 3), datetime.date(2020, 2, 2), slice(3), range(4), range(0)],
        *[pd.NA, pd.NaT, pd.DataFrame(), pd.Series(dtype=float), sparse.csr_matrix((2, 2))],
        *[array.array("d", [1.0, 2.0]), np.random.default_rng(0), iter([1.0]), repeat(1.0, 3), {"a": [1.0]}],
        *[lambda points: points, gmm, gmm.Mixture, types.SimpleNamespace(covariances=None), Subclass, np.float64, int],
    ])  # fmt: skip


# ---- a valid input


class Sizes(types.SimpleNamespace):
    def shape(self, kind):
        return tuple(vars(self)[axis] for axis in AXES[kind])


def sizes(rng, call):
    kinds = PARAMETERS[call].values()
    N, D = int(one_of(rng, [1, 2, 3, 5, 8, 12, 20])), int(one_of(rng, [1, 1, 2, 2, 3, 4]))
    is_fit = " " in call or "AFit" in kinds or call in ("GaussianMixture.fit", "select", "fit_with_background")
    N *= 1 + 4 * is_fit  # a fit of few points collapses
    D = 2 if call.startswith(("plots.", "GaussianMixture.")) and call != "GaussianMixture.fit" else D
    D = 1 if "InOneDimension" in kinds else D + 1 if {"Known", "KnownValues"} & {*kinds} else D
    return Sizes(N=N, D=D, K=int(rng.integers(1, min(N, 4) + 1)), T=int(rng.integers(1, 7)), C=max(1, D - 1))


def spread(rng, D):
    root = rng.standard_normal((D, 2 * D)) * (1 + np.arange(D))[:, None]
    return root @ root.T / (2 * D)


def good_array(rng, kind, size):
    shape = size.shape(kind)
    if kind == "Covariance":
        return spread(rng, size.D)
    if kind == "Covariances":
        return np.stack([spread(rng, size.D) for _ in range(size.K)])
    if kind == "Factor":
        return np.linalg.cholesky(spread(rng, size.D))
    if kind == "Weights":
        return rng.dirichlet(1 + np.arange(size.K))
    if kind in ("Responsibilities", "Shares"):
        return rng.dirichlet(1 + np.arange(size.K), size=size.N)
    if kind in ("SampleWeights", "Counts"):
        return rng.uniform(0.5, 3, shape)
    if kind in ("LogLikelihoods", "Trace"):
        return np.cumsum(rng.exponential(size=size.T)) - 50
    points = 5 + 3 * rng.standard_normal(shape)
    return with_gaps(rng, points) if kind == "IncompletePoints" and rng.random() < 0.5 else points


def with_gaps(rng, points):
    return np.where(rng.random(points.shape) < 0.2, np.nan, points)


def good_mixture(rng, size):
    return gmm.Mixture(*(good_array(rng, kind, size) for kind in PARAMETERS["Mixture"].values()))


def good_summary(rng, size):
    counts, means, covariances = (good_array(rng, kind, size) for kind in ("Counts", "Means", "Covariances"))
    return gmm.Summary(-float(rng.exponential(50)), counts, means, covariances)


def good_fit(rng, size):
    history = good_array(rng, "LogLikelihoods", size)
    constraint = one_of(rng, [*CONSTRAINTS, gmm.prior(9, np.eye(size.D))])
    found = gmm.Fit(good_mixture(rng, size), float(history[-1]), history, bool(rng.integers(2)), constraint)
    return dataclasses.replace(found, N=float(size.N), log_certainty=-float(rng.exponential()))


def good_background(rng, size):
    share, volume = float(rng.uniform(0.01, 0.99)), float(rng.exponential(50))
    return gmm.BackgroundFit(good_mixture(rng, size), share, volume, -50.0, True)


def good_expected(rng, size):
    points, mixture = good_array(rng, "Points", size), good_mixture(rng, size)
    return gmm.observed_e_step(with_gaps(rng, points), mixture)[0]


def good_known(rng, size):
    places = rng.permutation(size.D)[: rng.integers(1, size.D)].tolist()
    several = rng.random() < 0.5
    return {d: (5 + 3 * rng.standard_normal(size.N)).tolist() if several else float(rng.normal(5, 3)) for d in places}


def good_stored(rng, size):
    return one_of(rng, [good_mixture, good_fit])(rng, size)


def a_few(rng, pool):
    return [one_of(rng, pool) for _ in range(rng.integers(1, 3))]


CONSTRAINTS = [gmm.full, gmm.tied, gmm.diagonal, gmm.spherical, gmm.ridge, gmm.chain(gmm.spherical, gmm.tied)]
GOOD = {
    "AnyMixture": good_mixture,
    "InOneDimension": good_mixture,
    "AnySummary": good_summary,
    "AFit": good_fit,
    "ABackground": good_background,
    "FitOrMixture": good_stored,
    "FitOrPoints": lambda rng, size: good_array(rng, "Points", size),
    "AnExpected": good_expected,
    "KnownValues": good_known,
    "Components": lambda rng, size: good_mixture(rng, size) if rng.random() < 0.3 else size.K,
    "NumberOfCenters": lambda rng, size: size.K,
    "Size": lambda rng, size: int(rng.integers(0, 9)),
    "WholeNumber": lambda rng, size: int(rng.integers(1, 5)),
    "Workers": lambda rng, size: 1,
    "WholeNumbers": lambda rng, size: one_of(rng, [[1], [1, 2], range(1, 3), 2]),
    "AboveZero": lambda rng, size: float(one_of(rng, [1e-3, 1.0, 7.5])),
    "ZeroOrMore": lambda rng, size: float(one_of(rng, [0, 1e-6, 1e-3, 0.5])),
    "OneOrMore": lambda rng, size: float(one_of(rng, [1.0, 1.5, 4.0])),
    "Rate": lambda rng, size: float(one_of(rng, [1e-6, 0.01, 0.5])),
    "Probabilities": lambda rng, size: rng.uniform(0.001, 0.999, size=rng.integers(0, 4, size=rng.integers(0, 3))),
    "Dimensions": lambda rng, size: rng.permutation(size.D)[: rng.integers(1, size.D + 1)].tolist(),
    "Missing": lambda rng, size: "model",
    "Criterion": lambda rng, size: one_of(rng, ["bic", "aic", "icl", gmm.bic]),
    "Rng": lambda rng, size: one_of(rng, [int(rng.integers(99)), np.random.default_rng(int(rng.integers(99)))]),
    "Constraint": lambda rng, size: one_of(rng, CONSTRAINTS),
    "Constraints": lambda rng, size: tuple(one_of(rng, CONSTRAINTS) for _ in range(rng.integers(0, 3))),
    "SeveralConstraints": lambda rng, size: a_few(rng, CONSTRAINTS),
    "Initialize": lambda rng, size: one_of(rng, [gmm.kmeans_plus_plus, gmm.random_points]),
    "Steps": lambda rng, size: one_of(rng, [gmm.em, gmm.accelerated]),
    "EStep": lambda rng, size: gmm.e_step,
    "MStep": lambda rng, size: gmm.m_step,
    "Map": lambda rng, size: map,
    "Summarize": lambda rng, size: gmm.summarize,
    "Spread": lambda rng, size: gmm.covariance,
    "Off": lambda rng, size: False,
    "Flag": lambda rng, size: bool(rng.integers(2)),
    "File": lambda rng, size: str(a_path("file.npz")),
    "StoredFile": lambda rng, size: stored(good_stored(rng, size)),
    "Stored": good_stored,
    "Axes": lambda rng, size: an_axes(),
    "Row": lambda rng, size: [an_axes(0), an_axes(1)],
    "AFigure": lambda rng, size: a_drawn_figure(rng, size),
    "APicture": lambda rng, size: a_drawn_figure(rng, size),
    "AStep": lambda rng, size: some_steps(rng, size)[0],
    "SomeSteps": lambda rng, size: some_steps(rng, size),
    "ASelection": lambda rng, size: one_of(rng, some_selections()),
    "At": lambda rng, size: [0, 2],
    "TwoDimensions": lambda rng, size: rng.permutation(2).tolist(),
    "OneDimension": lambda rng, size: int(rng.integers(2)),
    "Radii": lambda rng, size: one_of(rng, [(1, 2), [0.5]]),
    "Mass": lambda rng, size: one_of(rng, [0.1, 0.5, 0.9]),
    "Masses": lambda rng, size: one_of(rng, [(0.9, 0.5), [0.1]]),
    "Bins": lambda rng, size: 5,
    "Draw": lambda rng, size: lambda axes, step: plots.ellipses(axes, getattr(step, "mixture", TWO)),
    "Identifier": lambda rng, size: "em",
    "AText": lambda rng, size: "A run of EM.",
    "FigureSize": lambda rng, size: (2, 1.5),
    "Colors": lambda rng, size: 16,
    "CovarianceType": lambda rng, size: one_of(rng, list(COVARIANCE_TYPES)),
    "InitParams": lambda rng, size: one_of(rng, list(INITIALIZE)),
    "Formula": lambda rng, size: one_of(rng, CHECKED),
    "Answer": lambda rng, size: an_answer(rng, one_of(rng, CHECKED)),
    "Hints": lambda rng, size: int(rng.integers(1, 3)),
    "On": lambda rng, size: [(good_array(rng, "Points", size), good_array(rng, "Responsibilities", size))],
    "Laws": lambda rng, size: one_of(rng, [(), (), [lambda answer: True]]),
    "Without": lambda rng, size: (),
}


def good(rng, kind, size, call=""):
    if kind in GOOD:
        return GOOD[kind](rng, size)
    array = good_array(rng, kind, size)
    return in_pieces(rng, array) if kind == "PointsOfAnyKindOrWithGaps" and call.endswith(" in pieces") else array


# ---- bent arrays: still numbers


def poked(rng, value):
    value = np.array(value, dtype=float)
    for _ in range(rng.integers(1, 4)):
        if value.size:
            value.flat[rng.integers(value.size)] = one_of(rng, NUMBERS)
    return value


def scaled(rng, value):
    with np.errstate(all="ignore"):
        return value * 10.0 ** rng.uniform(-330, 308)


def a_little_scaled(rng, value):
    return value * 10.0 ** rng.uniform(-20, 20)


def axis_scaled(rng, value):
    with np.errstate(all="ignore"):
        return value * 10.0 ** rng.uniform(-200, 140, size=np.shape(value)[-1:])


def shifted(rng, value):
    return value + 10.0 ** rng.uniform(-20, 139)


def repeated_rows(rng, value):
    return np.array(value)[rng.integers(0, max(1, len(value) // 2), size=len(value))]


def constant_column(rng, value):
    value = np.array(value, dtype=float)
    value[..., rng.integers(value.shape[-1])] = one_of(rng, NUMBERS)
    return value


def collinear(rng, value):
    value = np.array(value, dtype=float)
    value[..., -1] = 3 * value[..., 0] + one_of(rng, [0.0, 1e-17, 1e-9]) * rng.standard_normal(value.shape[:-1])
    return value


def all_alike(rng, value):
    return np.full(np.shape(value), one_of(rng, NUMBERS))


def zeros_and_ones(rng, value):
    return rng.integers(0, 2, size=np.shape(value)).astype(float)


def of_any_size(rng, value):
    with np.errstate(all="ignore"):
        return value * 10.0 ** rng.uniform(-300, 300, size=np.shape(value))


BENT = [poked, poked, poked, scaled, a_little_scaled, axis_scaled, shifted, repeated_rows, constant_column, collinear]
BENT += [all_alike, zeros_and_ones, of_any_size]


# ---- bent covariances


def asymmetric(rng, value):
    value = np.array(value)
    value[..., 0, -1] *= 1 + 10.0 ** rng.uniform(-12, 3)
    return value


def minus_its_largest(rng, value):
    return value - one_of(rng, [1e-3, 1.0, 10.0]) * np.trace(value, axis1=-2, axis2=-1).max() * np.eye(value.shape[-1])


def nearly_singular(rng, value):
    column = rng.standard_normal(value.shape[:-1])[..., None]
    return column * np.swapaxes(column, -1, -2) + 10.0 ** rng.uniform(-18, -8) * np.eye(value.shape[-1])


def stretched(rng, value):
    units = 10.0 ** rng.uniform(-160, 140, size=value.shape[-1])
    return value * units[:, None] * units


def any_symmetric(rng, value):
    with np.errstate(all="ignore"):
        value = value * 10.0 ** rng.uniform(-300, 280, size=value.shape)
    return (value + np.swapaxes(value, -1, -2)) / 2


BENT_SQUARES = [asymmetric, minus_its_largest, nearly_singular, stretched, any_symmetric]


def one_hot(rng, value):
    return np.eye(len(value))[rng.integers(len(value))]


def renormalized(rng, value):
    value = value * 10.0 ** rng.uniform(-320, 0, size=len(value))
    return value / value.sum() if value.sum() else value


# ---- other kinds and other containers


def of_another_type(rng, value):
    kinds = "object complex64 complex128 bool M8[D] m8[s] U S f2 f4 g u1 i1 i8 u8 >f8 >i2 V8".split()
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return np.asarray(value).astype(one_of(rng, kinds))
        except (TypeError, ValueError):
            return np.asarray(value).astype(object)


def with_an_object(rng, value):
    value = np.array(value).astype(object)
    odd = [None, "7", "x", b"1", 1j, pd.NA, pd.NaT, 10**400, decimal.Decimal("sNaN"), [1.0], np.ones(1), object(), {}]
    odd += [decimal.Decimal("1.5"), fractions.Fraction(1, 3), np.datetime64("2020"), datetime.date(2020, 1, 1), True]
    if value.size:
        where = rng.integers(value.size)
        value.reshape(-1)[where : where + 1].fill(0)
        value[np.unravel_index(where, value.shape)] = one_of(rng, odd)
    return value


def tall(value):
    return value.reshape(len(value), -1) if np.ndim(value) else value


def in_another_container(rng, value):
    value = np.array(value)
    mask = rng.random(value.shape) < one_of(rng, [0.0, 0.3])
    containers = [
        lambda: value.tolist(),
        lambda: tuple(value.tolist()),
        lambda: (row for row in value),
        lambda: iter(value.tolist()),
        lambda: dict(enumerate(value.tolist())),
        lambda: set(value.ravel().tolist()),
        lambda: pd.DataFrame(tall(value)),
        lambda: pd.DataFrame(tall(value)).astype("Float64"),
        lambda: pd.DataFrame(tall(value)).astype("Float64").mask(tall(mask)),
        lambda: pd.DataFrame(tall(value)).mask(tall(mask)),
        lambda: pd.DataFrame(tall(value)).astype("category"),
        lambda: pd.Series(value.ravel()),
        lambda: np.ma.array(value, mask=mask),
        lambda: np.matrix(tall(value)),
        lambda: sparse.csr_matrix(tall(value)),
        lambda: sparse.coo_array(tall(value)),
        lambda: memoryview(value),
        lambda: value.view(Subclass),
        lambda: WithItsOwnArray(value),
        lambda: np.asfortranarray(value),
        lambda: np.flip(np.flip(value).copy()),
        lambda: np.repeat(value, 2, axis=0)[::2],
        lambda: np.rec.array(value),
        lambda: np.broadcast_to(value[:1], value.shape),
        lambda: value[::-1],
        lambda: frozen(value),
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return one_of(rng, containers)()
        except Exception:  # this container holds no such things
            return value


def frozen(value):
    value.setflags(write=False)
    return value


def of_another_shape(rng, value):
    value = np.array(value)
    shapes = [
        lambda: value[0],
        lambda: value[None],
        lambda: value[..., None],
        lambda: value[:0],
        lambda: value[..., :0],
        lambda: value[:1],
        lambda: value[..., :1],
        lambda: value[:-1],
        lambda: value[..., :-1],
        lambda: np.concatenate([value, value]),
        lambda: np.concatenate([value, value[..., :1]], axis=-1),
        lambda: value.T,
        lambda: value.ravel(),
        lambda: value.reshape(-1)[0],
        lambda: np.resize(value, (300, *value.shape[1:])),
        lambda: np.broadcast_to(value, (3, *value.shape)),
        lambda: [value.tolist(), [1.0]],
        lambda: [*value.tolist(), []],
        lambda: np.zeros(rng.integers(0, 4, size=rng.integers(0, 5))),
    ]
    return one_of(rng, shapes)()


def odd_array(rng, kind, value):
    bends = BENT + BENT_SQUARES * 3 * (AXES[kind][-2:] == "DD") + [one_hot, renormalized] * 4 * (AXES[kind] == "K")
    with np.errstate(all="ignore"):
        for _ in range(one_of(rng, [0, 1, 1, 1, 2])):
            value = one_of(rng, bends)(rng, value)
            if kind == "Factor" and rng.random() < 0.7:
                value = np.tril(value)
            if kind in ("Responsibilities", "Shares", "SampleWeights", "Weights", "Counts") and rng.random() < 0.7:
                value = np.abs(value)
    how = rng.random()
    if how < 0.35:
        for change in (of_another_shape, of_another_type, with_an_object, in_another_container):
            if rng.random() < 0.4 and isinstance(value, np.ndarray) and value.ndim and value.size:
                value = change(rng, value)
    return value if how < 0.97 else junk(rng)


# ---- bent objects


def perhaps_of_another_size(rng, size):
    size = Sizes(**vars(size))
    if rng.random() < 0.1:
        setattr(size, one_of(rng, "KD"), int(rng.integers(1, 6)))
    return size


def odd_mixture(rng, size, value=None):
    how, size = rng.random(), perhaps_of_another_size(rng, size)
    kinds = PARAMETERS["Mixture"]
    arrays = {name: good_array(rng, kind, size) for name, kind in kinds.items()}
    if how > 0.95:
        return one_of(rng, [tuple(arrays.values()), arrays, types.SimpleNamespace(**arrays), junk(rng), a_fit()])
    if how < 0.1:
        arrays["covariances"][rng.integers(size.K)] = 0
        return gmm.Mixture._trusted(*arrays.values())  # as an M-step may give
    for _ in range(20):
        bent = {
            name: odd_array(rng, kinds[name], each) if rng.random() < 0.5 else each for name, each in arrays.items()
        }
        try:
            return gmm.Mixture(**bent)
        except Exception:  # what may be raised here is asked where Mixture itself is called
            continue
    return gmm.Mixture(**arrays)


def odd_parts(rng, value):
    """A named tuple of arrays and numbers, some of them bent."""
    parts = value._asdict()
    for name, part in parts.items():
        if rng.random() < 0.4:
            kind = word(name) if AXES.get(word(name)) else "Points"
            parts[name] = odd_array(rng, kind, part) if np.ndim(part) else one_of(rng, [*NUMBERS, "x", None])
    return type(value)(**parts)


def odd_summary(rng, size, value=None):
    if rng.random() < 0.1:
        return one_of(rng, [junk(rng), tuple(good_summary(rng, size)), good_mixture(rng, size), a_fit()])
    return odd_parts(rng, good_summary(rng, perhaps_of_another_size(rng, size)))


def odd_expected(rng, size, value=None):
    if rng.random() < 0.1:
        return one_of(rng, [junk(rng), good_array(rng, "Responsibilities", size), good_mixture(rng, size), ()])
    return odd_parts(rng, good_expected(rng, perhaps_of_another_size(rng, size)))


def odd_background(rng, size, value=None):
    parts = {"mixture": odd_mixture(rng, size), "share": one_of(rng, NUMBERS), "volume": one_of(rng, [*NUMBERS, "x"])}
    name = one_of(rng, list(parts))
    return dataclasses.replace(good_background(rng, perhaps_of_another_size(rng, size)), **{name: parts[name]})


def a_fit():
    return gmm.fit([[1.0], [2.0], [4.0]], 1, starts=1)


def odd_fit(rng, size, value=None):
    """A fit as somebody may have changed it by dataclasses.replace; or a mixture."""
    fit = good_fit(rng, size)
    parts = {
        "mixture": lambda: odd_mixture(rng, size),
        "log_likelihood": lambda: one_of(rng, [*NUMBERS, "x", None]),
        "log_likelihoods": lambda: odd_array(rng, "LogLikelihoods", fit.log_likelihoods),
        "converged": lambda: one_of(rng, [1, None, "yes", np.bool_(True), np.ones(2)]),
        "constraint": lambda: odd_constraint(rng),
        "path": lambda: one_of(rng, [None, "", 3, print]),
        "starts": lambda: one_of(rng, [None, (), 3, (gmm.Start(-1.0, 3, "same"),), ["x"], [(1, 2)]]),
        "e_steps": lambda: one_of(rng, [None, -1, 3, "x", 2.5]),
    }
    name = one_of(rng, list(parts))
    return one_of(rng, [odd_mixture(rng, size), *3 * [dataclasses.replace(fit, **{name: parts[name]()})]])


def fit_of_another(rng, size, value=None):
    """A fit of other points, or under a constraint of the user's own."""
    part = one_of(rng, [{"mixture": odd_mixture(rng, size)}, {"constraint": odd_constraint(rng)}, {"weighted": True}])
    return dataclasses.replace(good_fit(rng, perhaps_of_another_size(rng, size)), **part)


def another_size(mixture, K, D):
    return gmm.Mixture(np.full(K, 1 / K), np.zeros((K, D)), np.broadcast_to(np.eye(D), (K, D, D)))


def odd_constraint(rng):
    K, D = rng.integers(1, 5, size=2)
    return one_of(rng, [
        None, "full", 3, NotHashable(), lambda mixture: None, lambda mixture: tuple(mixture), gmm.full.__wrapped__,
        lambda mixture: another_size(mixture, K, D), gmm.chain(), gmm.chain(gmm.chain(gmm.ridge)),
        gmm.prior(N=10.0 ** rng.uniform(-300, 300), covariance=np.eye(D), strength=10.0 ** rng.uniform(-300, 300)),
        lambda mixture: gmm.Mixture._trusted(mixture.weights, mixture.means, mixture.covariances * np.nan),
    ])  # fmt: skip


ODD_STARTS = [
    lambda points, K, rng: None,
    lambda points, K, rng: points,
    lambda points, K, rng: points[0],
    lambda points, K, rng: points[:K] * np.nan,
    lambda points, K, rng: points[:K] * 0,
    lambda points, K, rng: points[:K] + 1e9,
    lambda points, K, rng: points[:K, :1],
    lambda points, K, rng: iter(points),
]


OTHER_NUMBERS = [10**400, -1, True, fractions.Fraction(10**400, 3), np.float32(2), np.longdouble(MAX) * 4]
ODD_DIMENSIONS = [[], [0, 0], [-1], [2.0], "01", [True], range(9), {0}, [10**30], None, [None], {0: 1}, [np.uint8(0)]]
ODD_DIMENSIONS += [np.array([0]), np.array([[0]]), pd.Series([0])]
ODD_NUMBERS = [*NUMBERS, *WHOLE_NUMBERS, [], [1], [0.5, 0.5], (0.5, -1), [np.nan], "1", {}, np.ones(3), [0, 9]]


def from_pool(pool):
    return lambda rng, size, value: one_of(rng, pool)


def used_generator():
    used = np.random.default_rng(1)
    used.random(7)
    return used


def odd_known(rng, size, value):
    other = [
        {},
        {9: 1.0},
        {-1: 1.0},
        {"a": 1.0},
        {0: np.nan},
        {0: "x"},
        {0: [1.0], 1: [1.0, 2.0]},
        {0: []},
        [1.0],
        None,
    ]
    other += [{True: 1.0}, {0.0: 1.0}, {0: 1e300}, {0: None}, {0: [[1.0]]}, dict.fromkeys(range(size.D), 1.0)]
    return one_of(rng, other)


def odd_inputs(rng, size, value):
    arrays = odd_array(rng, "Points", good_array(rng, "Points", size)), good_array(rng, "Responsibilities", size)
    return one_of(rng, [[arrays], [arrays, ()], [()], [], (arrays,), [list(arrays)], [(junk(rng), junk(rng))]])


ODD = {
    "AnyMixture": odd_mixture,
    "InOneDimension": odd_mixture,
    "AnySummary": odd_summary,
    "AFit": fit_of_another,
    "ABackground": odd_background,
    "FitOrMixture": lambda rng, size, value: one_of(rng, [odd_mixture, fit_of_another])(rng, size),
    "FitOrPoints": lambda rng, size, value: odd_array(rng, "Points", good_array(rng, "Points", size)),
    "AnExpected": odd_expected,
    "KnownValues": odd_known,
    "Components": lambda rng, size, value: odd_mixture(rng, size) if rng.random() < 0.6 else one_of(rng, WHOLE_NUMBERS),
    "WholeNumbers": from_pool([[], 0, [0], [-1], [2.0], "12", None, range(0), [True], [10**30], [99], {1}, [[1]]]),
    "Probabilities": lambda rng, size, value: odd_array(rng, "SampleWeights", rng.random(size.N)),
    "Dimensions": lambda rng, size, value: one_of(rng, [*ODD_DIMENSIONS, (i for i in [0])]),
    "Missing": from_pool(["Model", "", None, True, 3, ["model"], np.array("model"), b"model"]),
    "Criterion": from_pool(["BIC", "", None, 3, ["bic"], np.array("bic"), {}]),
    "Rng": lambda rng, size, value: one_of(
        rng,
        [
            -1,
            1.5,
            "3",
            True,
            [],
            [1, 2],
            [-1],
            {},
            np.random,
            used_generator(),
            10**400,
            np.random.PCG64(3),
            ...,
            np.nan,
        ],
    ),
    "Constraint": lambda rng, size, value: odd_constraint(rng),
    "Constraints": lambda rng, size, value: tuple(odd_constraint(rng) for _ in range(rng.integers(1, 4))),
    "SeveralConstraints": lambda rng, size, value: [odd_constraint(rng) for _ in range(rng.integers(0, 3))],
    "Initialize": from_pool([None, "kmeans", 3, gmm.kmeans_plus_plus.__wrapped__, *ODD_STARTS]),
    "Steps": from_pool(["em", 3, gmm.em.__wrapped__, gmm.accelerated.__wrapped__]),
    **dict.fromkeys(["EStep", "MStep", "Map", "Summarize", "Spread"], from_pool(["threads", 3, (), {}, [map]])),
    "Off": from_pool([False]),
    "Flag": from_pool([True, False, 0, 1, None, "yes"]),
    "Stored": odd_fit,
    "File": lambda rng, size, value: one_of(rng, [folder().name, "", "\0", b"file", f"{folder().name}/no/file.npz"]),
    "StoredFile": lambda rng, size, value: odd_file(rng, size, value),
    **dict.fromkeys(
        ["Mass", "Masses", "Radii", "TwoDimensions", "OneDimension", "Bins", "At", "FigureSize", "Colors"],
        from_pool(ODD_NUMBERS),
    ),
    **dict.fromkeys(
        ["Axes", "Row", "AFigure", "APicture", "Draw", "ASelection"],
        lambda rng, size, value: junk(rng, callable_too=False),
    ),
    "AStep": lambda rng, size, value: gmm.Step(odd_mixture(rng, size), one_of(rng, NUMBERS)),
    "SomeSteps": lambda rng, size, value: one_of(
        rng, [[], iter(value), [*value, None], value[:1], tuple(value), value[0]]
    ),
    "Identifier": from_pool(["", 'a"b', "a b", "π", None, 3]),
    "AText": from_pool(["", '"<b>', None, 3]),
    "CovarianceType": from_pool(["", "Full", None, 0, ["full"], np.array("full")]),
    "InitParams": from_pool(["", "k-means", None, 0, ["kmeans"], gmm.kmeans_plus_plus]),
    "Formula": from_pool([np.cov, gmm.em, gmm.sample, gmm.Mixture, None, len]),
    "Answer": lambda rng, size, value: any_junk(rng),
    "Hints": from_pool([0, 3, -1, True, 2.0]),
    "On": odd_inputs,
    "Laws": from_pool([[], [None], [lambda answer: 1 / 0], [lambda: True], [len], [print]]),
    "Without": from_pool([(), [gmm.mean], [np.mean]]),
}
ODD |= dict.fromkeys(WHOLE, from_pool(WHOLE_NUMBERS)) | dict.fromkeys(REAL, from_pool([*NUMBERS, *OTHER_NUMBERS]))
NEVER_JUNK = {"AnyMixture", "AnySummary", "Components", "Off", "Flag", "Stored", "File", "StoredFile", "Without"}


def odd(rng, kind, size, value, call):
    if kind == "PointsOfAnyKindOrWithGaps" and call.endswith(" in pieces"):
        return odd_pieces(rng, good_array(rng, kind, size))
    if kind not in ODD:
        return odd_array(rng, kind, good_array(rng, kind, size) if value is None else value)
    if kind not in NEVER_JUNK and rng.random() < 0.1:
        thing = junk(rng, callable_too=kind not in FUNCTIONS)
        return (thing,) if kind == "Constraints" else thing
    return ODD[kind](rng, size, good(rng, kind, size) if value is None else value)


def odd_input(rng, call):
    """The arguments of one call, most of them valid, and the names of those that were bent."""
    size, kinds = sizes(rng, call), PARAMETERS[call]
    often = {name: 0.9 if kinds[name] in FUNCTIONS else 0.6 for name in OPTIONAL[call] if kinds[name] != "FitOrMixture"}
    absent = {name for name, share in often.items() if rng.random() < share}
    arguments = {name: None if name in absent else good(rng, kind, size, call) for name, kind in kinds.items()}
    if kinds.get("points") == "FitOrPoints" and rng.random() < 0.3:
        arguments |= dict.fromkeys(arguments) | {"points": good_fit(rng, size)}
    if arguments.get("missing") and isinstance(arguments["points"], np.ndarray):
        arguments["points"] = with_gaps(rng, arguments["points"])
    bent = rng.choice(list(kinds), size=min(len(kinds), one_of(rng, [0, 1, 1, 1, 1, 2, 2, 3])), replace=False).tolist()
    for name in bent:
        arguments[name] = odd(rng, kinds[name], size, arguments[name], call)
    return arguments, bent


# ---- points in pieces, and files


class Again:
    """Gives the same pieces each time."""

    def __init__(self, *pieces):
        self.pieces = pieces

    def __iter__(self):
        return iter(self.pieces)


@functools.cache
def folder():
    return tempfile.TemporaryDirectory()


def a_path(name):
    return Path(folder().name) / name


def in_a_file(piece, number=0):
    np.save(a_path(f"{number}.npy"), piece, allow_pickle=True)
    return a_path(f"{number}.npy")


def mapped(piece):
    file = in_a_file(piece, "mapped")
    return np.load(file, mmap_mode="r") if np.size(piece) and np.asarray(piece).dtype != object else piece


def in_pieces(rng, points):
    """The same points in files, mapped, or in a few arrays."""
    parts = np.split(points, np.sort(rng.integers(0, len(points) + 1, size=rng.integers(0, 4))))
    return of_pieces(rng, [part if rng.random() < 0.7 else np.asfortranarray(part) for part in parts])


def of_pieces(rng, parts):
    ways = [
        lambda: parts,
        lambda: tuple(parts),
        lambda: Again(*parts),
        lambda: Again(*(np.asarray(part).tolist() for part in parts if len(part))),
        lambda: [in_a_file(part, number) for number, part in enumerate(parts)],
        lambda: [str(in_a_file(part, number)) for number, part in enumerate(parts)],
        lambda: [in_a_file(part, number) if number % 2 else part for number, part in enumerate(parts)],
        lambda: in_a_file(np.concatenate(parts)),
        lambda: mapped(np.concatenate(parts)),
    ]
    return one_of(rng, ways)()


def odd_pieces(rng, points):
    if rng.random() < 0.1:
        return one_of(
            rng, [junk(rng), Again(), Again(junk(rng)), [junk(rng)], (part for part in [points]), a_path("no.npy")]
        )
    parts = np.split(points, np.sort(rng.integers(0, len(points) + 1, size=rng.integers(1, 4))))
    for number in rng.choice(len(parts), size=rng.integers(1, 3), replace=False):
        if len(parts[number]):
            parts[number] = odd_array(rng, "Points", parts[number])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            pieces = of_pieces(rng, parts)
        except Exception:  # what cannot be written, or has no length
            return parts
    if isinstance(pieces, list) and isinstance(pieces[0], Path) and rng.random() < 0.3:
        pieces[0].write_bytes(damaged(rng, pieces[0].read_bytes()))
    return pieces


def damaged(rng, content):
    where = int(rng.integers(len(content) + 1))
    flipped = bytearray(content)
    flipped[where - 1] ^= 1 << int(rng.integers(8))
    return one_of(
        rng, [content[:where], bytes(flipped), content + b"more", b"", b"1,2\n", content[where:] + content[:where]]
    )


def whole(pieces):
    """The points of all pieces in one array."""
    pieces = [pieces] if isinstance(pieces, (str, Path, np.ndarray)) else pieces
    tables = (np.load(piece) if isinstance(piece, (str, Path)) else piece for piece in pieces)
    return np.concatenate([real(table).reshape(-1, np.shape(table)[1]) for table in tables if len(table)])


def stored(what):
    gmm.save(what, a_path("file.npz"))
    return str(a_path("file.npz"))


def odd_file(rng, size, value):
    """A file that gmm.save wrote, damaged; or an archive with other arrays in it; or no file."""
    if rng.random() < 0.2:
        return one_of(rng, [str(a_path("no file.npz")), folder().name, "", "\0", b"file", a_path("file.npz")])
    if rng.random() < 0.5:
        a_path("file.npz").write_bytes(damaged(rng, a_path("file.npz").read_bytes()))
        return value
    arrays = storage.arrays_of(good_stored(rng, size))
    for name in rng.choice(list(arrays), size=rng.integers(1, 3), replace=False):
        arrays[name] = (
            odd_array(rng, word(name), arrays[name])
            if AXES.get(word(name))
            else one_of(rng, [*NUMBERS, "x", "[]", [1, 2]])
        )
    with contextlib.suppress(Exception), warnings.catch_warnings():  # not everything can be stored
        warnings.simplefilter("ignore")
        one_of(rng, [np.savez, np.savez, np.savez_compressed])(a_path("file.npz"), **arrays)
    return value


# ---- pictures


@functools.cache
def a_figure():
    figure = plots.Figure(figsize=(3, 2), dpi=40)
    figure.subplots(1, 2)
    return figure


def an_axes(number=0):
    """Axes with nothing on them: to clear them would take ten times as long."""
    axes = a_figure().axes[number]
    for artist in [*axes.lines, *axes.patches, *axes.collections]:
        artist.remove()
    axes.containers.clear()
    axes.relim()
    return axes


def some_steps(rng, size):
    return [gmm.Step(good_mixture(rng, size), -float(rng.exponential(50))) for _ in range(3)]


@functools.cache
def some_selections():
    points = np.random.default_rng(3).standard_normal((40, 2))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [gmm.select(points, [1, 2], [gmm.full, gmm.tied], rng=0, starts=1), gmm.select(points, 1, gmm.full)]


def a_drawn_figure(rng, size):
    axes = an_axes()
    axes.plot(good_array(rng, "LogLikelihoods", size))
    return axes.figure


# ---- what a student may hand in


def an_answer(rng, formula):
    """The right formula, or one that is wrong in some way."""
    right = formula if callable(formula) else gmm.mean
    if rng.random() < 0.2:
        return right

    def wrong(*arguments):
        how = rng.random()
        if how < 0.2:
            raise one_of(
                rng, [ValueError("no"), KeyError(3), RecursionError(), MemoryError(), SystemExit(1), StopIteration()]
            )
        if how < 0.5:
            return any_junk(rng)
        result = right(*arguments)
        return one_of(rng, BENT)(rng, result) if isinstance(result, np.ndarray) and result.ndim else result

    return one_of(
        rng, [wrong, wrong, wrong, lambda: 3, lambda *a: print("printed"), lambda *a: None, np.mean, len, print]
    )


CHECKED = [formula for formula in BY_FORMULA if formula not in (gmm.fit.__wrapped__, gmm.kmeans_plus_plus.__wrapped__)]


# ---- what must come of it


class Broken(AssertionError):
    """A promise that was not kept."""


def demand(kept, promise):
    if not kept:
        raise Broken(promise() if callable(promise) else promise)


@contextmanager
def time_limit():
    """An endless loop becomes an error, where the system has timers."""

    def too_long(*_):
        raise Broken(f"no end after {SECONDS} s")

    if not hasattr(signal, "setitimer"):
        yield
        return
    before = signal.signal(signal.SIGALRM, too_long)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


PARTS = (np.ndarray, Path, pd.DataFrame, plots.Figure)


def trace(value):
    """What would differ if the value had been changed."""
    if isinstance(value, np.ndarray) and value.dtype.kind != "O":
        mask = np.ma.getmaskarray(value).tobytes() if isinstance(value, np.ma.MaskedArray) else b""
        return value.shape, value.strides, value.dtype, value.flags.writeable, np.asarray(value).tobytes(), mask
    if isinstance(value, gmm.Mixture):
        return tuple(map(trace, value))
    if isinstance(value, (gmm.Fit, gmm.BackgroundFit)):
        return [trace(part) for part in vars(value).values()]
    if isinstance(value, pd.DataFrame):
        return [trace(column) for _, column in value.items()]
    if isinstance(value, (np.ndarray, pd.Series)):
        return [*map(repr, value.flat if isinstance(value, np.ndarray) else value)]
    if isinstance(value, (gmm.Summary, gmm.Expected)):
        return [*map(trace, value)]
    if isinstance(value, Path):
        return value.read_bytes() if value.is_file() else None
    if isinstance(value, Again):
        return trace(list(value.pieces))
    if isinstance(value, (list, tuple)) and any(isinstance(each, PARTS) or hasattr(each, "contour") for each in value):
        return [*map(trace, value)]
    if isinstance(value, (list, tuple, dict, set)):
        return repr(value)
    if sparse.issparse(value):
        return trace(value.data)
    return None


def called(call, arguments):
    """The result of a public function; of endless steps the first four, of a constraint what it makes of a mixture."""
    function = CALLS[call]
    if call == "chain":
        chained = function(*arguments["constraints"])
        ours = all(any(each is one for one in CONSTRAINTS) for each in arguments["constraints"])
        return chained(TWO) if ours else TWO
    if call == "save":
        function(**arguments)
        return gmm.load(arguments["file"])
    with compiled() if call.endswith(" compiled") else contextlib.nullcontext():
        result = function(**arguments)
        if inspect.isgenerator(result):
            return list(itertools.islice(result, 4))
    if call == "prior":
        return result(another_size(None, 3, np.shape(np.asarray(arguments["covariance"]))[-1]))
    return result


@contextmanager
def compiled():
    """Few points, too, go through the compiled loops."""
    before, choice.WORTH_COMPILING = choice.WORTH_COMPILING, 0
    try:
        yield
    finally:
        choice.WORTH_COMPILING = before


TWO = gmm.Mixture([0.25, 0.75], [[0, 0], [4, 4]], [[[4, 1], [1, 2]], [[1, 0], [0, 1]]])
OF_A_MIXTURE = ["mixture", *PARAMETERS["Mixture"]]


def names_of(call):
    """The arguments of a function, and those of the functions and objects that it was given."""
    names, kinds = [*PARAMETERS[call]], set(PARAMETERS[call].values())
    names += [*OF_A_MIXTURE, "log_likelihoods", "constraint"] * (call in ("save", "load"))
    names += ["mixture", "data"] * call.startswith(("plots.", "GaussianMixture."))
    names += ["N", "covariance", "mixture"] * (bool(kinds & {"Constraint", "SeveralConstraints"}) or call == "prior")
    names += ["constraint", "N", "covariance", "mixture"] * bool(kinds & {"AFit", "FitOrMixture"})
    return names + ["centers"] * ("initialize" in names)


def outcome(call, arguments):
    """`result` or `refused`; Broken if it is neither."""
    before = {name: trace(value) for name, value in arguments.items()}
    try:
        with time_limit(), contextlib.redirect_stdout(io.StringIO()):
            result = called(call, arguments)
    except (ValueError, TypeError) as error:
        what, kind = f"{type(error).__name__}: {error}", "refused"
        demand(not isinstance(error, np.linalg.LinAlgError), what)
        named = re.search(rf"\b({'|'.join(names_of(call))})\b", str(error))
        demand(named or isinstance(error, gmm.CollapseError), f"no argument is named: {what}")
    except OSError as error:
        kind = "refused"
        demand(call in ("save", "load") and error.filename is not None, f"{type(error).__name__}: {error}")
    except (Broken, KeyboardInterrupt):
        raise
    except BaseException as error:
        raise Broken(f"{type(error).__name__}: {error}") from error
    else:
        kind = "result"
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                as_documented(call, result, arguments)
                LAWS[call](result, **with_mixtures(call, arguments))
            except (ValueError, TypeError, AttributeError, IndexError) as error:
                raise Broken(f"a result of another kind, {result!r}: {error}") from error
    for name, value in arguments.items():
        demand(before[name] == trace(value), f"{name} was changed")
    return kind


def with_mixtures(call, arguments):
    """The arguments, with its mixture for each fit that was given in the place of a mixture."""
    fits = [name for name, kind in PARAMETERS[call].items() if kind in MIXTURES and hasattr(arguments[name], "mixture")]
    return arguments | {name: arguments[name].mixture for name in fits}


# ---- the shapes of the results, as the docstrings promise them


def real(value):
    """The numbers of an argument that was let in; NaN for what pandas calls missing."""
    if isinstance(value, (pd.DataFrame, pd.Series)):
        return value.to_numpy(dtype=float, na_value=np.nan)
    return np.array(np.asarray(value), dtype=float)


def finite(value, *shape):
    demand(isinstance(value, np.ndarray) and value.dtype == float, lambda: f"no array of floats: {value!r}")
    demand(np.isfinite(value).all(), lambda: f"not finite: {value}")
    demand(value.shape == shape, lambda: f"shape {value.shape} where {shape} is right")


def given_sizes(call, arguments):
    """The size of each axis: of the arrays and the mixtures that were given, or given as a number."""
    found = {"N": arguments.get("size"), "K": arguments.get("K")}
    for name, kind in PARAMETERS[call].items():
        value = getattr(arguments[name], "mixture", arguments[name])
        if hasattr(value, "means"):
            found |= dict(zip("KD", np.shape(value.means)))
        elif value is not None and AXES.get(kind) and not call.endswith(" in pieces"):
            found |= dict(zip(AXES[kind], np.shape(np.asarray(value))))
    return found


@functools.cache
def promised_shapes(call):
    """The shapes after the arrow of a docstring, such as "N, K + 1", if it returns arrays."""
    _, arrow, results = (inspect.getdoc(CALLS[call]) or "").partition("→  ")
    results = results.partition("\n")[0]
    is_array = arrow and not re.match(r"Mixture|generator|Fit|a constraint|one function", results)
    return re.findall(r"\((\w[^()]*,[^()]*)\)", results) if is_array else []


def as_documented(call, result, arguments):
    """Each array is finite and has the shape that the docstring promises, in the sizes of the arguments."""
    arrays = [each for each in (result if type(result) is tuple else [result]) if isinstance(each, np.ndarray)]
    shapes = promised_shapes(call) if call != "impute" else []
    for each, shape in zip(arrays, shapes, strict=bool(shapes)):
        names = {name: size for name, size in given_sizes(call, arguments).items() if size is not None}
        shape = eval(f"({shape})".replace("−", "-"), {}, names)
        numbers = each.astype(float) if each.dtype.kind == "i" else each
        if call.endswith("log_joint"):  # of a component without weight it is −∞
            demand(each.shape == shape and each.dtype == float, f"shape {each.shape}")
        else:
            finite(numbers, *shape)


def law_of_the_docstring(result, **arguments):
    """Nothing is asked but what is asked of all: a finite array of the shape that the docstring says."""


# ---- the laws of the results


def close(ours, theirs, rtol=1e-9, atol=0.0):
    demand(np.allclose(ours, theirs, rtol=rtol, atol=atol), lambda: f"{ours} where {theirs} is right")


def is_finite_number(result):
    demand(type(result) is float and np.isfinite(result), lambda: f"{result!r}")


def valid(mixture, K, D, spread=False, largest=1.0):
    weights, means, covariances = mixture
    finite(weights, K)
    finite(means, K, D)
    finite(covariances, K, D, D)
    demand((weights >= 0).all() and abs(weights.sum() - 1) < 1e-7, lambda: f"weights {weights}")
    demand(np.array_equal(covariances, np.swapaxes(covariances, 1, 2)) or not spread, "a covariance is not symmetric")
    variances = np.diagonal(covariances, axis1=1, axis2=2)
    demand((variances >= 0).all(), lambda: f"variances {variances}")
    roots = np.sqrt(variances)
    bound = roots[:, :, None] * roots[:, None]
    slack = 1e-300 + 1e-160 * roots.max(initial=0) / np.sqrt(min(largest, 1))  # 1e-162² is zero
    demand((np.abs(covariances) <= bound * (1 + 3e-8) + slack).all(), lambda: f"no covariances: {covariances}")


def valid_alone(result, **arguments):
    valid(result, *result.means.shape)


def in_hull(means, points, unseen=0.0):
    low, high = points.min(axis=0), points.max(axis=0)
    slack = 1e-9 * np.maximum(np.abs(low), np.abs(high)) + 1e-300 + unseen
    inside = ((means >= low - slack) & (means <= high + slack)).all()
    demand(inside, lambda: f"means {means} outside of the points {points}")


def counted(points, sample_weights):
    """The points that have a weight, and their weights."""
    points = real(points)
    weights = np.ones(len(points)) if sample_weights is None else real(sample_weights)
    return points[weights > 0], weights[weights > 0]


def long_factor(covariance):
    """Cholesky's factor in long double, by its definition."""
    D = len(covariance)
    L = np.zeros((D, D), dtype=np.longdouble)
    for i in range(D):
        for j in range(i + 1):
            rest = np.longdouble(covariance[i, j]) - (L[i, :j] * L[j, :j]).sum()
            L[i, j] = np.sqrt(rest) if i == j else rest / L[j, j]
    return L


def long_log_gaussian(points, mean, L):
    """In long double, which has a range of 1e±4932 on most machines, by forward substitution."""
    deviations = points.astype(np.longdouble) - mean.astype(np.longdouble)
    z = np.zeros_like(deviations)
    for i in range(len(mean)):
        z[:, i] = (deviations[:, i] - z[:, :i] @ L[i, :i]) / L[i, i]
    return -0.5 * (len(mean) * np.log(2 * np.longdouble(np.pi)) + (z**2).sum(axis=1)) - np.log(np.diag(L)).sum()


def condition(covariance):
    roots = np.sqrt(np.diag(covariance))
    return np.linalg.cond(covariance / roots / roots[:, None])


def law_log_gaussian(result, points, mean, covariance):
    points, mean, covariance = map(real, (points, mean, covariance))
    if condition(covariance) < 1e7:
        close(result, long_log_gaussian(points, mean, long_factor(covariance)), rtol=1e-6, atol=1e-6)


def law_log_gaussian_by_factor(result, points, mean, factor):
    points, mean, factor = map(real, (points, mean, factor))
    if np.linalg.cond(factor / np.abs(factor).max(axis=1, keepdims=True)) < 1e6:
        close(result, long_log_gaussian(points, mean, factor.astype(np.longdouble)), rtol=1e-6, atol=1e-6)


def law_whiten(result, points, mean, factor):
    points, mean, factor = map(real, (points, mean, factor))
    back = result.astype(np.longdouble) @ factor.T.astype(np.longdouble)
    bound = np.abs(result).astype(np.longdouble) @ np.abs(factor.T).astype(np.longdouble)
    slack = 1e-14 * (bound + np.abs(points) + np.abs(mean)) + 1e-300
    if np.linalg.cond(factor) < 1e6:
        demand((np.abs(back - (points.astype(np.longdouble) - mean)) <= 1e6 * slack).all(), "L z is not x − μ")


def law_log_joint(result, points, mixture):
    absent = mixture.weights == 0
    demand((result[:, absent] == -np.inf).all(), "a component of weight zero explains something")
    demand(np.isfinite(result[:, ~absent]).all(), lambda: f"not finite: {result}")
    for k in np.flatnonzero(~absent):
        if condition(mixture.covariances[k]) < 1e7:
            L, log_pi = long_factor(mixture.covariances[k]), np.log(mixture.weights[k])
            exact = long_log_gaussian(real(points), mixture.means[k], L) + log_pi
            close(result[:, k], exact, rtol=1e-6, atol=1e-6)


def law_responsibility(result, **arguments):
    demand(((result >= 0) & (result <= 1)).all(), lambda: f"no probabilities: {result}")
    close(result.sum(axis=1), 1)


def law_bayes(result, log_joints):
    responsibilities, log_densities = result
    law_responsibility(responsibilities)
    largest = real(log_joints).max(axis=1)
    demand((log_densities >= largest).all(), "less than the largest term")
    demand((log_densities <= largest + np.log(responsibilities.shape[1]) + 1e-9 * np.abs(largest)).all(), "more than K")


def law_log_likelihood(result, points, mixture, sample_weights):
    is_finite_number(result)
    there, weights = counted(points, sample_weights)
    terms = weights * gmm.log_density(there, mixture)
    close(result, terms.sum(), atol=1e-9 * np.abs(terms).sum() + 1e-300)


def law_label(result, points, mixture):
    K = len(mixture.weights)
    demand(result.dtype.kind == "i", lambda: f"no labels: {result}")
    demand(((result >= 0) & (result < K)).all() and (mixture.weights[result] > 0).all(), lambda: f"labels {result}")


def law_sample(result, mixture, size, rng):
    demand((mixture.weights[result[1]] > 0).all(), lambda: f"labels {result[1]}")


def law_total_mean(result, mixture):
    in_hull(result, mixture.means)


def law_total_covariance(result, mixture):
    D = mixture.means.shape[1]
    valid((np.ones(1), np.zeros((1, D)), result[None]), 1, D)
    inside = np.einsum("k,kij->ij", mixture.weights, mixture.covariances)
    demand((np.diag(result) >= np.diag(inside) * (1 - 1e-9)).all(), "less than within the components")


def law_ordered(result, mixture):
    law_matched(result, mixture)
    demand((np.diff(result.means[:, 0]) >= 0).all(), "not from left to right")


def law_matched(result, mixture, reference=None):
    demand(components_of(result) == components_of(mixture), "not the same components")


def components_of(mixture):
    return sorted((pi, *mu, *S.ravel()) for pi, mu, S in zip(*mixture))


def law_marginal(result, mixture, dimensions):
    K, D = result.means.shape
    demand(len(mixture.means) == K and 1 <= D <= mixture.means.shape[1], lambda: f"shape {result.means.shape}")
    valid(result, K, D)


def law_conditional(result, mixture, known):
    K, D = mixture.means.shape
    several = bool(np.ndim(next(iter(known.values()))))
    demand(several == isinstance(result, list), lambda: f"{result!r}")
    demand(not several or len(result) == len(next(iter(known.values()))), "not one mixture for each value")
    for each in result if several else [result]:
        valid(each, K, D - len(known))


def law_conditional_covariance(result, known, mixture, dimensions):
    N, D = result.shape[:2]
    valid((np.full(N, 1 / N), np.zeros((N, D)), result), N, D)


def law_cdf(result, **arguments):
    demand(((result >= 0) & (result <= 1 + 1e-7)).all(), lambda: f"no probabilities: {result}")


def law_quantile(result, probabilities, mixture, upper):
    finite(np.asarray(result), *np.shape(real(probabilities)))
    p, roots = np.ravel(real(probabilities)), np.sqrt(mixture.covariances[:, 0, 0])
    narrow = 1e6 * np.spacing(np.abs(mixture.means[:, 0]).max()) > roots.min()  # there the values are no finer
    if p.size and not narrow and np.ptp(np.log(roots)) < 10:
        close(gmm.cdf(np.ravel(result)[:, None], mixture, upper), p, rtol=1e-5, atol=1e-7)


def law_count(result, responsibilities):
    close(result, real(responsibilities).sum(axis=0))


def law_weight(result, responsibilities):
    close(result.sum(), 1)


def law_mean(result, points, responsibilities):
    points, responsibilities = real(points), real(responsibilities)
    for mu, gamma in zip(result, responsibilities.T):
        in_hull(mu, points[gamma > 0], unseen=1e-320 / gamma.max())  # products below that are zero


def law_covariance(result, points, responsibilities, means):
    points, means = real(points), real(means)
    K, D = means.shape
    largest = real(responsibilities).max(axis=0).min()
    valid((np.full(K, 1 / K), means, result), K, D, spread=True, largest=largest)
    farthest = np.square(points[:, None] - means).max(axis=0)
    variances = np.diagonal(result, axis1=1, axis2=2)
    demand((variances <= farthest * (1 + 1e-9) + 1e-300).all(), "more spread than the farthest point")


def law_e_step(result, points, mixture, sample_weights):
    responsibilities, log_likelihood = result
    weights = np.ones(len(real(points))) if sample_weights is None else real(sample_weights)
    close(responsibilities.sum(axis=1), weights, atol=1e-300)
    is_finite_number(log_likelihood)


def law_m_step(result, points, responsibilities):
    responsibilities = real(responsibilities)
    K, D = responsibilities.shape[1], real(points).shape[1]
    valid(result, K, D, spread=True, largest=responsibilities.max(axis=0).min())
    law_mean(result.means, points, responsibilities)
    law_covariance(result.covariances, points, responsibilities, result.means)


def law_observed_log_density(result, points, mixture):
    nothing = np.isnan(real(points)).all(axis=1)
    close(result[nothing], 0, atol=1e-7)
    if not np.isnan(real(points)).any():
        close(result, gmm.log_density(points, mixture), rtol=1e-6, atol=1e-6)


def law_observed_log_joint(result, points, mixture):
    absent = mixture.weights == 0
    demand((result[:, absent] == -np.inf).all(), "a component of weight zero explains something")
    demand(np.isfinite(result[:, ~absent]).all(), lambda: f"not finite: {result}")


def law_observed_e_step(result, points, mixture, sample_weights):
    expected, log_likelihood = result
    (K, D), N = mixture.means.shape, len(real(points))
    finite(expected.responsibilities, N, K)
    finite(expected.completed, K, N, D)
    finite(expected.doubts, K, D, D)
    law_e_step((expected.responsibilities, log_likelihood), points, mixture, sample_weights)
    stays_as_observed(expected.completed, points)


def stays_as_observed(completed, points):
    observed = ~np.isnan(real(points))
    demand((completed[..., observed] == real(points)[observed]).all(), "an observed value was changed")


def law_observed_m_step(result, points, expected):
    K, D = result.means.shape
    valid(result, K, D, largest=real(expected.responsibilities).max(axis=0).min())
    for mu, completed, gamma in zip(result.means, real(expected.completed), real(expected.responsibilities).T):
        in_hull(mu, completed[gamma > 0], unseen=1e-320 / gamma.max())


def law_impute(result, points, mixture, draws, rng):
    finite(result, *(() if draws is None else (draws,)), *np.shape(real(points)))
    stays_as_observed(result, points)


def law_steps(result, points, mixture, constraint, **others):
    demand(len(result) == 4, lambda: f"{len(result)} steps")
    demand(result[0].mixture is mixture, "the first step is another mixture")
    for step in result:
        valid(step.mixture, *mixture.means.shape)
        is_finite_number(step.log_likelihood)
    if constraint is gmm.full:
        likelihoods = np.array([step.log_likelihood for step in result])
        most = max(condition(S) for step in result for S in step.mixture.covariances)
        slack = (1e-9 + most * 1e-15) * np.abs(likelihoods).max()
        demand((np.diff(likelihoods) >= -slack).all(), lambda: f"the log-likelihood falls: {likelihoods}")


def law_em_with_background(result, mixture, **others):
    law_steps(result, mixture=mixture, **others)
    demand(all(0 <= step.share <= 1 + 1e-12 for step in result), lambda: f"{[step.share for step in result]}")


def law_summarize(result, points, mixture, sample_weights, **others):
    N, K, D = len(real(points)), *mixture.means.shape
    valid_summary(result, K, D, largest=result.counts[result.counts > 0].min())
    close(result.counts.sum(), counted(points, sample_weights)[1].sum())
    for count, mu in zip(result.counts, result.means):
        if count > 1e-200:
            in_hull(mu, real(points), unseen=1e-320 * N / min(count, 1))


def valid_summary(summary, K, D, largest=1.0):
    demand(isinstance(summary.log_likelihood, float) and np.isfinite(summary.log_likelihood), lambda: f"{summary[0]!r}")
    finite(summary.counts, K)
    valid((np.full(K, 1 / K), summary.means, summary.covariances), K, D, largest=largest)


def law_merge(result, one, other):
    K, D = result.means.shape
    valid_summary(result, K, D)
    close(result.counts, real(one.counts) + real(other.counts))
    between = np.minimum(real(one.means), real(other.means)), np.maximum(real(one.means), real(other.means))
    slack = 1e-9 * np.abs(between).max(axis=0) + 1e-300
    demand(((result.means >= between[0] - slack) & (result.means <= between[1] + slack)).all(), "means not between")


def law_maximize(result, summary):
    valid_alone(result)
    close(result.weights, real(summary.counts) / real(summary.counts).sum())


def law_squared_distance(result, points, centers):
    close(result, np.square(real(points)[:, None] - real(centers)).sum(axis=2))


def law_centers_of_points(result, points, K, rng):
    points = real(points)
    demand(all((center == points).all(axis=1).any() for center in result), "a center that is no point")
    demand(len(np.unique(result, axis=0)) == K, "two centers in one place")


def law_hard_responsibility(result, points, centers):
    demand(np.isin(result, (0, 1)).all() and (result.sum(axis=1) == 1).all(), "not hard")


def law_kmeans(result, points, centers):
    for center, before in zip(result, real(centers)):
        if not np.array_equal(center, before):
            in_hull(center, real(points))


def law_mixture_around(result, points, centers):
    valid(result, *real(centers).shape)
    in_hull(result.means, real(points))


def law_constraint(result, mixture, fraction=None):
    valid(result, *mixture.means.shape)
    demand(np.array_equal(result.means, mixture.means), "other means")


def law_prior(result, N, covariance, strength, concentration):
    valid(result, 3, len(real(covariance)))
    eye, S = np.eye(len(real(covariance))), real(covariance)
    low, high = np.minimum(eye, S), np.maximum(eye, S)
    inside = (result.covariances >= low - 1e-9 * np.abs(low)) & (result.covariances <= high + 1e-9 * np.abs(high))
    demand(inside.all(), "not between the prior's and the data's")


def law_number(result, **arguments):
    is_finite_number(result)


def law_gain_to_come(result, log_likelihoods):
    demand(type(result) is float and result >= 0, lambda: f"{result!r}")


def law_fit(result, points, components, sample_weights, missing=None, **others):
    K = len(components.means) if isinstance(components, gmm.Mixture) else int(components)
    valid(result.mixture, K, real(points).shape[1])
    demand(type(result.converged) is bool, lambda: f"converged {result.converged!r}")
    demand(result.log_likelihoods[-1] == result.log_likelihood, "not its own log-likelihood")
    there, weights = counted(points, sample_weights)
    again = weights @ (gmm.observed_log_density if missing else gmm.log_density)(there, result.mixture)
    close(result.log_likelihood, again, rtol=1e-6)
    if not isinstance(components, gmm.Mixture):
        demand((np.diff(result.mixture.means[:, 0]) >= 0).all(), "not from left to right")


def law_fit_with_background(result, points, components, sample_weights, **others):
    K = len(components.means) if isinstance(components, gmm.Mixture) else int(components)
    valid(result.mixture, K, real(points).shape[1])
    demand(type(result.converged) is bool and 0 < result.share < 1 and result.volume > 0, lambda: f"{result}")
    there, weights = counted(points, sample_weights)
    shares = np.log1p(-result.share), np.log(result.share) - np.log(result.volume)
    again = weights @ np.logaddexp(shares[0] + gmm.log_density(there, result.mixture), shares[1])
    close(result.log_likelihood, again, rtol=1e-6, atol=1e-6 * weights.sum())
    try:
        is_finite_number(result.bic)
    except ValueError as error:
        demand(".parameters = lambda" in str(error), f"bic: {error}")


def law_bootstrap(result, points, fit, size, **others):
    B, (K, D) = int(size) - result.collapsed, fit.mixture.means.shape
    finite(result.means, B, K, D)
    for each in zip(*result.repetitions):
        valid(each, K, D)
    demand(result.fit is fit, "another fit")


def law_select(result, components, constraints, **others):
    shapes = 1 if callable(constraints) else len(constraints)
    tried = {int(K) for K in (components if np.iterable(components) else [components])}
    demand(len(result.candidates) == len(tried) * shapes, lambda: f"{len(result.candidates)} candidates")
    best = [each.value for each in result.candidates if each.sound]
    demand(not best or result.chosen.value == min(best), "not the smallest")
    demand(np.isfinite(result.chosen.value) and result.chosen.fit is result.best, lambda: f"{result.chosen}")
    demand(all(key.K in tried for key in result.candidates) and len(str(result)) > 5, "another K")


def law_n_parameters(result, mixture, constraint):
    demand(type(result) is int and result > 0, lambda: f"{result!r}")


def law_Mixture(result, weights, means, covariances):
    valid(result, *real(means).shape)
    finite(result.factors, *real(covariances).shape)
    demand(not any(part.flags.writeable for part in result), "not read-only")


def law_save(result, what, file):
    mixtures = [(each.mixture if isinstance(each, gmm.Fit) else each) for each in (result, what)]
    demand(type(result) is type(what), lambda: f"a {type(result).__name__} where it was a {type(what).__name__}")
    demand(all(np.array_equal(*pair) for pair in zip(*mixtures)), "another mixture")
    if isinstance(what, gmm.Fit):
        demand(np.array_equal(result.log_likelihoods, real(what.log_likelihoods)), "another trace")
        demand((result.N, result.log_certainty) == (what.N, what.log_certainty), "other numbers for the criteria")


def law_load(result, file):
    valid_alone(getattr(result, "mixture", result))


def law_estimated(result, X, sample_weight, n_components, **others):
    there, weights = counted(X, sample_weight)
    valid(result.mixture_, int(n_components), there.shape[1])
    bound = np.average(gmm.log_density(there, result.mixture_), weights=weights)
    close(result.lower_bound_, bound, rtol=1e-6, atol=1e-6)
    stored = [result.covariances_, result.precisions_, result.precisions_cholesky_, result.lower_bounds_]
    demand(all(np.isfinite(each).all() for each in stored), lambda: f"not finite: {stored}")


def law_of_points(result, X, **others):
    demand(np.isfinite(result).all(), lambda: f"{result}")
    demand(np.ndim(result) == 0 or len(result) == len(real(X)), lambda: f"shape {np.shape(result)}")


def law_check(result, answer, formula, hints, on, laws, without):
    demand(type(result) is homework.Result and type(result.passed) is bool, lambda: f"{result!r}")
    demand(len(str(result)) > 5 and result._repr_markdown_(), "nothing is said")
    if answer is formula in CHECKED and not on and not laws:
        demand(result.passed, lambda: f"the right formula did not pass: {result}")


def law_drawn(result, **arguments):
    limits, places = [axes.axis() for axes in a_figure().axes], []
    for axes in a_figure().axes:
        places += [line.get_xydata() for line in axes.lines] + [dots.get_offsets() for dots in axes.collections]
    demand(np.isfinite(limits).all(), lambda: f"limits {limits}")
    demand(not any(np.isinf(np.asarray(each)).any() for each in places), lambda: f"drawn at {places}")


def law_color(result, responsibilities):
    demand(((result >= -1e-9) & (result <= 1.2)).all(), lambda: f"no colors: {result}")


def law_of_a_figure(result, **arguments):
    demand(result is None or len(result if isinstance(result, (str, bytes)) else result.html()) > 0, "nothing")


def on_all_pieces(law):
    return lambda result, points, **others: law(result, points=whole(points), **others)


def law_compiled(result, points, mixture, sample_weights, **others):
    law_steps(result, points, mixture, **others)
    most = max(condition(S) for S in mixture.covariances)
    expected = gmm.e_step(points, mixture, sample_weights)[1]
    close(result[0].log_likelihood, expected, rtol=1e-9 + 1e-15 * most, atol=1e-9)


LAWS = {name: globals().get(f"law_{name}", law_of_the_docstring) for name in CALLS if promised_shapes(name)}
LAWS |= {name: globals()[f"law_{name}"] for name in CALLS if f"law_{name}" in globals()}
LAWS |= dict.fromkeys(["full", "tied", "diagonal", "spherical", "ridge"], law_constraint) | {"chain": valid_alone}
LAWS |= dict.fromkeys(["aic", "bic", "icl", "log_prior", "density_threshold"], law_number)
LAWS |= dict.fromkeys(["em", "accelerated"], law_steps) | {"homework.check": law_check}
LAWS |= dict.fromkeys(["random_points", "kmeans_plus_plus"], law_centers_of_points)
LAWS |= dict.fromkeys(["background_responsibility", "observed_responsibility"], law_responsibility)
LAWS |= {f"{name} in pieces": on_all_pieces(LAWS[name]) for name in EM}
LAWS |= {f"{name} compiled": law_compiled for name in EM} | {"fit compiled": law_fit}
LAWS |= {f"GaussianMixture.{name}": law_of_points for name in METHODS} | {"GaussianMixture.fit": law_estimated}
LAWS["GaussianMixture.sample"] = lambda result, n_samples: finite(result[0], int(n_samples), 2)
LAWS |= {name: law_drawn for name in CALLS if name.startswith("plots.")} | {"plots.color": law_color}
LAWS |= {
    "plots.style": lambda result, k: demand({*result} == {"color", "marker", "linestyle"}, lambda: f"{result}"),
    "plots.ellipse": law_of_the_docstring,
    "plots.radius": lambda result, mass, D: demand(0 <= result < np.inf, lambda: f"{result}"),
    "plots.density_level": lambda result, log_densities, **others: demand(
        real(log_densities).min() <= result <= real(log_densities).max(), lambda: f"{result}"
    ),
}
LAWS |= dict.fromkeys(["plots.png", "plots.animation", "plots.present", "plots.summary"], law_of_a_figure)


# ---- the run


@contextmanager
def strict():
    """Every warning is an error, but the one that a fit gives on purpose."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", gmm.ConvergenceWarning)
        warnings.filterwarnings("ignore", "Warning: converting a masked element to nan")  # which is refused then
        yield


def fuzz(call, inputs, seed=0, start=0):
    """How often each outcome came, and for each broken promise the first input that broke it."""
    counts, broken = collections.Counter(), {}
    with strict():
        for number in range(start, start + inputs):
            arguments, bent = odd_input(generator(call, seed, number), call)
            try:
                counts[outcome(call, arguments)] += 1
            except Broken as error:
                counts["broken"] += 1
                what = " ".join(str(error).split())
                broken.setdefault(re.sub(r"[-\d.e+]+", "#", what)[:60], (number, bent, what[:300]))
    return counts, broken


PART = 500  # inputs that one process does at a time


def generator(call, seed, number):
    return np.random.default_rng([seed, number, *call.encode()])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--inputs", type=int, default=10_000, help="for each function")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--store", type=Path, help="a JSON file that keeps the numbers")
    parser.add_argument("names", nargs="*", default=list(CALLS))
    arguments = parser.parse_args()
    numbers = {name: max(1, round(arguments.inputs * SHARE.get(name, 1))) for name in arguments.names}
    parts = [(name, start) for name in arguments.names for start in range(0, numbers[name], PART)]
    total, begin = collections.Counter(), time.perf_counter()
    with ProcessPoolExecutor() as pool:
        names, starts = zip(*parts)
        sizes = [min(PART, numbers[name] - start) for name, start in parts]
        runs = zip(names, pool.map(fuzz, names, sizes, repeat(arguments.seed), starts))
        for name, of_name in itertools.groupby(runs, key=lambda run: run[0]):
            counts, broken = collections.Counter(), {}
            for _, (more, others) in of_name:
                counts, broken = counts + more, others | broken
            total += counts
            print(name.ljust(28), *(f"{counts[kind]:7} {kind}" for kind in ("result", "refused", "broken")), flush=True)
            for number, bent, what in [*broken.values()][:7]:
                print(f"    input {number}, {', '.join(bent)}: {what}", flush=True)
    minutes = (time.perf_counter() - begin) / 60
    print(f"{total.total()} inputs, {total['broken']} broken, {minutes:.1f} minutes")
    if arguments.store and not total["broken"]:
        stored = json.loads(arguments.store.read_text()) if arguments.store.exists() else {}
        stored["fuzz"] = {
            "command": "make fuzz",
            "date": datetime.date.today().isoformat(),
            "functions": len({name.partition(" ")[0] for name in arguments.names}),
            "inputs": total.total(),
            "each": arguments.inputs,
            "fewer": {name: number for name, number in numbers.items() if number < arguments.inputs},
            "results": total["result"],
            "refused": total["refused"],
            "minutes": round(minutes, 1),
            "python": platform.python_version(),
            "numpy": np.__version__,
        }
        arguments.store.write_text(json.dumps(stored, indent=2) + "\n")
    sys.exit(total["broken"] > 0)


if __name__ == "__main__":
    main()
