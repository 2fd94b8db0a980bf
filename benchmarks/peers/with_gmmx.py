"""gmmx on JAX. It accepts float32 only; here its check is taken out, so that it too works in float64."""

import numpy as np
from protocol import as_matrices, serve, variances


def prepare(points, weights, means, covariances, diagonal):
    from importlib.metadata import version

    import jax

    jax.config.update("jax_enable_x64", True)
    import gmmx.gmm
    from jax import numpy as jnp

    gmmx.gmm.check_shape = lambda array, expected: None
    kind = "diag" if diagonal else "full"
    covariances = variances(covariances) if diagonal else covariances
    x = jnp.asarray(points)
    start = gmmx.GaussianMixtureModelJax.from_squeezed(means, covariances, weights, covariance_type=kind)

    def run(steps):
        return jax.block_until_ready(gmmx.EMFitter(max_iter=steps, tol=0.0, reg_covar=0.0).fit(x, start))

    def answer(result):
        found = result.gmm
        spread = np.asarray(found.covariances.values)[0]
        shape = np.asarray(found.means)[0, :, :, 0]
        return np.ravel(found.weights), shape, as_matrices(spread[:, :, 0] if diagonal else spread)

    return f"{version('gmmx')}, JAX {jax.__version__}", run, answer


serve(prepare)
