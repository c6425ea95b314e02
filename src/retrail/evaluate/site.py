"""Is what Retrail says of a site true? Its log, ledger and findings against a folder of truth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np
from numpy.typing import NDArray

from retrail.associate.ledger import fold
from retrail.core.types import Count, LedgerEntry, Sighting
from retrail.evaluate.clear import clear_in_all
from retrail.evaluate.hota import HotaScore, hota_score
from retrail.evaluate.identities import Confusion, Shown, confusions, never_found, shown
from retrail.evaluate.idf1 import IdentityScore, identity_score
from retrail.evaluate.labelled import labelled_part
from retrail.evaluate.matching import CameraFrames, Spotted, frames_of, spotted
from retrail.evaluate.shop import (
    DwellScore,
    LineScore,
    OccupancyScore,
    VisitPair,
    WhoAt,
    dwell_score,
    line_scores,
    occupancy_scores,
    visit_pairs,
)
from retrail.evaluate.steps import Step, share
from retrail.evaluate.ways import (
    JourneyScore,
    Presence,
    Transition,
    journey_scores,
    journeys_lack,
    presences,
    transitions,
)
from retrail.insight import Place, footfall_in_all, look
from retrail.simulate.truth import Truth
from retrail.site import Site
from retrail.store import open_store

_SLACK_S = 2e-3


@dataclass(frozen=True, slots=True, eq=False)
class CameraScore:
    """One camera alone. ``identities``: people held together on it; ``tracks``: the tracker alone, before anybody
    decided who is who, each time somebody is in view for itself."""

    frames: CameraFrames
    identities: IdentityScore
    tracks: IdentityScore
    hota: HotaScore

    @property
    def name(self) -> str:
        return self.frames.camera


@dataclass(frozen=True, slots=True)
class Losses:
    """Which step costs how much of IDF1: shares of 1 that add up to what is missing; None where nobody was there.

    Attributes:
        held_back: people who were found but hardly moved, and were not called people.
        detection: people who were not found, and boxes that show nobody.
        tracking: sightings that show more than one person.
        association: who was taken for whom.
    """

    held_back: float | None
    detection: float | None
    tracking: float | None
    association: float | None


@dataclass(frozen=True, slots=True, eq=False)
class SiteScore:
    """What is true of what was said, of labelled cameras. Shares of 1; None of nothing, or where the truth does not
    speak of it.

    Attributes:
        site: whose.
        left_out: cameras that are not labelled.
        not_drawn: cameras without boxes of those whom the truth has before them: none of their frames are judged.
        cameras: each other camera alone.
        recall, precision: of boxes, at an overlap of 0.5.
        switches: how often somebody on a camera is called by another name than before.
        identities, hota: over all cameras together, people the same on all of them.
        idf1_single, idf1_tracks: of all cameras, each for itself; and of the trackers alone.
        losses: where IDF1 is lost.
        visitors, visitors_truth: how many came before the labelled cameras; the truth counts staff too, for nobody
            tells them apart yet.
        lines, occupancy, visits, dwell: as in ``shop``.
        journeys, journeys_lack, transitions: as in ``ways``.
        confusions: false merges and splits with their evidence.
        never_found: people whom no box ever showed.
        nobody: identities that show nobody.
    """

    site: Site
    left_out: tuple[str, ...]
    not_drawn: tuple[str, ...]
    cameras: tuple[CameraScore, ...]
    recall: float | None
    precision: float | None
    switches: int | None
    identities: IdentityScore
    idf1_single: float | None
    idf1_tracks: float | None
    hota: HotaScore
    losses: Losses
    visitors: Count
    visitors_truth: int | None
    lines: tuple[LineScore, ...] | None
    occupancy: tuple[OccupancyScore, ...] | None
    visits: tuple[VisitPair, ...] | None
    dwell: DwellScore | None
    journeys: tuple[JourneyScore, ...]
    journeys_lack: str
    transitions: tuple[Transition, ...]
    confusions: tuple[Confusion, ...]
    never_found: tuple[int, ...]
    nobody: tuple[int, ...]

    @property
    def journeys_right(self) -> float | None:
        """Share of the people whose journey is exactly right; None where the truth lacks what tells so."""
        return None if self.journeys_lack else share(sum(not one.wrong for one in self.journeys), len(self.journeys))

    @property
    def transitions_right(self) -> float | None:
        """Share of the changes of camera at which both cameras say the same identity."""
        return share(sum(one.right for one in self.transitions), len(self.transitions))


def evaluate_site(site: Site, truth: Truth) -> SiteScore:
    """Judge what the site's store holds.

    Raises:
        DataError: the truth is of another site or another time.
        StoreError: nothing was recorded, or it cannot be read.
    """
    with open_store(
        site.data, site_name=site.name, database=site.database, holder="retrail evaluate", read_only=True
    ) as store:
        sightings, entries = store.sightings(), store.ledger()
    return judge_site(site, sightings, entries, truth)


def judge_site(site: Site, sightings: Sequence[Sighting], entries: Sequence[LedgerEntry], truth: Truth) -> SiteScore:
    """Judge a log and a ledger.

    Args:
        site: with zones, lines and definitions.
        sightings: of the log; embeddings are not looked at.
        entries: of the ledger, in order.
        truth: what happened. What cameras saw that it does not speak of is left out.

    Raises:
        DataError: the truth is of another site or another time.
    """
    resolution = fold(entries)
    labelled = labelled_part(site, sightings, resolution.identity_of, truth)
    findings, sightings = labelled.findings, labelled.sightings
    drawn = [truth.cameras[name] for name in labelled.drawn]
    gap_s = site.definitions.visit_gap_s
    frames = [frames_of(camera, sightings, findings.people) for camera in drawn]
    pairs = spotted(frames)
    whom = shown(pairs)
    together = [step for camera in frames for step in camera.steps]
    identities = identity_score(together)
    cameras = tuple(_camera_score(camera, sightings, gap_s) for camera in frames)
    boxes = identities.there + identities.found
    recall, precision, switches = clear_in_all(camera.clear for camera in frames)
    visits = visit_pairs(findings, labelled.truth, _asker(pairs, labelled.drawn, sightings), labelled.drawn)
    seen = [one for camera in drawn for one in presences(camera, gap_s)]
    who_was = {one: _identity_at(pairs, labelled.drawn, one) for one in seen}
    footfall = footfall_in_all(look(findings), Place("site", site.name))
    there = labelled.people()
    on_frames = {findings.people.who_of.get(one.id) for one in sightings if one.camera in labelled.drawn}
    return SiteScore(
        site=site,
        left_out=labelled.left_out,
        not_drawn=tuple(name for name in truth.cameras if name not in labelled.drawn),
        cameras=cameras,
        recall=recall,
        precision=precision,
        switches=switches if cameras else None,
        identities=identities,
        idf1_single=share(2 * sum(camera.identities.right for camera in cameras), boxes),
        idf1_tracks=share(2 * sum(camera.tracks.right for camera in cameras), boxes),
        hota=hota_score(together),
        losses=_losses(frames, identities, whom),
        visitors=footfall.visitors if footfall else Count(0.0),
        visitors_truth=None if there is None else len(there),
        lines=line_scores(findings, labelled.truth),
        occupancy=occupancy_scores(findings, labelled.truth, whole_site=not labelled.left_out),
        visits=visits,
        dwell=dwell_score(visits) if visits is not None else None,
        journeys=journey_scores(labelled, identities.identity_of, visits),
        journeys_lack=journeys_lack(labelled),
        transitions=transitions(seen, who_was),
        confusions=confusions(sightings, findings.people, resolution, {entry.number: entry for entry in entries}, whom),
        never_found=never_found(pairs, labelled.boxed()),
        nobody=tuple(sorted({who for who in on_frames if isinstance(who, int)} - set(pairs.found.tolist()))),
    )


def _losses(frames: Sequence[CameraFrames], actual: IdentityScore, whom: Shown) -> Losses:
    boxes = actual.there + actual.found
    hits = sum(camera.clear.hits for camera in frames)
    held_back = sum(camera.held_back for camera in frames)
    shown_by = {place: person for place in whom.frames if (person := whom.person(place)) is not None}
    as_shown = [
        Step(step.truth, np.array([shown_by.get(place, -1 - place) for place in own.tolist()], np.int64), step.likeness)
        for camera in frames
        for step, own in zip(camera.steps, camera.sightings, strict=True)
    ]
    tracked = identity_score(as_shown).right
    # a box that is held back is missing among those found as well
    called = (2 * hits + 2 * held_back) / (boxes + held_back) if boxes else 0.0
    found = share(2 * hits, boxes)
    if found is None or actual.idf1 is None:
        return Losses(None, None, None, None)
    right = 2 * tracked / boxes
    steps = ((called, found), (1.0, called), (found, right), (right, actual.idf1))
    return Losses(*(max(before - after, 0.0) for before, after in steps))


def _camera_score(frames: CameraFrames, sightings: Sequence[Sighting], gap_s: float) -> CameraScore:
    chain: dict[int, int] = {}
    place_of = {one.id: place for place, one in enumerate(sightings)}
    for place, one in sorted(enumerate(sightings), key=lambda item: item[1].start_s):
        before = place_of.get(one.continues or "", place)
        chain[place] = chain.get(before, before)
    tracks = [
        Step(there, np.array([chain[place] for place in own.tolist()], np.int64), step.likeness)
        for step, there, own in zip(frames.steps, _by_presence(frames, gap_s), frames.sightings, strict=True)
    ]
    return CameraScore(frames, identity_score(frames.steps), identity_score(tracks), hota_score(frames.steps))


def _by_presence(frames: CameraFrames, gap_s: float) -> Iterator[NDArray[np.int64]]:
    """The truth of each step, with another number for everybody who was out of view: a tracker cannot know him."""
    last: dict[int, tuple[float, int]] = {}
    given = count()
    for step, time_s in zip(frames.steps, frames.times_s.tolist(), strict=True):
        for person in step.truth.tolist():
            seen_s, number = last.get(person, (-np.inf, -1))
            last[person] = time_s, number if time_s - seen_s < gap_s else next(given)
        yield np.array([last[person][1] for person in step.truth.tolist()], np.int64)


def _asker(pairs: Spotted, names: Sequence[str], sightings: Sequence[Sighting]) -> WhoAt:
    place_of = {one.id: place for place, one in enumerate(sightings)}

    def ask(camera: str, ids: Sequence[str], from_s: float, to_s: float) -> int | None:
        inside = _within(pairs, names, camera, from_s, to_s)
        inside &= np.isin(pairs.sighting, [place_of[one] for one in ids])
        return _most(pairs.person[inside])

    return ask


def _identity_at(pairs: Spotted, names: Sequence[str], seen: Presence) -> int | None:
    """Whom somebody was taken for most of the time he was there."""
    most = _most(pairs.found[_within(pairs, names, seen.camera, seen.start_s, seen.end_s, seen.person)])
    return None if most is None or most < 0 else most


def _most(numbers: NDArray[np.int64]) -> int | None:
    """The number that is there most often, of several the least."""
    values, counts = np.unique(numbers, return_counts=True)
    return int(values[counts.argmax()]) if len(values) else None


def _within(
    pairs: Spotted, names: Sequence[str], camera: str, from_s: float, to_s: float, person: int | None = None
) -> NDArray[np.bool_]:
    if camera not in names:
        return np.zeros(len(pairs.camera), np.bool_)
    inside = (pairs.camera == names.index(camera)) & (pairs.time_s >= from_s - _SLACK_S)
    inside &= pairs.time_s <= to_s + _SLACK_S
    return inside if person is None else inside & (pairs.person == person)
