"""What cameras log of somebody: what they see, but for their outages, and with where they look after a push."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from retrail.simulate.happenings import Span, joined
from retrail.simulate.spec import CameraSpec
from retrail.simulate.traffic.views import Views
from retrail.site import Definitions

_SEEN_GAP_S = 1.0


def logged(watched: Mapping[int, Sequence[Span]], cameras: Sequence[CameraSpec], views: Views) -> dict[int, list[Span]]:
    """By camera and zone, sorted spans of seconds: those of cameras without gaps that a tracker bridges, none in an
    outage.

    A camera that was moved has one watcher for each way it looks; both become the camera's own. In a zone is also who
    stands beyond the edge of the picture before it, as long as the zone's camera logs him.
    """
    found = _logged(watched, cameras, views)
    gap_s = Definitions().visit_gap_s
    for zone in (zone for zone, edge in views.edges.items() if zone in watched or edge in watched):
        in_view = joined(found.get(views.camera_of[zone], ()), gap_s)
        spans = sorted([*watched.get(zone, ()), *_overlaps(watched.get(views.edges[zone], ()), in_view)])
        if spans:
            found[zone] = spans
    return found


def _logged(
    watched: Mapping[int, Sequence[Span]], cameras: Sequence[CameraSpec], views: Views
) -> dict[int, list[Span]]:
    """By camera: when it logs somebody."""
    found: dict[int, list[Span]] = {}
    later_of = {later: place for place, later in views.moved.items()}
    # A few of perhaps thousands saw somebody.
    own_places = {later_of.get(watcher, watcher) for watcher in watched}
    for place in sorted(place for place in own_places if place < views.cameras):
        own = cameras[place]
        spans = joined(watched.get(place, ()), _SEEN_GAP_S)
        if own.moved is not None:
            after_s = own.moved.after_s
            later = joined(watched.get(views.moved[place], ()), _SEEN_GAP_S)
            spans = _without(spans, [(after_s, math.inf)]) + _without(later, [(-math.inf, after_s)])
        spans = _without(spans, own.outages)
        if spans:
            found[place] = spans
    return found


def _overlaps(spans: Sequence[Span], others: Sequence[Span]) -> list[Span]:
    """The parts of spans that lie in others."""
    return [(max(a, c), min(b, d)) for a, b in spans for c, d in others if max(a, c) <= min(b, d)]


def _without(spans: Sequence[Span], holes: Sequence[Span]) -> list[Span]:
    """What is left of spans where holes are cut out."""
    left = list(spans)
    for start, end in holes:
        parts = [part for a, b in left for part in ((a, min(b, start)), (max(a, end), b))]
        left = [(a, b) for a, b in parts if a < b]
    return left
