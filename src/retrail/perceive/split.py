"""Tracklets that show two people, parted where the looks change for good.

Where people cross, a tracker may go on with the wrong one. The shots of such a tracklet are alike before a moment and
alike after it, but not across it (the splitting step of Global Tracklet Association, Sun et al., arXiv 2411.08216,
here with one moment in time rather than clusters, since people who swap places do so once). Somebody who turns round
looks another, too: a tracklet is parted only where somebody else was by, or the boxes have a gap or a leap, and where
the sides are less alike than two sightings of one person are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from retrail.core.geometry import box_area, shared_area
from retrail.core.types import Path, Shot, Tracklet
from retrail.perceive.tracklets import tracklet_id

LEAST_CHANGE = 0.3
"""How much more alike shots of one side must be than shots of different sides, in cosine."""
_LEAST_SHOTS = 2  # on either side: one odd picture is no other person
_GAP_S, _LEAP = 0.5, 0.4  # unseen for longer, or overlapping less with the box before: it may be somebody else


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """What a tracklet shows, shots in order of time.

    Attributes:
        shots_s: (n,) float64 when each shot was taken.
        weights: (n,) float64 their qualities.
        looks: (n, d) float64 of length 1, their embeddings.
        times_s, boxes_px, clear: (k,), (k, 4) and (k,), of the tracklet's path.
    """

    shots_s: NDArray[np.float64]
    weights: NDArray[np.float64]
    looks: NDArray[np.float64]
    times_s: NDArray[np.float64]
    boxes_px: NDArray[np.float32]
    clear: NDArray[np.bool_]

    def followed_by(self, other: Shown) -> Shown:
        """Both as one, where both have shots; else the other alone."""
        if not len(self.looks) or not len(other.looks):
            return other
        return Shown(
            np.concatenate([self.shots_s, other.shots_s]),
            np.concatenate([self.weights, other.weights]),
            np.concatenate([self.looks, other.looks]),
            np.concatenate([self.times_s, other.times_s]),
            np.concatenate([self.boxes_px, other.boxes_px]),
            np.concatenate([self.clear, other.clear]),
        )


def shown(tracklet: Tracklet, looks: NDArray[np.float64]) -> Shown:
    """What a tracklet shows, from (n, d) looks of its shots in the tracklet's order."""
    shots_s = np.array([shot.time_s for shot in tracklet.shots])
    weights = np.array([shot.quality for shot in tracklet.shots])
    order = np.argsort(shots_s, kind="stable")
    path = tracklet.path
    return Shown(shots_s[order], weights[order], looks[order], path.times_s, path.boxes_px, tracklet.clear)


def parted(
    tracklet: Tracklet, looks: NDArray[np.float64], cut: float, before: Shown | None = None
) -> list[tuple[Tracklet, NDArray[np.float64]]]:
    """The tracklet, or its parts if it shows several people; each with the looks of its shots.

    The last part keeps the id, so that the tracklet that continues it continues the last person; the first part keeps
    what the tracklet continued, unless it shows somebody else. Between two people nothing is continued.

    Args:
        tracklet: with its shots.
        looks: (n, d) of length 1, the embedding of each shot in the tracklet's order.
        cut: cosine from which two sightings may be one person.
        before: what the tracklet that it continues shows; None: it continues none, or nobody knows.
    """
    here = shown(tracklet, looks)
    whole = here if before is None else before.followed_by(here)
    place = strongest_change(whole.looks, whole.weights, _may_change(whole), cut)
    if place is None:
        return [(tracklet, looks)]
    place -= len(whole.looks) - len(here.looks)
    if place <= 0:
        return parted(replace(tracklet, continues=None), looks, cut)
    order = sorted(range(len(looks)), key=lambda shot: tracklet.shots[shot].time_s)
    shots, seen = [tracklet.shots[shot] for shot in order], looks[order]
    between = _steps(tracklet.path, shots[place - 1].time_s, shots[place].time_s)
    if not len(between):
        return [(tracklet, looks)]
    first, second = _cut(tracklet, shots, place, _weakest(tracklet.path, between))
    return [*parted(first, seen[:place], cut, before), *parted(second, seen[place:], cut)]


def strongest_change(
    looks: NDArray[np.float64], weights: NDArray[np.float64], may_change: NDArray[np.bool_], cut: float
) -> int | None:
    """The shot, of those in order of time, from which on it is somebody else; None where it is one person all along.

    Args:
        looks: (n, d) of length 1.
        weights: (n,) of the shots.
        may_change: (n,) whether it may be another person from this shot on.
        cut: mean cosine of shots before and after, from which on they show one person.

    Returns:
        that place at which shots of one side are more alike than those of different sides by the most, and by
        ``LEAST_CHANGE`` at least.
    """
    count = len(looks)
    if count < 2 * _LEAST_SHOTS:
        return None
    alike, weight = looks @ looks.T, np.outer(weights, weights)
    np.fill_diagonal(weight, 0.0)
    best, most = None, LEAST_CHANGE
    for place in (np.flatnonzero(may_change[_LEAST_SHOTS : count - _LEAST_SHOTS + 1]) + _LEAST_SHOTS).tolist():
        after = np.arange(count) >= place
        across = after[:, None] != after[None]
        within, between = (float(np.average(alike[part], weights=weight[part])) for part in (~across, across))
        if between < cut and within - between >= most:
            best, most = int(place), within - between
    return best


def _may_change(whole: Shown) -> NDArray[np.bool_]:
    """(n,) whether somebody was by, or the boxes have a gap or a leap, between each shot and the one before."""
    odd = ~whole.clear
    odd[1:] |= (np.diff(whole.times_s) > _GAP_S) | (_overlaps(whole.boxes_px[:-1], whole.boxes_px[1:]) < _LEAP)
    odd_s = whole.times_s[odd]
    behind, until = np.searchsorted(odd_s, whole.shots_s, "left"), np.searchsorted(odd_s, whole.shots_s, "right")
    return np.append(False, until[1:] > behind[:-1])


def _overlaps(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    shared = shared_area(a, b)
    return (shared / (box_area(a) + box_area(b) - shared).clip(1e-6)).astype(np.float32)


def _steps(path: Path, since_s: float, until_s: float) -> NDArray[np.intp]:
    """Boxes that come after a first moment, up to a second one, and after another box."""
    return np.flatnonzero((path.times_s[1:] > since_s) & (path.times_s[1:] <= until_s)) + 1


def _weakest(path: Path, steps: NDArray[np.intp]) -> int:
    """That of these boxes which fits the one before it least."""
    return int(steps[np.argmin(_overlaps(path.boxes_px[steps - 1], path.boxes_px[steps]))])


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
        clear=tracklet.clear[:at],
        continues=tracklet.continues,
        presence=tracklet.presence,
    )
    after = Tracklet(
        id=tracklet.id,
        camera=tracklet.camera,
        path=late,
        shots=tuple(shots[place:]),
        clear=tracklet.clear[at:],
        continues=None,
        presence=tracklet.presence,
    )
    return before, after
