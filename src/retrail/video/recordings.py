"""Which files a recorded camera consists of, in what order, and when each began."""

from __future__ import annotations

import glob
import re
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path
from urllib.parse import unquote, urlsplit

from retrail.core.errors import SourceError
from retrail.site import Camera
from retrail.video.camera import shown

_STILL_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff", ".ppm", ".pgm"})
_PATTERN = re.compile(r"[*?\[]")


@dataclass(frozen=True, slots=True)
class Recording:
    """One file.

    Attributes:
        start_s: when it began by its name, seconds UTC; None where names do not say.
        still: a picture rather than a video.
    """

    path: Path
    start_s: float | None
    still: bool


def find_recordings(camera: Camera, timezone: tzinfo) -> tuple[Recording, ...]:
    """The files of a source: by the time in their names, else by name with numbers in their order (2 before 10).

    Raises:
        SourceError: no file, a name without the time that ``name_time`` expects, or pictures without a rate.
    """
    paths = _paths(camera)
    recordings = [
        Recording(path, _named_s(camera, path, timezone), path.suffix.lower() in _STILL_SUFFIXES) for path in paths
    ]
    if len(paths) > 1 and any(r.still for r in recordings) and camera.fps is None and camera.name_time is None:
        raise SourceError(
            "A set of pictures needs to know how fast they were taken",
            where=shown(camera),
            found=f"{len(paths)} pictures without a rate",
            allowed="fps: pictures a second, or name_time: the time in each name",
        )
    if camera.name_time is not None:
        recordings.sort(key=lambda recording: (recording.start_s or 0.0, recording.path.name))
    return tuple(recordings)


def _paths(camera: Camera) -> list[Path]:
    text = camera.source.reveal()
    if text.startswith("file:"):
        text = unquote(urlsplit(text).path)
    if not _PATTERN.search(text) or Path(text).exists():
        return [Path(text)]
    paths = [Path(found) for found in glob.glob(text, recursive=True) if not Path(found).is_dir()]
    if not paths:
        raise SourceError(
            "No file matches the pattern",
            where=shown(camera),
            found="no file",
            hint="check the folder; the pattern is relative to the site file",
        )
    return sorted(paths, key=_natural)


def _natural(path: Path) -> list[tuple[int, int, str]]:
    parts = re.split(r"(\d+)", str(path))
    return [(1, int(part), part) if part.isdecimal() else (0, 0, part) for part in parts]


def _named_s(camera: Camera, path: Path, timezone: tzinfo) -> float | None:
    if camera.name_time is None:
        return None
    try:
        moment = datetime.strptime(path.name, camera.name_time)
    except ValueError:
        raise SourceError(
            "A file's name does not hold the time as name_time says",
            where=shown(camera),
            found=path.name,
            allowed=camera.name_time,
            hint="make the source's pattern or name_time fit the names",
        ) from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=timezone)).timestamp()
