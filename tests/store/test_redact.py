"""Taking somebody out of a ledger leaves everybody else who they were."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from retrail.associate import fold
from retrail.core.types import Candidate, LedgerEntry, Match
from retrail.store.redact import Gone, holders, redact, vanished


@st.composite
def ledgers(draw: st.DrawFn) -> list[LedgerEntry]:
    """New people, returns, merges and splits in any valid order; evidence and reasons name whom they like."""
    entries: list[LedgerEntry] = []
    owner: dict[str, int | None] = {}
    fresh = 0
    for number in range(1, draw(st.integers(1, 14)) + 1):
        alive = sorted({who for who in owner.values() if who is not None})
        kinds = ["new", "unresolved", *(["assign", "split"] if alive else []), *(["merge"] if len(alive) > 1 else [])]
        kind = draw(st.sampled_from(kinds))
        source: int | None = None
        match: Match | None = None
        sightings = (f"s{number}x",)
        if kind == "merge":
            identity, source = draw(st.permutations(alive))[:2]
            sightings = tuple(s for s, who in owner.items() if who == source)
        elif kind == "split":
            source = draw(st.sampled_from(alive))
            members = [s for s, who in owner.items() if who == source]
            sightings = tuple(draw(st.lists(st.sampled_from(members), min_size=1, unique=True)))
            fresh += 1
            identity = fresh
        else:
            fresh += kind == "new"
            identity = (
                {"new": fresh, "unresolved": None}.get(kind) if kind != "assign" else draw(st.sampled_from(alive))
            )
            others = draw(st.lists(st.sampled_from(alive), unique=True)) if alive else []
            match = Match(sightings[0], identity, "new", 0.5, tuple(Candidate(o, {}, 0.1) for o in others))
        named = draw(st.sampled_from(["", *owner, *(f"like identity {who}" for who in alive)]))
        lineage = tuple(draw(st.lists(st.integers(1, number), max_size=3)))
        entries.append(LedgerEntry(number, kind, 0.0, identity, sightings, source, match, lineage, named))  # type: ignore[arg-type]
        owner.update(dict.fromkeys(sightings, identity))
    return entries


@given(ledger=ledgers(), data=st.data())
def test_the_rest_stay_who_they_were_and_nothing_names_the_forgotten(
    ledger: list[LedgerEntry], data: st.DataObject
) -> None:
    before = fold(ledger)
    people = sorted({who for who in before.identity_of.values() if who is not None})
    if not people:
        return
    identity = data.draw(st.sampled_from(people))
    ids, _ = holders(ledger, identity)
    assert ids == set(before.sightings_of(identity))
    gone = Gone(ids, {identity} | vanished(((e.identity, e.sightings) for e in ledger), ids))
    dropped: set[int] = set()
    left = [kept for entry in ledger if (kept := redact(entry, gone, dropped)) is not None]
    assert fold(left).identity_of == {s: who for s, who in before.identity_of.items() if s not in ids}
    for entry in left:
        named = {*entry.sightings, *([entry.match.sighting] if entry.match else [])}
        others = {
            entry.identity,
            entry.from_identity,
            *(c.identity for c in (entry.match.candidates if entry.match else ())),
        }
        assert not named & ids
        assert not others & gone.identities
        assert not gone.mentioned_in(entry.reason)
        assert not dropped & set(entry.lineage)


@given(ledger=ledgers())
def test_a_ledger_that_never_named_them_is_left_alone(ledger: list[LedgerEntry]) -> None:
    gone = Gone({"somebody else"}, {10**6})
    assert [redact(entry, gone, set()) for entry in ledger] == ledger


def test_a_merge_tells_where_an_identity_went() -> None:
    ledger = [
        LedgerEntry(1, "new", 0.0, 1, ("a",)),
        LedgerEntry(2, "new", 0.0, 2, ("b",)),
        LedgerEntry(3, "merge", 0.0, 1, ("b",), from_identity=2),
    ]
    assert holders(ledger, 2) == (set(), 1)
    assert holders(ledger, 1) == ({"a", "b"}, None)
