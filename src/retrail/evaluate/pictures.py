"""Labelled pictures: from folders and zip files, with their labels from CSV."""

from __future__ import annotations

import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from retrail.core.errors import DataError
from retrail.core.types import Frame, Planes
from retrail.simulate.rows import Row, rows_of
from retrail.video.picture import read_picture

_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where one picture lies: a file, or a member of a zip file (which is kept open: opening it lists all of it)."""

    path: Path
    member: str = ""
    archive: zipfile.ZipFile | None = None

    def __str__(self) -> str:
        return f"{self.path}: {self.member}" if self.member else str(self.path)

    def read(self) -> NDArray[np.uint8]:
        """(height, width, 3) uint8 BGR.

        Raises:
            DataError: it cannot be read, or is no picture.
        """
        try:
            data = self.path.read_bytes() if self.archive is None else self.archive.read(self.member)
        except (OSError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
            raise DataError("The picture cannot be read", where=str(self), found=str(error)) from None
        return read_picture(data, str(self))


@dataclass(frozen=True, slots=True)
class Album:
    """The pictures of a folder or a zip file, by name: with the folders in it, and without where that is clear."""

    source: Path
    places: dict[str, Place]
    short: dict[str, Place]

    def find(self, name: str) -> Place | None:
        """The picture of that name."""
        return self.places.get(name) or self.short.get(name)


def open_album(source: Path) -> Album:
    """List the pictures of a folder (with those below it) or of a zip file, in the order of their names.

    Raises:
        DataError: it is neither, or there is no picture in it.
    """
    if source.is_dir():
        files = sorted(path for path in source.rglob("*") if path.is_file())
        places = {path.relative_to(source).as_posix(): Place(path) for path in files}
    else:
        try:
            archive = zipfile.ZipFile(source)
        except (OSError, zipfile.BadZipFile) as error:
            raise DataError("Neither a folder nor a zip file", where=str(source), found=str(error)) from None
        places = {name: Place(source, name, archive) for name in sorted(archive.namelist())}
    places = {name: place for name, place in places.items() if PurePosixPath(name).suffix.lower() in _SUFFIXES}
    if not places:
        raise DataError(
            "There is no picture", where=str(source), allowed=f"files ending in {', '.join(sorted(_SUFFIXES))}"
        )
    often = Counter(PurePosixPath(name).name for name in places)
    short = {PurePosixPath(name).name: place for name, place in places.items()}
    return Album(source, places, {name: place for name, place in short.items() if often[name] == 1})


@dataclass(frozen=True, slots=True)
class Boxes:
    """The labelled boxes of one picture: (n, 4) float32 in frame pixels, and (n,) bool whether each is a crowd."""

    xyxy: NDArray[np.float32]
    crowd: NDArray[np.bool_]


def read_boxes(path: Path, album: Album) -> dict[str, Boxes]:
    """Labelled boxes by name of the picture in the album; a picture without a row shows nobody.

    Args:
        path: CSV with file, x1_px, y1_px, x2_px, y2_px, and is_crowd (0 or 1) where there are crowds.
        album: the pictures.

    Raises:
        DataError: a row is wrong, or speaks of a picture that is not there.
    """
    name_of = {place: name for name, place in album.places.items()}
    found: dict[str, list[tuple[float, ...]]] = {}
    for row in rows_of(path, ("file", "x1_px", "y1_px", "x2_px", "y2_px")):
        place = album.find(row.text("file"))
        if place is None:
            raise row.wrong("file", f"a picture in {album.source}")
        x1, y1, x2, y2 = (row.number(column) for column in ("x1_px", "y1_px", "x2_px", "y2_px"))
        if x2 <= x1 or y2 <= y1:
            raise row.wrong("x2_px" if x2 <= x1 else "y2_px", "right of x1_px, below y1_px")
        found.setdefault(name_of[place], []).append((x1, y1, x2, y2, _crowd(row)))
    tables = {name: np.array(rows, np.float64) for name, rows in found.items()}
    return {name: Boxes(rows[:, :4].astype(np.float32), rows[:, 4] > 0) for name, rows in tables.items()}


def _crowd(row: Row) -> float:
    if "is_crowd" not in row.values:
        return 0.0
    if row.text("is_crowd") not in ("0", "1"):
        raise row.wrong("is_crowd", "0 or 1")
    return float(row.text("is_crowd"))


def as_frame(image: NDArray[np.uint8], name: str) -> Frame:
    """A picture as a frame of a camera of that name."""
    return Frame(name, 0, 0.0, Planes("bgr24", (image,)), image.shape[1], image.shape[0])


def no_boxes() -> Boxes:
    """Nobody."""
    return Boxes(np.zeros((0, 4), np.float32), np.zeros(0, np.bool_))
