"""What judges of random draws have in common: to draw from a seed, and to look for the symptom that fits best."""

import numpy as np

from gmm_tutorial.homework.asking import BrokenContract, called, read
from gmm_tutorial.homework.diagnosis import Finding

RNG = "Draw every random number from the rng that you are given."
TYPED_IN = "Elsewhere your answer is right. Is a number typed in where N, K or D belongs?"


def drawn(answer, exercise, given, seed, state=0):
    """What one call returns, read; NumPy's global generator has another state, so that who uses it is found out."""
    np.random.seed(1000 * state + 7)  # noqa: NPY002
    arguments = [*given, np.random.default_rng(seed)]
    return called(answer, exercise.arguments, arguments, lambda result: read(result, exercise.parts), exercise.title)


def refuse_shape(name, part, shape, hint):
    if part.shape != shape:
        raise BrokenContract(f"your {name} came back with shape {part.shape}, expected {shape}", hint)


def best_symptom(exercise, seen, words):
    """The finding of the symptom that fits best, or None."""
    best = max(exercise.symptoms, key=lambda symptom: float(symptom.wrong(seen)))
    return Finding(f"{words}: {best.name}", best.hint) if best.wrong(seen) else None
