"""Annotated video: how it is asked for, and what was written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class AnnotatedClip:
    """A video that was written.

    Attributes:
        path: the file.
        cameras: whose.
        start_s, end_s: event time of its first and last frame.
        frames: how many.
        identities: who is in it.
    """

    path: Path
    cameras: tuple[str, ...]
    start_s: float
    end_s: float
    frames: int
    identities: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class AnnotateSettings:
    """How annotated video is written.

    Attributes:
        folder: one file a camera goes there, or one for all.
        blur: whether heads are blurred.
        mosaic: one file with all cameras beside each other, in step by event time.
    """

    folder: Path
    blur: bool = True
    mosaic: bool = False
