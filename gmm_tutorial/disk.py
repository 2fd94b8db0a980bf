"""Points that do not fit in memory: read in rows, each time anew, from mapped arrays, .npy files, or any iterable."""

import mmap
import os

import numpy as np

from gmm_tutorial.blocks import rows_of
from gmm_tutorial.door import coordinates


class Blocks:
    """Points (N, D) in pieces that are read again and again: arrays, mapped arrays, .npy files, or what gives arrays.

    pieces, one of them or anything that can be iterated anew  →  an object with a shape (N, D), which fit and em take

    Everything is read once to be checked. Raises ValueError that names the piece and the row of what is wrong.
    """

    in_pieces = True

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
                yield f"piece {number}, {os.fspath(piece)}", NpyFile(piece)
            else:
                yield f"piece {number}", piece

    def __len__(self):
        return self.shape[0]

    def split(self, sample_weights, rows):
        start = 0
        for _, piece in self.named():
            for block in in_rows(piece, rows):
                part = slice(start, start := start + len(block))
                yield block, None if sample_weights is None else sample_weights[part]
        if start != len(self):
            raise ValueError(f"points gave {start} rows where they first gave {len(self)}: give the same each time.")

    def __getitem__(self, indices):
        """The rows with these numbers, which ascend."""
        start, taken = 0, []
        for block, _ in self.split(None, rows_of(1, self.shape[1])):
            low, high = np.searchsorted(indices, [start, start + len(block)])
            taken.append(block[indices[low:high] - start])
            start += len(block)
        return np.concatenate(taken)


class NpyFile:
    """A table in a .npy file, of which rows are read and not mapped: they leave no trace in memory."""

    def __init__(self, path):
        try:
            self.table = np.load(path, mmap_mode="r", allow_pickle=False)
            self.table.shape
        except (OSError, ValueError, EOFError, AttributeError) as error:
            reason = f"{os.fspath(path)} is missing, cut off, or no .npy file of numbers"
            raise ValueError(f"points: {reason} ({error}).") from None
        self.path, self.shape, self.dtype = path, self.table.shape, self.table.dtype

    def __len__(self):
        return self.shape[0]

    def __getitem__(self, rows):
        if not self.table.flags.c_contiguous:
            return self.table[rows]
        start, stop, _ = rows.indices(len(self))
        width = self.shape[1]
        offset = self.table.offset + start * width * self.dtype.itemsize
        return np.fromfile(self.path, self.dtype, (stop - start) * width, offset=offset).reshape(-1, width)


def in_rows(piece, rows):
    """Copies of at most so many rows as floats; whoever gave the piece may use its memory again."""
    for start in range(0, len(piece), rows):
        yield np.array(piece[start : start + rows], dtype=float, order="F")
        let_go(piece)


def let_go(piece):
    """What was read of a mapped file need not stay in memory; changes of its own, which are nowhere else, must."""
    mapped = getattr(piece, "_mmap", None)
    if mapped is not None and piece.mode != "c" and hasattr(mapped, "madvise"):
        mapped.madvise(mmap.MADV_DONTNEED)


def checked_size(name, piece):
    """Rows and columns of a piece whose every number is one that EM can take."""
    axes = len(np.shape(piece))
    if axes != 2:
        raise ValueError(f"points: {name} is {axes}-D: it should be 2-D, (N, D).")
    size = rows_of(1, np.shape(piece)[1] or 1)
    for start in range(0, len(piece), size):
        block = piece[start : start + size]
        if error_in(block):
            row = next(row for row in range(len(block)) if error_in(block[row : row + 1]))
            found = error_in(block[row : row + 1]).replace("points[0", f"points[{start + row}")
            raise ValueError(f"points: {name}: {found}")
        let_go(piece)
    return np.shape(piece)


def error_in(block):
    try:
        coordinates(block, "points")
    except ValueError as error:
        return str(error)
    return ""
