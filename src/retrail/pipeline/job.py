"""One run over cameras that are open: frames in, tracked, embedded, logged, decided."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from retrail.core.errors import RetrailError
from retrail.core.types import CameraEvent, Detection, Frame, LedgerEntry, Match, Tracklet
from retrail.perceive.camera import CameraEye
from retrail.perceive.furniture import FurnitureMemory, FurniturePlace
from retrail.perceive.shots import ShotKeeper
from retrail.perceive.track import OpenTrack, Tracker
from retrail.pipeline.decide import Decider
from retrail.pipeline.flight import Flight, Flown
from retrail.pipeline.guess import Guesser
from retrail.pipeline.housekeeping import Housekeeping
from retrail.pipeline.intake import Ended, Intake, Prepare
from retrail.pipeline.lane import Lane
from retrail.pipeline.look import make_prepare
from retrail.pipeline.models import Models
from retrail.pipeline.sightings import SightingMaker
from retrail.pipeline.status import StatusBoard
from retrail.site import Site
from retrail.store import Store
from retrail.video import Source

RECORDED_HZ = 10.0
LIVE_HZ = 5.0


@dataclass(frozen=True, slots=True, eq=False)
class Watched:
    """What the main job made of one frame: all of it belongs to this very frame.

    Attributes:
        frame: its pixels are borrowed: copy what you keep.
        tracks: who is followed.
        guesses: by track key, who they probably are: for display only.
        detections: what the detector saw, also what is not followed (yet); () for a still frame.
    """

    frame: Frame
    tracks: tuple[OpenTrack, ...]
    guesses: Mapping[int, Match]
    detections: tuple[Detection, ...]


Watch = Callable[[Watched], None]
"""Sees each frame as it has been tracked."""


class Job:
    """Everything between open cameras and decided sightings.

    Attributes:
        shots: how many pictures of people were embedded (each twice: as it is and mirrored).

    Args:
        site: whose cameras they are.
        sources: by camera; closed at the end.
        models, store, decider: ready.
        gated: whether frames in which nothing moved are left undetected.
        watch: sees every tracked frame as it passes, or None.
        board: is told how each camera is doing.
        events: what happened to cameras, for the store.
        fail: is told of a camera that failed, and why.
        stop: ends the run when set.
    """

    def __init__(
        self,
        site: Site,
        sources: Mapping[str, Source],
        models: Models,
        store: Store,
        decider: Decider,
        *,
        gated: bool,
        watch: Watch | None,
        board: StatusBoard,
        events: list[CameraEvent],
        fail: Callable[[str, Exception], None],
        stop: threading.Event,
    ) -> None:
        self._site, self._sources, self._store, self._decider = site, sources, store, decider
        self._detector = models.detector
        self._gated = gated
        self._watch = watch
        self._board = board
        self._events = events
        self._fail = fail
        self._stop = stop
        self.shots = 0
        self._memories = {
            name: FurnitureMemory(map(FurniturePlace.from_record, store.furniture(name))) for name in sources
        }
        self._eyes = {name: _eye(name, memory, models) for name, memory in self._memories.items()}
        self._guesses = {name: Guesser(eye, models.embedder, decider) for name, eye in self._eyes.items()}
        self._maker = SightingMaker(models.embedder, models.cut)

    def run(self) -> Iterator[Match]:
        """To the end of every camera, or until stopped: each decision as it falls, and again once it is final.

        Raises:
            ModelError, StoreError: a model or the database failed. What was logged is kept.
        """
        sources = self._sources
        ended = threading.Event()
        intake = Intake(sources, {name: self._prepare(source) for name, source in sources.items()}, ended)
        flight = Flight(intake, self._detector)
        recorded = Lane([name for name, source in sources.items() if not source.live], intake.silent)
        live = Lane([name for name, source in sources.items() if source.live], intake.silent)
        house = Housekeeping(self._store, self._site, sources, self._memories, self._board, self._events)
        try:
            for item in flight:
                camera = item.camera if isinstance(item, Ended) else item[0].frame.camera
                lane = live if sources[camera].live else recorded
                self._track(item, camera, lane)
                groups = lane.complete()
                if self._stop.is_set():
                    break
                for tracklets in groups:
                    yield from self._decide(tracklets)
                house.keep()
        finally:
            ended.set()
            flight.stop()
            for source in sources.values():
                source.close()
            intake.join()
        yield from self._close(recorded, live)
        house.keep(last=True)

    def _prepare(self, source: Source) -> Prepare:
        hz = self._site.cameras[source.camera].detect_hz or (LIVE_HZ if source.live else RECORDED_HZ)
        return make_prepare(self._detector, hz, gated=self._gated)

    def _track(self, item: Flown, camera: str, lane: Lane) -> None:
        """Let one camera's eye see one frame, or close it where the camera has ended."""
        eye = self._eyes[camera]
        if isinstance(item, Ended):
            if item.error is not None:
                if not isinstance(item.error, RetrailError):
                    raise item.error
                self._fail(camera, item.error)
            elif not self._stop.is_set():
                self._board.ended(camera, None)
            if not self._stop.is_set():
                seen_s = self._board.cameras()[camera].last_s
                lane.add(eye.finish().closed, seen_s or 0.0)
            return
        look, detections = item
        frame = look.frame
        if detections is None:
            seen = eye.still(frame.time_s)
        else:
            boxes = [detection.box for detection in detections]
            seen = eye.observe(frame, detections, look.motion.inside(boxes, frame.width_px, frame.height_px))
        lane.add(seen.closed, frame.time_s)
        lane.advance(camera, frame.time_s)
        people_now = sum(track.presence != "furniture" for track in seen.open)
        self._board.looked(camera, frame.time_s, detected=detections is not None, people_now=people_now)
        if self._watch is not None:
            self._watch(Watched(frame, seen.open, self._guesses[camera](seen.open, frame.time_s), detections or ()))

    def _close(self, recorded: Lane, live: Lane) -> Iterator[Match]:
        """The input has ended, or somebody stopped it: close live cameras' tracklets, and consolidate."""
        if self._stop.is_set():
            for name, source in self._sources.items():
                if source.live:
                    live.add(self._eyes[name].finish().closed, self._board.cameras()[name].last_s or 0.0)
            left = live.rest()
        else:
            left = [*recorded.rest(), *live.rest()]
        for tracklets in left:
            yield from self._decide(tracklets)
        if not self._stop.is_set() or any(source.live for source in self._sources.values()):
            yield from _matches(self._decider.finish())

    def _decide(self, tracklets: Sequence[Tracklet]) -> Iterator[Match]:
        """Embed a window's tracklets, log them, decide who they are."""
        self.shots += sum(len(tracklet.shots) for tracklet in tracklets)
        return _matches(self._decider.add(self._maker.of(tracklets)))


def _matches(entries: Iterable[LedgerEntry]) -> Iterator[Match]:
    return (entry.match for entry in entries if entry.match is not None)


def _eye(camera: str, memory: FurnitureMemory, models: Models) -> CameraEye:
    return CameraEye(
        camera,
        lambda width_px, height_px: Tracker(camera, width_px, height_px, furniture=memory),
        lambda width_px, height_px: ShotKeeper(width_px, height_px, models.crop_width_px, models.crop_height_px),
    )
