"""The fixed picture, and what networks say about it."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.runtime import networks

from retrail.core.errors import ModelError
from retrail.runtime import open_network
from retrail.runtime.golden import check_golden, golden_image, golden_vector, require_golden
from retrail.runtime.verify import verify
from retrail.zoo import Golden, ModelFiles, Tolerance, all_cards, find_card, locate

RECORDED = [card.name for card in all_cards() if card.golden]


def test_picture_is_the_same_everywhere() -> None:
    image = golden_image(128, 256)
    assert image.shape == (256, 128, 3)
    assert hashlib.sha256(image.tobytes()).hexdigest() == PICTURE


WEIGHTS = slice(100_000, 140_000)
"""Within the convolutions of 0288."""
PICTURE = "0390a1f21a36df513bf286835fe013165153cd8fed8009219efa2da266c13b8c"


@pytest.mark.shared
@pytest.mark.parametrize("name", RECORDED)
def test_weights_at_hand_say_what_their_card_records(models_dir: Path, name: str) -> None:
    verification = verify(locate(find_card(name), models_dir))
    assert verification.golden is not None
    assert verification.golden.state == "same"
    assert verification.verdict == "good"


@pytest.mark.shared
def test_detector_finds_the_figure(models_dir: Path) -> None:
    network = open_network(locate(find_card("person-detection-retail-0013"), models_dir))
    score, *_ = golden_vector(network)
    network.close()
    assert score > 0.9


@pytest.mark.shared
def test_damaged_weights_of_the_right_size_are_found(models_dir: Path, tmp_path: Path) -> None:
    files = locate(find_card("person-reidentification-retail-0288"), models_dir)
    assert files.weights is not None
    folder = tmp_path / "person-reidentification-retail-0288" / "FP16"
    folder.mkdir(parents=True)
    network = shutil.copy(files.network, folder)
    weights = bytearray(files.weights.read_bytes())
    weights[WEIGHTS] = bytes(len(weights[WEIGHTS]))
    (folder / files.weights.name).write_bytes(weights)
    found = verify(ModelFiles(files.card, Path(network), folder / files.weights.name))
    assert [check.state for check in found.files] == ["published", "differs"]
    assert found.golden is not None
    assert found.golden.state == "differs"
    assert found.verdict == "differs"


def toy(tmp_path: Path, golden: Golden | None) -> ModelFiles:
    files = networks.channel_means(tmp_path)
    return replace(files, card=replace(files.card, golden=golden))


def test_tolerance_decides(tmp_path: Path) -> None:
    network = open_network(toy(tmp_path, None))
    said = tuple(float(value) for value in golden_vector(network))
    assert check_golden(network).state == "unverified"
    network.close()
    for difference, state in ((2.0, "same"), (0.5, "differs")):
        tolerance = {"f32": Tolerance(0.99, difference), "bf16": Tolerance(0.99, difference)}
        golden = Golden((said[0] + 1, *said[1:]), tolerance, "here")
        network = open_network(toy(tmp_path, golden))
        check = check_golden(network)
        assert check.state == state
        assert check.difference == pytest.approx(1.0, abs=0.05)
        if state == "differs":
            with pytest.raises(ModelError, match="fixed picture"):
                require_golden(network)
        network.close()


def test_vector_of_another_length_differs(tmp_path: Path) -> None:
    tolerance = {"f32": Tolerance(0.0, 1e9), "bf16": Tolerance(0.0, 1e9)}
    network = open_network(toy(tmp_path, Golden((1.0, 2.0), tolerance, "here")))
    assert check_golden(network).state == "differs"
    network.close()


def test_weights_alone_are_checked_by_their_checksum(tmp_path: Path) -> None:
    path = tmp_path / "osnet" / "osnet_x0_25_market1501.safetensors"
    path.parent.mkdir()
    path.write_bytes(b"not the file")
    found = verify(ModelFiles(find_card("osnet_x0_25_market1501"), path))
    assert found.golden is None
    assert found.verdict == "differs"


def test_network_that_cannot_be_opened_says_why(tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    path.write_bytes(b"nonsense")
    found = verify(ModelFiles(find_card("person-reidentification-retail-0287"), path))
    assert found.verdict == "differs"
    assert found.problem is not None
    assert "corrupt" in found.problem


def test_picture_shows_a_figure_on_a_floor() -> None:
    image = golden_image(544, 320)
    assert np.unique(image.reshape(-1, 3), axis=0).shape[0] > 400
