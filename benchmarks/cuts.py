"""What the three cuts of an encoder mean: false matches and false non-matches across cameras.

    python benchmarks/cuts.py SHARED [ENCODER ...] [FOLDER ...]

SHARED is the folder that holds data/ and models/. A FOLDER has labels.csv (file, person_id, camera_id) beside its
pictures, such as crops of simulated people (tools/make-training-frames); without any, real places are compared. Crops
are read, resized and embedded as a run does it.

A sighting is the mean of up to three crops of one person on one camera, flips averaged, each camera's mean taken off.
Every pair of sightings of two cameras is compared. FMR: part of the pairs of different people at or above the cut;
FNMR: part of the pairs of one person below it (ISO/IEC 19795-1).
"""

from __future__ import annotations

import random
import sys
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrail.core.errors import DataError, RetrailError
from retrail.evaluate.judge import looks_of
from retrail.evaluate.people import Crop, LabelledCrops
from retrail.runtime import Network, open_network
from retrail.simulate.rows import Row, rows_of
from retrail.video.album import open_album
from retrail.zoo import Card, find_card, locate

ENCODERS = (
    "person-reidentification-retail-0277",
    "person-reidentification-retail-0286",
    "person-reidentification-retail-0287",
    "person-reidentification-retail-0288",
    "osnet_x0_25_msmt17",
)
PEOPLE, CROPS, BATCH = 100, 3, 8
FMR = (1e-2, 3e-3, 1e-3, 3e-4, 1e-4)
CUTS = (0.35, 0.40, 0.45, 0.50, 0.55, 0.60, 0.65, 0.70)
COLUMNS = ("file", "person_id", "camera_id")


def main(arguments: list[str]) -> int:
    shared, *others = arguments or [""]
    if not shared:
        print("usage: cuts.py SHARED [ENCODER ...] [FOLDER ...]", file=sys.stderr)
        return 2
    folders = [Path(name) for name in others if Path(name).is_dir()]
    encoders = [name for name in others if Path(name) not in folders]
    places = {str(folder): crops_of(folder / "labels.csv", folder, lambda _: True, None) for folder in folders}
    for encoder in encoders or ENCODERS:
        network = open_network(locate(find_card(encoder), Path(shared) / "models"), batch=BATCH)
        for place, crops in (places or real_places(Path(shared) / "data")).items():
            genuine, impostor = cosines(network, crops)
            report(place, network.card, genuine, impostor)
        network.close()
    return 0


def real_places(data: Path) -> dict[str, LabelledCrops]:
    market, elsewhere = data / "market1501", data / "elsewhere"
    return {
        "Market-1501, 100 train people": crops_of(
            market / "labels.csv", market / "train.zip", lambda row: row.values["split"] == "train", PEOPLE
        ),
        "CAVIAR4REID, a shopping centre": crops_of(
            elsewhere / "labels.csv",
            elsewhere / "images.zip",
            lambda row: row.values["subset"] == "CAVIAR4REID" and bool(row.text("camera_id")),
            PEOPLE,
        ),
    }


def crops_of(table: Path, source: Path, wanted: Callable[[Row], bool], people: int | None) -> LabelledCrops:
    """Up to so many people who were on more than one camera, and up to three crops each there (seed 0).

    Raises:
        DataError: a row or a picture is wrong, or nobody was on two cameras.
    """
    dice = random.Random(0)
    listed = filter(wanted, rows_of(table, COLUMNS))
    rows = {(row.text("person_id"), row.text("camera_id"), row.text("file")) for row in listed}
    cameras: dict[str, set[str]] = defaultdict(set)
    for person, camera, _ in rows:
        cameras[person].add(camera)
    several = sorted(person for person, seen in cameras.items() if len(seen) > 1)
    if not several:
        raise DataError("Nobody is on two cameras here", where=str(table))
    kept = set(dice.sample(several, min(people or len(several), len(several))))
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for person, camera, file in sorted(rows):
        if person in kept:
            found[person, camera].append(file)
    album = open_album(source)
    crops: list[Crop] = []
    for (person, camera), files in found.items():
        for file in dice.sample(files, min(CROPS, len(files))):
            place = album.find(file)
            if place is None:
                raise DataError("A picture is missing", where=f"{source}: {file}", hint=f"{table} names it")
            crops.append(Crop(place, person, camera))
    return LabelledCrops(str(table), tuple(crops), ())


def cosines(network: Network, crops: LabelledCrops) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Cosines of all pairs across cameras: of one person, of two."""
    looks = looks_of(network, crops)[0]
    sightings, place = np.unique(np.stack([looks.person, looks.camera], axis=1), axis=0, return_inverse=True)
    rows = unit(np.stack([looks.vectors[place == one].mean(axis=0) for one in range(len(sightings))]))
    people, cameras = sightings.T
    for camera in np.unique(cameras):
        rows[cameras == camera] -= rows[cameras == camera].mean(axis=0)
    rows = unit(rows)
    first, second = np.triu_indices(len(rows), 1)
    across = cameras[first] != cameras[second]
    first, second = first[across], second[across]
    values = np.einsum("ij,ij->i", rows[first], rows[second])
    same = people[first] == people[second]
    return values[same], values[~same]


def unit(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def report(place: str, card: Card, genuine: NDArray[np.float64], impostor: NDArray[np.float64]) -> None:
    print(f"{card.name} | {place} | {len(genuine)} genuine {genuine.mean():.2f}, {len(impostor)} impostor pairs")
    for rate in FMR:
        cut = float(np.quantile(impostor, 1 - rate))
        print(f"  FMR {rate:7.2%}  cut {cut:.3f}  FNMR {np.mean(genuine < cut):.1%}")
    for cut in sorted({*CUTS, *(card.cuts or {}).values()}):
        print(f"  cut {cut:.2f}  FMR {np.mean(impostor >= cut):.4%}  FNMR {np.mean(genuine < cut):.1%}")


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except RetrailError as problem:
        sys.exit(str(problem))
