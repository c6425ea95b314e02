"""What holds for every log: nobody in two places, nobody torn apart, and the same log gives the same ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.associate.people import person, sighting, utc_day

from retrail.associate import Matcher, MatcherSettings, Resolution, fold, replay
from retrail.core.types import Group, LedgerEntry, Presence, Sighting

CUT = 0.3
QUICK = MatcherSettings(consolidate_every_s=60.0)


@dataclass(frozen=True)
class Way:
    from_camera: str
    to_camera: str
    shortest_s: float
    longest_s: float


LINKS = (Way("c0", "c1", 5.0, 60.0), Way("c1", "c2", 3.0, 60.0))


@dataclass(frozen=True)
class Stay:
    """Somebody on a camera for a while, as a tracker cuts it: one piece every 20 s."""

    who: int
    camera: int
    start_s: int
    length_s: int
    looks: int  # 0: no embedding; else seed of the noise
    presence: Presence

    def sightings(self, name: str, left_px: float) -> list[Sighting]:
        pieces: list[Sighting] = []
        at = float(self.start_s)
        while at < self.start_s + self.length_s:
            end = min(at + 20.0, float(self.start_s + self.length_s))
            looks = None if (self.looks + len(pieces)) % 5 == 0 else person(self.who, 0.8, self.looks + len(pieces))
            before = pieces[-1].id if pieces else None
            last = end == self.start_s + self.length_s
            presence = "person" if self.presence == "person" or (self.presence == "undecided" and last) else "furniture"
            pieces.append(
                sighting(
                    f"{name}.{len(pieces)}",
                    f"c{self.camera}",
                    at,
                    end,
                    looks,
                    continues=before,
                    presence=presence,
                    left_px=left_px,
                )
            )
            at = end
        return pieces


STAYS = st.lists(
    st.builds(
        Stay,
        who=st.integers(0, 4),
        camera=st.integers(0, 2),
        start_s=st.integers(0, 400),
        length_s=st.integers(1, 70),
        looks=st.integers(0, 1000),
        presence=st.sampled_from(["person", "person", "person", "undecided", "furniture"]),
    ),
    min_size=1,
    max_size=14,
)
MANY = settings(max_examples=40, deadline=None)


def log_of(stays: Sequence[Stay], every_s: float = 7.0) -> list[Group]:
    """The stays as a log: in order of their end, a group every few seconds."""
    pieces = [
        piece for number, stay in enumerate(stays) for piece in stay.sightings(f"s{number}", 55.0 * (number % 11))
    ]
    groups: dict[float, list[Sighting]] = {}
    for piece in sorted(pieces, key=lambda piece: (piece.end_s, piece.id)):
        groups.setdefault(piece.end_s // every_s, []).append(piece)
    log = [Group(number + 1, tuple(group)) for number, group in enumerate(groups.values())]
    return [*log, Group(len(log) + 1, (), end=True)]


def decide(groups: Sequence[Group], options: MatcherSettings = QUICK) -> tuple[LedgerEntry, ...]:
    return replay(groups, cut=CUT, links=LINKS, day=utc_day, settings=options)


def partition(resolution: Resolution) -> set[frozenset[str]]:
    clusters: dict[int, set[str]] = {}
    for name, who in resolution.identity_of.items():
        if who is not None:
            clusters.setdefault(who, set()).add(name)
    return {frozenset(names) for names in clusters.values()}


def assert_possible(sightings: Sequence[Sighting], resolution: Resolution) -> None:
    """The slow obvious way: every pair of chains of one identity."""
    chains: dict[str, list[Sighting]] = {}
    for piece in sightings:
        chains.setdefault(piece.id.split(".")[0], []).append(piece)
    spans = []
    for pieces in chains.values():
        decided = {resolution.identity_of[p.id] for p in pieces if p.id in resolution.identity_of}
        assert len(decided) <= 1, "a chain was torn apart"
        assert len([p for p in pieces if p.id in resolution.identity_of]) in (0, len(pieces))
        if decided and (who := decided.pop()) is not None:
            spans.append((who, pieces[0].camera, min(p.start_s for p in pieces), max(p.end_s for p in pieces)))
    least = {("c0", "c1"): 5.0, ("c1", "c2"): 3.0, ("c0", "c2"): 8.0}
    for i, (who, camera, start_s, end_s) in enumerate(spans):
        for other, there, begin_s, over_s in spans[:i]:
            if who == other:
                gap_s = max(start_s - over_s, begin_s - end_s)
                if camera == there:
                    assert gap_s > 0, "twice on one camera at once"
                else:
                    assert gap_s >= least[min(camera, there), max(camera, there)], "faster than the way allows"


@MANY
@given(STAYS)
def test_nobody_is_in_two_places_and_no_chain_is_torn_apart_after_any_group(stays: list[Stay]) -> None:
    matcher = Matcher(cut=CUT, links=LINKS, day=utc_day, settings=QUICK)
    seen: list[Sighting] = []
    resolution = Resolution()
    for group in log_of(stays):
        seen += group.sightings
        resolution = fold(matcher.finish() if group.end else matcher.add(group.sightings), resolution)
        assert_possible(seen, resolution)


@MANY
@given(STAYS)
def test_every_person_is_decided_and_nothing_else(stays: list[Stay]) -> None:
    groups = log_of(stays)
    resolution = fold(decide(groups))
    people = {p.id.split(".")[0] for group in groups for p in group.sightings if p.presence == "person"}
    assert {name.split(".")[0] for name in resolution.identity_of} == people
    assert all(match.final for match in resolution.matches.values())


@MANY
@given(STAYS)
def test_the_ledger_explains_itself(stays: list[Stay]) -> None:
    entries = decide(log_of(stays))
    assert [entry.number for entry in entries] == list(range(1, len(entries) + 1))
    before = Resolution()
    for entry in entries:
        assert all(number < entry.number for number in entry.lineage)
        if entry.kind in ("merge", "split"):
            assert entry.from_identity != entry.identity
            assert {before.identity_of[name] for name in entry.sightings} == {entry.from_identity}
        if entry.kind == "merge":
            assert set(entry.sightings) == set(before.sightings_of(entry.from_identity or 0))
            assert entry.identity is not None
            assert entry.from_identity is not None
            assert entry.identity < entry.from_identity  # the older identity wins
        if entry.kind == "new":
            assert entry.identity == before.last_identity + 1
        before = fold([entry], before)
        assert all(before.matches[name].lineage[-1] == entry.number for name in entry.sightings)
    assert before == fold(entries)


@MANY
@given(STAYS, st.data())
def test_a_run_that_was_killed_anywhere_goes_on_as_if_it_had_not_been(stays: list[Stay], data: st.DataObject) -> None:
    groups = log_of(stays)
    matcher = Matcher(cut=CUT, links=LINKS, day=utc_day, settings=QUICK)
    steps = [matcher.finish() if group.end else matcher.add(group.sightings) for group in groups]
    logged = data.draw(st.integers(0, len(groups)), label="groups in the log")
    decided = data.draw(st.integers(0, logged), label="of these in the ledger")
    ledger = [entry for step in steps[:decided] for entry in step]

    again = Matcher(cut=CUT, links=LINKS, day=utc_day, settings=QUICK)
    ledger += again.resume(groups[:logged], ledger)
    for group in groups[logged:]:
        ledger += again.finish() if group.end else again.add(group.sightings)
    assert ledger == [entry for step in steps for entry in step]


@MANY
@given(STAYS)
def test_who_is_who_in_the_end_does_not_depend_on_how_often_it_was_consolidated(stays: list[Stay]) -> None:
    groups = log_of(stays)
    often, seldom = (MatcherSettings(consolidate_every_s=every_s) for every_s in (10.0, 1e9))
    assert partition(fold(decide(groups, often))) == partition(fold(decide(groups, seldom)))


@MANY
@given(STAYS, st.permutations(["c0", "c1", "c2"]))
def test_names_of_cameras_do_not_matter(stays: list[Stay], names: list[str]) -> None:
    def renamed(piece: Sighting) -> Sighting:
        return replace(piece, camera=names[int(piece.camera[1])])

    groups = log_of(stays)
    other = [Group(group.number, tuple(renamed(piece) for piece in group.sightings), group.end) for group in groups]
    links = tuple(
        Way(names[int(way.from_camera[1])], names[int(way.to_camera[1])], way.shortest_s, way.longest_s)
        for way in LINKS
    )
    entries = replay(other, cut=CUT, links=links, day=utc_day, settings=QUICK)
    assert fold(entries).identity_of == fold(decide(groups)).identity_of


@MANY
@given(STAYS)
def test_finishing_twice_or_adding_twice_changes_nothing(stays: list[Stay]) -> None:
    matcher = Matcher(cut=CUT, links=LINKS, day=utc_day, settings=QUICK)
    groups = log_of(stays)
    for group in groups:
        matcher.add(group.sightings)
    matcher.finish()
    assert matcher.finish() == ()
    for group in groups:
        assert matcher.add(group.sightings) == ()
    assert matcher.finish() == ()


def test_rounding_to_halves_on_the_way_through_the_log_changes_nothing() -> None:
    stays = [Stay(i % 3, i % 2, 25 * i, 20, i + 1, "person") for i in range(12)]
    groups = log_of(stays)
    stored = [
        Group(
            group.number,
            tuple(
                sighting(
                    p.id,
                    p.camera,
                    p.start_s,
                    p.end_s,
                    None if p.embedding is None else p.embedding.astype(np.float16).astype(np.float32),
                )
                for p in group.sightings
            ),
            group.end,
        )
        for group in groups
    ]
    assert decide(stored) == decide(groups)
