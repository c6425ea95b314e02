"""Does a run say what a scenario must give? Each scenario of tests/simulate/scenarios, drawn and run.

python benchmarks/inflation.py [--models-dir DIR] [SCENARIO ...]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from retrail.simulate.scenario import load_scenario
from retrail.simulate.writing import write_simulation

FOLDER = Path(__file__).resolve().parents[1] / "tests" / "simulate" / "scenarios"


def main() -> int:
    options = argparse.ArgumentParser()
    options.add_argument("scenarios", nargs="*")
    options.add_argument("--models-dir")
    chosen = options.parse_args()
    names = chosen.scenarios or sorted(path.stem for path in FOLDER.glob("*.yaml") if path.stem != "hall")
    wrong = 0
    for name in names:
        scenario = load_scenario(FOLDER / f"{name}.yaml")
        with tempfile.TemporaryDirectory() as folder:
            written = write_simulation(scenario, Path(folder))
            models = ["--models-dir", chosen.models_dir] if chosen.models_dir else []
            command = [sys.executable, "-m", "retrail"]
            subprocess.run([*command, "run", str(written.site), *models], check=True, capture_output=True)
            judge = [*command, "evaluate", "site", str(written.site), "--truth", str(written.truth_folder), "--json"]
            told = subprocess.run(judge, check=True, capture_output=True, text=True).stdout
        score = json.loads(told)
        found = {key: score[key] for key in ("visitors", "entries", "exits", "visits")}
        right = all(found[key] == value for key, value in scenario.spec.expect.items())
        wrong += not right
        print(f"{name:18} {'right' if right else 'WRONG'}  must give {scenario.spec.expect}  gives {found}", flush=True)
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
