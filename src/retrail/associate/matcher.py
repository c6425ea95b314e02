"""The matcher: sightings in log order go in, ledger entries come out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from math import floor, isfinite

import numpy as np
from numpy.typing import NDArray

from retrail.associate.chains import Chain, Piece
from retrail.associate.consolidate import OPEN, movable, moves, name_clusters, partition
from retrail.associate.day import Day
from retrail.associate.entering import Entrance
from retrail.associate.ledger import Resolution, fold
from retrail.associate.online import decide, guess
from retrail.associate.scribe import Scribe
from retrail.associate.settings import MatcherSettings
from retrail.associate.whereabouts import Link
from retrail.core.types import Group, LedgerEntry, Match, Sighting

_DAYS_KEPT = 2

DayKey = tuple[date, str]
"""A shop's day and an encoder: what different encoders say cannot be compared."""

Cut = float | Callable[[str], float]


class Matcher:
    """Decides who the sightings of a log are.

    A function of what was added, in order: the same groups give the same entries. Identities are numbers that mean
    "the same person today": the gallery is empty at the start of each shop's day, and the numbers go on.

    Args:
        cut: cosine, with each camera's mean taken off, at which same and different are equally likely: one number, or a
            function that gives an encoder's (of `Sighting.model`), where a log holds what several said.
        links: the ways between cameras.
        entrances: the lines over which everybody comes in; without any, people may come in anywhere.
        day: the shop's day of a moment (seconds UTC).
        start_number: number of the first ledger entry.
        first_identity: the first identity to give.
        settings: what else can be tuned.
    """

    def __init__(
        self,
        *,
        cut: Cut,
        links: Sequence[Link] = (),
        entrances: Sequence[Entrance] = (),
        day: Callable[[float], date],
        start_number: int = 1,
        first_identity: int = 1,
        settings: MatcherSettings | None = None,
    ) -> None:
        self._cut = cut
        self._links = tuple(links)
        self._entrances = tuple(entrances)
        self._day_of = day
        self._settings = settings or MatcherSettings()
        self._scribe = Scribe(start_number)
        self._next_identity = first_identity
        self._days: dict[DayKey, Day] = {}
        self._found: dict[str, tuple[DayKey, Chain]] = {}

    def add(self, group: Sequence[Sighting]) -> tuple[LedgerEntry, ...]:
        """Takes in one committed group, in log order.

        Matches are provisional. When event time passes a boundary of ``consolidate_every_s`` the day is consolidated.
        A sighting that was added before is left out.

        Returns:
            the new entries.

        Raises:
            DataError: embeddings of one model have different dimensions.
        """
        before_s = self._scribe.now_s
        for key, touched in self._take_in(group).items():
            self._decide(self._days[key], touched)
        every_s = self._settings.consolidate_every_s
        if isfinite(before_s) and floor(self._scribe.now_s / every_s) > floor(before_s / every_s):
            self._consolidate_all(self._scribe.now_s - self._settings.closed_after_s)
        self._let_go()
        return self._scribe.take()

    def finish(self) -> tuple[LedgerEntry, ...]:
        """The end of an input: consolidates and makes everything final. Idempotent while nothing new is added."""
        self._consolidate_all(np.inf)
        return self._scribe.take()

    def likely(self, camera: str, embedding: NDArray[np.float32], model: str, time_s: float) -> Match | None:
        """Who an open tracklet probably is: for display only, it leaves no trace.

        Args:
            camera: where it is seen.
            embedding: (d,) float32 of length 1, as from the encoder.
            model: the encoder, as in `Sighting.model`.
            time_s: event time.

        Returns:
            a match with an empty sighting id, or None where there is nobody to compare with.
        """
        today = self._days.get((self._day_of(time_s), model))
        return None if today is None else guess(today, camera, embedding, time_s)

    def resume(self, groups: Iterable[Group], entries: Iterable[LedgerEntry]) -> tuple[LedgerEntry, ...]:
        """Goes on where a ledger stopped: after a crash, or where older decisions are kept as they are.

        Groups up to the last one of which the ledger knows a sighting are taken in with what was decided; those after
        it are added. Call it on a new matcher.

        Args:
            groups: the log, in order; what lies more than two days back may be missing.
            entries: the whole ledger, in order.

        Returns:
            the entries that were still missing.
        """
        known = fold(entries)
        self._scribe.next_number = max(self._scribe.next_number, known.last_number + 1)
        self._next_identity = max(self._next_identity, known.last_identity + 1)
        # Within a group the sighting that is decided last is one of the group's own, so this one ends what is known.
        latest = max(known.matches.values(), key=lambda match: match.lineage[0], default=None)
        missing: list[LedgerEntry] = []
        unsure: list[Group] = []
        behind = latest is not None
        for group in groups:
            if not behind:
                missing += self._go_on(group)
                continue
            unsure.append(group)
            names = {sighting.id for sighting in group.sightings}
            if not names.isdisjoint(known.matches):
                for earlier in unsure:
                    self._absorb(earlier.sightings, known)
                unsure.clear()
            behind = latest is not None and latest.sighting not in names
        for group in unsure:
            missing += self._go_on(group)
        return tuple(missing)

    def _go_on(self, group: Group) -> tuple[LedgerEntry, ...]:
        return self.finish() if group.end else self.add(group.sightings)

    # --- taking in

    def _take_in(self, group: Sequence[Sighting]) -> dict[DayKey, list[Chain]]:
        """Joins sightings to their chains; returns the chains that grew, by day, in log order."""
        touched: dict[DayKey, dict[int, Chain]] = {}
        for sighting in group:
            self._scribe.now_s = max(self._scribe.now_s, sighting.end_s)
            if sighting.id in self._found:
                continue
            key, chain = self._found.get(sighting.continues or "", (None, None))
            if key is None or chain is None:
                key = (self._day_of(sighting.start_s), sighting.model)
                if key not in self._days:
                    cut = self._cut(sighting.model) if callable(self._cut) else self._cut
                    self._days[key] = Day(self._settings, cut, self._links, self._entrances)
                chain = self._days[key].open(sighting)
            self._days[key].take_in(sighting, chain)
            self._found[sighting.id] = (key, chain)
            touched.setdefault(key, {})[chain.row] = chain
        grown = {key: list(touched[key].values()) for key in sorted(touched)}
        for key, chains in grown.items():
            self._days[key].renew(chains)
        return grown

    def _absorb(self, group: Sequence[Sighting], known: Resolution) -> None:
        self._take_in(group)
        for sighting in group:
            match = known.matches.get(sighting.id)
            if match is None:
                continue
            key, chain = self._found[sighting.id]
            self._days[key].name(chain, match.identity)
            piece = next(piece for piece in chain.pieces if piece.id == sighting.id)
            piece.entry, piece.final = match.lineage[-1], match.final
        self._let_go()

    def _let_go(self) -> None:
        """Forgets days that are over; what of them was not final becomes it."""
        newest = sorted({when for when, _ in self._days})[-_DAYS_KEPT:]
        for key in sorted(key for key in self._days if key[0] not in newest):
            self._consolidate(self._days[key], np.inf)
            for chain in self._days.pop(key).chains:
                for piece in chain.pieces:
                    self._found.pop(piece.id, None)

    # --- online

    def _decide(self, day: Day, touched: Sequence[Chain]) -> None:
        for chain in touched:
            if chain.identity is not None:
                self._scribe.carried(chain.identity, [piece for piece in chain.pieces if not piece.entry])
                self._part(day, chain, chain.identity)
        verdicts = decide(
            day,
            [chain for chain in touched if chain.is_comparable and chain.identity is None],
            now_s=self._scribe.now_s,
            next_identity=self._next_identity,
        )
        for verdict in verdicts:
            day.name(verdict.chain, verdict.identity)
            self._next_identity += verdict.is_new
            self._scribe.decided(verdict)
        for chain in touched:
            if chain.is_person and not chain.is_comparable:
                self._scribe.left_open([piece for piece in chain.pieces if not piece.entry])

    def _part(self, day: Day, chain: Chain, identity: int) -> None:
        """A chain has grown: whoever of its identity was elsewhere at that time has to leave."""
        others = np.flatnonzero(day.who == identity)
        others = others[others != chain.row]
        barred = day.barred(np.array([chain.row]), others)[0]
        elsewhere: list[int] = others[barred].tolist()
        for row in elsewhere:
            reason = f"Seen elsewhere at the time of sighting {chain.pieces[-1].id}"
            other, because = day.chains[row], chain.entries[-1:]
            if other.seen < self._settings.least_seen:
                self._scribe.settled(None, [other], reason, because)
                day.name(other, None)
                continue
            self._scribe.moved("split", identity, self._next_identity, [other], reason, because)
            day.name(other, self._next_identity)
            self._next_identity += 1

    # --- consolidation

    def _consolidate_all(self, closed_before_s: float) -> None:
        for key in sorted(self._days):
            self._consolidate(self._days[key], closed_before_s)

    def _consolidate(self, day: Day, closed_before_s: float) -> None:
        if day.is_settled:
            return
        rows = movable(day)
        chains = [day.chains[int(row)] for row in rows]
        before: list[int] = day.who[rows].tolist()
        labels = partition(day, rows)
        seen = dict.fromkeys(labels, 0.0)
        for chain, label in zip(chains, labels, strict=True):
            seen[label] += chain.seen
        enough = {label for label, amount in seen.items() if amount >= self._settings.least_seen}
        names = name_clusters(labels, before, self._next_identity, enough)
        self._next_identity = max(self._next_identity, max(names.values(), default=0) + 1)
        splits, merges = moves(chains, before, labels, names)
        for old, new, moved in splits:
            if new == OPEN:
                self._scribe.settled(None, moved, "Over the whole day like nobody, and seen too little to be somebody")
            elif old == OPEN:
                self._scribe.settled(new, moved, "Over the whole day alike enough, or seen enough to be somebody new")
            else:
                self._scribe.moved("split", old, new, moved, "Over the whole day less alike than it seemed at first")
        for old, new, moved in merges:
            self._scribe.moved("merge", old, new, moved, "Over the whole day alike enough; the older identity stays")
        for _, new, moved in (*splits, *merges):
            for chain in moved:
                day.name(chain, new or None)
        self._confirm(day, closed_before_s)

    def _confirm(self, day: Day, closed_before_s: float) -> None:
        waiting: dict[int, list[Piece]] = {}
        for chain in day.chains:
            if chain.end_s <= closed_before_s:
                pieces = [piece for piece in chain.pieces if piece.entry and not piece.final]
                waiting.setdefault(chain.identity or 0, []).extend(pieces)
        for identity in sorted(waiting):
            if waiting[identity]:
                self._scribe.confirmed(identity or None, waiting[identity])
