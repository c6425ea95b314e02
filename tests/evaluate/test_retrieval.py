"""The Market-1501 protocol, against a slow implementation written from its description, to the last digit."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrail.core.errors import DataError
from retrail.evaluate import Looks, RetrievalScore, retrieval_score

CORNERS = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0], [1, 2, 0], [-1, 0, 1]], np.float64)


def looks(*pictures: tuple[int, int, int]) -> Looks:
    """Pictures as (corner, person, camera)."""
    table = np.array(pictures, np.int64).reshape(-1, 3)
    return Looks(CORNERS[table[:, 0]], table[:, 1], table[:, 2])


def slowly(query: Looks, gallery: Looks) -> tuple[list[Fraction], list[Fraction], dict[int, list[bool]]]:
    """AP, INP and hits of each query that has a match, in fractions, by loops and a bubble sort of exact cosines."""
    precisions: list[Fraction] = []
    penalties: list[Fraction] = []
    hits: dict[int, list[bool]] = {1: [], 5: [], 10: []}
    for asked in range(len(query.person)):
        row: list[tuple[float, bool]] = []
        for there in range(len(gallery.person)):
            same_person = gallery.person[there] == query.person[asked]
            if gallery.person[there] == -1 or (same_person and gallery.camera[there] == query.camera[asked]):
                continue
            a, b = query.vectors[asked], gallery.vectors[there]
            cosine = round(float((a * b).sum() / (np.sqrt((a * a).sum()) * np.sqrt((b * b).sum()))), 11)
            row.append((cosine, bool(same_person and query.person[asked] > 0)))
        if not any(match for _, match in row):
            continue
        for last in range(len(row) - 1, 0, -1):  # stable: who is before stays before
            for at in range(last):
                if row[at][0] < row[at + 1][0]:
                    row[at], row[at + 1] = row[at + 1], row[at]
        found = 0
        total = Fraction(0)
        last_rank = 0
        for rank, (_, match) in enumerate(row, start=1):
            if match:
                found += 1
                total += Fraction(found, rank)
                last_rank = rank
        precisions.append(total / found)
        penalties.append(Fraction(found, last_rank))
        for k, hit in hits.items():
            hit.append(any(match for _, match in row[:k]))
    return precisions, penalties, hits


def assert_as_slowly(score: RetrievalScore, query: Looks, gallery: Looks) -> None:
    precisions, penalties, hits = slowly(query, gallery)
    count = len(precisions)
    assert score.queries == count
    assert score.without_match == len(query.person) - count
    assert score.map == pytest.approx(float(sum(precisions) / count), rel=1e-14)
    assert score.minp == pytest.approx(float(sum(penalties) / count), rel=1e-14)
    for k, value in ((1, score.rank1), (5, score.rank5), (10, score.rank10)):
        assert value == sum(hits[k]) / count


PICTURES = st.lists(st.tuples(st.integers(0, 5), st.integers(-1, 4), st.integers(0, 2)), min_size=1, max_size=14)


@given(PICTURES.map(lambda rows: looks(*((v, abs(p), c) for v, p, c in rows))), PICTURES.map(lambda rows: looks(*rows)))
def test_distractors_junk_own_camera_missing_matches_and_ties_as_slowly(query: Looks, gallery: Looks) -> None:
    if not slowly(query, gallery)[0]:
        with pytest.raises(DataError, match="No query has a match"):
            retrieval_score(query, gallery)
        return
    assert_as_slowly(retrieval_score(query, gallery), query, gallery)


@pytest.mark.parametrize("seed", range(10))
def test_any_vectors_as_slowly(seed: int) -> None:
    vectors = np.random.default_rng(seed).normal(size=(40, 7))
    person, camera = np.arange(40) % 5, np.arange(40) // 5 % 3
    query, gallery = Looks(vectors[:12], person[:12], camera[:12]), Looks(vectors[12:], person[12:], camera[12:])
    assert_as_slowly(retrieval_score(query, gallery), query, gallery)


def test_a_picture_of_the_same_camera_is_no_match_and_not_in_the_way() -> None:
    score = retrieval_score(looks((0, 1, 1)), looks((0, 1, 1), (4, 1, 2), (1, 2, 2)))
    assert (score.rank1, score.map, score.minp, score.gallery) == (1.0, 1.0, 1.0, 3)


def test_a_distractor_is_in_the_way_and_nobodys_match() -> None:
    score = retrieval_score(looks((0, 1, 1), (0, 0, 1)), looks((0, 0, 2), (3, 1, 2)))
    assert (score.rank1, score.rank5, score.map, score.queries, score.without_match) == (0.0, 1.0, 0.5, 1, 1)


def test_junk_is_not_there() -> None:
    score = retrieval_score(looks((0, 1, 1)), looks((0, -1, 2), (3, 1, 2)))
    assert (score.rank1, score.gallery) == (1.0, 1)


def test_equal_vectors_are_in_the_order_of_the_gallery_wherever_they_stand() -> None:
    dice = np.random.default_rng(3)
    one = dice.normal(size=256)
    gallery = Looks(np.tile(one, (97, 1)), np.arange(1, 98), np.full(97, 2))
    query = Looks(dice.normal(size=(97, 256)), np.arange(1, 98), np.full(97, 1))
    score = retrieval_score(query, gallery)
    assert score.map == pytest.approx(np.mean(1 / np.arange(1, 98)), rel=1e-14)


def test_what_all_pictures_of_a_camera_share_is_taken_off() -> None:
    tint = np.array([0.0, 0.0, 9.0])
    person, camera = np.array([1, 2, 3]), np.array([1, 1, 1])
    base = np.array([[1.0, 0, 0], [0, 1.0, 0], [-1.0, -1.0, 0]])
    query = Looks(base + tint, person, camera)
    gallery = Looks(np.concatenate([base[::-1] * 0.9, [[0.2, 0.1, 0.0]]]), np.array([3, 2, 1, 0]), np.full(4, 2))
    assert retrieval_score(query, gallery, centre=True).rank1 == 1.0


def test_pooled_queries_ask_once_with_all_their_pictures() -> None:
    query = looks((0, 1, 1), (1, 1, 1), (2, 2, 1))
    gallery = looks((3, 1, 2), (2, 2, 2), (1, 1, 1))
    score = retrieval_score(query, gallery, pooled=True)
    assert (score.queries, score.rank1) == (2, 1.0)


def test_the_interval_holds_the_score() -> None:
    dice = np.random.default_rng(0)
    person = np.arange(1, 201)
    near = dice.normal(size=(200, 8))
    query = Looks(near + dice.normal(size=near.shape), person, np.full(200, 1))
    score = retrieval_score(query, Looks(near, person, np.full(200, 2)))
    assert score.rank1_low < score.rank1 < score.rank1_high
    assert score.rank1_high - score.rank1_low < 0.16


@pytest.mark.parametrize("bad", [np.zeros(3), np.array([np.nan, 0, 1])])
def test_a_vector_that_says_nothing_is_refused(bad: np.ndarray) -> None:
    good = looks((0, 1, 2))
    with pytest.raises(DataError, match="says nothing"):
        retrieval_score(Looks(bad[None], good.person, good.camera), good)
