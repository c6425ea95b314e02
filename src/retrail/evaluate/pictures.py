"""Labelled boxes in pictures, from CSV."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrail.simulate.rows import Row, rows_of
from retrail.video.album import Album


@dataclass(frozen=True, slots=True)
class Boxes:
    """The labelled boxes of one picture: (n, 4) float32 in frame pixels, and (n,) bool whether each is a crowd.

    A crowd is neither a person to find nor background.
    """

    xyxy: NDArray[np.float32]
    crowd: NDArray[np.bool_]


def read_boxes(path: Path, album: Album) -> dict[str, Boxes]:
    """Labelled boxes by name of the picture in the album; a picture without a row shows nobody.

    Args:
        path: CSV with file, x1_px, y1_px, x2_px, y2_px and, where there are crowds, is_crowd (1) or counts (0).
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
    return {name: boxes_of(rows) for name, rows in found.items()}


def boxes_of(rows: Sequence[tuple[float, ...]]) -> Boxes:
    """Boxes from rows of x1, y1, x2, y2 and whether it is a crowd."""
    table = np.array(rows, np.float64).reshape(-1, 5)
    return Boxes(table[:, :4].astype(np.float32), table[:, 4] > 0)


def _crowd(row: Row) -> bool:
    crowd = {"is_crowd": "1", "counts": "0"}
    for column in crowd.keys() & row.values.keys():
        if row.text(column) not in ("0", "1"):
            raise row.wrong(column, "0 or 1")
    return any(row.values.get(column) == value for column, value in crowd.items())


def no_boxes() -> Boxes:
    """Nobody."""
    return boxes_of([])
