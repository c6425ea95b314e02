"""Who is who, told by hand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from tests.associate.people import MODEL, as_groups, person, sighting, utc_day

from retrail.associate import Matcher, MatcherSettings, fold, replay
from retrail.core.errors import DataError
from retrail.core.types import LedgerEntry, Sighting

CUT = 0.45


@dataclass(frozen=True)
class Way:
    from_camera: str
    to_camera: str
    shortest_s: float
    longest_s: float


def decide(sightings: list[Sighting], size: int = 1, **options: object) -> tuple[LedgerEntry, ...]:
    return replay(as_groups(sightings, size), cut=CUT, day=utc_day, **options)  # type: ignore[arg-type]


def identities(sightings: list[Sighting], **options: Any) -> dict[str, int | None]:
    return dict(fold(decide(sightings, **options)).identity_of)


def test_the_same_person_on_two_cameras_is_one_identity() -> None:
    got = identities(
        [
            sighting("a", "door", 0, 10, person(1)),
            sighting("b", "door", 20, 30, person(2)),
            sighting("c", "till", 40, 50, person(1, 0.2)),
        ]
    )
    assert got == {"a": 1, "b": 2, "c": 1}


def test_two_in_one_frame_are_two_people_however_alike() -> None:
    beside = sighting("b", "door", 5, 15, person(1), left_px=160)
    got = identities([sighting("a", "door", 0, 10, person(1)), beside])
    assert got["a"] != got["b"]


def test_a_second_box_on_somebody_does_not_make_him_two() -> None:
    got = identities([sighting("a", "door", 0, 10, person(1)), sighting("b", "door", 8, 20, person(1), left_px=105)])
    assert got["a"] == got["b"] == 1


def test_who_stays_behind_another_for_long_is_somebody_else() -> None:
    got = identities([sighting("a", "door", 0, 10, person(1)), sighting("b", "door", 2, 20, person(1), left_px=105)])
    assert got["a"] != got["b"]


def test_a_glimpse_of_nobody_known_is_nobody_new() -> None:
    glimpse = sighting("g", "door", 3, 4, person(2), quality=0.3, left_px=300)
    assert identities([sighting("a", "door", 0, 10, person(1)), glimpse]) == {"a": 1, "g": None}


def test_a_glimpse_of_somebody_is_his_once_more_is_known() -> None:
    """Online it comes first, when nobody is known; the end of the day knows whose it was."""
    glimpse = sighting("g", "door", 0, 1, person(1), quality=0.3)
    entries = decide([glimpse, sighting("a", "till", 20, 40, person(1, 0.1))])
    assert fold(entries).identity_of == {"g": 1, "a": 1}
    assert [entry.kind for entry in entries if "g" in entry.sightings][:2] == ["unresolved", "assign"]


def test_several_glimpses_of_one_person_are_somebody() -> None:
    glimpses = [sighting(f"g{i}", "door", 20.0 * i, 20.0 * i + 1, person(1), quality=0.3) for i in range(4)]
    assert set(identities(glimpses).values()) == {1}


def test_a_glimpse_whose_person_turns_out_to_have_been_elsewhere_is_open_again() -> None:
    matcher = Matcher(cut=CUT, day=utc_day)
    entries = matcher.add([sighting("a", "door", 0, 20, person(1))])
    entries += matcher.add([sighting("b", "door", 21, 22, person(1, 0.1), quality=0.3, left_px=160)])
    assert fold(entries).identity_of["b"] == 1
    entries += matcher.add([sighting("c", "door", 20, 40, person(1), continues="a")])
    assert fold(entries).identity_of == {"a": 1, "b": None, "c": 1}
    assert entries[-1].kind == "unresolved"
    entries += matcher.finish()
    assert fold(entries).identity_of["b"] is None
    assert all(match.final for match in fold(entries).matches.values())


def test_cameras_may_overlap_unless_a_link_says_how_far_apart_they_are() -> None:
    both = [sighting("a", "door", 0, 10, person(1)), sighting("b", "till", 5, 15, person(1, 0.1))]
    assert identities(both)["b"] == 1
    assert identities(both, links=[Way("door", "till", 2, 60)])["b"] == 2


def test_nobody_covers_a_way_faster_than_its_shortest_time() -> None:
    soon = [sighting("a", "door", 0, 10, person(1)), sighting("b", "till", 11, 15, person(1, 0.1))]
    later = [soon[0], sighting("b", "till", 13, 15, person(1, 0.1))]
    link = [Way("till", "door", 2, 60)]
    assert identities(soon, links=link)["b"] == 2
    assert identities(later, links=link)["b"] == 1


def test_a_cut_sighting_stays_with_its_person_whatever_it_looks_like() -> None:
    got = identities(
        [
            sighting("a", "door", 0, 20, person(1)),
            sighting("b", "door", 20, 40, person(2), continues="a"),
            sighting("c", "door", 40, 50, None, continues="b"),
        ]
    )
    assert set(got.values()) == {1}


def test_an_undecided_tracklet_gets_no_entry_until_it_becomes_a_person() -> None:
    chair = [
        sighting("a", "door", 0, 20, person(1), presence="undecided"),
        sighting("x", "door", 0, 20, person(2), presence="furniture"),
    ]
    matcher = Matcher(cut=CUT, day=utc_day)
    assert matcher.add(chair) == ()
    entries = matcher.add([sighting("b", "door", 20, 40, person(1), continues="a")])
    assert [(entry.kind, entry.sightings) for entry in entries] == [("new", ("a",)), ("assign", ("b",))]
    assert "x" not in fold(entries + matcher.finish()).identity_of


def test_a_person_without_a_good_shot_is_unresolved_and_resolved_by_a_later_piece() -> None:
    matcher = Matcher(cut=CUT, day=utc_day)
    first = matcher.add([sighting("a", "door", 0, 20, None)])
    assert first[0].kind == "unresolved"
    assert first[0].match is not None
    second = matcher.add([sighting("b", "door", 20, 40, person(1), continues="a")])
    assert [entry.kind for entry in second] == ["new", "assign"]
    assert second[0].lineage == (1,)
    assert fold(first + second).identity_of == {"a": 1, "b": 1}


def test_an_embedding_that_points_nowhere_is_unresolved() -> None:
    odd = np.full(32, np.nan, np.float32)
    assert identities([sighting("a", "door", 0, 10, odd)]) == {"a": None}


def test_whoever_turns_out_to_have_been_elsewhere_has_to_leave() -> None:
    matcher = Matcher(cut=CUT, day=utc_day)
    entries = matcher.add([sighting("a", "door", 0, 20, person(1))])
    entries += matcher.add([sighting("b", "door", 21, 25, person(1, 0.1), left_px=160)])
    assert fold(entries).identity_of["b"] == 1
    entries += matcher.add([sighting("c", "door", 20, 40, person(1), continues="a")])
    assert fold(entries).identity_of == {"a": 1, "b": 2, "c": 1}
    assert entries[-1].kind == "split"
    assert entries[-1].from_identity == 1
    assert entries[-1].lineage == (2, 3)


def test_the_older_identity_wins_a_merge_and_the_ledger_says_where_it_comes_from() -> None:
    """On the way from one look to another, each is too far from the first until the day is seen as a whole."""
    one, two = person(1), person(2)

    def between(share: float) -> np.ndarray:
        vector = (1 - share) * one + share * two
        return (vector / np.linalg.norm(vector)).astype(np.float32)

    entries = decide(
        [
            sighting("a", "door", 0, 10, one),
            sighting("b", "till", 100, 110, between(0.8)),
            sighting("c", "hall", 200, 210, between(0.55)),
            sighting("d", "shed", 300, 310, between(0.5)),
            sighting("e", "yard", 400, 410, between(0.45)),
        ]
    )
    merges = [entry for entry in entries if entry.kind == "merge"]
    assert [(entry.from_identity, entry.identity) for entry in merges] == [(2, 1)]
    assert merges[0].sightings == ("b", "c", "d", "e")
    assert set(merges[0].lineage) == {2, 3, 4, 5}
    resolution = fold(entries)
    assert set(resolution.identity_of.values()) == {1}
    assert resolution.current(2) == 1
    assert resolution.sightings_of(1) == ("a", "b", "c", "d", "e")


def test_matches_are_provisional_until_consolidation_and_final_after_it() -> None:
    matcher = Matcher(cut=CUT, day=utc_day)
    entries = matcher.add([sighting("a", "door", 0, 10, person(1))])
    assert not fold(entries).matches["a"].final
    entries += matcher.add([sighting("b", "door", 590, 605, person(2))])
    after = fold(entries)
    assert after.matches["a"].final
    assert not after.matches["b"].final  # may still be carried on
    entries += matcher.finish()
    assert fold(entries).matches["b"].final
    assert matcher.finish() == ()


def test_a_match_can_be_audited() -> None:
    matcher = Matcher(cut=CUT, day=utc_day, links=[Way("door", "till", 2, 60)])
    matcher.add([sighting("a", "door", 0, 10, person(1)), sighting("b", "door", 5, 15, person(2))])
    (entry,) = matcher.add([sighting("c", "till", 20, 30, person(1, 0.2))])
    match = entry.match
    assert match is not None
    assert (match.identity, match.outcome, match.final) == (1, "assign", False)
    assert [candidate.identity for candidate in match.candidates] == [1, 2]
    assert set(match.candidates[0].log_odds) == {"appearance", "time", "exclusion", "continuity", "prior"}
    assert match.probability is not None
    assert match.probability > 0.9
    assert match.candidates[0].similarity is not None


def test_the_gallery_is_empty_in_the_morning_and_the_numbers_go_on() -> None:
    got = identities([sighting("a", "door", 0, 10, person(1)), sighting("b", "door", 90_000, 90_010, person(1))])
    assert got == {"a": 1, "b": 2}


def test_what_is_likely_leaves_no_trace() -> None:
    matcher = Matcher(cut=CUT, day=utc_day)
    assert matcher.likely("door", person(1), MODEL, 0.0) is None
    matcher.add([sighting("a", "door", 0, 10, person(1)), sighting("b", "till", 20, 30, person(2))])
    match = matcher.likely("till", person(1, 0.1), MODEL, 40.0)
    assert match is not None
    assert match.identity == 1
    assert matcher.likely("till", person(1)[:16], "another", 40.0) is None
    assert matcher.add([sighting("c", "till", 50, 60, person(3))])[0].identity == 3


def test_a_late_sighting_of_yesterday_belongs_to_yesterday() -> None:
    matcher = Matcher(cut=CUT, day=utc_day)
    entries = matcher.add([sighting("a", "door", 86_000, 86_010, person(1))])
    entries += matcher.add([sighting("b", "door", 86_500, 86_510, person(1))])
    entries += matcher.add([sighting("c", "till", 86_100, 86_110, person(1, 0.1))])
    assert fold(entries + matcher.finish()).identity_of == {"a": 1, "b": 2, "c": 1}


def test_days_that_are_over_are_let_go_and_final() -> None:
    matcher = Matcher(cut=CUT, day=utc_day)
    entries: tuple[LedgerEntry, ...] = ()
    for day in range(4):
        entries += matcher.add([sighting(f"d{day}", "door", day * 86_400 + 100, day * 86_400 + 110, person(1))])
    resolution = fold(entries)
    assert [resolution.identity_of[f"d{day}"] for day in range(4)] == [1, 2, 3, 4]
    assert resolution.matches["d0"].final
    assert resolution.matches["d1"].final


def test_what_two_encoders_say_is_not_compared() -> None:
    old = sighting("a", "door", 0, 10, person(1))
    new = replace(sighting("b", "door", 20, 30, person(1)[:16]), model="another")
    assert identities([old, new]) == {"a": 1, "b": 2}


def test_what_an_encoder_said_is_decided_by_its_own_cut() -> None:
    alike = person(1), person(1, noise=1.0, seed=5)
    similarity = float(alike[0] @ alike[1])
    log = [
        replace(sighting(f"{model}{place}", camera, at_s, at_s + 10, look), model=model)
        for model, day_s in (("old", 0.0), ("new", 86_400.0))
        for place, (camera, at_s, look) in enumerate(
            [("door", day_s, alike[0]), ("till", day_s + 60, alike[1]), ("door", day_s + 90, person(7))]
        )
    ]
    cuts = {"old": similarity - 0.3, "new": similarity + 0.3}
    got = fold(replay(as_groups(log), cut=cuts.__getitem__, day=utc_day)).identity_of
    assert got["old0"] == got["old1"]
    assert got["new0"] != got["new1"]


def test_one_encoder_with_two_dimensions_is_an_error() -> None:
    matcher = Matcher(cut=CUT, day=utc_day)
    matcher.add([sighting("a", "door", 0, 10, person(1))])
    with pytest.raises(DataError, match="does not fit"):
        matcher.add([sighting("b", "door", 20, 30, person(1)[:16])])


def test_older_decisions_stay_as_they_are_when_their_embeddings_have_expired() -> None:
    log = [
        sighting("a", "door", 0, 10, person(1)),
        sighting("b", "till", 20, 30, person(1, 0.1)),
        sighting("c", "door", 90_000, 90_010, person(1)),
        sighting("d", "till", 90_020, 90_030, person(2)),
    ]
    entries = decide(log)
    kept = [entry for entry in entries if set(entry.sightings) <= {"a", "b"}]
    bare = [replace(piece, embedding=None) if piece.start_s < 86_400 else piece for piece in log]
    again = (*kept, *replay(as_groups(bare, 1), cut=CUT, day=utc_day, entries=kept))
    assert fold(again).identity_of == fold(entries).identity_of


def test_on_a_very_busy_day_the_oldest_identities_stay_as_they_are() -> None:
    few = MatcherSettings(largest_day=4)
    stays = [sighting(str(i), "door", 20 * i, 20 * i + 10, person(i % 3, 0.2, i)) for i in range(12)]
    groups = as_groups(stays, 1)
    entries = replay(groups, cut=CUT, day=utc_day, settings=few)
    resolution = fold(entries)
    assert len(set(resolution.identity_of.values())) == 3
    assert all(match.final for match in resolution.matches.values())


def test_the_gallery_forgets_by_age_and_by_count() -> None:
    stays = [sighting("a", "door", 0, 10, person(1)), sighting("b", "door", 20, 30, person(2))]
    late = sighting("c", "door", 5_000, 5_010, person(1))
    for bound in (MatcherSettings(gallery_age_s=600.0), MatcherSettings(gallery_size=1)):
        matcher = Matcher(cut=CUT, day=utc_day, settings=bound)
        for stay in stays:
            matcher.add([stay])
        kinds = [entry.kind for entry in matcher.add([late])]
        assert kinds[0] == "new"
        assert "merge" in kinds  # consolidation looks at the whole day


def test_a_log_from_which_the_latest_were_forgotten_goes_on() -> None:
    log = [
        sighting("a", "door", 0, 10, person(1)),
        sighting("b", "till", 20, 30, person(2)),
        sighting("c", "hall", 40, 50, person(1, 0.1)),
    ]
    entries = Matcher(cut=CUT, day=utc_day).resume(as_groups(log[:2], 1), ())
    matcher = Matcher(cut=CUT, day=utc_day)
    missing = matcher.resume([as_groups([log[0]], 1)[0], as_groups([log[2]], 1)[0]], entries)
    assert fold((*entries, *missing)).identity_of == {"a": 1, "b": 2, "c": 1}
