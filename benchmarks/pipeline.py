"""How near the whole pipeline comes to what its parts could do alone, and how much faster it is than the naive way.

    .venv/bin/python benchmarks/pipeline.py ../shared [--loops 10] [--precision f32|bf16]

Four cameras of `four_cam`, looped, as 1280x720 yuv420p; gate off; 5 detections a second of event time. In one run, on
the same cores: decode, detector and encoder measured alone; the floor T = frames / decode + detections / detector +
2 x shots / encoder; the pipeline; and the same models in the same precision used naively (synchronous, every frame
detected, every box embedded, one after the other, as the Open Model Zoo's multi-camera demo does), on one loop, by the
frame.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from statistics import median
from typing import Any

import av
import numpy as np

from retrail import Pipeline, Site
from retrail.core.types import Frame
from retrail.perceive.detect import Detector
from retrail.pipeline import RunSettings
from retrail.runtime import open_network
from retrail.video import open_source
from retrail.video.planes import crop_bgr
from retrail.zoo import find_card, locate

DETECTOR = "person-detection-retail-0013"
ENCODER = "person-reidentification-retail-0287"
SIZE = (1280, 720)
CAMERAS = ("cam0", "cam1", "cam2", "cam3")
DETECT_HZ = 5.0


@dataclass(frozen=True)
class Ceilings:
    """Images a second of each part alone, on all cores."""

    decode: float
    detector: float
    encoder: float


def make_clip(source: Path, target: Path, loops: int) -> None:
    """The clip ``loops`` times over, scaled, at its ten frames a second."""
    with av.open(str(target), "w") as written:
        stream: Any = written.add_stream("libx264", rate=10, options={"preset": "ultrafast", "crf": "20"})
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        number = 0
        for _ in range(loops):
            with av.open(str(source)) as read:
                for frame in read.decode(video=0):
                    scaled = frame.reformat(*SIZE, format="yuv420p")
                    scaled.pts, scaled.time_base = number, Fraction(1, 10)
                    number += 1
                    written.mux(stream.encode(scaled))
        written.mux(stream.encode(None))


def rate(work: Callable[[], int], times: int = 3) -> float:
    """Median images a second of several runs."""
    rates: list[float] = []
    for _ in range(times):
        began = time.perf_counter()
        done = work()
        rates.append(done / (time.perf_counter() - began))
    return median(rates)


def frames_of(site: Site, camera: str, most: int | None = None) -> Iterator[Frame]:
    source = open_source(site.cameras[camera], site_start_s=site.start_s, stop=threading.Event())
    for frame in source.frames():
        if most is not None and frame.index >= most:
            break
        yield frame
    source.close()


def measure_ceilings(site: Site, models: Path, precision: Any, one_loop: int) -> Ceilings:
    def decode() -> int:
        with ThreadPoolExecutor(len(CAMERAS)) as threads:
            return sum(threads.map(lambda camera: sum(1 for _ in frames_of(site, camera, one_loop)), CAMERAS))

    def flood(name: str, batch: int, images: int) -> Callable[[], int]:
        network = open_network(locate(find_card(name), models), batch=batch, precision=precision)
        shape = (batch, network.height_px, network.width_px, 3)
        filled = np.random.default_rng(0).integers(0, 255, shape, np.uint8)

        def work() -> int:
            for _ in range(images // batch):
                network.submit(filled, lambda outputs: None)
            network.drain()
            return images // batch * batch

        work()
        return work

    return Ceilings(rate(decode), rate(flood(DETECTOR, 1, 160)), rate(flood(ENCODER, 8, 400)))


def run_naively(site: Site, models: Path, precision: Any, frames: int) -> float:
    """Seconds a frame: decode, convert, detect, embed every box; nothing beside anything else."""
    detector = Detector(open_network(locate(find_card(DETECTOR), models), precision=precision, requests=1))
    encoder = open_network(locate(find_card(ENCODER), models), precision=precision, requests=1)
    count = 0
    began = time.perf_counter()
    for camera in CAMERAS:
        for frame in frames_of(site, camera, frames):
            count += 1
            for found in detector.detect(frame):
                if found.score >= 0.5:
                    encoder.infer(crop_bgr(frame, found.box, encoder.width_px, encoder.height_px)[None])
    return (time.perf_counter() - began) / count


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared", type=Path)
    parser.add_argument("--loops", type=int, default=10)
    parser.add_argument("--naive-frames", type=int, default=268, help="frames a camera on the naive side")
    parser.add_argument("--precision", choices=("auto", "f32", "bf16"), default="auto")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        for camera in CAMERAS:
            make_clip(given.shared / f"video/four_cam/{camera}.mp4", place / f"{camera}.mp4", given.loops)
        cameras = {camera: {"source": f"{camera}.mp4", "detect_hz": DETECT_HZ} for camera in CAMERAS}
        file = place / "site.yaml"
        file.write_text(json.dumps({"site": "bench", "start": "2026-11-20T09:00:00Z", "cameras": cameras}))
        site = Site.load(file)
        models = given.shared / "models"
        ceilings = measure_ceilings(site, models, given.precision, 268)
        pipeline = Pipeline(site, RunSettings(models_dir=models, precision=given.precision, gated=False))
        began = time.perf_counter()
        cpu = time.process_time()
        for _ in pipeline.run():
            pass
        spent_s, cpu_s = time.perf_counter() - began, time.process_time() - cpu
        shots = pipeline.shots()
        status = pipeline.status().values()
        frames, detections = sum(one.frames for one in status), sum(one.detections for one in status)
        floor_s = frames / ceilings.decode + detections / ceilings.detector + 2 * shots / ceilings.encoder
        naive_s = run_naively(site, models, given.precision, given.naive_frames)
    ratio = naive_s * frames / spent_s
    print(f"alone: decode {ceilings.decode:.0f}, detector {ceilings.detector:.1f}, encoder {ceilings.encoder:.0f}")
    print(f"pipeline: {frames} frames, {detections} detections, {shots} shots, {spent_s:.1f} s ({cpu_s:.1f} s CPU)")
    print(f"floor T = {floor_s:.1f} s; T / pipeline = {floor_s / spent_s:.2f} (goal 0.85)")
    print(f"naive {naive_s * 1e3:.1f} ms a frame, pipeline {spent_s / frames * 1e3:.1f} ms: {ratio:.2f}x (goal 2)")


if __name__ == "__main__":
    main()
