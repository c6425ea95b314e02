"""Downloads from a server that truncates, stalls, lies, serves something else, or nothing."""

from __future__ import annotations

import hashlib
import random
from fcntl import LOCK_EX, flock
from pathlib import Path

import pytest
from tests.zoo import server

from retrail.core.errors import ModelError
from retrail.zoo import CardFile
from retrail.zoo.fetch import Patience, fetch

BODY = random.Random(0).randbytes(300_000)


def card_file(url: str | None, **changed: object) -> CardFile:
    facts = {"path": "model/model.bin", "size_bytes": len(BODY), "sha256": hashlib.sha256(BODY).hexdigest(), "url": url}
    return CardFile(**(facts | changed))  # type: ignore[arg-type]


def patience(waits: list[float] | None = None, **changed: float) -> Patience:
    return Patience(**({"stall_s": 5.0, "tries": 3, "sleep": ([] if waits is None else waits).append} | changed))  # type: ignore[arg-type]


def quiet(have: int, total: int | None) -> None:
    pass


def get(url: str | None, target: Path, waits: list[float] | None = None, **changed: object) -> bool:
    return fetch(card_file(url, **changed), target, quiet, patience(waits))


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "model" / "model.bin"


def left(target: Path) -> list[str]:
    return sorted(path.name for path in target.parent.iterdir())


def test_good_server_gives_the_file_and_tells_how_far_it_is(target: Path) -> None:
    told: list[tuple[int, int | None]] = []
    with server.bad_server(BODY, server.whole) as served:
        assert fetch(card_file(served.url), target, lambda have, total: told.append((have, total)), patience())
    assert target.read_bytes() == BODY
    assert left(target) == ["model.bin"]
    assert told[0] == (0, len(BODY))
    assert told[-1] == (len(BODY), len(BODY))


def test_file_that_is_there_is_not_fetched_again(target: Path) -> None:
    target.parent.mkdir()
    target.write_bytes(BODY)
    with server.bad_server(BODY, server.status(500)) as served:
        assert not get(served.url, target)
        assert served.offsets == []


def test_damaged_file_that_is_there_is_replaced(target: Path) -> None:
    target.parent.mkdir()
    target.write_bytes(BODY[:-1] + b"\0" if BODY[-1:] != b"\0" else BODY[:-1] + b"\1")
    with server.bad_server(BODY, server.whole) as served:
        assert get(served.url, target)
    assert target.read_bytes() == BODY


def test_truncated_answers_are_carried_on_from_where_they_broke(target: Path) -> None:
    with server.bad_server(BODY, server.truncated, server.truncated, server.whole) as served:
        get(served.url, target)
        assert served.offsets == [0, len(BODY) // 3, len(BODY) // 3 + (len(BODY) - len(BODY) // 3) // 3]
    assert target.read_bytes() == BODY


def test_next_call_carries_on_what_an_earlier_one_left(target: Path) -> None:
    target.parent.mkdir()
    target.with_name(".model.bin.part").write_bytes(BODY[:1000])
    with server.bad_server(BODY, server.whole) as served:
        get(served.url, target)
        assert served.offsets == [1000]
    assert target.read_bytes() == BODY
    assert left(target) == ["model.bin"]


def test_part_that_is_complete_needs_no_request(target: Path) -> None:
    target.parent.mkdir()
    target.with_name(".model.bin.part").write_bytes(BODY)
    with server.bad_server(BODY, server.status(500)) as served:
        get(served.url, target)
        assert served.offsets == []
    assert target.read_bytes() == BODY


def test_server_without_ranges_starts_again(target: Path) -> None:
    with server.bad_server(BODY, server.truncated, server.ignores_range) as served:
        get(served.url, target)
    assert target.read_bytes() == BODY


def test_answer_from_another_place_than_asked_is_not_spliced_in(target: Path) -> None:
    with server.bad_server(BODY, server.truncated, server.carries_on_elsewhere, server.whole) as served:
        get(served.url, target)
        assert served.offsets[-1] == 0
    assert target.read_bytes() == BODY


def test_refused_range_starts_again(target: Path) -> None:
    with server.bad_server(BODY, server.truncated, server.status(416), server.whole) as served:
        get(served.url, target)
        assert served.offsets[-1] == 0
    assert target.read_bytes() == BODY


def test_stalled_server_is_left_and_asked_again(target: Path) -> None:
    with server.bad_server(BODY, server.stalls, server.whole) as served:
        fetch(card_file(served.url), target, quiet, patience(stall_s=0.2))
        assert served.offsets == [0, len(BODY) // 2]
    assert target.read_bytes() == BODY


def test_server_that_only_stalls_is_given_up_with_what_to_do_offline(target: Path) -> None:
    def silent(asked: object) -> None:
        served.release.wait(20)

    with (
        server.bad_server(BODY, silent) as served,
        pytest.raises(ModelError, match="could not be fetched") as caught,
    ):
        fetch(card_file(served.url), target, quiet, patience(stall_s=0.1))
    assert "nothing came for 0.1 s, 3 times" in str(caught.value.found)
    assert "RETRAIL_MODELS" in str(caught.value.hint)
    assert served.url in str(caught.value.hint)
    assert left(target) == []


@pytest.mark.parametrize("script", ["lies_about_length", "sends_more", "wrong_bytes"])
def test_what_is_not_the_file_never_becomes_visible(target: Path, script: str) -> None:
    with server.bad_server(BODY, getattr(server, script)) as served, pytest.raises(ModelError) as caught:
        get(served.url, target)
    assert len(served.offsets) == 1
    assert caught.value.found != caught.value.allowed
    assert left(target) == []


def test_wrong_checksum_says_found_and_wanted(target: Path) -> None:
    with (
        server.bad_server(BODY, server.wrong_bytes) as served,
        pytest.raises(ModelError, match="thrown away") as caught,
    ):
        get(served.url, target)
    assert hashlib.sha256(BODY).hexdigest() in str(caught.value.allowed)


def test_sha384_is_checked_too(target: Path) -> None:
    digest = hashlib.sha384(BODY).hexdigest()
    with server.bad_server(BODY, server.wrong_bytes, server.whole) as served:
        with pytest.raises(ModelError, match="thrown away"):
            get(served.url, target, sha256=None, sha384=digest)
        get(served.url, target, sha256=None, sha384=digest)
    assert target.read_bytes() == BODY


def test_missing_file_is_an_error_at_once(target: Path) -> None:
    with server.bad_server(BODY, server.status(404)) as served, pytest.raises(ModelError) as caught:
        get(served.url, target)
    assert caught.value.found == "404 Not Found"
    assert served.url in str(caught.value.hint)
    assert len(served.offsets) == 1


def test_busy_server_is_asked_again_after_waiting_longer_each_time(target: Path) -> None:
    waits: list[float] = []
    with server.bad_server(BODY, server.status(503), server.status(503), server.whole) as served:
        get(served.url, target, waits)
    assert waits == [1.0, 2.0]
    assert target.read_bytes() == BODY


def test_server_says_how_long_to_wait(target: Path) -> None:
    waits: list[float] = []
    with server.bad_server(BODY, server.status(503, Retry_After="7"), server.whole) as served:
        get(served.url, target, waits)
    assert waits == [7.0]


def test_server_that_stays_busy_is_given_up(target: Path) -> None:
    with server.bad_server(BODY, server.status(503)) as served, pytest.raises(ModelError) as caught:
        get(served.url, target)
    assert len(served.offsets) == 3
    assert "503" in str(caught.value.found)


def test_nobody_at_the_address(target: Path) -> None:
    with server.bad_server(BODY, server.whole) as served:
        url = served.url
    with pytest.raises(ModelError, match="could not be fetched") as caught:
        get(url, target)
    assert "no answer" in str(caught.value.found)


def test_two_at_once_do_not_spoil_each_other(target: Path) -> None:
    target.parent.mkdir()
    with target.with_name(".model.bin.part").open("ab") as other, server.bad_server(BODY, server.whole) as served:
        flock(other.fileno(), LOCK_EX)
        with pytest.raises(ModelError, match="Somebody else"):
            get(served.url, target)


def test_nothing_is_fetched_that_could_not_be_checked(target: Path) -> None:
    with pytest.raises(ModelError, match="No checksum"):
        get("http://127.0.0.1:1/", target, sha256=None)
    with pytest.raises(ModelError, match="No address"):
        get(None, target)


def test_folder_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with server.bad_server(BODY, server.whole) as served, pytest.raises(ModelError, match="cannot be written"):
        get(served.url, tmp_path / "file" / "model.bin")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_full_disk_is_an_error_and_not_tried_again(target: Path) -> None:
    target.parent.mkdir()
    target.with_name(".model.bin.part").symlink_to("/dev/full")
    with (
        server.bad_server(BODY, server.whole) as served,
        pytest.raises(ModelError, match="cannot be written") as caught,
    ):
        get(served.url, target)
    assert "No space" in str(caught.value.found)
    assert len(served.offsets) == 1
