"""Chapter 5: shapes that the covariances may take, each a function Mixture → Mixture.

The M-step sees the points only through Nₖ, μₖ and Σₖ, so constraining its unconstrained answer is the constrained
answer (Celeux & Govaert 1995).
"""

import numpy as np

from gmm_tutorial.mixture import total_covariance, unchecked


def full(mixture):
    """Every component has its own covariance: nothing is changed.

    mixture of K  →  mixture of K, with K D(D+1)/2 free numbers in its covariances
    """
    return mixture


def tied(mixture):
    """All components share one covariance, the average of theirs.

        Σ = Σₖ πₖ Σₖ                                                    Celeux & Govaert (1995), model EEE

    mixture of K  →  mixture of K, with D(D+1)/2 free numbers in its covariances

    >>> import gmm_tutorial as gmm
    >>> gmm.tied(gmm.Mixture([0.25, 0.75], means=[[0], [4]], covariances=[[[1]], [[9]]])).covariances.ravel()
    array([7., 7.])
    """
    shared = np.einsum("k,kij->ij", mixture.weights, mixture.covariances)
    return with_covariances(mixture, np.broadcast_to(shared, mixture.covariances.shape))


def diagonal(mixture):
    """Within a component the coordinates vary independently: axis-parallel ellipses.

        Σₖ = diag(Σₖ)                                                   Celeux & Govaert (1995), model VVI

    mixture of K  →  mixture of K, with K D free numbers in its covariances

    >>> import gmm_tutorial as gmm
    >>> gmm.diagonal(gmm.Mixture([1], means=[[0, 0]], covariances=[[[4, 1], [1, 2]]])).covariances
    array([[[4., 0.],
            [0., 2.]]])
    """
    return with_covariances(mixture, mixture.covariances * np.eye(mixture.means.shape[1]))


def spherical(mixture):
    """Each component spreads alike in every direction: circles and balls.

        Σₖ = (tr Σₖ / D) I                                              Celeux & Govaert (1995), model VII

    mixture of K  →  mixture of K, with K free numbers in its covariances

    >>> import gmm_tutorial as gmm
    >>> gmm.spherical(gmm.Mixture([1], means=[[0, 0]], covariances=[[[4, 1], [1, 2]]])).covariances
    array([[[3., 0.],
            [0., 3.]]])
    """
    dimensions = mixture.means.shape[1]
    variances = np.trace(mixture.covariances, axis1=1, axis2=2) / dimensions
    return with_covariances(mixture, variances[:, None, None] * np.eye(dimensions))


def ridge(mixture, fraction=1e-6):
    """Each component is widened by a small part of the variance of all the points, so that none can collapse.

        Σₖ + f diag(Σ)     with the total covariance Σ = Σₖ πₖ (Σₖ + (μₖ − μ)(μₖ − μ)ᵀ)

    mixture of K, fraction f of the variance, a number above zero  →  mixture of K

    The variances are those of the data when the mixture comes out of an M-step, so the ridge follows their units.
    It bends the likelihood's maximum a little: the climb of a fit with a ridge may end with tiny steps down.

    >>> import gmm_tutorial as gmm
    >>> mixture = gmm.Mixture([0.25, 0.75], means=[[0], [4]], covariances=[[[1]], [[9]]])    # total variance 10
    >>> gmm.ridge(mixture, 0.1).covariances.ravel()
    array([ 2., 10.])
    """
    return with_covariances(mixture, mixture.covariances + fraction * np.diag(np.diag(total_covariance(mixture))))


def chain(*constraints):
    """Several constraints as one, applied from left to right.

    constraints, each Mixture → Mixture  →  one function Mixture → Mixture

    `chain(spherical, tied)` is the model that k-means assumes.

    >>> import gmm_tutorial as gmm
    >>> mixture = gmm.Mixture([0.5, 0.5], [[0, 0], [4, 4]], [[[4, 1], [1, 2]], [[1, 0], [0, 1]]])
    >>> gmm.chain(gmm.spherical, gmm.tied)(mixture).covariances[0]
    array([[2., 0.],
           [0., 2.]])
    """

    def chained(mixture):
        for constraint in constraints:
            mixture = constraint(mixture)
        return mixture

    chained.constraints = constraints
    return chained


def with_covariances(mixture, covariances):
    return unchecked(mixture.weights, mixture.means, covariances)
