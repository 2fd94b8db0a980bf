"""Chapter 13: the mixture model as an estimator of scikit-learn, which must be installed.

Each method checks its points as scikit-learn does, and calls a function of the package.
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

NAMES = {  # names of arguments in the package and in scikit-learn
    "points": "X",
    "sample_weights": "sample_weight",
    "components": "n_components",
    "centers": "means_init",
    "means": "means_init",
    "weights": "weights_init",
    "covariances": "precisions_init",
}
IN_WARNINGS = {  # words in the warnings of gmm.fit, and their replacements
    "max_steps": "max_iter",
    "raise max_iter or tolerance": "raise max_iter or tol",
    "go on from fit.mixture": "go on by warm_start=True",
    "more starts or another rng": "a larger n_init or another random_state",
    "constraint=functools.partial(gmm.ridge, fraction=1e-3)": "reg_covar=1e-3",
}
NO_NUMBERS = (str, bytes, date, timedelta, np.datetime64, np.timedelta64)

validate_data = getattr(validation, "validate_data", None) or BaseEstimator._validate_data  # a method before 1.6


@contextmanager
def errors_in_sklearn_names():
    """Translates errors of the package into the argument names and the remedies of the estimator."""
    try:
        yield
    except gmm.CollapseError as error:
        error.cure = (
            "Ask for fewer n_components, start elsewhere (another random_state, a larger n_init), drop constant or "
            "repeated columns, or keep every variance above a floor with a larger reg_covar."
        )
        raise
    except gmm.ArgumentError as error:
        error.argument = NAMES.get(error.argument, error.argument)
        if "other" in error.found:
            error.found["other"] = NAMES.get(error.found["other"], error.found["other"])
        raise


class ConvergenceWarning(gmm.ConvergenceWarning, TheirConvergenceWarning):
    """A warning of the package that is also a warning of scikit-learn."""


@contextmanager
def warnings_in_sklearn_names():
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

    tol           stop if the estimated further gain is less than this many nats over all points; None means the default
                  of gmm.fit
    reg_covar     a fraction of the variance of each column, added to each variance; for a constant column, the fraction
                  is multiplied by the square of its value, or by 1 if that is larger; with 0, a collapse in every start
                  raises CollapseError
    max_iter      10,000; with 0, the start is returned
    n_init        10 starts, and as many attempts to move a component; a single start if you give it by means_init,
                  weights_init, precisions_init or warm_start
    init_params   "k-means++", or "kmeans", "random_from_data", "random"

    covariance_type is "full", "tied", "diag" or "spherical", or a constraint of your own, a function Mixture → Mixture,
    whose covariances are stored like full ones. verbose shows a progress bar, if tqdm is installed; verbose_interval
    has no effect.

    The fitted attributes have scikit-learn's names and shapes. `mixture_` is the gmm.Mixture that all methods use; it
    is updated if you change weights_, means_ or covariances_. For points in float32 the results are float32, too, but
    they are computed in float64.

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

    @errors_in_sklearn_names()
    def fit(self, X, y=None, sample_weight=None):
        """The estimator, fitted to the points X (N, D). Each point counts sample_weight times; y is ignored.

        X can also be .npy files, a memory-mapped array, an iterable of arrays or a Dask array, as for gmm.fit.
        Raises ValueError or TypeError for a parameter that cannot be used.
        """
        points = self._to_fit(X)
        weights = checked_weights(sample_weight)
        counted = len(points) if weights is None else np.count_nonzero(weights)
        options, rng = self._options(points, counted), seeded(self.random_state)
        start = self._start(points, options, rng)
        with warnings_in_sklearn_names():
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

    @errors_in_sklearn_names()
    def partial_fit(self, X, y=None, sample_weight=None):
        """The estimator, updated with one more batch of points (N, D); the first batch is fitted by `fit`.

        The points need not be kept: the current mixture summarizes each batch by a `gmm.Summary`, which is merged with
        those of all earlier batches. The next mixture is computed from the result.     Neal & Hinton (1998), section 4
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
        """Stores the mixture, and the attributes of scikit-learn."""
        dtype = getattr(self, "_dtype", float)
        arrays = (mixture.weights, mixture.means, *shown(mixture, self._kind()))
        for name, array in zip(SHOWN, arrays):
            setattr(self, name, np.array(array, dtype=dtype))
        self.mixture_, self._shown = mixture, [getattr(self, name).copy() for name in SHOWN]
        self._n_features_out = len(mixture.weights)

    def _mixture(self):
        """The mixture, updated if the user has changed the attributes."""
        validation.check_is_fitted(self)
        changed = [n for n, old in zip(SHOWN, self._shown) if not np.array_equal(getattr(self, n), old)]
        if changed and not {"weights_", "means_", "covariances_"} & set(changed):
            raise ValueError(f"{changed[0]} was changed: change covariances_ instead, from which it is computed.")
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
        """The labels (N,) of the points X (N, D) after a fit to them."""
        return self.fit(X, y, sample_weight).predict(X)

    @errors_in_sklearn_names()
    def predict(self, X):
        """The most probable component of each point: labels (N,)."""
        return gmm.label(*self._seen(X))

    @errors_in_sklearn_names()
    def predict_proba(self, X):
        """The responsibilities (N, K)."""
        return self._as_given(gmm.responsibility(*self._seen(X)))

    def transform(self, X):
        """The responsibilities (N, K), for the next step of a pipeline."""
        return self.predict_proba(X)

    @errors_in_sklearn_names()
    def score_samples(self, X):
        """The log density of each point (N,), in nats."""
        return self._as_given(gmm.log_density(*self._seen(X)))

    @errors_in_sklearn_names()
    def score(self, X, y=None, sample_weight=None):
        """The mean log density of the points, in nats, each counted sample_weight times."""
        weights = checked_weights(sample_weight)
        log_likelihood = gmm.log_likelihood(*self._seen(X), weights)
        return log_likelihood / (self._seen_last if weights is None else weights.sum())

    def sample(self, n_samples=1):
        """New points (n_samples, D) and their labels (n_samples,), drawn with random_state."""
        return gmm.sample(self._mixture(), whole_number(n_samples, "n_samples"), seeded(self.random_state))

    @errors_in_sklearn_names()
    def aic(self, X, sample_weight=None):
        """Akaike's information criterion (AIC). Smaller is better."""
        return gmm.aic(*self._seen(X), self._constraint(), checked_weights(sample_weight))

    @errors_in_sklearn_names()
    def bic(self, X, sample_weight=None):
        """The Bayesian information criterion (BIC). Smaller is better."""
        return gmm.bic(*self._seen(X), self._constraint(), checked_weights(sample_weight))

    @errors_in_sklearn_names()
    def icl(self, X, sample_weight=None):
        """The BIC plus a penalty for uncertain labels (ICL). Smaller is better."""
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
        """The result as float32, if the last points were float32."""
        return result.astype(self._given, copy=False)

    def _numbers(self, X, **how):
        refuse_what_only_reads_as_numbers(X)
        try:
            with np.errstate(over="ignore", invalid="ignore"):  # a long double may become ∞, which is refused
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
        """The covariance_type in whose shape the covariances are stored."""
        return "full" if callable(self.covariance_type) else self.covariance_type

    def _options(self, points, N):
        """The arguments of gmm.fit, checked under the names that the user knows."""
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
        """The mixture to start from, if the user gave one or a part of one; None if starts are to be drawn."""
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
    """The mixture to start from; if it has collapsed, the error names these parameters."""
    try:
        return function(*arguments)
    except gmm.CollapseError as error:
        found = f"component {error.component} has no spread, or explains no points"
        raise ValueError(f"{parameters}: {found} at the start. Start near the points.") from None


def refuse_what_only_reads_as_numbers(X):
    if np.ma.is_masked(X):
        raise ValueError("X has masked values: drop those rows or fill the values first.")
    try:
        with np.errstate(invalid="raise"):  # pandas converts a gap in categories to a number
            array = np.asarray(X)
    except FloatingPointError:
        raise ValueError("X has a gap in a column of categories: drop that row or fill the gap first.") from None
    except ValueError:  # rows of unequal length, for which scikit-learn has an error
        return
    if array.dtype.kind in "USMmV" or (array.dtype.kind == "O" and any(isinstance(x, NO_NUMBERS) for x in array.flat)):
        where = f" in its column {column[0]!r}" if (column := column_without_numbers(X)) else ""
        raise ValueError(f"X has text or dates{where}: give numbers only, such as days since the first date.")


def floor_of_constant_columns(points, fraction):
    """A constraint that adds a variance to constant columns; nothing if there are none."""
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
    """Weights in float32, which sum to one in single precision, divided by their sum in double precision."""
    if getattr(weights, "dtype", None) != np.float32 or abs(weights.sum(dtype=float) - 1) > 1e-6:
        return weights
    return weights / weights.sum(dtype=float)


def not_begun(points, start, sample_weights, rng, options):
    """A fit without any steps: the start."""
    if not isinstance(start, gmm.Mixture):
        centers = options["initialize"](points, start, rng)
        start = options["constraint"](start_around(points, centers, options["constraint"]))
    log_likelihood = gmm.log_likelihood(points, start, sample_weights)
    return gmm.Fit(start, log_likelihood, np.array([log_likelihood]), False, options["constraint"])


def seeded(random_state):
    """The Generator for a seed, the same as in gmm.fit; from None and a RandomState, a seed is drawn."""
    if random_state is None or isinstance(random_state, np.random.RandomState):
        random_state = check_random_state(random_state).randint(2**31 - 1)
    return generator(random_state, "random_state")


def kmeans(points, K, rng):
    return gmm.kmeans(points, gmm.kmeans_plus_plus(points, K, rng))


def random_groups(points, K, rng):
    """The means of K random groups of the points."""
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
    """Covariances, precisions and their roots, in the shapes of scikit-learn."""
    if isinstance(mixture, AxisParallel) and kind in ("diag", "spherical"):
        roots = 1 / mixture.roots
        arrays = mixture.variances, squared(roots, "X", np.square), roots
        return arrays if kind == "diag" else [array[:, 0] for array in arrays]
    roots = inverse_roots(mixture)
    return [stored(array, kind) for array in (mixture.covariances, squared(roots, "X"), roots)]


def inverse_roots(mixture):
    """The upper triangular Pₖ = Lₖ⁻ᵀ (K, D, D) with Pₖ Pₖᵀ = Σₖ⁻¹, which are the whitened unit vectors."""
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
        raise ValueError(f"{name}: the inverse covariances are too large for floating point: rescale.") from None


def stored(matrices, covariance_type):
    """The part of (K, D, D) that scikit-learn stores: all, the first matrix, the diagonals, or one number each."""
    diagonals = np.diagonal(matrices, axis1=1, axis2=2)
    return {"full": matrices, "tied": matrices[0], "diag": diagonals, "spherical": diagonals[:, 0]}[covariance_type]


def expanded(precisions, covariance_type, K, D):
    """Covariances (K, D, D) from precisions in the shape of scikit-learn; None for None."""
    if precisions is None:
        return None
    precisions = matrices(real_array(precisions, "precisions_init"), "precisions_init", covariance_type, K, D)
    turned = starting("precisions_init", gmm.Mixture, np.full(K, 1 / K), np.zeros((K, D)), precisions)
    return squared(inverse_roots(turned), "precisions_init")


def matrices(array, name, covariance_type, K, D):
    """Matrices (K, D, D) from an array in the shape of scikit-learn."""
    shape = {"full": (K, D, D), "tied": (D, D), "diag": (K, D), "spherical": (K,)}[covariance_type]
    if array.shape != shape:
        found = f"{name} has shape {array.shape}"
        raise ValueError(f"{found}: for covariance_type={covariance_type!r} it should be {shape}.")
    if covariance_type in ("diag", "spherical"):
        array = array.reshape(K, -1, 1) * np.eye(D)
    return np.broadcast_to(array, (K, D, D))
