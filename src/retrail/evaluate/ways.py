"""Whole ways through the shop, against the truth: journeys exactly right, and changes from camera to camera."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from retrail.evaluate.labelled import Labelled
from retrail.evaluate.shop import VisitPair
from retrail.evaluate.steps import best_pairs
from retrail.insight.findings import Pass
from retrail.simulate.truth import TruthCamera, TruthCrossing

_AT_ITS_TIME_S = 3.0
"""How far off a crossing, and the beginning and the end of a visit, may be in a journey that is right."""
_SEEN_WELL = 0.5
"""A presence in which the person was never to be seen by this much is not asked about."""


@dataclass(frozen=True, slots=True)
class JourneyScore:
    """One person's day: right where the one identity that is paired with him has just his visits and crossings, each at
    its time (a visit begins and ends within 3 s of it), and he has no other.

    Attributes:
        wrong: what is not so, in words; empty where nothing is found wrong.
        right: None where nothing is found wrong, but the truth lacks what tells that all is right.
    """

    person: int
    identity: int | None
    wrong: tuple[str, ...]
    right: bool | None


@dataclass(frozen=True, slots=True)
class Transition:
    """Somebody goes from one camera to another: right where both say the same identity.

    Attributes:
        from_camera, to_camera, leave_s, enter_s: the way.
        before, after: who he was taken to be there; None: not found, or nobody known.
    """

    person: int
    from_camera: str
    to_camera: str
    leave_s: float
    enter_s: float
    before: int | None
    after: int | None

    @property
    def right(self) -> bool:
        return self.before is not None and self.before == self.after


@dataclass(frozen=True, slots=True)
class Presence:
    """Somebody is to be seen on a camera without a break."""

    person: int
    camera: str
    start_s: float
    end_s: float


def presences(camera: TruthCamera, gap_s: float) -> tuple[Presence, ...]:
    """Everybody's presences on a camera, those in which he is never well seen left out.

    Args:
        camera: with its boxes.
        gap_s: out of sight for less is no break.
    """
    boxes = camera.boxes
    times_s = camera.time_of(boxes.frame)
    found: list[Presence] = []
    for person in np.unique(boxes.person[boxes.counts]).tolist():
        own = np.flatnonzero(boxes.counts & (boxes.person == person))
        breaks = np.flatnonzero(np.diff(times_s[own]) >= gap_s) + 1
        found += [
            Presence(person, camera.name, float(times_s[part[0]]), float(times_s[part[-1]]))
            for part in np.split(own, breaks)
            if boxes.visibility[part].max() >= _SEEN_WELL
        ]
    return tuple(found)


def transitions(seen: Sequence[Presence], who_was: Mapping[Presence, int | None]) -> tuple[Transition, ...]:
    """Every change of camera, by person and time: from where somebody was last in view to where he is next.

    Who comes into view of a camera while another still sees him has not gone from one to the other.

    Args:
        seen: presences of all cameras.
        who_was: the identity that the person was taken for in each.
    """
    found: list[Transition] = []
    for person in sorted({one.person for one in seen}):
        own = sorted((one for one in seen if one.person == person), key=lambda one: (one.start_s, one.camera))
        last = own[0]
        for one in own[1:]:
            if last.end_s < one.start_s and last.camera != one.camera:
                way = last.camera, one.camera, last.end_s, one.start_s
                found.append(Transition(person, *way, who_was[last], who_was[one]))
            if one.end_s >= last.end_s:
                last = one
    return tuple(found)


def journeys_lack(labelled: Labelled) -> str:
    """What the truth lacks to call any journey right, in words; empty: nothing.

    Who was merely found may have been anywhere; and without boxes nobody can tell which identity is whose.
    """
    if not labelled.drawn:
        return "the truth has no boxes"
    return "" if labelled.truth.visits is not None else "the truth has no visits.csv"


def journey_scores(
    labelled: Labelled, identity_of: Mapping[int, int], visits: Sequence[VisitPair] | None
) -> tuple[JourneyScore, ...]:
    """Is the journey of everybody whose boxes were drawn exactly right? Without crossings it is visits alone that make
    it so.

    Args:
        labelled: what was reported, and what happened.
        identity_of: the identity that each is paired with.
        visits: of ``visit_pairs``; None where the truth does not speak of them.
    """
    truth = labelled.truth
    found_right = None if journeys_lack(labelled) else True
    passes = [one for place, found in labelled.findings.passes.items() for one in found if place.kind == "line"]
    scores: list[JourneyScore] = []
    for person in labelled.boxed():
        identity = identity_of.get(person)
        wrong: list[str] = []
        if identity is None or identity < 0:
            wrong.append("no identity")
        wrong += _wrong_visits(person, identity, visits or ())
        if truth.crossings is not None:
            wrong += _wrong_crossings(
                [one for one in truth.crossings if one.person == person],
                [one for one in passes if one.who == identity],
            )
        scores.append(JourneyScore(person, identity, tuple(wrong), False if wrong else found_right))
    return tuple(scores)


def _wrong_visits(person: int, identity: int | None, visits: Sequence[VisitPair]) -> list[str]:
    wrong: list[str] = []
    for pair in visits:
        visit, stay = pair.visit, pair.stay
        own = stay is not None and stay.who == identity
        if visit is not None and visit.person == person:
            if stay is None:
                wrong.append(f"visit to {pair.zone} missed")
            elif not own:
                wrong.append(f"visit to {pair.zone} given to {stay.who}")
            else:
                ends = (("begins", stay.enter_s - visit.enter_s), ("ends", stay.leave_s - visit.leave_s))
                wrong += [
                    f"visit to {pair.zone} {end} {abs(off_s):.1f} s {'late' if off_s > 0 else 'early'}"
                    for end, off_s in ends
                    if abs(off_s) > _AT_ITS_TIME_S
                ]
        elif own:
            wrong.append(f"visit to {pair.zone} that was not his")
    return wrong


def _wrong_crossings(true: Sequence[TruthCrossing], said: Sequence[Pass]) -> list[str]:
    near = np.zeros((len(true), len(said)))
    for row, one in enumerate(true):
        for column, other in enumerate(said):
            if (one.line, one.direction) == (other.place.name, other.direction):
                near[row, column] = max(_AT_ITS_TIME_S - abs(one.time_s - other.time_s), 0.0)
    rows, columns = best_pairs(near)
    missed = [one for row, one in enumerate(true) if row not in set(rows.tolist())]
    extra = [one for column, one in enumerate(said) if column not in set(columns.tolist())]
    return [f"crossing of {one.line} ({one.direction}) missed" for one in missed] + [
        f"crossing of {one.place.name} ({one.direction}) that was not his" for one in extra
    ]
