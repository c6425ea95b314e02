"""Who is who among Market-1501's people, with their real times: pairwise F1 and the error of the count.

    python benchmarks/association.py SHARED [--encoder NAME] [--people test|train] [--first N] [--cuts 0.2,0.25,…]

(SHARED: the folder that holds data/ and models/.) Frames run at 25 a second, the sequences of a camera lie end to
end; a sighting ends where its person is gone for 10 s. A sighting's embedding is the mean of up to four crops, every
other one mirrored; embeddings are kept under out/association. Cuts are chosen on the train people and reported on the
test people. Baselines: average linkage of the cosines as they come from the encoder, with a fixed cut.
"""

from __future__ import annotations

import argparse
import csv
import io
import sys
import time
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path as File

import av
import numpy as np
from numpy.typing import NDArray

from retrail.associate import Matcher, MatcherSettings, fold
from retrail.associate.likeness import cosines, unit
from retrail.associate.linkage import average_linkage
from retrail.core.types import Path, Sighting
from retrail.runtime import open_network
from retrail.zoo import Card, find_card, locate

FRAMES_PER_S, GONE_S, CROPS, BATCH = 25.0, 10.0, 4, 8
GROUP_S = 60.0
FIXED_CUTS = (0.45, 0.50, 0.55, 0.65)
CACHE = File("out/association")


@dataclass(frozen=True, slots=True)
class Crop:
    """One picture of Market-1501."""

    person: int
    camera: int
    time_s: float
    split: str
    file: str


@dataclass(frozen=True, slots=True, eq=False)
class People:
    """Sightings in order of their end: (n,) arrays, and (n, d) embeddings of length 1."""

    person: NDArray[np.int64]
    camera: NDArray[np.int64]
    start_s: NDArray[np.float64]
    end_s: NDArray[np.float64]
    vectors: NDArray[np.float32]


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared", type=File)
    parser.add_argument("--encoder", default="person-reidentification-retail-0287")
    parser.add_argument("--people", choices=("test", "train"), default="test")
    parser.add_argument("--first", type=int, help="only so many people (the first by number)")
    parser.add_argument("--cuts", help="try these instead of the card's")
    options = parser.parse_args(arguments)
    card = find_card(options.encoder)
    people = load(options.shared, card, options.people, options.first)
    print(f"{card.name}, {options.people} people: {len(set(people.person))}, sightings: {len(people.person)}")
    alike = cosines(people.vectors, people.vectors)
    for cut in FIXED_CUTS:
        started = time.perf_counter()
        labels = average_linkage(alike.copy(), np.ones(len(alike)), cut)
        report(f"fixed cosine {cut:.2f}", labels, people.person, time.perf_counter() - started)
    chosen = {f"{float(c):.2f}": float(c) for c in options.cuts.split(",")} if options.cuts else dict(card.cuts or {})
    for name, cut in chosen.items():
        started = time.perf_counter()
        online, final = resolved(people, cut)
        report(f"retrail {name} {cut:.2f}, online", online, people.person, time.perf_counter() - started)
        report(f"retrail {name} {cut:.2f}", final, people.person, time.perf_counter() - started)
    return 0


def resolved(people: People, cut: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(n,) identities by the online assignment alone, and after the whole: online, every 10 minutes, and at the end."""
    groups = list(as_groups(people))
    names = [sighting.id for group in groups for sighting in group]
    found: list[NDArray[np.int64]] = []
    for every_s in (1e12, MatcherSettings().consolidate_every_s):
        matcher = Matcher(
            cut=cut, day=lambda _: date(2000, 1, 1), settings=MatcherSettings(consolidate_every_s=every_s)
        )
        entries = [entry for group in groups for entry in matcher.add(group)]
        if every_s < 1e12:
            entries += matcher.finish()
        who = fold(entries).identity_of
        found.append(np.array([who[name] for name in names], np.int64))
    return found[0], found[1]


def as_groups(people: People) -> Iterator[list[Sighting]]:
    """The sightings as a log commits them, a minute at a time."""
    box = np.array([[0, 0, 64, 128]], np.float32)  # whole crops: nothing is known of the place in the picture
    group: list[Sighting] = []
    minute = 0
    for row in range(len(people.person)):
        if group and people.end_s[row] // GROUP_S != minute:
            yield group
            group = []
        minute = people.end_s[row] // GROUP_S
        start_s, end_s = float(people.start_s[row]), float(people.end_s[row]) + 1 / FRAMES_PER_S
        path = Path(np.array([start_s, end_s]), np.repeat(box, 2, 0), np.zeros((2, 2), np.float32), 64, 128)
        camera = f"c{people.camera[row]}"
        vector = people.vectors[row]
        group.append(Sighting(str(row), camera, start_s, end_s, path, vector, 1.0, "encoder", None, "person"))
    yield group


def report(what: str, labels: NDArray[np.integer], person: NDArray[np.int64], seconds: float) -> None:
    precision, recall = pairs_right(labels, person)
    f1 = 2 * precision * recall / (precision + recall)
    count = len(np.unique(labels)) / len(np.unique(person)) - 1
    print(
        f"  {what:32} F1 {f1:.3f}  precision {precision:.3f}  recall {recall:.3f}  count {count:+4.0%}  {seconds:.0f} s"
    )


def pairs_right(labels: NDArray[np.integer], person: NDArray[np.int64]) -> tuple[float, float]:
    """Precision and recall over all pairs of sightings."""
    both = pair_count(np.stack([labels, person], axis=1))
    return both / pair_count(labels[:, None]), both / pair_count(person[:, None])


def pair_count(rows: NDArray[np.integer]) -> float:
    sizes = np.unique(rows, axis=0, return_counts=True)[1].astype(float)
    return float((sizes * (sizes - 1) / 2).sum())


# --- Market-1501 as sightings


def load(shared: File, card: Card, split: str, first: int | None) -> People:
    """The sightings of one half of the people, embedded (kept, for that takes minutes)."""
    kept = CACHE / f"{card.name}-{split}-{first or 'all'}.npz"
    if not kept.exists():
        runs = sightings_of(crops_of(shared), split, first)
        vectors = embedded(shared, card, runs)
        ends = np.array([run[-1].time_s for run in runs])
        order = np.argsort(ends, kind="stable")
        kept.parent.mkdir(parents=True, exist_ok=True)
        np.savez(
            kept,
            person=np.array([run[0].person for run in runs])[order],
            camera=np.array([run[0].camera for run in runs])[order],
            start_s=np.array([run[0].time_s for run in runs])[order],
            end_s=ends[order],
            vectors=vectors[order],
        )
    with np.load(kept) as data:
        return People(**{name: data[name] for name in data.files})


def crops_of(shared: File) -> list[Crop]:
    """All labelled crops, their times from the frame numbers with the sequences of a camera laid end to end."""
    with (shared / "data/market1501/labels.csv").open() as stream:
        rows = [row for row in csv.DictReader(stream) if int(row["person_id"]) > 0]
    lengths: dict[tuple[int, int], int] = {}
    for row in rows:
        place = int(row["camera_id"]), int(row["sequence"])
        lengths[place] = max(lengths.get(place, 0), int(row["frame"]))
    starts: dict[tuple[int, int], int] = {}
    for camera, sequence in sorted(lengths):
        starts[camera, sequence] = sum(n for (c, s), n in lengths.items() if c == camera and s < sequence)
    return [
        Crop(
            int(row["person_id"]),
            int(row["camera_id"]),
            (starts[int(row["camera_id"]), int(row["sequence"])] + int(row["frame"])) / FRAMES_PER_S,
            row["split"],
            row["file"],
        )
        for row in rows
    ]


def sightings_of(crops: list[Crop], split: str, first: int | None) -> list[list[Crop]]:
    """One list of crops a sighting, of the test or of the train people."""
    wanted = [crop for crop in crops if (crop.split == "train") == (split == "train")]
    people = set(sorted({crop.person for crop in wanted})[:first])
    runs: list[list[Crop]] = []
    for crop in sorted(wanted, key=lambda crop: (crop.person, crop.camera, crop.time_s)):
        last = runs[-1][-1] if runs else None
        same = last is not None and (last.person, last.camera) == (crop.person, crop.camera)
        if crop.person not in people:
            continue
        if same and last is not None and crop.time_s - last.time_s < GONE_S:
            runs[-1].append(crop)
        else:
            runs.append([crop])
    return runs


def embedded(shared: File, card: Card, runs: list[list[Crop]]) -> NDArray[np.float32]:
    """(n, d) embeddings of length 1."""
    network = open_network(locate(card, shared / "models"), batch=BATCH)
    chosen = [
        (row, run[at], place % 2 == 1)
        for row, run in enumerate(runs)
        for place, at in enumerate(np.unique(np.linspace(0, len(run) - 1, CROPS).astype(int)))
    ]
    archives = {name: zipfile.ZipFile(shared / f"data/market1501/{name}.zip") for name in ("train", "query", "gallery")}
    files = {File(name).name: (archive, name) for archive in archives.values() for name in archive.namelist()}
    sums: NDArray[np.float64] | None = None
    for start in range(0, len(chosen), BATCH):
        part = chosen[start : start + BATCH]
        images = [picture(*files[crop.file], network.width_px, network.height_px) for _, crop, _ in part]
        turned = [image[:, ::-1] if mirrored else image for image, (_, _, mirrored) in zip(images, part, strict=True)]
        vectors = unit(next(iter(network.infer(np.stack(turned)).values())))
        sums = np.zeros((len(runs), vectors.shape[1])) if sums is None else sums
        np.add.at(sums, [row for row, _, _ in part], vectors)
        if start % (BATCH * 500) == 0:
            print(f"  embedded {start} of {len(chosen)} crops", file=sys.stderr)
    network.close()
    if sums is None:
        raise ValueError("no crops")
    return unit(sums.astype(np.float32))


def picture(archive: zipfile.ZipFile, name: str, width_px: int, height_px: int) -> NDArray[np.uint8]:
    with av.open(io.BytesIO(archive.read(name))) as container:
        frame = next(container.decode(video=0))
    return frame.reformat(width_px, height_px, "bgr24").to_ndarray()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
