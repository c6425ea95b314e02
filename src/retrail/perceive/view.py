"""Whether what a camera shows is good enough for the models: people's height, blur, light.

The limits are measured: 33 frames of five clips, made smaller, blurred, darker, brighter or paler; what is left of the
people that person-detection-retail-0013 found (score 0.5), and the cosine of person-reidentification-retail-0287's
embeddings of the same boxes to those of the frame as it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from retrail.core.types import Detection, Frame
from retrail.video.planes import luma

Level = Literal["good", "poor", "bad"]

_ORDER: dict[Level, int] = {"bad": 0, "poor": 1, "good": 2}
_LUMA_HEIGHT_PX = 200
_HALF = 0.006
_CLIPPED = 250

# (good from, bad below)
_LIGHT = (50.0, 25.0)  # mean brightness: at 60 90 % of the people are found, at 30 78 %, at 18 60 %
_CONTRAST = (25.0, 12.0)  # deviation of brightness: at 30 74 %, at 15 47 %, at 7 9 %
_SHARP = (0.15, 0.05)  # blurred by 1 pixel (0.29) 91 %, by 2 (0.11) 81 %, by 3 (0.04) 57 %
_GLARE = (0.2, 0.5)  # share of pixels without drawing (good up to, bad above): 0.28 82 %, 0.61 72 %
_ENCODER_PX = (100.0, 40.0)  # height in the frame: at 98 the cosine is 0.96, at 61 0.89, at 37 0.74
_DETECTOR_SHARE = (0.2, 0.09)  # of the frame's height; the model's owner says 100 pixels on 1080


@dataclass(frozen=True, slots=True)
class View:
    """What one frame is like.

    Attributes:
        width_px, height_px: of the frame.
        brightness, contrast: mean and standard deviation of its brightness, 0..255.
        glare: share of it without drawing, because it is as bright as can be.
        sharpness: 0..1, of the whole: energy of the Laplacian against the contrast. In the dark, noise passes for it.
        people_px: heights of the people found.
    """

    width_px: int
    height_px: int
    brightness: float
    contrast: float
    glare: float
    sharpness: float
    people_px: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Remark:
    """A judgement on one thing: what is seen, and what to do where it is not good."""

    about: Literal["people", "blur", "light"]
    level: Level
    what: str
    hint: str = ""


def view(frame: Frame, people: Sequence[Detection]) -> View:
    """Measure one frame in which these people were found."""
    height_px = min(_LUMA_HEIGHT_PX, frame.height_px)
    small = luma(frame, max(1, round(frame.width_px * height_px / frame.height_px)), height_px)
    bright = small.astype(np.float32)
    if frame.planes.pixel_format != "bgr24" and not frame.planes.full_range:
        bright = np.clip((bright - 16.0) * (255.0 / 219.0), 0.0, 255.0)
    return View(
        frame.width_px,
        frame.height_px,
        float(bright.mean()),
        float(bright.std()),
        float((bright >= _CLIPPED).mean()),
        _sharpness(bright),
        tuple(person.box[3] - person.box[1] for person in people),
    )


def judge(views: Sequence[View]) -> tuple[Remark, ...]:
    """What the frames of one camera say about people's height, blur and light, one remark each.

    Args:
        views: one or more frames, spread over time.
    """
    return _people(views), _blur(views), _light(views)


def _sharpness(bright: NDArray[np.float32]) -> float:
    if min(bright.shape) < 3:
        return 0.0
    laplacian = bright[:-2, 1:-1] + bright[2:, 1:-1] + bright[1:-1, :-2] + bright[1:-1, 2:] - 4.0 * bright[1:-1, 1:-1]
    relative = float(np.square(laplacian).mean()) / 20.0 / (float(bright.var()) + 25.0)
    return relative / (relative + _HALF)


def _people(views: Sequence[View]) -> Remark:
    heights = [height for view in views for height in view.people_px]
    if not heights:
        hint = "let somebody walk through the picture and check again"
        return Remark("people", "poor", f"nobody was seen in {len(views)} frames: their height is not known", hint)
    usual_px = median(heights)
    share = median(height / view.height_px for view in views for height in view.people_px)
    level = _worse(_level(usual_px, _ENCODER_PX), _level(share, _DETECTOR_SHARE))
    what = (
        f"people are {usual_px:.0f} pixels high ({min(heights):.0f} to {max(heights):.0f}), {share:.0%} of the picture"
    )
    hint = (
        f"the encoder wants {_ENCODER_PX[0]:.0f} pixels (at least {_ENCODER_PX[1]:.0f}), the detector "
        f"{_DETECTOR_SHARE[0]:.0%} of the picture (at least {_DETECTOR_SHARE[1]:.0%}): move nearer, zoom in, or let "
        "the camera send a larger picture"
    )
    return Remark("people", level, what, "" if level == "good" else hint)


def _blur(views: Sequence[View]) -> Remark:
    value = median(view.sharpness for view in views)
    level = _level(value, _SHARP)
    words = {"good": "the picture is sharp", "poor": "the picture is soft", "bad": "the picture is blurred"}
    hint = "" if level == "good" else "clean and focus the lens; a low bit rate of the stream blurs as well"
    return Remark("blur", level, f"{words[level]} ({value:.2f}; good from {_SHARP[0]:.2f})", hint)


def _light(views: Sequence[View]) -> Remark:
    bright = median(view.brightness for view in views)
    contrast = median(view.contrast for view in views)
    glare = median(view.glare for view in views)
    remarks = (
        Remark(
            "light",
            _level(bright, _LIGHT),
            f"the picture is dark (brightness {bright:.0f} of 255; good from {_LIGHT[0]:.0f})",
            "more light, or a longer exposure",
        ),
        Remark(
            "light",
            _level(-glare, (-_GLARE[0], -_GLARE[1])),
            f"{glare:.0%} of the picture is nothing but white (good up to {_GLARE[0]:.0%})",
            "less exposure, or turn the camera away from windows and lamps",
        ),
        Remark(
            "light",
            _level(contrast, _CONTRAST),
            f"the picture is pale (contrast {contrast:.0f}; good from {_CONTRAST[0]:.0f})",
            "is the lens covered, fogged, or looking into a lamp?",
        ),
    )
    for level in ("bad", "poor"):
        for remark in remarks:
            if remark.level == level:
                return remark
    return Remark("light", "good", f"the light is good (brightness {bright:.0f} of 255, contrast {contrast:.0f})")


def _level(value: float, limits: tuple[float, float]) -> Level:
    return "good" if value >= limits[0] else "bad" if value < limits[1] else "poor"


def _worse(one: Level, other: Level) -> Level:
    return one if _ORDER[one] < _ORDER[other] else other
