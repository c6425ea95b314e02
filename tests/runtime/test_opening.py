"""Files that are not what their card says, and processors that lack something."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from tests.runtime import networks

from retrail.core.errors import ModelError
from retrail.runtime import open_network
from retrail.runtime.cpu import has_bf16
from retrail.zoo import ModelFiles, find_card, locate

DETECTOR = "person-detection-retail-0013"
ENCODER = "person-reidentification-retail-0287"


def test_missing_network_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="missing") as caught:
        open_network(ModelFiles(find_card(ENCODER), tmp_path / "no.xml", tmp_path / "no.bin"))
    assert f"retrail models pull {ENCODER}" in str(caught.value.hint)


@pytest.mark.parametrize("content", [b"", b"<net", b"not a network at all", b"\x08\x03garbage"])
@pytest.mark.parametrize("suffix", [".xml", ".onnx"])
def test_corrupt_network_is_one_clear_error(tmp_path: Path, content: bytes, suffix: str) -> None:
    path = tmp_path / f"net{suffix}"
    path.write_bytes(content)
    path.with_suffix(".bin").write_bytes(b"")
    with pytest.raises(ModelError, match="corrupt") as caught:
        open_network(ModelFiles(find_card(ENCODER), path, path.with_suffix(".bin") if suffix == ".xml" else None))
    assert caught.value.where == str(path)


def test_weights_alone_are_not_a_network(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    path.write_bytes(b"x")
    with pytest.raises(ModelError, match="not a network that can be opened"):
        open_network(ModelFiles(find_card("osnet_x0_25_market1501"), path))


def test_card_without_known_inputs_is_refused(tmp_path: Path) -> None:
    files = networks.channel_means(tmp_path)
    with pytest.raises(ModelError, match="nobody published it"):
        open_network(replace(files, card=find_card("person-detection-retail-0203")))


def test_embedding_of_another_length_is_another_network(tmp_path: Path) -> None:
    files = networks.channel_means(tmp_path)
    with pytest.raises(ModelError, match="not the network"):
        open_network(replace(files, card=find_card(ENCODER)))


@pytest.mark.parametrize("what", ["batch", "requests", "threads"])
def test_numbers_below_one_are_refused(tmp_path: Path, what: str) -> None:
    with pytest.raises(ModelError, match=what):
        open_network(networks.channel_means(tmp_path), **{what: 0})


@pytest.mark.shared
def test_detector_in_place_of_an_encoder_says_what_it_is_and_what_was_wanted(models_dir: Path) -> None:
    detector = locate(find_card(DETECTOR), models_dir)
    with pytest.raises(ModelError, match="not the network") as caught:
        open_network(replace(detector, card=find_card(ENCODER)))
    assert "a detector (SSD)" in str(caught.value.found)
    assert str(caught.value.allowed).startswith("person-reidentification")


@pytest.mark.shared
@pytest.mark.parametrize(
    ("wrong", "kind"),
    [
        ("face-reidentification-retail-0095", "face-reidentification"),
        ("landmarks-regression-retail-0009", "face-landmarks"),
        ("person-reidentification-retail-0288", "person-reidentification"),
        ("yolox_nano", "a detector (YOLOX)"),
        ("person-detection-0203", "a detector (boxes)"),
        ("face_detection_yunet_2023mar", "face-detection"),
    ],
)
def test_each_kind_of_network_is_told_apart_from_a_detector(models_dir: Path, wrong: str, kind: str) -> None:
    with pytest.raises(ModelError) as caught:
        open_network(replace(locate(find_card(wrong), models_dir), card=find_card(DETECTOR)))
    assert kind in str(caught.value.found)


@pytest.mark.shared
def test_truncated_weights_are_corrupt(models_dir: Path, tmp_path: Path) -> None:
    files = locate(find_card("person-reidentification-retail-0288"), models_dir)
    assert files.weights is not None
    shutil.copy(files.network, tmp_path / "net.xml")
    (tmp_path / "net.bin").write_bytes(files.weights.read_bytes()[:1000])
    with pytest.raises(ModelError, match="corrupt"):
        open_network(ModelFiles(files.card, tmp_path / "net.xml", tmp_path / "net.bin"))


@pytest.mark.shared
def test_ssd_takes_one_image_at_a_time(models_dir: Path) -> None:
    with pytest.raises(ModelError, match="cannot take 8 images at a time"):
        open_network(locate(find_card(DETECTOR), models_dir), batch=8)


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ("fpu avx2 avx512f avx512_bf16", True),
        ("fpu avx512f amx_tile amx_bf16 amx_int8", True),
        ("fpu avx2 avx512f amx_tile", False),
        ("", False),
    ],
)
def test_bf16_is_told_by_the_flags_of_the_processor(tmp_path: Path, flags: str, expected: bool) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text(f"processor\t: 0\nmodel name\t: amx_bf16 in a name does not count\nflags\t\t: {flags}\n")
    assert has_bf16(cpuinfo) == expected


def test_no_cpuinfo_means_no_bf16(tmp_path: Path) -> None:
    assert not has_bf16(tmp_path / "none")


@pytest.mark.skipif(has_bf16(), reason="this processor has bf16")
def test_bf16_where_the_processor_lacks_it_is_an_error_and_auto_is_f32(tmp_path: Path) -> None:
    files = networks.channel_means(tmp_path)
    with pytest.raises(ModelError, match="bf16"):
        open_network(files, precision="bf16")
    network = open_network(files)
    assert network.precision == "f32"
    network.close()
