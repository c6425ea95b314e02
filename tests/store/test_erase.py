"""Forgetting leaves no byte behind but that a camera and span were forgotten; retention counts from intake."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from retrail.core.errors import StoreError
from retrail.core.types import CameraEvent, Candidate, LedgerEntry, Match, Sighting
from retrail.store import Store, open_store

from .conftest import make_sighting

HOUR_S = 3600.0
DAY_S = 24 * HOUR_S
SECRET, PUBLIC = "5ec4e7f00d1d", "9ab11c000001"


def entry(number: int, kind: str, identity: int | None, sighting: str, *others: int, reason: str = "") -> LedgerEntry:
    """A decision about one sighting with other identities as candidates."""
    candidates = tuple(Candidate(other, {"appearance": 0.5}, 0.6) for other in others)
    match = Match(sighting, identity, "new", 0.8, candidates, reason=reason)
    return LedgerEntry(number, kind, 5.0, identity, (sighting,), match=match, reason=reason)  # type: ignore[arg-type]


def two_people(store: Store, *, now_s: float | None = None) -> tuple[Sighting, Sighting]:
    """Identity 1 in the public sighting, identity 2 in the secret one; each is evidence about the other."""
    public = make_sighting(PUBLIC, 100, seed=1)
    secret = make_sighting(SECRET, 200, seed=2)
    store.append([public], now_s=now_s)
    store.append([secret], now_s=now_s)
    store.append([make_sighting("9ab11c000002", 400, seed=3, continues=SECRET)], now_s=now_s)
    store.begin_resolution("superseded", entries=[entry(1, "new", 9, SECRET)])
    store.begin_resolution("f")
    store.append_entries(
        [
            entry(1, "new", 1, PUBLIC),
            entry(2, "new", 2, SECRET, 1),
            entry(3, "assign", 2, "9ab11c000002", 2, 1),
            LedgerEntry(4, "split", 6.0, 1, ("9ab11c000002",), 2, None, (3,), f"Seen beside {SECRET} of identity 2"),
        ]
    )
    store.log_search("where was identity 2 today", 2)
    store.log_search(f"sighting {SECRET}")
    store.log_search("where was identity 1 today", 1)
    return public, secret


def holding(folder: Path, needle: bytes) -> list[str]:
    """The files below a folder that hold some bytes."""
    return [
        str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and needle in path.read_bytes()
    ]


def vector_bytes(sighting: Sighting) -> bytes:
    """The first half of an embedding as PostgreSQL keeps it."""
    assert sighting.embedding is not None
    return sighting.embedding.astype("<f2").tobytes()[:64]


def test_no_byte_of_the_forgotten_is_left_in_the_data_folder(data: Path) -> None:
    with open_store(data, site_name="shop", holder="test") as store:
        public, secret = two_people(store)
        needles = [SECRET.encode(), vector_bytes(secret), secret.path.times_s.astype("<f8").tobytes()[:40]]
        assert all(holding(data, needle) for needle in needles), "what is looked for is where it should be"
        store.forget_identity(2)
        assert [holding(data, needle) for needle in needles] == [[], [], []]
        assert holding(data, vector_bytes(public))
    assert [holding(data, needle) for needle in needles] == [[], [], []]


def test_what_is_left_of_the_ledger_knows_nothing_of_the_forgotten(store: Store) -> None:
    two_people(store)
    erased = store.forget_identity(2)
    assert (erased.sightings, erased.embeddings, erased.entries) == (1, 1, 3)
    assert [(e.number, e.kind, e.identity, e.from_identity, e.reason) for e in store.ledger()] == [
        (1, "new", 1, None, ""),
        (4, "split", 1, None, ""),
    ]
    assert store.ledger()[1].lineage == ()
    assert [what for _, what in store.searches()] == ["", "", "where was identity 1 today"]
    assert [(s.id, s.continues) for s in store.sightings()] == [(PUBLIC, None), ("9ab11c000002", None)]


def test_after_forgetting_the_log_has_to_be_resolved_again_and_can_be(store: Store) -> None:
    two_people(store)
    store.forget_identity(2)
    assert store.fingerprint() is None
    assert [group.number for group in store.groups()] == [1, 3]
    store.append_entries([entry(5, "new", 3, "x")])
    assert store.begin_resolution("f", entries=[entry(1, "new", 1, PUBLIC)]) == 1


def test_reading_the_same_clip_again_brings_nobody_back(store: Store) -> None:
    two_people(store)
    store.forget_identity(2)
    again = [make_sighting(PUBLIC, 100, seed=1), make_sighting(SECRET, 200, seed=2)]
    assert store.append(again) is None
    assert store.append([make_sighting("another cut", 203, 8)]) is None
    (later,) = appended(store, make_sighting("most of it later", 207, 10, continues=SECRET))
    assert later.continues is None, "not named again"
    assert store.append([make_sighting("another camera", 200, camera="till")]) is not None
    assert [s.id for s in store.sightings()] == [PUBLIC, "9ab11c000002", "most of it later", "another camera"]


def appended(store: Store, sighting: Sighting) -> tuple[Sighting, ...]:
    """What was logged of it."""
    group = store.append([sighting])
    assert group is not None
    return group.sightings


def test_saying_what_would_go_erases_nothing(store: Store, tmp_path: Path) -> None:
    two_people(store)
    picture = tmp_path / "picture.png"
    picture.write_bytes(b"x")
    store.note_file(picture, "picture", identities=[2])
    would = store.forget_identity(2, dry_run=True)
    assert picture.exists()
    assert (len(store.ledger()), len(store.sightings()), store.fingerprint()) == (4, 3, "f")
    assert store.forget_identity(2) == would


def test_somebody_unknown_or_merged_away_cannot_be_forgotten(store: Store) -> None:
    two_people(store)
    store.append_entries([LedgerEntry(5, "merge", 7.0, 1, (SECRET,), from_identity=2)])
    with pytest.raises(StoreError, match="Nobody has this number") as error:
        store.forget_identity(2)
    assert error.value.found == "identity 2, which became identity 1"
    with pytest.raises(StoreError, match="Nobody has this number"):
        store.forget_identity(99)


def test_a_merged_identity_goes_with_all_that_became_it(store: Store) -> None:
    two_people(store)
    store.append_entries([LedgerEntry(5, "merge", 7.0, 1, (SECRET,), from_identity=2, reason="alike")])
    assert store.forget_identity(1).sightings == 3
    assert (store.ledger(), store.sightings()) == ((), [])


def test_undecided_pieces_of_the_same_chain_go_too(store: Store) -> None:
    store.append([make_sighting("a", 0, seed=None), make_sighting("b", 10, continues="a")])
    store.append([make_sighting("c", 20, continues="b"), make_sighting("other", 30, continues="c")])
    store.begin_resolution("f", entries=[entry(1, "new", 1, "b"), entry(2, "new", 2, "other")])
    assert store.forget_identity(1).spans == (("door", 0.0, 30.0),)
    assert [(s.id, s.continues) for s in store.sightings()] == [("other", None)]


def test_before_a_moment_all_that_began_goes(store: Store) -> None:
    two_people(store)
    store.event(CameraEvent("door", 150.0, "stall"))
    store.event(CameraEvent("door", 350.0, "stall"))
    erased = store.forget_before(300)
    assert (erased.sightings, erased.events, erased.spans) == (2, 1, (("door", 100.0, 300.0),))
    assert [s.id for s in store.sightings()] == ["9ab11c000002"]
    assert {e.identity for e in store.ledger()} <= {1, 2}
    assert store.append([make_sighting("never logged", 280)]) is None
    assert store.forget_before(300).sightings == 0


def test_pictures_and_videos_go_exports_are_named(store: Store, tmp_path: Path) -> None:
    two_people(store)
    names = ("shows.mp4", "elsewhere.mp4", "earlier.mp4", "named.png", "report.csv", "changed.mp4")
    paths = {name: tmp_path / name for name in names}
    for path in paths.values():
        path.write_bytes(b"content")
    store.note_file(paths["shows.mp4"], "video", spans=[("door", 205.0, 230.0)])
    store.note_file(paths["elsewhere.mp4"], "video", spans=[("till", 205.0, 230.0)])
    store.note_file(paths["earlier.mp4"], "video", spans=[("door", 0.0, 150.0)])
    store.note_file(paths["named.png"], "picture", identities=[1, 2])
    store.note_file(paths["report.csv"], "export", identities=[1, 2])
    store.note_file(paths["changed.mp4"], "video", spans=[("door", 0.0, 500.0)])
    paths["changed.mp4"].write_bytes(b"something of the user's own")
    erased = store.forget_identity(2)
    assert erased.files == (str(paths["named.png"]), str(paths["shows.mp4"]))
    assert [Path(path).name for path, _ in erased.beyond_reach] == ["changed.mp4", "report.csv"]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(set(names) - {"shows.mp4", "named.png"})
    assert store.forget_identity(1).beyond_reach[0] == (str(paths["changed.mp4"]), "changed since Retrail wrote it")


def test_a_picture_of_a_moment_without_a_sighting_goes_with_that_moment(store: Store, tmp_path: Path) -> None:
    for name, time_s in (("early.png", 50.0), ("late.png", 150.0)):
        (tmp_path / name).write_bytes(b"content")
        store.note_file(tmp_path / name, "picture", spans=[("till", time_s, time_s)])
    assert store.forget_before(100).files == (str(tmp_path / "early.png"),)
    assert [path.name for path in tmp_path.iterdir()] == ["late.png"]


def test_noting_a_file_that_is_not_there_is_an_error(store: Store, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be noted"):
        store.note_file(tmp_path / "none.mp4", "video")


def test_embeddings_expire_by_intake_not_by_event_time(store: Store) -> None:
    store.append([make_sighting("long ago", 100)], now_s=0.0)
    store.append([make_sighting("also long ago", 100)], now_s=2 * HOUR_S)
    assert store.expired_before_s() is None
    erased = store.retention(25 * HOUR_S, DAY_S, 90 * DAY_S)
    assert (erased.embeddings, erased.sightings) == (1, 0)
    assert [s.embedding is None for s in store.sightings(embeddings=True)] == [True, False]
    assert store.expired_before_s() == 110.0


def test_no_byte_of_an_expired_embedding_is_left(data: Path) -> None:
    with open_store(data, site_name="shop", holder="test") as store:
        old, young = make_sighting("a", seed=1), make_sighting("b", seed=2)
        store.append([old], now_s=0.0)
        store.append([young], now_s=DAY_S)
        assert holding(data, vector_bytes(old))
        store.retention(DAY_S + 1, DAY_S, 90 * DAY_S)
        assert not holding(data, vector_bytes(old))
        assert holding(data, vector_bytes(young))


def test_journeys_expire_with_ledger_and_events_and_numbers_go_on(store: Store) -> None:
    two_people(store, now_s=0.0)
    store.append([make_sighting("young", 100)], now_s=50 * DAY_S)
    store.append_entries([entry(5, "new", 3, "young", 2)])
    store.event(CameraEvent("door", 1.0, "stall"), now_s=0.0)
    erased = store.retention(91 * DAY_S, DAY_S, 90 * DAY_S)
    assert (erased.sightings, erased.events) == (3, 1)
    (left,) = store.ledger()
    assert left.match is not None
    assert (left.number, left.identity, left.match.candidates) == (5, 3, ())
    assert store.fingerprint() == "f"
    assert store.append([make_sighting("later", 900)]) is not None
    assert [group.number for group in store.groups()] == [4, 5]
    assert store.append([make_sighting(SECRET, 200)]) is not None, "what expired may be read again"


def test_group_numbers_are_not_used_again_after_all_was_forgotten(store: Store) -> None:
    store.append([make_sighting("a", 1)])
    store.append([make_sighting("b", 2)])
    store.forget_before(1000)
    again = store.append([make_sighting("c", 2000)])
    assert again is not None
    assert again.number == 3


def test_a_report_open_meanwhile_does_not_hinder_forgetting(open_site: Callable[..., Store]) -> None:
    run = open_site("watched")
    two_people(run)
    report = open_site("watched", read_only=True)
    assert len(report.sightings()) == 3
    half_read = report.groups()
    next(half_read)
    run.forget_identity(2)
    assert len(report.sightings()) == 2


def test_many_people_forgotten_at_once(store: Store) -> None:
    names = [f"{number:012x}" for number in range(3000)]
    store.append([make_sighting(name, float(time), seed=None) for time, name in enumerate(names)])
    store.begin_resolution("f", entries=[entry(i + 1, "new", i + 1, name, i) for i, name in enumerate(names)])
    assert store.forget_before(2000).sightings == 2000
    assert [e.number for e in store.ledger()][:2] == [2001, 2002]
    first = store.ledger()[0].match
    assert first is not None
    assert first.candidates == ()
