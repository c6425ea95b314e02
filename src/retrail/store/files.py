"""Pictures, videos and exports that Retrail wrote: whom they show, and taking them away."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from retrail.core.errors import StoreError
from retrail.store.database import Cursor

FileKind = Literal["picture", "video", "export"]
Span = tuple[str, float, float]
"""(camera, first and last moment in seconds UTC)."""


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file as it was when it was noted; ``spans`` and ``identities`` say whom it shows."""

    path: str
    kind: FileKind
    size_bytes: int
    modified_ns: int
    spans: tuple[Span, ...]
    identities: tuple[int, ...]

    def shows(self, spans: Iterable[Span], identity: int | None, before_s: float | None = None) -> bool:
        """Whether it may show somebody who was there then, or who has that number, or anything before a moment."""
        if identity is not None and identity in self.identities:
            return True
        if before_s is not None and any(since_s < before_s for _, since_s, _ in self.spans):
            return True
        return any(
            camera == seen_by and start_s <= until_s and since_s <= end_s
            for camera, start_s, end_s in spans
            for seen_by, since_s, until_s in self.spans
        )

    @property
    def is_unchanged(self) -> bool:
        """Whether what lies there is what Retrail wrote."""
        try:
            now = Path(self.path).stat()
        except OSError:
            return False
        return (now.st_size, now.st_mtime_ns) == (self.size_bytes, self.modified_ns)


def note(cursor: Cursor, path: Path, kind: FileKind, spans: Sequence[Span], identities: Sequence[int]) -> None:
    """Keep that Retrail wrote a file.

    Raises:
        StoreError: it is not there.
    """
    path = path.absolute()
    try:
        now = path.stat()
    except OSError as error:
        raise StoreError("A file that was written cannot be noted", where=str(path), found=error.strerror) from None
    cursor.execute("DELETE FROM written_file WHERE path = %s", [str(path)])
    cursor.execute(
        "INSERT INTO written_file (path, kind, noted_s, size_bytes, modified_ns, spans, identities)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s)",
        [str(path), kind, time.time(), now.st_size, now.st_mtime_ns, json.dumps(spans), list(identities)],
    )


def showing(
    cursor: Cursor, spans: Sequence[Span], identity: int | None, before_s: float | None = None
) -> list[WrittenFile]:
    """The files that may show somebody, or anything before a moment, in the order of their paths."""
    cursor.execute("SELECT path, kind, size_bytes, modified_ns, spans, identities FROM written_file ORDER BY path")
    found = [
        WrittenFile(path, kind, size, modified, tuple(map(tuple, spans_of)), tuple(identities))
        for path, kind, size, modified, spans_of, identities in cursor
    ]
    return [file for file in found if file.shows(spans, identity, before_s)]


def obstacle(file: WrittenFile) -> str | None:
    """Why a file may not be deleted, or None."""
    if file.kind == "export":
        return "an export: delete it and its copies yourself"
    if Path(file.path).exists() and not file.is_unchanged:
        return "changed since Retrail wrote it"
    return None


def remove(cursor: Cursor, file: WrittenFile, identity: int | None) -> str | None:
    """Take away a picture or video; an export, and what somebody changed since, stays where it is.

    Returns:
        None where nothing is left of it; else why it is still there.
    """
    kept = obstacle(file)
    if kept is None:
        kept = _unlink(file)
    if kept is None:
        cursor.execute("DELETE FROM written_file WHERE path = %s", [file.path])
    else:
        cursor.execute(
            "UPDATE written_file SET identities = array_remove(identities, %s) WHERE path = %s", [identity, file.path]
        )
    return kept


def _unlink(file: WrittenFile) -> str | None:
    try:
        Path(file.path).unlink(missing_ok=True)
    except OSError as error:
        return error.strerror or "it cannot be deleted"
    return None
