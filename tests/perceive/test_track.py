"""Stories told to the tracker: who walks where, and what it must make of it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.perceive.stories import HEIGHT, START_S, WIDTH, Way, by_key, play, thing, walker

from retrail.core.errors import DataError
from retrail.core.types import Box, Detection
from retrail.perceive.track import ClosedTrack, Tracker


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
