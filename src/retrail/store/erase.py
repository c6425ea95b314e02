"""Retention and forgetting: what goes, what it takes along, and writing the tables anew so that its bytes go too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, replace
from typing import LiteralString

from psycopg import Rollback, sql

from retrail.core.errors import StoreError
from retrail.store import files, ledger
from retrail.store.codec import ENTRY_COLUMNS, entry_row, row_entry
from retrail.store.database import Cursor, Database
from retrail.store.files import Span
from retrail.store.redact import Gone, holders, redact, vanished

_SWEEP_EVERY_S = 20 * 3600.0  # expired journeys: their tables are large, and are written anew at most that often
_TOUCH_S = 1.0  # forgotten spans that are no further apart are one: the pieces of one stay
_ALL_TABLES = ("sighting", "embedding", "log_group", "entry", "resolution", "camera_event", "written_file", "search")
_UPDATE: LiteralString = (
    "UPDATE entry SET (" + ENTRY_COLUMNS + ") = (%s, %s, %s, %s, %s, %s, %s::json, %s, %s)"
    " WHERE resolution = %s AND number = %s"
)


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased.

    Attributes:
        sightings, embeddings, entries, events: how many; an entry of the ledger counts also where only a part went.
        spans: camera, first and last moment (seconds UTC) that were forgotten: the only thing that is kept.
        files: pictures and videos that were deleted.
        beyond_reach: what may still show or list who was forgotten, each with the reason.
    """

    sightings: int = 0
    embeddings: int = 0
    entries: int = 0
    events: int = 0
    spans: tuple[Span, ...] = ()
    files: tuple[str, ...] = ()
    beyond_reach: tuple[tuple[str, str], ...] = ()


def forget_identity(database: Database, identity: int, *, dry_run: bool) -> Erased:
    """Every trace of the sightings that are this identity's now, and of what the tracker joined to them.

    Raises:
        StoreError: nobody has that number.
    """
    with database.work("forgetting") as cursor:
        entries = ledger.entries(cursor)
        ids, merged = holders(entries, identity)
        if not ids:
            known = sorted({entry.identity for entry in entries if entry.identity is not None})
            raise StoreError(
                "Nobody has this number",
                found=f"identity {identity}" + (f", which became identity {merged}" if merged is not None else ""),
                allowed=f"one of {len(known)} from {known[0]} to {known[-1]}" if known else "nobody was resolved yet",
                hint="retrail report SITE journeys lists them",
            )
        ids = _with_chain(cursor, ids, {id for entry in entries for id in entry.sightings})
        spans = _spans(cursor, ids)
        erased = _forget(cursor, ids, spans, identity, dry_run=dry_run)
        if dry_run:
            raise Rollback
    return _done(database, erased, dry_run=dry_run)


def forget_before(database: Database, time_s: float, *, dry_run: bool) -> Erased:
    """Every trace of what began before a moment (event time, seconds UTC)."""
    with database.work("forgetting") as cursor:
        rows = cursor.execute("SELECT id, camera, start_s, end_s FROM sighting WHERE start_s < %s", [time_s]).fetchall()
        cameras = {row[1]: (row[2], time_s) for row in rows}
        for _, camera, start_s, end_s in rows:
            first_s, last_s = cameras[camera]
            cameras[camera] = (min(first_s, start_s), max(last_s, end_s))
        spans = tuple((camera, *span) for camera, span in sorted(cameras.items()))
        erased = _forget(cursor, {row[0] for row in rows}, spans, None, dry_run=dry_run, before_s=time_s)
        if dry_run:
            raise Rollback
    return _done(database, erased, dry_run=dry_run)


def expire(database: Database, now_s: float, embeddings_s: float, journeys_s: float, *, sweep: bool) -> Erased:
    """Embeddings that were logged longer ago than ``embeddings_s``, the rest than ``journeys_s``, counted from intake.
    Old ways of resolving go with the embeddings. Journeys are looked at every 20 hours, or where ``sweep`` says so."""
    with database.work("erasing what has expired") as cursor:
        cursor.execute(
            "DELETE FROM embedding USING log_group WHERE group_number = number AND intake_s < %s",
            [now_s - embeddings_s],
        )
        embeddings = cursor.rowcount
        cursor.execute(
            "DELETE FROM resolution WHERE begun_s < %s AND number < (SELECT max(number) FROM resolution)",
            [now_s - embeddings_s],
        )
        stale = {"embedding"} if embeddings else set[str]()
        sightings = entries = events = 0
        row = cursor.execute("SELECT swept_s FROM upkeep").fetchone()
        if sweep or row is None or abs(now_s - row[0]) >= _SWEEP_EVERY_S:
            cursor.execute("UPDATE upkeep SET swept_s = %s", [now_s])
            old_s = now_s - journeys_s
            cursor.execute(
                "SELECT id FROM sighting JOIN log_group ON group_number = number WHERE intake_s < %s", [old_s]
            )
            ids = {row[0] for row in cursor}
            sightings, entries = _take_out(cursor, ids, frozenset()) if ids else (0, 0)
            events = cursor.execute("DELETE FROM camera_event WHERE intake_s < %s", [old_s]).rowcount
            searches = cursor.execute("DELETE FROM search WHERE made_s < %s", [old_s]).rowcount
            stale |= set(_ALL_TABLES) if sightings or events or searches else set()
        _mark_stale(cursor, stale)
    rewrite(database)
    return Erased(sightings, embeddings, entries, events)


def rewrite(database: Database) -> None:
    """Write anew the tables from which something was deleted, and let go of the write-ahead log that still holds it.

    If this fails half-way the rest is done the next time.
    """
    with database.work("reading what is to be written anew", read_only=True) as cursor:
        row = cursor.execute("SELECT stale_tables FROM upkeep").fetchone()
    tables: list[str] = row[0] if row else []
    if not tables:
        return
    with database.alone("writing tables anew, of which rows were erased (their bytes are not gone yet)") as cursor:
        for table in tables:
            cursor.execute(sql.SQL("VACUUM FULL {}").format(sql.Identifier(table)))
        cursor.execute("UPDATE upkeep SET stale_tables = '{}'")
        if database.is_embedded:  # elsewhere the write-ahead log is not ours
            cursor.execute("SELECT pg_switch_wal()")
            cursor.execute("CHECKPOINT")


def _done(database: Database, erased: Erased, *, dry_run: bool) -> Erased:
    if not database.is_embedded:
        elsewhere = ("the database server's write-ahead log, replicas and backups", "ask who keeps the server")
        erased = replace(erased, beyond_reach=(*erased.beyond_reach, elsewhere))
    if not dry_run:
        rewrite(database)
    return erased


def _forget(
    cursor: Cursor,
    ids: Set[str],
    spans: tuple[Span, ...],
    identity: int | None,
    *,
    dry_run: bool,
    before_s: float | None = None,
) -> Erased:
    embeddings = cursor.execute(
        "SELECT count(*) FROM embedding JOIN sighting USING (group_number, place) WHERE id = ANY(%s)", [list(ids)]
    ).fetchone()
    removed: list[str] = []
    beyond: list[tuple[str, str]] = []
    for file in files.showing(cursor, spans, identity, before_s):
        kept = files.obstacle(file) if dry_run else files.remove(cursor, file, identity)
        if kept is None:
            removed.append(file.path)
        else:
            beyond.append((file.path, kept))
    sightings, entries = _take_out(cursor, ids, frozenset() if identity is None else frozenset([identity]))
    events = 0
    if before_s is not None:
        events = cursor.execute("DELETE FROM camera_event WHERE time_s < %s", [before_s]).rowcount
        cursor.execute("DELETE FROM search WHERE made_s < %s", [before_s])
    cursor.execute("DELETE FROM resolution WHERE number < (SELECT max(number) FROM resolution)")
    cursor.execute("UPDATE resolution SET fingerprint = NULL")
    _keep_spans(cursor, spans)
    _mark_stale(cursor, set(_ALL_TABLES))
    return Erased(sightings, embeddings[0] if embeddings else 0, entries, events, spans, tuple(removed), tuple(beyond))


def _take_out(cursor: Cursor, ids: Set[str], identities: Set[int]) -> tuple[int, int]:
    """Sightings from the log, and all mention of them from the ledger and the searches. How many, and entries."""
    listed = list(ids)
    cursor.execute(
        "DELETE FROM embedding USING sighting s WHERE s.id = ANY(%s)"
        " AND (embedding.group_number, embedding.place) = (s.group_number, s.place)",
        [listed],
    )
    sightings = cursor.execute("DELETE FROM sighting WHERE id = ANY(%s)", [listed]).rowcount
    cursor.execute("UPDATE sighting SET continues = NULL WHERE continues = ANY(%s)", [listed])
    cursor.execute(
        "DELETE FROM log_group WHERE NOT is_end AND number < (SELECT max(number) FROM log_group)"
        " AND NOT EXISTS (SELECT FROM sighting WHERE group_number = number)"
    )
    return sightings, _redact_ledger(cursor, ids, identities)


def _redact_ledger(cursor: Cursor, ids: Set[str], identities: Set[int]) -> int:
    found = ledger.current(cursor)
    resolution = 0 if found is None else found[0]
    cursor.execute("SELECT identity, sightings FROM entry WHERE resolution = %s", [resolution])
    gone = Gone(ids, identities | vanished(cursor.fetchall(), ids))
    dropped: set[int] = set()
    changed = 0
    for rows in _chunks(cursor, resolution):
        for entry in map(row_entry, rows):
            left = redact(entry, gone, dropped)
            if left is not None and left != entry:
                changed += 1
                cursor.execute(_UPDATE, [*entry_row(left), resolution, entry.number])
    cursor.execute("DELETE FROM entry WHERE resolution = %s AND number = ANY(%s)", [resolution, list(dropped)])
    for number, what, identity in cursor.execute("SELECT number, what, identity FROM search").fetchall():
        if identity in gone.identities or gone.mentioned_in(what):
            cursor.execute("UPDATE search SET what = '', identity = NULL WHERE number = %s", [number])
    return changed + len(dropped)


def _chunks(cursor: Cursor, resolution: int) -> Iterator[list[tuple[object, ...]]]:
    after = 0
    while True:
        rows = cursor.execute(
            f"SELECT {ENTRY_COLUMNS} FROM entry WHERE resolution = %s AND number > %s ORDER BY number LIMIT 2000",
            [resolution, after],
        ).fetchall()
        if not rows:
            return
        after = rows[-1][0]
        yield rows


def _with_chain(cursor: Cursor, ids: Set[str], decided: Set[str]) -> set[str]:
    """The sightings and the undecided pieces that the tracker joined to them."""
    rows = cursor.execute("SELECT id, continues FROM sighting").fetchall()
    joined: dict[str, set[str]] = {}
    for one, other in rows:
        if other is not None:
            joined.setdefault(one, set()).add(other)
            joined.setdefault(other, set()).add(one)
    found = set(ids)
    edge = set(ids)
    while edge:
        edge = {near for one in edge for near in joined.get(one, ()) if near not in decided} - found
        found |= edge
    return found


def _spans(cursor: Cursor, ids: Set[str]) -> tuple[Span, ...]:
    cursor.execute("SELECT camera, start_s, end_s FROM sighting WHERE id = ANY(%s)", [list(ids)])
    return union(cursor.fetchall())


def union(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Spans of each camera joined where they touch, in order.

    >>> union([("door", 5.0, 9.0), ("door", 1.0, 4.5), ("till", 1.0, 2.0), ("door", 20.0, 21.0)])
    (('door', 1.0, 9.0), ('door', 20.0, 21.0), ('till', 1.0, 2.0))
    """
    joined: list[Span] = []
    for camera, start_s, end_s in sorted(spans):
        if joined and joined[-1][0] == camera and start_s <= joined[-1][2] + _TOUCH_S:
            joined[-1] = (camera, joined[-1][1], max(joined[-1][2], end_s))
        else:
            joined.append((camera, start_s, end_s))
    return tuple(joined)


def _keep_spans(cursor: Cursor, spans: tuple[Span, ...]) -> None:
    cursor.execute("DELETE FROM forgotten RETURNING camera, start_s, end_s")
    kept = union([*cursor.fetchall(), *spans])
    with cursor.copy("COPY forgotten (camera, start_s, end_s) FROM STDIN") as rows:
        for span in kept:
            rows.write_row(span)


def _mark_stale(cursor: Cursor, tables: Set[str]) -> None:
    cursor.execute(
        "UPDATE upkeep SET stale_tables = ARRAY(SELECT DISTINCT unnest(stale_tables || %s::text[]))", [sorted(tables)]
    )
