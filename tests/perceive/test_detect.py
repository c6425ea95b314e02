"""Detectors on real pictures, by any head."""

from __future__ import annotations

import json
from queue import SimpleQueue

import numpy as np
import pytest
from PIL import Image

from retrail.core.errors import ModelError
from retrail.core.geometry import box_iou
from retrail.perceive.detect import Detector
from retrail.perceive.faces import FaceDetector

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def frame_of_two(read_clip):
    """A frame of `four_cam` with two people in plain sight; the fixture keeps its pixels alive."""
    frames = read_clip("four_cam/cam0.mp4")
    frame = next(frame for frame in frames if frame.index == 160)
    yield frame
    frames.close()


def test_everybody_of_the_clip_is_seen_while_there_and_nobody_else(read_clip, network, shared) -> None:
    truth = json.loads((shared / "video" / "truth.json").read_text())["clips"]["one_by_one.mp4"]["truth"]["people"]
    expected: dict[int, int] = {}
    for person in truth:
        first_s, last_s = person["first_seen_s"], person["last_seen_s"]
        expected |= {round(10 * (first_s - 0.8)): 0, round(10 * (last_s + 0.8)): 0}
        expected |= {round(10 * (first_s + share * (last_s - first_s))): 1 for share in (0.15, 0.4, 0.7, 0.9)}
    detector = Detector(network("person-detection-retail-0013"))
    found = {
        frame.index: sum(each.score >= 0.5 for each in detector.detect(frame))
        for frame in read_clip("one_by_one.mp4")
        if frame.index in expected
    }
    assert found == expected


@pytest.mark.parametrize(
    "name", ["person-detection-retail-0013", "person-detection-0200", "person-detection-0203", "yolox_nano"]
)
def test_every_head_finds_the_same_two_people(name: str, frame_of_two, network) -> None:
    detections = Detector(network(name)).detect(frame_of_two)
    scores = [each.score for each in detections]
    assert scores == sorted(scores, reverse=True)
    boxes = np.array([each.box for each in detections], np.float32)
    people = np.array([[303, 105, 424, 408], [455, 40, 553, 284]], np.float32)
    assert (box_iou(people, boxes[:4]).max(axis=1) > 0.6).all()
    assert (boxes[:, :2] >= 0).all()
    assert (boxes[:, 2] <= frame_of_two.width_px).all()
    assert (boxes[:, 3] <= frame_of_two.height_px).all()


def test_asynchronous_detection_says_the_same(frame_of_two, network) -> None:
    detector = Detector(network("person-detection-retail-0013"))
    answers: SimpleQueue[object] = SimpleQueue()
    image = detector.prepare(frame_of_two)
    for _ in range(6):
        detector.submit(image, frame_of_two.width_px, frame_of_two.height_px, answers.put)
    detector.drain()
    assert [answers.get_nowait() for _ in range(6)] == [detector.detect(frame_of_two)] * 6


def test_whoever_waits_hears_of_any_failure(frame_of_two, network, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a shape nobody thought of")

    monkeypatch.setattr("retrail.perceive.detect.to_detections", broken)
    detector = Detector(network("person-detection-retail-0013"))
    answers: SimpleQueue[object] = SimpleQueue()
    detector.submit(detector.prepare(frame_of_two), frame_of_two.width_px, frame_of_two.height_px, answers.put)
    detector.drain()
    assert isinstance(answers.get_nowait(), RuntimeError)


def test_a_higher_least_score_leaves_out_the_unsure(frame_of_two, network) -> None:
    every = Detector(network("person-detection-retail-0013")).detect(frame_of_two)
    sure = Detector(network("person-detection-retail-0013"), min_score=0.8).detect(frame_of_two)
    assert sure == tuple(each for each in every if each.score >= 0.8)
    assert len(sure) == 2 < len(every)


def test_a_model_of_another_task_is_refused(network) -> None:
    with pytest.raises(ModelError, match="does not detect people") as caught:
        Detector(network("person-reidentification-retail-0288", batch=8))
    assert "person-detection" in str(caught.value)
    with pytest.raises(ModelError, match="does not detect faces"):
        FaceDetector(network("person-detection-retail-0013"))


def test_on_streets_most_who_are_large_enough_are_found_and_few_others(network, shared, bgr_frame) -> None:
    """MOT17: people at least a fifth of the picture high, at score 0.5; the first frame of each sequence."""
    detector = Detector(network("person-detection-retail-0013"))
    people = hits = claims = 0
    for sequence in sorted((shared / "data" / "mot17_mini").iterdir()):
        image = np.asarray(Image.open(sequence / "img1" / "000001.jpg").convert("RGB"))[:, :, ::-1]
        truth = np.loadtxt(sequence / "gt" / "gt.txt", delimiter=",")
        truth = truth[(truth[:, 0] == 1) & (truth[:, 6] == 1) & (truth[:, 7] == 1), 2:6].astype(np.float32)
        truth[:, 2:] += truth[:, :2]
        large = truth[:, 3] - truth[:, 1] >= image.shape[0] / 5
        found = [each.box for each in detector.detect(bgr_frame(image)) if each.score >= 0.5]
        boxes = np.array([box for box in found if box[3] - box[1] >= image.shape[0] / 5], np.float32).reshape(-1, 4)
        overlap = box_iou(boxes, truth) >= 0.5
        people, hits = people + int(large.sum()), hits + int(overlap[:, large].any(axis=0).sum())
        claims += int((~overlap.any(axis=1)).sum())
    assert hits / people > 0.6
    assert claims / (hits + claims) < 0.2
