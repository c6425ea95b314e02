"""Labelled pictures in folders and zip files; what is wrong with them is said with file and line."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
from PIL import Image

from retrail.core.errors import DataError
from retrail.evaluate.people import read_crops
from retrail.evaluate.pictures import read_boxes
from retrail.simulate.labelled import Crop
from retrail.simulate.traffic.crops import read_crop_table
from retrail.video.album import Beside, open_album


def png(colour: tuple[int, int, int] = (200, 10, 10)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (16, 32), colour).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "a.png").write_bytes(png())
    with ZipFile(tmp_path / "images.zip", "w") as archive:
        archive.writestr("deep/b.png", png((0, 0, 255)))
        archive.writestr("c.png", png())
    table = tmp_path / "labels.csv"
    table.write_text(
        "file,person_id,camera_id,split\nown/a.png,7,1,query\nb.png,007,2,gallery\nc.png,0,2,gallery\nx.png,3,1,train\n"
    )
    return table


def test_a_csv_names_files_beside_it_and_in_its_zip(labels: Path) -> None:
    crops = read_crops(f"csv:{labels}")
    assert [crop.person for crop in crops.gallery] == ["7", "0"]
    person, camera = crops.labels(crops.gallery)
    assert crops.labels(crops.query)[0][0] == person[0] > 0
    assert person[1] == 0
    assert camera.tolist() == [1, 1]
    assert crops.gallery[0].place.read()[0, 0].tolist() == [255, 0, 0]


def test_market_as_published_and_as_table_with_zips(tmp_path: Path) -> None:
    for folder, name in (("query", "0002_c1s1_000451_03.png"), ("bounding_box_test", "-1_c3s1_000001_00.png")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / name).write_bytes(png())
    crops = read_crops(f"market1501:{tmp_path}")
    assert [(one.person, one.camera) for one in crops.query + crops.gallery] == [("2", "1"), ("-1", "3")]
    (tmp_path / "labels.csv").write_text("file,person_id,camera_id,split\nq.png,2,1,query\ng.png,2,3,gallery\n")
    for split in ("query", "gallery"):
        with ZipFile(tmp_path / f"{split}.zip", "w") as archive:
            archive.writestr(f"{split[0]}.png", png())
    crops = read_crops(f"market1501:{tmp_path}")
    assert [one.place.member for one in crops.query + crops.gallery] == ["q.png", "g.png"]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("b.png", "d.png", "labels.csv line 3: file"),
        ("7,1,query", "7,,query", "labels.csv line 2: camera_id"),
        ("7,1,query", "7,1,train", "no picture of the split query"),
        ("split", "part", "lacks split"),
    ],
)
def test_a_mistake_in_the_table_is_named(labels: Path, old: str, new: str, words: str) -> None:
    labels.write_text(labels.read_text().replace(old, new, 1))
    with pytest.raises(DataError) as caught:
        read_crops(f"csv:{labels}")
    assert words in str(caught.value)


@pytest.mark.parametrize("data", ["viper", "zip:/tmp", "csv:", "market1501:/nowhere", "csv:/nowhere.csv"])
def test_what_is_no_set_of_crops_is_refused(data: str) -> None:
    with pytest.raises(DataError):
        read_crops(data)


def judged(table: Path) -> list[Crop]:
    crops = read_crops(f"csv:{table}")
    return [*crops.query, *crops.gallery]


def simulated(table: Path) -> list[Crop]:
    table.write_text(table.read_text().replace("x.png,3,1,train\n", ""))  # no split is left out there
    with Beside(table.parent, ("images.zip",)) as pictures:
        return [one.crop for one in read_crop_table(table, pictures)]


READERS = pytest.mark.parametrize("read", [judged, simulated], ids=["to judge an encoder", "to simulate with"])


@READERS
@pytest.mark.parametrize("content", [b"", b"no picture", png()[:40]])
def test_an_empty_or_broken_picture_is_one_error_that_names_it(
    labels: Path, content: bytes, read: Callable[[Path], list[Crop]]
) -> None:
    (labels.parent / "own/a.png").write_bytes(content)
    with pytest.raises(DataError, match="cannot be read") as caught:
        read(labels)[0].place.read()
    assert "own/a.png" in str(caught.value.where)


@READERS
@pytest.mark.parametrize(
    ("offset", "value", "words"),
    [(6, 1, "encrypted"), (8, 99, "compression"), (14, 7, "Bad CRC-32")],
    ids=["behind a password", "packed in a way of its own", "broken"],
)
def test_a_picture_that_its_zip_file_does_not_give_is_one_error_that_names_it(
    labels: Path, read: Callable[[Path], list[Crop]], offset: int, value: int, words: str
) -> None:
    archive = labels.parent / "images.zip"
    data = bytearray(archive.read_bytes())
    for mark, beyond in ((b"PK\3\4", 0), (b"PK\1\2", 2)):  # before the picture, and in the list of all
        data[data.index(mark) + offset + beyond] = value
    archive.write_bytes(data)
    crop = next(one for one in read(labels) if one.place.member == "deep/b.png")
    with pytest.raises(DataError, match="cannot be read") as caught, ZipFile(archive) as opened:
        replace(crop.place, archive=opened).read()
    assert "images.zip: deep/b.png" in str(caught.value.where)
    assert words in str(caught.value.found)


@READERS
@pytest.mark.parametrize(
    ("old", "new", "where", "allowed"),
    [
        ("own/a.png", "own/c.png", "labels.csv line 2: file", "a picture in"),
        ("own/a.png", "images.zip/d.png", "labels.csv line 2: file", "or in a zip file there"),
        ("own/a.png", "", "labels.csv line 2: file", "a picture in"),
        ("7,1", ",1", "labels.csv line 2: person_id", "a number or a name"),
        ("7,1", "7,", "labels.csv line 2: camera_id", "a number or a name"),
    ],
)
def test_a_row_that_names_nothing_is_one_error_with_its_line(
    labels: Path, read: Callable[[Path], list[Crop]], old: str, new: str, where: str, allowed: str
) -> None:
    labels.write_text(labels.read_text().replace(old, new, 1))
    with pytest.raises(DataError) as caught:
        read(labels)
    assert str(caught.value.where).endswith(where)
    assert allowed in str(caught.value.allowed)


@READERS
def test_a_zip_file_that_is_none_is_one_error_that_names_it(labels: Path, read: Callable[[Path], list[Crop]]) -> None:
    (labels.parent / "images.zip").write_bytes(b"PK no zip file")
    with pytest.raises(DataError, match="Neither a folder nor a zip file") as caught:
        read(labels)
    assert str(caught.value.where).endswith("images.zip")


@READERS
def test_a_member_of_a_zip_file_is_named_with_it(labels: Path, read: Callable[[Path], list[Crop]]) -> None:
    labels.write_text("file,person_id,camera_id,split\nimages.zip/c.png,7,1,query\nimages.zip/deep/b.png,7,2,gallery\n")
    assert [one.place.member for one in read(labels)] == ["c.png", "deep/b.png"]


def test_persons_below_0_are_junk_and_0_with_zeros_is_nobody(labels: Path) -> None:
    labels.write_text(labels.read_text().replace("c.png,0,", "c.png,0000,") + "c.png,-2,2,gallery\n")
    crops = read_crops(f"csv:{labels}")
    assert crops.labels(crops.gallery)[0].tolist() == [1, 0, -1]


def test_boxes_belong_to_pictures(tmp_path: Path, labels: Path) -> None:
    album = open_album(tmp_path / "images.zip")
    table = tmp_path / "boxes.csv"
    table.write_text("file,x1_px,y1_px,x2_px,y2_px,is_crowd\nb.png,1,2,3,4,0\ndeep/b.png,1,2,9,9,1\n")
    boxes = read_boxes(table, album)
    assert list(boxes) == ["deep/b.png"]
    assert boxes["deep/b.png"].xyxy.tolist() == [[1, 2, 3, 4], [1, 2, 9, 9]]
    assert boxes["deep/b.png"].crowd.tolist() == [False, True]
    for old, new, where in (("b.png", "z.png", "file"), ("3,4", "1,4", "x2_px"), ("4,0", "4,2", "is_crowd")):
        good = table.read_text()
        table.write_text(good.replace(old, new, 1))
        with pytest.raises(DataError) as caught:
            read_boxes(table, album)
        assert str(caught.value.where).endswith(f"line 2: {where}")
        table.write_text(good)


def test_neither_folder_nor_zip(tmp_path: Path) -> None:
    for source in (tmp_path, tmp_path / "nowhere", Path(__file__)):
        with pytest.raises(DataError):
            open_album(source)


def test_the_whole_picture_is_read_in_blue_green_red(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png((200, 100, 50)))
    image = open_album(tmp_path).places["a.png"].read()
    assert image.shape == (32, 16, 3)
    assert image.dtype == np.uint8
    assert image[5, 5].tolist() == [50, 100, 200]
