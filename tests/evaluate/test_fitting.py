"""A truth that is not of this site, or not of this time, is refused; its mistakes are not charged to Retrail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from tests.evaluate.toys import SITE, WALKS, Walk, ledger_of, log_of, truth_of

from retrail.core.errors import DataError
from retrail.core.types import Sighting
from retrail.evaluate.site import SiteScore, judge_site
from retrail.simulate.truth import Truth, TruthVisit, read_truth, write_truth


def judged(truth: Truth, sightings: Sequence[Sighting]) -> SiteScore:
    return judge_site(SITE, sightings, ledger_of(sightings, [walk.person for walk in WALKS]), truth)


def refused(truth: Truth, sightings: Sequence[Sighting]) -> DataError:
    with pytest.raises(DataError) as caught:
        judged(truth, sightings)
    return caught.value


@pytest.mark.parametrize(
    ("file", "old", "new", "what", "where", "found", "allowed", "hint"),
    [
        ("cameras.csv", "door,", "dor,", "other cameras", "cameras.csv", "dor", "door, till", "did you mean 'door'?"),
        (
            "crossings.csv", ",entrance,in", ",entrence,in",
            "no such line", "crossings.csv line 2: line", "'entrence'", "entrance", "did you mean 'entrance'?",
        ),
        (
            "visits.csv", ",shelf,", ",shef,",
            "no such zone on camera till", "visits.csv line 2: zone", "'shef'", "shelf", "did you mean 'shelf'?",
        ),
        (
            "visits.csv", ",till,shelf,", ",door,shelf,",
            "no such zone on camera door", "visits.csv line 2: zone", "'shelf'", "door",
            "shelf is a zone of camera till",
        ),
        (
            "occupancy.csv", ",shelf,1", ",sheff,1",
            "no such zone", "zone", "'sheff'", "door, shelf", "did you mean 'shelf'?",
        ),
        (
            "occupancy.csv", ",shelf,1", ",roof,1",
            "no such zone", "zone", "'roof'", "door, shelf", "the names are those of the site file",
        ),
    ],
)  # fmt: skip
def test_a_name_that_the_site_does_not_have(
    tmp_path: Path, file: str, old: str, new: str, what: str, where: str, found: str, allowed: str, hint: str
) -> None:
    write_truth(truth_of(WALKS), tmp_path)
    text = (tmp_path / file).read_text()
    assert old in text
    (tmp_path / file).write_text(text.replace(old, new, 1))
    if file == "cameras.csv":
        (tmp_path / "mot/door.txt").rename(tmp_path / "mot/dor.txt")
    error = refused(read_truth(tmp_path), log_of(WALKS))
    assert what in error.what
    assert str(error.where).endswith(where)
    assert (error.found, error.allowed, error.hint) == (found, allowed, hint)
    if file == "occupancy.csv":
        rows = (tmp_path / file).read_text().splitlines()
        line = next(number for number, row in enumerate(rows, start=1) if new in row)
        assert error.where == f"{tmp_path / file} line {line}: zone"


def test_a_site_without_lines_says_that_it_has_none() -> None:
    with pytest.raises(DataError) as caught:
        judge_site(replace(SITE, lines={}), [], [], truth_of(WALKS))
    assert caught.value.allowed == "none: the site file has no line"


def test_a_visit_to_a_camera_without_zones_is_to_all_of_it() -> None:
    truth = truth_of(WALKS)
    door = TruthVisit(1, "door", "door", WALKS[0].start_s + 1e6, WALKS[0].end_s + 1e6)
    score = judged(replace(truth, visits=(*truth.visits, door)), log_of(WALKS))
    assert [pair.zone for pair in score.visits if pair.visit and pair.stay].count("door") == 1


def moved(sightings: Sequence[Sighting], by_s: float) -> list[Sighting]:
    return [
        replace(one, start_s=one.start_s + by_s, end_s=one.end_s + by_s,
                path=replace(one.path, times_s=one.path.times_s + by_s))
        for one in sightings
    ]  # fmt: skip


@pytest.mark.parametrize("by_s", [-3600.0, 3600.0])
def test_times_that_do_not_overlap_are_refused_with_both_spans(by_s: float) -> None:
    error = refused(truth_of(WALKS), moved(log_of(WALKS), by_s))
    assert error.what == "The truth and the log are of different times"
    assert "first_frame in cameras.csv" in str(error.where)
    hour = {-3600.0: 12, 3600.0: 14}[by_s]
    assert error.found == (
        "truth 1970-01-12T13:46:40.000+00:00 to 1970-01-12T13:50:00.000+00:00;"
        f" log 1970-01-12T{hour}:46:40.000+00:00 to 1970-01-12T{hour}:50:00.000+00:00"
    )
    assert error.allowed == "times that overlap"
    assert "zone of the truth's times" in str(error.hint)


def test_a_log_or_a_truth_of_nobody_fits_any_time() -> None:
    empty = judged(truth_of(WALKS), [])
    assert (empty.recall, empty.identities.idf1, empty.visitors.estimate) == (0.0, 0.0, 0)
    late = moved(log_of(WALKS), 3600.0)
    nobody = judge_site(SITE, late, ledger_of(late, [walk.person for walk in WALKS]), truth_of(()))
    assert (nobody.precision, nobody.visitors.estimate, nobody.visitors_truth) == (0.0, 3, 0)


def test_a_log_that_only_shows_somebody_before_anybody_came_is_judged() -> None:
    # frames are labelled from the start on, and the truth's people come later
    walks = (Walk(1, "till", 100.0),)
    sightings = log_of([Walk(1, "till", 10.0)])
    score = judge_site(SITE, sightings, ledger_of(sightings, [1]), truth_of(walks))
    assert (score.recall, score.precision) == (0.0, 0.0)
