"""The ledger: decisions in order, and the resolutions they belong to."""

from __future__ import annotations

from collections.abc import Sequence

from retrail.core.errors import StoreError
from retrail.core.types import LedgerEntry
from retrail.store.codec import ENTRY_COLUMNS, entry_row, row_entry
from retrail.store.database import Cursor


def current(cursor: Cursor) -> tuple[int, str | None, int] | None:
    """Number, fingerprint and last entry's number of the resolution that counts; None: there is none."""
    row = cursor.execute(
        "SELECT number, fingerprint, last_entry FROM resolution ORDER BY number DESC LIMIT 1"
    ).fetchone()
    return None if row is None else (row[0], row[1], row[2])


def entries(cursor: Cursor) -> tuple[LedgerEntry, ...]:
    """The entries of the resolution that counts, in order."""
    rows = cursor.execute(
        f"SELECT {ENTRY_COLUMNS} FROM entry WHERE resolution = (SELECT max(number) FROM resolution) ORDER BY number"
    ).fetchall()
    return tuple(row_entry(row) for row in rows)


def append(cursor: Cursor, new: Sequence[LedgerEntry]) -> None:
    """Add entries at the end.

    Raises:
        StoreError: no resolution was begun, or the numbers do not follow on.
    """
    if not new:
        return
    resolution = current(cursor)
    if resolution is None:
        raise StoreError("The ledger has no resolution to add to", hint="begin one with the site's fingerprint")
    number, _, last = resolution
    expected = range(last + 1, last + 1 + len(new))
    if [entry.number for entry in new] != list(expected):
        raise StoreError(
            "Ledger entries do not follow on",
            found=f"{new[0].number} to {new[-1].number}, {len(new)} in all",
            allowed=f"{expected[0]} to {expected[-1]}",
        )
    with cursor.copy("COPY entry (resolution, " + ENTRY_COLUMNS + ") FROM STDIN") as rows:
        for entry in new:
            rows.write_row((number, *entry_row(entry)))
    cursor.execute("UPDATE resolution SET last_entry = %s WHERE number = %s", [expected[-1], number])


def begin(cursor: Cursor, fingerprint: str, frozen_before_s: float | None, begun_s: float) -> int:
    """Start a new resolution; the entries that speak of a sighting which began before ``frozen_before_s`` come along.

    Returns:
        The number of its last entry so far: the next one is that plus 1.
    """
    old = current(cursor)
    number = 1 if old is None else old[0] + 1
    cursor.execute("INSERT INTO resolution VALUES (%s, %s, %s, 0)", [number, fingerprint, begun_s])
    if old is None or frozen_before_s is None:
        return 0
    cursor.execute(
        f"INSERT INTO entry (resolution, {ENTRY_COLUMNS}) SELECT %s, {ENTRY_COLUMNS} FROM entry WHERE resolution = %s"
        " AND EXISTS (SELECT FROM sighting WHERE id = ANY(entry.sightings) AND start_s < %s)",
        [number, old[0], frozen_before_s],
    )
    cursor.execute(
        "UPDATE resolution SET last_entry = coalesce((SELECT max(number) FROM entry WHERE resolution = %s), 0)"
        " WHERE number = %s RETURNING last_entry",
        [number, number],
    )
    row = cursor.fetchone()
    return int(row[0]) if row else 0
