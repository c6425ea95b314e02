"""Toy shops: people who walk from point to point, in fractions of a 1000 x 500 picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import time
from itertools import pairwise
from pathlib import Path as FilePath
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from retrail.core.secrets import Secret
from retrail.core.types import Path, Presence, Sighting
from retrail.site import Camera, Definitions, Line, Site, Zone

Way = Sequence[tuple[float, float, float]]
"""(time_s, x, y): where somebody was when; between them a straight way at an even pace."""

WIDTH_PX, HEIGHT_PX = 1000, 500
TALL_PX = 100.0
SQUARE = ((0.4, 0.4), (0.6, 0.4), (0.6, 0.8), (0.4, 0.8))


class Toys:
    """Makers of sites and sightings."""

    def site(
        self,
        cameras: Sequence[str] = ("hall",),
        zones: Mapping[str, tuple[str, tuple[tuple[float, float], ...]]] | None = None,
        lines: Sequence[Line] = (),
        timezone: str = "UTC",
        day_starts: str = "04:00",
        **definitions: float,
    ) -> Site:
        return Site(
            name="toy-shop",
            path=FilePath("toy.yaml"),
            data=FilePath("data"),
            timezone=ZoneInfo(timezone),
            day_starts=time.fromisoformat(day_starts),
            start_s=0.0,
            detector="a-detector",
            encoder="an-encoder",
            mode="journey",
            cameras={name: Camera(name, Secret(f"{name}.mp4")) for name in cameras},
            zones={name: Zone(name, camera, polygon) for name, (camera, polygon) in (zones or {}).items()},
            lines={line.name: line for line in lines},
            definitions=Definitions(**definitions),
        )

    def square(self, **definitions: float) -> Site:
        """One camera with the zone ``square`` in the middle of its picture."""
        return self.site(zones={"square": ("hall", SQUARE)}, **definitions)

    def door(self, **definitions: float) -> Site:
        """One camera with the line ``door`` from top to bottom at a half; inwards is to the right."""
        return self.site(lines=[Line("door", "hall", (0.5, 0.2), (0.5, 0.8), "right")], **definitions)

    def walk(
        self,
        way: Way,
        name: str = "a",
        camera: str = "hall",
        hz: float = 5.0,
        continues: str | None = None,
        presence: Presence = "person",
    ) -> Sighting:
        first, last = way[0][0], way[-1][0]
        times_s = (
            np.linspace(first, last, max(2, round((last - first) * hz) + 1)) if last > first else np.array([first])
        )
        known = np.array(way, float)
        x = np.interp(times_s, known[:, 0], known[:, 1])
        y = np.interp(times_s, known[:, 0], known[:, 2])
        return self.sighting(times_s, np.stack([x, y], axis=1), name, camera, continues, presence)

    def sighting(
        self,
        times_s: Sequence[float] | np.ndarray,
        points: np.ndarray,
        name: str = "a",
        camera: str = "hall",
        continues: str | None = None,
        presence: Presence = "person",
    ) -> Sighting:
        feet = (np.asarray(points) * [WIDTH_PX, HEIGHT_PX]).astype(np.float32)
        half, tall = np.float32(TALL_PX / 5), np.float32(TALL_PX)
        boxes = np.stack([feet[:, 0] - half, feet[:, 1] - tall, feet[:, 0] + half, feet[:, 1]], axis=1)
        times = np.asarray(times_s, np.float64)
        path = Path(times, boxes, feet, WIDTH_PX, HEIGHT_PX)
        start_s, end_s = float(times[0]), float(times[-1])
        return Sighting(name, camera, start_s, end_s, path, None, 0.0, "an-encoder", continues, presence)

    def pieces(self, whole: Sighting, cuts: Sequence[int], linked: bool = True) -> list[Sighting]:
        """A sighting cut before the named samples; ``linked``: as the tracker cuts, each continuing the one before."""
        edges = [0, *cuts, len(whole.path)]
        found: list[Sighting] = []
        for number, (first, end) in enumerate(pairwise(edges)):
            points = whole.path.feet_px[first:end] / [WIDTH_PX, HEIGHT_PX]
            before = found[-1].id if found and linked else None
            times_s = whole.path.times_s[first:end]
            found.append(self.sighting(times_s, points, f"{whole.id}{number}", whole.camera, before, whole.presence))
        return found


@pytest.fixture(scope="session")
def toys() -> Toys:
    """Makers of sites and sightings."""
    return Toys()
