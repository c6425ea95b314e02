"""What every tracking metric is made from: who was there and who was found, frame by frame."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrail.core.assignment import best_assignment

OVERLAP = 0.5
"""Least overlap (IoU) of a box and a person whom it is taken to show."""


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One frame of one camera.

    Attributes:
        truth: (n,) int64, people who were there; each once.
        found: (m,) int64, identities that were said to be there; the same may be there twice.
        likeness: (n, m) float, IoU of their boxes.
    """

    truth: NDArray[np.int64]
    found: NDArray[np.int64]
    likeness: NDArray[np.floating]


@dataclass(frozen=True, slots=True, eq=False)
class Numbered:
    """Steps with people and identities numbered from 0.

    Attributes:
        people, identities: what they were called, by number.
        steps: with numbers instead.
    """

    people: NDArray[np.int64]
    identities: NDArray[np.int64]
    steps: tuple[Step, ...]


def numbered(steps: Sequence[Step]) -> Numbered:
    """Number people and identities from 0, in the order of their names."""
    people = np.unique(np.concatenate([np.empty(0, np.int64), *(step.truth for step in steps)]))
    identities = np.unique(np.concatenate([np.empty(0, np.int64), *(step.found for step in steps)]))
    again = tuple(
        Step(np.searchsorted(people, step.truth), np.searchsorted(identities, step.found), step.likeness)
        for step in steps
    )
    return Numbered(people, identities, again)


def best_pairs(gain: NDArray[np.floating]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows and columns of the one-to-one assignment with the largest sum; pairs that gain nothing are left out."""
    if 0 in gain.shape:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    rows, columns = (side.astype(np.int64) for side in best_assignment(gain.astype(np.float64)))
    worth = gain[rows, columns] > 0
    return rows[worth], columns[worth]


def shared_frames(known: Numbered, overlap: float = OVERLAP) -> NDArray[np.int64]:
    """(people, identities) frames in which the boxes of both overlap; once a frame, be an identity in it twice."""
    shared = np.zeros((len(known.people), len(known.identities)), np.int64)
    for step in known.steps:
        rows, columns = np.nonzero(step.likeness >= overlap)
        shared[step.truth[rows], step.found[columns]] += 1  # without add.at: a pair that is there twice counts once
    return shared


def share(part: float, whole: float) -> float | None:
    """A share of 1; None of nothing."""
    return part / whole if whole else None


def total(steps: Iterable[Step]) -> tuple[int, int]:
    """Boxes that were there, and that were found."""
    listed = list(steps)
    return sum(len(step.truth) for step in listed), sum(len(step.found) for step in listed)
