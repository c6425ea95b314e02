"""Whether people can be where a scenario sends them: told before anybody moves, with pixels or without."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from retrail.core.errors import DataError
from retrail.simulate.plan import BODY_M, LOW_M, REACH_M, SEAT_REACH_M, Plan, near_segment
from retrail.simulate.spec import DoorSpec, ScenarioSpec
from retrail.simulate.values import Floor

DOOR_SHARES = (0.28, 0.72)
"""Between these shares of a door's width people pass it: not at its posts."""

_ON_SEAT_M = 0.3


def check_places(spec: ScenarioSpec, plan: Plan) -> None:
    """Check every spot, queue, door and straight way.

    A seat may stand in furniture, as a chair does, if there is room beside it; everywhere else people stand themselves.
    Mannequins are looked at here alone: a way that people find for themselves does not lead around them.

    Raises:
        DataError: there is no room for a person, or something stands between two points of a straight way.
    """
    for where, point, reach_m in _places(spec):
        plan.check(point, where, reach_m)
        _check_figures(spec, where, point, point)
    for where, start, end in _straights(spec):
        if not plan.straight(start, end):
            raise DataError(
                "Somebody would walk through a wall",
                where=where,
                found=f"straight from ({start[0]:g}, {start[1]:g}) to ({end[0]:g}, {end[1]:g})",
                allowed="points with nothing between them",
                hint="add points that lead around, or use `go` with a spot",
            )
        _check_figures(spec, where, start, end)


def _check_figures(spec: ScenarioSpec, where: str, start: Floor, end: Floor) -> None:
    for index, figure in enumerate(spec.mannequins):
        x, y = (np.array([value]) for value in figure.at)
        if figure.raised_m < LOW_M and near_segment(x, y, start, end)[0, 0] < BODY_M:
            raise DataError(
                "Somebody would walk through a mannequin" if start != end else "Somebody would stand in a mannequin",
                where=where,
                found=f"mannequins.{index} at ({figure.at[0]:g}, {figure.at[1]:g})",
                allowed=f"points and straight ways {BODY_M:g} m or more from it",
                hint="move the mannequin, or add points that lead around it",
            )


def in_door(door: DoorSpec, share: float) -> Floor:
    """The point at a share of the way from one post to the other."""
    (x1, y1), (x2, y2) = door.start, door.end
    return x1 + share * (x2 - x1), y1 + share * (y2 - y1)


def before_door(door: DoorSpec, metres: float) -> Floor:
    """The point so far inside from the middle of a door, on the side on which ``outside`` is not."""
    (x1, y1), (x2, y2) = door.start, door.end
    x, y = in_door(door, 0.5)
    width = math.dist(door.start, door.end) or 1.0
    right, up = (y1 - y2) / width, (x2 - x1) / width
    beyond = sum(right * (out_x - x) + up * (out_y - y) for out_x, out_y in door.outside)
    step = -metres if beyond > 0 else metres
    return x + step * right, y + step * up


def _places(spec: ScenarioSpec) -> Iterator[tuple[str, Floor, float]]:
    """(key, point, how far from it there must be room) of every place at which people stop or through which they go."""
    for name, spot in spec.spots.items():
        yield f"spots.{name}.at", spot.at, SEAT_REACH_M if spot.seat else 0.0
    for name, queue in spec.queues.items():
        yield f"queues.{name}.head", queue.head, 0.0
    for name, door in spec.doors.items():
        yield f"doors.{name}", in_door(door, 0.5), 0.0
        for share in DOOR_SHARES:
            yield f"doors.{name}", in_door(door, share), REACH_M
        for index, point in enumerate(door.outside):
            yield f"doors.{name}.outside.{index}", point, 0.0
    seats = [spot.at for spot in spec.spots.values() if spot.seat]
    for index, person in enumerate(spec.people):
        if person.at is not None:
            seated = any(math.dist(seat, person.at) < _ON_SEAT_M for seat in seats)
            yield f"people.{index}.at", person.at, SEAT_REACH_M if seated else 0.0
        for place, step in enumerate(person.plan):
            for point in step.walk or []:
                yield f"people.{index}.plan.{place}.walk", point, 0.0


def _straights(spec: ScenarioSpec) -> Iterator[tuple[str, Floor, Floor]]:
    """(key, from, to) of every way that is walked straight."""
    for index, person in enumerate(spec.people):
        for place, step in enumerate(person.plan):
            for start, end in pairwise(step.walk or []):
                yield f"people.{index}.plan.{place}.walk", start, end
