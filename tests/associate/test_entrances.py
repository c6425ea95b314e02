"""Where everybody comes in over known lines, who did not is hardly somebody new."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.associate.people import as_groups, person, sighting, utc_day

from retrail.associate import fold, replay
from retrail.associate.entering import comes_in
from retrail.associate.strays import adopt_strays
from retrail.core.types import Path, Sighting

Direction = Literal["up", "down", "left", "right"]


@dataclass(frozen=True)
class Door:
    camera: str = "door"
    start: tuple[float, float] = (0.2, 0.5)
    end: tuple[float, float] = (0.8, 0.5)
    inward: Direction = "up"


def path(*feet: tuple[float, float]) -> Path:
    """Feet in pixels of a frame of 640x480; people are 100 pixels high."""
    points = np.array(feet, np.float32)
    boxes = np.concatenate([points - (20, 100), points + (20, 0)], axis=1).astype(np.float32)
    return Path(np.arange(len(points), dtype=np.float64), boxes, points, 640, 480)


@pytest.mark.parametrize(
    ("feet", "inward", "expected"),
    [
        ([(320, 300), (320, 200)], "up", True),
        ([(320, 200), (320, 300)], "up", False),
        ([(320, 200), (320, 300)], "down", True),
        ([(320, 245), (320, 238), (320, 244), (320, 236)], "up", False),  # less than 0.2 of his height beyond it
        ([(320, 245), (320, 238), (320, 244), (320, 215)], "up", True),
        ([(40, 300), (40, 200)], "up", False),  # beside the end, which is at 128
        ([(100, 300), (100, 200)], "up", True),  # nearly: half a body height is left
        ([(320, 200)], "up", False),
        ([(320, 200), (320, 100)], "up", False),  # was inside already
        ([(320, 100), (320, 243), (320, 210)], "up", False),  # leaves, and jitters on the line
        ([(320, 100), (320, 290), (320, 210)], "up", True),  # went out, and comes in again
    ],
)
def test_who_passes_the_line_inwards_comes_in(
    feet: list[tuple[float, float]], inward: Direction, expected: bool
) -> None:
    assert comes_in(path(*feet), [Door(inward=inward)]) is expected


def test_one_of_several_entrances_is_enough_and_none_is_none() -> None:
    upright = Door(start=(0.5, 0.0), end=(0.5, 1.0), inward="left")
    assert comes_in(path((400, 100), (200, 100)), [Door(), upright])
    assert not comes_in(path((400, 100), (200, 100)), [])


def test_a_cut_sighting_may_have_come_in_between_its_pieces() -> None:
    first, second = path((320, 300), (320, 236)), path((320, 226), (320, 150))
    assert not comes_in(first, [Door()])
    assert not comes_in(second, [Door()])
    assert comes_in(second, [Door()], before_px=first.feet_px)


def coming(seen: Sighting) -> Sighting:
    """The same over the door's line."""
    feet = np.array([[320, 300], [320, 150]], np.float32)
    return replace(seen, path=replace(seen.path, feet_px=feet))


def identities(sightings: list[Sighting], **options: Any) -> list[int | None]:
    groups = as_groups(sightings, 1)
    found = fold(replay(groups, cut=0.45, day=utc_day, **options)).identity_of
    return [found[seen.id] for seen in sightings]


def half_alike(number: int, other: int, share: float) -> np.ndarray:
    vector = share * person(number) + (1 - share) * person(other)
    return (vector / np.linalg.norm(vector)).astype(np.float32)


LONG_AGO = sighting("first", "till", 0, 10, person(9))
"""The day has begun long before."""


def test_who_is_not_seen_to_come_in_is_the_one_he_is_most_like() -> None:
    came = coming(sighting("a", "door", 500, 510, person(1)))
    other = coming(sighting("b", "door", 520, 530, person(2)))
    odd = sighting("c", "aisle", 540, 550, half_alike(1, 5, 0.25))
    assert identities([LONG_AGO, came, other, odd])[3] == 4
    assert identities([LONG_AGO, came, other, odd], entrances=[Door()])[3] == 2


def test_who_is_unlike_all_others_is_somebody_though_nobody_saw_him_come() -> None:
    came = coming(sighting("a", "door", 500, 510, person(1)))
    other = sighting("b", "aisle", 540, 550, person(2))
    assert identities([LONG_AGO, came, other], entrances=[Door()]) == [1, 2, 3]


def test_who_was_elsewhere_at_that_moment_is_never_the_one() -> None:
    came = coming(sighting("a", "door", 500, 510, person(1)))
    twin = sighting("b", "door", 505, 515, person(1), left_px=500)
    got = identities([LONG_AGO, came, twin], entrances=[Door()])
    assert got[1] != got[2]


def test_a_sighting_that_was_cut_at_the_door_came_in() -> None:
    def piece(name: str, start_s: float, feet: list[tuple[int, int]], continues: str | None) -> Sighting:
        seen = sighting(name, "door", start_s, start_s + 1, half_alike(1, 5, 0.25), continues=continues)
        return replace(seen, path=replace(seen.path, feet_px=np.array(feet, np.float32)))

    came = coming(sighting("a", "door", 500, 510, person(1)))
    pieces = [piece("b", 540, [(320, 300), (320, 236)], None), piece("c", 541.1, [(320, 226), (320, 150)], "b")]
    assert identities([LONG_AGO, came, *pieces], entrances=[Door()]) == [1, 2, 3, 3]


def test_who_is_there_after_a_time_in_which_nobody_was_seen_need_not_have_come_in() -> None:
    came = coming(sighting("a", "door", 500, 510, person(1)))
    soon, later = (sighting("b", "aisle", at_s, at_s + 10, half_alike(1, 5, 0.25)) for at_s in (540, 1600))
    assert identities([LONG_AGO, came, soon], entrances=[Door()]) == [1, 2, 2]
    assert identities([LONG_AGO, came, later], entrances=[Door()]) == [1, 2, 3]


def test_a_ledger_goes_on_where_it_stopped() -> None:
    log = [
        LONG_AGO,
        coming(sighting("a", "door", 500, 510, person(1))),
        coming(sighting("b", "door", 520, 530, person(2))),
        sighting("c", "aisle", 540, 550, half_alike(1, 5, 0.25)),
        sighting("d", "aisle", 1300, 1310, half_alike(2, 6, 0.25)),
    ]
    groups = as_groups(log, 1)
    whole = replay(groups, cut=0.45, day=utc_day, entrances=[Door()])
    for kept in range(len(whole)):
        rest = replay(groups, cut=0.45, day=utc_day, entrances=[Door()], entries=whole[:kept])
        assert fold((*whole[:kept], *rest)).identity_of == fold(whole).identity_of


def test_who_is_there_when_the_day_begins_need_not_have_come_in() -> None:
    early = sighting("a", "till", 0, 10, person(1))
    later = sighting("b", "aisle", 40, 50, half_alike(1, 5, 0.25))
    assert identities([early, later], entrances=[Door()]) == [1, 2]


@given(seed=st.integers(0, 10_000), count=st.integers(1, 12))
def test_strays_are_joined_to_others_as_far_as_that_is_allowed(seed: int, count: int) -> None:
    dice = np.random.default_rng(seed)
    likeness = dice.uniform(-1, 1, (count, count)).astype(np.float32)
    likeness[dice.random((count, count)) < 0.3] = -np.inf
    likeness = np.minimum(likeness, likeness.T)
    np.fill_diagonal(likeness, 1.0)
    may_begin = dice.random(count) < 0.5
    labels = np.arange(count)
    adopt_strays(labels, may_begin, lambda part: likeness[part], 0.2)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        assert label == members[0]
        assert np.isfinite(likeness[np.ix_(members, members)]).all()
        assert np.count_nonzero(may_begin[members]) <= 1
        if not may_begin[members].any():  # a stray is left only where nobody is alike enough
            for other in np.setdiff1d(np.unique(labels), label):
                others = np.flatnonzero(labels == other)
                assert not likeness[np.ix_(members, others)].astype(np.float64).mean() > 0.2 + 1e-6


def test_the_most_alike_are_joined_first() -> None:
    likeness = np.array([[1, -np.inf, 0.5], [-np.inf, 1, 0.6], [0.5, 0.6, 1]], np.float32)
    labels = np.arange(3)
    adopt_strays(labels, np.array([True, False, False]), lambda part: likeness[part], 0.0)
    assert labels.tolist() == [0, 1, 1]
