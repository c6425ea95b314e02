"""However late and in whatever order the detector answers, its boxes come back with the frame they were found in."""

from __future__ import annotations

import random
import threading
import time

import numpy as np
import pytest

from retrail.core.errors import ModelError
from retrail.core.types import Detection, Frame, Planes
from retrail.perceive.gate import GateSettings, Motion
from retrail.pipeline.flight import Detections, Flight
from retrail.pipeline.intake import Ended, Look


class LateDetector:
    """Reads the number that is drawn into a picture and says it as a box, after a while, from another thread."""

    def __init__(self, fails_at: int | None = None) -> None:
        self._chance = random.Random(0)
        self._fails_at = fails_at

    def submit(self, image: np.ndarray, width_px: int, height_px: int, done: object) -> None:
        number = int(image[0, 0, 0])
        wait_s = self._chance.uniform(0.0, 0.03)

        def answer() -> None:
            time.sleep(wait_s)
            failed = number == self._fails_at
            found: Detections = (Detection((float(number), 0.0, 1.0, 1.0), 0.9),)
            done(ModelError("broken") if failed else found)  # type: ignore[operator]

        threading.Thread(target=answer).start()

    def drain(self) -> None:
        """Nothing is kept."""


def look(number: int) -> Look:
    image = np.full((4, 4, 3), number, np.uint8)
    frame = Frame("door", number, number / 10, Planes("bgr24", (image,)), 4, 4)
    still = number % 7 == 0
    return Look(frame, None if still else image, Motion(None, None, GateSettings()))


def test_detections_come_back_with_their_own_frame_and_in_order() -> None:
    flight = Flight([*(look(number) for number in range(60)), Ended("door", None)], LateDetector())  # type: ignore[arg-type]
    seen: list[int] = []
    for item in flight:
        if isinstance(item, Ended):
            break
        shown, detections = item
        seen.append(shown.frame.index)
        if shown.image is None:
            assert detections is None
        else:
            assert detections is not None
            assert detections[0].box[0] == shown.frame.index
    flight.stop()
    assert seen == list(range(60))


def test_a_failure_of_the_detector_reaches_the_main_job() -> None:
    flight = Flight([look(number) for number in range(1, 6)], LateDetector(fails_at=3))  # type: ignore[arg-type]
    with pytest.raises(ModelError, match="broken"):
        list(flight)
    flight.stop()
