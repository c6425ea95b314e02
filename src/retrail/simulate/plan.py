"""The floor plan: where one can walk, and the shortest way with some room beside it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

# SciPy has no types of its own.
from scipy import ndimage, sparse  # pyright: ignore[reportMissingTypeStubs]  scipy has none
from scipy.sparse import csgraph  # pyright: ignore[reportMissingTypeStubs]  scipy has none

from retrail.core.errors import DataError
from retrail.simulate.spec import ScenarioSpec
from retrail.simulate.values import Floor

_CELL_M = 0.1
_COARSER = ((30_000.0, 0.4), (1500.0, 0.2))  # from so many square metres on cells are so large
BODY_M = 0.24  # half of what a person needs across
REACH_M, SEAT_REACH_M = 0.3, 1.0  # so near to a point, to a seat, one has to get on foot
_WALL_M = 0.06  # half a wall's thickness
_ROOMY_M = 0.6  # nearer than this to an obstacle a way counts as longer
LOW_M = 1.9  # what begins above this can be walked under


class Plan:
    """Where one can walk in a scenario.

    Args:
        scenario: its room, walls and furniture.

    Attributes:
        cell_m: size of the grid's cells.
        free: (columns, rows) bool, whether the middle of a person may be there.
    """

    def __init__(self, scenario: ScenarioSpec) -> None:
        west, south, east, north = scenario.room
        self._origin = west, south
        area_m2 = (east - west) * (north - south)
        self.cell_m = next((cell_m for from_m2, cell_m in _COARSER if area_m2 > from_m2), _CELL_M)
        self._shape = math.ceil((east - west) / self.cell_m), math.ceil((north - south) / self.cell_m)
        columns, rows = self._shape
        x: NDArray[np.float64] = west + (np.arange(columns, dtype=np.float64) + 0.5) * self.cell_m
        y: NDArray[np.float64] = south + (np.arange(rows, dtype=np.float64) + 0.5) * self.cell_m
        taken = np.zeros(self._shape, bool)
        for wall in scenario.walls:
            if wall.bottom_m < LOW_M:
                taken |= near_segment(x, y, wall.start, wall.end) <= _WALL_M + 0.5 * self.cell_m
        for piece in scenario.furniture:
            if piece.raised_m < LOW_M:
                taken |= _in_box(x, y, piece.at, piece.size[0], piece.size[1], piece.turn_deg)
        room = np.pad(~taken, 1)
        clear = cast(Any, ndimage).distance_transform_edt(room)
        self._clear_m: NDArray[np.float64] = clear[1:-1, 1:-1] * self.cell_m
        self.free: NDArray[np.bool_] = self._clear_m > BODY_M
        self._graph = self._links()
        self._steps = np.array([i * self._shape[1] + j for i in (-1, 0, 1) for j in (-1, 0, 1)], np.int64)
        self._ways: dict[int, NDArray[np.int8]] = {}

    def is_free(self, x: float, y: float) -> bool:
        """Whether a person has room there."""
        column, row = self._cell(x, y)
        return 0 <= column < self._shape[0] and 0 <= row < self._shape[1] and bool(self.free[column, row])

    def straight(self, start: Floor, end: Floor) -> bool:
        """Whether nothing stands between two points."""
        return bool((self._rooms_m(start, end) > BODY_M).all())

    def check(self, point: Floor, where: str, reach_m: float = 0.0) -> None:
        """See that a person has room at a point, or no further from it than ``reach_m``.

        Raises:
            DataError: there is none.
        """
        self._nearest_free(point, where, reach_m)

    def way(self, start: Floor, end: Floor, where: str, reach_m: float = REACH_M) -> list[Floor]:
        """Points of a way from one point to another, the end included, without needless corners.

        Args:
            start: within `SEAT_REACH_M` of room for a person: somebody may just get up.
            where: said in the error.
            reach_m: how far from room for a person the end may be (a chair stands where nobody can walk).

        Raises:
            DataError: the start or the end has no room for a person, or no way leads there.
        """
        cells = self._cells(start, end, where, reach_m)
        points = [self._middle(*divmod(cell, self._shape[1])) for cell in cells]
        free = [point for point in (start, *points, end) if self.is_free(*point)]
        return [*self._pulled(free)[int(free[0] == start) :], *([] if free[-1] == end else [end])]

    def track(self, start: Floor, end: Floor, where: str, reach_m: float = REACH_M) -> NDArray[np.float64]:
        """(n, 2) metres, the way from cell to cell; from ``start`` to ``end``, as `way` but not smoothed.

        Raises:
            DataError: as `way`.
        """
        cells = np.array(self._cells(start, end, where, reach_m), np.int64)
        middles = (np.stack(np.divmod(cells, self._shape[1]), axis=1) + 0.5) * self.cell_m + np.array(self._origin)
        return np.concatenate([[start], middles[1:-1], [end]])

    def _cells(self, start: Floor, end: Floor, where: str, reach_m: float) -> list[int]:
        """Numbers of the cells of the shortest way, both ends included."""
        first, last = self._nearest_free(start, where, SEAT_REACH_M), self._nearest_free(end, where, reach_m)
        source, target = first[0] * self._shape[1] + first[1], last[0] * self._shape[1] + last[1]
        steps = self._steps_to(target)
        if source != target and steps[source] < 0:
            raise DataError(
                "Nobody gets there without walking through a wall",
                where=where,
                found=f"from ({start[0]:.1f}, {start[1]:.1f}) to ({end[0]:.1f}, {end[1]:.1f})",
                allowed="a way of half a metre's width or more",
                hint="leave a gap in the walls and furniture between them",
            )
        cells = [source]
        while cells[-1] != target:
            cells.append(cells[-1] + int(self._steps[steps[cells[-1]]]))
        return cells

    def _steps_to(self, target: int) -> NDArray[np.int8]:
        """For every cell which of the nine ``_steps`` leads to the target; below 0: none does.

        A byte a cell, for a large shop has hundreds of targets.
        """
        if target not in self._ways:
            found = cast(Any, csgraph).dijkstra(self._graph, indices=target, return_predecessors=True)
            before: NDArray[np.int32] = found[1]
            step = before.astype(np.int64) - np.arange(len(before))
            self._ways[target] = np.where(before < 0, -1, np.searchsorted(self._steps, step)).astype(np.int8)
        return self._ways[target]

    def _pulled(self, points: Sequence[Floor]) -> list[Floor]:
        """Corners left out where one can go straight and has room."""
        kept, at = [points[0]], 0
        while at < len(points) - 1:
            reach = at + 1
            step = min(len(points) - 1, at + 40)
            while step > reach:
                if self._roomy(points[at], points[step]):
                    reach = step
                    break
                step -= 3
            kept.append(points[reach])
            at = reach
        return kept

    def _roomy(self, start: Floor, end: Floor) -> bool:
        rooms_m = self._rooms_m(start, end)
        return bool((rooms_m >= min(rooms_m[0], rooms_m[-1], BODY_M + 0.12) - 1e-9).all())

    def _rooms_m(self, start: Floor, end: Floor) -> NDArray[np.float64]:
        """Room at points from one to the other, so close together that no cell's corner is missed."""
        count = max(2, math.ceil(math.dist(start, end) / (0.1 * self.cell_m)) + 1)
        cells = np.floor((np.linspace(start, end, count) - self._origin) / self.cell_m).astype(np.int64)
        inside = ((cells >= 0) & (cells < self._shape)).all(1)
        found = np.zeros(count)
        found[inside] = self._clear_m[cells[inside, 0], cells[inside, 1]]
        return found

    def _cell(self, x: float, y: float) -> tuple[int, int]:
        return math.floor((x - self._origin[0]) / self.cell_m), math.floor((y - self._origin[1]) / self.cell_m)

    def _middle(self, column: int, row: int) -> Floor:
        return self._origin[0] + (column + 0.5) * self.cell_m, self._origin[1] + (row + 0.5) * self.cell_m

    def _nearest_free(self, point: Floor, where: str, reach_m: float) -> tuple[int, int]:
        column, row = self._cell(*point)
        for radius in range(round(reach_m / self.cell_m) + 1):
            ring = [
                (column + i, row + j)
                for i in range(-radius, radius + 1)
                for j in range(-radius, radius + 1)
                if max(abs(i), abs(j)) == radius
            ]
            for i, j in sorted(ring, key=lambda cell: (cell[0] - column) ** 2 + (cell[1] - row) ** 2):
                if 0 <= i < self._shape[0] and 0 <= j < self._shape[1] and self.free[i, j]:
                    return i, j
        raise DataError(
            "Nobody can stand there: it is inside a wall or furniture, or outside the room",
            where=where,
            found=f"({point[0]:g}, {point[1]:g})",
            allowed=f"a point {BODY_M:g} m or more from walls and furniture"
            + (f", or within {reach_m:g} m of one" if reach_m else ""),
            hint="move it, or what stands there",
        )

    def _links(self) -> Any:
        """Steps between neighbouring free cells, longer where it is narrow."""
        columns, rows = self._shape
        number = np.arange(columns * rows).reshape(self._shape)
        cost = 1.0 + 2.0 * np.clip(1.0 - self._clear_m / _ROOMY_M, 0.0, 1.0)
        starts: list[NDArray[np.int64]] = []
        ends: list[NDArray[np.int64]] = []
        costs: list[NDArray[np.float64]] = []
        for i, j in ((1, 0), (0, 1), (1, 1), (1, -1)):
            here = (slice(0, columns - i), slice(max(0, -j), rows - max(0, j)))
            there = (slice(i, columns), slice(max(0, j), rows - max(0, -j)))
            both = self.free[here] & self.free[there]
            starts.append(number[here][both])
            ends.append(number[there][both])
            costs.append(math.hypot(i, j) * 0.5 * (cost[here][both] + cost[there][both]))
        one, two, weight = np.concatenate(starts), np.concatenate(ends), np.concatenate(costs)
        size = columns * rows
        return cast(Any, sparse).csr_matrix(
            (np.tile(weight, 2), (np.concatenate([one, two]), np.concatenate([two, one]))), shape=(size, size)
        )


def near_segment(x: NDArray[np.float64], y: NDArray[np.float64], start: Floor, end: Floor) -> NDArray[np.float64]:
    """(columns, rows) distance of every cell to a segment."""
    along = end[0] - start[0], end[1] - start[1]
    squared = along[0] ** 2 + along[1] ** 2 or 1.0
    dx, dy = x[:, None] - start[0], y[None, :] - start[1]
    share = np.clip((dx * along[0] + dy * along[1]) / squared, 0.0, 1.0)
    return np.sqrt((dx - share * along[0]) ** 2 + (dy - share * along[1]) ** 2)


def _in_box(
    x: NDArray[np.float64], y: NDArray[np.float64], at: Floor, width: float, depth: float, turn_deg: float
) -> NDArray[np.bool_]:
    """(columns, rows) whether a cell lies in a turned rectangle."""
    cos, sin = math.cos(math.radians(turn_deg)), math.sin(math.radians(turn_deg))
    dx, dy = x[:, None] - at[0], y[None, :] - at[1]
    return (np.abs(cos * dx + sin * dy) <= width / 2) & (np.abs(cos * dy - sin * dx) <= depth / 2)
