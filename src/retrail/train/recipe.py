"""Recipes: one page of YAML that says what is trained, from what, and how."""

from __future__ import annotations

from itertools import accumulate
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from retrail.core.errors import DataError, SiteError
from retrail.site.document import Document, read_document
from retrail.site.mistakes import dotted, shown
from retrail.site.near import near_hint

Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1)]
Positive = Annotated[float, Field(gt=0)]
Sets = Annotated[tuple[str, ...], Field(min_length=1)]
Seed = Annotated[int, Field(ge=0)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


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
    scenes: str = "empty_scenes"
    lesson: Count = 2048
    first: Count = 2
    step: Count = 2
    window: Count = 8
    rounds: Count
    batch: Count = 64
    direction: Annotated[float, Field(ge=0)] = 1.0
    relation: Annotated[float, Field(ge=0)] = 5.0
    cut: Share = 0.0

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
        triplet, arcface, cross_entropy: weights of the losses.
        steps: how many, where no teacher says.
    """

    sets: Sets
    people: Count = 16
    pictures: Count = 4
    triplet: Annotated[float, Field(ge=0)] = 1.0
    arcface: Annotated[float, Field(ge=0)] = 0.0
    cross_entropy: Annotated[float, Field(ge=0)] = 0.0
    steps: Count = 1000


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


class FinderSpec(_Part):
    """The detector's net."""

    name: Literal["finder"]
    channels: tuple[int, int, int, int, int]
    neck: Count
    width_px: Annotated[int, Field(multiple_of=32, ge=64)]
    height_px: Annotated[int, Field(multiple_of=32, ge=64)]


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
    batch: Annotated[int, Field(ge=2)] = 16
    small: tuple[int, int] = (352, 192)
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
_READER: TypeAdapter[EncoderRecipe | FinderRecipe] = TypeAdapter(
    Annotated[EncoderRecipe | FinderRecipe, Field(discriminator="task")]
)


def read_recipe(path: Path) -> Recipe:
    """A recipe from its file.

    Raises:
        DataError: missing, no YAML, an unknown key, a value that is not allowed; with file, line and key.
    """
    try:
        document = read_document(path)
    except SiteError as error:
        what = error.what.replace("site file", "recipe")
        raise DataError(what, where=error.where, found=error.found, allowed=error.allowed) from None
    if document.mistakes:
        first = document.mistakes[0]
        raise DataError(first.what, where=f"{path} line {first.line}", found=first.found, allowed=first.allowed)
    try:
        recipe = _READER.validate_python(document.data)
    except ValidationError as error:
        raise _explained(error, document) from None
    if isinstance(recipe, EncoderRecipe) and recipe.teacher is None and recipe.identities is None:
        raise DataError(
            "The recipe says nothing to learn from", where=str(path), allowed="teacher, identities, or both"
        )
    return recipe


def _explained(error: ValidationError, document: Document) -> DataError:
    """The first mistake, as the file has it."""
    details = error.errors(include_url=False)
    # A misspelt key is said rather than the one that is missing for it.
    detail = next((one for one in details if one["type"] == "extra_forbidden"), details[0])
    # pydantic puts the chosen kind of recipe before the key.
    key = tuple(step for place, step in enumerate(detail["loc"]) if place or step not in ("encoder", "finder"))
    line = document.key_lines.get(key) or document.line(key)
    where = f"{document.path} line {line}" + (f": {dotted(key)}" if key else "")
    match detail["type"]:
        case "extra_forbidden":
            names = _keys_at(document, key[:-1])
            what = f"There is no key {key[-1]!r} here"
            return DataError(what, where=where, allowed=", ".join(names), hint=near_hint(str(key[-1]), names))
        case "missing":
            return DataError(f"The key {key[-1]!r} is missing", where=where)
        case "union_tag_not_found" | "union_tag_invalid":
            return DataError("The recipe does not say what it trains", where=where, allowed="task: encoder, or finder")
        case _:
            try:
                found = shown(document.at(key))
            except KeyError:
                found = None
            return DataError("This value is not allowed", where=where, found=found, allowed=str(detail["msg"]))


def _keys_at(document: Document, key: tuple[str | int, ...]) -> list[str]:
    top: dict[str, type[BaseModel]] = {"encoder": EncoderRecipe, "finder": FinderRecipe}
    parts: dict[str, type[BaseModel]] = {
        "learning": LearningSpec,
        "teacher": TeacherSpec,
        "identities": IdentitySpec,
        "frames": FramesSpec,
    }
    task = str(document.at(("task",)))
    if not key:
        return list(top[task].model_fields)
    if key[0] == "net":
        return list((OSNetSpec if task == "encoder" else FinderSpec).model_fields)
    return list(parts[str(key[0])].model_fields) if key[0] in parts else []
