"""Points that do not fit in memory, read in every step from memory-mapped arrays, .npy files, or any iterable.

If a file is cut off while it is read, the error names it, provided that you gave its path. If you map the file
yourself, the operating system ends the whole process (a bus error), and no error can be raised.
"""

import mmap
import os

import numpy as np

from gmm_tutorial.checks.values import coordinates
from gmm_tutorial.errors import ArgumentError, ArgumentTypeError
from gmm_tutorial.scale.blocks import rows_of


class Blocks:
    """Points (N, D) in pieces that are read in every step: arrays, memory-mapped arrays, .npy files, or an iterable.

    pieces, one piece or anything that can be iterated repeatedly  →  an object with a shape (N, D), for fit and em

    Everything is read once before the first step, and each number is checked each time that it is read. Raises
    ValueError that names the piece and the row of a wrong number.
    """

    in_pieces = True

    def __init__(self, pieces):
        if iter(pieces) is pieces:
            raise ArgumentTypeError(
                "points",
                "{argument} is a {kind}, which can be read only once, but EM reads the points in every step: "
                "give a list of arrays or files, or an object whose __iter__ starts from the beginning each time.",
                {"kind": type(pieces).__name__},
            )
        self.pieces = pieces
        self.shape, self.kinds = (0, 0), {}
        for name, piece in self.named():
            rows, columns = checked_size(name, piece)
            if len(self) and columns != self.shape[1]:
                raise wrong_piece(
                    name, f"has {columns} columns, and earlier ones have {self.shape[1]}: make them equal."
                )
            self.shape = (len(self) + rows, columns)
        if not len(self):
            raise ArgumentError("points", "{argument}: no piece has any rows. Give at least one point.")

    def named(self):
        for number, piece in enumerate(self.pieces):
            if isinstance(piece, (str, os.PathLike)):
                name, piece = f"piece {number}, {os.fspath(piece)}", NpyFile(piece)
                if (before := self.kinds.setdefault(name, piece.kind)) != piece.kind:
                    raise wrong_piece(name, f"was {before} before, and is {piece.kind} now: do not change it in a fit.")
                yield name, piece
            else:
                yield f"piece {number}", piece

    def __len__(self):
        return self.shape[0]

    def split(self, sample_weights, rows):
        start = 0
        for name, piece in self.named():
            for block in in_rows(name, piece, rows):
                if block.shape[1] != self.shape[1]:
                    found = f"has {block.shape[1]} columns now, but had {self.shape[1]} before"
                    raise wrong_piece(name, f"{found}: do not change it in a fit.")
                part = slice(start, start := start + len(block))
                yield block, None if sample_weights is None else sample_weights[part]
        if start != len(self):
            raise ArgumentError(
                "points",
                "{argument} had {before} rows at first and have {now} now: the pieces must be the same in every step.",
                {"now": start, "before": len(self)},
            )

    def __getitem__(self, indices):
        """The rows with these indices, which must be ascending."""
        start, taken = 0, []
        for block, _ in self.split(None, rows_of(1, self.shape[1])):
            low, high = np.searchsorted(indices, [start, start + len(block)])
            taken.append(block[indices[low:high] - start])
            start += len(block)
        return np.concatenate(taken)


class NpyFile:
    """A table in a .npy file. Its rows are read and not mapped, so that they do not stay in memory."""

    def __init__(self, path):
        try:
            table = np.load(path, mmap_mode="r", allow_pickle=False)
            self.shape, self.dtype, self.offset = table.shape, table.dtype, table.offset
        except Exception as error:  # a damaged file can make NumPy's reader raise anything
            raise unreadable(path, error) from None
        self.path, self.by_columns = path, not table.flags.c_contiguous
        self.kind = f"{self.dtype} of shape {self.shape}"

    def __len__(self):
        return self.shape[0]

    def __getitem__(self, rows):
        start, stop, _ = rows.indices(len(self))
        N, D = self.shape
        if self.by_columns:
            return np.stack([self.numbers(column * N + start, stop - start) for column in range(D)]).T
        return self.numbers(start * D, (stop - start) * D).reshape(stop - start, D)

    def numbers(self, first, count):
        offset = self.offset + first * self.dtype.itemsize
        found = np.fromfile(self.path, self.dtype, count, offset=offset)
        if len(found) < count:
            raise unreadable(self.path, f"it ends {count - len(found)} numbers too early")
        return found


def unreadable(path, reason):
    return ArgumentError(
        "points",
        "{argument}: {path} is missing, cut off, or not a .npy file of numbers ({reason}): read other formats first.",
        {"path": os.fspath(path), "reason": str(reason)},
    )


def wrong_piece(piece, problem):
    return ArgumentError("points", "{argument}: {piece} {problem}", {"piece": piece, "problem": problem})


def in_rows(name, piece, rows):
    """The piece in copies of at most this many rows as floats, so that its memory may be reused."""
    for start in range(0, len(piece), rows):
        yield np.array(checked(name, piece[start : start + rows], start), order="F")
        let_go(piece)


def let_go(piece):
    """Frees the memory of a mapped file that has been read, unless it contains changes that are stored only there."""
    mapped = getattr(piece, "_mmap", None)
    if mapped is not None and piece.mode != "c" and hasattr(mapped, "madvise"):
        mapped.madvise(mmap.MADV_DONTNEED)


def checked_size(name, piece):
    """The rows and columns of a piece, after all its numbers have been checked."""
    try:
        axes = len(np.shape(piece))
        if axes:
            len(piece)
    except (TypeError, ValueError):  # rows of unequal length, or something that has no rows
        raise wrong_piece(name, "is not a table of numbers: it should be 2-D, (N, D).") from None
    if axes != 2:
        raise wrong_piece(name, f"is {axes}-D: it should be 2-D, (N, D).")
    size = rows_of(1, np.shape(piece)[1] or 1)
    for start in range(0, len(piece), size):
        checked(name, piece[start : start + size], start)
        let_go(piece)
    return np.shape(piece)


def checked(name, block, start):
    """The rows of a block as checked floats, or an error that names the piece and the row."""
    try:
        return coordinates(block, "points", "ND")
    except ArgumentError:
        error, row = next((error, row) for row in range(len(block)) if (error := error_in(block[row : row + 1])))
        if error.index:
            error.index = (start + row, *error.index[1:])
        error.sentence, error.found = "{argument}: {piece}: " + error.sentence, error.found | {"piece": name}
        raise error from None


def error_in(block):
    try:
        coordinates(block, "points", "ND")
    except ArgumentError as error:
        return error
    return None
