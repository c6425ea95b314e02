"""``retrail check`` on a real clip, a dead camera, a missing file: what it says, and pictures without a face."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from itertools import takewhile
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest
from PIL import Image
from tests.rtsp.control import RtspServer

from retrail.cli import main
from retrail.core.time import parse_time
from retrail.perceive.faces import FaceDetector
from retrail.pipeline.overlay import LINE, ZONE
from retrail.runtime import open_network
from retrail.site import Site
from retrail.store import open_store
from retrail.video.draw import PALETTE
from retrail.zoo import find_card, locate

PASSWORD = "otter9@/:"
SITE = """
site: kiosk
start: 2026-11-20T09:00:00Z
cameras:
  room: {source: "SHARED/video/one_by_one.mp4"}
  gone: {source: nowhere.mp4}
  dead: {source: "rtsp://eva:${PASSWORD}@127.0.0.1:9/live"}
zones:
  table: {camera: room, polygon: [[0.4, 0.6], [0.7, 0.6], [0.7, 0.97], [0.4, 0.97]]}
lines:
  door: {camera: room, from: [0.75, 0.3], to: [0.75, 0.95], inward: right}
"""

pytestmark = pytest.mark.shared


@dataclass(frozen=True)
class Checked:
    """What the command left."""

    status: int
    out: str
    folder: Path

    def about(self, headline: str) -> str:
        """What stands under a headline."""
        after = self.out.split(f"\n{headline}\n", 1)[1].splitlines()
        return "\n".join(takewhile(lambda line: line.startswith("  "), after))


def _check(folder: Path, text: str, models_dir: Path, *more: str) -> Checked:
    (folder / "shop.yaml").write_text(text)
    out = StringIO()
    arguments = ["check", str(folder / "shop.yaml"), "--models-dir", str(models_dir), *more]
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out):
        patch.setenv("PASSWORD", PASSWORD)
        with pytest.raises(SystemExit) as ended:
            main(arguments)
    return Checked(int(ended.value.code or 0), f"\n{out.getvalue()}", folder)


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory, shared: Path, models_dir: Path) -> Checked:
    """A site of one good camera, a file that is not there and a camera that does not answer."""
    text = SITE.replace("SHARED", str(shared))
    return _check(tmp_path_factory.mktemp("kiosk"), text, models_dir, "--patience", "15")


def test_what_is_bad_makes_the_command_fail_and_does_not_hide_what_is_good(checked: Checked) -> None:
    assert checked.status == 1
    assert checked.out.count("BAD") == 2
    room = checked.about("camera room")
    assert "ok   opened: 768x432" in room
    assert "ok   people are 3" in room
    assert "ok   the picture is sharp" in room
    assert "ok   the light is good" in room
    assert "ok   its own PostgreSQL" in checked.about("store database")


def test_a_missing_file_and_a_dead_address_are_told_with_what_to_do(checked: Checked) -> None:
    gone, dead = checked.about("camera gone"), checked.about("camera dead")
    assert "BAD  The file does not exist" in gone
    assert "to do: check the path" in gone
    assert "BAD  The camera cannot be reached" in dead
    assert "to do:" in dead


def test_no_secret_is_printed(checked: Checked) -> None:
    for form in (PASSWORD, "otter9", quote(PASSWORD, safe="")):
        assert form not in checked.out


def test_the_picture_shows_zone_line_and_person_in_their_places(checked: Checked) -> None:
    image = np.asarray(Image.open(checked.folder / "retrail-data/check/room.png"))[..., ::-1]
    assert image.shape == (432, 768, 3)
    left, right, top, bottom = 307, 538, 259, 419
    assert (image[bottom, left + 40 : right - 40] == ZONE).all(axis=1).mean() > 0.7
    assert (image[top + 20 : bottom - 20, left] == ZONE).all(axis=1).mean() > 0.7
    assert (image[140:400, 576] == LINE).all(axis=1).mean() > 0.7
    assert (image == LINE).all(axis=2)[:, 590:].any(), "no arrow the way in"
    assert (image == PALETTE[0]).all(axis=2).sum() > 500, "nobody is marked"
    assert [path.name for path in (checked.folder / "retrail-data/check").iterdir()] == ["room.png"]


def test_no_face_is_found_in_the_picture(checked: Checked, models_dir: Path) -> None:
    image = np.ascontiguousarray(np.asarray(Image.open(checked.folder / "retrail-data/check/room.png"))[..., ::-1])
    network = open_network(locate(find_card("face_detection_yunet_2023mar"), models_dir))
    try:
        assert FaceDetector(network).detect(image) == ()
    finally:
        network.close()


def test_forgetting_finds_the_picture(checked: Checked) -> None:
    site = Site.load(checked.folder / "shop.yaml", environ={"PASSWORD": "x"})
    with open_store(site.data, site_name=site.name, holder="test") as store:
        erased = store.forget_before(parse_time("2027-01-01T00:00:00Z"), dry_run=True)
    assert str(site.data / "check/room.png") in str(erased)


def test_without_a_detector_no_picture_is_written_for_nobodys_head_could_be_blurred(
    tmp_path: Path, shared: Path, models_dir: Path
) -> None:
    text = f"""
site: kiosk
models: {{detector: person-reidentification-retail-0287}}
cameras: {{lab: {{source: "{shared}/video/epfl_lab/Double1.mp4"}}}}
"""
    checked = _check(tmp_path, text, models_dir)
    assert checked.status == 1
    assert "BAD  person-reidentification-retail-0287 is a model for" in checked.out
    assert "ok   opened: 854x480" in checked.about("camera lab")
    assert not (tmp_path / "retrail-data/check").exists()


@pytest.mark.rtsp
def test_a_live_camera_is_looked_at(
    tmp_path: Path, shared: Path, models_dir: Path, rtsp_server: Callable[..., RtspServer]
) -> None:
    server = rtsp_server(file=shared / "video/one_by_one.mp4")
    checked = _check(tmp_path, f'site: kiosk\ncameras: {{room: {{source: "{server.file}"}}}}\n', models_dir)
    assert checked.status == 0
    assert "ok   opened: 768x432" in checked.about("camera room")
    assert (tmp_path / "retrail-data/check/room.png").is_file()
