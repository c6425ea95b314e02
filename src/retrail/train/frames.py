"""Frames with boxes to learn finding people from: which sets there are, and which part of each is kept out.

A set is named ``KIND`` or ``KIND:PATH``, in a folder laid out as the data sets are: ``mot17_mini``, ``coco128_person``,
``coco_person``, ``empty_scenes`` (the latter three also as ``KIND:free``: the photos that anybody may use, see
:mod:`retrail.train.licences`), or ``boxes:FOLDER``: pictures with a ``boxes.csv`` (file, x1_px, y1_px, x2_px, y2_px,
counts; counts 0: neither person nor background), as :mod:`retrail.train.label` writes it.

Kept out, to report on: every third, in order of names, of mot17_mini's sequences and of the pictures of coco_person and
of empty_scenes.
"""

from __future__ import annotations

import zipfile
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from retrail.core.errors import DataError
from retrail.train.crops import decoded, table
from retrail.train.licences import free_files

KINDS = ("mot17_mini", "coco128_person", "coco_person", "empty_scenes", "KIND:free", "boxes:FOLDER")
THIRDS = frozenset({"mot17_mini", "coco_person", "empty_scenes"})
"""The kinds of which a third is kept out."""
LONGEST_PX = 640
MOT_PERSON, MOT_LEAST_VISIBLE = 1, 0.35
MOT_LIKE_PEOPLE = frozenset({2, 6, 7, 8, 12})
"""MOT17's classes that look like people: on a vehicle, static, mannequins, reflections."""


_Boxes = Mapping[str, list[tuple[float, float, float, float, bool]]]


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
            boxes: _Boxes = {} if kind == "empty_scenes" else _read_boxes(folder / kind / "boxes.csv")
            only = free_files(folder / kind) if part else None
            return _zipped(folder / kind / "images.zip", boxes, out, whole=kind == "coco128_person", only=only)
        case "boxes", _:
            return [] if out else _folder(folder / part)
        case _:
            raise DataError("There is no such set of frames", found=name, allowed=", ".join(KINDS))


def scene(image: Image.Image, boxes: Sequence[tuple[float, float, float, float, bool]]) -> Scene:
    """A picture and its boxes (pixels of the picture), shrunk to ``LONGEST_PX``."""
    scale = min(1.0, LONGEST_PX / max(image.size))
    if scale < 1:
        size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        image = image.resize(size, Image.Resampling.BOX)
    rows = np.array([box[:4] for box in boxes], np.float32).reshape(-1, 4) * scale
    pixels = np.ascontiguousarray(np.asarray(image.convert("RGB"))[..., ::-1])
    return Scene(pixels, rows.astype(np.float32), np.array([box[4] for box in boxes], np.bool_))


def _mot(folder: Path, out: bool) -> list[Scene]:
    sequences = sorted(path.name for path in folder.glob("MOT17-*"))
    if not sequences:
        raise DataError("A set of frames is missing", where=str(folder), allowed="folders MOT17-…")
    left = kept_out(sequences)
    found: list[Scene] = []
    for sequence in sequences:
        if (sequence in left) != out:
            continue
        boxes: dict[int, list[tuple[float, float, float, float, bool]]] = defaultdict(list)
        for line in (folder / sequence / "gt/gt.txt").read_text("utf-8").split():
            frame, _, x, y, wide, high, active, label, visible = line.split(",")
            sure = active == "1" and int(label) == MOT_PERSON and float(visible) >= MOT_LEAST_VISIBLE
            if sure or int(label) == MOT_PERSON or int(label) in MOT_LIKE_PEOPLE:
                left_px, top = float(x) - 1, float(y) - 1
                boxes[int(frame)].append((left_px, top, left_px + float(wide), top + float(high), sure))
        paths = sorted((folder / sequence / "img1").glob("*.jpg"))
        found += [scene(decoded(path.read_bytes(), str(path)), boxes[int(path.stem)]) for path in paths]
    return found


def _zipped(
    archive: Path, boxes: _Boxes, out: bool, *, whole: bool, only: Collection[str] | None = None
) -> list[Scene]:
    try:
        opened = zipfile.ZipFile(archive)
    except (OSError, zipfile.BadZipFile) as error:
        raise DataError("A set of frames is missing", where=str(archive), found=str(error)) from None
    with opened as source:
        names = sorted(name for name in source.namelist() if name.lower().endswith((".jpg", ".png")))
        left = () if whole else kept_out(names)
        return [
            scene(decoded(source.read(name), f"{archive}: {name}"), boxes.get(Path(name).name, []))
            for name in names
            if (name in left) == out and (only is None or Path(name).name in only)
        ]


def _folder(folder: Path) -> list[Scene]:
    boxes = _read_boxes(folder / "boxes.csv")
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in (".jpg", ".png"))
    if not paths:
        raise DataError("A set of frames is empty", where=str(folder), allowed=".jpg or .png beside boxes.csv")
    return [scene(decoded(path.read_bytes(), str(path)), boxes.get(path.name, [])) for path in paths]


def _read_boxes(path: Path) -> _Boxes:
    found: dict[str, list[tuple[float, float, float, float, bool]]] = defaultdict(list)
    for number, row in enumerate(table(path), 2):
        try:
            x1, y1, x2, y2 = (float(row[key]) for key in ("x1_px", "y1_px", "x2_px", "y2_px"))
            counts = row.get("counts", "1") != "0" and row.get("is_crowd", "0") == "0"
            found[row["file"]].append((x1, y1, x2, y2, counts))
        except (KeyError, ValueError) as error:
            raise DataError("A row of boxes cannot be read", where=f"{path} line {number}", found=str(error)) from None
    return found
