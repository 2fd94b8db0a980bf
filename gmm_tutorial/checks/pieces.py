"""Points in pieces: recognized here, read in `scale`, and refused by every formula that needs one array."""

import os
from collections.abc import Mapping, Set

import numpy as np

from gmm_tutorial.errors import ArgumentError


def refuse_pieces(points, name):
    if is_dask(points) or not (isinstance(points, np.memmap) or pieces_of(points) is None):
        raise ArgumentError(
            "points",
            "{argument} are in pieces, which only em and fit can read: call {name} on each piece, or on one array.",
            {"name": name},
        )


def is_dask(value):
    """True for collections of Dask, which have a graph. An xarray may have one, too, or not."""
    graph = getattr(value, "__dask_graph__", None)
    return callable(graph) and not isinstance(value, type) and graph() is not None


def pieces_of(value):
    """The pieces of points, or None for a single array."""
    if isinstance(value, np.memmap) or is_file(value):
        return [value]
    if isinstance(value, (list, tuple)):
        are_pieces = value and all(is_file(piece) or is_table(piece) for piece in value)
        return value if are_pieces and not are_images(value) else None
    is_one = any(hasattr(value, name) for name in ("__array__", "shape", "in_pieces", "collect"))
    is_none = isinstance(value, (str, bytes, bytearray, Mapping, Set))
    return None if is_one or is_none or not np.iterable(value) else value


def is_table(value):
    return hasattr(value, "__array__") and getattr(value, "ndim", 0) == 2


def are_images(tables):
    """True for several tables of equal shape with at least 8 rows and no fewer columns, which are not points."""
    shapes = {getattr(table, "shape", ()) for table in tables}
    return len(tables) > 1 and len(shapes) == 1 and all(shape and 8 <= shape[0] <= shape[1] for shape in shapes)


def is_file(value):
    return isinstance(value, os.PathLike) or (isinstance(value, str) and value.endswith(".npy"))
