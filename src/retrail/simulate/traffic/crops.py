"""Labelled crops of real people, embedded: ``file, person_id, camera_id[, start_s, end_s]``."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from retrail.core.errors import DataError
from retrail.core.types import Frame, Planes
from retrail.perceive.embed import Embedder
from retrail.simulate.rows import Row, rows_of
from retrail.site.values import A_NAME, is_name
from retrail.video.picture import read_picture
from retrail.video.planes import resize_bgr

_COLUMNS = ("file", "person_id", "camera_id")
_PORTION = 256


@dataclass(frozen=True, slots=True)
class RealCrop:
    """One labelled picture; times in seconds, None where the table has none."""

    file: str
    person: str
    camera: str
    start_s: float | None
    end_s: float | None


def read_crop_table(table: Path) -> tuple[RealCrop, ...]:
    """The rows of a table; without those whose person is 0 or below (nobody in particular).

    Raises:
        DataError: the table cannot be read or a row of it is wrong: with file and line.
    """
    found = [crop for row in rows_of(table, _COLUMNS) if (crop := _crop(row)) is not None]
    if not found:
        raise DataError("The table names no crop of a person", where=str(table), allowed=", ".join(_COLUMNS))
    timed = sum(crop.start_s is not None for crop in found)
    if timed not in (0, len(found)):
        raise DataError("Some crops have times and some have none", where=str(table), allowed="all, or none")
    return tuple(found)


def _crop(row: Row) -> RealCrop | None:
    person = row.text("person_id")
    if person in ("0", "-1", ""):
        return None
    if not is_name(row.text("camera_id")):
        raise row.wrong("camera_id", f"a name as in a site file: {A_NAME}")
    start_s = row.number("start_s") if row.values.get("start_s") else None
    end_s = row.number("end_s") if row.values.get("end_s") else None
    if (start_s is None) != (end_s is None) or (start_s is not None and end_s is not None and end_s < start_s):
        raise row.wrong("end_s", "with start_s, and not before it")
    return RealCrop(row.text("file"), person, row.text("camera_id"), start_s, end_s)


def embed_crops(table: Path, crops: tuple[RealCrop, ...], embedder: Embedder) -> NDArray[np.float32]:
    """(n, d) unit vectors of crops; files are relative to the table, into zip files too (``crops.zip/a.jpg``).

    Raises:
        DataError: a picture cannot be read.
    """
    done: list[NDArray[np.float64]] = []
    pictures = _Pictures(table.parent)
    for start in range(0, len(crops), _PORTION):
        images = [pictures.read(crop.file) for crop in crops[start : start + _PORTION]]
        frames = [Frame("crop", 0, 0.0, Planes("bgr24", (image,)), image.shape[1], image.shape[0]) for image in images]
        done.append(embedder.vectors([resize_bgr(frame, embedder.width_px, embedder.height_px) for frame in frames]))
    vectors = np.concatenate(done)
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def by_person(
    crops: tuple[RealCrop, ...], vectors: NDArray[np.float32]
) -> Mapping[str, Mapping[str, NDArray[np.float32]]]:
    """Vectors by person and camera."""
    rows: dict[str, dict[str, list[int]]] = {}
    for index, crop in enumerate(crops):
        rows.setdefault(crop.person, {}).setdefault(crop.camera, []).append(index)
    return {who: {camera: vectors[own] for camera, own in cameras.items()} for who, cameras in rows.items()}


class _Pictures:
    """Reads files of a folder, and members of zip files in it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._archives: dict[Path, zipfile.ZipFile] = {}

    def read(self, name: str) -> NDArray[np.uint8]:
        where = str(self._folder / name)
        try:
            return read_picture(self._bytes(name), where)
        except (OSError, KeyError, zipfile.BadZipFile, zlib.error, EOFError) as error:
            found = error.strerror if isinstance(error, OSError) else str(error)
            raise DataError("The picture cannot be read", where=where, found=found) from None

    def _bytes(self, name: str) -> bytes:
        parts = PurePosixPath(name).parts
        for count in range(1, len(parts)):
            archive = self._folder.joinpath(*parts[:count])
            if archive.suffix == ".zip" and archive.is_file():
                if archive not in self._archives:
                    self._archives[archive] = zipfile.ZipFile(archive)
                return self._archives[archive].read(str(PurePosixPath(*parts[count:])))
        return (self._folder / name).read_bytes()
