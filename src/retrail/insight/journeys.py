"""Visits, crossings and journeys of the identities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from retrail.core.types import Crossing, Journey, Sighting, Visit
from retrail.insight.findings import Findings, find
from retrail.site import Site


def visits(sightings: Sequence[Sighting], identity_of: Mapping[str, int | None], site: Site) -> tuple[Visit, ...]:
    """Every stay of an identity in a zone, by time of entering. Arguments as for `find`."""
    return visits_of(find(sightings, identity_of, site))


def crossings(sightings: Sequence[Sighting], identity_of: Mapping[str, int | None], site: Site) -> tuple[Crossing, ...]:
    """Every passing of a line by an identity, by time. Arguments as for `find`."""
    return crossings_of(find(sightings, identity_of, site))


def journeys(sightings: Sequence[Sighting], identity_of: Mapping[str, int | None], site: Site) -> tuple[Journey, ...]:
    """What every identity did, by its number; one only seen in passing has no visits. Arguments as for `find`."""
    return journeys_of(find(sightings, identity_of, site))


def visits_of(findings: Findings) -> tuple[Visit, ...]:
    """Every stay of an identity in a zone, by time of entering."""
    found = [
        Visit(stay.who, place.camera, place.name, stay.enter_s, stay.leave_s, stay.sightings)
        for place, stays in findings.stays.items()
        if place.kind == "zone"
        for stay in stays
        if isinstance(stay.who, int)
    ]
    return tuple(sorted(found, key=lambda visit: (visit.enter_s, visit.identity, visit.leave_s, visit.zone)))


def crossings_of(findings: Findings) -> tuple[Crossing, ...]:
    """Every passing of a line by an identity, by time."""
    found = [
        Crossing(one.who, place.name, place.camera, one.time_s, one.direction, one.sighting)
        for place, passes in findings.passes.items()
        for one in passes
        if isinstance(one.who, int)
    ]
    return tuple(sorted(found, key=lambda crossing: (crossing.time_s, crossing.identity, crossing.line)))


def journeys_of(findings: Findings) -> tuple[Journey, ...]:
    """What every identity did, by its number."""
    stays: dict[int, list[Visit]] = {who: [] for who in findings.people.who_of.values() if isinstance(who, int)}
    passed: dict[int, list[Crossing]] = {who: [] for who in stays}
    for visit in visits_of(findings):
        stays[visit.identity].append(visit)
    for crossing in crossings_of(findings):
        passed[crossing.identity].append(crossing)
    return tuple(Journey(who, tuple(stays[who]), tuple(passed[who])) for who in sorted(stays))
