"""A simulated shop straight into the main job, without video files."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from tests.e2e.test_demo import SHOP

from retrail import Pipeline, Site
from retrail.pipeline import RunSettings
from retrail.simulate.render.film import render_camera
from retrail.simulate.scenario import load_scenario
from retrail.simulate.site_file import site_file
from retrail.simulate.world import play

pytestmark = [pytest.mark.shared, pytest.mark.timeout(900)]


def test_a_rendered_shop_is_watched_without_a_file(tmp_path: Path, models_dir: Path) -> None:
    (tmp_path / "kiosk.yaml").write_text(SHOP.replace("length_s: 30", "length_s: 12"))
    scenario = load_scenario(tmp_path / "kiosk.yaml")
    (tmp_path / "site.yaml").write_text(site_file(scenario))
    site, world = Site.load(tmp_path / "site.yaml"), play(scenario)
    feeds = {camera: partial(render_camera, world, camera) for camera in site.cameras}
    pipeline = Pipeline(site, RunSettings(models_dir=models_dir), feeds=feeds)
    matches = list(pipeline.run())
    assert not (tmp_path / "video").exists()
    assert {name: status.frames for name, status in pipeline.status().items()} == {"hall": 120, "side": 120}
    assert len({match.identity for match in matches if match.identity}) == 1
    assert [journey.identity for journey in pipeline.journeys()] == [1]
    assert pipeline.encoder_before() is None
    other = "models: {encoder: person-reidentification-retail-0288}"
    (tmp_path / "site.yaml").write_text(f"{site_file(scenario)}{other}\n")
    again = Pipeline(Site.load(tmp_path / "site.yaml"), RunSettings(models_dir=models_dir), feeds=feeds)
    again.stop()
    assert list(again.run()) == []
    assert str(again.encoder_before()).startswith("person-reidentification-retail-0287@")
