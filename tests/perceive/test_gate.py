"""The gate's promise: still frames are skipped, and nobody who stands still is lost."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from retrail.perceive.gate import LUMA_HEIGHT_PX, LUMA_WIDTH_PX, MotionGate

ROOM = np.random.default_rng(0).integers(40, 200, (9, 16)).repeat(10, 0).repeat(10, 1).astype(np.float32)


def seen(*, noise: float = 0.0, light: float = 1.0, seed: int = 0) -> NDArray[np.uint8]:
    grain = np.random.default_rng(seed).normal(0, noise, ROOM.shape) if noise else 0.0
    return np.clip(ROOM * light + grain, 0, 255).astype(np.uint8)


def with_person(image: NDArray[np.uint8], x: int, y: int = 40) -> NDArray[np.uint8]:
    image = image.copy()
    image[y : y + 25, x : x + 9] = 255 - image[y : y + 25, x : x + 9] // 2
    return image


def test_the_rooms_size_is_that_of_the_gate() -> None:
    assert ROOM.shape == (LUMA_HEIGHT_PX, LUMA_WIDTH_PX)


def test_an_empty_room_is_looked_at_every_few_seconds() -> None:
    gate = MotionGate()
    looked = [index / 10 for index in range(100) if gate.moved(seen(), index / 10)]
    late = [time_s for time_s in looked if time_s > 1]
    assert late == pytest.approx([3.6, 6.6, 9.6])


def test_with_somebody_tracked_it_is_looked_at_every_second() -> None:
    gate = MotionGate()
    looked = [index / 10 for index in range(50) if gate.moved(seen(), index / 10, tracking=True)]
    assert np.diff([time_s for time_s in looked if time_s > 0.5]).max() <= 1.0 + 1e-9
    assert len(looked) < 15


def test_whoever_comes_in_is_seen_in_that_very_frame() -> None:
    gate = MotionGate()
    for index in range(20):
        gate.moved(seen(), index / 10)
    assert gate.moved(with_person(seen(), 5), 2.0)


def test_who_comes_in_while_nobody_looks_stays_a_change_until_a_detection() -> None:
    gate = MotionGate()
    for index in range(20):
        gate.moved(seen(), index / 10)
    # A slow one: a pixel a second is no change from frame to frame, but it is one from the last detection.
    slow = [gate.moved(with_person(seen(), 150 - step // 10), 2.0 + step / 10) for step in range(100)]
    assert slow[0]
    assert sum(slow) > 10


def test_noise_is_no_motion() -> None:
    gate = MotionGate()
    moved = [gate.moved(seen(noise=3.0, seed=index), index / 10) for index in range(60)]
    assert sum(moved[10:]) <= 3


@pytest.mark.parametrize("swing", [0.02, 0.05])
def test_flicker_and_slow_light_are_no_motion(swing: float) -> None:
    gate = MotionGate()
    bands = np.sin(np.arange(LUMA_HEIGHT_PX) / 7)[:, None]
    moved = [
        gate.moved(np.clip(ROOM + 120 * swing * np.sin(index) * bands, 0, 255).astype(np.uint8), index / 10)
        for index in range(60)
    ]
    assert sum(moved[10:]) <= 3


def test_a_person_in_noise_and_flicker_is_seen_all_the_same() -> None:
    gate = MotionGate()
    for index in range(20):
        gate.moved(seen(noise=3.0, light=1 + 0.02 * (index % 2), seed=index), index / 10)
    assert gate.moved(with_person(seen(noise=3.0, seed=99), 70), 2.0)


def test_a_jump_of_the_clock_or_a_new_size_is_motion() -> None:
    gate = MotionGate()
    for index in range(20):
        gate.moved(seen(), 100 + index / 10)
    assert gate.moved(seen(), 50.0)
    assert gate.moved(seen()[::2, ::2], 50.1)


def test_motion_is_told_of_each_box() -> None:
    gate = MotionGate()
    gate.moved(with_person(seen(), 40), 0.0)
    gate.moved(with_person(seen(), 43), 0.1)
    walker, chair = gate.motion_in([(38 * 8, 38 * 8, 54 * 8, 66 * 8), (800, 300, 900, 500)], 1280, 720)
    assert walker > 0.1
    assert chair == 0.0


def test_motion_before_the_first_frame_and_at_the_border_is_none() -> None:
    gate = MotionGate()
    assert gate.motion_in([(0, 0, 10, 10)], 1280, 720) == [0.0]
    gate.moved(seen(), 0.0)
    assert gate.motion_in([(1279.5, 719.5, 1280, 720), (-5, -5, 0, 0)], 1280, 720) == [0.0, 0.0]


def test_the_same_stream_gives_the_same_answers() -> None:
    def run() -> list[bool]:
        gate = MotionGate()
        return [gate.moved(with_person(seen(noise=2, seed=i), (i // 10) * 3), i / 10, i > 20) for i in range(80)]

    assert run() == run()
