"""The tracker on real people's ways: the ground truth of TUD, thinned to 5 Hz."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import motmetrics
import numpy as np
import pytest
from numpy.typing import NDArray

from retrail.core.geometry import box_iou
from retrail.core.types import Detection
from retrail.perceive.track import Tracker

SEQUENCES = ("TUD-Campus", "TUD-Stadtmitte")
FPS = 25.0


def truth(folder: Path, name: str, step: int, rng: np.random.Generator) -> tuple[list[int], NDArray[np.float64]]:
    """Every ``step``-th frame's number, and of nine boxes in ten: frame, person, x1, y1, x2, y2."""
    rows = np.loadtxt(folder / "data" / "metrics" / name / "gt.txt", delimiter=",")[:, :6]
    rows[:, 4:6] += rows[:, 2:4]
    frames = list(range(1, int(rows[:, 0].max()) + 1, step))
    rows = rows[np.isin(rows[:, 0], frames)]
    return frames, rows[rng.random(len(rows)) >= 0.1]


def followed(frames: list[int], rows: NDArray[np.float64]) -> Any:
    """What motmetrics says of the tracker's tracklets."""
    tracker = Tracker("street", 640, 480)
    closed = []
    for frame in frames:
        boxes = rows[rows[:, 0] == frame, 2:6].tolist()
        closed += tracker.update(frame / FPS, [Detection((x1, y1, x2, y2), 0.9) for x1, y1, x2, y2 in boxes]).closed
    found: dict[int, list[tuple[int, NDArray[np.float32]]]] = {}
    for each in [*closed, *tracker.finish().closed]:
        for time_s, box in zip(each.path.times_s.tolist(), each.path.boxes_px, strict=True):
            found.setdefault(round(time_s * FPS), []).append((each.key, box))
    told = motmetrics.MOTAccumulator()
    for frame in frames:
        there = rows[rows[:, 0] == frame]
        keys, boxes = [key for key, _ in found.get(frame, [])], [box for _, box in found.get(frame, [])]
        overlap = box_iou(there[:, 2:6].astype(np.float32), np.array(boxes, np.float32).reshape(-1, 4))
        distance = np.where(overlap >= 0.5, 1.0 - overlap.astype(np.float64), np.nan)
        told.update(there[:, 1].astype(int).tolist(), keys, distance, frameid=frame)
    return told


def idf1(folder: Path, step: int, seed: int) -> float:
    told = [followed(*truth(folder, name, step, np.random.default_rng(seed))) for name in SEQUENCES]
    summary = motmetrics.metrics.create().compute_many(
        told, names=list(SEQUENCES), metrics=["idf1"], generate_overall=True
    )
    return float(summary.loc["OVERALL", "idf1"])


@pytest.mark.shared
def test_at_5_hz_people_keep_their_names_nearly_as_well_as_at_25(shared: Path) -> None:
    thin, full = idf1(shared, 5, 0), idf1(shared, 1, 0)
    assert thin >= 0.90
    assert thin >= full - 0.03


@pytest.mark.shared
def test_whichever_boxes_are_withheld(shared: Path) -> None:
    assert np.mean([idf1(shared, 5, seed) for seed in range(1, 7)]) >= 0.93
