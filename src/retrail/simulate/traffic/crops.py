"""Labelled crops of real people: ``file, person_id, camera_id[, start_s, end_s]``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrail.core.errors import DataError
from retrail.simulate.labelled import COLUMNS, JUNK, NOBODY, Crop, crop_of
from retrail.simulate.rows import Row, rows_of
from retrail.site.values import A_NAME, is_name
from retrail.video.album import Beside

_TIMES = ("start_s", "end_s")
_LATEST_S = 366 * 86400.0


@dataclass(frozen=True, slots=True)
class RealCrop:
    """One labelled picture; times in seconds, None where the table has none."""

    crop: Crop
    start_s: float | None = None
    end_s: float | None = None


def has_times(table: Path) -> bool:
    """Whether a table says when its people were seen.

    Raises:
        DataError: it cannot be read.
    """
    return any(row.values.get(name) for row in rows_of(table, COLUMNS) for name in _TIMES)


def read_crop_table(table: Path, pictures: Beside) -> tuple[RealCrop, ...]:
    """The rows of a table; without those whose person is 0 or below (nobody in particular).

    Raises:
        DataError: the table cannot be read or a row of it is wrong: with file and line.
    """
    rows = [(row, crop_of(row, pictures)) for row in rows_of(table, COLUMNS)]
    found = [_timed(row, crop) for row, crop in rows if crop.person not in (NOBODY, JUNK)]
    if not found:
        raise DataError("The table names no crop of a person", where=str(table), allowed=", ".join(COLUMNS))
    timed = sum(crop.start_s is not None for crop in found)
    if timed not in (0, len(found)):
        raise DataError("Some crops have times and some have none", where=str(table), allowed="all, or none")
    return tuple(found)


def _timed(row: Row, crop: Crop) -> RealCrop:
    if not is_name(crop.camera):
        raise row.wrong("camera_id", f"a name as in a site file: {A_NAME}")
    given = [name for name in _TIMES if row.values.get(name)]
    if not given:
        return RealCrop(crop)
    if len(given) == 1:
        raise row.wrong(given[0], "start_s and end_s together, or neither")
    start_s, end_s = (row.number(name) for name in _TIMES)
    for name, time_s in zip(_TIMES, (start_s, end_s), strict=True):
        if not 0 <= time_s <= _LATEST_S:
            raise row.wrong(name, f"seconds, from 0 to {_LATEST_S:.0f}")
    if end_s < start_s:
        raise row.wrong("end_s", "not before start_s")
    return RealCrop(crop, start_s, end_s)


def by_person(
    crops: tuple[RealCrop, ...], vectors: NDArray[np.float32]
) -> Mapping[str, Mapping[str, NDArray[np.float32]]]:
    """Vectors by person and camera."""
    rows: dict[str, dict[str, list[int]]] = {}
    for index, one in enumerate(crops):
        rows.setdefault(one.crop.person, {}).setdefault(one.crop.camera, []).append(index)
    return {who: {camera: vectors[own] for camera, own in cameras.items()} for who, cameras in rows.items()}
