"""One camera's way from detections to tracklets with shots."""

from __future__ import annotations

import numpy as np
import pytest

from retrail.core.types import Box, Detection
from retrail.perceive.camera import CameraEye, Observation

DETAIL = np.random.default_rng(1).integers(0, 256, (120, 160, 3)).repeat(4, 0).repeat(4, 1).astype(np.uint8)


def walker(index: int, speed: float = 3.0) -> Box:
    left = 20 + speed * index
    return (left, 150, left + 80, 350)


def test_who_walks_by_is_one_tracklet_with_shots_of_its_own_time(bgr_frame) -> None:
    eye = CameraEye("hall")
    assert not eye.tracking
    for index in range(50):
        seen = eye.observe(bgr_frame(DETAIL, index / 5), [Detection(walker(index), 0.9)])
    assert eye.tracking
    assert len(seen.open) == 1
    (tracklet,) = eye.finish().closed
    assert tracklet.camera == "hall"
    assert tracklet.presence == "person"
    assert len(tracklet.shots) == 8
    assert all(tracklet.start_s <= shot.time_s <= tracklet.end_s for shot in tracklet.shots)
    assert eye.finish() == Observation((), ())


def test_each_piece_of_a_cut_track_has_the_shots_of_its_own_span(bgr_frame) -> None:
    eye = CameraEye("hall")
    closed = []
    for index in range(220):
        closed += eye.observe(bgr_frame(DETAIL, index / 5), [Detection(walker(index, 2.0), 0.9)]).closed
    closed += eye.finish().closed
    assert len(closed) == 3
    assert [each.continues for each in closed] == [None, closed[0].id, closed[1].id]
    for piece in closed:
        assert piece.shots
        assert all(piece.start_s <= shot.time_s <= piece.end_s for shot in piece.shots)


def test_still_frames_keep_whoever_stands_there(bgr_frame) -> None:
    eye = CameraEye("hall")
    for index in range(20):
        eye.observe(bgr_frame(DETAIL, index / 5), [Detection(walker(index), 0.9)])
    for index in range(20, 70):
        # The gate forces a detection every second.
        if index % 5 == 0:
            seen = eye.observe(bgr_frame(DETAIL, index / 5), [Detection(walker(20), 0.9)])
        else:
            seen = eye.still(index / 5)
        assert len(seen.open) == 1
        assert seen.closed == ()


def test_a_change_of_resolution_closes_and_begins_anew_with_new_keys(bgr_frame) -> None:
    eye = CameraEye("hall")
    for index in range(20):
        first = eye.observe(bgr_frame(DETAIL, index / 5), [Detection(walker(index), 0.9)])
    changed = eye.observe(bgr_frame(DETAIL[:240], 20 / 5), [Detection((20, 20, 60, 120), 0.9)])
    assert len(changed.closed) == 1
    assert changed.closed[0].shots
    assert changed.open == ()
    assert not eye.tracking
    for index in range(21, 40):
        second = eye.observe(bgr_frame(DETAIL[:240], index / 5), [Detection((index, 20, index + 40, 120), 0.9)])
    assert second.open[0].key != first.open[0].key
    (tracklet,) = eye.finish().closed
    assert (tracklet.path.width_px, tracklet.path.height_px) == (640, 240)
    assert tracklet.shots
    assert tracklet.id != changed.closed[0].id


def test_a_camera_that_saw_nothing_says_nothing(bgr_frame) -> None:
    eye = CameraEye("hall")
    assert eye.still(0.0) == eye.finish() == Observation((), ())
    assert eye.observe(bgr_frame(DETAIL, 1.0), []) == Observation((), ())


@pytest.mark.shared
def test_one_person_of_the_clip_is_one_tracklet_with_good_shots(read_clip, network) -> None:
    from retrail.perceive.detect import Detector

    detector = Detector(network("person-detection-retail-0013"))
    eye = CameraEye("entrance")
    closed = []
    for frame in read_clip("one_by_one.mp4"):
        if frame.time_s > 21:
            break
        if frame.index % 2 == 0 and frame.time_s > 5:
            closed += eye.observe(frame, detector.detect(frame)).closed
    closed += eye.finish().closed
    (tracklet,) = closed
    assert tracklet.start_s == pytest.approx(6.3, abs=0.5)
    assert tracklet.end_s == pytest.approx(19.0, abs=0.5)
    assert len(tracklet.shots) == 8
    assert tracklet.shots[0].quality > 0.3
    assert max(shot.time_s for shot in tracklet.shots) - min(shot.time_s for shot in tracklet.shots) > 6
