"""Crops of people to learn from: which sets there are, and reading their pictures.

A set is named ``KIND`` or ``KIND:PART``, in a folder laid out as the data sets are: ``market1501:train``,
``elsewhere:3DPeS`` (a subset), ``ccp_cutouts`` (with masks), or ``csv:PATH``: columns file, person_id, camera_id and
split, of which file alone is needed; pictures relative to it, or in ``images.zip`` beside it. As in evaluation, person
0 is a distractor and -1 junk; of a table with splits only the rows of ``train`` are learned from.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrail.core.errors import DataError
from retrail.simulate.labelled import JUNK, NOBODY, person_of
from retrail.simulate.rows import Row, rows_of
from retrail.video.album import Beside, Place

KINDS = ("market1501:train", "elsewhere[:SUBSET]", "ccp_cutouts", "csv:PATH")
UNKNOWN = ""
NEVER = frozenset({"viper", "grid"})
"""Sets that are for testing only."""
_TRAIN = "train"


@dataclass(frozen=True, slots=True)
class Crop:
    """One picture: where it lies, whose it is (no two sets share a person) and from which camera, and its mask."""

    place: Place
    person: str = UNKNOWN
    camera: str = UNKNOWN
    mask: Place | None = None


@dataclass(frozen=True, slots=True)
class CropSet:
    """Pictures of one zip, or of one folder."""

    name: str
    crops: tuple[Crop, ...]


class CropReader:
    """Reads pictures of several sets. Not for several threads."""

    def __init__(self, sets: Sequence[CropSet]) -> None:
        self._crops = [crop for part in sets for crop in part.crops]

    def __len__(self) -> int:
        return len(self._crops)

    def crop(self, place: int) -> Crop:
        return self._crops[place]

    def picture(self, place: int) -> NDArray[np.uint8]:
        """(h, w, 3) uint8 BGR.

        Raises:
            DataError: it is gone, empty, or no picture.
        """
        return self._crops[place].place.read()

    def mask(self, place: int) -> NDArray[np.bool_] | None:
        """(h, w) bool, True on the person, or None where the set has none.

        Raises:
            DataError: it is gone, empty, or no picture.
        """
        mask = self._crops[place].mask
        return None if mask is None else np.asarray(mask.read().any(axis=2))

    def close(self) -> None:
        """Let go of the archives."""
        for archive in {crop.place.archive for crop in self._crops} - {None}:
            if archive is not None:
                archive.close()


def crop_set(name: str, folder: Path) -> CropSet:
    """One set of crops.

    Raises:
        DataError: there is no such set, it is for testing only, a row of it is wrong, or a picture is not there.
    """
    kind, _, part = name.partition(":")
    never = kind in NEVER or (kind == "market1501" and part != "train")
    if never or (kind == "csv" and (folder / part).resolve().parent.name in NEVER):
        raise DataError("This set is for testing only", found=name, allowed=", ".join(KINDS))
    match kind:
        case "market1501":
            return _set(name, folder / "market1501/labels.csv", "train.zip")
        case "elsewhere":
            return _set(name, folder / "elsewhere/labels.csv", "images.zip", subset=part)
        case "ccp_cutouts":
            return _set(name, folder / "ccp_cutouts/cutouts.csv", "images.zip")
        case "csv":
            return _set(name, folder / part, "images.zip")
        case _:
            raise DataError("There is no such set of crops", found=name, allowed=", ".join(KINDS))


def _set(name: str, table: Path, beside: str, *, subset: str = "") -> CropSet:
    rows = [row for row in rows_of(table, ("file", "subset") if subset else ("file",)) if _wanted(row, subset)]
    if not rows:
        splits = f"rows of the split {_TRAIN}, of people other than 0 and -1"
        raise DataError("No crops of this set to learn from", where=str(table), found=name, allowed=splits)
    return CropSet(name, tuple(_crops(name, rows, Beside(table.parent, (beside,)))))


def _wanted(row: Row, subset: str) -> bool:
    in_part = subset in ("", row.values.get("subset"))
    return in_part and row.values.get("split") in (None, "", _TRAIN) and _person(row) not in (NOBODY, JUNK)


def _crops(name: str, rows: Iterable[Row], pictures: Beside) -> Iterable[Crop]:
    for row in rows:
        person = _person(row)
        mask = _place(row, "mask", pictures) if row.values.get("mask") else None
        # Every shop numbers its people from 1.
        owner = f"{name}: {person}" if person else UNKNOWN
        yield Crop(_place(row, "file", pictures), owner, row.values.get("camera_id", UNKNOWN), mask)


def _place(row: Row, column: str, pictures: Beside) -> Place:
    found = pictures.find(row.text(column))
    if found is None:
        raise row.wrong(column, f"a picture in {row.path.parent}, or in a zip file there")
    return found


def _person(row: Row) -> str:
    return person_of(row.values.get("person_id", UNKNOWN))
