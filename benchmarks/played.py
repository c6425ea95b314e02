"""A scenario played, found or counted, and judged, by the commands that a user has. For the other files here."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from retrail.simulate.scenario import Scenario
from retrail.simulate.traffic.writing import write_sightings
from retrail.simulate.writing import write_simulation
from retrail.zoo.places import BUILT_IN

COMMAND = (sys.executable, "-m", "retrail")


def seen(scenario: Scenario, folder: Path, models_dir: str | None, seed: int | None = None) -> dict[str, Any]:
    """Draw a scenario and run it, with the strongest models of a folder, or else with the built-in ones whatever there
    is on the machine: what `retrail evaluate site --json` says."""
    written = write_simulation(scenario, folder, seed=seed)
    if models_dir is None:
        own = {"detector": BUILT_IN["person-detection"], "encoder": BUILT_IN["person-reidentification"]}
        written.site.write_text(f"{written.site.read_text('utf-8')}models: {json.dumps(own)}\n", "utf-8")
    _command("run", str(written.site), *(["--models-dir", models_dir] if models_dir else []))
    return _judged(written.site, written.truth_folder)


def counted(scenario: Scenario, folder: Path, seed: int | None = None) -> dict[str, Any]:
    """The same without pixels, and so without models."""
    written = write_sightings(scenario, folder, seed=seed)
    _command("replay", str(written.site), "--sightings", str(written.sightings))
    return _judged(written.site, written.truth_folder)


def _judged(site: Path, truth: Path) -> dict[str, Any]:
    return json.loads(_command("evaluate", "site", str(site), "--truth", str(truth), "--json"))


def _command(*arguments: str) -> str:
    """What a command printed; what it complained of goes where ours goes."""
    return subprocess.run([*COMMAND, *arguments], check=True, stdout=subprocess.PIPE, text=True).stdout
