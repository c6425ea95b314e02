"""The truth without pixels says what the truth of the pictures says, and what its own boxes say."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.evaluate.toys import ledger_of
from tests.simulate.worlds import room

from retrail.evaluate.site import judge_site
from retrail.simulate.happenings import crossings
from retrail.simulate.scenario import Scenario, load_scenario
from retrail.simulate.telling import truth_of
from retrail.simulate.traffic.table import read_sightings
from retrail.simulate.traffic.writing import WrittenSightings, write_sightings
from retrail.simulate.truth import Truth
from retrail.simulate.world import play
from retrail.site import Definitions, Site

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


COMES_LATE = "  - {enter_s: 40}"
GOES_LATE = "  - {enter_s: 1, plan: [{stand: shelf, for_s: 22}]}"
IS_AWAY = "  - {enter_s: 1, plan: [{walk: [[3, 2]]}, {away: door, for_s: 10}, {walk: [[3, 2]]}]}"
JITTERS = "  - {enter_s: 1, plan: [{walk: [[3, 0.9], [3, 0.4], [3.1, 0.9], [3, 0.5], [3, 2]]}]}"


def passed_with_and_without_pixels(scenario: Scenario, out: Path, seed: int) -> tuple[list[object], list[object]]:
    """Who passed which line which way, in order of time for each."""
    world = play(scenario, seed=seed)
    shown = [one for name, line in scenario.spec.lines.items() for one in crossings(world, name, line, Definitions())]
    told = write_sightings(scenario, out, seed=seed).truth.crossings or ()
    found: list[list[object]] = []
    for truth in (shown, told):
        in_order = sorted(truth, key=lambda one: (one.person, one.line, one.time_s))
        found.append([(one.person, one.line, one.direction) for one in in_order])
    return found[0], found[1]


@pytest.mark.parametrize(
    ("people", "length_s", "passed"),
    [
        pytest.param(COMES_LATE, 30, [], id="would come after the end"),
        pytest.param(GOES_LATE, 30, ["in"], id="is still there at the end"),
        pytest.param(IS_AWAY, 60, ["in", "out", "in", "out"], id="goes and comes back"),
        pytest.param(JITTERS, 60, ["in", "out"], id="shifts from foot to foot on the line"),
        pytest.param("  - {enter_s: 27}", 30, [], id="is on the way to the line at the end"),
    ],
)
def test_lines_are_passed_alike_with_and_without_pixels(
    tmp_path: Path, people: str, length_s: float, passed: list[str]
) -> None:
    shown, told = passed_with_and_without_pixels(room(tmp_path, people, length_s), tmp_path / "out", 5)
    assert told == shown == [(1, "door", way) for way in passed]


@pytest.mark.parametrize("preset", ["corner-shop", "twins"])
def test_lines_of_a_shop_are_passed_alike_with_and_without_pixels(tmp_path: Path, preset: str) -> None:
    """Long enough for everybody to have gone, with and without a minute lost in giving way."""
    path = tmp_path / "longer.yaml"
    path.write_text(f"scenario: longer\nextends: {preset}\nlength_s: 420\n", encoding="utf-8")
    shown, told = passed_with_and_without_pixels(load_scenario(path), tmp_path / "out", 12)
    assert len(told) > 30
    assert told == shown


def test_nothing_is_told_of_what_comes_after_the_end(tmp_path: Path) -> None:
    """Not even of who is on the way when it ends, nor of whoever would come later."""
    people = "\n".join(f"  - {{enter_s: {enter_s}, plan: [{{stand: shelf, for_s: 9}}]}}" for enter_s in range(0, 60, 4))
    written = write_sightings(room(tmp_path, people, 30), tmp_path / "out")
    truth = written.truth
    end_s = next(iter(truth.cameras.values())).first_frame_s + 30
    times_s = [one.end_s for one, _ in read_sightings(written.sightings)]
    times_s += [one.leave_s for one in truth.visits or ()] + [one.time_s for one in truth.crossings or ()]
    times_s += [one.time_s for one in truth.occupancy or ()]
    assert max(times_s) == pytest.approx(end_s)
    assert {one.person for one in truth.people or ()} <= set(range(1, 9))
    assert [one.people for one in truth.occupancy or () if not one.zone][-1] == 0
