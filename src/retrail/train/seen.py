"""Real pictures to check an export on: a user's, or some of the data that the run's recipe names."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from retrail.core.errors import DataError
from retrail.train.crops import CropReader, crop_set, decoded
from retrail.train.frames import THIRDS, of_kind, scenes
from retrail.train.recipe import EncoderRecipe, Recipe

MOST = 32
SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp"})


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """Pictures of a net's input size.

    Attributes:
        pictures: (h, w, 3) uint8 BGR each.
        origin: of what, in a few words; empty where there are none.
    """

    pictures: tuple[NDArray[np.uint8], ...] = ()
    origin: str = ""

    @property
    def said(self) -> str:
        """On what a check is made; the drawn picture of the golden check is always among it.

        >>> Seen().said
        'one drawn picture, no real one'
        """
        if not self.pictures:
            return "one drawn picture, no real one"
        return f"{len(self.pictures)} pictures of {self.origin} and a drawn one"


def of_place(place: Path, recipe: Recipe) -> Seen:
    """The first pictures, by name, of a folder or zip.

    Raises:
        DataError: it or a picture cannot be read, or there are none.
    """
    try:
        if place.is_dir():
            paths = sorted(path for path in place.iterdir() if path.suffix.lower() in SUFFIXES)[:MOST]
            images = [_bgr(path.read_bytes(), str(path)) for path in paths]
        else:
            with zipfile.ZipFile(place) as archive:
                names = sorted(n for n in archive.namelist() if Path(n).suffix.lower() in SUFFIXES)[:MOST]
                images = [_bgr(archive.read(name), f"{place}: {name}") for name in names]
    except (OSError, zipfile.BadZipFile) as error:
        raise DataError("Pictures for the check cannot be read", where=str(place), found=str(error)) from None
    if not images:
        raise DataError("There are no pictures to check the export on", where=str(place))
    return Seen(tuple(_sized(image, recipe) for image in images), place.name)


def of_recipe(recipe: Recipe, data: Path) -> Seen:
    """Pictures of the first set here that the recipe names, one that it keeps out before all; none where none is.

    Args:
        recipe: of the run.
        data: folder of the data sets.
    """
    for name in _names(recipe):
        try:
            images = _crops(name, data) if isinstance(recipe, EncoderRecipe) else _frames(name, data)
        except DataError:  # it is not on this machine
            continue
        if images:
            return Seen(tuple(_sized(image, recipe) for image in images), name)
    return Seen()


def _names(recipe: Recipe) -> tuple[str, ...]:
    if not isinstance(recipe, EncoderRecipe):
        return tuple(sorted(recipe.frames.sets, key=lambda name: of_kind(name) not in THIRDS))
    people = recipe.teacher.people if recipe.teacher else ()
    return (*recipe.kept_out, *people, *(recipe.identities.sets if recipe.identities else ()))


def _crops(name: str, data: Path) -> list[NDArray[np.uint8]]:
    reader = CropReader([crop_set(name, data)])
    try:
        return [reader.picture(place) for place in _spread(len(reader))]
    finally:
        reader.close()


def _frames(name: str, data: Path) -> list[NDArray[np.uint8]]:
    found = scenes(name, data, out=True) or scenes(name, data)
    return [found[place].image for place in _spread(len(found))]


def _spread(count: int) -> Sequence[int]:
    """At most so many places, evenly over all."""
    return sorted({place * count // MOST for place in range(MOST)}) if count else ()


def _bgr(data: bytes, where: str) -> NDArray[np.uint8]:
    return np.asarray(decoded(data, where).convert("RGB"))[..., ::-1]


def _sized(image: NDArray[np.uint8], recipe: Recipe) -> NDArray[np.uint8]:
    size = (recipe.net.width_px, recipe.net.height_px)
    return np.array(Image.fromarray(np.ascontiguousarray(image)).resize(size, Image.Resampling.BILINEAR))
