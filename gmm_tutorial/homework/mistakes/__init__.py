"""The catalogue: wrong versions of the formulas, in files by chapter. How to add one: see `homework.registry`."""

from gmm_tutorial.homework.mistakes import (
    blocks,
    climb,
    density,
    m_step,
    mixtures,
    responsibility,
    samples,
    selection,
    starts,
)
from gmm_tutorial.homework.registry import MISTAKES

CHAPTERS = [density, responsibility, m_step, starts, climb, mixtures, selection, blocks, samples]

__all__ = ["CHAPTERS", "MISTAKES"]
