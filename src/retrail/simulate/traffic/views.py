"""Which part of the floor each camera sees, and each zone covers."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from retrail.core.geometry import points_in_polygon
from retrail.simulate.render.lens import Lens, lens_of
from retrail.simulate.spec import ScenarioSpec

_CELL_M = 0.4
_LEAST_HEIGHT = 0.1  # of the picture: a smaller person is not tracked
_HIGH_M = 1.5  # what is as high hides people behind it
_PERSON_M = 1.7
_WALL_M = 0.15


class Views:
    """Masks over the floor.

    Args:
        spec: the scenario.

    Attributes:
        watchers: names: cameras, then zones, then cameras again as they look after they were moved.
        cameras, zones: how many of them are cameras; cameras and zones.
        moved: by a camera's place, that of the watcher that it is after it was moved.
        lenses, moved_lenses: by camera.
    """

    def __init__(self, spec: ScenarioSpec) -> None:
        west, south, east, north = spec.room
        self._origin = np.array([west, south])
        columns, rows = math.ceil((east - west) / _CELL_M), math.ceil((north - south) / _CELL_M)
        x = west + (np.arange(columns, dtype=np.float64) + 0.5) * _CELL_M
        y = south + (np.arange(rows, dtype=np.float64) + 0.5) * _CELL_M
        cells: NDArray[np.float64] = np.stack(np.meshgrid(x, y, indexing="ij"), axis=-1).reshape(-1, 2)
        self.lenses: dict[str, Lens] = {name: lens_of(camera) for name, camera in spec.cameras.items()}
        self.moved_lenses: dict[str, Lens] = {
            name: lens_of(camera, camera.moved.look_at) for name, camera in spec.cameras.items() if camera.moved
        }
        self.watchers = (*spec.cameras, *spec.zones, *self.moved_lenses)
        self.cameras, self.zones = len(spec.cameras), len(spec.cameras) + len(spec.zones)
        places = list(spec.cameras)
        self.moved = {places.index(name): self.zones + index for index, name in enumerate(self.moved_lenses)}
        hiding = _hiding(spec)
        masks = [_seen(lens, cells, hiding) for lens in self.lenses.values()]
        for zone in spec.zones.values():
            floor = self.lenses[zone.camera].seen_floor(zone.floor)
            inside = points_in_polygon(cells, np.array(floor)) if len(floor) > 2 else np.zeros(len(cells), bool)
            masks.append(inside)
        masks += [_seen(lens, cells, hiding) for lens in self.moved_lenses.values()]
        self._masks = np.stack(masks, axis=1).reshape(columns, rows, len(masks))

    def at(self, points: NDArray[np.float64]) -> NDArray[np.bool_]:
        """(n, watchers) who sees or holds (n, 2) points in metres."""
        cell = np.floor((points - self._origin) / _CELL_M).astype(np.int64)
        limits = np.array(self._masks.shape[:2]) - 1
        return self._masks[tuple(np.clip(cell, 0, limits).T)]


def _seen(lens: Lens, cells: NDArray[np.float64], hiding: NDArray[np.float64]) -> NDArray[np.bool_]:
    feet = np.concatenate([cells, np.zeros((len(cells), 1))], axis=1)
    head = feet + np.array([0.0, 0.0, _PERSON_M])
    low, high = lens.project(feet), lens.project(head)
    middle = lens.project(feet + np.array([0.0, 0.0, 0.6 * _PERSON_M]))
    inside = (middle[:, 0] > 0) & (middle[:, 0] < lens.width_px) & (middle[:, 1] > 0) & (middle[:, 1] < lens.height_px)
    with np.errstate(invalid="ignore"):
        inside &= (low[:, 1] - high[:, 1] >= _LEAST_HEIGHT * lens.height_px) & (middle[:, 2] > 0.5)
    found = np.flatnonzero(inside)
    if len(found) and len(hiding):
        inside[found[_hidden(lens.at[:2], cells[found], hiding)]] = False
    return inside


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
