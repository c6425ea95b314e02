"""Shots to embeddings: what a tracklet looks like, as one vector of length 1."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from itertools import chain, pairwise

import numpy as np
from numpy.typing import NDArray

from retrail.core.errors import ModelError
from retrail.core.types import Shot
from retrail.runtime import Network, Outputs

Embedded = tuple[NDArray[np.float32] | None, float]
"""(d,) float32 of length 1 and its quality in 0..1; (None, 0.0) where there was no shot."""


class Embedder:
    """Embeds the shots of tracklets, of one camera or of many, in batches of one fixed size with several in flight.

    Every shot is embedded as it is and mirrored; both vectors are normalised and averaged, and a tracklet's
    vector is the mean of its shots' weighted by quality, normalised again. The same shots give the same bits,
    whichever slot of a batch they fall into, in whatever order the batches come back, and with any number of
    threads: the batch size never changes (short batches are padded by the network), and sums run in a fixed order
    in float64.

    Args:
        network: an encoder opened with a batch size of its own (8, see ``runtime``); used by one thread at a time.

    Raises:
        ModelError: the card is not that of an encoder.
    """

    def __init__(self, network: Network) -> None:
        card = network.card
        head = card.output.head if card.output else None
        if card.output is None or head != "embedding":
            raise ModelError("The model is no encoder", where=card.name, found=f"head {head}", allowed="head embedding")
        self._network = network
        self.model = network.release
        self.width_px, self.height_px = network.width_px, network.height_px

    def embed(self, shots_of: Sequence[Sequence[Shot]]) -> list[Embedded]:
        """The embedding and quality of each tracklet's shots, in the order given.

        Raises:
            ModelError: a crop has another size than the network's input, or the network failed.
        """
        return [mean_look(shots, looks) for shots, looks in zip(shots_of, self.looks(shots_of), strict=True)]

    def looks(self, shots_of: Sequence[Sequence[Shot]]) -> list[NDArray[np.float64]]:
        """For each tracklet (n, d) float64 of length 1: the embedding of each of its shots.

        Raises:
            ModelError: as for `embed`.
        """
        vectors = self.vectors([shot.crop for shot in chain.from_iterable(shots_of)])
        ends = np.cumsum([0, *(len(shots) for shots in shots_of)]).tolist()
        return [vectors[start:end] for start, end in pairwise(ends)]

    def vectors(self, crops: Sequence[NDArray[np.uint8]]) -> NDArray[np.float64]:
        """(n, d) float64 of length 1: the vectors of each crop and of its mirror image, averaged and normalised."""
        for crop in crops:
            if crop.shape != (self.height_px, self.width_px, 3):
                raise ModelError(
                    "A crop does not fit the encoder",
                    where=self.model,
                    found=str(crop.shape),
                    allowed=str((self.height_px, self.width_px, 3)),
                )
        if not crops:
            return np.empty((0, 0))
        both = [side for crop in crops for side in (crop, crop[:, ::-1])]
        size = self._network.batch
        batches = [np.ascontiguousarray(both[start : start + size]) for start in range(0, len(both), size)]
        raw = np.concatenate(self._run(batches)).astype(np.float64)
        if not np.isfinite(raw).all():
            raise ModelError("The encoder returned numbers that are not finite", where=self.model)
        sides = _unit(raw).reshape(len(crops), 2, -1)
        return _unit(sides[:, 0] + sides[:, 1])

    def _run(self, batches: Sequence[NDArray[np.uint8]]) -> list[NDArray[np.float32]]:
        results: dict[int, Outputs | Exception] = {}
        news = threading.Condition()

        def keep(index: int, outputs: Outputs | Exception) -> None:
            with news:
                results[index] = outputs
                news.notify_all()

        for index, images in enumerate(batches):
            self._network.submit(images, lambda outputs, index=index: keep(index, outputs))
        with news:
            news.wait_for(lambda: len(results) == len(batches))
        return [self._flat(results[index], len(images)) for index, images in enumerate(batches)]

    def _flat(self, outputs: Outputs | Exception, count: int) -> NDArray[np.float32]:
        if isinstance(outputs, Exception):
            raise ModelError("The encoder failed", where=self.model, found=str(outputs)) from outputs
        return next(iter(outputs.values())).reshape(count, -1)


def mean_look(shots: Sequence[Shot], looks: NDArray[np.float64]) -> Embedded:
    """What a tracklet looks like and how good its shots are, from (n, d) looks of its shots, in any order."""
    order = sorted(range(len(shots)), key=lambda place: (shots[place].time_s, shots[place].box))
    total = np.zeros(looks.shape[1])
    for place in order:
        total = total + shots[place].quality * looks[place]
    qualities = [shots[place].quality for place in order]
    weight = sum(qualities)
    if weight <= 0 or not total.any():
        return None, 0.0
    return _unit(total[None])[0].astype(np.float32), sum(quality * quality for quality in qualities) / weight


def _unit(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    length = np.sqrt(np.square(vectors).sum(axis=1, keepdims=True))
    return vectors / np.maximum(length, 1e-12)
