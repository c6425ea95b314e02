from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrail.core.errors import DataError
from retrail.core.time import parse_time
from retrail.simulate.truth import (
    Truth,
    TruthBoxes,
    TruthCamera,
    TruthCrossing,
    TruthOccupancy,
    TruthPerson,
    TruthVisit,
    read_truth,
    write_truth,
)
from retrail.simulate.truth.mot import read_mot

START_S = parse_time("2026-11-20T09:00:00Z")


def boxes(*rows: tuple[int, int, float, float, float, float, bool, float]) -> TruthBoxes:
    return TruthBoxes(
        np.array([row[0] for row in rows], np.int64),
        np.array([row[1] for row in rows], np.int64),
        np.array([row[2:6] for row in rows], np.float32).reshape(-1, 4),
        np.array([row[6] for row in rows], np.bool_),
        np.array([row[7] for row in rows], np.float32),
    )


def a_truth() -> Truth:
    seen = boxes((1, 7, 0.0, 10.0, 50.5, 180.25, True, 1.0), (1, 9, 300.0, 40.0, 360.0, 200.0, False, 0.125))
    cameras = {
        "door": TruthCamera("door", 640, 360, 10.0, START_S, None, seen),
        "till": TruthCamera("till", 640, 360, 10.0, START_S, START_S + np.array([0.0, 0.1, 7.3]), boxes()),
    }
    return Truth(
        cameras,
        (TruthPerson(7), TruthPerson(9, staff=True, group="a, b")),
        (TruthVisit(7, "door", "shelf", START_S + 1.25, START_S + 11.000001),),
        (TruthCrossing(7, "entrance", "in", START_S + 0.5),),
        (TruthOccupancy(START_S, "", 1), TruthOccupancy(START_S + 2, "shelf", 0)),
    )


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_is_written_is_read_back_and_written_the_same(tmp_path: Path) -> None:
    written = a_truth()
    write_truth(written, tmp_path / "a")
    read = read_truth(tmp_path / "a")
    assert (read.people, read.visits, read.crossings, read.occupancy) == (
        written.people,
        written.visits,
        written.crossings,
        written.occupancy,
    )
    door, till = read.cameras["door"], read.cameras["till"]
    assert door.boxes.xyxy.tolist() == written.cameras["door"].boxes.xyxy.tolist()
    assert door.boxes.counts.tolist() == [True, False]
    assert door.boxes.visibility.tolist() == [1.0, 0.125]
    assert door.time_of(np.array([1, 3])).tolist() == pytest.approx([START_S, START_S + 0.2], abs=1e-6)
    assert till.time_of(np.array([3])).tolist() == pytest.approx([START_S + 7.3], abs=1e-6)
    write_truth(read, tmp_path / "b")
    assert files_of(tmp_path / "a") == files_of(tmp_path / "b")


def test_a_truth_says_that_nobody_in_it_is_real_only_if_all_of_it_does(tmp_path: Path) -> None:
    write_truth(replace(a_truth(), simulated=True), tmp_path)
    assert read_truth(tmp_path).simulated
    table = tmp_path / "cameras.csv"
    table.write_text(
        "".join(f"{line[:-1]}0\n" if "till" in line else f"{line}\n" for line in table.read_text().splitlines())
    )
    assert not read_truth(tmp_path).simulated
    write_truth(a_truth(), tmp_path)
    assert not read_truth(tmp_path).simulated


def test_the_corner_pixel_is_one_one_in_mot(tmp_path: Path) -> None:
    write_truth(a_truth(), tmp_path)
    assert (tmp_path / "mot/door.txt").read_text().splitlines()[0] == "1,7,1,11,50.5,170.25,1,1,1"


def test_what_the_labels_do_not_speak_of_is_not_there(tmp_path: Path) -> None:
    write_truth(Truth(a_truth().cameras), tmp_path)
    read = read_truth(tmp_path)
    assert (read.people, read.visits, read.crossings, read.occupancy) == (None, None, None, None)
    assert len(read.cameras["door"].boxes) == 2


@pytest.mark.parametrize(
    ("file", "old", "new", "where"),
    [
        ("cameras.csv", "door,640", "door,wide", "cameras.csv line 2: width_px"),
        ("cameras.csv", "till", "door", "cameras.csv line 3: camera"),
        ("cameras.csv", "door,", "../door,", "cameras.csv line 2: camera"),
        ("cameras.csv", "first_frame", "first", "cameras.csv line 1"),
        ("cameras.csv", "+00:00", "", "cameras.csv line 2: first_frame"),
        ("cameras.csv", ",10,", ",0,", "cameras.csv line 2: frame_rate_hz"),
        ("cameras.csv", ",10,", ",1e9,", "cameras.csv line 2: frame_rate_hz"),
        ("cameras.csv", ",10,", ",nan,", "cameras.csv line 2: frame_rate_hz"),
        ("cameras.csv", "2026", "9999", "cameras.csv line 2: first_frame"),
        ("cameras.csv", "camera,", '"camera,', "cameras.csv line 3"),
        ("cameras.csv", "camera,", f"camera,{'x' * 200_000},", "cameras.csv line 1"),
        ("frames/till.csv", "\n3,", "\n4,", "till.csv line 4: frame"),
        ("frames/till.csv", "00:07.3", "00:00.0", "till.csv line 4: time"),
        ("mot/door.txt", "1,9,", "0,9,", "door.txt line 2"),
        ("mot/door.txt", "1,9,", "1,7,", "door.txt line 2"),
        ("mot/door.txt", "1,9,", "1,x,", "door.txt line 2"),
        ("mot/door.txt", "50.5", "nan", "door.txt line 1"),
        ("mot/door.txt", "50.5", "-1", "door.txt line 1"),
        ("mot/door.txt", "50.5", "1e300", "door.txt line 1"),
        ("mot/door.txt", "1,7,1,", "1,7,-1e300,", "door.txt line 1"),
        ("mot/door.txt", "1,9,", f"{2**53},9,", "door.txt line 2"),
        ("mot/door.txt", ",1,1,1", ",inf,1,1", "door.txt line 1"),
        ("mot/door.txt", ",1,1,1", ",1,1,nan", "door.txt line 1"),
        ("mot/door.txt", ",1,1,1", "", "door.txt line 1"),
        ("people.csv", "7,0", "7,no", "people.csv line 2: staff"),
        ("people.csv", "9,1", "7,1", "people.csv line 3: person"),
        ("visits.csv", "7,door", "8,door", "visits.csv line 2: person"),
        ("visits.csv", "7,door", "7,roof", "visits.csv line 2: camera"),
        ("visits.csv", ",9.750", ",19.750", "visits.csv line 2: dwell_s"),
        ("visits.csv", ",9.750", "", "visits.csv line 2"),
        ("crossings.csv", ",in,", ",inside,", "crossings.csv line 2: direction"),
        ("occupancy.csv", ",,1", ",,-1", "occupancy.csv line 2: people"),
        ("occupancy.csv", ",,1", f",,{10**30}", "occupancy.csv line 2: people"),
        ("occupancy.csv", "2026", "1926", "occupancy.csv line 2: time"),
        ("occupancy.csv", "2026", "twenty", "occupancy.csv line 2: time"),
    ],
)
def test_a_mistake_has_file_and_line(tmp_path: Path, file: str, old: str, new: str, where: str) -> None:
    write_truth(a_truth(), tmp_path)
    text = (tmp_path / file).read_text()
    assert old in text
    (tmp_path / file).write_text(text.replace(old, new, 1))
    with pytest.raises(DataError) as caught:
        read_truth(tmp_path)
    assert str(caught.value.where).endswith(where)
    assert caught.value.found
    assert caught.value.allowed
    assert len(str(caught.value)) < 1000


def test_a_camera_that_gave_no_frame_has_nobody_on_it(tmp_path: Path) -> None:
    write_truth(a_truth(), tmp_path)
    (tmp_path / "frames/till.csv").write_text("frame,time\n")
    till = read_truth(tmp_path).cameras["till"]
    assert (len(till.times_s), len(till.boxes)) == (0, 0)
    (tmp_path / "mot/till.txt").write_text("1,7,1,1,20,60,1,1,1\n")
    with pytest.raises(DataError, match="A row that cannot be") as caught:
        read_truth(tmp_path)
    assert str(caught.value.where).endswith("till.txt line 1")
    assert caught.value.allowed == "no row: frames/till.csv lists no frame"


def test_what_is_read_says_where_it_stands(tmp_path: Path) -> None:
    write_truth(a_truth(), tmp_path)
    read = read_truth(tmp_path)
    sources = [(table[-1].source, len(table)) for table in (read.visits, read.crossings, read.occupancy)]
    names = [("visits", 1), ("crossings", 1), ("occupancy", 2)]
    assert sources == [(f"{tmp_path / name}.csv line {number + 1}", number) for name, number in names]


def test_a_folder_without_truth_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="Not a folder of truth"):
        read_truth(tmp_path)


def test_a_camera_without_boxes_file_and_bytes_that_are_no_text(tmp_path: Path) -> None:
    write_truth(a_truth(), tmp_path)
    (tmp_path / "mot/till.txt").unlink()
    with pytest.raises(DataError, match="lacks the boxes of camera till") as caught:
        read_truth(tmp_path)
    assert str(caught.value.where) == str(tmp_path / "mot/till.txt")
    assert "cameras.csv names (till in line 3)" in str(caught.value.allowed)
    assert "an empty file says so" in str(caught.value.hint)
    (tmp_path / "mot/till.txt").touch()
    assert len(read_truth(tmp_path).cameras["till"].boxes) == 0
    (tmp_path / "cameras.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match=re.escape("Not a text in UTF-8")):
        read_truth(tmp_path)


def test_a_truth_replaces_the_one_before_whole_and_leaves_what_is_not_of_it(tmp_path: Path) -> None:
    whole = a_truth()
    folder = tmp_path / "again"
    write_truth(whole, folder)
    for name in ("mot/notes.txt", "frames/notes.csv", "notes.csv"):
        (folder / name).write_text("mine")
    even = replace(whole.cameras["till"], times_s=None)
    less = Truth({"till": even}, whole.people)
    write_truth(less, folder)
    write_truth(less, tmp_path / "alone")
    mine = {str(Path(name)): b"mine" for name in ("mot/notes.txt", "frames/notes.csv", "notes.csv")}
    assert files_of(folder) == files_of(tmp_path / "alone") | mine


def test_a_truth_of_which_a_part_could_not_be_written_is_none(tmp_path: Path) -> None:
    write_truth(a_truth(), tmp_path)
    (tmp_path / "visits.csv").unlink()
    (tmp_path / "visits.csv").mkdir()
    with pytest.raises(DataError, match="cannot be removed"):
        write_truth(a_truth(), tmp_path)
    with pytest.raises(DataError, match="Not a folder of truth"):
        read_truth(tmp_path)


def test_where_nothing_can_be_written_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="cannot be written"):
        write_truth(a_truth(), tmp_path / "file" / "truth")


@given(
    st.lists(
        st.tuples(st.integers(1, 50), st.integers(0, 9), st.floats(-50, 700, width=32), st.floats(-50, 400, width=32)),
        unique_by=lambda row: row[:2],
        max_size=12,
    )
)
def test_any_boxes_come_back_to_a_hundredth_of_a_pixel(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[int, int, float, float]]
) -> None:
    folder = tmp_path_factory.mktemp("truth")
    made = boxes(*((frame, person, x, y, x + 20, y + 60, True, 1.0) for frame, person, x, y in sorted(rows)))
    write_truth(Truth({"a": TruthCamera("a", 640, 360, 10.0, START_S, None, made)}), folder)
    read = read_truth(folder).cameras["a"].boxes
    assert read.frame.tolist() == made.frame.tolist()
    assert read.person.tolist() == made.person.tolist()
    assert np.allclose(read.xyxy, made.xyxy, atol=0.011)


@pytest.mark.shared
def test_real_mot_labels_are_read_as_they_are(shared: Path) -> None:
    campus = read_mot(shared / "data/metrics/TUD-Campus/gt.txt")
    assert len(campus) == 359
    assert campus.counts.all()
    labels = next(iter(sorted((shared / "data/mot17_mini").rglob("gt.txt"))))
    mot17 = read_mot(labels)
    assert 0 < mot17.counts.sum() < len(mot17)
