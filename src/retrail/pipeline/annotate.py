"""Writes each camera's video once more, with who was where drawn into the frames they belong to.

The second pass comes after the decisions: a recorded source is decoded a second time; of a live one the packets were
kept as they came, on a tape in the data folder that is deleted afterwards. So no raw frame is kept, and a box stands on
the very frame in which it was found, with the identity that was decided later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, groupby
from pathlib import Path

from retrail.core.time import format_time
from retrail.core.types import Frame, Sighting
from retrail.perceive.faces import FaceDetector
from retrail.pipeline.clips import AnnotatedClip, AnnotateSettings
from retrail.pipeline.mosaic import write_mosaic
from retrail.pipeline.overlay import Overlay, annotated
from retrail.site import Site
from retrail.video.draw import draw_text
from retrail.video.writer import ClipWriter

_USUAL_FPS = 10.0


def annotate(
    site: Site,
    again: Mapping[str, Callable[[], Iterator[Frame]]],
    sightings: Sequence[Sighting],
    identity_of: Mapping[str, int | None],
    settings: AnnotateSettings,
    faces: FaceDetector | None,
) -> Iterator[AnnotatedClip]:
    """Write an annotated video for each camera (one more whenever its pictures change their size), or one for all.

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
    if settings.mosaic:
        overlays = {camera: Overlay(camera, sightings, identity_of) for camera in again}
        yield write_mosaic(
            settings.folder / "mosaic.mp4",
            {camera: frames_of() for camera, frames_of in again.items()},
            lambda frame: annotated(frame, overlays[frame.camera], site, blur=settings.blur, faces=faces),
        )
        return
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
            image, named = annotated(frame, overlay, site, blur=blur, faces=faces)
            draw_text(image, format_time(frame.time_s, site.timezone), (4, 4), plate=(40, 40, 40))
            writer.write(image, frame.time_s)
            identities |= named
            last, count = frame, count + 1
    return AnnotatedClip(path, (first.camera,), first.time_s, last.time_s, count, tuple(sorted(identities)))
