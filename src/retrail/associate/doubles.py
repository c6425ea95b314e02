"""Who was boxed twice at once: chains of one camera that lay on top of each other while both were seen.

A tracker sometimes follows one person twice for a moment: half of him, or the old track beside the new one that takes
over. Two boxes in one frame are two people, but not where one lies inside the other all the time; nor is it certain
where the two met and were both there for a moment only, for the old track may have gone off with somebody else.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from retrail.core.geometry import box_area, shared_area
from retrail.core.types import Path

_ON_TOP = 0.4  # share of the smaller box inside the larger one
_MOSTLY = 0.5  # of the time in which both are there
_LONGEST_S = 5.0  # somebody who stays behind another for longer is somebody else
_TOUCHING, _BRIEF_S = 0.2, 2.5  # share of the smaller box inside the larger one, once; both there for so long at most
_REMEMBERED_S = 60.0  # sightings come in by the time they closed, each at most 20 s long


class _Tally(NamedTuple):
    """Of two chains: moments at which both were there, those at which one lay on the other, and for how long.

    ``most`` is the largest share of the smaller box that lay inside the larger one.
    """

    times: int = 0
    on_top: int = 0
    over_s: float = 0.0
    most: float = 0.0

    @property
    def may_be_one(self) -> bool:
        if self.over_s <= _BRIEF_S and self.most >= _TOUCHING:
            return True
        return self.on_top >= _MOSTLY * self.times and self.over_s <= _LONGEST_S


class _Recent(NamedTuple):
    row: int
    path: Path


class Doubles:
    """Pairs of chains that may be one person although both were seen at once."""

    def __init__(self) -> None:
        self._recent: dict[str, list[_Recent]] = {}
        self._tallies: dict[int, dict[int, _Tally]] = {}

    def take_in(self, row: int, camera: str, path: Path) -> None:
        """A piece of the chain in this row of the day, in log order."""
        start_s, end_s = path.times_s[0], path.times_s[-1]
        recent = [each for each in self._recent.get(camera, []) if each.path.times_s[-1] > start_s - _REMEMBERED_S]
        for each in recent:
            if each.row != row and each.path.times_s[-1] >= start_s and each.path.times_s[0] <= end_s:
                self._count(row, path, each.row, each.path)
        self._recent[camera] = [*recent, _Recent(row, path)]

    def clear(self, barred: NDArray[np.bool_], rows: NDArray[np.intp], columns: NDArray[np.intp]) -> None:
        """Sets what says that two chains cannot be one person to False where one person was boxed twice.

        Args:
            barred: (m, n) bool, changed in place.
            rows: (m,) and
            columns: (n,) the chains' rows in the day.
        """
        met = [(place, self._tallies[row]) for place, row in enumerate(rows.tolist()) if row in self._tallies]
        if not met:
            return
        place_of_column = {column: place for place, column in enumerate(columns.tolist())}
        for place, others in met:
            for other, tally in others.items():
                if tally.may_be_one and other in place_of_column:
                    barred[place, place_of_column[other]] = False

    def _count(self, row: int, a: Path, other: int, b: Path) -> None:
        since_s, until_s = max(a.times_s[0], b.times_s[0]), min(a.times_s[-1], b.times_s[-1])
        times_s = np.unique(np.concatenate([a.times_s, b.times_s]))
        times_s = times_s[(times_s >= since_s) & (times_s <= until_s)]
        boxes, others = _boxes_at(a, times_s), _boxes_at(b, times_s)
        share = shared_area(boxes, others) / np.minimum(box_area(boxes), box_area(others)).clip(1e-6)
        on_top, most = int((share >= _ON_TOP).sum()), float(share.max())
        had = self._tallies.get(row, {}).get(other, _Tally())
        now = _Tally(
            had.times + len(times_s), had.on_top + on_top, had.over_s + float(until_s - since_s), max(had.most, most)
        )
        self._tallies.setdefault(row, {})[other] = now
        self._tallies.setdefault(other, {})[row] = now


def _boxes_at(path: Path, times_s: NDArray[np.float64]) -> NDArray[np.float32]:
    """(n, 4): a tracker may see two who lie on top of each other in turns, so between boxes it goes straight."""
    found = np.empty((len(times_s), 4), np.float32)
    for edge in range(4):
        found[:, edge] = np.interp(times_s, path.times_s, path.boxes_px[:, edge])
    return found
