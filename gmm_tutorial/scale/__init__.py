"""The same formulas for more points: in blocks, on all cores, by compiled loops, from files, on a cluster.

Nothing here is another model. EM needs to know four things about a set of points (`summary`), and what it needs to
know about two sets together follows from what it knows about each. So every way of doing many points is one more pair
of an E-step and an M-step for the loop in `em`: the E-step returns a merged `Summary` in place of responsibilities, and
the M-step is `maximize`. `choice` decides which pair a call gets; `calls` has the public `em`, `accelerated` and `fit`.
"""
