"""Presets for tests: their shops and people, but small pictures of less than a minute, so that all of it takes seconds.

``python -m tests.simulate.drawn_presets OUT`` writes what `drawn` gives as OUT (``.npz``).
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from retrail.simulate.render.film import Stage
from retrail.simulate.scenario import Scenario, load_scenario
from retrail.simulate.world import World, play

PRESETS = ("corner-shop", "rush", "supermarket", "twins", "outage")
LENGTH_S = 50.0


def played() -> dict[str, World]:
    """The first seconds of each preset, its cameras 160 by 90 pixels."""
    return {preset: _played(load_scenario(preset)) for preset in PRESETS}


def _played(scenario: Scenario) -> World:
    small = {"width_px": 160, "height_px": 90}
    cameras = {name: camera.model_copy(update=small) for name, camera in scenario.spec.cameras.items()}
    return play(Scenario(scenario.spec.model_copy(update={"length_s": LENGTH_S, "cameras": cameras}), scenario.layers))


def drawn(worlds: Mapping[str, World], threads: int = 1) -> dict[str, NDArray[np.generic]]:
    """Everybody's way, and the last frame of every camera with its truth, by preset, camera and what it is."""
    found: dict[str, NDArray[np.generic]] = {}
    for preset, world in worlds.items():
        for life in world.lives:
            for first, states in life.spans:
                found[f"{preset} way {life.guest.number} from {first}"] = states
        with ThreadPoolExecutor(threads) as pool:
            for frames in pool.map(lambda name, world=world: _frame(world, name), world.scenario.spec.cameras):
                found |= {f"{preset} {key}": value for key, value in frames.items()}
    return found


def _frame(world: World, camera: str) -> dict[str, NDArray[np.generic]]:
    stage, index = Stage(world, camera), round(10 * LENGTH_S)
    picture = stage.picture(index, LENGTH_S)
    found: dict[str, NDArray[np.generic]] = {f"{camera} empty": stage.picture(index, -1.0).bgr}  # with the same noise
    return found | {f"{camera} {name}": getattr(picture, name) for name in ("bgr", "people", "boxes", "visibility")}


if __name__ == "__main__":
    np.savez(sys.argv[1], allow_pickle=False, **drawn(played()))
