"""Stories told to the tracker: who walks where, and what it must make of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from retrail.core.errors import DataError
from retrail.core.types import Box, Detection
from retrail.perceive.track import ClosedTrack, Tracker

WIDTH, HEIGHT = 1280, 720
Way = Callable[[float], Box | None]


def walker(x: float, speed: float, *, y: float = 300.0, start_s: float = 0.0, end_s: float = 1e9) -> Way:
    """Somebody 80 x 200 who is at ``x`` at ``start_s`` and walks sideways, pixels per second."""

    def at(time_s: float) -> Box | None:
        left = x + speed * (time_s - start_s)
        inside = start_s <= time_s <= end_s and -40 < left < WIDTH - 40
        return (max(left, 0.0), y, min(left + 80, float(WIDTH)), y + 200) if inside else None

    return at


def play(ways: Iterable[Way], end_s: float, *, hz: float = 5.0, tracker: Tracker | None = None) -> list[ClosedTrack]:
    tracker = tracker or Tracker("hall", WIDTH, HEIGHT)
    ways = list(ways)
    closed: list[ClosedTrack] = []
    for index in range(int(end_s * hz) + 1):
        time_s = 1000.0 + index / hz
        boxes = [box for way in ways if (box := way(index / hz)) is not None]
        closed += tracker.update(time_s, [Detection(box, 0.9) for box in boxes]).closed
    return closed + list(tracker.finish().closed)


def test_who_walks_through_is_one_person() -> None:
    closed = play([walker(-30, 200)], 8)
    assert [(each.presence, each.continues) for each in closed] == [("person", None)]
    assert closed[0].path.times_s[0] == 1000.0


def test_two_who_cross_keep_their_ways() -> None:
    closed = play([walker(0, 150), walker(1200, -150, y=310)], 8)
    assert len(closed) == 2
    for each in closed:
        moved = each.path.boxes_px[-1, 0] - each.path.boxes_px[0, 0]
        assert abs(moved) == pytest.approx(150 * 8, abs=60)


def test_who_is_hidden_for_a_second_is_found_again() -> None:
    seen = walker(-30, 200)
    closed = play([lambda t: None if 2 < t < 3.1 else seen(t)], 8)
    assert len(closed) == 1


def test_a_tracklet_is_cut_after_twenty_seconds_and_continues() -> None:
    closed = play([walker(0, 20)], 50)
    assert [each.key for each in closed] == [1, 1, 1]
    assert [each.continues for each in closed] == [None, closed[0].id, closed[1].id]
    assert all(each.path.times_s[-1] - each.path.times_s[0] <= 20 for each in closed)


def test_a_box_seen_twice_is_nobody() -> None:
    assert play([walker(300, 0, start_s=1, end_s=1.3)], 4) == []


def test_a_still_picture_keeps_everybody_where_he_was() -> None:
    tracker = Tracker("hall", WIDTH, HEIGHT)
    for index in range(10):
        tracker.update(index / 5, [Detection((300, 200, 380, 400), 0.9)])
    for index in range(10, 60):
        step = tracker.still(index / 5)
        assert [(each.box, each.matched) for each in step.open] == [((300, 200, 380, 400), True)]
    assert len(tracker.finish().closed[0].path) == 60


def test_time_that_does_not_advance_is_an_error() -> None:
    tracker = Tracker("hall", WIDTH, HEIGHT)
    tracker.update(5.0, [])
    with pytest.raises(DataError, match="Time does not advance"):
        tracker.update(5.0, [])
