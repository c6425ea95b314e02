"""Consolidation: the day's chains clustered from scratch, and what that changes in the ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from retrail.associate.chains import Chain, Day, directions
from retrail.associate.exclusion import Link, excluded, shortest_ways
from retrail.associate.likeness import camera_means, centred, cosines
from retrail.associate.linkage import average_linkage
from retrail.associate.settings import MatcherSettings

_ROWS = 256


def partition(
    day: Day, chains: Sequence[Chain], cut: float, links: Sequence[Link], settings: MatcherSettings
) -> list[int]:
    """Which chains are one person: a label for each, the place of its cluster's first chain.

    Average linkage over the cosines with each camera's mean of the day taken off; chains that cannot be one person are
    never in one cluster. It follows from the chains alone, not from what was decided before.

    Args:
        day: for its cameras.
        chains: comparable ones, in log order.
        cut: clusters at least so alike are one person.
        links, settings: as given to the matcher.
    """
    if not chains:
        return []
    vectors, spans = directions(chains), day.spans(chains)
    means = camera_means(vectors, spans.cameras, len(day.cameras), shrink=settings.shrink, alike=settings.alike)
    vectors = centred(vectors, spans.cameras, means)
    similarity = cosines(vectors, vectors)
    ways = shortest_ways(links, day.cameras)
    for start in range(0, len(chains), _ROWS):
        rows = slice(start, start + _ROWS)
        similarity[rows][excluded(spans[rows], spans, ways)] = -np.inf
    return average_linkage(similarity, np.ones(len(chains)), cut).tolist()


def name_clusters(labels: Sequence[int], before: Sequence[int | None], next_identity: int) -> dict[int, int]:
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
    chains: Sequence[Chain], labels: Sequence[int], names: Mapping[int, int]
) -> tuple[list[tuple[int, int, list[Chain]]], list[tuple[int, int, list[Chain]]]]:
    """What has to be split off and then merged so that each chain has its cluster's name.

    Returns:
        splits and merges, each (from, to, chains that move), oldest identity first. After the splits all that is left
        of an identity lies in one cluster, so that a merge moves it whole.
    """
    before = [chain.identity for chain in chains]
    homes = _homes(labels, before)
    splits: dict[tuple[int, int], list[Chain]] = {}
    merges: dict[tuple[int, int], list[Chain]] = {}
    for chain, label in zip(chains, labels, strict=True):
        old, new = chain.identity, names[label]
        if old is not None and old != new:
            (merges if homes[old] == label else splits).setdefault((old, new), []).append(chain)
    return [(*key, splits[key]) for key in sorted(splits)], [(*key, merges[key]) for key in sorted(merges)]


def _homes(labels: Sequence[int], before: Sequence[int | None]) -> dict[int, int]:
    held: dict[int, Counter[int]] = {}
    for label, identity in zip(labels, before, strict=True):
        if identity is not None:
            held.setdefault(identity, Counter())[label] += 1  # a Counter keeps the order of first sight
    return {identity: max(counts, key=counts.__getitem__) for identity, counts in held.items()}
