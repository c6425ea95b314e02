"""What the log and the ledger say, with zones and lines applied: the ground of every report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from retrail.core.types import Sighting
from retrail.insight.doorways import Passing, Way, missed_passes
from retrail.insight.lines import line_passes
from retrail.insight.people import People, Who, people
from retrail.insight.trails import Trail, seen_spans, trails
from retrail.insight.zones import zone_stays
from retrail.site import Definitions, Line, Site

PlaceKind = Literal["site", "camera", "zone", "line"]


@dataclass(frozen=True, slots=True)
class Place:
    """What a number is about. ``camera`` is empty for the site as a whole."""

    kind: PlaceKind
    name: str
    camera: str = ""


@dataclass(frozen=True, slots=True)
class Stay:
    """Somebody was at a place: in the shop, in view of a camera, in a zone (then it is a visit)."""

    who: Who
    place: Place
    enter_s: float
    leave_s: float
    sightings: tuple[str, ...] = ()

    @property
    def length_s(self) -> float:
        return self.leave_s - self.enter_s


@dataclass(frozen=True, slots=True)
class Pass:
    """Somebody passed a line."""

    who: Who
    place: Place
    time_s: float
    direction: Literal["in", "out"]
    sighting: str


@dataclass(frozen=True, slots=True)
class Findings:
    """All stays and passes, of identities and of those without one.

    Attributes:
        site: the site with its zones, lines and definitions.
        people: who is an identity, unresolved, undecided.
        stays: by place, in order of time; every site, camera and zone of the site file has its key.
        passes: by line, in order of time; every line has its key.
    """

    site: Site
    people: People
    stays: Mapping[Place, tuple[Stay, ...]]
    passes: Mapping[Place, tuple[Pass, ...]]

    @property
    def places(self) -> tuple[Place, ...]:
        """Site, cameras, zones, lines, each in the order of the site file."""
        order = ("site", "camera", "zone", "line")
        return tuple(sorted([*self.stays, *self.passes], key=lambda place: order.index(place.kind)))

    @property
    def span_s(self) -> tuple[float, float] | None:
        """From the first to the last moment at which anybody was seen; None: nobody was."""
        seen = [stay for place, stays in self.stays.items() if place.kind == "site" for stay in stays]
        return (min(stay.enter_s for stay in seen), max(stay.leave_s for stay in seen)) if seen else None


def find(sightings: Sequence[Sighting], identity_of: Mapping[str, int | None], site: Site) -> Findings:
    """Apply the zones, lines and definitions of a site to the log.

    Args:
        sightings: of any period, in any order; embeddings are not looked at.
        identity_of: identity by id of sighting; None or absent: not resolved.
        site: sightings of a camera that it does not name count for the site alone.
    """
    who = people(sightings, identity_of)
    own = trails(sightings, who, site.definitions.visit_gap_s)
    stays: dict[Place, tuple[Stay, ...]] = {site_place(site): _site_stays(own, site)}
    passes: dict[Place, tuple[Pass, ...]] = {}
    for camera in site.cameras:
        seen = [trail for trail in own if trail.camera == camera]
        in_view = Place("camera", camera, camera)
        stays[in_view] = tuple(Stay(trail.who, in_view, trail.start_s, trail.end_s, trail.sightings) for trail in seen)
        for zone in site.zones_of(camera):
            place = Place("zone", zone.name, camera)
            stays[place] = _by_time(
                Stay(trail.who, place, enter, leave, trail.between(enter, leave))
                for trail, enter, leave in zone_stays(seen, zone, site.definitions)
            )
        for line in site.lines_of(camera):
            passed: list[Passing] = [
                (trail, time_s, direction)
                for trail in seen
                for time_s, direction in line_passes(trail, line, site.definitions)
            ]
            passes[_line_place(line)] = _passes(_line_place(line), passed)
    for line, missed in missed_passes(own, site.entrances, _through(passes, site.entrances)).items():
        place = _line_place(line)
        passes[place] = tuple(sorted([*passes[place], *_passes(place, missed)], key=_when))
    return Findings(site, who, stays, passes)


def _line_place(line: Line) -> Place:
    return Place("line", line.name, line.camera)


def _passes(place: Place, passings: Iterable[Passing]) -> tuple[Pass, ...]:
    found = (
        Pass(trail.who, place, time_s, direction, trail.between(time_s, time_s)[-1])
        for trail, time_s, direction in passings
    )
    return tuple(sorted(found, key=_when))


def _when(one: Pass) -> tuple[float, str]:
    return one.time_s, str(one.who)


def _through(passes: Mapping[Place, Sequence[Pass]], lines: Iterable[Line]) -> dict[Who, list[tuple[float, Way]]]:
    """The passings of these lines by everybody, in order of time."""
    found: dict[Who, list[tuple[float, Way]]] = {}
    for one in sorted((one for line in lines for one in passes[_line_place(line)]), key=_when):
        found.setdefault(one.who, []).append((one.time_s, one.direction))
    return found


def site_place(site: Site) -> Place:
    """The place that is the site as a whole."""
    return Place("site", site.name)


def _site_stays(own: Iterable[Trail], site: Site) -> tuple[Stay, ...]:
    place = site_place(site)
    return _by_time(
        Stay(who, place, enter, leave)
        for who, spans in seen_spans(own).items()
        for enter, leave in _with_short_absences(spans, site.definitions)
    )


def _with_short_absences(spans: list[tuple[float, float]], definitions: Definitions) -> list[tuple[float, float]]:
    """Spans of being seen, as spans of being there: between two cameras somebody is still in the shop."""
    there: list[tuple[float, float]] = []
    for start, end in spans:
        if there and start - there[-1][1] < definitions.return_after_s:
            there[-1] = (there[-1][0], max(there[-1][1], end))
        else:
            there.append((start, end))
    return there


def _by_time(stays: Iterable[Stay]) -> tuple[Stay, ...]:
    return tuple(sorted(stays, key=lambda stay: (stay.enter_s, stay.leave_s, str(stay.who))))
