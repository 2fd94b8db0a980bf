"""oneDAL's EM through daal4py: maxIterations steps, accuracy threshold 0, no regularization."""

import numpy as np
from protocol import as_matrices, serve, variances


def prepare(points, weights, means, covariances, diagonal):
    from importlib.metadata import version

    import daal4py

    kind = "diagonal" if diagonal else "full"
    matrices = [row[None] for row in variances(covariances)] if diagonal else list(covariances)

    def run(steps):
        options = {"maxIterations": steps, "accuracyThreshold": 0.0, "regularizationFactor": 0.0}
        em = daal4py.em_gmm(nComponents=len(weights), covarianceStorage=kind, **options)
        return em.compute(points, weights[None], means, matrices)

    def answer(result):
        found = np.stack([np.asarray(matrix) for matrix in result.covariances])
        return result.weights, result.means, as_matrices(found[:, 0] if diagonal else found)

    return version("daal"), run, answer


serve(prepare)
