"""When each identity was first and last seen, and how often it came back."""

from __future__ import annotations

from dataclasses import dataclass

from retrail.insight.findings import site_place
from retrail.insight.view import View


@dataclass(frozen=True, slots=True)
class Coming:
    """An identity's time at the site, of the stays that reach into the period.

    Attributes:
        first_s, last_s: first and last seen, seconds UTC.
        returns: how often it came back on the same day, after having been unseen for ``return_after_s``.
        present_s: time from arriving to leaving, all stays together.
    """

    identity: int
    first_s: float
    last_s: float
    returns: int
    present_s: float


def comings(view: View) -> tuple[Coming, ...]:
    """By identity. Identities are of one day, so every further stay is a return within the day."""
    if view.period is None:
        return ()
    stays: dict[int, list[tuple[float, float]]] = {}
    for stay in view.findings.stays[site_place(view.findings.site)]:
        if isinstance(stay.who, int) and view.period.touches(stay.enter_s, stay.leave_s):
            stays.setdefault(stay.who, []).append((stay.enter_s, stay.leave_s))
    return tuple(
        Coming(
            identity=who,
            first_s=own[0][0],
            last_s=max(leave for _, leave in own),
            returns=len(own) - 1,
            present_s=sum(leave - enter for enter, leave in own),
        )
        for who, own in sorted(stays.items())
    )
