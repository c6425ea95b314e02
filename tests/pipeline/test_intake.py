"""Frames are handed out in event time; a dead or silent camera stops nobody."""

import threading
import time
from collections.abc import Iterator

import numpy as np

from retrail.core.errors import SourceError
from retrail.core.types import Frame, Planes
from retrail.perceive.gate import GateSettings, Motion
from retrail.pipeline.intake import Ended, Intake, Look, Schedule


class Scripted:
    """A source that gives frames at the given times, then ends, fails or hangs."""

    def __init__(
        self, camera: str, times: list[float], *, live: bool = False, then: Exception | threading.Event | None = None
    ) -> None:
        self.camera, self.live, self._times, self._then = camera, live, times, then

    def frames(self) -> Iterator[Frame]:
        planes = Planes("bgr24", (np.zeros((2, 2, 3), np.uint8),))
        for index, time_s in enumerate(self._times):
            yield Frame(self.camera, index, time_s, planes, 2, 2)
        if isinstance(self._then, Exception):
            raise self._then
        if self._then is not None:
            self._then.wait()


def look_at(frame: Frame) -> Look | None:
    return Look(frame, None, Motion(None, None, GateSettings()))


def run(*sources: Scripted, silent_after_s: float = 5.0) -> list[tuple[str, float | None]]:
    intake = Intake(
        {source.camera: source for source in sources},
        {source.camera: look_at for source in sources},
        threading.Event(),
        silent_after_s,
    )
    return [
        (item.camera, None) if isinstance(item, Ended) else (item.frame.camera, item.frame.time_s) for item in intake
    ]


def test_recorded_cameras_advance_together() -> None:
    slow = [float(second) for second in range(10)]
    quick = [second / 4 for second in range(37)]
    looks = [item for item in run(Scripted("slow", slow), Scripted("quick", quick)) if item[1] is not None]
    assert looks == sorted(looks, key=lambda item: (item[1], item[0] != "slow"))
    assert len(looks) == len(slow) + len(quick)


def test_a_camera_that_fails_ends_alone() -> None:
    found = run(Scripted("bad", [0.0], then=SourceError("broken")), Scripted("good", [0.0, 1.0, 2.0]))
    assert [item for item in found if item[0] == "good"] == [
        ("good", 0.0),
        ("good", 1.0),
        ("good", 2.0),
        ("good", None),
    ]
    assert ("bad", None) in found


def test_a_camera_that_hangs_is_not_waited_for_longer_than_allowed() -> None:
    hang = threading.Event()
    sources = {
        "stuck": Scripted("stuck", [0.0], then=hang),
        "good": Scripted("good", [float(second) for second in range(20)]),
    }
    intake = Intake(sources, dict.fromkeys(sources, look_at), threading.Event(), silent_after_s=0.3)
    seen: list[float] = []
    for item in intake:
        if isinstance(item, Look) and item.frame.camera == "good":
            seen.append(item.frame.time_s)
        if isinstance(item, Ended) and item.camera == "good":
            assert intake.silent("stuck")
            hang.set()
    assert seen == [float(second) for second in range(20)]


def test_stop_ends_the_threads_soon() -> None:
    stop = threading.Event()
    intake = Intake({"a": Scripted("a", [float(n) for n in range(1000)])}, {"a": look_at}, stop)
    next(iter(intake))
    stop.set()
    began = time.monotonic()
    intake.join()
    assert time.monotonic() - began < 5.0


def test_the_schedule_keeps_its_rate_at_an_odd_frame_rate() -> None:
    due = Schedule(10.0)
    looked = sum(due(frame / 29.97) for frame in range(2997))
    assert abs(looked - 1000) <= 2


def test_the_schedule_takes_every_frame_of_a_slower_stream() -> None:
    due = Schedule(10.0)
    assert all(due(frame / 10) for frame in range(500))


def test_the_schedule_begins_anew_when_the_clock_jumps_back() -> None:
    due = Schedule(1.0)
    assert due(100.0)
    assert not due(100.5)
    assert due(3.0)
