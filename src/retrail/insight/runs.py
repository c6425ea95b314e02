"""A trail against a border: on which side it was, from when to when, and how far it went."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Run:
    """An unbroken time on one side of a border.

    Attributes:
        inside: which side.
        start_s, end_s: when the border was passed, or the trail began or ended.
        depth: how far from the border it went, in heights of the person.
        first, last: the samples of the trail it spans, both included.
    """

    inside: bool
    start_s: float
    end_s: float
    depth: float
    first: int
    last: int

    @property
    def length_s(self) -> float:
        return self.end_s - self.start_s


def runs(
    times_s: NDArray[np.float64], inside: NDArray[np.bool_], distance: NDArray[np.float64], heights: NDArray[np.float64]
) -> list[Run]:
    """Cut a trail where it changes sides.

    Between two samples on different sides the border is passed where a straight way would pass it.

    Args:
        times_s: (n,) not decreasing, n >= 1.
        inside: (n,) the side of each sample.
        distance: (n,) distance from the border, 0 or more; infinite where there is no border.
        heights: (n,) the person's height, same unit as ``distance``, above 0.

    Returns:
        Runs that follow each other without a gap, sides alternating.
    """
    changes = np.flatnonzero(inside[1:] != inside[:-1])
    passed_s = [_passing(times_s, distance, int(index)) for index in changes]
    firsts = [0, *(changes + 1).tolist()]
    lasts = [*changes.tolist(), len(times_s) - 1]
    starts = [float(times_s[0]), *passed_s]
    ends = [*passed_s, float(times_s[-1])]
    depth = distance / heights
    return [
        Run(bool(inside[first]), start, end, float(depth[first : last + 1].max()), first, last)
        for first, last, start, end in zip(firsts, lasts, starts, ends, strict=True)
    ]


def _passing(times_s: NDArray[np.float64], distance: NDArray[np.float64], index: int) -> float:
    before, after = float(distance[index]), float(distance[index + 1])
    start, end = float(times_s[index]), float(times_s[index + 1])
    share = before / (before + after) if before + after > 0 else 0.5
    return start + (end - start) * share
