"""The evidence of waiting chains for each identity of the gallery."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from retrail.associate.day import Day
from retrail.associate.evidence import ODDS
from retrail.core.types import Candidate

NEVER = -99.0
"""Log-odds of what cannot be (finite, so that it can be written down and added up)."""
CERTAIN = 99.0
"""Log-odds of what a tracker saw without a break."""
_WAY_TAKEN = 1.0
_TOO_LONG = -1.0


class Table:
    """Log-odds of waiting chains (rows) for identities (columns), by kind of evidence.

    Looks, time, prior and continuity are averaged over an identity's chains, as consolidation does; the time that a
    link gives is that from the identity's latest chain. Where the site names its entrances the prior of whoever did not
    come in speaks for everybody known, since he is hardly somebody new.

    Args:
        day: the chains.
        waiting: (m,) rows of the day to be decided.
        known: (n,) rows of the gallery's chains.

    Attributes:
        identities: (k,) numbers, rising.
    """

    def __init__(self, day: Day, waiting: NDArray[np.intp], known: NDArray[np.intp]) -> None:
        rows = np.concatenate([known, waiting])
        here, there = day.spans[waiting], day.spans[rows]
        self._settings = day.settings
        self._cut = day.cut
        self._gallery = len(known)
        self._who = day.who[rows]
        self._ends_s = there.ends_s
        self._alike = day.looks_so_far(waiting).alike(day.looks_so_far(rows)).astype(np.float64)
        self._barred = day.barred(waiting, rows)
        self._pairs = {kind: odds(here, there, day.settings) for kind, odds in ODDS.items()}
        self._transit = _transit(day, waiting, rows)
        self._inside = np.where(day.may_begin(waiting), 0.0, day.settings.entered)
        self.identities = np.unique(self._who[: self._gallery])
        self._similarity, self._evidence = self._columns(self.identities)

    def odds(self, rows: Sequence[int]) -> NDArray[np.float64]:
        """(r, k) all evidence for these rows."""
        total = np.zeros((len(rows), len(self.identities)))
        for values in self._evidence.values():
            total += values[rows]
        return total

    def learn(self, row: int, identity: int) -> None:
        """This waiting chain is this identity now (a number above all others, if it is somebody new)."""
        self._who[self._gallery + row] = identity
        similarity, evidence = self._columns(np.array([identity]))
        column = int(np.searchsorted(self.identities, identity))
        if column == len(self.identities):
            self.identities = np.append(self.identities, identity)
            self._similarity = np.hstack([self._similarity, similarity])
            self._evidence = {kind: np.hstack([values, evidence[kind]]) for kind, values in self._evidence.items()}
        else:
            self._similarity[:, column] = similarity[:, 0]
            for kind, values in self._evidence.items():
                values[:, column] = evidence[kind][:, 0]

    def candidates(self, row: int, odds: NDArray[np.float64]) -> tuple[Candidate, ...]:
        """The likeliest identities by these (k,) odds of a row, with the evidence."""
        best: list[int] = np.argsort(-odds, kind="stable")[: self._settings.candidates].tolist()
        return tuple(
            Candidate(
                int(self.identities[j]),
                {kind: round(float(values[row, j]), 4) for kind, values in self._evidence.items()},
                round(float(self._similarity[row, j]), 4),
            )
            for j in best
        )

    def _columns(self, identities: NDArray[np.int64]) -> tuple[NDArray[np.float64], dict[str, NDArray[np.float64]]]:
        """(m, k) mean cosine and log-odds by kind for these identities."""
        members = np.flatnonzero(np.isin(self._who, identities))
        order = members[np.lexsort((self._ends_s[members], self._who[members]))]
        starts = np.searchsorted(self._who[order], identities)
        counts = np.diff(np.append(starts, len(order)))

        def mean(pairs: NDArray[np.float64]) -> NDArray[np.float64]:
            return np.add.reduceat(pairs[:, order], starts, axis=1) / counts

        if not len(identities):
            empty = np.zeros((len(self._alike), 0))
            return empty, dict.fromkeys(("appearance", "time", "exclusion", "continuity", "prior"), empty)
        similarity = mean(self._alike)
        barred = np.logical_or.reduceat(self._barred[:, order], starts, axis=1)
        latest = order[starts + counts - 1]
        return similarity, {
            "appearance": self._settings.slope * (similarity - self._cut),
            "time": mean(self._pairs["time"]) + self._transit[:, latest],
            "exclusion": np.where(barred, NEVER, 0.0),
            "continuity": mean(self._pairs["continuity"]),
            "prior": mean(self._pairs["prior"]) + self._inside[:, None],
        }


def gallery(day: Day, now_s: float) -> NDArray[np.intp]:
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
