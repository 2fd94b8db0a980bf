"""OpenCV's ml.EM: it counts the E-step that it ends with, so n + 1 iterations are n steps."""

import numpy as np
from protocol import serve


def prepare(points, weights, means, covariances, diagonal):
    import cv2

    if not hasattr(cv2, "ml"):
        raise ImportError("OpenCV 5 has no module ml; OpenCV 4 has it")
    kind = cv2.ml.EM_COV_MAT_DIAGONAL if diagonal else cv2.ml.EM_COV_MAT_GENERIC

    stack = cv2.Mat(covariances, wrap_channels=False)  # else the last axis is taken for colors

    def run(steps):
        em = cv2.ml.EM_create()
        em.setClustersNumber(len(weights))
        em.setCovarianceMatrixType(kind)
        em.setTermCriteria((cv2.TERM_CRITERIA_MAX_ITER, steps + 1, 0.0))
        em.trainE(points, means, stack, weights[None])
        return em

    def answer(em):
        return em.getWeights(), em.getMeans(), np.stack(em.getCovs())

    return cv2.__version__, run, answer


serve(prepare)
