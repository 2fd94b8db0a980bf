"""Points of every kind, made ready for EM: one array, or pieces that are read in every step."""

from typing import Annotated, Any

import numpy as np

from gmm_tutorial.checks import Argument
from gmm_tutorial.checks.pieces import is_dask, pieces_of
from gmm_tutorial.checks.values import coordinates, coordinates_or_gaps
from gmm_tutorial.errors import ArgumentError
from gmm_tutorial.scale.disk import Blocks


def opened_with_gaps(value, name, axes):
    """The points: pieces opened, or one array checked, which may contain NaN."""
    value = in_pieces_or_as_it_is(value)
    return value if hasattr(value, "in_pieces") else coordinates_or_gaps(value, name, axes)


def gaps_only_if_told(points, name, sizes, converted):
    """Refuses missing values unless the user asked for a model of them, or gave an E-step that may have one."""
    if hasattr(points, "in_pieces"):
        if converted.get("missing") is not None:
            sentence = "{argument} is for points in one array, but these are in pieces: give one array."
            raise ArgumentError("missing", sentence)
    elif converted.get("missing") is None and converted.get("e_step") is None and np.isnan(points.min()):
        coordinates(points, name, "ND")  # the error names the place of the first gap


def in_pieces_or_as_it_is(value):
    """Points in pieces, ready to be read in every step; anything else unchanged."""
    if is_dask(value):
        from gmm_tutorial.scale.cluster import on_workers

        return on_workers(value.to_dask_array(lengths=True) if hasattr(value, "to_dask_array") else value)
    pieces = None if hasattr(value, "in_pieces") else pieces_of(value)
    return value if pieces is None else Blocks(pieces)


PointsOfAnyKindOrWithGaps = Annotated[Any, Argument("ND", opened_with_gaps, gaps_only_if_told)]
