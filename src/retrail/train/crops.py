"""Crops of people to learn from: which sets there are, and reading their pictures.

A set is named ``KIND`` or ``KIND:PART``, in a folder laid out as the data sets are: ``market1501:train``,
``elsewhere:3DPeS`` (a subset), ``ccp_cutouts`` (with masks), or ``csv:PATH`` with columns file, person_id, camera_id.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from retrail.core.errors import DataError

KINDS = ("market1501:train", "elsewhere[:SUBSET]", "ccp_cutouts", "csv:PATH")
UNKNOWN = ""
NEVER = frozenset({"viper", "grid"})
"""Sets that are for testing only."""


@dataclass(frozen=True, slots=True)
class Crop:
    """One picture: its file in the archive, whose it is and from which camera (empty: unknown), and its mask."""

    file: str
    person: str = UNKNOWN
    camera: str = UNKNOWN
    mask: str | None = None


@dataclass(frozen=True, slots=True)
class CropSet:
    """Pictures of one zip, or of one folder."""

    name: str
    archive: Path
    crops: tuple[Crop, ...]


class CropReader:
    """Reads pictures of several sets; keeps their archives open. Not for several threads."""

    def __init__(self, sets: Sequence[CropSet]) -> None:
        self._entries = [(part.archive, crop) for part in sets for crop in part.crops]
        self._archives: dict[Path, zipfile.ZipFile] = {}
        self._names: dict[Path, dict[str, str]] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def crop(self, place: int) -> Crop:
        return self._entries[place][1]

    def picture(self, place: int) -> NDArray[np.uint8]:
        """(h, w, 3) uint8 BGR.

        Raises:
            DataError: it is missing, empty, or no picture.
        """
        archive, crop = self._entries[place]
        return np.ascontiguousarray(self._open(archive, crop.file).convert("RGB"))[..., ::-1]

    def mask(self, place: int) -> NDArray[np.bool_] | None:
        """(h, w) bool, True on the person, or None where the set has none.

        Raises:
            DataError: it is missing, empty, or no picture.
        """
        archive, crop = self._entries[place]
        return None if crop.mask is None else np.asarray(self._open(archive, crop.mask).convert("L")) > 0

    def close(self) -> None:
        for archive in self._archives.values():
            archive.close()
        self._archives.clear()

    def _open(self, archive: Path, file: str) -> Image.Image:
        where = f"{archive}: {file}"
        try:
            data = self._bytes(archive, file)
        except (KeyError, OSError, zipfile.BadZipFile) as error:
            raise DataError("A picture to learn from is missing", where=where, found=str(error)) from None
        return decoded(data, where)

    def _bytes(self, archive: Path, file: str) -> bytes:
        if archive.is_dir():
            return (archive / file).read_bytes()
        if archive not in self._archives:
            opened = self._archives[archive] = zipfile.ZipFile(archive)
            self._names[archive] = {Path(name).name: name for name in opened.namelist()}
        return self._archives[archive].read(self._names[archive][Path(file).name])


def decoded(data: bytes, where: str) -> Image.Image:
    """The picture in some bytes.

    Raises:
        DataError: they are empty, or no picture that can be read to its end.
    """
    if not data:
        raise DataError("A picture is empty", where=where, found="zero bytes", allowed="JPEG, PNG or BMP")
    try:
        image = Image.open(io.BytesIO(data))
        image.load()
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise DataError("A picture cannot be read", where=where, found=str(error), allowed="JPEG, PNG or BMP") from None
    return image


def crop_set(name: str, folder: Path) -> CropSet:
    """One set of crops.

    Raises:
        DataError: there is no such set, it is for testing only, or a file of it is missing or empty.
    """
    kind, _, part = name.partition(":")
    if kind in NEVER or (kind == "market1501" and part != "train"):
        raise DataError("This set is for testing only", found=name, allowed=", ".join(KINDS))
    match kind:
        case "market1501":
            rows = [row for row in table(folder / "market1501/labels.csv") if row["split"] == "train"]
            return _set(name, folder / "market1501/train.zip", rows)
        case "elsewhere":
            rows = [row for row in table(folder / "elsewhere/labels.csv") if part in ("", row["subset"])]
            return _set(name, folder / "elsewhere/images.zip", rows)
        case "ccp_cutouts":
            return _set(name, folder / "ccp_cutouts/images.zip", table(folder / "ccp_cutouts/cutouts.csv"))
        case "csv":
            path = folder / part
            zipped = path.with_name("images.zip")
            return _set(name, zipped if zipped.is_file() else path.parent, table(path))
        case _:
            raise DataError("There is no such set of crops", found=name, allowed=", ".join(KINDS))


def table(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file with a header.

    Raises:
        DataError: it is missing or has no rows.
    """
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
    except OSError as error:
        raise DataError("A table to learn from is missing", where=str(path), found=error.strerror) from None
    if not rows:
        raise DataError("A table to learn from is empty", where=str(path))
    return rows


def _set(name: str, archive: Path, rows: Sequence[Mapping[str, str]]) -> CropSet:
    if not rows:
        raise DataError("No crops of this set", where=str(archive), found=name)
    if "file" not in rows[0]:
        raise DataError("A table of crops has no column `file`", where=str(archive), found=", ".join(rows[0]))
    crops = (
        Crop(row["file"], row.get("person_id", UNKNOWN), row.get("camera_id", UNKNOWN), row.get("mask") or None)
        for row in rows
    )
    return CropSet(name, archive, tuple(crops))
