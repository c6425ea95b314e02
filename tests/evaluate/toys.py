"""A small shop: people who walk before two cameras, its truth, and what a perfect Retrail would have logged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import time
from itertools import count
from pathlib import Path as FilePath
from zoneinfo import ZoneInfo

import numpy as np

from retrail.core.secrets import Secret
from retrail.core.types import Candidate, LedgerEntry, Match, Path, Sighting
from retrail.evaluate.site import SiteScore, judge_site
from retrail.simulate.truth import (
    Truth,
    TruthBoxes,
    TruthCamera,
    TruthCrossing,
    TruthOccupancy,
    TruthPerson,
    TruthVisit,
)
from retrail.site import Camera, Definitions, Line, Site, Zone

START_S = 1_000_000.0
WIDTH_PX, HEIGHT_PX, HZ = 640, 360, 10.0

SITE = Site(
    name="toy-shop",
    path=FilePath("toy.yaml"),
    data=FilePath("data"),
    timezone=ZoneInfo("UTC"),
    day_starts=time(4),
    start_s=START_S,
    detector="a-detector",
    encoder="an-encoder",
    mode="journey",
    cameras={name: Camera(name, Secret(f"{name}.mp4")) for name in ("door", "till")},
    zones={"shelf": Zone("shelf", "till", ((0.4, 0.0), (0.6, 0.0), (0.6, 1.0), (0.4, 1.0)))},
    lines={"entrance": Line("entrance", "door", (0.5, 0.0), (0.5, 1.0), "right")},
    definitions=Definitions(),
)


@dataclass(frozen=True)
class Walk:
    """Somebody crosses a camera's picture from left to right (or back), and may stand still in its middle."""

    person: int
    camera: str
    start_s: float
    stands_s: float = 0.0
    back: bool = False

    @property
    def end_s(self) -> float:
        return self.start_s + 8 + self.stands_s

    def at(self, times_s: np.ndarray) -> np.ndarray:
        """(n, 4) boxes at these seconds after the start."""
        known = [self.start_s, self.start_s + 4, self.start_s + 4 + self.stands_s, self.end_s]
        x = np.interp(times_s, known, [60, 320, 320, 580])
        x = WIDTH_PX - x if self.back else x
        return np.stack([x - 20, np.full_like(x, 150), x + 20, np.full_like(x, 300)], axis=1).astype(np.float32)


# Three people: each comes in by the door, stands at the shelf, and leaves by the door.
WALKS = tuple(
    walk
    for person, start_s in ((1, 0.0), (2, 70.0), (3, 140.0))
    for walk in (
        Walk(person, "door", start_s),
        Walk(person, "till", start_s + 12, 10.0 * person),
        Walk(person, "door", start_s + 52, back=True),
    )
)


def truth_of(walks: Sequence[Walk]) -> Truth:
    cameras: dict[str, TruthCamera] = {}
    for name in SITE.cameras:
        rows: list[tuple[int, int, np.ndarray]] = []
        for walk in (walk for walk in walks if walk.camera == name):
            frames = np.arange(round(walk.start_s * HZ), round(walk.end_s * HZ) + 1)
            rows += list(zip((frames + 1).tolist(), [walk.person] * len(frames), walk.at(frames / HZ), strict=True))
        rows.sort(key=lambda row: row[:2])
        boxes = TruthBoxes(
            np.array([row[0] for row in rows], np.int64),
            np.array([row[1] for row in rows], np.int64),
            np.array([row[2] for row in rows], np.float32).reshape(-1, 4),
            np.ones(len(rows), np.bool_),
            np.ones(len(rows), np.float32),
        )
        cameras[name] = TruthCamera(name, WIDTH_PX, HEIGHT_PX, HZ, START_S, None, boxes)
    # 260 px in 4 s: the zone begins at 256 px and ends at 384 px, the line is at 320 px
    visits = tuple(
        TruthVisit(w.person, "till", "shelf", START_S + w.start_s + 4 - 64 / 65, START_S + w.end_s - 4 + 64 / 65)
        for w in walks
        if w.camera == "till"
    )
    crossings = tuple(
        TruthCrossing(w.person, "entrance", "out" if w.back else "in", START_S + w.start_s + 4)
        for w in walks
        if w.camera == "door"
    )
    changes: list[tuple[float, int]] = []
    for person in sorted({walk.person for walk in walks}):
        own = [walk for walk in walks if walk.person == person]
        changes += [(min(w.start_s for w in own), 1), (max(w.end_s for w in own), -1)]
    levels = [(at, sum(step for when, step in changes if when <= at)) for at, _ in sorted(changes)]
    occupancy = [TruthOccupancy(START_S + at, "", people) for at, people in levels]
    for visit in visits:  # one at a time
        occupancy += [TruthOccupancy(visit.enter_s, "shelf", 1), TruthOccupancy(visit.leave_s, "shelf", 0)]
    people = tuple(TruthPerson(person) for person in sorted({walk.person for walk in walks}))
    return Truth(cameras, people, visits, crossings, tuple(occupancy))


def seen(walk: Walk, name: str, hz: float = 5.0) -> Sighting:
    """What a perfect tracker logs of a walk."""
    at = np.arange(walk.start_s, walk.end_s + 1e-6, 1 / hz)
    boxes = walk.at(at)
    feet = np.stack([(boxes[:, 0] + boxes[:, 2]) / 2, boxes[:, 3]], axis=1)
    path = Path(START_S + at, boxes, feet, WIDTH_PX, HEIGHT_PX)
    ends = float(path.times_s[0]), float(path.times_s[-1])
    return Sighting(name, walk.camera, *ends, path, None, 0.5, "an-encoder", None, "person")


def log_of(walks: Sequence[Walk]) -> list[Sighting]:
    return [seen(walk, f"{place:032d}") for place, walk in enumerate(walks)]


def ledger_of(sightings: Sequence[Sighting], who: Sequence[int | None]) -> list[LedgerEntry]:
    """Decides every sighting as told; each match says what spoke for identity 1."""
    known: set[int] = set()
    entries: list[LedgerEntry] = []
    for number, sighting, identity in zip(count(1), sightings, who, strict=False):
        kind = "unresolved" if identity is None else "assign" if identity in known else "new"
        candidate = Candidate(1, {"appearance": -2.5, "time": 0.5, "prior": -1.0}, 0.2)
        match = Match(sighting.id, identity, kind, 0.9, (candidate,), reason=f"decided as {identity}")
        entries.append(LedgerEntry(number, kind, sighting.end_s, identity, (sighting.id,), match=match))
        known |= {identity} if identity is not None else set()
    return entries


def judged(
    walks: Sequence[Walk] = WALKS,
    who: Sequence[int | None] | None = None,
    change: Callable[[list[Sighting]], list[Sighting]] = lambda sightings: sightings,
) -> SiteScore:
    """Judge a log made from the truth, with these identities (the people themselves by default)."""
    sightings = change(log_of(walks))
    taken = [walk.person for walk in walks] if who is None else who
    return judge_site(SITE, sightings, ledger_of(sightings, taken), truth_of(walks))


def shortened(sighting: Sighting, from_s: float, to_s: float) -> Sighting:
    """Only its part between two seconds after the start."""
    path = sighting.path
    keep = (path.times_s >= START_S + from_s - 1e-6) & (path.times_s <= START_S + to_s + 1e-6)
    part = Path(path.times_s[keep], path.boxes_px[keep], path.feet_px[keep], path.width_px, path.height_px)
    return replace(sighting, path=part, start_s=float(part.times_s[0]), end_s=float(part.times_s[-1]))
