"""Chapter 13: the functions of the package under the names that users of scikit-learn know. Needs scikit-learn.

No formula is computed here: each method checks its points as scikit-learn does, and hands them to the function.
"""

import re
import warnings
from contextlib import contextmanager
from datetime import date, timedelta
from functools import partial
from numbers import Real

import numpy as np
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, DensityMixin, TransformerMixin
from sklearn.exceptions import ConvergenceWarning as TheirConvergenceWarning
from sklearn.utils import check_random_state, validation

import gmm_tutorial as gmm
from gmm_tutorial.checks import SampleWeights, argument_in
from gmm_tutorial.checks.values import (
    above_zero,
    at_most_one_each,
    column_without_numbers,
    generator,
    real_array,
    whole_number,
    zero_or_more,
)
from gmm_tutorial.constraints import with_covariances, with_variances
from gmm_tutorial.gaussian import whiten
from gmm_tutorial.scale.pieces import in_pieces_or_as_it_is
from gmm_tutorial.starts import start_around
from gmm_tutorial.variances import AxisParallel

NAMES = {  # of the package, and of scikit-learn
    "points": "X",
    "sample_weights": "sample_weight",
    "components": "n_components",
    "centers": "means_init",
    "means": "means_init",
    "weights": "weights_init",
    "covariances": "precisions_init",
}
IN_WARNINGS = {  # of gmm.fit, and what stands for it here
    "max_steps": "max_iter",
    "raise max_iter or tolerance": "raise max_iter or tol",
    "go on from fit.mixture": "go on by warm_start=True",
    "more starts or another rng": "a larger n_init or another random_state",
    "such as constraint=functools.partial(gmm.ridge, fraction=1e-3)": "such as reg_covar=1e-3",
}
NO_NUMBERS = (str, bytes, date, timedelta, np.datetime64, np.timedelta64)

validate_data = getattr(validation, "validate_data", None) or BaseEstimator._validate_data  # a method before 1.6


@contextmanager
def in_the_names_of_scikit_learn():
    """Errors of the package, told of the arguments and the cures that a user of the estimator has."""
    try:
        yield
    except gmm.CollapseError as error:
        error.cure = (
            "Ask for fewer n_components, start elsewhere (another random_state, a larger n_init), drop constant or "
            "repeated columns, or give each component a floor: a larger reg_covar."
        )
        raise
    except gmm.ArgumentError as error:
        error.argument = NAMES.get(error.argument, error.argument)
        if "other" in error.found:
            error.found["other"] = NAMES.get(error.found["other"], error.found["other"])
        raise


class ConvergenceWarning(gmm.ConvergenceWarning, TheirConvergenceWarning):
    """A warning of the package that is one of scikit-learn, too."""


@contextmanager
def warnings_in_the_names_of_scikit_learn():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    for each in caught:
        sentence = str(each.message)
        for name, other in IN_WARNINGS.items():
            sentence = sentence.replace(name, other)
        ours = issubclass(each.category, gmm.ConvergenceWarning)
        warnings.warn(sentence, ConvergenceWarning if ours else each.category, stacklevel=4)


class GaussianMixture(ClassNamePrefixFeaturesOutMixin, TransformerMixin, DensityMixin, BaseEstimator):
    """A Gaussian mixture, fitted by `gmm.fit`, as an estimator of scikit-learn.

    The parameters have the names of `sklearn.mixture.GaussianMixture`. Five differ in meaning or default:

    tol           stop when less than this many nats, over all points, seem still to come; None is gmm.fit's default
    reg_covar     a part of the variance of each column, added to each variance; of a constant column, which has none,
                  a part of the square of its value, or of 1 if that is more; with 0, a component without spread raises
                  CollapseError, if it happens in every start
    max_iter      10,000; with 0, the start is what you get
    n_init        10 starts; where you give one by means_init, weights_init, precisions_init or warm_start, that one
    init_params   "k-means++", or "kmeans", "random_from_data", "random"

    covariance_type is "full", "tied", "diag" or "spherical", or a constraint of your own, a function Mixture → Mixture,
    whose covariances are stored like full ones; verbose shows a bar, if tqdm is installed, at a pace of
    its own: verbose_interval is there for compatibility.

    The fitted attributes have scikit-learn's names and shapes. `mixture_` is the gmm.Mixture that all methods use; when
    you change weights_, means_ or covariances_, it is made anew of them. Points in float32 give results in float32,
    which float64 has computed.

    >>> import gmm_tutorial as gmm
    >>> from gmm_tutorial.estimator import GaussianMixture
    >>> points = gmm.load_faithful()
    >>> model = GaussianMixture(2, random_state=0).fit(points)
    >>> model.weights_.round(3), round(model.bic(points), 2)
    (array([0.356, 0.644]), 2322.19)
    """

    def __init__(
        self,
        n_components=1,
        *,
        covariance_type="full",
        tol=None,
        reg_covar=1e-6,
        max_iter=10_000,
        n_init=10,
        init_params="k-means++",
        weights_init=None,
        means_init=None,
        precisions_init=None,
        random_state=None,
        warm_start=False,
        verbose=0,
        verbose_interval=10,
    ):
        self.n_components = n_components
        self.covariance_type = covariance_type
        self.tol = tol
        self.reg_covar = reg_covar
        self.max_iter = max_iter
        self.n_init = n_init
        self.init_params = init_params
        self.weights_init = weights_init
        self.means_init = means_init
        self.precisions_init = precisions_init
        self.random_state = random_state
        self.warm_start = warm_start
        self.verbose = verbose
        self.verbose_interval = verbose_interval

    @in_the_names_of_scikit_learn()
    def fit(self, X, y=None, sample_weight=None):
        """The mixture that makes the points X (N, D) most probable. Each counts sample_weight times; y is ignored.

        X may also be what gmm.fit reads in pieces: .npy files, a mapped array, an iterable of arrays, a Dask array.
        Raises ValueError or TypeError that names what is wrong, by the names of the parameters here.
        """
        points = self._to_fit(X)
        weights = checked_weights(sample_weight)
        counted = len(points) if weights is None else np.count_nonzero(weights)
        options, rng = self._options(points, counted), seeded(self.random_state)
        start = self._start(points, options, rng)
        with warnings_in_the_names_of_scikit_learn():
            if self.max_iter == 0:
                fit = not_begun(points, start or self.n_components, weights, rng, options)
            else:
                fit = gmm.fit(points, start or self.n_components, sample_weights=weights, rng=rng, **options)
        N = len(points) if weights is None else weights.sum()
        self._keep(fit.mixture)
        self._summary = None
        self.converged_ = fit.converged
        self.n_iter_ = len(fit.log_likelihoods) - 1
        self.lower_bound_ = fit.log_likelihood / N
        self.lower_bounds_ = fit.log_likelihoods[1:] / N
        return self

    @in_the_names_of_scikit_learn()
    def partial_fit(self, X, y=None, sample_weight=None):
        """One more batch of points (N, D), which may be forgotten afterwards; the first is fitted by `fit`.

        Each batch is looked at by the mixture of its time. What that found is added to what all batches before have
        left, a `gmm.Summary`, and the mixture of the sum is the next one.              Neal & Hinton (1998), section 4
        """
        first = not hasattr(self, "mixture_")
        if first:
            self.fit(X, y, sample_weight)
        points = self._numbers(X, reset=False)
        found = gmm.summarize(points, self._mixture(), checked_weights(sample_weight))
        self._summary = found if self._summary is None else gmm.merge(self._summary, found)
        if not first:
            constraint = self._options(points, np.inf)["constraint"]
            self._keep(constraint(gmm.maximize(self._summary)))
        return self

    def _keep(self, mixture):
        """The mixture, and the attributes that show it."""
        dtype = getattr(self, "_dtype", float)
        arrays = (mixture.weights, mixture.means, *shown(mixture, self._kind()))
        for name, array in zip(SHOWN, arrays):
            setattr(self, name, np.array(array, dtype=dtype))
        self.mixture_, self._shown = mixture, [getattr(self, name).copy() for name in SHOWN]
        self._n_features_out = len(mixture.weights)

    def _mixture(self):
        """The mixture that the attributes show, made anew if somebody has changed them."""
        validation.check_is_fitted(self)
        changed = [n for n, old in zip(SHOWN, self._shown) if not np.array_equal(getattr(self, n), old)]
        if changed and not {"weights_", "means_", "covariances_"} & set(changed):
            raise ValueError(f"{changed[0]} was changed: change covariances_, from which it follows.")
        if changed:
            (K, D), kind = np.shape(self.means_), self._kind()
            covariances = matrices(np.asarray(self.covariances_, dtype=float), "covariances_", kind, K, D)
            try:
                self._keep(gmm.Mixture(summing_to_one(self.weights_), self.means_, covariances))
            except gmm.ArgumentError as error:
                error.argument = f"{error.argument}_"
                raise
        return self.mixture_

    def fit_predict(self, X, y=None, sample_weight=None):
        """The labels (N,) of the points X (N, D) that the mixture is fitted to."""
        return self.fit(X, y, sample_weight).predict(X)

    @in_the_names_of_scikit_learn()
    def predict(self, X):
        """The most probable component of each point: labels (N,)."""
        return gmm.label(*self._seen(X))

    @in_the_names_of_scikit_learn()
    def predict_proba(self, X):
        """The responsibilities (N, K)."""
        return self._as_given(gmm.responsibility(*self._seen(X)))

    def transform(self, X):
        """The responsibilities (N, K), so that a pipeline can go on with them."""
        return self.predict_proba(X)

    @in_the_names_of_scikit_learn()
    def score_samples(self, X):
        """The log density of each point (N,), in nats."""
        return self._as_given(gmm.log_density(*self._seen(X)))

    @in_the_names_of_scikit_learn()
    def score(self, X, y=None, sample_weight=None):
        """The mean log density of the points, in nats, each counted sample_weight times."""
        weights = checked_weights(sample_weight)
        log_likelihood = gmm.log_likelihood(*self._seen(X), weights)
        return log_likelihood / (self._seen_last if weights is None else weights.sum())

    def sample(self, n_samples=1):
        """New points (n_samples, D) and their labels (n_samples,), as random_state says."""
        return gmm.sample(self._mixture(), whole_number(n_samples, "n_samples"), seeded(self.random_state))

    @in_the_names_of_scikit_learn()
    def aic(self, X, sample_weight=None):
        """Akaike's criterion. Smaller is better."""
        return gmm.aic(*self._seen(X), self._constraint(), checked_weights(sample_weight))

    @in_the_names_of_scikit_learn()
    def bic(self, X, sample_weight=None):
        """Schwarz's criterion. Smaller is better."""
        return gmm.bic(*self._seen(X), self._constraint(), checked_weights(sample_weight))

    @in_the_names_of_scikit_learn()
    def icl(self, X, sample_weight=None):
        """The BIC with a price for doubt about the labels. Smaller is better."""
        return gmm.icl(*self._seen(X), self._constraint(), checked_weights(sample_weight))

    def _to_fit(self, X):
        pieces = in_pieces_or_as_it_is(X)
        if pieces is X:
            return self._numbers(X, ensure_min_samples=2)
        self.n_features_in_, self._dtype = pieces.shape[1], float
        return pieces

    def _seen(self, X):
        mixture = self._mixture()
        return self._numbers(X, reset=False), mixture

    def _as_given(self, result):
        """As float32, if the points last seen were."""
        return result.astype(self._given, copy=False)

    def _numbers(self, X, **how):
        refuse_what_only_reads_as_numbers(X)
        try:
            with np.errstate(over="ignore", invalid="ignore"):  # a long double becomes ∞, and is refused as such
                points = validate_data(self, X, dtype=(np.float64, np.float32), **how)
        except (ValueError, TypeError, OverflowError) as error:
            if re.search(r"\bX\b", str(error)):
                raise
            raise (TypeError if isinstance(error, TypeError) else ValueError)(f"X: {error}") from None
        self._given, self._seen_last = points.dtype, len(points)
        if how.get("reset", True):
            self._dtype = points.dtype
        return points.astype(float, copy=False)

    def _constraint(self):
        if callable(self.covariance_type):
            return self.covariance_type
        return one_of(CONSTRAINTS, self.covariance_type, "covariance_type")

    def _kind(self):
        """The name of the shape in which covariances are stored."""
        return "full" if callable(self.covariance_type) else self.covariance_type

    def _options(self, points, N):
        """What gmm.fit needs to know, checked under the names by which the user knows it."""
        at_most_one_each(whole_number(self.n_components, "n_components"), "n_components", N)
        constraint = self._constraint()
        if not isinstance(self.reg_covar, Real) or self.reg_covar != 0:
            fraction = above_zero(self.reg_covar, "reg_covar")
            floors = [partial(gmm.ridge, fraction=fraction), *floor_of_constant_columns(points, fraction)]
            constraint = gmm.chain(*floors, constraint)
        options = {
            "constraint": constraint,
            "initialize": one_of(INITIALIZE, self.init_params, "init_params"),
            "starts": whole_number(self.n_init, "n_init"),
            "max_steps": whole_number(self.max_iter, "max_iter", least=0),
            "progress": bool(self.verbose),
        }
        return options if self.tol is None else options | {"tolerance": zero_or_more(self.tol, "tol")}

    def _start(self, points, options, rng):
        """The mixture to go on from, or the one of which the user gave a part; None if the starts are to be drawn."""
        K, D = self.n_components, points.shape[1]
        weights = None if self.weights_init is None else summing_to_one(self.weights_init)
        given = [weights, self.means_init, expanded(self.precisions_init, self._kind(), K, D)]
        if self.warm_start and hasattr(self, "mixture_"):
            start = self._mixture()
        elif all(part is None for part in given):
            return None
        else:
            if any(part is None for part in given):
                centers = options["initialize"](points, K, rng) if self.means_init is None else self.means_init
                around = options["constraint"](starting("means_init", gmm.mixture_around, points, centers))
                given = [other if part is None else part for part, other in zip(given, around)]
            start = starting("weights_init, means_init or precisions_init", gmm.Mixture, *given)
        if start.means.shape[1] != D:
            raise ValueError(f"X has {D} columns, but the mixture to start from has {start.means.shape[1]} dimensions.")
        if len(start.weights) != K:
            raise ValueError(f"n_components is {K}, but the mixture to start from has {len(start.weights)} components.")
        return start


def one_of(table, name, parameter):
    if not isinstance(name, str) or name not in table:
        raise ValueError(f"{parameter} is {name!r}: it should be one of {', '.join(map(repr, table))}.")
    return table[name]


def starting(parameters, function, *arguments):
    """The mixture to start from; if it has collapsed already, it is these parameters that are wrong."""
    try:
        return function(*arguments)
    except gmm.CollapseError as error:
        found = f"component {error.component} has no spread, or explains no points"
        raise ValueError(f"{parameters}: {found} at the start. Begin among the points.") from None


def refuse_what_only_reads_as_numbers(X):
    if np.ma.is_masked(X):
        raise ValueError("X has masked values: drop those rows, or fill them, first.")
    try:
        with np.errstate(invalid="raise"):  # a gap in a table of categories becomes a number, and pandas goes on
            array = np.asarray(X)
    except FloatingPointError:
        raise ValueError("X has a gap in a column of categories: drop that row, or fill it, first.") from None
    except ValueError:  # rows of unequal length, which scikit-learn has words for
        return
    if array.dtype.kind in "USMmV" or (array.dtype.kind == "O" and any(isinstance(x, NO_NUMBERS) for x in array.flat)):
        where = f" in its column {column[0]!r}" if (column := column_without_numbers(X)) else " in it"
        raise ValueError(f"X has words or dates{where}: give numbers only, such as days since the first date.")


def floor_of_constant_columns(points, fraction):
    """A constraint that gives columns without any variance a floor; nothing if there are none."""
    if isinstance(points, np.ndarray) and (constant := (points == points[0]).all(axis=0)).any():
        amounts = np.where(constant, fraction * np.maximum(1, np.square(points[0])), 0)
        yield partial(widened, amounts=amounts)


def widened(mixture, amounts):
    if isinstance(mixture, AxisParallel):
        return with_variances(mixture, mixture.variances + amounts)
    return with_covariances(mixture, mixture.covariances + np.diag(amounts))


widened.parameters, widened.entrywise = gmm.full.parameters, True


def checked_weights(sample_weight):
    return None if sample_weight is None else argument_in(SampleWeights)(sample_weight, "sample_weights")


def summing_to_one(weights):
    """Weights in float32, whose sum is one to seven digits, made to sum to one to sixteen."""
    if getattr(weights, "dtype", None) != np.float32 or abs(weights.sum(dtype=float) - 1) > 1e-6:
        return weights
    return weights / weights.sum(dtype=float)


def not_begun(points, start, sample_weights, rng, options):
    """A fit of no steps."""
    if not isinstance(start, gmm.Mixture):
        centers = options["initialize"](points, start, rng)
        start = options["constraint"](start_around(points, centers, options["constraint"]))
    height = gmm.log_likelihood(points, start, sample_weights)
    return gmm.Fit(start, height, np.array([height]), False, options["constraint"])


def seeded(random_state):
    """One seed gives one result, that of gmm.fit with rng=seed; None and a RandomState are drawn a seed from."""
    if random_state is None or isinstance(random_state, np.random.RandomState):
        random_state = check_random_state(random_state).randint(2**31 - 1)
    return generator(random_state, "random_state")


def kmeans(points, K, rng):
    return gmm.kmeans(points, gmm.kmeans_plus_plus(points, K, rng))


def random_groups(points, K, rng):
    """The means of the points, each of them given to a component at random."""
    return gmm.mean(points, np.eye(K)[rng.integers(K, size=len(points))])


CONSTRAINTS = {"full": gmm.full, "tied": gmm.tied, "diag": gmm.diagonal, "spherical": gmm.spherical}
INITIALIZE = {
    "k-means++": gmm.kmeans_plus_plus,
    "kmeans": kmeans,
    "random_from_data": gmm.random_points,
    "random": random_groups,
}


SHOWN = ("weights_", "means_", "covariances_", "precisions_", "precisions_cholesky_")


def shown(mixture, kind):
    """Covariances, precisions and their roots, as scikit-learn keeps them."""
    if isinstance(mixture, AxisParallel) and kind in ("diag", "spherical"):
        roots = 1 / mixture.roots
        arrays = mixture.variances, squared(roots, "X", np.square), roots
        return arrays if kind == "diag" else [array[:, 0] for array in arrays]
    roots = inverse_roots(mixture)
    return [stored(array, kind) for array in (mixture.covariances, squared(roots, "X"), roots)]


def inverse_roots(mixture):
    """Pₖ with Pₖ Pₖᵀ = Σₖ⁻¹, upper triangles (K, D, D): the unit vectors whitened, Lₖ⁻ᵀ."""
    D = mixture.means.shape[1]
    return np.stack([whiten(np.eye(D), np.zeros(D), L) for L in mixture.factors])


def product(roots):
    return roots @ np.swapaxes(roots, 1, 2)


def squared(roots, name, square=product):
    """The inverse covariances Pₖ Pₖᵀ (K, D, D)."""
    try:
        with np.errstate(over="raise", invalid="raise"):
            return square(roots)
    except FloatingPointError:
        raise ValueError(f"{name}: the inverses are too large for floating point. Use a handier unit.") from None


def stored(matrices, covariance_type):
    """Of (K, D, D), what scikit-learn keeps: all of it, the first, the diagonals (K, D), or one number each (K,)."""
    diagonals = np.diagonal(matrices, axis1=1, axis2=2)
    return {"full": matrices, "tied": matrices[0], "diag": diagonals, "spherical": diagonals[:, 0]}[covariance_type]


def expanded(precisions, covariance_type, K, D):
    """Covariances (K, D, D) from precisions that are stored as scikit-learn keeps them; None from None."""
    if precisions is None:
        return None
    precisions = matrices(real_array(precisions, "precisions_init"), "precisions_init", covariance_type, K, D)
    turned = starting("precisions_init", gmm.Mixture, np.full(K, 1 / K), np.zeros((K, D)), precisions)
    return squared(inverse_roots(turned), "precisions_init")


def matrices(array, name, covariance_type, K, D):
    """Matrices (K, D, D) from an array as scikit-learn keeps it."""
    shape = {"full": (K, D, D), "tied": (D, D), "diag": (K, D), "spherical": (K,)}[covariance_type]
    if array.shape != shape:
        found = f"{name} has shape {array.shape}"
        raise ValueError(f"{found}: for covariance_type={covariance_type!r} it should be {shape}.")
    if covariance_type in ("diag", "spherical"):
        array = array.reshape(K, -1, 1) * np.eye(D)
    return np.broadcast_to(array, (K, D, D))
