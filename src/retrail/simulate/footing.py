"""Who stands in a zone: one rule for the truth of pictures and for that of sightings without pixels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from retrail.core.geometry import points_in_polygon
from retrail.simulate.render.lens import Lens
from retrail.simulate.values import Floor

_NOWHERE_M = -1e6


class Footing:
    """The part of a zone that its camera sees, and the floor beyond the edge of the picture that counts as on it.

    Args:
        lens: of the zone's camera, as the zone was drawn with it: moving the camera does not move the zone.
        floor: corners of the zone, metres.

    Attributes:
        polygon: (k, 2) float64, metres: the part in the picture; of less than three corners where there is none.
    """

    def __init__(self, lens: Lens, floor: Sequence[Floor]) -> None:
        self._lens = lens
        self.polygon: NDArray[np.float64] = np.array(lens.seen_floor(floor), np.float64).reshape(-1, 2)

    def on(self, points: NDArray[np.float64]) -> NDArray[np.bool_]:
        """(n,) whether feet at (n, 2) points, metres, are in the zone, whether or not anything hides them."""
        if len(self.polygon) < 3:
            return np.zeros(len(points), np.bool_)
        return points_in_polygon(points, self.polygon)

    def beyond(self, points: NDArray[np.float64]) -> NDArray[np.bool_]:
        """(n,) whether feet at (n, 2) points, metres, are outside of it but count as in it while the camera sees
        somebody: they are beyond the edge of the picture, and taken at that edge."""
        counted = np.nan_to_num(self._lens.counted_floor(points), nan=_NOWHERE_M)
        return self.on(counted) & ~self.on(points)
