"""``retrail simulate`` as a user meets it: what cannot be together is said, and nothing given is silently left out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from retrail.cli import main
from retrail.simulate.traffic import real
from retrail.simulate.traffic.crops import RealCrop, read_crop_table
from retrail.simulate.traffic.real import EmbeddedCrops
from retrail.video.album import Beside
from retrail.video.picture import write_png


def run(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in arguments])
    return int(left.value.code or 0)


@pytest.fixture
def crops(tmp_path: Path) -> Path:
    """Two pictures of a person, with times."""
    for name in ("a.png", "b.png"):
        write_png(tmp_path / name, np.zeros((32, 16, 3), np.uint8))
    table = tmp_path / "crops.csv"
    table.write_text("file,person_id,camera_id,start_s,end_s\na.png,1,door,0,4\nb.png,1,till,9,12\n", encoding="utf-8")
    return table


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--crops", "CROPS"], ["--crops needs --sightings"]),
        (["--sightings", "--encoder", "person-reidentification-retail-0288"], ["--encoder", "without --crops"]),
        (["--encoder", "person-reidentification-retail-0288"], ["--encoder", "without --crops"]),
        (
            ["--sightings", "--crops", "CROPS", "--seed", "3"],
            ["--seed", "crops.csv", "who was where when", "Leave out --seed", "start_s and"],
        ),
    ],
)
def test_what_would_change_nothing_is_wrong_use(
    crops: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], arguments: list[str], says: list[str]
) -> None:
    given = [str(crops) if argument == "CROPS" else argument for argument in arguments]
    assert run("simulate", "corner-shop", "--out", tmp_path / "out", *given) == 2
    told = "".join(capfd.readouterr().err.replace("│", " ").split())  # a long path is broken anywhere
    assert [words for words in says if words.replace(" ", "") not in told] == []
    assert not (tmp_path / "out").exists()


def test_what_is_taken_of_the_scenario_beside_real_times_is_said(
    crops: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def looks(table: Path, encoder: str, models_dir: Path | None) -> EmbeddedCrops:
        with Beside(table.parent) as pictures:
            found: tuple[RealCrop, ...] = read_crop_table(table, pictures)
        return EmbeddedCrops(found, np.ones((len(found), 4), np.float32), encoder)

    monkeypatch.setattr(real, "real_looks", looks)  # no model is needed to say it
    assert run("simulate", "corner-shop", "--sightings", "--crops", crops, "--out", tmp_path / "out") == 0
    told = capfd.readouterr().out
    assert "2 sightings of 1 people" in told
    assert f"people, cameras and times are those of {crops}" in told
    assert "of corner-shop nothing is taken but its day, 2026-11-20" in told
