"""A site file that is right."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from retrail.core.time import parse_time
from retrail.site import Site

SHOP = """\
site: corner-shop
data: ./retrail-data                # beside this file; --data overrides
timezone: Europe/Lisbon
day_starts: "04:00"                 # "today" and the horizon of identities begin here
start: 2026-11-20T09:00:00Z         # the clock of recorded files
models: {detector: person-detection-retail-0013, encoder: person-reidentification-retail-0287}
mode: journey                       # count | journey | vip
cameras:
  entrance: {source: clips/entrance.mp4}
  aisle:    {source: "rtsp://${CAM_USER}:${CAM_PASSWORD}@camera-7.shop.example/stream1", detect_hz: 5, offset_s: 0}
  till:     {source: "recordings/till/*.mp4", name_time: "till_%Y%m%d_%H%M%S.mp4"}
  samples:  {source: "frames/*.jpg", fps: 5}
zones:
  table: {camera: entrance, polygon: [[0.4, 0.6], [0.7, 0.6], [0.7, 0.97], [0.4, 0.97]]}   # fractions of the frame
lines:
  door: {camera: entrance, from: [0.1, 0.9], to: [0.9, 0.9], inward: up}
links:
  - {from: entrance, to: aisle, shortest_s: 2, longest_s: 120}
retention: {embeddings: 24h, journeys: 90d}
"""
ENVIRONMENT = {"CAM_USER": "eva", "CAM_PASSWORD": "p@ss:w/rd%20"}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    path = tmp_path / "shop.yaml"
    path.write_text(SHOP, encoding="utf-8")
    return path


def test_the_documented_example_loads(shop: Path) -> None:
    site = Site.load(shop, environ=ENVIRONMENT)
    assert site.name == "corner-shop"
    assert site.data == shop.parent / "retrail-data"
    assert site.timezone == ZoneInfo("Europe/Lisbon")
    assert site.day_starts.isoformat() == "04:00:00"
    assert site.start_s == parse_time("2026-11-20T09:00:00Z")
    assert list(site.cameras) == ["entrance", "aisle", "till", "samples"]
    assert site.cameras["entrance"].source.reveal() == str(shop.parent / "clips/entrance.mp4")
    assert site.cameras["till"].name_time == "till_%Y%m%d_%H%M%S.mp4"
    assert site.cameras["aisle"].detect_hz == 5
    assert site.lines["door"].inward == "up"
    assert (site.links[0].shortest_s, site.links[0].longest_s) == (2, 120)
    assert (site.retention.embeddings_s, site.retention.journeys_s) == (86400, 90 * 86400)
