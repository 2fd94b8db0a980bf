"""Points that do not fit in memory: read in rows, each time anew, from mapped arrays, .npy files, or any iterable."""

import mmap
import os

import numpy as np

from gmm_tutorial.door import coordinates

ROWS = 2**14


class Blocks:
    """Points (N, D) in pieces that are read again and again: arrays, mapped arrays, .npy files, or what gives arrays.

    pieces, one of them or anything that can be iterated anew  →  an object with a shape (N, D), which fit and em take

    Everything is read once to be checked. Raises ValueError that names the piece and the row of what is wrong.
    """

    def __init__(self, pieces):
        if iter(pieces) is pieces:
            raise TypeError(
                f"points is a {type(pieces).__name__}, which can be read only once, and EM reads at each step: "
                "give a list of arrays or files, or an object whose __iter__ starts anew."
            )
        self.pieces = pieces
        self.shape = (0, 0)
        for name, piece in self.named():
            rows, columns = checked_size(name, piece)
            if len(self) and columns != self.shape[1]:
                raise ValueError(f"points: {name} has {columns} columns, those before have {self.shape[1]}.")
            self.shape = (len(self) + rows, columns)
        if not len(self):
            raise ValueError("points: no piece has any rows. Give at least one.")

    def named(self):
        for number, piece in enumerate(self.pieces):
            if isinstance(piece, (str, os.PathLike)):
                yield f"piece {number}, {os.fspath(piece)}", opened(piece)
            else:
                yield f"piece {number}", piece

    def __len__(self):
        return self.shape[0]

    def split(self, sample_weights, rows):
        start = 0
        for block in self.in_rows(rows):
            part = slice(start, start := start + len(block))
            yield np.asfortranarray(block), None if sample_weights is None else sample_weights[part]

    def in_rows(self, rows):
        """The points as float arrays of at most so many rows."""
        found = 0
        for name, piece in self.named():
            for start in range(0, len(piece), rows):
                block = rows_of_piece(piece, start, start + rows)
                found += len(block)
                yield np.asarray(block, dtype=float)
        if found != len(self):
            raise ValueError(f"points gave {found} rows where they first gave {len(self)}: give the same each time.")

    def __getitem__(self, indices):
        """The rows with these numbers, which ascend."""
        start, taken = 0, []
        for block in self.in_rows(ROWS):
            low, high = np.searchsorted(indices, [start, start + len(block)])
            taken.append(block[indices[low:high] - start])
            start += len(block)
        return np.concatenate(taken)


def opened(path):
    """The array of a .npy file, mapped: nothing is read yet."""
    try:
        return np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        reason = f"{os.fspath(path)} is missing, cut off, or no .npy file of numbers"
        raise ValueError(f"points: {reason} ({error}).") from None


def rows_of_piece(piece, start, stop):
    """Some rows of an array. Of a mapped file they are read, not mapped, so that they leave no trace in memory."""
    if not (isinstance(piece, np.memmap) and isinstance(piece.base, mmap.mmap) and piece.flags.c_contiguous):
        return piece[start:stop]
    if piece.mode == "c":  # private changes are in memory alone
        return piece[start:stop]
    width = piece.shape[1]
    offset = piece.offset + start * width * piece.itemsize
    numbers = np.fromfile(piece.filename, piece.dtype, (min(stop, len(piece)) - start) * width, offset=offset)
    return numbers.reshape(-1, width)


def checked_size(name, piece):
    """Rows and columns of a piece whose every number is one that EM can take."""
    if np.ndim(piece) != 2:
        raise ValueError(f"points: {name} is {np.ndim(piece)}-D: it should be 2-D, (N, D).")
    for start in range(0, len(piece), ROWS):
        block = rows_of_piece(piece, start, start + ROWS)
        if error_in(block):
            row = next(row for row in range(len(block)) if error_in(block[row : row + 1]))
            found = error_in(block[row : row + 1]).replace("points[0", f"points[{start + row}")
            raise ValueError(f"points: {name}: {found}")
    return np.shape(piece)


def error_in(block):
    try:
        coordinates(block, "points")
    except ValueError as error:
        return str(error)
    return ""
