"""Lessons: varied pictures, and what a teacher says about them, computed once and kept.

A lesson is a file of so many pictures at the student's size with the teacher's embeddings. Which pictures a lesson
holds follows from the recipe and its number alone. Run in a process of its own: OpenVINO does not go with a preloaded
malloc, which training is faster with.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from retrail.core.errors import DataError
from retrail.core.whole import whole_file
from retrail.runtime import Network
from retrail.train import vary
from retrail.train.crops import CropReader, CropSet

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
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as kept:
            return Lesson(kept["pictures"], kept["vectors"])
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise DataError(
            "A lesson cannot be read",
            where=str(path),
            found=str(error),
            hint="delete it: the same command makes it again",
        ) from None


def let_go(folder: Path, first: int) -> None:
    """Remove the lessons before ``first``."""
    for path in folder.glob("lesson-*.npz"):
        if path.name < lesson_path(folder, first).name:
            path.unlink(missing_ok=True)


class Subjects:
    """Whom the pictures of lessons show: sets of crops, each with its share of the pictures, however large it is.

    Args:
        sets: the sets and their shares.
        scenes: (h, w, 3) uint8 BGR pictures without anybody, to put cut-out people into.
        plain: share of the pictures that are not varied.
        blur: share of the varied ones that are blurred.
    """

    def __init__(
        self,
        sets: Sequence[tuple[CropSet, float]],
        scenes: list[NDArray[np.uint8]],
        plain: float,
        blur: float = 0.0,
    ) -> None:
        self._people = CropReader([crops for crops, _ in sets])
        ends = list(accumulate(len(crops.crops) for crops, _ in sets))
        self._places = [range(start, end) for start, end in zip([0, *ends], ends, strict=False)]
        self._shares = np.array([share for _, share in sets]) / sum(share for _, share in sets)
        self._scenes = scenes
        self._plain, self._blur = plain, blur

    def picture(self, dice: np.random.Generator) -> NDArray[np.uint8]:
        """Somebody of the crops, varied or not; (256, 128, 3) uint8 BGR.

        Raises:
            DataError: a picture cannot be read.
        """
        if dice.random() < self._plain:
            return vary.plain(self._somebody(dice), dice)
        return vary.varied(self._somebody(dice), lambda: self._somebody(dice), dice, blur=self._blur)

    def close(self) -> None:
        self._people.close()

    def _somebody(self, dice: np.random.Generator) -> vary.Picture:
        places = self._places[int(dice.choice(len(self._places), p=self._shares))]
        place = places[int(dice.integers(len(places)))]
        mask = self._people.mask(place)
        if mask is None:
            return vary.fitted(self._people.picture(place), dice)
        image = vary.fitted(self._people.picture(place))
        if not self._scenes:
            return image
        scene = self._scenes[int(dice.integers(len(self._scenes)))]
        high, across = int(scene.shape[0]), int(scene.shape[1])
        tall = int(high * dice.uniform(0.4, 1.0))
        wide = min(max(tall // 2, 2), across)
        top, left = int(dice.integers(high - tall + 1)), int(dice.integers(across - wide + 1))
        return vary.on_background(image, mask, vary.fitted(scene[top : top + tall, left : left + wide]))


def make_lesson(
    number: int, pictures: int, seed: int, subjects: Subjects, teacher: Network, height_px: int, width_px: int
) -> Lesson:
    """The lesson of that number.

    Args:
        number, pictures, seed: which, how many pictures, of which recipe.
        subjects: whom they show.
        teacher: an encoder; it gets the pictures at its own size.
        height_px, width_px: of the student's pictures.

    Raises:
        DataError: a picture cannot be read.
    """
    seen: list[NDArray[np.uint8]] = []
    vectors: list[NDArray[np.float32]] = []
    for start in range(0, pictures, TEACHER_BATCH):
        places = range(start, min(start + TEACHER_BATCH, pictures))
        part = np.stack([subjects.picture(np.random.default_rng([seed, number, place])) for place in places])
        shown = shrunk(part, teacher.height_px, teacher.width_px)
        said = next(iter(teacher.infer(shown).values())).reshape(len(part), -1)
        vectors.append(said / np.linalg.norm(said, axis=1, keepdims=True))
        seen.append(shrunk(part, height_px, width_px))
    return Lesson(np.concatenate(seen), np.concatenate(vectors).astype(np.float16))


def shrunk(pictures: NDArray[np.uint8], height_px: int, width_px: int) -> NDArray[np.uint8]:
    """(n, h, w, 3) to (n, height_px, width_px, 3): each pixel the mean of those it stands for."""
    size, mean = (width_px, height_px), Image.Resampling.BOX
    return np.stack([np.asarray(Image.fromarray(picture).resize(size, mean)) for picture in pictures])


def write_lessons(folder: Path, numbers: Iterable[int], make: Callable[[int], Lesson]) -> None:
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
