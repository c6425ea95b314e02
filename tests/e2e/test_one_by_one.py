"""Six people come in one after the other, stand at a table and leave; nobody returns."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from tests.e2e.command import Ran, Retrail, first_seconds, running

from retrail.perceive.faces import FaceDetector
from retrail.runtime import open_network
from retrail.zoo import find_card, locate

pytestmark = [pytest.mark.shared, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def truth(shared: Path) -> dict[str, list[float]]:
    clip = json.loads((shared / "video/truth.json").read_text())["clips"]["one_by_one.mp4"]["truth"]
    return {"dwell_s": clip["zones"][0]["expected_dwell_s"], "enter_s": [p["zone_enter_s"] for p in clip["people"]]}


def test_six_visitors(one_by_one_run: Ran) -> None:
    assert one_by_one_run.status == 0, one_by_one_run.err
    found = one_by_one_run.json
    assert found["visitors"] == {"estimate": 6, "low": None, "high": None}
    assert (found["sightings"], found["unresolved"], found["undecided"]) == (6, 0, 0)
    assert found["cameras"]["room"]["frames"] == 1394
    assert found["cameras"]["room"]["dropped"] == 0


def test_six_visits_each_dwell_within_two_seconds(
    one_by_one_run: Ran, one_by_one_site: Path, retrail: Retrail, truth: dict[str, list[float]]
) -> None:
    _six_visits(retrail("report", one_by_one_site, "journeys", "--json").json["journeys"], truth)


def test_retrails_own_models_alone_find_the_same_six(
    one_by_one_site: Path, retrail: Retrail, truth: dict[str, list[float]], tmp_path: Path
) -> None:
    site = tmp_path / "own.yaml"
    own = "models: {detector: retrail-person-s, encoder: retrail-encoder-s}\n"
    site.write_text(one_by_one_site.read_text() + own)
    ran = retrail("run", site, "--json")
    assert (ran.status, ran.json["visitors"]["estimate"]) == (0, 6)
    _six_visits(retrail("report", site, "journeys", "--json").json["journeys"], truth)


def test_a_second_run_doubles_nothing(one_by_one_run: Ran, one_by_one_site: Path, retrail: Retrail) -> None:
    before = retrail("report", one_by_one_site, "journeys", "--json").json
    again = retrail("run", one_by_one_site, "--json")
    assert again.json["visitors"] == one_by_one_run.json["visitors"]
    assert again.json["sightings"] == 6
    assert retrail("report", one_by_one_site, "journeys", "--json").json == before


def test_killed_in_the_middle_and_run_again_gives_what_one_run_gives(
    one_by_one_run: Ran, one_by_one_site: Path, retrail: Retrail, environment: dict[str, str], tmp_path: Path
) -> None:
    data = tmp_path / "data"
    with running("run", one_by_one_site, "--data", data, env=environment) as run:
        _wait_for_sightings(data, one_by_one_site, retrail)
        run.send_signal(signal.SIGKILL)
        assert run.wait(60) == -signal.SIGKILL
    again = retrail("run", one_by_one_site, "--data", data, "--json")
    assert again.status == 0, again.err
    assert again.json["visitors"]["estimate"] == 6
    assert again.json["sightings"] == 6
    whole = retrail("report", one_by_one_site, "journeys", "--json").json
    assert retrail("report", one_by_one_site, "journeys", "--data", data, "--json").json == whole


def test_annotated_video_shows_every_frame_and_no_face(
    tmp_path: Path, shared: Path, models_dir: Path, retrail: Retrail
) -> None:
    first_seconds(shared / "video/one_by_one.mp4", tmp_path / "first.mp4", 24.5)
    site = tmp_path / "shop.yaml"
    site.write_text("site: first\nstart: 2026-11-20T09:00:00Z\ncameras:\n  room: {source: first.mp4}\n")
    ran = retrail("run", site, "--json", "--annotate", tmp_path / "seen")
    assert ran.status == 0, ran.err
    network = open_network(locate(find_card("face_detection_yunet_2023mar"), models_dir))
    faces = FaceDetector(network, min_score=0.6, tiles=False)
    frames = 0
    with av.open(str(tmp_path / "seen/room.mp4")) as clip:
        for frame in clip.decode(video=0):
            frames += 1
            assert faces.detect(np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)) == (), (
                f"a face in frame {frames}"
            )
    network.close()
    assert frames == ran.json["cameras"]["room"]["frames"] > 200


def _six_visits(journeys: list[dict[str, Any]], truth: dict[str, list[float]]) -> None:
    """Six people with a visit of the table each, as long as it was."""
    visits = sorted((visit for each in journeys for visit in each["visits"]), key=lambda visit: visit["enter"])
    assert len({each["identity"] for each in journeys}) == 6
    assert [visit["zone"] for visit in visits] == ["table"] * 6
    np.testing.assert_allclose([visit["dwell_s"] for visit in visits], truth["dwell_s"], atol=2.0)


def _wait_for_sightings(data: Path, site: Path, retrail: Retrail) -> None:
    until = time.monotonic() + 600
    while time.monotonic() < until:
        ran = retrail("report", site, "journeys", "--data", data, "--json")
        if ran.status == 0 and len(ran.json["journeys"]) >= 2:
            return
        time.sleep(1.0)
    raise AssertionError("no sighting was logged in time")
