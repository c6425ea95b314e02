"""IDF1: for how long is everybody called by one and the same name? (Ristani et al., ECCV MTMC workshop 2016.)

Each person is paired with at most one identity, over all cameras and the whole time, so that the frames in which they
agree are as many as possible.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from retrail.evaluate.steps import Step, best_pairs, numbered, share, shared_frames, total


@dataclass(frozen=True, slots=True)
class IdentityScore:
    """Shares of 1; None of nothing.

    Attributes:
        idf1: 2 right / (boxes that were there + boxes that were found).
        precision, recall: right, of what was found and of what was there.
        right: boxes with the right name.
        there, found: boxes in all.
        identity_of: the identity each person is paired with; who has none is left out.
    """

    idf1: float | None
    precision: float | None
    recall: float | None
    right: int
    there: int
    found: int
    identity_of: dict[int, int]


def identity_score(steps: Sequence[Step]) -> IdentityScore:
    """IDF1, IDP and IDR of frames of one camera or of many, at an overlap of 0.5."""
    known = numbered(steps)
    shared = shared_frames(known)
    people, identities = best_pairs(shared.astype(np.float64))
    right = int(shared[people, identities].sum())
    there, found = total(steps)
    return IdentityScore(
        share(2 * right, there + found),
        share(right, found),
        share(right, there),
        right,
        there,
        found,
        dict(zip(known.people[people].tolist(), known.identities[identities].tolist(), strict=True)),
    )
