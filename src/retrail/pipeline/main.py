"""The main job: video in, sightings logged, identities decided, journeys out."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from retrail.associate import Resolution, fold
from retrail.core.errors import RetrailError, SourceError
from retrail.core.types import CameraEvent, Detection, Frame, Journey, LedgerEntry, Match, Sighting, Tracklet
from retrail.insight import journeys
from retrail.perceive.camera import CameraEye
from retrail.perceive.furniture import FurnitureMemory, FurniturePlace
from retrail.perceive.shots import ShotKeeper
from retrail.perceive.track import OpenTrack, Tracker
from retrail.pipeline.annotate import annotate
from retrail.pipeline.clips import AnnotatedClip, AnnotateSettings
from retrail.pipeline.decide import CaughtUp, Decider
from retrail.pipeline.flight import Flight, Flown
from retrail.pipeline.guess import Guesser
from retrail.pipeline.housekeeping import Housekeeping, keep_retention
from retrail.pipeline.intake import Ended, Intake, Prepare
from retrail.pipeline.lane import Lane
from retrail.pipeline.look import make_prepare
from retrail.pipeline.models import Models, open_faces, open_models
from retrail.pipeline.sightings import SightingMaker
from retrail.pipeline.status import CameraStatus, StatusBoard
from retrail.pipeline.summary import Summary, Took, summarise
from retrail.runtime.network import PrecisionWish
from retrail.site import Camera, Site
from retrail.store import Store, open_store
from retrail.video import Feed, PacketTape, Source, is_live, open_source

RECORDED_HZ = 10.0
LIVE_HZ = 5.0


@dataclass(frozen=True, slots=True)
class RunSettings:
    """How to run, apart from what the site file says.

    Attributes:
        models_dir: where model files are looked for first.
        precision: what the networks compute in.
        realtime: recorded files at the pace of their own clock.
        gated: False detects every due frame, also where nothing moved.
        annotate: where annotated video goes, or None.
    """

    models_dir: Path | None = None
    precision: PrecisionWish = "auto"
    realtime: bool = False
    gated: bool = True
    annotate: AnnotateSettings | None = None


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


class Pipeline:
    """One site, from its cameras to its journeys.

    Args:
        site: what ``Site.load`` returned.
        settings: how to run.
        watch: sees every tracked frame as it passes, for display.
        feeds: by camera, a function that gives its frames in the place of its source, see `retrail.video.Feed`.

    Raises:
        SiteError: a feed for a camera that the site does not have.
    """

    def __init__(
        self,
        site: Site,
        settings: RunSettings | None = None,
        watch: Watch | None = None,
        feeds: Mapping[str, Feed] | None = None,
    ) -> None:
        self.site = site
        self._feeds = dict(feeds or {})
        for camera in self._feeds:
            site.lines_of(camera)  # raises where there is no such camera
        self._settings = settings or RunSettings()
        self._watch = watch
        self._stop = threading.Event()
        self._board = StatusBoard(site.cameras)
        self._caught_up: CaughtUp | None = None
        self._models: tuple[str, ...] = ()
        self._encoder_before: str | None = None
        self._events: list[CameraEvent] = []
        self._on_event: Callable[[CameraEvent], None] = lambda event: None
        self._clips: list[AnnotatedClip] = []
        self._tapes: dict[str, PacketTape] = {}
        self._shots = 0
        self._took: Took | None = None

    def run(self, on_event: Callable[[CameraEvent], None] = lambda event: None) -> Iterator[Match]:
        """Do the main job: yields each decision about a sighting as it falls, and again once it is final.

        Args:
            on_event: told at once of what happens to a camera; called on whichever thread noticed.

        Raises:
            ModelError, SourceError, StoreError: what is missing or wrong. What was logged is kept.
        """
        self._on_event = on_event
        site, settings = self.site, self._settings
        with ExitStack() as opened:
            models = opened.enter_context(open_models(site, settings.models_dir, settings.precision))
            self._models = models.names
            store = opened.enter_context(
                open_store(site.data, site_name=site.name, database=site.database, holder="retrail run")
            )
            keep_retention(store, site)
            logged = store.last_model()
            self._encoder_before = None if logged == models.embedder.model else logged
            decider = Decider(store, site, models.encoder, settings.models_dir)
            self._caught_up = decider.catch_up()
            sources = self._open_sources(opened)
            began_s = time.monotonic()
            yield from self._watch_over(sources, models, store, decider)
            self._took = Took(time.monotonic() - began_s, 0.0)
            if settings.annotate is not None:
                began_s = time.monotonic()
                self._annotate(settings.annotate, sources, store)
                self._took = Took(self._took.run_s, time.monotonic() - began_s)

    def stop(self) -> None:
        """End the run, from another thread or a signal. Live cameras' open tracklets are closed and decided; recorded
        ones' are left, for the same file can be read again."""
        self._stop.set()

    def stopped(self) -> bool:
        """Whether ``stop`` was asked for."""
        return self._stop.is_set()

    def models(self) -> tuple[str, ...]:
        """Names of the detector and the encoder in use; empty before the run."""
        return self._models

    def encoder_before(self) -> str | None:
        """Which encoder made the log before the run (`Sighting.model`), where it was another one; None where not.

        What two encoders say is never compared: who is seen by both on one day counts twice.
        """
        return self._encoder_before

    def status(self) -> Mapping[str, CameraStatus]:
        """How each camera is doing, now."""
        return self._board.cameras()

    def caught_up(self) -> CaughtUp | None:
        """What the start of the run had to do with what was already logged; None before."""
        return self._caught_up

    def journeys(self) -> tuple[Journey, ...]:
        """Everybody's visits and crossings, from the log and the ledger as they are now."""
        sightings, resolution = self._read()
        return journeys(sightings, resolution.identity_of, self.site)

    def summary(self) -> Summary:
        """The last run in numbers; what an earlier run had logged of the same span is part of it."""
        sightings, resolution = self._read()
        return summarise(sightings, resolution.identity_of, self._board.cameras())

    def shots(self) -> int:
        """How many pictures of people the last run embedded (each twice: as it is and mirrored)."""
        return self._shots

    def took(self) -> Took | None:
        """How long the last run took; None before the end of one."""
        return self._took

    def clips(self) -> tuple[AnnotatedClip, ...]:
        """The annotated videos that the last run wrote."""
        return tuple(self._clips)

    def _annotate(self, settings: AnnotateSettings, sources: Mapping[str, Source], store: Store) -> None:
        again = {
            name: self._tapes[name].frames if name in self._tapes else source.again().frames
            for name, source in sources.items()
        }
        identity_of = fold(store.ledger()).identity_of
        with open_faces(self._settings.models_dir) as faces:
            for clip in annotate(self.site, again, store.sightings(), identity_of, settings, faces):
                self._clips.append(clip)
                spans = [(camera, clip.start_s, clip.end_s) for camera in clip.cameras]
                store.note_file(clip.path.absolute(), "video", spans=spans, identities=clip.identities)

    def _read(self) -> tuple[list[Sighting], Resolution]:
        site = self.site
        with open_store(
            site.data, site_name=site.name, database=site.database, holder="retrail", read_only=True
        ) as store:
            return store.sightings(), fold(store.ledger())

    # ------------------------------------------------------------------ opening

    def _open_sources(self, opened: ExitStack) -> Mapping[str, Source]:
        """Open every camera; one that fails is told of and does not stop the others.

        Raises:
            SourceError: none could be opened; this is the first one's, the others' were told.
        """
        sources: dict[str, Source] = {}
        failures: dict[str, SourceError] = {}
        for name, camera in self.site.cameras.items():
            try:
                source = open_source(
                    camera,
                    site_start_s=self.site.start_s,
                    timezone=self.site.timezone,
                    realtime=self._settings.realtime,
                    stop=self._stop,
                    on_event=self._happened,
                    tape=self._tape(camera, opened),
                    feed=self._feeds.get(name),
                )
            except SourceError as error:
                failures[name] = error
                continue
            opened.callback(source.close)
            sources[name] = source
        raised = None if sources else next(iter(failures.values()))
        for name, error in failures.items():
            if error is not raised:
                self._fail(name, error)
        if raised is not None:
            raise raised
        return sources

    def _tape(self, camera: Camera, opened: ExitStack) -> PacketTape | None:
        """Where a live camera's packets are kept for the second pass; deleted when the run is over."""
        if self._settings.annotate is None or camera.name in self._feeds or not is_live(camera):
            return None
        tape = PacketTape(self.site.data / "tape" / camera.name, camera.name)
        opened.callback(tape.close)
        self._tapes[camera.name] = tape
        return tape

    def _fail(self, camera: str, error: Exception) -> None:
        text = self.site.clean(str(error))
        self._board.ended(camera, text)
        last_s = self._board.cameras()[camera].last_s
        self._happened(CameraEvent(camera, time.time() if last_s is None else last_s, "failed", text))

    def _happened(self, event: CameraEvent) -> None:
        """Keep it for the store, and tell of it."""
        self._events.append(event)
        self._on_event(event)

    def _prepare(self, source: Source, models: Models) -> Prepare:
        hz = self.site.cameras[source.camera].detect_hz or (LIVE_HZ if source.live else RECORDED_HZ)
        return make_prepare(models.detector, hz, gated=self._settings.gated)

    # ------------------------------------------------------------------ the job

    def _watch_over(
        self, sources: Mapping[str, Source], models: Models, store: Store, decider: Decider
    ) -> Iterator[Match]:
        memories = {name: FurnitureMemory(map(FurniturePlace.from_record, store.furniture(name))) for name in sources}
        eyes = {name: _eye(name, memories[name], models) for name in sources}
        maker = SightingMaker(models.embedder, models.cut)
        guesses = {name: Guesser(eye, models.embedder, decider) for name, eye in eyes.items()}
        ended = threading.Event()
        intake = Intake(sources, {name: self._prepare(source, models) for name, source in sources.items()}, ended)
        flight = Flight(intake, models.detector)
        recorded = Lane([name for name, source in sources.items() if not source.live], intake.silent)
        live = Lane([name for name, source in sources.items() if source.live], intake.silent)
        house = Housekeeping(store, self.site, sources, memories, self._board, self._events)
        try:
            for item in flight:
                camera = item.camera if isinstance(item, Ended) else item[0].frame.camera
                lane = live if sources[camera].live else recorded
                self._track(item, eyes[camera], guesses[camera], lane)
                groups = lane.complete()
                if self._stop.is_set():
                    break
                for tracklets in groups:
                    yield from self._decide(tracklets, maker, decider)
                house.keep()
        finally:
            ended.set()
            flight.stop()
            for source in sources.values():
                source.close()
            intake.join()
        yield from self._close(sources, eyes, (recorded, live), maker, decider)
        house.keep(last=True)

    def _track(self, item: Flown, eye: CameraEye, guess: Guesser, lane: Lane) -> None:
        """Let one camera's eye see one frame, or close it where the camera has ended."""
        if isinstance(item, Ended):
            if item.error is not None:
                if not isinstance(item.error, RetrailError):
                    raise item.error
                self._fail(item.camera, item.error)
            elif not self._stop.is_set():
                self._board.ended(item.camera, None)
            if not self._stop.is_set():
                seen_s = self._board.cameras()[item.camera].last_s
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
        lane.advance(frame.camera, frame.time_s)
        people_now = sum(track.presence != "furniture" for track in seen.open)
        self._board.looked(frame.camera, frame.time_s, detected=detections is not None, people_now=people_now)
        if self._watch is not None:
            self._watch(Watched(frame, seen.open, guess(seen.open, frame.time_s), detections or ()))

    def _close(
        self,
        sources: Mapping[str, Source],
        eyes: Mapping[str, CameraEye],
        lanes: tuple[Lane, Lane],
        maker: SightingMaker,
        decider: Decider,
    ) -> Iterator[Match]:
        """The input has ended, or somebody stopped it: close live cameras' tracklets, and consolidate."""
        recorded, live = lanes
        if self._stop.is_set():
            for name, source in sources.items():
                if source.live:
                    live.add(eyes[name].finish().closed, self._board.cameras()[name].last_s or 0.0)
            left = live.rest()
        else:
            left = [*recorded.rest(), *live.rest()]
        for tracklets in left:
            yield from self._decide(tracklets, maker, decider)
        if not self._stop.is_set() or any(source.live for source in sources.values()):
            yield from _matches(decider.finish())

    def _decide(self, tracklets: Sequence[Tracklet], maker: SightingMaker, decider: Decider) -> Iterator[Match]:
        """Embed a window's tracklets, log them, decide who they are."""
        self._shots += sum(len(tracklet.shots) for tracklet in tracklets)
        return _matches(decider.add(maker.of(tracklets)))


def _matches(entries: Iterable[LedgerEntry]) -> Iterator[Match]:
    return (entry.match for entry in entries if entry.match is not None)


def _eye(camera: str, memory: FurnitureMemory, models: Models) -> CameraEye:
    return CameraEye(
        camera,
        lambda width_px, height_px: Tracker(camera, width_px, height_px, furniture=memory),
        lambda width_px, height_px: ShotKeeper(width_px, height_px, models.crop_width_px, models.crop_height_px),
    )
