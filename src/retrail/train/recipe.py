"""Recipes: one page of YAML that says what is trained, from what, and how."""

from __future__ import annotations

import json
from itertools import accumulate
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from retrail.core.errors import DataError, SiteError
from retrail.site.document import read_document
from retrail.site.mistakes import in_one
from retrail.site.values import mistake
from retrail.train.recipe_mistakes import recipe_mistakes

Share = Annotated[float, Field(ge=0, le=1)]
Weight = Annotated[float, Field(ge=0)]
Count = Annotated[int, Field(ge=1)]
Several = Annotated[int, Field(ge=2)]
Side = Annotated[int, Field(multiple_of=32, ge=64)]
Positive = Annotated[float, Field(gt=0)]
Sets = Annotated[tuple[str, ...], Field(min_length=1)]
Seed = Annotated[int, Field(ge=0)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class LearningSpec(_Part):
    """How fast, in which form: the same for every loop.

    Attributes:
        rate: AdamW's highest; up in a line over ``warmup_steps``, then down along a cosine.
        decay: of weights that are matrices or kernels.
        average: kept of the running average of weights at each step; the average is what is exported.
        threads: of the processor.
        compile: fuse the net's parts with the machine's C++ compiler: minutes first, then faster.
        bf16: compute in bf16 (for processors with AMX or AVX512_BF16).
        checkpoint_s: seconds between two checkpoints.
    """

    rate: Positive
    warmup_steps: Count
    decay: Share = 0.02
    average: Share = 0.998
    threads: Count = 1
    compile: bool = False
    bf16: bool = False
    checkpoint_s: Positive = 180.0


class OSNetSpec(_Part):
    """The encoder's net."""

    name: Literal["osnet"]
    width: Literal["x1.0", "x0.75", "x0.5", "x0.25"]
    dimension: Count
    instance_norm: bool
    height_px: Literal[128, 160, 256]
    width_px: Literal[64, 80, 128]


class TeacherSpec(_Part):
    """Whom the encoder learns from.

    Attributes:
        model: name of an encoder's card.
        people: share of each set of crops (``retrail.train.crops``) in the pictures.
        plain: share of the pictures that keep their clothes, light and camera; the others are varied.
        blur: share of the varied ones that are out of focus or moved, for teacher and net alike.
        scenes: a set of frames without people, to put cut-outs into; read only where a set has masks.
        lesson: pictures a lesson.
        first, step, window: lessons at hand in the first round, more of them in each further one, and how many of the
            newest a round goes through.
        rounds: how many.
        batch: pictures a step.
        direction: weight of the cosines to the teacher's own vectors; 0: it may have another dimension than the net.
        relation: weight of the cosines among pictures.
        cut: share of the pictures of which the encoder sees a part alone, or leaning, and the teacher all.
    """

    model: str
    people: Annotated[dict[str, Positive], Field(min_length=1)]
    plain: Share = 0.0
    blur: Share = 0.0
    scenes: str = "empty_scenes"
    lesson: Count = 2048
    first: Count = 2
    step: Count = 2
    window: Count = 8
    rounds: Count
    batch: Several = 64
    direction: Weight = 1.0
    relation: Weight = 5.0
    cut: Share = 0.0

    @model_validator(mode="after")
    def _teaches(self) -> Self:
        if not self.direction and not self.relation:
            raise mistake("The teacher's losses are all left out", allowed="direction or relation above 0")
        if not self.steps_of(0):
            allowed = f"at most {len(self.span(0)) * self.lesson}, the pictures of the first round (first x lesson)"
            raise mistake("A batch is larger than the first round", allowed=allowed, key=("batch",))
        return self

    def span(self, number: int) -> range:
        """The lessons of a round."""
        end = self.first + self.step * number
        return range(max(0, end - self.window), end)

    @property
    def lessons(self) -> int:
        return self.first + self.step * (self.rounds - 1)

    def steps_of(self, number: int) -> int:
        return len(self.span(number)) * self.lesson // self.batch

    def first_needed(self, step: int) -> int:
        """The oldest lesson that this step or a later one goes through."""
        ends = accumulate(map(self.steps_of, range(self.rounds)))
        return next((self.span(number).start for number, end in enumerate(ends) if step < end), self.lessons)


class IdentitySpec(_Part):
    """Learning from whose picture it is.

    Attributes:
        sets: crops with people's numbers.
        people, pictures: a batch holds so many people with so many pictures each.
        blur: share of the pictures that are out of focus or moved.
        triplet, arcface, cross_entropy: weights of the losses.
        steps: how many, where no teacher says.
    """

    sets: Sets
    people: Several = 16
    pictures: Count = 4
    blur: Share = 0.0
    triplet: Weight = 1.0
    arcface: Weight = 0.0
    cross_entropy: Weight = 0.0
    steps: Count = 1000

    @model_validator(mode="after")
    def _tells_apart(self) -> Self:
        if not self.triplet and not self.arcface and not self.cross_entropy:
            raise mistake("The losses of identities are all left out", allowed="one weight above 0", key=("triplet",))
        if self.triplet and self.pictures < 2:
            allowed = "2 or more, or triplet: 0: a triplet needs two pictures of somebody"
            raise mistake("This value is not allowed", allowed=allowed, key=("pictures",))
        return self


class EncoderRecipe(_Part):
    """A re-identification encoder: from a teacher, from identities, or from both.

    Attributes:
        start: the run beside this one, or else the exported model, whose weights it begins with; None: untrained.
        kept_out: sets by which it is judged while it learns.
    """

    task: Literal["encoder"]
    seed: Seed
    net: OSNetSpec
    learning: LearningSpec
    teacher: TeacherSpec | None = None
    identities: IdentitySpec | None = None
    start: str | None = None
    kept_out: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _learns(self) -> Self:
        if self.teacher is None and self.identities is None:
            raise mistake("The recipe says nothing to learn from", allowed="teacher, identities, or both")
        return self


class FinderSpec(_Part):
    """The detector's net."""

    name: Literal["finder"]
    channels: tuple[Several, Several, Several, Several, Several]
    neck: Several
    width_px: Side
    height_px: Side


class FramesSpec(_Part):
    """What the detector learns from.

    Attributes:
        sets: share of each set (``retrail.train.frames``) in the frames.
        cutouts: people to paste in.
        pasted: how many a frame at most.
        decoys: how many things that look like pasted people but are nobody, a frame at most.
        steps, batch: at the small size, for the first part; the rest at the net's size with half the batch.
        small: width and height of the first part.
        small_share: of the steps.
    """

    sets: Annotated[dict[str, Positive], Field(min_length=1)]
    cutouts: str = "ccp_cutouts"
    pasted: Annotated[int, Field(ge=0)] = 3
    decoys: Annotated[int, Field(ge=0)] = 0
    steps: Count
    batch: Several = 16
    small: tuple[Side, Side] = (352, 192)
    small_share: Share = 0.8


class FinderRecipe(_Part):
    """A detector of people. ``start``: as an encoder's."""

    task: Literal["finder"]
    seed: Seed
    net: FinderSpec
    learning: LearningSpec
    frames: FramesSpec
    start: str | None = None


Recipe = EncoderRecipe | FinderRecipe
_KINDS: dict[str, type[BaseModel]] = {"encoder": EncoderRecipe, "finder": FinderRecipe}
_READER: TypeAdapter[EncoderRecipe | FinderRecipe] = TypeAdapter(
    Annotated[EncoderRecipe | FinderRecipe, Field(discriminator="task")]
)


def read_recipe(path: Path) -> Recipe:
    """A recipe from its file.

    Raises:
        DataError: missing, no YAML, unknown keys, values that are not allowed: all that is wrong, with lines and keys.
    """
    try:
        document = read_document(path, "recipe")
    except SiteError as error:
        raise DataError(error.what, where=error.where, found=error.found, allowed=error.allowed) from None
    mistakes = list(document.mistakes)
    recipe = None
    try:
        # As JSON: strict about kinds of values, but a list is a tuple.
        recipe = _READER.validate_json(json.dumps(document.data))
    except ValidationError as error:
        mistakes += recipe_mistakes(error, document, _KINDS)
    if recipe is None or mistakes:
        said = in_one(document.path, mistakes, "recipe")
        raise DataError(said.what, where=said.where, found=said.found, allowed=said.allowed, hint=said.hint)
    return recipe
