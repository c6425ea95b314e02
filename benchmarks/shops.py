"""How right is a run in simulated shops? Each seed drawn, run and judged by its truth; a row each, and the whole.

python benchmarks/shops.py [--preset corner-shop] [--seeds 0 1 2 …] [--sightings] [--models-dir DIR]

With Retrail's own models, or the strongest of DIR. A seed of corner-shop takes some two minutes of two cores. With
--sightings nothing is drawn and found. Seeds 12 to 21 of corner-shop and 20 of rush were looked at while tracker,
association and lines were tuned.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Sequence
from typing import Any

from played import judged
from retrail.simulate.presets import presets
from retrail.simulate.scenario import load_scenario

COLUMNS = (
    "seed",
    "visitors",
    "unresolved",
    "entries",
    "exits",
    "IDF1 %",
    "HOTA %",
    "dwell: mean error s",
    "journeys, changes of camera right %",
    "lost: held back, not found, tracker, association %",
)
LOSSES = ("held_back", "detection", "tracking", "association")


def main() -> int:
    options = argparse.ArgumentParser()
    options.add_argument("--preset", default="corner-shop", choices=presets())
    options.add_argument("--seeds", type=int, nargs="+", default=list(range(10)))
    options.add_argument("--models-dir")
    options.add_argument("--sightings", action="store_true")
    chosen = options.parse_args()
    scenario = load_scenario(chosen.preset)
    scores: list[dict[str, Any]] = []
    print(f"| {' | '.join(COLUMNS)} |\n| --- |{' ---: |' * (len(COLUMNS) - 1)}", flush=True)
    for seed in chosen.seeds:
        score = judged(scenario, pixels=not chosen.sightings, models_dir=chosen.models_dir, seed=seed)
        print(row(seed, score), flush=True)
        scores.append(score)
    print(f"\n{summary(scores)}")
    return 0


def row(seed: int, score: dict[str, Any]) -> str:
    """A line of the table."""
    cells = (
        of_truth(score, "visitors"),
        score["unresolved"],
        of_truth(score, "entries"),
        of_truth(score, "exits"),
        percent(score["idf1"]),
        percent(score["hota"]),
        f"{score['dwell_mean_error_s']:.1f}",
        f"{percent(score['journeys_right'])}, {percent(score['transitions_right'])}",
        ", ".join(percent(score["losses"][loss]) for loss in LOSSES),
    )
    return f"| {seed} | {' | '.join(map(str, cells))} |"


def summary(scores: Sequence[dict[str, Any]]) -> str:
    """What all seeds say together."""
    lines = ", ".join(
        f"{sum(score[way] for score in scores)} of {sum(score[f'{way}_truth'] for score in scores)} {way}"
        for way in ("entries", "exits")
    )
    visitors, idf1, dwell = (
        statistics.fmean(score[key] for score in scores) for key in ("visitors", "idf1", "dwell_mean_error_s")
    )
    near = sum(abs(score["visitors"] - score["visitors_truth"]) <= 1 for score in scores)
    good = sum(score["idf1"] >= 0.9 for score in scores)
    close = sum(score["dwell_mean_error_s"] < 2 for score in scores)
    return (
        f"{len(scores)} seeds: visitors {visitors:.1f} on the mean, off by one at most on {near}; {lines}; "
        f"IDF1 {percent(idf1)} % on the mean, 90 % or more on {good}; "
        f"dwell off by {dwell:.1f} s on the mean, under 2 s on {close}"
    )


def of_truth(score: dict[str, Any], key: str) -> str:
    """A count beside the true one."""
    return f"{score[key]} of {score[f'{key}_truth']}"


def percent(share: float) -> str:
    """A share with one digit."""
    return f"{100 * share:.1f}"


if __name__ == "__main__":
    sys.exit(main())
