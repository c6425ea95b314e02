"""The matcher: sightings in log order go in, ledger entries come out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from math import floor

import numpy as np
from numpy.typing import NDArray

from retrail.associate.chains import Chain, Day, Piece
from retrail.associate.consolidate import moves, name_clusters, partition
from retrail.associate.exclusion import Link, excluded, shortest_ways
from retrail.associate.ledger import Resolution, Scribe, fold
from retrail.associate.online import CERTAIN, Verdict, decide, guess
from retrail.associate.settings import MatcherSettings
from retrail.core.types import Candidate, Group, LedgerEntry, Match, Sighting

_DAYS_KEPT = 2

DayKey = tuple[date, str]


class Matcher:
    """Decides who the sightings of a log are.

    A function of what was added, in order: the same groups give the same entries. Identities are numbers that mean
    "the same person today": the gallery is empty at the start of each shop's day, and the numbers go on.

    Args:
        cut: cosine, with each camera's mean taken off, at which same and different are equally likely.
        links: the ways between cameras.
        day: the shop's day of a moment (seconds UTC).
        start_number: number of the first ledger entry.
        first_identity: the first identity to give.
        settings: what else can be tuned.
    """

    def __init__(
        self,
        *,
        cut: float,
        links: Sequence[Link] = (),
        day: Callable[[float], date],
        start_number: int = 1,
        first_identity: int = 1,
        settings: MatcherSettings | None = None,
    ) -> None:
        self._cut = cut
        self._links = tuple(links)
        self._day_of = day
        self._settings = settings or MatcherSettings()
        self._scribe = Scribe(start_number)
        self._next_identity = first_identity
        self._now_s = -np.inf
        self._days: dict[DayKey, Day] = {}
        self._chain_of: dict[str, tuple[DayKey, Chain]] = {}

    def add(self, group: Sequence[Sighting]) -> tuple[LedgerEntry, ...]:
        """Takes in one committed group, in log order.

        Matches are provisional. When event time passes a boundary of ``consolidate_every_s`` the day is consolidated.
        A sighting that was added before is left out.

        Returns:
            the new entries.
        """
        before_s = self._now_s
        for key, touched in self._take_in(group).items():
            self._decide(self._days[key], touched)
        every_s = self._settings.consolidate_every_s
        if np.isfinite(before_s) and floor(self._now_s / every_s) > floor(before_s / every_s):
            self._consolidate_all(self._now_s - self._settings.closed_after_s)
        self._let_go()
        return self._scribe.take()

    def finish(self) -> tuple[LedgerEntry, ...]:
        """The end of an input: consolidates and makes everything final. Idempotent while nothing new is added."""
        self._consolidate_all(np.inf)
        return self._scribe.take()

    def likely(self, camera: str, embedding: NDArray[np.float32], time_s: float) -> Match | None:
        """Who an open tracklet probably is: for display only, it leaves no trace.

        Returns:
            a match with an empty sighting id, or None where nobody can be compared.
        """
        days = [day for (when, _), day in self._days.items() if when == self._day_of(time_s)]
        return guess(days, camera, embedding, time_s, self._cut, self._settings) if days else None

    def resume(self, groups: Iterable[Group], entries: Iterable[LedgerEntry]) -> tuple[LedgerEntry, ...]:
        """Continues where a ledger stopped (after a crash, or where older decisions are kept as they are).

        Groups up to the last one of which the ledger knows a sighting are taken in with what was decided; those after
        it are added. Call it on a new matcher.

        Args:
            groups: the log, in order; what lies more than two days back may be missing.
            entries: the whole ledger, in order.

        Returns:
            the entries that were still missing.
        """
        known = fold(entries)
        waiting = list(groups)
        decided = [i for i, group in enumerate(waiting) if any(s.id in known.matches for s in group.sightings)]
        upto = decided[-1] + 1 if decided else 0
        self._scribe.next_number = max(self._scribe.next_number, known.last_number + 1)
        self._next_identity = max(self._next_identity, known.last_identity + 1)
        for group in waiting[:upto]:
            self._absorb(group.sightings, known)
        missing: list[LedgerEntry] = []
        for group in waiting[upto:]:
            missing += self.finish() if group.end else self.add(group.sightings)
        return tuple(missing)

    # --- taking in

    def _take_in(self, group: Sequence[Sighting]) -> dict[DayKey, list[Chain]]:
        """Joins sightings to their chains; returns the chains that grew, by day, in log order."""
        touched: dict[DayKey, list[Chain]] = {}
        for sighting in group:
            self._now_s = max(self._now_s, sighting.end_s)
            if sighting.id in self._chain_of:
                continue
            key, chain = self._chain_of.get(sighting.continues or "", (None, None))
            if key is None or chain is None:
                key = (self._day_of(sighting.start_s), sighting.model)
                chain = self._days.setdefault(key, Day()).open(sighting)
            chain.take_in(sighting)
            self._chain_of[sighting.id] = (key, chain)
            grown = touched.setdefault(key, [])
            if chain not in grown:
                grown.append(chain)
        return dict(sorted(touched.items()))

    def _absorb(self, group: Sequence[Sighting], known: Resolution) -> None:
        self._take_in(group)
        for sighting in group:
            match = known.matches.get(sighting.id)
            if match is None:
                continue
            _, chain = self._chain_of[sighting.id]
            chain.identity = match.identity
            piece = next(piece for piece in chain.pieces if piece.id == sighting.id)
            piece.entry, piece.final = match.lineage[-1], match.final
        self._let_go()

    def _let_go(self) -> None:
        """Forgets days that are over; what of them was not final becomes it."""
        newest = sorted({when for when, _ in self._days})[-_DAYS_KEPT:]
        for key in sorted(key for key in self._days if key[0] not in newest):
            self._consolidate(self._days[key], np.inf)
            gone = self._days.pop(key)
            for chain in gone.chains:
                for piece in chain.pieces:
                    self._chain_of.pop(piece.id, None)

    # --- online

    def _decide(self, day: Day, touched: Sequence[Chain]) -> None:
        for chain in touched:
            if chain.identity is not None:
                self._carry_on(day, chain)
        waiting = [chain for chain in touched if chain.is_comparable and chain.identity is None]
        while waiting:
            verdict = decide(day, waiting, self._now_s, self._cut, self._links, self._settings)
            self._settle(verdict)
            waiting.remove(verdict.chain)
        for chain in touched:
            if chain.is_person and not chain.is_comparable:
                self._leave_open(chain)

    def _carry_on(self, day: Day, chain: Chain) -> None:
        """New pieces of somebody known; whoever turns out to have been elsewhere at that time has to leave."""
        self._write_pieces(chain, [piece for piece in chain.pieces if not piece.entry])
        ways = shortest_ways(self._links, day.cameras)
        others = [other for other in day.members(chain.identity or 0) if other is not chain]
        barred = excluded(day.spans([chain]), day.spans(others), ways)[0] if others else ()
        for other, bar in zip(others, barred, strict=True):
            if bar:
                self._part(chain, other)

    def _part(self, chain: Chain, other: Chain) -> None:
        old = chain.identity
        other.identity = self._new_identity()
        number = self._scribe.write(
            "split",
            self._now_s,
            other.identity,
            other.ids,
            from_identity=old,
            lineage=(*other.entries, *chain.entries[-1:]),
            reason=f"Seen at the same time as sighting {chain.pieces[-1].id} of identity {old}",
        )
        for piece in other.pieces:
            piece.entry = number

    def _settle(self, verdict: Verdict) -> None:
        chain, is_new = verdict.chain, verdict.identity is None
        chain.identity = self._new_identity() if verdict.identity is None else verdict.identity
        reason = "Nobody known is alike enough" if verdict.candidates else "Nobody is known to compare with"
        match = Match(
            chain.pieces[0].id,
            chain.identity,
            "new" if is_new else "assign",
            round(verdict.probability, 4),
            verdict.candidates,
            lineage=chain.entries,
            reason=reason if is_new else f"The likeliest of {len(verdict.candidates)} candidates",
        )
        self._write(chain.pieces[0], match)
        self._write_pieces(chain, chain.pieces[1:])

    def _write_pieces(self, chain: Chain, pieces: Sequence[Piece]) -> None:
        """Entries for pieces whose chain has its identity."""
        if chain.identity is None:
            return
        for piece in pieces:
            carried = Candidate(chain.identity, {"continuity": CERTAIN})
            reason = "The tracker followed this person without a break"
            self._write(piece, Match(piece.id, chain.identity, "assign", 1.0, (carried,), reason=reason))

    def _leave_open(self, chain: Chain) -> None:
        for piece in chain.pieces:
            if not piece.entry:
                reason = "No shot was good enough to compare"
                self._write(piece, Match(piece.id, None, "unresolved", None, reason=reason))

    def _write(self, piece: Piece, match: Match) -> None:
        lineage = (piece.entry,) if piece.entry else ()
        piece.entry = self._scribe.write(
            match.outcome,
            self._now_s,
            match.identity,
            (piece.id,),
            match=match,
            lineage=lineage,
            reason=match.reason,
        )
        piece.final = False

    def _new_identity(self) -> int:
        self._next_identity += 1
        return self._next_identity - 1

    # --- consolidation

    def _consolidate_all(self, closed_before_s: float) -> None:
        for key in sorted(self._days):
            self._consolidate(self._days[key], closed_before_s)

    def _consolidate(self, day: Day, closed_before_s: float) -> None:
        if day.is_settled:
            return
        chains = [chain for chain in day.chains if chain.identity is not None and chain.is_comparable]
        labels = partition(day, chains, self._cut, self._links, self._settings)
        names = name_clusters(labels, [chain.identity for chain in chains], self._next_identity)
        self._next_identity = max(self._next_identity, *(name + 1 for name in names.values()), 1)
        splits, merges = moves(chains, labels, names)
        for old, new, moved in splits:
            self._move("split", old, new, moved, "Less alike over the whole day than it seemed at first")
        for old, new, moved in merges:
            self._move("merge", old, new, moved, "Alike enough over the whole day; the older identity stays")
        self._confirm(day, closed_before_s)

    def _move(self, kind: str, old: int, new: int, moved: Sequence[Chain], reason: str) -> None:
        number = self._scribe.write(
            "merge" if kind == "merge" else "split",
            self._now_s,
            new,
            tuple(sighting for chain in moved for sighting in chain.ids),
            from_identity=old,
            lineage=tuple(entry for chain in moved for entry in chain.entries),
            reason=reason,
        )
        for chain in moved:
            chain.identity = new
            for piece in chain.pieces:
                piece.entry = number

    def _confirm(self, day: Day, closed_before_s: float) -> None:
        waiting: dict[int | None, list[Piece]] = {}
        for chain in day.chains:
            if chain.end_s <= closed_before_s:
                open_ones = [piece for piece in chain.pieces if piece.entry and not piece.final]
                waiting.setdefault(chain.identity, []).extend(open_ones)
        for identity in sorted((who for who in waiting if waiting[who]), key=lambda who: (who is None, who or 0)):
            pieces = waiting[identity]
            number = self._scribe.write(
                "unresolved" if identity is None else "assign",
                self._now_s,
                identity,
                tuple(piece.id for piece in pieces),
                lineage=tuple(piece.entry for piece in pieces),
                reason="Confirmed by consolidation" if identity is not None else "Still nothing to compare",
            )
            for piece in pieces:
                piece.entry, piece.final = number, True
