"""How many people came, entered and left, by place and bucket."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from retrail.core.types import Count
from retrail.insight.findings import Place
from retrail.insight.people import People, Who
from retrail.insight.periods import Period
from retrail.insight.view import View, identities


@dataclass(frozen=True, slots=True)
class Footfall:
    """How many came to a place in a period.

    Attributes:
        visitors: identities that were there; ``unresolved``: chains of people there who could be anybody.
        undecided: chains there of which it is not known whether they are people; in no other number.
        entries, exits: of identities. Line: passed inwards and outwards. Zone: visits begun and ended. Camera: came
            into and went out of view. Site: arrived and left.
    """

    place: Place
    period: Period
    visitors: Count
    undecided: int
    entries: int
    exits: int


def footfall(view: View, place: Place) -> tuple[Footfall, ...]:
    """One for each bucket. Visitors of buckets do not add up (who stays is in several); entries and exits do."""
    return _count(view, place, view.buckets)


def footfall_in_all(view: View, place: Place) -> Footfall | None:
    """For the whole period; None without one."""
    return next(iter(_count(view, place, [view.period])), None) if view.period else None


def _count(view: View, place: Place, parts: Sequence[Period]) -> tuple[Footfall, ...]:
    there: list[set[Who]] = [set() for _ in parts]
    begun, ended = [0] * len(parts), [0] * len(parts)
    find = _finder(parts)
    for stay in view.findings.stays.get(place, ()):
        for index in range(max(find(stay.enter_s), 0), min(find(stay.leave_s) + 1, len(parts))):
            if parts[index].touches(stay.enter_s, stay.leave_s):
                there[index].add(stay.who)
        if isinstance(stay.who, int):
            _add(begun, parts, find(stay.enter_s), stay.enter_s)
            _add(ended, parts, find(stay.leave_s), stay.leave_s)
    for one in view.findings.passes.get(place, ()):
        index = find(one.time_s)
        if 0 <= index < len(parts) and parts[index].holds(one.time_s):
            there[index].add(one.who)
            if isinstance(one.who, int):
                (begun if one.direction == "in" else ended)[index] += 1
    people = view.findings.people
    return tuple(
        Footfall(place, part, _visitors(who, people), len(people.undecided & who), entries, exits)
        for part, who, entries, exits in zip(parts, there, begun, ended, strict=True)
    )


def _finder(parts: Sequence[Period]) -> Callable[[float], int]:
    """The index of the last part that begins no later than a moment; -1: none."""
    starts = [part.from_s for part in parts]
    return lambda time_s: bisect_right(starts, time_s) - 1


def _add(counts: list[int], parts: Sequence[Period], index: int, time_s: float) -> None:
    if index >= 0 and parts[index].holds(time_s):
        counts[index] += 1


def _visitors(who: Iterable[Who], people: People) -> Count:
    there = set(who)
    return Count(estimate=float(len(identities(there))), unresolved=len(people.unresolved & there))
