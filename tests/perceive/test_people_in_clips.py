"""Gate, detector and tracker on real clips: who is there, from when to when, and what is only a chair."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from retrail.core.types import Frame
from retrail.perceive.detect import Detector
from retrail.perceive.gate import LUMA_HEIGHT_PX, LUMA_WIDTH_PX, MotionGate
from retrail.perceive.track import ClosedTrack, Tracker
from retrail.runtime import Network
from retrail.video.planes import luma

HZ = 5.0

pytestmark = pytest.mark.shared


def chains(frames: Iterator[Frame], detector: Detector, until_s: float) -> list[list[ClosedTrack]]:
    """The pieces of each track, in order of time."""
    gate, tracker, closed, due_s = MotionGate(), None, [], 0.0
    for frame in frames:
        if frame.time_s > until_s:
            break
        if frame.time_s < due_s - 1e-6:
            continue
        due_s = frame.time_s + 0.95 / HZ
        tracker = tracker or Tracker(frame.camera, frame.width_px, frame.height_px)
        if gate.moved(luma(frame, LUMA_WIDTH_PX, LUMA_HEIGHT_PX), frame.time_s, tracking=True):
            found = detector.detect(frame)
            moving = gate.motion_in([each.box for each in found], frame.width_px, frame.height_px)
            closed += tracker.update(frame.time_s, found, moving).closed
        else:
            closed += tracker.still(frame.time_s).closed
    assert tracker is not None
    by_key: dict[int, list[ClosedTrack]] = {}
    for each in [*closed, *tracker.finish().closed]:
        by_key.setdefault(each.key, []).append(each)
    return sorted(by_key.values(), key=lambda pieces: pieces[0].path.times_s[0])


def people(found: list[list[ClosedTrack]]) -> list[list[ClosedTrack]]:
    return [pieces for pieces in found if pieces[-1].presence == "person"]


@pytest.fixture
def detector(network: Callable[..., Network]) -> Detector:
    return Detector(network("person-detection-retail-0013"))


def test_two_who_come_one_after_the_other(read_clip: Callable[[str], Iterator[Frame]], detector: Detector) -> None:
    found = chains(read_clip("one_by_one.mp4"), detector, 26.0)
    spans = [(pieces[0].path.times_s[0], pieces[-1].path.times_s[-1]) for pieces in found]
    assert spans == [pytest.approx((6.3, 19.2), abs=0.5), pytest.approx((23.0, 26.0), abs=0.5)]
    assert people(found) == found


def test_a_man_is_a_person_and_the_chair_beside_him_is_not(
    read_clip: Callable[[str], Iterator[Frame]], detector: Detector
) -> None:
    found = chains(read_clip("epfl_lab/Single1.mp4"), detector, 60.0)
    assert len(people(found)) == 1
    chair = [pieces for pieces in found if 600 < pieces[0].path.boxes_px[:, 0].mean() < 630]
    assert [pieces[-1].presence for pieces in chair] == ["undecided"]


def test_two_who_are_together_from_the_first_frame_on(
    read_clip: Callable[[str], Iterator[Frame]], detector: Detector
) -> None:
    assert len(people(chains(read_clip("epfl_lab/Double1.mp4"), detector, 60.0))) == 2
