"""Are pictures of one person found by another? The Market-1501 protocol (Zheng et al., ICCV 2015).

Each query is compared with the whole gallery by cosine. Pictures of its own person on its own camera are left out, as
are junk pictures (person -1); distractors (person 0) are nobody's match. A query that then has no match is not
counted. Rank-k: share of queries with a match among the first k. AP: mean of the precision at each match (as torchreid
and fast-reid have it, not the trapezoids of the first MATLAB code). INP: matches over the rank of the last one (Ye et
al., arXiv 2001.04193). Ties are in the order of the gallery.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrail.core.errors import DataError

DISTRACTOR, JUNK = 0, -1
_BATCH = 256
_DIGITS = 12
"""Cosines closer than this are ties: equal vectors do not give equal sums at every place of a matrix product."""
_DRAWS = 1000


@dataclass(frozen=True, slots=True, eq=False)
class Looks:
    """Pictures as an encoder sees them.

    Attributes:
        vectors: (n, d) float, of any length but 0.
        person: (n,) int64; 0 is a distractor, -1 junk.
        camera: (n,) int64.
    """

    vectors: NDArray[np.floating]
    person: NDArray[np.int64]
    camera: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.person)


@dataclass(frozen=True, slots=True, eq=False)
class Ranked:
    """What each query that has a match found.

    Attributes:
        query: (q,) int64, its place among the queries.
        first: (q,) int64, rank of its first match, from 1.
        precision: (q,) float64, average precision.
        inverse_penalty: (q,) float64, matches over the rank of the last.
    """

    query: NDArray[np.int64]
    first: NDArray[np.int64]
    precision: NDArray[np.float64]
    inverse_penalty: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RetrievalScore:
    """Shares of 1. ``rank1_low`` and ``rank1_high``: 95 % of a bootstrap over queries (seed 0).

    Attributes:
        rank1, rank5, rank10: share of queries with a match among the first.
        map: mean average precision.
        minp: mean inverse negative penalty.
        queries: how many were counted.
        without_match: how many were not, because nobody in the gallery is their match.
        gallery: pictures in the gallery, distractors among them, junk not.
    """

    rank1: float
    rank5: float
    rank10: float
    map: float
    minp: float
    rank1_low: float
    rank1_high: float
    queries: int
    without_match: int
    gallery: int


def retrieval_score(query: Looks, gallery: Looks, *, centre: bool = False, pooled: bool = False) -> RetrievalScore:
    """Judge an encoder by the Market-1501 protocol.

    Args:
        query, gallery: what is asked, and among what.
        centre: take off the mean of each camera (of queries and gallery together; no labels are used).
        pooled: multi-query: a query is the mean of all pictures of its person on its camera, those in the gallery
            too (which are left out of its ranking anyway); each person and camera asks once.

    Raises:
        DataError: vectors do not fit, are not finite or zero, or no query has a match.
    """
    query, gallery = _checked(query, "query"), _checked(gallery, "gallery")
    if query.vectors.shape[1] != gallery.vectors.shape[1]:
        found = f"{query.vectors.shape[1]} and {gallery.vectors.shape[1]} numbers"
        raise DataError("Queries and gallery are not of one encoder", found=found, allowed="vectors of one length")
    if centre:
        query, gallery = _centred(query, gallery)
    if pooled:
        query = _pooled(query, gallery)
    ranked = rank_queries(query, gallery)
    if not len(ranked.query):
        raise DataError(
            "No query has a match", allowed="pictures of the person in the gallery, taken by another camera"
        )
    hits = {k: ranked.first <= k for k in (1, 5, 10)}
    low, high = interval(hits[1].astype(np.float64))
    return RetrievalScore(
        float(hits[1].mean()),
        float(hits[5].mean()),
        float(hits[10].mean()),
        float(ranked.precision.mean()),
        float(ranked.inverse_penalty.mean()),
        low,
        high,
        len(ranked.query),
        len(query) - len(ranked.query),
        int((gallery.person != JUNK).sum()),
    )


def rank_queries(query: Looks, gallery: Looks) -> Ranked:
    """Rank the gallery for each query. Vectors are made of length 1; nothing is checked or centred."""
    asked, answers = _unit(query.vectors), _unit(gallery.vectors).T
    place: list[int] = []
    first: list[int] = []
    precision: list[float] = []
    penalty: list[float] = []
    for start in range(0, len(query), _BATCH):
        likeness = np.round(asked[start : start + _BATCH] @ answers, _DIGITS)
        for row, values in enumerate(likeness, start=start):
            own = gallery.person == query.person[row]
            matches = own & (gallery.camera != query.camera[row])
            if query.person[row] in (DISTRACTOR, JUNK) or not matches.any():
                continue
            judged = np.flatnonzero((~own | matches) & (gallery.person != JUNK))
            order = judged[np.argsort(-values[judged], kind="stable")]
            ranks = np.flatnonzero(matches[order]) + 1
            place.append(row)
            first.append(int(ranks[0]))
            precision.append(float(np.mean(np.arange(1, len(ranks) + 1) / ranks)))
            penalty.append(len(ranks) / int(ranks[-1]))
    return Ranked(
        np.array(place, np.int64),
        np.array(first, np.int64),
        np.array(precision, np.float64),
        np.array(penalty, np.float64),
    )


def interval(values: NDArray[np.float64], share: float = 0.95) -> tuple[float, float]:
    """Bootstrap interval of a mean: 1,000 draws of as many values, seed 0."""
    dice = np.random.default_rng(0)
    means = [float(values[dice.integers(0, len(values), len(values))].mean()) for _ in range(_DRAWS)]
    low, high = np.quantile(means, [(1 - share) / 2, (1 + share) / 2])
    return float(low), float(high)


def _checked(looks: Looks, what: str) -> Looks:
    vectors = np.asarray(looks.vectors, np.float64)
    if vectors.ndim != 2 or not len(vectors) == len(looks.person) == len(looks.camera):
        found = f"{vectors.shape} vectors, {len(looks.person)} people, {len(looks.camera)} cameras"
        raise DataError("Vectors and labels do not fit", where=what, found=found, allowed="one of each a picture")
    if not np.isfinite(vectors).all() or not (np.abs(vectors).max(axis=1, initial=0.0) > 0).all():
        raise DataError("A vector that says nothing", where=what, allowed="finite numbers, not all of them 0")
    return Looks(_unit(vectors), looks.person, looks.camera)


def _centred(query: Looks, gallery: Looks) -> tuple[Looks, Looks]:
    vectors = np.concatenate([query.vectors, gallery.vectors])
    cameras = np.concatenate([query.camera, gallery.camera])
    for camera in np.unique(cameras):
        vectors[cameras == camera] -= vectors[cameras == camera].mean(axis=0)
    count = len(query)
    return Looks(vectors[:count], query.person, query.camera), Looks(vectors[count:], gallery.person, gallery.camera)


def _pooled(query: Looks, gallery: Looks) -> Looks:
    asking = np.unique(np.stack([query.person, query.camera], axis=1), axis=0)
    own = [
        (one.vectors, (one.person[:, None] == asking[:, 0]) & (one.camera[:, None] == asking[:, 1]))
        for one in (query, gallery)
    ]
    sums = sum((members.T.astype(np.float64) @ _unit(vectors) for vectors, members in own), np.zeros(()))
    return Looks(sums, asking[:, 0], asking[:, 1])


def _unit(vectors: NDArray[np.floating]) -> NDArray[np.float64]:
    wide = np.asarray(vectors, np.float64)
    return wide / np.maximum(np.linalg.norm(wide, axis=1, keepdims=True), 1e-12)
