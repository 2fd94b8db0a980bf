"""The kinds of arguments, as annotations in the signatures: N points, D dimensions, K components.

    def mean(points: Points, responsibilities: Responsibilities) -> np.ndarray

The letters of `Argument("ND", ...)` are the axes of an array. The same letter must have the same size in all arguments
of one call.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from numpy.typing import ArrayLike

from gmm_tutorial.checks import values

if TYPE_CHECKING:
    from gmm_tutorial.mixture import Mixture as AMixture
    from gmm_tutorial.scale.summary import Summary as ASummary
else:
    AMixture = ASummary = Any


@dataclass(frozen=True)
class Argument:
    """The check of an argument: the axes of an array, the function that converts it or raises an error, and a function
    `fits(value, name, size)` that compares it with the size of the axis `beside` after all are converted.
    """

    axes: str
    check: Callable
    fits: Callable | None = None
    beside: str = ""

    def __call__(self, value, name):
        is_array = self.axes and self.check not in OBJECTS
        return self.check(value, name, self.axes) if is_array else self.check(value, name)


OBJECTS = (
    values.a_fit,
    values.a_background,
    values.a_mixture,
    values.a_mixture_in_one_dimension,
    values.a_fit_or_mixture,
    values.a_summary,
)

Points = Annotated[ArrayLike, Argument("ND", values.coordinates)]
IncompletePoints = Annotated[ArrayLike, Argument("ND", values.coordinates_or_gaps)]
SampleWeights = Annotated[ArrayLike, Argument("N", values.sample_weights)]
Responsibilities = Annotated[ArrayLike, Argument("NK", values.responsibilities)]
LogJoints = Annotated[ArrayLike, Argument("NK", values.log_joints)]
LogLikelihoods = Annotated[ArrayLike, Argument("T", values.finite)]
Weights = Annotated[ArrayLike, Argument("K", values.distribution)]
Counts = Annotated[ArrayLike, Argument("K", values.not_negative)]
Means = Annotated[ArrayLike, Argument("KD", values.coordinates)]
Centers = Annotated[ArrayLike, Argument("KD", values.coordinates)]
Covariances = Annotated[ArrayLike, Argument("KDD", values.positive_definite)]
Mean = Annotated[ArrayLike, Argument("D", values.coordinates)]
Covariance = Annotated[ArrayLike, Argument("DD", values.positive_definite)]
Factor = Annotated[ArrayLike, Argument("DD", values.lower_triangle)]
Known = Annotated[ArrayLike, Argument("NC", values.coordinates, values.leaves_one, "D")]
KnownValues = Annotated[Mapping[int, ArrayLike], Argument("", values.known_values, values.known_of, "D")]

AnyMixture = Annotated[AMixture, Argument("KD", values.a_mixture)]
InOneDimension = Annotated[AMixture, Argument("KD", values.a_mixture_in_one_dimension)]
AFit = Annotated[Any, Argument("KD", values.a_fit)]
ABackground = Annotated[Any, Argument("KD", values.a_background)]
FitOrMixture = Annotated[Any, Argument("KD", values.a_fit_or_mixture)]
FitOrPoints = Annotated[Any, Argument("ND", values.a_fit_or_points)]
AnExpected = Annotated[Any, Argument("", values.an_expected, values.expected_of_the_points)]
AnySummary = Annotated[ASummary, Argument("KD", values.a_summary)]

NumberOfCenters = Annotated[int, Argument("", values.whole_number, values.at_most_one_each, "N")]
Components = Annotated[int | AMixture, Argument("", values.components)]
Rate = Annotated[float, Argument("", values.between_zero_and_one)]
Probabilities = Annotated[ArrayLike, Argument("", values.probabilities)]
Size = Annotated[int, Argument("", values.index)]
WholeNumber = Annotated[int, Argument("", values.whole_number)]
Workers = Annotated[int, Argument("", values.workers)]
AboveZero = Annotated[float, Argument("", values.above_zero)]
ZeroOrMore = Annotated[float, Argument("", values.zero_or_more)]
OneOrMore = Annotated[float, Argument("", values.one_or_more)]
Dimensions = Annotated[Sequence[int], Argument("", values.whole_numbers, values.within, "D")]
Missing = Annotated[str, Argument("", values.missing)]
Rng = Annotated[int | np.random.Generator | None, Argument("", values.generator)]

WholeNumbers = Annotated[Sequence[int], Argument("", values.whole_numbers_from_one)]
Criterion = Annotated[str | Callable, Argument("", values.criterion)]
SeveralConstraints = Annotated[Sequence[Callable], Argument("", values.one_or_more_constraints)]

Constraint = Annotated[Callable, Argument("", partial(values.a_function, example="full"))]
Constraints = Annotated[Callable, Argument("", partial(values.functions, example="full"))]
Initialize = Annotated[Callable, Argument("", partial(values.a_bare_function, example="kmeans_plus_plus"))]
Steps = Annotated[Callable, Argument("", partial(values.a_bare_function, example="accelerated"))]
EStep = Annotated[Callable, Argument("", partial(values.a_bare_function, example="e_step"))]
MStep = Annotated[Callable, Argument("", partial(values.a_bare_function, example="m_step"))]
Summarize = Annotated[Callable, Argument("", partial(values.a_bare_function, example="summarize"))]
Map = Annotated[Callable, Argument("", partial(values.a_bare_function, example="full"))]
Spread = Annotated[Callable, Argument("", partial(values.a_bare_function, example="covariance"))]
