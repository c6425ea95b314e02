"""The reports as tables on a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from retrail.insight.compose import dwells, flow_report, journeys, occupancies, overview, visitors
from retrail.insight.documents import Bar, FlowRecord, FootfallRecord, Head, ReportName, SpreadRecord
from retrail.insight.view import View
from retrail.insight.words import (
    KINDS,
    beside,
    bucket_name,
    clock,
    count,
    duration,
    flow_name,
    headline,
    is_long,
    place_name,
    plural,
    span,
    step,
)

_MOST_ROWS = 60
_MOST_BUCKETS = 200
_BARS = " ▁▂▃▄▅▆▇█"


def on_terminal(view: View, report: ReportName) -> RenderableType:
    """A report as rich renders it: what a reader wants to see, not every number (the files have those)."""
    return Group(*_MAKERS[report](view))


def _overview(view: View) -> Iterator[RenderableType]:
    report = overview(view)
    yield from _top(report)
    if not report.first_seen and not beside(report):
        return
    long = is_long(report.period)
    seen = f"Seen from {clock(report.first_seen, day=long)} to {clock(report.last_seen, day=long)}"
    if report.first_seen:
        yield _line(f"{seen}; {_returns(report.returns)}.")
    yield _table(
        ("", "place", "visitors", "unresolved", "in", "out", "stays", "mean", "median", "90 % within", "most at once"),
        (
            (
                KINDS[one.kind],
                place_name(one),
                *_came(one.footfall),
                str(one.stays) if one.kind != "line" else "",
                *_lengths(one.dwell, "mean_s", "median_s", "p90_s"),
                str(one.occupancy.peak) if one.occupancy else "",
            )
            for one in report.places
        ),
        left=2,
    )


def _visitors(view: View) -> Iterator[RenderableType]:
    report = visitors(view)
    yield from _top(report)
    site = report.places[0]
    yield _table(
        (f"each {bucket_name(report.bucket)} from", "visitors", "unresolved", "undecided", "in", "out"),
        (
            (clock(one.from_, day=True), count(one.visitors), str(one.visitors.unresolved), str(one.undecided))
            + (str(one.entries), str(one.exits))
            for one in site.buckets[:_MOST_BUCKETS]
        ),
        left=1,
    )
    yield from _left_out(len(site.buckets), _MOST_BUCKETS)
    yield _table(
        ("", "place", "visitors", "unresolved", "in", "out"),
        ((KINDS[one.kind], place_name(one), *_came(one.total)) for one in report.places),
        left=2,
    )


def _dwell(view: View) -> Iterator[RenderableType]:
    report = dwells(view)
    yield from _top(report)
    steps = ", ".join(step(bar.from_s) for bar in report.places[0].distribution)
    yield _table(
        ("", "place", "visitors", "stays", "mean", "median", "90 % within", "shortest", "longest", "spread"),
        (
            (KINDS[one.kind], place_name(one), str(one.visitors), str(one.stays))
            + tuple(_lengths(one.spread, "mean_s", "median_s", "p90_s", "shortest_s", "longest_s"))
            + (_bars(one.distribution),)
            for one in report.places
        ),
        left=2,
    )
    yield _line(f"Spread: one bar each for stays from {steps}.")


def _journeys(view: View) -> Iterator[RenderableType]:
    report = journeys(view)
    yield from _top(overview(view))
    long = is_long(overview(view).period)
    rows = (
        (
            str(one.identity),
            clock(one.visits[0].enter, day=long) if one.visits else "",
            "  →  ".join(f"{_zone(visit.camera, visit.zone)} {duration(visit.dwell_s)}" for visit in one.visits)
            or "only seen in passing",
        )
        for one in report.journeys
    )
    yield _table(("identity", "first visit", "visits"), islice(rows, _MOST_ROWS), left=3)
    yield from _left_out(len(report.journeys))


def _flows(view: View) -> Iterator[RenderableType]:
    report = flow_report(view)
    yield from _top(report)
    has_zones = any(flow.to and flow.to.zone != flow.to.camera for flow in report.zones)
    for title, flows in (("Between zones", report.zones if has_zones else ()), ("Between cameras", report.cameras)):
        if flows:
            yield _flow_table(title, flows)
            yield from _left_out(len(flows))


def _flow_table(title: str, flows: Sequence[FlowRecord]) -> Table:
    rows = (
        (flow_name(flow.from_), flow_name(flow.to), str(flow.moves), str(flow.visitors))
        + tuple(_lengths(flow.transit, "median_s", "p90_s"))
        for flow in islice(flows, _MOST_ROWS)
    )
    return _table(("from", "to", "moves", "visitors", "way takes", "90 % within"), rows, left=2, title=title)


def _occupancy(view: View) -> Iterator[RenderableType]:
    report = occupancies(view)
    yield from _top(report)
    long = is_long(report.period)
    yield _table(
        (f"each {bucket_name(report.bucket)} from", "people on average", "most at once", "at"),
        (
            (clock(one.from_, day=True), f"{one.mean:.1f}", str(one.peak), clock(one.peak_at, day=long))
            for one in report.places[0].buckets[:_MOST_BUCKETS]
        ),
        left=1,
    )
    yield from _left_out(len(report.places[0].buckets), _MOST_BUCKETS)
    yield _table(
        ("", "place", "people on average", "most at once", "at"),
        (
            (KINDS[one.kind], place_name(one), f"{one.occupancy.mean:.1f}", str(one.occupancy.peak))
            + (clock(one.occupancy.peak_at, day=long),)
            for one in overview(view).places
            if one.occupancy
        ),
        left=2,
    )


_MAKERS: dict[ReportName, Callable[[View], Iterator[RenderableType]]] = {
    "overview": _overview,
    "visitors": _visitors,
    "dwell": _dwell,
    "journeys": _journeys,
    "flows": _flows,
    "occupancy": _occupancy,
}


def _top(head: Head) -> Iterator[RenderableType]:
    yield _line(f"{head.site}: {span(head.period)} ({head.timezone})", "bold")
    yield _line(headline(head))
    for text in beside(head):
        yield _line(text, "yellow")


def _line(text: str, style: str = "") -> Text:
    return Text(text, style)


def _returns(times: int) -> str:
    return "nobody came back" if not times else f"came back on the same day: {plural(times, 'time', 'times')}"


def _came(one: FootfallRecord | None) -> tuple[str, ...]:
    if one is None:
        return ("", "", "", "")
    return count(one.visitors), str(one.visitors.unresolved), str(one.entries), str(one.exits)


def _lengths(spread: SpreadRecord | None, *names: str) -> Iterator[str]:
    return (duration(getattr(spread, name)) if spread else "" for name in names)


def _zone(camera: str, zone: str) -> str:
    return zone if zone == camera else f"{zone} ({camera})"


def _bars(bars: Sequence[Bar]) -> str:
    most = max(bar.stays for bar in bars)
    return "".join(_BARS[-(-bar.stays * 8 // most)] if most else " " for bar in bars)


def _left_out(rows: int, most: int = _MOST_ROWS) -> Iterator[Text]:
    if rows > most:
        yield _line(f"… and {rows - most} more: --json, --csv or --parquet has them all.", "dim")


def _table(titles: Sequence[str], rows: Iterable[Sequence[str]], *, left: int, title: str | None = None) -> Table:
    """A table whose first ``left`` columns are text, the others numbers; cells are shown as they are, no markup."""
    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left", pad_edge=False)
    for at, name in enumerate(titles):
        table.add_column(name, justify="left" if at < left else "right")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    return table
