"""Bad input: one clear error that says what, where, what was found and what to do; or the run goes on without it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from tests.e2e.command import COMMAND, Ran, Retrail, first_seconds, running
from tests.video.conftest import write_clip

pytestmark = [pytest.mark.shared, pytest.mark.timeout(1800)]

RunSite = Callable[..., Ran]


@pytest.fixture
def run_site(tmp_path: Path, retrail: Retrail) -> RunSite:
    """Writes a site file of these cameras (name: source) and runs it."""

    def run(cameras: dict[str, str | Path], extra: str = "", **camera: object) -> Ran:
        lines = "".join(
            f"  {name}: {json.dumps({'source': str(source), **camera})}\n" for name, source in cameras.items()
        )
        site = tmp_path / "shop.yaml"
        site.write_text(f"site: shop\nstart: 2026-11-20T09:00:00Z\ncameras:\n{lines}{extra}")
        return retrail("run", site, "--json")

    return run


def assert_one_error(ran: Ran, *words: str) -> None:
    assert ran.status == 1, ran.err
    assert "Traceback" not in ran.err
    for word in words:
        assert word in ran.err, ran.err


def test_a_missing_file(run_site: RunSite, tmp_path: Path) -> None:
    assert_one_error(run_site({"door": tmp_path / "gone.mp4"}), "gone.mp4", "door")


def test_an_empty_file(run_site: RunSite, tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").touch()
    assert_one_error(run_site({"door": tmp_path / "empty.mp4"}), "empty.mp4")


def test_a_file_with_sound_alone(run_site: RunSite, tmp_path: Path) -> None:
    path = tmp_path / "sound.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=48_000)
        for place in range(20):
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
            frame.sample_rate, frame.pts = 48_000, place * 1024
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    assert_one_error(run_site({"door": path}), "sound.mp4", "no video")


def test_a_missing_file_does_not_stop_the_other_camera(run_site: RunSite, tmp_path: Path) -> None:
    good = write_clip(tmp_path / "good.mp4", range(20))
    ran = run_site({"door": tmp_path / "gone.mp4", "till": good})
    assert ran.status == 1
    assert ran.json["cameras"]["till"]["frames"] == 20
    assert "door failed" in ran.err


@pytest.mark.timeout(300)
def test_what_fails_or_cannot_be_reached_is_told_at_once(tmp_path: Path, environment: dict[str, str]) -> None:
    site = tmp_path / "shop.yaml"
    site.write_text(
        "site: shop\nstart: 2026-11-20T09:00:00Z\ncameras:\n"
        "  entrance: {source: gone.mp4}\n  till: {source: 'rtsp://127.0.0.1:1/stream'}\n"
    )
    with running("run", site, "--json", env=environment) as run:
        assert run.stderr is not None
        told = ""
        while not ("entrance failed: The file does not exist" in told and "till: The camera cannot be reached" in told):
            line = run.stderr.readline()
            assert line, told
            told += line
        time.sleep(5.0)  # it is called again meanwhile, and told of no more
        run.send_signal(signal.SIGINT)
        out, err = run.communicate(timeout=300)
    assert run.returncode == 130, err
    assert (told + err).count("trying again") == 1
    assert (told + err).count("does not exist") == 1
    assert json.loads(out)["cameras"]["till"]["frames"] == 0


def test_every_clip_that_is_missing_is_told_once(run_site: RunSite, tmp_path: Path) -> None:
    ran = run_site({"door": tmp_path / "gone.mp4", "till": tmp_path / "lost.mp4"})
    assert_one_error(ran)
    assert ran.out == ""
    assert ran.err.count("gone.mp4") == ran.err.count("lost.mp4") == 1


def test_the_help_says_when_there_is_no_object(retrail: Retrail) -> None:
    assert "prints no object" in " ".join(retrail("run", "--help").out.split())


def test_a_truncated_file_is_read_as_far_as_it_goes(run_site: RunSite, tmp_path: Path) -> None:
    whole = write_clip(tmp_path / "whole.mp4", range(60), muxer={"movflags": "faststart"})
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 3])
    ran = run_site({"door": cut})
    assert ran.status == 0, ran.err
    assert 0 < ran.json["cameras"]["door"]["frames"] < 60


@pytest.mark.parametrize("size", [(2, 2), (7680, 4320)], ids=["2x2", "8K"])
def test_frames_of_any_size(run_site: RunSite, tmp_path: Path, size: tuple[int, int]) -> None:
    clip = write_clip(tmp_path / "odd.mp4", range(3), size=size, options={"preset": "ultrafast"})
    ran = run_site({"door": clip})
    assert ran.status == 0, ran.err
    assert ran.json["cameras"]["door"]["frames"] == 3


def test_pictures_of_one_pixel(run_site: RunSite, tmp_path: Path) -> None:
    from PIL import Image

    for place in range(3):
        Image.new("RGB", (1, 1)).save(tmp_path / f"{place}.png")
    ran = run_site({"door": tmp_path / "*.png"}, fps=5)
    assert ran.status == 0, ran.err
    assert ran.json["cameras"]["door"]["frames"] == 3


def test_a_variable_frame_rate(run_site: RunSite, tmp_path: Path) -> None:
    times = [0.0, 0.04, 0.5, 0.54, 2.0, 2.5, 2.52, 4.0]
    ran = run_site({"door": write_clip(tmp_path / "vfr.mp4", range(8), times=times)})
    assert ran.status == 0, ran.err
    assert ran.json["cameras"]["door"]["frames"] == 8


def test_models_of_another_task(run_site: RunSite, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", range(3))
    wrong = "models: {detector: person-reidentification-retail-0287, encoder: person-detection-retail-0013}\n"
    assert_one_error(run_site({"door": clip}, wrong), "person-reidentification-retail-0287", "person-detection")


def test_a_model_file_that_is_none(
    tmp_path: Path, models_dir: Path, environment: dict[str, str], run_site: RunSite, retrail: Retrail
) -> None:
    name = "person-detection-retail-0013"
    shutil.copytree(models_dir / name, tmp_path / "models" / name)
    encoder = "person-reidentification-retail-0287"
    shutil.copytree(models_dir / encoder, tmp_path / "models" / encoder)
    broken = tmp_path / "models" / name / "FP16" / f"{name}.bin"
    broken.chmod(0o644)
    broken.write_bytes(b"not weights")
    clip = write_clip(tmp_path / "clip.mp4", range(3))
    site = tmp_path / "shop.yaml"
    site.write_text(f"site: shop\nstart: 2026-11-20T09:00:00Z\ncameras:\n  door: {{source: {clip}}}\n")
    assert_one_error(retrail("run", site, "--models-dir", tmp_path / "models"), name)


def test_a_mistake_in_the_site_file(tmp_path: Path, retrail: Retrail) -> None:
    site = tmp_path / "shop.yaml"
    site.write_text("site: shop\ncameras:\n  door: {sorce: clip.mp4}\n")
    assert_one_error(retrail("run", site), "shop.yaml", "3", "sorce", "source")


def test_wrong_use_is_told_apart_from_failure(retrail: Retrail) -> None:
    assert retrail("run").status == 2
    assert retrail("rum").status == 2


def test_a_camera_whose_clock_is_three_seconds_off(run_site: RunSite, shared: Path, tmp_path: Path) -> None:
    for name in ("Single1", "Double1"):
        first_seconds(shared / f"video/epfl_lab/{name}.mp4", tmp_path / f"{name}.mp4", 20.0)
    site = tmp_path / "lab.yaml"
    text = (
        "site: lab\nstart: 2026-11-20T09:00:00Z\n"
        "cameras:\n  a: {{source: {a}}}\n  b: {{source: {b}, offset_s: {off}}}\n"
    )
    found: list[object] = []
    for offset_s in (0.0, -3.0):
        site.write_text(text.format(a="Single1.mp4", b="Double1.mp4", off=offset_s))
        ran = subprocess.run(
            [*COMMAND, "run", str(site), "--data", str(tmp_path / f"data{offset_s}"), "--json"],
            env={**os.environ, "RETRAIL_MODELS": str(shared / "models")},
            capture_output=True,
            text=True,
            check=True,
        )
        found.append(json.loads(ran.stdout.splitlines()[-1])["visitors"]["estimate"])
    assert found[0] == found[1] != 0


def test_the_database_is_killed_in_the_middle(
    one_by_one_site: Path, environment: dict[str, str], tmp_path: Path, retrail: Retrail
) -> None:
    data = tmp_path / "data"
    with running("run", one_by_one_site, "--data", data, "--realtime", env=environment) as run:
        os.kill(_wait_for_database(data), signal.SIGKILL)
        _, err = run.communicate(timeout=600)
        assert run.returncode == 1, err
        assert "Traceback" not in err
        assert "database" in err.lower()
    again = retrail("report", one_by_one_site, "journeys", "--data", data, "--json")
    assert again.status == 0, again.err


def test_a_second_run_on_one_data_folder_is_refused(
    one_by_one_site: Path, environment: dict[str, str], tmp_path: Path, retrail: Retrail
) -> None:
    data = tmp_path / "data"
    with running("run", one_by_one_site, "--data", data, "--realtime", "--json", env=environment) as first:
        _wait_for_database(data)
        assert_one_error(retrail("run", one_by_one_site, "--data", data), str(first.pid))
        first.send_signal(signal.SIGINT)
        out, err = first.communicate(timeout=300)
        assert first.returncode == 130, err
        assert "Kept" in err
        assert json.loads(out.splitlines()[-1])["cameras"]["room"]["dropped"] == 0


def _wait_for_database(data: Path) -> int:
    """The pid of the database, once a run is at work on it."""
    until = time.monotonic() + 300
    while time.monotonic() < until:
        # The one place: while a cluster is being made its folders come and go.
        found = data / "postgres/postmaster.pid"
        lines = found.read_text().splitlines() if found.is_file() else []
        if len(lines) > 7 and lines[7].strip() == "ready":
            time.sleep(5.0)
            return int(lines[0])
        time.sleep(0.2)
    raise AssertionError("no database was started")
