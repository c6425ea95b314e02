"""Reading the ledger: who is who."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from retrail.core.types import LedgerEntry, Match


@dataclass(frozen=True, slots=True)
class Resolution:
    """Who is who, as the ledger says.

    Attributes:
        identity_of: the identity of each sighting that was decided, None where unresolved.
        matches: the latest match of each of them, with its lineage and whether it is final.
        merged_into: for an identity that was merged away, the one that took it in (which may itself be gone).
        last_number: number of the last entry, 0 for none.
        last_identity: the highest identity ever given, 0 for none.
    """

    identity_of: Mapping[str, int | None] = field(default_factory=dict[str, "int | None"])
    matches: Mapping[str, Match] = field(default_factory=dict[str, Match])
    merged_into: Mapping[int, int] = field(default_factory=dict[int, int])
    last_number: int = 0
    last_identity: int = 0

    def current(self, identity: int) -> int:
        """The identity that this number stands for now: itself, or the one it was merged into."""
        seen: set[int] = set()
        while identity in self.merged_into and identity not in seen:
            seen.add(identity)
            identity = self.merged_into[identity]
        return identity

    def sightings_of(self, identity: int) -> tuple[str, ...]:
        """The ids of an identity's sightings, in the order in which they were first decided."""
        return tuple(sighting for sighting, who in self.identity_of.items() if who == identity)


def fold(entries: Iterable[LedgerEntry], onto: Resolution | None = None) -> Resolution:
    """What a ledger amounts to.

    Args:
        entries: in order of number.
        onto: a resolution of the entries before them, left as it is.

    Returns:
        The resolution after the last entry. ``merge`` moves every sighting of ``from_identity``; ``split`` and
        ``correct`` move the sightings they name; ``assign`` and ``unresolved`` without a match confirm them.
    """
    before = onto or Resolution()
    identity_of, matches, merged = dict(before.identity_of), dict(before.matches), dict(before.merged_into)
    members: dict[int, dict[str, None]] = {}
    for sighting, who in identity_of.items():
        if who is not None:
            members.setdefault(who, {})[sighting] = None
    number, highest = before.last_number, before.last_identity
    for entry in entries:
        moved: Iterable[str] = entry.sightings
        if entry.kind == "merge" and entry.from_identity is not None and entry.identity is not None:
            moved = tuple(members.get(entry.from_identity, ()))
            merged[entry.from_identity] = entry.identity
        for sighting in moved:
            old = identity_of.get(sighting)
            if old is not None:
                members[old].pop(sighting, None)
            identity_of[sighting] = entry.identity
            if entry.identity is not None:
                members.setdefault(entry.identity, {})[sighting] = None
            matches[sighting] = _match(entry, sighting, matches.get(sighting))
        if entry.identity is not None:
            merged.pop(entry.identity, None)
            highest = max(highest, entry.identity)
        number = max(number, entry.number)
    return Resolution(identity_of, matches, merged, number, highest)


def _match(entry: LedgerEntry, sighting: str, before: Match | None) -> Match:
    base = entry.match if entry.match and entry.match.sighting == sighting else before
    if base is None:
        base = Match(sighting, entry.identity, "unresolved", None, reason=entry.reason)
    outcome = base.outcome
    if entry.identity is None:
        outcome = "unresolved"
    elif outcome == "unresolved" or entry.kind in ("merge", "split", "correct"):
        outcome = "assign"
    if entry.kind == "correct":
        final = True
    elif entry.match is not None:
        final = entry.match.final
    else:
        final = base.final or entry.kind in ("assign", "unresolved")
    lineage = (*(before.lineage if before else ()), entry.number)
    return replace(base, identity=entry.identity, outcome=outcome, final=final, lineage=lineage)
