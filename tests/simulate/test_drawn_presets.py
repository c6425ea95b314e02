"""Every camera of the presets: the same with two threads and without NumPy's CPU dispatch, and as its truth says."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.simulate.drawn_presets import LENGTH_S, drawn, played
from tests.simulate.test_determinism import without_dispatch

from retrail.simulate.render.lens import lens_of
from retrail.simulate.world import STATE, World


@pytest.fixture(scope="module")
def worlds() -> Mapping[str, World]:
    return played()


@pytest.fixture(scope="module")
def here(worlds: Mapping[str, World]) -> Mapping[str, Any]:
    return drawn(worlds)


def test_one_and_two_threads_draw_the_same(worlds: Mapping[str, World], here: Mapping[str, Any]) -> None:
    again = drawn(worlds, threads=2)
    assert again.keys() == here.keys()
    assert sum(len(value) for key, value in here.items() if key.endswith(" people")) > 50
    for key, value in here.items():
        assert np.array_equal(value, again[key]), key


def test_without_numpys_cpu_dispatch_ways_and_truth_are_equal_and_pictures_within_two_levels(
    tmp_path: Path, here: Mapping[str, Any]
) -> None:
    out = tmp_path / "drawn.npz"
    command = [sys.executable, "-W", "ignore", "-m", "tests.simulate.drawn_presets", str(out)]
    subprocess.run(command, check=True, env=without_dispatch(), cwd=Path(__file__).resolve().parents[2])
    there = np.load(out)
    assert set(there.files) == set(here)
    for key, value in here.items():
        if key.endswith((" bgr", " empty")):
            assert np.abs(value.astype(int) - there[key].astype(int)).max() <= 2, key
        else:
            assert np.array_equal(value, there[key]), key


def test_people_are_drawn_where_their_ways_and_boxes_say(worlds: Mapping[str, World], here: Mapping[str, Any]) -> None:
    stood = 0
    for preset, world in worlds.items():
        there = {guest.number: state for guest, state in world.there(LENGTH_S)}
        for name, camera in world.scenario.spec.cameras.items():
            people, boxes, visibility, bgr, empty = (
                here[f"{preset} {name} {what}"] for what in ("people", "boxes", "visibility", "bgr", "empty")
            )
            changed = np.abs(bgr.astype(int) - empty.astype(int)).max(axis=2)
            beside = changed.copy()
            for number, box, seen in zip(people.tolist(), boxes, visibility, strict=True):
                x1, y1, x2, y2 = np.floor(box).astype(int) + [0, 0, 1, 1]
                beside[max(0, y1 - 1) : y2 + 1, max(0, x1 - 1) : x2 + 1] = 0
                if seen < 0.9:
                    continue
                assert (changed[y1:y2, x1:x2] > 15).mean() > 0.25, (preset, name, number)
                x, y, sits = there[number][[STATE.index("x"), STATE.index("y"), STATE.index("sit")]].tolist()
                if sits == 0 and y2 < camera.height_px:
                    foot = lens_of(camera).project(np.array([[x, y, 0.0]]))[0]
                    assert x1 - 1 <= foot[0] <= x2 + 1, (preset, name, number)
                    assert abs(foot[1] - y2) < 0.15 * (y2 - y1) + 2, (preset, name, number)
                    stood += 1
            assert (beside > 75).sum() < 3, (preset, name)  # shadows are less
    assert stood > 15
