"""Files that are there whole or not at all, whatever happens while they are written."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO


def write_whole(path: Path, write: Callable[[BinaryIO], object], *, before: Path | None = None) -> None:
    """Write a file beside its place and move it there; folders are made if need be.

    Args:
        path: where it goes.
        write: writes what is in it.
        before: where a file goes that is there already; None: it is replaced.

    Raises:
        OSError: it cannot be written; what was there is there still.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}.part")
    try:
        with draft.open("wb") as stream:
            write(stream)
            stream.flush()
            os.fsync(stream.fileno())
        if before is not None and path.is_file():
            path.replace(before)
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
