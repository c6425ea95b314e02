"""Which files a recorded camera consists of, and when each began."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path

from retrail.video.camera import Camera


@dataclass(frozen=True, slots=True)
class Recording:
    """One file. ``start_s``: when it began by its name, seconds UTC; None where names do not say."""

    path: Path
    start_s: float | None


def find_recordings(camera: Camera, timezone: tzinfo) -> tuple[Recording, ...]:
    """The files of a source in order of time."""
    return (Recording(Path(camera.source.reveal()), None),)
