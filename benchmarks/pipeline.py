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
class Rate:
    """What a part does alone: images a second on all cores, and processor seconds an image."""

    images_hz: float
    cpu_s: float

    def __str__(self) -> str:
        return f"{self.images_hz:.1f} a second ({1e3 * self.cpu_s:.2f} CPU-ms each)"


@dataclass(frozen=True)
class Ceilings:
    """Each part alone."""

    decode: Rate
    detector: Rate
    encoder: Rate

    def floor_s(self, frames: int, detections: int, shots: int) -> tuple[float, float]:
        """T in seconds, by the clock and in processor seconds; a shot is embedded twice, once mirrored."""
        parts = ((frames, self.decode), (detections, self.detector), (2 * shots, self.encoder))
        return sum(n / part.images_hz for n, part in parts), sum(n * part.cpu_s for n, part in parts)


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


def rate(work: Callable[[], int], times: int = 3) -> Rate:
    """Medians of several runs."""
    rates, cpu_s = list[float](), list[float]()
    for _ in range(times):
        began, cpu = time.perf_counter(), time.process_time()
        done = work()
        rates.append(done / (time.perf_counter() - began))
        cpu_s.append((time.process_time() - cpu) / done)
    return Rate(median(rates), median(cpu_s))


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


def run_naively(site: Site, models: Path, precision: Any, frames: int) -> tuple[float, float]:
    """Seconds and processor seconds a frame: decode, convert, detect, embed every box, one after the other."""
    detector = Detector(open_network(locate(find_card(DETECTOR), models), precision=precision, requests=1))
    encoder = open_network(locate(find_card(ENCODER), models), precision=precision, requests=1)
    count = 0
    began, cpu = time.perf_counter(), time.process_time()
    for camera in CAMERAS:
        for frame in frames_of(site, camera, frames):
            count += 1
            for found in detector.detect(frame):
                if found.score >= 0.5:
                    encoder.infer(crop_bgr(frame, found.box, encoder.width_px, encoder.height_px)[None])
    return (time.perf_counter() - began) / count, (time.process_time() - cpu) / count


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
        naive_s, naive_cpu_s = run_naively(site, models, given.precision, given.naive_frames)
    floor_s, floor_cpu_s = ceilings.floor_s(frames, detections, shots)
    print(f"alone: decode {ceilings.decode}, detector {ceilings.detector}, encoder {ceilings.encoder}")
    print(f"pipeline: {frames} frames, {detections} detections, {shots} shots, {spent_s:.1f} s, {cpu_s:.1f} CPU-s")
    print(f"floor T = {floor_s:.1f} s, {floor_cpu_s:.1f} CPU-s")
    print(f"T / pipeline = {floor_s / spent_s:.2f} by the clock, {floor_cpu_s / cpu_s:.2f} in CPU-s (goal 0.85)")
    print(f"naive {naive_s * 1e3:.1f} ms and {naive_cpu_s * 1e3:.1f} CPU-ms a frame")
    ratios = naive_s * frames / spent_s, naive_cpu_s * frames / cpu_s
    print(f"naive / pipeline = {ratios[0]:.2f} by the clock, {ratios[1]:.2f} in CPU-s (goal 2)")


if __name__ == "__main__":
    main()
