"""Sightings on disk: ``sightings.parquet``, ``truth/`` and ``site.yaml``."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrail.core.time import parse_time
from retrail.simulate.earlier import SIGHTINGS, TRUTH, clear_earlier
from retrail.simulate.render.lens import Lens
from retrail.simulate.rows import write_text
from retrail.simulate.scenario import Scenario
from retrail.simulate.site_file import site_file
from retrail.simulate.traffic.appearance import Appearance, FittedLooks
from retrail.simulate.traffic.day import Day, Visit, play_day, where
from retrail.simulate.traffic.seen import SeenBoxes, Watcher
from retrail.simulate.traffic.table import POINTS, Portion, SightingsFile
from retrail.simulate.traffic.told import truth_of_day
from retrail.simulate.truth import Truth, write_truth
from retrail.simulate.values import Floor

LONGEST_S = 20.0
"""A tracklet is cut after so long, as the tracker does."""

_SHORTEST_S = 0.6  # a tracker needs so long to see that there is somebody
_PORTION = 400  # people
_WIDTH = 0.38  # of a person's height


@dataclass(frozen=True, slots=True)
class WrittenSightings:
    """What was written."""

    site: Path
    sightings: Path
    truth_folder: Path
    truth: Truth
    count: int


def write_sightings(
    scenario: Scenario, out: Path, *, seed: int | None = None, looks: Appearance | None = None
) -> WrittenSightings:
    """Play a scenario without pixels and write what its cameras would log.

    Args:
        out: the folder; what an earlier simulation wrote there goes.
        seed: instead of the scenario's own.
        looks: where vectors come from; None: drawn as those of `FITTED` spread.

    Raises:
        DataError: somebody would walk through a wall, or the folder cannot be written.
    """
    day = play_day(scenario, seed=seed)
    appearance = looks or FittedLooks(day.seed, [visit.guest for visit in day.visits])
    path = out / SIGHTINGS
    count = 0
    start_s = parse_time(scenario.spec.start)
    cameras = scenario.spec.cameras.items()
    seen = SeenBoxes({name: Watcher(own.width_px, own.height_px, start_s + own.skew_s) for name, own in cameras})
    with SightingsFile(path, appearance.model, appearance.length) as file:
        for first in range(0, len(day.visits), _PORTION):
            portion = _portion(day, day.visits[first : first + _PORTION], appearance)
            if portion is not None:
                count += len(portion.person)
                file.write(portion)
                seen.add(portion)
    clear_earlier(out, [path])
    truth = truth_of_day(day, seen)
    write_truth(truth, out / TRUTH)
    site = out / "site.yaml"
    starts_s = {name: start_s + own.skew_s for name, own in cameras if own.skew_s}
    write_text(site, site_file(scenario, starts_s, appearance.model))
    return WrittenSightings(site, path, out / TRUTH, truth, count)


def _portion(day: Day, visits: Sequence[Visit], appearance: Appearance) -> Portion | None:
    rows = [row for visit in visits for row in _pieces(day, visit)]
    if not rows:
        return None
    cameras = list(day.scenario.spec.cameras)
    person, continues, camera, begin, end, ways = (np.array(part) for part in zip(*rows, strict=True))
    skews_s = np.array([own.skew_s for own in day.scenario.spec.cameras.values()])
    clock_s = parse_time(day.scenario.spec.start) + skews_s[camera]
    boxes = np.zeros((len(rows), POINTS, 4), np.float32)
    feet = np.zeros((len(rows), POINTS, 2), np.float32)
    size = np.zeros((len(rows), 2), np.int32)
    watching = set(camera.tolist())
    for place, name in enumerate(cameras):
        for own, lens in _lenses(day, name, camera == place, begin) if place in watching else ():
            size[own] = lens.width_px, lens.height_px
            for moment in range(POINTS):
                floor = np.pad(ways[own, moment], ((0, 0), (0, 1)))
                boxes[own, moment], feet[own, moment] = _boxes(lens, floor)
    rng = np.random.Generator(np.random.PCG64([day.seed, 7, int(person[0])]))
    return Portion(
        person=person,
        continues=continues,
        camera=[cameras[place] for place in camera.tolist()],
        start_s=begin + clock_s,
        end_s=end + clock_s,
        boxes=boxes,
        feet=feet,
        size=size,
        vectors=appearance.vectors(person, camera),
        quality=rng.uniform(0.5, 1.0, len(rows)).astype(np.float32),
    )


def _lenses(
    day: Day, camera: str, own: NDArray[np.bool_], begin: NDArray[np.float64]
) -> Iterator[tuple[NDArray[np.bool_], Lens]]:
    """(n,) which of a camera's sightings were made with which of its lenses: another one after it was moved."""
    moved = day.scenario.spec.cameras[camera].moved
    if moved is None:
        yield own, day.views.lenses[camera]
        return
    yield own & (begin < moved.after_s), day.views.lenses[camera]
    yield own & (begin >= moved.after_s), day.views.moved_lenses[camera]


_HEAD: NDArray[np.float64] = np.array([0.0, 0.0, 1.7])
_Piece = tuple[int, bool, int, float, float, list[Floor]]


def _pieces(day: Day, visit: Visit) -> Iterator[_Piece]:
    """Person, continues, camera, start, end and where between them: what one guest leaves in the log."""
    spans = sorted(
        (start, end, watcher)
        for watcher, logged in visit.watched.items()
        if watcher < day.views.cameras
        for start, end in logged
        if end - start >= _SHORTEST_S
    )
    for start, end, watcher in spans:
        for place, (begin, finish) in enumerate(pairwise(cuts(start, end))):
            way = [where(visit, begin + (finish - begin) * point / (POINTS - 1)) for point in range(POINTS)]
            yield visit.guest.number, place > 0, watcher, begin, finish, way


def cuts(start_s: float, end_s: float) -> list[float]:
    """Where a stay before a camera is cut, its beginning and end included: into pieces of no more than 20 s."""
    pieces = max(1, math.ceil((end_s - start_s) / LONGEST_S))
    return [start_s + (end_s - start_s) * piece / pieces for piece in range(pieces)] + [end_s]


def _boxes(lens: Lens, floor: NDArray[np.float64]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """(n, 4) boxes, cut off at the edge of the picture, of people at (n, 3) points of the floor, and (n, 2) feet."""
    low, high = lens.project(floor), lens.project(floor + _HEAD)
    tall = np.maximum(low[:, 1] - high[:, 1], 1.0)
    middle = (low[:, 0] + high[:, 0]) / 2
    boxes = np.stack([middle - _WIDTH * tall / 2, high[:, 1], middle + _WIDTH * tall / 2, low[:, 1]], axis=1)
    size = np.array([lens.width_px, lens.height_px], np.float64)
    first = np.clip(boxes[:, :2], 0.0, size - 1.0)
    boxes = np.concatenate([first, np.maximum(np.minimum(boxes[:, 2:], size), first + 1.0)], axis=1)
    return boxes.astype(np.float32), low[:, :2].astype(np.float32)
