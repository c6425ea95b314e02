"""One connection to PostgreSQL: transactions, errors in plain words, and the schema of a site."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict
from importlib import resources
from typing import Any, LiteralString, cast

import psycopg
from pgvector.psycopg import register_vector
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from retrail.core.errors import StoreError
from retrail.core.secrets import Secret
from retrail.store.lock import Holder, refused

Cursor = psycopg.Cursor[tuple[Any, ...]]
_OLDEST_PGVECTOR = (0, 7)  # halfvec
_NOT_GONE = "what was committed is kept; run again and it goes on from there"


class Database:
    """A connection to the tables of one site. Safe to use from several threads: one works at a time.

    Args:
        address: what libpq takes; of an external server it holds a password.
        site: the site's name; each has a schema of its own, so that sites can share a server.
        where: the place as messages may show it.
        embedded: whether the server is the data folder's own.
    """

    def __init__(self, address: Secret, site: str, where: str, *, embedded: bool) -> None:
        self._address = address
        self._password = Secret("", (_password(address),))
        self.is_embedded = embedded
        self.where = self._clean(where)
        self.schema = schema_name(site)
        self._lock = threading.RLock()
        self.connection = self._connect()

    @contextmanager
    def work(self, doing: str, *, read_only: bool = False) -> Generator[Cursor]:
        """One transaction.

        Raises:
            StoreError: it could not be done; then nothing of it was.
        """
        with self._lock, self.errors(doing), self.connection.transaction(), self.connection.cursor() as cursor:
            if read_only:
                cursor.execute("SET TRANSACTION READ ONLY")
            yield cursor

    @contextmanager
    def alone(self, doing: str) -> Generator[Cursor]:
        """Statements that may not stand in a transaction, such as VACUUM."""
        with self._lock, self.errors(doing), self.connection.cursor() as cursor:
            yield cursor

    @contextmanager
    def errors(self, doing: str) -> Generator[None]:
        """The database's errors as a StoreError without values or secrets."""
        try:
            yield
        except psycopg.Error as error:
            raise self._explained(error, doing) from None

    def close(self) -> None:
        """Close the connection; again does no harm."""
        self.connection.close()

    def prepare(self, *, migrate: bool, create: bool) -> None:
        """Find or make pgvector, the site's schema and its tables in their newest form.

        Raises:
            StoreError: no pgvector, nothing there and not ``create``, too old and not ``migrate``, or too new.
        """
        with self.work("opening the database") as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('retrail'), hashtext(%s))", [self.schema])
            found = self._version(cursor)
            if found is None and not create:
                raise nothing_recorded(self.where)
            newest = len(migrations())
            if found is not None and found > newest:
                raise StoreError(
                    "This data was written by a newer Retrail",
                    where=self.where,
                    found=f"schema version {found}",
                    allowed=f"up to {newest}",
                    hint="update Retrail, or choose another folder with --data",
                )
            if found is not None and found < newest and not migrate:
                raise StoreError(
                    "This data was written by an older Retrail",
                    where=self.where,
                    found=f"schema version {found}",
                    allowed=f"{newest}",
                    hint="retrail run, replay or forget brings it up to date",
                )
            vectors = self._extension(cursor)
            self._use_schema(cursor, vectors)
            if migrate:
                self._migrate(cursor, found or 0)
        with self.errors("opening the database"):
            register_vector(self.connection)

    def take(self, command: str) -> None:
        """Hold the site's lock on a server that several machines use, as long as the connection lives.

        Raises:
            StoreError: somebody else has it, with who.
        """
        with self.work("locking the site") as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(hashtext('retrail run'), hashtext(%s))", [self.schema])
            if not (cursor.fetchone() or (False,))[0]:
                cursor.execute("SELECT holder FROM holder")
                row = cursor.fetchone()
                raise refused(self.where, str(Holder(**row[0])) if row else "a run that has just begun")
            cursor.execute("DELETE FROM holder")
            cursor.execute("INSERT INTO holder (holder) VALUES (%s)", [json.dumps(asdict(Holder.here(command)))])

    def _connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        with self.errors("connecting"):
            return psycopg.connect(
                self._address.reveal(),
                autocommit=True,
                connect_timeout=15,
                keepalives_idle=30,
                keepalives_interval=10,
                keepalives_count=3,
                application_name="retrail",
                client_encoding="utf8",
                options="-c client_min_messages=warning -c timezone=UTC -c extra_float_digits=1 -c lock_timeout=120s",
            )

    def _version(self, cursor: Cursor) -> int | None:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [f'"{self.schema}".schema_version'])
        if not (cursor.fetchone() or (False,))[0]:
            return None
        table = sql.Identifier(self.schema, "schema_version")
        cursor.execute(sql.SQL("SELECT version FROM {}").format(table))
        row = cursor.fetchone()
        return int(row[0]) if row else None

    def _extension(self, cursor: Cursor) -> str:
        """The schema that pgvector lives in."""
        query = (
            "SELECT nspname, extversion FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace"
            " WHERE extname = 'vector'"
        )
        row = cursor.execute(query).fetchone()
        if row is None:
            try:
                with self.connection.transaction():
                    cursor.execute("CREATE EXTENSION vector")
            except psycopg.Error as error:
                raise StoreError(
                    "The database has no pgvector",
                    where=self.where,
                    found=self._said(error),
                    hint="install pgvector on the server, then, as its administrator: CREATE EXTENSION vector",
                ) from None
            row = cursor.execute(query).fetchone()
        schema, version = row or ("public", "0")
        if tuple(int(part) for part in re.findall(r"\d+", version)[:2]) < _OLDEST_PGVECTOR:
            raise StoreError(
                "The database's pgvector is too old",
                where=self.where,
                found=version,
                allowed="0.7 or newer",
                hint="update it on the server, then: ALTER EXTENSION vector UPDATE",
            )
        return schema

    def _use_schema(self, cursor: Cursor, vectors: str) -> None:
        path = sql.SQL(", ").join([sql.Identifier(self.schema), sql.Identifier(vectors)])
        cursor.execute(sql.SQL("SET search_path = {}").format(path))

    def _migrate(self, cursor: Cursor, found: int) -> None:
        if found == 0:
            cursor.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(self.schema)))
            cursor.execute("CREATE TABLE schema_version (version integer NOT NULL)")
            cursor.execute("INSERT INTO schema_version VALUES (0)")
        for number, text in enumerate(migrations(), start=1):
            if number > found:
                cursor.execute(cast(LiteralString, text))
                cursor.execute("UPDATE schema_version SET version = %s", [number])

    def _explained(self, error: psycopg.Error, doing: str) -> StoreError:
        said = self._said(error)
        if isinstance(error, psycopg.errors.DiskFull):
            hint = f"make room on the disk; {_NOT_GONE}"
            return StoreError(f"The disk is full while {doing}", where=self.where, found=said, hint=hint)
        if doing == "connecting":
            hint = "see that the server runs and that address, user and password are right"
            return StoreError("The database cannot be reached", where=self.where, found=said, hint=hint)
        if self.connection.closed or isinstance(error, psycopg.OperationalError):
            return StoreError(f"The database was lost while {doing}", where=self.where, found=said, hint=_NOT_GONE)
        return StoreError(f"The database refused {doing}", where=self.where, found=said, hint=_NOT_GONE)

    def _said(self, error: psycopg.Error) -> str:
        """The first line: details hold values."""
        lines = (error.diag.message_primary or str(error)).strip().splitlines()
        return self._clean(lines[0] if lines else type(error).__name__)

    def _clean(self, text: str) -> str:
        """Without what the site marked as secret, and without the password even where nobody marked it."""
        return self._password.clean(self._address.clean(text))


def nothing_recorded(where: str) -> StoreError:
    """The error for reading where nothing was written."""
    hint = "retrail run SITE records; --data names another folder"
    return StoreError("Nothing has been recorded yet", where=where, hint=hint)


def schema_name(site: str) -> str:
    """A site's schema: readable, and its own also where two names look alike."""
    plain = re.sub(r"[^a-z0-9]+", "_", site.lower()).strip("_")[:30]
    return f"retrail_{plain}_{hashlib.sha256(site.encode()).hexdigest()[:8]}"


def migrations() -> list[str]:
    """The numbered SQL files, in order."""
    folder = resources.files("retrail.store") / "migrations"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".sql")), key=lambda file: file.name)
    return [file.read_text(encoding="utf-8") for file in files]


def _password(address: Secret) -> str:
    try:
        return str(conninfo_to_dict(address.reveal()).get("password") or "")
    except psycopg.Error:
        return ""
