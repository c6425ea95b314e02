"""Tracklets that show two people, parted where the looks change for good.

Where people cross, a tracker may go on with the wrong one. The shots of such a tracklet are alike before a moment and
alike after it, but not across it (the splitting step of Global Tracklet Association, Sun et al., arXiv 2411.08216,
here with one moment in time rather than clusters, since people who swap places do so once).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from retrail.core.geometry import box_area, shared_area
from retrail.core.types import Path, Shot, Tracklet
from retrail.perceive.tracklets import tracklet_id

LEAST_CHANGE = 0.5
"""How much more alike shots of one side must be than shots of different sides, in cosine."""
_LEAST_SHOTS = 2  # on either side: one odd picture is no other person


def parted(tracklet: Tracklet, looks: NDArray[np.float64]) -> list[tuple[Tracklet, NDArray[np.float64]]]:
    """The tracklet, or its parts if it shows several people; each with the looks of its shots.

    The last part keeps the id, so that the tracklet that continues it continues the last person; the first part keeps
    what the tracklet continued. Between two people nothing is continued.

    Args:
        tracklet: with its shots.
        looks: (n, d) of length 1, the embedding of each shot in the tracklet's order.
    """
    order = sorted(range(len(looks)), key=lambda place: tracklet.shots[place].time_s)
    shots, seen = [tracklet.shots[place] for place in order], looks[order]
    weights = np.array([shot.quality for shot in shots])
    place, change = strongest_change(seen, weights)
    between = _steps(tracklet.path, shots[place - 1].time_s, shots[place].time_s) if place else np.empty(0, np.intp)
    if change < LEAST_CHANGE or not len(between):
        return [(tracklet, looks)]
    before, after = _cut(tracklet, shots, place, _weakest(tracklet.path, between))
    return [*parted(before, seen[:place]), *parted(after, seen[place:])]


def strongest_change(looks: NDArray[np.float64], weights: NDArray[np.float64]) -> tuple[int, float]:
    """Where shots in order of time change most, and by how much.

    Returns:
        (place of the first shot after the change, mean cosine of pairs on one side minus that of pairs across);
        (0, 0.0) where there are too few shots to tell.
    """
    count = len(looks)
    if count < 2 * _LEAST_SHOTS:
        return 0, 0.0
    alike, weight = looks @ looks.T, np.outer(weights, weights)
    np.fill_diagonal(weight, 0.0)
    best = (0, 0.0)
    for place in range(_LEAST_SHOTS, count - _LEAST_SHOTS + 1):
        after = np.arange(count) >= place
        across = after[:, None] != after[None]
        within, between = (float(np.average(alike[part], weights=weight[part])) for part in (~across, across))
        best = max(best, (place, within - between), key=lambda found: found[1])
    return best


def _steps(path: Path, since_s: float, until_s: float) -> NDArray[np.intp]:
    """Boxes that come after a first moment, up to a second one, and after another box."""
    return np.flatnonzero((path.times_s[1:] > since_s) & (path.times_s[1:] <= until_s)) + 1


def _weakest(path: Path, steps: NDArray[np.intp]) -> int:
    """That of these boxes which fits the one before it least."""
    before, after = path.boxes_px[steps - 1], path.boxes_px[steps]
    shared = shared_area(before, after)
    union = box_area(before) + box_area(after) - shared
    return int(steps[np.argmin(shared / union.clip(1e-6))])


def _cut(tracklet: Tracklet, shots: Sequence[Shot], place: int, at: int) -> tuple[Tracklet, Tracklet]:
    """Before and from the box ``at`` on, with the shots before and from ``place`` on."""
    path = tracklet.path
    early, late = (
        Path(path.times_s[part], path.boxes_px[part], path.feet_px[part], path.width_px, path.height_px)
        for part in (slice(at), slice(at, None))
    )
    before = Tracklet(
        id=tracklet_id(tracklet.camera, early.times_s, early.boxes_px),
        camera=tracklet.camera,
        path=early,
        shots=tuple(shots[:place]),
        continues=tracklet.continues,
        presence=tracklet.presence,
    )
    after = Tracklet(
        id=tracklet.id,
        camera=tracklet.camera,
        path=late,
        shots=tuple(shots[place:]),
        continues=None,
        presence=tracklet.presence,
    )
    return before, after
