"""Small clips made on the spot, with the frame's number drawn into every picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from tests.numbers_in_pictures import draw_number

from retrail.core.secrets import Secret
from retrail.core.types import CameraEvent, Frame
from retrail.site import Camera
from retrail.video import Source, open_source


def write_clip(
    path: Path,
    numbers: Sequence[int],
    *,
    fps: int = 10,
    size: tuple[int, int] = (128, 96),
    times: Sequence[float] | None = None,
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    options: dict[str, str] | None = None,
    muxer: dict[str, str] | None = None,
    created: str | None = None,
    colours: tuple[int, int] | None = None,
) -> Path:
    """A clip whose pictures show ``numbers``; ``times`` in seconds; ``colours``: matrix and range."""
    ticks = Fraction(1, 12_800)
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w", options=muxer or {}) as container:
        if created:
            container.metadata["creation_time"] = created
        stream: Any = container.add_stream(codec, rate=fps, options=options or {})
        stream.width, stream.height = size
        stream.pix_fmt = pix_fmt
        stream.time_base = stream.codec_context.time_base = ticks
        if colours:
            stream.codec_context.colorspace, stream.codec_context.color_range = colours
        for place, number in enumerate(numbers):
            luma = draw_number(number, *size) if size[0] >= 64 else np.full(size[::-1], 120, np.uint8)
            picture = av.VideoFrame.from_ndarray(np.repeat(luma[..., None], 3, axis=2), "bgr24").reformat(
                format=pix_fmt, dst_color_range="MPEG", dst_colorspace="ITU601"
            )
            picture.pts = round((times[place] if times else place / fps) / ticks)
            picture.time_base = ticks
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return path


@dataclass
class Watched:
    """A source with everything it told."""

    source: Source
    events: list[CameraEvent] = field(default_factory=list)

    def frames(self) -> list[Frame]:
        return list(self.source.frames())

    def kinds(self) -> list[str]:
        return [event.kind for event in self.events]


@pytest.fixture
def clip() -> Callable[..., Path]:
    return write_clip


@pytest.fixture
def watch() -> Callable[..., Watched]:
    """Opens a source and keeps its events: ``watch(path or address, name_time=..., site_start_s=...)``."""

    def open_watched(source: object, *, secret: str = "", **arguments: Any) -> Watched:
        fields = {key: arguments.pop(key) for key in ("fps", "start_s", "offset_s", "name_time") if key in arguments}
        camera = Camera("till", Secret(str(source), (secret,)), **fields)
        events: list[CameraEvent] = []
        return Watched(open_source(camera, on_event=events.append, **arguments), events)

    return open_watched
