"""Files that are there whole or not at all, whatever happens while they are written."""

from __future__ import annotations

import os
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def whole_file(path: Path, *, before: Path | None = None, make_folder: bool = False) -> Generator[BinaryIO]:
    """A stream whose bytes stand at ``path`` once the block has ended; after an error there is what was there.

    They are written beside it, under a name that no other process or thread uses: of two who write the same file at
    once each writes it whole, and the later one's stays.

    Args:
        path: where it goes.
        before: where a file goes that is there already; None: it is replaced.
        make_folder: whether a folder that is not there is made; else it is an error.

    Raises:
        OSError: it cannot be written.
    """
    if make_folder:
        path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{threading.get_native_id()}.part")
    with draft.open("wb") as stream:
        try:
            yield stream
            put_in_place(stream, path, before=before)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise


def put_in_place(draft: BinaryIO, path: Path, *, before: Path | None = None) -> None:
    """Give a file that is written, and still open, its name; on the disk its bytes come first.

    Args:
        draft: in the folder of ``path``.
        path: where it goes.
        before: where a file goes that is there already; None: it is replaced.

    Raises:
        OSError: it cannot be written; the draft is for the caller to keep or to remove.
    """
    draft.flush()
    os.fsync(draft.fileno())
    if before is not None and path.is_file():
        path.replace(before)
    Path(draft.name).replace(path)
