"""Who is first, or last, seen right behind an entrance has come in, or left, over it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from retrail.insight.journeys import crossings

OTHERS = [(0, 0.9, 0.9), (100, 0.9, 0.9)]
"""Somebody who is there before and after all that is told: the cameras were on."""


def shop(toys, *, entrance=True):
    """The line ``door`` from top to bottom at a half; inwards is to the right. A person is 0.1 wide of the picture."""
    site = toys.door()
    return replace(site, entrances=tuple(site.lines.values())) if entrance else site


def told(toys, *ways, identities=None, site=None):
    """(direction, time) of identity 1's crossings."""
    seen = [toys.walk(way, name) for way, name in zip(ways, "abcdefg", strict=False)] + [toys.walk(OTHERS, "z")]
    identities = identities or dict.fromkeys("abcdefg", 1)
    found = crossings(seen, {**identities, "z": 2}, site or shop(toys))
    return [(one.direction, one.time_s) for one in found if one.identity == 1]


def test_who_is_first_seen_right_behind_the_door_has_come_in(toys):
    assert told(toys, [(20, 0.53, 0.5), (24, 0.8, 0.5)]) == [("in", 20.0)]


def test_who_is_last_seen_right_behind_the_door_has_left(toys):
    assert told(toys, [(20, 0.8, 0.5), (24, 0.53, 0.5)]) == [("out", 24.0)]


def test_who_passes_the_line_in_view_is_counted_once(toys):
    assert told(toys, [(20, 0.3, 0.5), (24, 0.7, 0.5), (40, 0.7, 0.5), (44, 0.3, 0.5)]) == [("in", 22.0), ("out", 42.0)]


@pytest.mark.parametrize(
    "way",
    [
        [(20, 0.65, 0.5), (24, 0.8, 0.5)],  # farther than half his height behind it
        [(20, 0.53, 0.95), (24, 0.8, 0.95)],  # beside its end
        [(20, 0.45, 0.5), (24, 0.2, 0.5)],  # outside
        [(3, 0.53, 0.5), (24, 0.8, 0.5)],  # may have been there before anybody looked
        [(80, 0.8, 0.5), (97, 0.53, 0.5)],  # may be there still
    ],
)
def test_elsewhere_or_at_the_edge_of_the_day_nobody_comes_or_goes(toys, way):
    assert told(toys, way) == []


def test_a_line_that_is_no_entrance_has_only_what_was_seen(toys):
    assert told(toys, [(20, 0.53, 0.5), (24, 0.8, 0.5)], site=shop(toys, entrance=False)) == []


def test_a_tracker_that_loses_somebody_behind_the_door_makes_nobody_come_twice(toys):
    first, second = [(20, 0.3, 0.5), (24, 0.53, 0.5)], [(30, 0.54, 0.5), (34, 0.8, 0.5)]
    assert [way for way, _ in told(toys, first, second)] == ["in"]


def test_who_left_unseen_and_comes_again_has_left_and_come(toys):
    first, second = [(20, 0.3, 0.5), (24, 0.8, 0.5), (30, 0.53, 0.5)], [(60, 0.3, 0.5), (64, 0.8, 0.5)]
    assert [way for way, _ in told(toys, first, second)] == ["in", "out", "in"]


def test_who_left_in_view_and_comes_again_unseen_has_come(toys):
    first, second = [(20, 0.3, 0.5), (24, 0.8, 0.5), (30, 0.3, 0.5)], [(60, 0.53, 0.5), (64, 0.8, 0.5)]
    assert [way for way, _ in told(toys, first, second)] == ["in", "out", "in"]


def test_nobody_in_particular_neither_comes_nor_goes(toys):
    assert told(toys, [(20, 0.53, 0.5), (24, 0.8, 0.5)], identities={"a": None}) == []
