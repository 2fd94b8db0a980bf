"""The checks of the arguments of the pictures."""

import re
from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any

import numpy as np
from numpy.typing import ArrayLike

from gmm_tutorial.checks.annotations import Argument
from gmm_tutorial.checks.values import (
    LARGEST,
    a_bare_function,
    above_zero,
    coordinates,
    index,
    is_mixture,
    not_negative,
    real_array,
    whole_number,
)
from gmm_tutorial.errors import ArgumentError, ArgumentTypeError, short


def other_kind(name, value, wanted):
    return ArgumentTypeError(
        name,
        "{argument} is of the type {kind}: it should be {wanted}.",
        {"kind": type(value).__name__, "wanted": wanted},
    )


# ---- one value


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


def a_selection(value, name):
    if not hasattr(value, "candidates"):
        raise other_kind(name, value, "what gmm.select returned")
    return value


def in_a_list(value, name):
    if not (np.iterable(value) and hasattr(value, "__getitem__")) or isinstance(value, (str, Mapping)):
        raise other_kind(name, value, "a list, such as list(islice(gmm.em(points, mixture), 20))")
    if len(value) == 0:
        raise ArgumentError(name, "{argument} has the length 0: give at least one.")
    return value


def a_text(value, name):
    if not isinstance(value, str):
        raise other_kind(name, value, "a string")
    return value


def an_identifier(value, name):
    if not re.fullmatch(r"[\w-]+", a_text(value, name)):
        raise ArgumentError(name, "{argument} is {value!r}: use letters, digits, _ and - only.", {"value": value})
    return value


def several(check_one, exactly=None):
    def check_each(value, name):
        if not np.iterable(value) or isinstance(value, (str, bytes)):
            raise other_kind(name, value, "a list")
        values = [check_one(one, f"{name}[{place}]") for place, one in enumerate(value)]
        if not values or len(values) != (exactly or len(values)):
            raise ArgumentError(
                name,
                "{argument} has the length {length}: give {wanted}.",
                {"length": len(values), "wanted": exactly or "at least one"},
            )
        return values

    return check_each


def fraction(value, name):
    number = above_zero(value, name)
    if number >= 1:
        raise ArgumentError(
            name,
            "{argument} is {value!r}: it should be a number between 0 and 1, such as 0.9 for 90 %.",
            {"value": value},
        )
    return number


def rounded_responsibilities(value, name, axes):
    """Responsibilities, which may be rounded to one digit."""
    array = not_negative(value, name, axes)
    with np.errstate(over="ignore"):
        sums = array.sum(axis=1)
    if (bad := np.abs(sums - 1) > 0.1 + 1e-9).any():
        n = int(bad.argmax())
        raise ArgumentError(
            name,
            "{argument}{place} sum to {total:.6g}: those of a point should sum to one.",
            {"total": sums[n]},
            index=(n,),
        )
    return array


def in_the_plane(value, name, axes):
    array = coordinates(value, name, axes)
    if len(array) != 2:
        raise ArgumentError(
            name,
            "{argument} has the length {length}: give two coordinates, as gmm.marginal does.",
            {"length": len(array)},
        )
    return array


def number_or_edges(value, name):
    if not np.iterable(value):
        return whole_number(value, name)
    edges = real_array(value, name)
    if edges.ndim != 1 or len(edges) < 2 or not np.isfinite(edges).all() or (np.diff(edges) <= 0).any():
        raise ArgumentError(
            name,
            "{argument} should be a whole number, or at least two edges in ascending order: found {edges}.",
            {"edges": short(edges)},
        )
    return edges


def number_of_colors(value, name):
    if (number := whole_number(value, name)) > 256:
        raise ArgumentError(
            name, "{argument} is {value!r}: it should be a whole number from 1 to 256.", {"value": value}
        )
    return number


def with_room_about_it(value, name, axes):
    """Numbers that are drawn but not squared; they must be small enough for the limits of an axis."""
    return coordinates(value, name, axes, LARGEST**2)


# ---- arguments that must agree


def in_two_dimensions(dimensions, name, sizes, given):
    thing, D = sizes.get("D", ("", np.inf))
    if D == 1:
        raise ArgumentError(
            thing, "{argument} has one dimension, but this picture needs two: use plots.density or plots.histogram."
        )
    if not dimensions or max(dimensions) >= D or len(set(dimensions)) < len(dimensions):
        raise ArgumentError(
            name,
            "{argument} is {dimensions}: give at least one index, none of them twice, each from 0 to {last}.",
            {"dimensions": dimensions, "last": D - 1},
        )


def one_of_them(dimension, name, sizes, given):
    thing, D = sizes.get("D", ("", np.inf))
    if dimension >= D:
        raise ArgumentError(
            name,
            "{argument} is {dimension}, but {thing} has the dimensions 0 to {last}: choose one of these.",
            {"dimension": dimension, "thing": thing, "last": D - 1},
        )


def around_some_points(edges, name, sizes, given):
    if not np.iterable(edges):
        return
    x = given["points"][:, given["dimension"]]
    if not ((x >= edges[0]) & (x <= edges[-1])).any():
        raise ArgumentError(
            name,
            "{argument} reach from {low:.6g} to {high:.6g}, where no point is: choose others.",
            {"low": edges[0], "high": edges[-1]},
        )


def of_these_dimensions(step, name, sizes, given):
    D, its = given["points"].shape[1], step.mixture.means.shape
    if its[1] != D:
        raise ArgumentError(
            "mixture",
            "{argument} has {its} dimensions but points has {D}: their shapes are {shape} and {points}; "
            "give both the same D.",
            {"its": its[1], "D": D, "shape": its, "points": given["points"].shape},
        )


def among_the_steps(at, name, sizes, given):
    last = len(given["steps"]) - 1
    if max(at) > last:
        raise ArgumentError(
            name,
            "{argument} is {at}, but the last step has the number {last}: choose others, or give more steps.",
            {"at": at, "last": last},
        )
    if len(at) != len(given["row"]):
        raise ArgumentError(
            name,
            "{argument} has {number} steps, but row has {axes} axes: give one step for each.",
            {"number": len(at), "axes": len(given["row"])},
        )
    for number in at:
        a_step(given["steps"][number], f"steps[{number}]")


# ---- the annotations of the signatures

Axes = Annotated[Any, Argument("", an_axes)]
Row = Annotated[Any, Argument("", a_row)]
AFigure = Annotated[Any, Argument("", a_figure)]
APicture = Annotated[Any, Argument("", a_picture)]
AStep = Annotated[Any, Argument("", a_step, of_these_dimensions)]
ASelection = Annotated[Any, Argument("", a_selection)]
SomeSteps = Annotated[Any, Argument("", in_a_list)]
At = Annotated[Any, Argument("", several(index), among_the_steps)]
Shares = Annotated[ArrayLike, Argument("NK", rounded_responsibilities)]
LogDensities = Annotated[ArrayLike, Argument("N", with_room_about_it)]
Trace = Annotated[ArrayLike, Argument("T", with_room_about_it)]
MeanInThePlane = Annotated[ArrayLike, Argument("D", in_the_plane)]
TwoDimensions = Annotated[tuple[int, int], Argument("", several(index, exactly=2), in_two_dimensions)]
OneDimension = Annotated[int, Argument("", index, one_of_them)]
Index = Annotated[int, Argument("", index)]
Number = Annotated[int, Argument("", whole_number)]
Radius = Annotated[float, Argument("", above_zero)]
Radii = Annotated[Any, Argument("", several(above_zero))]
Mass = Annotated[float, Argument("", fraction)]
Masses = Annotated[Any, Argument("", several(fraction))]
Bins = Annotated[Any, Argument("", number_or_edges, around_some_points)]
Draw = Annotated[Any, Argument("", partial(a_bare_function, example="plots.snapshot"))]
Identifier = Annotated[str, Argument("", an_identifier)]
AText = Annotated[str, Argument("", a_text)]
FigureSize = Annotated[Any, Argument("", several(above_zero, exactly=2))]
Colors = Annotated[int, Argument("", number_of_colors)]
