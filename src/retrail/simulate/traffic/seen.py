"""Who was where on a camera, moment by moment, where there is no film."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from retrail.simulate.traffic.table import Portion, along
from retrail.simulate.truth import TruthBoxes, TruthCamera

_RATES_HZ = (10.0, 5.0, 2.0, 1.0, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01)
_MOST_BOXES = 300_000
_SLACK_S = 1e-3  # seconds since 1970 are not exact


@dataclass(frozen=True, slots=True)
class Watcher:
    """A camera: its picture's size, and the time of its clock when the scenario begins, seconds UTC."""

    width_px: int
    height_px: int
    start_s: float


class SeenBoxes:
    """The boxes of sightings at even moments: ten a second, or so seldom that they are no more than 300,000.

    Args:
        cameras: by name.
        every_sighting: who was seen between two moments alone has a moment of his own, at the beginning. A camera where
            that happened tells the times of its frames, which are those at which somebody was there.
    """

    def __init__(self, cameras: Mapping[str, Watcher], *, every_sighting: bool = False) -> None:
        self._cameras, self._every_sighting = dict(cameras), every_sighting
        self._portions: list[Portion] = []

    def add(self, portion: Portion) -> None:
        """Take in a portion; its vectors are not kept."""
        self._portions.append(replace(portion, vectors=portion.vectors[:, :0].copy()))

    def cameras(self) -> Iterator[TruthCamera]:
        """Every camera with its boxes."""
        seconds = sum(float((portion.end_s - portion.start_s).sum()) for portion in self._portions)
        rate_hz = next((rate for rate in _RATES_HZ if seconds * rate <= _MOST_BOXES), _RATES_HZ[-1])
        named = [np.array(portion.camera) for portion in self._portions]
        for name, camera in self._cameras.items():
            parts = [_empty()]
            for portion, names in zip(self._portions, named, strict=True):
                own = np.flatnonzero(names == name)
                parts.append(_boxes(portion, own, camera.start_s, rate_hz, every=self._every_sighting))
            moment, person, boxes = (np.concatenate(column) for column in zip(*parts, strict=True))
            order = np.lexsort((person, moment))
            moment, person, boxes = moment[order], person[order], boxes[order]
            once = np.ones(len(moment), np.bool_)
            once[1:] = (np.diff(moment) > 0) | (np.diff(person) > 0)
            moment, person, boxes = moment[once], person[once], boxes[once]
            even = np.round(moment)
            if np.array_equal(even, moment):
                frame, first_s, times_s = even.astype(np.int64) + 1, camera.start_s, None
            else:
                moments, frame = np.unique(moment, return_inverse=True)
                frame, times_s = frame + 1, camera.start_s + moments / rate_hz
                first_s = float(times_s[0])
            shown = TruthBoxes(frame, person, boxes, np.ones(len(frame), np.bool_), np.ones(len(frame), np.float32))
            yield TruthCamera(name, camera.width_px, camera.height_px, rate_hz, first_s, times_s, shown)


_Boxes = tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float32]]


def _empty() -> _Boxes:
    return np.empty(0), np.empty(0, np.int64), np.empty((0, 4), np.float32)


def _boxes(portion: Portion, own: NDArray[np.int64], start_s: float, rate_hz: float, *, every: bool) -> _Boxes:
    """Moment (in steps of the rate), person and box of some sightings at every even moment of theirs; the end of one
    that is carried on is the beginning of what follows. ``every``: where there is none, at the beginning."""
    begin_s, end_s = portion.start_s[own], portion.end_s[own]
    first, after = (np.ceil((time_s - start_s - _SLACK_S) * rate_hz) for time_s in (begin_s, end_s))
    last = ~np.append(portion.continues[1:], False)[own]
    after = np.where(last, np.floor((end_s - start_s + _SLACK_S) * rate_hz) + 1, after)
    count = (after - first).astype(np.int64)
    missed = every & (count == 0)
    first, count = np.where(missed, (begin_s - start_s) * rate_hz, first), np.where(missed, 1, count)
    row = np.repeat(np.arange(len(own)), count)
    moment: NDArray[np.float64] = np.arange(len(row), dtype=np.float64)
    moment += first[row] - np.repeat(np.cumsum(count) - count, count)
    lasts_s = np.where(end_s > begin_s, end_s - begin_s, 1.0)
    parts = (start_s + moment / rate_hz - begin_s[row]) / lasts_s[row]
    return moment, portion.person[own[row]], along(portion.boxes[own[row]], parts)
