"""What really happened in front of the cameras: one folder of open formats, from a simulation or from labelled footage.

    cameras.csv        camera, width_px, height_px, frame_rate_hz, first_frame[, simulated]
    frames/CAMERA.csv  frame, time                          where frames are not even; wins over the rate
    mot/CAMERA.txt     frame, id, left, top, width, height, conf, class, visibility (MOT17's gt.txt, no header)
    people.csv         person, staff, group                 may be missing, as those below: then it is not judged
    visits.csv         person, camera, zone, enter, leave, dwell_s
    crossings.csv      person, line, direction, time
    occupancy.csv      time, zone, people                   changes only; an empty zone is the whole site

UTF-8, CSV with a header, times ISO 8601 with zone. Frames count from 1 as the video file has them. An id is one person
on all cameras.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from retrail.core.errors import DataError
from retrail.core.time import format_time
from retrail.simulate.mot import TruthBoxes, mot_text, read_mot
from retrail.simulate.rows import Row, remove_files, rows_of, write_rows, write_text

__all__ = [
    "Truth",
    "TruthBoxes",
    "TruthCamera",
    "TruthCrossing",
    "TruthOccupancy",
    "TruthPerson",
    "TruthVisit",
    "clear_truth",
    "read_truth",
    "write_truth",
]

_DWELL_SLACK_S = 0.5
"""How far a written dwell may be from leave - enter: labels made by hand are rounded."""

_CAMERAS = ("camera", "width_px", "height_px", "frame_rate_hz", "first_frame")
_FRAMES = ("frame", "time")
_PEOPLE = ("person", "staff", "group")
_VISITS = ("person", "camera", "zone", "enter", "leave", "dwell_s")
_CROSSINGS = ("person", "line", "direction", "time")
_OCCUPANCY = ("time", "zone", "people")


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
    """A stay in a zone, by the definitions of a report (docs/definitions.md). Times in seconds UTC."""

    person: int
    camera: str
    zone: str
    enter_s: float
    leave_s: float

    @property
    def dwell_s(self) -> float:
        """From entering to leaving."""
        return self.leave_s - self.enter_s


@dataclass(frozen=True, slots=True)
class TruthCrossing:
    """Somebody passed a line. Time in seconds UTC."""

    person: int
    line: str
    direction: Literal["in", "out"]
    time_s: float


@dataclass(frozen=True, slots=True)
class TruthOccupancy:
    """From ``time_s`` on so many people were in the zone; an empty zone is the whole site."""

    time_s: float
    zone: str
    people: int


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


def write_truth(truth: Truth, folder: Path) -> None:
    """Write the folder. Times go to the microsecond, boxes to a hundredth of a pixel.

    A truth that is there already is replaced whole; files beside it that are none of a truth stay. ``cameras.csv``,
    without which it is no truth, goes first and comes last: what was interrupted is not taken for whole.

    Raises:
        DataError: it cannot be written.
    """
    clear_truth(folder, truth.cameras)
    cameras = [
        (
            one.name,
            one.width_px,
            one.height_px,
            f"{one.frame_rate_hz:.10g}",
            _time(one.first_frame_s),
            *(("1",) if truth.simulated else ()),
        )
        for one in truth.cameras.values()
    ]
    for one in truth.cameras.values():
        write_text(folder / "mot" / f"{one.name}.txt", mot_text(one.boxes))
        if one.times_s is not None:
            even = enumerate(one.times_s.tolist(), start=1)
            write_rows(folder / "frames" / f"{one.name}.csv", _FRAMES, [(frame, _time(at)) for frame, at in even])
    if truth.people is not None:
        write_rows(folder / "people.csv", _PEOPLE, [(one.person, int(one.staff), one.group) for one in truth.people])
    if truth.visits is not None:
        visits = [
            (one.person, one.camera, one.zone, _time(one.enter_s), _time(one.leave_s), f"{one.dwell_s:.3f}")
            for one in truth.visits
        ]
        write_rows(folder / "visits.csv", _VISITS, visits)
    if truth.crossings is not None:
        crossings = [(one.person, one.line, one.direction, _time(one.time_s)) for one in truth.crossings]
        write_rows(folder / "crossings.csv", _CROSSINGS, crossings)
    if truth.occupancy is not None:
        changes = [(_time(one.time_s), one.zone, one.people) for one in truth.occupancy]
        write_rows(folder / "occupancy.csv", _OCCUPANCY, changes)
    write_rows(folder / "cameras.csv", (*_CAMERAS, "simulated") if truth.simulated else _CAMERAS, cameras)


def clear_truth(folder: Path, cameras: Iterable[str] = ()) -> None:
    """Remove the truth that is there: its tables, and what belongs to its cameras or to those that are named.

    Raises:
        DataError: something cannot be removed.
    """
    names = set(cameras)
    with suppress(DataError):  # no table of cameras: nothing tells whose the other files are
        names |= {row.text("camera") for row in rows_of(folder / "cameras.csv", _CAMERAS) if _is_name(row)}
    tables = ("cameras", "people", "visits", "crossings", "occupancy")
    remove_files(folder / f"{table}.csv" for table in tables)
    remove_files(folder / "frames" / f"{name}.csv" for name in names)
    remove_files(folder / "mot" / f"{name}.txt" for name in names)


def _is_name(row: Row) -> bool:
    """Whether a camera can be called so: it is the name of its files too."""
    name = row.text("camera")
    return bool(name) and "/" not in name and "\\" not in name and not name.startswith(".")


def read_truth(folder: Path) -> Truth:
    """Read the folder.

    Raises:
        DataError: it is no such folder, or something in it is wrong: with file and line.
    """
    if not (folder / "cameras.csv").is_file():
        raise DataError(
            "Not a folder of truth",
            where=str(folder),
            allowed="a folder with cameras.csv and mot/CAMERA.txt (docs/truth.md)",
            hint="`retrail simulate` writes one",
        )
    cameras: dict[str, TruthCamera] = {}
    simulated: list[bool] = []
    for row in rows_of(folder / "cameras.csv", _CAMERAS):
        name = row.text("camera")
        if not _is_name(row):
            raise row.wrong("camera", "the name of a camera")
        if name in cameras:
            raise row.wrong("camera", "each camera once")
        cameras[name] = _camera(row, folder)
        simulated.append(row.values.get("simulated") == "1")
    people = _people(folder / "people.csv")
    known = None if people is None else frozenset(one.person for one in people)
    return Truth(
        cameras,
        people,
        _visits(folder / "visits.csv", frozenset(cameras), known),
        _crossings(folder / "crossings.csv", known),
        _occupancy(folder / "occupancy.csv"),
        simulated=bool(simulated) and all(simulated),
    )


def _camera(row: Row, folder: Path) -> TruthCamera:
    name = row.text("camera")
    width_px, height_px = row.whole("width_px", at_least=1), row.whole("height_px", at_least=1)
    rate_hz = row.number("frame_rate_hz")
    if rate_hz <= 0:
        raise row.wrong("frame_rate_hz", "frames a second, more than 0")
    uneven = folder / "frames" / f"{name}.csv"
    times_s = _frame_times(uneven) if uneven.is_file() else None
    boxes = read_mot(folder / "mot" / f"{name}.txt", None if times_s is None else len(times_s))
    return TruthCamera(name, width_px, height_px, rate_hz, row.time("first_frame"), times_s, boxes)


def _frame_times(path: Path) -> NDArray[np.float64]:
    times_s: list[float] = []
    for row in rows_of(path, _FRAMES):
        if row.whole("frame") != len(times_s) + 1:
            raise row.wrong("frame", f"{len(times_s) + 1}: every frame once, from 1, in order")
        times_s.append(row.time("time"))
        if len(times_s) > 1 and times_s[-1] <= times_s[-2]:
            raise row.wrong("time", "later than the frame before")
    return np.array(times_s, np.float64)


def _people(path: Path) -> tuple[TruthPerson, ...] | None:
    if not path.is_file():
        return None
    people: dict[int, TruthPerson] = {}
    for row in rows_of(path, _PEOPLE):
        person = row.whole("person", at_least=0)
        if person in people:
            raise row.wrong("person", "each person once")
        if row.text("staff") not in ("0", "1"):
            raise row.wrong("staff", "0 or 1")
        people[person] = TruthPerson(person, row.text("staff") == "1", row.text("group"))
    return tuple(people.values())


def _person(row: Row, known: frozenset[int] | None) -> int:
    person = row.whole("person", at_least=0)
    if known is not None and person not in known:
        raise row.wrong("person", "a person of people.csv")
    return person


def _visits(path: Path, cameras: frozenset[str], known: frozenset[int] | None) -> tuple[TruthVisit, ...] | None:
    if not path.is_file():
        return None
    visits: list[TruthVisit] = []
    for row in rows_of(path, _VISITS):
        if row.text("camera") not in cameras:
            raise row.wrong("camera", f"a camera of cameras.csv: {', '.join(sorted(cameras))}")
        visit = TruthVisit(
            _person(row, known), row.text("camera"), row.text("zone"), row.time("enter"), row.time("leave")
        )
        if visit.leave_s < visit.enter_s:
            raise row.wrong("leave", "not before enter")
        if abs(row.number("dwell_s") - visit.dwell_s) > _DWELL_SLACK_S:
            raise row.wrong("dwell_s", f"leave - enter, {visit.dwell_s:.3f}")
        visits.append(visit)
    return tuple(visits)


def _crossings(path: Path, known: frozenset[int] | None) -> tuple[TruthCrossing, ...] | None:
    if not path.is_file():
        return None
    crossings: list[TruthCrossing] = []
    for row in rows_of(path, _CROSSINGS):
        direction = row.text("direction")
        if direction not in ("in", "out"):
            raise row.wrong("direction", "in or out")
        crossings.append(TruthCrossing(_person(row, known), row.text("line"), direction, row.time("time")))
    return tuple(crossings)


def _occupancy(path: Path) -> tuple[TruthOccupancy, ...] | None:
    if not path.is_file():
        return None
    return tuple(
        TruthOccupancy(row.time("time"), row.text("zone"), row.whole("people", at_least=0))
        for row in rows_of(path, _OCCUPANCY)
    )


def _time(time_s: float) -> str:
    return format_time(time_s, digits=6)
