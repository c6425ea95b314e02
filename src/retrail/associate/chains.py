"""Chains: sightings that carry each other on are one person (must-link), and are decided as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from retrail.associate.entering import Entrance, comes_in
from retrail.associate.whereabouts import End, first_end, last_end
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
        row: its place in the day.
        start_s, end_s: event time of the first and last box.
        came, went: where it was seen first and last.
        pieces: in log order.
        total: (d,) float64, the sum of the pieces' embeddings by quality; None without any.
        seen: seconds times quality of the pieces' shots, in all.
        is_person: whether any piece is a person.
        came_in: whether it passed an entrance inwards.
        feet_px: (k, 2) float32, foot points of the latest piece, where that may still be told; else None.
        identity: who it is, None while not decided or unresolved.
    """

    camera: str
    row: int
    start_s: float
    end_s: float
    came: End
    went: End
    pieces: list[Piece] = field(default_factory=list[Piece])
    total: NDArray[np.float64] | None = None
    seen: float = 0.0
    is_person: bool = False
    came_in: bool = False
    feet_px: NDArray[np.float32] | None = None
    identity: int | None = None

    @staticmethod
    def begin(sighting: Sighting, row: int) -> Chain:
        """A chain that begins with this sighting, which is yet to be taken in."""
        came, went = first_end(sighting.path), last_end(sighting.path)
        return Chain(sighting.camera, row, sighting.start_s, sighting.end_s, came, went)

    def take_in(self, sighting: Sighting, entrances: Sequence[Entrance] = ()) -> None:
        """Appends a piece; ``entrances`` are those on its camera."""
        if entrances and not self.came_in:
            self.came_in = comes_in(sighting.path, entrances, self.feet_px)
            self.feet_px = sighting.path.feet_px
        self.pieces.append(Piece(sighting.id))
        if sighting.start_s < self.start_s:
            self.start_s, self.came = sighting.start_s, first_end(sighting.path)
        if sighting.end_s > self.end_s:
            self.end_s, self.went = sighting.end_s, last_end(sighting.path)
        self.is_person |= sighting.presence == "person"
        if (vector := _direction(sighting)) is not None:
            self.total = vector if self.total is None else self.total + vector
            self.seen += (sighting.end_s - sighting.start_s) * sighting.quality

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
