"""Who may write to a data folder, and who uses its server: locks that the kernel lets go when a process dies."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from retrail.core.errors import StoreError
from retrail.core.time import format_time


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a lock: process id, what it was started as, on which machine, since when (seconds UTC)."""

    pid: int
    command: str
    host: str
    since_s: float

    @classmethod
    def here(cls, command: str) -> Holder:
        """This process."""
        return cls(os.getpid(), command, socket.gethostname(), time.time())

    def __str__(self) -> str:
        return f"{self.command} (process {self.pid} on {self.host}, since {format_time(self.since_s)})"


class RunLock:
    """The right to write to a data folder. One process has it; a killed one loses it at once.

    Args:
        data: the data folder.
        command: what holds it, for whoever is refused.

    Raises:
        StoreError: somebody else has it, with who.
    """

    def __init__(self, data: Path, command: str) -> None:
        path = data / "run.lock"
        self._file = open_lock_file(path)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            found = _read_holder(path)
            os.close(self._file)
            raise refused(str(data), found) from None
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, json.dumps(asdict(Holder.here(command))).encode(), 0)

    def release(self) -> None:
        """Give it back; again does no harm."""
        if self._file >= 0:
            os.ftruncate(self._file, 0)
            os.close(self._file)
            self._file = -1


class UserLock:
    """A place among the users of a data folder's server."""

    def __init__(self, path: Path) -> None:
        self._file = open_lock_file(path)
        fcntl.flock(self._file, fcntl.LOCK_SH)

    def leave(self) -> bool:
        """Give up the place. True: nobody else is left. Call it while holding ``exclusive``."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        finally:
            os.close(self._file)
        return True


@contextmanager
def exclusive(path: Path) -> Generator[None]:
    """Wait for and hold a lock file: for short sections only."""
    file = open_lock_file(path)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
    finally:
        os.close(file)


def refused(where: str, found: str) -> StoreError:
    """The error for whoever comes second."""
    return StoreError(
        "Another run is using this data",
        where=where,
        found=found,
        allowed="one run at a time",
        hint="wait until it has ended, stop it, or choose another folder with --data",
    )


def open_lock_file(path: Path) -> int:
    """A descriptor that children do not inherit."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _read_holder(path: Path) -> str:
    """Who wrote the lock file; it may be written this very moment."""
    for _ in range(20):
        try:
            return str(Holder(**json.loads(path.read_text())))
        except (ValueError, TypeError):
            time.sleep(0.05)
    return "a run that has just begun or is just ending"
