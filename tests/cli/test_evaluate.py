"""``retrail evaluate`` as a user meets it."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import jsonschema
import pytest

from retrail.cli import main
from retrail.evaluate.documents import json_schemas

SCHEMAS = Path(__file__).resolve().parents[2] / "docs" / "schemas"


def run(*arguments: str | Path) -> int:
    try:
        main(["evaluate", *(str(argument) for argument in arguments)])
    except SystemExit as left:
        return int(left.code or 0)
    return 0


def checked(name: str, text: str) -> dict[str, object]:
    document = json.loads(text.strip().splitlines()[-1])
    jsonschema.validate(document, json.loads((SCHEMAS / f"{name}.schema.json").read_text()))
    return document


@pytest.mark.parametrize("name", sorted(json_schemas()))
def test_published_schemas_are_current(name: str) -> None:
    assert json.loads((SCHEMAS / name).read_text("utf-8")) == json_schemas()[name], "run tools/write-schemas"


@pytest.mark.shared
def test_retrieval_on_a_part_of_viper(
    shared: Path, models_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (shared / "data/viper/labels.csv").open() as stream:
        rows = [row for row in csv.DictReader(stream) if int(row["person_id"]) <= 30]
    (tmp_path / "images.zip").symlink_to(shared / "data/viper/images.zip")
    with (tmp_path / "labels.csv").open("w", newline="") as stream:
        table = csv.DictWriter(stream, rows[0])
        table.writeheader()
        table.writerows(rows)
    data = f"csv:{tmp_path / 'labels.csv'}"
    common = ("retrieval", "person-reidentification-retail-0288", "--data", data, "--models-dir", models_dir)
    assert run(*common, "--json") == 0
    score = checked("evaluate-retrieval", capsys.readouterr().out)
    assert (score["queries"], score["gallery"], score["data"]) == (30, 30, data)
    assert 0.6 < score["rank1"] <= score["rank5"] <= score["rank10"] <= 1.0
    assert score["map"] == score["minp"] >= score["rank1"]
    assert run(*common, "--normalise", "camera") == 0
    assert "rank-1" in capsys.readouterr().out


@pytest.mark.shared
def test_detection_on_the_stills(shared: Path, models_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stills = shared / "data/intel_stills"
    common = ("--images", stills / "images.zip", "--boxes", stills / "boxes.csv", "--models-dir", models_dir)
    assert run("detection", "person-detection-retail-0013", *common, "--json") == 0
    score = checked("evaluate-detection", capsys.readouterr().out)
    assert (score["people"], score["pictures"], score["false_pictures"], score["score"]) == (31, 16, None, 0.5)
    assert score["ap50"] > 0.85
    assert score["recall"] > 0.8


@pytest.mark.shared
def test_a_model_of_another_task_and_bad_pictures_are_one_error(
    shared: Path, models_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stills = shared / "data/intel_stills"
    given = ("--images", tmp_path, "--boxes", stills / "boxes.csv", "--models-dir", models_dir)
    assert run("detection", "person-reidentification-retail-0288", *given) == 1
    assert "another task" in capsys.readouterr().err
    (tmp_path / "a.jpg").write_bytes(b"")
    (tmp_path / "boxes.csv").write_text("file,x1_px,y1_px,x2_px,y2_px\n")
    empty = ("--images", tmp_path, "--boxes", tmp_path / "boxes.csv", "--models-dir", models_dir)
    assert run("detection", "person-detection-retail-0013", *empty) == 1
    error = capsys.readouterr().err
    assert "a.jpg" in error
    assert "an empty file" in error
