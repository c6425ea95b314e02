"""Labelled crops of people, split into queries and gallery: Market-1501 and CSV."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrail.core.errors import DataError
from retrail.simulate.labelled import COLUMNS, JUNK, NOBODY, Crop, crop_of, person_of
from retrail.simulate.rows import rows_of
from retrail.video.album import Beside, open_album

_NAME = re.compile(r"(-?\d+)_c(\d+)s\d+_")
_MARKET = {"query": "query", "gallery": "bounding_box_test"}
KINDS = ("market1501", "csv")


@dataclass(frozen=True, slots=True)
class LabelledCrops:
    """What is asked, and among what. ``name``: as it was given."""

    name: str
    query: tuple[Crop, ...]
    gallery: tuple[Crop, ...]

    def labels(self, crops: tuple[Crop, ...]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(n,) person and (n,) camera as numbers, the same in queries and gallery; 0 and -1 keep their meaning."""
        everybody = sorted({crop.person for crop in self.query + self.gallery} - {NOBODY, JUNK})
        number = {NOBODY: 0, JUNK: -1} | {person: place for place, person in enumerate(everybody, start=1)}
        cameras = sorted({crop.camera for crop in self.query + self.gallery})
        place_of = {camera: place for place, camera in enumerate(cameras)}
        return (
            np.array([number[crop.person] for crop in crops], np.int64),
            np.array([place_of[crop.camera] for crop in crops], np.int64),
        )


def read_crops(data: str) -> LabelledCrops:
    """Read ``KIND:PATH``.

    ``market1501:FOLDER`` is the set as published (``query``, ``bounding_box_test``), or with ``labels.csv`` and a zip
    file a split. ``csv:FILE`` has file, person_id, camera_id and split (query or gallery; other rows are left out);
    files are relative to it, or in ``images.zip`` beside it.

    Raises:
        DataError: another kind, a row that is wrong, a picture that is not there, no query or no gallery.
    """
    kind, _, text = data.partition(":")
    path = Path(text)
    if kind not in KINDS or not text:
        raise DataError("Not a set of labelled crops", found=data, allowed="market1501:FOLDER or csv:FILE")
    if kind == "market1501" and not (path / "labels.csv").is_file():
        splits = {split: _named(path / folder) for split, folder in _MARKET.items()}
    else:
        splits = _listed(path / "labels.csv" if kind == "market1501" else path)
    for split, crops in splits.items():
        if not crops:
            raise DataError(f"There is no picture of the split {split}", where=data)
    return LabelledCrops(data, splits["query"], splits["gallery"])


def _named(folder: Path) -> tuple[Crop, ...]:
    """Crops whose names say who it is, as in ``0002_c1s1_000451_03.jpg``."""
    if not folder.is_dir():
        where = str(folder.parent)
        raise DataError(
            "Not a folder of Market-1501", where=where, allowed="labels.csv, or query and bounding_box_test"
        )
    crops: list[Crop] = []
    for name, place in open_album(folder).places.items():
        parts = _NAME.match(name)
        if parts is None:
            raise DataError("Not a name of Market-1501", where=str(place), allowed="as 0002_c1s1_000451_03.jpg")
        crops.append(Crop(place, person_of(parts[1]), parts[2]))
    return tuple(crops)


def _listed(table: Path) -> Mapping[str, tuple[Crop, ...]]:
    pictures = {split: Beside(table.parent, ("images.zip", f"{split}.zip")) for split in _MARKET}
    crops: dict[str, list[Crop]] = {split: [] for split in pictures}
    for row in rows_of(table, (*COLUMNS, "split")):
        split = row.text("split")
        if split in crops:
            crops[split].append(crop_of(row, pictures[split]))
    return {split: tuple(found) for split, found in crops.items()}
