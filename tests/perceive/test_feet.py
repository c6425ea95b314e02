"""Where somebody stands, with feet that are seen, cut off or hidden."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from retrail.perceive.feet import USUAL_RATIO, Feet

WIDTH, HEIGHT = 1280, 720


def boxes(*rows: tuple[float, float, float, float]) -> NDArray[np.float32]:
    return np.array(rows, np.float32)


def walking(count: int, *, bottom: float = 500.0) -> list[tuple[float, float, float, float]]:
    """Somebody 80 x 200 who walks along."""
    return [(200.0 + 10 * index, bottom - 200, 280.0 + 10 * index, bottom) for index in range(count)]


def test_the_foot_point_is_the_middle_of_the_lower_edge() -> None:
    assert Feet(WIDTH, HEIGHT).points(boxes((100, 200, 180, 400))).tolist() == [[140, 400]]


def test_behind_a_counter_the_feet_stay_where_they_are() -> None:
    seen = [(x1, y1, x2, y2 if index < 20 else y1 + 110) for index, (x1, y1, x2, y2) in enumerate(walking(40))]
    feet = Feet(WIDTH, HEIGHT).points(boxes(*seen))
    assert feet[:, 1] == pytest.approx(500, abs=1)


def test_behind_the_counter_for_longer_than_a_tracklet_they_still_do() -> None:
    feet = Feet(WIDTH, HEIGHT)
    feet.points(boxes(*walking(20), (400, 300, 480, 410)))
    later = feet.points(boxes(*[(400, 300, 480, 410)] * 100))
    assert later[:, 1] == pytest.approx(500, abs=1)


def test_who_sits_down_keeps_his_feet() -> None:
    down = [(400.0, 300.0 + 20 * step, 480.0, 500.0) for step in range(5)]
    sits = [(390.0, 380.0, 490.0, 500.0)] * 20
    feet = Feet(WIDTH, HEIGHT).points(boxes(*walking(20), *down, *sits))
    assert feet[:, 1] == pytest.approx(500, abs=1)


def test_who_walks_away_gets_smaller_without_hidden_feet() -> None:
    away = [(600 - 0.2 * h, 200 + 0.3 * h, 600 + 0.2 * h, 200 + 1.3 * h) for h in np.linspace(250, 80, 60).tolist()]
    rows = boxes(*away)
    assert Feet(WIDTH, HEIGHT).points(rows)[:, 1] == pytest.approx(rows[:, 3])


def test_who_was_half_hidden_while_he_walked_away_has_feet_again() -> None:
    away = [(600 - 0.2 * h, 200.0, 600 + 0.2 * h, 200 + h) for h in np.linspace(250, 80, 60).tolist()]
    for index in range(18, 36):
        x1, y1, x2, y2 = away[index]
        away[index] = (x1, y1, x2, y1 + 0.6 * (y2 - y1))
    rows = boxes(*away)
    feet = Feet(WIDTH, HEIGHT).points(rows)
    assert feet[-15:, 1] == pytest.approx(rows[-15:, 3])


def test_who_comes_in_from_below_stands_below_the_picture_until_the_feet_are_seen() -> None:
    rises = [(400.0, top, 480.0, min(top + 200, float(HEIGHT))) for top in np.linspace(660, 400, 30).tolist()]
    feet = Feet(WIDTH, HEIGHT).points(boxes(*rises))
    assert feet[:, 1] == pytest.approx([row[1] + 200 for row in rises], abs=1)


def test_who_is_never_seen_whole_is_taken_to_have_usual_proportions() -> None:
    assert Feet(WIDTH, HEIGHT).points(boxes((400, 600, 480, 720)))[0, 1] == pytest.approx(600 + USUAL_RATIO * 80)


def test_who_stood_for_long_and_turns_in_the_door_is_not_taken_for_half_hidden() -> None:
    stood = [(300.0 + index % 3, 127.0, 348.0, 273.0) for index in range(600)]
    away = [(301, 119, 338, 262), (298, 111, 342, 243), (298, 101, 337, 223), (300, 89, 337, 199), (298, 79, 331, 179)]
    turned = [(309, 78, 355, 171), (341, 77, 381, 168)]
    rows = boxes(*stood, *away, *turned)
    assert Feet(640, 360).points(rows)[-7:, 1] == pytest.approx(rows[-7:, 3])
