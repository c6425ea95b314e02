"""Frames that the caller makes: a renderer's, or those of a reader of his own."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from retrail.core.errors import DataError, SourceError
from retrail.core.types import Frame, Planes
from retrail.site import Camera
from retrail.video.journal import Counters, Journal

Feed = Callable[[], Iterable[tuple[float, NDArray[np.uint8]]]]
"""Gives a camera's frames from the first each time it is called: time on the camera's clock in seconds UTC, rising, and
(h, w, 3) uint8 BGR, which must not be changed afterwards. Other cameras wait for each frame for ten seconds at most.
An OSError ends this camera alone; any other error of the feed is a mistake in it and ends the run."""


class FedSource:
    """A recorded camera whose frames come from a `Feed` instead of files. None is dropped; the feed sets the pace."""

    live = False

    def __init__(self, camera: Camera, feed: Feed, *, stop: threading.Event, journal: Journal) -> None:
        self.camera = camera.name
        self._of = camera
        self._feed = feed
        self._stop = stop
        self._closed = threading.Event()
        self._journal = journal

    def frames(self) -> Iterator[Frame]:
        size: tuple[int, int] | None = None
        last_s = -math.inf
        for index, (clock_s, image) in enumerate(self._fed()):
            if self._stop.is_set() or self._closed.is_set():
                return
            time_s = clock_s + self._of.offset_s
            self._check(index, time_s, last_s, image)
            last_s = time_s
            high, wide = image.shape[:2]
            size = self._journal.size(time_s, size, (wide, high))
            self._journal.count(frames=1)
            yield Frame(self.camera, index, time_s, Planes("bgr24", (image,)), wide, high)
        if last_s == -math.inf:
            raise SourceError(
                "Not one frame was fed",
                where=f"camera {self.camera}",
                hint="a feed gives its frames anew each time it is called: pass a function, not an iterator",
            )

    def _fed(self) -> Iterator[tuple[float, NDArray[np.uint8]]]:
        try:
            yield from self._feed()
        except OSError as error:
            raise SourceError("The feed failed", where=f"camera {self.camera}", found=str(error)) from error

    def counters(self) -> Counters:
        return self._journal.counters

    def again(self) -> FedSource:
        return FedSource(self._of, self._feed, stop=self._stop, journal=Journal(self._of, lambda event: None))

    def close(self) -> None:
        self._closed.set()

    def _check(self, index: int, time_s: float, last_s: float, image: NDArray[np.uint8]) -> None:
        where = f"camera {self.camera}, frame {index}"
        shape, dtype = getattr(image, "shape", ()), getattr(image, "dtype", type(image).__name__)
        if dtype != np.uint8 or len(shape) != 3 or shape[2] != 3 or 0 in shape:
            raise DataError(
                "A fed frame is no picture",
                where=where,
                found=f"shape {shape}, {dtype}",
                allowed="(height, width, 3) uint8, BGR",
            )
        if not (math.isfinite(time_s) and time_s > last_s):
            raise DataError(
                "A fed frame has no later time than the one before it",
                where=where,
                found=f"{time_s}",
                allowed="seconds UTC, finite and rising",
            )
