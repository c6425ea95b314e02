"""Who the people in sight probably are: for display only, never in the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrail.core.types import Match
from retrail.perceive.camera import CameraEye
from retrail.perceive.embed import Embedder
from retrail.perceive.track import OpenTrack
from retrail.pipeline.decide import Decider

AGAIN_AFTER_S = 4.0
"""Event time after which somebody in sight is looked up again."""


@dataclass(frozen=True, slots=True)
class _Guessed:
    at_s: float
    match: Match | None


class Guesser:
    """Guesses who is in sight on one camera, from the best picture so far, now and then.

    Args:
        eye: the camera's eye, which keeps the pictures.
        embedder, decider: those of the run; nothing is logged or decided.
    """

    def __init__(self, eye: CameraEye, embedder: Embedder, decider: Decider) -> None:
        self._eye = eye
        self._embedder = embedder
        self._decider = decider
        self._known: dict[int, _Guessed] = {}

    def __call__(self, tracks: Iterable[OpenTrack], time_s: float) -> Mapping[int, Match]:
        """A match by track key, of those who can be compared with anybody."""
        people = {track.key: track for track in tracks if track.presence == "person"}
        self._known = {key: guessed for key, guessed in self._known.items() if key in people}
        for key in people:
            before = self._known.get(key)
            shot = self._eye.best_shot(key)
            if shot is None or (before is not None and time_s - before.at_s < AGAIN_AFTER_S):
                continue
            embedding, _ = self._embedder.embed([[shot]])[0]
            match = None if embedding is None else self._likely(embedding, time_s)
            self._known[key] = _Guessed(time_s, match)
        return {key: guessed.match for key, guessed in self._known.items() if guessed.match is not None}

    def _likely(self, embedding: NDArray[np.float32], time_s: float) -> Match | None:
        return self._decider.likely(self._eye.camera, embedding, self._embedder.model, time_s)
