"""``retrail demo`` as a new user runs it: a simulated shop, and a clip of one's own."""

from __future__ import annotations

import re
from pathlib import Path

import av
import pytest
from tests.e2e.command import Retrail, first_seconds

from retrail.cli.demo_site import own_site, with_built_in
from retrail.core.errors import SourceError
from retrail.site import Site

pytestmark = [pytest.mark.shared, pytest.mark.timeout(1800)]

SHOP = """\
scenario: kiosk
seed: 11
length_s: 30
room: [-4, -3, 8, 6]
walls:
  - {from: [0, 0], to: [2, 0]}
  - {from: [4, 0], to: [8, 0]}
  - {from: [0, 0], to: [0, 6]}
  - {from: [0, 6], to: [8, 6]}
  - {from: [8, 0], to: [8, 6]}
furniture:
  - {kind: shelf, at: [6.5, 3], size: [1.6, 0.6, 1.4]}
doors:
  door: {from: [2, 0], to: [4, 0], outside: [[-3, -1.6]]}
spots:
  shelf: {at: [5.0, 2.2], face_deg: 0}
cameras:
  hall: {at: [3, 5.8, 2.8], look_at: [3, 1, 0.6]}
  side: {at: [0.3, 5.7, 2.8], look_at: [5, 2, 0.6]}
zones:
  floor: {camera: hall, floor: [[0.5, 1], [5, 1], [5, 4], [0.5, 4]]}
lines:
  door: {camera: hall, from: [1.5, 0.6], to: [4.5, 0.6], inside: [3, 3]}
people:
  - {enter_s: 1, plan: [{stand: shelf, for_s: 6}]}
"""


def test_a_simulated_shop_is_run_and_stands_beside_its_truth(retrail: Retrail, tmp_path: Path) -> None:
    (tmp_path / "kiosk.yaml").write_text(SHOP)
    ran = retrail("demo", "--scenario", tmp_path / "kiosk.yaml", "--out", tmp_path / "out", "--built-in", "--json")
    assert ran.status == 0, ran.err
    assert "retrail-person-s, retrail-encoder-s (built in)" in ran.err
    assert re.search(r"^run: \d+ s; annotated video: \d+ s$", ran.err, re.MULTILINE)
    found = ran.json
    assert found["visitors_truth"] == 1
    assert (found["entries_truth"], found["exits_truth"]) == (1, 1)
    assert found["visitors"]["estimate"] >= 1
    assert 0 < found["idf1"] <= 1
    assert "said" in ran.out
    assert "has changed since" not in ran.err + ran.out
    site, page, video = (Path(file) for file in found["files"])
    assert all(path.is_absolute() for path in (site, page, video))
    assert site.read_text().startswith("site: kiosk") or "kiosk" in site.read_text()
    assert "<html" in page.read_text()
    with av.open(str(video)) as clip:
        assert (clip.streams.video[0].width, clip.streams.video[0].height) == (1280, 360)


def test_a_clip_of_ones_own_needs_nothing_else(retrail: Retrail, shared: Path, tmp_path: Path) -> None:
    first_seconds(shared / "video/epfl_lab/Double1.mp4", tmp_path / "mine.mp4", 20.0)
    ran = retrail("demo", "--source", tmp_path / "mine.mp4", "--out", tmp_path / "out", "--json")
    assert ran.status == 0, ran.err
    assert ran.json["visitors"]["estimate"] >= 1
    assert ran.json["visitors_truth"] is None
    site, page, video = (Path(file) for file in ran.json["files"])
    assert "mine.mp4" in site.read_text()
    assert "<html" in page.read_text()
    assert video.stat().st_size > 10_000


def test_a_second_clip_is_not_taken_for_the_first(retrail: Retrail, tmp_path: Path) -> None:
    first, second = tmp_path / "a.mp4", tmp_path / "b.mp4"
    first.touch()
    second.touch()
    (tmp_path / "out").mkdir()
    (tmp_path / "other").mkdir()
    own_site(tmp_path / "out", [first])
    ran = retrail("demo", "--source", second, "--out", tmp_path / "out")
    assert ran.status == 1
    assert "about other clips" in ran.err
    assert "b.mp4" in own_site(tmp_path / "other", [second]).path.read_text()
    assert "a.mp4" in own_site(tmp_path / "out", [first]).path.read_text()


def test_a_clip_that_is_not_there_is_one_clear_error(retrail: Retrail, tmp_path: Path) -> None:
    ran = retrail("demo", "--source", tmp_path / "none.mp4", "--out", tmp_path / "out")
    assert ran.status == 1
    assert "There is no such clip" in ran.err
    assert "none.mp4" in ran.err


def test_a_preset_that_is_not_there_is_one_clear_error(retrail: Retrail, tmp_path: Path) -> None:
    ran = retrail("demo", "--scenario", "corner-shpo", "--out", tmp_path / "out")
    assert ran.status == 1
    assert "corner-shop" in ran.err


def test_built_in_models_do_not_replace_those_of_the_site_file(tmp_path: Path) -> None:
    path = tmp_path / "shop.yaml"
    text = "site: shop\ntimezone: UTC\ncameras: {door: {source: a.mp4}}\n"
    path.write_text(text)
    site = with_built_in(Site.load(path))
    assert (site.detector, site.encoder) == ("retrail-person-s", "retrail-encoder-s")
    assert with_built_in(Site.load(path)).fingerprint() == site.fingerprint()
    path.write_text(f"{text}models: {{encoder: person-reidentification-retail-0287}}\n")
    with pytest.raises(SourceError, match="names other models") as caught:
        with_built_in(Site.load(path))
    assert "--built-in" in str(caught.value.hint)
