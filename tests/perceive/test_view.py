"""Whether a camera shows enough: people's height, blur and light, each with what to do about it."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from retrail.core.types import Detection, Frame, Planes
from retrail.perceive.view import View, judge, view

GOOD = View(1280, 720, 120.0, 50.0, 0.0, 0.4, (300.0,))


def _picture(height: int = 360, width: int = 640) -> NDArray[np.uint8]:
    """Squares of many sizes and greys: sharp, and lit from black to white."""
    rng = np.random.default_rng(0)
    image = np.full((height, width), 110, np.uint8)
    for _ in range(400):
        x, y, side = int(rng.integers(0, width)), int(rng.integers(0, height)), int(rng.integers(4, 60))
        image[y : y + side, x : x + side] = rng.integers(20, 240)
    return image


def _frame(grey: NDArray[np.floating] | NDArray[np.uint8], *, full_range: bool = True) -> Frame:
    y = np.clip(grey, 0, 255).astype(np.uint8)
    uv = np.full((y.shape[0] // 2, y.shape[1] // 2, 2), 128, np.uint8)
    return Frame("till", 0, 0.0, Planes("nv12", (y, uv), full_range=full_range), y.shape[1], y.shape[0])


def _blurred(grey: NDArray[np.uint8], times: int) -> NDArray[np.float64]:
    soft = grey.astype(np.float64)
    for _ in range(times):
        for axis in (0, 1):
            soft = (np.roll(soft, 1, axis) + 2 * soft + np.roll(soft, -1, axis)) / 4
    return soft


def _levels(*views: View) -> dict[str, str]:
    return {remark.about: remark.level for remark in judge(views)}


def test_a_good_picture_is_good_and_nothing_is_to_do() -> None:
    seen = view(_frame(_picture()), [Detection((10, 20, 110, 320), 0.9)])
    remarks = judge([seen])
    assert {remark.level for remark in remarks} == {"good"}
    assert not any(remark.hint for remark in remarks)
    assert seen.people_px == (300,)


@pytest.mark.parametrize(
    ("height_px", "frame_px", "level"),
    [
        (300, 720, "good"),
        (144, 720, "good"),
        (80, 360, "poor"),
        (110, 1080, "poor"),
        (30, 120, "bad"),
        (90, 1080, "bad"),
    ],
)
def test_people_have_to_be_high_enough_for_both_models(height_px: float, frame_px: int, level: str) -> None:
    seen = View(frame_px * 16 // 9, frame_px, 120.0, 50.0, 0.0, 0.4, (height_px, height_px + 1, height_px - 1))
    (people, *_) = judge([seen])
    assert people.level == level
    assert f"people are {height_px} pixels high" in people.what
    assert bool(people.hint) == (level != "good")


def test_where_nobody_was_seen_their_height_is_not_known() -> None:
    (people, *_) = judge([View(1280, 720, 120.0, 50.0, 0.0, 0.4, ())] * 3)
    assert people.level == "poor"
    assert "nobody was seen in 3 frames" in people.what


@pytest.mark.parametrize(("times", "level"), [(0, "good"), (16, "poor"), (80, "bad")])
def test_a_blurred_picture_is_told(times: int, level: str) -> None:
    assert _levels(view(_frame(_blurred(_picture(), times)), []))["blur"] == level


@pytest.mark.parametrize(
    ("gain", "offset", "level", "word"),
    [
        (1.0, 0, "good", "good"),
        (0.3, 0, "poor", "dark"),
        (0.1, 0, "bad", "dark"),
        (0.3, 77, "poor", "pale"),
        (0.1, 99, "bad", "pale"),
        (1.6, 60, "poor", "white"),
        (4.0, 60, "bad", "white"),
    ],
)
def test_bad_light_is_told_by_its_kind(gain: float, offset: float, level: str, word: str) -> None:
    seen = view(_frame(_picture() * gain + offset), [])
    light = next(remark for remark in judge([seen]) if remark.about == "light")
    assert light.level == level, light
    assert word in light.what


def test_limited_range_is_as_bright_as_full_range() -> None:
    full = view(_frame(_picture()), [])
    limited = view(_frame(16 + _picture() * 219.0 / 255.0, full_range=False), [])
    assert limited.brightness == pytest.approx(full.brightness, abs=1.0)
    assert limited.contrast == pytest.approx(full.contrast, abs=1.0)


def test_one_bad_frame_among_good_ones_does_not_decide() -> None:
    flash = View(1280, 720, 250.0, 5.0, 0.9, 0.0, ())
    assert set(_levels(GOOD, flash, GOOD).values()) == {"good"}
