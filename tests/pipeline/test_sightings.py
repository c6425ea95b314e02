"""Tracklets become sightings; what a tracklet showed is kept until the piece that continues it has come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray

from retrail.core.types import Path, Shot, Tracklet
from retrail.perceive.embed import Embedder
from retrail.pipeline.sightings import SightingMaker

FRAMES, CUT = 200, 0.4


class ByColour:
    """An encoder for crops of one colour: each has a direction of its own."""

    model = "by-colour"

    def looks(self, shots_of: Sequence[Sequence[Shot]]) -> list[NDArray[np.float64]]:
        return [np.eye(4)[[int(shot.crop[0, 0, 0]) for shot in shots]].reshape(-1, 4) for shots in shots_of]


def piece(name: str, start_s: float, colour: int, continues: str | None, camera: str = "door") -> Tracklet:
    """20 s beside somebody, with four shots."""
    times_s = start_s + 0.1 * np.arange(FRAMES)
    boxes = np.tile(np.array([100, 100, 150, 250], np.float32), (FRAMES, 1))
    path = Path(times_s, boxes, boxes[:, 2:], 640, 480)
    crop = np.full((2, 2, 3), colour, np.uint8)
    shots = tuple(Shot(start_s + 4.0 * place, (100.0, 100.0, 150.0, 250.0), 0.5, crop) for place in range(4))
    return Tracklet(name, camera, path, shots, np.zeros(FRAMES, np.bool_), continues, "person")


def maker() -> SightingMaker:
    return SightingMaker(cast(Embedder, ByColour()), CUT)


def test_a_piece_that_shows_the_same_person_continues_and_one_that_shows_another_does_not() -> None:
    making = maker()
    sightings = [
        *making.of([piece("a", 0.0, 0, None)]),
        *making.of([piece("b", 20.0, 0, "a"), piece("c", 0.0, 0, None, "till")]),
        *making.of([piece("d", 40.0, 1, "b")]),
    ]
    assert [(each.id, each.continues) for each in sightings] == [("a", None), ("b", "a"), ("c", None), ("d", None)]


def test_what_was_before_too_long_ago_is_forgotten_on_that_camera_alone() -> None:
    making = maker()
    making.of([piece("a", 0.0, 0, None), piece("b", 0.0, 0, None, "till")])
    making.of([piece("c", 500.0, 0, None)])
    late, other = making.of([piece("d", 520.0, 1, "a"), piece("e", 20.0, 1, "b", "till")])
    assert late.continues == "a"  # nothing is known of it: the tracker is believed
    assert other.continues is None
