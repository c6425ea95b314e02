"""Only what was labelled is judged: some of the cameras, a part of the time, or visits and crossings without boxes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.evaluate.toys import HZ, SITE, START_S, WALKS, Walk, ledger_of, log_of, truth_of

from retrail.evaluate.page import score_html
from retrail.evaluate.site import SiteScore, judge_site
from retrail.evaluate.site_documents import site_record
from retrail.evaluate.words import site_text
from retrail.evaluate.worst import worst_mistakes
from retrail.simulate.truth import Truth, TruthBoxes, TruthCamera

WHO = [walk.person for walk in WALKS]
NO_BOXES = TruthBoxes(
    np.empty(0, np.int64), np.empty(0, np.int64), np.empty((0, 4), np.float32), np.empty(0, np.bool_), np.empty(0, "f4")
)


def judged(truth: Truth, who: list[int] = WHO, walks: tuple[Walk, ...] = WALKS) -> SiteScore:
    sightings = log_of(walks)
    return judge_site(SITE, sightings, ledger_of(sightings, who), truth)


def of_cameras(truth: Truth, *names: str) -> Truth:
    """The truth of somebody who labelled these cameras alone."""
    return replace(
        truth,
        cameras={name: truth.cameras[name] for name in names},
        visits=tuple(visit for visit in truth.visits if visit.camera in names),
    )


def shown(score: SiteScore) -> tuple[str, str]:
    return site_text(score), score_html(score, "truth", worst_mistakes(score), {}, blurred=True)


def test_a_camera_that_is_not_labelled_is_in_no_figure_and_named() -> None:
    # who goes to the till is taken there for somebody else, and nobody can say so
    score = judged(of_cameras(truth_of(WALKS), "door"), who=[1, 8, 1, 2, 9, 2, 3, 7, 3])
    assert score.left_out == ("till",)
    assert (score.visitors.estimate, score.visitors_truth) == (3, 3)
    assert (score.identities.idf1, score.journeys_right, score.transitions_right) == (1.0, 1.0, None)
    assert [(line.entries, line.entries_truth) for line in score.lines] == [(3, 3)]
    assert (score.nobody, score.never_found, score.confusions) == ((), (), ())
    assert (score.dwell.visits, score.dwell.visits_truth) == (0, 0)
    assert score.occupancy == ()  # the shop is more than its labelled cameras
    record = site_record(score, "truth")
    assert (record.left_out, record.occupancy_mean_error) == (("till",), None)
    for text in shown(score):
        assert "Left out, for the truth does not label them: till." in text
    whole = judged(truth_of(WALKS))
    assert site_record(whole, "truth").left_out == ()
    assert all("Left out" not in text for text in shown(whole))


def test_lines_and_zones_of_cameras_that_are_not_labelled_are_not_judged() -> None:
    score = judged(of_cameras(truth_of(WALKS), "till"))
    assert (score.lines, score.left_out, score.journeys_right) == ((), ("door",), 1.0)
    record = site_record(score, "truth")
    assert (record.entries, record.entries_truth, record.exits, record.exits_truth) == (None,) * 4
    assert [one.zone for one in score.occupancy] == ["shelf"]
    assert (score.dwell.visits, score.dwell.visits_truth, score.dwell.paired) == (3, 3, 3)
    wrong = judged(of_cameras(truth_of(WALKS), "till"), who=[1, 1, 1, 2, 1, 2, 3, 3, 3])
    assert (wrong.visitors.estimate, wrong.visitors_truth) == (2, 3)
    assert wrong.journeys_right == pytest.approx(1 / 3)


def test_a_camera_of_the_log_that_the_site_no_longer_has_is_left_out() -> None:
    sightings = log_of(WALKS)
    roof = replace(sightings[0], id="f" * 32, camera="roof")
    log = [*sightings, roof]
    score = judge_site(SITE, log, ledger_of(log, [*WHO, 9]), truth_of(WALKS))
    assert (score.left_out, score.visitors.estimate, score.nobody) == (("roof",), 3, ())
    assert score.journeys_right == 1.0


def labelled_from_to(camera: TruthCamera, from_s: float, to_s: float) -> TruthCamera:
    """Its frames between two seconds after the start, counted from 1 and listed."""
    first, last = round(from_s * HZ) + 1, round(to_s * HZ) + 1
    boxes = camera.boxes
    keep = (boxes.frame >= first) & (boxes.frame <= last)
    own = TruthBoxes(
        boxes.frame[keep] - first + 1,
        boxes.person[keep],
        boxes.xyxy[keep],
        boxes.counts[keep],
        boxes.visibility[keep],
    )
    times_s = START_S + np.arange(first - 1, last) / HZ
    return replace(camera, first_frame_s=float(times_s[0]), times_s=times_s, boxes=own)


def test_what_was_before_and_after_the_labels_is_not_judged() -> None:
    # the second person alone was labelled: the others come before and after
    truth = truth_of(WALKS)
    own = truth_of(WALKS[3:6])
    cameras = {name: labelled_from_to(camera, 68.0, 132.0) for name, camera in truth.cameras.items()}
    score = judged(replace(own, cameras=cameras), who=[1, 1, 1, 2, 2, 2, 3, 3, 3])
    assert (score.visitors.estimate, score.visitors_truth, score.nobody) == (1, 1, ())
    assert (score.identities.idf1, score.journeys_right) == (1.0, 1.0)
    assert [(line.entries, line.entries_truth, line.exits, line.exits_truth) for line in score.lines] == [(1, 1, 1, 1)]
    assert (score.dwell.visits, score.dwell.visits_truth, score.dwell.paired) == (1, 1, 1)
    assert [one.peak for one in score.occupancy] == [1, 1]
    assert [one.mean_error for one in score.occupancy] == pytest.approx([0.0, 0.0], abs=0.01)


def test_who_is_in_view_when_the_labels_end_is_judged_until_then() -> None:
    truth = truth_of(WALKS[:3])
    cameras = {name: labelled_from_to(camera, 0.0, 55.0) for name, camera in truth.cameras.items()}
    score = judged(replace(truth, cameras=cameras, crossings=truth.crossings[:1]), walks=WALKS[:3], who=[1, 1, 1])
    assert [(line.entries, line.exits) for line in score.lines] == [(1, 0)]  # he goes out at 56 s
    assert (score.recall, score.precision, score.journeys_right) == (1.0, 1.0, 1.0)


def counted_by_hand(truth: Truth, *cameras: str) -> Truth:
    """Nobody drew boxes on these cameras."""
    return replace(
        truth,
        cameras={
            name: replace(camera, boxes=NO_BOXES) if name in cameras else camera
            for name, camera in truth.cameras.items()
        },
    )


def test_what_was_counted_by_hand_is_judged_without_boxes() -> None:
    score = judged(counted_by_hand(truth_of(WALKS), "door", "till"))
    assert (score.not_drawn, score.cameras) == (("door", "till"), ())
    assert (score.visitors.estimate, score.visitors_truth) == (3, 3)
    assert [(line.entries, line.entries_truth, line.exits, line.exits_truth) for line in score.lines] == [(3, 3, 3, 3)]
    assert (score.dwell.visits, score.dwell.visits_truth, score.dwell.paired) == (3, 3, 3)
    assert score.dwell.mean_error_s == pytest.approx(0.0, abs=0.11)
    assert [one.mean_error for one in score.occupancy] == pytest.approx([0.0, 0.0], abs=0.01)
    record = site_record(score, "truth")
    of_boxes = (record.recall, record.precision, record.idf1, record.idf1_single, record.idf1_tracks, record.hota)
    assert of_boxes == (None,) * 6
    assert (record.switches, record.journeys_right, record.transitions_right, record.losses.detection) == (None,) * 4
    assert (record.merges, record.splits, record.switch_list, record.never_found, record.nobody) == (None,) * 5
    assert record.not_drawn == ("door", "till")
    for text in shown(score):
        assert "Without boxes in the truth, judged by visits and crossings alone: door, till." in text
        assert "journeys: the truth has no boxes" in text
        assert "Nobody is confused" not in text
        assert "Camera by camera" not in text
        assert "IDF1)" not in text


@pytest.mark.parametrize(
    ("tables", "visitors"),
    [
        (("visits", "crossings", "occupancy"), 3),
        (("people", "crossings", "occupancy"), 3),
        (("people", "visits", "crossings"), None),
    ],
)
def test_visitors_without_boxes_are_those_of_the_tables(tables: tuple[str, ...], visitors: int | None) -> None:
    bare = counted_by_hand(truth_of(WALKS), "door", "till")
    score = judged(replace(bare, **dict.fromkeys(tables)))
    assert (score.visitors_truth, score.cameras) == (visitors, ())
    assert site_record(score, "truth").visitors_truth == visitors
    text, page = shown(score)
    assert "None" not in text
    assert ">None<" not in page
    assert "true: None" not in page


def test_boxes_on_some_cameras_and_counts_on_the_others() -> None:
    score = judged(counted_by_hand(truth_of(WALKS), "till"))
    assert (score.not_drawn, [camera.name for camera in score.cameras]) == (("till",), ["door"])
    assert (score.identities.idf1, score.precision, score.visitors_truth, score.nobody) == (1.0, 1.0, 3, ())
    assert (score.dwell.paired, score.journeys_right) == (3, 1.0)
    wrong = judged(counted_by_hand(truth_of(WALKS), "till"), who=[1, 2, 1, 2, 1, 2, 3, 3, 3])
    assert wrong.dwell.paired == 3
    assert [one.right for one in wrong.journeys] == [False, False, True]


def test_a_camera_that_nobody_came_before_has_its_false_boxes_counted() -> None:
    walks = tuple(walk for walk in WALKS if walk.camera == "door")
    score = judged(replace(truth_of(walks), visits=(), occupancy=None))
    assert score.not_drawn == ()
    assert score.precision < 0.6
