"""Sightings laid on the frames of the truth, in event time: who was where, and who was said to be there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrail.core.geometry import box_iou
from retrail.core.types import Sighting
from retrail.evaluate.clear import ClearScore, clear_score
from retrail.evaluate.steps import OVERLAP, Step, best_pairs
from retrail.insight.people import People, Who
from retrail.simulate.truth import TruthBoxes, TruthCamera

_HOLE_S = 1.0
"""Between two boxes this far apart, or of a tracklet and the one that continues it, a person was where a straight way
leads; beyond, nobody said where he was."""
_SLACK_S = 2e-3
"""Times go through files with milliseconds."""


@dataclass(frozen=True, slots=True, eq=False)
class CameraFrames:
    """One camera: the frames in which somebody was there or was found.

    Attributes:
        camera: its name.
        frames: (k,) int64, counted from 1.
        times_s: (k,) float64, seconds UTC.
        steps: (k,) what the metrics are made from; ``found`` are identities, or numbers below 0 for chains without.
        sightings: for each step the (m,) int64 places (among all sightings) of its found.
        truth_boxes, found_boxes: for each step (n, 4) and (m, 4) float32 frame pixels.
        clear: recall, precision, switches and pairs.
        held_back: boxes of people who were found but, for they hardly moved, not called people: ``undecided``.
    """

    camera: str
    frames: NDArray[np.int64]
    times_s: NDArray[np.float64]
    steps: tuple[Step, ...]
    sightings: tuple[NDArray[np.int64], ...]
    truth_boxes: tuple[NDArray[np.float32], ...]
    found_boxes: tuple[NDArray[np.float32], ...]
    clear: ClearScore
    held_back: int


@dataclass(frozen=True, slots=True, eq=False)
class Spotted:
    """Every pair of a person and a box that shows him, over all cameras, in order of camera and time; (n,) each.

    Attributes:
        camera: int64, place among the cameras.
        time_s: float64.
        person, found, sighting: int64; as in ``CameraFrames``.
    """

    camera: NDArray[np.int64]
    time_s: NDArray[np.float64]
    person: NDArray[np.int64]
    found: NDArray[np.int64]
    sighting: NDArray[np.int64]


def names_of(people: People) -> Mapping[Who, int]:
    """A number for everybody who was called a person: his identity, or one below 0 for a chain without one."""
    chains = sorted(people.unresolved)
    numbers: dict[Who, int] = {who: who for who in people.who_of.values() if isinstance(who, int)}
    return numbers | {name: -place for place, name in enumerate(chains, start=1)}


def frames_of(truth: TruthCamera, sightings: Sequence[Sighting], people: People) -> CameraFrames:
    """Lay the sightings of one camera on its frames.

    Args:
        truth: the camera. Where it lists the times of its frames, only those are judged; else all since the first.
        sightings: all of the site's; undecided ones and furniture were not called people and are left out.
        people: who they are.
    """
    number = names_of(people)
    who = np.array([number.get(people.who_of.get(one.id, ""), 0) for one in sightings], np.int64)
    frame, place, boxes = _found(truth, sightings, who)
    there = truth.boxes
    frames = np.unique(np.concatenate([there.frame, frame]))
    there_ends, found_ends = (np.searchsorted(of, frames, side="right") for of in (there.frame, frame))
    there_at, found_at = (np.searchsorted(of, frames, side="left") for of in (there.frame, frame))
    steps: list[Step] = []
    kept: list[NDArray[np.int64]] = []
    truth_boxes: list[NDArray[np.float32]] = []
    found_boxes: list[NDArray[np.float32]] = []
    for a, b, c, d in zip(there_at, there_ends, found_at, found_ends, strict=True):
        likeness = box_iou(there.xyxy[a:b], boxes[c:d])
        counts, judged = there.counts[a:b], _judged(likeness, there, slice(int(a), int(b)))
        own = place[c:d][judged]
        steps.append(Step(there.person[a:b][counts], who[own], likeness[np.ix_(counts, judged)]))
        kept.append(own)
        truth_boxes.append(there.xyxy[a:b][counts])
        found_boxes.append(boxes[c:d][judged])
    clear = clear_score(steps)
    undecided = np.array([people.who_of.get(one.id) in people.undecided for one in sightings], np.int64)
    held_frame, _, held = _found(truth, sightings, undecided)
    held_back = 0
    for at in np.flatnonzero(np.isin(frames, held_frame)).tolist():
        missed = np.delete(truth_boxes[at], clear.pairs[at][0], axis=0)
        held_back += int((box_iou(missed, held[held_frame == frames[at]]).max(axis=1, initial=0.0) >= OVERLAP).sum())
    return CameraFrames(
        truth.name,
        frames,
        truth.time_of(frames),
        tuple(steps),
        tuple(kept),
        tuple(truth_boxes),
        tuple(found_boxes),
        clear,
        held_back,
    )


def spotted(cameras: Sequence[CameraFrames]) -> Spotted:
    """Every pair of a person and a box, from frames that are laid on each other."""
    rows: list[tuple[int, float, int, int, int]] = []
    for place, camera in enumerate(cameras):
        for at, (truth, found) in enumerate(camera.clear.pairs):
            step, own, time_s = camera.steps[at], camera.sightings[at], float(camera.times_s[at])
            for row, column in zip(truth.tolist(), found.tolist(), strict=True):
                rows.append((place, time_s, int(step.truth[row]), int(step.found[column]), int(own[column])))
    columns: list[Iterable[float]] = list(zip(*rows, strict=True)) if rows else [()] * 5
    camera, time_s, person, found, sighting = (np.array(column) for column in columns)
    return Spotted(
        camera.astype(np.int64),
        time_s.astype(np.float64),
        person.astype(np.int64),
        found.astype(np.int64),
        sighting.astype(np.int64),
    )


def _judged(likeness: NDArray[np.float32], there: TruthBoxes, rows: slice) -> NDArray[np.bool_]:
    """Which of the found boxes are judged: not those on somebody who does not count."""
    counts = there.counts[rows]
    judged = np.ones(likeness.shape[1], np.bool_)
    if counts.all() or not likeness.size:
        return judged
    people, found = best_pairs(np.where(likeness >= OVERLAP, likeness, 0.0))
    judged[found[~counts[people]]] = False
    return judged


def _found(
    truth: TruthCamera, sightings: Sequence[Sighting], who: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """Frame, place of the sighting and box of everybody who was found, by frame."""
    parts: list[tuple[NDArray[np.int64], int, NDArray[np.float32]]] = []
    place_of = {one.id: place for place, one in enumerate(sightings)}
    for place, one in enumerate(sightings):
        if one.camera != truth.name or not who[place] or not len(one.path):
            continue
        times_s, boxes = one.path.times_s, one.path.boxes_px
        before = place_of.get(one.continues or "")
        if before is not None and len(sightings[before].path):
            ends = sightings[before].path
            times_s = np.concatenate([ends.times_s[-1:], times_s])
            boxes = np.concatenate([ends.boxes_px[-1:], boxes])
        frames = _frames_between(truth, float(times_s[0]), float(times_s[-1]))
        at = truth.time_of(frames)
        if before is not None:  # the last box before belongs to the one before
            later = at > times_s[0] + _SLACK_S
            frames, at = frames[later], at[later]
        frames = frames[_near(at, times_s)]
        at = truth.time_of(frames)
        between = [np.interp(at, times_s, boxes[:, side]) for side in range(4)]
        parts.append((frames, place, np.stack(between, axis=1).astype(np.float32)))
    frame = np.concatenate([np.empty(0, np.int64), *(frames for frames, _, _ in parts)])
    place = np.concatenate([np.empty(0, np.int64), *(np.full(len(frames), of) for frames, of, _ in parts)])
    boxes = np.concatenate([np.empty((0, 4), np.float32), *(part for _, _, part in parts)])
    order = np.argsort(frame, kind="stable")
    return frame[order], place[order], boxes[order]


def _frames_between(truth: TruthCamera, from_s: float, to_s: float) -> NDArray[np.int64]:
    if truth.times_s is not None:
        first, end = np.searchsorted(truth.times_s, [from_s - _SLACK_S, to_s + _SLACK_S])
        return np.arange(first + 1, end + 1, dtype=np.int64)
    first = int(np.ceil((from_s - _SLACK_S - truth.first_frame_s) * truth.frame_rate_hz))
    last = int(np.floor((to_s + _SLACK_S - truth.first_frame_s) * truth.frame_rate_hz))
    return np.arange(max(first, 0) + 1, last + 2, dtype=np.int64)


def _near(at: NDArray[np.float64], times_s: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether the boxes before and after each moment are near enough to each other."""
    after = np.clip(np.searchsorted(times_s, at), 1, max(len(times_s) - 1, 1))
    if len(times_s) == 1:
        return np.ones(len(at), np.bool_)
    on_one = (np.abs(at - times_s[after - 1]) <= _SLACK_S) | (np.abs(at - times_s[after]) <= _SLACK_S)
    return on_one | (times_s[after] - times_s[after - 1] <= _HOLE_S)
