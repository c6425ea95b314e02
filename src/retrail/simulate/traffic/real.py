"""Real people in a simulated shop, and real people at their real times."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrail.core.time import format_time, parse_time
from retrail.perceive.embed import Embedder
from retrail.runtime import open_network
from retrail.simulate.earlier import SIGHTINGS, TRUTH, clear_earlier
from retrail.simulate.happenings import Span, joined
from retrail.simulate.labelled import vectors_of
from retrail.simulate.rows import write_text
from retrail.simulate.scenario import Scenario
from retrail.simulate.site_file import site_text
from retrail.simulate.traffic.appearance import RealLooks
from retrail.simulate.traffic.crops import RealCrop, by_person, read_crop_table
from retrail.simulate.traffic.seen import SeenBoxes, Watcher
from retrail.simulate.traffic.table import POINTS, Portion, SightingsFile
from retrail.simulate.traffic.writing import WrittenSightings, cuts
from retrail.simulate.truth import Truth, TruthPerson, TruthVisit, write_truth
from retrail.site import Definitions
from retrail.video.album import Beside
from retrail.zoo import find_card, locate

_BATCH = 8
_SIZE = (640, 360)
_BOX_SIZE = (80.0, 210.0)
# Steps, in shares of the picture, that keep any number of people apart: one over the golden and the plastic ratio.
_APART = (0.6180339887, 0.7548776662)


@dataclass(frozen=True, slots=True, eq=False)
class EmbeddedCrops:
    """Labelled crops and what an encoder makes of them: (n, d) unit vectors, row by row."""

    crops: tuple[RealCrop, ...]
    vectors: NDArray[np.float32]
    encoder: str

    def appearance(self, seed: int) -> RealLooks:
        """These people as the people of a simulation."""
        return RealLooks(seed, self.encoder, by_person(self.crops, self.vectors))


def real_looks(table: Path, encoder: str, models_dir: Path | None = None) -> EmbeddedCrops:
    """Read and embed labelled crops.

    Raises:
        DataError: the table or a picture of it cannot be read. ModelError: no such encoder.
    """
    with Beside(table.parent) as pictures:
        crops = read_crop_table(table, pictures)
        files = locate(find_card(encoder, "person-reidentification", models_dir), models_dir)
        network = open_network(files, batch=_BATCH)
        try:
            vectors = vectors_of(Embedder(network), [one.crop.place for one in crops])
        finally:
            network.close()
    return EmbeddedCrops(crops, (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32), encoder)


def write_real_timing(scenario: Scenario, out: Path, looks: EmbeddedCrops) -> WrittenSightings:
    """Sightings of real people at their real times: crops of a person on a camera with the same times are one stay.

    The scenario gives the date alone; cameras are those of the table.

    Raises:
        DataError: the folder cannot be written.
    """
    start_s = parse_time(scenario.spec.start)
    portion = _portion(looks, start_s)
    path = out / SIGHTINGS
    cameras = {name: Watcher(*_SIZE, start_s) for name in sorted(set(portion.camera))}
    seen = SeenBoxes(cameras, every_sighting=True)
    with SightingsFile(path, looks.encoder, looks.vectors.shape[1]) as file:
        file.write(portion)
        seen.add(portion)
    clear_earlier(out, [path])
    truth = _truth(portion, seen)
    write_truth(truth, out / TRUTH)
    site = out / "site.yaml"
    keys_of_site: dict[str, object] = {
        "site": scenario.name,
        "start": format_time(start_s),
        "models": {"encoder": looks.encoder},
        "cameras": {name: {"source": f"video/{name}.mp4"} for name in sorted(set(portion.camera))},
    }
    write_text(site, site_text(scenario, keys_of_site))
    return WrittenSightings(site, path, out / TRUTH, truth, len(portion.person))


def _portion(looks: EmbeddedCrops, start_s: float) -> Portion:
    """The sightings of real people; ``start_s``: seconds UTC of the table's second 0."""
    rows: dict[tuple[str, str, float, float], list[int]] = {}
    for index, one in enumerate(looks.crops):
        key = one.crop.person, one.crop.camera, one.start_s or 0.0, one.end_s or 0.0
        rows.setdefault(key, []).append(index)
    keys = sorted(rows, key=lambda key: (key[0], key[2], key[1], key[3]))
    number = {person: place for place, person in enumerate(sorted({key[0] for key in keys}), 1)}
    pieces = [
        (place, piece > 0, begin_s, end_s)
        for place, (_, _, *span) in enumerate(keys)
        for piece, (begin_s, end_s) in enumerate(pairwise(cuts(*span)))
    ]
    of, continues, begin, end = (np.array(column) for column in zip(*pieces, strict=True))
    vectors = np.stack([looks.vectors[rows[key]].mean(axis=0) for key in keys])[of]
    person = np.array([number[key[0]] for key in keys], np.int64)[of]
    boxes = _places(person)
    return Portion(
        person=person,
        continues=continues,
        camera=[keys[place][1] for place in of.tolist()],
        start_s=start_s + begin,
        end_s=start_s + end,
        boxes=boxes,
        feet=np.stack([0.5 * boxes[..., 0] + 0.5 * boxes[..., 2], boxes[..., 3]], axis=-1).astype(np.float32),
        size=np.broadcast_to(np.array(_SIZE, np.int32), (len(of), 2)),
        vectors=(vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32),
        quality=np.ones(len(of), np.float32),
    )


def _places(person: NDArray[np.int64]) -> NDArray[np.float32]:
    """(n, POINTS, 4) boxes: real timing says when, not where, so everybody stands still in a place of his own."""
    room = np.array(_SIZE, np.float64) - _BOX_SIZE
    low = person[:, None] * np.array(_APART) % 1.0 * room
    boxes = np.concatenate([low, low + _BOX_SIZE], axis=1).astype(np.float32)
    return np.repeat(boxes[:, None], POINTS, axis=1)


def _truth(portion: Portion, boxes: SeenBoxes) -> Truth:
    gap_s = Definitions().visit_gap_s
    spans: dict[tuple[int, str], list[Span]] = {}
    for who, camera, begin, end in zip(
        portion.person.tolist(), portion.camera, portion.start_s.tolist(), portion.end_s.tolist(), strict=True
    ):
        spans.setdefault((who, camera), []).append((begin, end))
    visits = [
        TruthVisit(who, camera, camera, *span)
        for (who, camera), own in sorted(spans.items())
        for span in joined(own, gap_s)
    ]
    cameras = {camera.name: camera for camera in boxes.cameras()}
    people = tuple(TruthPerson(number) for number in sorted({who for who, _ in spans}))
    return Truth(cameras=cameras, people=people, visits=tuple(visits))
