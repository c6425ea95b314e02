"""Whatever happens while a file is written, there is the whole of it or what was there before."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path
from threading import Barrier, Thread

import pytest

from retrail.core.whole import put_in_place, whole_file


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(number: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)


def test_a_file_appears_when_the_block_has_ended(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "shop.csv"
    with whole_file(path, make_folder=True) as stream:
        stream.write(b"one")
        assert not path.exists()
        stream.write(b", two")
    assert path.read_bytes() == b"one, two"
    assert names(path.parent) == ["shop.csv"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_after_an_error_there_is_what_was_there(tmp_path: Path, error: type[BaseException]) -> None:
    path, earlier = tmp_path / "shop.csv", tmp_path / "earlier.csv"
    path.write_bytes(b"old")

    def broken() -> None:
        with whole_file(path, before=earlier) as stream:
            stream.write(b"half of the ne")
            raise error

    with pytest.raises(error):
        broken()
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["shop.csv"]


@pytest.mark.usefixtures("full_disk")
def test_on_a_full_disk_there_is_what_was_there(tmp_path: Path) -> None:
    path, earlier = tmp_path / "shop.csv", tmp_path / "earlier.csv"
    path.write_bytes(b"old")
    with pytest.raises(OSError, match="No space"), whole_file(path, before=earlier) as stream:
        stream.write(b"new")
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["shop.csv"]


def test_the_file_before_is_kept_where_it_is_asked_for(tmp_path: Path) -> None:
    path, earlier = tmp_path / "shop.csv", tmp_path / "earlier.csv"
    for content in (b"first", b"second", b"third"):
        with whole_file(path, before=earlier) as stream:
            stream.write(content)
    assert (earlier.read_bytes(), path.read_bytes()) == (b"second", b"third")
    assert names(tmp_path) == ["earlier.csv", "shop.csv"]


def test_a_folder_that_is_not_there_is_an_error_unless_it_shall_be_made(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), whole_file(tmp_path / "gone" / "shop.csv"):
        pass
    assert names(tmp_path) == []


def test_of_two_at_once_the_later_stays_and_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "shop.csv"
    both = Barrier(2)

    def write(letter: bytes) -> None:
        with whole_file(path) as stream:
            both.wait()
            for _ in range(100):
                stream.write(letter * 1000)
                stream.flush()

    writers = [Thread(target=write, args=(letter,)) for letter in (b"a", b"b")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert path.read_bytes() in (b"a" * 100_000, b"b" * 100_000)
    assert names(tmp_path) == ["shop.csv"]


def test_who_is_killed_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "shop.csv"
    path.write_bytes(b"old")
    killed = f"""
import os, pathlib, signal
from retrail.core.whole import whole_file
with whole_file(pathlib.Path({str(path)!r})) as stream:
    stream.write(b"new")
    stream.flush()
    os.kill(os.getpid(), signal.SIGKILL)
"""
    assert subprocess.run([sys.executable, "-c", killed], check=False).returncode == -signal.SIGKILL
    assert path.read_bytes() == b"old"


@pytest.mark.usefixtures("full_disk")
def test_a_draft_that_cannot_be_put_in_place_is_the_callers_to_keep(tmp_path: Path) -> None:
    path, draft = tmp_path / "model.bin", tmp_path / ".model.bin.part"
    with draft.open("wb") as stream:
        stream.write(b"all of it")
        with pytest.raises(OSError, match="No space"):
            put_in_place(stream, path)
    assert draft.read_bytes() == b"all of it"
    assert names(tmp_path) == [".model.bin.part"]
