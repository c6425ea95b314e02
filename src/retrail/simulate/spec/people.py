"""Who comes, and what they do."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from retrail.simulate.spec.strict import Strict
from retrail.simulate.values import Counts, Floor, Look, Positive, Range, Share, Span
from retrail.site.values import mistake

_VERBS = ("go", "browse", "stand", "sit", "queue", "walk", "away")


class StepSpec(Strict):
    """One thing somebody does. Exactly one of go, browse, stand, sit, queue, walk and away."""

    go: str | None = Field(None, description="Walk to a spot.")
    browse: str | None = Field(None, description="Look at goods at a spot, for for_s seconds.")
    stand: str | None = Field(None, description="Stand still at a spot, for for_s seconds.")
    sit: str | None = Field(None, description="Sit on a seat, for for_s seconds.")
    queue: str | None = Field(None, description="Stand in a queue, then be served for for_s seconds.")
    walk: Annotated[list[Floor], Field(min_length=1)] | None = Field(None, description="Straight from point to point.")
    away: str | None = Field(None, description="Go out of a door and come back after for_s seconds.")
    for_s: Span = Field(0.0, description="How long.")

    @model_validator(mode="after")
    def _one(self) -> Self:
        given = [verb for verb in _VERBS if getattr(self, verb) is not None]
        if len(given) != 1:
            raise mistake("A step does one thing", allowed="exactly one of " + ", ".join(_VERBS))
        return self


class PersonSpec(Strict):
    """Somebody with a plan. Who has done everything goes out of the door."""

    enter_s: Span = Field(description="When.")
    door: str | None = Field(None, description="Through which door; default: the first.")
    at: Floor | None = Field(None, description="Is there already, at this point, and needs no door to come in.")
    leaves: bool = Field(True, description="Goes out of the door in the end; else stays until the end.")
    plan: list[StepSpec] = Field([])
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
    seats: list[str] = Field([])
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
