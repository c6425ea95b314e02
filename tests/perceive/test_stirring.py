"""How long somebody has stirred."""

from __future__ import annotations

import pytest

from retrail.perceive.stirring import Stirring

BOX = (100.0, 100.0, 150.0, 250.0)


def stirred_s(shares: list[float], leak: float = 0.0, alone: bool = True) -> float:
    """After boxes at 10 Hz with these shares of moving pixels."""
    stirring = Stirring(leak)
    return [stirring.see(place / 10, BOX, share, alone) for place, share in enumerate([0.0, *shares])][-1]


@pytest.mark.parametrize(
    ("share", "expected"), [(0.0, 0.0), (0.019, 0.0), (0.02, 1.0), (0.09, 1.0), (0.1, 3.0), (1.0, 3.0)]
)
def test_strong_motion_speaks_for_more_time(share: float, expected: float) -> None:
    assert stirred_s([share] * 10) == pytest.approx(expected)


def test_what_leaks_away_is_light_and_noise() -> None:
    flicker = [0.5, *[0.0] * 99]
    assert stirred_s(flicker * 3, leak=0.05) < 0.3


def test_motion_beside_others_counts_neither_way() -> None:
    assert stirred_s([0.5] * 50, alone=False) == 0.0
