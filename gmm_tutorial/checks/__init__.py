"""What comes into the package is checked here, once a call; the formulas themselves check nothing.

`annotations` says what an argument of each kind must be, in the signatures of the functions; `values` converts one
argument, or refuses it in one sentence; `boundary` does so for all arguments of a public function and lets them agree
with each other; `collapse` names a component that has lost its points or its spread.
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
    ZeroOrMore,
)
from gmm_tutorial.checks.boundary import argument_in, check, check_arguments, checked, floating_point_errors_in_words
from gmm_tutorial.checks.collapse import cholesky_factors, refuse_empty, refuse_flat
from gmm_tutorial.checks.functions import checked_constraint, checked_initialize
from gmm_tutorial.checks.public import bare, is_chain, public
