"""A site file that is right."""

from __future__ import annotations

import copy
import dataclasses
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from retrail.core.errors import SiteError
from retrail.core.time import parse_time
from retrail.site import Site

SMALLEST = "site: kiosk\ncameras: {door: {source: door.mp4}}\n"


def test_the_documented_example_loads(load: Callable[..., Site], example: str, tmp_path: Path) -> None:
    site = load(example)
    assert site.name == "corner-shop"
    assert site.path == tmp_path / "shop.yaml"
    assert site.data == tmp_path / "retrail-data"
    assert site.timezone == ZoneInfo("Europe/Lisbon")
    assert site.day_starts.isoformat() == "04:00:00"
    assert site.start_s == parse_time("2026-11-20T09:00:00Z")
    assert (site.detector, site.encoder) == ("person-detection-retail-0013", "person-reidentification-retail-0287")
    assert list(site.cameras) == ["entrance", "aisle", "till", "samples"]
    assert site.cameras["entrance"].source.reveal() == str(tmp_path / "clips/entrance.mp4")
    assert site.cameras["till"].source.reveal() == str(tmp_path / "recordings/till/*.mp4")
    assert site.cameras["till"].name_time == "till_%Y%m%d_%H%M%S.mp4"
    assert site.cameras["aisle"].detect_hz == 5
    assert site.cameras["samples"].fps == 5
    assert site.zones["table"].polygon == ((0.4, 0.6), (0.7, 0.6), (0.7, 0.97), (0.4, 0.97))
    assert (site.lines["door"].start, site.lines["door"].end, site.lines["door"].inward) == (
        (0.1, 0.9),
        (0.9, 0.9),
        "up",
    )
    assert (site.links[0].from_camera, site.links[0].to_camera) == ("entrance", "aisle")
    assert (site.links[0].shortest_s, site.links[0].longest_s) == (2, 120)
    assert (site.retention.embeddings_s, site.retention.journeys_s) == (86400, 90 * 86400)


def test_a_site_of_two_lines_has_the_defaults(load: Callable[..., Site]) -> None:
    site = load(SMALLEST)
    assert site.timezone == ZoneInfo("UTC")
    assert site.day_starts.isoformat() == "04:00:00"
    assert site.data == site.path.parent / "retrail-data"
    assert (site.detector, site.encoder) == ("auto", "auto")
    assert (site.mode, site.licences, site.start_s, site.database) == ("journey", "any", None, None)
    assert (site.retention.embeddings_s, site.retention.journeys_s) == (86400, 90 * 86400)
    assert site.definitions.visit_after_s == 5


def test_a_camera_without_zones_is_one_zone(load: Callable[..., Site], example: str) -> None:
    site = load(example)
    (whole,) = site.zones_of("aisle")
    assert (whole.name, whole.camera, whole.whole) == ("aisle", "aisle", True)
    assert whole.polygon == ((0, 0), (1, 0), (1, 1), (0, 1))
    (table,) = site.zones_of("entrance")
    assert (table.name, table.whole) == ("table", False)
    assert [line.name for line in site.lines_of("entrance")] == ["door"]
    assert site.lines_of("aisle") == ()


def test_asking_for_a_camera_that_is_not_there_names_the_near_one(load: Callable[..., Site], example: str) -> None:
    with pytest.raises(SiteError, match="did you mean 'aisle'"):
        load(example).zones_of("aysle")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-11-20T09:00:00Z", "2026-11-20T09:00:00Z"),
        ('"2026-11-20T09:00:00Z"', "2026-11-20T09:00:00Z"),
        ("2026-07-20 09:00:00", "2026-07-20T08:00:00Z"),
        ('"2026-07-20T09:00:00"', "2026-07-20T08:00:00Z"),
        ("2026-07-20T09:00:00.25+02:00", "2026-07-20T07:00:00.25Z"),
        ("2026-11-20 9:00:00 +1", "2026-11-20T08:00:00Z"),
        ("2026-07-20", "2026-07-19T23:00:00Z"),
    ],
)
def test_a_start_without_a_zone_is_the_shops_own_time(
    load: Callable[..., Site], change: Callable[[str, str], str], written: str, meant: str
) -> None:
    assert load(change("2026-11-20T09:00:00Z", written)).start_s == parse_time(meant)
    camera = load(change("clips/entrance.mp4", f"clips/entrance.mp4, start: {written}")).cameras["entrance"]
    assert camera.start_s == parse_time(meant)


@pytest.mark.parametrize(("written", "meant"), [("count", "count"), ("0.45", 0.45), ("0", 0.0), ("${MODE}", 0.5)])
def test_a_mode_is_a_word_or_a_number(
    load: Callable[..., Site], change: Callable[[str, str], str], written: str, meant: object
) -> None:
    environ = {"CAM_USER": "a", "CAM_PASSWORD": "b", "MODE": "0.5"}
    assert load(change("mode: journey", f"mode: {written}"), environ).mode == meant


def test_a_key_with_nothing_after_it_is_as_if_it_were_not_there(load: Callable[..., Site]) -> None:
    site = load(
        SMALLEST + "zones:\nlines:\n  # none yet\nlinks:\nretention:\ndefinitions:\ntimezone:\nmodels: {encoder: }\n"
    )
    assert (dict(site.zones), dict(site.lines), site.links) == ({}, {}, ())
    assert site.retention.embeddings_s == 86400
    assert site.encoder == "auto"


def test_numbers_and_texts_come_from_the_environment_too(load: Callable[..., Site]) -> None:
    text = 'site: "${SHOP}"\ncameras: {door: {source: "${CLIPS}/door.mp4", detect_hz: "${HZ}"}}\ntimezone: ${TZ}\n'
    site = load(text, {"SHOP": "north", "CLIPS": "/srv/clips", "HZ": "2.5", "TZ": "Asia/Tokyo"})
    assert (site.name, site.cameras["door"].detect_hz, site.timezone.key) == ("north", 2.5, "Asia/Tokyo")
    assert site.cameras["door"].source.reveal() == "/srv/clips/door.mp4"


def test_the_data_folder_can_be_given_beside_the_file(load: Callable[..., Site], tmp_path: Path) -> None:
    assert load(SMALLEST, data=tmp_path / "elsewhere").data == tmp_path / "elsewhere"
    assert load(SMALLEST + "data: /srv/retrail\n").data == Path("/srv/retrail")


def test_paths_are_relative_to_the_file_and_not_to_where_one_stands(
    load: Callable[..., Site], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(SMALLEST)
    monkeypatch.chdir(tmp_path)
    site = Site.load("shop.yaml")
    assert site.cameras["door"].source.reveal() == str(tmp_path / "door.mp4")
    assert site.data == tmp_path / "retrail-data"


def test_a_folder_named_like_a_pattern_is_no_pattern(tmp_path: Path) -> None:
    folder = tmp_path / "shop [1]"
    folder.mkdir()
    (folder / "shop.yaml").write_text("site: kiosk\ncameras: {door: {source: 'door/*.mp4'}}\n")
    source = Site.load(folder / "shop.yaml").cameras["door"].source.reveal()
    assert source == str(tmp_path / "shop [[]1]" / "door/*.mp4")


def test_urls_devices_and_absolute_paths_stay_as_they_are(load: Callable[..., Site]) -> None:
    sources = {
        "a": "rtsp://camera.example:8554/live?channel=1",
        "b": "/dev/video0",
        "c": "/srv/clips/c.mp4",
        "d": "http://[fe80::1]:8080/mjpg",
    }
    site = load(
        "site: kiosk\ncameras:\n" + "".join(f'  {name}: {{source: "{text}"}}\n' for name, text in sources.items())
    )
    assert {name: camera.source.reveal() for name, camera in site.cameras.items()} == sources


def test_anchors_and_merged_mappings_are_read(load: Callable[..., Site]) -> None:
    text = (
        "site: kiosk\ncameras:\n  a: &usual {source: a.mp4, detect_hz: 2, fps: 5}\n"
        "  b: {<<: *usual, source: b.mp4}\n  c: {<<: [*usual], detect_hz: 3}\n"
    )
    cameras = load(text).cameras
    assert [(camera.detect_hz, camera.fps) for camera in cameras.values()] == [(2, 5), (2, 5), (3, 5)]
    assert cameras["b"].source.reveal().endswith("b.mp4")


def test_a_fingerprint_changes_with_what_association_depends_on_only(
    load: Callable[..., Site], change: Callable[[str, str], str], example: str
) -> None:
    same = load(example).fingerprint()
    for old, new in (
        ("[0.4, 0.6]", "[0.3, 0.6]"),
        ("90d", "30d"),
        ("detect_hz: 5", "detect_hz: 4"),
        ("inward: up", "inward: down"),
    ):
        assert load(change(old, new)).fingerprint() == same
    for old, new in (
        ("mode: journey", "mode: count"),
        ("0287}", "0288}"),
        ("longest_s: 120", "longest_s: 60"),
        ("Lisbon", "Madrid"),
        ('"04:00"', '"05:00"'),
        ("  samples: ", "  patterns:"),
        ("links:\n", "entrances: [door]\nlinks:\n"),
    ):
        assert load(change(old, new)).fingerprint() != same


def test_a_fingerprint_changes_with_where_people_come_in(
    load: Callable[..., Site], change: Callable[[str, str], str]
) -> None:
    closed = change("links:\n", "entrances: [door]\nlinks:\n")
    assert [line.name for line in load(closed).entrances] == ["door"]
    assert load(closed.replace("inward: up", "inward: down")).fingerprint() != load(closed).fingerprint()


def test_a_site_is_frozen_and_travels_to_another_process(load: Callable[..., Site], example: str) -> None:
    site = load(example)
    with pytest.raises(dataclasses.FrozenInstanceError):
        site.name = "other"  # type: ignore[misc]
    assert pickle.loads(pickle.dumps(site)) == site == copy.deepcopy(site)


def test_without_an_environment_the_process_has_its_own(
    load: Callable[..., Site], example: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(example)
    monkeypatch.setenv("CAM_USER", "eva")
    monkeypatch.setenv("CAM_PASSWORD", "otter")
    assert os.environ["CAM_PASSWORD"] in Site.load(tmp_path / "shop.yaml").cameras["aisle"].source.reveal()
