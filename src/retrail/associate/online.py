"""Online assignment: the chains of one committed group against the gallery of recent identities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrail.associate.chains import Chain
from retrail.associate.day import Day
from retrail.associate.table import NEVER, Table, gallery
from retrail.core.assignment import best_assignment
from retrail.core.types import Candidate, Match


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """Who a chain is taken to be.

    Attributes:
        chain: it.
        identity: one of the gallery, or the next number for somebody new; None: nobody of the gallery, and too little
            was seen to be somebody new.
        is_new: whether it is somebody new.
        probability: that this is right; None where nothing was decided.
        candidates: who was considered, most likely first.
    """

    chain: Chain
    identity: int | None
    is_new: bool
    probability: float | None
    candidates: tuple[Candidate, ...]


def decide(
    day: Day,
    chains: Sequence[Chain],
    *,
    now_s: float,
    next_identity: int,
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
    """
    if not chains:
        return []
    table = Table(day, np.array([chain.row for chain in chains]), gallery(day, now_s))
    verdicts: list[Verdict] = []
    left = list(range(len(chains)))
    while left:
        odds = table.odds(left)
        place, column = _clearest(odds)
        row, is_new = left.pop(place), column >= len(table.identities)
        candidates = table.candidates(row, odds[place])
        if is_new and chains[row].seen < day.settings.least_seen:
            verdicts.append(Verdict(chains[row], None, False, None, candidates))
            continue
        identity = next_identity if is_new else int(table.identities[column])
        probability = _probability(odds[place], None if is_new else column)
        verdicts.append(Verdict(chains[row], identity, is_new, probability, candidates))
        table.learn(row, identity)
        next_identity += is_new
    return verdicts


def _clearest(odds: NDArray[np.float64]) -> tuple[int, int]:
    """Row and column of the clearest pair of the best assignment; a column past the last means somebody new."""
    rows, columns = odds.shape
    gain = np.hstack([odds, np.full((rows, rows), NEVER)])
    gain[np.arange(rows), columns + np.arange(rows)] = 0.0
    chosen = best_assignment(gain)[1]
    place = int(np.argmax(gain[np.arange(rows), chosen]))
    return place, int(chosen[place])


def guess(day: Day, camera: str, embedding: NDArray[np.float32], time_s: float) -> Match | None:
    """Who somebody on a camera now probably is, by looks alone; see `Matcher.likely`."""
    rows = gallery(day, time_s)
    if not len(rows):
        return None
    identities, owner = np.unique(day.who[rows], return_inverse=True)
    alike = day.looks_of(camera, embedding).alike(day.looks_so_far(rows))[0]
    similarity = np.bincount(owner, weights=alike) / np.bincount(owner)
    odds = day.settings.slope * (similarity - day.cut)
    order: list[int] = np.argsort(-odds, kind="stable")[: day.settings.candidates].tolist()
    candidates = tuple(
        Candidate(int(identities[j]), {"appearance": round(float(odds[j]), 4)}, round(float(similarity[j]), 4))
        for j in order
    )
    best = order[0] if odds[order[0]] > 0 else None
    probability = round(_probability(odds, best), 4)
    if best is None:
        return Match("", None, "new", probability, candidates)
    return Match("", int(identities[best]), "assign", probability, candidates)


def _probability(odds: NDArray[np.float64], chosen: int | None) -> float:
    """Of one candidate, or with None of somebody new, when all are weighed against each other."""
    highest = max(0.0, float(odds.max(initial=0.0)))
    weights = np.exp(odds - highest)
    new = float(np.exp(-highest))
    return (new if chosen is None else float(weights[chosen])) / (new + float(weights.sum()))
