"""pomegranate on PyTorch, with float64 parameters: max_iter steps, and a tolerance that never stops it."""

from protocol import as_matrices, serve, variances


def prepare(points, weights, means, covariances, diagonal):
    from importlib.metadata import version

    import torch

    torch.set_default_dtype(torch.float64)
    from pomegranate.distributions import Normal
    from pomegranate.gmm import GeneralMixtureModel

    kind = "diag" if diagonal else "full"
    spreads = variances(covariances) if diagonal else covariances
    x = torch.from_numpy(points)

    def run(steps):
        each = [Normal(torch.tensor(mean), torch.tensor(spread), kind) for mean, spread in zip(means, spreads)]
        model = GeneralMixtureModel(each, priors=torch.tensor(weights), max_iter=steps, tol=float("-inf"))
        return model.fit(x)

    def answer(model):
        found = [(d.means.numpy(), d.covs.numpy()) for d in model.distributions]
        return model.priors.numpy(), [mean for mean, _ in found], as_matrices([spread for _, spread in found])

    return f"{version('pomegranate')}, PyTorch {torch.__version__}", run, answer


serve(prepare)
