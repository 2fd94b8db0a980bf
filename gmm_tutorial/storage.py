"""Chapter 13: saving a mixture or a fit to a file, and loading it unchanged. Opening such a file runs no code."""

from __future__ import annotations

import json
import os
import zipfile
from functools import partial
from inspect import unwrap
from io import BytesIO
from math import prod
from pathlib import Path

import numpy as np

from gmm_tutorial.checks import LogLikelihoods, check_arguments, is_chain, public
from gmm_tutorial.checks.values import no_mixture
from gmm_tutorial.constraints import (
    chain,
    diagonal,
    full,
    map_estimate,
    parameters_of_a_chain,
    prior,
    ridge,
    spherical,
    tied,
    trait,
)
from gmm_tutorial.errors import ArgumentError, ArgumentTypeError, CollapseError
from gmm_tutorial.mixture import Mixture
from gmm_tutorial.results import Fit, Start

NAMED = {constraint.__name__: constraint for constraint in (full, tied, diagonal, spherical, ridge)}
OF_A_MIXTURE = ("kind", "weights", "means", "covariances")
OF_A_FIT = (*OF_A_MIXTURE, "log_likelihood", "log_likelihoods", "converged", "constraint", "path", "starts", "e_steps")
FOR_CRITERIA = ("N", "weighted", "missing", "log_certainty")


def save(what: Mixture | Fit, file: str | os.PathLike[str]) -> None:
    """Saves a mixture or a fit to a file, from which `load` restores it exactly.

    what, a Mixture or a Fit; file, its path  →  nothing; the file is an .npz of NumPy, whatever its name

    The constraint of a fit is stored by its name. If it is your own function, the file holds its name and its number of
    free parameters, but not its code: give the function again when you continue the fit. An older file of that name is
    replaced only when the new one is complete.

    Raises TypeError for anything but a mixture or a fit, and ValueError for contents that could not be read again.

    >>> import gmm_tutorial as gmm
    >>> from tempfile import TemporaryDirectory
    >>> one = gmm.Mixture([1], means=[[0.1]], covariances=[[[0.3]]])
    >>> with TemporaryDirectory() as folder:
    ...     gmm.save(one, f"{folder}/one.npz")
    ...     gmm.load(f"{folder}/one.npz").means
    array([[0.1]])
    """
    path, content = path_of(file), bytes_of(what)
    part = path.with_name(f"{path.name}.part")
    part.write_bytes(content)
    os.replace(part, path)


def bytes_of(what):
    """The content of the file; it has been read once to make sure that this is possible."""
    buffer = BytesIO()
    try:
        arrays = arrays_of(what)
    except (ArgumentError, CollapseError):
        raise
    except Exception as error:
        raise not_readable(what, error) from error
    try:
        np.savez(buffer, **arrays)
        made_of(read(buffer.getvalue()))
    except Exception as error:
        raise not_readable(what, error) from error
    return buffer.getvalue()


def not_readable(what, error):
    """The error for values that a user has put into a fit."""
    return ArgumentError(
        "what",
        "{argument} is a {kind} that could not be read again ({error}).",
        {"kind": type(what).__name__, "error": str(error)},
    )


def load(file: str | os.PathLike[str]) -> Mixture | Fit:
    """The mixture or the fit that `save` wrote to a file, unchanged, so that EM can be continued.

    file, its path  →  a Mixture or a Fit, as it was saved

    The mixture is checked like every new one. Raises ValueError if the file is damaged or contains anything else.

    >>> import gmm_tutorial as gmm
    >>> from tempfile import TemporaryDirectory
    >>> fit = gmm.fit(gmm.load_faithful(), 2, constraint=gmm.tied, rng=0)
    >>> with TemporaryDirectory() as folder:
    ...     gmm.save(fit, f"{folder}/geyser.npz")
    ...     same = gmm.load(f"{folder}/geyser.npz")
    >>> same.log_likelihood == fit.log_likelihood, same.constraint is gmm.tied
    (True, True)
    """
    content = path_of(file).read_bytes()
    try:
        return made_of(read(content))
    except Exception as error:  # a damaged file can make the readers of zip, NumPy and JSON raise anything
        raise ValueError(
            f"{os.fspath(file)} is damaged, or is not a file that gmm.save wrote "
            f"({type(error).__name__}: {error}): give the path of a saved mixture or fit."
        ) from error


def path_of(file):
    if not isinstance(file, (str, os.PathLike)) or not Path(file).name or "\0" in os.fspath(file):
        raise ArgumentError(
            "file", "{argument} is {file!r}: give the path of a file, such as 'fit.npz'.", {"file": file}
        )
    return Path(file)


def arrays_of(what):
    if isinstance(what, Mixture):
        return dict(zip(OF_A_MIXTURE, ("Mixture", *Mixture(*what))))  # checked: what cannot be read is not written
    if isinstance(what, Fit):
        if not isinstance(what.mixture, Mixture):
            raise no_mixture(what.mixture, "what.mixture")
        _, *mixture = arrays_of(what.mixture).values()
        constraint = json.dumps(written(what.constraint, *what.mixture.means.shape))
        starts = json.dumps([[float(height), int(steps), str(end)] for height, steps, end in what.starts])
        history = (what.log_likelihood, what.log_likelihoods, what.converged, constraint, what.path)
        counted = {name: getattr(what, name) for name in FOR_CRITERIA if getattr(what, name) is not None}
        return dict(zip(OF_A_FIT, ("Fit", *mixture, *history, starts, what.e_steps))) | counted
    raise ArgumentTypeError(
        "what",
        "{argument} is a {kind}: it should be a gmm.Mixture or a gmm.Fit.",
        {"kind": type(what).__name__},
    )


def read(content):
    with zipfile.ZipFile(BytesIO(content)) as file:
        entries = file.infolist()
        if sum(entry.file_size for entry in entries) > len(content):
            raise ValueError("its contents are larger than the file, and gmm.save does not compress")
        return {entry.filename.removesuffix(".npy"): array_in(file.read(entry)) for entry in entries}


def array_in(content):
    """The array of a .npy file, whose length is compared with its header before memory is allocated."""
    file = BytesIO(content)
    np.lib.format.read_magic(file)
    shape, _, kind = np.lib.format.read_array_header_1_0(file)
    if prod(shape) * kind.itemsize != len(content) - file.tell():
        raise ValueError(f"an array of {kind} and shape {shape} cannot have {len(content)} bytes")
    return np.load(BytesIO(content), allow_pickle=False)


def made_of(arrays):
    expected = {"Mixture": OF_A_MIXTURE, "Fit": OF_A_FIT}[str(arrays["kind"])]
    counted = {name: array.item() for name, array in arrays.items() if name in FOR_CRITERIA}
    if set(arrays) - set(counted) != set(expected):
        raise ValueError(f"it contains {', '.join(sorted(arrays))}")
    _, weights, means, covariances, *history = (arrays[name] for name in expected)
    mixture = Mixture(weights, means, covariances)
    if not history:
        return mixture
    last, log_likelihoods, converged, constraint, path, starts, e_steps = history
    (series,) = LogLikelihoods.__metadata__
    (last,) = series([last], "log_likelihood")
    log_likelihoods = series(log_likelihoods, "log_likelihoods")
    constraint = read_constraint(json.loads(str(constraint)))
    starts = tuple(Start(float(height), int(steps), str(end)) for height, steps, end in json.loads(str(starts)))
    path, e_steps = str(path.item()), int(e_steps.item())
    return Fit(mixture, float(last), log_likelihoods, bool(converged), constraint, path, starts, e_steps, **counted)


def written(constraint, K, D):
    """A constraint written as lists, names and numbers: ["chain", "diagonal", ["ridge", 0.001]]."""
    if is_chain(constraint) and getattr(constraint.parameters, "func", None) is parameters_of_a_chain:
        return ["chain", *(written(each, K, D) for each in constraint.constraints)]
    function, keywords = unwrap(getattr(constraint, "func", constraint)), getattr(constraint, "keywords", {})
    if function is ridge and set(keywords) == {"fraction"}:
        return ["ridge", float(keywords["fraction"])]
    if function is map_estimate:
        return ["prior", *(np.asarray(argument, dtype=float).tolist() for argument in constraint.args)]
    if function in NAMED.values() and not keywords:
        return function.__name__
    name, count = getattr(function, "__name__", type(function).__name__), trait(constraint, "parameters")
    return ["own", name, *(() if count is None else (int(count(1, D)), int(count(K, D))))]


def read_constraint(text):
    if isinstance(text, str):
        return public(NAMED[text])
    name, *rest = text
    if name == "chain":
        return public(chain)(*map(read_constraint, rest))
    if name == "prior":
        return public(prior)(*rest)
    if name == "own":
        return one_of_yours(*rest)
    return partial(public(NAMED[name]), **check_arguments(ridge, {"fraction": rest[0]}))


def one_of_yours(name, *free):
    """A placeholder for a user's own constraint: it has its name and number of parameters, and raises an error."""

    def constraint(mixture):
        raise ArgumentError(
            "constraint",
            "{argument} was your own function {name}, which a file cannot contain: give it again, as in "
            "gmm.fit(points, fit.mixture, constraint={name}).",
            {"name": name},
        )

    constraint.__name__ = constraint.__qualname__ = str(name)
    if free:
        constraint.parameters = lambda K, D: int(free[K > 1])
    return constraint
