"""Made-up people for the association tests: directions in a space of few dimensions."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np

from retrail.core.types import Group, Path, Presence, Sighting

DIMENSIONS = 32
MODEL = "toy"


def utc_day(time_s: float) -> date:
    return datetime.fromtimestamp(time_s, UTC).date()


def person(number: int, noise: float = 0.0, seed: int = 0) -> np.ndarray:
    """The embedding of a person: a direction of his own, and a little noise."""
    own = np.random.default_rng(1000 + number).normal(size=DIMENSIONS)
    vector = own / np.linalg.norm(own)
    if noise:
        other = np.random.default_rng(seed).normal(size=DIMENSIONS)
        vector = vector + noise * other / np.linalg.norm(other)
    return (vector / np.linalg.norm(vector)).astype(np.float32)


def sighting(
    name: str,
    camera: str,
    start_s: float,
    end_s: float,
    embedding: np.ndarray | None,
    *,
    continues: str | None = None,
    presence: Presence = "person",
    quality: float = 1.0,
    left_px: float = 100.0,
) -> Sighting:
    """A sighting whose path is a still box at its two ends."""
    times = np.array([start_s, end_s]) if end_s > start_s else np.array([start_s])
    boxes = np.tile(np.array([left_px, 100, left_px + 50, 250], np.float32), (len(times), 1))
    feet = np.tile(np.array([left_px + 25, 250], np.float32), (len(times), 1))
    path = Path(times, boxes, feet, 640, 480)
    return Sighting(name, camera, start_s, end_s, path, embedding, quality, MODEL, continues, presence)


def as_groups(sightings: list[Sighting], size: int = 3) -> list[Group]:
    """A log in groups of so many, with the mark of its end."""
    groups = [Group(i + 1, tuple(sightings[at : at + size])) for i, at in enumerate(range(0, len(sightings), size))]
    return [*groups, Group(len(groups) + 1, (), end=True)]
