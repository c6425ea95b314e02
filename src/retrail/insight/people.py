"""Who a sighting counts as: an identity, somebody unresolved, something undecided, or furniture."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from retrail.core.types import Sighting

Who = int | str
"""An identity's number; or the name of a chain that has none."""


@dataclass(frozen=True, slots=True)
class People:
    """What the sightings count as.

    A chain is a sighting with all that ``continues`` it: one person on one camera, however often it was cut.

    Attributes:
        who_of: identity or chain by sighting; furniture is left out.
        unresolved: chains of people who could be anybody.
        undecided: chains of which it is not known whether they are people.
        furniture: how many chains never moved.
    """

    who_of: Mapping[str, Who]
    unresolved: frozenset[str]
    undecided: frozenset[str]
    furniture: int


def people(sightings: Iterable[Sighting], identity_of: Mapping[str, int | None]) -> People:
    """Tell identities, unresolved chains, undecided chains and furniture apart.

    A piece without an identity takes that of its chain, where the rest of the chain has just one.
    """
    who_of: dict[str, Who] = {}
    unresolved: set[str] = set()
    undecided: set[str] = set()
    furniture = 0
    for name, pieces in _chains(sightings).items():
        identities = {number for piece in pieces if (number := identity_of.get(piece.id)) is not None}
        if identities:
            other: Who = next(iter(identities)) if len(identities) == 1 else name
            own = {piece.id: _first(identity_of.get(piece.id), other) for piece in pieces}
            who_of.update(own)
            if name in own.values():
                unresolved.add(name)
            continue
        if any(piece.presence == "person" for piece in pieces):
            unresolved.add(name)
        elif pieces[-1].presence == "furniture":
            furniture += 1
            continue
        else:
            undecided.add(name)
        who_of.update((piece.id, name) for piece in pieces)
    return People(who_of, frozenset(unresolved), frozenset(undecided), furniture)


def _first(number: int | None, other: Who) -> Who:
    return other if number is None else number


def _chains(sightings: Iterable[Sighting]) -> dict[str, list[Sighting]]:
    """Pieces in order of time, by the id of the first piece that is still there."""
    ordered = sorted(sightings, key=lambda piece: (piece.start_s, piece.id))
    root: dict[str, str] = {}
    chains: dict[str, list[Sighting]] = {}
    for piece in ordered:
        root[piece.id] = root.get(piece.continues or "", piece.id)
        chains.setdefault(root[piece.id], []).append(piece)
    return chains
