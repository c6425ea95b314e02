"""Comings and goings that the line itself missed: of those who are first, or last, seen right behind an entrance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from retrail.core.geometry import between_ends, inward_side
from retrail.insight.people import Who
from retrail.insight.trails import Trail
from retrail.site import Line

_BEFORE, _BEHIND, _ASIDE = 0.1, 0.5, 0.3  # the person's heights before and behind the line, and aside of its ends
_AMID_S = 5.0  # this long after the first sighting of anybody, or before the last: he was not just there all along

Way = Literal["in", "out"]
Passing = tuple[Trail, float, Way]
"""Whose, when and which way."""


def missed_passes(
    own: Sequence[Trail], entrances: Sequence[Line], seen: Mapping[Who, Sequence[tuple[float, Way]]]
) -> dict[Line, list[Passing]]:
    """What has to be added to the passings of a site's entrances, over which everybody comes and goes.

    Who walks in or out behind somebody else is often found too late, or lost too early, for the line. An identity whose
    first sighting, or the first after it went out, begins right behind an entrance has come in with it; one whose last
    sighting, or the last before it came in again, ends there has left with it.

    Args:
        own: trails of the whole site, in order of their starts.
        entrances: the lines.
        seen: by identity, the passings of entrances that were seen, in order of time.

    Returns:
        by line, at the time of the trail's first or last box.
    """
    found: dict[Line, list[Passing]] = {line: [] for line in entrances}
    if not own:
        return found
    since_s, until_s = own[0].start_s + _AMID_S, max(trail.end_s for trail in own) - _AMID_S
    trails_of: dict[Who, list[Trail]] = {}
    for trail in own:
        if isinstance(trail.who, int):
            trails_of.setdefault(trail.who, []).append(trail)
    for who, trails in trails_of.items():
        passings = seen.get(who, ())
        for trail in trails:
            before: list[str] = [way for time_s, way in passings if time_s < trail.start_s]
            after: list[str] = [way for time_s, way in passings if time_s > trail.end_s]
            during: list[str] = [way for time_s, way in passings if trail.start_s <= time_s <= trail.end_s]
            others = [other for other in trails if other is not trail]
            came = before[-1] == "out" if before else not any(other.start_s < trail.start_s for other in others)
            goes = after[0] == "in" if after else not any(other.end_s > trail.end_s for other in others)
            for line in entrances:
                if line.camera != trail.camera:
                    continue
                if came and trail.start_s > since_s and "in" not in [*during, *after][:1] and _behind(trail, line, 0):
                    found[line].append((trail, trail.start_s, "in"))
                if goes and trail.end_s < until_s and "out" not in [*before, *during][-1:] and _behind(trail, line, -1):
                    found[line].append((trail, trail.end_s, "out"))
    return found


def _behind(trail: Trail, line: Line, place: int) -> bool:
    """Whether the foot point at this place of a trail is right behind the line, between its ends."""
    start, end = ((x * trail.aspect, y) for x, y in (line.start, line.end))
    foot, height = trail.feet[place][None], float(trail.heights[place])
    deep = float(inward_side(foot, start, end, line.inward)[0])
    return -_BEFORE * height <= deep <= _BEHIND * height and bool(between_ends(foot, start, end, _ASIDE * height)[0])
