"""The truth without pixels says what the truth of the pictures says, and what its own boxes say."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.evaluate.toys import ledger_of
from tests.simulate.worlds import room

from retrail.evaluate.site import judge_site
from retrail.simulate.telling import truth_of
from retrail.simulate.traffic.table import read_sightings
from retrail.simulate.traffic.writing import WrittenSightings, write_sightings
from retrail.simulate.truth import Truth
from retrail.simulate.world import play
from retrail.site import Site

# The picture of the room's camera ends at 3.37 m to the north, and the zone beyond it, at 4 m.
STANDS = "  - {enter_s: 0, at: [3, 3.8], leaves: false}"
COMES = "  - {enter_s: 1, plan: [{walk: [[3, 2], [3, 3.8]]}, {walk: [[3.2, 3.8]]}]}"
STAYS = "  - {enter_s: 1, plan: [{walk: [[3, 2]]}, {stand: near, for_s: 12}]}"
NEAR = ("spots:\n", "spots:\n  near: {at: [3, 3.9], face_deg: 270}\n")
RATE = "rate_hz: 5"
_WITHIN_S = 1.5
"""People give way and stop softly in the pictures, and without them the floor is in cells of 0.4 m."""


def visits_of(truth: Truth) -> list[tuple[int, str, float, float]]:
    start_s = next(iter(truth.cameras.values())).first_frame_s
    return [(one.person, one.zone, one.enter_s - start_s, one.leave_s - start_s) for one in truth.visits or ()]


def journeys_right(written: WrittenSightings) -> float | None:
    """By the boxes of the sightings, everybody under a number of his own."""
    sightings, people = zip(*read_sightings(written.sightings, by_end=True), strict=True)
    return judge_site(Site.load(written.site), sightings, ledger_of(sightings, people), written.truth).journeys_right


@pytest.mark.parametrize(
    ("people", "changes", "spans"),
    [
        pytest.param(STANDS, [], [(0, 30)], id="stands beyond the edge of the picture"),
        pytest.param(STAYS, [NEAR], None, id="goes beyond it and comes back"),
        pytest.param(COMES, [], None, id="is there for a moment"),
        pytest.param(
            STANDS, [(RATE, f"{RATE}, outages: [[10, 18]]")], [(0, 10), (18, 30)], id="is not seen in an outage"
        ),
        pytest.param(
            STANDS,
            [(RATE, f"{RATE}, moved: {{after_s: 15, look_at: [7.5, 5.5, 1]}}")],
            [(0, 15)],
            id="is not seen once the camera looks away",
        ),
    ],
)
def test_who_stands_beyond_the_edge_visits_as_often_and_as_long_with_and_without_pixels(
    tmp_path: Path, people: str, changes: list[tuple[str, str]], spans: list[tuple[float, float]] | None
) -> None:
    scenario = room(tmp_path, people, 30, *changes)
    written = write_sightings(scenario, tmp_path / "out", seed=5)
    shown, told = visits_of(truth_of(play(scenario, seed=5))), visits_of(written.truth)
    assert [one[:2] for one in told] == [one[:2] for one in shown]
    assert told
    for one, other in zip(told, shown, strict=True):
        assert one[2:] == pytest.approx(other[2:], abs=_WITHIN_S)
    if spans is not None:
        assert [one[2:] for one in told] == [pytest.approx(span) for span in spans]
    assert journeys_right(written) == 1.0
