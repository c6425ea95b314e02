"""The site of a demo of clips: one folder, one set of clips, and nothing of a user's lost."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from retrail.cli import main
from retrail.cli.demo_site import clip_folder, own_site
from retrail.core.errors import SourceError
from retrail.pipeline import Pipeline
from retrail.site import Site

ROOT = Path(__file__).resolve().parents[2]


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


@pytest.mark.parametrize(
    ("options", "models"),
    [([], ("auto", "auto")), (["--built-in"], ("retrail-person-s", "retrail-encoder-s"))],
    ids=["the strongest", "built in"],
)
def test_the_models_of_a_clip(
    clips: tuple[Path, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    options: list[str],
    models: tuple[str, str],
) -> None:
    seen: list[Site] = []

    def begin(pipeline: Pipeline) -> None:
        seen.append(pipeline.site)
        raise SourceError("far enough")

    monkeypatch.setattr("retrail.cli.demo.run_to_end", begin)
    with pytest.raises(SystemExit):
        main(["demo", "--source", str(clips[0]), "--out", str(tmp_path / "out"), *options])
    assert [(site.detector, site.encoder) for site in seen] == [models]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "- -m retrail demo --built-in"),
        ({"MODELS": "here"}, "- -m retrail demo --models-dir here"),
        ({"CLIP": "my clip.mp4"}, "shared/models -m retrail demo --source my clip.mp4"),
        ({"CLIP": "c.mp4", "MODELS": "here"}, "- -m retrail demo --source c.mp4 --models-dir here"),
    ],
)
def test_make_demo_takes_its_own_models_in_the_simulated_shop(tmp_path: Path, given: dict[str, str], said: str) -> None:
    for place in ("tools", ".venv/bin", "here", "shared/models"):
        (tmp_path / place).mkdir(parents=True)
    shutil.copy(ROOT / "tools/demo", tmp_path / "tools/demo")
    python = tmp_path / ".venv/bin/python"
    python.write_text('#!/bin/sh\necho "${RETRAIL_MODELS:--}" "$@"\n')
    python.chmod(0o755)
    environment = {"PATH": os.environ["PATH"], "RETRAIL_SHARED": "shared", **given}
    ran = subprocess.run(["bash", tmp_path / "tools/demo"], env=environment, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == said


def test_models_that_are_not_there_are_one_clear_error() -> None:
    environment = {"PATH": os.environ["PATH"], "MODELS": "/no/such/folder"}
    ran = subprocess.run(["bash", ROOT / "tools/demo"], env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert "MODELS names no folder: /no/such/folder" in ran.stderr
