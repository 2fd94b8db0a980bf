"""scikit-learn's GaussianMixture: max_iter steps from the given start, no tolerance, no regularization."""

import warnings
from time import perf_counter

import numpy as np
from protocol import as_matrices, serve, variances

warnings.simplefilter("ignore")


def prepare(points, weights, means, covariances, diagonal):
    import sklearn
    from sklearn.mixture import GaussianMixture

    precisions = 1 / variances(covariances) if diagonal else np.linalg.inv(covariances)
    given = {"weights_init": weights, "means_init": means, "precisions_init": precisions, "init_params": "random"}
    options = {"covariance_type": "diag" if diagonal else "full", "tol": 0, "reg_covar": 0, **given}

    def run(steps):
        return GaussianMixture(len(weights), max_iter=steps, **options).fit(points)

    def answer(fitted):
        return fitted.weights_, fitted.means_, as_matrices(fitted.covariances_)

    return sklearn.__version__, run, answer


def fit(points, diagonal, components, **options):
    from sklearn.mixture import GaussianMixture

    kind = "diag" if diagonal else "full"
    begin = perf_counter()
    fitted = GaussianMixture(components, covariance_type=kind, **options).fit(points)
    seconds = perf_counter() - begin
    return {"seconds": seconds, "log_likelihood": fitted.score(points) * len(points), "steps": int(fitted.n_iter_)}


serve(prepare, fit)
