"""The networks that a site's file names, opened together."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from retrail.core.errors import ModelError
from retrail.perceive.detect import Detector
from retrail.perceive.embed import Embedder
from retrail.perceive.faces import FaceDetector
from retrail.runtime import open_network
from retrail.runtime.network import PrecisionWish
from retrail.site import Site
from retrail.zoo import AUTO, Card, Task, find_card, locate, require_licence, strongest

FACE_DETECTOR = "face_detection_yunet_2023mar"

EMBEDDING_BATCH = 8
"""The one padded batch size: another one would give slightly other embeddings."""


@dataclass(frozen=True, slots=True, eq=False)
class Models:
    """Detector and encoder, ready.

    Attributes:
        names: of detector and encoder.
        detector, embedder: with their networks.
        encoder: the encoder's card; its name is logged with every embedding.
        cut: cosine that decides in the site's mode.
        crop_width_px, crop_height_px: of the encoder's input.
    """

    names: tuple[str, str]
    detector: Detector
    embedder: Embedder
    encoder: Card
    cut: float
    crop_width_px: int
    crop_height_px: int


@contextmanager
def open_models(site: Site, models_dir: Path | None, precision: PrecisionWish = "auto") -> Generator[Models]:
    """Open what the site names; closed on leaving.

    Raises:
        ModelError: unknown, missing, corrupt, of another task, or refused by ``licences:``.
    """
    detector_card = card_of(site.detector, "person-detection", site, models_dir)
    encoder_card = card_of(site.encoder, "person-reidentification", site, models_dir)
    detector = open_network(locate(detector_card, models_dir), precision=precision)
    try:
        encoder = open_network(locate(encoder_card, models_dir), batch=EMBEDDING_BATCH, precision=precision)
        try:
            yield Models(
                (detector_card.name, encoder_card.name),
                Detector(detector),
                Embedder(encoder),
                encoder_card,
                cut_of(encoder_card, site.mode),
                encoder.width_px,
                encoder.height_px,
            )
        finally:
            encoder.close()
    finally:
        detector.close()


@contextmanager
def open_faces(models_dir: Path | None) -> Generator[FaceDetector | None]:
    """The face detector that finds the faces to blur; None where its file is not at hand: heads are then estimated from
    the boxes of people alone."""
    try:
        files = locate(find_card(FACE_DETECTOR), models_dir)
    except ModelError:
        yield None
        return
    network = open_network(files)
    try:
        yield FaceDetector(network)
    finally:
        network.close()


def card_of(name: str, task: Task, site: Site, models_dir: Path | None = None) -> Card:
    """The card of a model that the site names, if it does that task and its licence is allowed; ``auto``: the strongest
    on this machine.

    Raises:
        ModelError: unknown, of another task, or refused.
    """
    if name == AUTO:
        return strongest(task, models_dir, site.licences)
    card = find_card(name, models_dir=models_dir)
    if card.task != task:
        key = "models.detector" if task == "person-detection" else "models.encoder"
        raise ModelError(
            f"{name} is a model for {card.task}",
            where=f"{site.path}: {key}",
            allowed=f"a model for {task}",
            hint=f"retrail models list --task {task} names them",
        )
    require_licence(card, site.licences)
    return card


def cut_of(encoder: Card, mode: str | float) -> float:
    """The cosine that decides: the encoder's for the mode, or the number itself.

    Raises:
        ModelError: the card states no cut for the mode.
    """
    if not isinstance(mode, str):
        return mode
    cuts = encoder.cuts or {}
    if mode not in cuts:
        raise ModelError(
            f"The card of {encoder.name} has no cut for mode {mode}",
            found=", ".join(cuts) or "none at all",
            hint="give `mode:` a number in the site file, or take another encoder",
        )
    return cuts[mode]
