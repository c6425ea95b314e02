"""Who stayed in a zone, and from when to when."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from retrail.core.geometry import points_in_polygon
from retrail.insight.runs import runs
from retrail.insight.trails import Trail
from retrail.site import Definitions, Zone

_INNERMOST = 1.0 - 1e-6


def zone_stays(trail: Trail, zone: Zone, definitions: Definitions) -> list[tuple[float, float]]:
    """The visits of one trail to a zone of its camera: (enter_s, leave_s) in order.

    A person is where the foot point is; one beyond the frame's border counts as on it. Being outside for less than
    ``visit_gap_s``, or never farther outside than ``border_heights`` of the person's height, does not end a visit.
    What is then shorter than ``visit_after_s`` is no visit. In a camera without zones whoever is seen has a visit
    (``seen_after_s``).
    """
    if zone.whole:
        stay = (trail.start_s, trail.end_s)
        return [stay] if stay[1] - stay[0] >= definitions.seen_after_s else []
    inside, distance = _against(trail, zone)
    stays: list[list[float]] = []
    outside = True
    for run in runs(trail.times_s, inside, distance, trail.heights):
        if not run.inside:
            outside = run.length_s >= definitions.visit_gap_s and run.depth >= definitions.border_heights
        elif stays and not outside:
            stays[-1][1] = run.end_s
        else:
            stays.append([run.start_s, run.end_s])
    return [(enter, leave) for enter, leave in stays if leave - enter >= definitions.visit_after_s]


def _against(trail: Trail, zone: Zone) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Whether each foot point is inside, and how far from the border, in frame heights.

    Edges along the frame's border are no border: nobody can step over them.
    """
    scale = np.array([trail.aspect, 1.0])
    corners = np.asarray(zone.polygon, np.float64)
    points = np.clip(trail.feet / scale, 0.0, _INNERMOST)
    inside = points_in_polygon(points, corners)
    ends = np.roll(corners, -1, axis=0)
    real = ~(((corners == ends) & ((corners <= 0.0) | (corners >= 1.0))).any(axis=1))
    return inside, _distance(points * scale, corners[real] * scale, ends[real] * scale)


def _distance(
    points: NDArray[np.float64], starts: NDArray[np.float64], ends: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(n,) distance of (n, 2) points to the nearest of (k, 2)-(k, 2) edges; infinite where there are none."""
    if not len(starts):
        return np.full(len(points), np.inf)
    along = ends - starts
    offset = points[:, None, :] - starts[None]  # (n, k, 2)
    squared = np.maximum((along**2).sum(axis=1), 1e-18)
    share = np.clip((offset * along).sum(axis=2) / squared, 0.0, 1.0)  # (n, k)
    return np.linalg.norm(offset - share[..., None] * along, axis=2).min(axis=1)
