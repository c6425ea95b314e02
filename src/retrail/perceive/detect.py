"""People in a frame: a detection network behind one call, whatever its head."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from retrail.core.errors import ModelError
from retrail.core.types import Detection, Frame
from retrail.perceive.decode import DECODERS, HeadSettings, RawBoxes, one_box_a_person
from retrail.runtime import Network, Outputs
from retrail.video.planes import letterbox_bgr, resize_bgr

Done = Callable[[tuple[Detection, ...] | Exception], None]

_DEFAULT_MIN_SCORE = 0.1
_MIN_SIDE_PX = 4.0
_MIN_HEIGHT = 0.02
_MAX_WIDE = 3.0
_MAX_HIGH = 8.0
_HEADS = ("ssd", "boxes", "yolox")


class Detector:
    """Finds people; sure ones and unsure ones, for a tracker that pairs in two stages (ByteTrack) and decides itself.

    Args:
        network: opened with any batch size; its card names the head (``ssd``, ``yolox`` or ``boxes``) and how the
            frame is fitted in.
        min_score: boxes below are left out.

    Raises:
        ModelError: the card is not that of a person detector.
    """

    def __init__(self, network: Network, min_score: float | None = None) -> None:
        card = network.card
        head = card.output.head if card.output else None
        if card.task != "person-detection" or card.output is None or head not in _HEADS:
            raise ModelError(
                "The model does not detect people",
                where=card.name,
                found=f"task {card.task}, head {head}",
                allowed=f"task person-detection, head {', '.join(_HEADS)}",
            )
        self._network = network
        self._decode = DECODERS[head]
        self._letterbox = card.input is not None and card.input.resize == "letterbox"
        self.min_score = _DEFAULT_MIN_SCORE if min_score is None else min_score
        self._settings = HeadSettings(network.width_px, network.height_px, self.min_score, card.output.person_class)

    def prepare(self, frame: Frame) -> NDArray[np.uint8]:
        """The frame as the network wants it: (height, width, 3) uint8 BGR, owned."""
        width_px, height_px = self._network.width_px, self._network.height_px
        if self._letterbox:
            return letterbox_bgr(frame, width_px, height_px)[0]
        return resize_bgr(frame, width_px, height_px)

    def submit(self, image: NDArray[np.uint8], width_px: int, height_px: int, done: Done) -> None:
        """Detect in a prepared image of a frame of this size, asynchronously.

        ``done`` gets the detections, best first, or the error; it runs on a thread of the runtime. Blocks while all
        requests are busy.
        """

        def finish(outputs: Outputs | Exception) -> None:
            if isinstance(outputs, Exception):
                done(outputs)
                return
            try:
                found = self._detections(outputs, width_px, height_px)
            except Exception as error:  # noqa: BLE001  whoever waits must hear of it, whatever it is
                done(error)
            else:
                done(found)

        self._network.submit(image[None], finish)

    def detect(self, frame: Frame) -> tuple[Detection, ...]:
        """The people of one frame, best first; waits for them."""
        outputs = self._network.infer(self.prepare(frame)[None])
        return self._detections(outputs, frame.width_px, frame.height_px)

    def drain(self) -> None:
        """Wait until everything submitted has been handed to its ``done``."""
        self._network.drain()

    def _detections(self, outputs: Outputs, width_px: int, height_px: int) -> tuple[Detection, ...]:
        wide, high = self._network.width_px, self._network.height_px
        raw = self._decode(outputs, self._settings)
        scale_x, scale_y = width_px / wide, height_px / high
        if self._letterbox:
            scale_x = scale_y = max(scale_x, scale_y)
        return to_detections(raw, (scale_x, scale_y), width_px, height_px)


def to_detections(raw: RawBoxes, scale: tuple[float, float], width_px: int, height_px: int) -> tuple[Detection, ...]:
    """Boxes of a head as detections of one person each, best first, in frame pixels and inside the frame.

    Args:
        raw: in input pixels.
        scale: frame pixels for one input pixel, along x and y.
        width_px, height_px: size of the frame.

    Left out are boxes that cannot be a person to follow: not finite, under 4 pixels or 2 % of the frame's height, or
    more than 3 times as wide as high or 8 times as high as wide.
    """
    factor = np.array([*scale, *scale], np.float32)
    raw = raw.take(np.isfinite(raw.scores) & np.isfinite(raw.boxes).all(axis=1))
    boxes = np.clip(raw.boxes * factor, 0.0, np.array([width_px, height_px, width_px, height_px], np.float32))
    wide, high = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    keep = (
        (wide >= _MIN_SIDE_PX)
        & (high >= max(_MIN_SIDE_PX, _MIN_HEIGHT * height_px))
        & (wide <= _MAX_WIDE * high)
        & (high <= _MAX_HIGH * wide)
    )
    kept = one_box_a_person(RawBoxes(boxes, np.clip(raw.scores, 0.0, 1.0)).take(keep))
    return tuple(
        Detection((x1, y1, x2, y2), score)
        for (x1, y1, x2, y2), score in zip(kept.boxes.tolist(), kept.scores.tolist(), strict=True)
    )
