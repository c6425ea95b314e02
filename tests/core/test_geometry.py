"""Boxes, polygons and lines against stories by hand and properties."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from retrail.core.geometry import box_area, box_iou, points_in_polygon, shared_area, side_of_line

SQUARE = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])


def test_half_overlapping_boxes_share_a_third() -> None:
    a = np.array([[0, 0, 2, 1]], np.float32)
    b = np.array([[1, 0, 3, 1]], np.float32)
    np.testing.assert_allclose(box_iou(a, b), [[1 / 3]], rtol=1e-6)


def test_a_box_without_area_overlaps_nothing() -> None:
    a = np.array([[1, 1, 1, 5]], np.float32)
    assert box_iou(a, a)[0, 0] == 0.0


def test_no_boxes_give_an_empty_matrix() -> None:
    assert box_iou(np.zeros((0, 4), np.float32), np.zeros((3, 4), np.float32)).shape == (0, 3)


@given(st.lists(st.floats(-5, 5), min_size=2, max_size=2))
def test_two_zones_with_a_common_edge_hold_a_point_once(point: list[float]) -> None:
    points = np.array([point])
    left = points_in_polygon(points, SQUARE)[0]
    right = points_in_polygon(points, SQUARE + [1.0, 0.0])[0]
    inside_both = 0.0 <= point[0] < 2.0 and 0.0 <= point[1] < 1.0
    assert (int(left) + int(right)) == int(inside_both)


def test_right_of_a_line_that_runs_to_the_right_is_below_it() -> None:
    sides = side_of_line(np.array([[0.5, 0.9], [0.5, 0.1]]), (0.0, 0.5), (1.0, 0.5))
    np.testing.assert_allclose(sides, [0.4, -0.4])


@given(st.lists(st.lists(st.integers(-5, 5), min_size=4, max_size=4), min_size=1, max_size=6))
def test_boxes_share_with_each_other_what_they_share_with_themselves_at_most(corners: list[list[int]]) -> None:
    boxes = np.array(corners, np.float32)
    shared = shared_area(boxes[:, None], boxes[None])
    np.testing.assert_array_equal(shared, shared.T)
    np.testing.assert_array_equal(np.diag(shared), box_area(boxes))
    assert (shared <= np.minimum(box_area(boxes)[:, None], box_area(boxes)[None])).all()
