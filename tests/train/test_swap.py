"""One folder takes another's place."""

from __future__ import annotations

import ctypes
from pathlib import Path

import pytest

from retrail.train.swap import take_place


class _NoExchange:
    """A C library without renameat2, or on a file system that does not know it."""

    def __init__(self, *_: object, **__: object) -> None:
        pass


def folder(path: Path, text: str) -> Path:
    path.mkdir()
    (path / text).write_text(text)
    return path


def names(path: Path) -> list[str]:
    return sorted(one.name for one in path.iterdir())


@pytest.mark.parametrize("system", [ctypes.CDLL, _NoExchange])
def test_it_is_there_instead_of_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system: type[object]
) -> None:
    monkeypatch.setattr("retrail.train.swap.ctypes.CDLL", system)
    take_place(folder(tmp_path / "draft", "old"), tmp_path / "place")
    assert names(tmp_path) == ["place"]
    take_place(folder(tmp_path / "draft", "new"), tmp_path / "place")
    assert (names(tmp_path / "place"), names(tmp_path / "draft")) == (["new"], ["old"])
    assert names(tmp_path) == ["draft", "place"]


@pytest.mark.parametrize("system", [ctypes.CDLL, _NoExchange])
def test_what_was_there_stays_where_it_cannot_be_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system: type[object]
) -> None:
    monkeypatch.setattr("retrail.train.swap.ctypes.CDLL", system)
    place, draft = folder(tmp_path / "place", "old"), folder(tmp_path / "draft", "new")
    rename = Path.rename

    def refused(path: Path, target: Path) -> Path:
        if path == draft:
            raise OSError(5, "Input/output error")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", refused)
    if system is _NoExchange:
        with pytest.raises(OSError, match="Input/output"):
            take_place(draft, place)
        assert (names(place), names(draft)) == (["old"], ["new"])
    else:
        take_place(draft, place)
        assert (names(place), names(draft)) == (["new"], ["old"])


def test_a_draft_on_another_file_system_is_told(tmp_path: Path) -> None:
    place = folder(tmp_path / "place", "old")
    with pytest.raises(OSError, match="No such file"):
        take_place(tmp_path / "nowhere", place)
    assert names(place) == ["old"]
