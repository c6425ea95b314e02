"""The charts of visitors, occupancy and dwell, as plotly.js figures."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

from retrail.insight.documents import DwellReport, PlaceDwell, VisitorsReport
from retrail.insight.findings import site_place
from retrail.insight.occupancy import steps
from retrail.insight.plotting import (
    ACCENT,
    GRID,
    MUTED,
    Figure,
    clock_text,
    count_axis,
    label,
    length_axis,
    plain_layout,
    rows_layout,
    span_text,
    start_s,
    time_axis,
)
from retrail.insight.view import View
from retrail.insight.words import duration, place_name, plural, step

_SHADES = ("#e3eef6", "#c6dcec", "#a5c8e0", "#80b1d3", "#5b98c4", "#3c7fb1", "#28679a", "#1b5280", "#123f66", "#0b2e4d")
_MOST_POINTS = 1200


def visitors_chart(view: View, report: VisitorsReport) -> Figure:
    """Bars: unique visitors in each bucket; beside them, where there are any, the unresolved."""
    parts = report.places[0].buckets
    named = [
        (span_text(view, part), plural(one.visitors.estimate, "visitor", "visitors"), one.visitors.unresolved)
        for part, one in zip(view.buckets, parts, strict=True)
    ]
    some = any(unresolved for *_, unresolved in named)
    starts_s = [part.from_s - start_s(view) for part in view.buckets]
    lengths_s = [part.to_s - part.from_s for part in view.buckets]
    bars: list[Figure] = [
        {
            "type": "bar",
            "name": "visitors",
            "x": starts_s,
            "offset": [length_s * 0.07 for length_s in lengths_s],
            "width": [length_s * (0.6 if some else 0.86) for length_s in lengths_s],
            "y": [one.visitors.estimate for one in parts],
            "marker": {"color": ACCENT},
            "hovertext": [f"{when}<br>{visitors}" for when, visitors, _ in named],
            "hoverinfo": "text",
        }
    ]
    if some:
        bars.append(
            {
                "type": "bar",
                "name": "unresolved, beside them",
                "x": starts_s,
                "offset": [length_s * 0.7 for length_s in lengths_s],
                "width": [length_s * 0.2 for length_s in lengths_s],
                "y": [unresolved or None for *_, unresolved in named],
                "marker": {"color": "#f4d9b5", "line": {"color": "#d98200", "width": 1}},
                "hovertext": [f"{when}<br>{unresolved} unresolved" for when, _, unresolved in named],
                "hoverinfo": "text",
            }
        )
    most = max([max(one.visitors.estimate, one.visitors.unresolved) for one in parts], default=0.0)
    layout = plain_layout(
        300, xaxis=time_axis(view), yaxis=count_axis("visitors", most), showlegend=len(bars) > 1, bargap=0
    )
    return {"data": bars, "layout": layout}


def occupancy_chart(view: View) -> Figure:
    """A stepped line: people in the shop at once."""
    x, y = _stepped(view)
    line = {
        "type": "scatter",
        "mode": "lines",
        "name": "people",
        "x": x,
        "y": y,
        "line": {"shape": "hv", "color": ACCENT, "width": 1.5},
        "fill": "tozeroy",
        "fillcolor": "rgba(31, 95, 139, 0.18)",
        "hovertext": [
            f"{clock_text(view, start_s(view) + at)}<br>{plural(people, 'person', 'people')}"
            for at, people in zip(x, y, strict=True)
        ],
        "hoverinfo": "text",
    }
    return {
        "data": [line],
        "layout": plain_layout(280, xaxis=time_axis(view), yaxis=count_axis("people at once", max(y, default=0))),
    }


def dwell_chart(places: Sequence[PlaceDwell]) -> Figure:
    """Bars to the median stay of each place, with a mark where nine of ten have left."""
    shown = [(place, place.spread) for place in reversed(places) if place.spread]
    names = [
        f"{label(place_name(place))}<br>"
        f'<span style="color:{MUTED};font-size:11px">{duration(spread.median_s)} · {duration(spread.p90_s)}</span>'
        for place, spread in shown
    ]
    texts = [
        f"{escape(place_name(place))}<br>{plural(place.stays, 'visit', 'visits')}<br>half of them up to "
        f"{duration(spread.median_s)}<br>nine of ten up to {duration(spread.p90_s)}"
        for place, spread in shown
    ]
    bar = {
        "type": "bar",
        "orientation": "h",
        "name": "half stay no longer",
        "y": names,
        "x": [spread.median_s for _, spread in shown],
        "marker": {"color": ACCENT},
        "hovertext": texts,
        "hoverinfo": "text",
        "width": 0.55,
    }
    mark = {
        "type": "scatter",
        "mode": "markers",
        "name": "nine of ten stay no longer",
        "y": names,
        "x": [spread.p90_s for _, spread in shown],
        "marker": {"symbol": "line-ns", "size": 18, "line": {"width": 3, "color": "#d98200"}},
        "hovertext": texts,
        "hoverinfo": "text",
    }
    axis = length_axis(max((spread.p90_s for _, spread in shown), default=1.0), ticks=5)
    return {"data": [bar, mark], "layout": rows_layout(len(shown), xaxis=axis, showlegend=True)}


def spread_chart(report: DwellReport, places: Sequence[PlaceDwell]) -> Figure:
    """Bars of equal length: which share of a place's visits lasted how long."""
    shown = [place for place in reversed(places) if place.stays]
    bars: list[Figure] = []
    for at, bar in enumerate(report.places[0].distribution):
        counts = [place.distribution[at].stays for place in shown]
        if not any(counts):
            continue
        name = f"{step(bar.from_s)} to {step(bar.to_s)}" if bar.to_s is not None else f"{step(bar.from_s)} and more"
        bars.append(
            {
                "type": "bar",
                "orientation": "h",
                "name": f"up to {step(bar.to_s)}" if at == 0 and bar.to_s else name,
                "y": [label(place_name(place)) for place in shown],
                "x": [100 * stays / place.stays for stays, place in zip(counts, shown, strict=True)],
                "marker": {"color": _SHADES[at], "line": {"color": "#fff", "width": 1}},
                "hovertext": [
                    f"{escape(place_name(place))}<br>{name}: {stays} of {place.stays}"
                    for stays, place in zip(counts, shown, strict=True)
                ],
                "hoverinfo": "text",
                "width": 0.55,
            }
        )
    axis = {"range": [0, 100], "ticksuffix": " %", "fixedrange": True, "gridcolor": GRID, "zeroline": False}
    layout = rows_layout(len(shown), xaxis=axis, showlegend=True, barmode="stack")
    return {"data": bars, "layout": layout}


def _stepped(view: View) -> tuple[list[float], list[int]]:
    """People in the shop within the period; where there are too many steps, the most of each small span."""
    if view.period is None:
        return [], []
    whole = view.period
    times_s, people = steps(view, site_place(view.findings.site))
    first, end = (int(at) for at in np.searchsorted(times_s, [whole.from_s, whole.to_s], side="left"))
    before = int(people[first - 1]) if first else 0
    starts_s: NDArray[np.float64] = np.append(whole.from_s, times_s[first:end])
    levels: NDArray[np.int64] = np.append(before, people[first:end])
    if len(starts_s) > _MOST_POINTS:
        edges_s = np.linspace(whole.from_s, whole.to_s, _MOST_POINTS // 2 + 1)[:-1]
        at = np.searchsorted(starts_s, edges_s, side="right") - 1  # the level that is carried into each span
        starts_s, levels = edges_s, np.maximum.reduceat(levels, at)
    x = [*(float(time_s) for time_s in starts_s), whole.to_s]
    y = [*(int(level) for level in levels), int(levels[-1])]
    return [round(time_s - whole.from_s, 1) for time_s in x], y
