"""The same seed gives the same world and pictures, also where NumPy computes with other instructions."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from tests.simulate.worlds import room

from retrail.simulate.render.film import Stage
from retrail.simulate.telling import truth_of
from retrail.simulate.truth import write_truth
from retrail.simulate.world import play
from retrail.simulate.writing import write_simulation

_SCRIPT = """
import sys
from pathlib import Path
import numpy as np
from retrail.simulate.render.film import Stage
from retrail.simulate.scenario import load_scenario
from retrail.simulate.telling import truth_of
from retrail.simulate.truth import write_truth
from retrail.simulate.world import play
world = play(load_scenario(sys.argv[2]))
picture = Stage(world, "hall").picture(30, 6.0)
np.savez(sys.argv[1], bgr=picture.bgr, people=picture.people, boxes=picture.boxes, visibility=picture.visibility)
write_truth(truth_of(world), Path(sys.argv[3]))
"""


def without_dispatch() -> dict[str, str]:
    """The environment of a process in which NumPy computes as on the plainest machine."""
    config: Any = np.show_config(mode="dicts")
    return dict(os.environ, NPY_DISABLE_CPU_FEATURES=" ".join(config["SIMD Extensions"].get("found", [])))


def test_without_numpys_cpu_dispatch_the_truth_is_equal_and_pictures_within_two_levels(tmp_path: Path) -> None:
    out = tmp_path / "picture.npz"
    scenario = room(tmp_path, "  - {enter_s: 0, plan: [{walk: [[3, 2], [3, 4]]}]}\n  - {enter_s: 1}", 8)
    command = [sys.executable, "-W", "ignore", "-c", _SCRIPT, str(out), scenario.layers.path, str(tmp_path / "there")]
    subprocess.run(command, check=True, env=without_dispatch())
    world = play(scenario)
    here = Stage(world, "hall").picture(30, 6.0)
    there = np.load(out)
    assert len(here.people) > 0
    assert np.array_equal(here.people, there["people"])
    assert np.array_equal(here.boxes, there["boxes"])
    assert np.array_equal(here.visibility, there["visibility"])
    assert np.abs(here.bgr.astype(int) - there["bgr"].astype(int)).max() <= 2
    write_truth(truth_of(world), tmp_path / "here")
    tables = sorted(path.relative_to(tmp_path / "here") for path in (tmp_path / "here").rglob("*.*"))
    assert len(tables) == 6
    for table in tables:
        assert (tmp_path / "here" / table).read_bytes() == (tmp_path / "there" / table).read_bytes()


def test_progress_is_told_one_at_a_time_whatever_the_threads(tmp_path: Path) -> None:
    other = "  yard: {at: [3, 5.8, 2.8], look_at: [3, 1, 0.6], width_px: 320, height_px: 180, rate_hz: 5}\nzones:"
    scenario = room(tmp_path, "  - {enter_s: 0}", 4, ("zones:", other))
    told: list[tuple[int, int]] = []
    inside: list[int] = []

    def progress(done: int, of: int) -> None:
        inside.append(done)
        time.sleep(0.002)  # long enough for the other thread to come in between
        assert inside == [done]
        inside.clear()
        told.append((done, of))

    write_simulation(scenario, tmp_path / "out", video=False, threads=2, progress=progress)
    assert told == [(done, 40) for done in range(1, 41)]
