"""A lens that is out of focus."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage  # pyright: ignore[reportMissingTypeStubs]  scipy has none

_REACH = 3.0
"""In standard deviations: no pixel takes anything from one further away."""

Area = tuple[int, int, int, int]
"""x1, y1, x2, y2 (beyond the last), pixels; nothing where x1 is not below x2."""

NOWHERE: Area = (1 << 30, 1 << 30, 0, 0)


def around(areas: Iterable[Area]) -> Area:
    """The smallest area that holds all of them."""
    x1, y1, x2, y2 = zip(*areas, NOWHERE, strict=True)
    return min(x1), min(y1), max(x2), max(y2)


def blurred(picture: NDArray[np.uint8], deviation_px: float) -> NDArray[np.uint8]:
    """(h, w, 3) as a lens shows it that is a little out of focus."""
    deviations = deviation_px, deviation_px, 0.0
    soft: NDArray[np.float64] = cast(Any, ndimage).gaussian_filter(
        picture.astype(np.float64), deviations, truncate=_REACH
    )
    return np.clip(np.round(soft), 0, 255).astype(np.uint8)


def blur_part(shown: NDArray[np.uint8], sharp: NDArray[np.uint8], deviation_px: float, area: Area) -> NDArray[np.uint8]:
    """The whole of ``sharp`` blurred, where it differs from another picture in one area alone.

    Args:
        shown: (h, w, 3) the other picture blurred.
        sharp: (h, w, 3).
        area: outside it both are the same.
    """
    high, wide = sharp.shape[:2]
    reach = int(_REACH * deviation_px + 0.5)  # as SciPy rounds it
    left, top, right, bottom = _grown(area, reach, wide, high)
    if left >= right or top >= bottom:
        return shown.copy()
    from_x, from_y, to_x, to_y = _grown(area, 2 * reach, wide, high)
    soft = blurred(sharp[from_y:to_y, from_x:to_x], deviation_px)
    found = shown.copy()
    found[top:bottom, left:right] = soft[top - from_y : bottom - from_y, left - from_x : right - from_x]
    return found


def _grown(area: Area, reach: int, wide: int, high: int) -> Area:
    x1, y1, x2, y2 = area
    return max(0, x1 - reach), max(0, y1 - reach), min(wide, x2 + reach), min(high, y2 + reach)
