"""The whole file: its parts, and that every name in it is known."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from retrail.simulate.spec.cameras import CameraSpec, LineSpec, LinkSpec, ZoneSpec
from retrail.simulate.spec.people import CrowdSpec, PersonSpec
from retrail.simulate.spec.shop import DoorSpec, FurnitureSpec, MannequinSpec, PosterSpec, QueueSpec, SpotSpec, WallSpec
from retrail.simulate.spec.strict import Strict
from retrail.simulate.values import LARGEST_SEED, Positive, Sides, ZonedMoment
from retrail.site.near import near_hint
from retrail.site.values import Name, mistake


class ScenarioSpec(Strict):
    """A shop and what happens in it."""

    scenario: Name
    extends: str | None = Field(None, description="A preset, or a file beside this one, over which this one is laid.")
    expect: dict[Literal["visitors", "entries", "exits", "visits"], Annotated[int, Field(ge=0)]] = Field(
        {}, description="What a report must say of it: for tests, no command reads it."
    )
    seed: Annotated[int, Field(ge=0, le=LARGEST_SEED)] = 1
    start: ZonedMoment = "2026-11-20T09:00:00Z"
    length_s: Positive
    room: Sides = Field(description="[west, south, east, north] of all floor, metres.")
    ceiling_m: Positive = 3.0
    ground: Literal["tiles", "wood", "concrete", "vinyl"] = "tiles"
    street: Sides | None = Field(None, description="[west, south, east, north] that is paved.")
    walls: list[WallSpec] = Field([])
    furniture: list[FurnitureSpec] = Field([])
    posters: list[PosterSpec] = Field([])
    mannequins: list[MannequinSpec] = Field([])
    doors: dict[Name, DoorSpec] = Field({})
    spots: dict[Name, SpotSpec] = Field({})
    queues: dict[Name, QueueSpec] = Field({})
    cameras: dict[Name, CameraSpec] = Field(min_length=1)
    zones: dict[Name, ZoneSpec] = Field({})
    lines: dict[Name, LineSpec] = Field({})
    entrances: list[Name] = Field([], description="Names of lines, where nobody comes in but over them.")
    links: list[LinkSpec] = Field([])
    people: list[PersonSpec] = Field([])
    crowds: list[CrowdSpec] = Field([])

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
