"""From tracklets to what the log keeps of them."""

from __future__ import annotations

from collections.abc import Sequence

from retrail.core.types import Sighting, Tracklet
from retrail.perceive.embed import Embedder, mean_look
from retrail.perceive.split import Shown, parted, shown

_REMEMBERED_S = 120.0  # the piece that continues a tracklet closes at most 20 s and the time it may be unseen later


class SightingMaker:
    """Embeds tracklets; one that shows two people becomes two sightings.

    It remembers what tracklets showed until the pieces that continue them have come.

    Args:
        embedder: with its network.
        cut: cosine that decides in the site's mode.
    """

    def __init__(self, embedder: Embedder, cut: float) -> None:
        self._embedder = embedder
        self._cut = cut
        self._shown: dict[str, dict[str, Shown]] = {}  # by camera and tracklet

    def of(self, tracklets: Sequence[Tracklet]) -> list[Sighting]:
        """The sightings of some tracklets, which come after those that they continue.

        Raises:
            ModelError: the encoder failed.
        """
        looks_of = self._embedder.looks([tracklet.shots for tracklet in tracklets])
        found: list[Sighting] = []
        for whole, looks_of_whole in zip(tracklets, looks_of, strict=True):
            on_camera = self._shown.setdefault(whole.camera, {})
            before = on_camera.pop(whole.continues or "", None)
            for tracklet, looks in parted(whole, looks_of_whole, self._cut, before):
                embedding, quality = mean_look(tracklet.shots, looks)
                on_camera[tracklet.id] = shown(tracklet, looks)
                found.append(
                    Sighting(
                        id=tracklet.id,
                        camera=tracklet.camera,
                        start_s=tracklet.start_s,
                        end_s=tracklet.end_s,
                        path=tracklet.path,
                        embedding=embedding,
                        quality=quality,
                        model=self._embedder.model,
                        continues=tracklet.continues,
                        presence=tracklet.presence,
                    )
                )
            newest_s = max(each.times_s[-1] for each in on_camera.values())
            for name in [name for name, each in on_camera.items() if each.times_s[-1] < newest_s - _REMEMBERED_S]:
                del on_camera[name]
        return found
