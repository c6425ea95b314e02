"""Frames and crops of simulated people with exact boxes, as `boxes:FOLDER` and `csv:FOLDER/labels.csv` name them."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PIL import Image

from retrail.core.errors import DataError
from retrail.simulate.render.film import Picture, Stage
from retrail.simulate.scenario import Scenario
from retrail.simulate.schedule import frame_times
from retrail.simulate.world import play
from retrail.train.label import COLUMNS, QUALITY

SEEN, FAINT = 0.4, 0.05
"""Visibility from which a person counts, and below which there is nothing to see."""
CROP_SEEN, CROP_HIGH_PX = 0.7, 48
EMPTY_KEPT = 8
"""Of the frames without anybody every so many-th is kept."""


def write_frames(scenario: Scenario, seed: int, every: int, folder: Path) -> tuple[int, int]:
    """Draw every so many-th frame of each camera; returns how many frames and crops were written.

    Frames go to ``folder`` with ``boxes.csv``; crops of people in full view to ``folder/crops`` with ``labels.csv``
    (file, person_id, camera_id), person ``SEED-NUMBER``.

    Raises:
        DataError: the folder cannot be written.
    """
    world = play(scenario, seed=seed)
    rows: list[tuple[str | float, ...]] = []
    crops: list[tuple[str, str, str]] = []
    frames = 0
    try:
        (folder / "crops").mkdir(parents=True, exist_ok=True)
        for camera in scenario.spec.cameras:
            stage = Stage(world, camera)
            for index, time_s in frame_times(world, camera):
                if index % every:
                    continue
                picture = stage.picture(index, time_s)
                if not len(picture.people) and index // every % EMPTY_KEPT:
                    continue
                name = f"{seed}-{camera}-{index:05d}"
                image = Image.fromarray(np.ascontiguousarray(picture.bgr[..., ::-1]))
                image.save(folder / f"{name}.jpg", quality=QUALITY)
                frames += 1
                rows += _boxes(f"{name}.jpg", picture)
                crops += _crops(folder / "crops", name, camera, seed, image, picture)
        _table(folder / "boxes.csv", COLUMNS, rows)
        _table(folder / "crops" / "labels.csv", ("file", "person_id", "camera_id"), crops)
    except OSError as error:
        raise DataError("Simulated frames cannot be written", where=str(folder), found=error.strerror) from None
    return frames, len(crops)


def _boxes(name: str, picture: Picture) -> Iterable[tuple[str | float, ...]]:
    for box, seen in zip(picture.boxes.tolist(), picture.visibility.tolist(), strict=True):
        if seen >= FAINT:
            yield (name, *(round(side, 1) for side in box), int(seen >= SEEN))


def _crops(
    folder: Path, name: str, camera: str, seed: int, image: Image.Image, picture: Picture
) -> Iterable[tuple[str, str, str]]:
    for person, box, seen in zip(picture.people.tolist(), picture.boxes.tolist(), picture.visibility, strict=True):
        x1, y1, x2, y2 = box
        if seen < CROP_SEEN or y2 - y1 < CROP_HIGH_PX or x2 - x1 < 8:
            continue
        file = f"{name}-{person}.jpg"
        image.crop((int(x1), int(y1), round(x2), round(y2))).save(folder / file, quality=QUALITY)
        yield file, f"{seed}-{person}", camera


def _table(path: Path, header: Iterable[str], rows: Iterable[tuple[str | float, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(header)
        writer.writerows(rows)
