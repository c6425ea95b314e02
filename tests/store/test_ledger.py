"""The ledger keeps every digit of the evidence and takes nothing out of turn."""

from __future__ import annotations

import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retrail.core.errors import StoreError
from retrail.core.types import Candidate, LedgerEntry, Match
from retrail.store import Store

from .conftest import make_sighting


def new(number: int, sighting: str, identity: int | None = None) -> LedgerEntry:
    """A decision: a new identity, numbered like the entry."""
    identity = number if identity is None else identity
    match = Match(sighting, identity, "new", 0.9, (Candidate(7, {"appearance": 0.1 + 0.2}, 0.3),), reason="nobody near")
    return LedgerEntry(number, "new", 100.0 + number, identity, (sighting,), match=match, reason="nobody near")


def test_entries_come_back_as_they_were(store: Store) -> None:
    store.begin_resolution("f")
    merge = LedgerEntry(2, "merge", 700.1, 1, ("b",), from_identity=2, lineage=(1,), reason="near")
    store.append_entries([new(1, "a"), merge])
    assert store.ledger() == (new(1, "a"), merge)
    assert store.last_entry() == 2


@pytest.mark.parametrize("number", [1, 2, 4])
def test_a_gap_or_a_number_used_before_is_refused_and_nothing_is_written(store: Store, number: int) -> None:
    store.begin_resolution("f")
    store.append_entries([new(1, "a"), new(2, "b")])
    with pytest.raises(StoreError, match="do not follow on"):
        store.append_entries([new(number, "c"), new(number + 1, "d")])
    assert len(store.ledger()) == 2


def test_without_a_resolution_nothing_can_be_added(store: Store) -> None:
    assert store.fingerprint() is None
    with pytest.raises(StoreError, match="no resolution"):
        store.append_entries([new(1, "a")])


def test_a_new_resolution_starts_from_nothing(store: Store) -> None:
    store.begin_resolution("f")
    store.append_entries([new(1, "a")])
    assert store.begin_resolution("g", entries=[new(1, "a", 5)]) == 1
    assert store.fingerprint() == "g"
    assert [entry.identity for entry in store.ledger()] == [5]


def test_entries_about_frozen_sightings_come_along(store: Store) -> None:
    store.append([make_sighting("old", 10), make_sighting("new", 1000), make_sighting("oldest", 1)])
    store.begin_resolution("f")
    store.append_entries([new(1, "old"), new(2, "new"), new(3, "oldest")])
    assert store.begin_resolution("g", frozen_before_s=500) == 3
    assert [entry.number for entry in store.ledger()] == [1, 3]
    store.append_entries([new(4, "new")])
    assert [entry.number for entry in store.ledger()] == [1, 3, 4]


_FLOATS = st.floats(allow_nan=False)
_CANDIDATES = st.builds(
    Candidate,
    identity=st.integers(1, 2**40),
    log_odds=st.dictionaries(st.sampled_from(["appearance", "time", "exclusion", "prior"]), _FLOATS),
    similarity=st.none() | _FLOATS,
)
_MATCHES = st.builds(
    Match,
    sighting=st.just("a"),
    identity=st.none() | st.integers(1, 2**40),
    outcome=st.sampled_from(["assign", "new", "unresolved"]),
    probability=st.none() | _FLOATS,
    candidates=st.lists(_CANDIDATES, max_size=3).map(tuple),
    final=st.booleans(),
    lineage=st.lists(st.integers(1, 99)).map(tuple),
    reason=st.text(st.characters(exclude_characters="\0", codec="utf-8")),
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(match=st.none() | _MATCHES, time_s=_FLOATS.filter(math.isfinite))
def test_any_evidence_comes_back_to_the_digit(store: Store, match: Match | None, time_s: float) -> None:
    entry = LedgerEntry(1, "assign", time_s, 3, ("a", "b"), 4, match, (1, 2), "because")
    store.begin_resolution("f", entries=[entry])
    (read,) = store.ledger()
    assert read == entry
    if match is not None and read.match is not None:
        for one, other in zip(match.candidates, read.match.candidates, strict=True):
            assert list(one.log_odds.items()) == list(other.log_odds.items())
            assert str(one) == str(other)  # tells -0.0 from 0.0
