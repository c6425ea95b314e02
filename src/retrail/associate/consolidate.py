"""Consolidation: the day's chains clustered from scratch, and what that changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from retrail.associate.chains import Chain
from retrail.associate.day import Day
from retrail.associate.evidence import ODDS
from retrail.associate.linkage import average_linkage
from retrail.associate.strays import adopt_strays

_ROWS = 256

OPEN = 0
"""In the place of an identity: it could be anybody."""
Move = tuple[int, int, list[Chain]]
"""(from identity, to identity, chains that move)."""


def movable(day: Day) -> NDArray[np.intp]:
    """Rows of the chains that consolidation may still move, in log order.

    That is everybody who can be compared, named or still open, but on a day with more than ``largest_day`` chains
    whoever was first seen before the latest so many: those identities stay as they are (online they still take in whom
    they are likely to be).
    """
    rows = np.flatnonzero(day.comparable)
    early = max(0, len(rows) - day.settings.largest_day)
    settled = np.unique(day.who[rows[:early]])
    moves = ~np.isin(day.who[rows], settled[settled > 0])
    moves[:early] = False
    return rows[moves]


def partition(day: Day, rows: NDArray[np.intp]) -> list[int]:
    """Which chains are one person: a label for each, equal within a cluster.

    Average linkage over the log-odds of looks (with each camera's mean of the day taken off), time, prior and
    continuity, in units of cosine; chains that cannot be one person are never in one cluster. It follows from the
    chains alone, not from what was decided before. A cluster of which nobody came in, where the site names its
    entrances, is then added to the one it is most like, if it is at least within ``entered`` of the day's cut.

    Args:
        day: the chains.
        rows: (n,) places of the comparable ones, in log order.
    """
    if not len(rows):
        return []
    spans, looks, settings = day.spans[rows], day.looks(rows), day.settings

    def alike(part: NDArray[np.intp]) -> NDArray[np.float32]:
        """(m, n) of these places with all, -inf where they cannot be one person."""
        found = looks[part].alike(looks)
        found += sum(kind(spans[part], spans, settings) for kind in ODDS.values()) / settings.slope
        found[day.barred(rows[part], rows)] = -np.inf
        return found

    places = np.arange(len(rows))
    similarity = np.empty((len(rows), len(rows)), np.float32)
    for start in range(0, len(rows), _ROWS):
        similarity[start : start + _ROWS] = alike(places[start : start + _ROWS])
    labels = average_linkage(similarity, np.ones(len(rows)), day.cut)
    adopt_strays(labels, day.may_begin(rows), alike, day.cut - settings.entered / settings.slope)
    return labels.tolist()


def name_clusters(
    labels: Sequence[int], before: Sequence[int], next_identity: int, enough: Collection[int] | None = None
) -> dict[int, int]:
    """The identity of each cluster, `OPEN` for one that has not been seen enough to be anybody.

    An identity stays with the cluster that holds most of its chains (of equals, the one that holds its first). Where
    several identities meet in one cluster the oldest, which has the lowest number, wins. A cluster that none stays
    with is somebody new.

    Args:
        labels, before: cluster and identity so far (`OPEN`: none) of each chain.
        next_identity: the number for the first somebody new.
        enough: labels of the clusters that were seen enough; None: all.

    >>> name_clusters([0, 0, 2, 0], [1, 2, 1, 1], next_identity=3)
    {0: 1, 2: 3}
    >>> name_clusters([0, 1, 2], [1, OPEN, OPEN], next_identity=2, enough=[0, 1])
    {0: 1, 1: 2, 2: 0}
    """
    homes = _homes(labels, before)
    names = {label: OPEN for label in labels if enough is not None and label not in enough}
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

    Splits come from `OPEN` or lead there where a chain was or becomes nobody in particular. After the splits all that
    is left of an identity lies in one cluster, so that a merge moves it whole.
    """
    homes = _homes(labels, before)
    splits: dict[tuple[int, int], list[Chain]] = {}
    merges: dict[tuple[int, int], list[Chain]] = {}
    for chain, old, label in zip(chains, before, labels, strict=True):
        new = names[label]
        if old != new:
            whole = OPEN not in (old, new) and homes[old] == label
            (merges if whole else splits).setdefault((old, new), []).append(chain)
    return [(*key, splits[key]) for key in sorted(splits)], [(*key, merges[key]) for key in sorted(merges)]


def _homes(labels: Sequence[int], before: Sequence[int]) -> dict[int, int]:
    held: dict[int, Counter[int]] = {}
    for label, identity in zip(labels, before, strict=True):
        if identity != OPEN:
            held.setdefault(identity, Counter())[label] += 1  # a Counter keeps the order of first sight
    return {identity: max(counts, key=counts.__getitem__) for identity, counts in held.items()}
