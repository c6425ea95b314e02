"""Average linkage with cannot-links, by the nearest-neighbour chain."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def average_linkage(similarity: NDArray[np.float32], sizes: NDArray[np.floating], cut: float) -> NDArray[np.intp]:
    """Clusters by average linkage: the two most alike clusters are joined until none reach the cut.

    The likeness of two clusters is the mean over their pairs; a pair of -inf (a cannot-link) keeps two clusters apart
    for good. Both are reducible (a joined cluster is never more alike to a third than the better of its parts), so the
    nearest-neighbour chain (Murtagh 1983; Müllner, arXiv 1109.2378) gives the clusters of the greedy method in O(n^2).

    Args:
        similarity: (n, n) symmetric, finite or -inf; the diagonal is ignored. Overwritten.
        sizes: (n,) what each row stands for, positive: 1, or the number of members of a cluster made before.
        cut: clusters at least so alike are joined.

    Returns:
        (n,) label of each row: the lowest row of its cluster.
    """
    count = len(similarity)
    members: NDArray[np.float32] = sizes.astype(np.float32)
    labels = np.arange(count)
    np.fill_diagonal(similarity, -np.inf)
    waiting = list(range(count - 1, -1, -1))
    done = np.zeros(count, np.bool_)
    path: list[int] = []
    while path or waiting:
        if not path:
            if done[start := waiting.pop()]:
                continue
            path.append(start)
        last = path[-1]
        row = similarity[last]
        nearest = int(np.argmax(row))
        if len(path) > 1 and row[path[-2]] == row[nearest]:
            nearest = path[-2]  # ties go back, or the path could run in a circle
        if not row[nearest] >= cut:
            done[last] = True  # nothing that others become can come nearer
            path.pop()
        elif len(path) > 1 and nearest == path[-2]:
            keep, gone = sorted((last, nearest))
            _join(similarity, members, keep, gone)
            labels[labels == gone] = keep
            done[gone] = True
            del path[-2:]
            waiting.append(keep)
        else:
            path.append(nearest)
    return labels


def _join(similarity: NDArray[np.float32], sizes: NDArray[np.float32], keep: int, gone: int) -> None:
    a, b = similarity[keep], similarity[gone]
    mean = (sizes[keep] * a + sizes[gone] * b) / (sizes[keep] + sizes[gone])
    np.minimum(mean, np.maximum(a, b), out=mean)  # rounding must not make the whole nearer than its parts
    mean[keep] = mean[gone] = -np.inf
    similarity[keep] = similarity[:, keep] = mean
    similarity[:, gone] = -np.inf
    sizes[keep] += sizes[gone]
