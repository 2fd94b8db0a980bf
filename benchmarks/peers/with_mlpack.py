"""mlpack's gmm_train: max_iterations steps, tolerance 0. It pays no heed to the mixture in input_model, and starts with
k-means of its own; from one seed that is the same in every run, and so it is not in the time of a step.
"""

from protocol import serve


def prepare(points, weights, means, covariances, diagonal):
    if diagonal:
        raise ValueError("only full covariances here")
    import mlpack

    def run(steps):
        options = {"gaussians": len(weights), "max_iterations": steps, "tolerance": 0.0, "seed": 4}
        return mlpack.gmm_train(input_=points, **options)["output_model"]

    def answer(fitted):
        found = fitted.get_cpp_params()["GMM"]
        dists = found["dists"]
        return found["weights"], [d["mean"] for d in dists], [d["covariance"] for d in dists]

    return mlpack.__version__, run, answer


serve(prepare)
