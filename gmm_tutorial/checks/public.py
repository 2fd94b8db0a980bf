"""Each public function beside the formula that it checks the arguments of."""

import inspect
from functools import partial

PUBLIC = {}  # a function → the same as everybody outside calls it


def public(value):
    """The function as everybody outside calls it; anything else as it is."""
    return PUBLIC.get(value, value) if inspect.isfunction(value) else value


def is_ours(value):
    """True for the public functions of the package."""
    return inspect.isfunction(value) and PUBLIC.get(getattr(value, "__wrapped__", None)) is value


def bare(value):
    """The formula itself behind a public function; anything else as it is."""
    return inspect.unwrap(value) if is_ours(value) else value


def is_chain(constraint):
    """True for what `gmm.chain` has made: it carries its parts."""
    return isinstance(constraint, partial) and hasattr(constraint, "constraints")
