"""Tracklets that show two people are parted; those that show one are left alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from retrail.core.types import Path, Shot, Tracklet
from retrail.perceive.split import parted, shown, strongest_change

CROP = np.zeros((256, 128, 3), np.uint8)
FRAMES, CUT = 200, 0.4


def look(person: int, noise: int = 0) -> NDArray[np.float64]:
    """A direction of the person's own, with a little of something else."""
    own, other = (np.random.default_rng(seed).normal(size=64) for seed in (person, 1000 + noise))
    vector = own / np.linalg.norm(own) + 0.5 * other / np.linalg.norm(other)
    return vector / np.linalg.norm(vector)


def tracklet(
    times_s: list[float], jump_at: int | None = None, *, start_s: float = 0.0, name: str = "whole", alone: bool = False
) -> Tracklet:
    """20 s at 10 Hz, shots at these times; at one frame the box jumps aside. Somebody is by, or nobody."""
    when = np.linspace(start_s, start_s + 0.1 * (FRAMES - 1), FRAMES)
    boxes = np.tile(np.array([100, 100, 150, 250], np.float32), (FRAMES, 1))
    if jump_at is not None:
        boxes[jump_at:, [0, 2]] += 30
    feet = np.tile(np.array([125, 250], np.float32), (FRAMES, 1))
    shots = tuple(Shot(time_s, (100.0, 100.0, 150.0, 250.0), 0.5, CROP) for time_s in times_s)
    clear = np.full(FRAMES, alone)
    return Tracklet(name, "door", Path(when, boxes, feet, 640, 480), shots, clear, "before", "person")


def test_one_person_is_left_alone() -> None:
    one = tracklet([1, 3, 5, 7, 9, 11, 13, 15])
    looks = np.stack([look(1, place) for place in range(8)])
    ((same, as_given),) = parted(one, looks, CUT)
    assert same is one
    assert as_given is looks


def test_two_people_are_parted_where_the_box_jumped() -> None:
    times_s = [15.0, 1.0, 3.0, 5.0, 13.0, 7.0, 9.0, 11.0]  # best first, as shots come
    looks = np.stack([look(1 if time_s < 8 else 2, place) for place, time_s in enumerate(times_s)])
    (first, of_first), (second, of_second) = parted(tracklet(times_s, jump_at=83), looks, CUT)
    assert first.path.times_s[-1] == pytest.approx(8.2)
    assert second.path.times_s[0] == pytest.approx(8.3)
    assert [shot.time_s for shot in first.shots] == [1, 3, 5, 7]
    assert [shot.time_s for shot in second.shots] == [9, 11, 13, 15]
    np.testing.assert_array_equal(of_first, looks[[1, 2, 3, 5]])
    np.testing.assert_array_equal(of_second, looks[[6, 7, 4, 0]])


def test_the_next_piece_continues_the_last_person_and_the_first_continues_what_was_before() -> None:
    times_s = [1.0, 3.0, 5.0, 7.0, 9.0, 11.0]
    looks = np.stack([look(1 if time_s < 6 else 2, int(time_s)) for time_s in times_s])
    (first, _), (second, _) = parted(tracklet(times_s), looks, CUT)
    assert (first.continues, second.continues) == ("before", None)
    assert second.id == "whole"
    assert first.id != "whole"
    assert parted(tracklet(times_s), looks, CUT)[0][0].id == first.id


def test_three_people_become_three() -> None:
    people = [1, 1, 1, 1, 1, 2, 2, 3, 3]
    looks = np.stack([look(person, place) for place, person in enumerate(people)])
    parts = parted(tracklet([2.0 * place + 1 for place in range(9)]), looks, CUT)
    assert [len(part.shots) for part, _ in parts] == [5, 2, 2]


def test_one_odd_picture_is_no_other_person() -> None:
    times_s = [1.0, 3.0, 5.0, 7.0, 9.0]
    looks = np.stack([look(2 if time_s == 9 else 1, int(time_s)) for time_s in times_s])
    assert len(parted(tracklet(times_s), looks, CUT)) == 1


@pytest.mark.parametrize("count", [0, 1, 3])
def test_too_few_shots_tell_nothing(count: int) -> None:
    looks = np.stack([look(place) for place in range(count)]) if count else np.empty((0, 0))
    assert strongest_change(looks, np.ones(count), np.ones(count, np.bool_), CUT) is None
    assert len(parted(tracklet([float(place) for place in range(count)]), looks, CUT)) == 1


@given(st.lists(st.integers(1, 3), min_size=1, max_size=8))
def test_nothing_of_the_path_or_of_the_shots_is_lost(people: list[int]) -> None:
    times_s = [2.0 * place + 1 for place in range(len(people))]
    whole = tracklet(times_s)
    parts = parted(whole, np.stack([look(person, place) for place, person in enumerate(people)]), CUT)
    np.testing.assert_array_equal(np.concatenate([part.path.times_s for part, _ in parts]), whole.path.times_s)
    assert [shot.time_s for part, _ in parts for shot in part.shots] == times_s
    assert all(len(part.shots) == len(looks) for part, looks in parts)
    assert len({part.id for part, _ in parts}) == len(parts)


def test_shots_between_which_there_is_no_box_part_nothing() -> None:
    """Shots may lie before the path's first box: the frame in which a tracklet was cut belongs to the next piece."""
    looks = np.stack([look(1 if place < 2 else 2, place) for place in range(4)])
    assert len(parted(tracklet([-4.0, -2.0, -1.0, 0.0]), looks, CUT)) == 1


@pytest.mark.parametrize(("jump_at", "parts"), [(None, 1), (83, 2)])
def test_who_turns_round_alone_is_one_person(jump_at: int | None, parts: int) -> None:
    times_s = [1.0, 3.0, 5.0, 7.0, 9.0, 11.0, 13.0, 15.0]
    looks = np.stack([look(1 if time_s < 8 else 2, int(time_s)) for time_s in times_s])
    boxes = tracklet(times_s, jump_at, alone=True)
    if jump_at is not None:
        boxes.path.boxes_px[jump_at:, [0, 2]] += 30  # a leap: nobody walks as far in a tenth of a second
    assert len(parted(boxes, looks, CUT)) == parts


def test_looks_that_change_and_are_alike_enough_are_one_person() -> None:
    times_s = [1.0, 3.0, 5.0, 7.0, 9.0, 11.0, 13.0, 15.0]
    looks = np.stack([look(1 if time_s < 8 else 2, int(time_s)) + 0.6 * look(3) for time_s in times_s])
    looks /= np.linalg.norm(looks, axis=1, keepdims=True)
    assert len(parted(tracklet(times_s), looks, 0.1)) == 1
    assert len(parted(tracklet(times_s), looks, 0.6)) == 2


def test_a_piece_that_shows_somebody_else_continues_nobody() -> None:
    before = tracklet([1.0, 5.0, 9.0, 13.0], name="earlier")
    piece = tracklet([21.0, 25.0, 29.0, 33.0], start_s=20.0)
    ones, others = (np.stack([look(person, place) for place in range(4)]) for person in (1, 2))
    memory = shown(before, ones)
    assert [part.continues for part, _ in parted(piece, ones, CUT, memory)] == ["before"]
    assert [part.continues for part, _ in parted(piece, others, CUT, memory)] == [None]
    assert [part.continues for part, _ in parted(piece, others, CUT)] == ["before"]


def test_what_was_before_tells_that_the_first_picture_of_a_piece_is_still_him() -> None:
    memory = shown(tracklet([1.0, 5.0, 9.0], name="earlier"), np.stack([look(1, place) for place in range(3)]))
    piece = tracklet([21.0, 31.0, 33.0, 35.0], start_s=20.0)
    looks = np.stack([look(1 if place < 1 else 2, place) for place in range(4)])
    assert len(parted(piece, looks, CUT)) == 1
    first, second = (part for part, _ in parted(piece, looks, CUT, memory))
    assert (first.continues, second.continues) == ("before", None)
    assert [shot.time_s for shot in first.shots] == [21.0]
