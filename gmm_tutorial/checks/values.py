"""The check of a single argument: each function converts a value, or raises an error that says what is wrong."""

import operator
import re
from collections.abc import Mapping
from contextlib import suppress
from numbers import Real

import numpy as np

from gmm_tutorial.checks.public import bare
from gmm_tutorial.errors import ArgumentError, ArgumentTypeError

MEANING = {"N": "points", "D": "dimensions", "K": "components", "T": "steps", "C": "known coordinates"}
LARGEST = 1e140  # squares of larger numbers, summed over the points, may overflow
SMALLEST = 1e-290  # products of smaller numbers with the points may lose digits or become zero
EPSILON = np.finfo(float).eps


# ---- arrays


def real_array(value, name):
    """A C-ordered float64 array, from anything that np.asarray can convert to real numbers."""
    if np.ma.is_masked(value):
        raise ArgumentError(name, "{argument} has masked values: drop those rows or fill the values first.")
    if isinstance(value, str) and re.search(r"\.[A-Za-z]\w*$", value):
        raise ArgumentError(
            name,
            "{argument} is the name of a file, {value!r}: read it first, for example with pandas.read_csv, "
            "and give the columns that hold numbers.",
            {"value": value},
        )
    for attribute, cure in NO_ARRAY.items():
        if hasattr(value, attribute) and not isinstance(value, type):
            kind = type(value).__name__
            raise ArgumentError(name, f"{{argument}} is a {{kind}}: give {{argument}}{cure}.", {"kind": kind})
    try:
        with np.errstate(invalid="raise"):  # pandas converts a gap in categories to a number
            array = with_nan_for_na(as_it_converts_itself(value, name))
        if value is None or array.dtype.kind not in "biufO" or has_other_than_numbers(array):
            raise TypeError
        with np.errstate(over="ignore"):  # a long double may become ∞, which is refused
            return np.asarray(array, dtype=float, order="C")
    except ArgumentError:
        raise
    except (TypeError, ValueError, OverflowError, FloatingPointError):
        if column := column_without_numbers(value):
            raise ArgumentError(
                name,
                "{argument} has the column {column!r}, which holds {kind}: leave it out, or turn it into numbers, "
                "such as days since the first date.",
                dict(zip(("column", "kind"), column)),
            ) from None
        raise ArgumentError(
            name,
            "{argument} cannot be read as an array of real numbers (found {kind}): "
            "give numbers only, in rows of equal length.",
            {"kind": value.dtype if isinstance(value, np.ndarray) else type(value).__name__},
        ) from None


NO_ARRAY = {"tocsr": ".toarray()", "collect": ".collect()", "to_dataarray": ".to_dataarray().T"}


def as_it_converts_itself(value, name):
    """The array that NumPy makes of a value; if its own conversion fails, as for a tensor on a GPU, its message."""
    try:
        return np.asarray(value)
    except (RuntimeError, TypeError) as error:
        if not hasattr(value, "__array__") or hasattr(value, "columns"):
            raise
        raise ArgumentError(name, "{argument} cannot be read as an array: {error}", {"error": error}) from None


def with_nan_for_na(array):
    """The array, with NaN for the NA of pandas."""
    if array.dtype.kind != "O":
        return array
    missing = np.reshape([type(element).__name__ in ("NAType", "NaTType") for element in array.flat], array.shape)
    return np.where(missing, np.nan, array) if missing.any() else array


def column_without_numbers(table):
    """The name and the type of the first column of a table that does not hold numbers, or None."""
    for column in getattr(table, "columns", ()):
        with suppress(TypeError, KeyError):
            array = with_nan_for_na(np.asarray(table[column]))
            if array.dtype.kind not in "biufO" or has_other_than_numbers(array):
                return column, "text" if isinstance(array.flat[0], str) else str(table[column].dtype)
    return None


def has_other_than_numbers(array):
    """True for objects that float() would convert although they are not real numbers: "7", a date, 1 + 2j."""
    others = (str, bytes, np.datetime64, np.complexfloating)
    return array.dtype.kind == "O" and any(isinstance(element, others) for element in array.flat)


def numbers(value, name, axes):
    """An array with one axis for each letter, none of size zero; for "DD" the last two have the same size."""
    array = real_array(value, name)
    if array.ndim == 1 and axes == "ND" and hasattr(value, "to_frame"):
        raise ArgumentError(name, "{argument} is a Series: give a table with one column, {argument}.to_frame().")
    if array.ndim == 1 and axes == "ND":
        raise ArgumentError(
            name,
            "{argument} is 1-D with shape {shape}: give one row for each point. For {N} points in one dimension "
            "use {argument}.reshape(-1, 1), for one point {argument}.reshape(1, -1).",
            {"shape": array.shape, "N": len(array)},
        )
    if array.ndim != len(axes):
        letters = ", ".join(axes) + ("," if len(axes) == 1 else "")
        raise ArgumentError(
            name,
            "{argument} is {axes}-D with shape {shape}: it should be {wanted}-D, ({letters}).",
            {"axes": array.ndim, "shape": array.shape, "wanted": len(axes), "letters": letters},
        )
    for axis, size in zip(axes, array.shape):
        if size == 0:
            raise ArgumentError(
                name,
                "{argument} has shape {shape}: no {things}. Give at least one.",
                {"shape": array.shape, "things": MEANING[axis]},
            )
    if axes[-2:] == "DD" and array.shape[-1] != array.shape[-2]:
        raise ArgumentError(
            name,
            "{argument} has shape {shape}: the last two sizes should both be D, its dimensions.",
            {"shape": array.shape},
        )
    return array


def finite(value, name, axes):
    array = numbers(value, name, axes)
    if not np.isfinite([array.min(), array.max()]).all():  # needs no array as large as the points
        bad = ~np.isfinite(array)
        raise wrong_entry(name, array, bad, "{found}: drop or fill what is missing or infinite first.", str)
    return array


def wrong_entry(name, array, bad, sentence, told="{:.6g}".format):
    index = tuple(int(i) for i in np.argwhere(bad)[0])
    return ArgumentError(name, "{argument}{place} is " + sentence, {"found": told(array[index])}, index)


def coordinates(value, name, axes, largest=LARGEST):
    array = finite(value, name, axes)
    if (reached := max(-array.min(), array.max())) > largest:
        raise ArgumentError(
            name,
            "{argument} reaches {reached:.1e}, too large to square in floating point: "
            "rescale the data, for example divide by {reached:.0e}.",
            {"reached": reached},
        )
    return array


def coordinates_or_gaps(value, name, axes):
    """Coordinates, some of which may be missing (NaN)."""
    array = numbers(value, name, axes)
    coordinates(np.nan_to_num(array, nan=0.0, posinf=np.inf, neginf=-np.inf), name, axes)
    return array


def not_negative(value, name, axes):
    array = finite(value, name, axes)
    if (bad := array < 0).any():
        raise wrong_entry(name, array, bad, "{found}: each should be zero or more.")
    return array


def responsibilities(value, name, axes):
    array = not_negative(value, name, axes)
    largest = array.max(axis=0)
    if (bad := (largest > 0) & (largest < SMALLEST)).any():
        k = int(bad.argmax())
        raise ArgumentError(
            name,
            "{argument}{place} has no value above {largest:.1e}, too small for floating point: "
            "multiply all responsibilities by 1e200, or leave that component out.",
            {"largest": largest[k]},
            index=(":", k),
            component=k,
        )
    return array


def sample_weights(value, name, axes):
    array = not_negative(value, name, axes)
    if not array.any():
        raise ArgumentError(name, "{argument} are all zero: give at least one point a weight above zero.")
    if array.max() < SMALLEST:
        raise ArgumentError(
            name,
            "{argument} has no value above {largest:.1e}, too small for floating point: divide by the mean of all.",
            {"largest": array.max()},
        )
    return array


def distribution(value, name, axes):
    array = not_negative(value, name, axes)
    with np.errstate(over="ignore"):
        total = array.sum()
    if abs(total - 1) > 1e-8:
        raise ArgumentError(
            name, "{argument} sum to {total:.10g}: they should sum to one. Divide them by their sum.", {"total": total}
        )
    return array


def log_joints(value, name, axes):
    array = numbers(value, name, axes)
    if np.isnan(array).any() or (array.max(axis=1) == -np.inf).any() or (array == np.inf).any():
        raise ArgumentError(
            name, "{argument} has NaN, +∞, or a row with only −∞: give each point a finite value for some component."
        )
    return array


def positive_definite(value, name, axes):
    array = coordinates(value, name, axes, LARGEST**2)
    for k, covariance in enumerate(array.reshape(-1, *array.shape[-2:])):
        if sentence := fault_of_covariance(covariance):
            where = {"index": (k,), "component": k} if array.ndim == 3 else {}
            raise ArgumentError(name, "{argument}{place} " + sentence, {"least": np.diag(covariance).min()}, **where)
    return array


def fault_of_covariance(covariance):
    """The reason why a matrix is not a valid covariance, as the rest of a sentence; an empty text if it is one."""
    variances = np.diag(covariance)
    if (variances <= 0).any():
        return "has variance {least:.6g} on its diagonal: each should be above zero."
    scale = np.outer(np.sqrt(variances), np.sqrt(variances))
    if (np.abs(covariance - covariance.T) > 1e-8 * scale).any():
        return "is not symmetric: a covariance equals its transpose. Use (S + S.T) / 2."
    beyond = (np.abs(covariance) > 2 * scale).any()
    if beyond or np.linalg.eigvalsh(covariance / scale)[0] <= 4 * len(variances) * EPSILON:
        return (
            "is not positive definite: its variance is zero or negative in some direction. "
            "Build it as A @ A.T with A of full rank, or estimate it from more points than dimensions."
        )
    return ""


def semidefinite(value, name, axes):
    """Covariances, some of which may be singular, or those of a single point."""
    array = coordinates(value, name, axes, LARGEST**2)
    variances = np.diagonal(array, axis1=1, axis2=2)
    if (variances < 0).any():
        raise ArgumentError(
            name, "{argument} have the variance {least:.6g}: each should be zero or more.", {"least": variances.min()}
        )
    scale = np.sqrt(variances)[:, :, None] * np.sqrt(variances)[:, None]
    if (np.abs(array - np.swapaxes(array, 1, 2)) > 1e-8 * scale).any() or (np.abs(array) > (1 + 1e-8) * scale).any():
        raise ArgumentError(name, "{argument} are not symmetric and positive semidefinite: build each as A @ A.T.")
    return array


def lower_triangle(value, name, axes):
    array = finite(value, name, axes)
    if np.triu(array, 1).any() or (np.diag(array) <= 0).any():
        raise ArgumentError(
            name, "{argument} is not lower triangular with a positive diagonal: use np.linalg.cholesky."
        )
    return array


def known_values(value, name):
    """A dictionary from the indices of known coordinates to their values: one number each, or N numbers each."""
    if not isinstance(value, Mapping) or not value:
        raise ArgumentTypeError(
            name,
            "{argument} is {value!r}: give the known coordinates by their index, such as {{0: 3.5}}.",
            {"value": value},
        )
    ndim = np.ndim(next(iter(value.values())))
    columns = [coordinates(column, f"{name}[{d}]", "N") if ndim else a_number(column) for d, column in value.items()]
    if not ndim and not np.isfinite(columns).all():
        raise ArgumentError(
            name, "{argument} is {value!r}: each value should be a finite number.", {"value": dict(value)}
        )
    if len({np.size(column) for column in columns}) > 1:
        raise ArgumentError(
            name,
            "{argument} has columns of {sizes} values: give the same number for each coordinate.",
            {"sizes": " and ".join(str(np.size(column)) for column in columns)},
        )
    return {index(d, f"an index of {name}"): column for d, column in zip(value, columns)}


# ---- mixtures and summaries


def is_mixture(value):
    return hasattr(type(value), "factors")  # on the class, because a collapsed mixture has no factors


def is_summary(value):
    return hasattr(type(value), "counts")


def a_mixture(value, name):
    """A mixture, also that of a fit."""
    value = getattr(value, "mixture", value)
    if not is_mixture(value):
        raise no_mixture(value, name)
    return value


def no_mixture(value, name):
    return ArgumentTypeError(
        name,
        "{argument} is a {kind}: it should be a gmm.Mixture(weights, means, covariances).",
        {"kind": type(value).__name__},
    )


def a_mixture_in_one_dimension(value, name):
    mixture = a_mixture(value, name)
    if (D := mixture.means.shape[1]) > 1:
        raise ArgumentError(
            name,
            "{argument} has {D} dimensions: choose one of them, for example gmm.marginal({argument}, [0]).",
            {"D": D},
        )
    return mixture


def a_background(value, name):
    if not hasattr(value, "share"):
        raise ArgumentTypeError(
            name,
            "{argument} is a {kind}: it should be what gmm.fit_with_background returned.",
            {"kind": type(value).__name__},
        )
    if not is_mixture(value.mixture):
        raise no_mixture(value.mixture, f"{name}.mixture")
    between_zero_and_one(value.share, f"{name}.share")
    above_zero(value.volume, f"{name}.volume")
    return value


def has_mixture(value):
    return is_mixture(getattr(value, "mixture", None))


def is_fit(value):
    return has_mixture(value) and hasattr(value, "constraint")


def a_fit(value, name):
    if not is_fit(value):
        raise ArgumentTypeError(
            name,
            "{argument} is a {kind}: it should be what gmm.fit returned.",
            {"kind": type(value).__name__},
        )
    return value


def a_fit_or_mixture(value, name):
    """A fit unchanged, for functions that use how it was made; or a mixture."""
    return value if is_fit(value) else a_mixture(value, name)


def a_fit_or_points(value, name, axes):
    return value if is_fit(value) else coordinates_or_gaps(value, name, axes)


def a_summary(value, name):
    """A summary whose covariances may be singular, and whose counts may be zero."""
    if not is_summary(value):
        raise ArgumentTypeError(
            name,
            "{argument} is a {kind}: it should be a gmm.Summary(log_likelihood, counts, means, covariances).",
            {"kind": type(value).__name__},
        )
    try:
        counts = not_negative(value.counts, "counts", "K")
        means = coordinates(value.means, "means", "KD")
        only_variances = np.ndim(value.covariances) == 2
        covariances = (not_negative if only_variances else semidefinite)(
            value.covariances, "covariances", "KD" if only_variances else "KDD"
        )
        if not isinstance(value.log_likelihood, Real) or not abs(value.log_likelihood) < np.inf:
            raise ValueError(f"log_likelihood is {value.log_likelihood!r}: it should be a finite number.")
        if len(counts) != len(means):
            raise ValueError(f"counts has {len(counts)} components, but means has {len(means)}.")
        if covariances.shape != (len(means), *(covariances.ndim - 1) * means.shape[1:]):
            raise ValueError(f"covariances have the shape {covariances.shape}: it should be (K, D, D).")
    except ValueError as error:
        raise ArgumentError(name, "{argument} is not a valid gmm.Summary: its {fault}", {"fault": str(error)}) from None
    return type(value)(value.log_likelihood, counts, means, covariances)


def an_expected(value, name):
    """The expected statistics of incomplete points, as arrays."""
    if not hasattr(type(value), "completed"):
        raise ArgumentTypeError(
            name,
            "{argument} is a {kind}: it should be what gmm.observed_e_step returned first, a gmm.Expected.",
            {"kind": type(value).__name__},
        )
    try:
        parts = (
            responsibilities(value.responsibilities, "responsibilities", "NK"),
            coordinates(value.completed, "completed", "KND"),
            semidefinite(value.doubts, "doubts", "KDD"),
        )
    except ValueError as error:
        raise ArgumentError(
            name, "{argument} is not a valid gmm.Expected: its {fault}", {"fault": str(error)}
        ) from None
    return type(value)(*parts)


# ---- numbers


def whole_number(value, name, least=1):
    is_bool = isinstance(value, (bool, np.bool_))
    try:
        number = 0 if is_bool else operator.index(value)
    except TypeError:
        raise ArgumentTypeError(
            name, "{argument} is {value!r}: it should be a whole number.", {"value": value}
        ) from None
    if is_bool or number < least:
        raise ArgumentError(
            name,
            "{argument} is {value!r}: it should be a whole number, {least} or more.",
            {"value": value, "least": least},
        )
    if number > 2**53:
        raise ArgumentError(
            name, "{argument} is too large: it should be a whole number from {least} to 2**53.", {"least": least}
        )
    return number


def workers(value, name):
    return -1 if isinstance(value, int) and value == -1 else whole_number(value, name)


def index(value, name):
    return whole_number(value, name, least=0)


def components(value, name):
    """A whole number, or a mixture to start from."""
    mixture = getattr(value, "mixture", value)
    return mixture if is_mixture(mixture) else whole_number(value, name)


def above_zero(value, name):
    number = a_number(value)
    if not 0 < number < np.inf:
        raise ArgumentError(name, "{argument} is {value!r}: it should be a finite number above zero.", {"value": value})
    return number


def zero_or_more(value, name):
    number = a_number(value)
    if not 0 <= number < np.inf:
        raise ArgumentError(
            name, "{argument} is {value!r}: it should be a finite number, zero or more.", {"value": value}
        )
    return number


def one_or_more(value, name):
    number = above_zero(value, name)
    if number < 1:
        raise ArgumentError(name, "{argument} is {value!r}: it should be one or more.", {"value": value})
    return number


def a_number(value):
    """The value as a float; NaN if it is not a real number."""
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value.item()
    try:
        return float(value) if isinstance(value, Real) and not isinstance(value, bool) else np.nan
    except OverflowError:
        return np.inf


def between_zero_and_one(value, name):
    number = a_number(value)
    if not 0 < number < 1:
        raise ArgumentError(
            name, "{argument} is {value!r}: it should be between 0 and 1, such as 0.01 for 1 %.", {"value": value}
        )
    return number


def probabilities(value, name):
    """Numbers between 0 and 1, in an array of any shape."""
    array = real_array(value, name)
    if (bad := ~((array > 0) & (array < 1))).any():
        raise wrong_entry(name, array, bad, "{found}: each should be between 0 and 1.")
    return array


def whole_numbers(value, name):
    if not np.iterable(value):
        raise ArgumentTypeError(
            name, "{argument} is {value!r}: it should be a list of whole numbers.", {"value": value}
        )
    return [whole_number(number, name, least=0) for number in value]


def missing(value, name):
    if not isinstance(value, str) or value != "model":
        raise ArgumentError(
            name, '{argument} is {value!r}: it should be "model", or None if no value is missing.', {"value": value}
        )
    return value


def whole_numbers_from_one(value, name):
    numbers = whole_numbers(value if np.iterable(value) else [value], name)
    if not numbers or min(numbers) < 1:
        raise ArgumentError(
            name, "{argument} is {value!r}: give at least one number, each 1 or more.", {"value": value}
        )
    return numbers


def criterion(value, name):
    if callable(value) or (isinstance(value, str) and value in ("aic", "bic", "icl")):
        return value
    raise ArgumentError(
        name,
        '{argument} is {value!r}: it should be "bic", "aic" or "icl", or a function of a fit.',
        {"value": value},
    )


def generator(value, name):
    try:
        if np.iterable(value) and np.asarray(value).dtype.kind not in "iu":  # NumPy may crash on nested lists
            raise TypeError
        return np.random.default_rng(value)
    except (TypeError, ValueError):
        raise ArgumentError(
            name,
            "{argument} is {value!r}: give a seed, a whole number from zero, or a NumPy Generator.",
            {"value": value},
        ) from None


# ---- functions


def a_function(value, name, example):
    if not callable(value):
        raise ArgumentTypeError(
            name,
            "{argument} is {value!r}: it should be a function, such as gmm.{example}.",
            {"value": value, "example": example},
        )
    return value


def a_bare_function(value, name, example):
    """The function; for a public one of the package, the formula itself, which checks nothing."""
    return bare(a_function(value, name, example))


def functions(values, name, example):
    return tuple(a_function(value, f"{name}[{place}]", example) for place, value in enumerate(values))


def one_or_more_constraints(value, name):
    if not callable(value) and not_a_list(value):
        raise ArgumentTypeError(
            name, "{argument} is {value!r}: it should be a list of constraints, such as [gmm.full].", {"value": value}
        )
    constraints = functions([value] if callable(value) else value, name, "full")
    if not constraints:
        raise ArgumentError(name, "{argument} is empty: give at least one, such as gmm.full.")
    return constraints


# ---- arguments that must agree


def at_most_one_each(K, name, N, D=0):
    if K > N:
        raise ArgumentError(
            name,
            "{argument} is {K} but there are only {N} points: ask for at most {N} components."
            + (" There are more columns ({D}) than rows: is the array transposed?" if N < D else ""),
            {"K": K, "N": N, "D": D},
        )


def within(dimensions, name, D):
    if not dimensions or max(dimensions) >= D or len(set(dimensions)) < len(dimensions):
        raise ArgumentError(
            name,
            "{argument} is {dimensions}: give at least one index, none of them twice, each from 0 to {last}.",
            {"dimensions": dimensions, "last": D - 1},
        )


def expected_of_the_points(expected, name, sizes, given):
    """Checks that responsibilities, completed points and doubts have the N, K and D of the points."""
    (N, D), K = given["points"].shape, expected.responsibilities.shape[1]
    for part, shape in zip(type(expected)._fields, ((N, K), (K, N, D), (K, D, D))):
        if (found := getattr(expected, part).shape) != shape:
            raise ArgumentError(
                name,
                "{argument} belongs to other points: its {part} have shape {found}, but should have {shape}.",
                {"part": part, "found": found, "shape": shape},
            )


def known_of(known, name, D):
    """Checks that the indices are those of some coordinates, but not of all."""
    if max(known) >= D or len(known) == D:
        raise ArgumentError(
            name,
            "{argument} has the indices {dimensions}: each should be from 0 to {last}, and at least one of the {D} "
            "coordinates should be left to predict.",
            {"dimensions": list(known), "last": D - 1, "D": D},
        )


def leaves_one(known, name, D):
    if known.shape[1] >= D:
        raise ArgumentError(
            name,
            "{argument} has {C} coordinates and the mixture {D}: leave at least one to predict.",
            {"C": known.shape[1], "D": D},
        )


def not_a_list(value):
    return not np.iterable(value) or isinstance(value, (str, bytes, Mapping))
