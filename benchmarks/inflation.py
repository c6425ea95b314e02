"""Does a run say what a scenario must give? Each scenario of tests/simulate/scenarios, drawn and run.

python benchmarks/inflation.py [--sightings] [--models-dir DIR] [SCENARIO ...]

With Retrail's own models, or the strongest of DIR. With --sightings nothing is drawn and found: that what truly
happened is counted right is all that is asked, in seconds.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from played import judged
from retrail.simulate.scenario import load_scenario

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
        score = judged(scenario, pixels=not chosen.sightings, models_dir=chosen.models_dir)
        found = {key: score[key] for key in ("visitors", "entries", "exits", "visits")}
        right = all(found[key] == value for key, value in scenario.spec.expect.items())
        wrong += not right
        print(f"{name:18} {'right' if right else 'WRONG'}  must give {scenario.spec.expect}  gives {found}", flush=True)
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
