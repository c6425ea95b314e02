"""Consolidation: the day's chains clustered from scratch, and what that changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from retrail.associate.chains import Chain
from retrail.associate.day import Day
from retrail.associate.evidence import ODDS
from retrail.associate.linkage import average_linkage
from retrail.associate.whereabouts import excluded

_ROWS = 256

Move = tuple[int, int, list[Chain]]
"""(from identity, to identity, chains that move)."""


def movable(day: Day) -> NDArray[np.intp]:
    """Rows of the chains that consolidation may still move, in log order.

    That is everybody, but on a day with more than ``largest_day`` chains whoever was first seen before the latest so
    many: those identities stay as they are (online they still take in whom they are likely to be).
    """
    rows = np.flatnonzero(day.who > 0)
    settled = np.unique(day.who[rows[: max(0, len(rows) - day.settings.largest_day)]])
    return rows[~np.isin(day.who[rows], settled)]


def partition(day: Day, rows: NDArray[np.intp], cut: float) -> list[int]:
    """Which chains are one person: a label for each, equal within a cluster.

    Average linkage over the log-odds of looks (with each camera's mean of the day taken off), time, prior and
    continuity, in units of cosine; chains that cannot be one person are never in one cluster. It follows from the
    chains alone, not from what was decided before.

    Args:
        day: the chains.
        rows: (n,) places of the comparable ones, in log order.
        cut: clusters at least so alike are one person.
    """
    if not len(rows):
        return []
    spans, looks = day.spans[rows], day.looks(rows)
    similarity = np.empty((len(rows), len(rows)), np.float32)
    for start in range(0, len(rows), _ROWS):
        part = slice(start, start + _ROWS)
        similarity[part] = looks[part].alike(looks)
        similarity[part] += sum(kind(spans[part], spans, day.settings) for kind in ODDS.values()) / day.settings.slope
        similarity[part][excluded(spans[part], spans, day.ways_s)] = -np.inf
    return average_linkage(similarity, np.ones(len(rows)), cut).tolist()


def name_clusters(labels: Sequence[int], before: Sequence[int], next_identity: int) -> dict[int, int]:
    """The identity of each cluster.

    An identity stays with the cluster that holds most of its chains (of equals, the one that holds its first). Where
    several identities meet in one cluster the oldest, which has the lowest number, wins. A cluster that none stays
    with is somebody new.

    >>> name_clusters([0, 0, 2, 0], [1, 2, 1, 1], next_identity=3)
    {0: 1, 2: 3}
    """
    homes = _homes(labels, before)
    names: dict[int, int] = {}
    for identity in sorted(homes):
        names.setdefault(homes[identity], identity)
    for label in dict.fromkeys(labels):
        if label not in names:
            names[label] = next_identity
            next_identity += 1
    return dict(sorted(names.items()))


def moves(
    chains: Sequence[Chain], before: Sequence[int], labels: Sequence[int], names: Mapping[int, int]
) -> tuple[list[Move], list[Move]]:
    """What has to be split off, and then merged, so that each chain has its cluster's name.

    After the splits all that is left of an identity lies in one cluster, so that a merge moves it whole.
    """
    homes = _homes(labels, before)
    splits: dict[tuple[int, int], list[Chain]] = {}
    merges: dict[tuple[int, int], list[Chain]] = {}
    for chain, old, label in zip(chains, before, labels, strict=True):
        new = names[label]
        if old != new:
            (merges if homes[old] == label else splits).setdefault((old, new), []).append(chain)
    return [(*key, splits[key]) for key in sorted(splits)], [(*key, merges[key]) for key in sorted(merges)]


def _homes(labels: Sequence[int], before: Sequence[int]) -> dict[int, int]:
    held: dict[int, Counter[int]] = {}
    for label, identity in zip(labels, before, strict=True):
        held.setdefault(identity, Counter())[label] += 1  # a Counter keeps the order of first sight
    return {identity: max(counts, key=counts.__getitem__) for identity, counts in held.items()}
