"""The shop itself: what stands in it, and where people come in, stop and wait."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from retrail.simulate.spec.strict import Strict
from retrail.simulate.values import Degrees, Floor, Look, Paint, Place, Positive, Size, Span


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
