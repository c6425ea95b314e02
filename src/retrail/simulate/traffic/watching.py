"""What cameras log of somebody: what they see, but for their outages, and with where they look after a push."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from retrail.simulate.happenings import Span, joined
from retrail.simulate.spec import CameraSpec
from retrail.simulate.traffic.views import Views

_SEEN_GAP_S = 1.0


def logged(watched: Mapping[int, Sequence[Span]], cameras: Sequence[CameraSpec], views: Views) -> dict[int, list[Span]]:
    """By watcher, sorted spans of seconds: those of cameras without gaps that a tracker bridges, none in an outage.

    A camera that was moved has one watcher for each way it looks; both become the camera's own.
    """
    zones = {watcher: list(spans) for watcher, spans in watched.items() if views.cameras <= watcher < views.zones}
    found: dict[int, list[Span]] = {}
    later_of = {later: place for place, later in views.moved.items()}
    # A few of perhaps thousands saw somebody.
    for place in sorted({later_of.get(watcher, watcher) for watcher in watched.keys() - zones.keys()}):
        own = cameras[place]
        spans = joined(watched.get(place, ()), _SEEN_GAP_S)
        if own.moved is not None:
            after_s = own.moved.after_s
            later = joined(watched.get(views.moved[place], ()), _SEEN_GAP_S)
            spans = _without(spans, [(after_s, math.inf)]) + _without(later, [(-math.inf, after_s)])
        spans = _without(spans, own.outages)
        if spans:
            found[place] = spans
    return found | zones


def _without(spans: Sequence[Span], holes: Sequence[Span]) -> list[Span]:
    """What is left of spans where holes are cut out."""
    left = list(spans)
    for start, end in holes:
        parts = [part for a, b in left for part in ((a, min(b, start)), (max(a, end), b))]
        left = [(a, b) for a, b in parts if a < b]
    return left
