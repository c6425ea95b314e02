"""Stories told to the tracker: who walks where, and what it must make of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrail.core.errors import DataError
from retrail.core.types import Box, Detection
from retrail.perceive.furniture import FurnitureMemory, FurniturePlace
from retrail.perceive.track import ClosedTrack, Tracker

WIDTH, HEIGHT = 1280, 720
START_S = 1000.0
Way = Callable[[float], Box | None]


def walker(x: float, speed: float, *, y: float = 300.0, start_s: float = 0.0, end_s: float = 1e9) -> Way:
    """Somebody 80 x 200 who is at ``x`` at ``start_s`` and walks sideways, pixels per second."""

    def at(time_s: float) -> Box | None:
        left = x + speed * (time_s - start_s)
        inside = start_s <= time_s <= end_s and -40 < left < WIDTH - 40
        return (max(left, 0.0), y, min(left + 80, float(WIDTH)), y + 200) if inside else None

    return at


def thing(box: Box, *, start_s: float = 0.0, end_s: float = 1e9, jitter: float = 1.0) -> Way:
    """A chair: always there, its box a little off each time."""

    def at(time_s: float) -> Box | None:
        dx, dy = jitter * np.sin(37.0 * time_s), jitter * np.cos(53.0 * time_s)
        return (box[0] + dx, box[1] + dy, box[2] + dx, box[3] + dy) if start_s <= time_s <= end_s else None

    return at


def play(
    ways: Iterable[Way],
    end_s: float,
    *,
    hz: float = 5.0,
    tracker: Tracker | None = None,
    motion: Callable[[int, float], float] | None = None,
    start_s: float = 0.0,
) -> list[ClosedTrack]:
    """The tracklets of a story; ``motion`` is the share of moving pixels of way ``index`` at a time of the story."""
    tracker = tracker or Tracker("hall", WIDTH, HEIGHT)
    ways = list(ways)
    closed: list[ClosedTrack] = []
    for step in range(round(start_s * hz), int(end_s * hz) + 1):
        time_s = step / hz
        seen = [(index, box) for index, way in enumerate(ways) if (box := way(time_s)) is not None]
        shares = None if motion is None else [motion(index, time_s) for index, _ in seen]
        closed += tracker.update(START_S + time_s, [Detection(box, 0.9) for _, box in seen], shares).closed
    return closed + list(tracker.finish().closed)


def by_key(closed: Sequence[ClosedTrack]) -> dict[int, list[ClosedTrack]]:
    chains: dict[int, list[ClosedTrack]] = {}
    for each in closed:
        chains.setdefault(each.key, []).append(each)
    return chains


class TestWhoGoesOnWithWhichBox:
    def test_who_walks_through_is_one_person_from_the_first_box_on(self) -> None:
        closed = play([walker(-30, 200)], 8)
        assert [(each.presence, each.continues) for each in closed] == [("person", None)]
        assert closed[0].path.times_s[0] == START_S

    @pytest.mark.parametrize("hz", [2.5, 5.0, 10.0, 25.0])
    def test_two_who_cross_keep_their_ways_at_any_rate(self, hz: float) -> None:
        closed = play([walker(0, 150), walker(1200, -150, y=310)], 8, hz=hz)
        assert len(closed) == 2
        for each in closed:
            moved = each.path.boxes_px[-1, 0] - each.path.boxes_px[0, 0]
            assert abs(moved) == pytest.approx(150 * 8, abs=60)

    def test_who_is_hidden_for_a_second_is_found_again(self) -> None:
        seen = walker(-30, 200)
        closed = play([lambda t: None if 2 < t < 3.1 else seen(t)], 8)
        assert len(closed) == 1

    def test_who_is_hidden_and_turns_round_is_found_again_if_nobody_else_can_be_meant(self) -> None:
        there, back = walker(-30, 200), walker(430, -150, start_s=3.4)
        closed = play([lambda t: there(t) if t < 2.2 else back(t)], 5)
        assert len(closed) == 1

    def test_who_comes_into_view_beside_somebody_missed_does_not_take_his_name(self) -> None:
        first, second = walker(200, 40), walker(240, 200, start_s=3.0, y=290)
        closed = by_key(play([lambda t: None if 2.9 < t < 3.3 else first(t), second], 6))
        assert len(closed) == 2
        for pieces in closed.values():
            speed = np.diff(pieces[0].path.boxes_px[:, 0]) / np.diff(pieces[0].path.times_s)
            assert np.ptp(speed) < 10

    def test_a_low_score_carries_on_but_begins_nothing(self) -> None:
        tracker = Tracker("hall", WIDTH, HEIGHT)
        for step in range(30):
            score = 0.9 if step < 10 else 0.2
            box = (100.0 + 10 * step, 300.0, 180.0 + 10 * step, 500.0)
            other = Detection((900.0, 300.0, 980.0, 500.0), 0.3)
            opened = tracker.update(step / 5, [Detection(box, score), other]).open
        assert [(each.matched, each.score) for each in opened] == [(True, 0.2)]

    def test_two_boxes_on_one_person_are_one_person(self) -> None:
        whole = walker(-30, 150)

        def upper(time_s: float) -> Box | None:
            box = whole(time_s)
            return None if box is None else (box[0] + 5, box[1], box[2] - 5, box[1] + 90)

        assert len(by_key(play([whole, upper], 8))) == 1

    def test_legs_that_were_seen_before_the_whole_of_him_are_no_second_person(self) -> None:
        whole = walker(0, 100)

        def legs(t: float) -> Box | None:
            return None if (box := whole(t)) is None else (box[0] + 10, box[1] + 110, box[2] - 10, box[3] - 9)

        closed = play([lambda t: whole(t) if t > 0.7 else None, legs], 8)
        long, short = sorted(closed, key=lambda each: -len(each.path.times_s))
        assert long.path.times_s[-1] == START_S + 8.0
        assert short.path.times_s[-1] - START_S < 1.5

    def test_head_and_shoulders_of_somebody_who_has_a_box_are_no_second_person(self) -> None:
        whole = walker(100, 60, end_s=14.0)

        def head(time_s: float) -> Box | None:
            box = whole(time_s)
            return (box[0] + 12, box[1] - 60, box[0] + 66, box[1] + 40) if box and time_s > 4 else None

        def stops(way: Way) -> Way:
            return lambda time_s: way(min(time_s, 5.0) if time_s < 11 else time_s - 6)

        assert len(by_key(play([stops(whole), stops(head)], 20))) == 1

    def test_who_is_seen_above_somebody_and_steps_aside_is_told_from_the_first_box_on(self) -> None:
        near = thing((500, 300, 600, 600))

        def behind(time_s: float) -> Box | None:
            if time_s < 3:
                return None
            return (510, 200, 590, 310) if time_s < 6 else (510 + 60 * (time_s - 6), 200, 590 + 60 * (time_s - 6), 330)

        tracks = by_key(play([near, behind], 12))
        assert len(tracks) == 2
        assert min(tracks[max(tracks)][0].path.times_s) == START_S + 3

    @pytest.mark.parametrize(("half_until_s", "pieces"), [(4.8, 1), (8.0, 2)])
    def test_who_was_half_seen_goes_on_in_the_box_around_his(self, half_until_s: float, pieces: int) -> None:
        """He sits down: head and shoulders walked in, all of him has a box from 4 s on; for longer they are two."""

        def half(time_s: float) -> Box | None:
            left = 200 + 100 * min(time_s, 3.6)
            return (left, 300, left + 50, 390) if time_s <= half_until_s else None

        def whole(time_s: float) -> Box | None:
            return (545, 295, 650, 480) if time_s >= 4 else None

        first, second, *none = sorted(play([half, whole], 20), key=lambda each: each.path.times_s[0])
        assert not none
        assert (second.continues == first.id) == (pieces == 1)
        if pieces == 1:
            assert first.path.times_s[-1] < second.path.times_s[0]

    def test_who_was_half_seen_all_the_while_is_the_one_around_him(self) -> None:
        def half(time_s: float) -> Box | None:
            return (560, 300, 610, 390) if 4 <= time_s <= 5 else None

        def whole(time_s: float) -> Box | None:
            return (545, 295, 650, 480)

        assert len(play([whole, half], 10)) == 1

    def test_a_child_that_walks_before_somebody_stays(self) -> None:
        behind = walker(0, 100)

        def child(t: float) -> Box | None:
            return None if (box := behind(t)) is None else (box[0] + 10, box[1] + 110, box[2] - 10, box[3] + 9)

        closed = play([lambda t: behind(t) if t > 0.7 else None, child], 8)
        assert [each.path.times_s[-1] for each in closed] == [START_S + 8.0] * 2

    def test_people_who_walk_in_side_by_side_are_all_counted(self) -> None:
        group = [walker(-30 - 45 * index, 140, y=300 + 12 * index) for index in range(3)]
        chains = by_key(play(group, 9))
        assert [pieces[-1].presence for pieces in chains.values()] == ["person"] * 3

    def test_who_leaves_and_who_enters_there_a_second_later_are_two(self) -> None:
        assert len(by_key(play([walker(900, 200), walker(1230, -200, start_s=3.0)], 6))) == 2

    def test_a_box_seen_twice_is_nobody(self) -> None:
        assert play([walker(300, 0, start_s=1, end_s=1.3)], 4) == []

    def test_after_a_gap_in_the_recording_whoever_stands_there_is_somebody_else(self) -> None:
        tracker, box = Tracker("hall", WIDTH, HEIGHT), (300.0, 200.0, 380.0, 400.0)
        for step in range(40):
            tracker.update(START_S + step / 5, [Detection(box, 0.9)])
        closed = list(tracker.still(START_S + 3600).closed)
        for step in range(1, 40):
            closed += tracker.update(START_S + 3600 + step / 5, [Detection(box, 0.9)]).closed
        closed += tracker.finish().closed
        assert [each.continues for each in closed] == [None, None]

    def test_irregular_times_are_no_trouble(self) -> None:
        tracker, closed, rng = Tracker("hall", WIDTH, HEIGHT), [], np.random.default_rng(3)
        times = np.cumsum(rng.uniform(0.03, 0.45, 40))
        ways = [walker(0, 120), walker(1200, -120, y=330)]
        for time_s in times.tolist():
            boxes = [box for way in ways if (box := way(time_s)) is not None]
            closed += tracker.update(time_s, [Detection(box, 0.8) for box in boxes]).closed
        assert len(by_key([*closed, *tracker.finish().closed])) == 2


class TestPieces:
    def test_a_tracklet_is_cut_after_twenty_seconds_and_continues(self) -> None:
        closed = play([walker(0, 20)], 50)
        assert [each.key for each in closed] == [1, 1, 1]
        assert [each.continues for each in closed] == [None, closed[0].id, closed[1].id]
        assert all(each.path.times_s[-1] - each.path.times_s[0] <= 20 for each in closed)

    def test_the_key_stays_through_a_cut_and_the_new_piece_says_when_it_began(self) -> None:
        tracker, way = Tracker("hall", WIDTH, HEIGHT), walker(0, 20)
        for step in range(125):
            box = way(step / 5)
            assert box is not None
            opened = tracker.update(step / 5, [Detection(box, 0.9)]).open
        assert [(each.key, each.tracklet_started_s) for each in opened] == [(1, pytest.approx(20.2))]

    def test_a_still_picture_keeps_everybody_where_he_was(self) -> None:
        tracker = Tracker("hall", WIDTH, HEIGHT)
        for index in range(10):
            tracker.update(index / 5, [Detection((300, 200, 380, 400), 0.9)])
        for index in range(10, 60):
            step = tracker.still(index / 5)
            assert [(each.box, each.matched) for each in step.open] == [((300, 200, 380, 400), True)]
        assert len(tracker.finish().closed[0].path) == 60

    def test_time_that_does_not_advance_is_an_error(self) -> None:
        tracker = Tracker("hall", WIDTH, HEIGHT)
        tracker.update(5.0, [])
        with pytest.raises(DataError, match="Time does not advance"):
            tracker.update(5.0, [])


def stirs(index: int, time_s: float) -> float:
    """Somebody who sits: moves a little every third second."""
    return 0.08 if time_s % 3 < 1 else 0.0


def quiet(index: int, time_s: float) -> float:
    return 0.0


class TestWhoIsAPerson:
    def test_who_walked_in_and_stands_still_for_twenty_minutes_stays_a_person(self) -> None:
        def way(time_s: float) -> Box | None:
            if 300 < time_s < 306 or 700 < time_s < 745:  # the detector misses him now and then
                return None
            return walker(-30, 100)(min(time_s, 4.0))

        closed = play([way], 1200, hz=2.0, motion=lambda _, t: 0.3 if t < 4 else 0.0)
        assert {each.presence for each in closed} == {"person"}
        assert len(by_key(closed)) == 2

    def test_a_chair_is_undecided_then_furniture_and_once_moved_a_person(self) -> None:
        memory = FurnitureMemory()
        tracker = Tracker("hall", WIDTH, HEIGHT, furniture=memory)
        place = thing((500, 400, 560, 520))

        def way(time_s: float) -> Box | None:
            box = place(time_s)
            assert box is not None
            carried = 40 * max(0.0, time_s - 660)
            return (box[0] + carried, box[1], box[2] + carried, box[3])

        closed = play([way], 680, hz=2.0, tracker=tracker, motion=lambda _, t: 0.3 if t > 660 else 0.0)
        presences = [each.presence for each in closed]
        assert presences[0] == "undecided"
        assert presences[31] == "furniture"
        assert presences[-1] == "person"
        assert len(by_key(closed)) == 1
        assert memory.places == ()

    def test_furniture_is_remembered_after_a_restart(self) -> None:
        memory = FurnitureMemory()
        play([thing((500, 400, 560, 520))], 620, hz=2.0, tracker=Tracker("hall", WIDTH, HEIGHT, furniture=memory))
        kept = FurnitureMemory([FurniturePlace.from_record(place.to_record()) for place in memory.places])
        closed = play([thing((500, 400, 560, 520))], 5, tracker=Tracker("hall", WIDTH, HEIGHT, furniture=kept))
        assert [each.presence for each in closed] == ["furniture"]

    def test_a_chair_that_is_seen_now_and_then_becomes_furniture_too(self) -> None:
        chair = thing((500, 400, 560, 520))
        closed = play([lambda t: chair(t) if t % 60 < 20 else None], 700, hz=2.0, motion=quiet)
        assert closed[0].presence == "undecided"
        assert closed[-1].presence == "furniture"

    def test_who_sits_there_from_the_start_becomes_a_person_by_small_motion(self) -> None:
        closed = play([thing((500, 400, 580, 560))], 30, motion=stirs)
        assert closed[-1].presence == "person"

    def test_who_sits_there_is_a_person_too_where_only_the_boxes_tell(self) -> None:
        def way(time_s: float) -> Box:
            lean = 14 * np.sin(time_s / 2.5)
            return (500 + lean, 400, 580 + lean, 560)

        assert play([way], 60)[-1].presence == "person"

    @pytest.mark.parametrize("jitter", [0.0, 2.0, 6.0])
    def test_a_box_that_only_jitters_is_nobody(self, jitter: float) -> None:
        closed = play([thing((500, 400, 560, 520), jitter=jitter)], 120)
        assert {each.presence for each in closed} == {"undecided"}

    def test_a_chair_past_which_people_walk_is_nobody(self) -> None:
        chair = (500.0, 380.0, 560.0, 500.0)
        passing = [walker(-30, 200, start_s=9.0 * index) for index in range(12)]
        ways = [thing(chair), *passing]

        def share(index: int, time_s: float) -> float:
            if index:
                return 0.4
            near = any((box := way(time_s)) is not None and box[0] < 560 and box[2] > 500 for way in passing)
            return 0.3 if near else 0.0

        still = [each for each in play(ways, 110, motion=share) if np.ptp(each.path.boxes_px[:, 0]) < 40]
        assert still
        assert {each.presence for each in still} == {"undecided"}

    def test_a_box_that_leaps_from_a_chair_to_the_next_is_nobody(self) -> None:
        def way(time_s: float) -> Box:
            left = 500 if time_s % 20 < 10 else 545
            return (left, 400, left + 70, 560)

        assert "person" not in {each.presence for each in play([way], 80)}

    def test_a_chair_whose_box_a_passer_by_takes_along_stays_a_chair(self) -> None:
        """For two seconds there is one box for both; then the chair is seen again."""
        chair, passer = (500.0, 380.0, 570.0, 510.0), walker(450, 60, y=330, start_s=20.0)

        def merged(time_s: float) -> Box | None:
            return passer(time_s) if time_s >= 20 else chair

        ways = [merged, lambda t: chair if t >= 22 else None]
        closed = by_key(play(ways, 30, motion=lambda i, t: 0.3 if i == 0 and t >= 20 else 0.0))
        ends = {pieces[-1].presence: pieces[-1].path.boxes_px[-1, 0] for pieces in closed.values()}
        assert ends == {"undecided": 500.0, "person": pytest.approx(1050.0)}


def walks(draw_from: np.random.Generator, count: int) -> list[Way]:
    return [
        walker(
            float(draw_from.uniform(0, 1100)), float(draw_from.uniform(-150, 150)), y=float(draw_from.uniform(0, 400))
        )
        for _ in range(count)
    ]


def outline(closed: Iterable[ClosedTrack]) -> list[tuple[str, str | None, str]]:
    return sorted((each.id, each.continues, each.presence) for each in closed)


class TestWhatAlwaysHolds:
    @settings(max_examples=15, deadline=None)
    @given(st.integers(0, 10_000), st.integers(1, 6))
    def test_ids_do_not_depend_on_the_order_of_detections(self, seed: int, count: int) -> None:
        ways = walks(np.random.default_rng(seed), count)
        assert outline(play(ways, 6)) == outline(play(reversed(ways), 6))

    @settings(max_examples=15, deadline=None)
    @given(st.integers(0, 10_000), st.integers(1, 5))
    def test_later_by_some_seconds_gives_the_same_ways_later_and_other_ids(self, seed: int, later_s: int) -> None:
        ways = walks(np.random.default_rng(seed), 3)
        now = play(ways, 6)
        later = play([lambda t, way=way: way(t - later_s) for way in ways], 6 + later_s, start_s=later_s)
        assert [each.key for each in now] == [each.key for each in later]
        for one, other in zip(now, later, strict=True):
            np.testing.assert_allclose(one.path.times_s + later_s, other.path.times_s)
        assert not {each.id for each in now} & {each.id for each in later}

    @settings(max_examples=15, deadline=None)
    @given(st.integers(0, 10_000), st.integers(1, 8))
    def test_no_track_is_in_two_places_at_once_and_no_box_in_two_tracks(self, seed: int, count: int) -> None:
        closed = play(walks(np.random.default_rng(seed), count), 25)
        for pieces in by_key(closed).values():
            times = np.concatenate([each.path.times_s for each in pieces])
            assert (np.diff(times) > 0).all()
            assert [each.continues for each in pieces] == [None, *(each.id for each in pieces[:-1])]
        boxes = [
            (time_s, *box)
            for each in closed
            for time_s, box in zip(each.path.times_s.tolist(), each.path.boxes_px.tolist(), strict=True)
        ]
        assert len(set(boxes)) == len(boxes)

    def test_the_same_story_gives_the_same_ids_and_two_trackers_share_nothing(self) -> None:
        ways = walks(np.random.default_rng(5), 5)
        alone = outline(play(ways, 10))
        here, there = Tracker("hall", WIDTH, HEIGHT), Tracker("hall", WIDTH, HEIGHT)
        closed: list[ClosedTrack] = []
        for step in range(51):
            boxes = [box for way in ways if (box := way(step / 5)) is not None]
            closed += here.update(START_S + step / 5, [Detection(box, 0.9) for box in boxes]).closed
            there.update(step / 7, [Detection((10.0 * step, 100, 10.0 * step + 60, 300), 0.9)])
        assert outline([*closed, *here.finish().closed]) == alone

    def test_another_camera_has_other_ids(self) -> None:
        ways = walks(np.random.default_rng(1), 2)
        other = play(ways, 6, tracker=Tracker("door", WIDTH, HEIGHT))
        assert not {each.id for each in other} & {each.id for each in play(ways, 6)}
