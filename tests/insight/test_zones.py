"""Visits to zones: when they begin and end, and what does not count."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrail.insight.journeys import visits

LEFT, MIDDLE, RIGHT = 0.2, 0.5, 0.8


def stays(sightings, site, identity=1):
    """(enter, leave) of each visit when all sightings are one identity's."""
    found = visits(sightings, {sighting.id: identity for sighting in sightings}, site)
    return [(round(visit.enter_s, 3), round(visit.leave_s, 3)) for visit in found]


def test_a_stay_is_from_border_to_border(toys):
    way = [(0, 0.2, 0.6), (4, 0.5, 0.6), (14, 0.5, 0.6), (18, 0.8, 0.6)]
    (visit,) = visits([toys.walk(way)], {"a": 7}, toys.square())
    assert (visit.identity, visit.camera, visit.zone, visit.sightings) == (7, "hall", "square", ("a",))
    assert visit.enter_s == pytest.approx(4 * 0.2 / 0.3, abs=0.01)
    assert visit.leave_s == pytest.approx(14 + 4 * 0.1 / 0.3, abs=0.01)


def test_passing_through_in_less_than_five_seconds_is_no_visit(toys):
    way = [(0, 0.2, 0.6), (12, 0.8, 0.6)]  # inside for 4 s
    assert stays([toys.walk(way)], toys.square()) == []
    assert len(stays([toys.walk(way)], toys.square(visit_after_s=3.9))) == 1


@pytest.mark.parametrize(("away_s", "count"), [(2.5, 1), (3.5, 2)])
def test_a_gap_of_less_than_three_seconds_does_not_end_a_visit(toys, away_s, count):
    back = 10.2 + away_s
    way = [(0, 0.5, 0.6), (10, 0.5, 0.6), (10.2, 0.8, 0.6), (back, 0.8, 0.6), (back + 0.2, 0.5, 0.6), (30, 0.5, 0.6)]
    assert len(stays([toys.walk(way, hz=10)], toys.square())) == count


@pytest.mark.parametrize(("unseen_s", "count"), [(2.5, 1), (3.5, 2)])
def test_a_tracker_that_loses_somebody_for_a_moment_does_not_end_a_visit(toys, unseen_s, count):
    back = 10 + unseen_s
    first = toys.walk([(0, 0.5, 0.6), (10, 0.5, 0.6)], "a")
    second = toys.walk([(back, 0.5, 0.6), (back + 10, 0.5, 0.6)], "b")
    assert len(stays([second, first], toys.square())) == count


def test_two_people_in_one_zone_have_a_visit_each(toys):
    way = [(0, 0.5, 0.6), (10, 0.5, 0.6)]
    found = visits([toys.walk(way, "a"), toys.walk(way, "b")], {"a": 1, "b": 2}, toys.square())
    assert [visit.identity for visit in found] == [1, 2]


def test_one_person_on_two_cameras_at_once_has_a_visit_on_each(toys):
    site = toys.site(cameras=("hall", "till"))
    seen = [toys.walk([(0, 0.5, 0.5), (9, 0.5, 0.5)], camera, camera) for camera in ("hall", "till")]
    assert [visit.zone for visit in visits(seen, {"hall": 1, "till": 1}, site)] == ["hall", "till"]


def test_a_camera_without_zones_is_one_zone_and_being_seen_is_a_visit(toys):
    (visit,) = visits([toys.walk([(3, -0.1, 0.5), (5, 0.2, 1.2)])], {"a": 1}, toys.site())
    assert (visit.zone, visit.enter_s, visit.leave_s) == ("hall", 3, 5)


def test_a_zone_up_to_the_edge_of_the_picture_holds_feet_that_are_below_it(toys):
    low = ((0.0, 0.5), (1.0, 0.5), (1.0, 1.0), (0.0, 1.0))
    site = toys.site(zones={"low": ("hall", low)})
    assert stays([toys.walk([(0, 0.5, 0.9), (5, 0.5, 1.2), (12, 0.5, 1.2)])], site) == [(0, 12)]


def test_who_stands_on_the_border_counts_once(toys):
    times_s = np.arange(0, 120, 0.2)
    x = 0.4 + np.sin(times_s / 2) * 0.004  # 4 px to either side, of a person 100 px tall: for 6 s each
    x[:5], x[-25:] = 0.2, 0.5
    seen = toys.sighting(times_s, np.stack([x, np.full_like(x, 0.6)], axis=1))
    assert len(stays([seen], toys.square())) == 1


def test_somebody_unresolved_has_no_visit(toys):
    assert visits([toys.walk([(0, 0.5, 0.6), (10, 0.5, 0.6)])], {"a": None}, toys.square()) == ()


def test_a_piece_not_yet_resolved_goes_with_its_chain(toys):
    whole = toys.walk([(0, 0.5, 0.6), (30, 0.5, 0.6)])
    first, second, third = toys.pieces(whole, [50, 100])
    (visit,) = visits([first, second, third], {first.id: 1, third.id: 1}, toys.square())
    assert (visit.enter_s, visit.leave_s, visit.sightings) == (0, 30, (first.id, second.id, third.id))


def test_a_still_camera_that_skips_frames_does_not_end_a_visit(toys):
    seen = toys.sighting([0, 1, 30, 31], np.array([[0.5, 0.6]] * 4))
    assert stays([seen], toys.square()) == [(0, 31)]


quick = settings(max_examples=25, deadline=None)
ways = st.lists(st.tuples(st.floats(0.4, 20), st.floats(0, 1), st.floats(0, 1)), min_size=2, max_size=8).map(
    lambda steps: [(sum(step[0] for step in steps[: at + 1]), *steps[at][1:]) for at in range(len(steps))]
)


@quick
@given(way=ways, shift_s=st.integers(-(10**6), 10**9))
def test_later_is_the_same_only_later(toys, way, shift_s):
    later = [(time_s + shift_s, x, y) for time_s, x, y in way]
    found = stays([toys.walk(way)], toys.square())
    moved = stays([toys.walk(later)], toys.square())
    assert len(found) == len(moved)
    assert np.allclose(np.array(found) + shift_s, moved, atol=0.01)


@quick
@given(way=ways)
def test_backwards_in_time_the_visits_are_the_same(toys, way):
    back = [(-time_s, x, y) for time_s, x, y in reversed(way)]
    found = stays([toys.walk(way)], toys.square())
    mirrored = [(-leave, -enter) for enter, leave in reversed(stays([toys.walk(back)], toys.square()))]
    assert len(found) == len(mirrored)
    assert np.allclose(found, mirrored, atol=0.02)


@quick
@given(way=ways, cuts=st.sets(st.integers(1, 200), max_size=4), linked=st.booleans())
def test_pieces_of_a_way_give_the_visits_of_the_whole(toys, way, cuts, linked):
    whole = toys.walk(way)
    at = sorted(cut for cut in cuts if cut < len(whole.path))
    assert stays(toys.pieces(whole, at, linked), toys.square()) == stays([whole], toys.square())


@quick
@given(way=ways)
def test_dwell_is_no_longer_than_presence_and_visits_do_not_overlap(toys, way):
    found = stays([toys.walk(way)], toys.square())
    edges = [edge for stay in found for edge in stay]
    assert edges == sorted(edges)
    assert all(way[0][0] - 1e-3 <= edge <= way[-1][0] + 1e-3 for edge in edges)


@quick
@given(seed=st.integers(0, 2**32 - 1), cycles=st.integers(1, 20))
def test_jitter_on_the_border_counts_once(toys, seed, cycles):
    noise = np.random.default_rng(seed).uniform(-0.0049, 0.0049, size=cycles * 10)
    x = np.concatenate([np.linspace(0.2, 0.4, 20), 0.4 + noise, np.full(40, 0.5), 0.4 + noise, np.full(20, 0.2)])
    seen = toys.sighting(np.arange(len(x)) / 5, np.stack([x, np.full_like(x, 0.6)], axis=1))
    assert len(stays([seen], toys.square())) == 1
