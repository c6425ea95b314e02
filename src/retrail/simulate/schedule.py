"""When a camera takes its pictures, and which of them arrive."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from retrail.core.errors import DataError
from retrail.simulate.spec import CameraSpec, ScenarioSpec

if TYPE_CHECKING:
    from retrail.simulate.world import World  # which asks here whether its cameras give pictures


def frame_times(world: World, camera: str) -> Iterator[tuple[int, float]]:
    """(index, second of the scenario) of every frame that arrives; dropped ones and those of outages are missing."""
    times_s, dropped, out = _frames(world.scenario.spec, world.seed, camera)
    for index in np.flatnonzero(~(dropped | out)).tolist():
        yield index, float(times_s[index])


def is_even(world: World, camera: str) -> bool:
    """Whether every frame arrives, so that the rate tells their times."""
    return _is_even(world.scenario.spec.cameras[camera])


def check_frames(spec: ScenarioSpec, seed: int) -> None:
    """See that every camera gives a picture.

    Raises:
        DataError: one never does.
    """
    for name, own in spec.cameras.items():
        if _is_even(own) and _count(spec, own):
            continue
        times_s, dropped, out = _frames(spec, seed, name)
        if (dropped | out).all():
            raise DataError(
                "The camera never gives a picture",
                where=f"cameras.{name}",
                found=f"{len(times_s)} frames in {spec.length_s:g} s at {own.rate_hz:g} Hz, "
                f"{int(out.sum())} of them in outages and {int((dropped & ~out).sum())} more dropped",
                allowed="one frame or more",
                hint="shorten its outages, drop less, let the scenario last longer, or leave the camera out",
            )


def _is_even(own: CameraSpec) -> bool:
    return not own.drops and not own.outages


def _count(spec: ScenarioSpec, own: CameraSpec) -> int:
    """How many frames it takes, whether they arrive or not."""
    return int(np.floor(spec.length_s * own.rate_hz + 1e-9))


def _frames(
    spec: ScenarioSpec, seed: int, camera: str
) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_]]:
    """(n,) second of the scenario of every frame, whether it is dropped, and whether it falls into an outage."""
    own, place = spec.cameras[camera], list(spec.cameras).index(camera)
    count = _count(spec, own)
    times_s = np.arange(count, dtype=np.float64) / own.rate_hz
    dropped = np.random.Generator(np.random.PCG64([seed, place, 0xD0])).random(count) < own.drops
    out = np.zeros(count, np.bool_)
    for start, end in own.outages:
        out |= (times_s >= start) & (times_s < end)
    return times_s, dropped, out
