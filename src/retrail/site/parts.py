"""What a site is made of: frozen records, as the other rooms use them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from retrail.core.geometry import Direction
from retrail.core.secrets import Secret

Point = tuple[float, float]
"""(x, y) in fractions of the frame, x to the right and y down."""

Mode = Literal["count", "journey", "vip"] | float
"""Which cut of the encoder's card decides, or the cut itself (a cosine)."""

Licences = Literal["any", "commercial"]

WHOLE_FRAME: tuple[Point, ...] = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


@dataclass(frozen=True, slots=True)
class Camera:
    """A source with a name.

    Attributes:
        source: a URL, a device, a file or a pattern of files (``*``, ``?``, ``[…]``); paths are absolute. What must
            not be shown of it is masked by ``str``; ``reveal()`` is for opening it.
        fps: pictures a second, where the source does not say (a set of images).
        start_s: event time of the first frame of a recording, seconds UTC.
        detect_hz: how often people are looked for, a second; None: the default of its kind of source.
        offset_s: true time = stream time + this.
        name_time: pattern of ``time.strptime`` by which a file's name tells its start.
    """

    name: str
    source: Secret
    fps: float | None = None
    start_s: float | None = None
    detect_hz: float | None = None
    offset_s: float = 0.0
    name_time: str | None = None


@dataclass(frozen=True, slots=True)
class Zone:
    """A polygon on a camera.

    Attributes:
        polygon: three or more corners, fractions of the frame, closed by itself, not crossing itself.
        whole: True for the zone that a camera without zones is: everything the camera sees, also a foot point on
            the frame's very border.
    """

    name: str
    camera: str
    polygon: tuple[Point, ...]
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A counter on a camera, from ``start`` to ``end`` (fractions), with an inward side."""

    name: str
    camera: str
    start: Point
    end: Point
    inward: Direction


@dataclass(frozen=True, slots=True)
class Link:
    """A way from one camera to another, and how long people take: from leaving the one to appearing on the other."""

    from_camera: str
    to_camera: str
    shortest_s: float
    longest_s: float


@dataclass(frozen=True, slots=True)
class Retention:
    """How long embeddings, and sightings with all that follows from them, are kept."""

    embeddings_s: float = 24 * 3600.0
    journeys_s: float = 90 * 24 * 3600.0
