"""The shape of what `retrail report --json` prints; its JSON Schemas are made from here."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema

from retrail.insight.findings import PlaceKind
from retrail.insight.periods import Bucket
from retrail.site import Definitions


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")


Moment = Annotated[
    AwareDatetime,
    PlainSerializer(_iso, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""ISO 8601 with milliseconds and the shop's offset."""

Whole = Annotated[int, Field(ge=0)]
Seconds = Annotated[float, Field(ge=0)]


class Record(BaseModel):
    """Base of all that is printed: frozen, no keys beyond those named; ``from`` is ``from_`` here."""

    model_config = ConfigDict(frozen=True, extra="forbid", serialize_by_alias=True)


class PeriodRecord(Record):
    """From one moment up to another, the latter not included."""

    from_: Moment = Field(serialization_alias="from")
    to: Moment


class CountRecord(Record):
    """A number with what it does not know."""

    estimate: float = Field(ge=0, description="The count.")
    low: float | None = Field(description="Lower end of the interval, or null until one can be given.")
    high: float | None = Field(description="Upper end of the interval, or null until one can be given.")
    unresolved: Whole = Field(
        description="People beside it who could be anybody, each counted once however often the sighting was cut."
    )


class PlaceRecord(Record):
    """What a number is about; ``camera`` is null for the site as a whole."""

    kind: PlaceKind
    name: str
    camera: str | None


class SpreadRecord(Record):
    """Lengths of time in seconds."""

    mean_s: Seconds
    median_s: Seconds
    p90_s: Seconds
    shortest_s: Seconds
    longest_s: Seconds


class Head(Record):
    """What every report but the journeys begins with."""

    site: str
    timezone: str
    day_starts: str
    period: PeriodRecord | None = Field(description="Null where nobody was seen and no period was asked for.")
    bucket: Bucket
    visitors: CountRecord = Field(description="Unique visitors of the site in the period.")
    undecided: Whole = Field(description="What may or may not be a person; in no other number.")
    definitions: Definitions


class FootfallRecord(PeriodRecord):
    """Who came to a place in a period."""

    visitors: CountRecord
    undecided: Whole
    entries: Whole
    exits: Whole


class PlaceFootfall(PlaceRecord):
    """Who came to a place: in the whole period, and by bucket."""

    total: FootfallRecord | None
    buckets: tuple[FootfallRecord, ...]


class PersonRecord(Record):
    """When an identity was first and last seen, and how often it came back on the same day."""

    identity: int
    first_seen: Moment
    last_seen: Moment
    returns: Whole
    present_s: Seconds


class VisitorsReport(Head):
    """`retrail report SITE visitors --json`: unique visitors, entries and exits by place and bucket, and who when."""

    places: tuple[PlaceFootfall, ...]
    identities: tuple[PersonRecord, ...]


class Bar(Record):
    """How many stays lasted from so long up to so long; null: no end."""

    from_s: Seconds
    to_s: Seconds | None
    stays: Whole


class PlaceDwell(PlaceRecord):
    """How long identities stayed at a place. ``spread`` is null where nobody did."""

    visitors: Whole
    stays: Whole
    spread: SpreadRecord | None
    distribution: tuple[Bar, ...]


class DwellReport(Head):
    """`retrail report SITE dwell --json`: stays that began in the period, in their whole length."""

    places: tuple[PlaceDwell, ...]


class VisitRecord(Record):
    """A stay of an identity in a zone."""

    camera: str
    zone: str
    enter: Moment
    leave: Moment
    dwell_s: Seconds


class JourneyRecord(Record):
    """An identity's visits in order of time; none where it was only seen in passing."""

    identity: int
    visits: tuple[VisitRecord, ...]


class JourneysReport(Record):
    """`retrail report SITE journeys --json`: every identity there in the period, with the visits that began in it."""

    journeys: tuple[JourneyRecord, ...]


class FlowPlace(Record):
    """One end of a flow."""

    camera: str
    zone: str | None = Field(description="Null in flows between cameras.")


class FlowRecord(Record):
    """All moves from one place to another; null as a place is outside the shop."""

    from_: FlowPlace | None = Field(serialization_alias="from")
    to: FlowPlace | None
    moves: Whole
    visitors: Whole
    transit: SpreadRecord | None = Field(description="Null to and from outside.")


class FlowsReport(Head):
    """`retrail report SITE flows --json`: who went from where to where, the most frequent first."""

    zones: tuple[FlowRecord, ...]
    cameras: tuple[FlowRecord, ...]


class OccupancyRecord(PeriodRecord):
    """How full a place was: people on average over time, the most at once, and when that was first so."""

    mean: float = Field(ge=0)
    peak: Whole
    peak_at: Moment | None


class PlaceOccupancy(PlaceRecord):
    """How full a place was, by bucket."""

    buckets: tuple[OccupancyRecord, ...]


class OccupancyReport(Head):
    """`retrail report SITE occupancy --json`: people at a place at once; identities only."""

    places: tuple[PlaceOccupancy, ...]


class PlaceOverview(PlaceRecord):
    """One place in the whole period."""

    footfall: FootfallRecord | None
    stays: Whole
    dwell: SpreadRecord | None
    occupancy: OccupancyRecord | None = Field(description="Null for lines, and without a period.")


class OverviewReport(Head):
    """`retrail report SITE --json`: every place in the whole period."""

    first_seen: Moment | None
    last_seen: Moment | None
    returns: Whole
    places: tuple[PlaceOverview, ...]


ReportName = Literal["overview", "visitors", "dwell", "journeys", "flows", "occupancy"]

REPORTS: dict[ReportName, type[Record]] = {
    "overview": OverviewReport,
    "visitors": VisitorsReport,
    "dwell": DwellReport,
    "journeys": JourneysReport,
    "flows": FlowsReport,
    "occupancy": OccupancyReport,
}


def json_schemas() -> dict[str, dict[str, Any]]:
    """The schemas (draft 2020-12) by the name of the file in ``docs/schemas``."""
    draft = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return {
        f"report-{name}.schema.json": draft | model.model_json_schema(mode="serialization")
        for name, model in REPORTS.items()
    }
