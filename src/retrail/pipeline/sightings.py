"""From tracklets to what the log keeps of them."""

from __future__ import annotations

from collections.abc import Sequence

from retrail.core.types import Sighting, Tracklet
from retrail.perceive.embed import Embedder, mean_look
from retrail.perceive.split import parted


def sightings_of(tracklets: Sequence[Tracklet], embedder: Embedder) -> list[Sighting]:
    """Tracklets embedded; one that shows two people becomes two sightings.

    Raises:
        ModelError: the encoder failed.
    """
    looks_of = embedder.looks([tracklet.shots for tracklet in tracklets])
    found: list[Sighting] = []
    for whole, looks_of_whole in zip(tracklets, looks_of, strict=True):
        for tracklet, looks in parted(whole, looks_of_whole):
            embedding, quality = mean_look(tracklet.shots, looks)
            found.append(
                Sighting(
                    id=tracklet.id,
                    camera=tracklet.camera,
                    start_s=tracklet.start_s,
                    end_s=tracklet.end_s,
                    path=tracklet.path,
                    embedding=embedding,
                    quality=quality,
                    model=embedder.model,
                    continues=tracklet.continues,
                    presence=tracklet.presence,
                )
            )
    return found
