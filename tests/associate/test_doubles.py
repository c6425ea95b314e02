"""Two boxes in one frame are two people, but for who was boxed twice."""

from __future__ import annotations

import numpy as np
import pytest

from retrail.associate.doubles import Doubles
from retrail.core.types import Path

ROWS = np.arange(2)


def path(start_s: float, end_s: float, left_px: float, step_px: float = 0.0) -> Path:
    """A box of 50 by 150 pixels, ten times a second, that moves to the right."""
    times_s = np.arange(start_s, end_s + 0.05, 0.1)
    left = left_px + step_px * np.arange(len(times_s))
    boxes = np.stack([left, np.full_like(left, 100), left + 50, np.full_like(left, 250)], axis=1).astype(np.float32)
    feet = np.stack([left + 25, np.full_like(left, 250)], axis=1).astype(np.float32)
    return Path(times_s, boxes, feet, 640, 480)


@pytest.mark.parametrize(
    ("second", "apart"),
    [
        (path(4.0, 9.0, 105), False),  # lies on the first one for a second, then the first one is gone
        (path(1.0, 9.0, 105), False),  # for four seconds, all the time
        (path(4.0, 9.0, 300), True),  # elsewhere in the picture
        (path(3.0, 9.0, 105, 6), False),  # touched it, was beside it for two seconds
        (path(1.0, 9.0, 105, 6), True),  # for four seconds
    ],
)
def test_who_was_boxed_twice_for_a_moment_may_be_one(second: Path, apart: bool) -> None:
    doubles = Doubles()
    doubles.take_in(0, "door", path(0.0, 5.0, 100))
    doubles.take_in(1, "door", second)
    barred = np.ones((2, 2), np.bool_)
    doubles.clear(barred, ROWS, ROWS)
    assert barred[0, 1] == barred[1, 0] == apart


def test_pieces_of_a_chain_add_up() -> None:
    doubles = Doubles()
    for since_s in (0.0, 2.1):
        doubles.take_in(0, "door", path(since_s, since_s + 2.0, 100))
    doubles.take_in(1, "door", path(0.0, 4.1, 105, 6))
    barred = np.ones((2, 2), np.bool_)
    doubles.clear(barred, ROWS, ROWS)
    assert barred[0, 1]
