"""CLEAR: recall, precision and switches, frame by frame (Bernardin and Stiefelhagen, EURASIP JIVP 2008)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrail.evaluate.steps import OVERLAP, Step, best_pairs, share


@dataclass(frozen=True, slots=True)
class Switch:
    """Somebody is called by another name than the last time he was found: at step ``step``."""

    step: int
    person: int
    before: int
    after: int


@dataclass(frozen=True, slots=True, eq=False)
class ClearScore:
    """Counts over all frames; shares of 1, None of nothing.

    Attributes:
        recall, precision: boxes that were there and found; found and there.
        hits, misses, false: boxes.
        overlap: mean IoU of the hits.
        switches: in order of time.
        pairs: for each step the (k,) rows of its truth and the (k,) columns of its found that belong together.
    """

    recall: float | None
    precision: float | None
    hits: int
    misses: int
    false: int
    overlap: float | None
    switches: tuple[Switch, ...]
    pairs: tuple[tuple[NDArray[np.int64], NDArray[np.int64]], ...]


def clear_score(steps: Sequence[Step]) -> ClearScore:
    """CLEAR of the frames of one camera, in order of time, at an overlap of 0.5.

    Whoever was paired in the last frame in which both were seen stays paired while the boxes overlap; the others are
    paired by overlap.
    """
    last: dict[int, int] = {}
    switches: list[Switch] = []
    pairs: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = []
    overlaps: list[float] = []
    for at, step in enumerate(steps):
        rows, columns = _paired(step, last)
        pairs.append((rows, columns))
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
            person, identity = int(step.truth[row]), int(step.found[column])
            before = last.get(person, identity)
            if before != identity:
                switches.append(Switch(at, person, before, identity))
            last[person] = identity
            overlaps.append(float(step.likeness[row, column]))
    hits = len(overlaps)
    there, found = sum(len(step.truth) for step in steps), sum(len(step.found) for step in steps)
    return ClearScore(
        share(hits, there),
        share(hits, found),
        hits,
        there - hits,
        found - hits,
        float(np.mean(overlaps)) if overlaps else None,
        tuple(switches),
        tuple(pairs),
    )


def clear_in_all(scores: Iterable[ClearScore]) -> tuple[float | None, float | None, int]:
    """Recall, precision and number of switches of several cameras together."""
    listed = list(scores)
    hits = sum(score.hits for score in listed)
    misses, false = sum(score.misses for score in listed), sum(score.false for score in listed)
    return share(hits, hits + misses), share(hits, hits + false), sum(len(score.switches) for score in listed)


def _paired(step: Step, last: dict[int, int]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    fits = step.likeness >= OVERLAP
    gain = np.where(fits, step.likeness, 0.0).astype(np.float64)
    for row, person in enumerate(step.truth.tolist()):
        stays = fits[row] & (step.found == last.get(person)) if person in last else np.zeros(len(step.found), np.bool_)
        # one that goes on outweighs whatever all the others could gain
        gain[row, stays] += float(len(step.truth) + 1)
    return best_pairs(gain)
