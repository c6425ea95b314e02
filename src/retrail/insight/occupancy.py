"""How many people were at a place at once."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from retrail.insight.findings import Place
from retrail.insight.periods import Period
from retrail.insight.view import View


@dataclass(frozen=True, slots=True)
class Occupancy:
    """How full a place was in a period; identities only.

    Attributes:
        mean: people there, on average over time.
        peak: the most at once.
        peak_s: when that was first so; None where nobody was there.
    """

    place: Place
    period: Period
    mean: float
    peak: int
    peak_s: float | None


def occupancy(view: View, place: Place) -> tuple[Occupancy, ...]:
    """One for each bucket; none for lines."""
    if place.kind == "line":
        return ()
    times_s, people = steps(view, place)
    return tuple(_in_part(place, part, times_s, people) for part in view.buckets)


def occupancy_in_all(view: View, place: Place) -> Occupancy | None:
    """For the whole period; None for a line, or without a period."""
    if place.kind == "line" or view.period is None:
        return None
    return _in_part(place, view.period, *steps(view, place))


def steps(view: View, place: Place) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """People at a place over time.

    Returns:
        (n,) times in seconds UTC, increasing, and (n,) how many are there from each of them on; the last is 0.
    """
    changes: dict[float, int] = {}
    for stay in view.findings.stays.get(place, ()):
        if isinstance(stay.who, int) and stay.leave_s > stay.enter_s:
            changes[stay.enter_s] = changes.get(stay.enter_s, 0) + 1
            changes[stay.leave_s] = changes.get(stay.leave_s, 0) - 1
    times_s = sorted(changes)
    people = list(accumulate(changes[time_s] for time_s in times_s))
    return np.array(times_s, np.float64), np.array(people, np.int64)


def _in_part(place: Place, part: Period, times_s: NDArray[np.float64], people: NDArray[np.int64]) -> Occupancy:
    first, end = (int(np.searchsorted(times_s, edge, side="right")) for edge in (part.from_s, part.to_s))
    before = int(people[first - 1]) if first else 0
    # half-open: what begins just when the part ends is not in it
    inside = times_s[first:end] < part.to_s
    starts = np.concatenate([[part.from_s], times_s[first:end][inside]])
    levels = np.concatenate([[before], people[first:end][inside]])
    lengths = np.diff(np.concatenate([starts, [part.to_s]]))
    peak = int(levels.max())
    mean = float((levels * lengths).sum() / (part.to_s - part.from_s))
    return Occupancy(place, part, mean, peak, float(starts[levels.argmax()]) if peak else None)
