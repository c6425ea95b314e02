"""How fast pictures are drawn on one core, and a day of sightings made.

    python benchmarks/simulate.py [--day | --halls COLUMNS ROWS [--people 20000]]

Pictures: 640x360, those of the corner shop with three people in view, in processor seconds of the one thread that
draws (other work on the machine does not touch them). --day: the preset mall, fifty cameras, 20,000 visitors, twelve
hours. --halls: a terminal on the mall's pattern, a camera and a shop in each of COLUMNS x ROWS halls of 12 x 12 m.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from pathlib import Path

from retrail.simulate.render.film import Stage
from retrail.simulate.scenario import Scenario, load_scenario
from retrail.simulate.traffic.writing import write_sightings
from retrail.simulate.world import play

PEOPLE, PICTURES = 3, 150
HALL_M = 12.0


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--day", action="store_true")
    options.add_argument("--halls", type=int, nargs=2, metavar=("COLUMNS", "ROWS"))
    options.add_argument("--people", type=int, default=20_000)
    chosen = options.parse_args()
    if chosen.day:
        day(load_scenario("mall"))
        return
    if chosen.halls:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "terminal.yaml"
            path.write_text(terminal(*chosen.halls, chosen.people), "utf-8")
            scenario = load_scenario(path)
        day(scenario)
        return
    world = play(load_scenario("corner-shop"))
    for camera in world.scenario.spec.cameras:
        stage = Stage(world, camera)
        moments = [index for index in range(0, 2100, 3) if len(stage.picture(index, index / 10).people) == PEOPLE]
        few = moments[:PICTURES]
        if len(few) < 20:
            continue
        start_s = time.thread_time()
        for index in few:
            stage.picture(index, index / 10)
        spent_s = time.thread_time() - start_s
        print(f"{camera:10} {len(few) / spent_s:6.1f} frames/s with {PEOPLE} people in view ({len(few)} frames)")


def terminal(columns: int, rows: int, people: int) -> str:
    """A scenario: halls side by side under one roof, a door in the southern wall every five halls, a day of people."""
    width, depth = HALL_M * columns, HALL_M * rows
    halls = [(x, y, HALL_M * x + HALL_M / 2, HALL_M * y) for x in range(columns) for y in range(rows)]
    doors = [HALL_M * x + HALL_M / 2 for x in range(min(2, columns - 1), columns, 5)]
    edges = [0.0, *(edge for x in doors for edge in (x - 2, x + 2)), width]
    south = [{"from": [a, 0], "to": [b, 0]} for a, b in zip(edges[::2], edges[1::2], strict=True)]
    # Passages behind the doors, as wide as the lines in them: nobody goes round a line's end.
    passages = [{"from": [x + side, 0], "to": [x + side, 4.6]} for x in doors for side in (-2.5, 2.5)]
    others = [
        {"from": [0, 0], "to": [0, depth]},
        {"from": [width, 0], "to": [width, depth]},
        {"from": [0, depth], "to": [width, depth]},
    ]
    scenario = {
        "scenario": "terminal",
        "seed": 1,
        "start": "2026-11-20T09:00:00Z",
        "length_s": 43200,
        "room": [-6, -4, width + 6, depth + 4],
        "ceiling_m": 4.0,
        "street": [-6, -4, width + 6, 0],
        "walls": [*south, *passages, *others],
        "furniture": [{"kind": "shelf", "at": [x, y + 8.6], "size": [6, 0.8, 2.0]} for _, _, x, y in halls],
        "doors": {
            f"door-{n}": {"from": [x - 2, 0], "to": [x + 2, 0], "outside": [[x - 10, -2], [x + 10, -2]]}
            for n, x in enumerate(doors)
        },
        "spots": {f"shop-{a}-{b}": {"at": [x, y + 7.4], "face_deg": 90} for a, b, x, y in halls},
        "cameras": {
            f"camera-{a}-{b}": {"at": [x, y + 0.6, 3.4], "look_at": [x, y + 6, 0.5], "fov_deg": 80}
            for a, b, x, y in halls
        },
        "lines": {
            f"door-{n}": {
                "camera": f"camera-{int(x // HALL_M)}-0",
                "from": [x - 2.5, 4],
                "to": [x + 2.5, 4],
                "inside": [x, 8],
            }
            for n, x in enumerate(doors)
        },
        "zones": {
            f"shop-{a}-{b}": {
                "camera": f"camera-{a}-{b}",
                "floor": [[x - 3, y + 5], [x + 3, y + 5], [x + 3, y + 8], [x - 3, y + 8]],
            }
            for a, b, x, y in halls
        },
        "crowds": [
            {"count": people, "from_s": 0, "to_s": 41000, "stops": [1, 3], "stay_s": [10, 60], "group_share": 0.3}
        ],
    }
    return json.dumps(scenario)


def day(scenario: Scenario) -> None:
    started_s, busy_s = time.monotonic(), time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        written = write_sightings(scenario, Path(folder))
        size = written.sightings.stat().st_size
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(
        f"{len(scenario.spec.cameras)} cameras, {written.count} sightings of {len(written.truth.people or ())} people: "
        f"{time.monotonic() - started_s:.0f} s ({time.process_time() - busy_s:.0f} s of one core), "
        f"{peak:.2f} GB at most, {size / 1e6:.0f} MB on disk"
    )


if __name__ == "__main__":
    main()
