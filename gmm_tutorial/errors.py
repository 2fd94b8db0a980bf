"""What the package raises and warns of."""

from __future__ import annotations

import numpy as np


class ArgumentError(ValueError):
    """An argument that a function cannot work with: what was found, and what to do.

    argument, its name; index, the place of the first wrong number in it; component, the number of the component that
    is concerned. Each is None where it does not apply. The sentence is written when it is read, so a caller that knows
    the argument by another name changes `argument` and nothing else.

    >>> import gmm_tutorial as gmm
    >>> try:
    ...     gmm.count([[1, 0], [-1, 2]])
    ... except gmm.ArgumentError as error:
    ...     error.argument, error.index
    ('responsibilities', (1, 0))
    """

    def __init__(self, argument, sentence, found=None, index=None, component=None):
        super().__init__(argument, sentence, found, index, component)
        self.argument, self.sentence, self.found = argument, sentence, found or {}
        self.index, self.component = index, component

    def __str__(self):
        place = "" if self.index is None else f"[{', '.join(map(str, self.index))}]"
        return self.sentence.format(argument=self.argument, place=place, **self.found)


class ArgumentTypeError(ArgumentError, TypeError):
    """An argument of the wrong type."""


class CollapseError(ValueError):
    """A component has no spread left in some direction, or no points at all: the likelihood has no maximum there.

    component, its number, from 0
    """

    cure = (
        "Ask for fewer components, start elsewhere (another rng, more starts), drop constant or repeated columns, "
        "or give each component a floor: constraint=gmm.ridge."
    )

    def __init__(self, component, mean=None, variances=None):
        super().__init__(component, mean, variances)
        self.component = component

    def __str__(self):
        component, mean, variances = self.args
        found = "it explains no points any more"
        if mean is not None:
            found = f"its covariance is singular (variances {short(variances)} around its mean {short(mean)})"
        return f"component {component} has collapsed: {found}. {self.cure}"


class ConvergenceWarning(UserWarning):
    """A fit stopped before it converged, or stands where no maximum is: on a saddle point, or with a spike."""


class Interrupted(KeyboardInterrupt):
    """A fit was stopped from outside, for example by Ctrl-C. What it had found by then is in `.fit`.

    While the starts compete on a sample of many points, its log-likelihood is that of the sample.
    """

    def __init__(self, fit):
        super().__init__(fit)
        self.fit = fit

    def __str__(self):
        return (
            f"{self.fit} is kept: it is stop.fit in `except gmm.Interrupted as stop`, or sys.last_value.fit at a "
            "prompt. Go on from its mixture: gmm.fit(points, stop.fit.mixture, constraint=stop.fit.constraint)."
        )


def short(numbers):
    return np.array2string(np.asarray(numbers), precision=4, threshold=6, edgeitems=2)
