"""The worst mistakes of a site's score, each with the moments at which it is to be seen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from retrail.core.types import Box
from retrail.evaluate.identities import Confusion
from retrail.evaluate.matching import CameraFrames
from retrail.evaluate.shop import VisitPair
from retrail.evaluate.site import SiteScore
from retrail.evaluate.words import clock, evidence, how_wrong, seconds

_PICTURES = 18
_OF_A_KIND = 5
_LEAST_FRAMES = 10
"""A run of misses or false boxes that is shorter is not worth a picture."""
_SAME_RUN = 5
"""Frames between two boxes that still are of one run."""


@dataclass(frozen=True, slots=True)
class Still:
    """A moment of a camera.

    Attributes:
        camera, time_s: which.
        boxes: (box, label, whether it is what the truth says and nobody found); frame pixels.
        caption: what is to be seen.
    """

    camera: str
    time_s: float
    boxes: tuple[tuple[Box, str, bool], ...]
    caption: str


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake: a sentence, further lines, and its pictures, which belong side by side."""

    title: str
    lines: tuple[str, ...]
    stills: tuple[Still, ...]


def worst_mistakes(score: SiteScore) -> tuple[Mistake, ...]:
    """Merges, splits, people never followed, boxes of nobody and dwell that is far off; the worst of each kind."""
    confused = sorted(score.confusions, key=lambda one: -one.frames)
    merges = (_confused(one, score) for one in confused if one.kind == "merge")
    splits = (_confused(one, score) for one in confused if one.kind == "split")
    visits = sorted(score.visits or (), key=_how_far_off, reverse=True)
    wrong = (_dwell(pair, score) for pair in visits if _how_far_off(pair) >= 2.0)
    kinds: tuple[Iterable[Mistake | None], ...] = (merges, splits, wrong, _missed(score), _false(score))
    found = [mistake for kind in kinds for mistake in islice((one for one in kind if one), _OF_A_KIND)]
    return tuple(found[:_PICTURES])


def _confused(one: Confusion, score: SiteScore) -> Mistake | None:
    """One picture of each of the two that are confused."""
    if one.kind == "merge":
        asked = ((one.identity, one.person), (one.identity, one.other))
    else:
        asked = ((one.identity, one.person), (one.other, one.person))
    stills = tuple(
        still for identity, person in asked if (still := _portrait(score, identity, person, one)) is not None
    )
    return Mistake(how_wrong(one), tuple(evidence(decision, score) for decision in one.decisions[:4]), stills)


def _portrait(score: SiteScore, identity: int, person: int, one: Confusion) -> Still | None:
    """Where the box that shows a person under this identity is the largest."""
    best: tuple[float, Still] | None = None
    for camera in score.cameras:
        frames = camera.frames
        for at, (rows, columns) in enumerate(frames.clear.pairs):
            step = frames.steps[at]
            for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
                if step.truth[row] != person or step.found[column] != identity:
                    continue
                box = frames.found_boxes[at][column]
                area = float((box[2] - box[0]) * (box[3] - box[1]))
                if best is None or area > best[0]:
                    time_s = float(frames.times_s[at])
                    caption = f"Identity {identity} is person {person}: {frames.camera}, {clock(time_s, score)}"
                    label = f"{identity} (person {person})"
                    best = area, Still(frames.camera, time_s, ((_box(box), label, False),), caption)
    return best[1] if best else None


def _how_far_off(pair: VisitPair) -> float:
    """Seconds of dwell that are wrong; a visit that was missed or never was is wrong as a whole."""
    if pair.visit and pair.stay:
        return abs(pair.stay.length_s - pair.visit.dwell_s)
    return pair.visit.dwell_s if pair.visit else pair.stay.length_s if pair.stay else 0.0


def _dwell(pair: VisitPair, score: SiteScore) -> Mistake:
    visit, stay = pair.visit, pair.stay
    lines = (
        f"true: {_span(visit.enter_s, visit.leave_s, score)}" if visit else "it never happened",
        f"said: {_span(stay.enter_s, stay.leave_s, score)}, identity {stay.who}" if stay else "nobody said so",
    )
    if visit and stay:
        title = f"Person {pair.person} at {pair.zone}: {seconds(stay.length_s)} instead of {seconds(visit.dwell_s)}"
        late, early = stay.enter_s - visit.enter_s, visit.leave_s - stay.leave_s
        time_s = (visit.enter_s + stay.enter_s) / 2 if abs(late) > abs(early) else (visit.leave_s + stay.leave_s) / 2
    elif visit:
        title = f"Person {pair.person} at {pair.zone}: a visit of {seconds(visit.dwell_s)} is missing"
        time_s = (visit.enter_s + visit.leave_s) / 2
    else:
        title = f"At {pair.zone}: a visit that never was"
        time_s = (stay.enter_s + stay.leave_s) / 2 if stay else 0.0
    still = _moment(score, pair.camera, time_s, pair.person)
    return Mistake(title, lines, (still,) if still else ())


def _span(from_s: float, to_s: float, score: SiteScore) -> str:
    return f"{clock(from_s, score)} to {clock(to_s, score)}, {seconds(to_s - from_s)}"


def _moment(score: SiteScore, camera: str, time_s: float, person: int | None) -> Still | None:
    """A camera at the frame next to a moment: everybody who was found, and the person if he was not."""
    frames = next((one.frames for one in score.cameras if one.name == camera), None)
    if frames is None or not len(frames.times_s):
        return None
    at = int(np.abs(frames.times_s - time_s).argmin())
    boxes = [
        (_box(box), str(who) if who > 0 else "?", False)
        for box, who in zip(frames.found_boxes[at], frames.steps[at].found.tolist(), strict=True)
    ]
    found = set(frames.clear.pairs[at][0].tolist())
    boxes += [
        (_box(box), f"person {whose}", True)
        for row, (box, whose) in enumerate(zip(frames.truth_boxes[at], frames.steps[at].truth.tolist(), strict=True))
        if whose == person and row not in found
    ]
    return Still(
        camera, float(frames.times_s[at]), tuple(boxes), f"{camera}, {clock(float(frames.times_s[at]), score)}"
    )


def _missed(score: SiteScore) -> Iterator[Mistake]:
    """Longest runs of frames in which a person was not found."""
    runs: list[tuple[int, CameraFrames, int, list[int]]] = []
    for camera in score.cameras:
        frames = camera.frames
        missed: dict[int, list[int]] = {}
        for at, (rows, _) in enumerate(frames.clear.pairs):
            for person in np.delete(frames.steps[at].truth, rows).tolist():
                missed.setdefault(person, []).append(at)
        for person, places in missed.items():
            runs += [(len(run), frames, person, run.tolist()) for run in _runs(places)]
    for length, frames, person, run in _longest(runs):
        start_s, end_s = float(frames.times_s[run[0]]), float(frames.times_s[run[-1]])
        still = _moment(score, frames.camera, float(frames.times_s[run[len(run) // 2]]), person)
        lines = (f"{_span(start_s, end_s, score)}, {length} frames",)
        yield Mistake(f"Person {person} is not found on {frames.camera}", lines, (still,) if still else ())


def _false(score: SiteScore) -> Iterator[Mistake]:
    """Longest runs of boxes of one identity that show nobody."""
    runs: list[tuple[int, CameraFrames, int, list[int]]] = []
    for camera in score.cameras:
        frames = camera.frames
        false: dict[int, list[int]] = {}
        for at, (_, columns) in enumerate(frames.clear.pairs):
            for who in np.delete(frames.steps[at].found, columns).tolist():
                false.setdefault(who, []).append(at)
        for who, places in false.items():
            runs += [(len(run), frames, who, run.tolist()) for run in _runs(places)]
    for length, frames, who, run in _longest(runs):
        start_s, end_s = float(frames.times_s[run[0]]), float(frames.times_s[run[-1]])
        still = _moment(score, frames.camera, float(frames.times_s[run[len(run) // 2]]), None)
        name = f"Identity {who}" if who > 0 else "Somebody unresolved"
        lines = (f"{_span(start_s, end_s, score)}, {length} frames",)
        yield Mistake(f"{name} shows nobody, or is far off, on {frames.camera}", lines, (still,) if still else ())


def _runs(places: Sequence[int]) -> list[NDArray[np.int64]]:
    at = np.array(places, np.int64)
    return np.split(at, np.flatnonzero(np.diff(at) > _SAME_RUN) + 1)


def _longest(
    runs: Iterable[tuple[int, CameraFrames, int, list[int]]],
) -> list[tuple[int, CameraFrames, int, list[int]]]:
    long = [run for run in runs if run[0] >= _LEAST_FRAMES]
    return sorted(long, key=lambda run: (-run[0], run[1].camera, run[2]))


def _box(row: NDArray[np.float32]) -> Box:
    x1, y1, x2, y2 = row.tolist()
    return (x1, y1, x2, y2)
