"""Faces in a picture, found only to be blurred."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from retrail.core.errors import ModelError
from retrail.core.types import Detection
from retrail.perceive.decode import DECODERS, HeadSettings
from retrail.perceive.resample import shrink
from retrail.runtime import Network

_DEFAULT_MIN_SCORE = 0.3
_HEADS = ("yunet", "ssd")
_LEAST_OVERLAP = 0.25


class FaceDetector:
    """Finds faces to blur: YuNet, or one of the SSD face detectors of the Open Model Zoo.

    Args:
        network: batch 1; its card's head is ``yunet`` or ``ssd``.
        min_score: low, for here a wrong face costs a smudge and a missed one costs a face.
        tiles: whether a picture larger than the network's input is read in full size too; else only shrunk, which is
            several times faster and misses faces.

    Raises:
        ModelError: the card is not that of a face detector.
    """

    def __init__(self, network: Network, min_score: float = _DEFAULT_MIN_SCORE, tiles: bool = True) -> None:
        card = network.card
        head = card.output.head if card.output else None
        if card.task != "face-detection" or head not in _HEADS:
            raise ModelError(
                "The model does not detect faces",
                where=card.name,
                found=f"task {card.task}, head {head}",
                allowed=f"task face-detection, head {', '.join(_HEADS)}",
            )
        self._network = network
        self._decode = DECODERS[head]
        self.min_score = min_score
        self._tiles = tiles
        self._settings = HeadSettings(network.width_px, network.height_px, min_score)

    def detect(self, image_bgr: NDArray[np.uint8]) -> tuple[Detection, ...]:
        """The faces of a picture (height, width, 3) uint8 BGR, in its pixels.

        The picture is read as a whole, shrunk to the network's input, and once more in overlapping tiles in full
        size where it is larger than that: so a face is found that is 10 pixels wide, and one that is as high as the
        picture. (On `one_by_one`, shrinking by a sixth alone loses six of ten faces that YuNet is sure of.)
        """
        found: list[Detection] = []
        high, wide = image_bgr.shape[:2]
        size = (self._network.width_px, self._network.height_px)
        scale = min(size[0] / wide, size[1] / high, 1.0)
        small = (
            shrink(image_bgr, max(1, round(wide * scale)), max(1, round(high * scale))) if scale < 1.0 else image_bgr
        )
        found += self._detect_tile(small, 0, 0, wide / small.shape[1], high / small.shape[0])
        if scale == 1.0 or not self._tiles:
            return tuple(found)
        for top in _starts(high, size[1]):
            for left in _starts(wide, size[0]):
                found += self._detect_tile(image_bgr[top : top + size[1], left : left + size[0]], left, top, 1.0, 1.0)
        return tuple(found)

    def _detect_tile(
        self, tile: NDArray[np.uint8], left: int, top: int, scale_x: float, scale_y: float
    ) -> list[Detection]:
        wide, high = self._network.width_px, self._network.height_px
        image = np.zeros((1, high, wide, 3), np.uint8)
        image[0, : tile.shape[0], : tile.shape[1]] = tile
        raw = self._decode(self._network.infer(image), self._settings)
        return [
            Detection(
                (
                    left + float(box[0]) * scale_x,
                    top + float(box[1]) * scale_y,
                    left + float(box[2]) * scale_x,
                    top + float(box[3]) * scale_y,
                ),
                float(score),
            )
            for box, score in zip(raw.boxes, raw.scores, strict=True)
        ]


def _starts(length: int, tile: int) -> list[int]:
    """Where tiles begin that cover a length with a quarter of overlap; the last one ends at its end."""
    if length <= tile:
        return [0]
    count = int(np.ceil((length - tile) / (tile * (1 - _LEAST_OVERLAP)))) + 1
    return [round(place * (length - tile) / (count - 1)) for place in range(count)]
