"""What each head's numbers mean, told by hand-made outputs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from retrail.core.errors import ModelError
from retrail.core.geometry import box_iou
from retrail.perceive.decode import (
    HeadSettings,
    RawBoxes,
    decode_boxes,
    decode_ssd,
    decode_yolox,
    decode_yunet,
    one_box_a_person,
    suppress,
)
from retrail.perceive.detect import to_detections


def raw(*rows: tuple[float, float, float, float, float]) -> RawBoxes:
    table = np.array(rows, np.float32).reshape(-1, 5)
    return RawBoxes(table[:, :4], table[:, 4])


def test_ssd_fractions_become_input_pixels_and_leftovers_are_not_read() -> None:
    rows = np.zeros((1, 1, 5, 7), np.float32)
    rows[0, 0, 0] = [0, 1, 0.9, 0.25, 0.5, 0.5, 1.0]
    rows[0, 0, 1] = [0, 1, 0.05, 0.1, 0.1, 0.2, 0.2]
    rows[0, 0, 2] = [1, 1, 0.9, 0.1, 0.1, 0.2, 0.2]
    rows[0, 0, 3] = [-1, 0, 0, 0, 0, 0, 0]
    rows[0, 0, 4] = [0, 1, 0.9, 0.1, 0.1, 0.2, 0.2]
    found = decode_ssd({"detection_out": rows}, HeadSettings(400, 200, 0.1))
    assert found.boxes.tolist() == [[100, 100, 200, 200]]
    assert found.scores.tolist() == pytest.approx([0.9])


def test_ssd_keeps_only_the_class_looked_for() -> None:
    rows = np.array([[0, 1, 0.9, 0.1, 0.1, 0.2, 0.2], [0, 2, 0.8, 0.5, 0.5, 0.6, 0.6]], np.float32)[None, None]
    found = decode_ssd({"out": rows}, HeadSettings(100, 100, 0.1, label=2))
    assert found.scores.tolist() == pytest.approx([0.8])


def test_boxes_head_reads_pixels_and_skips_unused_rows() -> None:
    rows = np.array([[10, 20, 30, 80, 0.7], [0, 0, 0, 0, 0]], np.float32)
    found = decode_boxes({"labels": np.zeros(2, np.float32), "boxes": rows}, HeadSettings(864, 480, 0.1))
    assert found.boxes.tolist() == [[10, 20, 30, 80]]


def test_yolox_cell_becomes_a_box_around_its_place() -> None:
    # 64 x 64 input: 8 x 8 + 4 x 4 + 2 x 2 cells; the cell in row 1, column 2 of stride 16 comes at 64 + 1 * 4 + 2.
    cells = np.zeros((1, 84, 85), np.float32)
    cells[0, 70, :5] = [0.5, 0.25, np.log(2.0), np.log(3.0), 0.8]
    cells[0, 70, 5] = 0.5
    cells[0, 71] = cells[0, 70]
    cells[0, 71, 6] = 0.9  # likelier a bicycle
    found = decode_yolox({"output": cells}, HeadSettings(64, 64, 0.1))
    assert found.boxes[0].tolist() == pytest.approx([40 - 16, 20 - 24, 40 + 16, 20 + 24])
    assert found.scores.tolist() == pytest.approx([0.4])


def test_yunet_reads_its_outputs_by_shape_whatever_their_names() -> None:
    outputs = {}
    for stride, cells in ((8, 64), (16, 16), (32, 4)):
        outputs[f"a{stride}"] = np.zeros((1, cells, 1), np.float32)
        outputs[f"b{stride}"] = np.zeros((1, cells, 1), np.float32)
        outputs[f"box{stride}"] = np.zeros((1, cells, 4), np.float32)
        outputs[f"kps{stride}"] = np.zeros((1, cells, 10), np.float32)
    outputs["a32"][0, 3] = outputs["b32"][0, 3] = 0.81
    found = decode_yunet(outputs, HeadSettings(64, 64, 0.5))
    assert found.scores.tolist() == pytest.approx([0.81])
    assert found.boxes.tolist() == [[16, 16, 48, 48]]


@pytest.mark.parametrize("decode", [decode_ssd, decode_boxes, decode_yolox, decode_yunet])
def test_another_networks_output_is_one_clear_error(decode) -> None:
    with pytest.raises(ModelError, match="not that of its card") as caught:
        decode({"embedding": np.zeros((1, 256), np.float32)}, HeadSettings(64, 64, 0.1))
    assert "embedding [1, 256]" in str(caught.value)


boxes = arrays(np.float32, (12, 4), elements=st.floats(0, 100, width=16)).map(
    lambda corners: np.concatenate(
        [np.minimum(corners[:, :2], corners[:, 2:]), corners.max(axis=1)[:, None] + corners[:, :2]], axis=1
    )
)
scores = arrays(np.float32, 12, elements=st.sampled_from(np.linspace(0.1, 1, 10, dtype=np.float32).tolist()))


@given(boxes, scores)
def test_suppression_is_the_slow_obvious_one(found, sure) -> None:
    kept: list[int] = []
    for index in sorted(range(len(sure)), key=lambda i: -sure[i]):
        if all(box_iou(found[[index]], found[[other]])[0, 0] <= 0.5 for other in kept):
            kept.append(index)
    fast = suppress(RawBoxes(found, sure), 0.5)
    assert fast.boxes.tolist() == found[kept].tolist()


def test_of_two_boxes_of_one_person_the_better_stays() -> None:
    whole, shifted, upper = (100, 100, 180, 300, 0.9), (104, 104, 182, 305, 0.5), (104, 105, 176, 190, 0.6)
    assert one_box_a_person(raw(whole, shifted, upper)).scores.tolist() == pytest.approx([0.9])


def test_a_child_before_an_adult_and_a_head_behind_a_shoulder_stay() -> None:
    adult, child, behind = (100, 100, 180, 300, 0.9), (115, 200, 165, 312, 0.5), (140, 90, 172, 170, 0.4)
    assert len(one_box_a_person(raw(adult, child, behind)).scores) == 3


def test_legs_on_the_spot_where_somebody_stands_are_his() -> None:
    whole, legs = (100, 100, 180, 300, 0.6), (115, 190, 165, 298, 0.8)
    assert one_box_a_person(raw(whole, legs)).scores.tolist() == pytest.approx([0.6])
    guessed = (100, 100, 180, 300, 0.3)
    assert one_box_a_person(raw(guessed, legs)).scores.tolist() == pytest.approx([0.8, 0.3])


def test_two_side_by_side_stay() -> None:
    assert len(one_box_a_person(raw((100, 100, 180, 300, 0.9), (140, 104, 220, 310, 0.8))).scores) == 2


def test_boxes_are_clipped_to_the_frame_and_absurd_ones_dropped() -> None:
    found = to_detections(
        raw(
            (-20, 50, 40, 400, 0.9),  # cut by two borders
            (10, 10, 11, 40, 0.9),  # a sliver
            (10, 10, 90, 20, 0.9),  # flat
            (100, 10, 103, 14, 0.9),  # tiny
            (float("nan"), 0, 10, 10, 0.9),
        ),
        (2.0, 1.0),
        320,
        240,
    )
    assert [each.box for each in found] == [(0.0, 50.0, 80.0, 240.0)]


def test_nobody_is_an_empty_answer() -> None:
    assert to_detections(raw(), (1.0, 1.0), 320, 240) == ()
