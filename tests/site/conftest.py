"""A site file for the tests of this room: the documented example."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from retrail.site import Site, SiteFileError

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
ENVIRONMENT: Mapping[str, str] = {"CAM_USER": "eva", "CAM_PASSWORD": "p@ss:w/rd%20"}

Load = Callable[..., Site]


@pytest.fixture
def example() -> str:
    """The text of the documented example."""
    return SHOP


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Load a site from text, with the example's environment unless another is given."""

    def load_text(text: str, environ: Mapping[str, str] = ENVIRONMENT, **options: Path) -> Site:
        path = tmp_path / "shop.yaml"
        path.write_text(text, encoding="utf-8")
        return Site.load(path, environ=environ, **options)

    return load_text


@pytest.fixture
def change(example: str) -> Callable[[str, str], str]:
    """The example with one passage replaced."""

    def replace(old: str, new: str) -> str:
        assert old in example
        return example.replace(old, new, 1)

    return replace


@pytest.fixture
def mistakes(load: Load) -> Callable[..., SiteFileError]:
    """The error that a text brings."""

    def fail(text: str, environ: Mapping[str, str] = ENVIRONMENT) -> SiteFileError:
        with pytest.raises(SiteFileError) as caught:
            load(text, environ)
        return caught.value

    return fail
