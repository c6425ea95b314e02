"""HOTA: are people found, and held together, at every overlap? (Luiten et al., IJCV 2021, arXiv 2009.07736.)"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from retrail.evaluate.steps import Step, best_pairs, numbered, total

_OVERLAPS = np.arange(0.05, 0.99, 0.05)
_EPSILON = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, slots=True)
class HotaScore:
    """Means over the overlaps 0.05 to 0.95; None where nobody was there and nothing was found.

    Attributes:
        hota: geometric mean of the two below, taken at each overlap.
        detection: DetA, right boxes of all boxes.
        association: AssA, how well right boxes are held together.
    """

    hota: float | None
    detection: float | None
    association: float | None


def hota_score(steps: Sequence[Step]) -> HotaScore:
    """HOTA of frames of one camera or of many. Boxes are paired as the reference implementation does: by their
    overlap, weighted with how well the two names agree over the whole time."""
    there, found = total(steps)
    if not there and not found:
        return HotaScore(None, None, None)
    if not there or not found:
        return HotaScore(0.0, 0.0, 0.0)
    known = numbered(steps)
    shape = (len(known.people), len(known.identities))
    in_truth, in_found, together = np.zeros(shape[0]), np.zeros(shape[1]), np.zeros(shape)
    for step in known.steps:
        np.add.at(in_truth, step.truth, 1)
        np.add.at(in_found, step.found, 1)
        if step.likeness.size:
            alike = step.likeness.astype(np.float64)
            either = alike.sum(axis=0)[None] + alike.sum(axis=1)[:, None] - alike
            parts = np.divide(alike, either, out=np.zeros_like(alike), where=either > _EPSILON)
            np.add.at(together, np.ix_(step.truth, step.found), parts)
    agree = together / (in_truth[:, None] + in_found[None] - together)
    pairs = np.zeros((len(_OVERLAPS), *shape))
    for step in known.steps:
        if not step.likeness.size:
            continue
        alike = step.likeness.astype(np.float64)
        rows, columns = best_pairs(agree[np.ix_(step.truth, step.found)] * alike)
        right = alike[rows, columns][None] >= _OVERLAPS[:, None] - _EPSILON
        for at in range(len(rows)):
            pairs[:, step.truth[rows[at]], step.found[columns[at]]] += right[:, at]
    hits = pairs.sum(axis=(1, 2))
    held = pairs / np.maximum(1.0, in_truth[None, :, None] + in_found[None, None] - pairs)
    association = (pairs * held).sum(axis=(1, 2)) / np.maximum(1.0, hits)
    detection = hits / (there + found - hits)
    return HotaScore(float(np.sqrt(detection * association).mean()), float(detection.mean()), float(association.mean()))
