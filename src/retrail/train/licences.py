"""Which photos of a set anybody may use, also for money: what a model for shops may learn from."""

from __future__ import annotations

from pathlib import Path

from retrail.core.errors import DataError
from retrail.train.crops import table

FREE = {
    "4": "Attribution License",
    "5": "Attribution-ShareAlike License",
    "7": "No known copyright restrictions",
    "8": "United States Government Work",
}
"""Licences of COCO's photos, by the number that its annotations give them, which allow commercial use and changes."""
_TABLES = (("licences.csv", "coco_licence_id"), ("images.csv", "license"))


def free_files(folder: Path) -> frozenset[str]:
    """Names of a set's pictures that are freely licensed, by its ``licences.csv`` (numbers) or ``images.csv`` (names).

    Raises:
        DataError: the set has no such table, or the table is damaged.
    """
    for name, column in _TABLES:
        if (folder / name).is_file():
            rows = table(folder / name)
            if not {"file", column} <= rows[0].keys():
                raise DataError(
                    "A table of licences lacks a column",
                    where=str(folder / name),
                    found=", ".join(rows[0]),
                    allowed=f"file and {column}",
                )
            return frozenset(row["file"] for row in rows if row[column] in FREE or row[column] in FREE.values())
    raise DataError(
        "A set of frames does not say how its photos are licensed",
        where=str(folder),
        allowed=" or ".join(f"{name} with file and {column}" for name, column in _TABLES),
    )
