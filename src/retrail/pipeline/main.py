"""The main job: video in, sightings logged, identities decided, journeys out."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from retrail.associate import Resolution, fold
from retrail.core.errors import SourceError
from retrail.core.types import CameraEvent, Journey, Match, Sighting
from retrail.insight import journeys
from retrail.pipeline.annotate import annotate
from retrail.pipeline.clips import AnnotatedClip, AnnotateSettings
from retrail.pipeline.decide import CaughtUp, Decider
from retrail.pipeline.housekeeping import keep_retention
from retrail.pipeline.job import Job, Watch
from retrail.pipeline.models import open_faces, open_models
from retrail.pipeline.status import CameraStatus, StatusBoard
from retrail.pipeline.summary import Summary, Took, summarise
from retrail.runtime.network import PrecisionWish
from retrail.site import Camera, Site
from retrail.store import Store, open_store
from retrail.video import Feed, PacketTape, Source, is_live, open_source


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
            job = Job(
                site,
                sources,
                models,
                store,
                decider,
                gated=settings.gated,
                watch=self._watch,
                board=self._board,
                events=self._events,
                fail=self._fail,
                stop=self._stop,
            )
            yield from job.run()
            self._shots = job.shots
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
