"""No head may be recognised in a picture that Retrail writes."""

from __future__ import annotations

import numpy as np
import pytest

from retrail.perceive.detect import Detector
from retrail.perceive.faces import FaceDetector
from retrail.perceive.heads import blur_heads, head_box
from retrail.perceive.resample import block_mean, enlarge, shrink
from retrail.video.planes import whole_bgr

_FACES_AT = {65, 185, 320, 432, 443, 688, 745, 776, 1288}
"""Frames of `one_by_one` with faces, and some with people who walk in and out."""
DETAIL = np.random.default_rng(0).integers(0, 256, (200, 300, 3), np.uint8)


def test_the_head_is_the_upper_quarter_of_who_stands_and_more_of_who_sits() -> None:
    standing, seated = head_box((100, 0, 180, 200)), head_box((100, 0, 180, 100))
    assert standing[3] / 200 == pytest.approx(0.24)
    assert seated[3] / 100 == pytest.approx(0.44)
    assert head_box((100, 150, 180, 190))[3] <= 195


def test_the_head_goes_and_the_rest_stays() -> None:
    image = DETAIL.copy()
    blur_heads(image, [(100, 20, 160, 180)])
    assert np.array_equal(image[70:], DETAIL[70:])
    assert np.array_equal(image[:, :80], DETAIL[:, :80])
    head = image[25:55, 105:155].astype(float)
    assert np.abs(np.diff(head, axis=0)).max() < 12
    assert head.std() < 0.3 * DETAIL[25:55, 105:155].std()


def test_boxes_outside_cut_or_of_a_pixel_do_no_harm() -> None:
    image = DETAIL.copy()
    blur_heads(image, [(-50, -50, -10, -10), (290, 190, 400, 400), (5, 5, 6, 6), (400, 10, 500, 90)])
    assert np.array_equal(image[20:150, 20:250], DETAIL[20:150, 20:250])


def test_a_shrunk_picture_keeps_its_mean_and_a_flat_one_its_colour() -> None:
    assert shrink(DETAIL, 30, 20).mean() == pytest.approx(DETAIL.mean(), abs=0.6)
    flat = np.full((7, 11, 3), 90, np.uint8)
    assert np.allclose(enlarge(block_mean(flat, 3, 2), 11, 7), 90)


@pytest.mark.shared
def test_no_face_is_left_in_a_clip_whose_heads_were_blurred(read_clip, network) -> None:
    faces = FaceDetector(network("face_detection_yunet_2023mar"), min_score=0.3)
    people = Detector(network("person-detection-retail-0013"))
    before, by_boxes, with_faces = [], [], []
    for frame in read_clip("one_by_one.mp4"):
        if frame.index in _FACES_AT:
            image = whole_bgr(frame)
            before += [face.score for face in faces.detect(image)]
            boxes = [each.box for each in people.detect(frame)]
            estimated = image.copy()
            blur_heads(estimated, boxes)
            by_boxes += [face.score for face in faces.detect(estimated)]
            blur_heads(image, boxes, faces)
            with_faces += [face.score for face in faces.detect(image)]
    assert sum(score >= 0.6 for score in before) >= 4
    assert max(by_boxes, default=0.0) < 0.6
    assert max(with_faces, default=0.0) < 0.6


@pytest.mark.shared
def test_a_face_that_no_box_covers_is_blurred_too(read_clip, network) -> None:
    faces = FaceDetector(network("face_detection_yunet_2023mar"), min_score=0.3)
    frames = read_clip("one_by_one.mp4")
    image = next(whole_bgr(frame) for frame in frames if frame.index == 688)
    frames.close()
    assert max(face.score for face in faces.detect(image)) > 0.6
    blur_heads(image, [], faces)
    assert max((face.score for face in faces.detect(image)), default=0.0) < 0.5


@pytest.mark.shared
def test_doubtful_faces_as_large_as_the_room_do_not_blur_the_room(read_clip, network) -> None:
    faces = FaceDetector(network("face_detection_yunet_2023mar"))
    frames = read_clip("four_cam/cam3.mp4")
    image = next(whole_bgr(frame) for frame in frames if frame.index == 160)
    frames.close()
    blurred = image.copy()
    blur_heads(blurred, [], faces)
    assert (blurred != image).any(axis=2).mean() < 0.1


def test_who_is_only_guessed_to_be_there_is_blurred_whole() -> None:
    image = DETAIL.copy()
    blur_heads(image, [], guessed_boxes=[(100, 20, 160, 180)])
    inside = image[30:170, 105:155].astype(float)
    assert inside.std() < 0.3 * DETAIL[30:170, 105:155].std()
    assert np.array_equal(image[182:], DETAIL[182:])
