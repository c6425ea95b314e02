"""Who goes on with which box: the stages, from the surest to the boldest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from retrail.core.geometry import box_iou
from retrail.perceive.colours import likeness
from retrail.perceive.motion import joined, predict
from retrail.perceive.pairing import Fit, Tracks, best_pairs, covered, fit, only_choice, swollen
from retrail.perceive.trail import VAGUE_FOR_S, Seen, Trail

_Boxes = NDArray[np.float32]
_SAME_PLACE = 0.6  # overlap
# Measured on five real clips and the simulated shop: 99 in 100 boxes are as like to the one before as 0.93 (0.82 out of
# doors), half of all other people's less than 0.75 to 0.9.
_RIVAL_COLOUR = 2.0  # of a pair, times how much more alike another one is
_UNLIKE, _OTHER_COLOUR = 0.85, 3.0  # below it, times how far
_COLOUR_MOST = 0.6
_ALIKE = 0.9  # a box that fits nobody well, for it swelled or is where nobody was expected, must be as like
_VAGUE_COST = 0.1  # a track last seen half hidden half a second ago yields to one seen whole


@dataclass(frozen=True, slots=True)
class AssociationSettings:
    """What makes a box and a track one person.

    Attributes:
        high_score: boxes from here on are matched first, with all tracks; the others only carry on (ByteTrack).
        low_score: boxes below it are not looked at.
        moving_s: a track unseen for longer is found only where it was; by then nobody knows where it would have gone.
        recent_s: a track unseen for longer is not carried on by a low-scoring or a swollen box.
        fit: a box must fit a track by so much (`pairing.fit`).
        tentative_fit: the same for a track not yet confirmed.
        swollen: share of one box that must lie in the other where the height jumped.
        shared: share of the place of somebody missed for up to ``shared_s`` that makes another's box a box of both.
        better: so much better than a doubtful box must another fit to take its place.
    """

    high_score: float = 0.5
    low_score: float = 0.15
    moving_s: float = 2.0
    recent_s: float = 0.5
    fit: float = 0.5
    tentative_fit: float = 0.4
    swollen: float = 0.75
    shared: float = 0.5
    shared_s: float = 1.0
    better: float = 0.15


class Pair(NamedTuple):
    """Track ``row`` goes on with box ``column``; ``fit`` is about 1 where nothing speaks against it."""

    row: int
    column: int
    fit: float
    trusted: bool


def carry_on(
    trails: Sequence[Trail],
    leaving: NDArray[np.bool_],
    seen: Sequence[Seen],
    boxes: _Boxes,
    at_border: NDArray[np.bool_],
    settings: AssociationSettings,
) -> list[Pair]:
    """The best pairs, stage after stage.

    1. Confirmed tracks with high-scoring boxes (ByteTrack's first).
    2. What is left: a box that swallowed the track's, or is a part of it.
    3. Tracks seen a moment ago with low-scoring boxes (ByteTrack's second).
    4. A person who was lost and a box that have only each other in reach.
    5. Tracks not yet confirmed.

    Args:
        trails: the tracks.
        leaving: (n,) whether each was going out of the picture.
        seen, boxes: (m,) what was seen now, and its (m, 4) boxes.
        at_border: (m,) whether each touches the frame's border, where somebody else may come in.
        settings: what makes a pair.
    """
    if not trails or not seen:
        return []
    tracks = tracks_of(trails, seen[0].time_s)
    alike = _alike(trails, seen)
    fits = _dressed(_fit(trails, tracks, boxes, seen[0].time_s), alike)
    high = np.array([each.score >= settings.high_score for each in seen])
    confirmed = np.array([trail.confirmed for trail in trails])
    recent = confirmed & (tracks.unseen_s <= max(settings.recent_s, 1.2 * float(tracks.unseen_s.min())))
    waiting, free = np.ones(len(trails), bool), np.ones(len(seen), bool)
    pairs: list[Pair] = []

    def stage(
        gain: NDArray[np.float64], who: NDArray[np.bool_], which: NDArray[np.bool_], trusted: bool = True
    ) -> None:
        for row, column in best_pairs(gain, (who & waiting)[:, None] & (which & free)[None]):
            waiting[row] = free[column] = False
            pairs.append(Pair(row, column, float(fits.value[row, column]), trusted))

    def alike_only(gain: NDArray[np.float64]) -> NDArray[np.float64]:
        return gain if alike is None else np.where(alike >= _ALIKE, gain, 0.0)

    vague = np.array([trail.seen.time_s - trail.solid_s for trail in trails])
    value = fits.value - _VAGUE_COST * np.minimum(vague / 0.5, 1.0)[:, None]
    gone = tracks.unseen_s > settings.moving_s
    value = np.where(fits.possible & _in_reach(tracks, boxes, gone), value, 0.0)
    stage(value - settings.fit, confirmed, high)
    if (recent & waiting).any() and (high & free).any():
        stage(alike_only(swollen(tracks, boxes)) - settings.swollen, recent, high, trusted=False)
    stage(value - settings.fit, recent, ~high, trusted=False)
    moves = np.array([trail.judge.presence == "person" for trail in trails])
    who, which = confirmed & waiting & ~leaving & ~gone & moves, high & free & ~at_border
    if who.any() and which.any():
        stage(alike_only(only_choice(tracks, boxes, who, which)), who, which)
    stage(value - settings.tentative_fit, ~confirmed, high)
    missed = np.flatnonzero(confirmed & waiting & (tracks.unseen_s <= settings.shared_s))
    return _share(pairs, tracks.expected[missed], boxes, settings.shared) if len(missed) else pairs


def _in_reach(tracks: Tracks, boxes: _Boxes, gone: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(n, m) whether a track may be looked for in a box: one that is ``gone`` only where it was."""
    return ~gone[:, None] | (box_iou(tracks.last, boxes) >= _SAME_PLACE)


def _share(pairs: Sequence[Pair], missed: _Boxes, boxes: _Boxes, least: float) -> list[Pair]:
    """The pairs, with less trust in a box that has somebody else's place in it who is missed: it may be of both."""
    inside = covered(missed, boxes).max(axis=0) >= least
    return [pair._replace(trusted=pair.trusted and not inside[pair.column]) for pair in pairs]


def _fit(trails: Sequence[Trail], tracks: Tracks, boxes: _Boxes, time_s: float) -> Fit:
    """How well tracks and boxes fit; after vague boxes also as if those had not been seen, whichever is better."""
    fits = fit(tracks, boxes)
    vague = [i for i, trail in enumerate(trails) if trail.vague and time_s - trail.solid_s <= VAGUE_FOR_S]
    if not vague:
        return fits
    motion = joined([trails[index].solid_motion for index in vague])
    unseen_s = np.array([time_s - trails[index].solid_s for index in vague])
    solid, going = tracks.solid[vague], motion.speed[:, :2] / np.maximum(motion.value[:, 3:4], 1.0)
    before = fit(Tracks(motion, solid, solid, going, unseen_s, predict(motion, unseen_s)), boxes)
    value, possible = fits.value.copy(), fits.possible.copy()
    value[vague] = np.maximum(np.where(possible[vague], value[vague], 0), np.where(before.possible, before.value, 0))
    possible[vague] |= before.possible
    return Fit(value, possible)


def _alike(trails: Sequence[Trail], seen: Sequence[Seen]) -> NDArray[np.float64] | None:
    """(n, m) how like each box's colours are to what each track wears; None where nobody looked."""
    wear, show = [trail.wears for trail in trails], [each.colours for each in seen]
    if any(each is None for each in (*wear, *show)):
        return None
    return likeness(*(np.array(part, np.float32) for part in (wear, show)))


def _dressed(fits: Fit, alike: NDArray[np.float64] | None) -> Fit:
    """The fits, less where colours speak against them: another box is more like the track, another track more like the
    box, or the two are quite unlike, for one may have gone out where another came in."""
    if alike is None:
        return fits
    asked = np.where(fits.possible, alike, 0.0)
    best = np.maximum(asked.max(axis=1, keepdims=True), asked.max(axis=0, keepdims=True))
    cost = np.maximum(_RIVAL_COLOUR * (best - alike), _OTHER_COLOUR * (_UNLIKE - alike))
    return Fit(fits.value - np.clip(cost, 0.0, _COLOUR_MOST), fits.possible)


def reclaim(
    trails: Sequence[Trail], seen: Sequence[Seen], boxes: _Boxes, free: NDArray[np.bool_], settings: AssociationSettings
) -> list[tuple[Trail, int]]:
    """Tracks that took a doubtful box lately, and free boxes that fit them better as they were before it."""
    doubted = [trail for trail in trails if trail.doubt is not None]
    high = free & np.array([each.score >= settings.high_score for each in seen], bool)
    if not doubted or not high.any():
        return []
    doubts = [trail.doubt for trail in doubted if trail.doubt is not None]
    before = [doubt.before for doubt in doubts]
    tracks = tracks_of(before, seen[0].time_s)
    fits = _dressed(fit(tracks, boxes), _alike(before, seen))
    least = np.maximum(settings.fit, np.array([doubt.fit for doubt in doubts]) + settings.better)[:, None]
    possible = fits.possible & high[None] & _in_reach(tracks, boxes, tracks.unseen_s > settings.moving_s)
    return [(doubted[row], column) for row, column in best_pairs(fits.value - least, possible)]


def tracks_of(trails: Sequence[Trail], time_s: float) -> Tracks:
    """What association knows of ``trails`` at ``time_s``."""
    motion = joined([trail.motion for trail in trails])
    unseen_s = np.array([time_s - trail.seen.time_s for trail in trails])
    return Tracks(
        motion,
        last=np.array([trail.seen.box for trail in trails], np.float32),
        solid=np.array([trail.solid for trail in trails], np.float32),
        going=np.array([trail.going for trail in trails]),
        unseen_s=unseen_s,
        expected=predict(motion, unseen_s),
    )
