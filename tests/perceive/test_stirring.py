"""How long somebody has stirred."""

from __future__ import annotations

import pytest

from retrail.perceive.stirring import Stirring

BOX = (100.0, 100.0, 150.0, 250.0)


def history_s(shares: list[float], leak: float = 0.0, alone: bool = True) -> list[float]:
    """After each of the boxes at 10 Hz with these shares of moving pixels."""
    stirring = Stirring(leak)
    return [stirring.see(place / 10, BOX, share, alone) for place, share in enumerate([0.0, *shares])]


@pytest.mark.parametrize(
    ("share", "expected"), [(0.0, 0.0), (0.019, 0.0), (0.02, 1.0), (0.09, 1.0), (0.1, 3.0), (1.0, 3.0)]
)
def test_strong_motion_speaks_for_more_time(share: float, expected: float) -> None:
    assert history_s([share] * 10)[-1] == pytest.approx(expected)


@pytest.mark.parametrize(("share", "every"), [(0.05, 21), (0.5, 61)])
def test_what_leaks_away_is_light_and_noise(share: float, every: int) -> None:
    flicker = [share, *[0.0] * (every - 1)]
    assert max(history_s(flicker * 100, leak=0.05)) < 0.5
    assert max(history_s([share, *[0.0] * (every // 2)] * 200, leak=0.05)) > 3.0


def test_motion_beside_others_counts_neither_way() -> None:
    assert history_s([0.5] * 50, alone=False)[-1] == 0.0
