"""What the three cuts of an encoder mean: false matches and false non-matches across cameras.

    python benchmarks/cuts.py SHARED [ENCODER ...] [FOLDER ...]

SHARED is the folder that holds data/ and models/. A FOLDER has labels.csv (file, person_id, camera_id) beside its
pictures, such as crops of simulated people (tools/make-training-frames); without any, real places are compared.

A sighting is the mean of up to three crops of one person on one camera, flips averaged, each camera's mean taken off.
Every pair of sightings of two cameras is compared. FMR: part of the pairs of different people at or above the cut;
FNMR: part of the pairs of one person below it (ISO/IEC 19795-1).
"""

from __future__ import annotations

import csv
import io
import random
import sys
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from retrail.runtime import Network, open_network
from retrail.zoo import find_card, locate

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

Sightings = dict[tuple[str, str], list[str]]
"""By person and camera: names of crops in the zip."""


def main(arguments: list[str]) -> int:
    shared, *others = arguments or [""]
    folders = [Path(name) for name in others if (Path(name) / "labels.csv").is_file()]
    encoders = [name for name in others if Path(name) not in folders]
    if not shared:
        print("usage: cuts.py SHARED [ENCODER ...]", file=sys.stderr)
        return 2
    places = {
        "Market-1501, 100 train people": (Path(shared) / "data/market1501/train.zip", market(Path(shared))),
        "CAVIAR4REID, a shopping centre": (Path(shared) / "data/elsewhere/images.zip", caviar(Path(shared))),
    }
    if folders:
        places = {str(folder): (folder, labelled(folder)) for folder in folders}
    for encoder in encoders or ENCODERS:
        network = open_network(locate(find_card(encoder), Path(shared) / "models"), batch=BATCH)
        for place, (archive, sightings) in places.items():
            genuine, impostor = cosines(network, archive, sightings)
            report(encoder, place, genuine, impostor)
        network.close()
    return 0


def market(shared: Path) -> Sightings:
    with (shared / "data/market1501/labels.csv").open() as stream:
        rows = [row for row in csv.DictReader(stream) if row["split"] == "train"]
    return chosen({(row["person_id"], row["camera_id"], row["file"]) for row in rows}, PEOPLE)


def caviar(shared: Path) -> Sightings:
    with (shared / "data/elsewhere/labels.csv").open() as stream:
        rows = [row for row in csv.DictReader(stream) if row["subset"] == "CAVIAR4REID" and row["camera_id"]]
    return chosen({(row["person_id"], row["camera_id"], row["file"]) for row in rows}, PEOPLE)


def labelled(folder: Path) -> Sightings:
    with (folder / "labels.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    return chosen({(row["person_id"], row["camera_id"], row["file"]) for row in rows}, len(rows))


def chosen(rows: set[tuple[str, str, str]], people: int) -> Sightings:
    """Up to so many people who were on more than one camera, and up to three crops each there (seed 0)."""
    dice = random.Random(0)
    cameras: dict[str, set[str]] = defaultdict(set)
    for person, camera, _ in rows:
        cameras[person].add(camera)
    several = sorted(person for person, seen in cameras.items() if len(seen) > 1)
    kept = set(dice.sample(several, min(people, len(several))))
    found: Sightings = defaultdict(list)
    for person, camera, file in sorted(rows):
        if person in kept:
            found[person, camera].append(file)
    return {key: dice.sample(files, min(CROPS, len(files))) for key, files in found.items()}


def cosines(network: Network, archive: Path, sightings: Sightings) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Cosines of all pairs across cameras: of one person, of two."""
    vectors = dict(embedded(network, archive, [file for files in sightings.values() for file in files]))
    people, cameras = (np.array(column) for column in zip(*sightings, strict=True))
    rows = unit(np.stack([np.mean([vectors[file] for file in files], axis=0) for files in sightings.values()]))
    for camera in np.unique(cameras):
        rows[cameras == camera] -= rows[cameras == camera].mean(axis=0)
    rows = unit(rows)
    first, second = np.triu_indices(len(rows), 1)
    across = cameras[first] != cameras[second]
    first, second = first[across], second[across]
    values = np.einsum("ij,ij->i", rows[first], rows[second])
    same = people[first] == people[second]
    return values[same], values[~same]


def embedded(network: Network, archive: Path, files: list[str]) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """Each crop's vector of length 1, flips averaged."""
    half = BATCH // 2
    with ExitStack() as opened:
        source = None if archive.is_dir() else opened.enter_context(zipfile.ZipFile(archive))
        names = {Path(name).name: name for name in source.namelist()} if source else {}
        for start in range(0, len(files), half):
            part = files[start : start + half]
            data = [source.read(names[file]) if source else (archive / file).read_bytes() for file in part]
            crops = [decoded(one, network) for one in data]
            out = network.infer(np.stack([*crops, *(crop[:, ::-1] for crop in crops)]))
            vectors = unit(next(iter(out.values())))
            yield from zip(part, unit(vectors[: len(part)] + vectors[len(part) :]), strict=True)


def decoded(data: bytes, network: Network) -> NDArray[np.uint8]:
    with av.open(io.BytesIO(data)) as container:
        # PyAV types what it decodes as any kind of frame, and pixels as of any depth.
        frame = next(container.decode(video=0))  # pyright: ignore[reportAttributeAccessIssue]
    return frame.reformat(network.width_px, network.height_px, "bgr24").to_ndarray()  # pyright: ignore[reportReturnType]


def unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def report(encoder: str, place: str, genuine: NDArray[np.float32], impostor: NDArray[np.float32]) -> None:
    print(f"{encoder} | {place} | {len(genuine)} genuine {genuine.mean():.2f}, {len(impostor)} impostor pairs")
    for rate in FMR:
        cut = float(np.quantile(impostor, 1 - rate))
        print(f"  FMR {rate:7.2%}  cut {cut:.3f}  FNMR {np.mean(genuine < cut):.1%}")
    for cut in CUTS:
        print(f"  cut {cut:.2f}  FMR {np.mean(impostor >= cut):.4%}  FNMR {np.mean(genuine < cut):.1%}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
