"""Periods and buckets, aligned to the shop's day."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrail.core.errors import DataError
from retrail.core.time import format_time, parse_time
from retrail.insight.periods import BUCKETS, Period, buckets, fitting_bucket, moment, period

quick = settings(max_examples=25, deadline=None)


def edges(site, start, end, bucket):
    parts = buckets(Period(parse_time(start), parse_time(end)), bucket, site)
    return [format_time(edge, site.timezone)[:16] for edge in [*(part.from_s for part in parts), parts[-1].to_s]]


def test_days_begin_when_the_shops_day_does(toys):
    site = toys.site(timezone="Europe/Lisbon", day_starts="04:00")
    found = edges(site, "2026-07-01T00:00:00Z", "2026-07-03T00:00:00Z", "1d")
    assert found == ["2026-07-01T01:00", "2026-07-01T04:00", "2026-07-02T04:00", "2026-07-03T01:00"]


def test_hours_are_counted_from_the_beginning_of_the_day(toys):
    site = toys.site(timezone="Asia/Kathmandu", day_starts="04:30")
    found = edges(site, "2026-07-01T00:00:00Z", "2026-07-01T02:00:00Z", "1h")
    assert found == ["2026-07-01T05:45", "2026-07-01T06:30", "2026-07-01T07:30", "2026-07-01T07:45"]


@pytest.mark.parametrize(("day", "hours"), [("2026-03-28", 23), ("2026-10-24", 25), ("2026-11-20", 24)])
def test_a_day_on_which_clocks_change_has_an_hour_less_or_more(toys, day, hours):
    site = toys.site(timezone="Europe/Lisbon")  # its day runs from 04:00, so the change is in the day before
    start_s = moment(day, site)
    (whole,) = buckets(Period(start_s, start_s + 1), "1d", site)
    end_s = buckets(Period(start_s, start_s + 30 * 3600), "1d", site)[0].to_s
    assert whole == Period(start_s, start_s + 1)
    assert end_s - start_s == hours * 3600
    assert len(buckets(Period(start_s, end_s), "1h", site)) == hours


def test_a_date_alone_is_the_beginning_of_the_shops_day(toys):
    site = toys.site(timezone="Europe/Lisbon", day_starts="04:00")
    assert moment("2026-07-01", site) == parse_time("2026-07-01T03:00:00Z")
    assert moment("2026-07-01T00:00", site) == parse_time("2026-06-30T23:00:00Z")
    with pytest.raises(DataError, match="Not a time"):
        moment("yesterday", site)


def test_without_an_asked_period_it_is_what_was_seen_in_whole_quarters(toys):
    site = toys.site()
    assert period((100.0, 5000.0), None, None, site) == Period(0, 5400)
    assert period((100.0, 1800.0), None, None, site) == Period(0, 2700)
    assert period((100.0, 140.0), None, None, site) == Period(60, 180)
    assert period((100.0, 5000.0), 200.0, None, site) == Period(200, 5400)
    assert period((100.0, 5000.0), None, 4000.0, site) == Period(0, 4000)
    assert period((100.0, 5000.0), 9000.0, None, site) == Period(9000, 9060)
    assert period((1000.0, 5000.0), None, 900.0, site) == Period(840, 900)
    assert period(None, None, 900.0, site) is None
    assert period(None, 100.0, 900.0, site) == Period(100, 900)
    assert fitting_bucket(Period(0, 3600)) == "15m"
    assert fitting_bucket(Period(0, 86400)) == "1h"
    assert fitting_bucket(Period(0, 864000)) == "1d"


def test_a_period_that_ends_before_it_begins_is_refused(toys):
    with pytest.raises(DataError, match="ends before it begins"):
        period(None, 10.0, 10.0, toys.site())


def test_more_buckets_than_anybody_reads_are_refused(toys):
    with pytest.raises(DataError, match="buckets"):
        buckets(Period(0, 1e9), "15m", toys.site())


@quick
@given(
    start_s=st.integers(1_700_000_000, 1_800_000_000),
    length_s=st.integers(1, 4 * 86400),
    bucket=st.sampled_from(BUCKETS),
    timezone=st.sampled_from(["UTC", "Europe/Lisbon", "Australia/Lord_Howe", "America/New_York"]),
)
def test_buckets_fill_the_period_without_a_gap(toys, start_s, length_s, bucket, timezone):
    whole = Period(start_s, start_s + length_s)
    parts = buckets(whole, bucket, toys.site(timezone=timezone))
    assert (parts[0].from_s, parts[-1].to_s) == (whole.from_s, whole.to_s)
    assert all(one.to_s == other.from_s for one, other in pairwise(parts))
    assert all(part.from_s < part.to_s for part in parts)
