"""Cameras, and what is counted in their pictures."""

from __future__ import annotations

import math
from typing import Annotated, Self

from pydantic import Field, model_validator

from retrail.simulate.distortion import Radial, radial_of
from retrail.simulate.spec.strict import Strict
from retrail.simulate.values import Coefficient, Floor, Offset, Outage, Place, Positive, Share, Span
from retrail.site.values import Name, mistake

_SAME_M = 0.01
"""Points no further apart than this are one: they give no direction."""


class HuntingSpec(Strict):
    """An automatic exposure that never comes to rest: brightness wanders slowly, as the seed has it."""

    deviation: Annotated[float, Field(gt=0, le=0.5, allow_inf_nan=False)] = Field(
        0.1, description="Standard deviation of the brightness, in shares of it."
    )
    period_s: Positive = Field(8.0, description="How long one swing takes, about, seconds.")


class FlickerSpec(Strict):
    """Lamps that flicker with the mains: frames show the beat of their flicker against the frame rate."""

    mains_hz: Annotated[float, Field(ge=40, le=70, allow_inf_nan=False)] = Field(
        description="Of the mains. Lamps flicker at twice that; where rate_hz divides it, nothing changes."
    )
    depth: Annotated[float, Field(gt=0, le=0.5, allow_inf_nan=False)] = Field(
        0.05, description="How far brightness goes up and down, in shares of it."
    )


class CameraFlaws(Strict):
    """What makes a camera's pictures unlike another's."""

    cast: tuple[Positive, Positive, Positive] = Field((1.0, 1.0, 1.0), description="Gain of red, green and blue.")
    exposure: Positive = Field(1.0, description="Brightness.")
    exposure_hunting: HuntingSpec | None = Field(None, description="Default: brightness stays as it is.")
    lamp_flicker: FlickerSpec | None = Field(None, description="Default: the light is steady.")
    contrast: Positive = Field(1.0, description="Steepness around middle grey.")
    noise: Span = Field(1.5, description="Standard deviation, grey levels of 255.")
    blur_px: Annotated[float, Field(ge=0, le=20, allow_inf_nan=False)] = Field(
        0.4, description="Standard deviation of the lens, pixels."
    )
    compression: int = Field(23, ge=10, le=51, description="Constant rate factor of the video (23: usual, 35: poor).")


class DistortionSpec(Strict):
    """Radial distortion of the lens (Brown and Conrady, as OpenCV has it): r becomes r (1 + k1 r^2 + k2 r^4)."""

    k1: Coefficient = Field(0.0, description="Of r^2, r in focal lengths; negative: barrel, as of wide-angle lenses.")
    k2: Coefficient = Field(0.0, description="Of r^4.")


class MovedSpec(Strict):
    """A camera that somebody pushed."""

    after_s: Span
    look_at: Place


class CameraSpec(Strict):
    """A camera of the shop."""

    at: Place = Field(description="Where it hangs.")
    look_at: Place = Field(description="What is in the middle of its picture.")
    fov_deg: Annotated[float, Field(ge=20, le=120, allow_inf_nan=False)] = Field(
        78.0, description="Horizontal field of view, as the picture shows it, distortion and all."
    )
    distortion: DistortionSpec = DistortionSpec.model_validate({})
    width_px: Annotated[int, Field(ge=64, le=1920, multiple_of=2)] = 640
    height_px: Annotated[int, Field(ge=64, le=1080, multiple_of=2)] = 360
    rate_hz: Annotated[float, Field(gt=0, le=60, allow_inf_nan=False)] = 10.0
    flaws: CameraFlaws = CameraFlaws.model_validate({})
    drops: Share = Field(0.0, description="Share of frames that never arrive.")
    outages: list[Outage] = Field([], description="[from, to] seconds without a picture.")
    skew_s: Offset = Field(0.0, description="Its clock shows true time plus this.")
    moved: MovedSpec | None = Field(None, description="A moment from which it looks elsewhere.")

    @property
    def radial(self) -> Radial:
        """Its distortion as far as its picture reaches."""
        found = self._radial()
        if found is None:
            raise ValueError("a camera that was not validated")
        return found

    def _radial(self) -> Radial | None:
        half_width = math.tan(math.radians(self.fov_deg) / 2)
        return radial_of(self.distortion.k1, self.distortion.k2, half_width, self.height_px / self.width_px)

    @model_validator(mode="after")
    def _shows(self) -> Self:
        if self._radial() is None:
            raise mistake(
                "The distortion folds the picture over",
                allowed="k1 and k2 with which r (1 + k1 r^2 + k2 r^4) rises all the way to the picture's corner",
                hint="a k1 nearer to 0, a k2 further above 0, or a narrower fov_deg",
                key=("distortion",),
            )
        return self

    @model_validator(mode="after")
    def _looks(self) -> Self:
        if math.dist(self.at, self.look_at) < _SAME_M:
            raise mistake("A camera that looks at itself", allowed="another point than `at`", key=("look_at",))
        if self.moved is not None and math.dist(self.at, self.moved.look_at) < _SAME_M:
            raise mistake("A camera that looks at itself", allowed="another point than `at`", key=("moved", "look_at"))
        return self


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
