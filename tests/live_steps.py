"""Ten steps by the JavaScript, against those that are stored."""

import numpy as np
import play_cases

# a function of the stored cases, to be called where gmm is the module em.js
REPEAT = """(cases, gmm) => cases.map(({ points, start, constraint, steps }) => {
  const constraints = { ...gmm, ridge: (mixture) => gmm.ridge(mixture, RIDGE) };
  const shape = gmm.chain(...constraint.split(" ").map((name) => constraints[name]));
  const run = gmm.em(points, start, shape);
  return steps.map(() => run.next().value);
})""".replace("RIDGE", str(play_cases.RIDGE))


def close(ours, theirs, rtol=1e-9):
    """Agreement to nine digits of each number, however small, down to where floating point begins to lose them."""
    smallest = np.finfo(float).tiny
    np.testing.assert_allclose(np.array(ours, dtype=float), np.array(theirs, dtype=float), rtol=rtol, atol=smallest)


def same_steps(repeated, case):
    assert len(repeated) == len(case["steps"]) == play_cases.STEPS + 1
    for ours, theirs in zip(repeated, case["steps"]):
        for name in ("weights", "means", "covariances"):
            close(ours["mixture"][name], theirs["mixture"][name])
        close(ours["responsibilities"], theirs["responsibilities"])
        close(ours["logLikelihood"], theirs["log_likelihood"])
