"""Market-1501's test people as crops for `retrail simulate --sightings --crops`, without and with their real times.

    python benchmarks/real_people.py SHARED OUT [--people N]

(SHARED: the folder that holds data/.) Writes OUT/untimed.csv and OUT/timed.csv. Frames are at 25 Hz and a camera's
sequences follow each other; who is gone for ten seconds comes again.
"""

from __future__ import annotations

import argparse
import csv
import os
import zipfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

RATE_HZ, GONE_S = 25.0, 10.0
SPLITS = ("gallery", "query")


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("shared", type=Path)
    options.add_argument("out", type=Path)
    options.add_argument("--people", type=int, help="the first so many; all")
    chosen = options.parse_args()
    folder = chosen.shared / "data/market1501"
    with open(folder / "labels.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    starts_s = sequence_starts(rows)
    tested = [row for row in rows if row["split"] in SPLITS and int(row["person_id"]) > 0]
    people = sorted({int(row["person_id"]) for row in tested})[: chosen.people]
    stays: dict[tuple[int, str], list[tuple[float, str]]] = defaultdict(list)
    paths = member_paths(folder, chosen.out)
    for row in tested:
        if int(row["person_id"]) in people:
            at_s = starts_s[row["sequence"]] + int(row["frame"]) / RATE_HZ
            stays[int(row["person_id"]), row["camera_id"]].append((at_s, paths[row["split"], row["file"]]))
    chosen.out.mkdir(parents=True, exist_ok=True)
    columns = ["file", "person_id", "camera_id"]
    with (
        open(chosen.out / "untimed.csv", "w", encoding="utf-8", newline="") as plain,
        open(chosen.out / "timed.csv", "w", encoding="utf-8", newline="") as timed,
    ):
        untimed_rows, timed_rows = csv.writer(plain), csv.writer(timed)
        untimed_rows.writerow(columns)
        timed_rows.writerow([*columns, "start_s", "end_s"])
        for (person, camera), seen in sorted(stays.items()):
            for stay in parted(sorted(seen)):
                for _, path in stay:
                    untimed_rows.writerow([path, person, camera])
                    timed_rows.writerow([path, person, camera, f"{stay[0][0]:.2f}", f"{stay[-1][0]:.2f}"])


def sequence_starts(rows: Sequence[dict[str, str]]) -> dict[str, float]:
    """When each sequence begins, seconds: one after the other, each as long as its last frame says."""
    last: dict[str, int] = defaultdict(int)
    for row in rows:
        last[row["sequence"]] = max(last[row["sequence"]], int(row["frame"]))
    starts: dict[str, float] = {}
    at_s = 0.0
    for sequence in sorted(last, key=int):
        starts[sequence], at_s = at_s, at_s + (last[sequence] + 1) / RATE_HZ
    return starts


def member_paths(folder: Path, out: Path) -> dict[tuple[str, str], str]:
    """By split and file: where the picture lies, seen from the tables."""
    found: dict[tuple[str, str], str] = {}
    for split in SPLITS:
        archive = folder / f"{split}.zip"
        with zipfile.ZipFile(archive) as opened:
            for member in opened.namelist():
                found[split, Path(member).name] = f"{os.path.relpath(archive, out)}/{member}"
    return found


def parted(seen: Sequence[tuple[float, str]]) -> list[list[tuple[float, str]]]:
    """The stays of somebody before a camera."""
    stays: list[list[tuple[float, str]]] = []
    for moment in seen:
        if not stays or moment[0] - stays[-1][-1][0] >= GONE_S:
            stays.append([])
        stays[-1].append(moment)
    return stays


if __name__ == "__main__":
    main()
