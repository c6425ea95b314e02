"""The reports as tables: one row a place, bucket, visit or flow; for CSV, Parquet and further work in polars."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars as pl

from retrail.insight.compose import dwells, flow_report, journeys, occupancies, overview, visitors
from retrail.insight.documents import (
    FlowPlace,
    FlowRecord,
    FootfallRecord,
    OccupancyRecord,
    PlaceRecord,
    ReportName,
    SpreadRecord,
)
from retrail.insight.view import View

Row = Mapping[str, object]

_PLACE = {"kind": pl.String, "place": pl.String, "camera": pl.String}
_COUNTS = {
    "visitors": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "unresolved": pl.Int64,
    "undecided": pl.Int64,
    "entries": pl.Int64,
    "exits": pl.Int64,
}
_SPREAD = dict.fromkeys(SpreadRecord.model_fields, pl.Float64)


def table(view: View, report: ReportName) -> pl.DataFrame:
    """A report as a frame. Times are milliseconds in the shop's timezone; a table of nobody has all its columns.

    Columns:
        overview: kind, place, camera, visitors, low, high, unresolved, undecided, entries, exits, stays, mean_s,
            median_s, p90_s, shortest_s, longest_s, mean_people, peak, peak_at
        visitors: kind, place, camera, from, to, visitors, low, high, unresolved, undecided, entries, exits
        dwell: kind, place, camera, visitors, stays, mean_s, …, longest_s, and stays_from_…s for each step
        journeys: identity, camera, zone, enter, leave, dwell_s (a row a visit)
        flows: level, from_camera, from_zone, to_camera, to_zone (empty: outside), moves, visitors, mean_s, …
        occupancy: kind, place, camera, from, to, mean, peak, peak_at
    """
    schema, rows = _MAKERS[report](view)
    timezone = view.findings.site.timezone.key
    types: dict[str, Any] = {
        name: pl.Datetime("ms", timezone) if kind is pl.Datetime else kind for name, kind in schema.items()
    }
    return pl.DataFrame(rows, schema=types, orient="row")


def csv_text(frame: pl.DataFrame) -> str:
    """A frame as CSV; times ISO 8601 with zone, nothing where there is no value."""
    return frame.write_csv(datetime_format="%Y-%m-%dT%H:%M:%S%.3f%:z")


def parquet_bytes(frame: pl.DataFrame) -> bytes:
    """A frame as a Parquet file."""
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()


_Made = tuple[dict[str, object], Sequence[Row]]


def _overview(view: View) -> _Made:
    rows = [
        _place(one) | _counts(one.footfall) | {"stays": one.stays} | _spread(one.dwell) | _people(one.occupancy)
        for one in overview(view).places
    ]
    people = {"mean_people": pl.Float64, "peak": pl.Int64, "peak_at": pl.Datetime}
    return {**_PLACE, **_COUNTS, "stays": pl.Int64, **_SPREAD, **people}, rows


def _visitors(view: View) -> _Made:
    rows = [_place(one) | _span(part) | _counts(part) for one in visitors(view).places for part in one.buckets]
    return {**_PLACE, "from": pl.Datetime, "to": pl.Datetime, **_COUNTS}, rows


def _dwell(view: View) -> _Made:
    places = dwells(view).places
    bars = {f"stays_from_{bar.from_s:g}s": pl.Int64 for bar in places[0].distribution}
    rows = [
        _place(one)
        | {"visitors": one.visitors, "stays": one.stays}
        | _spread(one.spread)
        | {f"stays_from_{bar.from_s:g}s": bar.stays for bar in one.distribution}
        for one in places
    ]
    return {**_PLACE, "visitors": pl.Int64, "stays": pl.Int64, **_SPREAD, **bars}, rows


def _journeys(view: View) -> _Made:
    rows: list[Row] = [
        {"identity": journey.identity, **visit.model_dump()}
        for journey in journeys(view).journeys
        for visit in journey.visits
    ]
    times = {"enter": pl.Datetime, "leave": pl.Datetime, "dwell_s": pl.Float64}
    return {"identity": pl.Int64, "camera": pl.String, "zone": pl.String, **times}, rows


def _flows(view: View) -> _Made:
    report = flow_report(view)
    rows = [
        {"level": level} | _end("from", flow.from_) | _end("to", flow.to) | _moved(flow)
        for level, own in (("zone", report.zones), ("camera", report.cameras))
        for flow in own
    ]
    ends = {f"{end}_{part}": pl.String for end in ("from", "to") for part in ("camera", "zone")}
    return {"level": pl.String, **ends, "moves": pl.Int64, "visitors": pl.Int64, **_SPREAD}, rows


def _occupancy(view: View) -> _Made:
    rows = [
        _place(one) | _span(part) | {"mean": part.mean, "peak": part.peak, "peak_at": part.peak_at}
        for one in occupancies(view).places
        for part in one.buckets
    ]
    people = {"mean": pl.Float64, "peak": pl.Int64, "peak_at": pl.Datetime}
    return {**_PLACE, "from": pl.Datetime, "to": pl.Datetime, **people}, rows


_MAKERS: dict[ReportName, Callable[[View], _Made]] = {
    "overview": _overview,
    "visitors": _visitors,
    "dwell": _dwell,
    "journeys": _journeys,
    "flows": _flows,
    "occupancy": _occupancy,
}


def _place(place: PlaceRecord) -> dict[str, object]:
    return {"kind": place.kind, "place": place.name, "camera": place.camera}


def _counts(one: FootfallRecord | None) -> dict[str, object]:
    if one is None:
        return dict[str, object](dict.fromkeys(_COUNTS))
    count = one.visitors
    return {
        "visitors": count.estimate,
        "low": count.low,
        "high": count.high,
        "unresolved": count.unresolved,
        "undecided": one.undecided,
        "entries": one.entries,
        "exits": one.exits,
    }


def _span(part: FootfallRecord | OccupancyRecord) -> dict[str, object]:
    return {"from": part.from_, "to": part.to}


def _spread(spread: SpreadRecord | None) -> dict[str, object]:
    return {name: getattr(spread, name, None) for name in _SPREAD}


def _people(one: OccupancyRecord | None) -> dict[str, object]:
    if one is None:
        return {"mean_people": None, "peak": None, "peak_at": None}
    return {"mean_people": one.mean, "peak": one.peak, "peak_at": one.peak_at}


def _end(name: str, place: FlowPlace | None) -> dict[str, object]:
    return {f"{name}_camera": place.camera if place else None, f"{name}_zone": place.zone if place else None}


def _moved(flow: FlowRecord) -> dict[str, object]:
    return {"moves": flow.moves, "visitors": flow.visitors} | _spread(flow.transit)
