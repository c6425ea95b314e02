"""Online assignment: the chains of one committed group against the gallery of recent identities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]

from retrail.associate.chains import Chain, Day, directions
from retrail.associate.exclusion import Link, excluded, shortest_ways
from retrail.associate.likeness import camera_means, centred, cosines
from retrail.associate.settings import MatcherSettings
from retrail.core.types import Candidate, Match

NEVER = -99.0
"""Log-odds of what cannot be (finite, so that it can be written down and added up)."""
CERTAIN = 99.0
"""Log-odds of what a tracker saw without a break."""
_WAY_TAKEN = 1.0
_TOO_LONG = -1.0


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """Who a chain is taken to be: an identity of the gallery, or None for somebody new."""

    chain: Chain
    identity: int | None
    probability: float
    candidates: tuple[Candidate, ...]


def decide(
    day: Day, chains: Sequence[Chain], now_s: float, cut: float, links: Sequence[Link], settings: MatcherSettings
) -> Verdict:
    """Decides one of several chains: the one whose decision is the clearest.

    The assignment is the one of the highest total log-odds in which no identity is given twice (Hungarian method;
    being somebody new has log-odds 0). Of its pairs the one with the highest odds is taken; the caller writes it
    down and asks again, so that two chains of one person in one group can both find them.

    Args:
        day: the chains known so far.
        chains: comparable ones without identity, at least one.
        now_s: event time.
        cut: cosine at which same and different are equally likely.
        links, settings: as given to the matcher.
    """
    table = _Table.of(day, chains, now_s, cut, links, settings)
    return table.clearest()


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """Evidence of each chain (row) for each identity of the gallery (column); (m, k) arrays."""

    chains: Sequence[Chain]
    identities: list[int]
    similarity: NDArray[np.float64]
    evidence: dict[str, NDArray[np.float64]]
    shown: int

    @staticmethod
    def of(
        day: Day, chains: Sequence[Chain], now_s: float, cut: float, links: Sequence[Link], settings: MatcherSettings
    ) -> _Table:
        gallery = _gallery(day, now_s, settings)
        identities = list(gallery)
        known = [chain for members in gallery.values() for chain in members]
        owner = np.repeat(np.arange(len(identities)), [len(members) for members in gallery.values()])
        shape = (len(chains), len(identities))
        if not known:
            return _Table(chains, [], np.zeros(shape), {}, settings.candidates)
        here, there = day.spans(chains), day.spans(known)
        alike = _similarity(day, chains, known, settings)
        barred = excluded(here, there, shortest_ways(links, day.cameras))
        similarity, exclusion, time = np.zeros(shape), np.zeros(shape), np.zeros(shape)
        for column in range(len(identities)):
            of_it = owner == column
            similarity[:, column] = alike[:, of_it].astype(np.float64).mean(axis=1)
            exclusion[:, column] = np.where(barred[:, of_it].any(axis=1), NEVER, 0.0)
            last = max(gallery[identities[column]], key=lambda chain: chain.end_s)
            time[:, column] = [_transit(last, chain, links) for chain in chains]
        evidence = {
            "appearance": settings.slope * (similarity - cut),
            "time": time,
            "exclusion": exclusion,
            "continuity": np.zeros(shape),
            "prior": np.zeros(shape),
        }
        return _Table(chains, identities, similarity, evidence, settings.candidates)

    def clearest(self) -> Verdict:
        odds: NDArray[np.float64] = sum(self.evidence.values(), np.zeros(self.similarity.shape))
        rows = len(self.chains)
        # Beside the gallery each chain has a column of its own: somebody new, at log-odds 0.
        gain = np.hstack([odds, np.full((rows, rows), NEVER)])
        gain[np.arange(rows), len(self.identities) + np.arange(rows)] = 0.0
        chosen = cast("NDArray[np.intp]", linear_sum_assignment(gain, maximize=True)[1])
        worth = gain[np.arange(rows), chosen]
        row = int(np.argmax(worth))
        return self._verdict(row, int(chosen[row]), odds)

    def _verdict(self, row: int, column: int, odds: NDArray[np.float64]) -> Verdict:
        weights = np.exp(np.append(odds[row], 0.0) - max(0.0, float(odds[row].max(initial=0.0))))
        is_new = column >= len(self.identities)
        probability = float(weights[-1 if is_new else column] / weights.sum())
        order: list[int] = np.argsort(-odds[row], kind="stable")[: self.shown].tolist()
        candidates = tuple(
            Candidate(
                self.identities[j],
                {kind: round(float(values[row, j]), 4) for kind, values in self.evidence.items()},
                round(float(self.similarity[row, j]), 4),
            )
            for j in order
        )
        return Verdict(self.chains[row], None if is_new else self.identities[column], probability, candidates)


def _gallery(day: Day, now_s: float, settings: MatcherSettings) -> dict[int, list[Chain]]:
    """The chains with an embedding of the identities that may still come back, oldest number first."""
    found: dict[int, list[Chain]] = {}
    for chain in day.chains:
        if chain.identity is not None and chain.is_comparable:
            found.setdefault(chain.identity, []).append(chain)
    last_seen = {identity: max(chain.end_s for chain in members) for identity, members in found.items()}
    recent = [who for who in found if now_s - last_seen[who] <= settings.gallery_age_s]
    recent.sort(key=lambda who: (-last_seen[who], who))
    return {who: found[who] for who in sorted(recent[: settings.gallery_size])}


def _similarity(
    day: Day, chains: Sequence[Chain], known: Sequence[Chain], settings: MatcherSettings
) -> NDArray[np.float32]:
    """(m, n) cosines with the cameras' means so far taken off."""
    latest: dict[str, list[Chain]] = {camera: [] for camera in day.cameras}
    for chain in reversed(day.chains):
        if chain.is_comparable and len(latest[chain.camera]) < settings.mean_of:
            latest[chain.camera].append(chain)
    behind = [chain for group in latest.values() for chain in group]
    means = camera_means(
        directions(behind),
        day.spans(behind).cameras,
        len(day.cameras),
        shrink=settings.shrink,
        alike=settings.alike,
    )
    here = centred(directions(chains), day.spans(chains).cameras, means)
    return cosines(here, centred(directions(known), day.spans(known).cameras, means))


def _transit(last: Chain, chain: Chain, links: Sequence[Link]) -> float:
    """Log-odds of the time from an identity's latest chain to this one, where a link says how long the way takes."""
    for link in links:
        if (link.from_camera, link.to_camera) == (last.camera, chain.camera):
            gap_s = chain.start_s - last.end_s
            if gap_s > link.longest_s:
                return _TOO_LONG
            return _WAY_TAKEN if gap_s >= link.shortest_s else 0.0
    return 0.0


def guess(
    days: Sequence[Day],
    camera: str,
    embedding: NDArray[np.float32],
    time_s: float,
    cut: float,
    settings: MatcherSettings,
) -> Match | None:
    """Who somebody on a camera now probably is; see `Matcher.likely`."""
    found = [day for day in days if camera in day.cameras and any(chain.is_comparable for chain in day.chains)]
    if not found:
        return None
    chain = Chain(camera, time_s, time_s, total=embedding.astype(np.float64), is_person=True)
    verdict = decide(found[-1], [chain], time_s, cut, (), settings)
    outcome = "new" if verdict.identity is None else "assign"
    return Match("", verdict.identity, outcome, round(verdict.probability, 4), verdict.candidates)
