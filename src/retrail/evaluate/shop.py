"""What a retailer asks, against the truth: who came in and went out, how full it was, how long people stayed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrail.evaluate.steps import best_pairs, share
from retrail.insight import Findings, Place, look
from retrail.insight.findings import Stay
from retrail.insight.occupancy import steps as occupancy_steps
from retrail.simulate.truth import Truth, TruthVisit

WhoAt = Callable[[str, Sequence[str], float, float], int | None]
"""The person whom an identity's sightings of a camera show between two moments; None: nobody."""


@dataclass(frozen=True, slots=True)
class LineScore:
    """One line: crossings inwards and outwards, and those of the truth."""

    line: str
    camera: str
    entries: int
    entries_truth: int
    exits: int
    exits_truth: int


@dataclass(frozen=True, slots=True)
class OccupancyScore:
    """How full a place was. ``zone`` is empty for the site. The error is the mean over time of the difference; means
    are None where no time passed."""

    zone: str
    mean_error: float | None
    mean: float | None
    mean_truth: float | None
    peak: int
    peak_truth: int


@dataclass(frozen=True, slots=True)
class VisitPair:
    """A visit of the truth with what was said about it: ``stay`` is None where it was missed, ``visit`` where it
    never happened; ``person``: whose it was, None where it shows nobody."""

    camera: str
    zone: str
    person: int | None
    visit: TruthVisit | None
    stay: Stay | None

    @property
    def error_s(self) -> float | None:
        """Dwell that was said, less the true one; None where one of them is missing."""
        return self.stay.length_s - self.visit.dwell_s if self.stay and self.visit else None


@dataclass(frozen=True, slots=True)
class DwellScore:
    """How long people stayed; seconds, None of nothing.

    Attributes:
        visits, visits_truth, paired: how many; a pair is of one person in one zone at one time.
        mean_s, mean_truth_s, median_s, median_truth_s, p90_s, p90_truth_s: of all visits.
        distance: of the two distributions (Kolmogorov-Smirnov): the largest difference, over all lengths, of the shares
            of visits that are no longer; 0 is alike, 1 is apart.
        mean_error_s, median_error_s, p90_error_s, worst_error_s: of pairs, whichever is the longer.
        bias_s: mean of what was said less the truth.
    """

    visits: int
    visits_truth: int
    paired: int
    mean_s: float | None
    mean_truth_s: float | None
    median_s: float | None
    median_truth_s: float | None
    p90_s: float | None
    p90_truth_s: float | None
    distance: float | None
    mean_error_s: float | None
    median_error_s: float | None
    p90_error_s: float | None
    worst_error_s: float | None
    bias_s: float | None


def line_scores(findings: Findings, truth: Truth) -> tuple[LineScore, ...] | None:
    """Crossings of every line of the site; None where the truth does not speak of lines."""
    if truth.crossings is None:
        return None
    scores: list[LineScore] = []
    for place in (place for place in findings.places if place.kind == "line"):
        said = [one.direction for one in findings.passes[place] if isinstance(one.who, int)]
        true = [one.direction for one in truth.crossings if one.line == place.name]
        scores.append(
            LineScore(
                place.name, place.camera, said.count("in"), true.count("in"), said.count("out"), true.count("out")
            )
        )
    return tuple(scores)


def occupancy_scores(findings: Findings, truth: Truth, *, whole_site: bool) -> tuple[OccupancyScore, ...] | None:
    """Of the site (unless the findings are of a part of it) and every zone, nobody where nothing is written; None where
    the truth does not speak of occupancy.

    The site, and a camera without zones, are judged where the truth has rows of them, the site also where it has no
    rows at all: who is in a zone is in the shop, so where zones alone have rows the shop was not counted.
    """
    if truth.occupancy is None:
        return None
    view = look(findings)
    by_zone: dict[str, list[tuple[float, int]]] = {}
    for one in sorted(truth.occupancy, key=lambda one: one.time_s):
        by_zone.setdefault(one.zone, []).append((one.time_s, one.people))
    scores: list[OccupancyScore] = []
    for place in (place for place in findings.places if place.kind in ("site", "zone")):
        zone = "" if place.kind == "site" else place.name
        counted = zone in findings.site.zones if zone else not by_zone
        if (zone or whole_site) and (counted or zone in by_zone):
            changes = by_zone.get(zone, [])
            true = np.array([time_s for time_s, _ in changes]), np.array([people for _, people in changes], np.int64)
            scores.append(_occupancy_score(zone, occupancy_steps(view, place), true))
    return tuple(scores)


def visit_pairs(
    findings: Findings, truth: Truth, who_at: WhoAt, drawn: Collection[str]
) -> tuple[VisitPair, ...] | None:
    """Visits of the truth beside those that were reported, by zone and time; None where the truth has none.

    One of each belong together where they are of one person in one zone and overlap in time, the longest overlaps
    first. A camera without zones is a zone only where the truth has visits to it. On cameras that are not ``drawn``
    nobody can tell whom a report shows: there zone and time alone make a pair.
    """
    if truth.visits is None:
        return None
    named = {visit.zone for visit in truth.visits}
    pairs: list[VisitPair] = []
    for place in (place for place in findings.places if place.kind == "zone"):
        if place.name not in findings.site.zones and place.name not in named:
            continue
        stays = [stay for stay in findings.stays[place] if isinstance(stay.who, int)]
        visits = [visit for visit in truth.visits if (visit.zone, visit.camera) == (place.name, place.camera)]
        if place.camera in drawn:
            whose = [who_at(place.camera, stay.sightings, stay.enter_s, stay.leave_s) for stay in stays]
            fits = np.array([[visit.person == person for person in whose] for visit in visits], np.bool_)
        else:
            whose, fits = [None] * len(stays), np.ones((len(visits), len(stays)), np.bool_)
        pairs += _paired(place, visits, stays, whose, fits)
    return tuple(sorted(pairs, key=_when))


def dwell_score(pairs: Sequence[VisitPair]) -> DwellScore:
    """How long people stayed."""
    said = np.array([pair.stay.length_s for pair in pairs if pair.stay])
    true = np.array([pair.visit.dwell_s for pair in pairs if pair.visit])
    errors = np.array([pair.error_s for pair in pairs if pair.error_s is not None])
    off = np.abs(errors)
    return DwellScore(
        visits=len(said),
        visits_truth=len(true),
        paired=len(errors),
        mean_s=_mean(said),
        mean_truth_s=_mean(true),
        median_s=_quantile(said, 0.5),
        median_truth_s=_quantile(true, 0.5),
        p90_s=_quantile(said, 0.9),
        p90_truth_s=_quantile(true, 0.9),
        distance=_distance(said, true),
        mean_error_s=_mean(off),
        median_error_s=_quantile(off, 0.5),
        p90_error_s=_quantile(off, 0.9),
        worst_error_s=_quantile(off, 1.0),
        bias_s=_mean(errors),
    )


def _mean(values: NDArray[np.float64]) -> float | None:
    return float(values.mean()) if len(values) else None


def _distance(said: NDArray[np.float64], true: NDArray[np.float64]) -> float | None:
    """Kolmogorov-Smirnov, as scipy.stats.ks_2samp has it; that computes how likely it is too, and warns of few."""
    if not len(said) or not len(true):
        return None
    lengths = np.concatenate([said, true])
    no_longer = [np.searchsorted(np.sort(own), lengths, side="right") / len(own) for own in (said, true)]
    return float(np.abs(no_longer[0] - no_longer[1]).max())


def _quantile(values: NDArray[np.float64], at: float) -> float | None:
    return float(np.quantile(values, at)) if len(values) else None


def _when(pair: VisitPair) -> tuple[float, str]:
    return (pair.visit.enter_s if pair.visit else pair.stay.enter_s if pair.stay else 0.0, pair.zone)


def _paired(
    place: Place,
    visits: Sequence[TruthVisit],
    stays: Sequence[Stay],
    whose: Sequence[int | None],
    fits: NDArray[np.bool_],
) -> list[VisitPair]:
    overlap = np.zeros((len(visits), len(stays)))
    for row, column in np.argwhere(fits.reshape(overlap.shape)).tolist():
        visit, stay = visits[row], stays[column]
        overlap[row, column] = max(min(visit.leave_s, stay.leave_s) - max(visit.enter_s, stay.enter_s), 0.0)
    rows, columns = best_pairs(overlap)
    stay_of: Mapping[int, int] = dict(zip(rows.tolist(), columns.tolist(), strict=True))
    taken = set(columns.tolist())
    both = [
        VisitPair(place.camera, place.name, visit.person, visit, stays[stay_of[row]] if row in stay_of else None)
        for row, visit in enumerate(visits)
    ]
    extra = [
        VisitPair(place.camera, place.name, whose[column], None, stay)
        for column, stay in enumerate(stays)
        if column not in taken
    ]
    return both + extra


def _occupancy_score(
    zone: str,
    said: tuple[NDArray[np.float64], NDArray[np.int64]],
    true: tuple[NDArray[np.float64], NDArray[np.int64]],
) -> OccupancyScore:
    """Over the time from the first change of either to the last."""
    times_s = np.unique(np.concatenate([said[0], true[0]]))
    lengths = np.diff(times_s)
    levels = [_level(*steps, times_s) for steps in (said, true)]

    def mean(people: NDArray[np.int64]) -> float | None:
        return share(float((people[:-1] * lengths).sum()), float(lengths.sum()))

    means = mean(np.abs(levels[0] - levels[1])), mean(levels[0]), mean(levels[1])
    return OccupancyScore(zone, *means, int(levels[0].max(initial=0)), int(levels[1].max(initial=0)))


def _level(times_s: NDArray[np.float64], people: NDArray[np.int64], at_s: NDArray[np.float64]) -> NDArray[np.int64]:
    place = np.searchsorted(times_s, at_s, side="right") - 1
    return np.where(place >= 0, people[np.maximum(place, 0)] if len(people) else 0, 0)
