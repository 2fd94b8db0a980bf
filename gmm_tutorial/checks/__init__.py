"""The checks of the arguments of public functions, once in each call; the formulas themselves check nothing.

`annotations` defines the kinds of arguments that the signatures of the functions use; `values` converts one argument,
or raises an error; `boundary` does this for all arguments of a public function and compares their shapes; `collapse`
raises the error for a component that has lost its points or its spread.
"""

from gmm_tutorial.checks.annotations import (
    ABackground,
    AboveZero,
    AFit,
    AnExpected,
    AnyMixture,
    AnySummary,
    Argument,
    Centers,
    Components,
    Constraint,
    Constraints,
    Counts,
    Covariance,
    Covariances,
    Criterion,
    Dimensions,
    EStep,
    Factor,
    FitOrMixture,
    FitOrPoints,
    IncompletePoints,
    Initialize,
    InOneDimension,
    Known,
    KnownValues,
    LogJoints,
    LogLikelihoods,
    Map,
    Mean,
    Means,
    Missing,
    MStep,
    NumberOfCenters,
    OneOrMore,
    Points,
    Probabilities,
    Rate,
    Responsibilities,
    Rng,
    SampleWeights,
    SeveralConstraints,
    Size,
    Spread,
    Steps,
    Summarize,
    Weights,
    WholeNumber,
    WholeNumbers,
    Workers,
    ZeroOrMore,
)
from gmm_tutorial.checks.boundary import argument_in, check, check_arguments, checked, floating_point_errors_in_words
from gmm_tutorial.checks.collapse import cholesky_factors, refuse_empty, refuse_flat
from gmm_tutorial.checks.functions import checked_constraint, checked_initialize
from gmm_tutorial.checks.public import bare, is_chain, public
