"""The scenario file's schema: what may stand where. Its descriptions are what an editor shows."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from retrail.simulate.values import (
    LARGEST_SEED,
    Counts,
    Degrees,
    Floor,
    Look,
    Offset,
    Outage,
    Paint,
    Place,
    Positive,
    Range,
    Share,
    Sides,
    Size,
    Span,
)
from retrail.site.near import near_hint
from retrail.site.values import Moment, Name, mistake

_SAME_M = 0.01
"""Points no further apart than this are one: they give no direction."""


class Strict(BaseModel):
    """A mapping of the file in which an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class WallSpec(Strict):
    """A wall on a straight piece of floor; one that begins above the floor is a lintel."""

    start: Floor = Field(alias="from", description="One end [x, y], metres.")
    end: Floor = Field(alias="to", description="The other end [x, y].")
    bottom_m: Span = Field(0.0, description="Where it begins, above the floor.")
    top_m: Positive | None = Field(None, description="Where it ends; default: the ceiling.")
    paint: Paint = "plaster"


class FurnitureSpec(Strict):
    """A box on the floor."""

    kind: Literal["shelf", "counter", "table", "chair", "stool", "crate", "fridge", "rack", "plant", "pillar", "sign"]
    at: Floor = Field(description="The middle of it.")
    size: Size = Field(description="Width, depth and height before it is turned, metres.")
    turn_deg: Degrees = Field(0.0, description="Turned to the left by so many degrees.")
    raised_m: Span = Field(0.0, description="How far above the floor it begins.")


class PosterSpec(Strict):
    """A picture of a person on a wall."""

    at: Place = Field(description="The middle of it.")
    face_deg: Degrees = Field(description="Where it looks: 0 east, 90 north.")
    size: tuple[Positive, Positive] = Field((0.7, 1.0), description="Width and height, metres.")
    look: Look = Field(0, description="Who is on it.")


class MannequinSpec(Strict):
    """A dressed figure that never moves."""

    at: Floor
    face_deg: Degrees = 270.0
    raised_m: Span = 0.0
    look: Look = Field(0, description="What it wears.")


class DoorSpec(Strict):
    """Where people come in and go out."""

    start: Floor = Field(alias="from", description="One post of the door.")
    end: Floor = Field(alias="to", description="The other post.")
    outside: list[Floor] = Field(description="Where people come from and go to, out of sight.", min_length=1)


class SpotSpec(Strict):
    """A place at which people stop."""

    at: Floor
    face_deg: Degrees = Field(description="Where who stops looks: 0 east, 90 north.")
    seat: bool = Field(False, description="One sits here; the seat may stand in furniture.")


class QueueSpec(Strict):
    """A queue: its head and where it grows to."""

    head: Floor = Field(description="Where who is served stands.")
    face_deg: Degrees = Field(description="Where who is served looks.")
    back_deg: Degrees = Field(description="Which way the queue grows.")
    spacing_m: Positive = 0.9


class CameraFlaws(Strict):
    """What makes a camera's pictures unlike another's."""

    cast: tuple[Positive, Positive, Positive] = Field((1.0, 1.0, 1.0), description="Gain of red, green and blue.")
    exposure: Positive = Field(1.0, description="Brightness.")
    contrast: Positive = Field(1.0, description="Steepness around middle grey.")
    noise: Span = Field(1.5, description="Standard deviation, grey levels of 255.")
    blur_px: Span = Field(0.4, description="Standard deviation of the lens, pixels.")
    compression: int = Field(23, ge=10, le=51, description="Constant rate factor of the video (23: usual, 35: poor).")


class CameraSpec(Strict):
    """A camera of the shop."""

    at: Place = Field(description="Where it hangs.")
    look_at: Place = Field(description="What is in the middle of its picture.")
    fov_deg: Annotated[float, Field(ge=20, le=120, allow_inf_nan=False)] = Field(
        78.0, description="Horizontal field of view."
    )
    width_px: Annotated[int, Field(ge=64, le=1920, multiple_of=2)] = 640
    height_px: Annotated[int, Field(ge=64, le=1080, multiple_of=2)] = 360
    rate_hz: Annotated[float, Field(gt=0, le=60, allow_inf_nan=False)] = 10.0
    flaws: CameraFlaws = CameraFlaws.model_validate({})
    drops: Share = Field(0.0, description="Share of frames that never arrive.")
    outages: list[Outage] = Field([], description="[from, to] seconds without a picture.")
    skew_s: Offset = Field(0.0, description="Its clock shows true time plus this.")
    moved: MovedSpec | None = Field(None, description="A moment from which it looks elsewhere.")

    @model_validator(mode="after")
    def _looks(self) -> Self:
        if math.dist(self.at, self.look_at) < _SAME_M:
            raise mistake("A camera that looks at itself", allowed="another point than `at`", key=("look_at",))
        if self.moved is not None and math.dist(self.at, self.moved.look_at) < _SAME_M:
            raise mistake("A camera that looks at itself", allowed="another point than `at`", key=("moved", "look_at"))
        return self


class MovedSpec(Strict):
    """A camera that somebody pushed."""

    after_s: Span
    look_at: Place


class ZoneSpec(Strict):
    """A part of the floor in which visits are counted, as one camera sees it."""

    camera: Name
    floor: list[Floor] = Field(min_length=3, description="Corners [x, y] in order, metres.")


class LineSpec(Strict):
    """A counter on the floor."""

    camera: Name
    start: Floor = Field(alias="from")
    end: Floor = Field(alias="to")
    inside: Floor = Field(description="Some point on its inner side.")

    @model_validator(mode="after")
    def _parts(self) -> Self:
        along = self.end[0] - self.start[0], self.end[1] - self.start[1]
        length_m = math.hypot(*along)
        if length_m < _SAME_M:
            raise mistake("A line of no length", allowed="two ends apart from each other", key=("to",))
        inner = self.inside[0] - self.start[0], self.inside[1] - self.start[1]
        if abs(along[0] * inner[1] - along[1] * inner[0]) < _SAME_M * length_m:
            raise mistake("No side of the line is the inner one", allowed="a point beside the line", key=("inside",))
        return self


class LinkSpec(Strict):
    """A way from one camera to another, for the site file."""

    start: Name = Field(alias="from")
    end: Name = Field(alias="to")
    shortest_s: Span = 0.0
    longest_s: Positive


class StepSpec(Strict):
    """One thing somebody does. Exactly one of go, browse, stand, sit, queue, walk and away."""

    go: str | None = Field(None, description="Walk to a spot.")
    browse: str | None = Field(None, description="Look at goods at a spot, for for_s seconds.")
    stand: str | None = Field(None, description="Stand still at a spot, for for_s seconds.")
    sit: str | None = Field(None, description="Sit on a seat, for for_s seconds.")
    queue: str | None = Field(None, description="Stand in a queue, then be served for for_s seconds.")
    walk: list[Floor] | None = Field(None, description="Straight from point to point.")
    away: str | None = Field(None, description="Go out of a door and come back after for_s seconds.")
    for_s: Span = Field(0.0, description="How long.")

    @property
    def verb(self) -> str:
        """Which of them it is."""
        return next(verb for verb in VERBS if getattr(self, verb) is not None)

    @model_validator(mode="after")
    def _one(self) -> Self:
        given = [verb for verb in VERBS if getattr(self, verb) is not None]
        if len(given) != 1:
            raise mistake("A step does one thing", allowed="exactly one of " + ", ".join(VERBS))
        return self


VERBS = ("go", "browse", "stand", "sit", "queue", "walk", "away")


class PersonSpec(Strict):
    """Somebody with a plan. Who has done everything goes out of the door."""

    enter_s: Span = Field(description="When.")
    door: str | None = Field(None, description="Through which door; default: the first.")
    at: Floor | None = Field(None, description="Is there already, at this point, and needs no door to come in.")
    leaves: bool = Field(True, description="Goes out of the door in the end; else stays until the end.")
    plan: list[StepSpec] = []
    look: Look | None = Field(None, description="Clothes, build and hair; default: one of a kind.")
    alike: Share = Field(0.0, description="0: as look says; more: small things differ from it.")
    staff: bool = Field(False, description="Wears the staff's clothes and is marked as staff in the truth.")
    uniform: bool = Field(False, description="Is dressed like the staff, whoever it is.")
    group: str | None = Field(None, description="Came together with others of this name.")
    speed: Annotated[float, Field(ge=0.2, le=3, allow_inf_nan=False)] = Field(1.15, description="Metres a second.")
    height_m: Annotated[float, Field(ge=0.8, le=2.2, allow_inf_nan=False)] | None = None


class CrowdSpec(Strict):
    """Visitors made up from the seed."""

    count: Annotated[int, Field(ge=1, le=100_000)]
    from_s: Span = 0.0
    to_s: Positive
    doors: list[str] = Field([], description="Default: all.")
    stops: Counts = Field((1, 4), description="Fewest and most spots that one visits.")
    spots: list[str] = Field([], description="Default: all that are no seats.")
    stay_s: Range = (4.0, 14.0)
    seats: list[str] = []
    sit_share: Share = 0.0
    sit_s: Range = (20.0, 40.0)
    queue: str | None = None
    queue_share: Share = 0.7
    serve_s: Range = (5.0, 10.0)
    group_share: Share = Field(0.0, description="Share of visitors who come two together.")
    back_share: Share = Field(0.0, description="Share who go out and come back.")
    back_s: Range = (20.0, 40.0)
    looks: Annotated[int, Field(ge=1, le=100_000)] | None = Field(
        None, description="So many different looks only, shared by all."
    )

    @model_validator(mode="after")
    def _when(self) -> Self:
        if self.from_s > self.to_s:
            raise mistake("The crowd has come before it begins to", allowed="from_s or later", key=("to_s",))
        return self


class ScenarioSpec(Strict):
    """A shop and what happens in it."""

    scenario: Name
    extends: str | None = Field(None, description="A preset, or a file beside this one, over which this one is laid.")
    expect: dict[Literal["visitors", "entries", "exits", "visits"], Annotated[int, Field(ge=0)]] = Field(
        {}, description="What a report must say of it."
    )
    seed: Annotated[int, Field(ge=0, le=LARGEST_SEED)] = 1
    start: Moment = "2026-11-20T09:00:00Z"
    length_s: Positive
    room: Sides = Field(description="[west, south, east, north] of all floor, metres.")
    ceiling_m: Positive = 3.0
    ground: Literal["tiles", "wood", "concrete", "vinyl"] = "tiles"
    street: Sides | None = Field(None, description="[west, south, east, north] that is paved.")
    walls: list[WallSpec] = []
    furniture: list[FurnitureSpec] = []
    posters: list[PosterSpec] = []
    mannequins: list[MannequinSpec] = []
    doors: dict[Name, DoorSpec] = {}
    spots: dict[Name, SpotSpec] = {}
    queues: dict[Name, QueueSpec] = {}
    cameras: dict[Name, CameraSpec] = Field(min_length=1)
    zones: dict[Name, ZoneSpec] = {}
    lines: dict[Name, LineSpec] = {}
    entrances: list[Name] = Field([], description="Names of lines, where nobody comes in but over them.")
    links: list[LinkSpec] = []
    people: list[PersonSpec] = []
    crowds: list[CrowdSpec] = []

    @model_validator(mode="after")
    def _known(self) -> Self:
        for kind, seen in (("zones", self.zones), ("lines", self.lines)):
            for name, one in seen.items():
                _is_one_of(one.camera, self.cameras, "camera", (kind, name, "camera"))
        for index, link in enumerate(self.links):
            _is_one_of(link.start, self.cameras, "camera", ("links", index, "from"))
            _is_one_of(link.end, self.cameras, "camera", ("links", index, "to"))
        for index, line in enumerate(self.entrances):
            _is_one_of(line, self.lines, "line", ("entrances", index))
        return self


def _is_one_of(name: str, names: Iterable[str], kind: str, key: tuple[str | int, ...]) -> None:
    known = list(names)
    if name not in known:
        allowed = ", ".join(known) or f"add {kind}s"
        raise mistake(f"There is no such {kind}", allowed=allowed, hint=near_hint(name, known), key=key)


CameraSpec.model_rebuild()
