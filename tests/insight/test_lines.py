"""Crossings of lines: what is an entry, and what only looks like one."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrail.core.types import Crossing
from retrail.insight.journeys import crossings
from retrail.site import Line


def passes(sightings, site):
    """(direction, time) of each crossing when all sightings are one identity's."""
    found = crossings(sightings, {sighting.id: 1 for sighting in sightings}, site)
    return [(crossing.direction, round(crossing.time_s, 3)) for crossing in found]


def test_somebody_who_walks_in_and_out_has_two_crossings(toys):
    way = [(0, 0.3, 0.5), (4, 0.7, 0.5), (20, 0.7, 0.5), (24, 0.3, 0.5)]
    found = crossings([toys.walk(way, "a")], {"a": 3}, toys.door())
    assert found[0] == Crossing(3, "door", "hall", pytest.approx(2.0), "in", "a")
    assert [crossing.direction for crossing in found] == ["in", "out"]
    assert found[1].time_s == pytest.approx(22.0)


@pytest.mark.parametrize(
    ("inward", "start", "end", "way", "direction"),
    [
        ("up", (0.1, 0.5), (0.9, 0.5), [(0, 0.5, 0.9), (9, 0.5, 0.1)], "in"),
        ("up", (0.9, 0.5), (0.1, 0.5), [(0, 0.5, 0.9), (9, 0.5, 0.1)], "in"),
        ("down", (0.1, 0.5), (0.9, 0.5), [(0, 0.5, 0.9), (9, 0.5, 0.1)], "out"),
        ("left", (0.5, 0.1), (0.5, 0.9), [(0, 0.9, 0.5), (9, 0.1, 0.5)], "in"),
        ("right", (0.5, 0.1), (0.5, 0.9), [(0, 0.9, 0.5), (9, 0.1, 0.5)], "out"),
        ("up", (0.1, 0.2), (0.9, 0.8), [(0, 0.3, 0.9), (9, 0.7, 0.1)], "in"),
        ("right", (0.1, 0.2), (0.9, 0.8), [(0, 0.3, 0.9), (9, 0.7, 0.1)], "in"),
    ],
)
def test_the_inward_side_is_the_one_the_arrow_points_to(toys, inward, start, end, way, direction):
    site = toys.site(lines=[Line("l", "hall", start, end, inward)])
    assert [one for one, _ in passes([toys.walk(way)], site)] == [direction]


@pytest.mark.parametrize(("inside_s", "count"), [(1.5, 0), (2.5, 2)])
def test_a_u_turn_is_no_entry(toys, inside_s, count):
    back = 2 + inside_s
    way = [(0, 0.3, 0.5), (1.8, 0.45, 0.5), (2, 0.55, 0.5), (back, 0.55, 0.5), (back + 0.2, 0.45, 0.5), (9, 0.3, 0.5)]
    assert len(passes([toys.walk(way, hz=20)], toys.door())) == count


def test_an_entry_counts_where_somebody_leaves_the_picture_right_behind_the_line(toys):
    assert passes([toys.walk([(0, 0.3, 0.5), (2, 0.5, 0.5), (3, 0.6, 0.5)])], toys.door()) == [("in", 2.0)]


def test_around_the_end_of_a_line_is_not_through_it(toys):
    assert passes([toys.walk([(0, 0.3, 0.95), (9, 0.7, 0.95)])], toys.door()) == []


def test_in_through_the_door_and_out_around_its_end_is_one_entry(toys):
    way = [(0, 0.3, 0.5), (4, 0.7, 0.5), (14, 0.7, 0.95), (20, 0.3, 0.95)]
    assert [one for one, _ in passes([toys.walk(way)], toys.door())] == ["in"]


def test_who_jitters_at_the_end_of_the_line_and_passes_it_is_not_missed(toys):
    way = [(0, 0.7, 0.95), (4, 0.52, 0.95), (4.4, 0.49, 0.95), (4.8, 0.51, 0.5), (5.2, 0.49, 0.5), (9, 0.3, 0.5)]
    assert [one for one, _ in passes([toys.walk(way, hz=10)], toys.door())] == ["out"]


def test_a_tracker_that_loses_somebody_on_the_line_misses_no_entry(toys):
    first = toys.walk([(0, 0.3, 0.5), (2, 0.45, 0.5)], "a")
    second = toys.walk([(4, 0.55, 0.5), (9, 0.7, 0.5)], "b")
    assert passes([first, second], toys.door()) == [("in", 3.0)]


def test_somebody_who_was_away_and_comes_back_on_the_other_side_has_not_crossed(toys):
    first = toys.walk([(0, 0.3, 0.5), (2, 0.45, 0.5)], "a")
    second = toys.walk([(60, 0.55, 0.5), (69, 0.7, 0.5)], "b")
    assert passes([first, second], toys.door()) == []


def test_who_stands_on_the_line_has_not_crossed_it(toys):
    times_s = np.arange(0, 60, 0.2)
    x = 0.5 + np.sin(times_s) * 0.004
    assert passes([toys.sighting(times_s, np.stack([x, np.full_like(x, 0.5)], axis=1))], toys.door()) == []


quick = settings(max_examples=25, deadline=None)
ways = st.lists(st.tuples(st.floats(0.4, 20), st.floats(0, 1), st.floats(0, 1)), min_size=2, max_size=8).map(
    lambda steps: [(sum(step[0] for step in steps[: at + 1]), *steps[at][1:]) for at in range(len(steps))]
)


@quick
@given(way=ways)
def test_backwards_in_time_in_and_out_are_swapped(toys, way):
    back = [(-time_s, x, y) for time_s, x, y in reversed(way)]
    found = [one for one, _ in passes([toys.walk(way)], toys.door())]
    swapped = ["out" if one == "in" else "in" for one, _ in reversed(passes([toys.walk(back)], toys.door()))]
    assert found == swapped


@quick
@given(way=ways)
def test_without_ends_in_and_out_alternate(toys, way):
    site = toys.site(lines=[Line("l", "hall", (0.5, 0), (0.5, 1), "right")])
    found = [one for one, _ in passes([toys.walk(way)], site)]
    assert all(one != other for one, other in pairwise(found))


@quick
@given(way=ways, cuts=st.sets(st.integers(1, 200), max_size=4))
def test_pieces_of_a_way_give_the_crossings_of_the_whole(toys, way, cuts):
    whole = toys.walk(way)
    at = sorted(cut for cut in cuts if cut < len(whole.path))
    assert passes(toys.pieces(whole, at), toys.door()) == passes([whole], toys.door())


@quick
@given(seed=st.integers(0, 2**32 - 1), steps=st.integers(1, 200))
def test_jitter_on_the_line_counts_once(toys, seed, steps):
    noise = np.random.default_rng(seed).uniform(-0.0049, 0.0049, size=steps)
    x = np.concatenate([np.linspace(0.2, 0.5, 20), 0.5 + noise, np.linspace(0.5, 0.8, 20)])
    seen = toys.sighting(np.arange(len(x)) / 5, np.stack([x, np.full_like(x, 0.5)], axis=1))
    assert [one for one, _ in passes([seen], toys.door())] == ["in"]
