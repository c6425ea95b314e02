"""Which part of the floor each camera sees, and each zone covers."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from retrail.simulate.distortion import PINHOLE, steepest
from retrail.simulate.footing import Footing
from retrail.simulate.render.lens import Lens, lens_of
from retrail.simulate.spec import ScenarioSpec

_CELL_M = 0.4
_LEAST_HEIGHT = 0.1  # of the picture: a smaller person is not tracked
_HIGH_M = 1.5  # what is as high hides people behind it
_PERSON_M = 1.7
_WALL_M = 0.15


class Views:
    """Which parts of the floor every camera sees and every zone covers, held by the cell: most are seen by few.

    Args:
        spec: the scenario.

    Attributes:
        watchers: names: cameras, zones, cameras again as they look after they were moved, and zones again: the floor
            beyond the edge of the picture where who is seen by the zone's camera counts as standing in it.
        cameras, zones: how many of them are cameras; cameras and zones.
        camera_of: by the watcher that a zone is, its camera's place.
        moved: by a camera's place, that of the watcher that it is after it was moved.
        edges: by the watcher that a zone is, the one that it is beyond the edge of the picture.
        lenses, moved_lenses: by camera.
    """

    def __init__(self, spec: ScenarioSpec) -> None:
        self._floor = _Floor(spec.room)
        self.lenses: dict[str, Lens] = {name: lens_of(camera) for name, camera in spec.cameras.items()}
        self.moved_lenses: dict[str, Lens] = {
            name: lens_of(camera, camera.moved.look_at) for name, camera in spec.cameras.items() if camera.moved
        }
        self.watchers = (*spec.cameras, *spec.zones, *self.moved_lenses, *spec.zones)
        self.cameras, self.zones = len(spec.cameras), len(spec.cameras) + len(spec.zones)
        places = list(spec.cameras)
        self.moved = {places.index(name): self.zones + index for index, name in enumerate(self.moved_lenses)}
        after = self.zones + len(self.moved_lenses)
        self.camera_of = {
            self.cameras + index: places.index(zone.camera) for index, zone in enumerate(spec.zones.values())
        }
        self.edges = {zone: after + index for index, zone in enumerate(self.camera_of)}
        held = self._held(spec)
        cells = np.concatenate(held)
        order = np.argsort(cells, kind="stable")
        self._watcher = np.repeat(np.arange(len(held)), [len(own) for own in held])[order]
        self._first = np.searchsorted(cells[order], np.arange(self._floor.columns * self._floor.rows + 1))

    def _held(self, spec: ScenarioSpec) -> list[NDArray[np.int64]]:
        """The cells of every watcher."""
        hiding = _hiding(spec)
        seen = {name: _seen(lens, self._floor, hiding) for name, lens in self.lenses.items()}
        later = {name: _seen(lens, self._floor, hiding) for name, lens in self.moved_lenses.items()}
        covered: list[NDArray[np.int64]] = []
        beyond: list[NDArray[np.int64]] = []
        for zone in spec.zones.values():
            footing = Footing(self.lenses[zone.camera], zone.floor)
            covered.append(_covered(footing, self._floor))
            near = np.union1d(seen[zone.camera], later.get(zone.camera, seen[zone.camera]))
            beyond.append(near[footing.beyond(self._floor.middles_of(near))])
        return [*seen.values(), *covered, *later.values(), *beyond]

    def at(self, points: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """(k,) watchers that see or hold any of (n, 2) points in metres, and (n, k) who which."""
        cells = self._floor.cells_of(points)
        first = self._first[cells]
        count = self._first[cells + 1] - first
        rows = np.repeat(np.arange(len(cells)), count)
        places = np.arange(len(rows)) - np.repeat(np.cumsum(count) - count, count) + first[rows]
        watchers, columns = np.unique(self._watcher[places], return_inverse=True)
        seen = np.zeros((len(cells), len(watchers)), np.bool_)
        seen[rows, columns] = True
        return watchers, seen


class _Floor:
    """The cells of the floor, numbered."""

    def __init__(self, room: tuple[float, float, float, float]) -> None:
        west, south, east, north = room
        self._origin = np.array([west, south])
        self.columns, self.rows = math.ceil((east - west) / _CELL_M), math.ceil((north - south) / _CELL_M)

    def cells_of(self, points: NDArray[np.float64]) -> NDArray[np.int64]:
        """(n,) cells of (n, 2) points in metres; of points outside the nearest."""
        at = np.floor((points - self._origin) / _CELL_M).astype(np.int64)
        column, row = np.clip(at, 0, [self.columns - 1, self.rows - 1]).T
        return column * self.rows + row

    def within(
        self, low: NDArray[np.float64], high: NDArray[np.float64]
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """(n,) cells of a rectangle from (2,) to (2,) in metres and (n, 2) their middles."""
        size = [self.columns, self.rows]
        first = np.clip(np.floor((low - self._origin) / _CELL_M).astype(np.int64), 0, size)
        after = np.clip(np.ceil((high - self._origin) / _CELL_M).astype(np.int64), 0, size)
        column, row = (part.ravel() for part in np.mgrid[first[0] : after[0], first[1] : after[1]])
        numbers = column * self.rows + row
        return numbers, self.middles_of(numbers)

    def middles_of(self, numbers: NDArray[np.int64]) -> NDArray[np.float64]:
        """(n, 2) middles, metres, of (n,) cells."""
        return self._origin + (np.stack(np.divmod(numbers, self.rows), axis=1) + 0.5) * _CELL_M


def _covered(footing: Footing, of: _Floor) -> NDArray[np.int64]:
    """The cells whose middles lie in the part of a zone that its camera sees."""
    if len(footing.polygon) < 3:
        return np.empty(0, np.int64)
    numbers, middles = of.within(footing.polygon.min(axis=0), footing.polygon.max(axis=0))
    return numbers[footing.on(middles)]


def _seen(lens: Lens, floor: _Floor, hiding: NDArray[np.float64]) -> NDArray[np.int64]:
    """The cells on which a person is in the picture, large enough and not hidden."""
    corner = (lens.width_px**2 + lens.height_px**2) / 4 / lens.focal_px**2
    half_squared = corner if lens.radial == PINHOLE else lens.radial.edge**2
    reach_m = lens.focal_px * _PERSON_M / (_LEAST_HEIGHT * lens.height_px) * (1 + half_squared)  # the corner's stretch
    reach_m *= steepest(lens.radial)
    low_m, high_m = lens.at[:2] - reach_m, lens.at[:2] + reach_m
    numbers, cells = floor.within(low_m, high_m)
    feet = np.concatenate([cells, np.zeros((len(cells), 1))], axis=1)
    head = feet + np.array([0.0, 0.0, _PERSON_M])
    low, high = lens.project(feet), lens.project(head)
    middle = lens.project(feet + np.array([0.0, 0.0, 0.6 * _PERSON_M]))
    inside = (middle[:, 0] > 0) & (middle[:, 0] < lens.width_px) & (middle[:, 1] > 0) & (middle[:, 1] < lens.height_px)
    with np.errstate(invalid="ignore"):
        inside &= (low[:, 1] - high[:, 1] >= _LEAST_HEIGHT * lens.height_px) & (middle[:, 2] > 0.5)
    found = np.flatnonzero(inside)
    ends = hiding.reshape(-1, 2, 2)
    near = hiding[((ends.max(axis=1) >= low_m) & (ends.min(axis=1) <= high_m)).all(axis=1)]
    if len(found) and len(near):
        inside[found[_hidden(lens.at[:2], cells[found], near)]] = False
    return numbers[inside]


def _hidden(at: NDArray[np.float64], cells: NDArray[np.float64], hiding: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(n,) whether a segment (x1, y1, x2, y2) of (k, 4) lies between a camera and (n, 2) points."""
    ray = cells - at
    along = hiding[:, 2:] - hiding[:, :2]
    offset = hiding[:, :2] - at
    square = ray[:, None, 0] * along[None, :, 1] - ray[:, None, 1] * along[None, :, 0]
    square = np.where(np.abs(square) < 1e-12, 1e-12, square)
    share = (offset[None, :, 0] * along[None, :, 1] - offset[None, :, 1] * along[None, :, 0]) / square
    place = (offset[None, :, 0] * ray[:, None, 1] - offset[None, :, 1] * ray[:, None, 0]) / square
    between = (share > 0.02) & (share < 0.99) & (place > 0) & (place < 1)
    return np.any(np.asarray(between, bool), axis=1)


def _hiding(spec: ScenarioSpec) -> NDArray[np.float64]:
    """(k, 4) segments of the floor over which nobody sees: walls, and the diagonals of high furniture."""
    segments = [(*wall.start, *wall.end) for wall in spec.walls if wall.bottom_m < _HIGH_M]
    for piece in spec.furniture:
        if piece.raised_m + piece.size[2] < _HIGH_M + 0.3 or piece.raised_m > 0.5:
            continue
        turn = math.radians(piece.turn_deg)
        cos, sin = math.cos(turn), math.sin(turn)
        half = piece.size[0] / 2, piece.size[1] / 2
        for one, two in (((-1, -1), (1, 1)), ((-1, 1), (1, -1))):
            ends = [(sx * half[0], sy * half[1]) for sx, sy in (one, two)]
            corners = [(piece.at[0] + cos * x - sin * y, piece.at[1] + sin * x + cos * y) for x, y in ends]
            segments.append((*corners[0], *corners[1]))
    return np.array(segments, np.float64).reshape(-1, 4)
