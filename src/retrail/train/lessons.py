"""Lessons: varied pictures, and what a teacher says about them, computed once and kept.

A lesson is a file of so many pictures at the student's size with the teacher's embeddings. Which pictures a lesson
holds follows from the recipe and its number alone. Run in a process of its own: OpenVINO does not go with a preloaded
malloc, which training is faster with.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrail.core.errors import DataError
from retrail.core.whole import whole_file
from retrail.runtime import Network
from retrail.train import vary
from retrail.train.crops import CropReader

TEACHER_BATCH = 8


@dataclass(frozen=True, slots=True)
class Lesson:
    """Pictures (n, h, w, 3) uint8 BGR, and the teacher's embeddings (n, d) float16 of length 1."""

    pictures: NDArray[np.uint8]
    vectors: NDArray[np.float16]


def lesson_path(folder: Path, number: int) -> Path:
    return folder / f"lesson-{number:05d}.npz"


def read_lesson(path: Path) -> Lesson:
    """A lesson from its file.

    Raises:
        DataError: it is missing or damaged.
    """
    try:
        with np.load(path, allow_pickle=False) as kept:
            return Lesson(kept["pictures"], kept["vectors"])
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise DataError(
            "A lesson cannot be read", where=str(path), found=str(error), hint="delete it: it is made again"
        ) from None


def make_lesson(
    number: int, size: int, seed: int, people: CropReader, scenes: list[NDArray[np.uint8]], teacher: Network
) -> Lesson:
    """The lesson of that number.

    Args:
        number, size, seed: which, how many pictures, of which recipe.
        people: crops to vary.
        scenes: (h, w, 3) uint8 BGR pictures without anybody, to put cut-out people into.
        teacher: an encoder of 256x128 pictures.

    Raises:
        DataError: a picture cannot be read.
    """
    pictures: list[NDArray[np.uint8]] = []
    vectors: list[NDArray[np.float32]] = []
    for start in range(0, size, TEACHER_BATCH):
        part = np.stack(
            [
                varied_picture(people, scenes, np.random.default_rng([seed, number, start + place]))
                for place in range(min(TEACHER_BATCH, size - start))
            ]
        )
        said = next(iter(teacher.infer(part).values())).reshape(len(part), -1)
        vectors.append(said / np.linalg.norm(said, axis=1, keepdims=True))
        pictures.append(halved(part))
    return Lesson(np.concatenate(pictures), np.concatenate(vectors).astype(np.float16))


def varied_picture(people: CropReader, scenes: list[NDArray[np.uint8]], dice: np.random.Generator) -> NDArray[np.uint8]:
    """Somebody of the crops, varied; (256, 128, 3) uint8 BGR."""
    first = _somebody(people, scenes, dice)
    return vary.varied(first, lambda: _somebody(people, scenes, dice), dice)


def halved(pictures: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(n, h, w, 3) to (n, h / 2, w / 2, 3): each pixel the mean of four."""
    wide = pictures.astype(np.uint16)
    total = wide[:, ::2, ::2] + wide[:, 1::2, ::2] + wide[:, ::2, 1::2] + wide[:, 1::2, 1::2]
    return ((total + 2) // 4).astype(np.uint8)


def write_lessons(folder: Path, numbers: range, make: Callable[[int], Lesson]) -> None:
    """Make the lessons that are not there yet, in order; each file appears whole.

    Args:
        folder: where they are kept.
        numbers: which.
        make: makes one.

    Raises:
        DataError: the disk is full, or a picture cannot be read; what was made stays.
    """
    for number in numbers:
        path = lesson_path(folder, number)
        if not path.is_file():
            write_lesson(path, make(number))


def write_lesson(path: Path, lesson: Lesson) -> None:
    """Write a lesson so that it is there whole or not at all.

    Raises:
        DataError: it cannot be written.
    """
    try:
        with whole_file(path, make_folder=True) as stream:
            np.savez(stream, pictures=lesson.pictures, vectors=lesson.vectors)
    except OSError as error:
        raise DataError("A lesson cannot be written", where=str(path), found=error.strerror) from None


def _somebody(people: CropReader, scenes: list[NDArray[np.uint8]], dice: np.random.Generator) -> vary.Picture:
    place = int(dice.integers(len(people)))
    mask = people.mask(place)
    if mask is None:
        return vary.fitted(people.picture(place), dice)
    image = vary.fitted(people.picture(place))
    if not scenes:
        return image
    scene = scenes[int(dice.integers(len(scenes)))]
    high, across = int(scene.shape[0]), int(scene.shape[1])
    tall = int(high * dice.uniform(0.4, 1.0))
    wide = min(max(tall // 2, 2), across)
    top, left = int(dice.integers(high - tall + 1)), int(dice.integers(across - wide + 1))
    return vary.on_background(image, mask, vary.fitted(scene[top : top + tall, left : left + wide]))
