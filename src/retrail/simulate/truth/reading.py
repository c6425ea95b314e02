"""A truth out of its folder: every mistake in it with file and line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrail.core.errors import DataError
from retrail.simulate.rows import LATEST_S, Row, rows_of
from retrail.simulate.truth.columns import CAMERAS, CROSSINGS, FRAMES, OCCUPANCY, PEOPLE, VISITS, is_name
from retrail.simulate.truth.mot import read_mot
from retrail.simulate.truth.types import Truth, TruthCamera, TruthCrossing, TruthOccupancy, TruthPerson, TruthVisit

_DWELL_SLACK_S = 0.5
"""How far a written dwell may be from leave - enter: labels made by hand are rounded."""
_FASTEST_HZ = 1000


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
    for row in rows_of(folder / "cameras.csv", CAMERAS):
        name = row.text("camera")
        if not is_name(row):
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
    if not 0 < rate_hz <= _FASTEST_HZ:
        raise row.wrong("frame_rate_hz", f"frames a second, more than 0 and at most {_FASTEST_HZ}")
    uneven = folder / "frames" / f"{name}.csv"
    times_s = _frame_times(uneven) if uneven.is_file() else None
    boxes_file = folder / "mot" / f"{name}.txt"
    if not boxes_file.is_file():
        raise DataError(
            f"The truth lacks the boxes of camera {name}",
            where=str(boxes_file),
            found="no such file",
            allowed=f"a file for every camera that {row.path} names ({name} in line {row.line})",
            hint="where nobody was there an empty file says so; a camera that was not labelled has no row there",
        )
    first_s = row.time("first_frame")
    last = int((LATEST_S - first_s) * rate_hz) + 1 if times_s is None else len(times_s)
    return TruthCamera(name, width_px, height_px, rate_hz, first_s, times_s, read_mot(boxes_file, last))


def _frame_times(path: Path) -> NDArray[np.float64]:
    times_s: list[float] = []
    for row in rows_of(path, FRAMES):
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
    for row in rows_of(path, PEOPLE):
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
    for row in rows_of(path, VISITS):
        if row.text("camera") not in cameras:
            raise row.wrong("camera", f"a camera of cameras.csv: {', '.join(sorted(cameras))}")
        person, camera, zone = _person(row, known), row.text("camera"), row.text("zone")
        visit = TruthVisit(person, camera, zone, row.time("enter"), row.time("leave"), row.place)
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
    for row in rows_of(path, CROSSINGS):
        direction = row.text("direction")
        if direction not in ("in", "out"):
            raise row.wrong("direction", "in or out")
        person = _person(row, known)
        crossings.append(TruthCrossing(person, row.text("line"), direction, row.time("time"), row.place))
    return tuple(crossings)


def _occupancy(path: Path) -> tuple[TruthOccupancy, ...] | None:
    if not path.is_file():
        return None
    return tuple(
        TruthOccupancy(row.time("time"), row.text("zone"), row.whole("people", at_least=0), row.place)
        for row in rows_of(path, OCCUPANCY)
    )
