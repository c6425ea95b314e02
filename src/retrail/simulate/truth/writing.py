"""A truth into its folder."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from retrail.core.errors import DataError
from retrail.core.time import format_time
from retrail.simulate.rows import remove_files, rows_of, write_rows, write_text
from retrail.simulate.truth.columns import CAMERAS, CROSSINGS, FRAMES, OCCUPANCY, PEOPLE, VISITS, is_name
from retrail.simulate.truth.mot import mot_text
from retrail.simulate.truth.types import Truth


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
            write_rows(folder / "frames" / f"{one.name}.csv", FRAMES, [(frame, _time(at)) for frame, at in even])
    if truth.people is not None:
        write_rows(folder / "people.csv", PEOPLE, [(one.person, int(one.staff), one.group) for one in truth.people])
    if truth.visits is not None:
        visits = [
            (one.person, one.camera, one.zone, _time(one.enter_s), _time(one.leave_s), f"{one.dwell_s:.3f}")
            for one in truth.visits
        ]
        write_rows(folder / "visits.csv", VISITS, visits)
    if truth.crossings is not None:
        crossings = [(one.person, one.line, one.direction, _time(one.time_s)) for one in truth.crossings]
        write_rows(folder / "crossings.csv", CROSSINGS, crossings)
    if truth.occupancy is not None:
        changes = [(_time(one.time_s), one.zone, one.people) for one in truth.occupancy]
        write_rows(folder / "occupancy.csv", OCCUPANCY, changes)
    write_rows(folder / "cameras.csv", (*CAMERAS, "simulated") if truth.simulated else CAMERAS, cameras)


def clear_truth(folder: Path, cameras: Iterable[str] = ()) -> None:
    """Remove the truth that is there: its tables, and what belongs to its cameras or to those that are named.

    Raises:
        DataError: something cannot be removed.
    """
    names = set(cameras)
    with suppress(DataError):  # no table of cameras: nothing tells whose the other files are
        names |= {row.text("camera") for row in rows_of(folder / "cameras.csv", CAMERAS) if is_name(row)}
    tables = ("cameras", "people", "visits", "crossings", "occupancy")
    remove_files(folder / f"{table}.csv" for table in tables)
    remove_files(folder / "frames" / f"{name}.csv" for name in names)
    remove_files(folder / "mot" / f"{name}.txt" for name in names)


def _time(time_s: float) -> str:
    return format_time(time_s, digits=6)
