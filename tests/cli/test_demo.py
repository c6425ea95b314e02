"""The site of a demo of clips: one folder, one set of clips, and nothing of a user's lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from retrail.cli import main
from retrail.cli.demo_site import clip_folder, own_site
from retrail.core.errors import SourceError


@pytest.fixture
def clips(tmp_path: Path) -> tuple[Path, Path]:
    """Two files that are named like clips."""
    (tmp_path / "films").mkdir()
    paths = (tmp_path / "films/a.mp4", tmp_path / "films/b.mp4")
    for path in paths:
        path.write_bytes(b"no matter what")
    return paths


def folder(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


def test_another_clip_in_the_same_folder_is_refused(
    clips: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = clips
    out = folder(tmp_path)
    own_site(out, [first])
    kept = (out / "shop.yaml").read_bytes()
    with pytest.raises(SystemExit) as ended:
        main(["demo", "--source", str(second), "--out", str(out)])
    assert ended.value.code == 1
    said = capsys.readouterr().err
    assert "about other clips" in said
    assert str(first) in said
    assert str(second) in said
    assert "another --out" in said
    assert (out / "shop.yaml").read_bytes() == kept


def test_a_clip_more_or_less_is_refused_too(clips: tuple[Path, Path], tmp_path: Path) -> None:
    out = folder(tmp_path)
    own_site(out, clips)
    with pytest.raises(SourceError, match="about other clips"):
        own_site(out, clips[:1])


def test_the_same_clips_keep_the_zones_that_were_added(clips: tuple[Path, Path], tmp_path: Path) -> None:
    out = folder(tmp_path)
    own_site(out, clips)
    with (out / "shop.yaml").open("a") as file:
        file.write("zones:\n  table: {camera: a, polygon: [[0.1, 0.1], [0.9, 0.1], [0.5, 0.9]]}\n")
    (tmp_path / "link").symlink_to(clips[0])
    assert list(own_site(out, [tmp_path / "link", clips[1]]).zones) == ["table"]


def test_without_a_folder_each_clip_has_its_own(clips: tuple[Path, Path]) -> None:
    first, second = clips
    folders = {clip_folder([first]), clip_folder([second]), clip_folder(clips)}
    assert folders == {Path("out/clip/a"), Path("out/clip/b"), Path("out/clip/a+b")}
    assert clip_folder([Path("../x.mp4")] * 90).name.startswith("x+x")
    assert len(clip_folder([Path("../x.mp4")] * 90).name) <= 80


def test_data_of_a_simulated_shop_is_not_mixed_with_a_clip(clips: tuple[Path, Path], tmp_path: Path) -> None:
    out = folder(tmp_path)
    (out / "retrail-data").mkdir()
    with pytest.raises(SourceError, match="another site"):
        own_site(out, clips)
    assert not (out / "shop.yaml").exists()


def test_a_simulated_shop_does_not_take_the_place_of_a_clip(
    clips: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = folder(tmp_path)
    found = own_site(out, clips[:1]).data / "found"
    found.mkdir(parents=True)
    with pytest.raises(SystemExit):
        main(["demo", "--out", str(out)])
    assert "a demo of clips" in capsys.readouterr().err
    assert found.is_dir()
