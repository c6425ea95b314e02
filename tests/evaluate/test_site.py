"""A site against its truth: what is right is right, and every kind of mistake is found and named."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from tests.evaluate.toys import SITE, START_S, WALKS, Walk, judged, ledger_of, log_of, shortened, truth_of

from retrail.core.errors import DataError
from retrail.evaluate.page import score_html
from retrail.evaluate.site import judge_site
from retrail.evaluate.site_documents import site_record
from retrail.evaluate.words import site_text
from retrail.simulate.truth import Truth


def test_a_perfect_log_is_perfect() -> None:
    score = judged()
    assert score.recall == pytest.approx(1.0)
    assert score.precision == pytest.approx(1.0)
    assert (score.identities.idf1, score.idf1_single, score.hota.hota) == pytest.approx((1.0, 1.0, 1.0), abs=1e-6)
    assert score.idf1_tracks == pytest.approx(1.0, abs=1e-6)
    assert (score.visitors.estimate, score.visitors_truth, score.switches) == (3, 3, 0)
    assert [(line.entries, line.entries_truth, line.exits, line.exits_truth) for line in score.lines] == [(3, 3, 3, 3)]
    assert (score.journeys_right, score.transitions_right) == (1.0, 1.0)
    assert len(score.transitions) == 6
    assert (score.confusions, score.never_found, score.nobody) == ((), (), ())
    assert score.dwell.mean_error_s == pytest.approx(0.0, abs=0.11)
    assert (score.dwell.paired, score.dwell.visits, score.dwell.visits_truth) == (3, 3, 3)
    assert score.dwell.mean_truth_s == pytest.approx(20 + 128 / 65)
    assert [(one.zone, one.peak, one.peak_truth) for one in score.occupancy] == [("", 1, 1), ("shelf", 1, 1)]
    assert [one.mean_error for one in score.occupancy] == pytest.approx([0.0, 0.0], abs=0.01)
    assert (score.left_out, score.not_drawn) == ((), ())


def test_two_people_under_one_number_are_a_merge_with_its_evidence() -> None:
    score = judged(who=[1, 1, 1, 1, 1, 1, 3, 3, 3])
    (merge,) = score.confusions
    assert (merge.kind, merge.identity, {merge.person, merge.other}) == ("merge", 1, {1, 2})
    assert len(merge.decisions) == 3
    decision = merge.decisions[0]
    assert (decision.camera, decision.outcome, decision.probability, decision.mixed) == ("door", "new", 0.9, False)
    assert decision.candidate.log_odds == {"appearance": -2.5, "time": 0.5, "prior": -1.0}
    assert decision.reasons == ("decided as 1",)
    assert not merge.from_tracking
    assert (score.visitors.estimate, score.visitors_truth) == (2, 3)
    assert score.identities.idf1 < 0.75
    assert score.idf1_single < 1.0
    assert score.transitions_right == 1.0
    assert score.journeys_right == pytest.approx(1 / 3)
    assert {tuple(one.wrong) for one in score.journeys if "no identity" in one.wrong}


def test_one_person_under_two_numbers_is_a_split_with_its_evidence() -> None:
    score = judged(who=[1, 1, 4, 2, 2, 2, 3, 3, 3])
    (split,) = score.confusions
    assert (split.kind, split.person, split.identity, split.other) == ("split", 1, 1, 4)
    assert [(one.camera, one.start_s - START_S) for one in split.decisions] == [("door", 52.0)]
    assert split.decisions[0].candidate.total_log_odds == -3.0
    assert score.visitors.estimate == 4
    wrong = [one for one in score.transitions if not one.right]
    assert [(one.person, one.from_camera, one.to_camera, one.before, one.after) for one in wrong] == [
        (1, "till", "door", 1, 4)
    ]
    assert score.transitions_right == pytest.approx(5 / 6)
    assert [one.wrong for one in score.journeys] == [("crossing of entrance (out) missed",), (), ()]


def test_a_switch_within_a_sighting_is_the_trackers() -> None:
    # two people stand side by side; the tracker goes over from one to the other half-way
    walks = (WALKS[0], replace(WALKS[3], start_s=0.0))
    walks = (replace(walks[0], stands_s=20.0), replace(walks[1], stands_s=20.0, back=True))

    def swapped(sightings: list) -> list:
        a, b = (one.path for one in sightings)
        half = len(a) // 2
        return [
            replace(one, path=replace(x, boxes_px=np.concatenate([x.boxes_px[:half], y.boxes_px[half:]])))
            for one, x, y in zip(sightings, (a, b), (b, a), strict=True)
        ]

    score = judged(walks, who=[1, 2], change=swapped)
    assert score.switches == 2
    assert score.cameras[0].tracks.idf1 < 0.9  # they stand at one place for long: that is right either way
    assert score.confusions == ()  # most of each sighting is of one person


def test_a_confusion_of_which_every_sighting_is_mixed_is_the_trackers() -> None:
    # two people pass each other, and the tracker goes over from one to the other for the last third
    walks = (Walk(1, "till", 0.0), Walk(2, "till", 40.0), Walk(1, "till", 40.0, back=True))

    def swapped(sightings: list) -> list:
        a, b = sightings[1].path, sightings[2].path
        cut = 2 * len(a) // 3
        boxes = [np.concatenate([x.boxes_px[:cut], y.boxes_px[cut:]]) for x, y in ((a, b), (b, a))]
        mixed = [
            replace(one, path=replace(one.path, boxes_px=box)) for one, box in zip(sightings[1:], boxes, strict=True)
        ]
        return [sightings[0], *mixed]

    score = judged(walks, who=[1, 1, 3], change=swapped)
    merge = next(one for one in score.confusions if one.kind == "merge")
    assert (merge.identity, {merge.person, merge.other}) == (1, {1, 2})
    assert [decision.mixed for decision in merge.decisions] == [True]
    assert merge.from_tracking
    record = next(one for one in site_record(score, "truth").merges if one.identity == 1)
    assert record.from_tracking


def test_who_is_never_found_is_missed_and_what_shows_nobody_is_false() -> None:
    sightings = log_of(WALKS)[3:]
    ghost = replace(sightings[0], id="f" * 32, camera="till")
    log = [*sightings, ghost]
    score = judge_site(SITE, log, ledger_of(log, [2, 2, 2, 3, 3, 3, 9]), truth_of(WALKS))
    assert score.never_found == (1,)
    assert score.nobody == (9,)
    assert score.recall == pytest.approx(2 / 3, abs=0.1)
    assert score.precision < 0.95
    assert score.visitors.estimate == 3
    assert "no identity" in score.journeys[0].wrong


def test_dwell_that_is_cut_short_and_visits_that_are_missed_or_never_were() -> None:
    def late(sightings: list) -> list:
        return [shortened(one, 20.0, 90.0) if place == 1 else one for place, one in enumerate(sightings)]

    score = judged(change=late)
    errors = [pair.error_s for pair in score.visits]
    assert errors[0] == pytest.approx(-(20 - 12 - 4 + 64 / 65), abs=0.1)
    assert score.dwell.worst_error_s == pytest.approx(-errors[0])
    assert score.dwell.mean_error_s == pytest.approx(-errors[0] / 3, abs=0.1)
    assert score.journeys[0].wrong[0] == "visit to shelf begins 5.0 s late"
    without = judged(change=lambda sightings: [one for place, one in enumerate(sightings) if place != 4], who=[1] * 9)
    assert [pair.stay is None for pair in without.visits] == [False, True, False]
    truth = truth_of(WALKS)
    sightings = log_of(WALKS)
    extra = judge_site(
        SITE, sightings, ledger_of(sightings, [w.person for w in WALKS]), replace(truth, visits=truth.visits[1:])
    )
    assert [pair.visit is None for pair in extra.visits] == [True, False, False]
    assert extra.visits[0].person == 1


@pytest.mark.parametrize(
    ("enter_s", "leave_s", "wrong"),
    [
        (0.0, 2.8, ()),
        (-2.8, 0.0, ()),
        (0.0, 120.0, ("visit to shelf ends 120.0 s early",)),
        (0.0, -4.0, ("visit to shelf ends 4.0 s late",)),
        (-4.0, 0.0, ("visit to shelf begins 4.0 s late",)),
        (4.0, 4.0, ("visit to shelf begins 4.0 s early", "visit to shelf ends 4.0 s early")),
    ],
)
def test_a_journey_is_right_if_its_visits_begin_and_end_within_3_s(
    enter_s: float, leave_s: float, wrong: tuple[str, ...]
) -> None:
    truth, sightings = truth_of(WALKS), log_of(WALKS)
    first = truth.visits[0]
    other = replace(first, enter_s=first.enter_s + enter_s, leave_s=first.leave_s + leave_s)
    entries = ledger_of(sightings, [walk.person for walk in WALKS])
    score = judge_site(SITE, sightings, entries, replace(truth, visits=(other, *truth.visits[1:])))
    assert [re.sub(r"\d+\.\d", lambda found: f"{float(found[0]):.0f}.0", line) for line in score.journeys[0].wrong] == [
        *wrong
    ]
    assert score.journeys_right == (2 / 3 if wrong else 1.0)


def test_who_could_be_anybody_is_found_but_nobody_known() -> None:
    score = judged(who=[1, None, 1, 2, 2, 2, 3, 3, 3])
    assert score.recall == pytest.approx(1.0)
    assert score.visitors.unresolved == 1
    assert [(one.before, one.after) for one in score.transitions[:2]] == [(1, None), (None, 1)]
    assert score.confusions == ()


def test_what_the_truth_does_not_speak_of_is_not_judged() -> None:
    sightings = log_of(WALKS)
    entries = ledger_of(sightings, [w.person for w in WALKS])
    score = judge_site(SITE, sightings, entries, Truth(truth_of(WALKS).cameras))
    assert (score.lines, score.occupancy, score.visits, score.dwell) == (None, None, None, None)
    assert score.journeys_right is None
    assert [one.right for one in score.journeys] == [None, None, None]


def test_without_true_crossings_a_journey_is_right_by_its_visits_alone() -> None:
    sightings = log_of(WALKS)
    # the first person leaves under another number: a wrong crossing, the right visits
    entries = ledger_of(sightings, [1, 1, 4, 2, 2, 2, 3, 3, 3])
    truth = truth_of(WALKS)
    assert judge_site(SITE, sightings, entries, truth).journeys_right == pytest.approx(2 / 3)
    score = judge_site(SITE, sightings, entries, replace(truth, crossings=None))
    assert score.journeys_right == 1.0
    assert "of 3 journeys are exactly right, by visits alone" in site_text(score)
    assert "by visits alone" in score_html(score, "truth", (), {}, blurred=True)


def test_without_true_visits_no_journey_is_called_right() -> None:
    sightings = log_of(WALKS)
    truth = replace(truth_of(WALKS), visits=None)
    score = judge_site(SITE, sightings, ledger_of(sightings, [1, 1, 4, 2, 2, 2, 3, 3, 3]), truth)
    assert score.journeys_right is None
    assert [one.right for one in score.journeys] == [False, None, None]
    record = site_record(score, "truth")
    assert record.journeys_right is None
    assert [one.right for one in record.journeys] == [False, None, None]
    for shown in (site_text(score), score_html(score, "truth", (), {}, blurred=True)):
        assert "not judged" in shown
        assert "visits.csv" in shown


def test_only_listed_frames_are_judged_where_they_are_uneven() -> None:
    truth = truth_of(WALKS)
    till = truth.cameras["till"]
    frames = np.unique(till.boxes.frame)
    times_s = till.time_of(frames)
    uneven = replace(
        till, times_s=times_s, boxes=replace(till.boxes, frame=np.searchsorted(frames, till.boxes.frame) + 1)
    )
    sightings = log_of(WALKS)
    entries = ledger_of(sightings, [w.person for w in WALKS])
    score = judge_site(SITE, sightings, entries, replace(truth, cameras={**truth.cameras, "till": uneven}))
    assert score.identities.idf1 == pytest.approx(1.0)


def test_boxes_on_somebody_who_does_not_count_are_not_judged() -> None:
    truth = truth_of(WALKS)
    door = truth.cameras["door"]
    counts = door.boxes.person != 1
    staff = {**truth.cameras, "door": replace(door, boxes=replace(door.boxes, counts=counts))}
    sightings = log_of(WALKS)
    entries = ledger_of(sightings, [w.person for w in WALKS])
    score = judge_site(SITE, sightings, entries, replace(truth, cameras=staff))
    assert (score.recall, score.precision, score.identities.idf1) == pytest.approx((1.0, 1.0, 1.0))


def test_an_empty_log_and_an_empty_shop() -> None:
    score = judge_site(SITE, [], [], truth_of(WALKS))
    assert (score.recall, score.precision, score.identities.idf1, score.hota.hota) == (0.0, None, 0.0, 0.0)
    assert (score.visitors.estimate, score.dwell.mean_error_s, score.transitions_right) == (0, None, 0.0)
    nobody = judge_site(SITE, [], [], truth_of(()))
    assert (nobody.recall, nobody.identities.idf1, nobody.hota.hota, nobody.journeys_right) == (None, None, None, None)


def test_the_truth_of_another_site_is_refused() -> None:
    truth = truth_of(WALKS)
    with pytest.raises(DataError, match="other cameras"):
        judge_site(SITE, [], [], replace(truth, cameras={"roof": truth.cameras["door"]}))
