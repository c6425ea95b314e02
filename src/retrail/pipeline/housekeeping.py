"""What a run does now and then beside the job: counters, events, furniture, retention."""

from __future__ import annotations

import time
from collections.abc import Mapping

from retrail.core.types import CameraEvent
from retrail.perceive.furniture import FurnitureMemory
from retrail.pipeline.status import StatusBoard
from retrail.site import Site
from retrail.store import Erased, Store
from retrail.video import Source

HOUSEKEEPING_EVERY_S = 60.0
RETENTION_EVERY_S = 3600.0
COUNTERS_EVERY_S = 0.5


def keep_retention(store: Store, site: Site) -> Erased:
    """Erase what has been kept long enough."""
    return store.retention(time.time(), site.retention.embeddings_s, site.retention.journeys_s)


class Housekeeping:
    """Does what is due, whenever it is asked."""

    def __init__(
        self,
        store: Store,
        site: Site,
        sources: Mapping[str, Source],
        memories: Mapping[str, FurnitureMemory],
        board: StatusBoard,
        events: list[CameraEvent],
    ) -> None:
        self._store = store
        self._site = site
        self._sources = sources
        self._memories = memories
        self._board = board
        self._events = events
        self._kept_s = self._erased_s = time.monotonic()
        self._counted_s = 0.0

    def keep(self, *, last: bool = False) -> None:
        """Do what is due; all of it but retention, if it is the ``last`` time."""
        now = time.monotonic()
        if last or now - self._counted_s >= COUNTERS_EVERY_S:
            self._counted_s = now
            for name, source in self._sources.items():
                counted = source.counters()
                self._board.decoded(name, frames=counted.frames, dropped=counted.dropped, reconnects=counted.reconnects)
            while self._events:
                self._store.event(self._events.pop(0))
        if now - self._erased_s >= RETENTION_EVERY_S:
            self._erased_s = now
            keep_retention(self._store, self._site)
        if last or now - self._kept_s >= HOUSEKEEPING_EVERY_S:
            self._kept_s = now
            for name, memory in self._memories.items():
                self._store.save_furniture(name, [place.to_record() for place in memory.places])
