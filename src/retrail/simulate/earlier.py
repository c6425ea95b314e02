"""What an earlier simulation left in a folder: beside the next one's site and truth it would be taken for theirs."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import av
from av.error import FFmpegError

from retrail.core.errors import DataError
from retrail.simulate.rows import remove_files
from retrail.simulate.truth import clear_truth

VIDEO = "video"
TRUTH = "truth"
SIGHTINGS = "sightings.parquet"


def clip_comment(camera: str) -> str:
    """What a clip says of itself, so that it can be told from a user's own."""
    return f"Written by retrail simulate: {camera}"


def clear_earlier(out: Path, keep: Collection[Path]) -> None:
    """Remove the truth, the videos and the sightings of an earlier simulation; what it did not write stays.

    Args:
        out: the folder.
        keep: what is or will be written over.

    Raises:
        DataError: something cannot be removed.
    """
    clear_truth(out / TRUTH)
    own = [path for path in sorted((out / VIDEO).glob("*.mp4")) if path not in keep and _is_own_clip(path)]
    sightings = out / SIGHTINGS
    if sightings not in keep and sightings.is_file() and is_own_table(sightings):
        own.append(sightings)
    remove_files(own)


def _is_own_clip(path: Path) -> bool:
    """By its comment, in which its name stands: a piece that a user cut out of it has the one, but not the other."""
    try:
        with av.open(str(path)) as clip:
            return clip.metadata.get("comment") == clip_comment(path.stem)
    except (FFmpegError, OSError):
        return False


def is_own_table(path: Path) -> bool:
    """Whether a file holds sightings of a simulation: by its form, in which nothing else is written."""
    from retrail.simulate.traffic.table import origin_of  # pyarrow is slow to import

    try:
        origin_of(path)
    except DataError:
        return False
    return True
