"""The exercises that no comparison of numbers can judge, each with its own way: steps, fits, starts and samples."""

from gmm_tutorial.homework.judges.climbs import examine_em, examine_fit
from gmm_tutorial.homework.judges.samples import examine_sample
from gmm_tutorial.homework.judges.starts import examine_start

JUDGES = {  # the name of the formula → what gives the finding for an answer
    "em": examine_em,
    "fit": examine_fit,
    "kmeans_plus_plus": examine_start,
    "random_points": examine_start,
    "sample": examine_sample,
}

__all__ = ["JUDGES"]
