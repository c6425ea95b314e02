"""People walk where they can, the same way every time."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest
from tests.simulate.worlds import room

from retrail.core.errors import DataError
from retrail.simulate.plan import Plan
from retrail.simulate.scenario import Scenario, load_scenario, presets
from retrail.simulate.traffic.day import play_day
from retrail.simulate.walker import Shop
from retrail.simulate.world import STATE, play


def test_nobody_of_the_corner_shop_stands_in_a_wall_and_everybody_comes_in() -> None:
    scenario = load_scenario("corner-shop")
    plan = Plan(scenario.spec)
    world = play(scenario, seed=3)
    seats = [spot.at for spot in scenario.spec.spots.values() if spot.seat]
    assert len(world.lives) == 20
    for life in world.lives:
        assert life.spans
        for _, states in life.spans:
            for x, y in states[::10, :2].tolist():
                near_seat = min(float(np.hypot(x - seat[0], y - seat[1])) for seat in seats) < 1.1
                assert near_seat or plan.is_free(x, y), (life.guest.where, x, y)


def test_the_same_seed_gives_the_same_world_and_another_seed_another() -> None:
    scenario = load_scenario("corner-shop")
    first, again, other = (play(scenario, seed=seed) for seed in (3, 3, 4))
    for one, two in zip(first.lives, again.lives, strict=True):
        assert one.guest == two.guest
        assert all(np.array_equal(a, b) for (_, a), (_, b) in zip(one.spans, two.spans, strict=True))
    assert [life.guest.enter_s for life in first.lives] != [life.guest.enter_s for life in other.lives]


def test_who_would_walk_straight_through_a_shelf_is_one_error_with_file_line_and_key(tmp_path: Path) -> None:
    scenario = room(tmp_path, "  - {enter_s: 0, plan: [{walk: [[6.5, 1.5], [6.5, 5]]}]}")
    for played in (play, play_day):
        with pytest.raises(DataError, match="through a wall") as caught:
            played(scenario)
        assert "room.yaml line 24: people.0.plan.0.walk" in str(caught.value)


STANDS = "  - {enter_s: 0, plan: [{stand: shelf, for_s: 5}]}"


PLAYED = pytest.mark.parametrize("played", [play, play_day], ids=["pixels", "sightings"])


@PLAYED
@pytest.mark.parametrize(
    ("flaw", "length_s", "found"),
    [
        ("outages: [[0, 4], [3, 30]]", 30, "150 frames in 30 s at 5 Hz, 150 of them in outages and 0 more dropped"),
        ("drops: 1", 2, "10 frames in 2 s at 5 Hz, 0 of them in outages and 10 more dropped"),
        ("drops: 0", 0.1, "0 frames in 0.1 s at 5 Hz"),
    ],
)
def test_a_camera_that_never_gives_a_picture_is_an_error(
    tmp_path: Path, played: Callable[[Scenario], object], flaw: str, length_s: float, found: str
) -> None:
    room(tmp_path, "  - {enter_s: 0}", length_s)
    text = (tmp_path / "room.yaml").read_text(encoding="utf-8")
    (tmp_path / "room.yaml").write_text(text.replace("rate_hz: 5", f"rate_hz: 5, {flaw}"), encoding="utf-8")
    with pytest.raises(DataError, match="never gives a picture") as caught:
        played(load_scenario(tmp_path / "room.yaml"))
    assert "room.yaml line 18: cameras.hall" in str(caught.value)
    assert str(caught.value.found).startswith(found)


@PLAYED
@pytest.mark.parametrize(
    ("was", "now", "where"),
    [
        ("shelf: {at: [6.5, 2.2], face_deg: 90}", "shelf: {at: [6.5, 3], face_deg: 90}", "line 16: spots.shelf.at"),
        ("face_deg: 90}", "face_deg: 90}\nqueues: {till: {head: [6.5, 3], face_deg: 0, back_deg: 180}}", "queues.till"),
        ("from: [2, 0], to: [4, 0], out", "from: [4, 0], to: [8, 0], out", "line 14: doors.door"),
        ("[[-3, -1.6]]", "[[-3, -1.6], [-30, 0]]", "line 14: doors.door.outside.1"),
        ("enter_s: 0,", "enter_s: 0, at: [6.5, 3],", "line 24: people.0.at"),
        ("{stand: shelf, for_s: 5}", "{walk: [[6.5, 3]]}", "line 24: people.0.plan.0.walk"),
    ],
)
def test_where_nobody_can_stand_is_an_error_before_anybody_moves(
    tmp_path: Path, played: Callable[[Scenario], object], was: str, now: str, where: str
) -> None:
    room(tmp_path, STANDS)
    text = (tmp_path / "room.yaml").read_text(encoding="utf-8")
    assert was in text
    (tmp_path / "room.yaml").write_text(text.replace(was, now, 1), encoding="utf-8")
    with pytest.raises(DataError, match="Nobody can stand there") as caught:
        played(load_scenario(tmp_path / "room.yaml"))
    assert where in str(caught.value)
    assert caught.value.found
    assert caught.value.allowed


FIGURE = "mannequins: [{at: [3, 3]}, {at: [5, 3], raised_m: 2}]"
SEAT = ("  shelf: {at", "  stool: {at: [1, 5], face_deg: 0, seat: true}\n  shelf: {at")


@PLAYED
@pytest.mark.parametrize(
    ("plan", "key", "what"),
    [
        ("at: [3, 3.1]", "people.0.at", "Somebody would stand in a mannequin"),
        ("plan: [{walk: [[3.1, 3]]}]", "people.0.plan.0.walk", "Somebody would stand in a mannequin"),
        ("plan: [{walk: [[3.1, 2], [3.1, 4]]}]", "people.0.plan.0.walk", "Somebody would walk through a mannequin"),
    ],
)
def test_who_is_sent_through_a_mannequin_is_an_error(
    tmp_path: Path, played: Callable[[Scenario], object], plan: str, key: str, what: str
) -> None:
    scenario = room(tmp_path, f"  - {{enter_s: 0, {plan}}}", 30, ("", FIGURE))
    with pytest.raises(DataError, match=what) as caught:
        played(scenario)
    assert f"room.yaml line 24: {key}\n" in str(caught.value)
    assert caught.value.found == "mannequins.0 at (3, 3)"
    assert caught.value.allowed == "points and straight ways 0.24 m or more from it"
    assert caught.value.hint == "move the mannequin, or add points that lead around it"


@PLAYED
def test_beside_a_mannequin_and_under_one_that_hangs_people_walk(
    tmp_path: Path, played: Callable[[Scenario], object]
) -> None:
    played(room(tmp_path, "  - {enter_s: 0, plan: [{walk: [[3.3, 2], [3.3, 4]]}, {walk: [[5, 2], [5, 4]]}]}", 30,
                ("", FIGURE)))  # fmt: skip


@PLAYED
@pytest.mark.parametrize(
    ("was", "now", "key"),
    [
        (STANDS, "  - {enter_s: 0, plan: [{sit: shelf, for_s: 5}]}", "line 25: people.0.plan.0.sit"),
        ("", "crowds: [{count: 2, to_s: 9, seats: [stool, shelf]}]", "line 26: crowds.0.seats.1"),
    ],
)
def test_who_shall_sit_where_no_seat_is_is_an_error(
    tmp_path: Path, played: Callable[[Scenario], object], was: str, now: str, key: str
) -> None:
    scenario = room(tmp_path, STANDS, 30, SEAT, (was, now))
    with pytest.raises(DataError, match="Nobody can sit there: the spot is no seat") as caught:
        played(scenario)
    assert str(caught.value.where).endswith(f"room.yaml {key}")
    assert caught.value.found == "'shelf'"
    assert caught.value.allowed == "stool"
    assert caught.value.hint == "give the spot `seat: true`, or let people `stand` there"


@PLAYED
@pytest.mark.parametrize(
    ("more", "key", "known"),
    [
        ("crowds: [{count: 2, to_s: 9, seats: [stol]}]", "line 26: crowds.0.seats.0", "stool, shelf"),
        ("crowds: [{count: 2, to_s: 9, spots: [shelf, shef]}]", "line 26: crowds.0.spots.1", "stool, shelf"),
        ("crowds: [{count: 2, to_s: 9, doors: [dor]}]", "line 26: crowds.0.doors.0", "door"),
        ("  - {enter_s: 1, plan: [{away: dor}]}", "line 26: people.1.plan.0.away", "door"),
        ("  - {enter_s: 1, plan: [{browse: shef}]}", "line 26: people.1.plan.0.browse", "stool, shelf"),
    ],
)
def test_a_name_that_there_is_not_is_told_under_the_key_it_stands_at(
    tmp_path: Path, played: Callable[[Scenario], object], more: str, key: str, known: str
) -> None:
    with pytest.raises(DataError, match="There is no such") as caught:
        played(room(tmp_path, STANDS, 30, SEAT, ("", more)))
    assert str(caught.value.where).endswith(f"room.yaml {key}")
    assert caught.value.allowed == known
    assert str(caught.value.hint).startswith("did you mean '")


def test_a_seat_may_stand_in_furniture_but_not_far_inside(tmp_path: Path) -> None:
    sits = room(tmp_path, "  - {enter_s: 0, plan: [{sit: shelf, for_s: 3}]}")
    text = (tmp_path / "room.yaml").read_text(encoding="utf-8").replace("at: [6.5, 2.2], face_deg: 90", "{}")
    for at, seated in (("[6.5, 2.8]", True), ("[6.5, 12]", False)):
        seat = text.replace("{{}}", f"{{at: {at}, face_deg: 270, seat: true}}")
        (tmp_path / "room.yaml").write_text(seat, encoding="utf-8")
        scenario = load_scenario(sits.layers.path)
        if seated:
            (life,) = play(scenario).lives
            assert max(states[:, STATE.index("sit")].max() for _, states in life.spans) == 1.0
        else:
            with pytest.raises(DataError, match="Nobody can stand there"):
                play(scenario)


def test_an_unknown_key_is_told_with_its_line_and_what_was_meant(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        room(tmp_path, "  - {enter_s: 0, sped: 2}")
    assert "no key 'sped'" in str(caught.value)
    assert "line 24: people.0.sped" in str(caught.value)
    assert "did you mean 'speed'?" in str(caught.value)


def test_an_unknown_preset_is_told_with_those_there_are() -> None:
    with pytest.raises(DataError, match="no such preset") as caught:
        load_scenario("corner-shopp")
    assert all(name in str(caught.value) for name in presets())


@pytest.mark.parametrize(("preset", "seed"), [("corner-shop", 11), ("corner-shop", 12), ("rush", 2)])
def test_nobody_walks_on_the_spot(preset: str, seed: int) -> None:
    """Two who meet in a door push each other behind a corner: both must find their way again."""
    world = play(load_scenario(preset), seed=seed)
    window = 100  # 5 s
    for life in world.lives:
        for _, states in life.spans:
            for start in range(0, len(states) - window, window // 5):
                piece = states[start : start + window]
                if piece[:, STATE.index("stride")].min() > 0.3:
                    assert np.ptp(piece[:, :2], axis=0).max() > 0.5, (life.guest.number, start)


def test_a_queue_turns_before_a_wall() -> None:
    scenario = load_scenario("corner-shop")
    plan = Plan(scenario.spec)
    shop = Shop(scenario.spec, plan, np.random.default_rng(0))
    places = [shop.slot("till", index) for index in range(9)]
    assert all(plan.straight(one, two) for one, two in pairwise(places))
    assert min(math.dist(one, two) for one, two in combinations(places, 2)) > 0.8
