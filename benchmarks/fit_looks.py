"""How an encoder's vectors of real people spread: for sightings that are drawn without pixels.

    python benchmarks/fit_looks.py SHARED [ENCODER] [--out FILE]

Train people of Market-1501, single crops, flips averaged. Kept are variances alone, in a basis of their own: of people,
of cameras, of one person from camera to camera and from crop to crop. No vector of anybody, and none can be made of it.
"""

from __future__ import annotations

import argparse
import csv
import json
import zipfile
from collections import defaultdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrail.core.types import Frame, Planes
from retrail.perceive.embed import Embedder
from retrail.runtime import open_network
from retrail.video.picture import read_picture
from retrail.video.planes import resize_bgr
from retrail.zoo import find_card, locate

PEOPLE, CROPS = 250, 3


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("shared", type=Path)
    options.add_argument("encoder", nargs="?", default="person-reidentification-retail-0287")
    options.add_argument("--out", type=Path)
    chosen = options.parse_args()
    person, camera, vectors = embedded(chosen.shared, chosen.encoder)
    spread = fitted(person, camera, vectors)
    text = json.dumps({"encoder": chosen.encoder, "people": PEOPLE} | spread)
    if chosen.out:
        chosen.out.write_text(text + "\n", encoding="utf-8")
    alike = vectors @ vectors.T
    across, own = camera[:, None] != camera[None], person[:, None] == person[None]
    for kind, mask in (("same", across & own), ("different", across & ~own)):
        print(f"{kind}: {alike[mask].mean():.3f} +- {alike[mask].std():.3f}")


def embedded(shared: Path, encoder: str) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """(n,) people, (n,) cameras, (n, d) unit vectors."""
    folder = shared / "data/market1501"
    files: dict[tuple[int, int], list[str]] = defaultdict(list)
    with open(folder / "labels.csv", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["split"] == "train":
                files[int(row["person_id"]), int(row["camera_id"])].append(row["file"])
    rng = np.random.default_rng(1)
    people = set(rng.permutation(sorted({one for one, _ in files}))[:PEOPLE].tolist())
    network = open_network(locate(find_card(encoder), shared / "models"), batch=8)
    embedder = Embedder(network)
    labels: list[tuple[int, int]] = []
    crops: list[NDArray[np.uint8]] = []
    with zipfile.ZipFile(folder / "train.zip") as archive:
        names = {Path(name).name: name for name in archive.namelist()}
        for label, own in sorted(files.items()):
            if label[0] not in people:
                continue
            for file in rng.permutation(sorted(own))[:CROPS].tolist():
                image = read_picture(archive.read(names[file]), file)
                frame = Frame("crop", 0, 0.0, Planes("bgr24", (image,)), image.shape[1], image.shape[0])
                crops.append(resize_bgr(frame, embedder.width_px, embedder.height_px))
                labels.append(label)
    vectors = np.concatenate([embedder.vectors(crops[start : start + 256]) for start in range(0, len(crops), 256)])
    network.close()
    vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    table = np.array(labels)
    return table[:, 0], table[:, 1], vectors


def fitted(
    person: NDArray[np.int64], camera: NDArray[np.int64], vectors: NDArray[np.float64]
) -> dict[str, list[float]]:
    """Variances by kind, in the basis in which people differ most; the mean there."""
    mean = vectors.mean(axis=0)
    cameras = {one: vectors[camera == one].mean(axis=0) - mean for one in np.unique(camera)}
    centred = vectors - mean - np.array([cameras[one] for one in camera])
    views: dict[tuple[int, int], NDArray[np.float64]] = {}
    noise: list[NDArray[np.float64]] = []
    for one, two in {(int(a), int(b)) for a, b in zip(person, camera, strict=True)}:
        own = centred[(person == one) & (camera == two)]
        views[one, two] = own.mean(axis=0)
        noise += [(row - own.mean(axis=0)) * np.sqrt(len(own) / (len(own) - 1)) for row in own if len(own) > 1]
    means: list[NDArray[np.float64]] = []
    between_views: list[NDArray[np.float64]] = []
    for one in np.unique(person):
        own = np.array([view for (who, _), view in views.items() if who == one])
        means.append(own.mean(axis=0))
        if len(own) > 1:
            between_views += [(row - own.mean(axis=0)) * np.sqrt(len(own) / (len(own) - 1)) for row in own]
    people = np.array(means)
    _, _, basis = np.linalg.svd(people - people.mean(axis=0), full_matrices=True)
    crop = (np.array(noise) @ basis.T).var(axis=0)
    # Means of few are noisy: what their noise adds is taken off again.
    view = np.maximum((np.array(between_views) @ basis.T).var(axis=0) - crop / CROPS, 0)
    per_person = len(views) / len(people)
    own = np.maximum((people @ basis.T).var(axis=0) - (view + crop / CROPS) / per_person, 0)
    place = (np.array(list(cameras.values())) @ basis.T).var(axis=0)
    parts = {"mean": basis @ mean, "person": own, "camera": place, "view": view, "crop": crop}
    return {name: [float(f"{value:.4g}") for value in part.tolist()] for name, part in parts.items()}


if __name__ == "__main__":
    main()
