"""Where somebody stands: the foot point of a box, also where the feet are hidden."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

USUAL_RATIO = 2.6
"""Height over width of a standing person's box, taken where nothing better is known."""

_BORDER = 0.012  # of the frame: nearer to its border counts as cut off by it
_SHORT, _WHOLE = 0.8, 0.88  # of the expected height: hidden below, seen again above
_SAME_TOP = 0.12  # of the expected height: a head that sinks further belongs to somebody who sits down
_RATIOS = (1.5, 4.5)  # height over width of a box that may show a whole standing person
_NARROWER = 1.1  # times as narrow as this goes with arms and legs, not with distance
_NEAREST = 9  # earlier boxes most like this one tell the expected height
_KEPT = 300
_TOP_UNIT, _WIDTH_UNIT = 0.1, 0.25  # heights, and logarithm of width: differences that weigh the same
_SAME = 0.05  # so little unlike: nothing new to keep, or who stands for long would forget how he came in


class Feet:
    """The foot points of one person, piece after piece of his track.

    The foot point is the middle of the box's lower edge. Where that edge lies at the frame's lower border, or the box
    is much shorter than the person's boxes of that width with the head at that height of the picture (a counter, a
    shelf, somebody in front), the feet are put as far below the head as they were in those. A head that sinks while
    the feet stay belongs to somebody who sits down: then the lower edge is right. So is it where somebody was never
    seen whole, except at the border: there `USUAL_RATIO` times the width is taken.

    Args:
        width_px, height_px: the frame's size.
    """

    def __init__(self, width_px: int, height_px: int) -> None:
        self._size = (width_px, height_px)
        self._whole = np.zeros((_KEPT, 3))  # top, width, height of whole boxes; the oldest is overwritten
        self._count = 0
        self._top: float | None = None  # of the last box that was as high as expected
        self._hidden = False

    def points(self, boxes: NDArray[np.float32]) -> NDArray[np.float32]:
        """The foot points of (n, 4) boxes that follow those of the last call: (n, 2) pixels, maybe below the frame."""
        feet = np.stack([(boxes[:, 0] + boxes[:, 2]) / 2, boxes[:, 3]], axis=1).astype(np.float32)
        cut: list[int] = []
        for index, (x1, y1, x2, y2) in enumerate(boxes.tolist()):
            if y2 >= self._size[1] * (1 - _BORDER):
                cut.append(index)
            elif (below := self._below(x1, y1, x2, y2)) is not None:
                feet[index, 1] = below
        for index in cut:  # last, so that who is cut off when he comes in is known by then
            x1, y1, x2, y2 = boxes[index].tolist()
            expected = self._expected(y1, x2 - x1)
            feet[index, 1] = max(y2, y1 + (expected if expected is not None else USUAL_RATIO * (x2 - x1)))
        return feet

    def _below(self, x1: float, y1: float, x2: float, y2: float) -> float | None:
        """Where the feet of a box that the lower border does not cut are hidden; None where they are seen."""
        width, height = max(x2 - x1, 1.0), y2 - y1
        expected = self._expected(y1, width)
        if expected is None:
            self._top = y1
        elif height >= _WHOLE * expected:
            self._hidden, self._top = False, y1
        elif height < _SHORT * expected:
            self._hidden = self._hidden or self._top is None or y1 <= self._top + _SAME_TOP * expected
        if self._hidden and expected is not None:
            return y1 + expected
        wide, high = self._size
        inside = x1 > wide * _BORDER and y1 > high * _BORDER and x2 < wide * (1 - _BORDER)
        known = np.count_nonzero(self._unlike(y1, width) < _SAME) >= _NEAREST
        if inside and not known and _RATIOS[0] <= height / width <= _RATIOS[1]:
            self._whole[self._count % _KEPT] = y1, width, height
            self._count += 1
        return None

    def _unlike(self, top: float, width: float) -> NDArray[np.float64]:
        """(k,) how unlike each of the boxes kept a box so wide is that begins at ``top``."""
        tops, widths, heights = self._whole[: self._count].T
        return ((tops - top) / (_TOP_UNIT * heights)) ** 2 + (np.log(widths / max(width, 1.0)) / _WIDTH_UNIT) ** 2

    def _expected(self, top: float, width: float) -> float | None:
        """How high this person's box is where it is so wide and begins at ``top``; None where nothing is known."""
        if self._count < 3:
            return None
        _, widths, heights = self._whole[: self._count].T
        unlike = self._unlike(top, width)
        nearest = np.argsort(unlike, kind="stable")[:_NEAREST]
        # Who is narrower than ever is further away than ever, and lower as well.
        further = np.minimum(1.0, _NARROWER * max(width, 1.0) / widths[nearest])
        alike = heights[nearest] * further
        # The median by weight: of few boxes those of elsewhere must not outvote those of here.
        order = np.argsort(alike, kind="stable")
        share = np.cumsum(np.exp(-(unlike[nearest] - unlike[nearest[0]]) / 2)[order])
        return float(alike[order[np.searchsorted(share, share[-1] / 2)]])
