"""The same formulas for many points: in blocks, on all cores, by compiled loops, from files, on Dask workers.

The model is the same. EM needs only four statistics of a set of points (`summary`), and those of two sets together can
be computed from those of each. So each method for many points is another E-step and M-step for the loop in `em`: the
E-step returns a merged `Summary` in place of responsibilities, and the M-step is `maximize`. `choice` selects the two
steps for a call; `calls` has the public `em`, `accelerated` and `fit`.
"""
