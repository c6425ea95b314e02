"""Sets to learn from: read as evaluation reads them, each mistake with its place, no test people among them."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from retrail.core.errors import DataError
from retrail.train.crops import CropReader, crop_set
from retrail.train.frames import scenes


def drawn(path: Path, shade: int, size: tuple[int, int] = (12, 8)) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((*size, 3), shade, np.uint8)).save(path)


def people(folder: Path, header: str, rows: Mapping[str, str]) -> CropReader:
    """A reader of a set of crops with these rows; the picture of each file is as bright as its place."""
    for shade, file in enumerate(rows):
        drawn(folder / file, 10 * shade)
    (folder / "labels.csv").write_text("\n".join([header, *(f"{file}{rest}" for file, rest in rows.items())]), "utf-8")
    return CropReader([crop_set("csv:labels.csv", folder)])


def persons(reader: CropReader) -> list[str]:
    return [reader.crop(place).person for place in range(len(reader))]


def test_pictures_of_one_name_in_folders_of_a_zip_are_each_their_own(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "images.zip", "w") as archive:
        for person in range(1, 4):
            drawn(tmp_path / "here.png", 40 * person)
            archive.write(tmp_path / "here.png", f"p{person}/0.png")
    (tmp_path / "labels.csv").write_text("file,person_id\np1/0.png,1\np2/0.png,2\np3/0.png,3\n")
    reader = CropReader([crop_set("csv:labels.csv", tmp_path)])
    assert [int(reader.picture(place).mean()) for place in range(3)] == [40, 80, 120]
    reader.close()
    (tmp_path / "labels.csv").write_text("file,person_id\n0.png,1\n")
    with pytest.raises(DataError, match="cannot be") as caught:
        crop_set("csv:labels.csv", tmp_path)
    assert caught.value.where == f"{tmp_path / 'labels.csv'} line 2: file"


def test_of_a_table_with_splits_only_those_to_train_on_are_learned_from(tmp_path: Path) -> None:
    rows = {"a.png": ",1,1,train", "b.png": ",2,1,query", "c.png": ",2,2,gallery", "d.png": ",3,1,"}
    reader = people(tmp_path, "file,person_id,camera_id,split", rows)
    assert persons(reader) == ["csv:labels.csv: 1", "csv:labels.csv: 3"]
    with pytest.raises(DataError, match="No crops") as caught:
        people(tmp_path, "file,person_id,camera_id,split", {"b.png": ",2,1,query"})
    assert "split train" in str(caught.value.allowed)


def test_distractors_and_junk_are_nobody_and_zeros_before_a_number_change_nothing(tmp_path: Path) -> None:
    rows = {"a.png": ",0", "b.png": ",-1", "c.png": ",0000", "d.png": ",0004", "e.png": ",4", "f.png": ",eva"}
    assert persons(people(tmp_path, "file,person_id", rows)) == [
        f"csv:labels.csv: {person}" for person in ("4", "4", "eva")
    ]


def test_two_shops_that_number_their_people_alike_share_nobody(tmp_path: Path) -> None:
    for shop in ("one", "two"):
        people(tmp_path / shop, "file,person_id", {"a.png": ",1", "b.png": ",2"})
    both = CropReader([crop_set(f"csv:{shop}/labels.csv", tmp_path) for shop in ("one", "two")])
    assert len(set(persons(both))) == 4


@pytest.mark.parametrize("part", ["viper/labels.csv", "elsewhere/../viper/labels.csv", "grid/labels.csv"])
def test_what_is_for_testing_is_refused_by_its_folder_too(tmp_path: Path, part: str) -> None:
    for place in ("viper", "grid", "elsewhere"):
        drawn(tmp_path / place / "a.png", 5)
        (tmp_path / place / "labels.csv").write_text("file,person_id\na.png,1\n")
    with pytest.raises(DataError, match="for testing only"):
        crop_set(f"csv:{part}", tmp_path)


@pytest.mark.parametrize(
    ("table", "where", "what"),
    [
        (b"file,person_id\nnot-there.png,1\n", " line 2: file", "cannot be"),
        (b"file,person_id\na.png\n", " line 2", "another length"),
        (b"person_id\n1\n", " line 1", "lacks file"),
        (b"file,person_id\n\xe9.png,1\n", "", "UTF-8"),
        (b"", " line 1", "lacks file"),
    ],
)
def test_a_table_of_crops_that_is_wrong_says_where(tmp_path: Path, table: bytes, where: str, what: str) -> None:
    drawn(tmp_path / "a.png", 5)
    (tmp_path / "labels.csv").write_bytes(table)
    with pytest.raises(DataError, match=what) as caught:
        crop_set("csv:labels.csv", tmp_path)
    assert caught.value.where == f"{tmp_path / 'labels.csv'}{where}"


def test_a_table_as_spreadsheets_write_it_is_read(tmp_path: Path) -> None:
    drawn(tmp_path / "a.png", 5)
    (tmp_path / "labels.csv").write_bytes("\ufefffile,person_id\r\na.png,7\r\n".encode())
    assert persons(CropReader([crop_set("csv:labels.csv", tmp_path)])) == ["csv:labels.csv: 7"]


BOXES = "file,x1_px,y1_px,x2_px,y2_px"


def test_frames_of_every_kind_of_picture_are_learned_from_and_crops_beside_them_are_none(tmp_path: Path) -> None:
    for file in ("a.png", "b.jpeg", "c.bmp", "crops/one.png", "more/d.png"):
        drawn(tmp_path / file, 90)
    (tmp_path / "boxes.csv").write_text(f"{BOXES}\na.png,1,1,5,9\nmore/d.png,2,2,6,6\n")
    assert [len(scene.boxes) for scene in scenes("boxes:.", tmp_path)] == [1, 0, 0, 1]


def test_a_folder_of_empty_rooms_may_be_learned_from(tmp_path: Path) -> None:
    drawn(tmp_path / "room.png", 90)
    (tmp_path / "boxes.csv").write_text(f"{BOXES}\n")
    assert [len(scene.boxes) for scene in scenes("boxes:.", tmp_path)] == [0]


@pytest.mark.parametrize(
    ("row", "where"),
    [
        ("b.png,1,1,5,9", ": file"),
        ("a.png,5,1,1,9", ": x2_px"),
        ("a.png,1,9,5,9", ": y2_px"),
        ("a.png,nan,1,5,9", ": x1_px"),
        ("a.png,1,1,inf,9", ": x2_px"),
        ("a.png,1,1,5", ""),
    ],
)
def test_a_box_that_cannot_be_says_where(tmp_path: Path, row: str, where: str) -> None:
    drawn(tmp_path / "a.png", 90)
    (tmp_path / "boxes.csv").write_text(f"{BOXES}\n{row}\n")
    with pytest.raises(DataError) as caught:
        scenes("boxes:.", tmp_path)
    assert caught.value.where == f"{tmp_path / 'boxes.csv'} line 2{where}"


@pytest.mark.parametrize(
    ("text", "line"), [(None, ""), ("1,1,2,2,5,9,1,1", " line 1"), ("1,1,x,2,5,9,1,1,1", " line 1")]
)
def test_a_sequence_whose_boxes_cannot_be_read_says_where(tmp_path: Path, text: str | None, line: str) -> None:
    sequence = tmp_path / "mot17_mini/MOT17-02-FRCNN"
    drawn(sequence / "img1/000001.jpg", 90)
    (sequence / "gt").mkdir()
    if text is not None:
        (sequence / "gt/gt.txt").write_text(text)
    with pytest.raises(DataError) as caught:
        scenes("mot17_mini", tmp_path)
    assert caught.value.where == f"{sequence / 'gt/gt.txt'}{line}"
