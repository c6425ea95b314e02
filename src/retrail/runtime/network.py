"""One small interface between Retrail and whatever runs a network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from retrail.zoo import Card

Outputs = dict[str, NDArray[np.float32]]
"""By name of the output; the first axis is the image where the head has one. Copies: yours to keep."""

Done = Callable[[Outputs | Exception], None]
PrecisionWish = Literal["auto", "f32", "bf16"]


class Network(Protocol):
    """A network that is ready to run. Safe to use from several threads.

    Attributes:
        card: what it is.
        release: its name and the first digits of its weights' checksum, ``NAME@1a2b3c4d``.
        batch: images a run; fewer are padded inside, so that a picture gives the same numbers in any company.
        width_px, height_px: of the images it takes.
        precision: what it computes in.
        requests: how many runs may be in flight.
    """

    @property
    def card(self) -> Card: ...
    @property
    def release(self) -> str: ...
    @property
    def batch(self) -> int: ...
    @property
    def width_px(self) -> int: ...
    @property
    def height_px(self) -> int: ...
    @property
    def precision(self) -> Literal["f32", "bf16"]: ...
    @property
    def requests(self) -> int: ...

    def infer(self, images: NDArray[np.uint8]) -> Outputs:
        """Run and wait. ``images`` is (b, height_px, width_px, 3) uint8 BGR with 1 <= b <= batch.

        Raises:
            ModelError: the shape or type is another, or the run failed.
        """
        ...

    def submit(self, images: NDArray[np.uint8], done: Done) -> None:
        """Run without waiting; ``done`` gets the outputs, or the exception that prevented them, on another thread.

        Blocks while all requests are busy. The images are copied before it returns. What ``done`` itself raises is
        raised by the next ``drain`` or ``close``.

        Raises:
            ModelError: the shape or type is another, or the network is closed.
        """
        ...

    def drain(self) -> None:
        """Wait until every run submitted until now has reached its ``done``."""
        ...

    def close(self) -> None:
        """Drain and let go of memory and threads. May be called again."""
        ...
