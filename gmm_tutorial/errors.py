"""The errors and warnings of the package."""

from __future__ import annotations

import numpy as np


class ArgumentError(ValueError):
    """An argument that a function cannot use. The message says what was found and what to do.

    argument, its name; index, the place of the first wrong number in it; component, the number of the component
    concerned. Each is None if it does not apply. The message is put together only when it is read, so a caller that
    uses another name for the argument need only change `argument`.

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
    """A component has no spread left in some direction, or explains no points, so the likelihood has no maximum.

    component, its number, from 0
    """

    cure = (
        "Ask for fewer components, start elsewhere (another rng, more starts), drop constant or repeated columns, "
        "or keep every variance above a floor with constraint=gmm.ridge."
    )

    def __init__(self, component, mean=None, variances=None):
        super().__init__(component, mean, variances)
        self.component = component

    @property
    def reason(self):
        """What was found, without the cure."""
        _, mean, variances = self.args
        if mean is None:
            return "it explains no points any more"
        return f"its covariance is singular (variances {short(variances)} around its mean {short(mean)})"

    def __str__(self):
        return f"component {self.component} has collapsed: {self.reason}. {self.cure}"


class ConvergenceWarning(UserWarning):
    """A fit stopped before it converged, or it ended at a saddle point or with a spike, which are not maxima."""


class Interrupted(KeyboardInterrupt):
    """A fit was interrupted, for example by Ctrl-C. The best fit so far is in `.fit`.

    If the starts were still competing on a sample of the points, its log-likelihood is that of the sample. If many fits
    were asked for, `.result` is a Selection or a Bootstrap of those that were finished; otherwise it is None.
    """

    def __init__(self, fit, result=None):
        super().__init__(fit, result)
        self.fit, self.result = fit, result

    def __str__(self):
        if self.result is not None:
            kind = type(self.result).__name__
            return (
                f"the fits were interrupted, and a {kind} of those that were finished was kept: it is stop.result in "
                "`except gmm.Interrupted as stop`, or sys.last_value.result at a prompt."
            )
        return (
            f"the fit was interrupted, and {self.fit} was kept: it is stop.fit in `except gmm.Interrupted as stop`, or "
            "sys.last_value.fit at a prompt. To continue, call "
            "gmm.fit(points, stop.fit.mixture, constraint=stop.fit.constraint)."
        )


def short(numbers):
    return np.array2string(np.asarray(numbers), precision=4, threshold=6, edgeitems=2)
