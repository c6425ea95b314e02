"""Ways between the places of a shop, and when along them one comes into which view."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrail.simulate.plan import REACH_M, SEAT_REACH_M, Plan
from retrail.simulate.spec import ScenarioSpec
from retrail.simulate.traffic.views import Views
from retrail.simulate.values import Floor

Stretch = tuple[int, float, float]
"""(watcher, from, to): metres along the way."""

_STEP_M = 0.2


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """A way from one place to another.

    Attributes:
        length_m: how long it is.
        stretches: who watches which part of it.
        xy: (n, 2) metres, two or more points of it, evenly apart.
    """

    length_m: float
    stretches: tuple[Stretch, ...]
    xy: NDArray[np.float64]


class Routes:
    """All ways of a scenario, found when first asked for.

    Args:
        spec: the scenario. plan: where one can walk. views: who sees what.
    """

    def __init__(self, spec: ScenarioSpec, plan: Plan, views: Views) -> None:
        self._plan, self._views = plan, views
        self._seats = {spot.at for spot in spec.spots.values() if spot.seat}
        self._known: dict[tuple[Floor, Floor], Route] = {}

    def between(self, start: Floor, end: Floor, where: str) -> Route:
        """The way from one place to another.

        Raises:
            DataError: there is none.
        """
        if (start, end) not in self._known:
            self._known[start, end] = self._found(start, end, where)
        return self._known[start, end]

    def straight(self, start: Floor, end: Floor) -> bool:
        """Whether nothing stands between two places."""
        return self._plan.straight(start, end)

    def _found(self, start: Floor, end: Floor, where: str) -> Route:
        corners = self._plan.track(start, end, where, SEAT_REACH_M if end in self._seats else REACH_M)
        steps = np.hypot(*np.diff(corners, axis=0).T)
        reached = np.concatenate([[0.0], np.cumsum(steps)])
        length_m = float(reached[-1])
        metres = np.linspace(0.0, length_m, max(2, int(length_m / _STEP_M) + 1))
        points = np.stack([np.interp(metres, reached, corners[:, axis]) for axis in (0, 1)], axis=1)
        watchers, seen = self._views.at(points)
        return Route(length_m, tuple(_stretches(watchers, seen, metres)), points)


def _stretches(watchers: NDArray[np.int64], seen: NDArray[np.bool_], metres: NDArray[np.float64]) -> list[Stretch]:
    found: list[Stretch] = []
    for watcher, own in zip(watchers.tolist(), seen.T, strict=True):
        edges = np.flatnonzero(np.diff(np.concatenate([[False], own, [False]]).astype(np.int8)))
        for first, after in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
            found.append((watcher, float(metres[first]), float(metres[after - 1])))
    return found
