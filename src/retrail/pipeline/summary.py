"""What a run came to, in numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from retrail.core.types import Count, Sighting
from retrail.insight.people import people
from retrail.pipeline.status import CameraStatus


@dataclass(frozen=True, slots=True)
class Summary:
    """The numbers of one run.

    Attributes:
        sightings: of people; one counts once however often it was cut.
        visitors: identities, and beside them the sightings that could be anybody.
        undecided: sightings of which it is not known whether they are people.
        cameras: how each camera did.
    """

    sightings: int
    visitors: Count
    undecided: int
    cameras: Mapping[str, CameraStatus]


@dataclass(frozen=True, slots=True)
class Took:
    """How long a run took, by the clock.

    Attributes:
        run_s: from the first frame to the last decision.
        annotate_s: to draw annotated video after it.
    """

    run_s: float
    annotate_s: float


def summarise(
    sightings: Iterable[Sighting],
    identity_of: Mapping[str, int | None],
    cameras: Mapping[str, CameraStatus],
) -> Summary:
    """Count what the cameras of a run saw in the span of event time that they read.

    Args:
        sightings: the log.
        identity_of: the ledger's answer.
        cameras: the run's own status; a sighting of another camera or time is not counted.
    """
    seen = [sighting for sighting in sightings if _in_span(sighting, cameras)]
    who = people(seen, identity_of)
    here = {sighting.id for sighting in seen}
    whole = [sighting for sighting in seen if sighting.continues not in here]
    counted = [first for first in whole if who.who_of.get(first.id, None) not in (None, *who.undecided)]
    identities = {number for number in who.who_of.values() if isinstance(number, int)}
    return Summary(
        sightings=len(counted),
        visitors=Count(estimate=len(identities), unresolved=len(who.unresolved)),
        undecided=len(who.undecided),
        cameras=cameras,
    )


def _in_span(sighting: Sighting, cameras: Mapping[str, CameraStatus]) -> bool:
    camera = cameras.get(sighting.camera)
    if camera is None or camera.first_s is None or camera.last_s is None:
        return False
    return sighting.start_s <= camera.last_s and sighting.end_s >= camera.first_s
