"""What can be wrong whatever the formula is: what lies between the numbers and the right ones, and what Python says.

Each is listed under the words that a student reads; one more line is enough for a new one.
"""

import numpy as np

CONSTANTS = {"½": 0.5, "π": np.pi, "2π": 2 * np.pi, "log 10": np.log(10), "1 / log 10": 1 / np.log(10), "⅓": 1 / 3}
TRANSFORMS = {
    "the sign is turned": np.negative,
    "everything is squared": np.square,
    "a root was taken": lambda b: np.sqrt(np.abs(b)),
    "a root was taken of each size, and the sign kept": lambda b: np.sign(b) * np.sqrt(np.abs(b)),
    "an exponential was taken": np.exp,
    "a logarithm was taken": lambda b: np.log(np.abs(b)),
    "one minus what it should be": lambda b: 1 - b,
    "turned upside down": lambda b: 1 / b,
    "rounded to whole numbers": np.round,
    "cut to whole numbers": np.trunc,
    "rounded down": np.floor,
    "rounded up": np.ceil,
    "rounded to 1 digit after the point": lambda b: np.round(b, 1),
    **{f"rounded to {n} digits after the point": lambda b, n=n: np.round(b, n) for n in range(2, 7)},
    "absolute values were taken": np.abs,
}
ARRANGEMENTS = {  # words → how many axes it needs, and what is done
    "each row is sorted": (1, lambda b: np.sort(b, axis=-1)),
    "sorted, the smallest first": (1, lambda b: np.sort(b, axis=0)),
    "sorted, the largest first": (1, lambda b: np.sort(b, axis=0)[::-1]),
    "{first} in the opposite order": (1, lambda b: b[::-1]),
    "the last axis comes in the opposite order": (2, lambda b: b[..., ::-1]),
    "each matrix is transposed": (2, lambda b: np.swapaxes(b, -1, -2)),
}
SIZES = {
    "N, the number of points": lambda N, K, D: N,
    "D, the number of dimensions": lambda N, K, D: D,
    "K, the number of components": lambda N, K, D: K,
    "N − 1": lambda N, K, D: N - 1,
    "N / (N − 1)": lambda N, K, D: N / (N - 1),
    "N · D": lambda N, K, D: N * D,
    "N · K": lambda N, K, D: N * K,
    "log N": lambda N, K, D: np.log(N),
    "log K": lambda N, K, D: np.log(K),
    "D log 2π": lambda N, K, D: D * np.log(2 * np.pi),
    "½ D log 2π": lambda N, K, D: D * np.log(2 * np.pi) / 2,
}
OF_COMPONENTS = {  # words → the argument that it is made of, and how
    "Nₖ, the count": ("responsibilities", lambda gammas: gammas.sum(axis=0)),
    "Nₖ − 1": ("responsibilities", lambda gammas: gammas.sum(axis=0) - 1),
    "Nₖ / (Nₖ − 1)": ("responsibilities", lambda gammas: 1 / (1 - 1 / gammas.sum(axis=0))),
    "√Nₖ, the root of the count": ("responsibilities", lambda gammas: np.sqrt(gammas.sum(axis=0))),
    "the share Nₖ / N": ("responsibilities", lambda gammas: gammas.mean(axis=0)),
    "πₖ, the weight": ("mixture", lambda mixture: mixture.weights),
}
AT_SIZES = {  # the numbers are right, or wrong, for these D or K and for no others → words and a hint
    ("D", "right", 1): (
        "right for D = 1, one dimension, only",
        "What does your code do with the second coordinate, and with what is beside the diagonal of a matrix?",
    ),
    ("D", "wrong", 1): (
        "wrong for D = 1, one dimension, only",
        "Look at the shapes there: an axis of length one is easily lost.",
    ),
    ("K", "wrong", 1): (
        "wrong for K = 1, a single component, only",
        "Look at the shapes there: an axis of length one is easily lost.",
    ),
    ("D", "right", 2): ("right for D = 2, only", "Is a 2 typed in where D belongs, or is the last one left out?"),
    ("K", "right", 2): ("right for K = 2, only", "Is a 2 typed in where K belongs, or is the last one left out?"),
    ("K", "right", 1, 2): (
        "right for K = 1 and K = 2, only",
        "What does your code do with the third component?",
    ),
}
WITHOUT_SHARES = (
    "right for K = 1, a single component, only",
    "There every weight and every responsibility is one. What does your code do with those that are not?",
)
WITHOUT_OTHERS = ("right for K = 1 only", "Where there are several components or centers, how do they act together?")
PATTERNS = {
    "right for all but the last {unit}": lambda ok: ok[:-1].all() and not ok[-1],
    "right for all but the first {unit}": lambda ok: ok[1:].all() and not ok[0],
    "right for the first {unit} only": lambda ok: ok[0] and not ok[1:].any(),
    "right for the last {unit} only": lambda ok: ok[-1] and not ok[:-1].any(),
}
REGULAR = "One operation turns the right numbers into yours. Which line of your code may do it?"
FACTOR = "Look for something that you multiply or divide by: is it missing, or is it there once too often?"
SHIFT = "Look for something that you add or subtract: is it missing, or is it there once too often?"
OF_AXES = {  # letter of the axis, kind → words and a hint
    ("input", "factor"): ("the numbers in each input are wrong by one factor, which differs between inputs", FACTOR),
    ("input", "shift"): ("the numbers in each input are off by one number, which differs between inputs", SHIFT),
    ("K", "factor"): (
        "the numbers in each component are wrong by one factor, which differs between components",
        FACTOR,
    ),
    ("K", "shift"): ("the numbers in each component are off by one number, which differs between components", SHIFT),
    ("N", "factor"): (
        "the numbers in each row are wrong by one factor, which differs between rows",
        "The proportions are right, the normalization is not.",
    ),
    ("N", "shift"): ("the numbers in each row are off by one number, which differs between rows", SHIFT),
    ("D", "factor"): (
        "the numbers in each coordinate are wrong by one factor, which differs between coordinates",
        "Is something divided by the spread of the coordinates, and not multiplied again?",
    ),
    ("D", "shift"): (
        "the numbers in each coordinate are off by one number, which differs between coordinates",
        "Is something subtracted from the points, such as their mean, and not added again?",
    ),
}
TOO_LARGE = "Is something counted twice, or not subtracted, or not divided?"
TOO_SMALL = "Is something left out, or subtracted or divided once too often?"
EITHER = "Work the example below through by hand: is something left out, or counted twice?"  # for logs, and below zero
ZERO = "Is something cut to whole numbers, by // or by an array of integers, or is the result never filled in?"
NEARLY = "Is something rounded, computed in single precision, or is a small number added somewhere?"
COMPARE = "Work the example below through by hand, and compare."
NOT_FINITE = "Look for 0/0, the logarithm of zero, and the logarithm or the square root of a negative number."
# hints that need an example
VAGUE = {REGULAR, FACTOR, SHIFT, COMPARE, NOT_FINITE, TOO_LARGE, TOO_SMALL, EITHER} | {
    hint for _, hint in OF_AXES.values()
}
FORBIDDEN = (
    "This exercise is to be solved without it, under this name or another, because it knows the answer. A law states a "
    "property that can be seen without the right answer; a formula is written out."
)
ENDLESS = "Look at the condition that ends your loop: does every round change something that it looks at?"
ENDLESS_FIT = (
    f"{ENDLESS} A common slip compares the gain with tolerance times the log-likelihood, which is negative; use its "
    "absolute value."
)
WHAT_TO_DO = {  # how an exception begins, as a pattern → what to do; the first that fits is told
    "NameError": "Python does not know this name here. Is it spelled as where it was given, or is an import missing?",
    "UnboundLocalError": "The variable is used before it has a value: give it one before the loop.",
    "AttributeError: module": "The module has no function of this name. Is it spelled as in its documentation?",
    "AttributeError": "A mixture has .weights, .means, .covariances and .factors; an array has .T, .sum() and .shape.",
    "IndexError: too many indices": "The array has fewer axes than you write between the brackets. Print its .shape.",
    "IndexError": "An index goes past the end: components are 0 to K − 1, points 0 to N − 1.",
    "FrozenInstanceError|ValueError.*read-only": "What you were given cannot be changed. Make a new array or a new "
    "gmm.Mixture; x.copy() may be changed.",
    "KeyError": "Look at what the dictionary holds.",
    "ZeroDivisionError": "Something that you divide by is zero.",
    "RecursionError": "Your function calls itself without end.",
    "LinAlgError": "A matrix has no inverse or no Cholesky factor. Is it the right one, square and symmetric?",
}
