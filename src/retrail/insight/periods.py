"""Periods and buckets of the shop's day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, get_args

from retrail.core.errors import DataError
from retrail.core.time import day_start_s, format_time, parse_time, shop_day
from retrail.site import Site

Bucket = Literal["15m", "1h", "1d"]
BUCKETS: tuple[Bucket, ...] = get_args(Bucket)

_LENGTH_S = {"15m": 900.0, "1h": 3600.0}
_MOST_BUCKETS = 20_000


@dataclass(frozen=True, slots=True)
class Period:
    """From one moment up to another, the latter not included; seconds UTC."""

    from_s: float
    to_s: float

    def holds(self, time_s: float) -> bool:
        """Whether a moment belongs to it."""
        return self.from_s <= time_s < self.to_s

    def touches(self, start_s: float, end_s: float) -> bool:
        """Whether a span, its end included, reaches into it."""
        return start_s < self.to_s and end_s >= self.from_s


def moment(text: str, site: Site) -> float:
    """Seconds UTC of a time a user gave; a date alone means the beginning of the shop's day.

    Raises:
        DataError: not a time.
    """
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        return parse_time(text, site.timezone)
    return day_start_s(day, site.timezone, site.day_starts)


def period(span_s: tuple[float, float] | None, from_s: float | None, to_s: float | None, site: Site) -> Period | None:
    """The period of a report.

    Args:
        span_s: first and last moment at which anybody was seen, if anybody was.
        from_s, to_s: what was asked for; None: as far as anybody was seen, rounded to whole quarters of an hour
            (to whole minutes where it is no longer than that).

    Returns:
        None where nobody was seen and one of the ends was not given.

    Raises:
        DataError: it ends before it begins.
    """
    if span_s is not None:
        first_s = span_s[0] if from_s is None else from_s
        last_s = span_s[1] if to_s is None else to_s
        if from_s is None:
            from_s = _round(min(first_s, last_s - 1), last_s - first_s, site).from_s
        if to_s is None:
            to_s = _round(max(last_s, first_s), last_s - first_s, site).to_s
    if from_s is None or to_s is None:
        return None
    if from_s >= to_s:
        found = f"from {format_time(from_s, site.timezone)} to {format_time(to_s, site.timezone)}"
        raise DataError("The period ends before it begins", found=found, hint="--to must be later than --from")
    return Period(from_s, to_s)


def days_around(from_s: float | None, to_s: float | None, site: Site) -> tuple[float | None, float | None]:
    """A period widened to whole days of the shop: identities, and so journeys and returns, are of one day.

    Raises:
        DataError: it ends before it begins.
    """
    if from_s is not None and to_s is not None:
        period(None, from_s, to_s, site)
    first_s = None if from_s is None else _around(from_s, "1d", site).from_s
    return first_s, None if to_s is None else _around(to_s, "1d", site).to_s


def fitting_bucket(whole: Period | None) -> Bucket:
    """The bucket that shows a period well: quarters of an hour, hours or days."""
    length_s = whole.to_s - whole.from_s if whole else 0.0
    return "15m" if length_s <= 6 * 3600 else "1h" if length_s <= 3 * 86400 else "1d"


def buckets(whole: Period | None, bucket: Bucket, site: Site) -> tuple[Period, ...]:
    """A period cut at the beginnings of the shop's days, or of the hours or quarters counted from them.

    They follow each other without a gap, the first and the last cut to the period. Where clocks change, a day has 23
    or 25 hours.

    Raises:
        DataError: too many.
    """
    if whole is None:
        return ()
    found: list[Period] = []
    for part in _from(whole.from_s, bucket, site):
        if part.from_s >= whole.to_s:
            break
        if len(found) == _MOST_BUCKETS:
            raise DataError(
                f"A report of more than {_MOST_BUCKETS} buckets",
                found=f"{bucket} from {format_time(whole.from_s, site.timezone)}",
                hint="take a longer bucket or a shorter period",
            )
        found.append(Period(max(part.from_s, whole.from_s), min(part.to_s, whole.to_s)))
    return tuple(found)


def _round(time_s: float, length_s: float, site: Site) -> Period:
    """The quarter of an hour around a moment; the minute, where all that was seen is no longer than a quarter."""
    if length_s > _LENGTH_S["15m"]:
        return _around(time_s, "15m", site)
    start_s = time_s // 60 * 60
    return Period(start_s, start_s + 60)


def _around(time_s: float, bucket: Bucket, site: Site) -> Period:
    return next(_from(time_s, bucket, site))


def _from(time_s: float, bucket: Bucket, site: Site) -> Iterator[Period]:
    """All buckets from the one that holds a moment."""
    day = shop_day(time_s, site.timezone, site.day_starts)
    while True:
        start_s, end_s = _day(day, site)
        length_s = _LENGTH_S.get(bucket, end_s - start_s)
        at_s = start_s + max(0.0, (time_s - start_s) // length_s) * length_s
        while at_s < end_s:
            yield Period(at_s, min(at_s + length_s, end_s))
            at_s += length_s
        day += timedelta(days=1)


def _day(day: date, site: Site) -> tuple[float, float]:
    starts = (day_start_s(one, site.timezone, site.day_starts) for one in (day, day + timedelta(days=1)))
    return next(starts), next(starts)
