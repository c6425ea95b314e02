"""Event time: seconds UTC, ISO 8601 text, spans such as ``24h``, and the shop's day."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from retrail.core.errors import DataError

_SPAN_UNITS_S = {"s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}


def parse_time(text: str, zone: ZoneInfo | None = None) -> float:
    """Seconds UTC of an ISO 8601 time.

    Args:
        text: such as ``2026-11-20T09:00:00Z``; a date alone means its first moment.
        zone: taken where the text names no offset; without it such a text is an error.

    Raises:
        DataError: not a time, or no zone known.

    >>> parse_time("1970-01-01T00:01:00Z")
    60.0
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise DataError("Not a time", found=repr(text), allowed="ISO 8601, such as 2026-11-20T09:00:00Z") from None
    if moment.tzinfo is None:
        if zone is None:
            raise DataError("A time without a zone", found=repr(text), allowed="an offset or Z at its end")
        moment = moment.replace(tzinfo=zone)
    return moment.timestamp()


def format_time(time_s: float, zone: ZoneInfo | None = None, *, digits: Literal[3, 6] = 3) -> str:
    """ISO 8601 text with zone, to the millisecond or (``digits=6``) the microsecond.

    >>> format_time(60.0)
    '1970-01-01T00:01:00.000+00:00'
    """
    rounded = timedelta(microseconds=round(time_s * 10**digits) * 10 ** (6 - digits))
    moment = datetime(1970, 1, 1, tzinfo=UTC) + rounded
    return moment.astimezone(zone or UTC).isoformat(timespec="milliseconds" if digits == 3 else "microseconds")


def parse_span(text: str) -> float:
    """Seconds of a span such as ``90d``, ``24h``, ``15m`` or ``2.5s``.

    Raises:
        DataError: not a span.

    >>> parse_span("24h")
    86400.0
    """
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*", text)
    if not found or found[2] not in _SPAN_UNITS_S:
        raise DataError("Not a span of time", found=repr(text), allowed="a number and s, m, h, d or w, such as 24h")
    return float(found[1]) * _SPAN_UNITS_S[found[2]]


def shop_day(time_s: float, zone: ZoneInfo, day_starts: time) -> date:
    """The shop's day that a moment belongs to: before ``day_starts`` it is still yesterday.

    >>> shop_day(parse_time("2026-11-20T03:59:00Z"), ZoneInfo("UTC"), time(4))
    datetime.date(2026, 11, 19)
    """
    local = datetime.fromtimestamp(time_s, zone)
    return local.date() if local.timetz().replace(tzinfo=None) >= day_starts else local.date() - timedelta(days=1)


def day_start_s(day: date, zone: ZoneInfo, day_starts: time) -> float:
    """Seconds UTC at which a shop's day begins.

    >>> format_time(day_start_s(date(2026, 11, 20), ZoneInfo("UTC"), time(4)))
    '2026-11-20T04:00:00.000+00:00'
    """
    return datetime.combine(day, day_starts, zone).timestamp()
