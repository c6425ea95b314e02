"""Frames with boxes to learn finding people from: which sets there are, and which part of each is kept out.

A set is named ``KIND`` or ``KIND:PATH``, in a folder laid out as the data sets are: ``mot17_mini``, ``coco128_person``,
``coco_person``, ``empty_scenes`` (the latter three also as ``KIND:free``: the photos that anybody may use, see
:mod:`retrail.train.licences`), or ``boxes:FOLDER``: pictures with a ``boxes.csv`` (file, x1_px, y1_px, x2_px, y2_px,
counts; counts 0: neither person nor background), as :mod:`retrail.train.label` writes it.

Kept out, to report on: every third, in order of names, of mot17_mini's sequences and of the pictures of coco_person and
of empty_scenes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from retrail.core.errors import DataError
from retrail.evaluate.pictures import Boxes, boxes_of, no_boxes, read_boxes
from retrail.simulate.rows import read_text
from retrail.train.licences import free_files
from retrail.video.album import Album, open_album

KINDS = ("mot17_mini", "coco128_person", "coco_person", "empty_scenes", "KIND:free", "boxes:FOLDER")
THIRDS = frozenset({"mot17_mini", "coco_person", "empty_scenes"})
"""The kinds of which a third is kept out."""
LONGEST_PX = 640
MOT_PERSON, MOT_LEAST_VISIBLE = 1, 0.35
MOT_LIKE_PEOPLE = frozenset({2, 6, 7, 8, 12})
"""MOT17's classes that look like people: on a vehicle, static, mannequins, reflections."""


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """A picture with the people in it.

    Attributes:
        image: (h, w, 3) uint8 BGR, its longer side at most ``LONGEST_PX``.
        boxes: (n, 4) float32 x1, y1, x2, y2 in its pixels.
        counts: (n,) bool; False: neither a person to find nor background.
    """

    image: NDArray[np.uint8]
    boxes: NDArray[np.float32]
    counts: NDArray[np.bool_]


def kept_out(names: Iterable[str]) -> tuple[str, ...]:
    """Every third of some names, in order: never trained on.

    >>> kept_out(["c", "a", "b", "d"])
    ('c',)
    """
    return tuple(sorted(names)[2::3])


def of_kind(name: str) -> str:
    """The kind of a set of frames.

    >>> of_kind("coco_person:free")
    'coco_person'
    """
    return name.partition(":")[0]


def scenes(name: str, folder: Path, *, out: bool = False) -> list[Scene]:
    """One set of frames: what may be learned from or, with ``out``, what is kept out of it.

    Raises:
        DataError: there is no such set, or a file of it is missing, empty or damaged.
    """
    kind, _, part = name.partition(":")
    match kind, part:
        case "mot17_mini", "":
            return _mot(folder / kind, out)
        case (("coco_person" | "coco128_person" | "empty_scenes"), ("" | "free")):
            table = None if kind == "empty_scenes" else folder / kind / "boxes.csv"
            only = free_files(folder / kind) if part else None
            return _drawn(folder / kind / "images.zip", table, out, whole=kind == "coco128_person", only=only)
        case "boxes", _:
            return [] if out else _drawn(folder / part, folder / part / "boxes.csv", out, whole=True)
        case _:
            raise DataError("There is no such set of frames", found=name, allowed=", ".join(KINDS))


def scene(image: NDArray[np.uint8], boxes: Boxes) -> Scene:
    """A picture (h, w, 3) uint8 BGR and its boxes (pixels of the picture), shrunk to ``LONGEST_PX``."""
    high, wide = image.shape[:2]
    scale = min(1.0, LONGEST_PX / max(high, wide))
    if scale < 1:
        size = (max(1, round(wide * scale)), max(1, round(high * scale)))
        image = np.array(Image.fromarray(image).resize(size, Image.Resampling.BOX))
    return Scene(image, (boxes.xyxy * scale).astype(np.float32), ~boxes.crowd)


def _mot(folder: Path, out: bool) -> list[Scene]:
    sequences = sorted(path.name for path in folder.glob("MOT17-*"))
    if not sequences:
        raise DataError("A set of frames is missing", where=str(folder), allowed="folders MOT17-…")
    left = kept_out(sequences)
    found: list[Scene] = []
    for sequence in sequences:
        if (sequence in left) == out:
            boxes = _mot_boxes(folder / sequence / "gt/gt.txt")
            for name, place in open_album(folder / sequence / "img1").places.items():
                found.append(scene(place.read(), boxes.get(int(Path(name).stem), no_boxes())))
    return found


def _mot_boxes(path: Path) -> Mapping[int, Boxes]:
    boxes: dict[int, list[tuple[float, ...]]] = defaultdict(list)
    for number, line in enumerate(read_text(path).splitlines(), 1):
        try:
            frame, _, x, y, wide, high, active, label, visible = line.split(",")
            sure = active == "1" and int(label) == MOT_PERSON and float(visible) >= MOT_LEAST_VISIBLE
            if sure or int(label) == MOT_PERSON or int(label) in MOT_LIKE_PEOPLE:
                left_px, top = float(x) - 1, float(y) - 1
                boxes[int(frame)].append((left_px, top, left_px + float(wide), top + float(high), not sure))
        except ValueError as error:
            where = f"{path} line {number}"
            raise DataError(
                "A line of MOT text cannot be read",
                where=where,
                found=str(error),
                allowed="frame, id, x, y, width, height, active, class, visibility",
            ) from None
    return {frame: boxes_of(rows) for frame, rows in boxes.items()}


def _album(source: Path) -> Album:
    try:
        return open_album(source)
    except DataError as error:
        raise DataError(
            "A set of frames is missing", where=error.where, found=error.found or error.what, allowed=error.allowed
        ) from None


def _drawn(
    source: Path, table: Path | None, out: bool, *, whole: bool, only: Collection[str] | None = None
) -> list[Scene]:
    """The pictures of a folder or a zip file with their boxes; without a table, of nobody."""
    album = _album(source)
    boxes = {} if table is None else read_boxes(table, album)
    left = () if whole else kept_out(album.places)
    # Of folders in a folder (crops beside frames) only what the table names.
    names = [name for name in album.places if name in boxes or source.is_file() or "/" not in name]
    return [
        scene(album.places[name].read(), boxes.get(name, no_boxes()))
        for name in names
        if (name in left) == out and (only is None or Path(name).name in only)
    ]
