"""A short look at one camera: does it give frames, what are they like, and one picture of it."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrail.core.errors import DataError, RetrailError, SourceError
from retrail.core.time import format_time
from retrail.core.types import Box, CameraEvent, Detection, Frame
from retrail.perceive.detect import Detector
from retrail.perceive.faces import FaceDetector
from retrail.perceive.heads import blur_heads
from retrail.perceive.view import View, view
from retrail.pipeline.overlay import draw_places
from retrail.site import Camera, Site
from retrail.video import Source, open_source
from retrail.video.draw import BLACK, PALETTE, draw_box, draw_text
from retrail.video.extent import recorded_end_s
from retrail.video.picture import write_png
from retrail.video.planes import whole_bgr

_FRAMES = 60
_FRAMES_WITH_PEOPLE = 10
_LIVE_FRAMES = 10
_BLURRED = 0.25
_LIVE_EVERY_S, _RECORDED_EVERY_S = 0.5, 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Glimpse:
    """What was seen of a camera.

    Attributes:
        camera: its name.
        views: of the frames looked at, in order; empty where there was none.
        best: the frame with most people, (height, width, 3) uint8 BGR, owned; None where there was none.
        people: everybody who may be in it, also unsure detections.
        sure: score from which a detection is somebody.
        best_s: its event time.
        span_s: event time from its first frame to its end; inf: live; None: not known.
        events: what went wrong and was survived.
        error: why there was no frame.
    """

    camera: str
    views: tuple[View, ...] = ()
    best: NDArray[np.uint8] | None = None
    people: tuple[Detection, ...] = ()
    sure: float = 0.5
    best_s: float = 0.0
    span_s: tuple[float, float] | None = None
    events: tuple[CameraEvent, ...] = ()
    error: RetrailError | None = None


@dataclass(slots=True)
class _Kept:
    """What is gathered while looking."""

    views: list[View] = field(default_factory=list[View])
    best: NDArray[np.uint8] | None = None
    people: tuple[Detection, ...] = ()
    best_s: float = 0.0
    most: float = -1.0
    first_s: float | None = None


def glimpse(site: Site, camera: Camera, detector: Detector | None, *, sure: float, patience_s: float) -> Glimpse:
    """Look at a camera: a frame a second of a recording, until ten showed people, at most sixty; five seconds live.

    Args:
        detector: finds people; None: only see whether frames come.
        sure: score from which a detection is somebody.
        patience_s: how long it may take in all.
    """
    stop = threading.Event()
    events: list[CameraEvent] = []
    kept = _Kept()
    timer = threading.Timer(patience_s, stop.set)
    timer.start()
    try:
        source = open_source(
            camera,
            site_start_s=site.start_s,
            timezone=site.timezone,
            stop=stop,
            on_event=events.append,
            patience_s=patience_s / 2,
        )
        span_s = _look(site, camera, source, detector, sure, kept)
    except RetrailError as error:
        return Glimpse(camera.name, events=tuple(events), error=error)
    finally:
        timer.cancel()
    if kept.first_s is None:
        error = SourceError(
            "The camera gave no picture",
            where=f"camera {camera.name}: {camera.source}",
            found=f"none in {patience_s:g} s",
        )
        return Glimpse(camera.name, events=tuple(events), error=error)
    return Glimpse(camera.name, tuple(kept.views), kept.best, kept.people, sure, kept.best_s, span_s, tuple(events))


def write_picture(site: Site, glimpse: Glimpse, faces: FaceDetector | None, path: Path) -> None:
    """Write a camera's picture: heads blurred, then zones, lines and people's heights drawn.

    Raises:
        DataError: there is no picture, or it cannot be written.
    """
    if glimpse.best is None:
        raise DataError("There is no picture of this camera", where=glimpse.camera)
    image = glimpse.best.copy()
    blur_heads(image, [person.box for person in glimpse.people if person.score >= _BLURRED], faces)
    size_px, width_px = max(12, round(image.shape[0] / 30)), max(2, image.shape[0] // 240)
    draw_places(image, site, glimpse.camera)
    for person in glimpse.people:
        if person.score >= glimpse.sure:
            label = f"{person.box[3] - person.box[1]:.0f}"
            draw_box(image, person.box, label, PALETTE[0], width_px=width_px, size_px=size_px)
    when = format_time(glimpse.best_s, site.timezone)[:19].replace("T", " ")
    caption = f"{glimpse.camera}, {when}, {image.shape[1]}x{image.shape[0]}; heights in pixels"
    draw_text(image, caption, (4, 4), size_px=size_px, plate=BLACK)
    write_png(path, image)


def _look(
    site: Site,
    camera: Camera,
    source: Source,
    detector: Detector | None,
    sure: float,
    kept: _Kept,
) -> tuple[float, float] | None:
    """Gather, and return from when to when the camera reaches."""
    try:
        limit, every_s = (_LIVE_FRAMES, _LIVE_EVERY_S) if source.live else (_FRAMES, _RECORDED_EVERY_S)
        for frame in _spaced(source.frames(), every_s):
            kept.first_s = frame.time_s if kept.first_s is None else kept.first_s
            _keep(frame, detector.detect(frame) if detector else (), sure, kept)
            with_people = sum(bool(view.people_px) for view in kept.views)
            if len(kept.views) >= limit or with_people >= _FRAMES_WITH_PEOPLE:
                break
    finally:
        source.close()
    if kept.first_s is None:
        return None
    end_s = math.inf if source.live else recorded_end_s(camera, kept.first_s, site.timezone)
    return None if end_s is None else (kept.first_s, end_s)


def _spaced(frames: Iterator[Frame], every_s: float) -> Iterator[Frame]:
    next_s = -math.inf
    for frame in frames:
        if frame.time_s >= next_s:
            next_s = frame.time_s + every_s
            yield frame


def _keep(frame: Frame, people: Sequence[Detection], sure: float, kept: _Kept) -> None:
    seen = [person for person in people if person.score >= sure]
    kept.views.append(view(frame, seen))
    most = len(seen) + min(0.99, sum(_area(person.box) for person in seen) / (frame.width_px * frame.height_px))
    if most > kept.most:
        kept.most, kept.best, kept.people, kept.best_s = most, whole_bgr(frame), tuple(people), frame.time_s


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])
