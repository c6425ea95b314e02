"""From the log to the ledger: catch up with what is logged, then decide group by group."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrail.associate import Matcher
from retrail.core.time import day_start_s, shop_day
from retrail.core.types import LedgerEntry, Match, Sighting
from retrail.pipeline.models import cut_of
from retrail.site import Site
from retrail.store import Store
from retrail.zoo import Card, card_names, find_card, model_name


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """What catching up with the log came to.

    Attributes:
        appended: entries the ledger lacked (a run had been killed between log and ledger, or the log is decided anew).
        anew: whether the log was decided from its beginning, because it was asked for or the site's definition changed.
        frozen_before_s: decisions about earlier sightings stay as they are, for their embeddings have expired.
    """

    appended: int
    anew: bool
    frozen_before_s: float | None


class Decider:
    """Keeps matcher and ledger in step with the log.

    Args:
        store: open for writing.
        site: the site.
        encoder: the card of the one in use. What another one logged is decided by that one's own cut where its card is
            at hand, else by this one's.
        models_dir: where cards of models of one's own are looked for first.

    Raises:
        ModelError: the card states no cut for the site's mode.
    """

    def __init__(self, store: Store, site: Site, encoder: Card, models_dir: Path | None = None) -> None:
        self._store = store
        self._site = site
        self._cut = cut_of(encoder, site.mode)
        self._encoder = encoder
        self._models_dir = models_dir
        self._matcher = Matcher(cut=self._cut_of, links=site.links, entrances=site.entrances, day=self._day)

    def catch_up(self, *, anew: bool = False) -> CaughtUp:
        """Take in what is logged; decide what of it the ledger lacks.

        Where the ledger was made under another definition of the site, or ``anew`` says so, the whole log is
        decided again as far as its embeddings have not expired.

        Raises:
            StoreError: the database failed.
        """
        earlier = self._store.fingerprint()
        changed = anew or earlier != self.fingerprint()
        frozen_before_s = self._frozen_before_s() if changed else None
        if changed:
            self._store.begin_resolution(self.fingerprint(), frozen_before_s)
        since_s = None if changed else self._day_before_last_s()
        missing = self._matcher.resume(self._store.groups(since_s), self._store.ledger())
        self._store.append_entries(missing)
        return CaughtUp(len(missing), changed and earlier is not None, frozen_before_s)

    def fingerprint(self) -> str:
        """What the decisions depend on besides the log."""
        return f"{self._site.fingerprint()}:{self._cut:.6f}"

    def add(self, sightings: Sequence[Sighting]) -> tuple[LedgerEntry, ...]:
        """Log a group, then decide it. Sightings already in the log are left out; so are forgotten spans."""
        group = self._store.append(sightings)
        return () if group is None else self._keep(self._matcher.add(group.sightings))

    def finish(self) -> tuple[LedgerEntry, ...]:
        """The input has ended: mark it in the log and consolidate the day."""
        self._store.end_of_input()
        return self._keep(self._matcher.finish())

    def likely(self, camera: str, embedding: NDArray[np.float32], model: str, time_s: float) -> Match | None:
        """Who an open tracklet probably is, for display only."""
        return self._matcher.likely(camera, embedding, model, time_s)

    def _keep(self, entries: Iterable[LedgerEntry]) -> tuple[LedgerEntry, ...]:
        kept = tuple(entries)
        self._store.append_entries(kept)
        return kept

    def _cut_of(self, model: str) -> float:
        """The cut of what this encoder logged (`Sighting.model`)."""
        name = model_name(model)
        if name == self._encoder.name or name not in card_names(self._models_dir):
            return self._cut
        return cut_of(find_card(name, models_dir=self._models_dir), self._site.mode)

    def _day(self, time_s: float) -> date:
        return shop_day(time_s, self._site.timezone, self._site.day_starts)

    def _day_before_last_s(self) -> float | None:
        """Start of the shop's day before the last one in the log: nothing older can still matter to a decision."""
        last_s = self._store.last_seen_s()
        if last_s is None:
            return None
        return day_start_s(self._day(last_s) - timedelta(days=1), self._site.timezone, self._site.day_starts)

    def _frozen_before_s(self) -> float | None:
        """Start of the first day of which no embedding has expired; None where none has."""
        expired_s = self._store.expired_before_s()
        if expired_s is None:
            return None
        return day_start_s(self._day(expired_s) + timedelta(days=1), self._site.timezone, self._site.day_starts)
