"""Chairs, mannequins and posters: places of a camera where a detector sees somebody who never moves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np

from retrail.core.errors import DataError
from retrail.core.geometry import box_iou
from retrail.core.types import Box

_SAME_PLACE = 0.6  # overlap from which a still box counts as what is remembered there
_FORGOTTEN_S = 30 * 86400.0  # furniture not seen for so long has been taken away


@dataclass(frozen=True, slots=True)
class FurniturePlace:
    """A thing that was taken for a person and never moved: where it is, and when it was first and last seen there.

    ``box`` is in fractions of the frame, so that a change of resolution does not forget it; times are seconds UTC.
    """

    box: Box
    first_s: float
    last_s: float

    def to_record(self) -> dict[str, object]:
        """As JSON can hold it."""
        return {"box": list(self.box), "first_s": self.first_s, "last_s": self.last_s}

    @staticmethod
    def from_record(record: Mapping[str, object]) -> FurniturePlace:
        """What ``to_record`` gave.

        Raises:
            DataError: it is something else.
        """
        box, first_s, last_s = record.get("box"), record.get("first_s"), record.get("last_s")
        if not (isinstance(box, list) and isinstance(first_s, float) and isinstance(last_s, float)):
            raise DataError("Not a record of furniture", found=str(dict(record)), allowed="box, first_s and last_s")
        x1, y1, x2, y2 = (float(value) for value in cast("list[float]", box))
        return FurniturePlace((x1, y1, x2, y2), first_s, last_s)


class FurnitureMemory:
    """One camera's furniture. Kept across restarts: give ``places`` to the store, and take them back at the start.

    >>> memory = FurnitureMemory()
    >>> memory.remember((0.1, 0.1, 0.2, 0.4), 0.0, 600.0)
    >>> again = FurnitureMemory(FurniturePlace.from_record(place.to_record()) for place in memory.places)
    >>> again.knows((0.1, 0.1, 0.2, 0.41)), again.knows((0.5, 0.1, 0.6, 0.4))
    (True, False)
    >>> again.forget((0.1, 0.1, 0.2, 0.4))
    >>> again.places
    ()
    """

    def __init__(self, places: Iterable[FurniturePlace] = ()) -> None:
        self._places = list(places)

    @property
    def places(self) -> tuple[FurniturePlace, ...]:
        """What is remembered, in the order in which it was learned."""
        return tuple(self._places)

    def knows(self, box: Box) -> bool:
        """Whether something remembered stands at ``box`` (fractions of the frame)."""
        return find_place(box, [place.box for place in self._places]) is not None

    def remember(self, box: Box, first_s: float, last_s: float) -> None:
        """Something never moved at ``box`` (fractions) from ``first_s`` to ``last_s``; renews what is known there."""
        self._places = [place for place in self._places if place.last_s >= last_s - _FORGOTTEN_S]
        found = find_place(box, [place.box for place in self._places])
        if found is None:
            self._places.append(FurniturePlace(box, first_s, last_s))
        else:
            first_s = min(first_s, self._places[found].first_s)
            self._places[found] = FurniturePlace(self._places[found].box, first_s, last_s)

    def forget(self, box: Box) -> None:
        """What stood at ``box`` (fractions) has moved: it was no furniture."""
        found = find_place(box, [place.box for place in self._places])
        if found is not None:
            del self._places[found]


def find_place(box: Box, known: Sequence[Box]) -> int | None:
    """Which of the ``known`` boxes overlaps ``box`` most, if enough to be the same place; else None."""
    if not known:
        return None
    overlap = box_iou(np.array([box], np.float32), np.array(known, np.float32))[0]
    best = int(np.argmax(overlap))
    return best if overlap[best] >= _SAME_PLACE else None
