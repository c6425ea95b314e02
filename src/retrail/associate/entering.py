"""Who came in over an entrance, as far as his path shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from retrail.core.geometry import Direction, between_ends, inward_side
from retrail.core.types import Path

_ASIDE = 0.5  # body heights that a foot point may be beside the end of the line
_WELL_IN = 0.2  # body heights that he goes beyond the line, so that a jitter on it is nothing
_WELL_OUT = 0.2  # body heights before the line from where he comes, if he was well inside: one who leaves may jitter


class Entrance(Protocol):
    """A line over which people come in, as the site file has it; points are fractions of the frame."""

    @property
    def camera(self) -> str: ...
    @property
    def start(self) -> tuple[float, float]: ...
    @property
    def end(self) -> tuple[float, float]: ...
    @property
    def inward(self) -> Direction: ...


def comes_in(path: Path, entrances: Sequence[Entrance], before_px: NDArray[np.float32] | None = None) -> bool:
    """Whether the foot points pass one of these lines inwards, between its ends.

    Of a sighting on its own, before anybody knows who it is: what is counted later are the crossings of an identity.

    Args:
        path: of a sighting.
        entrances: the lines on its camera.
        before_px: (k, 2) the foot points of the sighting that it continues.
    """
    feet = path.feet_px if before_px is None else np.vstack([before_px, path.feet_px])
    feet = feet.astype(np.float64) / path.height_px
    high = float(np.median(path.boxes_px[:, 3] - path.boxes_px[:, 1])) / path.height_px
    aspect = path.width_px / path.height_px
    for line in entrances:
        start, end = ((x * aspect, y) for x, y in (line.start, line.end))
        side = inward_side(feet, start, end, line.inward)
        goes_in = np.maximum.accumulate(side[::-1])[::-1][1:] >= _WELL_IN * high
        was_in = np.maximum.accumulate(side)[:-1] >= _WELL_IN * high
        was_out = np.minimum.accumulate(side)[:-1] <= -_WELL_OUT * high
        steps = np.flatnonzero((side[:-1] < 0) & (side[1:] >= 0) & goes_in & (was_out | ~was_in))
        share = side[steps] / (side[steps] - side[steps + 1])
        at = feet[steps] + (feet[steps + 1] - feet[steps]) * share[:, None]
        if between_ends(at, start, end, _ASIDE * high).any():
            return True
    return False
