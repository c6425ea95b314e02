"""What all charts of the page share: colours, axes, layout. A figure is plotly.js's {"data": [...], "layout": {...}};
where its layout says ``showlegend`` the page writes the legend below it, from the traces' names and colours.

Times stand on the axes as seconds from the beginning of the period, with tick texts of our own: plotly knows no time
zones. Names are escaped, because plotly reads mark-up in texts.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from html import escape
from typing import Any

from retrail.insight.findings import Place
from retrail.insight.periods import Period, buckets
from retrail.insight.view import View
from retrail.insight.words import number

Figure = dict[str, Any]

INK, MUTED, GRID, ACCENT, PALE = "#1f2933", "#616e7c", "#e4e7eb", "#1f5f8b", "#c3ccd5"
HUES = ("#1f77b4", "#d98200", "#2a9d6f", "#b0468a", "#7a6ad0", "#8c6d1f", "#4aa3c7", "#c8553d", "#5d8a2f", "#8a8f98")
"""Told apart by colour-blind readers when next to each other; zones take them in the order of the site file."""

_MOST_TICKS = 9
_TICK_MINUTES = (1, 2, 5, 10, 15, 30, 60, 120, 180, 240, 360, 720)


def hues(view: View) -> Mapping[Place, str]:
    """A colour for each zone; after the last hue they come again, lighter each time."""
    zones = enumerate(view.places("zone"))
    return {place: _lighter(HUES[at % len(HUES)], 0.7 ** (at // len(HUES))) for at, place in zones}


def _lighter(colour: str, strength: float) -> str:
    parts = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return "#" + "".join(f"{round(255 - (255 - part) * max(strength, 0.2)):02x}" for part in parts)


def start_s(view: View) -> float:
    return view.period.from_s if view.period else 0.0


def clock_text(view: View, time_s: float, form: str = "%H:%M") -> str:
    return datetime.fromtimestamp(time_s, view.findings.site.timezone).strftime(form)


def span_text(view: View, part: Period) -> str:
    if view.bucket == "1d":
        return clock_text(view, part.from_s, "%a %d %b")
    day = clock_text(view, part.from_s, "%a %d %b ") if len(view.buckets) > 100 else ""
    return f"{day}{clock_text(view, part.from_s)}–{clock_text(view, part.to_s)}"


def time_axis(view: View) -> Figure:
    """An axis over the period, its ticks on round times of the shop's clock."""
    if view.period is None:
        return {}
    whole = view.period
    chosen, form = _ticks(view, whole)
    return {
        "range": [0, whole.to_s - whole.from_s],
        "tickvals": [edge_s - whole.from_s for edge_s in chosen],
        "ticktext": [clock_text(view, edge_s, form) for edge_s in chosen],
        "tickangle": 0,
        "automargin": True,
        "fixedrange": True,
        "showgrid": False,
        "zeroline": False,
        "ticks": "outside",
        "tickcolor": PALE,
    }


def _ticks(view: View, whole: Period) -> tuple[list[float], str]:
    length_s = whole.to_s - whole.from_s
    if length_s > _MOST_TICKS * 86400 / 2:
        days = [part.from_s for part in buckets(whole, "1d", view.findings.site)]
        return days[:: -(-len(days) // _MOST_TICKS)], "%d %b"
    minutes = next(step for step in _TICK_MINUTES if length_s / 60 / step <= _MOST_TICKS)
    if minutes < 15:
        edges = [float(edge_s) for edge_s in range(int(-(-whole.from_s // 60) * 60), int(whole.to_s), 60)]
    else:
        edges = [part.from_s for part in buckets(whole, "15m", view.findings.site)]
    form = "%d %b<br>%H:%M" if length_s > 86400 else "%H:%M"
    return [edge_s for edge_s in edges if _minute_of_day(view, edge_s) % minutes == 0], form


def _minute_of_day(view: View, time_s: float) -> float:
    local = datetime.fromtimestamp(time_s, view.findings.site.timezone)
    return local.hour * 60 + local.minute + local.second / 60


def count_axis(title: str, most: float) -> Figure:
    """An axis of whole numbers."""
    return {
        "title": {"text": title, "font": {"size": 12, "color": MUTED}},
        "rangemode": "tozero",
        "fixedrange": True,
        "gridcolor": GRID,
        "zeroline": False,
        "tickformat": ",d",
        **({"dtick": 1} if most <= 6 else {"nticks": 6}),
    }


def length_axis(longest_s: float, ticks: int = 7) -> Figure:
    """An axis of lengths of time with about so many round ticks."""
    rounds = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400)
    every = next((size for size in rounds if longest_s / size <= ticks - 1), 28800)
    values = [every * at for at in range(int(longest_s // every) + 2)]
    return {
        "range": [0, max(longest_s, every) * 1.06],
        "tickangle": 0,
        "tickvals": values,
        "ticktext": [_length_text(value, every) for value in values],
        "fixedrange": True,
        "gridcolor": GRID,
        "zeroline": False,
    }


def _length_text(seconds: int, every: int) -> str:
    if not seconds:
        return "0"
    unit, name = (3600, "h") if every >= 3600 else (60, "min") if every >= 60 else (1, "s")
    return f"{number(seconds / unit)} {name}"


def label(text: str) -> str:
    """A name on an axis: escaped, and never longer than a reader wants."""
    return escape(text if len(text) <= 32 else f"{text[:31]}…")


def plain_layout(height_px: int, **parts: Any) -> Figure:
    return {
        "height": height_px,
        "margin": {"l": 48, "r": 12, "t": 12, "b": 36},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": "system-ui, -apple-system, Segoe UI, Roboto, sans-serif", "size": 13, "color": INK},
        "hoverlabel": {"bgcolor": "#fff", "bordercolor": PALE, "font": {"color": INK}, "align": "left"},
        "showlegend": False,
        **parts,
    }


def rows_layout(rows: int, **parts: Any) -> Figure:
    layout = plain_layout(50 + 38 * max(rows, 1), **parts)
    layout["yaxis"] = {"automargin": True, "fixedrange": True, "ticklen": 6, "tickcolor": "rgba(0,0,0,0)"}
    layout["margin"] = {"l": 8, "r": 16, "t": 8, "b": 36}
    return layout
