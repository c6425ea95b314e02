"""Who stayed in a zone, and from when to when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from retrail.core.geometry import points_in_polygon
from retrail.insight.runs import Run, runs
from retrail.insight.trails import Trail
from retrail.site import Definitions, Zone

_INNERMOST = 1.0 - 1e-6
_BATCH = 20_000


def zone_stays(own: Sequence[Trail], zone: Zone, definitions: Definitions) -> list[tuple[Trail, float, float]]:
    """The visits of trails to a zone of their camera: (trail, enter_s, leave_s), trail by trail, each in order of time.

    A person is where the foot point is; one beyond the frame's border counts as on it. Being outside for less than
    ``visit_gap_s``, or never farther outside than ``border_heights`` of the person's height, does not end a visit.
    What is then shorter than ``visit_after_s`` is no visit. In a camera without zones whoever is seen has a visit
    (``seen_after_s``).
    """
    if zone.whole:
        whole = [(trail, trail.start_s, trail.end_s) for trail in own]
        return [(trail, start, end) for trail, start, end in whole if end - start >= definitions.seen_after_s]
    found: list[tuple[Trail, float, float]] = []
    for few in _batches(own):
        inside, distance = _against(few, zone)
        end = 0
        for trail in few:
            start, end = end, end + len(trail.times_s)
            stays = _stays(runs(trail.times_s, inside[start:end], distance[start:end], trail.heights), definitions)
            found += [(trail, enter, leave) for enter, leave in stays]
    return found


def _stays(sides: Iterable[Run], definitions: Definitions) -> list[tuple[float, float]]:
    stays: list[tuple[float, float]] = []
    outside = True
    for run in sides:
        if not run.inside:
            outside = run.length_s >= definitions.visit_gap_s and run.depth >= definitions.border_heights
        elif stays and not outside:
            stays[-1] = (stays[-1][0], run.end_s)
        else:
            stays.append((run.start_s, run.end_s))
    return [(enter, leave) for enter, leave in stays if leave - enter >= definitions.visit_after_s]


def _batches(own: Sequence[Trail]) -> Iterator[list[Trail]]:
    """Trails together while they are short: NumPy takes as long for one point as for a hundred."""
    batch: list[Trail] = []
    samples = 0
    for trail in own:
        if batch and samples + len(trail.times_s) > _BATCH:
            yield batch
            batch, samples = [], 0
        batch.append(trail)
        samples += len(trail.times_s)
    if batch:
        yield batch


def _against(own: Sequence[Trail], zone: Zone) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Whether each foot point of the trails is inside, and how far from the border, in frame heights.

    Edges along the frame's border are no border: nobody can step over them.
    """
    corners = np.asarray(zone.polygon, np.float64)
    ends = np.roll(corners, -1, axis=0)
    real = ~(((corners == ends) & ((corners <= 0.0) | (corners >= 1.0))).any(axis=1))
    scales = np.array([[trail.aspect, 1.0] for trail in own])
    scale = np.repeat(scales, [len(trail.times_s) for trail in own], axis=0)  # (n, 2)
    points = np.clip(np.concatenate([trail.feet for trail in own]) / scale, 0.0, _INNERMOST)
    return points_in_polygon(points, corners), _distance(points, corners[real], ends[real], scale)


def _distance(
    points: NDArray[np.float64], starts: NDArray[np.float64], ends: NDArray[np.float64], scale: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(n,) distance of (n, 2) points to the nearest of (k, 2)-(k, 2) edges, x and y stretched by (n, 2) ``scale``.

    Infinite where there are no edges.
    """
    if not len(starts):
        return np.full(len(points), np.inf)
    along = (ends - starts)[None] * scale[:, None]  # (n, k, 2)
    offset = (points[:, None] - starts[None]) * scale[:, None]
    squared = np.maximum((along**2).sum(axis=2), 1e-18)
    share = np.clip((offset * along).sum(axis=2) / squared, 0.0, 1.0)  # (n, k)
    return np.linalg.norm(offset - share[..., None] * along, axis=2).min(axis=1)
