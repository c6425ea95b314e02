"""How far a recording reaches in event time, by what its files say, without decoding them."""

from __future__ import annotations

from datetime import tzinfo

from retrail.core.errors import SourceError
from retrail.site import Camera
from retrail.video.clip import Clip
from retrail.video.recordings import Recording, find_recordings


def recorded_end_s(camera: Camera, first_s: float, timezone: tzinfo) -> float | None:
    """Event time at which a recorded camera ends, seconds UTC, or None where its files do not say.

    Args:
        camera: a recorded one.
        first_s: event time of its first frame.
        timezone: of the times in file names.

    Raises:
        SourceError: there are no such files.
    """
    recordings = find_recordings(camera, timezone)
    last = recordings[-1]
    if last.start_s is not None:
        length_s = _length_s(camera, last)
        return None if length_s is None else last.start_s + camera.offset_s + length_s
    lengths = [_length_s(camera, recording) for recording in recordings]
    return None if None in lengths else first_s + sum(length for length in lengths if length is not None)


def _length_s(camera: Camera, recording: Recording) -> float | None:
    if recording.still:
        return 1.0 / camera.fps if camera.fps else 0.0
    try:
        clip = Clip(recording.path, where=camera.name, fps=camera.fps, on_corrupt=lambda detail: None)
    except SourceError:
        return 0.0
    try:
        return clip.duration_s
    finally:
        clip.close()
