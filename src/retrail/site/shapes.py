"""Whether polygons and lines make sense, in fractions of the frame."""

from __future__ import annotations

from collections.abc import Sequence

from retrail.core.geometry import Direction
from retrail.site.parts import Point

_SMALLEST_AREA = 1e-6
_SMALLEST_LENGTH = 1e-3
_LEAST_ACROSS = 0.05
"""Share of a line's length that must run across its inward direction (3 degrees)."""


def polygon_problem(corners: Sequence[Point]) -> str | None:
    """Why a polygon of three or more corners holds no area of its own, or None.

    >>> polygon_problem([(0, 0), (1, 1), (1, 0), (0, 1)])
    'Its sides cross: corners 1-2 and 3-4'
    """
    count = len(corners)
    for first in range(count):
        if corners[first] == corners[(first + 1) % count]:
            return f"Corners {first + 1} and {(first + 1) % count + 1} are the same"
    for first in range(count):
        for second in range(first + 1, count):
            if _sides_meet(corners, first, second):
                sides = [f"{side + 1}-{(side + 1) % count + 1}" for side in (first, second)]
                return f"Its sides cross: corners {sides[0]} and {sides[1]}"
    doubled = sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in zip(corners, [*corners[1:], corners[0]], strict=True))
    return "It holds no area" if abs(doubled) / 2 < _SMALLEST_AREA else None


def line_problem(start: Point, end: Point, inward: Direction) -> str | None:
    """Why a line cannot count in a direction, or None.

    >>> line_problem((0.5, 0.1), (0.5, 0.9), "up")
    'The line is vertical: nobody crosses it going up'
    """
    across, down = abs(end[0] - start[0]), abs(end[1] - start[1])
    length = (across**2 + down**2) ** 0.5
    if length < _SMALLEST_LENGTH:
        return "The line has no length"
    if inward in ("up", "down") and across < _LEAST_ACROSS * length:
        return f"The line is vertical: nobody crosses it going {inward}"
    if inward in ("left", "right") and down < _LEAST_ACROSS * length:
        return f"The line is horizontal: nobody crosses it going {inward}"
    return None


def _sides_meet(corners: Sequence[Point], first: int, second: int) -> bool:
    """Whether two sides have a point in common other than the corner that neighbours share."""
    count = len(corners)
    a, b = corners[first], corners[(first + 1) % count]
    c, d = corners[second], corners[(second + 1) % count]
    if (first + 1) % count == second:
        return _turn(a, b, d) == 0 and _ahead(b, a, d) > 0
    if (second + 1) % count == first:
        return _turn(c, d, b) == 0 and _ahead(a, c, b) > 0
    turns = _turn(a, b, c), _turn(a, b, d), _turn(c, d, a), _turn(c, d, b)
    if turns[0] * turns[1] < 0 and turns[2] * turns[3] < 0:
        return True
    ends = ((turns[0], a, b, c), (turns[1], a, b, d), (turns[2], c, d, a), (turns[3], c, d, b))
    return any(turn == 0 and _between(p, q, r) for turn, p, q, r in ends)


def _turn(a: Point, b: Point, c: Point) -> int:
    value = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
    return 0 if abs(value) < 1e-12 else (1 if value > 0 else -1)


def _ahead(origin: Point, a: Point, b: Point) -> float:
    return (a[0] - origin[0]) * (b[0] - origin[0]) + (a[1] - origin[1]) * (b[1] - origin[1])


def _between(a: Point, b: Point, c: Point) -> bool:
    """Whether c, on the endless line through a and b, lies on the side from a to b."""
    return min(a[0], b[0]) <= c[0] <= max(a[0], b[0]) and min(a[1], b[1]) <= c[1] <= max(a[1], b[1])
