"""Do detectors and encoders that never saw simulated people take them for people?

    python benchmarks/realism.py SHARED [--scenario NAME] [--seeds 201 202 203] [--crops FOLDER]

(SHARED: the folder that holds data/ and models/.) People of a scenario, a picture a second from every camera.
Detection: AP50 of person-detection-retail-0013 on those whom nothing hides. Looks: cosines of single crops across
cameras, flips averaged, of the same and of different people, beside Market-1501's test people: means, the two-sample
Kolmogorov-Smirnov distance, and rank-1. Seeds 1 to 199 were used for tuning; the default ones were not.
"""

from __future__ import annotations

import argparse
import csv
import zipfile
from collections import defaultdict
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from scipy.stats import ks_2samp

from retrail.core.geometry import box_iou
from retrail.core.types import Frame, Planes
from retrail.evaluate.detection import Pictured, detection_score
from retrail.perceive.detect import Detector
from retrail.perceive.embed import Embedder
from retrail.runtime import open_network
from retrail.simulate.render.film import Stage
from retrail.simulate.scenario import load_scenario
from retrail.simulate.schedule import frame_times
from retrail.simulate.world import play
from retrail.video.picture import read_picture
from retrail.video.planes import crop_bgr
from retrail.zoo import find_card, locate

DETECTOR = "person-detection-retail-0013"
ENCODERS = ("person-reidentification-retail-0287", "person-reidentification-retail-0277")
CROPS_PER_CAMERA, REAL_PEOPLE, EVERY_S = 2, 150, 1.0
UNHIDDEN = 0.95

Crops = list[tuple[int, int, NDArray[np.uint8]]]
"""(person, camera, crop (h, w, 3) BGR)."""


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("shared", type=Path)
    options.add_argument("--scenario", default="corner-shop")
    options.add_argument("--seeds", type=int, nargs="+", default=[201, 202, 203])
    options.add_argument("--crops", type=Path)
    chosen = options.parse_args()
    models = chosen.shared / "models"
    detector = Detector(open_network(locate(find_card(DETECTOR), models)), min_score=0.01)
    crops, pictures = simulated(chosen.scenario, chosen.seeds, detector)
    score = detection_score(pictures, score=0.5)
    print(
        f"{DETECTOR}: AP50 {score.ap50:.3f}, recall {score.recall:.3f} and precision {score.precision:.3f} at 0.5;"
        f" {score.people} people in {score.pictures} pictures"
    )
    if chosen.crops:
        save(crops, chosen.crops)
    real = market(chosen.shared)
    for name in ENCODERS:
        network = open_network(locate(find_card(name), models), batch=8)
        embedder = Embedder(network)
        same, different, rank1 = cosines(crops, embedder)
        real_same, real_different, real_rank1 = cosines(real, embedder)
        network.close()
        print(f"{name}: {len(crops)} simulated crops, {len(real)} real ones")
        for kind, one, two in (("same", same, real_same), ("different", different, real_different)):
            distance = float(cast(Any, ks_2samp)(one, two).statistic)
            print(
                f"  {kind:9}  simulated {one.mean():.2f} +- {one.std():.2f}"
                f"   Market-1501 {two.mean():.2f} +- {two.std():.2f}   KS {distance:.2f}"
            )
        print(f"  rank-1     simulated {100 * rank1:.1f} %   Market-1501 {100 * real_rank1:.1f} %")


def simulated(name: str, seeds: list[int], detector: Detector) -> tuple[Crops, list[Pictured]]:
    """Crops of people of whom most is seen, spread over time, and every picture with what was detected."""
    scenario = load_scenario(name)
    pictures: list[Pictured] = []
    crops: Crops = []
    for seed in seeds:
        world = play(scenario, seed=seed)
        for place, camera in enumerate(scenario.spec.cameras):
            stage = Stage(world, camera)
            step = max(1, round(EVERY_S * scenario.spec.cameras[camera].rate_hz))
            own: dict[int, list[NDArray[np.uint8]]] = defaultdict(list)
            for index, time_s in list(frame_times(world, camera))[::step]:
                picture = stage.picture(index, time_s)
                high, wide = picture.bgr.shape[:2]
                frame = Frame(camera, index, time_s, Planes("bgr24", (picture.bgr,)), wide, high)
                found = detector.detect(frame)
                boxes = np.array([one.box for one in found], np.float32).reshape(-1, 4)
                scores = np.array([one.score for one in found], np.float32)
                pictures.append(Pictured(high, picture.boxes, picture.visibility < UNHIDDEN, boxes, scores))
                sure = boxes[scores >= 0.5]
                overlap = box_iou(picture.boxes, sure)
                for row, (person, seen) in enumerate(zip(picture.people, picture.visibility, strict=True)):
                    if seen >= 0.75 and len(sure) and overlap[row].max() >= 0.5:
                        found_at = sure[int(overlap[row].argmax())]  # as a run crops: off by what the detector is off
                        own[int(person)].append(crop_bgr(frame, tuple(found_at.tolist()), 128, 256))
            for person, seen in own.items():
                few = np.linspace(0, len(seen) - 1, CROPS_PER_CAMERA + 2).round().astype(int)[1:-1]
                crops += [(1000 * seed + person, place, seen[index]) for index in sorted(set(few.tolist()))]
    return crops, pictures


def market(shared: Path) -> Crops:
    """Crops of test people of Market-1501, as many a camera."""
    folder = shared / "data/market1501"
    with open(folder / "labels.csv", encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["split"] == "gallery" and int(row["person_id"]) > 0]
    by_person: dict[int, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        by_person[int(row["person_id"])][int(row["camera_id"])].append(row["file"])
    rng = np.random.default_rng(0)
    people = rng.permutation(sorted(by_person))[:REAL_PEOPLE].tolist()
    crops: Crops = []
    with zipfile.ZipFile(folder / "gallery.zip") as archive:
        names = {Path(name).name: name for name in archive.namelist()}
        for person in people:
            for camera, files in by_person[person].items():
                for file in rng.permutation(sorted(files))[:CROPS_PER_CAMERA].tolist():
                    image = read_picture(archive.read(names[file]), file)
                    crops.append((person, camera, image))
    return crops


def cosines(crops: Crops, embedder: Embedder) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Cosines of the same and of different people across cameras, and rank-1 of every crop against other cameras."""
    vectors = vectors_of(crops, embedder)
    person, camera = np.array([crop[0] for crop in crops]), np.array([crop[1] for crop in crops])
    alike = vectors @ vectors.T
    across, own = camera[:, None] != camera[None], person[:, None] == person[None]
    upper = np.triu(np.ones_like(across), 1)
    best = np.where(across | ~own, alike, -2.0)
    np.fill_diagonal(best, -2.0)
    best = np.where(own & ~across, -2.0, best)
    asked = (own & across).any(axis=1)
    right = own[np.arange(len(crops)), best.argmax(axis=1)][asked]
    return alike[upper & across & own], alike[upper & across & ~own], float(right.mean())


def vectors_of(crops: Crops, embedder: Embedder) -> NDArray[np.float64]:
    """(n, d) unit vectors of crops."""
    size = embedder.width_px, embedder.height_px
    images = [crop_bgr(_frame(image), (0, 0, image.shape[1], image.shape[0]), *size) for _, _, image in crops]
    vectors = np.concatenate([embedder.vectors(images[start : start + 256]) for start in range(0, len(images), 256)])
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def _frame(image: NDArray[np.uint8]) -> Frame:
    return Frame("crop", 0, 0.0, Planes("bgr24", (image,)), image.shape[1], image.shape[0])


def save(crops: Crops, folder: Path) -> None:
    """Contact sheet of the crops, a row a person."""
    from PIL import Image

    folder.mkdir(parents=True, exist_ok=True)
    people = sorted({crop[0] for crop in crops})[:16]
    sheet = Image.new("RGB", (10 * 100, len(people) * 100))
    for row, person in enumerate(people):
        for column, crop in enumerate([crop for crop in crops if crop[0] == person][:10]):
            image = Image.fromarray(np.ascontiguousarray(crop[2][..., ::-1])).resize((50, 100))
            sheet.paste(image, (column * 100, row * 100))
    sheet.save(folder / "crops.png")


if __name__ == "__main__":
    main()
