"""The same people over RTSP, from a server on the loopback."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.e2e.command import COMMAND, running
from tests.rtsp.control import RtspServer

pytestmark = [pytest.mark.shared, pytest.mark.rtsp, pytest.mark.timeout(1800)]

SITE = """\
site: live
cameras:
  room: {{source: "rtsp://${{CAM_USER}}:${{CAM_PASSWORD}}@{host}"}}
"""


def test_a_live_camera_is_run_stopped_and_annotated(
    rtsp_server: Callable[..., RtspServer], shared: Path, tmp_path: Path, environment: dict[str, str]
) -> None:
    server = rtsp_server(file=shared / "video/one_by_one.mp4")
    site = tmp_path / "shop.yaml"
    site.write_text(SITE.format(host=server.file.removeprefix("rtsp://")))
    secret = {**environment, "CAM_USER": "eva", "CAM_PASSWORD": "p@ss:w/rd%1"}
    with running("run", site, "--json", "--annotate", tmp_path / "seen", env=secret) as run:
        _wait_until_seen(site, secret)
        run.send_signal(signal.SIGINT)
        out, err = run.communicate(timeout=600)
        assert run.returncode == 130, err
    found = json.loads(out.splitlines()[-1])
    assert found["visitors"]["estimate"] >= 1
    assert (tmp_path / "seen/room.mp4").stat().st_size > 10_000
    assert "p@ss" not in out + err
    assert "p%40ss" not in out + err
    for path in (tmp_path / "retrail-data").rglob("*"):
        if path.is_file():
            assert b"p%40ss" not in path.read_bytes()


def _wait_until_seen(site: Path, env: dict[str, str]) -> None:
    until = time.monotonic() + 600
    while time.monotonic() < until:
        ran = subprocess.run(
            [*COMMAND, "report", str(site), "journeys", "--json"], env=env, capture_output=True, text=True, check=False
        )
        if ran.returncode == 0 and json.loads(ran.stdout)["journeys"]:
            return
        time.sleep(5.0)
    raise AssertionError("nobody was seen")
