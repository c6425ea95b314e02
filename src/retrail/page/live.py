"""The newest drawn frame of each camera, as JPEG, for whoever looks."""

from __future__ import annotations

import io
import threading
import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from retrail.core.time import format_time
from retrail.pipeline import Watched
from retrail.pipeline.overlay import Shown, draw_instant, draw_places
from retrail.site import Site
from retrail.video.draw import draw_text
from retrail.video.planes import whole_bgr

JPEG_QUALITY = 80
MOST_HZ = 10.0


@dataclass(frozen=True, slots=True)
class Still:
    """One drawn frame. ``number`` counts from 1; ``time_s`` is its event time."""

    number: int
    index: int
    time_s: float
    jpeg: bytes


class LivePage:
    """Draws what the main job has just tracked; frame, boxes and identities belong to the same instant.

    Pass ``watch`` to the pipeline. A frame is drawn only while somebody looks at its camera, at most ten times
    a second.
    Every box that the detector saw is blurred at its head, also of people who are not followed yet.

    Args:
        site: for cameras, zones and lines.
        blur: whether heads are blurred.
    """

    def __init__(self, site: Site, *, blur: bool = True) -> None:
        self.site = site
        self._blur = blur
        self._changed = threading.Condition()
        self._stills: dict[str, Still] = {}
        self._looking: dict[str, int] = dict.fromkeys(site.cameras, 0)
        self._drawn_s: dict[str, float] = {}

    def watch(self, watched: Watched) -> None:
        """Called by the main job with each frame it has tracked."""
        frame = watched.frame
        now = time.monotonic()
        first = frame.camera not in self._stills
        due = now - self._drawn_s.get(frame.camera, 0.0) >= 1.0 / MOST_HZ
        if not first and not (due and self._looking[frame.camera]):
            return
        self._drawn_s[frame.camera] = now
        image = whole_bgr(frame)
        draw_instant(image, _shown(watched), blur=self._blur, faces=None)
        draw_places(image, self.site, frame.camera)
        draw_text(image, format_time(frame.time_s, self.site.timezone), (4, 4), plate=(40, 40, 40))
        jpeg = _jpeg(image)
        with self._changed:
            number = self._stills[frame.camera].number + 1 if frame.camera in self._stills else 1
            self._stills[frame.camera] = Still(number, frame.index, frame.time_s, jpeg)
            self._changed.notify_all()

    def newer(self, camera: str, number: int, wait_s: float) -> Still | None:
        """The camera's newest frame if its number is above ``number``; waits for it so long, else None."""
        with self._changed:
            self._looking[camera] += 1
            try:
                self._changed.wait_for(lambda: self._number(camera) > number, timeout=wait_s)
                return self._stills[camera] if self._number(camera) > number else None
            finally:
                self._looking[camera] -= 1

    def _number(self, camera: str) -> int:
        still = self._stills.get(camera)
        return 0 if still is None else still.number


def _shown(watched: Watched) -> list[Shown]:
    shown = [Shown(each.box, "", None, "undecided", certain=False) for each in watched.detections]
    for track in watched.tracks:
        match = watched.guesses.get(track.key)
        number = None if match is None or match.outcome != "assign" else match.identity
        label = {"person": "new?", "undecided": "undecided", "furniture": "thing"}[track.presence]
        if number is not None and match is not None:
            sure = "" if match.probability is None else f" {match.probability:.0%}"
            label = f"{number}{sure}"
        shown.append(Shown(track.box, label, number, track.presence, certain=track.matched))
    return shown


def _jpeg(image_bgr: NDArray[np.uint8]) -> bytes:
    out = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(image_bgr[..., ::-1])).save(out, "JPEG", quality=JPEG_QUALITY)
    return out.getvalue()
