"""What a tracker is told and what it tells: settings, open tracks, closed tracklets."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from retrail.core.types import Box, Path, Presence
from retrail.perceive.association import AssociationSettings
from retrail.perceive.presence import PresenceSettings


@dataclass(frozen=True, slots=True)
class TrackSettings:
    """When boxes are one track. Times are in seconds: the rate of detection may be any, and may change.

    Attributes:
        new_score: only a box from here on begins a track.
        confirm_times, confirm_s: a track is confirmed once it was seen so often, over at least so long.
        tentative_gap_s: a track not yet confirmed may be unseen for so long.
        lost_s: a confirmed track that is unseen for longer is closed.
        still_lost_s: the same for one that stood still.
        left_s: the same for one that was going out of the picture.
        sure_fit: a box that fits less may have been somebody else's: for ``doubt_s`` a better one may take its place.
        still_doubt_s: the same for something that stood still and is no person, when a box leaves its place.
        cut_s: a tracklet that gets longer is closed, and the next one continues it.
        association: what makes a box and a track one person.
        presence: who is a person.
    """

    new_score: float = 0.6
    confirm_times: int = 3
    confirm_s: float = 0.3
    tentative_gap_s: float = 0.5
    lost_s: float = 2.0
    still_lost_s: float = 10.0
    left_s: float = 0.6
    sure_fit: float = 0.75
    doubt_s: float = 1.0
    still_doubt_s: float = 10.0
    cut_s: float = 20.0
    association: AssociationSettings = field(default_factory=AssociationSettings)
    presence: PresenceSettings = field(default_factory=PresenceSettings)


@dataclass(frozen=True, slots=True)
class OpenTrack:
    """A confirmed track that is not over.

    Attributes:
        key: its number in this tracker, from 1; stays the same through cuts.
        box: where it is; where it is expected, if it was not seen this time.
        score: of the last box seen.
        matched: whether it was seen this time.
        presence: what it is taken for.
        tracklet_started_s: when the tracklet in progress began (later than the track, once it was cut).
    """

    key: int
    box: Box
    score: float
    matched: bool
    presence: Presence
    tracklet_started_s: float


@dataclass(frozen=True, slots=True, eq=False)
class ClosedTrack:
    """A tracklet that is over.

    Attributes:
        key: the track it is a piece of.
        id: hash of camera, start and boxes; the same input gives the same id.
        path: where it was seen; gaps in which it was not seen are left as gaps.
        clear: (n,) whether no other box covered a fifth of each box of the path.
        presence: what the track was taken for when this piece closed.
        continues: id of the piece before, or None.
    """

    key: int
    id: str
    path: Path
    clear: NDArray[np.bool_]
    presence: Presence
    continues: str | None


@dataclass(frozen=True, slots=True)
class TrackStep:
    """What one step gave: the tracks that are open now, and the tracklets that closed."""

    open: tuple[OpenTrack, ...]
    closed: tuple[ClosedTrack, ...]


def tracklet_id(camera: str, times: NDArray[np.float64], boxes: NDArray[np.float32]) -> str:
    """The id of a tracklet of this camera, times (n,) in seconds and boxes (n, 4) in pixels."""
    parts = [camera.encode(), str(round(float(times[0]) * 1000)).encode(), boxes.tobytes()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]
