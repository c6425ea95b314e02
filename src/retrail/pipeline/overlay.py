"""Who is where at one instant of one camera, from the log and the ledger, and how it is drawn."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrail.core.types import Box, Frame, Presence, Sighting
from retrail.perceive.faces import FaceDetector
from retrail.perceive.heads import blur_heads
from retrail.site import Site
from retrail.video.draw import PALETTE, colour_of, draw_box, draw_line, draw_polygon, draw_text
from retrail.video.planes import whole_bgr

ZONE, LINE = PALETTE[2], PALETTE[1]
_STEPS = {"up": (0, -1), "down": (0, 1), "left": (-1, 0), "right": (1, 0)}

BRIDGED_S = 1.0
"""Between two boxes of a path that are further apart, nobody is drawn."""

MARGIN_S = 1.0
"""A head is blurred for so long before the first and after the last box: who comes in is seen before he is followed."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Somebody at one instant.

    Attributes:
        box: frame pixels, interpolated between the boxes that were logged.
        label: what stands on the box.
        number: identity, or None.
        presence: as logged.
        certain: False within the margin before the first and after the last box: to be blurred, not drawn.
    """

    box: Box
    label: str
    number: int | None
    presence: Presence
    certain: bool


class Overlay:
    """Looks up who is where on one camera.

    Args:
        camera: its name.
        sightings: the log; those of other cameras are left out.
        identity_of: the ledger's answer.
    """

    def __init__(self, camera: str, sightings: Iterable[Sighting], identity_of: Mapping[str, int | None]) -> None:
        self._paths = sorted((s for s in sightings if s.camera == camera and len(s.path)), key=lambda s: s.start_s)
        self._starts = [sighting.start_s for sighting in self._paths]
        self._longest_s = max((s.end_s - s.start_s for s in self._paths), default=0.0)
        self._identity_of = identity_of

    def at(self, time_s: float) -> tuple[Shown, ...]:
        """Everybody at an instant (event time, seconds UTC), earlier sightings first."""
        first = bisect_right(self._starts, time_s - self._longest_s - 2 * MARGIN_S)
        last = bisect_right(self._starts, time_s + MARGIN_S)
        return tuple(
            shown for sighting in self._paths[first:last] if (shown := self._shown(sighting, time_s)) is not None
        )

    def _shown(self, sighting: Sighting, time_s: float) -> Shown | None:
        times = sighting.path.times_s
        if not times[0] - MARGIN_S <= time_s <= times[-1] + MARGIN_S:
            return None
        after = int(np.searchsorted(times, time_s))
        before, after = max(after - 1, 0), min(after, len(times) - 1)
        gap_s = float(times[after] - times[before])
        share = 0.0 if gap_s <= 0 else float(np.clip((time_s - times[before]) / gap_s, 0.0, 1.0))
        boxes = sighting.path.boxes_px
        x1, y1, x2, y2 = (boxes[before] * (1 - share) + boxes[after] * share).tolist()
        number = self._identity_of.get(sighting.id)
        certain = bool(times[0] <= time_s <= times[-1]) and gap_s <= BRIDGED_S
        return Shown((x1, y1, x2, y2), _label(number, sighting.presence), number, sighting.presence, certain)


def draw_instant(image: NDArray[np.uint8], shown: Iterable[Shown], *, blur: bool, faces: FaceDetector | None) -> None:
    """Blur heads, then draw boxes with who they are, in place.

    Args:
        image: (height, width, 3) uint8 BGR.
        shown: everybody at this instant.
        blur: whether heads are blurred, also of those not drawn.
        faces: finds faces that no box covers; None: heads are estimated from the boxes alone.
    """
    everybody = list(shown)
    if blur:
        followed = [one.box for one in everybody if one.certain]
        blur_heads(image, followed, faces, guessed_boxes=[one.box for one in everybody if not one.certain])
    size_px = max(12, round(image.shape[0] / 30))
    for one in everybody:
        if one.certain:
            colour = (150, 150, 150) if one.number is None else colour_of(one.number)
            draw_box(image, one.box, one.label, colour, width_px=max(2, image.shape[0] // 240), size_px=size_px)


def annotated(
    frame: Frame, overlay: Overlay, site: Site, *, blur: bool, faces: FaceDetector | None
) -> tuple[NDArray[np.uint8], frozenset[int]]:
    """A frame with everybody, zones and lines drawn into it.

    Returns:
        (height, width, 3) uint8 BGR of its own, and the identities in it.
    """
    image = whole_bgr(frame)
    shown = overlay.at(frame.time_s)
    draw_instant(image, shown, blur=blur, faces=faces)
    draw_places(image, site, frame.camera)
    return image, frozenset(one.number for one in shown if one.number is not None)


def draw_places(image: NDArray[np.uint8], site: Site, camera: str) -> None:
    """Draw a camera's zones, and its lines with an arrow the way in, in place."""
    height, width = image.shape[:2]
    size_px, width_px = max(12, height // 30), max(2, height // 240)
    for zone in site.zones.values():
        if zone.camera == camera:
            corners = [(x * width, y * height) for x, y in zone.polygon]
            draw_polygon(image, corners, ZONE, label=zone.name, width_px=width_px, size_px=size_px)
    for line in site.lines.values():
        if line.camera == camera:
            start, end = ((x * width, y * height) for x, y in (line.start, line.end))
            middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
            step = _STEPS[line.inward]
            tip = (middle[0] + step[0] * height / 12, middle[1] + step[1] * height / 12)
            draw_line(image, start, end, LINE, width_px=width_px)
            draw_line(image, middle, tip, LINE, width_px=width_px, arrow=True)
            draw_text(image, line.name, (start[0] + width_px, start[1] + width_px), size_px=size_px, plate=LINE)


def _label(number: int | None, presence: Presence) -> str:
    if number is not None:
        return str(number)
    return {"person": "unresolved", "undecided": "undecided", "furniture": "thing"}[presence]
