"""From a view to the documents of the reports."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from itertools import pairwise
from typing import TypedDict

from retrail.core.types import Count
from retrail.insight.comings import comings
from retrail.insight.counts import Footfall, footfall, footfall_in_all
from retrail.insight.documents import (
    Bar,
    CountRecord,
    DwellReport,
    FlowPlace,
    FlowRecord,
    FlowsReport,
    FootfallRecord,
    JourneyRecord,
    JourneysReport,
    OccupancyRecord,
    OccupancyReport,
    OverviewReport,
    PeriodRecord,
    PersonRecord,
    PlaceDwell,
    PlaceFootfall,
    PlaceOccupancy,
    PlaceOverview,
    Record,
    ReportName,
    SpreadRecord,
    VisitorsReport,
    VisitRecord,
)
from retrail.insight.dwell import STEPS_S, Spread, dwell
from retrail.insight.findings import Place, PlaceKind, site_place
from retrail.insight.flows import Flow, flows
from retrail.insight.journeys import journeys_of
from retrail.insight.occupancy import Occupancy, occupancy, occupancy_in_all
from retrail.insight.periods import Bucket
from retrail.insight.view import View
from retrail.site import Definitions, Site


def overview(view: View) -> OverviewReport:
    """Every place in the whole period, and when people were seen."""
    came = comings(view)
    return OverviewReport(
        **_head(view),
        first_seen=_moment(min(one.first_s for one in came), view) if came else None,
        last_seen=_moment(max(one.last_s for one in came), view) if came else None,
        returns=sum(one.returns for one in came),
        places=tuple(_overview_of(view, place) for place in view.findings.places),
    )


def visitors(view: View) -> VisitorsReport:
    """Unique visitors, entries and exits by place and bucket; first and last seen by identity."""
    places = tuple(
        PlaceFootfall(
            **_place(place),
            total=_footfall(footfall_in_all(view, place), view),
            buckets=tuple(_footfall_record(one, view) for one in footfall(view, place)),
        )
        for place in view.findings.places
    )
    people = tuple(
        PersonRecord(
            identity=one.identity,
            first_seen=_moment(one.first_s, view),
            last_seen=_moment(one.last_s, view),
            returns=one.returns,
            present_s=_seconds(one.present_s),
        )
        for one in comings(view)
    )
    return VisitorsReport(**_head(view), places=places, identities=people)


def dwells(view: View) -> DwellReport:
    """How long people stayed in the shop, in view of its cameras, in its zones."""
    edges = [*pairwise(STEPS_S), (STEPS_S[-1], None)]
    found = [dwell(view, place) for place in view.places("site", "camera", "zone")]
    places = tuple(
        PlaceDwell(
            **_place(one.place),
            visitors=one.visitors,
            stays=one.spread.number if one.spread else 0,
            spread=_spread(one.spread),
            distribution=tuple(
                Bar(from_s=start, to_s=end, stays=number)
                for (start, end), number in zip(edges, one.distribution, strict=True)
            ),
        )
        for one in found
    )
    return DwellReport(**_head(view), places=places)


def journeys(view: View) -> JourneysReport:
    """Every identity that was there in the period, with the visits that began in it."""
    there = {one.identity for one in comings(view)}
    found: list[JourneyRecord] = []
    for journey in journeys_of(view.findings):
        if journey.identity not in there:
            continue
        stays = [visit for visit in journey.visits if view.holds(visit.enter_s)]
        records = tuple(
            VisitRecord(
                camera=visit.camera,
                zone=visit.zone,
                enter=_moment(visit.enter_s, view),
                leave=_moment(visit.leave_s, view),
                dwell_s=_seconds(round(visit.leave_s, 3) - round(visit.enter_s, 3)),  # of the times as printed
            )
            for visit in stays
        )
        found.append(JourneyRecord(identity=journey.identity, visits=records))
    return JourneysReport(journeys=tuple(found))


def flow_report(view: View) -> FlowsReport:
    """Who went from where to where, between zones and between cameras."""
    zones = tuple(_flow(flow) for flow in flows(view, "zone"))
    cameras = tuple(_flow(flow) for flow in flows(view, "camera"))
    return FlowsReport(**_head(view), zones=zones, cameras=cameras)


def occupancies(view: View) -> OccupancyReport:
    """People at once, by place and bucket."""
    places = tuple(
        PlaceOccupancy(**_place(place), buckets=tuple(_occupancy(one, view) for one in occupancy(view, place)))
        for place in view.places("site", "camera", "zone")
    )
    return OccupancyReport(**_head(view), places=places)


COMPOSERS: dict[ReportName, Callable[[View], Record]] = {
    "overview": overview,
    "visitors": visitors,
    "dwell": dwells,
    "journeys": journeys,
    "flows": flow_report,
    "occupancy": occupancies,
}


class _Head(TypedDict):
    site: str
    timezone: str
    day_starts: str
    period: PeriodRecord | None
    bucket: Bucket
    visitors: CountRecord
    undecided: int
    definitions: Definitions


class _PlaceKeys(TypedDict):
    kind: PlaceKind
    name: str
    camera: str | None


def _head(view: View) -> _Head:
    site: Site = view.findings.site
    whole = footfall_in_all(view, site_place(site))
    return _Head(
        site=site.name,
        timezone=site.timezone.key,
        day_starts=site.day_starts.isoformat("minutes"),
        period=_period(view.period.from_s, view.period.to_s, view) if view.period else None,
        bucket=view.bucket,
        visitors=_count(whole.visitors if whole else Count(0)),
        undecided=whole.undecided if whole else 0,
        definitions=site.definitions,
    )


def _overview_of(view: View, place: Place) -> PlaceOverview:
    stayed = dwell(view, place)
    full = occupancy_in_all(view, place)
    return PlaceOverview(
        **_place(place),
        footfall=_footfall(footfall_in_all(view, place), view),
        stays=stayed.spread.number if stayed.spread else 0,
        dwell=_spread(stayed.spread),
        occupancy=_occupancy(full, view) if full else None,
    )


def _place(place: Place) -> _PlaceKeys:
    return _PlaceKeys(kind=place.kind, name=place.name, camera=place.camera or None)


def _flow(flow: Flow) -> FlowRecord:
    origin, target = _flow_place(flow.origin), _flow_place(flow.target)
    return FlowRecord(from_=origin, to=target, moves=flow.moves, visitors=flow.visitors, transit=_spread(flow.transit))


def _flow_place(place: Place | None) -> FlowPlace | None:
    return FlowPlace(camera=place.camera, zone=place.name if place.kind == "zone" else None) if place else None


def _footfall(one: Footfall | None, view: View) -> FootfallRecord | None:
    return _footfall_record(one, view) if one else None


def _footfall_record(one: Footfall, view: View) -> FootfallRecord:
    return FootfallRecord(
        from_=_moment(one.period.from_s, view),
        to=_moment(one.period.to_s, view),
        visitors=_count(one.visitors),
        undecided=one.undecided,
        entries=one.entries,
        exits=one.exits,
    )


def _occupancy(one: Occupancy, view: View) -> OccupancyRecord:
    return OccupancyRecord(
        from_=_moment(one.period.from_s, view),
        to=_moment(one.period.to_s, view),
        mean=round(one.mean, 3),
        peak=one.peak,
        peak_at=None if one.peak_s is None else _moment(one.peak_s, view),
    )


def _count(count: Count) -> CountRecord:
    return CountRecord(estimate=count.estimate, low=count.low, high=count.high, unresolved=count.unresolved)


def _spread(spread: Spread | None) -> SpreadRecord | None:
    if spread is None:
        return None
    return SpreadRecord(
        mean_s=_seconds(spread.mean_s),
        median_s=_seconds(spread.median_s),
        p90_s=_seconds(spread.p90_s),
        shortest_s=_seconds(spread.shortest_s),
        longest_s=_seconds(spread.longest_s),
    )


def _period(from_s: float, to_s: float, view: View) -> PeriodRecord:
    return PeriodRecord(from_=_moment(from_s, view), to=_moment(to_s, view))


def _moment(time_s: float, view: View) -> datetime:
    return datetime.fromtimestamp(round(time_s, 3), view.findings.site.timezone)


def _seconds(value: float) -> float:
    return round(value, 3)
