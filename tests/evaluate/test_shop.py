"""How full it was and how long people stayed, by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ks_2samp
from tests.evaluate.toys import SITE, START_S, WALKS, judged, ledger_of, log_of, truth_of

from retrail.evaluate.shop import DwellScore, OccupancyScore, VisitPair, dwell_score
from retrail.evaluate.site import judge_site
from retrail.evaluate.site_documents import site_record
from retrail.evaluate.words import site_text
from retrail.insight.findings import Place, Stay
from retrail.simulate.truth import TruthOccupancy, TruthVisit


def occupancy_of(*changes: TruthOccupancy, empty: bool = False) -> dict[str, OccupancyScore]:
    """By zone: the toy shop's log (or an empty one) beside these changes."""
    sightings = [] if empty else log_of(WALKS)
    entries = ledger_of(sightings, [walk.person for walk in WALKS])
    score = judge_site(SITE, sightings, entries, replace(truth_of(WALKS), occupancy=changes))
    return {one.zone: one for one in score.occupancy}


def test_no_rows_say_that_nobody_was_there() -> None:
    scores = occupancy_of()
    assert list(scores) == ["", "shelf"]
    assert [(one.peak, one.peak_truth, one.mean_truth) for one in scores.values()] == [(1, 0, 0.0)] * 2
    assert [one.mean_error for one in scores.values()] == [one.mean for one in scores.values()]
    assert min(one.mean for one in scores.values()) > 0.3


def test_a_zone_without_rows_was_empty_beside_one_with_rows() -> None:
    scores = occupancy_of(TruthOccupancy(START_S, "", 1), TruthOccupancy(START_S + 200, "", 0))
    assert (scores["shelf"].peak, scores["shelf"].peak_truth) == (1, 0)
    assert scores["shelf"].mean_error > 0.3


def test_a_shop_that_was_not_counted_is_not_judged_by_its_zones() -> None:
    scores = occupancy_of(TruthOccupancy(START_S, "shelf", 1), TruthOccupancy(START_S + 200, "shelf", 0))
    assert list(scores) == ["shelf"]
    assert scores["shelf"].mean_truth == pytest.approx(1.0)


def test_where_no_time_passes_there_is_no_mean_but_a_peak() -> None:
    scores = occupancy_of(TruthOccupancy(START_S, "", 3), empty=True)
    assert scores[""] == OccupancyScore("", None, None, None, 0, 3)
    assert scores["shelf"] == OccupancyScore("shelf", None, None, None, 0, 0)
    truth = replace(truth_of(WALKS), occupancy=(TruthOccupancy(START_S, "", 3),))
    score = judge_site(SITE, [], [], truth)
    assert site_record(score, "truth").occupancy_mean_error is None
    (line,) = [line for line in site_text(score).splitlines() if "most at once  " in line]
    assert line.split() == ["most", "at", "once", "0", "3"]


def test_of_two_changes_at_one_moment_the_later_row_holds() -> None:
    scores = occupancy_of(
        TruthOccupancy(START_S, "", 2), TruthOccupancy(START_S, "", 1), TruthOccupancy(START_S + 10, "", 0), empty=True
    )
    assert (scores[""].mean_truth, scores[""].mean_error) == (1.0, 1.0)


def scored(said: list[float], true: list[float]) -> DwellScore:
    """Dwell of visits that have nothing to do with each other."""
    place = Place("zone", "shelf", "till")
    stays = [VisitPair("till", "shelf", None, None, Stay(1, place, 0.0, length)) for length in said]
    visits = [VisitPair("till", "shelf", 1, TruthVisit(1, "till", "shelf", 0.0, length), None) for length in true]
    return dwell_score([*stays, *visits])


def test_the_lengths_of_visits_are_compared_also_where_no_visit_has_its_pair() -> None:
    score = scored([10.0, 20.0, 30.0, 40.0], [10.0, 20.0, 30.0, 140.0])
    assert (score.median_s, score.median_truth_s) == (25.0, 25.0)
    assert (score.p90_s, score.p90_truth_s) == pytest.approx((37.0, 107.0))
    assert score.distance == 0.25
    assert (score.paired, score.mean_error_s) == (0, None)
    assert scored([10.0], [10.0]).distance == 0.0
    assert scored([10.0], [20.0]).distance == 1.0
    assert scored([], [20.0]).distance is None


LENGTHS = st.lists(st.integers(0, 30).map(float), min_size=2, max_size=12)


@given(LENGTHS, LENGTHS)
def test_the_distance_is_that_of_kolmogorov_and_smirnov(said: list[float], true: list[float]) -> None:
    assert scored(said, true).distance == pytest.approx(ks_2samp(said, true, method="asymp").statistic)


def test_the_distribution_of_dwell_is_told() -> None:
    score = judged()
    record = site_record(score, "truth")
    lengths = np.array([pair.visit.dwell_s for pair in score.visits])
    assert record.dwell_median_truth_s == pytest.approx(np.median(lengths))
    assert record.dwell_median_s == pytest.approx(np.median(lengths), abs=0.2)
    assert record.dwell_p90_truth_s == pytest.approx(np.quantile(lengths, 0.9))
    assert record.dwell_distance == pytest.approx(score.dwell.distance)
    text = site_text(score)
    assert "median dwell" in text
    assert "Kolmogorov-Smirnov" in text
