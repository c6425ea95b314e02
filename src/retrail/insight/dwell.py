"""How long people stayed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from retrail.insight.findings import Place
from retrail.insight.view import View, identities

STEPS_S: tuple[float, ...] = (0, 10, 30, 60, 120, 300, 600, 1200, 1800, 3600)
"""Where the bars of a distribution begin; the last has no end."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Lengths of time: how many, and how they spread. Median and p90 are interpolated linearly. Seconds."""

    number: int
    mean_s: float
    median_s: float
    p90_s: float
    shortest_s: float
    longest_s: float


@dataclass(frozen=True, slots=True)
class Dwell:
    """How long identities stayed at a place, of all stays that began in the period, in their whole length.

    Attributes:
        visitors: how many identities stayed.
        spread: None where nobody did.
        distribution: number of stays from each of `STEPS_S` up to the next.
    """

    place: Place
    visitors: int
    spread: Spread | None
    distribution: tuple[int, ...]


def dwell(view: View, place: Place) -> Dwell:
    """Dwell at a site (from arriving to leaving), camera (in view) or zone (visits)."""
    stays = view.stays(place)
    lengths_s = [stay.length_s for stay in stays]
    counted, _ = np.histogram(lengths_s, bins=[*STEPS_S, np.inf])
    return Dwell(place, len(identities(stay.who for stay in stays)), spread(lengths_s), tuple(map(int, counted)))


def spread(lengths_s: Sequence[float]) -> Spread | None:
    """How lengths spread; None of none.

    >>> spread([10.0, 20.0, 60.0]).median_s
    20.0
    """
    if not lengths_s:
        return None
    values = np.asarray(lengths_s, np.float64)
    median_s, p90_s = (float(value) for value in np.percentile(values, [50, 90]))
    return Spread(len(values), float(values.mean()), median_s, p90_s, float(values.min()), float(values.max()))
