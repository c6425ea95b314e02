"""Labelled crops of people from a CSV: who is in which picture, on which camera; and what an encoder makes of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrail.core.errors import DataError
from retrail.perceive.embed import Embedder
from retrail.simulate.rows import Row
from retrail.video.album import Beside, Place
from retrail.video.picture import as_frame
from retrail.video.planes import resize_bgr

Told = Callable[[int, int], None]
"""Progress: how many are done, of how many."""

COLUMNS = ("file", "person_id", "camera_id")
NOBODY, JUNK = "0", "-1"
"""Persons of pictures that show a distractor, and of those that show nothing that counts."""
_PORTION = 256


@dataclass(frozen=True, slots=True)
class Crop:
    """One picture of one person. ``person``: also `NOBODY` and `JUNK`."""

    place: Place
    person: str
    camera: str


def crop_of(row: Row, pictures: Beside) -> Crop:
    """The picture that a row of a table speaks of.

    Raises:
        DataError: it names no person or no camera, or a picture that is not there: with file and line.
    """
    for column in ("person_id", "camera_id"):
        if not row.text(column):
            raise row.wrong(column, "a number or a name")
    place = pictures.find(row.text("file"))
    if place is None:
        raise row.wrong("file", f"a picture in {row.path.parent}, or in a zip file there")
    return Crop(place, person_of(row.text("person_id")), row.text("camera_id"))


def person_of(text: str) -> str:
    """The same number is the same person, with zeros before it or not; 0 is nobody, and below it is junk."""
    if not re.fullmatch(r"-?\d+", text):
        return text
    return JUNK if int(text) < 0 else str(int(text))


def vectors_of(embedder: Embedder, places: Sequence[Place], told: Told | None = None) -> NDArray[np.float64]:
    """(n, d) vectors of pictures, as a run makes them: each picture and its mirror image, averaged.

    Raises:
        DataError: a picture cannot be read, or there is none. ModelError: the encoder failed.
    """
    done: list[NDArray[np.float64]] = []
    for start in range(0, len(places), _PORTION):
        frames = (as_frame(place.read(), str(place)) for place in places[start : start + _PORTION])
        done.append(embedder.vectors([resize_bgr(frame, embedder.width_px, embedder.height_px) for frame in frames]))
        if told is not None:
            told(sum(map(len, done)), len(places))
    if not done:
        raise DataError("There is no picture to judge by")
    return np.concatenate(done)
