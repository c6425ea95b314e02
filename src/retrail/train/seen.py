"""Real pictures to check an export on: a user's, or some of the data that the run's recipe names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from retrail.core.errors import DataError
from retrail.train.apart import learned_from
from retrail.train.crops import CropReader, crop_set
from retrail.train.frames import THIRDS, of_kind, scenes
from retrail.train.recipe import EncoderRecipe, Recipe
from retrail.video.album import open_album

MOST = 32
IN_A_FOLDER = frozenset({"csv", "boxes"})
"""Kinds of sets that say themselves where they lie; others lie in a folder of the kind's name."""


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
    pictures = [one.read() for one in islice(open_album(place).places.values(), MOST)]
    return Seen(tuple(_sized(picture, recipe) for picture in pictures), place.name)


def of_recipe(recipe: Recipe, data: Path) -> Seen:
    """Pictures of the first set here that the recipe names, one that it keeps out before all.

    Args:
        recipe: of the run.
        data: folder of the data sets. A set that is not there is passed over, for runs are exported on machines that
            have not all of their data.

    Raises:
        DataError: none of the sets is there, or one that is cannot be read.
    """
    names = _names(recipe)
    for name in names:
        if not _place(name, data).exists():
            continue
        images = _crops(name, data) if isinstance(recipe, EncoderRecipe) else _frames(name, data)
        if images:
            return Seen(tuple(_sized(image, recipe) for image in images), name)
    raise DataError(
        "None of the recipe's data are here to check the export on",
        where=str(data),
        allowed=f"a folder with one of {', '.join(names)}",
        hint="give the folder that the run was trained with, or real pictures: --pictures FOLDER",
    )


def _names(recipe: Recipe) -> tuple[str, ...]:
    if not isinstance(recipe, EncoderRecipe):
        return tuple(sorted(recipe.frames.sets, key=lambda name: of_kind(name) not in THIRDS))
    return (*recipe.kept_out, *learned_from(recipe))


def _place(name: str, data: Path) -> Path:
    """The file or folder that a set needs."""
    kind, _, part = name.partition(":")
    return data / (part if kind in IN_A_FOLDER else kind)


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


def _sized(image: NDArray[np.uint8], recipe: Recipe) -> NDArray[np.uint8]:
    size = (recipe.net.width_px, recipe.net.height_px)
    return np.array(Image.fromarray(np.ascontiguousarray(image)).resize(size, Image.Resampling.BILINEAR))
