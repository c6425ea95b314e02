"""Chains: sightings that carry each other on are one person (must-link), and are decided as one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from retrail.associate.exclusion import Spans
from retrail.core.types import Sighting

_LEAST_QUALITY = 0.01


@dataclass(slots=True)
class Piece:
    """One sighting of a chain, and what the ledger says of it.

    Attributes:
        id: the sighting's.
        entry: number of its latest ledger entry, 0 while it has none.
        final: whether consolidation has confirmed it.
    """

    id: str
    entry: int = 0
    final: bool = False


@dataclass(slots=True, eq=False)
class Chain:
    """Somebody on one camera without a break, however often it was cut.

    Attributes:
        camera: its name.
        start_s, end_s: event time of the first and last box.
        pieces: in log order.
        total: (d,) float64, the sum of the pieces' embeddings by quality; None without any.
        is_person: whether any piece is a person.
        identity: who it is, None while not decided or unresolved.
    """

    camera: str
    start_s: float
    end_s: float
    pieces: list[Piece] = field(default_factory=list[Piece])
    total: NDArray[np.float64] | None = None
    is_person: bool = False
    identity: int | None = None

    def take_in(self, sighting: Sighting) -> None:
        """Appends a piece."""
        self.pieces.append(Piece(sighting.id))
        self.start_s = min(self.start_s, sighting.start_s)
        self.end_s = max(self.end_s, sighting.end_s)
        self.is_person |= sighting.presence == "person"
        if (vector := _direction(sighting)) is not None:
            self.total = vector if self.total is None else self.total + vector

    @property
    def is_comparable(self) -> bool:
        """A person with an embedding."""
        return self.is_person and self.total is not None

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(piece.id for piece in self.pieces)

    @property
    def entries(self) -> tuple[int, ...]:
        """Numbers of the pieces' latest ledger entries."""
        return tuple(piece.entry for piece in self.pieces if piece.entry)


def _direction(sighting: Sighting) -> NDArray[np.float64] | None:
    """The embedding by its quality, as the log would give it back (halfvec); None where it points nowhere."""
    if sighting.embedding is None:
        return None
    vector = sighting.embedding.astype(np.float16).astype(np.float64)
    length = float(np.sqrt((vector * vector).sum()))
    if not (np.isfinite(length) and length > 0):
        return None
    return vector * (max(sighting.quality, _LEAST_QUALITY) / length)


class Day:
    """The chains of one day under one encoder, in log order."""

    def __init__(self) -> None:
        self.chains: list[Chain] = []
        self.cameras: dict[str, int] = {}

    def open(self, sighting: Sighting) -> Chain:
        """A new chain that begins with this sighting."""
        self.cameras.setdefault(sighting.camera, len(self.cameras))
        chain = Chain(sighting.camera, sighting.start_s, sighting.end_s)
        self.chains.append(chain)
        return chain

    def members(self, identity: int) -> list[Chain]:
        """The chains of an identity, in log order."""
        return [chain for chain in self.chains if chain.identity == identity]

    @property
    def is_settled(self) -> bool:
        """Whether every decision so far is final."""
        return all(piece.final for chain in self.chains for piece in chain.pieces if piece.entry)

    def spans(self, chains: Sequence[Chain]) -> Spans:
        """When and where these chains were seen."""
        return Spans(
            np.array([self.cameras[chain.camera] for chain in chains], np.intp),
            np.array([chain.start_s for chain in chains], np.float64),
            np.array([chain.end_s for chain in chains], np.float64),
        )


def directions(chains: Iterable[Chain]) -> NDArray[np.float32]:
    """(n, d) embeddings of chains that have one, length 1, as from the encoder."""
    totals = np.stack([chain.total for chain in chains if chain.total is not None])
    return (totals / np.sqrt((totals * totals).sum(axis=1, keepdims=True))).astype(np.float32)
