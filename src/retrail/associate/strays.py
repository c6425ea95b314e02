"""Strays: clusters of which nobody was seen to come in."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray


def adopt_strays(
    labels: NDArray[np.intp],
    may_begin: NDArray[np.bool_],
    alike: Callable[[NDArray[np.intp]], NDArray[np.float32]],
    least: float,
) -> None:
    """Joins clusters with which nobody new can have begun to those they are most like, the most alike first.

    That is average linkage carried on below the cut for pairs of which one at least is a stray; two strays that are
    joined still are one.

    Args:
        labels: (n,) cluster of each chain, the lowest place in it; changed in place.
        may_begin: (n,) whether a chain may be the first of somebody new.
        alike: (m, n) likeness of the chains in these places with all, -inf where two cannot be one person.
        least: mean likeness down to which a stray is joined to another cluster.
    """
    names, cluster = np.unique(labels, return_inverse=True)
    strays = np.setdiff1d(np.arange(len(names)), cluster[may_begin])
    if not len(strays):
        return
    sums = np.stack([_by_cluster(alike(np.flatnonzero(cluster == stray)), cluster) for stray in strays])
    sizes = np.bincount(cluster).astype(np.float64)
    sums[np.arange(len(strays)), strays] = -np.inf
    rows = np.arange(len(strays))
    homes, bests = np.zeros(len(strays), np.intp), np.full(len(strays), -np.inf)
    changed = rows
    while True:
        for place in changed.tolist():  # the best home of every other stray is still its best
            means = sums[place] / (sizes[strays[place]] * sizes)
            homes[place] = np.argmax(means)
            bests[place] = means[homes[place]]
        row = int(np.argmax(bests))
        home, gone = int(homes[row]), int(strays[row])
        if not bests[row] >= least:
            return
        same = np.isin(labels, names[[gone, home]])
        names[home] = labels[same] = labels[same].min()
        sizes[home] += sizes[gone]
        sums[:, home] += sums[:, gone]
        sums[strays == home] += sums[row]
        sums[strays == home, home] = -np.inf
        sums[:, gone] = sums[row] = -np.inf
        # A mean of two is never above the better of them: only who preferred one of them may now prefer others.
        changed = rows[np.isin(homes, [home, gone]) | (strays == home)]


def _by_cluster(alike: NDArray[np.float32], cluster: NDArray[np.intp]) -> NDArray[np.float64]:
    """(c,) sums over the clusters' columns of (m, n)."""
    sums = np.zeros(int(cluster.max()) + 1)
    np.add.at(sums, cluster, alike.astype(np.float64).sum(axis=0))
    return sums
