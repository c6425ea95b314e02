"""A folder that is simulated into again holds the later simulation, and whatever was never a simulation's."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import polars
import pytest
from tests.simulate.worlds import room

from retrail.core.errors import DataError
from retrail.simulate import writing
from retrail.simulate.labelled import Crop
from retrail.simulate.scenario import Scenario
from retrail.simulate.traffic.crops import RealCrop
from retrail.simulate.traffic.real import EmbeddedCrops, write_real_timing
from retrail.simulate.traffic.writing import write_sightings
from retrail.simulate.truth import read_truth
from retrail.simulate.writing import write_simulation
from retrail.video.album import Place
from retrail.video.writer import ClipWriter

STAYS = "  - {enter_s: 0, at: [3, 3], leaves: false}"


@pytest.fixture
def scenario(tmp_path: Path) -> Scenario:
    return room(tmp_path, STAYS, 2)


@pytest.fixture
def other(tmp_path: Path) -> Scenario:
    """The same room with another camera."""
    (tmp_path / "other").mkdir()
    renamed = [(f"{key} hall", f"{key} yard") for key in ("floor: {camera:", "door: {camera:")]
    return room(tmp_path / "other", STAYS, 2, ("hall: {at", "yard: {at"), *renamed)


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_sightings_after_a_video_stand_alone(tmp_path: Path, scenario: Scenario, other: Scenario) -> None:
    write_simulation(other, tmp_path / "out")
    write_sightings(scenario, tmp_path / "out")
    write_sightings(scenario, tmp_path / "alone")
    assert files(tmp_path / "out") == files(tmp_path / "alone")


def test_a_video_after_sightings_stands_alone(tmp_path: Path, scenario: Scenario, other: Scenario) -> None:
    write_sightings(other, tmp_path / "out")
    write_simulation(scenario, tmp_path / "out")
    write_simulation(scenario, tmp_path / "alone")
    assert files(tmp_path / "out") == files(tmp_path / "alone")


@pytest.mark.parametrize("video", [True, False])
def test_a_video_after_one_of_other_cameras_stands_alone(
    tmp_path: Path, scenario: Scenario, other: Scenario, video: bool
) -> None:
    write_simulation(other, tmp_path / "out")
    write_simulation(scenario, tmp_path / "out", video=video)
    assert set(files(tmp_path / "out")) == {
        "site.yaml", "truth/cameras.csv", "truth/people.csv", "truth/visits.csv", "truth/crossings.csv",
        "truth/occupancy.csv", "truth/mot/hall.txt", *(["video/hall.mp4"] if video else []),
    }  # fmt: skip


def test_real_people_at_their_real_times_stand_alone(tmp_path: Path, scenario: Scenario) -> None:
    crops = (RealCrop(Crop(Place(Path("a.jpg")), "7", "hall"), 1.0, 2.0),)
    looks = EmbeddedCrops(crops, np.ones((1, 4), np.float32), "person-reidentification-retail-0287")
    write_simulation(scenario, tmp_path / "out")
    write_real_timing(scenario, tmp_path / "out", looks)
    assert list((tmp_path / "out" / "video").iterdir()) == []


def test_what_is_a_users_own_stays(tmp_path: Path, scenario: Scenario) -> None:
    out = tmp_path / "out"
    write_simulation(scenario, out)
    video = out / "video"
    shutil.copy(video / "hall.mp4", video / "the best of the hall.mp4")
    with ClipWriter(video / "till.mp4", 64, 64, 5) as clip:
        clip.write(np.zeros((64, 64, 3), np.uint8), 0.0)
    (video / "notes.mp4").write_text("no clip")
    (out / "retrail-data").mkdir()
    (out / "retrail-data" / "log").write_text("mine")
    before = files(out)
    write_sightings(scenario, out)
    after = files(out)
    assert "video/hall.mp4" not in after
    for mine in ("video/the best of the hall.mp4", "video/till.mp4", "video/notes.mp4", "retrail-data/log"):
        assert after[mine] == before[mine]


def test_another_table_that_is_called_as_the_sightings_stays(tmp_path: Path, scenario: Scenario) -> None:
    table = tmp_path / "sightings.parquet"
    polars.DataFrame({"camera": ["hall"], "visitors": [3]}).write_parquet(table)
    before = table.read_bytes()
    write_simulation(scenario, tmp_path, video=False)
    assert table.read_bytes() == before


def test_a_drawing_that_is_broken_off_stands_beside_no_older_truth(
    tmp_path: Path, scenario: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_simulation(scenario, tmp_path)

    def broken(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(writing, "_shoot", broken)
    with pytest.raises(KeyboardInterrupt):
        write_simulation(scenario, tmp_path)
    with pytest.raises(DataError, match="Not a folder of truth"):
        read_truth(tmp_path / "truth")


def test_a_scenario_that_cannot_be_played_leaves_what_was_there(tmp_path: Path, scenario: Scenario) -> None:
    out = tmp_path / "out"
    write_simulation(scenario, out)
    before = files(out)
    walled = room(tmp_path, "  - {enter_s: 0, plan: [{walk: [[3, 2], [3, 99]]}]}", 2)
    for write in (write_simulation, write_sightings):
        with pytest.raises(DataError):
            write(walled, out)
    assert files(out) == before
