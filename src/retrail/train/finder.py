"""What a detector learns, step by step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from retrail.core.errors import DataError
from retrail.train.assign import Truth, finder_loss
from retrail.train.crops import CropReader, crop_set
from retrail.train.frames import Scene, scenes
from retrail.train.nets.finder import Finder, cells
from retrail.train.paste import CutOut, frame_to_learn
from retrail.train.recipe import FinderRecipe, FinderSpec
from retrail.train.tensors import as_tensor, tensor_of

BOX_SHARE = 2.0


def build_finder(spec: FinderSpec) -> Finder:
    """The recipe's net, untrained."""
    return Finder(spec.channels, spec.neck)


class FinderLecture:
    """A `Lecture` for detectors.

    Args:
        recipe: what to learn.
        data: folder of the data sets.

    Raises:
        DataError: a set is missing or empty.
    """

    def __init__(self, recipe: FinderRecipe, data: Path) -> None:
        self._spec, self._seed = recipe.frames, recipe.seed
        self._size = (recipe.net.width_px, recipe.net.height_px)
        self.net: nn.Module = build_finder(recipe.net)
        self.steps = recipe.frames.steps
        self._pools = [scenes(name, data) for name in recipe.frames.sets]
        for name, pool in zip(recipe.frames.sets, self._pools, strict=True):
            if not pool:
                raise DataError("A set of frames is empty", found=name)
        shares = np.array(list(recipe.frames.sets.values()))
        self._shares: NDArray[np.float64] = shares / shares.sum()
        self._cutouts = _cutouts(recipe.frames.cutouts, data) if recipe.frames.pasted else []

    def losses(self, net: Callable[[Tensor], Tensor], step: int) -> Mapping[str, Tensor]:
        small = step < self._spec.small_share * self.steps
        size, count = (self._spec.small, self._spec.batch) if small else (self._size, self._spec.batch // 2)
        frames = [self._frame(size, np.random.default_rng([self._seed, step, place])) for place in range(count)]
        truths = [Truth(tensor_of(frame.boxes), tensor_of(frame.counts)) for frame in frames]
        rows = net(as_tensor(np.stack([frame.image for frame in frames])))
        loss = finder_loss(rows, cells(size[1], size[0]), truths)
        return {"score": loss.score, "box": BOX_SHARE * loss.box}

    def verdict(self, average: nn.Module, step: int) -> Mapping[str, float]:
        del average, step  # judged after export, by the evaluation's own command
        return {}

    def let_go(self, step: int) -> None:
        """Nothing was kept for a step."""

    def _frame(self, size: tuple[int, int], dice: np.random.Generator) -> Scene:
        pool = self._pools[int(dice.choice(len(self._pools), p=self._shares))]
        scene = pool[int(dice.integers(len(pool)))]
        return frame_to_learn(scene, self._cutouts, size, dice, self._spec.pasted, self._spec.decoys)


def _cutouts(name: str, data: Path) -> list[CutOut]:
    reader = CropReader([crop_set(name, data)])
    found: list[CutOut] = []
    for place in range(len(reader)):
        mask = reader.mask(place)
        if mask is None:
            raise DataError("A set of people to paste has no masks", found=name)
        found.append(CutOut(reader.picture(place), mask.astype(np.uint8) * 255))
    reader.close()
    return found
