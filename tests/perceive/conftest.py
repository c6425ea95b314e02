"""Frames, clips and networks for the tests of this room."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import numpy as np
import pytest
from numpy.typing import NDArray

from retrail.core.secrets import Secret
from retrail.core.types import Frame, Planes
from retrail.runtime import Network, open_network
from retrail.video import open_source
from retrail.zoo import find_card, locate


class Clip:
    """What ``open_source`` has to know of a camera."""

    name_time = None
    fps = None
    start_s: float | None = 0.0
    offset_s = 0.0
    detect_hz = None

    def __init__(self, path: Path) -> None:
        self.name, self.source = path.stem, Secret(str(path))


@pytest.fixture(scope="session")
def read_clip(shared: Path) -> Callable[[str], Iterator[Frame]]:
    """The frames of a clip of the shared folder, from time 0; borrowed, so look at each before the next."""

    def read(name: str) -> Iterator[Frame]:
        path = shared / "video" / name
        source = open_source(Clip(path), site_start_s=0.0, stop=Event(), on_event=lambda event: None)
        try:
            yield from source.frames()
        finally:
            source.close()

    return read


@pytest.fixture(scope="session")
def network(models_dir: Path) -> Iterator[Callable[..., Network]]:
    """A network by the name of its card, opened once a session for each way of opening it."""
    opened: dict[tuple[object, ...], Network] = {}

    def get(name: str, batch: int = 1, requests: int | None = None, threads: int | None = None) -> Network:
        key = (name, batch, requests, threads)
        if key not in opened:
            files = locate(find_card(name), models_dir)
            opened[key] = open_network(files, batch=batch, requests=requests, threads=threads)
        return opened[key]

    yield get
    for each in opened.values():
        each.close()


@pytest.fixture(scope="session")
def bgr_frame() -> Callable[..., Frame]:
    """A frame made of a BGR picture."""

    def make(image: NDArray[np.uint8], time_s: float = 0.0) -> Frame:
        height, width = image.shape[:2]
        return Frame("hall", 0, time_s, Planes("bgr24", (np.ascontiguousarray(image),)), width, height)

    return make
