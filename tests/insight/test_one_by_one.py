"""A real clip: six people, one after the other, stand at a table and leave to the right.

The tracked ways are in ``one_by_one.csv``; the truth was read by eye from the clip's frames.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from retrail.core.types import Path as Way
from retrail.core.types import Sighting
from retrail.insight import crossings, visits
from retrail.site import Line

TRUE_DWELL_S = (11.1, 19.6, 16.8, 9.4, 24.4, 9.2)
TRUE_ENTER_S = (7.4, 24.2, 52.0, 76.1, 94.0, 125.4)
TABLE = ((0.4, 0.6), (0.7, 0.6), (0.7, 0.97), (0.4, 0.97))


@pytest.fixture(scope="module")
def seen() -> list[Sighting]:
    """What the tracker closed: five boxes a second, cut after 20 s."""
    rows = np.loadtxt(Path(__file__).parent / "one_by_one.csv", delimiter=",", skiprows=2)
    sightings: list[Sighting] = []
    for name in np.unique(rows[:, 1]):
        own = rows[rows[:, 1] == name]
        before = sightings[-1].id if sightings and sightings[-1].id.startswith(f"{own[0, 0]:.0f}-") else None
        way = Way(own[:, 2], own[:, 3:7].astype(np.float32), own[:, 7:9].astype(np.float32), 768, 432)
        times_s = (float(own[0, 2]), float(own[-1, 2]))
        identity = f"{own[0, 0]:.0f}-{name:.0f}"
        sightings.append(Sighting(identity, "hall", *times_s, way, None, 0.0, "an-encoder", before, "person"))
    return sightings


@pytest.fixture(scope="module")
def identity_of(seen: list[Sighting]) -> dict[str, int | None]:
    """Who is who, as in truth."""
    return {sighting.id: int(sighting.id.split("-")[0]) for sighting in seen}


def test_six_people_have_six_visits_each_as_long_as_in_truth(toys, seen, identity_of):
    site = toys.site(zones={"table": ("hall", TABLE)})
    found = visits(seen, identity_of, site)
    assert len(found) == 6
    assert [visit.dwell_s for visit in found] == pytest.approx(TRUE_DWELL_S, abs=1.0)
    assert [visit.enter_s for visit in found] == pytest.approx(TRUE_ENTER_S, abs=1.0)


def test_six_people_cross_a_line_left_to_right_and_nobody_back(toys, seen, identity_of):
    site = toys.site(lines=[Line("way-out", "hall", (0.75, 0.0), (0.75, 1.0), "right")])
    found = crossings(seen, identity_of, site)
    assert [(crossing.identity, crossing.direction) for crossing in found] == [(who, "in") for who in range(1, 7)]
