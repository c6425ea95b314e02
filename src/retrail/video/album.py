"""Pictures in folders and zip files, by name."""

from __future__ import annotations

import zipfile
import zlib
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from retrail.core.errors import DataError
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
        return _album(source, {path.relative_to(source).as_posix(): Place(path) for path in files})
    archive = _opened(source)
    return _album(source, {name: Place(source, name, archive) for name in sorted(archive.namelist())})


class Beside:
    """The pictures beside a file that names them; in a with block, or else its zip files stay open until it goes.

    Args:
        folder: to which names are relative: a file, or a member of a zip file there (``crops.zip/a.jpg``).
        archives: names of zip files there in which a name is looked for as it is, where they exist.
    """

    def __init__(self, folder: Path, archives: Sequence[str] = ()) -> None:
        self._folder, self._archives = folder, archives
        self._albums: dict[Path, Album | None] = {}
        self._opened = ExitStack()

    def find(self, name: str) -> Place | None:
        """The picture of that name.

        Raises:
            DataError: a zip file cannot be read.
        """
        file = self._folder / name
        if name and file.is_file():
            return Place(file)
        parts = PurePosixPath(name).parts
        for count in range(1, len(parts)):
            archive = self._folder.joinpath(*parts[:count])
            if archive.suffix == ".zip" and (album := self._album(archive)) is not None:
                return album.find(str(PurePosixPath(*parts[count:])))
        albums = (self._album(self._folder / archive) for archive in self._archives)
        return next((place for album in albums if album is not None and (place := album.find(name)) is not None), None)

    def _album(self, path: Path) -> Album | None:
        """None: no such file."""
        if path not in self._albums:
            archive = self._opened.enter_context(_opened(path)) if path.is_file() else None
            self._albums[path] = archive and _album(
                path, {name: Place(path, name, archive) for name in sorted(archive.namelist())}
            )
        return self._albums[path]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opened.close()


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile) as error:
        raise DataError("Neither a folder nor a zip file", where=str(path), found=str(error)) from None


def _album(source: Path, places: dict[str, Place]) -> Album:
    places = {name: place for name, place in places.items() if PurePosixPath(name).suffix.lower() in _SUFFIXES}
    if not places:
        raise DataError(
            "There is no picture", where=str(source), allowed=f"files ending in {', '.join(sorted(_SUFFIXES))}"
        )
    often = Counter(PurePosixPath(name).name for name in places)
    short = {PurePosixPath(name).name: place for name, place in places.items()}
    return Album(source, places, {name: place for name, place in short.items() if often[name] == 1})
