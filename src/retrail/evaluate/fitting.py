"""Does a truth speak of this site, and of the time of its log? Else its mistakes would be charged to Retrail."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from retrail.core.errors import DataError
from retrail.core.time import format_time
from retrail.core.types import Sighting
from retrail.simulate.truth import Truth, TruthCamera
from retrail.site import Site
from retrail.site.near import near_hint


def check_names(site: Site, truth: Truth) -> None:
    """Every camera, zone and line that the truth names has to be the site's.

    Raises:
        DataError: one is not, with its file and line, or there is no camera.
    """
    strange = [name for name in truth.cameras if name not in site.cameras]
    if strange or not truth.cameras:
        raise DataError(
            "The truth is of other cameras than the site",
            where="cameras.csv",
            found=", ".join(strange) or "no camera",
            allowed=", ".join(site.cameras),
            hint=near_hint(strange[0], site.cameras) if strange else None,
        )
    zones = {camera: tuple(zone.name for zone in site.zones_of(camera)) for camera in site.cameras}
    everywhere = tuple(name for names in zones.values() for name in names)
    for visit in truth.visits or ():
        if visit.zone not in zones.get(visit.camera, ()):
            own = zones.get(visit.camera, ())
            of = next((camera for camera, names in zones.items() if visit.zone in names), None)
            hint = near_hint(visit.zone, own) if of is None else f"{visit.zone} is a zone of camera {of}"
            raise DataError(
                f"The site has no such zone on camera {visit.camera}",
                where=f"{visit.source or 'visits.csv'}: zone",
                found=repr(visit.zone),
                allowed=", ".join(own),
                hint=hint or "the names are those of the site file",
            )
    for crossing in truth.crossings or ():
        if crossing.line not in site.lines:
            raise _unknown("line", crossing.line, site.lines, crossing.source or "crossings.csv")
    for change in truth.occupancy or ():
        if change.zone and change.zone not in everywhere:
            raise _unknown("zone", change.zone, everywhere, change.source or "occupancy.csv")


def _unknown(kind: str, name: str, known: Iterable[str], source: str) -> DataError:
    names = list(known)
    return DataError(
        f"The site has no such {kind}",
        where=f"{source}: {kind}",
        found=repr(name),
        allowed=", ".join(names) or f"none: the site file has no {kind}",
        hint=near_hint(name, names) or "the names are those of the site file",
    )


def check_times(truth: Truth, sightings: Sequence[Sighting]) -> None:
    """The truth and the log have to be of one time. A log of nobody, and a truth of nobody, fit any time.

    Args:
        truth: of cameras of the site.
        sightings: of these cameras.

    Raises:
        DataError: one ends before the other begins.
    """
    happened = _moments(truth)
    if not happened or not sightings:
        return
    start_s = min([*happened, *(camera.first_frame_s for camera in truth.cameras.values())])
    end_s = max([*happened, *(_last_frame_s(camera) for camera in truth.cameras.values())])
    first_s, last_s = min(one.start_s for one in sightings), max(one.end_s for one in sightings)
    if first_s <= end_s and start_s <= last_s:
        return
    raise DataError(
        "The truth and the log are of different times",
        where="first_frame in cameras.csv, and the times of the other tables",
        found=f"truth {_span(start_s, end_s)}; log {_span(first_s, last_s)}",
        allowed="times that overlap",
        hint="check the zone of the truth's times, `first_frame`, `start` in the site file, and the cameras' clocks",
    )


def _moments(truth: Truth) -> list[float]:
    """First and last moment of whatever happened, table by table."""
    found: list[float] = []
    for camera in truth.cameras.values():
        if len(camera.boxes):
            ends = np.array([camera.boxes.frame.min(), camera.boxes.frame.max()], np.int64)
            found += camera.time_of(ends).tolist()
    found += [time_s for visit in truth.visits or () for time_s in (visit.enter_s, visit.leave_s)]
    found += [crossing.time_s for crossing in truth.crossings or ()]
    found += [change.time_s for change in truth.occupancy or ()]
    return found


def _last_frame_s(camera: TruthCamera) -> float:
    """The last frame that is known of."""
    return camera.first_frame_s if camera.times_s is None or not len(camera.times_s) else float(camera.times_s[-1])


def _span(start_s: float, end_s: float) -> str:
    return f"{format_time(start_s)} to {format_time(end_s)}"
