"""Who passes a line: one rule for the truth of pictures and for that of sightings without pixels."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from retrail.core.geometry import side_of_line
from retrail.simulate.spec import LineSpec
from retrail.site import Definitions

_SAME_S = 1e-9  # sums of steps are not exact


def passings(
    times_s: NDArray[np.float64], xy: NDArray[np.float64], line: LineSpec, height_m: float, definitions: Definitions
) -> Iterator[tuple[float, bool]]:
    """(second, inwards) of every crossing: to the other side, there for long enough, between the line's ends.

    Args:
        times_s, xy: (n,) seconds and (n, 2) metres, where somebody was from when he came until he went.
        height_m: of that person, in shares of which a border counts as passed.
    """
    towards = float(side_of_line(np.array([line.inside]), line.start, line.end)[0])
    side = side_of_line(xy, line.start, line.end) * math.copysign(1.0, towards)
    inner = side >= 0
    if inner.all() or not inner.any():
        return
    stretches = sorted((*span, inward) for inward in (True, False) for span in runs(inner == inward))
    before: bool | None = None
    passed: list[tuple[float, bool, bool]] = []
    for place, (start, end, inward) in enumerate(stretches):
        if place:
            share = side[start - 1] / (side[start - 1] - side[start])
            point = xy[start - 1] + share * (xy[start] - xy[start - 1])
            at_s = float(times_s[start - 1] + share * (times_s[start] - times_s[start - 1]))
            passed.append((at_s, _between(point, line), inward))
        at_an_end = place in (0, len(stretches) - 1)
        far = float(np.abs(side[start:end]).max()) >= definitions.border_heights * height_m
        if not far or not (at_an_end or times_s[end] - times_s[start] >= definitions.entry_after_s - _SAME_S):
            continue
        through = [passing for passing in passed if passing[1]]
        if before is not None and before != inward and sum(1 if way == inward else -1 for _, _, way in through) > 0:
            yield through[-1][0], inward
        before, passed = inward, []


def runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """(from, to) of every stretch of True, ``to`` beyond the last."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return [(int(start), int(end)) for start, end in zip(edges[::2], edges[1::2], strict=True)]


def _between(point: NDArray[np.float64], line: LineSpec) -> bool:
    start, end = np.array(line.start), np.array(line.end)
    along = end - start
    share = float((point - start) @ along) / (float(along @ along) or 1.0)
    return 0.0 <= share <= 1.0
