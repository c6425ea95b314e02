"""False merges and splits: two people under one number, one person under two, each with the evidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from retrail.associate.ledger import Resolution
from retrail.core.types import Candidate, LedgerEntry, Sighting
from retrail.evaluate.matching import Spotted
from retrail.insight.people import People

_MIXED = 0.2
"""A sighting of which a greater part shows somebody else was mixed up by the tracker."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What the ledger says about a sighting.

    Attributes:
        sighting, camera, start_s, end_s, quality: which it is.
        frames: in how many frames it shows the person.
        mixed: another person is in it too: the tracker went over from one to the other.
        outcome, probability, reason: of its match; empty where it was never matched.
        candidate: what spoke for and against the identity in question, or None where it was not considered.
        entries: numbers of the ledger's entries about it.
        reasons: of those entries.
    """

    sighting: str
    camera: str
    start_s: float
    end_s: float
    quality: float
    frames: int
    mixed: bool
    outcome: str
    probability: float | None
    candidate: Candidate | None
    entries: tuple[int, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Confusion:
    """Two people under one number (``merge``), or one under two (``split``).

    Attributes:
        kind: merge: ``identity`` is ``person``, and the person ``other`` too. split: ``person`` is ``identity``, and
            the identity ``other`` too.
        person, identity, other: who is confused with whom.
        frames: in how many frames it is wrong.
        decisions: about the sightings that are wrong, in order of time.
    """

    kind: str
    person: int
    identity: int
    other: int
    frames: int
    decisions: tuple[Decision, ...]

    @property
    def from_tracking(self) -> bool:
        """Whether the tracker alone brought it about: every sighting is of both people."""
        return all(decision.mixed for decision in self.decisions)


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """Whom each sighting shows: frames by person, by place of the sighting."""

    frames: Mapping[int, Counter[int]]

    def person(self, place: int) -> int | None:
        """Whom it shows most of the time; None: nobody."""
        most = self.frames.get(place)
        return max(most, key=lambda person: (most[person], -person)) if most else None

    def mixed(self, place: int) -> bool:
        """Whether a good part of it shows somebody else."""
        counts = self.frames.get(place, Counter[int]())
        return bool(counts) and 1 - max(counts.values()) / sum(counts.values()) > _MIXED


def shown(pairs: Spotted) -> Shown:
    """Whom each sighting shows."""
    frames: dict[int, Counter[int]] = {}
    for sighting, person in zip(pairs.sighting.tolist(), pairs.person.tolist(), strict=True):
        frames.setdefault(sighting, Counter[int]())[person] += 1
    return Shown(frames)


def confusions(
    sightings: Sequence[Sighting],
    people: People,
    resolution: Resolution,
    entries: Mapping[int, LedgerEntry],
    whom: Shown,
) -> tuple[Confusion, ...]:
    """False merges, then false splits, each kind with the most frames first.

    Args:
        sightings: of the log.
        people, resolution, entries: who they were taken to be, and why.
        whom: whom they show.
    """
    together: dict[tuple[int, int], list[int]] = {}
    for place, sighting in enumerate(sightings):
        who, person = people.who_of.get(sighting.id), whom.person(place)
        if isinstance(who, int) and person is not None:
            together.setdefault((who, person), []).append(place)
    frames = {key: sum(whom.frames[place][key[1]] for place in places) for key, places in together.items()}
    found: list[Confusion] = []
    for kind, this, that in (("merge", 0, 1), ("split", 1, 0)):
        for one in sorted({key[this] for key in together}):
            keys = sorted((key for key in together if key[this] == one), key=lambda key: (-frames[key], key))
            main = keys[0]
            for key in keys[1:]:
                identity = main[0]  # whom the evidence is asked about
                decisions = [
                    _decision(place, key[1], identity, sightings, resolution, entries, whom) for place in together[key]
                ]
                other = key[that]
                found.append(Confusion(kind, main[1], main[0], other, frames[key], tuple(decisions)))
    return tuple(sorted(found, key=lambda one: (one.kind, -one.frames, one.person, one.other)))


def _decision(
    place: int,
    person: int,
    identity: int,
    sightings: Sequence[Sighting],
    resolution: Resolution,
    entries: Mapping[int, LedgerEntry],
    whom: Shown,
) -> Decision:
    sighting = sightings[place]
    match = resolution.matches.get(sighting.id)
    candidates = match.candidates if match else ()
    wanted = resolution.current(identity)
    candidate = next((one for one in candidates if resolution.current(one.identity) == wanted), None)
    lineage = match.lineage if match else ()
    reasons = [entries[number].reason for number in lineage if number in entries and entries[number].reason]
    if match and match.reason and match.reason not in reasons:
        reasons.append(match.reason)
    return Decision(
        sighting.id,
        sighting.camera,
        sighting.start_s,
        sighting.end_s,
        sighting.quality,
        whom.frames[place][person],
        whom.mixed(place),
        match.outcome if match else "",
        match.probability if match else None,
        candidate,
        lineage,
        tuple(dict.fromkeys(reasons)),
    )


def never_found(pairs: Spotted, there: Sequence[int]) -> tuple[int, ...]:
    """People who were there and whom no box ever showed."""
    seen = set(np.unique(pairs.person).tolist())
    return tuple(person for person in there if person not in seen)
