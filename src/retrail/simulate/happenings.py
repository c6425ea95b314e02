"""What happened on the floor: visits and crossings of everybody, by the definitions of docs/definitions.md.

Computed from where people truly were, every twentieth of a second and in metres, not from pictures; so it shares no
code with `retrail.insight`, which does the same with what was seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from retrail.simulate.footing import Footing
from retrail.simulate.passing import passings, runs
from retrail.simulate.render.lens import lens_of
from retrail.simulate.spec import LineSpec, ZoneSpec
from retrail.simulate.truth import TruthCrossing, TruthVisit
from retrail.simulate.walker import STEP_S
from retrail.simulate.world import World
from retrail.site import Definitions

Span = tuple[float, float]


def visits(
    world: World, zone: str, spec: ZoneSpec, seen: Mapping[int, Sequence[Span]], definitions: Definitions
) -> list[TruthVisit]:
    """Everybody's visits to the part of a zone that its camera sees.

    Somebody in view whose feet are beyond the edge of the picture counts as standing on it, as everywhere in Retrail;
    somebody hidden inside the zone is there all the same.

    Args:
        zone, spec: its name, and where it is.
        seen: by person, when the camera sees him, as spans of seconds of the scenario.
    """
    footing = Footing(lens_of(world.scenario.spec.cameras[spec.camera]), spec.floor)
    if len(footing.polygon) < 3:
        return []
    camera = spec.camera
    found: list[TruthVisit] = []
    for life in world.lives:
        border_m = definitions.border_heights * life.guest.height_m
        in_view = joined(seen.get(life.guest.number, ()), definitions.visit_gap_s)
        spans = [
            span for first, states in life.spans for span in _inside(first, states[:, :2], footing, border_m, in_view)
        ]
        for enter_s, leave_s in joined(spans, definitions.visit_gap_s):
            if leave_s - enter_s >= definitions.visit_after_s:
                number = life.guest.number
                found.append(TruthVisit(number, camera, zone, world.start_s + enter_s, world.start_s + leave_s))
    return found


def joined(spans: Sequence[Span], gap_s: float) -> list[Span]:
    """Sorted spans, those that are less than ``gap_s`` apart as one."""
    whole: list[Span] = []
    for start, end in sorted(spans):
        if whole and start - whole[-1][1] < gap_s:
            whole[-1] = whole[-1][0], max(whole[-1][1], end)
        else:
            whole.append((start, end))
    return whole


def crossings(world: World, name: str, line: LineSpec, definitions: Definitions) -> list[TruthCrossing]:
    """Everybody's crossings of a line on the floor."""
    return [
        TruthCrossing(life.guest.number, name, "in" if inward else "out", world.start_s + time_s)
        for life in world.lives
        for first, states in life.spans
        for time_s, inward in passings(
            STEP_S * np.arange(first, first + len(states), dtype=np.float64),
            states[:, :2],
            line,
            life.guest.height_m,
            definitions,
        )
    ]


def _inside(
    first: int,
    xy: NDArray[np.float64],
    footing: Footing,
    border_m: float,
    in_view: Sequence[Span],
) -> Iterator[Span]:
    """Spans of seconds inside a zone; steps outside of it that stay within the border belong to them."""
    at_s = (first + np.arange(len(xy))) * STEP_S
    viewed = np.zeros(len(xy), np.bool_)
    for start, end in in_view:
        viewed |= (at_s >= start) & (at_s <= end)
    inside = footing.on(xy) | (viewed & footing.beyond(xy))
    for start, end in runs(~inside):
        if start > 0 and end < len(inside) and _distance(xy[start:end], footing.polygon).max() < border_m:
            inside[start:end] = True
    for start, end in runs(inside):
        yield (first + start) * STEP_S, (first + end - 1) * STEP_S


def _distance(points: NDArray[np.float64], polygon: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n,) metres to the nearest edge."""
    ends = np.roll(polygon, -1, axis=0)
    along = ends - polygon
    squared = np.maximum((along**2).sum(axis=1), 1e-18)
    offset = points[:, None] - polygon[None]
    share = np.clip((offset * along[None]).sum(axis=2) / squared, 0.0, 1.0)
    apart = offset - share[..., None] * along[None]
    return np.sqrt((apart**2).sum(axis=2)).min(axis=1)
