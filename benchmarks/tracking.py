"""Our tracker beside ByteTrack of Roboflow's `trackers` on the same boxes: do people keep their names, and how fast?

    python -m pip install 'trackers==2.6.1'     # for the other side; not a dependency of Retrail
    python benchmarks/tracking.py SHARED [--seeds 10]

(SHARED: the folder that holds data/metrics.) Boxes are the ground truth of TUD-Campus and TUD-Stadtmitte (25 a second),
thinned or not, with one box in ten withheld from the tracker and left out of the truth; IDF1 by motmetrics, overlap
0.5, both sequences together. Speed is processor time a frame on 20 people who walk about. Where `trackers` is not
installed, its rows are left out and the output says so.
"""

from __future__ import annotations

import argparse
import importlib
import os
import platform
import sys
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")  # both sides on one core

import motmetrics
import numpy as np
from numpy.typing import NDArray

from retrail.core.geometry import box_iou
from retrail.core.types import Detection
from retrail.perceive.track import Tracker

SEQUENCES = ("TUD-Campus", "TUD-Stadtmitte")
FPS = 25.0
INSTALL = "python -m pip install 'trackers==2.6.1'"

Boxes = NDArray[np.float64]
Found = list[list[tuple[int, NDArray[np.floating]]]]
Follow = Callable[[Sequence[float], Sequence[Boxes]], Found]
"""Times and (n, 4) boxes of each frame to (name, box) of each frame."""


def ours(times: Sequence[float], frames: Sequence[Boxes]) -> Found:
    """Tracklets as they are logged: all boxes of confirmed tracks."""
    tracker, closed = Tracker("street", 640, 480), []
    for time_s, boxes in zip(times, frames, strict=True):
        closed += tracker.update(time_s, [Detection((a, b, c, d), 0.9) for a, b, c, d in boxes.tolist()]).closed
    place = {time_s: index for index, time_s in enumerate(times)}
    found: Found = [[] for _ in times]
    for each in [*closed, *tracker.finish().closed]:
        for time_s, box in zip(each.path.times_s.tolist(), each.path.boxes_px, strict=True):
            found[place[time_s]].append((each.key, box))
    return found


def theirs(trackers: Any, supervision: Any, rate: float, **settings: Any) -> Follow:
    """ByteTrack; boxes without a name yet are left out, as it leaves them out."""

    def follow(times: Sequence[float], frames: Sequence[Boxes]) -> Found:
        tracker, found = trackers.ByteTrackTracker(frame_rate=rate, **settings), []
        for boxes in frames:
            scores, kind = np.full(len(boxes), 0.9, np.float32), np.zeros(len(boxes), int)
            given = supervision.Detections(xyxy=boxes.astype(np.float32), confidence=scores, class_id=kind)
            out = tracker.update(given)
            named = zip(out.tracker_id.tolist(), out.xyxy, strict=True) if out.tracker_id is not None else ()
            found.append([(name, box) for name, box in named if name >= 0])
        return found

    return follow


def idf1(shared: Path, follow: Follow, step: int, seed: int) -> float:
    """IDF1 over both sequences."""
    told = []
    rng_of = np.random.default_rng
    for name in SEQUENCES:
        rng = rng_of(seed)
        rows = np.loadtxt(shared / "data" / "metrics" / name / "gt.txt", delimiter=",")[:, :6]
        rows[:, 4:6] += rows[:, 2:4]
        numbers = np.arange(1, int(rows[:, 0].max()) + 1, step)
        rows = rows[np.isin(rows[:, 0], numbers)]
        rows = rows[rng.random(len(rows)) >= 0.1]
        there = [rows[rows[:, 0] == number] for number in numbers]
        found = follow((numbers / FPS).tolist(), [each[:, 2:6] for each in there])
        scene = motmetrics.MOTAccumulator()
        for index, (truth, names) in enumerate(zip(there, found, strict=True)):
            boxes = np.array([box for _, box in names], np.float32).reshape(-1, 4)
            overlap = box_iou(truth[:, 2:6].astype(np.float32), boxes).astype(np.float64)
            distance = np.where(overlap >= 0.5, 1.0 - overlap, np.nan)
            scene.update(truth[:, 1].astype(int).tolist(), [key for key, _ in names], distance, frameid=index)
        told.append(scene)
    host = motmetrics.metrics.create()
    summary = host.compute_many(told, names=list(SEQUENCES), metrics=["idf1"], generate_overall=True)
    return float(summary.loc["OVERALL", "idf1"])


def crowd(rate: float, people: int = 20, seconds: float = 60.0) -> tuple[list[float], list[Boxes]]:
    """People who walk to and fro, their boxes off by 2 %."""
    rng = np.random.default_rng(0)
    start, speed = rng.uniform((50, 100), (1700, 700), (people, 2)), rng.uniform(-120, 120, (people, 2))
    size = rng.uniform(120, 300, (people, 1)) * np.array([[0.4, 1.0]])
    times = (np.arange(int(seconds * rate)) / rate).tolist()
    frames: list[Boxes] = []
    for time_s in times:
        corner = np.abs((start + speed * time_s) % np.array([3600.0, 1400.0]) - np.array([1800.0, 700.0]))
        boxes = np.concatenate([corner, corner + size], axis=1)
        frames.append(boxes + rng.normal(0, 0.02, boxes.shape) * size[:, 1:])
    return times, frames


def milliseconds(follow: Follow, rate: float) -> float:
    """Processor time a frame, the best of three."""
    times, frames = crowd(rate)
    spent: list[float] = []
    for _ in range(3):
        begun = time.process_time()
        follow(times, frames)
        spent.append(time.process_time() - begun)
    return min(spent) / len(frames) * 1000


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("shared", type=Path)
    parser.add_argument("--seeds", type=int, default=10)
    args = parser.parse_args()
    sides: list[tuple[str, Callable[[float], Follow]]] = [("Retrail", lambda rate: ours)]
    try:
        trackers, supervision = importlib.import_module("trackers"), importlib.import_module("supervision")
    except ImportError:
        print(f"`trackers` is not installed, so only our side is measured: {INSTALL}", file=sys.stderr)
    else:
        sides += [
            ("ByteTrack", lambda rate: theirs(trackers, supervision, rate)),
            ("ByteTrack, named at once", lambda r: theirs(trackers, supervision, r, minimum_consecutive_frames=1)),
        ]
    print(f"{date.today()}, {platform.processor() or platform.machine()}, Python {platform.python_version()}\n")
    print(
        "| tracker | IDF1 at 5 Hz, seed 0 | mean (least) of seeds | at 25 Hz, seed 0 | mean | ms a frame, 20 people |"
    )
    print("| --- | --- | --- | --- | --- | --- |")
    for name, make in sides:
        thin = [idf1(args.shared, make(FPS / 5), 5, seed) for seed in range(args.seeds)]
        full = [idf1(args.shared, make(FPS), 1, seed) for seed in range(min(args.seeds, 4))]
        cost = milliseconds(make(5.0), 5.0)
        print(
            f"| {name} | {thin[0]:.3f} | {np.mean(thin):.3f} ({min(thin):.3f}) "
            f"| {full[0]:.3f} | {np.mean(full):.3f} | {cost:.2f} |"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
