"""Where models are looked for, in which order, and what is said when they are nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from retrail.core.errors import ModelError
from retrail.zoo import cache_dir, find_card, locate, model_dirs

NAME = "person-reidentification-retail-0287"
CARD = find_card(NAME)


def put(folder: Path, *paths: str) -> None:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(b"x")


def published(folder: Path) -> None:
    put(folder, *(file.path for file in CARD.files))


def test_argument_before_environment_before_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RETRAIL_MODELS", f"{tmp_path / 'b'}:{tmp_path / 'c'}")
    assert model_dirs(tmp_path / "a") == (tmp_path / "a", tmp_path / "b", tmp_path / "c", cache_dir())
    published(cache_dir())
    assert locate(CARD).network.is_relative_to(cache_dir())
    published(tmp_path / "c")
    assert locate(CARD).network.is_relative_to(tmp_path / "c")
    published(tmp_path / "a")
    assert locate(CARD, tmp_path / "a").network.is_relative_to(tmp_path / "a")


def test_cache_is_in_the_home_where_nothing_else_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_dir({}) == tmp_path / ".cache" / "retrail" / "models"
    assert cache_dir({"XDG_CACHE_HOME": "/elsewhere"}) == Path("/elsewhere/retrail/models")


def test_model_that_is_nowhere_says_where_it_looked_and_what_brings_it(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="not on this machine") as caught:
        locate(CARD, tmp_path)
    assert str(tmp_path) in str(caught.value.where)
    assert caught.value.hint == f"retrail models pull {NAME}"


def test_model_that_nobody_publishes_says_how_to_add_a_file(tmp_path: Path) -> None:
    with pytest.raises(ModelError) as caught:
        locate(find_card("osnet_x1_0_msmt17"), tmp_path)
    assert "retrail models add FILE --card osnet_x1_0_msmt17" in str(caught.value.hint)


def test_network_without_its_weights_does_not_count(tmp_path: Path) -> None:
    put(tmp_path, CARD.files[0].path)
    with pytest.raises(ModelError):
        locate(CARD, tmp_path)


@pytest.mark.parametrize(
    ("paths", "network"),
    [
        ((f"{NAME}/FP32/{NAME}.xml", f"{NAME}/FP32/{NAME}.bin"), f"{NAME}/FP32/{NAME}.xml"),
        ((f"intel/{NAME}/FP16/{NAME}.xml", f"intel/{NAME}/FP16/{NAME}.bin"), f"intel/{NAME}/FP16/{NAME}.xml"),
        ((f"{NAME}/{NAME}.onnx",), f"{NAME}/{NAME}.onnx"),
        ((f"{NAME}/{NAME}.xml", f"{NAME}/{NAME}.bin"), f"{NAME}/{NAME}.xml"),
    ],
    ids=["another precision", "as OMZ's downloader", "own ONNX", "own IR"],
)
def test_other_layouts_are_found(tmp_path: Path, paths: tuple[str, ...], network: str) -> None:
    put(tmp_path, *paths)
    found = locate(CARD, tmp_path)
    assert found.network == tmp_path / network
    assert (found.weights is None) == network.endswith(".onnx")
