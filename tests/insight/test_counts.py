"""Visitors, entries, exits, occupancy, dwell and returns, by place and bucket."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrail.core.types import Count
from retrail.insight import Place, comings, dwell, find, footfall, footfall_in_all, look, occupancy
from retrail.insight.occupancy import steps
from retrail.site import Line

SITE = Place("site", "toy-shop")
HALL = Place("camera", "hall", "hall")
quick = settings(max_examples=25, deadline=None)


def stand(toys, name, start_s, end_s, camera="hall", **how):
    return toys.walk([(start_s, 0.5, 0.6), (end_s, 0.5, 0.6)], name, camera, hz=1, **how)


def test_a_visitor_counts_once_however_often_seen(toys):
    seen = [stand(toys, name, start, start + 60) for name, start in (("a", 0), ("b", 100), ("c", 1000))]
    view = look(find(seen, {"a": 1, "b": 1, "c": 2}, toys.site()))
    assert footfall_in_all(view, SITE).visitors == Count(2)
    assert [one.visitors.estimate for one in footfall(view, SITE)] == [1, 1]


def test_who_is_unresolved_stands_beside_the_visitors_once_however_often_cut(toys):
    whole = stand(toys, "u", 0, 100)
    seen = [*toys.pieces(whole, [20, 40, 60]), stand(toys, "a", 0, 50)]
    view = look(find(seen, {"a": 1, "u0": None, "u1": None}, toys.square()))
    assert footfall_in_all(view, SITE).visitors == Count(1, unresolved=1)
    assert footfall_in_all(view, Place("zone", "square", "hall")).visitors == Count(1, unresolved=1)
    assert footfall_in_all(view, HALL).entries == 1


def test_who_is_undecided_is_a_number_of_its_own_and_furniture_is_none(toys):
    chair = stand(toys, "chair", 0, 900, presence="furniture")
    poster = [*toys.pieces(stand(toys, "poster", 0, 900, presence="undecided"), [300])]
    view = look(find([chair, *poster], {}, toys.site()))
    whole = footfall_in_all(view, SITE)
    assert (whole.visitors, whole.undecided, whole.entries) == (Count(0), 1, 0)
    assert view.findings.people.furniture == 1


def test_a_chain_that_became_a_person_is_a_person_from_its_first_piece(toys):
    seated = toys.walk([(0, 0.5, 0.6), (20, 0.5, 0.6)], "a", presence="undecided")
    rises = toys.walk([(20.2, 0.5, 0.6), (40, 0.9, 0.6)], "b", continues="a")
    view = look(find([seated, rises], {"a": 1, "b": 1}, toys.site()))
    assert footfall_in_all(view, SITE).undecided == 0
    assert comings(view)[0].first_s == 0


def test_a_line_counts_who_passed_it_and_which_way(toys):
    door = Line("door", "hall", (0.5, 0.2), (0.5, 0.8), "right")
    seen = [
        toys.walk([(0, 0.3, 0.5), (9, 0.7, 0.5)], "a"),
        toys.walk([(20, 0.3, 0.5), (29, 0.7, 0.5)], "b"),
        toys.walk([(1800, 0.7, 0.5), (1809, 0.3, 0.5)], "c"),
    ]
    view = look(find(seen, {"a": 1, "b": None, "c": 1}, toys.site(lines=[door])), bucket="15m")
    place = Place("line", "door", "hall")
    assert [(one.entries, one.exits) for one in footfall(view, place)] == [(1, 0), (0, 0), (0, 1)]
    assert footfall_in_all(view, place).visitors == Count(1, unresolved=1)


def test_two_cameras_that_see_one_person_at_once_make_one_person_in_the_shop(toys):
    site = toys.site(cameras=("hall", "till"))
    seen = [stand(toys, "a", 0, 60), stand(toys, "b", 30, 90, "till")]
    view = look(find(seen, {"a": 1, "b": 1}, site))
    assert [one.peak for one in occupancy(view, SITE)] == [1]
    assert list(steps(view, SITE)[0]) == [0, 90]
    assert occupancy(view, SITE)[0].mean == pytest.approx(90 / 120)


def test_between_two_cameras_somebody_is_still_in_the_shop_until_gone_for_a_quarter_of_an_hour(toys):
    seen = [stand(toys, "a", 0, 60), stand(toys, "b", 660, 700), stand(toys, "c", 2000, 2060)]
    identity_of = dict.fromkeys("abc", 1)
    view = look(find(seen, identity_of, toys.site()))
    (one,) = comings(view)
    assert (one.first_s, one.last_s, one.returns, one.present_s) == (0, 2060, 1, 760)
    assert (footfall_in_all(view, SITE).entries, footfall_in_all(view, SITE).exits) == (2, 2)
    other = look(find(seen, identity_of, toys.site(return_after_s=600)))
    assert comings(other)[0].returns == 2


def test_occupancy_knows_its_peak_and_when_it_was(toys):
    seen = [stand(toys, "a", 0, 400), stand(toys, "b", 100, 300), stand(toys, "c", 300, 500)]
    view = look(find(seen, {"a": 1, "b": 2, "c": 3}, toys.site()))
    (one,) = occupancy(view, SITE)
    assert (one.peak, one.peak_s) == (2, 100)
    assert one.mean == pytest.approx(800 / 540)


def test_dwell_has_mean_median_and_ninetieth_percentile(toys):
    seen = [stand(toys, str(length), 1000 * length, 1000 * length + length) for length in (8, 20, 40, 100, 4000)]
    view = look(find(seen, {sighting.id: int(sighting.id) for sighting in seen}, toys.site()))
    found = dwell(view, HALL)
    spread = found.spread
    assert (spread.number, spread.mean_s, spread.median_s) == (5, pytest.approx(833.6), 40)
    assert spread.p90_s == pytest.approx(np.percentile([8, 20, 40, 100, 4000], 90))
    assert found.distribution == (1, 1, 1, 1, 0, 0, 0, 0, 0, 1)
    assert (spread.shortest_s, spread.longest_s, found.visitors) == (8, 4000, 5)


def test_where_nobody_was_there_is_no_dwell(toys):
    found = dwell(look(find([], {}, toys.site())), HALL)
    assert (found.spread, found.visitors, sum(found.distribution)) == (None, 0, 0)
    assert footfall_in_all(look(find([], {}, toys.site())), SITE) is None
    empty = look(find([], {}, toys.site()), 0.0, 3600.0)
    assert [one.visitors for one in footfall(empty, SITE)] == [Count(0)] * 4
    assert [one.peak_s for one in occupancy(empty, SITE)] == [None] * 4


def test_a_stay_belongs_to_the_period_in_which_it_began(toys):
    findings = find([stand(toys, "a", 100, 2000)], {"a": 1}, toys.site())
    assert dwell(look(findings, 0.0, 1000.0), HALL).spread.mean_s == 1900
    late = look(findings, 1000.0, 3000.0)
    assert dwell(late, HALL).spread is None
    assert footfall_in_all(late, HALL).visitors == Count(1)
    assert (footfall_in_all(late, HALL).entries, footfall_in_all(late, HALL).exits) == (0, 1)


times = st.lists(st.tuples(st.integers(0, 50_000), st.integers(1, 9_000), st.integers(1, 6)), min_size=1, max_size=12)


@quick
@given(stays=times, bucket=st.sampled_from(["15m", "1h", "1d"]))
def test_entries_and_exits_of_buckets_add_up_and_visitors_do_not_exceed_the_whole(toys, stays, bucket):
    seen = [
        toys.walk([(start, 0.5, 0.6), (start + length, 0.5, 0.6)], str(at), hz=0.01)
        for at, (start, length, _) in enumerate(stays)
    ]
    findings = find(seen, {str(at): who for at, (*_, who) in enumerate(stays)}, toys.square())
    view = look(findings, bucket=bucket)
    for place in findings.places:
        whole, parts = footfall_in_all(view, place), footfall(view, place)
        assert sum(part.entries for part in parts) == whole.entries
        assert sum(part.exits for part in parts) == whole.exits
        most = max(part.visitors.estimate for part in parts)
        assert most <= whole.visitors.estimate <= sum(part.visitors.estimate for part in parts)
        if place.kind != "line":
            assert whole.entries == len(view.stays(place))


@quick
@given(stays=times)
def test_mean_occupancy_is_the_time_spent_there(toys, stays):
    seen = [
        toys.walk([(start, 0.5, 0.6), (start + length, 0.5, 0.6)], str(at), hz=0.01)
        for at, (start, length, _) in enumerate(stays)
    ]
    findings = find(seen, {str(at): at for at in range(len(stays))}, toys.site())
    view = look(findings, bucket="1h")
    spent_s = sum(one.mean * (one.period.to_s - one.period.from_s) for one in occupancy(view, SITE))
    assert spent_s == pytest.approx(sum(length for _, length, _ in stays))
    assert max(one.peak for one in occupancy(view, SITE)) <= len(stays)
