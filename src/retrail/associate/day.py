"""The chains of one day, and their arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from retrail.associate.chains import Chain
from retrail.associate.doubles import Doubles
from retrail.associate.entering import Entrance
from retrail.associate.likeness import Looks, background, centred
from retrail.associate.settings import MatcherSettings
from retrail.associate.whereabouts import Link, Spans, excluded, shortest_ways
from retrail.core.errors import DataError
from retrail.core.types import Sighting

_T = TypeVar("_T", bound=np.generic)


class Day:
    """The chains of one day under one encoder, in log order.

    ``cut`` is the cosine, with each camera's mean taken off, at which same and different are equally likely.

    Beside the chains it keeps their arrays (one row a chain) and their embeddings with the camera's mean so far taken
    off, and renews of these only what a change touches.
    """

    def __init__(
        self, settings: MatcherSettings, cut: float, links: Sequence[Link] = (), entrances: Sequence[Entrance] = ()
    ) -> None:
        self.settings = settings
        self.cut = cut
        self.links = tuple(links)
        self.entrances = tuple(entrances)
        self.chains: list[Chain] = []
        self.cameras: dict[str, int] = {}
        self._on: list[list[Chain]] = []  # chains by camera
        self._doubles = Doubles()
        self._stale: set[int] = set()  # cameras whose mean has changed
        self._spans = Spans(np.zeros(0, np.intp), np.zeros(0), np.zeros(0), np.zeros((0, 4)), np.zeros((0, 4)))
        self._ways_s = np.zeros((0, 0))
        self._who = np.zeros(0, np.int64)
        self._comparable = np.zeros(0, np.bool_)
        self._raw = np.zeros((0, 0), np.float32)
        self._centred = np.zeros((0, 0), np.float32)
        self._left = np.zeros(1, np.float32)

    def open(self, sighting: Sighting) -> Chain:
        """A new chain that begins with this sighting, which is yet to be taken in."""
        camera = self.cameras.setdefault(sighting.camera, len(self.cameras))
        if camera == len(self._on):
            self._on.append([])
            self._left = _grown(self._left, (len(self.cameras) + 1,))
        chain = Chain.begin(sighting, len(self.chains))
        self.chains.append(chain)
        self._on[camera].append(chain)
        return chain

    def take_in(self, sighting: Sighting, chain: Chain) -> None:
        """Appends a piece to a chain.

        Raises:
            DataError: its embedding has another dimension than those before it from the same model.
        """
        width = self._raw.shape[1]
        if sighting.embedding is not None and sighting.embedding.shape != (width or len(sighting.embedding),):
            raise DataError(
                "An embedding does not fit those before it",
                where=f"sighting {sighting.id} of {sighting.camera}",
                found=f"shape {sighting.embedding.shape} from {sighting.model}",
                allowed=f"({width},)",
                hint="replay the log with one encoder",
            )
        chain.take_in(sighting, [line for line in self.entrances if line.camera == sighting.camera])
        self._doubles.take_in(chain.row, sighting.camera, sighting.path)

    def renew(self, chains: Sequence[Chain]) -> None:
        """Takes over what has changed in these chains (but their identity, see `name`)."""
        self._make_room(chains)
        for chain in chains:
            row, spans = chain.row, self._spans
            spans.cameras[row] = self.cameras[chain.camera]
            spans.starts_s[row], spans.ends_s[row] = chain.start_s, chain.end_s
            spans.came[row], spans.went[row] = chain.came, chain.went
            if chain.total is not None and chain.is_comparable:
                self._comparable[row] = True
                self._raw[row] = chain.total / np.sqrt((chain.total * chain.total).sum())
                self._stale.add(self.cameras[chain.camera])

    def name(self, chain: Chain, identity: int | None) -> None:
        """Gives a chain its identity."""
        chain.identity = identity
        self._who[chain.row] = identity or 0

    @property
    def ways_s(self) -> NDArray[np.float64]:
        """(c, c) the shortest ways between cameras, see `shortest_ways`."""
        if len(self._ways_s) != len(self.cameras):
            self._ways_s = shortest_ways(self.links, self.cameras)
        return self._ways_s

    def barred(self, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> NDArray[np.bool_]:
        """(m, n) whether the chains of these rows and those of these columns cannot be one person."""
        barred = excluded(self._spans[rows], self._spans[columns], self.ways_s)
        self._doubles.clear(barred, rows, columns)
        return barred

    @property
    def who(self) -> NDArray[np.int64]:
        """(n,) identity of each chain, 0 without."""
        return self._who[: len(self.chains)]

    @property
    def comparable(self) -> NDArray[np.bool_]:
        """(n,) whether a chain is a person with an embedding."""
        return self._comparable[: len(self.chains)]

    @property
    def spans(self) -> Spans:
        """When and where each chain was seen."""
        return self._spans[: len(self.chains)]

    def may_begin(self, rows: NDArray[np.intp]) -> NDArray[np.bool_]:
        """(n,) whether these comparable chains may be the first of somebody new.

        He came in, or was there when the day began or went on after a time in which nobody was seen. Where the site
        names no entrances anybody may come from anywhere.
        """
        if not self.entrances:
            return np.ones(len(rows), np.bool_)
        came_in = np.array([self.chains[int(row)].came_in for row in rows], np.bool_)
        starts_s = self.spans.starts_s[rows]
        began_s = _beginnings(self.spans[self.comparable], self.settings.quiet_s)
        latest_s = began_s[np.searchsorted(began_s, starts_s, "right") - 1]
        return came_in | (starts_s < latest_s + self.settings.settling_s)

    def looks(self, rows: NDArray[np.intp]) -> Looks:
        """How these comparable chains look, judged over the whole day (the mean of a camera is that of these rows)."""
        cameras = self._spans.cameras[rows]
        vectors, left = self._raw[rows], np.zeros(len(self.cameras), np.float32)
        for camera in np.unique(cameras):
            here = cameras == camera
            seen = background(vectors[here], self.settings)
            vectors[here], left[camera] = centred(vectors[here], seen.mean), seen.left
        return Looks(vectors, cameras, left)

    def looks_so_far(self, rows: NDArray[np.intp]) -> Looks:
        """The same online: the mean of a camera is that of its latest chains."""
        for camera in sorted(self._stale):
            on_it = self._comparable_on(camera)
            seen = background(self._raw[on_it[-self.settings.mean_of :]], self.settings)
            self._centred[on_it], self._left[camera] = centred(self._raw[on_it], seen.mean), seen.left
        self._stale.clear()
        return Looks(self._centred[rows], self._spans.cameras[rows], self._left)

    def looks_of(self, camera: str, embedding: NDArray[np.float32]) -> Looks:
        """How a (d,) embedding from one of the cameras looks among the latest on it."""
        index = self.cameras.get(camera, len(self.cameras))
        seen = background(self._raw[self._comparable_on(index)[-self.settings.mean_of :]], self.settings)
        return Looks(centred(embedding[None].astype(np.float32), seen.mean), np.array([index]), self._left)

    def _comparable_on(self, camera: int) -> NDArray[np.intp]:
        return np.flatnonzero((self.spans.cameras == camera) & self.comparable)

    @property
    def is_settled(self) -> bool:
        """Whether every decision so far is final."""
        return all(piece.final for chain in self.chains for piece in chain.pieces if piece.entry)

    def _make_room(self, chains: Sequence[Chain]) -> None:
        rows, width = self._raw.shape
        wide = next((len(chain.total) for chain in chains if chain.total is not None), width)
        tall = rows if len(self.chains) <= rows else max(64, 2 * len(self.chains))
        if (tall, max(width, wide)) == (rows, width):
            return
        shape = (tall, max(width, wide))
        old = self._spans
        self._spans = Spans(
            _grown(old.cameras, (tall,)),
            _grown(old.starts_s, (tall,)),
            _grown(old.ends_s, (tall,)),
            _grown(old.came, (tall, 4)),
            _grown(old.went, (tall, 4)),
        )
        self._who, self._comparable = _grown(self._who, (tall,)), _grown(self._comparable, (tall,))
        self._raw, self._centred = _grown(self._raw, shape), _grown(self._centred, shape)


def _beginnings(spans: Spans, quiet_s: float) -> NDArray[np.float64]:
    """Rising times at which somebody was seen after nobody was for so long; the first of them is the day's."""
    order = np.argsort(spans.starts_s, kind="stable")
    starts_s, until_s = spans.starts_s[order], np.maximum.accumulate(spans.ends_s[order])
    return starts_s[np.append(True, starts_s[1:] - until_s[:-1] > quiet_s)]


def _grown(array: NDArray[_T], shape: tuple[int, ...]) -> NDArray[_T]:
    bigger = np.zeros(shape, array.dtype)
    bigger[tuple(slice(0, size) for size in array.shape)] = array
    return bigger
