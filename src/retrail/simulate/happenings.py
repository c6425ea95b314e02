"""What happened on the floor: visits and crossings of everybody, by the definitions of docs/definitions.md.

Computed from where people truly were, every twentieth of a second and in metres, not from pictures; so it shares no
code with `retrail.insight`, which does the same with what was seen.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from retrail.core.geometry import side_of_line
from retrail.simulate.footing import Footing
from retrail.simulate.render.lens import lens_of
from retrail.simulate.spec import LineSpec, ZoneSpec
from retrail.simulate.truth import TruthCrossing, TruthVisit
from retrail.simulate.walker import STEP_S
from retrail.simulate.world import Life, World
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
        for time_s, inward in _passed(life, line, definitions)
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
    for start, end in _runs(~inside):
        if start > 0 and end < len(inside) and _distance(xy[start:end], footing.polygon).max() < border_m:
            inside[start:end] = True
    for start, end in _runs(inside):
        yield (first + start) * STEP_S, (first + end - 1) * STEP_S


def _runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """(from, to) of every stretch of True, ``to`` beyond the last."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return [(int(start), int(end)) for start, end in zip(edges[::2], edges[1::2], strict=True)]


def _distance(points: NDArray[np.float64], polygon: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n,) metres to the nearest edge."""
    ends = np.roll(polygon, -1, axis=0)
    along = ends - polygon
    squared = np.maximum((along**2).sum(axis=1), 1e-18)
    offset = points[:, None] - polygon[None]
    share = np.clip((offset * along[None]).sum(axis=2) / squared, 0.0, 1.0)
    apart = offset - share[..., None] * along[None]
    return np.sqrt((apart**2).sum(axis=2)).min(axis=1)


def _passed(life: Life, line: LineSpec, definitions: Definitions) -> Iterator[tuple[float, bool]]:
    """(second, inwards) of every crossing: to the other side, there for long enough, between the line's ends."""
    towards = float(side_of_line(np.array([line.inside]), line.start, line.end)[0])
    for first, states in life.spans:
        xy = states[:, :2]
        side = side_of_line(xy, line.start, line.end) * math.copysign(1.0, towards)
        stretches = [(start, end, True) for start, end in _runs(side >= 0)]
        stretches += [(start, end, False) for start, end in _runs(side < 0)]
        stretches.sort()
        before: bool | None = None
        passings: list[tuple[float, bool, bool]] = []
        for place, (start, end, inward) in enumerate(stretches):
            if place:
                share = side[start - 1] / (side[start - 1] - side[start])
                point = xy[start - 1] + share * (xy[start] - xy[start - 1])
                passings.append(((first + start - 1 + share) * STEP_S, _between(point, line), inward))
            at_an_end = place in (0, len(stretches) - 1)
            far = float(np.abs(side[start:end]).max()) >= definitions.border_heights * life.guest.height_m
            if not far or not (at_an_end or (end - start) * STEP_S >= definitions.entry_after_s):
                continue
            through = [passing for passing in passings if passing[1]]
            if before is not None and before != inward and sum(1 if way == inward else -1 for _, _, way in through) > 0:
                yield float(through[-1][0]), inward
            before, passings = inward, []


def _between(point: NDArray[np.float64], line: LineSpec) -> bool:
    start, end = np.array(line.start), np.array(line.end)
    along = end - start
    share = float((point - start) @ along) / (float(along @ along) or 1.0)
    return 0.0 <= share <= 1.0
