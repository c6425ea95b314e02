"""In the decode thread: which frames are due, whether anything moved, and the picture the detector wants."""

from __future__ import annotations

from retrail.core.types import Frame
from retrail.perceive.detect import Detector
from retrail.perceive.gate import LUMA_HEIGHT_PX, LUMA_WIDTH_PX, MotionGate
from retrail.pipeline.intake import Look, Prepare, Schedule
from retrail.video.planes import luma


def make_prepare(detector: Detector, hz: float, *, gated: bool) -> Prepare:
    """How one camera's frames are prepared.

    The gate is asked as if somebody were tracked: it runs ahead of the tracker, and what it answers must depend on the
    stream alone.

    Args:
        detector: prepares the picture (size, not colour: that is in the graph).
        hz: looks a second of event time at most.
        gated: False detects every due frame.
    """
    due = Schedule(hz)
    gate = MotionGate()

    def prepare(frame: Frame) -> Look | None:
        if not due(frame.time_s):
            return None
        moved = gate.moved(luma(frame, LUMA_WIDTH_PX, LUMA_HEIGHT_PX), frame.time_s, tracking=True)
        image = detector.prepare(frame) if moved or not gated else None
        return Look(frame, image, gate.motion)

    return prepare
