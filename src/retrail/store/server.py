"""The embedded PostgreSQL server of a data folder: made, started, shared, recovered, stopped.

It is reached only through a socket in its own folder, which only its user may enter: no port, no password, nothing
in the temporary folder. The server is started *inside* that folder and told that its data lie in ``/proc/self/cwd``;
a client names the folder by a descriptor. So no path is too long for a socket, and the folders above need not let
the server's user through.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

from retrail.core.errors import StoreError
from retrail.store.account import NEWEST_MAJOR, Account, initial_account, server_account, server_programs
from retrail.store.lock import UserLock, exclusive

USER = "retrail"
_HERE = "/proc/self/cwd"
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_directories": _HERE,
    "shared_buffers": "64MB",
    "max_connections": "30",
    "io_method": "sync",
    "jit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "64MB",
    "min_wal_size": "16MB",
    "wal_recycle": "off",  # a recycled segment would keep what was forgotten
    "logging_collector": "off",
    "log_min_messages": "warning",
    "log_min_error_statement": "panic",  # statements hold what people may ask us to forget
    "log_error_verbosity": "terse",
    "log_checkpoints": "off",
}
_START_S = 120.0  # recovery after a power cut may take its time
_STOP_S = 60.0
_LOG_LIMIT_BYTES = 1_000_000


class EmbeddedServer:
    """A place among the users of a data folder's server, which is made and started where it is not there.

    The last user to leave stops it. A user that was killed has left: the kernel says so.

    Args:
        data: the data folder; must exist.

    Raises:
        StoreError: it cannot be made, reached or started.
    """

    def __init__(self, data: Path) -> None:
        self._data = data
        self._cluster = data / "postgres"
        self._account = server_account(self._cluster)
        with exclusive(data / "server.lock"):
            if not self._cluster.exists():
                _make_cluster(self._cluster, self._account)
            self._programs = _programs(self._cluster, self._account)
            if not _running(self._cluster):
                _start(self._cluster, self._account, self._programs)
            self._user = UserLock(data / "users.lock")
        self._folder = os.open(self._cluster, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)

    @property
    def host(self) -> str:
        """What libpq takes as host: the folder of the socket, as this process can name it."""
        return f"/proc/self/fd/{self._folder}"

    def close(self) -> None:
        """Leave; stop the server if nobody else uses it. Again does no harm."""
        if self._folder < 0:
            return
        os.close(self._folder)
        self._folder = -1
        with exclusive(self._data / "server.lock"):
            if self._user.leave() and _running(self._cluster):
                _stop(self._cluster, self._account, self._programs)


def postmaster_pid(cluster: Path) -> int | None:
    """The process that serves ``cluster`` now, or None. A stale pid file, or a number used again, is nobody."""
    try:
        pid = int((cluster / "postmaster.pid").read_text().splitlines()[0])
    except (FileNotFoundError, IndexError, ValueError):
        return None
    return pid if _works_in(pid, cluster) else None


def _running(cluster: Path) -> bool:
    return postmaster_pid(cluster) is not None


def _works_in(pid: int, cluster: Path) -> bool:
    try:
        if Path(f"/proc/{pid}/comm").read_text().strip() != "postgres":
            return False
        return os.path.samestat(os.stat(f"/proc/{pid}/cwd"), cluster.stat())
    except OSError:
        return False


def _programs(cluster: Path, account: Account) -> Path:
    return server_programs(account, (cluster / "PG_VERSION").read_text().strip())


def _make_cluster(cluster: Path, account: Account) -> None:
    """Make it under another name first: a cluster that is there is whole."""
    fresh = cluster.with_name("postgres.new")
    maker = initial_account(account)
    programs = server_programs(maker, NEWEST_MAJOR)
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        fresh.mkdir(mode=0o700)
        if maker.uid != os.geteuid():
            os.chown(fresh, maker.uid, maker.gid)
        options = ["-A", "trust", "-U", USER, "-E", "UTF8", "--no-locale", "--no-instructions", "--wal-segsize=4"]
        _done(maker.run([str(programs / "initdb"), "-D", _HERE, *options], fresh, _START_S), "made", cluster)
        if account != maker:
            for path in [fresh, *fresh.rglob("*")]:
                os.chown(path, account.uid, account.gid, follow_symlinks=False)
        fresh.rename(cluster)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _start(cluster: Path, account: Account, programs: Path) -> None:
    _wait_for_orphans(cluster)
    for name in ("postmaster.pid", ".s.PGSQL.5432.lock", ".s.PGSQL.5432"):  # their process may be a zombie, its number
        (cluster / name).unlink(missing_ok=True)  # used again: PostgreSQL would take them for a server that runs
    log = cluster / "server.log"
    if log.exists() and log.stat().st_size > _LOG_LIMIT_BYTES:
        log.unlink()
    settings = " ".join(f"-c {name}={value}" for name, value in _SETTINGS.items())
    command = [str(programs / "pg_ctl"), "-D", _HERE, "-w", "-t", str(int(_START_S)), "-l", "server.log"]
    _done(account.run([*command, "-o", settings, "start"], cluster, _START_S + 10), "started", cluster)


def _stop(cluster: Path, account: Account, programs: Path) -> None:
    command = [str(programs / "pg_ctl"), "-D", _HERE, "-w", "-t", str(int(_STOP_S)), "-m", "fast", "stop"]
    if account.run(command, cluster, _STOP_S + 10).returncode == 0:
        return
    pid = postmaster_pid(cluster)
    if pid is not None:  # a full disk: no last checkpoint; the next start recovers from the log it wrote ahead
        os.kill(pid, signal.SIGQUIT)
        _wait_for_orphans(cluster)


def _wait_for_orphans(cluster: Path, patience_s: float = 10.0) -> None:
    """A killed server's children end by themselves; starting beside them would harm the data.

    Raises:
        StoreError: they do not.
    """
    until = time.monotonic() + patience_s
    while left := [pid for pid in map(int, filter(str.isdigit, os.listdir("/proc"))) if _works_in(pid, cluster)]:
        if time.monotonic() > until:
            raise StoreError(
                "Processes of a killed database server are still there",
                where=str(cluster),
                found=", ".join(map(str, left)),
                hint="end these processes, then try again",
            )
        time.sleep(0.05)


def _done(result: subprocess.CompletedProcess[str], what: str, cluster: Path) -> None:
    if result.returncode == 0:
        return
    log = cluster / "server.log"
    tail = log.read_text(errors="replace").splitlines()[-3:] if log.exists() else []
    said = [*result.stderr.strip().splitlines()[-2:], *tail]
    hint = f"see {log}" if log.exists() else "choose a folder on a disk that knows owners and permissions with --data"
    if any("No space left" in line for line in said):
        hint = "make room on the disk, then try again; what was committed is kept"
    raise StoreError(
        f"The database could not be {what}",
        where=str(cluster),
        found=" / ".join(said) or f"exit status {result.returncode}",
        hint=hint,
    )
