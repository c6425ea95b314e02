"""Does a run say what a scenario must give? Each scenario of tests/simulate/scenarios, drawn and run.

python benchmarks/inflation.py [--sightings] [--models-dir DIR] [SCENARIO ...]

With --sightings nothing is drawn and found: that what truly happened is counted right is all that is asked, in seconds.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from retrail.simulate.scenario import Scenario, load_scenario
from retrail.simulate.traffic.writing import write_sightings
from retrail.simulate.writing import write_simulation

COMMAND = (sys.executable, "-m", "retrail")
FOLDER = Path(__file__).resolve().parents[1] / "tests" / "simulate" / "scenarios"


def main() -> int:
    options = argparse.ArgumentParser()
    options.add_argument("scenarios", nargs="*")
    options.add_argument("--models-dir")
    options.add_argument("--sightings", action="store_true")
    chosen = options.parse_args()
    names = chosen.scenarios or sorted(path.stem for path in FOLDER.glob("*.yaml") if path.stem != "hall")
    wrong = 0
    for name in names:
        scenario = load_scenario(FOLDER / f"{name}.yaml")
        models = ["--models-dir", chosen.models_dir] if chosen.models_dir else []
        with tempfile.TemporaryDirectory() as folder:
            site, truth = (counted if chosen.sightings else seen)(scenario, Path(folder), models)
            judge = [*COMMAND, "evaluate", "site", str(site), "--truth", str(truth), "--json"]
            told = subprocess.run(judge, check=True, capture_output=True, text=True).stdout
        score = json.loads(told)
        found = {key: score[key] for key in ("visitors", "entries", "exits", "visits")}
        right = all(found[key] == value for key, value in scenario.spec.expect.items())
        wrong += not right
        print(f"{name:18} {'right' if right else 'WRONG'}  must give {scenario.spec.expect}  gives {found}", flush=True)
    return int(wrong > 0)


def seen(scenario: Scenario, folder: Path, models: list[str]) -> tuple[Path, Path]:
    """Draw a scenario and run it: the site and the folder of its truth."""
    written = write_simulation(scenario, folder)
    subprocess.run([*COMMAND, "run", str(written.site), *models], check=True, capture_output=True)
    return written.site, written.truth_folder


def counted(scenario: Scenario, folder: Path, models: list[str]) -> tuple[Path, Path]:
    """The same without pixels."""
    written = write_sightings(scenario, folder)
    replay = [*COMMAND, "replay", str(written.site), "--sightings", str(written.sightings), *models]
    subprocess.run(replay, check=True, capture_output=True)
    return written.site, written.truth_folder


if __name__ == "__main__":
    sys.exit(main())
