"""The store of one site: its log, its ledger, and what else outlives a run."""

from __future__ import annotations

import json
import time
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from retrail.core.errors import StoreError
from retrail.core.secrets import Secret
from retrail.core.types import CameraEvent, Group, LedgerEntry, Sighting
from retrail.store import erase, files, ledger, log
from retrail.store.database import Database, nothing_recorded
from retrail.store.erase import Erased
from retrail.store.files import FileKind, Span
from retrail.store.lock import RunLock
from retrail.store.server import USER, EmbeddedServer


def open_store(
    data: Path,
    *,
    site_name: str,
    database: Secret | None = None,
    holder: str,
    read_only: bool = False,
    create: bool = True,
) -> Store:
    """Open, and where needed make, the store of a site. A context manager: close it.

    Args:
        data: the data folder; made (for its owner alone) where it is not there.
        site_name: sites that share a folder or a server do not see each other.
        database: address of a PostgreSQL server with pgvector; None: one of our own in the data folder.
        holder: what opens it (the command line), for whoever is refused meanwhile.
        read_only: for reports; works while a run is going on, and writes no log and no ledger.
        create: make what is not there; False, and always with ``read_only``: then nothing was recorded.

    Raises:
        StoreError: another run holds it; nothing was recorded; it cannot be reached, is too new, or is not ours to use.
    """
    try:
        create = create and not read_only
        return _open(data.absolute(), site_name, database, holder, read_only=read_only, create=create)
    except OSError as error:
        raise StoreError(
            "The data folder cannot be used",
            where=error.filename or str(data),
            found=error.strerror,
            hint="run as the user who owns it, see that the disk has room, or choose another folder with --data",
        ) from None


class Store:
    """What ``open_store`` returns. Safe to use from several threads. Every method raises StoreError when the
    database cannot do it (lost, disk full): what was committed before is kept, what was under way is not.

    Args:
        database: the open connection.
        data: the data folder.
        close: undoes what opening did; also run when the process ends or the store is dropped.
    """

    def __init__(self, database: Database, data: Path, close: Callable[[], None]) -> None:
        self._database = database
        self.data = data
        self._close = weakref.finalize(self, close)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of everything; the last user stops an embedded server. Again does no harm."""
        self._close()

    # -- the log ------------------------------------------------------------------------------------------------

    def append(self, sightings: Sequence[Sighting], *, now_s: float | None = None) -> Group | None:
        """Commit a group of what is new and return it, its embeddings as they will be read back (float16's values
        in float32, so that deciding now and deciding in a replay see the same bits). None: nothing was new.

        Left out are sightings whose id is logged, and those that lie at least half in a span of their camera that was
        forgotten; and ``continues`` where it names what is not logged.
        """
        with self._database.work("logging sightings") as cursor:
            return log.append(cursor, sightings, _now(now_s))

    def end_of_input(self, *, now_s: float | None = None) -> None:
        """Mark in the log that an input ended; never twice in a row, and not in an empty log."""
        with self._database.work("marking the end of the input") as cursor:
            log.append_end(cursor, _now(now_s))

    def groups(self, since_s: float | None = None) -> Iterator[Group]:
        """The log in order, as far as retention has left it. With ``since_s`` (seconds UTC) without the sightings that
        began before it; groups of which nothing is left are left out, end marks never."""
        return log.read_groups(self._database, since_s)

    def sightings(
        self, from_s: float | None = None, to_s: float | None = None, *, embeddings: bool = False
    ) -> list[Sighting]:
        """Sightings of which a part lies in ``from_s <= time < to_s``, in log order; embeddings only on demand."""
        return log.read_sightings(self._database, from_s, to_s, embeddings=embeddings)

    def sighting_ids(self) -> frozenset[str]:
        """What the log holds, by id."""
        with self._database.work("reading the log", read_only=True) as cursor:
            return frozenset(row[0] for row in cursor.execute("SELECT id FROM sighting"))

    def last_group(self) -> int:
        """Number of the newest group; 0 where there is none."""
        with self._database.work("reading the log", read_only=True) as cursor:
            return log.last_group(cursor)

    def last_seen_s(self) -> float | None:
        """Event time at which the newest sighting of the log ends; None where there is none."""
        with self._database.work("reading the log", read_only=True) as cursor:
            row = cursor.execute("SELECT max(end_s) FROM sighting").fetchone()
            return None if row is None or row[0] is None else float(row[0])

    def last_model(self) -> str | None:
        """The encoder behind the newest group of the log (`Sighting.model`); None where there is none."""
        with self._database.work("reading the log", read_only=True) as cursor:
            row = cursor.execute("SELECT model FROM sighting ORDER BY group_number DESC, place DESC LIMIT 1").fetchone()
            return None if row is None else str(row[0])

    def expired_before_s(self) -> float | None:
        """Event time before which embeddings have expired: the last end of a sighting that has lost its own. What was
        decided about these stays as it is. None: nothing has expired."""
        with self._database.work("reading the log", read_only=True) as cursor:
            row = cursor.execute(
                "SELECT max(end_s) FROM sighting LEFT JOIN embedding USING (group_number, place)"
                " WHERE had_embedding AND vector IS NULL"
            ).fetchone()
            return None if row is None or row[0] is None else float(row[0])

    # -- the ledger ---------------------------------------------------------------------------------------------

    def ledger(self) -> tuple[LedgerEntry, ...]:
        """The entries of the present resolution, in order; numbers may be missing where something was erased."""
        with self._database.work("reading the ledger", read_only=True) as cursor:
            return ledger.entries(cursor)

    def append_entries(self, entries: Sequence[LedgerEntry]) -> None:
        """Commit entries whose numbers follow on from the last one; a gap or a number used before is an error."""
        with self._database.work("writing the ledger") as cursor:
            ledger.append(cursor, entries)

    def last_entry(self) -> int:
        """Number of the last entry of the present resolution; 0 where there is none."""
        with self._database.work("reading the ledger", read_only=True) as cursor:
            found = ledger.current(cursor)
            return 0 if found is None else found[2]

    def begin_resolution(
        self, fingerprint: str, frozen_before_s: float | None = None, entries: Sequence[LedgerEntry] = ()
    ) -> int:
        """Start resolving anew, in one transaction with the first ``entries``. Entries that speak of a sighting which
        began before ``frozen_before_s`` (seconds UTC) come along, numbers and all; the rest is superseded.

        Returns:
            The number of the last entry that is there: the next one is that plus 1.
        """
        with self._database.work("beginning a resolution") as cursor:
            last = ledger.begin(cursor, fingerprint, frozen_before_s, time.time())
            ledger.append(cursor, entries)
            return last + len(entries)

    def fingerprint(self) -> str | None:
        """What the present resolution was begun with. None: there is none, or something was erased since, so that the
        log has to be resolved again."""
        with self._database.work("reading the ledger", read_only=True) as cursor:
            found = ledger.current(cursor)
            return None if found is None else found[1]

    # -- beside them --------------------------------------------------------------------------------------------

    def event(self, event: CameraEvent, *, now_s: float | None = None) -> None:
        """Keep something that happened to a camera."""
        with self._database.work("noting an event") as cursor:
            cursor.execute(
                "INSERT INTO camera_event (intake_s, camera, time_s, kind, detail, extra)"
                " VALUES (%s, %s, %s, %s, %s, %s)",
                [_now(now_s), event.camera, event.time_s, event.kind, event.detail, json.dumps(dict(event.extra))],
            )

    def events(self) -> tuple[CameraEvent, ...]:
        """All of them, in the order in which they came."""
        with self._database.work("reading events", read_only=True) as cursor:
            cursor.execute("SELECT camera, time_s, kind, detail, extra FROM camera_event ORDER BY number")
            return tuple(CameraEvent(*row) for row in cursor)

    def furniture(self, camera: str) -> tuple[Mapping[str, object], ...]:
        """The records that ``save_furniture`` kept for a camera."""
        with self._database.work("reading furniture", read_only=True) as cursor:
            row = cursor.execute("SELECT records FROM furniture WHERE camera = %s", [camera]).fetchone()
            return tuple(row[0]) if row else ()

    def save_furniture(self, camera: str, records: Sequence[Mapping[str, object]]) -> None:
        """Keep a camera's furniture (records that JSON can hold) instead of what was kept before."""
        text = json.dumps([dict(record) for record in records])
        with self._database.work("keeping furniture") as cursor:
            cursor.execute(
                "INSERT INTO furniture VALUES (%s, %s) ON CONFLICT (camera) DO UPDATE SET records = EXCLUDED.records",
                [camera, text],
            )

    def log_search(self, what: str, identity: int | None = None) -> None:
        """Keep that somebody was searched for; also where the store was opened for reading."""
        with self._database.work("logging a search") as cursor:
            cursor.execute(
                "INSERT INTO search (made_s, what, identity) VALUES (%s, %s, %s)", [time.time(), what, identity]
            )

    def searches(self) -> tuple[tuple[float, str], ...]:
        """When (seconds UTC) and for what was searched, in order; an empty text where the person was forgotten."""
        with self._database.work("reading searches", read_only=True) as cursor:
            cursor.execute("SELECT made_s, what FROM search ORDER BY number")
            return tuple((made_s, what) for made_s, what in cursor)

    def note_file(
        self, path: Path, kind: FileKind, *, spans: Sequence[Span] = (), identities: Sequence[int] = ()
    ) -> None:
        """Keep that Retrail wrote a picture, a video or an export, once it is whole, so that forgetting finds it; also
        where the store was opened for reading.

        Args:
            path: the file, which must be there.
            kind: pictures and videos are deleted when somebody in them is forgotten, exports are named.
            spans: camera, first and last moment (seconds UTC) that it shows.
            identities: numbers that it names.
        """
        with self._database.work("noting a file") as cursor:
            files.note(cursor, path, kind, spans, identities)

    # -- going --------------------------------------------------------------------------------------------------

    def retention(self, now_s: float, embeddings_s: float, journeys_s: float, *, sweep: bool = False) -> Erased:
        """Erase embeddings logged more than ``embeddings_s`` before ``now_s``, and all else logged more than
        ``journeys_s`` before it. Both count from intake. Without ``sweep`` expired journeys are looked for only every
        20 hours, so that it can be called as often as one likes."""
        return erase.expire(self._database, now_s, embeddings_s, journeys_s, sweep=sweep)

    def forget_identity(self, identity: int, *, dry_run: bool = False) -> Erased:
        """Erase every trace of somebody: sightings, embeddings, evidence, searches, pictures and videos; the tables
        are written anew, so that the bytes go too. Kept is that these cameras and spans were forgotten. The log has to
        be resolved again afterwards (``fingerprint`` is None).

        Args:
            identity: a number of the present resolution.
            dry_run: only say what would go.

        Raises:
            StoreError: nobody has that number.
        """
        return erase.forget_identity(self._database, identity, dry_run=dry_run)

    def forget_before(self, time_s: float, *, dry_run: bool = False) -> Erased:
        """Erase every trace of all that began before a moment (event time, seconds UTC), like ``forget_identity``."""
        return erase.forget_before(self._database, time_s, dry_run=dry_run)


def _open(data: Path, site_name: str, database: Secret | None, holder: str, *, read_only: bool, create: bool) -> Store:
    with ExitStack() as undo:
        if not create and database is None and not (data / "postgres").exists():
            raise nothing_recorded(str(data))
        if not read_only:
            data.mkdir(mode=0o700, parents=True, exist_ok=True)
            undo.callback(RunLock(data, holder).release)
        if database is None:
            server = EmbeddedServer(data)
            undo.callback(server.close)
            address, where = Secret(f"host={server.host} user={USER} dbname=postgres"), str(data)
        else:
            address, where = database, str(database)
        connection = Database(address, site_name, where, embedded=database is None)
        undo.callback(connection.close)
        connection.prepare(migrate=not read_only, create=create)
        if database is not None and not read_only:
            connection.take(holder)
        return Store(connection, data, undo.pop_all().close)


def _now(now_s: float | None) -> float:
    return time.time() if now_s is None else now_s
