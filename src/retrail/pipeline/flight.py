"""Keeps several frames in the detector at once, and hands them back in the order in which they went in."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import Future

from retrail.core.types import Detection
from retrail.perceive.detect import Detector
from retrail.pipeline.intake import Ended, Look

Detections = tuple[Detection, ...]
Flown = tuple[Look, Detections | None] | Ended
"""A look with what the detector found (None: the gate let it pass undetected), or the end of a camera."""


class Flight:
    """Submits looks from a thread of its own; iterate for the results, in order.

    Args:
        looks: looks and ends, in the order to be kept.
        detector: its network takes several requests at once.
        length: results that may wait before submitting pauses.
    """

    def __init__(self, looks: Iterable[Look | Ended], detector: Detector, length: int = 16) -> None:
        self._looks = looks
        self._detector = detector
        self._out: queue.Queue[tuple[Look | Ended, Future[Detections] | None] | Exception | None] = queue.Queue(length)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._submit_all, name="detect", daemon=True)
        self._thread.start()

    def _submit_all(self) -> None:
        try:
            for look in self._looks:
                self._put((look, self._submit(look)))
        except Exception as error:  # noqa: BLE001  handed to the thread that iterates, which raises it
            self._put(error)
        self._put(None)

    def _put(self, item: tuple[Look | Ended, Future[Detections] | None] | Exception | None) -> None:
        while not self._stopped.is_set():
            try:
                self._out.put(item, timeout=0.2)
            except queue.Full:
                continue
            return

    def _submit(self, look: Look | Ended) -> Future[Detections] | None:
        if isinstance(look, Ended) or look.image is None:
            return None
        result: Future[Detections] = Future()

        def done(found: Detections | Exception) -> None:
            if isinstance(found, Exception):
                result.set_exception(found)
            else:
                result.set_result(found)

        self._detector.submit(look.image, look.frame.width_px, look.frame.height_px, done)
        return result

    def __iter__(self) -> Iterator[Flown]:
        while True:
            item = self._out.get()
            if item is None:
                return
            if isinstance(item, Exception):
                raise item
            look, result = item
            if isinstance(look, Ended):
                yield look
            else:
                yield look, None if result is None else result.result()

    def stop(self) -> None:
        """End the thread; what is in the detector is waited for, what waits is dropped."""
        self._stopped.set()
        self._thread.join(10.0)
        self._detector.drain()
