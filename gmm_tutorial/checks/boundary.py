"""The check and conversion of all arguments of a public function, once in each call."""

import functools
import inspect
from contextlib import contextmanager
from typing import TypeVar, get_args, get_type_hints

import numpy as np

from gmm_tutorial.checks.annotations import Argument
from gmm_tutorial.checks.collapse import refuse_empty
from gmm_tutorial.checks.pieces import refuse_pieces
from gmm_tutorial.checks.public import PUBLIC
from gmm_tutorial.checks.values import MEANING, coordinates, has_mixture, is_mixture, is_summary
from gmm_tutorial.errors import ArgumentError

Function = TypeVar("Function")


def checked(function: Function, home: str = "gmm_tutorial", guarded: bool = True) -> Function:
    """The public version of a function, which checks and converts its arguments according to its annotations.

    home, the module in which users find it
    guarded, whether floating-point errors and infinite results raise a ValueError
    """
    signature, arguments = inspect.signature(function), arguments_of(function)
    reads_points = getattr(arguments.get("points"), "check", None) is coordinates

    @functools.wraps(function)
    def outside(*args, **kwargs):
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        if reads_points:
            refuse_pieces(bound.arguments["points"], function.__name__)
        bound.arguments.update(check(arguments, bound.arguments, signature))
        if not guarded:
            return function(*bound.args, **bound.kwargs)
        with floating_point_errors_in_words(function.__name__, bound.arguments):
            result = function(*bound.args, **bound.kwargs)
            refuse_infinite(function.__name__, result, bound.arguments.get("mixture"))
        return step_by_step(result, function.__name__, bound.arguments) if inspect.isgenerator(result) else result

    outside.__module__ = home
    outside.__signature__ = signature.replace(
        parameters=[p.replace(annotation=in_words(p.annotation)) for p in signature.parameters.values()],
        return_annotation=in_words(signature.return_annotation),
    )
    outside.arguments = arguments
    PUBLIC[function] = outside
    return outside


class Word(str):
    """An annotation as it is written in the source, printed without quotes."""

    __slots__ = ()

    def __repr__(self):
        return str(self)


def in_words(annotation):
    return Word(annotation) if isinstance(annotation, str) else annotation


@functools.cache
def arguments_of(function):
    """The annotations of the arguments of a function, as a dictionary name → Argument."""
    hints = get_type_hints(function, function.__globals__, include_extras=True)
    found = {name: argument_in(hint) for name, hint in hints.items()}
    return {name: argument for name, argument in found.items() if argument and name != "return"}


def argument_in(hint):
    """The Argument of an annotation, or of one of its alternatives (`Points | None`)."""
    inside = [*getattr(hint, "__metadata__", ()), *(argument_in(part) for part in get_args(hint))]
    return next((part for part in inside if isinstance(part, Argument)), None)


def check_arguments(function, values):
    """The values, checked and converted according to the annotations of a function."""
    return check(arguments_of(function), values)


def check(arguments, values, signature=None):
    """The converted values, or an ArgumentError that names the first wrong one."""
    optional = {n for n, p in signature.parameters.items() if p.default is None} - {"rng"} if signature else ()
    given = {name: values[name] for name in arguments if name in values}
    given = {name: value for name, value in given.items() if not (value is None and name in optional)}
    converted = {name: arguments[name](value, name) for name, value in given.items()}
    sizes = sizes_of(arguments, converted)
    for name, value in converted.items():
        argument = arguments[name]
        if argument.fits and argument.beside in sizes:
            argument.fits(value, name, sizes[argument.beside][1])
        elif argument.fits and not argument.beside:
            argument.fits(value, name, sizes, converted)
    return converted


def sizes_of(arguments, converted):
    """The size of each axis and an argument that has it, axis → (name, size); an error if two arguments differ."""
    sizes = {}
    for name, value in converted.items():
        axes = axes_of(value, arguments[name].axes)
        for axis, size in zip(axes, shape_of(value) if axes else ()):
            other, expected = sizes.setdefault(axis, (name, size))
            if size != expected:
                raise ArgumentError(
                    name,
                    "{argument} has {size} {things} but {other} has {expected}: "
                    "their shapes are {shape} and {its_shape}; give both the same {axis}.",
                    {"size": size, "things": MEANING[axis], "other": other, "expected": expected, "axis": axis}
                    | {"shape": shape_of(value), "its_shape": shape_of(converted[other])},
                )
    return sizes


def axes_of(value, axes):
    return "KD" if is_mixture(value) or is_summary(value) or has_mixture(value) else axes


def shape_of(value):
    value = value.mixture if has_mixture(value) else value
    return value.means.shape if is_mixture(value) or is_summary(value) else np.shape(value)


@contextmanager
def floating_point_errors_in_words(name, arguments):
    """Raises an ArgumentError where NumPy would warn and continue with NaN; underflow to zero is harmless."""
    try:
        with np.errstate(over="raise", invalid="raise", divide="raise", under="ignore"):
            yield
    except FloatingPointError as error:
        if "responsibilities" in arguments:
            refuse_empty(arguments["responsibilities"].any(axis=0))
        raise too_large_or_small(name, arguments, error) from None


def too_large_or_small(name, arguments, error):
    cure = "Rescale {argument}, for example ({argument} - {argument}.mean(axis=0)) / {argument}.std(axis=0)."
    if "points" not in arguments:
        cure = f"Rescale {' and '.join(arguments)}, for example by another unit."
    return ArgumentError(
        "points" if "points" in arguments else next(iter(arguments), None),
        f"{name}: the numbers are too large or too small for floating point ({{error}}). {cure}",
        {"error": error},
    )


def step_by_step(steps, name, arguments):
    """The same endless steps, without an effect on the floating-point settings of the caller between them."""
    while True:
        with floating_point_errors_in_words(name, arguments):
            step = next(steps)
        if np.isnan(step.log_likelihood):
            raise changed_between_steps()
        yield step


def changed_between_steps():
    return ArgumentError(
        "points",
        "{argument} or sample_weights were changed between two steps, so that the log-likelihood is NaN: give copies.",
    )


def refuse_infinite(name, result, mixture=None):
    """Raises an error for an infinite result, because LAPACK, BLAS and einsum overflow silently.

    Only the log joint of a component of weight zero may be −∞.
    """
    for array in result if isinstance(result, tuple) else [result]:
        if isinstance(array, np.ndarray) and array.dtype == float:
            expected = array[:, mixture.weights > 0] if name in ("log_joint", "observed_log_joint") else array
            if not np.isfinite(expected).all():
                raise FloatingPointError("overflow")
