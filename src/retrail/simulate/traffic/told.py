"""The truth of a day without pixels."""

from __future__ import annotations

from retrail.core.time import parse_time
from retrail.simulate.happenings import joined
from retrail.simulate.passing import passings
from retrail.simulate.traffic.day import Day, ways
from retrail.simulate.traffic.seen import SeenBoxes
from retrail.simulate.truth import (
    Truth,
    TruthCrossing,
    TruthOccupancy,
    TruthPerson,
    TruthVisit,
)
from retrail.site import Definitions


def truth_of_day(day: Day, boxes: SeenBoxes) -> Truth:
    """People, visits, crossings and occupancy of everybody whom a camera saw, and where their sightings have them."""
    spec, definitions = day.scenario.spec, Definitions()
    start_s = parse_time(spec.start)
    zone_of = _zones(day, definitions)
    people: list[TruthPerson] = []
    visits: list[TruthVisit] = []
    crossings: list[TruthCrossing] = []
    steps: list[tuple[float, str, int]] = []
    for visit in day.visits:
        number = visit.guest.number
        seen = [span for watcher, spans in visit.watched.items() if watcher < day.views.cameras for span in spans]
        if not seen:
            continue
        people.append(TruthPerson(number, visit.guest.staff, visit.guest.group))
        for from_s, to_s in joined(seen, definitions.return_after_s):
            steps += [(start_s + from_s, "", 1), (start_s + to_s, "", -1)]
        for watcher, spans in visit.watched.items():
            if watcher not in zone_of:
                continue
            camera, name, least_s = zone_of[watcher]
            for from_s, to_s in joined(spans, definitions.visit_gap_s):
                if to_s - from_s >= least_s:
                    visits.append(TruthVisit(number, camera, name, start_s + from_s, start_s + to_s))
                    steps += [(start_s + from_s, name, 1), (start_s + to_s, name, -1)]
        crossings += [
            TruthCrossing(number, name, "in" if inward else "out", start_s + at_s)
            for times_s, xy in ways(visit, spec.length_s)
            for name, line in spec.lines.items()
            for at_s, inward in passings(times_s, xy, line, visit.guest.height_m, definitions)
        ]
    return Truth(
        cameras={camera.name: camera for camera in boxes.cameras()},
        people=tuple(people),
        visits=tuple(sorted(visits, key=lambda visit: (visit.enter_s, visit.zone, visit.person))),
        crossings=tuple(sorted(crossings, key=lambda crossing: (crossing.time_s, crossing.person))),
        occupancy=tuple(_occupancy(steps)),
    )


def _zones(day: Day, definitions: Definitions) -> dict[int, tuple[str, str, float]]:
    """By watcher: camera, name and shortest visit of each zone; a camera without zones is one."""
    spec = day.scenario.spec
    zones = {
        day.views.cameras + index: (zone.camera, name, definitions.visit_after_s)
        for index, (name, zone) in enumerate(spec.zones.items())
    }
    zoned = {zone.camera for zone in spec.zones.values()}
    whole = {
        place: (name, name, definitions.seen_after_s) for place, name in enumerate(spec.cameras) if name not in zoned
    }
    return whole | zones


def _occupancy(steps: list[tuple[float, str, int]]) -> list[TruthOccupancy]:
    found: list[TruthOccupancy] = []
    people: dict[str, int] = {}
    last: dict[str, int] = {}
    for time_s, zone, step in sorted(steps):
        people[zone] = people.get(zone, 0) + step
        if zone in last and found[last[zone]].time_s == time_s:
            found[last[zone]] = TruthOccupancy(time_s, zone, people[zone])
            continue
        last[zone] = len(found)
        found.append(TruthOccupancy(time_s, zone, people[zone]))
    return found
