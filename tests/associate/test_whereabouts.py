"""Who cannot be one person, and who was lost from view."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from retrail.associate.evidence import continuity_odds, prior_odds, time_odds
from retrail.associate.settings import MatcherSettings
from retrail.associate.whereabouts import Spans, excluded, first_end, last_end, shortest_ways
from retrail.core.types import Path

SETTINGS = MatcherSettings()
SAME = np.array([[5e-324]])


@dataclass(frozen=True)
class Way:
    from_camera: str
    to_camera: str
    shortest_s: float
    longest_s: float = 1e9


def stay(start_s: float, end_s: float, x_px: float, to_x_px: float | None = None, camera: int = 0) -> Spans:
    """Somebody 100 px high who walks from x to x on a picture of 1000 x 500."""
    xs = np.array([x_px, x_px if to_x_px is None else to_x_px])
    boxes = np.stack([xs - 20, np.full(2, 200), xs + 20, np.full(2, 300)], axis=1).astype(np.float32)
    feet = np.stack([xs, np.full(2, 300)], axis=1).astype(np.float32)
    path = Path(np.array([start_s, end_s]), boxes, feet, 1000, 500)
    return Spans(
        np.array([camera]),
        np.array([start_s]),
        np.array([end_s]),
        np.array([first_end(path)]),
        np.array([last_end(path)]),
    )


def test_nobody_runs_across_the_picture_in_half_a_second() -> None:
    assert excluded(stay(0, 10, 100), stay(10.5, 20, 900), SAME)[0, 0]
    assert excluded(stay(10.5, 20, 900), stay(0, 10, 100), SAME)[0, 0]
    assert not excluded(stay(0, 10, 100), stay(10.5, 20, 250), SAME)[0, 0]
    assert not excluded(stay(0, 10, 100), stay(19, 20, 900), SAME)[0, 0]


def test_who_is_lost_from_view_is_expected_back_near_by_and_soon() -> None:
    lost = stay(0, 10, 500)

    def odds(*back: float) -> float:
        return float(continuity_odds(lost, stay(*back), SETTINGS)[0, 0])

    assert odds(11, 20, 500) > 3.0
    assert odds(11, 20, 500) > odds(11, 20, 600) > odds(11, 20, 900) == 0.0
    assert odds(11, 20, 500) > odds(17, 20, 500) > odds(21, 30, 500) == 0.0
    assert odds(5, 20, 500) == 0.0  # seen beside each other
    assert float(continuity_odds(stay(11, 20, 500), lost, SETTINGS)[0, 0]) == odds(11, 20, 500)


def test_who_left_by_the_border_may_be_anybody_when_he_comes_back() -> None:
    assert continuity_odds(stay(0, 10, 500, 985), stay(11, 20, 985), SETTINGS)[0, 0] == 0.0


def test_another_camera_carries_nobody_on() -> None:
    assert continuity_odds(stay(0, 10, 500), stay(11, 20, 500, camera=1), SETTINGS)[0, 0] == 0.0


def test_the_longer_somebody_is_gone_the_less_likely_he_comes_back() -> None:
    odds = [
        float(time_odds(stay(0, 10, 500), stay(10 + gap, 90_000, 500), SETTINGS)[0, 0]) for gap in (0, 60, 6e3, 6e4)
    ]
    assert odds[0] == 0.0
    assert odds == sorted(odds, reverse=True)
    assert odds[-1] == -SETTINGS.rarest


def test_people_are_next_seen_on_another_camera_rather_than_on_the_same() -> None:
    here, there = stay(0, 10, 500), stay(20, 30, 500, camera=1)
    assert prior_odds(here, here, SETTINGS)[0, 0] < prior_odds(here, there, SETTINGS)[0, 0] == 0.0


def test_ways_hold_both_ways_and_over_other_cameras() -> None:
    ways = shortest_ways([Way("a", "b", 5), Way("b", "c", 3), Way("c", "b", 7)], {"a": 0, "b": 1, "c": 2, "d": 3})
    assert ways[0, 1] == ways[1, 0] == 5
    assert (ways[1, 2], ways[2, 1]) == (3, 7)
    assert (ways[0, 2], ways[2, 0]) == (8, 12)
    assert np.isneginf(ways[0, 3])
    assert ways[3, 3] > 0


def test_a_way_over_a_camera_that_has_seen_nobody_counts() -> None:
    assert shortest_ways([Way("a", "b", 5), Way("b", "c", 3)], {"a": 0, "c": 1})[0, 1] == 8


def test_views_that_touch_may_see_the_same_person_at_once() -> None:
    ways = shortest_ways([Way("a", "b", 0)], {"a": 0, "b": 1})
    assert not excluded(stay(0, 10, 100), stay(5, 15, 900, camera=1), ways)[0, 0]


@pytest.mark.parametrize(("start_s", "barred"), [(5, True), (12, True), (16, False)])
def test_a_way_takes_its_time(start_s: float, barred: bool) -> None:
    ways = shortest_ways([Way("a", "b", 5)], {"a": 0, "b": 1})
    assert excluded(stay(0, 10, 100), stay(start_s, 30, 900, camera=1), ways)[0, 0] == barred
