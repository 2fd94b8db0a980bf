"""The formulas that can be checked: what each takes, what it returns, and where the course explains it.

One line is all that a new formula of the package needs: its name, its arguments, its results with their axes, and the
section that explains it. Arguments are found by name in `inputs.Case`, which has a property for each. If the formula is
built on others, a method of Course says so, and their mistakes are known in it too.
"""

from dataclasses import replace
from inspect import unwrap
from itertools import islice

import gmm_tutorial.homework.mistakes  # noqa: F401
from gmm_tutorial.homework import special_inputs as inputs
from gmm_tutorial.homework.asking import MIXTURE, BrokenContract, counted, numbers, refuse_nothing, several
from gmm_tutorial.homework.course import STEPS
from gmm_tutorial.homework.inputs import CASES, FAR, SMALL
from gmm_tutorial.homework.package import FORMULAS
from gmm_tutorial.homework.subject import Exercise

WHOLE = "weights:K means:KD covariances:KDD"
SUMMARY = "log_likelihood: counts:K means:KD covariances:KDD"
DENSITY, SHARES = "02_the_model.ipynb#4 · The density in several dimensions", "03_responsibility.ipynb#"
LIKELIHOOD, STEP = "02_the_model.ipynb#6 · The likelihood", "04_mean_covariance_weights.ipynb#"
KEPT = f"{STEP}8 · What does every M-step preserve?"
WHY, START, CLIMB = "01_why_mixtures.ipynb#", "05_initialization.ipynb#", "06_expectation_maximization.ipynb#"
WHICH, REAL = "08_when_em_breaks.ipynb#7 · Which component is which?", "10_real_data.ipynb#"
HOW_MANY = "09_how_many.ipynb#"
CONDITIONAL, SHAPE = f"{REAL}7. How long will you wait? The conditional mean", f"{HOW_MANY}6. Four shapes"


def first_steps(steps, parts):
    """The arrays of a trace, TRACE.parts, from a generator or a list of steps."""
    steps = list(islice(refuse_nothing(steps), STEPS))
    if len(steps) < STEPS:
        headline = f"your EM run ended after {counted(len(steps), 'step')}"
        raise BrokenContract(headline, "It should go on for as long as it is asked to.")
    one_step = ONE_STEP_AND_ITS_LOG_LIKELIHOOD.parts
    rows = [several(step, one_step, "in each step ") for step in steps]
    columns = {name: numbers(list(column), name) for name, column in zip(one_step, zip(*rows))}
    return [columns["log_likelihood"], *(columns[name] for name in MIXTURE)]


far, ties = tuple(FAR), (inputs.TIES,)
ONE_STEP = Exercise(
    "one_step", "points mixture", WHOLE, f"{CLIMB}1. One iteration by hand", FORMULAS["em"], special=far[:1]
)
ONE_STEP_AND_ITS_LOG_LIKELIHOOD = Exercise(
    "one_step_and_its_log_likelihood",
    "points mixture",
    f"{WHOLE} log_likelihood:",
    f"{CLIMB}3. Which mixture does the log-likelihood belong to?",
    FORMULAS["em"],
    special=far[:1],
)
TRACE = Exercise(
    "trace",
    "points mixture",
    "log_likelihoods:T weights:TK means:TKD covariances:TKDD",
    f"{CLIMB}2. The loop has no end",
    FORMULAS["em"],
    special=far[:1],
    reader=first_steps,
)
FIT = replace(
    TRACE,
    returns="log_likelihoods:T weights:K means:KD covariances:KDD",
    link=f"{CLIMB}6. When to stop",
    package=FORMULAS["fit"],
)
EXERCISES = [
    Exercise("whiten", "points mean factor", "whitened_points:ND", DENSITY, special=far),
    Exercise("log_gaussian", "points mean covariance", "log_densities:N", DENSITY, special=far),
    Exercise("log_gaussian_by_factor", "points mean factor", "log_densities:N", DENSITY, special=far),
    Exercise("log_joint", "points mixture", "log_joints:NK", f"{SHARES}5. Do not leave out the weights", special=far),
    Exercise(
        "bayes",
        "log_joints",
        "responsibilities:NK log_densities:N",
        f"{SHARES}8. Cure: subtract the largest",
        special=far,
    ),
    Exercise(
        "responsibility",
        "points mixture",
        "responsibilities:NK",
        f"{SHARES}3. The components compete for each point",
        special=far,
    ),
    Exercise("log_density", "points mixture", "log_densities:N", LIKELIHOOD, special=far),
    Exercise("log_likelihood", "points mixture", "log_likelihood:", LIKELIHOOD, special=far),
    Exercise("label", "points mixture", "labels:N", f"{SHARES}It is not a label either", special=(*far, *ties)),
    Exercise(
        "e_step",
        "points mixture",
        "responsibilities:NK log_likelihood:",
        f"{SHARES}3. The components compete for each point",
        special=far,
    ),
    Exercise("count", "responsibilities", "counts:K", f"{STEP}5 · How large should each weight be?"),
    Exercise("weight", "responsibilities", "weights:K", f"{STEP}5 · How large should each weight be?"),
    Exercise("mean", "points responsibilities", "means:KD", f"{STEP}3 · Where should the mean go?", special=far),
    Exercise(
        "covariance",
        "points responsibilities means",
        "covariances:KDD",
        f"{STEP}4 · How wide should a component be?",
        special=far,
    ),
    Exercise("m_step", "points responsibilities", WHOLE, f"{STEP}6 · Do the three together maximize Q?", special=far),
    TRACE,
    Exercise(
        "summarize",
        "points mixture",
        SUMMARY,
        "11_more_data.ipynb#1. What does EM need from the points?",
        special=(FAR[0], inputs.FAR_FROM_ONE),
    ),
    Exercise("merge", "one other", SUMMARY, "11_more_data.ipynb#2. Merge two blocks", special=(inputs.ZERO_COUNTS,)),
    Exercise("maximize", "summary", WHOLE, "11_more_data.ipynb#4. EM in blocks: map, then reduce"),
    Exercise(
        "squared_distance",
        "points centers",
        "squared_distances:NK",
        f"{WHY}1. What k-means does",
        special=(*far, *ties),
    ),
    Exercise("hard_responsibility", "points centers", "sides:NK", f"{WHY}1. What k-means does", special=(*far, *ties)),
    Exercise(
        "kmeans",
        "points centers",
        "centers:KD",
        f"{START}5. k-means: EM with hard responsibilities",
        special=(inputs.EMPTIED, inputs.MANY_ROUNDS),
    ),
    Exercise("mixture_around", "points centers", WHOLE, f"{START}2. From centers to a mixture"),
    Exercise("ordered", "mixture", WHOLE, WHICH),
    Exercise("matched", "mixture reference", WHOLE, WHICH, special=tuple(inputs.TO_MATCH)),
    Exercise("marginal", "mixture dimensions", "weights:K means:KC covariances:KCC", CONDITIONAL),
    Exercise(
        "conditional_mean",
        "known mixture",
        "expected_others:NC",
        CONDITIONAL,
        ordinary=tuple(case for case in CASES if case.sizes["D"] > 1),
        special=(*far, inputs.FAR_ALONG_THE_FIRST),
        small=(SMALL[1],),
    ),
    Exercise("total_mean", "mixture", "mean:D", KEPT),
    Exercise("total_covariance", "mixture", "covariance:DD", KEPT),
    Exercise("tied", "mixture", WHOLE, f"{STEP}Exercise 4.3 · One covariance for all"),
    Exercise("diagonal", "mixture", WHOLE, SHAPE),
    Exercise("spherical", "mixture", WHOLE, SHAPE),
    Exercise("ridge", "mixture", WHOLE, "08_when_em_breaks.ipynb#4 · A lower limit: the ridge and `reg_covar`"),
    Exercise("n_parameters", "mixture", "parameters:", SHAPE),
    Exercise("aic", "points mixture", "criterion:", f"{HOW_MANY}3. AIC: an estimate for new points", special=far),
    Exercise("bic", "points mixture", "criterion:", f"{HOW_MANY}4. BIC: how probable the points are", special=far),
    Exercise("icl", "points mixture", "criterion:", f"{HOW_MANY}5. ICL: BIC with a penalty for overlap", special=far),
]
DRAWN = [
    Exercise(
        "kmeans_plus_plus",
        "points K rng",
        "centers:KD",
        f"{START}4. k-means++: far from the *nearest* center",
    ),
    Exercise("random_points", "points K rng", "centers:KD", f"{START}3. Random points"),
    Exercise(
        "sample", "mixture size rng", "points:ND labels:N", "02_the_model.ipynb#5 · Several Gaussians, and a story"
    ),
]
BY_FORMULA = {exercise.package: exercise for exercise in [*EXERCISES, FIT, *DRAWN]}


def exercise_of(formula):
    """The exercise of a formula of the package, or None."""
    try:
        return BY_FORMULA.get(unwrap(formula))
    except TypeError:  # neither a function nor hashable
        return None
