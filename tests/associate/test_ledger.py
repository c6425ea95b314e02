"""Reading the ledger."""

from __future__ import annotations

from retrail.associate import Resolution, fold
from retrail.core.types import LedgerEntry, Match

NEW = LedgerEntry(1, "new", 0.0, 1, ("a",), match=Match("a", 1, "new", 0.9))
ASSIGN = LedgerEntry(2, "assign", 1.0, 1, ("b",), match=Match("b", 1, "assign", 0.8))
OPEN = LedgerEntry(3, "unresolved", 2.0, None, ("c",), match=Match("c", None, "unresolved", None))
OTHER = LedgerEntry(4, "new", 3.0, 2, ("d",), match=Match("d", 2, "new", 0.9))


def test_nothing_is_known_of_an_empty_ledger() -> None:
    assert fold([]) == Resolution()


def test_sightings_are_who_the_last_entry_says() -> None:
    resolution = fold([NEW, ASSIGN, OPEN, OTHER])
    assert resolution.identity_of == {"a": 1, "b": 1, "c": None, "d": 2}
    assert resolution.sightings_of(1) == ("a", "b")
    assert (resolution.last_number, resolution.last_identity) == (4, 2)


def test_a_merge_moves_everybody_and_is_remembered() -> None:
    merge = LedgerEntry(5, "merge", 9.0, 1, ("d",), from_identity=2)
    resolution = fold([NEW, ASSIGN, OTHER, merge])
    assert resolution.identity_of["d"] == 1
    assert resolution.current(2) == 1
    assert resolution.matches["d"].identity == 1
    assert resolution.matches["d"].lineage == (4, 5)
    assert not resolution.matches["d"].final


def test_a_split_moves_whom_it_names() -> None:
    split = LedgerEntry(5, "split", 9.0, 3, ("b",), from_identity=1)
    resolution = fold([NEW, ASSIGN, split])
    assert resolution.identity_of == {"a": 1, "b": 3}
    assert resolution.last_identity == 3


def test_what_a_person_corrected_is_final() -> None:
    correct = LedgerEntry(5, "correct", 9.0, 2, ("b", "c"), from_identity=1)
    resolution = fold([NEW, ASSIGN, OPEN, OTHER, correct])
    assert resolution.identity_of == {"a": 1, "b": 2, "c": 2, "d": 2}
    assert resolution.matches["b"].final
    assert resolution.matches["c"].outcome == "assign"


def test_a_confirmation_makes_final_and_keeps_the_evidence() -> None:
    confirmed = LedgerEntry(5, "assign", 9.0, 1, ("a", "b"), lineage=(1, 2))
    match = fold([NEW, ASSIGN, confirmed]).matches["a"]
    assert match.final
    assert (match.outcome, match.probability, match.lineage) == ("new", 0.9, (1, 5))


def test_folding_goes_on_from_an_earlier_resolution() -> None:
    before = fold([NEW, ASSIGN])
    assert fold([OPEN, OTHER], before) == fold([NEW, ASSIGN, OPEN, OTHER])
    assert "d" not in before.identity_of


def test_merges_that_run_in_a_circle_end() -> None:
    there = LedgerEntry(5, "merge", 9.0, 1, ("d",), from_identity=2)
    back = LedgerEntry(6, "split", 10.0, 2, ("d",), from_identity=1)
    assert fold([NEW, OTHER, there, back]).current(2) == 2
