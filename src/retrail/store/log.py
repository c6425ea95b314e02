"""The log: sightings in the order in which they were committed, group by group."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, LiteralString

import numpy as np
from pgvector import HalfVector

from retrail.core.types import Group, Sighting
from retrail.store.codec import SIGHTING_COLUMNS, row_sighting, sighting_row, stored_embedding
from retrail.store.database import Cursor, Database

_CHUNK = 100  # groups read at once
_SIGHTINGS: LiteralString = (
    "SELECT " + SIGHTING_COLUMNS + ", vector FROM sighting LEFT JOIN embedding USING (group_number, place)"
)


def append(cursor: Cursor, sightings: Sequence[Sighting], intake_s: float) -> Group | None:
    """Log what is new as one group; None where nothing is.

    Left out: ids already logged, and sightings that lie for at least half of their span in a forgotten span of
    their camera; ``continues`` where it names what is in neither log nor group (who was forgotten is not named again).
    The group holds the embeddings as they will be read back (rounded to float16).
    """
    new = _not_logged(cursor, sightings)
    forgotten = _forgotten_spans(cursor) if new else {}
    kept = _with_known_past(cursor, [one for one in new if not _mostly_in(one, forgotten.get(one.camera, ()))])
    if not kept:
        return None
    halves = [None if s.embedding is None else stored_embedding(s.embedding, s.id) for s in kept]
    number = _next_number(cursor)
    cursor.execute("INSERT INTO log_group (number, intake_s, is_end) VALUES (%s, %s, false)", [number, intake_s])
    with cursor.copy("COPY sighting (" + SIGHTING_COLUMNS + ") FROM STDIN") as rows:
        for place, sighting in enumerate(kept):
            rows.write_row(sighting_row(sighting, number, place))
    with cursor.copy("COPY embedding (group_number, place, vector) FROM STDIN") as rows:
        for place, half in enumerate(halves):
            if half is not None:
                rows.write_row((number, place, HalfVector(half)))
    logged = [
        replace(sighting, embedding=None if half is None else half.astype(np.float32))
        for sighting, half in zip(kept, halves, strict=True)
    ]
    return Group(number, tuple(logged))


def append_end(cursor: Cursor, intake_s: float) -> None:
    """Mark that an input ended here; nothing where the log is empty or the mark is there."""
    row = cursor.execute("SELECT is_end FROM log_group ORDER BY number DESC LIMIT 1").fetchone()
    if row is not None and not row[0]:
        number = _next_number(cursor)
        cursor.execute("INSERT INTO log_group (number, intake_s, is_end) VALUES (%s, %s, true)", [number, intake_s])


def last_group(cursor: Cursor) -> int:
    """Number of the newest group; 0: none."""
    row = cursor.execute("SELECT max(number) FROM log_group").fetchone()
    return int(row[0]) if row and row[0] else 0


def read_groups(database: Database, since_s: float | None) -> Iterator[Group]:
    """Groups in order, read a hundred at a time. A group of which nothing is left is left out; so is, with
    ``since_s``, every sighting that began before it."""
    after = 0
    while True:
        with database.work("reading the log", read_only=True) as cursor:
            numbers = cursor.execute(
                "SELECT number, is_end FROM log_group WHERE number > %s ORDER BY number LIMIT %s", [after, _CHUNK]
            ).fetchall()
            if not numbers:
                return
            before, after = after, int(numbers[-1][0])
            rows = cursor.execute(
                f"{_SIGHTINGS} WHERE group_number > %s AND group_number <= %s AND start_s >= %s"
                " ORDER BY group_number, place",
                [before, after, float("-inf") if since_s is None else since_s],
            ).fetchall()
        held: dict[int, list[Sighting]] = {}
        for row in rows:
            held.setdefault(row[0], []).append(_sighting(row))
        for number, is_end in numbers:
            if is_end or number in held:
                yield Group(number, tuple(held.get(number, ())), is_end)


def read_sightings(database: Database, from_s: float | None, to_s: float | None, *, embeddings: bool) -> list[Sighting]:
    """Sightings of which a part lies in the period, in log order."""
    with database.work("reading the log", read_only=True) as cursor:
        source = _SIGHTINGS if embeddings else f"SELECT {SIGHTING_COLUMNS}, NULL FROM sighting"
        rows = cursor.execute(
            f"{source} WHERE end_s >= %s AND start_s < %s ORDER BY group_number, place",
            [float("-inf") if from_s is None else from_s, float("inf") if to_s is None else to_s],
        ).fetchall()
    return [_sighting(row) for row in rows]


def _sighting(row: tuple[Any, ...]) -> Sighting:
    return row_sighting(row[:-1], row[-1])


def _next_number(cursor: Cursor) -> int:
    return last_group(cursor) + 1


def _not_logged(cursor: Cursor, sightings: Sequence[Sighting]) -> list[Sighting]:
    by_id = {sighting.id: sighting for sighting in reversed(sightings)}
    rows = cursor.execute("SELECT id FROM sighting WHERE id = ANY(%s)", [list(by_id)]).fetchall()
    known = {row[0] for row in rows}
    return [sighting for sighting in sightings if sighting.id not in known and by_id[sighting.id] is sighting]


def _with_known_past(cursor: Cursor, sightings: Sequence[Sighting]) -> list[Sighting]:
    past = [sighting.continues for sighting in sightings if sighting.continues is not None]
    cursor.execute("SELECT id FROM sighting WHERE id = ANY(%s)", [past])
    known = {row[0] for row in cursor} | {sighting.id for sighting in sightings}
    return [s if s.continues is None or s.continues in known else replace(s, continues=None) for s in sightings]


def _forgotten_spans(cursor: Cursor) -> dict[str, list[tuple[float, float]]]:
    """What was forgotten of each camera; spans of one never overlap."""
    spans: dict[str, list[tuple[float, float]]] = {}
    for camera, start_s, end_s in cursor.execute("SELECT camera, start_s, end_s FROM forgotten"):
        spans.setdefault(camera, []).append((start_s, end_s))
    return spans


def _mostly_in(sighting: Sighting, spans: Sequence[tuple[float, float]]) -> bool:
    """Whether at least half of it lies in the spans."""
    shared = [(max(start_s, sighting.start_s), min(end_s, sighting.end_s)) for start_s, end_s in spans]
    inside = [end_s - start_s for start_s, end_s in shared if start_s <= end_s]
    return bool(inside) and sum(inside) >= (sighting.end_s - sighting.start_s) / 2
