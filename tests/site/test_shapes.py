"""Polygons and lines that make no sense are told from those that do."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrail.site.shapes import line_problem, polygon_problem

fractions = st.integers(0, 8).map(lambda eighth: eighth / 8)
points = st.tuples(fractions, fractions)


@pytest.mark.parametrize(
    ("corners", "said"),
    [
        ([(0, 0), (1, 0), (0, 1)], None),
        ([(0, 0), (1, 0), (1, 1), (0.5, 0.5), (0, 1)], None),
        ([(0, 0), (0.5, 0), (1, 0), (1, 1), (0, 1)], None),
        ([(0, 0), (1, 1), (1, 0), (0, 1)], "sides cross"),
        ([(0, 0), (1, 0), (1, 1), (0.5, 0), (0, 1)], "sides cross"),
        ([(0, 0), (1, 0), (0.5, 0), (0.5, 1)], "sides cross"),
        ([(0, 0), (0, 0), (1, 0), (1, 1)], "Corners 1 and 2 are the same"),
        ([(0, 0), (1, 0), (1, 1), (0, 0)], "Corners 4 and 1 are the same"),
        ([(0, 0), (0.5, 0.5), (1, 1)], "cross"),
        ([(0, 0), (1e-4, 0), (0, 1e-4)], "no area"),
    ],
)
def test_polygons(corners: list[tuple[float, float]], said: str | None) -> None:
    problem = polygon_problem(corners)
    assert (said in (problem or "")) if said else problem is None


@given(st.integers(3, 12), st.floats(0, 6.28), st.booleans())
def test_a_star_shaped_polygon_is_sound_and_with_two_corners_swapped_it_crosses(
    count: int, turn: float, dented: bool
) -> None:
    radii = [0.2 if dented and index % 2 else 0.4 for index in range(count)]
    angles = [turn + 2 * math.pi * index / count for index in range(count)]
    corners = [
        (0.5 + radius * math.cos(angle), 0.5 + radius * math.sin(angle))
        for radius, angle in zip(radii, angles, strict=True)
    ]
    assert polygon_problem(corners) is None
    assert polygon_problem(corners[::-1]) is None
    if count >= 5 and not dented:
        corners[1], corners[2] = corners[2], corners[1]
        assert "cross" in (polygon_problem(corners) or "")


@given(st.lists(points, min_size=4, max_size=6))
def test_where_it_starts_and_which_way_it_runs_does_not_matter(corners: list[tuple[float, float]]) -> None:
    sound = polygon_problem(corners) is None
    assert (polygon_problem(corners[1:] + corners[:1]) is None) == sound
    assert (polygon_problem(corners[::-1]) is None) == sound


@given(st.lists(points, min_size=4, max_size=5))
def test_a_sound_polygon_has_no_two_sides_with_a_common_point(corners: list[tuple[float, float]]) -> None:
    """The slow way: points along every side, none near a side that is not a neighbour."""
    if polygon_problem(corners) is not None:
        return
    count = len(corners)
    share = np.linspace(0, 1, 401)[:, None]
    sides = [
        np.array(corners[index]) * (1 - share) + np.array(corners[(index + 1) % count]) * share
        for index in range(count)
    ]
    for first in range(count):
        for second in range(first + 2, count):
            if (second + 1) % count != first:
                gaps = np.linalg.norm(sides[first][:, None] - sides[second][None], axis=2)
                assert gaps.min() > 1e-9


@pytest.mark.parametrize(
    ("start", "end", "inward", "said"),
    [
        ((0.1, 0.9), (0.9, 0.9), "up", None),
        ((0.1, 0.9), (0.9, 0.9), "down", None),
        ((0.1, 0.9), (0.9, 0.9), "left", "horizontal"),
        ((0.5, 0.1), (0.5, 0.9), "right", None),
        ((0.5, 0.9), (0.5, 0.1), "up", "vertical"),
        ((0.5, 0.1), (0.501, 0.9), "down", "vertical"),
        ((0.1, 0.1), (0.9, 0.9), "up", None),
        ((0.1, 0.1), (0.9, 0.9), "right", None),
        ((0.5, 0.5), (0.5, 0.5), "up", "no length"),
    ],
)
def test_lines(start: tuple[float, float], end: tuple[float, float], inward: str, said: str | None) -> None:
    problem = line_problem(start, end, inward)  # type: ignore[arg-type]
    assert (said in (problem or "")) if said else problem is None
