"""Tracklets that show two people are parted; those that show one are left alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from retrail.core.types import Path, Shot, Tracklet
from retrail.perceive.split import parted, strongest_change

CROP = np.zeros((256, 128, 3), np.uint8)
FRAMES = 200


def look(person: int, noise: int = 0) -> NDArray[np.float64]:
    """A direction of the person's own, with a little of something else."""
    own, other = (np.random.default_rng(seed).normal(size=64) for seed in (person, 1000 + noise))
    vector = own / np.linalg.norm(own) + 0.5 * other / np.linalg.norm(other)
    return vector / np.linalg.norm(vector)


def tracklet(times_s: list[float], jump_at: int | None = None) -> Tracklet:
    """20 s at 10 Hz, shots at these times; at one frame the box jumps aside."""
    when = np.linspace(0.0, 0.1 * (FRAMES - 1), FRAMES)
    boxes = np.tile(np.array([100, 100, 150, 250], np.float32), (FRAMES, 1))
    if jump_at is not None:
        boxes[jump_at:, [0, 2]] += 30
    feet = np.tile(np.array([125, 250], np.float32), (FRAMES, 1))
    shots = tuple(Shot(time_s, (100.0, 100.0, 150.0, 250.0), 0.5, CROP) for time_s in times_s)
    return Tracklet("whole", "door", Path(when, boxes, feet, 640, 480), shots, "before", "person")


def test_one_person_is_left_alone() -> None:
    one = tracklet([1, 3, 5, 7, 9, 11, 13, 15])
    looks = np.stack([look(1, place) for place in range(8)])
    ((same, as_given),) = parted(one, looks)
    assert same is one
    assert as_given is looks


def test_two_people_are_parted_where_the_box_jumped() -> None:
    times_s = [15.0, 1.0, 3.0, 5.0, 13.0, 7.0, 9.0, 11.0]  # best first, as shots come
    looks = np.stack([look(1 if time_s < 8 else 2, place) for place, time_s in enumerate(times_s)])
    (first, of_first), (second, of_second) = parted(tracklet(times_s, jump_at=83), looks)
    assert first.path.times_s[-1] == pytest.approx(8.2)
    assert second.path.times_s[0] == pytest.approx(8.3)
    assert [shot.time_s for shot in first.shots] == [1, 3, 5, 7]
    assert [shot.time_s for shot in second.shots] == [9, 11, 13, 15]
    np.testing.assert_array_equal(of_first, looks[[1, 2, 3, 5]])
    np.testing.assert_array_equal(of_second, looks[[6, 7, 4, 0]])


def test_the_next_piece_continues_the_last_person_and_the_first_continues_what_was_before() -> None:
    times_s = [1.0, 3.0, 5.0, 7.0, 9.0, 11.0]
    looks = np.stack([look(1 if time_s < 6 else 2, int(time_s)) for time_s in times_s])
    (first, _), (second, _) = parted(tracklet(times_s), looks)
    assert (first.continues, second.continues) == ("before", None)
    assert second.id == "whole"
    assert first.id != "whole"
    assert parted(tracklet(times_s), looks)[0][0].id == first.id


def test_three_people_become_three() -> None:
    people = [1, 1, 1, 1, 1, 2, 2, 3, 3]
    looks = np.stack([look(person, place) for place, person in enumerate(people)])
    parts = parted(tracklet([2.0 * place + 1 for place in range(9)]), looks)
    assert [len(part.shots) for part, _ in parts] == [5, 2, 2]


def test_one_odd_picture_is_no_other_person() -> None:
    times_s = [1.0, 3.0, 5.0, 7.0, 9.0]
    looks = np.stack([look(2 if time_s == 9 else 1, int(time_s)) for time_s in times_s])
    assert len(parted(tracklet(times_s), looks)) == 1


@pytest.mark.parametrize("count", [0, 1, 3])
def test_too_few_shots_tell_nothing(count: int) -> None:
    looks = np.stack([look(place) for place in range(count)]) if count else np.empty((0, 0))
    assert strongest_change(looks, np.ones(count)) == (0, 0.0)
    assert len(parted(tracklet([float(place) for place in range(count)]), looks)) == 1


@given(st.lists(st.integers(1, 3), min_size=1, max_size=8))
def test_nothing_of_the_path_or_of_the_shots_is_lost(people: list[int]) -> None:
    times_s = [2.0 * place + 1 for place in range(len(people))]
    whole = tracklet(times_s)
    parts = parted(whole, np.stack([look(person, place) for place, person in enumerate(people)]))
    np.testing.assert_array_equal(np.concatenate([part.path.times_s for part, _ in parts]), whole.path.times_s)
    assert [shot.time_s for part, _ in parts for shot in part.shots] == times_s
    assert all(len(part.shots) == len(looks) for part, looks in parts)
    assert len({part.id for part, _ in parts}) == len(parts)


def test_shots_between_which_there_is_no_box_part_nothing() -> None:
    """Shots may lie before the path's first box: the frame in which a tracklet was cut belongs to the next piece."""
    looks = np.stack([look(1 if place < 2 else 2, place) for place in range(4)])
    assert len(parted(tracklet([-4.0, -2.0, -1.0, 0.0]), looks)) == 1
