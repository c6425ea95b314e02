"""Which photos of a set anybody may use, also for money: what a model for shops may learn from."""

from __future__ import annotations

from pathlib import Path

from retrail.core.errors import DataError
from retrail.simulate.rows import rows_of

FREE = {
    "4": "Attribution License",
    "5": "Attribution-ShareAlike License",
    "7": "No known copyright restrictions",
    "8": "United States Government Work",
}
"""Licences of COCO's photos, by the number that its annotations give them, which allow commercial use and changes."""
_MAY = frozenset((*FREE, *FREE.values()))
_TABLES = (("licences.csv", "coco_licence_id"), ("images.csv", "license"))


def free_files(folder: Path) -> frozenset[str]:
    """Names of a set's pictures that are freely licensed, by its ``licences.csv`` (numbers) or ``images.csv`` (names).

    Raises:
        DataError: the set has no such table, or the table is damaged.
    """
    for name, column in _TABLES:
        if (folder / name).is_file():
            rows = rows_of(folder / name, ("file", column))
            return frozenset(row.text("file") for row in rows if row.text(column) in _MAY)
    raise DataError(
        "A set of frames does not say how its photos are licensed",
        where=str(folder),
        allowed=" or ".join(f"{name} with file and {column}" for name, column in _TABLES),
    )
