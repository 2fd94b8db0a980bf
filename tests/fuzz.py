"""Odd inputs for every public function, and what must come of them.

    python tests/fuzz.py [--inputs 10000] [--seed 0] [--store docs/evidence.json] [name ...]

Each input is valid at first; then none, one or two of its arguments are bent by things taken from the pools below.
What comes out is a finite and correct result, or a ValueError or TypeError that names an argument of the function.

The climbs are called in three ways: as they are, through the compiled loops that are meant for many points, and with
points in pieces. What takes long (a picture, the judgement of a student's function) has fewer inputs: see SHARE.
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
from gmm_tutorial import blocks, homework, plots, storage
from gmm_tutorial.homework.exercises import BY_FORMULA


SECONDS = 120  # no input of this size may take longer, even while loops are compiled on a busy machine
CLIMBS = ("em", "accelerated", "fit")
CALLS = {name: getattr(gmm, name) for name in gmm.__all__ if hasattr(getattr(gmm, name), "__wrapped__")}
CALLS |= {"Mixture": gmm.Mixture, "save": gmm.save, "load": gmm.load, "homework.check": homework.check}
CALLS |= {f"{name} in pieces": CALLS[name] for name in CLIMBS}
CALLS |= {f"{name} compiled": CALLS[name] for name in CLIMBS if find_spec("numba")}
CALLS |= {f"plots.{name}": call for name, call in vars(plots).items() if hasattr(call, "__wrapped__")}
SHARE = {"plots.contours": 0.05, "plots.snapshots": 0.1, "plots.png": 0.02}
SHARE |= {"plots.animation": 0.01, "plots.present": 0.01}


def estimated(X, sample_weight, **parameters):
    return GaussianMixture(**parameters).fit(X, sample_weight=sample_weight)


METHODS = "predict predict_proba score_samples score aic bic icl".split()
if find_spec("sklearn"):
    from gmm_tutorial.estimator import CONSTRAINTS as COVARIANCE_TYPES
    from gmm_tutorial.estimator import INITIALIZE, GaussianMixture

    FITTED = GaussianMixture(2, random_state=0).fit(np.random.default_rng(7).standard_normal((30, 2)) * [1, 3] + 5)
    CALLS |= {f"GaussianMixture.{name}": getattr(FITTED, name) for name in [*METHODS, "sample"]}
    CALLS["GaussianMixture.fit"] = estimated


def parameters(call):
    names = [name for name, one in inspect.signature(call).parameters.items() if one.kind != one.VAR_KEYWORD]
    if call is estimated:
        names += [name for name in GaussianMixture().get_params() if name not in ("verbose", "verbose_interval")]
    return [name for name in names if name != "y"]  # which scikit-learn passes and nobody reads


PARAMETERS = {name: parameters(call) for name, call in CALLS.items()}
AS = {  # scikit-learn's names, and ours
    "X": "points",
    "sample_weight": "sample_weights",
    "weights_init": "weights",
    "means_init": "means",
    "precisions_init": "covariances",
    "n_components": "K",
    "n_init": "starts",
    "max_iter": "max_steps",
    "tol": "tolerance",
    "reg_covar": "fraction",
    "random_state": "rng",
    "n_samples": "size",
    "warm_start": "progress",
}
ARRAYS = {
    "points": "ND",
    "known": "NC",
    "sample_weights": "N",
    "responsibilities": "NK",
    "log_joints": "NK",
    "weights": "K",
    "counts": "K",
    "means": "KD",
    "centers": "KD",
    "covariances": "KDD",
    "mean": "D",
    "covariance": "DD",
    "factor": "DD",
    "log_likelihoods": "T",
    "log_densities": "N",
}


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
    def shape(self, name):
        return tuple(vars(self)[axis] for axis in ARRAYS[name])


def sizes(rng, call):
    N, D = int(one_of(rng, [1, 2, 3, 5, 8, 12, 20])), int(one_of(rng, [1, 1, 2, 2, 3, 4]))
    N *= 1 + 4 * (" " in call or call == "GaussianMixture.fit")  # a fit of few points collapses
    D = 2 if call.startswith(("plots.", "GaussianMixture.")) and call != "GaussianMixture.fit" else D
    return Sizes(N=N, D=D, K=int(rng.integers(1, min(N, 4) + 1)), T=int(rng.integers(1, 7)), C=max(1, D - 1))


def spread(rng, D):
    root = rng.standard_normal((D, 2 * D)) * (1 + np.arange(D))[:, None]
    return root @ root.T / (2 * D)


def good_array(rng, name, size):
    shape = size.shape(name)
    if name == "covariance":
        return spread(rng, size.D)
    if name == "covariances":
        return np.stack([spread(rng, size.D) for _ in range(size.K)])
    if name == "factor":
        return np.linalg.cholesky(spread(rng, size.D))
    if name == "weights":
        return rng.dirichlet(1 + np.arange(size.K))
    if name == "responsibilities":
        return rng.dirichlet(1 + np.arange(size.K), size=size.N)
    if name in ("sample_weights", "counts"):
        return rng.uniform(0.5, 3, shape)
    if name == "log_likelihoods":
        return np.cumsum(rng.exponential(size=size.T)) - 50
    return 5 + 3 * rng.standard_normal(shape)


def good_mixture(rng, size):
    return gmm.Mixture(*(good_array(rng, name, size) for name in ("weights", "means", "covariances")))


def good_summary(rng, size):
    counts, means, covariances = (good_array(rng, name, size) for name in ("counts", "means", "covariances"))
    return gmm.Summary(-float(rng.exponential(50)), counts, means, covariances)


def good(rng, name, size, call):
    if name.endswith("_init") and AS.get(name) in ARRAYS and rng.random() < 0.7:
        return None
    name, kind = AS.get(name, name), call.partition(".")[0]
    if name in GOOD.get(kind, {}):
        return GOOD[kind][name](rng, size)
    if name in ARRAYS:
        if name == "sample_weights" and rng.random() < 0.5:
            return None
        array = good_array(rng, name, size)
        return in_pieces(rng, array) if name == "points" and call.endswith(" in pieces") else array
    if name in ("mixture", "reference") or (name == "components" and rng.random() < 0.3):
        return good_mixture(rng, size)
    return {
        "components": lambda: size.K,
        "K": lambda: size.K,
        "size": lambda: int(rng.integers(0, 9)),
        "starts": lambda: int(rng.integers(1, 3)),
        "max_steps": lambda: int(rng.integers(1, 9)),
        "tolerance": lambda: float(one_of(rng, [1e-6, 1e-3, 0.5])),
        "fraction": lambda: float(one_of(rng, [1e-6, 1e-3, 0.5])),
        "strength": lambda: float(one_of(rng, [1e-3, 1.0, 7.5])),
        "concentration": lambda: float(one_of(rng, [1.0, 1.5, 4.0])),
        "N": lambda: float(size.N),
        "dimensions": lambda: rng.permutation(size.D)[: rng.integers(1, size.D + 1)].tolist(),
        "constraint": lambda: one_of(rng, CONSTRAINTS),
        "constraints": lambda: tuple(one_of(rng, CONSTRAINTS) for _ in range(rng.integers(0, 3))),
        "initialize": lambda: one_of(rng, [gmm.kmeans_plus_plus, gmm.random_points]),
        "rng": lambda: one_of(rng, [int(rng.integers(99)), np.random.default_rng(int(rng.integers(99)))]),
        "progress": lambda: False,
        "summary": lambda: good_summary(rng, size),
        "one": lambda: good_summary(rng, size),
        "other": lambda: good_summary(rng, size),
        "steps": lambda: one_of(rng, [None, None, gmm.em, gmm.accelerated]),
        "map": lambda: one_of(rng, [None, None, map]),
        "summarize": lambda: one_of(rng, [None, None, gmm.summarize]),
        "spread": lambda: gmm.covariance,
    }[name]()


FUNCTIONS = ("spread", "constraint", "constraints", "initialize", "steps", "map", "summarize")
CONSTRAINTS = [gmm.full, gmm.tied, gmm.diagonal, gmm.spherical, gmm.ridge, gmm.chain(gmm.spherical, gmm.tied)]


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


def odd_array(rng, name, value):
    bends = BENT + BENT_SQUARES * 3 * (ARRAYS[name][-2:] == "DD") + [one_hot, renormalized] * 4 * (ARRAYS[name] == "K")
    with np.errstate(all="ignore"):
        for _ in range(one_of(rng, [0, 1, 1, 1, 2])):
            value = one_of(rng, bends)(rng, value)
            if name == "factor" and rng.random() < 0.7:
                value = np.tril(value)
            if name in ("responsibilities", "sample_weights", "weights", "counts") and rng.random() < 0.7:
                value = np.abs(value)
    how = rng.random()
    if how < 0.35:
        for kind in (of_another_shape, of_another_type, with_an_object, in_another_container):
            if rng.random() < 0.4 and isinstance(value, np.ndarray) and value.ndim and value.size:
                value = kind(rng, value)
    return value if how < 0.97 else junk(rng)


def odd_mixture(rng, size):
    how = rng.random()
    size = Sizes(**vars(size))
    if how < 0.1:
        setattr(size, one_of(rng, "KD"), int(rng.integers(1, 6)))
    arrays = {name: good_array(rng, name, size) for name in ("weights", "means", "covariances")}
    if how > 0.95:
        return one_of(rng, [tuple(arrays.values()), arrays, types.SimpleNamespace(**arrays), junk(rng), a_fit()])
    if 0.1 < how < 0.2:
        arrays["covariances"][rng.integers(size.K)] = 0
        return gmm.Mixture._trusted(*arrays.values())  # as an M-step may give
    for _ in range(20):
        bent = dict(arrays)
        for name in arrays:
            if rng.random() < 0.5:
                bent[name] = odd_array(rng, name, bent[name])
        try:
            return gmm.Mixture(**bent)
        except Exception:  # what may be raised here is asked where Mixture itself is called
            continue
    return gmm.Mixture(**arrays)


def odd_summary(rng, size):
    if rng.random() < 0.1:
        return one_of(rng, [junk(rng), tuple(good_summary(rng, size)), good_mixture(rng, size), a_fit()])
    size = Sizes(**vars(size))
    if rng.random() < 0.1:
        setattr(size, one_of(rng, "KD"), int(rng.integers(1, 6)))
    parts = good_summary(rng, size)._asdict()
    for name in parts:
        if rng.random() < 0.4:
            parts[name] = odd_array(rng, name, parts[name]) if name in ARRAYS else one_of(rng, [*NUMBERS, "x", None])
    return gmm.Summary(**parts)


def a_fit():
    return gmm.fit([[1.0], [2.0], [4.0]], 1, starts=1)


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


def odd(rng, name, size, value, call):
    name, kind = AS.get(name, name), call.partition(".")[0]
    if name in ODD.get(kind, {}):
        thing = junk(rng, callable_too=name != "draw") if rng.random() < 0.1 else ODD[kind][name](rng, size, value)
        return value if kind == "save" and isinstance(thing, str) else thing  # which are paths, and not in the folder
    if name == "points" and call.endswith(" in pieces"):
        return odd_pieces(rng, good_array(rng, name, size))
    if name in ARRAYS:
        return odd_array(rng, name, good_array(rng, name, size) if value is None else value)
    if name in ("mixture", "reference"):
        return odd_mixture(rng, size)
    if name == "components" and rng.random() < 0.6:
        return odd_mixture(rng, size)
    if name == "progress":
        return False
    if name in ("summary", "one", "other"):
        return odd_summary(rng, size)
    if rng.random() < 0.1:
        thing = junk(rng, callable_too=name not in FUNCTIONS)
        return (thing,) if name == "constraints" else thing
    if name in ("components", "K", "size", "starts", "max_steps"):
        return one_of(rng, WHOLE_NUMBERS)
    if name in ("tolerance", "fraction", "strength", "concentration", "N"):
        other = [10**400, -1, True, fractions.Fraction(10**400, 3), np.float32(2), np.longdouble(MAX) * 4]
        return one_of(rng, [*NUMBERS, *other])
    if name == "dimensions":
        pool = [[], [0, 0], [-1], [2.0], "01", [True], range(9), (i for i in [0]), np.array([0]), {0}, [10**30], None]
        return one_of(rng, [*pool, np.array([[0]]), [np.uint8(0)], pd.Series([0]), [None], {0: 1}])
    if name == "constraint":
        return odd_constraint(rng)
    if name == "constraints":
        return tuple(odd_constraint(rng) for _ in range(rng.integers(1, 4)))
    if name == "initialize":
        return one_of(rng, [None, "kmeans", 3, gmm.kmeans_plus_plus.__wrapped__, *ODD_STARTS])
    if name == "steps":
        return one_of(rng, ["em", 3, gmm.em.__wrapped__, gmm.accelerated.__wrapped__])
    if name in ("map", "summarize", "spread"):
        return one_of(rng, ["threads", 3, (), {}, [map]])
    if name == "rng":
        used = np.random.default_rng(1)
        used.random(7)
        pool = [-1, 1.5, "3", True, [], [1, 2], [-1], {}, np.random, used, 10**400, np.random.PCG64(3), ..., np.nan]
        return one_of(rng, pool)
    raise AssertionError(f"no odd values for {name}")


def odd_input(rng, call):
    """The arguments of one call, most of them valid, and the names of those that were bent."""
    size, names = sizes(rng, call), PARAMETERS[call]
    arguments = {name: good(rng, name, size, call) for name in names}
    bent = rng.choice(names, size=min(len(names), one_of(rng, [0, 1, 1, 1, 1, 2, 2, 3])), replace=False).tolist()
    for name in bent:
        arguments[name] = odd(rng, name, size, arguments[name], call)
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
            parts[number] = odd_array(rng, "points", parts[number])
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


def good_fit(rng, size):
    history = good_array(rng, "log_likelihoods", size)
    constraint = one_of(rng, [*CONSTRAINTS, gmm.prior(9, np.eye(size.D))])
    return gmm.Fit(good_mixture(rng, size), float(history[-1]), history, bool(rng.integers(2)), constraint)


def good_whole(rng, size):
    return one_of(rng, [good_mixture, good_fit])(rng, size)


def odd_whole(rng, size, value):
    fit = good_fit(rng, size)
    parts = {
        "mixture": lambda: odd_mixture(rng, size),
        "log_likelihood": lambda: one_of(rng, [*NUMBERS, "x", None]),
        "log_likelihoods": lambda: odd_array(rng, "log_likelihoods", fit.log_likelihoods),
        "converged": lambda: one_of(rng, [1, None, "yes", np.bool_(True), np.ones(2)]),
        "constraint": lambda: odd_constraint(rng),
        "summarize": lambda: one_of(rng, [None, "", 3, print]),
    }
    name = one_of(rng, list(parts))
    return one_of(rng, [odd_mixture(rng, size), *3 * [dataclasses.replace(fit, **{name: parts[name]()})]])


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
    arrays = storage.arrays_of(good_whole(rng, size))
    for name in rng.choice(list(arrays), size=rng.integers(1, 3), replace=False):
        arrays[name] = (
            odd_array(rng, name, arrays[name]) if name in ARRAYS else one_of(rng, [*NUMBERS, "x", "[]", [1, 2]])
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


def a_drawn_figure(rng, size):
    axes = an_axes()
    axes.plot(good_array(rng, "log_likelihoods", size))
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


def good_inputs(rng, size):
    return one_of(rng, [None, None, [(good_array(rng, "points", size), good_array(rng, "responsibilities", size))]])


def odd_inputs(rng, size, value):
    arrays = odd_array(rng, "points", good_array(rng, "points", size)), good_array(rng, "responsibilities", size)
    return one_of(rng, [[arrays], [arrays, ()], [()], [], (arrays,), [list(arrays)], [(junk(rng), junk(rng))]])


GOOD = {
    "save": {"what": good_whole, "file": lambda rng, size: str(a_path("file.npz"))},
    "load": {"file": lambda rng, size: stored(good_whole(rng, size))},
    "plots": {
        "axes": lambda rng, size: an_axes(),
        "row": lambda rng, size: [an_axes(0), an_axes(1)],
        "figure": a_drawn_figure,
        "picture": a_drawn_figure,
        "k": lambda rng, size: int(rng.integers(9)),
        "D": lambda rng, size: size.D,
        "mass": lambda rng, size: one_of(rng, [0.1, 0.5, 0.9]),
        "masses": lambda rng, size: one_of(rng, [(0.9, 0.5), [0.1]]),
        "radius": lambda rng, size: one_of(rng, [1, 2.5]),
        "radii": lambda rng, size: one_of(rng, [(1, 2), [0.5]]),
        "dimensions": lambda rng, size: rng.permutation(2).tolist(),
        "dimension": lambda rng, size: int(rng.integers(2)),
        "bins": lambda rng, size: 5,
        "step": lambda rng, size: some_steps(rng, size)[0],
        "steps": some_steps,
        "at": lambda rng, size: [0, 2],
        "draw": lambda rng, size: lambda axes, step: plots.ellipses(axes, getattr(step, "mixture", TWO)),
        "name": lambda rng, size: "climb",
        "alt": lambda rng, size: "A climb.",
        "size": lambda rng, size: (2, 1.5),
        "panels": lambda rng, size: 1,
        "colors": lambda rng, size: 16,
    },
    "GaussianMixture": {
        "covariance_type": lambda rng, size: one_of(rng, list(COVARIANCE_TYPES)),
        "init_params": lambda rng, size: one_of(rng, list(INITIALIZE)),
    },
    "homework": {
        "formula": lambda rng, size: one_of(rng, CHECKED),
        "answer": lambda rng, size: an_answer(rng, one_of(rng, CHECKED)),
        "hints": lambda rng, size: int(rng.integers(1, 3)),
        "on": good_inputs,
        "laws": lambda rng, size: one_of(rng, [(), (), [lambda answer: True]]),
    },
}


def odd_numbers(rng, size, value):
    return one_of(
        rng, [*NUMBERS, *WHOLE_NUMBERS, [], [1], [0.5, 0.5], (0.5, -1), [np.nan], "1", {}, np.ones(3), [0, 9]]
    )


ODD = {
    "save": {
        "what": odd_whole,
        "file": lambda rng, size, value: one_of(
            rng, [folder().name, "", "\0", b"file", f"{folder().name}/no/file.npz"]
        ),
    },
    "load": {"file": odd_file},
    "plots": dict.fromkeys(
        "k D mass masses radius radii dimensions dimension bins at size panels colors".split(), odd_numbers
    )
    | dict.fromkeys("axes row figure picture draw".split(), lambda rng, size, value: junk(rng, callable_too=False))
    | {
        "step": lambda rng, size, value: gmm.Step(odd_mixture(rng, size), one_of(rng, NUMBERS)),
        "steps": lambda rng, size, value: one_of(
            rng, [[], iter(value), [*value, None], value[:1], tuple(value), value[0]]
        ),
        "name": lambda rng, size, value: one_of(rng, ["", 'a"b', "a b", "π", None, 3]),
        "alt": lambda rng, size, value: one_of(rng, ["", '"<b>', None, 3]),
    },
    "GaussianMixture": {
        "covariance_type": lambda rng, size, value: one_of(rng, ["", "Full", None, 0, ["full"], np.array("full")]),
        "init_params": lambda rng, size, value: one_of(rng, ["", "k-means", None, 0, ["kmeans"], gmm.kmeans_plus_plus]),
    },
    "homework": {
        "formula": lambda rng, size, value: one_of(rng, [np.cov, gmm.em, gmm.sample, gmm.Mixture, None, len]),
        "answer": lambda rng, size, value: any_junk(rng),
        "hints": lambda rng, size, value: one_of(rng, [0, 3, -1, True, 2.0]),
        "on": odd_inputs,
        "laws": lambda rng, size, value: one_of(
            rng, [[], [None], [lambda answer: 1 / 0], [lambda: True], [len], [print]]
        ),
    },
}


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
    if isinstance(value, pd.DataFrame):
        return [trace(column) for _, column in value.items()]
    if isinstance(value, (np.ndarray, pd.Series)):
        return [*map(repr, value.flat if isinstance(value, np.ndarray) else value)]
    if isinstance(value, gmm.Summary):
        return [*map(trace, value)]
    if isinstance(value, Path):
        return value.read_bytes() if value.is_file() else None
    if isinstance(value, Again):
        return trace(list(value.pieces))
    if isinstance(value, (list, tuple)) and any(isinstance(each, PARTS) or hasattr(each, "contour") for each in value):
        return [*map(trace, value)]
    if isinstance(value, Path):
        return value.read_bytes() if value.is_file() else None
    if isinstance(value, Again):
        return trace(list(value.pieces))
    if isinstance(value, list) and any(
        isinstance(piece, (np.ndarray, Path, plots.Figure)) or hasattr(piece, "contour") for piece in value
    ):
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
    before, blocks.WORTH_COMPILING = blocks.WORTH_COMPILING, 0
    try:
        yield
    finally:
        blocks.WORTH_COMPILING = before


TWO = gmm.Mixture([0.25, 0.75], [[0, 0], [4, 4]], [[[4, 1], [1, 2]], [[1, 0], [0, 1]]])


def names_of(call):
    """The arguments of a function, and those of the functions that it was given."""
    names = [*PARAMETERS[call]] + [*ARRAYS, "constraint"] * (call in ("save", "load"))
    names = names + ["mixture", "data"] * call.startswith(("plots.", "GaussianMixture."))
    names = names + ["N", "covariance", "mixture"] * ("constraint" in names or call == "prior")  # of a prior
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
                LAWS[call](result, **arguments)
            except (ValueError, TypeError, AttributeError, IndexError) as error:
                raise Broken(f"a result of another kind, {result!r}: {error}") from error
    for name, value in arguments.items():
        demand(before[name] == trace(value), f"{name} was changed")
    return kind


# ---- the laws of the results


def real(value):
    """The numbers of an argument that was let in."""
    return np.array(np.asarray(value), dtype=float)


def finite(value, *shape):
    demand(isinstance(value, np.ndarray) and value.dtype == float, lambda: f"no array of floats: {value!r}")
    demand(np.isfinite(value).all(), lambda: f"not finite: {value}")
    demand(value.shape == shape, lambda: f"shape {value.shape} where {shape} is right")


def close(ours, theirs, rtol=1e-9, atol=0.0):
    demand(np.allclose(ours, theirs, rtol=rtol, atol=atol), lambda: f"{ours} where {theirs} is right")


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


def sizes_of(points, mixture):
    return len(real(points)), *mixture.means.shape


def in_hull(means, points, unseen=0.0):
    low, high = points.min(axis=0), points.max(axis=0)
    slack = 1e-9 * np.maximum(np.abs(low), np.abs(high)) + 1e-300 + unseen
    inside = ((means >= low - slack) & (means <= high + slack)).all()
    demand(inside, lambda: f"means {means} outside of the points {points}")


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
    finite(result, len(points))
    if condition(covariance) < 1e7:
        close(result, long_log_gaussian(points, mean, long_factor(covariance)), rtol=1e-6, atol=1e-6)


def law_log_gaussian_by_factor(result, points, mean, factor):
    points, mean, factor = map(real, (points, mean, factor))
    finite(result, len(points))
    if np.linalg.cond(factor / np.abs(factor).max(axis=1, keepdims=True)) < 1e6:
        close(result, long_log_gaussian(points, mean, factor.astype(np.longdouble)), rtol=1e-6, atol=1e-6)


def law_whiten(result, points, mean, factor):
    points, mean, factor = map(real, (points, mean, factor))
    finite(result, *points.shape)
    back = result.astype(np.longdouble) @ factor.T.astype(np.longdouble)
    bound = np.abs(result).astype(np.longdouble) @ np.abs(factor.T).astype(np.longdouble)
    slack = 1e-14 * (bound + np.abs(points) + np.abs(mean)) + 1e-300
    if np.linalg.cond(factor) < 1e6:
        demand((np.abs(back - (points.astype(np.longdouble) - mean)) <= 1e6 * slack).all(), "L z is not x − μ")


def law_log_joint(result, points, mixture):
    N, K, _ = sizes_of(points, mixture)
    demand(result.shape == (N, K) and result.dtype == float, lambda: f"shape {result.shape}")
    absent = mixture.weights == 0
    demand((result[:, absent] == -np.inf).all(), "a component of weight zero explains something")
    demand(np.isfinite(result[:, ~absent]).all(), lambda: f"not finite: {result}")
    for k in np.flatnonzero(~absent):
        if condition(mixture.covariances[k]) < 1e7:
            L, log_pi = long_factor(mixture.covariances[k]), np.log(mixture.weights[k])
            exact = long_log_gaussian(real(points), mixture.means[k], L) + log_pi
            close(result[:, k], exact, rtol=1e-6, atol=1e-6)


def law_responsibilities(result, N, K):
    finite(result, N, K)
    demand(((result >= 0) & (result <= 1)).all(), lambda: f"no probabilities: {result}")
    close(result.sum(axis=1), 1)


def law_bayes(result, log_joints):
    responsibilities, log_densities = result
    law_responsibilities(responsibilities, *np.shape(real(log_joints)))
    finite(log_densities, len(real(log_joints)))
    largest = real(log_joints).max(axis=1)
    demand((log_densities >= largest).all(), "less than the largest term")
    demand((log_densities <= largest + np.log(responsibilities.shape[1]) + 1e-9 * np.abs(largest)).all(), "more than K")


def law_log_density(result, points, mixture):
    finite(result, len(real(points)))


def law_label(result, points, mixture):
    N, K, _ = sizes_of(points, mixture)
    demand(result.shape == (N,) and result.dtype.kind == "i", lambda: f"no labels: {result}")
    demand(((result >= 0) & (result < K)).all() and (mixture.weights[result] > 0).all(), lambda: f"labels {result}")


def law_sample(result, mixture, size, rng):
    points, labels = result
    finite(points, size, mixture.means.shape[1])
    demand(labels.shape == (size,) and (mixture.weights[labels] > 0).all(), lambda: f"labels {labels}")


def law_total_mean(result, mixture):
    finite(result, mixture.means.shape[1])
    in_hull(result, mixture.means)


def law_total_covariance(result, mixture):
    D = mixture.means.shape[1]
    valid((np.ones(1), np.zeros((1, D)), result[None]), 1, D)
    inside = np.einsum("k,kij->ij", mixture.weights, mixture.covariances)
    demand((np.diag(result) >= np.diag(inside) * (1 - 1e-9)).all(), "less than within the components")


def law_ordered(result, mixture):
    law_permuted(result, mixture)
    demand((np.diff(result.means[:, 0]) >= 0).all(), "not from left to right")


def law_permuted(result, mixture, reference=None):
    demand(components_of(result) == components_of(mixture), "not the same components")


def components_of(mixture):
    return sorted((pi, *mu, *S.ravel()) for pi, mu, S in zip(*mixture))


def law_marginal(result, mixture, dimensions):
    K, D = result.means.shape
    demand(len(mixture.means) == K and 1 <= D <= mixture.means.shape[1], lambda: f"shape {result.means.shape}")
    valid(result, K, D)


def law_conditional_mean(result, known, mixture):
    N, C = real(known).shape
    finite(result, N, mixture.means.shape[1] - C)


def law_count(result, responsibilities):
    finite(result, real(responsibilities).shape[1])
    close(result, real(responsibilities).sum(axis=0))


def law_weight(result, responsibilities):
    finite(result, real(responsibilities).shape[1])
    close(result.sum(), 1)


def law_mean(result, points, responsibilities):
    points, responsibilities = real(points), real(responsibilities)
    finite(result, responsibilities.shape[1], points.shape[1])
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
    N, K, _ = sizes_of(points, mixture)
    weights = np.ones(N) if sample_weights is None else real(sample_weights)
    finite(responsibilities, N, K)
    close(responsibilities.sum(axis=1), weights, atol=1e-300)
    demand(type(log_likelihood) is float and np.isfinite(log_likelihood), lambda: f"log-likelihood {log_likelihood!r}")


def law_m_step(result, points, responsibilities):
    responsibilities = real(responsibilities)
    K, D = responsibilities.shape[1], real(points).shape[1]
    valid(result, K, D, spread=True, largest=responsibilities.max(axis=0).min())
    law_mean(result.means, points, responsibilities)
    law_covariance(result.covariances, points, responsibilities, result.means)


def law_steps(result, points, mixture, constraint, sample_weights, **others):
    demand(len(result) == 4, lambda: f"{len(result)} steps")
    demand(result[0].mixture is mixture, "the first step is another mixture")
    for step in result:
        valid(step.mixture, *mixture.means.shape)
        demand(type(step.log_likelihood) is float and np.isfinite(step.log_likelihood), "a log-likelihood that is none")
    if constraint is gmm.full:
        likelihoods = np.array([step.log_likelihood for step in result])
        most = max(condition(S) for step in result for S in step.mixture.covariances)
        slack = (1e-9 + most * 1e-15) * np.abs(likelihoods).max()
        demand((np.diff(likelihoods) >= -slack).all(), lambda: f"the log-likelihood falls: {likelihoods}")


def law_summarize(result, points, mixture, sample_weights, **others):
    N, K, D = sizes_of(points, mixture)
    law_summary(result, K, D, largest=result.counts[result.counts > 0].min())
    counted = N if sample_weights is None else real(sample_weights).sum()
    close(result.counts.sum(), counted)
    for count, mu in zip(result.counts, result.means):
        if count > 1e-200:
            in_hull(mu, real(points), unseen=1e-320 * N / min(count, 1))


def law_summary(summary, K, D, largest=1.0):
    demand(isinstance(summary.log_likelihood, float) and np.isfinite(summary.log_likelihood), lambda: f"{summary[0]!r}")
    finite(summary.counts, K)
    valid((np.full(K, 1 / K), summary.means, summary.covariances), K, D, largest=largest)


def law_merge(result, one, other):
    K, D = result.means.shape
    law_summary(result, K, D)
    close(result.counts, real(one.counts) + real(other.counts))
    between = np.minimum(real(one.means), real(other.means)), np.maximum(real(one.means), real(other.means))
    slack = 1e-9 * np.abs(between).max(axis=0) + 1e-300
    demand(((result.means >= between[0] - slack) & (result.means <= between[1] + slack)).all(), "means not between")


def law_maximize(result, summary):
    K, D = result.means.shape
    valid(result, K, D)
    close(result.weights, real(summary.counts) / real(summary.counts).sum())


def law_squared_distance(result, points, centers):
    points, centers = real(points), real(centers)
    finite(result, len(points), len(centers))
    close(result, np.square(points[:, None] - centers).sum(axis=2))


def law_centers_of_points(result, points, K, rng):
    points = real(points)
    finite(result, K, points.shape[1])
    demand(all((center == points).all(axis=1).any() for center in result), "a center that is no point")
    demand(len(np.unique(result, axis=0)) == K, "two centers in one place")


def law_hard_responsibility(result, points, centers):
    finite(result, len(real(points)), len(real(centers)))
    demand(np.isin(result, (0, 1)).all() and (result.sum(axis=1) == 1).all(), "not hard")


def law_kmeans(result, points, centers):
    points, centers = real(points), real(centers)
    finite(result, *centers.shape)
    for center, before in zip(result, centers):
        if not np.array_equal(center, before):
            in_hull(center, points)


def law_mixture_around(result, points, centers):
    K, D = real(centers).shape
    valid(result, K, D)
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


def law_log_prior(result, **arguments):
    demand(type(result) is float and np.isfinite(result), lambda: f"{result!r}")


def law_chain(result, constraints):
    valid(result, *result.means.shape)


def law_gain_to_come(result, log_likelihoods):
    demand(type(result) is float and result >= 0, lambda: f"{result!r}")


def law_fit(result, points, components, sample_weights, constraint, **others):
    points = real(points)
    K = len(components.means) if isinstance(components, gmm.Mixture) else int(components)
    valid(result.mixture, K, points.shape[1])
    weights = np.ones(len(points)) if sample_weights is None else real(sample_weights)
    demand(type(result.converged) is bool, lambda: f"converged {result.converged!r}")
    demand(result.log_likelihoods[-1] == result.log_likelihood, "not its own log-likelihood")
    there = weights > 0
    again = weights[there] @ gmm.log_density(points[there], result.mixture)
    close(result.log_likelihood, again, rtol=1e-6)
    if not isinstance(components, gmm.Mixture):
        demand((np.diff(result.mixture.means[:, 0]) >= 0).all(), "not from left to right")


def law_n_parameters(result, mixture, constraint):
    demand(type(result) is int and result > 0, lambda: f"{result!r}")


def law_criterion(result, points, mixture, constraint):
    demand(type(result) is float and np.isfinite(result), lambda: f"{result!r}")


def law_responsibility(result, points, mixture):
    law_responsibilities(result, *sizes_of(points, mixture)[:2])


def law_Mixture(result, weights, means, covariances):
    valid(result, *real(means).shape)
    finite(result.factors, *real(covariances).shape)
    demand(not any(part.flags.writeable for part in result), "not read-only")


def law_save(result, what, file):
    mixtures = [(each.mixture if isinstance(each, gmm.Fit) else each) for each in (result, what)]
    demand(type(result) is type(what), lambda: f"a {type(result).__name__} where it was a {type(what).__name__}")
    demand(all(np.array_equal(*pair) for pair in zip(*mixtures)), "another mixture")
    if isinstance(what, gmm.Fit):
        demand(np.array_equal(result.log_likelihoods, real(what.log_likelihoods)), "another climb")


def law_load(result, file):
    mixture = result.mixture if isinstance(result, gmm.Fit) else result
    valid(mixture, *mixture.means.shape)


def law_estimated(result, X, sample_weight, n_components, **others):
    points = real(X)
    weights = np.ones(len(points)) if sample_weight is None else real(sample_weight)
    there = weights > 0
    valid(result.mixture_, int(n_components), points.shape[1])
    bound = np.average(gmm.log_density(points[there], result.mixture_), weights=weights[there])
    close(result.lower_bound_, bound, rtol=1e-6, atol=1e-6)
    stored = [result.covariances_, result.precisions_, result.precisions_cholesky_, result.lower_bounds_]
    demand(all(np.isfinite(each).all() for each in stored), lambda: f"not finite: {stored}")


def law_of_points(result, X):
    demand(np.isfinite(result).all(), lambda: f"{result}")
    demand(np.ndim(result) == 0 or len(result) == len(real(X)), lambda: f"shape {np.shape(result)}")


def law_check(result, answer, formula, hints, on, laws):
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
    finite(result, len(real(responsibilities)), 3)
    demand(((result >= -1e-9) & (result <= 1.2)).all(), lambda: f"no colors: {result}")


def law_of_a_figure(result, **arguments):
    demand(result is None or len(result if isinstance(result, (str, bytes)) else result.html()) > 0, "nothing")


def on_all_pieces(law):
    return lambda result, points, **others: law(result, whole(points), **others)


def law_compiled(result, points, mixture, constraint, sample_weights, **others):
    law_steps(result, points, mixture, constraint, sample_weights)
    most = max(condition(S) for S in mixture.covariances)
    expected = gmm.e_step(points, mixture, sample_weights)[1]
    close(result[0].log_likelihood, expected, rtol=1e-9 + 1e-15 * most, atol=1e-9)


LAWS = {name: globals().get(f"law_{name}") for name in CALLS}
LAWS |= dict.fromkeys(["full", "tied", "diagonal", "spherical", "ridge"], law_constraint)
LAWS |= dict.fromkeys(["aic", "bic", "icl"], law_criterion) | dict.fromkeys(["em", "accelerated"], law_steps)
LAWS |= dict.fromkeys(["random_points", "kmeans_plus_plus"], law_centers_of_points) | {"matched": law_permuted}
LAWS |= {f"{name} in pieces": on_all_pieces(LAWS[name]) for name in CLIMBS}
LAWS |= {f"{name} compiled": law_compiled for name in CLIMBS} | {"fit compiled": law_fit, "homework.check": law_check}
LAWS |= {f"GaussianMixture.{name}": law_of_points for name in METHODS} | {"GaussianMixture.fit": law_estimated}
LAWS["GaussianMixture.sample"] = lambda result, n_samples: finite(result[0], int(n_samples), 2)
LAWS |= {name: law_drawn for name in CALLS if name.startswith("plots.")} | {"plots.color": law_color}
LAWS |= {
    "plots.style": lambda result, k: demand({*result} == {"color", "marker", "linestyle"}, lambda: f"{result}"),
    "plots.ellipse": lambda result, mean, factor, radius: finite(result, 121, 2),
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
