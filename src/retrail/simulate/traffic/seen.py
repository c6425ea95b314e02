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
    """

    def __init__(self, cameras: Mapping[str, Watcher]) -> None:
        self._cameras = dict(cameras)
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
                parts.append(_boxes(portion, np.flatnonzero(names == name), camera.start_s, rate_hz))
            frame, person, boxes = (np.concatenate(column) for column in zip(*parts, strict=True))
            order = np.lexsort((person, frame))
            frame, person, boxes = frame[order], person[order], boxes[order]
            once = np.ones(len(frame), np.bool_)
            once[1:] = (np.diff(frame) > 0) | (np.diff(person) > 0)
            counts, visibility = np.ones(int(once.sum()), np.bool_), np.ones(int(once.sum()), np.float32)
            shown = TruthBoxes(frame[once], person[once], boxes[once], counts, visibility)
            yield TruthCamera(name, camera.width_px, camera.height_px, rate_hz, camera.start_s, None, shown)


_Boxes = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]


def _empty() -> _Boxes:
    return np.empty(0, np.int64), np.empty(0, np.int64), np.empty((0, 4), np.float32)


def _boxes(portion: Portion, own: NDArray[np.int64], start_s: float, rate_hz: float) -> _Boxes:
    """Frame, person and box of some sightings at every moment of theirs; the end is the beginning of what follows."""
    begin_s, end_s = portion.start_s[own], portion.end_s[own]
    first, after = (np.ceil((time_s - start_s) * rate_hz).astype(np.int64) for time_s in (begin_s, end_s))
    count = after - first
    row = np.repeat(np.arange(len(own)), count)
    moment = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count) + first[row]
    parts = (start_s + moment / rate_hz - begin_s[row]) / (end_s - begin_s)[row]
    return moment + 1, portion.person[own[row]], along(portion.boxes[own[row]], parts)
