"""Teachers find the people in frames nobody labelled: a clip or a folder of pictures becomes a folder with boxes.csv.

A person is where one teacher is sure; where a teacher only suspects one, the place counts neither as person nor as
background.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import av
import numpy as np
from av.error import FFmpegError
from numpy.typing import NDArray
from PIL import Image

from retrail.core.errors import DataError
from retrail.core.geometry import box_iou
from retrail.core.types import Frame, Planes
from retrail.perceive.detect import Detector
from retrail.video.album import open_album

SURE, SUSPECTED = 0.5, 0.2
SAME_IOU = 0.5
QUALITY = 92
COLUMNS = ("file", "x1_px", "y1_px", "x2_px", "y2_px", "counts")


def label(frames: Iterable[NDArray[np.uint8]], teachers: Sequence[Detector], folder: Path, sure: float = SURE) -> int:
    """Write frames as pictures with what the teachers see in them; returns how many.

    Args:
        frames: (h, w, 3) uint8 BGR.
        teachers: their boxes are put together, surest first.
        folder: made if need be.
        sure: least score of a person.

    Raises:
        DataError: the folder cannot be written.
    """
    rows: list[tuple[str | float, ...]] = []
    count = 0
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for count, image in enumerate(frames, 1):
            name = f"{count:06d}.jpg"
            Image.fromarray(np.ascontiguousarray(image[..., ::-1])).save(folder / name, quality=QUALITY)
            for box, score in people(image, teachers):
                rows.append((name, *(round(side, 1) for side in box), int(score >= sure)))
        with (folder / "boxes.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(COLUMNS)
            writer.writerows(rows)
    except OSError as error:
        raise DataError("Labelled frames cannot be written", where=str(folder), found=error.strerror) from None
    return count


def people(
    image: NDArray[np.uint8], teachers: Sequence[Detector]
) -> list[tuple[tuple[float, float, float, float], float]]:
    """What the teachers see in a (h, w, 3) uint8 BGR picture: boxes in its pixels with the best score, one a person."""
    height, width = image.shape[:2]
    planes = Planes("bgr24", (np.ascontiguousarray(image),))
    frame = Frame("teacher", 0, 0.0, planes, width, height)
    found = [
        (seen.box, seen.score) for teacher in teachers for seen in teacher.detect(frame) if seen.score >= SUSPECTED
    ]
    found.sort(key=lambda pair: -pair[1])
    kept: list[tuple[tuple[float, float, float, float], float]] = []
    for box, score in found:
        here = np.array([box], np.float32)
        if not kept or box_iou(here, np.array([other for other, _ in kept], np.float32)).max() < SAME_IOU:
            kept.append((box, score))
    return kept


def clip_frames(path: Path, every: int) -> Iterator[NDArray[np.uint8]]:
    """Every so many-th frame of a clip, (h, w, 3) uint8 BGR.

    Raises:
        DataError: it cannot be read.
    """
    try:
        with av.open(str(path)) as container:
            for place, frame in enumerate(container.decode(video=0)):
                if place % every == 0:
                    yield np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)
    except (FFmpegError, OSError) as error:
        raise DataError("A clip to learn from cannot be read", where=str(path), found=str(error)) from None


def folder_frames(folder: Path) -> Iterator[NDArray[np.uint8]]:
    """The pictures of a folder, (h, w, 3) uint8 BGR, by name.

    Raises:
        DataError: one cannot be read.
    """
    yield from (place.read() for name, place in open_album(folder).places.items() if "/" not in name)
