"""Simulated truth and report agree where nothing goes wrong between them: the truth's own boxes, told as sightings."""

from __future__ import annotations

from pathlib import Path as FilePath

import numpy as np
import pytest
from tests.simulate.worlds import room

from retrail.core.types import LedgerEntry, Match, Path, Sighting
from retrail.evaluate.site import SiteScore, judge_site
from retrail.simulate.site_file import site_file
from retrail.simulate.telling import truth_of
from retrail.simulate.truth import Truth
from retrail.simulate.world import play
from retrail.site import Site

# Both come in by the door, walk about on the floor (one also under the camera, his feet out of sight) and go again.
PEOPLE = """\
  - {enter_s: 1, door: door, plan: [{walk: [[3, 2], [1.5, 3], [4, 3], [1.5, 2.5]]}]}
  - {enter_s: 6, door: door, plan: [{walk: [[3, 2], [2, 3.8], [4, 3.8], [3, 5], [4, 3]]}]}
"""


def told(truth: Truth) -> tuple[list[Sighting], list[LedgerEntry]]:
    """What perfect eyes would log: a sighting a presence."""
    sightings: list[Sighting] = []
    entries: list[LedgerEntry] = []
    for camera in truth.cameras.values():
        boxes, times_s = camera.boxes, camera.time_of(camera.boxes.frame)
        for person in np.unique(boxes.person).tolist():
            own = np.flatnonzero((boxes.person == person) & boxes.counts)
            for part in np.split(own, np.flatnonzero(np.diff(times_s[own]) >= 1.0) + 1):
                box = boxes.xyxy[part]
                feet = np.stack([(box[:, 0] + box[:, 2]) / 2, box[:, 3]], axis=1)
                path = Path(times_s[part], box, feet, camera.width_px, camera.height_px)
                ends = float(path.times_s[0]), float(path.times_s[-1])
                name = f"{len(sightings):032d}"
                sightings.append(Sighting(name, camera.name, *ends, path, None, 0.5, "none", None, "person"))
                match = Match(name, person, "assign", 1.0)
                entries.append(LedgerEntry(len(sightings), "assign", ends[1], person, (name,), match=match))
    return sightings, entries


@pytest.fixture(scope="module")
def score(tmp_path_factory: pytest.TempPathFactory) -> SiteScore:
    folder: FilePath = tmp_path_factory.mktemp("room")
    scenario = room(folder, PEOPLE, length_s=40)
    truth = truth_of(play(scenario))
    (folder / "site.yaml").write_text(site_file(scenario))
    return judge_site(Site.load(folder / "site.yaml"), *told(truth), truth)


def test_everybody_crosses_the_line_and_visits_as_often_as_in_truth(score: SiteScore) -> None:
    assert score.visitors.estimate == score.visitors_truth == 2
    ((entries, exits),) = [(line.entries, line.exits) for line in score.lines]
    ((entries_truth, exits_truth),) = [(line.entries_truth, line.exits_truth) for line in score.lines]
    assert (entries, exits) == (entries_truth, exits_truth)
    assert entries == 2
    assert len(score.visits) >= 2
    assert all(pair.visit and pair.stay for pair in score.visits)
    assert score.journeys_right == 1.0


def test_dwell_and_identities_are_right_to_what_a_box_can_say(score: SiteScore) -> None:
    assert score.dwell.mean_error_s < 1.0
    assert score.identities.idf1 > 0.97
    assert score.precision == pytest.approx(1.0)
    assert score.confusions == ()
