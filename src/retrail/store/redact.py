"""The ledger without somebody: pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Set
from dataclasses import dataclass, replace

from retrail.core.types import LedgerEntry, Match

_WORD = re.compile(r"\w(?:[\w:./-]*\w)?")
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Gone:
    """What may not be mentioned any more: ids of sightings, numbers of identities."""

    sightings: Set[str]
    identities: Set[int]

    def mentioned_in(self, text: str) -> bool:
        """Whether a sentence names one of them; a number counts as one wherever it stands."""
        return any(word in self.sightings for word in _WORD.findall(text)) or any(
            int(number) in self.identities for number in _NUMBER.findall(text)
        )


def holders(ledger: Iterable[LedgerEntry], identity: int) -> tuple[set[str], int | None]:
    """The sightings that are this identity's now, and the identity it was last merged into, if it was."""
    now: dict[str, int | None] = {}
    merged: int | None = None
    for entry in ledger:
        moved = set(entry.sightings)
        if entry.kind == "merge" and entry.from_identity is not None:
            moved |= {sighting for sighting, owner in now.items() if owner == entry.from_identity}
            if entry.from_identity == identity:
                merged = entry.identity
        now.update(dict.fromkeys(moved, entry.identity))
    return {sighting for sighting, owner in now.items() if owner == identity}, merged


def vanished(named: Iterable[tuple[int | None, Iterable[str]]], sightings: Set[str]) -> set[int]:
    """The identities of which every sighting that the ledger ever named is among ``sightings``.

    Args:
        named: identity and sightings of each entry.
        sightings: ids that are erased.
    """
    seen: set[int] = set()
    alive: set[int] = set()
    for identity, ids in named:
        if identity is not None:
            seen.add(identity)
            if any(sighting not in sightings for sighting in ids):
                alive.add(identity)
    return seen - alive


def redact(entry: LedgerEntry, gone: Gone, dropped: set[int]) -> LedgerEntry | None:
    """An entry without what is gone; None where nothing of it is left.

    Entries are given in order: ``dropped`` gathers the numbers of those that went, to which later ones may not refer.
    An entry that made a sighting which stays one of an identity that goes is dropped too: a later one says whose it is.
    """
    left = tuple(sighting for sighting in entry.sightings if sighting not in gone.sightings)
    nothing_left = bool(entry.sightings) and not left
    if nothing_left or entry.identity in gone.identities:
        dropped.add(entry.number)
        return None
    result = replace(
        entry,
        sightings=left,
        from_identity=None if entry.from_identity in gone.identities else entry.from_identity,
        match=_redact_match(entry.match, gone, dropped),
        lineage=tuple(number for number in entry.lineage if number not in dropped),
    )
    if result != entry or gone.mentioned_in(entry.reason):
        result = replace(result, reason="")
    return result


def _redact_match(match: Match | None, gone: Gone, dropped: Set[int]) -> Match | None:
    if match is None or match.sighting in gone.sightings or match.identity in gone.identities:
        return None
    result = replace(
        match,
        candidates=tuple(one for one in match.candidates if one.identity not in gone.identities),
        lineage=tuple(number for number in match.lineage if number not in dropped),
    )
    if result != match or gone.mentioned_in(match.reason):
        result = replace(result, reason="")
    return result
