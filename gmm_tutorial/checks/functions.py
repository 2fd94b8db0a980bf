"""Checks of the results of functions that the user gives, which the loops call directly."""

from functools import partial, wraps
from inspect import signature

from gmm_tutorial.checks.boundary import check
from gmm_tutorial.checks.public import bare, is_chain, is_ours, public
from gmm_tutorial.checks.values import a_mixture, coordinates
from gmm_tutorial.errors import ArgumentError, ArgumentTypeError


def checked_constraint(constraint):
    """The constraint for use in a loop: one of the package unchanged, one of the user with its result checked."""
    if is_ours(public(constraint)):
        return bare(constraint)
    if is_chain(constraint):
        chained = partial(constraint.func, tuple(map(checked_constraint, constraint.constraints)))
        vars(chained).update(vars(constraint))
        return chained
    if isinstance(constraint, partial) and is_ours(constraint.func):
        arguments = {n: a for n, a in constraint.func.arguments.items() if n in constraint.keywords}
        keywords = constraint.keywords | check(arguments, constraint.keywords)
        return partial(bare(constraint.func), *constraint.args, **keywords)

    @wraps(constraint)
    def returns_a_mixture(mixture):
        try:
            result = constraint(mixture)
        except ArgumentError:
            mixture.roots  # if the mixture has collapsed, this raises the CollapseError
            raise
        result = a_mixture(result, "what the constraint returned")
        if result.means.shape != mixture.means.shape:
            raise ArgumentError(
                "what the constraint returned",
                "{argument} has the shape {found} (K, D): it must keep {before}.",
                {"found": result.means.shape, "before": mixture.means.shape},
            )
        return result

    return returns_a_mixture


def checked_initialize(initialize):
    """A function (points, K, rng) → centers: one of the package unchanged, one of the user with its result checked."""
    try:
        signature(initialize).bind(None, None, None)
    except ValueError:  # a function written in C has no signature
        pass
    except TypeError:
        raise ArgumentTypeError(
            "initialize",
            "{argument} takes {wants}: it should take (points, K, rng), like kmeans_plus_plus.",
            {"wants": f"({', '.join(signature(initialize).parameters)})"},
        ) from None

    if public(initialize) is not initialize:
        return initialize

    def centers_of(points, K, rng):
        centers = coordinates(initialize(points, K, rng), "centers", "KD")
        if len(centers) != K:
            raise ArgumentError(
                "initialize",
                "{argument} returned {found} centers for K = {K}: it should return one for each component.",
                {"found": len(centers), "K": K},
            )
        if centers.shape[1] != points.shape[1]:
            raise ArgumentError(
                "centers",
                "{argument} has {found} dimensions but points has {D}: "
                "their shapes are {shape} and {its_shape}; give both the same D.",
                {"found": centers.shape[1], "D": points.shape[1], "shape": centers.shape, "its_shape": points.shape},
            )
        return centers

    return centers_of
