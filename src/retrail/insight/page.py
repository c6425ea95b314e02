"""The report as one page that opens without a network: charts, tables, definitions, and what is not known."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import metadata
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from retrail.insight import words
from retrail.insight.charts import dwell_chart, occupancy_chart, spread_chart, visitors_chart
from retrail.insight.compose import dwells, flow_report, overview, visitors
from retrail.insight.documents import DwellReport, FlowRecord, OverviewReport, PlaceDwell, VisitorsReport
from retrail.insight.plotting import Figure
from retrail.insight.view import View
from retrail.insight.ways import routes_in, sankey, selection, timeline, ways_text

_MOST_FLOWS = 40
_MOST_ZONES = 24
_MOST_BUCKETS = 100


@dataclass(frozen=True, slots=True)
class Chart:
    """A figure and what stands around it.

    Attributes:
        name: its id on the page.
        label: what it shows, in a sentence, for who cannot see it.
        figure: None: there is nothing to draw.
    """

    name: str
    label: str
    figure: Figure | None

    @property
    def legend(self) -> list[tuple[str, str]]:
        """Name and colour of each trace, where the figure wants a legend. Plotly's own does not fit phones."""
        if self.figure is None or not self.figure["layout"]["showlegend"]:
            return []
        marks = [(trace["name"], trace["marker"]) for trace in self.figure["data"]]
        return [(name, mark.get("color") or mark["line"]["color"]) for name, mark in marks]


def report_html(view: View, made_s: float, note: str = "") -> str:
    """The page.

    Args:
        view: what it is about.
        made_s: when it is made, seconds UTC; the only thing in it that does not follow from log, ledger and site file.
        note: a sentence that stands at the top, such as that decisions are out of date.
    """
    whole, came, stayed = overview(view), visitors(view), dwells(view)
    charts = _charts(view, came, stayed)
    drawn = {
        chart.name: chart.figure | {"layout": chart.figure["layout"] | {"showlegend": False}}
        for chart in charts
        if chart.figure
    }
    # "<" never stands in the data, so that no name can end the script element
    data = json.dumps(drawn, separators=(",", ":"), ensure_ascii=True).replace("<", "\\u003c")
    script, style = _text("retrail.insight", "templates/report.js"), _text("retrail.insight", "templates/report.css")
    library = _text("plotly", "package_data/plotly.min.js") if drawn else ""
    environment = Environment(
        loader=PackageLoader("retrail.insight"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    site = view.findings.site
    flows = flow_report(view)
    return environment.get_template("report.html").render(
        words=words,
        whole=whole,
        came=came,
        shown_buckets=came.places[0].buckets[:_MOST_BUCKETS],
        stayed=[place for place in stayed.places if place.kind == "zone"],
        flows=[("Between zones", _between(flows.zones)), ("Between cameras", _between(flows.cameras))],
        zones_left_out=max(sum(place.stays > 0 for place in stayed.places if place.kind == "zone") - _MOST_ZONES, 0),
        charts={chart.name: chart for chart in charts},
        tiles=_tiles(whole),
        journeys_text=_journeys_text(view),
        definitions=words.definitions(site.definitions),
        models=f"{site.detector}, {site.encoder}, mode {site.mode}",
        made=datetime.fromtimestamp(round(made_s), site.timezone),
        note=note,
        version=metadata.version("retrail"),
        style=Markup(style),
        data=Markup(data),
        library=Markup(library),
        script=Markup(script),
        allowed_scripts=" ".join(_hash(text) for text in (library, script)),
    )


def _charts(view: View, came: VisitorsReport, stayed: DwellReport) -> Sequence[Chart]:
    zones = _most_visited(stayed)
    ways = routes_in(view)
    chosen = selection(ways)
    anybody = came.visitors.estimate > 0
    return (
        Chart(
            "visitors", _visitors_label(came), visitors_chart(view, came) if anybody and len(view.buckets) > 1 else None
        ),
        Chart("occupancy", "People in the shop at once, over time.", occupancy_chart(view) if anybody else None),
        Chart("dwell", _dwell_label(zones), dwell_chart(zones) if zones else None),
        Chart(
            "spread",
            "Share of visits by how long they lasted, zone by zone.",
            spread_chart(stayed, zones) if zones else None,
        ),
        Chart(
            "flows",
            "Where people went, stop by stop, from left to right.",
            sankey(view, ways) if any(len(way) > 1 for way in ways) else None,
        ),
        Chart("journeys", "Journeys, one row each: zones and times.", timeline(view, chosen) if chosen else None),
    )


def _most_visited(stayed: DwellReport) -> list[PlaceDwell]:
    """The zones with the most visits, as many as a chart can hold, in the order of the site file."""
    zones = [place for place in stayed.places if place.kind == "zone" and place.spread]
    least = sorted((place.stays for place in zones), reverse=True)[:_MOST_ZONES][-1:] or [0]
    return [place for place in zones if place.stays >= least[0]][:_MOST_ZONES]


def _between(flows: Sequence[FlowRecord]) -> list[FlowRecord]:
    """The most frequent flows that neither begin nor end outside."""
    return [flow for flow in flows if flow.from_ and flow.to][:_MOST_FLOWS]


def _visitors_label(came: VisitorsReport) -> str:
    parts = came.places[0].buckets
    if not parts:
        return words.NOBODY
    most = max(parts, key=lambda part: part.visitors.estimate)
    each = words.bucket_name(came.bucket)
    return f"Visitors in each {each}; most, {words.count(most.visitors)}, from {words.clock(most.from_, day=True)}."


def _dwell_label(zones: Sequence[PlaceDwell]) -> str:
    said = [f"{words.place_name(zone)} {words.duration(zone.spread.median_s)}" for zone in zones if zone.spread]
    return f"Median visit by zone: {', '.join(said)}."


def _journeys_text(view: View) -> str:
    ways = routes_in(view)
    return words.NOBODY if not ways else ways_text(ways, len(selection(ways)))


def _tiles(whole: OverviewReport) -> list[tuple[str, str, str]]:
    """The figures at the top: (figure, what, more)."""
    long = words.is_long(whole.period)
    site = whole.places[0]
    lines = [place for place in whole.places if place.kind == "line" and place.footfall]
    tiles = [(words.count(whole.visitors), "visitors", "each counted once a day")]
    for line in lines[:2]:
        if line.footfall:
            entries, exits = line.footfall.entries, line.footfall.exits
            tiles.append((str(entries), f"inwards through {line.name}", f"{exits} outwards"))
    if site.dwell:
        mean = f"median; mean {words.duration(site.dwell.mean_s)}"
        tiles.append((words.duration(site.dwell.median_s), "in the shop", mean))
    if site.occupancy:
        when = f"first at {words.clock(site.occupancy.peak_at, day=long)}" if site.occupancy.peak else ""
        tiles.append((str(site.occupancy.peak), "most at once", when))
    tiles.append((str(whole.returns), "came back", "on the same day"))
    return tiles


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _text(package: str, path: str) -> str:
    return files(package).joinpath(path).read_text(encoding="utf-8")
