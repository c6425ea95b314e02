"""What an encoder learns, step by step: a teacher's lessons, whose picture it is, or both."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

from retrail.core.errors import DataError
from retrail.train.crops import UNKNOWN, CropReader, crop_set
from retrail.train.lessons import Lesson, lesson_path, let_go, read_lesson
from retrail.train.losses import IdentityLoss, direction_loss, relation_loss
from retrail.train.nets.osnet import OSNet
from retrail.train.partly import cut_off
from retrail.train.recipe import EncoderRecipe, IdentitySpec, OSNetSpec, TeacherSpec
from retrail.train.sampler import PeopleSampler
from retrail.train.tensors import as_tensor, tensor_of
from retrail.train.vary import fitted, varied

NUDGE_PX = (4, 3)
JUDGE_STEPS = 500
BATCH = 64
WAIT_S = 0.1
NUDGES, PEOPLE = 1, 2
"""Where each kind of dice gets its seed."""


def build_encoder(spec: OSNetSpec) -> OSNet:
    """The recipe's net, untrained."""
    return OSNet(spec.width, dimension=spec.dimension, instance_norm=spec.instance_norm, rectify=False)


class EncoderLecture:
    """A `Lecture` for encoders.

    Args:
        recipe: what to learn.
        data: folder of the data sets.
        lessons: folder of the teacher's lessons.
        waiting: called again and again while a lesson is not there yet; raises where nobody makes it.

    Raises:
        DataError: a set is missing.
    """

    def __init__(self, recipe: EncoderRecipe, data: Path, lessons: Path, waiting: Callable[[], None]) -> None:
        self._spec, self._seed = recipe.net, recipe.seed
        self.encoder = build_encoder(recipe.net)
        self._judged = [(name, _KeptOut(name, data, recipe.net)) for name in recipe.kept_out]
        self._taught = None
        if recipe.teacher is not None:
            self._taught = _Taught(recipe.teacher, recipe.seed, lessons, waiting)
        self._named = None
        if recipe.identities is not None:
            self._named = _Named(recipe.identities, recipe.net, recipe.seed, data)
        self.steps = self._taught.steps if self._taught else recipe.identities.steps if recipe.identities else 0
        parts: dict[str, nn.Module] = {"encoder": self.encoder}
        if self._named is not None:
            parts["identities"] = self._named.loss
        self.net: nn.Module = _Together(parts)

    def losses(self, net: Callable[[Tensor], Tensor], step: int) -> Mapping[str, Tensor]:
        lesson = self._taught.batch(step) if self._taught is not None else None
        named = self._named.batch(step) if self._named is not None else None
        vectors = net(as_tensor(np.concatenate([part[0] for part in (lesson, named) if part is not None])))
        found: dict[str, Tensor] = {}
        if self._taught is not None and lesson is not None:
            ours, vectors = vectors[: len(lesson[1])], vectors[len(lesson[1]) :]
            found |= self._taught.losses(ours, lesson[1])
        if self._named is not None and named is not None:
            found |= self._named.loss(vectors, named[1])
        return found

    def verdict(self, average: nn.Module, step: int) -> Mapping[str, float]:
        ended = step == self.steps or (self._taught.ends_round(step) if self._taught else step % JUDGE_STEPS == 0)
        if not ended:
            return {}
        average.eval()
        found = {name: part.rank1(average) for name, part in self._judged}
        average.train()
        return found

    def let_go(self, step: int) -> None:
        if self._taught is not None:
            self._taught.let_go(step)


class _Together(nn.Module):
    """The encoder, and what is trained beside it; called, it is the encoder."""

    def __init__(self, parts: Mapping[str, nn.Module]) -> None:
        super().__init__()
        self.parts = nn.ModuleDict(dict(parts))

    def forward(self, images: Tensor) -> Tensor:
        return self.parts["encoder"](images)


class _Taught:
    """A teacher's lessons, round by round."""

    def __init__(self, spec: TeacherSpec, seed: int, folder: Path, waiting: Callable[[], None]) -> None:
        self._spec, self._seed, self._folder, self._waiting = spec, seed, folder, waiting
        self._ends = np.cumsum([spec.steps_of(number) for number in range(spec.rounds)])
        self.steps = int(self._ends[-1])
        self._number = -1
        self._pictures = np.empty((0, 0, 0, 3), np.uint8)
        self._vectors = np.empty((0, 0), np.float16)
        self._order = np.empty(0, np.int64)

    def losses(self, found: Tensor, wanted: Tensor) -> dict[str, Tensor]:
        losses: dict[str, Tensor] = {}
        if self._spec.direction:
            losses["direction"] = self._spec.direction * direction_loss(found, wanted)
        if self._spec.relation:
            losses["relation"] = self._spec.relation * relation_loss(found, wanted)
        return losses

    def let_go(self, step: int) -> None:
        let_go(self._folder, self._spec.first_needed(step))

    def ends_round(self, step: int) -> bool:
        return step in self._ends

    def batch(self, step: int) -> tuple[NDArray[np.uint8], Tensor]:
        number = int(np.searchsorted(self._ends, step, "right"))
        if number != self._number:
            self._open(number)
        place = step - (int(self._ends[number - 1]) if number else 0)
        take = self._order[place * self._spec.batch : (place + 1) * self._spec.batch]
        dice = np.random.default_rng([self._seed, NUDGES, step])
        pictures = cut_off(nudged(self._pictures[take], dice), self._spec.cut, dice)
        return pictures, tensor_of(self._vectors[take].astype(np.float32))

    def _open(self, number: int) -> None:
        lessons = [self._lesson(place) for place in self._spec.span(number)]
        self._pictures = np.concatenate([lesson.pictures for lesson in lessons])
        self._vectors = np.concatenate([lesson.vectors for lesson in lessons])
        self._order = np.random.default_rng([self._seed, number]).permutation(len(self._pictures))
        self._number = number

    def _lesson(self, place: int) -> Lesson:
        path = lesson_path(self._folder, place)
        while not path.is_file():
            self._waiting()
            time.sleep(WAIT_S)
        return read_lesson(path)


class _Named:
    """Pictures with people's numbers, many of each."""

    def __init__(self, spec: IdentitySpec, net: OSNetSpec, seed: int, data: Path) -> None:
        self._reader = CropReader([crop_set(name, data) for name in spec.sets])
        persons = [self._reader.crop(place).person for place in range(len(self._reader))]
        if UNKNOWN in persons:
            raise DataError(
                "A set to learn identities from does not say whose a picture is", found=", ".join(spec.sets)
            )
        numbers = {person: number for number, person in enumerate(sorted(set(persons)))}
        self._numbers = np.array([numbers[person] for person in persons])
        self._sampler = PeopleSampler(persons, spec.people, spec.pictures, seed)
        self._net, self._seed, self._blur = net, seed, spec.blur
        self.loss = IdentityLoss(len(numbers), net.dimension, spec)

    def batch(self, step: int) -> tuple[NDArray[np.uint8], Tensor]:
        places = self._sampler.batch(step)
        crops = [self._varied(int(place), [self._seed, PEOPLE, step, slot]) for slot, place in enumerate(places)]
        return np.stack(crops), tensor_of(self._numbers[places])

    def _varied(self, place: int, seed: list[int]) -> NDArray[np.uint8]:
        dice = np.random.default_rng(seed)
        first = fitted(self._reader.picture(place), dice)
        picture = varied(first, lambda: first, dice, colours=False, blur=self._blur)
        size = (self._net.width_px, self._net.height_px)
        return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.BOX))


class _KeptOut:
    """People of a place that is kept out: each picture asks for another of the same person."""

    def __init__(self, name: str, data: Path, net: OSNetSpec) -> None:
        reader = CropReader([crop_set(name, data)])
        size = (net.width_px, net.height_px)
        crops = (np.ascontiguousarray(reader.picture(place)) for place in range(len(reader)))
        self._pictures = np.stack([np.asarray(Image.fromarray(crop).resize(size, 2)) for crop in crops])
        self._persons = np.array([reader.crop(place).person for place in range(len(reader))])
        self._cameras = np.array([reader.crop(place).camera for place in range(len(reader))])
        reader.close()

    @torch.inference_mode()
    def rank1(self, net: nn.Module) -> float:
        """Share of the pictures whose nearest, on another camera where cameras are known, is of the same person."""
        vectors = np.concatenate(
            [_embedded(net, self._pictures[start : start + BATCH]) for start in range(0, len(self._pictures), BATCH)]
        )
        cosines = vectors @ vectors.T
        same = self._persons[:, None] == self._persons[None]
        # Across cameras alone, as in a shop: on one camera everybody looks more like everybody.
        known = self._cameras[:, None] != UNKNOWN
        left = np.eye(len(same), dtype=np.bool_) | (known & (self._cameras[:, None] == self._cameras[None]))
        cosines[left] = -2
        asks = (same & ~left).any(axis=1)
        return float(same[np.arange(len(same)), cosines.argmax(axis=1)][asks].mean())


def _embedded(net: nn.Module, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    both = net(as_tensor(pictures)) + net(as_tensor(np.ascontiguousarray(pictures[:, :, ::-1])))
    return nn.functional.normalize(both).numpy()


def nudged(pictures: NDArray[np.uint8], dice: np.random.Generator) -> NDArray[np.uint8]:
    """Pictures (b, h, w, 3) moved by a few pixels each, and half of them mirrored: little enough for what a teacher
    said about them to hold."""
    down, across = NUDGE_PX
    high, wide = pictures.shape[1:3]
    padded = np.pad(pictures, ((0, 0), (down, down), (across, across), (0, 0)), mode="edge")
    found = np.empty_like(pictures)
    for place in range(len(pictures)):
        top, left = dice.integers(0, 2 * down + 1), dice.integers(0, 2 * across + 1)
        part = padded[place, top : top + high, left : left + wide]
        found[place] = part[:, ::-1] if dice.random() < 0.5 else part
    return found
