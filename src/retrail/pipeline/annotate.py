"""Writes each camera's video once more, with who was where drawn into the frames they belong to.

The second pass comes after the decisions: a recorded source is decoded a second time; of a live one the packets were
kept as they came, on a tape in the data folder that is deleted afterwards. So no raw frame is kept, and a box stands on
the very frame in which it was found, with the identity that was decided later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, groupby
from pathlib import Path

from retrail.core.time import format_time
from retrail.core.types import Frame, Sighting
from retrail.perceive.faces import FaceDetector
from retrail.pipeline.overlay import Overlay, draw_instant, draw_places
from retrail.site import Site
from retrail.video.draw import draw_text
from retrail.video.planes import whole_bgr
from retrail.video.writer import ClipWriter

_USUAL_FPS = 10.0


@dataclass(frozen=True, slots=True)
class AnnotatedClip:
    """A video that was written.

    Attributes:
        path: the file.
        camera: whose.
        start_s, end_s: event time of its first and last frame.
        frames: how many.
        identities: who is in it.
    """

    path: Path
    camera: str
    start_s: float
    end_s: float
    frames: int
    identities: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class AnnotateSettings:
    """How annotated video is written.

    Attributes:
        folder: one file a camera goes there.
        blur: whether heads are blurred.
    """

    folder: Path
    blur: bool = True


def annotate(
    site: Site,
    again: Mapping[str, Callable[[], Iterator[Frame]]],
    sightings: Sequence[Sighting],
    identity_of: Mapping[str, int | None],
    settings: AnnotateSettings,
    faces: FaceDetector | None,
) -> Iterator[AnnotatedClip]:
    """Write an annotated video for each camera (one more whenever its pictures change their size).

    Args:
        site: for zones, lines and time zone.
        again: by camera, its frames a second time, with the same index and time.
        sightings, identity_of: the log and the ledger's answer, after the last decision.
        settings: where to, and whether heads are blurred.
        faces: finds faces that no box covers; None: heads are estimated from the boxes alone.

    Raises:
        SourceError: a source cannot be read again.
        DataError: a file cannot be written.
    """
    for camera, frames_of in again.items():
        overlay = Overlay(camera, sightings, identity_of)
        for part, frames in enumerate(_by_size(frames_of())):
            name = f"{camera}.mp4" if part == 0 else f"{camera}-{part + 1}.mp4"
            yield _write(settings.folder / name, frames, overlay, site, settings.blur, faces)


def _by_size(frames: Iterator[Frame]) -> Iterator[Iterator[Frame]]:
    """The frames in runs of one size: a video file has one."""
    runs = groupby(frames, key=lambda frame: (frame.width_px, frame.height_px))
    return (run for _, run in runs)


def _write(
    path: Path,
    frames: Iterator[Frame],
    overlay: Overlay,
    site: Site,
    blur: bool,
    faces: FaceDetector | None,
) -> AnnotatedClip:
    first = next(frames)
    identities: set[int] = set()
    last, count = first, 0
    with ClipWriter(path, first.width_px, first.height_px, _USUAL_FPS) as writer:
        for frame in chain([first], frames):
            image = whole_bgr(frame)
            shown = overlay.at(frame.time_s)
            draw_instant(image, shown, blur=blur, faces=faces)
            draw_places(image, site, frame.camera)
            draw_text(image, format_time(frame.time_s, site.timezone), (4, 4), plate=(40, 40, 40))
            writer.write(image, frame.time_s)
            identities.update(one.number for one in shown if one.number is not None)
            last, count = frame, count + 1
    return AnnotatedClip(path, first.camera, first.time_s, last.time_s, count, tuple(sorted(identities)))
