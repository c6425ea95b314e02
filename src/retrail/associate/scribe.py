"""Writing the ledger: every decision becomes an entry with its evidence and its lineage."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from retrail.associate.chains import Chain, Piece
from retrail.associate.online import Verdict
from retrail.associate.table import CERTAIN
from retrail.core.types import Candidate, EntryKind, LedgerEntry, Match

_FOLLOWED = "The tracker followed this person without a break"


class Scribe:
    """Writes entries with contiguous numbers; pieces remember their latest.

    Attributes:
        next_number: of the next entry.
        now_s: event time at which things are decided.
    """

    def __init__(self, next_number: int) -> None:
        self.next_number = next_number
        self.now_s = -np.inf
        self._entries: list[LedgerEntry] = []

    def take(self) -> tuple[LedgerEntry, ...]:
        """What was written since the last time."""
        entries, self._entries = tuple(self._entries), []
        return entries

    def decided(self, verdict: Verdict) -> None:
        """A chain was compared, and is somebody now (its identity is given), or stays open."""
        if verdict.identity is None:
            reason = "Like nobody in the gallery, and seen too little to be somebody new"
            self._open([piece for piece in verdict.chain.pieces if not piece.entry], reason, verdict.candidates)
            return
        if not verdict.is_new:
            reason = "Alike enough, and nothing speaks against it"
        elif verdict.candidates:
            reason = "Nobody in the gallery is likely enough"
        else:
            reason = "There is nobody yet to compare with"
        match = Match(
            verdict.chain.pieces[0].id,
            verdict.identity,
            "new" if verdict.is_new else "assign",
            verdict.probability and round(verdict.probability, 4),
            verdict.candidates,
            reason=reason,
        )
        self._write_match(verdict.chain.pieces[0], match)
        self.carried(verdict.identity, verdict.chain.pieces[1:])

    def carried(self, identity: int, pieces: Iterable[Piece]) -> None:
        """Pieces of a chain that has its identity."""
        for piece in pieces:
            candidate = Candidate(identity, {"continuity": CERTAIN})
            self._write_match(piece, Match(piece.id, identity, "assign", 1.0, (candidate,), reason=_FOLLOWED))

    def left_open(self, pieces: Iterable[Piece]) -> None:
        """Pieces of a person of whom nothing can be compared."""
        self._open(pieces, "No shot was good enough to compare")

    def settled(self, identity: int | None, chains: Sequence[Chain], reason: str, because: Sequence[int] = ()) -> None:
        """Chains that were open are somebody now, or with None the other way round."""
        pieces = [piece for chain in chains for piece in chain.pieces]
        number = self._name(identity, pieces, reason, because)
        for piece in pieces:
            piece.entry = number

    def moved(
        self, kind: EntryKind, old: int, new: int, chains: Sequence[Chain], reason: str, because: Sequence[int] = ()
    ) -> None:
        """Chains leave one identity for another; ``because`` names entries that led to it beside their own."""
        lineage = (*because, *(entry for chain in chains for entry in chain.entries))
        names = tuple(name for chain in chains for name in chain.ids)
        number = self._write(kind, new, names, lineage, reason, from_identity=old)
        for chain in chains:
            for piece in chain.pieces:
                piece.entry = number

    def confirmed(self, identity: int | None, pieces: Sequence[Piece]) -> None:
        """Consolidation has found nothing against what was decided about these pieces."""
        reason = "Confirmed by consolidation" if identity is not None else "Still too little to say who this is"
        number = self._name(identity, pieces, reason)
        for piece in pieces:
            piece.entry, piece.final = number, True

    def _name(self, identity: int | None, pieces: Sequence[Piece], reason: str, because: Sequence[int] = ()) -> int:
        kind = "assign" if identity is not None else "unresolved"
        lineage = (*because, *(piece.entry for piece in pieces))
        return self._write(kind, identity, tuple(piece.id for piece in pieces), lineage, reason)

    def _open(self, pieces: Iterable[Piece], reason: str, candidates: tuple[Candidate, ...] = ()) -> None:
        for piece in pieces:
            self._write_match(piece, Match(piece.id, None, "unresolved", None, candidates, reason=reason))

    def _write_match(self, piece: Piece, match: Match) -> None:
        lineage = (piece.entry,) if piece.entry else ()
        piece.entry = self._write(match.outcome, match.identity, (piece.id,), lineage, match.reason, match=match)
        piece.final = False

    def _write(
        self,
        kind: EntryKind,
        identity: int | None,
        sightings: tuple[str, ...],
        lineage: Iterable[int],
        reason: str,
        *,
        from_identity: int | None = None,
        match: Match | None = None,
    ) -> int:
        number = self.next_number
        follows = tuple(sorted(set(lineage)))
        self._entries.append(
            LedgerEntry(number, kind, self.now_s, identity, sightings, from_identity, match, follows, reason)
        )
        self.next_number += 1
        return number
