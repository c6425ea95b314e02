"""A clip over RTSP in real time, as a shop's camera sends it: who is counted, and whether memory stays flat.

    .venv/bin/python benchmarks/live.py ../shared              one_by_one once: 6 visitors and 6 visits are the truth
    .venv/bin/python benchmarks/live.py ../shared --minutes 60 the same clip again and again for an hour

A server on the loopback plays the clip (GStreamer's, from Debian); ``retrail run`` watches it and is stopped by Ctrl-C.
Memory is what the run's own process holds, every ten seconds, without the database's processes. Looped, the camera is
gone at each end of the clip and called again, so an hour is some 25 reconnections too.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any

import av

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.rtsp.control import RtspServer

RETRAIL = [sys.executable, "-m", "retrail"]
EVERY_S = 10.0
SITE = """\
site: live
cameras:
  room: {{source: "{address}"}}
zones:
  table: {{camera: room, polygon: [[0.4, 0.6], [0.7, 0.6], [0.7, 0.97], [0.4, 0.97]]}}
"""


@dataclass(frozen=True)
class Memory:
    """Resident memory of a process over time: seconds since the camera came, MB."""

    at_s: list[float]
    resident_mb: list[float]

    def told(self) -> str:
        """Quarter by quarter, and how fast it grows in the second half."""
        quarter = max(1, len(self.resident_mb) // 4)
        means = [mean(self.resident_mb[start : start + quarter]) for start in range(0, 4 * quarter, quarter)]
        half = len(self.at_s) // 2
        grown = self.resident_mb[-1] - self.resident_mb[half]
        hours = (self.at_s[-1] - self.at_s[half]) / 3600
        quarters = ", ".join(f"{value:.0f}" for value in means)
        return f"MB by quarters: {quarters}; peak {max(self.resident_mb):.0f}; second half {grown / hours:+.0f} MB/h"


def duration_s(clip: Path) -> float:
    with av.open(str(clip)) as read:
        return float(read.duration or 0) / av.time_base


def resident_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def watch(run: subprocess.Popen[str], server: RtspServer, until_s: float) -> Memory:
    """Sample memory from the first picture on for so long; then the camera is gone."""
    while server.order("plays") == 0:
        if run.poll() is not None:
            raise SystemExit(run.communicate()[1])
        time.sleep(0.05)
    began = time.monotonic()
    memory = Memory([], [])
    while (now := time.monotonic() - began) < until_s:
        memory.at_s.append(now)
        memory.resident_mb.append(resident_mb(run.pid))
        time.sleep(min(EVERY_S, max(0.05, until_s - now)))
    server.order("stop")
    return memory


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared", type=Path)
    parser.add_argument("--minutes", type=float, help="play the clip again and again for so long; without it once")
    given = parser.parse_args()
    clip = (given.shared / "video/one_by_one.mp4").resolve()
    until_s = duration_s(clip) + 0.5 if given.minutes is None else 60 * given.minutes
    with tempfile.TemporaryDirectory() as folder, RtspServer(file=clip) as server:
        site = Path(folder) / "shop.yaml"
        site.write_text(SITE.format(address=server.file))
        environment = {**os.environ, "RETRAIL_MODELS": str(given.shared / "models")}
        with subprocess.Popen(
            [*RETRAIL, "run", str(site), "--json"], env=environment, stdout=subprocess.PIPE, text=True
        ) as run:
            memory = watch(run, server, until_s)
            time.sleep(2.0)
            run.send_signal(signal.SIGINT)
            out, _ = run.communicate(timeout=300)
        found: Any = json.loads(out.splitlines()[-1])
        asked = [*RETRAIL, "report", str(site), "journeys", "--json"]
        said = subprocess.run(asked, env=environment, capture_output=True, text=True, check=True)
    visits = [visit for journey in json.loads(said.stdout)["journeys"] for visit in journey["visits"]]
    room = found["cameras"]["room"]
    print(f"{until_s:.0f} s: frames {room['frames']}, dropped {room['dropped']}, reconnects {room['reconnects']}")
    print(f"visitors {found['visitors']['estimate']}, sightings {found['sightings']}, visits {len(visits)}")
    if given.minutes is None:
        print("dwell, s:", *(round(visit["dwell_s"], 1) for visit in sorted(visits, key=lambda one: one["enter"])))
    print(memory.told())


if __name__ == "__main__":
    main()
