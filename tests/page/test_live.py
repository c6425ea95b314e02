"""The page shows what belongs together: the frame, its number, the boxes found in it; heads are blurred."""

from __future__ import annotations

import io
import json
import urllib.error
import urllib.request
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from retrail.core.types import Detection, Frame, Planes
from retrail.page import LivePage, serve_live
from retrail.perceive.track import OpenTrack
from retrail.pipeline import CameraStatus, Watched
from retrail.site import Site


@pytest.fixture
def site(tmp_path: Path) -> Site:
    path = tmp_path / "shop.yaml"
    path.write_text("site: shop\ncameras:\n  door: {source: door.mp4}\n")
    return Site.load(path)


def watched(index: int) -> Watched:
    """A grey frame in which the lower half of the picture tells the frame's number."""
    image = np.full((240, 320, 3), 200, np.uint8)
    image[20:120, 100:160] = np.random.default_rng(index).integers(0, 255, (100, 60, 3), np.uint8)
    for bit in range(8):
        image[200:, bit * 40 : (bit + 1) * 40] = 255 if index >> bit & 1 else 0
    box = (100.0, 20.0, 160.0, 180.0)
    track = OpenTrack(1, box, 0.9, True, "person", 0.0)
    frame = Frame("door", index, float(index), Planes("bgr24", (image,)), 320, 240)
    return Watched(frame, (track,), {}, (Detection(box, 0.9),))


def number_in(picture: NDArray[np.uint8]) -> int:
    return sum(int(picture[220, bit * 40 + 20].mean() > 128) << bit for bit in range(8))


def get(address: str) -> tuple[int, dict[str, str], bytes]:
    with urllib.request.urlopen(address, timeout=10) as answer:
        return answer.status, {name.lower(): value for name, value in answer.headers.items()}, answer.read()


def status() -> dict[str, CameraStatus]:
    return {"door": CameraStatus(state="running", last_s=7.0, people_now=1)}


def test_the_picture_and_the_number_beside_it_belong_together(site: Site) -> None:
    page = LivePage(site)
    with serve_live(page, status) as address:
        page.watch(watched(137))
        code, headers, body = get(f"{address}camera/door?after=0")
        picture = np.asarray(Image.open(io.BytesIO(body)))
        assert (code, headers["content-type"], headers["retrail-frame"]) == (200, "image/jpeg", "137")
        assert number_in(picture) == 137
        assert get(f"{address}camera/door?after={headers['retrail-number']}")[0] == 204


def test_the_head_of_who_was_detected_is_blurred(site: Site) -> None:
    page = LivePage(site)
    page.watch(watched(1))
    still = page.newer("door", 0, 0.0)
    assert still is not None
    picture = np.asarray(Image.open(io.BytesIO(still.jpeg)).convert("L"), np.float32)
    head = picture[30:50, 110:150]
    assert float(np.abs(np.diff(head, axis=1)).mean()) < 4.0


def test_the_state_of_the_cameras_is_told(site: Site) -> None:
    with serve_live(LivePage(site), status) as address:
        found = json.loads(get(f"{address}status")[2])
        assert found["site"] == "shop"
        assert found["cameras"][0]["name"] == "door"
        assert found["cameras"][0]["people_now"] == 1
        assert b"<title>Retrail, live</title>" in get(address)[2]


def test_an_unknown_camera_is_not_found(site: Site) -> None:
    with serve_live(LivePage(site), status) as address, pytest.raises(urllib.error.HTTPError, match="404"):
        get(f"{address}camera/cellar")


def test_only_this_machine_is_served(site: Site) -> None:
    with serve_live(LivePage(site), status) as address:
        assert address.startswith("http://127.0.0.1:")
