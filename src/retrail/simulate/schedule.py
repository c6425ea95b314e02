"""When a camera takes its pictures, and which of them arrive."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from retrail.simulate.world import World


def frame_times(world: World, camera: str) -> Iterator[tuple[int, float]]:
    """(index, second of the scenario) of every frame that arrives; dropped ones and those of outages are missing."""
    spec = world.scenario.spec
    own = spec.cameras[camera]
    place = list(spec.cameras).index(camera)
    count = int(np.floor(spec.length_s * own.rate_hz + 1e-9))
    lost = np.random.Generator(np.random.PCG64([world.seed, place, 0xD0])).random(count) < own.drops
    for index in range(count):
        time_s = index / own.rate_hz
        out = any(start <= time_s < end for start, end in own.outages)
        if not lost[index] and not out:
            yield index, time_s


def is_even(world: World, camera: str) -> bool:
    """Whether every frame arrives, so that the rate tells their times."""
    own = world.scenario.spec.cameras[camera]
    return not own.drops and not own.outages
