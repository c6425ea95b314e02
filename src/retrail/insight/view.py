"""Findings as seen in one period, cut into buckets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from retrail.insight.findings import Findings, Pass, Place, Stay
from retrail.insight.people import Who
from retrail.insight.periods import Bucket, Period, buckets, fitting_bucket, period


@dataclass(frozen=True, slots=True)
class View:
    """What a report is about.

    Attributes:
        findings: all of them.
        period: None where nobody was seen and no period was asked for.
        bucket: how it is cut.
        buckets: the parts of the period, in order.
    """

    findings: Findings
    period: Period | None
    bucket: Bucket
    buckets: tuple[Period, ...]

    def stays(self, place: Place) -> tuple[Stay, ...]:
        """Stays of identities that began in the period."""
        return tuple(
            stay
            for stay in self.findings.stays.get(place, ())
            if isinstance(stay.who, int) and self.holds(stay.enter_s)
        )

    def passes(self, place: Place) -> tuple[Pass, ...]:
        """Passes of identities in the period."""
        return tuple(
            one for one in self.findings.passes.get(place, ()) if isinstance(one.who, int) and self.holds(one.time_s)
        )

    def holds(self, time_s: float) -> bool:
        """Whether a moment is in the period."""
        return self.period is not None and self.period.holds(time_s)

    def places(self, *kinds: str) -> tuple[Place, ...]:
        """Places of the given kinds, in the order of the site file."""
        return tuple(place for place in self.findings.places if place.kind in kinds)


def look(
    findings: Findings, from_s: float | None = None, to_s: float | None = None, bucket: Bucket | None = None
) -> View:
    """Choose what a report is about.

    Args:
        from_s, to_s: the period, seconds UTC; None: as far as anybody was seen.
        bucket: None: one that fits the period.

    Raises:
        DataError: the period ends before it begins, or has too many buckets.
    """
    whole = period(findings.span_s, from_s, to_s, findings.site)
    chosen = bucket or fitting_bucket(whole)
    return View(findings, whole, chosen, buckets(whole, chosen, findings.site))


def identities(whos: Iterable[Who]) -> frozenset[int]:
    """Those who are identities."""
    return frozenset(who for who in whos if isinstance(who, int))
