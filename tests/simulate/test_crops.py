"""Real labelled crops in simulated shops: read row by row, at simulated times and at their own."""

from __future__ import annotations

import csv
import zipfile
from pathlib import Path

import numpy as np
import pytest
from tests.evaluate.toys import ledger_of
from tests.simulate.worlds import room

from retrail.core.errors import DataError
from retrail.core.time import parse_time
from retrail.evaluate.site import judge_site
from retrail.simulate.labelled import Crop
from retrail.simulate.scenario import load_scenario
from retrail.simulate.traffic.crops import RealCrop, read_crop_table
from retrail.simulate.traffic.real import EmbeddedCrops, real_looks, write_real_timing
from retrail.simulate.traffic.table import read_sightings
from retrail.simulate.traffic.writing import WrittenSightings, write_sightings
from retrail.simulate.truth import read_truth
from retrail.site import Site
from retrail.video.album import Beside, Place
from retrail.video.picture import write_png


def crops_of(folder: Path, text: str) -> tuple[RealCrop, ...]:
    """A table of crops, read; ``a.png`` and ``b.png`` are there."""
    for name in ("a.png", "b.png"):
        write_png(folder / name, np.zeros((32, 16, 3), np.uint8))
    (folder / "crops.csv").write_text(text, encoding="utf-8")
    with Beside(folder) as pictures:
        return read_crop_table(folder / "crops.csv", pictures)


@pytest.mark.parametrize(
    ("columns", "row", "column", "allowed"),
    [
        ("start_s,end_s", "5,3", "end_s", "not before start_s"),
        ("start_s,end_s", "5,", "start_s", "start_s and end_s together, or neither"),
        ("start_s", "5", "start_s", "start_s and end_s together, or neither"),
        ("start_s,end_s", "1e18,1e18", "start_s", "seconds, from 0 to 31622400"),
        ("start_s,end_s", "-1,3", "start_s", "seconds, from 0 to 31622400"),
        ("start_s,end_s", "0,1e18", "end_s", "seconds, from 0 to 31622400"),
        ("start_s,end_s", "soon,3", "start_s", "a number"),
    ],
)
def test_a_time_of_a_crop_that_cannot_be_is_an_error_with_its_line(
    tmp_path: Path, columns: str, row: str, column: str, allowed: str
) -> None:
    none = "," * (columns.count(",") + 1)
    with pytest.raises(DataError) as caught:
        crops_of(tmp_path, f"file,person_id,camera_id,{columns}\na.png,1,1{none}\nb.png,2,1,{row}\n")
    assert str(caught.value.where).endswith(f"crops.csv line 3: {column}")
    assert caught.value.allowed == allowed


def test_crops_of_which_half_have_times_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="Some crops have times and some have none") as caught:
        crops_of(tmp_path, "file,person_id,camera_id,start_s,end_s\na.png,1,1,0,2\nb.png,1,2,,\n")
    assert caught.value.allowed == "all, or none"


def test_who_has_no_number_from_1_is_nobody_and_zeros_before_a_number_say_nothing(tmp_path: Path) -> None:
    rows = "".join(f"a.png,{person},1\n" for person in ("0000", "-2", "-1", "0", "007", "7", "ann"))
    found = crops_of(tmp_path, f"file,person_id,camera_id\n{rows}")
    assert [one.crop.person for one in found] == ["7", "7", "ann"]
    with pytest.raises(DataError, match="names no crop of a person"):
        crops_of(tmp_path, "file,person_id,camera_id\na.png,00,1\n")


@pytest.mark.parametrize("camera", ["cam/1", "../x", ".hidden", "a'b", "", "x: y", "c" * 65])
def test_a_camera_of_crops_that_is_no_name_of_a_site_is_an_error_with_its_line(tmp_path: Path, camera: str) -> None:
    with pytest.raises(DataError) as caught:
        crops_of(tmp_path, f"file,person_id,camera_id\na.png,1,till 1\nb.png,1,{camera}\n")
    assert "crops.csv line 3: camera_id" in str(caught.value)
    assert str(caught.value.allowed).startswith("a name as in a site file" if camera else "a number or a name")


def really_timed(folder: Path, *seen: tuple[str, str, float, float]) -> WrittenSightings:
    """Sightings of people (person, camera, from, to) at these times."""
    crops = tuple(RealCrop(Crop(Place(Path("a.jpg")), who, camera), *span) for who, camera, *span in seen)
    looks = EmbeddedCrops(crops, np.ones((len(crops), 4), np.float32), "person-reidentification-retail-0288")
    return write_real_timing(room(folder, "  - {enter_s: 0}"), folder / "out", looks)


def test_everybody_is_in_the_truth_however_shortly_he_was_seen_and_is_judged_there(tmp_path: Path) -> None:
    written = really_timed(
        tmp_path, ("1", "hall", 3.04, 3.04), ("2", "hall", 4.01, 4.06), ("3", "hall", 4.02, 9.7), ("4", "yard", 1, 2)
    )
    truth = read_truth(written.truth_folder)
    hall = truth.cameras["hall"]
    assert set(hall.boxes.person.tolist()) == {1, 2, 3}
    at_s = hall.time_of(hall.boxes.frame) - parse_time("2026-11-20T09:00:00Z")
    assert at_s[:3].tolist() == pytest.approx([3.04, 4.01, 4.1])
    assert truth.cameras["yard"].times_s is None
    sightings, people = zip(*read_sightings(written.sightings, by_end=True), strict=True)
    score = judge_site(Site.load(written.site), sightings, ledger_of(sightings, people), truth)
    assert (score.visitors.estimate, score.visitors_truth) == (4, 4)
    assert (score.recall, score.precision, score.identities.idf1) == (1, 1, 1)


def test_who_stays_long_at_real_times_is_logged_in_pieces_of_20_s(tmp_path: Path) -> None:
    written = really_timed(tmp_path, ("1", "hall", 0, 50), ("1", "hall", 60, 80), ("2", "hall", 0, 50))
    start_s = parse_time("2026-11-20T09:00:00Z")
    seen = (one for one, _ in read_sightings(written.sightings))
    found = sorted(seen, key=lambda one: (one.path.boxes_px[0, 0], one.start_s))
    lasting = [round(one.end_s - one.start_s, 3) for one in found]
    assert sorted(lasting) == [16.667] * 6 + [20.0]
    own = {one.id: one for one in found}
    for one in found:
        if one.continues is not None:
            assert own[one.continues].end_s == pytest.approx(one.start_s)
    assert sum(one.continues is None for one in found) == 3
    assert min(one.start_s for one in found) == start_s


def test_the_site_of_real_crops_loads_whatever_its_cameras_are_called(tmp_path: Path) -> None:
    names = ["1", "1.5", "yes", "null", "2026-11-20", "till 1", "Kühlregal"]
    written = really_timed(tmp_path, *(("7", name, 1.0 + place, 2.0 + place) for place, name in enumerate(names)))
    site = Site.load(written.site)
    assert set(site.cameras) == set(names)
    assert site.start_s == parse_time("2026-11-20T09:00:00Z")
    assert set(read_truth(written.truth_folder).cameras) == set(names)


@pytest.fixture
def market_rows(tmp_path: Path, shared: Path) -> list[dict[str, str]]:
    """Rows of some of Market-1501's test people, whose pictures are in ``crops.zip``."""
    folder = shared / "data" / "market1501"
    with zipfile.ZipFile(folder / "gallery.zip") as archive:
        names = {Path(name).name: name for name in archive.namelist()}
        with open(folder / "labels.csv", encoding="utf-8", newline="") as file:
            tested = [row for row in csv.DictReader(file) if row["split"] == "gallery" and int(row["person_id"]) > 0]
        people = sorted({row["person_id"] for row in tested}, key=int)[:4]
        rows = [row for row in tested if row["person_id"] in people][::3]
        with zipfile.ZipFile(tmp_path / "crops.zip", "w") as few:
            for row in rows:
                few.writestr(row["file"], archive.read(names[row["file"]]))
    return rows


@pytest.mark.shared
def test_real_people_at_their_real_times(tmp_path: Path, market_rows: list[dict[str, str]], models_dir: Path) -> None:
    text = "file,person_id,camera_id,start_s,end_s\n"
    for row in market_rows:
        at_s = int(row["frame"]) / 25
        text += f"crops.zip/{row['file']},{row['person_id']},{row['camera_id']},{at_s:.2f},{at_s + 1:.2f}\n"
    (tmp_path / "crops.csv").write_text(text, encoding="utf-8")
    looks = real_looks(tmp_path / "crops.csv", "person-reidentification-retail-0288", models_dir)
    written = write_real_timing(load_scenario("corner-shop"), tmp_path / "out", looks)
    assert {person for _, person in read_sightings(written.sightings)} == {1, 2, 3, 4}
    Site.load(written.site)
    truth = read_truth(written.truth_folder)
    assert {who for camera in truth.cameras.values() for who in camera.boxes.person.tolist()} == {1, 2, 3, 4}


@pytest.mark.shared
def test_real_people_at_simulated_times_are_told_apart_as_real_ones_are(
    tmp_path: Path, market_rows: list[dict[str, str]], models_dir: Path
) -> None:
    rows = [f"crops.zip/{row['file']},{row['person_id']},{row['camera_id']}\n" for row in market_rows]
    (tmp_path / "crops.csv").write_text("file,person_id,camera_id\n" + "".join(rows), encoding="utf-8")
    looks = real_looks(tmp_path / "crops.csv", "person-reidentification-retail-0288", models_dir)
    people = "\n".join(f"  - {{enter_s: {enter_s}, plan: [{{stand: shelf, for_s: 30}}]}}" for enter_s in (0, 5, 10, 15))
    scenario = room(tmp_path, people, 90)
    written = write_sightings(scenario, tmp_path / "out", looks=looks.appearance(5))
    sightings, numbers = zip(*read_sightings(written.sightings), strict=True)
    assert Site.load(written.site).encoder == sightings[0].model == "person-reidentification-retail-0288"
    vectors, who = np.stack([one.embedding for one in sightings]), np.array(numbers)
    assert set(who.tolist()) == {1, 2, 3, 4}
    alike, same = vectors @ vectors.T, who[:, None] == who[None]
    apart = ~np.eye(len(who), dtype=bool)
    assert alike[same & apart].min() > alike[~same].max()
