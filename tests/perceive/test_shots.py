"""Which pictures of a person are kept."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from retrail.core.types import Box
from retrail.perceive.resample import block_mean, enlarge
from retrail.perceive.sharpness import sharpness
from retrail.perceive.shots import ShotKeeper, view_quality

WIDTH, HEIGHT = 640, 480
DETAIL = (
    np.random.default_rng(1).integers(0, 256, (HEIGHT // 4, WIDTH // 4, 3)).repeat(4, 0).repeat(4, 1).astype(np.uint8)
)
BLUR = enlarge(block_mean(DETAIL, WIDTH // 20, HEIGHT // 20), WIDTH, HEIGHT).astype(np.uint8)


@dataclass(frozen=True)
class Seen:
    key: int
    box: Box
    score: float = 0.9
    matched: bool = True


def quality_of(*boxes: Box) -> list[float]:
    return view_quality(np.array(boxes, np.float32), np.full(len(boxes), 0.9, np.float32), WIDTH, HEIGHT).tolist()


def test_larger_is_better_and_too_small_is_nothing() -> None:
    large, small, tiny = (
        quality_of(box)[0] for box in [(200, 100, 280, 300), (200, 100, 232, 180), (200, 100, 212, 130)]
    )
    assert large > small > 0
    assert tiny == 0


def test_who_is_cut_by_the_border_is_worse_and_a_head_at_the_lower_edge_is_nothing() -> None:
    whole, left, below, head = (
        quality_of(box)[0]
        for box in [(200, 100, 280, 300), (0, 100, 60, 300), (200, 300, 280, 480), (200, 420, 280, 480)]
    )
    assert whole > below > 0
    assert whole > left
    assert head == 0


def test_who_is_behind_somebody_is_worse_than_who_is_in_front() -> None:
    front, behind = quality_of((200, 120, 280, 320), (240, 90, 320, 280))
    alone = quality_of((200, 120, 280, 320))[0]
    assert behind < front < alone


def test_the_overlap_of_one_with_himself_is_none() -> None:
    assert quality_of((200, 100, 280, 300))[0] == pytest.approx(0.9)


def test_the_sharp_one_is_sharper(bgr_frame) -> None:
    box = (200, 100, 280, 300)
    assert sharpness(bgr_frame(DETAIL), box) > 2 * sharpness(bgr_frame(BLUR), box)
    assert sharpness(bgr_frame(np.full_like(DETAIL, 90)), box) == 0
    assert sharpness(bgr_frame(DETAIL), (700, 100, 800, 300)) == 0


def test_eight_shots_are_spread_over_the_time_somebody_was_there(bgr_frame) -> None:
    keeper = ShotKeeper(WIDTH, HEIGHT)
    for index in range(200):
        keeper.offer(bgr_frame(DETAIL, index / 10), [Seen(1, (200 + index % 3, 100, 280, 300))])
    shots = keeper.take(1)
    assert len(shots) == 8
    assert all(shot.crop.shape == (256, 128, 3) for shot in shots)
    times = sorted(shot.time_s for shot in shots)
    assert min(np.diff(times)) >= 1.0
    assert times[-1] - times[0] > 12


def test_the_best_comes_first_and_a_sharp_moment_beats_blurred_seconds(bgr_frame) -> None:
    keeper = ShotKeeper(WIDTH, HEIGHT, keep=3)
    for index in range(100):
        keeper.offer(bgr_frame(DETAIL if 54 <= index < 60 else BLUR, index / 10), [Seen(1, (200, 100, 280, 300))])
    shots = keeper.take(1)
    assert 5.4 <= shots[0].time_s < 6.0
    assert [shot.quality for shot in shots] == sorted((shot.quality for shot in shots), reverse=True)


def test_taking_begins_anew_and_dropping_forgets(bgr_frame) -> None:
    keeper = ShotKeeper(WIDTH, HEIGHT)
    keeper.offer(bgr_frame(DETAIL), [Seen(1, (200, 100, 280, 300)), Seen(2, (400, 100, 480, 300))])
    assert len(keeper.take(1)) == 1
    assert keeper.take(1) == ()
    keeper.drop(2)
    assert keeper.take(2) == ()


def test_who_was_never_well_seen_has_no_shot(bgr_frame) -> None:
    keeper = ShotKeeper(WIDTH, HEIGHT)
    for index in range(20):
        keeper.offer(
            bgr_frame(DETAIL, index / 10),
            [Seen(1, (200, 100, 208, 125)), Seen(2, (300, 100, 380, 300), matched=False), Seen(3, (50, 430, 130, 480))],
        )
    assert keeper.take(1) == keeper.take(2) == keeper.take(3) == ()


def test_a_frame_without_anybody_is_nothing(bgr_frame) -> None:
    ShotKeeper(WIDTH, HEIGHT).offer(bgr_frame(DETAIL), [])
