"""The kinds of value a scenario file holds."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from retrail.core.errors import DataError
from retrail.core.time import parse_time
from retrail.site.values import Moment, mistake

LARGEST_SEED = 2**53 - 1
"""What every reader of JSON and YAML holds exactly, with room above it for what is made from a seed."""


def _rising(value: tuple[float, float]) -> tuple[float, float]:
    if value[0] > value[1]:
        raise mistake("The first is more than the second", allowed="[least, most]")
    return value


def _lasting(value: tuple[float, float]) -> tuple[float, float]:
    if value[0] >= value[1]:
        raise mistake("It ends before it begins", allowed="[from, to], to after from")
    return value


def _sides(value: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    west, south, east, north = value
    if west >= east or south >= north:
        raise mistake(
            "A floor without area", allowed="[west, south, east, north], east of more than west, north than south"
        )
    return value


def _zoned(value: str) -> str:
    try:
        parse_time(value)
    except DataError:
        allowed = "an offset or Z at its end, such as 2026-11-20T09:00:00Z"
        raise mistake("A time without a zone", allowed=allowed) from None
    return value


Metres = Annotated[float, Field(ge=-1000, le=1000, allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, le=1e6, allow_inf_nan=False)]
Span = Annotated[float, Field(ge=0, le=1e6, allow_inf_nan=False)]
Offset = Annotated[float, Field(ge=-1e6, le=1e6, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Degrees = Annotated[float, Field(ge=-360, le=360, allow_inf_nan=False)]
Coefficient = Annotated[float, Field(ge=-1, le=1, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0, le=100_000)]

ZonedMoment = Annotated[Moment, AfterValidator(_zoned)]
"""ISO 8601, with its zone."""

Look = Annotated[int, Field(ge=0, le=LARGEST_SEED)]
"""A number from which clothes, build and hair follow."""

Floor = tuple[Metres, Metres]
"""(x, y) on the floor in metres, x to the east, y to the north."""

Place = tuple[Metres, Metres, Metres]
"""(x, y, z) in metres, z up."""

Size = tuple[Positive, Positive, Positive]
Paint = Literal["plaster", "brick", "panel", "glass", "outside"]

Range = Annotated[tuple[Span, Span], AfterValidator(_rising)]
"""[least, most], seconds."""

Counts = Annotated[tuple[Count, Count], AfterValidator(_rising)]
"""[fewest, most]."""

Outage = Annotated[tuple[Span, Span], AfterValidator(_lasting)]
"""[from, to], seconds of the scenario."""

Sides = Annotated[tuple[Metres, Metres, Metres, Metres], AfterValidator(_sides)]
"""[west, south, east, north], metres."""
