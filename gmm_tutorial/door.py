"""The door: whatever comes into the package is checked and converted here, once, by the name of the argument.

The formulas behind it do no checking. Each name stands for one thing in the whole package, so the table `SHAPES` is
also the notation of the project: N points, D dimensions, K components.
"""

import functools
import inspect
import operator
import os
import re
from collections.abc import Hashable, Mapping, Set
from contextlib import contextmanager, nullcontext
from numbers import Real

import numpy as np

SHAPES = {
    "points": "ND",
    "sample_weights": "N",
    "responsibilities": "NK",
    "log_joints": "NK",
    "weights": "K",
    "counts": "K",
    "means": "KD",
    "centers": "KD",
    "known": "NC",
    "covariances": "KDD",
    "mean": "D",
    "covariance": "DD",
    "factor": "DD",
    "log_likelihoods": "T",
    "log_densities": "N",
}
MEANING = {"N": "points", "D": "dimensions", "K": "components", "T": "steps", "C": "known coordinates"}
LARGEST = 1e140  # the square of a larger number, summed over the points, may overflow
SMALLEST = 1e-290  # the product of a smaller number and of points may be zero, or a number of few digits


class CollapseError(ValueError):
    """A component has no spread left in some direction, or no points at all: the likelihood has no maximum there."""

    cure = (
        "Ask for fewer components, start elsewhere (another rng, more restarts), drop constant or repeated columns, "
        "or give each component a floor: constraint=gmm.ridge."
    )

    def __init__(self, component, mean=None, variances=None):
        super().__init__(component, mean, variances)
        self.component = component

    def __str__(self):
        component, mean, variances = self.args
        found = "it explains no points any more"
        if mean is not None:
            found = f"its covariance is singular (variances {short(variances)} around its mean {short(mean)})"
        return f"component {component} has collapsed: {found}. {self.cure}"


def short(numbers):
    return np.array2string(np.asarray(numbers), precision=4, threshold=6, edgeitems=2)


def door(function, checks=None, guarded=True):
    """The same function, with its arguments checked and converted before it sees them."""
    checks = checks or CHECKS
    signature = inspect.signature(function)
    optional = {name for name, parameter in signature.parameters.items() if parameter.default is None} - {"rng"}

    @functools.wraps(function)
    def checked(*args, **kwargs):
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        if function.__name__ in READ_PIECES:
            bound.arguments["points"] = opened(bound.arguments["points"])
        elif "points" in bound.arguments:
            refuse_pieces(function, bound.arguments["points"])
        given = {n: v for n, v in bound.arguments.items() if n in checks and not (v is None and n in optional)}
        bound.arguments.update(check(checks, **given))
        with floating_point_errors_in_words(function, bound.arguments) if guarded else nullcontext():
            result = function(*bound.args, **bound.kwargs)
            refuse_infinite(function, result, bound.arguments.get("mixture"))
        return step_by_step(result, function, bound.arguments) if inspect.isgenerator(result) else result

    PUBLIC[function] = checked
    return checked


HANDIER = "to a handier unit, for example ({0} - {0}.mean(axis=0)) / {0}.std(axis=0)"


@contextmanager
def floating_point_errors_in_words(function, arguments):
    """One ValueError where NumPy would warn and go on with NaN."""
    try:
        with np.errstate(over="raise", invalid="raise", divide="raise"):
            yield
    except FloatingPointError as error:
        refuse_empty(arguments.get("responsibilities"))
        handier = f"the points {HANDIER.format('points')}"
        if "points" not in arguments:
            handier = f"{' and '.join(arguments)} to a handier unit"
        raise ValueError(
            f"{function.__name__}: the numbers are too large or too small for floating point ({error}). "
            f"Bring {handier}."
        ) from None


def step_by_step(steps, function, arguments):
    """The same endless steps; between them the caller's own arithmetic is left alone."""
    while True:
        with floating_point_errors_in_words(function, arguments):
            step = next(steps)
        if np.isnan(step.log_likelihood):
            raise ValueError("points or sample_weights were changed between two steps: the log-likelihood is NaN now.")
        yield step


READ_PIECES = ("em", "accelerated", "fit")


def refuse_pieces(function, points):
    if is_dask(points) or not (isinstance(points, np.memmap) or pieces_of(points) is None):
        raise ValueError(
            f"points are in pieces, which em and fit can read: call {function.__name__} on each piece, or on one array."
        )


def refuse_infinite(function, result, mixture=None):
    """LAPACK, BLAS and einsum overflow without a word. A log joint may be −∞: that of a component without weight."""
    for array in result if isinstance(result, tuple) else [result]:
        if isinstance(array, np.ndarray) and array.dtype == float:
            expected = array[:, mixture.weights > 0] if function.__name__ == "log_joint" else array
            if not np.isfinite(expected).all():
                raise FloatingPointError("overflow")


def refuse_empty(responsibilities):
    if responsibilities is not None and not (explains := responsibilities.any(axis=0)).all():
        raise CollapseError(int(explains.argmin())) from None


def check(checks=None, /, **arguments):
    """The arguments, converted; or one ValueError that names the first one that is wrong."""
    checks = checks or CHECKS
    checked = {name: checks[name](value, name) for name, value in arguments.items()}
    sizes = {}
    for name, value in checked.items():
        axes = axes_of(name, value)
        for axis, size in zip(axes, shape_of(value) if axes else ()):
            other, expected = sizes.setdefault(axis, (name, size))
            if size != expected:
                raise ValueError(
                    f"{name} has {size} {MEANING[axis]} but {other} has {expected}: "
                    f"their shapes are {shape_of(value)} and {shape_of(checked[other])}; give both the same {axis}."
                )
    if "K" in checked and "N" in sizes:
        at_most_one_each(checked["K"], sizes["N"][1], "K")
    if "known" in checked and sizes["C"][1] >= sizes["D"][1]:
        raise ValueError(
            f"known has {sizes['C'][1]} coordinates and the mixture {sizes['D'][1]}: leave at least one to be expected."
        )
    if checks is PICTURES:
        check_picture(sizes, **checked)
    if "dimensions" in checked and "D" in sizes:
        within(checked["dimensions"], sizes["D"][1], "dimensions")
    return checked


def axes_of(name, value):
    if value is None:
        return ""
    return "KD" if has_components(value) else SHAPES.get(name, "")


def shape_of(value):
    return value.means.shape if has_components(value) else np.shape(value)


def has_components(value):
    return is_mixture(value) or is_summary(value)


def is_mixture(value):
    return hasattr(type(value), "factors")  # of the class: one that has collapsed cannot tell its own


def is_summary(value):
    return hasattr(type(value), "counts")


def numbers(value, name):
    """A float64 array, C-ordered, of finite numbers and of as many axes as SHAPES says."""
    array = real_array(value, name)
    axes = SHAPES[name]
    if array.ndim == 1 and axes == "ND":
        raise ValueError(
            f"{name} is 1-D with shape {array.shape}: give one row a point. For {len(array)} points in one dimension "
            f"use {name}.reshape(-1, 1), for one point {name}.reshape(1, -1)."
        )
    if array.ndim != len(axes):
        letters = ", ".join(axes) + ("," if len(axes) == 1 else "")
        raise ValueError(f"{name} is {array.ndim}-D with shape {array.shape}: it should be {len(axes)}-D, ({letters}).")
    for axis, size in zip(axes, array.shape):
        if size == 0:
            raise ValueError(f"{name} has shape {array.shape}: no {MEANING[axis]}. Give at least one.")
    if axes[-2:] == "DD" and array.shape[-1] != array.shape[-2]:
        raise ValueError(f"{name} has shape {array.shape}: the last two sizes should both be D, its dimensions.")
    return array


def real_array(value, name):
    if np.ma.is_masked(value):
        raise ValueError(f"{name} has masked values: drop those rows, or fill them, first.")
    try:
        with np.errstate(invalid="raise"):  # a gap in a table of categories becomes a number, and pandas goes on
            array = np.asarray(value)
        if value is None or array.dtype.kind not in "biufO" or has_other_than_numbers(array):
            raise TypeError
        with np.errstate(over="ignore"):  # a long double becomes ∞, and is refused as such
            return np.asarray(array, dtype=float, order="C")
    except (TypeError, ValueError, OverflowError, FloatingPointError):
        kind = value.dtype if isinstance(value, np.ndarray) else type(value).__name__
        raise ValueError(
            f"{name} cannot be read as an array of real numbers (found {kind}): "
            "give numbers only, in rows of equal length."
        ) from None


def has_other_than_numbers(array):
    """True for objects that float() would turn into a number all the same: "7", a date, 1 + 2j."""
    others = (str, bytes, np.datetime64, np.complexfloating)
    return array.dtype.kind == "O" and any(isinstance(element, others) for element in array.flat)


def first(where):
    return ", ".join(str(index) for index in np.argwhere(where)[0])


def finite(value, name):
    array = numbers(value, name)
    if not np.isfinite([array.min(), array.max()]).all():  # without an array as large as the points
        bad = ~np.isfinite(array)
        raise ValueError(f"{name}[{first(bad)}] is {array[bad][0]}: drop or fill what is missing or infinite first.")
    return array


def coordinates(value, name, largest=LARGEST):
    array = finite(value, name)
    if (found := max(-array.min(), array.max())) > largest:
        raise ValueError(f"{name} reaches {found:.1e}, and its square overflows: divide {name} by a larger unit.")
    return array


def points(value, name):
    return value if hasattr(value, "in_pieces") else coordinates(value, name)


def opened(value):
    """Points that come in pieces, ready to be read again and again; anything else as it is."""
    if is_dask(value):
        from gmm_tutorial.cluster import on_workers

        return on_workers(value.to_dask_array(lengths=True) if hasattr(value, "to_dask_array") else value)
    if (pieces := pieces_of(value)) is None:
        return value
    from gmm_tutorial.disk import Blocks

    return Blocks(pieces)


def is_dask(value):
    return hasattr(value, "__dask_graph__") and not isinstance(value, type)


def pieces_of(value):
    """None for anything that is one array of points."""
    if isinstance(value, np.memmap) or is_file(value):
        return [value]
    if isinstance(value, (list, tuple)):
        return value if value and all(is_file(piece) or is_table(piece) for piece in value) else None
    is_one = any(hasattr(value, name) for name in ("__array__", "shape", "in_pieces"))
    is_none = isinstance(value, (str, bytes, bytearray, Mapping, Set))
    return None if is_one or is_none or not np.iterable(value) else value


def is_table(value):
    return hasattr(value, "__array__") and getattr(value, "ndim", 0) == 2


def is_file(value):
    return isinstance(value, os.PathLike) or (isinstance(value, str) and value.endswith(".npy"))


def not_negative(value, name):
    array = finite(value, name)
    if (bad := array < 0).any():
        raise ValueError(f"{name}[{first(bad)}] is {array[bad][0]:.6g}: every one should be zero or more.")
    return array


def responsibilities(value, name):
    array = not_negative(value, name)
    largest = array.max(axis=0)
    if (bad := (largest > 0) & (largest < SMALLEST)).any():
        raise ValueError(
            f"{name}[:, {first(bad)}] has nothing above {largest[bad][0]:.1e}, and its products are lost in rounding: "
            "multiply all by a large number, or leave that component out."
        )
    return array


def sample_weights(value, name):
    if value is None:
        return None
    array = not_negative(value, name)
    if not array.any():
        raise ValueError(f"{name} are all zero: give at least one point a weight above zero.")
    if array.max() < SMALLEST:
        raise ValueError(f"{name} has nothing above {array.max():.1e}: divide by the mean of all.")
    return array


def distribution(value, name):
    array = not_negative(value, name)
    with np.errstate(over="ignore"):
        total = array.sum()
    if abs(total - 1) > 1e-8:
        raise ValueError(f"{name} sum to {total:.10g}: they should sum to one. Divide them by their sum.")
    return array


def log_joints(value, name):
    array = numbers(value, name)
    if np.isnan(array).any() or (array.max(axis=1) == -np.inf).any() or (array == np.inf).any():
        raise ValueError(f"{name} has NaN, +∞, or a row of nothing but −∞: some component should explain each point.")
    return array


def positive_definite(value, name):
    array = coordinates(value, name, LARGEST**2)
    for k, covariance in enumerate(array.reshape(-1, *array.shape[-2:])):
        which = f"{name}[{k}]" if array.ndim == 3 else name
        variances = np.diag(covariance)
        if (variances <= 0).any():
            raise ValueError(f"{which} has variance {variances.min():.6g} on its diagonal: each should be above zero.")
        scale = np.outer(np.sqrt(variances), np.sqrt(variances))
        if (np.abs(covariance - covariance.T) > 1e-8 * scale).any():
            raise ValueError(f"{which} is not symmetric: a covariance equals its transpose. Use (S + S.T) / 2.")
        beyond = (np.abs(covariance) > 2 * scale).any()
        if beyond or np.linalg.eigvalsh(covariance / scale)[0] <= 4 * len(variances) * np.finfo(float).eps:
            raise ValueError(
                f"{which} is not positive definite: it has no spread, or less than none, in some direction. "
                "Build it as A @ A.T with A of full rank, or from more points than dimensions."
            )
    return array


def semidefinite(value, name):
    """Covariances of which some may be flat, or of a single point."""
    array = coordinates(value, name, LARGEST**2)
    variances = np.diagonal(array, axis1=1, axis2=2)
    if (variances < 0).any():
        raise ValueError(f"{name} have the variance {variances.min():.6g}: each should be zero or more.")
    scale = np.sqrt(variances)[:, :, None] * np.sqrt(variances)[:, None]
    if (np.abs(array - np.swapaxes(array, 1, 2)) > 1e-8 * scale).any() or (np.abs(array) > (1 + 1e-8) * scale).any():
        raise ValueError(f"{name} are not symmetric and positive semidefinite: build each as A @ A.T.")
    return array


def lower_triangle(value, name):
    array = finite(value, name)
    if np.triu(array, 1).any() or (np.diag(array) <= 0).any():
        raise ValueError(f"{name} is not lower triangular with a positive diagonal: use np.linalg.cholesky.")
    return array


def a_mixture(value, name):
    if not is_mixture(value):
        raise TypeError(f"{name} is a {type(value).__name__}: it should be a gmm.Mixture(weights, means, covariances).")
    return value


def a_summary(value, name):
    """A Summary whose covariances may be singular, and whose counts may be zero."""
    if not is_summary(value):
        kind = type(value).__name__
        raise TypeError(f"{name} is a {kind}: it should be a gmm.Summary(log_likelihood, counts, means, covariances).")
    try:
        counts, means = check(counts=value.counts, means=value.means).values()
        covariances = semidefinite(value.covariances, "covariances")
        if not isinstance(value.log_likelihood, Real) or not abs(value.log_likelihood) < np.inf:
            raise ValueError(f"log_likelihood is {value.log_likelihood!r}: it should be a finite number.")
        if covariances.shape != (len(means), *2 * means.shape[1:]):
            raise ValueError(f"covariances have the shape {covariances.shape}: it should be (K, D, D).")
    except ValueError as error:
        raise ValueError(f"{name} has other numbers than a Summary should: its {error}") from None
    return type(value)(value.log_likelihood, counts, means, covariances)


def whole_number(value, name, least=1):
    is_bool = isinstance(value, (bool, np.bool_))
    try:
        number = 0 if is_bool else operator.index(value)
    except TypeError:
        raise TypeError(f"{name} is {value!r}: it should be a whole number.") from None
    if is_bool or number < least:
        raise ValueError(f"{name} is {value!r}: it should be a whole number, {least} or more.")
    if number > 2**53:
        raise ValueError(f"{name} is too large: it should be a whole number from {least} to 2**53.")
    return number


def at_most_one_each(K, N, name):
    if K > N:
        raise ValueError(f"{name} is {K} but there are only {N} points: ask for at most one component a point.")


def components(value, name):
    return value if is_mixture(value) else whole_number(value, name)


def size(value, name):
    return whole_number(value, name, least=0)


def above_zero(value, name):
    try:
        number = float(value) if isinstance(value, Real) and not isinstance(value, bool) else np.nan
    except OverflowError:
        number = np.inf
    if not 0 < number < np.inf:
        raise ValueError(f"{name} is {value!r}: it should be a finite number above zero.")
    return number


def one_or_more(value, name):
    number = above_zero(value, name)
    if number < 1:
        raise ValueError(f"{name} is {value!r}: it should be one or more.")
    return number


def within(dimensions, D, name):
    if not dimensions or max(dimensions) >= D or len(set(dimensions)) < len(dimensions):
        raise ValueError(f"{name} is {dimensions}: give at least one index, none twice, each from 0 to {D - 1}.")


def whole_numbers(value, name):
    if not np.iterable(value):
        raise TypeError(f"{name} is {value!r}: it should be a list of whole numbers.")
    return [whole_number(number, name, least=0) for number in value]


def function(value, name):
    if not callable(value):
        raise TypeError(f"{name} is {value!r}: it should be a function, such as gmm.{DEFAULTS.get(name, 'full')}.")
    return PUBLIC.get(value, value) if isinstance(value, Hashable) else value


def function_or_none(value, name):
    return None if value is None else function(value, name)


def functions(values, name):
    return tuple(function(value, f"{name}[{index}]") for index, value in enumerate(values))


def generator(value, name):
    try:
        if np.iterable(value) and np.asarray(value).dtype.kind not in "iu":  # NumPy may crash on a list within a list
            raise TypeError
        return np.random.default_rng(value)
    except (TypeError, ValueError):
        raise ValueError(f"{name} is {value!r}: give a seed, a whole number from zero, or a NumPy Generator.") from None


PUBLIC = {}  # bare function → the same behind the door
DEFAULTS = {
    "constraint": "full",
    "initialize": "kmeans_plus_plus",
    "steps": "accelerated",
    "summarize": "summarize",
    "spread": "covariance",
    "draw": "plots.snapshot",
}

CHECKS = {
    "points": points,
    "summary": a_summary,
    "one": a_summary,
    "other": a_summary,
    "sample_weights": sample_weights,
    "responsibilities": responsibilities,
    "log_joints": log_joints,
    "log_likelihoods": finite,
    "weights": distribution,
    "counts": not_negative,
    "means": coordinates,
    "centers": coordinates,
    "covariances": positive_definite,
    "mean": coordinates,
    "covariance": positive_definite,
    "factor": lower_triangle,
    "mixture": a_mixture,
    "reference": a_mixture,
    "known": coordinates,
    "components": components,
    "K": whole_number,
    "size": size,
    "restarts": whole_number,
    "max_steps": whole_number,
    "tolerance": above_zero,
    "fraction": above_zero,
    "strength": above_zero,
    "N": above_zero,
    "concentration": one_or_more,
    "dimensions": whole_numbers,
    "constraint": function,
    "constraints": functions,
    "initialize": function,
    "steps": function_or_none,
    "map": function_or_none,
    "summarize": function_or_none,
    "spread": function,
    "rng": generator,
}


# ---- pictures


def check_picture(sizes, dimensions=None, dimension=0, **given):
    """What must fit together in a picture."""
    thing, D = sizes.get("D", ("", np.inf))
    if dimensions and D == 1:
        raise ValueError(f"{thing} has one dimension and this picture two: use plots.density or plots.histogram.")
    if dimension >= D:
        raise ValueError(f"dimension is {dimension}: {thing} has those from 0 to {D - 1}.")
    if np.iterable(edges := given.get("bins")):
        x = given["points"][:, dimension]
        if not ((x >= edges[0]) & (x <= edges[-1])).any():
            raise ValueError(f"bins reach from {edges[0]:.6g} to {edges[-1]:.6g}, where no point is: move them.")
    if "step" in given:
        check(points=given["points"], mixture=given["step"].mixture)
    if "at" in given:
        last, at, row = len(given["steps"]) - 1, given["at"], given["row"]
        if max(at) > last:
            raise ValueError(f"at is {at}, but the steps end with {last}: choose others, or give more steps.")
        if len(at) != len(row):
            raise ValueError(f"at names {len(at)} steps, but row has {len(row)} axes: give one for each.")
        for number in at:
            a_step(given["steps"][number], f"steps[{number}]")


def other_kind(name, value, wanted):
    return TypeError(f"{name} is of the type {type(value).__name__}: it should be {wanted}.")


def an_axes(value, name):
    if not hasattr(type(value), "contour"):
        raise other_kind(name, value, "the axes to draw on, as in figure, axes = pyplot.subplots()")
    return value


def a_row(value, name):
    try:
        return several(an_axes)(np.ravel(value), name)
    except ValueError:
        raise other_kind(name, value, "axes to draw on, as in figure, row = pyplot.subplots(1, 2)") from None


def a_figure(value, name):
    if not hasattr(type(value), "savefig"):
        raise other_kind(name, value, "a matplotlib figure, as in figure, axes = pyplot.subplots()")
    return value


def a_picture(value, name):
    return value if hasattr(value, "alt") else a_figure(value, name)


def a_step(value, name):
    if not is_mixture(getattr(value, "mixture", None)):
        raise other_kind(name, value, "a step of gmm.em, or a fit")
    return value


def in_a_list(value, name):
    if not (np.iterable(value) and hasattr(value, "__getitem__")) or isinstance(value, (str, Mapping)):
        raise other_kind(name, value, "a list, such as list(islice(gmm.em(points, mixture), 20))")
    if len(value) == 0:
        raise ValueError(f"{name} has the length 0: give at least one.")
    return value


def a_text(value, name):
    if not isinstance(value, str):
        raise other_kind(name, value, "a text")
    return value


def an_identifier(value, name):
    if not re.fullmatch(r"[\w-]+", a_text(value, name)):
        raise ValueError(f"{name} is {value!r}: it should be of letters, digits, _ and - only.")
    return value


def several(check_one, exactly=None):
    def check_each(value, name):
        if not np.iterable(value) or isinstance(value, (str, bytes)):
            raise other_kind(name, value, "a list")
        values = [check_one(one, f"{name}[{index}]") for index, one in enumerate(value)]
        if not values or len(values) != (exactly or len(values)):
            raise ValueError(f"{name} has the length {len(values)}: give {exactly or 'at least one'}.")
        return values

    return check_each


def share(value, name):
    number = above_zero(value, name)
    if number >= 1:
        raise ValueError(f"{name} is {value!r}: it should be a share between 0 and 1, such as 0.9 for 90 %.")
    return number


def shares(value, name):
    """Responsibilities, which may have been rounded to one digit."""
    array = not_negative(value, name)
    with np.errstate(over="ignore"):
        sums = array.sum(axis=1)
    if (bad := np.abs(sums - 1) > 0.1 + 1e-9).any():
        raise ValueError(f"{name}[{first(bad)}] sum to {sums[bad][0]:.6g}: those of a point should sum to one.")
    return array


def in_the_plane(value, name):
    array = coordinates(value, name)
    if len(array) != 2:
        raise ValueError(f"{name} has the length {len(array)}: give two coordinates, as gmm.marginal does.")
    return array


def number_or_edges(value, name):
    if not np.iterable(value):
        return whole_number(value, name)
    edges = real_array(value, name)
    if edges.ndim != 1 or len(edges) < 2 or not np.isfinite(edges).all() or (np.diff(edges) <= 0).any():
        raise ValueError(f"{name} should be a whole number, or at least two edges that rise: found {short(edges)}.")
    return edges


def number_of_colors(value, name):
    if (number := whole_number(value, name)) > 256:
        raise ValueError(f"{name} is {value!r}: it should be a whole number from 1 to 256.")
    return number


def with_room_about_it(value, name):
    """What is drawn as it is need not have a square, but an axis about it must have ends."""
    return coordinates(value, name, LARGEST**2)


PICTURES = CHECKS | {
    "axes": an_axes,
    "row": a_row,
    "figure": a_figure,
    "picture": a_picture,
    "step": a_step,
    "steps": in_a_list,
    "at": several(size),
    "responsibilities": shares,
    "log_densities": with_room_about_it,
    "log_likelihoods": with_room_about_it,
    "mean": in_the_plane,
    "dimensions": several(size, exactly=2),
    "dimension": size,
    "D": whole_number,
    "k": size,
    "radius": above_zero,
    "radii": several(above_zero),
    "mass": share,
    "masses": several(share),
    "bins": number_or_edges,
    "draw": function,
    "name": an_identifier,
    "alt": a_text,
    "size": several(above_zero, exactly=2),
    "panels": whole_number,
    "colors": number_of_colors,
}
