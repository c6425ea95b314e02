"""Average linkage: the fast chain does what the slow greedy way does."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from retrail.associate.linkage import average_linkage


def greedy(similarity: np.ndarray, sizes: np.ndarray, cut: float) -> list[int]:
    """Joins the two most alike clusters until none reach the cut; -inf keeps clusters apart."""
    clusters = [[i] for i in range(len(similarity))]
    while True:
        best, pair = -np.inf, None
        for i in range(len(clusters)):
            for j in range(i + 1, len(clusters)):
                block = similarity[np.ix_(clusters[i], clusters[j])]
                weight = np.outer(sizes[clusters[i]], sizes[clusters[j]])
                mean = -np.inf if np.isneginf(block).any() else float((block * weight).sum() / weight.sum())
                if mean >= cut and mean > best:
                    best, pair = mean, (i, j)
        if pair is None:
            break
        clusters[pair[0]] += clusters.pop(pair[1])
    labels = [0] * len(similarity)
    for members in clusters:
        for member in members:
            labels[member] = min(members)
    return labels


@settings(max_examples=150, deadline=None)
@given(st.integers(1, 12), st.integers(0, 10_000), st.floats(0.0, 0.6), st.floats(-0.5, 0.9), st.booleans())
def test_the_chain_gives_the_clusters_of_the_greedy_way(
    count: int, seed: int, apart: float, cut: float, weighted: bool
) -> None:
    rng = np.random.default_rng(seed)
    similarity = rng.uniform(-1, 1, (count, count)).astype(np.float32)
    similarity[rng.uniform(size=(count, count)) < apart] = -np.inf
    similarity = np.minimum(similarity, similarity.T)
    sizes = rng.integers(1, 5, count).astype(float) if weighted else np.ones(count)
    expected = greedy(similarity.astype(float), sizes, cut)
    assert average_linkage(similarity.copy(), sizes, cut).tolist() == expected


def test_those_who_cannot_be_one_never_meet_in_a_cluster() -> None:
    alike = np.full((3, 3), 0.9, np.float32)
    alike[0, 2] = alike[2, 0] = -np.inf
    labels = average_linkage(alike, np.ones(3), 0.5)
    assert labels[0] != labels[2]


def test_equal_likenesses_end_and_give_the_same_clusters_each_time() -> None:
    alike = np.full((40, 40), 0.5, np.float32)
    assert set(average_linkage(alike.copy(), np.ones(40), 0.5).tolist()) == {0}
    assert average_linkage(alike.copy(), np.ones(40), 0.51).tolist() == list(range(40))


def test_nothing_to_cluster() -> None:
    assert average_linkage(np.zeros((0, 0), np.float32), np.ones(0), 0.5).tolist() == []
