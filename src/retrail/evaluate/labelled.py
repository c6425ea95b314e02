"""The part of log and truth that can be compared: what labelled cameras saw while they were labelled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from retrail.core.types import Path, Sighting
from retrail.evaluate.fitting import check_names, check_times
from retrail.insight import Findings, find
from retrail.simulate.truth import Truth, TruthCamera
from retrail.site import Site

_SLACK_S = 2e-3
"""Times go through files with milliseconds."""


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """What is judged, and by what.

    Attributes:
        sightings: of the log, of labelled cameras, cut to the time of their labels.
        findings: what they say; places of other cameras are left out.
        truth: without what it says of other cameras' lines and zones.
        left_out: cameras of the site or the log that are not labelled.
        drawn: cameras on which people's boxes were drawn; on the others visits and crossings alone were noted.
    """

    sightings: tuple[Sighting, ...]
    findings: Findings
    truth: Truth
    left_out: tuple[str, ...]
    drawn: tuple[str, ...]

    def boxed(self) -> tuple[int, ...]:
        """Everybody of whom there is a box that counts."""
        boxes = [self.truth.cameras[name].boxes for name in self.drawn]
        return tuple(sorted({person for one in boxes for person in np.unique(one.person[one.counts]).tolist()}))

    def people(self) -> tuple[int, ...] | None:
        """Everybody who came: by the boxes, and by the tables where none were drawn; None: the truth does not say."""
        truth, drawn = self.truth, self.drawn
        lines = self.findings.site.lines
        found = set(self.boxed())
        found |= {visit.person for visit in truth.visits or () if visit.camera not in drawn}
        found |= {one.person for one in truth.crossings or () if lines[one.line].camera not in drawn}
        if not drawn:
            if truth.people is truth.visits is truth.crossings is None:
                return None
            found |= {one.person for one in truth.people or ()}
        return tuple(sorted(found))


def labelled_part(
    site: Site, sightings: Sequence[Sighting], identity_of: Mapping[str, int | None], truth: Truth
) -> Labelled:
    """Leave out cameras that the truth does not name, and what was before its first frame or after its last.

    The last is known where the frames are listed. A line is judged by what the whole log says of it, for who comes in
    over it is told from all cameras.

    Raises:
        DataError: the truth is of another site or another time.
    """
    check_names(site, truth)
    seen = [one for one in sightings if one.camera in truth.cameras]
    check_times(truth, seen)
    part = tuple(cut for one in seen if (cut := _cut(one, truth.cameras[one.camera])) is not None)
    names = [*site.cameras, *sorted({one.camera for one in sightings} - set(site.cameras))]
    left_out = tuple(name for name in names if name not in truth.cameras)
    whole = find(sightings, identity_of, site)
    findings = whole
    if left_out or len(part) < len(sightings) or any(a is not b for a, b in zip(part, sightings, strict=True)):
        findings = find(part, identity_of, site)
        passes = {
            place: tuple(one for one in found if _within(truth.cameras[place.camera], one.time_s))
            for place, found in whole.passes.items()
            if place.camera in truth.cameras
        }
        stays = {place: found for place, found in findings.stays.items() if place.camera in ("", *truth.cameras)}
        findings = replace(findings, stays=stays, passes=passes)
    happened = _of_cameras(site, truth)
    return Labelled(part, findings, happened, left_out, _drawn(site, happened))


def _of_cameras(site: Site, truth: Truth) -> Truth:
    zones = {""} | {zone.name for camera in truth.cameras for zone in site.zones_of(camera)}
    crossings, occupancy = truth.crossings, truth.occupancy
    if crossings is not None:
        crossings = tuple(one for one in crossings if site.lines[one.line].camera in truth.cameras)
    if occupancy is not None:
        occupancy = tuple(one for one in occupancy if one.zone in zones)
    return replace(truth, crossings=crossings, occupancy=occupancy)


def _drawn(site: Site, truth: Truth) -> tuple[str, ...]:
    """Cameras with boxes, and those that nobody came before: not those of which other tables alone have people."""
    camera_of = {zone.name: camera for camera in site.cameras for zone in site.zones_of(camera)}
    full = [change.zone for change in truth.occupancy or () if change.people]
    said = {visit.camera for visit in truth.visits or ()}
    said |= {site.lines[one.line].camera for one in truth.crossings or ()}
    said |= {camera_of[zone] for zone in full if zone}
    somebody = bool(said or full or truth.people)
    boxed = [name for name, camera in truth.cameras.items() if len(camera.boxes)]
    if somebody and not boxed:
        return ()
    return tuple(name for name in truth.cameras if name in boxed or name not in said)


def _within(camera: TruthCamera, time_s: float) -> bool:
    from_s, to_s = _span_s(camera)
    return from_s <= time_s <= to_s


def _span_s(camera: TruthCamera) -> tuple[float, float]:
    """From the first frame to the last one that is listed; without a list the end is not known."""
    if camera.times_s is None:
        return camera.first_frame_s - _SLACK_S, np.inf
    if not len(camera.times_s):
        return np.inf, -np.inf
    return float(camera.times_s[0]) - _SLACK_S, float(camera.times_s[-1]) + _SLACK_S


def _cut(sighting: Sighting, camera: TruthCamera) -> Sighting | None:
    """What of a sighting was while the camera was labelled; itself where all of it was."""
    from_s, to_s = _span_s(camera)
    if from_s <= sighting.start_s and sighting.end_s <= to_s:
        return sighting
    path = sighting.path
    keep = (path.times_s >= from_s) & (path.times_s <= to_s)
    if not keep.any():
        return None
    part = Path(path.times_s[keep], path.boxes_px[keep], path.feet_px[keep], path.width_px, path.height_px)
    return replace(sighting, path=part, start_s=float(part.times_s[0]), end_s=float(part.times_s[-1]))
