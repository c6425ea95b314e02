"""Pictures of people as cameras in shops often have them: cut off, and leaning."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BELOW = (0.45, 0.85)
"""Share of the height that a counter or the frame's border leaves."""
ABOVE = (0.0, 0.25)
ASIDE = (0.15, 0.4)
"""Share of the height or width that the frame's border takes."""
LEAN = 0.4
"""Widths by which the feet are at most aside of the head, as near the edge of a camera that looks down."""


def cut_off(pictures: NDArray[np.uint8], share: float, dice: np.random.Generator) -> NDArray[np.uint8]:
    """Pictures (b, h, w, 3), of which a share shows a part of the person alone, stretched to the full size.

    Of these, two in three lack what is below, one in four what is on one side, one in four the head or a part of it,
    and half lean. Who has seen all of them says whom they show; the encoder has to tell it from what is left (a teacher
    that is told more than its student: Lopez-Paz et al., ICLR 2016, arXiv 1511.03643).
    """
    found = pictures.copy()
    for place in np.flatnonzero(dice.random(len(pictures)) < share):
        found[place] = part_of(pictures[place], dice)
    return found


def part_of(picture: NDArray[np.uint8], dice: np.random.Generator) -> NDArray[np.uint8]:
    """A part of a picture (h, w, 3), at random, stretched to its size; what lies beyond its edges repeats them."""
    high, wide = picture.shape[:2]
    below = dice.uniform(*BELOW) if dice.random() < 0.67 else 1.0
    above = dice.uniform(*ABOVE) if dice.random() < 0.25 else 0.0
    left, right = 0.0, 1.0
    if dice.random() < 0.25:
        aside = dice.uniform(*ASIDE)
        left, right = (aside, 1.0) if dice.random() < 0.5 else (0.0, 1.0 - aside)
    lean = dice.uniform(-LEAN, LEAN) if dice.random() < 0.5 else 0.0
    rows = above + (below - above) * np.linspace(0.0, 1.0, high)
    columns = 0.5 + (np.linspace(left, right, wide) - 0.5) * (1.0 + abs(lean))
    across = columns[None, :] - lean * (rows - 0.5)[:, None]
    taken = np.rint(across.clip(0.0, 1.0) * (wide - 1)).astype(np.intp)
    return picture[np.rint(rows * (high - 1)).astype(np.intp)[:, None], taken]
