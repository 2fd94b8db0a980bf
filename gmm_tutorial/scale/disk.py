"""Points that do not fit in memory: read in rows, each time anew, from mapped arrays, .npy files, or any iterable.

A file that is cut off while it is read is told by its name if you give its path. If you map it yourself, the operating
system ends the whole process (a bus error), and no program can say why.
"""

import mmap
import os

import numpy as np

from gmm_tutorial.checks.values import coordinates
from gmm_tutorial.errors import ArgumentError, ArgumentTypeError
from gmm_tutorial.scale.blocks import rows_of


class Blocks:
    """Points (N, D) in pieces that are read again and again: arrays, mapped arrays, .npy files, or what gives arrays.

    pieces, one of them or anything that can be iterated anew  →  an object with a shape (N, D), which fit and em take

    Everything is read once before the first step, and each number is looked at each time that it is read. Raises
    ValueError that names the piece and the row of what is wrong.
    """

    in_pieces = True

    def __init__(self, pieces):
        if iter(pieces) is pieces:
            raise ArgumentTypeError(
                "points",
                "{argument} is a {kind}, which can be read only once, and EM reads at each step: "
                "give a list of arrays or files, or an object whose __iter__ starts anew.",
                {"kind": type(pieces).__name__},
            )
        self.pieces = pieces
        self.shape, self.kinds = (0, 0), {}
        for name, piece in self.named():
            rows, columns = checked_size(name, piece)
            if len(self) and columns != self.shape[1]:
                raise wrong_piece(name, f"has {columns} columns, those before have {self.shape[1]}.")
            self.shape = (len(self) + rows, columns)
        if not len(self):
            raise ArgumentError("points", "{argument}: no piece has any rows. Give at least one.")

    def named(self):
        for number, piece in enumerate(self.pieces):
            if isinstance(piece, (str, os.PathLike)):
                name, piece = f"piece {number}, {os.fspath(piece)}", NpyFile(piece)
                if (before := self.kinds.setdefault(name, piece.kind)) != piece.kind:
                    raise wrong_piece(name, f"was {before}, and is {piece.kind} now: leave it as it is.")
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
                    raise wrong_piece(name, f"has {block.shape[1]} columns now, and had {self.shape[1]}.")
                part = slice(start, start := start + len(block))
                yield block, None if sample_weights is None else sample_weights[part]
        if start != len(self):
            raise ArgumentError(
                "points",
                "{argument} gave {now} rows where they first gave {before}: give the same each time.",
                {"now": start, "before": len(self)},
            )

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
            raise unreadable(self.path, f"it ends {count - len(found)} numbers too soon")
        return found


def unreadable(path, reason):
    return ArgumentError(
        "points",
        "{argument}: {path} is missing, cut off, or not a .npy file of numbers ({reason}).",
        {"path": os.fspath(path), "reason": str(reason)},
    )


def wrong_piece(piece, problem):
    return ArgumentError("points", "{argument}: {piece} {problem}", {"piece": piece, "problem": problem})


def in_rows(name, piece, rows):
    """Copies of at most so many rows as floats; whoever gave the piece may use its memory again."""
    for start in range(0, len(piece), rows):
        yield np.array(checked(name, piece[start : start + rows], start), order="F")
        let_go(piece)


def let_go(piece):
    """What was read of a mapped file need not stay in memory; changes of its own, which are nowhere else, must."""
    mapped = getattr(piece, "_mmap", None)
    if mapped is not None and piece.mode != "c" and hasattr(mapped, "madvise"):
        mapped.madvise(mmap.MADV_DONTNEED)


def checked_size(name, piece):
    """Rows and columns of a piece whose every number is one that EM can take."""
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
    """The rows of a piece from that one on, as floats that EM can take; or an error that names piece and row."""
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
