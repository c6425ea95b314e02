"""How each camera is doing: written by the main job, read by whoever shows it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

CameraState = Literal["waiting", "running", "ended", "failed"]


@dataclass(frozen=True, slots=True)
class CameraStatus:
    """One camera, now.

    Attributes:
        state: waiting for its first frame, running, ended, or failed (``error`` says why).
        first_s, last_s: event time of the first and last frame looked at; None before.
        frames: decoded.
        looks: frames that were due, whether detected or passed as still.
        detections: frames that went through the detector.
        people_now: confirmed tracks open now that are people or may become so.
        fps: frames decoded a second of wall-clock time.
        dropped: frames of a live camera that nobody looked at because newer ones had come.
        reconnects: times a live camera was lost and found again.
        error: one clean sentence, or None.
    """

    state: CameraState = "waiting"
    first_s: float | None = None
    last_s: float | None = None
    frames: int = 0
    looks: int = 0
    detections: int = 0
    people_now: int = 0
    fps: float = 0.0
    dropped: int = 0
    reconnects: int = 0
    error: str | None = None


class StatusBoard:
    """Keeps one ``CameraStatus`` a camera; safe to read while the main job writes."""

    def __init__(self, cameras: Iterable[str]) -> None:
        self._lock = threading.Lock()
        self._cameras = {camera: CameraStatus() for camera in cameras}
        self._started_s = time.monotonic()

    def cameras(self) -> Mapping[str, CameraStatus]:
        """A copy of what is known now, in the order of the site file."""
        with self._lock:
            return dict(self._cameras)

    def looked(self, camera: str, time_s: float, *, detected: bool, people_now: int) -> None:
        """A frame of event time ``time_s`` was tracked."""
        with self._lock:
            was = self._cameras[camera]
            self._cameras[camera] = replace(
                was,
                state="running",
                first_s=time_s if was.first_s is None else min(was.first_s, time_s),
                last_s=time_s if was.last_s is None else max(was.last_s, time_s),
                looks=was.looks + 1,
                detections=was.detections + int(detected),
                people_now=people_now,
            )

    def decoded(self, camera: str, *, frames: int, dropped: int, reconnects: int) -> None:
        """What the source has counted so far."""
        spent_s = max(time.monotonic() - self._started_s, 1e-3)
        with self._lock:
            was = self._cameras[camera]
            fps = frames / spent_s if was.state in ("waiting", "running") else was.fps
            self._cameras[camera] = replace(was, frames=frames, fps=fps, dropped=dropped, reconnects=reconnects)

    def ended(self, camera: str, error: str | None) -> None:
        """The camera has no more frames."""
        with self._lock:
            was = self._cameras[camera]
            self._cameras[camera] = replace(was, state="failed" if error else "ended", people_now=0, error=error)

    def restart_clock(self) -> None:
        """Frames a second are counted from now."""
        self._started_s = time.monotonic()
