"""How fast pictures are drawn on one core, and a day of sightings made.

    python benchmarks/simulate.py [--day]

Pictures: 640x360, those of the corner shop with three people in view, in processor seconds of the one thread that
draws (other work on the machine does not touch them). --day: fifty cameras, 20,000 visitors, twelve hours.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from pathlib import Path

from retrail.simulate.render.film import Stage
from retrail.simulate.scenario import load_scenario
from retrail.simulate.traffic.writing import write_sightings
from retrail.simulate.world import play

PEOPLE, PICTURES = 3, 150


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--day", action="store_true")
    if options.parse_args().day:
        day()
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


def day() -> None:
    started_s, busy_s = time.monotonic(), time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        written = write_sightings(load_scenario("mall"), Path(folder))
        size = written.sightings.stat().st_size
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(
        f"{written.count} sightings of {len(written.truth.people or ())} people: {time.monotonic() - started_s:.0f} s"
        f" ({time.process_time() - busy_s:.0f} s of one core), {peak:.2f} GB at most, {size / 1e6:.0f} MB on disk"
    )


if __name__ == "__main__":
    main()
