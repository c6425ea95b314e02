"""Stories told to the tracker: who is a person, and what is a chair."""

from __future__ import annotations

import numpy as np
import pytest
from tests.perceive.stories import HEIGHT, WIDTH, by_key, play, thing, walker

from retrail.core.types import Box
from retrail.perceive.furniture import FurnitureMemory, FurniturePlace
from retrail.perceive.track import Tracker


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
