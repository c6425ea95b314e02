"""OpenVINO behind :class:`~retrail.runtime.network.Network`."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor, wait
from queue import SimpleQueue
from typing import Any, Literal

import numpy as np
import openvino as ov
from numpy.typing import NDArray

from retrail.core.errors import ModelError
from retrail.runtime.contract import YUNET_OUTPUTS, Wiring
from retrail.runtime.network import Done, Outputs
from retrail.zoo import Card, CardInput

FLAT = frozenset({"embedding", "landmarks"})


class OpenVinoNetwork:
    """A compiled network with several requests in flight; see the protocol for what each method promises.

    A thread a request starts it and waits (OpenVINO frees the interpreter meanwhile). Its own callbacks are not used:
    they are not called in Python when a run fails.
    """

    def __init__(
        self,
        compiled: ov.CompiledModel,
        card: Card,
        release: str,
        image: CardInput,
        wired: Wiring,
        batch: int,
        precision: Literal["f32", "bf16"],
        requests: int,
    ) -> None:
        self.card = card
        self.release = release
        self.batch = batch
        self.width_px, self.height_px = image.width_px, image.height_px
        self.precision: Literal["f32", "bf16"] = precision
        self.requests = requests
        self._names = _names(compiled, card, wired)
        self._flat = card.output is not None and card.output.head in FLAT
        self._idle: SimpleQueue[Any] = SimpleQueue()
        for _ in range(requests):
            self._idle.put(compiled.create_infer_request())
        self._threads = ThreadPoolExecutor(requests, thread_name_prefix=f"infer-{card.name}")
        self._state = threading.Lock()
        self._runs: set[Future[None]] = set()
        self._raised: Exception | None = None
        self._closed = False

    def infer(self, images: NDArray[np.uint8]) -> Outputs:
        answer: SimpleQueue[Outputs | Exception] = SimpleQueue()
        self.submit(images, answer.put)
        outcome = answer.get()
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def submit(self, images: NDArray[np.uint8], done: Done) -> None:
        self._check(images)
        request = self._idle.get()
        try:
            held = request.get_input_tensor().data
            held[: len(images)] = images
            held[len(images) :] = 0
        except BaseException:  # Ctrl-C too
            self._idle.put(request)
            raise
        try:
            run = self._threads.submit(self._run, request, len(images), done)
        except RuntimeError as error:
            if not self._closed:
                raise
            self._idle.put(request)
            raise ModelError(f"The network {self.card.name} is closed") from error
        with self._state:
            self._runs.add(run)
        run.add_done_callback(self._forget)

    def drain(self) -> None:
        with self._state:
            runs = list(self._runs)
        wait(runs)
        with self._state:
            raised, self._raised = self._raised, None
        if raised is not None:
            raise raised

    def close(self) -> None:
        self._closed = True
        self._threads.shutdown(wait=True)
        self.drain()

    def _run(self, request: Any, count: int, done: Done) -> None:
        try:
            request.infer()
            outcome: Outputs | Exception = self._copied(request, count)
        except Exception as error:  # noqa: BLE001  whatever it is, it belongs to whoever waits for this run
            outcome = ModelError(f"The network {self.card.name} failed while running", found=str(error))
            outcome.__cause__ = error
        self._idle.put(request)
        try:
            done(outcome)
        except Exception as error:  # noqa: BLE001  raised by drain(), on the caller's thread
            with self._state:
                self._raised = self._raised or error

    def _forget(self, run: Future[None]) -> None:
        with self._state:
            self._runs.discard(run)

    def _copied(self, request: Any, count: int) -> Outputs:
        outputs: Outputs = {}
        for place, name in self._names:
            values = request.get_output_tensor(place).data
            if self._flat:
                values = values.reshape(self.batch, -1)
            outputs[name] = np.array(values[:count] if self.batch > 1 else values, np.float32)
        return outputs

    def _check(self, images: NDArray[np.uint8]) -> None:
        size = (self.height_px, self.width_px, 3)
        if images.dtype != np.uint8 or images.shape[1:] != size or not 1 <= len(images) <= self.batch:
            raise ModelError(
                f"{self.card.name} got images of another shape",
                found=f"{images.dtype} {images.shape}",
                allowed=f"uint8 (1 to {self.batch}, {', '.join(str(part) for part in size)}) in BGR",
            )


def _names(compiled: ov.CompiledModel, card: Card, wired: Wiring) -> tuple[tuple[int, str], ...]:
    """Place and name of each output to hand out; the one that matters goes by the card's name for it."""
    chosen: list[tuple[int, str]] = []
    for place, port in enumerate(compiled.outputs):
        names = sorted(port.get_names())
        if place == wired.output and card.output is not None:
            chosen.append((place, card.output.name or (names[0] if names else "output")))
        elif wired.output is None or card.output is None or (card.output.head == "boxes" and "labels" in names):
            chosen.append(
                (place, next((name for name in names if name in YUNET_OUTPUTS or name == "labels"), names[0]))
            )
    return tuple(chosen)
