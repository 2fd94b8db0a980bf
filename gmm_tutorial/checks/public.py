"""The public functions, and the formulas whose arguments they check."""

import inspect
from functools import partial

PUBLIC = {}  # a function → its public version, which checks the arguments


def public(value):
    """The public version of a function; anything else unchanged."""
    return PUBLIC.get(value, value) if inspect.isfunction(value) else value


def is_ours(value):
    """True for the public functions of the package."""
    return inspect.isfunction(value) and PUBLIC.get(getattr(value, "__wrapped__", None)) is value


def bare(value):
    """The formula that a public function calls; anything else unchanged."""
    return inspect.unwrap(value) if is_ours(value) else value


def is_chain(constraint):
    """True for a constraint that `gmm.chain` has made, which contains its parts."""
    return isinstance(constraint, partial) and hasattr(constraint, "constraints")
