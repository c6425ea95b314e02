"""Online assignment: the chains of one committed group against the gallery of recent identities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]

from retrail.associate.chains import Chain
from retrail.associate.day import Day
from retrail.associate.evidence import ODDS
from retrail.associate.whereabouts import excluded
from retrail.core.types import Candidate, Match

NEVER = -99.0
"""Log-odds of what cannot be (finite, so that it can be written down and added up)."""
CERTAIN = 99.0
"""Log-odds of what a tracker saw without a break."""
_WAY_TAKEN = 1.0
_TOO_LONG = -1.0

_Odds = dict[str, NDArray[np.float64]]


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """Who a chain is taken to be.

    Attributes:
        chain: it.
        identity: one of the gallery, or the next number for somebody new.
        is_new: whether it is somebody new.
        probability: that this is right.
        candidates: who was considered, most likely first.
    """

    chain: Chain
    identity: int
    is_new: bool
    probability: float
    candidates: tuple[Candidate, ...]


def decide(
    day: Day,
    chains: Sequence[Chain],
    *,
    now_s: float,
    next_identity: int,
    cut: float,
) -> list[Verdict]:
    """Decides chains, the clearest first.

    The assignment is the one of the highest total log-odds in which no identity is given twice (Hungarian method; being
    somebody new has log-odds 0). Of its pairs the one of the highest log-odds stands; then the rest is assigned again
    with what that one has taught, so that two chains of one person in one group can both find them.

    Args:
        day: the chains known so far, these among them.
        chains: comparable ones without identity.
        now_s: event time.
        next_identity: the number for the first somebody new.
        cut: cosine at which same and different are equally likely.
    """
    if not chains:
        return []
    waiting = np.array([chain.row for chain in chains])
    rows = np.concatenate([_gallery(day, now_s), waiting])
    pairs = _Pairs.of(day, waiting, rows)
    who = day.who[rows]
    verdicts: list[Verdict] = []
    left = list(range(len(chains)))
    while left:
        identities = np.unique(who[who > 0])
        evidence, similarity = pairs.by_identity(who, identities, np.array(left), cut)
        odds: NDArray[np.float64] = sum(evidence.values(), np.zeros((len(left), len(identities))))
        place, column = _clearest(odds)
        is_new = column >= len(identities)
        candidates = _candidates(identities, evidence, similarity, odds[place], place, day.settings.candidates)
        identity = next_identity if is_new else int(identities[column])
        next_identity += is_new
        probability = _probability(odds[place], None if is_new else column)
        row = left.pop(place)
        verdicts.append(Verdict(chains[row], identity, is_new, probability, candidates))
        who[len(who) - len(chains) + row] = identity
    return verdicts


@dataclass(frozen=True, slots=True, eq=False)
class _Pairs:
    """Evidence of each waiting chain (row) with each chain of the gallery, then each waiting one (column)."""

    alike: NDArray[np.float32]
    barred: NDArray[np.bool_]
    odds: _Odds
    transit: NDArray[np.float64]
    ends_s: NDArray[np.float64]
    slope: float

    @staticmethod
    def of(day: Day, waiting: NDArray[np.intp], rows: NDArray[np.intp]) -> _Pairs:
        here, there = day.spans[waiting], day.spans[rows]
        return _Pairs(
            day.looks_so_far(waiting).alike(day.looks_so_far(rows)),
            excluded(here, there, day.ways_s),
            {kind: odds(here, there, day.settings) for kind, odds in ODDS.items()},
            _transit(day, waiting, rows),
            there.ends_s,
            day.settings.slope,
        )

    def by_identity(
        self, who: NDArray[np.int64], identities: NDArray[np.int64], left: NDArray[np.intp], cut: float
    ) -> tuple[_Odds, NDArray[np.float64]]:
        """(m, k) log-odds of each kind, and the mean cosine, of these rows for each identity."""
        shape = (len(left), len(identities))
        if not len(identities):
            return {}, np.zeros(shape)
        known = np.flatnonzero(who > 0)
        order = known[np.lexsort((self.ends_s[known], who[known]))]
        starts = np.searchsorted(who[order], identities)
        last = np.append(starts[1:], len(order)) - 1
        counts = np.diff(np.append(starts, len(order)))
        block = np.ix_(left, order)
        similarity = np.add.reduceat(self.alike[block].astype(np.float64), starts, axis=1) / counts
        barred = np.logical_or.reduceat(self.barred[block], starts, axis=1)
        mean = {kind: np.add.reduceat(odds[block], starts, axis=1) / counts for kind, odds in self.odds.items()}
        evidence = {
            "appearance": self.slope * (similarity - cut),
            "time": mean["time"] + self.transit[np.ix_(left, order[last])],
            "exclusion": np.where(barred, NEVER, 0.0),
            "continuity": mean["continuity"],
            "prior": mean["prior"],
        }
        return evidence, similarity


def _clearest(odds: NDArray[np.float64]) -> tuple[int, int]:
    """Row and column of the clearest pair of the best assignment; a column past the last means somebody new."""
    rows, columns = odds.shape
    gain = np.hstack([odds, np.full((rows, rows), NEVER)])
    gain[np.arange(rows), columns + np.arange(rows)] = 0.0
    chosen = cast("NDArray[np.intp]", linear_sum_assignment(gain, maximize=True)[1])
    place = int(np.argmax(gain[np.arange(rows), chosen]))
    return place, int(chosen[place])


def _candidates(
    identities: NDArray[np.int64],
    evidence: _Odds,
    similarity: NDArray[np.float64],
    odds: NDArray[np.float64],
    place: int,
    most: int,
) -> tuple[Candidate, ...]:
    best: list[int] = np.argsort(-odds, kind="stable")[:most].tolist()
    return tuple(
        Candidate(
            int(identities[j]),
            {kind: round(float(values[place, j]), 4) for kind, values in evidence.items()},
            round(float(similarity[place, j]), 4),
        )
        for j in best
    )


def _gallery(day: Day, now_s: float) -> NDArray[np.intp]:
    """Rows of the identities that may still come back: recent ones, the most recently seen if there are too many."""
    rows = np.flatnonzero((day.who > 0) & day.comparable)
    identities, owner = np.unique(day.who[rows], return_inverse=True)
    seen_s = np.full(len(identities), -np.inf)
    np.maximum.at(seen_s, owner, day.spans.ends_s[rows])
    order = np.lexsort((identities, -seen_s))[: day.settings.gallery_size]
    stays = np.zeros(len(identities), np.bool_)
    stays[order] = now_s - seen_s[order] <= day.settings.gallery_age_s
    return rows[stays[owner]]


def _transit(day: Day, waiting: NDArray[np.intp], rows: NDArray[np.intp]) -> NDArray[np.float64]:
    """(m, n) log-odds of the time from each chain to each waiting one, where a link says how long the way takes."""
    spans = day.spans
    odds = np.zeros((len(waiting), len(rows)))
    gap_s = spans.starts_s[waiting][:, None] - spans.ends_s[rows][None, :]
    for link in day.links:
        if link.from_camera not in day.cameras or link.to_camera not in day.cameras:
            continue
        there = spans.cameras[rows][None, :] == day.cameras[link.from_camera]
        here = spans.cameras[waiting][:, None] == day.cameras[link.to_camera]
        taken = (gap_s >= link.shortest_s) & (gap_s <= link.longest_s)
        odds += np.where(there & here, np.where(taken, _WAY_TAKEN, np.where(gap_s > 0, _TOO_LONG, 0.0)), 0.0)
    return odds


def guess(day: Day, camera: str, embedding: NDArray[np.float32], time_s: float, cut: float) -> Match | None:
    """Who somebody on a camera now probably is, by looks alone; see `Matcher.likely`."""
    rows = _gallery(day, time_s)
    if not len(rows):
        return None
    identities, owner = np.unique(day.who[rows], return_inverse=True)
    alike = day.looks_of(camera, embedding).alike(day.looks_so_far(rows))[0]
    similarity = (np.bincount(owner, weights=alike) / np.bincount(owner))[None]
    evidence = {"appearance": day.settings.slope * (similarity - cut)}
    odds = evidence["appearance"][0]
    candidates = _candidates(identities, evidence, similarity, odds, 0, day.settings.candidates)
    best = int(np.argmax(odds))
    is_new = odds[best] < 0
    probability = round(_probability(odds, None if is_new else best), 4)
    if is_new:
        return Match("", None, "new", probability, candidates)
    return Match("", int(identities[best]), "assign", probability, candidates)


def _probability(odds: NDArray[np.float64], chosen: int | None) -> float:
    """Of one candidate, or with None of somebody new, when all are weighed against each other."""
    highest = max(0.0, float(odds.max(initial=0.0)))
    weights = np.exp(odds - highest)
    new = float(np.exp(-highest))
    return (new if chosen is None else float(weights[chosen])) / (new + float(weights.sum()))
