"""A scenario played, found or counted, and judged, by the commands that a user has. For the other files here."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from retrail.simulate.scenario import Scenario
from retrail.simulate.traffic.writing import write_sightings
from retrail.simulate.writing import write_simulation
from retrail.zoo.places import BUILT_IN

COMMAND = (sys.executable, "-m", "retrail")


def judged(
    scenario: Scenario, *, pixels: bool, models_dir: str | None = None, seed: int | None = None
) -> dict[str, Any]:
    """What `retrail evaluate site --json` says of a scenario.

    Args:
        pixels: it is drawn and run; else counted without pixels, and so without models.
        models_dir: whose strongest models are used; None: the built-in ones, whatever else is on the machine.
    """
    with TemporaryDirectory() as folder:
        site, truth = (
            _seen(scenario, Path(folder), models_dir, seed) if pixels else _counted(scenario, Path(folder), seed)
        )
        return json.loads(_command("evaluate", "site", str(site), "--truth", str(truth), "--json"))


def _seen(scenario: Scenario, folder: Path, models_dir: str | None, seed: int | None) -> tuple[Path, Path]:
    written = write_simulation(scenario, folder, seed=seed)
    if models_dir is None:
        own = {"detector": BUILT_IN["person-detection"], "encoder": BUILT_IN["person-reidentification"]}
        written.site.write_text(f"{written.site.read_text('utf-8')}models: {json.dumps(own)}\n", "utf-8")
    _command("run", str(written.site), *(["--models-dir", models_dir] if models_dir else []))
    return written.site, written.truth_folder


def _counted(scenario: Scenario, folder: Path, seed: int | None) -> tuple[Path, Path]:
    written = write_sightings(scenario, folder, seed=seed)
    _command("replay", str(written.site), "--sightings", str(written.sightings))
    return written.site, written.truth_folder


def _command(*arguments: str) -> str:
    """What a command printed; what it complained of goes where ours goes."""
    return subprocess.run([*COMMAND, *arguments], check=True, stdout=subprocess.PIPE, text=True).stdout
