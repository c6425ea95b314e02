"""Where people went from where, and how long the way took."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Literal

from retrail.insight.dwell import Spread, spread
from retrail.insight.findings import Place, Stay, site_place
from retrail.insight.view import View

Level = Literal["camera", "zone"]


@dataclass(frozen=True, slots=True)
class Move:
    """One identity went from one place to another. None as a place: outside the shop."""

    identity: int
    origin: Place | None
    target: Place | None
    time_s: float
    transit_s: float | None


@dataclass(frozen=True, slots=True)
class Flow:
    """All moves from one place to another.

    Attributes:
        origin, target: the places; None: outside the shop.
        moves: how often.
        visitors: by how many identities.
        transit: from leaving the one to entering the other (0 where one was seen at both at once); None to and from
            outside.
    """

    origin: Place | None
    target: Place | None
    moves: int
    visitors: int
    transit: Spread | None


def flows(view: View, level: Level = "zone") -> tuple[Flow, ...]:
    """Flows between the zones, or the cameras, of a site in the period, the most frequent first.

    A move is in the period in which it ends. Who is unseen for ``return_after_s`` has left and comes back from
    outside; coming back to the place one has just left is no move.
    """
    found: dict[tuple[Place | None, Place | None], list[Move]] = {}
    for move in moves(view, level):
        found.setdefault((move.origin, move.target), []).append(move)
    made = [
        Flow(
            origin,
            target,
            len(own),
            len({move.identity for move in own}),
            spread([move.transit_s for move in own if move.transit_s is not None]),
        )
        for (origin, target), own in found.items()
    ]
    return tuple(sorted(made, key=lambda flow: (-flow.moves, _name(flow.origin), _name(flow.target))))


def moves(view: View, level: Level = "zone") -> tuple[Move, ...]:
    """Every move of every identity in the period, by identity and time."""
    return tuple(move for route in routes(view, level) for move in _moves_of(route) if view.holds(move.time_s))


def routes(view: View, level: Level = "zone") -> tuple[tuple[Stay, ...], ...]:
    """The stays of each identity from arriving to leaving, in order, stays at one place after each other merged.

    By identity and time; those who stayed nowhere are left out. Of the whole log: cut to the period what follows.
    """
    stays: dict[int, list[Stay]] = {}
    for place in view.places(level):
        for stay in view.findings.stays[place]:
            if isinstance(stay.who, int):
                stays.setdefault(stay.who, []).append(stay)
    there: dict[int, list[Stay]] = {}
    for stay in view.findings.stays[site_place(view.findings.site)]:
        if isinstance(stay.who, int):
            there.setdefault(stay.who, []).append(stay)
    found: list[tuple[Stay, ...]] = []
    for who in sorted(stays):
        own = sorted(stays[who], key=lambda stay: (stay.enter_s, stay.leave_s, _name(stay.place)))
        for whole in there[who]:
            route = [stay for stay in own if whole.enter_s <= stay.enter_s <= whole.leave_s]
            if route:
                found.append(tuple(_merged(route)))
    return tuple(found)


def _merged(route: Iterable[Stay]) -> Iterator[Stay]:
    for place, group in groupby(route, key=lambda stay: stay.place):
        own = tuple(group)
        ids = tuple(dict.fromkeys(name for stay in own for name in stay.sightings))
        yield Stay(own[0].who, place, own[0].enter_s, max(stay.leave_s for stay in own), ids)


def _moves_of(route: tuple[Stay, ...]) -> Iterator[Move]:
    who = route[0].who
    if not isinstance(who, int):
        return
    yield Move(who, None, route[0].place, route[0].enter_s, None)
    for before, after in pairwise(route):
        yield Move(who, before.place, after.place, after.enter_s, max(0.0, after.enter_s - before.leave_s))
    last = max(route, key=lambda stay: stay.leave_s)
    yield Move(who, last.place, None, last.leave_s, None)


def _name(place: Place | None) -> tuple[str, str]:
    return (place.camera, place.name) if place else ("", "")
