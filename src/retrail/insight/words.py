"""Numbers and times in words, for tables on the terminal and for the page."""

from __future__ import annotations

from datetime import datetime

from retrail.insight.documents import CountRecord, FlowPlace, Head, PeriodRecord, PlaceRecord
from retrail.site import Definitions

KINDS = {"site": "whole shop", "camera": "camera", "zone": "zone", "line": "line"}
NOBODY = "Nobody was seen in this period."


def duration(seconds: float | None) -> str:
    """
    >>> [duration(value) for value in (None, 9.25, 59.7, 125, 4000)]
    ['–', '9.2 s', '1 min 00 s', '2 min 05 s', '1 h 07 min']
    """
    if seconds is None:
        return "–"
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60:02d} min"


def step(seconds: float) -> str:
    """
    >>> [step(value) for value in (0, 30, 120, 3600)]
    ['0 s', '30 s', '2 min', '1 h']
    """
    for length, unit in ((3600, "h"), (60, "min")):
        if seconds >= length:
            return f"{seconds / length:g} {unit}"
    return f"{seconds:g} s"


def number(value: float) -> str:
    """
    >>> number(12.0), number(0.25)
    ('12', '0.2')
    """
    return f"{value:.0f}" if value == round(value) else f"{value:.1f}"


def count(value: CountRecord) -> str:
    """The estimate, with its interval where there is one: ``12`` or ``12 (11–14)``."""
    if value.low is None or value.high is None:
        return number(value.estimate)
    return f"{number(value.estimate)} ({number(value.low)}–{number(value.high)})"


def clock(moment: datetime | None, *, day: bool = False) -> str:
    """Time of day in the shop; with the date where the period is longer than a day."""
    if moment is None:
        return "–"
    return moment.strftime("%Y-%m-%d %H:%M" if day else "%H:%M:%S")


def span(period: PeriodRecord | None) -> str:
    """``Friday, 20 November 2026, 09:00 to 21:15``, or with both dates."""
    if period is None:
        return "no period"
    first, last = period.from_, period.to
    start = f"{first:%A}, {first.day} {first:%B %Y}, {first:%H:%M}"
    if first.date() == last.date():
        return f"{start} to {last:%H:%M}"
    return f"{start} to {last:%A}, {last.day} {last:%B %Y}, {last:%H:%M}"


def bucket_name(bucket: str) -> str:
    """
    >>> bucket_name("1h")
    'hour'
    """
    return {"15m": "quarter of an hour", "1h": "hour", "1d": "day"}[bucket]


def is_long(period: PeriodRecord | None) -> bool:
    """Whether a time of day alone would not say when."""
    return period is not None and (period.to - period.from_).total_seconds() > 86400


def place_name(place: PlaceRecord) -> str:
    """A zone with its camera, unless the zone is the camera; everything else by its name alone."""
    if place.kind in ("zone", "line") and place.camera and place.camera != place.name:
        return f"{place.name} ({place.camera})"
    return place.name


def flow_name(place: FlowPlace | None) -> str:
    """One end of a flow; outside the shop where there is none."""
    if place is None:
        return "outside"
    if place.zone is None or place.zone == place.camera:
        return place.camera
    return f"{place.zone} ({place.camera})"


def plural(value: float, one: str, many: str) -> str:
    """
    >>> plural(1, "person", "people"), plural(3, "person", "people")
    ('1 person', '3 people')
    """
    return f"{number(value)} {one if value == 1 else many}"


def headline(head: Head) -> str:
    """How many visitors; where none, whether anybody was seen at all."""
    if head.visitors.estimate:
        many = "visitor" if head.visitors.estimate == 1 else "visitors"
        return f"{count(head.visitors)} {many}"
    return "Nobody counted as a visitor." if beside(head) else NOBODY


def beside(head: Head) -> list[str]:
    """What is not in the visitors and must be read beside them; nothing where there is nothing."""
    said: list[str] = []
    unresolved = head.visitors.unresolved
    if unresolved:
        were = plural(unresolved, "sighting is of somebody", "sightings are of people")
        said.append(f"{were} seen too badly to say who: visitors already counted, or others.")
    if head.undecided:
        were = plural(head.undecided, "figure has", "figures have")
        said.append(f"{were} not moved enough to be called a person: seated people, or things.")
    return said


def definitions(words: Definitions) -> list[tuple[str, str]]:
    """What the words of a report mean, with the numbers of this site."""
    share = f"{words.border_heights * 100:g} % of the person's height"
    return [
        (
            "Visitor",
            "one person as recognised within a day of the shop; who comes on two days counts twice.",
        ),
        (
            "Visit",
            f"a stay in a zone of at least {step(words.visit_after_s)}; being out of it for less than "
            f"{step(words.visit_gap_s)}, or by less than {share}, does not end it. A camera without zones is one "
            + (
                f"zone, and being seen there for {step(words.seen_after_s)} is a visit."
                if words.seen_after_s
                else "zone, and being seen there is a visit."
            ),
        ),
        (
            "Entry, exit",
            f"a line was passed inwards or outwards, by at least {share}; turning back within "
            f"{step(words.entry_after_s)} is none. For the whole shop: somebody arrived or left; for a camera: "
            "came into or went out of view; for a zone: a visit began or ended.",
        ),
        (
            "Return",
            f"somebody is seen again who was seen by no camera for {step(words.return_after_s)}; until then "
            "people between two cameras count as in the shop.",
        ),
        ("Dwell", "from the beginning to the end of a visit; it counts where it began, in its whole length."),
        ("Unresolved", "people who could be anybody: a number beside the visitors, never in it."),
        ("Undecided", "what may or may not be a person: a number beside the visitors, never in it."),
    ]
