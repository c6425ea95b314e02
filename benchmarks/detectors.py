"""Detectors on every labelled set of pictures at hand.

    python benchmarks/detectors.py SHARED [DETECTOR ...]    (SHARED: the folder that holds data/ and models/)

AP50, AP, recall at precision 0.9, recall and precision at the card's score of people at least a fifth of the picture
high, and the share of pictures of nobody that show a person, as `retrail evaluate detection` has them. Kept out: every
third of MOT17's sequences, of coco_person's and of empty_scenes' pictures, on which the built-in detector was never
trained (one_by_one and intel_stills are wholly kept out).

one_by_one has no boxes of its own: its truth says who is in the picture when, one person at a time, and yolox_nano says
where. A frame in which somebody is and yolox_nano sees nobody is left out. Below the table stands the recall of each
detector there at the precision that person-detection-retail-0013 has at its card's score.
"""

from __future__ import annotations

import csv
import json
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import av
import numpy as np
from PIL import Image

from retrail.core.errors import DataError, ModelError, RetrailError
from retrail.evaluate.detection import Pictured, detection_score
from retrail.evaluate.judge import pictured
from retrail.perceive.detect import Detector
from retrail.runtime import open_network
from retrail.video.picture import as_frame
from retrail.zoo import find_card, locate

DETECTORS = ("retrail-person-s", "person-detection-retail-0013", "yolox_nano")
CLIP, EVERY, EDGE_S = "one_by_one", 5, 0.5
"""Every so many-th frame; so near to somebody's coming or going nobody can say whether he is in the picture."""
TEACHER, RIVAL = "yolox_nano", "person-detection-retail-0013"
SETS = (CLIP, "mot17_mini", "coco_person", "coco128_person", "intel_stills", "empty_scenes")
NOBODY = frozenset({"empty_scenes"})
PARTS = frozenset({"mot17_mini", "coco_person", "empty_scenes"})
HEADER = "file,x1_px,y1_px,x2_px,y2_px,is_crowd"
PERSON, LIKE_PEOPLE = 1, frozenset({2, 6, 7, 8, 12})
"""MOT17's classes: on a vehicle, static, mannequins and reflections are neither people nor false alarms."""


def main(arguments: Sequence[str]) -> int:
    shared, *chosen = arguments or [""]
    if not shared:
        print("usage: detectors.py SHARED [DETECTOR ...]", file=sys.stderr)
        return 2
    print("| set | detector | people | AP50 | AP | recall at P 0.9 | recall | precision | false pictures |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    clip: dict[str, list[Pictured]] = {}
    for name in SETS:
        for detector in chosen or DETECTORS:
            try:
                files = locate(find_card(detector), Path(shared) / "models")
            except ModelError as error:
                print(f"{detector} is left out: {error.what}", file=sys.stderr)
                continue
            network = open_network(files)
            with tempfile.TemporaryDirectory() as folder:
                if name == CLIP:
                    images, boxes = clip_frames(Path(shared), Path(folder))
                else:
                    images, boxes = labelled(Path(shared) / "data" / name, Path(folder) / "boxes.csv")
                pictures = pictured(network, images, boxes)
            network.close()
            if name == CLIP:
                clip[detector] = list(pictures.values())
            for part, some in parts(name, pictures):
                print(row(part, detector, some, network.card.default_score or 0.5), flush=True)
    for line in beside_rival(clip, Path(shared)):
        print(line)
    return 0


def clip_frames(shared: Path, folder: Path) -> tuple[Path, Path]:
    """Frames of the clip and the boxes that the teacher sees in them where the truth has somebody."""
    truth = json.loads((shared / "video/truth.json").read_text("utf-8"))["clips"][f"{CLIP}.mp4"]["truth"]
    spans = [(person["first_seen_s"], person["last_seen_s"]) for person in truth["people"]]
    teacher = Detector(open_network(locate(find_card(TEACHER), shared / "models")))
    frames = folder / "frames"
    frames.mkdir()
    with av.open(str(shared / "video" / f"{CLIP}.mp4")) as source, (folder / "boxes.csv").open("w") as table:
        rows = csv.writer(table)
        rows.writerow(HEADER.split(","))
        for index, frame in enumerate(source.decode(video=0)):
            time_s = float(frame.time or 0.0)
            if index % EVERY or any(abs(time_s - edge_s) < EDGE_S for span in spans for edge_s in span):
                continue
            image = frame.to_ndarray(format="bgr24")
            name = f"{index:05d}.png"
            if any(first_s <= time_s <= last_s for first_s, last_s in spans):
                found = max(teacher.detect(as_frame(image, name)), key=lambda each: each.score, default=None)
                if found is None:
                    continue
                rows.writerow([name, *found.box, 0])
            Image.fromarray(np.ascontiguousarray(image[..., ::-1])).save(frames / name)
    return frames, folder / "boxes.csv"


def beside_rival(clip: Mapping[str, Sequence[Pictured]], shared: Path) -> Iterator[str]:
    """Recall on the clip at the precision that the rival has at its card's score."""
    if RIVAL not in clip:
        return
    card = locate(find_card(RIVAL), shared / "models").card
    theirs = detection_score(clip[RIVAL], score=card.default_score or 0.5)
    if theirs.precision is None or not theirs.recall:
        return
    yield f"\n{CLIP}, recall at a precision of {theirs.precision:.3f}, that of {RIVAL}:"
    for detector, pictures in clip.items():
        scores = [detection_score(pictures, score=score / 100) for score in range(6, 100, 2)]
        recalls = [each.recall or 0.0 for each in scores if (each.precision or 0.0) >= theirs.precision]
        if recalls:
            yield f"{detector}: {max(recalls):.3f}, {max(recalls) / theirs.recall:.2f} of its"
        else:
            yield f"{detector}: at no score does it reach that precision"


def labelled(folder: Path, table: Path) -> tuple[Path, Path]:
    """Pictures and boxes of a set; ``table`` is written where they are of another kind, or where there is nobody.

    Raises:
        DataError: the set has no boxes, and is none of those that show nobody.
    """
    if folder.name == "mot17_mini":
        table.write_text("\n".join([HEADER, *mot_rows(folder)]) + "\n", encoding="utf-8")
        return folder, table
    if folder.name in NOBODY:
        table.write_text(f"{HEADER}\n", encoding="utf-8")
        return folder / "images.zip", table
    if not (folder / "boxes.csv").is_file():
        raise DataError("A set of pictures has no boxes", where=str(folder), allowed="boxes.csv beside images.zip")
    return folder / "images.zip", folder / "boxes.csv"


def mot_rows(folder: Path) -> Iterator[str]:
    for labels in sorted(folder.glob("MOT17-*/gt/gt.txt")):
        sequence = labels.parents[1].name
        for line in labels.read_text(encoding="utf-8").split():
            frame, _, left, top, wide, high, active, kind, _ = line.split(",")
            counts = active == "1" and int(kind) == PERSON
            if not counts and int(kind) not in LIKE_PEOPLE:
                continue
            x1, y1 = float(left) - 1, float(top) - 1
            file = f"{sequence}/img1/{int(frame):06d}.jpg"
            yield f"{file},{x1},{y1},{x1 + float(wide)},{y1 + float(high)},{int(not counts)}"


def parts(name: str, pictures: Mapping[str, Pictured]) -> Iterator[tuple[str, list[Pictured]]]:
    """The whole set, what is kept out of it, and kinds of empty scenes."""
    yield name, list(pictures.values())
    if name in PARTS:
        names = sorted({file.split("/")[0] for file in pictures})
        out = set(names[2::3])
        yield f"{name}, kept out", [one for file, one in pictures.items() if file.split("/")[0] in out]
    if name == "empty_scenes":
        rooms = [one for file, one in pictures.items() if file.split("/")[-1].startswith("coco_")]
        yield f"{name}, COCO's rooms", rooms


def row(part: str, detector: str, pictures: Sequence[Pictured], score: float) -> str:
    found = detection_score(pictures, score=score)
    values = (found.ap50, found.ap, found.recall_at_precision_90, found.recall, found.precision)
    shares = [*("–" if value is None or not found.people else f"{value:.2f}" for value in values)]
    empty = "–" if found.false_pictures is None else f"{found.false_pictures:.1%} of {found.empty_pictures}"
    return f"| {part} | {detector} | {found.people} | {' | '.join(shares)} | {empty} |"


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except RetrailError as problem:
        sys.exit(str(problem))
