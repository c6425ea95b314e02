"""Run a network on labelled pictures and judge what it says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrail.core.errors import ModelError
from retrail.evaluate.detection import DetectionScore, Pictured, detection_score
from retrail.evaluate.people import LabelledCrops
from retrail.evaluate.pictures import no_boxes, read_boxes
from retrail.evaluate.retrieval import Looks, RetrievalScore, retrieval_score
from retrail.perceive.detect import Detector
from retrail.perceive.embed import Embedder
from retrail.runtime import Network
from retrail.simulate.labelled import Crop, Told, vectors_of
from retrail.video.album import open_album
from retrail.video.picture import as_frame

_LEAST_SCORE = 0.01


def judge_encoder(
    network: Network,
    crops: LabelledCrops,
    *,
    centre: bool = False,
    pooled: bool = False,
    told: Told | None = None,
) -> RetrievalScore:
    """Embed as a run does (each crop and its mirror image, averaged) and judge by the Market-1501 protocol.

    Args:
        network: an encoder.
        crops: read by ``read_crops``.
        centre, pooled: as for ``retrieval_score``.
        told: called now and then.

    Raises:
        DataError: a picture cannot be read, or no query has a match.
        ModelError: the network is no encoder, or failed.
    """
    query, gallery = looks_of(network, crops, told)
    return retrieval_score(query, gallery, centre=centre, pooled=pooled)


def looks_of(network: Network, crops: LabelledCrops, told: Told | None = None) -> tuple[Looks, Looks]:
    """Queries and gallery as an encoder sees them, to be judged in more than one way."""
    embedder = Embedder(network)
    everything = crops.query + crops.gallery
    vectors = vectors_of(embedder, [crop.place for crop in everything], told)
    count = len(crops.query)
    return _looks(crops, crops.query, vectors[:count]), _looks(crops, crops.gallery, vectors[count:])


def judge_detector(
    network: Network,
    images: Path,
    boxes: Path,
    *,
    min_height: float = 0.2,
    told: Told | None = None,
) -> DetectionScore:
    """Detect in all pictures of a folder or zip file and judge by the labelled boxes.

    Args:
        network: a detector, of any head.
        images, boxes, told: as for ``pictured``.
        min_height: people lower than this share of the picture's height are not judged.

    Raises:
        DataError: a picture or the CSV cannot be read.
        ModelError: the network is no detector, has no default score, or failed.
    """
    score = network.card.default_score
    if score is None:
        raise ModelError("The card names no default score", where=network.card.name)
    found = pictured(network, images, boxes, told=told)
    return detection_score(tuple(found.values()), score=score, min_height=min_height)


def pictured(network: Network, images: Path, boxes: Path, *, told: Told | None = None) -> dict[str, Pictured]:
    """Detect in all pictures of a folder or zip file, by name: what was found beside what is labelled.

    Args:
        network: a detector, of any head.
        images: folder or zip file; a picture without a box in ``boxes`` shows nobody.
        boxes: CSV: file, x1_px, y1_px, x2_px, y2_px[, is_crowd].
        told: called now and then.

    Raises:
        DataError: a picture or the CSV cannot be read.
        ModelError: the network is no detector, or failed.
    """
    album = open_album(images)
    labelled = read_boxes(boxes, album)
    detector = Detector(network, min_score=_LEAST_SCORE)
    pictures: dict[str, Pictured] = {}
    for name, place in album.places.items():
        image = place.read()
        found = detector.detect(as_frame(image, name))
        truth = labelled.get(name) or no_boxes()
        xyxy = np.array([one.box for one in found], np.float32).reshape(-1, 4)
        scores = np.array([one.score for one in found], np.float32)
        pictures[name] = Pictured(image.shape[0], truth.xyxy, truth.crowd, xyxy, scores)
        if told is not None:
            told(len(pictures), len(album.places))
    return pictures


def _looks(crops: LabelledCrops, part: tuple[Crop, ...], vectors: NDArray[np.float64]) -> Looks:
    person, camera = crops.labels(part)
    return Looks(vectors, person, camera)
