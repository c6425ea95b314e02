"""The truth of a world: who was in which picture, and what happened on the floor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from retrail.simulate.happenings import Span, crossings, joined, visits
from retrail.simulate.render.film import Picture, film
from retrail.simulate.schedule import is_even
from retrail.simulate.truth import (
    Truth,
    TruthBoxes,
    TruthCamera,
    TruthOccupancy,
    TruthPerson,
    TruthVisit,
)
from retrail.simulate.world import World
from retrail.site import Definitions

_SEEN = 0.1
"""Who shows less of the body than this is in the picture, but nobody could say that somebody was seen: neither missed
nor a false alarm."""


@dataclass(slots=True)
class Record:
    """What a camera's film showed, picture by picture."""

    times_s: list[float] = field(default_factory=list[float])
    pictures: list[tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.float32]]] = field(
        default_factory=list[tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.float32]]]
    )

    def add(self, picture: Picture) -> None:
        """Note who is in a picture."""
        self.times_s.append(picture.time_s)
        self.pictures.append((picture.people, picture.boxes, picture.visibility))

    def seen(self) -> dict[int, list[Span]]:
        """By person: every moment at which a camera saw enough of them, as spans of no length."""
        found: dict[int, list[Span]] = {}
        for time_s, (people, _, visibility) in zip(self.times_s, self.pictures, strict=True):
            for person in people[visibility >= _SEEN].tolist():
                found.setdefault(person, []).append((time_s, time_s))
        return found


def truth_of(world: World, records: Mapping[str, Record] | None = None) -> Truth:
    """The truth of a world.

    Args:
        records: what each camera's film showed, where that is known already; else every film is drawn for it.

    Raises:
        DataError: a zone or line is nowhere in its camera's picture.
    """
    if records is None:
        records = {camera: _recorded(world, camera) for camera in world.scenario.spec.cameras}
    definitions = Definitions()
    cameras = {camera: _camera(world, camera, record) for camera, record in records.items()}
    there = sorted({int(person) for camera in cameras.values() for person in np.unique(camera.boxes.person)})
    guests = {life.guest.number: life.guest for life in world.lives}
    people = tuple(TruthPerson(number, guests[number].staff, guests[number].group) for number in there)
    stays = _visits(world, records, definitions)
    passed = [
        crossing
        for name, line in world.scenario.spec.lines.items()
        for crossing in crossings(world, name, line, definitions)
    ]
    known = set(there)
    stays = [stay for stay in stays if stay.person in known]
    return Truth(
        cameras=cameras,
        people=people,
        visits=tuple(sorted(stays, key=lambda stay: (stay.enter_s, stay.zone, stay.person))),
        crossings=tuple(
            sorted((one for one in passed if one.person in known), key=lambda one: (one.time_s, one.person))
        ),
        occupancy=tuple(_occupancy(world, records, stays, definitions)),
        simulated=True,
    )


def _recorded(world: World, camera: str) -> Record:
    record = Record()
    for picture in film(world, camera):
        record.add(picture)
    return record


def _camera(world: World, camera: str, record: Record) -> TruthCamera:
    spec = world.scenario.spec.cameras[camera]
    shown_s = np.array(record.times_s, np.float64) + world.start_s + spec.skew_s
    counts = [len(people) for people, _, _ in record.pictures]
    frame = np.repeat(np.arange(1, len(counts) + 1), counts).astype(np.int64)
    person = np.concatenate([people for people, _, _ in record.pictures] or [np.zeros(0, np.int64)])
    xyxy = np.concatenate([boxes for _, boxes, _ in record.pictures] or [np.zeros((0, 4), np.float32)])
    visibility = np.concatenate([seen for _, _, seen in record.pictures] or [np.zeros(0, np.float32)])
    boxes = TruthBoxes(frame, person, xyxy, visibility >= _SEEN, visibility)
    first_s = float(shown_s[0]) if len(shown_s) else world.start_s
    times_s = None if is_even(world, camera) else shown_s
    return TruthCamera(camera, spec.width_px, spec.height_px, spec.rate_hz, first_s, times_s, boxes)


def _visits(world: World, records: Mapping[str, Record], definitions: Definitions) -> list[TruthVisit]:
    spec = world.scenario.spec
    found: list[TruthVisit] = []
    for name, zone in spec.zones.items():
        seen = records[zone.camera].seen() if zone.camera in records else {}
        found += visits(world, name, zone, seen, definitions)
    zoned = {zone.camera for zone in spec.zones.values()}
    for camera in (camera for camera in records if camera not in zoned):
        for person, moments in records[camera].seen().items():
            found += [
                TruthVisit(person, camera, camera, world.start_s + start, world.start_s + end)
                for start, end in joined(moments, definitions.visit_gap_s)
            ]
    return found


def _occupancy(
    world: World, records: Mapping[str, Record], stays: Sequence[TruthVisit], definitions: Definitions
) -> list[TruthOccupancy]:
    moments: dict[int, list[Span]] = {}
    for record in records.values():
        for person, seen in record.seen().items():
            moments.setdefault(person, []).extend(seen)
    present = [
        (world.start_s + start, world.start_s + end)
        for seen in moments.values()
        for start, end in joined(seen, definitions.return_after_s)
    ]
    changes = _changes("", present)
    for zone in sorted({stay.zone for stay in stays}):
        changes += _changes(zone, [(stay.enter_s, stay.leave_s) for stay in stays if stay.zone == zone])
    return sorted(changes, key=lambda change: (change.time_s, change.zone))


def _changes(zone: str, spans: Sequence[Span]) -> list[TruthOccupancy]:
    steps = sorted([(start, 1) for start, _ in spans] + [(end, -1) for _, end in spans])
    found: list[TruthOccupancy] = []
    people = 0
    for time_s, step in steps:
        people += step
        if found and found[-1].time_s == time_s:
            found.pop()
        found.append(TruthOccupancy(time_s, zone, people))
    return found
