"""``retrail evaluate`` as a user meets it."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from tests.evaluate.toys import WALKS, ledger_of, log_of, truth_of
from tests.video.conftest import write_clip

from retrail.cli import main
from retrail.evaluate.documents import json_schemas as model_schemas
from retrail.evaluate.site_records import json_schemas as site_schemas
from retrail.simulate.truth import write_truth
from retrail.site import Site
from retrail.store import open_store

SCHEMAS = Path(__file__).resolve().parents[2] / "docs" / "schemas"

SITE_FILE = """
site: toy-shop
start: 1970-01-12T13:46:40Z
cameras: {door: {source: door.mp4}, till: {source: till.mp4}}
zones: {shelf: {camera: till, polygon: [[0.4, 0.0], [0.6, 0.0], [0.6, 1.0], [0.4, 1.0]]}}
lines: {entrance: {camera: door, from: [0.5, 0.0], to: [0.5, 1.0], inward: right}}
"""


def run(*arguments: str | Path) -> int:
    try:
        main(["evaluate", *(str(argument) for argument in arguments)])
    except SystemExit as left:
        return int(left.code or 0)
    return 0


def checked(name: str, text: str) -> Any:
    document = json.loads(text.strip().splitlines()[-1])
    jsonschema.validate(document, json.loads((SCHEMAS / f"{name}.schema.json").read_text()))
    return document


@pytest.mark.parametrize("name", sorted(model_schemas() | site_schemas()))
def test_published_schemas_are_current(name: str) -> None:
    schema = (model_schemas() | site_schemas())[name]
    assert json.loads((SCHEMAS / name).read_text("utf-8")) == schema, "run tools/write-schemas"


@pytest.fixture(scope="module")
def toy_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a site file, its store (persons 1 and 2 under one number), and its truth."""
    folder = tmp_path_factory.mktemp("toy-shop")
    (folder / "shop.yaml").write_text(SITE_FILE)
    sightings = log_of(WALKS)
    site = Site.load(folder / "shop.yaml")
    with open_store(site.data, site_name=site.name, holder="test") as store:
        store.append(sightings)
        store.begin_resolution(f"{site.fingerprint()}:0.5", None)
        store.append_entries(ledger_of(sightings, [1, 1, 1, 1, 1, 1, 3, 3, 3]))
    write_truth(truth_of(WALKS), folder / "truth")
    return folder


def test_a_site_against_its_truth(toy_shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("site", toy_shop / "shop.yaml", "--truth", toy_shop / "truth", "--json") == 0
    score = checked("evaluate-site", capsys.readouterr().out)
    assert (score["visitors"], score["visitors_truth"]) == (2, 3)
    assert (score["entries"], score["entries_truth"], score["exits"], score["exits_truth"]) == (3, 3, 3, 3)
    assert score["dwell_mean_error_s"] < 0.2
    assert 0.4 < score["idf1"] < 0.75
    assert 0.4 < score["hota"] < 1.0
    assert score["journeys_right"] == pytest.approx(1 / 3)
    assert score["transitions_right"] == 1.0
    (merge,) = score["merges"]
    assert merge["decisions"][0]["log_odds"] == {"appearance": -2.5, "time": 0.5, "prior": -1.0}
    assert score["splits"] == []
    assert run("site", toy_shop / "shop.yaml", "--truth", toy_shop / "truth") == 0
    text = capsys.readouterr().out
    assert "Identity 1 is person" in text
    assert "log-odds -3.0 (appearance -2.5" in text


def test_the_page_shows_the_worst_mistakes_with_heads_blurred_unless_nobody_is_real(
    toy_shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RETRAIL_MODELS", str(tmp_path))  # no face detector: heads are told by the boxes
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    blurred: list[int] = []
    monkeypatch.setattr("retrail.evaluate.stills.blur_heads", lambda image, boxes, faces: blurred.append(len(boxes)))
    write_clip(toy_shop / "door.mp4", range(800), fps=10, size=(160, 90))
    given = ("site", toy_shop / "shop.yaml", "--truth", toy_shop / "truth", "--out", tmp_path / "out")
    assert run(*given) == 0
    page = (tmp_path / "out/evaluation.html").read_text()
    assert "Identity 1 is person" in page
    assert "Heads are blurred" in page
    assert page.count("data:image/jpeg") == len(blurred) >= 1
    assert all(blurred)
    document = (tmp_path / "out/evaluation.json").read_text().replace("\n", " ")
    assert checked("evaluate-site", document)["visitors"] == 2
    write_truth(replace(truth_of(WALKS), simulated=True), tmp_path / "truth")
    before = len(blurred)
    assert run("site", toy_shop / "shop.yaml", "--truth", tmp_path / "truth", "--out", tmp_path / "out") == 0
    assert len(blurred) == before
    assert "Nobody in these pictures is real" in (tmp_path / "out/evaluation.html").read_text()
    (toy_shop / "door.mp4").unlink()
    assert run(*given) == 0
    page = (tmp_path / "out/evaluation.html").read_text()
    assert "pictures could not be had" in page
    assert "data:image/jpeg" not in page


def test_a_folder_that_is_no_truth_is_one_error(toy_shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("site", toy_shop / "shop.yaml", "--truth", toy_shop) == 1
    assert "Not a folder of truth" in capsys.readouterr().err


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
