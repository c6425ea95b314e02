"""Average precision, recall and precision of hand-made pictures, and against a slow implementation."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrail.core.errors import DataError
from retrail.evaluate import Pictured, detection_score

A, B, C = (10, 10, 50, 110), (100, 10, 140, 110), (60, 60, 70, 80)


def picture(
    truth: list[tuple[float, ...]], found: list[tuple[tuple[float, ...], float]], crowd: tuple[int, ...] = ()
) -> Pictured:
    return Pictured(
        200,
        np.array(truth, np.float32).reshape(-1, 4),
        np.array([place in crowd for place in range(len(truth))], np.bool_),
        np.array([box for box, _ in found], np.float32).reshape(-1, 4),
        np.array([score for _, score in found], np.float32),
    )


def test_everybody_found_and_nothing_else() -> None:
    score = detection_score([picture([A, B], [(A, 0.9), (B, 0.6)]), picture([], [])], score=0.5)
    assert (score.ap50, score.ap, score.recall, score.precision) == (1.0, 1.0, 1.0, 1.0)
    assert (score.recall_at_precision_90, score.false_pictures) == (1.0, 0.0)
    assert (score.people, score.pictures, score.empty_pictures) == (2, 2, 1)


def test_half_found_is_half_the_area_under_the_curve() -> None:
    score = detection_score([picture([A, B], [(A, 0.9), ((0, 120, 40, 190), 0.3)])], score=0.5)
    assert score.ap50 == pytest.approx(51 / 101)
    assert (score.recall, score.precision, score.false_pictures) == (0.5, 1.0, None)


def test_the_second_box_on_one_person_is_false() -> None:
    score = detection_score([picture([A], [(A, 0.9), ((11, 10, 51, 110), 0.8)])], score=0.5)
    assert (score.recall, score.precision, score.recall_at_precision_90) == (1.0, 0.5, 1.0)


def test_who_is_too_small_is_neither_missed_nor_false() -> None:
    score = detection_score([picture([A, C], [(A, 0.9), (C, 0.8), ((150, 60, 160, 90), 0.7)])], score=0.5)
    assert (score.people, score.recall, score.precision, score.ap50) == (1, 1.0, 1.0, 1.0)
    everybody = detection_score([picture([A, C], [(A, 0.9), ((150, 60, 160, 90), 0.7)])], score=0.5, min_height=0)
    assert (everybody.people, everybody.recall, everybody.precision) == (2, 0.5, 0.5)


def test_detections_in_a_crowd_are_left_out() -> None:
    inside = [((0, 0, 40, 100), 0.9), ((50, 0, 90, 100), 0.8), ((150, 100, 190, 200), 0.7)]
    score = detection_score([picture([(0, 0, 100, 100), (150, 100, 190, 200)], inside, crowd=(0,))], score=0.5)
    assert (score.people, score.precision, score.recall) == (1, 1.0, 1.0)


def test_a_person_in_an_empty_picture_counts_once_a_picture_and_only_when_sure() -> None:
    pictures = [picture([], [(A, 0.9), (B, 0.8)]), picture([], [(A, 0.4)]), picture([C], [])]
    score = detection_score(pictures, score=0.5)
    assert (score.false_pictures, score.people, score.ap50, score.recall) == (0.5, 0, None, None)


def test_no_precision_where_nothing_is_found_and_no_score_without_pictures() -> None:
    score = detection_score([picture([A], [])], score=0.5)
    assert (score.recall, score.precision, score.ap50, score.recall_at_precision_90) == (0.0, None, 0.0, 0.0)
    with pytest.raises(DataError, match="no picture"):
        detection_score([], score=0.5)


def slow_ap50(pictures: list[Pictured]) -> float:
    """COCO's definition, in fractions: for 101 recalls the best precision at or beyond."""
    rows: list[tuple[float, bool]] = []
    for one in pictures:
        free = {place: tuple(box) for place, box in enumerate(one.truth.tolist())}
        found = sorted(zip(one.boxes.tolist(), one.scores.tolist(), strict=True), key=lambda item: -item[1])
        for box, score in found:
            overlaps = {place: iou(box, other) for place, other in free.items()}
            best = max(overlaps, key=lambda place: (overlaps[place], -place), default=None)
            right = best is not None and overlaps[best] >= 0.5
            if right:
                del free[best]
            rows.append((score, right))
    rows.sort(key=lambda row: -row[0])
    people = sum(len(one.truth) for one in pictures)
    curve: list[tuple[Fraction, Fraction]] = []
    hits = 0
    for count, (_, right) in enumerate(rows, start=1):
        hits += right
        curve.append((Fraction(hits, people), Fraction(hits, count)))
    steps = [max((p for r, p in curve if r >= Fraction(step, 100)), default=Fraction(0)) for step in range(101)]
    return float(sum(steps) / 101)


def iou(a: list[float], b: tuple[float, ...]) -> float:
    wide = min(a[2], b[2]) - max(a[0], b[0])
    high = min(a[3], b[3]) - max(a[1], b[1])
    if wide <= 0 or high <= 0:
        return 0.0
    shared = wide * high
    return shared / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared)


SPOT = st.tuples(st.integers(0, 6), st.integers(0, 3)).map(
    lambda at: (at[0] * 16, at[1] * 20, at[0] * 16 + 40, at[1] * 20 + 100)
)


@given(
    st.lists(
        st.tuples(
            st.lists(SPOT, min_size=1, max_size=4, unique=True),
            st.lists(st.tuples(SPOT, st.integers(1, 9).map(lambda tenth: tenth / 10)), max_size=5),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_average_precision_as_slowly(made: list[tuple[list[tuple[float, ...]], list]]) -> None:
    pictures = [picture(truth, found) for truth, found in made]
    assert detection_score(pictures, score=0.5).ap50 == pytest.approx(slow_ap50(pictures), abs=1e-12)
