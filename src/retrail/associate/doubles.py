"""Who was boxed twice at once: chains of one camera that lay on top of each other while both were seen.

A tracker sometimes follows one person twice for a moment: half of him, or the old track beside the new one that takes
over. Two boxes in one frame are two people, but not where one lies inside the other all the time.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from retrail.core.types import Path

_ON_TOP = 0.4  # share of the smaller box inside the larger one
_MOSTLY = 0.5  # of the time in which both are there
_LONGEST_S = 5.0  # somebody who stays behind another for longer is somebody else
_REMEMBERED_S = 60.0  # sightings come in by the time they closed, each at most 20 s long


class _Tally(NamedTuple):
    """Of two chains: moments at which both were there, those at which one lay on the other, and for how long."""

    times: int = 0
    on_top: int = 0
    over_s: float = 0.0


class _Recent(NamedTuple):
    row: int
    path: Path


class Doubles:
    """Pairs of chains that may be one person although both were seen at once."""

    def __init__(self) -> None:
        self._recent: dict[str, list[_Recent]] = {}
        self._tallies: dict[tuple[int, int], _Tally] = {}

    def take_in(self, row: int, camera: str, path: Path) -> None:
        """A piece of the chain in this row of the day, in log order."""
        start_s, end_s = path.times_s[0], path.times_s[-1]
        recent = [each for each in self._recent.get(camera, []) if each.path.times_s[-1] > start_s - _REMEMBERED_S]
        for each in recent:
            if each.row != row and each.path.times_s[-1] >= start_s and each.path.times_s[0] <= end_s:
                self._count((min(each.row, row), max(each.row, row)), each.path, path)
        self._recent[camera] = [*recent, _Recent(row, path)]

    def clear(self, barred: NDArray[np.bool_], rows: NDArray[np.intp], columns: NDArray[np.intp]) -> None:
        """Sets what says that two chains cannot be one person to False where one person was boxed twice.

        Args:
            barred: (m, n) bool, changed in place.
            rows: (m,) and
            columns: (n,) the chains' rows in the day.
        """
        place_of_row = {row: place for place, row in enumerate(rows.tolist())}
        place_of_column = {column: place for place, column in enumerate(columns.tolist())}
        for (one, other), tally in self._tallies.items():
            if tally.on_top < _MOSTLY * tally.times or tally.over_s > _LONGEST_S:
                continue
            for a, b in ((one, other), (other, one)):
                if a in place_of_row and b in place_of_column:
                    barred[place_of_row[a], place_of_column[b]] = False

    def _count(self, key: tuple[int, int], a: Path, b: Path) -> None:
        since_s, until_s = max(a.times_s[0], b.times_s[0]), min(a.times_s[-1], b.times_s[-1])
        times_s = np.unique(np.concatenate([a.times_s, b.times_s]))
        times_s = times_s[(times_s >= since_s) & (times_s <= until_s)]
        on_top = int((_inside(_boxes_at(a, times_s), _boxes_at(b, times_s)) >= _ON_TOP).sum())
        had = self._tallies.get(key, _Tally())
        self._tallies[key] = _Tally(
            had.times + len(times_s), had.on_top + on_top, had.over_s + float(until_s - since_s)
        )


def _boxes_at(path: Path, times_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, 4): a tracker may see two who lie on top of each other in turns, so between boxes it goes straight."""
    found = np.empty((len(times_s), 4))
    for edge in range(4):
        found[:, edge] = np.interp(times_s, path.times_s, path.boxes_px[:, edge])
    return found


def _inside(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n,) share of the smaller of two boxes that lies inside the other."""
    side = (np.minimum(a[:, 2:], b[:, 2:]) - np.maximum(a[:, :2], b[:, :2])).clip(0)
    area = np.minimum(np.prod(a[:, 2:] - a[:, :2], axis=1), np.prod(b[:, 2:] - b[:, :2], axis=1))
    return np.prod(side, axis=1) / area.clip(1e-6)
