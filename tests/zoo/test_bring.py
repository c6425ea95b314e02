"""Pull a model, add a file of one's own."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from tests.zoo import server

from retrail.core.errors import ModelError
from retrail.zoo import (
    Card,
    CardFile,
    ModelFiles,
    add,
    check_files,
    find_card,
    is_published,
    locate,
    model_name,
    pull,
    release,
)
from retrail.zoo.fetch import Patience

BODY = b"a network" * 1000
NAME = "person-reidentification-retail-0287"


def card_at(url: str) -> Card:
    known = {"size_bytes": len(BODY), "sha256": hashlib.sha256(BODY).hexdigest(), "url": url}
    files = tuple(CardFile(path=f"{NAME}/FP16/{NAME}{suffix}", **known) for suffix in (".xml", ".bin"))
    return replace(find_card(NAME), files=files, other_files=(), earlier_files=())


def quiet(file: CardFile) -> object:
    return lambda have, total: None


def test_pulled_model_is_found_and_is_as_published(tmp_path: Path) -> None:
    with server.bad_server(BODY, server.whole) as served:
        card = card_at(served.url)
        files, fetched = pull(card, tmp_path, quiet)
        assert fetched
        assert pull(card, tmp_path, quiet) == (files, False)
        assert len(served.offsets) == 2
    assert locate(card, tmp_path) == files
    assert [check.state for check in check_files(files)] == ["published", "published"]


def test_model_of_which_one_file_failed_is_not_there(tmp_path: Path) -> None:
    with server.bad_server(BODY, server.whole, server.status(404)) as served:
        card = card_at(served.url)
        with pytest.raises(ModelError, match="does not give out"):
            pull(card, tmp_path, quiet, Patience(tries=1))
    with pytest.raises(ModelError, match="not on this machine"):
        locate(card, tmp_path)


def test_model_without_an_address_says_how_to_add_it(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no address") as caught:
        pull(find_card("osnet_x0_5_msmt17"), tmp_path, quiet)
    assert "models add" in str(caught.value.hint)


def own(tmp_path: Path, content: bytes = b"mine") -> ModelFiles:
    (tmp_path / "mine.onnx").write_bytes(content)
    return ModelFiles(find_card(NAME), tmp_path / "mine.onnx")


def test_own_file_is_copied_and_found(tmp_path: Path) -> None:
    files = own(tmp_path)
    added = add(files, tmp_path / "models")
    assert added.network == tmp_path / "models" / NAME / f"{NAME}.onnx"
    assert locate(files.card, tmp_path / "models") == added
    assert sorted(path.name for path in added.network.parent.iterdir()) == [f"{NAME}.onnx"]
    assert [check.state for check in check_files(added)] == ["no published checksum"]


def test_a_release_is_known_by_its_weights(tmp_path: Path) -> None:
    first = release(own(tmp_path))
    assert first == release(own(tmp_path)) == f"{NAME}@{hashlib.sha256(b'mine').hexdigest()[:8]}"
    assert model_name(first) == model_name(NAME) == NAME
    assert release(own(tmp_path, b"mine, learned on")) != first


def test_published_file_goes_where_the_card_says(tmp_path: Path) -> None:
    card = card_at("https://example.test/")
    for suffix in (".xml", ".bin"):
        (tmp_path / f"download{suffix}").write_bytes(BODY)
    files = ModelFiles(card, tmp_path / "download.xml", tmp_path / "download.bin")
    assert is_published(files)
    assert add(files, tmp_path / "models").network == tmp_path / "models" / card.files[0].path


def test_another_file_that_is_there_is_not_overwritten_unless_asked(tmp_path: Path) -> None:
    models = tmp_path / "models"
    add(own(tmp_path), models)
    add(own(tmp_path), models)
    with pytest.raises(ModelError, match="there already"):
        add(own(tmp_path, b"other"), models)
    assert add(own(tmp_path, b"other"), models, replace=True).network.read_bytes() == b"other"


def test_copy_that_fails_leaves_nothing(tmp_path: Path) -> None:
    files = own(tmp_path)
    files.network.unlink()
    with pytest.raises(ModelError, match="cannot be copied"):
        add(files, tmp_path / "models")
    assert list((tmp_path / "models" / NAME).iterdir()) == []


def test_damaged_file_says_how_it_differs(tmp_path: Path) -> None:
    card = card_at("https://example.test/")
    for file in card.files:
        (tmp_path / file.path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file.path).write_bytes(BODY)
    (tmp_path / card.files[1].path).write_bytes(BODY[:-1])
    good, bad = check_files(locate(card, tmp_path))
    assert good.state == "published"
    assert (bad.state, bad.found, bad.wanted) == ("differs", "8999 bytes", "9000 bytes")
