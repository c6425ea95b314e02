"""The pieces of one person on one camera, joined to one trail before zones and lines are applied."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrail.core.types import Sighting
from retrail.insight.people import People, Who


@dataclass(frozen=True, slots=True, eq=False)
class Trail:
    """One person's unbroken presence on one camera.

    Positions are in frame heights, so that a distance is the same in x and y and can be compared with the height of
    the person; multiply a fraction's x by ``aspect`` to compare it.

    Attributes:
        who: an identity, or the chain of somebody without one.
        times_s: (n,) float64, seconds UTC, never decreasing; n >= 1.
        feet: (n, 2) float64, foot points in frame heights.
        heights: (n,) float64, the person's height in frame heights, above 0.
        aspect: width of the frame in frame heights.
        sightings: ids of the pieces, in order of time.
        starts_s: when each of them begins.
    """

    who: Who
    camera: str
    times_s: NDArray[np.float64]
    feet: NDArray[np.float64]
    heights: NDArray[np.float64]
    aspect: float
    sightings: tuple[str, ...]
    starts_s: tuple[float, ...]

    @property
    def start_s(self) -> float:
        return float(self.times_s[0])

    @property
    def end_s(self) -> float:
        return float(self.times_s[-1])

    def between(self, from_s: float, to_s: float) -> tuple[str, ...]:
        """The sightings that reach into a span of this trail."""
        ends = [*self.starts_s[1:], np.inf]
        reach = [
            name for name, start, end in zip(self.sightings, self.starts_s, ends, strict=True)
            if start <= to_s and end > from_s
        ]  # fmt: skip
        return tuple(reach)


def trails(sightings: Iterable[Sighting], people: People, gap_s: float) -> tuple[Trail, ...]:
    """Join sightings to trails.

    Two pieces of one person on one camera are one trail where the second continues the first, or begins less than
    ``gap_s`` after everything before it has ended (a tracker's break).

    Returns:
        Trails of everybody but furniture, ordered by start, camera and person.
    """
    pieces: dict[tuple[Who, str], list[Sighting]] = {}
    for sighting in sightings:
        who = people.who_of.get(sighting.id)
        if who is not None and len(sighting.path):
            pieces.setdefault((who, sighting.camera), []).append(sighting)
    found = [_join(who, stretch) for (who, _), own in pieces.items() for stretch in _stretches(own, gap_s)]
    return tuple(sorted(found, key=lambda trail: (trail.start_s, trail.camera, str(trail.who))))


def _stretches(pieces: list[Sighting], gap_s: float) -> list[list[Sighting]]:
    pieces.sort(key=lambda piece: (piece.start_s, piece.end_s, piece.id))
    stretches: list[list[Sighting]] = []
    end_s = -np.inf
    known: set[str] = set()
    for piece in pieces:
        if stretches and (piece.start_s - end_s < gap_s or piece.continues in known):
            stretches[-1].append(piece)
        else:
            stretches.append([piece])
            known = set()
        known.add(piece.id)
        end_s = max(end_s, piece.end_s)
    return stretches


def _join(who: Who, pieces: Sequence[Sighting]) -> Trail:
    paths = [piece.path for piece in pieces]
    times_s = np.concatenate([path.times_s for path in paths])
    feet = np.concatenate([_in_heights(path.feet_px, path.height_px) for path in paths])
    tall = np.concatenate([_in_heights(path.boxes_px[:, 3] - path.boxes_px[:, 1], path.height_px) for path in paths])
    order = np.argsort(times_s, kind="stable")
    return Trail(
        who=who,
        camera=pieces[0].camera,
        times_s=times_s[order],
        feet=feet[order],
        heights=np.maximum(tall[order], 1e-3),
        aspect=paths[0].width_px / paths[0].height_px,
        sightings=tuple(piece.id for piece in pieces),
        starts_s=tuple(piece.start_s for piece in pieces),
    )


def _in_heights(pixels: NDArray[np.float32], height_px: int) -> NDArray[np.float64]:
    return pixels.astype(np.float64) / height_px


def seen_spans(own: Iterable[Trail]) -> Mapping[Who, list[tuple[float, float]]]:
    """When each person was in view of any camera: sorted spans that do not touch."""
    spans: dict[Who, list[tuple[float, float]]] = {}
    for trail in sorted(own, key=lambda trail: trail.start_s):
        seen = spans.setdefault(trail.who, [])
        if seen and trail.start_s <= seen[-1][1]:
            seen[-1] = (seen[-1][0], max(seen[-1][1], trail.end_s))
        else:
            seen.append((trail.start_s, trail.end_s))
    return spans
