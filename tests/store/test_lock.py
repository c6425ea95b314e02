"""One run at a time on a data folder; readers beside it; the killed are forgotten at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from retrail.core.errors import StoreError
from retrail.store import Store, open_store
from retrail.store.server import postmaster_pid

from .conftest import make_sighting

RUN = """
    import sys
    from pathlib import Path
    from retrail.store import open_store

    data = Path(sys.argv[1])
    with open_store(data, site_name="shop", holder="retrail run shop.yaml", read_only={read_only}) as store:
        {body}
        print("open", flush=True)
        sys.stdin.read()
"""


COMMIT = "from tests.store.conftest import make_sighting; store.append([make_sighting('a')])"


@contextmanager
def another(data: Path, body: str = "", *, read_only: bool = False) -> Iterator[subprocess.Popen[str]]:
    """Another process that has the store open until its input is closed."""
    code = textwrap.dedent(RUN).format(body=body or "pass", read_only=read_only)
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-c", code, str(data)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "open\n"
            yield process
        finally:
            if process.poll() is None:
                process.communicate()


def append_until_it_fails(store: Store) -> None:
    """Log more and more."""
    for number in range(1000):
        store.append([make_sighting(f"more{number}")])


def test_the_second_run_is_refused_and_told_who_holds_it(data: Path) -> None:
    with another(data) as process:
        with pytest.raises(StoreError, match="Another run") as refusal:
            open_store(data, site_name="shop", holder="retrail run shop.yaml")
        assert refusal.value.found is not None
        assert f"retrail run shop.yaml (process {process.pid} on " in refusal.value.found
    open_store(data, site_name="shop", holder="test").close()


def test_a_killed_holder_is_taken_over_with_all_it_committed(data: Path) -> None:
    with another(data, COMMIT) as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert postmaster_pid(data / "postgres") is not None
    with open_store(data, site_name="shop", holder="test") as store:
        assert [s.id for s in store.sightings()] == ["a"]
    assert postmaster_pid(data / "postgres") is None


def test_kill_nine_while_logging_leaves_whole_groups_from_the_first_on(data: Path) -> None:
    body = """
        from tests.store.conftest import make_sighting
        print("open", flush=True)
        for number in range(1, 10_000):
            store.append([make_sighting(f"{number} {part}", number, seed=part) for part in range(3)])
            print(number, flush=True)
    """
    with another(data, textwrap.dedent(body).strip().replace("\n", "\n    ")) as process:
        assert process.stdout is not None
        said = [int(process.stdout.readline()) for _ in range(40)]
        process.send_signal(signal.SIGKILL)
        said += [int(line) for line in process.stdout]
        process.wait()
    with open_store(data, site_name="shop", holder="test") as store:
        groups = list(store.groups())
        assert [group.number for group in groups] == list(range(1, len(groups) + 1))
        assert all([s.id for s in group.sightings] == [f"{group.number} {i}" for i in range(3)] for group in groups)
        assert said[-1] <= len(groups) <= said[-1] + 1


def test_a_report_reads_while_a_run_writes_and_its_end_does_not_stop_the_run(data: Path) -> None:
    with open_store(data, site_name="shop", holder="test") as store:
        store.append([make_sighting("a")])
        with another(data, "assert len(store.sightings()) == 1", read_only=True):
            store.append([make_sighting("b")])
        store.append([make_sighting("c")])
        assert len(store.sightings()) == 3


def test_a_run_ends_while_a_report_reads_and_the_last_one_stops_the_server(data: Path) -> None:
    with open_store(data, site_name="shop", holder="test") as store:
        store.append([make_sighting("a")])
        report = open_store(data, site_name="shop", holder="test", read_only=True)
    with report:
        assert len(report.sightings()) == 1
    assert postmaster_pid(data / "postgres") is None


def test_a_killed_report_does_not_keep_the_server_alive(data: Path) -> None:
    with open_store(data, site_name="shop", holder="test"), another(data, read_only=True) as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert postmaster_pid(data / "postgres") is None


def test_a_killed_server_is_an_error_then_recovered_with_nothing_lost(data: Path) -> None:
    with open_store(data, site_name="shop", holder="test") as store:
        store.append([make_sighting("a")])
        pid = postmaster_pid(data / "postgres")
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(StoreError, match="lost while logging sightings"):
            append_until_it_fails(store)
    with open_store(data, site_name="shop", holder="test") as store:
        assert store.sightings()[0].id == "a"
        store.append([make_sighting("after")])


def test_ctrl_c_at_the_terminal_does_not_reach_the_server(data: Path) -> None:
    with open_store(data, site_name="shop", holder="test"):
        pid = postmaster_pid(data / "postgres")
        assert pid is not None
        assert os.getsid(pid) != os.getsid(0)


def test_reading_where_nothing_was_recorded_says_so(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="Nothing has been recorded yet"):
        open_store(tmp_path / "none", site_name="shop", holder="test", read_only=True)
    assert not (tmp_path / "none").exists()


def test_reading_another_site_of_a_folder_says_that_nothing_was_recorded(data: Path) -> None:
    with pytest.raises(StoreError, match="Nothing has been recorded yet"):
        open_store(data, site_name="other", holder="test", read_only=True)
    assert postmaster_pid(data / "postgres") is None
