"""How much nearer to each other do people come by the same outfit, and by the same uniform?

    python benchmarks/lookalikes.py SHARED [--seeds 101 102 103]

(SHARED: the folder that holds data/ and models/.) Cosines of single crops across cameras, flips averaged, of drawn
people of the scenario `twins`, a picture a second. What `retrail simulate --sightings` plays of lookalikes without
pixels rests on it: see `simulate/traffic/appearance.py`.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from realism import DETECTOR, ENCODERS, simulated, vectors_of
from retrail.perceive.detect import Detector
from retrail.perceive.embed import Embedder
from retrail.runtime import open_network
from retrail.simulate.crowd import guests
from retrail.simulate.scenario import load_scenario
from retrail.zoo import find_card, locate

SCENARIO = "twins"


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("shared", type=Path)
    options.add_argument("--seeds", type=int, nargs="+", default=[101, 102, 103])
    chosen = options.parse_args()
    models = chosen.shared / "models"
    detector = Detector(open_network(locate(find_card(DETECTOR), models)), min_score=0.01)
    crops, _ = simulated(SCENARIO, chosen.seeds, detector)
    network = open_network(locate(find_card(ENCODERS[0]), models), batch=8)
    vectors = vectors_of(crops, Embedder(network))
    network.close()
    spec = load_scenario(SCENARIO).spec
    guest = {1000 * seed + one.number: one for seed in chosen.seeds for one in guests(spec, seed)}
    person, camera = np.array([crop[0] for crop in crops]), np.array([crop[1] for crop in crops])
    dressed = np.array([guest[one].dressed for one in person.tolist()])
    look = np.array([guest[one].look for one in person.tolist()])
    across = np.triu(camera[:, None] != camera[None], 1) & (person[:, None] // 1000 == person[None] // 1000)
    same, outfit = person[:, None] == person[None], look[:, None] == look[None]
    uniform, plain = dressed[:, None] & dressed[None], ~dressed[:, None] & ~dressed[None]
    kinds = {
        "the same person": same,
        "the same outfit": ~same & outfit & plain,
        "both in uniform": ~same & uniform,
        "others": ~same & ~outfit & ~uniform,
    }
    print(f"{ENCODERS[0]}: {len(crops)} crops of {len(set(person.tolist()))} people")
    for kind, pairs in kinds.items():
        found = (vectors @ vectors.T)[across & pairs]
        print(f"  {kind:16} {found.mean():.2f} +- {found.std():.2f}  ({len(found)} pairs)")


if __name__ == "__main__":
    main()
