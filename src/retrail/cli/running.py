"""A run as somebody at a terminal sees it: progress, news of cameras, Ctrl-C, and what came of it."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from types import FrameType

from rich.console import Console
from rich.live import Live
from rich.table import Table

from retrail.cli.news import told
from retrail.core.time import format_time
from retrail.page import LivePage, serve_live
from retrail.pipeline import CameraStatus, Pipeline, Summary
from retrail.site import Site
from retrail.zoo import AUTO, is_built_in

REFRESH_S = 0.5
LINE_EVERY_S = 10.0


def run_to_end(pipeline: Pipeline, page: LivePage | None = None, port: int = 0) -> Summary:
    """Run, show progress and what happens to cameras, and tell what came of it: all on the error stream.

    Args:
        pipeline: made with ``page.watch`` where there is a page.
        page: served meanwhile on ``port`` (0: a free one), or None.

    Raises:
        RetrailError: whatever ended the run.
    """
    console = Console(stderr=True)
    site = pipeline.site
    with (
        _shown(page, pipeline, port, console),
        _interruptible(pipeline),
        _progress(pipeline, site, console),
        told(console) as on_event,
    ):
        for _ in pipeline.run(on_event):
            pass
    summary = pipeline.summary()
    _tell(summary, pipeline, console)
    return summary


def status_of(summary: Summary, pipeline: Pipeline) -> int:
    """The exit status: 130 interrupted, 1 a camera failed, else 0."""
    if pipeline.stopped():
        return 130
    return int(any(camera.state == "failed" for camera in summary.cameras.values()))


@contextmanager
def _shown(page: LivePage | None, pipeline: Pipeline, port: int, console: Console) -> Generator[None]:
    if page is None:
        yield
        return
    with serve_live(page, pipeline.status, port) as address:
        console.print(f"Live at {address}", highlight=False)
        yield


@contextmanager
def _interruptible(pipeline: Pipeline) -> Generator[None]:
    """The first Ctrl-C (or SIGTERM) ends the run cleanly, a second one at once."""
    seen = 0

    def ask(number: int, frame: FrameType | None) -> None:
        nonlocal seen
        seen += 1
        if seen > 1:
            raise KeyboardInterrupt
        print("Stopping: closing what is open (Ctrl-C again: at once)", file=sys.stderr)
        pipeline.stop()

    before = {kind: signal.signal(kind, ask) for kind in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for kind, handler in before.items():
            signal.signal(kind, handler)


@contextmanager
def _progress(pipeline: Pipeline, site: Site, console: Console) -> Generator[None]:
    """A table that keeps itself current on a terminal; a line a camera now and then elsewhere."""
    ended = threading.Event()

    def lines() -> None:
        while not ended.wait(LINE_EVERY_S):
            for name, camera in pipeline.status().items():
                if camera.state == "running":
                    console.print(_line(name, camera, site), highlight=False)

    if console.is_terminal:
        with Live(console=console, refresh_per_second=1 / REFRESH_S, get_renderable=lambda: _table(pipeline, site)):
            yield
        return
    thread = threading.Thread(target=lines, name="progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _line(name: str, camera: CameraStatus, site: Site) -> str:
    when = "-" if camera.last_s is None else format_time(camera.last_s, site.timezone)
    return (
        f"{name}: {when}, {camera.fps:.0f} frames/s, {camera.detections} detected, "
        f"{camera.people_now} people now, {camera.dropped} dropped"
    )


def _table(pipeline: Pipeline, site: Site) -> Table:
    return _cameras(pipeline.status(), site)


def _cameras(cameras: Mapping[str, CameraStatus], site: Site) -> Table:
    table = Table("camera", "state", "time", box=None, pad_edge=False)
    for title in ("frames", "frames/s", "detected", "people now", "dropped", "reconnects"):
        table.add_column(title, justify="right")
    for name, camera in cameras.items():
        table.add_row(
            name,
            camera.state,
            "-" if camera.last_s is None else format_time(camera.last_s, site.timezone),
            str(camera.frames),
            f"{camera.fps:.0f}",
            str(camera.detections),
            str(camera.people_now),
            str(camera.dropped),
            str(camera.reconnects),
        )
    return table


def _tell(summary: Summary, pipeline: Pipeline, console: Console) -> None:
    if not console.is_terminal:
        console.print(_cameras(summary.cameras, pipeline.site), highlight=False)
    visitors = summary.visitors
    console.print(
        f"{visitors.estimate:.0f} visitors in {summary.sightings} sightings; {visitors.unresolved} unresolved, "
        f"{summary.undecided} undecided (not known whether they are people)",
        highlight=False,
    )
    if AUTO in (pipeline.site.detector, pipeline.site.encoder):
        console.print(f"models: {', '.join(map(_model, pipeline.models()))}", highlight=False)
    if before := pipeline.encoder_before():
        console.print(
            f"Another encoder made the log before ({before}). What the two say cannot be compared: "
            "who was seen by both on one day counts twice",
            highlight=False,
        )
    for clip in pipeline.clips():
        console.print(f"{clip.path}: {clip.frames} frames of {', '.join(clip.cameras)}", highlight=False)
    if pipeline.stopped():
        console.print(_kept(summary, pipeline.site), highlight=False)


def _model(name: str) -> str:
    return f"{name} (built in)" if is_built_in(name) else name


def _kept(summary: Summary, site: Site) -> str:
    recorded = "open tracklets of recorded files were left for the next run, which reads the file again"
    return f"Interrupted. Kept in {site.data}: {summary.sightings} sightings and every decision about them; {recorded}."
