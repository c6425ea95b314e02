"""A PostgreSQL server of the user's own: sites share it, secrets stay secret, what is missing is named."""

from __future__ import annotations

import getpass
import os
import pwd
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from retrail.core.errors import StoreError
from retrail.core.secrets import Secret
from retrail.store import open_store
from retrail.store.account import NEWEST_MAJOR, Account, server_programs

from .conftest import make_sighting

PASSWORD = "p@ss:w/rd%41"


@pytest.fixture(scope="session")
def external() -> Iterator[str]:
    """Address of a server on loopback that wants a password; ends with the slash before the database's name."""
    named = pwd.getpwnam("nobody" if os.geteuid() == 0 else getpass.getuser())
    account = Account(named.pw_uid, named.pw_gid)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = Path(tempfile.mkdtemp())
    programs = server_programs(account, NEWEST_MAJOR)
    try:
        shutil.chown(folder, account.uid, account.gid)
        (folder / "word").write_text(PASSWORD)
        (folder / "word").chmod(0o644)
        cluster = ["-D", "cluster"]
        made = account.run(
            [str(programs / "initdb"), *cluster, "-A", "scram-sha-256", "--pwfile=word", "-U", "boss", "-N"], folder, 60
        )
        assert made.returncode == 0, made.stderr
        settings = f"-p {port} -h 127.0.0.1 -k '' -c fsync=off"
        start = [str(programs / "pg_ctl"), *cluster, "-w", "-l", "log", "-o", settings, "start"]
        started = account.run(start, folder, 60)
        assert started.returncode == 0, started.stderr
        yield f"postgresql://boss:{quote(PASSWORD, safe='')}@127.0.0.1:{port}/"
        account.run([str(programs / "pg_ctl"), *cluster, "-m", "immediate", "stop"], folder, 60)
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def address(external: str, request: pytest.FixtureRequest) -> Secret:
    """A database of the test's own."""
    name = f"test_{abs(hash(request.node.name))}"
    with psycopg.connect(external + "postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return Secret(external + name, (quote(PASSWORD, safe=""),))


def test_sites_share_a_server_and_see_only_their_own(address: Secret, tmp_path: Path) -> None:
    for site in ("north", "south"):
        with open_store(tmp_path / site, site_name=site, database=address, holder="run") as store:
            assert store.append([make_sighting(f"of {site}")]) is not None
    with open_store(tmp_path / "north", site_name="north", database=address, holder="report", read_only=True) as store:
        assert [s.id for s in store.sightings()] == ["of north"]
    assert not (tmp_path / "north" / "postgres").exists()


def test_two_machines_on_one_site_the_second_is_refused(address: Secret, tmp_path: Path) -> None:
    with open_store(tmp_path / "here", site_name="shop", database=address, holder="retrail run a.yaml"):
        with pytest.raises(StoreError, match="Another run") as refusal:
            open_store(tmp_path / "there", site_name="shop", database=address, holder="retrail run b.yaml")
        open_store(tmp_path / "other", site_name="other", database=address, holder="x").close()
    assert refusal.value.found is not None
    assert f"retrail run a.yaml (process {os.getpid()} on {socket.gethostname()}" in refusal.value.found
    open_store(tmp_path / "there", site_name="shop", database=address, holder="retrail run b.yaml").close()


def test_forgetting_on_a_server_of_others(address: Secret, tmp_path: Path) -> None:
    with open_store(tmp_path, site_name="shop", database=address, holder="run") as store:
        store.append([make_sighting("a", 1), make_sighting("b", 100)])
        assert store.forget_before(50).sightings == 1
        assert [s.id for s in store.sightings()] == ["b"]


def test_a_wrong_password_is_said_without_any_password(external: str, tmp_path: Path) -> None:
    wrong = Secret(external.replace(quote(PASSWORD, safe=""), "also%40secret") + "postgres", ("also@secret",))
    with pytest.raises(StoreError, match="cannot be reached") as error:
        open_store(tmp_path, site_name="shop", database=wrong, holder="run")
    assert "authentication failed" in str(error.value)
    assert not [word for word in ("also@secret", "also%40secret", "secret") if word in str(error.value)]
    assert error.value.__cause__ is None
    assert error.value.__suppress_context__


def test_a_password_nobody_marked_is_hidden_too(tmp_path: Path) -> None:
    broken = Secret("postgresql://boss:hunter2@127.0.0.1:1/hunter2")
    with pytest.raises(StoreError, match="cannot be reached") as error:
        open_store(tmp_path, site_name="shop", database=broken, holder="run")
    assert "hunter2" not in str(error.value)


def test_an_address_that_is_none_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be reached"):
        open_store(tmp_path, site_name="shop", database=Secret("postgresql://[::1/x"), holder="run")


def test_a_server_that_dies_is_an_error_that_says_what_is_kept(address: Secret, tmp_path: Path) -> None:
    with open_store(tmp_path, site_name="shop", database=address, holder="run") as store:
        store.append([make_sighting("a")])
        with psycopg.connect(address.reveal(), autocommit=True) as boss:
            boss.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'retrail'")
        with pytest.raises(StoreError, match="lost while logging sightings") as error:
            store.append([make_sighting("b")])
        assert "committed is kept" in str(error.value)
    with open_store(tmp_path, site_name="shop", database=address, holder="run") as store:
        assert [s.id for s in store.sightings()] == ["a"]


def test_a_user_who_may_not_make_pgvector_is_told_what_to_do(external: str, address: Secret, tmp_path: Path) -> None:
    with psycopg.connect(external + "postgres", autocommit=True) as boss:
        boss.execute("DROP ROLE IF EXISTS clerk")
        boss.execute("CREATE ROLE clerk LOGIN PASSWORD 'clerk'")
    clerk = Secret(address.reveal().replace("boss:" + quote(PASSWORD, safe=""), "clerk:clerk"), ("clerk",))
    with pytest.raises(StoreError, match="no pgvector") as error:
        open_store(tmp_path, site_name="shop", database=clerk, holder="run")
    assert "CREATE EXTENSION vector" in str(error.value)


def test_pgvector_in_a_schema_of_its_own_is_found(address: Secret, tmp_path: Path) -> None:
    with psycopg.connect(address.reveal(), autocommit=True) as boss:
        boss.execute("CREATE SCHEMA extensions")
        boss.execute("CREATE EXTENSION vector SCHEMA extensions")
    with open_store(tmp_path, site_name="shop", database=address, holder="run") as store:
        store.append([make_sighting("a")])
