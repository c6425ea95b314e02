"""A finished folder takes the place of an earlier one as a whole."""

from __future__ import annotations

import ctypes
import errno
import os
from pathlib import Path

from retrail.core.errors import DataError

OWN = frozenset({".xml", ".bin", ".onnx", ".json"})
"""How the files of an exported model end, all of which bear its name."""
_HERE, _EXCHANGE = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
_CANNOT = frozenset({errno.ENOSYS, errno.EINVAL, errno.EXDEV})


def require_own(place: Path) -> None:
    """See that a model's folder, if it is there, holds an export of that name and nothing else.

    Raises:
        DataError: there is something else, which taking the folder's place would delete.
        OSError: it cannot be read.
    """
    if not place.exists():
        return
    strange = sorted(
        path.name for path in place.iterdir() if path.stem != place.name or path.suffix not in OWN or not path.is_file()
    )
    if strange:
        raise DataError(
            "The model's folder holds what no export wrote",
            where=str(place),
            found=", ".join(strange),
            allowed=f"{place.name} with {', '.join(sorted(OWN))}",
            hint="move it elsewhere, or give another --name or --out; nothing was changed",
        )


def take_place(draft: Path, place: Path) -> None:
    """Put a folder in the place of an earlier one, whose files are then in ``draft``.

    On Linux both change places at once: whoever looks, or finds what a crash left, sees one or the other whole. Where
    the system or its file system cannot do that, there is a moment between two renames in which a crash leaves
    the earlier one in ``draft`` with ``.earlier`` after its name.

    Args:
        draft: finished, on the same file system.
        place: where it goes; need not be there yet.

    Raises:
        OSError: it cannot be done; what was there is there.
    """
    for path in draft.iterdir():
        with path.open("rb") as stream:
            os.fsync(stream.fileno())
    if not place.exists():
        draft.rename(place)
    elif not _exchanged(draft, place):
        aside = draft.with_name(f"{draft.name}.earlier")
        place.rename(aside)
        try:
            draft.rename(place)
        except OSError:
            aside.rename(place)
            raise
        aside.rename(draft)


def _exchanged(one: Path, other: Path) -> bool:
    """Whether two names have changed places; False where that cannot be done here.

    Raises:
        OSError: it can, but not with these.
    """
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    if rename(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in _CANNOT:
        return False
    raise OSError(number, os.strerror(number), str(other))
