"""A log decided from its beginning."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date

from retrail.associate.entering import Entrance
from retrail.associate.matcher import Cut, Matcher
from retrail.associate.settings import MatcherSettings
from retrail.associate.whereabouts import Link
from retrail.core.types import Group, LedgerEntry


def replay(
    groups: Iterable[Group],
    *,
    cut: Cut,
    links: Sequence[Link] = (),
    entrances: Sequence[Entrance] = (),
    day: Callable[[float], date],
    entries: Iterable[LedgerEntry] = (),
    settings: MatcherSettings | None = None,
) -> tuple[LedgerEntry, ...]:
    """The ledger of a log.

    Args:
        groups: the log, in order.
        cut, links, entrances, day, settings: as for `Matcher`.
        entries: decisions that are kept as they are (about sightings whose embeddings have expired).

    Returns:
        the entries after those that were kept.
    """
    return Matcher(cut=cut, links=links, entrances=entrances, day=day, settings=settings).resume(groups, entries)
