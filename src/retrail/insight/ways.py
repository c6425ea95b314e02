"""The charts of where people went: a Sankey stop by stop, and a timeline of journeys."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html import escape

from retrail.insight.findings import Place, Stay
from retrail.insight.flows import routes
from retrail.insight.plotting import (
    MUTED,
    PALE,
    Figure,
    clock_text,
    hues,
    label,
    length_axis,
    plain_layout,
    rows_layout,
)
from retrail.insight.view import View
from retrail.insight.words import duration, plural

STOPS = 5
"""How many stops the Sankey tells apart; what follows is drawn as one."""

ROWS = 32
"""How many journeys the timeline shows."""

_PLACES = 8
_ORDER = ("first", "second", "third", "fourth", "fifth")
_GONE, _ON, _OTHER = "left", "went on", "other zones"


def routes_in(view: View) -> tuple[tuple[Stay, ...], ...]:
    """Routes through the zones that began in the period."""
    return tuple(route for route in routes(view, "zone") if view.holds(route[0].enter_s))


def sankey(view: View, ways: Sequence[tuple[Stay, ...]]) -> Figure:
    """Where people went, stop by stop."""
    colours = hues(view)
    common = {place for place, _ in Counter(stay.place for way in ways for stay in way).most_common(_PLACES)}
    links: Counter[tuple[tuple[int, str], tuple[int, str]]] = Counter()
    colour_of = {_OTHER: "#9aa5b1", _ON: "#9aa5b1", _GONE: PALE}
    for way in ways:
        names = [_named(stay.place) if stay.place in common else _OTHER for stay in way]
        colour_of |= {_named(place): colours[place] for place in common}
        stops = [(at, name) for at, name in enumerate(names[:STOPS])]
        ending = (STOPS, _ON) if len(names) > STOPS else (STOPS + 1, _GONE)
        links.update(zip(stops, [*stops[1:], ending], strict=True))
    nodes = sorted({node for link in links for node in link})
    index = {node: at for at, node in enumerate(nodes)}
    ordered = sorted(links.items())
    through: Counter[tuple[int, str]] = Counter()
    for (origin, target), moved in ordered:
        through[origin] += moved
        if target[0] >= STOPS:
            through[target] += moved
    node = {
        "label": [f"{label(name)} {through[at, name]}" for at, name in nodes],
        "color": [colour_of[name] for _, name in nodes],
        "customdata": [escape(name) for _, name in nodes],
        "pad": 14,
        "thickness": 14,
        "line": {"width": 0},
        "hovertemplate": "%{customdata}: %{value}<extra></extra>",
    }
    link = {
        "source": [index[origin] for (origin, _), _ in ordered],
        "target": [index[target] for (_, target), _ in ordered],
        "value": [moved for _, moved in ordered],
        "color": [_pale(colour_of[origin[1]]) for (origin, _), _ in ordered],
        "hovertemplate": "%{source.customdata} → %{target.customdata}: %{value}<extra></extra>",
    }
    rows = max(Counter(at for at, _ in nodes).values())
    layout = plain_layout(min(160 + 60 * rows, 480), margin={"l": 8, "r": 8, "t": 30, "b": 8})
    columns = min(max(len(way) for way in ways), STOPS)
    layout["annotations"] = [
        {
            "text": f"{_ORDER[at]} stop" if at < columns else "then",
            "x": at / columns,
            "xanchor": "left" if at < columns else "right",
            "xref": "paper",
            "y": 1.0,
            "yanchor": "bottom",
            "yref": "paper",
            "showarrow": False,
            "font": {"size": 12, "color": MUTED},
        }
        for at in range(columns + 1)
    ]
    return {"data": [{"type": "sankey", "node": node, "link": link, "arrangement": "snap"}], "layout": layout}


def selection(ways: Sequence[tuple[Stay, ...]]) -> list[tuple[Stay, ...]]:
    """So many journeys as can be read, evenly spread over all in order of arrival."""
    ordered = sorted(ways, key=lambda way: (way[0].enter_s, str(way[0].who)))
    if len(ordered) <= ROWS:
        return ordered
    return [ordered[at * len(ordered) // ROWS] for at in range(ROWS)]


def timeline(view: View, ways: Sequence[tuple[Stay, ...]]) -> Figure:
    """One row a journey, from its first visit on: which zone, and for how long."""
    colours = hues(view)
    form = "%d %b %H:%M" if view.period and view.period.to_s - view.period.from_s > 86400 else "%H:%M"
    rows = [f"{clock_text(view, way[0].enter_s, form)}  ·  no. {way[0].who}" for way in ways]
    longest_s = max((max(stay.leave_s for stay in way) - way[0].enter_s for way in ways), default=1.0)
    bars: list[Figure] = []
    for place in view.places("zone"):
        own = [(row, way[0].enter_s, stay) for row, way in enumerate(ways) for stay in way if stay.place == place]
        if not own:
            continue
        bars.append(
            {
                "type": "bar",
                "orientation": "h",
                "name": _named(place),
                "y": [row for row, _, _ in own],
                "base": [round(stay.enter_s - began_s, 1) for _, began_s, stay in own],
                "x": [round(max(stay.length_s, longest_s / 300), 1) for _, _, stay in own],
                "marker": {"color": colours[place]},
                "hovertext": [
                    f"no. {stay.who}<br>{escape(_named(place))}<br>"
                    f"{clock_text(view, stay.enter_s, '%H:%M:%S')}, {duration(stay.length_s)}"
                    for _, _, stay in own
                ],
                "hoverinfo": "text",
                "width": 0.7,
            }
        )
    layout = rows_layout(0, xaxis=length_axis(longest_s), showlegend=True, barmode="overlay")
    layout["height"] = 60 + 20 * len(ways)
    layout["yaxis"] |= {
        "tickvals": list(range(len(rows))),
        "ticktext": rows,
        "range": [len(rows) - 0.5, -0.5],
        "tickfont": {"size": 11},
        "showgrid": False,
        "zeroline": False,
    }
    return {"data": bars, "layout": layout}


def ways_text(ways: Sequence[tuple[Stay, ...]], shown: int) -> str:
    """How many of all journeys are drawn."""
    if shown == len(ways):
        return f"All {plural(shown, 'journey', 'journeys')}, in order of arrival."
    return f"{shown} of {len(ways)} journeys, evenly spread over all in order of arrival. The files have all of them."


def _named(place: Place) -> str:
    return place.name if place.name == place.camera else f"{place.name} ({place.camera})"


def _pale(colour: str) -> str:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, 0.32)"
