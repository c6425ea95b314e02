"""What really happened, as records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class TruthBoxes:
    """Who was where, by frame and then by person; each at most once in a frame.

    Attributes:
        frame: (m,) int64, counted from 1.
        person: (m,) int64, the same on all cameras.
        xyxy: (m, 4) float32, frame pixels.
        counts: (m,) bool; what does not count is neither missed nor a false alarm.
        visibility: (m,) float32 in 0..1, the share of the body that is to be seen.
    """

    frame: NDArray[np.int64]
    person: NDArray[np.int64]
    xyxy: NDArray[np.float32]
    counts: NDArray[np.bool_]
    visibility: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.frame)


@dataclass(frozen=True, slots=True, eq=False)
class TruthCamera:
    """One camera and who was to be seen on it.

    Attributes:
        width_px, height_px: size of its frames.
        frame_rate_hz: frames a second, where they are even.
        first_frame_s: event time of frame 1, seconds UTC.
        times_s: (n,) float64, event time of every frame, where they are not even; wins over the rate.
        boxes: who was where.
    """

    name: str
    width_px: int
    height_px: int
    frame_rate_hz: float
    first_frame_s: float
    times_s: NDArray[np.float64] | None
    boxes: TruthBoxes

    def time_of(self, frames: NDArray[np.int64]) -> NDArray[np.float64]:
        """(n,) event times, seconds UTC, of (n,) frames counted from 1."""
        if self.times_s is not None:
            return self.times_s[frames - 1]
        return self.first_frame_s + (frames - 1) / self.frame_rate_hz


@dataclass(frozen=True, slots=True)
class TruthPerson:
    """One person. ``group``: who came together has the same name; empty: alone."""

    person: int
    staff: bool = False
    group: str = ""


@dataclass(frozen=True, slots=True)
class TruthVisit:
    """A stay in a zone, by the definitions of a report (docs/definitions.md). Times in seconds UTC.

    ``source``: file and line, to name in errors; empty where it comes from no file.
    """

    person: int
    camera: str
    zone: str
    enter_s: float
    leave_s: float
    source: str = field(default="", compare=False)

    @property
    def dwell_s(self) -> float:
        """From entering to leaving."""
        return self.leave_s - self.enter_s


@dataclass(frozen=True, slots=True)
class TruthCrossing:
    """Somebody passed a line. Time in seconds UTC. ``source``: as of a visit."""

    person: int
    line: str
    direction: Literal["in", "out"]
    time_s: float
    source: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class TruthOccupancy:
    """From ``time_s`` on so many people were in the zone; an empty zone is the site. ``source``: as of a visit."""

    time_s: float
    zone: str
    people: int
    source: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Truth:
    """What really happened. None where the labels do not speak of it; empty where it did not happen.

    ``simulated``: nobody in the pictures is real, so that heads need not be blurred.
    """

    cameras: Mapping[str, TruthCamera] = field(default_factory=dict[str, TruthCamera])
    people: tuple[TruthPerson, ...] | None = None
    visits: tuple[TruthVisit, ...] | None = None
    crossings: tuple[TruthCrossing, ...] | None = None
    occupancy: tuple[TruthOccupancy, ...] | None = None
    simulated: bool = False
