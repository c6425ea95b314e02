"""A day of visitors: each walks along routes and stays at places; queues are served one after the other."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from retrail.core.errors import DataError
from retrail.simulate.crowd import Guest, guests
from retrail.simulate.happenings import Span
from retrail.simulate.places import before_door, check_places, in_door
from retrail.simulate.plan import Plan
from retrail.simulate.scenario import Scenario
from retrail.simulate.schedule import check_frames
from retrail.simulate.traffic.routes import Route, Routes
from retrail.simulate.traffic.views import Views
from retrail.simulate.traffic.watching import logged
from retrail.simulate.values import Floor

_BEFORE_DOOR_M = 1.2


@dataclass(slots=True)
class Visit:
    """What one guest did, second by second of the scenario, until its end.

    Attributes:
        legs: (start, route or None, place): walked along a route from a second on, or stood at a place.
        comings: places among the legs with which the guest came in, the first time and after being away.
        watched: by watcher, spans of seconds; for cameras what they log (see `logged`).
    """

    guest: Guest
    legs: list[tuple[float, Route | None, Floor]] = field(default_factory=list[tuple[float, Route | None, Floor]])
    comings: list[int] = field(default_factory=list[int])
    watched: dict[int, list[Span]] = field(default_factory=dict[int, list[Span]])


@dataclass(frozen=True, slots=True, eq=False)
class Day:
    """Everybody's visits, and who watched."""

    scenario: Scenario
    seed: int
    views: Views
    visits: tuple[Visit, ...]


class _Walk:
    """One guest's plan on its way."""

    def __init__(self, guest: Guest, place: Floor) -> None:
        self.visit, self.place = Visit(guest), place
        self.todo = list(guest.plan)


def play_day(scenario: Scenario, *, seed: int | None = None) -> Day:
    """Let everybody of a scenario do what they came for.

    Raises:
        DataError: somebody would have to stand in or walk through a wall, a plan names what is not there, or a camera
            never gives a picture.
    """
    spec = scenario.spec
    chosen = spec.seed if seed is None else seed
    with scenario.placing_errors():
        check_frames(spec, chosen)
        everybody, plan, views = guests(spec, chosen), Plan(spec), Views(spec)
        check_places(spec, plan)
        visits = _Shop(scenario, Routes(spec, plan, views), views, chosen).run(everybody)
    return Day(scenario, chosen, views, visits)


class _Shop:
    def __init__(self, scenario: Scenario, routes: Routes, views: Views, seed: int) -> None:
        self._spec, self._routes, self._views = scenario.spec, routes, views
        self._rng = np.random.Generator(np.random.PCG64([seed, 0xDA]))
        self._free_s = dict.fromkeys(self._spec.queues, 0.0)
        self._length_s = scenario.spec.length_s
        self._standing: dict[Floor, tuple[int, ...]] = {}

    def run(self, everybody: Sequence[Guest]) -> tuple[Visit, ...]:
        """In order of time, so that queues serve who comes first."""
        walks: list[_Walk] = []
        events: list[tuple[float, int]] = []
        for guest in everybody:
            if guest.enter_s > self._length_s:
                continue
            walks.append(_Walk(guest, guest.at if guest.at is not None else self._outside(guest.door or "")))
            walks[-1].visit.comings.append(0)
            start_s = guest.enter_s
            if guest.at is None:
                start_s = self._through(walks[-1], guest.door or "", guest.enter_s, inward=True)
            heapq.heappush(events, (start_s, len(walks) - 1))
        while events:
            time_s, index = heapq.heappop(events)
            after_s = self._next(walks[index], time_s) if time_s < self._length_s else None
            if after_s is not None:
                heapq.heappush(events, (after_s, index))
        cameras = list(self._spec.cameras.values())
        for walk in walks:
            walk.visit.watched = logged(walk.visit.watched, cameras, self._views)
        return tuple(walk.visit for walk in walks)

    def _next(self, walk: _Walk, time_s: float) -> float | None:
        """Do the next step of a plan; the second at which it is done, None: gone."""
        guest = walk.visit.guest
        if not walk.todo:
            if not guest.leaves:
                self._stay(walk, walk.place, time_s, self._length_s)
                return None
            self._through(walk, guest.door or "", time_s, inward=False)
            return None
        step = walk.todo.pop(0)
        spot = step.go or step.browse or step.stand or step.sit
        if spot is not None:
            place = self._spec.spots[spot].at
            return self._stay(walk, place, self._go(walk, place, time_s), step.for_s)
        if step.queue is not None:
            return self._queue(walk, step.queue, time_s, step.for_s)
        if step.walk is not None:
            for point in step.walk:
                time_s = self._go(walk, point, time_s)
            return time_s
        door = step.away or ""
        back_s = self._through(walk, door, time_s, inward=False) + step.for_s
        walk.visit.comings.append(len(walk.visit.legs))
        return self._through(walk, door, back_s, inward=True)

    def _queue(self, walk: _Walk, name: str, time_s: float, serve_s: float) -> float:
        head = self._spec.queues[name].head
        here_s = self._go(walk, head, time_s)
        served_s = max(here_s, self._free_s[name]) + serve_s
        self._free_s[name] = served_s
        return self._stay(walk, head, here_s, served_s - here_s)

    def _outside(self, door: str) -> Floor:
        outside = self._spec.doors[door].outside
        return outside[int(self._rng.integers(len(outside)))]

    def _through(self, walk: _Walk, door: str, time_s: float, *, inward: bool) -> float:
        middle = in_door(self._spec.doors[door], 0.5)
        # The shortest way hugs the wall beside a door and passes a line before it beyond that line's end.
        inside = before_door(self._spec.doors[door], _BEFORE_DOOR_M)
        ahead = [inside] if self._routes.straight(inside, middle) else []
        if inward:
            walk.place = self._outside(door)
        for place in [middle, *ahead] if inward else [*ahead, middle, self._outside(door)]:
            time_s = self._go(walk, place, time_s)
        return time_s

    def _go(self, walk: _Walk, place: Floor, time_s: float) -> float:
        if place == walk.place:
            return time_s
        visit = walk.visit
        route = self._routes.between(walk.place, place, visit.guest.where)
        speed, last_s = visit.guest.speed, self._length_s
        for watcher, from_m, to_m in route.stretches:
            if time_s + from_m / speed < last_s:
                span = time_s + from_m / speed, min(time_s + to_m / speed, last_s)
                visit.watched.setdefault(watcher, []).append(span)
        if time_s < last_s:
            visit.legs.append((time_s, route, place))
        walk.place = place
        return time_s + route.length_m / speed

    def _stay(self, walk: _Walk, place: Floor, time_s: float, for_s: float) -> float:
        end_s = min(time_s + for_s, self._length_s)
        if place not in self._standing:
            watchers, _ = self._views.at(np.array([place], np.float64))
            self._standing[place] = tuple(watchers.tolist())
        if end_s > time_s:
            for watcher in self._standing[place]:
                walk.visit.watched.setdefault(watcher, []).append((time_s, end_s))
            walk.visit.legs.append((time_s, None, place))
        return max(end_s, time_s)


def ways(visit: Visit, until_s: float) -> Iterator[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """(n,) seconds and (n, 2) metres of every time somebody was there, from coming until going or a last second."""
    for first, after in pairwise([*visit.comings, len(visit.legs)]):
        times: list[NDArray[np.float64]] = []
        points: list[NDArray[np.float64]] = []
        for start_s, route, place in visit.legs[first:after]:
            xy = np.array([place]) if route is None else route.xy
            last_s = 0.0 if route is None else route.length_m / visit.guest.speed
            times.append(start_s + np.linspace(0.0, last_s, len(xy)))
            points.append(xy)
        if not times:
            continue
        times_s, xy = np.concatenate(times), np.concatenate(points)
        before = int(np.searchsorted(times_s, until_s, side="right"))
        stays = visit.legs[after - 1][1] is None
        if before < len(times_s) or stays:
            last = [np.interp(until_s, times_s, xy[:, axis]) for axis in (0, 1)]
            times_s, xy = np.append(times_s[:before], until_s), np.concatenate([xy[:before], [last]])
        yield times_s, xy


def where(visit: Visit, time_s: float) -> Floor:
    """Where somebody is at a second.

    Raises:
        DataError: the guest never came.
    """
    current: tuple[float, Route | None, Floor] | None = None
    for leg in visit.legs:
        if leg[0] > time_s and current is not None:
            break
        current = leg
    if current is None:
        raise DataError("This guest was never there", where=visit.guest.where)
    start_s, route, place = current
    if route is None:
        return place
    share = min(1.0, max(0.0, (time_s - start_s) * visit.guest.speed / (route.length_m or 1.0)))
    at = share * (len(route.xy) - 1)
    low = min(int(at), len(route.xy) - 2)
    (x1, y1), (x2, y2) = route.xy[low : low + 2].tolist()
    return x1 + (x2 - x1) * (at - low), y1 + (y2 - y1) * (at - low)
