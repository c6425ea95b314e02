"""Tracklets are grouped by event time, whatever order and pace they come in."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from retrail.core.types import Path, Tracklet
from retrail.pipeline.lane import WINDOW_S, Lane


def make_tracklet(name: str, camera: str) -> Tracklet:
    path = Path(np.array([0.0]), np.zeros((1, 4), np.float32), np.zeros((1, 2), np.float32), 10, 10)
    return Tracklet(name, camera, path, (), np.ones(1, np.bool_), None, "person")


def names(groups: list[list[Tracklet]]) -> list[list[str]]:
    return [[tracklet.id for tracklet in group] for group in groups]


def test_a_window_waits_for_the_slowest_camera() -> None:
    lane = Lane(["door", "till"], lambda camera: False)
    lane.add([make_tracklet("a", "door")], 1.0)
    lane.advance("door", 60.0)
    assert lane.complete() == []
    lane.advance("till", 1.9)
    assert lane.complete() == []
    lane.advance("till", WINDOW_S)
    assert names(lane.complete()) == [["a"]]
    assert lane.complete() == []


def test_a_silent_camera_holds_nobody_back() -> None:
    lane = Lane(["door", "till"], lambda camera: camera == "till")
    lane.add([make_tracklet("a", "door")], 1.0)
    lane.advance("door", 2.0)
    assert names(lane.complete()) == [["a"]]


def test_ties_in_time_follow_the_site_file() -> None:
    lane = Lane(["till", "door"], lambda camera: False)
    lane.add([make_tracklet("a", "door"), make_tracklet("b", "till")], 1.0)
    assert names(lane.rest()) == [["b", "a"]]


events = st.lists(st.tuples(st.sampled_from(["door", "till", "hall"]), st.floats(0, 60)), max_size=30)


@given(events, st.lists(st.integers(0, 29), max_size=10))
def test_the_groups_depend_on_the_input_alone(closings: list[tuple[str, float]], looks: list[int]) -> None:
    ordered = sorted(closings, key=lambda each: each[1])

    def grouped(looked_at: set[int]) -> list[list[str]]:
        lane = Lane(["door", "till", "hall"], lambda camera: False)
        found: list[list[Tracklet]] = []
        for place, (camera, at_s) in enumerate(ordered):
            lane.add([make_tracklet(f"{place:02}", camera)], at_s)
            for each in ("door", "till", "hall"):
                lane.advance(each, at_s)
            if place in looked_at:
                found += lane.complete()
        return names(found + lane.rest())

    assert grouped(set(looks)) == grouped(set())
    windows = [{math.floor(ordered[int(name)][1] / WINDOW_S) for name in group} for group in grouped(set())]
    assert all(len(window) == 1 for window in windows)
